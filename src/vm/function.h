// SPDX-License-Identifier: MIT
// function.h - functions beyond the public API.
#ifndef KRAIT_VM_FUNCTION_H
#define KRAIT_VM_FUNCTION_H

#include <Python.h>

// Connects the machine with the object layer. 0 or -1.
int kr_init_functions(PyInterpreterState *interp);

#endif // KRAIT_VM_FUNCTION_H
