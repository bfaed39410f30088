// SPDX-License-Identifier: MIT
// intrinsics.c - rare operations that the compiler asks for by number.
#include "vm/intrinsics.h"

#include "bytecode/opcodes.h"
#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/module.h"
#include "objects/typevar.h"

PyObject *
kr_intrinsic_print(PyObject *value)
{
    PyObject *hook = PySys_GetObject("displayhook");
    if (hook == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.displayhook");
        return NULL;
    }
    Py_INCREF(hook);
    PyObject *result = PyObject_CallOneArg(hook, value);
    Py_DECREF(hook);
    return result;
}

// --- Imports -------------------------------------------------------------------------

PyObject *
kr_import_name(KrFrame *fp, PyObject *name, PyObject *fromlist, PyObject *level,
               PyObject *locals)
{
    PyFunctionObject *func = kr_frame_func(fp);
    PyObject *import_func, *result;
    int found = PyMapping_GetOptionalItem(func->func_builtins, KR_ID(__import__),
                                          &import_func);
    if (found <= 0) {
        if (found == 0) {
            PyErr_SetString(PyExc_ImportError, "__import__ not found");
        }
        return NULL;
    }
    if (import_func == kr_interp()->import_func) {
        int depth = PyLong_AsInt(level);
        result = depth == -1 && PyErr_Occurred()
                     ? NULL
                     : PyImport_ImportModuleLevelObject(name, func->func_globals,
                                                        locals != NULL ? locals : Py_None,
                                                        fromlist, depth);
    }
    else {
        PyObject *args[5] = {name, func->func_globals, locals != NULL ? locals : Py_None,
                             fromlist, level};
        result = PyObject_Vectorcall(import_func, args, 5, NULL);
    }
    Py_DECREF(import_func);
    return result;
}

PyObject *
kr_import_from(PyObject *module, PyObject *name)
{
    PyObject *value, *module_name = NULL, *full = NULL;
    if (PyObject_GetOptionalAttr(module, name, &value) != 0) {
        return value;
    }
    // A submodule that is imported but not yet set as an attribute.
    if (PyObject_GetOptionalAttr(module, KR_ID(__name__), &module_name) < 0) {
        return NULL;
    }
    if (module_name != NULL && PyUnicode_Check(module_name)) {
        full = PyUnicode_FromFormat("%U.%U", module_name, name);
        value = full == NULL ? NULL : PyImport_GetModule(full);
        Py_XDECREF(full);
        if (value != NULL || PyErr_Occurred()) {
            Py_DECREF(module_name);
            return value;
        }
    }
    else {
        Py_CLEAR(module_name);
    }
    kr_module_cannot_import(module, module_name, name);
    Py_XDECREF(module_name);
    return NULL;
}

PyObject *
kr_intrinsic_import_star(KrFrame *fp, PyObject *module)
{
    PyObject *all = NULL, *dict = NULL, *iterator = NULL, *name = NULL, *result = NULL;
    PyObject *ns = kr_frame_namespace(fp);
    bool skip_underscore = false;
    int more;

    if (ns == NULL) {
        PyErr_SetString(PyExc_SystemError, "no locals found during 'import *'");
        return NULL;
    }
    if (PyObject_GetOptionalAttr(module, KR_ID(__all__), &all) < 0) {
        return NULL;
    }
    if (all == NULL) {
        if (PyObject_GetOptionalAttr(module, KR_ID(__dict__), &dict) < 0) {
            return NULL;
        }
        if (dict == NULL) {
            PyErr_SetString(PyExc_ImportError,
                            "from-import-* object has no __dict__ and no __all__");
            return NULL;
        }
        all = PyMapping_Keys(dict);
        Py_DECREF(dict);
        skip_underscore = true;
        if (all == NULL) {
            return NULL;
        }
    }
    iterator = PyObject_GetIter(all);
    if (iterator == NULL) {
        goto done;
    }
    while ((more = PyIter_NextItem(iterator, &name)) > 0) {
        if (!PyUnicode_Check(name)) {
            PyObject *module_name = PyObject_GetAttr(module, KR_ID(__name__));
            if (module_name != NULL) {
                PyErr_Format(PyExc_TypeError, "%s in %U.%s must be str, not %.100s",
                             skip_underscore ? "Key" : "Item", module_name,
                             skip_underscore ? "__dict__" : "__all__",
                             Py_TYPE(name)->tp_name);
                Py_DECREF(module_name);
            }
            goto done;
        }
        if (skip_underscore && PyUnicode_GET_LENGTH(name) > 0 &&
            PyUnicode_READ_CHAR(name, 0) == '_') {
            Py_CLEAR(name);
            continue;
        }
        PyObject *value = PyObject_GetAttr(module, name);
        int status = value == NULL ? -1
                     : PyDict_CheckExact(ns) ? PyDict_SetItem(ns, name, value)
                                             : PyObject_SetItem(ns, name, value);
        Py_XDECREF(value);
        if (status < 0) {
            goto done;
        }
        Py_CLEAR(name);
    }
    if (more == 0) {
        result = Py_NewRef(Py_None);
    }

done:
    Py_XDECREF(name);
    Py_XDECREF(iterator);
    Py_XDECREF(all);
    return result;
}

PyObject *
kr_intrinsic_stopiteration_error(KrFrame *fp, PyObject *exc)
{
    int flags = kr_frame_exec(fp)->code->co_flags;
    const char *text = NULL;
    if (PyErr_GivenExceptionMatches(exc, PyExc_StopIteration)) {
        text = (flags & CO_ASYNC_GENERATOR) ? "async generator raised StopIteration"
               : (flags & CO_COROUTINE)     ? "coroutine raised StopIteration"
                                            : "generator raised StopIteration";
    }
    else if ((flags & CO_ASYNC_GENERATOR) &&
             PyErr_GivenExceptionMatches(exc, PyExc_StopAsyncIteration)) {
        text = "async generator raised StopAsyncIteration";
    }
    if (text == NULL) {
        return Py_NewRef(exc);
    }
    PyObject *message = PyUnicode_FromString(text);
    PyObject *error = message == NULL ? NULL
                                      : PyObject_CallOneArg(PyExc_RuntimeError, message);
    Py_XDECREF(message);
    if (error != NULL) {
        PyException_SetCause(error, Py_NewRef(exc));
        PyException_SetContext(error, Py_NewRef(exc));
    }
    return error;
}

// --- Type parameters -------------------------------------------------------------------

// Only hand-made code brings other operands.
static bool
is_operand_1(int number, PyObject *value)
{
    switch (number) {
    case KR_INTRINSIC_SUBSCRIPT_GENERIC:
        return PyTuple_CheckExact(value);
    case KR_INTRINSIC_TYPEALIAS:
        return PyTuple_CheckExact(value) && PyTuple_GET_SIZE(value) == 3 &&
               PyUnicode_Check(PyTuple_GET_ITEM(value, 0)) &&
               (Py_IsNone(PyTuple_GET_ITEM(value, 1)) ||
                PyTuple_CheckExact(PyTuple_GET_ITEM(value, 1)));
    default:
        return PyUnicode_CheckExact(value);
    }
}

static bool
is_operand_2(int number, PyObject *left, PyObject *right)
{
    switch (number) {
    case KR_INTRINSIC_SET_FUNCTION_TYPE_PARAMS:
        return PyFunction_Check(left) && PyTuple_CheckExact(right);
    case KR_INTRINSIC_SET_TYPEPARAM_DEFAULT:
        return Py_IS_TYPE(left, &kr_typevar_type) || Py_IS_TYPE(left, &kr_paramspec_type) ||
               Py_IS_TYPE(left, &kr_typevartuple_type);
    default:
        return PyUnicode_CheckExact(left);
    }
}

PyObject *
kr_intrinsic_typing_1(int number, PyObject *value)
{
    if (!is_operand_1(number, value)) {
        PyErr_Format(PyExc_SystemError, "intrinsic %d cannot take a '%T'", number, value);
        return NULL;
    }
    switch (number) {
    case KR_INTRINSIC_TYPEVAR:
        return kr_typevar_from_name(&kr_typevar_type, value);
    case KR_INTRINSIC_PARAMSPEC:
        return kr_typevar_from_name(&kr_paramspec_type, value);
    case KR_INTRINSIC_TYPEVARTUPLE:
        return kr_typevar_from_name(&kr_typevartuple_type, value);
    case KR_INTRINSIC_SUBSCRIPT_GENERIC:
        return kr_subscript_generic(value);
    case KR_INTRINSIC_TYPEALIAS:
        return kr_typealias_from_tuple(value);
    default:
        PyErr_SetString(PyExc_SystemError, "unknown intrinsic");
        return NULL;
    }
}

PyObject *
kr_intrinsic_typing_2(int number, PyObject *left, PyObject *right)
{
    if (!is_operand_2(number, left, right)) {
        PyErr_Format(PyExc_SystemError, "intrinsic %d cannot take a '%T'", number, left);
        return NULL;
    }
    switch (number) {
    case KR_INTRINSIC_TYPEVAR_WITH_BOUND:
        return kr_typevar_with(left, right, NULL);
    case KR_INTRINSIC_TYPEVAR_WITH_CONSTRAINTS:
        return kr_typevar_with(left, NULL, right);
    case KR_INTRINSIC_SET_FUNCTION_TYPE_PARAMS: {
        PyFunctionObject *func = (PyFunctionObject *)left;
        Py_XSETREF(func->func_typeparams, Py_NewRef(right));
        return Py_NewRef(left);
    }
    case KR_INTRINSIC_SET_TYPEPARAM_DEFAULT:
        return kr_typevar_set_default(left, right);
    default:
        PyErr_SetString(PyExc_SystemError, "unknown intrinsic");
        return NULL;
    }
}
