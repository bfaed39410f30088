// SPDX-License-Identifier: MIT
// heap.c - the slow paths of the page allocator.
//
// Invariants:  a CURRENT page has floor -1 (freeing never leaves the fast path), an
//              AVAILABLE one 0 (the last block freed gives the page back), a FULL
//              one INT32_MAX (the first block freed puts it into the list).
//              heap->current of a slot without page is `no_page`, which is always
//              exhausted and never written.
//              Blocks from page->capacity - page->fresh on have never been touched.
#include "mem/heap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// Blocks are put on the free list in portions of about this many bytes, so that
// a page is not touched as a whole when it is taken.
#define KR_PORTION 2048

const uint16_t kr_class_sizes[KR_CLASS_COUNT] = {
    0,   16,  32,  48,  64,  80,   96,   112,  128,  144,  160,  176,
    192, 208, 224, 240, 256, 272,  288,  304,  320,  336,  352,  368,
    384, 400, 416, 432, 448, 464,  480,  496,  512,  640,  768,  896,
    1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096,
};

// By (size + 127) / 128.
const uint8_t kr_class_table[KR_SMALL_MAX / 128 + 1] = {
    0,  8,  16, 24, 32, 33, 34, 35, 36, 37, 37, 38, 38, 39, 39, 40, 40,
    41, 41, 41, 41, 42, 42, 42, 42, 43, 43, 43, 43, 44, 44, 44, 44,
};

static KrPage no_page = {.kind = KR_PAGE_FULL, .floor = INT32_MAX};

// Process-wide: the list of heaps, for statistics and for switching hooks.
static struct {
    pthread_mutex_t lock;
    KrHeap *heaps;
    bool hooked;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint32_t
slot_family(uint32_t slot)
{
    return slot / KR_CLASS_COUNT;
}

static bool
page_is_collected(const KrPage *page)
{
    return page->slot >= KR_CLASS_COUNT;
}

void
kr_heap_init(KrHeap *heap)
{
    for (int i = 0; i < KR_SLOT_COUNT; i++) {
        heap->current[i] = &no_page;
    }
    pthread_mutex_lock(&all.lock);
    heap->self = all.hooked ? NULL : heap;
    heap->next_heap = all.heaps;
    all.heaps = heap;
    pthread_mutex_unlock(&all.lock);
}

void
kr_heaps_set_hooked(bool hooked)
{
    pthread_mutex_lock(&all.lock);
    all.hooked = hooked;
    for (KrHeap *heap = all.heaps; heap != NULL; heap = heap->next_heap) {
        heap->self = hooked ? NULL : heap;
    }
    pthread_mutex_unlock(&all.lock);
}

// ------------------------------------------------------------------ page lists

static void
available_push(KrHeap *heap, KrPage *page)
{
    KrPage *head = heap->available[page->slot];

    page->kind = KR_PAGE_AVAILABLE;
    page->floor = 0;
    page->prev = NULL;
    page->next = head;
    if (head != NULL) {
        head->prev = page;
    }
    heap->available[page->slot] = page;
}

static void
available_unlink(KrHeap *heap, KrPage *page)
{
    if (page->prev != NULL) {
        page->prev->next = page->next;
    }
    else {
        heap->available[page->slot] = page->next;
    }
    if (page->next != NULL) {
        page->next->prev = page->prev;
    }
    page->next = page->prev = NULL;
}

// Makes the arrays of pages large enough for one more.
static bool
heap_reserve_pages(KrHeap *heap)
{
    KrPage ***arrays[] = {&heap->gc_pages, &heap->young, &heap->middle};

    if (heap->n_gc_pages < heap->page_room) {
        return true;
    }
    uint32_t room = heap->page_room == 0 ? 64 : heap->page_room * 2;
    for (int i = 0; i < KR_ARRAY_LEN(arrays); i++) {
        KrPage **grown = realloc(*arrays[i], room * sizeof(KrPage *));
        if (grown == NULL) {
            return false;
        }
        *arrays[i] = grown;
    }
    heap->page_room = room;
    return true;
}

void
kr_heap_young_add(KrPage *page)
{
    KrHeap *heap = page->owner;
    if (page->young_index == 0) {
        heap->young[heap->n_young++] = page;
        page->young_index = heap->n_young;
    }
}

void
kr_heap_middle_add(KrPage *page)
{
    KrHeap *heap = page->owner;
    if (page->middle_index == 0) {
        heap->middle[heap->n_middle++] = page;
        page->middle_index = heap->n_middle;
    }
}

void
kr_heap_young_forget(KrHeap *heap)
{
    while (heap->n_young > 0) {
        heap->young[--heap->n_young]->young_index = 0;
    }
}

void
kr_heap_middle_forget(KrHeap *heap)
{
    while (heap->n_middle > 0) {
        heap->middle[--heap->n_middle]->middle_index = 0;
    }
}

// Takes the page out of the arrays of collected pages; the last entry fills the gap.
static void
heap_forget_page(KrHeap *heap, KrPage *page)
{
    KrPage *last = heap->gc_pages[--heap->n_gc_pages];
    heap->gc_pages[page->gc_index] = last;
    last->gc_index = page->gc_index;
    if (page->young_index != 0) {
        last = heap->young[--heap->n_young];
        heap->young[page->young_index - 1] = last;
        last->young_index = page->young_index;
        page->young_index = 0;
    }
    if (page->middle_index != 0) {
        last = heap->middle[--heap->n_middle];
        heap->middle[page->middle_index - 1] = last;
        last->middle_index = page->middle_index;
        page->middle_index = 0;
    }
}

// ----------------------------------------------------------------------- pages

static KrPage *
page_new(KrHeap *heap, uint32_t slot)
{
    uint32_t family = slot_family(slot);
    uint32_t prefix = family == KR_FAMILY_PREFIXED ? KR_PREFIX_SIZE : 0;

    if (family != KR_FAMILY_PLAIN && !heap_reserve_pages(heap)) {
        return NULL;
    }
    KrPage *page = kr_space_take();
    if (page == NULL) {
        return NULL;
    }
    page->free = NULL;
    page->used = 0;
    page->prefix = prefix;
    page->block_size = kr_class_sizes[slot % KR_CLASS_COUNT];
    page->capacity = (uint32_t)(KR_PAGE_SIZE / page->block_size);
    page->fresh = page->capacity;
    page->inverse = (uint32_t)((((uint64_t)1 << 32) + page->block_size - 1) /
                               page->block_size);
    page->slot = (uint16_t)slot;
    page->next = page->prev = NULL;
    page->foreign = NULL;
    page->foreign_next = NULL;
    page->refs = NULL;
    page->young_index = page->middle_index = 0;
    page->owner = heap;
    if (family != KR_FAMILY_PLAIN) {
        page->gc_index = heap->n_gc_pages;
        heap->gc_pages[heap->n_gc_pages++] = page;
    }
    heap->n_pages++;
    return page;
}

// The page is in no list and has no block in use.
static void
page_release(KrPage *page)
{
    KrHeap *heap = page->owner;

    if (page_is_collected(page)) {
        heap_forget_page(heap, page);
    }
    heap->n_pages--;
    kr_space_give(page);
}

// Puts untouched blocks on the free list. false if there are none left.
static bool
page_extend(KrPage *page)
{
    uint32_t size = page->block_size;

    if (page->fresh == 0) {
        return false;
    }
    uint32_t count = KR_PORTION / size + 1;
    if (count > page->fresh) {
        count = page->fresh;
    }
    char *block = page->memory + (size_t)(page->capacity - page->fresh) * size;
    page->fresh -= count;
    page->free = block;
    for (; count > 1; count--, block += size) {
        *(void **)block = block + size;
    }
    *(void **)block = NULL;
    return true;
}

// Blocks that other threads freed go onto the lists of their pages.
static void
heap_harvest_foreign(KrHeap *heap)
{
    KrPage *page = __atomic_exchange_n(&heap->foreign, NULL, __ATOMIC_ACQUIRE);

    while (page != NULL) {
        KrPage *next = page->foreign_next;
        page->foreign_next = NULL;
        void *block = __atomic_exchange_n(&page->foreign, NULL, __ATOMIC_ACQUIRE);
        while (block != NULL) {
            void *following = *(void **)block;
            if (page_is_collected(page)) {
                *kr_mark_of((char *)block + page->prefix) = 0;
            }
            kr_heap_give(page, block);
            block = following;
        }
        page = next;
    }
}

void *
kr_heap_take_slow(KrHeap *heap, uint32_t slot)
{
    KrPage *page = heap->current[slot];

    if (page->free == NULL && !page_extend(page)) {
        if (KR_UNLIKELY(__atomic_load_n(&heap->foreign, __ATOMIC_RELAXED) != NULL)) {
            heap_harvest_foreign(heap);
        }
        if (page != &no_page && page->free == NULL) {
            page->kind = KR_PAGE_FULL;
            page->floor = INT32_MAX;
            heap->current[slot] = &no_page;
        }
        page = heap->current[slot];
    }
    if (page->free == NULL) {
        page = heap->available[slot];
        if (page != NULL) {
            available_unlink(heap, page);
        }
        else {
            page = page_new(heap, slot);
            if (page == NULL) {
                return NULL;
            }
        }
        page->kind = KR_PAGE_CURRENT;
        page->floor = -1;
        heap->current[slot] = page;
        if (page->free == NULL) {
            page_extend(page);
        }
    }
    void *block = page->free;
    page->free = *(void **)block;
    page->used++;
    return block;
}

void
kr_heap_free_slow(KrPage *page)
{
    if (page->kind == KR_PAGE_FULL) {
        available_push(page->owner, page);
    }
    if (page->kind == KR_PAGE_AVAILABLE && page->used == 0) {
        available_unlink(page->owner, page);
        page_release(page);
    }
}

void
kr_heap_free_foreign(KrPage *page, void *block)
{
    KrHeap *heap = page->owner;
    void *head = __atomic_load_n(&page->foreign, __ATOMIC_RELAXED);

    if (heap == NULL) {
        return; // the interpreter is gone, and its page with it
    }
    do {
        *(void **)block = head;
    } while (!__atomic_compare_exchange_n(&page->foreign, &head, block, true,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    if (head != NULL) {
        return; // the page has been announced before
    }
    KrPage *first = __atomic_load_n(&heap->foreign, __ATOMIC_RELAXED);
    do {
        page->foreign_next = first;
    } while (!__atomic_compare_exchange_n(&heap->foreign, &first, page, true,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

// --------------------------------------------------------------- large objects

bool
kr_heap_large_add(KrHeap *heap, KrLarge *large)
{
    if (heap->n_large == heap->large_room) {
        uint32_t room = heap->large_room == 0 ? 64 : heap->large_room * 2;
        KrLarge **grown = realloc(heap->large, room * sizeof(KrLarge *));
        if (grown == NULL) {
            return false;
        }
        heap->large = grown;
        heap->large_room = room;
    }
    large->owner = heap;
    large->marks = 0;
    large->refs = 0;
    large->index = heap->n_large;
    heap->large[heap->n_large++] = large;
    return true;
}

void
kr_heap_large_remove(KrLarge *large)
{
    KrHeap *heap = large->owner;
    if (heap == NULL) {
        return;
    }
    KrLarge *last = heap->large[--heap->n_large];
    heap->large[large->index] = last;
    last->index = large->index;
}

void
kr_heap_large_moved(KrLarge *large)
{
    if (large->owner != NULL) {
        large->owner->large[large->index] = large;
    }
}

// ------------------------------------------------------- statistics and the end

static bool
page_is_of(const KrPage *page, const KrHeap *heap)
{
    return heap == NULL ? page->owner != NULL : page->owner == heap;
}

// Calls visit for every page that heap (NULL: any heap) owns.
static void
pages_visit(KrHeap *heap, void (*visit)(KrPage *, void *), void *arg)
{
    size_t count = kr_space.size >> KR_PAGE_SHIFT;

    // Pages are handed out from the bottom: the first one without memory ends them.
    for (size_t i = 0; i < count; i++) {
        if ((i & 31) == 0 && kr_space_committed() <= i << KR_PAGE_SHIFT) {
            return;
        }
        if (page_is_of(&kr_space.pages[i], heap)) {
            visit(&kr_space.pages[i], arg);
        }
    }
}

static void
count_used(KrPage *page, void *arg)
{
    *(size_t *)arg += (size_t)page->used;
}

size_t
kr_heap_count_blocks(KrHeap *heap)
{
    size_t count = 0;
    pages_visit(heap, count_used, &count);
    return count;
}

typedef struct {
    uint32_t slot;
    KrSlotStats *stats;
} SlotCount;

static void
count_slot(KrPage *page, void *arg)
{
    SlotCount *c = arg;
    if (page->slot == c->slot) {
        c->stats->pages++;
        c->stats->used += (size_t)page->used;
        c->stats->free += page->capacity - (size_t)page->used;
    }
}

void
kr_heap_slot_stats(KrHeap *heap, uint32_t slot, KrSlotStats *out)
{
    SlotCount c = {slot, out};
    memset(out, 0, sizeof *out);
    out->block_size = kr_class_sizes[slot % KR_CLASS_COUNT];
    pages_visit(heap, count_slot, &c);
}

static void
page_abandon(KrPage *page, void *arg)
{
    KrHeap *heap = arg;
    if (page->used == 0) {
        heap->n_pages--;
        page->young_index = page->middle_index = 0;
        kr_space_give(page);
    }
    else {
        page->owner = NULL;
    }
}

void
kr_heap_fini(KrHeap *heap)
{
    heap_harvest_foreign(heap);
    pthread_mutex_lock(&all.lock);
    KrHeap **place = &all.heaps;
    while (*place != NULL && *place != heap) {
        place = &(*place)->next_heap;
    }
    if (*place != NULL) {
        *place = heap->next_heap;
    }
    pthread_mutex_unlock(&all.lock);
    for (uint32_t i = 0; i < heap->n_large; i++) {
        heap->large[i]->owner = NULL;
    }
    pages_visit(heap, page_abandon, heap);
    free(heap->gc_pages);
    free(heap->young);
    free(heap->middle);
    free(heap->large);
    memset(heap, 0, sizeof *heap);
}
