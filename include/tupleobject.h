// SPDX-License-Identifier: MIT
// tupleobject.h - to be written by the owner of this header.
#ifndef KRAIT_TUPLEOBJECT_H
#define KRAIT_TUPLEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_TUPLEOBJECT_H
