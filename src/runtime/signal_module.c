// SPDX-License-Identifier: MIT
// signal_module.c - the _signal module.
#include "Python.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/signals.h"

typedef struct {
    PyObject *itimer_error;
    PyTypeObject *siginfo_type;
} KrSignalModule;

static inline KrSignalModule *
module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static int
check_number(int signum)
{
    if (signum < 1 || signum >= KR_SIGNAL_COUNT) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return -1;
    }
    return 0;
}

// ---- handlers ---------------------------------------------------------------

KR_FUNCTION(signal, "default_int_handler(signalnum, frame, /)", "Raises KeyboardInterrupt.")
static PyObject *
signal_default_int_handler(PyObject *module, int signalnum, PyObject *frame)
{
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return NULL;
}

KR_FUNCTION(signal, "signal(signalnum, handler, /)",
            "Sets what happens on a signal; returns what happened before.")
static PyObject *
signal_signal(PyObject *module, int signalnum, PyObject *handler)
{
    KrRuntimeState *r = &kr_interp()->runtime;
    PyOS_sighandler_t func;
    PyObject *old;

    if (!kr_is_main_thread()) {
        PyErr_SetString(PyExc_ValueError,
                        "signal only works in main thread of the main interpreter");
        return NULL;
    }
    if (check_number(signalnum) < 0) {
        return NULL;
    }
    if (PyCallable_Check(handler)) {
        func = kr_signal_arrived;
    }
    else {
        long value = PyLong_Check(handler) ? PyLong_AsLong(handler) : -1;
        if (value == -1 && PyErr_Occurred()) {
            PyErr_Clear();
        }
        if (value != (long)(intptr_t)SIG_DFL && value != (long)(intptr_t)SIG_IGN) {
            PyErr_SetString(PyExc_TypeError,
                            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, "
                            "or a callable object");
            return NULL;
        }
        func = value == (long)(intptr_t)SIG_DFL ? SIG_DFL : SIG_IGN;
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    if (PyOS_setsig(signalnum, func) == SIG_ERR) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    old = r->signals[signalnum].handler;
    r->signals[signalnum].handler = Py_NewRef(handler);
    return old == NULL ? Py_NewRef(Py_None) : old;
}

KR_FUNCTION(signal, "getsignal(signalnum, /)",
            "The handler of a signal; None for one that Python code did not set.")
static PyObject *
signal_getsignal(PyObject *module, int signalnum)
{
    PyObject *handler;

    if (check_number(signalnum) < 0) {
        return NULL;
    }
    handler = kr_interp()->runtime.signals[signalnum].handler;
    return Py_NewRef(handler == NULL ? Py_None : handler);
}

KR_FUNCTION(signal, "siginterrupt(signalnum, flag, /)",
            "Whether system calls are interrupted by a signal.")
static PyObject *
signal_siginterrupt(PyObject *module, int signalnum, int flag)
{
    struct sigaction action;

    if (check_number(signalnum) < 0) {
        return NULL;
    }
    sigaction(signalnum, NULL, &action);
    if (flag) {
        action.sa_flags &= ~SA_RESTART;
    }
    else {
        action.sa_flags |= SA_RESTART;
    }
    if (sigaction(signalnum, &action, NULL) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(signal, "set_wakeup_fd(fd, /, *, warn_on_full_buffer=True)",
            "Has the number of each signal written to a descriptor; returns the old one.")
static PyObject *
signal_set_wakeup_fd(PyObject *module, PyObject *fd_arg, bool warn_on_full_buffer)
{
    KrRuntimeState *r = &kr_interp()->runtime;
    int fd = PyLong_AsInt(fd_arg), old;
    struct stat st;

    if (fd == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (!kr_is_main_thread()) {
        PyErr_SetString(PyExc_ValueError,
                        "set_wakeup_fd only works in main thread of the main interpreter");
        return NULL;
    }
    if (fd != -1) {
        if (fstat(fd, &st) < 0) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (!(flags & O_NONBLOCK)) {
            PyErr_Format(PyExc_ValueError, "the fd %i must be in non-blocking mode", fd);
            return NULL;
        }
    }
    old = r->signal_wakeup_fd;
    r->signal_wakeup_fd = fd;
    r->signal_warn_on_full = warn_on_full_buffer;
    return PyLong_FromLong(old);
}

// ---- sending and waiting ----------------------------------------------------

KR_FUNCTION(signal, "alarm(seconds, /)", "Has SIGALRM sent after some seconds.")
static PyObject *
signal_alarm(PyObject *module, int seconds)
{
    return PyLong_FromLong((long)alarm((unsigned)seconds));
}

KR_FUNCTION(signal, "pause()", "Waits for a signal.")
static PyObject *
signal_pause(PyObject *module)
{
    Py_BEGIN_ALLOW_THREADS
    pause();
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(signal, "raise_signal(signalnum, /)", "Sends a signal to this process.")
static PyObject *
signal_raise_signal(PyObject *module, int signalnum)
{
    int status;

    Py_BEGIN_ALLOW_THREADS
    status = raise(signalnum);
    Py_END_ALLOW_THREADS
    if (status != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(signal, "strsignal(signalnum, /)", "The system's description of a signal.")
static PyObject *
signal_strsignal(PyObject *module, int signalnum)
{
    const char *text;

    if (check_number(signalnum) < 0) {
        return NULL;
    }
    text = strsignal(signalnum);
    if (text == NULL || strstr(text, "Unknown signal") != NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(text);
}

KR_FUNCTION(signal, "pthread_kill(thread_id, signalnum, /)", "Sends a signal to a thread.")
static PyObject *
signal_pthread_kill(PyObject *module, PyObject *thread_id, int signalnum)
{
    unsigned long id;
    int status;

    if (!PyLong_Check(thread_id)) {
        kr_arg_bad("pthread_kill", "argument 1", "int", thread_id);
        return NULL;
    }
    id = PyLong_AsUnsignedLongMask(thread_id);
    if (id == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (PySys_Audit("signal.pthread_kill", "ki", id, signalnum) < 0) {
        return NULL;
    }
    status = pthread_kill((pthread_t)id, signalnum);
    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(signal, "pidfd_send_signal(pidfd, signalnum, siginfo=None, flags=0, /)",
            "Sends a signal to the process that a descriptor stands for.")
static PyObject *
signal_pidfd_send_signal(PyObject *module, int pidfd, int signalnum, PyObject *siginfo,
                         int flags)
{
    if (!Py_IsNone(siginfo)) {
        PyErr_SetString(PyExc_TypeError, "siginfo must be None");
        return NULL;
    }
    if (syscall(SYS_pidfd_send_signal, pidfd, signalnum, NULL, flags) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL; // it may have been for this process
    }
    Py_RETURN_NONE;
}

// ---- sets -------------------------------------------------------------------

// An iterable of numbers as a sigset_t.
static int
read_set(PyObject *iterable, sigset_t *set)
{
    PyObject *iterator = PyObject_GetIter(iterable), *item;
    int more;

    if (iterator == NULL) {
        return -1;
    }
    sigemptyset(set);
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        int overflow;
        long number = PyLong_AsLongAndOverflow(item, &overflow);
        Py_DECREF(item);
        if (number == -1 && !overflow && PyErr_Occurred()) {
            break;
        }
        if (overflow || number < 1 || number >= KR_SIGNAL_COUNT) {
            PyErr_Format(PyExc_ValueError,
                         "signal number %ld out of range [1; %i]", number,
                         KR_SIGNAL_COUNT - 1);
            break;
        }
        if (sigaddset(set, (int)number) != 0 && errno != EINVAL) {
            PyErr_SetFromErrno(PyExc_OSError);
            break;
        }
    }
    Py_DECREF(iterator);
    return more == 0 ? 0 : -1;
}

static PyObject *
make_set(const sigset_t *set)
{
    PyObject *result = PySet_New(NULL);

    for (int i = 1; result != NULL && i < KR_SIGNAL_COUNT; i++) {
        if (sigismember(set, i) == 1) {
            PyObject *number = PyLong_FromLong(i);
            if (number == NULL || PySet_Add(result, number) < 0) {
                Py_CLEAR(result);
            }
            Py_XDECREF(number);
        }
    }
    return result;
}

KR_FUNCTION(signal, "pthread_sigmask(how, mask, /)",
            "Changes which signals are blocked in this thread; returns the old set.")
static PyObject *
signal_pthread_sigmask(PyObject *module, int how, PyObject *mask)
{
    sigset_t set, old;
    int status;

    if (read_set(mask, &set) < 0) {
        return NULL;
    }
    status = pthread_sigmask(how, &set, &old);
    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    return make_set(&old);
}

KR_FUNCTION(signal, "sigpending()", "The signals that wait to be delivered.")
static PyObject *
signal_sigpending(PyObject *module)
{
    sigset_t set;

    if (sigpending(&set) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return make_set(&set);
}

KR_FUNCTION(signal, "valid_signals()", "The numbers of all signals.")
static PyObject *
signal_valid_signals(PyObject *module)
{
    sigset_t set;

    if (sigfillset(&set) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return make_set(&set);
}

KR_FUNCTION(signal, "sigwait(sigset, /)", "Waits for one of the signals; returns its number.")
static PyObject *
signal_sigwait(PyObject *module, PyObject *sigset)
{
    sigset_t set;
    int number, status;

    if (read_set(sigset, &set) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = sigwait(&set, &number);
    Py_END_ALLOW_THREADS
    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(number);
}

static PyStructSequence_Field siginfo_fields[] = {
    {"si_signo", "signal number"},
    {"si_code", "signal code"},
    {"si_errno", "errno associated with this signal"},
    {"si_pid", "sending process ID"},
    {"si_uid", "real user ID of sending process"},
    {"si_status", "exit value or signal"},
    {"si_band", "band event for SIGPOLL"},
    {NULL, NULL},
};

static PyStructSequence_Desc siginfo_desc = {
    "signal.struct_siginfo", "What is known of a signal that was waited for.",
    siginfo_fields, 7};

static PyObject *
make_siginfo(PyObject *module, const siginfo_t *info)
{
    PyObject *result = PyStructSequence_New(module_state(module)->siginfo_type);

    if (result == NULL) {
        return NULL;
    }
    long values[] = {info->si_signo, info->si_code, info->si_errno, (long)info->si_pid,
                     (long)info->si_uid, info->si_status, info->si_band};
    for (int i = 0; i < 7; i++) {
        PyObject *value = PyLong_FromLong(values[i]);
        if (value == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyStructSequence_SetItem(result, i, value);
    }
    return result;
}

KR_FUNCTION(signal, "sigwaitinfo(sigset, /)", "Waits for one of the signals; returns facts.")
static PyObject *
signal_sigwaitinfo(PyObject *module, PyObject *sigset)
{
    sigset_t set;
    siginfo_t info;
    int status;

    if (read_set(sigset, &set) < 0) {
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        status = sigwaitinfo(&set, &info);
        Py_END_ALLOW_THREADS
    } while (status == -1 && errno == EINTR && PyErr_CheckSignals() == 0);
    if (status == -1) {
        return PyErr_Occurred() ? NULL : PyErr_SetFromErrno(PyExc_OSError);
    }
    return make_siginfo(module, &info);
}

KR_FUNCTION(signal, "sigtimedwait(sigset, timeout, /)",
            "The same as sigwaitinfo(), for so many seconds; None when they are over.")
static PyObject *
signal_sigtimedwait(PyObject *module, PyObject *sigset, double timeout)
{
    struct timespec now, until, left;
    sigset_t set;
    siginfo_t info;
    int status;

    if (!(timeout >= 0)) {
        PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
        return NULL;
    }
    if (timeout > 9223372036.0) {
        PyErr_SetString(PyExc_OverflowError, "timestamp out of range for C PyTime_t");
        return NULL;
    }
    if (read_set(sigset, &set) < 0) {
        return NULL;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    left.tv_sec = (time_t)timeout;
    left.tv_nsec = (long)((timeout - floor(timeout)) * 1e9);
    until.tv_sec += left.tv_sec;
    until.tv_nsec += left.tv_nsec;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        status = sigtimedwait(&set, &info, &left);
        Py_END_ALLOW_THREADS
        if (status != -1) {
            return make_siginfo(module, &info);
        }
        if (errno == EAGAIN) {
            Py_RETURN_NONE;
        }
        if (errno != EINTR) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        left.tv_sec = until.tv_sec - now.tv_sec;
        left.tv_nsec = until.tv_nsec - now.tv_nsec;
        if (left.tv_nsec < 0) {
            left.tv_nsec += 1000000000;
            left.tv_sec--;
        }
        if (left.tv_sec < 0) {
            Py_RETURN_NONE;
        }
    }
}

// ---- interval timers --------------------------------------------------------

static int
read_seconds(PyObject *arg, struct timeval *out)
{
    double seconds = PyFloat_AsDouble(arg);

    if (seconds == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    if (isnan(seconds)) {
        PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
        return -1;
    }
    if (fabs(seconds) > 9.2e18) {
        PyErr_SetString(PyExc_OverflowError, "timestamp out of range for platform time_t");
        return -1;
    }
    // Rounded up: a short time must not become "never".
    double micro = ceil((seconds - floor(seconds)) * 1e6);
    out->tv_sec = (time_t)floor(seconds);
    out->tv_usec = (suseconds_t)micro;
    if (out->tv_usec >= 1000000) {
        out->tv_usec -= 1000000;
        out->tv_sec++;
    }
    return 0;
}

static PyObject *
itimer_pair(const struct itimerval *value)
{
    return Py_BuildValue("(dd)",
                         (double)value->it_value.tv_sec +
                             (double)value->it_value.tv_usec / 1e6,
                         (double)value->it_interval.tv_sec +
                             (double)value->it_interval.tv_usec / 1e6);
}

KR_FUNCTION(signal, "setitimer(which, seconds, interval=0.0, /)",
            "Starts a timer that sends signals; returns its former state.")
static PyObject *
signal_setitimer(PyObject *module, int which, PyObject *seconds, PyObject *interval)
{
    struct itimerval wanted = {{0, 0}, {0, 0}}, old;

    if (read_seconds(seconds, &wanted.it_value) < 0 ||
        (interval != NULL && read_seconds(interval, &wanted.it_interval) < 0)) {
        return NULL;
    }
    if (setitimer(which, &wanted, &old) != 0) {
        return PyErr_SetFromErrno(module_state(module)->itimer_error);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL; // a very short time may be over already
    }
    return itimer_pair(&old);
}

KR_FUNCTION(signal, "getitimer(which, /)", "The state of a timer, (seconds, interval).")
static PyObject *
signal_getitimer(PyObject *module, int which)
{
    struct itimerval value;

    if (getitimer(which, &value) != 0) {
        return PyErr_SetFromErrno(module_state(module)->itimer_error);
    }
    return itimer_pair(&value);
}

// ---- the module -------------------------------------------------------------

KR_MODULE(signal)
#include "runtime/signal_module.methods.h"

static const struct {
    const char *name;
    long value;
} constants[] = {
#define C(name) {#name, name}
    {"SIG_DFL", (long)0}, {"SIG_IGN", (long)1}, {"NSIG", KR_SIGNAL_COUNT},
    C(SIG_BLOCK), C(SIG_UNBLOCK), C(SIG_SETMASK), C(SIGHUP), C(SIGINT), C(SIGQUIT),
    C(SIGILL), C(SIGTRAP), C(SIGIOT), C(SIGABRT), C(SIGFPE), C(SIGKILL), C(SIGBUS),
    C(SIGSEGV), C(SIGSYS), C(SIGPIPE), C(SIGALRM), C(SIGTERM), C(SIGUSR1), C(SIGUSR2),
    {"SIGCLD", SIGCHLD}, C(SIGCHLD), C(SIGPWR), C(SIGIO), C(SIGURG), C(SIGWINCH),
    C(SIGPOLL), C(SIGSTOP), C(SIGTSTP), C(SIGCONT), C(SIGTTIN), C(SIGTTOU), C(SIGVTALRM),
    C(SIGPROF), C(SIGXCPU), C(SIGXFSZ), C(SIGSTKFLT), C(ITIMER_REAL), C(ITIMER_VIRTUAL),
    C(ITIMER_PROF),
#undef C
};

// What is set for each signal now, as handlers: 0, 1, or None for foreign ones.
static int
read_handlers(KrRuntimeState *r)
{
    for (int i = 1; i < KR_SIGNAL_COUNT; i++) {
        PyOS_sighandler_t func = PyOS_getsig(i);
        PyObject *handler = func == SIG_DFL ? PyLong_FromLong(0)
                            : func == SIG_IGN ? PyLong_FromLong(1)
                                              : Py_NewRef(Py_None);
        if (handler == NULL) {
            return -1;
        }
        Py_XSETREF(r->signals[i].handler, handler);
    }
    return 0;
}

static int
signal_exec(PyObject *module)
{
    KrRuntimeState *r = &kr_interp()->runtime;
    KrSignalModule *state = module_state(module);

    state->itimer_error = PyErr_NewException("signal.itimer_error", PyExc_OSError, NULL);
    state->siginfo_type = PyStructSequence_NewType(&siginfo_desc);
    if (state->itimer_error == NULL || state->siginfo_type == NULL ||
        PyModule_AddObjectRef(module, "ItimerError", state->itimer_error) < 0 ||
        PyModule_AddObjectRef(module, "struct_siginfo",
                              (PyObject *)state->siginfo_type) < 0 ||
        PyModule_AddIntConstant(module, "SIGRTMIN", SIGRTMIN) < 0 ||
        PyModule_AddIntConstant(module, "SIGRTMAX", SIGRTMAX) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    if (r->signals[SIGINT].handler != NULL) {
        return 0; // the second time
    }
    if (read_handlers(r) < 0) {
        return -1;
    }
    if (r->signals_installed && PyOS_getsig(SIGINT) == SIG_DFL) {
        PyObject *handler = PyObject_GetAttr(module, KR_ID(default_int_handler));
        if (handler == NULL) {
            return -1;
        }
        Py_XSETREF(r->signals[SIGINT].handler, handler);
        PyOS_setsig(SIGINT, kr_signal_arrived);
    }
    return 0;
}

static int
signal_traverse(PyObject *module, visitproc visit, void *arg)
{
    KrSignalModule *state = module_state(module);

    Py_VISIT(state->itimer_error);
    Py_VISIT(state->siginfo_type);
    return 0;
}

static int
signal_clear(PyObject *module)
{
    KrSignalModule *state = module_state(module);

    Py_CLEAR(state->itimer_error);
    Py_CLEAR(state->siginfo_type);
    return 0;
}

static PyModuleDef_Slot signal_slots[] = {
    {Py_mod_exec, signal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef signal_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_signal",
    .m_doc = "Signal handlers in Python; the signal module is for programs.",
    .m_size = sizeof(KrSignalModule),
    .m_methods = signal_methods,
    .m_slots = signal_slots,
    .m_traverse = signal_traverse,
    .m_clear = signal_clear,
};

PyMODINIT_FUNC
PyInit__signal(void)
{
    return PyModuleDef_Init(&signal_def);
}
