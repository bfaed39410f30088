// SPDX-License-Identifier: MIT
// format.h - reading format strings with {fields}, for str.format and _string.
#ifndef KRAIT_OBJECTS_STR_FORMAT_H
#define KRAIT_OBJECTS_STR_FORMAT_H

#include "objects/str/str.h"

// A part of a string.
typedef struct {
    PyObject *text; // borrowed
    Py_ssize_t start;
    Py_ssize_t end;
} KrTextPart;

// A format string being read.
typedef struct {
    KrTextPart rest;
} KrMarkup;

// Literal text and the field behind it, if any.
typedef struct {
    KrTextPart literal;
    bool has_field;
    KrTextPart name;
    KrTextPart spec;
    bool spec_has_fields;
    Py_UCS4 conversion; // 0: none
} KrMarkupItem;

void kr_markup_init(KrMarkup *markup, PyObject *text, Py_ssize_t start, Py_ssize_t end);
// 1 with the next item, 0 at the end, -1 with ValueError.
int kr_markup_next(KrMarkup *markup, KrMarkupItem *item);

// The first part of a field's name: an index, or -1 for a name; the rest is what
// kr_field_next reads. -1 with ValueError.
int kr_field_first(const KrTextPart *name, KrTextPart *first_out, Py_ssize_t *index_out,
                   KrTextPart *rest_out);
// The next ".name" or "[key]": 1, 0 at the end, -1 with ValueError.
int kr_field_next(KrTextPart *rest, bool *is_attribute_out, Py_ssize_t *index_out,
                  KrTextPart *name_out);

static inline PyObject *
kr_text_part(const KrTextPart *part)
{
    return PyUnicode_Substring(part->text, part->start, part->end);
}

#endif // KRAIT_OBJECTS_STR_FORMAT_H
