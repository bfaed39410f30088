// SPDX-License-Identifier: MIT
// codegen_expr.c - expressions: names, operators, displays, strings, subscripts.

#include "compile/codegen.h"

#include "objects/ids.h"
#include "objects/template.h"

void
kr_codegen_exprs(KrCompiler *c, const KrExprSeq *seq)
{
    for (int i = 0; i < KR_SEQ_LEN(seq) && !c->failed; i++) {
        kr_codegen_expr(c, seq->items[i]);
    }
}

void
kr_codegen_const_int(KrCompiler *c, KrLocation loc, long value)
{
    if (!c->failed) {
        kr_emit_const(c, loc, kr_compiler_keep(c, PyLong_FromLong(value)));
    }
}

// How a name is reached in the current unit.
typedef enum { BY_NAME, BY_FAST, BY_GLOBAL, BY_DEREF } Access;

static Access
find_access(KrCompiler *c, PyObject *mangled, KrScopeOf of)
{
    KrUnit *unit = c->unit;
    switch (of) {
    case KR_SCOPE_FREE:
    case KR_SCOPE_CELL:
        return BY_DEREF;
    case KR_SCOPE_LOCAL:
        if (kr_scope_is_function_like(unit->scope)
            || kr_ptrmap_get(&unit->fast_hidden, mangled, 0) == 1) {
            return BY_FAST;
        }
        return BY_NAME;
    case KR_SCOPE_GLOBAL_IMPLICIT:
        return kr_scope_is_function_like(unit->scope) ? BY_GLOBAL : BY_NAME;
    case KR_SCOPE_GLOBAL_EXPLICIT:
        return BY_GLOBAL;
    default:
        return BY_NAME;
    }
}

static int
pick(KrExprContext ctx, int load, int store, int del)
{
    return ctx == KR_LOAD ? load : ctx == KR_STORE ? store : del;
}

static void
load_classdict(KrCompiler *c, KrLocation loc)
{
    kr_emit(c, loc, KR_OP_LOAD_DEREF, kr_unit_free(c, KR_ID(__classdict__)));
}

static void
emit_deref(KrCompiler *c, KrLocation loc, PyObject *mangled, KrScopeOf of,
           KrExprContext ctx)
{
    KrUnit *unit = c->unit;
    const KrPtrMap *map = of == KR_SCOPE_FREE ? &unit->freevars : &unit->cellvars;
    KrPtrEntry *entry = kr_ptrmap_find(map, mangled);
    if (entry == NULL) {
        PyErr_Format(PyExc_SystemError, "compiler: no cell or free variable %R in %U",
                     mangled, unit->name);
        kr_compiler_fail(c);
        return;
    }
    int op = pick(ctx, KR_OP_LOAD_DEREF, KR_OP_STORE_DEREF, KR_OP_DELETE_DEREF);
    if (ctx == KR_LOAD && unit->scope->type == KR_BLOCK_CLASS
        && unit->in_inlined_comp == 0) {
        kr_emit0(c, loc, KR_OP_LOAD_LOCALS);
        op = KR_OP_LOAD_FROM_DICT_OR_DEREF;
    }
    else if (ctx == KR_LOAD && unit->scope->can_see_class_scope) {
        load_classdict(c, loc);
        op = KR_OP_LOAD_FROM_DICT_OR_DEREF;
    }
    kr_emit(c, loc, op, (int)entry->value);
}

void
kr_codegen_name(KrCompiler *c, KrLocation loc, PyObject *name, KrExprContext ctx)
{
    PyObject *mangled = kr_unit_mangle(c, name);
    if (mangled == NULL) {
        return;
    }
    KrUnit *unit = c->unit;
    KrScopeOf of = kr_scope_of(unit->scope, mangled);
    int op = 0;
    switch (find_access(c, mangled, of)) {
    case BY_DEREF:
        emit_deref(c, loc, mangled, of, ctx);
        return;
    case BY_FAST:
        op = pick(ctx, KR_OP_LOAD_FAST, KR_OP_STORE_FAST, KR_OP_DELETE_FAST);
        kr_emit(c, loc, op, kr_unit_add(c, &unit->varnames, mangled));
        return;
    case BY_GLOBAL:
        op = pick(ctx, KR_OP_LOAD_GLOBAL, KR_OP_STORE_GLOBAL, KR_OP_DELETE_GLOBAL);
        if (ctx == KR_LOAD && unit->scope->can_see_class_scope
            && of == KR_SCOPE_GLOBAL_IMPLICIT) {
            load_classdict(c, loc);
            op = KR_OP_LOAD_FROM_DICT_OR_GLOBALS;
        }
        break;
    case BY_NAME:
        op = pick(ctx, KR_OP_LOAD_NAME, KR_OP_STORE_NAME, KR_OP_DELETE_NAME);
        if (ctx == KR_LOAD && unit->scope->type == KR_BLOCK_CLASS
            && unit->in_inlined_comp > 0) {
            op = KR_OP_LOAD_GLOBAL;
        }
        break;
    }
    int arg = kr_unit_add(c, &unit->names, mangled);
    kr_emit(c, loc, op, op == KR_OP_LOAD_GLOBAL ? arg << 1 : arg);
}

void
kr_codegen_compare(KrCompiler *c, KrLocation loc, KrCmpOp op)
{
    int compare;
    switch (op) {
    case KR_EQ:
        compare = KR_CMP_EQ << 5 | KR_COMPARE_EQUAL;
        break;
    case KR_NOTEQ:
        compare = KR_CMP_NE << 5 | KR_COMPARE_UNORDERED | KR_COMPARE_LESS
                  | KR_COMPARE_GREATER;
        break;
    case KR_LT:
        compare = KR_CMP_LT << 5 | KR_COMPARE_LESS;
        break;
    case KR_LTE:
        compare = KR_CMP_LE << 5 | KR_COMPARE_LESS | KR_COMPARE_EQUAL;
        break;
    case KR_GT:
        compare = KR_CMP_GT << 5 | KR_COMPARE_GREATER;
        break;
    case KR_GTE:
        compare = KR_CMP_GE << 5 | KR_COMPARE_GREATER | KR_COMPARE_EQUAL;
        break;
    case KR_IS:
    case KR_ISNOT:
        kr_emit(c, loc, KR_OP_IS_OP, op == KR_ISNOT);
        return;
    default:
        kr_emit(c, loc, KR_OP_CONTAINS_OP, op == KR_NOTIN);
        return;
    }
    kr_emit(c, loc, KR_OP_COMPARE_OP, compare);
}

void
kr_codegen_binary(KrCompiler *c, KrLocation loc, KrOperator op, bool in_place)
{
    static const uint8_t numbers[] = {
        [KR_ADD] = KR_NB_ADD,           [KR_SUB] = KR_NB_SUBTRACT,
        [KR_MULT] = KR_NB_MULTIPLY,     [KR_MATMULT] = KR_NB_MATRIX_MULTIPLY,
        [KR_DIV] = KR_NB_TRUE_DIVIDE,   [KR_MOD] = KR_NB_REMAINDER,
        [KR_POW] = KR_NB_POWER,         [KR_LSHIFT] = KR_NB_LSHIFT,
        [KR_RSHIFT] = KR_NB_RSHIFT,     [KR_BITOR] = KR_NB_OR,
        [KR_BITXOR] = KR_NB_XOR,        [KR_BITAND] = KR_NB_AND,
        [KR_FLOORDIV] = KR_NB_FLOOR_DIVIDE,
    };
    kr_emit(c, loc, KR_OP_BINARY_OP, numbers[op] + (in_place ? KR_NB_INPLACE_ADD : 0));
}

// A literal that `is` makes no sense with.
static bool
is_identity_safe(const KrExpr *e)
{
    if (e->kind == KR_EXPR_Tuple) {
        // One of constants is a constant itself, as far as can be seen here.
        for (int i = 0; i < KR_SEQ_LEN(e->v.Tuple.elts); i++) {
            if (e->v.Tuple.elts->items[i]->kind != KR_EXPR_Constant) {
                return true;
            }
        }
        return false;
    }
    if (e->kind != KR_EXPR_Constant) {
        return true;
    }
    const KrConst *value = e->v.Constant.value;
    if (value->kind == KR_CONST_OBJECT) {
        return value->object == Py_None || value->object == Py_Ellipsis
               || value->object == Py_True || value->object == Py_False;
    }
    return value->kind <= KR_CONST_ELLIPSIS;
}

void
kr_codegen_check_compare(KrCompiler *c, KrExpr *e)
{
    const KrExpr *left = e->v.Compare.left;
    for (int i = 0; i < e->v.Compare.ops->count; i++) {
        KrCmpOp op = e->v.Compare.ops->items[i];
        const KrExpr *right = e->v.Compare.comparators->items[i];
        if (op == KR_IS || op == KR_ISNOT) {
            const KrExpr *literal = !is_identity_safe(left)    ? left
                                    : !is_identity_safe(right) ? right
                                                               : NULL;
            PyTypeObject *type = literal != NULL ? kr_infer_type(c, literal) : NULL;
            if (type != NULL) {
                kr_compiler_warn(
                    c, KR_LOC(e),
                    op == KR_IS
                        ? "\"is\" with '%.200s' literal. Did you mean \"==\"?"
                        : "\"is not\" with '%.200s' literal. Did you mean \"!=\"?",
                    type->tp_name);
                return;
            }
        }
        left = right;
    }
}

static void
codegen_compare_expr(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    const KrCmpOpSeq *ops = e->v.Compare.ops;
    const KrExprSeq *right = e->v.Compare.comparators;
    int last = ops->count - 1;
    kr_codegen_check_compare(c, e);
    kr_codegen_expr(c, e->v.Compare.left);
    if (last == 0) {
        kr_codegen_expr(c, right->items[0]);
        kr_codegen_compare(c, loc, ops->items[0]);
        return;
    }
    int cleanup = kr_label_new(c);
    for (int i = 0; i < last; i++) {
        kr_codegen_expr(c, right->items[i]);
        kr_emit(c, loc, KR_OP_SWAP, 2);
        kr_emit(c, loc, KR_OP_COPY, 2);
        kr_codegen_compare(c, loc, ops->items[i]);
        kr_emit(c, loc, KR_OP_COPY, 1);
        kr_emit0(c, loc, KR_OP_TO_BOOL);
        kr_emit(c, loc, KR_OP_POP_JUMP_IF_FALSE, cleanup);
        kr_emit0(c, loc, KR_OP_POP_TOP);
    }
    kr_codegen_expr(c, right->items[last]);
    kr_codegen_compare(c, loc, ops->items[last]);
    int end = kr_label_new(c);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
    kr_label_use(c, cleanup);
    kr_emit(c, loc, KR_OP_SWAP, 2);
    kr_emit0(c, loc, KR_OP_POP_TOP);
    kr_label_use(c, end);
}

static void
codegen_bool_op(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    const KrExprSeq *values = e->v.BoolOp.values;
    int op = e->v.BoolOp.op == KR_AND ? KR_OP_JUMP_IF_FALSE : KR_OP_JUMP_IF_TRUE;
    int end = kr_label_new(c);
    for (int i = 0; i < values->count - 1; i++) {
        kr_codegen_expr(c, values->items[i]);
        kr_emit(c, loc, op, end);
        kr_emit0(c, loc, KR_OP_POP_TOP);
    }
    kr_codegen_expr(c, values->items[values->count - 1]);
    kr_label_use(c, end);
}

static void
codegen_unary(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    kr_codegen_expr(c, e->v.UnaryOp.operand);
    switch (e->v.UnaryOp.op) {
    case KR_INVERT:
        kr_emit0(c, loc, KR_OP_UNARY_INVERT);
        break;
    case KR_NOT:
        kr_emit0(c, loc, KR_OP_TO_BOOL);
        kr_emit0(c, loc, KR_OP_UNARY_NOT);
        break;
    case KR_UADD:
        kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_UNARY_POSITIVE);
        break;
    case KR_USUB:
        kr_emit0(c, loc, KR_OP_UNARY_NEGATIVE);
        break;
    }
}

static void
codegen_if_exp(KrCompiler *c, KrExpr *e)
{
    int end = kr_label_new(c);
    int other = kr_label_new(c);
    kr_codegen_jump_if(c, KR_LOC(e), e->v.IfExp.test, other, false);
    kr_codegen_expr(c, e->v.IfExp.body);
    kr_emit(c, kr_no_loc, KR_OP_JUMP_NO_INTERRUPT, end);
    kr_label_use(c, other);
    kr_codegen_expr(c, e->v.IfExp.orelse);
    kr_label_use(c, end);
}

// keys[begin:end] and their values as one new dict on the stack.
static void
codegen_subdict(KrCompiler *c, KrExpr *e, int begin, int end)
{
    KrLocation loc = KR_LOC(e);
    bool big = (end - begin) * 2 > KR_STACK_USE_GUIDELINE;
    if (big) {
        kr_emit(c, loc, KR_OP_BUILD_MAP, 0);
    }
    for (int i = begin; i < end && !c->failed; i++) {
        kr_codegen_expr(c, e->v.Dict.keys->items[i]);
        kr_codegen_expr(c, e->v.Dict.values->items[i]);
        if (big) {
            kr_emit(c, loc, KR_OP_MAP_ADD, 1);
        }
    }
    if (!big) {
        kr_emit(c, loc, KR_OP_BUILD_MAP, end - begin);
    }
}

static void
flush_subdict(KrCompiler *c, KrExpr *e, int begin, int end, bool *have_dict)
{
    codegen_subdict(c, e, begin, end);
    if (*have_dict) {
        kr_emit(c, KR_LOC(e), KR_OP_DICT_UPDATE, 1);
    }
    *have_dict = true;
}

static void
codegen_dict(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    int count = KR_SEQ_LEN(e->v.Dict.values);
    bool have_dict = false;
    int pending = 0; // keys seen and not yet emitted
    for (int i = 0; i < count && !c->failed; i++) {
        if (e->v.Dict.keys->items[i] == NULL) {
            if (pending > 0) {
                flush_subdict(c, e, i - pending, i, &have_dict);
                pending = 0;
            }
            if (!have_dict) {
                kr_emit(c, loc, KR_OP_BUILD_MAP, 0);
                have_dict = true;
            }
            kr_codegen_expr(c, e->v.Dict.values->items[i]);
            kr_emit(c, loc, KR_OP_DICT_UPDATE, 1);
        }
        else if (pending * 2 > KR_STACK_USE_GUIDELINE) {
            flush_subdict(c, e, i - pending, i + 1, &have_dict);
            pending = 0;
        }
        else {
            pending++;
        }
    }
    if (pending > 0) {
        flush_subdict(c, e, count - pending, count, &have_dict);
    }
    if (!have_dict) {
        kr_emit(c, loc, KR_OP_BUILD_MAP, 0);
    }
}

void
kr_codegen_sequence(KrCompiler *c, KrLocation loc, const KrExprSeq *elts,
                    PyObject *injected, int pushed, KrBuildAs as)
{
    bool is_set = as == KR_BUILD_AS_SET;
    int build = is_set ? KR_OP_BUILD_SET : KR_OP_BUILD_LIST;
    int add = is_set ? KR_OP_SET_ADD : KR_OP_LIST_APPEND;
    int extend = is_set ? KR_OP_SET_UPDATE : KR_OP_LIST_EXTEND;
    int count = KR_SEQ_LEN(elts);
    bool big = count + pushed + (injected != NULL) > KR_STACK_USE_GUIDELINE;
    bool starred = false;
    for (int i = 0; i < count; i++) {
        starred |= elts->items[i]->kind == KR_EXPR_Starred;
    }
    if (!starred && !big) {
        kr_codegen_exprs(c, elts);
        if (injected != NULL) {
            kr_codegen_name(c, loc, injected, KR_LOAD);
            count++;
        }
        kr_emit(c, loc, as == KR_BUILD_AS_TUPLE ? KR_OP_BUILD_TUPLE : build,
                count + pushed);
        return;
    }
    bool built = big;
    if (big) {
        kr_emit(c, loc, build, pushed);
    }
    for (int i = 0; i < count && !c->failed; i++) {
        KrExpr *elt = elts->items[i];
        if (elt->kind == KR_EXPR_Starred) {
            if (!built) {
                kr_emit(c, loc, build, i + pushed);
                built = true;
            }
            kr_codegen_expr(c, elt->v.Starred.value);
            kr_emit(c, loc, extend, 1);
        }
        else {
            kr_codegen_expr(c, elt);
            if (built) {
                kr_emit(c, loc, add, 1);
            }
        }
    }
    if (injected != NULL) {
        kr_codegen_name(c, loc, injected, KR_LOAD);
        kr_emit(c, loc, add, 1);
    }
    if (as == KR_BUILD_AS_TUPLE) {
        kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_LIST_TO_TUPLE);
    }
}

static void
unpack_targets(KrCompiler *c, KrLocation loc, const KrExprSeq *elts)
{
    int count = KR_SEQ_LEN(elts);
    bool starred = false;
    for (int i = 0; i < count; i++) {
        if (elts->items[i]->kind != KR_EXPR_Starred) {
            continue;
        }
        if (starred) {
            kr_compiler_error(c, loc, "multiple starred expressions in assignment");
            return;
        }
        int after = count - i - 1;
        if (i >= 1 << 8 || after >= INT_MAX >> 8) {
            kr_compiler_error(c, loc,
                              "too many expressions in star-unpacking assignment");
            return;
        }
        kr_emit(c, loc, KR_OP_UNPACK_EX, i + (after << 8));
        starred = true;
    }
    if (!starred) {
        kr_emit(c, loc, KR_OP_UNPACK_SEQUENCE, count);
    }
    for (int i = 0; i < count && !c->failed; i++) {
        KrExpr *elt = elts->items[i];
        kr_codegen_expr(c, elt->kind == KR_EXPR_Starred ? elt->v.Starred.value : elt);
    }
}

static void
codegen_list_or_tuple(KrCompiler *c, KrExpr *e, KrBuildAs as)
{
    // The two node types have the same members.
    const KrExprSeq *elts = as == KR_BUILD_AS_LIST ? e->v.List.elts : e->v.Tuple.elts;
    KrExprContext ctx = as == KR_BUILD_AS_LIST ? e->v.List.ctx : e->v.Tuple.ctx;
    if (ctx == KR_STORE) {
        unpack_targets(c, KR_LOC(e), elts);
    }
    else if (ctx == KR_LOAD) {
        kr_codegen_sequence(c, KR_LOC(e), elts, NULL, 0, as);
    }
    else {
        kr_codegen_exprs(c, elts);
    }
}

static void
emit_convert(KrCompiler *c, KrLocation loc, int conversion)
{
    int arg = conversion == 's' ? KR_CONVERT_STR
              : conversion == 'r' ? KR_CONVERT_REPR
              : conversion == 'a' ? KR_CONVERT_ASCII
                                  : -1;
    if (arg < 0) {
        PyErr_Format(PyExc_SystemError, "Unrecognized conversion character %d",
                     conversion);
        kr_compiler_fail(c);
        return;
    }
    kr_emit(c, loc, KR_OP_CONVERT_VALUE, arg);
}

static void
codegen_formatted_value(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    kr_codegen_expr(c, e->v.FormattedValue.value);
    if (e->v.FormattedValue.conversion != -1) {
        emit_convert(c, loc, e->v.FormattedValue.conversion);
    }
    if (e->v.FormattedValue.format_spec != NULL) {
        kr_codegen_expr(c, e->v.FormattedValue.format_spec);
        kr_emit0(c, loc, KR_OP_FORMAT_WITH_SPEC);
    }
    else {
        kr_emit0(c, loc, KR_OP_FORMAT_SIMPLE);
    }
}

static void
codegen_interpolation(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    kr_codegen_expr(c, e->v.Interpolation.value);
    kr_emit_const(c, loc, kr_compiler_const(c, e->v.Interpolation.str));
    int arg = 2;
    if (e->v.Interpolation.format_spec != NULL) {
        arg |= 1;
        kr_codegen_expr(c, e->v.Interpolation.format_spec);
    }
    int conversion = e->v.Interpolation.conversion;
    if (conversion != -1) {
        int kind = conversion == 's'   ? KR_CONVERT_STR
                   : conversion == 'r' ? KR_CONVERT_REPR
                   : conversion == 'a' ? KR_CONVERT_ASCII
                                       : 0;
        if (kind == 0) {
            PyErr_Format(PyExc_SystemError, "Unrecognized conversion character %d",
                         conversion);
            kr_compiler_fail(c);
            return;
        }
        arg |= kind << 2;
    }
    kr_emit(c, loc, KR_OP_BUILD_INTERPOLATION, arg);
}

static void
codegen_joined_str(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    const KrExprSeq *values = e->v.JoinedStr.values;
    int count = KR_SEQ_LEN(values);
    if (count > KR_STACK_USE_GUIDELINE) {
        kr_emit_const(c, loc, KR_STR(empty, ""));
        kr_emit(c, loc, KR_OP_LOAD_ATTR,
                kr_unit_add(c, &c->unit->names, KR_ID(join)) << 1 | 1);
        kr_emit(c, loc, KR_OP_BUILD_LIST, 0);
        for (int i = 0; i < count && !c->failed; i++) {
            kr_codegen_expr(c, values->items[i]);
            kr_emit(c, loc, KR_OP_LIST_APPEND, 1);
        }
        kr_emit(c, loc, KR_OP_CALL, 1);
        return;
    }
    kr_codegen_exprs(c, values);
    if (count > 1) {
        kr_emit(c, loc, KR_OP_BUILD_STRING, count);
    }
    else if (count == 0) {
        kr_emit_const(c, loc, KR_STR(empty, ""));
    }
}

// The strings tuple has one item more than there are interpolations.
static void
codegen_template_str(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    const KrExprSeq *values = e->v.TemplateStr.values;
    int count = KR_SEQ_LEN(values);
    int strings = 0, interpolations = 0;
    bool text_missing = true;
    for (int i = 0; i < count && !c->failed; i++) {
        KrExpr *value = values->items[i];
        if (value->kind == KR_EXPR_Interpolation) {
            if (text_missing) {
                kr_emit_const(c, loc, KR_STR(empty, ""));
                strings++;
            }
            text_missing = true;
        }
        else {
            kr_codegen_expr(c, value);
            strings++;
            text_missing = false;
        }
    }
    if (text_missing) {
        kr_emit_const(c, loc, KR_STR(empty, ""));
        strings++;
    }
    kr_emit(c, loc, KR_OP_BUILD_TUPLE, strings);
    for (int i = 0; i < count && !c->failed; i++) {
        if (values->items[i]->kind == KR_EXPR_Interpolation) {
            kr_codegen_expr(c, values->items[i]);
            interpolations++;
        }
    }
    kr_emit(c, loc, KR_OP_BUILD_TUPLE, interpolations);
    kr_emit0(c, loc, KR_OP_BUILD_TEMPLATE);
}

KrLocation
kr_attr_loc(KrLocation loc, const KrExpr *attr)
{
    int end_line = attr->span.end_lineno;
    if (loc.line == end_line) {
        return loc;
    }
    // The call or attribute is reported where its name stands.
    loc.line = end_line;
    int length = 0;
    const KrIdent *name = attr->v.Attribute.attr;
    for (uint32_t i = 0; i < name->length; i++) {
        length += ((unsigned char)name->text[i] & 0xC0) != 0x80;
    }
    if (length <= attr->span.end_col) {
        loc.col = attr->span.end_col - length;
        if (loc.end_line <= loc.line) {
            loc.end_line = loc.line;
            loc.end_col = loc.col > loc.end_col ? loc.col : loc.end_col;
        }
    }
    else {
        loc.col = loc.end_col = -1;
    }
    return loc;
}

// self.name = ... in a method: the class lists the name.
static void
note_static_attribute(KrCompiler *c, KrExpr *e, PyObject *name)
{
    const KrExpr *value = e->v.Attribute.value;
    if (e->v.Attribute.ctx != KR_STORE || value->kind != KR_EXPR_Name
        || strcmp(value->v.Name.id->text, "self") != 0) {
        return;
    }
    for (KrUnit *unit = c->unit->outer; unit != NULL; unit = unit->outer) {
        if (unit->type == KR_UNIT_CLASS) {
            if (!kr_ptrmap_set(&unit->static_attributes, c->arena, name, 1)) {
                kr_compiler_no_memory(c);
            }
            return;
        }
    }
}

static void
codegen_attribute(KrCompiler *c, KrExpr *e)
{
    PyObject *name = kr_compiler_name(c, e->v.Attribute.attr);
    if (name == NULL || kr_codegen_super_attr(c, e, false)) {
        return;
    }
    note_static_attribute(c, e, name);
    kr_codegen_expr(c, e->v.Attribute.value);
    int op = pick(e->v.Attribute.ctx, KR_OP_LOAD_ATTR, KR_OP_STORE_ATTR,
                  KR_OP_DELETE_ATTR);
    kr_emit_name(c, kr_attr_loc(KR_LOC(e), e), op, name);
}

static bool
is_constant_or_absent(const KrExpr *e)
{
    return e == NULL || e->kind == KR_EXPR_Constant;
}

static bool
is_constant_slice(const KrExpr *e)
{
    return e->kind == KR_EXPR_Slice && is_constant_or_absent(e->v.Slice.lower)
           && is_constant_or_absent(e->v.Slice.upper)
           && is_constant_or_absent(e->v.Slice.step);
}

bool
kr_is_two_part_slice(const KrExpr *slice)
{
    return slice->kind == KR_EXPR_Slice && slice->v.Slice.step == NULL
           && !is_constant_slice(slice);
}

static void
codegen_slice_part(KrCompiler *c, KrExpr *slice, KrExpr *part)
{
    if (part != NULL) {
        kr_codegen_expr(c, part);
    }
    else {
        kr_emit_const(c, KR_LOC(slice), Py_None);
    }
}

void
kr_codegen_slice_parts(KrCompiler *c, KrExpr *slice)
{
    codegen_slice_part(c, slice, slice->v.Slice.lower);
    codegen_slice_part(c, slice, slice->v.Slice.upper);
}

static PyObject *
slice_part_const(KrCompiler *c, const KrExpr *part)
{
    return part != NULL ? kr_compiler_const(c, part->v.Constant.value) : Py_None;
}

static void
codegen_slice(KrCompiler *c, KrExpr *e)
{
    if (is_constant_slice(e)) {
        PyObject *start = slice_part_const(c, e->v.Slice.lower);
        PyObject *stop = slice_part_const(c, e->v.Slice.upper);
        PyObject *step = slice_part_const(c, e->v.Slice.step);
        if (!c->failed) {
            kr_emit_const(c, KR_LOC(e),
                          kr_compiler_keep(c, PySlice_New(start, stop, step)));
        }
        return;
    }
    kr_codegen_slice_parts(c, e);
    if (e->v.Slice.step != NULL) {
        kr_codegen_expr(c, e->v.Slice.step);
    }
    kr_emit(c, KR_LOC(e), KR_OP_BUILD_SLICE, e->v.Slice.step != NULL ? 3 : 2);
}

PyTypeObject *
kr_infer_type(KrCompiler *c, const KrExpr *e)
{
    switch (e->kind) {
    case KR_EXPR_Tuple:
        return &PyTuple_Type;
    case KR_EXPR_List:
    case KR_EXPR_ListComp:
        return &PyList_Type;
    case KR_EXPR_Dict:
    case KR_EXPR_DictComp:
        return &PyDict_Type;
    case KR_EXPR_Set:
    case KR_EXPR_SetComp:
        return &PySet_Type;
    case KR_EXPR_GeneratorExp:
        return &PyGen_Type;
    case KR_EXPR_Lambda:
        return &PyFunction_Type;
    case KR_EXPR_TemplateStr:
        return &_PyTemplate_Type;
    case KR_EXPR_Interpolation:
        return &_PyInterpolation_Type;
    case KR_EXPR_JoinedStr:
    case KR_EXPR_FormattedValue:
        return &PyUnicode_Type;
    case KR_EXPR_Constant: {
        PyObject *value = kr_compiler_const(c, e->v.Constant.value);
        return value != NULL ? Py_TYPE(value) : NULL;
    }
    default:
        return NULL;
    }
}

// Literals that have no items: probably a comma is missing.
static void
check_subscripted(KrCompiler *c, const KrExpr *e)
{
    switch (e->kind) {
    case KR_EXPR_Constant: {
        PyObject *value = kr_compiler_const(c, e->v.Constant.value);
        if (value == NULL
            || !(value == Py_None || value == Py_Ellipsis || PyLong_Check(value)
                 || PyFloat_Check(value) || PyComplex_Check(value)
                 || PyAnySet_Check(value))) {
            return;
        }
        break;
    }
    case KR_EXPR_Set:
    case KR_EXPR_SetComp:
    case KR_EXPR_GeneratorExp:
    case KR_EXPR_TemplateStr:
    case KR_EXPR_Interpolation:
    case KR_EXPR_Lambda:
        break;
    default:
        return;
    }
    PyTypeObject *type = kr_infer_type(c, e);
    if (type != NULL) {
        kr_compiler_warn(c, KR_LOC(e),
                         "'%.200s' object is not subscriptable; perhaps you missed a "
                         "comma?",
                         type->tp_name);
    }
}

static void
check_index(KrCompiler *c, const KrExpr *e, const KrExpr *index)
{
    PyTypeObject *index_type = kr_infer_type(c, index);
    if (index_type == NULL || PyType_FastSubclass(index_type, Py_TPFLAGS_LONG_SUBCLASS)
        || index_type == &PySlice_Type) {
        return;
    }
    switch (e->kind) {
    case KR_EXPR_Constant: {
        PyObject *value = kr_compiler_const(c, e->v.Constant.value);
        if (value == NULL
            || !(PyUnicode_Check(value) || PyBytes_Check(value)
                 || PyTuple_Check(value))) {
            return;
        }
        break;
    }
    case KR_EXPR_Tuple:
    case KR_EXPR_List:
    case KR_EXPR_ListComp:
    case KR_EXPR_JoinedStr:
    case KR_EXPR_FormattedValue:
        break;
    default:
        return;
    }
    PyTypeObject *type = kr_infer_type(c, e);
    if (type != NULL) {
        kr_compiler_warn(c, KR_LOC(e),
                         "%.200s indices must be integers or slices, not %.200s; "
                         "perhaps you missed a comma?",
                         type->tp_name, index_type->tp_name);
    }
}

static void
codegen_subscript(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    KrExprContext ctx = e->v.Subscript.ctx;
    if (ctx == KR_LOAD) {
        check_subscripted(c, e->v.Subscript.value);
        check_index(c, e->v.Subscript.value, e->v.Subscript.slice);
    }
    kr_codegen_expr(c, e->v.Subscript.value);
    if (ctx != KR_DEL && kr_is_two_part_slice(e->v.Subscript.slice)) {
        kr_codegen_slice_parts(c, e->v.Subscript.slice);
        kr_emit0(c, loc, ctx == KR_LOAD ? KR_OP_BINARY_SLICE : KR_OP_STORE_SLICE);
        return;
    }
    kr_codegen_expr(c, e->v.Subscript.slice);
    if (ctx == KR_LOAD) {
        kr_emit(c, loc, KR_OP_BINARY_OP, KR_NB_SUBSCR);
    }
    else {
        kr_emit0(c, loc, ctx == KR_STORE ? KR_OP_STORE_SUBSCR : KR_OP_DELETE_SUBSCR);
    }
}

void
kr_codegen_yield(KrCompiler *c, KrLocation loc)
{
    if (c->failed) {
        return;
    }
    if (c->unit->scope->generator && c->unit->scope->coroutine) {
        kr_emit(c, loc, KR_OP_CALL_INTRINSIC_1, KR_INTRINSIC_ASYNC_GEN_WRAP);
    }
    kr_emit(c, loc, KR_OP_YIELD_VALUE, 0);
    kr_emit(c, loc, KR_OP_RESUME, KR_RESUME_AFTER_YIELD);
}

void
kr_codegen_yield_from(KrCompiler *c, KrLocation loc, bool await)
{
    int send = kr_label_new(c);
    int fail = kr_label_new(c);
    int exit = kr_label_new(c);
    kr_label_use(c, send);
    kr_emit(c, loc, KR_OP_SEND, exit);
    // throw() and close() of the inner iterator may end it: that is a result, too.
    kr_emit(c, loc, KR_OP_SETUP_FINALLY, fail);
    kr_emit(c, loc, KR_OP_YIELD_VALUE, 1);
    kr_emit0(c, kr_no_loc, KR_OP_POP_BLOCK);
    kr_emit(c, loc, KR_OP_RESUME,
            await ? KR_RESUME_AFTER_AWAIT : KR_RESUME_AFTER_YIELD_FROM);
    kr_emit(c, loc, KR_OP_JUMP_NO_INTERRUPT, send);
    kr_label_use(c, fail);
    kr_emit0(c, loc, KR_OP_CLEANUP_THROW);
    kr_label_use(c, exit);
    kr_emit0(c, loc, KR_OP_END_SEND);
}

static void
codegen_yield_expr(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    if (!kr_scope_is_function_like(c->unit->scope)) {
        kr_compiler_error(c, loc, "'yield' outside function");
        return;
    }
    if (e->v.Yield.value != NULL) {
        kr_codegen_expr(c, e->v.Yield.value);
    }
    else {
        kr_emit_const(c, loc, Py_None);
    }
    kr_codegen_yield(c, loc);
}

static void
codegen_yield_from_expr(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    if (!kr_scope_is_function_like(c->unit->scope)) {
        kr_compiler_error(c, loc, "'yield from' outside function");
        return;
    }
    if (c->unit->type == KR_UNIT_ASYNC_FUNCTION) {
        kr_compiler_error(c, loc, "'yield from' inside async function");
        return;
    }
    kr_codegen_expr(c, e->v.YieldFrom.value);
    kr_emit0(c, loc, KR_OP_GET_YIELD_FROM_ITER);
    kr_emit_const(c, loc, Py_None);
    kr_codegen_yield_from(c, loc, false);
}

// The left operands of a long chain (a + b + c ...) are visited without recursion.
static void
codegen_bin_op(KrCompiler *c, KrExpr *e)
{
    KrExpr *chain[64];
    int depth = 0;
    KrExpr *left = e;
    while (left->kind == KR_EXPR_BinOp && depth < 64) {
        chain[depth++] = left;
        left = left->v.BinOp.left;
    }
    kr_codegen_expr(c, left);
    while (depth > 0) {
        KrExpr *node = chain[--depth];
        kr_codegen_expr(c, node->v.BinOp.right);
        kr_codegen_binary(c, KR_LOC(node), node->v.BinOp.op, false);
    }
}

static void
codegen_expr_kind(KrCompiler *c, KrExpr *e)
{
    KrLocation loc = KR_LOC(e);
    switch (e->kind) {
    case KR_EXPR_NamedExpr:
        kr_codegen_expr(c, e->v.NamedExpr.value);
        kr_emit(c, loc, KR_OP_COPY, 1);
        kr_codegen_expr(c, e->v.NamedExpr.target);
        break;
    case KR_EXPR_BoolOp:
        codegen_bool_op(c, e);
        break;
    case KR_EXPR_BinOp:
        codegen_bin_op(c, e);
        break;
    case KR_EXPR_UnaryOp:
        codegen_unary(c, e);
        break;
    case KR_EXPR_Lambda:
        kr_codegen_lambda(c, e);
        break;
    case KR_EXPR_IfExp:
        codegen_if_exp(c, e);
        break;
    case KR_EXPR_Dict:
        codegen_dict(c, e);
        break;
    case KR_EXPR_Set:
        kr_codegen_sequence(c, loc, e->v.Set.elts, NULL, 0, KR_BUILD_AS_SET);
        break;
    case KR_EXPR_GeneratorExp:
    case KR_EXPR_ListComp:
    case KR_EXPR_SetComp:
    case KR_EXPR_DictComp:
        kr_codegen_comprehension(c, e);
        break;
    case KR_EXPR_Yield:
        codegen_yield_expr(c, e);
        break;
    case KR_EXPR_YieldFrom:
        codegen_yield_from_expr(c, e);
        break;
    case KR_EXPR_Await:
        kr_codegen_expr(c, e->v.Await.value);
        kr_emit(c, loc, KR_OP_GET_AWAITABLE, 0);
        kr_emit_const(c, loc, Py_None);
        kr_codegen_yield_from(c, loc, true);
        break;
    case KR_EXPR_Compare:
        codegen_compare_expr(c, e);
        break;
    case KR_EXPR_Call:
        kr_codegen_call(c, e);
        break;
    case KR_EXPR_Constant:
        kr_emit_const(c, loc, kr_compiler_const(c, e->v.Constant.value));
        break;
    case KR_EXPR_JoinedStr:
        codegen_joined_str(c, e);
        break;
    case KR_EXPR_TemplateStr:
        codegen_template_str(c, e);
        break;
    case KR_EXPR_FormattedValue:
        codegen_formatted_value(c, e);
        break;
    case KR_EXPR_Interpolation:
        codegen_interpolation(c, e);
        break;
    case KR_EXPR_Attribute:
        codegen_attribute(c, e);
        break;
    case KR_EXPR_Subscript:
        codegen_subscript(c, e);
        break;
    case KR_EXPR_Starred:
        kr_compiler_error(c, loc,
                          e->v.Starred.ctx == KR_STORE
                              ? "starred assignment target must be in a list or tuple"
                              : "can't use starred expression here");
        break;
    case KR_EXPR_Slice:
        codegen_slice(c, e);
        break;
    case KR_EXPR_Name:
        kr_codegen_name(c, loc, kr_compiler_name(c, e->v.Name.id), e->v.Name.ctx);
        break;
    case KR_EXPR_List:
        codegen_list_or_tuple(c, e, KR_BUILD_AS_LIST);
        break;
    case KR_EXPR_Tuple:
        codegen_list_or_tuple(c, e, KR_BUILD_AS_TUPLE);
        break;
    }
}

void
kr_codegen_expr(KrCompiler *c, KrExpr *e)
{
    if (kr_compiler_enter(c)) {
        codegen_expr_kind(c, e);
        kr_compiler_leave(c);
    }
}
