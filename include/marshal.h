// SPDX-License-Identifier: MIT
// marshal.h - to be written by the owner of this header.
#ifndef KRAIT_MARSHAL_H
#define KRAIT_MARSHAL_H
#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_MARSHAL_H
