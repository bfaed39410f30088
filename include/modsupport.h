// SPDX-License-Identifier: MIT
// modsupport.h - to be written by the owner of this header.
#ifndef KRAIT_MODSUPPORT_H
#define KRAIT_MODSUPPORT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_MODSUPPORT_H
