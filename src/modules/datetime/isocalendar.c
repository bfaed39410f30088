// SPDX-License-Identifier: MIT
// isocalendar.c - what date.isocalendar() returns: a tuple with named items.
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

static PyObject *
iso_of(PyTypeObject *cls, PyObject *const items[3])
{
    PyObject *self = cls->tp_alloc(cls, 3);
    if (self != NULL) {
        for (int i = 0; i < 3; i++) {
            PyTuple_SET_ITEM(self, i, Py_NewRef(items[i]));
        }
    }
    return self;
}

PyObject *
kr_datetime_iso_calendar(const DtFields *f)
{
    int year = f->year, today = kr_datetime_ordinal(f->year, f->month, f->day);
    int week1 = kr_datetime_iso_week1(year);
    if (today < week1) {
        week1 = kr_datetime_iso_week1(--year);
    }
    else if (today >= week1 + 52 * 7) {
        int next = kr_datetime_iso_week1(year + 1);
        if (today >= next) {
            week1 = next;
            year++;
        }
    }
    int days = today - week1;
    PyObject *items[3] = {PyLong_FromLong(year), PyLong_FromLong(days / 7 + 1),
                          PyLong_FromLong(days % 7 + 1)};
    PyObject *result = NULL;
    if (items[0] != NULL && items[1] != NULL && items[2] != NULL) {
        result = iso_of(&kr_datetime_iso_type, items);
    }
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(items[i]);
    }
    return result;
}

static PyObject *
isocalendardate_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"year", "week", "weekday", NULL};
    PyObject *items[3];
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO:IsoCalendarDate", names, &items[0],
                                     &items[1], &items[2])) {
        return NULL;
    }
    return iso_of(cls, items);
}

static PyObject *
isocalendardate_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%.200s(year=%S, week=%S, weekday=%S)",
                                Py_TYPE(self)->tp_name, PyTuple_GET_ITEM(self, 0),
                                PyTuple_GET_ITEM(self, 1), PyTuple_GET_ITEM(self, 2));
}

KR_METHOD(isocalendardate, "__reduce__(self)", "-> (tuple, state)")
static PyObject *
isocalendardate___reduce__(PyObject *self)
{
    PyObject *plain = PyTuple_GetSlice(self, 0, PyTuple_GET_SIZE(self));
    if (plain == NULL) {
        return NULL;
    }
    return Py_BuildValue("(O(N))", &PyTuple_Type, plain);
}

KR_GETTER(isocalendardate, "year", "")
static PyObject *
isocalendardate_year(PyObject *self)
{
    return Py_NewRef(PyTuple_GET_ITEM(self, 0));
}

KR_GETTER(isocalendardate, "week", "")
static PyObject *
isocalendardate_week(PyObject *self)
{
    return Py_NewRef(PyTuple_GET_ITEM(self, 1));
}

KR_GETTER(isocalendardate, "weekday", "")
static PyObject *
isocalendardate_weekday(PyObject *self)
{
    return Py_NewRef(PyTuple_GET_ITEM(self, 2));
}

KR_TYPE(isocalendardate)
#include "modules/datetime/isocalendar.methods.h"

PyTypeObject kr_datetime_iso_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.IsoCalendarDate",
    .tp_repr = isocalendardate_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "The result of date.isocalendar() or datetime.isocalendar()\n\n"
              "This object may be accessed either as a tuple of\n"
              "  ((year, week, weekday)\n"
              "or via the object attributes as named in the above tuple.",
    .tp_methods = isocalendardate_methods,
    .tp_getset = isocalendardate_getset,
    .tp_base = &PyTuple_Type,
    .tp_new = isocalendardate_new,
};
