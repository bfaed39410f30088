// SPDX-License-Identifier: MIT
// descr.c - descriptors: how methods, fields and slots of C types show in Python.
//
// Callers:     ready.c makes them; attribute access and calls use them.
// Invariants:  a descriptor's C function is only ever called with an instance of
//              d_type (or, for classmethods, a subtype of it).
// Read next:   member.c, method.c, type/slot_wrappers.c
#include "objects/descr.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

// ------------------------------------------------------------------ common parts

PyObject *
kr_builtin_borrow(PyObject *name)
{
    PyObject *builtins = PyEval_GetBuiltins(), *value;

    if (builtins == NULL) {
        return NULL;
    }
    value = PyDict_GetItemWithError(builtins, name);
    if (value == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_AttributeError, name);
    }
    return value;
}

PyObject *
kr_reduce_as_getattr(PyObject *object, PyObject *name)
{
    PyObject *function = kr_builtin_borrow(KR_ID(getattr));

    if (function == NULL) {
        return NULL;
    }
    return Py_BuildValue("O(OO)", function, object, name);
}

static PyDescrObject *
descr_new(PyTypeObject *kind, PyTypeObject *type, const char *name)
{
    PyDescrObject *descr = (PyDescrObject *)PyType_GenericAlloc(kind, 0);

    if (descr == NULL) {
        return NULL;
    }
    descr->d_type = (PyTypeObject *)Py_NewRef(type);
    descr->d_name = PyUnicode_InternFromString(name);
    if (descr->d_name == NULL) {
        Py_CLEAR(descr);
    }
    return descr;
}

static void
descr_dealloc(PyObject *self)
{
    PyDescrObject *descr = (PyDescrObject *)self;

    PyObject_GC_UnTrack(self);
    Py_XDECREF((PyObject *)descr->d_type);
    Py_XDECREF(descr->d_name);
    Py_XDECREF(descr->d_qualname);
    PyObject_GC_Del(self);
}

static int
descr_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)((PyDescrObject *)self)->d_type);
    return 0;
}

static PyObject *
descr_repr(PyDescrObject *descr, const char *what)
{
    return PyUnicode_FromFormat("<%s '%U' of '%s' objects>", what, descr->d_name,
                                descr->d_type->tp_name);
}

static PyObject *
method_descr_repr(PyObject *self)
{
    return descr_repr((PyDescrObject *)self, "method");
}

static PyObject *
getset_descr_repr(PyObject *self)
{
    return descr_repr((PyDescrObject *)self, "attribute");
}

static PyObject *
member_descr_repr(PyObject *self)
{
    return descr_repr((PyDescrObject *)self, "member");
}

static PyObject *
wrapper_descr_repr(PyObject *self)
{
    return descr_repr((PyDescrObject *)self, "slot wrapper");
}

static bool
descr_applies(PyDescrObject *descr, PyObject *obj)
{
    if (KR_LIKELY(PyObject_TypeCheck(obj, descr->d_type))) {
        return true;
    }
    PyErr_Format(PyExc_TypeError,
                 "descriptor '%U' for '%.100s' objects doesn't apply to a '%.100s' "
                 "object",
                 descr->d_name, descr->d_type->tp_name, Py_TYPE(obj)->tp_name);
    return false;
}

static PyObject *
descr_qualname(PyObject *self, void *closure)
{
    PyDescrObject *descr = (PyDescrObject *)self;

    if (descr->d_qualname == NULL) {
        PyObject *type_name = PyObject_GetAttr((PyObject *)descr->d_type,
                                               KR_ID(__qualname__));
        if (type_name == NULL) {
            return NULL;
        }
        if (!PyUnicode_Check(type_name)) {
            PyErr_SetString(PyExc_TypeError, "<descriptor>.__objclass__.__qualname__ "
                                             "is not a unicode object");
            Py_DECREF(type_name);
            return NULL;
        }
        descr->d_qualname = PyUnicode_FromFormat("%S.%S", type_name, descr->d_name);
        Py_DECREF(type_name);
    }
    return Py_XNewRef(descr->d_qualname);
}

static PyObject *
descr_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return kr_reduce_as_getattr((PyObject *)PyDescr_TYPE(self), PyDescr_NAME(self));
}

static PyMethodDef descr_methods[] = {
    {"__reduce__", descr_reduce, METH_NOARGS, NULL},
    {NULL},
};

static PyMemberDef descr_members[] = {
    {"__objclass__", _Py_T_OBJECT, offsetof(PyDescrObject, d_type), Py_READONLY},
    {"__name__", _Py_T_OBJECT, offsetof(PyDescrObject, d_name), Py_READONLY},
    {NULL},
};

int
PyDescr_IsData(PyObject *descr)
{
    return Py_TYPE(descr)->tp_descr_set != NULL;
}

// ----------------------------------------------------------- calls of method_descr

static KR_COLD void
method_call_error(PyObject *func, const char *format, Py_ssize_t n)
{
    PyObject *text = _PyObject_FunctionStr(func);

    if (text != NULL) {
        PyErr_Format(PyExc_TypeError, format, text, n);
        Py_DECREF(text);
    }
}

// Checks self and, unless they are allowed, that there are no keywords.
static bool
method_call_check(PyObject *func, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames)
{
    if (nargs < 1) {
        method_call_error(func, "unbound method %U needs an argument", 0);
        return false;
    }
    if (!descr_applies((PyDescrObject *)func, args[0])) {
        return false;
    }
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        method_call_error(func, "%U takes no keyword arguments", 0);
        return false;
    }
    return true;
}

static inline PyCFunction
method_function(PyObject *func)
{
    return ((PyMethodDescrObject *)func)->d_method->ml_meth;
}

static PyObject *
args_to_tuple(PyObject *const *args, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);

    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    }
    return tuple;
}

static PyObject *
names_to_dict(PyObject *const *values, PyObject *kwnames)
{
    PyObject *dict = PyDict_New();

    for (Py_ssize_t i = 0; dict != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(kwnames, i), values[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

static PyObject *
method_call_varargs(PyObject *func, PyObject *const *args, size_t nargsf,
                    PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *tuple, *result = NULL;

    if (!method_call_check(func, args, nargs, kwnames)) {
        return NULL;
    }
    tuple = args_to_tuple(args + 1, nargs - 1);
    if (tuple == NULL) {
        return NULL;
    }
    if (!Py_EnterRecursiveCall(" while calling a Python object")) {
        result = method_function(func)(args[0], tuple);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(tuple);
    return result;
}

static PyObject *
method_call_keywords(PyObject *func, PyObject *const *args, size_t nargsf,
                     PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *tuple = NULL, *dict = NULL, *result = NULL;

    if (!method_call_check(func, args, nargs, NULL)) {
        return NULL;
    }
    tuple = args_to_tuple(args + 1, nargs - 1);
    if (tuple == NULL) {
        return NULL;
    }
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        dict = names_to_dict(args + nargs, kwnames);
        if (dict == NULL) {
            goto done;
        }
    }
    if (!Py_EnterRecursiveCall(" while calling a Python object")) {
        result = _PyCFunctionWithKeywords_CAST(method_function(func))(args[0], tuple,
                                                                      dict);
        Py_LeaveRecursiveCall();
    }

done:
    Py_DECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

static PyObject *
method_call_fast(PyObject *func, PyObject *const *args, size_t nargsf,
                 PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *result;

    if (!method_call_check(func, args, nargs, kwnames)) {
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = _PyCFunctionFast_CAST(method_function(func))(args[0], args + 1, nargs - 1);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
method_call_fast_keywords(PyObject *func, PyObject *const *args, size_t nargsf,
                          PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *result;

    if (!method_call_check(func, args, nargs, NULL)) {
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = _PyCFunctionFastWithKeywords_CAST(method_function(func))(
        args[0], args + 1, nargs - 1, kwnames);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
method_call_defining_class(PyObject *func, PyObject *const *args, size_t nargsf,
                           PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyCMethod function;
    PyObject *result;

    if (!method_call_check(func, args, nargs, NULL)) {
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    function = (PyCMethod)(void (*)(void))method_function(func);
    result = function(args[0], PyDescr_TYPE(func), args + 1, (size_t)(nargs - 1),
                      kwnames);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
method_call_noargs(PyObject *func, PyObject *const *args, size_t nargsf,
                   PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *result;

    if (!method_call_check(func, args, nargs, kwnames)) {
        return NULL;
    }
    if (nargs != 1) {
        method_call_error(func, "%U takes no arguments (%zd given)", nargs - 1);
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = method_function(func)(args[0], NULL);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
method_call_one(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *result;

    if (!method_call_check(func, args, nargs, kwnames)) {
        return NULL;
    }
    if (nargs != 2) {
        method_call_error(func, "%U takes exactly one argument (%zd given)", nargs - 1);
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = method_function(func)(args[0], args[1]);
    Py_LeaveRecursiveCall();
    return result;
}

PyObject *
PyDescr_NewMethod(PyTypeObject *type, PyMethodDef *method)
{
    vectorcallfunc vectorcall;
    PyMethodDescrObject *descr;

    switch (method->ml_flags & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O |
                                METH_KEYWORDS | METH_METHOD)) {
    case METH_VARARGS:
        vectorcall = method_call_varargs;
        break;
    case METH_VARARGS | METH_KEYWORDS:
        vectorcall = method_call_keywords;
        break;
    case METH_FASTCALL:
        vectorcall = method_call_fast;
        break;
    case METH_FASTCALL | METH_KEYWORDS:
        vectorcall = method_call_fast_keywords;
        break;
    case METH_NOARGS:
        vectorcall = method_call_noargs;
        break;
    case METH_O:
        vectorcall = method_call_one;
        break;
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
        vectorcall = method_call_defining_class;
        break;
    default:
        PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", method->ml_name);
        return NULL;
    }
    descr = (PyMethodDescrObject *)descr_new(&PyMethodDescr_Type, type,
                                             method->ml_name);
    if (descr != NULL) {
        descr->d_method = method;
        descr->vectorcall = vectorcall;
    }
    return (PyObject *)descr;
}

PyObject *
PyDescr_NewClassMethod(PyTypeObject *type, PyMethodDef *method)
{
    PyMethodDescrObject *descr;

    descr = (PyMethodDescrObject *)descr_new(&PyClassMethodDescr_Type, type,
                                             method->ml_name);
    if (descr != NULL) {
        descr->d_method = method;
    }
    return (PyObject *)descr;
}

// ---------------------------------------------------------- method_descr, its class

static PyObject *
method_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)self;

    if (obj == NULL) {
        return Py_NewRef(self);
    }
    if (!descr_applies(&descr->d_common, obj)) {
        return NULL;
    }
    if (descr->d_method->ml_flags & METH_METHOD) {
        return PyCMethod_New(descr->d_method, obj, NULL, descr->d_common.d_type);
    }
    return PyCFunction_NewEx(descr->d_method, obj, NULL);
}

static PyObject *
class_method_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)self;
    PyTypeObject *owner = descr->d_common.d_type, *cls = NULL;

    if (type == NULL) {
        if (obj == NULL) {
            PyErr_Format(PyExc_TypeError,
                         "descriptor '%U' for type '%.100s' needs either an object or "
                         "a type",
                         descr->d_common.d_name, owner->tp_name);
            return NULL;
        }
        type = (PyObject *)Py_TYPE(obj);
    }
    if (!PyType_Check(type)) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%U' for type '%.100s' needs a type, not a '%.100s' "
                     "as arg 2",
                     descr->d_common.d_name, owner->tp_name, Py_TYPE(type)->tp_name);
        return NULL;
    }
    if (!PyType_IsSubtype((PyTypeObject *)type, owner)) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%U' requires a subtype of '%.100s' but received "
                     "'%.100s'",
                     descr->d_common.d_name, owner->tp_name,
                     ((PyTypeObject *)type)->tp_name);
        return NULL;
    }
    if (descr->d_method->ml_flags & METH_METHOD) {
        cls = owner;
    }
    return PyCMethod_New(descr->d_method, type, NULL, cls);
}

static PyObject *
class_method_descr_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyDescrObject *descr = (PyDescrObject *)self;
    PyObject *bound, *rest, *result = NULL;

    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%U' of '%.100s' object needs an argument",
                     descr->d_name, descr->d_type->tp_name);
        return NULL;
    }
    bound = class_method_descr_get(self, NULL, PyTuple_GET_ITEM(args, 0));
    if (bound == NULL) {
        return NULL;
    }
    rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (rest != NULL) {
        result = PyObject_Call(bound, rest, kwds);
        Py_DECREF(rest);
    }
    Py_DECREF(bound);
    return result;
}

static PyObject *
method_descr_doc(PyObject *self, void *closure)
{
    PyMethodDef *method = ((PyMethodDescrObject *)self)->d_method;

    if (method->ml_doc == NULL) {
        Py_RETURN_NONE;
    }
    return kr_doc_from_internal(method->ml_name, method->ml_doc);
}

static PyObject *
method_descr_signature(PyObject *self, void *closure)
{
    return kr_signature_of_method(((PyMethodDescrObject *)self)->d_method);
}

static PyGetSetDef method_descr_getset[] = {
    {"__doc__", method_descr_doc},
    {"__qualname__", descr_qualname},
    {"__text_signature__", method_descr_signature},
    {NULL},
};

PyTypeObject PyMethodDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "method_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_vectorcall_offset = offsetof(PyMethodDescrObject, vectorcall),
    .tp_repr = method_descr_repr,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = method_descr_getset,
    .tp_descr_get = method_descr_get,
};

PyTypeObject PyClassMethodDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "classmethod_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = method_descr_repr,
    .tp_call = class_method_descr_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_members = descr_members,
    .tp_getset = method_descr_getset,
    .tp_descr_get = class_method_descr_get,
};

// ---------------------------------------------------------------------- members

static PyObject *
member_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyMemberDescrObject *descr = (PyMemberDescrObject *)self;

    if (obj == NULL) {
        return Py_NewRef(self);
    }
    if (!descr_applies(&descr->d_common, obj)) {
        return NULL;
    }
    if ((descr->d_member->flags & Py_AUDIT_READ) &&
        PySys_Audit("object.__getattr__", "Os", obj, descr->d_member->name) < 0) {
        return NULL;
    }
    return PyMember_GetOne((char *)obj, descr->d_member);
}

static int
member_descr_set(PyObject *self, PyObject *obj, PyObject *value)
{
    PyMemberDescrObject *descr = (PyMemberDescrObject *)self;

    if (!descr_applies(&descr->d_common, obj)) {
        return -1;
    }
    return PyMember_SetOne((char *)obj, descr->d_member, value);
}

PyObject *
PyDescr_NewMember(PyTypeObject *type, PyMemberDef *member)
{
    PyMemberDescrObject *descr;

    if (member->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError,
                        "PyDescr_NewMember used with Py_RELATIVE_OFFSET");
        return NULL;
    }
    descr = (PyMemberDescrObject *)descr_new(&PyMemberDescr_Type, type, member->name);
    if (descr != NULL) {
        descr->d_member = member;
    }
    return (PyObject *)descr;
}

static PyObject *
member_descr_doc(PyObject *self, void *closure)
{
    const char *doc = ((PyMemberDescrObject *)self)->d_member->doc;

    if (doc == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(doc);
}

static PyGetSetDef member_descr_getset[] = {
    {"__doc__", member_descr_doc},
    {"__qualname__", descr_qualname},
    {NULL},
};

PyTypeObject PyMemberDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "member_descriptor",
    .tp_basicsize = sizeof(PyMemberDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = member_descr_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = member_descr_getset,
    .tp_descr_get = member_descr_get,
    .tp_descr_set = member_descr_set,
};

// ----------------------------------------------------------------------- getset

static PyObject *
getset_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyGetSetDescrObject *descr = (PyGetSetDescrObject *)self;

    if (obj == NULL) {
        return Py_NewRef(self);
    }
    if (!descr_applies(&descr->d_common, obj)) {
        return NULL;
    }
    if (descr->d_getset->get != NULL) {
        return descr->d_getset->get(obj, descr->d_getset->closure);
    }
    PyErr_Format(PyExc_AttributeError,
                 "attribute '%U' of '%.100s' objects is not readable",
                 descr->d_common.d_name, descr->d_common.d_type->tp_name);
    return NULL;
}

static int
getset_descr_set(PyObject *self, PyObject *obj, PyObject *value)
{
    PyGetSetDescrObject *descr = (PyGetSetDescrObject *)self;

    if (!descr_applies(&descr->d_common, obj)) {
        return -1;
    }
    if (descr->d_getset->set != NULL) {
        return descr->d_getset->set(obj, value, descr->d_getset->closure);
    }
    PyErr_Format(PyExc_AttributeError,
                 "attribute '%U' of '%.100s' objects is not writable",
                 descr->d_common.d_name, descr->d_common.d_type->tp_name);
    return -1;
}

PyObject *
PyDescr_NewGetSet(PyTypeObject *type, PyGetSetDef *getset)
{
    PyGetSetDescrObject *descr;

    descr = (PyGetSetDescrObject *)descr_new(&PyGetSetDescr_Type, type, getset->name);
    if (descr != NULL) {
        descr->d_getset = getset;
    }
    return (PyObject *)descr;
}

static PyObject *
getset_descr_doc(PyObject *self, void *closure)
{
    const char *doc = ((PyGetSetDescrObject *)self)->d_getset->doc;

    if (doc == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(doc);
}

static PyGetSetDef getset_descr_getset[] = {
    {"__doc__", getset_descr_doc},
    {"__qualname__", descr_qualname},
    {NULL},
};

PyTypeObject PyGetSetDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "getset_descriptor",
    .tp_basicsize = sizeof(PyGetSetDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = getset_descr_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_members = descr_members,
    .tp_getset = getset_descr_getset,
    .tp_descr_get = getset_descr_get,
    .tp_descr_set = getset_descr_set,
};

// ---------------------------------------------------------------- slot wrappers

static PyObject *
wrapper_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    if (obj == NULL) {
        return Py_NewRef(self);
    }
    if (!descr_applies((PyDescrObject *)self, obj)) {
        return NULL;
    }
    return PyWrapper_New(self, obj);
}

PyObject *
kr_slot_wrapper_run(PyWrapperDescrObject *descr, PyObject *self, PyObject *args,
                    PyObject *kwds)
{
    struct wrapperbase *base = descr->d_base;

    if (base->flags & PyWrapperFlag_KEYWORDS) {
        return ((wrapperfunc_kwds)(void (*)(void))base->wrapper)(self, args,
                                                                 descr->d_wrapped, kwds);
    }
    if (kwds != NULL && (!PyDict_Check(kwds) || PyDict_GET_SIZE(kwds) != 0)) {
        PyErr_Format(PyExc_TypeError, "wrapper %s() takes no keyword arguments",
                     base->name);
        return NULL;
    }
    return base->wrapper(self, args, descr->d_wrapped);
}

static PyObject *
wrapper_descr_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyWrapperDescrObject *descr = (PyWrapperDescrObject *)self;
    PyObject *obj, *rest, *result;

    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%U' of '%.100s' object needs an argument",
                     descr->d_common.d_name, descr->d_common.d_type->tp_name);
        return NULL;
    }
    obj = PyTuple_GET_ITEM(args, 0);
    if (!PyObject_TypeCheck(obj, descr->d_common.d_type)) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor '%U' requires a '%.100s' object but received a "
                     "'%.100s'",
                     descr->d_common.d_name, descr->d_common.d_type->tp_name,
                     Py_TYPE(obj)->tp_name);
        return NULL;
    }
    rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (rest == NULL) {
        return NULL;
    }
    result = kr_slot_wrapper_run(descr, obj, rest, kwds);
    Py_DECREF(rest);
    return result;
}

PyObject *
PyDescr_NewWrapper(PyTypeObject *type, struct wrapperbase *base, void *wrapped)
{
    PyWrapperDescrObject *descr;

    descr = (PyWrapperDescrObject *)descr_new(&PyWrapperDescr_Type, type, base->name);
    if (descr != NULL) {
        descr->d_base = base;
        descr->d_wrapped = wrapped;
    }
    return (PyObject *)descr;
}

// Docs of our own table start with the signature, those of extensions with a name.
static PyObject *
wrapper_doc(struct wrapperbase *base)
{
    const char *text;

    if (base->doc == NULL) {
        Py_RETURN_NONE;
    }
    text = base->doc[0] == '(' ? strstr(base->doc, "\n--\n\n") : NULL;
    if (text == NULL) {
        return kr_doc_from_internal(base->name, base->doc);
    }
    return PyUnicode_FromString(text + 5);
}

static PyObject *
wrapper_signature(struct wrapperbase *base)
{
    const char *end;

    if (base->doc == NULL) {
        Py_RETURN_NONE;
    }
    end = base->doc[0] == '(' ? strstr(base->doc, "\n--\n\n") : NULL;
    if (end == NULL) {
        return kr_signature_from_internal(base->name, base->doc);
    }
    return PyUnicode_FromStringAndSize(base->doc, end - base->doc);
}

static PyObject *
wrapper_descr_doc(PyObject *self, void *closure)
{
    return wrapper_doc(((PyWrapperDescrObject *)self)->d_base);
}

static PyObject *
wrapper_descr_signature(PyObject *self, void *closure)
{
    return wrapper_signature(((PyWrapperDescrObject *)self)->d_base);
}

static PyGetSetDef wrapper_descr_getset[] = {
    {"__doc__", wrapper_descr_doc},
    {"__qualname__", descr_qualname},
    {"__text_signature__", wrapper_descr_signature},
    {NULL},
};

PyTypeObject PyWrapperDescr_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "wrapper_descriptor",
    .tp_basicsize = sizeof(PyWrapperDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = wrapper_descr_repr,
    .tp_call = wrapper_descr_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = wrapper_descr_getset,
    .tp_descr_get = wrapper_descr_get,
};

// --------------------------------------------------------------- method-wrapper

// A slot wrapper bound to an object.
typedef struct {
    PyObject_HEAD
    PyWrapperDescrObject *descr; // owned
    PyObject *self;              // owned
} KrMethodWrapper;

PyObject *
PyWrapper_New(PyObject *descr, PyObject *self)
{
    KrMethodWrapper *wrapper = PyObject_GC_New(KrMethodWrapper, &_PyMethodWrapper_Type);

    if (wrapper != NULL) {
        wrapper->descr = (PyWrapperDescrObject *)Py_NewRef(descr);
        wrapper->self = Py_NewRef(self);
        PyObject_GC_Track(wrapper);
    }
    return (PyObject *)wrapper;
}

static void
method_wrapper_dealloc(PyObject *self)
{
    KrMethodWrapper *wrapper = (KrMethodWrapper *)self;

    PyObject_GC_UnTrack(self);
    Py_XDECREF((PyObject *)wrapper->descr);
    Py_XDECREF(wrapper->self);
    PyObject_GC_Del(self);
}

static int
method_wrapper_traverse(PyObject *self, visitproc visit, void *arg)
{
    KrMethodWrapper *wrapper = (KrMethodWrapper *)self;

    Py_VISIT((PyObject *)wrapper->descr);
    Py_VISIT(wrapper->self);
    return 0;
}

static PyObject *
method_wrapper_repr(PyObject *self)
{
    KrMethodWrapper *wrapper = (KrMethodWrapper *)self;

    return PyUnicode_FromFormat("<method-wrapper '%s' of %s object at %p>",
                                wrapper->descr->d_base->name,
                                Py_TYPE(wrapper->self)->tp_name, wrapper->self);
}

static PyObject *
method_wrapper_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    KrMethodWrapper *wrapper = (KrMethodWrapper *)self;

    return kr_slot_wrapper_run(wrapper->descr, wrapper->self, args, kwds);
}

static PyObject *
method_wrapper_richcompare(PyObject *self, PyObject *other, int op)
{
    KrMethodWrapper *a = (KrMethodWrapper *)self, *b = (KrMethodWrapper *)other;
    bool equal;

    if ((op != Py_EQ && op != Py_NE) || !Py_IS_TYPE(other, &_PyMethodWrapper_Type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    equal = a->descr == b->descr && a->self == b->self;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
method_wrapper_hash(PyObject *self)
{
    KrMethodWrapper *wrapper = (KrMethodWrapper *)self;
    Py_hash_t hash = Py_HashPointer(wrapper->self) ^ Py_HashPointer(wrapper->descr);

    return hash == -1 ? -2 : hash;
}

static PyObject *
method_wrapper_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    KrMethodWrapper *wrapper = (KrMethodWrapper *)self;

    return kr_reduce_as_getattr(wrapper->self, PyDescr_NAME(wrapper->descr));
}

static PyObject *
method_wrapper_get(PyObject *self, void *closure)
{
    KrMethodWrapper *wrapper = (KrMethodWrapper *)self;

    switch ((intptr_t)closure) {
    case 0:
        return Py_NewRef(PyDescr_TYPE(wrapper->descr));
    case 1:
        return Py_NewRef(PyDescr_NAME(wrapper->descr));
    case 2:
        return descr_qualname((PyObject *)wrapper->descr, NULL);
    case 3:
        return wrapper_doc(wrapper->descr->d_base);
    default:
        return wrapper_signature(wrapper->descr->d_base);
    }
}

static PyMethodDef method_wrapper_methods[] = {
    {"__reduce__", method_wrapper_reduce, METH_NOARGS, NULL},
    {NULL},
};

static PyMemberDef method_wrapper_members[] = {
    {"__self__", _Py_T_OBJECT, offsetof(KrMethodWrapper, self), Py_READONLY},
    {NULL},
};

static PyGetSetDef method_wrapper_getset[] = {
    {"__objclass__", method_wrapper_get, NULL, NULL, (void *)0},
    {"__name__", method_wrapper_get, NULL, NULL, (void *)1},
    {"__qualname__", method_wrapper_get, NULL, NULL, (void *)2},
    {"__doc__", method_wrapper_get, NULL, NULL, (void *)3},
    {"__text_signature__", method_wrapper_get, NULL, NULL, (void *)4},
    {NULL},
};

PyTypeObject _PyMethodWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "method-wrapper",
    .tp_basicsize = sizeof(KrMethodWrapper),
    .tp_dealloc = method_wrapper_dealloc,
    .tp_repr = method_wrapper_repr,
    .tp_hash = method_wrapper_hash,
    .tp_call = method_wrapper_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = method_wrapper_traverse,
    .tp_richcompare = method_wrapper_richcompare,
    .tp_methods = method_wrapper_methods,
    .tp_members = method_wrapper_members,
    .tp_getset = method_wrapper_getset,
};
