// SPDX-License-Identifier: MIT
// hash.c - hashes of buffers, pointers and floats.
//
// Buffers hash by SipHash-1-3 (Aumasson and Bernstein, with fewer rounds) under a
// key that is drawn once per process: text of static strings caches its hash, so
// all interpreters of a process must use one key.
#include "objects/hash.h"

#include <sys/random.h>

static uint64_t hash_key[2];

void
kr_hash_seed_bytes(unsigned long seed, unsigned char *bytes, size_t count)
{
    // The linear congruential sequence that PYTHONHASHSEED is documented by its
    // results for: hash('abc') under seed 1 is the same everywhere.
    uint32_t x = (uint32_t)seed;
    for (size_t i = 0; i < count; i++) {
        x = x * 214013u + 2531011u;
        bytes[i] = (unsigned char)(x >> 16);
    }
}

int
kr_hash_init(bool use_seed, unsigned long seed)
{
    unsigned char bytes[16] = {0};
    if (use_seed) {
        if (seed != 0) {
            kr_hash_seed_bytes(seed, bytes, sizeof(bytes));
        }
    }
    else if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        return -1;
    }
    memcpy(hash_key, bytes, sizeof(bytes));
    return 0;
}

void
kr_hash_key(uint64_t *k0, uint64_t *k1)
{
    *k0 = hash_key[0];
    *k1 = hash_key[1];
}

#define ROTATE(x, b) (((x) << (b)) | ((x) >> (64 - (b))))
#define SIP_ROUND(a, b, c, d)                                                            \
    do {                                                                                 \
        a += b;                                                                          \
        c += d;                                                                          \
        b = ROTATE(b, 13) ^ a;                                                           \
        d = ROTATE(d, 16) ^ c;                                                           \
        a = ROTATE(a, 32);                                                               \
        c += b;                                                                          \
        a += d;                                                                          \
        b = ROTATE(b, 17) ^ c;                                                           \
        d = ROTATE(d, 21) ^ a;                                                           \
        c = ROTATE(c, 32);                                                               \
    } while (0)

static uint64_t
siphash13(uint64_t k0, uint64_t k1, const unsigned char *in, size_t length)
{
    uint64_t v0 = k0 ^ 0x736f6d6570736575ULL;
    uint64_t v1 = k1 ^ 0x646f72616e646f6dULL;
    uint64_t v2 = k0 ^ 0x6c7967656e657261ULL;
    uint64_t v3 = k1 ^ 0x7465646279746573ULL;
    uint64_t last = (uint64_t)length << 56, word;
    const unsigned char *end = in + (length & ~(size_t)7);
    for (; in != end; in += 8) {
        memcpy(&word, in, 8);
        v3 ^= word;
        SIP_ROUND(v0, v1, v2, v3);
        v0 ^= word;
    }
    for (size_t i = 0; i < (length & 7); i++) {
        last |= (uint64_t)in[i] << (8 * i);
    }
    v3 ^= last;
    SIP_ROUND(v0, v1, v2, v3);
    v0 ^= last;
    v2 ^= 0xff;
    SIP_ROUND(v0, v1, v2, v3);
    SIP_ROUND(v0, v1, v2, v3);
    SIP_ROUND(v0, v1, v2, v3);
    return (v0 ^ v1) ^ (v2 ^ v3);
}

Py_hash_t
Py_HashBuffer(const void *ptr, Py_ssize_t len)
{
    if (len == 0) {
        return 0;
    }
    Py_hash_t hash = (Py_hash_t)siphash13(hash_key[0], hash_key[1], ptr, (size_t)len);
    return hash == -1 ? -2 : hash;
}

static Py_hash_t
hash_function(const void *ptr, Py_ssize_t len)
{
    return Py_HashBuffer(ptr, len);
}

PyHash_FuncDef *
PyHash_GetFuncDef(void)
{
    static PyHash_FuncDef definition = {hash_function, "siphash13", 64, 128};
    return &definition;
}

Py_hash_t
Py_HashPointer(const void *ptr)
{
    // The low four bits of addresses are zero: move them to the top.
    uintptr_t address = (uintptr_t)ptr;
    Py_hash_t hash = (Py_hash_t)((address >> 4) | (address << 60));
    return hash == -1 ? -2 : hash;
}

