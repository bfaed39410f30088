// SPDX-License-Identifier: MIT
// sysmodule.h - to be written by the owner of this header.
#ifndef KRAIT_SYSMODULE_H
#define KRAIT_SYSMODULE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_SYSMODULE_H
