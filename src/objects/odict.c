// SPDX-License-Identifier: MIT
// odict.c - collections.OrderedDict and its views and iterators.
//
// Callers:     modules/collections.c exports the type; PyODict_*.
// Design:      a dict keeps insertion order already, and its table can take items
//              to either end (kr_dict_move_to_end), so nothing is stored beside it.
// Invariants:  as of dict. An iterator is valid while the keys table and its epoch
//              are those it started with. Taking items out behind the type's back, as
//              by dict.pop(od, key), and keys whose hash changes are faults that the
//              reference reports with KeyError; `known` and check_key() find them.
// Re-entrancy: subclasses may override __getitem__ and __setitem__, which copy()
//              and update() go through.
#include "objects/dict.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/tuple.h"

struct _odictobject {
    PyDictObject dict;
    Py_ssize_t known;        // items after the last change by this type's own methods
    void *unused[5];         // keeps the size that compiled subclasses know
    PyObject *instance_dict; // owned, made on demand
    PyObject *weakrefs;
};

// A method of this type has changed the items.
static inline void
odict_changed(PyObject *op)
{
    ((PyODictObject *)op)->known = PyDict_GET_SIZE(op);
}

// Whether a key still has the hash it is stored under; KeyError if not. May run Python.
static int
check_key(PyObject *key, Py_hash_t stored)
{
    if (PyUnicode_CheckExact(key) || PyLong_CheckExact(key)) {
        return 0;
    }
    Py_INCREF(key);
    Py_hash_t hash = PyObject_Hash(key);
    if (hash != -1 && hash != stored) {
        kr_set_key_error(key);
    }
    Py_DECREF(key);
    return hash == stored ? 0 : -1;
}

_Static_assert(sizeof(struct _odictobject) == 112, "subclasses know the size");
_Static_assert(offsetof(struct _odictobject, instance_dict) == 96, "as 3.14");

// --- Iterators ---------------------------------------------------------------------

typedef enum {
    ODICT_KEYS = 1,
    ODICT_VALUES = 2,
    ODICT_ITEMS = 3,
    ODICT_REVERSED = 4,
} ODictIterKind;

typedef struct {
    PyObject_HEAD
    PyDictObject *dict;     // owned; NULL when exhausted
    PyDictKeysObject *keys; // only compared
    Py_ssize_t pos;         // entry to look at next
    PyObject *result;       // the pair given out last, reused; or NULL
    uint32_t epoch;
    uint32_t kind;          // ODictIterKind
    void *unused;
} ODictIter;

static PyObject *
odictiter_make(PyObject *op, unsigned kind)
{
    ODictIter *self = PyObject_GC_New(ODictIter, &PyODictIter_Type);
    if (self == NULL) {
        return NULL;
    }
    PyDictObject *dict = (PyDictObject *)Py_NewRef(op);
    self->dict = dict;
    self->keys = dict->ma_keys;
    self->epoch = dict->ma_keys->epoch;
    self->pos = kind & ODICT_REVERSED ? dict->ma_keys->nentries - 1 : 0;
    self->result = NULL;
    self->kind = kind;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static void
odictiter_dealloc(PyObject *op)
{
    ODictIter *self = (ODictIter *)op;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->dict);
    Py_XDECREF(self->result);
    PyObject_GC_Del(self);
}

static int
odictiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    ODictIter *self = (ODictIter *)op;
    Py_VISIT(self->dict);
    Py_VISIT(self->result);
    return 0;
}

// Looks at a key before its value is given out. The dict must not change meanwhile.
static int
odictiter_check(ODictIter *self, PyObject *key, Py_hash_t hash)
{
    if (check_key(key, hash) < 0) {
        return -1;
    }
    if (self->dict == NULL || self->dict->ma_keys != self->keys
        || self->keys->epoch != self->epoch) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
        return -1;
    }
    return 0;
}

static PyObject *
odictiter_next(PyObject *op)
{
    ODictIter *self = (ODictIter *)op;
    PyDictObject *dict = self->dict;
    if (dict == NULL) {
        return NULL;
    }
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t entry = -1;
    if (keys != self->keys || keys->epoch != self->epoch) {
        PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
    }
    else if (self->kind & ODICT_REVERSED) {
        entry = self->pos;
        while (entry >= 0 && *kr_keys_key_at(keys, entry) == NULL) {
            entry--;
        }
        self->pos = entry - 1;
    }
    else {
        entry = kr_keys_live_from(keys, self->pos);
        self->pos = entry + 1;
        entry = entry < keys->nentries ? entry : -1;
    }
    if (entry < 0) {
        self->dict = NULL;
        Py_DECREF(dict);
        return NULL;
    }
    PyObject *key = *kr_keys_key_at(keys, entry);
    if ((self->kind & ~(unsigned)ODICT_REVERSED) == ODICT_KEYS) {
        return Py_NewRef(key);
    }
    if (keys->kind == KR_KEYS_GENERAL
        && odictiter_check(self, key, kr_keys_hash_at(keys, entry)) < 0) {
        return NULL;
    }
    PyObject *value = *kr_keys_value_at(keys, entry);
    switch (self->kind & ~(unsigned)ODICT_REVERSED) {
    case ODICT_VALUES:
        return Py_NewRef(value);
    default:
        return kr_iter_reuse_pair_steal(&self->result, Py_NewRef(key), Py_NewRef(value));
    }
}

KR_METHOD(odictiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
odictiter___reduce__(ODictIter *self)
{
    ODictIter *copy = PyObject_GC_New(ODictIter, &PyODictIter_Type);
    if (copy == NULL) {
        return NULL;
    }
    copy->dict = (PyDictObject *)Py_XNewRef(self->dict);
    copy->keys = self->keys;
    copy->epoch = self->epoch;
    copy->pos = self->pos;
    copy->kind = self->kind;
    copy->result = NULL;
    PyObject_GC_Track(copy);
    return kr_iter_reduce_as_list_steal((PyObject *)copy);
}

// --- Views -------------------------------------------------------------------------

static PyObject *
view_iterator(PyObject *op, unsigned kind)
{
    return odictiter_make((PyObject *)((KrDictView *)op)->dict, kind);
}

static PyObject *
odictkeys_iter(PyObject *op)
{
    return view_iterator(op, ODICT_KEYS);
}

static PyObject *
odictvalues_iter(PyObject *op)
{
    return view_iterator(op, ODICT_VALUES);
}

static PyObject *
odictitems_iter(PyObject *op)
{
    return view_iterator(op, ODICT_ITEMS);
}

KR_METHOD_RAW(odictkeys, "__reversed__($self, /)", METH_NOARGS, "")
static PyObject *
odictkeys___reversed__(PyObject *op, PyObject *unused)
{
    return view_iterator(op, ODICT_KEYS | ODICT_REVERSED);
}

KR_METHOD_RAW(odictvalues, "__reversed__($self, /)", METH_NOARGS, "")
static PyObject *
odictvalues___reversed__(PyObject *op, PyObject *unused)
{
    return view_iterator(op, ODICT_VALUES | ODICT_REVERSED);
}

KR_METHOD_RAW(odictitems, "__reversed__($self, /)", METH_NOARGS, "")
static PyObject *
odictitems___reversed__(PyObject *op, PyObject *unused)
{
    return view_iterator(op, ODICT_ITEMS | ODICT_REVERSED);
}

// --- Filling -----------------------------------------------------------------------

// Stores the two items of an iterable by the mapping's own __setitem__.
static int
add_pair(PyObject *self, PyObject *pair)
{
    PyObject *iterator = NULL, *key = NULL, *value = NULL, *surplus = NULL;
    int status = -1;
    iterator = PyObject_GetIter(pair);
    if (iterator == NULL) {
        goto done;
    }
    int more = PyIter_NextItem(iterator, &key);
    if (more <= 0) {
        if (more == 0) {
            PyErr_SetString(PyExc_ValueError, "need more than 0 values to unpack");
        }
        goto done;
    }
    more = PyIter_NextItem(iterator, &value);
    if (more <= 0) {
        if (more == 0) {
            PyErr_SetString(PyExc_ValueError, "need more than 1 value to unpack");
        }
        goto done;
    }
    more = PyIter_NextItem(iterator, &surplus);
    if (more != 0) {
        if (more > 0) {
            PyErr_SetString(PyExc_ValueError, "too many values to unpack (expected 2)");
        }
        goto done;
    }
    status = PyObject_SetItem(self, key, value);

done:
    Py_XDECREF(iterator);
    Py_XDECREF(key);
    Py_XDECREF(value);
    Py_XDECREF(surplus);
    return status;
}

static int
add_pairs(PyObject *self, PyObject *pairs)
{
    PyObject *pair, *iterator = PyObject_GetIter(pairs);
    if (iterator == NULL) {
        return -1;
    }
    int more;
    while ((more = PyIter_NextItem(iterator, &pair)) > 0) {
        int status = add_pair(self, pair);
        Py_DECREF(pair);
        if (status < 0) {
            more = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    return more;
}

// Stores other[key] for each key of an iterable.
static int
add_by_keys(PyObject *self, PyObject *other, PyObject *keys)
{
    PyObject *key, *iterator = PyObject_GetIter(keys);
    if (iterator == NULL) {
        return -1;
    }
    int more;
    while ((more = PyIter_NextItem(iterator, &key)) > 0) {
        PyObject *value = PyObject_GetItem(other, key);
        int status = value == NULL ? -1 : PyObject_SetItem(self, key, value);
        Py_XDECREF(value);
        Py_DECREF(key);
        if (status < 0) {
            more = -1;
            break;
        }
    }
    Py_DECREF(iterator);
    return more;
}

// What update() does with its positional argument.
static int
update_from(PyObject *self, PyObject *other)
{
    PyObject *method, *values;
    int found;
    if (PyODict_CheckExact(self) && PyDict_CheckExact(other)) {
        found = kr_dict_merge(self, other, 1);
        odict_changed(self);
        return found;
    }
    if (PyDict_CheckExact(other)) {
        values = PyDict_Items(other);
        found = values == NULL ? -1 : add_pairs(self, values);
        Py_XDECREF(values);
        return found;
    }
    found = PyObject_GetOptionalAttr(other, KR_ID(keys), &method);
    if (found != 0) {
        values = found < 0 ? NULL : PyObject_CallNoArgs(method);
        Py_XDECREF(method);
        found = values == NULL ? -1 : add_by_keys(self, other, values);
        Py_XDECREF(values);
        return found;
    }
    found = PyObject_GetOptionalAttr(other, KR_ID(items), &method);
    if (found != 0) {
        values = found < 0 ? NULL : PyObject_CallNoArgs(method);
        Py_XDECREF(method);
        found = values == NULL ? -1 : add_pairs(self, values);
        Py_XDECREF(values);
        return found;
    }
    return add_pairs(self, other);
}

static int
update_from_arguments(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 0 && update_from(self, PyTuple_GET_ITEM(args, 0)) < 0) {
        return -1;
    }
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return 0;
    }
    if (!PyArg_ValidateKeywordArguments(kwargs)) {
        return -1;
    }
    return update_from(self, kwargs);
}

static int
odict_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 1) {
        PyErr_Format(PyExc_TypeError, "expected at most 1 argument, got %zd", n);
        return -1;
    }
    return update_from_arguments(self, args, kwargs);
}

KR_METHOD_RAW(odict, "update", METH_VARARGS | METH_KEYWORDS,
              "Add the items of a mapping or of an iterable of pairs, then the keywords.")
static PyObject *
odict_update(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 1) {
        PyErr_Format(PyExc_TypeError,
                     "update() takes at most 1 positional argument (%zd given)", n);
        return NULL;
    }
    if (update_from_arguments(self, args, kwargs) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

// --- Slots -------------------------------------------------------------------------

static void
odict_dealloc(PyObject *op)
{
    PyODictObject *self = (PyODictObject *)op;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, odict_dealloc)
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    Py_CLEAR(self->instance_dict);
    PyDict_Type.tp_dealloc(op);
    Py_TRASHCAN_END
}

static int
odict_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyODictObject *)op)->instance_dict);
    return PyDict_Type.tp_traverse(op, visit, arg);
}

static int
odict_tp_clear(PyObject *op)
{
    Py_CLEAR(((PyODictObject *)op)->instance_dict);
    PyDict_Clear(op);
    return 0;
}

// Puts the items of an exact OrderedDict into a fresh dict of any kind, which is
// consumed when that fails.
static PyObject *
copy_items(PyObject *copy, PyObject *op)
{
    PyDictKeysObject *keys = ((PyDictObject *)op)->ma_keys;
    uint32_t epoch = keys->epoch;
    if (copy == NULL) {
        return NULL;
    }
    if (keys->kind == KR_KEYS_STR) {
        // Strs compare without running anything.
        if (kr_dict_merge(copy, op, 1) < 0) {
            Py_CLEAR(copy);
        }
        return copy;
    }
    PyObject *key, *value;
    Py_hash_t hash;
    for (Py_ssize_t pos = 0; kr_dict_next(op, &pos, &key, &value, &hash);) {
        Py_INCREF(key);
        Py_INCREF(value);
        int status = check_key(key, hash);
        if (status == 0) {
            status = kr_dict_set_item_hash(copy, key, hash, value); // may run Python
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (status == 0 && (((PyDictObject *)op)->ma_keys != keys || keys->epoch != epoch)) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            status = -1;
        }
        if (status < 0) {
            Py_DECREF(copy);
            return NULL;
        }
    }
    return copy;
}

static PyObject *
odict_repr(PyObject *op)
{
    const char *name = _PyType_Name(Py_TYPE(op));
    if (PyDict_GET_SIZE(op) == 0) {
        return PyUnicode_FromFormat("%s()", name);
    }
    if (PyDict_GET_SIZE(op) < ((PyODictObject *)op)->known) {
        // Items were taken out behind our back.
        PyErr_SetString(PyExc_KeyError, name);
        return NULL;
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("...") : NULL;
    }
    PyObject *plain = NULL, *items = NULL, *result = NULL;
    if (PyODict_CheckExact(op)) {
        plain = copy_items(PyDict_New(), op);
    }
    else {
        // A subclass shows what its items() says.
        items = PyObject_CallMethodNoArgs(op, KR_ID(items));
        plain = items == NULL ? NULL : PyDict_New();
        if (plain != NULL && PyDict_MergeFromSeq2(plain, items, 1) < 0) {
            Py_CLEAR(plain);
        }
    }
    if (plain != NULL) {
        result = PyUnicode_FromFormat("%s(%R)", name, plain);
    }
    Py_XDECREF(plain);
    Py_XDECREF(items);
    Py_ReprLeave(op);
    return result;
}

// Whether the keys of both stand in the same order; the dicts are equal.
static int
same_order(PyObject *a, PyObject *b)
{
    PyDictKeysObject *ka = ((PyDictObject *)a)->ma_keys, *kb = ((PyDictObject *)b)->ma_keys;
    uint32_t ea = ka->epoch, eb = kb->epoch;
    Py_ssize_t pa = 0, pb = 0;
    PyObject *x, *y;
    while (kr_dict_next(a, &pa, &x, NULL, NULL)) {
        if (!kr_dict_next(b, &pb, &y, NULL, NULL)) {
            return 0;
        }
        Py_INCREF(x);
        Py_INCREF(y);
        int equal = PyObject_RichCompareBool(x, y, Py_EQ); // may run Python
        Py_DECREF(x);
        Py_DECREF(y);
        if (equal <= 0) {
            return equal;
        }
        if (((PyDictObject *)a)->ma_keys != ka || ka->epoch != ea
            || ((PyDictObject *)b)->ma_keys != kb || kb->epoch != eb) {
            PyErr_SetString(PyExc_RuntimeError, "OrderedDict mutated during iteration");
            return -1;
        }
    }
    return !kr_dict_next(b, &pb, &y, NULL, NULL);
}

static PyObject *
odict_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PyODict_Check(left) || !PyDict_Check(right) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = PyDict_Type.tp_richcompare(left, right, Py_EQ);
    if (result == NULL || result == Py_NotImplemented) {
        return result;
    }
    int equal = PyObject_IsTrue(result);
    Py_DECREF(result);
    if (equal > 0 && PyODict_Check(right)) {
        equal = same_order(left, right);
    }
    return equal < 0 ? NULL : PyBool_FromLong((equal != 0) == (op == Py_EQ));
}

static PyObject *
odict_iter(PyObject *op)
{
    return odictiter_make(op, ODICT_KEYS);
}

static PyObject *
odict_or(PyObject *left, PyObject *right)
{
    PyTypeObject *cls = PyODict_Check(left) ? Py_TYPE(left) : Py_TYPE(right);
    if (!PyDict_Check(left) || !PyDict_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyObject *result = PyObject_CallOneArg((PyObject *)cls, left);
    if (result != NULL && update_from(result, right) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
odict_inplace_or(PyObject *self, PyObject *other)
{
    return update_from(self, other) < 0 ? NULL : Py_NewRef(self);
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(odict, "fromkeys(cls, /, iterable, value=None)",
          "Make an ordered dictionary whose keys come from iterable, all with value.")
static PyObject *
odict_fromkeys(PyTypeObject *cls, PyObject *iterable, PyObject *value)
{
    PyObject *iterator = NULL, *key, *self = PyObject_CallNoArgs((PyObject *)cls);
    if (self == NULL) {
        return NULL;
    }
    iterator = PyObject_GetIter(iterable);
    int more = iterator == NULL ? -1 : 1;
    while (more > 0 && (more = PyIter_NextItem(iterator, &key)) > 0) {
        int status = PyODict_CheckExact(self) ? PyODict_SetItem(self, key, value)
                                              : PyObject_SetItem(self, key, value);
        Py_DECREF(key);
        if (status < 0) {
            more = -1;
        }
    }
    Py_XDECREF(iterator);
    if (more < 0) {
        Py_CLEAR(self);
    }
    return self;
}

KR_METHOD(odict, "__sizeof__(self, /)", "")
static PyObject *
odict___sizeof__(PyODictObject *self)
{
    // dict's own method adds the table to the basic size of this type.
    return PyObject_CallMethodOneArg((PyObject *)&PyDict_Type, KR_ID(__sizeof__),
                                     (PyObject *)self);
}

KR_METHOD(odict, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
odict___reduce__(PyObject *self)
{
    PyObject *items = NULL, *iterator = NULL, *result = NULL;
    PyObject *state = PyObject_CallMethodNoArgs(self, KR_ID(__getstate__));
    if (state == NULL) {
        return NULL;
    }
    items = PyObject_CallMethodNoArgs(self, KR_ID(items));
    if (items != NULL) {
        iterator = PyObject_GetIter(items);
    }
    if (iterator != NULL) {
        result = Py_BuildValue("O()OOO", Py_TYPE(self), state, Py_None, iterator);
    }
    Py_DECREF(state);
    Py_XDECREF(items);
    Py_XDECREF(iterator);
    return result;
}

KR_METHOD(odict, "setdefault(self, /, key, default=None)",
          "Return the value of key; insert it with default first where it is absent.")
static PyObject *
odict_setdefault(PyObject *self, PyObject *key, PyObject *default_value)
{
    PyObject *value = NULL;
    if (PyODict_CheckExact(self)) {
        PyDict_SetDefaultRef(self, key, default_value, &value);
        odict_changed(self);
        return value;
    }
    int present = PySequence_Contains(self, key);
    if (present > 0) {
        return PyObject_GetItem(self, key);
    }
    if (present < 0 || PyObject_SetItem(self, key, default_value) < 0) {
        return NULL;
    }
    return Py_NewRef(default_value);
}

KR_METHOD(odict, "pop(self, /, key, default=<missing>)",
          "od.pop(key[,default]) -> v, take key out and return its value.\n\n"
          "Without the key, default is returned if given, else KeyError is raised.")
static PyObject *
odict_pop(PyObject *self, PyObject *key, PyObject *default_value)
{
    PyObject *value;
    Py_hash_t hash = PyObject_Hash(key);
    int found = hash == -1 ? -1 : kr_dict_delete(self, key, hash, &value);
    if (found < 0) {
        return NULL;
    }
    odict_changed(self);
    if (found == 0) {
        if (default_value != NULL) {
            return Py_NewRef(default_value);
        }
        kr_set_key_error(key);
        return NULL;
    }
    return value;
}

KR_METHOD(odict, "popitem(self, /, last=True)",
          "Take a (key, value) pair out of the dictionary and return it.\n\n"
          "The last one, or the first one where last is false.")
static PyObject *
odict_popitem(PyObject *self, bool last)
{
    PyObject *key, *value;
    int found = kr_dict_pop_end(self, last, &key, &value);
    odict_changed(self);
    if (found == 0) {
        PyErr_SetString(PyExc_KeyError, "dictionary is empty");
    }
    return found > 0 ? kr_tuple_pair_steal(key, value) : NULL;
}

KR_METHOD(odict, "keys(self, /)", "")
static PyObject *
odict_keys(PyObject *self)
{
    return kr_dict_view_new(self, &PyODictKeys_Type);
}

KR_METHOD(odict, "values(self, /)", "")
static PyObject *
odict_values(PyObject *self)
{
    return kr_dict_view_new(self, &PyODictValues_Type);
}

KR_METHOD(odict, "items(self, /)", "")
static PyObject *
odict_items(PyObject *self)
{
    return kr_dict_view_new(self, &PyODictItems_Type);
}

KR_METHOD(odict, "clear(self, /)", "Remove all items from the ordered dictionary.")
static PyObject *
odict_clear(PyObject *self)
{
    PyDict_Clear(self);
    odict_changed(self);
    Py_RETURN_NONE;
}

KR_METHOD(odict, "copy(self, /)", "Return a shallow copy of the ordered dictionary.")
static PyObject *
odict_copy(PyObject *self)
{
    PyObject *copy = PyODict_CheckExact(self)
                         ? PyODict_New()
                         : PyObject_CallNoArgs((PyObject *)Py_TYPE(self));
    if (copy == NULL) {
        return NULL;
    }
    if (PyODict_CheckExact(self)) {
        copy = copy_items(copy, self);
        if (copy != NULL) {
            odict_changed(copy);
        }
        return copy;
    }
    PyObject *iterator = odictiter_make(self, ODICT_KEYS), *key;
    int more = iterator == NULL ? -1 : 1;
    while (more > 0 && (more = PyIter_NextItem(iterator, &key)) > 0) {
        PyObject *value = PyObject_GetItem(self, key);
        if (value == NULL || PyObject_SetItem(copy, key, value) < 0) {
            more = -1;
        }
        Py_XDECREF(value);
        Py_DECREF(key);
    }
    Py_XDECREF(iterator);
    if (more < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}

KR_METHOD(odict, "__reversed__(self, /)", "od.__reversed__() <==> reversed(od)")
static PyObject *
odict___reversed__(PyObject *self)
{
    return odictiter_make(self, ODICT_KEYS | ODICT_REVERSED);
}

KR_METHOD(odict, "move_to_end(self, /, key, last=True)",
          "Move an item to the end, or to the beginning where last is false.\n\n"
          "KeyError is raised where the key is not there.")
static PyObject *
odict_move_to_end(PyObject *self, PyObject *key, bool last)
{
    int moved = 0;
    // An empty one does not even ask for the hash.
    if (PyDict_GET_SIZE(self) > 0) {
        Py_hash_t hash = PyObject_Hash(key);
        moved = hash == -1 ? -1 : kr_dict_move_to_end(self, key, hash, last);
    }
    if (moved < 0) {
        return NULL;
    }
    if (moved == 0) {
        kr_set_key_error(key);
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_TYPE(odict)
KR_TYPE(odictiter)
KR_TYPE(odictkeys)
KR_TYPE(odictvalues)
KR_TYPE(odictitems)
#include "objects/odict.methods.h"

static PyGetSetDef odict_getset_dict[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL},
};

static PyNumberMethods odict_as_number = {
    .nb_or = odict_or,
    .nb_inplace_or = odict_inplace_or,
};

static int
odict_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    return value == NULL ? PyODict_DelItem(self, key) : PyODict_SetItem(self, key, value);
}

static PyMappingMethods odict_as_mapping = {
    .mp_ass_subscript = odict_ass_subscript,
};

PyTypeObject PyODict_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "collections.OrderedDict",
    .tp_basicsize = sizeof(PyODictObject),
    .tp_dealloc = odict_dealloc,
    .tp_repr = odict_repr,
    .tp_as_number = &odict_as_number,
    .tp_as_mapping = &odict_as_mapping,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Dictionary that remembers insertion order",
    .tp_traverse = odict_traverse,
    .tp_clear = odict_tp_clear,
    .tp_richcompare = odict_richcompare,
    .tp_weaklistoffset = offsetof(PyODictObject, weakrefs),
    .tp_iter = odict_iter,
    .tp_methods = odict_methods,
    .tp_getset = odict_getset_dict,
    .tp_base = &PyDict_Type,
    .tp_dictoffset = offsetof(PyODictObject, instance_dict),
    .tp_init = odict_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
};

PyTypeObject PyODictIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "odict_iterator",
    .tp_basicsize = sizeof(ODictIter),
    .tp_dealloc = odictiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = odictiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = odictiter_next,
    .tp_methods = odictiter_methods,
};

PyTypeObject PyODictKeys_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "odict_keys",
    .tp_basicsize = sizeof(KrDictView),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = odictkeys_iter,
    .tp_methods = odictkeys_methods,
    .tp_base = &PyDictKeys_Type,
};

PyTypeObject PyODictValues_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "odict_values",
    .tp_basicsize = sizeof(KrDictView),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = odictvalues_iter,
    .tp_methods = odictvalues_methods,
    .tp_base = &PyDictValues_Type,
};

PyTypeObject PyODictItems_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "odict_items",
    .tp_basicsize = sizeof(KrDictView),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = odictitems_iter,
    .tp_methods = odictitems_methods,
    .tp_base = &PyDictItems_Type,
};

// --- API ---------------------------------------------------------------------------

PyObject *
PyODict_New(void)
{
    return PyDict_Type.tp_new(&PyODict_Type, NULL, NULL);
}

int
PyODict_SetItem(PyObject *self, PyObject *key, PyObject *value)
{
    Py_hash_t hash = PyObject_Hash(key);
    int status = hash == -1 ? -1 : kr_dict_set_item_hash(self, key, hash, value);
    odict_changed(self);
    return status;
}

int
PyODict_DelItem(PyObject *self, PyObject *key)
{
    Py_hash_t hash = PyObject_Hash(key);
    int found = hash == -1 ? -1 : kr_dict_delete(self, key, hash, NULL);
    odict_changed(self);
    if (found == 0) {
        kr_set_key_error(key);
    }
    return found > 0 ? 0 : -1;
}
