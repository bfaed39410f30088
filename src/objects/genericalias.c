// SPDX-License-Identifier: MIT
// genericalias.c - list[int]: a class with type arguments.
//
// Callers:     __class_getitem__ of many types, typing.
// Re-entrancy: substitution asks type variables, which are Python objects.
// Read next:   union.c
#include "objects/args.h"
#include "objects/descr.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type.h"
#include "objects/union.h"

typedef struct {
    PyObject_HEAD
    PyObject *origin;     // owned
    PyObject *args;       // owned tuple
    PyObject *parameters; // owned tuple, NULL until asked for
    PyObject *weakreflist;
    bool starred;         // *tuple[int, str]
    vectorcallfunc vectorcall;
} KrAlias;

static_assert(sizeof(KrAlias) == 64, "the size is known");

extern PyTypeObject kr_generic_alias_iterator_type;

// --------------------------------------------------------------------------- repr

PyObject *
kr_type_repr(PyObject *o)
{
    PyObject *qualname = NULL, *module = NULL, *attr = NULL, *result = NULL;
    int found;

    if (o == Py_Ellipsis) {
        return PyUnicode_FromString("...");
    }
    // Aliases show themselves best.
    found = PyObject_GetOptionalAttr(o, KR_ID(__origin__), &attr);
    if (found > 0) {
        Py_CLEAR(attr);
        found = PyObject_GetOptionalAttr(o, KR_ID(__args__), &attr);
        Py_CLEAR(attr);
    }
    if (found != 0) {
        return found < 0 ? NULL : PyObject_Repr(o);
    }
    if (PyObject_GetOptionalAttr(o, KR_ID(__qualname__), &qualname) < 0) {
        return NULL;
    }
    if (qualname != NULL &&
        PyObject_GetOptionalAttr(o, KR_ID(__module__), &module) < 0) {
        goto done;
    }
    if (qualname == NULL || module == NULL || module == Py_None) {
        result = PyObject_Repr(o);
    }
    else if (PyUnicode_Check(module) &&
             PyUnicode_CompareWithASCIIString(module, "builtins") == 0) {
        result = PyObject_Str(qualname);
    }
    else {
        result = PyUnicode_FromFormat("%S.%S", module, qualname);
    }

done:
    Py_XDECREF(qualname);
    Py_XDECREF(module);
    return result;
}

// "[a, b]" for argument lists inside arguments.
static PyObject *
alias_repr_item(PyObject *o)
{
    PyObject *parts, *separator, *joined = NULL, *text;

    if (!PyList_Check(o)) {
        return kr_type_repr(o);
    }
    if (PyList_GET_SIZE(o) == 0) {
        return PyUnicode_FromString("[]");
    }
    parts = PyList_New(0);
    separator = PyUnicode_FromString(", ");
    if (parts == NULL || separator == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0, n = PyList_GET_SIZE(o); i < n; i++) {
        // IndexError when a __repr__ has shortened the list.
        PyObject *item = PyList_GetItemRef(o, i);
        text = item == NULL ? NULL : kr_type_repr(item);
        Py_XDECREF(item);
        if (text == NULL || PyList_Append(parts, text) < 0) {
            Py_XDECREF(text);
            goto done;
        }
        Py_DECREF(text);
    }
    text = PyUnicode_Join(separator, parts);
    if (text != NULL) {
        joined = PyUnicode_FromFormat("[%U]", text);
        Py_DECREF(text);
    }

done:
    Py_XDECREF(parts);
    Py_XDECREF(separator);
    return joined;
}

static PyObject *
alias_repr(PyObject *self)
{
    KrAlias *alias = (KrAlias *)self;
    Py_ssize_t n = PyTuple_GET_SIZE(alias->args);
    PyObject *parts = PyList_New(0), *separator = NULL, *origin = NULL, *joined = NULL;
    PyObject *result = NULL;

    separator = PyUnicode_FromString(", ");
    origin = kr_type_repr(alias->origin);
    if (parts == NULL || separator == NULL || origin == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *text = alias_repr_item(PyTuple_GET_ITEM(alias->args, i));
        if (text == NULL || PyList_Append(parts, text) < 0) {
            Py_XDECREF(text);
            goto done;
        }
        Py_DECREF(text);
    }
    joined = PyUnicode_Join(separator, parts);
    if (joined != NULL) {
        result = n == 0 ? PyUnicode_FromFormat("%s%U[()]", alias->starred ? "*" : "",
                                               origin)
                        : PyUnicode_FromFormat("%s%U[%U]", alias->starred ? "*" : "",
                                               origin, joined);
    }

done:
    Py_XDECREF(parts);
    Py_XDECREF(separator);
    Py_XDECREF(origin);
    Py_XDECREF(joined);
    return result;
}

// ------------------------------------------------------------------- parameters

static int
append_unique(PyObject *list, PyObject *item)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        if (PyList_GET_ITEM(list, i) == item) {
            return 0;
        }
    }
    return PyList_Append(list, item);
}

static int
append_all_unique(PyObject *list, PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (append_unique(list, PyTuple_GET_ITEM(tuple, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
collect_parameters(PyObject *list, PyObject *arg)
{
    PyObject *own;
    int found;

    // A class's own parameters are not those of the alias.
    if (PyType_Check(arg)) {
        return 0;
    }
    if (PyTuple_Check(arg) || PyList_Check(arg)) {
        own = PySequence_Tuple(arg);
        if (own == NULL) {
            return -1;
        }
        Py_SETREF(own, kr_type_parameters(own));
        found = own == NULL ? -1 : append_all_unique(list, own);
        Py_XDECREF(own);
        return found;
    }
    found = PyObject_HasAttrWithError(arg, KR_ID(__typing_subst__));
    if (found != 0) {
        return found < 0 ? -1 : append_unique(list, arg);
    }
    if (PyObject_GetOptionalAttr(arg, KR_ID(__parameters__), &own) < 0) {
        return -1;
    }
    if (own != NULL && PyTuple_Check(own)) {
        found = append_all_unique(list, own);
    }
    Py_XDECREF(own);
    return found;
}

PyObject *
kr_type_parameters(PyObject *args)
{
    PyObject *list = PyList_New(0), *result;

    if (list == NULL) {
        return NULL;
    }
    if (Py_EnterRecursiveCall(" in type parameters")) {
        Py_DECREF(list);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (collect_parameters(list, PyTuple_GET_ITEM(args, i)) < 0) {
            Py_LeaveRecursiveCall();
            Py_DECREF(list);
            return NULL;
        }
    }
    Py_LeaveRecursiveCall();
    result = PyList_AsTuple(list);
    Py_DECREF(list);
    return result;
}

// ------------------------------------------------------------------ substitution

static Py_ssize_t
parameter_place(PyObject *parameters, PyObject *item)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(parameters); i++) {
        if (PyTuple_GET_ITEM(parameters, i) == item) {
            return i;
        }
    }
    return -1;
}

// The arguments as a tuple, with *tuple[...] spread out.
static PyObject *
unpack_items(PyObject *item)
{
    PyObject *list = PyList_New(0), *single = NULL, *result = NULL;

    if (list == NULL) {
        return NULL;
    }
    single = PyTuple_Check(item) ? Py_NewRef(item) : PyTuple_Pack(1, item);
    if (single == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(single); i++) {
        PyObject *one = PyTuple_GET_ITEM(single, i), *inner = NULL;
        int status;
        if (!PyType_Check(one) &&
            PyObject_GetOptionalAttr(one, KR_ID(__typing_unpacked_tuple_args__),
                                     &inner) < 0) {
            goto done;
        }
        if (inner != NULL && PyTuple_Check(inner) &&
            !(PyTuple_GET_SIZE(inner) != 0 &&
              PyTuple_GET_ITEM(inner, PyTuple_GET_SIZE(inner) - 1) == Py_Ellipsis)) {
            status = PyList_Extend(list, inner);
        }
        else {
            status = PyList_Append(list, one);
        }
        Py_XDECREF(inner);
        if (status < 0) {
            goto done;
        }
    }
    result = PyList_AsTuple(list);

done:
    Py_XDECREF(single);
    Py_DECREF(list);
    return result;
}

// arg[...] with its own parameters replaced: a new reference.
static PyObject *
substitute_inner(PyObject *arg, PyObject *parameters, PyObject *items)
{
    PyObject *own, *list, *tuple, *result = NULL;

    if (PyObject_GetOptionalAttr(arg, KR_ID(__parameters__), &own) < 0) {
        return NULL;
    }
    if (own == NULL || !PyTuple_Check(own) || PyTuple_GET_SIZE(own) == 0) {
        Py_XDECREF(own);
        return Py_NewRef(arg);
    }
    list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL && i < PyTuple_GET_SIZE(own); i++) {
        PyObject *parameter = PyTuple_GET_ITEM(own, i), *value = parameter;
        Py_ssize_t place = parameter_place(parameters, parameter);
        int status;
        if (place >= 0) {
            value = PyTuple_GET_ITEM(items, place);
            // A TypeVarTuple stands for several.
            if (Py_TYPE(PyTuple_GET_ITEM(parameters, place))->tp_iter != NULL &&
                PyTuple_Check(value)) {
                status = PyList_Extend(list, value);
                value = NULL;
                if (status < 0) {
                    Py_CLEAR(list);
                }
            }
        }
        if (value != NULL && PyList_Append(list, value) < 0) {
            Py_CLEAR(list);
        }
    }
    if (list != NULL) {
        tuple = PyList_AsTuple(list);
        if (tuple != NULL) {
            result = PyObject_GetItem(arg, tuple);
            Py_DECREF(tuple);
        }
        Py_DECREF(list);
    }
    Py_DECREF(own);
    return result;
}

static PyObject *substitute_all(PyObject *args, PyObject *parameters, PyObject *items);

// Appends what becomes of one argument.
static int
substitute_one(PyObject *list, PyObject *arg, PyObject *parameters, PyObject *items)
{
    PyObject *value = NULL, *hook = NULL, *flag = NULL, *tuple;
    int spread = 0, status = -1;

    if (PyType_Check(arg)) {
        return PyList_Append(list, arg);
    }
    if (PyTuple_Check(arg) || PyList_Check(arg)) {
        // Argument lists keep their kind.
        tuple = PySequence_Tuple(arg);
        if (tuple != NULL) {
            value = substitute_all(tuple, parameters, items);
            Py_DECREF(tuple);
        }
        if (value != NULL && PyList_Check(arg)) {
            Py_SETREF(value, PySequence_List(value));
        }
        if (value != NULL) {
            status = PyList_Append(list, value);
            Py_DECREF(value);
        }
        return status;
    }
    if (PyObject_GetOptionalAttr(arg, KR_ID(__typing_is_unpacked_typevartuple__),
                                 &flag) < 0) {
        return -1;
    }
    if (flag != NULL) {
        spread = PyObject_IsTrue(flag);
        Py_DECREF(flag);
        if (spread < 0) {
            return -1;
        }
    }
    if (PyObject_GetOptionalAttr(arg, KR_ID(__typing_subst__), &hook) < 0) {
        return -1;
    }
    if (hook != NULL) {
        Py_ssize_t place = parameter_place(parameters, arg);
        if (place >= 0) {
            value = PyObject_CallOneArg(hook, PyTuple_GET_ITEM(items, place));
        }
        else {
            PyErr_Format(PyExc_TypeError,
                         "argument %R with __typing_subst__ was not found in "
                         "__parameters__",
                         arg);
        }
        Py_DECREF(hook);
    }
    else {
        value = substitute_inner(arg, parameters, items);
    }
    if (value == NULL) {
        return -1;
    }
    if (!spread) {
        status = PyList_Append(list, value);
    }
    else if (PyTuple_Check(value)) {
        status = PyList_Extend(list, value);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "expected __typing_subst__ of %T objects to return a tuple, not "
                     "%T",
                     arg, value);
    }
    Py_DECREF(value);
    return status;
}

static PyObject *
substitute_all(PyObject *args, PyObject *parameters, PyObject *items)
{
    PyObject *list = PyList_New(0), *result = NULL;

    if (list == NULL) {
        return NULL;
    }
    if (Py_EnterRecursiveCall(" in type substitution")) {
        Py_DECREF(list);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (substitute_one(list, PyTuple_GET_ITEM(args, i), parameters, items) < 0) {
            goto done;
        }
    }
    result = PyList_AsTuple(list);

done:
    Py_LeaveRecursiveCall();
    Py_DECREF(list);
    return result;
}

PyObject *
kr_type_substitute(PyObject *self, PyObject *args, PyObject *parameters, PyObject *item)
{
    Py_ssize_t n = PyTuple_GET_SIZE(parameters), n_items;
    PyObject *items, *result = NULL;

    if (n == 0) {
        PyErr_Format(PyExc_TypeError, "%R is not a generic class", self);
        return NULL;
    }
    items = unpack_items(item);
    if (items == NULL) {
        return NULL;
    }
    // Parameters may rearrange the arguments: TypeVarTuple, ParamSpec, defaults.
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *prepare, *arguments;
        if (PyObject_GetOptionalAttr(PyTuple_GET_ITEM(parameters, i),
                                     KR_ID(__typing_prepare_subst__), &prepare) < 0) {
            goto done;
        }
        if (prepare == NULL || prepare == Py_None) {
            Py_XDECREF(prepare);
            continue;
        }
        arguments = PyTuple_Check(items) ? Py_NewRef(items) : PyTuple_Pack(1, items);
        if (arguments != NULL) {
            Py_SETREF(items,
                      PyObject_CallFunctionObjArgs(prepare, self, arguments, NULL));
            Py_DECREF(arguments);
        }
        else {
            Py_CLEAR(items);
        }
        Py_DECREF(prepare);
        if (items == NULL) {
            return NULL;
        }
    }
    if (!PyTuple_Check(items)) {
        PyObject *single = PyTuple_Pack(1, items);
        Py_SETREF(items, single);
        if (items == NULL) {
            return NULL;
        }
    }
    n_items = PyTuple_GET_SIZE(items);
    if (n_items != n) {
        PyErr_Format(PyExc_TypeError, "Too %s arguments for %R; actual %zd, expected %zd",
                     n_items > n ? "many" : "few", self, n_items, n);
        goto done;
    }
    result = substitute_all(args, parameters, items);

done:
    Py_XDECREF(items);
    return result;
}

// --------------------------------------------------------------------------- alias

static PyObject *
alias_vectorcall(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    KrAlias *alias = (KrAlias *)self;
    PyObject *obj = PyObject_Vectorcall(alias->origin, args, nargsf, kwnames);

    if (obj == NULL) {
        return NULL;
    }
    // Most objects have no place for it.
    if (PyObject_SetAttr(obj, KR_ID(__orig_class__), self) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError) &&
            !PyErr_ExceptionMatches(PyExc_TypeError)) {
            Py_DECREF(obj);
            return NULL;
        }
        PyErr_Clear();
    }
    return obj;
}

static PyObject *
alias_make(PyTypeObject *type, PyObject *origin, PyObject *args, bool starred)
{
    KrAlias *self;
    PyObject *tuple = PyTuple_Check(args) ? Py_NewRef(args) : PyTuple_Pack(1, args);

    if (tuple == NULL) {
        return NULL;
    }
    self = (KrAlias *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(tuple);
        return NULL;
    }
    self->origin = Py_NewRef(origin);
    self->args = tuple;
    self->starred = starred;
    self->vectorcall = alias_vectorcall;
    return (PyObject *)self;
}

PyObject *
Py_GenericAlias(PyObject *origin, PyObject *args)
{
    return alias_make(&Py_GenericAliasType, origin, args, false);
}

static PyObject *
alias_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (!kr_arg_no_keywords("GenericAlias", kwds) ||
        !kr_arg_count("GenericAlias", PyTuple_GET_SIZE(args), 2, 2)) {
        return NULL;
    }
    return alias_make(type, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1), false);
}

static void
alias_dealloc(PyObject *self)
{
    KrAlias *alias = (KrAlias *)self;

    PyObject_GC_UnTrack(self);
    if (alias->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_XDECREF(alias->origin);
    Py_XDECREF(alias->args);
    Py_XDECREF(alias->parameters);
    Py_TYPE(self)->tp_free(self);
}

static int
alias_traverse(PyObject *self, visitproc visit, void *arg)
{
    KrAlias *alias = (KrAlias *)self;

    Py_VISIT(alias->origin);
    Py_VISIT(alias->args);
    Py_VISIT(alias->parameters);
    return 0;
}

static Py_hash_t
alias_hash(PyObject *self)
{
    KrAlias *alias = (KrAlias *)self;
    Py_hash_t a = PyObject_Hash(alias->origin), b;

    if (a == -1) {
        return -1;
    }
    b = PyObject_Hash(alias->args);
    if (b == -1) {
        return -1;
    }
    a ^= b;
    return a == -1 ? -2 : a;
}

static PyObject *
alias_richcompare(PyObject *self, PyObject *other, int op)
{
    KrAlias *a = (KrAlias *)self, *b = (KrAlias *)other;
    int equal;

    if (!PyObject_TypeCheck(self, &Py_GenericAliasType) ||
        !PyObject_TypeCheck(other, &Py_GenericAliasType) ||
        (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    equal = a->starred == b->starred;
    if (equal) {
        equal = PyObject_RichCompareBool(a->origin, b->origin, Py_EQ);
    }
    if (equal > 0) {
        equal = PyObject_RichCompareBool(a->args, b->args, Py_EQ);
    }
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *
alias_parameters(KrAlias *alias)
{
    if (alias->parameters == NULL) {
        PyObject *parameters = kr_type_parameters(alias->args);
        if (parameters == NULL) {
            return NULL;
        }
        Py_XSETREF(alias->parameters, parameters);
    }
    return alias->parameters;
}

static PyObject *
alias_subscript(PyObject *self, PyObject *item)
{
    KrAlias *alias = (KrAlias *)self;
    PyObject *args, *result;

    if (alias_parameters(alias) == NULL) {
        return NULL;
    }
    args = kr_type_substitute(self, alias->args, alias->parameters, item);
    if (args == NULL) {
        return NULL;
    }
    result = alias_make(&Py_GenericAliasType, alias->origin, args, alias->starred);
    Py_DECREF(args);
    return result;
}

// These are the alias's own; everything else is the class's.
static bool
is_alias_attribute(PyObject *name)
{
    static const char *const own[] = {
        "__class__",
        "__origin__",
        "__args__",
        "__unpacked__",
        "__parameters__",
        "__typing_unpacked_tuple_args__",
        "__mro_entries__",
        "__reduce_ex__",
        "__reduce__",
        // Found nowhere, so that copy falls back to __reduce_ex__.
        "__copy__",
        "__deepcopy__",
        "__bases__",
        "__instancecheck__",
        "__subclasscheck__",
    };

    if (PyUnicode_GET_LENGTH(name) < 4 || PyUnicode_READ_CHAR(name, 0) != '_' ||
        PyUnicode_READ_CHAR(name, 1) != '_') {
        return false;
    }
    for (Py_ssize_t i = 0; i < KR_ARRAY_LEN(own); i++) {
        if (PyUnicode_EqualToUTF8(name, own[i])) {
            return true;
        }
    }
    return false;
}

static PyObject *
alias_getattro(PyObject *self, PyObject *name)
{
    if (!PyUnicode_Check(name) || is_alias_attribute(name)) {
        return PyObject_GenericGetAttr(self, name);
    }
    return PyObject_GetAttr(((KrAlias *)self)->origin, name);
}

KR_METHOD_RAW(alias, "__mro_entries__", METH_O, "The class itself stands among the bases.")
static PyObject *
alias_mro_entries(PyObject *self, PyObject *bases)
{
    return PyTuple_Pack(1, ((KrAlias *)self)->origin);
}

KR_METHOD_RAW(alias, "__instancecheck__", METH_O, "Always an error.")
static PyObject *
alias_instancecheck(PyObject *self, PyObject *instance)
{
    PyErr_SetString(PyExc_TypeError,
                    "isinstance() argument 2 cannot be a parameterized generic");
    return NULL;
}

KR_METHOD_RAW(alias, "__subclasscheck__", METH_O, "Always an error.")
static PyObject *
alias_subclasscheck(PyObject *self, PyObject *subclass)
{
    PyErr_SetString(PyExc_TypeError,
                    "issubclass() argument 2 cannot be a parameterized generic");
    return NULL;
}

KR_METHOD_RAW(alias, "__reduce__", METH_NOARGS, "Describe how to rebuild the alias.")
static PyObject *
alias_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    KrAlias *alias = (KrAlias *)self;
    PyObject *plain, *iterator, *next;

    if (!alias->starred) {
        return Py_BuildValue("O(OO)", Py_TYPE(self), alias->origin, alias->args);
    }
    plain = Py_GenericAlias(alias->origin, alias->args);
    if (plain == NULL) {
        return NULL;
    }
    iterator = PyObject_GetIter(plain);
    Py_DECREF(plain);
    next = kr_builtin_borrow(KR_ID(next));
    if (iterator == NULL || next == NULL) {
        Py_XDECREF(iterator);
        return NULL;
    }
    return Py_BuildValue("O(N)", next, iterator);
}

KR_METHOD_RAW(alias, "__dir__", METH_NOARGS, "Names of the class, and the alias's own.")
static PyObject *
alias_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    static const char *const own[] = {"__origin__", "__args__", "__parameters__",
                                      "__mro_entries__", "__reduce_ex__", "__reduce__",
                                      "__unpacked__",
                                      "__typing_unpacked_tuple_args__", "__class__"};
    PyObject *names = PyObject_Dir(((KrAlias *)self)->origin);

    for (Py_ssize_t i = 0; names != NULL && i < KR_ARRAY_LEN(own); i++) {
        PyObject *name = PyUnicode_FromString(own[i]);
        int known = name == NULL ? -1 : PySequence_Contains(names, name);
        if (known < 0 || (known == 0 && PyList_Append(names, name) < 0)) {
            Py_CLEAR(names);
        }
        Py_XDECREF(name);
    }
    return names;
}

KR_GETTER(alias, "__parameters__", "The type variables among the arguments.")
static PyObject *
alias_get___parameters__(PyObject *self)
{
    return Py_XNewRef(alias_parameters((KrAlias *)self));
}

KR_GETTER(alias, "__typing_unpacked_tuple_args__",
          "The arguments of an unpacked tuple, else None.")
static PyObject *
alias_get___typing_unpacked_tuple_args__(PyObject *self)
{
    KrAlias *alias = (KrAlias *)self;

    if (alias->starred && alias->origin == (PyObject *)&PyTuple_Type) {
        return Py_NewRef(alias->args);
    }
    Py_RETURN_NONE;
}

static PyMemberDef alias_members[] = {
    {"__origin__", _Py_T_OBJECT, offsetof(KrAlias, origin), Py_READONLY},
    {"__args__", _Py_T_OBJECT, offsetof(KrAlias, args), Py_READONLY},
    {"__unpacked__", Py_T_BOOL, offsetof(KrAlias, starred), Py_READONLY},
    {NULL},
};

static PyMappingMethods alias_as_mapping = {
    .mp_subscript = alias_subscript,
};

static PyNumberMethods alias_as_number = {
    .nb_or = kr_union_of_pair,
};

// --------------------------------------------------------------------- *list[int]

// Yields the starred alias once.
typedef struct {
    PyObject_HEAD
    PyObject *alias; // owned, NULL when used up
} KrAliasIterator;

static PyObject *
alias_iter(PyObject *self)
{
    KrAliasIterator *iterator =
        PyObject_GC_New(KrAliasIterator, &kr_generic_alias_iterator_type);

    if (iterator != NULL) {
        iterator->alias = Py_NewRef(self);
        PyObject_GC_Track(iterator);
    }
    return (PyObject *)iterator;
}

static PyObject *
alias_iter_next(PyObject *self)
{
    KrAliasIterator *iterator = (KrAliasIterator *)self;
    KrAlias *alias = (KrAlias *)iterator->alias;
    PyObject *result;

    if (alias == NULL) {
        return NULL;
    }
    result = alias_make(&Py_GenericAliasType, alias->origin, alias->args, true);
    Py_CLEAR(iterator->alias);
    return result;
}

static void
alias_iter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((KrAliasIterator *)self)->alias);
    PyObject_GC_Del(self);
}

static int
alias_iter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((KrAliasIterator *)self)->alias);
    return 0;
}

static int
alias_iter_clear(PyObject *self)
{
    Py_CLEAR(((KrAliasIterator *)self)->alias);
    return 0;
}

KR_METHOD_RAW(alias_iter, "__reduce__", METH_NOARGS, "Describe how to rebuild it.")
static PyObject *
alias_iter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *iter = kr_builtin_borrow(KR_ID(iter));
    KrAliasIterator *iterator = (KrAliasIterator *)self;

    if (iter == NULL) {
        return NULL;
    }
    // An exhausted one becomes an empty iterator.
    if (iterator->alias != NULL) {
        return Py_BuildValue("O(O)", iter, iterator->alias);
    }
    return Py_BuildValue("O(())", iter);
}

KR_TYPE(alias)
KR_TYPE(alias_iter)
#include "objects/genericalias.methods.h"

PyTypeObject kr_generic_alias_iterator_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "generic_alias_iterator",
    .tp_basicsize = sizeof(KrAliasIterator),
    .tp_dealloc = alias_iter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = alias_iter_traverse,
    .tp_clear = alias_iter_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = alias_iter_next,
    .tp_methods = alias_iter_methods,
};

PyTypeObject Py_GenericAliasType = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "types.GenericAlias",
    .tp_basicsize = sizeof(KrAlias),
    .tp_dealloc = alias_dealloc,
    .tp_vectorcall_offset = offsetof(KrAlias, vectorcall),
    .tp_repr = alias_repr,
    .tp_as_number = &alias_as_number,
    .tp_as_mapping = &alias_as_mapping,
    .tp_hash = alias_hash,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = alias_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE |
                Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "GenericAlias(origin, args, /)\n--\n\n"
              "A class with type arguments: list[int] has origin list and args (int,).",
    .tp_traverse = alias_traverse,
    .tp_richcompare = alias_richcompare,
    .tp_weaklistoffset = offsetof(KrAlias, weakreflist),
    .tp_iter = alias_iter,
    .tp_methods = alias_methods,
    .tp_members = alias_members,
    .tp_getset = alias_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = alias_new,
    .tp_free = PyObject_GC_Del,
};
