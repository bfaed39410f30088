// SPDX-License-Identifier: MIT
// table.c - the hash table of sets: open addressing, short linear runs.
//
// Callers:     the files of this folder.
// Invariants:  the table has mask + 1 entries, a power of two, and always an
//              unused one; fill counts entries that are live or removed, used the
//              live ones. table is smalltable or memory of its own.
// Probing:     from hash & mask a few neighbours are looked at, which mostly lie in
//              the same cache line; then the rest of the hash is mixed in.
// Re-entrancy: __eq__ of elements may change the set; a lookup that notices starts
//              again.
#include "objects/set/table.h"

#include "objects/dict.h"
#include "objects/equal.h"
#include "objects/fastiter.h"

#define NEIGHBOURS 8
#define PERTURB_SHIFT 5

PyObject kr_set_removed = {.ob_refcnt = _Py_IMMORTAL_INITIAL_REFCNT,
                           .ob_type = &PyBaseObject_Type};

Py_hash_t
kr_set_hash_slow(PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        kr_set_unhashable(key, "set element");
    }
    return hash;
}

void
kr_set_init_empty(PySetObject *self)
{
    self->fill = self->used = 0;
    self->mask = PySet_MINSIZE - 1;
    self->table = self->smalltable;
    self->hash = -1;
    self->finger = 0;
    memset(self->smalltable, 0, sizeof self->smalltable);
}

PySetObject *
kr_set_new(PyTypeObject *cls)
{
    PySetObject *self = (PySetObject *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        kr_set_init_empty(self);
        self->weakreflist = NULL;
    }
    return self;
}

// --- Looking up --------------------------------------------------------------------

// Whether a stored key that differs in address but not in hash is the wanted one:
// 1, 0, -1 error, -2 the table changed meanwhile.
static int
compare_keys(PySetObject *self, setentry *entry, PyObject *key)
{
    PyObject *other = entry->key;
    int simple = kr_equal_simple(other, key);
    if (simple != -2) {
        return simple;
    }
    setentry *table = self->table;
    Py_ssize_t mask = self->mask;
    Py_INCREF(other);
    int equal = PyObject_RichCompareBool(other, key, Py_EQ); // may run Python
    Py_DECREF(other);
    if (equal >= 0 && (self->table != table || self->mask != mask || entry->key != other)) {
        return -2;
    }
    return equal;
}

// The entry with that key, or a free one where it may be put (unused, or removed
// if one was met on the way). NULL with an exception set.
static inline __attribute__((always_inline)) setentry *
find_entry(PySetObject *self, PyObject *key, Py_hash_t hash)
{
again:;
    size_t mask = (size_t)self->mask, i = (size_t)hash & mask, perturb = (size_t)hash;
    setentry *reusable = NULL;
    for (;;) {
        setentry *entry = &self->table[i];
        setentry *last = entry + (i + NEIGHBOURS <= mask ? NEIGHBOURS : 0);
        do {
            if (entry->key == NULL) {
                return reusable != NULL ? reusable : entry;
            }
            if (entry->key == key) {
                return entry;
            }
            if (entry->key == &kr_set_removed) {
                if (reusable == NULL) {
                    reusable = entry;
                }
            }
            else if (entry->hash == hash) {
                int equal = compare_keys(self, entry, key);
                if (equal == 1) {
                    return entry;
                }
                if (equal == -1) {
                    return NULL;
                }
                if (equal == -2) {
                    goto again;
                }
            }
            entry++;
        } while (entry <= last);
        perturb >>= PERTURB_SHIFT;
        i = (i * 5 + 1 + perturb) & mask;
    }
}

int
kr_set_contains_hash(PySetObject *self, PyObject *key, Py_hash_t hash)
{
    setentry *entry = find_entry(self, key, hash);
    return entry == NULL ? -1 : kr_set_entry_is_live(entry);
}

// --- Changing ----------------------------------------------------------------------

// Puts an element into a table that does not have it and holds nothing removed.
static void
insert_clean(setentry *table, size_t mask, PyObject *key, Py_hash_t hash)
{
    size_t i = (size_t)hash & mask, perturb = (size_t)hash;
    for (;;) {
        setentry *entry = &table[i];
        setentry *last = entry + (i + NEIGHBOURS <= mask ? NEIGHBOURS : 0);
        for (; entry <= last; entry++) {
            if (entry->key == NULL) {
                entry->key = key;
                entry->hash = hash;
                return;
            }
        }
        perturb >>= PERTURB_SHIFT;
        i = (i * 5 + 1 + perturb) & mask;
    }
}

// Gives the set a new table with room for more than want elements.
static int
set_resize(PySetObject *self, Py_ssize_t want)
{
    size_t size = PySet_MINSIZE;
    while (size <= (size_t)want) {
        size <<= 1;
    }
    setentry copy[PySet_MINSIZE];
    setentry *old = self->table, *table;
    Py_ssize_t old_mask = self->mask;
    bool old_is_small = old == self->smalltable;
    if (size == PySet_MINSIZE) {
        if (old_is_small) {
            if (self->fill == self->used) {
                return 0;
            }
            memcpy(copy, old, sizeof copy);
            old = copy;
        }
        table = self->smalltable;
        memset(table, 0, sizeof self->smalltable);
    }
    else {
        table = PyMem_Calloc(size, sizeof(setentry));
        if (table == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i <= old_mask; i++) {
        if (kr_set_entry_is_live(&old[i])) {
            insert_clean(table, size - 1, old[i].key, old[i].hash);
        }
    }
    self->table = table;
    self->mask = (Py_ssize_t)size - 1;
    self->fill = self->used;
    if (!old_is_small) {
        PyMem_Free(old);
    }
    return 0;
}

// After an insertion: keeps at most three fifths of the table filled.
static int
grow_if_crowded(PySetObject *self)
{
    if (KR_LIKELY((size_t)self->fill * 5 < (size_t)self->mask * 3)) {
        return 0;
    }
    return set_resize(self, self->used > 50000 ? self->used * 2 : self->used * 4);
}

// Inlined where items are added in a loop.
static inline int
add_hash(PySetObject *self, PyObject *key, Py_hash_t hash)
{
    // A reference of our own: comparing may drop the caller's last one.
    Py_INCREF(key);
    setentry *entry = find_entry(self, key, hash);
    if (entry == NULL || kr_set_entry_is_live(entry)) {
        Py_DECREF(key);
        return entry == NULL ? -1 : 0;
    }
    self->fill += entry->key == NULL;
    self->used++;
    entry->key = key;
    entry->hash = hash;
    return grow_if_crowded(self);
}

int
kr_set_add_hash(PySetObject *self, PyObject *key, Py_hash_t hash)
{
    return add_hash(self, key, hash);
}

int
kr_set_add(PySetObject *self, PyObject *key)
{
    Py_hash_t hash = kr_set_hash(key);
    return hash == -1 ? -1 : add_hash(self, key, hash);
}

int
kr_set_discard_hash(PySetObject *self, PyObject *key, Py_hash_t hash)
{
    setentry *entry = find_entry(self, key, hash);
    if (entry == NULL) {
        return -1;
    }
    if (!kr_set_entry_is_live(entry)) {
        return 0;
    }
    PyObject *old = entry->key;
    entry->key = &kr_set_removed;
    entry->hash = -1;
    self->used--;
    Py_DECREF(old); // may run Python
    return 1;
}

PyObject *
kr_set_take(PySetObject *self)
{
    if (self->used == 0) {
        return NULL;
    }
    // Going on from where the last one was found keeps emptying a set linear.
    Py_ssize_t i = self->finger & self->mask;
    while (!kr_set_entry_is_live(&self->table[i])) {
        i = (i + 1) & self->mask;
    }
    PyObject *key = self->table[i].key;
    self->table[i].key = &kr_set_removed;
    self->table[i].hash = -1;
    self->used--;
    self->finger = i + 1;
    return key;
}

void
kr_set_clear(PySetObject *self)
{
    setentry copy[PySet_MINSIZE];
    setentry *table = self->table;
    Py_ssize_t mask = self->mask, fill = self->fill;
    bool is_small = table == self->smalltable;
    if (fill == 0 && is_small) {
        return;
    }
    if (is_small) {
        memcpy(copy, table, sizeof copy);
        table = copy;
    }
    PyObject *weakrefs = self->weakreflist;
    Py_hash_t hash = self->hash;
    kr_set_init_empty(self);
    self->weakreflist = weakrefs;
    self->hash = hash;
    for (Py_ssize_t i = 0; i <= mask; i++) {
        if (kr_set_entry_is_live(&table[i])) {
            Py_DECREF(table[i].key);
        }
    }
    if (!is_small) {
        PyMem_Free(table);
    }
}

int
kr_set_merge(PySetObject *self, PySetObject *other)
{
    if (other == self || other->used == 0) {
        return 0;
    }
    if ((size_t)(self->fill + other->used) * 5 >= (size_t)self->mask * 3
        && set_resize(self, (self->used + other->used) * 2) < 0) {
        return -1;
    }
    if (self->fill == 0) {
        // Nothing can be equal: no comparisons.
        for (Py_ssize_t i = 0; i <= other->mask; i++) {
            setentry *entry = &other->table[i];
            if (kr_set_entry_is_live(entry)) {
                insert_clean(self->table, (size_t)self->mask, Py_NewRef(entry->key),
                             entry->hash);
            }
        }
        self->fill = self->used = other->used;
        return 0;
    }
    setentry *entry;
    for (Py_ssize_t pos = 0; (entry = kr_set_next(other, &pos)) != NULL;) {
        PyObject *key = Py_NewRef(entry->key);
        int status = kr_set_add_hash(self, key, entry->hash); // may run Python
        Py_DECREF(key);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static int
update_from_dict(PySetObject *self, PyObject *dict)
{
    Py_ssize_t n = PyDict_GET_SIZE(dict), pos = 0;
    PyObject *key;
    Py_hash_t hash;
    if ((size_t)(self->fill + n) * 5 >= (size_t)self->mask * 3
        && set_resize(self, (self->used + n) * 2) < 0) {
        return -1;
    }
    while (kr_dict_next(dict, &pos, &key, NULL, &hash)) {
        Py_INCREF(key);
        int status = kr_set_add_hash(self, key, hash);
        Py_DECREF(key);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

int
kr_set_update(PySetObject *self, PyObject *iterable)
{
    if (PyAnySet_Check(iterable)) {
        return kr_set_merge(self, (PySetObject *)iterable);
    }
    if (PyDict_CheckExact(iterable)) {
        return update_from_dict(self, iterable);
    }
    KrFastIter it;
    if (kr_iter_start(&it, iterable) < 0) {
        return -1;
    }
    PyObject *item;
    int more;
    while ((more = kr_iter_next(&it, &item)) > 0) {
        int status = kr_set_add(self, item);
        Py_DECREF(item);
        if (status < 0) {
            more = -1;
            break;
        }
    }
    kr_iter_end(&it);
    return more;
}

void
kr_set_swap(PySetObject *a, PySetObject *b)
{
    setentry small[PySet_MINSIZE];
    PySetObject t = *a;
    bool a_small = a->table == a->smalltable, b_small = b->table == b->smalltable;
    memcpy(small, a->smalltable, sizeof small);
    a->fill = b->fill;
    a->used = b->used;
    a->mask = b->mask;
    a->table = b_small ? a->smalltable : b->table;
    memcpy(a->smalltable, b->smalltable, sizeof small);
    b->fill = t.fill;
    b->used = t.used;
    b->mask = t.mask;
    b->table = a_small ? b->smalltable : t.table;
    memcpy(b->smalltable, small, sizeof small);
    // Only frozensets remember a hash, and they are never swapped after that.
    a->hash = b->hash = -1;
}

PyObject *
kr_set_from(PyTypeObject *cls, PyObject *iterable)
{
    PySetObject *self = kr_set_new(cls);
    if (self != NULL && iterable != NULL && kr_set_update(self, iterable) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}
