// SPDX-License-Identifier: MIT
// buffered.c - BufferedReader, BufferedWriter, BufferedRandom over a raw stream.
//
// The buffer holds either unread bytes, buf[pos, end), which the raw stream has
// already passed, or unwritten bytes, buf[0, end) with pos == 0 and `dirty`, which
// it has not reached. A BufferedRandom changes sides by seeking back over unread
// bytes, or by flushing. So tell() is the raw position minus what is unread, or
// plus what is unwritten.
// Re-entrancy: raw methods run any code, so a lock is held around them.
// Read next: buffered_pair.c
#include "modules/io/io.h"

#include <pythread.h>
#include <structmember.h>

typedef struct {
    KrIOBase base;
    PyObject *raw;        // owned; NULL: uninitialised or detached
    bool ready;
    bool detached;
    bool readable;
    bool writable;
    bool fast_raw;        // raw is a plain FileIO: its methods may be trusted
    bool dirty;
    char finalizing;
    char *buf;
    Py_ssize_t capacity;
    Py_ssize_t pos;
    Py_ssize_t end;
    PyThread_type_lock lock;
    unsigned long owner;  // thread that holds the lock, 0 if none
} Buffered;

// --- Guards --------------------------------------------------------------------------

static int
check_ready(Buffered *self)
{
    if (self->ready) {
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, self->detached ? "raw stream has been detached"
                                                     : "I/O operation on uninitialized object");
    return -1;
}

static int
raw_closed(Buffered *self)
{
    return kr_io_is_closed(self->raw);
}

static int
check_open(Buffered *self, const char *text)
{
    if (check_ready(self) < 0) {
        return -1;
    }
    int closed = raw_closed(self);
    if (closed > 0) {
        PyErr_SetString(PyExc_ValueError, text);
    }
    return closed == 0 ? 0 : -1;
}

static int
enter(Buffered *self)
{
    unsigned long me = PyThread_get_thread_ident();
    if (self->owner == me) {
        PyErr_Format(PyExc_RuntimeError, "reentrant call inside %R", self);
        return -1;
    }
    if (!PyThread_acquire_lock(self->lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(self->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    self->owner = me;
    return 0;
}

static void
leave(Buffered *self)
{
    self->owner = 0;
    PyThread_release_lock(self->lock);
}

// --- The raw stream ----------------------------------------------------------------------

// raw.readinto(memory): bytes read, 0 at the end, -2 would block, -1 error.
static Py_ssize_t
raw_read(Buffered *self, char *memory, Py_ssize_t size)
{
    Py_buffer info;
    if (PyBuffer_FillInfo(&info, NULL, memory, size, 0, PyBUF_CONTIG) < 0) {
        return -1;
    }
    PyObject *view = PyMemoryView_FromBuffer(&info);
    if (view == NULL) {
        return -1;
    }
    PyObject *result;
    do {
        result = PyObject_CallMethodOneArg(self->raw, KR_ID(readinto), view);
    } while (result == NULL && kr_io_trap_eintr());
    PyObject *exc = PyErr_GetRaisedException();
    // The memory is not ours to lend for longer than this call.
    PyObject *released = PyObject_CallMethodNoArgs(view, KR_ID(release));
    Py_XDECREF(released);
    PyErr_Clear();
    PyErr_SetRaisedException(exc);
    Py_DECREF(view);
    if (result == NULL) {
        return -1;
    }
    if (result == Py_None) {
        Py_DECREF(result);
        return -2;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(result, PyExc_ValueError);
    Py_DECREF(result);
    if (n == -1 && PyErr_Occurred()) {
        PyObject *cause = PyErr_GetRaisedException();
        PyErr_SetString(PyExc_OSError, "raw readinto() failed");
        PyObject *error = PyErr_GetRaisedException();
        PyException_SetCause(error, cause);
        PyErr_SetRaisedException(error);
        return -1;
    }
    if (n < 0 || n > size) {
        PyErr_Format(PyExc_OSError,
                     "raw readinto() returned invalid length %zd (should have been between 0 "
                     "and %zd)",
                     n, size);
        return -1;
    }
    return n;
}

// raw.write(memory): bytes written, -2 would block, -1 error.
static Py_ssize_t
raw_write(Buffered *self, const char *memory, Py_ssize_t size)
{
    Py_buffer info;
    if (PyBuffer_FillInfo(&info, NULL, (char *)memory, size, 1, PyBUF_CONTIG_RO) < 0) {
        return -1;
    }
    PyObject *view = PyMemoryView_FromBuffer(&info), *result;
    if (view == NULL) {
        return -1;
    }
    do {
        errno = 0;
        result = PyObject_CallMethodOneArg(self->raw, KR_ID(write), view);
    } while (result == NULL && kr_io_trap_eintr());
    Py_DECREF(view);
    if (result == NULL) {
        return -1;
    }
    if (result == Py_None) {
        Py_DECREF(result);
        return -2;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(result, PyExc_ValueError);
    Py_DECREF(result);
    if (n < 0 || n > size) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_OSError,
                         "raw write() returned invalid length %zd (should have been between 0 "
                         "and %zd)",
                         n, size);
        }
        return -1;
    }
    return n;
}

static int64_t
raw_position(Buffered *self, PyObject *result, const char *what)
{
    if (result == NULL) {
        return -1;
    }
    int64_t n = kr_io_offset(result);
    Py_DECREF(result);
    if (n < 0 && !PyErr_Occurred()) {
        PyErr_Format(PyExc_OSError, "Raw stream returned invalid position %lld", (long long)n);
    }
    return n < 0 ? -1 : n;
}

static int64_t
raw_tell(Buffered *self)
{
    return raw_position(self, PyObject_CallMethodNoArgs(self->raw, KR_ID(tell)), "tell");
}

static int64_t
raw_seek(Buffered *self, int64_t offset, int whence)
{
    return raw_position(
        self, PyObject_CallMethod(self->raw, "seek", "Li", (long long)offset, whence), "seek");
}

// --- The buffer ------------------------------------------------------------------------------

static Py_ssize_t
unread(const Buffered *self)
{
    return self->dirty ? 0 : self->end - self->pos;
}

static void
forget(Buffered *self)
{
    self->pos = self->end = 0;
    self->dirty = false;
}

KR_COLD static void
would_block(Py_ssize_t written)
{
    PyErr_Format(PyExc_BlockingIOError, "%s", "write could not complete without blocking");
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *args = Py_BuildValue("isn", EAGAIN, "write could not complete without blocking",
                                   written);
    PyObject *error = args == NULL ? NULL : PyObject_CallObject(PyExc_BlockingIOError, args);
    Py_XDECREF(args);
    if (error != NULL) {
        PyErr_SetObject(PyExc_BlockingIOError, error);
        Py_DECREF(error);
    }
    Py_XDECREF(exc);
}

// Writes out what is unwritten. 0, or -1 with the rest kept.
static int
flush_dirty(Buffered *self)
{
    Py_ssize_t done = 0;
    while (self->dirty && done < self->end) {
        Py_ssize_t n = raw_write(self, self->buf + done, self->end - done);
        if (n < 0) {
            memmove(self->buf, self->buf + done, (size_t)(self->end - done));
            self->end -= done;
            if (n == -2) {
                would_block(0);
            }
            return -1;
        }
        done += n;
        if (n > 0 && done < self->end && PyErr_CheckSignals() < 0) {
            memmove(self->buf, self->buf + done, (size_t)(self->end - done));
            self->end -= done;
            return -1;
        }
    }
    if (self->dirty) {
        forget(self);
    }
    return 0;
}

// Puts the raw stream where the reader is, so that writing starts there.
static int
drop_unread(Buffered *self)
{
    Py_ssize_t ahead = unread(self);
    if (ahead > 0 && raw_seek(self, -ahead, 1) < 0) {
        return -1;
    }
    if (!self->dirty) {
        forget(self);
    }
    return 0;
}

// Flushes the writer's side and rewinds the reader's.
static int
settle(Buffered *self)
{
    if (self->dirty && flush_dirty(self) < 0) {
        return -1;
    }
    return self->readable && self->writable ? drop_unread(self) : 0;
}

// Fills an empty buffer: bytes read, 0 at the end, -2 would block, -1 error.
static Py_ssize_t
fill(Buffered *self)
{
    forget(self);
    Py_ssize_t n = raw_read(self, self->buf, self->capacity);
    if (n > 0) {
        self->end = n;
    }
    return n;
}

// --- Reading ---------------------------------------------------------------------------------

// What is left of the raw stream, after what is buffered. New bytes or None.
static PyObject *
read_all(Buffered *self)
{
    Py_ssize_t have = unread(self);
    PyObject *readall, *head = NULL, *rest = NULL;
    if (have > 0) {
        head = PyBytes_FromStringAndSize(self->buf + self->pos, have);
        if (head == NULL) {
            return NULL;
        }
    }
    forget(self);
    if (PyObject_GetOptionalAttr(self->raw, KR_ID(readall), &readall) < 0) {
        goto failed;
    }
    if (readall != NULL) {
        rest = PyObject_CallNoArgs(readall);
        Py_DECREF(readall);
        if (rest == NULL) {
            goto failed;
        }
        if (rest != Py_None && !PyBytes_Check(rest)) {
            PyErr_SetString(PyExc_TypeError, "readall() should return bytes");
            goto failed;
        }
        if (head == NULL) {
            return rest;
        }
        if (rest != Py_None) {
            PyBytes_Concat(&head, rest);
        }
        Py_DECREF(rest);
        return head;
    }
    for (;;) {
        PyObject *chunk = PyObject_CallMethodNoArgs(self->raw, KR_ID(read));
        if (chunk == NULL) {
            goto failed;
        }
        if (chunk != Py_None && !PyBytes_Check(chunk)) {
            Py_DECREF(chunk);
            PyErr_SetString(PyExc_TypeError, "read() should return bytes");
            goto failed;
        }
        if (chunk == Py_None || PyBytes_GET_SIZE(chunk) == 0) {
            if (head == NULL) {
                return chunk;
            }
            Py_DECREF(chunk);
            return head;
        }
        if (head == NULL) {
            head = chunk;
        }
        else {
            PyBytes_Concat(&head, chunk);
            Py_DECREF(chunk);
            if (head == NULL) {
                return NULL;
            }
        }
    }

failed:
    Py_XDECREF(head);
    Py_XDECREF(rest);
    return NULL;
}

// Up to n bytes, as many reads as it takes. Returns the count; -2 if the raw stream
// would block at once.
static Py_ssize_t
read_into_memory(Buffered *self, char *memory, Py_ssize_t n, bool once)
{
    Py_ssize_t done = unread(self) < n ? unread(self) : n;
    memcpy(memory, self->buf + self->pos, (size_t)done);
    self->pos += done;
    if (once && done > 0) {
        return done;
    }
    while (done < n) {
        Py_ssize_t want = n - done, got;
        if (want >= self->capacity) {
            // Large amounts go past the buffer, in whole buffers.
            forget(self);
            got = raw_read(self, memory + done, once ? want : want - want % self->capacity);
            if (got > 0) {
                done += got;
            }
        }
        else {
            got = fill(self);
            if (got > 0) {
                Py_ssize_t part = got < want ? got : want;
                memcpy(memory + done, self->buf, (size_t)part);
                self->pos = part;
                done += part;
            }
        }
        if (got <= 0) {
            return got == -1 ? -1 : got == -2 && done == 0 ? -2 : done;
        }
        if (once) {
            break;
        }
    }
    return done;
}

static PyObject *
read_bytes(Buffered *self, Py_ssize_t n, bool once)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, n);
    if (bytes == NULL) {
        return NULL;
    }
    Py_ssize_t got = read_into_memory(self, PyBytes_AS_STRING(bytes), n, once);
    if (got < 0) {
        Py_DECREF(bytes);
        return got == -2 ? Py_NewRef(Py_None) : NULL;
    }
    if (got < n) {
        _PyBytes_Resize(&bytes, got);
    }
    return bytes;
}

KR_METHOD(buffered, "read(self, size=-1, /)", "")
static PyObject *
buffered_read(Buffered *self, PyObject *size_object)
{
    Py_ssize_t n = -1;
    PyObject *result = NULL;
    if (size_object != NULL && size_object != Py_None) {
        n = PyNumber_AsSsize_t(size_object, PyExc_OverflowError);
        if (n == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (check_ready(self) < 0) {
        return NULL;
    }
    if (n < -1) {
        PyErr_SetString(PyExc_ValueError, "read length must be non-negative or -1");
        return NULL;
    }
    if (check_open(self, "read of closed file") < 0) {
        return NULL;
    }
    if (n >= 0 && n <= unread(self) && self->owner == 0) {
        result = PyBytes_FromStringAndSize(self->buf + self->pos, n);
        if (result != NULL) {
            self->pos += n;
        }
        return result;
    }
    if (enter(self) < 0) {
        return NULL;
    }
    if (!self->dirty || flush_dirty(self) == 0) {
        result = n < 0 ? read_all(self) : read_bytes(self, n, false);
    }
    leave(self);
    return result;
}

KR_METHOD(buffered, "read1(self, size=-1, /)", "")
static PyObject *
buffered_read1(Buffered *self, Py_ssize_t size)
{
    PyObject *result = NULL;
    if (check_open(self, "read of closed file") < 0) {
        return NULL;
    }
    if (size < 0) {
        size = self->capacity;
    }
    if (size == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (enter(self) < 0) {
        return NULL;
    }
    if (!self->dirty || flush_dirty(self) == 0) {
        Py_ssize_t have = unread(self);
        if (have > 0) {
            size = size < have ? size : have;
        }
        result = read_bytes(self, size, true);
        if (result == Py_None) {
            Py_SETREF(result, PyBytes_FromStringAndSize(NULL, 0));
        }
    }
    leave(self);
    return result;
}

static PyObject *
readinto(Buffered *self, PyObject *target, bool once)
{
    Py_buffer buffer;
    PyObject *result = NULL;
    if (check_open(self, "readinto of closed file") < 0 ||
        kr_arg_writable(target, once ? "readinto1" : "readinto", "argument", &buffer) < 0) {
        return NULL;
    }
    if (enter(self) == 0) {
        if (!self->dirty || flush_dirty(self) == 0) {
            Py_ssize_t n = buffer.len == 0 ? 0
                                           : read_into_memory(self, buffer.buf, buffer.len, once);
            result = n == -2 ? Py_NewRef(Py_None) : n < 0 ? NULL : PyLong_FromSsize_t(n);
        }
        leave(self);
    }
    PyBuffer_Release(&buffer);
    return result;
}

KR_METHOD(buffered, "readinto(self, buffer, /)", "")
static PyObject *
buffered_readinto_method(Buffered *self, PyObject *buffer)
{
    return readinto(self, buffer, false);
}

KR_METHOD(buffered, "readinto1(self, buffer, /)", "")
static PyObject *
buffered_readinto1(Buffered *self, PyObject *buffer)
{
    return readinto(self, buffer, true);
}

KR_METHOD(buffered, "peek(self, size=0, /)", "")
static PyObject *
buffered_peek(Buffered *self, Py_ssize_t size)
{
    PyObject *result = NULL;
    if (check_open(self, "peek of closed file") < 0 || enter(self) < 0) {
        return NULL;
    }
    if (!self->dirty || flush_dirty(self) == 0) {
        Py_ssize_t n = unread(self);
        if (n == 0) {
            n = fill(self);
        }
        if (n != -1) {
            result = PyBytes_FromStringAndSize(self->buf + self->pos, unread(self));
        }
    }
    leave(self);
    return result;
}

// A line out of the buffer, refilling it as needed; limit < 0: no limit.
static PyObject *
read_line(Buffered *self, Py_ssize_t limit)
{
    PyObject *result = NULL, *chunks = NULL;
    Py_ssize_t taken = 0;
    for (;;) {
        Py_ssize_t have = unread(self);
        if (have == 0) {
            Py_ssize_t n = fill(self);
            if (n == -1) {
                goto done;
            }
            have = n > 0 ? n : 0;
        }
        Py_ssize_t part = limit >= 0 && limit - taken < have ? limit - taken : have;
        const char *start = self->buf + self->pos;
        const char *end = part > 0 ? memchr(start, '\n', (size_t)part) : NULL;
        if (end != NULL) {
            part = end - start + 1;
        }
        bool last = end != NULL || part == 0 || (limit >= 0 && taken + part == limit);
        if (last && chunks == NULL) {
            result = PyBytes_FromStringAndSize(start, part);
            self->pos += result != NULL ? part : 0;
            goto done;
        }
        PyObject *chunk = PyBytes_FromStringAndSize(start, part);
        if (chunk == NULL || (chunks == NULL && (chunks = PyList_New(0)) == NULL) ||
            PyList_Append(chunks, chunk) < 0) {
            Py_XDECREF(chunk);
            goto done;
        }
        Py_DECREF(chunk);
        self->pos += part;
        taken += part;
        if (last) {
            PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
            result = empty == NULL ? NULL : PyBytes_Join(empty, chunks);
            Py_XDECREF(empty);
            goto done;
        }
    }

done:
    Py_XDECREF(chunks);
    return result;
}

static PyObject *
locked_line(Buffered *self, Py_ssize_t limit)
{
    PyObject *result = NULL;
    if (check_open(self, "readline of closed file") < 0 || enter(self) < 0) {
        return NULL;
    }
    if (!self->dirty || flush_dirty(self) == 0) {
        result = read_line(self, limit);
    }
    leave(self);
    return result;
}

KR_METHOD(buffered, "readline(self, size=-1, /)", "")
static PyObject *
buffered_readline(Buffered *self, PyObject *size_object)
{
    Py_ssize_t limit = -1;
    if (size_object != NULL && size_object != Py_None) {
        limit = PyNumber_AsSsize_t(size_object, PyExc_OverflowError);
        if (limit == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    return locked_line(self, limit);
}

static PyObject *
buffered_iternext(PyObject *op)
{
    PyObject *line;
    if (Py_IS_TYPE(op, &kr_buffered_reader_type) || Py_IS_TYPE(op, &kr_buffered_random_type)) {
        line = locked_line((Buffered *)op, -1);
    }
    else {
        line = PyObject_CallMethodNoArgs(op, KR_ID(readline));
        if (line != NULL && !PyBytes_Check(line)) {
            PyErr_Format(PyExc_OSError,
                         "readline() should have returned a bytes object, not '%.200s'",
                         Py_TYPE(line)->tp_name);
            Py_CLEAR(line);
        }
    }
    if (line != NULL && PyBytes_GET_SIZE(line) == 0) {
        Py_CLEAR(line);
    }
    return line;
}

// --- Writing ---------------------------------------------------------------------------------

// Takes n bytes; fewer only when the raw stream would block (exception set).
static Py_ssize_t
write_memory(Buffered *self, const char *memory, Py_ssize_t n)
{
    Py_ssize_t done = 0;
    if (!self->dirty && drop_unread(self) < 0) {
        return -1;
    }
    if (n <= self->capacity - self->end) {
        memcpy(self->buf + self->end, memory, (size_t)n);
        self->end += n;
        self->dirty = self->end > 0;
        return n;
    }
    if (self->dirty && flush_dirty(self) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_BlockingIOError)) {
            return -1;
        }
        // What still fits is kept; the rest is the caller's.
        Py_ssize_t room = self->capacity - self->end;
        PyErr_Clear();
        if (n <= room) {
            memcpy(self->buf + self->end, memory, (size_t)n);
            self->end += n;
            return n;
        }
        memcpy(self->buf + self->end, memory, (size_t)room);
        self->end += room;
        would_block(room);
        return -1;
    }
    while (n - done > self->capacity) {
        Py_ssize_t wrote = raw_write(self, memory + done, n - done);
        if (wrote == -2) {
            Py_ssize_t room = n - done < self->capacity ? n - done : self->capacity;
            memcpy(self->buf, memory + done, (size_t)room);
            self->end = room;
            self->dirty = true;
            would_block(done + room);
            return -1;
        }
        if (wrote < 0) {
            return -1;
        }
        done += wrote;
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
    memcpy(self->buf, memory + done, (size_t)(n - done));
    self->end = n - done;
    self->dirty = self->end > 0;
    return n;
}

KR_METHOD(buffered, "write(self, buffer, /)", "")
static PyObject *
buffered_write(Buffered *self, Py_buffer *buffer)
{
    PyObject *result = NULL;
    if (check_ready(self) < 0 || enter(self) < 0) {
        return NULL;
    }
    if (check_open(self, "write to closed file") == 0) {
        Py_ssize_t n = write_memory(self, buffer->buf, buffer->len);
        result = n < 0 ? NULL : PyLong_FromSsize_t(n);
    }
    leave(self);
    return result;
}

KR_METHOD(buffered, "flush(self, /)", "")
static PyObject *
buffered_flush(Buffered *self)
{
    int status;
    if (check_open(self, "flush of closed file") < 0 || enter(self) < 0) {
        return NULL;
    }
    status = settle(self);
    leave(self);
    if (status < 0) {
        return NULL;
    }
    return PyObject_CallMethodNoArgs(self->raw, KR_ID(flush));
}

// The reader has nothing to write: it only passes the call on.
KR_METHOD(buffered, "_simple_flush(self, /)", "")
static PyObject *
buffered__simple_flush(Buffered *self)
{
    return check_open(self, "flush of closed file") < 0
               ? NULL : PyObject_CallMethodNoArgs(self->raw, KR_ID(flush));
}

// --- Position --------------------------------------------------------------------------------

KR_METHOD(buffered, "tell(self, /)", "")
static PyObject *
buffered_tell(Buffered *self)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    int64_t at = raw_tell(self);
    if (at < 0) {
        return NULL;
    }
    at += self->dirty ? self->end : -unread(self);
    return PyLong_FromLongLong(at < 0 ? 0 : at);
}

KR_METHOD(buffered, "seek(self, target, whence=0, /)", "")
static PyObject *
buffered_seek(Buffered *self, PyObject *target, int whence)
{
    PyObject *result = NULL;
    if (check_ready(self) < 0) {
        return NULL;
    }
    if (whence < 0 || whence > 4) {
        PyErr_Format(PyExc_ValueError, "whence value %d unsupported", whence);
        return NULL;
    }
    if (check_open(self, "seek of closed file") < 0 ||
        kr_io_check_seekable(self->raw) < 0) {
        return NULL;
    }
    int64_t offset = kr_io_offset(target);
    if ((offset == -1 && PyErr_Occurred()) || enter(self) < 0) {
        return NULL;
    }
    // A short way inside what is buffered needs no system call for the data.
    if (!self->dirty && self->end > 0 && whence != 2 && whence <= 1) {
        int64_t raw_at = raw_tell(self);
        if (raw_at < 0) {
            goto done;
        }
        int64_t here = raw_at - unread(self);
        int64_t want = whence == 0 ? offset : here + offset;
        int64_t moved = self->pos + (want - here);
        if (moved >= 0 && moved <= self->end) {
            self->pos = (Py_ssize_t)moved;
            result = PyLong_FromLongLong(want);
            goto done;
        }
        if (whence == 1) {
            offset = want;
            whence = 0;
        }
    }
    if (self->dirty && flush_dirty(self) < 0) {
        goto done;
    }
    if (whence == 1) {
        offset -= unread(self);
    }
    int64_t at = raw_seek(self, offset, whence);
    if (at >= 0) {
        forget(self);
        result = PyLong_FromLongLong(at);
    }

done:
    leave(self);
    return result;
}

KR_METHOD(buffered, "truncate(self, pos=None, /)", "")
static PyObject *
buffered_truncate(Buffered *self, PyObject *pos)
{
    PyObject *result = NULL;
    if (check_open(self, "truncate of closed file") < 0) {
        return NULL;
    }
    if (!self->writable) {
        return kr_io_unsupported("truncate");
    }
    if (enter(self) < 0) {
        return NULL;
    }
    if (settle(self) == 0) {
        result = PyObject_CallMethodOneArg(self->raw, KR_ID(truncate),
                                           pos != NULL ? pos : Py_None);
    }
    leave(self);
    return result;
}

// --- Life ----------------------------------------------------------------------------------------

KR_METHOD(buffered, "close(self, /)", "")
static PyObject *
buffered_close(Buffered *self)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    int closed = raw_closed(self);
    if (closed != 0) {
        return closed < 0 ? NULL : Py_NewRef(Py_None);
    }
    if (self->finalizing) {
        PyObject *warned = PyObject_CallMethodOneArg(self->raw, KR_ID(_dealloc_warn),
                                                     (PyObject *)self);
        if (warned == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(warned);
    }
    PyObject *flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    PyObject *exc = PyErr_GetRaisedException();
    Py_XDECREF(flushed);
    PyObject *result = PyObject_CallMethodNoArgs(self->raw, KR_ID(close));
    if (self->buf != NULL) {
        PyMem_Free(self->buf);
        self->buf = NULL;
        forget(self);
        self->capacity = 0;
    }
    if (exc != NULL) {
        if (result != NULL) {
            Py_CLEAR(result);
            PyErr_SetRaisedException(exc);
        }
        else {
            _PyErr_ChainExceptions1(exc);
        }
    }
    return result;
}

KR_METHOD(buffered, "detach(self, /)", "")
static PyObject *
buffered_detach(Buffered *self)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    PyObject *flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    if (flushed == NULL) {
        return NULL;
    }
    Py_DECREF(flushed);
    self->ready = false;
    self->detached = true;
    return KR_MOVE(self->raw);
}

static PyObject *
forward(Buffered *self, PyObject *name)
{
    return check_ready(self) < 0 ? NULL : PyObject_CallMethodNoArgs(self->raw, name);
}

KR_METHOD(buffered, "seekable(self, /)", "")
static PyObject *
buffered_seekable(Buffered *self)
{
    return forward(self, KR_ID(seekable));
}

KR_METHOD(buffered, "readable(self, /)", "")
static PyObject *
buffered_readable(Buffered *self)
{
    return forward(self, KR_ID(readable));
}

KR_METHOD(buffered, "writable(self, /)", "")
static PyObject *
buffered_writable(Buffered *self)
{
    return forward(self, KR_ID(writable));
}

KR_METHOD(buffered, "fileno(self, /)", "")
static PyObject *
buffered_fileno(Buffered *self)
{
    return forward(self, KR_ID(fileno));
}

KR_METHOD(buffered, "isatty(self, /)", "")
static PyObject *
buffered_isatty(Buffered *self)
{
    return forward(self, KR_ID(isatty));
}

KR_METHOD_RAW(buffered, "_dealloc_warn", METH_O, "")
static PyObject *
buffered__dealloc_warn(PyObject *op, PyObject *source)
{
    Buffered *self = (Buffered *)op;
    if (self->ready && self->raw != NULL) {
        PyObject *result = PyObject_CallMethodOneArg(self->raw, KR_ID(_dealloc_warn), source);
        if (result == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(result);
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(buffered, "__sizeof__", METH_NOARGS, "")
static PyObject *
buffered___sizeof__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(Py_TYPE(op)->tp_basicsize + ((Buffered *)op)->capacity);
}

KR_METHOD_RAW(buffered, "__getstate__", METH_NOARGS, "")
static PyObject *
buffered___getstate__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyErr_Format(PyExc_TypeError, "cannot pickle '%.100s' instances",
                 _PyType_Name_utf8(Py_TYPE(op)));
    return NULL;
}

static PyObject *
buffered_get_closed(PyObject *op, void *Py_UNUSED(closure))
{
    Buffered *self = (Buffered *)op;
    return check_ready(self) < 0 ? NULL : PyObject_GetAttr(self->raw, KR_ID(closed));
}

static PyObject *
buffered_get_name(PyObject *op, void *Py_UNUSED(closure))
{
    Buffered *self = (Buffered *)op;
    return check_ready(self) < 0 ? NULL : PyObject_GetAttr(self->raw, KR_ID(name));
}

static PyObject *
buffered_get_mode(PyObject *op, void *Py_UNUSED(closure))
{
    Buffered *self = (Buffered *)op;
    return check_ready(self) < 0 ? NULL : PyObject_GetAttr(self->raw, KR_ID(mode));
}

static PyGetSetDef buffered_attributes[] = {
    {"closed", buffered_get_closed, NULL, NULL, NULL},
    {"name", buffered_get_name, NULL, NULL, NULL},
    {"mode", buffered_get_mode, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef buffered_members[] = {
    {"raw", _Py_T_OBJECT, offsetof(Buffered, raw), Py_READONLY, NULL},
    {"_finalizing", Py_T_BOOL, offsetof(Buffered, finalizing), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static int
buffered_start(Buffered *self, PyObject *raw, Py_ssize_t size, bool readable, bool writable)
{
    self->ready = self->detached = false;
    if ((readable && kr_io_check_readable(raw) < 0) ||
        (writable && kr_io_check_writable(raw) < 0) ||
        (readable && writable && kr_io_check_seekable(raw) < 0)) {
        return -1;
    }
    if (size <= 0) {
        PyErr_SetString(PyExc_ValueError, "buffer size must be strictly positive");
        return -1;
    }
    char *buf = PyMem_Malloc((size_t)size);
    if (buf == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyMem_Free(self->buf);
    self->buf = buf;
    self->capacity = size;
    if (self->lock == NULL) {
        self->lock = PyThread_allocate_lock();
        if (self->lock == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "can't allocate read lock");
            return -1;
        }
    }
    Py_XSETREF(self->raw, Py_NewRef(raw));
    self->readable = readable;
    self->writable = writable;
    forget(self);
    self->ready = true;
    return 0;
}

KR_INIT(buffered_reader, "BufferedReader(raw, buffer_size=131072)",
        "Create a new buffered reader using the given readable raw IO object.")
static int
buffered_reader_init_impl(Buffered *self, PyObject *raw, Py_ssize_t buffer_size)
{
    return buffered_start(self, raw, buffer_size, true, false);
}

KR_INIT(buffered_writer, "BufferedWriter(raw, buffer_size=131072)",
        "A buffer for a writeable sequential RawIO object.")
static int
buffered_writer_init_impl(Buffered *self, PyObject *raw, Py_ssize_t buffer_size)
{
    return buffered_start(self, raw, buffer_size, false, true);
}

KR_INIT(buffered_random, "BufferedRandom(raw, buffer_size=131072)",
        "A buffered interface to random access streams.")
static int
buffered_random_init_impl(Buffered *self, PyObject *raw, Py_ssize_t buffer_size)
{
    return buffered_start(self, raw, buffer_size, true, true);
}

static PyObject *
buffered_repr(PyObject *op)
{
    PyObject *name, *text;
    if (PyObject_GetOptionalAttr(op, KR_ID(name), &name) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
            return NULL;
        }
        PyErr_Clear();
        name = NULL;
    }
    if (name == NULL) {
        return PyUnicode_FromFormat("<%s>", Py_TYPE(op)->tp_name);
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        if (entered > 0) {
            PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__",
                         Py_TYPE(op)->tp_name);
        }
        Py_DECREF(name);
        return NULL;
    }
    text = PyUnicode_FromFormat("<%s name=%R>", Py_TYPE(op)->tp_name, name);
    Py_ReprLeave(op);
    Py_DECREF(name);
    return text;
}

static int
buffered_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Buffered *)op)->raw);
    return kr_io_base_traverse(op, visit, arg);
}

static int
buffered_tp_clear(PyObject *op)
{
    ((Buffered *)op)->ready = false;
    Py_CLEAR(((Buffered *)op)->raw);
    kr_io_base_clear(op);
    return 0;
}

static void
buffered_dealloc(PyObject *op)
{
    Buffered *self = (Buffered *)op;
    self->finalizing = 1;
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return;
    }
    PyObject_GC_UnTrack(op);
    self->ready = false;
    if (self->base.weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    PyMem_Free(self->buf);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    Py_CLEAR(self->raw);
    kr_io_base_clear(op);
    Py_TYPE(op)->tp_free(op);
}

KR_TYPE(buffered)
KR_TYPE(buffered_reader)
KR_TYPE(buffered_writer)
KR_TYPE(buffered_random)
#include "modules/io/buffered.methods.h"

#define BUFFERED_TYPE(variable, text, docs, initialise, table)                 \
    PyTypeObject variable = {                                                  \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                 \
        .tp_name = text,                                                       \
        .tp_basicsize = sizeof(Buffered),                                      \
        .tp_dealloc = buffered_dealloc,                                        \
        .tp_repr = buffered_repr,                                              \
        .tp_getattro = PyObject_GenericGetAttr,                                \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, \
        .tp_doc = docs,                                                        \
        .tp_traverse = buffered_traverse,                                      \
        .tp_clear = buffered_tp_clear,                                         \
        .tp_weaklistoffset = offsetof(KrIOBase, weakreflist),                  \
        .tp_iternext = buffered_iternext,                                      \
        .tp_methods = table,                                                   \
        .tp_members = buffered_members,                                        \
        .tp_getset = buffered_attributes,                                      \
        .tp_base = &kr_bufferediobase_type,                                    \
        .tp_dictoffset = offsetof(KrIOBase, dict),                             \
        .tp_init = initialise,                                                 \
        .tp_new = PyType_GenericNew,                                           \
        .tp_finalize = kr_io_finalize,                                         \
    }

static PyMethodDef reader_methods[24], writer_methods[24];

BUFFERED_TYPE(kr_buffered_reader_type, "_io.BufferedReader", buffered_reader_doc,
              buffered_reader_init, reader_methods);
BUFFERED_TYPE(kr_buffered_writer_type, "_io.BufferedWriter", buffered_writer_doc,
              buffered_writer_init, writer_methods);
BUFFERED_TYPE(kr_buffered_random_type, "_io.BufferedRandom", buffered_random_doc,
              buffered_random_init, buffered_methods);

static bool
is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) {
            return true;
        }
    }
    return false;
}

// The reader has no write(), the writer no read(): picked from the one table.
void
kr_io_prepare_buffered(void)
{
    static const char *const only_read[] = {"read", "read1", "readinto", "readinto1", "peek",
                                            "readline", NULL};
    static const char *const only_write[] = {"write", "flush", NULL};
    int readers = 0, writers = 0;
    for (PyMethodDef *row = buffered_methods; row->ml_name != NULL; row++) {
        if (strcmp(row->ml_name, "_simple_flush") == 0) {
            reader_methods[readers] = *row;
            reader_methods[readers++].ml_name = "flush";
            continue;
        }
        if (!is_one_of(row->ml_name, only_write)) {
            reader_methods[readers++] = *row;
        }
        if (!is_one_of(row->ml_name, only_read)) {
            writer_methods[writers++] = *row;
        }
    }
}
