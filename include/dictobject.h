// SPDX-License-Identifier: MIT
// dictobject.h - to be written by the owner of this header.
#ifndef KRAIT_DICTOBJECT_H
#define KRAIT_DICTOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_DICTOBJECT_H
