// SPDX-License-Identifier: MIT
// traceback.h - to be written by the owner of this header.
#ifndef KRAIT_TRACEBACK_H
#define KRAIT_TRACEBACK_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_TRACEBACK_H
