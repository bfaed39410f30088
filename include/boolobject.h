// SPDX-License-Identifier: MIT
// boolobject.h - to be written by the owner of this header.
#ifndef KRAIT_BOOLOBJECT_H
#define KRAIT_BOOLOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BOOLOBJECT_H
