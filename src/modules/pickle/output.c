// SPDX-License-Identifier: MIT
// output.c - what a pickler writes: a buffer, cut into frames from protocol 4 on.
//
// A frame's head (opcode and 8 bytes of length) is left open when the frame begins and
// filled in, or taken out of very short frames, when it ends.
#include "modules/pickle/pickle.h"

enum { FRAME_HEAD = 9, FRAME_MIN = 4 };

static int
reserve(Pickler *self, size_t more)
{
    if (more <= self->capacity - self->size) {
        return 0;
    }
    if (more > (size_t)PY_SSIZE_T_MAX / 2 - self->size) {
        PyErr_NoMemory();
        return -1;
    }
    size_t capacity = (self->size + more) / 2 * 3 + 256;
    char *larger = PyMem_Realloc(self->out, capacity);
    if (larger == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->out = larger;
    self->capacity = capacity;
    return 0;
}

static void
write_little(char *out, uint64_t value, int width)
{
    for (int i = 0; i < width; i++) {
        out[i] = (char)(value >> (8 * i));
    }
}

static int
open_frame(Pickler *self)
{
    if (!self->framing || self->frame_start >= 0) {
        return 0;
    }
    if (reserve(self, FRAME_HEAD) < 0) {
        return -1;
    }
    self->frame_start = (ptrdiff_t)self->size;
    self->size += FRAME_HEAD;
    return 0;
}

static void
close_frame(Pickler *self)
{
    if (self->frame_start < 0) {
        return;
    }
    char *head = self->out + self->frame_start;
    size_t length = self->size - (size_t)self->frame_start - FRAME_HEAD;
    if (length >= FRAME_MIN) {
        head[0] = (char)OP_FRAME;
        write_little(head + 1, length, 8);
    }
    else {
        memmove(head, head + FRAME_HEAD, length);
        self->size -= FRAME_HEAD;
    }
    self->frame_start = -1;
}

int
kr_pickle_write(Pickler *self, const void *data, size_t size)
{
    if (open_frame(self) < 0 || reserve(self, size) < 0) {
        return -1;
    }
    memcpy(self->out + self->size, data, size);
    self->size += size;
    return 0;
}

int
kr_pickle_put(Pickler *self, PickleOpcode opcode)
{
    if (open_frame(self) < 0 || reserve(self, 1) < 0) {
        return -1;
    }
    self->out[self->size++] = (char)opcode;
    return 0;
}

int
kr_pickle_put_number(Pickler *self, PickleOpcode opcode, uint64_t value, int width)
{
    if (open_frame(self) < 0 || reserve(self, 9) < 0) {
        return -1;
    }
    self->out[self->size] = (char)opcode;
    write_little(self->out + self->size + 1, value, width);
    self->size += 1 + (size_t)width;
    return 0;
}

static int
call_write(Pickler *self, PyObject *bytes)
{
    PyObject *none = bytes == NULL ? NULL : PyObject_CallOneArg(self->write, bytes);

    Py_XDECREF(bytes);
    Py_XDECREF(none);
    return none == NULL ? -1 : 0;
}

int
kr_pickle_flush(Pickler *self)
{
    close_frame(self);
    if (self->write == NULL || self->size == 0) {
        return 0;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(self->out, (Py_ssize_t)self->size);
    self->size = 0;
    return call_write(self, bytes);
}

int
kr_pickle_boundary(Pickler *self)
{
    if (self->frame_start < 0 ||
        self->size - (size_t)self->frame_start - FRAME_HEAD < PICKLE_FRAME_TARGET) {
        return 0;
    }
    // What is committed goes to the file, so that the buffer stays small.
    return kr_pickle_flush(self);
}

int
kr_pickle_put_data(Pickler *self, const char *head, size_t head_size, const char *data,
                   size_t size)
{
    if (size < PICKLE_FRAME_TARGET || !self->framing) {
        return kr_pickle_write(self, head, head_size) < 0 ||
                       kr_pickle_write(self, data, size) < 0
                   ? -1
                   : 0;
    }
    // Long data stand between frames.
    close_frame(self);
    self->framing = false;
    int status = kr_pickle_write(self, head, head_size);
    if (status == 0 && self->write != NULL) {
        status = kr_pickle_flush(self) < 0
                     ? -1
                     : call_write(self, PyBytes_FromStringAndSize(data, (Py_ssize_t)size));
    }
    else if (status == 0) {
        status = kr_pickle_write(self, data, size);
    }
    self->framing = true;
    return status;
}

void
kr_pickle_start_frames(Pickler *self)
{
    self->framing = true;
    self->frame_start = -1;
}

int
kr_pickle_end_frames(Pickler *self)
{
    self->framing = false;
    return kr_pickle_flush(self);
}
