// SPDX-License-Identifier: MIT
// sliceobject.h - to be written by the owner of this header.
#ifndef KRAIT_SLICEOBJECT_H
#define KRAIT_SLICEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_SLICEOBJECT_H
