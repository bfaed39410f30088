// SPDX-License-Identifier: MIT
// heap.h - the small blocks of one interpreter, and the marks of its collector.
//
// A heap has pages of one block size each (a "slot": family and size class). It
// allocates from the slot's current page; freeing pushes onto the list of the
// block's own page. Nothing here is locked: the interpreter's lock is held,
// except in kr_heap_free_foreign.
//
// Families:
//   PLAIN      blocks that the collector never looks at
//   OBJECTS    collected objects: marks at the block
//   PREFIXED   collected objects with 16 bytes before them: marks at block + 16
//
// Collected objects above the largest class have a KrLarge record 48 bytes
// before them, which holds their marks (16 bytes stay free for a prefix).
#ifndef KRAIT_MEM_HEAP_H
#define KRAIT_MEM_HEAP_H

#include "base/base.h"
#include "mem/space.h"

typedef enum KrFamily {
    KR_FAMILY_PLAIN,
    KR_FAMILY_OBJECTS,
    KR_FAMILY_PREFIXED,
    KR_FAMILY_COUNT,
} KrFamily;

#define KR_SMALL_MAX 4096   // bytes of the largest block on a page
#define KR_FINE_MAX 512     // up to here classes are 16 bytes apart
#define KR_CLASS_COUNT 45   // class 0 is not used
#define KR_SLOT_COUNT (KR_FAMILY_COUNT * KR_CLASS_COUNT)
#define KR_PREFIX_SIZE 16

// The marks of an object: one byte.
#define KR_MARK_TRACKED 0x01   // the collector may traverse it
#define KR_MARK_AGE 0x06       // generation 0, 1, 2; 3 is frozen (gc.freeze)
#define KR_MARK_AGE_SHIFT 1
#define KR_MARK_FINALIZED 0x08 // tp_finalize has been called
#define KR_MARK_CANDIDATE 0x10 // during a collection: being looked at
#define KR_MARK_REACHED 0x20   // during a collection: found to be in use
#define KR_MARK_FLAGGED 0x40   // borrowed words may point at it (vm)

typedef struct KrLarge {
    KrHeap *owner;
    size_t size;     // bytes of the object
    uint32_t index;  // in owner->large
    uint32_t refs;   // the collector's scratch
    uint8_t marks;
    uint8_t unused[7];
    uint64_t room[2]; // ends here: the object, its prefix being the last 16 bytes
} KrLarge;
_Static_assert(sizeof(KrLarge) == 48, "kr_large_of");

struct KrHeap {
    KrHeap *self;  // the heap; NULL while every allocation takes the slow path
    KrPage *current[KR_SLOT_COUNT];   // never NULL
    KrPage *available[KR_SLOT_COUNT]; // further pages with free blocks
    KrPage *foreign;      // atomic: pages that got blocks from other threads
    // Pages of collected objects; the three arrays have room for all of them.
    KrPage **gc_pages;
    KrPage **young;       // may have objects of generation 0
    KrPage **middle;      // may have objects of generation 1
    uint32_t n_gc_pages;
    uint32_t n_young;
    uint32_t n_middle;
    uint32_t page_room;
    KrLarge **large;
    uint32_t n_large;
    uint32_t large_room;
    size_t n_pages;
    KrHeap *next_heap;    // all heaps of the process
};

extern const uint8_t kr_class_table[KR_SMALL_MAX / 128 + 1];
extern const uint16_t kr_class_sizes[KR_CLASS_COUNT];

// The class for 1 .. KR_SMALL_MAX bytes; 0 bytes count as 1.
static inline uint32_t
kr_size_class(size_t size)
{
    if (KR_LIKELY(size <= KR_FINE_MAX)) {
        return (uint32_t)((size + 15 + (size == 0)) >> 4);
    }
    return kr_class_table[(size + 127) >> 7];
}

// heap is memory filled with zero bytes.
void kr_heap_init(KrHeap *heap);
// Gives the empty pages back. What is still in use stays and is owned by nobody.
void kr_heap_fini(KrHeap *heap);

void *kr_heap_take_slow(KrHeap *heap, uint32_t slot);
void kr_heap_free_slow(KrPage *page);
void kr_heap_free_foreign(KrPage *page, void *block);
void kr_heap_young_add(KrPage *page);
void kr_heap_middle_add(KrPage *page);
// Empty the list; the pages stay.
void kr_heap_young_forget(KrHeap *heap);
void kr_heap_middle_forget(KrHeap *heap);

// A block of the slot, or NULL without memory.
static inline void *
kr_heap_take(KrHeap *heap, uint32_t slot)
{
    KrPage *page = heap->current[slot];
    void *block = page->free;

    if (KR_LIKELY(block != NULL)) {
        void *next = *(void **)block;
        __builtin_prefetch(next, 1); // the next caller's
        page->free = next;
        page->used++;
        return block;
    }
    return kr_heap_take_slow(heap, slot);
}

// page is the block's, and owned by the running thread's heap.
static inline void
kr_heap_give(KrPage *page, void *block)
{
    *(void **)block = page->free;
    page->free = block;
    if (KR_UNLIKELY(--page->used <= page->floor)) {
        kr_heap_free_slow(page);
    }
}

static inline KrLarge *
kr_large_of(const void *object)
{
    return (KrLarge *)(void *)((char *)(uintptr_t)object - sizeof(KrLarge));
}

// A collected object's marks; object came from the OBJECTS or PREFIXED family
// or is a large one.
static inline uint8_t *
kr_marks(const void *object)
{
    if (KR_LIKELY(kr_space_has(object))) {
        return kr_mark_of(object);
    }
    return &kr_large_of(object)->marks;
}

// Enters the record (its memory belongs to the caller) in the table; false
// without memory. Its marks become 0.
bool kr_heap_large_add(KrHeap *heap, KrLarge *large);
void kr_heap_large_remove(KrLarge *large);
// The record has moved.
void kr_heap_large_moved(KrLarge *large);

// For all heaps of the process: takes fast paths away or gives them back.
void kr_heaps_set_hooked(bool hooked);
// Blocks in use on pages of the heap; with NULL, of all heaps.
size_t kr_heap_count_blocks(KrHeap *heap);

typedef struct KrSlotStats {
    uint32_t block_size;
    size_t pages;
    size_t used;
    size_t free;
} KrSlotStats;

void kr_heap_slot_stats(KrHeap *heap, uint32_t slot, KrSlotStats *out);

#endif // KRAIT_MEM_HEAP_H
