// SPDX-License-Identifier: MIT
// refcount.h - to be written by the owner of this header.
#ifndef KRAIT_REFCOUNT_H
#define KRAIT_REFCOUNT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_REFCOUNT_H
