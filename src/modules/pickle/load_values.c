// SPDX-License-Identifier: MIT
// load_values.c - numbers, text, bytes and containers out of a pickle.
#include "modules/pickle/pickle.h"

#include "objects/ids.h"

static int
push(Unpickler *self, PyObject *value_steal)
{
    return kr_unpickle_push_steal(self, value_steal);
}

// A length of `width` bytes; size_t so large that nothing can follow it is an error later.
static int
read_length(Unpickler *self, int width, size_t *out)
{
    const unsigned char *bytes = (const unsigned char *)kr_unpickle_read(self, (size_t)width);
    uint64_t value = 0;

    if (bytes == NULL) {
        return -1;
    }
    for (int i = 0; i < width; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    *out = (size_t)value;
    return 0;
}

static int
too_large(const char *opcode)
{
    PyErr_Format(PyExc_OverflowError, "%s exceeds system's maximum size of %zd bytes", opcode,
                 PY_SSIZE_T_MAX);
    return -1;
}

// ---- numbers ------------------------------------------------------------------------------

static int
load_binint(Unpickler *self, int width)
{
    size_t value;

    if (read_length(self, width, &value) < 0) {
        return -1;
    }
    return push(self, PyLong_FromLong(width == 4 ? (long)(int32_t)value : (long)value));
}

// A line as an int; protocol 0 writes bools as "00" and "01".
static int
load_int(Unpickler *self)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);

    if (line == NULL) {
        return -1;
    }
    if (size == 3 && line[0] == '0' && (line[1] == '0' || line[1] == '1')) {
        return push(self, PyBool_FromLong(line[1] == '1'));
    }
    PyObject *text = PyUnicode_DecodeLatin1(line, (Py_ssize_t)size - 1, NULL);
    PyObject *value = text == NULL ? NULL : PyLong_FromUnicodeObject(text, 10);
    Py_XDECREF(text);
    return push(self, value);
}

static int
load_long(Unpickler *self)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);

    if (line == NULL) {
        return -1;
    }
    size--;
    if (size > 0 && line[size - 1] == 'L') {
        size--;
    }
    PyObject *text = PyUnicode_DecodeLatin1(line, (Py_ssize_t)size, NULL);
    PyObject *value = text == NULL ? NULL : PyLong_FromUnicodeObject(text, 10);
    Py_XDECREF(text);
    return push(self, value);
}

static int
load_counted_long(Unpickler *self, int width)
{
    size_t size;

    if (read_length(self, width, &size) < 0) {
        return -1;
    }
    if (width == 4 && size > INT32_MAX) {
        PyErr_SetString(self->state->unpickling_error,
                        "LONG pickle has negative byte count");
        return -1;
    }
    if (size == 0) {
        return push(self, PyLong_FromLong(0));
    }
    const char *bytes = kr_unpickle_read(self, size);
    return bytes == NULL ? -1
                         : push(self, PyLong_FromNativeBytes(
                                          bytes, size, Py_ASNATIVEBYTES_LITTLE_ENDIAN));
}

static int
load_float(Unpickler *self)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);
    PyObject *text = line == NULL ? NULL
                                  : PyUnicode_DecodeLatin1(line, (Py_ssize_t)size - 1, NULL);
    PyObject *value = text == NULL ? NULL : PyFloat_FromString(text);

    Py_XDECREF(text);
    return push(self, value);
}

static int
load_binfloat(Unpickler *self)
{
    const char *bytes = kr_unpickle_read(self, 8);

    return bytes == NULL ? -1 : push(self, PyFloat_FromDouble(PyFloat_Unpack8(bytes, 0)));
}

// ---- text and bytes -------------------------------------------------------------------------

// Strings of Python 2: bytes, or text in the encoding that the caller knows.
static int
push_old_string(Unpickler *self, const char *bytes, size_t size)
{
    if (strcmp(self->encoding, "bytes") == 0) {
        return push(self, PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size));
    }
    if (strcmp(self->errors, "bytes") == 0) {
        PyObject *text = PyUnicode_Decode(bytes, (Py_ssize_t)size, self->encoding, "strict");
        if (text != NULL || !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
            return push(self, text);
        }
        PyErr_Clear();
        return push(self, PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size));
    }
    return push(self,
                PyUnicode_Decode(bytes, (Py_ssize_t)size, self->encoding, self->errors));
}

static int
load_string(Unpickler *self)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);

    if (line == NULL) {
        return -1;
    }
    size--; // the newline
    if (size < 2 || line[0] != line[size - 1] || (line[0] != '\'' && line[0] != '"')) {
        PyErr_SetString(self->state->unpickling_error,
                        "the STRING opcode argument must be quoted");
        return -1;
    }
    PyObject *bytes = PyBytes_DecodeEscape(line + 1, (Py_ssize_t)size - 2, NULL, 0, NULL);
    if (bytes == NULL) {
        return -1;
    }
    int status = push_old_string(self, PyBytes_AS_STRING(bytes),
                                 (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return status;
}

static int
load_counted_string(Unpickler *self, int width)
{
    size_t size;

    if (read_length(self, width, &size) < 0) {
        return -1;
    }
    if (size > INT32_MAX) {
        PyErr_SetString(self->state->unpickling_error,
                        "BINSTRING pickle has negative byte count");
        return -1;
    }
    const char *bytes = kr_unpickle_read(self, size);
    return bytes == NULL ? -1 : push_old_string(self, bytes, size);
}

static int
load_bytes(Unpickler *self, int width)
{
    size_t size;

    if (read_length(self, width, &size) < 0) {
        return -1;
    }
    if (size > (size_t)PY_SSIZE_T_MAX) {
        return too_large("BINBYTES8");
    }
    PyObject *bytes = NULL;
    if (size <= self->size - self->next || self->read == NULL) {
        const char *data = kr_unpickle_read(self, size);
        return data == NULL ? -1
                            : push(self, PyBytes_FromStringAndSize(data, (Py_ssize_t)size));
    }
    bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (bytes != NULL && kr_unpickle_read_into(self, PyBytes_AS_STRING(bytes), size) < 0) {
        Py_CLEAR(bytes);
    }
    return push(self, bytes);
}

static int
load_bytearray(Unpickler *self)
{
    size_t size;

    if (read_length(self, 8, &size) < 0) {
        return -1;
    }
    if (size > (size_t)PY_SSIZE_T_MAX) {
        return too_large("BYTEARRAY8");
    }
    if (self->read == NULL && size > self->size - self->next) {
        return kr_unpickle_read(self, size) == NULL ? -1 : 0; // raises
    }
    PyObject *array = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (array != NULL && kr_unpickle_read_into(self, PyByteArray_AS_STRING(array), size) < 0) {
        Py_CLEAR(array);
    }
    return push(self, array);
}

static int
load_text_line(Unpickler *self)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);

    return line == NULL ? -1
                        : push(self, PyUnicode_DecodeRawUnicodeEscape(
                                         line, (Py_ssize_t)size - 1, NULL));
}

static int
load_text(Unpickler *self, int width)
{
    size_t size;

    if (read_length(self, width, &size) < 0) {
        return -1;
    }
    if (size > (size_t)PY_SSIZE_T_MAX) {
        return too_large("BINUNICODE8");
    }
    const char *bytes = kr_unpickle_read(self, size);
    return bytes == NULL
               ? -1
               : push(self, PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)size, "surrogatepass"));
}

// ---- containers ---------------------------------------------------------------------------------

static int
load_tuple(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);

    return mark < 0 ? -1 : push(self, kr_unpickle_take_tuple(self, mark));
}

static int
load_short_tuple(Unpickler *self, Py_ssize_t size)
{
    if (self->depth - self->fence < size) {
        return kr_unpickle_underflow(self);
    }
    return push(self, kr_unpickle_take_tuple(self, self->depth - size));
}

static int
load_list(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);

    return mark < 0 ? -1 : push(self, kr_unpickle_take_list(self, mark));
}

static int
load_dict(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);
    PyObject *dict = mark < 0 ? NULL : PyDict_New();

    if (dict == NULL) {
        return -1;
    }
    if ((self->depth - mark) % 2 != 0) {
        PyErr_SetString(self->state->unpickling_error, "odd number of items for DICT");
        Py_DECREF(dict);
        return -1;
    }
    for (Py_ssize_t i = mark; i < self->depth; i += 2) {
        if (PyDict_SetItem(dict, self->stack[i], self->stack[i + 1]) < 0) {
            Py_DECREF(dict);
            return -1;
        }
    }
    kr_unpickle_cut(self, mark);
    return push(self, dict);
}

static int
load_frozenset(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);
    PyObject *items = mark < 0 ? NULL : kr_unpickle_take_tuple(self, mark);
    PyObject *set = items == NULL ? NULL : PyFrozenSet_New(items);

    Py_XDECREF(items);
    return push(self, set);
}

int
kr_unpickle_value(Unpickler *self, int opcode, bool *handled)
{
    switch (opcode) {
    case OP_NONE: return push(self, Py_NewRef(Py_None));
    case OP_NEWTRUE: return push(self, Py_NewRef(Py_True));
    case OP_NEWFALSE: return push(self, Py_NewRef(Py_False));
    case OP_BININT: return load_binint(self, 4);
    case OP_BININT1: return load_binint(self, 1);
    case OP_BININT2: return load_binint(self, 2);
    case OP_INT: return load_int(self);
    case OP_LONG: return load_long(self);
    case OP_LONG1: return load_counted_long(self, 1);
    case OP_LONG4: return load_counted_long(self, 4);
    case OP_FLOAT: return load_float(self);
    case OP_BINFLOAT: return load_binfloat(self);
    case OP_STRING: return load_string(self);
    case OP_BINSTRING: return load_counted_string(self, 4);
    case OP_SHORT_BINSTRING: return load_counted_string(self, 1);
    case OP_SHORT_BINBYTES: return load_bytes(self, 1);
    case OP_BINBYTES: return load_bytes(self, 4);
    case OP_BINBYTES8: return load_bytes(self, 8);
    case OP_BYTEARRAY8: return load_bytearray(self);
    case OP_UNICODE: return load_text_line(self);
    case OP_SHORT_BINUNICODE: return load_text(self, 1);
    case OP_BINUNICODE: return load_text(self, 4);
    case OP_BINUNICODE8: return load_text(self, 8);
    case OP_TUPLE: return load_tuple(self);
    case OP_EMPTY_TUPLE: return push(self, PyTuple_New(0));
    case OP_TUPLE1: return load_short_tuple(self, 1);
    case OP_TUPLE2: return load_short_tuple(self, 2);
    case OP_TUPLE3: return load_short_tuple(self, 3);
    case OP_EMPTY_LIST: return push(self, PyList_New(0));
    case OP_LIST: return load_list(self);
    case OP_EMPTY_DICT: return push(self, PyDict_New());
    case OP_DICT: return load_dict(self);
    case OP_EMPTY_SET: return push(self, PySet_New(NULL));
    case OP_FROZENSET: return load_frozenset(self);
    default: *handled = false; return 0;
    }
}
