// SPDX-License-Identifier: MIT
// group.c - tee, groupby and zip_longest.
//
// Invariants:  the links of a tee hold LINK_ITEMS items each; a link that is not
//              full has no next one. All copies of a tee share links.
// Re-entrancy: stepping the source of a tee from within itself is refused.
#include "modules/itertools/itertools.h"

// --- tee ---------------------------------------------------------------------------

#define LINK_ITEMS 57

// A stretch of the items that a tee has read.
typedef struct TeeLink {
    PyObject_HEAD
    PyObject *iterator; // owned
    int count;          // items read into this link
    bool reading;       // the source is being stepped
    struct TeeLink *next; // owned, or NULL
    PyObject *items[LINK_ITEMS]; // owned
} TeeLink;

typedef struct {
    PyObject_HEAD
    TeeLink *link; // owned
    int index;     // of the next item in link
    PyObject *weakrefs;
    void *unused;
} Tee;

static TeeLink *
teelink_make(PyObject *iterator)
{
    TeeLink *self = PyObject_GC_New(TeeLink, &kr_teedata_type);
    if (self == NULL) {
        return NULL;
    }
    self->iterator = Py_NewRef(iterator);
    self->count = 0;
    self->reading = false;
    self->next = NULL;
    PyObject_GC_Track(self);
    return self;
}

static int
teelink_traverse(PyObject *op, visitproc visit, void *arg)
{
    TeeLink *self = (TeeLink *)op;
    Py_VISIT(self->iterator);
    for (int i = 0; i < self->count; i++) {
        Py_VISIT(self->items[i]);
    }
    Py_VISIT(self->next);
    return 0;
}

// Releases a chain of links without recursion, as far as nobody else has them.
static void
release_links(TeeLink *link)
{
    while (link != NULL && Py_REFCNT(link) == 1) {
        TeeLink *next = KR_MOVE(link->next);
        Py_DECREF(link);
        link = next;
    }
    Py_XDECREF(link);
}

static int
teelink_clear(PyObject *op)
{
    TeeLink *self = (TeeLink *)op;
    Py_CLEAR(self->iterator);
    int count = self->count;
    self->count = 0;
    for (int i = 0; i < count; i++) {
        Py_CLEAR(self->items[i]);
    }
    release_links(KR_MOVE(self->next));
    return 0;
}

static void
teelink_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    teelink_clear(op);
    PyObject_GC_Del(op);
}

// Item index of a link, read from the source where nobody has asked for it yet.
static PyObject *
teelink_item(TeeLink *self, int index)
{
    if (index < self->count) {
        return Py_NewRef(self->items[index]);
    }
    if (self->reading) {
        PyErr_SetString(PyExc_RuntimeError,
                        "cannot re-enter the tee iterator");
        return NULL;
    }
    if (self->iterator == NULL) {
        return NULL;
    }
    self->reading = true;
    PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
    self->reading = false;
    if (item == NULL) {
        return NULL;
    }
    self->items[self->count++] = item;
    return Py_NewRef(item);
}

// The link behind a full one: a new reference.
static TeeLink *
teelink_follow(TeeLink *self)
{
    if (self->next == NULL) {
        self->next = teelink_make(self->iterator);
    }
    return (TeeLink *)Py_XNewRef(self->next);
}

KR_NEW(teedata, "_tee_dataobject(iterable, values, next, /)",
       "Data container common to multiple tee objects.")
static PyObject *
teedata_new_impl(PyTypeObject *cls, PyObject *iterable, PyObject *values, PyObject *next)
{
    if (!PyList_Check(values)) {
        PyErr_Format(PyExc_TypeError, "teedataobject() argument 2 must be list, not %s",
                     Py_TYPE(values)->tp_name);
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(values);
    if (n > LINK_ITEMS || (n == LINK_ITEMS ? next != Py_None && !Py_IS_TYPE(next, cls)
                                           : next != Py_None)) {
        PyErr_SetString(PyExc_ValueError, "Invalid arguments");
        return NULL;
    }
    TeeLink *self = teelink_make(iterable);
    if (self == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        self->items[i] = Py_NewRef(PyList_GET_ITEM(values, i));
        self->count++;
    }
    if (next != Py_None) {
        self->next = (TeeLink *)Py_NewRef(next);
    }
    return (PyObject *)self;
}

static Tee *
tee_make(TeeLink *link, int index)
{
    Tee *self = PyObject_GC_New(Tee, &kr_tee_type);
    if (self == NULL) {
        return NULL;
    }
    self->link = (TeeLink *)Py_NewRef(link);
    self->index = index;
    self->weakrefs = NULL;
    PyObject_GC_Track(self);
    return self;
}

// A tee over any iterable; a copy when that is a tee itself.
static Tee *
tee_from_iterable(PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    Tee *result = NULL;
    if (iterator == NULL) {
        return NULL;
    }
    if (PyObject_TypeCheck(iterator, &kr_tee_type)) {
        result = tee_make(((Tee *)iterator)->link, ((Tee *)iterator)->index);
    }
    else {
        TeeLink *link = teelink_make(iterator);
        if (link != NULL) {
            result = tee_make(link, 0);
            Py_DECREF(link);
        }
    }
    Py_DECREF(iterator);
    return result;
}

KR_NEW(teeiter, "_tee(iterable, /)", "Iterator wrapped to make it copyable.")
static PyObject *
teeiter_new_impl(PyTypeObject *cls, PyObject *iterable)
{
    return (PyObject *)tee_from_iterable(iterable);
}

static PyObject *
teeiter_next(PyObject *op)
{
    Tee *self = (Tee *)op;
    if (self->link == NULL) {
        return NULL;
    }
    if (self->index >= LINK_ITEMS) {
        TeeLink *next = teelink_follow(self->link);
        if (next == NULL) {
            return NULL;
        }
        Py_SETREF(self->link, next);
        self->index = 0;
    }
    TeeLink *link = (TeeLink *)Py_NewRef(self->link);
    PyObject *item = teelink_item(link, self->index); // may run Python
    Py_DECREF(link);
    if (item != NULL) {
        self->index++;
    }
    return item;
}

static int
teeiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Tee *)op)->link);
    return 0;
}

static int
teeiter_clear(PyObject *op)
{
    Tee *self = (Tee *)op;
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    Py_CLEAR(self->link);
    return 0;
}

static void
teeiter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    teeiter_clear(op);
    PyObject_GC_Del(op);
}

KR_METHOD(teeiter, "__copy__(self, /)", "Returns an independent iterator.")
static PyObject *
teeiter___copy__(Tee *self)
{
    return (PyObject *)tee_make(self->link, self->index);
}

KR_FUNCTION(itertools, "tee(iterable, n=2, /)",
            "Returns a tuple of n independent iterators.")
static PyObject *
itertools_tee(PyObject *module, PyObject *iterable, Py_ssize_t n)
{
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "n must be >= 0");
        return NULL;
    }
    PyObject *result = PyTuple_New(n);
    if (result == NULL || n == 0) {
        return result;
    }
    Tee *tee = tee_from_iterable(iterable);
    for (Py_ssize_t i = 0; tee != NULL; tee = tee_make(tee->link, tee->index)) {
        PyTuple_SET_ITEM(result, i, tee);
        if (++i == n) {
            return result;
        }
    }
    Py_DECREF(result);
    return NULL;
}

// --- groupby -----------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *iterator;
    PyObject *key_function; // None: the item itself
    PyObject *target_key;   // of the group given out last, or NULL
    PyObject *current_key;  // of the item read last, or NULL
    PyObject *current;      // the item read last, not given out; or NULL
    const void *group;      // the grouper that may go on, only compared
    void *unused;
} GroupBy;

typedef struct {
    PyObject_HEAD
    PyObject *parent; // GroupBy
    PyObject *key;
} Grouper;

KR_NEW(groupby, "groupby(iterable, key=None)",
       "make an iterator that returns consecutive keys and groups from the iterable\n\n"
       "  iterable\n"
       "    Elements to divide into groups according to the key function.\n"
       "  key\n"
       "    A function for computing the group category for each element.\n"
       "    If the key function is not specified or is None, the element itself\n"
       "    is used for grouping.")
static PyObject *
groupby_new_impl(PyTypeObject *cls, PyObject *iterable, PyObject *key)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    GroupBy *self = iterator == NULL ? NULL : LAZY_NEW(GroupBy, cls);
    if (self == NULL) {
        Py_XDECREF(iterator);
        return NULL;
    }
    self->iterator = iterator;
    self->key_function = Py_NewRef(key);
    return (PyObject *)self;
}

static int
groupby_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((GroupBy *)op)->current);
    return kr_lazy_traverse4(op, visit, arg);
}

static int
groupby_clear(PyObject *op)
{
    Py_CLEAR(((GroupBy *)op)->current);
    return kr_lazy_clear4(op);
}

// Reads the next item and its key. 0, or -1 at the end or with an exception.
static int
groupby_read(GroupBy *self)
{
    PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator), *key;
    if (item == NULL) {
        return -1;
    }
    key = self->key_function == Py_None ? Py_NewRef(item)
                                        : PyObject_CallOneArg(self->key_function, item);
    if (key == NULL) {
        Py_DECREF(item);
        return -1;
    }
    Py_XSETREF(self->current, item);
    Py_XSETREF(self->current_key, key);
    return 0;
}

// Compares two keys that a nested step may replace.
static int
keys_equal(PyObject *a, PyObject *b)
{
    Py_INCREF(a);
    Py_INCREF(b);
    int equal = PyObject_RichCompareBool(a, b, Py_EQ); // may run Python
    Py_DECREF(a);
    Py_DECREF(b);
    return equal;
}

static PyObject *
grouper_make(PyObject *parent, PyObject *key)
{
    Grouper *self = PyObject_GC_New(Grouper, &kr_grouper_type);
    if (self == NULL) {
        return NULL;
    }
    self->parent = Py_NewRef(parent);
    self->key = Py_NewRef(key);
    ((GroupBy *)parent)->group = self; // the group before it has ended
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *
groupby_next(PyObject *op)
{
    GroupBy *self = (GroupBy *)op;
    self->group = NULL;
    // Skip what is left of the last group.
    for (;;) {
        if (self->current_key != NULL) {
            if (self->target_key == NULL) {
                break;
            }
            int equal = keys_equal(self->target_key, self->current_key);
            if (equal < 0) {
                return NULL;
            }
            if (equal == 0) {
                break;
            }
        }
        if (groupby_read(self) < 0) {
            return NULL;
        }
    }
    PyObject *key = Py_NewRef(self->current_key);
    Py_XSETREF(self->target_key, Py_NewRef(key));
    return kr_tuple_pair_steal(key, grouper_make(op, key));
}

KR_NEW(grouper, "_grouper(parent, tgtkey, /)", "")
static PyObject *
grouper_new_impl(PyTypeObject *cls, PyObject *parent, PyObject *tgtkey)
{
    if (!PyObject_TypeCheck(parent, &kr_groupby_type)) {
        PyErr_Format(PyExc_TypeError,
                     "_grouper() argument 1 must be itertools.groupby, not %s",
                     Py_TYPE(parent)->tp_name);
        return NULL;
    }
    return grouper_make(parent, tgtkey);
}

static PyObject *
grouper_next(PyObject *op)
{
    Grouper *self = (Grouper *)op;
    GroupBy *parent = (GroupBy *)self->parent;
    if (parent->group != self) {
        return NULL;
    }
    if (parent->current == NULL && groupby_read(parent) < 0) {
        return NULL;
    }
    if (parent->current_key == NULL) {
        return NULL;
    }
    int equal = keys_equal(self->key, parent->current_key);
    if (equal <= 0) {
        return NULL;
    }
    return KR_MOVE(parent->current);
}

// --- zip_longest -------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *iterators; // list; None where one has ended
    PyObject *fill;
    PyObject *result;    // the tuple given out last, reused; or NULL
    Py_ssize_t active;   // iterators that have not ended
} ZipLongest;

static PyObject *
zip_longest_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *fill = Py_None;
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        fill = PyDict_GetItemWithError(kwargs, KR_ID(fillvalue));
        if (fill == NULL || PyDict_GET_SIZE(kwargs) > 1) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_TypeError,
                                "zip_longest() got an unexpected keyword argument");
            }
            return NULL;
        }
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *iterators = PyList_New(n);
    for (Py_ssize_t i = 0; iterators != NULL && i < n; i++) {
        PyObject *iterator = PyObject_GetIter(PyTuple_GET_ITEM(args, i));
        if (iterator == NULL) {
            Py_CLEAR(iterators);
            break;
        }
        PyList_SET_ITEM(iterators, i, iterator);
    }
    ZipLongest *self = iterators == NULL ? NULL : LAZY_NEW(ZipLongest, cls);
    if (self == NULL) {
        Py_XDECREF(iterators);
        return NULL;
    }
    self->iterators = iterators;
    self->fill = Py_NewRef(fill);
    self->active = n;
    return (PyObject *)self;
}

// Item i of the next tuple, or NULL when all have ended or with an exception.
static PyObject *
zip_longest_item(ZipLongest *self, Py_ssize_t i)
{
    PyObject *iterator = PyList_GET_ITEM(self->iterators, i);
    if (iterator == Py_None) {
        return Py_NewRef(self->fill);
    }
    Py_INCREF(iterator);
    PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator); // may run Python
    Py_DECREF(iterator);
    if (item != NULL) {
        return item;
    }
    if (kr_iter_clear_stop() < 0) {
        self->active = 0;
        return NULL;
    }
    if (PyList_GET_ITEM(self->iterators, i) != Py_None) {
        self->active--;
        PyList_SetItem(self->iterators, i, Py_NewRef(Py_None));
    }
    return self->active <= 0 ? NULL : Py_NewRef(self->fill);
}

static PyObject *
zip_longest_next(PyObject *op)
{
    ZipLongest *self = (ZipLongest *)op;
    Py_ssize_t n = PyList_GET_SIZE(self->iterators);
    if (n == 0 || self->active <= 0) {
        return NULL;
    }
    PyObject *result = self->result;
    bool reuse = result != NULL && Py_REFCNT(result) == 1;
    result = reuse ? Py_NewRef(result) : PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *item = zip_longest_item(self, i);
        if (item == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyObject **place = &((PyTupleObject *)result)->ob_item[i], *old = *place;
        *place = item;
        Py_XDECREF(old);
    }
    if (result == NULL) {
        return NULL;
    }
    ((PyTupleObject *)result)->ob_hash = -1;
    if (!reuse) {
        Py_XSETREF(self->result, Py_NewRef(result));
    }
    else if (!PyObject_GC_IsTracked(result)) {
        PyObject_GC_Track(result);
    }
    return result;
}

static const char zip_longest_doc[] =
    "zip_longest(*iterables, fillvalue=None)\n--\n\n"
    "Return a zip_longest object whose .__next__() method returns a tuple where\n"
    "the i-th element comes from the i-th iterable argument.  It ends when the\n"
    "longest iterable does; fillvalue, which is None by default, stands in for\n"
    "the items of shorter ones.\n";

KR_TYPE(teeiter)
KR_MODULE(itertools)
#include "modules/itertools/group.methods.h"

PyMethodDef *kr_itertools_functions(void);

PyMethodDef *
kr_itertools_functions(void)
{
    return itertools_methods;
}

#define zip_longest_vectorcall NULL
LAZY_TYPE(kr_zip_longest_type, "zip_longest", ZipLongest, zip_longest, 3);
#undef zip_longest_vectorcall

PyTypeObject kr_groupby_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "itertools.groupby",
    .tp_basicsize = sizeof(GroupBy),
    .tp_dealloc = kr_lazy_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = groupby_doc,
    .tp_traverse = groupby_traverse,
    .tp_clear = groupby_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = groupby_next,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = groupby_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = groupby_vectorcall,
};

PyTypeObject kr_grouper_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "itertools._grouper",
    .tp_basicsize = sizeof(Grouper),
    .tp_dealloc = kr_lazy_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_traverse = kr_lazy_traverse2,
    .tp_clear = kr_lazy_clear2,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = grouper_next,
    .tp_new = grouper_new,
    .tp_free = PyObject_GC_Del,
};

PyTypeObject kr_tee_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "itertools._tee",
    .tp_basicsize = sizeof(Tee),
    .tp_dealloc = teeiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = teeiter_doc,
    .tp_traverse = teeiter_traverse,
    .tp_clear = teeiter_clear,
    .tp_weaklistoffset = offsetof(Tee, weakrefs),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = teeiter_next,
    .tp_methods = teeiter_methods,
    .tp_new = teeiter_new,
    .tp_free = PyObject_GC_Del,
};

PyTypeObject kr_teedata_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "itertools._tee_dataobject",
    .tp_basicsize = sizeof(TeeLink),
    .tp_dealloc = teelink_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = teedata_doc,
    .tp_traverse = teelink_traverse,
    .tp_clear = teelink_clear,
    .tp_new = teedata_new,
    .tp_free = PyObject_GC_Del,
};
