// SPDX-License-Identifier: MIT
// hash.h - the key of the hash of text and bytes.
#ifndef KRAIT_OBJECTS_HASH_H
#define KRAIT_OBJECTS_HASH_H

#include "Python.h"

#include "base/base.h"

// Sets the process's key, before any string is hashed: from PYTHONHASHSEED's
// number (seed 0 is the key of zeros), or at random. -1 where the system gives
// no random bytes (no exception is set).
int kr_hash_init(bool use_seed, unsigned long seed);

// Fills bytes from the deterministic sequence that belongs to a seed.
void kr_hash_seed_bytes(unsigned long seed, unsigned char *bytes, size_t count);

// The key, for pyexpat and other users of 16 secret bytes.
void kr_hash_key(uint64_t *k0, uint64_t *k1);

#endif // KRAIT_OBJECTS_HASH_H
