// SPDX-License-Identifier: MIT
// unpickler.c - the class Unpickler, and the view of its memo.
#include "modules/pickle/pickle.h"

#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject_HEAD
    Unpickler *unpickler; // owned
} UnpicklerMemo;

// ---- setting up -----------------------------------------------------------------------

static char *
copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = PyMem_Malloc(size);

    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return memcpy(copy, text, size);
}

int
kr_unpickler_setup(Unpickler *self, bool fix_imports, const char *encoding,
                   const char *errors, PyObject *buffers)
{
    PyObject *iterator = NULL;

    if (buffers != NULL && !Py_IsNone(buffers)) {
        iterator = PyObject_GetIter(buffers);
        if (iterator == NULL) {
            return -1;
        }
    }
    Py_XSETREF(self->buffers, iterator);
    PyMem_Free(self->encoding);
    PyMem_Free(self->errors);
    self->encoding = copy_text(encoding);
    self->errors = self->encoding == NULL ? NULL : copy_text(errors);
    self->fix_imports = fix_imports;
    kr_unpickle_memo_clear(self);
    return self->errors == NULL ? -1 : 0;
}

static PyObject *
unpickler_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Unpickler *self = (Unpickler *)type->tp_alloc(type, 0);

    if (self != NULL) {
        self->state = kr_pickle_state_of((PyObject *)self);
    }
    return (PyObject *)self;
}

KR_INIT(unpickler, "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict', "
                   "buffers=())",
        "This takes a binary file for reading a pickle data stream.\n"
        "\n"
        "The protocol is found in the stream. file has methods read() and readline() that\n"
        "return bytes. With fix_imports names of Python 2 are changed to those of\n"
        "Python 3; encoding and errors tell how its strings are decoded, \"bytes\" that\n"
        "they are not. buffers gives the buffers that are not in the stream, in order.")
static int
unpickler_init_impl(Unpickler *self, PyObject *file, bool fix_imports, const char *encoding,
                    const char *errors, PyObject *buffers)
{
    if (self->loading) {
        PyErr_SetString(PyExc_RuntimeError, "Unpickler object is already used");
        return -1;
    }
    kr_unpickle_drop_input(self);
    if (kr_unpickle_set_file(self, file) < 0) {
        return -1;
    }
    return kr_unpickler_setup(self, fix_imports, encoding, errors, buffers);
}

// ---- methods ----------------------------------------------------------------------------

KR_METHOD(unpickler, "load(self, /)",
          "Load a pickle.\n"
          "\n"
          "Read a pickled object representation from the open file object given in the\n"
          "constructor, and return the reconstituted object hierarchy specified therein.")
static PyObject *
unpickler_load(Unpickler *self)
{
    if (self->read == NULL || self->encoding == NULL) {
        PyErr_Format(self->state->unpickling_error, "Unpickler.__init__() was not called by "
                                                    "%s.__init__()",
                     Py_TYPE(self)->tp_name);
        return NULL;
    }
    return kr_unpickle_load(self);
}

KR_METHOD(unpickler, "find_class(self, module_name: str, global_name: str, /)",
          "Return an object from a specified module.\n"
          "\n"
          "If necessary, the module will be imported. Subclasses may override this.")
static PyObject *
unpickler_find_class(Unpickler *self, PyObject *module_name, PyObject *global_name)
{
    return kr_unpickle_find_class(self, module_name, global_name);
}

KR_METHOD(unpickler, "persistent_load(self, pid, /)", "")
static PyObject *
unpickler_persistent_load(Unpickler *self, PyObject *pid)
{
    PyErr_SetString(self->state->unpickling_error,
                    "A load persistent id instruction was encountered, but no "
                    "persistent_load function was specified.");
    return NULL;
}

KR_METHOD(unpickler, "__sizeof__(self, /)", "Returns size in memory, in bytes.")
static PyObject *
unpickler_sizeof(Unpickler *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize;

    size += self->memo_room * sizeof(PyObject *);
    size += (size_t)self->marks_room * sizeof(Py_ssize_t);
    size += self->encoding == NULL ? 0 : strlen(self->encoding) + 1;
    size += self->errors == NULL ? 0 : strlen(self->errors) + 1;
    return PyLong_FromSize_t(size);
}

// ---- attributes ---------------------------------------------------------------------------

// persistent_load may be set on an instance, though it has no dict.
static PyObject *
unpickler_getattro(PyObject *op, PyObject *name)
{
    Unpickler *self = (Unpickler *)op;

    if (self->persistent_load_attr != NULL && PyUnicode_Check(name) &&
        PyUnicode_EqualToUTF8(name, "persistent_load")) {
        return Py_NewRef(self->persistent_load_attr);
    }
    return PyObject_GenericGetAttr(op, name);
}

static int
unpickler_setattro(PyObject *op, PyObject *name, PyObject *value)
{
    Unpickler *self = (Unpickler *)op;

    if (PyUnicode_Check(name) && PyUnicode_EqualToUTF8(name, "persistent_load")) {
        Py_XSETREF(self->persistent_load_attr, Py_XNewRef(value));
        return 0;
    }
    return PyObject_GenericSetAttr(op, name, value);
}

KR_GETTER(unpickler, "memo", "")
static PyObject *
unpickler_get_memo(Unpickler *self)
{
    UnpicklerMemo *view = PyObject_GC_New(UnpicklerMemo, self->state->unpickler_memo_type);

    if (view != NULL) {
        view->unpickler = (Unpickler *)Py_NewRef(self);
        PyObject_GC_Track(view);
    }
    return (PyObject *)view;
}

// number -> object
static PyObject *
memo_as_dict(Unpickler *self)
{
    PyObject *dict = self->far_memo == NULL ? PyDict_New() : PyDict_Copy(self->far_memo);

    for (size_t i = 0; dict != NULL && i < self->memo_room; i++) {
        if (self->memo[i] == NULL) {
            continue;
        }
        PyObject *key = PyLong_FromSize_t(i);
        if (key == NULL || PyDict_SetItem(dict, key, self->memo[i]) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(key);
    }
    return dict;
}

static int
memo_from_dict(Unpickler *self, PyObject *dict)
{
    Py_ssize_t at = 0;
    PyObject *key, *value;

    while (PyDict_Next(dict, &at, &key, &value)) {
        if (!PyLong_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "memo key must be integers");
            return -1;
        }
        Py_ssize_t number = PyLong_AsSsize_t(key);
        if (number < 0) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_ValueError, "memo key must be positive integers.");
            }
            return -1;
        }
        if (kr_unpickle_memo_put(self, (size_t)number, value) < 0) {
            return -1;
        }
    }
    return 0;
}

KR_SETTER(unpickler, "memo")
static int
unpickler_set_memo(Unpickler *self, PyObject *value)
{
    PyObject *dict;

    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
        return -1;
    }
    if (Py_IS_TYPE(value, self->state->unpickler_memo_type)) {
        dict = memo_as_dict(((UnpicklerMemo *)value)->unpickler);
    }
    else if (PyDict_Check(value)) {
        dict = PyDict_Copy(value);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %T",
                     value);
        return -1;
    }
    if (dict == NULL) {
        return -1;
    }
    kr_unpickle_memo_clear(self);
    int status = memo_from_dict(self, dict);
    Py_DECREF(dict);
    return status;
}

// ---- life -----------------------------------------------------------------------------------

static int
unpickler_traverse(PyObject *op, visitproc visit, void *arg)
{
    Unpickler *self = (Unpickler *)op;

    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->read);
    Py_VISIT(self->readinto);
    Py_VISIT(self->readline);
    Py_VISIT(self->peek);
    Py_VISIT(self->buffers);
    Py_VISIT(self->persistent_load_attr);
    Py_VISIT(self->persistent_load);
    Py_VISIT(self->far_memo);
    for (Py_ssize_t i = 0; i < self->depth; i++) {
        Py_VISIT(self->stack[i]);
    }
    for (size_t i = 0; i < self->memo_room; i++) {
        Py_VISIT(self->memo[i]);
    }
    return 0;
}

static int
unpickler_clear(PyObject *op)
{
    Unpickler *self = (Unpickler *)op;

    Py_CLEAR(self->read);
    Py_CLEAR(self->readinto);
    Py_CLEAR(self->readline);
    Py_CLEAR(self->peek);
    Py_CLEAR(self->buffers);
    Py_CLEAR(self->persistent_load_attr);
    Py_CLEAR(self->persistent_load);
    kr_unpickle_cut(self, 0);
    kr_unpickle_memo_clear(self);
    return 0;
}

static void
unpickler_dealloc(PyObject *op)
{
    Unpickler *self = (Unpickler *)op;
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    unpickler_clear(op);
    kr_unpickle_drop_input(self);
    PyMem_Free(self->stack);
    PyMem_Free(self->marks);
    PyMem_Free(self->encoding);
    PyMem_Free(self->errors);
    type->tp_free(op);
    Py_DECREF(type);
}

// ---- the view of the memo ---------------------------------------------------------------------

KR_METHOD(unpicklermemo, "clear(self, /)", "Remove all items from memo.")
static PyObject *
unpicklermemo_clear_memo(UnpicklerMemo *self)
{
    kr_unpickle_memo_clear(self->unpickler);
    Py_RETURN_NONE;
}

KR_METHOD(unpicklermemo, "copy(self, /)", "Copy the memo to a new object.")
static PyObject *
unpicklermemo_copy(UnpicklerMemo *self)
{
    return memo_as_dict(self->unpickler);
}

KR_METHOD(unpicklermemo, "__reduce__(self, /)", "Implement pickling support.")
static PyObject *
unpicklermemo_reduce(UnpicklerMemo *self)
{
    PyObject *dict = memo_as_dict(self->unpickler);

    return dict == NULL ? NULL : Py_BuildValue("(O(N))", &PyDict_Type, dict);
}

static int
unpicklermemo_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((UnpicklerMemo *)op)->unpickler);
    return 0;
}

static int
unpicklermemo_clear(PyObject *op)
{
    Py_CLEAR(((UnpicklerMemo *)op)->unpickler);
    return 0;
}

static void
unpicklermemo_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    unpicklermemo_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

KR_TYPE(unpickler)
KR_TYPE(unpicklermemo)
#include "modules/pickle/unpickler.methods.h"

static PyType_Slot unpickler_slots[] = {
    {Py_tp_doc, (void *)unpickler_doc},
    {Py_tp_new, unpickler_new},
    {Py_tp_init, unpickler_init},
    {Py_tp_getattro, unpickler_getattro},
    {Py_tp_setattro, unpickler_setattro},
    {Py_tp_methods, unpickler_methods},
    {Py_tp_getset, unpickler_getset},
    {Py_tp_traverse, unpickler_traverse},
    {Py_tp_clear, unpickler_clear},
    {Py_tp_dealloc, unpickler_dealloc},
    {0, NULL},
};

PyType_Spec kr_unpickler_spec = {
    .name = "_pickle.Unpickler",
    .basicsize = sizeof(Unpickler),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = unpickler_slots,
};

static PyType_Slot unpicklermemo_slots[] = {
    {Py_tp_methods, unpicklermemo_methods},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_traverse, unpicklermemo_traverse},
    {Py_tp_clear, unpicklermemo_clear},
    {Py_tp_dealloc, unpicklermemo_dealloc},
    {0, NULL},
};

PyType_Spec kr_unpickler_memo_spec = {
    .name = "_pickle.UnpicklerMemoProxy",
    .basicsize = sizeof(UnpicklerMemo),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = unpicklermemo_slots,
};
