// SPDX-License-Identifier: MIT
// zone.c - zoneinfo.ZoneInfo: a time zone with its history and its future.
//
// Invariants:  utc and both of local are sorted as the file has them; kinds are below
//              type_count.
// Re-entrancy: loading runs Python; a zone that is not loaded yet is nobody's but ours.
#include "modules/zoneinfo/zoneinfo.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Which time holds --------------------------------------------------------------

// A time on the clock, as the tables need it.
typedef struct {
    int64_t seconds;
    int year;
    int fold;
} LocalTime;

static bool
is_datetime(ZoneState *module, PyObject *op)
{
    return PyObject_TypeCheck(op, module->datetime->DateTimeType);
}

static int
int_attribute(PyObject *op, PyObject *name, int64_t *out)
{
    PyObject *value = PyObject_GetAttr(op, name);
    int status = value == NULL ? -1 : PyLong_AsInt64(value, out);
    Py_XDECREF(value);
    return status;
}

// Anything may stand in for a datetime that has its attributes.
static int
read_foreign(PyObject *dt, LocalTime *out)
{
    int64_t ordinal, hour, minute, second, year, fold;
    PyObject *number = PyObject_CallMethodNoArgs(dt, KR_ID(toordinal));
    int status = number == NULL ? -1 : PyLong_AsInt64(number, &ordinal);
    Py_XDECREF(number);
    if (status < 0 || int_attribute(dt, KR_ID(hour), &hour) < 0
        || int_attribute(dt, KR_ID(minute), &minute) < 0
        || int_attribute(dt, KR_ID(second), &second) < 0
        || int_attribute(dt, KR_ID(year), &year) < 0
        || int_attribute(dt, KR_ID(fold), &fold) < 0) {
        return -1;
    }
    if (ordinal < -4000000 || ordinal > 4000000 || llabs(hour) > 100 || llabs(minute) > 100
        || llabs(second) > 100 || year < 1 || year > 9999) {
        PyErr_SetString(PyExc_ValueError, "time out of range");
        return -1;
    }
    out->seconds = (ordinal - 719163) * 86400 + hour * 3600 + minute * 60 + second;
    out->year = (int)year;
    out->fold = fold != 0;
    return 0;
}

static int
read_time(ZoneState *module, PyObject *dt, LocalTime *out)
{
    if (!is_datetime(module, dt)) {
        return read_foreign(dt, out);
    }
    static const int16_t starts[] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int year = PyDateTime_GET_YEAR(dt), month = PyDateTime_GET_MONTH(dt);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int64_t day = kr_zoneinfo_days_before(year) + starts[month] + (month > 2 && leap)
                  + PyDateTime_GET_DAY(dt) - 1;
    out->seconds = day * 86400 + PyDateTime_DATE_GET_HOUR(dt) * 3600
                   + PyDateTime_DATE_GET_MINUTE(dt) * 60 + PyDateTime_DATE_GET_SECOND(dt);
    out->year = year;
    out->fold = PyDateTime_DATE_GET_FOLD(dt) != 0;
    return 0;
}

// How many of the sorted times are not after `time`.
static Py_ssize_t
count_until(const int64_t *times, Py_ssize_t n, int64_t time)
{
    Py_ssize_t low = 0, high = n;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (times[middle] <= time) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

// What holds at a datetime; for None what always does, or NULL without an exception.
static const ZoneInfoType *
type_at(Zone *zone, PyObject *dt)
{
    LocalTime time;
    if (dt == Py_None) {
        return zone->fixed ? &zone->after.std : NULL;
    }
    if (read_time(zone->module, dt, &time) < 0) {
        return NULL;
    }
    const int64_t *local = zone->local[time.fold];
    Py_ssize_t n = zone->count;
    if (n > 0 && time.seconds < local[0]) {
        return zone->before;
    }
    if (n == 0 || time.seconds > local[n - 1]) {
        return zone->after.has_dst ? kr_zoneinfo_rule_at(&zone->after, time.seconds,
                                                         time.year, time.fold)
                                   : &zone->after.std;
    }
    return &zone->types[zone->kinds[count_until(local, n, time.seconds) - 1]];
}

KR_METHOD(zoneinfo, "utcoffset(self, dt, /)",
          "Retrieve a timedelta representing the UTC offset in a zone at the given "
          "datetime.")
static PyObject *
zoneinfo_utcoffset(Zone *self, PyObject *dt)
{
    const ZoneInfoType *type = type_at(self, dt);
    return type != NULL ? Py_NewRef(type->utcoff)
                        : (PyErr_Occurred() ? NULL : Py_NewRef(Py_None));
}

KR_METHOD(zoneinfo, "dst(self, dt, /)",
          "Retrieve a timedelta representing the amount of DST applied in a zone at the "
          "given datetime.")
static PyObject *
zoneinfo_dst(Zone *self, PyObject *dt)
{
    const ZoneInfoType *type = type_at(self, dt);
    return type != NULL ? Py_NewRef(type->dstoff)
                        : (PyErr_Occurred() ? NULL : Py_NewRef(Py_None));
}

KR_METHOD(zoneinfo, "tzname(self, dt, /)",
          "Retrieve a string containing the abbreviation for the time zone that applies "
          "in a zone at a given datetime.")
static PyObject *
zoneinfo_tzname(Zone *self, PyObject *dt)
{
    const ZoneInfoType *type = type_at(self, dt);
    return type != NULL ? Py_NewRef(type->name)
                        : (PyErr_Occurred() ? NULL : Py_NewRef(Py_None));
}

// What holds at a moment, and whether its hour comes a second time.
static const ZoneInfoType *
type_at_utc(const Zone *zone, const LocalTime *time, bool *fold)
{
    Py_ssize_t n = zone->count;
    int64_t moment = time->seconds;
    *fold = false;
    if (n > 0 && moment < zone->utc[0]) {
        return zone->before;
    }
    if ((n == 0 || moment > zone->utc[n - 1]) && zone->after.has_dst) {
        return kr_zoneinfo_rule_at_utc(&zone->after, moment, time->year, fold);
    }
    if (n == 0) {
        return &zone->after.std;
    }
    Py_ssize_t i = count_until(zone->utc, n, moment) - 1;
    const ZoneInfoType *previous = i > 0 ? &zone->types[zone->kinds[i - 1]] : zone->before;
    const ZoneInfoType *type = &zone->types[zone->kinds[i]];
    if (n == 1 && moment > zone->utc[0]) {
        type = &zone->after.std;
    }
    int64_t since;
    *fold = !__builtin_sub_overflow(moment, zone->utc[i], &since)
            && previous->seconds - type->seconds > since;
    return type;
}

// The datetime with fold=1. Consumes it.
static PyObject *
with_fold(ZoneState *module, PyObject *dt)
{
    PyDateTime_CAPI *api = module->datetime;
    PyObject *result;
    if (Py_IS_TYPE(dt, api->DateTimeType)) {
        result = api->DateTime_FromDateAndTimeAndFold(
            PyDateTime_GET_YEAR(dt), PyDateTime_GET_MONTH(dt), PyDateTime_GET_DAY(dt),
            PyDateTime_DATE_GET_HOUR(dt), PyDateTime_DATE_GET_MINUTE(dt),
            PyDateTime_DATE_GET_SECOND(dt), PyDateTime_DATE_GET_MICROSECOND(dt),
            PyDateTime_DATE_GET_TZINFO(dt), 1, api->DateTimeType);
    }
    else {
        PyObject *replace = PyObject_GetAttr(dt, KR_ID(replace));
        PyObject *kwargs = replace == NULL ? NULL : Py_BuildValue("{si}", "fold", 1);
        result = kwargs == NULL ? NULL : PyObject_VectorcallDict(replace, NULL, 0, kwargs);
        Py_XDECREF(replace);
        Py_XDECREF(kwargs);
    }
    Py_DECREF(dt);
    return result;
}

KR_METHOD(zoneinfo, "fromutc(self, object, /)",
          "Given a datetime with local time in UTC, retrieve an adjusted datetime in "
          "local time.")
static PyObject *
zoneinfo_fromutc(Zone *self, PyObject *dt)
{
    LocalTime time;
    bool fold;
    if (!is_datetime(self->module, dt)) {
        PyErr_SetString(PyExc_TypeError, "fromutc: argument must be a datetime");
        return NULL;
    }
    if (PyDateTime_DATE_GET_TZINFO(dt) != (PyObject *)self) {
        PyErr_SetString(PyExc_ValueError, "fromutc: dt.tzinfo is not self");
        return NULL;
    }
    if (read_time(self->module, dt, &time) < 0) {
        return NULL;
    }
    const ZoneInfoType *type = type_at_utc(self, &time, &fold);
    PyObject *result = PyNumber_Add(dt, type->utcoff); // may run Python
    return result != NULL && fold ? with_fold(self->module, result) : result;
}

// --- Making one --------------------------------------------------------------------

static ZoneState *
state_of_type(PyTypeObject *cls)
{
    PyObject *module = PyType_GetModuleByDef(cls, &kr_zoneinfo_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

static PyObject *
zone_from_file(ZoneState *module, PyTypeObject *cls, PyObject *file, PyObject *key,
               ZoneSource source)
{
    Zone *self = (Zone *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->module = module;
    self->source = source;
    self->key = Py_NewRef(key);
    if (kr_zoneinfo_load(self, file) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

// The open file of a key: in TZPATH, or else in the package tzdata.
static PyObject *
open_key(ZoneState *module, PyObject *key)
{
    PyObject *path = PyObject_CallOneArg(module->find_tzfile, key);
    if (path == NULL) {
        return NULL;
    }
    PyObject *file = path == Py_None ? PyObject_CallOneArg(module->load_tzdata, key)
                                     : PyObject_CallFunction(module->open, "Os", path, "rb");
    Py_DECREF(path);
    return file;
}

static PyObject *
zone_from_key(ZoneState *module, PyTypeObject *cls, PyObject *key, ZoneSource source)
{
    PyObject *file = open_key(module, key);
    if (file == NULL) {
        return NULL;
    }
    PyObject *zone = zone_from_file(module, cls, file, key, source);
    PyObject *pending = PyErr_GetRaisedException();
    PyObject *closed = PyObject_CallMethodNoArgs(file, KR_ID(close));
    if (closed == NULL) {
        Py_CLEAR(zone);
    }
    Py_XDECREF(closed);
    Py_DECREF(file);
    if (pending != NULL) {
        _PyErr_ChainExceptions1(pending);
    }
    return zone;
}

// The weak cache: our own, or that of a subclass. New reference.
static PyObject *
weak_cache_of(ZoneState *module, PyTypeObject *cls)
{
    return cls == module->zone_type ? Py_NewRef(module->weak_cache)
                                    : PyObject_GetAttr((PyObject *)cls, KR_ID(_weak_cache));
}

// What came out of a weak cache has to be a zone. Consumes and returns it.
static PyObject *
check_cached(PyTypeObject *cls, PyObject *zone, PyObject *key)
{
    if (zone != NULL && !PyObject_TypeCheck(zone, cls)) {
        PyErr_Format(PyExc_RuntimeError,
                     "Unexpected instance of %T in %s weak cache for key %R", zone,
                     _PyType_Name(cls), key);
        Py_CLEAR(zone);
    }
    return zone;
}

static PyObject *
enter_zone(ZoneState *module, PyTypeObject *cls, PyObject *cache, PyObject *key)
{
    PyObject *zone = zone_from_key(module, cls, key, ZONE_CACHE), *entered = NULL;
    if (zone != NULL) {
        PyObject *args[] = {cache, key, zone};
        entered = PyObject_VectorcallMethod(KR_ID(setdefault), args, 3, NULL);
        Py_DECREF(zone);
    }
    return check_cached(cls, entered, key);
}

KR_NEW(zoneinfo, "ZoneInfo(key)", "")
static PyObject *
zoneinfo_new_impl(PyTypeObject *cls, PyObject *key)
{
    ZoneState *module = state_of_type(cls);
    if (module == NULL) {
        return NULL;
    }
    bool own = cls == module->zone_type;
    if (own) {
        PyObject *strong = kr_zoneinfo_from_strong_cache(module, key);
        if (strong != NULL || PyErr_Occurred()) {
            return strong;
        }
    }
    PyObject *cache = weak_cache_of(module, cls);
    if (cache == NULL) {
        return NULL;
    }
    PyObject *args[] = {cache, key, Py_None};
    PyObject *zone = PyObject_VectorcallMethod(KR_ID(get), args, 3, NULL);
    if (zone == Py_None) {
        Py_DECREF(zone);
        zone = enter_zone(module, cls, cache, key);
    }
    else {
        zone = check_cached(cls, zone, key);
    }
    Py_DECREF(cache);
    if (zone != NULL && own) {
        kr_zoneinfo_to_strong_cache(module, ((Zone *)zone)->key, zone);
    }
    return zone;
}

// --- Class methods -----------------------------------------------------------------

KR_METHOD(zoneinfo, "no_cache(cls, /, key)",
          "Get a new instance of ZoneInfo, bypassing the cache.")
static PyObject *
zoneinfo_no_cache(PyTypeObject *cls, PyObject *key)
{
    ZoneState *module = state_of_type(cls);
    return module == NULL ? NULL : zone_from_key(module, cls, key, ZONE_NO_CACHE);
}

KR_METHOD(zoneinfo, "from_file(cls, file_obj, /, key=None)",
          "Create a ZoneInfo file from a file object.")
static PyObject *
zoneinfo_from_file(PyTypeObject *cls, PyObject *file_obj, PyObject *key)
{
    ZoneState *module = state_of_type(cls);
    if (module == NULL) {
        return NULL;
    }
    PyObject *repr = PyObject_Repr(file_obj);
    PyObject *zone = repr == NULL ? NULL
                                  : zone_from_file(module, cls, file_obj, key, ZONE_FILE);
    if (zone != NULL) {
        ((Zone *)zone)->file_repr = Py_NewRef(repr);
    }
    Py_XDECREF(repr);
    return zone;
}

static int
clear_keys(ZoneState *module, PyTypeObject *cls, PyObject *cache, PyObject *keys)
{
    PyObject *key, *iterator = PyObject_GetIter(keys);
    int more = -1;
    while (iterator != NULL && (more = PyIter_NextItem(iterator, &key)) > 0) {
        PyObject *args[] = {cache, key, Py_None};
        PyObject *popped = NULL;
        if (cls != module->zone_type || kr_zoneinfo_forget(module, key) == 0) {
            popped = PyObject_VectorcallMethod(KR_ID(pop), args, 3, NULL);
        }
        Py_DECREF(key);
        if (popped == NULL) {
            more = -1;
            break;
        }
        Py_DECREF(popped);
    }
    Py_XDECREF(iterator);
    return more;
}

KR_METHOD(zoneinfo, "clear_cache(cls, /, *, only_keys=None)", "Clear the ZoneInfo cache.")
static PyObject *
zoneinfo_clear_cache(PyTypeObject *cls, PyObject *only_keys)
{
    ZoneState *module = state_of_type(cls);
    PyObject *cache = module == NULL ? NULL : weak_cache_of(module, cls);
    int status;
    if (cache == NULL) {
        return NULL;
    }
    if (only_keys != Py_None) {
        status = clear_keys(module, cls, cache, only_keys);
    }
    else {
        PyObject *done = PyObject_CallMethodNoArgs(cache, KR_ID(clear));
        status = done == NULL ? -1 : 0;
        Py_XDECREF(done);
        if (cls == module->zone_type) {
            kr_zoneinfo_clear_strong_cache(module);
        }
    }
    Py_DECREF(cache);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD_RAW(zoneinfo, "__init_subclass__", METH_VARARGS | METH_KEYWORDS | METH_CLASS,
              "Function to initialize subclasses.")
static PyObject *
zoneinfo___init_subclass__(PyObject *cls, PyObject *args, PyObject *kwargs)
{
    ZoneState *module = state_of_type((PyTypeObject *)cls);
    PyObject *cache = module == NULL ? NULL : PyObject_CallNoArgs(module->weak_dictionary);
    int status = cache == NULL ? -1 : PyObject_SetAttr(cls, KR_ID(_weak_cache), cache);
    Py_XDECREF(cache);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

// --- Pickling, text ----------------------------------------------------------------

KR_METHOD(zoneinfo, "__reduce__(self)",
          "Function for serialization with the pickle protocol.")
static PyObject *
zoneinfo___reduce__(Zone *self)
{
    if (self->source == ZONE_FILE) {
        PyObject *error = PyImport_ImportModuleAttrString("pickle", "PicklingError");
        if (error != NULL) {
            PyErr_SetString(error, "Cannot pickle a ZoneInfo file from a file stream.");
            Py_DECREF(error);
        }
        return NULL;
    }
    PyObject *unpickle = PyObject_GetAttr((PyObject *)self, KR_ID(_unpickle));
    if (unpickle == NULL) {
        return NULL;
    }
    return Py_BuildValue("N(Oi)", unpickle, self->key, self->source == ZONE_CACHE);
}

KR_METHOD(zoneinfo, "_unpickle(cls, key, from_cache, /)",
          "Private method used in unpickling.")
static PyObject *
zoneinfo__unpickle(PyTypeObject *cls, PyObject *key, int from_cache)
{
    return from_cache ? PyObject_CallOneArg((PyObject *)cls, key)
                      : zoneinfo_no_cache(cls, key);
}

KR_TYPE(zoneinfo)
#include "modules/zoneinfo/zone.methods.h"

static PyObject *
zoneinfo_repr(PyObject *op)
{
    Zone *self = (Zone *)op;
    const char *type = Py_TYPE(op)->tp_name;
    if (self->key != NULL && self->key != Py_None) {
        return PyUnicode_FromFormat("%s(key=%R)", type, self->key);
    }
    return PyUnicode_FromFormat("%s.from_file(%V)", type, self->file_repr, "?");
}

static PyObject *
zoneinfo_str(PyObject *op)
{
    Zone *self = (Zone *)op;
    return self->key != NULL && self->key != Py_None ? PyObject_Str(self->key)
                                                     : zoneinfo_repr(op);
}

// --- The type ----------------------------------------------------------------------

static int
zoneinfo_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Zone *)op)->key);
    return 0;
}

static int
zoneinfo_clear(PyObject *op)
{
    Py_CLEAR(((Zone *)op)->key);
    return 0;
}

static void
zoneinfo_dealloc(PyObject *op)
{
    Zone *self = (Zone *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    zoneinfo_clear(op);
    Py_CLEAR(self->file_repr);
    for (Py_ssize_t i = 0; self->types != NULL && i < self->type_count; i++) {
        kr_zoneinfo_clear_type(&self->types[i]);
    }
    kr_zoneinfo_clear_type(&self->after.std);
    kr_zoneinfo_clear_type(&self->after.dst);
    PyMem_Free(self->types);
    PyMem_Free(self->utc);
    PyMem_Free(self->kinds);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMemberDef zoneinfo_members[] = {
    {"key", Py_T_OBJECT_EX, offsetof(Zone, key), Py_READONLY, NULL},
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(Zone, weakrefs), Py_READONLY},
    {NULL},
};

static PyType_Slot zoneinfo_slots[] = {
    {Py_tp_dealloc, zoneinfo_dealloc},
    {Py_tp_repr, zoneinfo_repr},
    {Py_tp_str, zoneinfo_str},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, zoneinfo_traverse},
    {Py_tp_clear, zoneinfo_clear},
    {Py_tp_methods, zoneinfo_methods},
    {Py_tp_members, zoneinfo_members},
    {Py_tp_new, zoneinfo_new},
    {0, NULL},
};

PyType_Spec kr_zoneinfo_zone_spec = {
    .name = "zoneinfo.ZoneInfo",
    .basicsize = sizeof(Zone),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = zoneinfo_slots,
};
