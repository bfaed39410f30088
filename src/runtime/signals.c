// SPDX-License-Identifier: MIT
// signals.c - from the C signal handler to the Python one.
//
// The C handler only marks the signal, sets the main thread's poll bit and writes to
// the wakeup descriptor. Python handlers run in the main thread, at its next poll
// or when C code asks through PyErr_CheckSignals().
#include "Python.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "objects/hooks.h"
#include "objects/ids.h"
#include "runtime/lifecycle.h"
#include "runtime/signals.h"

// A C signal handler has no argument for it: the interpreter that gets signals.
static PyInterpreterState *volatile signal_interp;
static int any_pending; // atomic

PyOS_sighandler_t
PyOS_getsig(int signum)
{
    struct sigaction action;

    if (sigaction(signum, NULL, &action) < 0) {
        return SIG_ERR;
    }
    return action.sa_handler;
}

PyOS_sighandler_t
PyOS_setsig(int signum, PyOS_sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler}, old;

    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_ONSTACK;
    if (sigaction(signum, &action, &old) < 0) {
        return SIG_ERR;
    }
    return old.sa_handler;
}

// ---- marking ----------------------------------------------------------------

// Async-signal-safe.
static void
mark(PyInterpreterState *interp, int signum)
{
    __atomic_store_n(&interp->runtime.signals[signum].pending, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&any_pending, 1, __ATOMIC_RELEASE);
    if (interp->main_thread != NULL) {
        kr_poll_request(interp->main_thread, KR_POLL_SIGNALS);
    }
}

static void
wake(PyInterpreterState *interp, int signum)
{
    int fd = interp->runtime.signal_wakeup_fd;
    unsigned char byte = (unsigned char)signum;

    if (fd < 0) {
        return;
    }
    ssize_t written = write(fd, &byte, 1);
    if (written < 0 &&
        (interp->runtime.signal_warn_on_full || (errno != EAGAIN && errno != EWOULDBLOCK))) {
        interp->runtime.signal_write_error = errno;
        __atomic_store_n(&any_pending, 1, __ATOMIC_RELEASE);
        if (interp->main_thread != NULL) {
            kr_poll_request(interp->main_thread, KR_POLL_SIGNALS);
        }
    }
}

void
kr_signal_arrived(int signum)
{
    PyInterpreterState *interp = signal_interp;
    int saved = errno;

    if (interp != NULL && signum > 0 && signum < KR_SIGNAL_COUNT) {
        mark(interp, signum);
        wake(interp, signum);
    }
    errno = saved;
}

// Tells that a signal found no handler that could be run any more.
static void
report_ignored(int signum)
{
    PyErr_Format(PyExc_OSError, "Signal %i ignored due to race condition", signum);
    PyErr_FormatUnraisable("Exception ignored while calling signal handler");
}

int
PyErr_SetInterruptEx(int signum)
{
    PyInterpreterState *interp = signal_interp;

    if (signum < 1 || signum >= KR_SIGNAL_COUNT) {
        return -1;
    }
    if (interp == NULL) {
        if (kr_thread() != NULL && kr_interp()->finalizing) {
            report_ignored(signum);
        }
        return 0;
    }
    PyObject *handler = interp->runtime.signals[signum].handler;
    if (handler != NULL && !Py_IsNone(handler) && !PyLong_Check(handler)) {
        mark(interp, signum);
        wake(interp, signum);
    }
    return 0;
}

void
PyErr_SetInterrupt(void)
{
    PyErr_SetInterruptEx(SIGINT);
}

int
PySignal_SetWakeupFd(int fd)
{
    KrRuntimeState *r = &kr_interp()->runtime;
    int old = r->signal_wakeup_fd;

    r->signal_wakeup_fd = fd < 0 ? -1 : fd;
    return old;
}

// ---- running handlers -------------------------------------------------------

bool
kr_is_main_thread(void)
{
    PyThreadState *tstate = kr_thread();

    return tstate != NULL && tstate == tstate->interp->main_thread;
}

static int
run_handler(PyInterpreterState *interp, int signum)
{
    PyObject *handler = interp->runtime.signals[signum].handler;
    PyObject *frame, *result;

    if (handler == NULL || Py_IsNone(handler) || PyLong_Check(handler)) {
        // It came before the handler was taken away.
        report_ignored(signum);
        return 0;
    }
    frame = (PyObject *)PyEval_GetFrame();
    Py_INCREF(handler);
    PyObject *number = PyLong_FromLong(signum);
    result = number == NULL ? NULL
                            : PyObject_CallFunctionObjArgs(handler, number,
                                                           frame ? frame : Py_None, NULL);
    Py_XDECREF(number);
    Py_DECREF(handler);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

// Tells of a failure to write to the wakeup descriptor.
static void
report_write_error(PyInterpreterState *interp)
{
    int error = interp->runtime.signal_write_error;

    interp->runtime.signal_write_error = 0;
    errno = error;
    PyErr_SetFromErrno(PyExc_OSError);
    PyErr_FormatUnraisable("Exception ignored when trying to write to the signal wakeup fd");
}

int
PyErr_CheckSignals(void)
{
    PyInterpreterState *interp = signal_interp;

    if (!__atomic_load_n(&any_pending, __ATOMIC_ACQUIRE) || interp == NULL ||
        !kr_is_main_thread()) {
        return 0;
    }
    __atomic_store_n(&any_pending, 0, __ATOMIC_SEQ_CST);
    kr_poll_withdraw(kr_thread(), KR_POLL_SIGNALS);
    if (interp->runtime.signal_write_error) {
        report_write_error(interp);
    }
    for (int i = 1; i < KR_SIGNAL_COUNT; i++) {
        KrSignalEntry *entry = &interp->runtime.signals[i];
        if (!__atomic_load_n(&entry->pending, __ATOMIC_RELAXED)) {
            continue;
        }
        __atomic_store_n(&entry->pending, 0, __ATOMIC_RELAXED);
        if (run_handler(interp, i) < 0) {
            // Others may wait still.
            __atomic_store_n(&any_pending, 1, __ATOMIC_RELEASE);
            kr_poll_request(kr_thread(), KR_POLL_SIGNALS);
            return -1;
        }
    }
    return 0;
}

int
PyOS_InterruptOccurred(void)
{
    PyInterpreterState *interp = signal_interp;

    if (interp == NULL || !kr_is_main_thread()) {
        return 0;
    }
    return __atomic_exchange_n(&interp->runtime.signals[SIGINT].pending, 0,
                               __ATOMIC_RELAXED);
}

// ---- start and end ----------------------------------------------------------

static int
run_signals(PyThreadState *tstate)
{
    return PyErr_CheckSignals();
}

int
kr_signals_init(PyInterpreterState *interp, bool install)
{
    PyObject *module;

    signal_interp = interp;
    kr_hooks.run_signals = run_signals;
    if (install) {
        // Writing to a closed pipe or past a limit shall be an OSError.
        PyOS_setsig(SIGPIPE, SIG_IGN);
        PyOS_setsig(SIGXFSZ, SIG_IGN);
        interp->runtime.signals_installed = 1;
    }
    module = PyImport_ImportModule("_signal");
    if (module == NULL) {
        return -1;
    }
    Py_DECREF(module);
    return 0;
}

void
kr_signals_fini(PyInterpreterState *interp)
{
    for (int i = 1; i < KR_SIGNAL_COUNT; i++) {
        KrSignalEntry *entry = &interp->runtime.signals[i];
        PyObject *handler = entry->handler;
        if (handler != NULL && !Py_IsNone(handler) && !PyLong_Check(handler)) {
            PyOS_setsig(i, SIG_DFL);
        }
        entry->pending = 0;
        Py_CLEAR(entry->handler);
    }
    signal_interp = NULL;
}

void
kr_signals_after_fork(PyInterpreterState *interp)
{
    for (int i = 1; i < KR_SIGNAL_COUNT; i++) {
        interp->runtime.signals[i].pending = 0;
    }
    __atomic_store_n(&any_pending, 0, __ATOMIC_RELAXED);
}
