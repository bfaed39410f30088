// SPDX-License-Identifier: MIT
// element_items.c - an element as a sequence of its children.
//
// Re-entrancy: releasing children runs Python; they are taken out first.
#include "modules/elementtree/elementtree.h"

// Room for that many more children.
int
kr_elementtree_resize(Element *self, Py_ssize_t extra)
{
    if (extra <= self->room - self->count) {
        return 0;
    }
    if (extra > PY_SSIZE_T_MAX / 16 - self->count) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t wanted = self->count + extra;
    Py_ssize_t room = wanted < 4 ? 4 : wanted + (wanted >> 3) + 6;
    PyObject **children =
        PyMem_Realloc(self->children, (size_t)room * sizeof(PyObject *));
    if (children == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->children = children;
    self->room = room;
    return 0;
}

int
kr_elementtree_append(Element *self, PyObject *child)
{
    if (kr_elementtree_resize(self, 1) < 0) {
        return -1;
    }
    self->children[self->count++] = Py_NewRef(child);
    return 0;
}

void
kr_elementtree_clear_children(Element *self)
{
    PyObject **children = KR_MOVE(self->children);
    Py_ssize_t n = self->count;
    self->count = self->room = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_DECREF(children[i]);
    }
    PyMem_Free(children);
}

Py_ssize_t
kr_elementtree_length(PyObject *op)
{
    return ((Element *)op)->count;
}

PyObject *
kr_elementtree_item(PyObject *op, Py_ssize_t index)
{
    Element *self = (Element *)op;
    if (index < 0 || index >= self->count) {
        PyErr_SetString(PyExc_IndexError, "child index out of range");
        return NULL;
    }
    return Py_NewRef(self->children[index]);
}

static int
require_element(PyObject *op, PyObject *item)
{
    TreeState *module = kr_elementtree_of(op);
    if (module != NULL && kr_elementtree_is_element(module, item)) {
        return 0;
    }
    if (module != NULL) {
        PyErr_Format(PyExc_TypeError, "expected an Element, not \"%.200s\"",
                     Py_TYPE(item)->tp_name);
    }
    return -1;
}

int
kr_elementtree_set_item(PyObject *op, Py_ssize_t index, PyObject *item)
{
    Element *self = (Element *)op;
    if (index < 0 || index >= self->count) {
        PyErr_SetString(PyExc_IndexError, "child assignment index out of range");
        return -1;
    }
    PyObject *old = self->children[index];
    if (item != NULL) {
        if (require_element(op, item) < 0) {
            return -1;
        }
        self->children[index] = Py_NewRef(item);
    }
    else {
        self->count--;
        memmove(&self->children[index], &self->children[index + 1],
                (size_t)(self->count - index) * sizeof(PyObject *));
    }
    Py_DECREF(old);
    return 0;
}

// --- Keys --------------------------------------------------------------------------

// The index that a key means; 0 or -1.
static int
read_index(Element *self, PyObject *key, Py_ssize_t *out)
{
    *out = PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (*out == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*out < 0) {
        *out += self->count;
    }
    return 0;
}

PyObject *
kr_elementtree_subscript(PyObject *op, PyObject *key)
{
    Element *self = (Element *)op;
    Py_ssize_t start, stop, step;
    if (PyIndex_Check(key)) {
        return read_index(self, key, &start) < 0 ? NULL : kr_elementtree_item(op, start);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "element indices must be integers");
        return NULL;
    }
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(self->count, &start, &stop, step);
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list != NULL && i < n; i++) {
        PyList_SET_ITEM(list, i, Py_NewRef(self->children[start + i * step]));
    }
    return list;
}

// Takes the children of the slice out into a list, which the caller lets go.
static PyObject *
take_slice(Element *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    PyObject *taken = PyList_New(n);
    if (taken == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject **place = &self->children[start + i * step];
        PyList_SET_ITEM(taken, step > 0 ? i : n - 1 - i, *place);
        *place = NULL;
    }
    Py_ssize_t kept = 0;
    for (Py_ssize_t i = 0; i < self->count; i++) {
        if (self->children[i] != NULL) {
            self->children[kept++] = self->children[i];
        }
    }
    self->count = kept;
    return taken;
}

static int
delete_slice(Element *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    PyObject *taken = n == 0 ? NULL : take_slice(self, start, step, n);
    Py_XDECREF(taken);
    return n > 0 && taken == NULL ? -1 : 0;
}

// Puts items in place of n children from start on.
static int
replace_run(Element *self, Py_ssize_t start, Py_ssize_t n, PyObject *items)
{
    Py_ssize_t m = PySequence_Fast_GET_SIZE(items);
    if (m > n && kr_elementtree_resize(self, m - n) < 0) {
        return -1;
    }
    PyObject *taken = take_slice(self, start, 1, n);
    if (taken == NULL) {
        return -1;
    }
    memmove(&self->children[start + m], &self->children[start],
            (size_t)(self->count - start) * sizeof(PyObject *));
    for (Py_ssize_t i = 0; i < m; i++) {
        self->children[start + i] = Py_NewRef(PySequence_Fast_GET_ITEM(items, i));
    }
    self->count += m;
    Py_DECREF(taken);
    return 0;
}

static int
replace_each(Element *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n, PyObject *items)
{
    Py_ssize_t m = PySequence_Fast_GET_SIZE(items);
    if (m != n) {
        PyErr_Format(PyExc_ValueError,
                     "attempt to assign sequence of size %zd to extended slice of size %zd",
                     m, n);
        return -1;
    }
    PyObject *old = PyList_New(n);
    if (old == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject **place = &self->children[start + i * step];
        PyList_SET_ITEM(old, i, *place);
        *place = Py_NewRef(PySequence_Fast_GET_ITEM(items, i));
    }
    Py_DECREF(old);
    return 0;
}

static int
assign_slice(Element *self, PyObject *key, PyObject *value)
{
    Py_ssize_t start, stop, step, n;
    PyObject *items = NULL;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return -1;
    }
    if (value == NULL) {
        n = PySlice_AdjustIndices(self->count, &start, &stop, step);
        return delete_slice(self, start, step, n);
    }
    items = PySequence_Fast(value, "assignment expects an iterable");
    if (items == NULL) {
        return -1;
    }
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < PySequence_Fast_GET_SIZE(items); i++) {
        status = require_element((PyObject *)self, PySequence_Fast_GET_ITEM(items, i));
    }
    if (status == 0) {
        // Making the sequence may have changed the element.
        n = PySlice_AdjustIndices(self->count, &start, &stop, step);
        status = step == 1 ? replace_run(self, start, n, items)
                           : replace_each(self, start, step, n, items);
    }
    Py_DECREF(items);
    return status;
}

int
kr_elementtree_set_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    Py_ssize_t index;
    if (PyIndex_Check(key)) {
        return read_index((Element *)op, key, &index) < 0
                   ? -1
                   : kr_elementtree_set_item(op, index, value);
    }
    if (PySlice_Check(key)) {
        return assign_slice((Element *)op, key, value);
    }
    PyErr_SetString(PyExc_TypeError, "element indices must be integers");
    return -1;
}
