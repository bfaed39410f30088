// SPDX-License-Identifier: MIT
// memo.c - the pickler's table from objects to numbers: by address, open addressing.
#include "modules/pickle/pickle.h"

static size_t
memo_hash(PyObject *key)
{
    return (size_t)(((uintptr_t)key >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20);
}

static PickleMemoEntry *
memo_slot(const PickleMemo *memo, PyObject *key)
{
    size_t at = memo_hash(key) & memo->mask;

    while (memo->entries[at].key != NULL && memo->entries[at].key != key) {
        at = (at + 1) & memo->mask;
    }
    return &memo->entries[at];
}

Py_ssize_t
kr_pickle_memo_find(const PickleMemo *memo, PyObject *key)
{
    if (memo->entries == NULL) {
        return -1;
    }
    const PickleMemoEntry *entry = memo_slot(memo, key);
    return entry->key == NULL ? -1 : entry->number;
}

static int
memo_grow(PickleMemo *memo)
{
    PickleMemo larger = {.mask = memo->entries == NULL ? 63 : memo->mask * 4 + 3};

    larger.entries = PyMem_Calloc(larger.mask + 1, sizeof(PickleMemoEntry));
    if (larger.entries == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; memo->entries != NULL && i <= memo->mask; i++) {
        if (memo->entries[i].key != NULL) {
            *memo_slot(&larger, memo->entries[i].key) = memo->entries[i];
        }
    }
    larger.count = memo->count;
    PyMem_Free(memo->entries);
    *memo = larger;
    return 0;
}

int
kr_pickle_memo_add(PickleMemo *memo, PyObject *key, Py_ssize_t number)
{
    if ((memo->entries == NULL || memo->count * 3 > memo->mask * 2) && memo_grow(memo) < 0) {
        return -1;
    }
    PickleMemoEntry *entry = memo_slot(memo, key);
    if (entry->key == NULL) {
        entry->key = Py_NewRef(key);
        memo->count++;
    }
    entry->number = number;
    return 0;
}

void
kr_pickle_memo_clear(PickleMemo *memo)
{
    PickleMemo old = *memo;

    *memo = (PickleMemo){0};
    for (size_t i = 0; old.entries != NULL && i <= old.mask; i++) {
        Py_XDECREF(old.entries[i].key);
    }
    PyMem_Free(old.entries);
}
