// SPDX-License-Identifier: MIT
// time.c - the module time: clocks, calendar times, sleeping.
//
// Invariants:  tm_* of Python count years from 0, months and days of the year from
//              1, and weekdays from Monday; struct tm counts otherwise.
#include <Python.h>

#include <pthread.h>
#include <time.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/pytime.h"

typedef struct {
    PyTypeObject *struct_time; // owned
} TimeState;

static TimeState *
time_state(PyObject *module)
{
    return PyModule_GetState(module);
}

// --- Clocks ----------------------------------------------------------------------------

static PyObject *
clock_seconds(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyTime_t t = (PyTime_t)now.tv_sec * 1000000000 + now.tv_nsec;
    return PyFloat_FromDouble(PyTime_AsSecondsDouble(t));
}

static PyObject *
clock_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLongLong((long long)now.tv_sec * 1000000000 + now.tv_nsec);
}

KR_FUNCTION_RAW(time, "time", METH_NOARGS,
                "time() -> floating-point number\n\n"
                "Return the current time in seconds since the Epoch.\n"
                "Fractions of a second may be present if the system clock provides them.")
static PyObject *
time_time(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_seconds(CLOCK_REALTIME);
}

KR_FUNCTION_RAW(time, "time_ns", METH_NOARGS,
                "time_ns() -> int\n\n"
                "Return the current time in nanoseconds since the Epoch.")
static PyObject *
time_time_ns(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_ns(CLOCK_REALTIME);
}

KR_FUNCTION_RAW(time, "monotonic", METH_NOARGS,
                "monotonic() -> float\n\nMonotonic clock, cannot go backward.")
static PyObject *
time_monotonic(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_seconds(CLOCK_MONOTONIC);
}

KR_FUNCTION_RAW(time, "monotonic_ns", METH_NOARGS,
                "monotonic_ns() -> int\n\n"
                "Monotonic clock, cannot go backward, as nanoseconds.")
static PyObject *
time_monotonic_ns(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_ns(CLOCK_MONOTONIC);
}

KR_FUNCTION_RAW(time, "perf_counter", METH_NOARGS,
                "perf_counter() -> float\n\nPerformance counter for benchmarking.")
static PyObject *
time_perf_counter(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_seconds(CLOCK_MONOTONIC);
}

KR_FUNCTION_RAW(time, "perf_counter_ns", METH_NOARGS,
                "perf_counter_ns() -> int\n\n"
                "Performance counter for benchmarking as nanoseconds.")
static PyObject *
time_perf_counter_ns(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_ns(CLOCK_MONOTONIC);
}

KR_FUNCTION_RAW(time, "process_time", METH_NOARGS,
                "process_time() -> float\n\n"
                "Process time for profiling: sum of the kernel and user-space CPU time.")
static PyObject *
time_process_time(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

KR_FUNCTION_RAW(time, "process_time_ns", METH_NOARGS,
                "process_time() -> int\n\nProcess time for profiling as nanoseconds:\n"
                "sum of the kernel and user-space CPU time.")
static PyObject *
time_process_time_ns(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

KR_FUNCTION_RAW(time, "thread_time", METH_NOARGS,
                "thread_time() -> float\n\n"
                "Thread time for profiling: sum of the kernel and user-space CPU time.")
static PyObject *
time_thread_time(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

KR_FUNCTION_RAW(time, "thread_time_ns", METH_NOARGS,
                "thread_time() -> int\n\nThread time for profiling as nanoseconds:\n"
                "sum of the kernel and user-space CPU time.")
static PyObject *
time_thread_time_ns(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

// The clock that an argument names; 0, or -1 with TypeError.
static int
clock_id(PyObject *object, clockid_t *out)
{
    int overflow;
    if (!PyLong_Check(object)) {
        PyErr_Format(PyExc_TypeError, "clk_id should be integer, not %s",
                     _PyType_Name(Py_TYPE(object)));
        return -1;
    }
    long long id = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow || id != (clockid_t)id) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    *out = (clockid_t)id;
    return 0;
}

KR_FUNCTION(time, "clock_gettime(clk_id, /)",
            "Return the time of the specified clock clk_id as a float.")
static PyObject *
time_clock_gettime(PyObject *module, PyObject *clk_id)
{
    clockid_t clock;
    return clock_id(clk_id, &clock) < 0 ? NULL : clock_seconds(clock);
}

KR_FUNCTION(time, "clock_gettime_ns(clk_id, /)",
            "Return the time of the specified clock clk_id as nanoseconds (int).")
static PyObject *
time_clock_gettime_ns(PyObject *module, PyObject *clk_id)
{
    clockid_t clock;
    return clock_id(clk_id, &clock) < 0 ? NULL : clock_ns(clock);
}

KR_FUNCTION_RAW(time, "clock_getres", METH_VARARGS,
                "clock_getres(clk_id) -> floating-point number\n\n"
                "Return the resolution (precision) of the specified clock clk_id.")
static PyObject *
time_clock_getres(PyObject *module, PyObject *args)
{
    int clock;
    struct timespec resolution;
    if (!PyArg_ParseTuple(args, "i:clock_getres", &clock)) {
        return NULL;
    }
    if (clock_getres(clock, &resolution) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyFloat_FromDouble((double)resolution.tv_sec +
                              (double)resolution.tv_nsec * 1e-9);
}

static PyObject *
set_clock(int clock, PyTime_t t)
{
    struct timespec wanted = kr_time_to_timespec(t);
    if (clock_settime(clock, &wanted) != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION_RAW(time, "clock_settime", METH_VARARGS,
                "clock_settime(clk_id, time)\n\n"
                "Set the time of the specified clock clk_id.")
static PyObject *
time_clock_settime(PyObject *module, PyObject *args)
{
    int clock;
    PyObject *seconds;
    PyTime_t t;
    if (!PyArg_ParseTuple(args, "iO:clock_settime", &clock, &seconds) ||
        kr_time_from_seconds(seconds, KR_ROUND_FLOOR, &t) < 0) {
        return NULL;
    }
    return set_clock(clock, t);
}

KR_FUNCTION_RAW(time, "clock_settime_ns", METH_VARARGS,
                "clock_settime_ns(clk_id, time)\n\n"
                "Set the time of the specified clock clk_id with nanoseconds.")
static PyObject *
time_clock_settime_ns(PyObject *module, PyObject *args)
{
    int clock, overflow;
    PyObject *ns;
    if (!PyArg_ParseTuple(args, "iO:clock_settime", &clock, &ns)) {
        return NULL;
    }
    if (!PyLong_Check(ns)) {
        return PyErr_Format(PyExc_TypeError, "expect int, got %s",
                            _PyType_Name(Py_TYPE(ns)));
    }
    long long t = PyLong_AsLongLongAndOverflow(ns, &overflow);
    if (overflow) {
        PyErr_SetString(PyExc_OverflowError, "timestamp out of range for C PyTime_t");
        return NULL;
    }
    return set_clock(clock, t);
}

KR_FUNCTION_RAW(time, "pthread_getcpuclockid", METH_VARARGS,
                "pthread_getcpuclockid(thread_id) -> int\n\n"
                "Return the clk_id of a thread's CPU time clock.")
static PyObject *
time_pthread_getcpuclockid(PyObject *module, PyObject *args)
{
    unsigned long thread;
    clockid_t clock;
    if (!PyArg_ParseTuple(args, "k:pthread_getcpuclockid", &thread)) {
        return NULL;
    }
    int error = pthread_getcpuclockid((pthread_t)thread, &clock);
    if (error != 0) {
        errno = error;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(clock);
}

KR_FUNCTION_RAW(time, "get_clock_info", METH_VARARGS,
                "get_clock_info(name: str) -> dict\n\n"
                "Get information of the specified clock.")
static PyObject *
time_get_clock_info(PyObject *module, PyObject *args)
{
    static const struct {
        const char *name;
        clockid_t clock;
        const char *implementation;
        bool monotonic;
    } rows[] = {
        {"time", CLOCK_REALTIME, "clock_gettime(CLOCK_REALTIME)", false},
        {"monotonic", CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", true},
        {"perf_counter", CLOCK_MONOTONIC, "clock_gettime(CLOCK_MONOTONIC)", true},
        {"process_time", CLOCK_PROCESS_CPUTIME_ID,
         "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true},
        {"thread_time", CLOCK_THREAD_CPUTIME_ID,
         "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true},
    };
    const char *name;
    if (!PyArg_ParseTuple(args, "s:get_clock_info", &name)) {
        return NULL;
    }
    for (int i = 0; i < KR_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) != 0) {
            continue;
        }
        struct timespec resolution = {0, 1};
        clock_getres(rows[i].clock, &resolution);
        double seconds =
            (double)resolution.tv_sec + (double)resolution.tv_nsec * 1e-9;
        PyObject *types = PyImport_ImportModule("types"), *result = NULL, *cls = NULL;
        PyObject *values = Py_BuildValue(
            "{sssOsOsd}", "implementation", rows[i].implementation, "monotonic",
            rows[i].monotonic ? Py_True : Py_False, "adjustable",
            rows[i].monotonic ? Py_False : Py_True, "resolution", seconds);
        PyObject *none = PyTuple_New(0);
        if (types != NULL) {
            cls = PyObject_GetAttrString(types, "SimpleNamespace");
        }
        if (cls != NULL && values != NULL && none != NULL) {
            result = PyObject_Call(cls, none, values);
        }
        Py_XDECREF(types);
        Py_XDECREF(cls);
        Py_XDECREF(values);
        Py_XDECREF(none);
        return result;
    }
    PyErr_SetString(PyExc_ValueError, "unknown clock");
    return NULL;
}

// --- Sleeping ---------------------------------------------------------------------------

KR_FUNCTION_RAW(time, "sleep", METH_O,
                "sleep(seconds)\n\n"
                "Delay execution for a given number of seconds.  The argument may be\n"
                "a floating-point number for subsecond precision.")
static PyObject *
time_sleep(PyObject *module, PyObject *seconds)
{
    PyTime_t length, now;
    if (PySys_Audit("time.sleep", "O", seconds) < 0 ||
        kr_time_from_seconds(seconds, KR_ROUND_UP, &length) < 0) {
        return NULL;
    }
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "sleep length must be non-negative");
        return NULL;
    }
    if (PyTime_Monotonic(&now) < 0) {
        return NULL;
    }
    PyTime_t deadline;
    if (__builtin_add_overflow(now, length, &deadline)) {
        deadline = PyTime_MAX;
    }
    struct timespec end = kr_time_to_timespec(deadline);
    while (true) {
        int error;
        Py_BEGIN_ALLOW_THREADS
        error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
        Py_END_ALLOW_THREADS
        if (error == 0) {
            Py_RETURN_NONE;
        }
        if (error != EINTR) {
            errno = error;
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        // A signal handler that raises ends the sleep.
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
    }
}

// --- Calendar times: struct tm to and from Python ------------------------------------------

static PyStructSequence_Field struct_time_fields[] = {
    {"tm_year", "year, for example, 1993"},
    {"tm_mon", "month of year, range [1, 12]"},
    {"tm_mday", "day of month, range [1, 31]"},
    {"tm_hour", "hours, range [0, 23]"},
    {"tm_min", "minutes, range [0, 59]"},
    {"tm_sec", "seconds, range [0, 61])"},
    {"tm_wday", "day of week, range [0, 6], Monday is 0"},
    {"tm_yday", "day of year, range [1, 366]"},
    {"tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"},
    {"tm_zone", "abbreviation of timezone name"},
    {"tm_gmtoff", "offset from UTC in seconds"},
    {NULL, NULL},
};

static PyStructSequence_Desc struct_time_desc = {
    .name = "time.struct_time",
    .doc = "The time value as returned by gmtime(), localtime(), and strptime(), and\n"
           " accepted by asctime(), mktime() and strftime().  May be considered as a\n"
           " sequence of 9 integers.\n\n"
           " Note that several fields' values are not the same as those defined by\n"
           " the C language standard for struct tm.  For example, the value of the\n"
           " field tm_year is the actual year, not year - 1900.  See individual\n"
           " fields' descriptions for details.",
    .fields = struct_time_fields,
    .n_in_sequence = 9,
};

static PyObject *
tuple_from_tm(TimeState *state, const struct tm *tm, const char *zone, long offset)
{
    PyObject *tuple = PyStructSequence_New(state->struct_time);
    if (tuple == NULL) {
        return NULL;
    }
    const long values[9] = {(long)tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday,
                            tm->tm_hour,              tm->tm_min,     tm->tm_sec,
                            (tm->tm_wday + 6) % 7,    tm->tm_yday + 1, tm->tm_isdst};
    for (int i = 0; i < 9; i++) {
        PyStructSequence_SetItem(tuple, i, PyLong_FromLong(values[i]));
    }
    PyStructSequence_SetItem(tuple, 9, PyUnicode_DecodeLocale(zone, "surrogateescape"));
    PyStructSequence_SetItem(tuple, 10, PyLong_FromLong(offset));
    if (PyErr_Occurred()) {
        Py_CLEAR(tuple);
    }
    return tuple;
}

// Fills *tm from a tuple of nine or a struct_time. The zone's name stays valid as
// long as args. 0, or -1.
static int
tm_from_tuple(TimeState *state, PyObject *args, struct tm *tm, const char *format)
{
    int year;
    memset(tm, 0, sizeof(*tm));
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "Tuple or struct_time argument required");
        return -1;
    }
    if (!PyArg_ParseTuple(args, format, &year, &tm->tm_mon, &tm->tm_mday, &tm->tm_hour,
                          &tm->tm_min, &tm->tm_sec, &tm->tm_wday, &tm->tm_yday,
                          &tm->tm_isdst)) {
        return -1;
    }
    if (year < INT_MIN + 1900) {
        PyErr_SetString(PyExc_OverflowError, "year out of range");
        return -1;
    }
    tm->tm_year = year - 1900;
    tm->tm_mon--;
    tm->tm_wday = (int)(((long)tm->tm_wday + 1) % 7);
    tm->tm_yday--;
    if (Py_IS_TYPE(args, state->struct_time)) {
        PyObject *zone = PyStructSequence_GetItem(args, 9);
        PyObject *offset = PyStructSequence_GetItem(args, 10);
        if (zone != NULL && PyUnicode_Check(zone)) {
            tm->tm_zone = (char *)PyUnicode_AsUTF8(zone);
            if (tm->tm_zone == NULL) {
                return -1;
            }
        }
        if (offset != NULL && offset != Py_None) {
            tm->tm_gmtoff = PyLong_AsLong(offset);
            if (tm->tm_gmtoff == -1 && PyErr_Occurred()) {
                return -1;
            }
        }
    }
    return 0;
}

// Whether the fields make sense; a month, day or day of the year of 0 counts as 1.
static int
check_tm(struct tm *tm)
{
    const char *wrong = NULL;
    if (tm->tm_mon == -1) {
        tm->tm_mon = 0;
    }
    else if (tm->tm_mon < 0 || tm->tm_mon > 11) {
        wrong = "month out of range";
    }
    if (tm->tm_mday == 0) {
        tm->tm_mday = 1;
    }
    else if (tm->tm_mday < 0 || tm->tm_mday > 31) {
        wrong = wrong != NULL ? wrong : "day of month out of range";
    }
    if (wrong == NULL && (tm->tm_hour < 0 || tm->tm_hour > 23)) {
        wrong = "hour out of range";
    }
    if (wrong == NULL && (tm->tm_min < 0 || tm->tm_min > 59)) {
        wrong = "minute out of range";
    }
    if (wrong == NULL && (tm->tm_sec < 0 || tm->tm_sec > 61)) {
        wrong = "seconds out of range";
    }
    if (wrong == NULL && tm->tm_wday < 0) {
        wrong = "day of week out of range";
    }
    if (tm->tm_yday == -1) {
        tm->tm_yday = 0;
    }
    else if (wrong == NULL && (tm->tm_yday < 0 || tm->tm_yday > 365)) {
        wrong = "day of year out of range";
    }
    if (wrong != NULL) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return -1;
    }
    return 0;
}

// The optional argument of gmtime, localtime and ctime; absent or None: now.
static int
read_seconds(PyObject *args, const char *format, time_t *out)
{
    PyObject *seconds = NULL;
    if (!PyArg_ParseTuple(args, format, &seconds)) {
        return -1;
    }
    if (seconds == NULL || seconds == Py_None) {
        *out = time(NULL);
        return 0;
    }
    return kr_time_t_from_object(seconds, KR_ROUND_FLOOR, out);
}

static int
local_tm(time_t when, struct tm *out)
{
    errno = 0;
    if (localtime_r(&when, out) == NULL) {
        if (errno == 0) {
            errno = EINVAL;
        }
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

KR_FUNCTION_RAW(
    time, "gmtime", METH_VARARGS,
    "gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,\n"
    "                       tm_sec, tm_wday, tm_yday, tm_isdst)\n\n"
    "Convert seconds since the Epoch to a time tuple expressing UTC (a.k.a.\n"
    "GMT).  When 'seconds' is not passed in, convert the current time instead.\n\n"
    "If the platform supports the tm_gmtoff and tm_zone, they are available as\n"
    "attributes only.")
static PyObject *
time_gmtime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (read_seconds(args, "|O:gmtime", &when) < 0) {
        return NULL;
    }
    errno = 0;
    if (gmtime_r(&when, &tm) == NULL) {
        if (errno == 0) {
            errno = EINVAL;
        }
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return tuple_from_tm(time_state(module), &tm, "GMT", 0);
}

KR_FUNCTION_RAW(
    time, "localtime", METH_VARARGS,
    "localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,\n"
    "                          tm_sec,tm_wday,tm_yday,tm_isdst)\n\n"
    "Convert seconds since the Epoch to a time tuple expressing local time.\n"
    "When 'seconds' is not passed in, convert the current time instead.")
static PyObject *
time_localtime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (read_seconds(args, "|O:localtime", &when) < 0 || local_tm(when, &tm) < 0) {
        return NULL;
    }
    return tuple_from_tm(time_state(module), &tm, tm.tm_zone, tm.tm_gmtoff);
}

static PyObject *
ascii_time(const struct tm *tm)
{
    static const char day[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char month[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return PyUnicode_FromFormat("%s %s%3d %.2d:%.2d:%.2d %ld", day[tm->tm_wday],
                                month[tm->tm_mon], tm->tm_mday, tm->tm_hour, tm->tm_min,
                                tm->tm_sec, 1900 + (long)tm->tm_year);
}

KR_FUNCTION_RAW(
    time, "asctime", METH_VARARGS,
    "asctime([time_tuple]) -> string\n\n"
    "Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'.\n"
    "When the time tuple is not present, current time as returned by localtime()\n"
    "is used.")
static PyObject *
time_asctime(PyObject *module, PyObject *args)
{
    PyObject *tuple = NULL;
    struct tm tm;
    if (!PyArg_UnpackTuple(args, "asctime", 0, 1, &tuple)) {
        return NULL;
    }
    if (tuple == NULL) {
        if (local_tm(time(NULL), &tm) < 0) {
            return NULL;
        }
    }
    else if (tm_from_tuple(time_state(module), tuple, &tm,
                           "iiiiiiiii;asctime(): illegal time tuple argument") < 0 ||
             check_tm(&tm) < 0) {
        return NULL;
    }
    return ascii_time(&tm);
}

KR_FUNCTION_RAW(
    time, "ctime", METH_VARARGS,
    "ctime([seconds]) -> string\n\n"
    "Convert a time in seconds since the Epoch to a string in local time.\n"
    "This is equivalent to asctime(localtime(seconds)). When 'seconds' is not\n"
    "passed in, convert the current time instead.")
static PyObject *
time_ctime(PyObject *module, PyObject *args)
{
    time_t when;
    struct tm tm;
    if (read_seconds(args, "|O:ctime", &when) < 0 || local_tm(when, &tm) < 0) {
        return NULL;
    }
    return ascii_time(&tm);
}

KR_FUNCTION_RAW(
    time, "mktime", METH_O,
    "mktime(time_tuple) -> floating-point number\n\n"
    "Convert a time tuple in local time to seconds since the Epoch.\n"
    "Note that mktime(gmtime(0)) will not generally return zero for most\n"
    "time zones; instead the returned value will either be equal to that\n"
    "of the timezone or altzone attributes on the time module.")
static PyObject *
time_mktime(PyObject *module, PyObject *tuple)
{
    struct tm tm;
    if (tm_from_tuple(time_state(module), tuple, &tm,
                      "iiiiiiiii;mktime(): illegal time tuple argument") < 0) {
        return NULL;
    }
    // -1 is a valid result: only a failing mktime leaves the day of the week alone.
    tm.tm_wday = -1;
    time_t result = mktime(&tm);
    if (result == (time_t)-1 && tm.tm_wday == -1) {
        PyErr_SetString(PyExc_OverflowError, "mktime argument out of range");
        return NULL;
    }
    return PyFloat_FromDouble((double)result);
}

// --- strftime --------------------------------------------------------------------------------

// What C's strftime makes of one directive, as text.
static PyObject *
format_directive(const char *directive, const struct tm *tm)
{
    char local[128], with_mark[40], *buffer = local;
    size_t room = sizeof(local);
    // The mark tells an empty result from a buffer that is too small.
    int size = snprintf(with_mark, sizeof(with_mark), "%s.", directive);
    KR_ASSERT(size < (int)sizeof(with_mark));
    (void)size;
    while (true) {
        size_t n = strftime(buffer, room, with_mark, tm);
        if (n > 0) {
            buffer[n - 1] = '\0';
            PyObject *text = PyUnicode_DecodeLocale(buffer, "surrogateescape");
            if (buffer != local) {
                PyMem_Free(buffer);
            }
            return text;
        }
        if (buffer != local) {
            PyMem_Free(buffer);
        }
        room *= 4;
        if (room > 1 << 20) {
            return PyErr_NoMemory();
        }
        buffer = PyMem_Malloc(room);
        if (buffer == NULL) {
            return PyErr_NoMemory();
        }
    }
}

// Reads the directive that starts at format[i], a '%'. Returns its length; 0 if it is
// to be copied as it stands.
static Py_ssize_t
read_directive(PyObject *format, Py_ssize_t i, char out[32])
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(format), n = 0;
    out[n++] = '%';
    while (i + n < length && n < 24) {
        Py_UCS4 c = PyUnicode_READ_CHAR(format, i + n);
        if (c == 0 || c > 127) {
            return 0;
        }
        out[n++] = (char)c;
        // Flags, a width and the modifiers E and O come before the letter.
        if (strchr("_-^#+0123456789EO", (char)c) == NULL) {
            out[n] = '\0';
            return n;
        }
    }
    return 0;
}

// The whole of an ASCII format at once; NULL without an exception when the text is long
// or not to be had that way.
static PyObject *
format_at_once(PyObject *format, const struct tm *tm)
{
    char with_mark[128], buffer[256];
    size_t length = (size_t)PyUnicode_GET_LENGTH(format);
    if (!PyUnicode_IS_ASCII(format) || length + 2 > sizeof(with_mark)
        || memchr(PyUnicode_DATA(format), 0, length) != NULL) {
        return NULL;
    }
    // The mark tells an empty result from a buffer that is too small.
    with_mark[0] = '.';
    memcpy(with_mark + 1, PyUnicode_DATA(format), length + 1);
    size_t n = strftime(buffer, sizeof(buffer), with_mark, tm);
    for (size_t i = 0; i < n; i++) {
        if ((signed char)buffer[i] < 0) {
            return NULL;
        }
    }
    return n == 0 ? NULL : PyUnicode_FromStringAndSize(buffer + 1, (Py_ssize_t)n - 1);
}

static PyObject *
format_tm(PyObject *format, const struct tm *tm)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(format), start = 0;
    PyObject *whole = format_at_once(format, tm);
    if (whole != NULL || PyErr_Occurred()) {
        return whole;
    }
    char directive[32];
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(length);
    if (writer == NULL) {
        return NULL;
    }
    while (start < length) {
        Py_ssize_t percent = PyUnicode_FindChar(format, '%', start, length, 1);
        Py_ssize_t end = percent < 0 ? length : percent;
        if (PyUnicodeWriter_WriteSubstring(writer, format, start, end) < 0) {
            goto error;
        }
        start = end;
        if (percent < 0) {
            break;
        }
        Py_ssize_t n = read_directive(format, start, directive);
        if (n == 0) {
            if (PyUnicodeWriter_WriteChar(writer, '%') < 0) {
                goto error;
            }
            start++;
            continue;
        }
        PyObject *text = format_directive(directive, tm);
        if (text == NULL) {
            goto error;
        }
        int status = PyUnicodeWriter_WriteStr(writer, text);
        Py_DECREF(text);
        if (status < 0) {
            goto error;
        }
        start += n;
    }
    return PyUnicodeWriter_Finish(writer);

error:
    PyUnicodeWriter_Discard(writer);
    return NULL;
}

KR_FUNCTION_RAW(
    time, "strftime", METH_VARARGS,
    "strftime(format[, time_tuple]) -> string\n\n"
    "Convert a time tuple to a string according to a format specification.\n"
    "See the library reference manual for formatting codes. When the time tuple\n"
    "is not present, current time as returned by localtime() is used.")
static PyObject *
time_strftime(PyObject *module, PyObject *args)
{
    PyObject *format, *tuple = NULL;
    struct tm tm;
    if (!PyArg_ParseTuple(args, "U|O:strftime", &format, &tuple)) {
        return NULL;
    }
    if (tuple == NULL) {
        if (local_tm(time(NULL), &tm) < 0) {
            return NULL;
        }
    }
    else if (tm_from_tuple(time_state(module), tuple, &tm,
                           "iiiiiiiii;strftime(): illegal time tuple argument") < 0 ||
             check_tm(&tm) < 0) {
        return NULL;
    }
    // C knows only -1, 0 and 1.
    tm.tm_isdst = tm.tm_isdst < -1 ? -1 : tm.tm_isdst > 1 ? 1 : tm.tm_isdst;
    return format_tm(format, &tm);
}

KR_FUNCTION_RAW(
    time, "strptime", METH_VARARGS,
    "strptime(string[, format]) -> struct_time\n\n"
    "Parse a string to a time tuple according to a format specification.\n"
    "See the library reference manual for formatting codes (same as\n"
    "strftime()).")
static PyObject *
time_strptime(PyObject *module, PyObject *args)
{
    PyObject *library = PyImport_ImportModule("_strptime"), *function, *result = NULL;
    if (library == NULL) {
        return NULL;
    }
    function = PyObject_GetAttr(library, KR_ID(_strptime_time));
    Py_DECREF(library);
    if (function != NULL) {
        result = PyObject_Call(function, args, NULL);
        Py_DECREF(function);
    }
    return result;
}

// --- The local zone ------------------------------------------------------------------------------

#define YEAR ((time_t)((365 * 24 + 6) * 3600))

// Sets timezone, altzone, daylight and tzname by what holds in January and in July.
static int
set_zone(PyObject *module)
{
    time_t january = time(NULL) / YEAR * YEAR;
    struct tm winter, summer;
    if (local_tm(january, &winter) < 0) {
        return -1;
    }
    char winter_name[64], summer_name[64];
    snprintf(winter_name, sizeof(winter_name), "%s",
             winter.tm_zone != NULL ? winter.tm_zone : "   ");
    if (local_tm(january + YEAR / 2, &summer) < 0) {
        return -1;
    }
    snprintf(summer_name, sizeof(summer_name), "%s",
             summer.tm_zone != NULL ? summer.tm_zone : "   ");
    long first = -winter.tm_gmtoff, second = -summer.tm_gmtoff;
    const char *first_name = winter_name, *second_name = summer_name;
    bool differ = first != second;
    if (first < second) {
        // South of the equator it is the other way round.
        long t = first;
        first = second;
        second = t;
        first_name = summer_name;
        second_name = winter_name;
    }
    PyObject *a = PyUnicode_DecodeLocale(first_name, "surrogateescape");
    PyObject *b = PyUnicode_DecodeLocale(second_name, "surrogateescape");
    PyObject *names = a != NULL && b != NULL ? PyTuple_Pack(2, a, b) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    if (PyModule_Add(module, "tzname", names) < 0 ||
        PyModule_AddIntConstant(module, "timezone", first) < 0 ||
        PyModule_AddIntConstant(module, "altzone", second) < 0 ||
        PyModule_AddIntConstant(module, "daylight", differ) < 0) {
        return -1;
    }
    return 0;
}

KR_FUNCTION_RAW(
    time, "tzset", METH_NOARGS,
    "tzset()\n\n"
    "Initialize, or reinitialize, the local timezone to the value stored in\n"
    "os.environ['TZ']. The TZ environment variable should be specified in\n"
    "standard Unix timezone format as documented in the tzset man page\n"
    "(eg. 'US/Eastern', 'Europe/Amsterdam'). Unknown timezones will silently\n"
    "fall back to UTC. If the TZ environment variable is not set, the local\n"
    "timezone is set to the systems best guess of wallclock time.\n"
    "Changing the TZ environment variable without calling tzset *may* change\n"
    "the local timezone used by methods such as localtime, but this behaviour\n"
    "should not be relied on.")
static PyObject *
time_tzset(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    tzset();
    return set_zone(module) < 0 ? NULL : Py_None;
}

// --- The module -------------------------------------------------------------------------------------

KR_MODULE(time)
#include "modules/time.methods.h"

static int
time_exec(PyObject *module)
{
    static const struct {
        const char *name;
        int value;
    } constants[] = {
        {"CLOCK_REALTIME", CLOCK_REALTIME},
        {"CLOCK_MONOTONIC", CLOCK_MONOTONIC},
        {"CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
        {"CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID},
        {"CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID},
        {"CLOCK_BOOTTIME", CLOCK_BOOTTIME},
        {"CLOCK_TAI", CLOCK_TAI},
        {"_STRUCT_TM_ITEMS", 11},
    };
    TimeState *state = time_state(module);
    for (int i = 0; i < KR_ARRAY_LEN(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    state->struct_time = PyStructSequence_NewType(&struct_time_desc);
    if (state->struct_time == NULL ||
        PyModule_AddObjectRef(module, "struct_time", (PyObject *)state->struct_time) <
            0) {
        return -1;
    }
    return set_zone(module);
}

static int
time_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(time_state(module)->struct_time);
    return 0;
}

static int
time_clear(PyObject *module)
{
    Py_CLEAR(time_state(module)->struct_time);
    return 0;
}

static void
time_free(void *module)
{
    time_clear(module);
}

static PyModuleDef_Slot time_slots[] = {
    {Py_mod_exec, (void *)time_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef time_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "time",
    .m_doc = "This module provides various functions to manipulate time values.\n\n"
             "Points in time are either numbers of seconds since the Epoch (the start\n"
             "of 1970, UTC) or tuples of nine: year, month, day, hours, minutes, seconds,\n"
             "weekday from Monday = 0, day of the year, and a flag that is 1 in summer\n"
             "time, 0 otherwise, and -1 where mktime() shall find out.\n",
    .m_size = sizeof(TimeState),
    .m_methods = time_methods,
    .m_slots = time_slots,
    .m_traverse = time_traverse,
    .m_clear = time_clear,
    .m_free = time_free,
};

PyMODINIT_FUNC
PyInit_time(void)
{
    return PyModuleDef_Init(&time_def);
}
