// SPDX-License-Identifier: MIT
// method.c - functions written in C, bound methods, instance methods.
//
// Callers:     vm, descr.c, modules.
// Invariants:  m_ml outlives the function object. A function with METH_METHOD is a
//              PyCMethodObject. im_self of a bound method is never NULL.
#include "objects/args.h"

#include "objects/alloc.h"
#include "objects/call.h"
#include "objects/descr.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

// --------------------------------------------------------- calls of C functions

static KR_COLD void
cfunction_call_error(PyObject *func, const char *format, Py_ssize_t n)
{
    PyObject *text = _PyObject_FunctionStr(func);

    if (text != NULL) {
        PyErr_Format(PyExc_TypeError, format, text, n);
        Py_DECREF(text);
    }
}

static inline bool
cfunction_no_keywords(PyObject *func, PyObject *kwnames)
{
    if (KR_LIKELY(kwnames == NULL || PyTuple_GET_SIZE(kwnames) == 0)) {
        return true;
    }
    cfunction_call_error(func, "%U takes no keyword arguments", 0);
    return false;
}

static PyObject *
cfunction_call_noargs(PyObject *func, PyObject *const *args, size_t nargsf,
                      PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *result;

    if (!cfunction_no_keywords(func, kwnames)) {
        return NULL;
    }
    if (nargs != 0) {
        cfunction_call_error(func, "%U takes no arguments (%zd given)", nargs);
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = PyCFunction_GET_FUNCTION(func)(PyCFunction_GET_SELF(func), NULL);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
cfunction_call_one(PyObject *func, PyObject *const *args, size_t nargsf,
                   PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *result;

    if (!cfunction_no_keywords(func, kwnames)) {
        return NULL;
    }
    if (nargs != 1) {
        cfunction_call_error(func, "%U takes exactly one argument (%zd given)", nargs);
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = PyCFunction_GET_FUNCTION(func)(PyCFunction_GET_SELF(func), args[0]);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
cfunction_call_fast(PyObject *func, PyObject *const *args, size_t nargsf,
                    PyObject *kwnames)
{
    PyObject *result;

    if (!cfunction_no_keywords(func, kwnames)) {
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = _PyCFunctionFast_CAST(PyCFunction_GET_FUNCTION(func))(
        PyCFunction_GET_SELF(func), args, PyVectorcall_NARGS(nargsf));
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
cfunction_call_fast_keywords(PyObject *func, PyObject *const *args, size_t nargsf,
                             PyObject *kwnames)
{
    PyObject *result;

    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = _PyCFunctionFastWithKeywords_CAST(PyCFunction_GET_FUNCTION(func))(
        PyCFunction_GET_SELF(func), args, PyVectorcall_NARGS(nargsf), kwnames);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *
cfunction_call_defining_class(PyObject *func, PyObject *const *args, size_t nargsf,
                              PyObject *kwnames)
{
    PyCMethod function = (PyCMethod)(void (*)(void))PyCFunction_GET_FUNCTION(func);
    PyObject *result;

    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        return NULL;
    }
    result = function(PyCFunction_GET_SELF(func), PyCFunction_GET_CLASS(func), args,
                      (size_t)PyVectorcall_NARGS(nargsf), kwnames);
    Py_LeaveRecursiveCall();
    return result;
}

// tp_call: the conventions with a tuple, and all others through their vectorcall.
static PyObject *
cfunction_call(PyObject *func, PyObject *args, PyObject *kwds)
{
    int flags = PyCFunction_GET_FLAGS(func);
    PyCFunction function = PyCFunction_GET_FUNCTION(func);
    PyObject *self = PyCFunction_GET_SELF(func);

    if (!(flags & METH_VARARGS)) {
        return PyVectorcall_Call(func, args, kwds);
    }
    if (flags & METH_KEYWORDS) {
        return _PyCFunctionWithKeywords_CAST(function)(self, args, kwds);
    }
    if (kwds != NULL && PyDict_GET_SIZE(kwds) != 0) {
        cfunction_call_error(func, "%U takes no keyword arguments", 0);
        return NULL;
    }
    return function(self, args);
}

// ------------------------------------------------------------- C function objects

#undef PyCFunction_New
#undef PyCFunction_NewEx

PyObject *
PyCFunction_New(PyMethodDef *ml, PyObject *self)
{
    return PyCMethod_New(ml, self, NULL, NULL);
}

PyObject *
PyCFunction_NewEx(PyMethodDef *ml, PyObject *self, PyObject *module)
{
    return PyCMethod_New(ml, self, module, NULL);
}

PyObject *
PyCMethod_New(PyMethodDef *ml, PyObject *self, PyObject *module, PyTypeObject *cls)
{
    vectorcallfunc vectorcall;
    PyCFunctionObject *func;

    switch (ml->ml_flags & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O |
                            METH_KEYWORDS | METH_METHOD)) {
    case METH_VARARGS:
    case METH_VARARGS | METH_KEYWORDS:
        vectorcall = NULL;
        break;
    case METH_FASTCALL:
        vectorcall = cfunction_call_fast;
        break;
    case METH_FASTCALL | METH_KEYWORDS:
        vectorcall = cfunction_call_fast_keywords;
        break;
    case METH_NOARGS:
        vectorcall = cfunction_call_noargs;
        break;
    case METH_O:
        vectorcall = cfunction_call_one;
        break;
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
        vectorcall = cfunction_call_defining_class;
        break;
    default:
        PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", ml->ml_name);
        return NULL;
    }
    if (ml->ml_flags & METH_METHOD) {
        if (cls == NULL) {
            PyErr_SetString(PyExc_SystemError,
                            "attempting to create PyCMethod with a METH_METHOD flag but "
                            "no class");
            return NULL;
        }
        PyCMethodObject *method = kr_object_new_gc(&PyCMethod_Type, sizeof(PyCMethodObject));
        if (method == NULL) {
            return NULL;
        }
        method->mm_class = (PyTypeObject *)Py_NewRef(cls);
        func = &method->func;
    }
    else {
        if (cls != NULL) {
            PyErr_SetString(PyExc_SystemError, "attempting to create PyCFunction with "
                                               "class but no METH_METHOD flag");
            return NULL;
        }
        func = kr_object_new_gc(&PyCFunction_Type, sizeof(PyCFunctionObject));
        if (func == NULL) {
            return NULL;
        }
    }
    func->m_weakreflist = NULL;
    func->m_ml = ml;
    func->m_self = Py_XNewRef(self);
    func->m_module = Py_XNewRef(module);
    func->vectorcall = vectorcall;
    kr_gc_track(func);
    return (PyObject *)func;
}

PyCFunction
PyCFunction_GetFunction(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCFunction_GET_FUNCTION(op);
}

PyObject *
PyCFunction_GetSelf(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyCFunction_GET_SELF(op);
}

int
PyCFunction_GetFlags(PyObject *op)
{
    if (!PyCFunction_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return PyCFunction_GET_FLAGS(op);
}

static void
cfunction_dealloc(PyObject *self)
{
    PyCFunctionObject *func = (PyCFunctionObject *)self;
    PyTypeObject *cls = PyCFunction_GET_CLASS(self);

    kr_gc_untrack(self);
    if (func->m_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF((PyObject *)cls);
    Py_XDECREF(func->m_self);
    Py_XDECREF(func->m_module);
    kr_object_free(self);
}

static int
cfunction_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyCFunctionObject *func = (PyCFunctionObject *)self;

    Py_VISIT((PyObject *)PyCFunction_GET_CLASS(self));
    Py_VISIT(func->m_self);
    Py_VISIT(func->m_module);
    return 0;
}

static PyObject *
cfunction_repr(PyObject *self)
{
    PyCFunctionObject *func = (PyCFunctionObject *)self;

    if (func->m_self == NULL || PyModule_Check(func->m_self)) {
        return PyUnicode_FromFormat("<built-in function %s>", func->m_ml->ml_name);
    }
    return PyUnicode_FromFormat("<built-in method %s of %s object at %p>",
                                func->m_ml->ml_name, Py_TYPE(func->m_self)->tp_name,
                                func->m_self);
}

static PyObject *
cfunction_richcompare(PyObject *self, PyObject *other, int op)
{
    PyCFunctionObject *a = (PyCFunctionObject *)self, *b = (PyCFunctionObject *)other;
    bool equal;

    if ((op != Py_EQ && op != Py_NE) || !PyCFunction_Check(self) ||
        !PyCFunction_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    equal = a->m_self == b->m_self && a->m_ml->ml_meth == b->m_ml->ml_meth;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
cfunction_hash(PyObject *self)
{
    PyCFunctionObject *func = (PyCFunctionObject *)self;
    Py_hash_t hash = Py_HashPointer(func->m_self) ^
                     Py_HashPointer((void *)(uintptr_t)func->m_ml->ml_meth);

    return hash == -1 ? -2 : hash;
}

static PyObject *
cfunction_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyCFunctionObject *func = (PyCFunctionObject *)self;
    PyObject *name = PyUnicode_FromString(func->m_ml->ml_name), *result;

    if (name == NULL || func->m_self == NULL || PyModule_Check(func->m_self)) {
        return name;
    }
    result = kr_reduce_as_getattr(func->m_self, name);
    Py_DECREF(name);
    return result;
}

static PyObject *
cfunction_get_name(PyObject *self, void *closure)
{
    return PyUnicode_FromString(((PyCFunctionObject *)self)->m_ml->ml_name);
}

static PyObject *
cfunction_get_qualname(PyObject *self, void *closure)
{
    PyCFunctionObject *func = (PyCFunctionObject *)self;
    PyObject *type, *type_name, *result;

    if (func->m_self == NULL || PyModule_Check(func->m_self)) {
        return PyUnicode_FromString(func->m_ml->ml_name);
    }
    type = PyType_Check(func->m_self) ? func->m_self : (PyObject *)Py_TYPE(func->m_self);
    type_name = PyObject_GetAttr(type, KR_ID(__qualname__));
    if (type_name == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(type_name)) {
        PyErr_SetString(PyExc_TypeError,
                        "<method>.__class__.__qualname__ is not a unicode object");
        Py_DECREF(type_name);
        return NULL;
    }
    result = PyUnicode_FromFormat("%S.%s", type_name, func->m_ml->ml_name);
    Py_DECREF(type_name);
    return result;
}

static PyObject *
cfunction_get_self(PyObject *self, void *closure)
{
    PyObject *bound = PyCFunction_GET_SELF(self);

    return Py_NewRef(bound == NULL ? Py_None : bound);
}

static PyObject *
cfunction_get_doc(PyObject *self, void *closure)
{
    PyMethodDef *ml = ((PyCFunctionObject *)self)->m_ml;

    if (ml->ml_doc == NULL) {
        Py_RETURN_NONE;
    }
    return kr_doc_from_internal(ml->ml_name, ml->ml_doc);
}

static PyObject *
cfunction_get_signature(PyObject *self, void *closure)
{
    return kr_signature_of_method(((PyCFunctionObject *)self)->m_ml);
}

static PyMethodDef cfunction_methods[] = {
    {"__reduce__", cfunction_reduce, METH_NOARGS, NULL},
    {NULL},
};

static PyMemberDef cfunction_members[] = {
    {"__module__", _Py_T_OBJECT, offsetof(PyCFunctionObject, m_module), 0},
    {NULL},
};

static PyGetSetDef cfunction_getset[] = {
    {"__doc__", cfunction_get_doc},
    {"__name__", cfunction_get_name},
    {"__qualname__", cfunction_get_qualname},
    {"__self__", cfunction_get_self},
    {"__text_signature__", cfunction_get_signature},
    {NULL},
};

PyTypeObject PyCFunction_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "builtin_function_or_method",
    .tp_basicsize = sizeof(PyCFunctionObject),
    .tp_dealloc = cfunction_dealloc,
    .tp_vectorcall_offset = offsetof(PyCFunctionObject, vectorcall),
    .tp_repr = cfunction_repr,
    .tp_hash = cfunction_hash,
    .tp_call = cfunction_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_traverse = cfunction_traverse,
    .tp_richcompare = cfunction_richcompare,
    .tp_weaklistoffset = offsetof(PyCFunctionObject, m_weakreflist),
    .tp_methods = cfunction_methods,
    .tp_members = cfunction_members,
    .tp_getset = cfunction_getset,
};

PyTypeObject PyCMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "builtin_method",
    .tp_basicsize = sizeof(PyCMethodObject),
    .tp_base = &PyCFunction_Type,
};

// ------------------------------------------------------------------ bound methods

static PyObject *
method_vectorcall(PyObject *method, PyObject *const *args, size_t nargsf,
                  PyObject *kwnames)
{
    PyObject *self = PyMethod_GET_SELF(method), *func = PyMethod_GET_FUNCTION(method);
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf), total;
    PyObject *few[8], **all, *result;

    if (nargsf & PY_VECTORCALL_ARGUMENTS_OFFSET) {
        // The word before the arguments is ours for the time of the call.
        PyObject **with_self = (PyObject **)args - 1, *kept = with_self[0];
        with_self[0] = self;
        result = PyObject_Vectorcall(func, with_self, (size_t)(nargs + 1), kwnames);
        with_self[0] = kept;
        return result;
    }
    total = nargs + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    all = few;
    if (total + 1 > KR_ARRAY_LEN(few)) {
        all = PyMem_Malloc((size_t)(total + 1) * sizeof(PyObject *));
        if (all == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    all[0] = self;
    if (total != 0) {
        memcpy(all + 1, args, (size_t)total * sizeof(PyObject *));
    }
    result = PyObject_Vectorcall(func, all, (size_t)(nargs + 1), kwnames);
    if (all != few) {
        PyMem_Free(all);
    }
    return result;
}

PyObject *
PyMethod_New(PyObject *func, PyObject *self)
{
    PyMethodObject *method;

    if (self == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    method = kr_object_new_gc(&PyMethod_Type, sizeof(PyMethodObject));
    if (method == NULL) {
        return NULL;
    }
    method->im_weakreflist = NULL;
    method->im_func = Py_NewRef(func);
    method->im_self = Py_NewRef(self);
    method->vectorcall = method_vectorcall;
    kr_gc_track(method);
    return (PyObject *)method;
}

PyObject *
PyMethod_Function(PyObject *method)
{
    if (!PyMethod_Check(method)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyMethod_GET_FUNCTION(method);
}

PyObject *
PyMethod_Self(PyObject *method)
{
    if (!PyMethod_Check(method)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyMethod_GET_SELF(method);
}

static PyObject *
method_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *func, *instance;

    if (!kr_arg_no_keywords("method", kwds) ||
        !kr_arg_count("method", PyTuple_GET_SIZE(args), 2, 2)) {
        return NULL;
    }
    func = PyTuple_GET_ITEM(args, 0);
    instance = PyTuple_GET_ITEM(args, 1);
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    if (instance == Py_None) {
        PyErr_SetString(PyExc_TypeError, "instance must not be None");
        return NULL;
    }
    return PyMethod_New(func, instance);
}

static void
method_dealloc(PyObject *self)
{
    PyMethodObject *method = (PyMethodObject *)self;

    kr_gc_untrack(self);
    if (method->im_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_DECREF(method->im_func);
    Py_XDECREF(method->im_self);
    kr_object_free(self);
}

static int
method_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyMethodObject *method = (PyMethodObject *)self;

    Py_VISIT(method->im_func);
    Py_VISIT(method->im_self);
    return 0;
}

// What a method has not got itself, its function has.
static PyObject *
attribute_or_of(PyObject *self, PyObject *func, PyObject *name)
{
    PyObject *descr = Py_XNewRef(kr_type_lookup_borrow(Py_TYPE(self), name)), *value;
    descrgetfunc get;

    if (descr == NULL) {
        return PyObject_GetAttr(func, name);
    }
    get = Py_TYPE(descr)->tp_descr_get;
    if (get == NULL) {
        return descr;
    }
    value = get(descr, self, (PyObject *)Py_TYPE(self));
    Py_DECREF(descr);
    return value;
}

static PyObject *
method_getattro(PyObject *self, PyObject *name)
{
    return attribute_or_of(self, PyMethod_GET_FUNCTION(self), name);
}

static PyObject *
method_repr(PyObject *self)
{
    PyObject *func = PyMethod_GET_FUNCTION(self), *name = NULL, *result;

    if (PyObject_GetOptionalAttr(func, KR_ID(__qualname__), &name) < 0 ||
        (name == NULL && PyObject_GetOptionalAttr(func, KR_ID(__name__), &name) < 0)) {
        return NULL;
    }
    if (name != NULL && !PyUnicode_Check(name)) {
        Py_CLEAR(name);
    }
    result = PyUnicode_FromFormat("<bound method %V of %R>", name, "?",
                                  PyMethod_GET_SELF(self));
    Py_XDECREF(name);
    return result;
}

static PyObject *
method_richcompare(PyObject *self, PyObject *other, int op)
{
    int equal;

    if ((op != Py_EQ && op != Py_NE) || !PyMethod_Check(self) ||
        !PyMethod_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    equal = PyObject_RichCompareBool(PyMethod_GET_FUNCTION(self),
                                     PyMethod_GET_FUNCTION(other), Py_EQ);
    if (equal > 0) {
        equal = PyMethod_GET_SELF(self) == PyMethod_GET_SELF(other);
    }
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
method_hash(PyObject *self)
{
    Py_hash_t hash = PyObject_Hash(PyMethod_GET_FUNCTION(self));

    if (hash == -1) {
        return -1;
    }
    hash ^= Py_HashPointer(PyMethod_GET_SELF(self));
    return hash == -1 ? -2 : hash;
}

static PyObject *
method_descr_get_self(PyObject *self, PyObject *obj, PyObject *type)
{
    return Py_NewRef(self);
}

static PyObject *
method_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *name = PyObject_GetAttr(PyMethod_GET_FUNCTION(self), KR_ID(__name__));
    PyObject *result;

    if (name == NULL) {
        return NULL;
    }
    result = kr_reduce_as_getattr(PyMethod_GET_SELF(self), name);
    Py_DECREF(name);
    return result;
}

static PyObject *
method_get_doc(PyObject *self, void *closure)
{
    return PyObject_GetAttr(PyMethod_GET_FUNCTION(self), KR_ID(__doc__));
}

static PyMethodDef method_methods[] = {
    {"__reduce__", method_reduce, METH_NOARGS, NULL},
    {NULL},
};

static PyMemberDef method_members[] = {
    {"__func__", _Py_T_OBJECT, offsetof(PyMethodObject, im_func), Py_READONLY,
     "The function that the method calls."},
    {"__self__", _Py_T_OBJECT, offsetof(PyMethodObject, im_self), Py_READONLY,
     "The object that is passed as the first argument."},
    {NULL},
};

static PyGetSetDef method_getset[] = {
    {"__doc__", method_get_doc},
    {NULL},
};

PyTypeObject PyMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "method",
    .tp_basicsize = sizeof(PyMethodObject),
    .tp_dealloc = method_dealloc,
    .tp_vectorcall_offset = offsetof(PyMethodObject, vectorcall),
    .tp_repr = method_repr,
    .tp_hash = method_hash,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = method_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "method(function, instance, /)\n--\n\n"
              "Bind a function to the object that becomes its first argument.",
    .tp_traverse = method_traverse,
    .tp_richcompare = method_richcompare,
    .tp_weaklistoffset = offsetof(PyMethodObject, im_weakreflist),
    .tp_methods = method_methods,
    .tp_members = method_members,
    .tp_getset = method_getset,
    .tp_descr_get = method_descr_get_self,
    .tp_new = method_new,
};

// ---------------------------------------------------------------- instance methods

PyObject *
PyInstanceMethod_New(PyObject *func)
{
    PyInstanceMethodObject *method =
        kr_object_new_gc(&PyInstanceMethod_Type, sizeof(PyInstanceMethodObject));

    if (method != NULL) {
        method->func = Py_NewRef(func);
        kr_gc_track(method);
    }
    return (PyObject *)method;
}

PyObject *
PyInstanceMethod_Function(PyObject *method)
{
    if (!PyInstanceMethod_Check(method)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyInstanceMethod_GET_FUNCTION(method);
}

static PyObject *
instancemethod_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *func;

    if (!kr_arg_no_keywords("instancemethod", kwds) ||
        !kr_arg_count("instancemethod", PyTuple_GET_SIZE(args), 1, 1)) {
        return NULL;
    }
    func = PyTuple_GET_ITEM(args, 0);
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    return PyInstanceMethod_New(func);
}

static void
instancemethod_dealloc(PyObject *self)
{
    kr_gc_untrack(self);
    Py_DECREF(PyInstanceMethod_GET_FUNCTION(self));
    kr_object_free(self);
}

static int
instancemethod_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(PyInstanceMethod_GET_FUNCTION(self));
    return 0;
}

static PyObject *
instancemethod_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    return PyObject_Call(PyInstanceMethod_GET_FUNCTION(self), args, kwds);
}

static PyObject *
instancemethod_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyObject *func = PyInstanceMethod_GET_FUNCTION(self);

    return obj == NULL ? Py_NewRef(func) : PyMethod_New(func, obj);
}

static PyObject *
instancemethod_getattro(PyObject *self, PyObject *name)
{
    return attribute_or_of(self, PyInstanceMethod_GET_FUNCTION(self), name);
}

static PyObject *
instancemethod_repr(PyObject *self)
{
    PyObject *func = PyInstanceMethod_GET_FUNCTION(self), *name, *result;

    if (PyObject_GetOptionalAttr(func, KR_ID(__name__), &name) < 0) {
        return NULL;
    }
    if (name != NULL && !PyUnicode_Check(name)) {
        Py_CLEAR(name);
    }
    result = PyUnicode_FromFormat("<instancemethod %V at %p>", name, "?", self);
    Py_XDECREF(name);
    return result;
}

static PyObject *
instancemethod_richcompare(PyObject *self, PyObject *other, int op)
{
    int equal;

    if ((op != Py_EQ && op != Py_NE) || !PyInstanceMethod_Check(self) ||
        !PyInstanceMethod_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    equal = PyObject_RichCompareBool(PyInstanceMethod_GET_FUNCTION(self),
                                     PyInstanceMethod_GET_FUNCTION(other), Py_EQ);
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *
instancemethod_get_doc(PyObject *self, void *closure)
{
    return PyObject_GetAttr(PyInstanceMethod_GET_FUNCTION(self), KR_ID(__doc__));
}

static PyMemberDef instancemethod_members[] = {
    {"__func__", _Py_T_OBJECT, offsetof(PyInstanceMethodObject, func), Py_READONLY,
     "The function that the method calls."},
    {NULL},
};

static PyGetSetDef instancemethod_getset[] = {
    {"__doc__", instancemethod_get_doc},
    {NULL},
};

PyTypeObject PyInstanceMethod_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "instancemethod",
    .tp_basicsize = sizeof(PyInstanceMethodObject),
    .tp_dealloc = instancemethod_dealloc,
    .tp_repr = instancemethod_repr,
    .tp_call = instancemethod_call,
    .tp_getattro = instancemethod_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "instancemethod(function)\n--\n\n"
              "Make any callable bind like a function does.",
    .tp_traverse = instancemethod_traverse,
    .tp_richcompare = instancemethod_richcompare,
    .tp_members = instancemethod_members,
    .tp_getset = instancemethod_getset,
    .tp_descr_get = instancemethod_descr_get,
    .tp_new = instancemethod_new,
};
