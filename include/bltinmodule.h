// SPDX-License-Identifier: MIT
// bltinmodule.h - to be written by the owner of this header.
#ifndef KRAIT_BLTINMODULE_H
#define KRAIT_BLTINMODULE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_BLTINMODULE_H
