// SPDX-License-Identifier: MIT
// locks.c - _thread.lock and _thread.RLock.
#include "runtime/threads/threads.h"

#include <math.h>
#include <time.h>

#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock; // NULL only while being made
    bool locked;
} KrLock;

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock;
    unsigned long owner;     // 0: nobody
    Py_ssize_t count;
} KrRLock;

// ---- waiting ----------------------------------------------------------------

int
kr_read_lock_timeout(bool blocking, PyObject *timeout, PY_TIMEOUT_T *microseconds_out)
{
    double seconds = -1.0;

    if (timeout != NULL) {
        seconds = PyFloat_AsDouble(timeout);
        if (seconds == -1.0 && PyErr_Occurred()) {
            return -1;
        }
    }
    if (isnan(seconds)) {
        PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
        return -1;
    }
    if (!blocking && seconds != -1.0) {
        PyErr_SetString(PyExc_ValueError,
                        "can't specify a timeout for a non-blocking call");
        return -1;
    }
    if (seconds < 0 && seconds != -1.0) {
        PyErr_SetString(PyExc_ValueError,
                        "timeout value must be a non-negative number");
        return -1;
    }
    if (!blocking) {
        *microseconds_out = 0;
    }
    else if (seconds == -1.0) {
        *microseconds_out = -1;
    }
    else {
        if (seconds >= 9223372036.854775807) {
            PyErr_SetString(PyExc_OverflowError,
                            "timestamp out of range for C PyTime_t");
            return -1;
        }
        if (seconds > KR_TIMEOUT_MAX_SECONDS) {
            PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
            return -1;
        }
        // Rounded up: never less than asked for.
        *microseconds_out = (PY_TIMEOUT_T)ceil(seconds * 1e6);
    }
    return 0;
}

static long long
now_microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

PyLockStatus
kr_lock_wait(PyThread_type_lock lock, PY_TIMEOUT_T microseconds)
{
    PyLockStatus status = PyThread_acquire_lock_timed(lock, 0, 0);
    long long until = 0;

    if (status == PY_LOCK_ACQUIRED || microseconds == 0) {
        return status;
    }
    if (microseconds > 0) {
        until = now_microseconds() + microseconds;
    }
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(lock, microseconds, 1);
        Py_END_ALLOW_THREADS
        if (status != PY_LOCK_INTR) {
            return status;
        }
        if (Py_MakePendingCalls() < 0) {
            return PY_LOCK_INTR;
        }
        if (microseconds > 0) {
            microseconds = until - now_microseconds();
            if (microseconds <= 0) {
                return PY_LOCK_FAILURE;
            }
        }
    }
}

// ---- lock -------------------------------------------------------------------

static PyObject *
lock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    KrLock *self;

    if (!kr_arg_no_keywords("lock", kwargs) ||
        !kr_arg_count("lock", PyTuple_GET_SIZE(args), 0, 0)) {
        return NULL;
    }
    self = (KrLock *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->lock = PyThread_allocate_lock();
    if (self->lock == NULL) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_RuntimeError, "can't allocate lock");
        return NULL;
    }
    return (PyObject *)self;
}

static void
lock_dealloc(PyObject *op)
{
    KrLock *self = (KrLock *)op;

    PyObject_ClearWeakRefs(op);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
lock_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<%s %s object at %p>",
                                ((KrLock *)op)->locked ? "locked" : "unlocked",
                                Py_TYPE(op)->tp_name, op);
}

KR_METHOD(lock, "acquire(self, /, blocking=True, timeout=-1)",
          "Takes the lock; whether that worked.")
static PyObject *
lock_acquire(KrLock *self, bool blocking, PyObject *timeout)
{
    PY_TIMEOUT_T microseconds;
    PyLockStatus status;

    if (kr_read_lock_timeout(blocking, timeout, &microseconds) < 0) {
        return NULL;
    }
    status = kr_lock_wait(self->lock, microseconds);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    if (status == PY_LOCK_ACQUIRED) {
        self->locked = true;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

KR_METHOD(lock, "acquire_lock(self, /, blocking=True, timeout=-1)", "The same as acquire().")
static PyObject *
lock_acquire_lock(KrLock *self, bool blocking, PyObject *timeout)
{
    return lock_acquire(self, blocking, timeout);
}

KR_METHOD(lock, "release(self)", "Gives the lock back; any thread may do so.")
static PyObject *
lock_release(KrLock *self)
{
    if (!self->locked) {
        PyErr_SetString(PyExc_RuntimeError, "release unlocked lock");
        return NULL;
    }
    self->locked = false;
    PyThread_release_lock(self->lock);
    Py_RETURN_NONE;
}

KR_METHOD(lock, "release_lock(self)", "The same as release().")
static PyObject *
lock_release_lock(KrLock *self)
{
    return lock_release(self);
}

KR_METHOD(lock, "locked(self)", "Whether the lock is taken.")
static PyObject *
lock_locked(KrLock *self)
{
    return PyBool_FromLong(self->locked);
}

KR_METHOD(lock, "locked_lock(self)", "The same as locked().")
static PyObject *
lock_locked_lock(KrLock *self)
{
    return PyBool_FromLong(self->locked);
}

KR_METHOD(lock, "__enter__(self)", "Takes the lock.")
static PyObject *
lock___enter__(KrLock *self)
{
    return lock_acquire(self, true, NULL);
}

KR_METHOD(lock, "__exit__(self, /, *exc_info)", "Gives the lock back.")
static PyObject *
lock___exit__(KrLock *self, PyObject *const *args, Py_ssize_t nargs)
{
    return lock_release(self);
}

KR_METHOD(lock, "_at_fork_reinit(self)", "Makes the lock new, in the child of a fork.")
static PyObject *
lock__at_fork_reinit(KrLock *self)
{
    PyThread_type_lock fresh = PyThread_allocate_lock();

    if (fresh == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "failed to reinitialize lock at fork");
        return NULL;
    }
    // The old one may be in an odd state: it is left alone.
    self->lock = fresh;
    self->locked = false;
    Py_RETURN_NONE;
}

KR_TYPE(lock)

// ---- RLock ------------------------------------------------------------------

static PyObject *
rlock_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    KrRLock *self;

    if (PyTuple_GET_SIZE(args) > 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0)) {
        // Accepted with a warning, for old callers.
        if (PyErr_WarnEx(PyExc_DeprecationWarning,
                         "Passing arguments to RLock is deprecated and will be removed "
                         "in 3.15",
                         1) < 0) {
            return NULL;
        }
    }
    self = (KrRLock *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->lock = PyThread_allocate_lock();
    if (self->lock == NULL) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_RuntimeError, "can't allocate lock");
        return NULL;
    }
    return (PyObject *)self;
}

static void
rlock_dealloc(PyObject *op)
{
    KrRLock *self = (KrRLock *)op;

    PyObject_ClearWeakRefs(op);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
rlock_repr(PyObject *op)
{
    KrRLock *self = (KrRLock *)op;

    return PyUnicode_FromFormat("<%s %s object owner=%lu count=%zd at %p>",
                                self->owner ? "locked" : "unlocked",
                                Py_TYPE(op)->tp_name, self->owner, self->count, op);
}

KR_METHOD(rlock, "acquire(self, /, blocking=True, timeout=-1)",
          "Takes the lock, again if this thread has it; whether that worked.")
static PyObject *
rlock_acquire(KrRLock *self, bool blocking, PyObject *timeout)
{
    unsigned long me = PyThread_get_thread_ident();
    PY_TIMEOUT_T microseconds;
    PyLockStatus status;

    if (kr_read_lock_timeout(blocking, timeout, &microseconds) < 0) {
        return NULL;
    }
    if (self->owner == me) {
        if (self->count == PY_SSIZE_T_MAX) {
            PyErr_SetString(PyExc_OverflowError, "Internal lock count overflowed");
            return NULL;
        }
        self->count++;
        Py_RETURN_TRUE;
    }
    status = kr_lock_wait(self->lock, microseconds);
    if (status == PY_LOCK_INTR) {
        return NULL;
    }
    if (status == PY_LOCK_ACQUIRED) {
        self->owner = me;
        self->count = 1;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

KR_METHOD(rlock, "release(self)", "Undoes one acquire() of this thread.")
static PyObject *
rlock_release(KrRLock *self)
{
    if (self->owner != PyThread_get_thread_ident() || self->count == 0) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    if (--self->count == 0) {
        self->owner = 0;
        PyThread_release_lock(self->lock);
    }
    Py_RETURN_NONE;
}

KR_METHOD(rlock, "locked(self)", "Whether the lock is taken.")
static PyObject *
rlock_locked(KrRLock *self)
{
    return PyBool_FromLong(self->count > 0);
}

KR_METHOD(rlock, "__enter__(self)", "Takes the lock.")
static PyObject *
rlock___enter__(KrRLock *self)
{
    return rlock_acquire(self, true, NULL);
}

KR_METHOD(rlock, "__exit__(self, /, *exc_info)", "Undoes one acquire().")
static PyObject *
rlock___exit__(KrRLock *self, PyObject *const *args, Py_ssize_t nargs)
{
    return rlock_release(self);
}

KR_METHOD(rlock, "_is_owned(self)", "Whether this thread has the lock.")
static PyObject *
rlock__is_owned(KrRLock *self)
{
    return PyBool_FromLong(self->count > 0 && self->owner == PyThread_get_thread_ident());
}

KR_METHOD(rlock, "_recursion_count(self)", "How often this thread has taken the lock.")
static PyObject *
rlock__recursion_count(KrRLock *self)
{
    bool mine = self->owner == PyThread_get_thread_ident();

    return PyLong_FromSsize_t(mine ? self->count : 0);
}

KR_METHOD(rlock, "_release_save(self)", "Gives the lock up wholly, for condition variables.")
static PyObject *
rlock__release_save(KrRLock *self)
{
    PyObject *state;

    if (self->count == 0) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    state = Py_BuildValue("nk", self->count, self->owner);
    if (state != NULL) {
        self->count = 0;
        self->owner = 0;
        PyThread_release_lock(self->lock);
    }
    return state;
}

KR_METHOD(rlock, "_acquire_restore(self, state, /)", "Takes back what _release_save() gave.")
static PyObject *
rlock__acquire_restore(KrRLock *self, PyObject *state)
{
    unsigned long owner;
    Py_ssize_t count;

    if (!PyTuple_Check(state)) {
        kr_arg_bad("_acquire_restore", "argument", "tuple", state);
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "nk:_acquire_restore", &count, &owner)) {
        return NULL;
    }
    if (PyThread_acquire_lock_timed(self->lock, 0, 0) != PY_LOCK_ACQUIRED) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(self->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    self->count = count;
    self->owner = owner;
    Py_RETURN_NONE;
}

KR_METHOD(rlock, "_at_fork_reinit(self)", "Makes the lock new, in the child of a fork.")
static PyObject *
rlock__at_fork_reinit(KrRLock *self)
{
    PyThread_type_lock fresh = PyThread_allocate_lock();

    if (fresh == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "failed to reinitialize lock at fork");
        return NULL;
    }
    self->lock = fresh;
    self->count = 0;
    self->owner = 0;
    Py_RETURN_NONE;
}

KR_TYPE(rlock)
#include "runtime/threads/locks.methods.h"

PyTypeObject kr_lock_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_thread.lock",
    .tp_basicsize = sizeof(KrLock),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_MANAGED_WEAKREF,
    .tp_doc = "lock()\n--\n\n"
              "A lock that one thread at a time can have; any thread may release it.",
    .tp_dealloc = lock_dealloc,
    .tp_repr = lock_repr,
    .tp_methods = lock_methods,
    .tp_new = lock_new,
};

PyTypeObject kr_rlock_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_thread.RLock",
    .tp_basicsize = sizeof(KrRLock),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_MANAGED_WEAKREF,
    .tp_dealloc = rlock_dealloc,
    .tp_repr = rlock_repr,
    .tp_methods = rlock_methods,
    .tp_new = rlock_new,
};
