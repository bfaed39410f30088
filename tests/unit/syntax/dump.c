// SPDX-License-Identifier: MIT
// dump.c - parses files without any runtime and prints their trees, for comparison.
//
//   dump FILE...           the tree of each file, one node a line, or its error
//   dump --cases FILE      records "mode flags length\n" + bytes + "\n": error or OK
//   dump --time N FILE...  parses each file N times, prints seconds and megabytes
//   KRAIT_TEST_NAMES       a file of "XXXX NAME" lines, sorted by name, for \N{...}
#include "base/utf8.h"
#include "syntax/lexer.h"
#include "syntax/parse.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <wctype.h>

// ---- characters: the C library's tables are good enough here ----

static bool
test_start(uint32_t c)
{
    return iswalpha((wint_t)c) && !(c >= 0xff10 && c <= 0xff19)
           && !(c >= 0x660 && c < 0x1100 && iswprint((wint_t)c) && (c & 15) >= 6
                && c >= 0x966 && c <= 0x96f);
}

static bool
test_continue(uint32_t c)
{
    return iswalnum((wint_t)c) || (c >= 0x300 && c < 0x370) || c == 0xb7
           || (c >= 0xfe00 && c < 0xfe10) || (c >= 0x20d0 && c < 0x20f0)
           || (c >= 0xe0100 && c <= 0xe01ef) || (c >= 0x1ab0 && c < 0x1b00);
}

static bool
test_printable(uint32_t c)
{
    return iswprint((wint_t)c) && !iswspace((wint_t)c) && c != 0xa0 && c != 0xfeff
           && !(c >= 0xe000 && c < 0xf900) && c < 0xf0000;
}

static const char *
test_nfkc(KrArena *arena, const char *text, size_t length, size_t *length_out)
{
    *length_out = length;
    return text;
}

static char **name_table;
static int name_count;

static void
load_names(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if ((name_count & (name_count - 1)) == 0) {
            size_t size = (size_t)(name_count > 0 ? name_count * 2 : 1);
            name_table = realloc(name_table, size * sizeof(char *));
        }
        name_table[name_count++] = strdup(line);
    }
}

static bool
test_name(const char *name, size_t length, uint32_t *out)
{
    int low = 0, high = name_count;
    char upper[256];
    if (length >= sizeof(upper)) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        upper[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
    }
    upper[length] = '\0';
    while (low < high) {
        int middle = (low + high) / 2;
        const char *entry = strchr(name_table[middle], ' ') + 1;
        int order = strcmp(upper, entry);
        if (order == 0) {
            *out = (uint32_t)strtoul(name_table[middle], NULL, 16);
            return true;
        }
        if (order < 0) {
            high = middle;
        }
        else {
            low = middle + 1;
        }
    }
    return false;
}

static const KrUnicodeHooks test_hooks = {
    test_start, test_continue, test_printable, test_nfkc, test_name,
};

// ---- values -----------------------------------------------------------------

static void
print_bytes(const char *text, size_t length)
{
    putchar('"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
            putchar(c);
        }
        else {
            printf("\\%02x", c);
        }
    }
    putchar('"');
}

// A decimal literal of any size as hexadecimal.
static void
print_decimal_as_hex(const char *text, size_t length)
{
    size_t room = length / 2 + 2, used = 0;
    unsigned char *digits = calloc(room, 1); // base 256, lowest first
    for (size_t i = 0; i < length; i++) {
        unsigned carry = (unsigned)(text[i] - '0');
        for (size_t j = 0; j < used || carry != 0; j++) {
            unsigned value = digits[j] * 10u + carry;
            digits[j] = (unsigned char)value;
            carry = value >> 8;
            if (j >= used) {
                used = j + 1;
            }
        }
    }
    if (used == 0) {
        printf("0x0");
    }
    else {
        printf("0x%x", digits[used - 1]);
        for (size_t j = used - 1; j-- > 0;) {
            printf("%02x", digits[j]);
        }
    }
    free(digits);
}

static void
print_based_as_hex(const char *text, size_t length, unsigned bits)
{
    // Bits from the end, four at a time.
    size_t count = length * bits, digits = (count + 3) / 4;
    char *out = malloc(digits + 1), *s = out;
    for (size_t d = 0; d < digits; d++) {
        unsigned value = 0;
        for (unsigned b = 0; b < 4; b++) {
            size_t bit = d * 4 + b, from = bit / bits;
            if (from < length) {
                char c = (char)(text[length - 1 - from] | 0x20);
                unsigned v = c >= 'a' ? (unsigned)(c - 'a' + 10) : (unsigned)(c & 15);
                value |= (v >> (bit % bits) & 1u) << b;
            }
        }
        out[digits - 1 - d] = "0123456789abcdef"[value];
    }
    out[digits] = '\0';
    while (*s == '0' && s[1] != '\0') {
        s++;
    }
    printf("0x%s", s);
    free(out);
}

static void
print_int(const char *text, size_t length)
{
    char base = length > 1 && text[0] == '0' ? (char)(text[1] | 0x20) : 0;
    switch (base) {
    case 'x':
        print_based_as_hex(text + 2, length - 2, 4);
        break;
    case 'o':
        print_based_as_hex(text + 2, length - 2, 3);
        break;
    case 'b':
        print_based_as_hex(text + 2, length - 2, 1);
        break;
    default:
        print_decimal_as_hex(text, length);
    }
}

static void
print_constant(const KrConst *c)
{
    double number;
    uint64_t bits;
    switch (c->kind) {
    case KR_CONST_NONE: printf("None"); break;
    case KR_CONST_TRUE: printf("True"); break;
    case KR_CONST_FALSE: printf("False"); break;
    case KR_CONST_ELLIPSIS: printf("Ellipsis"); break;
    case KR_CONST_INT: print_int(c->text, c->length); break;
    case KR_CONST_FLOAT:
    case KR_CONST_COMPLEX:
        number = strtod(c->text, NULL);
        memcpy(&bits, &number, sizeof(bits));
        printf("%s%016llx", c->kind == KR_CONST_FLOAT ? "float" : "complex",
               (unsigned long long)bits);
        break;
    case KR_CONST_BYTES: putchar('b'); print_bytes(c->text, c->length); break;
    case KR_CONST_STR: print_bytes(c->text, c->length); break;
    default: printf("object"); break;
    }
}

// ---- trees ------------------------------------------------------------------

static void print_node(KrAstType type, const void *node, const char *label, int depth);

static void
print_scalar(const KrAstField *field, const void *item)
{
    switch (field->type) {
    case KR_AST_IDENTIFIER:
    case KR_AST_STRING: {
        const KrIdent *ident = *(KrIdent *const *)item;
        if (ident == NULL) {
            printf("None");
        }
        else {
            print_bytes(ident->text, ident->length);
        }
        break;
    }
    case KR_AST_INT:
        printf("%d", *(const int *)item);
        break;
    case KR_AST_CONSTANT:
        print_constant(*(KrConst *const *)item);
        break;
    default:
        printf("%s", kr_ast_class_of((KrAstType)field->type, item)->name);
    }
}

static bool
is_scalar(const KrAstField *field)
{
    return field->type >= KR_AST_IDENTIFIER || kr_ast_types[field->type].is_enum;
}

static size_t
item_size(const KrAstField *field)
{
    return field->type < KR_AST_IDENTIFIER && kr_ast_types[field->type].is_enum
               ? sizeof(int)
               : sizeof(void *);
}

static void
print_list(const KrAstField *field, const KrExprSeq *seq, int depth)
{
    for (int i = 0; i < KR_SEQ_LEN(seq); i++) {
        const char *item = (const char *)seq->items + (size_t)i * item_size(field);
        if (is_scalar(field)) {
            printf("%*s%s[%d]: ", depth, "", field->name, i);
            print_scalar(field, item);
            putchar('\n');
        }
        else {
            print_node((KrAstType)field->type, *(void *const *)item, field->name, depth);
        }
    }
}

static void
print_node(KrAstType type, const void *node, const char *label, int depth)
{
    if (node == NULL) {
        printf("%*s%s: None\n", depth, "", label);
        return;
    }
    const KrAstTypeInfo *info = &kr_ast_types[type];
    const KrAstClass *class = kr_ast_class_of(type, node);
    printf("%*s%s: %s", depth, "", label, class->name);
    if (info->has_span) {
        const KrSpan *s = (const void *)((const char *)node + info->span_offset);
        printf(" %d:%d-%d:%d", s->lineno, s->col, s->end_lineno, s->end_col);
    }
    for (int i = 0; i < class->field_count; i++) {
        const KrAstField *field = &class->fields[i];
        if (field->quantity < KR_AST_LIST && is_scalar(field)) {
            printf(" %s=", field->name);
            print_scalar(field, (const char *)node + field->offset);
        }
    }
    putchar('\n');
    for (int i = 0; i < class->field_count; i++) {
        const KrAstField *field = &class->fields[i];
        const void *place = (const char *)node + field->offset;
        if (field->quantity >= KR_AST_LIST) {
            print_list(field, *(KrExprSeq *const *)place, depth + 1);
        }
        else if (!is_scalar(field)) {
            print_node((KrAstType)field->type, *(void *const *)place, field->name,
                       depth + 1);
        }
    }
}

// ---- driver -----------------------------------------------------------------

static const char *const kind_names[] = {
    "None", "SyntaxError", "IndentationError", "TabError", "_IncompleteInputError",
    "MemoryError", "RecursionError", "ValueError", "UnicodeError",
};

static void
print_error(const KrDiagnostic *d)
{
    printf("%s: %s (%d, %d, %d, %d)", kind_names[d->kind],
           d->message != NULL ? d->message : "", d->lineno, d->offset, d->end_lineno,
           d->end_offset);
    if (d->source_line != NULL) {
        print_bytes(d->source_line, d->source_line_length);
    }
    putchar('\n');
}

static void
print_warnings(const KrDiagnostic *d)
{
    for (KrWarning *w = d->warnings; w != NULL; w = w->next) {
        printf("warning %s: %s (%d)\n",
               w->category == KR_WARN_SYNTAX ? "SyntaxWarning" : "DeprecationWarning",
               w->message, w->lineno);
    }
}

static char *
read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    struct stat info;
    if (file == NULL || fstat(fileno(file), &info) != 0) {
        fprintf(stderr, "dump: cannot read %s\n", path);
        exit(1);
    }
    char *text = malloc((size_t)info.st_size + 1);
    *length = fread(text, 1, (size_t)info.st_size, file);
    text[*length] = '\0';
    fclose(file);
    return text;
}

static KrParseInput
make_input(const char *text, size_t length)
{
    return (KrParseInput){.text = text, .length = length, .unicode = &test_hooks,
                          .max_int_digits = 4300};
}

static void
dump_text(const char *text, size_t length, KrParseMode mode, uint32_t flags,
          bool error_only)
{
    KrParseInput in = make_input(text, length);
    KrArena arena = {0};
    KrMod *mod;
    KrDiagnostic diag;
    in.mode = mode;
    in.flags = flags;
    if (!kr_parse(&in, &arena, &mod, &diag)) {
        print_error(&diag);
    }
    else if (error_only) {
        printf("OK\n");
    }
    else {
        print_node(KR_AST_MOD, mod, "mod", 0);
    }
    if (!error_only) {
        print_warnings(&diag);
    }
    kr_arena_free(&arena);
}

static int
run_cases(const char *path, bool error_only)
{
    size_t length, at = 0;
    char *data = read_file(path, &length);
    for (int number = 0; at < length; number++) {
        int mode, header;
        unsigned flags;
        size_t size;
        if (sscanf(data + at, "%d %u %zu\n%n", &mode, &flags, &size, &header) != 3) {
            return 1;
        }
        // A text may begin with blanks: the header ends at its newline.
        char *newline = strchr(data + at, '\n');
        at = (size_t)(newline - data) + 1;
        printf("%d ", number);
        dump_text(data + at, size, (KrParseMode)mode, flags, error_only);
        at += size + 1;
    }
    free(data);
    return 0;
}

static int
run_timing(int count, char **paths, int path_count)
{
    double seconds = 0;
    size_t bytes = 0;
    for (int i = 0; i < path_count; i++) {
        size_t length;
        char *text = read_file(paths[i], &length);
        KrParseInput in = make_input(text, length);
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (int n = 0; n < count; n++) {
            KrArena arena = {0};
            KrMod *mod;
            KrDiagnostic diag;
            kr_parse(&in, &arena, &mod, &diag);
            kr_arena_free(&arena);
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        seconds += (double)(end.tv_sec - start.tv_sec)
                   + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
        bytes += length * (size_t)count;
        free(text);
    }
    printf("%.3f s, %.1f MB, %.1f MB/s\n", seconds, (double)bytes / 1e6,
           (double)bytes / 1e6 / seconds);
    return 0;
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    if (getenv("KRAIT_TEST_NAMES") != NULL) {
        load_names(getenv("KRAIT_TEST_NAMES"));
    }
    if (argc > 2 && strcmp(argv[1], "--cases") == 0) {
        return run_cases(argv[2], true);
    }
    if (argc > 2 && strcmp(argv[1], "--trees") == 0) {
        return run_cases(argv[2], false);
    }
    if (argc > 3 && strcmp(argv[1], "--time") == 0) {
        return run_timing(atoi(argv[2]), argv + 3, argc - 3);
    }
    for (int i = 1; i < argc; i++) {
        size_t length;
        char *text = read_file(argv[i], &length);
        printf("== %s\n", argv[i]);
        dump_text(text, length, KR_PARSE_EXEC, 0, false);
        free(text);
    }
    return 0;
}
