// SPDX-License-Identifier: MIT
// pyhash.h - to be written by the owner of this header.
#ifndef KRAIT_PYHASH_H
#define KRAIT_PYHASH_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYHASH_H
