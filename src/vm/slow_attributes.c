// SPDX-License-Identifier: MIT
// slow_attributes.c - attribute access in general, and its inline caches.
//
// A site is specialised after its second execution. A miss turns it back into
// the general op and makes the next try later (w1.high of the general op counts
// down), so that megamorphic sites stay general.
#include "vm/machine.h"

#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type.h"
#include <structmember.h>

#define FIRST_WAIT 1
#define MISS_WAIT 24

static PyObject *
attribute_name(KrFrame *fp, const KrWord *ip)
{
    return PyTuple_GET_ITEM(kr_frame_exec(fp)->code->co_names, ip->c);
}

// True when it is time to try to specialise.
static bool
counted_down(KrWord *ip)
{
    if (ip[1].high == 0) {
        ip[1].high = FIRST_WAIT;
    }
    return --ip[1].high == 0;
}

static void
generalise(KrWord *ip, KrXop op)
{
    ip->op = (uint8_t)op;
    ip[1].low = 0;
    ip[1].high = MISS_WAIT;
    ip[2].bits = ip[3].bits = 0;
}

// Whether instances of the type take attributes in the standard way.
static bool
is_generic(PyTypeObject *type)
{
    return type->tp_getattro == PyObject_GenericGetAttr;
}

typedef enum {
    HIDE_NEVER, // instances have no attributes of their own
    HIDE_SHAPE, // the shape word says that the name is not there
    HIDE_MAYBE,
} Hiding;

// Can an attribute of the instance hide one of its class? *word gets the guard.
static Hiding
hiding(PyObject *owner, PyObject *name, uint64_t *word)
{
    PyTypeObject *type = Py_TYPE(owner);
    *word = 0;
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        KrShape *shape = kr_instance_shape(owner);
        if (shape == NULL || kr_shape_find(shape, name) >= 0) {
            return HIDE_MAYBE;
        }
        *word = kr_instance_word(owner);
        return HIDE_SHAPE;
    }
    return type->tp_dictoffset == 0 ? HIDE_NEVER : HIDE_MAYBE;
}

static void
specialise_module(KrWord *ip, PyObject *owner, PyObject *name)
{
    PyObject *dict = PyModule_GetDict(owner);
    Py_hash_t hash = PyObject_Hash(name);
    Py_ssize_t index = kr_dict_lookup_index((PyDictObject *)dict, name, hash);
    if (index >= 0 && index <= (Py_ssize_t)UINT32_MAX) {
        uint32_t version = kr_dict_keys_version((PyDictObject *)dict);
        if (version != 0) {
            ip->op = KR_X_GETATTR_MODULE;
            ip[1].low = version;
            ip[1].high = (uint32_t)index;
        }
    }
    PyErr_Clear();
}

// An attribute of a class that needs no binding.
static void
specialise_of_type(KrWord *ip, PyTypeObject *owner, PyObject *name)
{
    PyTypeObject *meta = Py_TYPE(owner);
    if (meta->tp_getattro != kr_type_getattro) {
        return;
    }
    PyObject *in_meta = kr_type_lookup_borrow(meta, name);
    PyObject *value = kr_type_lookup_borrow(owner, name);
    if (in_meta != NULL || value == NULL || Py_TYPE(value)->tp_descr_get != NULL) {
        // Functions bind to nothing when taken from a class.
        if (in_meta != NULL || value == NULL || !PyFunction_Check(value)) {
            return;
        }
    }
    uint32_t version = kr_type_version(owner);
    if (version != 0) {
        ip->op = KR_X_GETATTR_OF_TYPE;
        ip[1].low = version;
        ip[3].pointer = value;
    }
}

static void
specialise_getattr(KrFrame *fp, KrWord *ip, PyObject *owner)
{
    PyTypeObject *type = Py_TYPE(owner);
    PyObject *name = attribute_name(fp, ip);
    ip[1].high = MISS_WAIT;
    if (PyModule_CheckExact(owner)) {
        specialise_module(ip, owner, name);
        return;
    }
    if (PyType_Check(owner)) {
        specialise_of_type(ip, (PyTypeObject *)owner, name);
        return;
    }
    if (!is_generic(type)) {
        return;
    }
    uint32_t version = kr_type_version(type);
    if (version == 0) {
        return;
    }
    PyObject *descr = kr_type_lookup_borrow(type, name);
    if (descr == NULL || (Py_TYPE(descr)->tp_descr_get == NULL)) {
        if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
            KrShape *shape = kr_instance_shape(owner);
            int index = shape == NULL ? -1 : kr_shape_find(shape, name);
            if (index >= 0 && (descr == NULL || Py_TYPE(descr)->tp_descr_set == NULL)) {
                ip->op = KR_X_GETATTR_INLINE;
                ip[1].low = version;
                ip[1].high = (uint32_t)((char *)(kr_instance_values(owner) + index) -
                                        (char *)owner);
                ip[2].bits = kr_instance_word(owner);
                return;
            }
        }
        uint64_t word;
        if (descr != NULL && hiding(owner, name, &word) != HIDE_MAYBE) {
            ip->op = KR_X_GETATTR_CLASSVAR;
            ip[1].low = version;
            ip[2].bits = word;
            ip[3].pointer = descr;
        }
        return;
    }
    if (Py_IS_TYPE(descr, &PyMemberDescr_Type)) {
        PyMemberDef *member = ((PyMemberDescrObject *)descr)->d_member;
        if (member->type == Py_T_OBJECT_EX && member->offset > 0 &&
            PyType_IsSubtype(type, ((PyDescrObject *)descr)->d_type)) {
            ip->op = KR_X_GETATTR_SLOT;
            ip[1].low = version;
            ip[1].high = (uint32_t)member->offset;
        }
    }
}

static int
general_getattr(KrFrame *fp, KrWord *ip)
{
    PyObject *owner = kv_to_object(fp->slots[ip->b]);
    PyObject *value = owner == NULL ? NULL
                                    : PyObject_GetAttr(owner, attribute_name(fp, ip));
    Py_XDECREF(owner);
    if (value == NULL) {
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_result(value));
    return 0;
}

KR_SLOW_OP(getattr)
{
    KV x = fp->slots[ip->b];
    if (counted_down(ip) && kv_is_pointer(x)) {
        specialise_getattr(fp, ip, kv_pointer(x));
    }
    return general_getattr(fp, ip);
}

KR_SLOW_OP(getattr_miss)
{
    generalise(ip, KR_X_GETATTR);
    return general_getattr(fp, ip);
}

// --- Methods -----------------------------------------------------------------------

static void
specialise_method(KrFrame *fp, KrWord *ip, PyObject *owner)
{
    PyTypeObject *type = Py_TYPE(owner);
    PyObject *name = attribute_name(fp, ip);
    uint64_t word;
    ip[1].high = MISS_WAIT;
    if (!is_generic(type)) {
        return;
    }
    PyObject *descr = kr_type_lookup_borrow(type, name);
    if (descr == NULL || !(Py_TYPE(descr)->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR) ||
        hiding(owner, name, &word) == HIDE_MAYBE) {
        return;
    }
    uint32_t version = kr_type_version(type);
    if (version != 0) {
        ip->op = KR_X_GETMETHOD_TYPE;
        ip[1].low = version;
        ip[2].bits = word;
        ip[3].pointer = descr;
    }
}

static int
general_getmethod(KrFrame *fp, KrWord *ip)
{
    KV x = fp->slots[ip->b];
    unsigned self = ip->a + ((ip->flags & KR_FLAG_Y) ? 1u : 1u + KR_FRAME_HEADER);
    PyObject *owner = kv_to_object(x), *method = NULL;
    if (owner == NULL) {
        return -1;
    }
    int unbound = _PyObject_GetMethod(owner, attribute_name(fp, ip), &method);
    if (method == NULL) {
        Py_DECREF(owner);
        return -1;
    }
    KV old = fp->slots[ip->b];
    if (ip->flags & KR_KILL_B) {
        fp->slots[ip->b] = KV_NULL;
    }
    else {
        old = KV_NULL;
    }
    fp->slots[self] = unbound ? kv_from_steal(owner) : KV_NULL;
    fp->slots[ip->a] = kv_from_steal(method);
    if (!unbound) {
        Py_DECREF(owner);
    }
    kv_release(old);
    return 0;
}

KR_SLOW_OP(getmethod)
{
    KV x = fp->slots[ip->b];
    if (counted_down(ip) && kv_is_pointer(x)) {
        specialise_method(fp, ip, kv_pointer(x));
    }
    return general_getmethod(fp, ip);
}

KR_SLOW_OP(getmethod_miss)
{
    generalise(ip, KR_X_GETMETHOD);
    return general_getmethod(fp, ip);
}

// --- Stores ------------------------------------------------------------------------

static void
specialise_setattr(KrFrame *fp, KrWord *ip, PyObject *owner)
{
    PyTypeObject *type = Py_TYPE(owner);
    PyObject *name = attribute_name(fp, ip);
    ip[1].high = MISS_WAIT;
    if (type->tp_setattro != PyObject_GenericSetAttr) {
        return;
    }
    uint32_t version = kr_type_version(type);
    if (version == 0) {
        return;
    }
    PyObject *descr = kr_type_lookup_borrow(type, name);
    if (descr != NULL && Py_IS_TYPE(descr, &PyMemberDescr_Type)) {
        PyMemberDef *member = ((PyMemberDescrObject *)descr)->d_member;
        if (member->type == Py_T_OBJECT_EX && !(member->flags & Py_READONLY) &&
            member->offset > 0 && PyType_IsSubtype(type, ((PyDescrObject *)descr)->d_type)) {
            ip->op = KR_X_SETATTR_SLOT;
            ip[1].low = version;
            ip[1].high = (uint32_t)member->offset;
        }
        return;
    }
    if ((descr != NULL && Py_TYPE(descr)->tp_descr_set != NULL) ||
        !(type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return;
    }
    KrShape *shape = kr_instance_shape(owner);
    if (shape == NULL) {
        return;
    }
    int index = kr_shape_find(shape, name);
    KV *values = kr_instance_values(owner);
    if (index >= 0) {
        ip->op = KR_X_SETATTR_INLINE;
        ip[1].low = version;
        ip[1].high = (uint32_t)((char *)(values + index) - (char *)owner);
        ip[2].bits = kr_instance_word(owner);
        return;
    }
    if (shape->count < shape->capacity) {
        KrShape *next = kr_shape_add(shape, name);
        if (next != NULL) {
            ip->op = KR_X_SETATTR_ADD;
            ip[1].low = version;
            ip[1].high = (uint32_t)((char *)(values + shape->count) - (char *)owner);
            ip[2].bits = kr_instance_word(owner);
            ip[3].bits = (uint64_t)(uintptr_t)next | 1;
        }
    }
}

static int
general_setattr(KrFrame *fp, KrWord *ip)
{
    KV x = fp->slots[ip->a];
    PyObject *owner = kv_to_object(x);
    if (owner == NULL) {
        return -1;
    }
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->b, ip->flags & KR_KILL_B));
    int status = value == NULL
                     ? -1
                     : PyObject_SetAttr(owner, attribute_name(fp, ip), value);
    Py_XDECREF(value);
    Py_DECREF(owner);
    if (status == 0 && (ip->flags & KR_KILL_C)) {
        x = fp->slots[ip->a];
        fp->slots[ip->a] = KV_NULL;
        kv_release(x);
    }
    return status;
}

KR_SLOW_OP(setattr)
{
    KV x = fp->slots[ip->a];
    if (counted_down(ip) && kv_is_pointer(x)) {
        specialise_setattr(fp, ip, kv_pointer(x));
    }
    return general_setattr(fp, ip);
}

KR_SLOW_OP(setattr_miss)
{
    generalise(ip, KR_X_SETATTR);
    return general_setattr(fp, ip);
}

KR_SLOW_OP(delattr)
{
    KV x = fp->slots[ip->a];
    PyObject *owner = kv_to_object(x);
    if (owner == NULL) {
        return -1;
    }
    int status = PyObject_DelAttr(owner, attribute_name(fp, ip));
    Py_DECREF(owner);
    if (status == 0 && (ip->flags & KR_FLAG_X)) {
        fp->slots[ip->a] = KV_NULL;
        kv_release(x);
    }
    return status;
}

// --- super() -------------------------------------------------------------------------

// slots[b..b+2]: what "super" names, the class, the object.
KR_SLOW_OP(super_attr)
{
    KV *window = &fp->slots[ip->b];
    PyObject *global_super = kr_kv_box_in_place(&window[0]);
    PyObject *cls = global_super == NULL ? NULL : kr_kv_box_in_place(&window[1]);
    PyObject *self = cls == NULL ? NULL : kv_to_object(window[2]);
    PyObject *name = attribute_name(fp, ip), *result = NULL;
    bool unbound = false;
    if (self == NULL) {
        return -1;
    }
    if (global_super == (PyObject *)&PySuper_Type && PyType_Check(cls)) {
        result = kr_super_lookup((PyTypeObject *)cls, self, name,
                                 (ip->flags & KR_FLAG_X) ? &unbound : NULL);
    }
    else {
        PyObject *args[2] = {cls, self};
        PyObject *proxy = PyObject_Vectorcall(global_super, args,
                                              (ip->flags & KR_FLAG_Y) ? 2 : 0, NULL);
        if (proxy != NULL) {
            result = PyObject_GetAttr(proxy, name);
            Py_DECREF(proxy);
        }
    }
    if (result == NULL) {
        Py_DECREF(self);
        return -1;
    }
    KV old[3] = {window[0], window[1], window[2]};
    window[0] = window[1] = window[2] = KV_NULL;
    KV before = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_result(result);
    if (ip->flags & KR_FLAG_X) {
        unsigned at = ip->a + ((ip->flags & KR_KILL_C) ? 1u : 1u + KR_FRAME_HEADER);
        fp->slots[at] = unbound ? kv_from_new(self) : KV_NULL;
    }
    Py_DECREF(self);
    kv_release(before);
    kr_sweep(old, 3);
    return 0;
}
