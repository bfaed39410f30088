// SPDX-License-Identifier: MIT
// nodes.c - the tables of the syntax tree, made from ast.asdl (build/gen/syntax/ast.c).
#include "syntax/ast.c"
