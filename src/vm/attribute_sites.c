// SPDX-License-Identifier: MIT
// attribute_sites.c - what an access site has seen: the facts behind inline caches.
//
// kr_see_load and kr_see_store find out how an attribute of one kind of object can be
// had without a search. A fact holds while the type has its version and the instance
// its shape word, which is all that a site compares. Objects in facts are borrowed
// from the type: a change of the type makes the version another one.
// Read next: slow_attributes.c
#include "vm/attribute_sites.h"

#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type/slots.h"
#include <structmember.h>

static bool
has_slot(PyTypeObject *type, PyObject *descr, bool store)
{
    if (!Py_IS_TYPE(descr, &PyMemberDescr_Type)) {
        return false;
    }
    PyMemberDef *member = ((PyMemberDescrObject *)descr)->d_member;
    return member->type == Py_T_OBJECT_EX && member->offset > 0 &&
           !(store && (member->flags & Py_READONLY)) &&
           PyType_IsSubtype(type, PyDescr_TYPE(descr));
}

// The place of a value in the object, as the ops want it.
static uint32_t
place_of(PyObject *owner, int index)
{
    return (uint32_t)((char *)(kr_instance_values(owner) + index) - (char *)owner);
}

// The standard search, perhaps followed by __getattr__ (*hook).
static bool
loads_normally(PyTypeObject *type, bool *hook)
{
    *hook = type->tp_getattro == slot_getattr_hook;
    if (!*hook) {
        return type->tp_getattro == PyObject_GenericGetAttr;
    }
    return kr_type_lookup_borrow(type, KR_ID(__getattribute__)) ==
           kr_type_lookup_borrow(&PyBaseObject_Type, KR_ID(__getattribute__));
}

static KrSeenKind
descriptor_kind(PyObject *descr)
{
    return Py_TYPE(descr)->tp_descr_get == slot_descr_get ? KR_SEEN_PYTHON_GET
                                                          : KR_SEEN_DESCRIPTOR;
}

// An attribute that the class alone decides about; false: the instance comes first.
static bool
see_data_descriptor(PyTypeObject *type, PyObject *descr, bool hook, KrSeen *seen)
{
    seen->object = descr;
    if (has_slot(type, descr, false)) {
        seen->kind = KR_SEEN_SLOT;
        seen->place = (uint32_t)((PyMemberDescrObject *)descr)->d_member->offset;
    }
    else if (hook) {
        seen->kind = KR_SEEN_NOTHING; // an AttributeError of the getter calls the hook
    }
    else {
        seen->kind = Py_IS_TYPE(descr, &PyProperty_Type) ? KR_SEEN_PROPERTY
                     : descr == kr_type_lookup_borrow(&PyBaseObject_Type, KR_ID(__class__))
                         ? KR_SEEN_CLASS
                         : descriptor_kind(descr);
    }
    return seen->kind != KR_SEEN_NOTHING;
}

// An attribute of the class that no attribute of the instance hides.
static bool
see_class_attribute(PyTypeObject *type, PyObject *descr, bool hook, bool method,
                    KrSeen *seen)
{
    seen->object = descr;
    if (descr == NULL) {
        seen->object = hook ? kr_type_lookup_borrow(type, KR_ID(__getattr__)) : NULL;
        seen->kind = KR_SEEN_HOOK;
        return seen->object != NULL;
    }
    if (method && PyType_HasFeature(Py_TYPE(descr), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        seen->kind = KR_SEEN_METHOD;
        return true;
    }
    if (Py_TYPE(descr)->tp_descr_get == NULL) {
        seen->kind = KR_SEEN_CLASSVAR;
        return !kr_type_value_is_quiet(type, descr);
    }
    seen->kind = descriptor_kind(descr);
    return !hook;
}

// An attribute in a dict of the instance.
static bool
has_in_dict(PyObject *owner, PyObject *name, KrSeen *seen)
{
    PyObject *dict = kr_attribute_dict(owner);
    // Looking for a place must not run the __eq__ of a foreign key.
    if (dict == NULL || !PyDict_CheckExact(dict) ||
        ((PyDictObject *)dict)->ma_keys->kind != KR_KEYS_STR ||
        kr_dict_get_str(dict, name) == NULL) {
        return false;
    }
    seen->kind = KR_SEEN_DICT;
    return true;
}

bool
kr_see_load(PyObject *owner, PyObject *name, bool method, KrSeen *seen)
{
    PyTypeObject *type = Py_TYPE(owner);
    bool hook;

    *seen = (KrSeen){.kind = KR_SEEN_NOTHING};
    if (!loads_normally(type, &hook)) {
        return false;
    }
    seen->version = kr_type_version(type);
    if (seen->version == 0) {
        return false;
    }
    PyObject *descr = kr_type_lookup_borrow(type, name);
    if (descr != NULL && Py_TYPE(descr)->tp_descr_set != NULL) {
        return Py_TYPE(descr)->tp_descr_get != NULL &&
               see_data_descriptor(type, descr, hook, seen);
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        KrShape *shape = kr_instance_shape(owner);
        if (shape == NULL) {
            return has_in_dict(owner, name, seen);
        }
        seen->word = kr_instance_word(owner);
        int index = kr_shape_find(shape, name);
        if (index >= 0) {
            seen->kind = KR_SEEN_INLINE;
            seen->place = place_of(owner, index);
            return true;
        }
    }
    else if (type->tp_dictoffset != 0) {
        return has_in_dict(owner, name, seen);
    }
    return see_class_attribute(type, descr, hook, method, seen);
}

bool
kr_see_store(PyObject *owner, PyObject *name, KrSeen *seen)
{
    PyTypeObject *type = Py_TYPE(owner);

    *seen = (KrSeen){.kind = KR_SEEN_NOTHING, .version = kr_type_version(type)};
    if (seen->version == 0) {
        return false;
    }
    if (type->tp_setattro == slot_setattro) {
        seen->kind = KR_SEEN_HOOK;
        seen->object = kr_type_lookup_borrow(type, KR_ID(__setattr__));
        return seen->object != NULL;
    }
    if (type->tp_setattro != PyObject_GenericSetAttr) {
        return false;
    }
    PyObject *descr = kr_type_lookup_borrow(type, name);
    if (descr != NULL && Py_TYPE(descr)->tp_descr_set != NULL) {
        seen->object = descr;
        if (has_slot(type, descr, true)) {
            seen->kind = KR_SEEN_SLOT;
            seen->place = (uint32_t)((PyMemberDescrObject *)descr)->d_member->offset;
            return true;
        }
        bool python = Py_TYPE(descr)->tp_descr_set == slot_descr_set;
        seen->kind = python ? KR_SEEN_PYTHON_GET : KR_SEEN_PROPERTY;
        return python || Py_IS_TYPE(descr, &PyProperty_Type);
    }
    KrShape *shape = (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) ? kr_instance_shape(owner)
                                                                : NULL;
    if (shape == NULL) {
        return has_in_dict(owner, name, seen);
    }
    seen->word = kr_instance_word(owner);
    int index = kr_shape_find(shape, name);
    if (index >= 0) {
        seen->kind = KR_SEEN_INLINE;
        seen->place = place_of(owner, index);
        return true;
    }
    KrShape *next = shape->count < shape->capacity ? kr_shape_add(shape, name) : NULL;
    if (next == NULL) {
        return false;
    }
    seen->kind = KR_SEEN_ADD;
    seen->place = place_of(owner, shape->count);
    seen->object = (void *)((uintptr_t)next | 1);
    return true;
}

// --- Sites that have seen several kinds ------------------------------------------------

KrSeenList *
kr_seen_list_new(KrExec *exec)
{
    KrSeenList *list = PyMem_Calloc(1, sizeof *list);
    if (list != NULL) {
        list->next = exec->seen;
        exec->seen = list;
    }
    return list;
}

void
kr_seen_lists_free(KrExec *exec)
{
    while (exec->seen != NULL) {
        KrSeenList *next = exec->seen->next;
        PyMem_Free(exec->seen);
        exec->seen = next;
    }
}

bool
kr_seen_list_add(KrSeenList *list, const KrSeen *seen)
{
    if (list->count == KR_SEEN_MAX) {
        // Perhaps most of it is of types that have changed.
        if (list->resets == KR_SEEN_RESETS) {
            return false;
        }
        list->resets++;
        list->count = 0;
    }
    list->entries[list->count++] = *seen;
    return true;
}
