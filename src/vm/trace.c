// SPDX-License-Identifier: MIT
// trace.c - sys.settrace and sys.setprofile, as tools 7 and 6 of the events.
//
// The events are on for all threads as soon as one thread has a function; each
// event then looks for the function of its own thread.
// Read next: events.c, jump.c
#include "vm/trace.h"

#include "objects/state.h"
#include "vm/call.h"
#include "vm/frame_object.h"
#include "vm/machine.h"

#define BIT(name) KR_EVENT_BIT(PY_MONITORING_EVENT_##name)
#define TRACE_EVENTS                                                           \
    (BIT(PY_START) | BIT(PY_RESUME) | BIT(PY_RETURN) | BIT(PY_YIELD) | BIT(LINE) |  \
     BIT(JUMP) | BIT(STOP_ITERATION) | BIT(RAISE) | BIT(PY_UNWIND) | BIT(PY_THROW))
#define PROFILE_EVENTS                                                         \
    (BIT(PY_START) | BIT(PY_RESUME) | BIT(PY_RETURN) | BIT(PY_YIELD) | BIT(CALL) |  \
     BIT(PY_UNWIND) | BIT(PY_THROW))

static const char *const event_names[KR_EVENT_COUNT] = {
    "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "LINE", "INSTRUCTION", "JUMP",
    "BRANCH_LEFT", "BRANCH_RIGHT", "STOP_ITERATION", "RAISE", "EXCEPTION_HANDLED",
    "PY_UNWIND", "PY_THROW", "RERAISE", "C_RETURN", "C_RAISE", "BRANCH",
};

const char *
kr_event_name(int event)
{
    return event_names[event];
}

// --- Handing events to the functions ------------------------------------------------------

static int
call_tracer(PyThreadState *tstate, Py_tracefunc func, PyObject *object, int event, int what,
            int line, PyObject *arg)
{
    PyFrameObject *frame = kr_current_frame_object(tstate, 0);
    if (frame == NULL) {
        return -1;
    }
    int what_before = tstate->what_event;
    Py_INCREF(frame);
    Py_XINCREF(object);
    tstate->tracing++;
    tstate->what_event = event;
    if (line > 0) {
        frame->f_lineno = line;
    }
    int status = func(object, frame, what, arg);
    if (line > 0) {
        frame->f_lineno = 0;
    }
    tstate->what_event = what_before;
    tstate->tracing--;
    Py_XDECREF(object);
    Py_DECREF(frame);
    return status < 0 ? -1 : 0;
}

static int
trace_call(PyThreadState *tstate, int event, int what, int line, PyObject *arg)
{
    return call_tracer(tstate, tstate->c_tracefunc, tstate->c_traceobj, event, what, line,
                       arg);
}

static int
trace_exception(PyThreadState *tstate, int event, PyObject *exc)
{
    PyObject *traceback = PyException_GetTraceback(exc);
    PyObject *arg = PyTuple_Pack(3, Py_TYPE(exc), exc, traceback ? traceback : Py_None);
    Py_XDECREF(traceback);
    if (arg == NULL) {
        return -1;
    }
    int status = trace_call(tstate, event, PyTrace_EXCEPTION, 0, arg);
    Py_DECREF(arg);
    return status;
}

// A jump back to the line it comes from begins that line again. args: code, from, to.
static int
trace_jump(PyThreadState *tstate, int event, PyObject **args, bool *again_out)
{
    PyCodeObject *code = (PyCodeObject *)args[1];
    int from = PyLong_AsInt(args[2]), to = PyLong_AsInt(args[3]);
    if (to >= from) {
        *again_out = false;
        return 0;
    }
    PyFrameObject *frame = kr_current_frame_object(tstate, 0);
    if (frame == NULL) {
        return -1;
    }
    int line = PyCode_Addr2Line(code, to);
    if (line != PyCode_Addr2Line(code, from)) {
        *again_out = false; // the target has a line event
        return 0;
    }
    return frame->f_trace_lines && line >= 0
               ? trace_call(tstate, event, PyTrace_LINE, line, Py_None) : 0;
}

static int
trace_line(PyThreadState *tstate, int event, PyObject *line)
{
    PyFrameObject *frame = kr_current_frame_object(tstate, 0);
    if (frame == NULL) {
        return -1;
    }
    return frame->f_trace_lines
               ? trace_call(tstate, event, PyTrace_LINE, PyLong_AsInt(line), Py_None) : 0;
}

static int
trace_event(PyThreadState *tstate, int event, PyObject **args, Py_ssize_t nargs,
            bool *again_out)
{
    switch (event) {
    case PY_MONITORING_EVENT_PY_START:
    case PY_MONITORING_EVENT_PY_RESUME:
    case PY_MONITORING_EVENT_PY_THROW:
        return trace_call(tstate, event, PyTrace_CALL, 0, Py_None);
    case PY_MONITORING_EVENT_PY_RETURN:
    case PY_MONITORING_EVENT_PY_YIELD:
        return trace_call(tstate, event, PyTrace_RETURN, 0, args[3]);
    case PY_MONITORING_EVENT_PY_UNWIND:
        return trace_call(tstate, event, PyTrace_RETURN, 0, Py_None);
    case PY_MONITORING_EVENT_LINE:
        return trace_line(tstate, event, args[2]);
    case PY_MONITORING_EVENT_JUMP:
        return trace_jump(tstate, event, args, again_out);
    case PY_MONITORING_EVENT_RAISE:
    case PY_MONITORING_EVENT_STOP_ITERATION:
        return trace_exception(tstate, event, args[3]);
    case PY_MONITORING_EVENT_INSTRUCTION: {
        PyFrameObject *frame = kr_current_frame_object(tstate, 0);
        return frame == NULL ? -1
               : frame->f_trace_opcodes
                   ? trace_call(tstate, event, PyTrace_OPCODE, 0, Py_None) : 0;
    }
    default:
        return 0;
    }
}

static int
profile_call(PyThreadState *tstate, int event, int what, PyObject *arg)
{
    return call_tracer(tstate, tstate->c_profilefunc, tstate->c_profileobj, event, what, 0,
                       arg);
}

// Calls of C functions; methods are shown bound.
static int
profile_c_call(PyThreadState *tstate, int event, int what, PyObject *callable, PyObject *arg)
{
    if (PyCFunction_Check(callable)) {
        return profile_call(tstate, event, what, callable);
    }
    if (!Py_IS_TYPE(callable, &PyMethodDescr_Type) ||
        arg == tstate->interp->vm.event_missing) {
        return 0;
    }
    PyObject *bound = Py_TYPE(callable)->tp_descr_get(callable, arg, (PyObject *)Py_TYPE(arg));
    if (bound == NULL) {
        return -1;
    }
    int status = profile_call(tstate, event, what, bound);
    Py_DECREF(bound);
    return status;
}

static int
profile_event(PyThreadState *tstate, int event, PyObject **args)
{
    switch (event) {
    case PY_MONITORING_EVENT_PY_START:
    case PY_MONITORING_EVENT_PY_RESUME:
    case PY_MONITORING_EVENT_PY_THROW:
        return profile_call(tstate, event, PyTrace_CALL, Py_None);
    case PY_MONITORING_EVENT_PY_RETURN:
    case PY_MONITORING_EVENT_PY_YIELD:
        return profile_call(tstate, event, PyTrace_RETURN, args[3]);
    case PY_MONITORING_EVENT_PY_UNWIND:
        return profile_call(tstate, event, PyTrace_RETURN, Py_None);
    case PY_MONITORING_EVENT_CALL:
        return profile_c_call(tstate, event, PyTrace_C_CALL, args[3], args[4]);
    case PY_MONITORING_EVENT_C_RETURN:
        return profile_c_call(tstate, event, PyTrace_C_RETURN, args[3], args[4]);
    case PY_MONITORING_EVENT_C_RAISE:
        return profile_c_call(tstate, event, PyTrace_C_EXCEPTION, args[3], args[4]);
    default:
        return 0;
    }
}

int
kr_legacy_event(PyThreadState *tstate, int tool, int event, PyObject **args,
                Py_ssize_t nargs, bool *again_out)
{
    if (tool == KR_TOOL_PROFILE) {
        return tstate->c_profilefunc == NULL ? 0 : profile_event(tstate, event, args);
    }
    return tstate->c_tracefunc == NULL ? 0
                                       : trace_event(tstate, event, args, nargs, again_out);
}

// --- Setting the functions -------------------------------------------------------------------

// Turns the events of both tools on or off, as the threads need them.
static int
apply(PyInterpreterState *interp)
{
    bool traces = false, profiles = false;
    for (PyThreadState *t = interp->threads; t != NULL; t = t->next) {
        traces = traces || t->c_tracefunc != NULL;
        profiles = profiles || t->c_profilefunc != NULL;
    }
    if (kr_tool_set_events(KR_TOOL_TRACE, traces ? TRACE_EVENTS : 0) < 0) {
        return -1;
    }
    return kr_tool_set_events(KR_TOOL_PROFILE, profiles ? PROFILE_EVENTS : 0);
}

static void
set_trace_of(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    PyObject *old = tstate->c_traceobj;
    tstate->c_tracefunc = func;
    tstate->c_traceobj = Py_XNewRef(arg);
    Py_XDECREF(old);
}

static void
set_profile_of(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    PyObject *old = tstate->c_profileobj;
    tstate->c_profilefunc = func;
    tstate->c_profileobj = Py_XNewRef(arg);
    Py_XDECREF(old);
}

static int
set_function(void (*set)(PyThreadState *, Py_tracefunc, PyObject *), const char *audit,
             Py_tracefunc func, PyObject *arg, bool all_threads)
{
    PyThreadState *self = kr_thread();
    if (PySys_Audit(audit, NULL) < 0) {
        return -1;
    }
    if (!all_threads) {
        set(self, func, arg);
        return apply(self->interp);
    }
    for (PyThreadState *t = self->interp->threads; t != NULL; t = t->next) {
        set(t, func, arg);
    }
    return apply(self->interp);
}

void
PyEval_SetTrace(Py_tracefunc func, PyObject *arg)
{
    if (set_function(set_trace_of, "sys.settrace", func, arg, false) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetTrace");
    }
}

void
PyEval_SetTraceAllThreads(Py_tracefunc func, PyObject *arg)
{
    if (set_function(set_trace_of, "sys.settrace", func, arg, true) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetTraceAllThreads");
    }
}

void
PyEval_SetProfile(Py_tracefunc func, PyObject *arg)
{
    if (set_function(set_profile_of, "sys.setprofile", func, arg, false) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetProfile");
    }
}

void
PyEval_SetProfileAllThreads(Py_tracefunc func, PyObject *arg)
{
    if (set_function(set_profile_of, "sys.setprofile", func, arg, true) < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyEval_SetProfileAllThreads");
    }
}

void
kr_trace_thread_ends(PyThreadState *tstate)
{
    if (tstate->c_tracefunc != NULL || tstate->c_profilefunc != NULL) {
        tstate->c_tracefunc = NULL;
        tstate->c_profilefunc = NULL;
        (void)apply(tstate->interp);
    }
    Py_CLEAR(tstate->c_profileobj);
    Py_CLEAR(tstate->c_traceobj);
}

int
kr_trace_frame_changed(PyFrameObject *frame)
{
    // While nobody traces this changes nothing (exec.c, wanted_events).
    return kr_tool_set_local_events(KR_TOOL_TRACE, kr_frame_object_code(frame),
                                    frame->f_trace_opcodes ? BIT(INSTRUCTION) : 0);
}

// --- Functions written in Python ---------------------------------------------------------------

static const char *const what_names[] = {
    "call", "exception", "line", "return", "c_call", "c_exception", "c_return", "opcode",
};

static PyObject *
call_callback(PyObject *callback, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *name = PyUnicode_InternFromString(what_names[what]);
    if (name == NULL) {
        return NULL;
    }
    PyObject *args[4] = {NULL, (PyObject *)frame, name, arg != NULL ? arg : Py_None};
    PyObject *result = PyObject_Vectorcall(callback, args + 1,
                                           3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_DECREF(name);
    return result;
}

// The Py_tracefunc of sys.setprofile().
static int
call_profile_callback(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *result = call_callback(self, frame, what, arg);
    if (result == NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        PyEval_SetProfile(NULL, NULL);
        PyErr_SetRaisedException(exc);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

// The Py_tracefunc of sys.settrace(): calls go to the global function, the rest to
// the one that it returned.
static int
call_trace_callback(PyObject *self, PyFrameObject *frame, int what, PyObject *arg)
{
    PyObject *callback = what == PyTrace_CALL ? self : frame->f_trace;
    if (callback == NULL) {
        return 0;
    }
    Py_INCREF(callback);
    PyObject *result = call_callback(callback, frame, what, arg);
    Py_DECREF(callback);
    if (result == NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        PyEval_SetTrace(NULL, NULL);
        Py_CLEAR(frame->f_trace);
        PyErr_SetRaisedException(exc);
        return -1;
    }
    if (result != Py_None) {
        Py_XSETREF(frame->f_trace, result);
    }
    else {
        Py_DECREF(result);
    }
    return 0;
}

int
kr_set_trace(PyObject *callable, bool all_threads)
{
    bool none = callable == Py_None;
    return set_function(set_trace_of, "sys.settrace", none ? NULL : call_trace_callback,
                        none ? NULL : callable, all_threads);
}

int
kr_set_profile(PyObject *callable, bool all_threads)
{
    bool none = callable == Py_None;
    return set_function(set_profile_of, "sys.setprofile",
                        none ? NULL : call_profile_callback, none ? NULL : callable,
                        all_threads);
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
