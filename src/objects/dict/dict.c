// SPDX-License-Identifier: MIT
// dict.c - the type dict: slots and methods.
//
// Callers:     the VM through slots; Python code.
// Invariants:  ma_keys is never NULL; ma_used counts the live entries.
// Re-entrancy: see table.c; a dict may be changed by any __hash__, __eq__,
//              __repr__ or __del__ that runs meanwhile.
// Read next:   table.c, views.c
#include "objects/dict/table.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "objects/tuple.h"

int
kr_init_containers(PyInterpreterState *interp)
{
    interp->containers.dict_next_version = 0;
    interp->containers.dict_epoch = 1;
    return 0;
}

// --- Slots -----------------------------------------------------------------------

static void
dict_dealloc(PyObject *op)
{
    PyDictObject *self = (PyDictObject *)op;
    if (KR_UNLIKELY((self->_ma_watcher_tag & 0xff) != 0)) {
        // A watcher may take a reference and give it back: then it ends here.
        Py_SET_REFCNT(op, 1);
        kr_dict_notify_slow(PyDict_EVENT_DEALLOCATED, self, NULL, NULL);
        Py_ssize_t count = Py_REFCNT(op) - 1;
        Py_SET_REFCNT(op, count);
        if (count > 0) {
            return;
        }
    }
    kr_gc_untrack(self);
    PyDictKeysObject *keys = self->ma_keys;
    self->ma_keys = &kr_keys_empty;
    self->ma_used = 0;
    if (keys != NULL) {
        kr_keys_release(keys);
    }
    if (KR_LIKELY(PyDict_CheckExact(op))) {
        kr_object_free(op);
        return;
    }
    Py_TYPE(self)->tp_free(op);
}

static int
dict_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyDictKeysObject *keys = ((PyDictObject *)op)->ma_keys;
    if (keys == NULL) {
        return 0;
    }
    Py_ssize_t n = keys->nentries;
    if (keys->kind == KR_KEYS_STR) {
        // Strs hold no references.
        KrDictStrEntry *entries = kr_keys_str_entries(keys);
        for (Py_ssize_t i = keys->first_live; i < n; i++) {
            Py_VISIT(entries[i].value);
        }
        return 0;
    }
    KrDictEntry *entries = kr_keys_entries(keys);
    for (Py_ssize_t i = keys->first_live; i < n; i++) {
        if (entries[i].key != NULL) {
            Py_VISIT(entries[i].key);
            Py_VISIT(entries[i].value);
        }
    }
    return 0;
}

static int
dict_tp_clear(PyObject *op)
{
    PyDict_Clear(op);
    return 0;
}

static Py_ssize_t
dict_length(PyObject *op)
{
    return ((PyDictObject *)op)->ma_used;
}

static int
dict_write_items(PyUnicodeWriter *writer, PyObject *op)
{
    PyObject *key, *value;
    bool first = true;
    for (Py_ssize_t pos = 0; kr_dict_next(op, &pos, &key, &value, NULL); first = false) {
        Py_INCREF(key);
        Py_INCREF(value);
        int status = 0;
        if (!first) {
            status = PyUnicodeWriter_WriteASCII(writer, ", ", 2);
        }
        if (status == 0) {
            status = PyUnicodeWriter_WriteRepr(writer, key);
        }
        if (status == 0) {
            status = PyUnicodeWriter_WriteASCII(writer, ": ", 2);
        }
        if (status == 0) {
            status = PyUnicodeWriter_WriteRepr(writer, value);
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
dict_repr(PyObject *op)
{
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("{...}") : NULL;
    }
    PyObject *result = NULL;
    if (((PyDictObject *)op)->ma_used == 0) {
        result = PyUnicode_FromString("{}");
        Py_ReprLeave(op);
        return result;
    }
    PyUnicodeWriter *writer = PyUnicodeWriter_Create(((PyDictObject *)op)->ma_used * 6);
    if (writer != NULL) {
        if (PyUnicodeWriter_WriteChar(writer, '{') < 0 || dict_write_items(writer, op) < 0
            || PyUnicodeWriter_WriteChar(writer, '}') < 0) {
            PyUnicodeWriter_Discard(writer);
        }
        else {
            result = PyUnicodeWriter_Finish(writer);
        }
    }
    Py_ReprLeave(op);
    return result;
}

// The value of an absent key: __missing__ of a subclass, or KeyError.
static KR_COLD PyObject *
dict_missing(PyObject *op, PyObject *key)
{
    if (!PyDict_CheckExact(op)) {
        PyObject *missing = _PyObject_LookupSpecial(op, KR_ID(__missing__));
        if (missing != NULL) {
            PyObject *result = PyObject_CallOneArg(missing, key);
            Py_DECREF(missing);
            return result;
        }
        if (PyErr_Occurred()) {
            return NULL;
        }
    }
    kr_set_key_error(key);
    return NULL;
}

static PyObject *
dict_subscript(PyObject *op, PyObject *key)
{
    Py_hash_t hash = kr_dict_hash(key);
    if (KR_UNLIKELY(hash == -1)) {
        return NULL;
    }
    PyDictObject *self = (PyDictObject *)op;
    Py_ssize_t entry = kr_dict_lookup_index(self, key, hash);
    if (KR_LIKELY(entry >= 0)) {
        return Py_NewRef(*kr_keys_value_at(self->ma_keys, entry));
    }
    return entry == -1 ? dict_missing(op, key) : NULL;
}

static int
dict_ass_subscript(PyObject *op, PyObject *key, PyObject *value)
{
    return value == NULL ? PyDict_DelItem(op, key) : PyDict_SetItem(op, key, value);
}

// Whether both have the same keys with equal values. Same size is known.
static int
dict_equal(PyDictObject *a, PyDictObject *b)
{
    PyObject *key, *value, *other;
    Py_hash_t hash;
    for (Py_ssize_t pos = 0; kr_dict_next((PyObject *)a, &pos, &key, &value, &hash);) {
        Py_INCREF(key);
        Py_INCREF(value);
        int equal = kr_dict_get_item((PyObject *)b, key, hash, &other);
        if (equal > 0) {
            equal = PyObject_RichCompareBool(value, other, Py_EQ);
            Py_DECREF(other);
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (equal <= 0) {
            return equal;
        }
    }
    return 1;
}

static PyObject *
dict_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PyDict_Check(left) || !PyDict_Check(right) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyDictObject *a = (PyDictObject *)left, *b = (PyDictObject *)right;
    int equal = a->ma_used != b->ma_used ? 0 : dict_equal(a, b);
    if (equal < 0) {
        return NULL;
    }
    return Py_NewRef((equal != 0) == (op == Py_EQ) ? Py_True : Py_False);
}

static PyObject *
dict_iter(PyObject *op)
{
    return kr_dict_iter_new(op, &PyDictIterKey_Type);
}

static PyObject *
dict_or(PyObject *left, PyObject *right)
{
    if (!PyDict_Check(left) || !PyDict_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = PyDict_Copy(left);
    if (result != NULL && kr_dict_update_arg(result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
dict_inplace_or(PyObject *op, PyObject *other)
{
    return kr_dict_update_arg(op, other) < 0 ? NULL : Py_NewRef(op);
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD_RAW(dict, "__getitem__($self, key, /)", METH_O | METH_COEXIST,
              "Return self[key].")
static PyObject *
dict___getitem__(PyObject *op, PyObject *key)
{
    return dict_subscript(op, key);
}

KR_METHOD_RAW(dict, "__contains__($self, key, /)", METH_O | METH_COEXIST,
              "True if the dictionary has the specified key, else False.")
static PyObject *
dict___contains__(PyObject *op, PyObject *key)
{
    int found = PyDict_Contains(op, key);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

KR_METHOD(dict, "__sizeof__(self, /)", "Return the size of the dict in memory.")
static PyObject *
dict___sizeof__(PyDictObject *self)
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize + kr_keys_sizeof(self->ma_keys);
    return PyLong_FromSize_t(size);
}

KR_METHOD_RAW(dict, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Dicts are generic over the types of keys and values.")
static PyObject *
dict___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_METHOD(dict, "__reversed__(self, /)", "Return an iterator over the keys from the end.")
static PyObject *
dict___reversed__(PyDictObject *self)
{
    return kr_dict_iter_new((PyObject *)self, &PyDictRevIterKey_Type);
}

KR_METHOD(dict, "get(self, key, default=None, /)",
          "Return the value of key, or default where key is not in the dictionary.")
static PyObject *
dict_get(PyDictObject *self, PyObject *key, PyObject *default_value)
{
    PyObject *value;
    Py_hash_t hash = kr_dict_hash(key);
    if (hash == -1) {
        return NULL;
    }
    int found = kr_dict_get_item((PyObject *)self, key, hash, &value);
    return found == 0 ? Py_NewRef(default_value) : value;
}

KR_METHOD(dict, "setdefault(self, key, default=None, /)",
          "Return the value of key; insert it with default first where it is absent.")
static PyObject *
dict_setdefault(PyDictObject *self, PyObject *key, PyObject *default_value)
{
    PyObject *value;
    PyDict_SetDefaultRef((PyObject *)self, key, default_value, &value);
    return value;
}

KR_METHOD(dict, "pop(self, key, default=<missing>, /)",
          "Take key out and return its value; default, or KeyError, without it.")
static PyObject *
dict_pop(PyDictObject *self, PyObject *key, PyObject *default_value)
{
    return _PyDict_Pop((PyObject *)self, key, default_value);
}

KR_METHOD(dict, "popitem(self, /)",
          "Take the pair out that was inserted last, and return it as a tuple.")
static PyObject *
dict_popitem(PyDictObject *self)
{
    PyObject *key, *value;
    int found = kr_dict_pop_end((PyObject *)self, true, &key, &value);
    if (found == 0) {
        PyErr_SetString(PyExc_KeyError, "popitem(): dictionary is empty");
    }
    return found > 0 ? kr_tuple_pair_steal(key, value) : NULL;
}

KR_METHOD(dict, "keys(self, /)", "Return a set-like view of the keys.")
static PyObject *
dict_keys(PyDictObject *self)
{
    return kr_dict_view_new((PyObject *)self, &PyDictKeys_Type);
}

KR_METHOD(dict, "items(self, /)", "Return a set-like view of the pairs.")
static PyObject *
dict_items(PyDictObject *self)
{
    return kr_dict_view_new((PyObject *)self, &PyDictItems_Type);
}

KR_METHOD(dict, "values(self, /)", "Return a view of the values.")
static PyObject *
dict_values(PyDictObject *self)
{
    return kr_dict_view_new((PyObject *)self, &PyDictValues_Type);
}

// What dict() and update() do with their arguments. kwargs may be NULL.
static int
dict_update_common(PyObject *op, PyObject *arg, PyObject *kwargs)
{
    if (arg != NULL && kr_dict_update_arg(op, arg) < 0) {
        return -1;
    }
    if (kwargs == NULL) {
        return 0;
    }
    return PyArg_ValidateKeywordArguments(kwargs) ? kr_dict_merge(op, kwargs, 1) : -1;
}

KR_METHOD_RAW(dict, "update", METH_VARARGS | METH_KEYWORDS,
              "D.update([E, ]**F) -> None.  Add the items of a mapping, or of an\n"
              "iterable of pairs, and then the keyword arguments.")
static PyObject *
dict_update(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_count("update", PyTuple_GET_SIZE(args), 0, 1)) {
        return NULL;
    }
    PyObject *arg = PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, 0) : NULL;
    if (dict_update_common(op, arg, kwargs) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(dict, "clear(self, /)", "Remove all items from the dict.")
static PyObject *
dict_clear(PyDictObject *self)
{
    PyDict_Clear((PyObject *)self);
    Py_RETURN_NONE;
}

KR_METHOD(dict, "copy(self, /)", "Return a shallow copy of the dict.")
static PyObject *
dict_copy(PyDictObject *self)
{
    return PyDict_Copy((PyObject *)self);
}

// Fills a plain, empty dict with the elements of a dict or set, whose hashes are
// known.
static int
fromkeys_known(PyObject *dict, PyObject *iterable, PyObject *value)
{
    PyObject *key;
    Py_hash_t hash;
    Py_ssize_t pos = 0;
    bool is_dict = PyDict_CheckExact(iterable);
    while (is_dict ? kr_dict_next(iterable, &pos, &key, NULL, &hash)
                   : _PySet_NextEntry(iterable, &pos, &key, &hash)) {
        Py_INCREF(key);
        int status = kr_dict_set_item_hash(dict, key, hash, value);
        Py_DECREF(key);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

KR_METHOD(dict, "fromkeys(cls, iterable, value=None, /)",
          "Make a dict whose keys come from iterable, all with the same value.")
static PyObject *
dict_fromkeys(PyTypeObject *cls, PyObject *iterable, PyObject *value)
{
    PyObject *dict = NULL, *iterator = NULL, *key = NULL, *result = NULL;
    int more;

    dict = PyObject_CallNoArgs((PyObject *)cls);
    if (dict == NULL) {
        goto done;
    }
    if (PyDict_CheckExact(dict) && ((PyDictObject *)dict)->ma_used == 0
        && (PyDict_CheckExact(iterable) || PyAnySet_CheckExact(iterable))) {
        if (fromkeys_known(dict, iterable, value) == 0) {
            result = KR_MOVE(dict);
        }
        goto done;
    }
    iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        goto done;
    }
    while ((more = PyIter_NextItem(iterator, &key)) > 0) {
        // A subclass has to see every store.
        int status = PyDict_CheckExact(dict) ? PyDict_SetItem(dict, key, value)
                                             : PyObject_SetItem(dict, key, value);
        if (status < 0) {
            goto done;
        }
        Py_CLEAR(key);
    }
    if (more == 0) {
        result = KR_MOVE(dict);
    }

done:
    Py_XDECREF(key);
    Py_XDECREF(iterator);
    Py_XDECREF(dict);
    return result;
}

// --- Construction ------------------------------------------------------------------

static PyObject *
dict_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *self = cls->tp_alloc(cls, 0);
    if (self != NULL) {
        kr_dict_init_empty((PyDictObject *)self);
    }
    return self;
}

static int
dict_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_count("dict", PyTuple_GET_SIZE(args), 0, 1)) {
        return -1;
    }
    PyObject *arg = PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, 0) : NULL;
    return dict_update_common(op, arg, kwargs);
}

static PyObject *
dict_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!kr_arg_count("dict", nargs, 0, 1)) {
        return NULL;
    }
    PyObject *self = dict_new((PyTypeObject *)type, NULL, NULL);
    if (self == NULL) {
        return NULL;
    }
    if (nargs == 1 && kr_dict_update_arg(self, args[0]) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    Py_ssize_t n = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyDict_SetItem(self, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) {
            Py_DECREF(self);
            return NULL;
        }
    }
    return self;
}

KR_TYPE(dict)
#include "objects/dict/dict.methods.h"

static PySequenceMethods dict_as_sequence = {
    .sq_contains = PyDict_Contains,
};

static PyMappingMethods dict_as_mapping = {
    .mp_length = dict_length,
    .mp_subscript = dict_subscript,
    .mp_ass_subscript = dict_ass_subscript,
};

static PyNumberMethods dict_as_number = {
    .nb_or = dict_or,
    .nb_inplace_or = dict_inplace_or,
};

PyTypeObject PyDict_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict",
    .tp_basicsize = sizeof(PyDictObject),
    .tp_dealloc = dict_dealloc,
    .tp_repr = dict_repr,
    .tp_as_number = &dict_as_number,
    .tp_as_sequence = &dict_as_sequence,
    .tp_as_mapping = &dict_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_DICT_SUBCLASS | Py_TPFLAGS_MAPPING | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "dict() -> new empty dictionary\n"
              "dict(mapping) -> new dictionary initialized from a mapping object's\n"
              "    (key, value) pairs\n"
              "dict(iterable) -> new dictionary initialized as if via:\n"
              "    d = {}\n"
              "    for k, v in iterable:\n"
              "        d[k] = v\n"
              "dict(**kwargs) -> new dictionary initialized with the name=value pairs\n"
              "    in the keyword argument list.  For example:  dict(one=1, two=2)",
    .tp_traverse = dict_traverse,
    .tp_clear = dict_tp_clear,
    .tp_richcompare = dict_richcompare,
    .tp_iter = dict_iter,
    .tp_methods = dict_methods,
    .tp_init = dict_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = dict_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = dict_vectorcall,
};
