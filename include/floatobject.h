// SPDX-License-Identifier: MIT
// floatobject.h - to be written by the owner of this header.
#ifndef KRAIT_FLOATOBJECT_H
#define KRAIT_FLOATOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FLOATOBJECT_H
