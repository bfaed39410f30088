// SPDX-License-Identifier: MIT
// flow_fold.c - computes at compile time what depends on constants only.
//
// Results are limited in size, so that no source text compiles to something huge.

#include "compile/flow.h"

#define MAX_INT_BITS 128
#define MAX_COLLECTION 256
#define MAX_TEXT 4096
#define MAX_TOTAL_ITEMS 1024
#define SMALL_INT_LIMIT 256

bool
kr_op_loads_const(int op)
{
    return (kr_opcode_flags(op) & KR_OPF_CONST) != 0 || op == KR_OP_LOAD_SMALL_INT;
}

int
kr_flow_add_const(KrFlow *f, PyObject *object)
{
    object = kr_compiler_canonical(f->c, object);
    if (object == NULL) {
        return 0;
    }
    intptr_t place = kr_ptrmap_get(&f->const_places, object, -1);
    if (place >= 0) {
        return (int)place;
    }
    if (f->const_count == f->const_capacity) {
        int capacity = f->const_capacity * 2;
        PyObject **consts = kr_compiler_alloc(f->c, (size_t)capacity * sizeof(*consts));
        if (consts == NULL) {
            return 0;
        }
        memcpy(consts, f->consts, (size_t)f->const_count * sizeof(*consts));
        f->consts = consts;
        f->const_capacity = capacity;
    }
    if (!kr_ptrmap_set(&f->const_places, f->c->arena, object, f->const_count)) {
        kr_compiler_no_memory(f->c);
        return 0;
    }
    f->consts[f->const_count] = object;
    return f->const_count++;
}

// The constant that the instruction loads, borrowed.
static PyObject *
const_value(KrFlow *f, const KrFlowInstr *instr)
{
    if (instr->op == KR_OP_LOAD_CONST) {
        return f->consts[instr->arg];
    }
    return kr_compiler_keep(f->c, PyLong_FromLong(instr->arg));
}

// An int that LOAD_SMALL_INT can push.
static bool
make_small_int(KrFlowInstr *instr, PyObject *object)
{
    if (!PyLong_CheckExact(object)) {
        return false;
    }
    int overflow;
    long value = PyLong_AsLongAndOverflow(object, &overflow);
    if (overflow || value < 0 || value >= SMALL_INT_LIMIT) {
        return false;
    }
    kr_instr_set(instr, KR_OP_LOAD_SMALL_INT, (int)value);
    return true;
}

static void
make_load_const(KrFlow *f, KrFlowInstr *instr, PyObject *object)
{
    if (!make_small_int(instr, object)) {
        int index = kr_flow_add_const(f, object);
        kr_instr_set(instr, KR_OP_LOAD_CONST, index);
    }
}

static void
fold_is_none(KrFlow *f, KrBlock *b, int i)
{
    KrFlowInstr *load = &b->instrs[i];
    if (const_value(f, load) != Py_None || b->count <= i + 2) {
        return;
    }
    KrFlowInstr *is = &b->instrs[i + 1];
    KrFlowInstr *jump = &b->instrs[i + 2];
    if (jump->op == KR_OP_TO_BOOL) {
        kr_instr_set(jump, KR_OP_NOP, 0);
        if (b->count <= i + 3) {
            return;
        }
        jump = &b->instrs[i + 3];
    }
    bool inverted = is->arg != 0;
    if (jump->op == KR_OP_POP_JUMP_IF_FALSE) {
        inverted = !inverted;
    }
    else if (jump->op != KR_OP_POP_JUMP_IF_TRUE) {
        return;
    }
    kr_instr_set(load, KR_OP_NOP, 0);
    kr_instr_set(is, KR_OP_NOP, 0);
    jump->op = inverted ? KR_OP_POP_JUMP_IF_NOT_NONE : KR_OP_POP_JUMP_IF_NONE;
}

static int
const_truth(KrFlow *f, const KrFlowInstr *load)
{
    PyObject *value = const_value(f, load);
    int truth = value != NULL ? PyObject_IsTrue(value) : -1;
    if (truth < 0) {
        kr_compiler_fail(f->c);
    }
    return truth;
}

void
kr_flow_load_const(KrFlow *f, KrBlock *b)
{
    KrFlowInstr source = {.op = 0}; // the last load, which COPY 1 repeats
    for (int i = 0; i < b->count && !f->c->failed; i++) {
        KrFlowInstr *instr = &b->instrs[i];
        if (instr->op == KR_OP_LOAD_CONST) {
            make_small_int(instr, f->consts[instr->arg]);
        }
        bool is_copy = (source.op == KR_OP_LOAD_CONST || source.op == KR_OP_LOAD_SMALL_INT)
                       && instr->op == KR_OP_COPY && instr->arg == 1;
        if (!is_copy) {
            source = *instr;
        }
        if (source.op != KR_OP_LOAD_CONST && source.op != KR_OP_LOAD_SMALL_INT) {
            continue;
        }
        if (i + 1 >= b->count) {
            break;
        }
        KrFlowInstr *next = &b->instrs[i + 1];
        switch (next->op) {
        case KR_OP_POP_JUMP_IF_FALSE:
        case KR_OP_POP_JUMP_IF_TRUE:
        case KR_OP_JUMP_IF_FALSE:
        case KR_OP_JUMP_IF_TRUE: {
            int truth = const_truth(f, &source);
            bool pops = next->op == KR_OP_POP_JUMP_IF_FALSE
                        || next->op == KR_OP_POP_JUMP_IF_TRUE;
            bool jump_if = next->op == KR_OP_POP_JUMP_IF_TRUE
                           || next->op == KR_OP_JUMP_IF_TRUE;
            if (pops) {
                kr_instr_set(instr, KR_OP_NOP, 0);
            }
            if ((truth != 0) == jump_if) {
                next->op = KR_OP_JUMP;
            }
            else {
                kr_instr_set(next, KR_OP_NOP, 0);
            }
            break;
        }
        case KR_OP_IS_OP:
            fold_is_none(f, b, i);
            break;
        case KR_OP_TO_BOOL: {
            int truth = const_truth(f, &source);
            int index = kr_flow_add_const(f, truth ? Py_True : Py_False);
            kr_instr_set(instr, KR_OP_NOP, 0);
            kr_instr_set(next, KR_OP_LOAD_CONST, index);
            break;
        }
        default:
            break;
        }
    }
}

// Finds the `count` constant loads that end at `start`, NOPs between them aside.
static bool
find_const_loads(const KrBlock *b, int start, KrFlowInstr **loads, int count)
{
    for (; start >= 0 && count > 0; start--) {
        KrFlowInstr *instr = &b->instrs[start];
        if (instr->op == KR_OP_NOP) {
            continue;
        }
        if (!kr_op_loads_const(instr->op)) {
            return false;
        }
        loads[--count] = instr;
    }
    return count == 0;
}

static void
blank(KrFlowInstr *const *instrs, int count)
{
    for (int i = 0; i < count; i++) {
        kr_instr_set(instrs[i], KR_OP_NOP, 0);
        instrs[i]->loc = kr_no_loc;
    }
}

static PyObject *
tuple_of_loads(KrFlow *f, KrFlowInstr *const *loads, int count)
{
    PyObject *tuple = kr_compiler_keep(f->c, PyTuple_New(count));
    for (int i = 0; i < count && !f->c->failed; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_XNewRef(const_value(f, loads[i])));
    }
    return f->c->failed ? NULL : tuple;
}

void
kr_flow_fold_tuple(KrFlow *f, KrBlock *b, int i)
{
    KrFlowInstr *loads[KR_STACK_USE_GUIDELINE];
    int count = b->instrs[i].arg;
    if (count > KR_STACK_USE_GUIDELINE || !find_const_loads(b, i - 1, loads, count)) {
        return;
    }
    PyObject *tuple = tuple_of_loads(f, loads, count);
    if (tuple != NULL) {
        blank(loads, count);
        make_load_const(f, &b->instrs[i], tuple);
    }
}

void
kr_flow_fold_list_or_set(KrFlow *f, KrBlock *b, int i, int next_op)
{
    KrFlowInstr *loads[KR_STACK_USE_GUIDELINE];
    KrFlowInstr *build = &b->instrs[i];
    bool only_read = next_op == KR_OP_GET_ITER || next_op == KR_OP_CONTAINS_OP;
    int count = build->arg;
    if (count > KR_STACK_USE_GUIDELINE || (count < 3 && !only_read)) {
        return;
    }
    if (!find_const_loads(b, i - 1, loads, count)) {
        if (only_read && build->op == KR_OP_BUILD_LIST) {
            build->op = KR_OP_BUILD_TUPLE;
        }
        return;
    }
    PyObject *value = tuple_of_loads(f, loads, count);
    if (value != NULL && build->op == KR_OP_BUILD_SET) {
        value = kr_compiler_keep(f->c, PyFrozenSet_New(value));
    }
    if (value == NULL) {
        return;
    }
    int index = kr_flow_add_const(f, value);
    blank(loads, count);
    if (only_read) {
        kr_instr_set(build, KR_OP_LOAD_CONST, index);
        return;
    }
    int op = build->op;
    b->instrs[i - 2].loc = build->loc;
    kr_instr_set(&b->instrs[i - 2], op, 0);
    kr_instr_set(&b->instrs[i - 1], KR_OP_LOAD_CONST, index);
    kr_instr_set(build, op == KR_OP_BUILD_LIST ? KR_OP_LIST_EXTEND : KR_OP_SET_UPDATE, 1);
}

// A long display: BUILD_LIST 0 (or BUILD_SET 0), then loads of constants and LIST_APPEND
// (SET_ADD) in turn up to `last`. The result goes to place i.
static void
fold_long_display(KrFlow *f, KrBlock *b, int i, int last, bool is_set)
{
    int build = is_set ? KR_OP_BUILD_SET : KR_OP_BUILD_LIST;
    int append = is_set ? KR_OP_SET_ADD : KR_OP_LIST_APPEND;
    int found = 0;
    bool expect_append = true;
    int pos = last;
    for (; pos >= 0; pos--) {
        const KrFlowInstr *instr = &b->instrs[pos];
        if (instr->op == KR_OP_NOP) {
            continue;
        }
        if (instr->op == build && instr->arg == 0) {
            if (!expect_append) {
                return;
            }
            break;
        }
        if (expect_append) {
            if (instr->op != append || instr->arg != 1) {
                return;
            }
        }
        else if (!kr_op_loads_const(instr->op)) {
            return;
        }
        else {
            found++;
        }
        expect_append = !expect_append;
    }
    if (pos < 0) {
        return;
    }
    PyObject *value = kr_compiler_keep(f->c, PyTuple_New(found));
    for (int at = last; at >= pos && value != NULL; at--) {
        KrFlowInstr *instr = &b->instrs[at];
        if (instr->op == KR_OP_NOP) {
            continue;
        }
        if (kr_op_loads_const(instr->op)) {
            PyTuple_SET_ITEM(value, --found, Py_XNewRef(const_value(f, instr)));
        }
        blank(&instr, 1);
    }
    if (value != NULL && is_set) {
        value = kr_compiler_keep(f->c, PyFrozenSet_New(value));
    }
    if (value != NULL && !f->c->failed) {
        make_load_const(f, &b->instrs[i], value);
    }
}

void
kr_flow_fold_list_to_tuple(KrFlow *f, KrBlock *b, int i)
{
    fold_long_display(f, b, i, i - 1, false);
}

// The last LIST_APPEND or SET_ADD of a display that is only read.
void
kr_flow_fold_display(KrFlow *f, KrBlock *b, int i)
{
    if (b->instrs[i].arg == 1) {
        fold_long_display(f, b, i, i, b->instrs[i].op == KR_OP_SET_ADD);
    }
}

// Takes the exception of a failed folding away: the program shall raise it itself.
static void
forget_fold_error(KrFlow *f)
{
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)
        || PyErr_ExceptionMatches(PyExc_MemoryError)) {
        kr_compiler_fail(f->c);
        return;
    }
    PyErr_Clear();
}

void
kr_flow_fold_unary(KrFlow *f, KrBlock *b, int i)
{
    KrFlowInstr *load;
    if (!find_const_loads(b, i - 1, &load, 1)) {
        return;
    }
    PyObject *operand = const_value(f, load);
    if (operand == NULL) {
        return;
    }
    PyObject *value = NULL;
    switch (b->instrs[i].op) {
    case KR_OP_UNARY_NEGATIVE:
        value = PyNumber_Negative(operand);
        break;
    case KR_OP_UNARY_INVERT:
        if (PyBool_Check(operand)) {
            return; // warns when it runs
        }
        value = PyNumber_Invert(operand);
        break;
    case KR_OP_UNARY_NOT: {
        int truth = PyObject_IsTrue(operand);
        value = truth < 0 ? NULL : PyBool_FromLong(!truth);
        break;
    }
    default:
        value = PyNumber_Positive(operand);
        break;
    }
    if (value == NULL) {
        forget_fold_error(f);
        return;
    }
    blank(&load, 1);
    make_load_const(f, &b->instrs[i], kr_compiler_keep(f->c, value));
}

// Items of a constant, tuples inside included, against a limit.
static Py_ssize_t
check_items(PyObject *object, Py_ssize_t limit)
{
    if (PyTuple_Check(object)) {
        limit -= PyTuple_GET_SIZE(object);
        for (Py_ssize_t i = 0; limit >= 0 && i < PyTuple_GET_SIZE(object); i++) {
            limit = check_items(PyTuple_GET_ITEM(object, i), limit);
        }
    }
    return limit;
}

static bool
both_ints(PyObject *a, PyObject *b)
{
    return PyLong_Check(a) && PyLong_Check(b);
}

static bool
is_nonzero(PyObject *number)
{
    int overflow;
    return PyLong_AsLongAndOverflow(number, &overflow) != 0 || overflow;
}

static PyObject *
fold_multiply(PyObject *v, PyObject *w)
{
    if (both_ints(v, w)) {
        if (is_nonzero(v) && is_nonzero(w)
            && _PyLong_NumBits(v) + _PyLong_NumBits(w) > MAX_INT_BITS) {
            return NULL;
        }
        return PyNumber_Multiply(v, w);
    }
    if (PyLong_Check(w) && (PyTuple_Check(v) || PyUnicode_Check(v) || PyBytes_Check(v))) {
        PyObject *swap = v;
        v = w;
        w = swap;
        // Sequences repeat the same from either side.
    }
    if (PyLong_Check(v)) {
        bool is_tuple = PyTuple_Check(w);
        if (is_tuple || PyUnicode_Check(w) || PyBytes_Check(w)) {
            Py_ssize_t size = PyObject_Size(w);
            if (size > 0) {
                int overflow;
                long n = PyLong_AsLongAndOverflow(v, &overflow);
                long limit = is_tuple ? MAX_COLLECTION : MAX_TEXT;
                if (overflow || n < 0 || n > limit / size) {
                    return NULL;
                }
                if (is_tuple && n > 0 && check_items(w, MAX_TOTAL_ITEMS / n) < 0) {
                    return NULL;
                }
            }
        }
    }
    return PyNumber_Multiply(v, w);
}

static PyObject *
fold_power(PyObject *v, PyObject *w)
{
    if (both_ints(v, w)) {
        int overflow;
        long exponent = PyLong_AsLongAndOverflow(w, &overflow);
        if (is_nonzero(v) && (exponent > 0 || overflow > 0)) {
            int64_t bits = _PyLong_NumBits(v);
            if (overflow || bits > MAX_INT_BITS / exponent) {
                return NULL;
            }
        }
    }
    return PyNumber_Power(v, w, Py_None);
}

static PyObject *
fold_lshift(PyObject *v, PyObject *w)
{
    if (both_ints(v, w) && is_nonzero(v) && is_nonzero(w)) {
        int overflow;
        long shift = PyLong_AsLongAndOverflow(w, &overflow);
        if (overflow || shift < 0 || shift > MAX_INT_BITS
            || _PyLong_NumBits(v) > MAX_INT_BITS - shift) {
            return NULL;
        }
    }
    return PyNumber_Lshift(v, w);
}

// NULL without an exception: leave it to the program.
static PyObject *
fold_binary_value(PyObject *v, int op, PyObject *w)
{
    switch (op) {
    case KR_NB_ADD:
        return PyNumber_Add(v, w);
    case KR_NB_SUBTRACT:
        return PyNumber_Subtract(v, w);
    case KR_NB_MULTIPLY:
        return fold_multiply(v, w);
    case KR_NB_TRUE_DIVIDE:
        return PyNumber_TrueDivide(v, w);
    case KR_NB_FLOOR_DIVIDE:
        return PyNumber_FloorDivide(v, w);
    case KR_NB_REMAINDER:
        if (PyUnicode_Check(v) || PyBytes_Check(v)) {
            return NULL;
        }
        return PyNumber_Remainder(v, w);
    case KR_NB_POWER:
        return fold_power(v, w);
    case KR_NB_LSHIFT:
        return fold_lshift(v, w);
    case KR_NB_RSHIFT:
        return PyNumber_Rshift(v, w);
    case KR_NB_OR:
        return PyNumber_Or(v, w);
    case KR_NB_XOR:
        return PyNumber_Xor(v, w);
    case KR_NB_AND:
        return PyNumber_And(v, w);
    case KR_NB_SUBSCR:
        return PyObject_GetItem(v, w);
    default:
        return NULL;
    }
}

void
kr_flow_fold_binary(KrFlow *f, KrBlock *b, int i)
{
    KrFlowInstr *loads[2];
    if (!find_const_loads(b, i - 1, loads, 2)) {
        return;
    }
    PyObject *v = const_value(f, loads[0]);
    PyObject *w = const_value(f, loads[1]);
    if (v == NULL || w == NULL) {
        return;
    }
    PyObject *value = fold_binary_value(v, b->instrs[i].arg, w);
    if (value == NULL) {
        if (PyErr_Occurred()) {
            forget_fold_error(f);
        }
        return;
    }
    blank(loads, 2);
    make_load_const(f, &b->instrs[i], kr_compiler_keep(f->c, value));
}

void
kr_flow_drop_unused_consts(KrFlow *f)
{
    if (f->const_count == 0) {
        return;
    }
    int *map = kr_compiler_alloc(f->c, (size_t)f->const_count * sizeof(*map));
    if (map == NULL) {
        return;
    }
    map[0] = 1; // the docstring, perhaps
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            if (kr_opcode_flags(b->instrs[i].op) & KR_OPF_CONST) {
                map[b->instrs[i].arg] = 1;
            }
        }
    }
    int kept = 0;
    for (int i = 0; i < f->const_count; i++) {
        if (map[i]) {
            f->consts[kept] = f->consts[i];
            map[i] = kept++;
        }
    }
    f->const_count = kept;
    for (KrBlock *b = f->entry; b != NULL; b = b->next) {
        for (int i = 0; i < b->count; i++) {
            if (kr_opcode_flags(b->instrs[i].op) & KR_OPF_CONST) {
                b->instrs[i].arg = map[b->instrs[i].arg];
            }
        }
    }
}
