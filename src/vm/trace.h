// SPDX-License-Identifier: MIT
// trace.h - sys.settrace, sys.setprofile and frame jumps.
#ifndef KRAIT_VM_TRACE_H
#define KRAIT_VM_TRACE_H

#include <Python.h>

// sys.settrace / sys.setprofile with a Python callable, or None. 0 or -1.
int kr_set_trace(PyObject *callable);
int kr_set_profile(PyObject *callable);
// The current ones, borrowed, NULL if none.
PyObject *kr_get_trace_borrow(void);
PyObject *kr_get_profile_borrow(void);
// frame.f_lineno = value, in a trace function.
int kr_frame_set_lineno(PyFrameObject *frame, PyObject *value);
// f_trace or f_trace_opcodes of a running frame was set.
void kr_trace_frame_changed(PyFrameObject *frame);

#endif // KRAIT_VM_TRACE_H
