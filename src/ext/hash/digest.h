// SPDX-License-Identifier: MIT
// digest.h - what the hash modules share: input, output, an object over EVP_MD_CTX.
//
// Re-entrancy: large input is hashed without the interpreter's lock; the lock of each
//              object keeps two threads out of one context.
#ifndef KRAIT_EXT_HASH_DIGEST_H
#define KRAIT_EXT_HASH_DIGEST_H

#include <Python.h>
#include <openssl/evp.h>

#include "base/base.h"

enum { KR_HASH_RELEASE_FROM = 2048 }; // _GIL_MINSIZE

// A view of what is to be hashed. 0, or -1 with TypeError or BufferError.
int kr_hash_view(PyObject *object, Py_buffer *view);

// The constructors' arguments data and string, NULL where absent. 1 with a view to be
// released, 0 when there is neither, -1 on error.
int kr_hash_input(PyObject *data, PyObject *string, Py_buffer *view);

// A digest as bytes, or as str of hexadecimal digits.
PyObject *kr_hash_output(const unsigned char *digest, Py_ssize_t size, bool hex);

// What OpenSSL complained about last, as an exception of this type; empties its queue.
// Returns NULL.
PyObject *kr_openssl_error(PyObject *type);

// An object over a context. Types may extend it.
typedef struct {
    PyObject_HEAD
    EVP_MD_CTX *ctx;  // owned
    const char *name; // of the algorithm, static
    PyMutex lock;
} KrDigest;

// A new object of a type without its own tp_alloc, started with md.
KrDigest *kr_digest_new(PyTypeObject *type, const EVP_MD *md, const char *name);
void kr_digest_dealloc(PyObject *self);
KrDigest *kr_digest_copy(KrDigest *self);
// 0 or -1.
int kr_digest_update(KrDigest *self, const Py_buffer *view);
PyObject *kr_digest_update_object(KrDigest *self, PyObject *object);
// length is -1 for the algorithm's own size.
PyObject *kr_digest_result(KrDigest *self, Py_ssize_t length, bool hex);

// Hashes the constructor's input into a new object, which it returns; NULL and frees it
// on error.
PyObject *kr_digest_begin(KrDigest *self, PyObject *data, PyObject *string);

#endif // KRAIT_EXT_HASH_DIGEST_H
