// SPDX-License-Identifier: MIT
// lzma.c - the module _lzma: xz and lzma streams.
#include "ext/lzma/filters.h"

#include <string.h>

#include "ext/stream.h"
#include "objects/args.h"

enum { FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW };
enum { CHECK_UNKNOWN = LZMA_CHECK_ID_MAX + 1 };

typedef struct {
    PyObject_HEAD
    lzma_stream stream;
    bool flushed;
    lzma_action action; // for the step
    lzma_ret status;
    PyMutex lock;
} LzmaCompressor;

typedef struct {
    KrDecoder base;
    lzma_stream stream;
    lzma_ret status;
    int check;
} LzmaDecompressor;

static PyModuleDef lzma_def;

static LzmaState *
state_of(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &lzma_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

// ---- steps ------------------------------------------------------------------------

static lzma_ret
lzma_run(lzma_stream *lzma, KrStream *stream, lzma_action action)
{
    lzma->next_in = stream->in;
    lzma->avail_in = stream->in_left;
    lzma->next_out = stream->out;
    lzma->avail_out = stream->out_left;
    lzma_ret status = lzma_code(lzma, action);
    stream->in = lzma->next_in;
    stream->in_left = lzma->avail_in;
    stream->out = lzma->next_out;
    stream->out_left = lzma->avail_out;
    lzma->next_in = NULL;
    lzma->avail_in = 0;
    return status;
}

static KrStep
compress_step(void *codec, KrStream *stream)
{
    LzmaCompressor *self = codec;

    self->status = lzma_run(&self->stream, stream, self->action);
    switch (self->status) {
    case LZMA_OK:
        return KR_STEP_MORE;
    case LZMA_STREAM_END:
        return KR_STEP_END;
    case LZMA_BUF_ERROR:
        // Nothing to do is no error without input.
        return self->action == LZMA_RUN && stream->in_left == 0 ? KR_STEP_MORE
                                                                : KR_STEP_FAILED;
    default:
        return KR_STEP_FAILED;
    }
}

static KrStep
decompress_step(void *codec, KrStream *stream)
{
    LzmaDecompressor *self = codec;

    do {
        self->status = lzma_run(&self->stream, stream, LZMA_RUN);
        if (self->status == LZMA_GET_CHECK || self->status == LZMA_NO_CHECK) {
            self->check = (int)lzma_get_check(&self->stream);
        }
    } while (self->status == LZMA_GET_CHECK || self->status == LZMA_NO_CHECK);
    switch (self->status) {
    case LZMA_OK:
        return KR_STEP_MORE;
    case LZMA_BUF_ERROR:
        return stream->in_left == 0 || stream->out_left == 0 ? KR_STEP_MORE
                                                             : KR_STEP_FAILED;
    case LZMA_STREAM_END:
        return KR_STEP_END;
    default:
        return KR_STEP_FAILED;
    }
}

// ---- the compressor ------------------------------------------------------------------

static lzma_ret
start_xz(lzma_stream *stream, lzma_check check, uint32_t preset, const lzma_filter *chain)
{
    return chain == NULL ? lzma_easy_encoder(stream, preset, check)
                         : lzma_stream_encoder(stream, chain, check);
}

static lzma_ret
start_alone(LzmaState *state, lzma_stream *stream, uint32_t preset,
            const lzma_filter *chain)
{
    lzma_options_lzma options;

    if (chain != NULL) {
        if (chain[0].id == LZMA_FILTER_LZMA1 && chain[1].id == LZMA_VLI_UNKNOWN) {
            return lzma_alone_encoder(stream, chain[0].options);
        }
        PyErr_SetString(PyExc_ValueError, "Invalid filter chain for FORMAT_ALONE - must "
                                          "be a single LZMA1 filter");
        return LZMA_PROG_ERROR;
    }
    if (lzma_lzma_preset(&options, preset)) {
        PyErr_Format(state->error, "Invalid compression preset: %u", preset);
        return LZMA_PROG_ERROR;
    }
    return lzma_alone_encoder(stream, &options);
}

static int
start_compressor(LzmaState *state, LzmaCompressor *self, int format, int check,
                 uint32_t preset, PyObject *filters)
{
    lzma_filter chain[LZMA_FILTERS_MAX + 1];
    const lzma_filter *given = NULL;
    lzma_ret status;

    if (filters != Py_None) {
        if (kr_lzma_parse_chain(state, filters, chain) < 0) {
            return -1;
        }
        given = chain;
    }
    switch (format) {
    case FORMAT_XZ:
        status = start_xz(&self->stream, check == -1 ? LZMA_CHECK_CRC64 : (lzma_check)check,
                          preset, given);
        break;
    case FORMAT_ALONE:
        status = start_alone(state, &self->stream, preset, given);
        break;
    default:
        status = lzma_raw_encoder(&self->stream, given);
    }
    if (given != NULL) {
        kr_lzma_free_chain(chain);
    }
    return PyErr_Occurred() || !kr_lzma_check(state, status) ? -1 : 0;
}

KR_NEW(lzma_compressor,
       "LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)", "")
static PyObject *
lzma_compressor_new_impl(PyTypeObject *cls, int format, int check, PyObject *preset,
                         PyObject *filters)
{
    LzmaState *state = state_of(cls);
    uint32_t level = LZMA_PRESET_DEFAULT;

    if (state == NULL) {
        return NULL;
    }
    if (preset != Py_None && filters != Py_None) {
        PyErr_SetString(PyExc_ValueError, "Cannot specify both preset and filter chain");
        return NULL;
    }
    if (preset != Py_None) {
        unsigned number;
        if (kr_arg_uint(preset, &number) < 0) {
            return NULL;
        }
        level = number;
    }
    if (format != FORMAT_XZ && check != -1 && check != LZMA_CHECK_NONE) {
        PyErr_SetString(PyExc_ValueError,
                        "Integrity checks are only supported by FORMAT_XZ");
        return NULL;
    }
    if (format < FORMAT_XZ || format > FORMAT_RAW) {
        PyErr_Format(PyExc_ValueError, "Invalid container format: %d", format);
        return NULL;
    }
    if (format == FORMAT_RAW && filters == Py_None) {
        PyErr_SetString(PyExc_ValueError, "Must specify filters for FORMAT_RAW");
        return NULL;
    }
    LzmaCompressor *self = (LzmaCompressor *)cls->tp_alloc(cls, 0);
    if (self != NULL && start_compressor(state, self, format, check, level, filters) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void
compressor_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);

    lzma_end(&((LzmaCompressor *)object)->stream);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyObject *
compressor_run(LzmaCompressor *self, const void *data, size_t size, lzma_action action)
{
    KrStream stream = {data, size, NULL, 0};
    KrOut out = {NULL, -1};

    self->action = action;
    KrStep step = kr_stream_run(&stream, &out, 8192, compress_step, self);
    if (step == KR_STEP_FAILED) {
        LzmaState *state = state_of(Py_TYPE(self));
        if (state != NULL) {
            kr_lzma_check(state, self->status);
        }
        step = KR_STEP_PYTHON;
    }
    if (step == KR_STEP_PYTHON) {
        kr_out_drop(&out);
        return NULL;
    }
    return kr_out_finish(&out, &stream);
}

KR_METHOD(lzma_compressor, "compress(self, data, /)",
          "Provide data to the compressor object.\n\n"
          "Returns a chunk of compressed data if possible, or b'' otherwise.")
static PyObject *
compressor_compress(LzmaCompressor *self, Py_buffer *data)
{
    PyObject *result = NULL;

    PyMutex_Lock(&self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Compressor has been flushed");
    }
    else {
        result = compressor_run(self, data->buf, (size_t)data->len, LZMA_RUN);
    }
    PyMutex_Unlock(&self->lock);
    return result;
}

KR_METHOD(lzma_compressor, "flush(self, /)",
          "Finish the compression process.\n\n"
          "Returns the compressed data left in internal buffers.")
static PyObject *
compressor_flush(LzmaCompressor *self)
{
    PyObject *result = NULL;

    PyMutex_Lock(&self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Repeated call to flush()");
    }
    else {
        self->flushed = true;
        result = compressor_run(self, NULL, 0, LZMA_FINISH);
    }
    PyMutex_Unlock(&self->lock);
    return result;
}

// ---- the decompressor -------------------------------------------------------------------

static int
start_decompressor(LzmaState *state, LzmaDecompressor *self, int format, uint64_t memlimit,
                   PyObject *filters)
{
    const uint32_t flags = LZMA_TELL_ANY_CHECK | LZMA_TELL_NO_CHECK;
    lzma_filter chain[LZMA_FILTERS_MAX + 1];
    lzma_ret status;

    self->check = CHECK_UNKNOWN;
    switch (format) {
    case FORMAT_AUTO:
        status = lzma_auto_decoder(&self->stream, memlimit, flags);
        break;
    case FORMAT_XZ:
        status = lzma_stream_decoder(&self->stream, memlimit, flags);
        break;
    case FORMAT_ALONE:
        self->check = LZMA_CHECK_NONE;
        status = lzma_alone_decoder(&self->stream, memlimit);
        break;
    case FORMAT_RAW:
        self->check = LZMA_CHECK_NONE;
        if (kr_lzma_parse_chain(state, filters, chain) < 0) {
            return -1;
        }
        status = lzma_raw_decoder(&self->stream, chain);
        kr_lzma_free_chain(chain);
        break;
    default:
        PyErr_Format(PyExc_ValueError, "Invalid container format: %d", format);
        return -1;
    }
    return kr_lzma_check(state, status) ? 0 : -1;
}

KR_NEW(lzma_decompressor,
       "LZMADecompressor(format=FORMAT_AUTO, memlimit=None, filters=None)",
       "Create a decompressor object for decompressing data incrementally.\n\n"
       "format says the container: FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE or FORMAT_RAW;\n"
       "memlimit how much memory may be used; filters is the chain of a raw stream.\n\n"
       "For one-shot decompression, use the decompress() function instead.")
static PyObject *
lzma_decompressor_new_impl(PyTypeObject *cls, int format, PyObject *memlimit,
                           PyObject *filters)
{
    LzmaState *state = state_of(cls);
    unsigned long long limit = UINT64_MAX;

    if (state == NULL) {
        return NULL;
    }
    if (memlimit != Py_None) {
        if (format == FORMAT_RAW) {
            PyErr_SetString(PyExc_ValueError, "Cannot specify memory limit with FORMAT_RAW");
            return NULL;
        }
        if (kr_arg_ullong(memlimit, &limit) < 0) {
            return NULL;
        }
    }
    if (format == FORMAT_RAW && filters == Py_None) {
        PyErr_SetString(PyExc_ValueError, "Must specify filters for FORMAT_RAW");
        return NULL;
    }
    if (format != FORMAT_RAW && filters != Py_None) {
        PyErr_SetString(PyExc_ValueError, "Cannot specify filters except with FORMAT_RAW");
        return NULL;
    }
    LzmaDecompressor *self = (LzmaDecompressor *)cls->tp_alloc(cls, 0);
    if (self != NULL && (kr_decoder_start(&self->base, true) < 0 ||
                         start_decompressor(state, self, format, limit, filters) < 0)) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void
decompressor_dealloc(PyObject *object)
{
    LzmaDecompressor *self = (LzmaDecompressor *)object;
    PyTypeObject *type = Py_TYPE(self);

    lzma_end(&self->stream);
    kr_decoder_free(&self->base);
    type->tp_free(self);
    Py_DECREF(type);
}

static void
decompressor_fail(KrDecoder *decoder)
{
    LzmaState *state = state_of(Py_TYPE(decoder));

    if (state != NULL) {
        kr_lzma_check(state, ((LzmaDecompressor *)decoder)->status);
    }
}

KR_METHOD(lzma_decompressor, "decompress(self, data, max_length=-1)",
          "Decompress data, returning uncompressed data as bytes.\n\n"
          "With a max_length that is not negative the result is not longer than that;\n"
          "needs_input then says whether more can be had without more data.")
static PyObject *
decompressor_decompress(LzmaDecompressor *self, Py_buffer *data, Py_ssize_t max_length)
{
    return kr_decoder_decompress(&self->base, data, max_length, decompress_step,
                                 decompressor_fail);
}

// ---- functions ----------------------------------------------------------------------------

KR_FUNCTION(lzma, "is_check_supported(check_id, /)",
            "Test whether the given integrity check is supported.\n\n"
            "Always returns True for CHECK_NONE and CHECK_CRC32.")
static PyObject *
lzma_is_check_supported(PyObject *module, int check_id)
{
    return PyBool_FromLong(lzma_check_is_supported((lzma_check)check_id));
}

KR_FUNCTION(lzma, "_encode_filter_properties(filter, /)",
            "Return a bytes object encoding the options (properties) of the filter\n"
            "specified by *filter* (a dict).")
static PyObject *
lzma_encode_filter_properties(PyObject *module, PyObject *spec)
{
    LzmaState *state = PyModule_GetState(module);
    PyObject *result = NULL;
    lzma_filter filter;
    uint32_t size;

    if (kr_lzma_parse_filter(state, spec, &filter) < 0) {
        return NULL;
    }
    if (kr_lzma_check(state, lzma_properties_size(&size, &filter))) {
        result = PyBytes_FromStringAndSize(NULL, size);
        if (result != NULL &&
            !kr_lzma_check(state, lzma_properties_encode(
                                      &filter, (uint8_t *)PyBytes_AS_STRING(result)))) {
            Py_CLEAR(result);
        }
    }
    PyMem_Free(filter.options);
    return result;
}

KR_FUNCTION(lzma, "_decode_filter_properties(filter_id, encoded_props, /)",
            "Return a dict describing the filter with ID *filter_id*, and options\n"
            "(properties) encoded in the bytes object *encoded_props*.")
static PyObject *
lzma_decode_filter_properties(PyObject *module, unsigned long long filter_id,
                              Py_buffer *encoded_props)
{
    LzmaState *state = PyModule_GetState(module);
    lzma_filter filter = {filter_id, NULL};

    if (!kr_lzma_check(state, lzma_properties_decode(&filter, NULL, encoded_props->buf,
                                                     (size_t)encoded_props->len))) {
        return NULL;
    }
    PyObject *result = kr_lzma_describe(&filter);
    // The library allocated with malloc().
    free(filter.options);
    return result;
}

// ---- types and module ------------------------------------------------------------------------

KR_TYPE(lzma_compressor)
KR_TYPE(lzma_decompressor)
KR_MODULE(lzma)
#include "ext/lzma/lzma.methods.h"

static PyMemberDef decompressor_members[] = {
    {"check", Py_T_INT, offsetof(LzmaDecompressor, check), Py_READONLY,
     "ID of the integrity check used by the input stream."},
    {"eof", Py_T_BOOL, offsetof(KrDecoder, eof), Py_READONLY,
     "True if the end-of-stream marker has been reached."},
    {"needs_input", Py_T_BOOL, offsetof(KrDecoder, needs_input), Py_READONLY,
     "True if more input is needed before more decompressed data can be produced."},
    {"unused_data", Py_T_OBJECT_EX, offsetof(KrDecoder, unused_data), Py_READONLY,
     "Data found after the end of the compressed stream."},
    {NULL},
};

static PyType_Slot compressor_slots[] = {
    {Py_tp_dealloc, compressor_dealloc},
    {Py_tp_methods, lzma_compressor_methods},
    {Py_tp_new, lzma_compressor_new},
    {Py_tp_doc, "LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)\n\n"
                "Create a compressor object for compressing data incrementally.\n\n"
                "format says the container: FORMAT_XZ, FORMAT_ALONE or FORMAT_RAW; check\n"
                "the integrity check of an xz stream. The settings of the compressor are\n"
                "either a preset, 0 to 9 perhaps with PRESET_EXTREME, or a chain of\n"
                "filters, a sequence of dicts with the ID of a filter as \"id\" and its\n"
                "options.\n\n"
                "For one-shot compression, use the compress() function instead."},
    {0, NULL},
};

static PyType_Spec compressor_spec = {
    .name = "_lzma.LZMACompressor",
    .basicsize = sizeof(LzmaCompressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = compressor_slots,
};

static PyType_Slot decompressor_slots[] = {
    {Py_tp_dealloc, decompressor_dealloc},
    {Py_tp_methods, lzma_decompressor_methods},
    {Py_tp_members, decompressor_members},
    {Py_tp_new, lzma_decompressor_new},
    {Py_tp_doc, (void *)lzma_decompressor_doc},
    {0, NULL},
};

static PyType_Spec decompressor_spec = {
    .name = "_lzma.LZMADecompressor",
    .basicsize = sizeof(LzmaDecompressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = decompressor_slots,
};

static const struct {
    const char *name;
    long long value;
} constants[] = {
    {"FORMAT_AUTO", FORMAT_AUTO},
    {"FORMAT_XZ", FORMAT_XZ},
    {"FORMAT_ALONE", FORMAT_ALONE},
    {"FORMAT_RAW", FORMAT_RAW},
    {"CHECK_NONE", LZMA_CHECK_NONE},
    {"CHECK_CRC32", LZMA_CHECK_CRC32},
    {"CHECK_CRC64", LZMA_CHECK_CRC64},
    {"CHECK_SHA256", LZMA_CHECK_SHA256},
    {"CHECK_ID_MAX", LZMA_CHECK_ID_MAX},
    {"CHECK_UNKNOWN", CHECK_UNKNOWN},
    {"FILTER_LZMA1", (long long)LZMA_FILTER_LZMA1},
    {"FILTER_LZMA2", LZMA_FILTER_LZMA2},
    {"FILTER_DELTA", LZMA_FILTER_DELTA},
    {"FILTER_X86", LZMA_FILTER_X86},
    {"FILTER_POWERPC", LZMA_FILTER_POWERPC},
    {"FILTER_IA64", LZMA_FILTER_IA64},
    {"FILTER_ARM", LZMA_FILTER_ARM},
    {"FILTER_ARMTHUMB", LZMA_FILTER_ARMTHUMB},
    {"FILTER_SPARC", LZMA_FILTER_SPARC},
    {"MF_HC3", LZMA_MF_HC3},
    {"MF_HC4", LZMA_MF_HC4},
    {"MF_BT2", LZMA_MF_BT2},
    {"MF_BT3", LZMA_MF_BT3},
    {"MF_BT4", LZMA_MF_BT4},
    {"MODE_FAST", LZMA_MODE_FAST},
    {"MODE_NORMAL", LZMA_MODE_NORMAL},
    {"PRESET_DEFAULT", LZMA_PRESET_DEFAULT},
    {"PRESET_EXTREME", LZMA_PRESET_EXTREME},
};

static int
lzma_exec(PyObject *module)
{
    PyType_Spec *const specs[] = {&compressor_spec, &decompressor_spec};
    LzmaState *state = PyModule_GetState(module);

    state->error = PyErr_NewExceptionWithDoc("_lzma.LZMAError", "Call to liblzma failed.",
                                             NULL, NULL);
    if (state->error == NULL ||
        PyModule_AddObjectRef(module, "LZMAError", state->error) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        PyObject *type = PyType_FromModuleAndSpec(module, specs[i], NULL);
        int status = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
        Py_XDECREF(type);
        if (status < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_Add(module, constants[i].name,
                         PyLong_FromLongLong(constants[i].value)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
lzma_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((LzmaState *)PyModule_GetState(module))->error);
    return 0;
}

static int
lzma_clear(PyObject *module)
{
    Py_CLEAR(((LzmaState *)PyModule_GetState(module))->error);
    return 0;
}

static void
lzma_free_module(void *module)
{
    lzma_clear(module);
}

static PyModuleDef_Slot lzma_slots[] = {
    {Py_mod_exec, lzma_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef lzma_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_lzma",
    .m_size = sizeof(LzmaState),
    .m_methods = lzma_methods,
    .m_slots = lzma_slots,
    .m_traverse = lzma_traverse,
    .m_clear = lzma_clear,
    .m_free = lzma_free_module,
};

PyMODINIT_FUNC
PyInit__lzma(void)
{
    return PyModuleDef_Init(&lzma_def);
}
