// SPDX-License-Identifier: MIT
// parse_string.c - string literals in a row: plain, bytes, f-strings and t-strings.
//
// All pieces of a row go onto the scratch stack as nodes; neighbouring texts are joined.
#include "syntax/diagnose.h"

#include "base/utf8.h"

typedef struct {
    bool bytes;
    bool text;       // a plain literal that is not bytes
    bool formatted;  // an f-string
    bool template_;  // a t-string
} RowKinds;

static KrExpr *
new_text(KrParser *p, KrSpan span, KrConstKind kind, const char *text, size_t length,
         KrIdent *prefix)
{
    KrConst *constant = kr_arena_alloc(p->arena, sizeof(*constant));
    if (constant == NULL) {
        return kr_parser_no_memory(p);
    }
    *constant = (KrConst){kind, text, length, NULL};
    return NODE(p, kr_expr_Constant(p->arena, span, constant, prefix));
}

// ---- plain literals ---------------------------------------------------------

static bool
check_ascii(KrParser *p, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] >= 128) {
            kr_parser_raise_token(p, p->pos,
                                  "bytes can only contain ASCII literal characters");
            return false;
        }
    }
    return true;
}

static KrExpr *
parse_plain_string(KrParser *p, RowKinds *kinds)
{
    KrToken *t = token(p);
    KrSpan span = span_start(p);
    const char *s = t->start;
    bool bytes = false, raw = false;
    KrIdent *prefix = NULL;
    for (; *s != '"' && *s != '\''; s++) {
        char c = *s | 0x20;
        bytes |= c == 'b';
        raw |= c == 'r';
        if (*s == 'u') {
            prefix = kr_parser_intern(p, "u", 1);
        }
    }
    size_t length = (size_t)(t->start + t->length - s);
    size_t quotes = length >= 6 && s[1] == s[0] && s[2] == s[0] ? 3 : 1;
    const char *out;
    s += quotes;
    length -= 2 * quotes;
    if (bytes) {
        kinds->bytes = true;
        if (!check_ascii(p, s, length)) {
            return NULL;
        }
    }
    else {
        kinds->text = true;
    }
    if (!kr_literal_decode(p, p->pos, s, length, bytes, raw, &out, &length)) {
        return NULL;
    }
    advance(p);
    return new_text(p, span, bytes ? KR_CONST_BYTES : KR_CONST_STR, out, length,
                    prefix);
}

// ---- joining ----------------------------------------------------------------

static bool
is_text_node(const KrExpr *e)
{
    return e->kind == KR_EXPR_Constant;
}

// One node for the texts items[0..count).
static KrExpr *
merge_texts(KrParser *p, KrExpr **items, int count)
{
    size_t length = 0;
    for (int i = 0; i < count; i++) {
        length += items[i]->v.Constant.value->length;
    }
    char *text = kr_arena_alloc(p->arena, length + 1);
    if (text == NULL) {
        return kr_parser_no_memory(p);
    }
    size_t at = 0;
    for (int i = 0; i < count; i++) {
        KrConst *part = items[i]->v.Constant.value;
        memcpy(text + at, part->text, part->length);
        at += part->length;
    }
    text[length] = '\0';
    return new_text(p, span_join(items[0]->span, items[count - 1]->span),
                    items[0]->v.Constant.value->kind, text, length,
                    items[0]->v.Constant.kind);
}

// Joins neighbouring texts among the nodes since `base` and drops empty ones.
static bool
fold_texts(KrParser *p, int base)
{
    KrExpr **items = (KrExpr **)p->scratch + base;
    int count = p->scratch_count - base, kept = 0;
    for (int i = 0; i < count;) {
        int stop = i + 1;
        if (!is_text_node(items[i])) {
            items[kept++] = items[i];
            i = stop;
            continue;
        }
        while (stop < count && is_text_node(items[stop])) {
            stop++;
        }
        KrExpr *e =
            stop == i + 1 ? items[i] : merge_texts(p, items + i, stop - i);
        if (e == NULL) {
            return false;
        }
        if (e->v.Constant.value->length > 0) {
            items[kept++] = e;
        }
        i = stop;
    }
    p->scratch_count = base + kept;
    return true;
}

// ---- fields of f-strings and t-strings --------------------------------------

typedef struct {
    bool is_template; // fields become Interpolation nodes
    bool raw;
    char letter;      // in messages
} StringStyle;

// The source of a field's expression, without its comments.
static const char *
field_text(KrParser *p, const char *from, const char *to, size_t *length_out)
{
    char *copy = kr_arena_alloc(p->arena, (size_t)(to - from) + 1);
    char quote = 0;
    size_t n = 0;
    if (copy == NULL) {
        return kr_parser_no_memory(p);
    }
    for (const char *s = from; s < to; s++) {
        if (quote == 0 && *s == '#') {
            while (s < to && *s != '\n') {
                s++;
            }
            if (s == to) {
                break;
            }
        }
        copy[n++] = *s;
        if (quote != 0 && *s == '\\' && s + 1 < to) {
            copy[n++] = *++s;
        }
        else if (*s == '"' || *s == '\'') {
            quote = quote == 0 ? *s : quote == *s ? 0 : quote;
        }
    }
    copy[n] = '\0';
    *length_out = n;
    return copy;
}

static bool parse_string_parts(KrParser *p, const StringStyle *style, bool is_spec);

// `!r`; -2 after a failure.
static int
parse_conversion(KrParser *p, const StringStyle *style)
{
    KrToken mark = *token(p);
    advance(p);
    KrTokenKind kind = next_kind(p);
    if (kind != TOK_NAME) {
        if (p->diagnosing && !p->failed) {
            kr_parser_raise_next(p,
                                  kind == TOK_COLON || kind == TOK_RBRACE
                                      ? "%c-string: missing conversion character"
                                      : "%c-string: invalid conversion character",
                                  style->letter);
        }
        return -2;
    }
    KrToken *t = token(p);
    if (t->lineno != mark.end_lineno || t->col != mark.end_col) {
        kr_parser_raise_span(p, span_join((KrSpan){mark.lineno, mark.col, 0, 0},
                                          span_start(p)),
                             "%c-string: conversion type must come right after the "
                             "exclamation mark",
                             style->letter);
        return -2;
    }
    if (t->length != 1 || strchr("sra", t->start[0]) == NULL) {
        kr_parser_raise_token(p, p->pos,
                              "%c-string: invalid conversion character '%.*s': expected "
                              "'s', 'r', or 'a'",
                              style->letter, (int)t->length, t->start);
        return -2;
    }
    int conversion = t->start[0];
    advance(p);
    return conversion;
}

__attribute__((format(printf, 2, 0))) static void *
field_error(KrParser *p, const char *format, char letter)
{
    if (p->diagnosing && !p->failed) {
        kr_parser_raise_next(p, format, letter);
    }
    return NULL;
}

// After the expression: what may follow here, as a message says it.
static void *
field_end_error(KrParser *p, char letter, bool debug, bool converted)
{
    next_kind(p);
    return field_error(p,
                       converted ? "%c-string: expecting ':' or '}'"
                       : debug   ? "%c-string: expecting '!', or ':', or '}'"
                                 : "%c-string: expecting '=', or '!', or ':', or '}'",
                       letter);
}

static KrExpr *
parse_field_value(KrParser *p, const StringStyle *style)
{
    KrTokenKind kind = next_kind(p);
    if (p->diagnosing
        && (kind == TOK_EQUAL || kind == TOK_EXCLAMATION || kind == TOK_COLON
            || kind == TOK_RBRACE)) {
        KrToken *t = token(p);
        return kr_parser_raise_token(
            p, p->pos, "%c-string: valid expression required before '%c'",
            style->letter, t->start[0]);
    }
    int at = p->pos;
    KrExpr *value = kr_parse_value(p);
    if (value == NULL && p->diagnosing && !p->failed) {
        p->pos = at;
        field_error(p, "%c-string: expecting a valid expression after '{'",
                    style->letter);
    }
    return value;
}

static KrExpr *
parse_spec(KrParser *p, const StringStyle *style)
{
    KrSpan span = span_start(p);
    int base = p->scratch_count;
    // Fields within a specifier are formatted even in a t-string.
    StringStyle inner = *style;
    inner.is_template = false;
    advance(p);
    if (!parse_string_parts(p, &inner, true) || !fold_texts(p, base)) {
        p->scratch_count = base;
        return NULL;
    }
    span = span_end(p, span);
    KrExprSeq *values = POP_SEQ(p, base, KrExprSeq);
    return p->failed ? NULL : NODE(p, kr_expr_JoinedStr(p->arena, span, values));
}

// `{expression=!r:spec}`: pushes the text of the debug form and the value.
static bool
parse_field(KrParser *p, const StringStyle *style)
{
    KrSpan span = span_start(p);
    const char *text_start = token(p)->start + 1;
    KrSpan debug_span = {span.lineno, span.col + 1, 0, 0};
    int conversion = -1;
    KrExpr *spec = NULL;
    advance(p);
    KrExpr *value = parse_field_value(p, style);
    if (value == NULL) {
        return false;
    }
    KrTokenKind kind = next_kind(p);
    if (kind == TOK_ERRORTOKEN) {
        return false;
    }
    const char *value_end = token(p)->start;
    bool debug = accept(p, TOK_EQUAL);
    if (next_kind(p) == TOK_ERRORTOKEN) {
        return false;
    }
    const char *debug_end = token(p)->start;
    debug_span.end_lineno = token(p)->lineno;
    debug_span.end_col = token(p)->col;
    bool converted = next_kind(p) == TOK_EXCLAMATION;
    if (converted && (conversion = parse_conversion(p, style)) == -2) {
        return false;
    }
    bool has_spec = next_kind(p) == TOK_COLON;
    if (has_spec && (spec = parse_spec(p, style)) == NULL) {
        return false;
    }
    if (!accept(p, TOK_RBRACE)) {
        if (has_spec) {
            field_error(p, "%c-string: expecting '}', or format specs", style->letter);
        }
        else {
            field_end_error(p, style->letter, debug, converted);
        }
        return false;
    }
    if (debug) {
        size_t length;
        const char *text = field_text(p, text_start, debug_end, &length);
        KrExpr *e = text == NULL ? NULL
                                 : new_text(p, debug_span, KR_CONST_STR, text, length,
                                            NULL);
        if (e == NULL || !push(p, e)) {
            return false;
        }
        if (conversion == -1 && spec == NULL) {
            conversion = 'r';
        }
    }
    span = span_end(p, span);
    if (!style->is_template) {
        KrExpr *e =
            NODE(p, kr_expr_FormattedValue(p->arena, span, value, conversion, spec));
        return e != NULL && push(p, e);
    }
    size_t length;
    const char *text = field_text(p, text_start, value_end, &length);
    KrConst *source = text != NULL ? kr_arena_alloc(p->arena, sizeof(*source)) : NULL;
    if (source == NULL) {
        kr_parser_no_memory(p);
        return false;
    }
    *source = (KrConst){KR_CONST_STR, text, length, NULL};
    KrExpr *e = NODE(p, kr_expr_Interpolation(p->arena, span, value, source, conversion,
                                              spec));
    return e != NULL && push(p, e);
}

static bool
parse_middle(KrParser *p, const StringStyle *style)
{
    KrSpan span = span_start(p);
    KrToken *t = token(p);
    size_t length;
    const char *text;
    if (!kr_literal_decode(p, p->pos, t->start, t->length, false, style->raw, &text,
                           &length)) {
        return false;
    }
    advance(p);
    KrExpr *e = new_text(p, span, KR_CONST_STR, text, length, NULL);
    return e != NULL && push(p, e);
}

// Pushes texts and fields up to the END, which is taken, or the } that ends a spec.
static bool
parse_string_parts(KrParser *p, const StringStyle *style, bool is_spec)
{
    for (;;) {
        switch (next_kind(p)) {
        case TOK_FSTRING_MIDDLE:
        case TOK_TSTRING_MIDDLE:
            if (!parse_middle(p, style)) {
                return false;
            }
            break;
        case TOK_LBRACE:
            if (!parse_field(p, style)) {
                return false;
            }
            break;
        case TOK_FSTRING_END:
        case TOK_TSTRING_END:
            if (!is_spec) {
                advance(p);
            }
            return true;
        default:
            return is_spec && !p->failed;
        }
    }
}

static bool
parse_formatted(KrParser *p, RowKinds *kinds)
{
    KrToken *t = token(p);
    StringStyle style = {.is_template = t->kind == TOK_TSTRING_START};
    style.letter = style.is_template ? 't' : 'f';
    for (uint32_t i = 0; i < t->length; i++) {
        style.raw |= (t->start[i] | 0x20) == 'r';
    }
    if (style.is_template) {
        kinds->template_ = true;
    }
    else {
        kinds->formatted = true;
    }
    advance(p);
    if (!enter_level(p, 1)) {
        return false;
    }
    bool good = parse_string_parts(p, &style, false);
    leave_level(p, 1);
    return good
           && (!style.is_template || kr_parser_need_version(p, 14, "t-strings are"));
}

// ---- rows -------------------------------------------------------------------

static KrExpr *
finish_row(KrParser *p, KrSpan span, RowKinds kinds, int base)
{
    int count = p->scratch_count - base;
    if (kinds.bytes && (kinds.text || kinds.formatted)) {
        p->scratch_count = base;
        return kr_parser_raise_last(p, KR_DIAG_SYNTAX_ERROR,
                                    "cannot mix bytes and nonbytes literals");
    }
    if (!kinds.formatted && !kinds.template_) {
        KrExpr **items = (KrExpr **)p->scratch + base;
        p->scratch_count = base;
        return count == 1 ? items[0] : merge_texts(p, items, count);
    }
    if (!fold_texts(p, base)) {
        return NULL;
    }
    KrExprSeq *values = POP_SEQ(p, base, KrExprSeq);
    if (p->failed) {
        return NULL;
    }
    return kinds.template_ ? NODE(p, kr_expr_TemplateStr(p->arena, span, values))
                           : NODE(p, kr_expr_JoinedStr(p->arena, span, values));
}

KrExpr *
kr_parse_strings(KrParser *p)
{
    KrSpan span = span_start(p);
    RowKinds kinds = {0};
    int base = p->scratch_count;
    for (;;) {
        KrTokenKind kind = next_kind(p);
        bool others = kinds.formatted || kinds.text || kinds.bytes;
        bool mixed = kinds.template_ && others;
        if (!p->second_pass
            && ((kind == TOK_TSTRING_START && others)
                || ((kind == TOK_STRING || kind == TOK_FSTRING_START)
                    && kinds.template_))) {
            break;
        }
        if (kind == TOK_STRING) {
            KrExpr *e = parse_plain_string(p, &kinds);
            if (e == NULL || !push(p, e)) {
                break;
            }
        }
        else if (kind == TOK_FSTRING_START || kind == TOK_TSTRING_START) {
            if (!parse_formatted(p, &kinds)) {
                break;
            }
        }
        else if (p->failed) {
            break;
        }
        else if (mixed) {
            kr_parser_raise_span(p, span_end(p, span),
                                 "cannot mix t-string literals with string or bytes "
                                 "literals");
            break;
        }
        else {
            return finish_row(p, span_end(p, span), kinds, base);
        }
    }
    p->scratch_count = base;
    return NULL;
}
