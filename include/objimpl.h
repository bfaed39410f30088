// SPDX-License-Identifier: MIT
// objimpl.h - to be written by the owner of this header.
#ifndef KRAIT_OBJIMPL_H
#define KRAIT_OBJIMPL_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_OBJIMPL_H
