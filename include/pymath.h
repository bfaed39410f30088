// SPDX-License-Identifier: MIT
// pymath.h - to be written by the owner of this header.
#ifndef KRAIT_PYMATH_H
#define KRAIT_PYMATH_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYMATH_H
