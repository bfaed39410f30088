// SPDX-License-Identifier: MIT
// threads.h - between the files of the _thread module.
#ifndef KRAIT_RUNTIME_THREADS_H
#define KRAIT_RUNTIME_THREADS_H

#include "objects/state.h"

#define KR_THREAD_STACK (8u << 20)     // bytes of a thread's C stack
#define KR_THREAD_STACK_MIN 53248u     // least that _thread.stack_size() takes
#define KR_TIMEOUT_MAX_SECONDS 9223372036.0

// Starts a thread that runs func(arg). 0, or -1 without an exception.
int kr_start_thread(void (*func)(void *), void *arg, bool joinable,
                    unsigned long *ident_out, void **handle_out);

// Reads acquire()'s arguments. *microseconds_out: -1 for ever, 0 do not wait.
int kr_read_lock_timeout(bool blocking, PyObject *timeout,
                         PY_TIMEOUT_T *microseconds_out);

// Takes a lock, giving the interpreter's lock up while waiting and serving signals.
// PY_LOCK_INTR: a signal handler raised.
PyLockStatus kr_lock_wait(PyThread_type_lock lock, PY_TIMEOUT_T microseconds);

extern PyTypeObject kr_lock_type;
extern PyTypeObject kr_rlock_type;
extern PyTypeObject kr_thread_handle_type;
extern PyTypeObject kr_local_type;
extern PyTypeObject kr_local_seat_type;

// handle.c: the parts of the module's functions that are about handles.
PyObject *kr_start_joinable(PyObject *func, PyObject *args, PyObject *kwargs,
                            PyObject *handle, bool daemon);
PyObject *kr_thread_handle_for(unsigned long ident);
int kr_threads_shutdown(void);
void kr_threads_clear_after_fork(void);

#endif // KRAIT_RUNTIME_THREADS_H
