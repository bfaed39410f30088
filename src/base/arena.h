// SPDX-License-Identifier: MIT
// arena.h - memory that is given back all at once.
//
// Callers:     syntax and compile: everything that lives as long as one compilation.
// Invariants:  a failed allocation returns NULL and sets `failed`; the arena stays usable.
#ifndef KRAIT_BASE_ARENA_H
#define KRAIT_BASE_ARENA_H

#include "base/base.h"

#include <string.h>

typedef struct KrArenaChunk KrArenaChunk;
typedef struct KrArenaCleanup KrArenaCleanup;

typedef struct KrArena {
    char *next;               // first free byte of the newest chunk
    char *end;                // one past its last byte
    KrArenaChunk *chunks;     // owned, newest first
    KrArenaCleanup *cleanups; // inside the chunks, newest first
    size_t chunk_size;        // size of the next chunk in bytes
    bool failed;              // an allocation has failed since kr_arena_init
} KrArena;

// An arena filled with zero bytes is a valid empty arena.
void kr_arena_init(KrArena *arena);

// Runs the cleanups, newest first, and frees everything; the arena is empty again.
void kr_arena_free(KrArena *arena);

// Calls function(data) when the arena is freed; false without memory.
bool kr_arena_on_free(KrArena *arena, void (*function)(void *), void *data);

void *kr_arena_alloc_slow(KrArena *arena, size_t size);

// Uninitialised memory, aligned to 8 bytes; NULL without memory.
static inline void *
kr_arena_alloc(KrArena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;
    if (KR_LIKELY(rounded <= (size_t)(arena->end - arena->next) && rounded >= size)) {
        void *result = arena->next;
        arena->next += rounded;
        return result;
    }
    return kr_arena_alloc_slow(arena, size);
}

// The same, filled with zero bytes.
static inline void *
kr_arena_calloc(KrArena *arena, size_t size)
{
    void *result = kr_arena_alloc(arena, size);
    return result != NULL ? memset(result, 0, size) : NULL;
}

// A copy of `size` bytes with a zero byte behind it.
char *kr_arena_copy(KrArena *arena, const char *text, size_t size);

#endif // KRAIT_BASE_ARENA_H
