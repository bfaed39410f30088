// SPDX-License-Identifier: MIT
// alloc.c - PyMem_*, PyObject_* and the allocation of objects.
//
// Callers:     everything; the fast paths for objects are in alloc.h.
// Invariants:  a pointer is freed by what its address says (page, or malloc), so
//              that tracing and the failure test may be switched at any time. Only
//              the debug allocator changes blocks, and it is chosen before the
//              first one.
//              While anything is switched on (`hooked`), all heaps have self ==
//              NULL and every request comes through the *_slow functions.
#include "objects/alloc.h"

#include "mem/guard.h"
#include "mem/space.h"

#include <limits.h>
#include <stdlib.h>
#include <wchar.h>

#define DOMAIN_COUNT 3

// Process-wide: allocators serve every interpreter, and threads without one.
static struct {
    PyMemAllocatorEx domains[DOMAIN_COUNT];
    bool custom[DOMAIN_COUNT]; // the domain has other functions than its own
    bool raw_hooked;
    bool page_hooked;
    bool ready;
    bool selected;
    const KrAllocTrace *trace; // NULL: off
    size_t fail_first;         // 0: off
    size_t fail_last;
    size_t fail_count;         // requests since the test was switched on
    const char *name;
} memory;

// The heap of the running thread, or NULL when it holds no interpreter.
static KrHeap *
alloc_heap(void)
{
    PyThreadState *tstate = kr_thread();

    if (tstate == NULL || tstate->interp->mem.heap.current[0] == NULL) {
        return NULL;
    }
    return &tstate->interp->mem.heap;
}

static void
alloc_update_hooked(void)
{
    bool all = memory.trace != NULL || memory.fail_first != 0;

    memory.raw_hooked = all || memory.custom[PYMEM_DOMAIN_RAW];
    memory.page_hooked = all || memory.custom[PYMEM_DOMAIN_MEM] ||
                         memory.custom[PYMEM_DOMAIN_OBJ];
    kr_heaps_set_hooked(memory.page_hooked);
}

// Counts a request of the failure test and says whether it has to fail.
static bool
alloc_must_fail(void)
{
    if (KR_LIKELY(memory.fail_first == 0)) {
        return false;
    }
    size_t n = __atomic_add_fetch(&memory.fail_count, 1, __ATOMIC_RELAXED);
    return n >= memory.fail_first && n <= memory.fail_last;
}

// ------------------------------------------------------------- plain C functions

static void *
raw_malloc(void *ctx, size_t size)
{
    return malloc(size == 0 ? 1 : size);
}

static void *
raw_calloc(void *ctx, size_t count, size_t size)
{
    return count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);
}

static void *
raw_realloc(void *ctx, void *block, size_t size)
{
    return realloc(block, size == 0 ? 1 : size);
}

static void
raw_free(void *ctx, void *block)
{
    free(block);
}

// ---------------------------------------------------------------- page functions

static void *
page_malloc(void *ctx, size_t size)
{
    KrHeap *heap;

    if (KR_LIKELY(size <= KR_SMALL_MAX) && (heap = alloc_heap()) != NULL) {
        void *block = kr_heap_take(heap, kr_size_class(size));
        if (KR_LIKELY(block != NULL)) {
            return block;
        }
    }
    return malloc(size == 0 ? 1 : size);
}

static void *
page_calloc(void *ctx, size_t count, size_t size)
{
    size_t whole;

    if (__builtin_mul_overflow(count, size, &whole)) {
        return NULL;
    }
    if (whole > KR_SMALL_MAX) {
        return calloc(count, size);
    }
    void *block = page_malloc(ctx, whole);
    if (block != NULL) {
        memset(block, 0, whole);
    }
    return block;
}

// Frees a block that lies on a page.
static void
page_give(void *block)
{
    KrPage *page = kr_page_of(block);
    KrHeap *heap = alloc_heap();

    if (KR_UNLIKELY(page->slot >= KR_CLASS_COUNT)) {
        kr_object_free_slow(block);
    }
    else if (KR_LIKELY(page->owner == heap)) {
        kr_heap_give(page, block);
    }
    else {
        kr_heap_free_foreign(page, block);
    }
}

static void
page_free(void *ctx, void *block)
{
    if (kr_space_has(block)) {
        page_give(block);
    }
    else {
        free(block);
    }
}

static void *
page_realloc(void *ctx, void *block, size_t size)
{
    if (block == NULL) {
        return page_malloc(ctx, size);
    }
    if (!kr_space_has(block)) {
        // A large block that shrinks below the limit stays where it is.
        return realloc(block, size == 0 ? 1 : size);
    }
    size_t room = kr_page_of(block)->block_size;
    // A quarter of waste is cheaper than a move.
    if (size <= room && size + size / 4 + 16 >= room) {
        return block;
    }
    void *grown = page_malloc(ctx, size);
    if (grown == NULL) {
        return size <= room ? block : NULL;
    }
    memcpy(grown, block, size < room ? size : room);
    page_give(block);
    return grown;
}

// --------------------------------------------------------------- debug allocator

// The context of a guarded domain: what it wraps.
typedef struct {
    PyMemAllocatorEx inner;
    char family;
} GuardContext;

static GuardContext guards[DOMAIN_COUNT];

static void *
guard_malloc(void *ctx, size_t size)
{
    GuardContext *g = ctx;

    if (size > PY_SSIZE_T_MAX - KR_GUARD_EXTRA) {
        return NULL;
    }
    void *inner = g->inner.malloc(g->inner.ctx, size + KR_GUARD_EXTRA);
    return inner == NULL ? NULL : kr_guard_close(inner, size, 0, g->family);
}

static void *
guard_calloc(void *ctx, size_t count, size_t size)
{
    GuardContext *g = ctx;
    size_t whole;

    if (__builtin_mul_overflow(count, size, &whole) ||
        whole > PY_SSIZE_T_MAX - KR_GUARD_EXTRA) {
        return NULL;
    }
    void *inner = g->inner.calloc(g->inner.ctx, 1, whole + KR_GUARD_EXTRA);
    return inner == NULL ? NULL : kr_guard_close(inner, whole, whole, g->family);
}

static void
guard_free(void *ctx, void *block)
{
    GuardContext *g = ctx;

    if (block != NULL) {
        void *inner = kr_guard_check(block, g->family, "_PyMem_DebugRawFree");
        kr_guard_erase(block);
        g->inner.free(g->inner.ctx, inner);
    }
}

static void *
guard_realloc(void *ctx, void *block, size_t size)
{
    GuardContext *g = ctx;

    if (block == NULL) {
        return guard_malloc(ctx, size);
    }
    kr_guard_check(block, g->family, "_PyMem_DebugRawRealloc");
    // Always moves: who keeps the old pointer is found out.
    void *moved = guard_malloc(ctx, size);
    if (moved != NULL) {
        size_t old = kr_guard_size(block);
        memcpy(moved, block, old < size ? old : size);
        guard_free(ctx, block);
    }
    return moved;
}

static const PyMemAllocatorEx raw_functions = {NULL, raw_malloc, raw_calloc,
                                               raw_realloc, raw_free};
static const PyMemAllocatorEx page_functions = {NULL, page_malloc, page_calloc,
                                                page_realloc, page_free};

static void
guard_domain(int domain)
{
    GuardContext *g = &guards[domain];

    if (memory.domains[domain].malloc == guard_malloc) {
        return;
    }
    g->inner = memory.domains[domain];
    g->family = "rmo"[domain];
    memory.domains[domain] = (PyMemAllocatorEx){g, guard_malloc, guard_calloc,
                                                guard_realloc, guard_free};
    memory.custom[domain] = true;
}

// --------------------------------------------------------------------- switching

int
kr_mem_select(const char *name)
{
    static const struct {
        const char *name;
        bool pages;
        bool guarded;
    } choices[] = {
        {"default", true, false},         {"pymalloc", true, false},
        {"malloc", false, false},         {"debug", true, true},
        {"pymalloc_debug", true, true},   {"malloc_debug", false, true},
    };

    if (name == NULL || name[0] == '\0') {
        name = "default";
    }
    for (int i = 0; i < KR_ARRAY_LEN(choices); i++) {
        if (strcmp(choices[i].name, name) != 0) {
            continue;
        }
        memory.domains[PYMEM_DOMAIN_RAW] = raw_functions;
        memory.domains[PYMEM_DOMAIN_MEM] = memory.domains[PYMEM_DOMAIN_OBJ] =
            choices[i].pages ? page_functions : raw_functions;
        memory.custom[PYMEM_DOMAIN_RAW] = false;
        memory.custom[PYMEM_DOMAIN_MEM] = memory.custom[PYMEM_DOMAIN_OBJ] =
            !choices[i].pages;
        memory.name = choices[i].name;
        if (choices[i].guarded) {
            for (int domain = 0; domain < DOMAIN_COUNT; domain++) {
                guard_domain(domain);
            }
        }
        memory.selected = true;
        alloc_update_hooked();
        return 0;
    }
    return -1;
}

// KRAIT_DEBUG=failalloc:first[:last], among other words separated by commas.
static void
alloc_read_debug(void)
{
#ifdef KR_DEBUG
    const char *text = getenv("KRAIT_DEBUG");
    text = text != NULL ? strstr(text, "failalloc:") : NULL;
    if (text != NULL) {
        char *end;
        size_t first = strtoul(text + strlen("failalloc:"), &end, 10);
        size_t last = *end == ':' ? strtoul(end + 1, &end, 10) : first;
        kr_mem_fail(first, last);
    }
#endif
}

void
kr_init_mem(void)
{
    if (memory.ready) {
        return;
    }
    memory.ready = true;
    kr_space_init();
    if (!memory.selected) {
        const char *name = getenv("PYTHONMALLOC");
        if (kr_mem_select(name) < 0) {
            fprintf(stderr, "Fatal Python error: pymain_main: unknown PYTHONMALLOC "
                            "allocator\nPython runtime state: preinitializing\n\n");
            exit(1);
        }
    }
    alloc_read_debug();
}

void
kr_mem_start(PyInterpreterState *interp)
{
    kr_init_mem();
    if (interp->mem.heap.current[0] == NULL) {
        kr_heap_init(&interp->mem.heap);
    }
}

void
kr_mem_stop(PyInterpreterState *interp)
{
    if (interp->mem.heap.current[0] != NULL) {
        kr_heap_fini(&interp->mem.heap);
    }
}

void
kr_mem_after_fork(void)
{
    kr_space_after_fork();
}

void
kr_mem_set_trace(const KrAllocTrace *trace)
{
    memory.trace = trace;
    alloc_update_hooked();
}

void
kr_mem_fail(size_t first, size_t last)
{
    memory.fail_first = first;
    memory.fail_last = last < first ? first : last;
    memory.fail_count = 0;
    alloc_update_hooked();
}

void
PyMem_GetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    kr_init_mem();
    if ((unsigned)domain < DOMAIN_COUNT) {
        *allocator = memory.domains[domain];
    }
    else {
        memset(allocator, 0, sizeof *allocator);
    }
}

void
PyMem_SetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    kr_init_mem();
    if ((unsigned)domain < DOMAIN_COUNT) {
        memory.domains[domain] = *allocator;
        memory.custom[domain] = allocator->malloc != (domain == PYMEM_DOMAIN_RAW
                                                          ? raw_malloc
                                                          : page_malloc);
        alloc_update_hooked();
    }
}

void
PyMem_SetupDebugHooks(void)
{
    kr_init_mem();
    for (int domain = 0; domain < DOMAIN_COUNT; domain++) {
        guard_domain(domain);
    }
    alloc_update_hooked();
}

const char *
_PyMem_GetCurrentAllocatorName(void)
{
    if (memory.domains[PYMEM_DOMAIN_OBJ].malloc == guard_malloc) {
        return guards[PYMEM_DOMAIN_OBJ].inner.malloc == page_malloc ? "pymalloc_debug"
                                                                   : "malloc_debug";
    }
    return memory.custom[PYMEM_DOMAIN_OBJ] ? "malloc" : "pymalloc";
}

// Pages come from the system directly; the functions are only remembered.
static PyObjectArenaAllocator arena_functions;

void
PyObject_GetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    *allocator = arena_functions;
}

void
PyObject_SetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    arena_functions = *allocator;
}

// ------------------------------------------------------- the slow path of domains

static KR_COLD void *
domain_malloc_slow(PyMemAllocatorDomain domain, size_t size)
{
    PyMemAllocatorEx *a = &memory.domains[domain];

    if (!memory.ready) {
        kr_init_mem();
    }
    if (size > (size_t)PY_SSIZE_T_MAX || alloc_must_fail()) {
        return NULL;
    }
    void *block = a->malloc(a->ctx, size);
    if (block != NULL && memory.trace != NULL && !memory.trace->add(block, size)) {
        a->free(a->ctx, block);
        return NULL;
    }
    return block;
}

static KR_COLD void *
domain_calloc_slow(PyMemAllocatorDomain domain, size_t count, size_t size)
{
    PyMemAllocatorEx *a = &memory.domains[domain];
    size_t whole;

    if (!memory.ready) {
        kr_init_mem();
    }
    if (__builtin_mul_overflow(count, size, &whole) || whole > (size_t)PY_SSIZE_T_MAX ||
        alloc_must_fail()) {
        return NULL;
    }
    void *block = a->calloc(a->ctx, count, size);
    if (block != NULL && memory.trace != NULL && !memory.trace->add(block, whole)) {
        a->free(a->ctx, block);
        return NULL;
    }
    return block;
}

static KR_COLD void *
domain_realloc_slow(PyMemAllocatorDomain domain, void *old, size_t size)
{
    PyMemAllocatorEx *a = &memory.domains[domain];

    if (old == NULL) {
        return domain_malloc_slow(domain, size);
    }
    if (size > (size_t)PY_SSIZE_T_MAX || alloc_must_fail()) {
        return NULL;
    }
    uintptr_t before = (uintptr_t)old;
    void *block = a->realloc(a->ctx, old, size);
    if (block != NULL && memory.trace != NULL) {
        memory.trace->resize((void *)before, block, size);
    }
    return block;
}

static KR_COLD void
domain_free_slow(PyMemAllocatorDomain domain, void *block)
{
    PyMemAllocatorEx *a = &memory.domains[domain];

    if (block == NULL) {
        return;
    }
    if (memory.trace != NULL) {
        memory.trace->remove(block);
    }
    a->free(a->ctx, block);
}

// ---------------------------------------------------------------------- the API

void *
PyMem_RawMalloc(size_t size)
{
    if (KR_UNLIKELY(memory.raw_hooked || !memory.ready || size > PY_SSIZE_T_MAX)) {
        return domain_malloc_slow(PYMEM_DOMAIN_RAW, size);
    }
    return raw_malloc(NULL, size);
}

void *
PyMem_RawCalloc(size_t nelem, size_t elsize)
{
    if (KR_UNLIKELY(memory.raw_hooked || !memory.ready)) {
        return domain_calloc_slow(PYMEM_DOMAIN_RAW, nelem, elsize);
    }
    return raw_calloc(NULL, nelem, elsize);
}

void *
PyMem_RawRealloc(void *ptr, size_t new_size)
{
    if (KR_UNLIKELY(memory.raw_hooked || !memory.ready || new_size > PY_SSIZE_T_MAX)) {
        return domain_realloc_slow(PYMEM_DOMAIN_RAW, ptr, new_size);
    }
    return raw_realloc(NULL, ptr, new_size);
}

void
PyMem_RawFree(void *ptr)
{
    if (KR_UNLIKELY(memory.raw_hooked)) {
        domain_free_slow(PYMEM_DOMAIN_RAW, ptr);
        return;
    }
    free(ptr);
}

// A block of the running heap's page, NULL when the slow path has to decide.
static inline void *
take_fast(size_t size)
{
    PyThreadState *tstate = kr_thread();

    if (KR_LIKELY(tstate != NULL && size <= KR_SMALL_MAX)) {
        KrHeap *heap = tstate->interp->mem.heap.self;
        if (KR_LIKELY(heap != NULL)) {
            return kr_heap_take(heap, kr_size_class(size));
        }
    }
    return NULL;
}

// true if the block was a plain one of the running heap.
static inline bool
give_fast(void *block)
{
    PyThreadState *tstate = kr_thread();

    if (KR_LIKELY(kr_space_has(block) && tstate != NULL)) {
        KrPage *page = kr_page_of(block);
        if (KR_LIKELY(page->owner == tstate->interp->mem.heap.self &&
                      page->slot < KR_CLASS_COUNT)) {
            kr_heap_give(page, block);
            return true;
        }
    }
    return false;
}

void *
PyMem_Malloc(size_t size)
{
    void *block = take_fast(size);
    return KR_LIKELY(block != NULL) ? block
                                    : domain_malloc_slow(PYMEM_DOMAIN_MEM, size);
}

void *
PyMem_Calloc(size_t nelem, size_t elsize)
{
    size_t whole;

    if (KR_LIKELY(!__builtin_mul_overflow(nelem, elsize, &whole))) {
        void *block = take_fast(whole);
        if (KR_LIKELY(block != NULL)) {
            return memset(block, 0, whole);
        }
    }
    return domain_calloc_slow(PYMEM_DOMAIN_MEM, nelem, elsize);
}

void *
PyMem_Realloc(void *ptr, size_t new_size)
{
    if (KR_UNLIKELY(memory.page_hooked || !memory.ready || new_size > PY_SSIZE_T_MAX)) {
        return domain_realloc_slow(PYMEM_DOMAIN_MEM, ptr, new_size);
    }
    return page_realloc(NULL, ptr, new_size);
}

void
PyMem_Free(void *ptr)
{
    if (KR_UNLIKELY(!give_fast(ptr))) {
        domain_free_slow(PYMEM_DOMAIN_MEM, ptr);
    }
}

void *
PyObject_Malloc(size_t size)
{
    void *block = take_fast(size);
    return KR_LIKELY(block != NULL) ? block
                                    : domain_malloc_slow(PYMEM_DOMAIN_OBJ, size);
}

void *
PyObject_Calloc(size_t nelem, size_t elsize)
{
    size_t whole;

    if (KR_LIKELY(!__builtin_mul_overflow(nelem, elsize, &whole))) {
        void *block = take_fast(whole);
        if (KR_LIKELY(block != NULL)) {
            return memset(block, 0, whole);
        }
    }
    return domain_calloc_slow(PYMEM_DOMAIN_OBJ, nelem, elsize);
}

void *
PyObject_Realloc(void *ptr, size_t new_size)
{
    if (KR_UNLIKELY(memory.page_hooked || !memory.ready || new_size > PY_SSIZE_T_MAX)) {
        return domain_realloc_slow(PYMEM_DOMAIN_OBJ, ptr, new_size);
    }
    return page_realloc(NULL, ptr, new_size);
}

void
PyObject_Free(void *ptr)
{
    if (KR_UNLIKELY(!give_fast(ptr))) {
        domain_free_slow(PYMEM_DOMAIN_OBJ, ptr);
    }
}

wchar_t *
_PyMem_RawWcsdup(const wchar_t *str)
{
    size_t size = (wcslen(str) + 1) * sizeof(wchar_t);
    wchar_t *copy = PyMem_RawMalloc(size);
    return copy == NULL ? NULL : memcpy(copy, str, size);
}

char *
_PyMem_RawStrdup(const char *str)
{
    size_t size = strlen(str) + 1;
    char *copy = PyMem_RawMalloc(size);
    return copy == NULL ? NULL : memcpy(copy, str, size);
}

char *
_PyMem_Strdup(const char *str)
{
    size_t size = strlen(str) + 1;
    char *copy = PyMem_Malloc(size);
    return copy == NULL ? NULL : memcpy(copy, str, size);
}

// ----------------------------------------------------------- memory of objects

KR_COLD void
kr_gc_request_slow(PyThreadState *tstate)
{
    // A locked operation for each allocation until the next poll would be felt.
    if (!(__atomic_load_n(&tstate->eval_breaker, __ATOMIC_RELAXED) & KR_POLL_GC)) {
        kr_poll_request(tstate, KR_POLL_GC);
    }
}

static void
gc_count_one(PyThreadState *tstate)
{
    KrGcState *gc = &tstate->interp->gc;

    if (++gc->young_count > gc->young_limit) {
        kr_gc_request_slow(tstate);
    }
}

// A collected object with its own record. It comes from the raw family, as its
// memory must not lie on a page: whoever finds it there takes it for a block.
static void *
large_alloc(PyInterpreterState *interp, size_t size)
{
    PyMemAllocatorEx *a = &memory.domains[PYMEM_DOMAIN_RAW];

    if (size > (size_t)PY_SSIZE_T_MAX - sizeof(KrLarge)) {
        return NULL;
    }
    KrLarge *large = a->malloc(a->ctx, sizeof(KrLarge) + size);
    if (large == NULL) {
        return NULL;
    }
    large->size = size;
    large->room[0] = large->room[1] = 0;
    if (!kr_heap_large_add(&interp->mem.heap, large)) {
        a->free(a->ctx, large);
        return NULL;
    }
    return large + 1;
}

void *
kr_object_alloc_slow(size_t size, bool gc, bool prefix)
{
    PyThreadState *tstate = kr_thread();
    KrHeap *heap = alloc_heap();
    char *op = NULL;

    if (!gc && !prefix) {
        return domain_malloc_slow(PYMEM_DOMAIN_OBJ, size);
    }
    KR_CHECK(tstate != NULL);
    if (alloc_must_fail()) {
        return NULL;
    }
    if (size <= KR_SMALL_MAX - KR_PREFIX_SIZE && heap != NULL &&
        !memory.custom[PYMEM_DOMAIN_OBJ]) {
        uint32_t family = prefix ? KR_FAMILY_PREFIXED : KR_FAMILY_OBJECTS;
        size_t before = prefix ? KR_PREFIX_SIZE : 0;
        char *block =
            kr_heap_take(heap, family * KR_CLASS_COUNT + kr_size_class(size + before));
        if (block != NULL) {
            memset(block, 0, before);
            op = block + before;
        }
    }
    if (op == NULL) {
        op = large_alloc(tstate->interp, size);
        if (op == NULL) {
            return NULL;
        }
    }
    if (memory.trace != NULL &&
        !memory.trace->add(op, size + 16 + (prefix ? KR_PREFIX_SIZE : 0))) {
        kr_object_free_slow(op);
        return NULL;
    }
    if (gc) {
        gc_count_one(tstate);
    }
    return op;
}

void
kr_object_free_slow(void *op)
{
    PyThreadState *tstate = kr_thread();

    if (memory.trace != NULL) {
        memory.trace->remove(op);
    }
    if (tstate != NULL && tstate->interp->gc.young_count > 0) {
        tstate->interp->gc.young_count--;
    }
    if (!kr_space_has(op)) {
        PyMemAllocatorEx *a = &memory.domains[PYMEM_DOMAIN_RAW];
        KrLarge *large = kr_large_of(op);
        kr_heap_large_remove(large);
        a->free(a->ctx, large);
        return;
    }
    KrPage *page = kr_page_of(op);
    *kr_mark_of(op) = 0;
    void *block = (char *)op - page->prefix;
    if (page->owner == alloc_heap()) {
        kr_heap_give(page, block);
    }
    else {
        kr_heap_free_foreign(page, block);
    }
}

// Moves an untracked collected object into memory of another size; its type has
// no prefix. NULL leaves the old one as it was.
static void *
object_resize(void *op, size_t old_size, size_t size)
{
    uint8_t marks = *kr_marks(op);

    if (!kr_space_has(op) && size > KR_SMALL_MAX) {
        PyMemAllocatorEx *a = &memory.domains[PYMEM_DOMAIN_RAW];
        uintptr_t before = (uintptr_t)op;
        if (alloc_must_fail() || size > (size_t)PY_SSIZE_T_MAX - sizeof(KrLarge)) {
            return NULL;
        }
        KrLarge *large = a->realloc(a->ctx, kr_large_of(op), sizeof(KrLarge) + size);
        if (large == NULL) {
            return NULL;
        }
        large->size = size;
        kr_heap_large_moved(large);
        if (memory.trace != NULL) {
            memory.trace->resize((void *)before, large + 1, size + 16);
        }
        return large + 1;
    }
    if (kr_space_has(op)) {
        size_t room = kr_page_of(op)->block_size;
        if (size <= room && size + 16 > room) {
            return op;
        }
    }
    void *moved = kr_object_alloc(size, true, false);
    if (moved == NULL) {
        return NULL;
    }
    memcpy(moved, op, old_size < size ? old_size : size);
    *kr_marks(moved) = marks & KR_MARK_FINALIZED;
    kr_object_free(op);
    return moved;
}

// --------------------------------------------------------------- whole objects

PyObject *
PyObject_Init(PyObject *op, PyTypeObject *type)
{
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    kr_object_start(op, type);
    return op;
}

PyVarObject *
PyObject_InitVar(PyVarObject *op, PyTypeObject *type, Py_ssize_t size)
{
    if (op == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    op->ob_size = size;
    kr_object_start(op, type);
    return op;
}

PyObject *
_PyObject_New(PyTypeObject *type)
{
    PyObject *op = kr_object_alloc(_PyObject_SIZE(type), false, false);
    return PyObject_Init(op, type);
}

PyVarObject *
_PyObject_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    void *op = kr_object_alloc(_PyObject_VAR_SIZE(type, nitems), false, false);
    return PyObject_InitVar(op, type, nitems);
}

// Makes attributes of an object whose memory behind `from` bytes is not zeroed.
static void
instance_values_start(PyTypeObject *type, PyObject *op, size_t from)
{
    if (type->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
        memset((char *)op + from, 0, kr_instance_extra_size(type));
        kr_instance_start(type, op);
    }
}

PyObject *
_PyObject_GC_New(PyTypeObject *type)
{
    size_t size = _PyObject_SIZE(type);
    PyObject *op = kr_object_alloc(size + kr_instance_extra_size(type), true,
                                   kr_type_prefix_size(type) != 0);
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    instance_values_start(type, op, size);
    kr_object_start(op, type);
    return op;
}

PyVarObject *
_PyObject_GC_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    if (nitems < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (type->tp_itemsize > 0 && nitems > (PY_SSIZE_T_MAX - 4096) / type->tp_itemsize) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    PyVarObject *op = kr_object_alloc(_PyObject_VAR_SIZE(type, nitems), true,
                                      kr_type_prefix_size(type) != 0);
    return PyObject_InitVar(op, type, nitems);
}

PyObject *
PyUnstable_Object_GC_NewWithExtraData(PyTypeObject *type, size_t extra_size)
{
    size_t size = _PyObject_SIZE(type) + kr_instance_extra_size(type);
    PyObject *op;

    if (extra_size > (size_t)PY_SSIZE_T_MAX - size ||
        (op = kr_object_alloc(size + extra_size, true,
                              kr_type_prefix_size(type) != 0)) == NULL) {
        return PyErr_NoMemory();
    }
    memset(op, 0, size + extra_size);
    kr_instance_start(type, op);
    kr_object_start(op, type);
    return op;
}

PyVarObject *
_PyObject_GC_Resize(PyVarObject *op, Py_ssize_t nitems)
{
    PyTypeObject *type = Py_TYPE(op);
    size_t old_size = _PyObject_VAR_SIZE(type, Py_SIZE(op));

    KR_ASSERT(!kr_gc_is_tracked(op));
    if (kr_type_prefix_size(type) != 0) {
        PyErr_SetString(PyExc_SystemError,
                        "cannot resize an object with a managed dict or weak references");
        return NULL;
    }
    if (type->tp_itemsize > 0 && nitems > (PY_SSIZE_T_MAX - 4096) / type->tp_itemsize) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    PyVarObject *moved = object_resize(op, old_size, _PyObject_VAR_SIZE(type, nitems));
    if (moved == NULL) {
        return (PyVarObject *)PyErr_NoMemory();
    }
    moved->ob_size = nitems;
    return moved;
}

PyObject *
kr_type_alloc_untracked(PyTypeObject *type, Py_ssize_t nitems)
{
    bool gc = (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0;
    size_t size = (size_t)type->tp_basicsize;

    if (type->tp_itemsize != 0) {
        // One item more than asked for: a zero behind the last one.
        if (nitems < 0 || nitems >= (PY_SSIZE_T_MAX - 4096) / type->tp_itemsize) {
            return PyErr_NoMemory();
        }
        size += (size_t)(nitems + 1) * (size_t)type->tp_itemsize;
    }
    size = _Py_SIZE_ROUND_UP(size, SIZEOF_VOID_P);
    // Inline values stand at tp_basicsize, so such types have no items.
    size += kr_instance_extra_size(type);

    PyObject *op = kr_object_alloc(size, gc, kr_type_prefix_size(type) != 0);
    if (op == NULL) {
        return PyErr_NoMemory();
    }
    memset(op, 0, size);
    kr_instance_start(type, op);
    if (type->tp_itemsize != 0) {
        ((PyVarObject *)op)->ob_size = nitems;
    }
    kr_object_start(op, type);
    return op;
}

PyObject *
PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t nitems)
{
    PyObject *op = kr_type_alloc_untracked(type, nitems);

    if (op != NULL && (type->tp_flags & Py_TPFLAGS_HAVE_GC)) {
        kr_gc_track(op);
    }
    return op;
}

// ------------------------------------------------------------------------ marks

int
PyObject_IS_GC(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    return (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0 &&
           (type->tp_is_gc == NULL || type->tp_is_gc(op));
}

void
PyObject_GC_Track(void *op)
{
    KR_ASSERT(!kr_gc_is_tracked(op));
    kr_gc_track(op);
}

void
PyObject_GC_UnTrack(void *op)
{
    // Allowed for objects that are not tracked, static ones among them.
    if (KR_LIKELY(kr_space_has(op)) || kr_gc_has_marks(op)) {
        kr_gc_untrack(op);
    }
}

void
PyObject_GC_Del(void *op)
{
    kr_object_free(op);
}

int
PyObject_GC_IsTracked(PyObject *op)
{
    if (kr_space_has(op) ? kr_page_of(op)->slot < KR_CLASS_COUNT
                         : !kr_gc_has_marks(op)) {
        return 0;
    }
    return kr_gc_is_tracked(op);
}

int
PyObject_GC_IsFinalized(PyObject *op)
{
    if (kr_space_has(op) ? kr_page_of(op)->slot < KR_CLASS_COUNT
                         : !kr_gc_has_marks(op)) {
        return 0;
    }
    return (*kr_marks(op) & KR_MARK_FINALIZED) != 0;
}

// ------------------------------------------------------------------- statistics

Py_ssize_t
_Py_GetGlobalAllocatedBlocks(void)
{
    return (Py_ssize_t)kr_heap_count_blocks(NULL);
}

int
_PyObject_DebugMallocStats(FILE *out)
{
    static const char *const families[] = {"plain", "objects", "prefixed"};
    KrHeap *heap = alloc_heap();
    size_t peak, used = kr_space_used(&peak), bytes = 0, idle = 0;

    if (heap == NULL) {
        return 0;
    }
    fprintf(out, "Small blocks up to %d bytes come from pages of %zu bytes.\n\n",
            KR_SMALL_MAX, KR_PAGE_SIZE);
    fputs("family    size   num pools   blocks in use  avail blocks\n"
          "------    ----   ---------   -------------  ------------\n",
          out);
    for (uint32_t slot = 0; slot < KR_SLOT_COUNT; slot++) {
        KrSlotStats s;
        if (slot % KR_CLASS_COUNT == 0) {
            continue;
        }
        kr_heap_slot_stats(heap, slot, &s);
        if (s.pages != 0) {
            fprintf(out, "%-8s %5u %11zu %15zu %13zu\n",
                    families[slot / KR_CLASS_COUNT], s.block_size, s.pages, s.used,
                    s.free);
        }
        bytes += s.used * s.block_size;
        idle += s.free * s.block_size;
    }
    fprintf(out, "\n# pages in use          = %20zu\n", used);
    fprintf(out, "# pages highwater mark  = %20zu\n", peak);
    fprintf(out, "# bytes in used blocks  = %20zu\n", bytes);
    fprintf(out, "# bytes in free blocks  = %20zu\n", idle);
    fprintf(out, "# large tracked objects = %20u\n", heap->n_large);
    return 1;
}
