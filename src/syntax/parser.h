// SPDX-License-Identifier: MIT
// parser.h - the parser's insides: state, tokens, sequences, and its parts.
//
// Callers:     parse*.c, string_*.c, diagnose*.c only.
// Invariants:  a parse function returns NULL exactly when the text does not fit and
//              nothing is raised yet, or p->failed is set. Tokens may be rebased when a
//              statement begins: nobody keeps an index across statements.
//              `diagnosing` marks the second pass over a text that does not parse: only
//              then do the parts look for better messages than "invalid syntax".
#ifndef KRAIT_SYNTAX_PARSER_H
#define KRAIT_SYNTAX_PARSER_H

#include "syntax/lexer.h"

typedef struct KrIdentTable {
    KrIdent **slots; // in the arena
    uint32_t mask;
    uint32_t count;
} KrIdentTable;

typedef struct KrParser {
    KrLexer lexer;
    KrToken *tokens;      // malloc'ed: tokens read and not yet forgotten
    int count;
    int capacity;
    int pos;              // of the next token
    int forgotten;        // tokens dropped before tokens[0]
    bool lexer_started;   // a token other than an implied newline came last
    bool second_pass;     // what fits is taken even if what follows cannot fit
    bool diagnosing;
    bool failed;          // the diagnostic is filled in: everybody returns
    bool lex_failed;      // by the lexer
    int depth;            // levels of recursion, limited as in the reference
    struct KrMemo *memo;  // per token, on the second pass
    int memo_size;
    int end_lineno;       // end of the last simple statement with its semicolons
    int end_col;
    const char *stack_floor;
    const KrParseInput *in;
    KrArena *arena;
    KrDiagnostic *diag;
    void **scratch;       // malloc'ed: items of sequences under construction
    int scratch_count;
    int scratch_capacity;
    KrIdentTable idents;
    KrTypeIgnoreSeq *type_ignores;
    int feature_version;
} KrParser;

// ---- tokens ----

// Reads one more token; false when there is none (p->failed is set).
bool kr_parser_fill(KrParser *p);

// The kind of the token `ahead` places after the next one.
static inline KrTokenKind
next_kind_at(KrParser *p, int ahead)
{
    while (KR_UNLIKELY(p->pos + ahead >= p->count)) {
        if (!kr_parser_fill(p)) {
            return TOK_ERRORTOKEN;
        }
    }
    return (KrTokenKind)p->tokens[p->pos + ahead].kind;
}

static inline KrTokenKind
next_kind(KrParser *p)
{
    return KR_LIKELY(p->pos < p->count) ? (KrTokenKind)p->tokens[p->pos].kind
                                        : next_kind_at(p, 0);
}

// The next token; valid until the next one is read. Call next_kind() before.
static inline KrToken *
token(KrParser *p)
{
    return &p->tokens[p->pos];
}

static inline void
advance(KrParser *p)
{
    p->pos++;
}

// Takes the next token if it is of the kind.
static inline bool
accept(KrParser *p, KrTokenKind kind)
{
    if (next_kind(p) == kind) {
        p->pos++;
        return true;
    }
    return false;
}

// Whether the next token is a NAME with this text (a soft keyword).
static inline bool
at_word(KrParser *p, int ahead, const char *word)
{
    if (next_kind_at(p, ahead) != TOK_NAME) {
        return false;
    }
    KrToken *t = &p->tokens[p->pos + ahead];
    return t->length == strlen(word) && memcmp(t->start, word, t->length) == 0;
}

// ---- spans ----

// From the next token; the end is set by span_end(). Call next_kind() before.
static inline KrSpan
span_start(KrParser *p)
{
    KrToken *t = token(p);
    return (KrSpan){t->lineno, t->col, t->end_lineno, t->end_col};
}

// Ends at the token taken last.
static inline KrSpan
span_end(KrParser *p, KrSpan span)
{
    KrToken *t = &p->tokens[p->pos - 1];
    span.end_lineno = t->end_lineno;
    span.end_col = t->end_col;
    return span;
}

static inline KrSpan
span_join(KrSpan first, KrSpan last)
{
    first.end_lineno = last.end_lineno;
    first.end_col = last.end_col;
    return first;
}

// ---- sequences under construction: a stack shared by all levels ----

bool kr_parser_push_slow(KrParser *p, void *item);

static inline bool
push(KrParser *p, void *item)
{
    if (KR_LIKELY(p->scratch_count < p->scratch_capacity)) {
        p->scratch[p->scratch_count++] = item;
        return true;
    }
    return kr_parser_push_slow(p, item);
}

// A sequence of everything pushed since scratch_count was `base`; NULL for nothing.
// Callers check p->failed. All sequences of pointers have one shape.
void *kr_parser_pop_seq(KrParser *p, int base);

#define POP_SEQ(p, base, type) ((type *)kr_parser_pop_seq(p, base))

// A sequence of one.
KrExprSeq *kr_parser_single(KrParser *p, KrExpr *item);

// ---- names ----

KrIdent *kr_parser_intern(KrParser *p, const char *text, size_t length);

// The name that a NAME token spells, in NFKC.
KrIdent *kr_parser_name(KrParser *p, const KrToken *t);

// ---- failure (all return NULL) ----

void *kr_parser_no_memory(KrParser *p);

// SyntaxError for a span of bytes; columns from 0. end_col -2: no end.
void *kr_parser_raise_span(KrParser *p, KrSpan span, const char *format, ...)
    KR_PRINTF(3, 4);

// The same for one token by index.
void *kr_parser_raise_token(KrParser *p, int index, const char *format, ...)
    KR_PRINTF(3, 4);

// At the token read last, as the reference does without a location.
void *kr_parser_raise_last(KrParser *p, KrDiagnosticKind kind, const char *format, ...)
    KR_PRINTF(3, 4);

// At the next token, as raise_last does.
void *kr_parser_raise_next(KrParser *p, const char *format, ...) KR_PRINTF(2, 3);

// "... only supported in Python 3.n and greater"; true if the version will do.
bool kr_parser_need_version(KrParser *p, int minor, const char *what);

// NULL results of constructors mean no memory.
#define NODE(p, expression)                                                   \
    __extension__({                                                           \
        __typeof__(expression) node_ = (expression);                          \
        KR_LIKELY(node_ != NULL) ? node_                                      \
                                 : (__typeof__(expression))kr_parser_no_memory(p); \
    })

// ---- recursion ----

enum { KR_MAX_PARSER_DEPTH = 6000 };

bool kr_parser_enter_slow(KrParser *p);

// Goes `levels` deeper; false (failed) when the source is nested too deeply.
static inline bool
enter_level(KrParser *p, int levels)
{
    p->depth += levels;
    if (KR_LIKELY(p->depth < KR_MAX_PARSER_DEPTH
                  && (const char *)__builtin_frame_address(0) > p->stack_floor)) {
        return true;
    }
    return kr_parser_enter_slow(p);
}

static inline void
leave_level(KrParser *p, int levels)
{
    p->depth -= levels;
}

// ---- parts ----

// parse_expr.c
KrExpr *kr_parse_expression(KrParser *p);
// The same, not remembered on the second pass.
KrExpr *kr_parse_bare_expression(KrParser *p);
KrExpr *kr_parse_disjunction(KrParser *p);
KrExpr *kr_parse_inversion(KrParser *p);
KrExpr *kr_parse_factor(KrParser *p);
KrExpr *kr_parse_bitwise_or(KrParser *p);
KrExpr *kr_parse_named_expression(KrParser *p);
KrExpr *kr_parse_star_expressions(KrParser *p);
KrExpr *kr_parse_star_named_expression(KrParser *p);
KrExpr *kr_parse_yield(KrParser *p);
// yield_expr | star_expressions
KrExpr *kr_parse_value(KrParser *p);
// star_expressions as eval mode takes them.
KrExpr *kr_parse_eval_body(KrParser *p);
KrComprehensionSeq *kr_parse_comprehension(KrParser *p);
KrExpr *kr_parse_primary(KrParser *p);
KrExpr *kr_parse_atom(KrParser *p);
// Whether the kind can begin an expression.
bool kr_starts_expression(KrTokenKind kind);

// After a star that nothing follows, on the second pass; NULL.
void *kr_bare_star(KrParser *p);
// parse_call.c: from `(` to behind `)`. A lone generator needs no brackets of its own
// where allow_generator says so.
bool kr_parse_arguments(KrParser *p, bool allow_generator, KrExprSeq **args_out,
                        KrKeywordSeq **keywords_out);

// parse_params.c
KrArguments *kr_parse_parameters(KrParser *p, bool is_lambda);
KrTypeParamSeq *kr_parse_type_params(KrParser *p);

// parse_target.c
// Whether an expression can be assigned to (star: with * in it); nothing raised.
bool kr_is_target(const KrExpr *e, bool star);
// Marks a target, and all that it consists of, as stored to or deleted.
void kr_target_set(KrExpr *e, KrExprContext ctx);
// star_targets of for and comprehensions, up to `in`.
KrExpr *kr_parse_for_target(KrParser *p);
KrExpr *kr_parse_with_target(KrParser *p);
KrExprSeq *kr_parse_del_targets(KrParser *p);

// parse_stmt.c, parse_compound.c
bool kr_parse_statements(KrParser *p);
// Statements are pushed, for one line may hold several.
bool kr_parse_simple_statements(KrParser *p);
bool kr_parse_statement(KrParser *p);
bool kr_parse_interactive(KrParser *p);
// What stands behind a header's colon; `what` and the line name the header in messages.
KrStmtSeq *kr_parse_block(KrParser *p, const char *what, int lineno);
// A statement that a keyword begins; NULL without failure: none of this kind.
KrStmt *kr_parse_compound(KrParser *p, KrTokenKind kind);
// A TYPE_COMMENT at the next token, NULL without one.
KrIdent *kr_parse_type_comment(KrParser *p);

// parse_match.c
KrStmt *kr_parse_match(KrParser *p);

// parse_string.c: STRING and FSTRING tokens in a row.
KrExpr *kr_parse_strings(KrParser *p);

// literal.c: decodes escapes. Text between the quotes; raw is without backslashes.
bool kr_literal_decode(KrParser *p, int token_index, const char *text, size_t length,
                       bool is_bytes, bool raw, const char **out, size_t *length_out);

#endif // KRAIT_SYNTAX_PARSER_H
