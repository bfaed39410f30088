// SPDX-License-Identifier: MIT
// structmember.h - to be written by the owner of this header.
#ifndef KRAIT_STRUCTMEMBER_H
#define KRAIT_STRUCTMEMBER_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_STRUCTMEMBER_H
