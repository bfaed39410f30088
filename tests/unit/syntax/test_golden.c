// SPDX-License-Identifier: MIT
// test_golden.c - error texts and positions of tests/golden/syntax/errors.txt.
//
// A case is lines that begin with "| ", the source, and one line
// "Kind: message (line, offset, end line, end offset)".
//
// sources: src/base/base.c src/base/arena.c src/base/utf8.c src/syntax/diagnose.c src/syntax/diagnose_call.c src/syntax/diagnose_expr.c src/syntax/diagnose_stmt.c src/syntax/lex_number.c src/syntax/lex_string.c src/syntax/lexer.c src/syntax/literal.c src/syntax/nodes.c src/syntax/parse.c src/syntax/parse_call.c src/syntax/parse_compound.c src/syntax/parse_expr.c src/syntax/parse_match.c src/syntax/parse_params.c src/syntax/parse_stmt.c src/syntax/parse_string.c src/syntax/parse_target.c src/syntax/source.c
#include "syntax/parse.h"

#include <stdio.h>
#include <stdlib.h>

static const char path[] = "tests/golden/syntax/errors.txt";

static const char *const kind_names[] = {
    "None", "SyntaxError", "IndentationError", "TabError", "_IncompleteInputError",
    "MemoryError", "RecursionError", "ValueError", "UnicodeError",
};

static bool
test_char(uint32_t c)
{
    return c >= 0xc0 && c < 0x2000;
}

static const char *
test_nfkc(KrArena *arena, const char *text, size_t length, size_t *length_out)
{
    *length_out = length;
    return text;
}

static bool
test_no_name(const char *name, size_t length, uint32_t *out)
{
    return false;
}

static const KrUnicodeHooks hooks = {test_char, test_char, test_char, test_nfkc,
                                     test_no_name};

static int
check_case(const char *source, size_t length, const char *expected, int line)
{
    KrParseInput in = {.text = source, .length = length, .unicode = &hooks,
                       .flags = KR_PARSE_IGNORE_COOKIE};
    KrArena arena = {0};
    KrDiagnostic d;
    KrMod *mod;
    char got[2048];
    if (kr_parse(&in, &arena, &mod, &d)) {
        snprintf(got, sizeof(got), "OK");
    }
    else {
        snprintf(got, sizeof(got), "%s: %s (%d, %d, %d, %d)", kind_names[d.kind],
                 d.message != NULL ? d.message : "", d.lineno, d.offset, d.end_lineno,
                 d.end_offset);
    }
    kr_arena_free(&arena);
    if (strcmp(got, expected) == 0) {
        return 0;
    }
    fprintf(stderr, "%s:%d: expected %s, got %s\n", path, line, expected, got);
    return 1;
}

int
main(void)
{
    FILE *file = fopen(path, "r");
    char line[4096], source[65536];
    size_t length = 0;
    int number = 0, failures = 0, cases = 0;
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        number++;
        size_t size = strcspn(line, "\n");
        line[size] = '\0';
        if (line[0] == '|') {
            size_t skip = size > 1 ? 2 : 1;
            if (length > 0) {
                source[length++] = '\n';
            }
            else if (length == 0 && source[0] == 1) {
                source[length++] = '\n';
            }
            memcpy(source + length, line + skip, size - skip);
            length += size - skip;
            source[length] = '\0';
            if (length == 0) {
                source[0] = 1; // an empty first line
            }
            continue;
        }
        failures += check_case(source, length, line, number);
        cases++;
        length = 0;
        source[0] = '\0';
    }
    fclose(file);
    if (cases == 0) {
        fprintf(stderr, "no cases\n");
    }
    return failures > 0 || cases == 0;
}
