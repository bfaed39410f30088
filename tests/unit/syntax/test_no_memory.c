// SPDX-License-Identifier: MIT
// test_no_memory.c - every allocation of a parse fails once: no crash, MemoryError.
//
// sources: src/base/base.c src/base/utf8.c src/syntax/diagnose.c src/syntax/diagnose_call.c src/syntax/diagnose_expr.c src/syntax/diagnose_stmt.c src/syntax/lex_number.c src/syntax/lex_string.c src/syntax/lexer.c src/syntax/literal.c src/syntax/nodes.c src/syntax/parse_call.c src/syntax/parse_compound.c src/syntax/parse_expr.c src/syntax/parse_match.c src/syntax/parse_params.c src/syntax/parse_stmt.c src/syntax/parse_string.c src/syntax/parse_target.c src/syntax/source.c
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int allocations_left;

static bool allocation_fails(void);

// The only files of the front end that call the C allocator, and every node of the tree
// takes a chunk of its own, so that each of them can fail.
#define malloc(size) (allocation_fails() ? NULL : malloc(size))
#define calloc(count, size) (allocation_fails() ? NULL : calloc(count, size))
#define realloc(old, size) (allocation_fails() ? NULL : realloc(old, size))
#include "../../../src/base/arena.c"
#include "../../../src/syntax/parse.c"
#undef malloc
#undef calloc
#undef realloc

static bool
allocation_fails(void)
{
    return --allocations_left < 0;
}

static const char good[] =
    "@d\nasync def f(a, /, b: int = 1, *c, d=2, **e) -> x:\n"
    "    'doc'\n    async with a as b, c: await d\n"
    "    return [x async for x in y if z], {**a, 'b': 1}, {1, *b}\n"
    "class A[T: int = str, *U, **V](B, metaclass=M): x: int = 3\n"
    "match x, y:\n    case {'a': 1, **r} if b: pass\n"
    "    case A(1, k=[*_, 2]) | 'b' as c: pass\n"
    "try: a.b[1:2, ...] += f(*a, k=1, **w)\nexcept* E as e: raise a from b\n"
    "from .a import (b as c, d)\nimport a.b.c\n"
    "f'{x!r:>{w}} {y=}' 'z' 'w\\n'\nt'{a}'\nx = y = lambda a, *b: (yield)\n"
    "if a if b else c: del a, b\nelif not a < b <= c or d and e: global g\n"
    "print(1_000, 2.5e3, 3j, b'\\x00', u'a', -x ** ~y)\n";
static const char bad[] = "f(a, b for c in d, {1: 2, 3}, [x y])\n";
static const char worse[] = "def f(a=1, b): 'a' b 'c'\nx = {a: *b}\n";

static bool
parse_with(const char *text, int allocations, KrDiagnosticKind *kind)
{
    KrParseInput in = {.text = text, .length = strlen(text)};
    KrArena arena = {0};
    KrDiagnostic diag;
    KrMod *mod;
    arena.chunk_size = 32;
    allocations_left = allocations;
    bool parsed = kr_parse(&in, &arena, &mod, &diag);
    *kind = parsed ? KR_DIAG_NONE : diag.kind;
    kr_arena_free(&arena);
    return parsed;
}

static int
sweep(const char *text)
{
    KrDiagnosticKind wanted, kind;
    parse_with(text, 1 << 30, &wanted);
    for (int n = 0; n < 100000; n++) {
        parse_with(text, n, &kind);
        if (allocations_left >= 0) {
            return kind == wanted ? 0 : 1;
        }
        if (kind != KR_DIAG_MEMORY_ERROR) {
            fprintf(stderr, "allocation %d failed: kind %d\n", n, (int)kind);
            return 1;
        }
    }
    return 1;
}

int
main(void)
{
    return sweep(good) || sweep(bad) || sweep(worse);
}
