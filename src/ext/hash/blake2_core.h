// SPDX-License-Identifier: MIT
// blake2_core.h - BLAKE2 (RFC 7693; tree parameters: "BLAKE2: simpler, smaller, fast as
// MD5", 2.5 to 2.10), for words of 64 bits (BLAKE2b) or 32 bits (BLAKE2s).
//
// OpenSSL has no tree hashing, which hashlib offers; so this is our own. The two forms
// are one text: include it with BLAKE2_WORD, BLAKE2_ROUNDS, BLAKE2_ROTATIONS, BLAKE2_IV
// and BLAKE2(name) defined.

typedef BLAKE2_WORD BLAKE2(word);

enum {
    BLAKE2(BLOCK) = 16 * sizeof(BLAKE2_WORD),
    BLAKE2(OUT) = 8 * sizeof(BLAKE2_WORD),
};

typedef struct {
    BLAKE2(word) h[8];
    BLAKE2(word) count[2]; // bytes compressed so far, low word first
    unsigned char block[BLAKE2(BLOCK)];
    size_t used; // of block; a full one waits, for the last one is marked
    bool last_node;
} BLAKE2(state);

static BLAKE2(word)
BLAKE2(load)(const unsigned char *from)
{
    BLAKE2(word) word = 0;

    for (size_t i = 0; i < sizeof word; i++) {
        word |= (BLAKE2(word))from[i] << (8 * i);
    }
    return word;
}

static inline BLAKE2(word)
BLAKE2(rotate)(BLAKE2(word) x, int n)
{
    return (x >> n) | (x << (8 * (int)sizeof x - n));
}

// The mixing function G (RFC 7693, 3.1).
static inline void
BLAKE2(mix)(BLAKE2(word) *v, int a, int b, int c, int d, BLAKE2(word) x, BLAKE2(word) y)
{
    static const int turns[4] = BLAKE2_ROTATIONS;

    v[a] += v[b] + x;
    v[d] = BLAKE2(rotate)(v[d] ^ v[a], turns[0]);
    v[c] += v[d];
    v[b] = BLAKE2(rotate)(v[b] ^ v[c], turns[1]);
    v[a] += v[b] + y;
    v[d] = BLAKE2(rotate)(v[d] ^ v[a], turns[2]);
    v[c] += v[d];
    v[b] = BLAKE2(rotate)(v[b] ^ v[c], turns[3]);
}

// The compression function F (RFC 7693, 3.2), on one block.
static void
BLAKE2(compress)(BLAKE2(state) *s, const unsigned char *block, bool last)
{
    static const BLAKE2(word) iv[8] = BLAKE2_IV;
    BLAKE2(word) m[16], v[16];

    for (int i = 0; i < 16; i++) {
        m[i] = BLAKE2(load)(block + i * sizeof(BLAKE2(word)));
    }
    for (int i = 0; i < 8; i++) {
        v[i] = s->h[i];
        v[i + 8] = iv[i];
    }
    v[12] ^= s->count[0];
    v[13] ^= s->count[1];
    if (last) {
        v[14] = ~v[14];
        v[15] = s->last_node ? ~v[15] : v[15];
    }
#pragma GCC unroll 12
    for (int round = 0; round < BLAKE2_ROUNDS; round++) {
        const unsigned char *p = blake2_order[round % 10];
        BLAKE2(mix)(v, 0, 4, 8, 12, m[p[0]], m[p[1]]);
        BLAKE2(mix)(v, 1, 5, 9, 13, m[p[2]], m[p[3]]);
        BLAKE2(mix)(v, 2, 6, 10, 14, m[p[4]], m[p[5]]);
        BLAKE2(mix)(v, 3, 7, 11, 15, m[p[6]], m[p[7]]);
        BLAKE2(mix)(v, 0, 5, 10, 15, m[p[8]], m[p[9]]);
        BLAKE2(mix)(v, 1, 6, 11, 12, m[p[10]], m[p[11]]);
        BLAKE2(mix)(v, 2, 7, 8, 13, m[p[12]], m[p[13]]);
        BLAKE2(mix)(v, 3, 4, 9, 14, m[p[14]], m[p[15]]);
    }
    for (int i = 0; i < 8; i++) {
        s->h[i] ^= v[i] ^ v[i + 8];
    }
}

static void
BLAKE2(add_count)(BLAKE2(state) *s, size_t bytes)
{
    s->count[0] += (BLAKE2(word))bytes;
    s->count[1] += s->count[0] < bytes;
}

// Begins with a parameter block of BLAKE2(OUT) bytes.
static void
BLAKE2(init)(BLAKE2(state) *s, const unsigned char *parameters, bool last_node)
{
    static const BLAKE2(word) iv[8] = BLAKE2_IV;

    memset(s, 0, sizeof *s);
    for (int i = 0; i < 8; i++) {
        s->h[i] = iv[i] ^ BLAKE2(load)(parameters + i * sizeof(BLAKE2(word)));
    }
    s->last_node = last_node;
}

static void
BLAKE2(update)(BLAKE2(state) *s, const unsigned char *data, size_t size)
{
    while (size > 0) {
        if (s->used == BLAKE2(BLOCK)) {
            BLAKE2(add_count)(s, BLAKE2(BLOCK));
            BLAKE2(compress)(s, s->block, false);
            s->used = 0;
        }
        while (s->used == 0 && size > BLAKE2(BLOCK)) {
            BLAKE2(add_count)(s, BLAKE2(BLOCK));
            BLAKE2(compress)(s, data, false);
            data += BLAKE2(BLOCK);
            size -= BLAKE2(BLOCK);
        }
        size_t part = BLAKE2(BLOCK) - s->used < size ? BLAKE2(BLOCK) - s->used : size;
        memcpy(s->block + s->used, data, part);
        s->used += part;
        data += part;
        size -= part;
    }
}

// The digest, always BLAKE2(OUT) bytes; the caller takes as many as it asked for.
static void
BLAKE2(finish)(BLAKE2(state) *s, unsigned char *out)
{
    BLAKE2(add_count)(s, s->used);
    memset(s->block + s->used, 0, BLAKE2(BLOCK) - s->used);
    BLAKE2(compress)(s, s->block, true);
    for (int i = 0; i < 8; i++) {
        for (size_t j = 0; j < sizeof(BLAKE2(word)); j++) {
            *out++ = (unsigned char)(s->h[i] >> (8 * j));
        }
    }
}

#undef BLAKE2_WORD
#undef BLAKE2_ROUNDS
#undef BLAKE2_ROTATIONS
#undef BLAKE2_IV
#undef BLAKE2
