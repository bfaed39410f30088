// SPDX-License-Identifier: MIT
// pytime.h - clocks in nanoseconds.
#ifndef KRAIT_PYTIME_H
#define KRAIT_PYTIME_H
#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API
typedef int64_t PyTime_t; // nanoseconds
#define PyTime_MIN INT64_MIN
#define PyTime_MAX INT64_MAX

PyAPI_FUNC(double) PyTime_AsSecondsDouble(PyTime_t t);
// 0, or -1 with an exception.
PyAPI_FUNC(int) PyTime_Monotonic(PyTime_t *result);
PyAPI_FUNC(int) PyTime_PerfCounter(PyTime_t *result);
PyAPI_FUNC(int) PyTime_Time(PyTime_t *result);
// The same without the interpreter's lock and without an exception.
PyAPI_FUNC(int) PyTime_MonotonicRaw(PyTime_t *result);
PyAPI_FUNC(int) PyTime_PerfCounterRaw(PyTime_t *result);
PyAPI_FUNC(int) PyTime_TimeRaw(PyTime_t *result);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYTIME_H
