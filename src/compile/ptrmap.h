// SPDX-License-Identifier: MIT
// ptrmap.h - a table from pointers to integers that remembers insertion order.
//
// Names are interned and constants canonical during a compilation, so identity is
// equality. All memory is the arena's.
// Invariants: removed entries keep their place with key NULL; loops skip them.
#ifndef KRAIT_COMPILE_PTRMAP_H
#define KRAIT_COMPILE_PTRMAP_H

#include "base/arena.h"

typedef struct {
    void *key;      // NULL: removed
    intptr_t value;
} KrPtrEntry;

typedef struct KrPtrMap {
    KrPtrEntry *entries;
    int32_t *index;  // entry number + 1, or 0
    int count;       // entries in use, removed ones included
    int live;        // entries that are not removed
    int capacity;
    uint32_t mask;   // size of index - 1; 0: no index yet
} KrPtrMap;

// The entry of the key, or NULL.
KrPtrEntry *kr_ptrmap_find(const KrPtrMap *map, const void *key);
// Sets key to value, new keys at the end. False without memory.
bool kr_ptrmap_set(KrPtrMap *map, KrArena *arena, const void *key, intptr_t value);
void kr_ptrmap_remove(KrPtrMap *map, const void *key);
// Makes `into` (not in use yet) a copy of `from`, which may be NULL.
bool kr_ptrmap_copy(KrPtrMap *into, const KrPtrMap *from, KrArena *arena);
// Adds every key of `from` with its value.
bool kr_ptrmap_union(KrPtrMap *into, const KrPtrMap *from, KrArena *arena);

static inline intptr_t
kr_ptrmap_get(const KrPtrMap *map, const void *key, intptr_t absent)
{
    KrPtrEntry *entry = kr_ptrmap_find(map, key);
    return entry != NULL ? entry->value : absent;
}

static inline bool
kr_ptrmap_has(const KrPtrMap *map, const void *key)
{
    return kr_ptrmap_find(map, key) != NULL;
}

#endif // KRAIT_COMPILE_PTRMAP_H
