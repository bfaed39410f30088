// SPDX-License-Identifier: MIT
// descrobject.h - to be written by the owner of this header.
#ifndef KRAIT_DESCROBJECT_H
#define KRAIT_DESCROBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_DESCROBJECT_H
