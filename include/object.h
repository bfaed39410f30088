// SPDX-License-Identifier: MIT
// object.h - to be written by the owner of this header.
#ifndef KRAIT_OBJECT_H
#define KRAIT_OBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_OBJECT_H
