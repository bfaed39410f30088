// SPDX-License-Identifier: MIT
// typevar.c - TypeVar, ParamSpec, TypeVarTuple, TypeAliasType, Generic, NoDefault.
//
// Bounds, constraints, defaults and values come either as objects or as functions
// that compute them on first use (PEP 695, PEP 696). What has no C side to it is
// done by functions of module typing.
#include "objects/typevar.h"

#include "objects/ids.h"
#include "objects/method_macros.h"
#include "objects/state.h"
#include "objects/type.h"
#include "objects/union.h"

#include <structmember.h>

// One struct serves the three kinds of parameter; each uses what it needs.
typedef struct {
    PyObject_HEAD
    PyObject *dict;
    PyObject *weakreflist;
    PyObject *name;                 // str
    PyObject *bound;                // or NULL
    PyObject *evaluate_bound;       // or NULL
    PyObject *constraints;          // tuple or NULL
    PyObject *evaluate_constraints; // or NULL
    PyObject *fallback;             // the default, or NULL
    PyObject *evaluate_default;     // or NULL
    bool covariant;
    bool contravariant;
    bool infer_variance;
} KrParameter;

typedef struct {
    PyObject_HEAD
    PyObject *origin; // the ParamSpec
    PyObject *weakreflist;
} KrParameterPart;

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *type_params; // tuple or NULL
    PyObject *compute;     // function or NULL
    PyObject *value;       // or NULL
    PyObject *module;      // or NULL
} KrTypeAlias;

typedef struct {
    PyObject_HEAD
    PyObject *value;
} KrConstEvaluator;

PyObject kr_nodefault = {{0x00050000C0000000LL}, &kr_nodefault_type};

// --- Helpers -------------------------------------------------------------------------

// typing.name(args...); new reference.
static PyObject *
call_typing(const char *name, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *function = PyImport_ImportModuleAttrString("typing", name);
    PyObject *result = function == NULL
                           ? NULL : PyObject_Vectorcall(function, args, (size_t)nargs, NULL);
    Py_XDECREF(function);
    return result;
}

// __name__ of the globals of the running code, or NULL without exception.
static PyObject *
calling_module(void)
{
    PyObject *globals = PyEval_GetGlobals(), *name = NULL;
    if (globals != NULL && PyDict_GetItemRef(globals, KR_ID(__name__), &name) < 0) {
        PyErr_Clear();
    }
    return name;
}

static int
set_module(PyObject *self)
{
    PyObject *module = calling_module();
    int status = PyObject_SetAttr(self, KR_ID(__module__), module != NULL ? module : Py_None);
    Py_XDECREF(module);
    return status;
}

// The value kept in *value, computed by evaluate(VALUE) if need be; borrowed.
static PyObject *
computed(PyObject **value, PyObject *evaluate, PyObject *without)
{
    if (*value == NULL) {
        if (evaluate == NULL) {
            return without;
        }
        PyObject *format = PyLong_FromLong(1);
        PyObject *result = format == NULL ? NULL : PyObject_CallOneArg(evaluate, format);
        Py_XDECREF(format);
        if (result == NULL) {
            return NULL;
        }
        Py_XSETREF(*value, result);
    }
    return *value;
}

// The function that computes, or one that returns the value that is there.
static PyObject *
evaluator(PyObject *evaluate, PyObject *value)
{
    if (evaluate != NULL) {
        return Py_NewRef(evaluate);
    }
    if (value == NULL) {
        Py_RETURN_NONE;
    }
    KrConstEvaluator *self = PyObject_GC_New(KrConstEvaluator, &kr_constevaluator_type);
    if (self == NULL) {
        return NULL;
    }
    self->value = Py_NewRef(value);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

// --- Functions that return a constant ----------------------------------------------------

static PyObject *
constevaluator_call(PyObject *op, PyObject *args, PyObject *kwds)
{
    KrConstEvaluator *self = (KrConstEvaluator *)op;
    int format;
    if (kwds != NULL && PyDict_GET_SIZE(kwds) > 0) {
        PyErr_SetString(PyExc_TypeError,
                        "constevaluator.__call__ takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "i:constevaluator.__call__", &format)) {
        return NULL;
    }
    if (format != 4) {
        return Py_NewRef(self->value);
    }
    if (!PyTuple_Check(self->value)) {
        return kr_type_repr(self->value);
    }
    PyObject *list = PyList_New(0), *comma = PyUnicode_FromString(", "), *result = NULL;
    for (Py_ssize_t i = 0; list != NULL && i < PyTuple_GET_SIZE(self->value); i++) {
        PyObject *text = kr_type_repr(PyTuple_GET_ITEM(self->value, i));
        if (text == NULL || PyList_Append(list, text) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(text);
    }
    if (list != NULL && comma != NULL) {
        PyObject *joined = PyUnicode_Join(comma, list);
        result = joined == NULL ? NULL : PyUnicode_FromFormat("(%U)", joined);
        Py_XDECREF(joined);
    }
    Py_XDECREF(list);
    Py_XDECREF(comma);
    return result;
}

static PyObject *
constevaluator_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<constevaluator %R>", ((KrConstEvaluator *)op)->value);
}

static int
constevaluator_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrConstEvaluator *)op)->value);
    return 0;
}

static void
constevaluator_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((KrConstEvaluator *)op)->value);
    PyObject_GC_Del(op);
}

PyTypeObject kr_constevaluator_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_typing._ConstEvaluator",
    .tp_basicsize = sizeof(KrConstEvaluator),
    .tp_dealloc = constevaluator_dealloc,
    .tp_repr = constevaluator_repr,
    .tp_call = constevaluator_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                Py_TPFLAGS_IMMUTABLETYPE,
    .tp_traverse = constevaluator_traverse,
};

// --- NoDefault -----------------------------------------------------------------------------

static PyObject *
nodefault_repr(PyObject *self)
{
    return PyUnicode_FromString("typing.NoDefault");
}

KR_METHOD_RAW(nodefault, "__reduce__", METH_NOARGS, "")
static PyObject *
nodefault___reduce__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromString("NoDefault");
}

static PyObject *
nodefault_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (PyTuple_GET_SIZE(args) || (kwds != NULL && PyDict_GET_SIZE(kwds))) {
        PyErr_SetString(PyExc_TypeError, "NoDefaultType takes no arguments");
        return NULL;
    }
    return &kr_nodefault;
}

// --- Parameters in common -------------------------------------------------------------------

static KrParameter *
parameter_new(PyTypeObject *type, PyObject *name)
{
    KrParameter *self = (KrParameter *)PyType_GenericAlloc(type, 0);
    if (self != NULL) {
        self->name = Py_NewRef(name);
    }
    return self;
}

static int
parameter_traverse(PyObject *op, visitproc visit, void *arg)
{
    KrParameter *self = (KrParameter *)op;
    Py_VISIT(self->dict);
    Py_VISIT(self->bound);
    Py_VISIT(self->evaluate_bound);
    Py_VISIT(self->constraints);
    Py_VISIT(self->evaluate_constraints);
    Py_VISIT(self->fallback);
    Py_VISIT(self->evaluate_default);
    return 0;
}

static int
parameter_clear(PyObject *op)
{
    KrParameter *self = (KrParameter *)op;
    Py_CLEAR(self->dict);
    Py_CLEAR(self->bound);
    Py_CLEAR(self->evaluate_bound);
    Py_CLEAR(self->constraints);
    Py_CLEAR(self->evaluate_constraints);
    Py_CLEAR(self->fallback);
    Py_CLEAR(self->evaluate_default);
    return 0;
}

static void
parameter_dealloc(PyObject *op)
{
    KrParameter *self = (KrParameter *)op;
    PyObject_GC_UnTrack(op);
    if (self->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    parameter_clear(op);
    Py_CLEAR(self->name);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
parameter_repr(PyObject *op)
{
    KrParameter *self = (KrParameter *)op;
    if (self->infer_variance || Py_IS_TYPE(op, &kr_typevartuple_type)) {
        return Py_NewRef(self->name);
    }
    return PyUnicode_FromFormat("%c%U",
                                self->covariant ? '+' : self->contravariant ? '-' : '~',
                                self->name);
}

static PyObject *
parameter_or(PyObject *a, PyObject *b)
{
    // A type variable may be joined with anything, texts too.
    PyObject *pair = PyTuple_Pack(2, a, b);
    PyObject *result = pair == NULL ? NULL : kr_union_from_tuple(pair);
    Py_XDECREF(pair);
    return result;
}

static PyObject *
parameter_get_bound(PyObject *op, void *Py_UNUSED(closure))
{
    KrParameter *self = (KrParameter *)op;
    return Py_XNewRef(computed(&self->bound, self->evaluate_bound, Py_None));
}

static PyObject *
parameter_get_evaluate_bound(PyObject *op, void *Py_UNUSED(closure))
{
    return evaluator(((KrParameter *)op)->evaluate_bound, ((KrParameter *)op)->bound);
}

static PyObject *
parameter_get_constraints(PyObject *op, void *Py_UNUSED(closure))
{
    KrParameter *self = (KrParameter *)op;
    if (self->constraints == NULL && self->evaluate_constraints == NULL) {
        return PyTuple_New(0);
    }
    return Py_XNewRef(computed(&self->constraints, self->evaluate_constraints, NULL));
}

static PyObject *
parameter_get_evaluate_constraints(PyObject *op, void *Py_UNUSED(closure))
{
    return evaluator(((KrParameter *)op)->evaluate_constraints,
                     ((KrParameter *)op)->constraints);
}

static PyObject *
parameter_get_default(PyObject *op, void *Py_UNUSED(closure))
{
    KrParameter *self = (KrParameter *)op;
    return Py_XNewRef(computed(&self->fallback, self->evaluate_default, &kr_nodefault));
}

static PyObject *
parameter_get_evaluate_default(PyObject *op, void *Py_UNUSED(closure))
{
    return evaluator(((KrParameter *)op)->evaluate_default, ((KrParameter *)op)->fallback);
}

static bool
parameter_has_default(KrParameter *self)
{
    return self->evaluate_default != NULL ||
           (self->fallback != NULL && self->fallback != &kr_nodefault);
}

static PyObject *
parameter_has_default_method(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(parameter_has_default((KrParameter *)op));
}

static PyObject *
parameter_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(((KrParameter *)op)->name);
}

static PyObject *
parameter_mro_entries(PyObject *op, PyObject *Py_UNUSED(bases))
{
    PyErr_Format(PyExc_TypeError, "Cannot subclass an instance of %s",
                 _PyType_Name_utf8(Py_TYPE(op)));
    return NULL;
}

#define COMMON_METHODS                                                         \
    {"__reduce__", parameter_reduce, METH_NOARGS, NULL},                       \
    {"has_default", parameter_has_default_method, METH_NOARGS, NULL},          \
    {"__mro_entries__", parameter_mro_entries, METH_O, NULL}

#define MEMBER(name, type, field)                                              \
    {name, type, offsetof(KrParameter, field), Py_READONLY, NULL}

#define DEFAULT_ROWS                                                           \
    {"__default__", parameter_get_default, NULL, NULL, NULL},                  \
    {"evaluate_default", parameter_get_evaluate_default, NULL, NULL, NULL}

// --- TypeVar -------------------------------------------------------------------------------

static PyObject *
typevar_subst(PyObject *self, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    return call_typing("_typevar_subst", args, 2);
}

static PyObject *
typevar_prepare_subst(PyObject *self, PyObject *args)
{
    PyObject *alias, *given;
    if (!PyArg_ParseTuple(args, "OO:__typing_prepare_subst__", &alias, &given)) {
        return NULL;
    }
    PyObject *parameters = PyObject_GetAttr(alias, KR_ID(__parameters__));
    if (parameters == NULL) {
        return NULL;
    }
    Py_ssize_t index = PySequence_Index(parameters, self), n = PySequence_Size(given);
    Py_DECREF(parameters);
    if (index < 0 || n < 0) {
        return NULL;
    }
    if (index < n) {
        return Py_NewRef(given);
    }
    if (index == n) {
        PyObject *fallback = parameter_get_default(self, NULL);
        if (fallback == NULL) {
            return NULL;
        }
        if (fallback != &kr_nodefault) {
            PyObject *one = PyTuple_Pack(1, fallback);
            PyObject *result = one == NULL ? NULL : PySequence_Concat(given, one);
            Py_XDECREF(one);
            Py_DECREF(fallback);
            return result;
        }
    }
    PyErr_Format(PyExc_TypeError, "Too few arguments for %S", alias);
    return NULL;
}

static PyObject *
typevar_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"bound", "default", "covariant", "contravariant",
                            "infer_variance", NULL};
    PyObject *bound = NULL, *fallback = NULL, *none, *name = NULL;
    int covariant = 0, contravariant = 0, infer = 0;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *named = NULL;

    if (n > 0) {
        name = PyTuple_GET_ITEM(args, 0);
    }
    else if (kwds != NULL && (named = PyDict_GetItemString(kwds, "name")) != NULL) {
        name = named;
        kwds = PyDict_Copy(kwds);
        if (kwds == NULL || PyDict_DelItemString(kwds, "name") < 0) {
            Py_XDECREF(kwds);
            return NULL;
        }
    }
    if (name == NULL) {
        PyErr_SetString(PyExc_TypeError,
                        "typevar() missing required argument 'name' (pos 1)");
        return NULL;
    }
    none = PyTuple_New(0);
    int parsed = none != NULL && PyArg_ParseTupleAndKeywords(none, kwds, "|$OOppp:typevar", names,
                                                             &bound, &fallback, &covariant,
                                                             &contravariant, &infer);
    Py_XDECREF(none);
    if (named != NULL) {
        Py_DECREF(kwds);
    }
    if (!parsed) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "typevar() argument 'name' must be str, not %.50s",
                     Py_TYPE(name)->tp_name);
        return NULL;
    }
    if (covariant && contravariant) {
        PyErr_SetString(PyExc_ValueError, "Bivariant types are not supported.");
        return NULL;
    }
    if (infer && (covariant || contravariant)) {
        PyErr_SetString(PyExc_ValueError, "Variance cannot be specified with infer_variance.");
        return NULL;
    }
    if (bound == Py_None) {
        bound = NULL;
    }
    if (n == 2) {
        PyErr_SetString(PyExc_TypeError, "A single constraint is not allowed");
        return NULL;
    }
    if (n > 2 && bound != NULL) {
        PyErr_SetString(PyExc_TypeError, "Constraints cannot be combined with bound=...");
        return NULL;
    }
    KrParameter *self = parameter_new(type, name);
    if (self == NULL) {
        return NULL;
    }
    if (bound != NULL) {
        PyObject *text = PyUnicode_FromString("Bound must be a type.");
        PyObject *check[2] = {bound, text};
        self->bound = text == NULL ? NULL : call_typing("_type_check", check, 2);
        Py_XDECREF(text);
        if (self->bound == NULL) {
            goto failed;
        }
    }
    if (n > 2) {
        self->constraints = PyTuple_GetSlice(args, 1, n);
        if (self->constraints == NULL) {
            goto failed;
        }
    }
    self->fallback = Py_XNewRef(fallback);
    self->covariant = covariant;
    self->contravariant = contravariant;
    self->infer_variance = infer;
    if (set_module((PyObject *)self) < 0) {
        goto failed;
    }
    return (PyObject *)self;

failed:
    Py_DECREF(self);
    return NULL;
}

static PyMethodDef typevar_methods[] = {
    {"__typing_subst__", typevar_subst, METH_O, NULL},
    {"__typing_prepare_subst__", typevar_prepare_subst, METH_VARARGS,
     "__typing_prepare_subst__($self, alias, args, /)\n--\n\n"},
    COMMON_METHODS,
    {NULL, NULL, 0, NULL},
};

static PyMemberDef typevar_members[] = {
    MEMBER("__name__", _Py_T_OBJECT, name),
    MEMBER("__covariant__", Py_T_BOOL, covariant),
    MEMBER("__contravariant__", Py_T_BOOL, contravariant),
    MEMBER("__infer_variance__", Py_T_BOOL, infer_variance),
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef typevar_getset[] = {
    {"__bound__", parameter_get_bound, NULL, NULL, NULL},
    {"evaluate_bound", parameter_get_evaluate_bound, NULL, NULL, NULL},
    {"__constraints__", parameter_get_constraints, NULL, NULL, NULL},
    {"evaluate_constraints", parameter_get_evaluate_constraints, NULL, NULL, NULL},
    DEFAULT_ROWS,
    {NULL, NULL, NULL, NULL, NULL},
};

static PyNumberMethods parameter_as_number = {.nb_or = parameter_or};

PyTypeObject kr_typevar_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.TypeVar",
    .tp_basicsize = sizeof(KrParameter),
    .tp_dealloc = parameter_dealloc,
    .tp_repr = parameter_repr,
    .tp_as_number = &parameter_as_number,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Type variable.",
    .tp_traverse = parameter_traverse,
    .tp_clear = parameter_clear,
    .tp_weaklistoffset = offsetof(KrParameter, weakreflist),
    .tp_methods = typevar_methods,
    .tp_members = typevar_members,
    .tp_getset = typevar_getset,
    .tp_dictoffset = offsetof(KrParameter, dict),
    .tp_new = typevar_new,
};

// --- ParamSpec -------------------------------------------------------------------------------

static PyObject *
paramspec_subst(PyObject *self, PyObject *arg)
{
    PyObject *args[2] = {self, arg};
    return call_typing("_paramspec_subst", args, 2);
}

static PyObject *
paramspec_prepare_subst(PyObject *self, PyObject *args)
{
    PyObject *alias, *given;
    if (!PyArg_ParseTuple(args, "OO:__typing_prepare_subst__", &alias, &given)) {
        return NULL;
    }
    PyObject *all[3] = {self, alias, given};
    return call_typing("_paramspec_prepare_subst", all, 3);
}

static PyObject *
part_new(PyTypeObject *type, PyObject *origin)
{
    KrParameterPart *self = (KrParameterPart *)PyType_GenericAlloc(type, 0);
    if (self != NULL) {
        self->origin = Py_NewRef(origin);
    }
    return (PyObject *)self;
}

static PyObject *
paramspec_get_args(PyObject *self, void *Py_UNUSED(closure))
{
    return part_new(&kr_paramspecargs_type, self);
}

static PyObject *
paramspec_get_kwargs(PyObject *self, void *Py_UNUSED(closure))
{
    return part_new(&kr_paramspeckwargs_type, self);
}

static PyObject *
paramspec_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"name", "bound", "default", "covariant", "contravariant",
                            "infer_variance", NULL};
    PyObject *name, *bound = NULL, *fallback = NULL;
    int covariant = 0, contravariant = 0, infer = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "U|$OOppp:paramspec", names, &name, &bound,
                                     &fallback, &covariant, &contravariant, &infer)) {
        return NULL;
    }
    if (covariant && contravariant) {
        PyErr_SetString(PyExc_ValueError, "Bivariant types are not supported.");
        return NULL;
    }
    if (infer && (covariant || contravariant)) {
        PyErr_SetString(PyExc_ValueError, "Variance cannot be specified with infer_variance.");
        return NULL;
    }
    KrParameter *self = parameter_new(type, name);
    if (self == NULL) {
        return NULL;
    }
    self->bound = bound == Py_None ? NULL : Py_XNewRef(bound);
    self->fallback = Py_XNewRef(fallback);
    self->covariant = covariant;
    self->contravariant = contravariant;
    self->infer_variance = infer;
    if (set_module((PyObject *)self) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static PyMethodDef paramspec_methods[] = {
    {"__typing_subst__", paramspec_subst, METH_O, NULL},
    {"__typing_prepare_subst__", paramspec_prepare_subst, METH_VARARGS,
     "__typing_prepare_subst__($self, alias, args, /)\n--\n\n"},
    COMMON_METHODS,
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef paramspec_getset[] = {
    {"args", paramspec_get_args, NULL, "Represents positional arguments.", NULL},
    {"kwargs", paramspec_get_kwargs, NULL, "Represents keyword arguments.", NULL},
    {"__bound__", parameter_get_bound, NULL, NULL, NULL},
    DEFAULT_ROWS,
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject kr_paramspec_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.ParamSpec",
    .tp_basicsize = sizeof(KrParameter),
    .tp_dealloc = parameter_dealloc,
    .tp_repr = parameter_repr,
    .tp_as_number = &parameter_as_number,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Parameter specification variable.",
    .tp_traverse = parameter_traverse,
    .tp_clear = parameter_clear,
    .tp_weaklistoffset = offsetof(KrParameter, weakreflist),
    .tp_methods = paramspec_methods,
    .tp_members = typevar_members,
    .tp_getset = paramspec_getset,
    .tp_dictoffset = offsetof(KrParameter, dict),
    .tp_new = paramspec_new,
};

// P.args and P.kwargs.
static PyObject *
part_make(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"origin", NULL};
    PyObject *origin;
    return PyArg_ParseTupleAndKeywords(args, kwds, "O", names, &origin) ? part_new(type, origin)
                                                                       : NULL;
}

static PyObject *
part_repr(PyObject *op)
{
    PyObject *origin = ((KrParameterPart *)op)->origin;
    const char *what = Py_IS_TYPE(op, &kr_paramspecargs_type) ? "args" : "kwargs";
    if (Py_IS_TYPE(origin, &kr_paramspec_type)) {
        return PyUnicode_FromFormat("%U.%s", ((KrParameter *)origin)->name, what);
    }
    return PyUnicode_FromFormat("%R.%s", origin, what);
}

static PyObject *
part_richcompare(PyObject *a, PyObject *b, int op)
{
    if (Py_TYPE(a) != Py_TYPE(b) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(((KrParameterPart *)a)->origin, ((KrParameterPart *)b)->origin,
                                op);
}

static int
part_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrParameterPart *)op)->origin);
    return 0;
}

static void
part_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    PyObject_ClearWeakRefs(op);
    Py_CLEAR(((KrParameterPart *)op)->origin);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef part_methods[] = {
    {"__mro_entries__", parameter_mro_entries, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef part_members[] = {
    {"__origin__", _Py_T_OBJECT, offsetof(KrParameterPart, origin), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

#define PART_TYPE(variable, text, docs)                                        \
    PyTypeObject variable = {                                                  \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                 \
        .tp_name = text,                                                       \
        .tp_basicsize = sizeof(KrParameterPart),                               \
        .tp_dealloc = part_dealloc,                                            \
        .tp_repr = part_repr,                                                  \
        .tp_hash = PyObject_HashNotImplemented,                                \
        .tp_getattro = PyObject_GenericGetAttr,                                \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE, \
        .tp_doc = docs,                                                        \
        .tp_traverse = part_traverse,                                          \
        .tp_weaklistoffset = offsetof(KrParameterPart, weakreflist),           \
        .tp_richcompare = part_richcompare,                                    \
        .tp_methods = part_methods,                                            \
        .tp_members = part_members,                                            \
        .tp_new = part_make,                                                   \
    }

PART_TYPE(kr_paramspecargs_type, "typing.ParamSpecArgs", "The args for a ParamSpec object.");
PART_TYPE(kr_paramspeckwargs_type, "typing.ParamSpecKwargs",
          "The kwargs for a ParamSpec object.");

// --- TypeVarTuple ------------------------------------------------------------------------------

// typing.Unpack[object]
static PyObject *
unpacked(PyObject *object)
{
    PyObject *unpack = PyImport_ImportModuleAttrString("typing", "Unpack");
    PyObject *result = unpack == NULL ? NULL : PyObject_GetItem(unpack, object);
    Py_XDECREF(unpack);
    return result;
}

// An iterator over the one unpacked form.
static PyObject *
unpacked_iter(PyObject *self)
{
    PyObject *form = unpacked(self);
    PyObject *tuple = form == NULL ? NULL : PyTuple_Pack(1, form);
    PyObject *iterator = tuple == NULL ? NULL : PyObject_GetIter(tuple);
    Py_XDECREF(form);
    Py_XDECREF(tuple);
    return iterator;
}

static PyObject *
typevartuple_subst(PyObject *self, PyObject *arg)
{
    PyErr_SetString(PyExc_TypeError, "Substitution of bare TypeVarTuple is not supported");
    return NULL;
}

static PyObject *
typevartuple_prepare_subst(PyObject *self, PyObject *args)
{
    PyObject *alias, *given;
    if (!PyArg_ParseTuple(args, "OO:__typing_prepare_subst__", &alias, &given)) {
        return NULL;
    }
    PyObject *all[3] = {self, alias, given};
    return call_typing("_typevartuple_prepare_subst", all, 3);
}

static PyObject *
typevartuple_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"name", "default", NULL};
    PyObject *name, *fallback = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "U|$O:typevartuple", names, &name, &fallback)) {
        return NULL;
    }
    KrParameter *self = parameter_new(type, name);
    if (self != NULL) {
        self->fallback = Py_XNewRef(fallback);
        if (set_module((PyObject *)self) < 0) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

static PyMethodDef typevartuple_methods[] = {
    {"__typing_subst__", typevartuple_subst, METH_O, NULL},
    {"__typing_prepare_subst__", typevartuple_prepare_subst, METH_VARARGS,
     "__typing_prepare_subst__($self, alias, args, /)\n--\n\n"},
    COMMON_METHODS,
    {NULL, NULL, 0, NULL},
};

static PyMemberDef typevartuple_members[] = {
    MEMBER("__name__", _Py_T_OBJECT, name),
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef typevartuple_getset[] = {
    DEFAULT_ROWS,
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject kr_typevartuple_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.TypeVarTuple",
    .tp_basicsize = sizeof(KrParameter),
    .tp_dealloc = parameter_dealloc,
    .tp_repr = parameter_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Type variable tuple.",
    .tp_traverse = parameter_traverse,
    .tp_clear = parameter_clear,
    .tp_weaklistoffset = offsetof(KrParameter, weakreflist),
    .tp_iter = unpacked_iter,
    .tp_methods = typevartuple_methods,
    .tp_members = typevartuple_members,
    .tp_getset = typevartuple_getset,
    .tp_dictoffset = offsetof(KrParameter, dict),
    .tp_new = typevartuple_new,
};

// --- TypeAliasType ---------------------------------------------------------------------------------

static PyObject *
typealias_create(PyObject *name, PyObject *type_params, PyObject *compute, PyObject *value,
                 PyObject *module)
{
    KrTypeAlias *self = PyObject_GC_New(KrTypeAlias, &kr_typealias_type);
    if (self == NULL) {
        return NULL;
    }
    bool empty = type_params == NULL || type_params == Py_None ||
                 (PyTuple_Check(type_params) && PyTuple_GET_SIZE(type_params) == 0);
    self->name = Py_NewRef(name);
    self->type_params = empty ? NULL : Py_NewRef(type_params);
    self->compute = Py_XNewRef(compute);
    self->value = Py_XNewRef(value);
    self->module = Py_XNewRef(module);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

PyObject *
kr_typealias_from_tuple(PyObject *parts)
{
    PyObject *compute = PyTuple_GET_ITEM(parts, 2);
    PyObject *module = PyFunction_Check(compute) ? PyFunction_GetModule(compute) : NULL;
    return typealias_create(PyTuple_GET_ITEM(parts, 0), PyTuple_GET_ITEM(parts, 1), compute,
                            NULL, module);
}

// Checks that the items are type parameters, those with defaults last.
static int
check_parameters(PyObject *parameters)
{
    bool seen_default = false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(parameters); i++) {
        PyObject *item = PyTuple_GET_ITEM(parameters, i);
        bool known = Py_IS_TYPE(item, &kr_typevar_type) ||
                     Py_IS_TYPE(item, &kr_paramspec_type) ||
                     Py_IS_TYPE(item, &kr_typevartuple_type);
        bool has_default = known && parameter_has_default((KrParameter *)item);
        if (!known) {
            PyErr_Format(PyExc_TypeError, "Expected a type param, got %R", item);
            return -1;
        }
        if (seen_default && !has_default) {
            PyErr_Format(PyExc_TypeError,
                         "non-default type parameter '%R' follows default type parameter",
                         item);
            return -1;
        }
        seen_default = seen_default || has_default;
    }
    return 0;
}

static PyObject *
typealias_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"name", "value", "type_params", NULL};
    PyObject *name, *value, *parameters = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "UO|$O:typealias", names, &name, &value,
                                     &parameters)) {
        return NULL;
    }
    if (parameters != NULL) {
        if (!PyTuple_Check(parameters)) {
            PyErr_SetString(PyExc_TypeError, "type_params must be a tuple");
            return NULL;
        }
        if (check_parameters(parameters) < 0) {
            return NULL;
        }
    }
    PyObject *module = calling_module();
    PyObject *self = typealias_create(name, parameters, NULL, value, module);
    Py_XDECREF(module);
    return self;
}

static PyObject *
typealias_get_value(PyObject *op, void *Py_UNUSED(closure))
{
    KrTypeAlias *self = (KrTypeAlias *)op;
    return Py_XNewRef(computed(&self->value, self->compute, Py_None));
}

static PyObject *
typealias_get_evaluate_value(PyObject *op, void *Py_UNUSED(closure))
{
    return evaluator(((KrTypeAlias *)op)->compute, ((KrTypeAlias *)op)->value);
}

static PyObject *
typealias_get_type_params(PyObject *op, void *Py_UNUSED(closure))
{
    KrTypeAlias *self = (KrTypeAlias *)op;
    return self->type_params != NULL ? Py_NewRef(self->type_params) : PyTuple_New(0);
}

// Parameters with each TypeVarTuple as its unpacked form; new tuple.
static PyObject *
unpack_typevartuples(PyObject *parameters)
{
    Py_ssize_t n = PyTuple_GET_SIZE(parameters);
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *item = PyTuple_GET_ITEM(parameters, i);
        item = Py_IS_TYPE(item, &kr_typevartuple_type) ? unpacked(item) : Py_NewRef(item);
        if (item == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    return result;
}

static PyObject *
typealias_get_parameters(PyObject *op, void *Py_UNUSED(closure))
{
    KrTypeAlias *self = (KrTypeAlias *)op;
    return self->type_params != NULL ? unpack_typevartuples(self->type_params)
                                     : PyTuple_New(0);
}

static PyObject *
typealias_get_module(PyObject *op, void *Py_UNUSED(closure))
{
    KrTypeAlias *self = (KrTypeAlias *)op;
    return Py_NewRef(self->module != NULL ? self->module : Py_None);
}

static PyObject *
typealias_subscript(PyObject *op, PyObject *args)
{
    if (((KrTypeAlias *)op)->type_params == NULL) {
        PyErr_SetString(PyExc_TypeError, "Only generic type aliases are subscriptable");
        return NULL;
    }
    return Py_GenericAlias(op, args);
}

static PyObject *
typealias_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(((KrTypeAlias *)op)->name);
}

static PyObject *
typealias_repr(PyObject *op)
{
    return Py_NewRef(((KrTypeAlias *)op)->name);
}

static int
typealias_traverse(PyObject *op, visitproc visit, void *arg)
{
    KrTypeAlias *self = (KrTypeAlias *)op;
    Py_VISIT(self->type_params);
    Py_VISIT(self->compute);
    Py_VISIT(self->value);
    Py_VISIT(self->module);
    return 0;
}

static int
typealias_clear(PyObject *op)
{
    KrTypeAlias *self = (KrTypeAlias *)op;
    Py_CLEAR(self->type_params);
    Py_CLEAR(self->compute);
    Py_CLEAR(self->value);
    Py_CLEAR(self->module);
    return 0;
}

static void
typealias_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    typealias_clear(op);
    Py_CLEAR(((KrTypeAlias *)op)->name);
    PyObject_GC_Del(op);
}

static PyMethodDef typealias_methods[] = {
    {"__reduce__", typealias_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef typealias_members[] = {
    {"__name__", _Py_T_OBJECT, offsetof(KrTypeAlias, name), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef typealias_getset[] = {
    {"__parameters__", typealias_get_parameters, NULL, NULL, NULL},
    {"__type_params__", typealias_get_type_params, NULL, NULL, NULL},
    {"__value__", typealias_get_value, NULL, NULL, NULL},
    {"evaluate_value", typealias_get_evaluate_value, NULL, NULL, NULL},
    {"__module__", typealias_get_module, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMappingMethods typealias_as_mapping = {.mp_subscript = typealias_subscript};

PyTypeObject kr_typealias_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "typing.TypeAliasType",
    .tp_basicsize = sizeof(KrTypeAlias),
    .tp_dealloc = typealias_dealloc,
    .tp_repr = typealias_repr,
    .tp_as_number = &parameter_as_number,
    .tp_as_mapping = &typealias_as_mapping,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Type alias.",
    .tp_traverse = typealias_traverse,
    .tp_clear = typealias_clear,
    .tp_iter = unpacked_iter,
    .tp_methods = typealias_methods,
    .tp_members = typealias_members,
    .tp_getset = typealias_getset,
    .tp_new = typealias_new,
};

// --- Generic -------------------------------------------------------------------------------------

static PyObject *
call_with_class(const char *name, PyObject *cls, PyObject *args, PyObject *kwds)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *all = PyTuple_New(n + 1);
    PyObject *function = all == NULL ? NULL : PyImport_ImportModuleAttrString("typing", name);
    if (function == NULL) {
        Py_XDECREF(all);
        return NULL;
    }
    PyTuple_SET_ITEM(all, 0, Py_NewRef(cls));
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(all, i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
    }
    PyObject *result = PyObject_Call(function, all, kwds);
    Py_DECREF(function);
    Py_DECREF(all);
    return result;
}

static PyObject *
generic_class_getitem(PyObject *cls, PyObject *args, PyObject *kwds)
{
    return call_with_class("_generic_class_getitem", cls, args, kwds);
}

static PyObject *
generic_init_subclass(PyObject *cls, PyObject *args, PyObject *kwds)
{
    return call_with_class("_generic_init_subclass", cls, args, kwds);
}

static PyMethodDef generic_methods[] = {
    {"__class_getitem__", (PyCFunction)(void (*)(void))generic_class_getitem,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS, "Parameterizes a generic class."},
    {"__init_subclass__", (PyCFunction)(void (*)(void))generic_init_subclass,
     METH_VARARGS | METH_KEYWORDS | METH_CLASS, "Function to initialize subclasses."},
    {NULL, NULL, 0, NULL},
};

static const char generic_doc[] =
    "Abstract base class for generic types.\n\n"
    "On Python 3.12 and newer, generic classes implicitly inherit from\n"
    "Generic when they declare a parameter list after the class's name.";

static PyType_Slot generic_slots[] = {
    {Py_tp_doc, (char *)generic_doc},
    {Py_tp_methods, generic_methods},
    {0, NULL},
};

// A class like those written in Python: its instances are copied and pickled as theirs,
// and no __new__ of its own hides those of the classes behind it.
static PyType_Spec generic_spec = {
    .name = "typing.Generic",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = generic_slots,
};

PyObject *
kr_generic_borrow(void)
{
    return kr_interp()->types.generic;
}

PyObject *
kr_subscript_generic(PyObject *parameters)
{
    PyObject *forms = unpack_typevartuples(parameters);
    if (forms == NULL) {
        return NULL;
    }
    PyObject *args[2] = {kr_generic_borrow(), forms};
    PyObject *result = call_typing("_GenericAlias", args, 2);
    Py_DECREF(forms);
    return result;
}

// --- What the compiler's intrinsics make ------------------------------------------------------------

PyObject *
kr_typevar_from_name(PyTypeObject *type, PyObject *name)
{
    KrParameter *self = parameter_new(type, name);
    if (self != NULL) {
        self->infer_variance = type != &kr_typevartuple_type;
    }
    return (PyObject *)self;
}

PyObject *
kr_typevar_with(PyObject *name, PyObject *evaluate_bound, PyObject *evaluate_constraints)
{
    KrParameter *self = (KrParameter *)kr_typevar_from_name(&kr_typevar_type, name);
    if (self != NULL) {
        self->evaluate_bound = Py_XNewRef(evaluate_bound);
        self->evaluate_constraints = Py_XNewRef(evaluate_constraints);
    }
    return (PyObject *)self;
}

PyObject *
kr_typevar_set_default(PyObject *parameter, PyObject *evaluate)
{
    Py_XSETREF(((KrParameter *)parameter)->evaluate_default, Py_NewRef(evaluate));
    return Py_NewRef(parameter);
}

KR_TYPE(nodefault)
#include "objects/typevar.methods.h"

PyTypeObject kr_nodefault_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NoDefaultType",
    .tp_basicsize = sizeof(PyObject),
    .tp_repr = nodefault_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "The type of the NoDefault singleton.",
    .tp_methods = nodefault_methods,
    .tp_new = nodefault_new,
};

int
kr_init_typevars(void)
{
    PyTypeObject *const types[] = {
        &kr_typevar_type, &kr_paramspec_type, &kr_typevartuple_type, &kr_paramspecargs_type,
        &kr_paramspeckwargs_type, &kr_typealias_type, &kr_nodefault_type,
        &kr_constevaluator_type,
    };
    PyObject *module = PyUnicode_InternFromString("typing");
    int status = module == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < KR_ARRAY_LEN(types); i++) {
        status = PyType_Ready(types[i]);
        // For type variables without a module of their own. Aliases always have one.
        if (status == 0 && types[i] != &kr_typealias_type) {
            status = PyDict_SetItem(types[i]->tp_dict, KR_ID(__module__), module);
        }
    }
    Py_XDECREF(module);
    if (status == 0) {
        kr_interp()->types.generic = PyType_FromSpec(&generic_spec);
        status = kr_interp()->types.generic == NULL ? -1 : 0;
    }
    return status;
}
