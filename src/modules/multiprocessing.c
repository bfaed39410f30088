// SPDX-License-Identifier: MIT
// multiprocessing.c - module _multiprocessing: SemLock, a lock or semaphore that
// several processes share, on top of POSIX named semaphores.
//
// Invariants:  count is how often this process holds the lock; owner means something
//              only while count is above 0.
#include "Python.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "structmember.h"

enum {
    RECURSIVE_MUTEX = 0,
    SEMAPHORE = 1,
};

typedef struct {
    PyObject_HEAD
    sem_t *handle; // SEM_FAILED: none
    unsigned long owner;
    int count;
    int maxvalue;
    int kind;
    bool borrowed; // the handle belongs to somebody else
    char *name;    // PyMem, or NULL
} SemLock;

_Static_assert(sizeof(SemLock) == 56, "as 3.14");

// ---- making -------------------------------------------------------------------------

// Takes over an open handle. name may be NULL.
static PyObject *
semlock_make(PyTypeObject *cls, sem_t *handle, int kind, int maxvalue, const char *name)
{
    char *copy = NULL;

    if (name != NULL) {
        copy = PyMem_Malloc(strlen(name) + 1);
        if (copy == NULL) {
            sem_close(handle);
            return PyErr_NoMemory();
        }
        strcpy(copy, name);
    }
    SemLock *self = (SemLock *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        PyMem_Free(copy);
        sem_close(handle);
        return NULL;
    }
    self->handle = handle;
    self->kind = kind;
    self->maxvalue = maxvalue;
    self->name = copy;
    return (PyObject *)self;
}

KR_NEW(semlock, "SemLock(kind, value, maxvalue, name, unlink)",
       "A lock (kind 0) or semaphore (kind 1) that processes can share.")
static PyObject *
semlock_new_impl(PyTypeObject *cls, int kind, int value, int maxvalue, const char *name,
                 bool unlink)
{
    if (kind != RECURSIVE_MUTEX && kind != SEMAPHORE) {
        PyErr_SetString(PyExc_ValueError, "unrecognized kind");
        return NULL;
    }
    sem_t *handle = sem_open(name, O_CREAT | O_EXCL, 0600, (unsigned)value);
    if (handle == SEM_FAILED) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (unlink && sem_unlink(name) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        sem_close(handle);
        return NULL;
    }
    return semlock_make(cls, handle, kind, maxvalue, unlink ? NULL : name);
}

KR_METHOD(semlock, "_rebuild(cls, handle, kind, maxvalue, name: str | None, /)",
          "The same lock in another process: by its name, else by its handle.")
static PyObject *
semlock_rebuild(PyTypeObject *cls, PyObject *handle, int kind, int maxvalue,
                const char *name)
{
    sem_t *semaphore = PyLong_AsVoidPtr(handle);

    if (semaphore == NULL && PyErr_Occurred()) {
        return NULL;
    }
    if (name != NULL) {
        semaphore = sem_open(name, 0);
        if (semaphore == SEM_FAILED) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        return semlock_make(cls, semaphore, kind, maxvalue, name);
    }
    SemLock *self = (SemLock *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->handle = semaphore == NULL ? SEM_FAILED : semaphore;
        self->borrowed = true;
        self->kind = kind;
        self->maxvalue = maxvalue;
    }
    return (PyObject *)self;
}

static int
semlock_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
semlock_dealloc(PyObject *op)
{
    SemLock *self = (SemLock *)op;
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    if (self->handle != SEM_FAILED && !self->borrowed) {
        sem_close(self->handle);
    }
    PyMem_Free(self->name);
    type->tp_free(op);
    Py_DECREF(type);
}

// ---- acquiring and releasing ----------------------------------------------------------

static bool
is_mine(const SemLock *self)
{
    return self->count > 0 && self->owner == PyThread_get_thread_ident();
}

// A moment of the monotonic clock that many seconds from now.
static struct timespec
deadline_after(double seconds)
{
    struct timespec moment;
    double whole = floor(seconds < 0 ? 0 : seconds > 1e9 ? 1e9 : seconds);

    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += (time_t)whole;
    moment.tv_nsec += seconds > 0 && seconds < 1e9 ? (long)((seconds - whole) * 1e9) : 0;
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_nsec -= 1000000000;
        moment.tv_sec++;
    }
    return moment;
}

// 1 acquired, 0 not, -1 error.
static int
semlock_wait(SemLock *self, bool block, const struct timespec *deadline)
{
    int status;

    do {
        status = sem_trywait(self->handle);
    } while (status < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    if (PyErr_Occurred()) {
        return -1;
    }
    while (status < 0 && block && (errno == EAGAIN || errno == EINTR)) {
        Py_BEGIN_ALLOW_THREADS
        status = deadline == NULL
                     ? sem_wait(self->handle)
                     : sem_clockwait(self->handle, CLOCK_MONOTONIC, deadline);
        Py_END_ALLOW_THREADS
        if (status < 0 && errno == EINTR && PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
    if (status == 0) {
        return 1;
    }
    if (errno == EAGAIN || errno == ETIMEDOUT) {
        return 0;
    }
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

static PyObject *
acquire(SemLock *self, bool block, PyObject *timeout)
{
    struct timespec deadline;

    if (self->kind == RECURSIVE_MUTEX && is_mine(self)) {
        self->count++;
        Py_RETURN_TRUE;
    }
    if (timeout != Py_None) {
        double seconds = PyFloat_AsDouble(timeout);
        if (seconds == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        deadline = deadline_after(seconds);
    }
    int acquired = semlock_wait(self, block, timeout == Py_None ? NULL : &deadline);
    if (acquired < 0) {
        return NULL;
    }
    if (acquired) {
        self->count++;
        self->owner = PyThread_get_thread_ident();
    }
    return PyBool_FromLong(acquired);
}

KR_METHOD(semlock, "acquire(self, /, block=True, timeout=None)",
          "Acquire the lock; true if that was possible within timeout seconds.")
static PyObject *
semlock_acquire(SemLock *self, bool block, PyObject *timeout)
{
    return acquire(self, block, timeout);
}

KR_METHOD(semlock, "__enter__(self, /)", "Acquire the lock.")
static PyObject *
semlock_enter(SemLock *self)
{
    return acquire(self, true, Py_None);
}

KR_METHOD(semlock, "release(self, /)", "Release the lock.")
static PyObject *
semlock_release(SemLock *self)
{
    int value;

    if (self->kind == RECURSIVE_MUTEX) {
        if (!is_mine(self)) {
            PyErr_SetString(PyExc_AssertionError,
                            "attempt to release recursive lock not owned by thread");
            return NULL;
        }
        if (self->count > 1) {
            self->count--;
            Py_RETURN_NONE;
        }
    }
    else {
        if (sem_getvalue(self->handle, &value) < 0) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (value >= self->maxvalue) {
            PyErr_SetString(PyExc_ValueError,
                            "semaphore or lock released too many times");
            return NULL;
        }
    }
    if (sem_post(self->handle) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    self->count--;
    Py_RETURN_NONE;
}

KR_METHOD(semlock, "__exit__(self, exc_type=None, exc_value=None, exc_tb=None, /)",
          "Release the lock.")
static PyObject *
semlock_exit(SemLock *self, PyObject *exc_type, PyObject *exc_value, PyObject *exc_tb)
{
    return semlock_release(self);
}

// ---- questions --------------------------------------------------------------------------

KR_METHOD(semlock, "_count(self, /)", "How often this process holds the lock.")
static PyObject *
semlock_count(SemLock *self)
{
    return PyLong_FromLong(self->count);
}

KR_METHOD(semlock, "_is_mine(self, /)", "Whether this thread holds the lock.")
static PyObject *
semlock_is_mine(SemLock *self)
{
    return PyBool_FromLong(is_mine(self));
}

KR_METHOD(semlock, "_get_value(self, /)", "The value of the semaphore.")
static PyObject *
semlock_get_value(SemLock *self)
{
    int value;

    if (sem_getvalue(self->handle, &value) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(value < 0 ? 0 : value);
}

KR_METHOD(semlock, "_is_zero(self, /)", "Whether the semaphore's value is zero.")
static PyObject *
semlock_is_zero(SemLock *self)
{
    int value;

    if (sem_getvalue(self->handle, &value) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyBool_FromLong(value == 0);
}

KR_METHOD(semlock, "_after_fork(self, /)", "In a new process: it does not hold the lock.")
static PyObject *
semlock_after_fork(SemLock *self)
{
    self->count = 0;
    Py_RETURN_NONE;
}

KR_GETTER(semlock, "handle", "the semaphore's address in this process")
static PyObject *
semlock_get_handle(SemLock *self)
{
    return PyLong_FromVoidPtr(self->handle);
}

static PyMemberDef semlock_members[] = {
    {"kind", Py_T_INT, offsetof(SemLock, kind), Py_READONLY, "0 lock, 1 semaphore"},
    {"maxvalue", Py_T_INT, offsetof(SemLock, maxvalue), Py_READONLY, "highest value"},
    {"name", Py_T_STRING, offsetof(SemLock, name), Py_READONLY, "its name, or None"},
    {NULL},
};

// ---- the module -------------------------------------------------------------------------

KR_FUNCTION(multiprocessing, "sem_unlink(name, /)", "Remove the name of a semaphore.")
static PyObject *
multiprocessing_sem_unlink(PyObject *module, const char *name)
{
    return sem_unlink(name) < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

KR_TYPE(semlock)
KR_MODULE(multiprocessing)
#include "modules/multiprocessing.methods.h"

static PyType_Slot semlock_slots[] = {
    {Py_tp_doc, (void *)semlock_doc},
    {Py_tp_new, semlock_new},
    {Py_tp_dealloc, semlock_dealloc},
    {Py_tp_traverse, semlock_traverse},
    {Py_tp_methods, semlock_methods},
    {Py_tp_members, semlock_members},
    {Py_tp_getset, semlock_getset},
    {0, NULL},
};

static PyType_Spec semlock_spec = {
    .name = "_multiprocessing.SemLock",
    .basicsize = sizeof(SemLock),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = semlock_slots,
};

static int
multiprocessing_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &semlock_spec, NULL);

    if (type == NULL) {
        return -1;
    }
    PyObject *limit = PyLong_FromLong(SEM_VALUE_MAX);
    PyObject *dict = PyType_GetDict((PyTypeObject *)type);
    int status = limit == NULL || dict == NULL
                     ? -1
                     : PyDict_SetItemString(dict, "SEM_VALUE_MAX", limit);
    Py_XDECREF(limit);
    Py_XDECREF(dict);
    PyType_Modified((PyTypeObject *)type);
    if (status < 0 || PyModule_AddObjectRef(module, "SemLock", type) < 0) {
        Py_DECREF(type);
        return -1;
    }
    Py_DECREF(type);
    return PyModule_Add(
        module, "flags",
        Py_BuildValue("{sisi}", "HAVE_SEM_OPEN", 1, "HAVE_SEM_TIMEDWAIT", 1));
}

static PyModuleDef_Slot multiprocessing_slots[] = {
    {Py_mod_exec, multiprocessing_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef multiprocessing_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_multiprocessing",
    .m_doc = "Locks and semaphores between processes.",
    .m_methods = multiprocessing_methods,
    .m_slots = multiprocessing_slots,
};

PyMODINIT_FUNC
PyInit__multiprocessing(void)
{
    return PyModuleDef_Init(&multiprocessing_def);
}
