// SPDX-License-Identifier: MIT
// stringio.c - StringIO: a text stream over memory.
//
// While text is only appended, the pieces are kept in a list and joined when
// somebody looks; otherwise the content is an array of code points.
#include "modules/io/io.h"

#include <structmember.h>

typedef struct {
    KrIOBase base;
    Py_UCS4 *buf;        // PyMem; NULL while pieces are collected
    Py_ssize_t pos;
    Py_ssize_t size;     // characters of content
    Py_ssize_t capacity;
    PyObject *pieces;    // list of str while only appended, or NULL
    PyObject *newline;   // owned str: what line ends are, NULL for None
    PyObject *write_nl;  // owned str that \n is written as, or NULL
    PyObject *decoder;   // newline decoder, or NULL
    bool universal;
    bool translate;
    bool closed;
    bool ready;          // __init__ has run
} StringIO;

static int
check_usable(StringIO *self)
{
    if (!self->ready) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return -1;
    }
    if (self->closed) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file");
        return -1;
    }
    return 0;
}

static int
reserve(StringIO *self, Py_ssize_t want)
{
    if (want <= self->capacity) {
        return 0;
    }
    Py_ssize_t grown = self->capacity + (self->capacity >> 3) + 16;
    if (grown < want) {
        grown = want;
    }
    if (grown > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Py_UCS4)) {
        PyErr_SetString(PyExc_OverflowError, "new buffer size too large");
        return -1;
    }
    Py_UCS4 *buf = PyMem_Realloc(self->buf, (size_t)grown * sizeof(Py_UCS4));
    if (buf == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->buf = buf;
    self->capacity = grown;
    return 0;
}

// The pieces as one str; new reference.
static PyObject *
join_pieces(StringIO *self)
{
    PyObject *empty = PyUnicode_New(0, 0);
    PyObject *text = empty == NULL ? NULL : PyUnicode_Join(empty, self->pieces);
    Py_XDECREF(empty);
    return text;
}

// From collected pieces to an array.
static int
make_array(StringIO *self)
{
    if (self->pieces == NULL) {
        return 0;
    }
    PyObject *text = join_pieces(self);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    int status = reserve(self, n + 1);
    if (status == 0 && PyUnicode_AsUCS4(text, self->buf, self->capacity, 0) == NULL) {
        status = -1;
    }
    Py_DECREF(text);
    if (status == 0) {
        Py_CLEAR(self->pieces);
        self->size = n;
    }
    return status;
}

// Applies the newline rules of writing; new reference.
static PyObject *
translate_for_write(StringIO *self, PyObject *text)
{
    PyObject *decoded = self->decoder != NULL ? kr_newline_decode(self->decoder, text, true)
                                              : Py_NewRef(text);
    if (decoded == NULL || self->write_nl == NULL) {
        return decoded;
    }
    PyObject *lf = PyUnicode_FromString("\n");
    PyObject *result = lf == NULL ? NULL : PyUnicode_Replace(decoded, lf, self->write_nl, -1);
    Py_XDECREF(lf);
    Py_DECREF(decoded);
    return result;
}

static int
write_text(StringIO *self, PyObject *text)
{
    int status = -1;
    PyObject *ready = translate_for_write(self, text);
    if (ready == NULL) {
        return -1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(ready);
    if (n == 0) {
        status = 0;
        goto done;
    }
    if (self->pos > PY_SSIZE_T_MAX - n) {
        PyErr_SetString(PyExc_OverflowError, "new position too large");
        goto done;
    }
    if (self->pieces != NULL) {
        if (self->pos == self->size) {
            if (PyList_Append(self->pieces, ready) < 0) {
                goto done;
            }
            self->pos = self->size = self->pos + n;
            status = 0;
            goto done;
        }
        if (make_array(self) < 0) {
            goto done;
        }
    }
    Py_ssize_t end = self->pos + n;
    if (reserve(self, end + 1) < 0) {
        goto done;
    }
    if (self->pos > self->size) {
        memset(self->buf + self->size, 0,
               (size_t)(self->pos - self->size) * sizeof(Py_UCS4));
    }
    int kind = PyUnicode_KIND(ready);
    const void *data = PyUnicode_DATA(ready);
    for (Py_ssize_t i = 0; i < n; i++) {
        self->buf[self->pos + i] = PyUnicode_READ(kind, data, i);
    }
    self->pos = end;
    if (end > self->size) {
        self->size = end;
    }
    status = 0;

done:
    Py_DECREF(ready);
    return status;
}

static int
size_argument(PyObject *value, Py_ssize_t *out)
{
    *out = -1;
    if (value == NULL || value == Py_None) {
        return 0;
    }
    *out = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *
text_of(StringIO *self, Py_ssize_t start, Py_ssize_t end)
{
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, self->buf + start, end - start);
}

KR_METHOD(stringio, "read(self, size=-1, /)", "Read at most size characters, returned as a string.")
static PyObject *
stringio_read(StringIO *self, PyObject *size_object)
{
    Py_ssize_t size;
    if (check_usable(self) < 0 || size_argument(size_object, &size) < 0) {
        return NULL;
    }
    Py_ssize_t left = self->size - self->pos;
    if (size < 0 || size > left) {
        size = left < 0 ? 0 : left;
    }
    if (self->pieces != NULL && self->pos == 0 && size == self->size) {
        PyObject *text = join_pieces(self);
        if (text != NULL) {
            self->pos = size;
        }
        return text;
    }
    if (size == 0) {
        return PyUnicode_New(0, 0);
    }
    if (make_array(self) < 0) {
        return NULL;
    }
    PyObject *text = text_of(self, self->pos, self->pos + size);
    if (text != NULL) {
        self->pos += size;
    }
    return text;
}

// The end of the line at pos, at most limit characters (negative: no limit).
static Py_ssize_t
end_of_line(StringIO *self, Py_ssize_t limit)
{
    Py_ssize_t end = self->size;
    if (limit >= 0 && limit < end - self->pos) {
        end = self->pos + limit;
    }
    const Py_UCS4 *buf = self->buf;
    for (Py_ssize_t i = self->pos; i < end; i++) {
        Py_UCS4 ch = buf[i];
        if (self->translate || (!self->universal && self->newline != NULL &&
                                PyUnicode_GET_LENGTH(self->newline) == 1)) {
            Py_UCS4 want = self->translate ? '\n' : PyUnicode_READ_CHAR(self->newline, 0);
            if (ch == want) {
                return i + 1;
            }
        }
        else if (self->universal) {
            if (ch == '\n') {
                return i + 1;
            }
            if (ch == '\r') {
                return i + 1 < end && buf[i + 1] == '\n' ? i + 2 : i + 1;
            }
        }
        else if (i + 1 < end && ch == PyUnicode_READ_CHAR(self->newline, 0) &&
                 buf[i + 1] == PyUnicode_READ_CHAR(self->newline, 1)) {
            return i + 2;
        }
    }
    return end;
}

static PyObject *
read_line(StringIO *self, Py_ssize_t limit)
{
    if (self->pos >= self->size) {
        return PyUnicode_New(0, 0);
    }
    if (make_array(self) < 0) {
        return NULL;
    }
    Py_ssize_t end = end_of_line(self, limit);
    PyObject *line = text_of(self, self->pos, end);
    if (line != NULL) {
        self->pos = end;
    }
    return line;
}

KR_METHOD(stringio, "readline(self, size=-1, /)", "Read until newline or EOF.")
static PyObject *
stringio_readline(StringIO *self, PyObject *size_object)
{
    Py_ssize_t size;
    if (check_usable(self) < 0 || size_argument(size_object, &size) < 0) {
        return NULL;
    }
    return read_line(self, size);
}

static PyObject *
stringio_iternext(PyObject *op)
{
    StringIO *self = (StringIO *)op;
    PyObject *line;
    if (check_usable(self) < 0) {
        return NULL;
    }
    if (Py_IS_TYPE(op, &kr_stringio_type)) {
        line = read_line(self, -1);
    }
    else {
        line = PyObject_CallMethodNoArgs(op, KR_ID(readline));
        if (line != NULL && !PyUnicode_Check(line)) {
            PyErr_Format(PyExc_OSError,
                         "readline() should have returned a str object, not '%.200s'",
                         Py_TYPE(line)->tp_name);
            Py_CLEAR(line);
        }
    }
    if (line != NULL && PyUnicode_GET_LENGTH(line) == 0) {
        Py_CLEAR(line);
    }
    return line;
}

KR_METHOD(stringio, "write(self, s, /)", "Write string to file.")
static PyObject *
stringio_write(StringIO *self, PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_Format(PyExc_TypeError, "string argument expected, got '%s'",
                     Py_TYPE(s)->tp_name);
        return NULL;
    }
    if (check_usable(self) < 0) {
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    return n > 0 && write_text(self, s) < 0 ? NULL : PyLong_FromSsize_t(n);
}

KR_METHOD(stringio, "tell(self, /)", "Tell the current file position.")
static PyObject *
stringio_tell(StringIO *self)
{
    return check_usable(self) < 0 ? NULL : PyLong_FromSsize_t(self->pos);
}

KR_METHOD(stringio, "seek(self, pos, whence=0, /)", "Change stream position.")
static PyObject *
stringio_seek(StringIO *self, Py_ssize_t pos, int whence)
{
    if (check_usable(self) < 0) {
        return NULL;
    }
    if (whence != 0 && whence != 1 && whence != 2) {
        PyErr_Format(PyExc_ValueError, "Invalid whence (%i, should be 0, 1 or 2)", whence);
        return NULL;
    }
    if (pos < 0 && whence == 0) {
        PyErr_Format(PyExc_ValueError, "Negative seek position %zd", pos);
        return NULL;
    }
    if (whence != 0 && pos != 0) {
        PyErr_SetString(PyExc_OSError, "Can't do nonzero cur-relative seeks");
        return NULL;
    }
    self->pos = whence == 1 ? self->pos : whence == 2 ? self->size : pos;
    return PyLong_FromSsize_t(self->pos);
}

KR_METHOD(stringio, "truncate(self, pos=None, /)", "Truncate size to pos.")
static PyObject *
stringio_truncate(StringIO *self, PyObject *pos)
{
    Py_ssize_t size = self->pos;
    if (check_usable(self) < 0) {
        return NULL;
    }
    if (pos != NULL && pos != Py_None) {
        size = PyNumber_AsSsize_t(pos, PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "Negative size value %zd", size);
        return NULL;
    }
    if (size < self->size) {
        if (make_array(self) < 0) {
            return NULL;
        }
        self->size = size;
    }
    return PyLong_FromSsize_t(size);
}

KR_METHOD(stringio, "getvalue(self, /)", "Retrieve the entire contents of the object.")
static PyObject *
stringio_getvalue(StringIO *self)
{
    if (check_usable(self) < 0) {
        return NULL;
    }
    return self->pieces != NULL ? join_pieces(self) : text_of(self, 0, self->size);
}

KR_METHOD(stringio, "close(self, /)", "Close the IO object.")
static PyObject *
stringio_close(StringIO *self)
{
    self->closed = true;
    Py_CLEAR(self->pieces);
    PyMem_Free(self->buf);
    self->buf = NULL;
    self->size = self->capacity = 0;
    Py_RETURN_NONE;
}

KR_METHOD(stringio, "readable(self, /)", "Returns True if the IO object can be read.")
static PyObject *
stringio_readable(StringIO *self)
{
    return check_usable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

KR_METHOD(stringio, "writable(self, /)", "Returns True if the IO object can be written.")
static PyObject *
stringio_writable(StringIO *self)
{
    return check_usable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

KR_METHOD(stringio, "seekable(self, /)", "Returns True if the IO object can be seeked.")
static PyObject *
stringio_seekable(StringIO *self)
{
    return check_usable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

// Checks and stores the newline argument.
static int
set_newline(StringIO *self, PyObject *newline)
{
    const char *text = NULL;
    if (newline != Py_None) {
        if (!PyUnicode_Check(newline)) {
            PyErr_Format(PyExc_TypeError, "newline must be str or None, not %.200s",
                         Py_TYPE(newline)->tp_name);
            return -1;
        }
        text = PyUnicode_AsUTF8(newline);
        if (text == NULL) {
            return -1;
        }
        if (strcmp(text, "") != 0 && strcmp(text, "\n") != 0 && strcmp(text, "\r") != 0 &&
            strcmp(text, "\r\n") != 0) {
            PyErr_Format(PyExc_ValueError, "illegal newline value: %R", newline);
            return -1;
        }
    }
    Py_CLEAR(self->newline);
    Py_CLEAR(self->write_nl);
    Py_CLEAR(self->decoder);
    self->newline = text != NULL ? Py_NewRef(newline) : NULL;
    self->universal = text == NULL || *text == '\0';
    self->translate = text == NULL;
    if (text != NULL && *text == '\r') {
        self->write_nl = Py_NewRef(newline);
    }
    if (self->universal) {
        self->decoder = kr_newline_decoder_new(Py_None, self->translate);
        if (self->decoder == NULL) {
            return -1;
        }
    }
    return 0;
}

KR_INIT(stringio, "StringIO(initial_value='', newline='\\n')",
        "Text I/O implementation using an in-memory buffer.")
static int
stringio_init_impl(StringIO *self, PyObject *initial_value, PyObject *newline)
{
    PyObject *lf = NULL;
    int status = -1;
    self->ready = false;
    if (newline == NULL) {
        lf = PyUnicode_FromString("\n");
        newline = lf;
    }
    if (newline == NULL) {
        return -1;
    }
    if (initial_value != NULL && initial_value != Py_None && !PyUnicode_Check(initial_value)) {
        PyErr_Format(PyExc_TypeError, "initial_value must be str or None, not %.200s",
                     Py_TYPE(initial_value)->tp_name);
        goto done;
    }
    if (set_newline(self, newline) < 0) {
        goto done;
    }
    PyMem_Free(self->buf);
    self->buf = NULL;
    self->capacity = self->size = self->pos = 0;
    Py_XSETREF(self->pieces, PyList_New(0));
    if (self->pieces == NULL) {
        goto done;
    }
    if (initial_value != NULL && initial_value != Py_None &&
        PyUnicode_GET_LENGTH(initial_value) > 0) {
        if (write_text(self, initial_value) < 0) {
            goto done;
        }
        self->pos = 0;
    }
    self->closed = false;
    self->ready = true;
    status = 0;

done:
    Py_XDECREF(lf);
    return status;
}

KR_METHOD_RAW(stringio, "__getstate__", METH_NOARGS, "")
static PyObject *
stringio___getstate__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    StringIO *self = (StringIO *)op;
    PyObject *value = stringio_getvalue(self);
    if (value == NULL) {
        return NULL;
    }
    PyObject *dict = self->base.dict == NULL ? Py_NewRef(Py_None)
                                             : PyDict_Copy(self->base.dict);
    if (dict == NULL) {
        Py_DECREF(value);
        return NULL;
    }
    return Py_BuildValue("(NOnN)", value, self->newline != NULL ? self->newline : Py_None,
                         self->pos, dict);
}

KR_METHOD_RAW(stringio, "__setstate__", METH_O, "")
static PyObject *
stringio___setstate__(PyObject *op, PyObject *state)
{
    StringIO *self = (StringIO *)op;
    if (self->ready && self->closed) {
        PyErr_SetString(PyExc_ValueError, "__setstate__ on closed file");
        return NULL;
    }
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) < 4) {
        PyErr_Format(PyExc_TypeError, "%.200s.__setstate__ argument should be 4-tuple, got %.200s",
                     Py_TYPE(self)->tp_name, Py_TYPE(state)->tp_name);
        return NULL;
    }
    PyObject *value = PyTuple_GET_ITEM(state, 0), *newline = PyTuple_GET_ITEM(state, 1);
    PyObject *position = PyTuple_GET_ITEM(state, 2), *dict = PyTuple_GET_ITEM(state, 3);
    if (stringio_init_impl(self, NULL, newline) < 0) {
        return NULL;
    }
    if (value != Py_None) {
        if (!PyUnicode_Check(value)) {
            PyErr_Format(PyExc_TypeError, "first item of state must be a str or None, not %.200s",
                         Py_TYPE(value)->tp_name);
            return NULL;
        }
        // The value is as it was written: no translation again.
        if (PyUnicode_GET_LENGTH(value) > 0 && PyList_Append(self->pieces, value) < 0) {
            return NULL;
        }
        self->size = PyUnicode_GET_LENGTH(value);
    }
    if (!PyLong_Check(position)) {
        PyErr_Format(PyExc_TypeError, "third item of state must be an integer, got %.200s",
                     Py_TYPE(position)->tp_name);
        return NULL;
    }
    Py_ssize_t pos = PyLong_AsSsize_t(position);
    if (pos == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (pos < 0) {
        PyErr_SetString(PyExc_ValueError, "position value cannot be negative");
        return NULL;
    }
    self->pos = pos;
    if (dict != Py_None) {
        if (!PyDict_Check(dict)) {
            PyErr_Format(PyExc_TypeError, "fourth item of state should be a dict, got a %.200s",
                         Py_TYPE(dict)->tp_name);
            return NULL;
        }
        if (self->base.dict != NULL) {
            if (PyDict_Update(self->base.dict, dict) < 0) {
                return NULL;
            }
        }
        else {
            self->base.dict = Py_NewRef(dict);
        }
    }
    Py_RETURN_NONE;
}

static PyObject *
stringio_get_closed(PyObject *op, void *Py_UNUSED(closure))
{
    StringIO *self = (StringIO *)op;
    if (!self->ready) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return NULL;
    }
    return PyBool_FromLong(self->closed);
}

static PyObject *
stringio_get_line_buffering(PyObject *op, void *Py_UNUSED(closure))
{
    return check_usable((StringIO *)op) < 0 ? NULL : Py_NewRef(Py_False);
}

static PyObject *
stringio_get_newlines(PyObject *op, void *Py_UNUSED(closure))
{
    StringIO *self = (StringIO *)op;
    if (check_usable(self) < 0) {
        return NULL;
    }
    return self->decoder == NULL ? Py_NewRef(Py_None)
                                 : PyObject_GetAttr(self->decoder, KR_ID(newlines));
}

static PyGetSetDef stringio_attributes[] = {
    {"closed", stringio_get_closed, NULL, NULL, NULL},
    {"newlines", stringio_get_newlines, NULL, NULL, NULL},
    {"line_buffering", stringio_get_line_buffering, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static int
stringio_traverse(PyObject *op, visitproc visit, void *arg)
{
    StringIO *self = (StringIO *)op;
    Py_VISIT(self->pieces);
    Py_VISIT(self->newline);
    Py_VISIT(self->write_nl);
    Py_VISIT(self->decoder);
    return kr_io_base_traverse(op, visit, arg);
}

static int
stringio_tp_clear(PyObject *op)
{
    kr_io_base_clear(op);
    return 0;
}

static void
stringio_dealloc(PyObject *op)
{
    StringIO *self = (StringIO *)op;
    PyObject_GC_UnTrack(op);
    if (self->base.weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    PyMem_Free(self->buf);
    Py_CLEAR(self->pieces);
    Py_CLEAR(self->newline);
    Py_CLEAR(self->write_nl);
    Py_CLEAR(self->decoder);
    kr_io_base_clear(op);
    Py_TYPE(op)->tp_free(op);
}

KR_TYPE(stringio)
#include "modules/io/stringio.methods.h"

PyTypeObject kr_stringio_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.StringIO",
    .tp_basicsize = sizeof(StringIO),
    .tp_dealloc = stringio_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = stringio_doc,
    .tp_traverse = stringio_traverse,
    .tp_clear = stringio_tp_clear,
    .tp_weaklistoffset = offsetof(KrIOBase, weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = stringio_iternext,
    .tp_methods = stringio_methods,
    .tp_getset = stringio_attributes,
    .tp_base = &kr_textiobase_type,
    .tp_dictoffset = offsetof(KrIOBase, dict),
    .tp_init = stringio_init,
    .tp_new = PyType_GenericNew,
};
