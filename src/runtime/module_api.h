// SPDX-License-Identifier: MIT
// module_api.h - the few things of the runtime that leaf modules may use, beyond the
// public C API.
#ifndef KRAIT_RUNTIME_MODULE_API_H
#define KRAIT_RUNTIME_MODULE_API_H

#include "Python.h"

// Registers a callable around fork(): which is 0 before, 1 after in the child, 2
// after in the parent. 0 or -1.
int kr_fork_hook_add(int which, PyObject *callable);

#endif // KRAIT_RUNTIME_MODULE_API_H
