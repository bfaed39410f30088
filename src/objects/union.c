// SPDX-License-Identifier: MIT
// union.c - typing.Union: int | str.
//
// Callers:     `|` of classes and aliases, typing.Union[...], isinstance.
// Invariants:  members are flat and different from each other, in the order of their
//              first appearance. Those that hash are also in hashable_args.
#include "objects/union.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type.h"

static_assert(sizeof(KrUnion) == 56, "the size is known");

// ----------------------------------------------------------------------- building

typedef struct {
    PyObject *args;       // list of all members
    PyObject *hashable;   // set
    PyObject *unhashable; // list, or NULL
} UnionBuilder;

static int
builder_start(UnionBuilder *builder)
{
    builder->args = PyList_New(0);
    builder->hashable = PySet_New(NULL);
    builder->unhashable = NULL;
    return builder->args == NULL || builder->hashable == NULL ? -1 : 0;
}

static void
builder_end(UnionBuilder *builder)
{
    Py_XDECREF(builder->args);
    Py_XDECREF(builder->hashable);
    Py_XDECREF(builder->unhashable);
}

static int
builder_add_unhashable(UnionBuilder *builder, PyObject *arg)
{
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
        return -1;
    }
    PyErr_Clear();
    if (builder->unhashable == NULL) {
        builder->unhashable = PyList_New(0);
        if (builder->unhashable == NULL) {
            return -1;
        }
    }
    int known = PySequence_Contains(builder->unhashable, arg);
    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    if (PyList_Append(builder->unhashable, arg) < 0) {
        return -1;
    }
    return PyList_Append(builder->args, arg);
}

static int
builder_add(UnionBuilder *builder, PyObject *arg)
{
    int known;

    if (arg == Py_None) {
        arg = (PyObject *)Py_TYPE(Py_None);
    }
    if (kr_is_union(arg)) {
        PyObject *members = kr_union_args_borrow(arg);
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(members); i++) {
            if (builder_add(builder, PyTuple_GET_ITEM(members, i)) < 0) {
                return -1;
            }
        }
        return 0;
    }
    if (PyObject_Hash(arg) == -1) {
        return builder_add_unhashable(builder, arg);
    }
    known = PySet_Contains(builder->hashable, arg);
    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    if (PySet_Add(builder->hashable, arg) < 0) {
        return -1;
    }
    return PyList_Append(builder->args, arg);
}

static PyObject *
builder_finish(UnionBuilder *builder)
{
    Py_ssize_t n = PyList_GET_SIZE(builder->args);
    PyObject *args, *hashable, *unhashable = NULL;
    KrUnion *self;

    if (n == 0) {
        PyErr_SetString(PyExc_TypeError, "Cannot take a Union of no types.");
        return NULL;
    }
    if (n == 1) {
        return Py_NewRef(PyList_GET_ITEM(builder->args, 0));
    }
    args = PyList_AsTuple(builder->args);
    hashable = PyFrozenSet_New(builder->hashable);
    if (builder->unhashable != NULL) {
        unhashable = PyList_AsTuple(builder->unhashable);
    }
    self = args == NULL || hashable == NULL ||
                   (builder->unhashable != NULL && unhashable == NULL)
               ? NULL
               : PyObject_GC_New(KrUnion, &_PyUnion_Type);
    if (self == NULL) {
        Py_XDECREF(args);
        Py_XDECREF(hashable);
        Py_XDECREF(unhashable);
        return NULL;
    }
    self->args = args;
    self->hashable_args = hashable;
    self->unhashable_args = unhashable;
    self->parameters = NULL;
    self->weakreflist = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

// Texts are names of classes to come.
static PyObject *
union_member(PyObject *arg)
{
    PyObject *forward, *result;

    if (!PyUnicode_Check(arg)) {
        return Py_NewRef(arg);
    }
    forward = PyImport_ImportModuleAttrString("annotationlib", "ForwardRef");
    if (forward == NULL) {
        return NULL;
    }
    result = PyObject_CallOneArg(forward, arg);
    Py_DECREF(forward);
    return result;
}

static PyObject *
union_build(PyObject *const *items, Py_ssize_t n, bool texts)
{
    UnionBuilder builder;
    PyObject *result = NULL;

    if (builder_start(&builder) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *member = texts ? union_member(items[i]) : Py_NewRef(items[i]);
        if (member == NULL) {
            goto done;
        }
        if (builder_add(&builder, member) < 0) {
            Py_DECREF(member);
            goto done;
        }
        Py_DECREF(member);
    }
    result = builder_finish(&builder);

done:
    builder_end(&builder);
    return result;
}

PyObject *
kr_union_from_tuple(PyObject *args)
{
    return union_build(((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), true);
}

static bool
can_be_in_union(PyObject *o)
{
    return o == Py_None || PyType_Check(o) ||
           PyObject_TypeCheck(o, &Py_GenericAliasType) || kr_is_union(o) ||
           strcmp(Py_TYPE(o)->tp_name, "typing.TypeAliasType") == 0;
}

PyObject *
kr_union_of_pair(PyObject *left, PyObject *right)
{
    PyObject *items[2] = {left, right};

    // A union takes anything, texts too; between others it has to be unmistakable.
    if (kr_is_union(left) || kr_is_union(right)) {
        return union_build(items, 2, true);
    }
    if (!can_be_in_union(left) || !can_be_in_union(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return union_build(items, 2, false);
}

// -------------------------------------------------------------------------- slots

static void
union_dealloc(PyObject *self)
{
    KrUnion *u = (KrUnion *)self;

    PyObject_GC_UnTrack(self);
    if (u->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(u->args);
    Py_XDECREF(u->hashable_args);
    Py_XDECREF(u->unhashable_args);
    Py_XDECREF(u->parameters);
    PyObject_GC_Del(self);
}

static int
union_traverse(PyObject *self, visitproc visit, void *arg)
{
    KrUnion *u = (KrUnion *)self;

    Py_VISIT(u->args);
    Py_VISIT(u->hashable_args);
    Py_VISIT(u->unhashable_args);
    Py_VISIT(u->parameters);
    return 0;
}

static Py_hash_t
union_hash(PyObject *self)
{
    KrUnion *u = (KrUnion *)self;

    if (u->unhashable_args != NULL) {
        Py_ssize_t n = PyTuple_GET_SIZE(u->unhashable_args);
        // Something may have become hashable meanwhile; the count is what is known.
        for (Py_ssize_t i = 0; i < n; i++) {
            if (PyObject_Hash(PyTuple_GET_ITEM(u->unhashable_args, i)) == -1) {
                return -1;
            }
        }
        PyErr_Format(PyExc_TypeError, "union contains %zd unhashable element%s", n,
                     n > 1 ? "s" : "");
        return -1;
    }
    return PyObject_Hash(u->hashable_args);
}

// Whether all of a are in b.
static int
all_in(PyObject *a, PyObject *b)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(a); i++) {
        int known = PySequence_Contains(b, PyTuple_GET_ITEM(a, i));
        if (known <= 0) {
            return known;
        }
    }
    return 1;
}

static int
unions_equal(KrUnion *a, KrUnion *b)
{
    int equal = PyObject_RichCompareBool(a->hashable_args, b->hashable_args, Py_EQ);

    if (equal <= 0) {
        return equal;
    }
    if (a->unhashable_args == NULL || b->unhashable_args == NULL) {
        return a->unhashable_args == b->unhashable_args;
    }
    if (PyTuple_GET_SIZE(a->unhashable_args) != PyTuple_GET_SIZE(b->unhashable_args)) {
        return 0;
    }
    return all_in(a->unhashable_args, b->unhashable_args);
}

static PyObject *
union_richcompare(PyObject *self, PyObject *other, int op)
{
    int equal;

    if (!kr_is_union(other) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    equal = unions_equal((KrUnion *)self, (KrUnion *)other);
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *
union_repr(PyObject *self)
{
    PyObject *args = kr_union_args_borrow(self), *parts, *separator, *result = NULL;

    parts = PyList_New(0);
    separator = PyUnicode_FromString(" | ");
    if (parts == NULL || separator == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *arg = PyTuple_GET_ITEM(args, i), *text;
        text = arg == (PyObject *)Py_TYPE(Py_None) ? PyUnicode_FromString("None")
                                                   : kr_type_repr(arg);
        if (text == NULL || PyList_Append(parts, text) < 0) {
            Py_XDECREF(text);
            goto done;
        }
        Py_DECREF(text);
    }
    result = PyUnicode_Join(separator, parts);

done:
    Py_XDECREF(parts);
    Py_XDECREF(separator);
    return result;
}

static PyObject *
union_parameters(KrUnion *u)
{
    if (u->parameters == NULL) {
        PyObject *parameters = kr_type_parameters(u->args);
        if (parameters == NULL) {
            return NULL;
        }
        Py_XSETREF(u->parameters, parameters);
    }
    return u->parameters;
}

static PyObject *
union_subscript(PyObject *self, PyObject *item)
{
    KrUnion *u = (KrUnion *)self;
    PyObject *args, *result;

    if (union_parameters(u) == NULL) {
        return NULL;
    }
    args = kr_type_substitute(self, u->args, u->parameters, item);
    if (args == NULL) {
        return NULL;
    }
    result = kr_union_from_tuple(args);
    Py_DECREF(args);
    return result;
}

// A union tells the class's __module__ as its own.
static PyObject *
union_getattro(PyObject *self, PyObject *name)
{
    if (PyUnicode_Check(name) && PyUnicode_EqualToUTF8(name, "__module__")) {
        return PyObject_GetAttr((PyObject *)Py_TYPE(self), name);
    }
    return PyObject_GenericGetAttr(self, name);
}

KR_METHOD_RAW(union, "__mro_entries__", METH_O, "Always an error.")
static PyObject *
union_mro_entries(PyObject *self, PyObject *bases)
{
    PyErr_Format(PyExc_TypeError, "Cannot subclass %R", self);
    return NULL;
}

KR_METHOD_RAW(union, "__class_getitem__", METH_O | METH_CLASS, "Make a union.")
static PyObject *
union_class_getitem(PyObject *cls, PyObject *args)
{
    PyObject *tuple = PyTuple_Check(args) ? Py_NewRef(args) : PyTuple_Pack(1, args);
    PyObject *result;

    if (tuple == NULL) {
        return NULL;
    }
    result = kr_union_from_tuple(tuple);
    Py_DECREF(tuple);
    return result;
}

KR_GETTER(union, "__name__", "The name of the class of unions.")
static PyObject *
union_get___name__(PyObject *self)
{
    return PyUnicode_FromString("Union");
}

KR_GETTER(union, "__qualname__", "The name of the class of unions.")
static PyObject *
union_get___qualname__(PyObject *self)
{
    return PyUnicode_FromString("Union");
}

KR_GETTER(union, "__origin__", "Always typing.Union.")
static PyObject *
union_get___origin__(PyObject *self)
{
    return Py_NewRef(&_PyUnion_Type);
}

KR_GETTER(union, "__parameters__", "The type variables among the members.")
static PyObject *
union_get___parameters__(PyObject *self)
{
    return Py_XNewRef(union_parameters((KrUnion *)self));
}

static PyMemberDef union_members[] = {
    {"__args__", _Py_T_OBJECT, offsetof(KrUnion, args), Py_READONLY},
    {NULL},
};

static PyNumberMethods union_as_number = {
    .nb_or = kr_union_of_pair,
};

static PyMappingMethods union_as_mapping = {
    .mp_subscript = union_subscript,
};

KR_TYPE(union)
#include "objects/union.methods.h"

PyTypeObject _PyUnion_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.Union",
    .tp_basicsize = sizeof(KrUnion),
    .tp_dealloc = union_dealloc,
    .tp_repr = union_repr,
    .tp_as_number = &union_as_number,
    .tp_as_mapping = &union_as_mapping,
    .tp_hash = union_hash,
    .tp_getattro = union_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "A union of types, such as int | str.",
    .tp_traverse = union_traverse,
    .tp_richcompare = union_richcompare,
    .tp_weaklistoffset = offsetof(KrUnion, weakreflist),
    .tp_methods = union_methods,
    .tp_members = union_members,
    .tp_getset = union_getset,
};
