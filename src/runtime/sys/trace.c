// SPDX-License-Identifier: MIT
// trace.c - sys.settrace and sys.setprofile: Python callables as trace functions.
//
// The machine knows C trace functions only (PyEval_SetTrace). The two here pass an
// event on to the callable that is kept as their object.
#include "runtime/sys/sys.h"

#include <frameobject.h>

#include "objects/args.h"
#include "objects/ids.h"

// The name of an event, borrowed.
static PyObject *
event_name(int what)
{
    switch (what) {
    case PyTrace_CALL:
        return KR_ID(call);
    case PyTrace_EXCEPTION:
        return KR_ID(exception);
    case PyTrace_LINE:
        return KR_ID(line);
    case PyTrace_RETURN:
        return KR_ID(return);
    case PyTrace_C_CALL:
        return KR_ID(c_call);
    case PyTrace_C_EXCEPTION:
        return KR_ID(c_exception);
    case PyTrace_C_RETURN:
        return KR_ID(c_return);
    default:
        return KR_ID(opcode);
    }
}

static PyObject *
call_back(PyObject *callable, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *args[] = {NULL, (PyObject *)frame, event_name(what),
                        arg == NULL ? Py_None : arg};

    return PyObject_Vectorcall(callable, args + 1, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                               NULL);
}

static int
profile_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *result = call_back(self, frame, what, arg);

    if (result == NULL) {
        PyEval_SetProfile(NULL, NULL);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

static int
trace_event(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *callback = what == PyTrace_CALL ? self : frame->f_trace;
    PyObject *result;

    if (callback == NULL) {
        return 0;
    }
    Py_INCREF(callback);
    result = call_back(callback, frame, what, arg);
    Py_DECREF(callback);
    if (result == NULL) {
        PyEval_SetTrace(NULL, NULL);
        Py_CLEAR(frame->f_trace);
        return -1;
    }
    if (Py_IsNone(result)) {
        Py_DECREF(result);
    }
    else {
        Py_XSETREF(frame->f_trace, result);
    }
    return 0;
}

KR_FUNCTION(sys, "settrace(function, /)",
            "Sets the debugger's trace function of this thread, None for none.")
static PyObject *
sys_settrace(PyObject *module, PyObject *function)
{
    if (PySys_Audit("sys.settrace", NULL) < 0) {
        return NULL;
    }
    PyEval_SetTrace(Py_IsNone(function) ? NULL : trace_event,
                    Py_IsNone(function) ? NULL : function);
    if (PyErr_Occurred()) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_settraceallthreads(function, /)",
            "Sets the trace function of all threads.")
static PyObject *
sys__settraceallthreads(PyObject *module, PyObject *function)
{
    if (PySys_Audit("sys.settrace", NULL) < 0) {
        return NULL;
    }
    PyEval_SetTraceAllThreads(Py_IsNone(function) ? NULL : trace_event,
                              Py_IsNone(function) ? NULL : function);
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "gettrace()", "The trace function set with settrace(), or None.")
static PyObject *
sys_gettrace(PyObject *module)
{
    PyObject *object = kr_thread()->c_traceobj;

    return Py_NewRef(object == NULL ? Py_None : object);
}

KR_FUNCTION(sys, "setprofile(function, /)",
            "Sets the profiler's function of this thread, None for none.")
static PyObject *
sys_setprofile(PyObject *module, PyObject *function)
{
    if (PySys_Audit("sys.setprofile", NULL) < 0) {
        return NULL;
    }
    PyEval_SetProfile(Py_IsNone(function) ? NULL : profile_event,
                      Py_IsNone(function) ? NULL : function);
    if (PyErr_Occurred()) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_setprofileallthreads(function, /)",
            "Sets the profile function of all threads.")
static PyObject *
sys__setprofileallthreads(PyObject *module, PyObject *function)
{
    if (PySys_Audit("sys.setprofile", NULL) < 0) {
        return NULL;
    }
    PyEval_SetProfileAllThreads(Py_IsNone(function) ? NULL : profile_event,
                                Py_IsNone(function) ? NULL : function);
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "getprofile()", "The function set with setprofile(), or None.")
static PyObject *
sys_getprofile(PyObject *module)
{
    PyObject *object = kr_thread()->c_profileobj;

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
