// SPDX-License-Identifier: MIT
// subtype.c - life and death of instances of Python classes.
//
// Callers:     the collector, _Py_Dealloc, C base classes.
// Invariants:  a chain of Python classes ends in a C type whose own tp_dealloc,
//              tp_traverse and tp_clear do the rest.
// Re-entrancy: __del__, weak reference callbacks and attributes' own ends run Python.
#include "objects/alloc.h"
#include "objects/ids.h"
#include "objects/instance.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type/slots.h"

// The C type below the Python classes, by one of its slots.
static PyTypeObject *
base_with_other_dealloc(PyTypeObject *type)
{
    while (type->tp_dealloc == kr_subtype_dealloc) {
        type = type->tp_base;
    }
    return type;
}

// Calls visit on what the member slots of one class hold.
static int
visit_members(PyTypeObject *type, PyObject *self, visitproc visit, void *arg)
{
    PyMemberDef *member = type->tp_members;

    if (type->tp_dealloc != kr_subtype_dealloc || !kr_type_is_heap(type)) {
        return 0;
    }
    for (Py_ssize_t i = Py_SIZE(type); i > 0; i--, member++) {
        if (member->type == Py_T_OBJECT_EX) {
            Py_VISIT(*(PyObject **)((char *)self + member->offset));
        }
    }
    return 0;
}

static void
clear_members(PyTypeObject *type, PyObject *self)
{
    PyMemberDef *member = type->tp_members;

    for (Py_ssize_t i = Py_SIZE(type); i > 0; i--, member++) {
        if (member->type == Py_T_OBJECT_EX && !(member->flags & Py_READONLY)) {
            PyObject **place = (PyObject **)((char *)self + member->offset);
            Py_CLEAR(*place);
        }
    }
}

int
kr_subtype_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *type = Py_TYPE(self), *base = type;
    int result;

    while (base->tp_traverse == kr_subtype_traverse) {
        if (Py_SIZE(base) != 0) {
            result = visit_members(base, self, visit, arg);
            if (result != 0) {
                return result;
            }
        }
        base = base->tp_base;
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        // A C base with a managed dict visits it itself.
        if (!(base->tp_flags & Py_TPFLAGS_MANAGED_DICT) || base->tp_traverse == NULL) {
            result = PyObject_VisitManagedDict(self, visit, arg);
            if (result != 0) {
                return result;
            }
        }
    }
    else if (type->tp_dictoffset != base->tp_dictoffset) {
        PyObject **field = kr_dict_field(self);
        if (field != NULL) {
            Py_VISIT(*field);
        }
    }
    // A C heap type does this in its own tp_traverse.
    if (!(base->tp_flags & Py_TPFLAGS_HEAPTYPE) || base->tp_traverse == NULL) {
        Py_VISIT((PyObject *)type);
    }
    return base->tp_traverse == NULL ? 0 : base->tp_traverse(self, visit, arg);
}

int
kr_subtype_clear(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self), *base = type;

    while (base->tp_clear == kr_subtype_clear) {
        if (Py_SIZE(base) != 0) {
            clear_members(base, self);
        }
        base = base->tp_base;
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (!(base->tp_flags & Py_TPFLAGS_MANAGED_DICT) || base->tp_clear == NULL) {
            PyObject_ClearManagedDict(self);
        }
    }
    else if (type->tp_dictoffset != base->tp_dictoffset) {
        PyObject **field = kr_dict_field(self);
        if (field != NULL) {
            Py_CLEAR(*field);
        }
    }
    return base->tp_clear == NULL ? 0 : base->tp_clear(self);
}

// Runs __del__ and tp_del. true if the object lives on.
static bool
subtype_finalize(PyTypeObject *type, PyTypeObject *base, PyObject *self)
{
    if (type->tp_finalize != NULL &&
        PyObject_CallFinalizerFromDealloc(self) < 0) {
        return true;
    }
    if (type->tp_del != NULL && type->tp_del != base->tp_del) {
        Py_SET_REFCNT(self, 1);
        type->tp_del(self);
        if (Py_REFCNT(self) > 1) {
            Py_SET_REFCNT(self, Py_REFCNT(self) - 1);
            return true;
        }
        Py_SET_REFCNT(self, 0);
    }
    return false;
}

// A class without anything of its own that needs the collector.
static void
subtype_dealloc_plain(PyTypeObject *type, PyObject *self)
{
    PyTypeObject *base = base_with_other_dealloc(type);

    if (subtype_finalize(type, base, self)) {
        return;
    }
    if (type->tp_weaklistoffset != 0 && base->tp_weaklistoffset == 0) {
        PyObject_ClearWeakRefs(self);
    }
    type = Py_TYPE(self);
    bool release = kr_type_is_heap(type) && !kr_type_is_heap(base);
    base->tp_dealloc(self);
    if (release) {
        Py_DECREF(type);
    }
}

// Instances of classes over object alone, without __del__: all that there is to
// release is attributes and weak references.
static void
instance_dealloc(PyTypeObject *type, PyObject *self)
{
    kr_gc_untrack(self);
    if (type->tp_weaklistoffset != 0) {
        PyObject_ClearWeakRefs(self);
    }
    for (PyTypeObject *at = type; at != &PyBaseObject_Type; at = at->tp_base) {
        if (Py_SIZE(at) != 0) {
            clear_members(at, self);
        }
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyObject_ClearManagedDict(self);
    }
    else if (type->tp_dictoffset != 0) {
        PyObject **field = kr_dict_field(self);
        if (field != NULL) {
            Py_CLEAR(*field);
        }
    }
    kr_object_free(self);
    Py_DECREF(type);
}

void
kr_subtype_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self), *base, *at;
    bool release;

    if ((type->tp_flags & Py_TPFLAGS_HAVE_GC) && type->tp_finalize == NULL &&
        type->tp_del == NULL && type->tp_free == PyObject_GC_Del &&
        base_with_other_dealloc(type) == &PyBaseObject_Type) {
        instance_dealloc(type, self);
        return;
    }
    if (!(type->tp_flags & Py_TPFLAGS_HAVE_GC)) {
        subtype_dealloc_plain(type, self);
        return;
    }
    PyObject_GC_UnTrack(self);
    base = base_with_other_dealloc(type);
    if (type->tp_finalize != NULL) {
        // Python code is about to see the object again.
        PyObject_GC_Track(self);
        if (PyObject_CallFinalizerFromDealloc(self) < 0) {
            return;
        }
        PyObject_GC_UnTrack(self);
    }
    if (type->tp_del != NULL && type->tp_del != base->tp_del) {
        PyObject_GC_Track(self);
        if (subtype_finalize(type, base, self)) {
            return;
        }
        PyObject_GC_UnTrack(self);
    }
    if (type->tp_weaklistoffset != 0 && base->tp_weaklistoffset == 0) {
        PyObject_ClearWeakRefs(self);
    }
    // __class__ may have been assigned by the code that ran.
    type = Py_TYPE(self);
    for (at = type; at->tp_dealloc == kr_subtype_dealloc; at = at->tp_base) {
        if (Py_SIZE(at) != 0) {
            clear_members(at, self);
        }
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (!(base->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
            PyObject_ClearManagedDict(self);
        }
    }
    else if (type->tp_dictoffset != 0 && base->tp_dictoffset == 0) {
        PyObject **field = kr_dict_field(self);
        if (field != NULL) {
            Py_CLEAR(*field);
        }
    }
    // A C base's own dealloc untracks first, so it has to find a tracked object.
    if (base->tp_flags & Py_TPFLAGS_HAVE_GC) {
        PyObject_GC_Track(self);
    }
    release = kr_type_is_heap(type) && !kr_type_is_heap(base);
    base->tp_dealloc(self);
    if (release) {
        Py_DECREF(type);
    }
}

// ------------------------------------------------------ __dict__ and __weakref__

// The nearest C type with a __dict__ of its own idea: its descriptor serves.
static PyObject *
inherited_dict_descriptor(PyTypeObject *type)
{
    for (; type != NULL; type = type->tp_base) {
        if (type->tp_dictoffset != 0 && !kr_type_is_heap(type)) {
            PyObject *descr = kr_type_lookup_borrow(type, KR_ID(__dict__));
            if (descr != NULL && kr_is_data_descriptor(descr)) {
                return descr;
            }
            return NULL;
        }
    }
    return NULL;
}

static KR_COLD void
no_dict_error(PyObject *self)
{
    PyErr_Format(PyExc_TypeError,
                 "this __dict__ descriptor does not support '%.200s' objects",
                 Py_TYPE(self)->tp_name);
}

static PyObject *
subtype_get_dict(PyObject *self, void *closure)
{
    PyObject *descr = inherited_dict_descriptor(Py_TYPE(self));

    if (descr != NULL) {
        descrgetfunc get = Py_TYPE(descr)->tp_descr_get;
        if (get == NULL) {
            no_dict_error(self);
            return NULL;
        }
        return get(descr, self, (PyObject *)Py_TYPE(self));
    }
    return PyObject_GenericGetDict(self, closure);
}

static int
subtype_set_dict(PyObject *self, PyObject *value, void *closure)
{
    PyObject *descr = inherited_dict_descriptor(Py_TYPE(self));
    PyObject **field;

    if (descr != NULL) {
        descrsetfunc set = Py_TYPE(descr)->tp_descr_set;
        if (set == NULL) {
            no_dict_error(self);
            return -1;
        }
        return set(descr, self, value);
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError,
                     "__dict__ must be set to a dictionary, not a '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (Py_TYPE(self)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return kr_instance_set_dict(self, value);
    }
    field = kr_dict_field(self);
    if (field == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return -1;
    }
    Py_XSETREF(*field, Py_XNewRef(value));
    return 0;
}

static PyObject *
subtype_get_weakref(PyObject *self, void *closure)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *first;

    if (type->tp_weaklistoffset == 0) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __weakref__");
        return NULL;
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_WEAKREF) {
        first = kr_preheader(self)->weaklist;
    }
    else {
        first = *(PyObject **)((char *)self + type->tp_weaklistoffset);
    }
    return Py_NewRef(first == NULL ? Py_None : first);
}

#define DICT_ROW {"__dict__", subtype_get_dict, subtype_set_dict, NULL, NULL}
#define WEAKREF_ROW                                                            \
    {"__weakref__", subtype_get_weakref, NULL,                                 \
     "The first weak reference to the object.", NULL}

PyGetSetDef kr_subtype_getset_dict_weakref[] = {DICT_ROW, WEAKREF_ROW, {NULL}};
PyGetSetDef kr_subtype_getset_dict[] = {DICT_ROW, {NULL}};
PyGetSetDef kr_subtype_getset_weakref[] = {WEAKREF_ROW, {NULL}};
