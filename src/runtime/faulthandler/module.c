// SPDX-License-Identifier: MIT
// module.c - module faulthandler: functions, and the ways to crash that its tests need.
//
// Read next: fault.h
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/hooks.h"
#include "objects/ids.h"
#include "objects/pytime.h"
#include "runtime/faulthandler/dump.h"
#include "runtime/faulthandler/fault.h"

// ---- arguments --------------------------------------------------------------

static int
descriptor_of(PyObject *file, int *fd_out)
{
    PyObject *number = PyObject_CallMethodNoArgs(file, KR_ID(fileno));
    if (number == NULL) {
        return -1;
    }
    int fd = PyLong_Check(number) ? PyLong_AsInt(number) : -1;
    Py_DECREF(number);
    if (fd < 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "file.fileno() is not a valid file descriptor");
        return -1;
    }
    PyObject *none = PyObject_CallMethodNoArgs(file, KR_ID(flush));
    if (none == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(none);
    *fd_out = fd;
    return 0;
}

static PyObject *
standard_error(void)
{
    PyObject *file = PySys_GetAttr(KR_ID(stderr));

    if (file == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.stderr");
    }
    else if (Py_IsNone(file)) {
        PyErr_SetString(PyExc_RuntimeError, "sys.stderr is None");
        Py_CLEAR(file);
    }
    return file;
}

int
kr_report_file(PyObject *file, KrReportFile *out)
{
    out->object = NULL;
    if (file != NULL && PyLong_Check(file)) {
        if (PyBool_Check(file) &&
            PyErr_WarnEx(PyExc_RuntimeWarning, "bool is used as a file descriptor", 1) < 0) {
            return -1;
        }
        out->fd = PyLong_AsInt(file);
        if (out->fd == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (out->fd < 0) {
            PyErr_SetString(PyExc_ValueError, "file is not a valid file descripter");
            return -1;
        }
        return 0;
    }
    bool given = file != NULL && !Py_IsNone(file);
    PyObject *object = given ? Py_NewRef(file) : standard_error();
    if (object == NULL || descriptor_of(object, &out->fd) < 0) {
        Py_XDECREF(object);
        return -1;
    }
    out->object = object;
    return 0;
}

// ---- functions --------------------------------------------------------------

KR_FUNCTION(faulthandler, "dump_traceback(file=sys.stderr, all_threads=True)",
            "Dump the traceback of the current thread, or of all threads if all_threads "
            "is True, into file.")
static PyObject *
faulthandler_dump_traceback(PyObject *module, PyObject *file, bool all_threads)
{
    PyThreadState *tstate = kr_thread();
    KrReportFile report;

    if (kr_report_file(file, &report) < 0) {
        return NULL;
    }
    if (all_threads) {
        kr_dump_threads(report.fd, tstate->interp, tstate);
    }
    else {
        kr_dump_stack(report.fd, tstate);
    }
    Py_XDECREF(report.object);
    return PyErr_CheckSignals() < 0 ? NULL : Py_None;
}

KR_FUNCTION(faulthandler, "dump_c_stack(file=sys.stderr)",
            "Dump the C stack of the current thread.")
static PyObject *
faulthandler_dump_c_stack(PyObject *module, PyObject *file)
{
    KrReportFile report;

    if (kr_report_file(file, &report) < 0) {
        return NULL;
    }
    kr_dump_c_stack(report.fd);
    Py_XDECREF(report.object);
    return PyErr_CheckSignals() < 0 ? NULL : Py_None;
}

KR_FUNCTION(faulthandler, "enable(file=sys.stderr, all_threads=True, c_stack=True)",
            "Enable the fault handler.")
static PyObject *
faulthandler_enable(PyObject *module, PyObject *file, bool all_threads, bool c_stack)
{
    KrReportFile report;

    if (kr_report_file(file, &report) < 0 ||
        kr_fatal_enable(report, all_threads, c_stack) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(faulthandler, "disable()", "Disable the fault handler.")
static PyObject *
faulthandler_disable(PyObject *module)
{
    return PyBool_FromLong(kr_fatal_disable());
}

KR_FUNCTION(faulthandler, "is_enabled()", "Check if the handler is enabled.")
static PyObject *
faulthandler_is_enabled(PyObject *module)
{
    return PyBool_FromLong(kr_fatal_is_enabled());
}

KR_FUNCTION(faulthandler,
            "dump_traceback_later(timeout, repeat=False, file=sys.stderr, exit=False)",
            "Dump the traceback of all threads in timeout seconds,\n"
            "or each timeout seconds if repeat is True. If exit is True, call _exit(1) "
            "which is not safe.")
static PyObject *
faulthandler_dump_traceback_later(PyObject *module, PyObject *timeout, bool repeat,
                                  PyObject *file, bool exit)
{
    KrReportFile report;
    PyTime_t nanoseconds;

    if (kr_time_from_seconds(timeout, KR_ROUND_UP, &nanoseconds) < 0) {
        return NULL;
    }
    if (nanoseconds <= 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be greater than 0");
        return NULL;
    }
    if (kr_report_file(file, &report) < 0 ||
        kr_later_start(nanoseconds / 1000 + (nanoseconds % 1000 != 0), repeat, report,
                       exit) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(faulthandler, "cancel_dump_traceback_later()",
            "Cancel the previous call to dump_traceback_later().")
static PyObject *
faulthandler_cancel_dump_traceback_later(PyObject *module)
{
    kr_later_cancel();
    Py_RETURN_NONE;
}

static int
check_signal(int signum)
{
    if (kr_fatal_handles(signum)) {
        PyErr_Format(PyExc_RuntimeError,
                     "signal %i cannot be registered, use enable() instead", signum);
        return -1;
    }
    if (signum < 1 || signum >= NSIG) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return -1;
    }
    return 0;
}

KR_FUNCTION(faulthandler,
            "register(signum, file=sys.stderr, all_threads=True, chain=False)",
            "Register a handler for the signal 'signum': dump the traceback of the "
            "current thread, or of all threads if all_threads is True, into file.")
static PyObject *
faulthandler_register(PyObject *module, int signum, PyObject *file, bool all_threads,
                      bool chain)
{
    KrReportFile report;

    if (check_signal(signum) < 0 || kr_report_file(file, &report) < 0 ||
        kr_user_register(signum, report, all_threads, chain) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(faulthandler, "unregister(signum, /)",
            "Unregister the handler of the signal 'signum' registered by register().")
static PyObject *
faulthandler_unregister(PyObject *module, int signum)
{
    return check_signal(signum) < 0 ? NULL : PyBool_FromLong(kr_user_unregister(signum));
}

// ---- ways to crash ----------------------------------------------------------

KR_FUNCTION(faulthandler, "_read_null()",
            "Read from NULL, raise a SIGSEGV or SIGBUS signal depending on the platform.")
static PyObject *
faulthandler__read_null(PyObject *module)
{
    int *volatile nowhere = NULL;

    return PyLong_FromLong(*(volatile int *)nowhere);
}

KR_FUNCTION(faulthandler, "_sigsegv(release_gil=False, /)", "Raise a SIGSEGV signal.")
static PyObject *
faulthandler__sigsegv(PyObject *module, bool release_gil)
{
    if (release_gil) {
        Py_BEGIN_ALLOW_THREADS
        raise(SIGSEGV);
        Py_END_ALLOW_THREADS
    }
    else {
        raise(SIGSEGV);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(faulthandler, "_sigabrt()", "Raise a SIGABRT signal.")
static PyObject *
faulthandler__sigabrt(PyObject *module)
{
    abort();
}

KR_FUNCTION(faulthandler, "_sigfpe()", "Raise a SIGFPE signal.")
static PyObject *
faulthandler__sigfpe(PyObject *module)
{
    raise(SIGFPE);
    Py_RETURN_NONE;
}

static void *
faulthandler_fatal_error_thread(void *Py_UNUSED(arg))
{
    Py_FatalError("in new thread");
}

KR_FUNCTION(faulthandler, "_fatal_error_c_thread()",
            "Call Py_FatalError() in a new C thread.")
static PyObject *
faulthandler__fatal_error_c_thread(PyObject *module)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, faulthandler_fatal_error_thread, NULL) != 0) {
        PyErr_SetString(PyExc_RuntimeError, "unable to start the thread");
        return NULL;
    }
    pthread_join(thread, NULL);
    Py_RETURN_NONE;
}

// Uses up the C stack; the depth is what it returns when that fails.
static size_t
fill_stack(size_t depth)
{
    volatile char buffer[4096];

    buffer[0] = 1;
    buffer[sizeof buffer - 1] = 2;
    if (depth > (size_t)100 << 20 / sizeof buffer) {
        return depth;
    }
    return fill_stack(depth + 1) + buffer[0] - 1u;
}

KR_FUNCTION(faulthandler, "_stack_overflow()",
            "Recursive call to raise a stack overflow.")
static PyObject *
faulthandler__stack_overflow(PyObject *module)
{
    PyErr_Format(PyExc_RuntimeError, "unable to raise a stack overflow (%zu calls)",
                 fill_stack(0));
    return NULL;
}

KR_MODULE(faulthandler)
#include "runtime/faulthandler/module.methods.h"

static PyModuleDef_Slot faulthandler_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef faulthandler_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "faulthandler",
    .m_doc = "faulthandler module.",
    .m_methods = faulthandler_methods,
    .m_slots = faulthandler_slots,
};

PyMODINIT_FUNC
PyInit_faulthandler(void)
{
    return PyModuleDef_Init(&faulthandler_def);
}

// ---- the interpreter's start and end ------------------------------------------

// What Py_FatalError() adds to its message.
static void
report_fatal_error(int fd)
{
    PyInterpreterState *interp = PyInterpreterState_Main();

    if (interp == NULL) {
        return;
    }
    kr_dump_text(fd, "\n");
    kr_dump_threads(fd, interp, kr_dump_current(interp));
    kr_dump_text(fd, "\n");
    kr_dump_c_stack(fd);
    kr_dump_extensions(fd, interp);
}

int
kr_faulthandler_init(bool enable)
{
    kr_hooks.report_fatal_error = report_fatal_error;
    if (!enable) {
        return 0;
    }
    PyObject *module = PyImport_ImportModule("faulthandler");
    PyObject *none = module == NULL ? NULL : faulthandler_enable(module, NULL, true, true);
    Py_XDECREF(none);
    Py_XDECREF(module);
    return none == NULL ? -1 : 0;
}

void
kr_faulthandler_fini(void)
{
    kr_later_cancel();
    kr_user_fini();
    kr_fatal_disable();
}
