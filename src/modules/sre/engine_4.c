// SPDX-License-Identifier: MIT
// engine_4.c - the matcher for strings of 4-byte characters; see engine.h.
#define CHAR Py_UCS4
#define NAME(x) x##_4
#define KR_SRE_BYTES 0
#include "modules/sre/engine.h"
