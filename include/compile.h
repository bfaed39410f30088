// SPDX-License-Identifier: MIT
// compile.h - to be written by the owner of this header.
#ifndef KRAIT_COMPILE_H
#define KRAIT_COMPILE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_COMPILE_H
