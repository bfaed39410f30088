// SPDX-License-Identifier: MIT
// local.c - moments of the clock: timestamps, now(), and the machine's time zone.
//
// The C library only converts from UTC to local time. The other way round, and telling
// the first from the second pass of a repeated hour (fold), work by trying moments a day
// apart, more than which no zone has ever jumped.
#include "modules/datetime/datetime.h"

#include <time.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/pytime.h"

#define DAY INT64_C(86400)

const int64_t kr_datetime_epoch = 719163 * DAY;

int
kr_datetime_break_down(time_t when, bool local, struct tm *tm)
{
    errno = 0;
    if ((local ? localtime_r(&when, tm) : gmtime_r(&when, tm)) == NULL) {
        if (errno == 0) {
            errno = EINVAL;
        }
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

static int
fields_of_tm(const struct tm *tm, DtFields *f)
{
    f->year = tm->tm_year + 1900;
    f->month = tm->tm_mon + 1;
    f->day = tm->tm_mday;
    f->hour = tm->tm_hour;
    f->minute = tm->tm_min;
    f->second = tm->tm_sec > 59 ? 59 : tm->tm_sec; // leap seconds
    f->microsecond = f->fold = 0;
    return kr_datetime_check_date(f);
}

// Local time at the UTC moment u, both as kr_datetime_seconds() counts.
static int
local_seconds_at(int64_t u, int64_t *out)
{
    struct tm tm;
    DtFields f;
    if (kr_datetime_break_down((time_t)(u - kr_datetime_epoch), true, &tm) < 0
        || fields_of_tm(&tm, &f) < 0) {
        return -1;
    }
    *out = kr_datetime_seconds(&f);
    return 0;
}

// The UTC moment of a local time. Offsets are taken from two moments near it: where
// they disagree there is a gap or a repeated hour, and fold decides.
int
kr_datetime_local_seconds(const DtFields *f, int64_t *out)
{
    int64_t wanted = kr_datetime_seconds(f), shown, offset1, offset2, u1, u2, t1, t2;
    if (local_seconds_at(wanted, &shown) < 0) {
        return -1;
    }
    offset1 = shown - wanted;
    u1 = wanted - offset1;
    if (local_seconds_at(u1, &t1) < 0) {
        return -1;
    }
    if (t1 == wanted) {
        // One answer; is there another, on the other side?
        u2 = u1 + (f->fold ? DAY : -DAY);
        if (local_seconds_at(u2, &t2) < 0) {
            return -1;
        }
        offset2 = t2 - u2;
        if (offset1 == offset2) {
            *out = u1;
            return 0;
        }
    }
    else {
        offset2 = t1 - u1;
    }
    u2 = wanted - offset2;
    if (local_seconds_at(u2, &t2) < 0) {
        return -1;
    }
    if (t2 == wanted || t1 == wanted) {
        *out = t2 == wanted ? u2 : u1;
        return 0;
    }
    // A gap: the moment before or behind it.
    bool first = f->fold ? u1 < u2 : u1 > u2;
    *out = first ? u1 : u2;
    return 0;
}

// Whether the local time `shown` of the moment `when` has been there before.
static int
find_fold(time_t when, DtFields *f)
{
    int64_t shown = kr_datetime_seconds(f), moment = kr_datetime_epoch + when, probe;
    if (moment - DAY < DAY) {
        return 0; // the calendar's first day
    }
    if (local_seconds_at(moment - DAY, &probe) < 0) {
        return -1;
    }
    int64_t jump = shown - probe - DAY;
    if (jump < 0) {
        if (local_seconds_at(moment + jump, &probe) < 0) {
            return -1;
        }
        f->fold = probe == shown;
    }
    return 0;
}

// --- Timestamps --------------------------------------------------------------------

// Splits seconds into whole ones and microseconds, rounded half to even.
static int
split_timestamp(PyObject *timestamp, time_t *when, int *microsecond)
{
    *microsecond = 0;
    if (!PyFloat_Check(timestamp)) {
        return kr_time_t_from_object(timestamp, KR_ROUND_HALF_EVEN, when);
    }
    double whole, fraction = modf(PyFloat_AS_DOUBLE(timestamp), &whole);
    if (isnan(fraction)) {
        return kr_time_t_from_object(timestamp, KR_ROUND_HALF_EVEN, when);
    }
    fraction = rint(fraction * 1e6);
    if (fraction >= 1e6) {
        fraction -= 1e6;
        whole += 1.0;
    }
    else if (fraction < 0) {
        fraction += 1e6;
        whole -= 1.0;
    }
    *microsecond = (int)fraction;
    PyObject *seconds = PyFloat_FromDouble(whole);
    int status = seconds == NULL
                     ? -1
                     : kr_time_t_from_object(seconds, KR_ROUND_HALF_EVEN, when);
    Py_XDECREF(seconds);
    return status;
}

// The datetime of a moment: local or in UTC without tzinfo, or in tz.
static PyObject *
datetime_at(PyTypeObject *cls, time_t when, int microsecond, bool local, PyObject *tz)
{
    struct tm tm;
    DtFields f;
    local = local && tz == Py_None;
    if (kr_datetime_break_down(when, local, &tm) < 0 || fields_of_tm(&tm, &f) < 0
        || (local && find_fold(when, &f) < 0)) {
        return NULL;
    }
    f.microsecond = microsecond;
    if (Py_IS_TYPE(tz, &kr_datetime_timezone_type) && cls == &kr_datetime_datetime_type) {
        int64_t offset = kr_datetime_delta_short_us(((DtTimeZone *)tz)->offset);
        if (offset != 0 && kr_datetime_advance(&f, 0, offset) < 0) {
            return NULL;
        }
        return kr_datetime_new_datetime(&f, tz, cls);
    }
    PyObject *result = kr_datetime_make_datetime(&f, tz, cls);
    if (result != NULL && tz != Py_None) {
        PyObject *utc = result;
        result = PyObject_CallMethodOneArg(tz, KR_ID(fromutc), utc); // may run Python
        Py_DECREF(utc);
    }
    return result;
}

PyObject *
kr_datetime_from_timestamp(PyTypeObject *cls, PyObject *timestamp, bool local, PyObject *tz)
{
    time_t when;
    int microsecond;
    if (kr_datetime_check_tz(tz) < 0
        || split_timestamp(timestamp, &when, &microsecond) < 0) {
        return NULL;
    }
    return datetime_at(cls, when, microsecond, local, tz);
}

PyObject *
kr_datetime_now(PyTypeObject *cls, bool local, PyObject *tz)
{
    struct timespec now;
    if (kr_datetime_check_tz(tz) < 0) {
        return NULL;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    return datetime_at(cls, now.tv_sec, (int)(now.tv_nsec / 1000), local, tz);
}

// --- The local time zone -----------------------------------------------------------

// The UTC moment whose offset a naive time has. In a gap fold=0 means the offset before
// it, which is that of the other moment that the time may stand for.
static int
moment_for_zone(DtFields *f, int64_t *seconds)
{
    int64_t other;
    if (kr_datetime_local_seconds(f, seconds) < 0) {
        return -1;
    }
    f->fold = !f->fold;
    if (kr_datetime_local_seconds(f, &other) < 0) {
        return -1;
    }
    f->fold = !f->fold;
    if (other != *seconds && (other > *seconds) == f->fold) {
        *seconds = other;
    }
    return 0;
}

PyObject *
kr_datetime_local_zone(PyObject *datetime, bool is_utc)
{
    DtFields f;
    int64_t seconds;
    struct tm tm;
    kr_datetime_read(datetime, &f);
    if (is_utc) {
        seconds = kr_datetime_seconds(&f);
    }
    else if (moment_for_zone(&f, &seconds) < 0) {
        return NULL;
    }
    if (kr_datetime_break_down((time_t)(seconds - kr_datetime_epoch), true, &tm) < 0) {
        return NULL;
    }
    PyObject *offset = kr_datetime_delta(0, tm.tm_gmtoff, 0);
    PyObject *name = PyUnicode_DecodeLocale(tm.tm_zone, "surrogateescape");
    PyObject *zone = NULL;
    if (offset != NULL && name != NULL) {
        zone = kr_datetime_new_timezone(offset, name);
    }
    Py_XDECREF(offset);
    Py_XDECREF(name);
    return zone;
}
