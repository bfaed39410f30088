// SPDX-License-Identifier: MIT
// kv.c - boxing and unboxing of tagged words.
#include "objects/kv.h"

#include "objects/int/int.h"

PyObject *
kr_kv_box_slow(KV v)
{
    if (kv_is_int(v)) {
        return kr_int_from_i64(kv_int(v));
    }
    if (kv_is_float(v)) {
        return PyFloat_FromDouble(kv_float(v));
    }
    return Py_NewRef(kv_pointer(v));
}

PyObject *
kr_kv_box_in_place(KV *slot)
{
    if (kv_is_pointer(*slot)) {
        return kv_pointer(*slot);
    }
    PyObject *box = kr_kv_box_slow(*slot);
    if (box == NULL) {
        return NULL;
    }
    *slot = _Py_IsImmortal(box) ? kv_from_borrow(box) : kv_from_steal(box);
    return box;
}

KV
kr_kv_unbox_borrow(PyObject *object)
{
    if (PyLong_CheckExact(object)) {
        PyLongObject *number = (PyLongObject *)object;
        if (kr_int_is_compact(number)) {
            return kv_from_int(kr_int_word(number));
        }
    }
    else if (PyFloat_CheckExact(object)) {
        KV word;
        if (kv_from_double(PyFloat_AS_DOUBLE(object), &word)) {
            return word;
        }
    }
    return kv_from_borrow(object);
}
