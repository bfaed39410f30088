// SPDX-License-Identifier: MIT
// parse.c - dates and times out of ISO 8601 text.
//
// Method:      the text is ASCII by the time it comes here, and everything is a fixed
//              number of digits, with separators everywhere or nowhere.
#include "modules/datetime/datetime.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Reads n digits at *p, which must end by `end`. 0 or -1.
static int
read_digits(const char **p, const char *end, int n, int *out)
{
    int value = 0;
    if (end - *p < n) {
        return -1;
    }
    for (int i = 0; i < n; i++) {
        char c = (*p)[i];
        if (!is_digit(c)) {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    *p += n;
    *out = value;
    return 0;
}

// --- Dates -------------------------------------------------------------------------

static int
parse_week_date(const char *p, const char *end, bool dashes, DtFields *f)
{
    int week, day = 1;
    if (read_digits(&p, end, 2, &week) < 0) {
        return -1;
    }
    if (p < end) {
        if (dashes && *p++ != '-') {
            return -1;
        }
        if (read_digits(&p, end, 1, &day) < 0 || p != end) {
            return -1;
        }
    }
    return kr_datetime_from_iso(f->year, week, day, f) == 0 ? 0 : -1;
}

// YYYY-MM-DD, YYYYMMDD, YYYY-Www[-D], YYYYWww[D].
int
kr_datetime_parse_date(const char *text, Py_ssize_t n, DtFields *f)
{
    const char *p = text, *end = text + n;
    if ((n != 7 && n != 8 && n != 10) || read_digits(&p, end, 4, &f->year) < 0) {
        return -1;
    }
    bool dashes = *p == '-';
    p += dashes;
    if (*p == 'W') {
        return parse_week_date(p + 1, end, dashes, f);
    }
    if (read_digits(&p, end, 2, &f->month) < 0 || p == end || (dashes && *p++ != '-')
        || read_digits(&p, end, 2, &f->day) < 0) {
        return -1;
    }
    return p == end ? 0 : -1;
}

// Where the date ends; between it and the time stands one character of any kind. The
// text has at least seven characters.
Py_ssize_t
kr_datetime_find_separator(const char *text, Py_ssize_t n)
{
    if (n == 7) {
        return 7;
    }
    if (text[4] == '-') {
        if (text[5] != 'W') {
            return 10;
        }
        if (n > 8 && text[8] == '-') {
            if (n == 9) {
                return -1; // "YYYY-Www-" is neither
            }
            // A digit behind the day belongs to a time: the dash was the separator.
            return n > 10 && is_digit(text[10]) ? 8 : 10;
        }
        return 8;
    }
    if (text[4] != 'W') {
        return 8;
    }
    Py_ssize_t i = 7;
    while (i < n && is_digit(text[i])) {
        i++;
    }
    if (i < 9) {
        return i;
    }
    return i % 2 == 0 ? 7 : 8;
}

// --- Times -------------------------------------------------------------------------

static int
parse_fraction(const char *p, const char *end, int *microsecond)
{
    int n = end - p > 6 ? 6 : (int)(end - p);
    if (n == 0 || read_digits(&p, end, n, microsecond) < 0) {
        return -1;
    }
    for (; n < 6; n++) {
        *microsecond *= 10;
    }
    while (p < end && is_digit(*p)) {
        p++;
    }
    return p == end ? 0 : -1;
}

// HH[:MM[:SS[.f]]], HH[MM[SS[.f]]].
static int
parse_clock(const char *p, const char *end, int v[4])
{
    v[0] = v[1] = v[2] = v[3] = 0;
    if (read_digits(&p, end, 2, &v[0]) < 0) {
        return -1;
    }
    bool colons = p < end && *p == ':';
    int count = 1;
    while (count < 3 && p < end && (colons ? *p == ':' : is_digit(*p))) {
        p += colons;
        if (read_digits(&p, end, 2, &v[count++]) < 0) {
            return -1;
        }
    }
    if (p == end) {
        return 0;
    }
    if (count < 3 || (*p != '.' && *p != ',')) {
        return -1;
    }
    return parse_fraction(p + 1, end, &v[3]);
}

int
kr_datetime_parse_time(const char *text, Py_ssize_t n, DtFields *f, bool *has_zone,
                       int64_t *offset)
{
    const char *end = text + n, *zone = text;
    int v[4];
    while (zone < end && *zone != '+' && *zone != '-' && *zone != 'Z') {
        zone++;
    }
    if (parse_clock(text, zone, v) < 0) {
        return -1;
    }
    f->hour = v[0];
    f->minute = v[1];
    f->second = v[2];
    f->microsecond = v[3];
    *has_zone = zone < end;
    *offset = 0;
    if (zone == end) {
        return 0;
    }
    if (*zone == 'Z') {
        return zone + 1 == end ? 0 : -1;
    }
    if (parse_clock(zone + 1, end, v) < 0) {
        return -1;
    }
    *offset = ((v[0] * 60 + v[1]) * 60 + v[2]) * KR_US_PER_SECOND + v[3];
    if (*zone == '-') {
        *offset = -*offset;
    }
    return 0;
}

int
kr_datetime_midnight(DtFields *f)
{
    if (f->hour != 24) {
        return 0;
    }
    if (f->minute != 0 || f->second != 0 || f->microsecond != 0) {
        PyErr_SetString(PyExc_ValueError,
                        "minute, second, and microsecond must be 0 when hour is 24");
        return -1;
    }
    f->hour = 0;
    return 1;
}
