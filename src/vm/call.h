// SPDX-License-Identifier: MIT
// call.h - entering the machine from C, and its limits.
#ifndef KRAIT_VM_CALL_H
#define KRAIT_VM_CALL_H

#include <Python.h>

#include "objects/kv.h"

// Runs the code of a function without arguments, with namespace as the locals of
// module and class code (ignored for function code). New reference or NULL.
PyObject *kr_eval_code(PyObject *func, PyObject *namespace);

// Called when the depth counter is used up: RecursionError, unless the headroom
// for handling it is in use. 0 goes on.
int kr_recursion_check(PyThreadState *tstate, const char *where);
int kr_c_stack_check(PyThreadState *tstate, const char *where);

KR_COLD void kr_raise_init_result(KV value);

// The code object that C code like super() and sys._getframe() looks at.
struct KrFrame;
PyFrameObject *kr_current_frame_object(PyThreadState *tstate, int depth); // borrowed

#endif // KRAIT_VM_CALL_H
