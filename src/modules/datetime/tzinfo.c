// SPDX-License-Identifier: MIT
// tzinfo.c - datetime.tzinfo, the base of time zones, and asking a time zone.
//
// Callers:     time.c, datetime.c ask; Python derives from tzinfo.
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Asking ------------------------------------------------------------------------

static KR_COLD int
raise_not_a_day(void)
{
    PyErr_SetString(PyExc_ValueError,
                    "offset must be a timedelta strictly between "
                    "-timedelta(hours=24) and timedelta(hours=24).");
    return -1;
}

static bool
within_a_day(PyObject *delta)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)delta;
    return d->days == 0 || (d->days == -1 && (d->seconds > 0 || d->microseconds > 0));
}

PyObject *
kr_datetime_ask_tz(PyObject *tz, PyObject *name, PyObject *arg)
{
    if (tz == Py_None) {
        Py_RETURN_NONE;
    }
    PyObject *answer = PyObject_CallMethodOneArg(tz, name, arg); // may run Python
    if (answer == NULL || answer == Py_None) {
        return answer;
    }
    if (!kr_datetime_is_delta(answer)) {
        PyErr_Format(PyExc_TypeError, "tzinfo.%U() must return None or a timedelta, not '%.200s'",
                     name, Py_TYPE(answer)->tp_name);
        Py_DECREF(answer);
        return NULL;
    }
    if (!within_a_day(answer)) {
        raise_not_a_day();
        Py_DECREF(answer);
        return NULL;
    }
    return answer;
}

int
kr_datetime_offset(PyObject *tz, PyObject *arg, int64_t *us_out)
{
    *us_out = 0;
    if (tz == Py_None) {
        return 0;
    }
    if (Py_IS_TYPE(tz, &kr_datetime_timezone_type)) {
        *us_out = kr_datetime_delta_short_us(((DtTimeZone *)tz)->offset);
        return 1;
    }
    PyObject *answer = kr_datetime_ask_tz(tz, KR_ID(utcoffset), arg);
    if (answer == NULL) {
        return -1;
    }
    int known = answer != Py_None;
    if (known) {
        *us_out = kr_datetime_delta_short_us(answer);
    }
    Py_DECREF(answer);
    return known;
}

PyObject *
kr_datetime_ask_name(PyObject *tz, PyObject *arg)
{
    if (tz == Py_None) {
        Py_RETURN_NONE;
    }
    PyObject *answer = PyObject_CallMethodOneArg(tz, KR_ID(tzname), arg); // may run Python
    if (answer == NULL || answer == Py_None || PyUnicode_Check(answer)) {
        return answer;
    }
    PyErr_Format(PyExc_TypeError, "tzinfo.tzname() must return None or a string, not '%s'",
                 Py_TYPE(answer)->tp_name);
    Py_DECREF(answer);
    return NULL;
}

// --- The type ----------------------------------------------------------------------

static PyObject *
must_implement(const char *name)
{
    PyErr_Format(PyExc_NotImplementedError, "a tzinfo subclass must implement %s()", name);
    return NULL;
}

KR_METHOD_RAW(tzinfo, "tzname($self, object, /)", METH_O,
              "datetime -> string name of time zone.")
static PyObject *
tzinfo_tzname(PyObject *self, PyObject *arg)
{
    return must_implement("tzname");
}

KR_METHOD_RAW(tzinfo, "utcoffset($self, object, /)", METH_O,
              "datetime -> timedelta showing offset from UTC, negative values indicating "
              "West of UTC")
static PyObject *
tzinfo_utcoffset(PyObject *self, PyObject *arg)
{
    return must_implement("utcoffset");
}

KR_METHOD_RAW(tzinfo, "dst($self, object, /)", METH_O,
              "datetime -> DST offset as timedelta positive east of UTC.")
static PyObject *
tzinfo_dst(PyObject *self, PyObject *arg)
{
    return must_implement("dst");
}

// dt + (offset - dst) is standard time; asking dst() there tells whether that hour is
// in daylight saving time.
static PyObject *
from_utc(PyObject *dt, PyObject *offset, PyObject *dst)
{
    PyObject *result = NULL, *moved = NULL, *second = NULL;
    PyObject *standard = PyNumber_Subtract(offset, dst);
    if (standard == NULL) {
        return NULL;
    }
    moved = PyNumber_Add(dt, standard);
    if (moved == NULL) {
        goto done;
    }
    second = PyObject_CallMethodNoArgs(moved, KR_ID(dst));
    if (second == NULL) {
        goto done;
    }
    if (second == Py_None) {
        PyErr_SetString(PyExc_ValueError,
                        "fromutc: tz.dst() gave inconsistent results; cannot convert");
        goto done;
    }
    if (!kr_datetime_is_delta(second)) {
        PyErr_SetString(PyExc_TypeError, "fromutc: dst() must return a timedelta");
        goto done;
    }
    result = PyNumber_Add(moved, second);

done:
    Py_DECREF(standard);
    Py_XDECREF(moved);
    Py_XDECREF(second);
    return result;
}

KR_METHOD_RAW(tzinfo, "fromutc($self, object, /)", METH_O,
              "datetime in UTC -> datetime in local time.")
static PyObject *
tzinfo_fromutc(PyObject *self, PyObject *dt)
{
    if (!kr_datetime_is_datetime(dt)) {
        PyErr_SetString(PyExc_TypeError, "fromutc: argument must be a datetime");
        return NULL;
    }
    if (PyDateTime_DATE_GET_TZINFO(dt) != self) {
        PyErr_SetString(PyExc_ValueError, "fromutc: dt.tzinfo is not self");
        return NULL;
    }
    PyObject *result = NULL, *dst = NULL;
    PyObject *offset = kr_datetime_ask_tz(self, KR_ID(utcoffset), dt);
    if (offset == Py_None) {
        PyErr_SetString(PyExc_ValueError, "fromutc: non-None utcoffset() result required");
    }
    else if (offset != NULL) {
        dst = kr_datetime_ask_tz(self, KR_ID(dst), dt);
        if (dst == Py_None) {
            PyErr_SetString(PyExc_ValueError, "fromutc: non-None dst() result required");
        }
        else if (dst != NULL) {
            result = from_utc(dt, offset, dst);
        }
    }
    Py_XDECREF(offset);
    Py_XDECREF(dst);
    return result;
}

KR_METHOD(tzinfo, "__reduce__(self)", "-> (cls, state)")
static PyObject *
tzinfo___reduce__(PyObject *self)
{
    PyObject *args, *state, *get_args;
    if (PyObject_GetOptionalAttr(self, KR_ID(__getinitargs__), &get_args) < 0) {
        return NULL;
    }
    args = get_args != NULL ? PyObject_CallNoArgs(get_args) : PyTuple_New(0);
    Py_XDECREF(get_args);
    if (args == NULL) {
        return NULL;
    }
    state = PyObject_CallMethodNoArgs(self, KR_ID(__getstate__));
    if (state == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    return Py_BuildValue("(ONN)", Py_TYPE(self), args, state);
}

KR_TYPE(tzinfo)
#include "modules/datetime/tzinfo.methods.h"

PyTypeObject kr_datetime_tzinfo_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.tzinfo",
    .tp_basicsize = sizeof(PyDateTime_TZInfo),
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Abstract base class for time zone info objects.",
    .tp_methods = tzinfo_methods,
    .tp_new = PyType_GenericNew,
};
