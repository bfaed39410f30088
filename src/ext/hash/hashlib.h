// SPDX-License-Identifier: MIT
// hashlib.h - what the files of _hashlib share.
#ifndef KRAIT_EXT_HASH_HASHLIB_H
#define KRAIT_EXT_HASH_HASHLIB_H

#include "ext/hash/mac.h"

enum { KR_HASHLIB_NAMED = 16 };

typedef struct {
    PyTypeObject *hash_type; // owned, all of them
    PyTypeObject *xof_type;
    PyTypeObject *mac_type;
    PyObject *unsupported;
    PyObject *constructors; // {function: name}
    EVP_MAC *mac;
    // By place in the table of names; for security, and not.
    EVP_MD *fetched[KR_HASHLIB_NAMED][2];
} HashlibState;

// The algorithm called so in hashlib or in OpenSSL; new reference, or NULL with
// UnsupportedDigestmodError.
EVP_MD *kr_hashlib_find(HashlibState *state, const char *name, bool for_security);

// The algorithm of a name or of a constructor of this module, likewise.
EVP_MD *kr_hashlib_from_object(HashlibState *state, PyObject *digestmod);

// The name that hashlib gives to an algorithm; static or OpenSSL's own.
const char *kr_hashlib_name(const EVP_MD *md);

#endif // KRAIT_EXT_HASH_HASHLIB_H
