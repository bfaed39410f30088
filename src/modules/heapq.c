// SPDX-License-Identifier: MIT
// heapq.c - the module _heapq: heaps in lists, least or greatest item first.
//
// Method:      to take the first item out, the hole sinks to a leaf along the better
//              children, and the last item rises from there: most items belong far
//              down, so this compares less than sinking the item itself.
// Re-entrancy: comparisons run Python, which may change the list; its size is looked
//              at after each, and items that are compared are owned.
#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/list.h"

// Whether a has to stand above b: 1, 0, -1. Sets the error when the list's size is
// not n any more.
static inline int
heap_before(PyListObject *heap, Py_ssize_t n, Py_ssize_t a, Py_ssize_t b, bool max)
{
    PyObject *x = heap->ob_item[max ? b : a], *y = heap->ob_item[max ? a : b];
    Py_INCREF(x);
    Py_INCREF(y);
    int before = PyObject_RichCompareBool(x, y, Py_LT); // may run Python
    Py_DECREF(x);
    Py_DECREF(y);
    if (before >= 0 && Py_SIZE(heap) != n) {
        PyErr_SetString(PyExc_RuntimeError, "list changed size during iteration");
        return -1;
    }
    return before;
}

static inline void
heap_swap(PyListObject *heap, Py_ssize_t a, Py_ssize_t b)
{
    PyObject *item = heap->ob_item[a];
    heap->ob_item[a] = heap->ob_item[b];
    heap->ob_item[b] = item;
}

// Lets the item at `from` rise, no higher than top.
static int
heap_rise(PyListObject *heap, Py_ssize_t top, Py_ssize_t from, bool max)
{
    Py_ssize_t n = Py_SIZE(heap);
    while (from > top) {
        Py_ssize_t parent = (from - 1) / 2;
        int before = heap_before(heap, n, from, parent, max);
        if (before <= 0) {
            return before;
        }
        heap_swap(heap, from, parent);
        from = parent;
    }
    return 0;
}

// Puts the item at `from`, which may be out of order, in its place below.
static int
heap_sink(PyListObject *heap, Py_ssize_t from, bool max)
{
    Py_ssize_t n = Py_SIZE(heap), top = from;
    while (from < n / 2) {
        Py_ssize_t child = 2 * from + 1;
        if (child + 1 < n) {
            int before = heap_before(heap, n, child, child + 1, max);
            if (before < 0) {
                return -1;
            }
            child += !before;
        }
        heap_swap(heap, from, child);
        from = child;
    }
    return heap_rise(heap, top, from, max);
}

static PyObject *
heap_push(PyObject *heap, PyObject *item, bool max)
{
    if (PyList_Append(heap, item) < 0
        || heap_rise((PyListObject *)heap, 0, PyList_GET_SIZE(heap) - 1, max) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static KR_COLD PyObject *
heap_index_error(void)
{
    PyErr_SetString(PyExc_IndexError, "index out of range");
    return NULL;
}

static PyObject *
heap_pop(PyObject *heap, bool max)
{
    Py_ssize_t n = PyList_GET_SIZE(heap);
    if (n == 0) {
        return heap_index_error();
    }
    PyObject *last = Py_NewRef(PyList_GET_ITEM(heap, n - 1));
    if (PyList_SetSlice(heap, n - 1, n, NULL) < 0) {
        Py_DECREF(last);
        return NULL;
    }
    if (n == 1) {
        return last;
    }
    PyObject *first = PyList_GET_ITEM(heap, 0);
    PyList_SET_ITEM(heap, 0, last);
    if (heap_sink((PyListObject *)heap, 0, max) < 0) {
        Py_CLEAR(first);
    }
    return first;
}

static PyObject *
heap_replace(PyObject *heap, PyObject *item, bool max)
{
    if (PyList_GET_SIZE(heap) == 0) {
        return heap_index_error();
    }
    PyObject *first = PyList_GET_ITEM(heap, 0);
    PyList_SET_ITEM(heap, 0, Py_NewRef(item));
    if (heap_sink((PyListObject *)heap, 0, max) < 0) {
        Py_CLEAR(first);
    }
    return first;
}

static PyObject *
heap_push_pop(PyObject *heap, PyObject *item, bool max)
{
    if (PyList_GET_SIZE(heap) == 0) {
        return Py_NewRef(item);
    }
    PyObject *first = Py_NewRef(PyList_GET_ITEM(heap, 0));
    int before = max ? PyObject_RichCompareBool(item, first, Py_LT)
                     : PyObject_RichCompareBool(first, item, Py_LT);
    Py_DECREF(first);
    if (before < 0) {
        return NULL;
    }
    return before == 0 ? Py_NewRef(item) : heap_replace(heap, item, max);
}

static PyObject *
heap_make(PyObject *heap, bool max)
{
    for (Py_ssize_t i = PyList_GET_SIZE(heap) / 2; --i >= 0;) {
        if (heap_sink((PyListObject *)heap, i, max) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(heapq, "heappush(heap: list, item, /)",
            "Push item onto heap, maintaining the heap invariant.")
static PyObject *
heapq_heappush(PyObject *module, PyObject *heap, PyObject *item)
{
    return heap_push(heap, item, false);
}

KR_FUNCTION(heapq, "heappush_max(heap: list, item, /)",
            "Push item onto max heap, maintaining the heap invariant.")
static PyObject *
heapq_heappush_max(PyObject *module, PyObject *heap, PyObject *item)
{
    return heap_push(heap, item, true);
}

KR_FUNCTION(heapq, "heappop(heap: list, /)",
            "Pop the smallest item off the heap, maintaining the heap invariant.")
static PyObject *
heapq_heappop(PyObject *module, PyObject *heap)
{
    return heap_pop(heap, false);
}

KR_FUNCTION(heapq, "heappop_max(heap: list, /)", "Maxheap variant of heappop.")
static PyObject *
heapq_heappop_max(PyObject *module, PyObject *heap)
{
    return heap_pop(heap, true);
}

KR_FUNCTION(heapq, "heapreplace(heap: list, item, /)",
            "Pop and return the current smallest value, and add the new item.\n\n"
            "The value returned may be larger than item: that was not in the heap yet.")
static PyObject *
heapq_heapreplace(PyObject *module, PyObject *heap, PyObject *item)
{
    return heap_replace(heap, item, false);
}

KR_FUNCTION(heapq, "heapreplace_max(heap: list, item, /)",
            "Maxheap variant of heapreplace.")
static PyObject *
heapq_heapreplace_max(PyObject *module, PyObject *heap, PyObject *item)
{
    return heap_replace(heap, item, true);
}

KR_FUNCTION(heapq, "heappushpop(heap: list, item, /)",
            "Push item on the heap, then pop and return the smallest item from the heap.\n\n"
            "Both at once take less time than one after the other.")
static PyObject *
heapq_heappushpop(PyObject *module, PyObject *heap, PyObject *item)
{
    return heap_push_pop(heap, item, false);
}

KR_FUNCTION(heapq, "heappushpop_max(heap: list, item, /)",
            "Maxheap variant of heappushpop.\n\n"
            "Both at once take less time than one after the other.")
static PyObject *
heapq_heappushpop_max(PyObject *module, PyObject *heap, PyObject *item)
{
    return heap_push_pop(heap, item, true);
}

KR_FUNCTION(heapq, "heapify(heap: list, /)",
            "Transform list into a heap, in-place, in O(len(heap)) time.")
static PyObject *
heapq_heapify(PyObject *module, PyObject *heap)
{
    return heap_make(heap, false);
}

KR_FUNCTION(heapq, "heapify_max(heap: list, /)", "Maxheap variant of heapify.")
static PyObject *
heapq_heapify_max(PyObject *module, PyObject *heap)
{
    return heap_make(heap, true);
}

KR_MODULE(heapq)
#include "modules/heapq.methods.h"

static int
heapq_exec(PyObject *module)
{
    return PyModule_AddStringConstant(
        module, "__about__",
        "Heaps are lists in which no item is larger than those at 2*k+1 and 2*k+2,\n"
        "counting from 0: the first item is the smallest one. Pushing and popping\n"
        "take logarithmic time, which makes a heap a priority queue.\n");
}

static PyModuleDef_Slot heapq_slots[] = {
    {Py_mod_exec, heapq_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef heapq_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_heapq",
    .m_doc = "Heap queue algorithm (a.k.a. priority queue).\n\n"
             "A heap is a list whose item k is never larger than items 2*k+1 and 2*k+2.\n"
             "heapify() makes one, heappush() and heappop() keep it one; heap[0] is its\n"
             "smallest item.\n",
    .m_methods = heapq_methods,
    .m_slots = heapq_slots,
};

PyMODINIT_FUNC
PyInit__heapq(void)
{
    return PyModuleDef_Init(&heapq_def);
}
