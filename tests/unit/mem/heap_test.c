// SPDX-License-Identifier: MIT
// heap_test.c - the page allocator alone: random use, marks, speed.
#include "mem/heap.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECK(cond)                                                           \
    do {                                                                      \
        if (!(cond)) {                                                        \
            printf("FAILED %s:%d: %s\n", __FILE__, __LINE__, #cond);          \
            exit(1);                                                          \
        }                                                                     \
    } while (0)

static KrHeap heap;

static void *
take(uint32_t family, size_t size)
{
    return kr_heap_take(&heap, family * KR_CLASS_COUNT + kr_size_class(size));
}

static void
give(void *block)
{
    kr_heap_give(kr_page_of(block), block);
}

static void
test_classes(void)
{
    for (size_t size = 0; size <= KR_SMALL_MAX; size++) {
        uint32_t c = kr_size_class(size);
        CHECK(c >= 1 && c < KR_CLASS_COUNT);
        CHECK(kr_class_sizes[c] >= size);
        CHECK(size == 0 || kr_class_sizes[c - 1] < size);
    }
}

#define LIVE 20000
static struct {
    unsigned char *block;
    size_t size;
    unsigned char fill;
} live[LIVE];

static void
test_random(void)
{
    srand(1);
    for (int step = 0; step < 3000000; step++) {
        int i = rand() % LIVE;
        if (live[i].block != NULL) {
            for (size_t k = 0; k < live[i].size; k++) {
                CHECK(live[i].block[k] == live[i].fill);
            }
            KrPage *page = kr_page_of(live[i].block);
            CHECK(page->owner == &heap);
            uint32_t at = kr_page_block_at(page, live[i].block);
            CHECK(kr_page_object(page, at) == live[i].block + page->prefix);
            give(live[i].block);
            live[i].block = NULL;
        }
        else {
            size_t size = (size_t)rand() % (rand() % 8 == 0 ? KR_SMALL_MAX : 128) + 1;
            live[i].block = take((uint32_t)rand() % KR_FAMILY_COUNT, size);
            CHECK(live[i].block != NULL && kr_space_has(live[i].block));
            CHECK(((uintptr_t)live[i].block & 15) == 0);
            live[i].size = size;
            live[i].fill = (unsigned char)rand();
            memset(live[i].block, live[i].fill, size);
        }
    }
    size_t count = 0;
    for (int i = 0; i < LIVE; i++) {
        count += live[i].block != NULL;
    }
    CHECK(kr_heap_count_blocks(&heap) == count);
    for (int i = 0; i < LIVE; i++) {
        if (live[i].block != NULL) {
            give(live[i].block);
            live[i].block = NULL;
        }
    }
    CHECK(kr_heap_count_blocks(&heap) == 0);
    // Only current pages are kept.
    size_t peak;
    CHECK(kr_space_used(&peak) <= KR_SLOT_COUNT);
}

static void
test_page_lists(void)
{
    enum { N = 30000 };
    static void *blocks[N];
    for (int i = 0; i < N; i++) {
        blocks[i] = take(KR_FAMILY_OBJECTS, 64);
        KrPage *page = kr_page_of(blocks[i]);
        kr_heap_young_add(page);
        if (i & 1) {
            kr_heap_middle_add(page);
        }
        *kr_marks(blocks[i]) = KR_MARK_TRACKED;
    }
    CHECK(heap.n_young >= N / 1024);
    for (int i = 0; i < N; i++) {
        *kr_marks(blocks[i]) = 0;
        give(blocks[i]);
    }
    for (uint32_t i = 0; i < heap.n_young; i++) {
        CHECK(heap.young[i]->young_index == i + 1);
        CHECK(heap.young[i]->owner == &heap);
    }
    CHECK(heap.n_young <= 1);
    kr_heap_young_forget(&heap);
    kr_heap_middle_forget(&heap);
    CHECK(heap.n_young == 0 && heap.n_middle == 0);
}

static void *
free_elsewhere(void *arg)
{
    void **blocks = arg;
    for (int i = 0; i < 10000; i++) {
        kr_heap_free_foreign(kr_page_of(blocks[i]), blocks[i]);
    }
    return NULL;
}

static void
test_foreign(void)
{
    static void *blocks[2][10000];
    pthread_t threads[2];
    for (int i = 0; i < 20000; i++) {
        blocks[i & 1][i / 2] = take(KR_FAMILY_PLAIN, 48);
    }
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, free_elsewhere, blocks[i]);
    }
    for (int i = 0; i < 100000; i++) {
        void *a = take(KR_FAMILY_PLAIN, 48), *b = take(KR_FAMILY_PLAIN, 48);
        CHECK(a != NULL && b != NULL && a != b);
        give(a);
        give(b);
    }
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    enum { N = 40000 };
    static void *more[N];
    for (int i = 0; i < N; i++) {
        more[i] = take(KR_FAMILY_PLAIN, 48);
    }
    for (int i = 0; i < N; i++) {
        give(more[i]);
    }
    CHECK(kr_heap_count_blocks(&heap) == 0);
}

static void
time_pairs(const char *name, int depth)
{
    static void *blocks[1000];
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    long pairs = 0;
    for (int round = 0; round < 20000000 / depth; round++) {
        for (int i = 0; i < depth; i++) {
            blocks[i] = take(KR_FAMILY_OBJECTS, 64);
            *(volatile char *)blocks[i] = 1;
        }
        for (int i = 0; i < depth; i++) {
            give(blocks[i]);
        }
        pairs += depth;
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    double ns = (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
    printf("%s: %.2f ns a pair\n", name, ns / (double)pairs);
}

int
main(void)
{
    kr_space_init();
    kr_heap_init(&heap);
    test_classes();
    test_random();
    test_page_lists();
    test_foreign();
    time_pairs("one at a time", 1);
    time_pairs("thousand at a time", 1000);
    kr_heap_fini(&heap);
    size_t peak;
    CHECK(kr_space_used(&peak) == 0);
    printf("mem: ok\n");
    return 0;
}
