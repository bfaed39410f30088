// SPDX-License-Identifier: MIT
// intrcheck.h - to be written by the owner of this header.
#ifndef KRAIT_INTRCHECK_H
#define KRAIT_INTRCHECK_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_INTRCHECK_H
