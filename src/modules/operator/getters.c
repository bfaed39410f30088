// SPDX-License-Identifier: MIT
// getters.c - operator.itemgetter, attrgetter and methodcaller.
//
// Invariants: the objects never change after construction.
#include "modules/operator/operator.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/tuple.h"

// The one argument of a call to a getter; NULL with an exception set.
static inline PyObject *
single_argument(const char *name, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (kwnames != NULL && !kr_arg_no_kwnames(name, kwnames)) {
        return NULL;
    }
    return kr_arg_count(name, PyVectorcall_NARGS(nargsf), 1, 1) ? args[0] : NULL;
}

// "type(a, b)" from the representations of a tuple's items.
static PyObject *
repr_with_items(PyObject *self, PyObject *items)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered > 0
                   ? PyUnicode_FromFormat("%s(...)", Py_TYPE(self)->tp_name)
                   : NULL;
    }
    PyObject *text = PyUnicode_FromFormat("%s(%R", Py_TYPE(self)->tp_name,
                                          PyTuple_GET_ITEM(items, 0));
    for (Py_ssize_t i = 1; text != NULL && i < PyTuple_GET_SIZE(items); i++) {
        Py_SETREF(text, PyUnicode_FromFormat("%U, %R", text, PyTuple_GET_ITEM(items, i)));
    }
    if (text != NULL) {
        Py_SETREF(text, PyUnicode_FromFormat("%U)", text));
    }
    Py_ReprLeave(self);
    return text;
}

// --- itemgetter --------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *items;  // owned tuple of keys, at least one
    Py_ssize_t index; // the only key as an index from the front, or -1
    vectorcallfunc vectorcall;
    void *unused;
} ItemGetter;

static PyObject *
itemgetter_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf,
                      PyObject *kwnames)
{
    ItemGetter *self = (ItemGetter *)op;
    PyObject *object = single_argument("itemgetter", args, nargsf, kwnames);
    if (object == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(self->items);
    if (n == 1) {
        if (self->index >= 0 && PyTuple_CheckExact(object)
            && self->index < PyTuple_GET_SIZE(object)) {
            return Py_NewRef(PyTuple_GET_ITEM(object, self->index));
        }
        return PyObject_GetItem(object, PyTuple_GET_ITEM(self->items, 0));
    }
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *value = PyObject_GetItem(object, PyTuple_GET_ITEM(self->items, i));
        if (value == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

static PyObject *
itemgetter_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_no_keywords("itemgetter", kwargs)) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) == 0) {
        kr_arg_count("itemgetter", 0, 1, 1);
        return NULL;
    }
    ItemGetter *self = (ItemGetter *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->items = Py_NewRef(args);
    self->index = -1;
    PyObject *key = PyTuple_GET_ITEM(args, 0);
    if (PyTuple_GET_SIZE(args) == 1 && PyLong_CheckExact(key)) {
        int overflow;
        long index = PyLong_AsLongAndOverflow(key, &overflow);
        self->index = overflow || index < 0 ? -1 : index;
    }
    self->vectorcall = itemgetter_vectorcall;
    return (PyObject *)self;
}

static PyObject *
itemgetter_repr(PyObject *op)
{
    return repr_with_items(op, ((ItemGetter *)op)->items);
}

// All three types begin with one reference after the head.
static int
getter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((ItemGetter *)op)->items);
    return 0;
}

static int
getter_clear(PyObject *op)
{
    Py_CLEAR(((ItemGetter *)op)->items);
    return 0;
}

static void
getter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_TYPE(op)->tp_clear(op);
    PyObject_GC_Del(op);
}

KR_METHOD(itemgetter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
itemgetter___reduce__(ItemGetter *self)
{
    return PyTuple_Pack(2, Py_TYPE(self), self->items);
}

// --- attrgetter --------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *paths; // owned tuple: a name, or a tuple of names of a dotted path
    vectorcallfunc vectorcall;
    void *unused;
} AttrGetter;

static PyObject *
follow_path(PyObject *object, PyObject *path)
{
    if (!PyTuple_Check(path)) {
        return PyObject_GetAttr(object, path);
    }
    Py_INCREF(object);
    for (Py_ssize_t i = 0; object != NULL && i < PyTuple_GET_SIZE(path); i++) {
        Py_SETREF(object, PyObject_GetAttr(object, PyTuple_GET_ITEM(path, i)));
    }
    return object;
}

static PyObject *
attrgetter_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf,
                      PyObject *kwnames)
{
    AttrGetter *self = (AttrGetter *)op;
    PyObject *object = single_argument("attrgetter", args, nargsf, kwnames);
    if (object == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(self->paths);
    if (n == 1) {
        return follow_path(object, PyTuple_GET_ITEM(self->paths, 0));
    }
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *value = follow_path(object, PyTuple_GET_ITEM(self->paths, i));
        if (value == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

// A name as it is kept: interned, or the tuple of its interned parts.
static PyObject *
parse_path(PyObject *name)
{
    PyObject *dot = PyUnicode_FromString("."), *parts = NULL, *path = NULL;
    if (dot != NULL) {
        parts = PyUnicode_Split(name, dot, -1);
    }
    Py_XDECREF(dot);
    if (parts == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(parts); i++) {
        PyUnicode_InternInPlace(&((PyListObject *)parts)->ob_item[i]);
    }
    path = PyList_GET_SIZE(parts) == 1 ? Py_NewRef(PyList_GET_ITEM(parts, 0))
                                       : PyList_AsTuple(parts);
    Py_DECREF(parts);
    return path;
}

static PyObject *
attrgetter_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (!kr_arg_no_keywords("attrgetter", kwargs)) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n == 0) {
        kr_arg_count("attrgetter", 0, 1, 1);
        return NULL;
    }
    PyObject *paths = PyTuple_New(n);
    for (Py_ssize_t i = 0; paths != NULL && i < n; i++) {
        PyObject *name = PyTuple_GET_ITEM(args, i), *path = NULL;
        if (!PyUnicode_Check(name)) {
            PyErr_SetString(PyExc_TypeError, "attribute name must be a string");
        }
        else {
            path = parse_path(name);
        }
        if (path == NULL) {
            Py_CLEAR(paths);
            break;
        }
        PyTuple_SET_ITEM(paths, i, path);
    }
    AttrGetter *self = paths == NULL ? NULL : (AttrGetter *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        Py_XDECREF(paths);
        return NULL;
    }
    self->paths = paths;
    self->vectorcall = attrgetter_vectorcall;
    return (PyObject *)self;
}

// The names as they were given.
static PyObject *
attrgetter_names(AttrGetter *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->paths);
    PyObject *dot = PyUnicode_FromString(".");
    PyObject *names = dot == NULL ? NULL : PyTuple_New(n);
    for (Py_ssize_t i = 0; names != NULL && i < n; i++) {
        PyObject *path = PyTuple_GET_ITEM(self->paths, i);
        PyObject *name = PyTuple_Check(path) ? PyUnicode_Join(dot, path) : Py_NewRef(path);
        if (name == NULL) {
            Py_CLEAR(names);
            break;
        }
        PyTuple_SET_ITEM(names, i, name);
    }
    Py_XDECREF(dot);
    return names;
}

static PyObject *
attrgetter_repr(PyObject *op)
{
    PyObject *names = attrgetter_names((AttrGetter *)op);
    PyObject *text = names == NULL ? NULL : repr_with_items(op, names);
    Py_XDECREF(names);
    return text;
}

KR_METHOD(attrgetter, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
attrgetter___reduce__(AttrGetter *self)
{
    PyObject *names = attrgetter_names(self);
    return names == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(self), names);
}

// --- methodcaller ------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *args;     // owned tuple: the name, interned, then positional arguments
    PyObject *keywords; // owned dict, or NULL
    PyObject *kwnames;  // owned tuple, or NULL
    PyObject *values;   // owned tuple of the keywords' values, or NULL
    vectorcallfunc vectorcall;
} MethodCaller;

#define FEW_ARGS 8

static PyObject *
methodcaller_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf,
                        PyObject *kwnames)
{
    MethodCaller *self = (MethodCaller *)op;
    PyObject *object = single_argument("methodcaller", args, nargsf, kwnames);
    if (object == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(self->args);
    Py_ssize_t nkw = self->values == NULL ? 0 : PyTuple_GET_SIZE(self->values);
    PyObject *few[FEW_ARGS + 1], **memory = few;
    if (n + nkw > FEW_ARGS) {
        memory = PyMem_Malloc((size_t)(n + nkw + 1) * sizeof(PyObject *));
        if (memory == NULL) {
            return PyErr_NoMemory();
        }
    }
    PyObject **stack = memory + 1;
    stack[0] = object;
    for (Py_ssize_t i = 1; i < n; i++) {
        stack[i] = PyTuple_GET_ITEM(self->args, i);
    }
    for (Py_ssize_t i = 0; i < nkw; i++) {
        stack[n + i] = PyTuple_GET_ITEM(self->values, i);
    }
    PyObject *result = PyObject_VectorcallMethod(
        PyTuple_GET_ITEM(self->args, 0), stack,
        (size_t)n | PY_VECTORCALL_ARGUMENTS_OFFSET, self->kwnames);
    if (memory != few) {
        PyMem_Free(memory);
    }
    return result;
}

// Splits the keywords into names and values.
static int
methodcaller_set_keywords(MethodCaller *self, PyObject *kwargs)
{
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return 0;
    }
    PyObject *names = PyDict_Keys(kwargs), *values = PyDict_Values(kwargs);
    self->keywords = PyDict_Copy(kwargs);
    if (names != NULL && values != NULL && self->keywords != NULL) {
        self->kwnames = PyList_AsTuple(names);
        self->values = PyList_AsTuple(values);
    }
    Py_XDECREF(names);
    Py_XDECREF(values);
    return self->kwnames != NULL && self->values != NULL ? 0 : -1;
}

static PyObject *
methodcaller_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n < 1) {
        PyErr_SetString(PyExc_TypeError,
                        "methodcaller needs at least one argument, the method name");
        return NULL;
    }
    PyObject *name = PyTuple_GET_ITEM(args, 0);
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "method name must be a string");
        return NULL;
    }
    MethodCaller *self = (MethodCaller *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->vectorcall = methodcaller_vectorcall;
    Py_INCREF(name);
    PyUnicode_InternInPlace(&name);
    PyObject *all = PyTuple_New(n);
    if (all == NULL) {
        Py_DECREF(name);
        Py_DECREF(self);
        return NULL;
    }
    PyTuple_SET_ITEM(all, 0, name);
    for (Py_ssize_t i = 1; i < n; i++) {
        PyTuple_SET_ITEM(all, i, Py_NewRef(PyTuple_GET_ITEM(args, i)));
    }
    self->args = all;
    if (methodcaller_set_keywords(self, kwargs) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int
methodcaller_traverse(PyObject *op, visitproc visit, void *arg)
{
    MethodCaller *self = (MethodCaller *)op;
    Py_VISIT(self->args);
    Py_VISIT(self->keywords);
    Py_VISIT(self->kwnames);
    Py_VISIT(self->values);
    return 0;
}

static int
methodcaller_clear(PyObject *op)
{
    MethodCaller *self = (MethodCaller *)op;
    Py_CLEAR(self->args);
    Py_CLEAR(self->keywords);
    Py_CLEAR(self->kwnames);
    Py_CLEAR(self->values);
    return 0;
}

static PyObject *
methodcaller_repr(PyObject *op)
{
    MethodCaller *self = (MethodCaller *)op;
    if (self->keywords == NULL) {
        return repr_with_items(op, self->args);
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromFormat("%s(...)", Py_TYPE(op)->tp_name) : NULL;
    }
    PyObject *text = PyUnicode_FromFormat("%s(%R", Py_TYPE(op)->tp_name,
                                          PyTuple_GET_ITEM(self->args, 0));
    for (Py_ssize_t i = 1; text != NULL && i < PyTuple_GET_SIZE(self->args); i++) {
        Py_SETREF(text, PyUnicode_FromFormat("%U, %R", text,
                                             PyTuple_GET_ITEM(self->args, i)));
    }
    for (Py_ssize_t i = 0; text != NULL && i < PyTuple_GET_SIZE(self->values); i++) {
        Py_SETREF(text, PyUnicode_FromFormat("%U, %U=%R", text,
                                             PyTuple_GET_ITEM(self->kwnames, i),
                                             PyTuple_GET_ITEM(self->values, i)));
    }
    if (text != NULL) {
        Py_SETREF(text, PyUnicode_FromFormat("%U)", text));
    }
    Py_ReprLeave(op);
    return text;
}

KR_METHOD(methodcaller, "__reduce__(self, /)", "Return what pickle needs.")
static PyObject *
methodcaller___reduce__(MethodCaller *self)
{
    if (self->keywords == NULL) {
        return PyTuple_Pack(2, Py_TYPE(self), self->args);
    }
    // partial(methodcaller, name, **keywords)(*args)
    PyObject *functools = PyImport_ImportModule("functools");
    PyObject *partial = functools == NULL
                            ? NULL
                            : PyObject_GetAttrString(functools, "partial");
    Py_XDECREF(functools);
    PyObject *first = partial == NULL ? NULL
                                      : PyTuple_Pack(2, Py_TYPE(self),
                                                     PyTuple_GET_ITEM(self->args, 0));
    PyObject *maker = first == NULL ? NULL : PyObject_Call(partial, first, self->keywords);
    PyObject *rest = maker == NULL ? NULL
                                   : PyTuple_GetSlice(self->args, 1,
                                                      PyTuple_GET_SIZE(self->args));
    PyObject *result = rest == NULL ? NULL : PyTuple_Pack(2, maker, rest);
    Py_XDECREF(partial);
    Py_XDECREF(first);
    Py_XDECREF(maker);
    Py_XDECREF(rest);
    return result;
}

// What inspect.signature() shows of an instance.
KR_GETTER(itemgetter, "__text_signature__", "")
KR_GETTER(attrgetter, "__text_signature__", "")
KR_GETTER(methodcaller, "__text_signature__", "")
static PyObject *
getter_get_text_signature(PyObject *self)
{
    return PyUnicode_FromString("(obj, /)");
}

KR_TYPE(itemgetter)
KR_TYPE(attrgetter)
KR_TYPE(methodcaller)
#include "modules/operator/getters.methods.h"

#define GETTER_TYPE(object, short_name, Struct, prefix, visit, empty, doc)    \
    PyTypeObject object = {                                                   \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                \
        .tp_name = "operator." short_name,                                    \
        .tp_basicsize = sizeof(Struct),                                       \
        .tp_dealloc = getter_dealloc,                                         \
        .tp_vectorcall_offset = offsetof(Struct, vectorcall),                 \
        .tp_repr = prefix##_repr,                                             \
        .tp_call = PyVectorcall_Call,                                         \
        .tp_getattro = PyObject_GenericGetAttr,                               \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC                   \
                    | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_VECTORCALL,  \
        .tp_doc = doc,                                                        \
        .tp_traverse = visit,                                                 \
        .tp_clear = empty,                                                    \
        .tp_methods = prefix##_methods,                                       \
        .tp_getset = prefix##_getset,                                         \
        .tp_alloc = PyType_GenericAlloc,                                      \
        .tp_new = prefix##_new,                                               \
        .tp_free = PyObject_GC_Del,                                           \
    }

GETTER_TYPE(kr_itemgetter_type, "itemgetter", ItemGetter, itemgetter, getter_traverse,
            getter_clear,
            "itemgetter(item, /, *items)\n--\n\n"
            "Return a callable object that fetches the given item(s) from its operand.\n"
            "After f = itemgetter(2), the call f(r) returns r[2].\n"
            "After g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])");
GETTER_TYPE(kr_attrgetter_type, "attrgetter", AttrGetter, attrgetter, getter_traverse,
            getter_clear,
            "attrgetter(attr, /, *attrs)\n--\n\n"
            "Return a callable object that fetches the given attribute(s) from its "
            "operand.\n"
            "After f = attrgetter('name'), the call f(r) returns r.name.\n"
            "After g = attrgetter('name', 'date'), the call g(r) returns (r.name, r.date).\n"
            "After h = attrgetter('name.first', 'name.last'), the call h(r) returns\n"
            "(r.name.first, r.name.last).");
GETTER_TYPE(kr_methodcaller_type, "methodcaller", MethodCaller, methodcaller,
            methodcaller_traverse, methodcaller_clear,
            "methodcaller(name, /, *args, **kwargs)\n--\n\n"
            "Return a callable object that calls the given method on its operand.\n"
            "After f = methodcaller('name'), the call f(r) returns r.name().\n"
            "After g = methodcaller('name', 'date', foo=1), the call g(r) returns\n"
            "r.name('date', foo=1).");
