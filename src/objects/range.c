// SPDX-License-Identifier: MIT
// range.c - range objects.
//
// Callers:     range(), the VM's counting loops.
// Invariants:  start, stop, step and length are exact ints; step is not 0; length
//              is how many numbers there are.
// Read next:   range_iter.c
#include "objects/range.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/slice.h"

// Reads the three numbers as C longs; false when one does not fit.
static bool
range_as_longs(KrRange *self, long *start, long *stop, long *step)
{
    int overflow;
    *start = PyLong_AsLongAndOverflow(self->start, &overflow);
    if (overflow) {
        return false;
    }
    *stop = PyLong_AsLongAndOverflow(self->stop, &overflow);
    if (overflow) {
        return false;
    }
    *step = PyLong_AsLongAndOverflow(self->step, &overflow);
    return !overflow;
}

// The number of elements as an int, for bounds of any size.
static PyObject *
compute_length(PyObject *start, PyObject *stop, PyObject *step)
{
    int overflow = 0, o1, o2;
    long a = PyLong_AsLongAndOverflow(start, &overflow);
    long b = PyLong_AsLongAndOverflow(stop, &o1);
    long c = PyLong_AsLongAndOverflow(step, &o2);
    if (!overflow && !o1 && !o2) {
        return PyLong_FromUnsignedLong(kr_range_length(a, b, c));
    }
    // (high - low - 1) // abs(step) + 1, or 0 when that is empty.
    PyObject *low = start, *high = stop, *size = NULL, *one = NULL, *span = NULL;
    PyObject *result = NULL;
    if (PyLong_IsNegative(step)) {
        low = stop;
        high = start;
    }
    int empty = PyObject_RichCompareBool(low, high, Py_GE);
    if (empty != 0) {
        return empty < 0 ? NULL : PyLong_FromLong(0);
    }
    one = PyLong_FromLong(1);
    size = PyNumber_Absolute(step);
    if (one == NULL || size == NULL) {
        goto done;
    }
    span = PyNumber_Subtract(high, low);
    if (span == NULL) {
        goto done;
    }
    Py_SETREF(span, PyNumber_Subtract(span, one));
    if (span == NULL) {
        goto done;
    }
    Py_SETREF(span, PyNumber_FloorDivide(span, size));
    if (span == NULL) {
        goto done;
    }
    result = PyNumber_Add(span, one);

done:
    Py_XDECREF(one);
    Py_XDECREF(size);
    Py_XDECREF(span);
    return result;
}

// Consumes the three numbers, on failure too.
static PyObject *
range_make_steal(PyObject *start, PyObject *stop, PyObject *step)
{
    PyObject *length = NULL;
    KrRange *self = NULL;
    if (start != NULL && stop != NULL && step != NULL) {
        length = compute_length(start, stop, step);
        if (length != NULL) {
            self = PyObject_New(KrRange, &PyRange_Type);
        }
    }
    if (self == NULL) {
        Py_XDECREF(start);
        Py_XDECREF(stop);
        Py_XDECREF(step);
        Py_XDECREF(length);
        return NULL;
    }
    self->start = start;
    self->stop = stop;
    self->step = step;
    self->length = length;
    return (PyObject *)self;
}

PyObject *
kr_range_new(long start, long stop, long step)
{
    return range_make_steal(PyLong_FromLong(start), PyLong_FromLong(stop),
                            PyLong_FromLong(step));
}

static PyObject *
range_from_args(PyObject *const *args, Py_ssize_t nargs)
{
    if (!kr_arg_count("range", nargs, 1, 3)) {
        return NULL;
    }
    if (nargs == 1) {
        PyObject *stop = PyNumber_Index(args[0]);
        return stop == NULL ? NULL
                            : range_make_steal(PyLong_FromLong(0), stop,
                                               PyLong_FromLong(1));
    }
    PyObject *start = PyNumber_Index(args[0]);
    PyObject *stop = start == NULL ? NULL : PyNumber_Index(args[1]);
    PyObject *step = NULL;
    if (stop != NULL) {
        step = nargs == 3 ? PyNumber_Index(args[2]) : PyLong_FromLong(1);
    }
    if (step != NULL && PyLong_IsZero(step)) {
        PyErr_SetString(PyExc_ValueError, "range() arg 3 must not be zero");
        Py_CLEAR(step);
    }
    return range_make_steal(start, stop, step);
}

static PyObject *
range_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_no_keywords("range", kwargs)) {
        return NULL;
    }
    return range_from_args(((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args));
}

static PyObject *
range_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (kwnames != NULL && !kr_arg_no_kwnames("range", kwnames)) {
        return NULL;
    }
    return range_from_args(args, PyVectorcall_NARGS(nargsf));
}

static void
range_dealloc(PyObject *op)
{
    KrRange *self = (KrRange *)op;
    Py_DECREF(self->start);
    Py_DECREF(self->stop);
    Py_DECREF(self->step);
    Py_DECREF(self->length);
    PyObject_Free(self);
}

static Py_ssize_t
range_length(PyObject *op)
{
    return PyLong_AsSsize_t(((KrRange *)op)->length);
}

static int
range_bool(PyObject *op)
{
    return !PyLong_IsZero(((KrRange *)op)->length);
}

static PyObject *
range_repr(PyObject *op)
{
    KrRange *self = (KrRange *)op;
    long step = PyLong_AsLong(self->step);
    if (step == -1 && PyErr_Occurred()) {
        PyErr_Clear();
    }
    return step == 1
               ? PyUnicode_FromFormat("range(%R, %R)", self->start, self->stop)
               : PyUnicode_FromFormat("range(%R, %R, %R)", self->start, self->stop,
                                      self->step);
}

// start + index * step for an int that is known to be in range.
static PyObject *
number_at(KrRange *self, PyObject *index)
{
    PyObject *offset = PyNumber_Multiply(index, self->step);
    if (offset == NULL) {
        return NULL;
    }
    Py_SETREF(offset, PyNumber_Add(self->start, offset));
    return offset;
}

static KR_COLD PyObject *
range_index_error(void)
{
    PyErr_SetString(PyExc_IndexError, "range object index out of range");
    return NULL;
}

// The element at any int index, negative ones from the end.
static PyObject *
item_at(KrRange *self, PyObject *index)
{
    PyObject *wanted = PyLong_IsNegative(index) ? PyNumber_Add(self->length, index)
                                                : Py_NewRef(index);
    PyObject *result = NULL;
    if (wanted == NULL) {
        return NULL;
    }
    int outside = PyLong_IsNegative(wanted);
    if (!outside) {
        outside = PyObject_RichCompareBool(wanted, self->length, Py_GE);
    }
    if (outside == 0) {
        result = number_at(self, wanted);
    }
    else if (outside > 0) {
        range_index_error();
    }
    Py_DECREF(wanted);
    return result;
}

static PyObject *
range_item(PyObject *op, Py_ssize_t index)
{
    KrRange *self = (KrRange *)op;
    long start, stop, step;
    if (range_as_longs(self, &start, &stop, &step)) {
        unsigned long n = kr_range_length(start, stop, step);
        if (index < 0 || (unsigned long)index >= n) {
            return range_index_error();
        }
        return PyLong_FromLong(
            (long)((unsigned long)start + (unsigned long)index * (unsigned long)step));
    }
    PyObject *number = PyLong_FromSsize_t(index);
    if (number == NULL) {
        return NULL;
    }
    // sq_item has counted a negative index from the end already.
    PyObject *result = index < 0 ? range_index_error() : item_at(self, number);
    Py_DECREF(number);
    return result;
}

static PyObject *
range_slice(KrRange *self, PyObject *slice)
{
    PyObject *first, *last, *stride, *start = NULL, *stop = NULL, *step = NULL;
    if (kr_slice_long_indices(slice, self->length, &first, &last, &stride) < 0) {
        return NULL;
    }
    step = PyNumber_Multiply(stride, self->step);
    if (step != NULL) {
        start = number_at(self, first);
    }
    if (start != NULL) {
        stop = number_at(self, last);
    }
    Py_DECREF(first);
    Py_DECREF(last);
    Py_DECREF(stride);
    return range_make_steal(start, stop, step);
}

static PyObject *
range_subscript(PyObject *op, PyObject *key)
{
    KrRange *self = (KrRange *)op;
    if (PyIndex_Check(key)) {
        PyObject *index = PyNumber_Index(key);
        if (index == NULL) {
            return NULL;
        }
        PyObject *result = item_at(self, index);
        Py_DECREF(index);
        return result;
    }
    if (PySlice_Check(key)) {
        return range_slice(self, key);
    }
    PyErr_Format(PyExc_TypeError, "range indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return NULL;
}

// 1, 0 or -1; value is an exact int or bool.
static int
contains_int(KrRange *self, PyObject *value)
{
    long start, stop, step;
    int overflow;
    long number = PyLong_AsLongAndOverflow(value, &overflow);
    if (!overflow && range_as_longs(self, &start, &stop, &step)) {
        if (step > 0 ? (number < start || number >= stop)
                     : (number > start || number <= stop)) {
            return 0;
        }
        unsigned long distance = step > 0 ? (unsigned long)number - (unsigned long)start
                                          : (unsigned long)start - (unsigned long)number;
        unsigned long size = step > 0 ? (unsigned long)step : 0ul - (unsigned long)step;
        return distance % size == 0;
    }
    bool down = PyLong_IsNegative(self->step);
    int before_end = PyObject_RichCompareBool(value, self->stop, down ? Py_GT : Py_LT);
    if (before_end <= 0) {
        return before_end;
    }
    int from_start = PyObject_RichCompareBool(value, self->start, down ? Py_LE : Py_GE);
    if (from_start <= 0) {
        return from_start;
    }
    PyObject *distance = PyNumber_Subtract(value, self->start);
    if (distance == NULL) {
        return -1;
    }
    Py_SETREF(distance, PyNumber_Remainder(distance, self->step));
    if (distance == NULL) {
        return -1;
    }
    int inside = PyLong_IsZero(distance);
    Py_DECREF(distance);
    return inside;
}

static bool
is_plain_int(PyObject *op)
{
    return PyLong_CheckExact(op) || PyBool_Check(op);
}

static int
range_contains(PyObject *op, PyObject *value)
{
    if (is_plain_int(value)) {
        return contains_int((KrRange *)op, value);
    }
    // Anything else may equal an int in its own way.
    PyObject *item, *iterator = PyObject_GetIter(op);
    if (iterator == NULL) {
        return -1;
    }
    int found = 0, more;
    while (found == 0 && (more = PyIter_NextItem(iterator, &item)) != 0) {
        if (more < 0) {
            found = -1;
            break;
        }
        found = PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return found;
}

// Same sequence of numbers: 1, 0 or -1.
static int
ranges_equal(KrRange *a, KrRange *b)
{
    int equal = a == b ? 1 : PyObject_RichCompareBool(a->length, b->length, Py_EQ);
    if (a == b || equal <= 0 || PyLong_IsZero(a->length)) {
        return equal;
    }
    equal = PyObject_RichCompareBool(a->start, b->start, Py_EQ);
    if (equal <= 0) {
        return equal;
    }
    PyObject *one = PyLong_FromLong(1);
    if (one == NULL) {
        return -1;
    }
    int single = PyObject_RichCompareBool(a->length, one, Py_EQ);
    Py_DECREF(one);
    return single != 0 ? single : PyObject_RichCompareBool(a->step, b->step, Py_EQ);
}

static PyObject *
range_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PyRange_Check(right) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = ranges_equal((KrRange *)left, (KrRange *)right);
    return equal < 0 ? NULL : PyBool_FromLong((equal != 0) == (op == Py_EQ));
}

// The hash of (length, start, step), where what makes no difference is None.
static Py_hash_t
range_hash(PyObject *op)
{
    KrRange *self = (KrRange *)op;
    PyObject *start = Py_None, *step = Py_None;
    if (!PyLong_IsZero(self->length)) {
        start = self->start;
        int overflow;
        if (PyLong_AsLongAndOverflow(self->length, &overflow) != 1 || overflow) {
            step = self->step;
        }
    }
    PyObject *key = PyTuple_Pack(3, self->length, start, step);
    if (key == NULL) {
        return -1;
    }
    Py_hash_t hash = PyObject_Hash(key);
    Py_DECREF(key);
    return hash;
}

// An iterator over left numbers from start; consumes nothing.
static PyObject *
iterate(PyObject *start, PyObject *step, PyObject *left)
{
    int o1, o2, o3;
    long first = PyLong_AsLongAndOverflow(start, &o1);
    long stride = PyLong_AsLongAndOverflow(step, &o2);
    long count = PyLong_AsLongAndOverflow(left, &o3);
    if (!o1 && !o2 && !o3) {
        long total, end;
        // The number after the last one is computed too and has to fit.
        if (!__builtin_mul_overflow(count, stride, &total)
            && !__builtin_add_overflow(first, total, &end)) {
            return kr_range_iter_new(first, stride, count);
        }
    }
    return kr_longrange_iter_new_steal(Py_NewRef(start), Py_NewRef(step), Py_NewRef(left));
}

static PyObject *
range_iter(PyObject *op)
{
    KrRange *self = (KrRange *)op;
    return iterate(self->start, self->step, self->length);
}

KR_METHOD(range, "__reversed__(self, /)", "Return an iterator from the end.")
static PyObject *
range___reversed__(KrRange *self)
{
    PyObject *one = NULL, *last = NULL, *step = NULL, *result = NULL;
    one = PyLong_FromLong(1);
    if (one == NULL) {
        goto done;
    }
    last = PyNumber_Subtract(self->length, one);
    if (last == NULL) {
        goto done;
    }
    Py_SETREF(last, number_at(self, last));
    step = last == NULL ? NULL : PyNumber_Negative(self->step);
    if (step != NULL) {
        result = iterate(last, step, self->length);
    }

done:
    Py_XDECREF(one);
    Py_XDECREF(last);
    Py_XDECREF(step);
    return result;
}

KR_METHOD(range, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
range___reduce__(KrRange *self)
{
    return Py_BuildValue("O(OOO)", Py_TYPE(self), self->start, self->stop, self->step);
}

KR_METHOD(range, "count(self, object, /)",
          "rangeobject.count(value) -> integer -- return number of occurrences of value")
static PyObject *
range_count(KrRange *self, PyObject *value)
{
    if (is_plain_int(value)) {
        int inside = contains_int(self, value);
        return inside < 0 ? NULL : PyLong_FromLong(inside);
    }
    Py_ssize_t count = PySequence_Count((PyObject *)self, value);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

KR_METHOD(range, "index(self, object, /)",
          "rangeobject.index(value) -> integer -- return index of value.\n"
          "ValueError is raised where the value is not there.")
static PyObject *
range_index(KrRange *self, PyObject *value)
{
    if (!is_plain_int(value)) {
        Py_ssize_t index = PySequence_Index((PyObject *)self, value);
        return index < 0 ? NULL : PyLong_FromSsize_t(index);
    }
    int inside = contains_int(self, value);
    if (inside > 0) {
        PyObject *distance = PyNumber_Subtract(value, self->start);
        if (distance == NULL) {
            return NULL;
        }
        Py_SETREF(distance, PyNumber_FloorDivide(distance, self->step));
        return distance;
    }
    if (inside == 0) {
        PyErr_SetString(PyExc_ValueError, "range.index(x): x not in range");
    }
    return NULL;
}

KR_TYPE(range)
#include "objects/range.methods.h"

static PyMemberDef range_members[] = {
    {"start", Py_T_OBJECT_EX, offsetof(KrRange, start), Py_READONLY, NULL},
    {"stop", Py_T_OBJECT_EX, offsetof(KrRange, stop), Py_READONLY, NULL},
    {"step", Py_T_OBJECT_EX, offsetof(KrRange, step), Py_READONLY, NULL},
    {NULL},
};

static PySequenceMethods range_as_sequence = {
    .sq_length = range_length,
    .sq_item = range_item,
    .sq_contains = range_contains,
};

static PyMappingMethods range_as_mapping = {
    .mp_length = range_length,
    .mp_subscript = range_subscript,
};

static PyNumberMethods range_as_number = {
    .nb_bool = range_bool,
};

PyTypeObject PyRange_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "range",
    .tp_basicsize = sizeof(KrRange),
    .tp_dealloc = range_dealloc,
    .tp_repr = range_repr,
    .tp_as_number = &range_as_number,
    .tp_as_sequence = &range_as_sequence,
    .tp_as_mapping = &range_as_mapping,
    .tp_hash = range_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_SEQUENCE,
    .tp_doc = "range(stop) -> range object\n"
              "range(start, stop[, step]) -> range object\n\n"
              "Make a sequence of the integers from start (0 by default) up to, but\n"
              "without, stop, in steps of step. range(4) is 0, 1, 2, 3: the indices of\n"
              "a list of four items. A negative step counts down.",
    .tp_richcompare = range_richcompare,
    .tp_iter = range_iter,
    .tp_methods = range_methods,
    .tp_members = range_members,
    .tp_new = range_new,
    .tp_vectorcall = range_vectorcall,
};
