// SPDX-License-Identifier: MIT
// complexobject.h - to be written by the owner of this header.
#ifndef KRAIT_COMPLEXOBJECT_H
#define KRAIT_COMPLEXOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_COMPLEXOBJECT_H
