// SPDX-License-Identifier: MIT
// compile.c - the entry points: trees and texts to code objects, diagnostics to
// exceptions.
//
// Callers:   runtime.
// Read next: compile.h, codegen.h

#include "compile/compile.h"

#include "compile/codegen.h"
#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "objects/str/lexer.h"
#include "syntax/source.h"

static const KrUnicodeHooks unicode_hooks = {
    .is_xid_start = kr_lexer_is_xid_start,
    .is_xid_continue = kr_lexer_is_xid_continue,
    .is_printable = kr_lexer_is_printable,
    .nfkc = kr_lexer_nfkc,
    .character_by_name = kr_lexer_character_by_name,
};

// --- Diagnostics -----------------------------------------------------------------------

static PyObject *
utf8_object(const char *text, size_t length)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace");
}

static PyObject *
diagnostic_type(KrDiagnosticKind kind)
{
    switch (kind) {
    case KR_DIAG_INDENTATION_ERROR:
        return PyExc_IndentationError;
    case KR_DIAG_TAB_ERROR:
        return PyExc_TabError;
    case KR_DIAG_INCOMPLETE_INPUT:
        return (PyObject *)&kr_exc__IncompleteInputError;
    case KR_DIAG_MEMORY_ERROR:
        return PyExc_MemoryError;
    case KR_DIAG_RECURSION_ERROR:
        return PyExc_RecursionError;
    case KR_DIAG_VALUE_ERROR:
        return PyExc_ValueError;
    default:
        return PyExc_SyntaxError;
    }
}

static void
raise_with_location(PyObject *type, const char *message, PyObject *filename, int line,
                    int offset, const char *text, size_t text_length, int end_line,
                    int end_offset)
{
    PyObject *source = NULL, *value = NULL;

    source = text != NULL ? utf8_object(text, text_length) : Py_NewRef(Py_None);
    if (source == NULL) {
        return;
    }
    value = Py_BuildValue("s(OiiOii)", message, filename, line, offset, source, end_line,
                          end_offset);
    if (value != NULL) {
        PyErr_SetObject(type, value);
    }
    Py_XDECREF(value);
    Py_DECREF(source);
}

// Gives the pending SyntaxError what the traceback module needs to guess at keywords.
static void
add_metadata(const KrDiagnostic *diag)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (!PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_SyntaxError)) {
        PyErr_SetRaisedException(exc);
        return;
    }
    // Of a file the reader has the text himself.
    PyObject *source = diag->from_file ? Py_NewRef(Py_None)
                                       : utf8_object(diag->source, diag->source_length);
    PyObject *metadata = source == NULL
                             ? NULL
                             : Py_BuildValue("(iiN)", diag->last_block_lineno,
                                             diag->last_block_col, source);
    if (metadata == NULL) {
        Py_DECREF(exc); // out of memory says it all
        return;
    }
    Py_XSETREF(((PySyntaxErrorObject *)exc)->metadata, metadata);
    PyErr_SetRaisedException(exc);
}

void
kr_raise_diagnostic(const KrDiagnostic *diag, PyObject *filename)
{
    PyObject *type = diagnostic_type(diag->kind);
    switch (diag->kind) {
    case KR_DIAG_UNICODE_ERROR:
        KR_ASSERT(PyErr_Occurred());
        return;
    case KR_DIAG_MEMORY_ERROR:
        if (diag->message == NULL) {
            PyErr_NoMemory();
            return;
        }
        PyErr_SetString(type, diag->message);
        return;
    case KR_DIAG_RECURSION_ERROR:
    case KR_DIAG_VALUE_ERROR:
        PyErr_SetString(type, diag->message);
        return;
    default:
        raise_with_location(type, diag->message, filename, diag->lineno, diag->offset,
                            diag->source_line, diag->source_line_length,
                            diag->end_lineno, diag->end_offset);
        if (diag->source != NULL) {
            add_metadata(diag);
        }
        return;
    }
}

// The line of the source with its newline; the text is UTF-8 or close to it.
static const char *
find_line(const char *source, size_t length, int line, size_t *length_out)
{
    const char *p = source, *end = source + length;
    for (int i = 1; i < line && p < end; i++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        p = newline != NULL ? newline + 1 : end;
    }
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    *length_out = (size_t)((newline != NULL ? newline + 1 : end) - p);
    return p;
}

static int
give_warnings(const KrWarning *warning, const char *source, size_t length,
              PyObject *filename)
{
    for (; warning != NULL; warning = warning->next) {
        PyObject *category = warning->category == KR_WARN_SYNTAX
                                 ? PyExc_SyntaxWarning
                                 : PyExc_DeprecationWarning;
        PyObject *message = utf8_object(warning->message, strlen(warning->message));
        if (message == NULL) {
            return -1;
        }
        int status = PyErr_WarnExplicitObject(category, message, filename,
                                              warning->lineno, NULL, NULL);
        Py_DECREF(message);
        if (status == 0) {
            continue;
        }
        if (PyErr_ExceptionMatches(category)) {
            // A filter turned it into an error: show where it is.
            PyErr_Clear();
            size_t line_length;
            const char *line = find_line(source, length, warning->lineno, &line_length);
            raise_with_location(PyExc_SyntaxError,
                                warning->error_message != NULL ? warning->error_message
                                                               : warning->message,
                                filename,
                                warning->lineno, warning->offset, line, line_length,
                                warning->end_lineno, warning->end_offset);
        }
        return -1;
    }
    return 0;
}

// --- Parsing ---------------------------------------------------------------------------

// Source in an encoding that the lexer does not know itself.
static bool
decode_source(void *context, KrArena *arena, const char *encoding, const char *text,
              size_t length, const char **utf8_out, size_t *length_out,
              const char **message_out)
{
    PyObject *decoded = NULL, *utf8 = NULL;
    bool done = false;

    (void)context;
    *message_out = NULL;
    decoded = PyUnicode_Decode(text, (Py_ssize_t)length, encoding, NULL);
    if (decoded == NULL) {
        // An unknown encoding is reported by the parser, a bad text here.
        PyObject *error = PyErr_GetRaisedException();
        PyObject *known = error == NULL ? NULL : _PyCodec_Lookup(encoding);
        if (known == NULL) {
            PyErr_Clear();
            Py_XDECREF(error);
        }
        else {
            Py_DECREF(known);
            PyObject *shown = PyObject_Str(error);
            const char *why = shown != NULL ? PyUnicode_AsUTF8(shown) : NULL;
            if (why != NULL) {
                *message_out = kr_arena_copy(arena, why, strlen(why));
            }
            Py_XDECREF(shown);
            Py_DECREF(error);
        }
        PyErr_Clear();
        return false;
    }
    utf8 = PyUnicode_AsEncodedString(decoded, "utf-8", "surrogatepass");
    if (utf8 != NULL) {
        char *copy = kr_arena_copy(arena, PyBytes_AS_STRING(utf8),
                                   (size_t)PyBytes_GET_SIZE(utf8));
        if (copy != NULL) {
            *utf8_out = copy;
            *length_out = (size_t)PyBytes_GET_SIZE(utf8);
            done = true;
        }
    }
    PyErr_Clear();
    Py_XDECREF(utf8);
    Py_DECREF(decoded);
    return done;
}

// The whole file as the arena's bytes; NULL if it cannot be read.
static const char *
read_program(PyObject *filename, KrArena *arena, size_t *length_out)
{
    PyObject *path = NULL;
    char *text = NULL;
    if (!PyUnicode_FSConverter(filename, &path)) {
        PyErr_Clear();
        return NULL;
    }
    FILE *file = fopen(PyBytes_AS_STRING(path), "re");
    Py_DECREF(path);
    if (file == NULL) {
        return NULL;
    }
    // Only what has an end and can be read again: no pipe, no terminal.
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        text = size < 0 || size > INT32_MAX / 2
                   ? NULL : kr_arena_alloc(arena, (size_t)size + 1);
        rewind(file);
        if (text != NULL) {
            *length_out = fread(text, 1, (size_t)size, file);
        }
    }
    fclose(file);
    return text;
}

PyObject *
kr_program_line(PyObject *filename, int lineno)
{
    KrArena arena;
    KrDiagnostic ignored = {0};
    PyObject *line = NULL;
    const char *text, *decoded;
    size_t length = 0, decoded_length, line_length;
    if (filename == NULL || lineno <= 0) {
        return NULL;
    }
    kr_arena_init(&arena);
    text = read_program(filename, &arena, &length);
    if (text != NULL) {
        KrParseInput in = {.text = text, .length = length, .decode = decode_source};
        if (kr_source_decode(&in, &arena, &ignored, &decoded, &decoded_length)) {
            const char *start = find_line(decoded, decoded_length, lineno, &line_length);
            if (line_length > 0) {
                line = utf8_object(start, line_length);
            }
        }
    }
    kr_arena_free(&arena);
    return line;
}

KrMod *
kr_parse_string(const char *source, size_t length, PyObject *filename, int start,
                PyCompilerFlags *flags, KrArena *arena)
{
    int cf = flags != NULL ? flags->cf_flags : 0;
    KrParseInput in = {
        .text = source,
        .length = length,
        .mode = start == Py_eval_input        ? KR_PARSE_EVAL
                : start == Py_single_input    ? KR_PARSE_SINGLE
                : start == Py_func_type_input ? KR_PARSE_FUNC_TYPE
                                              : KR_PARSE_EXEC,
        .max_int_digits = kr_interp()->errors.int_max_str_digits,
        .stack_floor = kr_c_stack_floor(kr_thread()),
        .decode = decode_source,
        .unicode = &unicode_hooks,
    };
    if (cf & KR_CF_FILE) {
        in.flags |= KR_PARSE_FILE;
        in.filename = PyUnicode_AsUTF8(filename);
        if (in.filename == NULL) {
            PyErr_Clear();
            in.filename = "?";
        }
    }
    in.flags |= cf & KR_CF_ALLOW_OPEN ? KR_PARSE_ALLOW_OPEN : 0;
    in.flags |= cf & PyCF_TYPE_COMMENTS ? KR_PARSE_TYPE_COMMENTS : 0;
    in.flags |= cf & PyCF_DONT_IMPLY_DEDENT ? KR_PARSE_DONT_IMPLY_DEDENT : 0;
    in.flags |= cf & PyCF_ALLOW_INCOMPLETE_INPUT ? KR_PARSE_ALLOW_INCOMPLETE : 0;
    in.flags |= cf & CO_FUTURE_BARRY_AS_BDFL ? KR_PARSE_BARRY_AS_FLUFL : 0;
    in.flags |= cf & PyCF_IGNORE_COOKIE ? KR_PARSE_IGNORE_COOKIE : 0;
    if ((cf & PyCF_ONLY_AST) && flags->cf_feature_version > 0) {
        in.feature_version = flags->cf_feature_version;
    }
    KrMod *mod = NULL;
    KrDiagnostic diag = {0};
    bool parsed = kr_parse(&in, arena, &mod, &diag);
    if (diag.kind != KR_DIAG_UNICODE_ERROR
        && give_warnings(diag.warnings, diag.source != NULL ? diag.source : source,
                         diag.source != NULL ? diag.source_length : length,
                         filename) < 0) {
        return NULL;
    }
    if (!parsed) {
        kr_raise_diagnostic(&diag, filename);
        return NULL;
    }
    return mod;
}

// --- Compiling -------------------------------------------------------------------------

static int
resolve_optimize(int optimize)
{
    return optimize < 0 ? kr_interp()->runtime.config.optimization_level : optimize;
}

PyCodeObject *
kr_compile_ast(KrMod *mod, PyObject *filename, PyCompilerFlags *flags, int optimize,
               KrArena *arena)
{
    KrCompiler c;
    PyCodeObject *result = NULL;

    if (kr_compiler_start(&c, arena, filename, flags != NULL ? flags->cf_flags : 0,
                          resolve_optimize(optimize))) {
        kr_future_features(&c, mod);
        if (flags != NULL) {
            flags->cf_flags = c.flags;
        }
        kr_preprocess(&c, mod, false);
        kr_symtable_build(&c, mod);
        PyCodeObject *code = kr_codegen_mod(&c, mod);
        if (!c.failed) {
            result = (PyCodeObject *)Py_NewRef(code);
        }
    }
    kr_compiler_finish(&c);
    return result;
}

PyObject *
kr_compile_string(const char *source, size_t length, PyObject *filename, int start,
                  PyCompilerFlags *flags, int optimize)
{
    KrArena arena;
    PyObject *result = NULL;

    kr_arena_init(&arena);
    KrMod *mod = kr_parse_string(source, length, filename, start, flags, &arena);
    if (mod != NULL) {
        result = (PyObject *)kr_compile_ast(mod, filename, flags, optimize, &arena);
    }
    kr_arena_free(&arena);
    return result;
}

int
kr_preprocess_ast(KrMod *mod, PyObject *filename, PyCompilerFlags *flags, int optimize,
                  bool patterns_only, KrArena *arena)
{
    KrCompiler c;

    if (kr_compiler_start(&c, arena, filename, flags != NULL ? flags->cf_flags : 0,
                          resolve_optimize(optimize))) {
        kr_future_features(&c, mod);
        kr_preprocess(&c, mod, patterns_only);
        // New constants stay in the tree: the arena takes them over.
        for (size_t i = 0; i < c.kept_count && !c.failed; i++) {
            if (!kr_arena_on_free(arena, (void (*)(void *))Py_DecRef, c.kept[i])) {
                kr_compiler_no_memory(&c);
                break;
            }
            Py_INCREF(c.kept[i]);
        }
    }
    bool failed = c.failed;
    kr_compiler_finish(&c);
    return failed ? -1 : 0;
}

PyObject *
kr_unparse(KrExpr *e, KrArena *arena)
{
    KrCompiler c;
    PyObject *result = NULL;

    if (kr_compiler_start(&c, arena, NULL, 0, 0)) {
        result = kr_unparse_expr(&c, e);
    }
    kr_compiler_finish(&c);
    return result;
}

int
PyCompile_OpcodeStackEffectWithJump(int opcode, int oparg, int jump)
{
    return kr_opcode_stack_effect(opcode, oparg, jump);
}

int
PyCompile_OpcodeStackEffect(int opcode, int oparg)
{
    return kr_opcode_stack_effect(opcode, oparg, -1);
}
