// SPDX-License-Identifier: MIT
// compile.h - the compiler's interface: tree or text in, code object out.
//
// Callers: runtime (compile(), exec(), import, the prompt, the symtable module).
#ifndef KRAIT_COMPILE_COMPILE_H
#define KRAIT_COMPILE_COMPILE_H

#include "Python.h"

#include "base/arena.h"
#include "syntax/parse.h"

// Of PyCompilerFlags.cf_flags, for kr_parse_string: the text is a file's.
#define KR_CF_FILE 0x40000000
// An open bracket or string makes the text incomplete, as PyCF_ALLOW_INCOMPLETE_INPUT
// has it for all of the text.
#define KR_CF_ALLOW_OPEN 0x20000000

// Compiles a tree. flags may be NULL; __future__ imports found are added to
// flags->cf_flags. optimize -1: the interpreter's option. New reference.
PyCodeObject *kr_compile_ast(KrMod *mod, PyObject *filename, PyCompilerFlags *flags,
                             int optimize, KrArena *arena);

// Parses and compiles. start is Py_file_input, Py_eval_input or Py_single_input.
PyObject *kr_compile_string(const char *source, size_t length, PyObject *filename,
                            int start, PyCompilerFlags *flags, int optimize);

// Parses into the arena; NULL with the exception set and warnings given.
KrMod *kr_parse_string(const char *source, size_t length, PyObject *filename, int start,
                       PyCompilerFlags *flags, KrArena *arena);

// The line of a source file, decoded as the parser does; NULL without an exception when
// it cannot be had.
PyObject *kr_program_line(PyObject *filename, int lineno);

// Turns the parser's diagnostic into the exception.
void kr_raise_diagnostic(const KrDiagnostic *diag, PyObject *filename);

// ast.parse(optimize=...): folds as the compiler does before it starts. -1 on error.
int kr_preprocess_ast(KrMod *mod, PyObject *filename, PyCompilerFlags *flags,
                      int optimize, bool patterns_only, KrArena *arena);

// The text of an expression as annotations are stored with `from __future__ import
// annotations`; new reference.
PyObject *kr_unparse(KrExpr *e, KrArena *arena);

// The symbol tables of a source text as _symtable hands them out; new reference.
PyObject *kr_symtable_string(const char *source, size_t length, PyObject *filename,
                             int start, PyCompilerFlags *flags);

#endif // KRAIT_COMPILE_COMPILE_H
