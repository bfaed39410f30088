// SPDX-License-Identifier: MIT
// gc.c - the cycle collector.
//
// What is collected: tracked objects of the generations asked for, the candidates.
// Every candidate starts with its reference count; a traversal of all of them
// takes one off for each reference that comes from a candidate. What remains above
// zero is held from outside (C memory, frames, older objects): those objects and
// all that they reach stay. The rest is trash; it is finalised, looked at once
// more in case a finalizer brought something back, and then broken up by tp_clear.
//
// Invariants:  counts are kept in page->refs (one word a block) or in the record of
//              a large object, so objects themselves are never written. page->refs
//              exists on the pages of the running collection only.
//              The mark CANDIDATE survives until the end on trash: an object that is
//              freed loses all marks, so it tells which trash is still alive.
// Re-entrancy: finalizers, callbacks and tp_clear run Python. Nothing is kept over
//              them but the array of trash; its large objects are held by references
//              (their marks die with them).
// Read next:   mem/heap.h, docs/memory.md
#include "objects/gc.h"

#include "objects/ids.h"
#include "objects/weakref.h"

#include <limits.h>
#include <time.h>

#define AGE_OF(mark) (((mark) & KR_MARK_AGE) >> KR_MARK_AGE_SHIFT)
#define AGE_FROZEN 3
#define AGE_OLD 2
#define MARK_IN_TRASH (KR_MARK_CANDIDATE | KR_MARK_TRACKED)

// A growing array of borrowed pointers.
typedef struct {
    void **items;
    size_t count;
    size_t room;
} PointerArray;

typedef struct {
    PyThreadState *tstate;
    PyInterpreterState *interp;
    KrHeap *heap;
    int generation;
    PointerArray pages;  // KrPage: those with refs
    PointerArray work;   // PyObject: reached, not yet traversed
    PointerArray trash;  // PyObject
    PointerArray calls;  // PyWeakReference, owned: callbacks to call
    bool failed;         // no memory
    bool ran_code;       // a finalizer or callback has run
} GcRun;

static bool
array_push(PointerArray *array, void *item)
{
    if (KR_UNLIKELY(array->count == array->room)) {
        size_t room = array->room == 0 ? 256 : array->room * 2;
        void **items = realloc(array->items, room * sizeof(void *));
        if (items == NULL) {
            return false;
        }
        array->items = items;
        array->room = room;
    }
    array->items[array->count++] = item;
    return true;
}

static void
array_free(PointerArray *array)
{
    free(array->items);
    *array = (PointerArray){0};
}

// The word that counts references to a candidate.
static inline uint32_t *
refs_of(PyObject *op)
{
    if (KR_LIKELY(kr_space_has(op))) {
        KrPage *page = kr_page_of(op);
        return &page->refs[kr_page_block_at(page, op)];
    }
    return &kr_large_of(op)->refs;
}

// The marks of any object at all, NULL for those without.
static inline uint8_t *
marks_or_null(PyObject *op)
{
    if (KR_LIKELY(kr_space_has(op))) {
        return kr_mark_of(op);
    }
    return kr_gc_has_marks(op) ? &kr_large_of(op)->marks : NULL;
}

static void
traverse(PyObject *op, visitproc visit, void *arg)
{
    traverseproc function = Py_TYPE(op)->tp_traverse;
    if (function != NULL) {
        (void)function(op, visit, arg);
    }
}

// ------------------------------------------------------------ counting references

static bool
page_add_refs(GcRun *run, KrPage *page)
{
    if (page->refs != NULL) {
        return true;
    }
    if (!array_push(&run->pages, page)) {
        return false;
    }
    page->refs = malloc(page->capacity * sizeof(uint32_t));
    return page->refs != NULL;
}

static void
run_drop_refs(GcRun *run)
{
    for (size_t i = 0; i < run->pages.count; i++) {
        KrPage *page = run->pages.items[i];
        free(page->refs);
        page->refs = NULL;
    }
    run->pages.count = 0;
}

// Makes the objects of one page candidates. Returns how many.
static size_t
page_gather(KrPage *page, int generation)
{
    uint32_t count = page->capacity - page->fresh;
    size_t step = page->block_size >> KR_GRANULE_SHIFT;
    char *object = kr_page_object(page, 0);
    uint8_t *mark = kr_mark_of(object);
    size_t found = 0;

    for (uint32_t i = 0; i < count; i++, mark += step, object += page->block_size) {
        uint8_t m = *mark;
        if ((m & KR_MARK_TRACKED) && AGE_OF(m) <= generation) {
            *mark = m | KR_MARK_CANDIDATE;
            page->refs[i] = (uint32_t)Py_REFCNT((PyObject *)(void *)object);
            found++;
        }
    }
    return found;
}

// Makes the candidates. Returns how many; run->failed without memory.
static size_t
run_gather(GcRun *run)
{
    KrHeap *heap = run->heap;
    struct {
        KrPage **pages;
        uint32_t count;
    } lists[2] = {{NULL, 0}};
    size_t found = 0;

    if (run->generation == AGE_OLD) {
        lists[0].pages = heap->gc_pages;
        lists[0].count = heap->n_gc_pages;
    }
    else {
        lists[0].pages = heap->young;
        lists[0].count = heap->n_young;
        if (run->generation == 1) {
            lists[1].pages = heap->middle;
            lists[1].count = heap->n_middle;
        }
    }
    for (int l = 0; l < 2; l++) {
        for (uint32_t i = 0; i < lists[l].count; i++) {
            if (!page_add_refs(run, lists[l].pages[i])) {
                run->failed = true;
                return 0;
            }
        }
    }
    for (size_t i = 0; i < run->pages.count; i++) {
        found += page_gather(run->pages.items[i], run->generation);
    }
    for (uint32_t i = 0; i < heap->n_large; i++) {
        KrLarge *large = heap->large[i];
        if ((large->marks & KR_MARK_TRACKED) &&
            AGE_OF(large->marks) <= run->generation) {
            large->marks |= KR_MARK_CANDIDATE;
            large->refs = (uint32_t)Py_REFCNT((PyObject *)(void *)(large + 1));
            found++;
        }
    }
    return found;
}

static int
visit_subtract(PyObject *op, void *arg)
{
    if (KR_LIKELY(kr_space_has(op))) {
        if ((*kr_mark_of(op) & MARK_IN_TRASH) == MARK_IN_TRASH) {
            KrPage *page = kr_page_of(op);
            page->refs[kr_page_block_at(page, op)]--;
        }
        return 0;
    }
    if (kr_gc_has_marks(op)) {
        KrLarge *large = kr_large_of(op);
        if ((large->marks & MARK_IN_TRASH) == MARK_IN_TRASH) {
            large->refs--;
        }
    }
    return 0;
}

// A candidate that turns out to be in use.
static int
visit_reach(PyObject *op, void *arg)
{
    GcRun *run = arg;
    uint8_t *mark = marks_or_null(op);

    if (mark != NULL && (*mark & (MARK_IN_TRASH | KR_MARK_REACHED)) == MARK_IN_TRASH) {
        *mark |= KR_MARK_REACHED;
        if (!array_push(&run->work, op)) {
            run->failed = true;
        }
    }
    return 0;
}

static void
run_drain_work(GcRun *run)
{
    while (run->work.count > 0 && !run->failed) {
        traverse(run->work.items[--run->work.count], visit_reach, run);
    }
}

// Calls function(run, object) for every object on the run's pages, and large one,
// that has all of `marks`.
static void
run_each(GcRun *run, uint8_t marks, void (*function)(GcRun *, PyObject *))
{
    for (size_t p = 0; p < run->pages.count; p++) {
        KrPage *page = run->pages.items[p];
        uint32_t count = page->capacity - page->fresh;
        size_t step = page->block_size >> KR_GRANULE_SHIFT;
        char *object = kr_page_object(page, 0);
        uint8_t *mark = kr_mark_of(object);
        for (uint32_t i = 0; i < count; i++, mark += step, object += page->block_size) {
            if ((*mark & marks) == marks) {
                function(run, (PyObject *)(void *)object);
            }
        }
    }
    for (uint32_t i = 0; i < run->heap->n_large; i++) {
        KrLarge *large = run->heap->large[i];
        if ((large->marks & marks) == marks) {
            function(run, (PyObject *)(void *)(large + 1));
        }
    }
}

static void
candidate_subtract(GcRun *run, PyObject *op)
{
    traverse(op, visit_subtract, run);
}

static void
candidate_reach(GcRun *run, PyObject *op)
{
    if (*refs_of(op) != 0) {
        visit_reach(op, run);
        run_drain_work(run);
    }
}

static void
candidate_forget(GcRun *run, PyObject *op)
{
    *kr_marks(op) &= (uint8_t)~(KR_MARK_CANDIDATE | KR_MARK_REACHED);
}

// A tuple that holds nothing collected need not be looked at again.
static void
tuple_untrack_if_plain(PyObject *op)
{
    for (Py_ssize_t i = Py_SIZE(op) - 1; i >= 0; i--) {
        PyObject *item = PyTuple_GET_ITEM(op, i);
        if (item == NULL || kr_gc_may_be_tracked(item)) {
            return;
        }
    }
    kr_gc_untrack(op);
}

// Divides the candidates: survivors grow older, the others become trash. Returns
// the number of survivors.
static size_t
run_divide(GcRun *run)
{
    int age = run->generation < AGE_OLD ? run->generation + 1 : AGE_OLD;
    uint8_t age_bits = (uint8_t)(age << KR_MARK_AGE_SHIFT);
    size_t survivors = 0;

    for (size_t p = 0; p < run->pages.count + 1; p++) {
        bool last = p == run->pages.count;
        KrPage *page = last ? NULL : run->pages.items[p];
        uint32_t count = last ? run->heap->n_large : page->capacity - page->fresh;
        bool kept = false;
        for (uint32_t i = 0; i < count; i++) {
            void *op = last ? (void *)(run->heap->large[i] + 1)
                            : kr_page_object(page, i);
            uint8_t *mark = kr_marks(op);
            if (!(*mark & KR_MARK_CANDIDATE)) {
                continue;
            }
            *mark = (uint8_t)((*mark & ~KR_MARK_AGE) | age_bits);
            kept = true;
            if (*mark & KR_MARK_REACHED) {
                *mark &= (uint8_t)~(KR_MARK_CANDIDATE | KR_MARK_REACHED);
                survivors++;
                if (PyTuple_CheckExact(op)) {
                    tuple_untrack_if_plain(op);
                }
            }
            else if (!array_push(&run->trash, op)) {
                // What is not in the array stays for the next time.
                *mark &= (uint8_t)~KR_MARK_CANDIDATE;
            }
        }
        if (kept && !last && age == 1) {
            kr_heap_middle_add(page);
        }
    }
    return survivors;
}

// Finds the trash. Returns the number of survivors.
static size_t
run_find_trash(GcRun *run)
{
    size_t survivors = 0;
    size_t found = run_gather(run);

    if (!run->failed && found > 0) {
        run_each(run, KR_MARK_CANDIDATE, candidate_subtract);
        run_each(run, KR_MARK_CANDIDATE, candidate_reach);
    }
    if (run->failed) {
        run_each(run, KR_MARK_CANDIDATE, candidate_forget);
        run_drop_refs(run);
        return 0;
    }
    // The lists tell where to look next time; pages are entered anew from here on.
    kr_heap_young_forget(run->heap);
    if (run->generation >= 1) {
        kr_heap_middle_forget(run->heap);
    }
    survivors = run_divide(run);
    run_drop_refs(run);
    return survivors;
}

// --------------------------------------------------------------- work with trash

// The object at trash[i] if it is still alive and trash, else NULL.
static PyObject *
trash_at(GcRun *run, size_t i)
{
    PyObject *op = run->trash.items[i];

    if (op == NULL || (*kr_marks(op) & MARK_IN_TRASH) != MARK_IN_TRASH) {
        return NULL;
    }
    return op;
}

// Large objects lose their marks with their memory: they are held.
static void
trash_hold_large(GcRun *run)
{
    for (size_t i = 0; i < run->trash.count; i++) {
        if (!kr_space_has(run->trash.items[i])) {
            Py_INCREF((PyObject *)run->trash.items[i]);
        }
    }
}

// Takes the trash out of the set that `keep` says is in use.
static void
trash_remove_reached(GcRun *run)
{
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op != NULL && (*kr_marks(op) & KR_MARK_REACHED)) {
            candidate_forget(run, op);
            if (!kr_space_has(op)) {
                run->trash.items[i] = NULL;
                Py_DECREF(op);
            }
        }
    }
}

static void
garbage_append(GcRun *run, PyObject *op)
{
    KrGcState *gc = &run->interp->gc;

    if (gc->garbage == NULL) {
        gc->garbage = PyList_New(0);
    }
    if (gc->garbage == NULL || PyList_Append(gc->garbage, op) < 0) {
        PyErr_FormatUnraisable("Exception ignored on handling uncollectable objects");
    }
}

static void
debug_tell(const char *what, PyObject *op)
{
    PySys_FormatStderr("gc: %s <%s %p>\n", what, Py_TYPE(op)->tp_name, op);
}

// Objects with the old tp_del cannot be freed, nor what they need for it. Returns
// the number of objects that stay for that reason.
static Py_ssize_t
trash_keep_legacy(GcRun *run)
{
    KrGcState *gc = &run->interp->gc;
    PointerArray legacy = {0};
    Py_ssize_t count = 0;

    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op != NULL && Py_TYPE(op)->tp_del != NULL) {
            if (!array_push(&legacy, op)) {
                break;
            }
            visit_reach(op, run);
        }
    }
    if (legacy.count == 0) {
        return 0;
    }
    run_drain_work(run);
    run->failed = false;
    run->work.count = 0;
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op != NULL && (*kr_marks(op) & KR_MARK_REACHED)) {
            count++;
            if (gc->debug & KR_GC_DEBUG_UNCOLLECTABLE) {
                debug_tell("uncollectable", op);
            }
            if ((gc->debug & KR_GC_DEBUG_SAVEALL) && Py_TYPE(op)->tp_del == NULL) {
                garbage_append(run, op);
            }
        }
    }
    trash_remove_reached(run);
    for (size_t i = 0; i < legacy.count; i++) {
        garbage_append(run, legacy.items[i]);
    }
    array_free(&legacy);
    return count;
}

// Clears the weak references to op. Those with a callback that is not trash itself
// are put down for trash_call_callbacks.
static void
trash_clear_weakrefs_of(GcRun *run, PyObject *op)
{
    PyWeakReference *ref = *kr_weakref_list(op), *next;

    for (; ref != NULL; ref = next) {
        next = ref->wr_next;
        // A type is found through weak references until its finalizers are done.
        if (ref->wr_callback == NULL && PyType_Check(op)) {
            continue;
        }
        kr_weakref_unlink(ref);
        if (ref->wr_callback == NULL ||
            (*kr_marks(ref) & KR_MARK_CANDIDATE)) {
            continue;
        }
        if (array_push(&run->calls, ref)) {
            Py_INCREF(ref);
        }
    }
}

static void
trash_clear_weakrefs(GcRun *run)
{
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op == NULL) {
            continue;
        }
        if (PyWeakref_Check(op)) {
            // Its callback must never run: it could see objects half cleared.
            kr_weakref_unlink((PyWeakReference *)op);
        }
        if (PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) {
            trash_clear_weakrefs_of(run, op);
        }
    }
}

static void
trash_call_callbacks(GcRun *run)
{
    for (size_t i = 0; i < run->calls.count; i++) {
        PyWeakReference *ref = run->calls.items[i];
        PyObject *callback = ref->wr_callback;
        ref->wr_callback = NULL;
        if (callback != NULL) {
            run->ran_code = true;
            kr_weakref_call(ref, callback);
            Py_DECREF(callback);
        }
        Py_DECREF(ref);
    }
    run->calls.count = 0;
}

static void
trash_finalize(GcRun *run)
{
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op == NULL || Py_TYPE(op)->tp_finalize == NULL ||
            (*kr_marks(op) & KR_MARK_FINALIZED)) {
            continue;
        }
        *kr_marks(op) |= KR_MARK_FINALIZED;
        run->ran_code = true;
        Py_INCREF(op);
        Py_TYPE(op)->tp_finalize(op);
        KR_ASSERT(!PyErr_Occurred());
        Py_DECREF(op);
    }
}

// Counts references among the trash anew and lets go what is used from outside.
static void
trash_let_resurrected_go(GcRun *run)
{
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op == NULL) {
            continue;
        }
        if (kr_space_has(op) && !page_add_refs(run, kr_page_of(op))) {
            run->failed = true;
            break;
        }
        uint32_t held = kr_space_has(op) ? 0 : 1;
        *refs_of(op) = (uint32_t)Py_REFCNT(op) - held;
    }
    for (size_t i = 0; i < run->trash.count && !run->failed; i++) {
        PyObject *op = trash_at(run, i);
        if (op != NULL) {
            candidate_subtract(run, op);
        }
    }
    for (size_t i = 0; i < run->trash.count && !run->failed; i++) {
        PyObject *op = trash_at(run, i);
        if (op != NULL) {
            candidate_reach(run, op);
        }
    }
    run_drop_refs(run);
    if (run->failed) {
        // Without memory to find out, everything is taken for resurrected.
        for (size_t i = 0; i < run->trash.count; i++) {
            PyObject *op = trash_at(run, i);
            if (op != NULL) {
                *kr_marks(op) |= KR_MARK_REACHED;
            }
        }
        run->work.count = 0;
    }
    trash_remove_reached(run);
}

// Weak references that finalizers made, and those to types.
static void
trash_clear_last_weakrefs(GcRun *run)
{
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op == NULL) {
            continue;
        }
        if (PyWeakref_Check(op)) {
            kr_weakref_unlink((PyWeakReference *)op);
        }
        if (PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) {
            while (*kr_weakref_list(op) != NULL) {
                kr_weakref_unlink(*kr_weakref_list(op));
            }
        }
    }
}

static Py_ssize_t
trash_count(GcRun *run)
{
    Py_ssize_t count = 0;
    for (size_t i = 0; i < run->trash.count; i++) {
        count += trash_at(run, i) != NULL;
    }
    return count;
}

static void
trash_break_up(GcRun *run)
{
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = trash_at(run, i);
        if (op == NULL) {
            continue;
        }
        if (run->interp->gc.debug & KR_GC_DEBUG_SAVEALL) {
            garbage_append(run, op);
        }
        else if (Py_TYPE(op)->tp_clear != NULL) {
            Py_INCREF(op);
            (void)Py_TYPE(op)->tp_clear(op);
            if (PyErr_Occurred()) {
                PyErr_FormatUnraisable("Exception ignored in tp_clear of %s",
                                       Py_TYPE(op)->tp_name);
            }
            Py_DECREF(op);
        }
    }
    // What did not go away is an ordinary object again.
    for (size_t i = 0; i < run->trash.count; i++) {
        PyObject *op = run->trash.items[i];
        if (op == NULL) {
            continue;
        }
        *kr_marks(op) &= (uint8_t)~KR_MARK_CANDIDATE;
        if (!kr_space_has(op)) {
            Py_DECREF(op);
        }
    }
}

// -------------------------------------------------------------- one collection

static void
gc_call_callbacks(PyThreadState *tstate, const char *phase, int generation,
                  Py_ssize_t collected, Py_ssize_t uncollectable)
{
    KrGcState *gc = &tstate->interp->gc;
    PyObject *info = NULL, *name = NULL;

    if (gc->callbacks == NULL || !PyList_CheckExact(gc->callbacks) ||
        PyList_GET_SIZE(gc->callbacks) == 0) {
        return;
    }
    info = Py_BuildValue("{sisnsn}", "generation", generation, "collected", collected,
                         "uncollectable", uncollectable);
    name = PyUnicode_FromString(phase);
    if (info == NULL || name == NULL) {
        PyErr_FormatUnraisable("Exception ignored on invoking gc callbacks");
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(gc->callbacks); i++) {
        PyObject *callback = Py_NewRef(PyList_GET_ITEM(gc->callbacks, i));
        PyObject *args[] = {name, info};
        PyObject *result = PyObject_Vectorcall(callback, args, 2, NULL);
        if (result == NULL) {
            PyErr_WriteUnraisable(callback);
        }
        Py_XDECREF(result);
        Py_DECREF(callback);
    }

done:
    Py_XDECREF(info);
    Py_XDECREF(name);
}

static int
count_object(PyObject *op, void *arg)
{
    (*(Py_ssize_t *)arg)++;
    return 0;
}

static double
gc_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
gc_tell_start(PyInterpreterState *interp, int generation)
{
    Py_ssize_t counts[4] = {0};

    for (int age = 0; age < 4; age++) {
        kr_gc_each(interp, age, age, count_object, &counts[age]);
    }
    PySys_WriteStderr("gc: collecting generation %d...\n", generation);
    PySys_WriteStderr("gc: objects in each generation: %zd %zd %zd\n", counts[0],
                      counts[1], counts[2]);
    PySys_WriteStderr("gc: objects in permanent generation: %zd\n", counts[3]);
}

static void
gc_update_limit(KrGcState *gc)
{
    gc->young_limit = gc->enabled && !gc->collecting && gc->generations[0].threshold > 0
                          ? gc->generations[0].threshold
                          : INT_MAX;
}

static void
gc_count_run(KrGcState *gc, int generation, size_t survivors)
{
    if (generation == AGE_OLD) {
        gc->long_lived = (Py_ssize_t)survivors;
        gc->long_lived_pending = 0;
    }
    else if (generation == 1) {
        gc->long_lived_pending += (Py_ssize_t)survivors;
    }
}

// Collects; returns the numbers of objects freed and not freeable.
static void
gc_run(PyThreadState *tstate, int generation, Py_ssize_t *collected_out,
       Py_ssize_t *uncollectable_out)
{
    KrGcState *gc = &tstate->interp->gc;
    GcRun run = {
        .tstate = tstate,
        .interp = tstate->interp,
        .heap = &tstate->interp->mem.heap,
        .generation = generation,
    };
    double start = 0;

    *collected_out = *uncollectable_out = 0;
    if (gc->debug & KR_GC_DEBUG_STATS) {
        gc_tell_start(tstate->interp, generation);
        start = gc_clock();
    }
    if (generation + 1 < KR_GC_GENERATIONS) {
        gc->generations[generation + 1].count++;
    }
    gc->young_count = 0;
    for (int i = 1; i <= generation; i++) {
        gc->generations[i].count = 0;
    }
    gc_count_run(gc, generation, run_find_trash(&run));
    if (run.trash.count > 0) {
        run.failed = false;
        trash_hold_large(&run);
        *uncollectable_out = trash_keep_legacy(&run);
        if (gc->debug & KR_GC_DEBUG_COLLECTABLE) {
            for (size_t i = 0; i < run.trash.count; i++) {
                PyObject *op = trash_at(&run, i);
                if (op != NULL) {
                    debug_tell("collectable", op);
                }
            }
        }
        trash_clear_weakrefs(&run);
        trash_call_callbacks(&run);
        trash_finalize(&run);
        if (run.ran_code) {
            trash_let_resurrected_go(&run);
        }
        trash_clear_last_weakrefs(&run);
        *collected_out = trash_count(&run);
        trash_break_up(&run);
    }
    if (gc->debug & KR_GC_DEBUG_STATS) {
        PySys_WriteStderr("gc: done, %zd unreachable, %zd uncollectable, %.4fs elapsed\n",
                          *collected_out + *uncollectable_out, *uncollectable_out,
                          gc_clock() - start);
    }
    array_free(&run.pages);
    array_free(&run.work);
    array_free(&run.trash);
    array_free(&run.calls);
}

Py_ssize_t
kr_gc_collect(PyThreadState *tstate, int generation, bool quiet)
{
    KrGcState *gc = &tstate->interp->gc;
    Py_ssize_t collected, uncollectable;

    KR_ASSERT(generation >= 0 && generation < KR_GC_GENERATIONS);
    if (gc->collecting) {
        return 0;
    }
    gc->collecting = true;
    gc_update_limit(gc);
    PyObject *exc = PyErr_GetRaisedException();
    if (!quiet) {
        gc_call_callbacks(tstate, "start", generation, 0, 0);
    }
    gc_run(tstate, generation, &collected, &uncollectable);
    KrGcGeneration *stats = &gc->generations[generation];
    stats->collections++;
    stats->collected += collected;
    stats->uncollectable += uncollectable;
    if (!quiet) {
        gc_call_callbacks(tstate, "stop", generation, collected, uncollectable);
    }
    PyErr_SetRaisedException(exc);
    gc->collecting = false;
    gc_update_limit(gc);
    return collected + uncollectable;
}

void
kr_gc_poll(PyThreadState *tstate)
{
    KrGcState *gc = &tstate->interp->gc;

    kr_poll_withdraw(tstate, KR_POLL_GC);
    if (!gc->enabled || gc->collecting || gc->generations[0].threshold == 0 ||
        gc->young_count <= gc->generations[0].threshold) {
        return;
    }
    int generation = 0;
    if (gc->generations[1].count > gc->generations[1].threshold) {
        generation = 1;
        // A full run costs time in proportion to all objects: wait until a quarter
        // of them is new, and the whole stays linear.
        if (gc->generations[2].count > gc->generations[2].threshold &&
            gc->long_lived_pending >= gc->long_lived / 4) {
            generation = 2;
        }
    }
    else if (gc->generations[2].count > gc->generations[2].threshold &&
             gc->long_lived_pending >= gc->long_lived / 4) {
        generation = 2;
    }
    kr_gc_collect(tstate, generation, false);
}

// ---------------------------------------------------------------------- settings

int
kr_init_gc(PyInterpreterState *interp)
{
    static const int thresholds[KR_GC_GENERATIONS] = {2000, 10, 10};
    KrGcState *gc = &interp->gc;

    kr_mem_start(interp);
    for (int i = 0; i < KR_GC_GENERATIONS; i++) {
        gc->generations[i].threshold = thresholds[i];
    }
    gc->enabled = true;
    gc_update_limit(gc);
    return 0;
}

int
kr_gc_make_lists(PyInterpreterState *interp)
{
    KrGcState *gc = &interp->gc;

    if (gc->garbage == NULL) {
        gc->garbage = PyList_New(0);
    }
    if (gc->callbacks == NULL) {
        gc->callbacks = PyList_New(0);
    }
    return gc->garbage != NULL && gc->callbacks != NULL ? 0 : -1;
}

void
kr_gc_free_lists(PyInterpreterState *interp)
{
    Py_CLEAR(interp->gc.garbage);
    Py_CLEAR(interp->gc.callbacks);
}

void
kr_gc_set_enabled(PyInterpreterState *interp, bool enabled)
{
    interp->gc.enabled = enabled;
    gc_update_limit(&interp->gc);
}

void
kr_gc_set_threshold(PyInterpreterState *interp, int generation, int threshold)
{
    interp->gc.generations[generation].threshold = threshold;
    gc_update_limit(&interp->gc);
}

int
kr_gc_each(PyInterpreterState *interp, int from, int to, visitproc visit, void *arg)
{
    KrHeap *heap = &interp->mem.heap;
    int result = 0;

    // Indices, not pointers: visit may make objects.
    for (uint32_t p = 0; p < heap->n_gc_pages; p++) {
        for (uint32_t i = 0; p < heap->n_gc_pages; i++) {
            KrPage *page = heap->gc_pages[p];
            if (i >= page->capacity - page->fresh) {
                break;
            }
            PyObject *op = kr_page_object(page, i);
            uint8_t mark = *kr_mark_of(op);
            if ((mark & KR_MARK_TRACKED) && (int)AGE_OF(mark) >= from &&
                (int)AGE_OF(mark) <= to && (result = visit(op, arg)) != 0) {
                return result;
            }
        }
    }
    for (uint32_t i = 0; i < heap->n_large; i++) {
        KrLarge *large = heap->large[i];
        if ((large->marks & KR_MARK_TRACKED) && (int)AGE_OF(large->marks) >= from &&
            (int)AGE_OF(large->marks) <= to &&
            (result = visit((PyObject *)(void *)(large + 1), arg)) != 0) {
            return result;
        }
    }
    return 0;
}

// arg: the new age.
static int
visit_set_age(PyObject *op, void *arg)
{
    uint8_t *mark = kr_marks(op);
    *mark = (uint8_t)((*mark & ~KR_MARK_AGE) | *(uint8_t *)arg << KR_MARK_AGE_SHIFT);
    return 0;
}

void
kr_gc_freeze(PyInterpreterState *interp)
{
    uint8_t age = AGE_FROZEN;

    kr_gc_each(interp, 0, AGE_OLD, visit_set_age, &age);
    interp->gc.young_count = 0;
    interp->gc.generations[1].count = interp->gc.generations[2].count = 0;
}

void
kr_gc_unfreeze(PyInterpreterState *interp)
{
    uint8_t age = AGE_OLD;

    kr_gc_each(interp, AGE_FROZEN, AGE_FROZEN, visit_set_age, &age);
}

Py_ssize_t
PyGC_Collect(void)
{
    PyThreadState *tstate = kr_thread();

    if (!tstate->interp->gc.enabled) {
        return 0;
    }
    return kr_gc_collect(tstate, AGE_OLD, false);
}

int
PyGC_Enable(void)
{
    PyInterpreterState *interp = kr_interp();
    int before = interp->gc.enabled;

    kr_gc_set_enabled(interp, true);
    return before;
}

int
PyGC_Disable(void)
{
    PyInterpreterState *interp = kr_interp();
    int before = interp->gc.enabled;

    kr_gc_set_enabled(interp, false);
    return before;
}

int
PyGC_IsEnabled(void)
{
    return kr_interp()->gc.enabled;
}

typedef struct {
    gcvisitobjects_t callback;
    void *arg;
} VisitCall;

static int
visit_call(PyObject *op, void *arg)
{
    VisitCall *call = arg;

    Py_INCREF(op);
    int more = call->callback(op, call->arg);
    Py_DECREF(op);
    return !more;
}

void
PyUnstable_GC_VisitObjects(gcvisitobjects_t callback, void *arg)
{
    PyInterpreterState *interp = kr_interp();
    VisitCall call = {callback, arg};
    bool enabled = interp->gc.enabled;

    kr_gc_set_enabled(interp, false);
    kr_gc_each(interp, 0, AGE_FROZEN, visit_call, &call);
    kr_gc_set_enabled(interp, enabled);
}

// -------------------------------------------------------------------- finalizers

void
PyObject_CallFinalizer(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    if (type->tp_finalize == NULL) {
        return;
    }
    bool marked = kr_gc_has_marks(op);
    if (marked && (*kr_marks(op) & KR_MARK_FINALIZED)) {
        return;
    }
    type->tp_finalize(op);
    if (marked) {
        *kr_marks(op) |= KR_MARK_FINALIZED;
    }
}

int
PyObject_CallFinalizerFromDealloc(PyObject *op)
{
    if (Py_REFCNT(op) != 0) {
        Py_FatalError("PyObject_CallFinalizerFromDealloc called on object with a "
                      "non-zero refcount");
    }
    // Alive for the time of the call.
    op->ob_refcnt = 1;
    PyObject_CallFinalizer(op);
    op->ob_refcnt--;
    return op->ob_refcnt == 0 ? 0 : -1;
}
