// SPDX-License-Identifier: MIT
// weakref.c - weakref.ref and the list of references at each object.
//
// Invariants:  the references of one object form a list that starts at
//              kr_weakref_list(object): first the plain ref without callback, if
//              there is one, then the plain proxy without callback, then all others,
//              newest first. The two plain ones are shared by all who ask for them.
//              A dead reference has wr_object == None and is in no list; its
//              wr_next is free (clear_all uses it as a link).
// Re-entrancy: callbacks run after all references of the object are dead.
// Read next:   weakref_proxy.c
#include "objects/weakref.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/weakref_internal.h"

// --------------------------------------------------------------------- the list

// The two shared references, NULL where there is none (borrowed).
static void
list_find_shared(PyWeakReference *head, PyWeakReference **ref_out,
                 PyWeakReference **proxy_out)
{
    *ref_out = *proxy_out = NULL;
    if (head != NULL && head->wr_callback == NULL && PyWeakref_CheckRefExact(head)) {
        *ref_out = head;
        head = head->wr_next;
    }
    if (head != NULL && head->wr_callback == NULL && PyWeakref_CheckProxy(head)) {
        *proxy_out = head;
    }
}

static void
list_insert(PyWeakReference **list, PyWeakReference *after, PyWeakReference *self)
{
    PyWeakReference *next = after != NULL ? after->wr_next : *list;

    self->wr_prev = after;
    self->wr_next = next;
    if (next != NULL) {
        next->wr_prev = self;
    }
    if (after != NULL) {
        after->wr_next = self;
    }
    else {
        *list = self;
    }
}

void
kr_weakref_unlink(PyWeakReference *ref)
{
    if (ref->wr_object == Py_None) {
        return;
    }
    PyWeakReference **list = kr_weakref_list(ref->wr_object);
    if (*list == ref) {
        *list = ref->wr_next;
    }
    if (ref->wr_prev != NULL) {
        ref->wr_prev->wr_next = ref->wr_next;
    }
    if (ref->wr_next != NULL) {
        ref->wr_next->wr_prev = ref->wr_prev;
    }
    ref->wr_prev = ref->wr_next = NULL;
    ref->wr_object = Py_None;
}

Py_ssize_t
kr_weakref_count(PyObject *op)
{
    Py_ssize_t count = 0;

    if (PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) {
        PyWeakReference *ref = *kr_weakref_list(op);
        for (; ref != NULL; ref = ref->wr_next) {
            count++;
        }
    }
    return count;
}

// ---------------------------------------------------------------------- creation

// Where a new reference of `type` belongs; or the shared one that serves (borrowed
// in *found_out).
static PyWeakReference *
list_place(PyWeakReference *head, PyTypeObject *type, PyObject *callback,
           PyWeakReference **found_out)
{
    PyWeakReference *ref, *proxy;

    *found_out = NULL;
    list_find_shared(head, &ref, &proxy);
    if (callback == NULL && type == &_PyWeakref_RefType) {
        *found_out = ref;
        return NULL;
    }
    if (callback == NULL && type != NULL &&
        (type == &_PyWeakref_ProxyType || type == &_PyWeakref_CallableProxyType)) {
        *found_out = proxy;
        return ref;
    }
    return proxy != NULL ? proxy : ref;
}

PyObject *
kr_weakref_make(PyTypeObject *type, PyObject *op, PyObject *callback)
{
    PyWeakReference *found, *self;

    if (!PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) {
        PyErr_Format(PyExc_TypeError, "cannot create weak reference to '%s' object",
                     Py_TYPE(op)->tp_name);
        return NULL;
    }
    if (callback == Py_None) {
        callback = NULL;
    }
    list_place(*kr_weakref_list(op), type, callback, &found);
    if (found != NULL && Py_REFCNT(found) > 0) {
        return Py_NewRef(found);
    }
    self = (PyWeakReference *)kr_type_alloc_untracked(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->wr_object = op;
    self->wr_callback = Py_XNewRef(callback);
    self->hash = -1;
    self->vectorcall = kr_weakref_vectorcall;
    list_insert(kr_weakref_list(op),
                list_place(*kr_weakref_list(op), type, callback, &found), self);
    kr_gc_track(self);
    return (PyObject *)self;
}

PyObject *
PyWeakref_NewRef(PyObject *op, PyObject *callback)
{
    return kr_weakref_make(&_PyWeakref_RefType, op, callback);
}

// ---------------------------------------------------------------- reading, clearing

int
PyWeakref_GetRef(PyObject *ref, PyObject **pobj)
{
    *pobj = NULL;
    if (ref == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyWeakref_Check(ref)) {
        PyErr_SetString(PyExc_TypeError, "expected a weakref");
        return -1;
    }
    *pobj = kr_weakref_get(ref);
    return *pobj != NULL;
}

PyObject *
PyWeakref_GetObject(PyObject *ref)
{
    if (ref == NULL || !PyWeakref_Check(ref)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyWeakref_GET_OBJECT(ref);
}

int
PyWeakref_IsDead(PyObject *ref)
{
    if (ref == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyWeakref_Check(ref)) {
        PyErr_Format(PyExc_TypeError, "expected a weakref, got %T", ref);
        return -1;
    }
    return PyWeakref_GET_OBJECT(ref) == Py_None;
}

void
_PyWeakref_ClearRef(PyWeakReference *self)
{
    kr_weakref_unlink(self);
}

void
kr_weakref_call(PyWeakReference *ref, PyObject *callback)
{
    PyObject *result = PyObject_CallOneArg(callback, (PyObject *)ref);

    if (result == NULL) {
        PyErr_FormatUnraisable("Exception ignored while calling weakref callback %R",
                               callback);
    }
    Py_XDECREF(result);
}

// Kills all references of an object. Those with a callback that are alive come
// back as a chain through wr_next, owned, in the order of the list.
static PyWeakReference *
clear_all(PyWeakReference **list)
{
    PyWeakReference *first = NULL, *last = NULL, *ref;

    while ((ref = *list) != NULL) {
        kr_weakref_unlink(ref);
        if (ref->wr_callback == NULL) {
            continue;
        }
        if (Py_REFCNT(ref) == 0) {
            continue; // it is being deallocated itself
        }
        Py_INCREF(ref);
        if (last != NULL) {
            last->wr_next = ref;
        }
        else {
            first = ref;
        }
        last = ref;
    }
    return first;
}

void
PyObject_ClearWeakRefs(PyObject *op)
{
    if (op == NULL || !PyType_SUPPORTS_WEAKREFS(Py_TYPE(op)) || Py_REFCNT(op) != 0) {
        PyErr_BadInternalCall();
        return;
    }
    PyWeakReference *ref = clear_all(kr_weakref_list(op));
    if (ref == NULL) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    while (ref != NULL) {
        PyWeakReference *next = ref->wr_next;
        PyObject *callback = ref->wr_callback;
        ref->wr_next = NULL;
        ref->wr_callback = NULL;
        if (callback != NULL) {
            kr_weakref_call(ref, callback);
            Py_DECREF(callback);
        }
        Py_DECREF(ref);
        ref = next;
    }
    PyErr_SetRaisedException(exc);
}

void
PyUnstable_Object_ClearWeakRefsNoCallbacks(PyObject *op)
{
    if (PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) {
        while (*kr_weakref_list(op) != NULL) {
            kr_weakref_unlink(*kr_weakref_list(op));
        }
    }
}

PyObject **
PyObject_GET_WEAKREFS_LISTPTR(PyObject *op)
{
    return (PyObject **)kr_weakref_list(op);
}

// --------------------------------------------------------------------- ref: slots

void
kr_weakref_dealloc(PyObject *op)
{
    PyWeakReference *self = (PyWeakReference *)op;

    PyObject_GC_UnTrack(self);
    kr_weakref_unlink(self);
    Py_CLEAR(self->wr_callback);
    Py_TYPE(self)->tp_free(self);
}

int
kr_weakref_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyWeakReference *)op)->wr_callback);
    return 0;
}

int
kr_weakref_clear(PyObject *op)
{
    PyWeakReference *self = (PyWeakReference *)op;

    kr_weakref_unlink(self);
    Py_CLEAR(self->wr_callback);
    return 0;
}

// Calling a reference gives its object.
PyObject *
kr_weakref_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf,
                      PyObject *kwnames)
{
    if (!kr_arg_no_kwnames("weakref", kwnames) ||
        !kr_arg_count("weakref", PyVectorcall_NARGS(nargsf), 0, 0)) {
        return NULL;
    }
    PyObject *op = kr_weakref_get(self);
    return op != NULL ? op : Py_NewRef(Py_None);
}

static Py_hash_t
ref_hash(PyObject *op)
{
    PyWeakReference *self = (PyWeakReference *)op;

    if (self->hash != -1) {
        return self->hash;
    }
    PyObject *object = kr_weakref_get(op);
    if (object == NULL) {
        PyErr_SetString(PyExc_TypeError, "weak object has gone away");
        return -1;
    }
    self->hash = PyObject_Hash(object);
    Py_DECREF(object);
    return self->hash;
}

static PyObject *
ref_repr(PyObject *self)
{
    PyObject *object = kr_weakref_get(self), *name = NULL, *repr;

    if (object == NULL) {
        return PyUnicode_FromFormat("<weakref at %p; dead>", self);
    }
    // __getattr__ of the object's class is not asked.
    if (kr_generic_lookup(object, KR_ID(__name__), &name) < 0) {
        Py_DECREF(object);
        return NULL;
    }
    if (name == NULL || !PyUnicode_Check(name)) {
        repr = PyUnicode_FromFormat("<weakref at %p; to '%s' at %p>", self,
                                    Py_TYPE(object)->tp_name, object);
    }
    else {
        repr = PyUnicode_FromFormat("<weakref at %p; to '%s' at %p (%U)>", self,
                                    Py_TYPE(object)->tp_name, object, name);
    }
    Py_DECREF(object);
    Py_XDECREF(name);
    return repr;
}

// Living references compare by their objects, dead ones by identity.
static PyObject *
ref_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyWeakref_CheckRef(self) ||
        !PyWeakref_CheckRef(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *a = kr_weakref_get(self), *b = kr_weakref_get(other), *result;
    if (a == NULL || b == NULL) {
        result = PyBool_FromLong((self == other) == (op == Py_EQ));
    }
    else {
        result = PyObject_RichCompare(a, b, op);
    }
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

// ref(object, callback=None, /): a subclass may take further arguments in __init__.
static PyObject *
ref_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t count = PyTuple_GET_SIZE(args);

    if (type == &_PyWeakref_RefType && !kr_arg_no_keywords("ref", kwargs)) {
        return NULL;
    }
    if (!kr_arg_count("__new__", count, 1, 2)) {
        return NULL;
    }
    return kr_weakref_make(type, PyTuple_GET_ITEM(args, 0),
                           count == 2 ? PyTuple_GET_ITEM(args, 1) : NULL);
}

static int
ref_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_no_keywords("ref", kwargs) ||
        !kr_arg_count("__init__", PyTuple_GET_SIZE(args), 1, 2)) {
        return -1;
    }
    return 0;
}

static PyMemberDef ref_members[] = {
    {"__callback__", _Py_T_OBJECT, offsetof(PyWeakReference, wr_callback), Py_READONLY,
     NULL},
    {NULL},
};

static PyMethodDef ref_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS,
     "Weakrefs are generic over the type of the referenced object."},
    {NULL},
};

PyTypeObject _PyWeakref_RefType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "weakref.ReferenceType",
    .tp_basicsize = sizeof(PyWeakReference),
    .tp_dealloc = kr_weakref_dealloc,
    .tp_vectorcall_offset = offsetof(PyWeakReference, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_repr = ref_repr,
    .tp_hash = ref_hash,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_BASETYPE,
    .tp_traverse = kr_weakref_traverse,
    .tp_clear = kr_weakref_clear,
    .tp_richcompare = ref_richcompare,
    .tp_methods = ref_methods,
    .tp_members = ref_members,
    .tp_init = ref_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = ref_new,
    .tp_free = PyObject_GC_Del,
};
