// SPDX-License-Identifier: MIT
// input.c - where an unpickler reads: a bytes-like object, or a file.
//
// From a file a frame is read at once, and outside frames as much as peek() offers, which
// is skipped with read() later; without peek() each instruction is a read() of its own.
#include "modules/pickle/pickle.h"

#include "objects/ids.h"

enum { PEEK_SIZE = 128 * 1024 };

void
kr_unpickle_drop_input(Unpickler *self)
{
    if (self->buffer.obj != NULL || self->buffer.buf != NULL) {
        PyBuffer_Release(&self->buffer);
    }
    self->buffer = (Py_buffer){0};
    self->data = NULL;
    self->size = self->next = self->frame_end = self->peeked = 0;
}

int
kr_unpickle_set_data(Unpickler *self, PyObject *data)
{
    kr_unpickle_drop_input(self);
    if (PyObject_GetBuffer(data, &self->buffer, PyBUF_CONTIG_RO) < 0) {
        return -1;
    }
    self->data = self->buffer.buf;
    self->size = (size_t)self->buffer.len;
    return 0;
}

int
kr_unpickle_set_file(Unpickler *self, PyObject *file)
{
    PyObject *peek, *readinto, *read, *readline;

    if (PyObject_GetOptionalAttr(file, KR_ID(peek), &peek) < 0) {
        return -1;
    }
    Py_XSETREF(self->peek, peek);
    if (PyObject_GetOptionalAttr(file, KR_ID(readinto), &readinto) < 0) {
        return -1;
    }
    Py_XSETREF(self->readinto, readinto);
    if (PyObject_GetOptionalAttr(file, KR_ID(read), &read) < 0) {
        return -1;
    }
    Py_XSETREF(self->read, read);
    if (PyObject_GetOptionalAttr(file, KR_ID(readline), &readline) < 0) {
        return -1;
    }
    Py_XSETREF(self->readline, readline);
    if (read == NULL || readline == NULL) {
        PyErr_SetString(PyExc_TypeError, "file must have 'read' and 'readline' attributes");
        return -1;
    }
    return 0;
}

static int
truncated(Unpickler *self)
{
    PyErr_SetString(self->state->unpickling_error, "pickle data was truncated");
    return -1;
}

// Reads what peek() has shown, as far as it has been used.
int
kr_unpickle_skip_peeked(Unpickler *self)
{
    size_t used = self->peeked > 0 ? self->next : 0;

    self->peeked = 0;
    if (used == 0) {
        return 0;
    }
    PyObject *bytes = PyObject_CallFunction(self->read, "n", (Py_ssize_t)used);
    Py_XDECREF(bytes);
    return bytes == NULL ? -1 : 0;
}

// Looks ahead; what is not bytes, or an error, means that it is not done again.
static int
look_ahead(Unpickler *self, size_t size)
{
    if (self->peek == NULL || size > PEEK_SIZE) {
        return 0;
    }
    PyObject *bytes = PyObject_CallFunction(self->peek, "n", (Py_ssize_t)PEEK_SIZE);
    if (bytes == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_NotImplementedError)) {
            return -1;
        }
        PyErr_Clear();
        Py_CLEAR(self->peek);
        return 0;
    }
    if (!PyBytes_Check(bytes) || (size_t)PyBytes_GET_SIZE(bytes) < size) {
        Py_DECREF(bytes);
        return 0;
    }
    int status = kr_unpickle_set_data(self, bytes);
    Py_DECREF(bytes);
    self->peeked = self->size;
    return status < 0 ? -1 : 1;
}

// Makes at least size bytes from a call of read() the input.
static int
read_more(Unpickler *self, size_t size)
{
    int status = kr_unpickle_skip_peeked(self);

    if (status < 0) {
        return -1;
    }
    kr_unpickle_drop_input(self);
    status = look_ahead(self, size);
    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    PyObject *bytes = PyObject_CallFunction(self->read, "n", (Py_ssize_t)size);
    if (bytes == NULL) {
        return -1;
    }
    status = kr_unpickle_set_data(self, bytes);
    Py_DECREF(bytes);
    if (status == 0 && self->size < size) {
        return truncated(self);
    }
    return status;
}

const char *
kr_unpickle_read(Unpickler *self, size_t size)
{
    size_t left = self->size - self->next;

    if (self->frame_end > 0 && self->next + size > self->frame_end) {
        if (self->next < self->frame_end) {
            PyErr_SetString(self->state->unpickling_error,
                            "pickle exhausted before end of frame");
            return NULL;
        }
        self->frame_end = 0;
    }
    if (size > left) {
        if (size > (size_t)PY_SSIZE_T_MAX) {
            PyErr_SetString(self->state->unpickling_error,
                            "read would overflow (invalid bytecode)");
            return NULL;
        }
        // With peek() the rest of what was shown is read again.
        if (self->read == NULL || (left > 0 && self->peeked == 0)) {
            truncated(self);
            return NULL;
        }
        if (read_more(self, size) < 0) {
            return NULL;
        }
    }
    const char *data = self->data + self->next;
    self->next += size;
    return data;
}

static int
read_into_by_read(Unpickler *self, char *out, size_t size)
{
    const char *data = kr_unpickle_read(self, size);

    if (data == NULL) {
        return -1;
    }
    memcpy(out, data, size);
    return 0;
}

int
kr_unpickle_read_into(Unpickler *self, char *out, size_t size)
{
    if (self->readinto == NULL || size <= self->size - self->next || self->frame_end > 0) {
        return size == 0 ? 0 : read_into_by_read(self, out, size);
    }
    // Straight into the object, behind what is here already.
    size_t have = self->size - self->next;
    if (self->peeked > 0) {
        have = 0;
        if (kr_unpickle_skip_peeked(self) < 0) {
            return -1;
        }
    }
    memcpy(out, self->data == NULL ? "" : self->data + self->next, have);
    kr_unpickle_drop_input(self);
    PyObject *view = PyMemoryView_FromMemory(out + have, (Py_ssize_t)(size - have), PyBUF_WRITE);
    PyObject *count = view == NULL ? NULL : PyObject_CallOneArg(self->readinto, view);
    Py_XDECREF(view);
    Py_ssize_t got = count == NULL ? -1 : PyLong_AsSsize_t(count);
    Py_XDECREF(count);
    if (got < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "readinto() returned negative size");
        }
        return -1;
    }
    return (size_t)got < size - have ? truncated(self) : 0;
}

// A line that the file's readline() has given.
static char *
line_from_file(Unpickler *self, size_t *size_out)
{
    if (kr_unpickle_skip_peeked(self) < 0) {
        return NULL;
    }
    kr_unpickle_drop_input(self);
    PyObject *line = PyObject_CallNoArgs(self->readline);
    int status = line == NULL ? -1 : kr_unpickle_set_data(self, line);
    Py_XDECREF(line);
    if (status < 0) {
        return NULL;
    }
    if (self->size == 0 || self->data[self->size - 1] != '\n') {
        truncated(self);
        return NULL;
    }
    *size_out = self->next = self->size;
    return (char *)self->data;
}

char *
kr_unpickle_readline(Unpickler *self, size_t *size_out)
{
    size_t left = self->size - self->next;
    char *line = (char *)self->data + self->next;
    char *end = left == 0 ? NULL : memchr(line, '\n', left);

    if (end == NULL) {
        if (self->read == NULL || (left > 0 && self->peeked == 0)) {
            truncated(self);
            return NULL;
        }
        return line_from_file(self, size_out);
    }
    *size_out = (size_t)(end - line) + 1;
    self->next += *size_out;
    if (self->frame_end > 0 && self->next > self->frame_end) {
        PyErr_SetString(self->state->unpickling_error, "pickle exhausted before end of frame");
        return NULL;
    }
    return line;
}
