// SPDX-License-Identifier: MIT
// methodobject.h - to be written by the owner of this header.
#ifndef KRAIT_METHODOBJECT_H
#define KRAIT_METHODOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_METHODOBJECT_H
