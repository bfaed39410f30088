// SPDX-License-Identifier: MIT
// namespace.c - types.SimpleNamespace: an object that is its attributes.
//
// Re-entrancy: comparing and printing run Python code of the values.
#include "objects/args.h"
#include "objects/call.h"
#include "objects/ids.h"
#include "objects/namespace.h"
#include "objects/object.h"

typedef struct {
    PyObject_HEAD
    PyObject *dict; // owned
} KrNamespace;

static inline PyObject *
namespace_dict(PyObject *self)
{
    return ((KrNamespace *)self)->dict;
}

static PyObject *
namespace_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    KrNamespace *self = (KrNamespace *)type->tp_alloc(type, 0);

    if (self != NULL) {
        self->dict = PyDict_New();
        if (self->dict == NULL) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

PyObject *
_PyNamespace_New(PyObject *kwds)
{
    PyObject *self = namespace_new(&_PyNamespace_Type, NULL, NULL);

    if (self != NULL && kwds != NULL && PyDict_Update(namespace_dict(self), kwds) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

static int
keywords_check(PyObject *dict)
{
    PyObject *key;
    Py_ssize_t at = 0;

    while (PyDict_Next(dict, &at, &key, NULL)) {
        if (!PyUnicode_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return -1;
        }
    }
    return 0;
}

static int
namespace_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *source, *dict;
    int status;

    if (!kr_arg_count(Py_TYPE(self)->tp_name[0] == 't' ? "SimpleNamespace"
                                                       : _PyType_Name(Py_TYPE(self)),
                      PyTuple_GET_SIZE(args), 0, 1)) {
        return -1;
    }
    if (PyTuple_GET_SIZE(args) == 1) {
        source = PyTuple_GET_ITEM(args, 0);
        if (PyDict_CheckExact(source)) {
            dict = Py_NewRef(source);
        }
        else {
            dict = PyObject_CallOneArg((PyObject *)&PyDict_Type, source);
            if (dict == NULL) {
                return -1;
            }
        }
        status = keywords_check(dict);
        if (status == 0) {
            status = PyDict_Update(namespace_dict(self), dict);
        }
        Py_DECREF(dict);
        if (status < 0) {
            return -1;
        }
    }
    if (kwds == NULL) {
        return 0;
    }
    if (keywords_check(kwds) < 0) {
        return -1;
    }
    return PyDict_Update(namespace_dict(self), kwds);
}

static void
namespace_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((KrNamespace *)self)->dict);
    Py_TYPE(self)->tp_free(self);
}

static int
namespace_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(namespace_dict(self));
    return 0;
}

static int
namespace_clear(PyObject *self)
{
    Py_CLEAR(((KrNamespace *)self)->dict);
    return 0;
}

// The "name=value" pieces in a list.
static PyObject *
namespace_pairs(PyObject *self)
{
    PyObject *pairs = PyList_New(0), *dict = NULL, *key, *value, *text;
    Py_ssize_t at = 0;

    // A value's repr may change the namespace: a copy is shown.
    dict = namespace_dict(self) == NULL ? PyDict_New()
                                        : PyDict_Copy(namespace_dict(self));
    if (pairs == NULL || dict == NULL) {
        goto error;
    }
    while (PyDict_Next(dict, &at, &key, &value)) {
        if (!PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) == 0) {
            continue;
        }
        text = PyUnicode_FromFormat("%U=%R", key, value);
        if (text == NULL || PyList_Append(pairs, text) < 0) {
            Py_XDECREF(text);
            goto error;
        }
        Py_DECREF(text);
    }
    Py_DECREF(dict);
    return pairs;

error:
    Py_XDECREF(pairs);
    Py_XDECREF(dict);
    return NULL;
}

static PyObject *
namespace_repr(PyObject *self)
{
    const char *name =
        Py_IS_TYPE(self, &_PyNamespace_Type) ? "namespace" : Py_TYPE(self)->tp_name;
    int nested = Py_ReprEnter(self);
    PyObject *pairs, *separator = NULL, *joined = NULL, *result = NULL;

    if (nested != 0) {
        return nested > 0 ? PyUnicode_FromFormat("%s(...)", name) : NULL;
    }
    pairs = namespace_pairs(self);
    separator = PyUnicode_FromString(", ");
    if (pairs != NULL && separator != NULL) {
        joined = PyUnicode_Join(separator, pairs);
    }
    if (joined != NULL) {
        result = PyUnicode_FromFormat("%s(%U)", name, joined);
    }
    Py_XDECREF(pairs);
    Py_XDECREF(separator);
    Py_XDECREF(joined);
    Py_ReprLeave(self);
    return result;
}

static PyObject *
namespace_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyObject_TypeCheck(self, &_PyNamespace_Type) ||
        !PyObject_TypeCheck(other, &_PyNamespace_Type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(namespace_dict(self), namespace_dict(other), op);
}

KR_METHOD_RAW(namespace, "__reduce__", METH_NOARGS, "Describe how to rebuild the object.")
static PyObject *
namespace_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(O()O)", (PyObject *)Py_TYPE(self), namespace_dict(self));
}

KR_METHOD_RAW(namespace, "__replace__", METH_VARARGS | METH_KEYWORDS,
              "__replace__($self, /, **changes)\n--\n\nMake a copy with some attributes "
              "changed.")
static PyObject *
namespace_replace(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *result;

    if (PyTuple_GET_SIZE(args) != 0) {
        PyErr_SetString(PyExc_TypeError,
                        "__replace__() takes no positional arguments");
        return NULL;
    }
    result = PyObject_CallNoArgs((PyObject *)Py_TYPE(self));
    if (result == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(result, &_PyNamespace_Type)) {
        PyErr_Format(PyExc_TypeError,
                     "expect %N type, but %T() returned '%T' object", &_PyNamespace_Type, self,
                     result);
        Py_DECREF(result);
        return NULL;
    }
    if (PyDict_Update(namespace_dict(result), namespace_dict(self)) < 0 ||
        (kwds != NULL && PyDict_Update(namespace_dict(result), kwds) < 0)) {
        Py_CLEAR(result);
    }
    return result;
}

static PyMemberDef namespace_members[] = {
    {"__dict__", _Py_T_OBJECT, offsetof(KrNamespace, dict), 0},
    {NULL},
};

KR_TYPE(namespace)
#include "objects/namespace.methods.h"

PyTypeObject _PyNamespace_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "types.SimpleNamespace",
    .tp_basicsize = sizeof(KrNamespace),
    .tp_dealloc = namespace_dealloc,
    .tp_repr = namespace_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\n"
              "An object that is nothing but its attributes.",
    .tp_traverse = namespace_traverse,
    .tp_clear = namespace_clear,
    .tp_richcompare = namespace_richcompare,
    .tp_methods = namespace_methods,
    .tp_members = namespace_members,
    .tp_dictoffset = offsetof(KrNamespace, dict),
    .tp_init = namespace_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = namespace_new,
    .tp_free = PyObject_GC_Del,
};
