// SPDX-License-Identifier: MIT
// slot_wrappers.c - methods of C types that call a slot: int.__add__ and its kind.
//
// Callers:     wrapper descriptors (descr.c), with the slot function as `wrapped`.
// Re-entrancy: the slot functions may run Python.
#include "objects/type/slots.h"

#include "objects/ids.h"
#include "objects/instance.h"
#include "objects/memoryview/memoryview.h"
#include "objects/state.h"

static bool
args_are(PyObject *args, Py_ssize_t n)
{
    if (KR_LIKELY(PyTuple_GET_SIZE(args) == n)) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "expected %zd argument%s, got %zd", n,
                 n == 1 ? "" : "s", PyTuple_GET_SIZE(args));
    return false;
}

static PyObject *
none_or_error(int status)
{
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
wrap_unary(PyObject *self, PyObject *args, void *wrapped)
{
    return args_are(args, 0) ? ((unaryfunc)wrapped)(self) : NULL;
}

PyObject *
wrap_binary(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 1)) {
        return NULL;
    }
    return ((binaryfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0));
}

PyObject *
wrap_binary_swapped(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 1)) {
        return NULL;
    }
    return ((binaryfunc)wrapped)(PyTuple_GET_ITEM(args, 0), self);
}

static bool
args_are_one_or_two(PyObject *args)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);

    if (n == 1 || n == 2) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "expected 1 or 2 arguments, got %zd", n);
    return false;
}

PyObject *
wrap_ternary(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;

    if (!args_are_one_or_two(args)) {
        return NULL;
    }
    other = PyTuple_GET_ITEM(args, 0);
    if (PyTuple_GET_SIZE(args) > 1) {
        third = PyTuple_GET_ITEM(args, 1);
    }
    return ((ternaryfunc)wrapped)(self, other, third);
}

PyObject *
wrap_ternary_swapped(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *other, *third = Py_None;

    if (!args_are_one_or_two(args)) {
        return NULL;
    }
    other = PyTuple_GET_ITEM(args, 0);
    if (PyTuple_GET_SIZE(args) > 1) {
        third = PyTuple_GET_ITEM(args, 1);
    }
    return ((ternaryfunc)wrapped)(other, self, third);
}

PyObject *
wrap_inquiry(PyObject *self, PyObject *args, void *wrapped)
{
    int result;

    if (!args_are(args, 0)) {
        return NULL;
    }
    result = ((inquiry)wrapped)(self);
    if (result == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyBool_FromLong(result);
}

PyObject *
wrap_length(PyObject *self, PyObject *args, void *wrapped)
{
    Py_ssize_t result;

    if (!args_are(args, 0)) {
        return NULL;
    }
    result = ((lenfunc)wrapped)(self);
    if (result == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyLong_FromSsize_t(result);
}

PyObject *
wrap_hash(PyObject *self, PyObject *args, void *wrapped)
{
    Py_hash_t result;

    if (!args_are(args, 0)) {
        return NULL;
    }
    result = ((hashfunc)wrapped)(self);
    if (result == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyLong_FromSsize_t(result);
}

PyObject *
wrap_repeat(PyObject *self, PyObject *args, void *wrapped)
{
    Py_ssize_t count;

    if (!args_are(args, 1)) {
        return NULL;
    }
    count = PyNumber_AsSsize_t(PyTuple_GET_ITEM(args, 0), PyExc_OverflowError);
    if (count == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return ((ssizeargfunc)wrapped)(self, count);
}

// An index for sq_item: negative ones count from the end. -1 with an exception set
// on error.
static Py_ssize_t
sequence_index(PyObject *self, PyObject *arg)
{
    Py_ssize_t i = PyNumber_AsSsize_t(arg, PyExc_OverflowError), length;
    PySequenceMethods *sequence;

    if (i >= 0 || (i == -1 && PyErr_Occurred())) {
        return i;
    }
    sequence = Py_TYPE(self)->tp_as_sequence;
    if (sequence != NULL && sequence->sq_length != NULL) {
        length = sequence->sq_length(self);
        if (length < 0) {
            return -1;
        }
        i += length;
    }
    return i;
}

PyObject *
wrap_sq_item(PyObject *self, PyObject *args, void *wrapped)
{
    Py_ssize_t i;

    if (!args_are(args, 1)) {
        return NULL;
    }
    i = sequence_index(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return ((ssizeargfunc)wrapped)(self, i);
}

PyObject *
wrap_sq_setitem(PyObject *self, PyObject *args, void *wrapped)
{
    Py_ssize_t i;

    if (!args_are(args, 2)) {
        return NULL;
    }
    i = sequence_index(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return none_or_error(
        ((ssizeobjargproc)wrapped)(self, i, PyTuple_GET_ITEM(args, 1)));
}

PyObject *
wrap_sq_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    Py_ssize_t i;

    if (!args_are(args, 1)) {
        return NULL;
    }
    i = sequence_index(self, PyTuple_GET_ITEM(args, 0));
    if (i == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return none_or_error(((ssizeobjargproc)wrapped)(self, i, NULL));
}

PyObject *
wrap_contains(PyObject *self, PyObject *args, void *wrapped)
{
    int result;

    if (!args_are(args, 1)) {
        return NULL;
    }
    result = ((objobjproc)wrapped)(self, PyTuple_GET_ITEM(args, 0));
    if (result == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return PyBool_FromLong(result);
}

PyObject *
wrap_setitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 2)) {
        return NULL;
    }
    return none_or_error(((objobjargproc)wrapped)(self, PyTuple_GET_ITEM(args, 0),
                                                  PyTuple_GET_ITEM(args, 1)));
}

PyObject *
wrap_delitem(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 1)) {
        return NULL;
    }
    return none_or_error(
        ((objobjargproc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL));
}

// object.__setattr__(some_class, ...) must not get around the check that the
// class's own C type makes: only the nearest C implementation may be called.
static bool
setattr_is_nearest(PyObject *self, setattrofunc func, const char *what)
{
    PyTypeObject *type = Py_TYPE(self), *at = type;

    // The layout's chain, not the MRO: other bases do not own the object's fields.
    while (at != NULL && (at->tp_setattro == slot_setattro || at->tp_setattro == NULL)) {
        at = at->tp_base;
    }
    if (at != NULL && at->tp_setattro != func) {
        PyErr_Format(PyExc_TypeError, "can't apply this %s to %s object", what,
                     type->tp_name);
        return false;
    }
    return true;
}

PyObject *
wrap_setattr(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 2) ||
        !setattr_is_nearest(self, (setattrofunc)wrapped, "__setattr__")) {
        return NULL;
    }
    return none_or_error(((setattrofunc)wrapped)(self, PyTuple_GET_ITEM(args, 0),
                                                 PyTuple_GET_ITEM(args, 1)));
}

PyObject *
wrap_delattr(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 1) ||
        !setattr_is_nearest(self, (setattrofunc)wrapped, "__delattr__")) {
        return NULL;
    }
    return none_or_error(
        ((setattrofunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL));
}

PyObject *
wrap_next(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *result;

    if (!args_are(args, 0)) {
        return NULL;
    }
    result = ((iternextfunc)wrapped)(self);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return result;
}

PyObject *
wrap_del(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 0)) {
        return NULL;
    }
    ((destructor)wrapped)(self);
    Py_RETURN_NONE;
}

PyObject *
wrap_call(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds)
{
    return ((ternaryfunc)wrapped)(self, args, kwds);
}

PyObject *
wrap_init(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds)
{
    return none_or_error(((initproc)wrapped)(self, args, kwds));
}

PyObject *
wrap_descr_get(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *obj, *type = NULL;

    if (!PyArg_UnpackTuple(args, "__get__", 1, 2, &obj, &type)) {
        return NULL;
    }
    if (obj == Py_None) {
        obj = NULL;
    }
    if (type == Py_None) {
        type = NULL;
    }
    if (type == NULL && obj == NULL) {
        PyErr_SetString(PyExc_TypeError, "__get__(None, None) is invalid");
        return NULL;
    }
    return ((descrgetfunc)wrapped)(self, obj, type);
}

PyObject *
wrap_descr_set(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *obj, *value;

    if (!PyArg_UnpackTuple(args, "__set__", 2, 2, &obj, &value)) {
        return NULL;
    }
    return none_or_error(((descrsetfunc)wrapped)(self, obj, value));
}

PyObject *
wrap_descr_delete(PyObject *self, PyObject *args, void *wrapped)
{
    if (!args_are(args, 1)) {
        return NULL;
    }
    return none_or_error(
        ((descrsetfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), NULL));
}

#define KR_WRAP_COMPARE(name, op)                                              \
    PyObject *wrap_##name(PyObject *self, PyObject *args, void *wrapped)       \
    {                                                                          \
        return args_are(args, 1)                                               \
                   ? ((richcmpfunc)wrapped)(self, PyTuple_GET_ITEM(args, 0), op) \
                   : NULL;                                                     \
    }
KR_WRAP_COMPARE(lt, Py_LT)
KR_WRAP_COMPARE(le, Py_LE)
KR_WRAP_COMPARE(eq, Py_EQ)
KR_WRAP_COMPARE(ne, Py_NE)
KR_WRAP_COMPARE(gt, Py_GT)
KR_WRAP_COMPARE(ge, Py_GE)

PyObject *
wrap_getbuffer(PyObject *self, PyObject *args, void *wrapped)
{
    Py_ssize_t flags;

    if (!args_are(args, 1)) {
        return NULL;
    }
    flags = PyNumber_AsSsize_t(PyTuple_GET_ITEM(args, 0), PyExc_OverflowError);
    if (flags == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (flags > INT_MAX || flags < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "buffer flags out of range");
        return NULL;
    }
    return _PyMemoryView_FromBufferProc(self, (int)flags, (getbufferproc)wrapped);
}

PyObject *
wrap_releasebuffer(PyObject *self, PyObject *args, void *wrapped)
{
    PyObject *arg;
    PyMemoryViewObject *view;

    if (!args_are(args, 1)) {
        return NULL;
    }
    arg = PyTuple_GET_ITEM(args, 0);
    if (!PyMemoryView_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "expected a memoryview object");
        return NULL;
    }
    view = (PyMemoryViewObject *)arg;
    if (view->view.obj == NULL) {
        // Released before.
        PyErr_SetString(PyExc_ValueError,
                        "memoryview's buffer has already been released");
        return NULL;
    }
    if (view->view.obj != self) {
        PyErr_SetString(PyExc_ValueError, "memoryview's buffer is not this object");
        return NULL;
    }
    if (view->flags & _Py_MEMORYVIEW_RELEASED) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview's buffer has already been released");
        return NULL;
    }
    return PyObject_CallMethodNoArgs(arg, KR_ID(release));
}
