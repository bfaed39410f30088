// SPDX-License-Identifier: MIT
// string_module.c - _string: the parser of format strings for string.Formatter.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/str/format.h"

// Iterates over (literal, field name, specification, conversion).
typedef struct {
    PyObject_HEAD
    PyObject *text; // owned
    KrMarkup markup;
} KrFormatIter;

// Iterates over (is attribute, name or index).
typedef struct {
    PyObject_HEAD
    PyObject *text; // owned
    KrTextPart rest;
} KrFieldIter;

static PyObject *
formatiter_next(PyObject *op)
{
    KrFormatIter *self = (KrFormatIter *)op;
    KrMarkupItem item;
    if (kr_markup_next(&self->markup, &item) <= 0) {
        return NULL;
    }
    PyObject *literal = kr_text_part(&item.literal), *name = NULL, *spec = NULL;
    PyObject *conversion = NULL, *result = NULL;
    name = item.has_field ? kr_text_part(&item.name) : Py_None;
    spec = item.has_field ? kr_text_part(&item.spec) : Py_None;
    conversion = item.conversion == 0 ? Py_None : kr_str_from_char(item.conversion);
    if (literal != NULL && name != NULL && spec != NULL && conversion != NULL) {
        result = PyTuple_Pack(4, literal, name, spec, conversion);
    }
    Py_XDECREF(literal);
    Py_XDECREF(name);
    Py_XDECREF(spec);
    Py_XDECREF(conversion);
    return result;
}

static void
formatiter_dealloc(PyObject *op)
{
    Py_DECREF(((KrFormatIter *)op)->text);
    PyObject_Free(op);
}

static PyTypeObject format_iter_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "formatteriterator",
    .tp_basicsize = sizeof(KrFormatIter),
    .tp_dealloc = formatiter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION
                | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = formatiter_next,
};

static PyObject *
fielditer_next(PyObject *op)
{
    KrFieldIter *self = (KrFieldIter *)op;
    KrTextPart name;
    bool is_attribute;
    Py_ssize_t index;
    if (kr_field_next(&self->rest, &is_attribute, &index, &name) <= 0) {
        return NULL;
    }
    PyObject *key = !is_attribute && index >= 0 ? PyLong_FromSsize_t(index)
                                                : kr_text_part(&name);
    if (key == NULL) {
        return NULL;
    }
    return Py_BuildValue("(NN)", PyBool_FromLong(is_attribute), key);
}

static void
fielditer_dealloc(PyObject *op)
{
    Py_DECREF(((KrFieldIter *)op)->text);
    PyObject_Free(op);
}

static PyTypeObject field_iter_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "fieldnameiterator",
    .tp_basicsize = sizeof(KrFieldIter),
    .tp_dealloc = fielditer_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION
                | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = fielditer_next,
};

static int
expect_str(PyObject *object)
{
    if (PyUnicode_Check(object)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(object)->tp_name);
    return -1;
}

KR_FUNCTION_RAW(string, "formatter_parser($self, object, /)", METH_O,
                "parse the argument as a format string")
static PyObject *
string_formatter_parser(PyObject *module, PyObject *text)
{
    if (expect_str(text) < 0) {
        return NULL;
    }
    KrFormatIter *iter = PyObject_New(KrFormatIter, &format_iter_type);
    if (iter != NULL) {
        iter->text = Py_NewRef(text);
        kr_markup_init(&iter->markup, text, 0, PyUnicode_GET_LENGTH(text));
    }
    return (PyObject *)iter;
}

KR_FUNCTION_RAW(string, "formatter_field_name_split($self, object, /)", METH_O,
                "split the argument as a field name")
static PyObject *
string_formatter_field_name_split(PyObject *module, PyObject *text)
{
    if (expect_str(text) < 0) {
        return NULL;
    }
    KrTextPart name = {text, 0, PyUnicode_GET_LENGTH(text)}, first, rest;
    Py_ssize_t index;
    if (kr_field_first(&name, &first, &index, &rest) < 0) {
        return NULL;
    }
    PyObject *key = index >= 0 ? PyLong_FromSsize_t(index) : kr_text_part(&first);
    if (key == NULL) {
        return NULL;
    }
    KrFieldIter *iter = PyObject_New(KrFieldIter, &field_iter_type);
    if (iter == NULL) {
        Py_DECREF(key);
        return NULL;
    }
    iter->text = Py_NewRef(text);
    iter->rest = rest;
    return Py_BuildValue("(NN)", key, iter);
}

KR_MODULE(string)
#include "modules/string_module.methods.h"

static int
string_exec(PyObject *module)
{
    return PyType_Ready(&format_iter_type) < 0 || PyType_Ready(&field_iter_type) < 0 ? -1 : 0;
}

static PyModuleDef_Slot string_slots[] = {
    {Py_mod_exec, string_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef string_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_string",
    .m_doc = "string helper module",
    .m_methods = string_methods,
    .m_slots = string_slots,
};

PyMODINIT_FUNC
PyInit__string(void)
{
    return PyModuleDef_Init(&string_def);
}
