// SPDX-License-Identifier: MIT
// merge.c - copying dicts and filling them from mappings and pairs.
//
// Callers:     dict.c, the VM (DICT_UPDATE, DICT_MERGE), extensions.
// Re-entrancy: comparing keys and releasing replaced values run Python, which may
//              change the source: that is detected and an error.
#include "objects/dict/table.h"

#include "objects/ids.h"

// Whether the items of op may be read from its table: no subclass that iterates
// in its own way.
static bool
iterates_plainly(PyObject *op)
{
    return PyDict_Check(op) && Py_TYPE(op)->tp_iter == PyDict_Type.tp_iter;
}

// Whether copying the memory is better than inserting item by item.
static bool
is_dense(PyDictObject *dict)
{
    return dict->ma_used * 4 >= dict->ma_keys->nentries * 3
           && dict->ma_used * 4 >= dict->ma_keys->capacity;
}

// Fills an empty dict with the items of source.
static int
fill_from_dict(PyDictObject *dict, PyDictObject *source)
{
    PyDictKeysObject *keys;
    if (is_dense(source)) {
        keys = kr_keys_clone(source->ma_keys);
        if (keys == NULL) {
            return -1;
        }
    }
    else {
        keys = kr_keys_new(source->ma_keys->kind, source->ma_used);
        if (keys == NULL) {
            return -1;
        }
        PyObject *key, *value;
        Py_hash_t hash;
        for (Py_ssize_t pos = 0;
             kr_dict_next((PyObject *)source, &pos, &key, &value, &hash);) {
            kr_keys_append_steal(keys, Py_NewRef(key), hash, Py_NewRef(value));
        }
    }
    PyDictKeysObject *old = dict->ma_keys;
    dict->ma_keys = keys;
    dict->ma_used = source->ma_used;
    kr_keys_release(old);
    return 0;
}

PyObject *
kr_dict_copy(PyObject *op)
{
    PyObject *copy = PyDict_New();
    if (copy != NULL && ((PyDictObject *)op)->ma_used != 0
        && fill_from_dict((PyDictObject *)copy, (PyDictObject *)op) < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}

PyObject *
PyDict_Copy(PyObject *op)
{
    if (op == NULL || !PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (((PyDictObject *)op)->ma_used == 0 || iterates_plainly(op)) {
        return kr_dict_copy(op);
    }
    PyObject *copy = PyDict_New();
    if (copy != NULL && PyDict_Merge(copy, op, 1) < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}

// Stores one item by the override rule. Consumes nothing.
static int
merge_item(PyObject *dict, PyObject *key, Py_hash_t hash, PyObject *value, int override)
{
    if (override == 1) {
        return kr_dict_set_item_hash(dict, key, hash, value);
    }
    Py_ssize_t entry = kr_dict_lookup_index((PyDictObject *)dict, key, hash);
    if (entry < -1) {
        return -1;
    }
    if (entry >= 0) {
        if (override != 0) {
            kr_set_key_error(key);
            return -1;
        }
        return 0;
    }
    return kr_dict_insert_new_steal((PyDictObject *)dict, Py_NewRef(key), hash,
                                    Py_NewRef(value));
}

static int
merge_dict(PyObject *op, PyObject *other, int override)
{
    PyDictObject *dict = (PyDictObject *)op, *source = (PyDictObject *)other;
    if (dict == source || source->ma_used == 0) {
        return 0;
    }
    if (dict->ma_used == 0 && (dict->_ma_watcher_tag & 0xff) == 0) {
        return fill_from_dict(dict, source);
    }
    if (dict->ma_used == 0) {
        kr_dict_notify(PyDict_EVENT_CLONED, dict, other, NULL);
        return fill_from_dict(dict, source);
    }
    // Room at once for what is probably all new.
    if (source->ma_used > dict->ma_keys->capacity - dict->ma_keys->nentries
        && source->ma_used > dict->ma_used / 4
        && kr_dict_rebuild(dict, dict->ma_keys->kind, dict->ma_used + source->ma_used, 0)
               < 0) {
        return -1;
    }
    Py_ssize_t pos = 0, used = source->ma_used;
    PyObject *key, *value;
    Py_hash_t hash;
    while (kr_dict_next(other, &pos, &key, &value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int status = merge_item(op, key, hash, value, override); // may run Python
        Py_DECREF(key);
        Py_DECREF(value);
        if (status < 0) {
            return -1;
        }
        if (source->ma_used != used) {
            PyErr_SetString(PyExc_RuntimeError, "dict mutated during update");
            return -1;
        }
    }
    return 0;
}

// other is any object with keys() and __getitem__.
static int
merge_mapping(PyObject *dict, PyObject *other, int override)
{
    PyObject *key_list = NULL, *iterator = NULL, *key = NULL, *value = NULL;
    int status = -1, more;

    key_list = PyMapping_Keys(other);
    if (key_list == NULL) {
        goto done;
    }
    iterator = PyObject_GetIter(key_list);
    if (iterator == NULL) {
        goto done;
    }
    while ((more = PyIter_NextItem(iterator, &key)) > 0) {
        if (override != 1) {
            int present = PyDict_Contains(dict, key);
            if (present < 0) {
                goto done;
            }
            if (present > 0) {
                if (override != 0) {
                    kr_set_key_error(key);
                    goto done;
                }
                Py_CLEAR(key);
                continue;
            }
        }
        value = PyObject_GetItem(other, key);
        if (value == NULL) {
            goto done;
        }
        PyObject *given = value;
        value = NULL;
        if (kr_dict_set_item_steal(dict, KR_MOVE(key), given) < 0) {
            goto done;
        }
    }
    status = more;

done:
    Py_XDECREF(key_list);
    Py_XDECREF(iterator);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return status;
}

int
kr_dict_merge(PyObject *dict, PyObject *other, int override)
{
    if (dict == NULL || !PyDict_Check(dict) || other == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    return iterates_plainly(other) ? merge_dict(dict, other, override)
                                   : merge_mapping(dict, other, override);
}

int
PyDict_Merge(PyObject *dict, PyObject *other, int override)
{
    return kr_dict_merge(dict, other, override != 0);
}

int
PyDict_Update(PyObject *dict, PyObject *other)
{
    return kr_dict_merge(dict, other, 1);
}

// Stores the pair that is element number i of a sequence of pairs.
static int
merge_pair(PyObject *dict, PyObject *element, Py_ssize_t i, int override)
{
    PyObject *pair = PySequence_Fast(element, "object is not iterable");
    if (pair == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyObject *error = PyErr_GetRaisedException();
            PyObject *note = PyUnicode_FromFormat(
                "Cannot convert dictionary update sequence element #%zd to a sequence", i);
            if (note != NULL) {
                PyObject *none = PyObject_CallMethodOneArg(error, KR_ID(add_note), note);
                Py_XDECREF(none);
                Py_DECREF(note);
            }
            PyErr_Clear();
            PyErr_SetRaisedException(error);
        }
        return -1;
    }
    Py_ssize_t n = PySequence_Fast_GET_SIZE(pair);
    if (n != 2) {
        PyErr_Format(PyExc_ValueError,
                     "dictionary update sequence element #%zd has length %zd; "
                     "2 is required",
                     i, n);
        Py_DECREF(pair);
        return -1;
    }
    PyObject *key = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 0));
    PyObject *value = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 1));
    Py_hash_t hash = kr_dict_hash(key);
    int status = hash == -1 ? -1 : merge_item(dict, key, hash, value, override);
    Py_DECREF(key);
    Py_DECREF(value);
    Py_DECREF(pair);
    return status;
}

int
PyDict_MergeFromSeq2(PyObject *dict, PyObject *pairs, int override)
{
    PyObject *element, *iterator = PyObject_GetIter(pairs);
    if (iterator == NULL) {
        return -1;
    }
    int more;
    for (Py_ssize_t i = 0; (more = PyIter_NextItem(iterator, &element)) > 0; i++) {
        int status = merge_pair(dict, element, i, override != 0);
        Py_DECREF(element);
        if (status < 0) {
            more = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    return more;
}

int
kr_dict_update_arg(PyObject *dict, PyObject *arg)
{
    if (PyDict_CheckExact(arg)) {
        return kr_dict_merge(dict, arg, 1);
    }
    int has_keys = PyObject_HasAttrWithError(arg, KR_ID(keys));
    if (has_keys < 0) {
        return -1;
    }
    return has_keys ? kr_dict_merge(dict, arg, 1) : PyDict_MergeFromSeq2(dict, arg, 1);
}
