// SPDX-License-Identifier: MIT
// locks.c - PyMutex, a lock of one byte, and critical sections.
//
// The byte only says whether the lock is taken and whether somebody waits. Waiters
// sleep on one of a few condition variables, chosen by the lock's address: a wake-up
// may be for another lock, so they look again.
#include "Python.h"

#include <pthread.h>

#include "base/base.h"
#include "objects/state.h"

enum { LOCKED = 1, WAITED_FOR = 2, LOT_COUNT = 61 };

// Shared by the process on purpose: locks have no owner to keep this.
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
} lots[LOT_COUNT] = {
    [0 ... LOT_COUNT - 1] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER},
};

static size_t
lot_of(const PyMutex *mutex)
{
    return ((uintptr_t)mutex >> 3) % LOT_COUNT;
}

// Waits in the lot; the interpreter's lock is not held.
static void
lock_waiting(PyMutex *mutex)
{
    size_t lot = lot_of(mutex);

    pthread_mutex_lock(&lots[lot].mutex);
    for (;;) {
        uint8_t bits = __atomic_load_n(&mutex->_bits, __ATOMIC_RELAXED);
        if (!(bits & LOCKED)) {
            if (__atomic_compare_exchange_n(&mutex->_bits, &bits, bits | LOCKED, false,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                break;
            }
        }
        else if ((bits & WAITED_FOR) ||
                 __atomic_compare_exchange_n(&mutex->_bits, &bits, bits | WAITED_FOR,
                                             false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            pthread_cond_wait(&lots[lot].changed, &lots[lot].mutex);
        }
    }
    pthread_mutex_unlock(&lots[lot].mutex);
}

void
PyMutex_Lock(PyMutex *mutex)
{
    uint8_t free = 0;
    PyThreadState *tstate;

    if (KR_LIKELY(__atomic_compare_exchange_n(&mutex->_bits, &free, LOCKED, false,
                                              __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))) {
        return;
    }
    // Whoever has the lock may need the interpreter's lock to go on.
    tstate = kr_thread() == NULL ? NULL : PyEval_SaveThread();
    lock_waiting(mutex);
    if (tstate != NULL) {
        PyEval_RestoreThread(tstate);
    }
}

void
PyMutex_Unlock(PyMutex *mutex)
{
    uint8_t held = LOCKED;
    size_t lot = lot_of(mutex);

    if (KR_LIKELY(__atomic_compare_exchange_n(&mutex->_bits, &held, 0, false,
                                              __ATOMIC_RELEASE, __ATOMIC_RELAXED))) {
        return;
    }
    if (!(held & LOCKED)) {
        Py_FatalError("unlocking mutex that is not locked");
    }
    pthread_mutex_lock(&lots[lot].mutex);
    __atomic_store_n(&mutex->_bits, 0, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&lots[lot].changed);
    pthread_mutex_unlock(&lots[lot].mutex);
}

int
PyMutex_IsLocked(PyMutex *mutex)
{
    return (__atomic_load_n(&mutex->_bits, __ATOMIC_RELAXED) & LOCKED) != 0;
}

// ---- critical sections: the interpreter's lock is one already ----------------

void
PyCriticalSection_Begin(PyCriticalSection *c, PyObject *op)
{
    c->_cs_prev = 0;
    c->_cs_mutex = NULL;
}

void
PyCriticalSection_End(PyCriticalSection *c)
{
}

void
PyCriticalSection2_Begin(PyCriticalSection2 *c, PyObject *a, PyObject *b)
{
    c->_cs_base = (PyCriticalSection){0, NULL};
    c->_cs_mutex2 = NULL;
}

void
PyCriticalSection2_End(PyCriticalSection2 *c)
{
}
