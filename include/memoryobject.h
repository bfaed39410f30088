// SPDX-License-Identifier: MIT
// memoryobject.h - to be written by the owner of this header.
#ifndef KRAIT_MEMORYOBJECT_H
#define KRAIT_MEMORYOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_MEMORYOBJECT_H
