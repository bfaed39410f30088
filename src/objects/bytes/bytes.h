// SPDX-License-Identifier: MIT
// bytes.h - what bytes and bytearray share, and what other files may use of them.
//
// Methods that both types have are written once, on `self` of either type: they
// read it through kr_bytes_span and make results by kr_bytes_like.
#ifndef KRAIT_OBJECTS_BYTES_BYTES_H
#define KRAIT_OBJECTS_BYTES_BYTES_H

#include "Python.h"

#include "base/base.h"

typedef struct {
    const char *data;
    Py_ssize_t size;
} KrBytes;

// op is a bytes or a bytearray. The result holds until a bytearray is changed.
static inline KrBytes
kr_bytes_span(PyObject *op)
{
    if (PyBytes_Check(op)) {
        return (KrBytes){PyBytes_AS_STRING(op), PyBytes_GET_SIZE(op)};
    }
    return (KrBytes){PyByteArray_AS_STRING(op), PyByteArray_GET_SIZE(op)};
}

static inline KrBytes
kr_bytes_of_buffer(const Py_buffer *view)
{
    return (KrBytes){view->buf, view->len};
}

// Keeps a bytearray from being changed while other code runs; for bytes nothing.
static inline void
kr_bytes_hold(PyObject *op)
{
    if (PyByteArray_Check(op)) {
        ((PyByteArrayObject *)op)->ob_exports++;
    }
}

static inline void
kr_bytes_let_go(PyObject *op)
{
    if (PyByteArray_Check(op)) {
        ((PyByteArrayObject *)op)->ob_exports--;
    }
}

// A new bytes, or bytearray if model is one. data may be NULL: content to be filled.
PyObject *kr_bytes_like(PyObject *model, const char *data, Py_ssize_t size);
// The content of such a new object.
char *kr_bytes_content(PyObject *op);
// self itself if it is exactly bytes, a copy if not.
PyObject *kr_bytes_same(PyObject *self);

// Empty and one-byte objects are static.
extern PyBytesObject kr_bytes_empty;
PyObject *kr_bytes_from_byte(unsigned char c);

// Search; -1 if absent. Empty needles are found at the start (the end).
Py_ssize_t kr_bytes_find(const char *text, Py_ssize_t size, const char *needle,
                         Py_ssize_t length);
Py_ssize_t kr_bytes_rfind(const char *text, Py_ssize_t size, const char *needle,
                          Py_ssize_t length);
// Occurrences that do not overlap, at most `most`.
Py_ssize_t kr_bytes_count(const char *text, Py_ssize_t size, const char *needle,
                          Py_ssize_t length, Py_ssize_t most);

// value in self: an integer or bytes-like.
int kr_bytes_contains(PyObject *self, PyObject *value);
// A number in 0 .. 255, or -1 with ValueError "byte must be in range(0, 256)".
int kr_byte_from_object(PyObject *value);

// text.hex(sep, bytes_per_sep); sep NULL: none.
PyObject *kr_bytes_hex(const char *data, Py_ssize_t size, PyObject *sep,
                       int bytes_per_sep);
// fromhex() of a str or bytes-like: a new bytes or bytearray.
PyObject *kr_bytes_from_hex(PyObject *text, bool use_bytearray);

// separator.join(iterable); the result is like `model`.
PyObject *kr_bytes_join(PyObject *model, KrBytes separator, PyObject *iterable);

// bytes and bytearray compare by content with anything that has a buffer.
PyObject *kr_bytes_compare(KrBytes a, KrBytes b, int op);

// Under -b: warns of comparing bytes with str or int. 0, or -1 when it raises.
int kr_bytes_warn_compare(PyObject *a, PyObject *b);
int kr_bytes_warn_str(const char *type_name);

// One growing array of bytes; starts on the caller's stack.
typedef struct {
    char *data;
    Py_ssize_t size;
    Py_ssize_t room;
    char local[256];
} KrByteWriter;

static inline void
kr_bytewriter_init(KrByteWriter *w)
{
    w->data = w->local;
    w->size = 0;
    w->room = sizeof w->local;
}

// Room for `more` bytes at the end: where to write them, or NULL with MemoryError.
// The caller adds to w->size.
char *kr_bytewriter_reserve(KrByteWriter *w, Py_ssize_t more);
void kr_bytewriter_free(KrByteWriter *w);

static inline int
kr_bytewriter_put(KrByteWriter *w, char c)
{
    if (KR_UNLIKELY(w->size == w->room) && kr_bytewriter_reserve(w, 1) == NULL) {
        return -1;
    }
    w->data[w->size++] = c;
    return 0;
}

int kr_bytewriter_write(KrByteWriter *w, const char *data, Py_ssize_t size);

// Fills w with the bytes of an iterable of integers; `message` is the ValueError for
// those out of range. 0 or -1.
int kr_bytewriter_from_iterable(KrByteWriter *w, PyObject *iterable, const char *message);

// What bytes() and bytearray() do with their first argument when it is a number:
// 1 and *size_out, 0 when it is none, -1 on error.
int kr_bytes_size_argument(PyObject *source, Py_ssize_t *size_out);

// Decoding of the text of a bytes literal. *first_invalid_out is the text behind
// the backslash of the first unknown escape, or NULL.
PyObject *kr_bytes_decode_escape(const char *text, Py_ssize_t length, const char *errors,
                                 const char **first_invalid_out);

#endif // KRAIT_OBJECTS_BYTES_BYTES_H
