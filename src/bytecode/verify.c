// SPDX-License-Identifier: MIT
// verify.c - decodes instructions and checks their arguments one by one.
//
// Read next: verify_flow.c

#include "bytecode/verify_internal.h"

#include "bytecode/opcodes.h"

const char *const kr_verify_no_memory = "no memory";

// Kinds of locals that hold cells: CO_FAST_CELL | CO_FAST_FREE.
#define CELL_KINDS (0x40 | 0x80)

const char *
kr_verify_decode(const KrVerifyInput *in, int unit, KrVerifyInstr *out)
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
            *out = (KrVerifyInstr){opcode, (int)arg, unit + kr_opcode_caches(opcode)};
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

bool
kr_verify_arg(const KrVerifyInput *in, int opcode, int arg)
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
