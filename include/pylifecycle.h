// SPDX-License-Identifier: MIT
// pylifecycle.h - to be written by the owner of this header.
#ifndef KRAIT_PYLIFECYCLE_H
#define KRAIT_PYLIFECYCLE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYLIFECYCLE_H
