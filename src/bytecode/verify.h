// SPDX-License-Identifier: MIT
// verify.h - checks bytecode before it is executed.
//
// Approved code has known instructions only, jumps to instructions, arguments in range, one
// stack depth at every place within co_stacksize, and no way to run off its end. It reads no
// unbound local, has NULL only where a call or a local may take it, and gives lists, sets,
// dicts, cells, functions and code to the instructions that take nothing else. Types that
// only rare instructions ask for are the machine's to check.
#ifndef KRAIT_BYTECODE_VERIFY_H
#define KRAIT_BYTECODE_VERIFY_H

#include "base/base.h"

// What the verifier wants to know of a constant.
typedef enum {
    KR_VERIFY_CONST_OTHER,
    KR_VERIFY_CONST_STR,
    KR_VERIFY_CONST_TUPLE,
    KR_VERIFY_CONST_NAMES, // a tuple of str
    KR_VERIFY_CONST_CODE,
} KrVerifyConst;

typedef struct {
    const uint8_t *code;     // units * 2 bytes
    int units;
    const uint8_t *exctable;
    size_t exctable_size;
    int stacksize;
    int consts;              // number of constants
    KrVerifyConst (*const_kind)(void *context, int index, int *size_out);
    void *context;           // for const_kind; size_out is a tuple's size
    int arguments;           // locals that a call has filled, from the first
    int names;
    int locals;              // locals, cells and free variables
    int freevars;
    const uint8_t *kinds;    // `locals` bytes of CO_FAST_*
    bool is_generator;
    void *(*alloc)(size_t size);
    void (*free)(void *memory);
} KrVerifyInput;

// The result of kr_verify_bytecode without memory.
extern const char *const kr_verify_no_memory;

// NULL if the code is good; otherwise what is wrong, at *unit_out.
const char *kr_verify_bytecode(const KrVerifyInput *in, int *unit_out);

#endif // KRAIT_BYTECODE_VERIFY_H
