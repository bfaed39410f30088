// SPDX-License-Identifier: MIT
// constants.c - which constants are the same.

#include "compile/constants.h"

#include "objects/code.h"

struct KrConstPool {
    PyObject **slots; // borrowed from c->kept or immortal; NULL: free
    Py_hash_t *hashes;
    size_t mask;
    size_t count;
};

KrConstPool *
kr_const_pool_new(KrCompiler *c)
{
    KrConstPool *pool = kr_compiler_alloc(c, sizeof(*pool));
    if (pool == NULL) {
        return NULL;
    }
    pool->mask = 63;
    pool->slots = kr_compiler_alloc(c, (pool->mask + 1) * sizeof(*pool->slots));
    pool->hashes = kr_compiler_alloc(c, (pool->mask + 1) * sizeof(*pool->hashes));
    return c->failed ? NULL : pool;
}

static bool
grow_pool(KrCompiler *c, KrConstPool *pool)
{
    size_t mask = pool->mask * 2 + 1;
    PyObject **slots = kr_compiler_alloc(c, (mask + 1) * sizeof(*slots));
    Py_hash_t *hashes = kr_compiler_alloc(c, (mask + 1) * sizeof(*hashes));
    if (slots == NULL || hashes == NULL) {
        return false;
    }
    for (size_t i = 0; i <= pool->mask; i++) {
        if (pool->slots[i] != NULL) {
            size_t at = (size_t)pool->hashes[i] & mask;
            while (slots[at] != NULL) {
                at = (at + 1) & mask;
            }
            slots[at] = pool->slots[i];
            hashes[at] = pool->hashes[i];
        }
    }
    pool->slots = slots;
    pool->hashes = hashes;
    pool->mask = mask;
    return true;
}

// A tuple or frozenset whose items are canonical; steals nothing, returns borrowed.
static PyObject *
canonical_container(KrCompiler *c, PyObject *object)
{
    bool is_set = PyFrozenSet_CheckExact(object);
    PyObject *items = PySequence_Tuple(object);
    if (items == NULL) {
        kr_compiler_fail(c);
        return NULL;
    }
    bool changed = false;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    PyObject *copy = PyTuple_New(size);
    for (Py_ssize_t i = 0; copy != NULL && i < size; i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        PyObject *canonical = kr_compiler_canonical(c, item);
        if (canonical == NULL) {
            Py_CLEAR(copy);
            break;
        }
        changed |= canonical != item;
        PyTuple_SET_ITEM(copy, i, Py_NewRef(canonical));
    }
    Py_DECREF(items);
    if (copy == NULL) {
        kr_compiler_fail(c);
        return NULL;
    }
    if (!changed) {
        Py_DECREF(copy);
        return object;
    }
    if (is_set) {
        PyObject *set = PyFrozenSet_New(copy);
        Py_DECREF(copy);
        return kr_compiler_keep(c, set);
    }
    return kr_compiler_keep(c, copy);
}

// Texts that look like names are interned, as the language's users expect.
static bool
is_name_text(PyObject *text)
{
    if (!PyUnicode_IS_ASCII(text)) {
        return false;
    }
    const char *p = PyUnicode_DATA(text);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
        unsigned ch = (unsigned char)p[i];
        if (!(ch == '_' || ch - '0' < 10 || (ch | 32) - 'a' < 26)) {
            return false;
        }
    }
    return true;
}

PyObject *
kr_compiler_canonical(KrCompiler *c, PyObject *object)
{
    if (c->failed || object == NULL) {
        return NULL;
    }
    if (object == Py_None || object == Py_Ellipsis || PyBool_Check(object)) {
        return object;
    }
    Py_hash_t hash = kr_code_const_hash(object);
    if (hash == -1) {
        kr_compiler_fail(c);
        return NULL;
    }
    KrConstPool *pool = c->constants;
    size_t at = (size_t)hash & pool->mask;
    for (; pool->slots[at] != NULL; at = (at + 1) & pool->mask) {
        if (pool->hashes[at] == hash && kr_code_same_const(pool->slots[at], object)) {
            return pool->slots[at];
        }
    }
    if (PyUnicode_CheckExact(object)) {
        if (is_name_text(object)) {
            object = kr_compiler_intern(c, Py_NewRef(object));
        }
    }
    else if (PyTuple_CheckExact(object) || PyFrozenSet_CheckExact(object)) {
        object = canonical_container(c, object);
    }
    object = kr_compiler_keep(c, Py_XNewRef(object));
    if (object == NULL) {
        return NULL;
    }
    if (pool->count * 2 >= pool->mask && !grow_pool(c, pool)) {
        return NULL;
    }
    at = (size_t)hash & pool->mask;
    while (pool->slots[at] != NULL) {
        at = (at + 1) & pool->mask;
    }
    pool->slots[at] = object;
    pool->hashes[at] = hash;
    pool->count++;
    return object;
}
