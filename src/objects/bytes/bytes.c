// SPDX-License-Identifier: MIT
// bytes.c - the built-in bytes: storage, construction, slots.
//
// Callers:     everything; extensions through PyBytes_*.
// Invariants:  ob_sval[ob_size] is 0. The empty object and those of one byte are
//              static and never written; content given as NULL makes a fresh one.
// Read next:   search.c, split.c, change.c, case.c, hex.c
#include "objects/bytes/bytes.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/str/str.h"
#include "objects/type.h"

#define BYTES_HEAD_SIZE offsetof(PyBytesObject, ob_sval)

PyBytesObject kr_bytes_empty = {
    .ob_base = PyVarObject_HEAD_INIT(&PyBytes_Type, 0)
    .ob_shash = -1,
};

#define ONE(c)                                                                \
    {.ob_base = PyVarObject_HEAD_INIT(&PyBytes_Type, 1).ob_shash = -1,        \
     .ob_sval = {(char)(c)}}
#define FOUR(c) ONE(c), ONE((c) + 1), ONE((c) + 2), ONE((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTY_FOUR(c) SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

// The byte behind ob_sval[0] is padding of the struct and zero.
static PyBytesObject one_byte[256] = {
    SIXTY_FOUR(0),
    SIXTY_FOUR(64),
    SIXTY_FOUR(128),
    SIXTY_FOUR(192),
};

PyObject *
kr_bytes_from_byte(unsigned char c)
{
    return (PyObject *)&one_byte[c];
}

// ---------------------------------------------------------------------- creation

// A fresh object with undefined content, even for sizes 0 and 1.
static PyObject *
bytes_alloc(Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to "
                                           "PyBytes_FromStringAndSize");
        return NULL;
    }
    if ((size_t)size > (size_t)PY_SSIZE_T_MAX - sizeof(PyBytesObject)) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too large");
        return NULL;
    }
    PyBytesObject *self = kr_object_alloc(BYTES_HEAD_SIZE + 1 + (size_t)size, false, false);
    if (self == NULL) {
        return PyErr_NoMemory();
    }
    kr_object_start_static(self, &PyBytes_Type);
    self->ob_base.ob_size = size;
    self->ob_shash = -1;
    self->ob_sval[size] = 0;
    return (PyObject *)self;
}

PyObject *
PyBytes_FromStringAndSize(const char *bytes, Py_ssize_t size)
{
    if (size == 0) {
        return (PyObject *)&kr_bytes_empty;
    }
    if (size == 1 && bytes != NULL) {
        return kr_bytes_from_byte((unsigned char)bytes[0]);
    }
    PyObject *self = bytes_alloc(size);
    if (self != NULL && bytes != NULL) {
        memcpy(PyBytes_AS_STRING(self), bytes, (size_t)size);
    }
    return self;
}

PyObject *
PyBytes_FromString(const char *text)
{
    size_t size = strlen(text);
    if (size > PY_SSIZE_T_MAX - sizeof(PyBytesObject)) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too long");
        return NULL;
    }
    return PyBytes_FromStringAndSize(text, (Py_ssize_t)size);
}

static PyObject *
bytes_from_buffer(PyObject *source)
{
    Py_buffer view;

    if (PyObject_GetBuffer(source, &view, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    PyObject *self = PyBytes_FromStringAndSize(NULL, view.len);
    if (self != NULL &&
        PyBuffer_ToContiguous(PyBytes_AS_STRING(self), &view, view.len, 'C') < 0) {
        Py_CLEAR(self);
    }
    PyBuffer_Release(&view);
    return self;
}

PyObject *
PyBytes_FromObject(PyObject *obj)
{
    KrByteWriter writer;
    PyObject *result = NULL;

    if (obj == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_CheckExact(obj)) {
        return Py_NewRef(obj);
    }
    if (PyObject_CheckBuffer(obj)) {
        return bytes_from_buffer(obj);
    }
    if (PyUnicode_Check(obj)) {
        goto wrong;
    }
    if (!PyList_CheckExact(obj) && !PyTuple_CheckExact(obj)) {
        PyObject *iterator = PyObject_GetIter(obj);
        if (iterator == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
                return NULL;
            }
            goto wrong;
        }
        obj = iterator;
    }
    else {
        Py_INCREF(obj);
    }
    kr_bytewriter_init(&writer);
    if (kr_bytewriter_from_iterable(&writer, obj, "bytes must be in range(0, 256)") == 0) {
        result = PyBytes_FromStringAndSize(writer.data, writer.size);
    }
    kr_bytewriter_free(&writer);
    Py_DECREF(obj);
    return result;

wrong:
    PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytes",
                 Py_TYPE(obj)->tp_name);
    return NULL;
}

// Calls source.__bytes__(). 1 found, 0 no such method, -1 error.
static int
call_dunder_bytes(PyObject *source, PyObject **result_out)
{
    PyObject *method;
    bool unbound;
    int found = kr_lookup_special(source, KR_ID(__bytes__), &method, &unbound);

    *result_out = NULL;
    if (found <= 0) {
        return found;
    }
    PyObject *result = unbound ? PyObject_CallOneArg(method, source)
                               : PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result == NULL) {
        return -1;
    }
    if (!PyBytes_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return -1;
    }
    *result_out = result;
    return 1;
}

PyObject *
PyObject_Bytes(PyObject *op)
{
    PyObject *result;

    if (op == NULL) {
        return PyBytes_FromString("<NULL>");
    }
    if (PyBytes_CheckExact(op)) {
        return Py_NewRef(op);
    }
    int found = call_dunder_bytes(op, &result);
    if (found != 0) {
        return result;
    }
    return PyBytes_FromObject(op);
}

// The bytes (or bytes subclass, from __bytes__) that bytes(source, ...) stands for.
static PyObject *
bytes_from_arguments(PyObject *source, const char *encoding, const char *errors)
{
    PyObject *result;
    Py_ssize_t size;

    if (source == NULL) {
        if (encoding != NULL || errors != NULL) {
            PyErr_SetString(PyExc_TypeError,
                            encoding != NULL ? "encoding without a string argument"
                                             : "errors without a string argument");
            return NULL;
        }
        return (PyObject *)&kr_bytes_empty;
    }
    if (encoding != NULL) {
        if (!PyUnicode_Check(source)) {
            PyErr_SetString(PyExc_TypeError, "encoding without a string argument");
            return NULL;
        }
        return PyUnicode_AsEncodedString(source, encoding, errors);
    }
    if (errors != NULL) {
        PyErr_SetString(PyExc_TypeError, PyUnicode_Check(source)
                                             ? "string argument without an encoding"
                                             : "errors without a string argument");
        return NULL;
    }
    int found = PyBytes_CheckExact(source) ? 0 : call_dunder_bytes(source, &result);
    if (found != 0) {
        return result;
    }
    if (PyUnicode_Check(source)) {
        PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
        return NULL;
    }
    found = kr_bytes_size_argument(source, &size);
    if (found < 0) {
        return NULL;
    }
    if (found) {
        result = PyBytes_FromStringAndSize(NULL, size);
        if (result != NULL && size > 0) {
            memset(PyBytes_AS_STRING(result), 0, (size_t)size);
        }
        return result;
    }
    return PyBytes_FromObject(source);
}

// Moves a new bytes into an instance of a subclass.
static PyObject *
bytes_as_subtype(PyTypeObject *cls, PyObject *plain)
{
    Py_ssize_t size = PyBytes_GET_SIZE(plain);
    PyBytesObject *self = (PyBytesObject *)cls->tp_alloc(cls, size);

    if (self != NULL) {
        self->ob_shash = ((PyBytesObject *)plain)->ob_shash;
        memcpy(self->ob_sval, PyBytes_AS_STRING(plain), (size_t)size + 1);
    }
    return (PyObject *)self;
}

KR_NEW(bytes, "bytes(source=<missing>, encoding=<missing>, errors=<missing>)",
       "Make bytes of an iterable of numbers, a str with its encoding, a buffer, or a "
       "size.")
static PyObject *
bytes_new_impl(PyTypeObject *cls, PyObject *source, const char *encoding,
               const char *errors)
{
    PyObject *plain = bytes_from_arguments(source, encoding, errors);

    if (plain != NULL && cls != &PyBytes_Type) {
        Py_SETREF(plain, bytes_as_subtype(cls, plain));
    }
    return plain;
}

int
_PyBytes_Resize(PyObject **pv, Py_ssize_t size)
{
    PyObject *old = *pv;

    if (!PyBytes_Check(old) || size < 0) {
        *pv = NULL;
        Py_XDECREF(old);
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t before = PyBytes_GET_SIZE(old);
    if (before == size) {
        return 0;
    }
    if (size == 0 || before == 0 || Py_REFCNT(old) != 1) {
        // A static or shared object stays as it is.
        if (Py_REFCNT(old) != 1 && size != 0 && before != 0) {
            *pv = NULL;
            Py_DECREF(old);
            PyErr_BadInternalCall();
            return -1;
        }
        *pv = size == 0 ? (PyObject *)&kr_bytes_empty : bytes_alloc(size);
        Py_DECREF(old);
        return *pv == NULL ? -1 : 0;
    }
    PyBytesObject *moved = PyObject_Realloc(old, BYTES_HEAD_SIZE + 1 + (size_t)size);
    if (moved == NULL) {
        *pv = NULL;
        Py_DECREF(old);
        PyErr_NoMemory();
        return -1;
    }
    moved->ob_base.ob_size = size;
    moved->ob_sval[size] = 0;
    moved->ob_shash = -1;
    *pv = (PyObject *)moved;
    return 0;
}

// ----------------------------------------------------------------------- reading

Py_ssize_t
PyBytes_Size(PyObject *op)
{
    if (!PyBytes_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(op)->tp_name);
        return -1;
    }
    return PyBytes_GET_SIZE(op);
}

char *
PyBytes_AsString(PyObject *op)
{
    if (!PyBytes_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(op)->tp_name);
        return NULL;
    }
    return PyBytes_AS_STRING(op);
}

int
PyBytes_AsStringAndSize(PyObject *op, char **text, Py_ssize_t *size)
{
    if (text == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyBytes_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(op)->tp_name);
        return -1;
    }
    *text = PyBytes_AS_STRING(op);
    if (size != NULL) {
        *size = PyBytes_GET_SIZE(op);
    }
    else if (strlen(*text) != (size_t)PyBytes_GET_SIZE(op)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return -1;
    }
    return 0;
}

// ------------------------------------------------------------------------- slots

static PyObject *
concat_any(PyObject *a, PyObject *b)
{
    Py_buffer left = {NULL, NULL}, right = {NULL, NULL};
    PyObject *result = NULL;

    if (PyObject_GetBuffer(a, &left, PyBUF_SIMPLE) < 0 ||
        PyObject_GetBuffer(b, &right, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                     Py_TYPE(b)->tp_name, Py_TYPE(a)->tp_name);
        goto done;
    }
    if (left.len == 0 && PyBytes_CheckExact(b)) {
        result = Py_NewRef(b);
        goto done;
    }
    if (right.len == 0 && PyBytes_CheckExact(a)) {
        result = Py_NewRef(a);
        goto done;
    }
    if (left.len > PY_SSIZE_T_MAX - right.len) {
        PyErr_NoMemory();
        goto done;
    }
    result = PyBytes_FromStringAndSize(NULL, left.len + right.len);
    if (result != NULL) {
        memcpy(PyBytes_AS_STRING(result), left.buf, (size_t)left.len);
        memcpy(PyBytes_AS_STRING(result) + left.len, right.buf, (size_t)right.len);
    }

done:
    if (left.obj != NULL) {
        PyBuffer_Release(&left);
    }
    if (right.obj != NULL) {
        PyBuffer_Release(&right);
    }
    return result;
}

// Appends to *left in place when nobody else has it.
static int
concat_in_place(PyObject **left, PyObject *right)
{
    Py_buffer view;

    if (PyObject_GetBuffer(right, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                     Py_TYPE(right)->tp_name, Py_TYPE(*left)->tp_name);
        Py_CLEAR(*left);
        return -1;
    }
    Py_ssize_t size = PyBytes_GET_SIZE(*left);
    int status = -1;
    if (size > PY_SSIZE_T_MAX - view.len) {
        PyErr_NoMemory();
        Py_CLEAR(*left);
    }
    else if (_PyBytes_Resize(left, size + view.len) == 0) {
        memcpy(PyBytes_AS_STRING(*left) + size, view.buf, (size_t)view.len);
        status = 0;
    }
    PyBuffer_Release(&view);
    return status;
}

void
PyBytes_Concat(PyObject **left, PyObject *right)
{
    if (*left == NULL) {
        return;
    }
    if (right == NULL) {
        Py_CLEAR(*left);
        return;
    }
    if (Py_REFCNT(*left) == 1 && PyBytes_CheckExact(*left) && *left != right &&
        PyBytes_GET_SIZE(*left) > 0) {
        concat_in_place(left, right);
        return;
    }
    Py_SETREF(*left, concat_any(*left, right));
}

void
PyBytes_ConcatAndDel(PyObject **left, PyObject *right)
{
    PyBytes_Concat(left, right);
    Py_XDECREF(right);
}

static Py_ssize_t
bytes_length(PyObject *self)
{
    return PyBytes_GET_SIZE(self);
}

static PyObject *
bytes_repeat(PyObject *self, Py_ssize_t count)
{
    Py_ssize_t size = PyBytes_GET_SIZE(self);

    if (count < 0) {
        count = 0;
    }
    if (count > 0 && size > PY_SSIZE_T_MAX / count) {
        PyErr_SetString(PyExc_OverflowError, "repeated bytes are too long");
        return NULL;
    }
    Py_ssize_t whole = size * count;
    if (whole == size && PyBytes_CheckExact(self)) {
        return Py_NewRef(self);
    }
    if ((size_t)whole > (size_t)PY_SSIZE_T_MAX - sizeof(PyBytesObject)) {
        PyErr_SetString(PyExc_OverflowError, "repeated bytes are too long");
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, whole);
    if (result == NULL || whole == 0) {
        return result;
    }
    char *to = PyBytes_AS_STRING(result);
    // Doubles what is there already.
    Py_ssize_t done = size;
    memcpy(to, PyBytes_AS_STRING(self), (size_t)size);
    while (done < whole) {
        Py_ssize_t more = done < whole - done ? done : whole - done;
        memcpy(to + done, to, (size_t)more);
        done += more;
    }
    return result;
}

static PyObject *
bytes_item(PyObject *self, Py_ssize_t i)
{
    if (i < 0 || i >= PyBytes_GET_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)PyBytes_AS_STRING(self)[i]);
}

static PyObject *
bytes_slice(PyObject *self, PyObject *slice)
{
    Py_ssize_t start, stop, step;

    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t size = PyBytes_GET_SIZE(self);
    Py_ssize_t count = PySlice_AdjustIndices(size, &start, &stop, step);
    if (step == 1) {
        if (count == size && PyBytes_CheckExact(self)) {
            return Py_NewRef(self);
        }
        return PyBytes_FromStringAndSize(PyBytes_AS_STRING(self) + start, count);
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, count);
    if (result != NULL) {
        const char *from = PyBytes_AS_STRING(self);
        char *to = PyBytes_AS_STRING(result);
        for (Py_ssize_t i = 0; i < count; i++, start += step) {
            to[i] = from[start];
        }
    }
    return result;
}

static PyObject *
bytes_subscript(PyObject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return bytes_item(self, i < 0 ? i + PyBytes_GET_SIZE(self) : i);
    }
    if (PySlice_Check(key)) {
        return bytes_slice(self, key);
    }
    PyErr_Format(PyExc_TypeError, "byte indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return NULL;
}

static Py_hash_t
bytes_hash(PyObject *op)
{
    PyBytesObject *self = (PyBytesObject *)op;
    if (self->ob_shash == -1) {
        self->ob_shash = Py_HashBuffer(self->ob_sval, Py_SIZE(self));
    }
    return self->ob_shash;
}

static PyObject *
bytes_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyBytes_Check(a) || !PyBytes_Check(b)) {
        if ((op == Py_EQ || op == Py_NE) && kr_bytes_warn_compare(a, b) < 0) {
            return NULL;
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (a == b) {
        Py_RETURN_RICHCOMPARE(0, 0, op);
    }
    return kr_bytes_compare(kr_bytes_span(a), kr_bytes_span(b), op);
}

static PyObject *
bytes_remainder(PyObject *format, PyObject *args)
{
    if (!PyBytes_Check(format)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return kr_bytes_percent(PyBytes_AS_STRING(format), PyBytes_GET_SIZE(format), args,
                            false);
}

PyObject *
PyBytes_Repr(PyObject *op, int smart_quotes)
{
    static const char digits[] = "0123456789abcdef";
    KrBytes s = kr_bytes_span(op);
    Py_ssize_t length = 3, singles = 0, doubles = 0;

    for (Py_ssize_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        Py_ssize_t more = 1;
        if (c == '\'') {
            singles++;
        }
        else if (c == '"') {
            doubles++;
        }
        else if (c == '\\' || c == '\t' || c == '\n' || c == '\r') {
            more = 2;
        }
        else if (c < ' ' || c >= 0x7f) {
            more = 4;
        }
        if (more > PY_SSIZE_T_MAX - length) {
            PyErr_SetString(PyExc_OverflowError, "bytes object is too large to make repr");
            return NULL;
        }
        length += more;
    }
    char quote = smart_quotes && singles > 0 && doubles == 0 ? '"' : '\'';
    length += quote == '\'' ? singles : 0;
    PyObject *text = PyUnicode_New(length, 127);
    if (text == NULL) {
        return NULL;
    }
    Py_UCS1 *to = PyUnicode_1BYTE_DATA(text);
    *to++ = 'b';
    *to++ = (Py_UCS1)quote;
    for (Py_ssize_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == (unsigned char)quote || c == '\\') {
            *to++ = '\\';
            *to++ = c;
        }
        else if (c == '\t' || c == '\n' || c == '\r') {
            *to++ = '\\';
            *to++ = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
        }
        else if (c < ' ' || c >= 0x7f) {
            *to++ = '\\';
            *to++ = 'x';
            *to++ = (Py_UCS1)digits[c >> 4];
            *to++ = (Py_UCS1)digits[c & 15];
        }
        else {
            *to++ = c;
        }
    }
    *to = (Py_UCS1)quote;
    return text;
}

static PyObject *
bytes_repr(PyObject *self)
{
    return PyBytes_Repr(self, 1);
}

static PyObject *
bytes_str(PyObject *self)
{
    if (kr_bytes_warn_str("bytes") < 0) {
        return NULL;
    }
    return bytes_repr(self);
}

static int
bytes_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self),
                             1, flags);
}

static void
bytes_dealloc(PyObject *self)
{
    if (KR_LIKELY(PyBytes_CheckExact(self))) {
        kr_object_free_plain(self);
    }
    else {
        Py_TYPE(self)->tp_free(self); // a subclass may be collected
    }
}

// Whether -b was given.
static int
bytes_warning_level(void)
{
    PyObject *flags = PySys_GetObject("flags"), *value; // borrowed
    int level = 0;

    if (flags == NULL || PyObject_GetOptionalAttr(flags, KR_ID(bytes_warning), &value) <= 0) {
        PyErr_Clear();
        return 0;
    }
    level = (int)PyLong_AsLong(value);
    Py_DECREF(value);
    return level;
}

int
kr_bytes_warn_compare(PyObject *a, PyObject *b)
{
    bool text = PyUnicode_Check(a) || PyUnicode_Check(b);
    bool number = PyLong_Check(a) || PyLong_Check(b);

    if ((!text && !number) || bytes_warning_level() <= 0) {
        return 0;
    }
    const char *kind = PyByteArray_Check(a) || PyByteArray_Check(b) ? "bytearray" : "bytes";
    return PyErr_WarnFormat(PyExc_BytesWarning, 1, "Comparison between %s and %s", kind,
                            text ? "string" : "int");
}

int
kr_bytes_warn_str(const char *type_name)
{
    if (bytes_warning_level() <= 0) {
        return 0;
    }
    return PyErr_WarnFormat(PyExc_BytesWarning, 1, "str() on a %s instance", type_name);
}

// --------------------------------------------------------------- further methods

KR_METHOD(bytes, "decode(self, /, encoding='utf-8', errors='strict')",
          "Decode the bytes using the codec registered for encoding.")
KR_METHOD(bytearray, "decode(self, /, encoding='utf-8', errors='strict')",
          "Decode the bytearray using the codec registered for encoding.")
static PyObject *
bytes_decode(PyObject *self, const char *encoding, const char *errors)
{
    return PyUnicode_FromEncodedObject(self, encoding, errors);
}

KR_METHOD(bytes, "__getnewargs__(self, /)", "Arguments that make an equal object.")
static PyObject *
bytes_getnewargs(PyObject *self)
{
    return Py_BuildValue("(y#)", PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self));
}

KR_METHOD(bytes, "__bytes__(self, /)", "Convert this value to exact type bytes.")
static PyObject *
bytes_bytes(PyObject *self)
{
    return PyBytes_CheckExact(self)
               ? Py_NewRef(self)
               : PyBytes_FromStringAndSize(PyBytes_AS_STRING(self),
                                           PyBytes_GET_SIZE(self));
}

KR_TYPE(bytes)
#include "objects/bytes/bytes.methods.h"

static PyNumberMethods bytes_as_number = {
    .nb_remainder = bytes_remainder,
};

static PySequenceMethods bytes_as_sequence = {
    .sq_length = bytes_length,
    .sq_concat = concat_any,
    .sq_repeat = bytes_repeat,
    .sq_item = bytes_item,
    .sq_contains = kr_bytes_contains,
};

static PyMappingMethods bytes_as_mapping = {
    .mp_length = bytes_length,
    .mp_subscript = bytes_subscript,
};

static PyBufferProcs bytes_as_buffer = {
    .bf_getbuffer = bytes_getbuffer,
};

PyObject *kr_bytes_iter(PyObject *self);

PyTypeObject PyBytes_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytes",
    .tp_basicsize = BYTES_HEAD_SIZE + 1,
    .tp_itemsize = 1,
    .tp_dealloc = bytes_dealloc,
    .tp_repr = bytes_repr,
    .tp_as_number = &bytes_as_number,
    .tp_as_sequence = &bytes_as_sequence,
    .tp_as_mapping = &bytes_as_mapping,
    .tp_hash = bytes_hash,
    .tp_str = bytes_str,
    .tp_as_buffer = &bytes_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_BYTES_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "bytes(iterable_of_ints) -> bytes\n"
              "bytes(string, encoding[, errors]) -> bytes\n"
              "bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\n"
              "bytes(int) -> that many zero bytes\n"
              "bytes() -> empty bytes object",
    .tp_richcompare = bytes_richcompare,
    .tp_iter = kr_bytes_iter,
    .tp_methods = bytes_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = bytes_new,
    .tp_vectorcall = bytes_vectorcall,
    .tp_free = PyObject_Free,
};
