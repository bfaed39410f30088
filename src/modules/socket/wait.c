// SPDX-License-Identifier: MIT
// wait.c - timeouts of sockets: waiting with poll, and calls repeated after signals.
//
// A socket with a timeout is non-blocking for the system. Each call first waits until
// the socket is ready, and waits again when the call finds that it is not (another
// process may have been faster). A signal interrupts neither: its handlers run, and if
// none raises the call goes on with what is left of its time.
#include "modules/socket/socket.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>

PyTime_t
kr_socket_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (PyTime_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int
kr_socket_timeout(PyObject *object, PyTime_t *out)
{
    if (object == Py_None) {
        *out = -1;
        return 0;
    }
    if (!PyFloat_Check(object) && !PyIndex_Check(object)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.200s' object cannot be interpreted as an integer or float",
                     Py_TYPE(object)->tp_name);
        return -1;
    }
    if (kr_time_from_seconds(object, KR_ROUND_UP, out) < 0) {
        return -1;
    }
    if (*out < 0) {
        PyErr_SetString(PyExc_ValueError, "Timeout value out of range");
        return -1;
    }
    return 0;
}

PyObject *
kr_socket_timeout_object(PyTime_t timeout)
{
    return timeout < 0 ? Py_NewRef(Py_None)
                       : PyFloat_FromDouble(PyTime_AsSecondsDouble(timeout));
}

int
kr_socket_set_blocking(int fd, bool blocking)
{
    int status, flag = !blocking;

    Py_BEGIN_ALLOW_THREADS
    status = ioctl(fd, FIONBIO, &flag);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

// ---- waiting ------------------------------------------------------------------------

static int
milliseconds_left(PyTime_t deadline)
{
    PyTime_t left = deadline - kr_socket_now();
    if (left <= 0) {
        return 0;
    }
    left = (left - 1) / 1000000 + 1;
    return left > INT_MAX ? INT_MAX : (int)left;
}

typedef enum {
    READY,
    TIME_IS_UP,
    FAILED, // errno
    RAISED,
} Waited;

// deadline -1: none.
static Waited
wait_until_ready(KrSocket *self, KrSocketWait wait, PyTime_t deadline)
{
    struct pollfd poller = {
        .fd = self->fd,
        .events = wait == KR_SOCKET_READ    ? POLLIN
                  : wait == KR_SOCKET_WRITE ? POLLOUT
                                            : POLLOUT | POLLERR,
    };

    if (poller.fd < 0) {
        return READY; // closed: the call itself will say so
    }
    for (;;) {
        int n, wait_ms = deadline < 0 ? -1 : milliseconds_left(deadline);
        Py_BEGIN_ALLOW_THREADS
        n = poll(&poller, 1, wait_ms);
        Py_END_ALLOW_THREADS
        if (n > 0) {
            return READY;
        }
        if (n < 0) {
            if (errno != EINTR) {
                return FAILED;
            }
            if (PyErr_CheckSignals() < 0) {
                return RAISED;
            }
        }
        if (deadline >= 0 && kr_socket_now() >= deadline) {
            return TIME_IS_UP;
        }
    }
}

// -1 with the exception, or with *error_out.
static KR_COLD int
fail(int error, bool timed_out, int *error_out)
{
    if (error_out != NULL) {
        *error_out = error;
    }
    else if (timed_out) {
        PyErr_SetString(PyExc_TimeoutError, "timed out");
    }
    else {
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return -1;
}

static KR_COLD int
fail_raised(int *error_out)
{
    if (error_out != NULL) {
        *error_out = -1;
    }
    return -1;
}

int
kr_socket_call_for(KrSocket *self, KrSocketWait wait, KrSocketCall *call, void *data,
                   PyTime_t timeout, int *error_out)
{
    PyTime_t deadline = timeout > 0 ? kr_socket_now() + timeout : -1;
    bool done;

    if (timeout > 0 && deadline < 0) {
        deadline = PyTime_MAX;
    }
    for (;;) {
        if (timeout > 0 || wait == KR_SOCKET_CONNECT) {
            switch (wait_until_ready(self, wait, deadline)) {
            case READY:
                break;
            case TIME_IS_UP:
                return fail(EWOULDBLOCK, true, error_out);
            case FAILED:
                return fail(errno, false, error_out);
            case RAISED:
                return fail_raised(error_out);
            }
        }
        do {
            Py_BEGIN_ALLOW_THREADS
            errno = 0;
            done = call(self, data);
            Py_END_ALLOW_THREADS
            if (done) {
                return 0;
            }
        } while (errno == EINTR && PyErr_CheckSignals() == 0);
        if (errno == EINTR || PyErr_Occurred()) {
            return fail_raised(error_out);
        }
        if (timeout > 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            continue;
        }
        return fail(errno, false, error_out);
    }
}

int
kr_socket_call(KrSocket *self, KrSocketWait wait, KrSocketCall *call, void *data)
{
    return kr_socket_call_for(self, wait, call, data, self->timeout, NULL);
}

// ---- methods ------------------------------------------------------------------------

KR_METHOD(socket, "setblocking(self, flag, /)",
          "Make the socket blocking or non-blocking.\n\n"
          "setblocking(True) is settimeout(None), setblocking(False) is settimeout(0).")
static PyObject *
socket_setblocking(KrSocket *self, bool flag)
{
    self->timeout = flag ? -1 : 0;
    if (kr_socket_set_blocking(self->fd, flag) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(socket, "getblocking(self, /)",
          "Whether operations of the socket may wait: false for a timeout of 0.")
static PyObject *
socket_getblocking(KrSocket *self)
{
    return PyBool_FromLong(self->timeout != 0);
}

KR_METHOD(socket, "settimeout(self, timeout, /)",
          "Set how many seconds an operation may wait; None for no limit, 0 to never\n"
          "wait.")
static PyObject *
socket_settimeout(KrSocket *self, PyObject *object)
{
    PyTime_t timeout;

    if (kr_socket_timeout(object, &timeout) < 0) {
        return NULL;
    }
    self->timeout = timeout;
    if (kr_socket_set_blocking(self->fd, timeout < 0) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(socket, "gettimeout(self, /)",
          "The timeout in seconds (float), or None for no limit.")
static PyObject *
socket_gettimeout(KrSocket *self)
{
    return kr_socket_timeout_object(self->timeout);
}

#include "modules/socket/wait.methods.h"
