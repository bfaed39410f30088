// SPDX-License-Identifier: MIT
// pyerrors.h - to be written by the owner of this header.
#ifndef KRAIT_PYERRORS_H
#define KRAIT_PYERRORS_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYERRORS_H
