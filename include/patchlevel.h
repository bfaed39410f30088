// SPDX-License-Identifier: MIT
// patchlevel.h - to be written by the owner of this header.
#ifndef KRAIT_PATCHLEVEL_H
#define KRAIT_PATCHLEVEL_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PATCHLEVEL_H
