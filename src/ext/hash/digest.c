// SPDX-License-Identifier: MIT
// digest.c - what the hash modules share.
#include "ext/hash/digest.h"

#include <openssl/err.h>
#include <string.h>

int
kr_hash_view(PyObject *object, Py_buffer *view)
{
    if (PyUnicode_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "Strings must be encoded before hashing");
        return -1;
    }
    if (!PyObject_CheckBuffer(object)) {
        PyErr_SetString(PyExc_TypeError, "object supporting the buffer API required");
        return -1;
    }
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view->ndim > 1) {
        PyBuffer_Release(view);
        PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
        return -1;
    }
    return 0;
}

int
kr_hash_input(PyObject *data, PyObject *string, Py_buffer *view)
{
    if (data != NULL && string != NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "'data' and 'string' are mutually exclusive and support for "
                        "'string' keyword parameter is slated for removal in a future "
                        "version.");
        return -1;
    }
    if (data == NULL && string == NULL) {
        return 0;
    }
    return kr_hash_view(data == NULL ? string : data, view) < 0 ? -1 : 1;
}

PyObject *
kr_hash_output(const unsigned char *digest, Py_ssize_t size, bool hex)
{
    static const char digits[] = "0123456789abcdef";

    if (!hex) {
        return PyBytes_FromStringAndSize((const char *)digest, size);
    }
    if (size > PY_SSIZE_T_MAX / 2) {
        return PyErr_NoMemory();
    }
    PyObject *text = PyUnicode_New(size * 2, 127);
    if (text != NULL) {
        Py_UCS1 *at = PyUnicode_1BYTE_DATA(text);
        for (Py_ssize_t i = 0; i < size; i++) {
            *at++ = (Py_UCS1)digits[digest[i] >> 4];
            *at++ = (Py_UCS1)digits[digest[i] & 15];
        }
    }
    return text;
}

PyObject *
kr_openssl_error(PyObject *type)
{
    unsigned long code = ERR_peek_last_error();
    const char *library = code == 0 ? NULL : ERR_lib_error_string(code);
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
        PyErr_NoMemory();
    }
    else if (reason == NULL) {
        PyErr_SetString(type, "no reason supplied");
    }
    else if (library == NULL) {
        PyErr_SetString(type, reason);
    }
    else {
        PyErr_Format(type, "[%s] %s", library, reason);
    }
    ERR_clear_error();
    return NULL;
}

// ---- the object -------------------------------------------------------------

static KrDigest *
alloc_digest(PyTypeObject *type, const char *name)
{
    KrDigest *self = PyObject_New(KrDigest, type);

    if (self == NULL) {
        return NULL;
    }
    self->lock = (PyMutex){0};
    self->name = name;
    self->ctx = EVP_MD_CTX_new();
    if (self->ctx == NULL) {
        Py_DECREF(self);
        PyErr_NoMemory();
        return NULL;
    }
    return self;
}

KrDigest *
kr_digest_new(PyTypeObject *type, const EVP_MD *md, const char *name)
{
    KrDigest *self = alloc_digest(type, name);

    if (self != NULL && !EVP_DigestInit_ex2(self->ctx, md, NULL)) {
        Py_DECREF(self);
        kr_openssl_error(PyExc_ValueError);
        return NULL;
    }
    return self;
}

void
kr_digest_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);

    EVP_MD_CTX_free(((KrDigest *)object)->ctx);
    PyObject_Free(object);
    Py_DECREF(type);
}

KrDigest *
kr_digest_copy(KrDigest *self)
{
    KrDigest *other = alloc_digest(Py_TYPE(self), self->name);

    if (other == NULL) {
        return NULL;
    }
    PyMutex_Lock(&self->lock);
    int done = EVP_MD_CTX_copy_ex(other->ctx, self->ctx);
    PyMutex_Unlock(&self->lock);
    if (!done) {
        Py_DECREF(other);
        kr_openssl_error(PyExc_ValueError);
        return NULL;
    }
    return other;
}

int
kr_digest_update(KrDigest *self, const Py_buffer *view)
{
    int done;

    PyMutex_Lock(&self->lock);
    if (view->len >= KR_HASH_RELEASE_FROM) {
        Py_BEGIN_ALLOW_THREADS
        done = EVP_DigestUpdate(self->ctx, view->buf, (size_t)view->len);
        Py_END_ALLOW_THREADS
    }
    else {
        done = EVP_DigestUpdate(self->ctx, view->buf, (size_t)view->len);
    }
    PyMutex_Unlock(&self->lock);
    if (!done) {
        kr_openssl_error(PyExc_ValueError);
        return -1;
    }
    return 0;
}

PyObject *
kr_digest_update_object(KrDigest *self, PyObject *object)
{
    Py_buffer view;

    if (kr_hash_view(object, &view) < 0) {
        return NULL;
    }
    int status = kr_digest_update(self, &view);
    PyBuffer_Release(&view);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

// Finishes a copy of the context into out. Whether it went well.
static bool
finish_copy(KrDigest *self, unsigned char *out, Py_ssize_t length)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();

    if (copy == NULL) {
        return false;
    }
    PyMutex_Lock(&self->lock);
    int done = EVP_MD_CTX_copy_ex(copy, self->ctx);
    PyMutex_Unlock(&self->lock);
    if (done) {
        done = length < 0 ? EVP_DigestFinal_ex(copy, out, NULL)
                          : EVP_DigestFinalXOF(copy, out, (size_t)length);
    }
    EVP_MD_CTX_free(copy);
    return done;
}

PyObject *
kr_digest_result(KrDigest *self, Py_ssize_t length, bool hex)
{
    unsigned char small[EVP_MAX_MD_SIZE];
    unsigned char *out = small;
    PyObject *result = NULL;

    if (length == 0) {
        // OpenSSL does not finish into nothing.
        return kr_hash_output((const unsigned char *)"", 0, hex);
    }
    if (length > (Py_ssize_t)sizeof small) {
        out = PyMem_Malloc((size_t)length);
        if (out == NULL) {
            return PyErr_NoMemory();
        }
    }
    if (finish_copy(self, out, length)) {
        result = kr_hash_output(
            out, length < 0 ? EVP_MD_CTX_get_size(self->ctx) : length, hex);
    }
    else {
        kr_openssl_error(PyExc_ValueError);
    }
    if (out != small) {
        PyMem_Free(out);
    }
    return result;
}

PyObject *
kr_digest_begin(KrDigest *self, PyObject *data, PyObject *string)
{
    Py_buffer view;

    if (self == NULL) {
        return NULL;
    }
    int given = kr_hash_input(data, string, &view);
    if (given > 0) {
        int status = kr_digest_update(self, &view);
        PyBuffer_Release(&view);
        given = status;
    }
    if (given < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}
