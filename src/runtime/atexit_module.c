// SPDX-License-Identifier: MIT
// atexit_module.c - the atexit module, and PyUnstable_AtExit.
#include <string.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/lifecycle.h"

static int
append_call(PyInterpreterState *interp, KrExitCall call)
{
    KrRuntimeState *r = &interp->runtime;

    if (r->exit_count == r->exit_capacity) {
        Py_ssize_t capacity = r->exit_capacity ? 2 * r->exit_capacity : 16;
        KrExitCall *larger = r->exit_calls;
        PyMem_Resize(larger, KrExitCall, capacity);
        if (larger == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        r->exit_calls = larger;
        r->exit_capacity = capacity;
    }
    r->exit_calls[r->exit_count++] = call;
    return 0;
}

static void
release_call(KrExitCall *call)
{
    KrExitCall dead = *call;

    *call = (KrExitCall){0};
    Py_XDECREF(dead.func);
    Py_XDECREF(dead.args);
    Py_XDECREF(dead.kwargs);
}

static void
run_one(KrExitCall *call)
{
    PyObject *func = call->func, *result;

    if (func == NULL) {
        call->c_func(call->c_data);
        return;
    }
    Py_INCREF(func);
    result = PyObject_Call(func, call->args, call->kwargs);
    if (result == NULL) {
        PyErr_FormatUnraisable("Exception ignored in atexit callback %R", func);
    }
    Py_XDECREF(result);
    Py_DECREF(func);
}

void
kr_atexit_run(PyInterpreterState *interp)
{
    KrRuntimeState *r = &interp->runtime;

    // A callback may register more: they are run next.
    while (r->exit_count > 0) {
        KrExitCall call = r->exit_calls[--r->exit_count];
        if (call.func != NULL || call.c_func != NULL) {
            run_one(&call);
            release_call(&call);
        }
    }
}

void
kr_atexit_clear(PyInterpreterState *interp)
{
    KrRuntimeState *r = &interp->runtime;

    while (r->exit_count > 0) {
        release_call(&r->exit_calls[--r->exit_count]);
    }
    PyMem_Free(r->exit_calls);
    r->exit_calls = NULL;
    r->exit_capacity = 0;
}

int
PyUnstable_AtExit(PyInterpreterState *interp, void (*func)(void *), void *data)
{
    return append_call(interp, (KrExitCall){.c_func = func, .c_data = data});
}

KR_FUNCTION_RAW(atexit, "register($module, func, /, *args, **kwargs)",
                METH_VARARGS | METH_KEYWORDS,
                "Has func(*args, **kwargs) called when the program ends; returns func.")
static PyObject *
atexit_register(PyObject *module, PyObject *args, PyObject *kwargs)
{
    PyObject *func;
    KrExitCall call = {0};

    if (PyTuple_GET_SIZE(args) == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "register() takes at least 1 argument (0 given)");
        return NULL;
    }
    func = PyTuple_GET_ITEM(args, 0);
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    call.args = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (call.args == NULL) {
        return NULL;
    }
    call.func = Py_NewRef(func);
    call.kwargs = Py_XNewRef(kwargs);
    if (append_call(kr_interp(), call) < 0) {
        release_call(&call);
        return NULL;
    }
    return Py_NewRef(func);
}

KR_FUNCTION(atexit, "unregister(func, /)", "Takes back all registrations of func.")
static PyObject *
atexit_unregister(PyObject *module, PyObject *func)
{
    KrRuntimeState *r = &kr_interp()->runtime;

    for (Py_ssize_t i = r->exit_count - 1; i >= 0; i--) {
        // __eq__ may change the table.
        if (i >= r->exit_count || r->exit_calls[i].func == NULL) {
            continue;
        }
        PyObject *candidate = Py_NewRef(r->exit_calls[i].func);
        int equal = PyObject_RichCompareBool(func, candidate, Py_EQ);
        if (equal > 0 && i < r->exit_count && r->exit_calls[i].func == candidate) {
            release_call(&r->exit_calls[i]);
        }
        Py_DECREF(candidate);
        if (equal < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(atexit, "_clear()", "Forgets all registrations.")
static PyObject *
atexit__clear(PyObject *module)
{
    kr_atexit_clear(kr_interp());
    Py_RETURN_NONE;
}

KR_FUNCTION(atexit, "_run_exitfuncs()", "Runs all registered functions now.")
static PyObject *
atexit__run_exitfuncs(PyObject *module)
{
    kr_atexit_run(kr_interp());
    Py_RETURN_NONE;
}

KR_FUNCTION(atexit, "_ncallbacks()", "How many registrations there are.")
static PyObject *
atexit__ncallbacks(PyObject *module)
{
    KrRuntimeState *r = &kr_interp()->runtime;
    Py_ssize_t count = 0;

    for (Py_ssize_t i = 0; i < r->exit_count; i++) {
        count += r->exit_calls[i].func != NULL;
    }
    return PyLong_FromSsize_t(count);
}

KR_MODULE(atexit)
#include "runtime/atexit_module.methods.h"

static PyModuleDef_Slot atexit_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef atexit_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "atexit",
    .m_doc = "Functions to be called when the program ends.",
    .m_methods = atexit_methods,
    .m_slots = atexit_slots,
};

PyMODINIT_FUNC
PyInit_atexit(void)
{
    return PyModuleDef_Init(&atexit_def);
}
