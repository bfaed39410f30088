// SPDX-License-Identifier: MIT
// iterobject.h - to be written by the owner of this header.
#ifndef KRAIT_ITEROBJECT_H
#define KRAIT_ITEROBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_ITEROBJECT_H
