// SPDX-License-Identifier: MIT
// Python.h - the C API of Krait, source-compatible with Python 3.14.
//
// Extensions include this file only. The order below is the order of
// dependence: a header may use what stands above it.
#ifndef KRAIT_PYTHON_H
#define KRAIT_PYTHON_H

#include "patchlevel.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>
#include <wchar.h>
#include <sys/types.h>

#include "pyport.h"
#include "pymacro.h"
#include "pymath.h"
#include "pytypedefs.h"
#include "pymem.h"
#include "pybuffer.h"
#include "object.h"
#include "refcount.h"
#include "objimpl.h"
#include "pylock.h"
#include "critical_section.h"
#include "pyhash.h"
#include "pystate.h"
#include "pyerrors.h"
#include "longobject.h"
#include "boolobject.h"
#include "floatobject.h"
#include "complexobject.h"
#include "rangeobject.h"
#include "bytesobject.h"
#include "bytearrayobject.h"
#include "unicodeobject.h"
#include "memoryobject.h"
#include "tupleobject.h"
#include "listobject.h"
#include "dictobject.h"
#include "setobject.h"
#include "enumobject.h"
#include "methodobject.h"
#include "moduleobject.h"
#include "monitoring.h"
#include "funcobject.h"
#include "classobject.h"
#include "fileobject.h"
#include "pycapsule.h"
#include "cellobject.h"
#include "code.h"
#include "pyframe.h"
#include "traceback.h"
#include "sliceobject.h"
#include "iterobject.h"
#include "initconfig.h"
#include "genobject.h"
#include "descrobject.h"
#include "genericaliasobject.h"
#include "context.h"
#include "warnings.h"
#include "weakrefobject.h"
#include "structseq.h"
#include "codecs.h"
#include "pythread.h"
#include "pytime.h"
#include "modsupport.h"
#include "compile.h"
#include "pythonrun.h"
#include "pylifecycle.h"
#include "ceval.h"
#include "sysmodule.h"
#include "osmodule.h"
#include "intrcheck.h"
#include "import.h"
#include "abstract.h"
#include "bltinmodule.h"
#include "pystrtod.h"
#include "pystrcmp.h"
#include "fileutils.h"
#include "tracemalloc.h"

#endif // KRAIT_PYTHON_H
