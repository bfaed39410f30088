// SPDX-License-Identifier: MIT
// verify.c - follows all paths through a piece of bytecode and checks each instruction.

#include "bytecode/verify.h"

#include <string.h>

#include "bytecode/exctable.h"
#include "bytecode/opcodes.h"

const char *const kr_verify_no_memory = "no memory";

// Kinds of locals that hold cells: CO_FAST_CELL | CO_FAST_FREE.
#define CELL_KINDS (0x40 | 0x80)

enum { NOT_AN_INSTR = -2, NOT_REACHED = -1 };

typedef struct {
    const KrVerifyInput *in;
    int *depth;     // per unit: stack depth before it, NOT_REACHED or NOT_AN_INSTR
    int *todo;      // units to follow
    int todo_count;
    int unit;       // where the check is
} Verifier;

typedef struct {
    int opcode;
    int arg;
    int next; // unit behind the instruction and its caches
} Decoded;

// Decodes at a start of an instruction, prefixes included. NULL or what is wrong.
static const char *
decode_instr(const KrVerifyInput *in, int unit, Decoded *out)
{
    uint32_t arg = 0;
    for (int prefixes = 0;; prefixes++) {
        if (unit >= in->units) {
            return "the code ends inside an instruction";
        }
        int opcode = in->code[unit * 2];
        arg = arg << 8 | in->code[unit * 2 + 1];
        unit++;
        if (opcode != KR_OP_EXTENDED_ARG) {
            int flags = kr_opcode_flags(opcode);
            if (kr_opcode_info[opcode].name == NULL || opcode == KR_OP_CACHE
                || opcode == KR_OP_RESERVED || opcode == KR_OP_ENTER_EXECUTOR
                || opcode == KR_OP_INTERPRETER_EXIT || (flags & KR_OPF_INSTRUMENTED)) {
                return "no such instruction";
            }
            if (arg > INT_MAX) {
                return "argument out of range";
            }
            *out = (Decoded){opcode, (int)arg, unit + kr_opcode_caches(opcode)};
            if (out->next > in->units) {
                return "the code ends inside an instruction";
            }
            return NULL;
        }
        if (prefixes == 3) {
            return "too many EXTENDED_ARG";
        }
    }
}

static bool
is_local(const KrVerifyInput *in, int index)
{
    return index >= 0 && index < in->locals;
}

static bool
arg_is_good(const KrVerifyInput *in, int opcode, int arg)
{
    switch (opcode) {
    case KR_OP_LOAD_CONST:
        return arg < in->consts;
    case KR_OP_LOAD_GLOBAL:
    case KR_OP_LOAD_ATTR:
        return arg >> 1 < in->names;
    case KR_OP_LOAD_SUPER_ATTR:
        return arg >> 2 < in->names;
    case KR_OP_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW:
    case KR_OP_LOAD_FAST_CHECK:
    case KR_OP_LOAD_FAST_AND_CLEAR:
    case KR_OP_STORE_FAST:
    case KR_OP_DELETE_FAST:
        return is_local(in, arg);
    case KR_OP_LOAD_FAST_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW:
    case KR_OP_STORE_FAST_LOAD_FAST:
    case KR_OP_STORE_FAST_STORE_FAST:
        return is_local(in, arg >> 4) && is_local(in, arg & 15);
    case KR_OP_MAKE_CELL:
    case KR_OP_LOAD_DEREF:
    case KR_OP_STORE_DEREF:
    case KR_OP_DELETE_DEREF:
    case KR_OP_LOAD_FROM_DICT_OR_DEREF:
        return is_local(in, arg) && (in->kinds[arg] & CELL_KINDS);
    case KR_OP_COPY_FREE_VARS:
        return arg == in->freevars;
    case KR_OP_BINARY_OP:
        return arg < KR_NB_COUNT;
    case KR_OP_COMPARE_OP:
        return arg >> 5 <= KR_CMP_GE;
    case KR_OP_IS_OP:
    case KR_OP_CONTAINS_OP:
        return arg <= 1;
    case KR_OP_CALL_INTRINSIC_1:
        return arg > 0 && arg < KR_INTRINSIC_1_COUNT;
    case KR_OP_CALL_INTRINSIC_2:
        return arg > 0 && arg < KR_INTRINSIC_2_COUNT;
    case KR_OP_LOAD_SPECIAL:
        return arg < KR_SPECIAL_COUNT;
    case KR_OP_LOAD_COMMON_CONSTANT:
        return arg < KR_COMMON_COUNT;
    case KR_OP_CONVERT_VALUE:
        return arg >= KR_CONVERT_STR && arg <= KR_CONVERT_ASCII;
    case KR_OP_BUILD_SLICE:
        return arg == 2 || arg == 3;
    case KR_OP_BUILD_INTERPOLATION:
        return arg >> 2 <= KR_CONVERT_ASCII;
    case KR_OP_RAISE_VARARGS:
    case KR_OP_RERAISE:
        return arg <= 2;
    case KR_OP_SET_FUNCTION_ATTRIBUTE:
        return arg == KR_FUNCTION_DEFAULTS || arg == KR_FUNCTION_KWDEFAULTS
               || arg == KR_FUNCTION_ANNOTATIONS || arg == KR_FUNCTION_CLOSURE
               || arg == KR_FUNCTION_ANNOTATE;
    case KR_OP_COPY:
    case KR_OP_SWAP:
    case KR_OP_LIST_APPEND:
    case KR_OP_LIST_EXTEND:
    case KR_OP_SET_ADD:
    case KR_OP_SET_UPDATE:
    case KR_OP_MAP_ADD:
    case KR_OP_DICT_UPDATE:
    case KR_OP_DICT_MERGE:
        return arg >= 1;
    case KR_OP_LOAD_SMALL_INT:
        return arg < 256;
    case KR_OP_RETURN_GENERATOR:
    case KR_OP_YIELD_VALUE:
        return in->is_generator;
    default:
        if (kr_opcode_flags(opcode) & KR_OPF_NAME) {
            return arg < in->names;
        }
        return true;
    }
}

// Marks the units at which instructions start.
static const char *
find_starts(Verifier *v)
{
    int unit = 0;
    while (unit < v->in->units) {
        Decoded instr;
        v->unit = unit;
        const char *problem = decode_instr(v->in, unit, &instr);
        if (problem != NULL) {
            return problem;
        }
        v->depth[unit] = NOT_REACHED;
        unit = instr.next;
    }
    return NULL;
}

// The path comes to `unit` with `depth` operands.
static const char *
reach(Verifier *v, int unit, int depth)
{
    if (unit < 0 || unit >= v->in->units || v->depth[unit] == NOT_AN_INSTR) {
        return "a jump leads to no instruction";
    }
    if (depth < 0) {
        return "the stack is empty";
    }
    if (depth > v->in->stacksize) {
        return "co_stacksize is too small";
    }
    if (v->depth[unit] == NOT_REACHED) {
        v->depth[unit] = depth;
        v->todo[v->todo_count++] = unit;
        return NULL;
    }
    return v->depth[unit] == depth ? NULL : "stacks of different depth meet";
}

static const char *
reach_handler(Verifier *v, int depth)
{
    KrExcEntry entry;
    if (!kr_exctable_find(v->in->exctable, v->in->exctable_size, v->unit, &entry)) {
        return NULL;
    }
    if (entry.depth > depth) {
        return "a handler needs more operands than there are";
    }
    return reach(v, entry.target, entry.depth + entry.lasti + 1);
}

static int
jump_target(const Decoded *instr)
{
    switch (instr->opcode) {
    case KR_OP_JUMP_BACKWARD:
    case KR_OP_JUMP_BACKWARD_NO_INTERRUPT:
        return instr->next - instr->arg;
    default:
        return instr->arg > INT_MAX - instr->next ? -1 : instr->next + instr->arg;
    }
}

static const char *
check_instr(Verifier *v)
{
    int depth = v->depth[v->unit];
    Decoded instr;
    const char *problem = decode_instr(v->in, v->unit, &instr);
    if (problem != NULL) {
        return problem;
    }
    if (!arg_is_good(v->in, instr.opcode, instr.arg)) {
        return "argument out of range";
    }
    problem = reach_handler(v, depth);
    if (problem != NULL) {
        return problem;
    }
    // Opcodes that pop as many as their argument says cannot exceed the stack.
    int popped = kr_opcode_popped(instr.opcode, instr.arg);
    int pushed = kr_opcode_pushed(instr.opcode, instr.arg);
    if (popped < 0 || pushed < 0 || popped > depth) {
        return "the stack is empty";
    }
    if (pushed > v->in->stacksize + 2) {
        return "co_stacksize is too small";
    }
    int after = depth - popped + pushed;
    int flags = kr_opcode_flags(instr.opcode);
    if ((flags & KR_OPF_JUMP) && instr.opcode != KR_OP_END_ASYNC_FOR) {
        problem = reach(v, jump_target(&instr), after);
        if (problem != NULL) {
            return problem;
        }
    }
    if (flags & (KR_OPF_ALWAYS_JUMPS | KR_OPF_SCOPE_EXIT)) {
        return NULL;
    }
    if (instr.next >= v->in->units) {
        return "the code does not end with a return";
    }
    return reach(v, instr.next, after);
}

const char *
kr_verify_bytecode(const KrVerifyInput *in, int *unit_out)
{
    *unit_out = 0;
    if (in->units <= 0) {
        return "there is no code";
    }
    Verifier v = {.in = in};
    size_t bytes = (size_t)in->units * sizeof(int);
    v.depth = in->alloc(bytes * 2);
    if (v.depth == NULL) {
        return kr_verify_no_memory;
    }
    v.todo = v.depth + in->units;
    for (int i = 0; i < in->units; i++) {
        v.depth[i] = NOT_AN_INSTR;
    }
    const char *problem = find_starts(&v);
    if (problem == NULL) {
        problem = reach(&v, 0, 0);
    }
    while (problem == NULL && v.todo_count > 0) {
        v.unit = v.todo[--v.todo_count];
        problem = check_instr(&v);
    }
    *unit_out = v.unit;
    in->free(v.depth);
    return problem;
}
