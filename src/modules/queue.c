// SPDX-License-Identifier: MIT
// queue.c - the module _queue: SimpleQueue, which can be used from finalisers too.
//
// Design:      the items stand in a ring, guarded by the interpreter lock: nothing
//              that touches it runs Python. A waiting get() holds `lock`, which a
//              put() releases; then the waiter looks again.
// Invariants:  room is 0 or a power of two; `waiting` says that a put() has to release
//              the lock.
#include <Python.h>
#include <time.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock;
    PyObject **ring; // owned
    Py_ssize_t room;
    Py_ssize_t first;
    Py_ssize_t count;
    bool waiting;
    PyObject *weakrefs;
} SimpleQueue;

_Static_assert(sizeof(SimpleQueue) == 72, "as 3.14");

// What each module object keeps.
typedef struct {
    PyObject *empty; // owned, the exception
} QueueState;

static PyModuleDef queue_def;

// --- The ring ----------------------------------------------------------------------

static int
queue_append(SimpleQueue *self, PyObject *item)
{
    if (self->count == self->room) {
        Py_ssize_t room = self->room == 0 ? 8 : self->room * 2;
        PyObject **ring = PyMem_Malloc((size_t)room * sizeof(PyObject *));
        if (ring == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        for (Py_ssize_t i = 0; i < self->count; i++) {
            ring[i] = self->ring[(self->first + i) & (self->room - 1)];
        }
        PyMem_Free(self->ring);
        self->ring = ring;
        self->room = room;
        self->first = 0;
    }
    self->ring[(self->first + self->count++) & (self->room - 1)] = Py_NewRef(item);
    return 0;
}

// The queue is not empty.
static PyObject *
queue_take(SimpleQueue *self)
{
    PyObject *item = self->ring[self->first];
    self->first = (self->first + 1) & (self->room - 1);
    if (--self->count == 0 && self->room > 1024) {
        PyMem_Free(self->ring);
        self->ring = NULL;
        self->room = self->first = 0;
    }
    return item;
}

// --- The type ----------------------------------------------------------------------

static PyObject *
simplequeue_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_no_positional("SimpleQueue", args)
        || !kr_arg_no_keywords("SimpleQueue", kwargs)) {
        return NULL;
    }
    SimpleQueue *self = (SimpleQueue *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->lock = PyThread_allocate_lock();
    if (self->lock == NULL) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_MemoryError, "can't allocate lock");
        return NULL;
    }
    return (PyObject *)self;
}

static int
simplequeue_traverse(PyObject *op, visitproc visit, void *arg)
{
    SimpleQueue *self = (SimpleQueue *)op;
    Py_VISIT(Py_TYPE(op));
    for (Py_ssize_t i = 0; i < self->count; i++) {
        Py_VISIT(self->ring[(self->first + i) & (self->room - 1)]);
    }
    return 0;
}

static int
simplequeue_clear(PyObject *op)
{
    SimpleQueue *self = (SimpleQueue *)op;
    while (self->count > 0) {
        Py_DECREF(queue_take(self)); // may run Python
    }
    return 0;
}

static void
simplequeue_dealloc(PyObject *op)
{
    SimpleQueue *self = (SimpleQueue *)op;
    PyObject_GC_UnTrack(self);
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    simplequeue_clear(op);
    PyMem_Free(self->ring);
    if (self->lock != NULL) {
        if (self->waiting) {
            PyThread_release_lock(self->lock);
        }
        PyThread_free_lock(self->lock);
    }
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(op);
    Py_DECREF(type);
}

static int
queue_put(SimpleQueue *self, PyObject *item)
{
    if (queue_append(self, item) < 0) {
        return -1;
    }
    if (self->waiting) {
        self->waiting = false;
        PyThread_release_lock(self->lock);
    }
    return 0;
}

KR_METHOD(simplequeue, "put(self, /, item, block=True, timeout=None)",
          "Put the item on the queue.\n\n"
          "block and timeout are there for compatibility with the Queue class: this\n"
          "method never blocks.")
static PyObject *
simplequeue_put(SimpleQueue *self, PyObject *item, bool block, PyObject *timeout)
{
    if (queue_put(self, item) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(simplequeue, "put_nowait(self, /, item)",
          "Put an item into the queue without blocking.\n\n"
          "The same as put(item), for compatibility with the Queue class.")
static PyObject *
simplequeue_put_nowait(SimpleQueue *self, PyObject *item)
{
    if (queue_put(self, item) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static KR_COLD PyObject *
raise_empty(SimpleQueue *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &queue_def);
    if (module != NULL) {
        PyErr_SetNone(((QueueState *)PyModule_GetState(module))->empty);
    }
    return NULL;
}

static int64_t
monotonic_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// Reads a timeout in seconds. 0, or -1 with an exception.
static int
read_timeout(PyObject *timeout, int64_t *microseconds)
{
    if (!PyFloat_Check(timeout) && !PyIndex_Check(timeout)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.200s' object cannot be interpreted as an integer or float",
                     Py_TYPE(timeout)->tp_name);
        return -1;
    }
    double seconds = PyFloat_AsDouble(timeout);
    if (seconds == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    if (isnan(seconds)) {
        PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
        return -1;
    }
    if (fabs(seconds) >= 9223372036.0) {
        PyErr_SetString(PyExc_OverflowError, "timestamp out of range for C PyTime_t");
        return -1;
    }
    if (seconds < 0) {
        PyErr_SetString(PyExc_ValueError, "'timeout' must be a non-negative number");
        return -1;
    }
    *microseconds = (int64_t)ceil(seconds * 1e6);
    if (*microseconds > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return -1;
    }
    return 0;
}

// Waits until a put() has released the lock. 1 look again, 0 time is up, -1 error.
static int
wait_for_put(SimpleQueue *self, bool block, int64_t deadline)
{
    PyLockStatus status = PyThread_acquire_lock_timed(self->lock, 0, 0);
    while (status == PY_LOCK_FAILURE && block) {
        int64_t left = -1;
        if (deadline >= 0) {
            left = deadline - monotonic_microseconds();
            if (left <= 0) {
                return 0;
            }
        }
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(self->lock, left, 1);
        Py_END_ALLOW_THREADS
        if (status == PY_LOCK_INTR) {
            if (PyErr_CheckSignals() < 0) {
                return -1;
            }
            if (self->count > 0) {
                return 1;
            }
            status = PY_LOCK_FAILURE;
        }
        else if (status == PY_LOCK_FAILURE && deadline < 0) {
            return 0;
        }
    }
    if (status != PY_LOCK_ACQUIRED) {
        return 0;
    }
    self->waiting = true;
    return 1;
}

static PyObject *
queue_get(SimpleQueue *self, bool block, int64_t deadline)
{
    // The first time the lock is usually free: it is taken so that the second time
    // waits for a put() to release it.
    while (self->count == 0) {
        int again = block ? wait_for_put(self, block, deadline) : 0;
        if (again < 0) {
            return NULL;
        }
        if (again == 0 && self->count == 0) {
            return raise_empty(self);
        }
    }
    if (self->waiting) {
        self->waiting = false;
        PyThread_release_lock(self->lock);
    }
    return queue_take(self);
}

KR_METHOD(simplequeue, "get(self, /, block=True, timeout=None)",
          "Remove and return an item from the queue.\n\n"
          "An empty queue is waited for, at most timeout seconds where that is not\n"
          "None; then Empty is raised. Where block is false that happens at once.")
static PyObject *
simplequeue_get(SimpleQueue *self, bool block, PyObject *timeout)
{
    int64_t deadline = -1, microseconds;
    if (block && timeout != Py_None) {
        if (read_timeout(timeout, &microseconds) < 0) {
            return NULL;
        }
        deadline = monotonic_microseconds() + microseconds;
    }
    return queue_get(self, block, deadline);
}

KR_METHOD(simplequeue, "get_nowait(self, /)",
          "Remove and return an item from the queue without blocking.\n\n"
          "Empty is raised where there is none.")
static PyObject *
simplequeue_get_nowait(SimpleQueue *self)
{
    return queue_get(self, false, -1);
}

KR_METHOD(simplequeue, "empty(self, /)",
          "Return True if the queue is empty, False otherwise (not reliable!).")
static PyObject *
simplequeue_empty(SimpleQueue *self)
{
    return PyBool_FromLong(self->count == 0);
}

KR_METHOD(simplequeue, "qsize(self, /)",
          "Return the approximate size of the queue (not reliable!).")
static PyObject *
simplequeue_qsize(SimpleQueue *self)
{
    return PyLong_FromSsize_t(self->count);
}

KR_METHOD_RAW(simplequeue, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "SimpleQueues are generic over the type of their contents")
static PyObject *
simplequeue___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_TYPE(simplequeue)
#include "modules/queue.methods.h"

static PyMemberDef simplequeue_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(SimpleQueue, weakrefs), Py_READONLY},
    {NULL},
};

static PyType_Slot simplequeue_slots[] = {
    {Py_tp_dealloc, simplequeue_dealloc},
    {Py_tp_doc, "SimpleQueue()\n--\n\nSimple, unbounded, reentrant FIFO queue."},
    {Py_tp_traverse, simplequeue_traverse},
    {Py_tp_clear, simplequeue_clear},
    {Py_tp_members, simplequeue_members},
    {Py_tp_methods, simplequeue_methods},
    {Py_tp_new, simplequeue_new},
    {0, NULL},
};

static PyType_Spec simplequeue_spec = {
    .name = "_queue.SimpleQueue",
    .basicsize = sizeof(SimpleQueue),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = simplequeue_slots,
};

static int
queue_exec(PyObject *module)
{
    QueueState *state = PyModule_GetState(module);
    state->empty = PyErr_NewExceptionWithDoc(
        "_queue.Empty", "Exception raised by Queue.get(block=0)/get_nowait().", NULL, NULL);
    if (state->empty == NULL || PyModule_AddObjectRef(module, "Empty", state->empty) < 0) {
        return -1;
    }
    PyObject *type = PyType_FromModuleAndSpec(module, &simplequeue_spec, NULL);
    int status = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
    Py_XDECREF(type);
    return status;
}

static int
queue_traverse(PyObject *module, visitproc visit, void *arg)
{
    QueueState *state = PyModule_GetState(module);
    Py_VISIT(state->empty);
    return 0;
}

static int
queue_clear(PyObject *module)
{
    QueueState *state = PyModule_GetState(module);
    Py_CLEAR(state->empty);
    return 0;
}

static void
queue_free(void *module)
{
    queue_clear(module);
}

static PyModuleDef_Slot queue_slots[] = {
    {Py_mod_exec, queue_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef queue_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_queue",
    .m_doc = "C implementation of the Python queue module.\n"
             "This module is an implementation detail, please do not use it directly.",
    .m_size = sizeof(QueueState),
    .m_slots = queue_slots,
    .m_traverse = queue_traverse,
    .m_clear = queue_clear,
    .m_free = queue_free,
};

PyMODINIT_FUNC
PyInit__queue(void)
{
    return PyModuleDef_Init(&queue_def);
}
