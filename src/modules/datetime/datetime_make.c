// SPDX-License-Identifier: MIT
// datetime_make.c - making datetimes: the constructor and the class methods.
//
// Re-entrancy: subclasses are made by calling them; time zones are asked.
// Read next:   datetime.c, local.c
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

static inline void
fill_datetime(PyDateTime_DateTime *self, const DtFields *f, PyObject *tz)
{
    self->hashcode = -1;
    self->hastzinfo = tz != Py_None;
    kr_datetime_pack_date(self->data, f);
    kr_datetime_pack_time(self->data + 4, f);
    self->fold = (unsigned char)f->fold;
    if (self->hastzinfo) {
        self->tzinfo = Py_NewRef(tz);
    }
}

PyObject *
kr_datetime_make_exact(const DtFields *f, PyObject *tz)
{
    size_t size = tz != Py_None ? sizeof(PyDateTime_DateTime)
                                : sizeof(_PyDateTime_BaseDateTime);
    PyDateTime_DateTime *self = kr_datetime_alloc(&kr_datetime_datetime_type, size);
    if (self != NULL) {
        fill_datetime(self, f, tz);
    }
    return (PyObject *)self;
}

PyObject *
kr_datetime_new_datetime(const DtFields *f, PyObject *tz, PyTypeObject *cls)
{
    if (kr_datetime_check_date(f) < 0 || kr_datetime_check_time(f) < 0
        || kr_datetime_check_tz(tz) < 0) {
        return NULL;
    }
    if (cls == &kr_datetime_datetime_type) {
        return kr_datetime_make_exact(f, tz);
    }
    PyDateTime_DateTime *self = (PyDateTime_DateTime *)cls->tp_alloc(cls, tz != Py_None);
    if (self != NULL) {
        fill_datetime(self, f, tz);
    }
    return (PyObject *)self;
}

PyObject *
kr_datetime_make_datetime(const DtFields *f, PyObject *tz, PyTypeObject *cls)
{
    if (cls == &kr_datetime_datetime_type) {
        return kr_datetime_new_datetime(f, tz, cls);
    }
    PyObject *self = PyObject_CallFunction((PyObject *)cls, "iiiiiiiO", f->year, f->month,
                                           f->day, f->hour, f->minute, f->second,
                                           f->microsecond, tz);
    if (self != NULL && kr_datetime_is_datetime(self)) {
        ((PyDateTime_DateTime *)self)->fold = (unsigned char)f->fold;
    }
    return self;
}

static PyObject *
datetime_from_state(PyTypeObject *cls, PyObject *state, PyObject *tz)
{
    PyObject *bytes = kr_datetime_state(state, _PyDateTime_DATETIME_DATASIZE, 2, 1, 13,
                                        true, "datetime");
    if (bytes == NULL) {
        return NULL;
    }
    PyDateTime_DateTime *self = NULL;
    if (tz != Py_None && !kr_datetime_is_tzinfo(tz)) {
        PyErr_SetString(PyExc_TypeError, "bad tzinfo state arg");
    }
    else {
        self = (PyDateTime_DateTime *)cls->tp_alloc(cls, tz != Py_None);
    }
    if (self != NULL) {
        memcpy(self->data, PyBytes_AS_STRING(bytes), _PyDateTime_DATETIME_DATASIZE);
        self->hashcode = -1;
        self->hastzinfo = tz != Py_None;
        self->fold = self->data[2] >> 7;
        self->data[2] &= 0x7F;
        if (self->hastzinfo) {
            self->tzinfo = Py_NewRef(tz);
        }
    }
    Py_DECREF(bytes);
    return (PyObject *)self;
}

PyObject *
kr_datetime_datetime_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year",   "month",       "day",    "hour", "minute",
                            "second", "microsecond", "tzinfo", "fold", NULL};
    DtFields f = {0};
    PyObject *tz = Py_None;
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs == 1 || nargs == 2) {
        PyObject *self =
            datetime_from_state(cls, PyTuple_GET_ITEM(args, 0),
                                nargs == 2 ? PyTuple_GET_ITEM(args, 1) : Py_None);
        if (self != NULL || PyErr_Occurred()) {
            return self;
        }
    }
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iii|iiiiO$i", names, &f.year, &f.month,
                                     &f.day, &f.hour, &f.minute, &f.second, &f.microsecond,
                                     &tz, &f.fold)) {
        return NULL;
    }
    return kr_datetime_new_datetime(&f, tz, cls);
}

PyObject *
kr_datetime_datetime_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf,
                                PyObject *kwnames)
{
    PyTypeObject *cls = (PyTypeObject *)op;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf), ints = nargs < 7 ? nargs : 7;
    int v[7] = {0};
    bool simple = nargs >= 3 && nargs <= 8;
    PyObject *tz = nargs == 8 ? args[7] : Py_None;
    if (kwnames != NULL) {
        simple = simple && nargs < 8 && PyTuple_GET_SIZE(kwnames) == 1
                 && PyTuple_GET_ITEM(kwnames, 0) == KR_ID(tzinfo);
        tz = args[nargs];
    }
    if (!simple || !kr_datetime_small_ints(args, ints, v)) {
        return kr_datetime_call_new(kr_datetime_datetime_new, cls, args, nargs, kwnames);
    }
    DtFields f = {v[0], v[1], v[2], v[3], v[4], v[5], v[6], 0};
    return kr_datetime_new_datetime(&f, tz, cls);
}

// --- The clock ---------------------------------------------------------------------

KR_METHOD(datetime, "now(cls, tz=None)",
          "Returns new datetime object representing current time local to tz.\n\n"
          "  tz\n"
          "    Timezone object.\n\n"
          "If no tz is specified, uses local timezone.")
static PyObject *
datetime_now(PyTypeObject *cls, PyObject *tz)
{
    return kr_datetime_now(cls, true, tz);
}

KR_METHOD(datetime, "utcnow(cls)", "Return a new datetime representing UTC day and time.")
static PyObject *
datetime_utcnow(PyTypeObject *cls)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "datetime.datetime.utcnow() is deprecated and scheduled for removal "
                     "in a future version. Use timezone-aware objects to represent "
                     "datetimes in UTC: datetime.datetime.now(datetime.UTC).",
                     1) < 0) {
        return NULL;
    }
    return kr_datetime_now(cls, false, Py_None);
}

KR_METHOD_RAW(datetime, "fromtimestamp", METH_VARARGS | METH_KEYWORDS | METH_CLASS,
              "timestamp[, tz] -> tz's local time from POSIX timestamp.")
static PyObject *
datetime_fromtimestamp(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"timestamp", "tz", NULL};
    PyObject *timestamp, *tz = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:fromtimestamp", names, &timestamp,
                                     &tz)) {
        return NULL;
    }
    return kr_datetime_from_timestamp((PyTypeObject *)cls, timestamp, true, tz);
}

KR_METHOD_RAW(datetime, "utcfromtimestamp", METH_VARARGS | METH_CLASS,
              "Construct a naive UTC datetime from a POSIX timestamp.")
static PyObject *
datetime_utcfromtimestamp(PyObject *cls, PyObject *args)
{
    PyObject *timestamp;
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for "
                     "removal in a future version. Use timezone-aware objects to represent "
                     "datetimes in UTC: datetime.datetime.fromtimestamp(timestamp, "
                     "datetime.UTC).",
                     1) < 0
        || !PyArg_ParseTuple(args, "O:utcfromtimestamp", &timestamp)) {
        return NULL;
    }
    return kr_datetime_from_timestamp((PyTypeObject *)cls, timestamp, false, Py_None);
}

// --- Text and parts ----------------------------------------------------------------

KR_METHOD_RAW(datetime, "strptime", METH_VARARGS | METH_CLASS,
              "string, format -> new datetime parsed from a string (like "
              "time.strptime()).")
static PyObject *
datetime_strptime(PyObject *cls, PyObject *args)
{
    PyObject *text, *format;
    if (!PyArg_ParseTuple(args, "UU:strptime", &text, &format)) {
        return NULL;
    }
    PyObject *function =
        PyImport_ImportModuleAttr(KR_ID(_strptime), KR_ID(_strptime_datetime_datetime));
    if (function == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallFunctionObjArgs(function, cls, text, format, NULL);
    Py_DECREF(function);
    return result;
}

KR_METHOD_RAW(datetime, "combine", METH_VARARGS | METH_KEYWORDS | METH_CLASS,
              "date, time -> datetime with same date and time fields")
static PyObject *
datetime_combine(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"date", "time", "tzinfo", NULL};
    PyObject *date, *time, *tz = NULL;
    DtFields f, d;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!|O:combine", names,
                                     &kr_datetime_date_type, &date, &kr_datetime_time_type,
                                     &time, &tz)) {
        return NULL;
    }
    kr_datetime_read_time(time, &f);
    kr_datetime_read_date(date, &d);
    f.year = d.year;
    f.month = d.month;
    f.day = d.day;
    return kr_datetime_make_datetime(
        &f, tz != NULL ? tz : PyDateTime_TIME_GET_TZINFO(time), (PyTypeObject *)cls);
}

// Parses n characters of ASCII. 0 or -1 without an exception.
static int
parse_moment(const char *text, Py_ssize_t n, DtFields *f, bool *has_zone, int64_t *offset)
{
    Py_ssize_t middle = kr_datetime_find_separator(text, n);
    if (middle < 0 || middle > n || kr_datetime_parse_date(text, middle, f) < 0) {
        return -1;
    }
    if (n == middle) {
        return 0;
    }
    return kr_datetime_parse_time(text + middle + 1, n - middle - 1, f, has_zone, offset);
}

// The separator may be any character: the text is copied with another one there.
// Without memory it is no time either: 0, or -1 perhaps with MemoryError.
static int
parse_wide_moment(PyObject *text, DtFields *f, bool *has_zone, int64_t *offset)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), odd = -1;
    char *copy = PyMem_Malloc((size_t)n);
    int status = -1;
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(text, i);
        if (c > 0x7F) {
            if (odd >= 0) {
                goto done;
            }
            odd = i;
        }
        copy[i] = c > 0x7F ? 'T' : (char)c;
    }
    if (odd == kr_datetime_find_separator(copy, n)) {
        status = parse_moment(copy, n, f, has_zone, offset);
    }

done:
    PyMem_Free(copy);
    return status;
}

KR_METHOD_RAW(datetime, "fromisoformat($type, object, /)", METH_O | METH_CLASS,
              "string -> datetime from a string in most ISO 8601 formats")
static PyObject *
datetime_fromisoformat(PyObject *cls, PyObject *text)
{
    DtFields f = {0};
    bool has_zone = false;
    int64_t offset = 0;
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "fromisoformat: argument must be str");
        return NULL;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    int status = n < 7 ? -1
                 : PyUnicode_IS_ASCII(text)
                     ? parse_moment(PyUnicode_DATA(text), n, &f, &has_zone, &offset)
                     : parse_wide_moment(text, &f, &has_zone, &offset);
    if (status < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "Invalid isoformat string: %R", text);
        }
        return NULL;
    }
    PyObject *tz = has_zone ? kr_datetime_timezone_from_us(offset) : Py_NewRef(Py_None);
    if (tz == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    // The date is checked before a day is added to it.
    bool next_day = f.hour == 24 && kr_datetime_check_date(&f) == 0
                    && kr_datetime_midnight(&f) > 0;
    if (!PyErr_Occurred()) {
        if (next_day && ++f.day > kr_datetime_days_in_month(f.year, f.month)) {
            f.day = 1;
            f.month = f.month == 12 ? 1 : f.month + 1;
            f.year += f.month == 1;
        }
        result = kr_datetime_make_datetime(&f, tz, (PyTypeObject *)cls);
    }
    Py_DECREF(tz);
    return result;
}

#include "modules/datetime/datetime_make.methods.h"
