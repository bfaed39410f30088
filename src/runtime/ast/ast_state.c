// SPDX-License-Identifier: MIT
// ast_state.c - makes the classes of module _ast, and the module itself.
#include "runtime/ast/ast_state.h"

#include "objects/ids.h"
#include "objects/state.h"
#include "runtime/ast_bridge.h"

// ---- one class --------------------------------------------------------------

static PyObject *
name_tuple(KrAstState *state, const KrAstClass *class, KrAstType type, int index)
{
    int count = class != NULL ? class->field_count : 0;
    PyObject *tuple = PyTuple_New(count);
    for (int i = 0; tuple != NULL && i < count; i++) {
        PyObject *name = PyUnicode_InternFromString(class->fields[i].name);
        if (name == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        state->names[type][index][i] = Py_NewRef(name);
        PyTuple_SET_ITEM(tuple, i, name);
    }
    return tuple;
}

static PyObject *
make_class(KrAstState *state, const char *name, const char *notation, PyObject *base,
           const KrAstClass *class, KrAstType type, int index)
{
    PyObject *fields = name_tuple(state, class, type, index), *result = NULL;
    if (fields != NULL) {
        result = PyObject_CallFunction((PyObject *)&PyType_Type, "s(O){OOOOOsOs}", name,
                                       base, KR_ID(_fields), fields,
                                       KR_ID(__match_args__), fields, KR_ID(__module__),
                                       "ast", KR_ID(__doc__), notation);
        Py_DECREF(fields);
    }
    return result;
}

// `_attributes` of a sum or product, and None for those that may be absent.
static int
add_attributes(PyObject *class, const KrAstTypeInfo *info)
{
    PyObject *names = info->has_span ? Py_BuildValue("(ssss)", "lineno", "col_offset",
                                                     "end_lineno", "end_col_offset")
                                     : PyTuple_New(0);
    if (names == NULL) {
        return -1;
    }
    int result = PyObject_SetAttr(class, KR_ID(_attributes), names);
    Py_DECREF(names);
    if (result == 0 && info->has_span && info->end_is_optional
        && (PyObject_SetAttr(class, KR_ID(end_lineno), Py_None) < 0
            || PyObject_SetAttr(class, KR_ID(end_col_offset), Py_None) < 0)) {
        result = -1;
    }
    return result;
}

// ---- types of fields --------------------------------------------------------

static PyObject *
plain_field_type(KrAstState *state, const KrAstField *field)
{
    switch (field->type) {
    case KR_AST_IDENTIFIER:
    case KR_AST_STRING:
        return (PyObject *)&PyUnicode_Type;
    case KR_AST_INT:
        return (PyObject *)&PyLong_Type;
    case KR_AST_CONSTANT:
        return (PyObject *)&PyBaseObject_Type;
    default:
        return state->sums[field->type] != NULL ? state->sums[field->type]
                                                : state->classes[field->type][0];
    }
}

static PyObject *
field_type(KrAstState *state, const KrAstField *field)
{
    PyObject *type = plain_field_type(state, field);
    switch (field->quantity) {
    case KR_AST_OPTIONAL:
        return PyNumber_Or(type, Py_None);
    case KR_AST_LIST:
    case KR_AST_LIST_OF_OPTIONAL:
        return Py_GenericAlias((PyObject *)&PyList_Type, type);
    default:
        return Py_NewRef(type);
    }
}

static int
add_field_types(KrAstState *state, PyObject *class, const KrAstClass *table)
{
    PyObject *types = PyDict_New();
    int result = types == NULL ? -1 : 0;
    for (int i = 0; result == 0 && i < table->field_count; i++) {
        const KrAstField *field = &table->fields[i];
        PyObject *type = field_type(state, field);
        result = type == NULL ? -1 : PyDict_SetItemString(types, field->name, type);
        Py_XDECREF(type);
        if (result == 0 && field->quantity == KR_AST_OPTIONAL) {
            result = PyObject_SetAttrString(class, field->name, Py_None);
        }
    }
    if (result == 0) {
        result = PyObject_SetAttr(class, KR_ID(_field_types), types) < 0
                         || PyObject_SetAttr(class, KR_ID(__annotations__), types) < 0
                     ? -1
                     : 0;
    }
    Py_XDECREF(types);
    return result;
}

// ---- all classes ------------------------------------------------------------

static int
make_type(KrAstState *state, KrAstType type)
{
    const KrAstTypeInfo *info = &kr_ast_types[type];
    PyObject *base = state->base;
    if (!info->is_product) {
        base = make_class(state, info->name, info->notation, state->base, NULL, type, 0);
        state->sums[type] = base;
        if (base == NULL || add_attributes(base, info) < 0) {
            return -1;
        }
    }
    for (int i = 0; i < info->class_count; i++) {
        const KrAstClass *table = &info->classes[i];
        PyObject *class =
            make_class(state, table->name, table->notation, base, table, type, i);
        state->classes[type][i] = class;
        if (class == NULL || (info->is_product && add_attributes(class, info) < 0)) {
            return -1;
        }
        if (info->is_enum) {
            state->singletons[type][i] = PyType_GenericNew((PyTypeObject *)class, NULL,
                                                           NULL);
            if (state->singletons[type][i] == NULL) {
                return -1;
            }
        }
    }
    return 0;
}

static int
fill_state(KrAstState *state)
{
    state->base = kr_ast_make_base();
    if (state->base == NULL) {
        return -1;
    }
    for (int type = 0; type < KR_AST_TYPE_COUNT; type++) {
        if (make_type(state, (KrAstType)type) < 0) {
            return -1;
        }
    }
    for (int type = 0; type < KR_AST_TYPE_COUNT; type++) {
        const KrAstTypeInfo *info = &kr_ast_types[type];
        for (int i = 0; i < info->class_count; i++) {
            if (add_field_types(state, state->classes[type][i], &info->classes[i]) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

static void
drop_state(KrAstState *state)
{
    // The struct holds references only.
    PyObject **references = (PyObject **)state;
    for (size_t i = 0; i < sizeof(*state) / sizeof(PyObject *); i++) {
        Py_CLEAR(references[i]);
    }
    PyMem_Free(state);
}

void
kr_ast_fini(PyInterpreterState *interp)
{
    KrAstState *state = interp->ast;
    interp->ast = NULL;
    if (state != NULL) {
        drop_state(state);
    }
}

KrAstState *
kr_ast_state(void)
{
    PyInterpreterState *interp = kr_interp();
    if (interp->ast != NULL) {
        return interp->ast;
    }
    KrAstState *state = PyMem_Calloc(1, sizeof(*state));
    if (state == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (fill_state(state) < 0) {
        drop_state(state);
        return NULL;
    }
    if (interp->ast != NULL) {
        // Making classes can run Python, which may have come here as well.
        drop_state(state);
        return interp->ast;
    }
    interp->ast = state;
    return state;
}

// ---- module _ast ------------------------------------------------------------

static int
add_class(PyObject *module, const char *name, PyObject *class)
{
    return class == NULL ? 0 : PyModule_AddObjectRef(module, name, class);
}

static int
ast_module_exec(PyObject *module)
{
    KrAstState *state = kr_ast_state();
    if (state == NULL || add_class(module, "AST", state->base) < 0
        || PyModule_AddIntConstant(module, "PyCF_ALLOW_TOP_LEVEL_AWAIT",
                                   PyCF_ALLOW_TOP_LEVEL_AWAIT)
               < 0
        || PyModule_AddIntConstant(module, "PyCF_ONLY_AST", PyCF_ONLY_AST) < 0
        || PyModule_AddIntConstant(module, "PyCF_TYPE_COMMENTS", PyCF_TYPE_COMMENTS) < 0
        || PyModule_AddIntConstant(module, "PyCF_OPTIMIZED_AST", PyCF_OPTIMIZED_AST)
               < 0) {
        return -1;
    }
    for (int type = 0; type < KR_AST_TYPE_COUNT; type++) {
        const KrAstTypeInfo *info = &kr_ast_types[type];
        if (add_class(module, info->name, state->sums[type]) < 0) {
            return -1;
        }
        for (int i = 0; i < info->class_count; i++) {
            if (add_class(module, info->classes[i].name, state->classes[type][i]) < 0) {
                return -1;
            }
        }
    }
    return 0;
}

static PyModuleDef_Slot ast_module_slots[] = {
    {Py_mod_exec, ast_module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef ast_module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ast",
    .m_slots = ast_module_slots,
};

PyMODINIT_FUNC
PyInit__ast(void)
{
    return PyModuleDef_Init(&ast_module_def);
}
