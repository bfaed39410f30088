// SPDX-License-Identifier: MIT
// ops.c - union, intersection, difference: what methods and operators share.
//
// Callers:     set.c, set/methods.c.
// Re-entrancy: comparing elements runs Python, which may change the operands;
//              elements in use are owned, tables are walked by position.
#include "objects/set/table.h"

#include "objects/dict.h"
#include "objects/fastiter.h"

PyObject *
kr_set_copy_base(PyObject *self)
{
    return kr_set_from(kr_set_base_type(self), self);
}

// Adds the elements of one set that another one has as well.
static int
add_common(PySetObject *result, PySetObject *walked, PySetObject *asked)
{
    setentry *entry;
    for (Py_ssize_t pos = 0; (entry = kr_set_next(walked, &pos)) != NULL;) {
        PyObject *key = Py_NewRef(entry->key);
        Py_hash_t hash = entry->hash;
        int status = kr_set_contains_hash(asked, key, hash);
        if (status > 0) {
            status = kr_set_add_hash(result, key, hash);
        }
        Py_DECREF(key);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *
kr_set_intersection(PySetObject *self, PyObject *other)
{
    if ((PyObject *)self == other) {
        return kr_set_copy_base(other);
    }
    PySetObject *result = kr_set_new(kr_set_base_type((PyObject *)self));
    if (result == NULL) {
        return NULL;
    }
    if (PyAnySet_Check(other)) {
        PySetObject *walked = (PySetObject *)other, *asked = self;
        if (walked->used > asked->used) {
            walked = self;
            asked = (PySetObject *)other;
        }
        if (add_common(result, walked, asked) < 0) {
            Py_CLEAR(result);
        }
        return (PyObject *)result;
    }
    KrFastIter it;
    if (kr_iter_start(&it, other) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    PyObject *item;
    int more;
    while ((more = kr_iter_next(&it, &item)) > 0) {
        Py_hash_t hash = kr_hash(item);
        int status = hash == -1 ? -1 : kr_set_contains_hash(self, item, hash);
        if (status > 0) {
            status = kr_set_add_hash(result, item, hash);
        }
        Py_DECREF(item);
        if (status < 0) {
            more = -1;
            break;
        }
    }
    kr_iter_end(&it);
    if (more < 0) {
        Py_CLEAR(result);
    }
    return (PyObject *)result;
}

int
kr_set_difference_update(PySetObject *self, PyObject *other)
{
    if ((PyObject *)self == other) {
        kr_set_clear(self);
        return 0;
    }
    if (PyAnySet_Check(other)) {
        setentry *entry;
        PySetObject *set = (PySetObject *)other;
        if (set->used >> 3 > self->used) {
            // other is much larger: walk self instead, which may not be changed
            // while it is walked.
            PyObject *kept = kr_set_difference(self, other);
            if (kept == NULL) {
                return -1;
            }
            kr_set_swap(self, (PySetObject *)kept);
            Py_DECREF(kept);
            return 0;
        }
        for (Py_ssize_t pos = 0; (entry = kr_set_next(set, &pos)) != NULL;) {
            PyObject *key = Py_NewRef(entry->key);
            int status = kr_set_discard_hash(self, key, entry->hash);
            Py_DECREF(key);
            if (status < 0) {
                return -1;
            }
        }
        return 0;
    }
    PyObject *item, *iterator = PyObject_GetIter(other);
    if (iterator == NULL) {
        return -1;
    }
    int more;
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        Py_hash_t hash = kr_set_hash(item);
        int status = hash == -1 ? -1 : kr_set_discard_hash(self, item, hash);
        Py_DECREF(item);
        if (status < 0) {
            more = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    return more;
}

PyObject *
kr_set_difference(PySetObject *self, PyObject *other)
{
    bool is_set = PyAnySet_Check(other), is_dict = PyDict_CheckExact(other);
    // Where other is not known to be larger, copying and removing is less work.
    bool copy_first = is_set    ? self->used >> 2 > ((PySetObject *)other)->used
                      : is_dict ? self->used >> 2 > PyDict_GET_SIZE(other)
                                : true;
    if (copy_first) {
        PyObject *copy = kr_set_copy_base((PyObject *)self);
        if (copy != NULL && kr_set_difference_update((PySetObject *)copy, other) < 0) {
            Py_CLEAR(copy);
        }
        return copy;
    }
    PySetObject *result = kr_set_new(kr_set_base_type((PyObject *)self));
    setentry *entry;
    for (Py_ssize_t pos = 0; result != NULL && (entry = kr_set_next(self, &pos)) != NULL;) {
        PyObject *key = Py_NewRef(entry->key);
        Py_hash_t hash = entry->hash;
        int inside;
        if (is_set) {
            inside = kr_set_contains_hash((PySetObject *)other, key, hash);
        }
        else {
            Py_ssize_t found = kr_dict_lookup_index((PyDictObject *)other, key, hash);
            inside = found >= 0 ? 1 : found == -1 ? 0 : -1;
        }
        if (inside < 0 || (inside == 0 && kr_set_add_hash(result, key, hash) < 0)) {
            Py_CLEAR(result);
        }
        Py_DECREF(key);
    }
    return (PyObject *)result;
}

// Removes the key when it is there, adds it otherwise.
static int
toggle(PySetObject *self, PyObject *key, Py_hash_t hash)
{
    int removed = kr_set_discard_hash(self, key, hash);
    return removed == 0 ? kr_set_add_hash(self, key, hash) : removed < 0 ? -1 : 0;
}

int
kr_set_symmetric_difference_update(PySetObject *self, PyObject *other)
{
    if ((PyObject *)self == other) {
        kr_set_clear(self);
        return 0;
    }
    PyObject *key;
    Py_hash_t hash;
    int status = 0;
    if (PyDict_CheckExact(other)) {
        for (Py_ssize_t pos = 0;
             status == 0 && kr_dict_next(other, &pos, &key, NULL, &hash);) {
            Py_INCREF(key);
            status = toggle(self, key, hash);
            Py_DECREF(key);
        }
        return status;
    }
    // An iterable may name an element twice: a set of it names it once.
    PyObject *set = PyAnySet_Check(other) ? Py_NewRef(other)
                                          : kr_set_from(&PySet_Type, other);
    if (set == NULL) {
        return -1;
    }
    setentry *entry;
    for (Py_ssize_t pos = 0;
         status == 0 && (entry = kr_set_next((PySetObject *)set, &pos)) != NULL;) {
        key = Py_NewRef(entry->key);
        status = toggle(self, key, entry->hash);
        Py_DECREF(key);
    }
    Py_DECREF(set);
    return status;
}

PyObject *
kr_set_symmetric_difference(PySetObject *self, PyObject *other)
{
    PyObject *result = kr_set_from(kr_set_base_type((PyObject *)self), other);
    if (result != NULL
        && kr_set_symmetric_difference_update((PySetObject *)result, (PyObject *)self) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

int
kr_set_issubset(PySetObject *self, PySetObject *other)
{
    if (self->used > other->used) {
        return 0;
    }
    setentry *entry;
    for (Py_ssize_t pos = 0; (entry = kr_set_next(self, &pos)) != NULL;) {
        PyObject *key = Py_NewRef(entry->key);
        int inside = kr_set_contains_hash(other, key, entry->hash);
        Py_DECREF(key);
        if (inside <= 0) {
            return inside;
        }
    }
    return 1;
}
