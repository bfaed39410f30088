// SPDX-License-Identifier: MIT
// async.h - what asyncio runs on a thread.
#ifndef KRAIT_OBJECTS_ASYNC_H
#define KRAIT_OBJECTS_ASYNC_H

#include "Python.h"

typedef struct KrThreadAsync {
    PyObject *loop; // owned, the running event loop, or NULL
    PyObject *task; // owned, the task that it is in, or NULL
} KrThreadAsync;

// Lives as long as the thread's state.
KrThreadAsync *kr_thread_async(PyThreadState *tstate);

#endif // KRAIT_OBJECTS_ASYNC_H
