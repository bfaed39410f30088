// SPDX-License-Identifier: MIT
// newline.c - line ends: finding them, and the decoder that unifies them.
#include "modules/io/io.h"

#include <structmember.h>

enum { SEEN_CR = 1, SEEN_LF = 2, SEEN_CRLF = 4 };

typedef struct {
    PyObject_HEAD
    PyObject *decoder;   // owned; None: input is already text
    PyObject *errors;    // owned
    bool pending_cr;     // the last input ended in \r, which was held back
    bool translate;
    unsigned seen;       // SEEN_*
} NewlineDecoder;

// --- Finding line ends -----------------------------------------------------------------

// The first place in [start, end) of a character, or end. Places are characters.
static Py_ssize_t
find_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end, Py_UCS4 ch)
{
    if (kind == PyUnicode_1BYTE_KIND) {
        const char *text = data;
        const char *at = start < end ? memchr(text + start, (int)ch, (size_t)(end - start))
                                     : NULL;
        return at != NULL ? at - text : end;
    }
    for (Py_ssize_t i = start; i < end; i++) {
        if (PyUnicode_READ(kind, data, i) == ch) {
            return i;
        }
    }
    return end;
}

Py_ssize_t
kr_io_line_end(PyObject *text, Py_ssize_t start, Py_ssize_t end, bool translated,
               bool universal, PyObject *newline, Py_ssize_t *searched)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    *searched = end;
    if (translated) {
        Py_ssize_t at = find_char(kind, data, start, end, '\n');
        return at < end ? at + 1 : -1;
    }
    if (universal) {
        Py_ssize_t lf = find_char(kind, data, start, end, '\n');
        Py_ssize_t cr = find_char(kind, data, start, lf, '\r');
        if (cr < lf) {
            return cr + 1 < end && PyUnicode_READ(kind, data, cr + 1) == '\n' ? cr + 2
                                                                              : cr + 1;
        }
        return lf < end ? lf + 1 : -1;
    }
    // A given line end of one or two characters.
    Py_ssize_t n = PyUnicode_GET_LENGTH(newline);
    Py_UCS4 first = PyUnicode_READ_CHAR(newline, 0);
    for (Py_ssize_t at = start;; at++) {
        at = find_char(kind, data, at, end, first);
        if (at >= end) {
            return -1;
        }
        if (n == 1) {
            return at + 1;
        }
        if (at + 1 >= end) {
            *searched = at;
            return -1;
        }
        if (PyUnicode_READ(kind, data, at + 1) == PyUnicode_READ_CHAR(newline, 1)) {
            return at + 2;
        }
    }
}

// --- IncrementalNewlineDecoder ------------------------------------------------------------

PyObject *
kr_newline_decoder_new(PyObject *decoder, bool translate)
{
    NewlineDecoder *self = PyObject_GC_New(NewlineDecoder, &kr_newline_decoder_type);
    if (self == NULL) {
        return NULL;
    }
    self->decoder = Py_NewRef(decoder);
    self->errors = PyUnicode_FromString("strict");
    self->pending_cr = false;
    self->translate = translate;
    self->seen = 0;
    PyObject_GC_Track(self);
    if (self->errors == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

// Notes which line ends the text has.
static void
look_for_newlines(NewlineDecoder *self, PyObject *text)
{
    const unsigned all = SEEN_CR | SEEN_LF | SEEN_CRLF;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), at = 0;
    if (find_char(kind, data, 0, n, '\r') == n) {
        if (!(self->seen & SEEN_LF) && find_char(kind, data, 0, n, '\n') < n) {
            self->seen |= SEEN_LF;
        }
        return;
    }
    while (at < n && self->seen != all) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, at);
        at++;
        if (ch == '\n') {
            self->seen |= SEEN_LF;
        }
        else if (ch == '\r') {
            if (at < n && PyUnicode_READ(kind, data, at) == '\n') {
                self->seen |= SEEN_CRLF;
                at++;
            }
            else {
                self->seen |= SEEN_CR;
            }
        }
    }
}

// A copy with every line end as \n.
static PyObject *
unify(PyObject *text)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), out = 0;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (find_char(kind, data, 0, n, '\r') == n) {
        return Py_NewRef(text);
    }
    char *copy = PyMem_Malloc((size_t)n * (size_t)kind + 1);
    if (copy == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (ch == '\r') {
            if (i + 1 < n && PyUnicode_READ(kind, data, i + 1) == '\n') {
                i++;
            }
            ch = '\n';
        }
        PyUnicode_WRITE(kind, copy, out, ch);
        out++;
    }
    PyObject *result = PyUnicode_FromKindAndData(kind, copy, out);
    PyMem_Free(copy);
    return result;
}

PyObject *
kr_newline_decode(PyObject *op, PyObject *input, bool final)
{
    NewlineDecoder *self = (NewlineDecoder *)op;
    PyObject *text;
    if (self->decoder == NULL) {
        PyErr_SetString(PyExc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
        return NULL;
    }
    if (self->decoder == Py_None) {
        text = Py_NewRef(input);
    }
    else {
        PyObject *args[3] = {self->decoder, input, final ? Py_True : Py_False};
        text = PyObject_VectorcallMethod(KR_ID(decode), args, 3, NULL);
        if (text == NULL) {
            return NULL;
        }
    }
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "decoder should return a string result, not '%.200s'",
                     Py_TYPE(text)->tp_name);
        Py_DECREF(text);
        return NULL;
    }
    if (self->pending_cr && (final || PyUnicode_GET_LENGTH(text) > 0)) {
        PyObject *cr = PyUnicode_FromString("\r");
        PyObject *joined = cr == NULL ? NULL : PyUnicode_Concat(cr, text);
        Py_XDECREF(cr);
        Py_SETREF(text, joined);
        if (text == NULL) {
            return NULL;
        }
        self->pending_cr = false;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (!final && n > 0 && PyUnicode_READ_CHAR(text, n - 1) == '\r') {
        // It may be the first half of \r\n.
        PyObject *shorter = PyUnicode_Substring(text, 0, n - 1);
        Py_SETREF(text, shorter);
        if (text == NULL) {
            return NULL;
        }
        self->pending_cr = true;
    }
    look_for_newlines(self, text);
    if (self->translate) {
        PyObject *result = unify(text);
        Py_DECREF(text);
        return result;
    }
    return text;
}

KR_METHOD(newline_decoder, "decode(self, input, final=False)", "")
static PyObject *
newline_decoder_decode(PyObject *self, PyObject *input, bool final)
{
    return kr_newline_decode(self, input, final);
}

KR_METHOD(newline_decoder, "getstate(self, /)", "")
static PyObject *
newline_decoder_getstate(NewlineDecoder *self)
{
    PyObject *buffer = NULL, *flag_object = NULL;
    unsigned long long flag = 0;
    if (self->decoder == NULL) {
        PyErr_SetString(PyExc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
        return NULL;
    }
    if (self->decoder != Py_None) {
        PyObject *state = PyObject_CallMethodNoArgs(self->decoder, KR_ID(getstate));
        if (state == NULL) {
            return NULL;
        }
        if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) != 2) {
            PyErr_SetString(PyExc_TypeError, "illegal decoder state");
            Py_DECREF(state);
            return NULL;
        }
        buffer = Py_NewRef(PyTuple_GET_ITEM(state, 0));
        flag_object = PyTuple_GET_ITEM(state, 1);
        flag = PyLong_AsUnsignedLongLong(flag_object);
        Py_DECREF(state);
        if (flag == (unsigned long long)-1 && PyErr_Occurred()) {
            Py_DECREF(buffer);
            return NULL;
        }
    }
    else {
        buffer = PyBytes_FromStringAndSize(NULL, 0);
    }
    flag = flag << 1 | self->pending_cr;
    return buffer == NULL ? NULL : Py_BuildValue("NK", buffer, flag);
}

KR_METHOD(newline_decoder, "setstate(self, state, /)", "")
static PyObject *
newline_decoder_setstate(NewlineDecoder *self, PyObject *state)
{
    PyObject *buffer;
    unsigned long long flag;
    if (self->decoder == NULL) {
        PyErr_SetString(PyExc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
        return NULL;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state argument must be a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "OK;setstate(): illegal state argument", &buffer, &flag)) {
        return NULL;
    }
    self->pending_cr = flag & 1;
    if (self->decoder != Py_None) {
        return PyObject_CallMethod(self->decoder, "setstate", "((OK))", buffer, flag >> 1);
    }
    Py_RETURN_NONE;
}

KR_METHOD(newline_decoder, "reset(self, /)", "")
static PyObject *
newline_decoder_reset(NewlineDecoder *self)
{
    if (self->decoder == NULL) {
        PyErr_SetString(PyExc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
        return NULL;
    }
    self->seen = 0;
    self->pending_cr = false;
    return self->decoder != Py_None ? PyObject_CallMethodNoArgs(self->decoder, KR_ID(reset))
                                    : Py_NewRef(Py_None);
}

KR_INIT(newline_decoder, "IncrementalNewlineDecoder(decoder, translate, errors='strict')",
        "Codec used when reading a file in universal newlines mode.")
static int
newline_decoder_init_impl(NewlineDecoder *self, PyObject *decoder, bool translate,
                          PyObject *errors)
{
    PyObject *text = errors != NULL && errors != Py_None ? Py_NewRef(errors)
                                                         : PyUnicode_FromString("strict");
    if (text == NULL) {
        return -1;
    }
    Py_XSETREF(self->errors, text);
    Py_XSETREF(self->decoder, Py_NewRef(decoder));
    self->translate = translate;
    self->seen = 0;
    self->pending_cr = false;
    return 0;
}

static PyObject *
newline_decoder_get_newlines(PyObject *op, void *Py_UNUSED(closure))
{
    static const char *const ends[3] = {"\r", "\n", "\r\n"};
    unsigned seen = ((NewlineDecoder *)op)->seen;
    if (seen == 0) {
        Py_RETURN_NONE;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < 3; i++) {
        if (seen & (1u << i)) {
            PyObject *text = PyUnicode_FromString(ends[i]);
            if (text == NULL || PyList_Append(list, text) < 0) {
                Py_CLEAR(list);
            }
            Py_XDECREF(text);
        }
    }
    if (list == NULL) {
        return NULL;
    }
    PyObject *result = PyList_GET_SIZE(list) == 1 ? Py_NewRef(PyList_GET_ITEM(list, 0))
                                                  : PyList_AsTuple(list);
    Py_DECREF(list);
    return result;
}

static PyGetSetDef newline_decoder_attributes[] = {
    {"newlines", newline_decoder_get_newlines, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static int
newline_decoder_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((NewlineDecoder *)self)->decoder);
    Py_VISIT(((NewlineDecoder *)self)->errors);
    return 0;
}

static int
newline_decoder_clear(PyObject *self)
{
    Py_CLEAR(((NewlineDecoder *)self)->decoder);
    Py_CLEAR(((NewlineDecoder *)self)->errors);
    return 0;
}

static void
newline_decoder_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    newline_decoder_clear(self);
    Py_TYPE(self)->tp_free(self);
}

KR_TYPE(newline_decoder)
#include "modules/io/newline.methods.h"

PyTypeObject kr_newline_decoder_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.IncrementalNewlineDecoder",
    .tp_basicsize = sizeof(NewlineDecoder),
    .tp_dealloc = newline_decoder_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = newline_decoder_doc,
    .tp_traverse = newline_decoder_traverse,
    .tp_clear = newline_decoder_clear,
    .tp_methods = newline_decoder_methods,
    .tp_getset = newline_decoder_attributes,
    .tp_init = newline_decoder_init,
    .tp_new = PyType_GenericNew,
};
