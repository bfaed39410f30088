// SPDX-License-Identifier: MIT
// iobase.c - the abstract classes of streams.
//
// Methods of these classes call each other through attributes, as subclasses
// written in Python override them.
#include "modules/io/io.h"

#include <structmember.h>

PyObject *
kr_io_unsupported(const char *what)
{
    PyObject *cls = kr_io_unsupported_class();
    if (cls != NULL) {
        PyErr_SetString(cls, what);
        Py_DECREF(cls);
    }
    return NULL;
}

bool
kr_io_trap_eintr(void)
{
    if (!PyErr_ExceptionMatches(PyExc_OSError)) {
        return false;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyOSErrorObject *error = (PyOSErrorObject *)exc;
    if (error->myerrno != NULL && PyLong_Check(error->myerrno) &&
        PyLong_AsLong(error->myerrno) == EINTR) {
        Py_DECREF(exc);
        return PyErr_CheckSignals() == 0;
    }
    PyErr_SetRaisedException(exc);
    return false;
}

int64_t
kr_io_offset(PyObject *value)
{
    PyObject *index = PyNumber_Index(value);
    if (index == NULL) {
        return -1;
    }
    long long offset = PyLong_AsLongLong(index);
    Py_DECREF(index);
    return offset;
}

int
kr_io_is_closed(PyObject *self)
{
    PyObject *closed = PyObject_GetAttr(self, KR_ID(closed));
    if (closed == NULL) {
        return -1;
    }
    int result = PyObject_IsTrue(closed);
    Py_DECREF(closed);
    return result;
}

int
kr_io_check_open(PyObject *self)
{
    int closed = kr_io_is_closed(self);
    if (closed > 0) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
    }
    return closed == 0 ? 0 : -1;
}

static int
check_capability(PyObject *self, PyObject *method, const char *text)
{
    PyObject *result = PyObject_CallMethodNoArgs(self, method);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    if (result != Py_True) {
        kr_io_unsupported(text);
        return -1;
    }
    return 0;
}

int
kr_io_check_readable(PyObject *self)
{
    return check_capability(self, KR_ID(readable), "File or stream is not readable.");
}

int
kr_io_check_writable(PyObject *self)
{
    return check_capability(self, KR_ID(writable), "File or stream is not writable.");
}

int
kr_io_check_seekable(PyObject *self)
{
    return check_capability(self, KR_ID(seekable), "File or stream is not seekable.");
}

// --- _IOBase -------------------------------------------------------------------------

KR_METHOD(iobase, "seek(self, offset, whence=0, /)", "Change the stream position.")
static PyObject *
iobase_seek(PyObject *self, PyObject *offset, int whence)
{
    return kr_io_unsupported("seek");
}

KR_METHOD(iobase, "tell(self, /)", "Return current stream position.")
static PyObject *
iobase_tell(PyObject *self)
{
    return PyObject_CallMethod(self, "seek", "ii", 0, 1);
}

KR_METHOD(iobase, "truncate(self, size=None, /)", "Truncate file to size bytes.")
static PyObject *
iobase_truncate(PyObject *self, PyObject *size)
{
    return kr_io_unsupported("truncate");
}

// Whether _IOBase.close() has run: the instance has the private attribute.
static int
base_closed(PyObject *self)
{
    PyObject *mark;
    int found = PyObject_GetOptionalAttr(self, KR_ID(__IOBase_closed), &mark);
    Py_XDECREF(mark);
    return found;
}

KR_METHOD(iobase, "flush(self, /)", "Flush write buffers, if applicable.")
static PyObject *
iobase_flush(PyObject *self)
{
    int closed = base_closed(self);
    if (closed > 0) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
    }
    return closed == 0 ? Py_NewRef(Py_None) : NULL;
}

KR_METHOD(iobase, "close(self, /)", "Flush and close the IO object.")
static PyObject *
iobase_close(PyObject *self)
{
    int closed = base_closed(self);
    if (closed != 0) {
        return closed < 0 ? NULL : Py_NewRef(Py_None);
    }
    PyObject *result = PyObject_CallMethodNoArgs(self, KR_ID(flush));
    PyObject *exc = PyErr_GetRaisedException();
    int status = PyObject_SetAttr(self, KR_ID(__IOBase_closed), Py_True);
    if (exc != NULL) {
        if (status < 0) {
            _PyErr_ChainExceptions1(exc);
        }
        else {
            PyErr_SetRaisedException(exc);
        }
        return NULL;
    }
    Py_XDECREF(result);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(iobase, "seekable(self, /)", "Return whether object supports random access.")
static PyObject *
iobase_seekable(PyObject *self)
{
    Py_RETURN_FALSE;
}

KR_METHOD(iobase, "readable(self, /)", "Return whether object was opened for reading.")
static PyObject *
iobase_readable(PyObject *self)
{
    Py_RETURN_FALSE;
}

KR_METHOD(iobase, "writable(self, /)", "Return whether object was opened for writing.")
static PyObject *
iobase_writable(PyObject *self)
{
    Py_RETURN_FALSE;
}

KR_METHOD(iobase, "fileno(self, /)", "Return underlying file descriptor if one exists.")
static PyObject *
iobase_fileno(PyObject *self)
{
    return kr_io_unsupported("fileno");
}

KR_METHOD(iobase, "isatty(self, /)", "Return whether this is an 'interactive' stream.")
static PyObject *
iobase_isatty(PyObject *self)
{
    return kr_io_check_open(self) < 0 ? NULL : Py_NewRef(Py_False);
}

KR_METHOD_RAW(iobase, "_checkClosed", METH_NOARGS, "")
static PyObject *
iobase__checkClosed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return kr_io_check_open(self) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD_RAW(iobase, "_checkSeekable", METH_NOARGS, "")
static PyObject *
iobase__checkSeekable(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return kr_io_check_seekable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

KR_METHOD_RAW(iobase, "_checkReadable", METH_NOARGS, "")
static PyObject *
iobase__checkReadable(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return kr_io_check_readable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

KR_METHOD_RAW(iobase, "_checkWritable", METH_NOARGS, "")
static PyObject *
iobase__checkWritable(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return kr_io_check_writable(self) < 0 ? NULL : Py_NewRef(Py_True);
}

KR_METHOD_RAW(iobase, "__enter__", METH_NOARGS, "")
static PyObject *
iobase___enter__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return kr_io_check_open(self) < 0 ? NULL : Py_NewRef(self);
}

KR_METHOD_RAW(iobase, "__exit__", METH_VARARGS, "")
static PyObject *
iobase___exit__(PyObject *self, PyObject *args)
{
    return PyObject_CallMethodNoArgs(self, KR_ID(close));
}

// How many bytes to ask for so that a line end is not passed: what peek() shows up
// to the first newline, 1 without peek(). -1 on error.
static Py_ssize_t
bytes_to_newline(PyObject *peek, Py_ssize_t limit)
{
    if (peek == NULL) {
        return 1;
    }
    PyObject *ahead;
    do {
        PyObject *one = PyLong_FromLong(1);
        ahead = one == NULL ? NULL : PyObject_CallOneArg(peek, one);
        Py_XDECREF(one);
    } while (ahead == NULL && kr_io_trap_eintr());
    if (ahead == NULL) {
        return -1;
    }
    if (!PyBytes_Check(ahead)) {
        PyErr_Format(PyExc_OSError, "peek() should have returned a bytes object, not '%.200s'",
                     Py_TYPE(ahead)->tp_name);
        Py_DECREF(ahead);
        return -1;
    }
    Py_ssize_t size = PyBytes_GET_SIZE(ahead), n = 1;
    if (size > 0) {
        if (limit >= 0 && size > limit) {
            size = limit;
        }
        const char *text = PyBytes_AS_STRING(ahead);
        const char *end = memchr(text, '\n', (size_t)size);
        n = end != NULL ? end - text + 1 : (size > 0 ? size : 1);
    }
    Py_DECREF(ahead);
    return n;
}

KR_METHOD(iobase, "readline(self, size=-1, /)", "Read and return a line from the stream.")
static PyObject *
iobase_readline(PyObject *self, PyObject *size)
{
    Py_ssize_t limit = -1;
    PyObject *peek = NULL, *result = NULL;
    if (size != NULL && size != Py_None) {
        limit = PyNumber_AsSsize_t(size, PyExc_OverflowError);
        if (limit == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (PyObject_GetOptionalAttr(self, KR_ID(peek), &peek) < 0) {
        return NULL;
    }
    PyObject *buffer = PyByteArray_FromStringAndSize(NULL, 0);
    if (buffer == NULL) {
        goto done;
    }
    while (limit < 0 || PyByteArray_GET_SIZE(buffer) < limit) {
        Py_ssize_t left = limit < 0 ? -1 : limit - PyByteArray_GET_SIZE(buffer);
        Py_ssize_t n = bytes_to_newline(peek, left);
        if (n < 0) {
            goto done;
        }
        PyObject *chunk = PyObject_CallMethod(self, "read", "n", n);
        if (chunk == NULL) {
            if (kr_io_trap_eintr()) {
                continue;
            }
            goto done;
        }
        if (!PyBytes_Check(chunk)) {
            PyErr_Format(PyExc_OSError,
                         "read() should have returned a bytes object, not '%.200s'",
                         Py_TYPE(chunk)->tp_name);
            Py_DECREF(chunk);
            goto done;
        }
        Py_ssize_t got = PyBytes_GET_SIZE(chunk), old = PyByteArray_GET_SIZE(buffer);
        if (got == 0) {
            Py_DECREF(chunk);
            break;
        }
        if (PyByteArray_Resize(buffer, old + got) < 0) {
            Py_DECREF(chunk);
            goto done;
        }
        memcpy(PyByteArray_AS_STRING(buffer) + old, PyBytes_AS_STRING(chunk), (size_t)got);
        Py_DECREF(chunk);
        if (PyByteArray_AS_STRING(buffer)[old + got - 1] == '\n') {
            break;
        }
    }
    result = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(buffer),
                                       PyByteArray_GET_SIZE(buffer));

done:
    Py_XDECREF(peek);
    Py_XDECREF(buffer);
    return result;
}

KR_METHOD(iobase, "readlines(self, hint=-1, /)", "Return a list of lines from the stream.")
static PyObject *
iobase_readlines(PyObject *self, PyObject *hint_object)
{
    Py_ssize_t hint = -1, total = 0;
    PyObject *line;
    int more;
    if (hint_object != NULL && hint_object != Py_None) {
        hint = PyNumber_AsSsize_t(hint_object, PyExc_ValueError);
        if (hint == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    PyObject *lines = PyList_New(0);
    PyObject *iterator = lines == NULL ? NULL : PyObject_GetIter(self);
    if (iterator == NULL) {
        Py_XDECREF(lines);
        return NULL;
    }
    while ((more = PyIter_NextItem(iterator, &line)) > 0) {
        Py_ssize_t length = PyObject_Size(line);
        int status = length < 0 ? -1 : PyList_Append(lines, line);
        Py_DECREF(line);
        if (status < 0) {
            more = -1;
            break;
        }
        total += length;
        if (hint > 0 && total >= hint) {
            break;
        }
    }
    Py_DECREF(iterator);
    if (more < 0) {
        Py_CLEAR(lines);
    }
    return lines;
}

KR_METHOD(iobase, "writelines(self, lines, /)", "Write a list of lines to stream.")
static PyObject *
iobase_writelines(PyObject *self, PyObject *lines)
{
    PyObject *line;
    int more;
    if (kr_io_check_open(self) < 0) {
        return NULL;
    }
    PyObject *iterator = PyObject_GetIter(lines);
    if (iterator == NULL) {
        return NULL;
    }
    while ((more = PyIter_NextItem(iterator, &line)) > 0) {
        PyObject *result;
        do {
            result = PyObject_CallMethodOneArg(self, KR_ID(write), line);
        } while (result == NULL && kr_io_trap_eintr());
        Py_DECREF(line);
        if (result == NULL) {
            more = -1;
            break;
        }
        Py_DECREF(result);
    }
    Py_DECREF(iterator);
    return more < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
iobase_get_closed(PyObject *self, void *Py_UNUSED(closure))
{
    int closed = base_closed(self);
    return closed < 0 ? NULL : PyBool_FromLong(closed);
}

static PyGetSetDef iobase_attributes[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {"closed", iobase_get_closed, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *
iobase_iter(PyObject *self)
{
    return kr_io_check_open(self) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *
iobase_iternext(PyObject *self)
{
    PyObject *line = PyObject_CallMethodNoArgs(self, KR_ID(readline));
    if (line == NULL) {
        return NULL;
    }
    if (PyObject_Size(line) <= 0) {
        Py_DECREF(line);
        return NULL; // the end, or an exception
    }
    return line;
}

void
kr_io_finalize(PyObject *self)
{
    PyObject *exc = PyErr_GetRaisedException();
    int closed = -1; // not known: the object was never made, and is left alone
    PyObject *value;
    if (PyObject_GetOptionalAttr(self, KR_ID(closed), &value) <= 0) {
        PyErr_Clear();
    }
    else {
        closed = PyObject_IsTrue(value);
        Py_DECREF(value);
        if (closed < 0) {
            PyErr_Clear();
        }
    }
    if (closed == 0) {
        // Tells close() not to warn twice, and the source not to complain.
        if (PyObject_SetAttr(self, KR_ID(_finalizing), Py_True) < 0) {
            PyErr_Clear();
        }
        PyObject *result = PyObject_CallMethodNoArgs(self, KR_ID(close));
        if (result == NULL) {
            PyErr_FormatUnraisable("Exception ignored while finalizing file %R", self);
        }
        Py_XDECREF(result);
    }
    PyErr_SetRaisedException(exc);
}

int
kr_io_base_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((KrIOBase *)self)->dict);
    return 0;
}

void
kr_io_base_clear(PyObject *self)
{
    Py_CLEAR(((KrIOBase *)self)->dict);
}

static void
iobase_dealloc(PyObject *self)
{
    if (PyObject_CallFinalizerFromDealloc(self) < 0) {
        return;
    }
    PyObject_GC_UnTrack(self);
    if (((KrIOBase *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_CLEAR(((KrIOBase *)self)->dict);
    Py_TYPE(self)->tp_free(self);
}

static int
iobase_tp_clear(PyObject *self)
{
    kr_io_base_clear(self);
    return 0;
}

// --- _RawIOBase ------------------------------------------------------------------------

KR_METHOD(rawiobase, "read(self, size=-1, /)", "")
static PyObject *
rawiobase_read(PyObject *self, Py_ssize_t size)
{
    if (size < 0) {
        return PyObject_CallMethodNoArgs(self, KR_ID(readall));
    }
    PyObject *buffer = PyByteArray_FromStringAndSize(NULL, size), *result = NULL;
    if (buffer == NULL) {
        return NULL;
    }
    PyObject *got = PyObject_CallMethodOneArg(self, KR_ID(readinto), buffer);
    if (got == Py_None) {
        Py_DECREF(buffer);
        return got;
    }
    Py_ssize_t n = got == NULL ? -1 : PyNumber_AsSsize_t(got, PyExc_ValueError);
    Py_XDECREF(got);
    if (n < 0 || n > PyByteArray_GET_SIZE(buffer)) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "readinto returned %zd outside buffer size %zd", n,
                         PyByteArray_GET_SIZE(buffer));
        }
    }
    else {
        result = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(buffer), n);
    }
    Py_DECREF(buffer);
    return result;
}

KR_METHOD(rawiobase, "readall(self, /)", "Read until EOF, using multiple read() call.")
static PyObject *
rawiobase_readall(PyObject *self)
{
    PyObject *chunks = PyList_New(0), *result = NULL, *empty = NULL;
    while (chunks != NULL) {
        PyObject *chunk = PyObject_CallMethod(self, "read", "i", KR_IO_BUFFER_SIZE);
        if (chunk == NULL) {
            if (kr_io_trap_eintr()) {
                continue;
            }
            Py_DECREF(chunks);
            return NULL;
        }
        if (chunk == Py_None) {
            if (PyList_GET_SIZE(chunks) == 0) {
                Py_DECREF(chunks);
                return chunk;
            }
            Py_DECREF(chunk);
            break;
        }
        if (!PyBytes_Check(chunk)) {
            Py_DECREF(chunks);
            Py_DECREF(chunk);
            PyErr_SetString(PyExc_TypeError, "read() should return bytes");
            return NULL;
        }
        bool end = PyBytes_GET_SIZE(chunk) == 0;
        int status = end ? 0 : PyList_Append(chunks, chunk);
        Py_DECREF(chunk);
        if (status < 0) {
            Py_DECREF(chunks);
            return NULL;
        }
        if (end) {
            break;
        }
    }
    empty = PyBytes_FromStringAndSize(NULL, 0);
    if (empty != NULL && chunks != NULL) {
        result = PyBytes_Join(empty, chunks);
    }
    Py_XDECREF(empty);
    Py_XDECREF(chunks);
    return result;
}

KR_METHOD_RAW(rawiobase, "readinto", METH_O, "")
static PyObject *
rawiobase_readinto(PyObject *self, PyObject *buffer)
{
    PyErr_SetNone(PyExc_NotImplementedError);
    return NULL;
}

KR_METHOD_RAW(rawiobase, "write", METH_O, "")
static PyObject *
rawiobase_write(PyObject *self, PyObject *data)
{
    PyErr_SetNone(PyExc_NotImplementedError);
    return NULL;
}

// --- _BufferedIOBase ---------------------------------------------------------------------

static PyObject *
buffered_readinto(PyObject *self, Py_buffer *buffer, PyObject *method)
{
    PyObject *size = PyLong_FromSsize_t(buffer->len), *result = NULL;
    PyObject *data = size == NULL ? NULL : PyObject_CallMethodOneArg(self, method, size);
    Py_XDECREF(size);
    if (data == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "read() should return bytes");
    }
    else if (PyBytes_GET_SIZE(data) > buffer->len) {
        PyErr_Format(PyExc_ValueError,
                     "read() returned too much data: %zd bytes requested, %zd returned",
                     buffer->len, PyBytes_GET_SIZE(data));
    }
    else {
        memcpy(buffer->buf, PyBytes_AS_STRING(data), (size_t)PyBytes_GET_SIZE(data));
        result = PyLong_FromSsize_t(PyBytes_GET_SIZE(data));
    }
    Py_DECREF(data);
    return result;
}

static PyObject *
readinto_with(PyObject *self, PyObject *target, PyObject *method)
{
    Py_buffer buffer;
    if (PyObject_GetBuffer(target, &buffer, PyBUF_CONTIG) < 0) {
        return NULL;
    }
    PyObject *result = buffered_readinto(self, &buffer, method);
    PyBuffer_Release(&buffer);
    return result;
}

KR_METHOD(bufferediobase, "readinto(self, buffer, /)", "")
static PyObject *
bufferediobase_readinto(PyObject *self, PyObject *buffer)
{
    return readinto_with(self, buffer, KR_ID(read));
}

KR_METHOD(bufferediobase, "readinto1(self, buffer, /)", "")
static PyObject *
bufferediobase_readinto1(PyObject *self, PyObject *buffer)
{
    return readinto_with(self, buffer, KR_ID(read1));
}

KR_METHOD(bufferediobase, "detach(self, /)",
          "Disconnect this buffer from its underlying raw stream and return it.")
static PyObject *
bufferediobase_detach(PyObject *self)
{
    return kr_io_unsupported("detach");
}

KR_METHOD(bufferediobase, "read(self, size=-1, /)", "Read and return up to n bytes.")
static PyObject *
bufferediobase_read(PyObject *self, PyObject *size)
{
    return kr_io_unsupported("read");
}

KR_METHOD(bufferediobase, "read1(self, size=-1, /)",
          "Read and return up to size bytes, with at most one read() call.")
static PyObject *
bufferediobase_read1(PyObject *self, PyObject *size)
{
    return kr_io_unsupported("read1");
}

KR_METHOD(bufferediobase, "write(self, b, /)", "Write buffer b to the IO stream.")
static PyObject *
bufferediobase_write(PyObject *self, PyObject *b)
{
    return kr_io_unsupported("write");
}

// --- _TextIOBase ---------------------------------------------------------------------------

KR_METHOD(textiobase, "detach(self, /)",
          "Separate the underlying buffer from the TextIOBase and return it.")
static PyObject *
textiobase_detach(PyObject *self)
{
    return kr_io_unsupported("detach");
}

KR_METHOD(textiobase, "read(self, size=-1, /)", "Read at most size characters from stream.")
static PyObject *
textiobase_read(PyObject *self, PyObject *size)
{
    return kr_io_unsupported("read");
}

KR_METHOD(textiobase, "readline(self, size=-1, /)", "Read until newline or EOF.")
static PyObject *
textiobase_readline(PyObject *self, PyObject *size)
{
    return kr_io_unsupported("readline");
}

KR_METHOD(textiobase, "write(self, s, /)", "Write string s to stream.")
static PyObject *
textiobase_write(PyObject *self, PyObject *s)
{
    return kr_io_unsupported("write");
}

KR_GETTER(textiobase, "encoding", "Encoding of the text stream.")
static PyObject *
textiobase_get_encoding(PyObject *self)
{
    Py_RETURN_NONE;
}

KR_GETTER(textiobase, "newlines", "Line endings translated so far.")
static PyObject *
textiobase_get_newlines(PyObject *self)
{
    Py_RETURN_NONE;
}

KR_GETTER(textiobase, "errors", "The error setting of the decoder or encoder.")
static PyObject *
textiobase_get_errors(PyObject *self)
{
    Py_RETURN_NONE;
}

KR_TYPE(iobase)
KR_TYPE(rawiobase)
KR_TYPE(bufferediobase)
KR_TYPE(textiobase)
#include "modules/io/iobase.methods.h"

PyTypeObject kr_iobase_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._IOBase",
    .tp_basicsize = sizeof(KrIOBase),
    .tp_dealloc = iobase_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "_IOBase()\n--\n\nThe abstract base class for all I/O classes.",
    .tp_traverse = kr_io_base_traverse,
    .tp_clear = iobase_tp_clear,
    .tp_weaklistoffset = offsetof(KrIOBase, weakreflist),
    .tp_iter = iobase_iter,
    .tp_iternext = iobase_iternext,
    .tp_methods = iobase_methods,
    .tp_getset = iobase_attributes,
    .tp_dictoffset = offsetof(KrIOBase, dict),
    .tp_new = PyType_GenericNew,
    .tp_finalize = kr_io_finalize,
};

PyTypeObject kr_rawiobase_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._RawIOBase",
    .tp_basicsize = sizeof(KrIOBase),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "_RawIOBase()\n--\n\nBase class for raw binary I/O.",
    .tp_methods = rawiobase_methods,
    .tp_base = &kr_iobase_type,
};

PyTypeObject kr_bufferediobase_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._BufferedIOBase",
    .tp_basicsize = sizeof(KrIOBase),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "_BufferedIOBase()\n--\n\nBase class for buffered IO objects.",
    .tp_methods = bufferediobase_methods,
    .tp_base = &kr_iobase_type,
};

PyTypeObject kr_textiobase_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io._TextIOBase",
    .tp_basicsize = sizeof(KrIOBase),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "_TextIOBase()\n--\n\nBase class for text I/O.",
    .tp_methods = textiobase_methods,
    .tp_getset = textiobase_getset,
    .tp_base = &kr_iobase_type,
};
