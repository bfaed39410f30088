// SPDX-License-Identifier: MIT
// space.h - the one range of addresses that all small blocks come from.
//
// The range is cut into pages of 64 KiB. Two arrays stand beside it, so that
// what belongs to an address is found without reading the page itself:
//
//     pages[(address - base) >> 16]   KrPage: the page's free list and counts
//     marks[(address - base) >> 4]    one byte for each 16 bytes: the collector's
//
// Memory is committed as pages are first asked for. The range is the process's,
// shared by all interpreters; a page belongs to one heap (heap.h).
// If the system grants no range at all, the size is 0: nothing is inside, and
// every block comes from malloc.
#ifndef KRAIT_MEM_SPACE_H
#define KRAIT_MEM_SPACE_H

#include "base/base.h"

#define KR_PAGE_SHIFT 16
#define KR_PAGE_SIZE ((size_t)1 << KR_PAGE_SHIFT)
#define KR_GRANULE_SHIFT 4

typedef struct KrHeap KrHeap;
typedef struct KrPage KrPage;

// What is known of one page. The first half is what every free reads.
struct KrPage {
    void *free;          // freed and prepared blocks, newest first
    KrHeap *owner;       // NULL: the page is not in use, or its heap is gone
    int32_t used;        // blocks that are handed out
    int32_t floor;       // freeing down to this number takes the slow path
    uint32_t prefix;     // bytes between a block and its object: 0 or 16
    uint32_t block_size; // prefix included
    uint32_t capacity;   // blocks
    uint32_t fresh;      // blocks at the end that were never on the free list
    uint32_t inverse;    // 2^32 / block_size rounded up, for kr_page_block_at
    uint16_t slot;       // index in the heap's tables
    uint8_t kind;        // KrPageKind
    uint8_t unused;
    char *memory;        // the page itself
    // From here on colder.
    KrPage *next;        // list of pages with free blocks, or of free pages
    KrPage *prev;
    void *foreign;       // atomic: blocks freed by threads of other heaps
    KrPage *foreign_next;
    uint32_t *refs;      // the collector's scratch, one word a block
    uint32_t gc_index;   // in heap->gc_pages
    uint32_t young_index;  // 1 + index in heap->young, 0: not there
    uint32_t middle_index; // the same for heap->middle
    uint32_t unused2[5];
};
_Static_assert(sizeof(KrPage) == 128, "pages of the table are addressed by a shift");

typedef enum KrPageKind {
    KR_PAGE_FREE,      // in a list of free pages, or never used
    KR_PAGE_CURRENT,   // its heap allocates from it
    KR_PAGE_AVAILABLE, // has free blocks, in the heap's list
    KR_PAGE_FULL,      // in no list
} KrPageKind;

typedef struct KrSpace {
    uintptr_t base;
    size_t size;    // bytes, 0: no range
    uint8_t *marks;
    KrPage *pages;
} KrSpace;

// Process-wide and constant once kr_space_init has run.
extern KrSpace kr_space;

// Idempotent. Never fails: without a range everything goes to malloc.
void kr_space_init(void);

// A page without blocks (kind FREE, memory set), or NULL without memory. Its
// memory may hold anything, its marks are zero.
KrPage *kr_space_take(void);

// Gives a page back whose marks are zero and which is in no list.
void kr_space_give(KrPage *page);

// Pages taken and not given back, and the most there have been.
size_t kr_space_used(size_t *peak_out);

// Bytes from the start of the range that are usable.
size_t kr_space_committed(void);

// To be called in the child of a fork, where no other thread is alive.
void kr_space_after_fork(void);

static inline bool
kr_space_has(const void *address)
{
    return (uintptr_t)address - kr_space.base < kr_space.size;
}

// address must be inside.
static inline KrPage *
kr_page_of(const void *address)
{
    return &kr_space.pages[((uintptr_t)address - kr_space.base) >> KR_PAGE_SHIFT];
}

static inline uint8_t *
kr_mark_of(const void *address)
{
    return &kr_space.marks[((uintptr_t)address - kr_space.base) >> KR_GRANULE_SHIFT];
}

// The number of the block that address lies in.
static inline uint32_t
kr_page_block_at(const KrPage *page, const void *address)
{
    uint64_t offset = (uint64_t)((const char *)address - page->memory);
    return (uint32_t)((offset * page->inverse) >> 32);
}

// Where the object of block i stands.
static inline void *
kr_page_object(const KrPage *page, uint32_t i)
{
    return page->memory + (size_t)i * page->block_size + page->prefix;
}

#endif // KRAIT_MEM_SPACE_H
