// SPDX-License-Identifier: MIT
// base.h - what every file may use: assertions, hints, small helpers.
#ifndef KRAIT_BASE_BASE_H
#define KRAIT_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KR_LIKELY(x) __builtin_expect(!!(x), 1)
#define KR_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define KR_COLD __attribute__((cold, noinline))
#define KR_NORETURN __attribute__((noreturn))
#define KR_CHECKED __attribute__((warn_unused_result))
#define KR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define KR_ARRAY_LEN(a) ((ptrdiff_t)(sizeof(a) / sizeof((a)[0])))

// Moves a pointer out of a variable, which becomes NULL.
#define KR_MOVE(x)                                                            \
    __extension__({                                                           \
        __typeof__(x) kr_moved_ = (x);                                        \
        (x) = NULL;                                                           \
        kr_moved_;                                                            \
    })

// Prints where and what to stderr and aborts.
KR_NORETURN void kr_panic(const char *file, int line, const char *what);

// KR_CHECK stays in release builds; KR_ASSERT is for debug builds only.
#define KR_CHECK(cond)                                                        \
    (KR_LIKELY(cond) ? (void)0 : kr_panic(__FILE__, __LINE__, #cond))
#ifdef KR_DEBUG
#define KR_ASSERT(cond) KR_CHECK(cond)
#define KR_UNREACHABLE() kr_panic(__FILE__, __LINE__, "unreachable code")
#else
#define KR_ASSERT(cond) ((void)sizeof(!(cond)))
#define KR_UNREACHABLE() __builtin_unreachable()
#endif

#endif // KRAIT_BASE_BASE_H
