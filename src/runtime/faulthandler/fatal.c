// SPDX-License-Identifier: MIT
// fatal.c - reports where the program is when a signal ends it.
//
// Invariants: signal handlers belong to the process, and so does the one state here.
// Read next:  dump.h, fault.h
#include "runtime/faulthandler/fault.h"

#include <execinfo.h>
#include <signal.h>

#include "runtime/faulthandler/dump.h"

#define ALT_STACK_SIZE (128 << 10)

typedef struct {
    const int signum;
    const char *const name;
    bool installed;
    struct sigaction previous;
} FatalSignal;

// Process-wide, as the handlers are.
static struct {
    bool enabled;
    bool all_threads;
    bool c_stack;
    KrReportFile file;
    void *alt_stack; // for reports of a full C stack
    FatalSignal signals[5];
} fatal = {
    .signals =
        {
            {.signum = SIGBUS, .name = "Bus error"},
            {.signum = SIGILL, .name = "Illegal instruction"},
            {.signum = SIGFPE, .name = "Floating-point exception"},
            {.signum = SIGABRT, .name = "Aborted"},
            {.signum = SIGSEGV, .name = "Segmentation fault"},
        },
};

static FatalSignal *
fatal_signal(int signum)
{
    for (size_t i = 0; i < KR_ARRAY_LEN(fatal.signals); i++) {
        if (fatal.signals[i].signum == signum) {
            return &fatal.signals[i];
        }
    }
    return NULL;
}

bool
kr_fatal_handles(int signum)
{
    return fatal_signal(signum) != NULL;
}

bool
kr_fatal_is_enabled(void)
{
    return fatal.enabled;
}

static void
report_fatal(int fd, const char *name)
{
    PyInterpreterState *interp = PyInterpreterState_Main();
    PyThreadState *current = interp == NULL ? NULL : kr_dump_current(interp);

    kr_dump_text(fd, "Fatal Python error: ");
    kr_dump_text(fd, name);
    kr_dump_text(fd, "\n\n");
    if (interp == NULL) {
        return;
    }
    if (fatal.all_threads) {
        kr_dump_threads(fd, interp, current);
    }
    else if (current != NULL) {
        kr_dump_stack(fd, current);
    }
    if (fatal.c_stack) {
        kr_dump_text(fd, "\n");
        kr_dump_c_stack(fd);
    }
    kr_dump_extensions(fd, interp);
}

static void
on_fatal_signal(int signum)
{
    FatalSignal *signal = fatal_signal(signum);

    if (!fatal.enabled || signal == NULL || !signal->installed) {
        return;
    }
    // What happens in here, and the signal sent again, is the previous handler's.
    sigaction(signum, &signal->previous, NULL);
    signal->installed = false;
    report_fatal(fatal.file.fd, signal->name);
    raise(signum);
}

// Without memory for it, full stacks are not reported.
static void
make_alt_stack(void)
{
    stack_t stack = {.ss_size = ALT_STACK_SIZE};

    if (fatal.alt_stack == NULL) {
        fatal.alt_stack = PyMem_RawMalloc(ALT_STACK_SIZE);
    }
    stack.ss_sp = fatal.alt_stack;
    if (fatal.alt_stack != NULL) {
        sigaltstack(&stack, NULL);
    }
}

int
kr_fatal_enable(KrReportFile file, bool all_threads, bool c_stack)
{
    PyObject *old = fatal.file.object;
    void *warm[1];

    fatal.file = file;
    fatal.all_threads = all_threads;
    fatal.c_stack = c_stack;
    Py_XDECREF(old);
    if (fatal.enabled) {
        return 0;
    }
    fatal.enabled = true;
    make_alt_stack();
    backtrace(warm, 1); // the first call loads a library, which a handler may not
    for (size_t i = 0; i < KR_ARRAY_LEN(fatal.signals); i++) {
        FatalSignal *signal = &fatal.signals[i];
        struct sigaction action = {.sa_handler = on_fatal_signal,
                                   .sa_flags = SA_NODEFER | SA_ONSTACK};
        sigemptyset(&action.sa_mask);
        if (sigaction(signal->signum, &action, &signal->previous) < 0) {
            PyErr_SetFromErrno(PyExc_RuntimeError);
            return -1;
        }
        signal->installed = true;
    }
    return 0;
}

bool
kr_fatal_disable(void)
{
    bool was = fatal.enabled;

    fatal.enabled = false;
    for (size_t i = 0; i < KR_ARRAY_LEN(fatal.signals); i++) {
        FatalSignal *signal = &fatal.signals[i];
        if (signal->installed) {
            sigaction(signal->signum, &signal->previous, NULL);
            signal->installed = false;
        }
    }
    Py_CLEAR(fatal.file.object);
    return was;
}
