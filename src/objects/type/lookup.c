// SPDX-License-Identifier: MIT
// lookup.c - attributes of types along the MRO: the cache, versions, watchers, and
// the register of subclasses.
//
// Callers:     attribute access, slots, the VM's inline caches.
// Invariants:  a type with a version has only bases with versions, so that a change
//              of a base reaches it. A cache entry holds while its version does.
#include "objects/type.h"

#include "objects/ids.h"
#include "objects/state.h"

// --------------------------------------------------------------------- versions

static uint32_t
version_take(PyInterpreterState *interp)
{
    uint32_t version = interp->types.next_version;

    if (version != 0) {
        interp->types.next_version =
            version == interp->types.last_version ? 0 : version + 1;
    }
    return version;
}

uint32_t
kr_type_version(PyTypeObject *type)
{
    if (type->tp_version_tag != 0) {
        return type->tp_version_tag;
    }
    if (!(type->tp_flags & Py_TPFLAGS_READY) || type->tp_mro == NULL) {
        return 0;
    }
    // The MRO is walked, not the bases: it is flat and holds all of them.
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = PyTuple_GET_SIZE(mro) - 1; i >= 0; i--) {
        PyTypeObject *base = kr_mro_item(mro, i);
        if (!PyType_Check((PyObject *)base) ||
            base->tp_versions_used == KR_TYPE_NO_VERSION) {
            return 0;
        }
        if (base->tp_version_tag == 0) {
            base->tp_version_tag = version_take(kr_interp());
            if (base->tp_version_tag == 0) {
                return 0;
            }
        }
    }
    return type->tp_version_tag;
}

int
PyUnstable_Type_AssignVersionTag(PyTypeObject *type)
{
    return kr_type_version(type) != 0;
}

static int
modified_visit(PyTypeObject *subclass, void *arg)
{
    kr_type_modified(subclass);
    return 0;
}

static KR_COLD void
tell_watchers(PyTypeObject *type)
{
    PyInterpreterState *interp = kr_interp();

    for (int i = 0; i < KR_TYPE_WATCHERS; i++) {
        if ((type->tp_watched & (1 << i)) && interp->types.watchers[i] != NULL) {
            PyObject *exc = PyErr_GetRaisedException();
            if (interp->types.watchers[i](type) < 0) {
                PyErr_FormatUnraisable("Exception ignored in type watcher callback "
                                       "#%d for %R",
                                       i, type);
            }
            PyErr_SetRaisedException(exc);
        }
    }
}

void
kr_type_modified(PyTypeObject *type)
{
    if (type->tp_version_tag == 0) {
        return;
    }
    kr_type_each_subclass(type, modified_visit, NULL);
    if (type->tp_watched != 0) {
        tell_watchers(type);
    }
    type->tp_version_tag = 0;
    if (kr_type_is_heap(type)) {
        // What the machine cached about special methods.
        PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
        heap->_spec_cache.getitem = NULL;
        heap->_spec_cache.init = NULL;
    }
}

void
PyType_Modified(PyTypeObject *type)
{
    kr_type_modified(type);
}

// --------------------------------------------------------------------- watchers

static int
watcher_check(PyInterpreterState *interp, int watcher_id)
{
    if (watcher_id < 0 || watcher_id >= KR_TYPE_WATCHERS) {
        PyErr_Format(PyExc_ValueError, "Invalid type watcher ID %d", watcher_id);
        return -1;
    }
    if (interp->types.watchers[watcher_id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No type watcher set for ID %d", watcher_id);
        return -1;
    }
    return 0;
}

int
PyType_AddWatcher(PyType_WatchCallback callback)
{
    PyInterpreterState *interp = kr_interp();

    // Number 0 is kept for the machine itself.
    for (int i = 1; i < KR_TYPE_WATCHERS; i++) {
        if (interp->types.watchers[i] == NULL) {
            interp->types.watchers[i] = callback;
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more type watcher IDs available");
    return -1;
}

int
PyType_ClearWatcher(int watcher_id)
{
    PyInterpreterState *interp = kr_interp();

    if (watcher_check(interp, watcher_id) < 0) {
        return -1;
    }
    interp->types.watchers[watcher_id] = NULL;
    return 0;
}

int
PyType_Watch(int watcher_id, PyObject *obj)
{
    if (!PyType_Check(obj)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-type");
        return -1;
    }
    if (watcher_check(kr_interp(), watcher_id) < 0) {
        return -1;
    }
    PyTypeObject *type = (PyTypeObject *)obj;
    // Without a version a change would not be noticed.
    kr_type_version(type);
    type->tp_watched |= (unsigned char)(1 << watcher_id);
    return 0;
}

int
PyType_Unwatch(int watcher_id, PyObject *obj)
{
    if (!PyType_Check(obj)) {
        PyErr_SetString(PyExc_ValueError, "Cannot watch non-type");
        return -1;
    }
    if (watcher_check(kr_interp(), watcher_id) < 0) {
        return -1;
    }
    ((PyTypeObject *)obj)->tp_watched &= (unsigned char)~(1 << watcher_id);
    return 0;
}

// ----------------------------------------------------------------------- lookup

// Walks the MRO: 1 found (borrowed), 0 absent, -1 error.
static int
mro_lookup(PyTypeObject *type, PyObject *name, PyObject **value_out)
{
    PyThreadState *tstate = kr_thread();
    PyObject *mro = type->tp_mro;
    int found = 0;

    *value_out = NULL;
    if (mro == NULL) {
        if (type->tp_flags & Py_TPFLAGS_READYING) {
            return 0;
        }
        if (PyType_Ready(type) < 0) {
            return -1;
        }
        mro = type->tp_mro;
        if (mro == NULL) {
            return 0;
        }
    }
    // A key's __eq__ may replace the MRO.
    Py_INCREF(mro);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = kr_mro_item(mro, i);
        if (base->tp_dict == NULL) {
            continue;
        }
        PyObject *value = PyDict_GetItemWithError(base->tp_dict, name);
        if (value != NULL) {
            *value_out = value;
            found = 1;
            break;
        }
        if (KR_UNLIKELY(tstate->current_exception != NULL)) {
            found = -1;
            break;
        }
    }
    Py_DECREF(mro);
    return found;
}

static inline KrTypeCacheEntry *
cache_entry(PyInterpreterState *interp, uint32_t version, PyObject *name)
{
    uint32_t hash = version * 0x9E3779B1u ^ (uint32_t)((uintptr_t)name >> 4);
    return &interp->types.type_cache[hash & (KR_TYPE_CACHE_SIZE - 1)];
}

static PyObject *
type_lookup_slow(PyTypeObject *type, PyObject *name)
{
    PyInterpreterState *interp = kr_interp();
    bool cacheable = PyUnicode_CheckExact(name) && PyUnicode_CHECK_INTERNED(name);
    uint32_t version = cacheable ? kr_type_version(type) : 0;
    PyObject *exc = NULL, *value;

    if (KR_UNLIKELY(kr_thread()->current_exception != NULL)) {
        exc = PyErr_GetRaisedException();
    }
    if (mro_lookup(type, name, &value) < 0) {
        PyErr_Clear();
        version = 0;
    }
    if (exc != NULL) {
        PyErr_SetRaisedException(exc);
    }
    // The walk itself may have changed the type.
    if (kr_type_value_is_quiet(type, value)) {
        version = 0;
    }
    if (version != 0 && version == type->tp_version_tag &&
        interp->types.type_cache != NULL) {
        KrTypeCacheEntry *entry = cache_entry(interp, version, name);
        PyObject *old_name = entry->name;
        entry->version = version;
        entry->name = Py_NewRef(name);
        entry->value = value;
        Py_XDECREF(old_name);
    }
    return value;
}

PyObject *
kr_type_lookup_borrow(PyTypeObject *type, PyObject *name)
{
    PyInterpreterState *interp = kr_interp();
    uint32_t version = type->tp_version_tag;

    if (KR_LIKELY(version != 0 && interp->types.type_cache != NULL)) {
        KrTypeCacheEntry *entry = cache_entry(interp, version, name);
        if (KR_LIKELY(entry->version == version && entry->name == name)) {
            return entry->value;
        }
    }
    return type_lookup_slow(type, name);
}

PyObject *
_PyType_Lookup(PyTypeObject *type, PyObject *name)
{
    return kr_type_lookup_borrow(type, name);
}

int
kr_type_lookup_ref(PyTypeObject *type, PyObject *name, PyObject **value_out)
{
    *value_out = Py_XNewRef(kr_type_lookup_borrow(type, name));
    return *value_out != NULL;
}

unsigned int
PyType_ClearCache(void)
{
    PyInterpreterState *interp = kr_interp();
    unsigned int version = interp->types.next_version;

    if (interp->types.type_cache != NULL) {
        for (uint32_t i = 0; i < KR_TYPE_CACHE_SIZE; i++) {
            KrTypeCacheEntry *entry = &interp->types.type_cache[i];
            entry->version = 0;
            entry->value = NULL;
            Py_CLEAR(entry->name);
        }
    }
    return version == 0 ? 0 : version - 1;
}

int
kr_lookup_special(PyObject *self, PyObject *name, PyObject **method_out,
                  bool *unbound_out)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *found = Py_XNewRef(kr_type_lookup_borrow(type, name));
    descrgetfunc get;

    *method_out = NULL;
    *unbound_out = false;
    if (found == NULL) {
        return 0;
    }
    if (PyType_HasFeature(Py_TYPE(found), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        *unbound_out = true;
        *method_out = found;
        return 1;
    }
    get = Py_TYPE(found)->tp_descr_get;
    if (get == NULL) {
        *method_out = found;
        return 1;
    }
    *method_out = get(found, self, (PyObject *)type);
    Py_DECREF(found);
    return *method_out == NULL ? -1 : 1;
}

PyObject *
_PyObject_LookupSpecial(PyObject *self, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *found = Py_XNewRef(kr_type_lookup_borrow(type, name)), *bound;
    descrgetfunc get;

    if (found == NULL || (get = Py_TYPE(found)->tp_descr_get) == NULL) {
        return found;
    }
    bound = get(found, self, (PyObject *)type);
    Py_DECREF(found);
    return bound;
}

static PyObject *
call_special_found(PyObject *method, bool unbound, PyObject *const *args,
                   Py_ssize_t nargs)
{
    PyObject *result;

    if (unbound) {
        result = PyObject_Vectorcall(method, args, (size_t)nargs, NULL);
    }
    else {
        result = PyObject_Vectorcall(method, args + 1, (size_t)(nargs - 1), NULL);
    }
    Py_DECREF(method);
    return result;
}

PyObject *
kr_call_special(PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *method;
    bool unbound;
    int found = kr_lookup_special(args[0], name, &method, &unbound);

    if (found <= 0) {
        if (found == 0) {
            PyErr_SetObject(PyExc_AttributeError, name);
        }
        return NULL;
    }
    return call_special_found(method, unbound, args, nargs);
}

// ------------------------------------------------------------------- subclasses

int
kr_type_add_subclass(PyTypeObject *base, PyTypeObject *type)
{
    PyObject *key = PyLong_FromVoidPtr(type), *ref = NULL;
    int result = -1;

    if (key == NULL) {
        return -1;
    }
    if (base->tp_subclasses == NULL) {
        base->tp_subclasses = PyDict_New();
        if (base->tp_subclasses == NULL) {
            goto done;
        }
    }
    ref = PyWeakref_NewRef((PyObject *)type, NULL);
    if (ref == NULL) {
        goto done;
    }
    result = PyDict_SetItem(base->tp_subclasses, key, ref);

done:
    Py_XDECREF(ref);
    Py_DECREF(key);
    return result;
}

void
kr_type_remove_subclass(PyTypeObject *base, PyTypeObject *type)
{
    PyObject *dict = base->tp_subclasses, *key, *exc;

    if (dict == NULL) {
        return;
    }
    exc = PyErr_GetRaisedException();
    key = PyLong_FromVoidPtr(type);
    if (key == NULL || PyDict_Pop(dict, key, NULL) < 0) {
        // Without memory the dead entry stays: its weak reference is empty.
        PyErr_Clear();
    }
    Py_XDECREF(key);
    if (PyDict_GET_SIZE(dict) == 0) {
        base->tp_subclasses = NULL;
        Py_DECREF(dict);
    }
    PyErr_SetRaisedException(exc);
}

int
kr_type_each_subclass(PyTypeObject *type, int (*visit)(PyTypeObject *, void *),
                      void *arg)
{
    PyObject *dict = type->tp_subclasses, *ref, *subclass = NULL;
    Py_ssize_t at = 0;
    int result = 0;

    if (dict == NULL) {
        return 0;
    }
    Py_INCREF(dict);
    while (result == 0 && PyDict_Next(dict, &at, NULL, &ref)) {
        if (PyWeakref_GetRef(ref, &subclass) <= 0) {
            continue;
        }
        result = visit((PyTypeObject *)subclass, arg);
        Py_CLEAR(subclass);
    }
    Py_DECREF(dict);
    return result;
}

static int
subclasses_append(PyTypeObject *subclass, void *arg)
{
    return PyList_Append((PyObject *)arg, (PyObject *)subclass);
}

PyObject *
kr_type_subclasses(PyTypeObject *type)
{
    PyObject *list = PyList_New(0);

    if (list != NULL && kr_type_each_subclass(type, subclasses_append, list) < 0) {
        Py_CLEAR(list);
    }
    return list;
}

typedef struct {
    unsigned long mask;
    unsigned long flags;
} FlagChange;

static int
collection_flags_visit(PyTypeObject *type, void *arg)
{
    FlagChange *change = arg;

    if ((type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) ||
        (type->tp_flags & change->mask) == change->flags) {
        return 0;
    }
    kr_type_modified(type);
    type->tp_flags = (type->tp_flags & ~change->mask) | change->flags;
    return kr_type_each_subclass(type, collection_flags_visit, change);
}

void
kr_type_set_collection_flags(PyTypeObject *type, unsigned long mask,
                             unsigned long flags)
{
    FlagChange change = {mask, flags};
    collection_flags_visit(type, &change);
}
