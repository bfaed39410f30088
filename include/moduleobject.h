// SPDX-License-Identifier: MIT
// moduleobject.h - to be written by the owner of this header.
#ifndef KRAIT_MODULEOBJECT_H
#define KRAIT_MODULEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_MODULEOBJECT_H
