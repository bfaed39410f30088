// SPDX-License-Identifier: MIT
// constants.h - the pool that makes equal constants of a compilation one object.
//
// Equal means: same type and value, recursively; 0.0 differs from -0.0, 1 from True.
#ifndef KRAIT_COMPILE_CONSTANTS_H
#define KRAIT_COMPILE_CONSTANTS_H

#include "compile/compiler.h"

typedef struct KrConstPool KrConstPool;

KrConstPool *kr_const_pool_new(KrCompiler *c);

// Two constants may share a place. 1/0.
bool kr_const_equal(PyObject *a, PyObject *b);
// -1 with an exception set on error.
Py_hash_t kr_const_hash(PyObject *object);

#endif // KRAIT_COMPILE_CONSTANTS_H
