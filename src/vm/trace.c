// SPDX-License-Identifier: MIT
// trace.c - sys.settrace and sys.setprofile. Not there yet: setting one raises.
#include "vm/trace.h"

#include "objects/state.h"
#include "vm/machine.h"

static int
refuse(PyObject *callable, const char *what)
{
    if (callable == NULL || callable == Py_None) {
        return 0;
    }
    PyErr_Format(PyExc_NotImplementedError, "%s is not implemented yet", what);
    return -1;
}

int
kr_set_trace(PyObject *callable)
{
    return refuse(callable, "sys.settrace()");
}

int
kr_set_profile(PyObject *callable)
{
    return refuse(callable, "sys.setprofile()");
}

PyObject *
kr_get_trace_borrow(void)
{
    return kr_thread()->c_traceobj;
}

PyObject *
kr_get_profile_borrow(void)
{
    return kr_thread()->c_profileobj;
}

int
kr_frame_set_lineno(PyFrameObject *Py_UNUSED(frame), PyObject *Py_UNUSED(value))
{
    PyErr_SetString(PyExc_ValueError, "f_lineno can only be set in a trace function");
    return -1;
}

void
kr_trace_frame_changed(PyFrameObject *Py_UNUSED(frame))
{
}

int
kr_monitor_event(PyThreadState *Py_UNUSED(tstate), KrFrame *Py_UNUSED(fp),
                 KrWord *Py_UNUSED(ip))
{
    return 0;
}

void
PyEval_SetProfile(Py_tracefunc Py_UNUSED(func), PyObject *Py_UNUSED(arg))
{
}

void
PyEval_SetTrace(Py_tracefunc Py_UNUSED(func), PyObject *Py_UNUSED(arg))
{
}
