// SPDX-License-Identifier: MIT
// slice.c - slice objects and the arithmetic of indices.
//
// Callers:     subscript slots of sequences, the VM (BUILD_SLICE), extensions.
// Invariants:  start, stop and step are never NULL; None stands for "absent".
#include "objects/slice.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/tuple.h"

PyObject *
kr_slice_new_steal(PyObject *start, PyObject *stop, PyObject *step)
{
    PySliceObject *self = NULL;
    if (start != NULL && stop != NULL && step != NULL) {
        self = kr_object_new_gc(&PySlice_Type, sizeof(PySliceObject));
    }
    if (self == NULL) {
        Py_XDECREF(start);
        Py_XDECREF(stop);
        Py_XDECREF(step);
        return NULL;
    }
    self->start = start;
    self->stop = stop;
    self->step = step;
    kr_gc_track(self);
    return (PyObject *)self;
}

PyObject *
PySlice_New(PyObject *start, PyObject *stop, PyObject *step)
{
    return kr_slice_new_steal(Py_NewRef(start == NULL ? Py_None : start),
                              Py_NewRef(stop == NULL ? Py_None : stop),
                              Py_NewRef(step == NULL ? Py_None : step));
}

// --- Index arithmetic ---------------------------------------------------------------

// Reads one bound, clipping what does not fit. 0, or -1 with an exception.
int
_PyEval_SliceIndexNotNone(PyObject *op, Py_ssize_t *out)
{
    if (!PyIndex_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or "
                                         "have an __index__ method");
        return 0;
    }
    Py_ssize_t value = PyNumber_AsSsize_t(op, NULL);
    if (value == -1 && PyErr_Occurred()) {
        return 0;
    }
    *out = value;
    return 1;
}

int
_PyEval_SliceIndex(PyObject *op, Py_ssize_t *out)
{
    if (op == Py_None) {
        return 1;
    }
    if (!PyIndex_Check(op)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or "
                                         "None or have an __index__ method");
        return 0;
    }
    return _PyEval_SliceIndexNotNone(op, out);
}

int
PySlice_Unpack(PyObject *op, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    PySliceObject *self = (PySliceObject *)op;
    *step = 1;
    if (!_PyEval_SliceIndex(self->step, step)) {
        return -1;
    }
    if (*step == 0) {
        PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
        return -1;
    }
    // So that -step does not overflow anywhere.
    if (*step < -PY_SSIZE_T_MAX) {
        *step = -PY_SSIZE_T_MAX;
    }
    *start = *step < 0 ? PY_SSIZE_T_MAX : 0;
    *stop = *step < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    if (!_PyEval_SliceIndex(self->start, start) || !_PyEval_SliceIndex(self->stop, stop)) {
        return -1;
    }
    return 0;
}

// Moves a bound into the sequence: counts from the end when negative, and stops
// at the edge from which the direction of step can go no further.
static inline Py_ssize_t
clip_bound(Py_ssize_t bound, Py_ssize_t length, Py_ssize_t step)
{
    if (bound < 0) {
        bound += length;
        return bound < 0 ? (step < 0 ? -1 : 0) : bound;
    }
    return bound >= length ? (step < 0 ? length - 1 : length) : bound;
}

Py_ssize_t
PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                      Py_ssize_t step)
{
    *start = clip_bound(*start, length, step);
    *stop = clip_bound(*stop, length, step);
    if (step < 0) {
        return *stop < *start ? (*start - *stop - 1) / -step + 1 : 0;
    }
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

#undef PySlice_GetIndicesEx
int
PySlice_GetIndicesEx(PyObject *op, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                     Py_ssize_t *step, Py_ssize_t *slicelength)
{
    *slicelength = 0;
    if (PySlice_Unpack(op, start, stop, step) < 0) {
        return -1;
    }
    *slicelength = PySlice_AdjustIndices(length, start, stop, *step);
    return 0;
}

// The old form without clipping: 0 only for plain ints in range.
int
PySlice_GetIndices(PyObject *op, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                   Py_ssize_t *step)
{
    PySliceObject *self = (PySliceObject *)op;
    Py_ssize_t *out[3] = {step, start, stop};
    PyObject *in[3] = {self->step, self->start, self->stop};
    *step = 1;
    for (int i = 0; i < 3; i++) {
        if (i == 1) {
            *start = *step < 0 ? length - 1 : 0;
            *stop = *step < 0 ? -1 : length;
        }
        if (in[i] == Py_None) {
            continue;
        }
        if (!PyLong_Check(in[i])) {
            return -1;
        }
        *out[i] = PyLong_AsSsize_t(in[i]);
        if (*out[i] == -1 && PyErr_Occurred()) {
            PyErr_Clear();
            return -1;
        }
        if (i > 0 && *out[i] < 0) {
            *out[i] += length;
        }
    }
    return *stop > length || *start >= length || *step == 0 ? -1 : 0;
}

// --- Index arithmetic with ints of any size -------------------------------------------

// The bound as an int within lower..upper; negative ones count from length.
static PyObject *
long_bound(PyObject *bound, PyObject *length, PyObject *lower, PyObject *upper,
           PyObject *absent)
{
    if (bound == Py_None) {
        return Py_NewRef(absent);
    }
    if (!PyIndex_Check(bound)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or "
                                         "None or have an __index__ method");
        return NULL;
    }
    PyObject *value = PyNumber_Index(bound);
    if (value == NULL) {
        return NULL;
    }
    if (PyLong_IsNegative(value)) {
        Py_SETREF(value, PyNumber_Add(value, length));
        if (value == NULL) {
            return NULL;
        }
        int below = PyObject_RichCompareBool(value, lower, Py_LT);
        if (below != 0) {
            Py_SETREF(value, below < 0 ? NULL : Py_NewRef(lower));
        }
        return value;
    }
    int above = PyObject_RichCompareBool(value, upper, Py_GT);
    if (above != 0) {
        Py_SETREF(value, above < 0 ? NULL : Py_NewRef(upper));
    }
    return value;
}

int
kr_slice_long_indices(PyObject *op, PyObject *length, PyObject **start, PyObject **stop,
                      PyObject **step)
{
    PySliceObject *self = (PySliceObject *)op;
    PyObject *one = NULL, *lower = NULL, *upper = NULL;
    int status = -1;
    *start = *stop = *step = NULL;
    one = PyLong_FromLong(1);
    if (one == NULL) {
        goto done;
    }
    if (self->step == Py_None) {
        *step = Py_NewRef(one);
    }
    else if (!PyIndex_Check(self->step)) {
        PyErr_SetString(PyExc_TypeError, "slice indices must be integers or "
                                         "None or have an __index__ method");
    }
    else {
        *step = PyNumber_Index(self->step);
    }
    if (*step == NULL) {
        goto done;
    }
    if (PyLong_IsZero(*step)) {
        PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
        goto done;
    }
    bool backwards = PyLong_IsNegative(*step);
    lower = PyLong_FromLong(backwards ? -1 : 0);
    upper = backwards ? PyNumber_Subtract(length, one) : Py_NewRef(length);
    if (lower == NULL || upper == NULL) {
        goto done;
    }
    *start = long_bound(self->start, length, lower, upper, backwards ? upper : lower);
    if (*start == NULL) {
        goto done;
    }
    *stop = long_bound(self->stop, length, lower, upper, backwards ? lower : upper);
    status = *stop == NULL ? -1 : 0;

done:
    Py_XDECREF(one);
    Py_XDECREF(lower);
    Py_XDECREF(upper);
    if (status < 0) {
        Py_CLEAR(*start);
        Py_CLEAR(*stop);
        Py_CLEAR(*step);
    }
    return status;
}

// --- The type ----------------------------------------------------------------------

static void
slice_dealloc(PyObject *op)
{
    PySliceObject *self = (PySliceObject *)op;
    kr_gc_untrack(self);
    Py_DECREF(self->start);
    Py_DECREF(self->stop);
    Py_DECREF(self->step);
    kr_object_free(self);
}

static int
slice_traverse(PyObject *op, visitproc visit, void *arg)
{
    PySliceObject *self = (PySliceObject *)op;
    Py_VISIT(self->start);
    Py_VISIT(self->stop);
    Py_VISIT(self->step);
    return 0;
}

static PyObject *
slice_repr(PyObject *op)
{
    PySliceObject *self = (PySliceObject *)op;
    return PyUnicode_FromFormat("slice(%R, %R, %R)", self->start, self->stop, self->step);
}

static PyObject *
slice_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PySlice_Check(left) || !PySlice_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (left == right) {
        return PyBool_FromLong(op == Py_EQ || op == Py_LE || op == Py_GE);
    }
    // Slices compare like the tuples of their parts.
    PySliceObject *a = (PySliceObject *)left, *b = (PySliceObject *)right;
    PyObject *x = PyTuple_Pack(3, a->start, a->stop, a->step);
    PyObject *y = x == NULL ? NULL : PyTuple_Pack(3, b->start, b->stop, b->step);
    PyObject *result = y == NULL ? NULL : PyObject_RichCompare(x, y, op);
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

static Py_hash_t
slice_hash(PyObject *op)
{
    PySliceObject *self = (PySliceObject *)op;
    PyObject *parts[3] = {self->start, self->stop, self->step};
    KrTupleHash state = KR_TUPLE_HASH_INIT;
    for (int i = 0; i < 3; i++) {
        Py_hash_t lane = PyObject_Hash(parts[i]);
        if (lane == -1) {
            return -1;
        }
        kr_tuple_hash_add(&state, lane);
    }
    return state.acc == (uint64_t)-1 ? 1546275796 : (Py_hash_t)state.acc;
}

KR_METHOD(slice, "indices(self, object, /)",
          "S.indices(len) -> (start, stop, stride)\n\n"
          "Return the bounds and the step that this slice means for a sequence of\n"
          "that length; bounds out of range are clipped as in a subscript.")
static PyObject *
slice_indices(PySliceObject *self, PyObject *object)
{
    PyObject *start, *stop, *step;
    PyObject *length = PyNumber_Index(object);
    if (length == NULL) {
        return NULL;
    }
    if (PyLong_IsNegative(length)) {
        PyErr_SetString(PyExc_ValueError, "length should not be negative");
        Py_DECREF(length);
        return NULL;
    }
    int status = kr_slice_long_indices((PyObject *)self, length, &start, &stop, &step);
    Py_DECREF(length);
    if (status < 0) {
        return NULL;
    }
    PyObject *items[3] = {start, stop, step};
    return kr_tuple_from_array_steal(items, 3);
}

KR_METHOD(slice, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
slice___reduce__(PySliceObject *self)
{
    return Py_BuildValue("O(OOO)", Py_TYPE(self), self->start, self->stop, self->step);
}

static PyObject *
slice_make(PyObject *const *args, Py_ssize_t nargs)
{
    if (!kr_arg_count("slice", nargs, 1, 3)) {
        return NULL;
    }
    if (nargs == 1) {
        return PySlice_New(NULL, args[0], NULL);
    }
    return PySlice_New(args[0], args[1], nargs == 3 ? args[2] : NULL);
}

static PyObject *
slice_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_no_keywords("slice", kwargs)) {
        return NULL;
    }
    return slice_make(((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args));
}

static PyObject *
slice_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (kwnames != NULL && !kr_arg_no_kwnames("slice", kwnames)) {
        return NULL;
    }
    return slice_make(args, PyVectorcall_NARGS(nargsf));
}

KR_TYPE(slice)
#include "objects/slice.methods.h"

static PyMemberDef slice_members[] = {
    {"start", Py_T_OBJECT_EX, offsetof(PySliceObject, start), Py_READONLY, NULL},
    {"stop", Py_T_OBJECT_EX, offsetof(PySliceObject, stop), Py_READONLY, NULL},
    {"step", Py_T_OBJECT_EX, offsetof(PySliceObject, step), Py_READONLY, NULL},
    {NULL},
};

PyTypeObject PySlice_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "slice",
    .tp_basicsize = sizeof(PySliceObject),
    .tp_dealloc = slice_dealloc,
    .tp_repr = slice_repr,
    .tp_hash = slice_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.\n\n"
              "This is used for extended slicing (e.g. a[0:10:2]).",
    .tp_traverse = slice_traverse,
    .tp_richcompare = slice_richcompare,
    .tp_methods = slice_methods,
    .tp_members = slice_members,
    .tp_new = slice_new,
    .tp_vectorcall = slice_vectorcall,
};
