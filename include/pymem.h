// SPDX-License-Identifier: MIT
// pymem.h - to be written by the owner of this header.
#ifndef KRAIT_PYMEM_H
#define KRAIT_PYMEM_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYMEM_H
