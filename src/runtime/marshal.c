// SPDX-License-Identifier: MIT
// marshal.c - objects to bytes and back: the payload of .pyc files, and module marshal.
//
// The format is the one of marshal's version 5. A value is a type byte and what it needs;
// bit 0x80 of the type byte gives the value the next number, by which 'r' refers to it.
// Numbers are little-endian.
// Invariants: no input makes the reader crash; it raises EOFError, ValueError or TypeError.
// Re-entrancy: file objects of dump() and load() run Python code between the pieces.

#include "Python.h"

#include <marshal.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/code.h"
#include "objects/ids.h"

#define MAX_DEPTH 2000

enum {
    T_NULL = '0',
    T_NONE = 'N',
    T_FALSE = 'F',
    T_TRUE = 'T',
    T_STOPITER = 'S',
    T_ELLIPSIS = '.',
    T_INT = 'i',
    T_INT64 = 'I', // read only
    T_FLOAT = 'f', // as text, up to version 1
    T_BINARY_FLOAT = 'g',
    T_COMPLEX = 'x',
    T_BINARY_COMPLEX = 'y',
    T_LONG = 'l',
    T_BYTES = 's',
    T_INTERNED = 't',
    T_REF = 'r',
    T_TUPLE = '(',
    T_SMALL_TUPLE = ')',
    T_LIST = '[',
    T_DICT = '{',
    T_CODE = 'c',
    T_UNICODE = 'u',
    T_UNKNOWN = '?',
    T_SET = '<',
    T_FROZENSET = '>',
    T_SLICE = ':',
    T_ASCII = 'a',
    T_ASCII_INTERNED = 'A',
    T_SHORT_ASCII = 'z',
    T_SHORT_ASCII_INTERNED = 'Z',
    FLAG_REF = 0x80,
};

// ---- writing ----------------------------------------------------------------------------

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
        write_byte(w, T_REF);
        write_long(w, w->seen.numbers[at]);
        return true;
    }
    w->seen.keys[at] = v;
    w->seen.numbers[at] = w->seen.count++;
    *flag |= FLAG_REF;
    return false;
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
    PyObject *items = NULL, *pairs = NULL, *item = NULL;

    write_byte(w, (PyFrozenSet_CheckExact(v) ? T_FROZENSET : T_SET) | flag);
    if (!write_size(w, PySet_GET_SIZE(v))) {
        return;
    }
    items = PyObject_GetIter(v);
    pairs = PyList_New(0);
    if (items == NULL || pairs == NULL) {
        goto failed;
    }
    while ((item = PyIter_Next(items)) != NULL) {
        PyObject *dump = PyMarshal_WriteObjectToString(item, w->version);
        if (dump == NULL) {
            w->error = WRITE_UNMARSHALLABLE;
            PyErr_Clear();
            Py_DECREF(item);
            goto done;
        }
        PyObject *pair = PyTuple_Pack(2, dump, item);
        Py_DECREF(dump);
        Py_DECREF(item);
        if (pair == NULL || PyList_Append(pairs, pair) < 0) {
            Py_XDECREF(pair);
            goto failed;
        }
        Py_DECREF(pair);
    }
    if (PyErr_Occurred() || PyList_Sort(pairs) < 0) {
        goto failed;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pairs); i++) {
        write_object(w, PyTuple_GET_ITEM(PyList_GET_ITEM(pairs, i), 1));
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
        write_code(w, (PyCodeObject *)v, flag);
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
        write_object(w, slice->start);
        write_object(w, slice->stop);
        write_object(w, slice->step);
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
    if (w->depth >= MAX_DEPTH) {
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

static PyObject *
marshal_to_bytes(PyObject *value, int version, bool allow_code)
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
    return marshal_to_bytes(value, version, true);
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

// ---- reading ----------------------------------------------------------------------------

typedef struct {
    const char *next;   // of a text in memory
    const char *end;
    FILE *file;         // or from a C file
    PyObject *readable; // or from a file object with readinto(), borrowed
    char *buffer;       // for what comes from files
    size_t buffer_size;
    int depth;
    bool allow_code;
    PyObject *refs;     // list of values by number
} Reader;

static PyObject *read_object(Reader *r);

static bool
reader_buffer(Reader *r, size_t size)
{
    if (r->buffer_size < size) {
        char *buffer = PyMem_Realloc(r->buffer, size);
        if (buffer == NULL) {
            PyErr_NoMemory();
            return false;
        }
        r->buffer = buffer;
        r->buffer_size = size;
    }
    return true;
}

static const char *
read_from_object(Reader *r, Py_ssize_t size)
{
    PyObject *view = PyMemoryView_FromMemory(r->buffer, size, PyBUF_WRITE);
    if (view == NULL) {
        return NULL;
    }
    PyObject *count = PyObject_CallMethodOneArg(r->readable, KR_ID(readinto), view);
    // The buffer must not be reachable any more.
    PyObject *released = PyObject_CallMethod(view, "release", NULL);
    Py_XDECREF(released);
    Py_DECREF(view);
    if (count == NULL) {
        return NULL;
    }
    Py_ssize_t got = PyNumber_AsSsize_t(count, PyExc_ValueError);
    Py_DECREF(count);
    if (got == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (got != size) {
        if (got > size) {
            PyErr_Format(PyExc_ValueError,
                         "read() returned too much data: %zd bytes requested, %zd "
                         "returned",
                         size, got);
        }
        else {
            PyErr_SetString(PyExc_EOFError, "EOF read where not expected");
        }
        return NULL;
    }
    return r->buffer;
}

// The next bytes, valid until the next call; NULL with an exception set.
static const char *
read_bytes(Reader *r, Py_ssize_t size)
{
    if (r->next != NULL) {
        if (r->end - r->next < size) {
            PyErr_SetString(PyExc_EOFError, "marshal data too short");
            return NULL;
        }
        const char *result = r->next;
        r->next += size;
        return result;
    }
    if (size == 0) {
        return "";
    }
    // A size that lies must not cost memory before the data is there.
    if (!reader_buffer(r, (size_t)size)) {
        return NULL;
    }
    if (r->readable != NULL) {
        return read_from_object(r, size);
    }
    if (fread(r->buffer, 1, (size_t)size, r->file) != (size_t)size) {
        PyErr_SetString(PyExc_EOFError, "EOF read where not expected");
        return NULL;
    }
    return r->buffer;
}

// -1 at the end, without an exception where there is just no more data.
static int
read_byte(Reader *r)
{
    if (r->next != NULL) {
        return r->next < r->end ? (unsigned char)*r->next++ : -1;
    }
    if (r->readable == NULL) {
        return getc(r->file);
    }
    const char *p = read_bytes(r, 1);
    return p != NULL ? (unsigned char)*p : -1;
}

static int
read_short(Reader *r)
{
    const unsigned char *p = (const unsigned char *)read_bytes(r, 2);
    return p == NULL ? -1 : (int16_t)(p[0] | p[1] << 8);
}

static long
read_long(Reader *r)
{
    const unsigned char *p = (const unsigned char *)read_bytes(r, 4);
    if (p == NULL) {
        return -1;
    }
    return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
                     | (uint32_t)p[3] << 24);
}

// -1 with EOFError if so many elements, of a byte at least, cannot follow.
static Py_ssize_t
check_elements(Reader *r, Py_ssize_t size)
{
    if (r->next != NULL && size > r->end - r->next) {
        PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
        return -1;
    }
    return size;
}

// A length; -1 with an exception set.
static Py_ssize_t
read_size(Reader *r, const char *what)
{
    long size = read_long(r);
    if (size == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "bad marshal data (%s size out of range)", what);
        return -1;
    }
    return size;
}

static PyObject *
read_int64(Reader *r)
{
    const unsigned char *p = (const unsigned char *)read_bytes(r, 8);
    if (p == NULL) {
        return NULL;
    }
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value |= (uint64_t)p[i] << (8 * i);
    }
    return PyLong_FromLongLong((long long)value);
}

static PyObject *
read_big_int(Reader *r)
{
    long count = read_long(r);
    if (count == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (count == 0) {
        return PyLong_FromLong(0);
    }
    if (count < -INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "bad marshal data (long size out of range)");
        return NULL;
    }
    Py_ssize_t digits = count < 0 ? -count : count;
    if (r->next != NULL && digits > (r->end - r->next) / 2) {
        PyErr_SetString(PyExc_EOFError, "marshal data too short");
        return NULL;
    }
    size_t size = (size_t)(digits * 15 + 7) / 8 + 4;
    unsigned char *bytes = PyMem_Calloc(size, 1);
    if (bytes == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    int digit = 0;
    for (Py_ssize_t i = 0; i < digits; i++) {
        digit = read_short(r);
        if (digit < 0) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_ValueError,
                                "bad marshal data (digit out of range in long)");
            }
            goto done;
        }
        Py_ssize_t bit = i * 15;
        uint32_t word = (uint32_t)digit << (bit % 8);
        for (int j = 0; j < 3; j++) {
            bytes[bit / 8 + j] |= (unsigned char)(word >> (8 * j));
        }
    }
    if (digit == 0) {
        PyErr_SetString(PyExc_ValueError, "bad marshal data (unnormalized long data)");
        goto done;
    }
    result = PyLong_FromUnsignedNativeBytes(bytes, size, Py_ASNATIVEBYTES_LITTLE_ENDIAN);
    if (result != NULL && count < 0) {
        Py_SETREF(result, PyNumber_Negative(result));
    }

done:
    PyMem_Free(bytes);
    return result;
}

static int
read_double(Reader *r, double *value_out)
{
    const char *p = read_bytes(r, 8);
    if (p == NULL) {
        return -1;
    }
    *value_out = PyFloat_Unpack8(p, 1);
    return *value_out == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static int
read_double_text(Reader *r, double *value_out)
{
    char text[256];
    int size = read_byte(r);
    if (size < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
        }
        return -1;
    }
    const char *p = read_bytes(r, size);
    if (p == NULL) {
        return -1;
    }
    memcpy(text, p, (size_t)size);
    text[size] = '\0';
    *value_out = PyOS_string_to_double(text, NULL, NULL);
    return *value_out == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *
read_float(Reader *r, bool binary)
{
    double value;
    int status = binary ? read_double(r, &value) : read_double_text(r, &value);
    return status < 0 ? NULL : PyFloat_FromDouble(value);
}

static PyObject *
read_complex(Reader *r, bool binary)
{
    double real, imag;
    if (binary ? read_double(r, &real) < 0 || read_double(r, &imag) < 0
               : read_double_text(r, &real) < 0 || read_double_text(r, &imag) < 0) {
        return NULL;
    }
    return PyComplex_FromDoubles(real, imag);
}

static PyObject *
read_ascii(Reader *r, Py_ssize_t size, bool interned)
{
    const char *p = size < 0 ? NULL : read_bytes(r, size);
    if (p == NULL) {
        return NULL;
    }
    // The text may be anything: bytes above 127 give a Latin-1 string, as they should.
    PyObject *text = PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, p, size);
    if (text != NULL && interned) {
        PyUnicode_InternInPlace(&text);
    }
    return text;
}

static Py_ssize_t
read_short_size(Reader *r)
{
    int size = read_byte(r);
    if (size < 0 && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
    }
    return size;
}

static PyObject *
read_utf8(Reader *r, bool interned)
{
    Py_ssize_t size = read_size(r, "string");
    const char *p = size < 0 ? NULL : read_bytes(r, size);
    if (p == NULL) {
        return NULL;
    }
    PyObject *text = PyUnicode_DecodeUTF8(p, size, "surrogatepass");
    if (text != NULL && interned) {
        PyUnicode_InternInPlace(&text);
    }
    return text;
}

static PyObject *
read_bytes_object(Reader *r)
{
    Py_ssize_t size = read_size(r, "bytes object");
    const char *p = size < 0 ? NULL : read_bytes(r, size);
    return p == NULL ? NULL : PyBytes_FromStringAndSize(p, size);
}

// Gives the value the next number if its type byte asks for it. Steals nothing; -1 on error.
static int
add_reference(Reader *r, PyObject *value, int flag)
{
    return flag ? PyList_Append(r->refs, value) : 0;
}

// A number for a value that is made after its parts. -1 on error; 0 without flag.
static Py_ssize_t
reserve_reference(Reader *r, int flag)
{
    if (!flag) {
        return 0;
    }
    Py_ssize_t index = PyList_GET_SIZE(r->refs);
    return PyList_Append(r->refs, Py_None) < 0 ? -1 : index;
}

// The value for the reserved number; passes it on, NULL on error.
static PyObject *
fill_reference(Reader *r, PyObject *value_steal, Py_ssize_t index, int flag)
{
    if (value_steal != NULL && flag
        && PyList_SetItem(r->refs, index, Py_NewRef(value_steal)) < 0) {
        Py_CLEAR(value_steal);
    }
    return value_steal;
}

static PyObject *
missing_part(const char *where)
{
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "NULL object in marshal data for %s", where);
    }
    return NULL;
}

static PyObject *
read_tuple(Reader *r, Py_ssize_t size, int flag)
{
    if (size < 0) {
        return NULL;
    }
    PyObject *tuple = PyTuple_New(size);
    if (tuple == NULL || add_reference(r, tuple, flag) < 0) {
        Py_XDECREF(tuple);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = read_object(r);
        if (item == NULL) {
            Py_DECREF(tuple);
            return missing_part("tuple");
        }
        PyTuple_SET_ITEM(tuple, i, item);
    }
    return tuple;
}

static PyObject *
read_list(Reader *r, int flag)
{
    Py_ssize_t size = check_elements(r, read_size(r, "list"));
    if (size < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    if (list == NULL || add_reference(r, list, flag) < 0) {
        Py_XDECREF(list);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = read_object(r);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_XDECREF(item);
            Py_DECREF(list);
            return missing_part("list");
        }
        Py_DECREF(item);
    }
    return list;
}

static PyObject *
read_dict(Reader *r, int flag)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL || add_reference(r, dict, flag) < 0) {
        Py_XDECREF(dict);
        return NULL;
    }
    for (;;) {
        PyObject *key = read_object(r);
        if (key == NULL) {
            break;
        }
        PyObject *value = read_object(r);
        if (value == NULL) {
            Py_DECREF(key);
            break;
        }
        int status = PyDict_SetItem(dict, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
        if (status < 0) {
            break;
        }
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
read_set(Reader *r, int type, int flag)
{
    Py_ssize_t size = check_elements(r, read_size(r, "set"));
    if (size < 0) {
        return NULL;
    }
    bool is_frozen = type == T_FROZENSET;
    PyObject *set = is_frozen ? PyFrozenSet_New(NULL) : PySet_New(NULL);
    Py_ssize_t index = 0;
    if (set == NULL) {
        return NULL;
    }
    if (is_frozen && size == 0) {
        // The empty frozenset may be shared, so it is complete at once.
        if (add_reference(r, set, flag) < 0) {
            Py_CLEAR(set);
        }
        return set;
    }
    if (is_frozen) {
        // Nobody may see a frozenset that still changes.
        index = reserve_reference(r, flag);
        Py_SETREF(set, PySet_New(NULL));
    }
    else if (add_reference(r, set, flag) < 0) {
        Py_CLEAR(set);
    }
    if (set == NULL || index < 0) {
        Py_XDECREF(set);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = read_object(r);
        if (item == NULL || PySet_Add(set, item) < 0) {
            Py_XDECREF(item);
            Py_DECREF(set);
            return missing_part("set");
        }
        Py_DECREF(item);
    }
    if (is_frozen) {
        Py_SETREF(set, PyFrozenSet_New(set));
        return fill_reference(r, set, index, flag);
    }
    return set;
}

static PyObject *
read_slice(Reader *r, int flag)
{
    Py_ssize_t index = reserve_reference(r, flag);
    PyObject *start = NULL, *stop = NULL, *step = NULL, *slice = NULL;

    if (index < 0) {
        return NULL;
    }
    if ((start = read_object(r)) == NULL || (stop = read_object(r)) == NULL
        || (step = read_object(r)) == NULL) {
        missing_part("slice");
    }
    else {
        slice = PySlice_New(start, stop, step);
    }
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    return fill_reference(r, slice, index, flag);
}

static bool
check_code_types(const KrCodeInit *init, PyObject *code)
{
    return PyBytes_Check(code) && PyTuple_Check(init->consts)
           && PyTuple_Check(init->names) && PyTuple_Check(init->localsplusnames)
           && PyBytes_Check(init->localspluskinds) && PyUnicode_Check(init->filename)
           && PyUnicode_Check(init->name) && PyUnicode_Check(init->qualname)
           && PyBytes_Check(init->linetable) && PyBytes_Check(init->exceptiontable);
}

static int
read_code_number(Reader *r, int *out)
{
    long value = read_long(r);
    *out = (int)value;
    return value == -1 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *
read_code(Reader *r, int flag)
{
    KrCodeInit init = {0};
    PyObject *parts[10] = {NULL};
    PyObject *result = NULL;

    if (!r->allow_code) {
        PyErr_SetString(PyExc_ValueError, "unmarshalling code objects is disallowed");
        return NULL;
    }
    Py_ssize_t index = reserve_reference(r, flag);
    if (index < 0 || read_code_number(r, &init.argcount) < 0
        || read_code_number(r, &init.posonlyargcount) < 0
        || read_code_number(r, &init.kwonlyargcount) < 0
        || read_code_number(r, &init.stacksize) < 0
        || read_code_number(r, &init.flags) < 0) {
        return NULL;
    }
    for (int i = 0; i < 10; i++) {
        if (i == 8 && read_code_number(r, &init.firstlineno) < 0) {
            goto done;
        }
        parts[i] = read_object(r);
        if (parts[i] == NULL) {
            missing_part("code");
            goto done;
        }
    }
    init.consts = parts[1];
    init.names = parts[2];
    init.localsplusnames = parts[3];
    init.localspluskinds = parts[4];
    init.filename = parts[5];
    init.name = parts[6];
    init.qualname = parts[7];
    init.linetable = parts[8];
    init.exceptiontable = parts[9];
    if (!check_code_types(&init, parts[0])) {
        PyErr_SetString(PyExc_ValueError, "bad marshal data (malformed code object)");
        goto done;
    }
    init.code = PyBytes_AS_STRING(parts[0]);
    init.code_size = PyBytes_GET_SIZE(parts[0]);
    result = (PyObject *)kr_code_new(&init);
    if (result == NULL
        && (PyErr_ExceptionMatches(PyExc_SystemError)
            || PyErr_ExceptionMatches(PyExc_OverflowError))) {
        PyErr_SetString(PyExc_ValueError, "bad marshal data (malformed code object)");
    }

done:
    for (int i = 0; i < 10; i++) {
        Py_XDECREF(parts[i]);
    }
    return fill_reference(r, result, index, flag);
}

static PyObject *
read_reference(Reader *r)
{
    long number = read_long(r);
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (number < 0 || number >= PyList_GET_SIZE(r->refs)) {
        PyErr_SetString(PyExc_ValueError, "bad marshal data (invalid reference)");
        return NULL;
    }
    PyObject *value = PyList_GET_ITEM(r->refs, number);
    if (value == Py_None) {
        // A value inside itself, where that cannot be.
        PyErr_SetString(PyExc_ValueError, "bad marshal data (invalid reference)");
        return NULL;
    }
    return Py_NewRef(value);
}

// Values that are complete when they get their number.
static PyObject *
read_simple(Reader *r, int type)
{
    switch (type) {
    case T_NONE:
        return Py_NewRef(Py_None);
    case T_STOPITER:
        return Py_NewRef(PyExc_StopIteration);
    case T_ELLIPSIS:
        return Py_NewRef(Py_Ellipsis);
    case T_FALSE:
        return Py_NewRef(Py_False);
    case T_TRUE:
        return Py_NewRef(Py_True);
    case T_INT: {
        long value = read_long(r);
        return value == -1 && PyErr_Occurred() ? NULL : PyLong_FromLong(value);
    }
    case T_INT64:
        return read_int64(r);
    case T_LONG:
        return read_big_int(r);
    case T_FLOAT:
    case T_BINARY_FLOAT:
        return read_float(r, type == T_BINARY_FLOAT);
    case T_COMPLEX:
    case T_BINARY_COMPLEX:
        return read_complex(r, type == T_BINARY_COMPLEX);
    case T_BYTES:
        return read_bytes_object(r);
    case T_ASCII:
    case T_ASCII_INTERNED:
        return read_ascii(r, read_size(r, "string"), type == T_ASCII_INTERNED);
    case T_SHORT_ASCII:
    case T_SHORT_ASCII_INTERNED:
        return read_ascii(r, read_short_size(r), type == T_SHORT_ASCII_INTERNED);
    case T_INTERNED:
    case T_UNICODE:
        return read_utf8(r, type == T_INTERNED);
    default:
        PyErr_SetString(PyExc_ValueError, "bad marshal data (unknown type code)");
        return NULL;
    }
}

static PyObject *
read_value(Reader *r, int type, int flag)
{
    switch (type) {
    case T_NULL:
        return NULL; // without an exception: ends a dict
    case T_SMALL_TUPLE:
        return read_tuple(r, check_elements(r, read_short_size(r)), flag);
    case T_TUPLE:
        return read_tuple(r, check_elements(r, read_size(r, "tuple")), flag);
    case T_LIST:
        return read_list(r, flag);
    case T_DICT:
        return read_dict(r, flag);
    case T_SET:
    case T_FROZENSET:
        return read_set(r, type, flag);
    case T_SLICE:
        return read_slice(r, flag);
    case T_CODE:
        return read_code(r, flag);
    case T_REF:
        return read_reference(r);
    default:
        break;
    }
    PyObject *value = read_simple(r, type);
    bool singleton = type == T_NONE || type == T_TRUE || type == T_FALSE
                     || type == T_ELLIPSIS || type == T_STOPITER;
    if (value != NULL && !singleton && add_reference(r, value, flag) < 0) {
        Py_CLEAR(value);
    }
    return value;
}

static PyObject *
read_object(Reader *r)
{
    int code = read_byte(r);
    if (code < 0) {
        if (!PyErr_Occurred() || PyErr_ExceptionMatches(PyExc_EOFError)) {
            PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
        }
        return NULL;
    }
    if (r->depth >= MAX_DEPTH) {
        PyErr_SetString(PyExc_ValueError, "recursion limit exceeded");
        return NULL;
    }
    r->depth++;
    PyObject *value = read_value(r, code & ~FLAG_REF, code & FLAG_REF);
    r->depth--;
    return value;
}

// Reads one whole value; cleans the reader up.
static PyObject *
read_top(Reader *r)
{
    PyObject *result = NULL;
    r->refs = PyList_New(0);
    if (r->refs != NULL) {
        result = read_object(r);
        if (result == NULL && !PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "NULL object in marshal data for object");
        }
    }
    Py_XDECREF(r->refs);
    PyMem_Free(r->buffer);
    return result;
}

PyObject *
PyMarshal_ReadObjectFromString(const char *data, Py_ssize_t size)
{
    Reader r = {.next = data, .end = data + size, .allow_code = true};
    return read_top(&r);
}

PyObject *
PyMarshal_ReadObjectFromFile(FILE *file)
{
    Reader r = {.file = file, .allow_code = true};
    return read_top(&r);
}

PyObject *
PyMarshal_ReadLastObjectFromFile(FILE *file)
{
    return PyMarshal_ReadObjectFromFile(file);
}

int
PyMarshal_ReadShortFromFile(FILE *file)
{
    Reader r = {.file = file};
    int value = read_short(&r);
    PyMem_Free(r.buffer);
    return value;
}

long
PyMarshal_ReadLongFromFile(FILE *file)
{
    Reader r = {.file = file};
    long value = read_long(&r);
    PyMem_Free(r.buffer);
    return value;
}

// ---- the module -------------------------------------------------------------------------

KR_FUNCTION(marshal, "dump(value, file, version=5, /, *, allow_code=True)",
            "Write the value on the open binary file.\n"
            "\n"
            "Raises ValueError for types that cannot be written; the file may have\n"
            "received part of the data then.")
static PyObject *
marshal_dump(PyObject *module, PyObject *value, PyObject *file, int version,
             bool allow_code)
{
    if (PySys_Audit("marshal.dumps", "Oi", value, version) < 0) {
        return NULL;
    }
    PyObject *bytes = marshal_to_bytes(value, version, allow_code);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethodOneArg(file, KR_ID(write), bytes);
    Py_DECREF(bytes);
    return result;
}

KR_FUNCTION(marshal, "load(file, /, *, allow_code=True)",
            "Read one value from the open binary file.\n"
            "\n"
            "Raises EOFError, ValueError or TypeError when there is none.")
static PyObject *
marshal_load(PyObject *module, PyObject *file, bool allow_code)
{
    // Fails early for files that do not give bytes.
    PyObject *data = PyObject_CallMethod(file, "read", "i", 0);
    if (data == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(data)) {
        PyErr_Format(PyExc_TypeError, "file.read() returned not bytes but %.100s",
                     Py_TYPE(data)->tp_name);
        Py_DECREF(data);
        return NULL;
    }
    Py_DECREF(data);
    if (PySys_Audit("marshal.load", NULL) < 0) {
        return NULL;
    }
    Reader r = {.readable = file, .allow_code = allow_code};
    return read_top(&r);
}

KR_FUNCTION(marshal, "dumps(value, version=5, /, *, allow_code=True)",
            "Return the bytes object that dump(value, file) would write to a file.")
static PyObject *
marshal_dumps(PyObject *module, PyObject *value, int version, bool allow_code)
{
    if (PySys_Audit("marshal.dumps", "Oi", value, version) < 0) {
        return NULL;
    }
    return marshal_to_bytes(value, version, allow_code);
}

KR_FUNCTION(marshal, "loads(bytes, /, *, allow_code=True)",
            "Convert the bytes-like object to a value.\n"
            "\n"
            "Bytes behind the value are ignored. Raises EOFError, ValueError or\n"
            "TypeError when there is no valid value.")
static PyObject *
marshal_loads(PyObject *module, Py_buffer *bytes, bool allow_code)
{
    if (PySys_Audit("marshal.loads", "y#", bytes->buf, bytes->len) < 0) {
        return NULL;
    }
    Reader r = {
        .next = bytes->buf,
        .end = (const char *)bytes->buf + bytes->len,
        .allow_code = allow_code,
    };
    if (r.next == NULL) {
        r.next = r.end = "";
    }
    return read_top(&r);
}

KR_MODULE(marshal)
#include "runtime/marshal.methods.h"

static int
marshal_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "version", Py_MARSHAL_VERSION);
}

static PyModuleDef_Slot marshal_slots[] = {
    {Py_mod_exec, marshal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef marshal_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "marshal",
    .m_doc = "Functions that turn Python values into bytes and back.\n"
             "\n"
             "The format belongs to Python itself, for .pyc files; it may change.",
    .m_methods = marshal_methods,
    .m_slots = marshal_slots,
};

PyMODINIT_FUNC
PyInit_marshal(void)
{
    return PyModuleDef_Init(&marshal_def);
}
