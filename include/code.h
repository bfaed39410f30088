// SPDX-License-Identifier: MIT
// code.h - to be written by the owner of this header.
#ifndef KRAIT_CODE_H
#define KRAIT_CODE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CODE_H
