// SPDX-License-Identifier: MIT
// arena.c - memory that is given back all at once: chunks of growing size, bumped.
#include "base/arena.h"

#include <stdlib.h>

enum { FIRST_CHUNK = 16 * 1024, LARGEST_CHUNK = 1024 * 1024 };

struct KrArenaChunk {
    KrArenaChunk *older;
    size_t size; // of the usable bytes behind this header
};

struct KrArenaCleanup {
    KrArenaCleanup *older;
    void (*function)(void *);
    void *data;
};

void
kr_arena_init(KrArena *arena)
{
    memset(arena, 0, sizeof(*arena));
}

void
kr_arena_free(KrArena *arena)
{
    while (arena->cleanups != NULL) {
        KrArenaCleanup *cleanup = arena->cleanups;
        arena->cleanups = cleanup->older;
        cleanup->function(cleanup->data);
    }
    for (KrArenaChunk *chunk = arena->chunks; chunk != NULL;) {
        KrArenaChunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
    kr_arena_init(arena);
}

bool
kr_arena_on_free(KrArena *arena, void (*function)(void *), void *data)
{
    KrArenaCleanup *cleanup = kr_arena_alloc(arena, sizeof(*cleanup));
    if (cleanup == NULL) {
        return false;
    }
    *cleanup = (KrArenaCleanup){arena->cleanups, function, data};
    arena->cleanups = cleanup;
    return true;
}

static KrArenaChunk *
arena_add_chunk(KrArena *arena, size_t size)
{
    KrArenaChunk *chunk = malloc(sizeof(*chunk) + size);
    if (chunk == NULL) {
        arena->failed = true;
        return NULL;
    }
    *chunk = (KrArenaChunk){arena->chunks, size};
    arena->chunks = chunk;
    return chunk;
}

void *
kr_arena_alloc_slow(KrArena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;
    if (rounded < size || rounded > PTRDIFF_MAX / 2) {
        arena->failed = true;
        return NULL;
    }
    if (arena->chunk_size == 0) {
        arena->chunk_size = FIRST_CHUNK;
    }
    if (rounded > arena->chunk_size / 4) {
        // A chunk of its own; the current one goes on being filled.
        KrArenaChunk *chunk = arena_add_chunk(arena, rounded);
        return chunk != NULL ? chunk + 1 : NULL;
    }
    KrArenaChunk *chunk = arena_add_chunk(arena, arena->chunk_size);
    if (chunk == NULL) {
        return NULL;
    }
    arena->next = (char *)(chunk + 1);
    arena->end = arena->next + chunk->size;
    if (arena->chunk_size < LARGEST_CHUNK) {
        arena->chunk_size *= 2;
    }
    void *result = arena->next;
    arena->next += rounded;
    return result;
}

char *
kr_arena_copy(KrArena *arena, const char *text, size_t size)
{
    char *copy = kr_arena_alloc(arena, size + 1);
    if (copy != NULL) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}
