// SPDX-License-Identifier: MIT
// opcodes.h - numbers and properties of the bytecode instructions.
//
// A code unit is two bytes: opcode, then oparg. Instructions with caches are followed
// by that many zero units. EXTENDED_ARG carries the upper bits of the next oparg.
// Read next: opcodes.def, locations.h, exctable.h
#ifndef KRAIT_BYTECODE_OPCODES_H
#define KRAIT_BYTECODE_OPCODES_H

#include <limits.h>
#include "base/base.h"

// Flags of an instruction.
enum {
    KR_OPF_ARG = 1 << 0,          // reads its oparg
    KR_OPF_CONST = 1 << 1,        // oparg indexes co_consts
    KR_OPF_NAME = 1 << 2,         // oparg indexes co_names
    KR_OPF_JUMP = 1 << 3,         // oparg is a distance in code units
    KR_OPF_FREE = 1 << 4,         // oparg indexes the locals, cell or free variable
    KR_OPF_LOCAL = 1 << 5,        // oparg indexes the locals
    KR_OPF_EXC = 1 << 6,          // pseudo: opens a handler's range
    KR_OPF_EVAL_BREAK = 1 << 7,   // polls for signals and the like
    KR_OPF_SCOPE_EXIT = 1 << 8,   // leaves the frame
    KR_OPF_ALWAYS_JUMPS = 1 << 9, // never falls through
    KR_OPF_PSEUDO = 1 << 10,      // exists in the compiler only
    KR_OPF_INSTRUMENTED = 1 << 11,
};

// CACHE is a macro name elsewhere too often, hence KR_OP_ in front of every name.
typedef enum {
#define KR_OPCODE(name, number, caches, popped, pushed, flags) KR_OP_##name = number,
#include "bytecode/opcodes.def"
    KR_OP_COUNT,
} KrOpcode;

#define KR_OP_FIRST_PSEUDO 256
#define KR_OP_HAVE_ARGUMENT 43 // opcodes above this number use their oparg

typedef struct {
    const char *name; // NULL for a number without instruction
    uint16_t flags;
    uint8_t caches;   // units after the instruction
} KrOpcodeInfo;

extern const KrOpcodeInfo kr_opcode_info[KR_OP_COUNT];

// Places popped and pushed when the instruction does not jump. Unknown opcodes: -1.
int kr_opcode_popped(int opcode, int oparg);
int kr_opcode_pushed(int opcode, int oparg);

// pushed - popped; INT_MAX for an unknown opcode. jump: 1 along the jump, 0 falling
// through, -1 the larger of both.
int kr_opcode_stack_effect(int opcode, int oparg, int jump);

// True for every number of the metadata module, specialised forms included.
bool kr_opcode_is_valid(int opcode);

static inline int
kr_opcode_flags(int opcode)
{
    return (unsigned)opcode < KR_OP_COUNT ? kr_opcode_info[opcode].flags : 0;
}

static inline int
kr_opcode_caches(int opcode)
{
    return (unsigned)opcode < KR_OP_COUNT ? kr_opcode_info[opcode].caches : 0;
}

// Operands of BINARY_OP.
typedef enum {
    KR_NB_ADD, KR_NB_AND, KR_NB_FLOOR_DIVIDE, KR_NB_LSHIFT, KR_NB_MATRIX_MULTIPLY,
    KR_NB_MULTIPLY, KR_NB_REMAINDER, KR_NB_OR, KR_NB_POWER, KR_NB_RSHIFT,
    KR_NB_SUBTRACT, KR_NB_TRUE_DIVIDE, KR_NB_XOR,
    KR_NB_INPLACE_ADD, // in-place operators follow in the same order
    KR_NB_INPLACE_AND, KR_NB_INPLACE_FLOOR_DIVIDE, KR_NB_INPLACE_LSHIFT,
    KR_NB_INPLACE_MATRIX_MULTIPLY, KR_NB_INPLACE_MULTIPLY, KR_NB_INPLACE_REMAINDER,
    KR_NB_INPLACE_OR, KR_NB_INPLACE_POWER, KR_NB_INPLACE_RSHIFT,
    KR_NB_INPLACE_SUBTRACT, KR_NB_INPLACE_TRUE_DIVIDE, KR_NB_INPLACE_XOR,
    KR_NB_SUBSCR,
    KR_NB_COUNT,
} KrBinaryOp;

// Operands of CALL_INTRINSIC_1.
typedef enum {
    KR_INTRINSIC_1_INVALID, KR_INTRINSIC_PRINT, KR_INTRINSIC_IMPORT_STAR,
    KR_INTRINSIC_STOPITERATION_ERROR, KR_INTRINSIC_ASYNC_GEN_WRAP,
    KR_INTRINSIC_UNARY_POSITIVE, KR_INTRINSIC_LIST_TO_TUPLE, KR_INTRINSIC_TYPEVAR,
    KR_INTRINSIC_PARAMSPEC, KR_INTRINSIC_TYPEVARTUPLE,
    KR_INTRINSIC_SUBSCRIPT_GENERIC, KR_INTRINSIC_TYPEALIAS,
    KR_INTRINSIC_1_COUNT,
} KrIntrinsic1;

// Operands of CALL_INTRINSIC_2.
typedef enum {
    KR_INTRINSIC_2_INVALID, KR_INTRINSIC_PREP_RERAISE_STAR,
    KR_INTRINSIC_TYPEVAR_WITH_BOUND, KR_INTRINSIC_TYPEVAR_WITH_CONSTRAINTS,
    KR_INTRINSIC_SET_FUNCTION_TYPE_PARAMS, KR_INTRINSIC_SET_TYPEPARAM_DEFAULT,
    KR_INTRINSIC_2_COUNT,
} KrIntrinsic2;

// Operands of LOAD_SPECIAL.
typedef enum {
    KR_SPECIAL_ENTER, KR_SPECIAL_EXIT, KR_SPECIAL_AENTER, KR_SPECIAL_AEXIT,
    KR_SPECIAL_COUNT,
} KrSpecialMethod;

// Operands of LOAD_COMMON_CONSTANT.
typedef enum {
    KR_COMMON_ASSERTION_ERROR, KR_COMMON_NOT_IMPLEMENTED_ERROR, KR_COMMON_TUPLE,
    KR_COMMON_ALL, KR_COMMON_ANY,
    KR_COMMON_COUNT,
} KrCommonConstant;

// Operands of CONVERT_VALUE.
typedef enum {
    KR_CONVERT_NONE, KR_CONVERT_STR, KR_CONVERT_REPR, KR_CONVERT_ASCII,
} KrConvert;

// Operands of SET_FUNCTION_ATTRIBUTE.
enum {
    KR_FUNCTION_DEFAULTS = 0x01,
    KR_FUNCTION_KWDEFAULTS = 0x02,
    KR_FUNCTION_ANNOTATIONS = 0x04, // a tuple of names and values
    KR_FUNCTION_CLOSURE = 0x08,
    KR_FUNCTION_ANNOTATE = 0x10,
};

// RESUME: where (low two bits) and whether an exception handler may be near.
enum {
    KR_RESUME_AT_START = 0,
    KR_RESUME_AFTER_YIELD = 1,
    KR_RESUME_AFTER_YIELD_FROM = 2,
    KR_RESUME_AFTER_AWAIT = 3,
    KR_RESUME_LOCATION_MASK = 3,
    KR_RESUME_EXCEPT_DEPTH1 = 4,
};

// COMPARE_OP: operator << 5, bit 4 asks for a bool, the low bits say which outcomes
// of (unordered, less, greater, equal) count as true.
typedef enum { KR_CMP_LT, KR_CMP_LE, KR_CMP_EQ, KR_CMP_NE, KR_CMP_GT, KR_CMP_GE } KrCompareOp;
enum {
    KR_COMPARE_BOOL = 16,
    KR_COMPARE_UNORDERED = 1,
    KR_COMPARE_LESS = 2,
    KR_COMPARE_GREATER = 4,
    KR_COMPARE_EQUAL = 8,
};

// Names of operands, for dis and error texts.
extern const char *const kr_intrinsic1_names[KR_INTRINSIC_1_COUNT];
extern const char *const kr_intrinsic2_names[KR_INTRINSIC_2_COUNT];
extern const char *const kr_special_names[KR_SPECIAL_COUNT];
extern const char *const kr_nb_names[KR_NB_COUNT];   // "NB_ADD"
extern const char *const kr_nb_symbols[KR_NB_COUNT]; // "+"

#endif // KRAIT_BYTECODE_OPCODES_H
