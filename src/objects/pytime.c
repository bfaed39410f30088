// SPDX-License-Identifier: MIT
// pytime.c - clocks, and seconds as Python objects.
//
// Callers:     time, threads, select, and extensions through PyTime_*.
#include "objects/pytime.h"

#include <sys/time.h>

#define NS_PER_SECOND INT64_C(1000000000)

// --- Clocks ----------------------------------------------------------------------

static int
read_clock(clockid_t clock, PyTime_t *result)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        *result = 0;
        return -1;
    }
    *result = (PyTime_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
    return 0;
}

static int
read_clock_or_raise(clockid_t clock, PyTime_t *result)
{
    if (read_clock(clock, result) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

int
PyTime_MonotonicRaw(PyTime_t *result)
{
    return read_clock(CLOCK_MONOTONIC, result);
}

int
PyTime_PerfCounterRaw(PyTime_t *result)
{
    return read_clock(CLOCK_MONOTONIC, result);
}

int
PyTime_TimeRaw(PyTime_t *result)
{
    return read_clock(CLOCK_REALTIME, result);
}

int
PyTime_Monotonic(PyTime_t *result)
{
    return read_clock_or_raise(CLOCK_MONOTONIC, result);
}

int
PyTime_PerfCounter(PyTime_t *result)
{
    return read_clock_or_raise(CLOCK_MONOTONIC, result);
}

int
PyTime_Time(PyTime_t *result)
{
    return read_clock_or_raise(CLOCK_REALTIME, result);
}

double
PyTime_AsSecondsDouble(PyTime_t t)
{
    // Whole seconds are divided first, which is exact for longer.
    if (t % NS_PER_SECOND == 0) {
        return (double)(t / NS_PER_SECOND);
    }
    return (double)t / 1e9;
}

// --- Conversions ---------------------------------------------------------------------

static double
round_double(double x, KrRound round)
{
    switch (round) {
    case KR_ROUND_FLOOR:
        return floor(x);
    case KR_ROUND_CEILING:
        return ceil(x);
    case KR_ROUND_HALF_EVEN:
        return nearbyint(x);
    default:
        return x >= 0 ? ceil(x) : floor(x);
    }
}

static int
not_a_number(void)
{
    PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
    return -1;
}

static int
out_of_range(const char *type)
{
    PyErr_Format(PyExc_OverflowError, "timestamp out of range for %s", type);
    return -1;
}

int
kr_time_from_seconds(PyObject *seconds, KrRound round, PyTime_t *out)
{
    if (PyFloat_Check(seconds)) {
        double x = PyFloat_AS_DOUBLE(seconds);
        if (isnan(x)) {
            return not_a_number();
        }
        x = round_double(x * 1e9, round);
        if (!(x >= -9223372036854775808.0 && x < 9223372036854775808.0)) {
            return out_of_range("C PyTime_t");
        }
        *out = (PyTime_t)x;
        return 0;
    }
    if (!PyIndex_Check(seconds)) {
        PyErr_Format(PyExc_TypeError,
                     "'%T' object cannot be interpreted as an integer or float", seconds);
        return -1;
    }
    int overflow;
    long long whole = PyLong_AsLongLongAndOverflow(seconds, &overflow);
    if (whole == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow || __builtin_mul_overflow(whole, NS_PER_SECOND, out)) {
        return out_of_range("C PyTime_t");
    }
    return 0;
}

int
kr_time_t_from_object(PyObject *seconds, KrRound round, time_t *out)
{
    if (PyFloat_Check(seconds)) {
        double x = PyFloat_AS_DOUBLE(seconds);
        if (isnan(x)) {
            return not_a_number();
        }
        x = round_double(x, round);
        if (!(x >= -9223372036854775808.0 && x < 9223372036854775808.0)) {
            return out_of_range("platform time_t");
        }
        *out = (time_t)x;
        return 0;
    }
    int overflow;
    long long whole = PyLong_AsLongLongAndOverflow(seconds, &overflow);
    if (whole == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow) {
        return out_of_range("platform time_t");
    }
    *out = whole;
    return 0;
}

struct timespec
kr_time_to_timespec(PyTime_t t)
{
    PyTime_t seconds = t / NS_PER_SECOND, rest = t % NS_PER_SECOND;
    if (rest < 0) {
        rest += NS_PER_SECOND;
        seconds--;
    }
    return (struct timespec){seconds, rest};
}

struct timeval
kr_time_to_timeval(PyTime_t t, KrRound round)
{
    PyTime_t us = t / 1000, rest = t % 1000;
    bool up = round == KR_ROUND_CEILING ? rest > 0
              : round == KR_ROUND_UP    ? rest > 0
                                        : rest > 500 || (rest == 500 && (us & 1));
    bool down = (round == KR_ROUND_FLOOR || round == KR_ROUND_UP) && rest < 0;
    if (round == KR_ROUND_FLOOR) {
        up = false;
    }
    us += up - down;
    PyTime_t seconds = us / 1000000;
    us %= 1000000;
    if (us < 0) {
        us += 1000000;
        seconds--;
    }
    return (struct timeval){seconds, us};
}
