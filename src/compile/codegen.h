// SPDX-License-Identifier: MIT
// codegen.h - from the tree to instructions; one file per topic.
//
// Read next: codegen_stmt.c (statements), codegen_control.c (loops, if, jumps),
// codegen_try.c (try, with), codegen_expr.c, codegen_call.c, codegen_comp.c,
// codegen_def.c (functions and classes), codegen_annotation.c, codegen_match.c
#ifndef KRAIT_COMPILE_CODEGEN_H
#define KRAIT_COMPILE_CODEGEN_H

#include "compile/unit.h"

// Whole modules.
PyCodeObject *kr_codegen_mod(KrCompiler *c, KrMod *mod);

// Statements.
void kr_codegen_stmt(KrCompiler *c, KrStmt *s);
void kr_codegen_stmts(KrCompiler *c, const KrStmtSeq *seq);
// The same code once more (finally): no warnings.
void kr_codegen_stmts_again(KrCompiler *c, const KrStmtSeq *seq);
void kr_codegen_body(KrCompiler *c, KrLocation loc, const KrStmtSeq *body,
                     bool interactive);

// codegen_control.c
void kr_codegen_if(KrCompiler *c, KrStmt *s);
void kr_codegen_while(KrCompiler *c, KrStmt *s);
void kr_codegen_for(KrCompiler *c, KrStmt *s);
void kr_codegen_async_for(KrCompiler *c, KrStmt *s);
void kr_codegen_return(KrCompiler *c, KrStmt *s);
void kr_codegen_break(KrCompiler *c, KrStmt *s);
void kr_codegen_continue(KrCompiler *c, KrStmt *s);
// Jumps to label when the truth of e equals `when`.
void kr_codegen_jump_if(KrCompiler *c, KrLocation loc, KrExpr *e, int label, bool when);

// codegen_try.c
void kr_codegen_try(KrCompiler *c, KrStmt *s);
void kr_codegen_with(KrCompiler *c, KrStmt *s, int pos);
// Emits what leaving the block needs; *loc becomes artificial after user code.
void kr_codegen_unwind(KrCompiler *c, KrLocation *loc, const KrFBlock *block,
                       bool preserve_tos);

// codegen_expr.c
void kr_codegen_expr(KrCompiler *c, KrExpr *e);
void kr_codegen_exprs(KrCompiler *c, const KrExprSeq *seq);
void kr_codegen_name(KrCompiler *c, KrLocation loc, PyObject *name, KrExprContext ctx);
void kr_codegen_const_int(KrCompiler *c, KrLocation loc, long value);
void kr_codegen_compare(KrCompiler *c, KrLocation loc, KrCmpOp op);
void kr_codegen_check_compare(KrCompiler *c, KrExpr *e);
void kr_codegen_binary(KrCompiler *c, KrLocation loc, KrOperator op, bool in_place);
void kr_codegen_yield(KrCompiler *c, KrLocation loc);
void kr_codegen_yield_from(KrCompiler *c, KrLocation loc, bool await);
// The start of loc moved to the line of the attribute's name.
KrLocation kr_attr_loc(KrLocation loc, const KrExpr *attr);
// x[a:b] without step and with something to compute: done without a slice object.
bool kr_is_two_part_slice(const KrExpr *slice);
void kr_codegen_slice_parts(KrCompiler *c, KrExpr *slice);
// Builds a list, set or tuple from elements of which some may be starred. `pushed`
// values are on the stack already; `injected` (may be NULL) is a name to add last.
typedef enum { KR_BUILD_AS_LIST, KR_BUILD_AS_SET, KR_BUILD_AS_TUPLE } KrBuildAs;
void kr_codegen_sequence(KrCompiler *c, KrLocation loc, const KrExprSeq *elts,
                         PyObject *injected, int pushed, KrBuildAs as);
// Type that the expression surely has, or NULL; for warnings.
PyTypeObject *kr_infer_type(KrCompiler *c, const KrExpr *e);

// codegen_call.c
void kr_codegen_call(KrCompiler *c, KrExpr *e);
// The call itself; `pushed` arguments are on the stack.
void kr_codegen_call_args(KrCompiler *c, KrLocation loc, int pushed,
                          const KrExprSeq *args, PyObject *injected,
                          const KrKeywordSeq *keywords);
// super().attr without a super object. False: not such an expression.
bool kr_codegen_super_attr(KrCompiler *c, KrExpr *attr, bool method);

// codegen_comp.c
void kr_codegen_comprehension(KrCompiler *c, KrExpr *e);
void kr_codegen_wrap_stopiteration(KrCompiler *c);

// codegen_def.c
void kr_codegen_function(KrCompiler *c, KrStmt *s);
void kr_codegen_class(KrCompiler *c, KrStmt *s);
void kr_codegen_lambda(KrCompiler *c, KrExpr *e);
// Pushes a function made of the code; flags are KR_FUNCTION_*.
void kr_codegen_closure(KrCompiler *c, KrLocation loc, PyCodeObject *code, int flags);

// codegen_annotation.c
void kr_codegen_ann_assign(KrCompiler *c, KrStmt *s);
void kr_codegen_deferred_annotations(KrCompiler *c, KrLocation loc);
// Pushes the annotations of a function; returns the KR_FUNCTION_* flag or 0.
int kr_codegen_function_annotations(KrCompiler *c, KrLocation loc, KrArguments *args,
                                    KrExpr *returns);
void kr_codegen_type_params(KrCompiler *c, const KrTypeParamSeq *params);
void kr_codegen_type_alias(KrCompiler *c, KrStmt *s);

// codegen_match.c
void kr_codegen_match(KrCompiler *c, KrStmt *s);

#endif // KRAIT_COMPILE_CODEGEN_H
