// SPDX-License-Identifier: MIT
// ast_bridge.c - stands in while there is no _ast module.
#include "runtime/ast_bridge.h"

int
kr_ast_check(PyObject *object)
{
    return 0;
}

PyObject *
kr_ast_compile(PyObject *tree, PyObject *filename, int start, PyCompilerFlags *flags,
               int optimize)
{
    PyErr_SetString(PyExc_NotImplementedError, "compiling ast objects");
    return NULL;
}

PyObject *
kr_ast_parse(const char *text, PyObject *filename, int start, PyCompilerFlags *flags,
             int optimize)
{
    PyErr_SetString(PyExc_NotImplementedError, "compile() with PyCF_ONLY_AST");
    return NULL;
}
