// SPDX-License-Identifier: MIT
// cache.c - the zones used last, which are kept alive: a short row, the latest first.
//
// Re-entrancy: comparing keys and releasing zones run Python, which may come here: an
//              entry is trusted only if it is still the same after a comparison.
#include "modules/zoneinfo/zoneinfo.h"

// The place of a key: 0 or more, -1 not there, -2 error.
static int
find_key(ZoneState *module, PyObject *key)
{
    for (int i = 0; i < ZONE_STRONG_CACHE && module->strong[i].key != NULL; i++) {
        PyObject *own = Py_NewRef(module->strong[i].key);
        int same = own == key ? 1 : PyObject_RichCompareBool(own, key, Py_EQ);
        bool moved = module->strong[i].key != own;
        Py_DECREF(own);
        if (same < 0) {
            return -2;
        }
        if (moved) {
            return -1;
        }
        if (same) {
            return i;
        }
    }
    return -1;
}

static void
move_to_front(ZoneState *module, int place)
{
    ZoneCacheEntry entry = module->strong[place];
    memmove(&module->strong[1], &module->strong[0], (size_t)place * sizeof entry);
    module->strong[0] = entry;
}

// A new reference, or NULL, perhaps with an exception.
PyObject *
kr_zoneinfo_from_strong_cache(ZoneState *module, PyObject *key)
{
    int place = find_key(module, key);
    if (place < 0) {
        return NULL;
    }
    move_to_front(module, place);
    return Py_NewRef(module->strong[0].zone);
}

void
kr_zoneinfo_to_strong_cache(ZoneState *module, PyObject *key, PyObject *zone)
{
    ZoneCacheEntry last = module->strong[ZONE_STRONG_CACHE - 1];
    memmove(&module->strong[1], &module->strong[0],
            (ZONE_STRONG_CACHE - 1) * sizeof last);
    module->strong[0] = (ZoneCacheEntry){Py_NewRef(key), Py_NewRef(zone)};
    Py_XDECREF(last.key);
    Py_XDECREF(last.zone);
}

void
kr_zoneinfo_clear_strong_cache(ZoneState *module)
{
    ZoneCacheEntry all[ZONE_STRONG_CACHE];
    memcpy(all, module->strong, sizeof all);
    memset(module->strong, 0, sizeof all);
    for (int i = 0; i < ZONE_STRONG_CACHE; i++) {
        Py_XDECREF(all[i].key);
        Py_XDECREF(all[i].zone);
    }
}

int
kr_zoneinfo_forget(ZoneState *module, PyObject *key)
{
    int place = find_key(module, key);
    if (place < 0) {
        return place == -2 ? -1 : 0;
    }
    ZoneCacheEntry entry = module->strong[place];
    memmove(&module->strong[place], &module->strong[place + 1],
            (size_t)(ZONE_STRONG_CACHE - 1 - place) * sizeof entry);
    module->strong[ZONE_STRONG_CACHE - 1] = (ZoneCacheEntry){NULL, NULL};
    Py_DECREF(entry.key);
    Py_DECREF(entry.zone);
    return 0;
}
