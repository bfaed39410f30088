// SPDX-License-Identifier: MIT
// tuple.c - the built-in tuple: a fixed array of owned references.
//
// Callers:     everybody; the VM builds tuples through kr_tuple_from_array_steal.
// Invariants:  a tuple that Python code can see has no NULL items and never
//              changes. The empty tuple of the exact type is one static object.
//              ob_hash is -1 until the hash was asked for.
// Re-entrancy: __eq__, __lt__, __repr__ and __hash__ of items may run any code,
//              which cannot change the tuple itself.
// Read next:   tuple_iter.c
#include "objects/tuple.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/equal.h"
#include "objects/ids.h"
#include "objects/state.h"

PyTupleObject kr_tuple_empty = {
    .ob_base = PyVarObject_HEAD_INIT(&PyTuple_Type, 0)
    .ob_hash = -1,
};

// --- Making tuples -------------------------------------------------------------

#define TUPLE_MAX_SIZE                                                         \
    ((PY_SSIZE_T_MAX - (Py_ssize_t)sizeof(PyTupleObject)) / (Py_ssize_t)sizeof(PyObject *))

PyObject *
kr_tuple_alloc(Py_ssize_t n)
{
    if (KR_UNLIKELY(n > TUPLE_MAX_SIZE)) {
        return PyErr_NoMemory();
    }
    PyTupleObject *tuple =
        kr_object_new_gc(&PyTuple_Type, offsetof(PyTupleObject, ob_item)
                                            + (size_t)n * sizeof(PyObject *));
    if (KR_UNLIKELY(tuple == NULL)) {
        return NULL;
    }
    Py_SET_SIZE(tuple, n);
    tuple->ob_hash = -1;
    return (PyObject *)tuple;
}

PyObject *
PyTuple_New(Py_ssize_t size)
{
    if (size == 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *tuple = kr_tuple_alloc(size);
    if (tuple == NULL) {
        return NULL;
    }
    memset(((PyTupleObject *)tuple)->ob_item, 0, (size_t)size * sizeof(PyObject *));
    kr_gc_track(tuple);
    return tuple;
}

PyObject *
PyTuple_FromArray(PyObject *const *array, Py_ssize_t size)
{
    if (size == 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    PyObject *tuple = kr_tuple_alloc(size);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)tuple)->ob_item;
    for (Py_ssize_t i = 0; i < size; i++) {
        items[i] = Py_NewRef(array[i]);
    }
    kr_gc_track(tuple);
    return tuple;
}

PyObject *
kr_tuple_from_array_steal(PyObject **source, Py_ssize_t n)
{
    if (n == 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    PyObject *tuple = kr_tuple_alloc(n);
    if (KR_UNLIKELY(tuple == NULL)) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_DECREF(source[i]);
        }
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)tuple)->ob_item;
    memcpy(items, source, (size_t)n * sizeof(PyObject *));
    kr_gc_track(tuple);
    return tuple;
}

PyObject *
kr_tuple_pair_steal(PyObject *first, PyObject *second)
{
    PyObject *tuple = NULL;
    if (first != NULL && second != NULL) {
        tuple = kr_tuple_alloc(2);
    }
    if (KR_UNLIKELY(tuple == NULL)) {
        Py_XDECREF(first);
        Py_XDECREF(second);
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)tuple)->ob_item;
    items[0] = first;
    items[1] = second;
    kr_gc_track(tuple);
    return tuple;
}

PyObject *
PyTuple_Pack(Py_ssize_t n, ...)
{
    if (n == 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    PyObject *tuple = kr_tuple_alloc(n);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)tuple)->ob_item;
    va_list arguments;
    va_start(arguments, n);
    for (Py_ssize_t i = 0; i < n; i++) {
        items[i] = Py_NewRef(va_arg(arguments, PyObject *));
    }
    va_end(arguments);
    kr_gc_track(tuple);
    return tuple;
}

// Only a tuple that nobody else has may be resized; a shared one is an error of
// the caller. On failure *place is released and NULL.
int
_PyTuple_Resize(PyObject **place, Py_ssize_t newsize)
{
    PyTupleObject *tuple = (PyTupleObject *)*place;
    if (tuple == NULL || !PyTuple_CheckExact(tuple) || newsize < 0
        || (Py_SIZE(tuple) != 0 && Py_REFCNT(tuple) != 1)) {
        *place = NULL;
        Py_XDECREF(tuple);
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t oldsize = Py_SIZE(tuple);
    if (oldsize == newsize) {
        return 0;
    }
    if (oldsize == 0 || newsize == 0) {
        *place = PyTuple_New(newsize);
        Py_DECREF(tuple);
        return *place == NULL ? -1 : 0;
    }
    if (newsize > TUPLE_MAX_SIZE) {
        *place = NULL;
        Py_DECREF(tuple);
        PyErr_NoMemory();
        return -1;
    }
    if (PyObject_GC_IsTracked((PyObject *)tuple)) {
        kr_gc_untrack(tuple);
    }
    for (Py_ssize_t i = newsize; i < oldsize; i++) {
        Py_CLEAR(tuple->ob_item[i]);
    }
    PyTupleObject *moved = PyObject_GC_Resize(PyTupleObject, tuple, newsize);
    if (moved == NULL) {
        *place = NULL;
        for (Py_ssize_t i = newsize; i < oldsize; i++) {
            tuple->ob_item[i] = NULL;
        }
        Py_DECREF(tuple);
        return -1;
    }
    if (newsize > oldsize) {
        memset(&moved->ob_item[oldsize], 0,
               (size_t)(newsize - oldsize) * sizeof(PyObject *));
    }
    moved->ob_hash = -1;
    *place = (PyObject *)moved;
    kr_gc_track(moved);
    return 0;
}

bool
kr_tuple_item_may_cycle(PyObject *item)
{
    PyTypeObject *type = Py_TYPE(item);
    if (!PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC)
        || (type->tp_is_gc != NULL && !type->tp_is_gc(item))) {
        return false;
    }
    // A tuple that is not tracked holds nothing that could make a cycle.
    return type != &PyTuple_Type || PyObject_GC_IsTracked(item);
}

void
kr_tuple_maybe_untrack(PyObject *op)
{
    if (!PyTuple_CheckExact(op) || !PyObject_GC_IsTracked(op)) {
        return;
    }
    PyTupleObject *tuple = (PyTupleObject *)op;
    for (Py_ssize_t i = 0, n = Py_SIZE(tuple); i < n; i++) {
        // A NULL means that the tuple is still being filled.
        if (tuple->ob_item[i] == NULL || kr_tuple_item_may_cycle(tuple->ob_item[i])) {
            return;
        }
    }
    kr_gc_untrack(tuple);
}

// --- The rest of the API -----------------------------------------------------------

Py_ssize_t
PyTuple_Size(PyObject *op)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return Py_SIZE(op);
}

PyObject *
PyTuple_GetItem(PyObject *op, Py_ssize_t index)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return ((PyTupleObject *)op)->ob_item[index];
}

int
PyTuple_SetItem(PyObject *op, Py_ssize_t index, PyObject *value)
{
    if (!PyTuple_Check(op) || Py_REFCNT(op) != 1) {
        Py_XDECREF(value);
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)index >= (size_t)Py_SIZE(op)) {
        Py_XDECREF(value);
        PyErr_SetString(PyExc_IndexError, "tuple assignment index out of range");
        return -1;
    }
    Py_XSETREF(((PyTupleObject *)op)->ob_item[index], value);
    return 0;
}

// A new tuple of items low..high, which are known to be in range.
static PyObject *
tuple_copy_range(PyTupleObject *self, Py_ssize_t low, Py_ssize_t high)
{
    if (low == 0 && high == Py_SIZE(self) && PyTuple_CheckExact(self)) {
        return Py_NewRef(self);
    }
    return PyTuple_FromArray(self->ob_item + low, high - low);
}

PyObject *
PyTuple_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (op == NULL || !PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(op);
    low = low < 0 ? 0 : low > size ? size : low;
    high = high < low ? low : high > size ? size : high;
    return tuple_copy_range((PyTupleObject *)op, low, high);
}

// --- Slots -----------------------------------------------------------------------

static void
tuple_dealloc(PyObject *op)
{
    PyTupleObject *self = (PyTupleObject *)op;
    if (KR_UNLIKELY(self == &kr_tuple_empty)) {
        // An extension that counts without knowing immortals got here.
        _Py_SetImmortal(op);
        return;
    }
    kr_gc_untrack(self);
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
        Py_XDECREF(self->ob_item[i]);
    }
    if (KR_LIKELY(PyTuple_CheckExact(op))) {
        kr_object_free(op);
        return;
    }
    Py_TYPE(self)->tp_free(op);
}

static int
tuple_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyTupleObject *self = (PyTupleObject *)op;
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
        Py_VISIT(self->ob_item[i]);
    }
    return 0;
}

static Py_ssize_t
tuple_length(PyObject *self)
{
    return Py_SIZE(self);
}

// Writes the representations of n items, parted by commas.
static int
tuple_write_items(PyUnicodeWriter *writer, PyTupleObject *self)
{
    for (Py_ssize_t i = 0, n = Py_SIZE(self); i < n; i++) {
        if (i > 0
            && (PyUnicodeWriter_WriteChar(writer, ',') < 0
                || PyUnicodeWriter_WriteChar(writer, ' ') < 0)) {
            return -1;
        }
        if (PyUnicodeWriter_WriteRepr(writer, self->ob_item[i]) < 0) {
            return -1;
        }
    }
    if (Py_SIZE(self) == 1 && PyUnicodeWriter_WriteChar(writer, ',') < 0) {
        return -1;
    }
    return 0;
}

static PyObject *
tuple_repr(PyObject *op)
{
    PyTupleObject *self = (PyTupleObject *)op;
    if (Py_SIZE(self) == 0) {
        return PyUnicode_FromString("()");
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("(...)") : NULL;
    }
    PyObject *result = NULL;
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(Py_SIZE(self) * 3);
    if (writer != NULL) {
        if (PyUnicodeWriter_WriteChar(writer, '(') < 0
            || tuple_write_items(writer, self) < 0
            || PyUnicodeWriter_WriteChar(writer, ')') < 0) {
            PyUnicodeWriter_Discard(writer);
        }
        else {
            result = PyUnicodeWriter_Finish(writer);
        }
    }
    Py_ReprLeave(op);
    return result;
}

static Py_hash_t
tuple_hash(PyObject *op)
{
    PyTupleObject *self = (PyTupleObject *)op;
    if (self->ob_hash != -1) {
        return self->ob_hash;
    }
    KrTupleHash state = KR_TUPLE_HASH_INIT;
    Py_ssize_t n = Py_SIZE(self), i = 0;
    if (Py_EnterRecursiveCall(" while hashing a tuple")) {
        return -1;
    }
    for (; i < n; i++) {
        Py_hash_t lane = kr_hash(self->ob_item[i]);
        if (lane == -1) {
            break;
        }
        kr_tuple_hash_add(&state, lane);
    }
    Py_LeaveRecursiveCall();
    if (i < n) {
        return -1;
    }
    self->ob_hash = kr_tuple_hash_end(&state, n);
    return self->ob_hash;
}

static int
tuple_contains(PyObject *op, PyObject *value)
{
    PyTupleObject *self = (PyTupleObject *)op;
    for (Py_ssize_t i = 0, n = Py_SIZE(self); i < n; i++) {
        int equal = kr_equal_borrowed(self->ob_item[i], value);
        if (equal != 0) {
            return equal;
        }
    }
    return 0;
}

static PyObject *
tuple_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PyTuple_Check(left) || !PyTuple_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyTupleObject *a = (PyTupleObject *)left, *b = (PyTupleObject *)right;
    Py_ssize_t na = Py_SIZE(a), nb = Py_SIZE(b), i = 0;
    for (; i < na && i < nb; i++) {
        int equal = kr_equal_borrowed(a->ob_item[i], b->ob_item[i]);
        if (equal < 0) {
            return NULL;
        }
        if (equal == 0) {
            break;
        }
    }
    if (i >= na || i >= nb) {
        Py_RETURN_RICHCOMPARE(na, nb, op);
    }
    if (op == Py_EQ) {
        Py_RETURN_FALSE;
    }
    if (op == Py_NE) {
        Py_RETURN_TRUE;
    }
    return PyObject_RichCompare(a->ob_item[i], b->ob_item[i], op);
}

static PyObject *
tuple_item(PyObject *op, Py_ssize_t index)
{
    if (KR_UNLIKELY((size_t)index >= (size_t)Py_SIZE(op))) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(((PyTupleObject *)op)->ob_item[index]);
}

static PyObject *
tuple_subscript_slice(PyTupleObject *self, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t length = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (length <= 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    if (step == 1) {
        return tuple_copy_range(self, start, start + length);
    }
    PyObject *result = kr_tuple_alloc(length);
    if (result == NULL) {
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)result)->ob_item;
    for (Py_ssize_t i = 0, from = start; i < length; i++, from += step) {
        items[i] = Py_NewRef(self->ob_item[from]);
    }
    kr_gc_track(result);
    return result;
}

static PyObject *
tuple_subscript(PyObject *op, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return tuple_item(op, index < 0 ? index + Py_SIZE(op) : index);
    }
    if (PySlice_Check(key)) {
        return tuple_subscript_slice((PyTupleObject *)op, key);
    }
    PyErr_Format(PyExc_TypeError, "tuple indices must be integers or slices, not %.200s",
                 Py_TYPE(key)->tp_name);
    return NULL;
}

static PyObject *
tuple_concat(PyObject *left, PyObject *right)
{
    if (Py_SIZE(left) == 0 && PyTuple_CheckExact(right)) {
        return Py_NewRef(right);
    }
    if (!PyTuple_Check(right)) {
        PyErr_Format(PyExc_TypeError,
                     "can only concatenate tuple (not \"%.200s\") to tuple",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    Py_ssize_t na = Py_SIZE(left), nb = Py_SIZE(right);
    if (nb == 0 && PyTuple_CheckExact(left)) {
        return Py_NewRef(left);
    }
    if (na + nb == 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    PyObject *result = kr_tuple_alloc(na + nb);
    if (result == NULL) {
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)result)->ob_item;
    for (Py_ssize_t i = 0; i < na; i++) {
        items[i] = Py_NewRef(((PyTupleObject *)left)->ob_item[i]);
    }
    for (Py_ssize_t i = 0; i < nb; i++) {
        items[na + i] = Py_NewRef(((PyTupleObject *)right)->ob_item[i]);
    }
    kr_gc_track(result);
    return result;
}

static PyObject *
tuple_repeat(PyObject *op, Py_ssize_t count)
{
    PyTupleObject *self = (PyTupleObject *)op;
    Py_ssize_t n = Py_SIZE(self);
    if ((n == 0 || count == 1) && PyTuple_CheckExact(self)) {
        return Py_NewRef(self);
    }
    if (n == 0 || count <= 0) {
        return (PyObject *)&kr_tuple_empty;
    }
    if (n > TUPLE_MAX_SIZE / count) {
        return PyErr_NoMemory();
    }
    PyObject *result = kr_tuple_alloc(n * count);
    if (result == NULL) {
        return NULL;
    }
    PyObject **items = ((PyTupleObject *)result)->ob_item;
    for (Py_ssize_t r = 0; r < count; r++) {
        for (Py_ssize_t i = 0; i < n; i++) {
            *items++ = Py_NewRef(self->ob_item[i]);
        }
    }
    kr_gc_track(result);
    return result;
}

static PyObject *
tuple_iter(PyObject *op)
{
    KrTupleIter *iter = kr_object_new_gc(&PyTupleIter_Type, sizeof(KrTupleIter));
    if (iter == NULL) {
        return NULL;
    }
    iter->index = 0;
    iter->tuple = (PyTupleObject *)Py_NewRef(op);
    kr_gc_track(iter);
    return (PyObject *)iter;
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(tuple, "count(self, value, /)", "Return how many items equal value.")
static PyObject *
tuple_count(PyTupleObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0, n = Py_SIZE(self); i < n; i++) {
        int equal = PyObject_RichCompareBool(self->ob_item[i], value, Py_EQ);
        if (equal < 0) {
            return NULL;
        }
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

KR_METHOD(tuple,
          "index(self, value, start: slice_index=0, stop: slice_index=sys.maxsize, /)",
          "Return the index of the first item that equals value.")
static PyObject *
tuple_index(PyTupleObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop)
{
    Py_ssize_t size = Py_SIZE(self);
    if (start < 0) {
        start = start + size < 0 ? 0 : start + size;
    }
    if (stop < 0) {
        stop += size;
    }
    if (stop > size) {
        stop = size;
    }
    for (Py_ssize_t i = start; i < stop; i++) {
        int equal = PyObject_RichCompareBool(self->ob_item[i], value, Py_EQ);
        if (equal < 0) {
            return NULL;
        }
        if (equal > 0) {
            return PyLong_FromSsize_t(i);
        }
    }
    PyErr_SetString(PyExc_ValueError, "tuple.index(x): x not in tuple");
    return NULL;
}

KR_METHOD(tuple, "__getnewargs__(self, /)", "")
static PyObject *
tuple___getnewargs__(PyTupleObject *self)
{
    PyObject *plain = PyTuple_FromArray(self->ob_item, Py_SIZE(self));
    return plain == NULL ? NULL : kr_tuple_from_array_steal(&plain, 1);
}

KR_METHOD_RAW(tuple, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Tuples are generic over the types of their items.")
static PyObject *
tuple___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

// --- Construction ------------------------------------------------------------------

// A subclass instance holding the items of an exact tuple, which is consumed.
static PyObject *
tuple_subtype_new_steal(PyTypeObject *cls, PyObject *source)
{
    if (source == NULL) {
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(source);
    PyTupleObject *self = (PyTupleObject *)cls->tp_alloc(cls, n);
    if (self != NULL) {
        self->ob_hash = -1;
        for (Py_ssize_t i = 0; i < n; i++) {
            PyObject **items = self->ob_item;
            items[i] = Py_NewRef(((PyTupleObject *)source)->ob_item[i]);
        }
    }
    Py_DECREF(source);
    return (PyObject *)self;
}

KR_NEW(tuple, "tuple(iterable=(), /)",
       "Built-in immutable sequence.\n\n"
       "Without an argument the result is the empty tuple, otherwise it holds the\n"
       "items of iterable. A tuple given as the argument is returned itself.")
static PyObject *
tuple_new_impl(PyTypeObject *cls, PyObject *iterable)
{
    PyObject *plain = iterable == NULL ? (PyObject *)&kr_tuple_empty
                                       : PySequence_Tuple(iterable);
    if (cls == &PyTuple_Type) {
        return plain;
    }
    return tuple_subtype_new_steal(cls, plain);
}

KR_TYPE(tuple)
#include "objects/tuple.methods.h"

static PySequenceMethods tuple_as_sequence = {
    .sq_length = tuple_length,
    .sq_concat = tuple_concat,
    .sq_repeat = tuple_repeat,
    .sq_item = tuple_item,
    .sq_contains = tuple_contains,
};

static PyMappingMethods tuple_as_mapping = {
    .mp_length = tuple_length,
    .mp_subscript = tuple_subscript,
};

PyTypeObject PyTuple_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "tuple",
    .tp_basicsize = offsetof(PyTupleObject, ob_item),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = tuple_dealloc,
    .tp_repr = tuple_repr,
    .tp_as_sequence = &tuple_as_sequence,
    .tp_as_mapping = &tuple_as_mapping,
    .tp_hash = tuple_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_TUPLE_SUBCLASS | Py_TPFLAGS_SEQUENCE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = tuple_doc,
    .tp_traverse = tuple_traverse,
    .tp_richcompare = tuple_richcompare,
    .tp_iter = tuple_iter,
    .tp_methods = tuple_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = tuple_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = tuple_vectorcall,
};
