// SPDX-License-Identifier: MIT
// os_error.c - OSError: error numbers, file names and the choice of the subclass.
//
// OSError(errno, strerror[, filename[, winerror[, filename2]]]) makes an instance
// of the subclass that stands for errno. The work is done in __new__, unless a
// subclass overrides __init__ only: then in __init__, which sees the arguments as
// the subclass passes them on.
#include "objects/exceptions/internal.h"

#define OS_ERROR_FIELDS(F) F(myerrno) F(strerror) F(filename) F(filename2)
KR_EXC_DEFINE_GC(os_error, PyOSErrorObject, OS_ERROR_FIELDS)

// Whether __init__ and not __new__ reads the arguments.
static bool
os_error_uses_init(PyTypeObject *type)
{
    return type->tp_init != kr_os_error_init && type->tp_new == kr_os_error_new;
}

// The file name is no part of args, which stay a pair; BlockingIOError takes a
// number in its place.
static int
os_error_fill(PyOSErrorObject *self, PyObject *args)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n < 2 || n > 5) {
        Py_XSETREF(self->args, Py_NewRef(args));
        return 0;
    }
    PyObject *filename = n > 2 ? PyTuple_GET_ITEM(args, 2) : Py_None;
    PyObject *filename2 = n > 4 ? PyTuple_GET_ITEM(args, 4) : Py_None;
    PyObject *kept = Py_NewRef(args);

    if (filename != Py_None) {
        if (PyType_IsSubtype(Py_TYPE(self), &kr_exc_BlockingIOError) &&
            PyNumber_Check(filename)) {
            self->written = PyNumber_AsSsize_t(filename, PyExc_ValueError);
            if (self->written == -1 && PyErr_Occurred()) {
                Py_DECREF(kept);
                return -1;
            }
        }
        else {
            Py_XSETREF(self->filename, Py_NewRef(filename));
            if (filename2 != Py_None) {
                Py_XSETREF(self->filename2, Py_NewRef(filename2));
            }
            Py_SETREF(kept, PyTuple_GetSlice(args, 0, 2));
            if (kept == NULL) {
                return -1;
            }
        }
    }
    Py_XSETREF(self->myerrno, Py_NewRef(PyTuple_GET_ITEM(args, 0)));
    Py_XSETREF(self->strerror, Py_NewRef(PyTuple_GET_ITEM(args, 1)));
    Py_XSETREF(self->args, kept);
    return 0;
}

// The subclass for args[0], borrowed; type itself if there is none. NULL: error.
static PyTypeObject *
os_error_choose(PyTypeObject *type, PyObject *args)
{
    PyObject *map = kr_interp()->errors.errno_map, *found;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (type != &kr_exc_OSError || map == NULL || n < 2 || n > 5) {
        return type;
    }
    found = PyDict_GetItemWithError(map, PyTuple_GET_ITEM(args, 0));
    if (found != NULL) {
        return (PyTypeObject *)found;
    }
    return PyErr_Occurred() ? NULL : type;
}

PyObject *
kr_os_error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    bool by_init = os_error_uses_init(type);
    if (!by_init) {
        if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0 &&
            !kr_arg_no_keywords(type->tp_name, kwargs)) {
            return NULL;
        }
        type = os_error_choose(type, args);
        if (type == NULL) {
            return NULL;
        }
    }
    PyOSErrorObject *self = (PyOSErrorObject *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->written = -1;
    if (by_init) {
        self->args = PyTuple_New(0);
    }
    else if (os_error_fill(self, args) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

int
kr_os_error_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyTypeObject *type = Py_TYPE(op);
    if (!os_error_uses_init(type)) {
        return 0;
    }
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0 &&
        !kr_arg_no_keywords(type->tp_name, kwargs)) {
        return -1;
    }
    return os_error_fill((PyOSErrorObject *)op, args);
}

PyObject *
kr_os_error_str(PyObject *op)
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    PyObject *number = self->myerrno != NULL ? self->myerrno : Py_None;
    PyObject *text = self->strerror != NULL ? self->strerror : Py_None;

    if (self->filename != NULL) {
        if (self->filename2 != NULL) {
            return PyUnicode_FromFormat("[Errno %S] %S: %R -> %R", number, text,
                                        self->filename, self->filename2);
        }
        return PyUnicode_FromFormat("[Errno %S] %S: %R", number, text, self->filename);
    }
    if (self->myerrno != NULL && self->strerror != NULL) {
        return PyUnicode_FromFormat("[Errno %S] %S", number, text);
    }
    return kr_exc_str(op);
}

// Restores the arguments as they were given, names included.
KR_METHOD(os_error, "__reduce__(self, /)", "")
static PyObject *
os_error_reduce(PyOSErrorObject *self)
{
    PyObject *args = Py_NewRef(self->args), *result;
    if (PyTuple_GET_SIZE(args) == 2 && self->filename != NULL) {
        PyObject *first = PyTuple_GET_ITEM(args, 0);
        PyObject *second = PyTuple_GET_ITEM(args, 1);
        PyObject *full =
            self->filename2 != NULL
                ? PyTuple_Pack(5, first, second, self->filename, Py_None,
                               self->filename2)
                : PyTuple_Pack(3, first, second, self->filename);
        Py_SETREF(args, full);
        if (args == NULL) {
            return NULL;
        }
    }
    if (self->dict != NULL) {
        result = PyTuple_Pack(3, (PyObject *)Py_TYPE(self), args, self->dict);
    }
    else {
        result = PyTuple_Pack(2, (PyObject *)Py_TYPE(self), args);
    }
    Py_DECREF(args);
    return result;
}

KR_GETTER(os_error, "characters_written", "")
static PyObject *
os_error_get_written(PyOSErrorObject *self)
{
    if (self->written == -1) {
        PyErr_SetObject(PyExc_AttributeError, KR_ID(characters_written));
        return NULL;
    }
    return PyLong_FromSsize_t(self->written);
}

KR_SETTER(os_error, "characters_written")
static int
os_error_set_written(PyOSErrorObject *self, PyObject *value)
{
    if (value == NULL) {
        if (self->written == -1) {
            PyErr_SetObject(PyExc_AttributeError, KR_ID(characters_written));
            return -1;
        }
        self->written = -1;
        return 0;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(value, PyExc_ValueError);
    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    self->written = n;
    return 0;
}

int
kr_os_error_init_map(PyInterpreterState *interp)
{
    static const struct {
        int number;
        PyTypeObject *type;
    } rows[] = {
        {EAGAIN, &kr_exc_BlockingIOError},
        {EALREADY, &kr_exc_BlockingIOError},
        {EINPROGRESS, &kr_exc_BlockingIOError},
        {EWOULDBLOCK, &kr_exc_BlockingIOError},
        {EPIPE, &kr_exc_BrokenPipeError},
        {ESHUTDOWN, &kr_exc_BrokenPipeError},
        {ECHILD, &kr_exc_ChildProcessError},
        {ECONNABORTED, &kr_exc_ConnectionAbortedError},
        {ECONNREFUSED, &kr_exc_ConnectionRefusedError},
        {ECONNRESET, &kr_exc_ConnectionResetError},
        {EEXIST, &kr_exc_FileExistsError},
        {ENOENT, &kr_exc_FileNotFoundError},
        {EISDIR, &kr_exc_IsADirectoryError},
        {ENOTDIR, &kr_exc_NotADirectoryError},
        {EINTR, &kr_exc_InterruptedError},
        {EACCES, &kr_exc_PermissionError},
        {EPERM, &kr_exc_PermissionError},
        {ESRCH, &kr_exc_ProcessLookupError},
        {ETIMEDOUT, &kr_exc_TimeoutError},
    };
    PyObject *map = PyDict_New();
    if (map == NULL) {
        return -1;
    }
    for (int i = 0; i < KR_ARRAY_LEN(rows); i++) {
        PyObject *number = PyLong_FromLong(rows[i].number);
        if (number == NULL ||
            PyDict_SetItem(map, number, (PyObject *)rows[i].type) < 0) {
            Py_XDECREF(number);
            Py_DECREF(map);
            return -1;
        }
        Py_DECREF(number);
    }
    interp->errors.errno_map = map;
    return 0;
}

#include "objects/exceptions/os_error.methods.h"
