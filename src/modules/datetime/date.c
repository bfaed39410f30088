// SPDX-License-Identifier: MIT
// date.c - datetime.date: a day of the calendar.
//
// Invariants:  the fields are in range. datetime is a subclass that keeps its date at
//              the same place, so the getters serve both.
// Re-entrancy: subclasses are made by calling them.
#include "modules/datetime/datetime.h"

#include <time.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/pytime.h"

// --- Making one --------------------------------------------------------------------

PyObject *
kr_datetime_new_date(const DtFields *f, PyTypeObject *cls)
{
    if (kr_datetime_check_date(f) < 0) {
        return NULL;
    }
    PyDateTime_Date *self = cls == &kr_datetime_date_type
                                ? kr_datetime_alloc(cls, sizeof *self)
                                : (PyDateTime_Date *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->hashcode = -1;
        self->hastzinfo = 0;
        kr_datetime_pack_date(self->data, f);
    }
    return (PyObject *)self;
}

PyObject *
kr_datetime_make_date(const DtFields *f, PyTypeObject *cls)
{
    if (cls == &kr_datetime_date_type) {
        return kr_datetime_new_date(f, cls);
    }
    if (cls == &kr_datetime_datetime_type) {
        return kr_datetime_new_datetime(f, Py_None, cls);
    }
    return PyObject_CallFunction((PyObject *)cls, "iii", f->year, f->month, f->day);
}

static PyObject *
date_from_state(PyTypeObject *cls, PyObject *state)
{
    PyObject *bytes = kr_datetime_state(state, _PyDateTime_DATE_DATASIZE, 2, 1, 13, false,
                                        "date");
    if (bytes == NULL) {
        return NULL;
    }
    PyDateTime_Date *self = (PyDateTime_Date *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->hashcode = -1;
        memcpy(self->data, PyBytes_AS_STRING(bytes), _PyDateTime_DATE_DATASIZE);
    }
    Py_DECREF(bytes);
    return (PyObject *)self;
}

static PyObject *
date_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "month", "day", NULL};
    DtFields f = {0};
    if (PyTuple_GET_SIZE(args) == 1) {
        PyObject *self = date_from_state(cls, PyTuple_GET_ITEM(args, 0));
        if (self != NULL || PyErr_Occurred()) {
            return self;
        }
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii", names, &f.year, &f.month,
                                     &f.day)) {
        return NULL;
    }
    return kr_datetime_new_date(&f, cls);
}

static PyObject *
date_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    int v[3];
    if (kwnames == NULL && nargs == 3 && kr_datetime_small_ints(args, 3, v)) {
        DtFields f = {.year = v[0], .month = v[1], .day = v[2]};
        return kr_datetime_new_date(&f, (PyTypeObject *)op);
    }
    return kr_datetime_call_new(date_new, (PyTypeObject *)op, args, nargs, kwnames);
}

// --- Class methods -----------------------------------------------------------------

KR_METHOD(date, "fromtimestamp(cls, timestamp, /)",
          "Create a date from a POSIX timestamp.\n\n"
          "The timestamp is a number, e.g. created via time.time(), that is\n"
          "interpreted as local time.")
static PyObject *
date_fromtimestamp(PyTypeObject *cls, PyObject *timestamp)
{
    time_t when;
    struct tm tm;
    if (kr_time_t_from_object(timestamp, KR_ROUND_FLOOR, &when) < 0
        || kr_datetime_break_down(when, true, &tm) < 0) {
        return NULL;
    }
    DtFields f = {.year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday};
    return kr_datetime_make_date(&f, cls);
}

KR_METHOD(date, "today(cls)",
          "Current date or datetime:  same as self.__class__.fromtimestamp(time.time()).")
static PyObject *
date_today(PyTypeObject *cls)
{
    if (cls == &kr_datetime_date_type) {
        struct tm tm;
        if (kr_datetime_break_down(time(NULL), true, &tm) < 0) {
            return NULL;
        }
        DtFields f = {.year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday};
        return kr_datetime_new_date(&f, cls);
    }
    PyObject *function = PyImport_ImportModuleAttr(KR_ID(time), KR_ID(time));
    PyObject *now = function == NULL ? NULL : PyObject_CallNoArgs(function);
    Py_XDECREF(function);
    if (now == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethodOneArg((PyObject *)cls, KR_ID(fromtimestamp), now);
    Py_DECREF(now);
    return result;
}

KR_METHOD_RAW(date, "fromordinal", METH_VARARGS | METH_CLASS,
              "int -> date corresponding to a proleptic Gregorian ordinal.")
static PyObject *
date_fromordinal(PyObject *cls, PyObject *args)
{
    int ordinal;
    if (!PyArg_ParseTuple(args, "i:fromordinal", &ordinal)) {
        return NULL;
    }
    if (ordinal < 1) {
        PyErr_SetString(PyExc_ValueError, "ordinal must be >= 1");
        return NULL;
    }
    DtFields f = {0};
    kr_datetime_from_ordinal(ordinal, &f);
    return kr_datetime_make_date(&f, (PyTypeObject *)cls);
}

KR_METHOD_RAW(date, "fromisocalendar", METH_VARARGS | METH_KEYWORDS | METH_CLASS,
              "int, int, int -> Construct a date from the ISO year, week number and "
              "weekday.\n\nThis is the inverse of the date.isocalendar() function")
static PyObject *
date_fromisocalendar(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "week", "day", NULL};
    int year, week, day;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii:fromisocalendar", names, &year,
                                     &week, &day)) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(PyExc_ValueError, "ISO calendar component out of range");
        }
        return NULL;
    }
    DtFields f = {.year = year, .month = 1, .day = 1};
    switch (kr_datetime_from_iso(year, week, day, &f)) {
    case 0:
        return kr_datetime_make_date(&f, (PyTypeObject *)cls);
    case -1:
        PyErr_Format(PyExc_ValueError, "Invalid week: %d", week);
        return NULL;
    case -2:
        PyErr_Format(PyExc_ValueError, "Invalid weekday: %d (range is [1, 7])", day);
        return NULL;
    default:
        kr_datetime_check_date(&f);
        return NULL;
    }
}

KR_METHOD_RAW(date, "fromisoformat($type, object, /)", METH_O | METH_CLASS,
              "str -> Construct a date from a string in ISO 8601 format.")
static PyObject *
date_fromisoformat(PyObject *cls, PyObject *text)
{
    DtFields f = {0};
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "fromisoformat: argument must be str");
        return NULL;
    }
    if (!PyUnicode_IS_ASCII(text)
        || kr_datetime_parse_date(PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), &f) < 0) {
        PyErr_Format(PyExc_ValueError, "Invalid isoformat string: %R", text);
        return NULL;
    }
    return kr_datetime_make_date(&f, (PyTypeObject *)cls);
}

KR_METHOD_RAW(date, "strptime", METH_VARARGS | METH_CLASS,
              "string, format -> new date parsed from a string (like time.strptime()).")
static PyObject *
date_strptime(PyObject *cls, PyObject *args)
{
    PyObject *text, *format;
    if (!PyArg_ParseTuple(args, "UU:strptime", &text, &format)) {
        return NULL;
    }
    PyObject *function =
        PyImport_ImportModuleAttr(KR_ID(_strptime), KR_ID(_strptime_datetime_date));
    if (function == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(function, cls, text, format, NULL);
    Py_DECREF(function);
    return result;
}

// --- Text --------------------------------------------------------------------------

static PyObject *
date_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%s(%d, %d, %d)", Py_TYPE(self)->tp_name,
                                PyDateTime_GET_YEAR(self), PyDateTime_GET_MONTH(self),
                                PyDateTime_GET_DAY(self));
}

KR_METHOD(date, "isoformat(self)", "Return string in ISO 8601 format, YYYY-MM-DD.")
static PyObject *
date_isoformat(PyObject *self)
{
    DtFields f;
    char text[KR_DATETIME_TEXT];
    kr_datetime_read_date(self, &f);
    return PyUnicode_FromStringAndSize(text, kr_datetime_put_date(text, &f) - text);
}

static PyObject *
date_str(PyObject *self)
{
    return PyObject_CallMethodNoArgs(self, KR_ID(isoformat));
}

KR_METHOD(date, "ctime(self)", "Return ctime() style string.")
static PyObject *
date_ctime(PyObject *self)
{
    DtFields f;
    kr_datetime_read_date(self, &f);
    return kr_datetime_ctime(&f);
}

// What strftime() needs of timetuple(), without the object where nobody could tell.
static PyObject *
tuple_for_strftime(PyObject *self)
{
    DtFields f;
    bool datetime = Py_IS_TYPE(self, &kr_datetime_datetime_type);
    if (datetime && !_PyDateTime_HAS_TZINFO(self)) {
        kr_datetime_read(self, &f);
    }
    else if (Py_IS_TYPE(self, &kr_datetime_date_type)) {
        kr_datetime_read_date(self, &f);
    }
    else {
        return PyObject_CallMethodNoArgs(self, KR_ID(timetuple)); // may run Python
    }
    int yearday = kr_datetime_days_before_month(f.year, f.month) + f.day;
    const int items[9] = {f.year,   f.month,  f.day,
                          f.hour,   f.minute, f.second,
                          kr_datetime_weekday(f.year, f.month, f.day), yearday, -1};
    PyObject *tuple = PyTuple_New(9);
    for (int i = 0; tuple != NULL && i < 9; i++) {
        PyObject *item = PyLong_FromLong(items[i]);
        if (item == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, item);
    }
    return tuple;
}

// datetime takes this one over: timetuple() and the kind of self make the difference.
KR_METHOD_RAW(date, "strftime", METH_VARARGS | METH_KEYWORDS,
              "format -> strftime() style string.")
static PyObject *
date_strftime(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"format", NULL};
    PyObject *format;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U:strftime", names, &format)) {
        return NULL;
    }
    PyObject *tuple = tuple_for_strftime(self);
    if (tuple == NULL) {
        return NULL;
    }
    DtKind kind = kr_datetime_is_datetime(self) ? DT_DATETIME : DT_DATE;
    PyObject *result = kr_datetime_strftime(self, kind, format, tuple);
    Py_DECREF(tuple);
    return result;
}

KR_METHOD_RAW(date, "__format__", METH_VARARGS, "Formats self with strftime.")
static PyObject *
date___format__(PyObject *self, PyObject *args)
{
    PyObject *format;
    if (!PyArg_ParseTuple(args, "U:__format__", &format)) {
        return NULL;
    }
    return kr_datetime_format(self, format);
}

// --- Numbers of days ---------------------------------------------------------------

KR_METHOD(date, "timetuple(self)",
          "Return time tuple, compatible with time.localtime().")
static PyObject *
date_timetuple(PyObject *self)
{
    DtFields f;
    kr_datetime_read_date(self, &f);
    return kr_datetime_struct_time(&f, -1);
}

KR_METHOD(date, "isocalendar(self)",
          "Return a named tuple containing ISO year, week number, and weekday.")
static PyObject *
date_isocalendar(PyObject *self)
{
    DtFields f;
    kr_datetime_read_date(self, &f);
    return kr_datetime_iso_calendar(&f);
}

static int
date_ordinal(PyObject *self)
{
    return kr_datetime_ordinal(PyDateTime_GET_YEAR(self), PyDateTime_GET_MONTH(self),
                               PyDateTime_GET_DAY(self));
}

KR_METHOD(date, "isoweekday(self)",
          "Return the day of the week represented by the date.\n"
          "Monday == 1 ... Sunday == 7")
static PyObject *
date_isoweekday(PyObject *self)
{
    return PyLong_FromLong((date_ordinal(self) + 6) % 7 + 1);
}

KR_METHOD(date, "toordinal(self)",
          "Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1.")
static PyObject *
date_toordinal(PyObject *self)
{
    return PyLong_FromLong(date_ordinal(self));
}

KR_METHOD(date, "weekday(self)",
          "Return the day of the week represented by the date.\n"
          "Monday == 0 ... Sunday == 6")
static PyObject *
date_weekday(PyObject *self)
{
    return PyLong_FromLong((date_ordinal(self) + 6) % 7);
}

// --- Others ------------------------------------------------------------------------

KR_METHOD(date, "replace(self, year=unchanged, month=unchanged, day=unchanged)",
          "Return date with new specified fields.")
static PyObject *
date_replace(PyObject *self, PyObject *year, PyObject *month, PyObject *day)
{
    DtFields f;
    kr_datetime_read_date(self, &f);
    if ((year != NULL && kr_arg_int(year, &f.year) < 0)
        || (month != NULL && kr_arg_int(month, &f.month) < 0)
        || (day != NULL && kr_arg_int(day, &f.day) < 0)) {
        return NULL;
    }
    return kr_datetime_make_date(&f, Py_TYPE(self));
}

static PyObject *date_replace_wrap(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames);

KR_METHOD_RAW(date, "__replace__($self, /, **changes)", METH_FASTCALL | METH_KEYWORDS,
              "The same as replace().")
static PyObject *
date___replace__(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return date_replace_wrap(self, args, nargs, kwnames);
}

KR_METHOD(date, "__reduce__(self)", "__reduce__() -> (cls, state)")
static PyObject *
date___reduce__(PyObject *self)
{
    PyObject *state = PyBytes_FromStringAndSize((char *)((PyDateTime_Date *)self)->data,
                                                _PyDateTime_DATE_DATASIZE);
    return state == NULL ? NULL : Py_BuildValue("O(N)", Py_TYPE(self), state);
}

static PyObject *
date_add_days(PyObject *date, int64_t days)
{
    DtFields f;
    kr_datetime_read_date(date, &f);
    if (kr_datetime_advance(&f, days, 0) < 0) {
        return NULL;
    }
    return kr_datetime_make_date(&f, Py_TYPE(date));
}

static PyObject *
date_add(PyObject *left, PyObject *right)
{
    if (kr_datetime_is_datetime(left) || kr_datetime_is_datetime(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (kr_datetime_is_date(left) && kr_datetime_is_delta(right)) {
        return date_add_days(left, ((PyDateTime_Delta *)right)->days);
    }
    if (kr_datetime_is_date(right) && kr_datetime_is_delta(left)) {
        return date_add_days(right, ((PyDateTime_Delta *)left)->days);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
date_subtract(PyObject *left, PyObject *right)
{
    if (kr_datetime_is_datetime(left) || kr_datetime_is_datetime(right)
        || !kr_datetime_is_date(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (kr_datetime_is_date(right)) {
        return kr_datetime_delta(date_ordinal(left) - date_ordinal(right), 0, 0);
    }
    if (kr_datetime_is_delta(right)) {
        return date_add_days(left, -(int64_t)((PyDateTime_Delta *)right)->days);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

// A datetime is no mere date: comparing the dates alone would mislead.
static PyObject *
date_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!kr_datetime_is_date(right) || kr_datetime_is_datetime(right)
        || kr_datetime_is_datetime(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int order = memcmp(((PyDateTime_Date *)left)->data, ((PyDateTime_Date *)right)->data,
                       _PyDateTime_DATE_DATASIZE);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static Py_hash_t
date_hash(PyObject *op)
{
    PyDateTime_Date *self = (PyDateTime_Date *)op;
    if (self->hashcode == -1) {
        self->hashcode = Py_HashBuffer(self->data, _PyDateTime_DATE_DATASIZE);
    }
    return self->hashcode;
}

KR_GETTER(date, "year", "")
static PyObject *
date_year(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_GET_YEAR(self));
}

KR_GETTER(date, "month", "")
static PyObject *
date_month(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_GET_MONTH(self));
}

KR_GETTER(date, "day", "")
static PyObject *
date_day(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_GET_DAY(self));
}

KR_TYPE(date)
#include "modules/datetime/date.methods.h"

static PyNumberMethods date_as_number = {
    .nb_add = date_add,
    .nb_subtract = date_subtract,
};

PyTypeObject kr_datetime_date_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.date",
    .tp_basicsize = sizeof(PyDateTime_Date),
    .tp_repr = date_repr,
    .tp_as_number = &date_as_number,
    .tp_hash = date_hash,
    .tp_str = date_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "date(year, month, day) --> date object",
    .tp_richcompare = date_richcompare,
    .tp_methods = date_methods,
    .tp_getset = date_getset,
    .tp_new = date_new,
    .tp_vectorcall = date_vectorcall,
};
