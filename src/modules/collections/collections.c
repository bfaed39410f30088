// SPDX-License-Identifier: MIT
// collections.c - the module _collections: defaultdict, _tuplegetter, counting.
//
// Callers:     collections/__init__.py of the library.
// Read next:   deque.c; OrderedDict is objects/odict.c.
#include "modules/collections/deque.h"

#include "objects/args.h"
#include "objects/dict.h"
#include "objects/ids.h"

// --- defaultdict -------------------------------------------------------------------

typedef struct {
    PyDictObject dict;
    PyObject *factory; // owned; NULL or None: no default
} DefaultDict;

_Static_assert(sizeof(DefaultDict) == 56, "subclasses know the size");

static int
defaultdict_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    DefaultDict *self = (DefaultDict *)op;
    PyObject *factory = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 0) {
        factory = PyTuple_GET_ITEM(args, 0);
        if (!PyCallable_Check(factory) && factory != Py_None) {
            PyErr_SetString(PyExc_TypeError, "first argument must be callable or None");
            return -1;
        }
    }
    PyObject *rest = PyTuple_GetSlice(args, 1, n);
    if (rest == NULL) {
        return -1;
    }
    Py_XSETREF(self->factory, Py_XNewRef(factory));
    int status = PyDict_Type.tp_init(op, rest, kwargs);
    Py_DECREF(rest);
    return status;
}

static void
defaultdict_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, defaultdict_dealloc)
    Py_CLEAR(((DefaultDict *)op)->factory);
    PyDict_Type.tp_dealloc(op);
    Py_TRASHCAN_END
}

static int
defaultdict_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((DefaultDict *)op)->factory);
    return PyDict_Type.tp_traverse(op, visit, arg);
}

static int
defaultdict_tp_clear(PyObject *op)
{
    Py_CLEAR(((DefaultDict *)op)->factory);
    return PyDict_Type.tp_clear(op);
}

static PyObject *
defaultdict_repr(PyObject *op)
{
    DefaultDict *self = (DefaultDict *)op;
    PyObject *items = PyDict_Type.tp_repr(op), *factory = NULL, *result = NULL;
    if (items == NULL) {
        return NULL;
    }
    if (self->factory == NULL) {
        factory = PyUnicode_FromString("None");
    }
    else {
        // The factory may be a bound method of this very object.
        int entered = Py_ReprEnter(self->factory);
        if (entered > 0) {
            factory = PyUnicode_FromString("...");
        }
        else if (entered == 0) {
            PyObject *held = Py_NewRef(self->factory);
            factory = PyObject_Repr(held);
            Py_ReprLeave(held);
            Py_DECREF(held);
        }
    }
    if (factory != NULL) {
        result = PyUnicode_FromFormat("%s(%U, %U)", _PyType_Name(Py_TYPE(self)), factory,
                                      items);
        Py_DECREF(factory);
    }
    Py_DECREF(items);
    return result;
}

// type(self)(factory, items)
static PyObject *
defaultdict_rebuild(DefaultDict *self, PyObject *items)
{
    return PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(self),
                                        self->factory == NULL ? Py_None : self->factory,
                                        items, NULL);
}

static PyObject *
defaultdict_or(PyObject *left, PyObject *right)
{
    bool is_left = PyObject_TypeCheck(left, &kr_defaultdict_type);
    PyObject *self = is_left ? left : right, *other = is_left ? right : left;
    if (!PyDict_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = defaultdict_rebuild((DefaultDict *)self, left);
    if (result != NULL && PyDict_Update(result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

KR_METHOD_RAW(defaultdict, "__missing__($self, object, /)", METH_O,
              "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n"
              "  if self.default_factory is None: raise KeyError((key,))\n"
              "  self[key] = value = self.default_factory()\n"
              "  return value\n")
static PyObject *
defaultdict___missing__(PyObject *op, PyObject *key)
{
    PyObject *factory = ((DefaultDict *)op)->factory;
    if (factory == NULL || factory == Py_None) {
        kr_set_key_error(key);
        return NULL;
    }
    Py_INCREF(factory);
    PyObject *value = PyObject_CallNoArgs(factory);
    Py_DECREF(factory);
    if (value == NULL) {
        return NULL;
    }
    // What the factory itself may have stored under the key goes first.
    PyObject *stored;
    PyDict_SetDefaultRef(op, key, value, &stored);
    Py_DECREF(value);
    return stored;
}

KR_METHOD_RAW(defaultdict, "copy($self, /)", METH_NOARGS,
              "D.copy() -> a shallow copy of D.")
KR_METHOD_RAW(defaultdict, "__copy__($self, /)", METH_NOARGS,
              "D.copy() -> a shallow copy of D.")
static PyObject *
defaultdict_copy(PyObject *op, PyObject *unused)
{
    return defaultdict_rebuild((DefaultDict *)op, op);
}

KR_METHOD_RAW(defaultdict, "__reduce__($self, /)", METH_NOARGS, "Return what pickle needs.")
static PyObject *
defaultdict___reduce__(PyObject *op, PyObject *unused)
{
    DefaultDict *self = (DefaultDict *)op;
    PyObject *args = self->factory == NULL || self->factory == Py_None
                         ? PyTuple_New(0)
                         : PyTuple_Pack(1, self->factory);
    PyObject *items = args == NULL ? NULL : PyObject_CallMethodNoArgs(op, KR_ID(items));
    PyObject *iterator = items == NULL ? NULL : PyObject_GetIter(items);
    PyObject *result = NULL;
    if (iterator != NULL) {
        result = PyTuple_Pack(5, Py_TYPE(self), args, Py_None, Py_None, iterator);
    }
    Py_XDECREF(iterator);
    Py_XDECREF(items);
    Py_XDECREF(args);
    return result;
}

KR_METHOD_RAW(defaultdict, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "defaultdicts are generic over two types: of the keys and of the values.")
static PyObject *
defaultdict___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

// --- _tuplegetter ------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *doc; // owned
} TupleGetter;

KR_NEW(tuplegetter, "_tuplegetter(index, doc, /)", "")
static PyObject *
tuplegetter_new_impl(PyTypeObject *cls, Py_ssize_t index, PyObject *doc)
{
    TupleGetter *self = (TupleGetter *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->index = index;
        self->doc = Py_NewRef(doc);
    }
    return (PyObject *)self;
}

static PyObject *
tuplegetter_descr_get(PyObject *op, PyObject *object, PyObject *type)
{
    TupleGetter *self = (TupleGetter *)op;
    if (object == NULL || (object == Py_None && type != (PyObject *)Py_TYPE(Py_None))) {
        return Py_NewRef(op);
    }
    if (!PyTuple_Check(object)) {
        PyErr_Format(PyExc_TypeError,
                     "descriptor for index '%zd' for tuple subclasses "
                     "doesn't apply to '%s' object",
                     self->index, Py_TYPE(object)->tp_name);
        return NULL;
    }
    if ((size_t)self->index >= (size_t)PyTuple_GET_SIZE(object)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(PyTuple_GET_ITEM(object, self->index));
}

static int
tuplegetter_descr_set(PyObject *op, PyObject *object, PyObject *value)
{
    PyErr_SetString(PyExc_AttributeError,
                    value == NULL ? "can't delete attribute" : "can't set attribute");
    return -1;
}

static PyObject *
tuplegetter_repr(PyObject *op)
{
    TupleGetter *self = (TupleGetter *)op;
    return PyUnicode_FromFormat("%s(%zd, %R)", _PyType_Name(Py_TYPE(self)), self->index,
                                self->doc);
}

static int
tuplegetter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((TupleGetter *)op)->doc);
    return 0;
}

static int
tuplegetter_clear(PyObject *op)
{
    Py_CLEAR(((TupleGetter *)op)->doc);
    return 0;
}

static void
tuplegetter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    tuplegetter_clear(op);
    Py_TYPE(op)->tp_free(op);
}

KR_METHOD(tuplegetter, "__reduce__(self, /)", "")
static PyObject *
tuplegetter___reduce__(TupleGetter *self)
{
    return Py_BuildValue("O(nO)", Py_TYPE(self), self->index, self->doc);
}

// --- Counting ----------------------------------------------------------------------

// Adds one to the count of key in a plain dict.
static int
count_in_dict(PyObject *dict, PyObject *key, PyObject *one)
{
    PyObject *count, *sum;
    Py_hash_t hash = PyObject_Hash(key);
    int found = hash == -1 ? -1 : kr_dict_get_item(dict, key, hash, &count);
    if (found <= 0) {
        return found < 0 ? -1 : kr_dict_set_item_hash(dict, key, hash, one);
    }
    sum = PyNumber_Add(count, one);
    Py_DECREF(count);
    if (sum == NULL) {
        return -1;
    }
    int status = kr_dict_set_item_hash(dict, key, hash, sum);
    Py_DECREF(sum);
    return status;
}

// The same for a mapping with its own get and __setitem__.
static int
count_in_mapping(PyObject *mapping, PyObject *get, PyObject *key, PyObject *one)
{
    PyObject *zero = PyLong_FromLong(0), *sum = NULL;
    PyObject *count = zero == NULL
                          ? NULL
                          : PyObject_CallFunctionObjArgs(get, key, zero, NULL);
    if (count != NULL) {
        sum = PyNumber_Add(count, one);
    }
    int status = sum == NULL ? -1 : PyObject_SetItem(mapping, key, sum);
    Py_XDECREF(zero);
    Py_XDECREF(count);
    Py_XDECREF(sum);
    return status;
}

// Whether the mapping is a dict that leaves get and __setitem__ as they are.
static bool
counts_plainly(PyObject *mapping)
{
    PyTypeObject *type = Py_TYPE(mapping);
    return PyDict_Check(mapping)
           && _PyType_Lookup(type, KR_ID(get)) == _PyType_Lookup(&PyDict_Type, KR_ID(get))
           && _PyType_Lookup(type, KR_ID(__setitem__))
                  == _PyType_Lookup(&PyDict_Type, KR_ID(__setitem__));
}

KR_FUNCTION(collections, "_count_elements(mapping, iterable, /)",
            "Count elements in the iterable, updating the mapping")
static PyObject *
collections__count_elements(PyObject *module, PyObject *mapping, PyObject *iterable)
{
    PyObject *key = NULL, *one = NULL, *get = NULL, *result = NULL;
    PyObject *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        return NULL;
    }
    one = PyLong_FromLong(1);
    if (one == NULL) {
        goto done;
    }
    bool plain = counts_plainly(mapping);
    if (!plain) {
        get = PyObject_GetAttr(mapping, KR_ID(get));
        if (get == NULL) {
            goto done;
        }
    }
    int more;
    while ((more = PyIter_NextItem(iterator, &key)) > 0) {
        int status = plain ? count_in_dict(mapping, key, one)
                           : count_in_mapping(mapping, get, key, one);
        if (status < 0) {
            goto done;
        }
        Py_CLEAR(key);
    }
    if (more == 0) {
        result = Py_NewRef(Py_None);
    }

done:
    Py_XDECREF(key);
    Py_XDECREF(one);
    Py_XDECREF(get);
    Py_DECREF(iterator);
    return result;
}

// --- The module --------------------------------------------------------------------

KR_TYPE(defaultdict)
KR_TYPE(tuplegetter)
KR_MODULE(collections)
#include "modules/collections/collections.methods.h"

static PyMemberDef defaultdict_members[] = {
    {"default_factory", _Py_T_OBJECT, offsetof(DefaultDict, factory), 0,
     "Factory for default value called by __missing__()."},
    {NULL},
};

static PyNumberMethods defaultdict_as_number = {
    .nb_or = defaultdict_or,
};

PyTypeObject kr_defaultdict_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections.defaultdict",
    .tp_basicsize = sizeof(DefaultDict),
    .tp_dealloc = defaultdict_dealloc,
    .tp_repr = defaultdict_repr,
    .tp_as_number = &defaultdict_as_number,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
                | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\n"
              "The default factory is called without arguments to produce\n"
              "a new value when a key is not present, in __getitem__ only.\n"
              "A defaultdict compares equal to a dict with the same items.\n"
              "All other arguments, keywords too, are those of dict().\n",
    .tp_traverse = defaultdict_traverse,
    .tp_clear = defaultdict_tp_clear,
    .tp_methods = defaultdict_methods,
    .tp_members = defaultdict_members,
    .tp_base = &PyDict_Type,
    .tp_init = defaultdict_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
};

static PyMemberDef tuplegetter_members[] = {
    {"__doc__", _Py_T_OBJECT, offsetof(TupleGetter, doc), 0, NULL},
    {NULL},
};

PyTypeObject kr_tuplegetter_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections._tuplegetter",
    .tp_basicsize = sizeof(TupleGetter),
    .tp_dealloc = tuplegetter_dealloc,
    .tp_repr = tuplegetter_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_traverse = tuplegetter_traverse,
    .tp_clear = tuplegetter_clear,
    .tp_methods = tuplegetter_methods,
    .tp_members = tuplegetter_members,
    .tp_descr_get = tuplegetter_descr_get,
    .tp_descr_set = tuplegetter_descr_set,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = tuplegetter_new,
    .tp_free = PyObject_GC_Del,
};

static int
collections_exec(PyObject *module)
{
    PyTypeObject *const types[] = {
        &kr_deque_type,       &kr_defaultdict_type,        &PyODict_Type,
        &kr_deque_iter_type,  &kr_deque_reverse_iter_type, &kr_tuplegetter_type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot collections_slots[] = {
    {Py_mod_exec, collections_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef collections_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_collections",
    .m_doc = "High performance data structures.\n"
             "- deque:        ordered collection accessible from endpoints only\n"
             "- defaultdict:  dict subclass with a default value factory\n",
    .m_methods = collections_methods,
    .m_slots = collections_slots,
};

PyMODINIT_FUNC
PyInit__collections(void)
{
    return PyModuleDef_Init(&collections_def);
}
