// SPDX-License-Identifier: MIT
// pythread.h - to be written by the owner of this header.
#ifndef KRAIT_PYTHREAD_H
#define KRAIT_PYTHREAD_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYTHREAD_H
