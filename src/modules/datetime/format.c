// SPDX-License-Identifier: MIT
// format.c - text of dates and times: ISO 8601, strftime, ctime.
//
// strftime() is the C library's, through time.strftime(). What it does not know (%f,
// %z, %:z, %Z of the object's time zone) or does otherwise (years below 1000 without
// zeros) is put into the format first.
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

static char *
put_digits(char *p, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        p[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return p + digits;
}

char *
kr_datetime_put_date(char *p, const DtFields *f)
{
    p = put_digits(p, f->year, 4);
    *p++ = '-';
    p = put_digits(p, f->month, 2);
    *p++ = '-';
    return put_digits(p, f->day, 2);
}

// How many parts of the time, and how many digits of the fraction, timespec asks for.
static int
read_timespec(const char *timespec, int microsecond, int *parts, int *digits)
{
    static const struct {
        const char *name;
        int parts;
        int digits;
    } specs[] = {
        {"auto", 3, 0},    {"hours", 1, 0},        {"minutes", 2, 0},
        {"seconds", 3, 0}, {"milliseconds", 3, 3}, {"microseconds", 3, 6},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        if (strcmp(timespec, specs[i].name) == 0) {
            *parts = specs[i].parts;
            *digits = i == 0 && microsecond != 0 ? 6 : specs[i].digits;
            return 0;
        }
    }
    PyErr_SetString(PyExc_ValueError, "Unknown timespec value");
    return -1;
}

char *
kr_datetime_put_time(char *p, const DtFields *f, const char *timespec)
{
    int parts, digits;
    if (read_timespec(timespec, f->microsecond, &parts, &digits) < 0) {
        return NULL;
    }
    p = put_digits(p, f->hour, 2);
    if (parts > 1) {
        *p++ = ':';
        p = put_digits(p, f->minute, 2);
    }
    if (parts > 2) {
        *p++ = ':';
        p = put_digits(p, f->second, 2);
    }
    if (digits > 0) {
        *p++ = '.';
        p = put_digits(p, digits == 3 ? f->microsecond / 1000 : f->microsecond, digits);
    }
    return p;
}

char *
kr_datetime_put_offset(char *p, const char *colon, int64_t offset)
{
    *p++ = offset < 0 ? '-' : '+';
    if (offset < 0) {
        offset = -offset;
    }
    int us = (int)(offset % KR_US_PER_SECOND), seconds = (int)(offset / KR_US_PER_SECOND);
    p = put_digits(p, seconds / 3600, 2);
    p = stpcpy(p, colon);
    p = put_digits(p, seconds / 60 % 60, 2);
    if (seconds % 60 != 0 || us != 0) {
        p = stpcpy(p, colon);
        p = put_digits(p, seconds % 60, 2);
    }
    if (us != 0) {
        *p++ = '.';
        p = put_digits(p, us, 6);
    }
    return p;
}

// --- repr --------------------------------------------------------------------------

static PyObject *
with_argument(PyObject *repr, PyObject *argument)
{
    PyObject *result = NULL;
    if (argument != NULL) {
        PyObject *head = PyUnicode_Substring(repr, 0, PyUnicode_GET_LENGTH(repr) - 1);
        if (head != NULL) {
            result = PyUnicode_FromFormat("%U, %U)", head, argument);
            Py_DECREF(head);
        }
        Py_DECREF(argument);
    }
    Py_DECREF(repr);
    return result;
}

PyObject *
kr_datetime_repr_tail(PyObject *repr, int fold, PyObject *tz)
{
    if (repr != NULL && fold) {
        repr = with_argument(repr, PyUnicode_FromString("fold=1"));
    }
    if (repr != NULL && tz != Py_None) {
        repr = with_argument(repr, PyUnicode_FromFormat("tzinfo=%R", tz));
    }
    return repr;
}

// --- strftime ----------------------------------------------------------------------

static PyObject *
time_function(PyObject *name)
{
    return PyImport_ImportModuleAttr(KR_ID(time), name);
}

PyObject *
kr_datetime_struct_time(const DtFields *f, int dst)
{
    PyObject *struct_time = time_function(KR_ID(struct_time));
    if (struct_time == NULL) {
        return NULL;
    }
    int yearday = kr_datetime_days_before_month(f->year, f->month) + f->day;
    PyObject *result = PyObject_CallFunction(
        struct_time, "((iiiiiiiii))", f->year, f->month, f->day, f->hour, f->minute,
        f->second, kr_datetime_weekday(f->year, f->month, f->day), yearday, dst);
    Py_DECREF(struct_time);
    return result;
}

typedef struct {
    PyObject *self;
    DtKind kind;
    PyObject *timetuple;
    PyUnicodeWriter *out;
} Strftime;

static PyObject *
own_tz(const Strftime *call)
{
    return call->kind == DT_DATE   ? Py_None
           : call->kind == DT_TIME ? PyDateTime_TIME_GET_TZINFO(call->self)
                                   : PyDateTime_DATE_GET_TZINFO(call->self);
}

static int
write_offset(Strftime *call, const char *colon)
{
    char text[KR_DATETIME_TEXT];
    int64_t offset;
    PyObject *tz = own_tz(call);
    int known = kr_datetime_offset(tz, call->kind == DT_TIME ? Py_None : call->self,
                                   &offset);
    if (known <= 0) {
        return known;
    }
    char *end = kr_datetime_put_offset(text, colon, offset);
    return PyUnicodeWriter_WriteASCII(call->out, text, end - text);
}

// The zone's name, with its percent signs doubled: strftime() reads it again.
static int
write_zone_name(Strftime *call)
{
    PyObject *tz = own_tz(call);
    PyObject *name = kr_datetime_ask_name(tz, call->kind == DT_TIME ? Py_None : call->self);
    if (name == NULL || name == Py_None) {
        Py_XDECREF(name);
        return name == NULL ? -1 : 0;
    }
    PyObject *safe = PyObject_CallMethod(name, "replace", "ss", "%", "%%");
    Py_DECREF(name);
    int status = -1;
    if (safe != NULL && !PyUnicode_Check(safe)) {
        PyErr_SetString(PyExc_TypeError, "tzname.replace() did not return a string");
    }
    else if (safe != NULL) {
        status = PyUnicodeWriter_WriteStr(call->out, safe);
    }
    Py_XDECREF(safe);
    return status;
}

static int
write_microsecond(Strftime *call)
{
    char text[8];
    int us = call->kind == DT_DATE   ? 0
             : call->kind == DT_TIME ? PyDateTime_TIME_GET_MICROSECOND(call->self)
                                     : PyDateTime_DATE_GET_MICROSECOND(call->self);
    return PyUnicodeWriter_WriteASCII(call->out, text, put_digits(text, us, 6) - text);
}

// Item i of the time tuple as an int.
static int
tuple_int(PyObject *tuple, Py_ssize_t i, int *out)
{
    PyObject *item = PySequence_GetItem(tuple, i);
    *out = item == NULL ? -1 : PyLong_AsInt(item);
    Py_XDECREF(item);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

// %Y, %G, %C and %F of a year below 1000. 1 done, 0 leave it to strftime(), -1 error.
static int
write_early_year(Strftime *call, char letter)
{
    int year, month, day;
    char text[16], *p;
    if (tuple_int(call->timetuple, 0, &year) < 0) {
        return -1;
    }
    if (year >= 1000) {
        return 0;
    }
    if (letter == 'G') {
        PyObject *strftime = time_function(KR_ID(strftime));
        PyObject *shown = strftime == NULL ? NULL
                                           : PyObject_CallFunction(strftime, "sO", "%G",
                                                                   call->timetuple);
        PyObject *number = shown == NULL ? NULL : PyLong_FromUnicodeObject(shown, 10);
        Py_XDECREF(strftime);
        Py_XDECREF(shown);
        if (number == NULL) {
            return -1;
        }
        year = PyLong_AsInt(number);
        Py_DECREF(number);
        if (year == -1 && PyErr_Occurred()) {
            return -1;
        }
    }
    p = letter == 'C' ? put_digits(text, year / 100, 2) : put_digits(text, year, 4);
    if (letter == 'F') {
        if (tuple_int(call->timetuple, 1, &month) < 0
            || tuple_int(call->timetuple, 2, &day) < 0) {
            return -1;
        }
        *p++ = '-';
        p = put_digits(p, month, 2);
        *p++ = '-';
        p = put_digits(p, day, 2);
    }
    return PyUnicodeWriter_WriteASCII(call->out, text, p - text) < 0 ? -1 : 1;
}

// Replaces the directive whose letter stands at i. 1 done, 0 leave it, -1 error; *used
// is the number of characters behind the percent sign.
static int
write_directive(Strftime *call, PyObject *format, Py_ssize_t i, Py_ssize_t *used)
{
    Py_UCS4 c = PyUnicode_READ_CHAR(format, i);
    int status;
    *used = 1;
    switch (c) {
    case 'f':
        status = write_microsecond(call);
        break;
    case 'z':
        status = write_offset(call, "");
        break;
    case 'Z':
        status = write_zone_name(call);
        break;
    case ':':
        if (i + 1 >= PyUnicode_GET_LENGTH(format)
            || PyUnicode_READ_CHAR(format, i + 1) != 'z') {
            return 0;
        }
        *used = 2;
        status = write_offset(call, ":");
        break;
    case 'Y':
    case 'G':
    case 'C':
    case 'F':
        return write_early_year(call, (char)c);
    default:
        return 0;
    }
    return status < 0 ? -1 : 1;
}

static int
write_format(Strftime *call, PyObject *format)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(format), from = 0, i = 0, used;
    while (i < n) {
        Py_ssize_t percent = PyUnicode_FindChar(format, '%', i, n, 1);
        if (percent < 0 || percent + 1 >= n) {
            break;
        }
        if (PyUnicodeWriter_WriteSubstring(call->out, format, from, percent) < 0) {
            return -1;
        }
        from = percent;
        i = percent + 2;
        int done = write_directive(call, format, percent + 1, &used); // may run Python
        if (done < 0) {
            return -1;
        }
        if (done > 0) {
            from = i = percent + 1 + used;
        }
    }
    return PyUnicodeWriter_WriteSubstring(call->out, format, from, n);
}

PyObject *
kr_datetime_strftime(PyObject *self, DtKind kind, PyObject *format, PyObject *timetuple)
{
    Strftime call = {self, kind, timetuple, PyUnicodeWriter_Create(0)};
    if (call.out == NULL) {
        return NULL;
    }
    if (write_format(&call, format) < 0) {
        PyUnicodeWriter_Discard(call.out);
        return NULL;
    }
    PyObject *plain = PyUnicodeWriter_Finish(call.out);
    PyObject *strftime = plain == NULL ? NULL : time_function(KR_ID(strftime));
    PyObject *result = NULL;
    if (strftime != NULL) {
        PyObject *args[] = {plain, timetuple};
        result = PyObject_Vectorcall(strftime, args, 2, NULL);
    }
    Py_XDECREF(plain);
    Py_XDECREF(strftime);
    return result;
}

PyObject *
kr_datetime_format(PyObject *self, PyObject *format)
{
    if (PyUnicode_GET_LENGTH(format) == 0) {
        return PyObject_Str(self);
    }
    return PyObject_CallMethodOneArg(self, KR_ID(strftime), format);
}

PyObject *
kr_datetime_ctime(const DtFields *f)
{
    static const char days[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return PyUnicode_FromFormat("%s %s %2d %02d:%02d:%02d %04d",
                                days[kr_datetime_weekday(f->year, f->month, f->day)],
                                months[f->month - 1], f->day, f->hour, f->minute, f->second,
                                f->year);
}
