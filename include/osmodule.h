// SPDX-License-Identifier: MIT
// osmodule.h - to be written by the owner of this header.
#ifndef KRAIT_OSMODULE_H
#define KRAIT_OSMODULE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_OSMODULE_H
