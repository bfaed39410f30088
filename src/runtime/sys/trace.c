// SPDX-License-Identifier: MIT
// trace.c - sys.settrace, sys.setprofile and call_tracing.
#include "runtime/sys/sys.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "vm/trace.h"

KR_FUNCTION(sys, "settrace(function, /)",
            "Sets the debugger's trace function of this thread, None for none.")
static PyObject *
sys_settrace(PyObject *module, PyObject *function)
{
    if (kr_set_trace(function, false) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_settraceallthreads(function, /)",
            "Sets the trace function of all threads.")
static PyObject *
sys__settraceallthreads(PyObject *module, PyObject *function)
{
    if (kr_set_trace(function, true) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "gettrace()", "The trace function set with settrace(), or None.")
static PyObject *
sys_gettrace(PyObject *module)
{
    PyObject *object = kr_get_trace_borrow();

    return Py_NewRef(object == NULL ? Py_None : object);
}

KR_FUNCTION(sys, "setprofile(function, /)",
            "Sets the profiler's function of this thread, None for none.")
static PyObject *
sys_setprofile(PyObject *module, PyObject *function)
{
    if (kr_set_profile(function, false) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_setprofileallthreads(function, /)",
            "Sets the profile function of all threads.")
static PyObject *
sys__setprofileallthreads(PyObject *module, PyObject *function)
{
    if (kr_set_profile(function, true) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "getprofile()", "The function set with setprofile(), or None.")
static PyObject *
sys_getprofile(PyObject *module)
{
    PyObject *object = kr_get_profile_borrow();

    return Py_NewRef(object == NULL ? Py_None : object);
}

KR_FUNCTION(sys, "call_tracing(func, args: tuple, /)",
            "Calls func(*args) with tracing on, from within a trace function.")
static PyObject *
sys_call_tracing(PyObject *module, PyObject *func, PyObject *args)
{
    PyThreadState *tstate = kr_thread();
    int tracing = tstate->tracing;
    PyObject *result;

    while (tstate->tracing > 0) {
        PyThreadState_LeaveTracing(tstate);
    }
    result = PyObject_Call(func, args, NULL);
    while (tstate->tracing < tracing) {
        PyThreadState_EnterTracing(tstate);
    }
    return result;
}

#include "runtime/sys/trace.methods.h"
