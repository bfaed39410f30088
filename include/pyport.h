// SPDX-License-Identifier: MIT
// pyport.h - to be written by the owner of this header.
#ifndef KRAIT_PYPORT_H
#define KRAIT_PYPORT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYPORT_H
