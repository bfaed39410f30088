// SPDX-License-Identifier: MIT
// patchlevel.h - the version of the language and of this implementation.
#ifndef KRAIT_PATCHLEVEL_H
#define KRAIT_PATCHLEVEL_H

#define PY_RELEASE_LEVEL_ALPHA 0xA
#define PY_RELEASE_LEVEL_BETA 0xB
#define PY_RELEASE_LEVEL_GAMMA 0xC
#define PY_RELEASE_LEVEL_FINAL 0xF

#define PY_MAJOR_VERSION 3
#define PY_MINOR_VERSION 14
#define PY_MICRO_VERSION 10
#define PY_RELEASE_LEVEL PY_RELEASE_LEVEL_FINAL
#define PY_RELEASE_SERIAL 0
#define PY_VERSION "3.14.10"

#define Py_PACK_FULL_VERSION(major, minor, micro, level, serial)               \
    ((((major) & 0xff) << 24) | (((minor) & 0xff) << 16) |                     \
     (((micro) & 0xff) << 8) | (((level) & 0xf) << 4) | ((serial) & 0xf))
#define Py_PACK_VERSION(major, minor) Py_PACK_FULL_VERSION(major, minor, 0, 0, 0)
#define PY_VERSION_HEX 0x030e0af0

#define KRAIT_VERSION "0.1.0"

#endif // KRAIT_PATCHLEVEL_H
