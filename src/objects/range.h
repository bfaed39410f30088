// SPDX-License-Identifier: MIT
// range.h - ranges and their iterators inside Krait.
#ifndef KRAIT_OBJECTS_RANGE_H
#define KRAIT_OBJECTS_RANGE_H

#include <Python.h>

#include "base/base.h"

// All four are exact ints, owned, never NULL.
typedef struct KrRange {
    PyObject_HEAD
    PyObject *start;
    PyObject *stop;
    PyObject *step;
    PyObject *length;
} KrRange;

// Iterator over a range whose numbers fit a long; the VM reads it directly.
typedef struct KrRangeIter {
    PyObject_HEAD
    long next;
    long step;
    long left; // numbers still to come
} KrRangeIter;

// The same with ints of any size.
typedef struct KrLongRangeIter {
    PyObject_HEAD
    PyObject *next; // owned
    PyObject *step; // owned
    PyObject *left; // owned
} KrLongRangeIter;

// A range of C numbers; step is not 0.
PyObject *kr_range_new(long start, long stop, long step);

// An iterator that gives left numbers from start on.
PyObject *kr_range_iter_new(long start, long step, long left);
// Consumes all three, on failure too.
PyObject *kr_longrange_iter_new_steal(PyObject *start, PyObject *step, PyObject *left);

// How many numbers start, start+step, ... stand before stop. step is not 0.
static inline unsigned long
kr_range_length(long start, long stop, long step)
{
    if (step > 0) {
        return start < stop
                   ? 1ul + ((unsigned long)stop - 1ul - (unsigned long)start)
                               / (unsigned long)step
                   : 0;
    }
    return start > stop ? 1ul + ((unsigned long)start - 1ul - (unsigned long)stop)
                                    / (0ul - (unsigned long)step)
                        : 0;
}

#endif // KRAIT_OBJECTS_RANGE_H
