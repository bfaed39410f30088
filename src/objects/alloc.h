// SPDX-License-Identifier: MIT
// alloc.h - memory of objects: the fast paths, and what the runtime may switch.
//
// Callers:     every type's tp_new and tp_dealloc, vm, the collector.
// Invariants:  an object that kr_object_alloc made with gc = true has marks
//              (kr_marks); its PREFIX of 16 bytes lies before it if asked for.
#ifndef KRAIT_OBJECTS_ALLOC_H
#define KRAIT_OBJECTS_ALLOC_H

#include "Python.h"

#include "base/base.h"
#include "mem/heap.h"
#include "objects/instance.h"
#include "objects/state.h"

// Before anything else in the process. Reads PYTHONMALLOC, unless kr_mem_select
// was called before.
void kr_init_mem(void);
// "pymalloc", "malloc", "debug", "pymalloc_debug", "malloc_debug", "default" or "".
// Before any allocation. -1: no such name.
int kr_mem_select(const char *name);
// The heap of a new interpreter, and its end.
void kr_mem_start(PyInterpreterState *interp);
void kr_mem_stop(PyInterpreterState *interp);
void kr_mem_after_fork(void);

// What tracemalloc wants to be told. add may refuse (false): the allocation fails.
typedef struct KrAllocTrace {
    bool (*add)(void *block, size_t size);
    void (*remove)(void *block);
    // The block may stay as it is with another size; never fails.
    void (*resize)(void *old_block, void *block, size_t size);
} KrAllocTrace;
// NULL ends tracing.
void kr_mem_set_trace(const KrAllocTrace *trace);

// Debug builds: allocations number first .. last from now on fail. 0, 0: none.
void kr_mem_fail(size_t first, size_t last);

// Bytes that sys.getsizeof counts before an object of the type.
static inline size_t
kr_type_prefix_size(const PyTypeObject *type)
{
    return (type->tp_flags & Py_TPFLAGS_PREHEADER) ? KR_PREFIX_SIZE : 0;
}

void *kr_object_alloc_slow(size_t size, bool gc, bool prefix);
void kr_object_free_slow(void *op);
void kr_gc_request_slow(PyThreadState *tstate);

// Memory for an object of `size` bytes; NULL without memory and without an
// exception. The prefix, if any, is zeroed, the rest is not. The caller holds the
// interpreter's lock.
static inline void *
kr_object_alloc(size_t size, bool gc, bool prefix)
{
    PyThreadState *tstate = kr_thread();

    if (KR_LIKELY(tstate != NULL && size <= KR_SMALL_MAX - KR_PREFIX_SIZE)) {
        PyInterpreterState *interp = tstate->interp;
        KrHeap *heap = interp->mem.heap.self;
        if (KR_LIKELY(heap != NULL)) {
            uint32_t family = prefix ? KR_FAMILY_PREFIXED
                                     : (gc ? KR_FAMILY_OBJECTS : KR_FAMILY_PLAIN);
            size_t whole = prefix ? size + KR_PREFIX_SIZE : size;
            char *block = kr_heap_take(heap, family * KR_CLASS_COUNT +
                                                 kr_size_class(whole));
            if (KR_UNLIKELY(block == NULL)) {
                return kr_object_alloc_slow(size, gc, prefix); // no page to be had
            }
            if (gc && KR_UNLIKELY(++interp->gc.young_count > interp->gc.young_limit)) {
                kr_gc_request_slow(tstate);
            }
            if (prefix) {
                ((void **)(void *)block)[0] = NULL;
                ((void **)(void *)block)[1] = NULL;
                block += KR_PREFIX_SIZE;
            }
            return block;
        }
    }
    return kr_object_alloc_slow(size, gc, prefix);
}

// Frees a collected object's memory; it is untracked by this.
static inline void
kr_object_free(void *op)
{
    PyThreadState *tstate = kr_thread();

    if (KR_LIKELY(kr_space_has(op) && tstate != NULL)) {
        KrPage *page = kr_page_of(op);
        PyInterpreterState *interp = tstate->interp;
        if (KR_LIKELY(page->owner == interp->mem.heap.self)) {
            *kr_mark_of(op) = 0;
            if (interp->gc.young_count > 0) {
                interp->gc.young_count--;
            }
            kr_heap_give(page, (char *)op - page->prefix);
            return;
        }
    }
    kr_object_free_slow(op);
}

// The same for objects that are not collected; those of int, float, str...
static inline void
kr_object_free_plain(void *op)
{
    PyThreadState *tstate = kr_thread();

    if (KR_LIKELY(kr_space_has(op) && tstate != NULL)) {
        KrPage *page = kr_page_of(op);
        if (KR_LIKELY(page->owner == tstate->interp->mem.heap.self &&
                      page->slot < KR_CLASS_COUNT)) {
            kr_heap_give(page, op);
            return;
        }
    }
    PyObject_Free(op);
}

// The head of a new object. Heap types are kept alive by their instances.
static inline void
kr_object_start(void *memory, PyTypeObject *type)
{
    PyObject *op = memory;

    op->ob_type = type;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        Py_INCREF(type);
    }
    op->ob_refcnt_full = 1;
    if (KR_UNLIKELY(kr_interp()->types.ref_tracer != NULL)) {
        _Py_NewReference(op);
    }
}

// The same for a static type, which nobody counts.
static inline void
kr_object_start_static(void *memory, PyTypeObject *type)
{
    PyObject *op = memory;

    op->ob_type = type;
    op->ob_refcnt_full = 1;
    if (KR_UNLIKELY(kr_interp()->types.ref_tracer != NULL)) {
        _Py_NewReference(op);
    }
}

// A new object of a static collected type without a prefix; its fields are not set
// and it is not tracked. NULL with MemoryError.
static inline void *
kr_object_new_gc(PyTypeObject *type, size_t size)
{
    void *op = kr_object_alloc(size, true, false);

    if (KR_UNLIKELY(op == NULL)) {
        return PyErr_NoMemory();
    }
    kr_object_start_static(op, type);
    return op;
}

// --- Marks -----------------------------------------------------------------------

// These want an object whose memory came from kr_object_alloc(.., gc = true, ..).

static inline void
kr_gc_track(void *op)
{
    if (KR_LIKELY(kr_space_has(op))) {
        uint8_t *mark = kr_mark_of(op);
        *mark = (uint8_t)((*mark & ~KR_MARK_AGE) | KR_MARK_TRACKED);
        KrPage *page = kr_page_of(op);
        if (KR_UNLIKELY(page->young_index == 0)) {
            kr_heap_young_add(page);
        }
        return;
    }
    uint8_t *mark = &kr_large_of(op)->marks;
    *mark = (uint8_t)((*mark & ~KR_MARK_AGE) | KR_MARK_TRACKED);
}

static inline void
kr_gc_untrack(void *op)
{
    *kr_marks(op) &= (uint8_t)~(KR_MARK_TRACKED | KR_MARK_AGE);
}

static inline bool
kr_gc_is_tracked(const void *op)
{
    return (*kr_marks(op) & KR_MARK_TRACKED) != 0;
}

// Whether op has marks at all: it is collected and not static.
static inline bool
kr_gc_has_marks(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    return (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0 && !_Py_IsStaticImmortal(op) &&
           (type->tp_is_gc == NULL || type->tp_is_gc(op));
}

// True for objects that the collector may ever have to look at: what an untracked
// container must not hold.
static inline bool
kr_gc_may_be_tracked(PyObject *op)
{
    if (!(Py_TYPE(op)->tp_flags & Py_TPFLAGS_HAVE_GC)) {
        return false;
    }
    return !PyTuple_CheckExact(op) || PyObject_GC_IsTracked(op);
}

// The vm's mark: borrowed words may point at op (kr_hooks.forget_borrowed).
static inline void
kr_gc_flag(void *op)
{
    *kr_marks(op) |= KR_MARK_FLAGGED;
}

static inline bool
kr_gc_is_flagged(const void *op)
{
    return (*kr_marks(op) & KR_MARK_FLAGGED) != 0;
}

// --- Whole objects ---------------------------------------------------------------

// PyType_GenericAlloc without tracking: zeroed, NULL with MemoryError.
PyObject *kr_type_alloc_untracked(PyTypeObject *type, Py_ssize_t nitems);

#endif // KRAIT_OBJECTS_ALLOC_H
