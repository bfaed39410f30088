// SPDX-License-Identifier: MIT
// pyframe.h - to be written by the owner of this header.
#ifndef KRAIT_PYFRAME_H
#define KRAIT_PYFRAME_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYFRAME_H
