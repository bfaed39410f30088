// SPDX-License-Identifier: MIT
// pylock.h - to be written by the owner of this header.
#ifndef KRAIT_PYLOCK_H
#define KRAIT_PYLOCK_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYLOCK_H
