// SPDX-License-Identifier: MIT
// bytesio.c - BytesIO: a buffered stream over memory.
//
// The content is a bytes object. It may be shared with the outside (getvalue(),
// the initial value); before a change it is copied if others hold it. While a
// memory view is exported the size must not change.
#include "modules/io/io.h"

#include <structmember.h>

typedef struct {
    KrIOBase base;
    PyObject *buf;       // owned bytes; its size is the capacity. NULL: closed
    Py_ssize_t pos;
    Py_ssize_t size;     // bytes of content
    Py_ssize_t exports;  // living getbuffer() views
} BytesIO;

typedef struct {
    PyObject_HEAD
    BytesIO *source; // owned
} BytesIOBuffer;

static int
check_not_closed(BytesIO *self)
{
    if (self->buf == NULL) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
        return -1;
    }
    return 0;
}

static int
check_no_exports(BytesIO *self)
{
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "Existing exports of data: object cannot be re-sized");
        return -1;
    }
    return 0;
}

// Makes the content ours alone, with room for capacity bytes.
static int
own_buffer(BytesIO *self, Py_ssize_t capacity)
{
    if (capacity < self->size) {
        capacity = self->size;
    }
    if (Py_REFCNT(self->buf) == 1 && !_Py_IsImmortal(self->buf)) {
        Py_ssize_t have = PyBytes_GET_SIZE(self->buf);
        if (capacity <= have && capacity >= have / 2) {
            return 0;
        }
        if (capacity > have) {
            Py_ssize_t grown = have + (have >> 3) + 16;
            return _PyBytes_Resize(&self->buf, grown > capacity ? grown : capacity);
        }
        return _PyBytes_Resize(&self->buf, capacity);
    }
    PyObject *copy = PyBytes_FromStringAndSize(NULL, capacity == 0 ? 1 : capacity);
    if (copy == NULL) {
        return -1;
    }
    memcpy(PyBytes_AS_STRING(copy), PyBytes_AS_STRING(self->buf), (size_t)self->size);
    Py_SETREF(self->buf, copy);
    return 0;
}

// A length argument: None and negative mean "all".
static int
length_argument(PyObject *value, Py_ssize_t *out)
{
    *out = -1;
    if (value == NULL || value == Py_None) {
        return 0;
    }
    *out = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *
take(BytesIO *self, Py_ssize_t n)
{
    if (n > 1 && self->pos == 0 && n == PyBytes_GET_SIZE(self->buf) && n == self->size &&
        self->exports == 0) {
        self->pos = n;
        return Py_NewRef(self->buf);
    }
    PyObject *result = PyBytes_FromStringAndSize(PyBytes_AS_STRING(self->buf) + self->pos, n);
    if (result != NULL) {
        self->pos += n;
    }
    return result;
}

// Bytes up to and including the next newline, at most limit if not negative.
static Py_ssize_t
line_length(BytesIO *self, Py_ssize_t limit)
{
    Py_ssize_t left = self->size - self->pos;
    if (left <= 0) {
        return 0;
    }
    if (limit >= 0 && left > limit) {
        left = limit;
    }
    const char *start = PyBytes_AS_STRING(self->buf) + self->pos;
    const char *end = left > 0 ? memchr(start, '\n', (size_t)left) : NULL;
    return end != NULL ? end - start + 1 : left;
}

KR_METHOD(bytesio, "read(self, size=-1, /)", "Read at most size bytes, returned as bytes.")
static PyObject *
bytesio_read(BytesIO *self, PyObject *size_object)
{
    Py_ssize_t size;
    if (length_argument(size_object, &size) < 0 || check_not_closed(self) < 0) {
        return NULL;
    }
    Py_ssize_t left = self->size - self->pos;
    if (size < 0 || size > left) {
        size = left < 0 ? 0 : left;
    }
    return take(self, size);
}

KR_METHOD(bytesio, "read1(self, size=-1, /)", "Read at most size bytes, returned as bytes.")
static PyObject *
bytesio_read1(BytesIO *self, PyObject *size)
{
    return bytesio_read(self, size);
}

KR_METHOD(bytesio, "readline(self, size=-1, /)", "Next line from the file, as bytes.")
static PyObject *
bytesio_readline(BytesIO *self, PyObject *size_object)
{
    Py_ssize_t size;
    if (length_argument(size_object, &size) < 0 || check_not_closed(self) < 0) {
        return NULL;
    }
    return take(self, line_length(self, size));
}

KR_METHOD(bytesio, "readlines(self, size=None, /)", "List of bytes objects, each a line.")
static PyObject *
bytesio_readlines(BytesIO *self, PyObject *size_object)
{
    Py_ssize_t limit = 0, total = 0, n;
    if (check_not_closed(self) < 0) {
        return NULL;
    }
    if (size_object != NULL && size_object != Py_None) {
        if (!PyLong_Check(size_object)) {
            PyErr_Format(PyExc_TypeError, "integer argument expected, got '%s'",
                         Py_TYPE(size_object)->tp_name);
            return NULL;
        }
        limit = PyLong_AsSsize_t(size_object);
        if (limit == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    PyObject *lines = PyList_New(0);
    while (lines != NULL && (n = line_length(self, -1)) > 0) {
        PyObject *line = take(self, n);
        int status = line == NULL ? -1 : PyList_Append(lines, line);
        Py_XDECREF(line);
        if (status < 0) {
            Py_CLEAR(lines);
            break;
        }
        total += n;
        if (limit > 0 && total >= limit) {
            break;
        }
    }
    return lines;
}

KR_METHOD(bytesio, "readinto(self, buffer, /)", "Read bytes into buffer.")
static PyObject *
bytesio_readinto(BytesIO *self, PyObject *target)
{
    Py_buffer buffer;
    if (check_not_closed(self) < 0 || kr_arg_writable(target, "readinto", "argument", &buffer) < 0) {
        return NULL;
    }
    Py_ssize_t left = self->size - self->pos, n = buffer.len;
    if (n > left) {
        n = left < 0 ? 0 : left;
    }
    memcpy(buffer.buf, PyBytes_AS_STRING(self->buf) + self->pos, (size_t)n);
    self->pos += n;
    PyBuffer_Release(&buffer);
    return PyLong_FromSsize_t(n);
}

// Writes a bytes-like object at the position; the number of bytes, or -1.
static Py_ssize_t
write_bytes(BytesIO *self, PyObject *data)
{
    Py_buffer buffer;
    Py_ssize_t n = -1;
    if (check_not_closed(self) < 0 || check_no_exports(self) < 0) {
        return -1;
    }
    if (PyObject_GetBuffer(data, &buffer, PyBUF_CONTIG_RO) < 0) {
        return -1;
    }
    // The buffer's code may have closed the stream, or exported it.
    if (check_not_closed(self) < 0 || check_no_exports(self) < 0) {
        goto done;
    }
    if (buffer.len == 0) {
        n = 0;
        goto done;
    }
    if (buffer.len > PY_SSIZE_T_MAX - self->pos) {
        PyErr_SetString(PyExc_OverflowError, "new buffer size too large");
        goto done;
    }
    Py_ssize_t end = self->pos + buffer.len;
    if (own_buffer(self, end > PyBytes_GET_SIZE(self->buf) ? end
                                                           : PyBytes_GET_SIZE(self->buf)) < 0) {
        goto done;
    }
    char *memory = PyBytes_AS_STRING(self->buf);
    if (self->pos > self->size) {
        memset(memory + self->size, 0, (size_t)(self->pos - self->size));
    }
    memcpy(memory + self->pos, buffer.buf, (size_t)buffer.len);
    self->pos = end;
    if (end > self->size) {
        self->size = end;
    }
    n = buffer.len;

done:
    PyBuffer_Release(&buffer);
    return n;
}

KR_METHOD(bytesio, "write(self, b, /)", "Write bytes to file.")
static PyObject *
bytesio_write(BytesIO *self, PyObject *b)
{
    Py_ssize_t n = write_bytes(self, b);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

KR_METHOD(bytesio, "writelines(self, lines, /)", "Write lines to the file.")
static PyObject *
bytesio_writelines(BytesIO *self, PyObject *lines)
{
    PyObject *item;
    int more;
    if (check_not_closed(self) < 0) {
        return NULL;
    }
    PyObject *iterator = PyObject_GetIter(lines);
    if (iterator == NULL) {
        return NULL;
    }
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        Py_ssize_t n = write_bytes(self, item);
        Py_DECREF(item);
        if (n < 0) {
            more = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    return more < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(bytesio, "seek(self, pos, whence=0, /)", "Change stream position.")
static PyObject *
bytesio_seek(BytesIO *self, Py_ssize_t pos, int whence)
{
    if (check_not_closed(self) < 0) {
        return NULL;
    }
    if (pos < 0 && whence == 0) {
        PyErr_Format(PyExc_ValueError, "negative seek value %zd", pos);
        return NULL;
    }
    Py_ssize_t from = whence == 1 ? self->pos : whence == 2 ? self->size : 0;
    if (whence < 0 || whence > 2) {
        PyErr_Format(PyExc_ValueError, "invalid whence (%i, should be 0, 1 or 2)", whence);
        return NULL;
    }
    if (pos > PY_SSIZE_T_MAX - from) {
        PyErr_SetString(PyExc_OverflowError, "new position too large");
        return NULL;
    }
    pos += from;
    self->pos = pos < 0 ? 0 : pos;
    return PyLong_FromSsize_t(self->pos);
}

KR_METHOD(bytesio, "tell(self, /)", "Current file position, an integer.")
static PyObject *
bytesio_tell(BytesIO *self)
{
    return check_not_closed(self) < 0 ? NULL : PyLong_FromSsize_t(self->pos);
}

KR_METHOD(bytesio, "truncate(self, size=None, /)", "Truncate the file to at most size bytes.")
static PyObject *
bytesio_truncate(BytesIO *self, PyObject *size_object)
{
    Py_ssize_t size = self->pos;
    if (check_not_closed(self) < 0 || check_no_exports(self) < 0) {
        return NULL;
    }
    if (size_object != NULL && size_object != Py_None) {
        size = PyNumber_AsSsize_t(size_object, PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "negative size value %zd", size);
        return NULL;
    }
    if (size < self->size) {
        self->size = size;
        if (own_buffer(self, size) < 0) {
            return NULL;
        }
    }
    return PyLong_FromSsize_t(size);
}

KR_METHOD(bytesio, "getvalue(self, /)", "Retrieve the entire contents of the BytesIO object.")
static PyObject *
bytesio_getvalue(BytesIO *self)
{
    if (check_not_closed(self) < 0) {
        return NULL;
    }
    if (self->size != PyBytes_GET_SIZE(self->buf)) {
        if (self->exports > 0 || Py_REFCNT(self->buf) > 1) {
            return PyBytes_FromStringAndSize(PyBytes_AS_STRING(self->buf), self->size);
        }
        if (_PyBytes_Resize(&self->buf, self->size) < 0) {
            return NULL;
        }
    }
    return self->exports > 0
               ? PyBytes_FromStringAndSize(PyBytes_AS_STRING(self->buf), self->size)
               : Py_NewRef(self->buf);
}

KR_METHOD(bytesio, "getbuffer(self, /)",
          "Get a read-write view over the contents of the BytesIO object.")
static PyObject *
bytesio_getbuffer(BytesIO *self)
{
    if (check_not_closed(self) < 0) {
        return NULL;
    }
    BytesIOBuffer *buffer = PyObject_GC_New(BytesIOBuffer, &kr_bytesiobuf_type);
    if (buffer == NULL) {
        return NULL;
    }
    buffer->source = (BytesIO *)Py_NewRef(self);
    PyObject_GC_Track(buffer);
    PyObject *view = PyMemoryView_FromObject((PyObject *)buffer);
    Py_DECREF(buffer);
    return view;
}

static PyObject *
yes_if_open(BytesIO *self)
{
    return check_not_closed(self) < 0 ? NULL : Py_NewRef(Py_True);
}

KR_METHOD(bytesio, "readable(self, /)", "Returns True if the IO object can be read.")
static PyObject *
bytesio_readable(BytesIO *self)
{
    return yes_if_open(self);
}

KR_METHOD(bytesio, "writable(self, /)", "Returns True if the IO object can be written.")
static PyObject *
bytesio_writable(BytesIO *self)
{
    return yes_if_open(self);
}

KR_METHOD(bytesio, "seekable(self, /)", "Returns True if the IO object can be seeked.")
static PyObject *
bytesio_seekable(BytesIO *self)
{
    return yes_if_open(self);
}

KR_METHOD(bytesio, "flush(self, /)", "Does nothing.")
static PyObject *
bytesio_flush(BytesIO *self)
{
    return check_not_closed(self) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(bytesio, "isatty(self, /)", "Always returns False.")
static PyObject *
bytesio_isatty(BytesIO *self)
{
    return check_not_closed(self) < 0 ? NULL : Py_NewRef(Py_False);
}

KR_METHOD(bytesio, "close(self, /)", "Disable all I/O operations.")
static PyObject *
bytesio_close(BytesIO *self)
{
    if (check_no_exports(self) < 0) {
        return NULL;
    }
    Py_CLEAR(self->buf);
    Py_RETURN_NONE;
}

KR_METHOD_RAW(bytesio, "__getstate__", METH_NOARGS, "")
static PyObject *
bytesio___getstate__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    BytesIO *self = (BytesIO *)op;
    PyObject *value = bytesio_getvalue(self);
    if (value == NULL) {
        return NULL;
    }
    PyObject *dict = self->base.dict == NULL ? Py_NewRef(Py_None)
                                             : PyDict_Copy(self->base.dict);
    return dict == NULL ? (Py_DECREF(value), NULL)
                        : Py_BuildValue("(NnN)", value, self->pos, dict);
}

static int set_initial(BytesIO *self, PyObject *initial);

KR_METHOD_RAW(bytesio, "__setstate__", METH_O, "")
static PyObject *
bytesio___setstate__(PyObject *op, PyObject *state)
{
    BytesIO *self = (BytesIO *)op;
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) < 3) {
        PyErr_Format(PyExc_TypeError, "%.200s.__setstate__ argument should be 3-tuple, got %.200s",
                     Py_TYPE(self)->tp_name, Py_TYPE(state)->tp_name);
        return NULL;
    }
    PyObject *position = PyTuple_GET_ITEM(state, 1), *dict = PyTuple_GET_ITEM(state, 2);
    if (check_no_exports(self) < 0 || set_initial(self, PyTuple_GET_ITEM(state, 0)) < 0) {
        return NULL;
    }
    if (!PyLong_Check(position)) {
        PyErr_Format(PyExc_TypeError,
                     "second item of state must be an integer, not %.200s",
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
            PyErr_Format(PyExc_TypeError, "third item of state should be a dict, got a %.200s",
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

KR_METHOD_RAW(bytesio, "__sizeof__", METH_NOARGS, "")
static PyObject *
bytesio___sizeof__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    BytesIO *self = (BytesIO *)op;
    Py_ssize_t size = Py_TYPE(op)->tp_basicsize;
    if (self->buf != NULL && Py_REFCNT(self->buf) == 1) {
        size += (Py_ssize_t)sizeof(PyBytesObject) + PyBytes_GET_SIZE(self->buf);
    }
    return PyLong_FromSsize_t(size);
}

static int
set_initial(BytesIO *self, PyObject *initial)
{
    PyObject *bytes;
    if (PyBytes_CheckExact(initial)) {
        bytes = Py_NewRef(initial);
    }
    else {
        bytes = PyBytes_FromObject(initial);
        if (bytes == NULL) {
            return -1;
        }
    }
    Py_XSETREF(self->buf, bytes);
    self->size = PyBytes_GET_SIZE(bytes);
    self->pos = 0;
    return 0;
}

KR_INIT(bytesio, "BytesIO(initial_bytes=b'')",
        "Buffered I/O implementation using an in-memory bytes buffer.")
static int
bytesio_init_impl(BytesIO *self, PyObject *initial_bytes)
{
    if (check_no_exports(self) < 0) {
        return -1;
    }
    if (initial_bytes != NULL && initial_bytes != Py_None) {
        PyObject *view = PyMemoryView_FromObject(initial_bytes);
        if (view == NULL) {
            return -1;
        }
        Py_DECREF(view);
        return set_initial(self, initial_bytes);
    }
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
    if (empty == NULL) {
        return -1;
    }
    Py_XSETREF(self->buf, empty);
    self->pos = self->size = 0;
    return 0;
}

static PyObject *
bytesio_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    BytesIO *self = (BytesIO *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->buf = PyBytes_FromStringAndSize(NULL, 0);
        if (self->buf == NULL) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

static PyObject *
bytesio_get_closed(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((BytesIO *)self)->buf == NULL);
}

static PyGetSetDef bytesio_attributes[] = {
    {"closed", bytesio_get_closed, NULL, "True if the file is closed.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *
bytesio_iternext(PyObject *op)
{
    BytesIO *self = (BytesIO *)op;
    if (check_not_closed(self) < 0) {
        return NULL;
    }
    Py_ssize_t n = line_length(self, -1);
    return n == 0 ? NULL : take(self, n);
}

static int
bytesio_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((BytesIO *)self)->buf);
    return kr_io_base_traverse(self, visit, arg);
}

static int
bytesio_tp_clear(PyObject *self)
{
    if (((BytesIO *)self)->exports == 0) {
        Py_CLEAR(((BytesIO *)self)->buf);
    }
    kr_io_base_clear(self);
    return 0;
}

static void
bytesio_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (((BytesIO *)self)->exports > 0) {
        PyErr_SetString(PyExc_SystemError, "deallocated BytesIO object has exported buffers");
        PyErr_Print();
    }
    if (((KrIOBase *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_CLEAR(((BytesIO *)self)->buf);
    kr_io_base_clear(self);
    Py_TYPE(self)->tp_free(self);
}

// --- The view ------------------------------------------------------------------------

static int
bytesiobuf_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    BytesIO *source = ((BytesIOBuffer *)op)->source;
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError, "bytesiobuf_getbuffer: view==NULL argument is obsolete");
        return -1;
    }
    if (check_not_closed(source) < 0 ||
        (source->exports == 0 && own_buffer(source, PyBytes_GET_SIZE(source->buf)) < 0)) {
        return -1;
    }
    if (PyBuffer_FillInfo(view, op, PyBytes_AS_STRING(source->buf), source->size, 0, flags) <
        0) {
        return -1;
    }
    source->exports++;
    return 0;
}

static void
bytesiobuf_releasebuffer(PyObject *op, Py_buffer *Py_UNUSED(view))
{
    ((BytesIOBuffer *)op)->source->exports--;
}

static void
bytesiobuf_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((BytesIOBuffer *)self)->source);
    PyObject_GC_Del(self);
}

static int
bytesiobuf_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((BytesIOBuffer *)self)->source);
    return 0;
}

KR_TYPE(bytesio)
#include "modules/io/bytesio.methods.h"

static PyBufferProcs bytesiobuf_as_buffer = {bytesiobuf_getbuffer, bytesiobuf_releasebuffer};

PyTypeObject kr_bytesiobuf_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._BytesIOBuffer",
    .tp_basicsize = sizeof(BytesIOBuffer),
    .tp_dealloc = bytesiobuf_dealloc,
    .tp_as_buffer = &bytesiobuf_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = bytesiobuf_traverse,
};

PyTypeObject kr_bytesio_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.BytesIO",
    .tp_basicsize = sizeof(BytesIO),
    .tp_dealloc = bytesio_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = bytesio_doc,
    .tp_traverse = bytesio_traverse,
    .tp_clear = bytesio_tp_clear,
    .tp_weaklistoffset = offsetof(KrIOBase, weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = bytesio_iternext,
    .tp_methods = bytesio_methods,
    .tp_getset = bytesio_attributes,
    .tp_base = &kr_bufferediobase_type,
    .tp_dictoffset = offsetof(KrIOBase, dict),
    .tp_init = bytesio_init,
    .tp_new = bytesio_new,
};
