// SPDX-License-Identifier: MIT
// datetime.h - dates and times as the files of this folder see them.
//
// Invariants:  objects keep their fields packed, as include/datetime.h shows; an object
//              without tzinfo may be as small as the _Base structs.
//              Offsets from UTC are counted in microseconds in int64_t.
#ifndef KRAIT_MODULES_DATETIME_DATETIME_H
#define KRAIT_MODULES_DATETIME_DATETIME_H

#define _PY_DATETIME_IMPL
#include <Python.h>
#include <datetime.h>

#include "base/base.h"
#include "objects/alloc.h"

#define KR_MIN_YEAR 1
#define KR_MAX_YEAR 9999
#define KR_MAX_ORDINAL 3652059
#define KR_MAX_DELTA_DAYS 999999999
#define KR_SECONDS_PER_DAY 86400
#define KR_US_PER_SECOND INT64_C(1000000)
#define KR_US_PER_DAY (KR_SECONDS_PER_DAY * KR_US_PER_SECOND)

// A moment, unpacked; a date uses the first three, a time the others.
typedef struct {
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int microsecond;
    int fold;
} DtFields;

typedef struct {
    PyObject_HEAD
    PyObject *offset; // owned, a timedelta
    PyObject *name;   // owned str, or NULL
} DtTimeZone;

// What a strftime-like call needs to know about its object.
typedef enum { DT_DATE, DT_TIME, DT_DATETIME } DtKind;

extern PyTypeObject kr_datetime_delta_type;
extern PyTypeObject kr_datetime_tzinfo_type;
extern PyTypeObject kr_datetime_timezone_type;
extern PyTypeObject kr_datetime_date_type;
extern PyTypeObject kr_datetime_time_type;
extern PyTypeObject kr_datetime_datetime_type;
extern PyTypeObject kr_datetime_iso_type;
extern PyDateTime_Delta kr_datetime_zero;
extern DtTimeZone kr_datetime_utc;

static inline bool
kr_datetime_is_delta(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_datetime_delta_type);
}

static inline bool
kr_datetime_is_date(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_datetime_date_type);
}

static inline bool
kr_datetime_is_datetime(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_datetime_datetime_type);
}

static inline bool
kr_datetime_is_time(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_datetime_time_type);
}

static inline bool
kr_datetime_is_tzinfo(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_datetime_tzinfo_type);
}

// Memory of an object of one of these types, which are static; its fields are not set.
// NULL with MemoryError.
static inline void *
kr_datetime_alloc(PyTypeObject *type, size_t size)
{
    void *op = kr_object_alloc(size, false, false);
    if (KR_UNLIKELY(op == NULL)) {
        return PyErr_NoMemory();
    }
    kr_object_start_static(op, type);
    return op;
}

// --- calendar.c --------------------------------------------------------------------

int kr_datetime_days_in_month(int year, int month);
int kr_datetime_days_before_month(int year, int month);
// Day 1 is the first of January of the year 1.
int kr_datetime_ordinal(int year, int month, int day);
void kr_datetime_from_ordinal(int ordinal, DtFields *fields);
int kr_datetime_weekday(int year, int month, int day); // Monday is 0
int kr_datetime_iso_week1(int year);                   // ordinal of its Monday
// 0, or what is wrong: -1 the week, -2 the day, -3 the year.
int kr_datetime_from_iso(int year, int week, int day, DtFields *fields);
// 0, or -1 with ValueError.
int kr_datetime_check_date(const DtFields *fields);
int kr_datetime_check_time(const DtFields *fields);
int kr_datetime_check_tz(PyObject *tz);
// Seconds since the first of January of the year 1.
int64_t kr_datetime_seconds(const DtFields *fields);
// Adds days and microseconds to a moment. 0, or -1 with OverflowError.
int kr_datetime_advance(DtFields *fields, int64_t days, int64_t microseconds);

// --- delta.c -----------------------------------------------------------------------

// Any magnitudes that do not overflow when added up; OverflowError when too large.
PyObject *kr_datetime_delta(int64_t days, int64_t seconds, int64_t microseconds);
PyObject *kr_datetime_delta_from_us(int64_t microseconds);
Py_hash_t kr_datetime_delta_hash(int64_t days, int64_t seconds, int64_t microseconds);

static inline int64_t
kr_datetime_delta_short_us(PyObject *delta) // of less than 10**5 days
{
    const PyDateTime_Delta *d = (const PyDateTime_Delta *)delta;
    return (d->days * INT64_C(86400) + d->seconds) * KR_US_PER_SECOND + d->microseconds;
}

// --- date.c, time.c, datetime.c ----------------------------------------------------

PyObject *kr_datetime_new_date(const DtFields *fields, PyTypeObject *cls);
PyObject *kr_datetime_new_time(const DtFields *fields, PyObject *tz, PyTypeObject *cls);
PyObject *kr_datetime_new_datetime(const DtFields *fields, PyObject *tz,
                                   PyTypeObject *cls);
// The same, of the type itself, from fields and a tzinfo that are known to be good.
PyObject *kr_datetime_make_exact(const DtFields *fields, PyObject *tz);
// The same through the class where it is a subclass: runs its __new__ and __init__.
PyObject *kr_datetime_make_date(const DtFields *fields, PyTypeObject *cls);
PyObject *kr_datetime_make_time(const DtFields *fields, PyObject *tz, PyTypeObject *cls);
PyObject *kr_datetime_make_datetime(const DtFields *fields, PyObject *tz,
                                    PyTypeObject *cls);

static inline void
kr_datetime_read_date(PyObject *op, DtFields *f)
{
    f->year = PyDateTime_GET_YEAR(op);
    f->month = PyDateTime_GET_MONTH(op);
    f->day = PyDateTime_GET_DAY(op);
    f->hour = f->minute = f->second = f->microsecond = f->fold = 0;
}

static inline void
kr_datetime_read(PyObject *op, DtFields *f)
{
    f->year = PyDateTime_GET_YEAR(op);
    f->month = PyDateTime_GET_MONTH(op);
    f->day = PyDateTime_GET_DAY(op);
    f->hour = PyDateTime_DATE_GET_HOUR(op);
    f->minute = PyDateTime_DATE_GET_MINUTE(op);
    f->second = PyDateTime_DATE_GET_SECOND(op);
    f->microsecond = PyDateTime_DATE_GET_MICROSECOND(op);
    f->fold = PyDateTime_DATE_GET_FOLD(op);
}

static inline void
kr_datetime_read_time(PyObject *op, DtFields *f)
{
    f->year = f->month = f->day = 0;
    f->hour = PyDateTime_TIME_GET_HOUR(op);
    f->minute = PyDateTime_TIME_GET_MINUTE(op);
    f->second = PyDateTime_TIME_GET_SECOND(op);
    f->microsecond = PyDateTime_TIME_GET_MICROSECOND(op);
    f->fold = PyDateTime_TIME_GET_FOLD(op);
}

void kr_datetime_pack_date(unsigned char *data, const DtFields *f);
void kr_datetime_pack_time(unsigned char *data, const DtFields *f);

PyObject *kr_datetime_datetime_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs);
PyObject *kr_datetime_datetime_vectorcall(PyObject *cls, PyObject *const *args,
                                          size_t nargsf, PyObject *kwnames);

// The bytes that a pickle brought as the only argument (or the first of two), as a
// new reference to bytes of that size whose byte `check` is a possible month or hour
// from `low` to below `limit` (its highest bit is fold's where has_fold). NULL without an exception:
// this is no such call.
PyObject *kr_datetime_state(PyObject *state, Py_ssize_t size, int check, int low,
                            int limit, bool has_fold, const char *what);
// (cls, args, kwargs) of tp_new, called with a vector.
PyObject *kr_datetime_call_new(newfunc function, PyTypeObject *cls, PyObject *const *args,
                               Py_ssize_t nargs, PyObject *kwnames);
// Whether args are exact ints; their values go to out.
bool kr_datetime_small_ints(PyObject *const *args, Py_ssize_t n, int *out);

// local.c: the machine's time zone.
// Fields of local time (or UTC) at a moment; also the offset and name of the zone when
// not NULL. 0 or -1 with an exception.
int kr_datetime_break_down(time_t when, bool local, struct tm *tm);
PyObject *kr_datetime_from_timestamp(PyTypeObject *cls, PyObject *timestamp, bool local,
                                     PyObject *tz);
PyObject *kr_datetime_now(PyTypeObject *cls, bool local, PyObject *tz);
int kr_datetime_local_seconds(const DtFields *fields, int64_t *out);
// A timezone object of local time, at that aware (UTC) or naive (local) datetime.
PyObject *kr_datetime_local_zone(PyObject *datetime, bool is_utc);
extern const int64_t kr_datetime_epoch; // of POSIX, as kr_datetime_seconds() counts

// --- tzinfo.c, timezone.c ----------------------------------------------------------

// What tz.utcoffset(arg) or tz.dst(arg) says, as a new reference: a timedelta within
// a day, or None. name is the method's.
PyObject *kr_datetime_ask_tz(PyObject *tz, PyObject *name, PyObject *arg);
// The same for utcoffset as microseconds: 1 known, 0 None, -1 error.
int kr_datetime_offset(PyObject *tz, PyObject *arg, int64_t *us_out);
PyObject *kr_datetime_ask_name(PyObject *tz, PyObject *arg);
PyObject *kr_datetime_new_timezone(PyObject *offset, PyObject *name);
PyObject *kr_datetime_timezone_from_us(int64_t offset);

// --- parse.c -----------------------------------------------------------------------

// 0 or -1 without an exception.
int kr_datetime_parse_date(const char *text, Py_ssize_t n, DtFields *fields);
// The time and the zone: *has_zone and *offset.
int kr_datetime_parse_time(const char *text, Py_ssize_t n, DtFields *fields,
                           bool *has_zone, int64_t *offset);
Py_ssize_t kr_datetime_find_separator(const char *text, Py_ssize_t n);
// "24:00" is midnight of the next day: 1 if so (the hour is 0 now), 0 if not, -1 error.
int kr_datetime_midnight(DtFields *fields);

// --- format.c ----------------------------------------------------------------------

#define KR_DATETIME_TEXT 64 // room for any date, time and offset

char *kr_datetime_put_date(char *p, const DtFields *fields);
// Appends the time as timespec says; NULL with ValueError when that is unknown.
char *kr_datetime_put_time(char *p, const DtFields *fields, const char *timespec);
// Appends +HH:MM[:SS[.ffffff]].
char *kr_datetime_put_offset(char *p, const char *colon, int64_t offset);
PyObject *kr_datetime_strftime(PyObject *self, DtKind kind, PyObject *format,
                               PyObject *timetuple);
PyObject *kr_datetime_format(PyObject *self, PyObject *format);
PyObject *kr_datetime_ctime(const DtFields *fields);
PyObject *kr_datetime_struct_time(const DtFields *fields, int dst);
// Appends ", fold=1" and ", tzinfo=..." to a repr (consumed) that ends in ")".
PyObject *kr_datetime_repr_tail(PyObject *repr, int fold, PyObject *tz);

// --- isocalendar.c -----------------------------------------------------------------

PyObject *kr_datetime_iso_calendar(const DtFields *fields);

#endif // KRAIT_MODULES_DATETIME_DATETIME_H
