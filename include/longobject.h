// SPDX-License-Identifier: MIT
// longobject.h - to be written by the owner of this header.
#ifndef KRAIT_LONGOBJECT_H
#define KRAIT_LONGOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_LONGOBJECT_H
