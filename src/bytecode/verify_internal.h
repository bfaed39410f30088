// SPDX-License-Identifier: MIT
// verify_internal.h - shared by verify.c and verify_flow.c.
#ifndef KRAIT_BYTECODE_VERIFY_INTERNAL_H
#define KRAIT_BYTECODE_VERIFY_INTERNAL_H

#include "bytecode/verify.h"

typedef struct {
    int opcode;
    int arg;
    int next; // unit behind the instruction and its caches
} KrVerifyInstr;

// Decodes at a start of an instruction, prefixes included. NULL or what is wrong.
const char *kr_verify_decode(const KrVerifyInput *in, int unit, KrVerifyInstr *out);

// Whether the argument is in the range that the instruction allows.
bool kr_verify_arg(const KrVerifyInput *in, int opcode, int arg);

#endif // KRAIT_BYTECODE_VERIFY_INTERNAL_H
