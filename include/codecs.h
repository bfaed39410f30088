// SPDX-License-Identifier: MIT
// codecs.h - to be written by the owner of this header.
#ifndef KRAIT_CODECS_H
#define KRAIT_CODECS_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CODECS_H
