// SPDX-License-Identifier: MIT
// select.c - module select: waiting for file descriptors, by select, poll and epoll.
//
// Re-entrancy: a poll object that is waiting (without the interpreter's lock) refuses
//              a second poll(); its table is copied before the wait.
#include "Python.h"
#include "structmember.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <math.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

typedef struct {
    PyTypeObject *poll_type;
    PyTypeObject *epoll_type;
} SelectState;

// -------------------------------------------------------------------------- timeouts

#define NANO INT64_C(1000000000)

static int64_t
clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NANO + now.tv_nsec;
}

static int
timeout_overflow(void)
{
    PyErr_SetString(PyExc_OverflowError, "timestamp out of range for C PyTime_t");
    return -1;
}

// A number of units (of `unit` nanoseconds each), rounded away from zero. Other
// objects give TypeError `message`.
static int
timeout_from_object(PyObject *value, int64_t unit, const char *message, int64_t *out)
{
    if (PyFloat_Check(value)) {
        double d = PyFloat_AS_DOUBLE(value);
        if (isnan(d)) {
            PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
            return -1;
        }
        d *= (double)unit;
        d = d >= 0 ? ceil(d) : floor(d);
        if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0)) {
            return timeout_overflow();
        }
        *out = (int64_t)d;
        return 0;
    }
    if (!PyIndex_Check(value)) {
        PyErr_SetString(PyExc_TypeError, message);
        return -1;
    }
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return -1;
    }
    int overflow;
    long long units = PyLong_AsLongLongAndOverflow(number, &overflow);
    Py_DECREF(number);
    if (units == -1 && !overflow && PyErr_Occurred()) {
        return -1;
    }
    if (overflow || __builtin_mul_overflow(units, unit, out)) {
        return timeout_overflow();
    }
    return 0;
}

// Milliseconds, rounded up; negative stays negative.
static int64_t
milliseconds(int64_t nano)
{
    return nano >= 0 ? nano / 1000000 + (nano % 1000000 != 0)
                     : -(-nano / 1000000 + (-nano % 1000000 != 0));
}

// ---------------------------------------------------------------------------- select

// Objects and their descriptors of one of the three lists.
typedef struct {
    PyObject *items;  // list, owned
    int *fds;         // PyMem
} SelectList;

// Adds one object. Returns the new highest descriptor, -2 on error.
static int
selectlist_add(SelectList *list, PyObject *item, fd_set *set, int highest)
{
    int fd = PyObject_AsFileDescriptor(item);

    if (fd < 0) {
        return -2;
    }
    if (fd >= FD_SETSIZE) {
        PyErr_SetString(PyExc_ValueError, "filedescriptor out of range in select()");
        return -2;
    }
    Py_ssize_t count = PyList_GET_SIZE(list->items);
    if (count >= FD_SETSIZE) {
        PyErr_SetString(PyExc_ValueError, "too many file descriptors in select()");
        return -2;
    }
    if (PyList_Append(list->items, item) < 0) {
        return -2;
    }
    FD_SET(fd, set);
    list->fds[count] = fd;
    return fd > highest ? fd : highest;
}

// Fills in the set. Returns the highest descriptor, -1 if there is none, -2 on error.
static int
selectlist_open(SelectList *list, PyObject *sequence, fd_set *set)
{
    int highest = -1;

    FD_ZERO(set);
    PyObject *fast = PySequence_Fast(sequence, "arguments 1-3 must be sequences");
    if (fast == NULL) {
        return -2;
    }
    list->items = PyList_New(0);
    list->fds = PyMem_New(int, FD_SETSIZE);
    if (list->items == NULL || list->fds == NULL) {
        PyErr_NoMemory();
        highest = -2;
    }
    // fileno() may change the sequence: its size is read each time.
    for (Py_ssize_t i = 0; highest != -2 && i < PySequence_Fast_GET_SIZE(fast); i++) {
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(fast, i));
        highest = selectlist_add(list, item, set, highest);
        Py_DECREF(item);
    }
    Py_DECREF(fast);
    return highest;
}

static PyObject *
selectlist_ready(const SelectList *list, const fd_set *set)
{
    PyObject *ready = PyList_New(0);

    for (Py_ssize_t i = 0; ready != NULL && i < PyList_GET_SIZE(list->items); i++) {
        if (FD_ISSET(list->fds[i], set) &&
            PyList_Append(ready, PyList_GET_ITEM(list->items, i)) < 0) {
            Py_CLEAR(ready);
        }
    }
    return ready;
}

static void
selectlist_close(SelectList *list)
{
    Py_XDECREF(list->items);
    PyMem_Free(list->fds);
}

// Waits; tries again after a signal. 0 timeout, > 0 ready, -1 error.
static int
select_wait(int count, fd_set sets[3], int64_t timeout, bool forever)
{
    fd_set wanted[3];
    int64_t deadline = forever ? 0 : clock_now() + timeout;

    memcpy(wanted, sets, sizeof wanted);
    for (;;) {
        struct timeval tv = {.tv_sec = (time_t)(timeout / NANO),
                             .tv_usec = (suseconds_t)((timeout % NANO + 999) / 1000)};
        if (tv.tv_usec >= 1000000) {
            tv.tv_sec++;
            tv.tv_usec = 0;
        }
        int n;
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = select(count, &sets[0], &sets[1], &sets[2], forever ? NULL : &tv);
        Py_END_ALLOW_THREADS
        if (errno != EINTR || n >= 0) {
            if (n < 0) {
                PyErr_SetFromErrno(PyExc_OSError);
            }
            return n;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
        memcpy(sets, wanted, sizeof wanted);
        if (!forever) {
            timeout = deadline - clock_now();
            if (timeout < 0) {
                memset(sets, 0, sizeof wanted);
                return 0;
            }
        }
    }
}

KR_FUNCTION(select, "select(rlist, wlist, xlist, timeout=None, /)",
            "Wait until one or more file descriptors are ready for some kind of I/O.")
static PyObject *
select_select(PyObject *module, PyObject *rlist, PyObject *wlist, PyObject *xlist,
              PyObject *timeout)
{
    SelectList lists[3] = {{NULL}};
    fd_set sets[3];
    PyObject *sequences[3] = {rlist, wlist, xlist}, *ready[3] = {NULL}, *result = NULL;
    int64_t nano = 0;
    int highest = -1;

    if (timeout != Py_None) {
        if (timeout_from_object(timeout, NANO, "timeout must be a float or None", &nano) <
            0) {
            return NULL;
        }
        if (nano < 0) {
            PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
            return NULL;
        }
    }
    for (int i = 0; i < 3; i++) {
        int most = selectlist_open(&lists[i], sequences[i], &sets[i]);
        if (most == -2) {
            goto done;
        }
        highest = most > highest ? most : highest;
    }
    int n = select_wait(highest + 1, sets, nano, timeout == Py_None);
    if (n < 0) {
        goto done;
    }
    for (int i = 0; i < 3; i++) {
        ready[i] = selectlist_ready(&lists[i], &sets[i]);
        if (ready[i] == NULL) {
            goto done;
        }
    }
    result = PyTuple_Pack(3, ready[0], ready[1], ready[2]);

done:
    for (int i = 0; i < 3; i++) {
        selectlist_close(&lists[i]);
        Py_XDECREF(ready[i]);
    }
    return result;
}

// ------------------------------------------------------------------------------ poll

typedef struct {
    PyObject_HEAD
    PyObject *dict;      // descriptor -> events
    struct pollfd *fds;  // made from dict when it has changed
    int count;
    bool fresh;          // fds is up to date
    bool running;        // poll() waits
} PollObject;

// Events as an unsigned short.
static int
events_from_object(PyObject *value, unsigned short *out)
{
    PyObject *number = PyNumber_Index(value);

    if (number == NULL) {
        return -1;
    }
    if (PyLong_IsNegative(number)) {
        PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
        Py_DECREF(number);
        return -1;
    }
    unsigned long events = PyLong_AsUnsignedLong(number);
    Py_DECREF(number);
    if (events == (unsigned long)-1 && PyErr_Occurred()) {
        return -1;
    }
    if (events > USHRT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large for C unsigned short");
        return -1;
    }
    *out = (unsigned short)events;
    return 0;
}

// dict[fd] = events. only_known: OSError if fd is not registered.
static PyObject *
poll_store(PollObject *self, PyObject *fd, PyObject *eventmask, bool only_known)
{
    unsigned short events = POLLIN | POLLPRI | POLLOUT;
    int number = PyObject_AsFileDescriptor(fd);
    PyObject *key = NULL, *value = NULL, *result = NULL;

    if (number < 0 || (eventmask != NULL && events_from_object(eventmask, &events) < 0)) {
        return NULL;
    }
    key = PyLong_FromLong(number);
    value = PyLong_FromLong(events);
    if (key == NULL || value == NULL) {
        goto done;
    }
    if (only_known) {
        int known = PyDict_Contains(self->dict, key);
        if (known == 0) {
            errno = ENOENT;
            PyErr_SetFromErrno(PyExc_OSError);
        }
        if (known <= 0) {
            goto done;
        }
    }
    if (PyDict_SetItem(self->dict, key, value) == 0) {
        self->fresh = false;
        result = Py_NewRef(Py_None);
    }

done:
    Py_XDECREF(key);
    Py_XDECREF(value);
    return result;
}

KR_METHOD(select_poll,
          "register(self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)",
          "Register a file descriptor with the polling object.")
static PyObject *
select_poll_register(PollObject *self, PyObject *fd, PyObject *eventmask)
{
    return poll_store(self, fd, eventmask, false);
}

KR_METHOD(select_poll, "modify(self, fd, eventmask, /)",
          "Modify an already registered file descriptor.")
static PyObject *
select_poll_modify(PollObject *self, PyObject *fd, PyObject *eventmask)
{
    return poll_store(self, fd, eventmask, true);
}

KR_METHOD(select_poll, "unregister(self, fd, /)",
          "Remove a file descriptor being tracked by the polling object.")
static PyObject *
select_poll_unregister(PollObject *self, PyObject *fd)
{
    int number = PyObject_AsFileDescriptor(fd);
    PyObject *key = number < 0 ? NULL : PyLong_FromLong(number);

    if (key == NULL) {
        return NULL;
    }
    int status = PyDict_DelItem(self->dict, key);
    Py_DECREF(key);
    if (status < 0) {
        return NULL;
    }
    self->fresh = false;
    Py_RETURN_NONE;
}

// Makes the array for the system from the dict.
static int
poll_refresh(PollObject *self)
{
    Py_ssize_t count = PyDict_GET_SIZE(self->dict), position = 0;
    PyObject *key, *value;
    struct pollfd *fds = PyMem_New(struct pollfd, count + 1);

    if (fds == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int i = 0;
    while (i < count && PyDict_Next(self->dict, &position, &key, &value)) {
        fds[i].fd = (int)PyLong_AsLong(key);
        fds[i].events = (short)(unsigned short)PyLong_AsLong(value);
        fds[i].revents = 0;
        i++;
    }
    PyMem_Free(self->fds);
    self->fds = fds;
    self->count = i;
    self->fresh = true;
    return 0;
}

static PyObject *
poll_result(const PollObject *self)
{
    PyObject *list = PyList_New(0);

    for (int i = 0; list != NULL && i < self->count; i++) {
        if (self->fds[i].revents == 0) {
            continue;
        }
        PyObject *pair = Py_BuildValue("(ii)", self->fds[i].fd,
                                       (int)(unsigned short)self->fds[i].revents);
        if (pair == NULL || PyList_Append(list, pair) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(pair);
    }
    return list;
}

KR_METHOD(select_poll, "poll(self, timeout=None, /)",
          "Polls the set of registered file descriptors, for timeout milliseconds.")
static PyObject *
select_poll_poll(PollObject *self, PyObject *timeout)
{
    int64_t nano = -1, deadline = 0, ms = -1;
    int n;

    if (timeout != Py_None) {
        if (timeout_from_object(timeout, 1000000, "timeout must be an integer or None",
                                &nano) < 0) {
            return NULL;
        }
        ms = milliseconds(nano);
        if (ms < INT_MIN || ms > INT_MAX) {
            PyErr_SetString(PyExc_OverflowError, "timeout is too large");
            return NULL;
        }
        if (ms >= 0) {
            deadline = clock_now() + nano;
        }
        else {
            ms = -1;
        }
    }
    if (self->running) {
        PyErr_SetString(PyExc_RuntimeError, "concurrent poll() invocation");
        return NULL;
    }
    if (!self->fresh && poll_refresh(self) < 0) {
        return NULL;
    }
    self->running = true;
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = poll(self->fds, (nfds_t)self->count, (int)ms);
        Py_END_ALLOW_THREADS
        if (n >= 0 || errno != EINTR) {
            break;
        }
        if (PyErr_CheckSignals() < 0) {
            self->running = false;
            return NULL;
        }
        if (ms >= 0) {
            nano = deadline - clock_now();
            if (nano < 0) {
                n = 0;
                break;
            }
            ms = milliseconds(nano);
        }
    }
    self->running = false;
    if (n < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return n == 0 ? PyList_New(0) : poll_result(self);
}

static void
select_poll_dealloc(PyObject *op)
{
    PollObject *self = (PollObject *)op;
    PyTypeObject *type = Py_TYPE(op);

    PyMem_Free(self->fds);
    Py_XDECREF(self->dict);
    PyObject_Free(self);
    Py_DECREF(type);
}

KR_FUNCTION(select, "poll()", "Returns a polling object.")
static PyObject *
select_poll_make(PyObject *module)
{
    PollObject *self =
        PyObject_New(PollObject, ((SelectState *)PyModule_GetState(module))->poll_type);

    if (self == NULL) {
        return NULL;
    }
    self->fds = NULL;
    self->count = 0;
    self->fresh = self->running = false;
    self->dict = PyDict_New();
    if (self->dict == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

// ----------------------------------------------------------------------------- epoll

typedef struct {
    PyObject_HEAD
    int fd; // -1: closed
} EpollObject;

static PyObject *
epoll_closed_error(void)
{
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed epoll object");
    return NULL;
}

// fd -1: a new one.
static PyObject *
epoll_make(PyTypeObject *type, int fd)
{
    EpollObject *self = (EpollObject *)type->tp_alloc(type, 0);

    if (self == NULL) {
        return NULL;
    }
    self->fd = fd;
    if (fd < 0) {
        self->fd = epoll_create1(EPOLL_CLOEXEC);
        if (self->fd < 0) {
            Py_DECREF(self);
            return PyErr_SetFromErrno(PyExc_OSError);
        }
    }
    return (PyObject *)self;
}

KR_NEW(select_epoll, "epoll(sizehint=-1, flags=0)", "Returns an epolling object.")
static PyObject *
select_epoll_new_impl(PyTypeObject *cls, int sizehint, int flags)
{
    if (sizehint == -1) {
        sizehint = FD_SETSIZE - 1;
    }
    else if (sizehint <= 0) {
        PyErr_SetString(PyExc_ValueError, "negative sizehint");
        return NULL;
    }
    if (flags != 0 && flags != EPOLL_CLOEXEC) {
        PyErr_SetString(PyExc_OSError, "invalid flags");
        return NULL;
    }
    return epoll_make(cls, -1);
}

KR_METHOD(select_epoll, "fromfd(cls, fd, /)",
          "Create an epoll object from a given control fd.")
static PyObject *
select_epoll_fromfd(PyTypeObject *cls, int fd)
{
    return epoll_make(cls, fd);
}

static int
epoll_close_fd(EpollObject *self)
{
    int fd = self->fd, error = 0;

    if (fd >= 0) {
        self->fd = -1;
        Py_BEGIN_ALLOW_THREADS
        if (close(fd) < 0) {
            error = errno;
        }
        Py_END_ALLOW_THREADS
    }
    return error;
}

KR_METHOD(select_epoll, "close(self, /)", "Close the epoll control file descriptor.")
static PyObject *
select_epoll_close(EpollObject *self)
{
    errno = epoll_close_fd(self);
    return errno != 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

KR_METHOD(select_epoll, "fileno(self, /)", "Return the epoll control file descriptor.")
static PyObject *
select_epoll_fileno(EpollObject *self)
{
    return self->fd < 0 ? epoll_closed_error() : PyLong_FromLong(self->fd);
}

KR_GETTER(select_epoll, "closed", "True if the epoll handler is closed")
static PyObject *
select_epoll_get_closed(EpollObject *self)
{
    return PyBool_FromLong(self->fd < 0);
}

static PyObject *
epoll_control(EpollObject *self, int operation, PyObject *fd, unsigned int events)
{
    if (self->fd < 0) {
        return epoll_closed_error();
    }
    int number = PyObject_AsFileDescriptor(fd), status;
    if (number < 0) {
        return NULL;
    }
    struct epoll_event event = {.events = events, .data.fd = number};
    Py_BEGIN_ALLOW_THREADS
    status = epoll_ctl(self->fd, operation, number, &event);
    Py_END_ALLOW_THREADS
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

// Any number, cut to 32 bits.
static int
mask_from_object(PyObject *value, unsigned int *out)
{
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return -1;
    }
    *out = (unsigned int)PyLong_AsUnsignedLongMask(number);
    Py_DECREF(number);
    return PyErr_Occurred() ? -1 : 0;
}

KR_METHOD(select_epoll,
          "register(self, /, fd, "
          "eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)",
          "Registers a new fd or raises an OSError if the fd is already registered.")
static PyObject *
select_epoll_register(EpollObject *self, PyObject *fd, PyObject *eventmask)
{
    unsigned int events = EPOLLIN | EPOLLPRI | EPOLLOUT;

    if (eventmask != NULL && mask_from_object(eventmask, &events) < 0) {
        return NULL;
    }
    return epoll_control(self, EPOLL_CTL_ADD, fd, events);
}

KR_METHOD(select_epoll, "modify(self, /, fd, eventmask)",
          "Modify event mask for a registered file descriptor.")
static PyObject *
select_epoll_modify(EpollObject *self, PyObject *fd, PyObject *eventmask)
{
    unsigned int events;

    if (mask_from_object(eventmask, &events) < 0) {
        return NULL;
    }
    return epoll_control(self, EPOLL_CTL_MOD, fd, events);
}

KR_METHOD(select_epoll, "unregister(self, /, fd)",
          "Remove a registered file descriptor from the epoll object.")
static PyObject *
select_epoll_unregister(EpollObject *self, PyObject *fd)
{
    return epoll_control(self, EPOLL_CTL_DEL, fd, 0);
}

static PyObject *
epoll_events(const struct epoll_event *events, int count)
{
    PyObject *list = PyList_New(count);

    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *pair = Py_BuildValue("iI", events[i].data.fd, events[i].events);
        if (pair == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, pair);
    }
    return list;
}

KR_METHOD(select_epoll, "poll(self, /, timeout=None, maxevents=-1)",
          "Wait for events on the epoll file descriptor, for timeout seconds.")
static PyObject *
select_epoll_poll(EpollObject *self, PyObject *timeout, int maxevents)
{
    int64_t nano = -1, deadline = 0, ms = -1;
    PyObject *result = NULL;
    int n;

    if (self->fd < 0) {
        return epoll_closed_error();
    }
    if (timeout != Py_None) {
        if (timeout_from_object(timeout, NANO, "timeout must be an integer or None", &nano) <
            0) {
            return NULL;
        }
        ms = milliseconds(nano);
        if (ms < INT_MIN || ms > INT_MAX) {
            PyErr_SetString(PyExc_OverflowError, "timeout is too large");
            return NULL;
        }
        if (ms >= 0) {
            deadline = clock_now() + nano;
        }
        else {
            ms = -1;
        }
    }
    if (maxevents == -1) {
        maxevents = FD_SETSIZE - 1;
    }
    else if (maxevents < 1) {
        PyErr_Format(PyExc_ValueError, "maxevents must be greater than 0, got %d",
                     maxevents);
        return NULL;
    }
    struct epoll_event *events = PyMem_New(struct epoll_event, maxevents);
    if (events == NULL) {
        return PyErr_NoMemory();
    }
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = epoll_wait(self->fd, events, maxevents, (int)ms);
        Py_END_ALLOW_THREADS
        if (n >= 0 || errno != EINTR) {
            break;
        }
        if (PyErr_CheckSignals() < 0) {
            goto done;
        }
        if (ms >= 0) {
            nano = deadline - clock_now();
            if (nano < 0) {
                n = 0;
                break;
            }
            ms = milliseconds(nano);
        }
    }
    result = n < 0 ? PyErr_SetFromErrno(PyExc_OSError) : epoll_events(events, n);

done:
    PyMem_Free(events);
    return result;
}

KR_METHOD(select_epoll, "__enter__(self, /)", "")
static PyObject *
select_epoll_enter(EpollObject *self)
{
    return self->fd < 0 ? epoll_closed_error() : Py_NewRef((PyObject *)self);
}

KR_METHOD(select_epoll, "__exit__(self, exc_type=None, exc_value=None, exc_tb=None, /)", "")
static PyObject *
select_epoll_exit(EpollObject *self, PyObject *exc_type, PyObject *exc_value,
                  PyObject *exc_tb)
{
    return select_epoll_close(self);
}

static void
select_epoll_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    (void)epoll_close_fd((EpollObject *)op);
    type->tp_free(op);
    Py_DECREF(type);
}

// ------------------------------------------------------------------------ the module

KR_TYPE(select_poll)
KR_TYPE(select_epoll)
KR_MODULE(select)
#include "modules/select.methods.h"

static PyType_Slot select_poll_slots[] = {
    {Py_tp_dealloc, select_poll_dealloc},
    {Py_tp_methods, select_poll_methods},
    {0, NULL},
};

static PyType_Spec select_poll_spec = {
    .name = "select.poll",
    .basicsize = sizeof(PollObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = select_poll_slots,
};

static PyType_Slot select_epoll_slots[] = {
    {Py_tp_dealloc, select_epoll_dealloc},
    {Py_tp_doc, (void *)"select.epoll(sizehint=-1, flags=0)\n\nReturns an epolling object"},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_methods, select_epoll_methods},
    {Py_tp_getset, select_epoll_getset},
    {Py_tp_new, select_epoll_new},
    {0, NULL},
};

static PyType_Spec select_epoll_spec = {
    .name = "select.epoll",
    .basicsize = sizeof(EpollObject),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = select_epoll_slots,
};

#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE (1u << 28)
#endif

static const struct {
    const char *name;
    unsigned long value;
} select_constants[] = {
    {"PIPE_BUF", PIPE_BUF}, {"POLLIN", POLLIN}, {"POLLPRI", POLLPRI},
    {"POLLOUT", POLLOUT}, {"POLLERR", POLLERR}, {"POLLHUP", POLLHUP},
    {"POLLNVAL", POLLNVAL}, {"POLLRDNORM", POLLRDNORM}, {"POLLRDBAND", POLLRDBAND},
    {"POLLWRNORM", POLLWRNORM}, {"POLLWRBAND", POLLWRBAND}, {"POLLMSG", POLLMSG},
    {"POLLRDHUP", POLLRDHUP}, {"EPOLLIN", EPOLLIN}, {"EPOLLOUT", EPOLLOUT},
    {"EPOLLPRI", EPOLLPRI}, {"EPOLLERR", EPOLLERR}, {"EPOLLHUP", EPOLLHUP},
    {"EPOLLRDHUP", EPOLLRDHUP}, {"EPOLLET", EPOLLET}, {"EPOLLONESHOT", EPOLLONESHOT},
    {"EPOLLEXCLUSIVE", EPOLLEXCLUSIVE}, {"EPOLLWAKEUP", EPOLLWAKEUP},
    {"EPOLLRDNORM", EPOLLRDNORM}, {"EPOLLRDBAND", EPOLLRDBAND},
    {"EPOLLWRNORM", EPOLLWRNORM}, {"EPOLLWRBAND", EPOLLWRBAND},
    {"EPOLLMSG", EPOLLMSG}, {"EPOLL_CLOEXEC", EPOLL_CLOEXEC},
};

static int
select_exec(PyObject *module)
{
    SelectState *state = PyModule_GetState(module);

    state->poll_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &select_poll_spec, NULL);
    state->epoll_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &select_epoll_spec, NULL);
    if (state->poll_type == NULL || state->epoll_type == NULL ||
        PyModule_AddType(module, state->epoll_type) < 0 ||
        PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(select_constants); i++) {
        if (PyModule_AddIntConstant(module, select_constants[i].name,
                                    (long)select_constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
select_traverse(PyObject *module, visitproc visit, void *arg)
{
    SelectState *state = PyModule_GetState(module);
    Py_VISIT(state->poll_type);
    Py_VISIT(state->epoll_type);
    return 0;
}

static int
select_clear(PyObject *module)
{
    SelectState *state = PyModule_GetState(module);
    Py_CLEAR(state->poll_type);
    Py_CLEAR(state->epoll_type);
    return 0;
}

static PyModuleDef_Slot select_slots[] = {
    {Py_mod_exec, select_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef select_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "select",
    .m_doc = "Waiting for input and output on several file descriptors.",
    .m_size = sizeof(SelectState),
    .m_methods = select_methods,
    .m_slots = select_slots,
    .m_traverse = select_traverse,
    .m_clear = select_clear,
};

PyMODINIT_FUNC
PyInit_select(void)
{
    return PyModuleDef_Init(&select_def);
}
