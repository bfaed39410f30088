// SPDX-License-Identifier: MIT
// rangeobject.h - to be written by the owner of this header.
#ifndef KRAIT_RANGEOBJECT_H
#define KRAIT_RANGEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_RANGEOBJECT_H
