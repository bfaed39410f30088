// SPDX-License-Identifier: MIT
// abstract.h - to be written by the owner of this header.
#ifndef KRAIT_ABSTRACT_H
#define KRAIT_ABSTRACT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_ABSTRACT_H
