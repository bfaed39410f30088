// SPDX-License-Identifier: MIT
// tracemalloc.h - to be written by the owner of this header.
#ifndef KRAIT_TRACEMALLOC_H
#define KRAIT_TRACEMALLOC_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_TRACEMALLOC_H
