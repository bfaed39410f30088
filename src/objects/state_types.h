// SPDX-License-Identifier: MIT
// state_types.h - what the object model keeps per interpreter.
#ifndef KRAIT_OBJECTS_STATE_TYPES_H
#define KRAIT_OBJECTS_STATE_TYPES_H

#include "Python.h"

#define KR_TYPE_CACHE_BITS 12
#define KR_TYPE_CACHE_SIZE (1u << KR_TYPE_CACHE_BITS)
#define KR_TYPE_WATCHERS 8

// One remembered attribute lookup. It holds while the type keeps its version.
typedef struct {
    uint32_t version; // tp_version_tag, 0 in an empty entry
    PyObject *name;   // owned, interned
    PyObject *value;  // borrowed from the type's dict; NULL: no such attribute
} KrTypeCacheEntry;

typedef struct KrTypesState {
    KrTypeCacheEntry *type_cache; // KR_TYPE_CACHE_SIZE entries
    uint32_t next_version;        // next tag to hand out; 0: used up
    uint32_t last_version;        // end of the range of tags
    PyType_WatchCallback watchers[KR_TYPE_WATCHERS];
    PyObject *modules_by_index;   // list of PyState_AddModule, NULL until used
    PyObject *slot_names;         // dict: dunder name -> int place in slot_groups
    struct KrSlotGroups *slot_groups; // one for each name
    PyObject *copyreg;            // module, NULL until imported
    PyObject *generic;            // typing.Generic, a class from a spec
    Py_ssize_t module_index;      // last index given to a PyModuleDef
    int shape_serial;             // number of the newest shape, for dumps
    PyRefTracer ref_tracer;       // told of births and deaths, NULL: none
    void *ref_tracer_data;
} KrTypesState;

#endif // KRAIT_OBJECTS_STATE_TYPES_H
