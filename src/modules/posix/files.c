// SPDX-License-Identifier: MIT
// files.c - open files: descriptors, reading, writing, pipes, terminals.
#include "modules/posix/posix.h"

#include <limits.h>
#include <pty.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "objects/args.h"
#include "objects/ids.h"

// The most that one read or write may move.
#define KR_IO_MAX ((Py_ssize_t)0x7ffff000)

// ---- opening and closing ----------------------------------------------------

KR_FUNCTION(posix, "open(path, flags, mode=511, *, dir_fd: dir_fd=None)",
            "Opens a file; returns its descriptor.")
static PyObject *
posix_open(PyObject *module, KrPath *path, int flags, int mode, int dir_fd)
{
    int fd;

    flags |= O_CLOEXEC;
    if (PySys_Audit("open", "OOi", path->object, Py_None, flags) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(fd, openat(dir_fd, path->text, flags, mode));
    return fd < 0 ? kr_path_error(path) : PyLong_FromLong(fd);
}

KR_FUNCTION(posix, "close(fd: fd)", "Closes a descriptor.")
static PyObject *
posix_close(PyObject *module, int fd)
{
    int status;

    KR_UNLOCKED(status, close(fd));
    // After EINTR the descriptor is closed all the same.
    if (status < 0 && errno != EINTR) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "closerange(fd_low, fd_high, /)",
            "Closes all descriptors from fd_low to below fd_high.")
static PyObject *
posix_closerange(PyObject *module, int fd_low, int fd_high)
{
    Py_BEGIN_ALLOW_THREADS
    int first = Py_MAX(fd_low, 0);
    if (first < fd_high && close_range((unsigned)first, (unsigned)fd_high - 1, 0) != 0) {
        for (int fd = first; fd < fd_high; fd++) {
            close(fd);
        }
    }
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "dup(fd, /)", "Another descriptor of the same open file.")
static PyObject *
posix_dup(PyObject *module, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    return copy < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(copy);
}

KR_FUNCTION(posix, "dup2(fd, fd2, inheritable=True)", "Makes fd2 a copy of fd.")
static PyObject *
posix_dup2(PyObject *module, int fd, int fd2, bool inheritable)
{
    int status;

    if (fd < 0 || fd2 < 0) {
        errno = EBADF;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (!inheritable && fd != fd2) {
        KR_UNLOCKED(status, dup3(fd, fd2, O_CLOEXEC));
    }
    else {
        KR_UNLOCKED(status, dup2(fd, fd2));
    }
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(status);
}

KR_FUNCTION(posix, "get_inheritable(fd, /)", "Whether child processes get the descriptor.")
static PyObject *
posix_get_inheritable(PyObject *module, int fd)
{
    int flags = fcntl(fd, F_GETFD);

    return flags < 0 ? PyErr_SetFromErrno(PyExc_OSError)
                     : PyBool_FromLong(!(flags & FD_CLOEXEC));
}

KR_FUNCTION(posix, "set_inheritable(fd, inheritable, /)",
            "Sets whether child processes get the descriptor.")
static PyObject *
posix_set_inheritable(PyObject *module, int fd, int inheritable)
{
    int flags = fcntl(fd, F_GETFD);

    if (flags >= 0) {
        flags = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
        flags = fcntl(fd, F_SETFD, flags);
    }
    return kr_os_result(flags);
}

KR_FUNCTION(posix, "get_blocking(fd, /)", "Whether reading and writing wait.")
static PyObject *
posix_get_blocking(PyObject *module, int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 ? PyErr_SetFromErrno(PyExc_OSError)
                     : PyBool_FromLong(!(flags & O_NONBLOCK));
}

KR_FUNCTION(posix, "set_blocking(fd, blocking, /)", "Sets whether reading and writing wait.")
static PyObject *
posix_set_blocking(PyObject *module, int fd, bool blocking)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0) {
        flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
        flags = fcntl(fd, F_SETFL, flags);
    }
    return kr_os_result(flags);
}

KR_FUNCTION(posix, "pipe()", "A pipe: the descriptors for reading and for writing.")
static PyObject *
posix_pipe(PyObject *module)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return Py_BuildValue("(ii)", fds[0], fds[1]);
}

KR_FUNCTION(posix, "pipe2(flags, /)", "A pipe with flags.")
static PyObject *
posix_pipe2(PyObject *module, int flags)
{
    int fds[2];

    if (pipe2(fds, flags) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return Py_BuildValue("(ii)", fds[0], fds[1]);
}

KR_FUNCTION(posix, "memfd_create(name, flags=MFD_CLOEXEC)", "A file in memory.")
static PyObject *
posix_memfd_create(PyObject *module, KrPath *name, unsigned int flags)
{
    int fd;

    KR_UNLOCKED(fd, memfd_create(name->text, flags));
    return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

// ---- reading and writing ----------------------------------------------------

KR_FUNCTION(posix, "read(fd, length, /)", "Reads at most so many bytes.")
static PyObject *
posix_read(PyObject *module, int fd, Py_ssize_t length)
{
    PyObject *bytes;
    ssize_t got;

    if (length < 0) {
        errno = EINVAL;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    length = Py_MIN(length, KR_IO_MAX);
    bytes = PyBytes_FromStringAndSize(NULL, length);
    if (bytes == NULL) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(got, read(fd, PyBytes_AS_STRING(bytes), (size_t)length));
    if (got < 0) {
        int saved = errno;
        Py_DECREF(bytes);
        errno = saved;
        return kr_os_result(got);
    }
    if (got != length) {
        _PyBytes_Resize(&bytes, got);
    }
    return bytes;
}

KR_FUNCTION(posix, "readinto(fd, buffer: writable, /)", "Reads into a buffer.")
static PyObject *
posix_readinto(PyObject *module, int fd, Py_buffer *buffer)
{
    size_t length = (size_t)Py_MIN(buffer->len, KR_IO_MAX);
    ssize_t got;

    KR_UNLOCKED_RETRY(got, read(fd, buffer->buf, length));
    return got < 0 ? kr_os_result(got) : PyLong_FromSsize_t(got);
}

KR_FUNCTION(posix, "write(fd, data, /)", "Writes bytes; returns how many were written.")
static PyObject *
posix_write(PyObject *module, int fd, Py_buffer *data)
{
    size_t length = (size_t)Py_MIN(data->len, KR_IO_MAX);
    ssize_t put;

    KR_UNLOCKED_RETRY(put, write(fd, data->buf, length));
    return put < 0 ? kr_os_result(put) : PyLong_FromSsize_t(put);
}

KR_FUNCTION(posix, "pread(fd, length, offset, /)", "Reads at a place of a file.")
static PyObject *
posix_pread(PyObject *module, int fd, Py_ssize_t length, off_t offset)
{
    PyObject *bytes;
    ssize_t got;

    if (length < 0) {
        errno = EINVAL;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    bytes = PyBytes_FromStringAndSize(NULL, length);
    if (bytes == NULL) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(got, pread(fd, PyBytes_AS_STRING(bytes), (size_t)length, offset));
    if (got < 0) {
        int saved = errno;
        Py_DECREF(bytes);
        errno = saved;
        return kr_os_result(got);
    }
    if (got != length) {
        _PyBytes_Resize(&bytes, got);
    }
    return bytes;
}

KR_FUNCTION(posix, "pwrite(fd, buffer, offset, /)", "Writes at a place of a file.")
static PyObject *
posix_pwrite(PyObject *module, int fd, Py_buffer *buffer, off_t offset)
{
    ssize_t put;

    KR_UNLOCKED_RETRY(put, pwrite(fd, buffer->buf, (size_t)buffer->len, offset));
    return put < 0 ? kr_os_result(put) : PyLong_FromSsize_t(put);
}

// ---- several buffers at once ------------------------------------------------

typedef struct {
    struct iovec *parts;
    Py_buffer *views;
    Py_ssize_t count;
} KrVector;

static void
vector_release(KrVector *vector)
{
    for (Py_ssize_t i = 0; i < vector->count; i++) {
        PyBuffer_Release(&vector->views[i]);
    }
    PyMem_Free(vector->parts);
    PyMem_Free(vector->views);
}

static int
vector_fill(const char *function, PyObject *buffers, int flags, KrVector *vector)
{
    Py_ssize_t count;

    *vector = (KrVector){NULL, NULL, 0};
    if (!PySequence_Check(buffers)) {
        PyErr_Format(PyExc_TypeError, "%s() arg 2 must be a sequence", function);
        return -1;
    }
    count = PySequence_Size(buffers);
    if (count < 0) {
        return -1;
    }
    vector->parts = PyMem_New(struct iovec, Py_MAX(count, 1));
    vector->views = PyMem_New(Py_buffer, Py_MAX(count, 1));
    if (vector->parts == NULL || vector->views == NULL) {
        vector_release(vector);
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(buffers, i);
        if (item == NULL || PyObject_GetBuffer(item, &vector->views[i], flags) < 0) {
            Py_XDECREF(item);
            vector_release(vector);
            return -1;
        }
        Py_DECREF(item);
        vector->parts[i].iov_base = vector->views[i].buf;
        vector->parts[i].iov_len = (size_t)vector->views[i].len;
        vector->count++;
    }
    return 0;
}

typedef enum { VECTOR_READ, VECTOR_WRITE } KrVectorKind;

// readv, writev, preadv2 and pwritev2; offset -1: at the file's own place.
static PyObject *
vector_io(const char *function, KrVectorKind kind, int fd, PyObject *buffers,
          bool at_offset, off_t offset, int flags)
{
    KrVector vector;
    ssize_t done;

    if (vector_fill(function, buffers,
                    kind == VECTOR_READ ? PyBUF_WRITABLE : PyBUF_SIMPLE, &vector) < 0) {
        return NULL;
    }
    int count = (int)Py_MIN(vector.count, INT_MAX);
    if (kind == VECTOR_READ) {
        if (at_offset) {
            KR_UNLOCKED_RETRY(done, preadv2(fd, vector.parts, count, offset, flags));
        }
        else {
            KR_UNLOCKED_RETRY(done, readv(fd, vector.parts, count));
        }
    }
    else if (at_offset) {
        KR_UNLOCKED_RETRY(done, pwritev2(fd, vector.parts, count, offset, flags));
    }
    else {
        KR_UNLOCKED_RETRY(done, writev(fd, vector.parts, count));
    }
    int saved = errno;
    vector_release(&vector);
    errno = saved;
    return done < 0 ? kr_os_result(done) : PyLong_FromSsize_t(done);
}

KR_FUNCTION(posix, "readv(fd, buffers, /)", "Reads into several buffers.")
static PyObject *
posix_readv(PyObject *module, int fd, PyObject *buffers)
{
    return vector_io("readv", VECTOR_READ, fd, buffers, false, 0, 0);
}

KR_FUNCTION(posix, "writev(fd, buffers, /)", "Writes several buffers.")
static PyObject *
posix_writev(PyObject *module, int fd, PyObject *buffers)
{
    return vector_io("writev", VECTOR_WRITE, fd, buffers, false, 0, 0);
}

KR_FUNCTION(posix, "preadv(fd, buffers, offset, flags=0, /)",
            "Reads into several buffers at a place of a file.")
static PyObject *
posix_preadv(PyObject *module, int fd, PyObject *buffers, off_t offset, int flags)
{
    return vector_io("preadv2", VECTOR_READ, fd, buffers, true, offset, flags);
}

KR_FUNCTION(posix, "pwritev(fd, buffers, offset, flags=0, /)",
            "Writes several buffers at a place of a file.")
static PyObject *
posix_pwritev(PyObject *module, int fd, PyObject *buffers, off_t offset, int flags)
{
    return vector_io("pwritev", VECTOR_WRITE, fd, buffers, true, offset, flags);
}

// ---- from file to file ------------------------------------------------------

// An offset given as an int or None. *place is NULL for None.
static int
optional_offset(PyObject *arg, off_t *value, off_t **place)
{
    *place = NULL;
    if (Py_IsNone(arg)) {
        return 0;
    }
    *place = value;
    return kr_arg_long(arg, value);
}

KR_FUNCTION(posix, "sendfile(out_fd, in_fd, offset, count)",
            "Copies bytes from one descriptor to another in the kernel.")
static PyObject *
posix_sendfile(PyObject *module, int out_fd, int in_fd, PyObject *offset,
               Py_ssize_t count)
{
    off_t value = 0, *place;
    ssize_t done;

    if (optional_offset(offset, &value, &place) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(done, sendfile(out_fd, in_fd, place, (size_t)count));
    return done < 0 ? kr_os_result(done) : PyLong_FromSsize_t(done);
}

KR_FUNCTION(posix, "copy_file_range(src, dst, count, offset_src=None, offset_dst=None)",
            "Copies bytes from one file to another in the kernel.")
static PyObject *
posix_copy_file_range(PyObject *module, int src, int dst, Py_ssize_t count,
                      PyObject *offset_src, PyObject *offset_dst)
{
    off_t from = 0, to = 0, *from_place, *to_place;
    ssize_t done;

    if (count < 0) {
        PyErr_SetString(PyExc_ValueError, "negative value for 'count' not allowed");
        return NULL;
    }
    if (optional_offset(offset_src, &from, &from_place) < 0 ||
        optional_offset(offset_dst, &to, &to_place) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(done, copy_file_range(src, from_place, dst, to_place,
                                            (size_t)count, 0));
    return done < 0 ? kr_os_result(done) : PyLong_FromSsize_t(done);
}

KR_FUNCTION(posix, "splice(src, dst, count, offset_src=None, offset_dst=None, flags=0)",
            "Moves bytes between a pipe and another file in the kernel.")
static PyObject *
posix_splice(PyObject *module, int src, int dst, Py_ssize_t count, PyObject *offset_src,
             PyObject *offset_dst, unsigned int flags)
{
    off_t from = 0, to = 0, *from_place, *to_place;
    ssize_t done;

    if (count < 0) {
        PyErr_SetString(PyExc_ValueError, "negative value for 'count' not allowed");
        return NULL;
    }
    if (optional_offset(offset_src, &from, &from_place) < 0 ||
        optional_offset(offset_dst, &to, &to_place) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(done, splice(src, from_place, dst, to_place, (size_t)count, flags));
    return done < 0 ? kr_os_result(done) : PyLong_FromSsize_t(done);
}

// ---- places and sizes -------------------------------------------------------

KR_FUNCTION(posix, "lseek(fd, position, whence, /)", "Moves the file's place.")
static PyObject *
posix_lseek(PyObject *module, int fd, off_t position, int whence)
{
    off_t place;

    KR_UNLOCKED(place, lseek(fd, position, whence));
    return place < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLongLong(place);
}

KR_FUNCTION(posix, "ftruncate(fd, length, /)", "Cuts an open file to a length.")
static PyObject *
posix_ftruncate(PyObject *module, int fd, off_t length)
{
    int status;

    if (PySys_Audit("os.truncate", "in", fd, (Py_ssize_t)length) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(status, ftruncate(fd, length));
    return kr_os_result(status);
}

KR_FUNCTION(posix, "posix_fallocate(fd, offset, length, /)", "Reserves space for a file.")
static PyObject *
posix_posix_fallocate(PyObject *module, int fd, off_t offset, off_t length)
{
    int status;

    do {
        KR_UNLOCKED(status, posix_fallocate(fd, offset, length));
    } while (status == EINTR && kr_signals_passed());
    if (status != 0) {
        errno = status;
        return kr_os_result(-1);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "posix_fadvise(fd, offset, length, advice, /)",
            "Tells how a file is going to be used.")
static PyObject *
posix_posix_fadvise(PyObject *module, int fd, off_t offset, off_t length, int advice)
{
    int status;

    do {
        KR_UNLOCKED(status, posix_fadvise(fd, offset, length, advice));
    } while (status == EINTR && kr_signals_passed());
    if (status != 0) {
        errno = status;
        return kr_os_result(-1);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "fsync(fd: fd)", "Waits until a file's data are on the disk.")
static PyObject *
posix_fsync(PyObject *module, int fd)
{
    int status;

    KR_UNLOCKED_RETRY(status, fsync(fd));
    return kr_os_result(status);
}

KR_FUNCTION(posix, "fdatasync(fd: fd)", "The same without the times of the file.")
static PyObject *
posix_fdatasync(PyObject *module, int fd)
{
    int status;

    KR_UNLOCKED_RETRY(status, fdatasync(fd));
    return kr_os_result(status);
}

KR_FUNCTION(posix, "sync()", "Has everything written to the disks.")
static PyObject *
posix_sync(PyObject *module)
{
    Py_BEGIN_ALLOW_THREADS
    sync();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "lockf(fd, command, length, /)", "Locks a part of a file.")
static PyObject *
posix_lockf(PyObject *module, int fd, int command, off_t length)
{
    int status;

    if (PySys_Audit("os.lockf", "iiL", fd, command, (long long)length) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, lockf(fd, command, length));
    return kr_os_result(status);
}

// ---- events and timers ------------------------------------------------------

KR_FUNCTION(posix, "eventfd(initval, flags=EFD_CLOEXEC)", "A descriptor that counts.")
static PyObject *
posix_eventfd(PyObject *module, unsigned int initval, int flags)
{
    int fd;

    KR_UNLOCKED(fd, eventfd(initval, flags));
    return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

KR_FUNCTION(posix, "eventfd_read(fd: fd)", "Reads the counter.")
static PyObject *
posix_eventfd_read(PyObject *module, int fd)
{
    eventfd_t value;
    int status;

    KR_UNLOCKED(status, eventfd_read(fd, &value));
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError)
                      : PyLong_FromUnsignedLongLong(value);
}

KR_FUNCTION(posix, "eventfd_write(fd: fd, value)", "Adds to the counter.")
static PyObject *
posix_eventfd_write(PyObject *module, int fd, unsigned long long value)
{
    int status;

    KR_UNLOCKED(status, eventfd_write(fd, value));
    return kr_os_result(status);
}

KR_FUNCTION(posix, "timerfd_create(clockid, /, *, flags=TFD_CLOEXEC)",
            "A timer that is read as a file.")
static PyObject *
posix_timerfd_create(PyObject *module, int clockid, int flags)
{
    int fd;

    KR_UNLOCKED(fd, timerfd_create(clockid, flags));
    return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

static long long
timespec_ns(const struct timespec *t)
{
    return (long long)t->tv_sec * 1000000000 + t->tv_nsec;
}

static PyObject *
timer_pair(const struct itimerspec *value, bool as_ns)
{
    long long interval = timespec_ns(&value->it_interval);
    long long next = timespec_ns(&value->it_value);

    if (as_ns) {
        return Py_BuildValue("(LL)", next, interval);
    }
    return Py_BuildValue("(dd)", (double)next * 1e-9, (double)interval * 1e-9);
}

static struct timespec
ns_timespec(long long ns)
{
    return (struct timespec){ns / 1000000000, ns % 1000000000};
}

static PyObject *
set_timer(int fd, int flags, long long initial, long long interval, bool as_ns)
{
    struct itimerspec wanted = {ns_timespec(interval), ns_timespec(initial)}, old;
    int status;

    KR_UNLOCKED(status, timerfd_settime(fd, flags, &wanted, &old));
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : timer_pair(&old, as_ns);
}

KR_FUNCTION(posix, "timerfd_settime(fd: fd, /, *, flags=0, initial=0.0, interval=0.0)",
            "Starts or stops a timer; returns its former state.")
static PyObject *
posix_timerfd_settime(PyObject *module, int fd, int flags, double initial,
                      double interval)
{
    return set_timer(fd, flags, (long long)(initial * 1e9), (long long)(interval * 1e9),
                     false);
}

KR_FUNCTION(posix, "timerfd_settime_ns(fd: fd, /, *, flags=0, initial=0, interval=0)",
            "The same in nanoseconds.")
static PyObject *
posix_timerfd_settime_ns(PyObject *module, int fd, int flags, long long initial,
                         long long interval)
{
    return set_timer(fd, flags, initial, interval, true);
}

static PyObject *
get_timer(int fd, bool as_ns)
{
    struct itimerspec value;
    int status;

    KR_UNLOCKED(status, timerfd_gettime(fd, &value));
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : timer_pair(&value, as_ns);
}

KR_FUNCTION(posix, "timerfd_gettime(fd: fd, /)", "A timer's state, (next, interval).")
static PyObject *
posix_timerfd_gettime(PyObject *module, int fd)
{
    return get_timer(fd, false);
}

KR_FUNCTION(posix, "timerfd_gettime_ns(fd: fd, /)", "The same in nanoseconds.")
static PyObject *
posix_timerfd_gettime_ns(PyObject *module, int fd)
{
    return get_timer(fd, true);
}

// ---- terminals --------------------------------------------------------------

KR_FUNCTION(posix, "isatty(fd, /)", "Whether a descriptor is a terminal.")
static PyObject *
posix_isatty(PyObject *module, int fd)
{
    int answer;

    KR_UNLOCKED(answer, isatty(fd));
    return PyBool_FromLong(answer);
}

KR_FUNCTION(posix, "ttyname(fd, /)", "The name of a terminal.")
static PyObject *
posix_ttyname(PyObject *module, int fd)
{
    char name[PATH_MAX];
    int status = ttyname_r(fd, name, sizeof name);

    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeFSDefault(name);
}

KR_FUNCTION(posix, "ctermid()", "The name of the controlling terminal.")
static PyObject *
posix_ctermid(PyObject *module)
{
    char name[L_ctermid];

    return PyUnicode_DecodeFSDefault(ctermid(name));
}

KR_FUNCTION(posix, "openpty()", "A pseudo-terminal: (master, slave).")
static PyObject *
posix_openpty(PyObject *module)
{
    int master, slave;

    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    return Py_BuildValue("(ii)", master, slave);
}

KR_FUNCTION(posix, "posix_openpt(oflag, /)", "Opens a pseudo-terminal's master.")
static PyObject *
posix_posix_openpt(PyObject *module, int oflag)
{
    int fd = posix_openpt(oflag);

    if (fd < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        close(fd);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(fd);
}

KR_FUNCTION(posix, "grantpt(fd: fd, /)", "Gives the user the slave's terminal.")
static PyObject *
posix_grantpt(PyObject *module, int fd)
{
    return kr_os_result(grantpt(fd));
}

KR_FUNCTION(posix, "unlockpt(fd: fd, /)", "Lets the slave be opened.")
static PyObject *
posix_unlockpt(PyObject *module, int fd)
{
    return kr_os_result(unlockpt(fd));
}

KR_FUNCTION(posix, "ptsname(fd: fd, /)", "The name of the slave.")
static PyObject *
posix_ptsname(PyObject *module, int fd)
{
    char name[PATH_MAX];
    int status = ptsname_r(fd, name, sizeof name);

    if (status != 0) {
        errno = status < 0 ? errno : status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeFSDefault(name);
}

KR_FUNCTION(posix, "login_tty(fd: fd, /)", "Makes a terminal the controlling one.")
static PyObject *
posix_login_tty(PyObject *module, int fd)
{
    return kr_os_result(login_tty(fd));
}

KR_FUNCTION(posix, "tcgetpgrp(fd, /)", "The process group in a terminal's foreground.")
static PyObject *
posix_tcgetpgrp(PyObject *module, int fd)
{
    pid_t group = tcgetpgrp(fd);

    return group < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(group);
}

KR_FUNCTION(posix, "tcsetpgrp(fd, pgid, /)",
            "Sets the process group in a terminal's foreground.")
static PyObject *
posix_tcsetpgrp(PyObject *module, int fd, pid_t pgid)
{
    return kr_os_result(tcsetpgrp(fd, pgid));
}

KR_FUNCTION(posix, "get_terminal_size(fd=<missing>{STDOUT_FILENO}, /)",
            "The size of a terminal's window.")
static PyObject *
posix_get_terminal_size(PyObject *module, int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *values[] = {PyLong_FromLong(size.ws_col), PyLong_FromLong(size.ws_row)};
    return kr_posix_struct(kr_posix(module)->terminal_size, values, 2);
}

KR_FUNCTION(posix, "device_encoding(fd)", "The encoding of a terminal, or None.")
static PyObject *
posix_device_encoding(PyObject *module, int fd)
{
    if (!isatty(fd)) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString("UTF-8");
}

#include "modules/posix/files.methods.h"
