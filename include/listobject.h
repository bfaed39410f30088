// SPDX-License-Identifier: MIT
// listobject.h - to be written by the owner of this header.
#ifndef KRAIT_LISTOBJECT_H
#define KRAIT_LISTOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_LISTOBJECT_H
