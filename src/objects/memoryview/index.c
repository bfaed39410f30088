// SPDX-License-Identifier: MIT
// index.c - reading and writing items and slices of memoryviews.
//
// Re-entrancy: __index__ and packing may release the view: it is checked after them.
#include "objects/memoryview/memoryview.h"

#include "objects/alloc.h"
#include "objects/ids.h"

// Moves one step down: the start of sub-array i of dimension `dim`, or NULL with
// IndexError.
static char *
step_into(const Py_buffer *view, char *at, Py_ssize_t i, int dim)
{
    Py_ssize_t count = view->shape[dim];

    if (i < 0) {
        i += count;
    }
    if (i < 0 || i >= count) {
        PyErr_Format(PyExc_IndexError, "index out of bounds on dimension %d", dim + 1);
        return NULL;
    }
    at += view->strides[dim] * i;
    if (view->suboffsets != NULL && view->suboffsets[dim] >= 0) {
        at = *(char **)(void *)at + view->suboffsets[dim];
    }
    return at;
}

// Where the item with the indices of a tuple is.
static char *
find_tuple(const Py_buffer *view, PyObject *key)
{
    Py_ssize_t count = PyTuple_GET_SIZE(key);
    char *at = view->buf;

    if (count > view->ndim) {
        PyErr_Format(PyExc_TypeError, "cannot index %zd-dimension view with %zd-element tuple",
                     (Py_ssize_t)view->ndim, count);
        return NULL;
    }
    for (Py_ssize_t dim = 0; dim < count; dim++) {
        Py_ssize_t i = PyNumber_AsSsize_t(PyTuple_GET_ITEM(key, dim), PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        at = step_into(view, at, i, (int)dim);
        if (at == NULL) {
            return NULL;
        }
    }
    return at;
}

// Whether key is a tuple of which all are numbers (slices).
static bool
is_tuple_of_numbers(PyObject *key)
{
    if (!PyTuple_Check(key)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
        if (!PyIndex_Check(PyTuple_GET_ITEM(key, i))) {
            return false;
        }
    }
    return true;
}

static bool
is_tuple_of_slices(PyObject *key)
{
    if (!PyTuple_Check(key) || PyTuple_GET_SIZE(key) == 0) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
        if (!PySlice_Check(PyTuple_GET_ITEM(key, i))) {
            return false;
        }
    }
    return true;
}

PyObject *
kr_memoryview_item(PyObject *op, Py_ssize_t i)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;
    Py_buffer *view = &self->view;

    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    char code = kr_memoryview_code(view);
    if (code == 0) {
        return NULL;
    }
    if (view->ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (view->ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    char *at = step_into(view, view->buf, i, 0);
    if (at == NULL || kr_memoryview_check(self) < 0) {
        return NULL;
    }
    return kr_item_unpack(at, code, view->format);
}

// Makes dimension 0 of `view` the slice of what it is.
static int
slice_first(Py_buffer *view, PyObject *slice)
{
    Py_ssize_t start, stop, step;

    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) {
        return -1;
    }
    Py_ssize_t count = PySlice_AdjustIndices(view->shape[0], &start, &stop, step);
    // Where pointers are followed, the start moves before them.
    view->buf = (char *)view->buf + view->strides[0] * start;
    view->shape[0] = count;
    view->strides[0] *= step;
    return 0;
}

static void
update_length(Py_buffer *view)
{
    Py_ssize_t count = view->itemsize;
    for (int i = 0; i < view->ndim; i++) {
        count *= view->shape[i];
    }
    view->len = count;
}

static PyObject *
view_slice(PyMemoryViewObject *self, PyObject *slice)
{
    if (kr_memoryview_check_restricted(self) < 0) {
        return NULL;
    }
    PyObject *result = kr_memoryview_share(self->mbuf, &self->view);
    if (result == NULL) {
        return NULL;
    }
    PyMemoryViewObject *part = (PyMemoryViewObject *)result;
    if (slice_first(&part->view, slice) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    update_length(&part->view);
    kr_memoryview_set_flags(part);
    return result;
}

static PyObject *
view_item_tuple(PyMemoryViewObject *self, PyObject *key)
{
    Py_buffer *view = &self->view;
    char code = kr_memoryview_code(view);

    if (code == 0) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(key) < view->ndim) {
        PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
        return NULL;
    }
    char *at = find_tuple(view, key);
    if (at == NULL || kr_memoryview_check(self) < 0) {
        return NULL;
    }
    return kr_item_unpack(at, code, view->format);
}

PyObject *
kr_memoryview_subscript(PyObject *op, PyObject *key)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;
    Py_buffer *view = &self->view;

    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    if (view->ndim == 0) {
        if (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0) {
            char code = kr_memoryview_code(view);
            return code == 0 ? NULL : kr_item_unpack(view->buf, code, view->format);
        }
        if (key == Py_Ellipsis) {
            return Py_NewRef(op);
        }
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return kr_memoryview_item(op, i);
    }
    if (PySlice_Check(key)) {
        return view_slice(self, key);
    }
    if (is_tuple_of_numbers(key)) {
        return view_item_tuple(self, key);
    }
    if (is_tuple_of_slices(key)) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional slicing is not implemented");
        return NULL;
    }
    PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return NULL;
}

// --------------------------------------------------------------------- assignment

static const char *
format_of(const Py_buffer *view)
{
    const char *format = view->format != NULL ? view->format : "B";
    return format[0] == '@' ? format + 1 : format;
}

// Copies one-dimensional memory that may overlap. 0 or -1.
static int
copy_line(const Py_buffer *to, const Py_buffer *from)
{
    KrBufferLayout a, b;

    kr_buffer_layout(to, &a);
    kr_buffer_layout(from, &b);
    if (strcmp(format_of(to), format_of(from)) != 0 || to->itemsize != from->itemsize ||
        from->ndim != to->ndim || a.shape[0] != b.shape[0]) {
        PyErr_SetString(PyExc_ValueError, "memoryview assignment: lvalue and rvalue have "
                                          "different structures");
        return -1;
    }
    Py_ssize_t count = a.shape[0], size = to->itemsize;
    bool plain = (to->suboffsets == NULL || to->suboffsets[0] < 0) &&
                 (from->suboffsets == NULL || from->suboffsets[0] < 0);
    if (plain && a.strides[0] == size && b.strides[0] == size) {
        memmove(to->buf, from->buf, (size_t)(count * size));
        return 0;
    }
    // Through a line of their own, as the two may be the same memory.
    char *line = PyMem_Malloc((size_t)(count * size) + 1);
    if (line == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    kr_buffer_copy(line, &size, NULL, from->buf, b.strides, from->suboffsets, a.shape, 1,
                   size);
    kr_buffer_copy(to->buf, a.strides, to->suboffsets, line, &size, NULL, a.shape, 1, size);
    PyMem_Free(line);
    return 0;
}

static int
assign_slice(PyMemoryViewObject *self, PyObject *slice, PyObject *value)
{
    Py_buffer source, part = self->view;
    Py_ssize_t shape, stride, suboffset;
    int status = -1;

    if (PyObject_GetBuffer(value, &source, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    // A private one-dimensional form that slicing may change.
    shape = self->view.shape[0];
    stride = self->view.strides[0];
    part.shape = &shape;
    part.strides = &stride;
    if (part.suboffsets != NULL) {
        suboffset = part.suboffsets[0];
        part.suboffsets = &suboffset;
    }
    if (slice_first(&part, slice) == 0 && kr_memoryview_check(self) == 0) {
        part.len = shape * part.itemsize;
        status = copy_line(&part, &source);
    }
    PyBuffer_Release(&source);
    return status;
}

static int
assign_item(PyMemoryViewObject *self, char *at, char code, PyObject *value)
{
    // Packing may run Python, which may release the view: pack beside it first.
    char item[16];
    Py_ssize_t size;

    if (at == NULL) {
        return -1;
    }
    char native;
    size = kr_format_native(self->view.format, &native);
    if (size < 0 || size > (Py_ssize_t)sizeof item) {
        return kr_item_pack(at, value, code, self->view.format);
    }
    if (kr_item_pack(item, value, code, self->view.format) < 0 ||
        kr_memoryview_check(self) < 0) {
        return -1;
    }
    memcpy(at, item, (size_t)size);
    return 0;
}

int
kr_memoryview_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;
    Py_buffer *view = &self->view;

    if (kr_memoryview_check(self) < 0) {
        return -1;
    }
    char code = kr_memoryview_code(view);
    if (code == 0) {
        return -1;
    }
    if (view->readonly) {
        PyErr_SetString(PyExc_TypeError, "cannot modify read-only memory");
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete memory");
        return -1;
    }
    if (view->ndim == 0) {
        if (key == Py_Ellipsis || (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0)) {
            return assign_item(self, view->buf, code, value);
        }
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return -1;
    }
    if (PyIndex_Check(key)) {
        if (view->ndim > 1) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return -1;
        }
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return -1;
        }
        return assign_item(self, step_into(view, view->buf, i, 0), code, value);
    }
    if (PySlice_Check(key) && view->ndim == 1) {
        return assign_slice(self, key, value);
    }
    if (is_tuple_of_numbers(key)) {
        if (PyTuple_GET_SIZE(key) < view->ndim) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return -1;
        }
        return assign_item(self, find_tuple(view, key), code, value);
    }
    if (PySlice_Check(key) || is_tuple_of_slices(key)) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "memoryview slice assignments are currently restricted to ndim = 1");
        return -1;
    }
    PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return -1;
}

// -------------------------------------------------------------------------- iterator

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    Py_ssize_t length;
    PyMemoryViewObject *view; // owned; NULL when exhausted
    char code;
} MemoryIter;

PyObject *
kr_memoryview_iter(PyObject *op)
{
    PyMemoryViewObject *view = (PyMemoryViewObject *)op;

    if (kr_memoryview_check(view) < 0) {
        return NULL;
    }
    if (view->view.ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (view->view.ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    char code = kr_memoryview_code(&view->view);
    if (code == 0) {
        return NULL;
    }
    MemoryIter *self = PyObject_GC_New(MemoryIter, &_PyMemoryIter_Type);
    if (self == NULL) {
        return NULL;
    }
    self->index = 0;
    self->length = view->view.shape[0];
    self->view = (PyMemoryViewObject *)Py_NewRef(op);
    self->code = code;
    kr_gc_track(self);
    return (PyObject *)self;
}

static PyObject *
memoryiter_next(PyObject *op)
{
    MemoryIter *self = (MemoryIter *)op;
    PyMemoryViewObject *view = self->view;

    if (view == NULL) {
        return NULL;
    }
    if (self->index < self->length) {
        if (kr_memoryview_check(view) < 0) {
            return NULL;
        }
        char *at = step_into(&view->view, view->view.buf, self->index++, 0);
        return at == NULL ? NULL : kr_item_unpack(at, self->code, view->view.format);
    }
    Py_CLEAR(self->view);
    return NULL;
}

static void
memoryiter_dealloc(PyObject *op)
{
    MemoryIter *self = (MemoryIter *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->view);
    kr_object_free(self);
}

static int
memoryiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((MemoryIter *)op)->view);
    return 0;
}

PyTypeObject _PyMemoryIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "memory_iterator",
    .tp_basicsize = sizeof(MemoryIter),
    .tp_dealloc = memoryiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = memoryiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = memoryiter_next,
};
