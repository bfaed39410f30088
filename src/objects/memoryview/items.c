// SPDX-License-Identifier: MIT
// items.c - single items of a buffer as objects, by native struct format.
#include "objects/memoryview/memoryview.h"

#include "objects/ids.h"

Py_ssize_t
kr_format_native(const char *format, char *code_out)
{
    if (format[0] == '@') {
        format++;
    }
    *code_out = format[0];
    if (format[0] == '\0' || format[1] != '\0') {
        return -1;
    }
    switch (format[0]) {
    case 'c':
    case 'b':
    case 'B':
        return 1;
    case '?':
        return sizeof(bool);
    case 'h':
    case 'H':
        return sizeof(short);
    case 'i':
    case 'I':
        return sizeof(int);
    case 'l':
    case 'L':
        return sizeof(long);
    case 'q':
    case 'Q':
        return sizeof(long long);
    case 'n':
    case 'N':
        return sizeof(size_t);
    case 'e':
        return 2;
    case 'f':
        return sizeof(float);
    case 'd':
        return sizeof(double);
    case 'P':
        return sizeof(void *);
    default:
        return -1;
    }
}

char
kr_memoryview_code(const Py_buffer *view)
{
    const char *format = view->format;

    if (format[0] == '@') {
        format++;
    }
    if (format[0] == '\0' || format[1] != '\0') {
        PyErr_Format(PyExc_NotImplementedError, "memoryview: unsupported format %s",
                     view->format);
        return 0;
    }
    return format[0];
}

#define READ(type)                                                            \
    ({                                                                        \
        type value_;                                                          \
        memcpy(&value_, at, sizeof value_);                                   \
        value_;                                                               \
    })

PyObject *
kr_item_unpack(const char *at, char code, const char *format)
{
    switch (code) {
    case 'B':
        return PyLong_FromLong((unsigned char)*at);
    case 'b':
        return PyLong_FromLong((signed char)*at);
    case 'c':
        return PyBytes_FromStringAndSize(at, 1);
    case '?':
        return PyBool_FromLong(*at != 0);
    case 'h':
        return PyLong_FromLong(READ(short));
    case 'H':
        return PyLong_FromLong(READ(unsigned short));
    case 'i':
        return PyLong_FromLong(READ(int));
    case 'I':
        return PyLong_FromUnsignedLong(READ(unsigned int));
    case 'l':
        return PyLong_FromLong(READ(long));
    case 'L':
        return PyLong_FromUnsignedLong(READ(unsigned long));
    case 'q':
        return PyLong_FromLongLong(READ(long long));
    case 'Q':
        return PyLong_FromUnsignedLongLong(READ(unsigned long long));
    case 'n':
        return PyLong_FromSsize_t(READ(Py_ssize_t));
    case 'N':
        return PyLong_FromSize_t(READ(size_t));
    case 'e': {
        double value = PyFloat_Unpack2(at, PY_LITTLE_ENDIAN);
        return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
    }
    case 'f':
        return PyFloat_FromDouble(READ(float));
    case 'd':
        return PyFloat_FromDouble(READ(double));
    case 'P':
        return PyLong_FromVoidPtr(READ(void *));
    default:
        PyErr_Format(PyExc_NotImplementedError, "memoryview: format %s not supported",
                     format);
        return NULL;
    }
}

// Turns what a conversion raised into the memoryview's own error.
static int
pack_error(const char *format)
{
    if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Format(PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
    }
    else if (PyErr_ExceptionMatches(PyExc_OverflowError) ||
             PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Format(PyExc_ValueError, "memoryview: invalid value for format '%s'",
                     format);
    }
    return -1;
}

static int
pack_out_of_range(const char *format)
{
    PyErr_Format(PyExc_ValueError, "memoryview: invalid value for format '%s'", format);
    return -1;
}

// A signed number within size bytes.
static int
pack_signed(char *at, PyObject *value, size_t size, const char *format)
{
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return pack_error(format);
    }
    long long n = PyLong_AsLongLong(number);
    Py_DECREF(number);
    if (n == -1 && PyErr_Occurred()) {
        return pack_error(format);
    }
    if (size < sizeof n) {
        long long limit = 1LL << (8 * size - 1);
        if (n < -limit || n >= limit) {
            return pack_out_of_range(format);
        }
    }
    memcpy(at, &n, size); // little-endian: the low bytes come first
    return 0;
}

static int
pack_unsigned(char *at, PyObject *value, size_t size, const char *format)
{
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return pack_error(format);
    }
    unsigned long long n = PyLong_AsUnsignedLongLong(number);
    Py_DECREF(number);
    if (n == (unsigned long long)-1 && PyErr_Occurred()) {
        return pack_error(format);
    }
    if (size < sizeof n && n >> (8 * size) != 0) {
        return pack_out_of_range(format);
    }
    memcpy(at, &n, size);
    return 0;
}

static int
pack_float(char *at, PyObject *value, char code, const char *format)
{
    double d = PyFloat_AsDouble(value);

    if (d == -1.0 && PyErr_Occurred()) {
        return pack_error(format);
    }
    if (code == 'e') {
        return PyFloat_Pack2(d, at, PY_LITTLE_ENDIAN) < 0 ? pack_error(format) : 0;
    }
    if (code == 'f') {
        float f = (float)d;
        memcpy(at, &f, sizeof f);
        return 0;
    }
    memcpy(at, &d, sizeof d);
    return 0;
}

static int
pack_char(char *at, PyObject *value, const char *format)
{
    if (!PyBytes_Check(value)) {
        PyErr_Format(PyExc_TypeError, "memoryview: invalid type for format '%s'", format);
        return -1;
    }
    if (PyBytes_GET_SIZE(value) != 1) {
        return pack_out_of_range(format);
    }
    *at = PyBytes_AS_STRING(value)[0];
    return 0;
}

int
kr_item_pack(char *at, PyObject *value, char code, const char *format)
{
    switch (code) {
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n':
        return pack_signed(at, value, code == 'b'   ? 1
                                      : code == 'h' ? sizeof(short)
                                      : code == 'i' ? sizeof(int)
                                                    : sizeof(long), format);
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
    case 'N':
        return pack_unsigned(at, value, code == 'B'   ? 1
                                        : code == 'H' ? sizeof(short)
                                        : code == 'I' ? sizeof(int)
                                                      : sizeof(long), format);
    case 'e':
    case 'f':
    case 'd':
        return pack_float(at, value, code, format);
    case 'c':
        return pack_char(at, value, format);
    case '?': {
        int truth = PyObject_IsTrue(value);
        if (truth < 0) {
            return -1;
        }
        *at = (char)truth;
        return 0;
    }
    case 'P': {
        PyObject *number = PyNumber_Index(value);
        if (number == NULL) {
            return pack_error(format);
        }
        void *pointer = PyLong_AsVoidPtr(number);
        Py_DECREF(number);
        if (pointer == NULL && PyErr_Occurred()) {
            return pack_error(format);
        }
        memcpy(at, &pointer, sizeof pointer);
        return 0;
    }
    default:
        PyErr_Format(PyExc_NotImplementedError, "memoryview: format %s not supported",
                     format);
        return -1;
    }
}
