// SPDX-License-Identifier: MIT
// calendar.c - the Gregorian calendar, extended back to the year 1, and range checks.
#include "modules/datetime/datetime.h"

static const short days_before[] = {0,   0,   31,  59,  90,  120, 151,
                                    181, 212, 243, 273, 304, 334, 365};

static bool
is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
kr_datetime_days_in_month(int year, int month)
{
    return days_before[month + 1] - days_before[month] + (month == 2 && is_leap(year));
}

int
kr_datetime_days_before_month(int year, int month)
{
    return days_before[month] + (month > 2 && is_leap(year));
}

int
kr_datetime_ordinal(int year, int month, int day)
{
    int y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400
           + kr_datetime_days_before_month(year, month) + day;
}

// Years are counted from March here, so that the leap day is the last of its year, and
// months have a length that a line through (153 m + 2) / 5 gives.
void
kr_datetime_from_ordinal(int ordinal, DtFields *fields)
{
    unsigned day = (unsigned)ordinal + 305; // from the first of March of the year 0
    unsigned era = day / 146097;            // 400 years
    unsigned of_era = day % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; // 0 is March
    fields->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    fields->month = (int)(month < 10 ? month + 3 : month - 9);
    fields->year = (int)(era * 400 + year + (month >= 10));
}

int
kr_datetime_weekday(int year, int month, int day)
{
    return (kr_datetime_ordinal(year, month, day) + 6) % 7;
}

// Week 1 is the one with the first Thursday.
int
kr_datetime_iso_week1(int year)
{
    int first = kr_datetime_ordinal(year, 1, 1);
    int weekday = (first + 6) % 7;
    return first - weekday + (weekday > 3 ? 7 : 0);
}

int
kr_datetime_from_iso(int year, int week, int day, DtFields *fields)
{
    if (year < KR_MIN_YEAR || year > KR_MAX_YEAR) {
        return -3;
    }
    int week1 = kr_datetime_iso_week1(year);
    if (week <= 0 || week > 53) {
        return -1;
    }
    if (week == 53) {
        // Only a year that starts on Thursday, or a leap year on Wednesday, has it.
        int weekday = kr_datetime_weekday(year, 1, 1);
        if (weekday != 3 && !(weekday == 2 && is_leap(year))) {
            return -1;
        }
    }
    if (day <= 0 || day > 7) {
        return -2;
    }
    kr_datetime_from_ordinal(week1 + (week - 1) * 7 + day - 1, fields);
    return 0;
}

// --- Checks ------------------------------------------------------------------------

static KR_COLD int
raise_range(const char *what, int low, int high, int value)
{
    PyErr_Format(PyExc_ValueError, "%s must be in %d..%d, not %d", what, low, high, value);
    return -1;
}

int
kr_datetime_check_date(const DtFields *f)
{
    if (f->year < KR_MIN_YEAR || f->year > KR_MAX_YEAR) {
        return raise_range("year", KR_MIN_YEAR, KR_MAX_YEAR, f->year);
    }
    if (f->month < 1 || f->month > 12) {
        return raise_range("month", 1, 12, f->month);
    }
    int last = kr_datetime_days_in_month(f->year, f->month);
    if (f->day < 1 || f->day > last) {
        PyErr_Format(PyExc_ValueError,
                     "day %i must be in range 1..%d for month %i in year %i", f->day, last,
                     f->month, f->year);
        return -1;
    }
    return 0;
}

int
kr_datetime_check_time(const DtFields *f)
{
    if (f->hour < 0 || f->hour > 23) {
        return raise_range("hour", 0, 23, f->hour);
    }
    if (f->minute < 0 || f->minute > 59) {
        return raise_range("minute", 0, 59, f->minute);
    }
    if (f->second < 0 || f->second > 59) {
        return raise_range("second", 0, 59, f->second);
    }
    if (f->microsecond < 0 || f->microsecond > 999999) {
        return raise_range("microsecond", 0, 999999, f->microsecond);
    }
    if (f->fold != 0 && f->fold != 1) {
        PyErr_Format(PyExc_ValueError, "fold must be either 0 or 1, not %i", f->fold);
        return -1;
    }
    return 0;
}

int
kr_datetime_check_tz(PyObject *tz)
{
    if (tz == Py_None || kr_datetime_is_tzinfo(tz)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError,
                 "tzinfo argument must be None or of a tzinfo subclass, not type '%s'",
                 Py_TYPE(tz)->tp_name);
    return -1;
}

// --- Arithmetic --------------------------------------------------------------------

int64_t
kr_datetime_seconds(const DtFields *f)
{
    return kr_datetime_ordinal(f->year, f->month, f->day) * INT64_C(86400)
           + (f->hour * 60 + f->minute) * 60 + f->second;
}

// Splits microseconds of a day.
static void
set_clock(DtFields *f, int64_t us)
{
    unsigned seconds = (unsigned)((uint64_t)us / KR_US_PER_SECOND);
    f->microsecond = (int)(us - (int64_t)seconds * KR_US_PER_SECOND);
    f->hour = (int)(seconds / 3600);
    f->minute = (int)(seconds / 60 % 60);
    f->second = (int)(seconds % 60);
}

int
kr_datetime_advance(DtFields *f, int64_t days, int64_t microseconds)
{
    if (microseconds != 0) {
        int64_t us = ((f->hour * 60 + f->minute) * 60 + f->second) * KR_US_PER_SECOND
                     + f->microsecond + microseconds;
        if (KR_UNLIKELY(us < 0 || us >= KR_US_PER_DAY)) {
            int64_t carry = us / KR_US_PER_DAY - (us % KR_US_PER_DAY < 0);
            days += carry;
            us -= carry * KR_US_PER_DAY;
        }
        set_clock(f, us);
    }
    // Most steps stay within the month.
    int64_t day = f->day + days;
    if (day >= 1 && day <= 28) {
        f->day = (int)day;
        return 0;
    }
    days += kr_datetime_ordinal(f->year, f->month, f->day);
    if (days < 1 || days > KR_MAX_ORDINAL) {
        PyErr_SetString(PyExc_OverflowError, "date value out of range");
        return -1;
    }
    kr_datetime_from_ordinal((int)days, f);
    return 0;
}
