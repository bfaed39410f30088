// SPDX-License-Identifier: MIT
// trace.h - sys.settrace, sys.setprofile and frame jumps.
#ifndef KRAIT_VM_TRACE_H
#define KRAIT_VM_TRACE_H

#include <Python.h>
#include <stdbool.h>

// sys.settrace / sys.setprofile with a Python callable, or None; in this thread or in
// all. 0 or -1.
int kr_set_trace(PyObject *callable, bool all_threads);
int kr_set_profile(PyObject *callable, bool all_threads);
// The current ones, borrowed, NULL if none.
PyObject *kr_get_trace_borrow(void);
PyObject *kr_get_profile_borrow(void);
// frame.f_lineno = value, in a trace function (jump.c).
int kr_frame_set_lineno(PyFrameObject *frame, PyObject *value);
// f_trace or f_trace_opcodes of a frame was set. 0 or -1.
int kr_trace_frame_changed(PyFrameObject *frame);
// Tool 6 or 7 gets an event; args as in kr_event_fire(). *again_out false: the place
// need not be asked again.
int kr_legacy_event(PyThreadState *tstate, int tool, int event, PyObject **args,
                    Py_ssize_t nargs, bool *again_out);
// A thread ends: its trace functions no longer count.
void kr_trace_thread_ends(PyThreadState *tstate);
// The name of an event in sys.monitoring.events.
const char *kr_event_name(int event);

#endif // KRAIT_VM_TRACE_H
