// SPDX-License-Identifier: MIT
// diagnose.h - the second pass's questions: what is really wrong here?
//
// Every function is called only while p->diagnosing. Most return NULL or false when
// they raised an error, or found nothing, with p->failed telling which.
#ifndef KRAIT_SYNTAX_DIAGNOSE_H
#define KRAIT_SYNTAX_DIAGNOSE_H

#include "syntax/parser.h"

typedef enum { KR_TARGETS_STAR, KR_TARGETS_DEL, KR_TARGETS_FOR } KrTargetUse;

// diagnose.c: what the second pass remembers, so that going back costs no time and an
// expression first read without looking for messages stays without.
typedef enum {
    KR_MEMO_PRIMARY,
    KR_MEMO_DISJUNCTION,
    KR_MEMO_EXPRESSION,
    KR_MEMO_COUNT,
} KrMemoKind;
KrExpr *kr_parse_once(KrParser *p, KrMemoKind kind, KrExpr *(*parse)(KrParser *));

// Whether a check (KR_CHECK_*) has not been made at a token yet. Without this,
// brackets within brackets would be looked at again and again.
bool kr_first_time(KrParser *p, int index, unsigned check);
#define KR_CHECK_ARGUMENTS 1u
#define KR_CHECK_BRACKETS 2u
#define KR_CHECK_PARAMETERS 4u
#define KR_CHECK_COMMA 8u
#define KR_CHECK_LEGACY 16u
#define KR_CHECK_NAMED 32u
#define KR_CHECK_CLAUSE 64u
#define KR_CHECK_STRING 128u
#define KR_CHECK_DICT 256u
#define KR_CHECK_COMPREHENSION 512u

// diagnose.c
bool kr_token_is(KrParser *p, int index, const char *word);
KrSpan kr_token_span(KrParser *p, int index);
// From the span's start to where the lexer stands.
void *kr_raise_from(KrParser *p, KrSpan span, const char *message);
// "function call", "attribute", ...: how messages name an expression.
const char *kr_describe_expression(const KrExpr *e);
// The part of a target that cannot be one; NULL if there is none.
KrExpr *kr_invalid_target(KrExpr *e, KrTargetUse use);
void *kr_raise_invalid_target(KrParser *p, KrTargetUse use, KrExpr *e);

// Parses at a place with or without looking for messages; the result may be NULL.
// The position afterwards is behind the expression, or `pos` again.
KrExpr *kr_attempt(KrParser *p, int pos, bool diagnosing, KrExpr *(*parse)(KrParser *));

// diagnose_expr.c
void *kr_diagnose_for_clause(KrParser *p, int start, bool is_statement);
// Called on the first pass, too: what is wrong with a dict's items is told at once.
void kr_diagnose_dict(KrParser *p, int start);
void kr_diagnose_brackets(KrParser *p, int start, KrTokenKind kind);
// A bracket behind a primary is first looked at as a comprehension's.
bool kr_diagnose_after_primary(KrParser *p);
void kr_diagnose_not_operand(KrParser *p, int not_index, bool is_unary);
// At <: no > may follow at once. False if one does.
bool kr_diagnose_less(KrParser *p);
void kr_diagnose_lambda_colon(KrParser *p, KrSpan lambda);
void kr_diagnose_else_statement(KrParser *p, int at);
// False when something was raised. e may be NULL: no expression at start.
bool kr_diagnose_strings(KrParser *p);
bool kr_diagnose_expression(KrParser *p, int start, KrExpr *e);
KrExpr *kr_diagnose_named_expression(KrParser *p, int start, KrExpr *e);

// diagnose_call.c: from the token `start`, the first argument or parameter.
void kr_diagnose_arguments(KrParser *p, int start);
void kr_diagnose_parameters(KrParser *p, int start, bool is_lambda);

// diagnose_stmt.c
void kr_diagnose_simple(KrParser *p, int start);
void kr_diagnose_import_target(KrParser *p, int at);
void kr_diagnose_with_target(KrParser *p, int at);
void kr_diagnose_except_name(KrParser *p, bool is_star);
void kr_diagnose_pattern_target(KrParser *p, int at);
void kr_diagnose_mixed_handlers(KrParser *p, bool is_star);
void kr_diagnose_with_header(KrParser *p, int start);

#endif // KRAIT_SYNTAX_DIAGNOSE_H
