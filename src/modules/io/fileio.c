// SPDX-License-Identifier: MIT
// fileio.c - FileIO: a file descriptor as a raw stream, one system call a method.
#include "modules/io/io.h"

#include <fcntl.h>
#include <structmember.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_MAX ((Py_ssize_t)0x7ffff000) // what Linux transfers in one call

typedef struct {
    KrIOBase base;
    int fd;              // -1: closed or not open yet
    signed char seekable; // -1: not known yet
    bool created;
    bool readable;
    bool writable;
    bool appending;
    bool closefd;
    char finalizing;
    unsigned int blksize; // st_blksize, for the buffered layer
    int64_t known_size;   // st_size at open, -1 unknown
} FileIO;

static PyObject *
closed_error(void)
{
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed file");
    return NULL;
}

static PyObject *
mode_error(const char *action)
{
    PyObject *cls = kr_io_unsupported_class();
    if (cls != NULL) {
        PyErr_Format(cls, "File not open for %s", action);
        Py_DECREF(cls);
    }
    return NULL;
}

// --- Opening ----------------------------------------------------------------------

// Reads the mode string into the object; the open flags, or -1.
static int
parse_mode(FileIO *self, const char *mode)
{
    int flags = 0;
    bool rwa = false, plus = false;
    const char *bad = "Must have exactly one of create/read/write/append mode and at most one "
                      "plus";
    self->created = self->readable = self->writable = self->appending = false;
    for (const char *at = mode; *at != '\0'; at++) {
        switch (*at) {
        case 'x':
        case 'r':
        case 'w':
        case 'a':
            if (rwa) {
                PyErr_SetString(PyExc_ValueError, bad);
                return -1;
            }
            rwa = true;
            self->readable = *at == 'r';
            self->writable = *at != 'r';
            self->created = *at == 'x';
            self->appending = *at == 'a';
            flags |= *at == 'x' ? O_EXCL | O_CREAT
                     : *at == 'w' ? O_CREAT | O_TRUNC
                     : *at == 'a' ? O_APPEND | O_CREAT : 0;
            break;
        case 'b':
            break;
        case '+':
            if (plus) {
                PyErr_SetString(PyExc_ValueError, bad);
                return -1;
            }
            self->readable = self->writable = plus = true;
            break;
        default:
            PyErr_Format(PyExc_ValueError, "invalid mode: %.200s", mode);
            return -1;
        }
    }
    if (!rwa) {
        PyErr_SetString(PyExc_ValueError, bad);
        return -1;
    }
    flags |= self->readable && self->writable ? O_RDWR : self->readable ? O_RDONLY : O_WRONLY;
    return flags | O_CLOEXEC;
}

static int
open_path(PyObject *name, int flags)
{
    PyObject *bytes;
    int fd;
    if (!PyUnicode_FSConverter(name, &bytes)) {
        return -1;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        fd = open(PyBytes_AS_STRING(bytes), flags, 0666);
        Py_END_ALLOW_THREADS
    } while (fd < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    if (fd < 0 && !PyErr_Occurred()) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    Py_DECREF(bytes);
    return fd;
}

static int
open_with(PyObject *opener, PyObject *name, int flags)
{
    PyObject *result = PyObject_CallFunction(opener, "Oi", name, flags);
    if (result == NULL) {
        return -1;
    }
    int fd = PyLong_AsInt(result);
    Py_DECREF(result);
    if (fd < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "opener returned %d", fd);
        }
        return -1;
    }
    int old = fcntl(fd, F_GETFD);
    if (old >= 0) {
        fcntl(fd, F_SETFD, old | FD_CLOEXEC);
    }
    return fd;
}

static int
close_descriptor(FileIO *self)
{
    int fd = self->fd, status;
    self->fd = -1;
    if (fd < 0) {
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    status = close(fd);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

// No folders, and remember the size and block size.
static int
look_at_file(FileIO *self, PyObject *name)
{
    struct stat info;
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = fstat(self->fd, &info);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        if (errno == EBADF) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        return 0;
    }
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
        return -1;
    }
    if (info.st_blksize > 1) {
        self->blksize = (unsigned int)info.st_blksize;
    }
    self->known_size = S_ISREG(info.st_mode) ? info.st_size : -1;
    return 0;
}

KR_INIT(fileio, "FileIO(file, mode='r', closefd=True, opener=None)", "Open a file.")
static int
fileio_init_impl(FileIO *self, PyObject *file, const char *mode, bool closefd,
                 PyObject *opener)
{
    bool own = false;
    int fd = -1;
    if (self->fd >= 0) {
        if (self->closefd) {
            if (close_descriptor(self) < 0) {
                return -1;
            }
        }
        else {
            self->fd = -1;
        }
    }
    if (PyBool_Check(file) &&
        PyErr_WarnEx(PyExc_RuntimeWarning, "bool is used as a file descriptor", 1) < 0) {
        return -1;
    }
    if (PyLong_Check(file)) {
        fd = PyLong_AsInt(file);
        if (fd < 0) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_ValueError, "negative file descriptor");
            }
            return -1;
        }
    }
    int flags = parse_mode(self, mode);
    if (flags < 0 || PySys_Audit("open", "Osi", file, mode, flags) < 0) {
        return -1;
    }
    self->seekable = -1;
    self->closefd = closefd;
    self->blksize = KR_IO_BUFFER_SIZE;
    self->known_size = -1;
    if (fd >= 0) {
        self->fd = fd;
    }
    else {
        if (!closefd) {
            PyErr_SetString(PyExc_ValueError, "Cannot use closefd=False with file name");
            return -1;
        }
        self->fd = opener != Py_None ? open_with(opener, file, flags) : open_path(file, flags);
        if (self->fd < 0) {
            self->fd = -1;
            return -1;
        }
        own = true;
    }
    if (look_at_file(self, file) < 0 ||
        PyObject_SetAttr((PyObject *)self, KR_ID(name), file) < 0) {
        goto failed;
    }
    if (self->appending && lseek(self->fd, 0, SEEK_END) < 0 && errno != ESPIPE) {
        PyErr_SetFromErrno(PyExc_OSError);
        goto failed;
    }
    return 0;

failed:
    if (!own) {
        self->fd = -1;
    }
    else {
        PyObject *exc = PyErr_GetRaisedException();
        close_descriptor(self);
        PyErr_SetRaisedException(exc);
    }
    return -1;
}

static PyObject *
fileio_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    FileIO *self = (FileIO *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->fd = -1;
        self->seekable = -1;
        self->closefd = true;
        self->blksize = KR_IO_BUFFER_SIZE;
        self->known_size = -1;
    }
    return (PyObject *)self;
}

// --- Reading -------------------------------------------------------------------------

// read(2) without the lock; -1 with an exception, -2 for "would block".
static Py_ssize_t
read_some(FileIO *self, char *buffer, Py_ssize_t size)
{
    Py_ssize_t n;
    int error;
    if (size > READ_MAX) {
        size = READ_MAX;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = read(self->fd, buffer, (size_t)size);
        error = errno;
        Py_END_ALLOW_THREADS
    } while (n < 0 && error == EINTR && PyErr_CheckSignals() == 0);
    if (n < 0) {
        if (PyErr_Occurred()) {
            return -1;
        }
        if (error == EAGAIN) {
            return -2;
        }
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return n;
}

KR_METHOD(fileio, "readinto(self, buffer, /)", "Same as RawIOBase.readinto().")
static PyObject *
fileio_readinto(FileIO *self, PyObject *target)
{
    Py_buffer buffer;
    if (self->fd < 0) {
        return closed_error();
    }
    if (!self->readable) {
        return mode_error("reading");
    }
    if (kr_arg_writable(target, "readinto", "argument 1", &buffer) < 0) {
        return NULL;
    }
    Py_ssize_t n = read_some(self, buffer.buf, buffer.len);
    PyBuffer_Release(&buffer);
    if (n == -2) {
        Py_RETURN_NONE;
    }
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

KR_METHOD(fileio, "readall(self, /)", "Read all data from the file, returned as bytes.")
static PyObject *
fileio_readall(FileIO *self)
{
    if (self->fd < 0) {
        return closed_error();
    }
    if (!self->readable) {
        return mode_error("reading");
    }
    // One byte more than the file has, so that its end is seen at once.
    Py_ssize_t size = KR_IO_BUFFER_SIZE, done = 0;
    if (self->known_size >= 0) {
        off_t here = lseek(self->fd, 0, SEEK_CUR);
        struct stat info;
        if (here >= 0 && fstat(self->fd, &info) == 0 && info.st_size >= here) {
            size = (Py_ssize_t)(info.st_size - here) + 1;
        }
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    while (bytes != NULL) {
        if (done >= size) {
            size = size < 65536 ? size + 65536 : size + size / 2;
            if (_PyBytes_Resize(&bytes, size) < 0) {
                return NULL;
            }
        }
        Py_ssize_t n = read_some(self, PyBytes_AS_STRING(bytes) + done, size - done);
        if (n == 0 || (n == -2 && done > 0)) {
            break;
        }
        if (n < 0) {
            Py_DECREF(bytes);
            return n == -2 ? Py_NewRef(Py_None) : NULL;
        }
        done += n;
    }
    if (bytes != NULL && done < size) {
        _PyBytes_Resize(&bytes, done);
    }
    return bytes;
}

KR_METHOD(fileio, "read(self, size=-1, /)", "Read at most size bytes, returned as bytes.")
static PyObject *
fileio_read(FileIO *self, PyObject *size_object)
{
    Py_ssize_t size = -1;
    if (self->fd < 0) {
        return closed_error();
    }
    if (!self->readable) {
        return mode_error("reading");
    }
    if (size_object != NULL && size_object != Py_None) {
        size = PyNumber_AsSsize_t(size_object, PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (size < 0) {
        return PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(readall));
    }
    if (size > READ_MAX) {
        size = READ_MAX;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL) {
        return NULL;
    }
    Py_ssize_t n = read_some(self, PyBytes_AS_STRING(bytes), size);
    if (n < 0) {
        Py_DECREF(bytes);
        return n == -2 ? Py_NewRef(Py_None) : NULL;
    }
    if (n != size) {
        _PyBytes_Resize(&bytes, n);
    }
    return bytes;
}

// --- Writing and the rest ----------------------------------------------------------------

KR_METHOD(fileio, "write(self, b, /)",
          "Write buffer b to file, return number of bytes written.")
static PyObject *
fileio_write(FileIO *self, Py_buffer *b)
{
    Py_ssize_t n, size = b->len < READ_MAX ? b->len : READ_MAX;
    int error;
    if (self->fd < 0) {
        return closed_error();
    }
    if (!self->writable) {
        return mode_error("writing");
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = write(self->fd, b->buf, (size_t)size);
        error = errno;
        Py_END_ALLOW_THREADS
    } while (n < 0 && error == EINTR && PyErr_CheckSignals() == 0);
    if (n < 0) {
        if (PyErr_Occurred()) {
            return NULL;
        }
        if (error == EAGAIN) {
            Py_RETURN_NONE;
        }
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromSsize_t(n);
}

static PyObject *
seek_to(FileIO *self, PyObject *position, int whence, bool quiet)
{
    off_t offset = 0;
    if (position != NULL) {
        offset = kr_io_offset(position);
        if (offset == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    Py_BEGIN_ALLOW_THREADS
    offset = lseek(self->fd, offset, whence);
    Py_END_ALLOW_THREADS
    if (self->seekable < 0) {
        self->seekable = offset >= 0;
    }
    if (offset < 0) {
        return quiet ? NULL : PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLongLong(offset);
}

KR_METHOD(fileio, "seek(self, pos, whence=0, /)", "Move to new file position.")
static PyObject *
fileio_seek(FileIO *self, PyObject *pos, int whence)
{
    return self->fd < 0 ? closed_error() : seek_to(self, pos, whence, false);
}

KR_METHOD(fileio, "tell(self, /)", "Current file position.")
static PyObject *
fileio_tell(FileIO *self)
{
    return self->fd < 0 ? closed_error() : seek_to(self, NULL, SEEK_CUR, false);
}

KR_METHOD(fileio, "truncate(self, size=None, /)",
          "Truncate the file to at most size bytes and return the truncated size.")
static PyObject *
fileio_truncate(FileIO *self, PyObject *size)
{
    int status;
    if (self->fd < 0) {
        return closed_error();
    }
    if (!self->writable) {
        return mode_error("writing");
    }
    PyObject *position = size == NULL || size == Py_None ? seek_to(self, NULL, SEEK_CUR, false)
                                                         : Py_NewRef(size);
    if (position == NULL) {
        return NULL;
    }
    off_t length = kr_io_offset(position);
    if (length == -1 && PyErr_Occurred()) {
        Py_DECREF(position);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    errno = 0;
    status = ftruncate(self->fd, length);
    Py_END_ALLOW_THREADS
    if (status != 0) {
        Py_DECREF(position);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    self->known_size = -1;
    return position;
}

static PyObject *fileio__dealloc_warn(PyObject *op, PyObject *source);

KR_METHOD(fileio, "close(self, /)", "Close the file.")
static PyObject *
fileio_close(FileIO *self)
{
    // The base class flushes what a subclass may hold, and marks the object.
    PyObject *base_close = PyObject_GetAttr((PyObject *)&kr_rawiobase_type, KR_ID(close));
    PyObject *result = base_close == NULL
                           ? NULL : PyObject_CallOneArg(base_close, (PyObject *)self);
    Py_XDECREF(base_close);
    if (!self->closefd) {
        self->fd = -1;
        return result;
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (self->finalizing) {
        PyObject *warned = fileio__dealloc_warn((PyObject *)self, (PyObject *)self);
        Py_XDECREF(warned);
    }
    if (close_descriptor(self) < 0) {
        Py_CLEAR(result);
        if (exc != NULL) {
            _PyErr_ChainExceptions1(exc);
        }
    }
    else if (exc != NULL) {
        PyErr_SetRaisedException(exc);
    }
    return result;
}

KR_METHOD(fileio, "seekable(self, /)", "True if file supports random-access.")
static PyObject *
fileio_seekable(FileIO *self)
{
    if (self->fd < 0) {
        return closed_error();
    }
    if (self->seekable < 0) {
        PyObject *here = seek_to(self, NULL, SEEK_CUR, true);
        Py_XDECREF(here);
        PyErr_Clear();
    }
    return PyBool_FromLong(self->seekable > 0);
}

KR_METHOD(fileio, "readable(self, /)", "True if file was opened in a read mode.")
static PyObject *
fileio_readable(FileIO *self)
{
    return self->fd < 0 ? closed_error() : PyBool_FromLong(self->readable);
}

KR_METHOD(fileio, "writable(self, /)", "True if file was opened in a write mode.")
static PyObject *
fileio_writable(FileIO *self)
{
    return self->fd < 0 ? closed_error() : PyBool_FromLong(self->writable);
}

KR_METHOD(fileio, "fileno(self, /)", "Return the underlying file descriptor (an integer).")
static PyObject *
fileio_fileno(FileIO *self)
{
    return self->fd < 0 ? closed_error() : PyLong_FromLong(self->fd);
}

KR_METHOD(fileio, "isatty(self, /)", "True if the file is connected to a TTY device.")
static PyObject *
fileio_isatty(FileIO *self)
{
    int result;
    if (self->fd < 0) {
        return closed_error();
    }
    Py_BEGIN_ALLOW_THREADS
    result = isatty(self->fd);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(result);
}

// Used right after opening: a regular file is no terminal, known without a call.
KR_METHOD_RAW(fileio, "_isatty_open_only", METH_NOARGS, "")
static PyObject *
fileio__isatty_open_only(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (((FileIO *)self)->known_size >= 0) {
        Py_RETURN_FALSE;
    }
    return fileio_isatty((FileIO *)self);
}

KR_METHOD_RAW(fileio, "_dealloc_warn", METH_O, "")
static PyObject *
fileio__dealloc_warn(PyObject *op, PyObject *source)
{
    FileIO *self = (FileIO *)op;
    if (self->fd >= 0 && self->closefd) {
        PyObject *exc = PyErr_GetRaisedException();
        if (PyErr_ResourceWarning(source, 1, "unclosed file %R", source) < 0) {
            if (PyErr_ExceptionMatches(PyExc_Warning)) {
                PyErr_WriteUnraisable(op);
            }
        }
        PyErr_SetRaisedException(exc);
    }
    Py_RETURN_NONE;
}

static const char *
mode_text(const FileIO *self)
{
    if (self->created) {
        return self->readable ? "xb+" : "xb";
    }
    if (self->appending) {
        return self->readable ? "ab+" : "ab";
    }
    if (self->readable) {
        return self->writable ? "rb+" : "rb";
    }
    return "wb";
}

static PyObject *
fileio_get_closed(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((FileIO *)self)->fd < 0);
}

static PyObject *
fileio_get_closefd(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((FileIO *)self)->closefd);
}

static PyObject *
fileio_get_mode(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(mode_text((FileIO *)self));
}

static PyGetSetDef fileio_attributes[] = {
    {"closed", fileio_get_closed, NULL, "True if the file is closed", NULL},
    {"closefd", fileio_get_closefd, NULL,
     "True if the file descriptor will be closed by close().", NULL},
    {"mode", fileio_get_mode, NULL, "String giving the file mode", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef fileio_members[] = {
    {"_blksize", Py_T_UINT, offsetof(FileIO, blksize), 0, NULL},
    {"_finalizing", Py_T_BOOL, offsetof(FileIO, finalizing), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *
fileio_repr(PyObject *op)
{
    FileIO *self = (FileIO *)op;
    const char *type = Py_TYPE(op)->tp_name;
    PyObject *name, *text;
    if (self->fd < 0) {
        return PyUnicode_FromFormat("<%.100s [closed]>", type);
    }
    if (PyObject_GetOptionalAttr(op, KR_ID(name), &name) < 0) {
        return NULL;
    }
    if (name == NULL) {
        return PyUnicode_FromFormat("<%.100s fd=%d mode='%s' closefd=%s>", type, self->fd,
                                    mode_text(self), self->closefd ? "True" : "False");
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        if (entered > 0) {
            PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__", type);
        }
        Py_DECREF(name);
        return NULL;
    }
    text = PyUnicode_FromFormat("<%.100s name=%R mode='%s' closefd=%s>", type, name,
                                mode_text(self), self->closefd ? "True" : "False");
    Py_ReprLeave(op);
    Py_DECREF(name);
    return text;
}

static void
fileio_dealloc(PyObject *self)
{
    ((FileIO *)self)->finalizing = 1;
    if (PyObject_CallFinalizerFromDealloc(self) < 0) {
        return;
    }
    PyObject_GC_UnTrack(self);
    if (((KrIOBase *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    kr_io_base_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static int
fileio_tp_clear(PyObject *self)
{
    kr_io_base_clear(self);
    return 0;
}

KR_TYPE(fileio)
#include "modules/io/fileio.methods.h"

PyTypeObject kr_fileio_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.FileIO",
    .tp_basicsize = sizeof(FileIO),
    .tp_dealloc = fileio_dealloc,
    .tp_repr = fileio_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = fileio_doc,
    .tp_traverse = kr_io_base_traverse,
    .tp_clear = fileio_tp_clear,
    .tp_weaklistoffset = offsetof(KrIOBase, weakreflist),
    .tp_methods = fileio_methods,
    .tp_members = fileio_members,
    .tp_getset = fileio_attributes,
    .tp_base = &kr_rawiobase_type,
    .tp_dictoffset = offsetof(KrIOBase, dict),
    .tp_init = fileio_init,
    .tp_new = fileio_new,
    .tp_finalize = kr_io_finalize,
};
