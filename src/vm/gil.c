// SPDX-License-Identifier: MIT
// gil.c - the lock that lets one thread of an interpreter run at a time.
//
// A waiter that has waited for the switch interval sets KR_POLL_GIL at the
// holder, which gives the lock up at its next poll and waits until somebody else
// has had it, so that two busy threads take turns.
#include "vm/gil.h"

#include <time.h>

int
kr_gil_init(PyInterpreterState *interp)
{
    KrGil *gil = &interp->gil;
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0 ||
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
        pthread_mutex_init(&gil->mutex, NULL) != 0 ||
        pthread_cond_init(&gil->free, &attributes) != 0 ||
        pthread_cond_init(&gil->switched, &attributes) != 0) {
        return -1;
    }
    pthread_condattr_destroy(&attributes);
    gil->holder = NULL;
    gil->last = NULL;
    if (gil->interval == 0) {
        gil->interval = 5000;
    }
    gil->made = true;
    return 0;
}

static void
deadline_after(struct timespec *when, unsigned long microseconds)
{
    clock_gettime(CLOCK_MONOTONIC, when);
    when->tv_sec += (time_t)(microseconds / 1000000);
    when->tv_nsec += (long)(microseconds % 1000000) * 1000;
    if (when->tv_nsec >= 1000000000) {
        when->tv_nsec -= 1000000000;
        when->tv_sec++;
    }
}

// A thread other than the one that ends the interpreter never gets the lock
// again: it sleeps for good.
static void
hang_if_finalizing(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (interp->finalizing && tstate != interp->finalizing_thread) {
        pthread_mutex_unlock(&interp->gil.mutex);
        for (;;) {
            struct timespec hour = {3600, 0};
            nanosleep(&hour, NULL);
        }
    }
}

void
kr_gil_take(PyThreadState *tstate)
{
    KrGil *gil = &tstate->interp->gil;
    pthread_mutex_lock(&gil->mutex);
    hang_if_finalizing(tstate);
    while (gil->holder != NULL) {
        PyThreadState *holder = gil->holder;
        uint64_t switches = gil->switches;
        struct timespec until;
        deadline_after(&until, gil->interval);
        int status = pthread_cond_timedwait(&gil->free, &gil->mutex, &until);
        hang_if_finalizing(tstate);
        if (status != 0 && gil->holder == holder && gil->switches == switches) {
            kr_poll_request(holder, KR_POLL_GIL);
        }
    }
    gil->holder = tstate;
    if (gil->last != tstate) {
        gil->last = tstate;
        gil->switches++;
    }
    pthread_cond_signal(&gil->switched);
    pthread_mutex_unlock(&gil->mutex);
    tstate->holds_gil = 1;
    kr_thread_activate(tstate);
}

void
kr_gil_drop(PyThreadState *tstate)
{
    KrGil *gil = &tstate->interp->gil;
    pthread_mutex_lock(&gil->mutex);
    bool asked = (__atomic_load_n(&tstate->eval_breaker, __ATOMIC_RELAXED) & KR_POLL_GIL) != 0;
    gil->last = tstate;
    gil->holder = NULL;
    tstate->holds_gil = 0;
    kr_current_thread = NULL;
    pthread_cond_signal(&gil->free);
    if (asked) {
        kr_poll_withdraw(tstate, KR_POLL_GIL);
        uint64_t switches = gil->switches;
        struct timespec until;
        deadline_after(&until, gil->interval);
        while (gil->holder == NULL && gil->switches == switches &&
               pthread_cond_timedwait(&gil->switched, &gil->mutex, &until) == 0) {
        }
    }
    pthread_mutex_unlock(&gil->mutex);
}

unsigned long
kr_gil_interval(void)
{
    return kr_interp()->gil.interval;
}

void
kr_gil_set_interval(unsigned long microseconds)
{
    kr_interp()->gil.interval = microseconds > 0 ? microseconds : 1;
}
