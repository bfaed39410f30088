// SPDX-License-Identifier: MIT
// engine_2.c - the matcher for strings of 2-byte characters; see engine.h.
#define CHAR Py_UCS2
#define NAME(x) x##_2
#define KR_SRE_BYTES 0
#include "modules/sre/engine.h"
