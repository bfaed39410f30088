// SPDX-License-Identifier: MIT
// assemble.h - from a finished unit to its code object.
#ifndef KRAIT_COMPILE_ASSEMBLE_H
#define KRAIT_COMPILE_ASSEMBLE_H

#include "compile/unit.h"

// Optimises the unit's instructions and makes the code object. Borrowed.
PyCodeObject *kr_assemble_unit(KrCompiler *c, KrUnit *unit);

#endif // KRAIT_COMPILE_ASSEMBLE_H
