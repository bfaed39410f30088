// SPDX-License-Identifier: MIT
// mappingproxy.c - a read-only view of a mapping; cls.__dict__ is one.
//
// Re-entrancy: the mapping may be any Python object.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/object.h"

typedef struct {
    PyObject_HEAD
    PyObject *mapping; // owned
} KrMappingProxy;

static_assert(sizeof(KrMappingProxy) == 24, "the size is known");

static inline PyObject *
proxied(PyObject *self)
{
    return ((KrMappingProxy *)self)->mapping;
}

PyObject *
PyDictProxy_New(PyObject *mapping)
{
    KrMappingProxy *self;

    if (!PyMapping_Check(mapping) || PyList_Check(mapping) || PyTuple_Check(mapping)) {
        PyErr_Format(PyExc_TypeError,
                     "mappingproxy() argument must be a mapping, not %s",
                     Py_TYPE(mapping)->tp_name);
        return NULL;
    }
    self = PyObject_GC_New(KrMappingProxy, &PyDictProxy_Type);
    if (self != NULL) {
        self->mapping = Py_NewRef(mapping);
        PyObject_GC_Track(self);
    }
    return (PyObject *)self;
}

KR_NEW(mappingproxy, "mappingproxy(mapping)", "Make a read-only proxy of a mapping.")
static PyObject *
mappingproxy_new_impl(PyTypeObject *type, PyObject *mapping)
{
    return PyDictProxy_New(mapping);
}

static void
mappingproxy_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_DECREF(proxied(self));
    PyObject_GC_Del(self);
}

static int
mappingproxy_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(proxied(self));
    return 0;
}

static PyObject *
mappingproxy_repr(PyObject *self)
{
    return PyUnicode_FromFormat("mappingproxy(%R)", proxied(self));
}

static PyObject *
mappingproxy_str(PyObject *self)
{
    return PyObject_Str(proxied(self));
}

static Py_hash_t
mappingproxy_hash(PyObject *self)
{
    return PyObject_Hash(proxied(self));
}

static PyObject *
mappingproxy_richcompare(PyObject *self, PyObject *other, int op)
{
    if (Py_IS_TYPE(other, &PyDictProxy_Type)) {
        other = proxied(other);
    }
    return PyObject_RichCompare(proxied(self), other, op);
}

static PyObject *
mappingproxy_iter(PyObject *self)
{
    return PyObject_GetIter(proxied(self));
}

static Py_ssize_t
mappingproxy_length(PyObject *self)
{
    return PyObject_Size(proxied(self));
}

static PyObject *
mappingproxy_subscript(PyObject *self, PyObject *key)
{
    return PyObject_GetItem(proxied(self), key);
}

static int
mappingproxy_contains(PyObject *self, PyObject *key)
{
    if (PyDict_CheckExact(proxied(self))) {
        return PyDict_Contains(proxied(self), key);
    }
    return PySequence_Contains(proxied(self), key);
}

static PyObject *
mappingproxy_or(PyObject *left, PyObject *right)
{
    if (Py_IS_TYPE(left, &PyDictProxy_Type)) {
        left = proxied(left);
    }
    if (Py_IS_TYPE(right, &PyDictProxy_Type)) {
        right = proxied(right);
    }
    return PyNumber_Or(left, right);
}

static PyObject *
mappingproxy_inplace_or(PyObject *self, PyObject *other)
{
    PyErr_Format(PyExc_TypeError, "'|=' is not supported by %s; use '|' instead",
                 Py_TYPE(self)->tp_name);
    return NULL;
}

KR_METHOD(mappingproxy, "get(self, key, default=None, /)",
          "The value of key, or default if there is none.")
static PyObject *
mappingproxy_get(PyObject *self, PyObject *key, PyObject *fallback)
{
    PyObject *args[3] = {proxied(self), key, fallback};

    return PyObject_VectorcallMethod(KR_ID(get), args, 3, NULL);
}

KR_METHOD_RAW(mappingproxy, "keys", METH_NOARGS, "A view of the mapping's keys.")
static PyObject *
mappingproxy_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(proxied(self), KR_ID(keys));
}

KR_METHOD_RAW(mappingproxy, "values", METH_NOARGS, "A view of the mapping's values.")
static PyObject *
mappingproxy_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(proxied(self), KR_ID(values));
}

KR_METHOD_RAW(mappingproxy, "items", METH_NOARGS, "A view of the mapping's items.")
static PyObject *
mappingproxy_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(proxied(self), KR_ID(items));
}

KR_METHOD_RAW(mappingproxy, "copy", METH_NOARGS, "A shallow copy of the mapping.")
static PyObject *
mappingproxy_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(proxied(self), KR_ID(copy));
}

KR_METHOD_RAW(mappingproxy, "__class_getitem__", METH_O | METH_CLASS,
              "Parametrize the class.")
static PyObject *
mappingproxy_class_getitem(PyObject *cls, PyObject *args)
{
    return Py_GenericAlias(cls, args);
}

KR_METHOD_RAW(mappingproxy, "__reversed__", METH_NOARGS, "Iterate backwards.")
static PyObject *
mappingproxy_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallMethodNoArgs(proxied(self), KR_ID(__reversed__));
}

static PyNumberMethods mappingproxy_as_number = {
    .nb_or = mappingproxy_or,
    .nb_inplace_or = mappingproxy_inplace_or,
};

static PyMappingMethods mappingproxy_as_mapping = {
    .mp_length = mappingproxy_length,
    .mp_subscript = mappingproxy_subscript,
};

static PySequenceMethods mappingproxy_as_sequence = {
    .sq_contains = mappingproxy_contains,
};

KR_TYPE(mappingproxy)
#include "objects/mappingproxy.methods.h"

PyTypeObject PyDictProxy_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "mappingproxy",
    .tp_basicsize = sizeof(KrMappingProxy),
    .tp_dealloc = mappingproxy_dealloc,
    .tp_repr = mappingproxy_repr,
    .tp_as_number = &mappingproxy_as_number,
    .tp_as_sequence = &mappingproxy_as_sequence,
    .tp_as_mapping = &mappingproxy_as_mapping,
    .tp_hash = mappingproxy_hash,
    .tp_str = mappingproxy_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING,
    .tp_doc = mappingproxy_doc,
    .tp_traverse = mappingproxy_traverse,
    .tp_richcompare = mappingproxy_richcompare,
    .tp_iter = mappingproxy_iter,
    .tp_methods = mappingproxy_methods,
    .tp_new = mappingproxy_new,
};
