// SPDX-License-Identifier: MIT
// marshal/write.c - objects to bytes: the payload of .pyc files.
//
// Callers:   module marshal, import/frozen.c, extensions via PyMarshal_Write*.
// Errors:    kept in the writer until the end; the first one stops the writing.
// Read next: format.h, read.c

#include "Python.h"

#include <marshal.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "objects/code.h"
#include "runtime/marshal/format.h"

typedef enum {
    WRITE_OK,
    WRITE_UNMARSHALLABLE,
    WRITE_TOO_DEEP,
    WRITE_NO_MEMORY,
    WRITE_CODE_NOT_ALLOWED,
    WRITE_RAISED, // an exception is set
} WriteError;

// Objects already written, by address; open addressing.
typedef struct {
    PyObject **keys; // borrowed: the value written keeps them alive
    int32_t *numbers;
    size_t mask;
    int32_t count;
} SeenTable;

typedef struct {
    char *data;
    size_t size;
    size_t capacity;
    WriteError error;
    int depth;
    int version;
    bool allow_code;
    bool references; // version 3 and later
    SeenTable seen;
} Writer;

static void write_object(Writer *w, PyObject *v);

// For seen.numbers: the object is being written and cannot be made before its parts.
#define UNFINISHED INT32_MIN

static bool
writer_reserve(Writer *w, size_t more)
{
    if (w->capacity - w->size >= more) {
        return true;
    }
    size_t capacity = w->capacity + w->capacity / 2 + more + 64;
    char *data = PyMem_Realloc(w->data, capacity);
    if (data == NULL) {
        w->error = WRITE_NO_MEMORY;
        return false;
    }
    w->data = data;
    w->capacity = capacity;
    return true;
}

static void
write_raw(Writer *w, const void *data, size_t size)
{
    if (writer_reserve(w, size)) {
        memcpy(w->data + w->size, data, size);
        w->size += size;
    }
}

static void
write_byte(Writer *w, int value)
{
    char byte = (char)value;
    write_raw(w, &byte, 1);
}

static void
write_short(Writer *w, int value)
{
    unsigned char bytes[2] = {(unsigned char)value, (unsigned char)(value >> 8)};
    write_raw(w, bytes, 2);
}

static void
write_long(Writer *w, long value)
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++) {
        bytes[i] = (unsigned char)((unsigned long)value >> (8 * i));
    }
    write_raw(w, bytes, 4);
}

static bool
write_size(Writer *w, Py_ssize_t size)
{
    if (size > INT32_MAX) {
        w->depth--;
        w->error = WRITE_UNMARSHALLABLE;
        return false;
    }
    write_long(w, (long)size);
    return true;
}

static void
write_sized(Writer *w, const char *data, Py_ssize_t size)
{
    if (size > INT32_MAX) {
        w->error = WRITE_UNMARSHALLABLE;
        return;
    }
    write_long(w, (long)size);
    write_raw(w, data, (size_t)size);
}

static void
write_short_sized(Writer *w, const char *data, Py_ssize_t size)
{
    write_byte(w, (int)size);
    write_raw(w, data, (size_t)size);
}

static size_t
seen_slot(const SeenTable *seen, PyObject *key)
{
    size_t at = (size_t)(((uint64_t)(uintptr_t)key >> 4) * 0x9E3779B97F4A7C15u >> 20);
    while (seen->keys[at & seen->mask] != NULL && seen->keys[at & seen->mask] != key) {
        at++;
    }
    return at & seen->mask;
}

static bool
seen_grow(SeenTable *seen)
{
    size_t size = seen->keys != NULL ? (seen->mask + 1) * 2 : 256;
    SeenTable larger = {.mask = size - 1, .count = seen->count};
    larger.keys = PyMem_Calloc(size, sizeof(*larger.keys));
    larger.numbers = PyMem_Malloc(size * sizeof(*larger.numbers));
    if (larger.keys == NULL || larger.numbers == NULL) {
        PyMem_Free(larger.keys);
        PyMem_Free(larger.numbers);
        return false;
    }
    for (size_t i = 0; seen->keys != NULL && i <= seen->mask; i++) {
        if (seen->keys[i] != NULL) {
            size_t at = seen_slot(&larger, seen->keys[i]);
            larger.keys[at] = seen->keys[i];
            larger.numbers[at] = seen->numbers[i];
        }
    }
    PyMem_Free(seen->keys);
    PyMem_Free(seen->numbers);
    *seen = larger;
    return true;
}

// True if the object was written before (a reference stands there now). Otherwise *flag
// becomes FLAG_REF when a later reference is possible.
static bool
write_reference(Writer *w, PyObject *v, int *flag)
{
    if (!w->references || Py_REFCNT(v) == 1) {
        return false; // nobody else can mean it
    }
    if (w->seen.keys == NULL || (size_t)w->seen.count * 2 >= w->seen.mask) {
        if (w->seen.count == INT32_MAX || !seen_grow(&w->seen)) {
            w->error = WRITE_NO_MEMORY;
            return true;
        }
    }
    size_t at = seen_slot(&w->seen, v);
    if (w->seen.keys[at] != NULL) {
        if (w->seen.numbers[at] < 0) {
            w->error = WRITE_UNMARSHALLABLE; // a part of itself
            return true;
        }
        write_byte(w, T_REF);
        write_long(w, w->seen.numbers[at]);
        return true;
    }
    w->seen.keys[at] = v;
    w->seen.numbers[at] = w->seen.count++;
    *flag |= FLAG_REF;
    return false;
}

// Marks an object that has got FLAG_REF as unfinished, or as finished.
static void
mark_unfinished(Writer *w, PyObject *v, int flag, bool unfinished)
{
    if (flag & FLAG_REF) {
        int32_t *number = &w->seen.numbers[seen_slot(&w->seen, v)];
        *number = unfinished ? *number | UNFINISHED : *number & ~UNFINISHED;
    }
}

// Numbers beyond 32 bits: how many digits of 15 bits (negative: the number is), digits.
static void
write_big_int(Writer *w, PyObject *v, int flag)
{
    int sign = 0;
    if (PyLong_GetSign(v, &sign) < 0) {
        w->error = WRITE_RAISED;
        return;
    }
    PyObject *magnitude = sign < 0 ? PyNumber_Negative(v) : Py_NewRef(v);
    unsigned char *bytes = NULL;
    if (magnitude == NULL) {
        w->error = WRITE_RAISED;
        return;
    }
    Py_ssize_t size = PyLong_AsNativeBytes(magnitude, NULL, 0,
                                           Py_ASNATIVEBYTES_LITTLE_ENDIAN);
    if (size < 0 || (bytes = PyMem_Calloc((size_t)size + 4, 1)) == NULL
        || PyLong_AsNativeBytes(magnitude, bytes, size, Py_ASNATIVEBYTES_LITTLE_ENDIAN)
               < 0) {
        w->error = size >= 0 && bytes == NULL ? WRITE_NO_MEMORY : WRITE_RAISED;
        goto done;
    }
    Py_ssize_t digits = (size * 8 + 14) / 15;
    const Py_ssize_t all = digits;
    Py_ssize_t used = 0;
    for (Py_ssize_t i = 0; i < all; i++) {
        Py_ssize_t bit = i * 15;
        uint32_t word = 0;
        for (int j = 0; j < 3; j++) {
            Py_ssize_t at = bit / 8 + j;
            word |= (at < size ? (uint32_t)bytes[at] : 0u) << (8 * j);
        }
        if ((word >> (bit % 8)) & 0x7fff) {
            used = i + 1;
        }
    }
    digits = used;
    write_byte(w, T_LONG | flag);
    if (digits > INT32_MAX) {
        w->error = WRITE_UNMARSHALLABLE;
        goto done;
    }
    write_long(w, (long)(sign < 0 ? -digits : digits));
    for (Py_ssize_t i = 0; i < digits; i++) {
        Py_ssize_t bit = i * 15;
        uint32_t word = 0;
        for (int j = 0; j < 3; j++) {
            Py_ssize_t at = bit / 8 + j;
            word |= (at < size ? (uint32_t)bytes[at] : 0u) << (8 * j);
        }
        write_short(w, (int)((word >> (bit % 8)) & 0x7fff));
    }

done:
    PyMem_Free(bytes);
    Py_DECREF(magnitude);
}

static void
write_int(Writer *w, PyObject *v, int flag)
{
    int overflow;
    long value = PyLong_AsLongAndOverflow(v, &overflow);
    if (!overflow && value >= INT32_MIN && value <= INT32_MAX) {
        write_byte(w, T_INT | flag);
        write_long(w, value);
        return;
    }
    write_big_int(w, v, flag);
}

static void
write_double(Writer *w, double value)
{
    char bytes[8];
    if (PyFloat_Pack8(value, bytes, 1) < 0) {
        w->error = WRITE_RAISED;
        return;
    }
    write_raw(w, bytes, 8);
}

static void
write_double_text(Writer *w, double value)
{
    char *text = PyOS_double_to_string(value, 'g', 17, 0, NULL);
    if (text == NULL) {
        w->error = WRITE_RAISED;
        return;
    }
    write_short_sized(w, text, (Py_ssize_t)strlen(text));
    PyMem_Free(text);
}

static void
write_float(Writer *w, double value, int flag)
{
    if (w->version > 1) {
        write_byte(w, T_BINARY_FLOAT | flag);
        write_double(w, value);
    }
    else {
        write_byte(w, T_FLOAT | flag);
        write_double_text(w, value);
    }
}

static void
write_complex(Writer *w, PyObject *v, int flag)
{
    double real = PyComplex_RealAsDouble(v), imag = PyComplex_ImagAsDouble(v);
    if (w->version > 1) {
        write_byte(w, T_BINARY_COMPLEX | flag);
        write_double(w, real);
        write_double(w, imag);
    }
    else {
        write_byte(w, T_COMPLEX | flag);
        write_double_text(w, real);
        write_double_text(w, imag);
    }
}

static void
write_str(Writer *w, PyObject *v, int flag)
{
    bool interned = PyUnicode_CHECK_INTERNED(v) != 0;
    if (w->version >= 4 && PyUnicode_IS_ASCII(v)) {
        Py_ssize_t length = PyUnicode_GET_LENGTH(v);
        bool is_short = length < 256;
        if (is_short) {
            write_byte(w, (interned ? T_SHORT_ASCII_INTERNED : T_SHORT_ASCII) | flag);
            write_short_sized(w, (const char *)PyUnicode_1BYTE_DATA(v), length);
        }
        else {
            write_byte(w, (interned ? T_ASCII_INTERNED : T_ASCII) | flag);
            write_sized(w, (const char *)PyUnicode_1BYTE_DATA(v), length);
        }
        return;
    }
    PyObject *utf8 = PyUnicode_AsEncodedString(v, "utf-8", "surrogatepass");
    if (utf8 == NULL) {
        w->depth--;
        w->error = WRITE_UNMARSHALLABLE;
        return;
    }
    write_byte(w, (w->version >= 3 && interned ? T_INTERNED : T_UNICODE) | flag);
    write_sized(w, PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8));
    Py_DECREF(utf8);
}

static void
write_tuple(Writer *w, PyObject *v, int flag)
{
    Py_ssize_t size = PyTuple_GET_SIZE(v);
    if (w->version >= 4 && size < 256) {
        write_byte(w, T_SMALL_TUPLE | flag);
        write_byte(w, (int)size);
    }
    else {
        write_byte(w, T_TUPLE | flag);
        if (!write_size(w, size)) {
            return;
        }
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        write_object(w, PyTuple_GET_ITEM(v, i));
    }
}

static void
write_list(Writer *w, PyObject *v, int flag)
{
    write_byte(w, T_LIST | flag);
    Py_ssize_t size = PyList_GET_SIZE(v);
    if (!write_size(w, size)) {
        return;
    }
    for (Py_ssize_t i = 0; i < size && i < PyList_GET_SIZE(v); i++) {
        write_object(w, PyList_GET_ITEM(v, i));
    }
}

static void
write_dict(Writer *w, PyObject *v, int flag)
{
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    write_byte(w, T_DICT | flag);
    while (PyDict_Next(v, &pos, &key, &value)) {
        write_object(w, key);
        write_object(w, value);
    }
    write_object(w, NULL);
}

// Elements go out in the order of their own bytes, so that equal sets look equal.
static void
write_set(Writer *w, PyObject *v, int flag)
{
    PyObject *items = NULL, *pairs = NULL;
    Py_ssize_t size = PySet_GET_SIZE(v);

    write_byte(w, (PyFrozenSet_CheckExact(v) ? T_FROZENSET : T_SET) | flag);
    if (!write_size(w, PySet_GET_SIZE(v))) {
        return;
    }
    items = PySequence_Tuple(v);
    pairs = PyList_New(0);
    if (items == NULL || pairs == NULL) {
        goto failed;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items); i++) {
        PyObject *dump = kr_marshal_dumps(PyTuple_GET_ITEM(items, i), w->version,
                                          w->allow_code);
        if (dump == NULL) {
            w->error = WRITE_UNMARSHALLABLE;
            PyErr_Clear();
            goto done;
        }
        if (PySet_GET_SIZE(v) != size) {
            PyErr_SetString(PyExc_RuntimeError, "set changed size during iteration");
            Py_DECREF(dump);
            goto failed;
        }
        // The number keeps items with equal bytes, NaNs, from being compared.
        PyObject *pair = Py_BuildValue("(NnO)", dump, i, PyTuple_GET_ITEM(items, i));
        if (pair == NULL || PyList_Append(pairs, pair) < 0) {
            Py_XDECREF(pair);
            goto failed;
        }
        Py_DECREF(pair);
    }
    if (PyList_Sort(pairs) < 0) {
        goto failed;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pairs); i++) {
        write_object(w, PyTuple_GET_ITEM(PyList_GET_ITEM(pairs, i), 2));
    }
    goto done;

failed:
    w->error = WRITE_RAISED;
done:
    Py_XDECREF(items);
    Py_XDECREF(pairs);
}

static void
write_code(Writer *w, PyCodeObject *code, int flag)
{
    if (!w->allow_code) {
        w->error = WRITE_CODE_NOT_ALLOWED;
        return;
    }
    PyObject *bytes = PyCode_GetCode(code);
    if (bytes == NULL) {
        w->error = WRITE_RAISED;
        return;
    }
    write_byte(w, T_CODE | flag);
    write_long(w, code->co_argcount);
    write_long(w, code->co_posonlyargcount);
    write_long(w, code->co_kwonlyargcount);
    write_long(w, code->co_stacksize);
    write_long(w, code->co_flags);
    write_object(w, bytes);
    write_object(w, code->co_consts);
    write_object(w, code->co_names);
    write_object(w, code->co_localsplusnames);
    write_object(w, code->co_localspluskinds);
    write_object(w, code->co_filename);
    write_object(w, code->co_name);
    write_object(w, code->co_qualname);
    write_long(w, code->co_firstlineno);
    write_object(w, code->co_linetable);
    write_object(w, code->co_exceptiontable);
    Py_DECREF(bytes);
}

static void
write_buffer(Writer *w, PyObject *v, int flag)
{
    Py_buffer view;
    if (PyObject_GetBuffer(v, &view, PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        write_byte(w, T_UNKNOWN);
        w->error = WRITE_UNMARSHALLABLE;
        return;
    }
    write_byte(w, T_BYTES | flag);
    write_sized(w, view.buf, view.len);
    PyBuffer_Release(&view);
}

static void
write_compound(Writer *w, PyObject *v, int flag)
{
    if (PyLong_CheckExact(v)) {
        write_int(w, v, flag);
    }
    else if (PyFloat_CheckExact(v)) {
        write_float(w, PyFloat_AS_DOUBLE(v), flag);
    }
    else if (PyComplex_CheckExact(v)) {
        write_complex(w, v, flag);
    }
    else if (PyBytes_CheckExact(v)) {
        write_byte(w, T_BYTES | flag);
        write_sized(w, PyBytes_AS_STRING(v), PyBytes_GET_SIZE(v));
    }
    else if (PyUnicode_CheckExact(v)) {
        write_str(w, v, flag);
    }
    else if (PyTuple_CheckExact(v)) {
        write_tuple(w, v, flag);
    }
    else if (PyList_CheckExact(v)) {
        write_list(w, v, flag);
    }
    else if (PyDict_CheckExact(v)) {
        write_dict(w, v, flag);
    }
    else if (PyAnySet_CheckExact(v)) {
        write_set(w, v, flag);
    }
    else if (PyCode_Check(v)) {
        mark_unfinished(w, v, flag, true);
        write_code(w, (PyCodeObject *)v, flag);
        mark_unfinished(w, v, flag, false);
    }
    else if (PyObject_CheckBuffer(v)) {
        write_buffer(w, v, flag);
    }
    else if (PySlice_Check(v)) {
        if (w->version < 5) {
            write_byte(w, T_UNKNOWN);
            w->error = WRITE_UNMARSHALLABLE;
            return;
        }
        PySliceObject *slice = (PySliceObject *)v;
        write_byte(w, T_SLICE | flag);
        mark_unfinished(w, v, flag, true);
        write_object(w, slice->start);
        write_object(w, slice->stop);
        write_object(w, slice->step);
        mark_unfinished(w, v, flag, false);
    }
    else {
        write_byte(w, T_UNKNOWN);
        w->error = WRITE_UNMARSHALLABLE;
    }
}

static void
write_object(Writer *w, PyObject *v)
{
    if (w->error != WRITE_OK) {
        return;
    }
    if (w->depth >= KR_MARSHAL_MAX_DEPTH) {
        w->error = WRITE_TOO_DEEP;
        return;
    }
    w->depth++;
    int flag = 0;
    if (v == NULL) {
        write_byte(w, T_NULL);
    }
    else if (v == Py_None) {
        write_byte(w, T_NONE);
    }
    else if (v == PyExc_StopIteration) {
        write_byte(w, T_STOPITER);
    }
    else if (v == Py_Ellipsis) {
        write_byte(w, T_ELLIPSIS);
    }
    else if (v == Py_False) {
        write_byte(w, T_FALSE);
    }
    else if (v == Py_True) {
        write_byte(w, T_TRUE);
    }
    else if (!write_reference(w, v, &flag)) {
        write_compound(w, v, flag);
    }
    w->depth--;
}

static PyObject *
finish_writer(Writer *w)
{
    PyObject *result = NULL;
    switch (w->error) {
    case WRITE_OK:
        result = PyBytes_FromStringAndSize(w->data, (Py_ssize_t)w->size);
        break;
    case WRITE_NO_MEMORY:
        PyErr_NoMemory();
        break;
    case WRITE_TOO_DEEP:
        PyErr_SetString(PyExc_ValueError, "object too deeply nested to marshal");
        break;
    case WRITE_CODE_NOT_ALLOWED:
        PyErr_SetString(PyExc_ValueError, "marshalling code objects is disallowed");
        break;
    case WRITE_UNMARSHALLABLE:
        PyErr_SetString(PyExc_ValueError, "unmarshallable object");
        break;
    case WRITE_RAISED:
        break;
    }
    PyMem_Free(w->data);
    PyMem_Free(w->seen.keys);
    PyMem_Free(w->seen.numbers);
    return result;
}

PyObject *
kr_marshal_dumps(PyObject *value, int version, bool allow_code)
{
    Writer w = {
        .version = version,
        .allow_code = allow_code,
        .references = version >= 3,
    };
    write_object(&w, value);
    return finish_writer(&w);
}

PyObject *
PyMarshal_WriteObjectToString(PyObject *value, int version)
{
    if (PySys_Audit("marshal.dumps", "Oi", value, version) < 0) {
        return NULL;
    }
    return kr_marshal_dumps(value, version, true);
}

void
PyMarshal_WriteLongToFile(long value, FILE *file, int version)
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++) {
        bytes[i] = (unsigned char)((unsigned long)value >> (8 * i));
    }
    (void)fwrite(bytes, 1, 4, file);
}

void
PyMarshal_WriteObjectToFile(PyObject *value, FILE *file, int version)
{
    PyObject *bytes = PyMarshal_WriteObjectToString(value, version);
    if (bytes == NULL) {
        PyErr_Clear(); // there is no way to report it here
        return;
    }
    (void)fwrite(PyBytes_AS_STRING(bytes), 1, (size_t)PyBytes_GET_SIZE(bytes), file);
    Py_DECREF(bytes);
}
