// SPDX-License-Identifier: MIT
// mmap.c - module mmap: files and anonymous memory mapped into the process.
//
// Invariants:  data == NULL exactly when the map is closed; 0 <= pos <= size.
//              While exports > 0 the memory neither moves nor goes away.
// Re-entrancy: arguments are converted first; whether the map is open is looked at
//              after that.
#include "Python.h"
#include "structmember.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

typedef enum MmapAccess {
    MMAP_DEFAULT,
    MMAP_READ,
    MMAP_WRITE,
    MMAP_COPY,
} MmapAccess;

typedef struct {
    PyObject_HEAD
    char *data;
    Py_ssize_t size;
    Py_ssize_t pos;
    long long offset;      // in the file
    Py_ssize_t exports;
    PyObject *weakreflist;
    int fd;                // our own duplicate, -1: none
    int flags;             // MAP_*
    bool trackfd;
    MmapAccess access;
} MmapObject;

// 0, or -1 with ValueError when the map is closed.
static int
mmap_check_open(MmapObject *self)
{
    if (self->data == NULL) {
        PyErr_SetString(PyExc_ValueError, "mmap closed or invalid");
        return -1;
    }
    return 0;
}

static int
mmap_check_writable(MmapObject *self)
{
    if (self->access == MMAP_READ) {
        PyErr_SetString(PyExc_TypeError, "mmap can't modify a readonly memory map.");
        return -1;
    }
    return 0;
}

static int
mmap_check_resizable(MmapObject *self)
{
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "mmap can't resize with extant buffers exported.");
        return -1;
    }
    if (!self->trackfd) {
        PyErr_SetString(PyExc_ValueError, "mmap can't resize with trackfd=False.");
        return -1;
    }
    if (self->access == MMAP_READ || self->access == MMAP_COPY) {
        PyErr_SetString(PyExc_TypeError,
                        "mmap can't resize a readonly or copy-on-write memory map.");
        return -1;
    }
    return 0;
}

// -------------------------------------------------------------------------- creation

// What access, flags and prot come to. 0 or -1.
static int
choose_access(int *access, int *flags, int *prot, bool given)
{
    if (*access != MMAP_DEFAULT && given) {
        PyErr_SetString(PyExc_ValueError,
                        "mmap can't specify both access and flags, prot.");
        return -1;
    }
    switch (*access) {
    case MMAP_READ:
        *flags = MAP_SHARED;
        *prot = PROT_READ;
        return 0;
    case MMAP_WRITE:
        *flags = MAP_SHARED;
        *prot = PROT_READ | PROT_WRITE;
        return 0;
    case MMAP_COPY:
        *flags = MAP_PRIVATE;
        *prot = PROT_READ | PROT_WRITE;
        return 0;
    case MMAP_DEFAULT:
        // What may be done follows from the protection.
        if (!(*prot & PROT_WRITE)) {
            *access = MMAP_READ;
        }
        else if (!(*prot & PROT_READ)) {
            *access = MMAP_WRITE;
        }
        return 0;
    default:
        PyErr_SetString(PyExc_ValueError, "mmap invalid access parameter.");
        return -1;
    }
}

// Fits the size to that of the file. 0 or -1.
static int
choose_size(int fd, long long offset, Py_ssize_t *size)
{
    struct stat st;
    int status;

    Py_BEGIN_ALLOW_THREADS
    status = fstat(fd, &st);
    Py_END_ALLOW_THREADS
    if (status != 0 || !S_ISREG(st.st_mode)) {
        return 0; // the system will tell if it does not like it
    }
    if (*size == 0) {
        if (st.st_size == 0) {
            PyErr_SetString(PyExc_ValueError, "cannot mmap an empty file");
            return -1;
        }
        if (offset >= st.st_size) {
            PyErr_SetString(PyExc_ValueError, "mmap offset is greater than file size");
            return -1;
        }
        *size = (Py_ssize_t)(st.st_size - offset);
    }
    else if (offset > st.st_size || st.st_size - offset < *size) {
        PyErr_SetString(PyExc_ValueError, "mmap length is greater than file size");
        return -1;
    }
    return 0;
}

static PyObject *
mmap_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"fileno", "length", "flags",  "prot",
                               "access", "offset", "trackfd", NULL};
    int fd, flags = MAP_SHARED, prot = PROT_READ | PROT_WRITE, access = MMAP_DEFAULT;
    int trackfd = 1;
    Py_ssize_t size;
    long long offset = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "in|iiiL$p", keywords, &fd, &size,
                                     &flags, &prot, &access, &offset, &trackfd)) {
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_OverflowError, "memory mapped length must be positive");
        return NULL;
    }
    if (offset < 0) {
        PyErr_SetString(PyExc_OverflowError, "memory mapped offset must be positive");
        return NULL;
    }
    bool given = flags != MAP_SHARED || prot != (PROT_READ | PROT_WRITE);
    if (choose_access(&access, &flags, &prot, given) < 0 ||
        PySys_Audit("mmap.__new__", "iniL", fd, size, access, offset) < 0 ||
        (fd != -1 && choose_size(fd, offset, &size) < 0)) {
        return NULL;
    }
    MmapObject *self = (MmapObject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->fd = -1;
    self->size = size;
    self->offset = offset;
    self->trackfd = trackfd;
    self->access = (MmapAccess)access;
    if (fd == -1) {
        flags |= MAP_ANONYMOUS;
    }
    else if (trackfd) {
        self->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (self->fd < 0) {
            Py_DECREF(self);
            return PyErr_SetFromErrno(PyExc_OSError);
        }
    }
    self->flags = flags;
    void *data;
    Py_BEGIN_ALLOW_THREADS
    data = mmap(NULL, (size_t)size, prot, flags, fd, (off_t)offset);
    Py_END_ALLOW_THREADS
    if (data == MAP_FAILED) {
        int error = errno;
        Py_DECREF(self);
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    self->data = data;
    return (PyObject *)self;
}

static void
mmap_unmap(MmapObject *self)
{
    char *data = self->data;
    int fd = self->fd;
    size_t size = (size_t)self->size;

    self->data = NULL;
    self->fd = -1;
    Py_BEGIN_ALLOW_THREADS
    if (fd >= 0) {
        close(fd);
    }
    if (data != NULL) {
        munmap(data, size);
    }
    Py_END_ALLOW_THREADS
}

static void
mmap_dealloc(PyObject *op)
{
    MmapObject *self = (MmapObject *)op;
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    mmap_unmap(self);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    type->tp_free(op);
    Py_DECREF(type);
}

static int
mmap_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

// --------------------------------------------------------------------------- methods

KR_METHOD(mmap, "close(self, /)", "")
static PyObject *
mmap_close(MmapObject *self)
{
    if (self->exports > 0) {
        PyErr_SetString(PyExc_BufferError, "cannot close exported pointers exist");
        return NULL;
    }
    mmap_unmap(self);
    Py_RETURN_NONE;
}

KR_METHOD(mmap, "read_byte(self, /)", "")
static PyObject *
mmap_read_byte(MmapObject *self)
{
    if (mmap_check_open(self) < 0) {
        return NULL;
    }
    if (self->pos >= self->size) {
        PyErr_SetString(PyExc_ValueError, "read byte out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)self->data[self->pos++]);
}

static PyObject *
read_bytes(MmapObject *self, Py_ssize_t count)
{
    PyObject *result = PyBytes_FromStringAndSize(self->data + self->pos, count);
    if (result != NULL) {
        self->pos += count;
    }
    return result;
}

KR_METHOD(mmap, "readline(self, /)", "")
static PyObject *
mmap_readline(MmapObject *self)
{
    if (mmap_check_open(self) < 0) {
        return NULL;
    }
    Py_ssize_t left = self->pos < self->size ? self->size - self->pos : 0;
    const char *start = self->data + self->pos;
    const char *end = left > 0 ? memchr(start, '\n', (size_t)left) : NULL;
    return read_bytes(self, end != NULL ? end + 1 - start : left);
}

// A number, or None as `fallback`.
static int
number_or_none(PyObject *value, Py_ssize_t fallback, Py_ssize_t *out)
{
    *out = fallback;
    if (value == Py_None) {
        return 0;
    }
    if (!PyIndex_Check(value)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    *out = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

// The same with the error of a plain number.
static int
index_or_none(PyObject *value, Py_ssize_t fallback, Py_ssize_t *out)
{
    *out = fallback;
    return value == Py_None ? 0 : kr_arg_ssize(value, out);
}

KR_METHOD(mmap, "read(self, n=None, /)", "")
static PyObject *
mmap_read(MmapObject *self, PyObject *n)
{
    Py_ssize_t count;

    if (number_or_none(n, PY_SSIZE_T_MAX, &count) < 0 || mmap_check_open(self) < 0) {
        return NULL;
    }
    Py_ssize_t left = self->pos < self->size ? self->size - self->pos : 0;
    if (count < 0 || count > left) {
        count = left;
    }
    return read_bytes(self, count);
}

static PyObject *
find_in(MmapObject *self, Py_buffer *view, PyObject *start, PyObject *end, bool backwards)
{
    Py_ssize_t from, to, at = -1;

    if (index_or_none(start, self->pos, &from) < 0 ||
        index_or_none(end, self->size, &to) < 0 || mmap_check_open(self) < 0) {
        return NULL;
    }
    if (from < 0) {
        from = from + self->size < 0 ? 0 : from + self->size;
    }
    from = from > self->size ? self->size : from;
    if (to < 0) {
        to = to + self->size < 0 ? 0 : to + self->size;
    }
    to = to > self->size ? self->size : to;
    if (to < from || to - from < view->len) {
        return PyLong_FromLong(-1);
    }
    const char *text = self->data + from;
    if (!backwards) {
        const char *found = memmem(text, (size_t)(to - from), view->buf, (size_t)view->len);
        at = found != NULL ? found - self->data : -1;
    }
    else {
        for (Py_ssize_t i = to - view->len; i >= from; i--) {
            if (memcmp(self->data + i, view->buf, (size_t)view->len) == 0) {
                at = i;
                break;
            }
        }
    }
    return PyLong_FromSsize_t(at);
}

KR_METHOD(mmap, "find(self, view, start=None, end=None, /)", "")
static PyObject *
mmap_find(MmapObject *self, Py_buffer *view, PyObject *start, PyObject *end)
{
    return find_in(self, view, start, end, false);
}

KR_METHOD(mmap, "rfind(self, view, start=None, end=None, /)", "")
static PyObject *
mmap_rfind(MmapObject *self, Py_buffer *view, PyObject *start, PyObject *end)
{
    return find_in(self, view, start, end, true);
}

KR_METHOD(mmap, "write(self, bytes, /)", "")
static PyObject *
mmap_write(MmapObject *self, Py_buffer *bytes)
{
    if (mmap_check_open(self) < 0 || mmap_check_writable(self) < 0) {
        return NULL;
    }
    if (self->pos > self->size || self->size - self->pos < bytes->len) {
        PyErr_SetString(PyExc_ValueError, "data out of range");
        return NULL;
    }
    memmove(self->data + self->pos, bytes->buf, (size_t)bytes->len);
    self->pos += bytes->len;
    return PyLong_FromSsize_t(bytes->len);
}

KR_METHOD(mmap, "write_byte(self, byte, /)", "")
static PyObject *
mmap_write_byte(MmapObject *self, long byte)
{
    if (byte < 0 || byte > 255) {
        PyErr_SetString(PyExc_OverflowError,
                        byte < 0 ? "unsigned byte integer is less than minimum"
                                 : "unsigned byte integer is greater than maximum");
        return NULL;
    }
    if (mmap_check_open(self) < 0 || mmap_check_writable(self) < 0) {
        return NULL;
    }
    if (self->pos >= self->size) {
        PyErr_SetString(PyExc_ValueError, "write byte out of range");
        return NULL;
    }
    self->data[self->pos++] = (char)byte;
    Py_RETURN_NONE;
}

KR_METHOD(mmap, "size(self, /)", "")
static PyObject *
mmap_size(MmapObject *self)
{
    struct stat st;
    int status;

    if (mmap_check_open(self) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = fstat(self->fd, &st);
    Py_END_ALLOW_THREADS
    return status != 0 ? PyErr_SetFromErrno(PyExc_OSError)
                       : PyLong_FromLongLong(st.st_size);
}

KR_METHOD(mmap, "resize(self, newsize, /)", "")
static PyObject *
mmap_resize(MmapObject *self, Py_ssize_t newsize)
{
    if (mmap_check_open(self) < 0 || mmap_check_resizable(self) < 0) {
        return NULL;
    }
    if (newsize < 0 || PY_SSIZE_T_MAX - newsize < self->offset) {
        PyErr_SetString(PyExc_ValueError, "new size out of range");
        return NULL;
    }
    if (self->fd == -1 && !(self->flags & MAP_PRIVATE) && newsize > self->size) {
        PyErr_SetString(PyExc_ValueError,
                        "mmap: can't expand a shared anonymous mapping");
        return NULL;
    }
    if (self->fd != -1 && ftruncate(self->fd, (off_t)(self->offset + newsize)) == -1) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    void *data = mremap(self->data, (size_t)self->size, (size_t)newsize, MREMAP_MAYMOVE);
    if (data == MAP_FAILED) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    self->data = data;
    self->size = newsize;
    if (self->pos > newsize) {
        self->pos = newsize;
    }
    Py_RETURN_NONE;
}

KR_METHOD(mmap, "tell(self, /)", "")
static PyObject *
mmap_tell(MmapObject *self)
{
    return mmap_check_open(self) < 0 ? NULL : PyLong_FromSsize_t(self->pos);
}

KR_METHOD(mmap, "flush(self, offset=0, size=None, /)", "")
static PyObject *
mmap_flush(MmapObject *self, Py_ssize_t offset, PyObject *size)
{
    Py_ssize_t count = self->size - offset;
    int status;

    if (index_or_none(size, count, &count) < 0) {
        return NULL;
    }
    if (mmap_check_open(self) < 0) {
        return NULL;
    }
    if (count < 0 || offset < 0 || self->size - offset < count) {
        PyErr_SetString(PyExc_ValueError, "flush values out of range");
        return NULL;
    }
    if (self->access == MMAP_READ || self->access == MMAP_COPY) {
        Py_RETURN_NONE;
    }
    Py_BEGIN_ALLOW_THREADS
    status = msync(self->data + offset, (size_t)count, MS_SYNC);
    Py_END_ALLOW_THREADS
    return status == -1 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

KR_METHOD(mmap, "seek(self, pos, whence=0, /)", "")
static PyObject *
mmap_seek(MmapObject *self, Py_ssize_t pos, int whence)
{
    Py_ssize_t base;

    if (mmap_check_open(self) < 0) {
        return NULL;
    }
    switch (whence) {
    case 0:
        base = 0;
        break;
    case 1:
        base = self->pos;
        break;
    case 2:
        base = self->size;
        break;
    default:
        PyErr_SetString(PyExc_ValueError, "unknown seek type");
        return NULL;
    }
    if (PY_SSIZE_T_MAX - base < pos || base + pos < 0 || base + pos > self->size) {
        PyErr_SetString(PyExc_ValueError, "seek out of range");
        return NULL;
    }
    self->pos = base + pos;
    return PyLong_FromSsize_t(self->pos);
}

KR_METHOD(mmap, "seekable(self, /)", "")
static PyObject *
mmap_seekable(MmapObject *self)
{
    Py_RETURN_TRUE;
}

KR_METHOD(mmap, "move(self, dest, src, count, /)", "")
static PyObject *
mmap_move(MmapObject *self, Py_ssize_t dest, Py_ssize_t src, Py_ssize_t count)
{
    if (mmap_check_open(self) < 0 || mmap_check_writable(self) < 0) {
        return NULL;
    }
    if (dest < 0 || src < 0 || count < 0 || self->size - dest < count ||
        self->size - src < count) {
        PyErr_SetString(PyExc_ValueError, "source, destination, or count out of range");
        return NULL;
    }
    memmove(self->data + dest, self->data + src, (size_t)count);
    Py_RETURN_NONE;
}

KR_METHOD(mmap, "madvise(self, option, start=0, length=None, /)", "")
static PyObject *
mmap_madvise(MmapObject *self, int option, Py_ssize_t start, PyObject *length)
{
    Py_ssize_t count;

    if (index_or_none(length, self->size, &count) < 0 || mmap_check_open(self) < 0) {
        return NULL;
    }
    if (start < 0 || start >= self->size) {
        PyErr_SetString(PyExc_ValueError, "madvise start out of bounds");
        return NULL;
    }
    if (count < 0) {
        PyErr_SetString(PyExc_ValueError, "madvise length invalid");
        return NULL;
    }
    if (PY_SSIZE_T_MAX - start < count) {
        PyErr_SetString(PyExc_OverflowError, "madvise length too large");
        return NULL;
    }
    if (start + count > self->size) {
        count = self->size - start;
    }
    if (madvise(self->data + start, (size_t)count, option) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

KR_METHOD(mmap, "__enter__(self, /)", "")
static PyObject *
mmap_enter(MmapObject *self)
{
    return mmap_check_open(self) < 0 ? NULL : Py_NewRef((PyObject *)self);
}

KR_METHOD(mmap, "__exit__(self, exc_type, exc_value, traceback, /)", "")
static PyObject *
mmap_exit(MmapObject *self, PyObject *exc_type, PyObject *exc_value, PyObject *traceback)
{
    return mmap_close(self);
}

KR_METHOD(mmap, "__sizeof__(self, /)", "")
static PyObject *
mmap_sizeof(MmapObject *self)
{
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize);
}

KR_GETTER(mmap, "closed", "")
static PyObject *
mmap_get_closed(MmapObject *self)
{
    return PyBool_FromLong(self->data == NULL);
}

// ----------------------------------------------------------------------------- slots

static PyObject *
mmap_repr(PyObject *op)
{
    static const char *const names[] = {"ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE",
                                        "ACCESS_COPY"};
    MmapObject *self = (MmapObject *)op;

    if (self->data == NULL) {
        return PyUnicode_FromFormat("<%s closed=True>", Py_TYPE(op)->tp_name);
    }
    return PyUnicode_FromFormat("<%s closed=False, access=%s, length=%zd, pos=%zd, "
                                "offset=%lld>",
                                Py_TYPE(op)->tp_name, names[self->access], self->size,
                                self->pos, self->offset);
}

static Py_ssize_t
mmap_length(PyObject *op)
{
    MmapObject *self = (MmapObject *)op;
    return mmap_check_open(self) < 0 ? -1 : self->size;
}

static PyObject *
mmap_item(PyObject *op, Py_ssize_t i)
{
    MmapObject *self = (MmapObject *)op;

    if (mmap_check_open(self) < 0) {
        return NULL;
    }
    if (i < 0 || i >= self->size) {
        PyErr_SetString(PyExc_IndexError, "mmap index out of range");
        return NULL;
    }
    return PyBytes_FromStringAndSize(self->data + i, 1);
}

// The place that key means, after a look at the size. -1 on error.
static Py_ssize_t
index_of(MmapObject *self, PyObject *key)
{
    Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);

    if ((i == -1 && PyErr_Occurred()) || mmap_check_open(self) < 0) {
        return -1;
    }
    i = i < 0 ? i + self->size : i;
    if (i < 0 || i >= self->size) {
        PyErr_SetString(PyExc_IndexError, "mmap index out of range");
        return -1;
    }
    return i;
}

// The number of bytes a slice means, its start and step; -1 on error.
static Py_ssize_t
slice_of(MmapObject *self, PyObject *slice, Py_ssize_t *start, Py_ssize_t *step)
{
    Py_ssize_t stop;

    if (PySlice_Unpack(slice, start, &stop, step) < 0 || mmap_check_open(self) < 0) {
        return -1;
    }
    return PySlice_AdjustIndices(self->size, start, &stop, *step);
}

static PyObject *
mmap_subscript(PyObject *op, PyObject *key)
{
    MmapObject *self = (MmapObject *)op;

    if (mmap_check_open(self) < 0) {
        return NULL;
    }
    if (PyIndex_Check(key)) {
        Py_ssize_t i = index_of(self, key);
        return i < 0 ? NULL : PyLong_FromLong((unsigned char)self->data[i]);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "mmap indices must be integers");
        return NULL;
    }
    Py_ssize_t start, step, count = slice_of(self, key, &start, &step);
    if (count < 0) {
        return NULL;
    }
    if (step == 1) {
        return PyBytes_FromStringAndSize(self->data + start, count);
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, count);
    if (result != NULL) {
        char *to = PyBytes_AS_STRING(result);
        for (Py_ssize_t i = 0; i < count; i++, start += step) {
            to[i] = self->data[start];
        }
    }
    return result;
}

static int
assign_byte(MmapObject *self, PyObject *key, PyObject *value)
{
    if (!PyIndex_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "mmap item value must be an int");
        return -1;
    }
    Py_ssize_t byte = PyNumber_AsSsize_t(value, PyExc_TypeError);
    if (byte == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (byte < 0 || byte > 255) {
        PyErr_SetString(PyExc_ValueError, "mmap item value must be in range(0, 256)");
        return -1;
    }
    Py_ssize_t i = index_of(self, key);
    if (i < 0) {
        return -1;
    }
    self->data[i] = (char)byte;
    return 0;
}

static int
mmap_assign_slice(MmapObject *self, PyObject *slice, PyObject *value)
{
    Py_buffer view;
    Py_ssize_t start, step;
    int status = -1;

    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    Py_ssize_t count = slice_of(self, slice, &start, &step);
    if (count >= 0 && view.len != count) {
        PyErr_SetString(PyExc_IndexError, "mmap slice assignment is wrong size");
    }
    else if (count >= 0) {
        const char *from = view.buf;
        if (step == 1) {
            memmove(self->data + start, from, (size_t)count);
        }
        for (Py_ssize_t i = 0; step != 1 && i < count; i++, start += step) {
            self->data[start] = from[i];
        }
        status = 0;
    }
    PyBuffer_Release(&view);
    return status;
}

static int
mmap_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    MmapObject *self = (MmapObject *)op;

    if (mmap_check_open(self) < 0 || mmap_check_writable(self) < 0) {
        return -1;
    }
    if (PyIndex_Check(key)) {
        if (value == NULL) {
            PyErr_SetString(PyExc_TypeError, "mmap doesn't support item deletion");
            return -1;
        }
        return assign_byte(self, key, value);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "mmap indices must be integers");
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "mmap object doesn't support slice deletion");
        return -1;
    }
    return mmap_assign_slice(self, key, value);
}

static int
mmap_ass_item(PyObject *op, Py_ssize_t i, PyObject *value)
{
    MmapObject *self = (MmapObject *)op;

    if (mmap_check_open(self) < 0) {
        return -1;
    }
    if (i < 0 || i >= self->size) {
        PyErr_SetString(PyExc_IndexError, "mmap index out of range");
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "mmap object doesn't support item deletion");
        return -1;
    }
    if (!PyBytes_Check(value) || PyBytes_GET_SIZE(value) != 1) {
        PyErr_SetString(PyExc_IndexError, "mmap assignment must be length-1 bytes()");
        return -1;
    }
    if (mmap_check_writable(self) < 0) {
        return -1;
    }
    self->data[i] = PyBytes_AS_STRING(value)[0];
    return 0;
}

static int
mmap_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    MmapObject *self = (MmapObject *)op;

    if (mmap_check_open(self) < 0 ||
        PyBuffer_FillInfo(view, op, self->data, self->size, self->access == MMAP_READ,
                          flags) < 0) {
        return -1;
    }
    self->exports++;
    return 0;
}

static void
mmap_releasebuffer(PyObject *op, Py_buffer *view)
{
    ((MmapObject *)op)->exports--;
}

KR_TYPE(mmap)
#include "modules/mmap.methods.h"

static PyMemberDef mmap_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(MmapObject, weakreflist), Py_READONLY,
     NULL},
    {NULL},
};

static PyType_Slot mmap_type_slots[] = {
    {Py_tp_new, mmap_new},
    {Py_tp_dealloc, mmap_dealloc},
    {Py_tp_traverse, mmap_traverse},
    {Py_tp_repr, mmap_repr},
    {Py_tp_doc, (void *)"mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])"
                        "\n\nMaps length bytes of a file (0: all of it) into memory; with "
                        "fileno -1 the\nmemory is anonymous."},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, mmap_methods},
    {Py_tp_getset, mmap_getset},
    {Py_tp_members, mmap_members},
    {Py_sq_length, mmap_length},
    {Py_sq_item, mmap_item},
    {Py_sq_ass_item, mmap_ass_item},
    {Py_mp_length, mmap_length},
    {Py_mp_subscript, mmap_subscript},
    {Py_mp_ass_subscript, mmap_ass_subscript},
    {Py_bf_getbuffer, mmap_getbuffer},
    {Py_bf_releasebuffer, mmap_releasebuffer},
    {0, NULL},
};

static PyType_Spec mmap_spec = {
    .name = "mmap.mmap",
    .basicsize = sizeof(MmapObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = mmap_type_slots,
};

static const struct {
    const char *name;
    long value;
} mmap_constants[] = {
    {"PROT_EXEC", PROT_EXEC}, {"PROT_READ", PROT_READ}, {"PROT_WRITE", PROT_WRITE},
    {"MAP_SHARED", MAP_SHARED}, {"MAP_PRIVATE", MAP_PRIVATE},
    {"MAP_DENYWRITE", MAP_DENYWRITE}, {"MAP_EXECUTABLE", MAP_EXECUTABLE},
    {"MAP_ANON", MAP_ANONYMOUS}, {"MAP_ANONYMOUS", MAP_ANONYMOUS},
    {"MAP_POPULATE", MAP_POPULATE}, {"MAP_STACK", MAP_STACK},
    {"MAP_32BIT", 0x40}, {"MAP_NORESERVE", MAP_NORESERVE},
    {"ACCESS_DEFAULT", MMAP_DEFAULT}, {"ACCESS_READ", MMAP_READ},
    {"ACCESS_WRITE", MMAP_WRITE}, {"ACCESS_COPY", MMAP_COPY},
    {"MADV_NORMAL", MADV_NORMAL}, {"MADV_RANDOM", MADV_RANDOM},
    {"MADV_SEQUENTIAL", MADV_SEQUENTIAL}, {"MADV_WILLNEED", MADV_WILLNEED},
    {"MADV_DONTNEED", MADV_DONTNEED}, {"MADV_REMOVE", MADV_REMOVE},
    {"MADV_DONTFORK", MADV_DONTFORK}, {"MADV_DOFORK", MADV_DOFORK},
    {"MADV_HWPOISON", MADV_HWPOISON}, {"MADV_MERGEABLE", MADV_MERGEABLE},
    {"MADV_UNMERGEABLE", MADV_UNMERGEABLE}, {"MADV_HUGEPAGE", MADV_HUGEPAGE},
    {"MADV_NOHUGEPAGE", MADV_NOHUGEPAGE}, {"MADV_DONTDUMP", MADV_DONTDUMP},
    {"MADV_DODUMP", MADV_DODUMP}, {"MADV_FREE", MADV_FREE},
};

static int
mmap_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &mmap_spec, NULL);

    if (type == NULL) {
        return -1;
    }
    int status = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    if (status < 0 || PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(mmap_constants); i++) {
        if (PyModule_AddIntConstant(module, mmap_constants[i].name,
                                    mmap_constants[i].value) < 0) {
            return -1;
        }
    }
    long page = sysconf(_SC_PAGESIZE);
    return PyModule_AddIntConstant(module, "PAGESIZE", page) < 0 ||
                   PyModule_AddIntConstant(module, "ALLOCATIONGRANULARITY", page) < 0
               ? -1
               : 0;
}

static PyModuleDef_Slot mmap_slots[] = {
    {Py_mod_exec, mmap_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef mmap_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "mmap",
    .m_slots = mmap_slots,
};

PyMODINIT_FUNC
PyInit_mmap(void)
{
    return PyModuleDef_Init(&mmap_def);
}
