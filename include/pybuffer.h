// SPDX-License-Identifier: MIT
// pybuffer.h - to be written by the owner of this header.
#ifndef KRAIT_PYBUFFER_H
#define KRAIT_PYBUFFER_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYBUFFER_H
