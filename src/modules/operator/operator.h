// SPDX-License-Identifier: MIT
// operator.h - what the files of the module _operator share.
#ifndef KRAIT_MODULES_OPERATOR_OPERATOR_H
#define KRAIT_MODULES_OPERATOR_OPERATOR_H

#include <Python.h>

#include "base/base.h"

extern PyTypeObject kr_itemgetter_type;
extern PyTypeObject kr_attrgetter_type;
extern PyTypeObject kr_methodcaller_type;

#endif // KRAIT_MODULES_OPERATOR_OPERATOR_H
