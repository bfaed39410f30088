// SPDX-License-Identifier: MIT
// eval.c - PyEval_*: running code objects, asking about the current frame.
#include "vm/machine.h"

#include "objects/ids.h"
#include "vm/call.h"
#include "vm/frame_object.h"

PyObject *
PyEval_EvalCode(PyObject *code, PyObject *globals, PyObject *locals)
{
    return PyEval_EvalCodeEx(code, globals, locals, NULL, 0, NULL, 0, NULL, 0, NULL, NULL);
}

PyObject *
PyEval_EvalCodeEx(PyObject *code_object, PyObject *globals, PyObject *locals,
                  PyObject *const *args, int argc, PyObject *const *kwds, int kwdc,
                  PyObject *const *defs, int defc, PyObject *kwdefs, PyObject *closure)
{
    PyCodeObject *code = (PyCodeObject *)code_object;
    PyObject *result = NULL, *names = NULL;
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New(code_object, globals);
    if (func == NULL) {
        return NULL;
    }
    func->func_closure = Py_XNewRef(closure);
    func->func_kwdefaults = Py_XNewRef(kwdefs);
    if (defc > 0) {
        func->func_defaults = PyTuple_FromArray(defs, defc);
        if (func->func_defaults == NULL) {
            goto done;
        }
    }
    if (!(code->co_flags & CO_OPTIMIZED) || (argc == 0 && kwdc == 0)) {
        result = kr_eval_code((PyObject *)func, locals != NULL ? locals : globals);
        goto done;
    }
    PyObject **all = PyMem_Malloc((size_t)(argc + kwdc) * sizeof *all);
    names = PyTuple_New(kwdc);
    if (all == NULL || names == NULL) {
        PyMem_Free(all);
        PyErr_NoMemory();
        goto done;
    }
    for (int i = 0; i < argc; i++) {
        all[i] = args[i];
    }
    for (int i = 0; i < kwdc; i++) {
        PyTuple_SET_ITEM(names, i, Py_NewRef(kwds[2 * i]));
        all[argc + i] = kwds[2 * i + 1];
    }
    result = PyObject_Vectorcall((PyObject *)func, all, (size_t)argc, kwdc ? names : NULL);
    PyMem_Free(all);

done:
    Py_XDECREF(names);
    Py_DECREF(func);
    return result;
}

PyObject *
PyEval_EvalFrameEx(PyFrameObject *Py_UNUSED(frame), int Py_UNUSED(exc))
{
    PyErr_SetString(PyExc_NotImplementedError, "frame objects cannot be run");
    return NULL;
}

PyObject *
PyEval_EvalFrame(PyFrameObject *frame)
{
    return PyEval_EvalFrameEx(frame, 0);
}

PyObject *
PyEval_GetBuiltins(void)
{
    PyThreadState *tstate = kr_thread();
    KrFrame *fp = kr_top_frame(tstate);
    return fp != NULL ? kr_frame_func(fp)->func_builtins : tstate->interp->builtins;
}

PyObject *
PyEval_GetGlobals(void)
{
    KrFrame *fp = kr_top_frame(kr_thread());
    return fp != NULL ? kr_frame_globals(fp) : NULL;
}

PyObject *
PyEval_GetFrameBuiltins(void)
{
    return Py_XNewRef(PyEval_GetBuiltins());
}

PyObject *
PyEval_GetFrameGlobals(void)
{
    return Py_XNewRef(PyEval_GetGlobals());
}

// What locals() returns: the namespace, or a fresh snapshot.
PyObject *
PyEval_GetFrameLocals(void)
{
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "frame does not exist");
        }
        return NULL;
    }
    if (kr_frame_uses_slots(frame)) {
        return kr_frame_locals_snapshot(frame);
    }
    return PyFrame_GetLocals(frame);
}

// The same borrowed: the snapshot is kept at the frame.
PyObject *
PyEval_GetLocals(void)
{
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "frame does not exist");
        }
        return NULL;
    }
    PyObject *locals = PyEval_GetFrameLocals();
    if (locals == NULL) {
        return NULL;
    }
    Py_XSETREF(frame->f_locals_cache, locals);
    return locals;
}

PyObject *
_PyEval_GetBuiltin(PyObject *name)
{
    PyObject *value;
    int found = PyMapping_GetOptionalItem(PyEval_GetBuiltins(), name, &value);
    if (found == 0) {
        PyErr_SetObject(PyExc_AttributeError, name);
    }
    return value;
}

const char *
PyEval_GetFuncName(PyObject *func)
{
    if (PyMethod_Check(func)) {
        return PyEval_GetFuncName(PyMethod_GET_FUNCTION(func));
    }
    if (PyFunction_Check(func)) {
        return PyUnicode_AsUTF8(((PyFunctionObject *)func)->func_name);
    }
    if (PyCFunction_Check(func)) {
        return ((PyCFunctionObject *)func)->m_ml->ml_name;
    }
    return Py_TYPE(func)->tp_name;
}

const char *
PyEval_GetFuncDesc(PyObject *func)
{
    return PyMethod_Check(func) || PyFunction_Check(func) || PyCFunction_Check(func)
               ? "()" : " object";
}

int
PyEval_MergeCompilerFlags(PyCompilerFlags *flags)
{
    KrFrame *fp = kr_top_frame(kr_thread());
    if (fp != NULL) {
        flags->cf_flags |= kr_frame_exec(fp)->code->co_flags & PyCF_MASK;
    }
    return flags->cf_flags != 0;
}

// --- Limits ------------------------------------------------------------------------------

void
Py_SetRecursionLimit(int limit)
{
    PyInterpreterState *interp = kr_interp();
    interp->vm.recursion_limit = limit;
    for (PyThreadState *tstate = interp->threads; tstate != NULL; tstate = tstate->next) {
        int depth = tstate->py_recursion_limit - tstate->py_recursion_remaining;
        tstate->py_recursion_limit = limit;
        tstate->py_recursion_remaining = limit - depth;
    }
}

int
Py_GetRecursionLimit(void)
{
    return kr_interp()->vm.recursion_limit;
}

// While an exception of the limit is handled, this many further calls are allowed.
#define HEADROOM 50

int
kr_recursion_check(PyThreadState *tstate, const char *where)
{
    if (tstate->recursion_headroom > 0) {
        if (tstate->py_recursion_remaining < -HEADROOM) {
            Py_FatalError("Cannot recover from Python stack overflow.");
        }
        return 0;
    }
    if (tstate->py_recursion_remaining > 0) {
        return 0;
    }
    tstate->recursion_headroom++;
    PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
    tstate->recursion_headroom--;
    return -1;
}

int
kr_c_stack_check(PyThreadState *tstate, const char *where)
{
    if (tstate->recursion_headroom > 0) {
        return 0;
    }
    tstate->recursion_headroom++;
    PyErr_Format(PyExc_RecursionError, "Stack overflow%s", where);
    tstate->recursion_headroom--;
    return -1;
}

int
Py_EnterRecursiveCall(const char *where)
{
    PyThreadState *tstate = kr_thread();
    return kr_c_stack_is_low(tstate) ? kr_c_stack_check(tstate, where) : 0;
}

void
Py_LeaveRecursiveCall(void)
{
}
