// SPDX-License-Identifier: MIT
// compare.c - equality of memoryviews: by value, item for item.
//
// Formats other than one native character are taken apart by module struct.
#include "objects/memoryview/memoryview.h"

#include "objects/ids.h"

// How to read the items of one side.
typedef struct {
    const Py_buffer *view;
    char code;             // native character, 0: use `unpack`
    const char *format;
    PyObject *unpack;      // struct.Struct(format).unpack_from, owned
    KrBufferLayout layout;
} Side;

// 0; -1 with an exception if the format means nothing to struct.
static int
side_open(Side *side, const Py_buffer *view)
{
    PyObject *cls = NULL, *object = NULL, *format = NULL;

    side->view = view;
    side->format = view->format != NULL ? view->format : "B";
    side->unpack = NULL;
    kr_buffer_layout(view, &side->layout);
    if (kr_format_native(side->format, &side->code) >= 0) {
        return 0;
    }
    side->code = 0;
    cls = PyImport_ImportModuleAttrString("struct", "Struct");
    format = PyUnicode_FromString(side->format);
    if (cls != NULL && format != NULL && (object = PyObject_CallOneArg(cls, format)) != NULL) {
        side->unpack = PyObject_GetAttr(object, KR_ID(unpack_from));
    }
    Py_XDECREF(cls);
    Py_XDECREF(format);
    Py_XDECREF(object);
    return side->unpack != NULL ? 0 : -1;
}

static PyObject *
side_item(Side *side, const char *at)
{
    if (side->code != 0) {
        return kr_item_unpack(at, side->code, side->format);
    }
    PyObject *memory = PyBytes_FromStringAndSize(at, side->view->itemsize);
    if (memory == NULL) {
        return NULL;
    }
    PyObject *tuple = PyObject_CallOneArg(side->unpack, memory);
    Py_DECREF(memory);
    if (tuple != NULL && PyTuple_Check(tuple) && PyTuple_GET_SIZE(tuple) == 1) {
        Py_SETREF(tuple, Py_NewRef(PyTuple_GET_ITEM(tuple, 0)));
    }
    return tuple;
}

// Formats whose values are equal exactly when their bytes are.
static bool
compares_as_bytes(char code)
{
    return code != 0 && strchr("cbBhHiIlLqQnNP", code) != NULL;
}

// 1 equal, 0 not, -1 error.
static int
items_equal(Side *a, const char *p, Side *b, const char *q)
{
    if (a->code == b->code && compares_as_bytes(a->code)) {
        return memcmp(p, q, (size_t)a->view->itemsize) == 0;
    }
    if (a->code == 'd' && b->code == 'd') {
        double x, y;
        memcpy(&x, p, sizeof x);
        memcpy(&y, q, sizeof y);
        return x == y;
    }
    PyObject *x = side_item(a, p), *y = NULL;
    int equal = -1;
    if (x != NULL && (y = side_item(b, q)) != NULL) {
        equal = PyObject_RichCompareBool(x, y, Py_EQ);
        // Unlike in containers an item need not be equal to itself (NaN).
        if (equal == 1 && PyFloat_Check(x) && PyFloat_AS_DOUBLE(x) != PyFloat_AS_DOUBLE(x)) {
            equal = 0;
        }
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    return equal;
}

static const char *
follow(const Py_buffer *view, const char *at, int dim)
{
    if (view->suboffsets != NULL && view->suboffsets[dim] >= 0) {
        return *(char *const *)(const void *)at + view->suboffsets[dim];
    }
    return at;
}

// Compares from dimension dim down; at most PyBUF_MAX_NDIM deep.
static int
arrays_equal(Side *a, const char *p, Side *b, const char *q, int dim)
{
    if (dim == a->layout.ndim) {
        return items_equal(a, p, b, q);
    }
    Py_ssize_t count = a->layout.shape[dim], size = a->view->itemsize;
    bool last = dim + 1 == a->layout.ndim;
    if (last && a->code == b->code && compares_as_bytes(a->code) &&
        a->view->suboffsets == NULL && b->view->suboffsets == NULL &&
        a->layout.strides[dim] == size && b->layout.strides[dim] == size) {
        return memcmp(p, q, (size_t)(count * size)) == 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        int equal = arrays_equal(a, follow(a->view, p, dim), b, follow(b->view, q, dim),
                                 dim + 1);
        if (equal <= 0) {
            return equal;
        }
        p += a->layout.strides[dim];
        q += b->layout.strides[dim];
    }
    return 1;
}

static bool
same_shape(const KrBufferLayout *a, const KrBufferLayout *b)
{
    if (a->ndim != b->ndim) {
        return false;
    }
    for (int i = 0; i < a->ndim; i++) {
        if (a->shape[i] != b->shape[i]) {
            return false;
        }
        if (a->shape[i] == 0) {
            break; // nothing to compare below
        }
    }
    return true;
}

static bool
is_released(PyObject *op)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;
    return (self->flags & _Py_MEMORYVIEW_RELEASED) ||
           (self->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED);
}

// 1, 0, -1 error, 2 when the other one is not comparable.
static int
views_equal(PyObject *self, PyObject *other)
{
    Py_buffer taken = {NULL, NULL};
    const Py_buffer *b;
    Side left = {NULL}, right = {NULL};
    int equal = 0;

    if (is_released(self)) {
        return self == other;
    }
    if (PyMemoryView_Check(other)) {
        if (is_released(other)) {
            return self == other;
        }
        b = PyMemoryView_GET_BUFFER(other);
    }
    else {
        if (PyObject_GetBuffer(other, &taken, PyBUF_FULL_RO) < 0) {
            PyErr_Clear();
            return 2;
        }
        b = &taken;
    }
    // Not released by anything that runs meanwhile.
    ((PyMemoryViewObject *)self)->exports++;
    if (PyMemoryView_Check(other)) {
        ((PyMemoryViewObject *)other)->exports++;
    }
    if (side_open(&left, PyMemoryView_GET_BUFFER(self)) < 0 || side_open(&right, b) < 0) {
        // Formats that nobody understands are equal to nothing.
        if (PyErr_ExceptionMatches(PyExc_ImportError) ||
            PyErr_ExceptionMatches(PyExc_MemoryError)) {
            equal = -1;
        }
        else {
            PyErr_Clear();
            equal = 0;
        }
    }
    else if (same_shape(&left.layout, &right.layout)) {
        equal = arrays_equal(&left, left.view->buf, &right, right.view->buf, 0);
    }
    ((PyMemoryViewObject *)self)->exports--;
    if (PyMemoryView_Check(other)) {
        ((PyMemoryViewObject *)other)->exports--;
    }
    Py_XDECREF(left.unpack);
    Py_XDECREF(right.unpack);
    if (taken.obj != NULL) {
        PyBuffer_Release(&taken);
    }
    return equal;
}

PyObject *
kr_memoryview_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyMemoryView_Check(a)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = views_equal(a, b);
    if (equal < 0) {
        return NULL;
    }
    if (equal == 2) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyBool_FromLong(equal == (op == Py_EQ));
}
