// SPDX-License-Identifier: MIT
// local.c - _thread._local: attributes that each thread has for itself.
//
// A local has a dict for each thread, made when the thread first touches it, and a
// subclass's __init__ is run for each. The dicts hang in the thread states' own
// dicts, under a key that belongs to the local: they die with the thread, and a
// local that dies first takes them away.
#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/threads/threads.h"

typedef struct {
    PyObject_HEAD
    PyObject *key;      // str, unique to this local
    PyObject *args;     // for __init__ in other threads
    PyObject *kwargs;   // or NULL
} KrLocal;

// ---- finding the dict of this thread ----------------------------------------

// Makes this thread's dict, and runs __init__ of a subclass in it.
static PyObject *
create_dict(KrLocal *self, PyObject *thread_dict, bool run_init)
{
    PyObject *dict = PyDict_New();

    if (dict == NULL || PyDict_SetItem(thread_dict, self->key, dict) < 0) {
        Py_XDECREF(dict);
        return NULL;
    }
    if (run_init && Py_TYPE(self)->tp_init != PyBaseObject_Type.tp_init &&
        Py_TYPE(self)->tp_init((PyObject *)self, self->args, self->kwargs) < 0) {
        PyObject *error = PyErr_GetRaisedException();
        if (PyDict_DelItem(thread_dict, self->key) < 0) {
            PyErr_Clear();
        }
        PyErr_SetRaisedException(error);
        Py_CLEAR(dict);
    }
    return dict;
}

// This thread's dict of the local, a new reference.
static PyObject *
local_dict(KrLocal *self, bool run_init)
{
    PyObject *thread_dict = PyThreadState_GetDict(), *dict;
    int found;

    if (thread_dict == NULL) {
        PyErr_SetString(PyExc_SystemError, "Couldn't get thread-state dictionary");
        return NULL;
    }
    found = PyDict_GetItemRef(thread_dict, self->key, &dict);
    if (found < 0) {
        return NULL;
    }
    return found ? dict : create_dict(self, thread_dict, run_init);
}

// ---- the type ---------------------------------------------------------------

static PyObject *
local_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    KrLocal *self;
    PyObject *dict;

    if (type->tp_init == PyBaseObject_Type.tp_init &&
        (PyTuple_GET_SIZE(args) > 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0))) {
        PyErr_SetString(PyExc_TypeError, "Initialization arguments are not supported");
        return NULL;
    }
    self = (KrLocal *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->args = Py_NewRef(args);
    self->kwargs = Py_XNewRef(kwargs);
    self->key = PyUnicode_FromFormat("thread.local.%p", self);
    dict = self->key == NULL ? NULL : local_dict(self, false);
    if (dict == NULL) {
        Py_CLEAR(self);
    }
    Py_XDECREF(dict);
    return (PyObject *)self;
}

static int
local_traverse(PyObject *op, visitproc visit, void *arg)
{
    KrLocal *self = (KrLocal *)op;

    // The dicts are references of the threads, which are roots: a cycle through one
    // lasts until the thread or the local is gone.
    Py_VISIT(self->args);
    Py_VISIT(self->kwargs);
    return 0;
}

// Takes the dicts out of all threads.
static void
drop_dicts(KrLocal *self)
{
    PyObject *error = PyErr_GetRaisedException();

    if (self->key != NULL && kr_thread() != NULL) {
        for (PyThreadState *t = kr_interp()->threads; t != NULL; t = t->next) {
            if (t->dict != NULL && PyDict_Pop(t->dict, self->key, NULL) < 0) {
                PyErr_Clear();
            }
        }
    }
    PyErr_SetRaisedException(error);
}

static int
local_clear(PyObject *op)
{
    KrLocal *self = (KrLocal *)op;

    Py_CLEAR(self->args);
    Py_CLEAR(self->kwargs);
    drop_dicts(self);
    return 0;
}

static void
local_dealloc(PyObject *op)
{
    KrLocal *self = (KrLocal *)op;

    PyObject_GC_UnTrack(op);
    PyObject_ClearWeakRefs(op);
    local_clear(op);
    Py_CLEAR(self->key);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
local_getattro(PyObject *op, PyObject *name)
{
    PyObject *dict = local_dict((KrLocal *)op, true), *value;

    if (dict == NULL) {
        return NULL;
    }
    if (PyUnicode_Check(name) && PyUnicode_Compare(name, KR_ID(__dict__)) == 0) {
        return dict;
    }
    value = _PyObject_GenericGetAttrWithDict(op, name, dict, 0);
    Py_DECREF(dict);
    return value;
}

static int
local_setattro(PyObject *op, PyObject *name, PyObject *value)
{
    PyObject *dict = local_dict((KrLocal *)op, true);
    int status;

    if (dict == NULL) {
        return -1;
    }
    if (PyUnicode_Check(name) && PyUnicode_Compare(name, KR_ID(__dict__)) == 0) {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object attribute '%U' is read-only",
                     Py_TYPE(op)->tp_name, name);
        Py_DECREF(dict);
        return -1;
    }
    status = _PyObject_GenericSetAttrWithDict(op, name, value, dict);
    Py_DECREF(dict);
    return status;
}

PyTypeObject kr_local_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_thread._local",
    .tp_basicsize = sizeof(KrLocal),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                Py_TPFLAGS_MANAGED_WEAKREF,
    .tp_doc = "_local()\n--\n\nThread-local data",
    .tp_dealloc = local_dealloc,
    .tp_getattro = local_getattro,
    .tp_setattro = local_setattro,
    .tp_traverse = local_traverse,
    .tp_clear = local_clear,
    .tp_new = local_new,
};
