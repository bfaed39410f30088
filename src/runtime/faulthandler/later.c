// SPDX-License-Identifier: MIT
// later.c - a thread that reports where the program is unless it is told not to in time.
//
// The thread has no thread state and never takes the interpreter's lock, so that it
// reports a program that is stuck in C as well.
// Read next: dump.h, fault.h
#include "runtime/faulthandler/fault.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "runtime/faulthandler/dump.h"

// Process-wide: there is one watchdog.
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_t thread;
    pid_t process;     // that the thread runs in; 0: there is no thread
    bool cancelled;
    bool repeat;
    bool exit;
    int64_t microseconds;
    KrReportFile file;
    char heading[48];
} later = {.mutex = PTHREAD_MUTEX_INITIALIZER};

// True if the time went by without anybody cancelling.
static bool
wait_for_timeout(void)
{
    struct timespec until;
    int status = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += later.microseconds / 1000000;
    until.tv_nsec += later.microseconds % 1000000 * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&later.mutex);
    while (!later.cancelled && status != ETIMEDOUT) {
        status = pthread_cond_timedwait(&later.wake, &later.mutex, &until);
    }
    bool timed_out = !later.cancelled;
    pthread_mutex_unlock(&later.mutex);
    return timed_out;
}

static void *
watch(void *Py_UNUSED(arg))
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    while (wait_for_timeout()) {
        PyInterpreterState *interp = PyInterpreterState_Main();
        kr_dump_text(later.file.fd, later.heading);
        if (interp != NULL) {
            kr_dump_threads(later.file.fd, interp, NULL);
        }
        if (later.exit) {
            _exit(1);
        }
        if (!later.repeat) {
            break;
        }
    }
    return NULL;
}

void
kr_later_cancel(void)
{
    // After fork() the thread is the parent's.
    if (later.process != 0 && later.process == getpid()) {
        pthread_mutex_lock(&later.mutex);
        later.cancelled = true;
        pthread_cond_signal(&later.wake);
        pthread_mutex_unlock(&later.mutex);
        pthread_join(later.thread, NULL);
        pthread_cond_destroy(&later.wake);
    }
    later.process = 0;
    Py_CLEAR(later.file.object);
}

static void
make_heading(int64_t microseconds)
{
    int64_t seconds = microseconds / 1000000;
    int size = snprintf(later.heading, sizeof later.heading, "Timeout (%lld:%02d:%02d",
                        (long long)(seconds / 3600), (int)(seconds / 60 % 60),
                        (int)(seconds % 60));
    const char *end = later.heading + sizeof later.heading;
    char *at = later.heading + size;

    if (microseconds % 1000000 != 0) {
        at += snprintf(at, (size_t)(end - at), ".%06d", (int)(microseconds % 1000000));
    }
    snprintf(at, (size_t)(end - at), ")!\n");
}

int
kr_later_start(int64_t microseconds, bool repeat, KrReportFile file, bool exit)
{
    pthread_condattr_t attributes;

    kr_later_cancel();
    later.file = file;
    later.microseconds = microseconds;
    later.repeat = repeat;
    later.exit = exit;
    later.cancelled = false;
    make_heading(microseconds);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&later.wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&later.thread, NULL, watch, NULL) != 0) {
        Py_CLEAR(later.file.object);
        PyErr_SetString(PyExc_RuntimeError, "unable to start watchdog thread");
        return -1;
    }
    later.process = getpid();
    return 0;
}
