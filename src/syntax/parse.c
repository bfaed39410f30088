// SPDX-License-Identifier: MIT
// parse.c - the parser's engine room: tokens, names, errors, the two passes.
//
// A text that parses is read once. When it does not, it is read again from its start
// with p->diagnosing set, and the parts then look for the message that fits best; what
// remains is "invalid syntax" at the last token the first pass had asked for.
#include "syntax/parser.h"

#include "base/utf8.h"
#include "syntax/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FORGET_AFTER = 256 };

// ---- failure ----------------------------------------------------------------

void *
kr_parser_no_memory(KrParser *p)
{
    if (!p->failed) {
        p->failed = true;
        p->diag->kind = KR_DIAG_MEMORY_ERROR;
        p->diag->message = NULL;
    }
    return NULL;
}

bool
kr_parser_enter_slow(KrParser *p)
{
    if (!p->failed) {
        p->failed = true;
        p->diag->kind = KR_DIAG_MEMORY_ERROR;
        p->diag->message =
            "Parser stack overflowed - Python source too complex to parse";
    }
    return false;
}

// The start of line `lineno`, or the text's end.
static const char *
start_of_line(KrParser *p, int lineno)
{
    const char *s = p->lexer.text, *end = p->lexer.end;
    for (int i = 1; i < lineno && s < end; i++) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        s = newline != NULL ? newline + 1 : end;
    }
    return s;
}

// Length of an error's line as the exception shows it: with its newline only if the
// lexer has not gone beyond it.
static size_t
shown_length(KrParser *p, const char *line, int lineno)
{
    const char *end = p->lexer.end;
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    const char *stop = newline == NULL ? end : newline;
    return (size_t)(stop - line) + (newline != NULL && p->lexer.lineno <= lineno);
}

// A column in bytes from 0 into characters from 1, no further than behind the line.
static int
character_column(const char *line, size_t length, int col)
{
    if (col < 0) {
        return col + 1;
    }
    size_t bytes = (size_t)col + 1;
    return bytes <= length ? (int)kr_utf8_count(line, bytes)
                           : (int)kr_utf8_count(line, length) + 1;
}

static void
set_error(KrParser *p, KrDiagnosticKind kind, int lineno, int offset, int end_lineno,
          int end_offset, const char *line, const char *message)
{
    KrDiagnostic *diag = p->diag;
    if (message == NULL) {
        kr_parser_no_memory(p);
        return;
    }
    p->failed = true;
    diag->kind = kind;
    diag->message = message;
    diag->lineno = lineno;
    diag->offset = offset;
    diag->end_lineno = end_lineno;
    diag->end_offset = end_offset;
    diag->source_line = line;
    diag->source_line_length = shown_length(p, line, lineno);
}

static const char *
vformat(KrParser *p, const char *format, va_list arguments)
{
    char buffer[1024];
    int length = vsnprintf(buffer, sizeof(buffer), format, arguments);
    if (length >= (int)sizeof(buffer)) {
        length = (int)sizeof(buffer) - 1;
    }
    return kr_arena_copy(p->arena, buffer, (size_t)length);
}

static void
raise_span(KrParser *p, KrDiagnosticKind kind, KrSpan span, const char *message)
{
    const char *line = start_of_line(p, span.lineno);
    size_t length = shown_length(p, line, span.lineno);
    // The end is counted in the first line, too, as the reference does.
    set_error(p, kind, span.lineno, character_column(line, length, span.col),
              span.end_lineno, character_column(line, length, span.end_col), line,
              message);
}

void *
kr_parser_raise_span(KrParser *p, KrSpan span, const char *format, ...)
{
    if (p->failed) {
        return NULL;
    }
    va_list arguments;
    va_start(arguments, format);
    const char *message = vformat(p, format, arguments);
    va_end(arguments);
    raise_span(p, KR_DIAG_SYNTAX_ERROR, span, message);
    return NULL;
}

void *
kr_parser_raise_token(KrParser *p, int index, const char *format, ...)
{
    if (p->failed) {
        return NULL;
    }
    va_list arguments;
    va_start(arguments, format);
    const char *message = vformat(p, format, arguments);
    va_end(arguments);
    KrToken *t = &p->tokens[index];
    KrSpan span = {t->lineno, t->col, t->end_lineno, t->end_col};
    raise_span(p, KR_DIAG_SYNTAX_ERROR, span, message);
    return NULL;
}

static void
raise_at(KrParser *p, KrDiagnosticKind kind, int index, const char *message)
{
    if (p->count == 0) {
        set_error(p, kind, 0, 0, 0, -1, p->lexer.text, message);
        return;
    }
    KrToken *t = &p->tokens[index];
    const char *line = start_of_line(p, t->lineno);
    if (t->col == -1) {
        // A token without text: where the lexer stands.
        int offset = (int)(p->lexer.cur - p->lexer.line_start);
        offset = (int)kr_utf8_count(p->lexer.line_start, (size_t)offset);
        set_error(p, kind, t->lineno, offset, t->end_lineno, -1, line, message);
        return;
    }
    size_t length = shown_length(p, line, t->lineno);
    int end_offset = t->end_col == -1 ? -1 : character_column(line, length, t->end_col);
    set_error(p, kind, t->lineno, character_column(line, length, t->col), t->end_lineno,
              end_offset, line, message);
}

static void
raise_last(KrParser *p, KrDiagnosticKind kind, const char *message)
{
    raise_at(p, kind, p->count - 1, message);
}

void *
kr_parser_raise_next(KrParser *p, const char *format, ...)
{
    if (p->failed) {
        return NULL;
    }
    va_list arguments;
    va_start(arguments, format);
    const char *message = vformat(p, format, arguments);
    va_end(arguments);
    int index = p->pos < p->count ? p->pos : p->count - 1;
    raise_at(p, KR_DIAG_SYNTAX_ERROR, index, message);
    return NULL;
}

void *
kr_parser_raise_last(KrParser *p, KrDiagnosticKind kind, const char *format, ...)
{
    if (p->failed) {
        return NULL;
    }
    va_list arguments;
    va_start(arguments, format);
    const char *message = vformat(p, format, arguments);
    va_end(arguments);
    raise_last(p, kind, message);
    return NULL;
}

bool
kr_parser_need_version(KrParser *p, int minor, const char *what)
{
    if (p->feature_version >= minor) {
        return true;
    }
    kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                         "%s only supported in Python 3.%d and greater", what, minor);
    return false;
}

// ---- tokens -----------------------------------------------------------------

static void
raise_unclosed(KrParser *p)
{
    KrLexer *lx = &p->lexer;
    int line = lx->paren_line[lx->level - 1];
    KrSpan span = {line, lx->paren_col[lx->level - 1], line, -1};
    char message[32];
    snprintf(message, sizeof(message), "'%c' was never closed",
             lx->paren[lx->level - 1]);
    raise_span(p, KR_DIAG_SYNTAX_ERROR, span,
               kr_arena_copy(p->arena, message, strlen(message)));
}

// Turns the lexer's state into a diagnostic.
static void
raise_lexical(KrParser *p)
{
    KrLexer *lx = &p->lexer;
    KrSpan here = {lx->lineno, 0, lx->lineno, -1};
    if (p->failed) {
        return;
    }
    switch (lx->state) {
    case KR_LEX_EOF:
        if (lx->level > 0) {
            raise_unclosed(p);
        }
        else {
            raise_last(p, KR_DIAG_SYNTAX_ERROR, "unexpected EOF while parsing");
        }
        break;
    case KR_LEX_DEDENT:
        raise_last(p, KR_DIAG_INDENTATION_ERROR,
                   "unindent does not match any outer indentation level");
        break;
    case KR_LEX_TABSPACE:
        raise_span(p, KR_DIAG_TAB_ERROR, here,
                   "inconsistent use of tabs and spaces in indentation");
        break;
    case KR_LEX_TOO_DEEP:
        raise_span(p, KR_DIAG_INDENTATION_ERROR, here, "too many levels of indentation");
        break;
    case KR_LEX_CONTINUATION:
        here.col = (int)(lx->cur - lx->line_start) - 1;
        raise_span(p, KR_DIAG_SYNTAX_ERROR, here,
                   "unexpected character after line continuation character");
        break;
    case KR_LEX_RAISED:
        p->failed = true;
        break;
    default:
        kr_parser_no_memory(p);
        break;
    }
    p->lex_failed = true;
}

static bool
grow_tokens(KrParser *p)
{
    int capacity = p->capacity * 2;
    KrToken *tokens = realloc(p->tokens, (size_t)capacity * sizeof(*tokens));
    if (tokens == NULL) {
        kr_parser_no_memory(p);
        return false;
    }
    p->tokens = tokens;
    p->capacity = capacity;
    return true;
}

static bool
add_type_ignore(KrParser *p, const KrToken *t)
{
    int count = KR_SEQ_LEN(p->type_ignores);
    // Doubles at powers of two; such comments are rare.
    if ((count & (count - 1)) == 0) {
        KrTypeIgnoreSeq *bigger =
            kr_typeignore_seq_new(p->arena, count == 0 ? 1 : count * 2);
        if (bigger == NULL) {
            kr_parser_no_memory(p);
            return false;
        }
        for (int i = 0; i < count; i++) {
            bigger->items[i] = p->type_ignores->items[i];
        }
        p->type_ignores = bigger;
    }
    KrIdent *tag = kr_parser_intern(p, t->start, t->length);
    KrTypeIgnore *item =
        NODE(p, kr_typeignore_TypeIgnore(p->arena, t->lineno, tag));
    if (tag == NULL || item == NULL) {
        return false;
    }
    p->type_ignores->count = count + 1;
    p->type_ignores->items[count] = item;
    return true;
}

bool
kr_parser_fill(KrParser *p)
{
    if (p->failed || (p->count == p->capacity && !grow_tokens(p))) {
        return false;
    }
    KrToken *t = &p->tokens[p->count];
    KrTokenKind kind = kr_lexer_next(&p->lexer, t);
    while (KR_UNLIKELY(kind == TOK_TYPE_IGNORE)) {
        if (!p->diagnosing && !add_type_ignore(p, t)) {
            return false;
        }
        kind = kr_lexer_next(&p->lexer, t);
    }
    if (KR_UNLIKELY(kind == TOK_ERRORTOKEN)) {
        // It counts as the last token read, without text.
        t->col = t->end_col = -1;
        p->count++;
        raise_lexical(p);
        return false;
    }
    if (p->in->mode == KR_PARSE_SINGLE && kind == TOK_ENDMARKER && p->lexer_started) {
        // The prompt's text may end without a newline, and inside a block.
        t->kind = TOK_NEWLINE;
        p->lexer_started = false;
        if (p->lexer.indent > 0 && (p->in->flags & KR_PARSE_DONT_IMPLY_DEDENT) == 0) {
            p->lexer.pending = -p->lexer.indent;
            p->lexer.indent = 0;
        }
    }
    else {
        p->lexer_started = true;
    }
    p->count++;
    return true;
}

// ---- sequences --------------------------------------------------------------

bool
kr_parser_push_slow(KrParser *p, void *item)
{
    int capacity = p->scratch_capacity * 2;
    void **scratch = realloc(p->scratch, (size_t)capacity * sizeof(*scratch));
    if (scratch == NULL) {
        kr_parser_no_memory(p);
        return false;
    }
    p->scratch = scratch;
    p->scratch_capacity = capacity;
    p->scratch[p->scratch_count++] = item;
    return true;
}

void *
kr_parser_pop_seq(KrParser *p, int base)
{
    int count = p->scratch_count - base;
    p->scratch_count = base;
    if (count == 0) {
        return NULL;
    }
    KrExprSeq *seq = kr_expr_seq_new(p->arena, count);
    if (seq == NULL) {
        return kr_parser_no_memory(p);
    }
    memcpy(seq->items, p->scratch + base, (size_t)count * sizeof(void *));
    return seq;
}

KrExprSeq *
kr_parser_single(KrParser *p, KrExpr *item)
{
    KrExprSeq *seq = kr_expr_seq_new(p->arena, 1);
    if (seq == NULL) {
        return kr_parser_no_memory(p);
    }
    seq->items[0] = item;
    return seq;
}

// ---- names ------------------------------------------------------------------

static bool
grow_idents(KrParser *p)
{
    KrIdentTable *table = &p->idents;
    uint32_t size = table->slots == NULL ? 256 : (table->mask + 1) * 2;
    KrIdent **slots = kr_arena_calloc(p->arena, size * sizeof(*slots));
    if (slots == NULL) {
        kr_parser_no_memory(p);
        return false;
    }
    for (uint32_t i = 0; table->slots != NULL && i <= table->mask; i++) {
        KrIdent *ident = table->slots[i];
        if (ident != NULL) {
            uint32_t at = ident->hash & (size - 1);
            while (slots[at] != NULL) {
                at = (at + 1) & (size - 1);
            }
            slots[at] = ident;
        }
    }
    table->slots = slots;
    table->mask = size - 1;
    return true;
}

KrIdent *
kr_parser_intern(KrParser *p, const char *text, size_t length)
{
    KrIdentTable *table = &p->idents;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    }
    if (table->count * 2 >= table->mask && !grow_idents(p)) {
        return NULL;
    }
    uint32_t at = hash & table->mask;
    for (KrIdent *ident; (ident = table->slots[at]) != NULL;) {
        if (ident->hash == hash && ident->length == length
            && memcmp(ident->text, text, length) == 0) {
            return ident;
        }
        at = (at + 1) & table->mask;
    }
    KrIdent *ident = kr_arena_alloc(p->arena, sizeof(*ident) + length + 1);
    if (ident == NULL) {
        return kr_parser_no_memory(p);
    }
    ident->length = (uint32_t)length;
    ident->hash = hash;
    memcpy(ident->text, text, length);
    ident->text[length] = '\0';
    table->slots[at] = ident;
    table->count++;
    return ident;
}

// A name that only looks like a keyword before it is normalised.
static KrIdent *
check_normal_name(KrParser *p, KrIdent *name)
{
    static const char *const constants[] = {"None", "True", "False"};
    for (int i = 0; name != NULL && i < KR_ARRAY_LEN(constants); i++) {
        if (strcmp(name->text, constants[i]) == 0 && !p->failed) {
            p->failed = true;
            p->diag->kind = KR_DIAG_VALUE_ERROR;
            p->diag->message = kr_arena_format(
                p->arena, "identifier field can't represent '%s' constant", name->text);
            return NULL;
        }
    }
    return name;
}

KrIdent *
kr_parser_name(KrParser *p, const KrToken *t)
{
    const char *text = t->start;
    size_t length = t->length;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] >= 128) {
            // The lexer lets such names pass only with the hooks at hand.
            text = p->in->unicode->nfkc(p->arena, text, length, &length);
            if (text == NULL) {
                return kr_parser_no_memory(p);
            }
            return check_normal_name(p, kr_parser_intern(p, text, length));
        }
    }
    return kr_parser_intern(p, text, length);
}

// ---- the passes -------------------------------------------------------------

static KrMod *
parse_exec(KrParser *p)
{
    int base = p->scratch_count;
    if (!kr_parse_statements(p) || next_kind(p) != TOK_ENDMARKER) {
        return NULL;
    }
    KrStmtSeq *body = POP_SEQ(p, base, KrStmtSeq);
    if (p->failed) {
        return NULL;
    }
    return NODE(p, kr_mod_Module(p->arena, body, p->type_ignores));
}

static KrMod *
parse_eval(KrParser *p)
{
    KrExpr *body = kr_parse_eval_body(p);
    if (body == NULL) {
        return NULL;
    }
    while (accept(p, TOK_NEWLINE)) {
    }
    if (next_kind(p) != TOK_ENDMARKER) {
        return NULL;
    }
    return NODE(p, kr_mod_Expression(p->arena, body));
}

static KrMod *
parse_single(KrParser *p)
{
    int base = p->scratch_count;
    if (accept(p, TOK_NEWLINE)) {
        KrSpan span = span_end(p, (KrSpan){p->tokens[p->pos - 1].lineno,
                                           p->tokens[p->pos - 1].col, 0, 0});
        KrStmt *pass = NODE(p, kr_stmt_Pass(p->arena, span));
        if (pass == NULL || !push(p, pass)) {
            return NULL;
        }
    }
    else {
        if (next_kind(p) == TOK_ENDMARKER || !kr_parse_interactive(p)) {
            return NULL;
        }
    }
    KrStmtSeq *body = POP_SEQ(p, base, KrStmtSeq);
    return p->failed ? NULL : NODE(p, kr_mod_Interactive(p->arena, body));
}

static KrMod *
parse_func_type(KrParser *p)
{
    int base = p->scratch_count;
    if (!accept(p, TOK_LPAR)) {
        return NULL;
    }
    int stars = 0; // of the last type: plain ones come first, then *t, then **t
    while (next_kind(p) != TOK_RPAR) {
        int now = accept(p, TOK_STAR) ? 1 : accept(p, TOK_DOUBLESTAR) ? 2 : 0;
        if (now < stars || (now > 0 && now == stars)) {
            return NULL;
        }
        stars = now;
        KrExpr *e = kr_parse_expression(p);
        if (e == NULL || !push(p, e)) {
            return NULL;
        }
        if (!accept(p, TOK_COMMA)) {
            break;
        }
        if (next_kind(p) == TOK_RPAR) {
            return NULL;
        }
    }
    if (!accept(p, TOK_RPAR) || !accept(p, TOK_RARROW)) {
        return NULL;
    }
    KrExpr *returns = kr_parse_expression(p);
    if (returns == NULL) {
        return NULL;
    }
    while (accept(p, TOK_NEWLINE)) {
    }
    if (next_kind(p) != TOK_ENDMARKER) {
        return NULL;
    }
    KrExprSeq *types = POP_SEQ(p, base, KrExprSeq);
    return p->failed ? NULL
                     : NODE(p, kr_mod_FunctionType(p->arena, types, returns));
}

static KrMod *
parse_module(KrParser *p)
{
    switch (p->in->mode) {
    case KR_PARSE_EXEC:
        return parse_exec(p);
    case KR_PARSE_EVAL:
        return parse_eval(p);
    case KR_PARSE_SINGLE:
        return parse_single(p);
    default:
        return parse_func_type(p);
    }
}

static void
start_lexer(KrParser *p, const char *text, size_t length)
{
    KrWarning **last = p->diagnosing ? p->lexer.last_warning : &p->diag->warnings;
    kr_lexer_init(&p->lexer, text, length, p->arena, p->diag, p->in->unicode);
    p->lexer.last_warning = last;
    p->lexer.quiet = p->diagnosing;
    p->lexer.flufl = (p->in->flags & KR_PARSE_BARRY_AS_FLUFL) != 0;
    p->lexer.type_comments = (p->in->flags & KR_PARSE_TYPE_COMMENTS) != 0;
    p->lexer_started = false;
    p->count = p->pos = p->forgotten = 0;
    p->scratch_count = 0;
    p->depth = 31;
}

// Reads on to the end: a lexical error there is told instead of the one at hand.
static void
check_rest(KrParser *p)
{
    KrDiagnostic saved = *p->diag;
    int error_line = p->count > 0 ? p->tokens[p->count - 1].lineno : 1;
    KrToken t;
    KrTokenKind kind;
    if (p->lexer.state != KR_LEX_OK) {
        return;
    }
    do {
        kind = kr_lexer_next(&p->lexer, &t);
    } while (kind != TOK_ERRORTOKEN && kind != TOK_ENDMARKER);
    bool in_string = kr_lexer_in_string(&p->lexer);
    if (kind == TOK_ENDMARKER || (p->lexer.state == KR_LEX_RAISED && !in_string)) {
        return;
    }
    // An error within an f-string is no better than the one at hand.
    KrWarning *warnings = p->diag->warnings;
    *p->diag = saved;
    p->diag->warnings = warnings;
    if (p->lexer.state == KR_LEX_EOF && p->lexer.level > 0
        && error_line > p->lexer.paren_line[p->lexer.level - 1]) {
        raise_unclosed(p);
    }
}

// Nothing better was found: the last token of the first pass is to blame.
static void
raise_generic(KrParser *p, int last)
{
    KrToken *t = &p->tokens[last];
    if (t->kind == TOK_INDENT) {
        raise_last(p, KR_DIAG_INDENTATION_ERROR, "unexpected indent");
        return;
    }
    if (t->kind == TOK_DEDENT) {
        raise_last(p, KR_DIAG_INDENTATION_ERROR, "unexpected unindent");
        return;
    }
    KrSpan span = {t->lineno, t->col, t->end_lineno, t->end_col};
    raise_span(p, KR_DIAG_SYNTAX_ERROR, span, "invalid syntax");
    check_rest(p);
}

static void
diagnose(KrParser *p, const char *text, size_t length)
{
    if (p->failed) {
        if (!p->lex_failed && p->diag->kind == KR_DIAG_SYNTAX_ERROR) {
            check_rest(p);
        }
        return;
    }
    int total = p->forgotten + p->count;
    p->diagnosing = p->second_pass = true;
    p->memo_size = 0;
    start_lexer(p, text, length);
    while (p->count < total && kr_parser_fill(p)) {
    }
    parse_module(p);
    if (p->failed) {
        if (!p->lex_failed
            && (p->diag->kind == KR_DIAG_SYNTAX_ERROR
                || p->diag->kind == KR_DIAG_INDENTATION_ERROR)) {
            check_rest(p);
        }
        return;
    }
    raise_generic(p, total - 1);
}

// In `single` mode only blank lines and comments may follow the statement.
static bool
is_rest_blank(KrParser *p)
{
    const char *s = p->lexer.cur;
    for (;;) {
        while (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\f') {
            s++;
        }
        if (*s == '\0') {
            return true;
        }
        if (*s != '#') {
            return false;
        }
        while (*s != '\0' && *s != '\n') {
            s++;
        }
    }
}

static bool
run_passes(KrParser *p, const char *text, size_t length, KrMod **mod_out)
{
    start_lexer(p, text, length);
    KrMod *mod = parse_module(p);
    if (mod != NULL && !p->failed) {
        if (p->in->mode == KR_PARSE_SINGLE && !is_rest_blank(p)) {
            raise_last(p, KR_DIAG_SYNTAX_ERROR,
                       "multiple statements found while compiling a single statement");
            p->diag->source = NULL; // no mistyped keyword is behind this
            return false;
        }
        *mod_out = mod;
        return true;
    }
    bool open = p->lexer.cut_string || p->lexer.level > 0 || kr_lexer_in_string(&p->lexer);
    uint32_t wanted = open ? KR_PARSE_ALLOW_INCOMPLETE | KR_PARSE_ALLOW_OPEN
                           : KR_PARSE_ALLOW_INCOMPLETE;
    if ((p->in->flags & wanted) != 0 && p->diag->kind != KR_DIAG_MEMORY_ERROR
        && (p->lexer.state == KR_LEX_EOF || p->lexer.cut_string)) {
        p->failed = false;
        raise_last(p, KR_DIAG_INCOMPLETE_INPUT, "incomplete input");
        return false;
    }
    diagnose(p, text, length);
    return false;
}

bool
kr_parse(const KrParseInput *in, KrArena *arena, KrMod **mod_out,
         KrDiagnostic *diag_out)
{
    const char *text;
    size_t length;
    bool good = false;
    memset(diag_out, 0, sizeof(*diag_out));
    *mod_out = NULL;
    if (!kr_source_decode(in, arena, diag_out, &text, &length)) {
        return false;
    }
    diag_out->source = text;
    diag_out->source_length = length;
    diag_out->from_file = (in->flags & KR_PARSE_FILE) != 0;
    KrParser *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        diag_out->kind = KR_DIAG_MEMORY_ERROR;
        return false;
    }
    p->in = in;
    p->arena = arena;
    p->diag = diag_out;
    p->stack_floor = in->stack_floor;
    p->feature_version = in->feature_version > 0 ? in->feature_version : 99;
    p->capacity = 2 * FORGET_AFTER;
    p->scratch_capacity = 256;
    p->tokens = malloc((size_t)p->capacity * sizeof(*p->tokens));
    p->scratch = malloc((size_t)p->scratch_capacity * sizeof(*p->scratch));
    if (p->tokens == NULL || p->scratch == NULL) {
        kr_parser_no_memory(p);
    }
    else {
        good = run_passes(p, text, length, mod_out);
    }
    free(p->tokens);
    free(p->scratch);
    free(p);
    return good;
}
