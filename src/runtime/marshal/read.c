// SPDX-License-Identifier: MIT
// marshal/read.c - bytes to objects.
//
// Callers:       module marshal, import, extensions via PyMarshal_Read*.
// Invariants:    no input makes the reader crash; it raises EOFError, ValueError or
//                TypeError.
// Re-entrancy:   a file object of load() runs Python code between the pieces.
// Read next:     format.h, write.c

#include "Python.h"

#include <marshal.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "objects/code.h"
#include "objects/ids.h"
#include "runtime/marshal/format.h"

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
    if (r->depth >= KR_MARSHAL_MAX_DEPTH) {
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
    return kr_marshal_loads(data, size, true);
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

PyObject *
kr_marshal_loads(const char *data, Py_ssize_t size, bool allow_code)
{
    const char *start = data == NULL ? "" : data;
    Reader r = {.next = start, .end = start + size, .allow_code = allow_code};
    return read_top(&r);
}

PyObject *
kr_marshal_load(PyObject *file, bool allow_code)
{
    Reader r = {.readable = file, .allow_code = allow_code};
    return read_top(&r);
}
