// SPDX-License-Identifier: MIT
// frame_locals.c - the locals of a frame: a write-through mapping (PEP 667).
//
// For functions, f_locals is a FrameLocalsProxy: names of locals, cells and free
// variables read and write the frame's slots; other names live in an extra dict
// of the frame. For class and module code it is the namespace itself.
#include "vm/machine.h"

#include "objects/ids.h"
#include "objects/method_macros.h"
#include "vm/frame_object.h"

#define HIDDEN 0x10 // localspluskinds: a comprehension's own variable
#define CELL 0x40
#define FREE 0x80

typedef struct {
    PyObject_HEAD
    PyFrameObject *frame; // owned
} LocalsProxy;

static bool
is_cell_slot(PyCodeObject *code, int i)
{
    return (PyBytes_AS_STRING(code->co_localspluskinds)[i] & (CELL | FREE)) != 0;
}

static bool
is_hidden_slot(PyCodeObject *code, int i)
{
    return (PyBytes_AS_STRING(code->co_localspluskinds)[i] & HIDDEN) != 0;
}

// The value in slot i: new reference, or NULL without exception when unbound.
static PyObject *
slot_value(KrFrame *fp, PyCodeObject *code, int i, bool *failed_out)
{
    KV word = fp->slots[i];
    *failed_out = false;
    if (kv_is_null(word)) {
        return NULL;
    }
    PyObject *object;
    if (kv_is_pointer(word)) {
        object = kv_pointer(word);
        if (is_cell_slot(code, i) && PyCell_Check(object)) {
            return Py_XNewRef(((PyCellObject *)object)->ob_ref);
        }
        return Py_NewRef(object);
    }
    // Boxed in the slot, so that the frame and the reader see one object.
    object = kr_kv_box_in_place(&fp->slots[i]);
    *failed_out = object == NULL;
    return Py_XNewRef(object);
}

// A comprehension that was compiled into class or module code is running: its
// variables live in slots, and only they are the locals.
static bool
has_hidden_locals(KrFrame *fp, PyCodeObject *code)
{
    for (int i = 0; fp != NULL && i < code->co_nlocalsplus; i++) {
        if (!is_hidden_slot(code, i) || kv_is_null(fp->slots[i])) {
            continue;
        }
        PyObject *cell = is_cell_slot(code, i) && kv_is_pointer(fp->slots[i])
                             ? kv_pointer(fp->slots[i]) : NULL;
        if (cell == NULL || !PyCell_Check(cell) || PyCell_GET(cell) != NULL) {
            return true;
        }
    }
    return false;
}

bool
kr_frame_uses_slots(PyFrameObject *frame)
{
    PyCodeObject *code = kr_frame_object_code(frame);
    return (code->co_flags & CO_OPTIMIZED) || has_hidden_locals(kr_frame_of(frame), code);
}

// Whether key equals the name, as a dict would ask.
static int
is_called(PyObject *name, PyObject *key, Py_hash_t hash)
{
    if (PyUnicode_CheckExact(key)) {
        return PyUnicode_Equal(name, key);
    }
    return PyObject_Hash(name) != hash ? 0 : PyObject_RichCompareBool(name, key, Py_EQ);
}

// Index of the variable called key, or -1; -2 on error.
static int
find_slot(PyFrameObject *frame, PyObject *key, bool must_be_bound)
{
    PyCodeObject *code = kr_frame_object_code(frame);
    KrFrame *fp = kr_frame_of(frame);
    Py_hash_t hash = PyObject_Hash(key);
    if (hash == -1) {
        return -2;
    }
    for (int i = 0; fp != NULL && i < code->co_nlocalsplus; i++) {
        PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
        int equal = name == key ? 1 : is_called(name, key, hash);
        if (equal < 0) {
            return -2;
        }
        if (!equal) {
            continue;
        }
        // A comprehension's own variable can be seen while it runs, not set.
        if (is_hidden_slot(code, i) && !must_be_bound) {
            continue;
        }
        if (must_be_bound) {
            bool failed;
            PyObject *value = slot_value(fp, code, i, &failed);
            if (failed) {
                return -2;
            }
            if (value == NULL) {
                continue;
            }
            Py_DECREF(value);
        }
        else if (is_hidden_slot(code, i)) {
            continue;
        }
        return i;
    }
    return -1;
}

// Stores value (borrowed). What the slot held stays parked at the frame: words
// lent to callees may still name it.
static int
store_slot(PyFrameObject *frame, int i, PyObject *value)
{
    PyCodeObject *code = kr_frame_object_code(frame);
    KrFrame *fp = kr_frame_of(frame);
    KV word = fp->slots[i];
    if (is_cell_slot(code, i) && kv_is_pointer(word) && !kv_is_null(word) &&
        PyCell_Check(kv_pointer(word))) {
        return PyCell_Set(kv_pointer(word), value);
    }
    if (kv_is_owned(word)) {
        if (frame->f_overwritten_fast_locals == NULL) {
            frame->f_overwritten_fast_locals = PyList_New(0);
        }
        if (frame->f_overwritten_fast_locals == NULL ||
            PyList_Append(frame->f_overwritten_fast_locals, kv_pointer(word)) < 0) {
            return -1;
        }
    }
    fp->slots[i] = kv_from_new(value);
    kv_release(word);
    return 0;
}

// --- The mapping -----------------------------------------------------------------------

static PyObject *
proxy_subscript(PyObject *op, PyObject *key)
{
    PyFrameObject *frame = ((LocalsProxy *)op)->frame;
    int i = find_slot(frame, key, true);
    if (i == -2) {
        return NULL;
    }
    if (i >= 0) {
        bool failed;
        return slot_value(kr_frame_of(frame), kr_frame_object_code(frame), i, &failed);
    }
    if (frame->f_extra_locals != NULL) {
        PyObject *value;
        int found = PyDict_GetItemRef(frame->f_extra_locals, key, &value);
        if (found != 0) {
            return value;
        }
    }
    PyErr_Format(PyExc_KeyError, "local variable '%R' is not defined", key);
    return NULL;
}

static int
proxy_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    PyFrameObject *frame = ((LocalsProxy *)op)->frame;
    int i = find_slot(frame, key, false);
    if (i == -2) {
        return -1;
    }
    if (i >= 0) {
        if (value == NULL) {
            PyErr_SetString(PyExc_ValueError, "cannot remove local variables from FrameLocalsProxy");
            return -1;
        }
        return store_slot(frame, i, value);
    }
    if (value == NULL) {
        if (frame->f_extra_locals == NULL) {
            PyErr_SetObject(PyExc_KeyError, key);
            return -1;
        }
        return PyDict_DelItem(frame->f_extra_locals, key);
    }
    if (frame->f_extra_locals == NULL) {
        frame->f_extra_locals = PyDict_New();
        if (frame->f_extra_locals == NULL) {
            return -1;
        }
    }
    return PyDict_SetItem(frame->f_extra_locals, key, value);
}

PyObject *
kr_frame_locals_snapshot(PyFrameObject *frame)
{
    PyCodeObject *code = kr_frame_object_code(frame);
    KrFrame *fp = kr_frame_of(frame);
    PyObject *dict = PyDict_New();
    for (int i = 0; dict != NULL && fp != NULL && i < code->co_nlocalsplus; i++) {
        bool failed;
        PyObject *value = slot_value(fp, code, i, &failed);
        if (failed || (value != NULL &&
                       PyDict_SetItem(dict, PyTuple_GET_ITEM(code->co_localsplusnames, i),
                                      value) < 0)) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(value);
    }
    if (dict != NULL && frame->f_extra_locals != NULL &&
        PyDict_Merge(dict, frame->f_extra_locals, 0) < 0) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
snapshot(PyObject *op)
{
    return kr_frame_locals_snapshot(((LocalsProxy *)op)->frame);
}

static Py_ssize_t
proxy_length(PyObject *op)
{
    PyObject *dict = snapshot(op);
    Py_ssize_t n = dict == NULL ? -1 : PyDict_GET_SIZE(dict);
    Py_XDECREF(dict);
    return n;
}

static int
proxy_contains(PyObject *op, PyObject *key)
{
    PyFrameObject *frame = ((LocalsProxy *)op)->frame;
    int i = find_slot(frame, key, true);
    if (i != -1) {
        return i == -2 ? -1 : 1;
    }
    return frame->f_extra_locals == NULL ? 0 : PyDict_Contains(frame->f_extra_locals, key);
}

static PyObject *
proxy_iter(PyObject *op)
{
    PyObject *dict = snapshot(op);
    PyObject *keys = dict == NULL ? NULL : PyDict_Keys(dict);
    PyObject *iterator = keys == NULL ? NULL : PyObject_GetIter(keys);
    Py_XDECREF(dict);
    Py_XDECREF(keys);
    return iterator;
}

static PyObject *
proxy_richcompare(PyObject *op, PyObject *other, int compare)
{
    if (PyFrameLocalsProxy_Check(other)) {
        bool same = ((LocalsProxy *)op)->frame == ((LocalsProxy *)other)->frame;
        if (compare == Py_EQ || compare == Py_NE) {
            return PyBool_FromLong(same == (compare == Py_EQ));
        }
    }
    else if (PyDict_Check(other)) {
        PyObject *dict = snapshot(op);
        PyObject *result = dict == NULL ? NULL : PyObject_RichCompare(dict, other, compare);
        Py_XDECREF(dict);
        return result;
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
proxy_repr(PyObject *op)
{
    int again = Py_ReprEnter(op);
    if (again != 0) {
        return again > 0 ? PyUnicode_FromString("{...}") : NULL;
    }
    PyObject *dict = snapshot(op);
    PyObject *text = dict == NULL ? NULL : PyObject_Repr(dict);
    Py_XDECREF(dict);
    Py_ReprLeave(op);
    return text;
}

// Copies a mapping or the pairs of an iterable into the proxy.
static int
proxy_merge(PyObject *op, PyObject *other)
{
    if (!PyDict_Check(other) && !PyFrameLocalsProxy_Check(other)) {
        return -1;
    }
    PyObject *items = PyMapping_Items(other);
    if (items == NULL) {
        return -1;
    }
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        status = proxy_ass_subscript(op, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1));
    }
    Py_DECREF(items);
    return status;
}

static PyObject *
proxy_or(PyObject *left, PyObject *right)
{
    PyObject *a = PyFrameLocalsProxy_Check(left) ? snapshot(left) : Py_NewRef(left);
    PyObject *b = PyFrameLocalsProxy_Check(right) ? snapshot(right) : Py_NewRef(right);
    PyObject *result = NULL;
    if (a != NULL && b != NULL) {
        result = PyDict_Check(a) && PyDict_Check(b) ? PyNumber_Or(a, b)
                                                    : Py_NewRef(Py_NotImplemented);
    }
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static PyObject *
proxy_inplace_or(PyObject *op, PyObject *other)
{
    if (!PyDict_Check(other) && !PyFrameLocalsProxy_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return proxy_merge(op, other) < 0 ? NULL : Py_NewRef(op);
}

KR_METHOD(proxy, "__contains__(self, key, /)", "")
static PyObject *
proxy___contains__(LocalsProxy *self, PyObject *key)
{
    int found = proxy_contains((PyObject *)self, key);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

KR_METHOD(proxy, "__getitem__(self, key, /)", "")
static PyObject *
proxy___getitem__(LocalsProxy *self, PyObject *key)
{
    return proxy_subscript((PyObject *)self, key);
}

KR_METHOD(proxy, "update(self, other, /)", "")
static PyObject *
proxy_update(LocalsProxy *self, PyObject *other)
{
    if (proxy_merge((PyObject *)self, other) < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "update() argument must be dict or another "
                                             "FrameLocalsProxy");
        }
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(proxy, "__reversed__(self, /)", "")
static PyObject *
proxy___reversed__(LocalsProxy *self)
{
    PyObject *dict = snapshot((PyObject *)self);
    PyObject *keys = dict == NULL ? NULL : PyDict_Keys(dict);
    if (keys != NULL && PyList_Reverse(keys) < 0) {
        Py_CLEAR(keys);
    }
    Py_XDECREF(dict);
    return keys; // a list, like keys()
}

KR_METHOD(proxy, "copy(self, /)", "")
static PyObject *
proxy_copy(LocalsProxy *self)
{
    return snapshot((PyObject *)self);
}

KR_METHOD(proxy, "keys(self, /)", "")
static PyObject *
proxy_keys(LocalsProxy *self)
{
    PyObject *dict = snapshot((PyObject *)self);
    PyObject *keys = dict == NULL ? NULL : PyDict_Keys(dict);
    Py_XDECREF(dict);
    return keys;
}

KR_METHOD(proxy, "values(self, /)", "")
static PyObject *
proxy_values(LocalsProxy *self)
{
    PyObject *dict = snapshot((PyObject *)self);
    PyObject *values = dict == NULL ? NULL : PyDict_Values(dict);
    Py_XDECREF(dict);
    return values;
}

KR_METHOD(proxy, "items(self, /)", "")
static PyObject *
proxy_items(LocalsProxy *self)
{
    PyObject *dict = snapshot((PyObject *)self);
    PyObject *items = dict == NULL ? NULL : PyDict_Items(dict);
    Py_XDECREF(dict);
    return items;
}

KR_METHOD(proxy, "get(self, key, default=None, /)", "")
static PyObject *
proxy_get(LocalsProxy *self, PyObject *key, PyObject *fallback)
{
    PyObject *value = proxy_subscript((PyObject *)self, key);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Clear();
        value = Py_NewRef(fallback);
    }
    return value;
}

KR_METHOD(proxy, "setdefault(self, key, default=None, /)", "")
static PyObject *
proxy_setdefault(LocalsProxy *self, PyObject *key, PyObject *fallback)
{
    PyObject *value = proxy_subscript((PyObject *)self, key);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Clear();
        if (proxy_ass_subscript((PyObject *)self, key, fallback) == 0) {
            value = Py_NewRef(fallback);
        }
    }
    return value;
}

KR_METHOD(proxy, "pop(self, key, default=<missing>, /)", "")
static PyObject *
proxy_pop(LocalsProxy *self, PyObject *key, PyObject *fallback)
{
    int i = find_slot(self->frame, key, false);
    if (i >= 0) {
        PyErr_SetString(PyExc_ValueError, "cannot remove local variables from FrameLocalsProxy");
        return NULL;
    }
    PyObject *value = NULL;
    if (i == -1 && self->frame->f_extra_locals != NULL &&
        PyDict_Pop(self->frame->f_extra_locals, key, &value) < 0) {
        return NULL;
    }
    if (value == NULL && i == -1) {
        if (fallback != NULL) {
            return Py_NewRef(fallback);
        }
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return value;
}

static void
proxy_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((LocalsProxy *)op)->frame);
    PyObject_GC_Del(op);
}

static int
proxy_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((LocalsProxy *)op)->frame);
    return 0;
}

static int
proxy_tp_clear(PyObject *op)
{
    Py_CLEAR(((LocalsProxy *)op)->frame);
    return 0;
}

static PyObject *
proxy_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (kwds != NULL && PyDict_GET_SIZE(kwds) != 0) {
        PyErr_SetString(PyExc_TypeError, "FrameLocalsProxy takes no keyword arguments");
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) != 1) {
        PyErr_Format(PyExc_TypeError, "FrameLocalsProxy expected 1 argument, got %zd",
                     PyTuple_GET_SIZE(args));
        return NULL;
    }
    PyObject *frame = PyTuple_GET_ITEM(args, 0);
    if (!PyFrame_Check(frame)) {
        PyErr_Format(PyExc_TypeError, "expect frame, not %T", frame);
        return NULL;
    }
    return kr_frame_locals_proxy((PyFrameObject *)frame);
}

KR_TYPE(proxy)
#include "vm/frame_locals.methods.h"

static PyMappingMethods proxy_as_mapping = {
    .mp_length = proxy_length,
    .mp_subscript = proxy_subscript,
    .mp_ass_subscript = proxy_ass_subscript,
};

static PySequenceMethods proxy_as_sequence = {.sq_contains = proxy_contains};

static PyNumberMethods proxy_as_number = {
    .nb_or = proxy_or,
    .nb_inplace_or = proxy_inplace_or,
};

PyTypeObject PyFrameLocalsProxy_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "FrameLocalsProxy",
    .tp_basicsize = sizeof(LocalsProxy),
    .tp_dealloc = proxy_dealloc,
    .tp_repr = proxy_repr,
    .tp_as_number = &proxy_as_number,
    .tp_as_sequence = &proxy_as_sequence,
    .tp_as_mapping = &proxy_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING,
    .tp_traverse = proxy_traverse,
    .tp_clear = proxy_tp_clear,
    .tp_richcompare = proxy_richcompare,
    .tp_iter = proxy_iter,
    .tp_methods = proxy_methods,
    .tp_new = proxy_new,
};

PyObject *
kr_frame_locals_proxy(PyFrameObject *frame)
{
    LocalsProxy *proxy = PyObject_GC_New(LocalsProxy, &PyFrameLocalsProxy_Type);
    if (proxy == NULL) {
        return NULL;
    }
    proxy->frame = (PyFrameObject *)Py_NewRef(frame);
    PyObject_GC_Track(proxy);
    return (PyObject *)proxy;
}

// --- API -----------------------------------------------------------------------------

PyObject *
PyFrame_GetLocals(PyFrameObject *frame)
{
    KrFrame *fp = kr_frame_of(frame);
    if (kr_frame_uses_slots(frame)) {
        return kr_frame_locals_proxy(frame);
    }
    PyObject *ns = fp == NULL ? NULL : kr_frame_namespace(fp);
    return ns != NULL ? Py_NewRef(ns) : PyDict_New();
}

PyObject *
PyFrame_GetVar(PyFrameObject *frame, PyObject *name)
{
    int i = find_slot(frame, name, true);
    if (i >= 0) {
        bool failed;
        return slot_value(kr_frame_of(frame), kr_frame_object_code(frame), i, &failed);
    }
    if (i == -1) {
        PyErr_Format(PyExc_NameError, "variable %R does not exist", name);
    }
    return NULL;
}

PyObject *
PyFrame_GetVarString(PyFrameObject *frame, const char *name)
{
    PyObject *object = PyUnicode_FromString(name);
    PyObject *value = object == NULL ? NULL : PyFrame_GetVar(frame, object);
    Py_XDECREF(object);
    return value;
}

int
PyFrame_FastToLocalsWithError(PyFrameObject *Py_UNUSED(frame))
{
    return 0;
}

void
PyFrame_FastToLocals(PyFrameObject *Py_UNUSED(frame))
{
}

void
PyFrame_LocalsToFast(PyFrameObject *Py_UNUSED(frame), int Py_UNUSED(clear))
{
}
