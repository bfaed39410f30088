// SPDX-License-Identifier: MIT
// structseq.h - to be written by the owner of this header.
#ifndef KRAIT_STRUCTSEQ_H
#define KRAIT_STRUCTSEQ_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_STRUCTSEQ_H
