// SPDX-License-Identifier: MIT
// funcdecor.c - classmethod and staticmethod.
//
// Callers:     class bodies; type creation wraps __new__ and __init_subclass__.
// Re-entrancy: copying attributes of the wrapped object may run Python.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type.h"

// Both types have this layout.
typedef struct {
    PyObject_HEAD
    PyObject *callable; // owned, NULL before __init__
    PyObject *dict;     // owned, NULL until needed
} KrFuncDecorator;

static_assert(sizeof(KrFuncDecorator) == 32, "the size is known to extensions");

static int
copy_attribute(PyObject *wrapper, PyObject *wrapped, PyObject *name)
{
    PyObject *value;
    int found = PyObject_GetOptionalAttr(wrapped, name, &value);

    if (found > 0) {
        found = PyObject_SetAttr(wrapper, name, value);
        Py_DECREF(value);
    }
    return found;
}

// Makes the wrapper look like what it wraps.
static int
copy_identity(PyObject *wrapper, PyObject *wrapped)
{
    if (copy_attribute(wrapper, wrapped, KR_ID(__module__)) < 0 ||
        copy_attribute(wrapper, wrapped, KR_ID(__name__)) < 0 ||
        copy_attribute(wrapper, wrapped, KR_ID(__qualname__)) < 0 ||
        copy_attribute(wrapper, wrapped, KR_ID(__doc__)) < 0) {
        return -1;
    }
    return 0;
}

static int
decorator_init(PyObject *self, PyObject *args, PyObject *kwds, const char *name)
{
    PyObject *callable;

    if (!kr_arg_no_keywords(name, kwds) ||
        !kr_arg_count(name, PyTuple_GET_SIZE(args), 1, 1)) {
        return -1;
    }
    callable = PyTuple_GET_ITEM(args, 0);
    Py_XSETREF(((KrFuncDecorator *)self)->callable, Py_NewRef(callable));
    return copy_identity(self, callable);
}

static PyObject *
decorator_make(PyTypeObject *type, PyObject *callable)
{
    KrFuncDecorator *self = (KrFuncDecorator *)PyType_GenericAlloc(type, 0);

    if (self == NULL) {
        return NULL;
    }
    // Names and documentation are copied only when Python code decorates.
    self->callable = Py_NewRef(callable);
    return (PyObject *)self;
}

static void
decorator_dealloc(PyObject *self)
{
    KrFuncDecorator *decorator = (KrFuncDecorator *)self;

    PyObject_GC_UnTrack(self);
    Py_XDECREF(decorator->callable);
    Py_XDECREF(decorator->dict);
    Py_TYPE(self)->tp_free(self);
}

static int
decorator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((KrFuncDecorator *)self)->callable);
    Py_VISIT(((KrFuncDecorator *)self)->dict);
    return 0;
}

static int
decorator_clear(PyObject *self)
{
    Py_CLEAR(((KrFuncDecorator *)self)->callable);
    Py_CLEAR(((KrFuncDecorator *)self)->dict);
    return 0;
}

static KR_COLD PyObject *
decorator_uninitialized(const char *name)
{
    PyErr_Format(PyExc_RuntimeError, "uninitialized %s object", name);
    return NULL;
}

static PyObject *
decorator_get_abstract(PyObject *self, void *closure)
{
    PyObject *callable = ((KrFuncDecorator *)self)->callable, *value;
    int truth = 0;

    if (callable != NULL) {
        truth = PyObject_GetOptionalAttr(callable, KR_ID(__isabstractmethod__), &value);
        if (truth > 0) {
            truth = PyObject_IsTrue(value);
            Py_DECREF(value);
        }
    }
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

// Attributes that come from the wrapped object when first asked for.
static PyObject *
decorator_get_lazy(PyObject *self, void *closure)
{
    KrFuncDecorator *decorator = (KrFuncDecorator *)self;
    PyObject *name = closure, *value, *dict;

    if (decorator->dict == NULL) {
        decorator->dict = PyDict_New();
        if (decorator->dict == NULL) {
            return NULL;
        }
    }
    if (PyDict_GetItemRef(decorator->dict, name, &value) != 0) {
        return value;
    }
    if (decorator->callable == NULL) {
        PyErr_SetObject(PyExc_AttributeError, name);
        return NULL;
    }
    value = PyObject_GetAttr(decorator->callable, name);
    if (value == NULL) {
        return NULL;
    }
    dict = Py_XNewRef(decorator->dict);
    if (dict != NULL && PyDict_SetItem(dict, name, value) < 0) {
        Py_CLEAR(value);
    }
    Py_XDECREF(dict);
    return value;
}

static int
decorator_set_lazy(PyObject *self, PyObject *value, void *closure)
{
    KrFuncDecorator *decorator = (KrFuncDecorator *)self;
    PyObject *name = closure;
    int found;

    if (decorator->dict == NULL) {
        decorator->dict = PyDict_New();
        if (decorator->dict == NULL) {
            return -1;
        }
    }
    if (value != NULL) {
        return PyDict_SetItem(decorator->dict, name, value);
    }
    found = PyDict_Pop(decorator->dict, name, NULL);
    if (found == 0) {
        PyErr_SetString(PyExc_AttributeError, PyUnicode_AsUTF8(name));
    }
    return found <= 0 ? -1 : 0;
}

static PyMemberDef decorator_members[] = {
    {"__func__", _Py_T_OBJECT, offsetof(KrFuncDecorator, callable), Py_READONLY},
    {"__wrapped__", _Py_T_OBJECT, offsetof(KrFuncDecorator, callable), Py_READONLY},
    {NULL},
};

static PyGetSetDef decorator_getset[] = {
    {"__isabstractmethod__", decorator_get_abstract},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict},
    {"__annotations__", decorator_get_lazy, decorator_set_lazy, NULL,
     KR_ID_STATIC(__annotations__)},
    {"__annotate__", decorator_get_lazy, decorator_set_lazy, NULL,
     KR_ID_STATIC(__annotate__)},
    {NULL},
};

static PyMethodDef decorator_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS,
     "Parametrize the class."},
    {NULL},
};

// ------------------------------------------------------------------- classmethod

static int
classmethod_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return decorator_init(self, args, kwds, "classmethod");
}

static PyObject *
classmethod_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyObject *callable = ((KrFuncDecorator *)self)->callable;

    if (callable == NULL) {
        return decorator_uninitialized("classmethod");
    }
    if (type == NULL) {
        type = (PyObject *)Py_TYPE(obj);
    }
    return PyMethod_New(callable, type);
}

static PyObject *
classmethod_repr(PyObject *self)
{
    PyObject *callable = ((KrFuncDecorator *)self)->callable;

    return PyUnicode_FromFormat("<classmethod(%R)>", callable == NULL ? Py_None : callable);
}

PyTypeObject PyClassMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "classmethod",
    .tp_basicsize = sizeof(KrFuncDecorator),
    .tp_dealloc = decorator_dealloc,
    .tp_repr = classmethod_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "classmethod(function, /)\n--\n\n"
              "Make a function that gets the class as its first argument, whether it\n"
              "is called on the class or on an instance.\n\n"
              "  class C:\n"
              "      @classmethod\n"
              "      def f(cls, arg1, arg2):\n"
              "          ...\n\n"
              "A derived class passes itself. See staticmethod for functions that get\n"
              "neither class nor instance.",
    .tp_traverse = decorator_traverse,
    .tp_clear = decorator_clear,
    .tp_methods = decorator_methods,
    .tp_members = decorator_members,
    .tp_getset = decorator_getset,
    .tp_descr_get = classmethod_get,
    .tp_dictoffset = offsetof(KrFuncDecorator, dict),
    .tp_init = classmethod_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

PyObject *
PyClassMethod_New(PyObject *callable)
{
    return decorator_make(&PyClassMethod_Type, callable);
}

// ------------------------------------------------------------------ staticmethod

static int
staticmethod_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    return decorator_init(self, args, kwds, "staticmethod");
}

static PyObject *
staticmethod_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyObject *callable = ((KrFuncDecorator *)self)->callable;

    if (callable == NULL) {
        return decorator_uninitialized("staticmethod");
    }
    return Py_NewRef(callable);
}

static PyObject *
staticmethod_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *callable = ((KrFuncDecorator *)self)->callable;

    if (callable == NULL) {
        return decorator_uninitialized("staticmethod");
    }
    return PyObject_Call(callable, args, kwds);
}

static PyObject *
staticmethod_repr(PyObject *self)
{
    PyObject *callable = ((KrFuncDecorator *)self)->callable;

    return PyUnicode_FromFormat("<staticmethod(%R)>", callable == NULL ? Py_None : callable);
}

PyTypeObject PyStaticMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "staticmethod",
    .tp_basicsize = sizeof(KrFuncDecorator),
    .tp_dealloc = decorator_dealloc,
    .tp_repr = staticmethod_repr,
    .tp_call = staticmethod_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "staticmethod(function, /)\n--\n\n"
              "Make a function that gets neither the class nor the instance as an\n"
              "extra argument.\n\n"
              "  class C:\n"
              "      @staticmethod\n"
              "      def f(arg1, arg2):\n"
              "          ...\n\n"
              "It can be called on the class and on instances alike.",
    .tp_traverse = decorator_traverse,
    .tp_clear = decorator_clear,
    .tp_methods = decorator_methods,
    .tp_members = decorator_members,
    .tp_getset = decorator_getset,
    .tp_descr_get = staticmethod_get,
    .tp_dictoffset = offsetof(KrFuncDecorator, dict),
    .tp_init = staticmethod_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

PyObject *
PyStaticMethod_New(PyObject *callable)
{
    return decorator_make(&PyStaticMethod_Type, callable);
}
