// SPDX-License-Identifier: MIT
// context.c - the state of a compilation: memory, names, errors and warnings.
//
// Read next: compiler.h, constants.c

#include "compile/compiler.h"

#include "compile/compile.h"
#include "compile/constants.h"
#include "objects/ids.h"

bool
kr_compiler_start(KrCompiler *c, KrArena *arena, PyObject *filename, int flags,
                  int optimize)
{
    *c = (KrCompiler){
        .arena = arena,
        .filename = filename,
        .flags = flags,
        .optimize = optimize,
    };
    c->constants = kr_const_pool_new(c);
    return !c->failed;
}

void
kr_compiler_finish(KrCompiler *c)
{
    while (c->kept_count > 0) {
        Py_DECREF(c->kept[--c->kept_count]);
    }
    PyMem_Free(c->kept);
    c->kept = NULL;
    c->kept_capacity = 0;
}

void
kr_compiler_fail(KrCompiler *c)
{
    KR_ASSERT(PyErr_Occurred());
    c->failed = true;
}

void
kr_compiler_no_memory(KrCompiler *c)
{
    if (!c->failed) {
        PyErr_NoMemory();
        c->failed = true;
    }
}

void *
kr_compiler_alloc(KrCompiler *c, size_t size)
{
    void *result = kr_arena_calloc(c->arena, size);
    if (result == NULL) {
        kr_compiler_no_memory(c);
    }
    return result;
}

PyObject *
kr_compiler_keep(KrCompiler *c, PyObject *object_steal)
{
    if (object_steal == NULL) {
        kr_compiler_fail(c);
        return NULL;
    }
    if (c->kept_count == c->kept_capacity) {
        size_t capacity = c->kept_capacity ? c->kept_capacity * 2 : 256;
        PyObject **kept = PyMem_Realloc(c->kept, capacity * sizeof(*kept));
        if (kept == NULL) {
            Py_DECREF(object_steal);
            kr_compiler_no_memory(c);
            return NULL;
        }
        c->kept = kept;
        c->kept_capacity = capacity;
    }
    c->kept[c->kept_count++] = object_steal;
    return object_steal;
}

PyObject *
kr_compiler_intern(KrCompiler *c, PyObject *text_steal)
{
    if (text_steal != NULL) {
        PyUnicode_InternInPlace(&text_steal);
    }
    return kr_compiler_keep(c, text_steal);
}

PyObject *
kr_compiler_name(KrCompiler *c, const KrIdent *ident)
{
    if (c->failed) {
        return NULL;
    }
    KrPtrEntry *entry = kr_ptrmap_find(&c->names, ident);
    if (entry != NULL) {
        return (PyObject *)entry->value;
    }
    PyObject *name = PyUnicode_DecodeUTF8(ident->text, (Py_ssize_t)ident->length,
                                          "surrogatepass");
    name = kr_compiler_intern(c, name);
    if (name != NULL && !kr_ptrmap_set(&c->names, c->arena, ident, (intptr_t)name)) {
        kr_compiler_no_memory(c);
        return NULL;
    }
    return name;
}

// True for a name that starts with two underscores, does not end with two and has no
// dot (a dotted name comes from an import).
static bool
is_mangled_name(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (length < 3 || PyUnicode_READ_CHAR(name, 0) != '_'
        || PyUnicode_READ_CHAR(name, 1) != '_') {
        return false;
    }
    if (PyUnicode_READ_CHAR(name, length - 1) == '_'
        && PyUnicode_READ_CHAR(name, length - 2) == '_') {
        return false;
    }
    return PyUnicode_FindChar(name, '.', 0, length, 1) == -1;
}

PyObject *
kr_compiler_mangle(KrCompiler *c, PyObject *private_name, PyObject *name)
{
    if (c->failed || private_name == NULL || !is_mangled_name(name)) {
        return name;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(private_name);
    Py_ssize_t start = 0;
    while (start < length && PyUnicode_READ_CHAR(private_name, start) == '_') {
        start++;
    }
    if (start == length) {
        return name;
    }
    PyObject *stripped = PyUnicode_Substring(private_name, start, length);
    if (stripped == NULL) {
        kr_compiler_fail(c);
        return NULL;
    }
    PyObject *mangled = PyUnicode_FromFormat("_%U%U", stripped, name);
    Py_DECREF(stripped);
    return kr_compiler_intern(c, mangled);
}

PyObject *
kr_compiler_const(KrCompiler *c, const KrConst *node)
{
    if (c->failed) {
        return NULL;
    }
    PyObject *object = NULL;
    switch (node->kind) {
    case KR_CONST_NONE:
        return Py_None;
    case KR_CONST_TRUE:
        return Py_True;
    case KR_CONST_FALSE:
        return Py_False;
    case KR_CONST_ELLIPSIS:
        return Py_Ellipsis;
    case KR_CONST_INT:
        object = PyLong_FromString(node->text, NULL, 0);
        break;
    case KR_CONST_FLOAT: {
        double value = PyOS_string_to_double(node->text, NULL, NULL);
        if (!(value == -1.0 && PyErr_Occurred())) {
            object = PyFloat_FromDouble(value);
        }
        break;
    }
    case KR_CONST_COMPLEX: {
        char *end = NULL;
        double value = PyOS_string_to_double(node->text, &end, NULL);
        if (!(value == -1.0 && PyErr_Occurred())) {
            object = PyComplex_FromDoubles(0.0, value);
        }
        break;
    }
    case KR_CONST_STR:
        object = PyUnicode_DecodeUTF8(node->text, (Py_ssize_t)node->length,
                                      "surrogatepass");
        break;
    case KR_CONST_BYTES:
        object = PyBytes_FromStringAndSize(node->text, (Py_ssize_t)node->length);
        break;
    case KR_CONST_OBJECT:
        object = Py_NewRef(node->object);
        break;
    }
    return kr_compiler_keep(c, object);
}

bool
kr_compiler_enter(KrCompiler *c)
{
    if (c->failed) {
        return false;
    }
    if (Py_EnterRecursiveCall(" during compilation")) {
        kr_compiler_fail(c);
        return false;
    }
    return true;
}

// Columns of a SyntaxError count from 1; 0 stands for an unknown one.
static PyObject *
error_details(KrCompiler *c, KrLocation loc)
{
    PyObject *line = kr_program_line(c->filename, loc.line);
    if (line == NULL) {
        if (PyErr_Occurred()) {
            return NULL;
        }
        line = Py_NewRef(Py_None);
    }
    return Py_BuildValue("OiiNii", c->filename, loc.line, loc.col + 1, line,
                         loc.end_line, loc.end_col + 1);
}

static void
raise_syntax_error(KrCompiler *c, KrLocation loc, PyObject *message_steal)
{
    PyObject *details = NULL, *args = NULL;
    if (message_steal == NULL) {
        goto done;
    }
    details = error_details(c, loc);
    if (details == NULL) {
        goto done;
    }
    args = PyTuple_Pack(2, message_steal, details);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
    }

done:
    Py_XDECREF(args);
    Py_XDECREF(details);
    Py_XDECREF(message_steal);
    kr_compiler_fail(c);
}

void
kr_compiler_error(KrCompiler *c, KrLocation loc, const char *format, ...)
{
    if (c->failed) {
        return;
    }
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args);
    va_end(args);
    raise_syntax_error(c, loc, message);
}

void
kr_compiler_error_ranged(KrCompiler *c, KrLocation loc, const char *format, ...)
{
    if (c->failed) {
        return;
    }
    va_list args;
    va_start(args, format);
    PyErr_FormatV(PyExc_SyntaxError, format, args);
    va_end(args);
    PyErr_RangedSyntaxLocationObject(c->filename, loc.line, loc.col + 1, loc.end_line,
                                     loc.end_col + 1);
    kr_compiler_fail(c);
}

void
kr_compiler_warn(KrCompiler *c, KrLocation loc, const char *format, ...)
{
    if (c->failed || c->quiet > 0) {
        return;
    }
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args);
    va_end(args);
    if (message == NULL) {
        kr_compiler_fail(c);
        return;
    }
    if (PyErr_WarnExplicitObject(PyExc_SyntaxWarning, message, c->filename, loc.line,
                                 c->module, NULL) < 0) {
        // A filter made it an exception: an error of the program, with its place.
        if (PyErr_ExceptionMatches(PyExc_SyntaxWarning)) {
            PyErr_Clear();
            raise_syntax_error(c, loc, Py_NewRef(message));
        }
        c->failed = true;
    }
    Py_DECREF(message);
}

const KrExpr *
kr_docstring(const KrStmtSeq *body)
{
    if (KR_SEQ_LEN(body) == 0 || body->items[0]->kind != KR_STMT_Expr) {
        return NULL;
    }
    const KrExpr *e = body->items[0]->v.Expr.value;
    if (e->kind != KR_EXPR_Constant) {
        return NULL;
    }
    const KrConst *value = e->v.Constant.value;
    if (value->kind == KR_CONST_STR
        || (value->kind == KR_CONST_OBJECT && PyUnicode_CheckExact(value->object))) {
        return e;
    }
    return NULL;
}
