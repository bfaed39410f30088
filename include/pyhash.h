// SPDX-License-Identifier: MIT
// pyhash.h - how values of builtin types hash.
#ifndef KRAIT_PYHASH_H
#define KRAIT_PYHASH_H
#ifdef __cplusplus
extern "C" {
#endif

// Numbers hash modulo the prime 2**61 - 1.
#define PyHASH_BITS 61
#define PyHASH_MODULUS (((size_t)1 << PyHASH_BITS) - 1)
#define PyHASH_INF 314159
#define PyHASH_IMAG PyHASH_MULTIPLIER
#define PyHASH_MULTIPLIER 1000003UL
#define _PyHASH_BITS PyHASH_BITS
#define _PyHASH_MODULUS PyHASH_MODULUS
#define _PyHASH_INF PyHASH_INF
#define _PyHASH_IMAG PyHASH_IMAG
#define _PyHASH_MULTIPLIER PyHASH_MULTIPLIER

#define Py_HASH_CUTOFF 0
#define Py_HASH_EXTERNAL 0
#define Py_HASH_SIPHASH24 1
#define Py_HASH_FNV 2
#define Py_HASH_SIPHASH13 3
#define Py_HASH_ALGORITHM Py_HASH_SIPHASH13

typedef struct {
    Py_hash_t (*const hash)(const void *, Py_ssize_t);
    const char *name;
    const int hash_bits;
    const int seed_bits;
} PyHash_FuncDef;

PyAPI_FUNC(PyHash_FuncDef *) PyHash_GetFuncDef(void);
PyAPI_FUNC(Py_hash_t) Py_HashPointer(const void *ptr);
PyAPI_FUNC(Py_hash_t) Py_HashBuffer(const void *ptr, Py_ssize_t len);
PyAPI_FUNC(Py_hash_t) PyObject_GenericHash(PyObject *obj);
PyAPI_FUNC(Py_hash_t) _Py_HashDouble(PyObject *inst, double v);
#define _Py_HashPointer Py_HashPointer
#define _Py_HashBytes Py_HashBuffer

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYHASH_H
