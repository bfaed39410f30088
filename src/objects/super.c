// SPDX-License-Identifier: MIT
// super.c - super(): attributes of the classes behind one in the MRO.
//
// Callers:     vm (LOAD_SUPER_ATTR), Python code.
// Re-entrancy: descriptors run Python.
#include "objects/args.h"
#include "objects/hooks.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

typedef struct {
    PyObject_HEAD
    PyTypeObject *type;     // owned, NULL before __init__
    PyObject *obj;          // owned, NULL while unbound
    PyTypeObject *obj_type; // owned: whose MRO is searched
} KrSuper;

static_assert(sizeof(KrSuper) == 40, "super's size is known to extensions");

// The class whose MRO is searched for super(type, obj): new reference.
static PyTypeObject *
super_check(PyTypeObject *type, PyObject *obj)
{
    PyObject *cls;

    // Both a class method's super(C, cls) and an instance's super(C, self) are meant.
    if (PyType_Check(obj) && PyType_IsSubtype((PyTypeObject *)obj, type)) {
        return (PyTypeObject *)Py_NewRef(obj);
    }
    if (PyType_IsSubtype(Py_TYPE(obj), type)) {
        return (PyTypeObject *)Py_NewRef(Py_TYPE(obj));
    }
    // Proxies tell another class than they have.
    if (PyObject_GetOptionalAttr(obj, KR_ID(__class__), &cls) < 0) {
        return NULL;
    }
    if (cls != NULL && PyType_Check(cls) && cls != (PyObject *)Py_TYPE(obj) &&
        PyType_IsSubtype((PyTypeObject *)cls, type)) {
        return (PyTypeObject *)cls;
    }
    Py_XDECREF(cls);
    PyErr_Format(PyExc_TypeError,
                 "super(type, obj): obj (%s %.200s) is not an instance or subtype of "
                 "type (%.200s).",
                 PyType_Check(obj) ? "type" : "instance of",
                 PyType_Check(obj) ? ((PyTypeObject *)obj)->tp_name
                                   : Py_TYPE(obj)->tp_name,
                 type->tp_name);
    return NULL;
}

// Looks behind `type` in the MRO of obj_type: 1 found, 0 absent, -1 error. With
// unbound_out, a method is not bound: *unbound_out tells that self goes first.
static int
super_search(PyTypeObject *type, PyObject *obj, PyTypeObject *obj_type, PyObject *name,
             PyObject **value_out, bool *unbound_out)
{
    PyObject *mro = Py_XNewRef(obj_type->tp_mro), *value = NULL;
    Py_ssize_t i = 0, n;
    descrgetfunc get;
    int found = 0;

    *value_out = NULL;
    if (mro == NULL) {
        return 0;
    }
    n = PyTuple_GET_SIZE(mro);
    while (i < n && kr_mro_item(mro, i) != type) {
        i++;
    }
    for (i++; i < n && found == 0; i++) {
        PyTypeObject *base = kr_mro_item(mro, i);
        if (base->tp_dict != NULL) {
            found = PyDict_GetItemRef(base->tp_dict, name, &value);
        }
    }
    Py_DECREF(mro);
    if (found <= 0) {
        return found;
    }
    if (unbound_out != NULL && obj != (PyObject *)obj_type &&
        PyType_HasFeature(Py_TYPE(value), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        *unbound_out = true;
        *value_out = value;
        return 1;
    }
    get = Py_TYPE(value)->tp_descr_get;
    if (get == NULL) {
        *value_out = value;
        return 1;
    }
    // Seen from the class itself, there is no instance.
    *value_out = get(value, obj == (PyObject *)obj_type ? NULL : obj,
                     (PyObject *)obj_type);
    Py_DECREF(value);
    return *value_out == NULL ? -1 : 1;
}

static PyObject *
super_getattro(PyObject *self, PyObject *name)
{
    KrSuper *su = (KrSuper *)self;
    PyObject *value;
    int found;

    // __class__ is super's own, or isinstance(super(), C) would be fooled.
    if (su->obj_type != NULL && PyUnicode_Check(name) &&
        PyUnicode_Compare(name, KR_ID(__class__)) != 0) {
        PyTypeObject *type = (PyTypeObject *)Py_NewRef(su->type);
        PyTypeObject *obj_type = (PyTypeObject *)Py_NewRef(su->obj_type);
        PyObject *obj = Py_NewRef(su->obj);
        found = super_search(type, obj, obj_type, name, &value, NULL);
        Py_DECREF(type);
        Py_DECREF(obj_type);
        Py_DECREF(obj);
        if (found != 0) {
            return value;
        }
    }
    return PyObject_GenericGetAttr(self, name);
}

static PyObject *
super_make(PyTypeObject *cls, PyTypeObject *type, PyObject *obj,
           PyTypeObject *obj_type_stolen)
{
    KrSuper *su = (KrSuper *)cls->tp_alloc(cls, 0);

    if (su == NULL) {
        Py_XDECREF(obj_type_stolen);
        return NULL;
    }
    su->type = (PyTypeObject *)Py_NewRef(type);
    su->obj = Py_XNewRef(obj);
    su->obj_type = obj_type_stolen;
    return (PyObject *)su;
}

PyObject *
kr_super_lookup(PyTypeObject *type, PyObject *self, PyObject *name, bool *unbound_out)
{
    PyTypeObject *obj_type = super_check(type, self);
    PyObject *value = NULL, *su;
    int found = 0;

    if (obj_type == NULL) {
        return NULL;
    }
    if (PyUnicode_Compare(name, KR_ID(__class__)) != 0) {
        found = super_search(type, self, obj_type, name, &value, unbound_out);
    }
    if (found != 0) {
        Py_DECREF(obj_type);
        return value;
    }
    // What super objects have themselves, and the usual error.
    su = super_make(&PySuper_Type, type, self, obj_type);
    if (su == NULL) {
        return NULL;
    }
    value = PyObject_GenericGetAttr(su, name);
    Py_DECREF(su);
    return value;
}

static PyObject *
super_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    KrSuper *su = (KrSuper *)self;
    PyTypeObject *obj_type;

    if (obj == NULL || obj == Py_None || su->obj != NULL) {
        return Py_NewRef(self);
    }
    if (su->type == NULL) {
        PyErr_SetString(PyExc_TypeError, "super object is not initialized");
        return NULL;
    }
    if (!Py_IS_TYPE(su, &PySuper_Type)) {
        // A subclass makes its own kind.
        return PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(su), su->type, obj,
                                            NULL);
    }
    obj_type = super_check(su->type, obj);
    if (obj_type == NULL) {
        return NULL;
    }
    return super_make(&PySuper_Type, su->type, obj, obj_type);
}

static int
super_set(KrSuper *su, PyObject *type_arg, PyObject *obj_arg)
{
    PyTypeObject *type = NULL, *obj_type = NULL;
    PyObject *obj = NULL, *old;

    if (type_arg == NULL) {
        if (kr_hooks.super_arguments == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "super(): no current frame");
            return -1;
        }
        if (kr_hooks.super_arguments(&type, &obj) < 0) {
            return -1;
        }
    }
    else {
        if (!PyType_Check(type_arg)) {
            PyErr_Format(PyExc_TypeError, "super() argument 1 must be a type, not %.200s",
                         type_arg == Py_None ? "None" : Py_TYPE(type_arg)->tp_name);
            return -1;
        }
        type = (PyTypeObject *)Py_NewRef(type_arg);
        obj = obj_arg == Py_None ? NULL : Py_XNewRef(obj_arg);
    }
    if (obj != NULL) {
        obj_type = super_check(type, obj);
        if (obj_type == NULL) {
            Py_DECREF(type);
            Py_DECREF(obj);
            return -1;
        }
    }
    old = (PyObject *)su->type;
    su->type = type;
    Py_XDECREF(old);
    old = su->obj;
    su->obj = obj;
    Py_XDECREF(old);
    old = (PyObject *)su->obj_type;
    su->obj_type = obj_type;
    Py_XDECREF(old);
    return 0;
}

static int
super_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *type = NULL, *obj = NULL;

    if (kwds != NULL && PyDict_GET_SIZE(kwds) != 0) {
        PyErr_SetString(PyExc_TypeError, "super() takes no keyword arguments");
        return -1;
    }
    if (!kr_arg_count("super()", PyTuple_GET_SIZE(args), 0, 2)) {
        return -1;
    }
    if (PyTuple_GET_SIZE(args) > 0) {
        type = PyTuple_GET_ITEM(args, 0);
    }
    if (PyTuple_GET_SIZE(args) > 1) {
        obj = PyTuple_GET_ITEM(args, 1);
    }
    return super_set((KrSuper *)self, type, obj);
}

static PyObject *
super_vectorcall(PyObject *cls, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyTypeObject *type = (PyTypeObject *)cls;
    PyObject *self;

    if (!kr_arg_no_kwnames("super", kwnames) || !kr_arg_count("super()", nargs, 0, 2)) {
        return NULL;
    }
    self = type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    if (super_set((KrSuper *)self, nargs > 0 ? args[0] : NULL,
                  nargs > 1 ? args[1] : NULL) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static PyObject *
super_repr(PyObject *self)
{
    KrSuper *su = (KrSuper *)self;
    const char *name = su->type == NULL ? "NULL" : su->type->tp_name;

    if (su->obj_type != NULL) {
        return PyUnicode_FromFormat("<super: <class '%s'>, <%s object>>", name,
                                    su->obj_type->tp_name);
    }
    return PyUnicode_FromFormat("<super: <class '%s'>, NULL>", name);
}

static int
super_traverse(PyObject *self, visitproc visit, void *arg)
{
    KrSuper *su = (KrSuper *)self;

    Py_VISIT((PyObject *)su->type);
    Py_VISIT(su->obj);
    Py_VISIT((PyObject *)su->obj_type);
    return 0;
}

static void
super_dealloc(PyObject *self)
{
    KrSuper *su = (KrSuper *)self;

    PyObject_GC_UnTrack(self);
    Py_XDECREF((PyObject *)su->type);
    Py_XDECREF(su->obj);
    Py_XDECREF((PyObject *)su->obj_type);
    Py_TYPE(self)->tp_free(self);
}

static PyMemberDef super_members[] = {
    {"__thisclass__", _Py_T_OBJECT, offsetof(KrSuper, type), Py_READONLY,
     "The class behind which the search starts."},
    {"__self__", _Py_T_OBJECT, offsetof(KrSuper, obj), Py_READONLY,
     "The instance or class that attributes are bound to; may be None."},
    {"__self_class__", _Py_T_OBJECT, offsetof(KrSuper, obj_type), Py_READONLY,
     "The class whose MRO is searched; may be None."},
    {NULL},
};

PyTypeObject PySuper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "super",
    .tp_basicsize = sizeof(KrSuper),
    .tp_dealloc = super_dealloc,
    .tp_repr = super_repr,
    .tp_getattro = super_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = "super() -> the same as super(__class__, <first argument>)\n"
              "super(type) -> an unbound super object\n"
              "super(type, obj) -> a bound one; isinstance(obj, type) must hold\n"
              "super(type, type2) -> a bound one; issubclass(type2, type) must hold\n"
              "Attributes come from the classes behind type in the MRO.",
    .tp_traverse = super_traverse,
    .tp_members = super_members,
    .tp_descr_get = super_descr_get,
    .tp_init = super_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = super_vectorcall,
};
