// SPDX-License-Identifier: MIT
// user.c - reports where the program is when a signal that the program chose comes in.
//
// Invariants: signal handlers belong to the process, and so does the one state here.
// Read next:  dump.h, fault.h
#include "runtime/faulthandler/fault.h"

#include <errno.h>
#include <signal.h>

#include "runtime/faulthandler/dump.h"

typedef struct {
    bool installed;
    bool all_threads;
    bool chain;
    KrReportFile file;
    struct sigaction previous;
} UserSignal;

static UserSignal user_signals[NSIG];

static void on_user_signal(int signum);

static int
install(int signum, bool chain, struct sigaction *previous)
{
    // A chained handler is reached by sending the signal again from the first one.
    struct sigaction action = {.sa_handler = on_user_signal,
                               .sa_flags = SA_RESTART | SA_ONSTACK | (chain ? SA_NODEFER : 0)};

    sigemptyset(&action.sa_mask);
    return sigaction(signum, &action, previous);
}

static void
on_user_signal(int signum)
{
    UserSignal *user = &user_signals[signum];
    PyInterpreterState *interp = PyInterpreterState_Main();
    int saved = errno;

    if (!user->installed || interp == NULL) {
        return;
    }
    PyThreadState *current = kr_dump_current(interp);
    if (user->all_threads) {
        kr_dump_threads(user->file.fd, interp, current);
    }
    else if (current != NULL) {
        kr_dump_stack(user->file.fd, current);
    }
    if (user->chain) {
        sigaction(signum, &user->previous, NULL);
        errno = saved;
        raise(signum);
        saved = errno;
        install(signum, true, NULL);
    }
    errno = saved;
}

int
kr_user_register(int signum, KrReportFile file, bool all_threads, bool chain)
{
    UserSignal *user = &user_signals[signum];
    PyObject *old = user->file.object;

    if (!user->installed && install(signum, chain, &user->previous) < 0) {
        Py_XDECREF(file.object);
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    user->file = file;
    user->all_threads = all_threads;
    user->chain = chain;
    user->installed = true;
    Py_XDECREF(old);
    return 0;
}

bool
kr_user_unregister(int signum)
{
    UserSignal *user = &user_signals[signum];
    bool was = user->installed;

    if (was) {
        user->installed = false;
        sigaction(signum, &user->previous, NULL);
    }
    Py_CLEAR(user->file.object);
    return was;
}

void
kr_user_fini(void)
{
    for (int signum = 1; signum < NSIG; signum++) {
        kr_user_unregister(signum);
    }
}
