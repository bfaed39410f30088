// SPDX-License-Identifier: MIT
// ast_base.c - class AST: construction from fields, repr, copying, pickling.
//
// Re-entrancy: fields are attributes; storing and reading them may run Python.
#include "runtime/ast/ast_state.h"

#include "objects/ids.h"
#include "objects/union.h"

#include <structmember.h>

// ---- life -------------------------------------------------------------------

static void
ast_base_dealloc(KrAstObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->dict);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static int
ast_base_traverse(KrAstObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->dict);
    return 0;
}

static int
ast_base_clear(KrAstObject *self)
{
    Py_CLEAR(self->dict);
    return 0;
}

// ---- fields -----------------------------------------------------------------

// An attribute of the class as a sequence (tuple or list); *out NULL if it is absent.
static int
class_sequence(PyObject *self, PyObject *name, PyObject **out)
{
    PyObject *value;
    *out = NULL;
    int found = PyObject_GetOptionalAttr((PyObject *)Py_TYPE(self), name, &value);
    if (found <= 0) {
        return found;
    }
    *out = PySequence_Fast(value, "_fields must be a sequence");
    Py_DECREF(value);
    return *out == NULL ? -1 : 1;
}

static Py_ssize_t
sequence_size(PyObject *sequence)
{
    return sequence == NULL ? 0 : PySequence_Fast_GET_SIZE(sequence);
}

static int
sequence_has(PyObject *sequence, PyObject *item)
{
    return sequence == NULL ? 0 : PySequence_Contains(sequence, item);
}

static int
warn_removal(const char *format, PyObject *self, PyObject *name)
{
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 1, format, Py_TYPE(self)->tp_name,
                            name);
}

static int
store_positional(PyObject *self, PyObject *args, PyObject *fields, PyObject *remaining)
{
    Py_ssize_t given = PyTuple_GET_SIZE(args), room = sequence_size(fields);
    if (given > room) {
        PyErr_Format(PyExc_TypeError,
                     "%.400s constructor takes at most %zd positional argument%s",
                     _PyType_Name(Py_TYPE(self)), room, room == 1 ? "" : "s");
        return -1;
    }
    for (Py_ssize_t i = 0; i < given; i++) {
        PyObject *name = Py_NewRef(PySequence_Fast_GET_ITEM(fields, i));
        int bad = PyObject_SetAttr(self, name, PyTuple_GET_ITEM(args, i)) < 0
                  || PySet_Discard(remaining, name) < 0;
        Py_DECREF(name);
        if (bad) {
            return -1;
        }
    }
    return 0;
}

static int
store_keyword(PyObject *self, PyObject *name, PyObject *value, PyObject *fields,
              PyObject *attributes, PyObject *remaining)
{
    int known = sequence_has(fields, name);
    if (known < 0) {
        return -1;
    }
    if (known) {
        int left = PySet_Discard(remaining, name);
        if (left == 0) {
            PyErr_Format(PyExc_TypeError, "%.400s got multiple values for argument %R",
                         Py_TYPE(self)->tp_name, name);
        }
        if (left <= 0) {
            return -1;
        }
    }
    else {
        known = sequence_has(attributes, name);
        if (known < 0
            || (known == 0
                && warn_removal("%.400s.__init__ got an unexpected keyword argument %R. "
                                "Support for arbitrary keyword arguments is deprecated "
                                "and will be removed in Python 3.15.",
                                self, name)
                       < 0)) {
            return -1;
        }
    }
    return PyObject_SetAttr(self, name, value);
}

// A field that was not given: an empty list, Load, None by the class, or a complaint.
static int
default_field(PyObject *self, PyObject *name, PyObject *types)
{
    PyObject *type = NULL;
    int result = -1;
    KrAstState *state = kr_ast_state();
    if (state == NULL || PyMapping_GetOptionalItem(types, name, &type) < 0) {
        return -1;
    }
    if (type == NULL) {
        return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                "Field %R is missing from %.400s._field_types. This "
                                "will become an error in Python 3.15.",
                                name, Py_TYPE(self)->tp_name);
    }
    if (kr_is_union(type)) {
        result = 0;
    }
    else if (Py_IS_TYPE(type, &Py_GenericAliasType)) {
        PyObject *empty = PyList_New(0);
        if (empty != NULL) {
            result = PyObject_SetAttr(self, name, empty);
            Py_DECREF(empty);
        }
    }
    else if (type == state->sums[KR_AST_EXPR_CONTEXT]) {
        result = PyObject_SetAttr(
            self, name, state->singletons[KR_AST_EXPR_CONTEXT][KR_LOAD - 1]);
    }
    else {
        result = warn_removal("%.400s.__init__ missing 1 required positional argument: "
                              "%R. This will become an error in Python 3.15.",
                              self, name);
    }
    Py_DECREF(type);
    return result;
}

static int
fill_default_fields(PyObject *self, PyObject *fields, PyObject *remaining)
{
    PyObject *types = NULL;
    int result = 0;
    if (PySet_GET_SIZE(remaining) == 0) {
        return 0;
    }
    if (PyObject_GetOptionalAttr((PyObject *)Py_TYPE(self), KR_ID(_field_types), &types)
        <= 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    for (Py_ssize_t i = 0; result == 0 && i < sequence_size(fields); i++) {
        PyObject *name = Py_NewRef(PySequence_Fast_GET_ITEM(fields, i));
        int missing = PySet_Contains(remaining, name);
        if (missing > 0) {
            result = default_field(self, name, types);
        }
        else if (missing < 0) {
            result = -1;
        }
        Py_DECREF(name);
    }
    Py_DECREF(types);
    return result;
}

static int
ast_base_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *fields = NULL, *attributes = NULL, *remaining = NULL;
    int result = -1;
    int found = class_sequence(self, KR_ID(_fields), &fields);
    if (found == 0) {
        PyErr_Format(PyExc_AttributeError, "type object '%.400s' has no attribute '_fields'",
                     Py_TYPE(self)->tp_name);
    }
    if (found <= 0 || class_sequence(self, KR_ID(_attributes), &attributes) < 0) {
        goto done;
    }
    remaining = PySet_New(fields);
    if (remaining == NULL || store_positional(self, args, fields, remaining) < 0) {
        goto done;
    }
    Py_ssize_t position = 0;
    PyObject *name, *value;
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &name, &value)) {
        if (store_keyword(self, name, value, fields, attributes, remaining) < 0) {
            goto done;
        }
    }
    result = fill_default_fields(self, fields, remaining);

done:
    Py_XDECREF(remaining);
    Py_XDECREF(attributes);
    Py_XDECREF(fields);
    return result;
}

// ---- copies -----------------------------------------------------------------

// (class, a None for each leading field that is set, the dict).
static PyObject *
ast_base_reduce(PyObject *self, PyObject *unused)
{
    PyObject *dict = NULL, *fields = NULL, *args = NULL, *result = NULL;
    if (PyObject_GetOptionalAttr(self, KR_ID(__dict__), &dict) < 0
        || class_sequence(self, KR_ID(_fields), &fields) < 0) {
        goto done;
    }
    if (dict == NULL) {
        result = Py_BuildValue("O()", Py_TYPE(self));
        goto done;
    }
    Py_ssize_t count = 0;
    for (; count < sequence_size(fields); count++) {
        PyObject *value;
        int found = PyMapping_GetOptionalItem(
            dict, PySequence_Fast_GET_ITEM(fields, count), &value);
        if (found < 0) {
            goto done;
        }
        if (found == 0) {
            break;
        }
        Py_DECREF(value);
    }
    args = PyTuple_New(count);
    if (args == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyTuple_SET_ITEM(args, i, Py_NewRef(Py_None));
    }
    result = Py_BuildValue("OOO", Py_TYPE(self), args, dict);

done:
    Py_XDECREF(args);
    Py_XDECREF(fields);
    Py_XDECREF(dict);
    return result;
}

// Every name given is a field or attribute, and no field would be missing: 1, 0, -1.
static int
check_replacement(PyObject *self, PyObject *fields, PyObject *attributes, PyObject *dict,
                  PyObject *kwargs)
{
    Py_ssize_t position = 0;
    PyObject *name, *value;
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &name, &value)) {
        int known = sequence_has(fields, name);
        if (known == 0) {
            known = sequence_has(attributes, name);
        }
        if (known == 0) {
            PyErr_Format(PyExc_TypeError,
                         "%.400s.__replace__ got an unexpected keyword argument %R.",
                         Py_TYPE(self)->tp_name, name);
        }
        if (known <= 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < sequence_size(fields); i++) {
        name = PySequence_Fast_GET_ITEM(fields, i);
        if (kwargs != NULL && PyDict_Contains(kwargs, name) > 0) {
            continue;
        }
        int found = PyObject_GetOptionalAttr(self, name, &value);
        if (found < 0) {
            return -1;
        }
        if (found == 0) {
            PyErr_Format(PyExc_TypeError,
                         "%.400s.__replace__ missing 1 keyword argument: %R.",
                         Py_TYPE(self)->tp_name, name);
            return -1;
        }
        Py_DECREF(value);
    }
    return 0;
}

// Copies what the sequence names from one dict (or NULL) to the other.
static int
copy_known(PyObject *to, PyObject *from, PyObject *names)
{
    for (Py_ssize_t i = 0; from != NULL && i < sequence_size(names); i++) {
        PyObject *value;
        PyObject *name = PySequence_Fast_GET_ITEM(names, i);
        int found = PyMapping_GetOptionalItem(from, name, &value);
        if (found > 0) {
            found = PyDict_SetItem(to, name, value);
            Py_DECREF(value);
        }
        if (found < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *
ast_base_replace(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *dict = NULL, *fields = NULL, *attributes = NULL, *payload = NULL;
    PyObject *empty = NULL, *result = NULL;
    if (PyTuple_GET_SIZE(args) > 0) {
        PyErr_SetString(PyExc_TypeError, "__replace__() takes no positional arguments");
        return NULL;
    }
    if (PyObject_GetOptionalAttr(self, KR_ID(__dict__), &dict) < 0
        || class_sequence(self, KR_ID(_fields), &fields) < 0
        || class_sequence(self, KR_ID(_attributes), &attributes) < 0
        || check_replacement(self, fields, attributes, dict, kwargs) < 0) {
        goto done;
    }
    payload = PyDict_New();
    empty = PyTuple_New(0);
    if (payload == NULL || empty == NULL
        || copy_known(payload, dict, fields) < 0 || copy_known(payload, dict, attributes) < 0
        || (kwargs != NULL && PyDict_Update(payload, kwargs) < 0)) {
        goto done;
    }
    result = PyObject_Call((PyObject *)Py_TYPE(self), empty, payload);

done:
    Py_XDECREF(empty);
    Py_XDECREF(payload);
    Py_XDECREF(attributes);
    Py_XDECREF(fields);
    Py_XDECREF(dict);
    return result;
}

// ---- repr -------------------------------------------------------------------

static PyObject *repr_node(PyObject *self, int depth);

static PyObject *
repr_value(PyObject *value, int depth)
{
    KrAstState *state = kr_ast_state();
    if (state == NULL) {
        return NULL;
    }
    int is_node = PyObject_IsInstance(value, state->base);
    if (is_node < 0) {
        return NULL;
    }
    return is_node ? repr_node(value, depth) : PyObject_Repr(value);
}

// At most the first and the last item.
static PyObject *
repr_list(PyObject *list, int depth)
{
    bool is_list = PyList_Check(list);
    PyObject *parts = NULL, *separator = NULL, *text = NULL, *result = NULL;
    Py_ssize_t size = PySequence_Size(list);
    if (size < 0 || (parts = PyList_New(0)) == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *part = NULL;
        if (size > 2 && i > 0 && i < size - 1) {
            if (i > 1) {
                continue;
            }
            part = PyUnicode_FromString("...");
        }
        else {
            PyObject *item = PySequence_GetItem(list, i);
            part = item != NULL ? repr_value(item, depth) : NULL;
            Py_XDECREF(item);
        }
        if (part == NULL || PyList_Append(parts, part) < 0) {
            Py_XDECREF(part);
            goto done;
        }
        Py_DECREF(part);
    }
    separator = PyUnicode_FromString(", ");
    text = separator != NULL ? PyUnicode_Join(separator, parts) : NULL;
    if (text != NULL) {
        result = PyUnicode_FromFormat(is_list ? "[%U]" : size == 1 ? "(%U,)" : "(%U)",
                                      text);
    }

done:
    Py_XDECREF(text);
    Py_XDECREF(separator);
    Py_XDECREF(parts);
    return result;
}

static PyObject *
repr_field(PyObject *self, PyObject *name, int depth)
{
    PyObject *value = PyObject_GetAttr(self, name), *text = NULL, *result = NULL;
    if (value == NULL) {
        return NULL;
    }
    text = PyList_Check(value) || PyTuple_Check(value) ? repr_list(value, depth - 1)
                                                       : repr_value(value, depth - 1);
    if (text != NULL) {
        result = PyUnicode_FromFormat("%U=%U", name, text);
    }
    Py_XDECREF(text);
    Py_DECREF(value);
    return result;
}

static PyObject *
repr_fields(PyObject *self, PyObject *fields, int depth)
{
    PyObject *parts = PyList_New(0), *separator = NULL, *text = NULL, *result = NULL;
    if (parts == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < sequence_size(fields); i++) {
        PyObject *name = Py_NewRef(PySequence_Fast_GET_ITEM(fields, i));
        PyObject *part = repr_field(self, name, depth);
        Py_DECREF(name);
        if (part == NULL || PyList_Append(parts, part) < 0) {
            Py_XDECREF(part);
            goto done;
        }
        Py_DECREF(part);
    }
    separator = PyUnicode_FromString(", ");
    text = separator != NULL ? PyUnicode_Join(separator, parts) : NULL;
    if (text != NULL) {
        result = PyUnicode_FromFormat("%s(%U)", _PyType_Name(Py_TYPE(self)), text);
    }

done:
    Py_XDECREF(text);
    Py_XDECREF(separator);
    Py_DECREF(parts);
    return result;
}

static PyObject *
repr_node(PyObject *self, int depth)
{
    PyObject *fields = NULL, *result = NULL;
    if (depth <= 0) {
        return PyUnicode_FromFormat("%s(...)", _PyType_Name(Py_TYPE(self)));
    }
    int entered = Py_ReprEnter(self);
    if (entered != 0) {
        return entered < 0
                   ? NULL
                   : PyUnicode_FromFormat("%s(...)", _PyType_Name(Py_TYPE(self)));
    }
    if (class_sequence(self, KR_ID(_fields), &fields) < 0) {
        goto done;
    }
    if (sequence_size(fields) == 0) {
        result = PyUnicode_FromFormat("%s()", _PyType_Name(Py_TYPE(self)));
        goto done;
    }
    result = repr_fields(self, fields, depth);

done:
    Py_XDECREF(fields);
    Py_ReprLeave(self);
    return result;
}

static PyObject *
ast_base_repr(PyObject *self)
{
    return repr_node(self, 3);
}

// ---- the class --------------------------------------------------------------

static PyMethodDef ast_base_methods[] = {
    {"__reduce__", ast_base_reduce, METH_NOARGS, NULL},
    {"__replace__", (PyCFunction)(void (*)(void))ast_base_replace,
     METH_VARARGS | METH_KEYWORDS,
     "__replace__($self, /, **fields)\n--\n\n"
     "Return a copy of the AST node with new values for the specified fields."},
    {NULL},
};

static PyMemberDef ast_base_members[] = {
    {"__dictoffset__", Py_T_PYSSIZET, offsetof(KrAstObject, dict), Py_READONLY},
    {NULL},
};

static PyGetSetDef ast_base_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict},
    {NULL},
};

static PyType_Slot ast_base_slots[] = {
    {Py_tp_dealloc, ast_base_dealloc},
    {Py_tp_repr, ast_base_repr},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_traverse, ast_base_traverse},
    {Py_tp_clear, ast_base_clear},
    {Py_tp_members, ast_base_members},
    {Py_tp_methods, ast_base_methods},
    {Py_tp_getset, ast_base_getset},
    {Py_tp_init, ast_base_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL},
};

static PyType_Spec ast_base_spec = {
    "ast.AST",
    sizeof(KrAstObject),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    ast_base_slots,
};

PyObject *
kr_ast_make_base(void)
{
    PyObject *type = PyType_FromSpec(&ast_base_spec);
    PyObject *empty = type != NULL ? PyTuple_New(0) : NULL;
    if (empty == NULL || PyObject_SetAttr(type, KR_ID(_fields), empty) < 0
        || PyObject_SetAttr(type, KR_ID(__match_args__), empty) < 0
        || PyObject_SetAttr(type, KR_ID(_attributes), empty) < 0) {
        Py_CLEAR(type);
    }
    Py_XDECREF(empty);
    return type;
}
