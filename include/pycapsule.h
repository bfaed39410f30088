// SPDX-License-Identifier: MIT
// pycapsule.h - to be written by the owner of this header.
#ifndef KRAIT_PYCAPSULE_H
#define KRAIT_PYCAPSULE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYCAPSULE_H
