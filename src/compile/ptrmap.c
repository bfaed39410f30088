// SPDX-License-Identifier: MIT
// ptrmap.c - the ordered pointer table of the compiler.

#include "compile/ptrmap.h"

static uint32_t
hash_pointer(const void *key)
{
    uint64_t h = (uint64_t)(uintptr_t)key >> 3;
    h *= 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> 32);
}

KrPtrEntry *
kr_ptrmap_find(const KrPtrMap *map, const void *key)
{
    if (map->mask == 0) {
        // Small tables have no index: a few compares are cheaper.
        for (int i = 0; i < map->count; i++) {
            if (map->entries[i].key == key) {
                return &map->entries[i];
            }
        }
        return NULL;
    }
    for (uint32_t i = hash_pointer(key);; i++) {
        int32_t at = map->index[i & map->mask];
        if (at == 0) {
            return NULL;
        }
        if (map->entries[at - 1].key == key) {
            return &map->entries[at - 1];
        }
    }
}

static void
index_entry(KrPtrMap *map, int entry)
{
    uint32_t i = hash_pointer(map->entries[entry].key);
    while (map->index[i & map->mask] != 0) {
        i++;
    }
    map->index[i & map->mask] = entry + 1;
}

static bool
grow_ptrmap(KrPtrMap *map, KrArena *arena)
{
    int capacity = map->capacity ? map->capacity * 2 : 8;
    KrPtrEntry *entries = kr_arena_alloc(arena, (size_t)capacity * sizeof(*entries));
    if (entries == NULL) {
        return false;
    }
    int count = 0;
    for (int i = 0; i < map->count; i++) {
        if (map->entries[i].key != NULL) {
            entries[count++] = map->entries[i];
        }
    }
    int32_t *index = NULL;
    uint32_t size = 0;
    if (capacity > 8) {
        size = (uint32_t)capacity * 2;
        index = kr_arena_calloc(arena, size * sizeof(*index));
        if (index == NULL) {
            return false;
        }
    }
    map->entries = entries;
    map->index = index;
    map->count = count;
    map->capacity = capacity;
    map->mask = size ? size - 1 : 0;
    for (int i = 0; index != NULL && i < count; i++) {
        index_entry(map, i);
    }
    return true;
}

bool
kr_ptrmap_set(KrPtrMap *map, KrArena *arena, const void *key, intptr_t value)
{
    KrPtrEntry *entry = kr_ptrmap_find(map, key);
    if (entry != NULL) {
        entry->value = value;
        return true;
    }
    if (map->count == map->capacity && !grow_ptrmap(map, arena)) {
        return false;
    }
    map->entries[map->count] = (KrPtrEntry){(void *)key, value};
    if (map->mask != 0) {
        index_entry(map, map->count);
    }
    map->count++;
    map->live++;
    return true;
}

void
kr_ptrmap_remove(KrPtrMap *map, const void *key)
{
    KrPtrEntry *entry = kr_ptrmap_find(map, key);
    if (entry != NULL) {
        entry->key = NULL;
        map->live--;
    }
}

bool
kr_ptrmap_copy(KrPtrMap *into, const KrPtrMap *from, KrArena *arena)
{
    *into = (KrPtrMap){0};
    return kr_ptrmap_union(into, from, arena);
}

bool
kr_ptrmap_union(KrPtrMap *into, const KrPtrMap *from, KrArena *arena)
{
    for (int i = 0; from != NULL && i < from->count; i++) {
        const KrPtrEntry *entry = &from->entries[i];
        if (entry->key != NULL
            && !kr_ptrmap_set(into, arena, entry->key, entry->value)) {
            return false;
        }
    }
    return true;
}
