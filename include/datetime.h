// SPDX-License-Identifier: MIT
// datetime.h - to be written by the owner of this header.
#ifndef KRAIT_DATETIME_H
#define KRAIT_DATETIME_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_DATETIME_H
