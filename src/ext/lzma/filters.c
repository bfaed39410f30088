// SPDX-License-Identifier: MIT
// filters.c - liblzma's filter chains as Python describes them, in dicts.
#include "ext/lzma/filters.h"

#include "objects/args.h"

bool
kr_lzma_check(LzmaState *state, lzma_ret result)
{
    static const char *const texts[] = {
        [LZMA_UNSUPPORTED_CHECK] = "Unsupported integrity check",
        [LZMA_MEMLIMIT_ERROR] = "Memory usage limit exceeded",
        [LZMA_FORMAT_ERROR] = "Input format not supported by decoder",
        [LZMA_OPTIONS_ERROR] = "Invalid or unsupported options",
        [LZMA_DATA_ERROR] = "Corrupt input data",
        [LZMA_BUF_ERROR] = "Insufficient buffer space",
        [LZMA_PROG_ERROR] = "Internal error",
    };

    switch (result) {
    case LZMA_OK:
    case LZMA_GET_CHECK:
    case LZMA_NO_CHECK:
    case LZMA_STREAM_END:
        return true;
    case LZMA_MEM_ERROR:
        PyErr_NoMemory();
        return false;
    default:
        if ((size_t)result < Py_ARRAY_LENGTH(texts) && texts[result] != NULL) {
            PyErr_SetString(state->error, texts[result]);
        }
        else {
            PyErr_Format(state->error, "Unrecognized error from liblzma: %d", result);
        }
        return false;
    }
}

// ---- from dicts -----------------------------------------------------------------

// A number of the dict, which keeps its value when absent. 1, 0 when absent, or -1.
static int
read_number(PyObject *spec, const char *key, unsigned long long most,
            unsigned long long *out)
{
    PyObject *value;
    int found = PyMapping_GetOptionalItemString(spec, key, &value);

    if (found <= 0) {
        return found;
    }
    unsigned long long number;
    int status = kr_arg_ullong(value, &number);
    Py_DECREF(value);
    if (status < 0) {
        return -1;
    }
    if (number > most) {
        PyErr_SetString(PyExc_OverflowError, "Value too large for uint32_t type");
        return -1;
    }
    *out = number;
    return 1;
}

static int
read_u32(PyObject *spec, const char *key, uint32_t *out)
{
    unsigned long long number;
    int found = read_number(spec, key, UINT32_MAX, &number);

    if (found > 0) {
        *out = (uint32_t)number;
    }
    return found < 0 ? -1 : 0;
}

// ValueError unless all keys of the dict are among those named.
static int
check_keys(PyObject *spec, const char *const *names, const char *what)
{
    PyObject *keys = PyMapping_Keys(spec);
    int status = keys == NULL ? -1 : 0;

    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i);
        bool known = false;
        for (const char *const *name = names; *name != NULL && !known; name++) {
            known = PyUnicode_Check(key) && PyUnicode_EqualToUTF8(key, *name);
        }
        if (!known) {
            PyErr_Format(PyExc_ValueError, "Invalid filter specifier for %s filter", what);
            status = -1;
        }
    }
    Py_XDECREF(keys);
    return status;
}

static void *
parse_lzma(LzmaState *state, PyObject *spec)
{
    static const char *const names[] = {"id", "preset", "dict_size", "lc",    "lp", "pb",
                                        "mode", "nice_len", "mf",    "depth", NULL};
    uint32_t preset = LZMA_PRESET_DEFAULT, mode, mf;

    if (read_u32(spec, "preset", &preset) < 0) {
        return NULL;
    }
    lzma_options_lzma *options = PyMem_Calloc(1, sizeof *options);
    if (options == NULL) {
        return PyErr_NoMemory();
    }
    if (lzma_lzma_preset(options, preset)) {
        PyMem_Free(options);
        PyErr_Format(state->error, "Invalid compression preset: %u", preset);
        return NULL;
    }
    mode = options->mode;
    mf = options->mf;
    if (check_keys(spec, names, "LZMA") < 0 ||
        read_u32(spec, "dict_size", &options->dict_size) < 0 ||
        read_u32(spec, "lc", &options->lc) < 0 || read_u32(spec, "lp", &options->lp) < 0 ||
        read_u32(spec, "pb", &options->pb) < 0 || read_u32(spec, "mode", &mode) < 0 ||
        read_u32(spec, "nice_len", &options->nice_len) < 0 ||
        read_u32(spec, "mf", &mf) < 0 || read_u32(spec, "depth", &options->depth) < 0) {
        PyMem_Free(options);
        return NULL;
    }
    options->mode = (lzma_mode)mode;
    options->mf = (lzma_match_finder)mf;
    return options;
}

static void *
parse_delta(PyObject *spec)
{
    static const char *const names[] = {"id", "dist", NULL};
    uint32_t dist = 1;

    if (check_keys(spec, names, "delta") < 0 || read_u32(spec, "dist", &dist) < 0) {
        return NULL;
    }
    lzma_options_delta *options = PyMem_Calloc(1, sizeof *options);
    if (options == NULL) {
        return PyErr_NoMemory();
    }
    options->type = LZMA_DELTA_TYPE_BYTE;
    options->dist = dist;
    return options;
}

static void *
parse_bcj(PyObject *spec)
{
    static const char *const names[] = {"id", "start_offset", NULL};
    uint32_t start = 0;

    if (check_keys(spec, names, "BCJ") < 0 || read_u32(spec, "start_offset", &start) < 0) {
        return NULL;
    }
    lzma_options_bcj *options = PyMem_Calloc(1, sizeof *options);
    if (options == NULL) {
        return PyErr_NoMemory();
    }
    options->start_offset = start;
    return options;
}

int
kr_lzma_parse_filter(LzmaState *state, PyObject *spec, lzma_filter *out)
{
    unsigned long long id;

    if (!PyMapping_Check(spec)) {
        PyErr_SetString(PyExc_TypeError,
                        "Filter specifier must be a dict or dict-like object");
        return -1;
    }
    int found = read_number(spec, "id", ULLONG_MAX, &id);
    if (found <= 0) {
        if (found == 0) {
            PyErr_SetString(PyExc_ValueError,
                            "Filter specifier must have an \"id\" entry");
        }
        return -1;
    }
    out->id = id;
    switch (id) {
    case LZMA_FILTER_LZMA1:
    case LZMA_FILTER_LZMA2:
        out->options = parse_lzma(state, spec);
        break;
    case LZMA_FILTER_DELTA:
        out->options = parse_delta(spec);
        break;
    case LZMA_FILTER_X86:
    case LZMA_FILTER_POWERPC:
    case LZMA_FILTER_IA64:
    case LZMA_FILTER_ARM:
    case LZMA_FILTER_ARMTHUMB:
    case LZMA_FILTER_SPARC:
        out->options = parse_bcj(spec);
        break;
    default:
        out->options = NULL;
        PyErr_Format(PyExc_ValueError, "Invalid filter ID: %llu", id);
    }
    return out->options == NULL ? -1 : 0;
}

void
kr_lzma_free_chain(lzma_filter *chain)
{
    for (int i = 0; chain[i].id != LZMA_VLI_UNKNOWN; i++) {
        PyMem_Free(chain[i].options);
    }
}

int
kr_lzma_parse_chain(LzmaState *state, PyObject *specs, lzma_filter *out)
{
    Py_ssize_t count = PySequence_Size(specs);

    out[0].id = LZMA_VLI_UNKNOWN;
    if (count < 0) {
        return -1;
    }
    if (count > LZMA_FILTERS_MAX) {
        PyErr_Format(PyExc_ValueError,
                     "Too many filters - liblzma supports a maximum of %d",
                     LZMA_FILTERS_MAX);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *spec = PySequence_GetItem(specs, i);
        int status = spec == NULL ? -1 : kr_lzma_parse_filter(state, spec, &out[i]);
        Py_XDECREF(spec);
        out[status < 0 ? i : i + 1].id = LZMA_VLI_UNKNOWN;
        if (status < 0) {
            kr_lzma_free_chain(out);
            out[0].id = LZMA_VLI_UNKNOWN;
            return -1;
        }
    }
    return 0;
}

// ---- to dicts ----------------------------------------------------------------------

static PyObject *
describe_lzma(const lzma_filter *filter)
{
    const lzma_options_lzma *o = filter->options;

    if (filter->id == LZMA_FILTER_LZMA2) {
        return Py_BuildValue("{sKsI}", "id", (unsigned long long)filter->id, "dict_size",
                             o->dict_size);
    }
    return Py_BuildValue("{sKsIsIsIsI}", "id", (unsigned long long)filter->id, "dict_size",
                         o->dict_size, "lc", o->lc, "lp", o->lp, "pb", o->pb);
}

PyObject *
kr_lzma_describe(const lzma_filter *filter)
{
    unsigned long long id = filter->id;

    switch (id) {
    case LZMA_FILTER_LZMA1:
    case LZMA_FILTER_LZMA2:
        return describe_lzma(filter);
    case LZMA_FILTER_DELTA:
        return Py_BuildValue("{sKsI}", "id", id, "dist",
                             ((lzma_options_delta *)filter->options)->dist);
    default:
        if (filter->options != NULL) {
            return Py_BuildValue("{sKsI}", "id", id, "start_offset",
                                 ((lzma_options_bcj *)filter->options)->start_offset);
        }
        return Py_BuildValue("{sK}", "id", id);
    }
}
