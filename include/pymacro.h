// SPDX-License-Identifier: MIT
// pymacro.h - to be written by the owner of this header.
#ifndef KRAIT_PYMACRO_H
#define KRAIT_PYMACRO_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYMACRO_H
