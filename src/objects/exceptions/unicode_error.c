// SPDX-License-Identifier: MIT
// unicode_error.c - UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError.
//
// Invariants:  fields are NULL between __new__ and __init__, and Python code may
//              set start and end to anything; the C getters give values that lie
//              within the object.
// Callers:     codecs.
#include "objects/exceptions/internal.h"

#define UNICODE_ERROR_FIELDS(F) F(encoding) F(object) F(reason)
KR_EXC_DEFINE_GC(unicode_error, PyUnicodeErrorObject, UNICODE_ERROR_FIELDS)

static inline PyUnicodeErrorObject *
unicode_error(PyObject *op)
{
    return (PyUnicodeErrorObject *)op;
}

// --- Making -------------------------------------------------------------------------

static int
must_be_str(PyObject *value, int place)
{
    if (PyUnicode_Check(value)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "argument %d must be str, not %.50s", place,
                 value == Py_None ? "None" : Py_TYPE(value)->tp_name);
    return -1;
}

static int
must_be_index(PyObject *value, Py_ssize_t *out)
{
    *out = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

// args are ([encoding,] object, start, end, reason).
static int
fill(PyObject *op, PyObject *args, PyObject *kwargs, bool has_encoding, bool is_bytes)
{
    PyUnicodeErrorObject *self = unicode_error(op);
    Py_ssize_t count = has_encoding ? 5 : 4, start, end;
    int at = has_encoding ? 1 : 0;

    if (kr_exc_init_args(op, args, kwargs) < 0) {
        return -1;
    }
    if (PyTuple_GET_SIZE(args) != count) {
        PyErr_Format(PyExc_TypeError, "function takes exactly %zd arguments (%zd given)",
                     count, PyTuple_GET_SIZE(args));
        return -1;
    }
    PyObject *encoding = has_encoding ? PyTuple_GET_ITEM(args, 0) : NULL;
    PyObject *object = PyTuple_GET_ITEM(args, at);
    PyObject *reason = PyTuple_GET_ITEM(args, at + 3);
    if ((encoding != NULL && must_be_str(encoding, 1) < 0) ||
        (!is_bytes && must_be_str(object, at + 1) < 0) ||
        must_be_index(PyTuple_GET_ITEM(args, at + 1), &start) < 0 ||
        must_be_index(PyTuple_GET_ITEM(args, at + 2), &end) < 0 ||
        must_be_str(reason, at + 4) < 0) {
        return -1;
    }
    if (is_bytes && !PyBytes_Check(object)) {
        Py_buffer view;
        if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        object = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
        if (object == NULL) {
            return -1;
        }
    }
    else {
        Py_INCREF(object);
    }
    Py_XSETREF(self->encoding, Py_XNewRef(encoding));
    Py_XSETREF(self->object, object);
    self->start = start;
    self->end = end;
    Py_XSETREF(self->reason, Py_NewRef(reason));
    return 0;
}

int
kr_unicode_encode_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return fill(op, args, kwargs, true, false);
}

int
kr_unicode_decode_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return fill(op, args, kwargs, true, true);
}

int
kr_unicode_translate_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return fill(op, args, kwargs, false, false);
}

PyObject *
PyUnicodeDecodeError_Create(const char *encoding, const char *object, Py_ssize_t length,
                            Py_ssize_t start, Py_ssize_t end, const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeDecodeError, "sy#nns", encoding, object,
                                 length, start, end, reason);
}

// --- Checked access ----------------------------------------------------------------

// The object that was coded, borrowed; TypeError when it is absent or wrong.
static PyObject *
checked_object(PyObject *op, bool is_bytes)
{
    PyObject *object = unicode_error(op)->object;
    if (object == NULL) {
        PyErr_SetString(PyExc_TypeError, "UnicodeError 'object' attribute is not set");
        return NULL;
    }
    if (is_bytes ? !PyBytes_Check(object) : !PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "UnicodeError 'object' attribute must be a %s",
                     is_bytes ? "bytes" : "string");
        return NULL;
    }
    return object;
}

static PyObject *
checked_text(PyObject *text, const char *name)
{
    if (text == NULL) {
        PyErr_Format(PyExc_TypeError, "UnicodeError '%s' attribute is not set", name);
        return NULL;
    }
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "UnicodeError '%s' attribute must be a string",
                     name);
        return NULL;
    }
    return Py_NewRef(text);
}

static int
check_kind(PyObject *op, PyTypeObject *type)
{
    if (PyObject_TypeCheck(op, type)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "expecting a %s object, got %.200s", type->tp_name,
                 Py_TYPE(op)->tp_name);
    return -1;
}

static Py_ssize_t
coded_length(PyObject *object)
{
    return PyBytes_Check(object) ? PyBytes_GET_SIZE(object)
                                 : PyUnicode_GET_LENGTH(object);
}

static int
get_start(PyObject *op, Py_ssize_t *out, PyTypeObject *type, bool is_bytes)
{
    if (check_kind(op, type) < 0) {
        return -1;
    }
    PyObject *object = checked_object(op, is_bytes);
    if (object == NULL) {
        return -1;
    }
    Py_ssize_t start = unicode_error(op)->start, length = coded_length(object);
    if (start >= length) {
        start = length - 1;
    }
    *out = start < 0 ? 0 : start;
    return 0;
}

static int
get_end(PyObject *op, Py_ssize_t *out, PyTypeObject *type, bool is_bytes)
{
    if (check_kind(op, type) < 0) {
        return -1;
    }
    PyObject *object = checked_object(op, is_bytes);
    if (object == NULL) {
        return -1;
    }
    Py_ssize_t end = unicode_error(op)->end, length = coded_length(object);
    if (end < 1) {
        end = 1;
    }
    *out = end > length ? length : end;
    return 0;
}

static PyObject *
get_object(PyObject *op, PyTypeObject *type, bool is_bytes)
{
    return check_kind(op, type) < 0 ? NULL : Py_XNewRef(checked_object(op, is_bytes));
}

static int
set_reason(PyObject *op, const char *reason, PyTypeObject *type)
{
    if (check_kind(op, type) < 0) {
        return -1;
    }
    PyObject *text = PyUnicode_FromString(reason);
    if (text == NULL) {
        return -1;
    }
    Py_XSETREF(unicode_error(op)->reason, text);
    return 0;
}

static int
set_position(PyObject *op, Py_ssize_t value, PyTypeObject *type, bool is_end)
{
    if (check_kind(op, type) < 0) {
        return -1;
    }
    *(is_end ? &unicode_error(op)->end : &unicode_error(op)->start) = value;
    return 0;
}

// The API has the same eight functions for each of the three types.
#define DEFINE_ACCESS(Kind, is_bytes)                                         \
    PyObject *PyUnicode##Kind##Error_GetObject(PyObject *exc)                 \
    {                                                                         \
        return get_object(exc, &kr_exc_Unicode##Kind##Error, is_bytes);       \
    }                                                                         \
    int PyUnicode##Kind##Error_GetStart(PyObject *exc, Py_ssize_t *start)     \
    {                                                                         \
        return get_start(exc, start, &kr_exc_Unicode##Kind##Error, is_bytes); \
    }                                                                         \
    int PyUnicode##Kind##Error_GetEnd(PyObject *exc, Py_ssize_t *end)         \
    {                                                                         \
        return get_end(exc, end, &kr_exc_Unicode##Kind##Error, is_bytes);     \
    }                                                                         \
    int PyUnicode##Kind##Error_SetStart(PyObject *exc, Py_ssize_t start)      \
    {                                                                         \
        return set_position(exc, start, &kr_exc_Unicode##Kind##Error, false); \
    }                                                                         \
    int PyUnicode##Kind##Error_SetEnd(PyObject *exc, Py_ssize_t end)          \
    {                                                                         \
        return set_position(exc, end, &kr_exc_Unicode##Kind##Error, true);    \
    }                                                                         \
    PyObject *PyUnicode##Kind##Error_GetReason(PyObject *exc)                 \
    {                                                                         \
        return check_kind(exc, &kr_exc_Unicode##Kind##Error) < 0              \
                   ? NULL                                                     \
                   : checked_text(unicode_error(exc)->reason, "reason");      \
    }                                                                         \
    int PyUnicode##Kind##Error_SetReason(PyObject *exc, const char *reason)   \
    {                                                                         \
        return set_reason(exc, reason, &kr_exc_Unicode##Kind##Error);         \
    }

DEFINE_ACCESS(Encode, false)
DEFINE_ACCESS(Decode, true)
DEFINE_ACCESS(Translate, false)

PyObject *
PyUnicodeEncodeError_GetEncoding(PyObject *exc)
{
    return check_kind(exc, &kr_exc_UnicodeEncodeError) < 0
               ? NULL
               : checked_text(unicode_error(exc)->encoding, "encoding");
}

PyObject *
PyUnicodeDecodeError_GetEncoding(PyObject *exc)
{
    return check_kind(exc, &kr_exc_UnicodeDecodeError) < 0
               ? NULL
               : checked_text(unicode_error(exc)->encoding, "encoding");
}

// --- Texts ------------------------------------------------------------------------------

static PyObject *
text_or_empty(PyObject *value)
{
    return value != NULL ? PyObject_Str(value) : PyUnicode_FromString("");
}

// Whether exactly one item, inside the object, is at fault.
static bool
is_single(PyUnicodeErrorObject *self)
{
    Py_ssize_t length = coded_length(self->object);
    return self->start >= 0 && self->start < length && self->end == self->start + 1;
}

static void
escaped_char(PyUnicodeErrorObject *self, char out[16])
{
    Py_UCS4 c = PyUnicode_ReadChar(self->object, self->start);
    const char *format = c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x";
    PyOS_snprintf(out, 16, format, (unsigned)c);
}

PyObject *
kr_unicode_encode_error_str(PyObject *op)
{
    PyUnicodeErrorObject *self = unicode_error(op);
    PyObject *encoding = NULL, *reason = NULL, *result = NULL;

    if (self->object == NULL) {
        return PyUnicode_FromString("");
    }
    encoding = text_or_empty(self->encoding);
    reason = text_or_empty(self->reason);
    if (encoding == NULL || reason == NULL || checked_object(op, false) == NULL) {
        goto done;
    }
    if (is_single(self)) {
        char text[16];
        escaped_char(self, text);
        result = PyUnicode_FromFormat(
            "'%U' codec can't encode character '%s' in position %zd: %U", encoding, text,
            self->start, reason);
    }
    else {
        result = PyUnicode_FromFormat(
            "'%U' codec can't encode characters in position %zd-%zd: %U", encoding,
            self->start, self->end - 1, reason);
    }
done:
    Py_XDECREF(encoding);
    Py_XDECREF(reason);
    return result;
}

PyObject *
kr_unicode_decode_error_str(PyObject *op)
{
    PyUnicodeErrorObject *self = unicode_error(op);
    PyObject *encoding = NULL, *reason = NULL, *result = NULL;

    if (self->object == NULL) {
        return PyUnicode_FromString("");
    }
    encoding = text_or_empty(self->encoding);
    reason = text_or_empty(self->reason);
    if (encoding == NULL || reason == NULL || checked_object(op, true) == NULL) {
        goto done;
    }
    if (is_single(self)) {
        int byte = (unsigned char)PyBytes_AS_STRING(self->object)[self->start];
        result = PyUnicode_FromFormat(
            "'%U' codec can't decode byte 0x%02x in position %zd: %U", encoding, byte,
            self->start, reason);
    }
    else {
        result = PyUnicode_FromFormat(
            "'%U' codec can't decode bytes in position %zd-%zd: %U", encoding,
            self->start, self->end - 1, reason);
    }
done:
    Py_XDECREF(encoding);
    Py_XDECREF(reason);
    return result;
}

PyObject *
kr_unicode_translate_error_str(PyObject *op)
{
    PyUnicodeErrorObject *self = unicode_error(op);
    PyObject *reason, *result = NULL;

    if (self->object == NULL) {
        return PyUnicode_FromString("");
    }
    reason = text_or_empty(self->reason);
    if (reason == NULL || checked_object(op, false) == NULL) {
        goto done;
    }
    if (is_single(self)) {
        char text[16];
        escaped_char(self, text);
        result =
            PyUnicode_FromFormat("can't translate character '%s' in position %zd: %U",
                                 text, self->start, reason);
    }
    else {
        result =
            PyUnicode_FromFormat("can't translate characters in position %zd-%zd: %U",
                                 self->start, self->end - 1, reason);
    }
done:
    Py_XDECREF(reason);
    return result;
}
