// SPDX-License-Identifier: MIT
// slow_match.c - the instructions of match statements.
//
// Patterns have few parts, so that what must not occur twice is compared with what
// came before. Read next: slow_misc.c
#include "vm/machine.h"

#include "objects/ids.h"
#include "objects/str/str.h"
#include "objects/type.h"
#include "vm/c_call.h"

static int
store_value(KrFrame *fp, const KrWord *ip, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_result(value);
    kv_release(old);
    return 0;
}

KR_SLOW_OP(get_len)
{
    PyObject *object = kv_pointer(fp->slots[ip->b]);
    Py_ssize_t length = PyTuple_CheckExact(object) || PyList_CheckExact(object)
                            ? Py_SIZE(object)
                            : PyObject_Length(object);
    if (length < 0) {
        return -1;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_int(length);
    kv_release(old);
    return 0;
}

// The subject may be a tagged number, which is no collection.
static int
match_flag(KrFrame *fp, KrWord *ip, unsigned long flag)
{
    KV x = fp->slots[ip->b];
    bool match = kv_is_pointer(x) && (Py_TYPE(kv_pointer(x))->tp_flags & flag) != 0;
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = match ? KV_TRUE : KV_FALSE;
    kv_release(old);
    return 0;
}

KR_SLOW_OP(match_mapping)
{
    return match_flag(fp, ip, Py_TPFLAGS_MAPPING);
}

KR_SLOW_OP(match_sequence)
{
    return match_flag(fp, ip, Py_TPFLAGS_SEQUENCE);
}

// --- Keys ------------------------------------------------------------------------------

// 1 if the key at place i equals an earlier one, 0, or -1 with an exception.
static int
is_repeated_key(PyObject *keys, Py_ssize_t i)
{
    PyObject *key = PyTuple_GET_ITEM(keys, i);
    for (Py_ssize_t k = 0; k < i; k++) {
        PyObject *earlier = PyTuple_GET_ITEM(keys, k);
        int same = PyUnicode_CheckExact(key) && PyUnicode_CheckExact(earlier)
                       ? kr_str_equal(key, earlier)
                       : PyObject_RichCompareBool(key, earlier, Py_EQ);
        if (same != 0) {
            return same;
        }
    }
    return 0;
}

// One value: 1 with a new reference, 0 absent, -1 error. get and missing are made
// when a mapping of another kind first needs them.
static int
find_key(PyObject *map, PyObject *key, PyObject **get, PyObject **missing, PyObject **out)
{
    if (PyDict_CheckExact(map)) {
        return PyDict_GetItemRef(map, key, out);
    }
    if (*get == NULL) {
        *get = PyObject_GetAttr(map, KR_ID(get));
        *missing = *get == NULL ? NULL : PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
        if (*missing == NULL) {
            return -1;
        }
    }
    *out = PyObject_CallFunctionObjArgs(*get, key, *missing, NULL);
    if (*out == *missing) {
        Py_CLEAR(*out);
        return 0;
    }
    return *out == NULL ? -1 : 1;
}

// A tuple of the values, None if a key is missing.
static PyObject *
match_keys(PyObject *map, PyObject *keys)
{
    Py_ssize_t n = PyTuple_GET_SIZE(keys);
    PyObject *missing = NULL, *result = NULL, *get = NULL;
    PyObject *values = PyTuple_New(n);
    for (Py_ssize_t i = 0; values != NULL && i < n; i++) {
        PyObject *key = PyTuple_GET_ITEM(keys, i), *value = NULL;
        int twice = is_repeated_key(keys, i);
        if (twice > 0) {
            PyErr_Format(PyExc_ValueError, "mapping pattern checks duplicate key (%R)", key);
        }
        int found = twice != 0 ? -1 : find_key(map, key, &get, &missing, &value);
        if (found <= 0) {
            result = found == 0 ? Py_NewRef(Py_None) : NULL;
            goto done;
        }
        PyTuple_SET_ITEM(values, i, value);
    }
    result = KR_MOVE(values);

done:
    Py_XDECREF(get);
    Py_XDECREF(values);
    Py_XDECREF(missing);
    return result;
}

KR_SLOW_OP(match_keys)
{
    PyObject *map = kv_to_object(fp->slots[ip->b]);
    PyObject *result = map == NULL ? NULL : match_keys(map, kv_pointer(fp->slots[ip->c]));
    Py_XDECREF(map);
    return store_value(fp, ip, result);
}

// --- Classes ---------------------------------------------------------------------------

static bool
is_same_name(PyObject *a, PyObject *b)
{
    return a == b || (PyUnicode_Check(a) && PyUnicode_Check(b) && kr_str_equal(a, b));
}

static bool
is_among(PyObject *name, PyObject *names, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (is_same_name(name, PyTuple_GET_ITEM(names, i))) {
            return true;
        }
    }
    return false;
}

// 1 with the class's __match_args__ (new), 0 without, -1 error.
static int
find_match_args(PyTypeObject *type, PyObject **out)
{
    PyTypeObject *meta = Py_TYPE(type);
    if (meta->tp_getattro == kr_type_getattro &&
        kr_type_lookup_borrow(meta, KR_ID(__match_args__)) == NULL) {
        PyObject *found = kr_type_lookup_borrow(type, KR_ID(__match_args__));
        if (found == NULL || PyTuple_CheckExact(found)) {
            *out = Py_XNewRef(found);
            return found != NULL;
        }
    }
    return PyObject_GetOptionalAttr((PyObject *)type, KR_ID(__match_args__), out);
}

// What positional patterns stand for: a tuple of names, or NULL with *self_out for
// the subject itself. -1: error.
static int
positional_names(PyTypeObject *type, Py_ssize_t n, PyObject **names_out, bool *self_out)
{
    int found = find_match_args(type, names_out);
    if (found < 0) {
        return -1;
    }
    if (found > 0 && !PyTuple_CheckExact(*names_out)) {
        PyErr_Format(PyExc_TypeError, "%s.__match_args__ must be a tuple (got %s)",
                     type->tp_name, Py_TYPE(*names_out)->tp_name);
        return -1;
    }
    *self_out = found == 0 && (type->tp_flags & _Py_TPFLAGS_MATCH_SELF) != 0;
    Py_ssize_t allowed = found > 0 ? PyTuple_GET_SIZE(*names_out) : *self_out;
    if (allowed < n) {
        PyErr_Format(PyExc_TypeError,
                     "%s() accepts %zd positional sub-pattern%s (%zd given)", type->tp_name,
                     allowed, allowed == 1 ? "" : "s", n);
        return -1;
    }
    return 0;
}

// One attribute: 1 with a new reference, 0 absent, -1 error.
static int
match_attribute(PyObject *subject, PyTypeObject *type, PyObject *name, bool repeated,
                PyObject **out)
{
    if (repeated) {
        PyErr_Format(PyExc_TypeError, "%s() got multiple sub-patterns for attribute %R",
                     type->tp_name, name);
        return -1;
    }
    return PyObject_GetOptionalAttr(subject, name, out);
}

// The attributes of an instance that matches so far: see match_class.
static PyObject *
match_attributes(PyObject *subject, PyTypeObject *type, Py_ssize_t npositional,
                 PyObject *names)
{
    Py_ssize_t nnames = PyTuple_GET_SIZE(names), at = 0;
    PyObject *match_args = NULL, *result = NULL, *value = NULL;
    PyObject *values = PyTuple_New(npositional + nnames);
    bool match_self = false;
    int found = values == NULL ? -1 : 1;

    if (found > 0 && npositional > 0 &&
        positional_names(type, npositional, &match_args, &match_self) < 0) {
        found = -1;
    }
    if (found > 0 && match_self) {
        PyTuple_SET_ITEM(values, at++, Py_NewRef(subject));
    }
    for (Py_ssize_t i = 0; found > 0 && match_args != NULL && i < npositional; i++) {
        PyObject *name = PyTuple_GET_ITEM(match_args, i);
        if (!PyUnicode_CheckExact(name)) {
            PyErr_Format(PyExc_TypeError, "__match_args__ elements must be strings (got %s)",
                         Py_TYPE(name)->tp_name);
            found = -1;
            break;
        }
        found = match_attribute(subject, type, name, is_among(name, match_args, i), &value);
        if (found > 0) {
            PyTuple_SET_ITEM(values, at++, value);
        }
    }
    for (Py_ssize_t i = 0; found > 0 && i < nnames; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        bool repeated = is_among(name, names, i) ||
                        (match_args != NULL && is_among(name, match_args, npositional));
        found = match_attribute(subject, type, name, repeated, &value);
        if (found > 0) {
            PyTuple_SET_ITEM(values, at++, value);
        }
    }
    result = found > 0 ? KR_MOVE(values) : found == 0 ? Py_NewRef(Py_None) : NULL;
    Py_XDECREF(match_args);
    Py_XDECREF(values);
    return result;
}

// The tuple of attribute values; None if it does not match; NULL on error.
static PyObject *
match_class(KV subject_word, PyObject *type, Py_ssize_t npositional, PyObject *names)
{
    if (!PyType_Check(type)) {
        PyErr_SetString(PyExc_TypeError, "called match pattern must be a class");
        return NULL;
    }
    int is_instance = kr_is_plain_instance(subject_word, type);
    if (is_instance == 0) {
        return Py_NewRef(Py_None);
    }
    PyObject *subject = kv_to_object(subject_word), *result = NULL;
    if (subject == NULL) {
        return NULL;
    }
    if (is_instance < 0) {
        is_instance = PyObject_IsInstance(subject, type);
    }
    if (is_instance > 0) {
        result = match_attributes(subject, (PyTypeObject *)type, npositional, names);
    }
    else if (is_instance == 0) {
        result = Py_NewRef(Py_None);
    }
    Py_DECREF(subject);
    return result;
}

KR_SLOW_OP(match_class)
{
    KV *window = &fp->slots[ip->b];
    PyObject *type = kr_kv_box_in_place(&window[1]);
    PyObject *result = type == NULL ? NULL
                                    : match_class(window[0], type, ip->c,
                                                  kv_pointer(window[2]));
    if (result == NULL) {
        return -1;
    }
    kr_sweep(window, 3);
    return store_value(fp, ip, result);
}
