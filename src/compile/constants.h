// SPDX-License-Identifier: MIT
// constants.h - the pool that makes equal constants of a compilation one object.
//
// Equal means what kr_code_same_const() says.
#ifndef KRAIT_COMPILE_CONSTANTS_H
#define KRAIT_COMPILE_CONSTANTS_H

#include "compile/compiler.h"

typedef struct KrConstPool KrConstPool;

KrConstPool *kr_const_pool_new(KrCompiler *c);

#endif // KRAIT_COMPILE_CONSTANTS_H
