// SPDX-License-Identifier: MIT
// genobject.h - to be written by the owner of this header.
#ifndef KRAIT_GENOBJECT_H
#define KRAIT_GENOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_GENOBJECT_H
