// SPDX-License-Identifier: MIT
// guard.h - forbidden bytes around blocks, for PYTHONMALLOC=debug.
//
//     inner            size of the block, 8 bytes, big-endian
//     inner + 8        the letter of the family ('r', 'm', 'o'), 7 forbidden bytes
//     inner + 16       the block; fresh bytes are 0xCD, freed ones 0xDD
//     ... + size       8 forbidden bytes (0xFD)
#ifndef KRAIT_MEM_GUARD_H
#define KRAIT_MEM_GUARD_H

#include "base/base.h"

#define KR_GUARD_FRONT 16
#define KR_GUARD_EXTRA 24
#define KR_GUARD_CLEAN 0xCD
#define KR_GUARD_DEAD 0xDD
#define KR_GUARD_FORBIDDEN 0xFD

// Writes the guards of a block of `size` bytes into inner (size + KR_GUARD_EXTRA
// bytes) and returns the block. Fills bytes from `kept` on with 0xCD.
void *kr_guard_close(void *inner, size_t size, size_t kept, char family);

// Checks the guards; on damage tells about it and ends the process. Returns inner.
void *kr_guard_check(void *block, char family, const char *caller);

// Size of a block whose guards are whole.
size_t kr_guard_size(const void *block);

// Fills a block that is about to be freed with 0xDD, guards included.
void kr_guard_erase(void *block);

#endif // KRAIT_MEM_GUARD_H
