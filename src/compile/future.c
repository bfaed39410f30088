// SPDX-License-Identifier: MIT
// future.c - the __future__ imports of a module.

#include "compile/compiler.h"

static const struct {
    const char *name;
    int flag; // 0: in force anyway
} features[] = {
    {FUTURE_NESTED_SCOPES, 0},
    {FUTURE_GENERATORS, 0},
    {FUTURE_DIVISION, 0},
    {FUTURE_ABSOLUTE_IMPORT, 0},
    {FUTURE_WITH_STATEMENT, 0},
    {FUTURE_PRINT_FUNCTION, 0},
    {FUTURE_UNICODE_LITERALS, 0},
    {FUTURE_BARRY_AS_BDFL, CO_FUTURE_BARRY_AS_BDFL},
    {FUTURE_GENERATOR_STOP, 0},
    {FUTURE_ANNOTATIONS, CO_FUTURE_ANNOTATIONS},
};

static int
feature_flags(KrCompiler *c, const KrStmt *s)
{
    int flags = 0;
    const KrAliasSeq *names = s->v.ImportFrom.names;
    for (int i = 0; i < KR_SEQ_LEN(names); i++) {
        const KrAlias *alias = names->items[i];
        const char *name = alias->name->text;
        int found = -1;
        for (int j = 0; j < KR_ARRAY_LEN(features); j++) {
            if (strcmp(name, features[j].name) == 0) {
                found = features[j].flag;
            }
        }
        if (found < 0) {
            if (strcmp(name, "braces") == 0) {
                kr_compiler_error_ranged(c, KR_LOC(alias), "not a chance");
            }
            else {
                kr_compiler_error_ranged(c, KR_LOC(alias),
                                         "future feature %.100s is not defined", name);
            }
            return 0;
        }
        flags |= found;
    }
    return flags;
}

static bool
is_future_import(const KrStmt *s)
{
    return s->kind == KR_STMT_ImportFrom && s->v.ImportFrom.module != NULL
           && s->v.ImportFrom.level == 0
           && strcmp(s->v.ImportFrom.module->text, "__future__") == 0;
}

void
kr_future_features(KrCompiler *c, KrMod *mod)
{
    const KrStmtSeq *body = NULL;
    c->future_line = -1;
    if (mod->kind == KR_MOD_Module) {
        body = mod->v.Module.body;
    }
    else if (mod->kind == KR_MOD_Interactive) {
        body = mod->v.Interactive.body;
    }
    for (int i = kr_docstring(body) != NULL; i < KR_SEQ_LEN(body) && !c->failed; i++) {
        const KrStmt *s = body->items[i];
        if (!is_future_import(s)) {
            break;
        }
        c->flags |= feature_flags(c, s);
        c->future_line = s->span.end_lineno;
        c->future_end_col = s->span.end_col;
    }
}
