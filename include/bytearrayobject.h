// SPDX-License-Identifier: MIT
// bytearrayobject.h - to be written by the owner of this header.
#ifndef KRAIT_BYTEARRAYOBJECT_H
#define KRAIT_BYTEARRAYOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BYTEARRAYOBJECT_H
