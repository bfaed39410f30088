// SPDX-License-Identifier: MIT
// time.c - datetime.time: a time of day, perhaps with a time zone.
//
// Invariants:  the fields are in range; tzinfo is there exactly when hastzinfo.
// Re-entrancy: asking a time zone and making subclasses run Python.
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Making one --------------------------------------------------------------------

// Room for a tzinfo only where there is one. Subclasses have the general function.
static PyObject *
time_alloc(PyTypeObject *type, Py_ssize_t aware)
{
    size_t size = aware ? sizeof(PyDateTime_Time) : sizeof(_PyDateTime_BaseTime);
    void *self = kr_datetime_alloc(type, size);
    if (self != NULL) {
        memset((char *)self + sizeof(PyObject), 0, size - sizeof(PyObject));
    }
    return self;
}

PyObject *
kr_datetime_new_time(const DtFields *f, PyObject *tz, PyTypeObject *cls)
{
    if (kr_datetime_check_time(f) < 0 || kr_datetime_check_tz(tz) < 0) {
        return NULL;
    }
    PyDateTime_Time *self = (PyDateTime_Time *)cls->tp_alloc(cls, tz != Py_None);
    if (self != NULL) {
        self->hashcode = -1;
        self->hastzinfo = tz != Py_None;
        kr_datetime_pack_time(self->data, f);
        self->fold = (unsigned char)f->fold;
        if (self->hastzinfo) {
            self->tzinfo = Py_NewRef(tz);
        }
    }
    return (PyObject *)self;
}

PyObject *
kr_datetime_make_time(const DtFields *f, PyObject *tz, PyTypeObject *cls)
{
    if (cls == &kr_datetime_time_type) {
        return kr_datetime_new_time(f, tz, cls);
    }
    PyObject *self = PyObject_CallFunction((PyObject *)cls, "iiiiO", f->hour, f->minute,
                                           f->second, f->microsecond, tz);
    if (self != NULL && kr_datetime_is_time(self)) {
        ((PyDateTime_Time *)self)->fold = (unsigned char)f->fold;
    }
    return self;
}

static PyObject *
time_from_state(PyTypeObject *cls, PyObject *state, PyObject *tz)
{
    PyObject *bytes = kr_datetime_state(state, _PyDateTime_TIME_DATASIZE, 0, 0, 24, true,
                                        "time");
    if (bytes == NULL) {
        return NULL;
    }
    PyDateTime_Time *self = NULL;
    if (tz != Py_None && !kr_datetime_is_tzinfo(tz)) {
        PyErr_SetString(PyExc_TypeError, "bad tzinfo state arg");
    }
    else {
        self = (PyDateTime_Time *)cls->tp_alloc(cls, tz != Py_None);
    }
    if (self != NULL) {
        memcpy(self->data, PyBytes_AS_STRING(bytes), _PyDateTime_TIME_DATASIZE);
        self->hashcode = -1;
        self->hastzinfo = tz != Py_None;
        self->fold = self->data[0] >> 7;
        self->data[0] &= 0x7F;
        if (self->hastzinfo) {
            self->tzinfo = Py_NewRef(tz);
        }
    }
    Py_DECREF(bytes);
    return (PyObject *)self;
}

static PyObject *
time_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"hour", "minute", "second", "microsecond", "tzinfo", "fold",
                            NULL};
    DtFields f = {0};
    PyObject *tz = Py_None;
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs == 1 || nargs == 2) {
        PyObject *self = time_from_state(cls, PyTuple_GET_ITEM(args, 0),
                                         nargs == 2 ? PyTuple_GET_ITEM(args, 1) : Py_None);
        if (self != NULL || PyErr_Occurred()) {
            return self;
        }
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|iiiiO$i", names, &f.hour, &f.minute,
                                     &f.second, &f.microsecond, &tz, &f.fold)) {
        return NULL;
    }
    return kr_datetime_new_time(&f, tz, cls);
}

static PyObject *
time_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    int v[4] = {0};
    if (kwnames == NULL && nargs <= 4 && kr_datetime_small_ints(args, nargs, v)) {
        DtFields f = {.hour = v[0], .minute = v[1], .second = v[2], .microsecond = v[3]};
        return kr_datetime_new_time(&f, Py_None, (PyTypeObject *)op);
    }
    return kr_datetime_call_new(time_new, (PyTypeObject *)op, args, nargs, kwnames);
}

static void
time_dealloc(PyObject *op)
{
    PyDateTime_Time *self = (PyDateTime_Time *)op;
    if (self->hastzinfo) {
        Py_XDECREF(self->tzinfo);
    }
    Py_TYPE(op)->tp_free(op);
}

// --- Class methods -----------------------------------------------------------------

KR_METHOD_RAW(time, "fromisoformat($type, object, /)", METH_O | METH_CLASS,
              "string -> time from a string in ISO 8601 format")
static PyObject *
time_fromisoformat(PyObject *cls, PyObject *text)
{
    DtFields f = {0};
    bool has_zone = false;
    int64_t offset = 0;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "fromisoformat: argument must be str");
        return NULL;
    }
    bool good = PyUnicode_IS_ASCII(text);
    if (good) {
        const char *p = PyUnicode_DATA(text);
        Py_ssize_t n = PyUnicode_GET_LENGTH(text);
        bool prefix = n > 0 && *p == 'T';
        good = kr_datetime_parse_time(p + prefix, n - prefix, &f, &has_zone, &offset) == 0;
    }
    if (!good) {
        PyErr_Format(PyExc_ValueError, "Invalid isoformat string: %R", text);
        return NULL;
    }
    if (kr_datetime_midnight(&f) < 0) {
        return NULL;
    }
    PyObject *tz = has_zone ? kr_datetime_timezone_from_us(offset) : Py_NewRef(Py_None);
    if (tz == NULL) {
        return NULL;
    }
    PyObject *result = cls == (PyObject *)&kr_datetime_time_type
                           ? kr_datetime_new_time(&f, tz, (PyTypeObject *)cls)
                           : PyObject_CallFunction(cls, "iiiiO", f.hour, f.minute, f.second,
                                                   f.microsecond, tz);
    Py_DECREF(tz);
    return result;
}

KR_METHOD_RAW(time, "strptime", METH_VARARGS | METH_CLASS,
              "string, format -> new time parsed from a string (like time.strptime()).")
static PyObject *
time_strptime(PyObject *cls, PyObject *args)
{
    PyObject *text, *format;
    if (!PyArg_ParseTuple(args, "UU:strptime", &text, &format)) {
        return NULL;
    }
    PyObject *function =
        PyImport_ImportModuleAttr(KR_ID(_strptime), KR_ID(_strptime_datetime_time));
    if (function == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(function, cls, text, format, NULL);
    Py_DECREF(function);
    return result;
}

// --- The time zone -----------------------------------------------------------------

KR_METHOD(time, "utcoffset(self)", "Return self.tzinfo.utcoffset(self).")
static PyObject *
time_utcoffset(PyObject *self)
{
    return kr_datetime_ask_tz(PyDateTime_TIME_GET_TZINFO(self), KR_ID(utcoffset), Py_None);
}

KR_METHOD(time, "dst(self)", "Return self.tzinfo.dst(self).")
static PyObject *
time_dst(PyObject *self)
{
    return kr_datetime_ask_tz(PyDateTime_TIME_GET_TZINFO(self), KR_ID(dst), Py_None);
}

KR_METHOD(time, "tzname(self)", "Return self.tzinfo.tzname(self).")
static PyObject *
time_tzname(PyObject *self)
{
    return kr_datetime_ask_name(PyDateTime_TIME_GET_TZINFO(self), Py_None);
}

// --- Text --------------------------------------------------------------------------

static PyObject *
time_repr(PyObject *self)
{
    DtFields f;
    kr_datetime_read_time(self, &f);
    const char *type = Py_TYPE(self)->tp_name;
    PyObject *repr;
    if (f.microsecond != 0) {
        repr = PyUnicode_FromFormat("%s(%d, %d, %d, %d)", type, f.hour, f.minute, f.second,
                                    f.microsecond);
    }
    else if (f.second != 0) {
        repr = PyUnicode_FromFormat("%s(%d, %d, %d)", type, f.hour, f.minute, f.second);
    }
    else {
        repr = PyUnicode_FromFormat("%s(%d, %d)", type, f.hour, f.minute);
    }
    return kr_datetime_repr_tail(repr, f.fold, PyDateTime_TIME_GET_TZINFO(self));
}

static PyObject *
time_str(PyObject *self)
{
    return PyObject_CallMethodNoArgs(self, KR_ID(isoformat));
}

KR_METHOD_RAW(time, "isoformat", METH_VARARGS | METH_KEYWORDS,
              "Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\n"
              "The optional argument timespec specifies the number of additional terms\n"
              "of the time to include. Valid options are 'auto', 'hours', 'minutes',\n"
              "'seconds', 'milliseconds' and 'microseconds'.\n")
static PyObject *
time_isoformat(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"timespec", NULL};
    const char *timespec = "auto";
    char text[KR_DATETIME_TEXT], *end;
    DtFields f;
    int64_t offset;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|s:isoformat", names, &timespec)) {
        return NULL;
    }
    kr_datetime_read_time(self, &f);
    end = kr_datetime_put_time(text, &f, timespec);
    if (end == NULL) {
        return NULL;
    }
    int known = kr_datetime_offset(PyDateTime_TIME_GET_TZINFO(self), Py_None, &offset);
    if (known < 0) {
        return NULL;
    }
    if (known) {
        end = kr_datetime_put_offset(end, ":", offset);
    }
    return PyUnicode_FromStringAndSize(text, end - text);
}

KR_METHOD_RAW(time, "strftime", METH_VARARGS | METH_KEYWORDS,
              "format -> strftime() style string.")
static PyObject *
time_strftime(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"format", NULL};
    PyObject *format;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U:strftime", names, &format)) {
        return NULL;
    }
    // Any date will do; this one exists everywhere.
    PyObject *tuple = Py_BuildValue("iiiiiiiii", 1900, 1, 1, PyDateTime_TIME_GET_HOUR(self),
                                    PyDateTime_TIME_GET_MINUTE(self),
                                    PyDateTime_TIME_GET_SECOND(self), 0, 1, -1);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *result = kr_datetime_strftime(self, DT_TIME, format, tuple);
    Py_DECREF(tuple);
    return result;
}

KR_METHOD_RAW(time, "__format__", METH_VARARGS, "Formats self with strftime.")
static PyObject *
time___format__(PyObject *self, PyObject *args)
{
    PyObject *format;
    if (!PyArg_ParseTuple(args, "U:__format__", &format)) {
        return NULL;
    }
    return kr_datetime_format(self, format);
}

// --- Comparison --------------------------------------------------------------------

static int64_t
time_microseconds(PyObject *self)
{
    DtFields f;
    kr_datetime_read_time(self, &f);
    return ((f.hour * 60 + f.minute) * 60 + f.second) * KR_US_PER_SECOND + f.microsecond;
}

static PyObject *
time_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!kr_datetime_is_time(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *tz1 = PyDateTime_TIME_GET_TZINFO(left);
    PyObject *tz2 = PyDateTime_TIME_GET_TZINFO(right);
    int64_t us1 = time_microseconds(left), us2 = time_microseconds(right);
    if (tz1 != tz2) {
        int64_t offset1, offset2;
        int known1 = kr_datetime_offset(tz1, Py_None, &offset1);
        int known2 = known1 < 0 ? -1 : kr_datetime_offset(tz2, Py_None, &offset2);
        if (known1 < 0 || known2 < 0) {
            return NULL;
        }
        if (known1 != known2) {
            if (op == Py_EQ || op == Py_NE) {
                return PyBool_FromLong(op == Py_NE);
            }
            PyErr_SetString(PyExc_TypeError,
                            "can't compare offset-naive and offset-aware times");
            return NULL;
        }
        us1 -= offset1;
        us2 -= offset2;
    }
    Py_RETURN_RICHCOMPARE(us1, us2, op);
}

static Py_hash_t
time_hash(PyObject *op)
{
    PyDateTime_Time *self = (PyDateTime_Time *)op;
    int64_t offset;
    if (self->hashcode != -1) {
        return self->hashcode;
    }
    // The zone is asked about no time in particular, so fold does not matter.
    int known = kr_datetime_offset(PyDateTime_TIME_GET_TZINFO(op), Py_None, &offset);
    if (known < 0) {
        return -1;
    }
    if (!known) {
        self->hashcode = Py_HashBuffer(self->data, _PyDateTime_TIME_DATASIZE);
    }
    else {
        PyObject *delta = kr_datetime_delta_from_us(time_microseconds(op) - offset);
        self->hashcode = delta == NULL ? -1 : PyObject_Hash(delta);
        Py_XDECREF(delta);
    }
    return self->hashcode;
}

// --- Others ------------------------------------------------------------------------

KR_METHOD(time,
          "replace(self, hour=unchanged, minute=unchanged, second=unchanged, "
          "microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)",
          "Return time with new specified fields.")
static PyObject *
time_replace(PyObject *self, PyObject *hour, PyObject *minute, PyObject *second,
             PyObject *microsecond, PyObject *tzinfo, PyObject *fold)
{
    DtFields f;
    kr_datetime_read_time(self, &f);
    if ((hour != NULL && kr_arg_int(hour, &f.hour) < 0)
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
    return kr_datetime_make_time(
        &f, tzinfo != NULL ? tzinfo : PyDateTime_TIME_GET_TZINFO(self), Py_TYPE(self));
}

static PyObject *time_replace_wrap(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames);

KR_METHOD_RAW(time, "__replace__($self, /, **changes)", METH_FASTCALL | METH_KEYWORDS,
              "The same as replace().")
static PyObject *
time___replace__(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return time_replace_wrap(self, args, nargs, kwnames);
}

static PyObject *
time_reduced(PyObject *self, int protocol)
{
    PyDateTime_Time *t = (PyDateTime_Time *)self;
    PyObject *state = PyBytes_FromStringAndSize((char *)t->data, _PyDateTime_TIME_DATASIZE);
    if (state == NULL) {
        return NULL;
    }
    if (protocol > 3 && t->fold) {
        PyBytes_AS_STRING(state)[0] |= (char)0x80;
    }
    if (t->hastzinfo) {
        return Py_BuildValue("O(NO)", Py_TYPE(self), state, t->tzinfo);
    }
    return Py_BuildValue("O(N)", Py_TYPE(self), state);
}

KR_METHOD_RAW(time, "__reduce_ex__", METH_VARARGS, "__reduce_ex__(proto) -> (cls, state)")
static PyObject *
time___reduce_ex__(PyObject *self, PyObject *args)
{
    int protocol;
    if (!PyArg_ParseTuple(args, "i:__reduce_ex__", &protocol)) {
        return NULL;
    }
    return time_reduced(self, protocol);
}

KR_METHOD(time, "__reduce__(self)", "__reduce__() -> (cls, state)")
static PyObject *
time___reduce__(PyObject *self)
{
    return time_reduced(self, 2);
}

KR_GETTER(time, "hour", "")
static PyObject *
time_hour(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_TIME_GET_HOUR(self));
}

KR_GETTER(time, "minute", "")
static PyObject *
time_minute(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_TIME_GET_MINUTE(self));
}

KR_GETTER(time, "second", "")
static PyObject *
time_second(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_TIME_GET_SECOND(self));
}

KR_GETTER(time, "microsecond", "")
static PyObject *
time_microsecond(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_TIME_GET_MICROSECOND(self));
}

KR_GETTER(time, "tzinfo", "")
static PyObject *
time_tzinfo(PyObject *self)
{
    return Py_NewRef(PyDateTime_TIME_GET_TZINFO(self));
}

KR_GETTER(time, "fold", "")
static PyObject *
time_fold(PyObject *self)
{
    return PyLong_FromLong(PyDateTime_TIME_GET_FOLD(self));
}

KR_TYPE(time)
#include "modules/datetime/time.methods.h"

PyTypeObject kr_datetime_time_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.time",
    .tp_basicsize = sizeof(PyDateTime_Time),
    .tp_dealloc = time_dealloc,
    .tp_repr = time_repr,
    .tp_hash = time_hash,
    .tp_str = time_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n"
              "\n"
              "All arguments are optional. tzinfo may be None, or an instance of\n"
              "a tzinfo subclass. The remaining arguments may be ints.\n",
    .tp_richcompare = time_richcompare,
    .tp_methods = time_methods,
    .tp_getset = time_getset,
    .tp_alloc = time_alloc,
    .tp_new = time_new,
    .tp_vectorcall = time_vectorcall,
};
