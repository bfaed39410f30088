// SPDX-License-Identifier: MIT
// funcobject.h - to be written by the owner of this header.
#ifndef KRAIT_FUNCOBJECT_H
#define KRAIT_FUNCOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FUNCOBJECT_H
