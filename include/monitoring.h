// SPDX-License-Identifier: MIT
// monitoring.h - to be written by the owner of this header.
#ifndef KRAIT_MONITORING_H
#define KRAIT_MONITORING_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_MONITORING_H
