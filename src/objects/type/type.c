// SPDX-License-Identifier: MIT
// type.c - the type `type`: calling classes, their repr and methods.
//
// Callers:     every instantiation.
// Re-entrancy: __new__, __init__ and metaclass methods are Python code.
// Read next:   new.c, attrs.c, ready.c, slots.c
#include "objects/abstract.h"
#include "objects/args.h"
#include "objects/hooks.h"
#include "objects/ids.h"
#include "objects/instance.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type/slots.h"

// ------------------------------------------------------------------------- names

const char *
_PyType_Name(PyTypeObject *type)
{
    const char *dot = strrchr(type->tp_name, '.');

    return dot == NULL ? type->tp_name : dot + 1;
}

const char *
_PyType_Name_utf8(PyTypeObject *type)
{
    return _PyType_Name(type);
}

PyObject *
PyType_GetName(PyTypeObject *type)
{
    if (kr_type_is_heap(type)) {
        return Py_NewRef(((PyHeapTypeObject *)type)->ht_name);
    }
    return PyUnicode_InternFromString(_PyType_Name(type));
}

PyObject *
PyType_GetQualName(PyTypeObject *type)
{
    if (kr_type_is_heap(type)) {
        return Py_NewRef(((PyHeapTypeObject *)type)->ht_qualname);
    }
    return PyType_GetName(type);
}

PyObject *
kr_type_module(PyTypeObject *type)
{
    if (kr_type_is_heap(type)) {
        PyObject *module;
        int found = PyDict_GetItemRef(type->tp_dict, KR_ID(__module__), &module);
        if (found == 0) {
            PyErr_SetObject(PyExc_AttributeError, KR_ID(__module__));
        }
        return module;
    }
    const char *dot = strrchr(type->tp_name, '.');
    if (dot == NULL) {
        return Py_NewRef(KR_ID(builtins));
    }
    PyObject *module = PyUnicode_FromStringAndSize(type->tp_name, dot - type->tp_name);
    if (module != NULL) {
        PyUnicode_InternInPlace(&module);
    }
    return module;
}

PyObject *
PyType_GetModuleName(PyTypeObject *type)
{
    return kr_type_module(type);
}

PyObject *
kr_type_full_name(PyTypeObject *type, char separator)
{
    PyObject *qualname = NULL, *module = NULL, *result = NULL;

    if (!kr_type_is_heap(type)) {
        return PyUnicode_FromString(type->tp_name);
    }
    qualname = PyType_GetQualName(type);
    module = kr_type_module(type);
    if (module == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            goto done;
        }
        PyErr_Clear();
    }
    if (module != NULL && PyUnicode_Check(module) &&
        PyUnicode_Compare(module, KR_ID(builtins)) != 0 &&
        PyUnicode_Compare(module, KR_ID(__main__)) != 0) {
        result = PyUnicode_FromFormat("%U%c%U", module, separator, qualname);
    }
    else {
        result = Py_NewRef(qualname);
    }

done:
    Py_XDECREF(module);
    Py_XDECREF(qualname);
    return result;
}

PyObject *
PyType_GetFullyQualifiedName(PyTypeObject *type)
{
    return kr_type_full_name(type, '.');
}

static PyObject *
type_repr(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *module = kr_type_module(type), *name = NULL, *result = NULL;

    if (module == NULL) {
        PyErr_Clear();
    }
    else if (!PyUnicode_Check(module)) {
        Py_CLEAR(module);
    }
    name = PyType_GetQualName(type);
    if (name == NULL) {
        goto done;
    }
    if (module != NULL && PyUnicode_Compare(module, KR_ID(builtins)) != 0) {
        result = PyUnicode_FromFormat("<class '%U.%U'>", module, name);
    }
    else {
        result = PyUnicode_FromFormat("<class '%s'>", type->tp_name);
    }

done:
    Py_XDECREF(name);
    Py_XDECREF(module);
    return result;
}

// ------------------------------------------------------------------ instantiation

static PyObject *
type_instantiate(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *obj;

    if (type->tp_new == NULL) {
        PyErr_Format(PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
        return NULL;
    }
    obj = type->tp_new(type, args, kwds);
    obj = _Py_CheckFunctionResult(kr_thread(), (PyObject *)type, obj, NULL);
    if (obj == NULL || !PyObject_TypeCheck(obj, type)) {
        return obj;
    }
    type = Py_TYPE(obj);
    if (type->tp_init != NULL && type->tp_init(obj, args, kwds) < 0) {
        Py_DECREF(obj);
        return NULL;
    }
    return obj;
}

PyObject *
kr_type_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (self == (PyObject *)&PyType_Type) {
        Py_ssize_t n = PyTuple_GET_SIZE(args);
        Py_ssize_t n_kwds = kwds == NULL ? 0 : PyDict_GET_SIZE(kwds);
        if (n == 1 && n_kwds == 0) {
            return Py_NewRef(Py_TYPE(PyTuple_GET_ITEM(args, 0)));
        }
        if (n != 3) {
            PyErr_SetString(PyExc_TypeError, "type() takes 1 or 3 arguments");
            return NULL;
        }
    }
    return type_instantiate((PyTypeObject *)self, args, kwds);
}

// type(x) needs neither tuple nor dict.
PyObject *
kr_type_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                   PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);

    if (nargs == 1 && self == (PyObject *)&PyType_Type) {
        if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) != 0) {
            PyErr_SetString(PyExc_TypeError, "type() takes no keyword arguments");
            return NULL;
        }
        return Py_NewRef(Py_TYPE(args[0]));
    }
    return _PyObject_MakeTpCall(kr_thread(), self, args, nargs, kwnames);
}

// The vectorcall of Python classes: an instance without any tuple when object's
// own __new__ makes it and a Python __init__ takes the arguments.
PyObject *
kr_class_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                    PyObject *kwnames)
{
    PyTypeObject *type = (PyTypeObject *)self;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    Py_ssize_t total = nargs + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    PyObject *few[8], **all = few, *obj, *init, *result;

    if (type->tp_new != kr_object_new || type->tp_init != slot_init ||
        (type->tp_flags & Py_TPFLAGS_IS_ABSTRACT)) {
        return _PyObject_MakeTpCall(kr_thread(), self, args, nargs, kwnames);
    }
    init = kr_type_lookup_borrow(type, KR_ID(__init__));
    if (init == NULL ||
        !PyType_HasFeature(Py_TYPE(init), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        return _PyObject_MakeTpCall(kr_thread(), self, args, nargs, kwnames);
    }
    Py_INCREF(init);
    obj = type->tp_alloc(type, 0);
    if (obj == NULL) {
        Py_DECREF(init);
        return NULL;
    }
    if (total + 1 > KR_ARRAY_LEN(few)) {
        all = PyMem_Malloc((size_t)(total + 1) * sizeof(PyObject *));
        if (all == NULL) {
            Py_DECREF(init);
            Py_DECREF(obj);
            PyErr_NoMemory();
            return NULL;
        }
    }
    all[0] = obj;
    if (total != 0) {
        memcpy(all + 1, args, (size_t)total * sizeof(PyObject *));
    }
    result = PyObject_Vectorcall(init, all, (size_t)(nargs + 1), kwnames);
    if (all != few) {
        PyMem_Free(all);
    }
    Py_DECREF(init);
    if (result != Py_None) {
        if (result != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "__init__() should return None, not '%.200s'",
                         Py_TYPE(result)->tp_name);
            Py_DECREF(result);
        }
        Py_DECREF(obj);
        return NULL;
    }
    return obj;
}

static int
type_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (kwds != NULL && PyTuple_GET_SIZE(args) == 1 && PyDict_GET_SIZE(kwds) != 0) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes no keyword arguments");
        return -1;
    }
    if (PyTuple_GET_SIZE(args) != 1 && PyTuple_GET_SIZE(args) != 3) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes 1 or 3 arguments");
        return -1;
    }
    return 0;
}

// ----------------------------------------------------------- __new__ of C types

bool
kr_new_is_safe(PyTypeObject *owner, PyTypeObject *type)
{
    PyTypeObject *at = type;

    if (!PyType_IsSubtype(type, owner)) {
        return false;
    }
    // Python classes do not matter; the C type below them has to agree.
    while (at != NULL && at->tp_new == slot_new) {
        at = at->tp_base;
    }
    return at != NULL && at->tp_new == owner->tp_new;
}

PyObject *
kr_type_new_wrapper(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyTypeObject *owner = (PyTypeObject *)self, *type, *at;
    PyObject *arg, *rest, *result;

    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(): not enough arguments",
                     owner->tp_name);
        return NULL;
    }
    arg = PyTuple_GET_ITEM(args, 0);
    if (!PyType_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(X): X is not a type object (%s)",
                     owner->tp_name, Py_TYPE(arg)->tp_name);
        return NULL;
    }
    type = (PyTypeObject *)arg;
    if (!PyType_IsSubtype(type, owner)) {
        PyErr_Format(PyExc_TypeError, "%s.__new__(%s): %s is not a subtype of %s",
                     owner->tp_name, type->tp_name, type->tp_name, owner->tp_name);
        return NULL;
    }
    for (at = type; at != NULL && at->tp_new == slot_new;) {
        at = at->tp_base;
    }
    if (at != NULL && at->tp_new != owner->tp_new) {
        if (type->tp_flags & Py_TPFLAGS_DISALLOW_INSTANTIATION) {
            PyErr_Format(PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
            return NULL;
        }
        PyErr_Format(PyExc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()",
                     owner->tp_name, type->tp_name, at->tp_name);
        return NULL;
    }
    rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (rest == NULL) {
        return NULL;
    }
    result = owner->tp_new(type, rest, kwds);
    Py_DECREF(rest);
    return result;
}

static PyMethodDef new_method_def = {
    "__new__",
    _PyCFunction_CAST(kr_type_new_wrapper),
    METH_VARARGS | METH_KEYWORDS,
    "__new__($type, *args, **kwargs)\n--\n\n"
    "Make a new object; help(type) shows the arguments.",
};

int
kr_type_add_new(PyTypeObject *type)
{
    PyObject *func;
    int known;

    if (type->tp_new == NULL) {
        return 0;
    }
    known = PyDict_Contains(type->tp_dict, KR_ID(__new__));
    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    func = PyCFunction_NewEx(&new_method_def, (PyObject *)type, NULL);
    if (func == NULL) {
        return -1;
    }
    known = PyDict_SetItem(type->tp_dict, KR_ID(__new__), func);
    Py_DECREF(func);
    return known;
}

bool
kr_is_new_wrapper(PyObject *object, PyTypeObject **type_out)
{
    if (!PyCFunction_CheckExact(object) ||
        ((PyCFunctionObject *)object)->m_ml != &new_method_def) {
        return false;
    }
    *type_out = (PyTypeObject *)((PyCFunctionObject *)object)->m_self;
    return true;
}

// ------------------------------------------------------------------------ methods

KR_METHOD(type, "mro(self, /)", "Compute the order in which base classes are searched.")
static PyObject *
type_mro(PyTypeObject *self)
{
    PyObject *mro = kr_type_compute_mro(self), *list;

    if (mro == NULL) {
        return NULL;
    }
    list = PySequence_List(mro);
    Py_DECREF(mro);
    return list;
}

KR_METHOD(type, "__subclasses__(self, /)", "List the living direct subclasses.")
static PyObject *
type_subclasses(PyTypeObject *self)
{
    return kr_type_subclasses(self);
}

KR_METHOD_RAW(type, "__prepare__($cls, name, bases, /, **kwds)",
              METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
              "Make the namespace that a class statement runs in.")
static PyObject *
type_prepare(PyObject *cls, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return PyDict_New();
}

KR_METHOD(type, "__instancecheck__(self, instance, /)",
          "Tell whether instance is an instance of this class.")
static PyObject *
type_instancecheck(PyTypeObject *self, PyObject *instance)
{
    int result = kr_real_isinstance(instance, (PyObject *)self);

    return result < 0 ? NULL : PyBool_FromLong(result);
}

KR_METHOD(type, "__subclasscheck__(self, subclass, /)",
          "Tell whether subclass derives from this class.")
static PyObject *
type_subclasscheck(PyTypeObject *self, PyObject *subclass)
{
    int result = kr_real_issubclass(subclass, (PyObject *)self);

    return result < 0 ? NULL : PyBool_FromLong(result);
}

// Adds the names of a class and its bases to dict. Anything with __bases__ will do.
static int
merge_class_names(PyObject *dict, PyObject *cls)
{
    PyObject *own = NULL, *bases = NULL, *base = NULL;
    Py_ssize_t n;
    int status = -1;

    if (PyObject_GetOptionalAttr(cls, KR_ID(__dict__), &own) < 0) {
        return -1;
    }
    if (own != NULL && PyDict_Update(dict, own) < 0) {
        goto done;
    }
    if (PyObject_GetOptionalAttr(cls, KR_ID(__bases__), &bases) < 0) {
        goto done;
    }
    if (bases == NULL) {
        status = 0;
        goto done;
    }
    n = PySequence_Size(bases);
    if (n < 0) {
        goto done;
    }
    if (Py_EnterRecursiveCall(" in dir()")) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        base = PySequence_GetItem(bases, i);
        if (base == NULL || merge_class_names(dict, base) < 0) {
            Py_LeaveRecursiveCall();
            goto done;
        }
        Py_CLEAR(base);
    }
    Py_LeaveRecursiveCall();
    status = 0;

done:
    Py_XDECREF(base);
    Py_XDECREF(own);
    Py_XDECREF(bases);
    return status;
}

KR_METHOD(type, "__dir__(self, /)", "List the names of the class and its bases.")
static PyObject *
type_dir(PyTypeObject *self)
{
    PyObject *dict = PyDict_New(), *names = NULL;

    if (dict != NULL && merge_class_names(dict, (PyObject *)self) == 0) {
        names = PyDict_Keys(dict);
    }
    Py_XDECREF(dict);
    return names;
}

// object.__dir__: own attributes, and those of the class.
int
kr_merge_class_names(PyObject *dict, PyObject *cls)
{
    return merge_class_names(dict, cls);
}

KR_METHOD(type, "__sizeof__(self, /)", "Count the bytes that the class itself takes.")
static PyObject *
type_sizeof(PyTypeObject *self)
{
    size_t size = sizeof(PyTypeObject);

    if (kr_type_is_heap(self)) {
        KrShapeTree *tree = kr_type_shapes(self);
        size = sizeof(PyHeapTypeObject);
        if (self->tp_flags & Py_TPFLAGS_INLINE_VALUES && tree != NULL) {
            size += sizeof(KrShapeTree) + tree->n_shapes * sizeof(KrShape);
            for (KrShapeTable *t = tree->tables; t != NULL; t = t->next) {
                size += sizeof(KrShapeTable);
            }
        }
    }
    return PyLong_FromSize_t(size);
}

// ------------------------------------------------------------------- collecting

static int
type_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *type = (PyTypeObject *)self;

    if (!kr_type_is_heap(type)) {
        return 0;
    }
    Py_VISIT(type->tp_dict);
    Py_VISIT(type->tp_cache);
    Py_VISIT(type->tp_mro);
    Py_VISIT(type->tp_bases);
    Py_VISIT((PyObject *)type->tp_base);
    Py_VISIT(((PyHeapTypeObject *)type)->ht_module);
    return 0;
}

static int
type_clear(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;

    if (!kr_type_is_heap(type)) {
        return 0;
    }
    // Instances that still exist need tp_mro, tp_bases and tp_base; breaking the
    // dict and the MRO's cycle to the type itself is enough.
    kr_type_modified(type);
    if (type->tp_dict != NULL) {
        PyDict_Clear(type->tp_dict);
    }
    Py_CLEAR(((PyHeapTypeObject *)type)->ht_module);
    Py_CLEAR(type->tp_mro);
    return 0;
}

static int
type_is_gc(PyObject *self)
{
    return kr_type_is_heap((PyTypeObject *)self);
}

static void
type_dealloc(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    PyObject *exc = PyErr_GetRaisedException();

    KR_CHECK(kr_type_is_heap(type));
    PyObject_GC_UnTrack(type);
    kr_type_modified(type);
    if (type->tp_bases != NULL) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type->tp_bases); i++) {
            PyTypeObject *base = kr_mro_item(type->tp_bases, i);
            if (PyType_Check((PyObject *)base)) {
                kr_type_remove_subclass(base, type);
            }
        }
    }
    PyObject_ClearWeakRefs(self);
    kr_type_free_shapes(type);
    Py_XDECREF(type->tp_base);
    Py_XDECREF(type->tp_dict);
    Py_XDECREF(type->tp_bases);
    Py_XDECREF(type->tp_mro);
    Py_XDECREF(type->tp_cache);
    Py_XDECREF((PyObject *)type->tp_subclasses);
    PyMem_Free((char *)type->tp_doc);
    Py_XDECREF(heap->ht_name);
    Py_XDECREF(heap->ht_qualname);
    Py_XDECREF(heap->ht_slots);
    Py_XDECREF(heap->ht_module);
    PyMem_Free(heap->_ht_tpname);
    PyErr_SetRaisedException(exc);
    Py_TYPE(type)->tp_free((PyObject *)type);
}

// ------------------------------------------------------------------------- X | Y

static PyObject *
type_or(PyObject *left, PyObject *right)
{
    return kr_union_of_pair(left, right);
}

static PyNumberMethods type_as_number = {
    .nb_or = type_or,
};

static PyMemberDef type_members[] = {
    {"__basicsize__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_basicsize), Py_READONLY},
    {"__itemsize__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_itemsize), Py_READONLY},
    {"__flags__", Py_T_ULONG, offsetof(PyTypeObject, tp_flags), Py_READONLY},
    {"__weakrefoffset__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_weaklistoffset),
     Py_READONLY},
    {"__base__", _Py_T_OBJECT, offsetof(PyTypeObject, tp_base), Py_READONLY},
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(PyTypeObject, tp_dictoffset),
     Py_READONLY},
    {NULL},
};

KR_TYPE(type)
#include "objects/type/type.methods.h"

PyTypeObject PyType_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "type",
    .tp_basicsize = sizeof(PyHeapTypeObject),
    .tp_itemsize = sizeof(PyMemberDef),
    .tp_dealloc = type_dealloc,
    .tp_vectorcall_offset = offsetof(PyTypeObject, tp_vectorcall),
    .tp_repr = type_repr,
    .tp_as_number = &type_as_number,
    .tp_call = kr_type_call,
    .tp_getattro = kr_type_getattro,
    .tp_setattro = kr_type_setattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE |
                Py_TPFLAGS_TYPE_SUBCLASS | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_ITEMS_AT_END,
    .tp_doc = "type(object) -> the object's type\n"
              "type(name, bases, dict, **kwds) -> a new type",
    .tp_traverse = type_traverse,
    .tp_clear = type_clear,
    .tp_weaklistoffset = offsetof(PyTypeObject, tp_weaklist),
    .tp_methods = type_methods,
    .tp_members = type_members,
    .tp_getset = kr_type_getset,
    .tp_dictoffset = offsetof(PyTypeObject, tp_dict),
    .tp_init = type_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = kr_type_new,
    .tp_free = PyObject_GC_Del,
    .tp_is_gc = type_is_gc,
    .tp_vectorcall = kr_type_vectorcall,
};
