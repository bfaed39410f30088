// SPDX-License-Identifier: MIT
// pytypedefs.h - to be written by the owner of this header.
#ifndef KRAIT_PYTYPEDEFS_H
#define KRAIT_PYTYPEDEFS_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYTYPEDEFS_H
