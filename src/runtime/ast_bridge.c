// SPDX-License-Identifier: MIT
// ast_bridge.c - compile() with trees: objects to code, text to objects.
#include "runtime/ast_bridge.h"

#include "objects/state.h"
#include "runtime/ast/ast_state.h"

int
kr_ast_check(PyObject *object)
{
    // Without the classes there can be no instance of them.
    KrAstState *state = kr_interp()->ast;
    return state == NULL ? 0 : PyObject_IsInstance(object, state->base);
}

static KrModKind
mod_kind(int start)
{
    switch (start) {
    case Py_eval_input:
        return KR_MOD_Expression;
    case Py_single_input:
        return KR_MOD_Interactive;
    case Py_func_type_input:
        return KR_MOD_FunctionType;
    default:
        return KR_MOD_Module;
    }
}

static bool
is_optimized(const PyCompilerFlags *flags)
{
    return (flags->cf_flags & PyCF_OPTIMIZED_AST) == PyCF_OPTIMIZED_AST;
}

PyObject *
kr_ast_compile(PyObject *tree, PyObject *filename, int start, PyCompilerFlags *flags,
               int optimize)
{
    PyObject *result = NULL;
    KrArena arena;
    if ((flags->cf_flags & PyCF_ONLY_AST) != 0 && !is_optimized(flags)) {
        return kr_ast_check_kind(tree, mod_kind(start)) < 0 ? NULL : Py_NewRef(tree);
    }
    kr_arena_init(&arena);
    KrMod *mod = kr_ast_from_object(tree, mod_kind(start), &arena);
    if (mod == NULL || kr_ast_validate(mod) < 0) {
        goto done;
    }
    if ((flags->cf_flags & PyCF_ONLY_AST) != 0) {
        if (kr_preprocess_ast(mod, filename, flags, optimize, false, &arena) == 0) {
            result = kr_ast_to_object(mod);
        }
    }
    else {
        result = (PyObject *)kr_compile_ast(mod, filename, flags, optimize, &arena);
    }

done:
    kr_arena_free(&arena);
    return result;
}

PyObject *
kr_ast_parse(const char *text, PyObject *filename, int start, PyCompilerFlags *flags,
             int optimize)
{
    PyObject *result = NULL;
    KrArena arena;
    kr_arena_init(&arena);
    KrMod *mod = kr_parse_string(text, strlen(text), filename, start, flags, &arena);
    if (mod == NULL
        || (is_optimized(flags)
            && kr_preprocess_ast(mod, filename, flags, optimize, false, &arena) < 0)) {
        goto done;
    }
    result = kr_ast_to_object(mod);

done:
    kr_arena_free(&arena);
    return result;
}
