// SPDX-License-Identifier: MIT
// table.h - the keys table of a dict as the files of this folder see it.
#ifndef KRAIT_OBJECTS_DICT_TABLE_H
#define KRAIT_OBJECTS_DICT_TABLE_H

#include "objects/dict.h"

// The table of every empty dict that nothing was put into yet.
extern PyDictKeysObject kr_keys_empty;

// A new empty table for at least want entries; NULL with MemoryError.
PyDictKeysObject *kr_keys_new(KrKeysKind kind, Py_ssize_t want);
// An exact copy of the memory, with own references to keys and values.
PyDictKeysObject *kr_keys_clone(PyDictKeysObject *keys);
// Frees the memory only.
void kr_keys_free(PyDictKeysObject *keys);
// Releases all keys and values, then the memory. May run Python.
void kr_keys_release(PyDictKeysObject *keys);
// Bytes of memory of the table.
size_t kr_keys_sizeof(PyDictKeysObject *keys);

// Appends an entry to a table that has room for it and whose kind fits the key.
// Consumes key and value. Cannot fail.
void kr_keys_append_steal(PyDictKeysObject *keys, PyObject *key, Py_hash_t hash,
                          PyObject *value);

// Whether an append needs a rebuild first.
bool kr_keys_is_full(const PyDictKeysObject *keys);

// Replaces the table by one for at least want entries of that kind, without the
// dead entries. 0, or -1 with MemoryError and nothing changed. front leaves that
// many dead entries before the first one.
int kr_dict_rebuild(PyDictObject *dict, KrKeysKind kind, Py_ssize_t want,
                    Py_ssize_t front);

// Inserts a key that is known to be absent. Consumes key and value, on failure
// too. Tells watchers.
int kr_dict_insert_new_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash,
                             PyObject *value);

// Takes the entry out of the table; the references go to the caller.
void kr_dict_take_at(PyDictObject *dict, Py_ssize_t index, PyObject **key_out,
                     PyObject **value_out);

// Marks a structural change.
static inline void
kr_keys_changed(PyDictKeysObject *keys)
{
    keys->version = 0;
    keys->epoch++;
}

// Compares two exact strs whose hashes are equal.
static inline bool
kr_keys_str_equal(PyObject *a, PyObject *b)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(a);
    int kind = PyUnicode_KIND(a);
    return length == PyUnicode_GET_LENGTH(b) && kind == PyUnicode_KIND(b)
           && memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b),
                     (size_t)length * (size_t)kind) == 0;
}

#endif // KRAIT_OBJECTS_DICT_TABLE_H
