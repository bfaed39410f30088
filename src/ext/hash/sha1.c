// SPDX-License-Identifier: MIT
// sha1.c - the module _sha1: SHA-1 (FIPS 180-4), over OpenSSL's.
#include "ext/hash/builtin.h"
#include "objects/args.h"

static const KrBuiltinHash hashes[] = {
    {"_sha1.sha1", "SHA1Type", "sha1", "SHA1"},
};

enum { COUNT = KR_ARRAY_LEN(hashes) };

KR_FUNCTION(sha1, "sha1(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Return a new SHA1 hash object; optionally initialized with a string.")
static PyObject *
sha1_sha1(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);
    return kr_builtin_make(&hashes[0], &slots[0], data, string);
}

KR_MODULE(sha1)
#include "ext/hash/sha1.methods.h"

static int
sha1_exec(PyObject *module)
{
    return kr_builtin_exec(module, hashes);
}

static PyModuleDef_Slot sha1_slots[] = {
    {Py_mod_exec, sha1_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef sha1_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sha1",
    .m_size = COUNT * sizeof(KrBuiltinSlot),
    .m_methods = sha1_methods,
    .m_slots = sha1_slots,
    .m_traverse = kr_builtin_traverse,
    .m_clear = kr_builtin_clear,
    .m_free = kr_builtin_free,
};

PyMODINIT_FUNC
PyInit__sha1(void)
{
    return PyModuleDef_Init(&sha1_def);
}
