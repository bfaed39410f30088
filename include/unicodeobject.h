// SPDX-License-Identifier: MIT
// unicodeobject.h - to be written by the owner of this header.
#ifndef KRAIT_UNICODEOBJECT_H
#define KRAIT_UNICODEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_UNICODEOBJECT_H
