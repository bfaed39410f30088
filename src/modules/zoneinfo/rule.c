// SPDX-License-Identifier: MIT
// rule.c - the TZ string at the end of a zone's file: what holds after its last
// transition, for ever.
//
// Form:        std offset [dst [offset] , start [/time] , end [/time]], as in POSIX;
//              offsets count westward, times may reach from -167 to 167 hours.
#include "modules/zoneinfo/zoneinfo.h"

// --- The calendar ------------------------------------------------------------------

static bool
is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int64_t
kr_zoneinfo_days_before(int year)
{
    int y = year - 1;
    return y * INT64_C(365) + y / 4 - y / 100 + y / 400 - 719162;
}

// Days of the month, and (in *before) of the months before it.
static int
month_days(int year, int month, int *before)
{
    static const int16_t starts[] = {0,   31,  59,  90,  120, 151, 181,
                                     212, 243, 273, 304, 334, 365};
    bool leap = is_leap(year);
    *before = starts[month - 1] + (month > 2 && leap);
    return starts[month] - starts[month - 1] + (month == 2 && leap);
}

// When the date comes in that year, on the clock.
static int64_t
date_in_year(const ZoneDate *date, int year)
{
    int64_t day = kr_zoneinfo_days_before(year);
    if (date->kind == 'M') {
        int before, length = month_days(year, date->month, &before);
        day += before;
        int first = (int)((day % 7 + 11) % 7); // weekday of the first; 0 is Sunday
        int of_month = (date->day - first + 7) % 7 + (date->week - 1) * 7;
        day += of_month >= length ? of_month - 7 : of_month;
    }
    else {
        // Day 60 of a 'J' date is the first of March, whatever the year. Day 0 of the
        // other kind is the last of the year before.
        bool skip = date->kind == 'J' && date->day >= 60 && is_leap(year);
        day += date->day + skip - 1;
    }
    return day * 86400 + date->seconds;
}

static bool
is_between(int64_t start, int64_t end, int64_t time)
{
    return start < end ? start <= time && time < end : !(end <= time && time < start);
}

// With fold=0 daylight saving time begins behind the gap and ends behind the repeated
// hour, with fold=1 before both. Where it turns clocks back it is the other way round.
const ZoneInfoType *
kr_zoneinfo_rule_at(const ZoneRule *rule, int64_t local, int year, int fold)
{
    int64_t start = date_in_year(&rule->start, year);
    int64_t end = date_in_year(&rule->end, year);
    int32_t shift = rule->dst.seconds - rule->std.seconds;
    if (fold == (shift >= 0)) {
        end -= shift;
    }
    else {
        start += shift;
    }
    return is_between(start, end, local) ? &rule->dst : &rule->std;
}

const ZoneInfoType *
kr_zoneinfo_rule_at_utc(const ZoneRule *rule, int64_t utc, int year, bool *fold)
{
    int64_t start = date_in_year(&rule->start, year) - rule->std.seconds;
    int64_t end = date_in_year(&rule->end, year) - rule->dst.seconds;
    int32_t shift = rule->dst.seconds - rule->std.seconds;
    int64_t repeated = shift > 0 ? end : start;
    int64_t length = shift > 0 ? shift : -shift;
    *fold = repeated <= utc && utc < repeated + length;
    return is_between(start, end, utc) ? &rule->dst : &rule->std;
}

// --- Parsing -----------------------------------------------------------------------

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Reads least to most digits.
static bool
read_number(const char **p, int least, int most, int *out)
{
    int value = 0, n = 0;
    while (n < most && is_digit((*p)[n])) {
        value = value * 10 + ((*p)[n++] - '0');
    }
    *p += n;
    *out = value;
    return n >= least;
}

// Letters, or between angle brackets also digits and signs. New reference or NULL,
// perhaps without an exception.
static PyObject *
read_name(const char **p)
{
    const char *start = *p;
    bool bracket = *start == '<';
    start += bracket;
    const char *end = start;
    while (is_letter(*end)
           || (bracket && (is_digit(*end) || *end == '+' || *end == '-'))) {
        end++;
    }
    if (end == start || (bracket && *end != '>')) {
        return NULL;
    }
    *p = end + bracket;
    return PyUnicode_FromStringAndSize(start, end - start);
}

// [+|-]hh[h][:mm[:ss]] in seconds.
static bool
read_time(const char **p, int most_hours, int32_t *out)
{
    bool negative = **p == '-';
    int hours, minutes = 0, seconds = 0;
    if (negative || **p == '+') {
        ++*p;
    }
    if (!read_number(p, 1, 3, &hours) || hours > most_hours) {
        return false;
    }
    if (**p == ':') {
        ++*p;
        if (!read_number(p, 2, 2, &minutes)) {
            return false;
        }
        if (**p == ':') {
            ++*p;
            if (!read_number(p, 2, 2, &seconds)) {
                return false;
            }
        }
    }
    *out = hours * 3600 + minutes * 60 + seconds;
    if (negative) {
        *out = -*out;
    }
    return true;
}

static bool
read_date(const char **p, ZoneDate *date)
{
    int least = 0;
    date->kind = 'D';
    date->seconds = 2 * 3600;
    if (**p == 'M') {
        ++*p;
        date->kind = 'M';
        if (!read_number(p, 1, 2, &date->month) || *(*p)++ != '.'
            || !read_number(p, 1, 1, &date->week) || *(*p)++ != '.'
            || !read_number(p, 1, 1, &date->day) || date->month < 1 || date->month > 12
            || date->week < 1 || date->week > 5 || date->day > 6) {
            return false;
        }
    }
    else {
        if (**p == 'J') {
            ++*p;
            date->kind = 'J';
            least = 1;
        }
        if (!read_number(p, 1, 3, &date->day) || date->day < least || date->day > 365) {
            return false;
        }
    }
    if (**p == '/') {
        ++*p;
        return read_time(p, 167, &date->seconds);
    }
    return true;
}

// What was parsed of a rule; the names are owned.
typedef struct {
    PyObject *std_name;
    PyObject *dst_name; // or NULL
    int32_t std_west;
    int32_t dst_west;
} RuleNames;

// What is wrong, as the start of a message, or NULL.
static const char *
read_rule(const char *p, RuleNames *names, ZoneRule *rule)
{
    names->std_name = read_name(&p);
    if (names->std_name == NULL) {
        return "Invalid STD format in";
    }
    if (!read_time(&p, 24, &names->std_west)) {
        return "Invalid STD offset in";
    }
    if (*p == 0) {
        return NULL;
    }
    names->dst_name = read_name(&p);
    if (names->dst_name == NULL) {
        return "Invalid DST format in";
    }
    names->dst_west = names->std_west - 3600;
    if (*p != ',' && !read_time(&p, 24, &names->dst_west)) {
        return "Invalid DST offset in";
    }
    ZoneDate *const dates[] = {&rule->start, &rule->end};
    for (int i = 0; i < 2; i++) {
        if (*p != ',') {
            return "Missing transition rules in TZ string:";
        }
        p++;
        if (!read_date(&p, dates[i])) {
            return "Malformed transition rule in TZ string:";
        }
    }
    return *p == 0 ? NULL : "Extraneous characters at end of TZ string:";
}

int
kr_zoneinfo_parse_rule(ZoneState *module, PyObject *text, ZoneRule *rule)
{
    RuleNames names = {0};
    int status = -1;
    const char *problem = read_rule(PyBytes_AS_STRING(text), &names, rule);
    if (problem != NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "%s %R", problem, text);
        }
        goto done;
    }
    rule->has_dst = names.dst_name != NULL;
    if (kr_zoneinfo_set_type(module, &rule->std, -names.std_west, 0, names.std_name) < 0
        || (rule->has_dst
            && kr_zoneinfo_set_type(module, &rule->dst, -names.dst_west,
                                    names.std_west - names.dst_west, names.dst_name)
                   < 0)) {
        goto done;
    }
    status = 0;

done:
    Py_XDECREF(names.std_name);
    Py_XDECREF(names.dst_name);
    return status;
}
