// SPDX-License-Identifier: MIT
// builtins.h - the builtins module.
#ifndef KRAIT_RUNTIME_BUILTINS_H
#define KRAIT_RUNTIME_BUILTINS_H

#include "objects/state.h"

// Makes the builtins module and interp->builtins. 0 or -1.
int kr_init_builtins(PyInterpreterState *interp);

// The UTF-8 text of a str, bytes or buffer that is to be compiled, without NUL; sets
// PyCF_IGNORE_COOKIE or PyCF_SOURCE_IS_UTF8 as fits. *hold_out is a new reference
// that keeps the text alive, or NULL. function and what go into the error message.
const char *kr_source_text(PyObject *source, const char *function, const char *what,
                           PyCompilerFlags *flags, PyObject **hold_out);

#endif // KRAIT_RUNTIME_BUILTINS_H
