// SPDX-License-Identifier: MIT
// build_class.c - __build_class__: what a class statement calls.
//
// Order of work: bases through __mro_entries__, the metaclass, __prepare__, the
// body, the call of the metaclass, the __class__ cell.
#include "runtime/builtins/builtins.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/type.h"

// Replaces bases that have __mro_entries__. Returns a new reference: the same tuple
// when nothing changed.
static PyObject *
resolve_bases(PyObject *bases)
{
    Py_ssize_t count = PyTuple_GET_SIZE(bases);
    PyObject *list = NULL, *method = NULL, *entries = NULL, *result = NULL;

    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (PyType_Check(base)) {
            if (list != NULL && PyList_Append(list, base) < 0) {
                goto done;
            }
            continue;
        }
        if (PyObject_GetOptionalAttr(base, KR_ID(__mro_entries__), &method) < 0) {
            goto done;
        }
        if (method == NULL) {
            if (list != NULL && PyList_Append(list, base) < 0) {
                goto done;
            }
            continue;
        }
        entries = PyObject_CallOneArg(method, bases);
        Py_CLEAR(method);
        if (entries == NULL) {
            goto done;
        }
        if (!PyTuple_Check(entries)) {
            PyErr_SetString(PyExc_TypeError, "__mro_entries__ must return a tuple");
            goto done;
        }
        if (list == NULL) {
            list = PyList_New(i);
            if (list == NULL) {
                goto done;
            }
            for (Py_ssize_t j = 0; j < i; j++) {
                PyList_SET_ITEM(list, j, Py_NewRef(PyTuple_GET_ITEM(bases, j)));
            }
        }
        if (PyList_SetSlice(list, PyList_GET_SIZE(list), PyList_GET_SIZE(list),
                            entries) < 0) {
            goto done;
        }
        Py_CLEAR(entries);
    }
    result = list == NULL ? Py_NewRef(bases) : PyList_AsTuple(list);

done:
    Py_XDECREF(list);
    Py_XDECREF(method);
    Py_XDECREF(entries);
    return result;
}

// The keyword arguments without metaclass, and that one. *meta_out is NULL when it
// was not given. Returns a new dict, or NULL for "no keywords" (*failed tells).
static PyObject *
collect_keywords(PyObject *const *values, PyObject *kwnames, PyObject **meta_out,
                 bool *failed)
{
    PyObject *dict;

    *meta_out = NULL;
    *failed = false;
    if (kwnames == NULL) {
        return NULL;
    }
    dict = PyDict_New();
    if (dict == NULL) {
        *failed = true;
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, i);
        if (PyUnicode_Compare(name, KR_ID(metaclass)) == 0) {
            *meta_out = Py_NewRef(values[i]);
        }
        else if (PyDict_SetItem(dict, name, values[i]) < 0) {
            Py_CLEAR(*meta_out);
            Py_DECREF(dict);
            *failed = true;
            return NULL;
        }
    }
    return dict;
}

// The namespace that the body fills. Returns a new reference.
static PyObject *
prepare_namespace(PyObject *meta, PyObject *name, PyObject *bases, PyObject *keywords)
{
    PyObject *prepare, *namespace;
    PyObject *args[3] = {NULL, name, bases};

    if (PyObject_GetOptionalAttr(meta, KR_ID(__prepare__), &prepare) < 0) {
        return NULL;
    }
    if (prepare == NULL) {
        return PyDict_New();
    }
    namespace = PyObject_VectorcallDict(prepare, args + 1,
                                        2 | PY_VECTORCALL_ARGUMENTS_OFFSET, keywords);
    Py_DECREF(prepare);
    if (namespace != NULL && !PyMapping_Check(namespace)) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s.__prepare__() must return a mapping, not %.200s",
                     PyType_Check(meta) ? ((PyTypeObject *)meta)->tp_name : "<metaclass>",
                     Py_TYPE(namespace)->tp_name);
        Py_CLEAR(namespace);
    }
    return namespace;
}

// Checks that type.__new__ has filled the cell that methods read __class__ from.
static int
check_class_cell(PyObject *cell, PyObject *cls, PyObject *name)
{
    PyObject *found;

    if (!PyType_Check(cls) || !PyCell_Check(cell)) {
        return 0;
    }
    found = PyCell_GET(cell);
    if (found == cls) {
        return 0;
    }
    if (found == NULL) {
        PyErr_Format(PyExc_RuntimeError,
                     "__class__ not set defining %.200R as %.200R. "
                     "Was __classcell__ propagated to type.__new__?",
                     name, cls);
    }
    else {
        PyErr_Format(PyExc_TypeError, "__class__ set to %.200R defining %.200R as %.200R",
                     found, name, cls);
    }
    return -1;
}

KR_FUNCTION_RAW(builtins, "__build_class__", METH_FASTCALL | METH_KEYWORDS,
                "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\n"
                "What a class statement calls.")
static PyObject *
builtins___build_class__(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                         PyObject *kwnames)
{
    PyObject *given = NULL, *bases = NULL, *meta = NULL, *keywords = NULL;
    PyObject *namespace = NULL, *cell = NULL, *cls = NULL;
    PyObject *func, *name;
    bool failed;

    if (nargs < 2) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: not enough arguments");
        return NULL;
    }
    func = args[0];
    name = args[1];
    if (!PyFunction_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: func must be a function");
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: name is not a string");
        return NULL;
    }
    given = PyTuple_FromArray(args + 2, nargs - 2);
    bases = given == NULL ? NULL : resolve_bases(given);
    if (bases == NULL) {
        goto done;
    }
    keywords = collect_keywords(args + nargs, kwnames, &meta, &failed);
    if (failed) {
        goto done;
    }
    if (meta == NULL) {
        meta = Py_NewRef(PyTuple_GET_SIZE(bases)
                             ? (PyObject *)Py_TYPE(PyTuple_GET_ITEM(bases, 0))
                             : (PyObject *)&PyType_Type);
    }
    if (PyType_Check(meta)) {
        PyTypeObject *winner = kr_type_calculate_metaclass((PyTypeObject *)meta, bases);
        if (winner == NULL) {
            goto done;
        }
        Py_SETREF(meta, Py_NewRef(winner));
    }
    namespace = prepare_namespace(meta, name, bases, keywords);
    if (namespace == NULL) {
        goto done;
    }
    cell = PyEval_EvalCodeEx(PyFunction_GET_CODE(func), PyFunction_GET_GLOBALS(func),
                             namespace, NULL, 0, NULL, 0, NULL, 0, NULL,
                             PyFunction_GET_CLOSURE(func));
    if (cell == NULL) {
        goto done;
    }
    if (bases != given &&
        PyObject_SetItem(namespace, KR_ID(__orig_bases__), given) < 0) {
        goto done;
    }
    PyObject *call_args[4] = {NULL, name, bases, namespace};
    cls = PyObject_VectorcallDict(meta, call_args + 1, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                  keywords);
    if (cls != NULL && check_class_cell(cell, cls, name) < 0) {
        Py_CLEAR(cls);
    }

done:
    Py_XDECREF(given);
    Py_XDECREF(bases);
    Py_XDECREF(meta);
    Py_XDECREF(keywords);
    Py_XDECREF(namespace);
    Py_XDECREF(cell);
    return cls;
}

#include "runtime/builtins/build_class.methods.h"
