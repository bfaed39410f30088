// SPDX-License-Identifier: MIT
// unpickle_stack.c - the stack of values, its marks, and the memo of an unpickler.
//
// Invariant: 0 <= fence <= depth. Values below the newest mark cannot be popped.
#include "modules/pickle/pickle.h"

int
kr_unpickle_underflow(Unpickler *self)
{
    PyErr_SetString(self->state->unpickling_error,
                    self->mark_count > 0 ? "unexpected MARK found"
                                         : "unpickling stack underflow");
    return -1;
}

static int
grow(void **array, Py_ssize_t *room, size_t item)
{
    Py_ssize_t larger = *room / 2 * 3 + 32;
    void *memory = larger > PY_SSIZE_T_MAX / (Py_ssize_t)item
                       ? NULL
                       : PyMem_Realloc(*array, (size_t)larger * item);

    if (memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *array = memory;
    *room = larger;
    return 0;
}

int
kr_unpickle_push_steal(Unpickler *self, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    if (self->depth == self->stack_room &&
        grow((void **)&self->stack, &self->stack_room, sizeof(PyObject *)) < 0) {
        Py_DECREF(value);
        return -1;
    }
    self->stack[self->depth++] = value;
    return 0;
}

PyObject *
kr_unpickle_pop(Unpickler *self)
{
    if (self->depth <= self->fence) {
        kr_unpickle_underflow(self);
        return NULL;
    }
    return self->stack[--self->depth];
}

PyObject *
kr_unpickle_top_borrow(Unpickler *self)
{
    if (self->depth <= self->fence) {
        kr_unpickle_underflow(self);
        return NULL;
    }
    return self->stack[self->depth - 1];
}

int
kr_unpickle_mark(Unpickler *self)
{
    if (self->mark_count == self->marks_room &&
        grow((void **)&self->marks, &self->marks_room, sizeof(Py_ssize_t)) < 0) {
        return -1;
    }
    self->fence = self->marks[self->mark_count++] = self->depth;
    return 0;
}

Py_ssize_t
kr_unpickle_pop_mark(Unpickler *self)
{
    if (self->mark_count == 0) {
        PyErr_SetString(self->state->unpickling_error, "could not find MARK");
        return -1;
    }
    Py_ssize_t mark = self->marks[--self->mark_count];
    self->fence = self->mark_count > 0 ? self->marks[self->mark_count - 1] : 0;
    return mark;
}

void
kr_unpickle_cut(Unpickler *self, Py_ssize_t depth)
{
    while (self->depth > depth) {
        PyObject *value = self->stack[--self->depth];
        Py_DECREF(value);
    }
}

PyObject *
kr_unpickle_take_tuple(Unpickler *self, Py_ssize_t from)
{
    PyObject *tuple = PyTuple_New(self->depth - from);

    for (Py_ssize_t i = from; tuple != NULL && i < self->depth; i++) {
        PyTuple_SET_ITEM(tuple, i - from, self->stack[i]);
    }
    if (tuple != NULL) {
        self->depth = from;
    }
    return tuple;
}

PyObject *
kr_unpickle_take_list(Unpickler *self, Py_ssize_t from)
{
    PyObject *list = PyList_New(self->depth - from);

    for (Py_ssize_t i = from; list != NULL && i < self->depth; i++) {
        PyList_SET_ITEM(list, i - from, self->stack[i]);
    }
    if (list != NULL) {
        self->depth = from;
    }
    return list;
}

// ---- the memo -------------------------------------------------------------------------

// Numbers far beyond what has been stored are a hostile pickle's: they go to a dict.
static bool
is_far(const Unpickler *self, size_t number)
{
    return number >= self->memo_room && number / 4 > self->memo_count + 1024;
}

static PyObject *
far_get(Unpickler *self, size_t number)
{
    PyObject *key = self->far_memo == NULL ? NULL : PyLong_FromSize_t(number);
    PyObject *value = key == NULL ? NULL : PyDict_GetItemWithError(self->far_memo, key);

    Py_XDECREF(key);
    return value;
}

PyObject *
kr_unpickle_memo_get(Unpickler *self, size_t number)
{
    PyObject *value = number < self->memo_room ? self->memo[number] : NULL;

    if (value == NULL) {
        value = far_get(self, number);
    }
    if (value == NULL && !PyErr_Occurred()) {
        PyErr_Format(self->state->unpickling_error, "Memo value not found at index %zu",
                     number);
    }
    return value;
}

static int
far_put(Unpickler *self, size_t number, PyObject *value)
{
    PyObject *key = PyLong_FromSize_t(number);
    int status = -1;

    if (key != NULL && self->far_memo == NULL) {
        self->far_memo = PyDict_New();
    }
    if (key != NULL && self->far_memo != NULL) {
        status = PyDict_SetItem(self->far_memo, key, value);
    }
    Py_XDECREF(key);
    return status;
}

int
kr_unpickle_memo_put(Unpickler *self, size_t number, PyObject *value)
{
    if (is_far(self, number)) {
        return far_put(self, number, value);
    }
    if (number >= self->memo_room) {
        size_t room = number + number / 2 + 32;
        PyObject **memo = PyMem_Realloc(self->memo, room * sizeof(PyObject *));
        if (memo == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memset(memo + self->memo_room, 0, (room - self->memo_room) * sizeof(PyObject *));
        self->memo = memo;
        self->memo_room = room;
    }
    PyObject *old = self->memo[number];
    self->memo[number] = Py_NewRef(value);
    self->memo_count += old == NULL;
    Py_XDECREF(old);
    return 0;
}

void
kr_unpickle_memo_clear(Unpickler *self)
{
    PyObject **memo = self->memo;
    size_t room = self->memo_room;

    self->memo = NULL;
    self->memo_room = self->memo_count = 0;
    for (size_t i = 0; i < room; i++) {
        Py_XDECREF(memo[i]);
    }
    PyMem_Free(memo);
    Py_CLEAR(self->far_memo);
}
