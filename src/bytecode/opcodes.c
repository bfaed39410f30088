// SPDX-License-Identifier: MIT
// opcodes.c - the tables made from opcodes.def, and the names of operands.

#include "bytecode/opcodes.h"

const KrOpcodeInfo kr_opcode_info[KR_OP_COUNT] = {
#define KR_OPCODE(name, number, caches, popped, pushed, flags)                           \
    [number] = {#name, flags, caches},
#include "bytecode/opcodes.def"
};

int
kr_opcode_popped(int opcode, int oparg)
{
    switch (opcode) {
#define KR_OPCODE(name, number, caches, popped, pushed, flags)                           \
    case number:                                                                         \
        return popped;
#include "bytecode/opcodes.def"
    }
    return -1;
}

int
kr_opcode_pushed(int opcode, int oparg)
{
    switch (opcode) {
#define KR_OPCODE(name, number, caches, popped, pushed, flags)                           \
    case number:                                                                         \
        return pushed;
#include "bytecode/opcodes.def"
    }
    return -1;
}

int
kr_opcode_stack_effect(int opcode, int oparg, int jump)
{
    if ((unsigned)opcode >= KR_OP_COUNT || kr_opcode_info[opcode].name == NULL) {
        return INT_MAX;
    }
    if ((kr_opcode_info[opcode].flags & KR_OPF_EXC) && jump == 0) {
        return 0;
    }
    int popped = kr_opcode_popped(opcode, oparg);
    int pushed = kr_opcode_pushed(opcode, oparg);
    if (popped < 0 || pushed < 0) {
        return INT_MAX;
    }
    return pushed - popped;
}

bool
kr_opcode_is_valid(int opcode)
{
    if (opcode < 0 || opcode >= KR_OP_COUNT) {
        return false;
    }
    // The specialised forms: one in the gap at 3, the others from 129 to 211.
    return kr_opcode_info[opcode].name != NULL || opcode == 3
           || (opcode >= 129 && opcode <= 211);
}

const char *const kr_intrinsic1_names[KR_INTRINSIC_1_COUNT] = {
    [KR_INTRINSIC_1_INVALID] = "INTRINSIC_1_INVALID",
    [KR_INTRINSIC_PRINT] = "INTRINSIC_PRINT",
    [KR_INTRINSIC_IMPORT_STAR] = "INTRINSIC_IMPORT_STAR",
    [KR_INTRINSIC_STOPITERATION_ERROR] = "INTRINSIC_STOPITERATION_ERROR",
    [KR_INTRINSIC_ASYNC_GEN_WRAP] = "INTRINSIC_ASYNC_GEN_WRAP",
    [KR_INTRINSIC_UNARY_POSITIVE] = "INTRINSIC_UNARY_POSITIVE",
    [KR_INTRINSIC_LIST_TO_TUPLE] = "INTRINSIC_LIST_TO_TUPLE",
    [KR_INTRINSIC_TYPEVAR] = "INTRINSIC_TYPEVAR",
    [KR_INTRINSIC_PARAMSPEC] = "INTRINSIC_PARAMSPEC",
    [KR_INTRINSIC_TYPEVARTUPLE] = "INTRINSIC_TYPEVARTUPLE",
    [KR_INTRINSIC_SUBSCRIPT_GENERIC] = "INTRINSIC_SUBSCRIPT_GENERIC",
    [KR_INTRINSIC_TYPEALIAS] = "INTRINSIC_TYPEALIAS",
};

const char *const kr_intrinsic2_names[KR_INTRINSIC_2_COUNT] = {
    [KR_INTRINSIC_2_INVALID] = "INTRINSIC_2_INVALID",
    [KR_INTRINSIC_PREP_RERAISE_STAR] = "INTRINSIC_PREP_RERAISE_STAR",
    [KR_INTRINSIC_TYPEVAR_WITH_BOUND] = "INTRINSIC_TYPEVAR_WITH_BOUND",
    [KR_INTRINSIC_TYPEVAR_WITH_CONSTRAINTS] = "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
    [KR_INTRINSIC_SET_FUNCTION_TYPE_PARAMS] = "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    [KR_INTRINSIC_SET_TYPEPARAM_DEFAULT] = "INTRINSIC_SET_TYPEPARAM_DEFAULT",
};

const char *const kr_special_names[KR_SPECIAL_COUNT] = {
    [KR_SPECIAL_ENTER] = "__enter__",
    [KR_SPECIAL_EXIT] = "__exit__",
    [KR_SPECIAL_AENTER] = "__aenter__",
    [KR_SPECIAL_AEXIT] = "__aexit__",
};

const char *const kr_nb_names[KR_NB_COUNT] = {
    "NB_ADD", "NB_AND", "NB_FLOOR_DIVIDE", "NB_LSHIFT", "NB_MATRIX_MULTIPLY",
    "NB_MULTIPLY", "NB_REMAINDER", "NB_OR", "NB_POWER", "NB_RSHIFT", "NB_SUBTRACT",
    "NB_TRUE_DIVIDE", "NB_XOR", "NB_INPLACE_ADD", "NB_INPLACE_AND",
    "NB_INPLACE_FLOOR_DIVIDE", "NB_INPLACE_LSHIFT", "NB_INPLACE_MATRIX_MULTIPLY",
    "NB_INPLACE_MULTIPLY", "NB_INPLACE_REMAINDER", "NB_INPLACE_OR", "NB_INPLACE_POWER",
    "NB_INPLACE_RSHIFT", "NB_INPLACE_SUBTRACT", "NB_INPLACE_TRUE_DIVIDE",
    "NB_INPLACE_XOR", "NB_SUBSCR",
};

const char *const kr_nb_symbols[KR_NB_COUNT] = {
    "+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^", "+=", "&=",
    "//=", "<<=", "@=", "*=", "%=", "|=", "**=", ">>=", "-=", "/=", "^=", "[]",
};
