// SPDX-License-Identifier: MIT
// load.c - a zone's tables from its file, which the library's zoneinfo._common reads.
#include "modules/zoneinfo/zoneinfo.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Kinds of time -----------------------------------------------------------------

static PyObject *
delta_of(ZoneState *module, int32_t seconds)
{
    return module->datetime->Delta_FromDelta(0, seconds, 0, 1, module->datetime->DeltaType);
}

int
kr_zoneinfo_set_type(ZoneState *module, ZoneInfoType *type, int32_t utcoff, int32_t dstoff,
                     PyObject *name)
{
    type->utcoff = delta_of(module, utcoff);
    type->dstoff = type->utcoff == NULL ? NULL : delta_of(module, dstoff);
    type->name = Py_NewRef(name);
    type->seconds = utcoff;
    return type->dstoff == NULL ? -1 : 0;
}

void
kr_zoneinfo_clear_type(ZoneInfoType *type)
{
    Py_CLEAR(type->utcoff);
    Py_CLEAR(type->dstoff);
    Py_CLEAR(type->name);
}

// --- Numbers of tuples -------------------------------------------------------------

static KR_COLD int
bad_data(void)
{
    PyErr_SetString(PyExc_ValueError, "Invalid TZif file: inconsistent tables");
    return -1;
}

// Item i of a tuple as a number within the limits.
static int
tuple_number(PyObject *tuple, Py_ssize_t i, int64_t low, int64_t high, int64_t *out)
{
    PyObject *item = PyTuple_GET_ITEM(tuple, i);
    if (!PyLong_Check(item)) {
        return bad_data();
    }
    if (PyLong_AsInt64(item, out) < 0) {
        return -1;
    }
    return *out < low || *out > high ? bad_data() : 0;
}

// What zoneinfo._common.load_data() returned; borrowed from its tuple.
typedef struct {
    PyObject *kinds;
    PyObject *utc;
    PyObject *utcoff;
    PyObject *isdst;
    PyObject *names;
    PyObject *rule; // bytes or None
} FileData;

static int
unpack_data(PyObject *tuple, FileData *data)
{
    if (!PyTuple_Check(tuple) || PyTuple_GET_SIZE(tuple) != 6) {
        return bad_data();
    }
    PyObject **places[] = {&data->kinds, &data->utc,   &data->utcoff,
                           &data->isdst, &data->names, &data->rule};
    for (Py_ssize_t i = 0; i < 6; i++) {
        *places[i] = PyTuple_GET_ITEM(tuple, i);
        if (i < 5 && !PyTuple_Check(*places[i])) {
            return bad_data();
        }
    }
    Py_ssize_t types = PyTuple_GET_SIZE(data->utcoff);
    if (PyTuple_GET_SIZE(data->kinds) != PyTuple_GET_SIZE(data->utc) || types > 256
        || PyTuple_GET_SIZE(data->isdst) != types || PyTuple_GET_SIZE(data->names) != types) {
        return bad_data();
    }
    return 0;
}

// --- The tables --------------------------------------------------------------------

// Offsets of the types while a zone is loaded.
typedef struct {
    int32_t utcoff[256];
    int32_t dstoff[256];
    bool isdst[256];
} TypeTable;

static int
read_types(Zone *zone, const FileData *data, TypeTable *table)
{
    for (Py_ssize_t i = 0; i < zone->type_count; i++) {
        int64_t utcoff, isdst;
        if (tuple_number(data->utcoff, i, INT32_MIN, INT32_MAX, &utcoff) < 0
            || tuple_number(data->isdst, i, INT32_MIN, INT32_MAX, &isdst) < 0) {
            return -1;
        }
        if (!PyUnicode_Check(PyTuple_GET_ITEM(data->names, i))) {
            return bad_data();
        }
        table->utcoff[i] = (int32_t)utcoff;
        table->isdst[i] = isdst != 0;
        table->dstoff[i] = 0;
    }
    return 0;
}

static int
read_transitions(Zone *zone, const FileData *data)
{
    size_t n = (size_t)zone->count;
    zone->utc = PyMem_Calloc(n * 3 + 1, sizeof(int64_t));
    zone->kinds = PyMem_Calloc(n + 1, 1);
    if (zone->utc == NULL || zone->kinds == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    zone->local[0] = zone->utc + n;
    zone->local[1] = zone->utc + 2 * n;
    for (Py_ssize_t i = 0; i < zone->count; i++) {
        int64_t kind;
        if (tuple_number(data->utc, i, INT64_MIN, INT64_MAX, &zone->utc[i]) < 0
            || tuple_number(data->kinds, i, 0, zone->type_count - 1, &kind) < 0) {
            return -1;
        }
        zone->kinds[i] = (uint8_t)kind;
    }
    return 0;
}

// Moments at the ends of time stay there.
static int64_t
add_seconds(int64_t moment, int32_t seconds)
{
    int64_t sum;
    if (__builtin_add_overflow(moment, (int64_t)seconds, &sum)) {
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

// Local times of the transitions: with fold=0 by the greater of the offsets before and
// behind it, with fold=1 by the smaller.
static void
fill_local(Zone *zone, const TypeTable *table)
{
    int32_t before = zone->type_count > 0 ? table->utcoff[0] : 0;
    for (Py_ssize_t i = 0; i < zone->count; i++) {
        int32_t behind = table->utcoff[zone->kinds[i]];
        zone->local[0][i] = add_seconds(zone->utc[i], before > behind ? before : behind);
        zone->local[1][i] = add_seconds(zone->utc[i], before > behind ? behind : before);
        before = behind;
    }
}

// The file says which types are daylight saving time, but not by how much: that is the
// difference from the standard time before it, or else from the one behind it.
static void
infer_dst(const Zone *zone, TypeTable *table)
{
    for (Py_ssize_t i = 1; i < zone->count; i++) {
        uint8_t kind = zone->kinds[i], previous = zone->kinds[i - 1];
        if (!table->isdst[kind] || table->dstoff[kind] != 0) {
            continue;
        }
        int32_t offset = 0;
        if (!table->isdst[previous]) {
            offset = table->utcoff[kind] - table->utcoff[previous];
        }
        if (offset == 0 && kind + 1 < zone->type_count && i + 1 < zone->count) {
            uint8_t next = zone->kinds[i + 1];
            if (table->isdst[next]) {
                continue; // perhaps a later transition tells
            }
            offset = table->utcoff[kind] - table->utcoff[next];
        }
        table->dstoff[kind] = offset;
    }
    for (Py_ssize_t i = 0; i < zone->type_count; i++) {
        if (table->isdst[i] && table->dstoff[i] == 0) {
            table->dstoff[i] = 3600; // a better guess than none
        }
    }
}

static int
make_types(Zone *zone, const FileData *data, const TypeTable *table)
{
    zone->types = PyMem_Calloc((size_t)zone->type_count + 1, sizeof *zone->types);
    if (zone->types == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < zone->type_count; i++) {
        if (kr_zoneinfo_set_type(zone->module, &zone->types[i], table->utcoff[i],
                                 table->dstoff[i], PyTuple_GET_ITEM(data->names, i))
            < 0) {
            return -1;
        }
    }
    // Before the first transition holds the first standard time.
    for (Py_ssize_t i = 0; i < zone->type_count && zone->before == NULL; i++) {
        if (!table->isdst[i]) {
            zone->before = &zone->types[i];
        }
    }
    if (zone->before == NULL && zone->type_count > 0) {
        zone->before = zone->count > 0 ? &zone->types[zone->kinds[0]] : &zone->types[0];
    }
    return 0;
}

// What holds after the last transition.
static int
set_after(Zone *zone, PyObject *rule)
{
    if (rule != Py_None && !PyBytes_Check(rule)) {
        return bad_data();
    }
    if (rule != Py_None && PyBytes_GET_SIZE(rule) > 0) {
        if (memchr(PyBytes_AS_STRING(rule), 0, (size_t)PyBytes_GET_SIZE(rule)) != NULL) {
            return bad_data();
        }
        return kr_zoneinfo_parse_rule(zone->module, rule, &zone->after);
    }
    if (zone->type_count == 0) {
        PyErr_SetString(PyExc_ValueError, "No time zone information found.");
        return -1;
    }
    Py_ssize_t last = zone->count > 0 ? zone->kinds[zone->count - 1] : zone->type_count - 1;
    const ZoneInfoType *type = &zone->types[last];
    zone->after.std = (ZoneInfoType){Py_NewRef(type->utcoff), Py_NewRef(type->dstoff),
                                     Py_NewRef(type->name), type->seconds};
    return 0;
}

// Whether only one kind of time occurs. 1, 0, -1.
static int
is_fixed(const Zone *zone)
{
    if (zone->type_count > 1 || zone->after.has_dst) {
        return 0;
    }
    if (zone->type_count == 0) {
        return 1;
    }
    const ZoneInfoType *a = &zone->types[0], *b = &zone->after.std;
    int same = a->seconds == b->seconds
                   ? PyObject_RichCompareBool(a->dstoff, b->dstoff, Py_EQ)
                   : 0;
    return same > 0 ? PyObject_RichCompareBool(a->name, b->name, Py_EQ) : same;
}

int
kr_zoneinfo_load(Zone *zone, PyObject *file)
{
    FileData data;
    TypeTable table;
    PyObject *tuple = PyObject_CallOneArg(zone->module->load_data, file);
    if (tuple == NULL) {
        return -1;
    }
    int status = unpack_data(tuple, &data);
    if (status == 0) {
        zone->count = PyTuple_GET_SIZE(data.utc);
        zone->type_count = PyTuple_GET_SIZE(data.utcoff);
        status = read_types(zone, &data, &table);
    }
    if (status == 0) {
        status = read_transitions(zone, &data);
    }
    if (status == 0) {
        fill_local(zone, &table);
        infer_dst(zone, &table);
        status = make_types(zone, &data, &table);
    }
    if (status == 0) {
        status = set_after(zone, data.rule);
    }
    Py_DECREF(tuple);
    int fixed = status < 0 ? -1 : is_fixed(zone);
    zone->fixed = fixed > 0;
    return fixed < 0 ? -1 : 0;
}
