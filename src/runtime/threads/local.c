// SPDX-License-Identifier: MIT
// local.c - _thread._local: attributes that each thread has for itself.
//
// A local has a dict for each thread, made when the thread first touches it, and a
// subclass's __init__ is run for each. A thread state's own dict holds a seat for each
// local, under a key that belongs to the local; the seat dies with the thread. The dict
// is counted as the local's, so that the collector finds cycles through it; a local that
// dies first takes the dicts and the seats away.
#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/threads/threads.h"

typedef struct KrLocal KrLocal;
typedef struct KrSeat KrSeat;

struct KrSeat {
    PyObject_HEAD
    KrLocal *local; // borrowed; NULL once the local has gone
    PyObject *dict; // owned, for the local; NULL once the local has gone
    KrSeat *next;   // of the same local
    KrSeat **place; // what points here
};

struct KrLocal {
    PyObject_HEAD
    PyObject *key;      // str, unique to this local
    KrSeat *seats;      // one for each thread that has touched it
    PyObject *args;     // for __init__ in other threads
    PyObject *kwargs;   // or NULL
};

// ---- seats ------------------------------------------------------------------

// Parts seat and local; the dict, now the caller's.
static PyObject *
seat_leave(KrSeat *seat)
{
    PyObject *dict = seat->dict;
    if (seat->local != NULL) {
        *seat->place = seat->next;
        if (seat->next != NULL) {
            seat->next->place = seat->place;
        }
    }
    seat->local = NULL;
    seat->dict = NULL;
    return dict;
}

static void
seat_dealloc(PyObject *op)
{
    Py_XDECREF(seat_leave((KrSeat *)op));
    PyObject_Free(op);
}

PyTypeObject kr_local_seat_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_thread._localdummy",
    .tp_basicsize = sizeof(KrSeat),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = seat_dealloc,
};

static KrSeat *
seat_new(KrLocal *self)
{
    PyObject *dict = PyDict_New();
    KrSeat *seat = dict == NULL ? NULL : PyObject_New(KrSeat, &kr_local_seat_type);
    if (seat == NULL) {
        Py_XDECREF(dict);
        return NULL;
    }
    seat->local = self;
    seat->dict = dict;
    seat->next = self->seats;
    seat->place = &self->seats;
    if (seat->next != NULL) {
        seat->next->place = &seat->next;
    }
    self->seats = seat;
    return seat;
}

// ---- finding the dict of this thread ----------------------------------------

// Makes this thread's dict, and runs __init__ of a subclass in it.
static PyObject *
create_dict(KrLocal *self, PyObject *thread_dict, bool run_init)
{
    KrSeat *seat = seat_new(self);
    int status = seat == NULL ? -1
                              : PyDict_SetItem(thread_dict, self->key, (PyObject *)seat);
    PyObject *dict = status == 0 ? Py_NewRef(seat->dict) : NULL;

    Py_XDECREF(seat);
    if (dict == NULL) {
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
    PyObject *thread_dict = PyThreadState_GetDict(), *seat;
    int found;

    if (thread_dict == NULL) {
        PyErr_SetString(PyExc_SystemError, "Couldn't get thread-state dictionary");
        return NULL;
    }
    found = PyDict_GetItemRef(thread_dict, self->key, &seat);
    if (found < 0) {
        return NULL;
    }
    // Somebody may have put other things, or another local's seat, into the thread's dict.
    PyObject *dict = found && Py_IS_TYPE(seat, &kr_local_seat_type) &&
                             ((KrSeat *)seat)->local == self
                         ? Py_NewRef(((KrSeat *)seat)->dict) : NULL;
    Py_XDECREF(seat);
    return dict != NULL ? dict : create_dict(self, thread_dict, run_init);
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

    for (KrSeat *seat = self->seats; seat != NULL; seat = seat->next) {
        Py_VISIT(seat->dict);
    }
    Py_VISIT(self->args);
    Py_VISIT(self->kwargs);
    return 0;
}

// Takes the dicts away and the seats out of all threads.
static void
drop_dicts(KrLocal *self)
{
    PyObject *error = PyErr_GetRaisedException();

    while (self->seats != NULL) {
        Py_XDECREF(seat_leave(self->seats));
    }

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
