// SPDX-License-Identifier: MIT
// builtin.h - the modules _md5, _sha1 and _sha2: a type and a constructor for each
// algorithm, over OpenSSL's.
#ifndef KRAIT_EXT_HASH_BUILTIN_H
#define KRAIT_EXT_HASH_BUILTIN_H

#include "ext/hash/digest.h"

typedef struct {
    const char *type_name; // "_md5.md5"
    const char *attribute; // under which the module shows the type
    const char *name;      // "md5"
    const char *openssl;   // "MD5"
} KrBuiltinHash;

// What the module's state has for each of its algorithms.
typedef struct {
    EVP_MD *md;         // owned
    PyTypeObject *type; // owned
} KrBuiltinSlot;

// The functions of a module whose state is an array of slots, one for each algorithm.
int kr_builtin_exec(PyObject *module, const KrBuiltinHash *hashes);
int kr_builtin_traverse(PyObject *module, visitproc visit, void *arg);
int kr_builtin_clear(PyObject *module);
void kr_builtin_free(void *module);

// A new hash object.
PyObject *kr_builtin_make(const KrBuiltinHash *hash, const KrBuiltinSlot *slot,
                          PyObject *data, PyObject *string);

#endif // KRAIT_EXT_HASH_BUILTIN_H
