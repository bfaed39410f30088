// SPDX-License-Identifier: MIT
// frameobject.h - to be written by the owner of this header.
#ifndef KRAIT_FRAMEOBJECT_H
#define KRAIT_FRAMEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FRAMEOBJECT_H
