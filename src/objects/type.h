// SPDX-License-Identifier: MIT
// type.h - what other files may ask of types beyond the public API.
#ifndef KRAIT_OBJECTS_TYPE_H
#define KRAIT_OBJECTS_TYPE_H

#include "Python.h"

#include "base/base.h"

// Makes the static types of types.def ready.
int kr_init_types(PyInterpreterState *interp);
void kr_fini_types(PyInterpreterState *interp);

// Looks an attribute up along the MRO. Borrowed, NULL if there is none; never
// leaves an exception. The result lives as long as the type is not changed:
// take a reference before anything that may run Python.
PyObject *kr_type_lookup_borrow(PyTypeObject *type, PyObject *name);

// The same with a new reference: 1 found, 0 absent, -1 error.
int kr_type_lookup_ref(PyTypeObject *type, PyObject *name, PyObject **value_out);

// A special method for an implicit call, without the instance's own attributes.
// 1 found, 0 absent, -1 error. If *unbound_out is set, self has to be passed as
// the first argument; otherwise the result is already bound.
int kr_lookup_special(PyObject *self, PyObject *name, PyObject **method_out,
                      bool *unbound_out);
// Calls type(self).name(self, args...): args[0] is self. Raises AttributeError if
// there is none.
PyObject *kr_call_special(PyObject *name, PyObject *const *args, Py_ssize_t nargs);

// The one entry through which every change of a type goes: forgets its version
// and those of its subclasses and tells the watchers.
void kr_type_modified(PyTypeObject *type);
// In tp_versions_used: the type's attributes cannot be cached.
#define KR_TYPE_NO_VERSION UINT16_MAX
// Below that it counts stores that replaced one plain value of the class (no
// descriptor, no dunder name) by another, as counters do. From this many on the type is
// quiet: such stores leave its version alone, and nobody caches its plain values.
#define KR_TYPE_QUIET 8

// Whether value, found in the MRO of type, may be replaced without a new version.
static inline bool
kr_type_value_is_quiet(PyTypeObject *type, PyObject *value)
{
    PyObject *mro = type->tp_mro;
    if (value == NULL || mro == NULL || Py_TYPE(value)->tp_descr_get != NULL ||
        Py_TYPE(value)->tp_descr_set != NULL) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(mro); i++) {
        uint16_t used = ((PyTypeObject *)PyTuple_GET_ITEM(mro, i))->tp_versions_used;
        if (used >= KR_TYPE_QUIET && used != KR_TYPE_NO_VERSION) {
            return true;
        }
    }
    return false;
}

// Gives the type a version if it has none. 0 when there is none to be had.
uint32_t kr_type_version(PyTypeObject *type);

// Refreshes the C slots after `name` has changed in the type's dict.
int kr_type_update_slot(PyTypeObject *type, PyObject *name);
// Fills all slots of a new Python class from its MRO.
int kr_type_fix_slots(PyTypeObject *type);
// Makes the index from names to slots.
int kr_slots_init(PyInterpreterState *interp);
// Adds descriptors for filled slots to the dict of a C type.
int kr_type_add_slot_wrappers(PyTypeObject *type);
// Copies slots from all of the MRO (inherit.c).
int kr_type_inherit(PyTypeObject *type);

// Readies one type as PyType_Ready does; `builtin` for those of types.def.
int kr_type_ready(PyTypeObject *type, bool builtin);

// The MRO as a new tuple, by C3 or by the metaclass's mro().
PyObject *kr_type_compute_mro(PyTypeObject *type);
int kr_type_update_mro(PyTypeObject *type, PyObject **old_mro_out);

// The most derived metaclass of `meta` and the bases' types (borrowed).
PyTypeObject *kr_type_calculate_metaclass(PyTypeObject *meta, PyObject *bases);
// The base whose layout the new class continues (borrowed).
PyTypeObject *kr_type_best_base(PyObject *bases);
bool kr_type_compatible_layout(PyTypeObject *a, PyTypeObject *b);

// Subclass registry: a dict from address to weak reference.
int kr_type_add_subclass(PyTypeObject *base, PyTypeObject *type);
void kr_type_remove_subclass(PyTypeObject *base, PyTypeObject *type);
// Calls visit on each living subclass; stops at a non-zero result.
int kr_type_each_subclass(PyTypeObject *type,
                          int (*visit)(PyTypeObject *subclass, void *arg), void *arg);

// For abstract base classes: sets SEQUENCE or MAPPING in the type and below.
void kr_type_set_collection_flags(PyTypeObject *type, unsigned long mask,
                                  unsigned long flags);

// The slots of Python classes.
void kr_subtype_dealloc(PyObject *self);
int kr_subtype_traverse(PyObject *self, visitproc visit, void *arg);
int kr_subtype_clear(PyObject *self);
extern PyGetSetDef kr_subtype_getset_dict_weakref[];
extern PyGetSetDef kr_subtype_getset_dict[];
extern PyGetSetDef kr_subtype_getset_weakref[];

PyObject *kr_type_new_wrapper(PyObject *self, PyObject *args, PyObject *kwds);
int kr_type_add_new(PyTypeObject *type);
// Whether object is the __new__ of a C type, and of which.
bool kr_is_new_wrapper(PyObject *object, PyTypeObject **type_out);
// Whether owner's tp_new makes complete instances of type.
bool kr_new_is_safe(PyTypeObject *owner, PyTypeObject *type);

PyObject *kr_type_new(PyTypeObject *meta, PyObject *args, PyObject *kwds);
PyObject *kr_type_call(PyObject *self, PyObject *args, PyObject *kwds);
PyObject *kr_type_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                             PyObject *kwnames);
PyObject *kr_class_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                              PyObject *kwnames);
extern PyGetSetDef kr_type_getset[];
// Adds the names of cls and all its bases to dict.
int kr_merge_class_names(PyObject *dict, PyObject *cls);
// left | right for types, None, aliases: a typing.Union (union.c), or
// NotImplemented.
PyObject *kr_union_of_pair(PyObject *left, PyObject *right);
PyObject *kr_type_getattro(PyObject *self, PyObject *name);
int kr_type_setattro(PyObject *self, PyObject *name, PyObject *value);
PyObject *kr_type_getattro_nofail(PyTypeObject *type, PyObject *name, int *suppress);
PyObject *kr_type_subclasses(PyTypeObject *type); // new list
PyObject *kr_type_module(PyTypeObject *type);     // value of __module__, new
// "module.qualname", or the qualname alone for builtins and __main__ as asked.
PyObject *kr_type_full_name(PyTypeObject *type, char separator);
// Text and signature parts of a doc string in the "name(sig)\n--\n\ntext" form.
PyObject *kr_doc_from_internal(const char *name, const char *doc);
PyObject *kr_signature_from_internal(const char *name, const char *doc);
// The signature of a method or function: that of its doc string, or what follows from
// a calling convention that takes no argument or one.
PyObject *kr_signature_of_method(const PyMethodDef *method);

int kr_object_set_class(PyObject *self, PyObject *value);

// object's own slots.
PyObject *kr_object_new(PyTypeObject *type, PyObject *args, PyObject *kwds);
int kr_object_init(PyObject *self, PyObject *args, PyObject *kwds);
PyObject *kr_object_repr(PyObject *self);
PyObject *kr_object_str(PyObject *self);
PyObject *kr_object_richcompare(PyObject *self, PyObject *other, int op);
// object.__getstate__ as pickling sees it.
PyObject *kr_object_getstate(PyObject *self);

// super().__getattribute__ for the VM: looks `name` up after `type` in the MRO of
// self's class. *unbound_out may be NULL; set when self must be passed first.
PyObject *kr_super_lookup(PyTypeObject *type, PyObject *self, PyObject *name,
                          bool *unbound_out);
// The class and object of super() without arguments, from the calling frame.
// hooks.h supplies it.

// Whether the class was made by type.__new__, so that all of its slots follow from
// its methods.
static inline bool
kr_type_is_python(PyTypeObject *type)
{
    return type->tp_vectorcall == kr_class_vectorcall;
}

static inline bool
kr_type_is_heap(PyTypeObject *type)
{
    return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0;
}

static inline PyTypeObject *
kr_mro_item(PyObject *mro, Py_ssize_t i)
{
    return (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
}

#endif // KRAIT_OBJECTS_TYPE_H
