// SPDX-License-Identifier: MIT
// pystate.h - to be written by the owner of this header.
#ifndef KRAIT_PYSTATE_H
#define KRAIT_PYSTATE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYSTATE_H
