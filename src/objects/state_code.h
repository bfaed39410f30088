// SPDX-License-Identifier: MIT
// state_code.h - what one interpreter keeps about code objects for extensions.
#ifndef KRAIT_OBJECTS_STATE_CODE_H
#define KRAIT_OBJECTS_STATE_CODE_H

#include <Python.h>

#define KR_CODE_EXTRA_MAX 255
#define KR_CODE_WATCHER_MAX 8

typedef struct KrCodeState {
    Py_ssize_t extra_count;                // indexes given out
    freefunc extra_free[KR_CODE_EXTRA_MAX]; // may be NULL
    PyCode_WatchCallback watchers[KR_CODE_WATCHER_MAX];
    bool watched;                          // some watcher is set
} KrCodeState;

#endif // KRAIT_OBJECTS_STATE_CODE_H
