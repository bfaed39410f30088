// SPDX-License-Identifier: MIT
// pytime.h - seconds as Python objects, to nanoseconds and time_t.
#ifndef KRAIT_OBJECTS_PYTIME_H
#define KRAIT_OBJECTS_PYTIME_H

#include <Python.h>
#include <time.h>

#include "base/base.h"

typedef enum KrRound {
    KR_ROUND_FLOOR,     // towards minus infinity
    KR_ROUND_CEILING,   // towards plus infinity
    KR_ROUND_HALF_EVEN, // to the nearest
    KR_ROUND_UP,        // away from zero: timeouts
} KrRound;

// An int or float of seconds as nanoseconds. 0, or -1: ValueError for NaN,
// OverflowError, TypeError.
int kr_time_from_seconds(PyObject *seconds, KrRound round, PyTime_t *out);
// The same as whole seconds.
int kr_time_t_from_object(PyObject *seconds, KrRound round, time_t *out);
struct timespec kr_time_to_timespec(PyTime_t t);
struct timeval kr_time_to_timeval(PyTime_t t, KrRound round);

#endif // KRAIT_OBJECTS_PYTIME_H
