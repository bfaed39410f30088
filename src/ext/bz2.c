// SPDX-License-Identifier: MIT
// bz2.c - the module _bz2: bzip2 streams.
#include <Python.h>
#include <bzlib.h>
#include <limits.h>

#include "base/base.h"
#include "ext/stream.h"
#include "objects/args.h"

typedef struct {
    PyObject_HEAD
    bz_stream stream;
    bool live; // stream has to be ended
    bool flushed;
    int action; // BZ_RUN or BZ_FINISH, for the step
    int status;
    PyMutex lock;
} Bz2Compressor;

typedef struct {
    KrDecoder base;
    bz_stream stream;
    bool live;
    bool failed; // the library must not be called again
    int status;
} Bz2Decompressor;

static void
bz2_error(int status)
{
    switch (status) {
    case BZ_PARAM_ERROR:
        PyErr_SetString(PyExc_ValueError,
                        "Internal error - invalid parameters passed to libbzip2");
        break;
    case BZ_MEM_ERROR:
        PyErr_NoMemory();
        break;
    case BZ_DATA_ERROR:
    case BZ_DATA_ERROR_MAGIC:
        PyErr_SetString(PyExc_OSError, "Invalid data stream");
        break;
    case BZ_IO_ERROR:
        PyErr_SetString(PyExc_OSError, "Unknown I/O error");
        break;
    case BZ_UNEXPECTED_EOF:
        PyErr_SetString(PyExc_EOFError, "Compressed file ended before the logical "
                                        "end-of-stream was detected");
        break;
    case BZ_SEQUENCE_ERROR:
        PyErr_SetString(PyExc_RuntimeError,
                        "Internal error - Invalid sequence of commands sent to libbzip2");
        break;
    default:
        PyErr_Format(PyExc_OSError, "Unrecognized error from libbzip2: %d", status);
    }
}

// ---- steps ------------------------------------------------------------------

// Lends a part of the stream to the library, which counts in unsigned int.
static void
lend(bz_stream *z, KrStream *stream)
{
    z->next_in = (char *)stream->in;
    z->avail_in = (unsigned)(stream->in_left > UINT_MAX ? UINT_MAX : stream->in_left);
    z->next_out = (char *)stream->out;
    z->avail_out = (unsigned)(stream->out_left > UINT_MAX ? UINT_MAX : stream->out_left);
}

static void
take_back(bz_stream *z, KrStream *stream)
{
    if (stream->in != NULL) {
        stream->in_left -= (size_t)(z->next_in - (char *)stream->in);
        stream->in = (unsigned char *)z->next_in;
    }
    stream->out_left -= (size_t)(z->next_out - (char *)stream->out);
    stream->out = (unsigned char *)z->next_out;
    z->next_in = NULL;
    z->avail_in = 0;
}

static KrStep
compress_step(void *codec, KrStream *stream)
{
    Bz2Compressor *self = codec;

    if (self->action == BZ_RUN && stream->in_left == 0) {
        // The library calls a run without input a mistake.
        return KR_STEP_MORE;
    }
    lend(&self->stream, stream);
    int action = self->stream.avail_in < stream->in_left ? BZ_RUN : self->action;
    self->status = BZ2_bzCompress(&self->stream, action);
    take_back(&self->stream, stream);
    return self->status == BZ_STREAM_END ? KR_STEP_END
           : self->status < 0            ? KR_STEP_FAILED
                                         : KR_STEP_MORE;
}

static KrStep
decompress_step(void *codec, KrStream *stream)
{
    Bz2Decompressor *self = codec;

    if (self->failed) {
        return KR_STEP_FAILED;
    }
    lend(&self->stream, stream);
    self->status = BZ2_bzDecompress(&self->stream);
    take_back(&self->stream, stream);
    return self->status == BZ_STREAM_END ? KR_STEP_END
           : self->status == BZ_OK       ? KR_STEP_MORE
                                         : KR_STEP_FAILED;
}

// ---- the compressor -----------------------------------------------------------

KR_NEW(bz2_compressor, "BZ2Compressor(compresslevel=9, /)",
       "Create a compressor object for compressing data incrementally.\n\n"
       "  compresslevel\n    Compression level, as a number between 1 and 9.\n\n"
       "For one-shot compression, use the compress() function instead.")
static PyObject *
bz2_compressor_new_impl(PyTypeObject *cls, int compresslevel)
{
    if (compresslevel < 1 || compresslevel > 9) {
        PyErr_SetString(PyExc_ValueError, "compresslevel must be between 1 and 9");
        return NULL;
    }
    Bz2Compressor *self = (Bz2Compressor *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    int status = BZ2_bzCompressInit(&self->stream, compresslevel, 0, 0);
    if (status != BZ_OK) {
        bz2_error(status);
        Py_DECREF(self);
        return NULL;
    }
    self->live = true;
    return (PyObject *)self;
}

static void
compressor_dealloc(PyObject *object)
{
    Bz2Compressor *self = (Bz2Compressor *)object;
    PyTypeObject *type = Py_TYPE(self);

    if (self->live) {
        BZ2_bzCompressEnd(&self->stream);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
compressor_run(Bz2Compressor *self, const void *data, size_t size, int action)
{
    KrStream stream = {data, size, NULL, 0};
    KrOut out = {NULL, -1};

    self->action = action;
    KrStep step = kr_stream_run(&stream, &out, 8192, compress_step, self);
    if (step == KR_STEP_FAILED) {
        bz2_error(self->status);
        step = KR_STEP_PYTHON;
    }
    if (step == KR_STEP_PYTHON) {
        kr_out_drop(&out);
        return NULL;
    }
    return kr_out_finish(&out, &stream);
}

KR_METHOD(bz2_compressor, "compress(self, data, /)",
          "Provide data to the compressor object.\n\n"
          "Returns a chunk of compressed data if possible, or b'' otherwise.")
static PyObject *
compressor_compress(Bz2Compressor *self, Py_buffer *data)
{
    PyObject *result = NULL;

    PyMutex_Lock(&self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Compressor has been flushed");
    }
    else {
        result = compressor_run(self, data->buf, (size_t)data->len, BZ_RUN);
    }
    PyMutex_Unlock(&self->lock);
    return result;
}

KR_METHOD(bz2_compressor, "flush(self, /)",
          "Finish the compression process.\n\n"
          "Returns the compressed data left in internal buffers.")
static PyObject *
compressor_flush(Bz2Compressor *self)
{
    PyObject *result = NULL;

    PyMutex_Lock(&self->lock);
    if (self->flushed) {
        PyErr_SetString(PyExc_ValueError, "Repeated call to flush()");
    }
    else {
        self->flushed = true;
        result = compressor_run(self, NULL, 0, BZ_FINISH);
    }
    PyMutex_Unlock(&self->lock);
    return result;
}

// ---- the decompressor ------------------------------------------------------------

KR_NEW(bz2_decompressor, "BZ2Decompressor()",
       "Create a decompressor object for decompressing data incrementally.\n\n"
       "For one-shot decompression, use the decompress() function instead.")
static PyObject *
bz2_decompressor_new_impl(PyTypeObject *cls)
{
    Bz2Decompressor *self = (Bz2Decompressor *)cls->tp_alloc(cls, 0);

    if (self == NULL) {
        return NULL;
    }
    int status = BZ2_bzDecompressInit(&self->stream, 0, 0);
    if (status != BZ_OK) {
        bz2_error(status);
        Py_DECREF(self);
        return NULL;
    }
    self->live = true;
    if (kr_decoder_start(&self->base, false) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void
decompressor_dealloc(PyObject *object)
{
    Bz2Decompressor *self = (Bz2Decompressor *)object;
    PyTypeObject *type = Py_TYPE(self);

    if (self->live) {
        BZ2_bzDecompressEnd(&self->stream);
    }
    kr_decoder_free(&self->base);
    type->tp_free(self);
    Py_DECREF(type);
}

static void
decompressor_fail(KrDecoder *decoder)
{
    Bz2Decompressor *self = (Bz2Decompressor *)decoder;

    if (self->failed) {
        PyErr_SetString(PyExc_ValueError,
                        "Decompressor is unusable after a previous error");
        return;
    }
    self->failed = true;
    decoder->needs_input = false;
    bz2_error(self->status);
}

KR_METHOD(bz2_decompressor, "decompress(self, data, max_length=-1)",
          "Decompress data, returning uncompressed data as bytes.\n\n"
          "With a max_length that is not negative the result is not longer than that;\n"
          "needs_input then says whether more can be had without more data.")
static PyObject *
decompressor_decompress(Bz2Decompressor *self, Py_buffer *data, Py_ssize_t max_length)
{
    return kr_decoder_decompress(&self->base, data, max_length, decompress_step,
                                 decompressor_fail);
}

// ---- types and module ---------------------------------------------------------------

KR_TYPE(bz2_compressor)
KR_TYPE(bz2_decompressor)
#include "ext/bz2.methods.h"

static PyMemberDef decompressor_members[] = {
    {"eof", Py_T_BOOL, offsetof(KrDecoder, eof), Py_READONLY,
     "True if the end-of-stream marker has been reached."},
    {"unused_data", Py_T_OBJECT_EX, offsetof(KrDecoder, unused_data), Py_READONLY,
     "Data found after the end of the compressed stream."},
    {"needs_input", Py_T_BOOL, offsetof(KrDecoder, needs_input), Py_READONLY,
     "True if more input is needed before more decompressed data can be produced."},
    {NULL},
};

static PyType_Slot compressor_slots[] = {
    {Py_tp_dealloc, compressor_dealloc},
    {Py_tp_methods, bz2_compressor_methods},
    {Py_tp_new, bz2_compressor_new},
    {Py_tp_doc, (void *)bz2_compressor_doc},
    {0, NULL},
};

static PyType_Spec compressor_spec = {
    .name = "_bz2.BZ2Compressor",
    .basicsize = sizeof(Bz2Compressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = compressor_slots,
};

static PyType_Slot decompressor_slots[] = {
    {Py_tp_dealloc, decompressor_dealloc},
    {Py_tp_methods, bz2_decompressor_methods},
    {Py_tp_members, decompressor_members},
    {Py_tp_new, bz2_decompressor_new},
    {Py_tp_doc, (void *)bz2_decompressor_doc},
    {0, NULL},
};

static PyType_Spec decompressor_spec = {
    .name = "_bz2.BZ2Decompressor",
    .basicsize = sizeof(Bz2Decompressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = decompressor_slots,
};

static int
bz2_exec(PyObject *module)
{
    PyType_Spec *const specs[] = {&compressor_spec, &decompressor_spec};

    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        PyObject *type = PyType_FromModuleAndSpec(module, specs[i], NULL);
        int status = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
        Py_XDECREF(type);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot bz2_slots[] = {
    {Py_mod_exec, bz2_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef bz2_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_bz2",
    .m_slots = bz2_slots,
};

PyMODINIT_FUNC
PyInit__bz2(void)
{
    return PyModuleDef_Init(&bz2_def);
}
