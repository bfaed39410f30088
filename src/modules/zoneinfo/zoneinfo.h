// SPDX-License-Identifier: MIT
// zoneinfo.h - zones of the time zone database as the files of this folder see them.
//
// Times are seconds since 1970, in UTC or as a clock in the zone shows them.
// Read next:   zone.c, rule.c, load.c, zoneinfo_module.c
#ifndef KRAIT_MODULES_ZONEINFO_ZONEINFO_H
#define KRAIT_MODULES_ZONEINFO_ZONEINFO_H

#define _PY_DATETIME_IMPL // the capsule is in the module's state
#include <Python.h>
#include <datetime.h>

#include "base/base.h"

enum { ZONE_STRONG_CACHE = 8 };

typedef struct {
    PyObject *key;  // owned
    PyObject *zone; // owned
} ZoneCacheEntry;

// All objects are owned.
typedef struct {
    PyDateTime_CAPI *datetime; // of the capsule, which lives as long as its module
    PyTypeObject *zone_type;
    PyObject *weak_cache;      // key -> zone, of ZoneInfo itself
    PyObject *load_data;       // functions of the library's Python modules
    PyObject *load_tzdata;
    PyObject *find_tzfile;
    PyObject *open;
    PyObject *weak_dictionary; // a class
    ZoneCacheEntry strong[ZONE_STRONG_CACHE]; // the latest first; NULL at the end
} ZoneState;

// What holds for a time: the answers to the three questions.
typedef struct {
    PyObject *utcoff; // owned, a timedelta
    PyObject *dstoff; // owned, a timedelta
    PyObject *name;   // owned, a str
    int32_t seconds;  // of utcoff
} ZoneInfoType;

// A day of the year and the time on its clock.
typedef struct {
    char kind;       // 'M' by month, week and weekday; 'J' without leap days; 'D' with
    int month;
    int week;
    int day;
    int32_t seconds; // since midnight; may be negative or beyond a day
} ZoneDate;

// What a TZ string says. std only where there is no daylight saving time.
typedef struct {
    ZoneInfoType std;
    ZoneInfoType dst;
    bool has_dst;
    ZoneDate start; // of dst
    ZoneDate end;
} ZoneRule;

typedef enum { ZONE_NO_CACHE, ZONE_CACHE, ZONE_FILE } ZoneSource;

typedef struct {
    PyDateTime_TZInfo base;
    PyObject *weakrefs;
    PyObject *key;       // owned
    PyObject *file_repr; // owned, or NULL
    ZoneState *module;   // borrowed: the type keeps it alive
    Py_ssize_t count;        // of transitions
    int64_t *utc;            // owned: moments of transitions, in UTC
    int64_t *local[2];       // the same on the clock, for fold 0 and 1; part of utc
    uint8_t *kinds;          // owned: index of what each transition leads to
    Py_ssize_t type_count;
    ZoneInfoType *types;     // owned
    const ZoneInfoType *before; // of types, or NULL
    ZoneRule after;          // std is a copy where there is no TZ string
    bool fixed;              // the same at all times
    ZoneSource source;
} Zone;

extern PyModuleDef kr_zoneinfo_def;
extern PyType_Spec kr_zoneinfo_zone_spec;

// rule.c. Parses a TZ string; 0 or -1 with ValueError.
int kr_zoneinfo_parse_rule(ZoneState *module, PyObject *text, ZoneRule *rule);
const ZoneInfoType *kr_zoneinfo_rule_at(const ZoneRule *rule, int64_t local, int year,
                                        int fold);
const ZoneInfoType *kr_zoneinfo_rule_at_utc(const ZoneRule *rule, int64_t utc, int year,
                                            bool *fold);
int64_t kr_zoneinfo_days_before(int year); // since 1970

// load.c. Fills a zone from what a file has; 0 or -1.
int kr_zoneinfo_load(Zone *zone, PyObject *file);
int kr_zoneinfo_set_type(ZoneState *module, ZoneInfoType *type, int32_t utcoff,
                         int32_t dstoff, PyObject *name);
void kr_zoneinfo_clear_type(ZoneInfoType *type);

// cache.c
PyObject *kr_zoneinfo_from_strong_cache(ZoneState *module, PyObject *key);
void kr_zoneinfo_to_strong_cache(ZoneState *module, PyObject *key, PyObject *zone);
void kr_zoneinfo_clear_strong_cache(ZoneState *module);
int kr_zoneinfo_forget(ZoneState *module, PyObject *key);

#endif // KRAIT_MODULES_ZONEINFO_ZONEINFO_H
