// SPDX-License-Identifier: MIT
// property.c - attributes computed by Python functions.
//
// Callers:     class bodies.
// Re-entrancy: getters and setters are Python code.
#include "objects/args.h"
#include "objects/descr.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type.h"

typedef struct {
    PyObject_HEAD
    PyObject *fget;  // owned, NULL: not readable
    PyObject *fset;  // owned, NULL: not writable
    PyObject *fdel;  // owned, NULL: not deletable
    PyObject *doc;   // owned
    PyObject *name;  // owned, from __set_name__, or NULL
    bool doc_from_getter;
} KrProperty;

static_assert(sizeof(KrProperty) == 64, "the size is known to extensions");

// ------------------------------------------------------------------------ access

PyObject *
kr_property_getter(PyObject *property)
{
    return ((KrProperty *)property)->fget;
}

PyObject *
kr_property_setter(PyObject *property)
{
    return ((KrProperty *)property)->fset;
}

// The name for messages: 1 with a new reference, 0 unknown, -1 error.
static int
property_name(KrProperty *self, PyObject **name_out)
{
    int found;

    if (self->name != NULL) {
        *name_out = Py_NewRef(self->name);
        return 1;
    }
    *name_out = NULL;
    if (self->fget == NULL || self->fget == Py_None) {
        return 0;
    }
    found = PyObject_GetOptionalAttr(self->fget, KR_ID(__name__), name_out);
    return found;
}

static KR_COLD void
property_access_error(KrProperty *self, PyObject *obj, const char *what)
{
    PyObject *name = Py_XNewRef(self->name), *qualname;

    qualname = PyType_GetQualName(Py_TYPE(obj));
    if (name == NULL && property_name(self, &name) < 0) {
        Py_XDECREF(qualname);
        return;
    }
    if (name != NULL && qualname != NULL) {
        PyErr_Format(PyExc_AttributeError, "property %R of %R object has no %s", name,
                     qualname, what);
    }
    else if (qualname != NULL) {
        PyErr_Format(PyExc_AttributeError, "property of %R object has no %s", qualname,
                     what);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "property has no %s", what);
    }
    Py_XDECREF(name);
    Py_XDECREF(qualname);
}

static PyObject *
property_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    KrProperty *property = (KrProperty *)self;

    if (obj == NULL || obj == Py_None) {
        return Py_NewRef(self);
    }
    if (property->fget == NULL) {
        property_access_error(property, obj, "getter");
        return NULL;
    }
    return PyObject_CallOneArg(property->fget, obj);
}

static int
property_descr_set(PyObject *self, PyObject *obj, PyObject *value)
{
    KrProperty *property = (KrProperty *)self;
    PyObject *func = value == NULL ? property->fdel : property->fset, *result;
    PyObject *args[2] = {obj, value};

    if (func == NULL) {
        property_access_error(property, obj, value == NULL ? "deleter" : "setter");
        return -1;
    }
    result = PyObject_Vectorcall(func, args, value == NULL ? 1 : 2, NULL);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

// ---------------------------------------------------------------------- creation

// Stores the documentation where it belongs: subclasses keep it in their dict.
static int
property_store_doc(KrProperty *self, PyObject *doc)
{
    int status;

    if (Py_IS_TYPE(self, &PyProperty_Type)) {
        Py_XSETREF(self->doc, Py_XNewRef(doc));
        return 0;
    }
    if (doc == NULL) {
        doc = Py_None;
    }
    status = PyObject_SetAttr((PyObject *)self, KR_ID(__doc__), doc);
    // A class with __slots__ has no place for it. That is only an error for a text
    // that the getter brought.
    if (status < 0 && !self->doc_from_getter &&
        PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        status = 0;
    }
    return status;
}

KR_INIT(property, "property(fget=None, fset=None, fdel=None, doc=None)",
        "An attribute that functions compute.\n\n"
        "  fget\n    function that reads the attribute\n"
        "  fset\n    function that binds it\n"
        "  fdel\n    function that deletes it\n"
        "  doc\n    documentation\n\n"
        "As a decorator it makes the getter, and its methods getter, setter and\n"
        "deleter give changed copies:\n\n"
        "class C:\n"
        "    @property\n"
        "    def x(self):\n"
        "        return self._x\n"
        "    @x.setter\n"
        "    def x(self, value):\n"
        "        self._x = value\n")
static int
property_init_impl(PyObject *obj, PyObject *fget, PyObject *fset, PyObject *fdel,
                   PyObject *doc)
{
    KrProperty *self = (KrProperty *)obj;
    PyObject *text = NULL;
    int status;

    Py_XSETREF(self->fget, fget == Py_None ? NULL : Py_XNewRef(fget));
    Py_XSETREF(self->fset, fset == Py_None ? NULL : Py_XNewRef(fset));
    Py_XSETREF(self->fdel, fdel == Py_None ? NULL : Py_XNewRef(fdel));
    Py_CLEAR(self->doc);
    Py_CLEAR(self->name);
    self->doc_from_getter = false;
    if (doc != NULL && doc != Py_None) {
        text = Py_NewRef(doc);
    }
    else if (self->fget != NULL) {
        if (PyObject_GetOptionalAttr(self->fget, KR_ID(__doc__), &text) < 0) {
            return -1;
        }
        if (text == Py_None) {
            Py_CLEAR(text);
        }
        if (text != NULL) {
            self->doc_from_getter = true;
        }
    }
    status = property_store_doc(self, text);
    Py_XDECREF(text);
    return status;
}

// A copy with some functions replaced; NULL keeps the old one.
static PyObject *
property_copy(PyObject *obj, PyObject *fget, PyObject *fset, PyObject *fdel)
{
    KrProperty *old = (KrProperty *)obj;
    PyObject *doc = Py_None, *result;

    fget = fget != NULL && fget != Py_None ? fget : old->fget;
    fset = fset != NULL && fset != Py_None ? fset : old->fset;
    fdel = fdel != NULL && fdel != Py_None ? fdel : old->fdel;
    // A text that came from the old getter is taken from the new one again.
    if (!(old->doc_from_getter && fget != NULL && fget != Py_None)) {
        doc = old->doc != NULL ? old->doc : Py_None;
    }
    result = PyObject_CallFunctionObjArgs(
        (PyObject *)Py_TYPE(obj), fget != NULL ? fget : Py_None,
        fset != NULL ? fset : Py_None, fdel != NULL ? fdel : Py_None, doc, NULL);
    if (result != NULL && PyObject_TypeCheck(result, &PyProperty_Type)) {
        Py_XSETREF(((KrProperty *)result)->name, Py_XNewRef(old->name));
    }
    return result;
}

KR_METHOD_RAW(property, "getter", METH_O, "Make a copy with another getter.")
static PyObject *
property_getter(PyObject *self, PyObject *getter)
{
    return property_copy(self, getter, NULL, NULL);
}

KR_METHOD_RAW(property, "setter", METH_O, "Make a copy with another setter.")
static PyObject *
property_setter(PyObject *self, PyObject *setter)
{
    return property_copy(self, NULL, setter, NULL);
}

KR_METHOD_RAW(property, "deleter", METH_O, "Make a copy with another deleter.")
static PyObject *
property_deleter(PyObject *self, PyObject *deleter)
{
    return property_copy(self, NULL, NULL, deleter);
}

KR_METHOD_RAW(property, "__set_name__($self, owner, name, /)", METH_VARARGS,
              "Take the name that the property is bound to in its class.")
static PyObject *
property_set_name(PyObject *self, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) != 2) {
        PyErr_Format(PyExc_TypeError,
                     "__set_name__() takes 2 positional arguments but %zd were given",
                     PyTuple_GET_SIZE(args));
        return NULL;
    }
    Py_XSETREF(((KrProperty *)self)->name, Py_NewRef(PyTuple_GET_ITEM(args, 1)));
    Py_RETURN_NONE;
}

KR_GETTER(property, "__name__", "The name of the attribute.")
static PyObject *
property_get___name__(PyObject *self)
{
    PyObject *name;

    if (property_name((KrProperty *)self, &name) == 0) {
        PyErr_SetString(PyExc_AttributeError,
                        "'property' object has no attribute '__name__'");
    }
    return name;
}

KR_SETTER(property, "__name__")
static int
property_set___name__(PyObject *self, PyObject *value)
{
    Py_XSETREF(((KrProperty *)self)->name, Py_XNewRef(value));
    return 0;
}

static int
is_abstract(PyObject *func)
{
    PyObject *value;
    int truth;

    if (func == NULL) {
        return 0;
    }
    truth = PyObject_GetOptionalAttr(func, KR_ID(__isabstractmethod__), &value);
    if (truth > 0) {
        truth = PyObject_IsTrue(value);
        Py_DECREF(value);
    }
    return truth;
}

KR_GETTER(property, "__isabstractmethod__", "Whether one of the functions is abstract.")
static PyObject *
property_get___isabstractmethod__(PyObject *self)
{
    KrProperty *property = (KrProperty *)self;
    int result = is_abstract(property->fget);

    if (result == 0) {
        result = is_abstract(property->fset);
    }
    if (result == 0) {
        result = is_abstract(property->fdel);
    }
    return result < 0 ? NULL : PyBool_FromLong(result);
}

// ------------------------------------------------------------------- life, tables

static void
property_dealloc(PyObject *self)
{
    KrProperty *property = (KrProperty *)self;

    PyObject_GC_UnTrack(self);
    Py_XDECREF(property->fget);
    Py_XDECREF(property->fset);
    Py_XDECREF(property->fdel);
    Py_XDECREF(property->doc);
    Py_XDECREF(property->name);
    Py_TYPE(self)->tp_free(self);
}

static int
property_traverse(PyObject *self, visitproc visit, void *arg)
{
    KrProperty *property = (KrProperty *)self;

    Py_VISIT(property->fget);
    Py_VISIT(property->fset);
    Py_VISIT(property->fdel);
    Py_VISIT(property->doc);
    Py_VISIT(property->name);
    return 0;
}

static int
property_clear(PyObject *self)
{
    // The functions stay: a property in use must not lose them.
    Py_CLEAR(((KrProperty *)self)->doc);
    return 0;
}

static PyMemberDef property_members[] = {
    {"fget", _Py_T_OBJECT, offsetof(KrProperty, fget), Py_READONLY},
    {"fset", _Py_T_OBJECT, offsetof(KrProperty, fset), Py_READONLY},
    {"fdel", _Py_T_OBJECT, offsetof(KrProperty, fdel), Py_READONLY},
    {"__doc__", _Py_T_OBJECT, offsetof(KrProperty, doc), 0},
    {NULL},
};

KR_TYPE(property)
#include "objects/property.methods.h"

PyTypeObject PyProperty_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "property",
    .tp_basicsize = sizeof(KrProperty),
    .tp_dealloc = property_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = property_doc,
    .tp_traverse = property_traverse,
    .tp_clear = property_clear,
    .tp_methods = property_methods,
    .tp_members = property_members,
    .tp_getset = property_getset,
    .tp_descr_get = property_descr_get,
    .tp_descr_set = property_descr_set,
    .tp_init = property_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};
