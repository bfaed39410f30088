// SPDX-License-Identifier: MIT
// slow_attributes.c - attribute access in general, and its inline caches.
//
// A site is specialised after its second execution: to an op for one fact, where
// there is such an op, else to the POLY form with a list of facts. A miss of the
// former makes it the latter; a site that has seen too much becomes general for a
// long while (w1.high of the general op counts down).
// Read next: attribute_sites.c
#include "vm/attribute_sites.h"

#include "objects/descr.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type.h"
#include "vm/special.h"

#define FIRST_WAIT 1
#define MISS_WAIT 24
#define LONG_WAIT 5000

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
generalise(KrWord *ip, KrXop op, uint32_t wait)
{
    ip->op = (uint8_t)op;
    ip[1].low = 0;
    ip[1].high = wait;
    ip[2].bits = ip[3].bits = 0;
}

static void
install(KrWord *ip, KrXop op, const KrSeen *seen)
{
    ip->op = (uint8_t)op;
    ip[1].low = seen->version;
    ip[1].high = seen->place;
    ip[2].bits = seen->word;
    ip[3].pointer = seen->object;
}

// The fact that a specialised op stands for.
static KrSeen
installed(const KrWord *ip, KrSeenKind kind)
{
    return (KrSeen){ip[1].low, ip[1].high, ip[2].bits, ip[3].pointer, kind};
}

// Makes the site a POLY one with these facts (the second may be NULL).
static void
install_list(KrFrame *fp, KrWord *ip, KrXop op, KrXop general, const KrSeen *first,
             const KrSeen *second)
{
    KrSeenList *list = kr_seen_list_new(kr_frame_exec(fp));
    if (list == NULL) {
        generalise(ip, general, LONG_WAIT);
        return;
    }
    kr_seen_list_add(list, first);
    if (second != NULL) {
        kr_seen_list_add(list, second);
    }
    ip->op = (uint8_t)op;
    ip[1].pointer = list;
}

// A POLY site has met something new. NULL: it cannot be remembered.
static const KrSeen *
extend_list(KrWord *ip, KrXop general, const KrSeen *seen)
{
    KrSeenList *list = ip[1].pointer;
    if (!kr_seen_list_add(list, seen)) {
        list->count = 0;
        generalise(ip, general, LONG_WAIT);
        return NULL;
    }
    return &list->entries[list->count - 1];
}

// --- Loads -------------------------------------------------------------------------

static void
specialise_module(KrWord *ip, KrXop op, PyObject *owner, PyObject *name)
{
    PyObject *dict = PyModule_GetDict(owner);
    Py_hash_t hash = PyObject_Hash(name);
    Py_ssize_t index = kr_dict_lookup_index((PyDictObject *)dict, name, hash);
    if (index >= 0 && index <= (Py_ssize_t)UINT32_MAX) {
        uint32_t version = kr_dict_keys_version((PyDictObject *)dict);
        if (version != 0) {
            ip->op = (uint8_t)op;
            ip[1].low = version;
            ip[1].high = (uint32_t)index;
        }
    }
    PyErr_Clear();
}

// An attribute of a class that needs no binding.
static void
specialise_of_type(KrWord *ip, KrXop op, PyTypeObject *owner, PyObject *name)
{
    PyTypeObject *meta = Py_TYPE(owner);
    // Other metaclasses may get a data descriptor later, which the class's version does
    // not tell.
    if (meta != &PyType_Type) {
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
    if (version != 0 && !kr_type_value_is_quiet(owner, value)) {
        ip->op = (uint8_t)op;
        ip[1].low = version;
        ip[3].pointer = value;
    }
}

static KrSeenKind
load_kind_of(KrXop op)
{
    switch (op) {
    case KR_X_GETATTR_INLINE: return KR_SEEN_INLINE;
    case KR_X_GETATTR_SLOT: return KR_SEEN_SLOT;
    case KR_X_GETATTR_CLASSVAR: return KR_SEEN_CLASSVAR;
    case KR_X_GETMETHOD_TYPE: return KR_SEEN_METHOD;
    default: return KR_SEEN_NOTHING;
    }
}

// The op for one fact, or the POLY form.
static KrXop
load_op_for(KrSeenKind kind, bool method)
{
    if (method) {
        return kind == KR_SEEN_METHOD ? KR_X_GETMETHOD_TYPE : KR_X_GETMETHOD_POLY;
    }
    switch (kind) {
    case KR_SEEN_INLINE: return KR_X_GETATTR_INLINE;
    case KR_SEEN_SLOT: return KR_X_GETATTR_SLOT;
    case KR_SEEN_CLASSVAR: return KR_X_GETATTR_CLASSVAR;
    default: return KR_X_GETATTR_POLY;
    }
}

static void
specialise_load(KrFrame *fp, KrWord *ip, PyObject *owner, bool method)
{
    PyObject *name = attribute_name(fp, ip);
    KrSeen seen;
    ip[1].high = MISS_WAIT;
    if (PyModule_CheckExact(owner)) {
        specialise_module(ip, method ? KR_X_GETMETHOD_MODULE : KR_X_GETATTR_MODULE, owner,
                          name);
    }
    else if (PyType_Check(owner)) {
        specialise_of_type(ip, method ? KR_X_GETMETHOD_OF_TYPE : KR_X_GETATTR_OF_TYPE,
                           (PyTypeObject *)owner, name);
    }
    else if (kr_see_load(owner, name, method, &seen)) {
        KrXop op = load_op_for(seen.kind, method);
        if (op == KR_X_GETATTR_POLY || op == KR_X_GETMETHOD_POLY) {
            install_list(fp, ip, op, method ? KR_X_GETMETHOD : KR_X_GETATTR, &seen, NULL);
        }
        else {
            install(ip, op, &seen);
        }
    }
}

// A specialised op has met another kind of owner.
static void
widen_load(KrFrame *fp, KrWord *ip, bool method)
{
    KV x = fp->slots[ip->b];
    KrXop general = method ? KR_X_GETMETHOD : KR_X_GETATTR;
    KrSeen first = installed(ip, load_kind_of(ip->op)), seen;
    if (first.kind == KR_SEEN_NOTHING || !kv_is_pointer(x) ||
        !kr_see_load(kv_pointer(x), attribute_name(fp, ip), method, &seen)) {
        generalise(ip, general, MISS_WAIT);
        return;
    }
    if (seen.version == first.version && seen.word == first.word) {
        return; // an unbound slot
    }
    install_list(fp, ip, method ? KR_X_GETMETHOD_POLY : KR_X_GETATTR_POLY, general, &first,
                 &seen);
}

// The value by a fact that holds: 1 and a word of its own, 0: take the general way,
// -1 with an exception, KR_SPECIAL_PUSHED.
static int
load_seen(PyThreadState *tstate, KrFrame *fp, KrWord *ip, const KrSeen *seen, KV x,
          bool method, KV *out)
{
    PyObject *owner = kv_pointer(x), *object = seen->object;
    switch (seen->kind) {
    case KR_SEEN_INLINE: {
        KV value = *(KV *)((char *)owner + seen->place);
        *out = kv_is_pointer(value) ? kr_loaded(ip, kv_pointer(value)) : value;
        return 1;
    }
    case KR_SEEN_SLOT:
        object = *(PyObject **)((char *)owner + seen->place);
        if (object == NULL) {
            return 0;
        }
        *out = kr_loaded(ip, object);
        return 1;
    case KR_SEEN_CLASSVAR:
        *out = kr_loaded(ip, object);
        return 1;
    case KR_SEEN_DICT:
        object = kr_attribute_dict(owner);
        object = PyDict_CheckExact(object) ? kr_dict_get_str(object, attribute_name(fp, ip))
                                           : NULL;
        if (object == NULL) {
            return tstate->current_exception == NULL ? 0 : -1;
        }
        *out = kr_loaded(ip, object);
        return 1;
    case KR_SEEN_PROPERTY:
        return !method && kr_special_push(tstate, fp, kr_property_getter(object), &x, 1,
                                          KR_RETURN_OP)
                   ? KR_SPECIAL_PUSHED
                   : 0;
    case KR_SEEN_HOOK: {
        KV args[2] = {x, kv_from_borrow(attribute_name(fp, ip))};
        return !method && kr_special_push(tstate, fp, object, args, 2, KR_RETURN_OP)
                   ? KR_SPECIAL_PUSHED
                   : 0;
    }
    case KR_SEEN_CLASS:
        *out = kv_from_new((PyObject *)Py_TYPE(owner));
        return 1;
    case KR_SEEN_PYTHON_GET: {
        KV args[3] = {kv_from_borrow(object), x, kv_from_borrow((PyObject *)Py_TYPE(owner))};
        if (!method &&
            kr_special_push_keeping(tstate, fp, KR_ID(__get__), args, 3)) {
            return KR_SPECIAL_PUSHED;
        }
    } // fall through
    case KR_SEEN_DESCRIPTOR: {
        if (Py_TYPE(object)->tp_descr_get == NULL) {
            return 0;
        }
        Py_INCREF(object);
        PyObject *value = Py_TYPE(object)->tp_descr_get(object, owner,
                                                        (PyObject *)Py_TYPE(owner));
        Py_DECREF(object);
        *out = value == NULL ? KV_NULL : kv_from_result(value);
        return value == NULL ? -1 : 1;
    }
    default:
        return 0;
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
        specialise_load(fp, ip, kv_pointer(x), false);
    }
    return general_getattr(fp, ip);
}

KR_SLOW_OP(getattr_miss)
{
    widen_load(fp, ip, false);
    return general_getattr(fp, ip);
}

// The fact of a POLY site for the owner, perhaps just learnt; NULL: none.
static const KrSeen *
find_load(KrFrame *fp, KrWord *ip, KV x, bool method)
{
    if (!kv_is_pointer(x)) {
        return NULL;
    }
    const KrSeen *found = kr_seen_find(ip[1].pointer, kv_pointer(x));
    KrSeen seen;
    if (found == NULL && kr_see_load(kv_pointer(x), attribute_name(fp, ip), method, &seen)) {
        found = extend_list(ip, method ? KR_X_GETMETHOD : KR_X_GETATTR, &seen);
    }
    return found;
}

KR_SLOW_OP(getattr_poly)
{
    KV x = fp->slots[ip->b], value;
    const KrSeen *seen = find_load(fp, ip, x, false);
    int status = seen == NULL ? 0 : load_seen(tstate, fp, ip, seen, x, false, &value);
    if (status == 1) {
        kr_finish_unary(fp, ip, value);
        return 0;
    }
    return status == 0 ? general_getattr(fp, ip) : status;
}

// --- Methods -----------------------------------------------------------------------

// Puts callable and receiver (or KV_NULL), both consumed, into their places; the
// operand dies if it is to.
static void
finish_method(KrFrame *fp, const KrWord *ip, KV callable, KV self)
{
    KV old = KV_NULL;
    if (ip->flags & KR_KILL_B) {
        old = fp->slots[ip->b];
        fp->slots[ip->b] = KV_NULL;
    }
    fp->slots[ip->a + ((ip->flags & KR_FLAG_Y) ? 1u : 1u + KR_FRAME_HEADER)] = self;
    fp->slots[ip->a] = callable;
    kv_release(old);
}

static int
general_getmethod(KrFrame *fp, KrWord *ip)
{
    PyObject *owner = kv_to_object(fp->slots[ip->b]), *method = NULL;
    if (owner == NULL) {
        return -1;
    }
    int unbound = _PyObject_GetMethod(owner, attribute_name(fp, ip), &method);
    if (method == NULL) {
        Py_DECREF(owner);
        return -1;
    }
    finish_method(fp, ip, kv_from_steal(method), unbound ? kv_from_new(owner) : KV_NULL);
    Py_DECREF(owner);
    return 0;
}

KR_SLOW_OP(getmethod)
{
    KV x = fp->slots[ip->b];
    if (counted_down(ip) && kv_is_pointer(x)) {
        specialise_load(fp, ip, kv_pointer(x), true);
    }
    return general_getmethod(fp, ip);
}

KR_SLOW_OP(getmethod_miss)
{
    widen_load(fp, ip, true);
    return general_getmethod(fp, ip);
}

KR_SLOW_OP(getmethod_poly)
{
    KV x = fp->slots[ip->b], value;
    const KrSeen *seen = find_load(fp, ip, x, true);
    if (seen == NULL) {
        return general_getmethod(fp, ip);
    }
    if (seen->kind == KR_SEEN_METHOD) {
        KV self = x;
        if (ip->flags & KR_KILL_B) {
            fp->slots[ip->b] = KV_NULL;
        }
        else {
            self.bits |= KR_KV_BORROWED;
        }
        finish_method(fp, ip, kv_from_new(seen->object), self);
        return 0;
    }
    int status = load_seen(tstate, fp, ip, seen, x, true, &value);
    if (status == 1) {
        finish_method(fp, ip, value, KV_NULL);
        return 0;
    }
    return status == 0 ? general_getmethod(fp, ip) : status;
}

// --- Stores ------------------------------------------------------------------------

static KrXop
store_op_for(KrSeenKind kind)
{
    switch (kind) {
    case KR_SEEN_INLINE: return KR_X_SETATTR_INLINE;
    case KR_SEEN_ADD: return KR_X_SETATTR_ADD;
    case KR_SEEN_SLOT: return KR_X_SETATTR_SLOT;
    default: return KR_X_SETATTR_POLY;
    }
}

static KrSeenKind
store_kind_of(KrXop op)
{
    return op == KR_X_SETATTR_INLINE ? KR_SEEN_INLINE
           : op == KR_X_SETATTR_ADD  ? KR_SEEN_ADD
                                     : KR_SEEN_SLOT;
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
        KrSeen seen;
        ip[1].high = MISS_WAIT;
        if (kr_see_store(kv_pointer(x), attribute_name(fp, ip), &seen)) {
            KrXop op = store_op_for(seen.kind);
            if (op == KR_X_SETATTR_POLY) {
                install_list(fp, ip, op, KR_X_SETATTR, &seen, NULL);
            }
            else {
                install(ip, op, &seen);
            }
        }
    }
    return general_setattr(fp, ip);
}

KR_SLOW_OP(setattr_miss)
{
    KV x = fp->slots[ip->a];
    KrSeen first = installed(ip, store_kind_of(ip->op)), seen;
    if (kv_is_pointer(x) && kr_see_store(kv_pointer(x), attribute_name(fp, ip), &seen)) {
        install_list(fp, ip, KR_X_SETATTR_POLY, KR_X_SETATTR, &first, &seen);
    }
    else {
        generalise(ip, KR_X_SETATTR, MISS_WAIT);
    }
    return general_setattr(fp, ip);
}

// Puts the value operand into a place that may hold an old one. 0, or -1.
static int
store_seen(KrFrame *fp, const KrWord *ip, const KrSeen *seen, PyObject *owner)
{
    KV word = kr_take_operand(fp, ip->b, ip->flags & KR_KILL_B);
    char *place = (char *)owner + seen->place;
    if (seen->kind == KR_SEEN_SLOT) {
        PyObject *value = kv_to_object_steal(word);
        if (value == NULL) {
            return -1;
        }
        PyObject *old = *(PyObject **)place;
        *(PyObject **)place = value;
        Py_XDECREF(old);
        return 0;
    }
    KV old = *(KV *)place;
    *(KV *)place = word;
    if (seen->kind == KR_SEEN_ADD) {
        kr_instance_set_word(owner, (uint64_t)(uintptr_t)seen->object);
    }
    else {
        kv_release(old);
    }
    return 0;
}

KR_SLOW_OP(setattr_poly)
{
    KV x = fp->slots[ip->a];
    PyObject *name = attribute_name(fp, ip);
    KrSeen fact;
    const KrSeen *seen = NULL;
    if (kv_is_pointer(x)) {
        seen = kr_seen_find(ip[1].pointer, kv_pointer(x));
        if (seen == NULL && kr_see_store(kv_pointer(x), name, &fact)) {
            seen = extend_list(ip, KR_X_SETATTR, &fact);
        }
    }
    if (seen == NULL) {
        return general_setattr(fp, ip);
    }
    if (seen->kind == KR_SEEN_PROPERTY || seen->kind == KR_SEEN_HOOK) {
        bool hook = seen->kind == KR_SEEN_HOOK;
        KV args[3] = {x, kv_from_borrow(name), fp->slots[ip->b]};
        args[1] = hook ? args[1] : args[2];
        return kr_special_push(tstate, fp,
                               hook ? seen->object : kr_property_setter(seen->object), args,
                               hook ? 3 : 2, KR_RETURN_OP)
                   ? KR_SPECIAL_PUSHED
                   : general_setattr(fp, ip);
    }
    if (seen->kind == KR_SEEN_PYTHON_GET) {
        KV args[3] = {kv_from_borrow(seen->object), x, fp->slots[ip->b]};
        return kr_special_push_keeping(tstate, fp, KR_ID(__set__), args, 3)
                   ? KR_SPECIAL_PUSHED
                   : general_setattr(fp, ip);
    }
    if (seen->kind == KR_SEEN_DICT) {
        PyObject *dict = kr_attribute_dict(kv_pointer(x));
        if (!PyDict_CheckExact(dict)) {
            return general_setattr(fp, ip);
        }
        PyObject *value = kv_to_object_steal(
            kr_take_operand(fp, ip->b, (ip->flags & KR_KILL_B) != 0));
        int status = value == NULL ? -1 : PyDict_SetItem(dict, name, value);
        Py_XDECREF(value);
        if (status < 0) {
            return -1;
        }
    }
    else if (store_seen(fp, ip, seen, kv_pointer(x)) < 0) {
        return -1;
    }
    if (ip->flags & KR_KILL_C) {
        fp->slots[ip->a] = KV_NULL;
        kv_release(x);
    }
    return 0;
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
