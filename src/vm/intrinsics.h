// SPDX-License-Identifier: MIT
// intrinsics.h - rare operations that the compiler asks for by number.
#ifndef KRAIT_VM_INTRINSICS_H
#define KRAIT_VM_INTRINSICS_H

#include "vm/machine.h"

// All return new references, or NULL with an exception set.

// An expression statement at the prompt: calls sys.displayhook.
PyObject *kr_intrinsic_print(PyObject *value);
// from module import *
PyObject *kr_intrinsic_import_star(KrFrame *fp, PyObject *module);
// StopIteration (or StopAsyncIteration) leaving a generator becomes RuntimeError.
PyObject *kr_intrinsic_stopiteration_error(KrFrame *fp, PyObject *exc);
// Type parameters and aliases, made by _typing.
PyObject *kr_intrinsic_typing_1(int number, PyObject *value);
PyObject *kr_intrinsic_typing_2(int number, PyObject *left, PyObject *right);

// __import__ as the frame's builtins have it. locals may be NULL.
PyObject *kr_import_name(KrFrame *fp, PyObject *name, PyObject *fromlist, PyObject *level,
                         PyObject *locals);
// module.name, a submodule in sys.modules, or ImportError.
PyObject *kr_import_from(PyObject *module, PyObject *name);

#endif // KRAIT_VM_INTRINSICS_H
