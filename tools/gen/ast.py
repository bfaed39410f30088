#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make build/gen/syntax/ast.h and ast.c from src/syntax/ast.asdl.

The header has one struct per node type, one enum per operator family, sequences and
inline constructors. The C file has the tables that walk a tree without knowing it.
"""

import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(ROOT, "src", "syntax", "ast.asdl")
TARGET = os.path.join(ROOT, "build", "gen", "syntax")

# Names whose words the notation runs together.
TYPE_NAMES = {
    "expr_context": "ExprContext", "boolop": "BoolOp", "unaryop": "UnaryOp",
    "cmpop": "CmpOp", "excepthandler": "ExceptHandler", "withitem": "WithItem",
    "match_case": "MatchCase", "type_ignore": "TypeIgnore", "type_param": "TypeParam",
}
BUILTIN = {"identifier": ("KrIdent *", "KR_AST_IDENTIFIER"),
           "string": ("KrIdent *", "KR_AST_STRING"),
           "int": ("int ", "KR_AST_INT"),
           "constant": ("KrConst *", "KR_AST_CONSTANT")}


class Field:
    def __init__(self, type_name, quantity, name):
        self.type, self.quantity, self.name = type_name, quantity, name

    @property
    def is_list(self):
        return "*" in self.quantity


class Type:
    """A name with constructors: (name, fields); a product has one without a name."""

    def __init__(self, name, constructors, is_product, attributes):
        self.name = name
        self.constructors = constructors
        self.is_product = is_product
        self.attributes = attributes
        self.is_enum = not is_product and not any(f for _, f in constructors) \
            and not attributes

    @property
    def c_name(self):
        return "Kr" + TYPE_NAMES.get(self.name, self.name.capitalize())

    @property
    def c_type(self):
        return self.c_name + (" " if self.is_enum else " *")

    def enumerator(self, constructor):
        if self.is_enum:
            return "KR_" + constructor.upper()
        return f"KR_{self.name.upper()}_{constructor}"


class Reader:
    """Reads the notation: a list of words, one position."""

    def __init__(self, text):
        text = re.sub(r"--[^\n]*", "", text)
        self.words = re.findall(r"\w+|[{}()|=,?*]", text)
        self.at = 0

    def peek(self):
        return self.words[self.at]

    def take(self, expected=None):
        word = self.words[self.at]
        if expected is not None and word != expected:
            raise SystemExit(f"ast.asdl: expected {expected!r}, found {word!r}")
        self.at += 1
        return word

    def module(self):
        self.take("module")
        self.take()
        self.take("{")
        types = []
        while self.peek() != "}":
            types.append(self.type())
        return types

    def type(self):
        name = self.take()
        self.take("=")
        if self.peek() == "(":
            constructors, is_product = [(name, self.fields())], True
        else:
            constructors, is_product = [self.constructor()], False
            while self.peek() == "|":
                self.take()
                constructors.append(self.constructor())
        attributes = []
        if self.peek() == "attributes":
            self.take()
            attributes = self.fields()
        return Type(name, constructors, is_product, attributes)

    def constructor(self):
        name = self.take()
        return name, self.fields() if self.peek() == "(" else []

    def fields(self):
        self.take("(")
        result = []
        while self.peek() != ")":
            type_name, quantity = self.take(), ""
            while self.peek() in "?*":
                quantity += self.take()
            result.append(Field(type_name, quantity, self.take()))
            if self.peek() == ",":
                self.take()
        self.take(")")
        return result


HEAD = """// SPDX-License-Identifier: MIT
// {name} - {purpose}; made by tools/gen/ast.py from src/syntax/ast.asdl.
"""

PRELUDE = """
#ifndef KRAIT_SYNTAX_AST_H
#define KRAIT_SYNTAX_AST_H

#include "base/arena.h"

struct _object;

// Lines count from 1, columns are UTF-8 byte offsets in their line.
typedef struct KrSpan {
    int lineno;
    int col;
    int end_lineno;
    int end_col;
} KrSpan;

// A name or a text, unique per parse: compare by pointer. UTF-8 (surrogates passed
// through), NFKC-normalised when it is a name, a zero byte behind it.
typedef struct KrIdent {
    uint32_t length; // in bytes
    uint32_t hash;
    char text[];
} KrIdent;

typedef enum {
    KR_CONST_NONE,
    KR_CONST_TRUE,
    KR_CONST_FALSE,
    KR_CONST_ELLIPSIS,
    KR_CONST_INT,     // text: the literal without underscores
    KR_CONST_FLOAT,   // the same
    KR_CONST_COMPLEX, // the same, with its j: an imaginary number
    KR_CONST_STR,     // text: UTF-8, surrogates passed through
    KR_CONST_BYTES,   // text: the bytes
    KR_CONST_OBJECT,  // object: opaque here, owned by the arena through a cleanup
} KrConstKind;

typedef struct KrConst {
    KrConstKind kind;
    const char *text;  // a zero byte behind it
    size_t length;     // in bytes
    struct _object *object;
} KrConst;

// NULL stands for the empty sequence.
#define KR_SEQ_LEN(seq) ((seq) != NULL ? (seq)->count : 0)
"""

TABLE_TYPES = """
// How to walk a node without knowing its struct.
typedef enum {
%s    KR_AST_IDENTIFIER,
    KR_AST_STRING,
    KR_AST_INT,
    KR_AST_CONSTANT,
} KrAstType;

typedef enum {
    KR_AST_ONE,
    KR_AST_OPTIONAL,
    KR_AST_LIST,
    KR_AST_LIST_OF_OPTIONAL,
} KrAstQuantity;

typedef struct KrAstField {
    const char *name;
    uint8_t type;      // KrAstType
    uint8_t quantity;  // KrAstQuantity
    uint16_t offset;   // in the node; the int of an optional int has no NULL
} KrAstField;

// One constructor of a sum, or the product itself.
typedef struct KrAstClass {
    const char *name;
    const char *notation; // the constructor as the notation writes it
    const KrAstField *fields;
    uint8_t type;         // KrAstType it belongs to
    uint8_t field_count;
    uint16_t kind;        // value of the enumerator; 0 in a product
    uint16_t size;        // of the node in bytes; 0 for an enum
} KrAstClass;

typedef struct KrAstTypeInfo {
    const char *name;
    const char *notation;
    const KrAstClass *classes;
    uint16_t class_count;
    bool is_product;
    bool is_enum;
    bool has_span;
    bool end_is_optional; // end_lineno and end_col_offset may be absent
    uint16_t span_offset; // of the KrSpan in the node
} KrAstTypeInfo;

#define KR_AST_TYPE_COUNT %d
extern const KrAstTypeInfo kr_ast_types[KR_AST_TYPE_COUNT]; // by KrAstType

// The class of a node or of an enum's value.
static inline const KrAstClass *
kr_ast_class_of(KrAstType type, const void *node)
{
    const KrAstTypeInfo *info = &kr_ast_types[type];
    // A sum's kind is its first member; kinds count from 1 in order of the classes.
    return info->is_product ? info->classes : &info->classes[*(const int *)node - 1];
}
"""


def field_c_type(field, types):
    if field.is_list:
        return sequence_name(field.type, types) + " *"
    if field.type in BUILTIN:
        return BUILTIN[field.type][0]
    return types[field.type].c_type


def sequence_name(type_name, types):
    if type_name == "identifier":
        return "KrIdentSeq"
    return types[type_name].c_name + "Seq"


def sequences(types):
    out = []
    used = sorted({f.type for t in types.values() for _, fs in t.constructors
                   for f in fs if f.is_list} | {"expr"})
    for name in used:
        seq = sequence_name(name, types)
        item = BUILTIN[name][0] if name in BUILTIN else types[name].c_type
        stem = seq[2:-3].lower()
        align = "" if item.endswith("*") else "_Alignas(void *) "
        out.append(f"""
typedef struct {seq} {{
    int count;
    {align}{item}items[]; // at the same place in all sequences
}} {seq};

// Items are not set; NULL without memory.
static inline {seq} *
kr_{stem}_seq_new(KrArena *arena, int count)
{{
    {seq} *seq = kr_arena_alloc(
        arena, sizeof({seq}) + (size_t)count * sizeof(seq->items[0]));
    if (seq != NULL) {{
        seq->count = count;
    }}
    return seq;
}}
""")
    return out


def struct_of(t, types):
    lines = [f"struct {t.c_name} {{"]
    if not t.is_product:
        lines.append(f"    {t.c_name}Kind kind;")
    if t.attributes:
        lines.append("    KrSpan span;")
    if t.is_product:
        lines += [f"    {field_c_type(f, types)}{f.name};" for f in t.constructors[0][1]]
    else:
        lines.append("    union {")
        for name, fields in t.constructors:
            if fields:
                lines.append("        struct {")
                lines += [f"            {field_c_type(f, types)}{f.name};"
                          for f in fields]
                lines.append(f"        }} {name};")
        lines.append("    } v;")
    lines.append("};\n")
    return "\n".join(lines)


def node_size(t, name, fields):
    if t.is_product:
        return f"sizeof({t.c_name})"
    if not fields:
        return f"offsetof({t.c_name}, v)"
    return f"offsetof({t.c_name}, v) + sizeof((({t.c_name} *)0)->v.{name})"


def constructor_of(t, name, fields, types):
    stem = t.c_name[2:].lower()
    function = f"kr_{stem}_new" if t.is_product else f"kr_{stem}_{name}"
    params = ["KrArena *arena"] + (["KrSpan span"] if t.attributes else [])
    params += [f"{field_c_type(f, types)}{f.name}" for f in fields]
    body = []
    if not t.is_product:
        body.append(f"        node->kind = {t.enumerator(name)};")
    if t.attributes:
        body.append("        node->span = span;")
    where = "node->" if t.is_product else f"node->v.{name}."
    body += [f"        {where}{f.name} = {f.name};" for f in fields]
    return (f"static inline {t.c_name} *\n{function}({', '.join(params)})\n{{\n"
            f"    {t.c_name} *node = kr_arena_alloc(\n"
            f"        arena, {node_size(t, name, fields)});\n"
            "    if (node != NULL) {\n" + "\n".join(body) + "\n    }\n"
            "    return node;\n}\n")


def header(types):
    out = [HEAD.format(name="ast.h", purpose="the nodes of the syntax tree"), PRELUDE]
    for t in types.values():
        if t.is_enum:
            rows = [f"    {t.enumerator(n)}{' = 1' if i == 0 else ''},"
                    for i, (n, _) in enumerate(t.constructors)]
            out.append("typedef enum {\n" + "\n".join(rows) + f"\n}} {t.c_name};\n")
        else:
            out.append(f"typedef struct {t.c_name} {t.c_name};\n")
    out += sequences(types)
    for t in types.values():
        if t.is_enum:
            continue
        if not t.is_product:
            rows = [f"    {t.enumerator(n)}{' = 1' if i == 0 else ''},"
                    for i, (n, _) in enumerate(t.constructors)]
            out.append("typedef enum {\n" + "\n".join(rows) + f"\n}} {t.c_name}Kind;\n")
        out.append(struct_of(t, types))
    for t in types.values():
        if not t.is_enum:
            out += [constructor_of(t, n, f, types) for n, f in t.constructors]
    names = "".join(f"    KR_AST_{t.name.upper()},\n" for t in types.values())
    out.append(TABLE_TYPES % (names, len(types)))
    out.append("\n#endif // KRAIT_SYNTAX_AST_H\n")
    return "\n".join(out)


QUANTITY = {"": "KR_AST_ONE", "?": "KR_AST_OPTIONAL", "*": "KR_AST_LIST",
            "?*": "KR_AST_LIST_OF_OPTIONAL"}


def notation_of(name, fields):
    if not fields:
        return name
    inner = ", ".join(f"{f.type}{f.quantity} {f.name}" for f in fields)
    return f"{name}({inner})"


def type_notation(t):
    parts = [notation_of(n, f) for n, f in t.constructors]
    if t.is_product:
        return parts[0]
    joint = " | " if t.is_enum else "\\n" + " " * (len(t.name) + 1) + "| "
    return t.name + " = " + joint.join(parts)


def tables(types):
    out = [HEAD.format(name="ast.c", purpose="tables to walk the syntax tree"),
           '#include "syntax/ast.h"\n']
    for t in types.values():
        for name, fields in t.constructors:
            if not fields:
                continue
            out.append(f"static const KrAstField {t.name}_{name}_fields[] = {{")
            for f in fields:
                kind = BUILTIN[f.type][1] if f.type in BUILTIN \
                    else "KR_AST_" + f.type.upper()
                member = f.name if t.is_product else f"v.{name}.{f.name}"
                out.append(f'    {{"{f.name}", {kind}, {QUANTITY[f.quantity]},\n'
                           f"     offsetof({t.c_name}, {member})}},")
            out.append("};\n")
        out.append(f"static const KrAstClass {t.name}_classes[] = {{")
        for i, (name, fields) in enumerate(t.constructors):
            size = "0" if t.is_enum else node_size(t, name, fields)
            table = f"{t.name}_{name}_fields" if fields else "NULL"
            out.append(f'    {{"{name}", "{notation_of(name, fields)}", {table},\n'
                       f"     KR_AST_{t.name.upper()}, {len(fields)}, "
                       f"{0 if t.is_product else i + 1}, {size}}},")
        out.append("};\n")
    out.append("const KrAstTypeInfo kr_ast_types[KR_AST_TYPE_COUNT] = {")
    for t in types.values():
        span = f"offsetof({t.c_name}, span)" if t.attributes else "0"
        optional = any(f.quantity == "?" for f in t.attributes)
        out.append(f"    [KR_AST_{t.name.upper()}] = {{\n"
                   f'        "{t.name}",\n        "{type_notation(t)}",\n'
                   f"        {t.name}_classes, {len(t.constructors)}, "
                   + ", ".join(str(bool(b)).lower() for b in
                               (t.is_product, t.is_enum, t.attributes, optional))
                   + f", {span}}},")
    out.append("};\n")
    return "\n".join(out)


def write(name, text):
    path = os.path.join(TARGET, name)
    os.makedirs(TARGET, exist_ok=True)
    try:
        with open(path) as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        pass
    # Several builds may run at once: nobody may see half a file.
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w") as file:
        file.write(text)
    os.replace(temporary, path)


def main():
    with open(SOURCE) as file:
        types = {t.name: t for t in Reader(file.read()).module()}
    write("ast.h", header(types))
    write("ast.c", tables(types))


if __name__ == "__main__":
    main()
