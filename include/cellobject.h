// SPDX-License-Identifier: MIT
// cellobject.h - to be written by the owner of this header.
#ifndef KRAIT_CELLOBJECT_H
#define KRAIT_CELLOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CELLOBJECT_H
