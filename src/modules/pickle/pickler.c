// SPDX-License-Identifier: MIT
// pickler.c - the class Pickler, and the view of its memo.
#include "modules/pickle/pickle.h"

#include <stddef.h>

#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject_HEAD
    Pickler *pickler; // owned
} PicklerMemo;

// ---- setting up ---------------------------------------------------------------------

static int
read_protocol(PyObject *protocol, int *out)
{
    long value = PICKLE_DEFAULT;

    if (protocol != NULL && !Py_IsNone(protocol)) {
        value = PyLong_AsLong(protocol);
        if (value == -1 && PyErr_Occurred()) {
            return -1;
        }
    }
    if (value > PICKLE_HIGHEST) {
        PyErr_Format(PyExc_ValueError, "pickle protocol must be <= %d", PICKLE_HIGHEST);
        return -1;
    }
    *out = value < 0 ? PICKLE_HIGHEST : (int)value;
    return 0;
}

int
kr_pickler_setup(Pickler *self, PyObject *protocol, bool fix_imports,
                 PyObject *buffer_callback)
{
    bool has_callback = buffer_callback != NULL && !Py_IsNone(buffer_callback);

    if (self->dumping) {
        PyErr_SetString(PyExc_RuntimeError, "Pickler object is already used");
        return -1;
    }
    if (read_protocol(protocol, &self->protocol) < 0) {
        return -1;
    }
    if (has_callback && self->protocol < 5) {
        PyErr_SetString(PyExc_ValueError, "buffer_callback needs protocol >= 5");
        return -1;
    }
    self->bin = self->protocol >= 1;
    self->fix_imports = fix_imports && self->protocol < 3;
    Py_XSETREF(self->buffer_callback, has_callback ? Py_NewRef(buffer_callback) : NULL);
    self->frame_start = -1;
    self->framing = false;
    self->size = 0;
    self->fast = 0;
    self->fast_nesting = 0;
    Py_CLEAR(self->fast_memo);
    kr_pickle_memo_clear(&self->memo);
    self->ready = true;
    return 0;
}

static PyObject *
pickler_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Pickler *self = (Pickler *)type->tp_alloc(type, 0);

    if (self != NULL) {
        self->state = kr_pickle_state_of((PyObject *)self);
        self->frame_start = -1;
    }
    return (PyObject *)self;
}

KR_INIT(pickler, "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)",
        "This takes a binary file for writing a pickle data stream.\n"
        "\n"
        "file has a method write() that takes bytes. protocol is a number up to 5, the\n"
        "default; a negative one means the highest. With fix_imports and a protocol below\n"
        "3 names are written as Python 2 knows them. buffer_callback, for protocol 5, is\n"
        "called with buffer views; those for which it returns a false value are left out\n"
        "of the stream.")
static int
pickler_init_impl(Pickler *self, PyObject *file, PyObject *protocol, bool fix_imports,
                  PyObject *buffer_callback)
{
    PyObject *write;

    if (kr_pickler_setup(self, protocol, fix_imports, buffer_callback) < 0) {
        return -1;
    }
    self->ready = false; // until there is something to write to
    if (PyObject_GetOptionalAttr(file, KR_ID(write), &write) < 0) {
        return -1;
    }
    if (write == NULL) {
        PyErr_SetString(PyExc_TypeError, "file must have a 'write' attribute");
        return -1;
    }
    Py_XSETREF(self->write, write);
    self->ready = true;
    return 0;
}

// ---- methods ------------------------------------------------------------------------

KR_METHOD(pickler, "dump(self, obj, /)",
          "Write a pickled representation of the given object to the open file.")
static PyObject *
pickler_dump(Pickler *self, PyObject *obj)
{
    if (!self->ready || self->write == NULL) {
        PyErr_Format(self->state->pickling_error, "Pickler.__init__() was not called by "
                                                  "%s.__init__()",
                     Py_TYPE(self)->tp_name);
        return NULL;
    }
    self->size = 0;
    self->frame_start = -1;
    return kr_pickle_dump(self, obj) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(pickler, "clear_memo(self, /)",
          "Clears the pickler's \"memo\".\n"
          "\n"
          "The memo remembers which objects have been seen, so that shared and recursive\n"
          "objects are pickled by reference. To be used before a pickler is used again.")
static PyObject *
pickler_clear_memo(Pickler *self)
{
    kr_pickle_memo_clear(&self->memo);
    Py_RETURN_NONE;
}

KR_METHOD(pickler, "persistent_id(self, obj, /)", "")
static PyObject *
pickler_persistent_id(Pickler *self, PyObject *obj)
{
    Py_RETURN_NONE;
}

KR_METHOD(pickler, "__sizeof__(self, /)", "Returns size in memory, in bytes.")
static PyObject *
pickler_sizeof(Pickler *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize + self->capacity;

    if (self->memo.entries != NULL) {
        size += (self->memo.mask + 1) * sizeof(PickleMemoEntry);
    }
    return PyLong_FromSize_t(size);
}

// ---- attributes -----------------------------------------------------------------------

// persistent_id may be set on an instance, though it has no dict.
static PyObject *
pickler_getattro(PyObject *op, PyObject *name)
{
    Pickler *self = (Pickler *)op;

    if (self->persistent_id_attr != NULL && PyUnicode_Check(name) &&
        PyUnicode_EqualToUTF8(name, "persistent_id")) {
        return Py_NewRef(self->persistent_id_attr);
    }
    return PyObject_GenericGetAttr(op, name);
}

static int
pickler_setattro(PyObject *op, PyObject *name, PyObject *value)
{
    Pickler *self = (Pickler *)op;

    if (PyUnicode_Check(name) && PyUnicode_EqualToUTF8(name, "persistent_id")) {
        Py_XSETREF(self->persistent_id_attr, Py_XNewRef(value));
        return 0;
    }
    return PyObject_GenericSetAttr(op, name, value);
}

static PyMemberDef pickler_members[] = {
    {"bin", Py_T_INT, offsetof(Pickler, bin), 0, NULL},
    {"fast", Py_T_INT, offsetof(Pickler, fast), 0, NULL},
    {"dispatch_table", Py_T_OBJECT_EX, offsetof(Pickler, dispatch_table), 0, NULL},
    {NULL},
};

KR_GETTER(pickler, "memo", "")
static PyObject *
pickler_get_memo(Pickler *self)
{
    PicklerMemo *view = PyObject_GC_New(PicklerMemo, self->state->pickler_memo_type);

    if (view != NULL) {
        view->pickler = (Pickler *)Py_NewRef(self);
        PyObject_GC_Track(view);
    }
    return (PyObject *)view;
}

static int
copy_memo(const PickleMemo *from, PickleMemo *into)
{
    for (size_t i = 0; from->entries != NULL && i <= from->mask; i++) {
        const PickleMemoEntry *entry = &from->entries[i];
        if (entry->key != NULL && kr_pickle_memo_add(into, entry->key, entry->number) < 0) {
            return -1;
        }
    }
    return 0;
}

// A dict as copy() returns it: id -> (number, object).
static int
memo_from_dict(PyObject *dict, PickleMemo *into)
{
    Py_ssize_t at = 0;
    PyObject *key, *value;

    while (PyDict_Next(dict, &at, &key, &value)) {
        if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != 2) {
            PyErr_SetString(PyExc_TypeError, "'memo' values must be 2-item tuples");
            return -1;
        }
        Py_ssize_t number = PyLong_AsSsize_t(PyTuple_GET_ITEM(value, 0));
        if ((number == -1 && PyErr_Occurred()) ||
            kr_pickle_memo_add(into, PyTuple_GET_ITEM(value, 1), number) < 0) {
            return -1;
        }
    }
    return 0;
}

KR_SETTER(pickler, "memo")
static int
pickler_set_memo(Pickler *self, PyObject *value)
{
    PickleMemo memo = {0}, old = self->memo;
    int status;

    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
        return -1;
    }
    if (Py_IS_TYPE(value, self->state->pickler_memo_type)) {
        status = copy_memo(&((PicklerMemo *)value)->pickler->memo, &memo);
    }
    else if (PyDict_Check(value)) {
        status = memo_from_dict(value, &memo);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "'memo' attribute must be a PicklerMemoProxy object or dict, not %T",
                     value);
        return -1;
    }
    if (status < 0) {
        kr_pickle_memo_clear(&memo);
        return -1;
    }
    self->memo = memo;
    kr_pickle_memo_clear(&old);
    return 0;
}

// ---- life -----------------------------------------------------------------------------

static int
pickler_traverse(PyObject *op, visitproc visit, void *arg)
{
    Pickler *self = (Pickler *)op;

    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->persistent_id_attr);
    Py_VISIT(self->persistent_id);
    Py_VISIT(self->reducer_override);
    Py_VISIT(self->dispatch_table);
    Py_VISIT(self->write);
    Py_VISIT(self->buffer_callback);
    Py_VISIT(self->fast_memo);
    for (size_t i = 0; self->memo.entries != NULL && i <= self->memo.mask; i++) {
        Py_VISIT(self->memo.entries[i].key);
    }
    return 0;
}

static int
pickler_clear(PyObject *op)
{
    Pickler *self = (Pickler *)op;

    Py_CLEAR(self->persistent_id_attr);
    Py_CLEAR(self->persistent_id);
    Py_CLEAR(self->reducer_override);
    Py_CLEAR(self->dispatch_table);
    Py_CLEAR(self->write);
    Py_CLEAR(self->buffer_callback);
    Py_CLEAR(self->fast_memo);
    kr_pickle_memo_clear(&self->memo);
    return 0;
}

static void
pickler_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    pickler_clear(op);
    PyMem_Free(((Pickler *)op)->out);
    type->tp_free(op);
    Py_DECREF(type);
}

// ---- the view of the memo ---------------------------------------------------------------

KR_METHOD(picklermemo, "clear(self, /)", "Remove all items from memo.")
static PyObject *
picklermemo_clear_memo(PicklerMemo *self)
{
    kr_pickle_memo_clear(&self->pickler->memo);
    Py_RETURN_NONE;
}

KR_METHOD(picklermemo, "copy(self, /)", "Copy the memo to a new object.")
static PyObject *
picklermemo_copy(PicklerMemo *self)
{
    const PickleMemo *memo = &self->pickler->memo;
    PyObject *dict = PyDict_New();

    for (size_t i = 0; dict != NULL && memo->entries != NULL && i <= memo->mask; i++) {
        const PickleMemoEntry *entry = &memo->entries[i];
        if (entry->key == NULL) {
            continue;
        }
        PyObject *key = PyLong_FromVoidPtr(entry->key);
        PyObject *value = key == NULL ? NULL : Py_BuildValue("(nO)", entry->number, entry->key);
        if (value == NULL || PyDict_SetItem(dict, key, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

KR_METHOD(picklermemo, "__reduce__(self, /)", "Implement pickle support.")
static PyObject *
picklermemo_reduce(PicklerMemo *self)
{
    PyObject *dict = picklermemo_copy(self);

    return dict == NULL ? NULL : Py_BuildValue("(O(N))", &PyDict_Type, dict);
}

static int
picklermemo_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((PicklerMemo *)op)->pickler);
    return 0;
}

static int
picklermemo_clear(PyObject *op)
{
    Py_CLEAR(((PicklerMemo *)op)->pickler);
    return 0;
}

static void
picklermemo_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    picklermemo_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

KR_TYPE(pickler)
KR_TYPE(picklermemo)
#include "modules/pickle/pickler.methods.h"

static PyType_Slot pickler_slots[] = {
    {Py_tp_doc, (void *)pickler_doc},
    {Py_tp_new, pickler_new},
    {Py_tp_init, pickler_init},
    {Py_tp_getattro, pickler_getattro},
    {Py_tp_setattro, pickler_setattro},
    {Py_tp_methods, pickler_methods},
    {Py_tp_members, pickler_members},
    {Py_tp_getset, pickler_getset},
    {Py_tp_traverse, pickler_traverse},
    {Py_tp_clear, pickler_clear},
    {Py_tp_dealloc, pickler_dealloc},
    {0, NULL},
};

PyType_Spec kr_pickler_spec = {
    .name = "_pickle.Pickler",
    .basicsize = sizeof(Pickler),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = pickler_slots,
};

static PyType_Slot picklermemo_slots[] = {
    {Py_tp_methods, picklermemo_methods},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_traverse, picklermemo_traverse},
    {Py_tp_clear, picklermemo_clear},
    {Py_tp_dealloc, picklermemo_dealloc},
    {0, NULL},
};

PyType_Spec kr_pickler_memo_spec = {
    .name = "_pickle.PicklerMemoProxy",
    .basicsize = sizeof(PicklerMemo),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = picklermemo_slots,
};
