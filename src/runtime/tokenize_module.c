// SPDX-License-Identifier: MIT
// tokenize_module.c - module _tokenize: the lexer for Python code.
//
// Lines come from a readline callable, one when the lexer needs it. The text read so far
// is kept whole, with \n for \r\n; a bit per line remembers which it was.
// Re-entrancy: readline may run anything, next(self) included; `busy` refuses that.
#include "Python.h"

#include "base/utf8.h"
#include "objects/ids.h"
#include "syntax/lexer.h"

typedef struct {
    PyObject_HEAD
    PyObject *readline;     // owned
    PyObject *encoding;     // owned str, or NULL: readline returns str
    char *text;             // owned, PyMem: everything read, a zero byte behind it
    size_t length;
    size_t capacity;
    char *line_ends;        // owned, PyMem: per line 'n', 'r' (\r\n) or 'c' (\r)
    int line_count;
    int line_capacity;
    bool extra_tokens;
    bool implicit_newline;  // the last line got its newline from us
    bool exhausted;         // readline has no more
    bool failed;            // readline or an allocation raised
    bool done;
    bool busy;
    KrArena arena;
    KrDiagnostic diag;
    KrLexer lexer;
} TokenizerIter;

// ---- reading ----------------------------------------------------------------

static bool
note_line_end(TokenizerIter *it, char end)
{
    if (it->line_count == it->line_capacity) {
        int capacity = it->line_capacity == 0 ? 64 : it->line_capacity * 2;
        char *ends = PyMem_Realloc(it->line_ends, (size_t)capacity);
        if (ends == NULL) {
            PyErr_NoMemory();
            return false;
        }
        it->line_ends = ends;
        it->line_capacity = capacity;
    }
    it->line_ends[it->line_count++] = end;
    return true;
}

static bool
reserve_text(TokenizerIter *it, size_t more)
{
    size_t needed = it->length + more + 2;
    if (needed <= it->capacity) {
        return true;
    }
    size_t capacity = it->capacity * 2 > needed ? it->capacity * 2 : needed + 256;
    char *text = PyMem_Malloc(capacity);
    if (text == NULL) {
        PyErr_NoMemory();
        return false;
    }
    memcpy(text, it->text, it->length + 1);
    kr_lexer_replace_text(&it->lexer, text, it->length);
    PyMem_Free(it->text);
    it->text = text;
    it->capacity = capacity;
    return true;
}

// Appends what readline returned.
static bool
append_text(TokenizerIter *it, const char *s, size_t size)
{
    if (!reserve_text(it, size)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        char c = s[i], end = 'n';
        if (c == '\r') {
            bool crlf = i + 1 < size && s[i + 1] == '\n';
            end = crlf ? 'r' : 'c';
            i += crlf;
            c = '\n';
        }
        it->text[it->length++] = c;
        if (c == '\n' && !note_line_end(it, end)) {
            return false;
        }
    }
    if (it->text[it->length - 1] != '\n') {
        it->implicit_newline = true;
        it->text[it->length++] = '\n';
        if (!note_line_end(it, 'i')) {
            return false;
        }
    }
    it->text[it->length] = '\0';
    kr_lexer_replace_text(&it->lexer, it->text, it->length);
    return true;
}

// The next line as str; NULL at the end or with an exception set.
static PyObject *
next_line(TokenizerIter *it)
{
    PyObject *line = PyObject_CallNoArgs(it->readline);
    if (line == NULL) {
        if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
            PyErr_Clear();
        }
        return NULL;
    }
    if (it->encoding != NULL) {
        if (!PyBytes_Check(line)) {
            PyErr_SetString(PyExc_TypeError, "readline() returned a non-bytes object");
            Py_DECREF(line);
            return NULL;
        }
        PyObject *text = PyUnicode_Decode(PyBytes_AS_STRING(line), PyBytes_GET_SIZE(line),
                                          PyUnicode_AsUTF8(it->encoding), "replace");
        Py_SETREF(line, text);
    }
    else if (!PyUnicode_Check(line)) {
        PyErr_SetString(PyExc_TypeError, "readline() returned a non-string object");
        Py_CLEAR(line);
    }
    return line;
}

static bool
null_byte_error(TokenizerIter *it, const char *line)
{
    int lineno = it->lexer.lineno + 1;
    PyObject *args =
        Py_BuildValue("(s(siisii))", "source code cannot contain null bytes", "<string>",
                      lineno, 0, line, lineno, 0);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
        Py_DECREF(args);
    }
    it->failed = true;
    return false;
}

static bool
tokenizer_read(KrLexer *lexer, void *context)
{
    TokenizerIter *it = context;
    if (it->exhausted || it->failed) {
        return false;
    }
    PyObject *line = next_line(it);
    Py_ssize_t size = 0;
    const char *s = line != NULL ? PyUnicode_AsUTF8AndSize(line, &size) : NULL;
    bool good = s != NULL && size > 0;
    if (good && memchr(s, '\0', (size_t)size) != NULL) {
        null_byte_error(it, s);
        Py_DECREF(line);
        return false;
    }
    if (good) {
        good = append_text(it, s, (size_t)size);
    }
    else {
        it->exhausted = true;
    }
    it->failed = PyErr_Occurred() != NULL;
    Py_XDECREF(line);
    return good && !it->failed;
}

// ---- results ----------------------------------------------------------------

// [start, end) of the text with the line ends as they were read; the first one is that
// of line `lineno`.
static PyObject *
text_as_read(TokenizerIter *it, const char *start, const char *end, int lineno)
{
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    if (newline == NULL) {
        return PyUnicode_DecodeUTF8(start, end - start, "replace");
    }
    char *copy = PyMem_Malloc((size_t)(end - start) * 2 + 1);
    if (copy == NULL) {
        return PyErr_NoMemory();
    }
    size_t n = 0;
    for (const char *s = start; s < end; s++) {
        if (*s == '\n') {
            int index = lineno++ - 1;
            char kind = index >= 0 && index < it->line_count ? it->line_ends[index] : 'n';
            if (kind == 'r' || kind == 'c') {
                copy[n++] = '\r';
            }
            if (kind == 'c' || kind == 'i') {
                continue;
            }
        }
        copy[n++] = *s;
    }
    PyObject *text = PyUnicode_DecodeUTF8(copy, (Py_ssize_t)n, "replace");
    PyMem_Free(copy);
    return text;
}

static Py_ssize_t
count_characters(const char *start, const char *end)
{
    return start <= end ? (Py_ssize_t)kr_utf8_count(start, (size_t)(end - start)) : -1;
}

static bool
is_string_kind(KrTokenKind kind)
{
    return kind == TOK_STRING || (kind >= TOK_FSTRING_START && kind <= TOK_TSTRING_END);
}

// The lexer stopped without a diagnostic of its own.
static void
raise_stop(TokenizerIter *it)
{
    KrLexer *lexer = &it->lexer;
    PyObject *type = PyExc_SyntaxError;
    const char *message;
    Py_ssize_t offset =
        (Py_ssize_t)kr_utf8_count(lexer->line_start,
                                  (size_t)(lexer->line_end - lexer->line_start));
    switch (lexer->state) {
    case KR_LEX_EOF:
        PyErr_SetString(type, "unexpected EOF in multi-line statement");
        return;
    case KR_LEX_DEDENT:
        type = PyExc_IndentationError;
        message = "unindent does not match any outer indentation level";
        break;
    case KR_LEX_TABSPACE:
        type = PyExc_TabError;
        message = "inconsistent use of tabs and spaces in indentation";
        break;
    case KR_LEX_TOO_DEEP:
        type = PyExc_IndentationError;
        message = "too many levels of indentation";
        break;
    case KR_LEX_CONTINUATION:
        message = "unexpected character after line continuation character";
        break;
    default:
        PyErr_NoMemory();
        return;
    }
    const char *stop = lexer->line_end;
    stop -= stop > lexer->line_start && stop[-1] == '\n';
    PyObject *args = Py_BuildValue(
        "(s(sinNOO))", message, "<string>", lexer->lineno, offset,
        PyUnicode_DecodeUTF8(lexer->line_start, stop - lexer->line_start, "replace"),
        Py_None, Py_None);
    if (args != NULL) {
        PyErr_SetObject(type, args);
        Py_DECREF(args);
    }
}

static void
raise_diagnostic(TokenizerIter *it)
{
    const KrDiagnostic *diag = &it->diag;
    PyObject *args = Py_BuildValue(
        "(s(siiNii))", diag->message, "<string>", diag->lineno, diag->offset,
        PyUnicode_DecodeUTF8(diag->source_line, (Py_ssize_t)diag->source_line_length,
                             "replace"),
        diag->end_lineno, diag->end_offset);
    if (args != NULL) {
        PyErr_SetObject(PyExc_SyntaxError, args);
        Py_DECREF(args);
    }
}

// The physical line, or all lines of a string token.
static PyObject *
token_line(TokenizerIter *it, const KrToken *token, bool trailing)
{
    KrLexer *lexer = &it->lexer;
    bool is_string = is_string_kind((KrTokenKind)token->kind);
    if (it->extra_tokens && trailing) {
        return PyUnicode_FromString("");
    }
    return text_as_read(it, is_string ? lexer->first_line : lexer->line_start,
                        lexer->line_end, is_string ? lexer->first_lineno : lexer->lineno);
}

typedef struct {
    int type;
    PyObject *text; // owned
    Py_ssize_t line, column, end_line, end_column;
} TokenFields;

// The last newline of a text that lacks it stands for nothing.
static PyObject *
newline_text(TokenizerIter *it)
{
    char kind = it->line_ends[it->lexer.lineno - 1];
    return PyUnicode_FromString(kind == 'i'   ? ""
                                : kind == 'r' ? "\r\n"
                                : kind == 'c' ? "\r"
                                              : "\n");
}

static void
adjust_extra(TokenizerIter *it, TokenFields *f, bool trailing)
{
    int type = f->type;
    if (trailing) {
        f->line = f->end_line = f->line + 1;
        f->column = f->end_column = 0;
    }
    if (type > TOK_DEDENT && type < TOK_OP) {
        f->type = TOK_OP;
    }
    else if (type == TOK_NEWLINE || type == TOK_NL) {
        Py_SETREF(f->text, newline_text(it));
        char kind = it->line_ends[it->lexer.lineno - 1];
        f->end_column = f->column + (kind == 'r' || kind == 'c' ? 2 : 1);
    }
}

static bool
describe_token(TokenizerIter *it, const KrToken *token, bool trailing, TokenFields *f)
{
    KrLexer *lexer = &it->lexer;
    bool is_string = is_string_kind((KrTokenKind)token->kind);
    const char *end = token->start + token->length;
    f->type = token->kind >= KR_FIRST_KEYWORD ? TOK_NAME : token->kind;
    f->line = token->lineno;
    f->end_line = token->end_lineno;
    f->column = f->end_column = -1;
    if (token->col >= 0) {
        const char *start = token->start;
        if (f->type == TOK_NEWLINE || f->type == TOK_NL) {
            // A comment before it is a token of its own here.
            end -= end > start && end[-1] == '\n';
            start = it->extra_tokens ? end : start;
        }
        f->column = count_characters(is_string ? lexer->first_line : lexer->line_start,
                                     start);
        f->end_column = count_characters(lexer->line_start, end);
        f->text = text_as_read(it, start, end, token->lineno);
    }
    else {
        f->text = PyUnicode_FromString("");
    }
    if (f->text != NULL && it->extra_tokens) {
        adjust_extra(it, f, trailing);
    }
    return f->text != NULL;
}

static PyObject *
make_result(TokenizerIter *it, const KrToken *token)
{
    TokenFields f = {0};
    bool trailing = token->kind == TOK_ENDMARKER
                    || (token->kind == TOK_DEDENT && it->lexer.state == KR_LEX_EOF);
    if (!describe_token(it, token, trailing, &f)) {
        return NULL;
    }
    PyObject *line = token_line(it, token, trailing);
    if (line == NULL) {
        Py_DECREF(f.text);
        return NULL;
    }
    it->done = token->kind == TOK_ENDMARKER;
    return Py_BuildValue("(iN(nn)(nn)N)", f.type, f.text, f.line, f.column, f.end_line,
                         f.end_column, line);
}

static PyObject *
tokenizer_iternext(TokenizerIter *it)
{
    KrToken token;
    if (it->done) {
        return NULL;
    }
    if (it->busy) {
        PyErr_SetString(PyExc_ValueError, "tokenizer already executing");
        return NULL;
    }
    it->busy = true;
    KrTokenKind kind = kr_lexer_next(&it->lexer, &token);
    it->busy = false;
    if (it->failed || kind == TOK_ERRORTOKEN) {
        it->done = true;
        if (!it->failed && it->lexer.state == KR_LEX_RAISED) {
            raise_diagnostic(it);
        }
        else if (!PyErr_Occurred()) {
            raise_stop(it);
        }
        return NULL;
    }
    return make_result(it, &token);
}

// ---- the type ---------------------------------------------------------------

static PyObject *
tokenizer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"", "encoding", "extra_tokens", NULL};
    PyObject *readline, *encoding = Py_None;
    int extra_tokens = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$Op:tokenizeriter", names,
                                     &readline, &encoding, &extra_tokens)) {
        return NULL;
    }
    if (extra_tokens == -1) {
        PyErr_SetString(PyExc_TypeError, "tokenizeriter() missing required argument "
                                         "'extra_tokens' (pos 2)");
        return NULL;
    }
    if (encoding != Py_None && !PyUnicode_Check(encoding)) {
        PyErr_Format(PyExc_TypeError,
                     "tokenizeriter() argument 'encoding' must be str, not %T", encoding);
        return NULL;
    }
    TokenizerIter *it = (TokenizerIter *)type->tp_alloc(type, 0);
    if (it == NULL) {
        return NULL;
    }
    kr_arena_init(&it->arena);
    it->readline = Py_NewRef(readline);
    it->encoding = encoding == Py_None ? NULL : Py_NewRef(encoding);
    it->extra_tokens = extra_tokens != 0;
    it->capacity = 256;
    it->text = PyMem_Calloc(1, it->capacity);
    if (it->text == NULL) {
        Py_DECREF(it);
        return PyErr_NoMemory();
    }
    kr_lexer_init(&it->lexer, it->text, 0, &it->arena, &it->diag, NULL);
    it->lexer.extra_tokens = it->extra_tokens;
    it->lexer.quiet = true;
    it->lexer.read_more = tokenizer_read;
    it->lexer.read_context = it;
    return (PyObject *)it;
}

static void
tokenizer_dealloc(TokenizerIter *it)
{
    PyTypeObject *type = Py_TYPE(it);
    Py_XDECREF(it->readline);
    Py_XDECREF(it->encoding);
    PyMem_Free(it->text);
    PyMem_Free(it->line_ends);
    kr_arena_free(&it->arena);
    type->tp_free((PyObject *)it);
    Py_DECREF(type);
}

static PyType_Slot tokenizer_slots[] = {
    {Py_tp_new, tokenizer_new},
    {Py_tp_dealloc, tokenizer_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, tokenizer_iternext},
    {0, NULL},
};

static PyType_Spec tokenizer_spec = {
    "_tokenize.TokenizerIter",
    sizeof(TokenizerIter),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    tokenizer_slots,
};

static int
tokenize_module_exec(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&tokenizer_spec);
    int result =
        type == NULL ? -1 : PyModule_AddObjectRef(module, "TokenizerIter", type);
    Py_XDECREF(type);
    return result;
}

static PyModuleDef_Slot tokenize_module_slots[] = {
    {Py_mod_exec, tokenize_module_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef tokenize_module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tokenize",
    .m_slots = tokenize_module_slots,
};

PyMODINIT_FUNC
PyInit__tokenize(void)
{
    return PyModuleDef_Init(&tokenize_module_def);
}
