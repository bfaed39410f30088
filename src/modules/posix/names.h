// SPDX-License-Identifier: MIT
// names.h - names of constants, and of what sysconf() and its like know.
#ifndef KRAIT_MODULES_POSIX_NAMES_H
#define KRAIT_MODULES_POSIX_NAMES_H

#include <stddef.h>

#include "runtime/module_api.h"

typedef struct {
    const char *name;
    long value;
} KrNameValue;

extern const KrNameValue kr_sysconf_names[];
extern const size_t kr_sysconf_count;
extern const KrNameValue kr_confstr_names[];
extern const size_t kr_confstr_count;
extern const KrNameValue kr_pathconf_names[];
extern const size_t kr_pathconf_count;

#endif // KRAIT_MODULES_POSIX_NAMES_H
