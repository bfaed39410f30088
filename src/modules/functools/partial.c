// SPDX-License-Identifier: MIT
// partial.c - functools.partial and the Placeholder.
//
// Invariants:  args is a tuple that does not end in a Placeholder and holds
//              `places` of them; keywords is a dict.
// Re-entrancy: a call may change the object through __setstate__; what the call uses
//              is owned by it.
#include "modules/functools/functools.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/tuple.h"

typedef struct {
    PyObject_HEAD
    PyObject *func;     // owned
    PyObject *args;     // owned tuple
    PyObject *keywords; // owned dict
    PyObject *dict;     // owned, made on demand
    PyObject *weakrefs;
    vectorcallfunc vectorcall;
    Py_ssize_t places;  // Placeholders among args
    void *unused;
} Partial;

_Static_assert(sizeof(Partial) == 80, "as 3.14");

#define FEW_ARGS 10

// --- Placeholder -------------------------------------------------------------------

PyObject kr_placeholder = {.ob_refcnt_full = 0x00050000C0000000LL,
                           .ob_type = &kr_placeholder_type};

static PyObject *
placeholder_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) > 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0)) {
        PyErr_SetString(PyExc_TypeError, "PlaceholderType takes no arguments");
        return NULL;
    }
    return Py_NewRef(&kr_placeholder);
}

static PyObject *
placeholder_repr(PyObject *self)
{
    return PyUnicode_FromString("Placeholder");
}

static void
placeholder_dealloc(PyObject *self)
{
    // Only an extension that counts without knowing immortals gets here.
    _Py_SetImmortal(self);
}

KR_METHOD(placeholder, "__reduce__(self, /)", "")
static PyObject *
placeholder___reduce__(PyObject *self)
{
    return PyUnicode_FromString("Placeholder");
}

// --- Construction ------------------------------------------------------------------

static Py_ssize_t
count_places(PyObject *args)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        count += PyTuple_GET_ITEM(args, i) == &kr_placeholder;
    }
    return count;
}

static bool
ends_in_place(PyObject *args)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 0 && PyTuple_GET_ITEM(args, n - 1) == &kr_placeholder) {
        PyErr_SetString(PyExc_TypeError, "trailing Placeholders are not allowed");
        return true;
    }
    return false;
}

// The arguments `before` with its places filled from items first..n of a tuple, the
// rest appended.
static PyObject *
merge_args(PyObject *before, PyObject *tuple, Py_ssize_t first)
{
    Py_ssize_t n = PyTuple_GET_SIZE(before), m = PyTuple_GET_SIZE(tuple) - first;
    Py_ssize_t places = count_places(before), filled = m < places ? m : places;
    PyObject *args = PyTuple_New(n + m - filled);
    if (args == NULL) {
        return NULL;
    }
    Py_ssize_t next = first;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PyTuple_GET_ITEM(before, i);
        if (item == &kr_placeholder && next < PyTuple_GET_SIZE(tuple)) {
            item = PyTuple_GET_ITEM(tuple, next++);
        }
        PyTuple_SET_ITEM(args, i, Py_NewRef(item));
    }
    for (Py_ssize_t i = n; next < PyTuple_GET_SIZE(tuple); i++) {
        PyTuple_SET_ITEM(args, i, Py_NewRef(PyTuple_GET_ITEM(tuple, next++)));
    }
    return args;
}

static PyObject *partial_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf,
                                    PyObject *kwnames);
static PyObject *partial_call(PyObject *op, PyObject *args, PyObject *kwargs);

static int
check_new_arguments(PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_SetString(PyExc_TypeError, "type 'partial' takes at least one argument");
        return -1;
    }
    if (!PyCallable_Check(PyTuple_GET_ITEM(args, 0))) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return -1;
    }
    if (PyTuple_GET_SIZE(args) > 1 && ends_in_place(args)) {
        return -1;
    }
    PyObject *key, *value;
    for (Py_ssize_t pos = 0; kwargs != NULL && PyDict_Next(kwargs, &pos, &key, &value);) {
        if (value == &kr_placeholder) {
            PyErr_SetString(PyExc_TypeError,
                            "Placeholder cannot be passed as a keyword argument");
            return -1;
        }
    }
    return 0;
}

static PyObject *
partial_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *inner_args = NULL, *inner_keywords = NULL;
    if (check_new_arguments(args, kwargs) < 0) {
        return NULL;
    }
    PyObject *func = PyTuple_GET_ITEM(args, 0);
    if (Py_TYPE(func)->tp_call == partial_call && ((Partial *)func)->dict == NULL) {
        // A partial of a partial calls the innermost function at once.
        Partial *inner = (Partial *)func;
        inner_args = inner->args;
        inner_keywords = inner->keywords;
        func = inner->func;
    }
    Partial *self = (Partial *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->vectorcall = partial_vectorcall;
    self->func = Py_NewRef(func);
    self->args = merge_args(inner_args == NULL ? (PyObject *)&kr_tuple_empty : inner_args,
                            args, 1);
    if (self->args != NULL) {
        self->places = count_places(self->args);
        if (inner_keywords != NULL && PyDict_GET_SIZE(inner_keywords) > 0) {
            self->keywords = PyDict_Copy(inner_keywords);
            if (self->keywords != NULL && kwargs != NULL
                && PyDict_Merge(self->keywords, kwargs, 1) < 0) {
                Py_CLEAR(self->keywords);
            }
        }
        else {
            self->keywords = kwargs == NULL ? PyDict_New() : PyDict_Copy(kwargs);
        }
    }
    if (self->keywords == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

// --- Calling -----------------------------------------------------------------------

// Writes keyword names and values: those of the partial, with what the call says
// instead, then the call's others. Returns their number, or -1.
static Py_ssize_t
merge_keywords(PyObject *keywords, PyObject *kwnames, PyObject *const *call_values,
               PyObject **values, PyObject *names)
{
    PyObject *merged = PyDict_Copy(keywords), *key, *value;
    if (merged == NULL) {
        return -1;
    }
    Py_ssize_t ncall = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames), n = 0;
    for (Py_ssize_t i = 0; i < ncall; i++) {
        if (PyDict_SetItem(merged, PyTuple_GET_ITEM(kwnames, i), call_values[i]) < 0) {
            Py_DECREF(merged);
            return -1;
        }
    }
    for (Py_ssize_t pos = 0; PyDict_Next(merged, &pos, &key, &value); n++) {
        PyTuple_SET_ITEM(names, n, Py_NewRef(key));
        values[n] = value; // kept alive by the partial's dict or the caller
    }
    Py_DECREF(merged);
    return n;
}

static PyObject *
partial_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Partial *self = (Partial *)op;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf), nown = PyTuple_GET_SIZE(self->args);
    if (self->places > nargs) {
        PyErr_Format(PyExc_TypeError,
                     "missing positional arguments in 'partial' call; "
                     "expected at least %zd, got %zd",
                     self->places, nargs);
        return NULL;
    }
    Py_ssize_t ncall = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    Py_ssize_t nkw = PyDict_GET_SIZE(self->keywords);
    Py_ssize_t total = nown - self->places + nargs + nkw + ncall;
    PyObject *few[FEW_ARGS + 1], **memory = few, *names = NULL, *result = NULL;
    PyObject *func = Py_NewRef(self->func), *own = Py_NewRef(self->args);
    PyObject *keywords = Py_NewRef(self->keywords);
    if (total > FEW_ARGS) {
        memory = PyMem_Malloc((size_t)(total + 1) * sizeof(PyObject *));
        if (memory == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    PyObject **stack = memory + 1; // one place for the callee to use
    Py_ssize_t used = 0, n = 0;
    for (; n < nown; n++) {
        PyObject *item = PyTuple_GET_ITEM(own, n);
        stack[n] = item == &kr_placeholder ? args[used++] : item;
    }
    for (; used < nargs; used++) {
        stack[n++] = args[used];
    }
    if (nkw == 0) {
        for (Py_ssize_t i = 0; i < ncall; i++) {
            stack[n + i] = args[nargs + i];
        }
        names = Py_XNewRef(kwnames);
    }
    else {
        names = PyTuple_New(nkw + ncall);
        if (names == NULL) {
            goto done;
        }
        nkw = merge_keywords(keywords, kwnames, args + nargs, stack + n, names);
        if (nkw < 0
            || (nkw < PyTuple_GET_SIZE(names) && _PyTuple_Resize(&names, nkw) < 0)) {
            goto done;
        }
    }
    result = PyObject_Vectorcall(func, stack, (size_t)n | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                 names);

done:
    if (memory != few) {
        PyMem_Free(memory);
    }
    Py_XDECREF(names);
    Py_DECREF(keywords);
    Py_DECREF(own);
    Py_DECREF(func);
    return result;
}

static PyObject *
partial_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return PyVectorcall_Call(op, args, kwargs);
}

static PyObject *
partial_descr_get(PyObject *op, PyObject *object, PyObject *type)
{
    if (object == Py_None || object == NULL) {
        return Py_NewRef(op);
    }
    return PyMethod_New(op, object);
}

// --- Slots and methods ---------------------------------------------------------------

static int
partial_traverse(PyObject *op, visitproc visit, void *arg)
{
    Partial *self = (Partial *)op;
    Py_VISIT(self->func);
    Py_VISIT(self->args);
    Py_VISIT(self->keywords);
    Py_VISIT(self->dict);
    return 0;
}

static int
partial_clear(PyObject *op)
{
    Partial *self = (Partial *)op;
    Py_CLEAR(self->func);
    Py_CLEAR(self->args);
    Py_CLEAR(self->keywords);
    Py_CLEAR(self->dict);
    return 0;
}

static void
partial_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (((Partial *)op)->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    partial_clear(op);
    Py_TYPE(op)->tp_free(op);
}

// Appends ", name=value" or ", value" to a text, which is consumed.
static PyObject *
append_argument_steal(PyObject *text, PyObject *name, PyObject *value)
{
    PyObject *held = Py_NewRef(value), *longer;
    Py_XINCREF(name);
    longer = name == NULL ? PyUnicode_FromFormat("%U, %R", text, held)
                          : PyUnicode_FromFormat("%U, %S=%R", text, name, held);
    Py_XDECREF(name);
    Py_DECREF(held);
    Py_DECREF(text);
    return longer;
}

static PyObject *
partial_repr(PyObject *op)
{
    Partial *self = (Partial *)op;
    PyObject *module = NULL, *name = NULL, *text = NULL, *result = NULL;
    PyObject *args = NULL, *keywords = NULL, *key, *value;
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered > 0 ? PyUnicode_FromString("...") : NULL;
    }
    args = Py_NewRef(self->args);
    keywords = Py_NewRef(self->keywords);
    module = PyType_GetModuleName(Py_TYPE(op));
    name = module == NULL ? NULL : PyType_GetQualName(Py_TYPE(op));
    text = name == NULL ? NULL : PyObject_Repr(self->func);
    for (Py_ssize_t i = 0; text != NULL && i < PyTuple_GET_SIZE(args); i++) {
        text = append_argument_steal(text, NULL, PyTuple_GET_ITEM(args, i));
    }
    for (Py_ssize_t pos = 0; text != NULL && PyDict_Next(keywords, &pos, &key, &value);) {
        text = append_argument_steal(text, key, value);
    }
    if (text != NULL) {
        result = PyUnicode_FromFormat("%S.%S(%U)", module, name, text);
    }
    Py_XDECREF(module);
    Py_XDECREF(name);
    Py_XDECREF(text);
    Py_DECREF(args);
    Py_DECREF(keywords);
    Py_ReprLeave(op);
    return result;
}

KR_METHOD_RAW(partial, "__reduce__($self, /)", METH_NOARGS, "Return what pickle needs.")
static PyObject *
partial___reduce__(PyObject *op, PyObject *unused)
{
    Partial *self = (Partial *)op;
    return Py_BuildValue("O(O)(OOOO)", Py_TYPE(self), self->func, self->func, self->args,
                         self->keywords, self->dict == NULL ? Py_None : self->dict);
}

KR_METHOD_RAW(partial, "__setstate__($self, object, /)", METH_O, "Take over a state.")
static PyObject *
partial___setstate__(PyObject *op, PyObject *state)
{
    Partial *self = (Partial *)op;
    PyObject *func, *args, *keywords, *dict;
    if (!PyTuple_Check(state)
        || !PyArg_ParseTuple(state, "OOOO", &func, &args, &keywords, &dict)
        || !PyCallable_Check(func) || !PyTuple_Check(args)
        || (keywords != Py_None && !PyDict_Check(keywords))
        || (dict != Py_None && !PyDict_Check(dict))) {
        PyErr_SetString(PyExc_TypeError, "invalid partial state");
        return NULL;
    }
    if (ends_in_place(args)) {
        return NULL;
    }
    args = PyTuple_CheckExact(args) ? Py_NewRef(args) : PySequence_Tuple(args);
    if (args == NULL) {
        return NULL;
    }
    keywords = keywords == Py_None              ? PyDict_New()
               : PyDict_CheckExact(keywords) ? Py_NewRef(keywords)
                                             : PyDict_Copy(keywords);
    if (keywords == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    self->places = count_places(args);
    Py_SETREF(self->func, Py_NewRef(func));
    Py_SETREF(self->args, args);
    Py_SETREF(self->keywords, keywords);
    Py_XSETREF(self->dict, dict == Py_None ? NULL : Py_NewRef(dict));
    Py_RETURN_NONE;
}

KR_METHOD_RAW(partial, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Partials are generic over what the call returns.")
static PyObject *
partial___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_TYPE(placeholder)
KR_TYPE(partial)
#include "modules/functools/partial.methods.h"

static PyMemberDef partial_members[] = {
    {"func", _Py_T_OBJECT, offsetof(Partial, func), Py_READONLY,
     "function object to use in future partial calls"},
    {"args", _Py_T_OBJECT, offsetof(Partial, args), Py_READONLY,
     "tuple of arguments to future partial calls"},
    {"keywords", _Py_T_OBJECT, offsetof(Partial, keywords), Py_READONLY,
     "dictionary of keyword arguments to future partial calls"},
    {NULL},
};

static PyGetSetDef partial_attributes[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL},
};

PyTypeObject kr_partial_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "functools.partial",
    .tp_basicsize = sizeof(Partial),
    .tp_dealloc = partial_dealloc,
    .tp_vectorcall_offset = offsetof(Partial, vectorcall),
    .tp_repr = partial_repr,
    .tp_call = partial_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "partial(func, /, *args, **keywords)\n--\n\n"
              "Create a new function with partial application of the given arguments\n"
              "and keywords.",
    .tp_traverse = partial_traverse,
    .tp_clear = partial_clear,
    .tp_weaklistoffset = offsetof(Partial, weakrefs),
    .tp_methods = partial_methods,
    .tp_members = partial_members,
    .tp_getset = partial_attributes,
    .tp_descr_get = partial_descr_get,
    .tp_dictoffset = offsetof(Partial, dict),
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = partial_new,
    .tp_free = PyObject_GC_Del,
};

PyTypeObject kr_placeholder_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "functools._PlaceholderType",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = placeholder_dealloc,
    .tp_repr = placeholder_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "The type of the Placeholder singleton.\n\n"
              "Used as a placeholder for partial arguments.",
    .tp_methods = placeholder_methods,
    .tp_new = placeholder_new,
};
