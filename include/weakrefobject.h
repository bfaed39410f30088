// SPDX-License-Identifier: MIT
// weakrefobject.h - to be written by the owner of this header.
#ifndef KRAIT_WEAKREFOBJECT_H
#define KRAIT_WEAKREFOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_WEAKREFOBJECT_H
