// SPDX-License-Identifier: MIT
// genericaliasobject.h - to be written by the owner of this header.
#ifndef KRAIT_GENERICALIASOBJECT_H
#define KRAIT_GENERICALIASOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_GENERICALIASOBJECT_H
