// SPDX-License-Identifier: MIT
// enumobject.h - to be written by the owner of this header.
#ifndef KRAIT_ENUMOBJECT_H
#define KRAIT_ENUMOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_ENUMOBJECT_H
