// SPDX-License-Identifier: MIT
// datetime_module.c - the module _datetime, and what extensions see of it.
//
// Invariants:  the types are static; min, max, resolution and utc are attributes of
//              theirs, made when the module is made the first time.
// Read next:   date.c, time.c, datetime.c, delta.c, timezone.c
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- The C API ---------------------------------------------------------------------

static PyObject *
api_date(int year, int month, int day, PyTypeObject *type)
{
    DtFields f = {.year = year, .month = month, .day = day};
    return kr_datetime_new_date(&f, type);
}

static PyObject *
api_datetime_fold(int year, int month, int day, int hour, int minute, int second,
                  int microsecond, PyObject *tz, int fold, PyTypeObject *type)
{
    DtFields f = {year, month, day, hour, minute, second, microsecond, fold};
    return kr_datetime_new_datetime(&f, tz, type);
}

static PyObject *
api_datetime(int year, int month, int day, int hour, int minute, int second,
             int microsecond, PyObject *tz, PyTypeObject *type)
{
    return api_datetime_fold(year, month, day, hour, minute, second, microsecond, tz, 0,
                             type);
}

static PyObject *
api_time_fold(int hour, int minute, int second, int microsecond, PyObject *tz, int fold,
              PyTypeObject *type)
{
    DtFields f = {.hour = hour,
                  .minute = minute,
                  .second = second,
                  .microsecond = microsecond,
                  .fold = fold};
    return kr_datetime_new_time(&f, tz, type);
}

static PyObject *
api_time(int hour, int minute, int second, int microsecond, PyObject *tz,
         PyTypeObject *type)
{
    return api_time_fold(hour, minute, second, microsecond, tz, 0, type);
}

// `normalize` only says that the parts may be out of range: looking costs nothing.
static PyObject *
api_delta(int days, int seconds, int microseconds, int normalize, PyTypeObject *type)
{
    if (type == &kr_datetime_delta_type) {
        return kr_datetime_delta(days, seconds, microseconds);
    }
    return PyObject_CallFunction((PyObject *)type, "iii", days, seconds, microseconds);
}

static PyObject *
api_from_timestamp(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *method = PyObject_GetAttr(cls, KR_ID(fromtimestamp));
    PyObject *result = method == NULL ? NULL : PyObject_Call(method, args, kwargs);
    Py_XDECREF(method);
    return result;
}

static PyObject *
api_date_from_timestamp(PyObject *cls, PyObject *args)
{
    return api_from_timestamp(cls, args, NULL);
}

// Extensions know it as something they may write to, but nobody does.
static PyDateTime_CAPI capi = {
    .DateType = &kr_datetime_date_type,
    .DateTimeType = &kr_datetime_datetime_type,
    .TimeType = &kr_datetime_time_type,
    .DeltaType = &kr_datetime_delta_type,
    .TZInfoType = &kr_datetime_tzinfo_type,
    .TimeZone_UTC = (PyObject *)&kr_datetime_utc,
    .Date_FromDate = api_date,
    .DateTime_FromDateAndTime = api_datetime,
    .Time_FromTime = api_time,
    .Delta_FromDelta = api_delta,
    .TimeZone_FromTimeZone = kr_datetime_new_timezone,
    .DateTime_FromTimestamp = api_from_timestamp,
    .Date_FromTimestamp = api_date_from_timestamp,
    .DateTime_FromDateAndTimeAndFold = api_datetime_fold,
    .Time_FromTimeAndFold = api_time_fold,
};

// --- The module --------------------------------------------------------------------

// Enters a value (consumed; NULL is an error) among a type's attributes.
static int
add_attribute(PyTypeObject *type, PyObject *name, PyObject *value)
{
    int status = value == NULL ? -1 : PyDict_SetItem(type->tp_dict, name, value);
    Py_XDECREF(value);
    return status;
}

static PyObject *
zone_of_minutes(int minutes)
{
    return kr_datetime_timezone_from_us(minutes * 60 * KR_US_PER_SECOND);
}

static int
add_limits(void)
{
    PyTypeObject *date = &kr_datetime_date_type, *time = &kr_datetime_time_type,
                 *datetime = &kr_datetime_datetime_type, *delta = &kr_datetime_delta_type,
                 *zone = &kr_datetime_timezone_type;
    PyObject *min = KR_ID(min), *max = KR_ID(max), *resolution = KR_ID(resolution);
    if (add_attribute(delta, resolution, kr_datetime_delta(0, 0, 1)) < 0
        || add_attribute(delta, min, kr_datetime_delta(-KR_MAX_DELTA_DAYS, 0, 0)) < 0
        || add_attribute(delta, max, kr_datetime_delta(KR_MAX_DELTA_DAYS, 86399, 999999)) < 0
        || add_attribute(date, min, api_date(1, 1, 1, date)) < 0
        || add_attribute(date, max, api_date(KR_MAX_YEAR, 12, 31, date)) < 0
        || add_attribute(date, resolution, kr_datetime_delta(1, 0, 0)) < 0
        || add_attribute(time, min, api_time(0, 0, 0, 0, Py_None, time)) < 0
        || add_attribute(time, max, api_time(23, 59, 59, 999999, Py_None, time)) < 0
        || add_attribute(time, resolution, kr_datetime_delta(0, 0, 1)) < 0
        || add_attribute(datetime, min,
                         api_datetime(1, 1, 1, 0, 0, 0, 0, Py_None, datetime)) < 0
        || add_attribute(datetime, max,
                         api_datetime(KR_MAX_YEAR, 12, 31, 23, 59, 59, 999999, Py_None,
                                      datetime)) < 0
        || add_attribute(datetime, resolution, kr_datetime_delta(0, 0, 1)) < 0
        || add_attribute(zone, KR_ID(utc), Py_NewRef(&kr_datetime_utc)) < 0
        || add_attribute(zone, min, zone_of_minutes(-23 * 60 - 59)) < 0
        || add_attribute(zone, max, zone_of_minutes(23 * 60 + 59)) < 0) {
        return -1;
    }
    return 0;
}

static int
datetime_exec(PyObject *module)
{
    PyTypeObject *const types[] = {
        &kr_datetime_date_type,  &kr_datetime_datetime_type, &kr_datetime_time_type,
        &kr_datetime_delta_type, &kr_datetime_tzinfo_type,   &kr_datetime_timezone_type,
    };
    bool first = kr_datetime_delta_type.tp_dict == NULL;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) {
            return -1;
        }
    }
    if (PyType_Ready(&kr_datetime_iso_type) < 0 || (first && add_limits() < 0)) {
        return -1;
    }
    if (PyModule_AddIntConstant(module, "MINYEAR", KR_MIN_YEAR) < 0
        || PyModule_AddIntConstant(module, "MAXYEAR", KR_MAX_YEAR) < 0
        || PyModule_AddObjectRef(module, "UTC", (PyObject *)&kr_datetime_utc) < 0) {
        return -1;
    }
    PyObject *capsule = PyCapsule_New(&capi, PyDateTime_CAPSULE_NAME, NULL);
    return PyModule_Add(module, "datetime_CAPI", capsule);
}

static PyModuleDef_Slot datetime_slots[] = {
    {Py_mod_exec, datetime_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef datetime_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_datetime",
    .m_doc = "Fast implementation of the datetime module.",
    .m_slots = datetime_slots,
};

PyMODINIT_FUNC
PyInit__datetime(void)
{
    return PyModuleDef_Init(&datetime_def);
}
