// SPDX-License-Identifier: MIT
// initconfig.h - to be written by the owner of this header.
#ifndef KRAIT_INITCONFIG_H
#define KRAIT_INITCONFIG_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_INITCONFIG_H
