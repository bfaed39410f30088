// SPDX-License-Identifier: MIT
// deque.c - collections.deque: a ring buffer that grows at both ends.
//
// Callers:     Python code.
// Invariants:  room is 0 or a power of two and at least the size; places outside
//              the items hold no references. size <= maxlen where that is not -1.
// Re-entrancy: comparing items and releasing them runs Python; `changes` tells
//              whether the deque was changed meanwhile.
// Read next:   deque_iter.c
#include "modules/collections/deque.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"

#define DEQUE_MIN_ROOM 8

static bool
deque_check(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_deque_type);
}

// --- Room --------------------------------------------------------------------------

static int
deque_set_room(Deque *self, Py_ssize_t room)
{
    if (room > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(PyObject *)) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject **ring = PyMem_Malloc((size_t)room * sizeof(PyObject *));
    if (ring == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0, n = Py_SIZE(self); i < n; i++) {
        ring[i] = *kr_deque_place(self, i);
    }
    PyMem_Free(self->ring);
    self->ring = ring;
    self->room = room;
    self->first = 0;
    return 0;
}

// Room for one more item.
static inline int
deque_grow(Deque *self)
{
    if (KR_LIKELY(Py_SIZE(self) < self->room)) {
        return 0;
    }
    return deque_set_room(self, self->room == 0 ? DEQUE_MIN_ROOM : self->room * 2);
}

// Gives room back when most of it is empty.
static inline void
deque_shrink(Deque *self)
{
    if (KR_UNLIKELY(self->room > 64 && Py_SIZE(self) < self->room / 8)
        && deque_set_room(self, self->room / 2) < 0) {
        PyErr_Clear();
    }
}

// Takes the item at one end out. The deque is not empty.
static PyObject *
deque_take_right(Deque *self)
{
    Py_ssize_t n = Py_SIZE(self);
    PyObject *item = *kr_deque_place(self, n - 1);
    Py_SET_SIZE(self, n - 1);
    self->changes++;
    deque_shrink(self);
    return item;
}

static PyObject *
deque_take_left(Deque *self)
{
    PyObject *item = self->ring[self->first];
    self->first = (self->first + 1) & (self->room - 1);
    Py_SET_SIZE(self, Py_SIZE(self) - 1);
    self->changes++;
    deque_shrink(self);
    return item;
}

// Adds an item at one end; a full bounded deque loses one at the other end.
// Consumes item, on failure too.
static int
deque_push_right_steal(Deque *self, PyObject *item)
{
    if (self->maxlen == 0 || deque_grow(self) < 0) {
        int status = self->maxlen == 0 ? 0 : -1;
        Py_DECREF(item);
        return status;
    }
    Py_ssize_t n = Py_SIZE(self);
    *kr_deque_place(self, n) = item;
    Py_SET_SIZE(self, n + 1);
    self->changes++;
    if (self->maxlen >= 0 && n + 1 > self->maxlen) {
        Py_DECREF(deque_take_left(self));
    }
    return 0;
}

static int
deque_push_left_steal(Deque *self, PyObject *item)
{
    if (self->maxlen == 0 || deque_grow(self) < 0) {
        int status = self->maxlen == 0 ? 0 : -1;
        Py_DECREF(item);
        return status;
    }
    self->first = (self->first - 1) & (self->room - 1);
    self->ring[self->first] = item;
    Py_SET_SIZE(self, Py_SIZE(self) + 1);
    self->changes++;
    if (self->maxlen >= 0 && Py_SIZE(self) > self->maxlen) {
        Py_DECREF(deque_take_right(self));
    }
    return 0;
}

// Releases all items. May run Python.
static void
deque_release_all(Deque *self)
{
    PyObject **ring = self->ring;
    Py_ssize_t n = Py_SIZE(self), first = self->first, mask = self->room - 1;
    if (ring == NULL) {
        return;
    }
    self->ring = NULL;
    self->room = self->first = 0;
    Py_SET_SIZE(self, 0);
    self->changes++;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(ring[(first + i) & mask]);
    }
    PyMem_Free(ring);
}

// Takes item index out, moving the shorter side.
static PyObject *
deque_take_at(Deque *self, Py_ssize_t index)
{
    Py_ssize_t n = Py_SIZE(self);
    PyObject *item = *kr_deque_place(self, index);
    if (index < n / 2) {
        for (Py_ssize_t i = index; i > 0; i--) {
            *kr_deque_place(self, i) = *kr_deque_place(self, i - 1);
        }
        self->first = (self->first + 1) & (self->room - 1);
    }
    else {
        for (Py_ssize_t i = index; i < n - 1; i++) {
            *kr_deque_place(self, i) = *kr_deque_place(self, i + 1);
        }
    }
    Py_SET_SIZE(self, n - 1);
    self->changes++;
    return item;
}

// Takes items from an iterable and pushes them to one end.
static int
deque_extend_by(Deque *self, PyObject *iterable, int (*push)(Deque *, PyObject *))
{
    if (iterable == (PyObject *)self) {
        PyObject *copy = PySequence_List(iterable);
        int status = copy == NULL ? -1 : deque_extend_by(self, copy, push);
        Py_XDECREF(copy);
        return status;
    }
    PyObject *item, *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        return -1;
    }
    int more;
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        if (push(self, item) < 0) {
            more = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    return more;
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(deque, "append(self, item, /)", "Add an element to the right side of the deque.")
static PyObject *
deque_append(Deque *self, PyObject *item)
{
    if (deque_push_right_steal(self, Py_NewRef(item)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(deque, "appendleft(self, item, /)",
          "Add an element to the left side of the deque.")
static PyObject *
deque_appendleft(Deque *self, PyObject *item)
{
    if (deque_push_left_steal(self, Py_NewRef(item)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(deque, "pop(self, /)", "Remove and return the rightmost element.")
static PyObject *
deque_pop(Deque *self)
{
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from an empty deque");
        return NULL;
    }
    return deque_take_right(self);
}

KR_METHOD(deque, "popleft(self, /)", "Remove and return the leftmost element.")
static PyObject *
deque_popleft(Deque *self)
{
    if (Py_SIZE(self) == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from an empty deque");
        return NULL;
    }
    return deque_take_left(self);
}

KR_METHOD(deque, "extend(self, iterable, /)",
          "Extend the right side of the deque with elements from the iterable.")
static PyObject *
deque_extend(Deque *self, PyObject *iterable)
{
    if (deque_extend_by(self, iterable, deque_push_right_steal) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(deque, "extendleft(self, iterable, /)",
          "Extend the left side of the deque with elements from the iterable.")
static PyObject *
deque_extendleft(Deque *self, PyObject *iterable)
{
    if (deque_extend_by(self, iterable, deque_push_left_steal) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(deque, "clear(self, /)", "Remove all elements from the deque.")
static PyObject *
deque_clear(Deque *self)
{
    deque_release_all(self);
    Py_RETURN_NONE;
}

static PyObject *
deque_make_copy(Deque *self)
{
    PyTypeObject *cls = Py_TYPE(self);
    PyObject *copy;
    if (cls == &kr_deque_type) {
        Deque *made = (Deque *)cls->tp_alloc(cls, 0);
        if (made == NULL) {
            return NULL;
        }
        made->maxlen = self->maxlen;
        if (Py_SIZE(self) > 0 && deque_set_room(made, self->room) < 0) {
            Py_DECREF(made);
            return NULL;
        }
        for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
            made->ring[i] = Py_NewRef(*kr_deque_place(self, i));
        }
        Py_SET_SIZE(made, Py_SIZE(self));
        return (PyObject *)made;
    }
    if (self->maxlen < 0) {
        copy = PyObject_CallOneArg((PyObject *)cls, (PyObject *)self);
    }
    else {
        copy = PyObject_CallFunction((PyObject *)cls, "On", self, self->maxlen);
    }
    if (copy != NULL && !deque_check(copy)) {
        PyErr_Format(PyExc_TypeError, "%.200s() must return a deque, not %.200s",
                     cls->tp_name, Py_TYPE(copy)->tp_name);
        Py_CLEAR(copy);
    }
    return copy;
}

KR_METHOD(deque, "copy(self, /)", "Return a shallow copy of a deque.")
static PyObject *
deque_copy(Deque *self)
{
    return deque_make_copy(self);
}

KR_METHOD(deque, "__copy__(self, /)", "Return a shallow copy of a deque.")
static PyObject *
deque___copy__(Deque *self)
{
    return deque_make_copy(self);
}

KR_METHOD(deque, "rotate(self, n=1, /)",
          "Rotate the deque n steps to the right; to the left where n is negative.")
static PyObject *
deque_rotate(Deque *self, Py_ssize_t n)
{
    Py_ssize_t size = Py_SIZE(self);
    if (size <= 1 || n % size == 0) {
        Py_RETURN_NONE;
    }
    n %= size;
    if (n < 0) {
        n += size;
    }
    self->changes++;
    Py_ssize_t mask = self->room - 1;
    if (size == self->room) {
        self->first = (self->first - n) & mask;
        Py_RETURN_NONE;
    }
    // Items go round one by one, by the shorter way.
    if (n <= size / 2) {
        for (; n > 0; n--) {
            PyObject *item = *kr_deque_place(self, size - 1);
            self->first = (self->first - 1) & mask;
            self->ring[self->first] = item;
        }
    }
    else {
        for (n = size - n; n > 0; n--) {
            PyObject *item = self->ring[self->first];
            self->first = (self->first + 1) & mask;
            *kr_deque_place(self, size - 1) = item;
        }
    }
    Py_RETURN_NONE;
}

KR_METHOD(deque, "reverse(self, /)", "Reverse *IN PLACE*.")
static PyObject *
deque_reverse(Deque *self)
{
    for (Py_ssize_t i = 0, j = Py_SIZE(self) - 1; i < j; i++, j--) {
        PyObject **left = kr_deque_place(self, i), **right = kr_deque_place(self, j);
        PyObject *item = *left;
        *left = *right;
        *right = item;
    }
    Py_RETURN_NONE;
}

// Compares item i with value: 1, 0, -1; -2 when the deque was changed meanwhile.
static inline int
deque_item_equals(Deque *self, Py_ssize_t i, PyObject *value)
{
    size_t changes = self->changes;
    PyObject *item = Py_NewRef(*kr_deque_place(self, i));
    int equal = PyObject_RichCompareBool(item, value, Py_EQ); // may run Python
    Py_DECREF(item);
    return equal >= 0 && self->changes != changes ? -2 : equal;
}

static KR_COLD void
deque_mutated(PyObject *exception)
{
    PyErr_SetString(exception, "deque mutated during iteration");
}

KR_METHOD(deque, "count(self, value, /)", "Return number of occurrences of value.")
static PyObject *
deque_count(Deque *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = deque_item_equals(self, i, value);
        if (equal < 0) {
            if (equal == -2) {
                deque_mutated(PyExc_RuntimeError);
            }
            return NULL;
        }
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

static int
deque_contains(PyObject *op, PyObject *value)
{
    Deque *self = (Deque *)op;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = deque_item_equals(self, i, value);
        if (equal == -2) {
            deque_mutated(PyExc_RuntimeError);
            return -1;
        }
        if (equal != 0) {
            return equal;
        }
    }
    return 0;
}

KR_METHOD_RAW(deque, "index($self, value, [start, [stop]])", METH_FASTCALL,
              "Return first index of value.\n\nValueError is raised where there is none.")
static PyObject *
deque_index(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    Deque *self = (Deque *)op;
    Py_ssize_t start = 0, stop = Py_SIZE(self), size = stop;
    if (!kr_arg_count("index", nargs, 1, 3)
        || (nargs > 1 && kr_arg_slice_index_not_none(args[1], &start) < 0)
        || (nargs > 2 && kr_arg_slice_index_not_none(args[2], &stop) < 0)) {
        return NULL;
    }
    if (start < 0) {
        start = start + size < 0 ? 0 : start + size;
    }
    if (stop < 0) {
        stop = stop + size < 0 ? 0 : stop + size;
    }
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        int equal = deque_item_equals(self, i, args[0]);
        if (equal > 0) {
            return PyLong_FromSsize_t(i);
        }
        if (equal < 0) {
            if (equal == -2) {
                deque_mutated(PyExc_RuntimeError);
            }
            return NULL;
        }
    }
    PyErr_SetString(PyExc_ValueError, "deque.index(x): x not in deque");
    return NULL;
}

KR_METHOD(deque, "remove(self, value, /)", "Remove first occurrence of value.")
static PyObject *
deque_remove(Deque *self, PyObject *value)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = deque_item_equals(self, i, value);
        if (equal > 0) {
            Py_DECREF(deque_take_at(self, i));
            Py_RETURN_NONE;
        }
        if (equal < 0) {
            if (equal == -2) {
                deque_mutated(PyExc_IndexError);
            }
            return NULL;
        }
    }
    PyErr_SetString(PyExc_ValueError, "deque.remove(x): x not in deque");
    return NULL;
}

KR_METHOD(deque, "insert(self, index, value, /)", "Insert value before index.")
static PyObject *
deque_insert(Deque *self, Py_ssize_t index, PyObject *value)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == self->maxlen) {
        PyErr_SetString(PyExc_IndexError, "deque already at its maximum size");
        return NULL;
    }
    if (deque_grow(self) < 0) {
        return NULL;
    }
    index = index < 0 ? (index + n < 0 ? 0 : index + n) : index > n ? n : index;
    if (index < n / 2) {
        self->first = (self->first - 1) & (self->room - 1);
        for (Py_ssize_t i = 0; i < index; i++) {
            *kr_deque_place(self, i) = *kr_deque_place(self, i + 1);
        }
    }
    else {
        for (Py_ssize_t i = n; i > index; i--) {
            *kr_deque_place(self, i) = *kr_deque_place(self, i - 1);
        }
    }
    *kr_deque_place(self, index) = Py_NewRef(value);
    Py_SET_SIZE(self, n + 1);
    self->changes++;
    Py_RETURN_NONE;
}

KR_METHOD(deque, "__reversed__(self, /)", "Return a reverse iterator over the deque.")
static PyObject *
deque___reversed__(Deque *self)
{
    return kr_deque_iter_new(self, &kr_deque_reverse_iter_type);
}

KR_METHOD(deque, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
deque___reduce__(Deque *self)
{
    PyObject *state = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(__getstate__));
    if (state == NULL) {
        return NULL;
    }
    PyObject *iterator = PyObject_GetIter((PyObject *)self);
    if (iterator == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    if (self->maxlen < 0) {
        return Py_BuildValue("O()NN", Py_TYPE(self), state, iterator);
    }
    return Py_BuildValue("O(()n)NN", Py_TYPE(self), self->maxlen, state, iterator);
}

KR_METHOD(deque, "__sizeof__(self, /)", "Return the size of the deque in memory, in bytes.")
static PyObject *
deque___sizeof__(Deque *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;
    return PyLong_FromSize_t(size + (size_t)self->room * sizeof(PyObject *));
}

KR_METHOD_RAW(deque, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "deques are generic over the type of their contents")
static PyObject *
deque___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_GETTER(deque, "maxlen", "maximum size of a deque or None if unbounded")
static PyObject *
deque_get_maxlen(Deque *self)
{
    return self->maxlen < 0 ? Py_NewRef(Py_None) : PyLong_FromSsize_t(self->maxlen);
}

// --- Slots -------------------------------------------------------------------------

static Py_ssize_t
deque_length(PyObject *op)
{
    return Py_SIZE(op);
}

static PyObject *
deque_item(PyObject *op, Py_ssize_t index)
{
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "deque index out of range");
        return NULL;
    }
    return Py_NewRef(*kr_deque_place((Deque *)op, index));
}

static int
deque_ass_item(PyObject *op, Py_ssize_t index, PyObject *value)
{
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "deque index out of range");
        return -1;
    }
    PyObject **place = kr_deque_place((Deque *)op, index);
    PyObject *old = value == NULL ? deque_take_at((Deque *)op, index) : *place;
    if (value != NULL) {
        *place = Py_NewRef(value);
    }
    Py_DECREF(old);
    return 0;
}

static PyObject *
deque_inplace_repeat(PyObject *op, Py_ssize_t count)
{
    Deque *self = (Deque *)op;
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || count == 1) {
        return Py_NewRef(op);
    }
    if (count <= 0) {
        deque_release_all(self);
        return Py_NewRef(op);
    }
    if (self->maxlen >= 0 && count > self->maxlen / n + 2) {
        // More rounds would only push out what the ones before have brought.
        Py_ssize_t rounds = self->maxlen / n + 2;
        count = rounds;
    }
    if (self->maxlen < 0) {
        if (n > PY_SSIZE_T_MAX / 16 / count) {
            return PyErr_NoMemory();
        }
        Py_ssize_t room = self->room;
        while (room < n * count) {
            room *= 2;
        }
        if (room != self->room && deque_set_room(self, room) < 0) {
            return NULL;
        }
    }
    PyObject *items = PySequence_List(op);
    if (items == NULL) {
        return NULL;
    }
    for (Py_ssize_t c = 1; c < count; c++) {
        for (Py_ssize_t i = 0; i < n; i++) {
            if (deque_push_right_steal(self, Py_NewRef(PyList_GET_ITEM(items, i))) < 0) {
                Py_DECREF(items);
                return NULL;
            }
        }
    }
    Py_DECREF(items);
    return Py_NewRef(op);
}

static PyObject *
deque_repeat(PyObject *op, Py_ssize_t count)
{
    PyObject *copy = deque_make_copy((Deque *)op);
    if (copy == NULL) {
        return NULL;
    }
    PyObject *result = deque_inplace_repeat(copy, count);
    Py_DECREF(copy);
    return result;
}

static PyObject *
deque_concat(PyObject *left, PyObject *right)
{
    if (!deque_check(right)) {
        PyErr_Format(PyExc_TypeError,
                     "can only concatenate deque (not \"%.200s\") to deque",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    PyObject *result = deque_make_copy((Deque *)left);
    if (result != NULL
        && deque_extend_by((Deque *)result, right, deque_push_right_steal) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
deque_inplace_concat(PyObject *op, PyObject *other)
{
    return deque_extend_by((Deque *)op, other, deque_push_right_steal) < 0 ? NULL
                                                                          : Py_NewRef(op);
}

static PyObject *
deque_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!deque_check(left) || !deque_check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (op == Py_EQ || op == Py_NE) {
        if (left == right || Py_SIZE(left) != Py_SIZE(right)) {
            return PyBool_FromLong((left == right) == (op == Py_EQ));
        }
    }
    PyObject *a = PyObject_GetIter(left), *b = a == NULL ? NULL : PyObject_GetIter(right);
    PyObject *x = NULL, *y = NULL, *result = NULL;
    while (b != NULL) {
        int more_x = PyIter_NextItem(a, &x), more_y = more_x < 0 ? -1 : 0;
        if (more_x >= 0) {
            more_y = PyIter_NextItem(b, &y);
        }
        if (more_x < 0 || more_y < 0) {
            break;
        }
        if (!more_x || !more_y) {
            // One ran out: the sizes decide.
            result = PyBool_FromLong(op == Py_LT   ? !more_x && more_y
                                     : op == Py_LE ? !more_x
                                     : op == Py_EQ ? more_x == more_y
                                     : op == Py_NE ? more_x != more_y
                                     : op == Py_GE ? !more_y
                                                   : more_x && !more_y);
            break;
        }
        int equal = PyObject_RichCompareBool(x, y, Py_EQ);
        if (equal <= 0) {
            if (equal == 0) {
                result = op == Py_EQ   ? Py_NewRef(Py_False)
                         : op == Py_NE ? Py_NewRef(Py_True)
                                       : PyObject_RichCompare(x, y, op);
            }
            break;
        }
        Py_CLEAR(x);
        Py_CLEAR(y);
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static PyObject *
deque_repr(PyObject *op)
{
    Deque *self = (Deque *)op;
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("[...]") : NULL;
    }
    const char *name = _PyType_Name(Py_TYPE(self));
    PyObject *result = NULL, *items = PySequence_List(op);
    if (items != NULL) {
        result = self->maxlen < 0 ? PyUnicode_FromFormat("%s(%R)", name, items)
                                  : PyUnicode_FromFormat("%s(%R, maxlen=%zd)", name, items,
                                                         self->maxlen);
        Py_DECREF(items);
    }
    Py_ReprLeave(op);
    return result;
}

static PyObject *
deque_iter(PyObject *op)
{
    return kr_deque_iter_new((Deque *)op, &kr_deque_iter_type);
}

static int
deque_traverse(PyObject *op, visitproc visit, void *arg)
{
    Deque *self = (Deque *)op;
    for (Py_ssize_t i = 0, n = Py_SIZE(self); i < n; i++) {
        Py_VISIT(*kr_deque_place(self, i));
    }
    return 0;
}

static int
deque_tp_clear(PyObject *op)
{
    deque_release_all((Deque *)op);
    return 0;
}

static void
deque_dealloc(PyObject *op)
{
    Deque *self = (Deque *)op;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, deque_dealloc)
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    deque_release_all(self);
    Py_TYPE(self)->tp_free(op);
    Py_TRASHCAN_END
}

static PyObject *
deque_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    Deque *self = (Deque *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->maxlen = -1;
    }
    return (PyObject *)self;
}

static const char *const deque_keywords[] = {"iterable", "maxlen", NULL};

static int
deque_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    Deque *self = (Deque *)op;
    PyObject *iterable = NULL, *bound = NULL;
    Py_ssize_t maxlen = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:deque", (char **)deque_keywords,
                                     &iterable, &bound)) {
        return -1;
    }
    if (bound != NULL && bound != Py_None) {
        maxlen = PyLong_AsSsize_t(bound);
        if (maxlen == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (maxlen < 0) {
            PyErr_SetString(PyExc_ValueError, "maxlen must be non-negative");
            return -1;
        }
    }
    self->maxlen = maxlen;
    deque_release_all(self);
    return iterable == NULL ? 0 : deque_extend_by(self, iterable, deque_push_right_steal);
}

KR_TYPE(deque)
#include "modules/collections/deque.methods.h"

static PySequenceMethods deque_as_sequence = {
    .sq_length = deque_length,
    .sq_concat = deque_concat,
    .sq_repeat = deque_repeat,
    .sq_item = deque_item,
    .sq_ass_item = deque_ass_item,
    .sq_contains = deque_contains,
    .sq_inplace_concat = deque_inplace_concat,
    .sq_inplace_repeat = deque_inplace_repeat,
};

PyTypeObject kr_deque_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections.deque",
    .tp_basicsize = sizeof(Deque),
    .tp_dealloc = deque_dealloc,
    .tp_repr = deque_repr,
    .tp_as_sequence = &deque_as_sequence,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
                | Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "deque([iterable[, maxlen]])\n--\n\n"
              "A list-like sequence optimized for data accesses near its endpoints.",
    .tp_traverse = deque_traverse,
    .tp_clear = deque_tp_clear,
    .tp_richcompare = deque_richcompare,
    .tp_weaklistoffset = offsetof(Deque, weakrefs),
    .tp_iter = deque_iter,
    .tp_methods = deque_methods,
    .tp_getset = deque_getset,
    .tp_init = deque_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = deque_new,
    .tp_free = PyObject_GC_Del,
};

_Static_assert(sizeof(Deque) == 216, "subclasses know the size");
_Static_assert(offsetof(Deque, weakrefs) == 208, "as 3.14");
