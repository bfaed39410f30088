// SPDX-License-Identifier: MIT
// setobject.h - to be written by the owner of this header.
#ifndef KRAIT_SETOBJECT_H
#define KRAIT_SETOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_SETOBJECT_H
