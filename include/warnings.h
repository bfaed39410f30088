// SPDX-License-Identifier: MIT
// warnings.h - to be written by the owner of this header.
#ifndef KRAIT_WARNINGS_H
#define KRAIT_WARNINGS_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_WARNINGS_H
