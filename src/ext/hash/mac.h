// SPDX-License-Identifier: MIT
// mac.h - an HMAC object over EVP_MAC, for _hashlib and _hmac.
#ifndef KRAIT_EXT_HASH_MAC_H
#define KRAIT_EXT_HASH_MAC_H

#include "ext/hash/digest.h"

typedef struct {
    PyObject_HEAD
    EVP_MAC_CTX *ctx;  // owned
    const char *name;  // of the digest, static
    PyMutex lock;
} KrMac;

// The type's slots are shared; each module makes its own type. New reference or NULL.
PyTypeObject *kr_mac_type(PyObject *module, const char *name, const char *doc);

// A new object with a key; digest is the name that OpenSSL knows. mac is the fetched
// algorithm "HMAC".
KrMac *kr_mac_new(PyTypeObject *type, EVP_MAC *mac, const char *digest, const char *name,
                  const Py_buffer *key);

// Hashes msg, unless it is NULL or None. Returns self, or frees it and returns NULL.
PyObject *kr_mac_begin(KrMac *self, PyObject *msg);

// HMAC of msg in one go.
PyObject *kr_mac_compute(EVP_MAC *mac, const char *digest, const Py_buffer *key,
                         const Py_buffer *msg);

#endif // KRAIT_EXT_HASH_MAC_H
