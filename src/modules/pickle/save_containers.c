// SPDX-License-Identifier: MIT
// save_containers.c - pickles tuples, lists, dicts and sets.
//
// Containers that can be changed are remembered before their items are written, so that an
// item may refer to them; tuples and frozensets after, and what was written is thrown away
// by the reader when an item has already brought the container.
// Re-entrancy: writing an item may change the container; sizes are read again.
#include "modules/pickle/pickle.h"

// ---- fast mode: no memo, so cycles must be noticed ---------------------------------

enum { FAST_NESTING_LIMIT = 50 };

static int
fast_enter(Pickler *self, PyObject *object)
{
    PyObject *key;
    int known;

    if (!self->fast || ++self->fast_nesting < FAST_NESTING_LIMIT) {
        return 0;
    }
    if (self->fast_memo == NULL) {
        self->fast_memo = PySet_New(NULL);
    }
    key = self->fast_memo == NULL ? NULL : PyLong_FromVoidPtr(object);
    known = key == NULL ? -1 : PySet_Contains(self->fast_memo, key);
    if (known == 0) {
        known = PySet_Add(self->fast_memo, key);
    }
    else if (known > 0) {
        PyErr_Format(PyExc_ValueError,
                     "fast mode: can't pickle cyclic objects including object type %T at %p",
                     object, object);
    }
    Py_XDECREF(key);
    if (known != 0) {
        self->fast_nesting = -1; // fast_leave() is still called
        return -1;
    }
    return 0;
}

static void
fast_leave(Pickler *self, PyObject *object)
{
    if (!self->fast) {
        return;
    }
    if (self->fast_nesting-- >= FAST_NESTING_LIMIT) {
        PyObject *error = PyErr_GetRaisedException();
        PyObject *key = PyLong_FromVoidPtr(object);
        if (key == NULL || PySet_Discard(self->fast_memo, key) < 0) {
            PyErr_Clear();
        }
        Py_XDECREF(key);
        PyErr_SetRaisedException(error);
    }
}

// ---- tuples -------------------------------------------------------------------------

static int
save_items(Pickler *self, PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (kr_pickle_save(self, PyTuple_GET_ITEM(tuple, i), true) < 0) {
            kr_pickle_note("when serializing %T item %zd", tuple, i);
            return -1;
        }
    }
    return 0;
}

static int
pop_and_get(Pickler *self, Py_ssize_t pops, Py_ssize_t number)
{
    while (pops-- > 0) {
        if (kr_pickle_put(self, OP_POP) < 0) {
            return -1;
        }
    }
    return kr_pickle_put_get(self, number);
}

static int
save_short_tuple(Pickler *self, PyObject *object, Py_ssize_t size)
{
    static const uint8_t opcodes[] = {0, OP_TUPLE1, OP_TUPLE2, OP_TUPLE3};

    if (save_items(self, object) < 0) {
        return -1;
    }
    Py_ssize_t number = kr_pickle_memo_find(&self->memo, object);
    if (number >= 0) {
        return pop_and_get(self, size, number);
    }
    return kr_pickle_put(self, opcodes[size]) < 0 ? -1 : kr_pickle_memoize(self, object);
}

int
kr_pickle_save_tuple(Pickler *self, PyObject *object)
{
    Py_ssize_t size = PyTuple_GET_SIZE(object);

    if (size == 0) {
        return self->bin ? kr_pickle_put(self, OP_EMPTY_TUPLE) : kr_pickle_write(self, "(t", 2);
    }
    if (size <= 3 && self->protocol >= 2) {
        return save_short_tuple(self, object, size);
    }
    if (kr_pickle_put(self, OP_MARK) < 0 || save_items(self, object) < 0) {
        return -1;
    }
    Py_ssize_t number = kr_pickle_memo_find(&self->memo, object);
    if (number < 0) {
        return kr_pickle_put(self, OP_TUPLE) < 0 ? -1 : kr_pickle_memoize(self, object);
    }
    if (self->bin) {
        return kr_pickle_put(self, OP_POP_MARK) < 0 ? -1 : kr_pickle_put_get(self, number);
    }
    return pop_and_get(self, size + 1, number);
}

// ---- lists --------------------------------------------------------------------------

static int
save_list_item(Pickler *self, PyObject *item, PyObject *object, Py_ssize_t index)
{
    if (kr_pickle_save(self, item, true) < 0) {
        kr_pickle_note("when serializing %T item %zd", object, index);
        return -1;
    }
    return 0;
}

// The next items of an iterator, a batch at most; an empty list at its end.
static PyObject *
next_batch(PyObject *iterator)
{
    PyObject *batch = PyList_New(0), *item;
    int more = batch == NULL ? -1 : 1;

    while (more > 0 && PyList_GET_SIZE(batch) < PICKLE_BATCH) {
        more = PyIter_NextItem(iterator, &item);
        if (more > 0) {
            more = PyList_Append(batch, item) < 0 ? -1 : 1;
            Py_DECREF(item);
        }
    }
    if (more < 0) {
        Py_CLEAR(batch);
    }
    return batch;
}

// Items `from` up to `to` of a list, which may get shorter meanwhile.
static int
save_list_items(Pickler *self, PyObject *list, Py_ssize_t from, Py_ssize_t to,
                PyObject *object, Py_ssize_t number)
{
    for (Py_ssize_t i = from; i < to && i < PyList_GET_SIZE(list); i++) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
        int status = save_list_item(self, item, object, number + i - from);
        Py_DECREF(item);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

// One batch: a single item has an instruction of its own.
static int
append_batch(Pickler *self, PyObject *list, Py_ssize_t from, Py_ssize_t to,
             PyObject *object, Py_ssize_t number)
{
    if (to - from == 1) {
        return save_list_items(self, list, from, to, object, number) < 0
                   ? -1
                   : kr_pickle_put(self, OP_APPEND);
    }
    return kr_pickle_put(self, OP_MARK) < 0 ||
                   save_list_items(self, list, from, to, object, number) < 0
               ? -1
               : kr_pickle_put(self, OP_APPENDS);
}

// Protocol 0 has no batches.
static int
append_one_by_one(Pickler *self, PyObject *iterator, PyObject *object)
{
    PyObject *item;
    int more;

    for (Py_ssize_t i = 0; (more = PyIter_NextItem(iterator, &item)) > 0; i++) {
        int status = save_list_item(self, item, object, i);
        Py_DECREF(item);
        if (status < 0 || kr_pickle_put(self, OP_APPEND) < 0) {
            return -1;
        }
    }
    return more;
}

int
kr_pickle_append_items(Pickler *self, PyObject *iterator, PyObject *object)
{
    if (!self->bin) {
        return append_one_by_one(self, iterator, object);
    }
    for (Py_ssize_t number = 0;;) {
        PyObject *batch = next_batch(iterator);
        if (batch == NULL) {
            return -1;
        }
        Py_ssize_t size = PyList_GET_SIZE(batch);
        int status = size == 0 ? 0 : append_batch(self, batch, 0, size, object, number);
        Py_DECREF(batch);
        if (status < 0 || size < PICKLE_BATCH) {
            return status;
        }
        number += size;
    }
}

static int
append_list(Pickler *self, PyObject *object)
{
    for (Py_ssize_t from = 0; from < PyList_GET_SIZE(object); from += PICKLE_BATCH) {
        Py_ssize_t to = from + PICKLE_BATCH;
        if (to > PyList_GET_SIZE(object)) {
            to = PyList_GET_SIZE(object);
        }
        if (append_batch(self, object, from, to, object, from) < 0) {
            return -1;
        }
    }
    return 0;
}

int
kr_pickle_save_list(Pickler *self, PyObject *object)
{
    int status = self->bin ? kr_pickle_put(self, OP_EMPTY_LIST) : kr_pickle_write(self, "(l", 2);

    if (fast_enter(self, object) < 0 || status < 0 || kr_pickle_memoize(self, object) < 0) {
        status = -1;
    }
    else if (self->bin) {
        status = append_list(self, object);
    }
    else {
        PyObject *iterator = PyObject_GetIter(object);
        status = iterator == NULL ? -1 : kr_pickle_append_items(self, iterator, object);
        Py_XDECREF(iterator);
    }
    fast_leave(self, object);
    return status;
}

// ---- dicts --------------------------------------------------------------------------

static int
save_pair(Pickler *self, PyObject *key, PyObject *value, PyObject *object)
{
    if (kr_pickle_save(self, key, true) < 0) {
        return -1;
    }
    if (kr_pickle_save(self, value, true) < 0) {
        kr_pickle_note("when serializing %T item %R", object, key);
        return -1;
    }
    return 0;
}

static int
save_pair_of(Pickler *self, PyObject *pair, PyObject *object)
{
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        PyErr_SetString(PyExc_TypeError, "dict items iterator must return 2-tuples");
        return -1;
    }
    return save_pair(self, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1), object);
}

static int
set_one_by_one(Pickler *self, PyObject *iterator, PyObject *object)
{
    PyObject *pair;
    int more;

    while ((more = PyIter_NextItem(iterator, &pair)) > 0) {
        int status = save_pair_of(self, pair, object);
        Py_DECREF(pair);
        if (status < 0 || kr_pickle_put(self, OP_SETITEM) < 0) {
            return -1;
        }
    }
    return more;
}

static int
set_batch(Pickler *self, PyObject *batch, PyObject *object)
{
    Py_ssize_t size = PyList_GET_SIZE(batch);

    if (size != 1 && kr_pickle_put(self, OP_MARK) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        if (save_pair_of(self, PyList_GET_ITEM(batch, i), object) < 0) {
            return -1;
        }
    }
    return kr_pickle_put(self, size == 1 ? OP_SETITEM : OP_SETITEMS);
}

int
kr_pickle_set_items(Pickler *self, PyObject *iterator, PyObject *object)
{
    if (!self->bin) {
        return set_one_by_one(self, iterator, object);
    }
    for (;;) {
        PyObject *batch = next_batch(iterator);
        if (batch == NULL) {
            return -1;
        }
        Py_ssize_t size = PyList_GET_SIZE(batch);
        int status = size == 0 ? 0 : set_batch(self, batch, object);
        Py_DECREF(batch);
        if (status < 0 || size < PICKLE_BATCH) {
            return status;
        }
    }
}

// The same output without the tuples of items(), for dicts that nobody overrides.
static int
set_dict(Pickler *self, PyObject *object)
{
    Py_ssize_t at = 0, size = PyDict_GET_SIZE(object), done = 0;
    PyObject *key, *value;
    int status = 0;

    while (status == 0 && PyDict_Next(object, &at, &key, &value)) {
        Py_ssize_t place = done % PICKLE_BATCH, left = size - done;
        bool single = place == 0 && left == 1;
        if (place == 0 && !single && kr_pickle_put(self, OP_MARK) < 0) {
            return -1;
        }
        Py_INCREF(key);
        Py_INCREF(value);
        status = save_pair(self, key, value, object);
        Py_DECREF(key);
        Py_DECREF(value);
        done++;
        if (status == 0 && (single || place == PICKLE_BATCH - 1 || left == 1)) {
            status = kr_pickle_put(self, single ? OP_SETITEM : OP_SETITEMS);
        }
        if (status == 0 && PyDict_GET_SIZE(object) != size) {
            PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
            status = -1;
        }
    }
    return status;
}

int
kr_pickle_save_dict(Pickler *self, PyObject *object)
{
    int status = self->bin ? kr_pickle_put(self, OP_EMPTY_DICT) : kr_pickle_write(self, "(d", 2);

    if (fast_enter(self, object) < 0 || status < 0 || kr_pickle_memoize(self, object) < 0) {
        status = -1;
    }
    else if (self->bin) {
        status = set_dict(self, object);
    }
    else {
        PyObject *items = PyDict_Items(object);
        PyObject *iterator = items == NULL ? NULL : PyObject_GetIter(items);
        status = iterator == NULL ? -1 : set_one_by_one(self, iterator, object);
        Py_XDECREF(iterator);
        Py_XDECREF(items);
    }
    fast_leave(self, object);
    return status;
}

// ---- sets ---------------------------------------------------------------------------

static int
save_elements(Pickler *self, PyObject *elements, PyObject *object)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(elements); i++) {
        if (kr_pickle_save(self, PyList_GET_ITEM(elements, i), true) < 0) {
            kr_pickle_note("when serializing %T element", object);
            return -1;
        }
    }
    return 0;
}

static int
save_old_set(Pickler *self, PyObject *object, PyTypeObject *type)
{
    PyObject *list = PySequence_List(object);
    PyObject *args = list == NULL ? NULL : PyTuple_Pack(1, list);

    Py_XDECREF(list);
    return kr_pickle_save_call_steal(self, (PyObject *)type, args, object);
}

int
kr_pickle_save_set(Pickler *self, PyObject *object)
{
    Py_ssize_t size = PySet_GET_SIZE(object);
    int status = 0;

    if (self->protocol < 4) {
        return save_old_set(self, object, &PySet_Type);
    }
    if (kr_pickle_put(self, OP_EMPTY_SET) < 0 || kr_pickle_memoize(self, object) < 0) {
        return -1;
    }
    PyObject *iterator = size == 0 ? NULL : PyObject_GetIter(object);
    if (size != 0 && iterator == NULL) {
        return -1;
    }
    while (iterator != NULL && status == 0) {
        PyObject *batch = next_batch(iterator);
        Py_ssize_t count = batch == NULL ? 0 : PyList_GET_SIZE(batch);
        if (batch == NULL) {
            status = -1;
        }
        else if (count > 0 &&
                 (kr_pickle_put(self, OP_MARK) < 0 || save_elements(self, batch, object) < 0 ||
                  kr_pickle_put(self, OP_ADDITEMS) < 0)) {
            status = -1;
        }
        Py_XDECREF(batch);
        if (PySet_GET_SIZE(object) != size && status == 0) {
            PyErr_SetString(PyExc_RuntimeError, "set changed size during iteration");
            status = -1;
        }
        if (count < PICKLE_BATCH) {
            break;
        }
    }
    Py_XDECREF(iterator);
    return status;
}

int
kr_pickle_save_frozenset(Pickler *self, PyObject *object)
{
    if (self->protocol < 4) {
        return save_old_set(self, object, &PyFrozenSet_Type);
    }
    PyObject *elements = PySequence_List(object);
    if (elements == NULL) {
        return -1;
    }
    int status = kr_pickle_put(self, OP_MARK) < 0 ? -1 : save_elements(self, elements, object);
    Py_DECREF(elements);
    if (status < 0) {
        return -1;
    }
    Py_ssize_t number = kr_pickle_memo_find(&self->memo, object);
    if (number >= 0) {
        return kr_pickle_put(self, OP_POP_MARK) < 0 ? -1 : kr_pickle_put_get(self, number);
    }
    return kr_pickle_put(self, OP_FROZENSET) < 0 ? -1 : kr_pickle_memoize(self, object);
}
