// SPDX-License-Identifier: MIT
// sha2.c - the module _sha2: SHA-224 to SHA-512 (FIPS 180-4), over OpenSSL's.
#include "ext/hash/builtin.h"
#include "objects/args.h"

static const KrBuiltinHash hashes[] = {
    {"_sha2.SHA224Type", "SHA224Type", "sha224", "SHA224"},
    {"_sha2.SHA256Type", "SHA256Type", "sha256", "SHA256"},
    {"_sha2.SHA384Type", "SHA384Type", "sha384", "SHA384"},
    {"_sha2.SHA512Type", "SHA512Type", "sha512", "SHA512"},
};

enum { COUNT = KR_ARRAY_LEN(hashes) };

KR_FUNCTION(sha2, "sha224(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Return a new SHA224 hash object; optionally initialized with a string.")
static PyObject *
sha2_sha224(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);
    return kr_builtin_make(&hashes[0], &slots[0], data, string);
}

KR_FUNCTION(sha2, "sha256(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Return a new SHA256 hash object; optionally initialized with a string.")
static PyObject *
sha2_sha256(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);
    return kr_builtin_make(&hashes[1], &slots[1], data, string);
}

KR_FUNCTION(sha2, "sha384(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Return a new SHA384 hash object; optionally initialized with a string.")
static PyObject *
sha2_sha384(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);
    return kr_builtin_make(&hashes[2], &slots[2], data, string);
}

KR_FUNCTION(sha2, "sha512(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Return a new SHA512 hash object; optionally initialized with a string.")
static PyObject *
sha2_sha512(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);
    return kr_builtin_make(&hashes[3], &slots[3], data, string);
}

KR_MODULE(sha2)
#include "ext/hash/sha2.methods.h"

static int
sha2_exec(PyObject *module)
{
    return kr_builtin_exec(module, hashes);
}

static PyModuleDef_Slot sha2_slots[] = {
    {Py_mod_exec, sha2_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef sha2_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sha2",
    .m_size = COUNT * sizeof(KrBuiltinSlot),
    .m_methods = sha2_methods,
    .m_slots = sha2_slots,
    .m_traverse = kr_builtin_traverse,
    .m_clear = kr_builtin_clear,
    .m_free = kr_builtin_free,
};

PyMODINIT_FUNC
PyInit__sha2(void)
{
    return PyModuleDef_Init(&sha2_def);
}
