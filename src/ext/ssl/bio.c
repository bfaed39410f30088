// SPDX-License-Identifier: MIT
// bio.c - ssl.MemoryBIO: bytes on their way between OpenSSL and the program.
#include "ext/ssl/ssl.h"

#include <limits.h>

#include "objects/args.h"

KR_NEW(ssl_bio, "MemoryBIO()", "")
static PyObject *
ssl_bio_new_impl(PyTypeObject *cls)
{
    BIO *bio = BIO_new(BIO_s_mem());

    if (bio == NULL) {
        PyErr_SetString(PyExc_MemoryError, "failed to allocate BIO");
        return NULL;
    }
    // An empty one says "not yet" and not "the end".
    BIO_set_retry_read(bio);
    BIO_set_mem_eof_return(bio, -1);
    SslMemoryBio *self = (SslMemoryBio *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        BIO_free(bio);
        return NULL;
    }
    self->bio = bio;
    return (PyObject *)self;
}

static void
bio_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);

    BIO_free(((SslMemoryBio *)object)->bio);
    type->tp_free(object);
    Py_DECREF(type);
}

KR_METHOD(ssl_bio, "read(self, size=-1, /)",
          "Read up to size bytes from the memory BIO.\n\n"
          "If size is not specified, read the entire buffer. If the return value is an\n"
          "empty bytes instance, this means either EOF or that no data is available. Use\n"
          "the \\\"eof\\\" property to distinguish between the two.")
static PyObject *
bio_read(SslMemoryBio *self, int size)
{
    int available = (int)Py_MIN(BIO_ctrl_pending(self->bio), INT_MAX);
    int wanted = size < 0 || size > available ? available : size;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, wanted);

    if (bytes == NULL || wanted == 0) {
        return bytes;
    }
    int got = BIO_read(self->bio, PyBytes_AS_STRING(bytes), wanted);
    if (got < 0) {
        Py_DECREF(bytes);
        SslState *state = kr_ssl_state(Py_TYPE(self));
        return state == NULL ? NULL : KR_SSL_FAIL(state);
    }
    if (got != wanted) {
        _PyBytes_Resize(&bytes, got);
    }
    return bytes;
}

KR_METHOD(ssl_bio, "write(self, b, /)",
          "Writes the bytes b into the memory BIO.\n\nReturns the number of bytes written.")
static PyObject *
bio_write(SslMemoryBio *self, Py_buffer *b)
{
    SslState *state = kr_ssl_state(Py_TYPE(self));

    if (state == NULL) {
        return NULL;
    }
    if (b->len > INT_MAX) {
        PyErr_Format(PyExc_OverflowError, "string longer than %d bytes", INT_MAX);
        return NULL;
    }
    if (self->eof_written) {
        return kr_ssl_raise(state, KR_SSL_ERROR_BASE, 0,
                            "cannot write() after write_eof()", __LINE__);
    }
    int written = b->len == 0 ? 0 : BIO_write(self->bio, b->buf, (int)b->len);
    return written < 0 ? KR_SSL_FAIL(state) : PyLong_FromLong(written);
}

KR_METHOD(ssl_bio, "write_eof(self, /)",
          "Write an EOF marker to the memory BIO.\n\n"
          "When all data has been read, the \\\"eof\\\" property will be True.")
static PyObject *
bio_write_eof(SslMemoryBio *self)
{
    self->eof_written = true;
    BIO_clear_retry_flags(self->bio);
    BIO_set_mem_eof_return(self->bio, 0);
    Py_RETURN_NONE;
}

KR_GETTER(ssl_bio, "pending", "The number of bytes pending in the memory BIO.")
static PyObject *
bio_pending(SslMemoryBio *self)
{
    return PyLong_FromSize_t(BIO_ctrl_pending(self->bio));
}

KR_GETTER(ssl_bio, "eof", "Whether the memory BIO is at EOF.")
static PyObject *
bio_eof(SslMemoryBio *self)
{
    return PyBool_FromLong(BIO_ctrl_pending(self->bio) == 0 && self->eof_written);
}

KR_TYPE(ssl_bio)
#include "ext/ssl/bio.methods.h"

PyTypeObject *
kr_ssl_bio_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_new, ssl_bio_new},
        {Py_tp_dealloc, bio_dealloc},
        {Py_tp_methods, ssl_bio_methods},
        {Py_tp_getset, ssl_bio_getset},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_ssl.MemoryBIO",
        .basicsize = sizeof(SslMemoryBio),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
