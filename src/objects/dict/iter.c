// SPDX-License-Identifier: MIT
// iter.c - iterators over keys, values and items of dicts, both ways.
//
// Callers:     dict.c, views.c, the VM (FOR_ITER reads KrDictIter directly).
// Invariants:  dict is NULL once the iterator is exhausted or failed. `left`
//              catches a dict whose keys are replaced while it keeps its size.
#include "objects/dict/table.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/iterword.h"
#include "objects/tuple.h"

static bool
iterates_backwards(PyTypeObject *type)
{
    return type == &PyDictRevIterKey_Type || type == &PyDictRevIterValue_Type
           || type == &PyDictRevIterItem_Type;
}

PyObject *
kr_dict_iter_new(PyObject *op, PyTypeObject *type)
{
    PyDictObject *dict = (PyDictObject *)op;
    KrDictIter *self = kr_object_new_gc(type, sizeof(KrDictIter));
    if (KR_UNLIKELY(self == NULL)) {
        return NULL;
    }
    self->dict = (PyDictObject *)Py_NewRef(op);
    self->used = self->left = dict->ma_used;
    self->pos = iterates_backwards(type) ? dict->ma_keys->nentries - 1 : 0;
    self->result = NULL;
    kr_gc_track(self);
    return (PyObject *)self;
}

static void
dictiter_dealloc(PyObject *op)
{
    KrDictIter *self = (KrDictIter *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->dict);
    Py_XDECREF(self->result);
    kr_object_free(self);
}

static int
dictiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    KrDictIter *self = (KrDictIter *)op;
    Py_VISIT(self->dict);
    Py_VISIT(self->result);
    return 0;
}

static KR_COLD void
dictiter_fail(KrDictIter *self, const char *message)
{
    PyErr_SetString(PyExc_RuntimeError, message);
    self->used = -1; // stays failed
}

// The number of the next entry, or -1 at the end or with an exception set.
static inline Py_ssize_t
dictiter_step(KrDictIter *self, bool backwards)
{
    PyDictObject *dict = self->dict;
    if (dict == NULL) {
        return -1;
    }
    if (KR_UNLIKELY(self->used != dict->ma_used)) {
        dictiter_fail(self, "dictionary changed size during iteration");
        return -1;
    }
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t entry;
    if (backwards) {
        // A table that has become shorter than the iterator's place ends it.
        entry = self->pos < keys->nentries ? self->pos : -1;
        while (entry >= 0 && *kr_keys_key_at(keys, entry) == NULL) {
            entry--;
        }
        self->pos = entry - 1;
    }
    else {
        entry = kr_keys_live_from(keys, self->pos);
        self->pos = entry + 1;
        if (entry >= keys->nentries) {
            entry = -1;
        }
    }
    if (entry < 0) {
        self->dict = NULL;
        Py_DECREF(dict);
        return -1;
    }
    if (KR_UNLIKELY(self->left == 0)) {
        self->dict = NULL;
        Py_DECREF(dict);
        PyErr_SetString(PyExc_RuntimeError, "dictionary keys changed during iteration");
        return -1;
    }
    self->left--;
    return entry;
}

static PyObject *
dictiter_key_at(KrDictIter *self, Py_ssize_t entry)
{
    return entry < 0 ? NULL : Py_NewRef(*kr_keys_key_at(self->dict->ma_keys, entry));
}

static PyObject *
dictiter_value_at(KrDictIter *self, Py_ssize_t entry)
{
    return entry < 0 ? NULL : Py_NewRef(*kr_keys_value_at(self->dict->ma_keys, entry));
}

static PyObject *
dictiter_item_at(KrDictIter *self, Py_ssize_t entry)
{
    if (entry < 0) {
        return NULL;
    }
    PyDictKeysObject *keys = self->dict->ma_keys;
    PyObject *key = Py_NewRef(*kr_keys_key_at(keys, entry));
    PyObject *value = Py_NewRef(*kr_keys_value_at(keys, entry));
    return kr_iter_reuse_pair_steal(&self->result, key, value);
}

static PyObject *
dictiter_next_key(PyObject *op)
{
    return dictiter_key_at((KrDictIter *)op, dictiter_step((KrDictIter *)op, false));
}

static PyObject *
dictiter_next_value(PyObject *op)
{
    return dictiter_value_at((KrDictIter *)op, dictiter_step((KrDictIter *)op, false));
}

static PyObject *
dictiter_next_item(PyObject *op)
{
    return dictiter_item_at((KrDictIter *)op, dictiter_step((KrDictIter *)op, false));
}

int
kr_dict_item_next_pair(PyObject *op, KV *pair)
{
    KrDictIter *self = (KrDictIter *)op;
    Py_ssize_t entry = dictiter_step(self, false);
    if (entry < 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    PyDictKeysObject *keys = self->dict->ma_keys;
    pair[0] = kr_item_word(*kr_keys_key_at(keys, entry));
    pair[1] = kr_item_word(*kr_keys_value_at(keys, entry));
    return 1;
}

static PyObject *
dictiter_previous_key(PyObject *op)
{
    return dictiter_key_at((KrDictIter *)op, dictiter_step((KrDictIter *)op, true));
}

static PyObject *
dictiter_previous_value(PyObject *op)
{
    return dictiter_value_at((KrDictIter *)op, dictiter_step((KrDictIter *)op, true));
}

static PyObject *
dictiter_previous_item(PyObject *op)
{
    return dictiter_item_at((KrDictIter *)op, dictiter_step((KrDictIter *)op, true));
}

KR_METHOD(dictiter, "__length_hint__(self, /)",
          "Return how many items are still to come.")
static PyObject *
dictiter___length_hint__(KrDictIter *self)
{
    bool valid = self->dict != NULL && self->used == self->dict->ma_used;
    return PyLong_FromSsize_t(valid ? self->left : 0);
}

KR_METHOD(dictiter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
dictiter___reduce__(KrDictIter *self)
{
    KrDictIter *copy = PyObject_GC_New(KrDictIter, Py_TYPE(self));
    if (copy == NULL) {
        return NULL;
    }
    copy->dict = (PyDictObject *)Py_XNewRef(self->dict);
    copy->used = self->used;
    copy->pos = self->pos;
    copy->left = self->left;
    copy->result = NULL;
    kr_gc_track(copy);
    return kr_iter_reduce_as_list_steal((PyObject *)copy);
}

KR_TYPE(dictiter)
#include "objects/dict/iter.methods.h"

#define DICT_ITER_TYPE(object, shown, next)                                    \
    PyTypeObject object = {                                                    \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                 \
        .tp_name = shown,                                                      \
        .tp_basicsize = sizeof(KrDictIter),                                    \
        .tp_dealloc = dictiter_dealloc,                                        \
        .tp_getattro = PyObject_GenericGetAttr,                                \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                   \
        .tp_traverse = dictiter_traverse,                                      \
        .tp_iter = PyObject_SelfIter,                                          \
        .tp_iternext = next,                                                   \
        .tp_methods = dictiter_methods,                                        \
    }

DICT_ITER_TYPE(PyDictIterKey_Type, "dict_keyiterator", dictiter_next_key);
DICT_ITER_TYPE(PyDictIterValue_Type, "dict_valueiterator", dictiter_next_value);
DICT_ITER_TYPE(PyDictIterItem_Type, "dict_itemiterator", dictiter_next_item);
DICT_ITER_TYPE(PyDictRevIterKey_Type, "dict_reversekeyiterator", dictiter_previous_key);
DICT_ITER_TYPE(PyDictRevIterValue_Type, "dict_reversevalueiterator",
               dictiter_previous_value);
DICT_ITER_TYPE(PyDictRevIterItem_Type, "dict_reverseitemiterator",
               dictiter_previous_item);
