// SPDX-License-Identifier: MIT
// weakref_module.c - module _weakref: what weakref.py is built on.
#include "Python.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/weakref.h"

KR_FUNCTION(weakref_module, "getweakrefcount(object, /)",
            "Return the number of weak references to 'object'.")
static PyObject *
weakref_module_getweakrefcount(PyObject *module, PyObject *object)
{
    return PyLong_FromSsize_t(kr_weakref_count(object));
}

KR_FUNCTION(weakref_module, "getweakrefs(object, /)",
            "Return a list of all weak reference objects pointing to 'object'.")
static PyObject *
weakref_module_getweakrefs(PyObject *module, PyObject *object)
{
    PyObject *list = PyList_New(0);

    if (list == NULL || !PyType_SUPPORTS_WEAKREFS(Py_TYPE(object))) {
        return list;
    }
    PyWeakReference *ref = *kr_weakref_list(object);
    for (; ref != NULL; ref = ref->wr_next) {
        if (Py_REFCNT(ref) > 0 && PyList_Append(list, (PyObject *)ref) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

KR_FUNCTION(weakref_module, "_remove_dead_weakref(dct: dict, key, /)",
            "Atomically remove key from dict if it points to a dead weakref.")
static PyObject *
weakref_module_remove_dead_weakref(PyObject *module, PyObject *dct, PyObject *key)
{
    PyObject *value;
    int found = PyDict_GetItemRef(dct, key, &value);

    if (found < 0) {
        return NULL;
    }
    if (found > 0) {
        // Between looking and deleting no other thread runs, and a key that has a
        // reference as its value is not equal to two entries.
        int dead = PyWeakref_Check(value) ? PyWeakref_IsDead(value) : -1;
        bool wrong = !PyWeakref_Check(value);
        Py_DECREF(value);
        if (wrong) {
            PyErr_SetString(PyExc_TypeError, "not a weakref");
            return NULL;
        }
        if (dead < 0) {
            return NULL;
        }
        if (dead && PyDict_Pop(dct, key, NULL) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(weakref_module, "proxy(object, callback=None, /)",
            "Create a proxy object that weakly references 'object'.")
static PyObject *
weakref_module_proxy(PyObject *module, PyObject *object, PyObject *callback)
{
    return PyWeakref_NewProxy(object, callback);
}

KR_MODULE(weakref_module)
#include "modules/weakref_module.methods.h"

static int
weakref_module_exec(PyObject *module)
{
    PyObject *ref = (PyObject *)&_PyWeakref_RefType;

    if (PyModule_AddObjectRef(module, "ref", ref) < 0 ||
        PyModule_AddObjectRef(module, "ReferenceType", ref) < 0 ||
        PyModule_AddObjectRef(module, "ProxyType", (PyObject *)&_PyWeakref_ProxyType) < 0 ||
        PyModule_AddObjectRef(module, "CallableProxyType",
                              (PyObject *)&_PyWeakref_CallableProxyType) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot weakref_module_slots[] = {
    {Py_mod_exec, weakref_module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef weakref_module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_weakref",
    .m_doc = "Weak-reference support module.",
    .m_methods = weakref_module_methods,
    .m_slots = weakref_module_slots,
};

PyMODINIT_FUNC
PyInit__weakref(void)
{
    return PyModuleDef_Init(&weakref_module_def);
}
