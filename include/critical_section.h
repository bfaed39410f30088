// SPDX-License-Identifier: MIT
// critical_section.h - to be written by the owner of this header.
#ifndef KRAIT_CRITICAL_SECTION_H
#define KRAIT_CRITICAL_SECTION_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CRITICAL_SECTION_H
