// SPDX-License-Identifier: MIT
// mro.c - the order of base classes, the metaclass and the layout of a new class.
//
// Callers:     ready.c, new.c, attrs.c (__bases__ assignment).
// Re-entrancy: a metaclass's mro() is Python code and may change the class.
#include "objects/type.h"

#include "objects/ids.h"
#include "objects/state.h"

int
PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b)
{
    PyObject *mro = a->tp_mro;

    // Even whether a class is its own subclass is for its MRO to say.
    if (mro != NULL) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
            if (kr_mro_item(mro, i) == b) {
                return 1;
            }
        }
        return 0;
    }
    // Not made ready yet: only the chain of first bases is known.
    for (; a != NULL; a = a->tp_base) {
        if (a == b) {
            return 1;
        }
    }
    return b == &PyBaseObject_Type;
}

// ---------------------------------------------------------------------- C3 merge

static KR_COLD PyObject *
class_name(PyObject *cls)
{
    PyObject *name;

    if (PyObject_GetOptionalAttr(cls, KR_ID(__name__), &name) == 0) {
        name = PyObject_Repr(cls);
    }
    if (name != NULL && !PyUnicode_Check(name)) {
        Py_DECREF(name);
        return NULL;
    }
    return name;
}

static KR_COLD int
duplicate_base(PyObject *cls)
{
    PyObject *name = class_name(cls);

    if (name != NULL) {
        PyErr_Format(PyExc_TypeError, "duplicate base class %U", name);
        Py_DECREF(name);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "duplicate base class");
    }
    return -1;
}

// Names the classes at the heads of what could not be merged.
static KR_COLD void
mro_conflict(PyObject **lists, Py_ssize_t *next, Py_ssize_t n_lists)
{
    PyObject *heads = PyDict_New(), *names = NULL, *name, *text, *separator;

    names = PyList_New(0);
    separator = PyUnicode_FromString(", ");
    if (heads == NULL || names == NULL || separator == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n_lists; i++) {
        if (next[i] >= PyTuple_GET_SIZE(lists[i])) {
            continue;
        }
        PyObject *head = PyTuple_GET_ITEM(lists[i], next[i]);
        int known = PyDict_Contains(heads, head);
        if (known < 0 || PyDict_SetItem(heads, head, Py_None) < 0) {
            goto done;
        }
        if (known) {
            continue;
        }
        name = class_name(head);
        if (name == NULL) {
            if (PyErr_Occurred()) {
                goto done;
            }
            name = PyUnicode_FromString("?");
        }
        if (name == NULL || PyList_Append(names, name) < 0) {
            Py_XDECREF(name);
            goto done;
        }
        Py_DECREF(name);
    }
    text = PyUnicode_Join(separator, names);
    if (text != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "Cannot create a consistent method resolution order (MRO) for "
                     "bases %U",
                     text);
        Py_DECREF(text);
    }

done:
    Py_XDECREF(separator);
    Py_XDECREF(names);
    Py_XDECREF(heads);
}

static bool
in_tail(PyObject *list, Py_ssize_t next, PyObject *cls)
{
    for (Py_ssize_t i = next + 1; i < PyTuple_GET_SIZE(list); i++) {
        if (PyTuple_GET_ITEM(list, i) == cls) {
            return true;
        }
    }
    return false;
}

// Merges tuples into `result` (a list): always the first head that is in no tail.
static int
c3_merge(PyObject *result, PyObject **lists, Py_ssize_t n_lists)
{
    Py_ssize_t *next = PyMem_Calloc((size_t)n_lists, sizeof(Py_ssize_t));
    int status = -1;

    if (next == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (;;) {
        Py_ssize_t exhausted = 0, i;
        PyObject *chosen = NULL;
        for (i = 0; i < n_lists && chosen == NULL; i++) {
            if (next[i] >= PyTuple_GET_SIZE(lists[i])) {
                exhausted++;
                continue;
            }
            chosen = PyTuple_GET_ITEM(lists[i], next[i]);
            for (Py_ssize_t j = 0; j < n_lists; j++) {
                if (in_tail(lists[j], next[j], chosen)) {
                    chosen = NULL;
                    break;
                }
            }
        }
        if (chosen == NULL) {
            if (exhausted == n_lists) {
                status = 0;
            }
            else {
                mro_conflict(lists, next, n_lists);
            }
            break;
        }
        if (PyList_Append(result, chosen) < 0) {
            break;
        }
        for (i = 0; i < n_lists; i++) {
            if (next[i] < PyTuple_GET_SIZE(lists[i]) &&
                PyTuple_GET_ITEM(lists[i], next[i]) == chosen) {
                next[i]++;
            }
        }
    }
    PyMem_Free(next);
    return status;
}

PyObject *
kr_type_compute_mro(PyTypeObject *type)
{
    PyObject *bases = type->tp_bases, *result = NULL, *list = NULL;
    PyObject **lists = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(bases);

    for (Py_ssize_t i = 0; i < n; i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (base->tp_mro == NULL) {
            PyErr_Format(PyExc_TypeError, "Cannot extend an incomplete type '%.100s'",
                         base->tp_name);
            return NULL;
        }
    }
    if (n == 1) {
        // The common case needs no merging.
        PyObject *base_mro = ((PyTypeObject *)PyTuple_GET_ITEM(bases, 0))->tp_mro;
        Py_ssize_t length = PyTuple_GET_SIZE(base_mro);
        result = PyTuple_New(length + 1);
        if (result == NULL) {
            return NULL;
        }
        PyTuple_SET_ITEM(result, 0, Py_NewRef(type));
        for (Py_ssize_t i = 0; i < length; i++) {
            PyTuple_SET_ITEM(result, i + 1, Py_NewRef(PyTuple_GET_ITEM(base_mro, i)));
        }
        return result;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        for (Py_ssize_t j = i + 1; j < n; j++) {
            if (PyTuple_GET_ITEM(bases, i) == PyTuple_GET_ITEM(bases, j)) {
                duplicate_base(PyTuple_GET_ITEM(bases, i));
                return NULL;
            }
        }
    }
    lists = PyMem_Malloc((size_t)(n + 1) * sizeof(PyObject *));
    if (lists == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        lists[i] = ((PyTypeObject *)PyTuple_GET_ITEM(bases, i))->tp_mro;
    }
    lists[n] = bases;
    list = PyList_New(0);
    if (list == NULL || PyList_Append(list, (PyObject *)type) < 0 ||
        c3_merge(list, lists, n + 1) < 0) {
        goto done;
    }
    result = PyList_AsTuple(list);

done:
    PyMem_Free(lists);
    Py_XDECREF(list);
    return result;
}

// --------------------------------------------------------- storing a type's MRO

static PyTypeObject *layout_base(PyTypeObject *type);

// What a metaclass's mro() gave has to be usable.
static int
mro_check(PyTypeObject *type, PyObject *mro)
{
    PyTypeObject *layout = layout_base(type);

    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyObject *item = PyTuple_GET_ITEM(mro, i);
        if (!PyType_Check(item)) {
            PyErr_Format(PyExc_TypeError, "mro() returned a non-class ('%.500s')",
                         Py_TYPE(item)->tp_name);
            return -1;
        }
        if (!PyType_IsSubtype(layout, layout_base((PyTypeObject *)item))) {
            PyErr_Format(PyExc_TypeError,
                         "mro() returned base with unsuitable layout ('%.500s')",
                         ((PyTypeObject *)item)->tp_name);
            return -1;
        }
    }
    return 0;
}

static PyObject *
mro_from_metaclass(PyTypeObject *type)
{
    PyObject *self = (PyObject *)type, *list, *mro;

    list = kr_call_special(KR_ID(mro), &self, 1);
    if (list == NULL) {
        return NULL;
    }
    mro = PySequence_Tuple(list);
    Py_DECREF(list);
    if (mro != NULL && PyTuple_GET_SIZE(mro) == 0) {
        PyErr_Format(PyExc_TypeError, "type MRO must not be empty");
        Py_CLEAR(mro);
    }
    if (mro != NULL && mro_check(type, mro) < 0) {
        Py_CLEAR(mro);
    }
    return mro;
}

// Sets tp_mro. 1 done, with the old one given to *old_mro_out (or released);
// 0 when mro() itself has replaced it meanwhile; -1 error.
int
kr_type_update_mro(PyTypeObject *type, PyObject **old_mro_out)
{
    PyObject *old = Py_XNewRef(type->tp_mro), *mro;
    bool replaced;
    bool custom = !Py_IS_TYPE(type, &PyType_Type) &&
                  kr_type_lookup_borrow(Py_TYPE(type), KR_ID(mro)) !=
                      kr_type_lookup_borrow(&PyType_Type, KR_ID(mro));

    if (old_mro_out != NULL) {
        *old_mro_out = NULL;
    }
    if (custom) {
        // It may name classes that know nothing of this one as their subclass:
        // their changes would not reach it.
        type->tp_versions_used = KR_TYPE_NO_VERSION;
    }
    mro = custom ? mro_from_metaclass(type) : kr_type_compute_mro(type);
    replaced = type->tp_mro != old;
    if (mro == NULL || replaced) {
        Py_XDECREF(old);
        Py_XDECREF(mro);
        return mro == NULL ? -1 : 0;
    }
    type->tp_mro = mro;
    kr_type_modified(type);
    // Drop the reference that tp_mro held.
    Py_XDECREF(old);
    if (old_mro_out != NULL) {
        *old_mro_out = old;
    }
    else {
        Py_XDECREF(old);
    }
    return 1;
}

// ----------------------------------------------------------------------- layouts

// Whether instances of type have C fields that those of base have not. Dict and
// weak list at the very end do not count: any class may add them.
static bool
adds_fields(PyTypeObject *type, PyTypeObject *base)
{
    Py_ssize_t size = type->tp_basicsize;
    Py_ssize_t base_size = base->tp_basicsize;

    if (type->tp_itemsize != 0 || base->tp_itemsize != 0) {
        return size != base_size || type->tp_itemsize != base->tp_itemsize;
    }
    if (type->tp_weaklistoffset > 0 && base->tp_weaklistoffset == 0 &&
        type->tp_weaklistoffset + (Py_ssize_t)sizeof(PyObject *) == size &&
        kr_type_is_heap(type)) {
        size -= (Py_ssize_t)sizeof(PyObject *);
    }
    if (type->tp_dictoffset > 0 && base->tp_dictoffset == 0 &&
        type->tp_dictoffset + (Py_ssize_t)sizeof(PyObject *) == size &&
        kr_type_is_heap(type)) {
        size -= (Py_ssize_t)sizeof(PyObject *);
    }
    return size != base_size;
}

// The class of the chain of first bases that fixed the layout.
static PyTypeObject *
layout_base(PyTypeObject *type)
{
    PyTypeObject *at = type;

    while (at->tp_base != NULL && !adds_fields(at, at->tp_base)) {
        at = at->tp_base;
    }
    return at;
}

PyTypeObject *
kr_type_best_base(PyObject *bases)
{
    PyTypeObject *base = NULL, *winner = NULL;

    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *item = PyTuple_GET_ITEM(bases, i);
        if (!PyType_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "bases must be types");
            return NULL;
        }
        PyTypeObject *candidate_base = (PyTypeObject *)item;
        if (candidate_base->tp_dict == NULL && PyType_Ready(candidate_base) < 0) {
            return NULL;
        }
        if (!(candidate_base->tp_flags & Py_TPFLAGS_BASETYPE)) {
            PyErr_Format(PyExc_TypeError,
                         "type '%.100s' is not an acceptable base type",
                         candidate_base->tp_name);
            return NULL;
        }
        PyTypeObject *candidate = layout_base(candidate_base);
        if (winner == NULL) {
            winner = candidate;
            base = candidate_base;
        }
        else if (PyType_IsSubtype(winner, candidate)) {
            continue;
        }
        else if (PyType_IsSubtype(candidate, winner)) {
            winner = candidate;
            base = candidate_base;
        }
        else {
            PyErr_SetString(PyExc_TypeError,
                            "multiple bases have instance lay-out conflict");
            return NULL;
        }
    }
    return base;
}

// For __class__ and __bases__ assignment: may an instance of one pass as one of
// the other?
static bool
same_slots_added(PyTypeObject *a, PyTypeObject *b)
{
    Py_ssize_t size = a->tp_base->tp_basicsize;
    PyObject *slots_a, *slots_b;

    if (!kr_type_is_heap(a) || !kr_type_is_heap(b) ||
        ((a->tp_flags ^ b->tp_flags) & (Py_TPFLAGS_PREHEADER | Py_TPFLAGS_HAVE_GC))) {
        return false;
    }
    if (a->tp_dictoffset == size && b->tp_dictoffset == size) {
        size += (Py_ssize_t)sizeof(PyObject *);
    }
    if (a->tp_weaklistoffset == size && b->tp_weaklistoffset == size) {
        size += (Py_ssize_t)sizeof(PyObject *);
    }
    slots_a = ((PyHeapTypeObject *)a)->ht_slots;
    slots_b = ((PyHeapTypeObject *)b)->ht_slots;
    if (slots_a != NULL && slots_b != NULL) {
        if (PyObject_RichCompareBool(slots_a, slots_b, Py_EQ) != 1) {
            PyErr_Clear();
            return false;
        }
        size += (Py_ssize_t)sizeof(PyObject *) * PyTuple_GET_SIZE(slots_a);
    }
    return size == a->tp_basicsize && size == b->tp_basicsize;
}

static bool
same_layout(PyTypeObject *a, PyTypeObject *b)
{
    return a->tp_basicsize == b->tp_basicsize && a->tp_itemsize == b->tp_itemsize &&
           a->tp_dictoffset == b->tp_dictoffset &&
           a->tp_weaklistoffset == b->tp_weaklistoffset &&
           (a->tp_flags & Py_TPFLAGS_HAVE_GC) == (b->tp_flags & Py_TPFLAGS_HAVE_GC);
}

bool
kr_type_compatible_layout(PyTypeObject *a, PyTypeObject *b)
{
    PyTypeObject *new_base = a, *old_base = b;

    if (!same_layout(a, b) && !(kr_type_is_heap(a) && kr_type_is_heap(b))) {
        return false;
    }
    // Go down to what fixed the layout on each side.
    while (new_base->tp_base != NULL && same_layout(new_base, new_base->tp_base)) {
        new_base = new_base->tp_base;
    }
    while (old_base->tp_base != NULL && same_layout(old_base, old_base->tp_base)) {
        old_base = old_base->tp_base;
    }
    if (new_base == old_base) {
        return true;
    }
    return new_base->tp_base == old_base->tp_base && new_base->tp_base != NULL &&
           same_slots_added(new_base, old_base);
}

// -------------------------------------------------------------------- metaclass

PyTypeObject *
kr_type_calculate_metaclass(PyTypeObject *meta, PyObject *bases)
{
    PyTypeObject *winner = meta;

    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *type = Py_TYPE(PyTuple_GET_ITEM(bases, i));
        if (PyType_IsSubtype(winner, type)) {
            continue;
        }
        if (PyType_IsSubtype(type, winner)) {
            winner = type;
            continue;
        }
        PyErr_SetString(PyExc_TypeError,
                        "metaclass conflict: the metaclass of a derived class must be "
                        "a (non-strict) subclass of the metaclasses of all its bases");
        return NULL;
    }
    return winner;
}
