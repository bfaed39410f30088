// SPDX-License-Identifier: MIT
// save_reduce.c - pickles what __reduce__ methods return: how to make an object again.
#include "modules/pickle/pickle.h"

#include "objects/ids.h"

// The parts of a reduction, borrowed; NULL where they are None or missing.
typedef struct {
    PyObject *func;
    PyObject *args;
    PyObject *state;
    PyObject *list_items;
    PyObject *dict_items;
    PyObject *state_setter;
} Reduction;

static PyObject *
part(PyObject *value, Py_ssize_t index)
{
    PyObject *item = index < PyTuple_GET_SIZE(value) ? PyTuple_GET_ITEM(value, index) : NULL;

    return item == NULL || Py_IsNone(item) ? NULL : item;
}

static int
read_reduction(PickleState *state, PyObject *value, Reduction *out)
{
    PyObject *error = state->pickling_error;

    if (!PyTuple_Check(value)) {
        PyErr_Format(error, "__reduce__ must return a string or tuple, not %T", value);
        return -1;
    }
    if (PyTuple_GET_SIZE(value) < 2 || PyTuple_GET_SIZE(value) > 6) {
        PyErr_SetString(error, "tuple returned by __reduce__ must contain 2 through 6 "
                               "elements");
        return -1;
    }
    *out = (Reduction){
        .func = PyTuple_GET_ITEM(value, 0),
        .args = PyTuple_GET_ITEM(value, 1),
        .state = part(value, 2),
        .list_items = part(value, 3),
        .dict_items = part(value, 4),
        .state_setter = part(value, 5),
    };
    if (!PyCallable_Check(out->func)) {
        PyErr_Format(error, "first item of the tuple returned by __reduce__ must be "
                            "callable, not %T", out->func);
        return -1;
    }
    if (!PyTuple_Check(out->args)) {
        PyErr_Format(error, "second item of the tuple returned by __reduce__ must be a "
                            "tuple, not %T", out->args);
        return -1;
    }
    if (out->list_items != NULL && !PyIter_Check(out->list_items)) {
        PyErr_Format(error, "fourth item of the tuple returned by __reduce__ must be an "
                            "iterator, not %T", out->list_items);
        return -1;
    }
    if (out->dict_items != NULL && !PyIter_Check(out->dict_items)) {
        PyErr_Format(error, "fifth item of the tuple returned by __reduce__ must be an "
                            "iterator, not %T", out->dict_items);
        return -1;
    }
    if (out->state_setter != NULL && !PyCallable_Check(out->state_setter)) {
        PyErr_Format(error, "sixth item of the tuple returned by __reduce__ must be "
                            "callable, not %T", out->state_setter);
        return -1;
    }
    return 0;
}

// Writes a part of the object; says which one in a note if that fails.
static int
save_part(Pickler *self, PyObject *value, PyObject *object, const char *what)
{
    if (kr_pickle_save(self, value, true) < 0) {
        kr_pickle_note("when serializing %T %s", object, what);
        return -1;
    }
    return 0;
}

// ---- making the object ------------------------------------------------------------------

typedef enum { MAKE_CALL, MAKE_NEWOBJ, MAKE_NEWOBJ_EX } MakeKind;

// Functions called __newobj__ and __newobj_ex__ have instructions of their own.
static int
make_kind(Pickler *self, PyObject *func, MakeKind *out)
{
    PyObject *name;

    *out = MAKE_CALL;
    if (self->protocol < 2) {
        return 0;
    }
    if (PyObject_GetOptionalAttr(func, KR_ID(__name__), &name) < 0) {
        return -1;
    }
    if (name != NULL && PyUnicode_Check(name)) {
        *out = PyUnicode_EqualToUTF8(name, "__newobj__")      ? MAKE_NEWOBJ
               : PyUnicode_EqualToUTF8(name, "__newobj_ex__") ? MAKE_NEWOBJ_EX
                                                              : MAKE_CALL;
    }
    Py_XDECREF(name);
    return 0;
}

// Whether the class is the object's own, and can make objects.
static int
check_class(PickleState *state, PyObject *cls, PyObject *object, const char *func)
{
    PyObject *method, *own = NULL;

    if (PyObject_GetOptionalAttr(cls, KR_ID(__new__), &method) < 0) {
        return -1;
    }
    if (method == NULL) {
        PyErr_Format(state->pickling_error, "first argument to %s() has no __new__", func);
        return -1;
    }
    Py_DECREF(method);
    if (object == NULL) {
        return 0;
    }
    own = PyObject_GetAttr(object, KR_ID(__class__));
    if (own != NULL && own != cls) {
        PyErr_Format(state->pickling_error, "first argument to %s() must be %R, not %R", func,
                     own, cls);
        Py_CLEAR(own);
    }
    Py_XDECREF(own);
    return own == NULL ? -1 : 0;
}

static int
save_newobj(Pickler *self, PyObject *args, PyObject *object)
{
    if (PyTuple_GET_SIZE(args) < 1) {
        PyErr_SetString(self->state->pickling_error,
                        "__newobj__ expected at least 1 argument, got 0");
        return -1;
    }
    PyObject *cls = PyTuple_GET_ITEM(args, 0);
    if (check_class(self->state, cls, object, "__newobj__") < 0 ||
        save_part(self, cls, object, "class") < 0) {
        return -1;
    }
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    int status = rest == NULL ? -1 : save_part(self, rest, object, "__new__ arguments");
    Py_XDECREF(rest);
    return status < 0 ? -1 : kr_pickle_put(self, OP_NEWOBJ);
}

// Without the instruction of protocol 4: partial(cls.__new__, cls, *args, **kwargs)().
static int
save_as_partial(Pickler *self, PyObject *cls, PyObject *args, PyObject *kwargs,
                PyObject *object)
{
    PyObject *method = PyObject_GetAttr(cls, KR_ID(__new__)), *func = NULL, *all = NULL;
    PyObject *head = method == NULL ? NULL : PyTuple_Pack(2, method, cls);
    int status = -1;

    all = head == NULL ? NULL : PySequence_Concat(head, args);
    func = all == NULL ? NULL : PyObject_Call(self->state->partial, all, kwargs);
    if (func != NULL) {
        status = save_part(self, func, object, "reconstructor") < 0 ||
                         kr_pickle_put(self, OP_EMPTY_TUPLE) < 0
                     ? -1
                     : kr_pickle_put(self, OP_REDUCE);
    }
    Py_XDECREF(func);
    Py_XDECREF(all);
    Py_XDECREF(head);
    Py_XDECREF(method);
    return status;
}

static int
save_newobj_ex(Pickler *self, PyObject *parts, PyObject *object)
{
    PyObject *error = self->state->pickling_error;

    if (PyTuple_GET_SIZE(parts) != 3) {
        PyErr_Format(error, "__newobj_ex__ expected 3 arguments, got %zd",
                     PyTuple_GET_SIZE(parts));
        return -1;
    }
    PyObject *cls = PyTuple_GET_ITEM(parts, 0), *args = PyTuple_GET_ITEM(parts, 1);
    PyObject *kwargs = PyTuple_GET_ITEM(parts, 2);
    if (check_class(self->state, cls, object, "__newobj_ex__") < 0) {
        return -1;
    }
    if (!PyTuple_Check(args)) {
        PyErr_Format(error, "second argument to __newobj_ex__() must be a tuple, not %T", args);
        return -1;
    }
    if (!PyDict_Check(kwargs)) {
        PyErr_Format(error, "third argument to __newobj_ex__() must be a dict, not %T", kwargs);
        return -1;
    }
    if (self->protocol < 4) {
        return save_as_partial(self, cls, args, kwargs, object);
    }
    return save_part(self, cls, object, "class") < 0 ||
                   save_part(self, args, object, "__new__ arguments") < 0 ||
                   save_part(self, kwargs, object, "__new__ arguments") < 0
               ? -1
               : kr_pickle_put(self, OP_NEWOBJ_EX);
}

static int
save_making(Pickler *self, const Reduction *r, PyObject *object)
{
    MakeKind kind;

    if (make_kind(self, r->func, &kind) < 0) {
        return -1;
    }
    switch (kind) {
    case MAKE_NEWOBJ:
        return save_newobj(self, r->args, object);
    case MAKE_NEWOBJ_EX:
        return save_newobj_ex(self, r->args, object);
    default:
        return save_part(self, r->func, object, "reconstructor") < 0 ||
                       save_part(self, r->args, object, "reconstructor arguments") < 0
                   ? -1
                   : kr_pickle_put(self, OP_REDUCE);
    }
}

// ---- giving it its state ------------------------------------------------------------------

static int
save_state(Pickler *self, const Reduction *r, PyObject *object)
{
    if (r->state == NULL) {
        return 0;
    }
    if (r->state_setter == NULL) {
        return save_part(self, r->state, object, "state") < 0 ? -1
                                                              : kr_pickle_put(self, OP_BUILD);
    }
    // state_setter(object, state) is called, and what it returns is dropped.
    return save_part(self, r->state_setter, object, "state setter") < 0 ||
                   kr_pickle_save(self, object, true) < 0 ||
                   save_part(self, r->state, object, "state") < 0 ||
                   kr_pickle_put(self, OP_TUPLE2) < 0 || kr_pickle_put(self, OP_REDUCE) < 0
               ? -1
               : kr_pickle_put(self, OP_POP);
}

int
kr_pickle_save_reduce(Pickler *self, PyObject *value, PyObject *object)
{
    Reduction r;

    if (read_reduction(self->state, value, &r) < 0 || save_making(self, &r, object) < 0) {
        return -1;
    }
    // The arguments may have brought the object already: then that one counts.
    Py_ssize_t number = kr_pickle_memo_find(&self->memo, object);
    if (number >= 0) {
        if (kr_pickle_put(self, OP_POP) < 0 || kr_pickle_put_get(self, number) < 0) {
            return -1;
        }
    }
    else if (kr_pickle_memoize(self, object) < 0) {
        return -1;
    }
    if (r.list_items != NULL && kr_pickle_append_items(self, r.list_items, object) < 0) {
        return -1;
    }
    if (r.dict_items != NULL && kr_pickle_set_items(self, r.dict_items, object) < 0) {
        return -1;
    }
    return save_state(self, &r, object);
}

int
kr_pickle_save_call_steal(Pickler *self, PyObject *func, PyObject *args, PyObject *object)
{
    PyObject *value = args == NULL ? NULL : PyTuple_Pack(2, func, args);
    int status = value == NULL ? -1 : kr_pickle_save_reduce(self, value, object);

    Py_XDECREF(value);
    Py_XDECREF(args);
    return status;
}
