// SPDX-License-Identifier: MIT
// from_object.c - instances of the classes of module _ast as a syntax tree.
//
// Re-entrancy: reading attributes may run Python, which may change any list.
#include "runtime/ast/ast_state.h"

#include "objects/ids.h"

typedef struct {
    KrAstState *state;
    KrArena *arena;
    PyObject *names; // dict: str -> address of its KrIdent, as int
} Reader;

static int node_from_object(Reader *r, KrAstType type, PyObject *object, void **out);

static void
drop_reference(void *object)
{
    Py_DECREF((PyObject *)object);
}

// The arena owns a new reference.
static int
keep_object(Reader *r, PyObject *object)
{
    if (!kr_arena_on_free(r->arena, drop_reference, object)) {
        PyErr_NoMemory();
        return -1;
    }
    Py_INCREF(object);
    return 0;
}

// ---- values -----------------------------------------------------------------

// One KrIdent for equal texts.
static int
ident_from_object(Reader *r, PyObject *object, KrIdent **out)
{
    PyObject *bytes = NULL, *address = NULL;
    int result = -1;
    int found = PyDict_GetItemRef(r->names, object, &address);
    if (found < 0) {
        return -1;
    }
    if (found > 0) {
        *out = PyLong_AsVoidPtr(address);
        result = *out == NULL ? -1 : 0;
        goto done;
    }
    bytes = PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass");
    if (bytes == NULL) {
        goto done;
    }
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    KrIdent *ident = kr_arena_alloc(r->arena, sizeof(*ident) + length + 1);
    if (ident == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    ident->length = (uint32_t)length;
    ident->hash = 2166136261u;
    memcpy(ident->text, PyBytes_AS_STRING(bytes), length + 1);
    for (size_t i = 0; i < length; i++) {
        ident->hash = (ident->hash ^ (unsigned char)ident->text[i]) * 16777619u;
    }
    address = PyLong_FromVoidPtr(ident);
    if (address != NULL && PyDict_SetItem(r->names, object, address) == 0) {
        *out = ident;
        result = 0;
    }

done:
    Py_XDECREF(address);
    Py_XDECREF(bytes);
    return result;
}

static int
constant_from_object(Reader *r, PyObject *object, KrConst **out)
{
    KrConst *value = kr_arena_calloc(r->arena, sizeof(*value));
    if (value == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *out = value;
    if (object == Py_None) {
        value->kind = KR_CONST_NONE;
    }
    else if (object == Py_True) {
        value->kind = KR_CONST_TRUE;
    }
    else if (object == Py_False) {
        value->kind = KR_CONST_FALSE;
    }
    else if (object == Py_Ellipsis) {
        value->kind = KR_CONST_ELLIPSIS;
    }
    else if (PyUnicode_CheckExact(object)) {
        PyObject *bytes = PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass");
        if (bytes == NULL) {
            return -1;
        }
        value->kind = KR_CONST_STR;
        value->length = (size_t)PyBytes_GET_SIZE(bytes);
        value->text = kr_arena_copy(r->arena, PyBytes_AS_STRING(bytes), value->length);
        Py_DECREF(bytes);
        if (value->text == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    else {
        value->kind = KR_CONST_OBJECT;
        value->object = object;
        return keep_object(r, object);
    }
    return 0;
}

static int
int_from_object(PyObject *object, int *out)
{
    if (!PyLong_Check(object)) {
        PyErr_Format(PyExc_ValueError, "invalid integer value: %R", object);
        return -1;
    }
    *out = PyLong_AsInt(object);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

// Stores a single value at `place`; None counts as absent where that may be.
static int
value_from_object(Reader *r, const KrAstField *field, PyObject *object, void *place)
{
    switch (field->type) {
    case KR_AST_IDENTIFIER:
    case KR_AST_STRING:
        if (object == Py_None) {
            *(KrIdent **)place = NULL;
            return 0;
        }
        if (!PyUnicode_CheckExact(object)) {
            PyErr_Format(PyExc_TypeError, "AST %s must be of type str",
                         field->type == KR_AST_STRING ? "string" : "identifier");
            return -1;
        }
        return ident_from_object(r, object, place);
    case KR_AST_INT:
        return int_from_object(object, place);
    case KR_AST_CONSTANT:
        return constant_from_object(r, object, place);
    default:
        return node_from_object(r, (KrAstType)field->type, object, place);
    }
}

// ---- lists ------------------------------------------------------------------

static int
list_from_object(Reader *r, const KrAstClass *class, const KrAstField *field,
                 PyObject *list, void *place)
{
    bool is_enum = field->type < KR_AST_IDENTIFIER && kr_ast_types[field->type].is_enum;
    size_t size = is_enum ? sizeof(int) : sizeof(void *);
    if (!PyList_Check(list)) {
        PyErr_Format(PyExc_TypeError, "%s field \"%s\" must be a list, not a %.200s",
                     class->name, field->name, _PyType_Name(Py_TYPE(list)));
        return -1;
    }
    Py_ssize_t count = PyList_GET_SIZE(list);
    if (count == 0) {
        *(void **)place = NULL;
        return 0;
    }
    if (count > INT_MAX / 16) {
        PyErr_NoMemory();
        return -1;
    }
    KrExprSeq *seq = kr_expr_seq_new(r->arena, (int)count);
    if (seq == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
        int result = value_from_object(r, field, item,
                                       (char *)seq->items + (size_t)i * size);
        Py_DECREF(item);
        if (result < 0) {
            return -1;
        }
        if (PyList_GET_SIZE(list) != count) {
            PyErr_Format(PyExc_RuntimeError,
                         "%s field \"%s\" changed size during iteration", class->name,
                         field->name);
            return -1;
        }
    }
    *(KrExprSeq **)place = seq;
    return 0;
}

// ---- nodes ------------------------------------------------------------------

// A field that the object lacks.
static int
missing_field(const KrAstClass *class, const KrAstField *field, void *place)
{
    if (field->quantity != KR_AST_ONE) {
        return 0;
    }
    if (field->type == KR_AST_EXPR_CONTEXT) {
        *(int *)place = KR_LOAD;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "required field \"%s\" missing from %s", field->name,
                 class->name);
    return -1;
}

static bool
is_pointer(const KrAstField *field)
{
    return field->type != KR_AST_INT
           && !(field->type < KR_AST_IDENTIFIER && kr_ast_types[field->type].is_enum);
}

static int
field_from_object(Reader *r, const KrAstClass *class, const KrAstField *field,
                  PyObject *name, PyObject *object, void *place)
{
    PyObject *value;
    int result;
    int found = PyObject_GetOptionalAttr(object, name, &value);
    if (found < 0) {
        return -1;
    }
    if (found == 0) {
        return missing_field(class, field, place);
    }
    if (field->quantity >= KR_AST_LIST) {
        result = list_from_object(r, class, field, value, place);
    }
    else if (value == Py_None && field->quantity == KR_AST_OPTIONAL) {
        result = 0;
    }
    else {
        result = value_from_object(r, field, value, place);
        if (result == 0 && field->quantity == KR_AST_ONE && is_pointer(field)
            && *(void **)place == NULL) {
            PyErr_Format(PyExc_ValueError, "field '%s' is required for %s", field->name,
                         class->name);
            result = -1;
        }
    }
    Py_DECREF(value);
    return result;
}

// lineno and its like; an absent end is the start.
static int
position_from_object(PyObject *object, PyObject *name, const char *type_name,
                     bool optional, int fallback, int *out)
{
    PyObject *value;
    int found = PyObject_GetOptionalAttr(object, name, &value);
    if (found < 0) {
        return -1;
    }
    if (found == 0 || (optional && value == Py_None)) {
        Py_XDECREF(value);
        if (!optional) {
            PyErr_Format(PyExc_TypeError, "required field \"%U\" missing from %s", name,
                         type_name);
            return -1;
        }
        *out = fallback;
        return 0;
    }
    int result = int_from_object(value, out);
    Py_DECREF(value);
    return result;
}

static int
span_from_object(PyObject *object, const KrAstTypeInfo *info, KrSpan *span)
{
    const char *name = info->name;
    bool optional = info->end_is_optional;
    return position_from_object(object, KR_ID(lineno), name, false, 0, &span->lineno) < 0
                   || position_from_object(object, KR_ID(col_offset), name, false, 0,
                                           &span->col)
                          < 0
                   || position_from_object(object, KR_ID(end_lineno), name, optional,
                                           span->lineno, &span->end_lineno)
                          < 0
                   || position_from_object(object, KR_ID(end_col_offset), name, optional,
                                           span->col, &span->end_col)
                          < 0
               ? -1
               : 0;
}

// Index of the class the object belongs to; -1 with an exception set.
static int
find_class(Reader *r, KrAstType type, PyObject *object)
{
    const KrAstTypeInfo *info = &kr_ast_types[type];
    PyObject *const *classes = r->state->classes[type];
    for (int i = 0; i < info->class_count; i++) {
        if ((PyObject *)Py_TYPE(object) == classes[i]) {
            return i;
        }
    }
    if (info->is_product) {
        return 0;
    }
    for (int i = 0; i < info->class_count; i++) {
        int is_instance = PyObject_IsInstance(object, classes[i]);
        if (is_instance != 0) {
            return is_instance < 0 ? -1 : i;
        }
    }
    PyErr_Format(PyExc_TypeError, "expected some sort of %s, but got %R", info->name,
                 object);
    return -1;
}

static int
fill_node(Reader *r, KrAstType type, int index, PyObject *object, void *node)
{
    const KrAstTypeInfo *info = &kr_ast_types[type];
    const KrAstClass *class = &info->classes[index];
    for (int i = 0; i < class->field_count; i++) {
        const KrAstField *field = &class->fields[i];
        if (field_from_object(r, class, field, r->state->names[type][index][i], object,
                              (char *)node + field->offset)
            < 0) {
            return -1;
        }
    }
    if (info->is_product && info->has_span) {
        return span_from_object(object, info,
                                (KrSpan *)((char *)node + info->span_offset));
    }
    return 0;
}

static int
node_from_object(Reader *r, KrAstType type, PyObject *object, void **out)
{
    const KrAstTypeInfo *info = &kr_ast_types[type];
    if (info->is_enum) {
        int index = find_class(r, type, object);
        *(int *)(void *)out = index + 1;
        return index < 0 ? -1 : 0;
    }
    if (object == Py_None) {
        *out = NULL;
        return 0;
    }
    // A sum's position is asked for before its kind, a product's after its fields.
    KrSpan span;
    bool sum_with_span = info->has_span && !info->is_product;
    if (sum_with_span && span_from_object(object, info, &span) < 0) {
        return -1;
    }
    int index = find_class(r, type, object);
    if (index < 0) {
        return -1;
    }
    // Zeroed: absent fields are NULL.
    void *node = kr_arena_calloc(r->arena, info->classes[index].size);
    if (node == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (!info->is_product) {
        *(int *)node = info->classes[index].kind;
    }
    if (sum_with_span) {
        *(KrSpan *)((char *)node + info->span_offset) = span;
    }
    char where[64];
    PyOS_snprintf(where, sizeof(where), " while traversing '%s' node",
                  info->classes[index].name);
    if (Py_EnterRecursiveCall(where)) {
        return -1;
    }
    int result = fill_node(r, type, index, object, node);
    Py_LeaveRecursiveCall();
    *out = node;
    return result;
}

int
kr_ast_check_kind(PyObject *object, KrModKind kind)
{
    KrAstState *state = kr_ast_state();
    int is_wanted = state == NULL
                        ? -1 : PyObject_IsInstance(object, state->classes[KR_AST_MOD][kind - 1]);
    if (is_wanted == 0) {
        PyErr_Format(PyExc_TypeError, "expected %s node, got %.400s",
                     kr_ast_types[KR_AST_MOD].classes[kind - 1].name,
                     _PyType_Name(Py_TYPE(object)));
    }
    return is_wanted > 0 ? 0 : -1;
}

KrMod *
kr_ast_from_object(PyObject *object, KrModKind kind, KrArena *arena)
{
    Reader reader = {kr_ast_state(), arena, PyDict_New()};
    void *mod = NULL;
    if (reader.state == NULL || reader.names == NULL) {
        goto done;
    }
    if (kr_ast_check_kind(object, kind) < 0 || node_from_object(&reader, KR_AST_MOD, object, &mod) < 0) {
        mod = NULL;
    }

done:
    Py_XDECREF(reader.names);
    return mod;
}
