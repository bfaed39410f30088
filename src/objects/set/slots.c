// SPDX-License-Identifier: MIT
// slots.c - the slots of set and frozenset, their iterator, and PySet_*.
//
// Callers:     the VM, extensions, Python code through operators.
#include "objects/set/slots.h"

#include "objects/args.h"
#include "objects/dict.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/set/table.h"

// --- Membership of what may be a set ------------------------------------------------

// After a failed hash of key: a frozenset to look for instead when key is a set.
// NULL with the exception set otherwise.
static KR_COLD PyObject *
frozen_stand_in(PyObject *key)
{
    if (!PySet_Check(key) || !PyErr_ExceptionMatches(PyExc_TypeError)) {
        return NULL;
    }
    PyErr_Clear();
    return kr_set_from(&PyFrozenSet_Type, key);
}

int
kr_anyset_contains(PyObject *op, PyObject *key)
{
    Py_hash_t hash = kr_set_hash(key);
    if (KR_LIKELY(hash != -1)) {
        return kr_set_contains_hash((PySetObject *)op, key, hash);
    }
    PyObject *frozen = frozen_stand_in(key);
    if (frozen == NULL) {
        return -1;
    }
    hash = PyObject_Hash(frozen);
    int inside = hash == -1 ? -1 : kr_set_contains_hash((PySetObject *)op, frozen, hash);
    Py_DECREF(frozen);
    return inside;
}

int
kr_anyset_discard(PyObject *op, PyObject *key)
{
    Py_hash_t hash = kr_set_hash(key);
    if (KR_LIKELY(hash != -1)) {
        return kr_set_discard_hash((PySetObject *)op, key, hash);
    }
    PyObject *frozen = frozen_stand_in(key);
    if (frozen == NULL) {
        return -1;
    }
    hash = PyObject_Hash(frozen);
    int removed = hash == -1 ? -1 : kr_set_discard_hash((PySetObject *)op, frozen, hash);
    Py_DECREF(frozen);
    return removed;
}

// --- Basic slots --------------------------------------------------------------------

Py_ssize_t
kr_anyset_length(PyObject *op)
{
    return ((PySetObject *)op)->used;
}

void
kr_anyset_dealloc(PyObject *op)
{
    PySetObject *self = (PySetObject *)op;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, kr_anyset_dealloc)
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    for (Py_ssize_t i = 0; self->table != NULL && i <= self->mask; i++) {
        if (i + 8 <= self->mask) {
            __builtin_prefetch(self->table[i + 8].key, 1);
        }
        if (kr_set_entry_is_live(&self->table[i])) {
            Py_DECREF(self->table[i].key);
        }
    }
    if (self->table != self->smalltable) {
        PyMem_Free(self->table);
    }
    Py_TYPE(self)->tp_free(op);
    Py_TRASHCAN_END
}

int
kr_anyset_traverse(PyObject *op, visitproc visit, void *arg)
{
    PySetObject *self = (PySetObject *)op;
    for (Py_ssize_t i = 0; self->table != NULL && i <= self->mask; i++) {
        if (kr_set_entry_is_live(&self->table[i])) {
            Py_VISIT(self->table[i].key);
        }
    }
    return 0;
}

int
kr_anyset_tp_clear(PyObject *op)
{
    kr_set_clear((PySetObject *)op);
    return 0;
}

// "{1, 2}" for a set, "name({1, 2})" for other types, "name()" when empty.
PyObject *
kr_anyset_repr(PyObject *op)
{
    PySetObject *self = (PySetObject *)op;
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name) : NULL;
    }
    PyObject *result = NULL, *elements = NULL, *text = NULL;
    if (self->used == 0) {
        result = PyUnicode_FromFormat("%s()", Py_TYPE(self)->tp_name);
        goto done;
    }
    elements = PySequence_List(op);
    if (elements == NULL) {
        goto done;
    }
    text = PyObject_Repr(elements);
    if (text == NULL) {
        goto done;
    }
    Py_SETREF(text, PyUnicode_Substring(text, 1, PyUnicode_GET_LENGTH(text) - 1));
    if (text == NULL) {
        goto done;
    }
    result = PySet_CheckExact(op)
                 ? PyUnicode_FromFormat("{%U}", text)
                 : PyUnicode_FromFormat("%s({%U})", Py_TYPE(self)->tp_name, text);

done:
    Py_ReprLeave(op);
    Py_XDECREF(elements);
    Py_XDECREF(text);
    return result;
}

static int
sets_equal(PySetObject *a, PySetObject *b)
{
    if (a->used != b->used) {
        return 0;
    }
    // Two remembered hashes that differ say enough.
    if (a->hash != -1 && b->hash != -1 && a->hash != b->hash) {
        return 0;
    }
    return kr_set_issubset(a, b);
}

PyObject *
kr_anyset_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PyAnySet_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PySetObject *a = (PySetObject *)left, *b = (PySetObject *)right;
    int answer = 0;
    switch (op) {
    case Py_EQ:
        answer = sets_equal(a, b);
        break;
    case Py_NE:
        answer = sets_equal(a, b);
        answer = answer < 0 ? -1 : !answer;
        break;
    case Py_LE:
        answer = kr_set_issubset(a, b);
        break;
    case Py_GE:
        answer = kr_set_issubset(b, a);
        break;
    case Py_LT:
        answer = a->used < b->used ? kr_set_issubset(a, b) : 0;
        break;
    case Py_GT:
        answer = a->used > b->used ? kr_set_issubset(b, a) : 0;
        break;
    }
    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

// Independent of the order of the elements, and the same as that of
// collections.abc.Set._hash, which documents it.
Py_hash_t
kr_frozenset_hash(PyObject *op)
{
    PySetObject *self = (PySetObject *)op;
    if (self->hash != -1) {
        return self->hash;
    }
    uint64_t hash = 0;
    for (Py_ssize_t i = 0; i <= self->mask; i++) {
        if (kr_set_entry_is_live(&self->table[i])) {
            uint64_t h = (uint64_t)self->table[i].hash;
            hash ^= ((h ^ UINT64_C(89869747)) ^ (h << 16)) * UINT64_C(3644798167);
        }
    }
    hash ^= ((uint64_t)self->used + 1) * UINT64_C(1927868237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash * 69069 + UINT64_C(907133923);
    self->hash = hash == (uint64_t)-1 ? 590923713 : (Py_hash_t)hash;
    return self->hash;
}

// --- Operators ---------------------------------------------------------------------

PyObject *
kr_anyset_subtract(PyObject *left, PyObject *right)
{
    if (!PyAnySet_Check(left) || !PyAnySet_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return kr_set_difference((PySetObject *)left, right);
}

PyObject *
kr_anyset_and(PyObject *left, PyObject *right)
{
    if (!PyAnySet_Check(left) || !PyAnySet_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return kr_set_intersection((PySetObject *)left, right);
}

PyObject *
kr_anyset_xor(PyObject *left, PyObject *right)
{
    if (!PyAnySet_Check(left) || !PyAnySet_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return kr_set_symmetric_difference((PySetObject *)left, right);
}

PyObject *
kr_anyset_or(PyObject *left, PyObject *right)
{
    if (!PyAnySet_Check(left) || !PyAnySet_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = kr_set_copy_base(left);
    if (result != NULL && left != right
        && kr_set_update((PySetObject *)result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

PyObject *
kr_set_inplace_subtract(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return kr_set_difference_update((PySetObject *)self, other) < 0 ? NULL
                                                                    : Py_NewRef(self);
}

PyObject *
kr_set_inplace_and(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *common = kr_set_intersection((PySetObject *)self, other);
    if (common == NULL) {
        return NULL;
    }
    kr_set_swap((PySetObject *)self, (PySetObject *)common);
    Py_DECREF(common);
    return Py_NewRef(self);
}

PyObject *
kr_set_inplace_xor(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return kr_set_symmetric_difference_update((PySetObject *)self, other) < 0
               ? NULL
               : Py_NewRef(self);
}

PyObject *
kr_set_inplace_or(PyObject *self, PyObject *other)
{
    if (!PyAnySet_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return kr_set_update((PySetObject *)self, other) < 0 ? NULL : Py_NewRef(self);
}

// --- Construction ------------------------------------------------------------------

PyObject *
kr_set_tp_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    return (PyObject *)kr_set_new(cls);
}

int
kr_set_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_no_keywords("set", kwargs)
        || !kr_arg_count("set", PyTuple_GET_SIZE(args), 0, 1)) {
        return -1;
    }
    PySetObject *self = (PySetObject *)op;
    kr_set_clear(self);
    self->hash = -1;
    return PyTuple_GET_SIZE(args) == 0 ? 0 : kr_set_update(self, PyTuple_GET_ITEM(args, 0));
}

PyObject *
kr_set_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if ((kwnames != NULL && !kr_arg_no_kwnames("set", kwnames))
        || !kr_arg_count("set", nargs, 0, 1)) {
        return NULL;
    }
    return kr_set_from((PyTypeObject *)type, nargs ? args[0] : NULL);
}

static PyObject *
make_frozenset(PyTypeObject *cls, PyObject *iterable)
{
    if (cls == &PyFrozenSet_Type && iterable != NULL && PyFrozenSet_CheckExact(iterable)) {
        return Py_NewRef(iterable);
    }
    return kr_set_from(cls, iterable);
}

PyObject *
kr_frozenset_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    // A subclass with an __init__ of its own may take keywords.
    if ((cls == &PyFrozenSet_Type || cls->tp_init == PyFrozenSet_Type.tp_init)
        && !kr_arg_no_keywords("frozenset", kwargs)) {
        return NULL;
    }
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (!kr_arg_count("frozenset", nargs, 0, 1)) {
        return NULL;
    }
    return make_frozenset(cls, nargs ? PyTuple_GET_ITEM(args, 0) : NULL);
}

PyObject *
kr_frozenset_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                        PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if ((kwnames != NULL && !kr_arg_no_kwnames("frozenset", kwnames))
        || !kr_arg_count("frozenset", nargs, 0, 1)) {
        return NULL;
    }
    return make_frozenset((PyTypeObject *)type, nargs ? args[0] : NULL);
}

// --- The iterator ------------------------------------------------------------------

PyObject *
kr_anyset_iter(PyObject *op)
{
    KrSetIter *self = PyObject_GC_New(KrSetIter, &PySetIter_Type);
    if (self == NULL) {
        return NULL;
    }
    self->set = (PySetObject *)Py_NewRef(op);
    self->used = self->left = self->set->used;
    self->pos = 0;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static void
setiter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((KrSetIter *)op)->set);
    PyObject_GC_Del(op);
}

static int
setiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrSetIter *)op)->set);
    return 0;
}

static PyObject *
setiter_next(PyObject *op)
{
    KrSetIter *self = (KrSetIter *)op;
    PySetObject *set = self->set;
    if (set == NULL) {
        return NULL;
    }
    if (self->used != set->used) {
        PyErr_SetString(PyExc_RuntimeError, "Set changed size during iteration");
        self->used = -1; // stays failed
        return NULL;
    }
    setentry *entry = kr_set_next(set, &self->pos);
    if (entry == NULL) {
        self->set = NULL;
        Py_DECREF(set);
        return NULL;
    }
    self->left--;
    return Py_NewRef(entry->key);
}

KR_METHOD(setiter, "__length_hint__(self, /)",
          "Return how many elements are still to come.")
static PyObject *
setiter___length_hint__(KrSetIter *self)
{
    bool valid = self->set != NULL && self->used == self->set->used;
    return PyLong_FromSsize_t(valid ? self->left : 0);
}

KR_METHOD(setiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
setiter___reduce__(KrSetIter *self)
{
    KrSetIter *copy = PyObject_GC_New(KrSetIter, &PySetIter_Type);
    if (copy == NULL) {
        return NULL;
    }
    copy->set = (PySetObject *)Py_XNewRef(self->set);
    copy->used = self->used;
    copy->pos = self->pos;
    copy->left = self->left;
    PyObject_GC_Track(copy);
    return kr_iter_reduce_as_list_steal((PyObject *)copy);
}

KR_TYPE(setiter)
#include "objects/set/slots.methods.h"

PyTypeObject PySetIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "set_iterator",
    .tp_basicsize = sizeof(KrSetIter),
    .tp_dealloc = setiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = setiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = setiter_next,
    .tp_methods = setiter_methods,
};

// --- API ----------------------------------------------------------------------------

PyObject *
PySet_New(PyObject *iterable)
{
    return kr_set_from(&PySet_Type, iterable);
}

PyObject *
PyFrozenSet_New(PyObject *iterable)
{
    return make_frozenset(&PyFrozenSet_Type, iterable);
}

Py_ssize_t
PySet_Size(PyObject *op)
{
    if (!PyAnySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return ((PySetObject *)op)->used;
}

int
PySet_Clear(PyObject *op)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    kr_set_clear((PySetObject *)op);
    return 0;
}

int
PySet_Contains(PyObject *op, PyObject *key)
{
    if (!PyAnySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = kr_set_hash(key);
    return hash == -1 ? -1 : kr_set_contains_hash((PySetObject *)op, key, hash);
}

int
PySet_Discard(PyObject *op, PyObject *key)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = kr_set_hash(key);
    return hash == -1 ? -1 : kr_set_discard_hash((PySetObject *)op, key, hash);
}

// A frozenset may be filled while nobody else has it.
int
PySet_Add(PyObject *op, PyObject *key)
{
    if (!PySet_Check(op) && (!PyFrozenSet_Check(op) || Py_REFCNT(op) != 1)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return kr_set_add((PySetObject *)op, key);
}

PyObject *
PySet_Pop(PyObject *op)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *key = kr_set_take((PySetObject *)op);
    if (key == NULL) {
        PyErr_SetString(PyExc_KeyError, "pop from an empty set");
    }
    return key;
}

int
_PySet_NextEntry(PyObject *op, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash)
{
    if (!PyAnySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    setentry *entry = kr_set_next((PySetObject *)op, pos);
    if (entry == NULL) {
        return 0;
    }
    *key = entry->key;
    *hash = entry->hash;
    return 1;
}

int
_PySet_Update(PyObject *op, PyObject *iterable)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return kr_set_update((PySetObject *)op, iterable);
}
