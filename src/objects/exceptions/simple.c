// SPDX-License-Identifier: MIT
// simple.c - exceptions with a few fields of their own: StopIteration, SystemExit,
// ImportError, NameError, AttributeError, KeyError, MemoryError.
//
// Invariants:  a field is NULL while it was never set; Python sees None.
// Read next:   os_error.c, syntax_error.c, unicode_error.c
#include "objects/exceptions/internal.h"

#include "objects/tuple.h"

// --- StopIteration and SystemExit ------------------------------------------------

#define STOP_ITERATION_FIELDS(F) F(value)
KR_EXC_DEFINE_GC(stop_iteration, PyStopIterationObject, STOP_ITERATION_FIELDS)

int
kr_stop_iteration_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (kr_exc_init_args(op, args, kwargs) < 0) {
        return -1;
    }
    PyStopIterationObject *self = (PyStopIterationObject *)op;
    PyObject *value = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : Py_None;
    Py_XSETREF(self->value, Py_NewRef(value));
    return 0;
}

#define SYSTEM_EXIT_FIELDS(F) F(code)
KR_EXC_DEFINE_GC(system_exit, PySystemExitObject, SYSTEM_EXIT_FIELDS)

int
kr_system_exit_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (kr_exc_init_args(op, args, kwargs) < 0) {
        return -1;
    }
    PySystemExitObject *self = (PySystemExitObject *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 0) {
        PyObject *code = n == 1 ? PyTuple_GET_ITEM(args, 0) : args;
        Py_XSETREF(self->code, Py_NewRef(code));
    }
    return 0;
}

// --- Keywords ------------------------------------------------------------------------

// Takes the keywords `names` out of kwargs into values[] (borrowed from kwargs,
// NULL where absent). Any other keyword is an error.
static int
take_keywords(PyObject *op, PyObject *kwargs, int n, PyObject *const *names,
              PyObject **values)
{
    Py_ssize_t found = 0;
    for (int i = 0; i < n; i++) {
        values[i] = NULL;
    }
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return 0;
    }
    for (int i = 0; i < n; i++) {
        values[i] = PyDict_GetItemWithError(kwargs, names[i]);
        if (values[i] != NULL) {
            found++;
        }
        else if (PyErr_Occurred()) {
            return -1;
        }
    }
    if (found == PyDict_GET_SIZE(kwargs)) {
        return 0;
    }
    PyObject *key, *value;
    Py_ssize_t place = 0;
    while (PyDict_Next(kwargs, &place, &key, &value)) {
        bool known = false;
        for (int i = 0; i < n; i++) {
            known |= PyUnicode_Check(key) && PyUnicode_Compare(key, names[i]) == 0;
        }
        if (!known) {
            const char *name = "AttributeError";
            if (PyType_IsSubtype(Py_TYPE(op), &kr_exc_ImportError)) {
                name = "ImportError";
            }
            else if (PyType_IsSubtype(Py_TYPE(op), &kr_exc_NameError)) {
                name = "NameError";
            }
            PyErr_Format(PyExc_TypeError,
                         "%s() got an unexpected keyword argument '%S'", name, key);
            return -1;
        }
    }
    return 0;
}

// --- ImportError -----------------------------------------------------------------------

#define IMPORT_ERROR_FIELDS(F) F(msg) F(name) F(path) F(name_from)
KR_EXC_DEFINE_GC(import_error, PyImportErrorObject, IMPORT_ERROR_FIELDS)

int
kr_import_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyImportErrorObject *self = (PyImportErrorObject *)op;
    PyObject *names[3] = {KR_ID(name), KR_ID(path), KR_ID(name_from)};
    PyObject *values[3];

    if (kr_exc_init_args(op, args, NULL) < 0 ||
        take_keywords(op, kwargs, 3, names, values) < 0) {
        return -1;
    }
    PyObject *message = PyTuple_GET_SIZE(args) == 1 ? PyTuple_GET_ITEM(args, 0) : NULL;
    for (int i = 0; i < 3; i++) {
        Py_XINCREF(values[i]);
    }
    Py_XSETREF(self->name, values[0]);
    Py_XSETREF(self->path, values[1]);
    Py_XSETREF(self->name_from, values[2]);
    Py_XSETREF(self->msg, Py_XNewRef(message));
    return 0;
}

PyObject *
kr_import_error_str(PyObject *op)
{
    PyImportErrorObject *self = (PyImportErrorObject *)op;
    if (self->msg != NULL && PyUnicode_CheckExact(self->msg)) {
        return Py_NewRef(self->msg);
    }
    return kr_exc_str(op);
}

// The instance's dict together with the set ones of `fields`; None-like NULL when
// both are empty: *state_out is then NULL. 0 or -1.
static int
state_with_fields(PyObject *op, int n, PyObject *const *names, PyObject *const *fields,
                  PyObject **state_out)
{
    PyObject *dict = kr_exc(op)->dict;
    bool any = false;

    *state_out = NULL;
    for (int i = 0; i < n; i++) {
        any |= fields[i] != NULL;
    }
    if (!any) {
        *state_out = Py_XNewRef(dict);
        return 0;
    }
    PyObject *state = dict != NULL ? PyDict_Copy(dict) : PyDict_New();
    if (state == NULL) {
        return -1;
    }
    for (int i = 0; i < n; i++) {
        if (fields[i] != NULL && PyDict_SetItem(state, names[i], fields[i]) < 0) {
            Py_DECREF(state);
            return -1;
        }
    }
    *state_out = state;
    return 0;
}

KR_METHOD(import_error, "__reduce__(self, /)", "")
static PyObject *
import_error_reduce(PyImportErrorObject *self)
{
    PyObject *names[3] = {KR_ID(name), KR_ID(path), KR_ID(name_from)};
    PyObject *fields[3] = {self->name, self->path, self->name_from};
    PyObject *state, *result;

    if (state_with_fields((PyObject *)self, 3, names, fields, &state) < 0) {
        return NULL;
    }
    if (state == NULL) {
        return PyTuple_Pack(2, (PyObject *)Py_TYPE(self), self->args);
    }
    result = PyTuple_Pack(3, (PyObject *)Py_TYPE(self), self->args, state);
    Py_DECREF(state);
    return result;
}

// --- NameError and AttributeError ---------------------------------------------------------

#define NAME_ERROR_FIELDS(F) F(name)
KR_EXC_DEFINE_GC(name_error, PyNameErrorObject, NAME_ERROR_FIELDS)

int
kr_name_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *names[1] = {KR_ID(name)}, *values[1];
    if (kr_exc_init_args(op, args, NULL) < 0 ||
        take_keywords(op, kwargs, 1, names, values) < 0) {
        return -1;
    }
    Py_XSETREF(((PyNameErrorObject *)op)->name, Py_XNewRef(values[0]));
    return 0;
}

#define ATTRIBUTE_ERROR_FIELDS(F) F(obj) F(name)
KR_EXC_DEFINE_GC(attribute_error, PyAttributeErrorObject, ATTRIBUTE_ERROR_FIELDS)

int
kr_attribute_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyAttributeErrorObject *self = (PyAttributeErrorObject *)op;
    PyObject *names[2] = {KR_ID(name), KR_ID(obj)}, *values[2];
    if (kr_exc_init_args(op, args, NULL) < 0 ||
        take_keywords(op, kwargs, 2, names, values) < 0) {
        return -1;
    }
    Py_XINCREF(values[0]);
    Py_XINCREF(values[1]);
    Py_XSETREF(self->name, values[0]);
    Py_XSETREF(self->obj, values[1]);
    return 0;
}

// obj is left out: it may not be picklable.
KR_METHOD(attribute_error, "__getstate__(self, /)", "")
static PyObject *
attribute_error_getstate(PyAttributeErrorObject *self)
{
    PyObject *names[2] = {KR_ID(name), KR_ID(args)};
    PyObject *fields[2] = {self->name, self->args};
    PyObject *state;

    if (state_with_fields((PyObject *)self, 2, names, fields, &state) < 0) {
        return NULL;
    }
    return state != NULL ? state : Py_None;
}

KR_METHOD(attribute_error, "__reduce__(self, /)", "")
static PyObject *
attribute_error_reduce(PyAttributeErrorObject *self)
{
    PyObject *state = attribute_error_getstate(self), *result;
    if (state == NULL) {
        return NULL;
    }
    result = PyTuple_Pack(3, (PyObject *)Py_TYPE(self), self->args, state);
    Py_DECREF(state);
    return result;
}

// --- KeyError ----------------------------------------------------------------------------

// A lone key shows as its repr, so that KeyError('') says something.
PyObject *
kr_key_error_str(PyObject *op)
{
    PyObject *args = kr_exc(op)->args;
    if (args != NULL && PyTuple_GET_SIZE(args) == 1) {
        PyObject *key = Py_NewRef(PyTuple_GET_ITEM(args, 0));
        PyObject *result = PyObject_Repr(key);
        Py_DECREF(key);
        return result;
    }
    return kr_exc_str(op);
}

// --- MemoryError ---------------------------------------------------------------------------

// What is raised when even the reserve is used up. It is immortal and shared.
static PyBaseExceptionObject last_resort = {
    .ob_base = PyObject_HEAD_INIT(&kr_exc_MemoryError)
    .args = (PyObject *)&kr_tuple_empty,
};

static PyObject *
memory_error_take(PyInterpreterState *interp)
{
    PyBaseExceptionObject *self = interp->errors.memory_errors;
    if (self == NULL) {
        return NULL;
    }
    interp->errors.memory_errors = (PyBaseExceptionObject *)self->dict;
    interp->errors.memory_errors_count--;
    self->dict = NULL;
    self->args = PyTuple_New(0);
    self->suppress_context = 0;
    Py_SET_REFCNT((PyObject *)self, 1);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

PyObject *
kr_exc_memory_error(void)
{
    PyObject *self = memory_error_take(kr_interp());
    if (self == NULL) {
        self = kr_exc_MemoryError.tp_alloc(&kr_exc_MemoryError, 0);
        if (self == NULL) {
            return (PyObject *)&last_resort;
        }
        kr_exc(self)->args = PyTuple_New(0);
    }
    return self;
}

PyObject *
kr_memory_error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return kr_exc_new(type, args, kwargs);
}

// Instances of the exact type fill up the reserve first.
void
kr_memory_error_dealloc(PyObject *op)
{
    PyInterpreterState *interp = kr_interp();
    PyObject_GC_UnTrack(op);
    kr_exc_clear(op);
    if (Py_TYPE(op) != &kr_exc_MemoryError ||
        interp->errors.memory_errors_count >= KR_MEMORY_ERRORS) {
        Py_TYPE(op)->tp_free(op);
        return;
    }
    kr_exc(op)->dict = (PyObject *)interp->errors.memory_errors;
    interp->errors.memory_errors = kr_exc(op);
    interp->errors.memory_errors_count++;
}

int
kr_memory_error_reserve(PyInterpreterState *interp)
{
    for (int i = interp->errors.memory_errors_count; i < KR_MEMORY_ERRORS; i++) {
        PyObject *self = kr_exc_MemoryError.tp_alloc(&kr_exc_MemoryError, 0);
        if (self == NULL) {
            return -1;
        }
        PyObject_GC_UnTrack(self);
        kr_exc(self)->dict = (PyObject *)interp->errors.memory_errors;
        interp->errors.memory_errors = kr_exc(self);
        interp->errors.memory_errors_count++;
    }
    return 0;
}

#include "objects/exceptions/simple.methods.h"
