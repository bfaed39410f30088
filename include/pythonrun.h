// SPDX-License-Identifier: MIT
// pythonrun.h - to be written by the owner of this header.
#ifndef KRAIT_PYTHONRUN_H
#define KRAIT_PYTHONRUN_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYTHONRUN_H
