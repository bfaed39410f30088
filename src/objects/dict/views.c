// SPDX-License-Identifier: MIT
// views.c - dict_keys, dict_values and dict_items: live views of a dict.
//
// Callers:     dict.c, OrderedDict.
// Re-entrancy: set operations compare and hash foreign objects; they work on
//              sets of their own.
#include "objects/dict/table.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iter.h"
#include "objects/tuple.h"

PyObject *
kr_dict_view_new(PyObject *dict, PyTypeObject *type)
{
    KrDictView *self = kr_object_new_gc(type, sizeof(KrDictView));
    if (self == NULL) {
        return NULL;
    }
    self->dict = (PyDictObject *)Py_NewRef(dict);
    kr_gc_track(self);
    return (PyObject *)self;
}

static void
dictview_dealloc(PyObject *op)
{
    kr_gc_untrack(op);
    Py_XDECREF(((KrDictView *)op)->dict);
    kr_object_free(op);
}

static int
dictview_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrDictView *)op)->dict);
    return 0;
}

static Py_ssize_t
dictview_length(PyObject *op)
{
    KrDictView *self = (KrDictView *)op;
    return self->dict == NULL ? 0 : self->dict->ma_used;
}

static PyObject *
dictview_repr(PyObject *op)
{
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("...") : NULL;
    }
    PyObject *result = NULL, *list = PySequence_List(op);
    if (list != NULL) {
        result = PyUnicode_FromFormat("%s(%R)", Py_TYPE(op)->tp_name, list);
        Py_DECREF(list);
    }
    Py_ReprLeave(op);
    return result;
}

static PyObject *
dictkeys_iter(PyObject *op)
{
    return kr_dict_iter_new((PyObject *)((KrDictView *)op)->dict, &PyDictIterKey_Type);
}

static PyObject *
dictvalues_iter(PyObject *op)
{
    return kr_dict_iter_new((PyObject *)((KrDictView *)op)->dict, &PyDictIterValue_Type);
}

static PyObject *
dictitems_iter(PyObject *op)
{
    return kr_dict_iter_new((PyObject *)((KrDictView *)op)->dict, &PyDictIterItem_Type);
}

static int
dictkeys_contains(PyObject *op, PyObject *key)
{
    return PyDict_Contains((PyObject *)((KrDictView *)op)->dict, key);
}

static int
dictitems_contains(PyObject *op, PyObject *pair)
{
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        return 0;
    }
    PyObject *value;
    int found = PyDict_GetItemRef((PyObject *)((KrDictView *)op)->dict,
                                  PyTuple_GET_ITEM(pair, 0), &value);
    if (found > 0) {
        found = PyObject_RichCompareBool(value, PyTuple_GET_ITEM(pair, 1), Py_EQ);
        Py_DECREF(value);
    }
    return found;
}

// --- Set operations ------------------------------------------------------------------

static bool
is_set_like(PyObject *op)
{
    return PyAnySet_Check(op) || PyDictViewSet_Check(op);
}

// Whether every element of view is in other: 1, 0, or -1 on error.
static int
all_contained_in(PyObject *op, PyObject *other)
{
    PyObject *item, *iterator = PyObject_GetIter(op);
    if (iterator == NULL) {
        return -1;
    }
    int status = 1, more;
    while (status > 0 && (more = PyIter_NextItem(iterator, &item)) != 0) {
        if (more < 0) {
            status = -1;
            break;
        }
        status = PySequence_Contains(other, item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return status;
}

static PyObject *
dictview_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!is_set_like(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_ssize_t n = PyObject_Size(self), m = n < 0 ? -1 : PyObject_Size(other);
    if (m < 0) {
        return NULL;
    }
    int answer = 0;
    switch (op) {
    case Py_NE:
    case Py_EQ:
        answer = n == m ? all_contained_in(self, other) : 0;
        if (op == Py_NE && answer >= 0) {
            answer = !answer;
        }
        break;
    case Py_LT:
        answer = n < m ? all_contained_in(self, other) : 0;
        break;
    case Py_LE:
        answer = n <= m ? all_contained_in(self, other) : 0;
        break;
    case Py_GT:
        answer = n > m ? all_contained_in(other, self) : 0;
        break;
    case Py_GE:
        answer = n >= m ? all_contained_in(other, self) : 0;
        break;
    }
    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

// set(left), changed by one of its methods called with right.
static PyObject *
set_then_call(PyObject *left, PyObject *method, PyObject *right)
{
    PyObject *result = PySet_New(left);
    if (result == NULL) {
        return NULL;
    }
    PyObject *none = PyObject_CallMethodOneArg(result, method, right);
    if (none == NULL) {
        Py_CLEAR(result);
    }
    Py_XDECREF(none);
    return result;
}

static PyObject *
dictview_subtract(PyObject *left, PyObject *right)
{
    return set_then_call(left, KR_ID(difference_update), right);
}

static PyObject *
dictview_or(PyObject *left, PyObject *right)
{
    return set_then_call(left, KR_ID(update), right);
}

static PyObject *
dictview_xor(PyObject *left, PyObject *right)
{
    return set_then_call(left, KR_ID(symmetric_difference_update), right);
}

static PyObject *
dictview_and(PyObject *left, PyObject *right)
{
    // One of the two is a view; the other may be any iterable.
    PyObject *view = PyDictViewSet_Check(left) ? left : right;
    PyObject *other = view == left ? right : left;
    if (PySet_CheckExact(other) && dictview_length(view) <= PySet_GET_SIZE(other)) {
        return PyObject_CallMethodOneArg(other, KR_ID(intersection), view);
    }
    if (PyDictViewSet_Check(other) && dictview_length(other) > dictview_length(view)) {
        PyObject *swapped = view;
        view = other;
        other = swapped;
    }
    PyObject *iterator = NULL, *item = NULL, *found = NULL, *result = NULL;
    int more;
    found = PySet_New(NULL);
    if (found == NULL) {
        goto done;
    }
    iterator = PyObject_GetIter(other);
    if (iterator == NULL) {
        goto done;
    }
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        int inside = PyDictItems_Check(view) ? dictitems_contains(view, item)
                                             : dictkeys_contains(view, item);
        if (inside < 0 || (inside > 0 && PySet_Add(found, item) < 0)) {
            goto done;
        }
        Py_CLEAR(item);
    }
    if (more == 0) {
        result = KR_MOVE(found);
    }

done:
    Py_XDECREF(item);
    Py_XDECREF(iterator);
    Py_XDECREF(found);
    return result;
}

KR_METHOD_RAW(dictkeys, "isdisjoint($self, object, /)", METH_O,
              "Return True where the view and the given iterable share no element.")
KR_METHOD_RAW(dictitems, "isdisjoint($self, object, /)", METH_O,
              "Return True where the view and the given iterable share no element.")
static PyObject *
dictview_isdisjoint(PyObject *self, PyObject *other)
{
    if (self == other) {
        return PyBool_FromLong(dictview_length(self) == 0);
    }
    if (is_set_like(other)) {
        Py_ssize_t n = PyObject_Size(other);
        if (n < 0) {
            return NULL;
        }
        if (n > dictview_length(self)) {
            PyObject *swapped = self;
            self = other;
            other = swapped;
        }
    }
    PyObject *item, *iterator = PyObject_GetIter(other);
    if (iterator == NULL) {
        return NULL;
    }
    int more, inside = 0;
    while (inside == 0 && (more = PyIter_NextItem(iterator, &item)) != 0) {
        if (more < 0) {
            inside = -1;
            break;
        }
        inside = PySequence_Contains(self, item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return inside < 0 ? NULL : PyBool_FromLong(!inside);
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(dictkeys, "__reversed__(self, /)", "Return an iterator from the end.")
static PyObject *
dictkeys___reversed__(KrDictView *self)
{
    return kr_dict_iter_new((PyObject *)self->dict, &PyDictRevIterKey_Type);
}

KR_METHOD(dictvalues, "__reversed__(self, /)", "Return an iterator from the end.")
static PyObject *
dictvalues___reversed__(KrDictView *self)
{
    return kr_dict_iter_new((PyObject *)self->dict, &PyDictRevIterValue_Type);
}

KR_METHOD(dictitems, "__reversed__(self, /)", "Return an iterator from the end.")
static PyObject *
dictitems___reversed__(KrDictView *self)
{
    return kr_dict_iter_new((PyObject *)self->dict, &PyDictRevIterItem_Type);
}

KR_GETTER(dictkeys, "mapping", "The dictionary behind this view, read only.")
static PyObject *
dictkeys_get_mapping(KrDictView *self)
{
    return PyDictProxy_New((PyObject *)self->dict);
}

KR_GETTER(dictvalues, "mapping", "The dictionary behind this view, read only.")
static PyObject *
dictvalues_get_mapping(KrDictView *self)
{
    return PyDictProxy_New((PyObject *)self->dict);
}

KR_GETTER(dictitems, "mapping", "The dictionary behind this view, read only.")
static PyObject *
dictitems_get_mapping(KrDictView *self)
{
    return PyDictProxy_New((PyObject *)self->dict);
}

KR_TYPE(dictkeys)
KR_TYPE(dictvalues)
KR_TYPE(dictitems)
#include "objects/dict/views.methods.h"

static PyNumberMethods dictview_as_number = {
    .nb_subtract = dictview_subtract,
    .nb_and = dictview_and,
    .nb_xor = dictview_xor,
    .nb_or = dictview_or,
};

static PySequenceMethods dictkeys_as_sequence = {
    .sq_length = dictview_length,
    .sq_contains = dictkeys_contains,
};

static PySequenceMethods dictitems_as_sequence = {
    .sq_length = dictview_length,
    .sq_contains = dictitems_contains,
};

static PySequenceMethods dictvalues_as_sequence = {
    .sq_length = dictview_length,
};

PyTypeObject PyDictKeys_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict_keys",
    .tp_basicsize = sizeof(KrDictView),
    .tp_dealloc = dictview_dealloc,
    .tp_repr = dictview_repr,
    .tp_as_number = &dictview_as_number,
    .tp_as_sequence = &dictkeys_as_sequence,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = dictview_traverse,
    .tp_richcompare = dictview_richcompare,
    .tp_iter = dictkeys_iter,
    .tp_methods = dictkeys_methods,
    .tp_getset = dictkeys_getset,
};

PyTypeObject PyDictItems_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict_items",
    .tp_basicsize = sizeof(KrDictView),
    .tp_dealloc = dictview_dealloc,
    .tp_repr = dictview_repr,
    .tp_as_number = &dictview_as_number,
    .tp_as_sequence = &dictitems_as_sequence,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = dictview_traverse,
    .tp_richcompare = dictview_richcompare,
    .tp_iter = dictitems_iter,
    .tp_methods = dictitems_methods,
    .tp_getset = dictitems_getset,
};

PyTypeObject PyDictValues_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "dict_values",
    .tp_basicsize = sizeof(KrDictView),
    .tp_dealloc = dictview_dealloc,
    .tp_repr = dictview_repr,
    .tp_as_sequence = &dictvalues_as_sequence,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = dictview_traverse,
    .tp_iter = dictvalues_iter,
    .tp_methods = dictvalues_methods,
    .tp_getset = dictvalues_getset,
};
