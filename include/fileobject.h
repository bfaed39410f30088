// SPDX-License-Identifier: MIT
// fileobject.h - to be written by the owner of this header.
#ifndef KRAIT_FILEOBJECT_H
#define KRAIT_FILEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FILEOBJECT_H
