// SPDX-License-Identifier: MIT
// items.c - reading and writing the items of arrays, one pair of functions a kind.
//
// Contract: a setter checks and converts first; with index -1 it stores nothing.
#include "modules/array/items.h"

static PyObject *
item_get_b(Array *self, Py_ssize_t i)
{
    return PyLong_FromLong(((signed char *)self->ob_item)[i]);
}

static PyObject *
item_get_ub(Array *self, Py_ssize_t i)
{
    return PyLong_FromLong(((unsigned char *)self->ob_item)[i]);
}

static PyObject *
item_get_h(Array *self, Py_ssize_t i)
{
    return PyLong_FromLong(((short *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_uh(Array *self, Py_ssize_t i)
{
    return PyLong_FromLong(((unsigned short *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_i(Array *self, Py_ssize_t i)
{
    return PyLong_FromLong(((int *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_ui(Array *self, Py_ssize_t i)
{
    return PyLong_FromUnsignedLong(((unsigned int *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_l(Array *self, Py_ssize_t i)
{
    return PyLong_FromLong(((long *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_ul(Array *self, Py_ssize_t i)
{
    return PyLong_FromUnsignedLong(((unsigned long *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_f(Array *self, Py_ssize_t i)
{
    return PyFloat_FromDouble(((float *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_d(Array *self, Py_ssize_t i)
{
    return PyFloat_FromDouble(((double *)(void *)self->ob_item)[i]);
}

static PyObject *
item_get_char(Array *self, Py_ssize_t i)
{
    Py_UCS4 ch = ((Py_UCS4 *)(void *)self->ob_item)[i];
    if (ch > 0x10ffff) {
        PyErr_Format(PyExc_ValueError,
                     "character U+%x is not in range [U+0000; U+10ffff]", (unsigned)ch);
        return NULL;
    }
    return PyUnicode_FromOrdinal((int)ch);
}

// After a conversion, which may have run Python: 1 where item i may be stored, 0 where
// that was not asked for, -1 with an exception where the array has shrunk.
static inline int
item_ready(Array *self, Py_ssize_t i)
{
    if (i < 0) {
        return 0;
    }
    if (i < Py_SIZE(self)) {
        return 1;
    }
    PyErr_SetString(PyExc_IndexError, "array assignment index out of range");
    return -1;
}

// Reads an int within low..high, with messages that name the kind. The first is the
// message of ints that fit a long but not the kind.
static int
small_int(PyObject *value, long low, long high, const char *name, long *out)
{
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return -1;
    }
    *out = PyLong_AsLong(number);
    Py_DECREF(number);
    if (*out == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*out < low || *out > high) {
        PyErr_Format(PyExc_OverflowError, "%s is %s", name,
                     *out < low ? "less than minimum" : "greater than maximum");
        return -1;
    }
    return 0;
}

static int
item_set_b(Array *self, Py_ssize_t i, PyObject *value)
{
    long x;
    if (small_int(value, SCHAR_MIN, SCHAR_MAX, "signed char", &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((signed char *)self->ob_item)[i] = (signed char)x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_ub(Array *self, Py_ssize_t i, PyObject *value)
{
    long x;
    if (small_int(value, 0, UCHAR_MAX, "unsigned byte integer", &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((unsigned char *)self->ob_item)[i] = (unsigned char)x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_h(Array *self, Py_ssize_t i, PyObject *value)
{
    long x;
    if (small_int(value, SHRT_MIN, SHRT_MAX, "signed short integer", &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((short *)(void *)self->ob_item)[i] = (short)x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_uh(Array *self, Py_ssize_t i, PyObject *value)
{
    long x;
    if (small_int(value, 0, USHRT_MAX, "unsigned short", &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((unsigned short *)(void *)self->ob_item)[i] = (unsigned short)x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_i(Array *self, Py_ssize_t i, PyObject *value)
{
    long x;
    if (small_int(value, INT_MIN, INT_MAX, "signed integer", &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((int *)(void *)self->ob_item)[i] = (int)x;
    }
    return ready < 0 ? -1 : 0;
}

// Reads a non-negative int up to high.
static int
unsigned_int(PyObject *value, unsigned long high, unsigned long *out)
{
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return -1;
    }
    if (PyLong_IsNegative(number)) {
        Py_DECREF(number);
        PyErr_SetString(PyExc_OverflowError,
                        "can't convert negative value to unsigned int");
        return -1;
    }
    *out = PyLong_AsUnsignedLong(number);
    Py_DECREF(number);
    if (*out == (unsigned long)-1 && PyErr_Occurred()) {
        return -1;
    }
    if (*out > high) {
        PyErr_SetString(PyExc_OverflowError, "unsigned int is greater than maximum");
        return -1;
    }
    return 0;
}

static int
item_set_ui(Array *self, Py_ssize_t i, PyObject *value)
{
    unsigned long x;
    if (unsigned_int(value, UINT_MAX, &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((unsigned int *)(void *)self->ob_item)[i] = (unsigned int)x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_l(Array *self, Py_ssize_t i, PyObject *value)
{
    long x;
    if (small_int(value, LONG_MIN, LONG_MAX, "", &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((long *)(void *)self->ob_item)[i] = x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_ul(Array *self, Py_ssize_t i, PyObject *value)
{
    unsigned long x;
    if (unsigned_int(value, ULONG_MAX, &x) < 0) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((unsigned long *)(void *)self->ob_item)[i] = x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_q(Array *self, Py_ssize_t i, PyObject *value)
{
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return -1;
    }
    long long x = PyLong_AsLongLong(number);
    Py_DECREF(number);
    if (x == -1 && PyErr_Occurred()) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((long long *)(void *)self->ob_item)[i] = x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_uq(Array *self, Py_ssize_t i, PyObject *value)
{
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return -1;
    }
    unsigned long long x = PyLong_AsUnsignedLongLong(number);
    Py_DECREF(number);
    if (x == (unsigned long long)-1 && PyErr_Occurred()) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((unsigned long long *)(void *)self->ob_item)[i] = x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_f(Array *self, Py_ssize_t i, PyObject *value)
{
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((float *)(void *)self->ob_item)[i] = (float)x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_d(Array *self, Py_ssize_t i, PyObject *value)
{
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((double *)(void *)self->ob_item)[i] = x;
    }
    return ready < 0 ? -1 : 0;
}

static int
item_set_char(Array *self, Py_ssize_t i, PyObject *value)
{
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "array item must be a unicode character, not %T",
                     value);
        return -1;
    }
    if (PyUnicode_GET_LENGTH(value) != 1) {
        PyErr_Format(PyExc_TypeError,
                     "array item must be a unicode character, "
                     "not a string of length %zd",
                     PyUnicode_GET_LENGTH(value));
        return -1;
    }
    int ready = item_ready(self, i);
    if (ready > 0) {
        ((Py_UCS4 *)(void *)self->ob_item)[i] = PyUnicode_READ_CHAR(value, 0);
    }
    return ready < 0 ? -1 : 0;
}

// The first of n items in which two arrays of one kind differ decides: <0, 0, >0.
// Floats are not here: NaN equals nothing, not even itself.
#define ITEM_COMPARE(name, ctype)                                             \
    static int name(const void *a, const void *b, Py_ssize_t n)               \
    {                                                                         \
        const ctype *x = a, *y = b;                                           \
        for (Py_ssize_t i = 0; i < n; i++) {                                  \
            if (x[i] != y[i]) {                                               \
                return x[i] < y[i] ? -1 : 1;                                  \
            }                                                                 \
        }                                                                     \
        return 0;                                                             \
    }

ITEM_COMPARE(item_compare_b, signed char)
ITEM_COMPARE(item_compare_ub, unsigned char)
ITEM_COMPARE(item_compare_h, short)
ITEM_COMPARE(item_compare_uh, unsigned short)
ITEM_COMPARE(item_compare_i, int)
ITEM_COMPARE(item_compare_ui, unsigned int)
ITEM_COMPARE(item_compare_l, long)
ITEM_COMPARE(item_compare_ul, unsigned long)

const ArrayKind kr_array_kinds[] = {
    {'b', 1, item_get_b, item_set_b, item_compare_b, "b", true, true},
    {'B', 1, item_get_ub, item_set_ub, item_compare_ub, "B", true, false},
    {'u', 4, item_get_char, item_set_char, item_compare_ui, "w", false, false},
    {'w', 4, item_get_char, item_set_char, item_compare_ui, "w", false, false},
    {'h', 2, item_get_h, item_set_h, item_compare_h, "h", true, true},
    {'H', 2, item_get_uh, item_set_uh, item_compare_uh, "H", true, false},
    {'i', 4, item_get_i, item_set_i, item_compare_i, "i", true, true},
    {'I', 4, item_get_ui, item_set_ui, item_compare_ui, "I", true, false},
    {'l', 8, item_get_l, item_set_l, item_compare_l, "l", true, true},
    {'L', 8, item_get_ul, item_set_ul, item_compare_ul, "L", true, false},
    {'q', 8, item_get_l, item_set_q, item_compare_l, "q", true, true},
    {'Q', 8, item_get_ul, item_set_uq, item_compare_ul, "Q", true, false},
    {'f', 4, item_get_f, item_set_f, NULL, "f", false, false},
    {'d', 8, item_get_d, item_set_d, NULL, "d", false, false},
    {0},
};
