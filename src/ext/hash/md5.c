// SPDX-License-Identifier: MIT
// md5.c - the module _md5: MD5 (RFC 1321), over OpenSSL's.
#include "ext/hash/builtin.h"
#include "objects/args.h"

static const KrBuiltinHash hashes[] = {
    {"_md5.md5", "MD5Type", "md5", "MD5"},
};

enum { COUNT = KR_ARRAY_LEN(hashes) };

KR_FUNCTION(md5, "md5(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Return a new MD5 hash object; optionally initialized with a string.")
static PyObject *
md5_md5(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);
    return kr_builtin_make(&hashes[0], &slots[0], data, string);
}

KR_MODULE(md5)
#include "ext/hash/md5.methods.h"

static int
md5_exec(PyObject *module)
{
    return kr_builtin_exec(module, hashes);
}

static PyModuleDef_Slot md5_slots[] = {
    {Py_mod_exec, md5_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef md5_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_md5",
    .m_size = COUNT * sizeof(KrBuiltinSlot),
    .m_methods = md5_methods,
    .m_slots = md5_slots,
    .m_traverse = kr_builtin_traverse,
    .m_clear = kr_builtin_clear,
    .m_free = kr_builtin_free,
};

PyMODINIT_FUNC
PyInit__md5(void)
{
    return PyModuleDef_Init(&md5_def);
}
