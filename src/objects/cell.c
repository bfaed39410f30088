// SPDX-License-Identifier: MIT
// cell.c - cells: variables that functions share with those around them.
//
// Callers:     vm (MAKE_CELL, closures), type creation (__classcell__).
#include "objects/args.h"

#include "objects/alloc.h"
#include "objects/ids.h"
#include "objects/object.h"

PyObject *
PyCell_New(PyObject *value)
{
    PyCellObject *cell = kr_object_new_gc(&PyCell_Type, sizeof(PyCellObject));

    if (cell != NULL) {
        cell->ob_ref = Py_XNewRef(value);
        kr_gc_track(cell);
    }
    return (PyObject *)cell;
}

PyObject *
PyCell_Get(PyObject *cell)
{
    if (!PyCell_Check(cell)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return Py_XNewRef(PyCell_GET(cell));
}

int
PyCell_Set(PyObject *cell, PyObject *value)
{
    if (!PyCell_Check(cell)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_XSETREF(((PyCellObject *)cell)->ob_ref, Py_XNewRef(value));
    return 0;
}

static PyObject *
cell_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!kr_arg_no_keywords("cell", kwds) ||
        !kr_arg_count("cell", PyTuple_GET_SIZE(args), 0, 1)) {
        return NULL;
    }
    return PyCell_New(PyTuple_GET_SIZE(args) == 0 ? NULL : PyTuple_GET_ITEM(args, 0));
}

static void
cell_dealloc(PyObject *self)
{
    kr_gc_untrack(self);
    Py_XDECREF(((PyCellObject *)self)->ob_ref);
    kr_object_free(self);
}

static int
cell_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((PyCellObject *)self)->ob_ref);
    return 0;
}

static int
cell_clear(PyObject *self)
{
    Py_CLEAR(((PyCellObject *)self)->ob_ref);
    return 0;
}

static PyObject *
cell_repr(PyObject *self)
{
    PyObject *value = PyCell_GET(self);

    if (value == NULL) {
        return PyUnicode_FromFormat("<cell at %p: empty>", self);
    }
    return PyUnicode_FromFormat("<cell at %p: %.80s object at %p>", self,
                                Py_TYPE(value)->tp_name, value);
}

// Empty cells sort before all others.
static PyObject *
cell_richcompare(PyObject *self, PyObject *other, int op)
{
    PyObject *a, *b, *result;

    if (!PyCell_Check(self) || !PyCell_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    a = PyCell_GET(self);
    b = PyCell_GET(other);
    if (a != NULL && b != NULL) {
        Py_INCREF(a);
        Py_INCREF(b);
        result = PyObject_RichCompare(a, b, op);
        Py_DECREF(a);
        Py_DECREF(b);
        return result;
    }
    Py_RETURN_RICHCOMPARE(b == NULL, a == NULL, op);
}

KR_GETTER(cell, "cell_contents", "What the variable is bound to.")
static PyObject *
cell_get_cell_contents(PyObject *self)
{
    PyObject *value = PyCell_GET(self);

    if (value == NULL) {
        PyErr_SetString(PyExc_ValueError, "Cell is empty");
    }
    return Py_XNewRef(value);
}

KR_SETTER(cell, "cell_contents")
static int
cell_set_cell_contents(PyObject *self, PyObject *value)
{
    Py_XSETREF(((PyCellObject *)self)->ob_ref, Py_XNewRef(value));
    return 0;
}

KR_TYPE(cell)
#include "objects/cell.methods.h"

PyTypeObject PyCell_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "cell",
    .tp_basicsize = sizeof(PyCellObject),
    .tp_dealloc = cell_dealloc,
    .tp_repr = cell_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "cell([contents])\n--\n\n"
              "Make a new cell.\n\n"
              "  contents\n"
              "    what it holds at first; without it the cell is empty and reading\n"
              "    its contents raises ValueError",
    .tp_traverse = cell_traverse,
    .tp_clear = cell_clear,
    .tp_richcompare = cell_richcompare,
    .tp_getset = cell_getset,
    .tp_new = cell_new,
};
