// SPDX-License-Identifier: MIT
// to_object.c - a syntax tree as instances of the classes of module _ast.
#include "runtime/ast/ast_state.h"

#include "objects/ids.h"

static PyObject *node_to_object(KrAstState *state, KrAstType type, const void *node);

static PyObject *
constant_to_object(const KrConst *value)
{
    double number;
    switch (value->kind) {
    case KR_CONST_NONE:
        Py_RETURN_NONE;
    case KR_CONST_TRUE:
        Py_RETURN_TRUE;
    case KR_CONST_FALSE:
        Py_RETURN_FALSE;
    case KR_CONST_ELLIPSIS:
        return Py_NewRef(Py_Ellipsis);
    case KR_CONST_INT:
        return PyLong_FromString(value->text, NULL, 0);
    case KR_CONST_FLOAT:
        number = PyOS_string_to_double(value->text, NULL, NULL);
        return number == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(number);
    case KR_CONST_COMPLEX: {
        char *end;
        number = PyOS_string_to_double(value->text, &end, NULL);
        return number == -1.0 && PyErr_Occurred()
                   ? NULL
                   : PyComplex_FromDoubles(0.0, number);
    }
    case KR_CONST_STR:
        return PyUnicode_DecodeUTF8(value->text, (Py_ssize_t)value->length,
                                    "surrogatepass");
    case KR_CONST_BYTES:
        return PyBytes_FromStringAndSize(value->text, (Py_ssize_t)value->length);
    default:
        return Py_NewRef(value->object);
    }
}

static PyObject *
ident_to_object(const KrIdent *ident, bool intern)
{
    if (ident == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *text =
        PyUnicode_DecodeUTF8(ident->text, (Py_ssize_t)ident->length, "surrogatepass");
    if (text != NULL && intern) {
        PyUnicode_InternInPlace(&text);
    }
    return text;
}

// The value at `place`, which is an item of a list or a single field.
static PyObject *
value_to_object(KrAstState *state, const KrAstField *field, const void *place)
{
    switch (field->type) {
    case KR_AST_IDENTIFIER:
        return ident_to_object(*(KrIdent *const *)place, true);
    case KR_AST_STRING:
        return ident_to_object(*(KrIdent *const *)place, false);
    case KR_AST_INT:
        return PyLong_FromLong(*(const int *)place);
    case KR_AST_CONSTANT:
        return constant_to_object(*(KrConst *const *)place);
    default:
        break;
    }
    if (kr_ast_types[field->type].is_enum) {
        return Py_NewRef(state->singletons[field->type][*(const int *)place - 1]);
    }
    return node_to_object(state, (KrAstType)field->type, *(void *const *)place);
}

static PyObject *
list_to_object(KrAstState *state, const KrAstField *field, const KrExprSeq *seq)
{
    bool is_enum = field->type < KR_AST_IDENTIFIER && kr_ast_types[field->type].is_enum;
    size_t size = is_enum ? sizeof(int) : sizeof(void *);
    PyObject *list = PyList_New(KR_SEQ_LEN(seq));
    for (int i = 0; list != NULL && i < KR_SEQ_LEN(seq); i++) {
        PyObject *item = value_to_object(
            state, field, (const char *)seq->items + (size_t)i * size);
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static int
set_int(PyObject *dict, PyObject *name, int value)
{
    PyObject *number = PyLong_FromLong(value);
    int result = number == NULL ? -1 : PyDict_SetItem(dict, name, number);
    Py_XDECREF(number);
    return result;
}

static int
set_span(PyObject *dict, const KrSpan *span)
{
    return set_int(dict, KR_ID(lineno), span->lineno) < 0
                   || set_int(dict, KR_ID(col_offset), span->col) < 0
                   || set_int(dict, KR_ID(end_lineno), span->end_lineno) < 0
                   || set_int(dict, KR_ID(end_col_offset), span->end_col) < 0
               ? -1
               : 0;
}

static int
fill_dict(KrAstState *state, PyObject *dict, KrAstType type, const KrAstClass *class,
          int index, const void *node)
{
    const KrAstTypeInfo *info = &kr_ast_types[type];
    for (int i = 0; i < class->field_count; i++) {
        const KrAstField *field = &class->fields[i];
        const void *place = (const char *)node + field->offset;
        PyObject *value = field->quantity >= KR_AST_LIST
                              ? list_to_object(state, field,
                                               *(KrExprSeq *const *)place)
                              : value_to_object(state, field, place);
        if (value == NULL) {
            return -1;
        }
        int result = PyDict_SetItem(dict, state->names[type][index][i], value);
        Py_DECREF(value);
        if (result < 0) {
            return -1;
        }
    }
    return info->has_span
               ? set_span(dict, (const KrSpan *)((const char *)node + info->span_offset))
               : 0;
}

static PyObject *
node_to_object(KrAstState *state, KrAstType type, const void *node)
{
    if (node == NULL) {
        Py_RETURN_NONE;
    }
    const KrAstClass *class = kr_ast_class_of(type, node);
    int index = (int)(class - kr_ast_types[type].classes);
    if (Py_EnterRecursiveCall("during  ast construction")) {
        return NULL;
    }
    PyTypeObject *python_class = (PyTypeObject *)state->classes[type][index];
    KrAstObject *object = (KrAstObject *)python_class->tp_alloc(python_class, 0);
    if (object != NULL) {
        PyObject *dict = object->dict = PyDict_New();
        if (dict == NULL || fill_dict(state, dict, type, class, index, node) < 0) {
            Py_CLEAR(object);
        }
    }
    Py_LeaveRecursiveCall();
    return (PyObject *)object;
}

PyObject *
kr_ast_to_object(KrMod *mod)
{
    KrAstState *state = kr_ast_state();
    return state == NULL ? NULL : node_to_object(state, KR_AST_MOD, mod);
}
