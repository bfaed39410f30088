// SPDX-License-Identifier: MIT
// ready.c - PyType_Ready: from a filled-in struct to a usable type.
//
// Callers:     start-up (types.def), type creation, extensions.
// Re-entrancy: a metaclass's mro() may run Python.
// Read next:   inherit.c, slot_table.c
#include "objects/type.h"

#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"

static int
ready_check(PyTypeObject *type)
{
    if (type->tp_name == NULL) {
        PyErr_Format(PyExc_SystemError, "Type does not define the tp_name field.");
        return -1;
    }
    if ((type->tp_flags & Py_TPFLAGS_HAVE_GC) && type->tp_traverse == NULL) {
        PyErr_Format(PyExc_SystemError,
                     "type %s has the Py_TPFLAGS_HAVE_GC flag but has no traverse "
                     "function",
                     type->tp_name);
        return -1;
    }
    if ((type->tp_flags & Py_TPFLAGS_HAVE_VECTORCALL) &&
        (type->tp_vectorcall_offset <= 0 || type->tp_call == NULL)) {
        // Both may still come from the base.
        if (type->tp_call != NULL) {
            PyErr_Format(PyExc_SystemError,
                         "type %s has the Py_TPFLAGS_HAVE_VECTORCALL flag but no "
                         "vectorcall offset",
                         type->tp_name);
            return -1;
        }
    }
    return 0;
}

static int
ready_base(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;

    if (base == NULL && type != &PyBaseObject_Type) {
        base = &PyBaseObject_Type;
        type->tp_base = base;
        if (kr_type_is_heap(type)) {
            Py_INCREF(base);
        }
    }
    // A class that is just being made has no MRO yet, which is found out below.
    if (base != NULL && !(base->tp_flags & Py_TPFLAGS_READY) &&
        !(kr_type_is_heap(base) && (base->tp_flags & Py_TPFLAGS_READYING)) &&
        kr_type_ready(base, (type->tp_flags & _Py_TPFLAGS_STATIC_BUILTIN) != 0) < 0) {
        return -1;
    }
    if (Py_TYPE(type) == NULL && base != NULL) {
        Py_SET_TYPE(type, Py_TYPE(base));
    }
    if (type->tp_bases == NULL) {
        type->tp_bases = base == NULL ? PyTuple_New(0) : PyTuple_Pack(1, base);
        if (type->tp_bases == NULL) {
            return -1;
        }
    }
    if (!kr_type_is_heap(type)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type->tp_bases); i++) {
            PyTypeObject *item = kr_mro_item(type->tp_bases, i);
            if (PyType_Check((PyObject *)item) && kr_type_is_heap(item)) {
                PyErr_Format(PyExc_TypeError,
                             "type '%.100s' is not dynamically allocated but its base "
                             "type '%.100s' is dynamically allocated",
                             type->tp_name, item->tp_name);
                return -1;
            }
        }
    }
    return 0;
}

// ------------------------------------------------------------------------ tables

static int
dict_add(PyTypeObject *type, PyObject *name, PyObject *value_stolen, bool replace)
{
    int status = -1;

    if (value_stolen == NULL) {
        return -1;
    }
    if (replace) {
        status = PyDict_SetItem(type->tp_dict, name, value_stolen);
    }
    else if (PyDict_SetDefaultRef(type->tp_dict, name, value_stolen, NULL) >= 0) {
        status = 0;
    }
    Py_DECREF(value_stolen);
    return status;
}

static PyObject *
method_object(PyTypeObject *type, PyMethodDef *def)
{
    if (def->ml_flags & METH_CLASS) {
        if (def->ml_flags & METH_STATIC) {
            PyErr_SetString(PyExc_ValueError,
                            "method cannot be both class and static");
            return NULL;
        }
        return PyDescr_NewClassMethod(type, def);
    }
    if (def->ml_flags & METH_STATIC) {
        PyObject *func = PyCFunction_NewEx(def, (PyObject *)type, NULL), *result;
        if (func == NULL) {
            return NULL;
        }
        result = PyStaticMethod_New(func);
        Py_DECREF(func);
        return result;
    }
    return PyDescr_NewMethod(type, def);
}

static int
ready_tables(PyTypeObject *type)
{
    PyMethodDef *method = type->tp_methods;
    PyMemberDef *member = type->tp_members;
    PyGetSetDef *getset = type->tp_getset;

    for (; method != NULL && method->ml_name != NULL; method++) {
        PyObject *name = PyUnicode_InternFromString(method->ml_name);
        if (name == NULL || dict_add(type, name, method_object(type, method),
                                     (method->ml_flags & METH_COEXIST) != 0) < 0) {
            Py_XDECREF(name);
            return -1;
        }
        Py_DECREF(name);
    }
    for (; member != NULL && member->name != NULL; member++) {
        PyObject *name = PyUnicode_InternFromString(member->name);
        if (name == NULL ||
            dict_add(type, name, PyDescr_NewMember(type, member), false) < 0) {
            Py_XDECREF(name);
            return -1;
        }
        Py_DECREF(name);
    }
    for (; getset != NULL && getset->name != NULL; getset++) {
        PyObject *name = PyUnicode_InternFromString(getset->name);
        if (name == NULL ||
            dict_add(type, name, PyDescr_NewGetSet(type, getset), false) < 0) {
            Py_XDECREF(name);
            return -1;
        }
        Py_DECREF(name);
    }
    return 0;
}

static int
ready_doc(PyTypeObject *type)
{
    int known = PyDict_Contains(type->tp_dict, KR_ID(__doc__));
    PyObject *doc;

    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    if (type->tp_doc != NULL) {
        doc = kr_doc_from_internal(_PyType_Name(type), type->tp_doc);
    }
    else {
        doc = Py_NewRef(Py_None);
    }
    return dict_add(type, KR_ID(__doc__), doc, true);
}

// ------------------------------------------------------------------------- steps

// object's tp_new is not inherited by static C types: those without one of their
// own cannot be called.
static void
ready_new(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;

    if (type->tp_new == NULL && base == &PyBaseObject_Type && !kr_type_is_heap(type)) {
        type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
    }
    if (type->tp_flags & Py_TPFLAGS_DISALLOW_INSTANTIATION) {
        type->tp_new = NULL;
    }
}

static void
ready_new_inherit(PyTypeObject *type)
{
    if (type->tp_new == NULL && type->tp_base != NULL &&
        !(type->tp_flags & Py_TPFLAGS_DISALLOW_INSTANTIATION)) {
        type->tp_new = type->tp_base->tp_new;
    }
}

// What compares in its own way without a hash of its own is not hashable.
static int
ready_hash(PyTypeObject *type)
{
    int known;

    if (type->tp_hash != NULL) {
        return 0;
    }
    known = PyDict_Contains(type->tp_dict, KR_ID(__hash__));
    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    type->tp_hash = PyObject_HashNotImplemented;
    return PyDict_SetItem(type->tp_dict, KR_ID(__hash__), Py_None);
}

static int
ready_subclass_links(PyTypeObject *type)
{
    PyObject *bases = type->tp_bases;

    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *base = kr_mro_item(bases, i);
        if (PyType_Check((PyObject *)base) && kr_type_add_subclass(base, type) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
ready_steps(PyTypeObject *type)
{
    if (ready_check(type) < 0) {
        return -1;
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        type->tp_dictoffset = -1;
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_WEAKREF) {
        type->tp_weaklistoffset = -32;
    }
    if (type->tp_dict == NULL) {
        type->tp_dict = PyDict_New();
        if (type->tp_dict == NULL) {
            return -1;
        }
    }
    if (ready_base(type) < 0) {
        return -1;
    }
    ready_new(type);
    if (kr_type_add_slot_wrappers(type) < 0 || ready_tables(type) < 0 ||
        ready_doc(type) < 0) {
        return -1;
    }
    if (kr_type_update_mro(type, NULL) < 0) {
        return -1;
    }
    ready_new_inherit(type);
    if (kr_type_inherit(type) < 0 || ready_hash(type) < 0) {
        return -1;
    }
    return 0;
}

int
kr_type_ready(PyTypeObject *type, bool builtin)
{
    if (type->tp_flags & Py_TPFLAGS_READY) {
        return 0;
    }
    if (type->tp_flags & Py_TPFLAGS_READYING) {
        // A base of itself.
        PyErr_Format(PyExc_SystemError, "type '%s' is its own base", type->tp_name);
        return -1;
    }
    type->tp_flags |= Py_TPFLAGS_READYING;
    if (!kr_type_is_heap(type)) {
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
        if (builtin) {
            type->tp_flags |= _Py_TPFLAGS_STATIC_BUILTIN;
        }
        _Py_SetImmortal((PyObject *)type);
    }
    if (ready_steps(type) < 0) {
        type->tp_flags &= ~Py_TPFLAGS_READYING;
        return -1;
    }
    type->tp_flags = (type->tp_flags & ~Py_TPFLAGS_READYING) | Py_TPFLAGS_READY;
    // Weak references to builtin types are made when all of them are ready.
    if (!builtin && ready_subclass_links(type) < 0) {
        type->tp_flags &= ~Py_TPFLAGS_READY;
        return -1;
    }
    return 0;
}

int
PyType_Ready(PyTypeObject *type)
{
    return kr_type_ready(type, false);
}

// ---------------------------------------------------------------------- start-up

// A type that no other file defines (yet) has address NULL.
#define TYPE(name) extern PyTypeObject name __attribute__((weak));
#include "objects/types.def"
#undef TYPE

static PyTypeObject *const builtin_types[] = {
#define TYPE(name) &name,
#include "objects/types.def"
#undef TYPE
};

int
kr_init_types(PyInterpreterState *interp)
{
    interp->types.type_cache =
        PyMem_RawCalloc(KR_TYPE_CACHE_SIZE, sizeof(KrTypeCacheEntry));
    if (interp->types.type_cache == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    // Static types are shared, so interpreters must not give out the same tags: the
    // first one has half of the range, the others a slice each.
    interp->types.next_version =
        interp->id == 0 ? 1
                        : (1u << 31) + ((uint32_t)((interp->id - 1) & 127) << 24) + 1;
    interp->types.last_version = interp->id == 0
                                     ? (1u << 31)
                                     : interp->types.next_version + (1u << 24) - 2;
    // Readying a type makes instances of these.
    static PyTypeObject *const first[] = {&PyBaseObject_Type, &PyType_Type,
                                          &PyCFunction_Type, &PyStaticMethod_Type};
    for (Py_ssize_t i = 0; i < KR_ARRAY_LEN(first); i++) {
        if (kr_type_ready(first[i], true) < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < KR_ARRAY_LEN(builtin_types); i++) {
        if (builtin_types[i] != NULL && kr_type_ready(builtin_types[i], true) < 0) {
            return -1;
        }
    }
    if (kr_slots_init(interp) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < KR_ARRAY_LEN(builtin_types); i++) {
        if (builtin_types[i] != NULL && ready_subclass_links(builtin_types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

void
kr_fini_types(PyInterpreterState *interp)
{
    PyType_ClearCache();
    PyMem_RawFree(interp->types.type_cache);
    interp->types.type_cache = NULL;
    Py_CLEAR(interp->types.modules_by_index);
    Py_CLEAR(interp->types.slot_names);
    PyMem_Free(interp->types.slot_groups);
    interp->types.slot_groups = NULL;
    Py_CLEAR(interp->types.copyreg);
}
