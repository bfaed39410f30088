// SPDX-License-Identifier: MIT
// slots.h - the table of slots.def, shared by the files of this folder.
#ifndef KRAIT_OBJECTS_TYPE_SLOTS_H
#define KRAIT_OBJECTS_TYPE_SLOTS_H

#include "objects/type.h"

// What a Python class has in its slots (slots.c).
PyObject *slot_getattr_hook(PyObject *self, PyObject *name);
PyObject *slot_getattro(PyObject *self, PyObject *name);
int slot_setattro(PyObject *self, PyObject *name, PyObject *value);
PyObject *slot_repr(PyObject *self);
PyObject *slot_str(PyObject *self);
Py_hash_t slot_hash(PyObject *self);
PyObject *slot_call(PyObject *self, PyObject *args, PyObject *kwds);
PyObject *slot_richcompare(PyObject *self, PyObject *other, int op);
PyObject *slot_iter(PyObject *self);
PyObject *slot_iternext(PyObject *self);
PyObject *slot_descr_get(PyObject *self, PyObject *obj, PyObject *type);
int slot_descr_set(PyObject *self, PyObject *obj, PyObject *value);
int slot_init(PyObject *self, PyObject *args, PyObject *kwds);
PyObject *slot_new(PyTypeObject *type, PyObject *args, PyObject *kwds);
void slot_finalize(PyObject *self);
int slot_getbuffer(PyObject *self, Py_buffer *view, int flags);
void slot_releasebuffer(PyObject *self, Py_buffer *view);
PyObject *slot_await(PyObject *self);
PyObject *slot_aiter(PyObject *self);
PyObject *slot_anext(PyObject *self);
Py_ssize_t slot_length(PyObject *self);
// The length that a __len__ returned (borrowed) means; -1 with an exception.
Py_ssize_t kr_length_from_result(PyObject *result);
PyObject *slot_mp_subscript(PyObject *self, PyObject *key);
int slot_mp_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
PyObject *slot_sq_item(PyObject *self, Py_ssize_t i);
int slot_sq_ass_item(PyObject *self, Py_ssize_t i, PyObject *value);
int slot_sq_contains(PyObject *self, PyObject *value);
int slot_nb_bool(PyObject *self);
PyObject *slot_nb_power(PyObject *self, PyObject *other, PyObject *modulus);
PyObject *slot_nb_inplace_power(PyObject *self, PyObject *other, PyObject *modulus);
#define KR_SLOT_UNARY(field, name) PyObject *slot_##field(PyObject *self);
#define KR_SLOT_BINARY(field, name, rname)                                     \
    PyObject *slot_##field(PyObject *self, PyObject *other);
#define KR_SLOT_INPLACE(field, name)                                           \
    PyObject *slot_##field(PyObject *self, PyObject *other);
#include "objects/type/number_slots.def"
#undef KR_SLOT_UNARY
#undef KR_SLOT_BINARY
#undef KR_SLOT_INPLACE

// How methods of C types call their slots (slot_wrappers.c).
#define KR_SLOT_WRAPPER(name)                                                  \
    PyObject *wrap_##name(PyObject *self, PyObject *args, void *wrapped);
KR_SLOT_WRAPPER(unary)
KR_SLOT_WRAPPER(binary)
KR_SLOT_WRAPPER(binary_swapped)
KR_SLOT_WRAPPER(ternary)
KR_SLOT_WRAPPER(ternary_swapped)
KR_SLOT_WRAPPER(inquiry)
KR_SLOT_WRAPPER(length)
KR_SLOT_WRAPPER(hash)
KR_SLOT_WRAPPER(repeat)
KR_SLOT_WRAPPER(sq_item)
KR_SLOT_WRAPPER(sq_setitem)
KR_SLOT_WRAPPER(sq_delitem)
KR_SLOT_WRAPPER(contains)
KR_SLOT_WRAPPER(setitem)
KR_SLOT_WRAPPER(delitem)
KR_SLOT_WRAPPER(setattr)
KR_SLOT_WRAPPER(delattr)
KR_SLOT_WRAPPER(next)
KR_SLOT_WRAPPER(del)
KR_SLOT_WRAPPER(descr_get)
KR_SLOT_WRAPPER(descr_set)
KR_SLOT_WRAPPER(descr_delete)
KR_SLOT_WRAPPER(lt)
KR_SLOT_WRAPPER(le)
KR_SLOT_WRAPPER(eq)
KR_SLOT_WRAPPER(ne)
KR_SLOT_WRAPPER(gt)
KR_SLOT_WRAPPER(ge)
KR_SLOT_WRAPPER(getbuffer)
KR_SLOT_WRAPPER(releasebuffer)
#undef KR_SLOT_WRAPPER
PyObject *wrap_call(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds);
PyObject *wrap_init(PyObject *self, PyObject *args, void *wrapped, PyObject *kwds);

// Rows of slots.def, in its order; ends with a row whose name is NULL.
extern struct wrapperbase kr_slot_table[];

// Where the type keeps the slot of a row; NULL if it has not got that suite.
void **kr_slot_place(PyTypeObject *type, int offset);

// callable(first, *args, **kwds)
PyObject *kr_call_prepend(PyObject *callable, PyObject *first, PyObject *args,
                          PyObject *kwds);

#endif // KRAIT_OBJECTS_TYPE_SLOTS_H
