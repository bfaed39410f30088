// SPDX-License-Identifier: MIT
// base.c - BaseException: arguments, notes, traceback, context and cause.
//
// Callers:     every exception type inherits from here; errors.c makes exceptions.
// Invariants:  args is a tuple from __new__ on. dict, traceback, context and cause
//              may be NULL.
// Re-entrancy: releasing fields runs any code; fields are emptied first.
// Read next:   types.c, group.c, ../errors.c
#include "objects/exceptions/internal.h"

// --- Life ------------------------------------------------------------------------

int
kr_exc_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyBaseExceptionObject *self = kr_exc(op);
    Py_VISIT(self->dict);
    Py_VISIT(self->args);
    Py_VISIT(self->notes);
    Py_VISIT(self->traceback);
    Py_VISIT(self->context);
    Py_VISIT(self->cause);
    return 0;
}

int
kr_exc_clear(PyObject *op)
{
    PyBaseExceptionObject *self = kr_exc(op);
    Py_CLEAR(self->dict);
    Py_CLEAR(self->args);
    Py_CLEAR(self->notes);
    Py_CLEAR(self->traceback);
    Py_CLEAR(self->context);
    Py_CLEAR(self->cause);
    return 0;
}

void
kr_exc_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    kr_exc_clear(op);
    Py_TYPE(op)->tp_free(op);
}

PyObject *
kr_exc_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *self = type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    kr_exc(self)->args = args != NULL ? Py_NewRef(args) : PyTuple_New(0);
    if (kr_exc(self)->args == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

int
kr_exc_init_args(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0 &&
        !kr_arg_no_keywords(Py_TYPE(op)->tp_name, kwargs)) {
        return -1;
    }
    Py_XSETREF(kr_exc(op)->args, Py_NewRef(args));
    return 0;
}

int
kr_exc_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return kr_exc_init_args(self, args, kwargs);
}

bool
kr_exc_has_plain_new(PyTypeObject *type)
{
    return type->tp_new == kr_exc_new && Py_IS_TYPE(type, &PyType_Type) &&
           !(type->tp_flags & Py_TPFLAGS_IS_ABSTRACT);
}

bool
kr_exc_is_plain_class(PyObject *cls)
{
    return PyType_Check(cls) && kr_exc_has_plain_new((PyTypeObject *)cls) &&
           ((PyTypeObject *)cls)->tp_init == kr_exc_init;
}

PyObject *
kr_exc_new_steal(PyTypeObject *type, PyObject *args)
{
    PyObject *self = args == NULL ? NULL : type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(args);
        return NULL;
    }
    kr_exc(self)->args = args;
    return self;
}

PyObject *
kr_exc_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                  PyObject *kwnames)
{
    PyTypeObject *cls = (PyTypeObject *)type;
    if (kwnames != NULL && !kr_arg_no_kwnames(cls->tp_name, kwnames)) {
        return NULL;
    }
    return kr_exc_new_steal(cls, PyTuple_FromArray(args, PyVectorcall_NARGS(nargsf)));
}

// --- Texts -------------------------------------------------------------------------

PyObject *
kr_exc_str(PyObject *op)
{
    PyObject *args = kr_exc(op)->args, *result;
    if (args == NULL) {
        return PyUnicode_FromString("");
    }
    switch (PyTuple_GET_SIZE(args)) {
    case 0:
        return PyUnicode_FromString("");
    case 1:
        args = Py_NewRef(PyTuple_GET_ITEM(args, 0));
        break;
    default:
        Py_INCREF(args);
    }
    result = PyObject_Str(args);
    Py_DECREF(args);
    return result;
}

PyObject *
kr_exc_repr(PyObject *op)
{
    const char *name = _PyType_Name(Py_TYPE(op));
    PyObject *args = kr_exc(op)->args, *result;
    if (args == NULL) {
        return PyUnicode_FromFormat("%s()", name);
    }
    Py_INCREF(args);
    if (PyTuple_GET_SIZE(args) == 1) {
        result = PyUnicode_FromFormat("%s(%R)", name, PyTuple_GET_ITEM(args, 0));
    }
    else {
        result = PyUnicode_FromFormat("%s%R", name, args);
    }
    Py_DECREF(args);
    return result;
}

// --- Methods -------------------------------------------------------------------------

KR_METHOD(base_exception, "__reduce__(self, /)", "")
static PyObject *
base_exception_reduce(PyBaseExceptionObject *self)
{
    PyObject *args = self->args != NULL ? self->args : Py_None;
    if (self->dict != NULL) {
        return PyTuple_Pack(3, (PyObject *)Py_TYPE(self), args, self->dict);
    }
    return PyTuple_Pack(2, (PyObject *)Py_TYPE(self), args);
}

KR_METHOD(base_exception, "__setstate__(self, state, /)", "")
static PyObject *
base_exception_setstate(PyBaseExceptionObject *self, PyObject *state)
{
    PyObject *key, *value;
    Py_ssize_t place = 0;
    int status = 0;

    if (state == Py_None) {
        Py_RETURN_NONE;
    }
    if (!PyDict_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state is not a dictionary");
        return NULL;
    }
    while (status == 0 && PyDict_Next(state, &place, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        status = PyObject_SetAttr((PyObject *)self, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return status < 0 ? NULL : Py_None;
}

KR_METHOD(base_exception, "with_traceback(self, tb, /)",
          "Set self.__traceback__ to tb and return self.")
static PyObject *
base_exception_with_traceback(PyBaseExceptionObject *self, PyObject *tb)
{
    if (PyException_SetTraceback((PyObject *)self, tb) < 0) {
        return NULL;
    }
    return Py_NewRef(self);
}

// Appends note (a str) to exc.__notes__; 0 or -1.
static int
add_note(PyObject *exc, PyObject *note)
{
    PyObject *notes = NULL;
    int status = PyObject_GetOptionalAttr(exc, KR_ID(__notes__), &notes);
    if (status < 0) {
        return -1;
    }
    if (status == 0) {
        notes = PyList_New(0);
        if (notes == NULL || PyObject_SetAttr(exc, KR_ID(__notes__), notes) < 0) {
            Py_XDECREF(notes);
            return -1;
        }
    }
    else if (!PyList_Check(notes)) {
        PyErr_SetString(PyExc_TypeError, "Cannot add note: __notes__ is not a list");
        Py_DECREF(notes);
        return -1;
    }
    status = PyList_Append(notes, note);
    Py_DECREF(notes);
    return status;
}

KR_METHOD(base_exception, "add_note(self, note: str, /)", "Add a note to the exception")
static PyObject *
base_exception_add_note(PyBaseExceptionObject *self, PyObject *note)
{
    return add_note((PyObject *)self, note) < 0 ? NULL : Py_None;
}

int
_PyException_AddNote(PyObject *exc, PyObject *note)
{
    if (!PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_TypeError, "exc must be an exception, not '%s'",
                     Py_TYPE(exc)->tp_name);
        return -1;
    }
    return add_note(exc, note);
}

// --- Attributes ---------------------------------------------------------------------

KR_GETTER(base_exception, "__dict__", "")
static PyObject *
base_exception_get_dict(PyBaseExceptionObject *self)
{
    return PyObject_GenericGetDict((PyObject *)self, NULL);
}

KR_SETTER(base_exception, "__dict__")
static int
base_exception_set_dict(PyBaseExceptionObject *self, PyObject *value)
{
    return PyObject_GenericSetDict((PyObject *)self, value, NULL);
}

KR_GETTER(base_exception, "args", "")
static PyObject *
base_exception_get_args(PyBaseExceptionObject *self)
{
    return self->args != NULL ? Py_NewRef(self->args) : Py_None;
}

KR_SETTER(base_exception, "args")
static int
base_exception_set_args(PyBaseExceptionObject *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "args may not be deleted");
        return -1;
    }
    value = PySequence_Tuple(value);
    if (value == NULL) {
        return -1;
    }
    Py_XSETREF(self->args, value);
    return 0;
}

KR_GETTER(base_exception, "__traceback__", "")
static PyObject *
base_exception_get_traceback(PyBaseExceptionObject *self)
{
    return self->traceback != NULL ? Py_NewRef(self->traceback) : Py_None;
}

KR_SETTER(base_exception, "__traceback__")
static int
base_exception_set_traceback(PyBaseExceptionObject *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "__traceback__ may not be deleted");
        return -1;
    }
    if (value == Py_None) {
        Py_CLEAR(self->traceback);
        return 0;
    }
    if (!PyTraceBack_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__traceback__ must be a traceback or None");
        return -1;
    }
    Py_XSETREF(self->traceback, Py_NewRef(value));
    return 0;
}

// The common part of setting __context__ and __cause__: *value becomes a new
// reference or NULL for None.
static int
check_linked(PyObject **value, const char *deleted, const char *wrong)
{
    if (*value == NULL) {
        PyErr_SetString(PyExc_TypeError, deleted);
        return -1;
    }
    if (*value == Py_None) {
        *value = NULL;
        return 0;
    }
    if (!PyExceptionInstance_Check(*value)) {
        PyErr_SetString(PyExc_TypeError, wrong);
        return -1;
    }
    Py_INCREF(*value);
    return 0;
}

KR_GETTER(base_exception, "__context__", "")
static PyObject *
base_exception_get_context(PyBaseExceptionObject *self)
{
    return self->context != NULL ? Py_NewRef(self->context) : Py_None;
}

KR_SETTER(base_exception, "__context__")
static int
base_exception_set_context(PyBaseExceptionObject *self, PyObject *value)
{
    if (check_linked(&value, "__context__ may not be deleted",
                     "exception context must be None or derive from BaseException") <
        0) {
        return -1;
    }
    PyException_SetContext((PyObject *)self, value);
    return 0;
}

KR_GETTER(base_exception, "__cause__", "")
static PyObject *
base_exception_get_cause(PyBaseExceptionObject *self)
{
    return self->cause != NULL ? Py_NewRef(self->cause) : Py_None;
}

KR_SETTER(base_exception, "__cause__")
static int
base_exception_set_cause(PyBaseExceptionObject *self, PyObject *value)
{
    if (check_linked(&value, "__cause__ may not be deleted",
                     "exception cause must be None or derive from BaseException") < 0) {
        return -1;
    }
    PyException_SetCause((PyObject *)self, value);
    return 0;
}

// --- The same from C ------------------------------------------------------------------

PyObject *
PyException_GetTraceback(PyObject *exc)
{
    return Py_XNewRef(kr_exc(exc)->traceback);
}

int
PyException_SetTraceback(PyObject *exc, PyObject *traceback)
{
    return base_exception_set_traceback(kr_exc(exc), traceback);
}

PyObject *
PyException_GetCause(PyObject *exc)
{
    return Py_XNewRef(kr_exc(exc)->cause);
}

void
PyException_SetCause(PyObject *exc, PyObject *cause)
{
    kr_exc(exc)->suppress_context = 1;
    Py_XSETREF(kr_exc(exc)->cause, cause);
}

PyObject *
PyException_GetContext(PyObject *exc)
{
    return Py_XNewRef(kr_exc(exc)->context);
}

void
PyException_SetContext(PyObject *exc, PyObject *context)
{
    Py_XSETREF(kr_exc(exc)->context, context);
}

PyObject *
PyException_GetArgs(PyObject *exc)
{
    return Py_XNewRef(kr_exc(exc)->args);
}

void
PyException_SetArgs(PyObject *exc, PyObject *args)
{
    Py_XSETREF(kr_exc(exc)->args, Py_NewRef(args));
}

const char *
PyExceptionClass_Name(PyObject *type)
{
    return ((PyTypeObject *)type)->tp_name;
}

#include "objects/exceptions/base.methods.h"
