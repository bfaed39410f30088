// SPDX-License-Identifier: MIT
// formatspec.h - a parsed format specification: [[fill]align][sign][z][#][0][width]
// [grouping][.precision[grouping]][type].
#ifndef KRAIT_OBJECTS_STR_FORMATSPEC_H
#define KRAIT_OBJECTS_STR_FORMATSPEC_H

#include "objects/str/str.h"

typedef enum {
    GROUPING_NONE,
    GROUPING_COMMA,
    GROUPING_UNDERSCORE,
    GROUPING_UNDERSCORE_BY_FOUR,
    GROUPING_LOCALE,
} KrGrouping;

typedef struct {
    Py_UCS4 fill;
    Py_UCS4 align; // < > = ^
    Py_UCS4 sign;  // 0 + - or space
    bool alternate;
    bool no_negative_zero;
    Py_ssize_t width; // -1: none
    KrGrouping grouping;
    KrGrouping fraction_grouping;
    Py_ssize_t precision; // -1: none
    Py_UCS4 type;
} KrFormatSpec;

// Reads spec (a str); value is named in error messages. -1 with ValueError.
int kr_format_spec_parse(PyObject *spec, PyObject *value, KrFormatSpec *out,
                         Py_UCS4 default_type, Py_UCS4 default_align);
void kr_format_spec_unknown(const KrFormatSpec *spec, PyObject *value);
// How much fill stands left of size characters (= counts as >).
Py_ssize_t kr_format_spec_left(const KrFormatSpec *spec, Py_ssize_t size,
                               Py_ssize_t *total_out);

#endif // KRAIT_OBJECTS_STR_FORMATSPEC_H
