// SPDX-License-Identifier: MIT
// super_args.h - super() without arguments.
#ifndef KRAIT_VM_SUPER_ARGS_H
#define KRAIT_VM_SUPER_ARGS_H

#include <Python.h>

// The class and the first argument of the running function, new references.
int kr_super_arguments(PyTypeObject **type_out, PyObject **obj_out);

#endif // KRAIT_VM_SUPER_ARGS_H
