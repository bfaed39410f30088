// SPDX-License-Identifier: MIT
// args.h - what generated argument wrappers call: counting, keywords, conversion.
//
// Callers:  build/gen/**/*.methods.h (tools/gen/methods.py), and code that keeps
//           the raw calling convention.
// Errors:   texts equal those of CPython 3.14 for functions of the same shape.
#ifndef KRAIT_OBJECTS_ARGS_H
#define KRAIT_OBJECTS_ARGS_H

#include "Python.h"

#include "base/base.h"
#include "objects/arg_name.h"
#include "objects/ids.h"

// The shape of a function's parameters; static data of a wrapper.
typedef struct {
    const char *name;          // shown as name()
    const KrArgName *keywords; // names of the parameters after positional_only
    uint64_t required;         // bit i: parameter i has no default
    uint8_t positional_only;   // this many leading parameters have no keyword
    uint8_t positional;        // this many may be given by position
    uint8_t total;             // all but *args and **kwargs
    bool has_args;             // takes *args
    bool has_kwargs;           // takes **kwargs
} KrArgSpec;

// Sorts a vectorcall's arguments into values[spec->total] (borrowed references,
// NULL where absent) and returns values, or args itself when that is already the
// right array; NULL with an exception set on error. kwargs_out receives a new
// dict, or NULL where no surplus keyword came; it may be NULL unless has_kwargs.
PyObject *const *kr_args_unpack_slow(const KrArgSpec *spec, PyObject *const *args,
                                     Py_ssize_t nargs, PyObject *kwnames,
                                     PyObject **values, PyObject **kwargs_out);

static inline PyObject *const *
kr_args_unpack(const KrArgSpec *spec, PyObject *const *args, Py_ssize_t nargs,
               PyObject *kwnames, PyObject **values, PyObject **kwargs_out)
{
    if (KR_LIKELY(kwnames == NULL && nargs == spec->total &&
                  nargs == spec->positional)) {
        return args;
    }
    return kr_args_unpack_slow(spec, args, nargs, kwnames, values, kwargs_out);
}

// The same for tp_new and tp_init: a tuple and a dict or NULL.
PyObject *const *kr_args_unpack_tuple(const KrArgSpec *spec, PyObject *args,
                                      PyObject *kwargs, PyObject **values,
                                      PyObject **kwargs_out);

// Sets "name expected at least N arguments, got M".
KR_COLD bool kr_arg_count_error(const char *name, Py_ssize_t nargs, Py_ssize_t min,
                                Py_ssize_t max);

// Whether min <= nargs <= max, with TypeError set if not.
static inline bool
kr_arg_count(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    if (KR_LIKELY(nargs >= min && nargs <= max)) {
        return true;
    }
    return kr_arg_count_error(name, nargs, min, max);
}

// "name() takes no keyword arguments", unless a subclass that overrides the other
// one of __new__ and __init__ is to see the keywords. false means: error set.
bool kr_arg_no_keywords_new(PyTypeObject *cls, newfunc self, const char *name,
                            PyObject *kwargs);
bool kr_arg_no_keywords_init(PyObject *object, initproc self, const char *name,
                             PyObject *kwargs);
// Plain forms: always an error when there are keywords (dict, or tuple of names).
bool kr_arg_no_keywords(const char *name, PyObject *kwargs);
bool kr_arg_no_kwnames(const char *name, PyObject *kwnames);
bool kr_arg_no_positional(const char *name, PyObject *args);

// Conversions: 0, or -1 with an exception. `name` is the function's, `which` says
// "argument", "argument 2" or "argument 'key'" in messages.
int kr_arg_ssize(PyObject *arg, Py_ssize_t *out);
int kr_arg_slice_index(PyObject *arg, Py_ssize_t *out);          // None keeps *out
int kr_arg_slice_index_not_none(PyObject *arg, Py_ssize_t *out);
int kr_arg_int(PyObject *arg, int *out);
int kr_arg_uint(PyObject *arg, unsigned int *out);
int kr_arg_long(PyObject *arg, long *out);
int kr_arg_ulong(PyObject *arg, unsigned long *out);
int kr_arg_llong(PyObject *arg, long long *out);
int kr_arg_ullong(PyObject *arg, unsigned long long *out);
int kr_arg_double(PyObject *arg, double *out);
int kr_arg_bool(PyObject *arg, bool *out);
int kr_arg_char(PyObject *arg, const char *name, const char *which, Py_UCS4 *out);
int kr_arg_utf8(PyObject *arg, const char *name, const char *which, const char **out);
int kr_arg_utf8_or_none(PyObject *arg, const char *name, const char *which,
                        const char **out);
// A contiguous view; release it with PyBuffer_Release when out->obj is not NULL.
int kr_arg_buffer(PyObject *arg, const char *name, const char *which, Py_buffer *out);
int kr_arg_writable(PyObject *arg, const char *name, const char *which, Py_buffer *out);
// A bytes-like object, or a str (its UTF-8 form).
int kr_arg_text_buffer(PyObject *arg, const char *name, const char *which,
                       Py_buffer *out);
// A bytes-like object, or a str that must be ASCII.
int kr_arg_ascii_buffer(PyObject *arg, const char *name, const char *which,
                        Py_buffer *out);

// "name() argument 1 must be str, not int"; returns -1.
KR_COLD int kr_arg_bad(const char *name, const char *which, const char *expected,
                       PyObject *arg);

#endif // KRAIT_OBJECTS_ARGS_H
