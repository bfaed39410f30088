// SPDX-License-Identifier: MIT
// set.c - the types set and frozenset, and their methods.
//
// Callers:     Python code.
// Read next:   slots.c
#include "objects/set/table.h"

#include "objects/args.h"
#include "objects/dict.h"
#include "objects/ids.h"
#include "objects/set/slots.h"

// --- Both types --------------------------------------------------------------------

KR_METHOD_RAW(set, "__contains__($self, object, /)", METH_O | METH_COEXIST,
              "x.__contains__(y) <==> y in x.")
KR_METHOD_RAW(frozenset, "__contains__($self, object, /)", METH_O | METH_COEXIST,
              "x.__contains__(y) <==> y in x.")
static PyObject *
anyset___contains__(PyObject *self, PyObject *key)
{
    int inside = kr_anyset_contains(self, key);
    return inside < 0 ? NULL : PyBool_FromLong(inside);
}

KR_METHOD_RAW(set, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Sets are generic over the type of their elements.")
KR_METHOD_RAW(frozenset, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Sets are generic over the type of their elements.")
static PyObject *
anyset___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_METHOD_RAW(set, "__sizeof__($self, /)", METH_NOARGS,
              "S.__sizeof__() -> size of S in memory, in bytes.")
KR_METHOD_RAW(frozenset, "__sizeof__($self, /)", METH_NOARGS,
              "S.__sizeof__() -> size of S in memory, in bytes.")
static PyObject *
anyset___sizeof__(PyObject *op, PyObject *unused)
{
    PySetObject *self = (PySetObject *)op;
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    if (self->table != self->smalltable) {
        size += ((size_t)self->mask + 1) * sizeof(setentry);
    }
    return PyLong_FromSize_t(size);
}

KR_METHOD_RAW(set, "__reduce__($self, /)", METH_NOARGS, "Return what pickle needs.")
KR_METHOD_RAW(frozenset, "__reduce__($self, /)", METH_NOARGS, "Return what pickle needs.")
static PyObject *
anyset___reduce__(PyObject *self, PyObject *unused)
{
    PyObject *elements = PySequence_List(self);
    if (elements == NULL) {
        return NULL;
    }
    PyObject *args = PyTuple_Pack(1, elements);
    Py_DECREF(elements);
    PyObject *state = args == NULL ? NULL
                                   : PyObject_CallMethodNoArgs(self, KR_ID(__getstate__));
    PyObject *result = state == NULL ? NULL : PyTuple_Pack(3, Py_TYPE(self), args, state);
    Py_XDECREF(args);
    Py_XDECREF(state);
    return result;
}

KR_METHOD_RAW(set, "copy($self, /)", METH_NOARGS, "Return a shallow copy of a set.")
static PyObject *
set_copy(PyObject *self, PyObject *unused)
{
    return kr_set_copy_base(self);
}

KR_METHOD_RAW(frozenset, "copy($self, /)", METH_NOARGS, "Return a shallow copy of a set.")
static PyObject *
frozenset_copy(PyObject *self, PyObject *unused)
{
    return PyFrozenSet_CheckExact(self) ? Py_NewRef(self) : kr_set_copy_base(self);
}

KR_METHOD_RAW(set, "union($self, /, *others)", METH_FASTCALL,
              "Return a new set with elements from the set and all others.")
KR_METHOD_RAW(frozenset, "union($self, /, *others)", METH_FASTCALL,
              "Return a new set with elements from the set and all others.")
static PyObject *
anyset_union(PyObject *self, PyObject *const *others, Py_ssize_t n)
{
    PyObject *result = kr_set_copy_base(self);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        if (others[i] != self && kr_set_update((PySetObject *)result, others[i]) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

KR_METHOD_RAW(set, "intersection($self, /, *others)", METH_FASTCALL,
              "Return a new set with elements common to the set and all others.")
KR_METHOD_RAW(frozenset, "intersection($self, /, *others)", METH_FASTCALL,
              "Return a new set with elements common to the set and all others.")
static PyObject *
anyset_intersection(PyObject *self, PyObject *const *others, Py_ssize_t n)
{
    if (n == 0) {
        return kr_set_copy_base(self);
    }
    PyObject *result = Py_NewRef(self);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        Py_SETREF(result, kr_set_intersection((PySetObject *)result, others[i]));
    }
    return result;
}

KR_METHOD_RAW(set, "difference($self, /, *others)", METH_FASTCALL,
              "Return a new set with elements in the set that are not in the others.")
KR_METHOD_RAW(frozenset, "difference($self, /, *others)", METH_FASTCALL,
              "Return a new set with elements in the set that are not in the others.")
static PyObject *
anyset_difference(PyObject *self, PyObject *const *others, Py_ssize_t n)
{
    if (n == 0) {
        return kr_set_copy_base(self);
    }
    PyObject *result = kr_set_difference((PySetObject *)self, others[0]);
    for (Py_ssize_t i = 1; result != NULL && i < n; i++) {
        if (kr_set_difference_update((PySetObject *)result, others[i]) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

KR_METHOD_RAW(set, "symmetric_difference($self, other, /)", METH_O,
              "Return a new set with elements in either the set or other but not both.")
KR_METHOD_RAW(frozenset, "symmetric_difference($self, other, /)", METH_O,
              "Return a new set with elements in either the set or other but not both.")
static PyObject *
anyset_symmetric_difference(PyObject *self, PyObject *other)
{
    return kr_set_symmetric_difference((PySetObject *)self, other);
}

KR_METHOD_RAW(set, "isdisjoint($self, other, /)", METH_O,
              "Return True if two sets have a null intersection.")
KR_METHOD_RAW(frozenset, "isdisjoint($self, other, /)", METH_O,
              "Return True if two sets have a null intersection.")
static PyObject *
anyset_isdisjoint(PyObject *op, PyObject *other)
{
    PySetObject *self = (PySetObject *)op;
    if (op == other) {
        return PyBool_FromLong(self->used == 0);
    }
    if (PyAnySet_CheckExact(other)) {
        PySetObject *walked = (PySetObject *)other, *asked = self;
        if (walked->used > asked->used) {
            walked = self;
            asked = (PySetObject *)other;
        }
        setentry *entry;
        for (Py_ssize_t pos = 0; (entry = kr_set_next(walked, &pos)) != NULL;) {
            PyObject *key = Py_NewRef(entry->key);
            int inside = kr_set_contains_hash(asked, key, entry->hash);
            Py_DECREF(key);
            if (inside != 0) {
                return inside < 0 ? NULL : Py_NewRef(Py_False);
            }
        }
        return Py_NewRef(Py_True);
    }
    PyObject *item, *iterator = PyObject_GetIter(other);
    if (iterator == NULL) {
        return NULL;
    }
    int inside = 0, more;
    while (inside == 0 && (more = PyIter_NextItem(iterator, &item)) != 0) {
        if (more < 0) {
            inside = -1;
            break;
        }
        Py_hash_t hash = kr_set_hash(item);
        inside = hash == -1 ? -1 : kr_set_contains_hash(self, item, hash);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return inside < 0 ? NULL : PyBool_FromLong(!inside);
}

KR_METHOD_RAW(set, "issubset($self, other, /)", METH_O,
              "Report whether another set contains this set.")
KR_METHOD_RAW(frozenset, "issubset($self, other, /)", METH_O,
              "Report whether another set contains this set.")
static PyObject *
anyset_issubset(PyObject *op, PyObject *other)
{
    PySetObject *self = (PySetObject *)op;
    if (PyAnySet_Check(other)) {
        int answer = kr_set_issubset(self, (PySetObject *)other);
        return answer < 0 ? NULL : PyBool_FromLong(answer);
    }
    PyObject *common = kr_set_intersection(self, other);
    if (common == NULL) {
        return NULL;
    }
    bool all = PySet_GET_SIZE(common) == self->used;
    Py_DECREF(common);
    return PyBool_FromLong(all);
}

KR_METHOD_RAW(set, "issuperset($self, other, /)", METH_O,
              "Report whether this set contains another set.")
KR_METHOD_RAW(frozenset, "issuperset($self, other, /)", METH_O,
              "Report whether this set contains another set.")
static PyObject *
anyset_issuperset(PyObject *op, PyObject *other)
{
    PySetObject *self = (PySetObject *)op;
    if (PyAnySet_Check(other)) {
        int answer = kr_set_issubset((PySetObject *)other, self);
        return answer < 0 ? NULL : PyBool_FromLong(answer);
    }
    PyObject *item, *iterator = PyObject_GetIter(other);
    if (iterator == NULL) {
        return NULL;
    }
    int inside = 1, more;
    while (inside > 0 && (more = PyIter_NextItem(iterator, &item)) != 0) {
        if (more < 0) {
            inside = -1;
            break;
        }
        Py_hash_t hash = kr_set_hash(item);
        inside = hash == -1 ? -1 : kr_set_contains_hash(self, item, hash);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return inside < 0 ? NULL : PyBool_FromLong(inside);
}

// --- set only ----------------------------------------------------------------------

KR_METHOD_RAW(set, "add($self, object, /)", METH_O,
              "Add an element to a set; it may be there already.")
static PyObject *
set_add(PyObject *self, PyObject *key)
{
    if (kr_set_add((PySetObject *)self, key) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(set, "clear($self, /)", METH_NOARGS, "Remove all elements from this set.")
static PyObject *
set_clear(PyObject *self, PyObject *unused)
{
    kr_set_clear((PySetObject *)self);
    Py_RETURN_NONE;
}

KR_METHOD_RAW(set, "discard($self, object, /)", METH_O,
              "Remove an element from a set if it is a member.")
static PyObject *
set_discard(PyObject *self, PyObject *key)
{
    if (kr_anyset_discard(self, key) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(set, "remove($self, object, /)", METH_O,
              "Remove an element from a set; it must be a member.\n\n"
              "KeyError is raised where it is not.")
static PyObject *
set_remove(PyObject *self, PyObject *key)
{
    int removed = kr_anyset_discard(self, key);
    if (removed < 0) {
        return NULL;
    }
    if (removed == 0) {
        kr_set_key_error(key);
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(set, "pop($self, /)", METH_NOARGS,
              "Remove and return an arbitrary set element.\n\n"
              "KeyError is raised where the set is empty.")
static PyObject *
set_pop(PyObject *self, PyObject *unused)
{
    PyObject *key = kr_set_take((PySetObject *)self);
    if (key == NULL) {
        PyErr_SetString(PyExc_KeyError, "pop from an empty set");
    }
    return key;
}

KR_METHOD_RAW(set, "update($self, /, *others)", METH_FASTCALL,
              "Update the set, adding elements from all others.")
static PyObject *
set_update(PyObject *self, PyObject *const *others, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (kr_set_update((PySetObject *)self, others[i]) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(set, "intersection_update($self, /, *others)", METH_FASTCALL,
              "Update the set, keeping only elements found in it and all others.")
static PyObject *
set_intersection_update(PyObject *self, PyObject *const *others, Py_ssize_t n)
{
    PyObject *common = anyset_intersection(self, others, n);
    if (common == NULL) {
        return NULL;
    }
    kr_set_swap((PySetObject *)self, (PySetObject *)common);
    Py_DECREF(common);
    Py_RETURN_NONE;
}

KR_METHOD_RAW(set, "difference_update($self, /, *others)", METH_FASTCALL,
              "Update the set, removing elements found in others.")
static PyObject *
set_difference_update(PyObject *self, PyObject *const *others, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (kr_set_difference_update((PySetObject *)self, others[i]) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(set, "symmetric_difference_update($self, other, /)", METH_O,
              "Update the set, keeping only elements found in either set, but not in both.")
static PyObject *
set_symmetric_difference_update(PyObject *self, PyObject *other)
{
    if (kr_set_symmetric_difference_update((PySetObject *)self, other) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_TYPE(set)
KR_TYPE(frozenset)
#include "objects/set/set.methods.h"

static PySequenceMethods set_as_sequence = {
    .sq_length = kr_anyset_length,
    .sq_contains = kr_anyset_contains,
};

static PyNumberMethods set_as_number = {
    .nb_subtract = kr_anyset_subtract,
    .nb_and = kr_anyset_and,
    .nb_xor = kr_anyset_xor,
    .nb_or = kr_anyset_or,
    .nb_inplace_subtract = kr_set_inplace_subtract,
    .nb_inplace_and = kr_set_inplace_and,
    .nb_inplace_xor = kr_set_inplace_xor,
    .nb_inplace_or = kr_set_inplace_or,
};

static PyNumberMethods frozenset_as_number = {
    .nb_subtract = kr_anyset_subtract,
    .nb_and = kr_anyset_and,
    .nb_xor = kr_anyset_xor,
    .nb_or = kr_anyset_or,
};

PyTypeObject PySet_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "set",
    .tp_basicsize = sizeof(PySetObject),
    .tp_dealloc = kr_anyset_dealloc,
    .tp_repr = kr_anyset_repr,
    .tp_as_number = &set_as_number,
    .tp_as_sequence = &set_as_sequence,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "set(iterable=(), /)\n--\n\n"
              "Build an unordered collection of unique elements.",
    .tp_traverse = kr_anyset_traverse,
    .tp_clear = kr_anyset_tp_clear,
    .tp_richcompare = kr_anyset_richcompare,
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),
    .tp_iter = kr_anyset_iter,
    .tp_methods = set_methods,
    .tp_init = kr_set_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = kr_set_tp_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = kr_set_vectorcall,
};

PyTypeObject PyFrozenSet_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "frozenset",
    .tp_basicsize = sizeof(PySetObject),
    .tp_dealloc = kr_anyset_dealloc,
    .tp_repr = kr_anyset_repr,
    .tp_as_number = &frozenset_as_number,
    .tp_as_sequence = &set_as_sequence,
    .tp_hash = kr_frozenset_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "frozenset(iterable=(), /)\n--\n\n"
              "Build an immutable unordered collection of unique elements.",
    .tp_traverse = kr_anyset_traverse,
    .tp_clear = kr_anyset_tp_clear,
    .tp_richcompare = kr_anyset_richcompare,
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),
    .tp_iter = kr_anyset_iter,
    .tp_methods = frozenset_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = kr_frozenset_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = kr_frozenset_vectorcall,
};
