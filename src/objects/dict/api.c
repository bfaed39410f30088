// SPDX-License-Identifier: MIT
// api.c - PyDict_*: dicts as the C API and the rest of Krait use them.
//
// Callers:     everybody.
// Re-entrancy: hashing and comparing keys may run Python, releasing the old
//              value too; tables are read again after each.
// Read next:   table.c
#include "objects/dict/table.h"

#include "objects/alloc.h"
#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/state.h"

// --- Errors ----------------------------------------------------------------------

void
kr_set_key_error(PyObject *key)
{
    PyObject *error = kr_exc_vectorcall(PyExc_KeyError, &key, 1, NULL);
    if (error != NULL) {
        kr_err_raise_steal(kr_thread(), error);
    }
}

KR_COLD void
kr_set_unhashable(PyObject *key, const char *what)
{
    PyObject *error = PyErr_GetRaisedException();
    if (error == NULL || !Py_IS_TYPE(error, (PyTypeObject *)PyExc_TypeError)) {
        PyErr_SetRaisedException(error);
        return;
    }
    PyErr_Format(PyExc_TypeError, "cannot use '%T' as a %s (%S)", key, what, error);
    Py_DECREF(error);
}

Py_hash_t
kr_dict_hash_slow(PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (KR_UNLIKELY(hash == -1)) {
        kr_set_unhashable(key, "dict key");
    }
    return hash;
}

// --- Making -----------------------------------------------------------------------

void
kr_dict_init_empty(PyDictObject *dict)
{
    dict->ma_used = 0;
    dict->_ma_watcher_tag = 0;
    dict->ma_keys = &kr_keys_empty;
    dict->ma_values = NULL;
}

PyObject *
PyDict_New(void)
{
    PyDictObject *dict = kr_object_new_gc(&PyDict_Type, sizeof(PyDictObject));
    if (KR_UNLIKELY(dict == NULL)) {
        return NULL;
    }
    kr_dict_init_empty(dict);
    kr_gc_track(dict);
    return (PyObject *)dict;
}

PyObject *
kr_dict_new_presized(Py_ssize_t n, bool str_keys)
{
    PyObject *op = PyDict_New();
    if (op == NULL || n <= 0) {
        return op;
    }
    PyDictKeysObject *keys = kr_keys_new(str_keys ? KR_KEYS_STR : KR_KEYS_GENERAL, n);
    if (keys == NULL) {
        Py_DECREF(op);
        return NULL;
    }
    ((PyDictObject *)op)->ma_keys = keys;
    return op;
}

PyObject *
_PyDict_NewPresized(Py_ssize_t n)
{
    // A wish, not a promise: what does not fit is no error here.
    return kr_dict_new_presized(n > (1 << 20) ? (1 << 20) : n, true);
}

PyObject *
kr_dict_from_pairs(PyObject *const *items, Py_ssize_t n)
{
    PyObject *dict = kr_dict_new_presized(n, n > 0 && PyUnicode_CheckExact(items[0]));
    for (Py_ssize_t i = 0; dict != NULL && i < n; i++) {
        if (PyDict_SetItem(dict, items[2 * i], items[2 * i + 1]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

// --- Looking up --------------------------------------------------------------------

int
kr_dict_get_item(PyObject *op, PyObject *key, Py_hash_t hash, PyObject **out)
{
    PyDictObject *dict = (PyDictObject *)op;
    Py_ssize_t entry = kr_dict_lookup_index(dict, key, hash);
    if (entry < 0) {
        *out = NULL;
        return entry == -1 ? 0 : -1;
    }
    *out = Py_NewRef(*kr_keys_value_at(dict->ma_keys, entry));
    return 1;
}

// Borrowed; NULL when absent, or with an exception set.
static inline PyObject *
dict_get_borrow(PyObject *op, PyObject *key, Py_hash_t hash)
{
    PyDictObject *dict = (PyDictObject *)op;
    Py_ssize_t entry = kr_dict_lookup_index(dict, key, hash);
    return entry < 0 ? NULL : *kr_keys_value_at(dict->ma_keys, entry);
}

PyObject *
kr_dict_get_str(PyObject *op, PyObject *key)
{
    Py_hash_t hash = kr_dict_hash(key);
    return hash == -1 ? NULL : dict_get_borrow(op, key, hash);
}

PyObject *
PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_hash_t hash = kr_dict_hash(key);
    return hash == -1 ? NULL : dict_get_borrow(op, key, hash);
}

PyObject *
_PyDict_GetItem_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return dict_get_borrow(op, key, hash);
}

// Looks up without letting an error out; a pending exception stays pending.
static PyObject *
dict_get_hiding_errors(PyObject *op, PyObject *key, const char *advice)
{
    if (!PyDict_Check(op)) {
        return NULL;
    }
    PyObject *pending = PyErr_GetRaisedException();
    Py_hash_t hash = kr_dict_hash(key);
    PyObject *value = hash == -1 ? NULL : dict_get_borrow(op, key, hash);
    if (value == NULL && PyErr_Occurred()) {
        PyErr_FormatUnraisable("%s", advice);
    }
    PyErr_SetRaisedException(pending);
    return value;
}

PyObject *
PyDict_GetItem(PyObject *op, PyObject *key)
{
    return dict_get_hiding_errors(
        op, key,
        "Exception ignored in PyDict_GetItem(); consider using "
        "PyDict_GetItemRef() or PyDict_GetItemWithError()");
}

PyObject *
PyDict_GetItemString(PyObject *op, const char *text)
{
    PyObject *pending = PyErr_GetRaisedException();
    PyObject *value = NULL, *key = PyUnicode_FromString(text);
    if (key == NULL) {
        PyErr_FormatUnraisable("Exception ignored in PyDict_GetItemString(); consider "
                               "using PyDict_GetItemStringRef()");
    }
    else {
        value = dict_get_hiding_errors(
            op, key,
            "Exception ignored in PyDict_GetItemString(); consider using "
            "PyDict_GetItemRefString()");
        Py_DECREF(key);
    }
    PyErr_SetRaisedException(pending);
    return value;
}

int
PyDict_GetItemRef(PyObject *op, PyObject *key, PyObject **result)
{
    *result = NULL;
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = kr_dict_hash(key);
    return hash == -1 ? -1 : kr_dict_get_item(op, key, hash, result);
}

int
PyDict_GetItemStringRef(PyObject *op, const char *text, PyObject **result)
{
    *result = NULL;
    PyObject *key = PyUnicode_FromString(text);
    if (key == NULL) {
        return -1;
    }
    int found = PyDict_GetItemRef(op, key, result);
    Py_DECREF(key);
    return found;
}

int
PyDict_Contains(PyObject *op, PyObject *key)
{
    Py_hash_t hash = kr_dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    Py_ssize_t entry = kr_dict_lookup_index((PyDictObject *)op, key, hash);
    return entry >= 0 ? 1 : entry == -1 ? 0 : -1;
}

int
PyDict_ContainsString(PyObject *op, const char *text)
{
    PyObject *key = PyUnicode_FromString(text);
    if (key == NULL) {
        return -1;
    }
    int found = PyDict_Contains(op, key);
    Py_DECREF(key);
    return found;
}

Py_ssize_t
PyDict_Size(PyObject *op)
{
    if (op == NULL || !PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return ((PyDictObject *)op)->ma_used;
}

// --- Storing -----------------------------------------------------------------------

void
kr_dict_store_at_steal(PyDictObject *dict, Py_ssize_t entry, PyObject *value)
{
    PyDictKeysObject *keys = dict->ma_keys;
    kr_dict_notify(PyDict_EVENT_MODIFIED, dict, *kr_keys_key_at(keys, entry), value);
    PyObject **place = kr_keys_value_at(keys, entry);
    PyObject *old = *place;
    *place = value;
    Py_DECREF(old); // may run Python
}

// Consumes key and value, on failure too.
static int
dict_set_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *value)
{
    Py_ssize_t entry = kr_dict_lookup_index(dict, key, hash);
    if (entry >= 0) {
        kr_dict_store_at_steal(dict, entry, value);
        Py_DECREF(key);
        return 0;
    }
    if (KR_UNLIKELY(entry != -1)) {
        Py_DECREF(key);
        Py_DECREF(value);
        return -1;
    }
    return kr_dict_insert_new_steal(dict, key, hash, value);
}

int
kr_dict_set_item_hash(PyObject *op, PyObject *key, Py_hash_t hash, PyObject *value)
{
    return dict_set_steal((PyDictObject *)op, Py_NewRef(key), hash, Py_NewRef(value));
}

int
kr_dict_set_item_steal(PyObject *op, PyObject *key, PyObject *value)
{
    Py_hash_t hash = kr_dict_hash(key);
    if (KR_UNLIKELY(hash == -1)) {
        Py_DECREF(key);
        Py_DECREF(value);
        return -1;
    }
    return dict_set_steal((PyDictObject *)op, key, hash, value);
}

int
PyDict_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    if (KR_UNLIKELY(!PyDict_Check(op))) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = kr_dict_hash(key);
    return KR_UNLIKELY(hash == -1) ? -1 : kr_dict_set_item_hash(op, key, hash, value);
}

int
_PyDict_SetItem_KnownHash_LockHeld(PyDictObject *dict, PyObject *key, PyObject *value,
                                   Py_hash_t hash)
{
    return kr_dict_set_item_hash((PyObject *)dict, key, hash, value);
}

int
PyDict_SetItemString(PyObject *op, const char *text, PyObject *value)
{
    PyObject *key = PyUnicode_InternFromString(text);
    if (key == NULL) {
        return -1;
    }
    int status = PyDict_SetItem(op, key, value);
    Py_DECREF(key);
    return status;
}

int
PyDict_SetDefaultRef(PyObject *op, PyObject *key, PyObject *value, PyObject **result)
{
    PyObject *unwanted;
    PyObject **out = result == NULL ? &unwanted : result;
    *out = NULL;
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = kr_dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    int found = kr_dict_get_item(op, key, hash, out);
    if (found == 0) {
        if (kr_dict_insert_new_steal((PyDictObject *)op, Py_NewRef(key), hash,
                                     Py_NewRef(value)) < 0) {
            return -1;
        }
        *out = Py_NewRef(value);
    }
    if (result == NULL) {
        Py_XDECREF(unwanted);
    }
    return found;
}

PyObject *
PyDict_SetDefault(PyObject *op, PyObject *key, PyObject *value)
{
    PyObject *result;
    if (PyDict_SetDefaultRef(op, key, value, &result) < 0) {
        return NULL;
    }
    Py_DECREF(result); // the dict holds it
    return result;
}

// --- Deleting ----------------------------------------------------------------------

int
kr_dict_delete(PyObject *op, PyObject *key, Py_hash_t hash, PyObject **out)
{
    PyDictObject *dict = (PyDictObject *)op;
    PyObject *old_key, *old_value;
    Py_ssize_t entry = kr_dict_lookup_index(dict, key, hash);
    if (out != NULL) {
        *out = NULL;
    }
    if (entry < 0) {
        return entry == -1 ? 0 : -1;
    }
    kr_dict_notify(PyDict_EVENT_DELETED, dict, key, NULL);
    kr_dict_take_at(dict, entry, &old_key, &old_value);
    Py_DECREF(old_key);
    if (out != NULL) {
        *out = old_value;
    }
    else {
        Py_DECREF(old_value);
    }
    return 1;
}

int
PyDict_DelItem(PyObject *op, PyObject *key)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = kr_dict_hash(key);
    if (hash == -1) {
        return -1;
    }
    int found = kr_dict_delete(op, key, hash, NULL);
    if (found == 0) {
        kr_set_key_error(key);
    }
    return found > 0 ? 0 : -1;
}

int
PyDict_DelItemString(PyObject *op, const char *text)
{
    PyObject *key = PyUnicode_FromString(text);
    if (key == NULL) {
        return -1;
    }
    int status = PyDict_DelItem(op, key);
    Py_DECREF(key);
    return status;
}

int
PyDict_Pop(PyObject *op, PyObject *key, PyObject **result)
{
    if (result != NULL) {
        *result = NULL;
    }
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    // An empty dict does not even ask for the hash.
    if (((PyDictObject *)op)->ma_used == 0) {
        return 0;
    }
    Py_hash_t hash = kr_dict_hash(key);
    return hash == -1 ? -1 : kr_dict_delete(op, key, hash, result);
}

int
PyDict_PopString(PyObject *op, const char *text, PyObject **result)
{
    PyObject *key = PyUnicode_FromString(text);
    if (key == NULL) {
        if (result != NULL) {
            *result = NULL;
        }
        return -1;
    }
    int found = PyDict_Pop(op, key, result);
    Py_DECREF(key);
    return found;
}

PyObject *
_PyDict_Pop(PyObject *op, PyObject *key, PyObject *default_value)
{
    PyObject *result;
    int found = PyDict_Pop(op, key, &result);
    if (found == 0) {
        if (default_value != NULL) {
            return Py_NewRef(default_value);
        }
        kr_set_key_error(key);
    }
    return result;
}

void
PyDict_Clear(PyObject *op)
{
    if (!PyDict_Check(op)) {
        return;
    }
    PyDictObject *dict = (PyDictObject *)op;
    PyDictKeysObject *old = dict->ma_keys;
    if (old->is_static) {
        return;
    }
    kr_dict_notify(PyDict_EVENT_CLEARED, dict, NULL, NULL);
    dict->ma_keys = &kr_keys_empty;
    dict->ma_used = 0;
    kr_keys_changed(old); // iterators that still look at it
    kr_keys_release(old);
}

// --- Walking -----------------------------------------------------------------------

int
kr_dict_next(PyObject *op, Py_ssize_t *pos, PyObject **key, PyObject **value,
             Py_hash_t *hash)
{
    PyDictKeysObject *keys = ((PyDictObject *)op)->ma_keys;
    Py_ssize_t i = *pos;
    if (i < 0) {
        return 0;
    }
    i = kr_keys_live_from(keys, i);
    if (i >= keys->nentries) {
        return 0;
    }
    *pos = i + 1;
    if (key != NULL) {
        *key = *kr_keys_key_at(keys, i);
    }
    if (value != NULL) {
        *value = *kr_keys_value_at(keys, i);
    }
    if (hash != NULL) {
        *hash = kr_keys_hash_at(keys, i);
    }
    return 1;
}

Py_ssize_t
kr_dict_copy_keys(PyObject *op, PyObject **out)
{
    PyDictKeysObject *keys = ((PyDictObject *)op)->ma_keys;
    Py_ssize_t count = 0, n = keys->nentries;
    if (keys->kind == KR_KEYS_STR) {
        KrDictStrEntry *entries = kr_keys_str_entries(keys);
        for (Py_ssize_t i = keys->first_live; i < n; i++) {
            if (entries[i].key != NULL) {
                out[count++] = Py_NewRef(entries[i].key);
            }
        }
        return count;
    }
    KrDictEntry *entries = kr_keys_entries(keys);
    for (Py_ssize_t i = keys->first_live; i < n; i++) {
        if (entries[i].key != NULL) {
            out[count++] = Py_NewRef(entries[i].key);
        }
    }
    return count;
}

int
PyDict_Next(PyObject *op, Py_ssize_t *pos, PyObject **key, PyObject **value)
{
    return PyDict_Check(op) ? kr_dict_next(op, pos, key, value, NULL) : 0;
}

typedef enum { LIST_KEYS, LIST_VALUES, LIST_ITEMS } ListWhat;

// A list of all keys, values or pairs. Making pairs may run the collector, which
// may change the dict: then everything starts again.
static PyObject *
dict_list(PyObject *op, ListWhat what)
{
    PyDictObject *dict = (PyDictObject *)op;
    if (op == NULL || !PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    for (;;) {
        Py_ssize_t n = dict->ma_used, pos = 0, i = 0;
        PyObject *key, *value, *list = PyList_New(n);
        if (list == NULL) {
            return NULL;
        }
        for (Py_ssize_t p = 0; what == LIST_ITEMS && p < n; p++) {
            PyObject *pair = PyTuple_New(2);
            if (pair == NULL) {
                Py_DECREF(list);
                return NULL;
            }
            PyList_SET_ITEM(list, p, pair);
        }
        if (n != dict->ma_used) {
            Py_DECREF(list);
            continue;
        }
        while (kr_dict_next(op, &pos, &key, &value, NULL)) {
            if (what == LIST_ITEMS) {
                PyObject *pair = PyList_GET_ITEM(list, i);
                PyTuple_SET_ITEM(pair, 0, Py_NewRef(key));
                PyTuple_SET_ITEM(pair, 1, Py_NewRef(value));
            }
            else {
                PyList_SET_ITEM(list, i, Py_NewRef(what == LIST_KEYS ? key : value));
            }
            i++;
        }
        KR_ASSERT(i == n);
        return list;
    }
}

PyObject *
PyDict_Keys(PyObject *op)
{
    return dict_list(op, LIST_KEYS);
}

PyObject *
PyDict_Values(PyObject *op)
{
    return dict_list(op, LIST_VALUES);
}

PyObject *
PyDict_Items(PyObject *op)
{
    return dict_list(op, LIST_ITEMS);
}

// --- Watchers ----------------------------------------------------------------------

KR_COLD void
kr_dict_notify_slow(PyDict_WatchEvent event, PyDictObject *dict, PyObject *key,
                    PyObject *value)
{
    PyInterpreterState *interp = kr_interp();
    unsigned watched = (unsigned)(dict->_ma_watcher_tag & 0xff);
    for (int i = 0; i < KR_DICT_MAX_WATCHERS; i++) {
        PyDict_WatchCallback callback = interp->containers.dict_watchers[i];
        if (!(watched >> i & 1) || callback == NULL) {
            continue;
        }
        static const char *const names[] = {"ADDED",  "MODIFIED", "DELETED",
                                            "CLONED", "CLEARED",  "DEALLOCATED"};
        if (callback(event, (PyObject *)dict, key, value) < 0) {
            PyErr_FormatUnraisable("Exception ignored in PyDict_EVENT_%s watcher callback "
                                   "for <dict at %p>",
                                   names[event], dict);
        }
    }
}

// 0, or -1 with an exception when watcher_id is not a registered one.
static int
check_watcher(int watcher_id)
{
    if (watcher_id < 0 || watcher_id >= KR_DICT_MAX_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid dict watcher ID %d", watcher_id);
        return -1;
    }
    if (kr_interp()->containers.dict_watchers[watcher_id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No dict watcher set for ID %d", watcher_id);
        return -1;
    }
    return 0;
}

int
PyDict_AddWatcher(PyDict_WatchCallback callback)
{
    KrContainersState *state = &kr_interp()->containers;
    // The first two numbers are kept for Krait itself.
    for (int i = 2; i < KR_DICT_MAX_WATCHERS; i++) {
        if (state->dict_watchers[i] == NULL) {
            state->dict_watchers[i] = callback;
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more dict watcher IDs available");
    return -1;
}

int
PyDict_ClearWatcher(int watcher_id)
{
    if (check_watcher(watcher_id) < 0) {
        return -1;
    }
    kr_interp()->containers.dict_watchers[watcher_id] = NULL;
    return 0;
}

int
PyDict_Watch(int watcher_id, PyObject *dict)
{
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-dictionary");
        return -1;
    }
    if (check_watcher(watcher_id) < 0) {
        return -1;
    }
    ((PyDictObject *)dict)->_ma_watcher_tag |= (uint64_t)1 << watcher_id;
    return 0;
}

int
PyDict_Unwatch(int watcher_id, PyObject *dict)
{
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-dictionary");
        return -1;
    }
    if (check_watcher(watcher_id) < 0) {
        return -1;
    }
    ((PyDictObject *)dict)->_ma_watcher_tag &= ~((uint64_t)1 << watcher_id);
    return 0;
}
