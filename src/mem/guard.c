// SPDX-License-Identifier: MIT
// guard.c - writing and checking forbidden bytes.
#include "mem/guard.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t
kr_guard_size(const void *block)
{
    const uint8_t *p = (const uint8_t *)block - KR_GUARD_FRONT;
    size_t size = 0;
    for (int i = 0; i < 8; i++) {
        size = size << 8 | p[i];
    }
    return size;
}

void *
kr_guard_close(void *inner, size_t size, size_t kept, char family)
{
    uint8_t *p = inner;
    for (int i = 0; i < 8; i++) {
        p[i] = (uint8_t)(size >> (56 - 8 * i));
    }
    p[8] = (uint8_t)family;
    memset(p + 9, KR_GUARD_FORBIDDEN, 7);
    uint8_t *block = p + KR_GUARD_FRONT;
    if (kept < size) {
        memset(block + kept, KR_GUARD_CLEAN, size - kept);
    }
    memset(block + size, KR_GUARD_FORBIDDEN, 8);
    return block;
}

// One line about one run of guard bytes. Returns whether they are whole.
static bool
describe_pad(const uint8_t *pad, int count, const char *where)
{
    bool whole = true;
    for (int i = 0; i < count; i++) {
        whole = whole && pad[i] == KR_GUARD_FORBIDDEN;
    }
    fprintf(stderr, "    The %d pad bytes at %s are ", count, where);
    if (whole) {
        fputs("FORBIDDENBYTE, as expected.\n", stderr);
        return true;
    }
    fprintf(stderr, "not all FORBIDDENBYTE (0x%02x):\n", KR_GUARD_FORBIDDEN);
    for (int i = 0; i < count; i++) {
        fprintf(stderr, "        at %s%c%d: 0x%02x%s\n",
                where[0] == 'p' ? "p" : "tail", where[0] == 'p' ? '-' : '+',
                where[0] == 'p' ? count - i : i, pad[i],
                pad[i] == KR_GUARD_FORBIDDEN ? "" : " *** OUCH");
    }
    return false;
}

KR_NORETURN static void
guard_fail(const uint8_t *block, const char *caller, const char *what)
{
    uint8_t family = block[-8];
    size_t size = kr_guard_size(block);
    char where[64];

    fprintf(stderr, "Debug memory block at address p=%p: API '%c'\n",
            (const void *)block, family);
    fprintf(stderr, "    %zu bytes originally requested\n", size);
    if (describe_pad(block - 7, 7, "p-7") && family >= 'a' && family <= 'z') {
        snprintf(where, sizeof where, "tail=%p", (const void *)(block + size));
        describe_pad(block + size, 8, where);
        fputs("    Data at p:", stderr);
        for (size_t i = 0; i < size && i < 8; i++) {
            fprintf(stderr, " %02x", block[i]);
        }
        fputc('\n', stderr);
    }
    fprintf(stderr, "\nFatal Python error: %s: %s\n", caller, what);
    fflush(stderr);
    abort();
}

void *
kr_guard_check(void *block, char family, const char *caller)
{
    const uint8_t *p = block;
    char text[96];

    if (p[-8] != (uint8_t)family) {
        snprintf(text, sizeof text, "bad ID: Allocated using API '%c', verified using API '%c'",
                 p[-8], family);
        guard_fail(p, caller, text);
    }
    for (int i = 1; i <= 7; i++) {
        if (p[-i] != KR_GUARD_FORBIDDEN) {
            guard_fail(p, caller, "bad leading pad byte");
        }
    }
    const uint8_t *tail = p + kr_guard_size(block);
    for (int i = 0; i < 8; i++) {
        if (tail[i] != KR_GUARD_FORBIDDEN) {
            guard_fail(p, caller, "bad trailing pad byte");
        }
    }
    return (uint8_t *)block - KR_GUARD_FRONT;
}

void
kr_guard_erase(void *block)
{
    size_t size = kr_guard_size(block);
    memset((uint8_t *)block - KR_GUARD_FRONT, KR_GUARD_DEAD, size + KR_GUARD_EXTRA);
}
