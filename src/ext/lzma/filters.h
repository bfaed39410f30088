// SPDX-License-Identifier: MIT
// filters.h - liblzma's filter chains as Python describes them, in dicts.
#ifndef KRAIT_EXT_LZMA_FILTERS_H
#define KRAIT_EXT_LZMA_FILTERS_H

#include <Python.h>
#include <lzma.h>

#include "base/base.h"

typedef struct {
    PyObject *error; // owned: LZMAError
} LzmaState;

// Whether a result of liblzma is no error; else the exception is set.
bool kr_lzma_check(LzmaState *state, lzma_ret result);

// A chain of LZMA_FILTERS_MAX + 1, from a sequence of dicts. 0 or -1. To be freed.
int kr_lzma_parse_chain(LzmaState *state, PyObject *specs, lzma_filter *out);
void kr_lzma_free_chain(lzma_filter *chain);

// One filter, from a dict. 0 or -1; options to be freed with PyMem_Free.
int kr_lzma_parse_filter(LzmaState *state, PyObject *spec, lzma_filter *out);

// A dict for a filter with options.
PyObject *kr_lzma_describe(const lzma_filter *filter);

#endif // KRAIT_EXT_LZMA_FILTERS_H
