// SPDX-License-Identifier: MIT
// engine_1.c - the matcher for strings of 1-byte characters; see engine.h.
#define CHAR Py_UCS1
#define NAME(x) x##_1
#define KR_SRE_BYTES 1
#include "modules/sre/engine.h"
