// SPDX-License-Identifier: MIT
// handle.c - _ThreadHandle: starting threads and waiting for their end.
//
// A handle's record is shared by the Python object and the running thread and has
// its own count, for the thread may outlive the object. The end of a thread is a
// one-time event: `ended` is a lock that is held while the thread runs, and each
// waiter passes it on.
// Invariants: records of threads that are no daemons are in runtime.thread_handles
//             until they end; all fields are used with the interpreter's lock held,
//             but for waiting on `ended`.
#include <pthread.h>
#include <string.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/threads/threads.h"

typedef enum {
    HANDLE_NEW,
    HANDLE_STARTING,
    HANDLE_RUNNING,
    HANDLE_DONE,
} KrHandleState;

typedef struct KrThreadRecord {
    struct KrThreadRecord *next;
    struct KrThreadRecord **link; // where `next` of the one before points from, or NULL
    int refs;
    KrHandleState state;
    bool joinable;                // pthread_join or pthread_detach is still due
    unsigned long ident;
    pthread_t thread;
    PyThread_type_lock ended;     // held until the thread is done
} KrThreadRecord;

typedef struct {
    PyObject_HEAD
    KrThreadRecord *record;
} KrThreadHandle;

// What a new thread gets.
typedef struct {
    PyInterpreterState *interp;
    PyThreadState *tstate;
    PyObject *func;
    PyObject *args;   // tuple
    PyObject *kwargs; // dict or NULL
    KrThreadRecord *record;
    bool listed;
} KrBoot;

// ---- records ----------------------------------------------------------------

static KrThreadRecord *
record_new(void)
{
    KrThreadRecord *record = PyMem_RawCalloc(1, sizeof *record);

    if (record == NULL || (record->ended = PyThread_allocate_lock()) == NULL) {
        PyMem_RawFree(record);
        PyErr_NoMemory();
        return NULL;
    }
    PyThread_acquire_lock(record->ended, WAIT_LOCK);
    record->refs = 1;
    return record;
}

static void
record_release(KrThreadRecord *record)
{
    if (--record->refs > 0) {
        return;
    }
    if (record->joinable) {
        pthread_detach(record->thread);
    }
    PyThread_free_lock(record->ended);
    PyMem_RawFree(record);
}

static void
record_list(PyInterpreterState *interp, KrThreadRecord *record)
{
    KrThreadRecord **head = (KrThreadRecord **)&interp->runtime.thread_handles;

    record->next = *head;
    record->link = head;
    if (record->next != NULL) {
        record->next->link = &record->next;
    }
    *head = record;
    record->refs++;
}

static void
record_unlist(KrThreadRecord *record)
{
    if (record->link == NULL) {
        return;
    }
    *record->link = record->next;
    if (record->next != NULL) {
        record->next->link = record->link;
    }
    record->link = NULL;
    record->next = NULL;
    record_release(record);
}

// The thread has ended, or never was: lets the waiters go.
static void
record_finish(KrThreadRecord *record)
{
    if (record->state != HANDLE_DONE) {
        record->state = HANDLE_DONE;
        PyThread_release_lock(record->ended);
    }
}

// ---- the new thread ---------------------------------------------------------

static void
boot_free(KrBoot *boot)
{
    Py_XDECREF(boot->func);
    Py_XDECREF(boot->args);
    Py_XDECREF(boot->kwargs);
    PyMem_RawFree(boot);
}

static void
boot_run(void *arg)
{
    KrBoot *boot = arg;
    KrThreadRecord *record = boot->record;
    PyInterpreterState *interp = boot->interp;
    PyObject *result;

    PyEval_AcquireThread(boot->tstate);
    if (record->state == HANDLE_STARTING) {
        record->state = HANDLE_RUNNING;
        record->ident = PyThread_get_thread_ident();
    }
    result = PyObject_Call(boot->func, boot->args, boot->kwargs);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
            PyErr_Clear();
        }
        else {
            PyErr_FormatUnraisable("Exception ignored in thread started by %R",
                                   boot->func);
        }
    }
    Py_XDECREF(result);
    PyThreadState *tstate = boot->tstate;
    boot_free(boot);
    interp->runtime.thread_count--;
    PyThreadState_Clear(tstate);
    record_finish(record);
    record_unlist(record);
    record_release(record);
    PyThreadState_DeleteCurrent();
}

// Starts func(*args, **kwargs) in a thread that record stands for. -1 with an
// exception.
static int
start_record(KrThreadRecord *record, PyObject *func, PyObject *args, PyObject *kwargs,
             bool daemon)
{
    PyInterpreterState *interp = kr_interp();
    KrBoot *boot;
    void *handle;

    if (interp->finalizing) {
        PyErr_SetString(PyExc_PythonFinalizationError,
                        "can't create new thread at interpreter shutdown");
        return -1;
    }
    if (record->state != HANDLE_NEW) {
        PyErr_SetString(PyExc_RuntimeError, "thread already started");
        return -1;
    }
    boot = PyMem_RawCalloc(1, sizeof *boot);
    if (boot == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    boot->interp = interp;
    boot->tstate = PyThreadState_New(interp);
    if (boot->tstate == NULL) {
        PyMem_RawFree(boot);
        PyErr_NoMemory();
        return -1;
    }
    boot->func = Py_NewRef(func);
    boot->args = Py_NewRef(args);
    boot->kwargs = Py_XNewRef(kwargs);
    boot->record = record;
    record->refs++;
    record->state = HANDLE_STARTING;
    interp->runtime.thread_count++;
    if (!daemon) {
        record_list(interp, record);
    }
    // This thread has the interpreter's lock, so the new one waits at its first step
    // until the record is filled in.
    if (kr_start_thread(boot_run, boot, true, &record->ident, &handle) < 0) {
        interp->runtime.thread_count--;
        record->state = HANDLE_NEW;
        record_unlist(record);
        record_release(record);
        PyThreadState_Clear(boot->tstate);
        PyThreadState_Delete(boot->tstate);
        boot_free(boot);
        PyErr_SetString(PyExc_RuntimeError, "can't start new thread");
        return -1;
    }
    record->thread = (pthread_t)handle;
    record->joinable = true;
    return 0;
}

// ---- joining ----------------------------------------------------------------

// Waits for the end: 1 ended, 0 time is up, -1 exception.
static int
join_record(KrThreadRecord *record, PY_TIMEOUT_T microseconds)
{
    if (record->state == HANDLE_NEW) {
        PyErr_SetString(PyExc_RuntimeError, "thread not started");
        return -1;
    }
    if (record->state != HANDLE_DONE) {
        if (record->ident == PyThread_get_thread_ident()) {
            PyErr_SetString(PyExc_RuntimeError, "Cannot join current thread");
            return -1;
        }
        record->refs++;
        PyLockStatus status = kr_lock_wait(record->ended, microseconds);
        if (status == PY_LOCK_ACQUIRED) {
            PyThread_release_lock(record->ended); // for the next waiter
        }
        record->refs--;
        if (status == PY_LOCK_INTR) {
            return -1;
        }
        if (status != PY_LOCK_ACQUIRED) {
            return 0;
        }
    }
    if (record->joinable) {
        record->joinable = false;
        pthread_t thread = record->thread;
        Py_BEGIN_ALLOW_THREADS
        pthread_join(thread, NULL);
        Py_END_ALLOW_THREADS
    }
    return 1;
}

int
kr_threads_shutdown(void)
{
    PyInterpreterState *interp = kr_interp();

    for (;;) {
        KrThreadRecord *record = interp->runtime.thread_handles;
        unsigned long me = PyThread_get_thread_ident();
        while (record != NULL && record->ident == me) {
            record = record->next;
        }
        if (record == NULL) {
            return 0;
        }
        record->refs++;
        int status = join_record(record, -1);
        record_unlist(record);
        record_release(record);
        if (status < 0) {
            return -1;
        }
    }
}

void
kr_threads_clear_after_fork(void)
{
    PyInterpreterState *interp = kr_interp();
    KrThreadRecord *record = interp->runtime.thread_handles;
    unsigned long me = PyThread_get_thread_ident();

    // Only the thread that forked is still there.
    while (record != NULL) {
        KrThreadRecord *next = record->next;
        if (record->ident != me) {
            record->joinable = false;
            record_finish(record);
            record_unlist(record);
        }
        record = next;
    }
    interp->runtime.thread_count = 0;
}

// ---- the type ---------------------------------------------------------------

static PyObject *
thread_handle_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    KrThreadHandle *self = (KrThreadHandle *)type->tp_alloc(type, 0);

    if (self != NULL) {
        self->record = record_new();
        if (self->record == NULL) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

static void
thread_handle_dealloc(PyObject *op)
{
    KrThreadHandle *self = (KrThreadHandle *)op;

    if (self->record != NULL) {
        record_release(self->record);
    }
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
thread_handle_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<%s object: ident=%lu>", Py_TYPE(op)->tp_name,
                                ((KrThreadHandle *)op)->record->ident);
}

KR_GETTER(thread_handle, "ident", "The thread's identity, 0 before its start.")
static PyObject *
thread_handle_get_ident(KrThreadHandle *self)
{
    return PyLong_FromUnsignedLong(self->record->ident);
}

KR_METHOD_RAW(thread_handle, "join", METH_FASTCALL, "Waits for the thread's end.")
static PyObject *
thread_handle_join(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    KrThreadHandle *self = (KrThreadHandle *)op;
    PY_TIMEOUT_T microseconds = -1;

    if (!kr_arg_count("join", nargs, 0, 1)) {
        return NULL;
    }
    if (nargs == 1 && !Py_IsNone(args[0])) {
        double seconds = PyFloat_AsDouble(args[0]);
        if (seconds == -1.0 && PyErr_Occurred()) {
            return NULL;
        }
        if (seconds > KR_TIMEOUT_MAX_SECONDS) {
            PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
            return NULL;
        }
        microseconds = seconds < 0 ? -1 : (PY_TIMEOUT_T)(seconds * 1e6 + 0.999999);
    }
    if (join_record(self->record, microseconds) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(thread_handle, "is_done(self)", "Whether the thread has ended.")
static PyObject *
thread_handle_is_done(KrThreadHandle *self)
{
    return PyBool_FromLong(self->record->state == HANDLE_DONE);
}

KR_METHOD(thread_handle, "_set_done(self)", "Marks the thread as ended.")
static PyObject *
thread_handle__set_done(KrThreadHandle *self)
{
    if (self->record->state == HANDLE_NEW) {
        PyErr_SetString(PyExc_RuntimeError, "thread not started");
        return NULL;
    }
    record_finish(self->record);
    record_unlist(self->record);
    Py_RETURN_NONE;
}

KR_TYPE(thread_handle)
#include "runtime/threads/handle.methods.h"

PyTypeObject kr_thread_handle_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_thread._ThreadHandle",
    .tp_basicsize = sizeof(KrThreadHandle),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = thread_handle_dealloc,
    .tp_repr = thread_handle_repr,
    .tp_methods = thread_handle_methods,
    .tp_getset = thread_handle_getset,
    .tp_new = thread_handle_new,
};

PyObject *
kr_thread_handle_for(unsigned long ident)
{
    PyObject *self = thread_handle_new(&kr_thread_handle_type, NULL, NULL);

    if (self != NULL) {
        ((KrThreadHandle *)self)->record->ident = ident;
        ((KrThreadHandle *)self)->record->state = HANDLE_RUNNING;
    }
    return self;
}

PyObject *
kr_start_joinable(PyObject *func, PyObject *args, PyObject *kwargs, PyObject *handle,
                  bool daemon)
{
    int status;

    if (handle == NULL) {
        handle = thread_handle_new(&kr_thread_handle_type, NULL, NULL);
        if (handle == NULL) {
            return NULL;
        }
    }
    else {
        Py_INCREF(handle);
    }
    status = start_record(((KrThreadHandle *)handle)->record, func, args, kwargs, daemon);
    if (status < 0) {
        Py_CLEAR(handle);
    }
    return handle;
}
