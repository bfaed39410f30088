// SPDX-License-Identifier: MIT
// pystrtod.h - to be written by the owner of this header.
#ifndef KRAIT_PYSTRTOD_H
#define KRAIT_PYSTRTOD_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYSTRTOD_H
