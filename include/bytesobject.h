// SPDX-License-Identifier: MIT
// bytesobject.h - to be written by the owner of this header.
#ifndef KRAIT_BYTESOBJECT_H
#define KRAIT_BYTESOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BYTESOBJECT_H
