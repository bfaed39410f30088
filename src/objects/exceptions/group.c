// SPDX-License-Identifier: MIT
// group.c - BaseExceptionGroup and ExceptionGroup, and what except* does with them.
//
// Invariants:  msg is a str, excs a tuple of at least one exception.
// Re-entrancy: derive() and predicates are Python code; groups are immutable, so
//              only references have to be kept.
#include "objects/exceptions/internal.h"

#define GROUP_FIELDS(F) F(msg) F(excs) F(excs_str)
KR_EXC_DEFINE_GC(group, PyBaseExceptionGroupObject, GROUP_FIELDS)

static inline PyBaseExceptionGroupObject *
group(PyObject *op)
{
    return (PyBaseExceptionGroupObject *)op;
}

static inline bool
is_group(PyObject *op)
{
    return PyObject_TypeCheck(op, &kr_exc_BaseExceptionGroup);
}

// --- Making ---------------------------------------------------------------------------

static int
group_check_items(PyObject *excs, bool *has_base_out)
{
    Py_ssize_t n = PyTuple_GET_SIZE(excs);
    *has_base_out = false;
    if (n == 0) {
        PyErr_SetString(PyExc_ValueError,
                        "second argument (exceptions) must be a non-empty sequence");
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *exc = PyTuple_GET_ITEM(excs, i);
        if (!PyExceptionInstance_Check(exc)) {
            PyErr_Format(PyExc_ValueError,
                         "Item %zd of second argument (exceptions) is not an exception",
                         i);
            return -1;
        }
        if (!PyType_IsSubtype(Py_TYPE(exc), &kr_exc_Exception)) {
            *has_base_out = true;
        }
    }
    return 0;
}

// The class to make: a plain BaseExceptionGroup becomes an ExceptionGroup where it
// can. NULL with TypeError when the class cannot hold the exceptions.
static PyTypeObject *
group_choose(PyTypeObject *type, bool has_base)
{
    PyTypeObject *plain = (PyTypeObject *)kr_interp()->errors.exception_group;
    if (type == &kr_exc_BaseExceptionGroup) {
        return has_base || plain == NULL ? type : plain;
    }
    if (!has_base) {
        return type;
    }
    if (type == plain) {
        PyErr_SetString(PyExc_TypeError,
                        "Cannot nest BaseExceptions in an ExceptionGroup");
        return NULL;
    }
    if (PyType_IsSubtype(type, &kr_exc_Exception)) {
        PyErr_Format(PyExc_TypeError, "Cannot nest BaseExceptions in '%.200s'",
                     type->tp_name);
        return NULL;
    }
    return type;
}

PyObject *
kr_group_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *excs = NULL, *excs_str = NULL, *result = NULL;
    bool has_base;

    if (PyTuple_GET_SIZE(args) != 2) {
        PyErr_Format(PyExc_TypeError,
                     "BaseExceptionGroup.__new__() takes exactly 2 arguments "
                     "(%zd given)",
                     PyTuple_GET_SIZE(args));
        return NULL;
    }
    PyObject *message = PyTuple_GET_ITEM(args, 0), *given = PyTuple_GET_ITEM(args, 1);
    if (!PyUnicode_Check(message)) {
        kr_arg_bad("BaseExceptionGroup.__new__", "argument 1", "str", message);
        return NULL;
    }
    if (!PySequence_Check(given)) {
        PyErr_SetString(PyExc_TypeError,
                        "second argument (exceptions) must be a sequence");
        return NULL;
    }
    // The repr shows the sequence as it was; one of unknown kind cannot be rebuilt.
    if (!PyList_CheckExact(given) && !PyTuple_CheckExact(given)) {
        excs_str = PyObject_Repr(given);
        if (excs_str == NULL) {
            goto done;
        }
    }
    excs = PySequence_Tuple(given);
    if (excs == NULL || group_check_items(excs, &has_base) < 0) {
        goto done;
    }
    type = group_choose(type, has_base);
    if (type == NULL) {
        goto done;
    }
    result = kr_exc_new(type, args, NULL);
    if (result != NULL) {
        group(result)->msg = Py_NewRef(message);
        group(result)->excs = KR_MOVE(excs);
        group(result)->excs_str = KR_MOVE(excs_str);
    }
done:
    Py_XDECREF(excs);
    Py_XDECREF(excs_str);
    return result;
}

int
kr_group_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return kr_exc_init_args(op, args, kwargs);
}

// BaseExceptionGroup(message, excs) for a list or tuple of exceptions.
static PyObject *
group_make(PyObject *message, PyObject *excs)
{
    PyObject *args[2] = {message, excs};
    return PyObject_Vectorcall((PyObject *)&kr_exc_BaseExceptionGroup, args, 2, NULL);
}

PyObject *
kr_group_str(PyObject *op)
{
    PyBaseExceptionGroupObject *self = group(op);
    Py_ssize_t n = PyTuple_GET_SIZE(self->excs);
    return PyUnicode_FromFormat("%S (%zd sub-exception%s)", self->msg, n,
                                n > 1 ? "s" : "");
}

PyObject *
kr_group_repr(PyObject *op)
{
    PyBaseExceptionGroupObject *self = group(op);
    const char *name = _PyType_Name(Py_TYPE(op));
    PyObject *shown, *result;

    if (self->excs_str != NULL) {
        return PyUnicode_FromFormat("%s(%R, %U)", name, self->msg, self->excs_str);
    }
    PyObject *args = self->args;
    bool as_list = args != NULL && PyTuple_GET_SIZE(args) == 2 &&
                   PyList_Check(PyTuple_GET_ITEM(args, 1));
    shown = as_list ? PySequence_List(self->excs) : Py_NewRef(self->excs);
    if (shown == NULL) {
        return NULL;
    }
    result = PyUnicode_FromFormat("%s(%R, %R)", name, self->msg, shown);
    Py_DECREF(shown);
    return result;
}

KR_METHOD_RAW(group, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "See PEP 585")
PyObject *
kr_group_class_getitem(PyObject *type, PyObject *item)
{
    return Py_GenericAlias(type, item);
}

KR_METHOD(group, "derive(self, excs, /)", "")
static PyObject *
group_derive(PyBaseExceptionGroupObject *self, PyObject *excs)
{
    return group_make(self->msg, excs);
}

// --- Splitting ---------------------------------------------------------------------------

typedef enum {
    MATCH_TYPE,      // value: an exception class or a tuple of them
    MATCH_PREDICATE, // value: a function
    MATCH_IDS,       // value: a set of addresses of leaves
} MatchKind;

static int
match_kind(PyObject *value, MatchKind *out)
{
    if (PyExceptionClass_Check(value)) {
        *out = MATCH_TYPE;
        return 0;
    }
    if (PyCallable_Check(value) && !PyType_Check(value)) {
        *out = MATCH_PREDICATE;
        return 0;
    }
    if (PyTuple_CheckExact(value)) {
        Py_ssize_t i = 0, n = PyTuple_GET_SIZE(value);
        while (i < n && PyExceptionClass_Check(PyTuple_GET_ITEM(value, i))) {
            i++;
        }
        if (i == n) {
            *out = MATCH_TYPE;
            return 0;
        }
    }
    PyErr_SetString(PyExc_TypeError,
                    "expected an exception type, a tuple of exception types, or a "
                    "callable (other than a class)");
    return -1;
}

static int
matches(PyObject *exc, MatchKind kind, PyObject *value)
{
    PyObject *answer;
    int result;

    switch (kind) {
    case MATCH_TYPE:
        return PyErr_GivenExceptionMatches(exc, value);
    case MATCH_PREDICATE:
        answer = PyObject_CallOneArg(value, exc);
        break;
    default:
        if (is_group(exc)) {
            return 0;
        }
        answer = PyLong_FromVoidPtr(exc);
        if (answer == NULL) {
            return -1;
        }
        result = PySet_Contains(value, answer);
        Py_DECREF(answer);
        return result;
    }
    if (answer == NULL) {
        return -1;
    }
    result = PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return result;
}

// orig.derive(excs) with orig's metadata; None for an empty list.
static PyObject *
group_subset(PyObject *orig, PyObject *excs)
{
    PyObject *notes = NULL, *result;

    if (PyList_GET_SIZE(excs) == 0) {
        return Py_None;
    }
    result = PyObject_CallMethodOneArg(orig, KR_ID(derive), excs);
    if (result == NULL) {
        return NULL;
    }
    if (!is_group(result)) {
        PyErr_SetString(PyExc_TypeError,
                        "derive must return an instance of BaseExceptionGroup");
        goto error;
    }
    // traceback goes through a C call that checks nothing we do not know.
    Py_XSETREF(kr_exc(result)->traceback, Py_XNewRef(kr_exc(orig)->traceback));
    PyException_SetContext(result, PyException_GetContext(orig));
    PyException_SetCause(result, PyException_GetCause(orig));
    if (PyObject_GetOptionalAttr(orig, KR_ID(__notes__), &notes) < 0) {
        goto error;
    }
    if (notes != NULL && PySequence_Check(notes)) {
        // A copy: groups do not share notes that are added later.
        Py_SETREF(notes, PySequence_List(notes));
        if (notes == NULL || PyObject_SetAttr(result, KR_ID(__notes__), notes) < 0) {
            goto error;
        }
    }
    Py_XDECREF(notes);
    return result;

error:
    Py_XDECREF(notes);
    Py_DECREF(result);
    return NULL;
}

static int group_split_into(PyObject *exc, MatchKind kind, PyObject *value,
                            bool want_rest, PyObject **match_out, PyObject **rest_out);

// Splits one member and appends what it comes to.
static int
group_split_item(PyObject *exc, MatchKind kind, PyObject *value, PyObject *match_list,
                 PyObject *rest_list)
{
    PyObject *match = NULL, *rest = NULL;
    int status;

    if (!is_group(exc)) {
        status = matches(exc, kind, value);
        if (status < 0) {
            return -1;
        }
        PyObject *list = status ? match_list : rest_list;
        return list == NULL ? 0 : PyList_Append(list, exc);
    }
    if (Py_EnterRecursiveCall(" in exceptiongroup_split_recursive")) {
        return -1;
    }
    status = group_split_into(exc, kind, value, rest_list != NULL, &match, &rest);
    Py_LeaveRecursiveCall();
    if (status == 0 && match != Py_None) {
        status = PyList_Append(match_list, match);
    }
    if (status == 0 && rest_list != NULL && rest != Py_None) {
        status = PyList_Append(rest_list, rest);
    }
    Py_XDECREF(match);
    Py_XDECREF(rest);
    return status;
}

// Both results are new references (None where empty) unless it fails; *rest_out is
// NULL when !want_rest.
static int
group_split_into(PyObject *exc, MatchKind kind, PyObject *value, bool want_rest,
                 PyObject **match_out, PyObject **rest_out)
{
    PyObject *match_list = NULL, *rest_list = NULL;
    PyObject *match = NULL, *rest = NULL;
    int status = matches(exc, kind, value);

    *match_out = *rest_out = NULL;
    if (status < 0) {
        return -1;
    }
    if (status) {
        *match_out = Py_NewRef(exc);
        *rest_out = want_rest ? Py_None : NULL;
        return 0;
    }
    status = -1;
    match_list = PyList_New(0);
    rest_list = want_rest ? PyList_New(0) : NULL;
    if (match_list == NULL || (want_rest && rest_list == NULL)) {
        goto done;
    }
    PyObject *excs = group(exc)->excs;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(excs); i++) {
        if (group_split_item(PyTuple_GET_ITEM(excs, i), kind, value, match_list,
                             rest_list) < 0) {
            goto done;
        }
    }
    match = group_subset(exc, match_list);
    if (match == NULL) {
        goto done;
    }
    if (want_rest) {
        rest = group_subset(exc, rest_list);
        if (rest == NULL) {
            goto done;
        }
    }
    *match_out = KR_MOVE(match);
    *rest_out = KR_MOVE(rest);
    status = 0;
done:
    Py_XDECREF(match);
    Py_XDECREF(rest);
    Py_XDECREF(match_list);
    Py_XDECREF(rest_list);
    return status;
}

KR_METHOD(group, "split(self, matcher_value, /)", "")
static PyObject *
group_split(PyBaseExceptionGroupObject *self, PyObject *matcher_value)
{
    PyObject *match, *rest, *result;
    MatchKind kind;

    if (match_kind(matcher_value, &kind) < 0 ||
        group_split_into((PyObject *)self, kind, matcher_value, true, &match, &rest) <
            0) {
        return NULL;
    }
    result = PyTuple_Pack(2, match, rest);
    Py_DECREF(match);
    Py_DECREF(rest);
    return result;
}

KR_METHOD(group, "subgroup(self, matcher_value, /)", "")
static PyObject *
group_subgroup(PyBaseExceptionGroupObject *self, PyObject *matcher_value)
{
    PyObject *match, *rest;
    MatchKind kind;

    if (match_kind(matcher_value, &kind) < 0 ||
        group_split_into((PyObject *)self, kind, matcher_value, false, &match, &rest) <
            0) {
        return NULL;
    }
    return match;
}

// --- except and except* ---------------------------------------------------------------------

static bool
each_class(PyObject *match_type, bool star)
{
    Py_ssize_t n = PyTuple_Check(match_type) ? PyTuple_GET_SIZE(match_type) : 1;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *type =
            PyTuple_Check(match_type) ? PyTuple_GET_ITEM(match_type, i) : match_type;
        if (!PyExceptionClass_Check(type)) {
            PyErr_SetString(PyExc_TypeError,
                            "catching classes that do not inherit from BaseException is "
                            "not allowed");
            return false;
        }
    }
    for (Py_ssize_t i = 0; star && i < n; i++) {
        PyObject *type =
            PyTuple_Check(match_type) ? PyTuple_GET_ITEM(match_type, i) : match_type;
        if (PyType_IsSubtype((PyTypeObject *)type, &kr_exc_BaseExceptionGroup)) {
            PyErr_SetString(PyExc_TypeError,
                            "catching ExceptionGroup with except* is not allowed. Use "
                            "except instead.");
            return false;
        }
    }
    return true;
}

bool
kr_exc_check_type(PyObject *match_type)
{
    return each_class(match_type, false);
}

bool
kr_exc_check_star_type(PyObject *match_type)
{
    return each_class(match_type, true);
}

// What exc.split(match_type) returned, checked.
static int
unpack_split(PyObject *exc, PyObject *pair, PyObject **match_out, PyObject **rest_out)
{
    if (!PyTuple_CheckExact(pair)) {
        PyErr_Format(PyExc_TypeError, "%.200s.split must return a tuple, not %.200s",
                     Py_TYPE(exc)->tp_name, Py_TYPE(pair)->tp_name);
        return -1;
    }
    // More than two are allowed, for compatibility; the rest is ignored.
    if (PyTuple_GET_SIZE(pair) < 2) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s.split must return a 2-tuple, got tuple of size %zd",
                     Py_TYPE(exc)->tp_name, PyTuple_GET_SIZE(pair));
        return -1;
    }
    *match_out = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    *rest_out = Py_NewRef(PyTuple_GET_ITEM(pair, 1));
    return 0;
}

int
kr_exception_group_match(PyObject *exc, PyObject *match_type, PyObject **match_out,
                         PyObject **rest_out)
{
    *match_out = *rest_out = Py_None;
    if (exc == Py_None) {
        return 0;
    }
    if (PyErr_GivenExceptionMatches(exc, match_type)) {
        if (is_group(exc)) {
            *match_out = Py_NewRef(exc);
            return 0;
        }
        PyObject *excs = PyTuple_Pack(1, exc);
        if (excs == NULL) {
            return -1;
        }
        *match_out = group_make(KR_STR(empty, ""), excs);
        Py_DECREF(excs);
        return *match_out == NULL ? -1 : 0;
    }
    if (is_group(exc)) {
        PyObject *pair = PyObject_CallMethodOneArg(exc, KR_ID(split), match_type);
        if (pair == NULL) {
            return -1;
        }
        int status = unpack_split(exc, pair, match_out, rest_out);
        Py_DECREF(pair);
        return status;
    }
    *rest_out = Py_NewRef(exc);
    return 0;
}

// Adds the addresses of all leaves of exc to the set.
static int
collect_leaves(PyObject *exc, PyObject *ids)
{
    if (exc == Py_None) {
        return 0;
    }
    if (!is_group(exc)) {
        PyObject *id = PyLong_FromVoidPtr(exc);
        int status = id == NULL ? -1 : PySet_Add(ids, id);
        Py_XDECREF(id);
        return status;
    }
    if (Py_EnterRecursiveCall(" in collect_exception_group_leaf_ids")) {
        return -1;
    }
    PyObject *excs = group(exc)->excs;
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyTuple_GET_SIZE(excs); i++) {
        status = collect_leaves(PyTuple_GET_ITEM(excs, i), ids);
    }
    Py_LeaveRecursiveCall();
    return status;
}

// The part of `orig` whose leaves occur in the groups of the list `keep`.
static PyObject *
group_projection(PyObject *orig, PyObject *keep)
{
    PyObject *match = NULL, *rest = NULL, *ids = PySet_New(NULL);
    if (ids == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keep); i++) {
        if (collect_leaves(PyList_GET_ITEM(keep, i), ids) < 0) {
            Py_DECREF(ids);
            return NULL;
        }
    }
    group_split_into(orig, MATCH_IDS, ids, false, &match, &rest);
    Py_DECREF(ids);
    return match;
}

// Whether exc is a part of orig that a handler let through, not a new exception.
static bool
is_part_of(PyObject *exc, PyObject *orig)
{
    PyBaseExceptionObject *a = kr_exc(exc), *b = kr_exc(orig);
    return is_group(exc) && a->notes == b->notes && a->traceback == b->traceback &&
           a->cause == b->cause && a->context == b->context;
}

PyObject *
kr_exception_group_reraise(PyObject *orig, PyObject *excs)
{
    PyObject *raised = NULL, *passed = NULL, *remains = NULL, *result = NULL;

    if (PyList_GET_SIZE(excs) == 0) {
        return Py_None;
    }
    // Of a naked exception at most one handler has run.
    if (!is_group(orig)) {
        return Py_NewRef(PyList_GET_ITEM(excs, 0));
    }
    raised = PyList_New(0);
    passed = PyList_New(0);
    if (raised == NULL || passed == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(excs); i++) {
        PyObject *exc = PyList_GET_ITEM(excs, i);
        if (exc != Py_None &&
            PyList_Append(is_part_of(exc, orig) ? passed : raised, exc) < 0) {
            goto done;
        }
    }
    remains = group_projection(orig, passed);
    if (remains == NULL) {
        goto done;
    }
    if (PyList_GET_SIZE(raised) == 0) {
        result = KR_MOVE(remains);
        goto done;
    }
    if (remains != Py_None && PyList_Append(raised, remains) < 0) {
        goto done;
    }
    result = PyList_GET_SIZE(raised) == 1 ? Py_NewRef(PyList_GET_ITEM(raised, 0))
                                          : group_make(KR_STR(empty, ""), raised);
done:
    Py_XDECREF(raised);
    Py_XDECREF(passed);
    Py_XDECREF(remains);
    return result;
}

PyObject *
PyUnstable_Exc_PrepReraiseStar(PyObject *orig, PyObject *excs)
{
    if (orig == NULL || !PyExceptionInstance_Check(orig)) {
        PyErr_SetString(PyExc_TypeError, "orig must be an exception");
        return NULL;
    }
    if (excs == NULL || !PyList_Check(excs)) {
        PyErr_SetString(PyExc_TypeError, "excs must be a list of exceptions");
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(excs);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *exc = PyList_GET_ITEM(excs, i);
        if (exc == NULL || !(PyExceptionInstance_Check(exc) || Py_IsNone(exc))) {
            PyErr_Format(PyExc_TypeError, "item %zd in excs is not an exception", i);
            return NULL;
        }
    }
    return kr_exception_group_reraise(orig, excs);
}

// --- The type ExceptionGroup -------------------------------------------------------------

int
kr_group_init_type(PyInterpreterState *interp)
{
    PyObject *bases = NULL, *dict = NULL, *name = NULL;

    bases = PyTuple_Pack(2, (PyObject *)&kr_exc_BaseExceptionGroup,
                         (PyObject *)&kr_exc_Exception);
    dict = PyDict_New();
    name = PyUnicode_InternFromString("ExceptionGroup");
    if (bases != NULL && dict != NULL && name != NULL &&
        PyDict_SetItem(dict, KR_ID(__module__), KR_ID(builtins)) == 0) {
        PyObject *args[3] = {name, bases, dict};
        interp->errors.exception_group =
            PyObject_Vectorcall((PyObject *)&PyType_Type, args, 3, NULL);
    }
    Py_XDECREF(bases);
    Py_XDECREF(dict);
    Py_XDECREF(name);
    return interp->errors.exception_group == NULL ? -1 : 0;
}

#include "objects/exceptions/group.methods.h"
