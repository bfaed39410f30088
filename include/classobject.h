// SPDX-License-Identifier: MIT
// classobject.h - to be written by the owner of this header.
#ifndef KRAIT_CLASSOBJECT_H
#define KRAIT_CLASSOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CLASSOBJECT_H
