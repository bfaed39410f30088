// SPDX-License-Identifier: MIT
// dict.h - the inside of dicts: keys tables, entries, versions, fast access.
//
//   PyDictObject -> ma_keys -> [index head] keys head | entries | groups
//
// Entries stand in insertion order; a deleted one keeps its place with a NULL
// key until the table is rebuilt. Two kinds of table: STR, whose keys are all
// exact strs (the hash is in the str), and GENERAL, which stores hashes.
//
// A small table (up to 8 entries) has one tag byte an entry in its head and is
// searched without an index. A larger one has groups of 8 slots: 8 tag bytes,
// then 8 entry numbers of 1, 2, 4 or 8 bytes. A tag is 7 bits of the hash.
//
// Versions: every structural change (new key, deletion, clear, rebuild) sets
// keys->version to 0; replacing a value does not. While a non-zero version
// stays, entry i has the same key, so (version, i) may be cached.
#ifndef KRAIT_OBJECTS_DICT_H
#define KRAIT_OBJECTS_DICT_H

#include <Python.h>

#include "base/base.h"

typedef struct KrDictStrEntry {
    PyObject *key;   // owned exact str, NULL: deleted
    PyObject *value; // owned
} KrDictStrEntry;

typedef struct KrDictEntry {
    Py_hash_t hash;
    PyObject *key;   // owned, NULL: deleted
    PyObject *value; // owned
} KrDictEntry;

typedef enum KrKeysKind {
    KR_KEYS_STR,
    KR_KEYS_GENERAL,
} KrKeysKind;

struct _dictkeysobject {
    uint32_t version;      // 0: none given
    uint32_t epoch;        // changes with every structural change
    uint8_t kind;          // KrKeysKind
    bool is_small;         // tags in this head, no index
    bool is_static;        // the shared empty table: never written, never freed
    uint8_t index_width;   // bytes of an entry number; large tables only
    uint32_t reserved;
    Py_ssize_t nentries;   // entries used, dead ones included
    Py_ssize_t capacity;   // entries there is room for
    Py_ssize_t first_live; // no live entry stands before this one
    union {
        uint8_t tags[8];   // small
        uint8_t *groups;   // large: into this block of memory
    };
};

_Static_assert(sizeof(struct _dictkeysobject) == 48, "entries follow at 48");

static inline KrDictStrEntry *
kr_keys_str_entries(PyDictKeysObject *keys)
{
    return (KrDictStrEntry *)(keys + 1);
}

static inline KrDictEntry *
kr_keys_entries(PyDictKeysObject *keys)
{
    return (KrDictEntry *)(keys + 1);
}

// Where the key and the value of entry index stand.
static inline PyObject **
kr_keys_key_at(PyDictKeysObject *keys, Py_ssize_t index)
{
    return keys->kind == KR_KEYS_STR ? &kr_keys_str_entries(keys)[index].key
                                     : &kr_keys_entries(keys)[index].key;
}

static inline PyObject **
kr_keys_value_at(PyDictKeysObject *keys, Py_ssize_t index)
{
    return keys->kind == KR_KEYS_STR ? &kr_keys_str_entries(keys)[index].value
                                     : &kr_keys_entries(keys)[index].value;
}

static inline Py_hash_t
kr_keys_hash_at(PyDictKeysObject *keys, Py_ssize_t index)
{
    return keys->kind == KR_KEYS_STR
               ? _PyASCIIObject_CAST(kr_keys_str_entries(keys)[index].key)->hash
               : kr_keys_entries(keys)[index].hash;
}

// The slot of a value found through a cached (version, index).
static inline PyObject **
kr_dict_entry_value_at(PyDictObject *dict, Py_ssize_t index)
{
    return kr_keys_value_at(dict->ma_keys, index);
}

// The hash of a key: cached in strs. -1 with an exception set; the message of
// an unhashable key names dict keys.
Py_hash_t kr_dict_hash_slow(PyObject *key);

static inline Py_hash_t
kr_dict_hash(PyObject *key)
{
    if (KR_LIKELY(PyUnicode_CheckExact(key))) {
        Py_hash_t hash = _PyASCIIObject_CAST(key)->hash;
        if (KR_LIKELY(hash != -1)) {
            return hash;
        }
    }
    return kr_dict_hash_slow(key);
}

// --- Versions --------------------------------------------------------------------

// Gives the keys table a version if it has none. 0: cannot be cached (the shared
// empty table, or the counter is spent).
uint32_t kr_dict_keys_version_slow(PyDictKeysObject *keys);

static inline uint32_t
kr_dict_keys_version(PyDictObject *dict)
{
    uint32_t version = dict->ma_keys->version;
    return KR_LIKELY(version != 0) ? version : kr_dict_keys_version_slow(dict->ma_keys);
}

// --- Looking up ------------------------------------------------------------------

// The entry number of key, -1 absent, -2 with an exception set. May run Python
// unless key is an exact str and the table is of kind STR.
Py_ssize_t kr_dict_lookup_index(PyDictObject *dict, PyObject *key, Py_hash_t hash);

// The value of an exact str key (best interned): borrowed, or NULL. An exception
// is set only where foreign keys with the same hash raised in __eq__.
PyObject *kr_dict_get_str(PyObject *dict, PyObject *key);

// 1 and a new reference, 0 absent, -1 error.
int kr_dict_get_item(PyObject *dict, PyObject *key, Py_hash_t hash, PyObject **out);

// --- Changing ----------------------------------------------------------------------

int kr_dict_set_item_hash(PyObject *dict, PyObject *key, Py_hash_t hash, PyObject *value);
// Consumes key and value, on failure too.
int kr_dict_set_item_steal(PyObject *dict, PyObject *key, PyObject *value);
// Stores through a cached entry number; tells watchers. Consumes value.
void kr_dict_store_at_steal(PyDictObject *dict, Py_ssize_t index, PyObject *value);
// 1 deleted, 0 absent, -1 error. out may be NULL; receives the value.
int kr_dict_delete(PyObject *dict, PyObject *key, Py_hash_t hash, PyObject **out);
// Takes the first or last item out: 1 and two new references, 0 empty, -1 error.
int kr_dict_pop_end(PyObject *dict, bool last, PyObject **key_out, PyObject **value_out);
// Moves a present key to one end. 1 moved, 0 absent, -1 error.
int kr_dict_move_to_end(PyObject *dict, PyObject *key, Py_hash_t hash, bool last);

// --- Making --------------------------------------------------------------------------

// Room for n keys; str_keys says what they will probably be.
PyObject *kr_dict_new_presized(Py_ssize_t n, bool str_keys);
// A dict of n pairs: items[2*i] is a key, items[2*i+1] its value.
PyObject *kr_dict_from_pairs(PyObject *const *items, Py_ssize_t n);
// An uninitialised dict subclass instance becomes an empty dict (tp_alloc zeroes).
void kr_dict_init_empty(PyDictObject *dict);
// A plain dict with the same items.
PyObject *kr_dict_copy(PyObject *dict);
// Copies items; override: 1 replace, 0 keep the first, 2 KeyError on a duplicate.
int kr_dict_merge(PyObject *dict, PyObject *other, int override);
// What update() does with its one positional argument.
int kr_dict_update_arg(PyObject *dict, PyObject *arg);

// --- Walking -------------------------------------------------------------------------

// Writes new references to all keys, of which there are ma_used; returns how many.
Py_ssize_t kr_dict_copy_keys(PyObject *dict, PyObject **out);

// Like PyDict_Next, with the hash.
int kr_dict_next(PyObject *dict, Py_ssize_t *pos, PyObject **key, PyObject **value,
                 Py_hash_t *hash);

// The number of the first live entry at or after from; nentries if there is none.
static inline Py_ssize_t
kr_keys_live_from(PyDictKeysObject *keys, Py_ssize_t from)
{
    Py_ssize_t n = keys->nentries, i = from < keys->first_live ? keys->first_live : from;
    while (i < n && *kr_keys_key_at(keys, i) == NULL) {
        i++;
    }
    if (from <= keys->first_live && !keys->is_static) {
        keys->first_live = i;
    }
    return i;
}

// Iterators and views; the VM reads iterators directly.
typedef struct KrDictIter {
    PyObject_HEAD
    PyDictObject *dict; // owned; NULL when exhausted
    Py_ssize_t used;    // size at the start; -1 after an error
    Py_ssize_t pos;     // entry number to look at next
    PyObject *result;   // item iterators: the pair given out last, reused
    Py_ssize_t left;    // items still expected
} KrDictIter;

typedef struct KrDictView {
    PyObject_HEAD
    PyDictObject *dict; // owned, may be a subclass
} KrDictView;

PyObject *kr_dict_view_new(PyObject *dict, PyTypeObject *type);
PyObject *kr_dict_iter_new(PyObject *dict, PyTypeObject *type);

// --- Errors -------------------------------------------------------------------------

// KeyError(key), a tuple as a key included.
void kr_set_key_error(PyObject *key);
// Turns the TypeError of an unhashable key into "cannot use 'T' as a WHAT (...)".
KR_COLD void kr_set_unhashable(PyObject *key, const char *what);

// --- Watchers -----------------------------------------------------------------------

void kr_dict_notify_slow(PyDict_WatchEvent event, PyDictObject *dict, PyObject *key,
                         PyObject *value);

static inline void
kr_dict_notify(PyDict_WatchEvent event, PyDictObject *dict, PyObject *key, PyObject *value)
{
    if (KR_UNLIKELY((dict->_ma_watcher_tag & 0xff) != 0)) {
        kr_dict_notify_slow(event, dict, key, value);
    }
}

#endif // KRAIT_OBJECTS_DICT_H
