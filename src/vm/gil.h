// SPDX-License-Identifier: MIT
// gil.h - what the files around the lock need of each other.
#ifndef KRAIT_VM_GIL_H
#define KRAIT_VM_GIL_H

#include "objects/state.h"

// The calling thread has the lock of tstate's interpreter: tstate is current.
void kr_thread_activate(PyThreadState *tstate);
// In the child after fork: the other threads are gone.
void kr_threads_after_fork(void);

// sys.getswitchinterval and setswitchinterval, in microseconds.
unsigned long kr_gil_interval(void);
void kr_gil_set_interval(unsigned long microseconds);

#endif // KRAIT_VM_GIL_H
