// SPDX-License-Identifier: MIT
// ceval.h - to be written by the owner of this header.
#ifndef KRAIT_CEVAL_H
#define KRAIT_CEVAL_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CEVAL_H
