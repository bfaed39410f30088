// SPDX-License-Identifier: MIT
// slots.c - what the slots of Python classes hold: look the method up, call it.
//
// Callers:     whoever calls a slot; slots.def says which function goes where.
// Re-entrancy: each of these runs Python code.
#include "objects/type/slots.h"

#include "objects/abstract.h"
#include "objects/ids.h"
#include "objects/memoryview/memoryview.h"
#include "objects/object.h"
#include "objects/state.h"

// ------------------------------------------------------------------------ helpers

static PyObject *
call0(PyObject *self, PyObject *name)
{
    return kr_call_special(name, &self, 1);
}

static PyObject *
call1(PyObject *self, PyObject *name, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    return kr_call_special(name, args, 2);
}

static PyObject *
call2(PyObject *self, PyObject *name, PyObject *arg1, PyObject *arg2)
{
    PyObject *args[3] = {self, arg1, arg2};
    return kr_call_special(name, args, 3);
}

// A method that may be missing. A descriptor that says AttributeError counts as
// missing, too.
static int
lookup_maybe(PyObject *self, PyObject *name, PyObject **method, bool *unbound)
{
    int found = kr_lookup_special(self, name, method, unbound);

    if (found < 0 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        found = 0;
    }
    return found;
}

// Calls args[0].name(args[1...]); NotImplemented if there is no such method.
static PyObject *
call_maybe(PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *method, *result;
    bool unbound;
    int found = lookup_maybe(args[0], name, &method, &unbound);

    if (found <= 0) {
        if (found < 0) {
            return NULL;
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    result = unbound ? PyObject_Vectorcall(method, args, (size_t)nargs, NULL)
                     : PyObject_Vectorcall(method, args + 1, (size_t)(nargs - 1), NULL);
    Py_DECREF(method);
    return result;
}

static int
result_to_status(PyObject *result)
{
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

PyObject *
kr_call_prepend(PyObject *callable, PyObject *first, PyObject *args, PyObject *kwds)
{
    PyObject *few[8], **all = few, *result;
    Py_ssize_t n = PyTuple_GET_SIZE(args);

    if (n + 1 > KR_ARRAY_LEN(few)) {
        all = PyMem_Malloc((size_t)(n + 1) * sizeof(PyObject *));
        if (all == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    all[0] = first;
    for (Py_ssize_t i = 0; i < n; i++) {
        all[i + 1] = PyTuple_GET_ITEM(args, i);
    }
    result = PyObject_VectorcallDict(callable, all, (size_t)(n + 1), kwds);
    if (all != few) {
        PyMem_Free(all);
    }
    return result;
}

// --------------------------------------------------------------------- attributes

PyObject *
slot_getattro(PyObject *self, PyObject *name)
{
    return call1(self, KR_ID(__getattribute__), name);
}

// Whether a class's __getattribute__ is object's own.
static bool
is_generic_getattribute(PyObject *func)
{
    return Py_IS_TYPE(func, &PyWrapperDescr_Type) &&
           ((PyWrapperDescrObject *)func)->d_wrapped ==
               (void *)PyObject_GenericGetAttr;
}

PyObject *
slot_getattr_hook(PyObject *self, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *hook, *func, *value = NULL, *args[2] = {self, name};
    int found;

    hook = kr_type_lookup_borrow(type, KR_ID(__getattr__));
    if (hook == NULL) {
        type->tp_getattro = slot_getattro;
        return slot_getattro(self, name);
    }
    Py_INCREF(hook);
    func = kr_type_lookup_borrow(type, KR_ID(__getattribute__));
    if (func == NULL || is_generic_getattribute(func)) {
        found = kr_generic_lookup(self, name, &value);
    }
    else {
        value = call1(self, KR_ID(__getattribute__), name);
        found = value == NULL ? -1 : 1;
    }
    if (found < 0 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        found = 0;
    }
    if (found == 0) {
        PyObject *method;
        bool unbound;
        // The hook may have been looked up before __getattribute__ changed it.
        if (kr_lookup_special(self, KR_ID(__getattr__), &method, &unbound) > 0) {
            value = unbound ? PyObject_Vectorcall(method, args, 2, NULL)
                            : PyObject_Vectorcall(method, args + 1, 1, NULL);
            Py_DECREF(method);
        }
        else if (!PyErr_Occurred()) {
            kr_no_attribute(self, name);
        }
    }
    Py_DECREF(hook);
    return value;
}

int
slot_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    if (value == NULL) {
        return result_to_status(call1(self, KR_ID(__delattr__), name));
    }
    return result_to_status(call2(self, KR_ID(__setattr__), name, value));
}

PyObject *
slot_descr_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyTypeObject *own = Py_TYPE(self);
    PyObject *get = kr_type_lookup_borrow(own, KR_ID(__get__)), *result;
    PyObject *args[3] = {self, obj == NULL ? Py_None : obj,
                         type == NULL ? Py_None : type};

    if (get == NULL) {
        if (own->tp_descr_get == slot_descr_get) {
            own->tp_descr_get = NULL;
        }
        return Py_NewRef(self);
    }
    Py_INCREF(get);
    result = PyObject_Vectorcall(get, args, 3, NULL);
    Py_DECREF(get);
    return result;
}

int
slot_descr_set(PyObject *self, PyObject *obj, PyObject *value)
{
    if (value == NULL) {
        return result_to_status(call1(self, KR_ID(__delete__), obj));
    }
    return result_to_status(call2(self, KR_ID(__set__), obj, value));
}

// -------------------------------------------------------------------------- texts

PyObject *
slot_repr(PyObject *self)
{
    PyObject *method;
    bool unbound;
    int found = lookup_maybe(self, KR_ID(__repr__), &method, &unbound);

    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(self)->tp_name, self);
    }
    PyObject *result = PyObject_Vectorcall(method, &self, unbound, NULL);
    Py_DECREF(method);
    return result;
}

PyObject *
slot_str(PyObject *self)
{
    return call0(self, KR_ID(__str__));
}

Py_hash_t
slot_hash(PyObject *self)
{
    PyObject *method, *result;
    bool unbound;
    Py_hash_t hash;
    int found = lookup_maybe(self, KR_ID(__hash__), &method, &unbound);

    if (found < 0) {
        return -1;
    }
    if (found == 0 || method == Py_None) {
        if (found > 0) {
            Py_DECREF(method);
        }
        return PyObject_HashNotImplemented(self);
    }
    result = PyObject_Vectorcall(method, &self, unbound, NULL);
    Py_DECREF(method);
    if (result == NULL) {
        return -1;
    }
    if (!PyLong_Check(result)) {
        PyErr_SetString(PyExc_TypeError, "__hash__ method should return an integer");
        Py_DECREF(result);
        return -1;
    }
    hash = PyLong_AsSsize_t(result);
    if (hash == -1 && PyErr_Occurred()) {
        // Too big for a hash: its own hash serves.
        PyErr_Clear();
        hash = PyLong_Type.tp_hash(result);
    }
    Py_DECREF(result);
    return hash == -1 ? -2 : hash;
}

// ---------------------------------------------------------- life, calls, iteration

PyObject *
slot_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *method, *result;
    bool unbound;
    int found = kr_lookup_special(self, KR_ID(__call__), &method, &unbound);

    if (found <= 0) {
        if (found == 0) {
            PyErr_SetObject(PyExc_AttributeError, KR_ID(__call__));
        }
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while calling a Python object")) {
        Py_DECREF(method);
        return NULL;
    }
    result = unbound ? kr_call_prepend(method, self, args, kwds)
                     : PyObject_Call(method, args, kwds);
    Py_LeaveRecursiveCall();
    Py_DECREF(method);
    return result;
}

int
slot_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyObject *method, *result;
    bool unbound;
    int found = kr_lookup_special(self, KR_ID(__init__), &method, &unbound);

    if (found <= 0) {
        if (found == 0) {
            PyErr_SetObject(PyExc_AttributeError, KR_ID(__init__));
        }
        return -1;
    }
    result = unbound ? kr_call_prepend(method, self, args, kwds)
                     : PyObject_Call(method, args, kwds);
    Py_DECREF(method);
    if (result == NULL) {
        return -1;
    }
    if (result != Py_None) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

PyObject *
slot_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *func = PyObject_GetAttr((PyObject *)type, KR_ID(__new__)), *result;

    if (func == NULL) {
        return NULL;
    }
    result = kr_call_prepend(func, (PyObject *)type, args, kwds);
    Py_DECREF(func);
    return result;
}

void
slot_finalize(PyObject *self)
{
    PyObject *exc = PyErr_GetRaisedException(), *method, *result;
    bool unbound;
    int found = kr_lookup_special(self, KR_ID(__del__), &method, &unbound);

    if (found > 0) {
        result = PyObject_Vectorcall(method, &self, unbound, NULL);
        if (result == NULL) {
            PyErr_FormatUnraisable("Exception ignored while calling deallocator %R",
                                   method);
        }
        Py_XDECREF(result);
        Py_DECREF(method);
    }
    else if (found < 0) {
        PyErr_FormatUnraisable("Exception ignored while calling deallocator of %R",
                               Py_TYPE(self));
    }
    PyErr_SetRaisedException(exc);
}

PyObject *
slot_iter(PyObject *self)
{
    PyObject *method, *result;
    bool unbound;
    int found = lookup_maybe(self, KR_ID(__iter__), &method, &unbound);

    if (found < 0) {
        return NULL;
    }
    if (found > 0 && method != Py_None) {
        result = PyObject_Vectorcall(method, &self, unbound, NULL);
        Py_DECREF(method);
        return result;
    }
    if (found == 0) {
        // The old protocol: items by number.
        found = lookup_maybe(self, KR_ID(__getitem__), &method, &unbound);
        if (found < 0) {
            return NULL;
        }
        if (found > 0) {
            Py_DECREF(method);
            return PySeqIter_New(self);
        }
    }
    Py_XDECREF(method);
    PyErr_Format(PyExc_TypeError, "'%.200s' object is not iterable",
                 Py_TYPE(self)->tp_name);
    return NULL;
}

PyObject *
slot_iternext(PyObject *self)
{
    return call0(self, KR_ID(__next__));
}

static PyObject *
call_async(PyObject *self, PyObject *name)
{
    PyObject *method, *result;
    bool unbound;
    int found = kr_lookup_special(self, name, &method, &unbound);

    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        PyErr_Format(PyExc_AttributeError, "object %.50s does not have %U method",
                     Py_TYPE(self)->tp_name, name);
        return NULL;
    }
    result = PyObject_Vectorcall(method, &self, unbound, NULL);
    Py_DECREF(method);
    return result;
}

PyObject *
slot_await(PyObject *self)
{
    return call_async(self, KR_ID(__await__));
}

PyObject *
slot_aiter(PyObject *self)
{
    return call_async(self, KR_ID(__aiter__));
}

PyObject *
slot_anext(PyObject *self)
{
    return call_async(self, KR_ID(__anext__));
}

// --------------------------------------------------------------------- comparison

PyObject *
slot_richcompare(PyObject *self, PyObject *other, int op)
{
    PyObject *const names[6] = {KR_ID(__lt__), KR_ID(__le__), KR_ID(__eq__),
                                KR_ID(__ne__), KR_ID(__gt__), KR_ID(__ge__)};
    PyObject *args[2] = {self, other};

    return call_maybe(names[op], args, 2);
}

// ------------------------------------------------------------------------- items

Py_ssize_t
kr_length_from_result(PyObject *result)
{
    PyObject *index = PyNumber_Index(result);
    Py_ssize_t length = -1;

    if (index == NULL) {
        return -1;
    }
    if (PyLong_IsNegative(index) == 1) {
        PyErr_SetString(PyExc_ValueError, "__len__() should return >= 0");
    }
    else {
        length = PyNumber_AsSsize_t(index, PyExc_OverflowError);
    }
    Py_DECREF(index);
    return length;
}

Py_ssize_t
slot_length(PyObject *self)
{
    PyObject *result = call0(self, KR_ID(__len__));
    Py_ssize_t length;

    if (result == NULL) {
        return -1;
    }
    length = kr_length_from_result(result);
    Py_DECREF(result);
    return length;
}

PyObject *
slot_mp_subscript(PyObject *self, PyObject *key)
{
    return call1(self, KR_ID(__getitem__), key);
}

int
slot_mp_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    if (value == NULL) {
        return result_to_status(call1(self, KR_ID(__delitem__), key));
    }
    return result_to_status(call2(self, KR_ID(__setitem__), key, value));
}

PyObject *
slot_sq_item(PyObject *self, Py_ssize_t i)
{
    PyObject *index = PyLong_FromSsize_t(i), *result;

    if (index == NULL) {
        return NULL;
    }
    result = call1(self, KR_ID(__getitem__), index);
    Py_DECREF(index);
    return result;
}

int
slot_sq_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *index = PyLong_FromSsize_t(i);
    int result;

    if (index == NULL) {
        return -1;
    }
    result = slot_mp_ass_subscript(self, index, value);
    Py_DECREF(index);
    return result;
}

int
slot_sq_contains(PyObject *self, PyObject *value)
{
    PyObject *method, *result, *args[2] = {self, value};
    bool unbound;
    int found = lookup_maybe(self, KR_ID(__contains__), &method, &unbound);
    int truth;

    if (found < 0) {
        return -1;
    }
    if (found == 0) {
        return kr_sequence_search(self, value, KR_SEARCH_CONTAINS) > 0
                   ? 1
                   : (PyErr_Occurred() ? -1 : 0);
    }
    if (method == Py_None) {
        Py_DECREF(method);
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not a container",
                     Py_TYPE(self)->tp_name);
        return -1;
    }
    result = unbound ? PyObject_Vectorcall(method, args, 2, NULL)
                     : PyObject_Vectorcall(method, args + 1, 1, NULL);
    Py_DECREF(method);
    if (result == NULL) {
        return -1;
    }
    truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

// ------------------------------------------------------------------------ numbers

int
slot_nb_bool(PyObject *self)
{
    PyObject *method, *result;
    bool unbound, by_length = false;
    int found = lookup_maybe(self, KR_ID(__bool__), &method, &unbound), truth;

    if (found == 0) {
        found = lookup_maybe(self, KR_ID(__len__), &method, &unbound);
        by_length = true;
    }
    if (found <= 0) {
        return found < 0 ? -1 : 1;
    }
    result = PyObject_Vectorcall(method, &self, unbound, NULL);
    Py_DECREF(method);
    if (result == NULL) {
        return -1;
    }
    if (by_length || PyBool_Check(result)) {
        truth = PyObject_IsTrue(result);
    }
    else {
        PyErr_Format(PyExc_TypeError, "__bool__ should return bool, returned %s",
                     Py_TYPE(result)->tp_name);
        truth = -1;
    }
    Py_DECREF(result);
    return truth;
}

// Whether the right operand's class has its own idea of the reflected method.
static int
reflected_is_overridden(PyTypeObject *left, PyTypeObject *right, PyObject *name)
{
    PyObject *a = kr_type_lookup_borrow(right, name), *b;
    int differs;

    if (a == NULL) {
        return 0;
    }
    b = kr_type_lookup_borrow(left, name);
    if (b == NULL) {
        return 1;
    }
    Py_INCREF(a);
    Py_INCREF(b);
    differs = PyObject_RichCompareBool(a, b, Py_NE);
    Py_DECREF(a);
    Py_DECREF(b);
    return differs;
}

// One binary operator; `mine` tells of an operand's slot whether it is the
// dispatcher of this very operator. n is 2, or 3 with a modulus in args[2].
static PyObject *
binary_dispatch(PyObject *self, PyObject *other, PyObject *modulus, bool self_mine,
                bool other_mine, PyObject *name, PyObject *rname)
{
    bool try_other = !Py_IS_TYPE(self, Py_TYPE(other)) && other_mine;
    Py_ssize_t n = modulus == NULL ? 2 : 3;
    PyObject *forward[3] = {self, other, modulus};
    PyObject *reflected[3] = {other, self, modulus};
    PyObject *result;

    if (self_mine) {
        if (try_other && PyType_IsSubtype(Py_TYPE(other), Py_TYPE(self))) {
            int overridden =
                reflected_is_overridden(Py_TYPE(self), Py_TYPE(other), rname);
            if (overridden < 0) {
                return NULL;
            }
            if (overridden) {
                result = call_maybe(rname, reflected, n);
                if (result != Py_NotImplemented) {
                    return result;
                }
                Py_DECREF(result);
                try_other = false;
            }
        }
        result = call_maybe(name, forward, n);
        if (result != Py_NotImplemented || Py_IS_TYPE(other, Py_TYPE(self))) {
            return result;
        }
        Py_DECREF(result);
    }
    if (try_other) {
        return call_maybe(rname, reflected, n);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static inline PyNumberMethods *
numbers_of(PyObject *obj)
{
    static PyNumberMethods none;
    PyNumberMethods *suite = Py_TYPE(obj)->tp_as_number;
    return suite != NULL ? suite : &none;
}

#define KR_SLOT_UNARY(field, name)                                             \
    PyObject *slot_##field(PyObject *self)                                     \
    {                                                                          \
        return call0(self, name);                                              \
    }
#define KR_SLOT_BINARY(field, name, rname)                                     \
    PyObject *slot_##field(PyObject *self, PyObject *other)                    \
    {                                                                          \
        return binary_dispatch(self, other, NULL,                              \
                               numbers_of(self)->field == slot_##field,        \
                               numbers_of(other)->field == slot_##field, name, \
                               rname);                                         \
    }
#define KR_SLOT_INPLACE(field, name)                                           \
    PyObject *slot_##field(PyObject *self, PyObject *other)                    \
    {                                                                          \
        return call1(self, name, other);                                       \
    }
#include "objects/type/number_slots.def"
#undef KR_SLOT_UNARY
#undef KR_SLOT_BINARY
#undef KR_SLOT_INPLACE

PyObject *
slot_nb_power(PyObject *self, PyObject *other, PyObject *modulus)
{
    return binary_dispatch(self, other, modulus == Py_None ? NULL : modulus,
                           numbers_of(self)->nb_power == slot_nb_power,
                           numbers_of(other)->nb_power == slot_nb_power,
                           KR_ID(__pow__), KR_ID(__rpow__));
}

// pow() has no in-place form with a modulus.
PyObject *
slot_nb_inplace_power(PyObject *self, PyObject *other, PyObject *modulus)
{
    return call1(self, KR_ID(__ipow__), other);
}

// ------------------------------------------------------------------------ buffers

int
slot_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    return kr_buffer_call_python(self, view, flags);
}

void
slot_releasebuffer(PyObject *self, Py_buffer *view)
{
    kr_buffer_release_python(self, view);
}
