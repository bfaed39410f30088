// SPDX-License-Identifier: MIT
// load_objects.c - what fills containers and makes objects: classes, calls, state.
//
// Re-entrancy: everything here may run Python code. Values that are needed afterwards are
//              owned, or on the stack above a mark that has been taken away already.
#include "modules/pickle/pickle.h"

#include "objects/ids.h"

static int
push(Unpickler *self, PyObject *value_steal)
{
    return kr_unpickle_push_steal(self, value_steal);
}

// ---- filling containers -------------------------------------------------------------------

// append() for each of the items, which are consumed.
static int
call_for_each(PyObject *object, PyObject *name, PyObject *items)
{
    PyObject *method = PyObject_GetAttr(object, name);

    if (method == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        PyObject *none = PyObject_CallOneArg(method, PyList_GET_ITEM(items, i));
        if (none == NULL) {
            Py_DECREF(method);
            return -1;
        }
        Py_DECREF(none);
    }
    Py_DECREF(method);
    return 0;
}

static int
extend_any(PyObject *object, PyObject *items)
{
    PyObject *extend, *none;

    if (PyObject_GetOptionalAttr(object, KR_ID(extend), &extend) < 0) {
        return -1;
    }
    if (extend == NULL) {
        return call_for_each(object, KR_ID(append), items);
    }
    none = PyObject_CallOneArg(extend, items);
    Py_DECREF(extend);
    Py_XDECREF(none);
    return none == NULL ? -1 : 0;
}

// The values from `from` on go into the list below them.
static int
append_from(Unpickler *self, Py_ssize_t from)
{
    if (from > self->depth || from <= self->fence) {
        return kr_unpickle_underflow(self);
    }
    if (from == self->depth) {
        return 0;
    }
    PyObject *object = Py_NewRef(self->stack[from - 1]);
    PyObject *items = kr_unpickle_take_list(self, from);
    int status = -1;
    if (items != NULL) {
        status = PyList_CheckExact(object)
                     ? PyList_SetSlice(object, PyList_GET_SIZE(object), PY_SSIZE_T_MAX, items)
                     : extend_any(object, items);
    }
    Py_XDECREF(items);
    Py_DECREF(object);
    return status;
}

static int
load_append(Unpickler *self)
{
    if (self->depth - 1 <= self->fence) {
        return kr_unpickle_underflow(self);
    }
    PyObject *object = self->stack[self->depth - 2];
    if (PyList_CheckExact(object)) {
        PyObject *value = kr_unpickle_pop(self);
        int status = PyList_Append(object, value);
        Py_DECREF(value);
        return status;
    }
    PyObject *value = kr_unpickle_pop(self);
    object = Py_NewRef(object);
    PyObject *none = PyObject_CallMethodOneArg(object, KR_ID(append), value);
    Py_DECREF(object);
    Py_DECREF(value);
    Py_XDECREF(none);
    return none == NULL ? -1 : 0;
}

static int
load_appends(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);

    return mark < 0 ? -1 : append_from(self, mark);
}

static int
set_items_from(Unpickler *self, Py_ssize_t from)
{
    if (from > self->depth || from <= self->fence) {
        return kr_unpickle_underflow(self);
    }
    if ((self->depth - from) % 2 != 0) {
        PyErr_SetString(self->state->unpickling_error, "odd number of items for SETITEMS");
        return -1;
    }
    PyObject *object = Py_NewRef(self->stack[from - 1]);
    PyObject *items = kr_unpickle_take_list(self, from);
    int status = items == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i + 1 < PyList_GET_SIZE(items); i += 2) {
        PyObject *key = PyList_GET_ITEM(items, i), *value = PyList_GET_ITEM(items, i + 1);
        status = PyDict_CheckExact(object) ? PyDict_SetItem(object, key, value)
                                           : PyObject_SetItem(object, key, value);
    }
    Py_XDECREF(items);
    Py_DECREF(object);
    return status;
}

static int
load_setitems(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);

    return mark < 0 ? -1 : set_items_from(self, mark);
}

static int
load_additems(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);

    if (mark < 0) {
        return -1;
    }
    if (mark <= self->fence) {
        return kr_unpickle_underflow(self);
    }
    PyObject *object = Py_NewRef(self->stack[mark - 1]);
    PyObject *items = kr_unpickle_take_list(self, mark);
    int status = -1;
    if (items != NULL) {
        status = PySet_Check(object) ? _PySet_Update(object, items)
                                     : call_for_each(object, KR_ID(add), items);
    }
    Py_XDECREF(items);
    Py_DECREF(object);
    return status;
}

// ---- classes --------------------------------------------------------------------------------

// The names of Python 3 for those of Python 2, in place of the owned references.
static int
map_to_python3(PickleState *state, PyObject **module_name, PyObject **name)
{
    PyObject *key = PyTuple_Pack(2, *module_name, *name), *value = NULL;
    int found = key == NULL ? -1 : PyDict_GetItemRef(state->name_2to3, key, &value);

    Py_XDECREF(key);
    if (found > 0) {
        if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != 2 ||
            !PyUnicode_Check(PyTuple_GET_ITEM(value, 0)) ||
            !PyUnicode_Check(PyTuple_GET_ITEM(value, 1))) {
            PyErr_Format(PyExc_RuntimeError,
                         "_compat_pickle.NAME_MAPPING values should be pairs of str, not %T",
                         value);
            found = -1;
        }
        else {
            Py_SETREF(*module_name, Py_NewRef(PyTuple_GET_ITEM(value, 0)));
            Py_SETREF(*name, Py_NewRef(PyTuple_GET_ITEM(value, 1)));
        }
    }
    else if (found == 0) {
        found = PyDict_GetItemRef(state->import_2to3, *module_name, &value);
        if (found > 0 && PyUnicode_Check(value)) {
            Py_SETREF(*module_name, Py_NewRef(value));
        }
        else if (found > 0) {
            PyErr_Format(PyExc_RuntimeError,
                         "_compat_pickle.IMPORT_MAPPING values should be strings, not %T",
                         value);
            found = -1;
        }
    }
    Py_XDECREF(value);
    return found < 0 ? -1 : 0;
}

// The module from sys.modules, imported if need be.
static PyObject *
module_of(PyObject *name)
{
    PyObject *module = PyImport_GetModule(name);

    if (module != NULL || PyErr_Occurred()) {
        return module;
    }
    return PyImport_Import(name);
}

static PyObject *
follow_dotted(PyObject *module, PyObject *module_name, PyObject *name)
{
    PyObject *dot = PyUnicode_FromString("."), *value = Py_NewRef(module);
    PyObject *path = dot == NULL ? NULL : PyUnicode_Split(name, dot, -1);

    Py_XDECREF(dot);
    for (Py_ssize_t i = 0; value != NULL && path != NULL && i < PyList_GET_SIZE(path); i++) {
        PyObject *next = PyObject_GetAttr(value, PyList_GET_ITEM(path, i));
        Py_SETREF(value, next);
    }
    if (path == NULL) {
        Py_CLEAR(value);
    }
    else if (value == NULL && PyList_GET_SIZE(path) > 1 &&
             PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyObject *cause = PyErr_GetRaisedException();
        PyErr_Format(PyExc_AttributeError, "Can't resolve path %R on module %R", name,
                     module_name);
        _PyErr_ChainExceptions1(cause);
    }
    Py_XDECREF(path);
    return value;
}

PyObject *
kr_unpickle_find_class(Unpickler *self, PyObject *module_name, PyObject *global_name)
{
    PyObject *names[2] = {Py_NewRef(module_name), Py_NewRef(global_name)};
    PyObject *module = NULL, *value = NULL;
    int status = 0;

    if (PySys_Audit("pickle.find_class", "OO", module_name, global_name) < 0) {
        status = -1;
    }
    else if (self->protocol < 3 && self->fix_imports) {
        status = map_to_python3(self->state, &names[0], &names[1]);
    }
    if (status == 0) {
        module = module_of(names[0]);
    }
    if (module != NULL) {
        value = self->protocol >= 4 ? follow_dotted(module, names[0], names[1])
                                    : PyObject_GetAttr(module, names[1]);
    }
    Py_XDECREF(module);
    Py_DECREF(names[0]);
    Py_DECREF(names[1]);
    return value;
}

static PyObject *
call_find_class(Unpickler *self, PyObject *module_name, PyObject *name)
{
    if (Py_TYPE(self) == self->state->unpickler_type) {
        return kr_unpickle_find_class(self, module_name, name);
    }
    return PyObject_CallMethodObjArgs((PyObject *)self, KR_ID(find_class), module_name, name,
                                      NULL);
}

static PyObject *
read_name(Unpickler *self, const char *encoding)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);

    if (line != NULL && size < 2) {
        PyErr_SetString(self->state->unpickling_error, "pickle data was truncated");
        return NULL;
    }
    return line == NULL ? NULL : PyUnicode_Decode(line, (Py_ssize_t)size - 1, encoding, NULL);
}

// Two lines: module and name.
static PyObject *
read_global(Unpickler *self, const char *encoding)
{
    PyObject *module_name = read_name(self, encoding);
    PyObject *name = module_name == NULL ? NULL : read_name(self, encoding);
    PyObject *value = name == NULL ? NULL : call_find_class(self, module_name, name);

    Py_XDECREF(module_name);
    Py_XDECREF(name);
    return value;
}

static int
load_stack_global(Unpickler *self)
{
    PyObject *name = kr_unpickle_pop(self);
    PyObject *module_name = name == NULL ? NULL : kr_unpickle_pop(self), *value = NULL;

    if (module_name != NULL) {
        if (PyUnicode_CheckExact(name) && PyUnicode_CheckExact(module_name)) {
            value = call_find_class(self, module_name, name);
        }
        else {
            PyErr_SetString(self->state->unpickling_error, "STACK_GLOBAL requires str");
        }
    }
    Py_XDECREF(module_name);
    Py_XDECREF(name);
    return push(self, value);
}

// ---- making objects -----------------------------------------------------------------------------

// Of the old instructions INST and OBJ. args is consumed.
static PyObject *
instantiate(PyObject *cls, PyObject *args_steal)
{
    PyObject *value = NULL;
    int has = 1;

    if (args_steal == NULL) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(args_steal) == 0 && PyType_Check(cls)) {
        PyObject *method;
        has = PyObject_GetOptionalAttr(cls, KR_ID(__getinitargs__), &method);
        Py_XDECREF(method);
    }
    if (has == 0) {
        value = PyObject_CallMethodOneArg(cls, KR_ID(__new__), cls);
    }
    else if (has > 0) {
        value = PyObject_CallObject(cls, args_steal);
    }
    Py_DECREF(args_steal);
    return value;
}

static int
load_inst(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);
    PyObject *args = mark < 0 ? NULL : kr_unpickle_take_tuple(self, mark);
    PyObject *cls = args == NULL ? NULL : read_global(self, "ascii");

    if (cls == NULL) {
        Py_XDECREF(args);
        return -1;
    }
    PyObject *value = instantiate(cls, args);
    Py_DECREF(cls);
    return push(self, value);
}

static int
load_obj(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);

    if (mark < 0) {
        return -1;
    }
    if (self->depth - mark < 1) {
        return kr_unpickle_underflow(self);
    }
    PyObject *args = kr_unpickle_take_tuple(self, mark + 1);
    PyObject *cls = args == NULL ? NULL : self->stack[--self->depth];
    if (cls == NULL) {
        return -1;
    }
    PyObject *value = instantiate(cls, args);
    Py_DECREF(cls);
    return push(self, value);
}

// cls.__new__(cls, *args, **kwargs)
static PyObject *
call_new(PickleState *state, PyObject *cls, PyObject *args, PyObject *kwargs,
         const char *opcode)
{
    if (!PyType_Check(cls)) {
        PyErr_Format(state->unpickling_error, "%s class argument must be a type, not %T",
                     opcode, cls);
        return NULL;
    }
    if (((PyTypeObject *)cls)->tp_new == NULL) {
        PyErr_Format(state->unpickling_error, "%s class argument '%.200s' doesn't have "
                                              "__new__", opcode,
                     ((PyTypeObject *)cls)->tp_name);
        return NULL;
    }
    if (!PyTuple_Check(args)) {
        PyErr_Format(state->unpickling_error, "%s args argument must be a tuple, not %T",
                     opcode, args);
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        PyErr_Format(state->unpickling_error, "%s kwargs argument must be a dict, not %T",
                     opcode, kwargs);
        return NULL;
    }
    return ((PyTypeObject *)cls)->tp_new((PyTypeObject *)cls, args, kwargs);
}

static int
load_newobj(Unpickler *self, bool has_kwargs)
{
    PyObject *kwargs = has_kwargs ? kr_unpickle_pop(self) : NULL, *args, *cls, *value = NULL;

    if (has_kwargs && kwargs == NULL) {
        return -1;
    }
    args = kr_unpickle_pop(self);
    cls = args == NULL ? NULL : kr_unpickle_pop(self);
    if (cls != NULL) {
        value = call_new(self->state, cls, args, kwargs, has_kwargs ? "NEWOBJ_EX" : "NEWOBJ");
    }
    Py_XDECREF(kwargs);
    Py_XDECREF(args);
    Py_XDECREF(cls);
    return push(self, value);
}

static int
load_reduce(Unpickler *self)
{
    PyObject *args = kr_unpickle_pop(self);
    PyObject *func = args == NULL ? NULL : kr_unpickle_pop(self), *value = NULL;

    if (func != NULL) {
        if (PyTuple_Check(args)) {
            value = PyObject_CallObject(func, args);
        }
        else {
            PyErr_Format(PyExc_TypeError, "argument list must be a tuple, not %T", args);
        }
    }
    Py_XDECREF(func);
    Py_XDECREF(args);
    return push(self, value);
}

// ---- state --------------------------------------------------------------------------------------

// Names of attributes are interned, as those that a program makes are.
static int
update_dict(PickleState *state, PyObject *object, PyObject *values)
{
    Py_ssize_t at = 0;
    PyObject *key, *value, *dict;
    int status = 0;

    if (!PyDict_Check(values)) {
        PyErr_SetString(state->unpickling_error, "state is not a dictionary");
        return -1;
    }
    dict = PyObject_GetAttr(object, KR_ID(__dict__));
    if (dict == NULL) {
        return -1;
    }
    while (status == 0 && PyDict_Next(values, &at, &key, &value)) {
        key = Py_NewRef(key);
        Py_INCREF(value);
        if (PyUnicode_CheckExact(key)) {
            PyUnicode_InternInPlace(&key);
        }
        status = PyObject_SetItem(dict, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    Py_DECREF(dict);
    return status;
}

static int
set_slots(PickleState *state, PyObject *object, PyObject *values)
{
    Py_ssize_t at = 0;
    PyObject *key, *value;
    int status = 0;

    if (!PyDict_Check(values)) {
        PyErr_SetString(state->unpickling_error, "slot state is not a dictionary");
        return -1;
    }
    while (status == 0 && PyDict_Next(values, &at, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        status = PyObject_SetAttr(object, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return status;
}

static int
set_state(PickleState *state, PyObject *object, PyObject *value)
{
    PyObject *slots = NULL, *method, *none;

    if (PyObject_GetOptionalAttr(object, KR_ID(__setstate__), &method) < 0) {
        return -1;
    }
    if (method != NULL) {
        none = PyObject_CallOneArg(method, value);
        Py_DECREF(method);
        Py_XDECREF(none);
        return none == NULL ? -1 : 0;
    }
    if (PyTuple_Check(value) && PyTuple_GET_SIZE(value) == 2) {
        slots = PyTuple_GET_ITEM(value, 1);
        value = PyTuple_GET_ITEM(value, 0);
    }
    if (!Py_IsNone(value) && update_dict(state, object, value) < 0) {
        return -1;
    }
    return slots == NULL || Py_IsNone(slots) ? 0 : set_slots(state, object, slots);
}

static int
load_build(Unpickler *self)
{
    if (self->depth - 2 < self->fence) {
        return kr_unpickle_underflow(self);
    }
    PyObject *value = kr_unpickle_pop(self);
    PyObject *object = Py_NewRef(self->stack[self->depth - 1]);
    int status = set_state(self->state, object, value);
    Py_DECREF(object);
    Py_DECREF(value);
    return status;
}

// ---- persistent ids -------------------------------------------------------------------------------

static int
push_persistent(Unpickler *self, PyObject *id_steal)
{
    PyObject *value = NULL;

    if (id_steal == NULL) {
        return -1;
    }
    if (self->persistent_load != NULL) {
        value = PyObject_CallOneArg(self->persistent_load, id_steal);
    }
    else {
        PyErr_SetString(self->state->unpickling_error,
                        "A load persistent id instruction was encountered, but no "
                        "persistent_load function was specified.");
    }
    Py_DECREF(id_steal);
    return push(self, value);
}

static int
load_persid(Unpickler *self)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);
    PyObject *id = line == NULL ? NULL
                                : PyUnicode_DecodeASCII(line, (Py_ssize_t)size - 1, NULL);

    if (id == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_SetString(self->state->unpickling_error,
                        "persistent IDs in protocol 0 must be ASCII strings");
    }
    return push_persistent(self, id);
}

int
kr_unpickle_object(Unpickler *self, int opcode, bool *handled)
{
    switch (opcode) {
    case OP_APPEND: return load_append(self);
    case OP_APPENDS: return load_appends(self);
    case OP_SETITEM: return set_items_from(self, self->depth - 2);
    case OP_SETITEMS: return load_setitems(self);
    case OP_ADDITEMS: return load_additems(self);
    case OP_GLOBAL: return push(self, read_global(self, "utf-8"));
    case OP_STACK_GLOBAL: return load_stack_global(self);
    case OP_INST: return load_inst(self);
    case OP_OBJ: return load_obj(self);
    case OP_NEWOBJ: return load_newobj(self, false);
    case OP_NEWOBJ_EX: return load_newobj(self, true);
    case OP_REDUCE: return load_reduce(self);
    case OP_BUILD: return load_build(self);
    case OP_PERSID: return load_persid(self);
    case OP_BINPERSID: return push_persistent(self, kr_unpickle_pop(self));
    default: *handled = false; return 0;
    }
}
