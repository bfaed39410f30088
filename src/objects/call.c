// SPDX-License-Identifier: MIT
// call.c - calling objects: vectorcall, tp_call and the ways between them.
//
// Callers:     vm, C code of all kinds, extensions.
// Invariants:  a call gives either an object or an exception, never both or none;
//              _Py_CheckFunctionResult turns violations into SystemError.
// Re-entrancy: everything here runs Python.
#include "objects/call.h"

#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

#undef PyVectorcall_NARGS
Py_ssize_t
PyVectorcall_NARGS(size_t n)
{
    return kr_vectorcall_nargs_inline(n);
}
#define PyVectorcall_NARGS(n) kr_vectorcall_nargs_inline(n)

vectorcallfunc
PyVectorcall_Function(PyObject *callable)
{
    return kr_vectorcall_function_inline(callable);
}

// ------------------------------------------------------------------------ results

static KR_COLD PyObject *
result_without_value(PyObject *callable, const char *where)
{
    if (callable != NULL) {
        PyErr_Format(PyExc_SystemError, "%R returned NULL without setting an exception",
                     callable);
    }
    else {
        PyErr_Format(PyExc_SystemError, "%s returned NULL without setting an exception",
                     where);
    }
    return NULL;
}

static KR_COLD PyObject *
result_with_exception(PyObject *callable, PyObject *result, const char *where)
{
    PyObject *cause = PyErr_GetRaisedException(), *exc;

    Py_DECREF(result);
    if (callable != NULL) {
        PyErr_Format(PyExc_SystemError, "%R returned a result with an exception set",
                     callable);
    }
    else {
        PyErr_Format(PyExc_SystemError, "%s returned a result with an exception set",
                     where);
    }
    exc = PyErr_GetRaisedException();
    PyException_SetCause(exc, Py_NewRef(cause));
    PyException_SetContext(exc, cause);
    PyErr_SetRaisedException(exc);
    return NULL;
}

PyObject *
_Py_CheckFunctionResult(PyThreadState *tstate, PyObject *callable, PyObject *result,
                        const char *where)
{
    if (KR_LIKELY(result != NULL)) {
        if (KR_LIKELY(tstate->current_exception == NULL)) {
            return result;
        }
        return result_with_exception(callable, result, where);
    }
    if (tstate->current_exception != NULL) {
        return NULL;
    }
    return result_without_value(callable, where);
}

// A module was called: perhaps its member of the same name is meant.
static KR_COLD void
not_callable_error(PyObject *callable)
{
    if (PyModule_Check(callable)) {
        PyObject *name = PyModule_GetNameObject(callable), *attr = NULL;
        if (name != NULL && PyObject_GetOptionalAttr(callable, name, &attr) > 0 &&
            PyCallable_Check(attr)) {
            PyErr_Format(PyExc_TypeError,
                         "'%.200s' object is not callable. Did you mean: '%U.%U(...)'?",
                         Py_TYPE(callable)->tp_name, name, name);
            Py_DECREF(attr);
            Py_DECREF(name);
            return;
        }
        Py_XDECREF(attr);
        Py_XDECREF(name);
        PyErr_Clear();
    }
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not callable",
                 Py_TYPE(callable)->tp_name);
}

// -------------------------------------------------------------------- conversions

PyObject *
kr_tuple_from_array(PyObject *const *items, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);

    if (tuple != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) {
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(items[i]));
        }
    }
    return tuple;
}

PyObject *
kr_kwnames_to_dict(PyObject *const *values, PyObject *kwnames)
{
    PyObject *dict = PyDict_New();
    Py_ssize_t n = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);

    for (Py_ssize_t i = 0; dict != NULL && i < n; i++) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(kwnames, i), values[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

PyObject *const *
kr_unpack_dict(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
               PyObject **kwnames_out)
{
    Py_ssize_t nkwargs = PyDict_GET_SIZE(kwargs), at = 0, i = 0;
    PyObject **stack, *kwnames, *key, *value;
    bool strings = true;

    if (nargs > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(PyObject *) - 1 - nkwargs) {
        PyErr_NoMemory();
        return NULL;
    }
    // The word before the first argument is free for the callee to use.
    stack = PyMem_Malloc((size_t)(1 + nargs + nkwargs) * sizeof(PyObject *));
    if (stack == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    stack++;
    kwnames = PyTuple_New(nkwargs);
    if (kwnames == NULL) {
        PyMem_Free(stack - 1);
        return NULL;
    }
    for (Py_ssize_t k = 0; k < nargs; k++) {
        stack[k] = Py_NewRef(args[k]);
    }
    while (i < nkwargs && PyDict_Next(kwargs, &at, &key, &value)) {
        strings = strings && PyUnicode_Check(key);
        PyTuple_SET_ITEM(kwnames, i, Py_NewRef(key));
        stack[nargs + i] = Py_NewRef(value);
        i++;
    }
    *kwnames_out = kwnames;
    if (!strings) {
        PyErr_SetString(PyExc_TypeError, "keywords must be strings");
        kr_free_stack(stack, nargs, kwnames);
        return NULL;
    }
    return stack;
}

void
kr_free_stack(PyObject *const *stack, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t n = nargs + PyTuple_GET_SIZE(kwnames);

    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(stack[i]);
    }
    PyMem_Free((PyObject **)stack - 1);
    Py_DECREF(kwnames);
}

// ------------------------------------------------------------------------- calls

// keywords: a tuple of names with the values behind args, a dict, or NULL.
PyObject *
_PyObject_MakeTpCall(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                     Py_ssize_t nargs, PyObject *keywords)
{
    ternaryfunc call = Py_TYPE(callable)->tp_call;
    PyObject *tuple, *dict = NULL, *result = NULL;

    if (call == NULL) {
        not_callable_error(callable);
        return NULL;
    }
    tuple = kr_tuple_from_array(args, nargs);
    if (tuple == NULL) {
        return NULL;
    }
    if (keywords != NULL && PyDict_Check(keywords)) {
        dict = Py_NewRef(keywords);
    }
    else if (keywords != NULL && PyTuple_GET_SIZE(keywords) > 0) {
        dict = kr_kwnames_to_dict(args + nargs, keywords);
        if (dict == NULL) {
            goto done;
        }
    }
    if (Py_EnterRecursiveCall(" while calling a Python object") == 0) {
        result = call(callable, tuple, dict);
        Py_LeaveRecursiveCall();
    }
    result = _Py_CheckFunctionResult(tstate, callable, result, NULL);

done:
    Py_DECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

static inline PyObject *
vectorcall_inline(PyThreadState *tstate, PyObject *callable, PyObject *const *args,
                  size_t nargsf, PyObject *kwnames)
{
    vectorcallfunc func = kr_vectorcall_function_inline(callable);

    if (func == NULL) {
        return _PyObject_MakeTpCall(tstate, callable, args, PyVectorcall_NARGS(nargsf),
                                    kwnames);
    }
    return _Py_CheckFunctionResult(tstate, callable,
                                   func(callable, args, nargsf, kwnames), NULL);
}

PyObject *
PyObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf,
                    PyObject *kwnames)
{
    return vectorcall_inline(kr_thread(), callable, args, nargsf, kwnames);
}

PyObject *
PyObject_VectorcallDict(PyObject *callable, PyObject *const *args, size_t nargsf,
                        PyObject *kwargs)
{
    PyThreadState *tstate = kr_thread();
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    vectorcallfunc func = kr_vectorcall_function_inline(callable);
    PyObject *const *stack;
    PyObject *kwnames, *result;

    if (func == NULL) {
        return _PyObject_MakeTpCall(tstate, callable, args, nargs, kwargs);
    }
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        result = func(callable, args, nargsf, NULL);
        return _Py_CheckFunctionResult(tstate, callable, result, NULL);
    }
    stack = kr_unpack_dict(args, nargs, kwargs, &kwnames);
    if (stack == NULL) {
        return NULL;
    }
    result = func(callable, stack, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET,
                  kwnames);
    kr_free_stack(stack, nargs, kwnames);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

static PyObject *
vectorcall_from_tuple(PyThreadState *tstate, vectorcallfunc func, PyObject *callable,
                      PyObject *tuple, PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(tuple);
    PyObject *const *items = ((PyTupleObject *)tuple)->ob_item;
    PyObject *const *stack;
    PyObject *kwnames, *result;

    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        result = func(callable, items, (size_t)nargs, NULL);
        return _Py_CheckFunctionResult(tstate, callable, result, NULL);
    }
    stack = kr_unpack_dict(items, nargs, kwargs, &kwnames);
    if (stack == NULL) {
        return NULL;
    }
    result = func(callable, stack, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET,
                  kwnames);
    kr_free_stack(stack, nargs, kwnames);
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

// The tp_call of types that have a vectorcall.
PyObject *
PyVectorcall_Call(PyObject *callable, PyObject *tuple, PyObject *dict)
{
    PyTypeObject *type = Py_TYPE(callable);
    vectorcallfunc func = NULL;

    if (type->tp_vectorcall_offset <= 0) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object does not support vectorcall",
                     type->tp_name);
        return NULL;
    }
    memcpy(&func, (char *)callable + type->tp_vectorcall_offset, sizeof func);
    if (func == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object does not support vectorcall",
                     type->tp_name);
        return NULL;
    }
    return vectorcall_from_tuple(kr_thread(), func, callable, tuple, dict);
}

PyObject *
PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyThreadState *tstate = kr_thread();
    vectorcallfunc func = kr_vectorcall_function_inline(callable);
    ternaryfunc call;
    PyObject *result;

    if (func != NULL) {
        return vectorcall_from_tuple(tstate, func, callable, args, kwargs);
    }
    call = Py_TYPE(callable)->tp_call;
    if (call == NULL) {
        not_callable_error(callable);
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = call(callable, args, kwargs);
    Py_LeaveRecursiveCall();
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

PyObject *
PyObject_CallNoArgs(PyObject *func)
{
    return vectorcall_inline(kr_thread(), func, NULL, 0, NULL);
}

PyObject *
PyObject_CallOneArg(PyObject *func, PyObject *arg)
{
    PyObject *stack[2] = {NULL, arg};

    return vectorcall_inline(kr_thread(), func, stack + 1,
                             1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

PyObject *
PyObject_CallObject(PyObject *callable, PyObject *args)
{
    if (args == NULL) {
        return PyObject_CallNoArgs(callable);
    }
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    return PyObject_Call(callable, args, NULL);
}

PyObject *
PyObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t nargsf,
                          PyObject *kwnames)
{
    PyObject *callable = NULL, *result;

    if (_PyObject_GetMethod(args[0], name, &callable) == 1) {
        // self stays the first argument; the word before it is nobody's.
        nargsf &= ~PY_VECTORCALL_ARGUMENTS_OFFSET;
    }
    else {
        // Without self, its word becomes the free one, if the caller lent it.
        args++;
        nargsf--;
    }
    if (callable == NULL) {
        return NULL;
    }
    result = vectorcall_inline(kr_thread(), callable, args, nargsf, kwnames);
    Py_DECREF(callable);
    return result;
}

// ------------------------------------------------------------------ variable forms

// Calls with the arguments of a Py_BuildValue format. callable_stolen may be NULL
// with an exception set.
static PyObject *
call_format(PyObject *callable, const char *format, va_list va)
{
    PyObject *args, *result;

    if (callable == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    if (format == NULL || *format == '\0') {
        return PyObject_CallNoArgs(callable);
    }
    args = Py_VaBuildValue(format, va);
    if (args == NULL) {
        return NULL;
    }
    // One value that is no tuple is the one argument.
    if (PyTuple_Check(args)) {
        result = PyObject_Call(callable, args, NULL);
    }
    else {
        result = PyObject_CallOneArg(callable, args);
    }
    Py_DECREF(args);
    return result;
}

PyObject *
PyObject_CallFunction(PyObject *callable, const char *format, ...)
{
    va_list va;
    PyObject *result;

    va_start(va, format);
    result = call_format(callable, format, va);
    va_end(va);
    return result;
}

PyObject *
_PyObject_CallFunction_SizeT(PyObject *callable, const char *format, ...)
{
    va_list va;
    PyObject *result;

    va_start(va, format);
    result = call_format(callable, format, va);
    va_end(va);
    return result;
}

// As PyObject_CallFunction(), for callers of the time before PyCFunction got
// keywords; still in the stable ABI.
PyAPI_FUNC(PyObject *) PyEval_CallFunction(PyObject *callable, const char *format, ...);
PyAPI_FUNC(PyObject *) PyEval_CallMethod(PyObject *obj, const char *name,
                                         const char *format, ...);
PyAPI_FUNC(PyObject *) PyEval_CallObjectWithKeywords(PyObject *callable, PyObject *args,
                                                     PyObject *kwargs);

PyObject *
PyEval_CallFunction(PyObject *callable, const char *format, ...)
{
    va_list va;
    PyObject *result;

    va_start(va, format);
    result = call_format(callable, format, va);
    va_end(va);
    return result;
}

static PyObject *
call_method_format(PyObject *obj, const char *name, const char *format, va_list va)
{
    PyObject *callable, *result;

    if (obj == NULL || name == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    callable = PyObject_GetAttrString(obj, name);
    if (callable == NULL) {
        return NULL;
    }
    if (!PyCallable_Check(callable)) {
        PyErr_Format(PyExc_TypeError, "attribute of type '%.200s' is not callable",
                     Py_TYPE(callable)->tp_name);
        Py_DECREF(callable);
        return NULL;
    }
    result = call_format(callable, format, va);
    Py_DECREF(callable);
    return result;
}

PyObject *
PyObject_CallMethod(PyObject *obj, const char *name, const char *format, ...)
{
    va_list va;
    PyObject *result;

    va_start(va, format);
    result = call_method_format(obj, name, format, va);
    va_end(va);
    return result;
}

PyObject *
_PyObject_CallMethod_SizeT(PyObject *obj, const char *name, const char *format, ...)
{
    va_list va;
    PyObject *result;

    va_start(va, format);
    result = call_method_format(obj, name, format, va);
    va_end(va);
    return result;
}

PyObject *
PyEval_CallMethod(PyObject *obj, const char *name, const char *format, ...)
{
    va_list va;
    PyObject *result;

    va_start(va, format);
    result = call_method_format(obj, name, format, va);
    va_end(va);
    return result;
}

PyObject *
PyEval_CallObjectWithKeywords(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyObject *empty, *result;

    if (args != NULL && !PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "keyword list must be a dictionary");
        return NULL;
    }
    if (args != NULL) {
        return PyObject_Call(callable, args, kwargs);
    }
    empty = PyTuple_New(0);
    if (empty == NULL) {
        return NULL;
    }
    result = PyObject_Call(callable, empty, kwargs);
    Py_DECREF(empty);
    return result;
}

#define KR_FEW_ARGS 6

// callable(first?, the objects of va up to NULL); first may be NULL.
static PyObject *
call_objects(PyObject *callable, PyObject *first, va_list va)
{
    PyObject *few[KR_FEW_ARGS], **all = few, *result, *arg;
    Py_ssize_t n = first != NULL;
    va_list count;

    va_copy(count, va);
    while (va_arg(count, PyObject *) != NULL) {
        n++;
    }
    va_end(count);
    if (n > KR_FEW_ARGS) {
        all = PyMem_Malloc((size_t)n * sizeof(PyObject *));
        if (all == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    n = 0;
    if (first != NULL) {
        all[n++] = first;
    }
    while ((arg = va_arg(va, PyObject *)) != NULL) {
        all[n++] = arg;
    }
    result = vectorcall_inline(kr_thread(), callable, all, (size_t)n, NULL);
    if (all != few) {
        PyMem_Free(all);
    }
    return result;
}

PyObject *
PyObject_CallFunctionObjArgs(PyObject *callable, ...)
{
    va_list va;
    PyObject *result;

    if (callable == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    va_start(va, callable);
    result = call_objects(callable, NULL, va);
    va_end(va);
    return result;
}

PyObject *
PyObject_CallMethodObjArgs(PyObject *obj, PyObject *name, ...)
{
    va_list va;
    PyObject *callable = NULL, *result;
    int unbound;

    if (obj == NULL || name == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    unbound = _PyObject_GetMethod(obj, name, &callable);
    if (callable == NULL) {
        return NULL;
    }
    va_start(va, name);
    result = call_objects(callable, unbound ? obj : NULL, va);
    va_end(va);
    Py_DECREF(callable);
    return result;
}
