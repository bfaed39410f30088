// SPDX-License-Identifier: MIT
// module.c - the module type: attributes, repr, annotations.
//
// Callers:     import, every `import x; x.y`.
// Re-entrancy: a module's __getattr__ and __annotate__ are Python code.
// Read next:   module_errors.c, module_def.c
#include "objects/module.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

static_assert(sizeof(KrModule) == 56, "the size is known to extensions");

// ---------------------------------------------------------------------- creation

static int
module_set_basics(KrModule *self, PyObject *name, PyObject *doc)
{
    PyObject *dict = self->dict;

    if (PyDict_SetItem(dict, KR_ID(__name__), name) < 0 ||
        PyDict_SetItem(dict, KR_ID(__doc__), doc) < 0 ||
        PyDict_SetItem(dict, KR_ID(__package__), Py_None) < 0 ||
        PyDict_SetItem(dict, KR_ID(__loader__), Py_None) < 0 ||
        PyDict_SetItem(dict, KR_ID(__spec__), Py_None) < 0) {
        return -1;
    }
    if (PyUnicode_CheckExact(name)) {
        Py_XSETREF(self->name, Py_NewRef(name));
    }
    return 0;
}

static PyObject *
module_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KrModule *self = (KrModule *)PyType_GenericAlloc(type, 0);

    if (self != NULL) {
        self->dict = PyDict_New();
        if (self->dict == NULL) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

KR_INIT(module, "module(name: str, doc=None)",
        "Make a module object; doc can be anything.")
static int
module_init_impl(PyObject *self, PyObject *name, PyObject *doc)
{
    return module_set_basics((KrModule *)self, name, doc);
}

PyObject *
PyModule_NewObject(PyObject *name)
{
    PyObject *self = module_new(&PyModule_Type, NULL, NULL);

    if (self != NULL && module_set_basics((KrModule *)self, name, Py_None) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

PyObject *
PyModule_New(const char *name)
{
    PyObject *text = PyUnicode_FromString(name), *self;

    if (text == NULL) {
        return NULL;
    }
    self = PyModule_NewObject(text);
    Py_DECREF(text);
    return self;
}

// ---------------------------------------------------------------- plain accessors

PyObject *
PyModule_GetDict(PyObject *module)
{
    if (!PyModule_Check(module)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return kr_module_dict_borrow(module);
}

PyObject *
PyModule_GetNameObject(PyObject *module)
{
    PyObject *dict, *name;

    if (!PyModule_Check(module)) {
        PyErr_BadArgument();
        return NULL;
    }
    dict = kr_module_dict_borrow(module);
    if (dict != NULL && PyDict_GetItemRef(dict, KR_ID(__name__), &name) != 0) {
        if (name == NULL || PyUnicode_Check(name)) {
            return name;
        }
        Py_DECREF(name);
    }
    PyErr_SetString(PyExc_SystemError, "nameless module");
    return NULL;
}

const char *
PyModule_GetName(PyObject *module)
{
    PyObject *name = PyModule_GetNameObject(module);

    if (name == NULL) {
        return NULL;
    }
    // The module's dict keeps it alive.
    Py_DECREF(name);
    return PyUnicode_AsUTF8(name);
}

PyObject *
PyModule_GetFilenameObject(PyObject *module)
{
    PyObject *dict, *name;

    if (!PyModule_Check(module)) {
        PyErr_BadArgument();
        return NULL;
    }
    dict = kr_module_dict_borrow(module);
    if (dict != NULL && PyDict_GetItemRef(dict, KR_ID(__file__), &name) != 0) {
        if (name == NULL || PyUnicode_Check(name)) {
            return name;
        }
        Py_DECREF(name);
    }
    PyErr_SetString(PyExc_SystemError, "module filename missing");
    return NULL;
}

const char *
PyModule_GetFilename(PyObject *module)
{
    PyObject *name = PyModule_GetFilenameObject(module);

    if (name == NULL) {
        return NULL;
    }
    Py_DECREF(name);
    return PyUnicode_AsUTF8(name);
}

PyModuleDef *
PyModule_GetDef(PyObject *module)
{
    if (!PyModule_Check(module)) {
        PyErr_BadArgument();
        return NULL;
    }
    return ((KrModule *)module)->def;
}

void *
PyModule_GetState(PyObject *module)
{
    if (!PyModule_Check(module)) {
        PyErr_BadArgument();
        return NULL;
    }
    return ((KrModule *)module)->state;
}

// At the end of an interpreter: values go, one-underscore names first, so that
// destructors of the others may still use them.
void
_PyModule_ClearDict(PyObject *dict)
{
    for (int round = 0; round < 2; round++) {
        PyObject *key, *value;
        Py_ssize_t at = 0;
        while (PyDict_Next(dict, &at, &key, &value)) {
            if (value == Py_None || !PyUnicode_Check(key) ||
                PyUnicode_GET_LENGTH(key) == 0) {
                continue;
            }
            bool underscore = PyUnicode_READ_CHAR(key, 0) == '_' &&
                              (PyUnicode_GET_LENGTH(key) == 1 ||
                               PyUnicode_READ_CHAR(key, 1) != '_');
            bool wanted = round == 0
                              ? underscore
                              : PyUnicode_READ_CHAR(key, 0) != '_' ||
                                    PyUnicode_Compare(key, KR_ID(__builtins__)) != 0;
            if (wanted && PyDict_SetItem(dict, key, Py_None) != 0) {
                PyErr_FormatUnraisable("Exception ignored while clearing module dict");
            }
        }
    }
}

void
_PyModule_Clear(PyObject *module)
{
    PyObject *dict = kr_module_dict_borrow(module);

    if (dict != NULL) {
        _PyModule_ClearDict(dict);
    }
}

// -------------------------------------------------------------------- attributes

int
_PyModuleSpec_IsInitializing(PyObject *spec)
{
    PyObject *value;
    int truth;

    if (spec == NULL) {
        return 0;
    }
    truth = PyObject_GetOptionalAttr(spec, KR_ID(_initializing), &value);
    if (truth > 0) {
        truth = PyObject_IsTrue(value);
        Py_DECREF(value);
    }
    return truth;
}

int
kr_module_lookup(PyObject *module, PyObject *name, PyObject **value_out)
{
    return kr_generic_lookup(module, name, value_out);
}

static PyObject *
module_getattro(PyObject *self, PyObject *name)
{
    PyObject *value, *hook, *mod_name;
    int found = kr_generic_lookup(self, name, &value);

    if (found > 0) {
        return value;
    }
    if (found < 0) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return NULL;
        }
        PyErr_Clear();
    }
    if (PyDict_GetItemRef(kr_module_dict_borrow(self), KR_ID(__getattr__), &hook) < 0) {
        return NULL;
    }
    if (hook != NULL) {
        value = PyObject_CallOneArg(hook, name);
        Py_DECREF(hook);
        return value;
    }
    if (PyDict_GetItemRef(kr_module_dict_borrow(self), KR_ID(__name__), &mod_name) < 0) {
        return NULL;
    }
    if (mod_name == NULL || !PyUnicode_Check(mod_name)) {
        PyErr_Format(PyExc_AttributeError, "module has no attribute '%U'", name);
    }
    else {
        kr_module_no_attribute(self, mod_name, name);
    }
    Py_XDECREF(mod_name);
    return NULL;
}

static PyObject *
module_repr(PyObject *self)
{
    PyObject *importlib = kr_interp()->importlib, *name, *result;

    if (importlib != NULL) {
        return PyObject_CallMethodOneArg(importlib, KR_ID(_module_repr), self);
    }
    // Before the import system exists there are builtin modules only.
    name = PyModule_GetNameObject(self);
    if (name == NULL) {
        PyErr_Clear();
        return PyUnicode_FromString("<module '?'>");
    }
    result = PyUnicode_FromFormat("<module %R (built-in)>", name);
    Py_DECREF(name);
    return result;
}

KR_METHOD_RAW(module, "__dir__", METH_VARARGS, "__dir__() -> list\nnames in the module")
static PyObject *
module_dir(PyObject *self, PyObject *args)
{
    PyObject *dict = PyObject_GetAttr(self, KR_ID(__dict__)), *hook, *result = NULL;

    if (dict == NULL) {
        return NULL;
    }
    if (!PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%R.__dict__ is not a dictionary", self);
    }
    else if (PyDict_GetItemRef(dict, KR_ID(__dir__), &hook) >= 0) {
        result = hook != NULL ? PyObject_CallNoArgs(hook) : PyDict_Keys(dict);
        Py_XDECREF(hook);
    }
    Py_DECREF(dict);
    return result;
}

// ------------------------------------------------------------------- annotations

static PyObject *
module_own_dict(PyObject *self)
{
    PyObject *dict = PyObject_GetAttr(self, KR_ID(__dict__));

    if (dict != NULL && !PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "<module>.__dict__ is not a dictionary");
        Py_CLEAR(dict);
    }
    return dict;
}

// A module that is still running its body must not keep what it has so far.
static int
module_is_initializing(PyObject *dict)
{
    PyObject *spec;
    int result;

    if (PyDict_GetItemRef(dict, KR_ID(__spec__), &spec) <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    result = spec == Py_None ? 0 : _PyModuleSpec_IsInitializing(spec);
    Py_DECREF(spec);
    return result;
}

static PyObject *
annotations_from_hook(PyObject *dict)
{
    PyObject *annotate, *format, *result;

    if (PyDict_GetItemRef(dict, KR_ID(__annotate__), &annotate) < 0) {
        return NULL;
    }
    if (annotate == NULL || !PyCallable_Check(annotate)) {
        Py_XDECREF(annotate);
        return PyDict_New();
    }
    format = PyLong_FromLong(1);
    result = format == NULL ? NULL : PyObject_CallOneArg(annotate, format);
    Py_XDECREF(format);
    Py_DECREF(annotate);
    if (result != NULL && !PyDict_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__annotate__ returned non-dict of type '%.100s'",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

KR_GETTER(module, "__annotations__", "The annotations of the module's variables.")
static PyObject *
module_get___annotations__(PyObject *self)
{
    PyObject *dict = module_own_dict(self), *result = NULL;
    int initializing;

    if (dict == NULL) {
        return NULL;
    }
    if (PyDict_GetItemRef(dict, KR_ID(__annotations__), &result) == 0) {
        initializing = module_is_initializing(dict);
        if (initializing >= 0) {
            result = annotations_from_hook(dict);
        }
        if (result != NULL && initializing == 0 &&
            PyDict_SetItem(dict, KR_ID(__annotations__), result) < 0) {
            Py_CLEAR(result);
        }
    }
    Py_DECREF(dict);
    return result;
}

KR_SETTER(module, "__annotations__")
static int
module_set___annotations__(PyObject *self, PyObject *value)
{
    PyObject *dict = module_own_dict(self);
    int status;

    if (dict == NULL) {
        return -1;
    }
    if (value != NULL) {
        status = PyDict_SetItem(dict, KR_ID(__annotations__), value);
    }
    else {
        status = PyDict_Pop(dict, KR_ID(__annotations__), NULL);
        if (status == 0) {
            PyErr_SetString(PyExc_AttributeError, "__annotations__");
        }
        status = status <= 0 ? -1 : 0;
    }
    if (status == 0 && PyDict_Pop(dict, KR_ID(__annotate__), NULL) < 0) {
        status = -1;
    }
    Py_DECREF(dict);
    return status;
}

KR_GETTER(module, "__annotate__", "The function that computes the annotations.")
static PyObject *
module_get___annotate__(PyObject *self)
{
    PyObject *dict = module_own_dict(self), *result = NULL;

    if (dict == NULL) {
        return NULL;
    }
    if (PyDict_GetItemRef(dict, KR_ID(__annotate__), &result) == 0 &&
        PyDict_SetItem(dict, KR_ID(__annotate__), Py_None) == 0) {
        result = Py_NewRef(Py_None);
    }
    Py_DECREF(dict);
    return result;
}

KR_SETTER(module, "__annotate__")
static int
module_set___annotate__(PyObject *self, PyObject *value)
{
    PyObject *dict;
    int status = -1;

    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __annotate__ attribute");
        return -1;
    }
    dict = module_own_dict(self);
    if (dict == NULL) {
        return -1;
    }
    if (value != Py_None && !PyCallable_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ must be callable or None");
    }
    else {
        status = PyDict_SetItem(dict, KR_ID(__annotate__), value);
        if (status == 0 && value != Py_None &&
            PyDict_Pop(dict, KR_ID(__annotations__), NULL) < 0) {
            status = -1;
        }
    }
    Py_DECREF(dict);
    return status;
}

// ------------------------------------------------------------------ life, tables

// The definition's functions are called once there is a state to work on.
static bool
module_has_state(KrModule *self)
{
    return self->def != NULL && (self->def->m_size <= 0 || self->state != NULL);
}

static void
module_dealloc(PyObject *op)
{
    KrModule *self = (KrModule *)op;

    PyObject_GC_UnTrack(op);
    if (self->weaklist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    if (module_has_state(self) && self->def->m_free != NULL) {
        self->def->m_free(self);
    }
    Py_XDECREF(self->dict);
    Py_XDECREF(self->name);
    PyMem_Free(self->state);
    Py_TYPE(op)->tp_free(op);
}

static int
module_traverse(PyObject *op, visitproc visit, void *arg)
{
    KrModule *self = (KrModule *)op;

    if (module_has_state(self) && self->def->m_traverse != NULL) {
        int result = self->def->m_traverse(op, visit, arg);
        if (result != 0) {
            return result;
        }
    }
    Py_VISIT(self->dict);
    return 0;
}

static int
module_clear(PyObject *op)
{
    KrModule *self = (KrModule *)op;

    if (module_has_state(self) && self->def->m_clear != NULL) {
        int result = self->def->m_clear(op);
        if (PyErr_Occurred()) {
            PyErr_FormatUnraisable("Exception ignored in m_clear of module%s%V",
                                   self->name == NULL ? "" : " ", self->name, "");
        }
        if (result != 0) {
            return result;
        }
    }
    Py_CLEAR(self->dict);
    return 0;
}

static PyMemberDef module_members[] = {
    {"__dict__", _Py_T_OBJECT, offsetof(KrModule, dict), Py_READONLY},
    {NULL},
};

KR_TYPE(module)
#include "objects/module.methods.h"

PyTypeObject PyModule_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "module",
    .tp_basicsize = sizeof(KrModule),
    .tp_dealloc = module_dealloc,
    .tp_repr = module_repr,
    .tp_getattro = module_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = module_doc,
    .tp_traverse = module_traverse,
    .tp_clear = module_clear,
    .tp_weaklistoffset = offsetof(KrModule, weaklist),
    .tp_methods = module_methods,
    .tp_members = module_members,
    .tp_getset = module_getset,
    .tp_dictoffset = offsetof(KrModule, dict),
    .tp_init = module_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = module_new,
    .tp_free = PyObject_GC_Del,
};
