// SPDX-License-Identifier: MIT
// space.c - reserving the range of addresses, and handing out its pages.
//
// Invariants:  pages below `committed` are usable; the others were never touched.
//              Free pages form a list through KrPage.next; those above
//              KR_WARM_PAGES have given their memory back.
#include "mem/space.h"

#include "port/memory.h"

#include <pthread.h>

// Committing 2 MiB at once is 32 pages: 128 KiB of marks and one system page of
// KrPage records.
#define KR_COMMIT_BYTES ((size_t)2 << 20)
#define KR_WARM_PAGES 64

KrSpace kr_space;

// Process-wide: the range is shared by all interpreters.
static struct {
    pthread_mutex_t lock;
    bool ready;
    size_t committed; // bytes
    size_t next;      // bytes handed out at least once
    KrPage *warm;     // free pages that still have memory
    KrPage *cold;     // free pages without
    size_t n_warm;
    size_t used;
    size_t peak;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool
space_reserve(size_t size)
{
    size_t marks = size >> KR_GRANULE_SHIFT;
    size_t pages = (size >> KR_PAGE_SHIFT) * sizeof(KrPage);
    char *start = kr_port_reserve(size + marks + pages, KR_COMMIT_BYTES);

    if (start == NULL) {
        return false;
    }
    kr_space.base = (uintptr_t)start;
    kr_space.marks = (uint8_t *)start + size;
    kr_space.pages = (KrPage *)(void *)(start + size + marks);
    kr_space.size = size;
    return true;
}

void
kr_space_init(void)
{
    pthread_mutex_lock(&pool.lock);
    if (!pool.ready) {
        pool.ready = true;
        // 1 TiB of addresses costs nothing. Where they are limited, three quarters
        // are left to everybody else; what does not fit here comes from malloc.
        size_t most = kr_port_address_limit() / 4;
        for (size_t size = (size_t)1 << 40; size >= (size_t)16 << 20; size >>= 1) {
            if (size <= most && space_reserve(size)) {
                break;
            }
        }
    }
    pthread_mutex_unlock(&pool.lock);
}

// Makes the next 2 MiB usable, with their marks and records.
static bool
space_commit_more(void)
{
    size_t at = pool.committed;

    if (at + KR_COMMIT_BYTES > kr_space.size) {
        return false;
    }
    size_t marks = KR_COMMIT_BYTES >> KR_GRANULE_SHIFT;
    size_t pages = (KR_COMMIT_BYTES >> KR_PAGE_SHIFT) * sizeof(KrPage);
    if (!kr_port_commit((char *)kr_space.base + at, KR_COMMIT_BYTES) ||
        !kr_port_commit(kr_space.marks + (at >> KR_GRANULE_SHIFT), marks) ||
        !kr_port_commit((char *)&kr_space.pages[at >> KR_PAGE_SHIFT], pages)) {
        return false;
    }
    pool.committed = at + KR_COMMIT_BYTES;
    return true;
}

static KrPage *
space_take_locked(void)
{
    KrPage *page = pool.warm;

    if (page != NULL) {
        pool.warm = page->next;
        pool.n_warm--;
        return page;
    }
    page = pool.cold;
    if (page != NULL) {
        pool.cold = page->next;
        return page;
    }
    if (pool.next >= pool.committed && !space_commit_more()) {
        return NULL;
    }
    page = &kr_space.pages[pool.next >> KR_PAGE_SHIFT];
    page->memory = (char *)kr_space.base + pool.next;
    pool.next += KR_PAGE_SIZE;
    return page;
}

KrPage *
kr_space_take(void)
{
    pthread_mutex_lock(&pool.lock);
    KrPage *page = space_take_locked();
    if (page != NULL) {
        page->next = NULL;
        if (++pool.used > pool.peak) {
            pool.peak = pool.used;
        }
    }
    pthread_mutex_unlock(&pool.lock);
    return page;
}

void
kr_space_give(KrPage *page)
{
    pthread_mutex_lock(&pool.lock);
    page->owner = NULL;
    page->kind = KR_PAGE_FREE;
    pool.used--;
    if (pool.n_warm < KR_WARM_PAGES) {
        page->next = pool.warm;
        pool.warm = page;
        pool.n_warm++;
    }
    else {
        kr_port_discard(page->memory, KR_PAGE_SIZE);
        page->next = pool.cold;
        pool.cold = page;
    }
    pthread_mutex_unlock(&pool.lock);
}

size_t
kr_space_used(size_t *peak_out)
{
    pthread_mutex_lock(&pool.lock);
    size_t used = pool.used;
    *peak_out = pool.peak;
    pthread_mutex_unlock(&pool.lock);
    return used;
}

size_t
kr_space_committed(void)
{
    pthread_mutex_lock(&pool.lock);
    size_t committed = pool.committed;
    pthread_mutex_unlock(&pool.lock);
    return committed;
}

void
kr_space_after_fork(void)
{
    pthread_mutex_init(&pool.lock, NULL);
}
