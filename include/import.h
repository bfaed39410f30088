// SPDX-License-Identifier: MIT
// import.h - to be written by the owner of this header.
#ifndef KRAIT_IMPORT_H
#define KRAIT_IMPORT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_IMPORT_H
