// SPDX-License-Identifier: MIT
// datetime.c - datetime.datetime: a date and a time, perhaps with a time zone.
//
// Invariants:  the fields are in range; tzinfo is there exactly when hastzinfo.
// Re-entrancy: asking a time zone and making subclasses run Python.
// Read next:   datetime_make.c
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

// Room for a tzinfo only where there is one. Subclasses have the general function.
static PyObject *
datetime_alloc(PyTypeObject *type, Py_ssize_t aware)
{
    size_t size = aware ? sizeof(PyDateTime_DateTime) : sizeof(_PyDateTime_BaseDateTime);
    void *self = kr_datetime_alloc(type, size);
    if (self != NULL) {
        memset((char *)self + sizeof(PyObject), 0, size - sizeof(PyObject));
    }
    return self;
}

static void
datetime_dealloc(PyObject *op)
{
    PyDateTime_DateTime *self = (PyDateTime_DateTime *)op;
    if (self->hastzinfo) {
        Py_XDECREF(self->tzinfo);
    }
    Py_TYPE(op)->tp_free(op);
}

// What self's zone has for an offset: 1, 0 none, -1 error.
static int
own_offset(PyObject *self, int64_t *us)
{
    return kr_datetime_offset(PyDateTime_DATE_GET_TZINFO(self), self, us);
}

// --- Parts -------------------------------------------------------------------------

KR_METHOD(datetime, "date(self)", "Return date object with same year, month and day.")
static PyObject *
datetime_date(PyObject *self)
{
    DtFields f;
    kr_datetime_read_date(self, &f);
    return kr_datetime_new_date(&f, &kr_datetime_date_type);
}

KR_METHOD(datetime, "time(self)", "Return time object with same time but with tzinfo=None.")
static PyObject *
datetime_time(PyObject *self)
{
    DtFields f;
    kr_datetime_read(self, &f);
    return kr_datetime_new_time(&f, Py_None, &kr_datetime_time_type);
}

KR_METHOD(datetime, "timetz(self)", "Return time object with same time and tzinfo.")
static PyObject *
datetime_timetz(PyObject *self)
{
    DtFields f;
    kr_datetime_read(self, &f);
    return kr_datetime_new_time(&f, PyDateTime_DATE_GET_TZINFO(self),
                                &kr_datetime_time_type);
}

KR_METHOD(datetime, "ctime(self)", "Return ctime() style string.")
static PyObject *
datetime_ctime(PyObject *self)
{
    DtFields f;
    kr_datetime_read(self, &f);
    return kr_datetime_ctime(&f);
}

KR_METHOD(datetime, "timetuple(self)",
          "Return time tuple, compatible with time.localtime().")
static PyObject *
datetime_timetuple(PyObject *self)
{
    DtFields f;
    int flag = -1;
    PyObject *tz = PyDateTime_DATE_GET_TZINFO(self);
    if (tz != Py_None) {
        PyObject *dst = kr_datetime_ask_tz(tz, KR_ID(dst), self); // may run Python
        if (dst == NULL) {
            return NULL;
        }
        if (dst != Py_None) {
            flag = PyObject_IsTrue(dst);
        }
        Py_DECREF(dst);
    }
    kr_datetime_read(self, &f);
    return kr_datetime_struct_time(&f, flag);
}

KR_METHOD(datetime, "utctimetuple(self)",
          "Return UTC time tuple, compatible with time.localtime().")
static PyObject *
datetime_utctimetuple(PyObject *self)
{
    DtFields f;
    int64_t offset;
    int known = own_offset(self, &offset);
    if (known < 0) {
        return NULL;
    }
    kr_datetime_read(self, &f);
    f.microsecond = 0;
    if (known && kr_datetime_advance(&f, 0, -offset) < 0) {
        return NULL;
    }
    return kr_datetime_struct_time(&f, 0);
}

KR_METHOD(datetime, "timestamp(self)", "Return POSIX timestamp as float.")
static PyObject *
datetime_timestamp(PyObject *self)
{
    DtFields f;
    int64_t seconds, offset;
    kr_datetime_read(self, &f);
    if (PyDateTime_DATE_GET_TZINFO(self) == Py_None) {
        if (kr_datetime_local_seconds(&f, &seconds) < 0) {
            return NULL;
        }
        return PyFloat_FromDouble((double)(seconds - kr_datetime_epoch)
                                  + f.microsecond / 1e6);
    }
    int known = own_offset(self, &offset);
    if (known < 0) {
        return NULL;
    }
    if (!known) {
        PyErr_SetString(PyExc_TypeError,
                        "can't subtract offset-naive and offset-aware datetimes");
        return NULL;
    }
    // At most 59 bits, of which a float has 53: the division rounds as it should only
    // where they all matter.
    int64_t us = (kr_datetime_seconds(&f) - kr_datetime_epoch) * KR_US_PER_SECOND
                 + f.microsecond - offset;
    if (us < (INT64_C(1) << 53) && us > -(INT64_C(1) << 53)) {
        return PyFloat_FromDouble((double)us / 1e6);
    }
    PyObject *delta = kr_datetime_delta_from_us(us);
    PyObject *result =
        delta == NULL ? NULL : PyObject_CallMethodNoArgs(delta, KR_ID(total_seconds));
    Py_XDECREF(delta);
    return result;
}

// --- The time zone -----------------------------------------------------------------

KR_METHOD(datetime, "utcoffset(self)", "Return self.tzinfo.utcoffset(self).")
static PyObject *
datetime_utcoffset(PyObject *self)
{
    return kr_datetime_ask_tz(PyDateTime_DATE_GET_TZINFO(self), KR_ID(utcoffset), self);
}

KR_METHOD(datetime, "dst(self)", "Return self.tzinfo.dst(self).")
static PyObject *
datetime_dst(PyObject *self)
{
    return kr_datetime_ask_tz(PyDateTime_DATE_GET_TZINFO(self), KR_ID(dst), self);
}

KR_METHOD(datetime, "tzname(self)", "Return self.tzinfo.tzname(self).")
static PyObject *
datetime_tzname(PyObject *self)
{
    return kr_datetime_ask_name(PyDateTime_DATE_GET_TZINFO(self), self);
}

// self as it is in UTC, with `tz` attached (which it is not converted to).
static PyObject *
as_utc(PyObject *self, int64_t offset, PyObject *tz)
{
    DtFields f;
    kr_datetime_read(self, &f);
    f.fold = 0;
    if (kr_datetime_advance(&f, 0, -offset) < 0) {
        return NULL;
    }
    return kr_datetime_make_datetime(&f, tz, Py_TYPE(self));
}

// self's zone, or the machine's: it is asked for the offset too. New reference.
static PyObject *
source_zone(PyObject *self, PyObject *target, int64_t *offset)
{
    PyObject *zone = Py_NewRef(PyDateTime_DATE_GET_TZINFO(self));
    if (zone != Py_None && zone != target) {
        int known = kr_datetime_offset(zone, self, offset); // may run Python
        if (known != 0) {
            if (known < 0) {
                Py_CLEAR(zone);
            }
            return zone;
        }
    }
    else if (zone != Py_None) {
        return zone;
    }
    Py_DECREF(zone);
    zone = kr_datetime_local_zone(self, false);
    if (zone != NULL && zone != target && kr_datetime_offset(zone, self, offset) < 0) {
        Py_CLEAR(zone);
    }
    return zone;
}

KR_METHOD_RAW(datetime, "astimezone", METH_VARARGS | METH_KEYWORDS,
              "tz -> convert to local time in new timezone tz\n")
static PyObject *
datetime_astimezone(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"tz", NULL};
    PyObject *target = Py_None, *result = NULL, *utc;
    int64_t offset = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:astimezone", names, &target)
        || kr_datetime_check_tz(target) < 0) {
        return NULL;
    }
    PyObject *source = source_zone(self, target, &offset);
    if (source == NULL) {
        return NULL;
    }
    if (source == target) {
        Py_DECREF(source);
        return Py_NewRef(self);
    }
    Py_DECREF(source);
    utc = as_utc(self, offset, target == Py_None ? (PyObject *)&kr_datetime_utc : target);
    if (utc == NULL || target == (PyObject *)&kr_datetime_utc) {
        return utc;
    }
    if (target != Py_None) {
        result = PyObject_CallMethodOneArg(target, KR_ID(fromutc), utc); // may run Python
        Py_DECREF(utc);
        return result;
    }
    PyObject *zone = kr_datetime_is_datetime(utc) ? kr_datetime_local_zone(utc, true) : NULL;
    PyObject *there = zone == NULL ? NULL : as_utc(utc, 0, zone);
    if (there != NULL) {
        result = PyObject_CallMethodOneArg(zone, KR_ID(fromutc), there);
    }
    Py_DECREF(utc);
    Py_XDECREF(zone);
    Py_XDECREF(there);
    return result;
}

// --- Text --------------------------------------------------------------------------

static PyObject *
datetime_repr(PyObject *self)
{
    DtFields f;
    const char *type = Py_TYPE(self)->tp_name;
    PyObject *repr;
    kr_datetime_read(self, &f);
    if (f.microsecond != 0) {
        repr = PyUnicode_FromFormat("%s(%d, %d, %d, %d, %d, %d, %d)", type, f.year, f.month,
                                    f.day, f.hour, f.minute, f.second, f.microsecond);
    }
    else if (f.second != 0) {
        repr = PyUnicode_FromFormat("%s(%d, %d, %d, %d, %d, %d)", type, f.year, f.month,
                                    f.day, f.hour, f.minute, f.second);
    }
    else {
        repr = PyUnicode_FromFormat("%s(%d, %d, %d, %d, %d)", type, f.year, f.month, f.day,
                                    f.hour, f.minute);
    }
    return kr_datetime_repr_tail(repr, f.fold, PyDateTime_DATE_GET_TZINFO(self));
}

static PyObject *
iso_text(PyObject *self, Py_UCS4 separator, const char *timespec)
{
    char text[KR_DATETIME_TEXT * 2], *middle, *end;
    DtFields f;
    int64_t offset;
    kr_datetime_read(self, &f);
    middle = kr_datetime_put_date(text, &f);
    *middle = (char)separator;
    end = kr_datetime_put_time(middle + 1, &f, timespec);
    if (end == NULL) {
        return NULL;
    }
    int known = own_offset(self, &offset); // may run Python
    if (known < 0) {
        return NULL;
    }
    if (known) {
        end = kr_datetime_put_offset(end, ":", offset);
    }
    if (separator < 0x80) {
        return PyUnicode_FromStringAndSize(text, end - text);
    }
    *middle = *end = 0;
    return PyUnicode_FromFormat("%s%c%s", text, (int)separator, middle + 1);
}

KR_METHOD_RAW(datetime, "isoformat", METH_VARARGS | METH_KEYWORDS,
              "[sep] -> string in ISO 8601 format, "
              "YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n"
              "sep is used to separate the year from the time, and defaults to 'T'.\n"
              "The optional argument timespec specifies the number of additional terms\n"
              "of the time to include. Valid options are 'auto', 'hours', 'minutes',\n"
              "'seconds', 'milliseconds' and 'microseconds'.\n")
static PyObject *
datetime_isoformat(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"sep", "timespec", NULL};
    int separator = 'T';
    const char *timespec = "auto";
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Cs:isoformat", names, &separator,
                                     &timespec)) {
        return NULL;
    }
    return iso_text(self, (Py_UCS4)separator, timespec);
}

static PyObject *
datetime_str(PyObject *self)
{
    if (Py_IS_TYPE(self, &kr_datetime_datetime_type)) {
        return iso_text(self, ' ', "auto");
    }
    return PyObject_CallMethod(self, "isoformat", "s", " ");
}

// --- Comparison --------------------------------------------------------------------

// Whether the zone gives another offset for the other fold: such a time is equal to
// none of another zone. 1, 0, -1.
static int
fold_matters(PyObject *self, bool known, int64_t offset)
{
    DtFields f;
    int64_t other;
    PyObject *tz = PyDateTime_DATE_GET_TZINFO(self);
    if (tz == Py_None || Py_IS_TYPE(tz, &kr_datetime_timezone_type)) {
        return 0;
    }
    kr_datetime_read(self, &f);
    f.fold = !f.fold;
    PyObject *flipped = kr_datetime_new_datetime(&f, tz, Py_TYPE(self));
    int other_known = flipped == NULL ? -1 : own_offset(flipped, &other);
    Py_XDECREF(flipped);
    return other_known < 0 ? -1 : other_known != known || other != offset;
}

static int64_t
wall_microseconds(PyObject *self)
{
    DtFields f;
    kr_datetime_read(self, &f);
    return kr_datetime_seconds(&f) * KR_US_PER_SECOND + f.microsecond;
}

static PyObject *
compare_across_zones(PyObject *left, PyObject *right, int op)
{
    int64_t offset1, offset2;
    bool equality = op == Py_EQ || op == Py_NE;
    int known1 = own_offset(left, &offset1);
    int known2 = known1 < 0 ? -1 : own_offset(right, &offset2);
    if (known1 < 0 || known2 < 0) {
        return NULL;
    }
    if (known1 != known2) {
        if (equality) {
            return PyBool_FromLong(op == Py_NE);
        }
        PyErr_SetString(PyExc_TypeError,
                        "can't compare offset-naive and offset-aware datetimes");
        return NULL;
    }
    int64_t us1 = wall_microseconds(left) - offset1;
    int64_t us2 = wall_microseconds(right) - offset2;
    if (equality && us1 == us2) {
        int matters = fold_matters(left, known1, offset1);
        if (matters == 0) {
            matters = fold_matters(right, known2, offset2);
        }
        if (matters != 0) {
            return matters < 0 ? NULL : PyBool_FromLong(op == Py_NE);
        }
    }
    Py_RETURN_RICHCOMPARE(us1, us2, op);
}

static PyObject *
datetime_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!kr_datetime_is_datetime(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyDateTime_DATE_GET_TZINFO(left) != PyDateTime_DATE_GET_TZINFO(right)) {
        return compare_across_zones(left, right, op);
    }
    int order = memcmp(((PyDateTime_DateTime *)left)->data,
                       ((PyDateTime_DateTime *)right)->data, _PyDateTime_DATETIME_DATASIZE);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static Py_hash_t
datetime_hash(PyObject *op)
{
    PyDateTime_DateTime *self = (PyDateTime_DateTime *)op;
    int64_t offset;
    int known;
    if (self->hashcode != -1) {
        return self->hashcode;
    }
    if (PyDateTime_DATE_GET_FOLD(op)) {
        // fold must not matter: the zone is asked about the same time without it.
        DtFields f;
        kr_datetime_read(op, &f);
        f.fold = 0;
        PyObject *plain = kr_datetime_new_datetime(&f, PyDateTime_DATE_GET_TZINFO(op),
                                                   Py_TYPE(op));
        known = plain == NULL ? -1 : own_offset(plain, &offset);
        Py_XDECREF(plain);
    }
    else {
        known = own_offset(op, &offset);
    }
    if (known < 0) {
        return -1;
    }
    if (!known) {
        self->hashcode = Py_HashBuffer(self->data, _PyDateTime_DATETIME_DATASIZE);
    }
    else {
        PyObject *delta = kr_datetime_delta_from_us(wall_microseconds(op) - offset);
        self->hashcode = delta == NULL ? -1 : PyObject_Hash(delta);
        Py_XDECREF(delta);
    }
    return self->hashcode;
}

// --- Arithmetic --------------------------------------------------------------------

static PyObject *
move_by(PyObject *self, PyObject *delta, int sign)
{
    DtFields f;
    const PyDateTime_Delta *d = (PyDateTime_Delta *)delta;
    int64_t us = d->seconds * KR_US_PER_SECOND + d->microseconds;
    kr_datetime_read(self, &f);
    f.fold = 0;
    if (kr_datetime_advance(&f, sign * (int64_t)d->days, sign * us) < 0) {
        return NULL;
    }
    PyObject *tz = PyDateTime_DATE_GET_TZINFO(self);
    if (KR_LIKELY(Py_IS_TYPE(self, &kr_datetime_datetime_type))) {
        return kr_datetime_make_exact(&f, tz);
    }
    return kr_datetime_make_datetime(&f, tz, Py_TYPE(self));
}

static PyObject *
datetime_add(PyObject *left, PyObject *right)
{
    if (kr_datetime_is_datetime(left) && kr_datetime_is_delta(right)) {
        return move_by(left, right, 1);
    }
    if (kr_datetime_is_datetime(right) && kr_datetime_is_delta(left)) {
        return move_by(right, left, 1);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

// The difference of the clocks, without a look at the zones.
static PyObject *
subtract_clocks(PyObject *left, PyObject *right)
{
    DtFields a, b;
    kr_datetime_read(left, &a);
    kr_datetime_read(right, &b);
    int days = a.day - b.day;
    if (a.month != b.month || a.year != b.year) {
        days = kr_datetime_ordinal(a.year, a.month, a.day)
               - kr_datetime_ordinal(b.year, b.month, b.day);
    }
    int seconds = ((a.hour - b.hour) * 60 + a.minute - b.minute) * 60 + a.second - b.second;
    return kr_datetime_delta(days, seconds, a.microsecond - b.microsecond);
}

static PyObject *
subtract_moments(PyObject *left, PyObject *right)
{
    int64_t offset1, offset2;
    if (PyDateTime_DATE_GET_TZINFO(left) == PyDateTime_DATE_GET_TZINFO(right)) {
        return subtract_clocks(left, right);
    }
    int known1 = own_offset(left, &offset1);
    int known2 = known1 < 0 ? -1 : own_offset(right, &offset2);
    if (known1 < 0 || known2 < 0) {
        return NULL;
    }
    if (known1 != known2) {
        PyErr_SetString(PyExc_TypeError,
                        "can't subtract offset-naive and offset-aware datetimes");
        return NULL;
    }
    return kr_datetime_delta_from_us((wall_microseconds(left) - offset1)
                                     - (wall_microseconds(right) - offset2));
}

static PyObject *
datetime_subtract(PyObject *left, PyObject *right)
{
    if (!kr_datetime_is_datetime(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (kr_datetime_is_datetime(right)) {
        return subtract_moments(left, right);
    }
    if (kr_datetime_is_delta(right)) {
        return move_by(left, right, -1);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

// --- Others ------------------------------------------------------------------------

KR_METHOD(datetime,
          "replace(self, year=unchanged, month=unchanged, day=unchanged, hour=unchanged, "
          "minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, "
          "fold=unchanged)",
          "Return datetime with new specified fields.")
static PyObject *
datetime_replace(PyObject *self, PyObject *year, PyObject *month, PyObject *day,
                 PyObject *hour, PyObject *minute, PyObject *second, PyObject *microsecond,
                 PyObject *tzinfo, PyObject *fold)
{
    DtFields f;
    kr_datetime_read(self, &f);
    if ((year != NULL && kr_arg_int(year, &f.year) < 0)
        || (month != NULL && kr_arg_int(month, &f.month) < 0)
        || (day != NULL && kr_arg_int(day, &f.day) < 0)
        || (hour != NULL && kr_arg_int(hour, &f.hour) < 0)
        || (minute != NULL && kr_arg_int(minute, &f.minute) < 0)
        || (second != NULL && kr_arg_int(second, &f.second) < 0)
        || (microsecond != NULL && kr_arg_int(microsecond, &f.microsecond) < 0)
        || (fold != NULL && kr_arg_int(fold, &f.fold) < 0)) {
        return NULL;
    }
    if (f.fold != 0 && f.fold != 1) {
        kr_datetime_check_time(&(DtFields){.fold = f.fold});
        return NULL;
    }
    return kr_datetime_make_datetime(
        &f, tzinfo != NULL ? tzinfo : PyDateTime_DATE_GET_TZINFO(self), Py_TYPE(self));
}

static PyObject *datetime_replace_wrap(PyObject *self, PyObject *const *args,
                                       Py_ssize_t nargs, PyObject *kwnames);

KR_METHOD_RAW(datetime, "__replace__($self, /, **changes)", METH_FASTCALL | METH_KEYWORDS,
              "The same as replace().")
static PyObject *
datetime___replace__(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                     PyObject *kwnames)
{
    return datetime_replace_wrap(self, args, nargs, kwnames);
}

static PyObject *
datetime_reduced(PyObject *self, int protocol)
{
    PyDateTime_DateTime *t = (PyDateTime_DateTime *)self;
    PyObject *state =
        PyBytes_FromStringAndSize((char *)t->data, _PyDateTime_DATETIME_DATASIZE);
    if (state == NULL) {
        return NULL;
    }
    if (protocol > 3 && t->fold) {
        PyBytes_AS_STRING(state)[2] |= (char)0x80;
    }
    if (t->hastzinfo) {
        return Py_BuildValue("O(NO)", Py_TYPE(self), state, t->tzinfo);
    }
    return Py_BuildValue("O(N)", Py_TYPE(self), state);
}

KR_METHOD_RAW(datetime, "__reduce_ex__", METH_VARARGS,
              "__reduce_ex__(proto) -> (cls, state)")
static PyObject *
datetime___reduce_ex__(PyObject *self, PyObject *args)
{
    int protocol;
    if (!PyArg_ParseTuple(args, "i:__reduce_ex__", &protocol)) {
        return NULL;
    }
    return datetime_reduced(self, protocol);
}

KR_METHOD(datetime, "__reduce__(self)", "__reduce__() -> (cls, state)")
static PyObject *
datetime___reduce__(PyObject *self)
{
    return datetime_reduced(self, 2);
}

KR_GETTER(datetime, "hour", "")
static PyObject *
datetime_hour(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_DATE_GET_HOUR(self));
}

KR_GETTER(datetime, "minute", "")
static PyObject *
datetime_minute(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_DATE_GET_MINUTE(self));
}

KR_GETTER(datetime, "second", "")
static PyObject *
datetime_second(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_DATE_GET_SECOND(self));
}

KR_GETTER(datetime, "microsecond", "")
static PyObject *
datetime_microsecond(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_DATE_GET_MICROSECOND(self));
}

KR_GETTER(datetime, "tzinfo", "")
static PyObject *
datetime_tzinfo(PyObject *self)
{
    return Py_NewRef(PyDateTime_DATE_GET_TZINFO(self));
}

KR_GETTER(datetime, "fold", "")
static PyObject *
datetime_fold(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_DATE_GET_FOLD(self));
}

KR_TYPE(datetime)
#include "modules/datetime/datetime.methods.h"

static PyNumberMethods datetime_as_number = {
    .nb_add = datetime_add,
    .nb_subtract = datetime_subtract,
};

PyTypeObject kr_datetime_datetime_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.datetime",
    .tp_basicsize = sizeof(PyDateTime_DateTime),
    .tp_dealloc = datetime_dealloc,
    .tp_repr = datetime_repr,
    .tp_as_number = &datetime_as_number,
    .tp_hash = datetime_hash,
    .tp_str = datetime_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "datetime(year, month, day[, hour[, minute[, second[, "
              "microsecond[,tzinfo]]]]])\n\n"
              "The year, month and day arguments are required. tzinfo may be None, or an\n"
              "instance of a tzinfo subclass. The remaining arguments may be ints.\n",
    .tp_richcompare = datetime_richcompare,
    .tp_methods = datetime_methods,
    .tp_getset = datetime_getset,
    .tp_base = &kr_datetime_date_type,
    .tp_alloc = datetime_alloc,
    .tp_new = kr_datetime_datetime_new,
    .tp_vectorcall = kr_datetime_datetime_vectorcall,
};
