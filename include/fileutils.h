// SPDX-License-Identifier: MIT
// fileutils.h - to be written by the owner of this header.
#ifndef KRAIT_FILEUTILS_H
#define KRAIT_FILEUTILS_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FILEUTILS_H
