// SPDX-License-Identifier: MIT
// timezone.c - datetime.timezone: a fixed offset from UTC.
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

// Immortal: timezone.utc.
DtTimeZone kr_datetime_utc = {
    PyObject_HEAD_INIT(&kr_datetime_timezone_type)
    .offset = (PyObject *)&kr_datetime_zero,
};

static PyObject *
timezone_of(PyTypeObject *cls, PyObject *offset, PyObject *name)
{
    DtTimeZone *self = (DtTimeZone *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->offset = Py_NewRef(offset);
        self->name = Py_XNewRef(name);
    }
    return (PyObject *)self;
}

PyObject *
kr_datetime_new_timezone(PyObject *offset, PyObject *name)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)offset;
    bool zero = d->days == 0 && d->seconds == 0 && d->microseconds == 0;
    if (name == NULL && zero) {
        return Py_NewRef(&kr_datetime_utc);
    }
    if (d->days > 0 || d->days < -1
        || (d->days == -1 && d->seconds == 0 && d->microseconds < 1)) {
        PyErr_Format(PyExc_ValueError,
                     "offset must be a timedelta strictly between "
                     "-timedelta(hours=24) and timedelta(hours=24), not %R",
                     offset);
        return NULL;
    }
    return timezone_of(&kr_datetime_timezone_type, offset, name);
}

PyObject *
kr_datetime_timezone_from_us(int64_t offset)
{
    if (offset == 0) {
        return Py_NewRef(&kr_datetime_utc);
    }
    PyObject *delta = kr_datetime_delta_from_us(offset);
    PyObject *zone = delta == NULL ? NULL : kr_datetime_new_timezone(delta, NULL);
    Py_XDECREF(delta);
    return zone;
}

static PyObject *
timezone_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"offset", "name", NULL};
    PyObject *offset, *name = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|U:timezone", names,
                                     &kr_datetime_delta_type, &offset, &name)) {
        return NULL;
    }
    return kr_datetime_new_timezone(offset, name);
}

static void
timezone_dealloc(PyObject *op)
{
    Py_CLEAR(((DtTimeZone *)op)->offset);
    Py_CLEAR(((DtTimeZone *)op)->name);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
timezone_richcompare(PyObject *left, PyObject *right, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !Py_IS_TYPE(right, &kr_datetime_timezone_type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(((DtTimeZone *)left)->offset,
                                ((DtTimeZone *)right)->offset, op);
}

static Py_hash_t
timezone_hash(PyObject *op)
{
    return PyObject_Hash(((DtTimeZone *)op)->offset);
}

static PyObject *
timezone_repr(PyObject *op)
{
    const DtTimeZone *self = (DtTimeZone *)op;
    const char *type = Py_TYPE(op)->tp_name;
    if (self == &kr_datetime_utc) {
        return PyUnicode_FromFormat("%s.utc", type);
    }
    if (self->name == NULL) {
        return PyUnicode_FromFormat("%s(%R)", type, self->offset);
    }
    return PyUnicode_FromFormat("%s(%R, %R)", type, self->offset, self->name);
}

static PyObject *
timezone_str(PyObject *op)
{
    const DtTimeZone *self = (DtTimeZone *)op;
    char text[KR_DATETIME_TEXT] = "UTC";
    if (self->name != NULL) {
        return Py_NewRef(self->name);
    }
    int64_t offset = kr_datetime_delta_short_us(self->offset);
    if (offset == 0) {
        return PyUnicode_FromString("UTC");
    }
    char *end = kr_datetime_put_offset(text + 3, ":", offset);
    return PyUnicode_FromStringAndSize(text, end - text);
}

static int
check_argument(PyObject *dt, const char *method)
{
    if (dt == Py_None || kr_datetime_is_datetime(dt)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError,
                 "%s(dt) argument must be a datetime instance or None, not %.200s", method,
                 Py_TYPE(dt)->tp_name);
    return -1;
}

KR_METHOD_RAW(timezone, "tzname($self, object, /)", METH_O,
              "If name is specified when timezone is created, returns the name.  Otherwise "
              "returns offset as 'UTC(+|-)HH:MM'.")
static PyObject *
timezone_tzname(PyObject *self, PyObject *dt)
{
    return check_argument(dt, "tzname") < 0 ? NULL : timezone_str(self);
}

KR_METHOD_RAW(timezone, "utcoffset($self, object, /)", METH_O, "Return fixed offset.")
static PyObject *
timezone_utcoffset(PyObject *self, PyObject *dt)
{
    if (check_argument(dt, "utcoffset") < 0) {
        return NULL;
    }
    return Py_NewRef(((DtTimeZone *)self)->offset);
}

KR_METHOD_RAW(timezone, "dst($self, object, /)", METH_O, "Return None.")
static PyObject *
timezone_dst(PyObject *self, PyObject *dt)
{
    return check_argument(dt, "dst") < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD_RAW(timezone, "fromutc($self, object, /)", METH_O,
              "datetime in UTC -> datetime in local time.")
static PyObject *
timezone_fromutc(PyObject *self, PyObject *dt)
{
    if (!kr_datetime_is_datetime(dt)) {
        PyErr_SetString(PyExc_TypeError, "fromutc: argument must be a datetime");
        return NULL;
    }
    if (PyDateTime_DATE_GET_TZINFO(dt) != self) {
        PyErr_SetString(PyExc_ValueError, "fromutc: dt.tzinfo is not self");
        return NULL;
    }
    return PyNumber_Add(dt, ((DtTimeZone *)self)->offset);
}

KR_METHOD(timezone, "__getinitargs__(self)", "pickle support")
static PyObject *
timezone___getinitargs__(PyObject *self)
{
    const DtTimeZone *zone = (DtTimeZone *)self;
    return zone->name == NULL ? PyTuple_Pack(1, zone->offset)
                              : PyTuple_Pack(2, zone->offset, zone->name);
}

KR_TYPE(timezone)
#include "modules/datetime/timezone.methods.h"

PyTypeObject kr_datetime_timezone_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.timezone",
    .tp_basicsize = sizeof(DtTimeZone),
    .tp_dealloc = timezone_dealloc,
    .tp_repr = timezone_repr,
    .tp_hash = timezone_hash,
    .tp_str = timezone_str,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Fixed offset from UTC implementation of tzinfo.",
    .tp_richcompare = timezone_richcompare,
    .tp_methods = timezone_methods,
    .tp_base = &kr_datetime_tzinfo_type,
    .tp_new = timezone_new,
};
