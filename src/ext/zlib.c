// SPDX-License-Identifier: MIT
// zlib.c - the module zlib: deflate streams and checksums.
//
// Re-entrancy: the library runs without the interpreter's lock; a lock in each object
//              keeps two threads out of one stream.
#include <Python.h>
#include <zlib.h>

#include "base/base.h"
#include "ext/stream.h"
#include "objects/args.h"

enum { DEF_BUF_SIZE = 16 * 1024, DEF_MEM_LEVEL = 8, RELEASE_FROM = 5 * 1024 };

typedef struct {
    PyObject *error;      // owned, all of them
    PyTypeObject *compress_type;
    PyTypeObject *decompress_type;
    PyTypeObject *decompressor_type;
} ZlibState;

// Both Compress and Decompress.
typedef struct {
    PyObject_HEAD
    z_stream stream;
    bool live;           // stream has to be ended
    bool eof;
    int mode;            // of flushing, for the step
    int status;          // what the library said last
    PyObject *unused_data;      // owned, bytes; Decompress only
    PyObject *unconsumed_tail;  // the same
    PyObject *zdict;            // owned, bytes or NULL
    PyMutex lock;
} ZlibObject;

typedef struct {
    KrDecoder base;
    z_stream stream;
    bool live;
    int status;
    PyObject *zdict; // owned, bytes or NULL
} ZlibDecompressor;

static PyModuleDef zlib_def;

static ZlibState *
state_of(PyObject *object)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(object), &zlib_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

// ---- errors -----------------------------------------------------------------

static void
zlib_error(ZlibState *state, const z_stream *stream, int status, const char *what)
{
    const char *text = status == Z_VERSION_ERROR ? "library version mismatch"
                                                 : stream->msg;
    if (text == NULL) {
        text = status == Z_BUF_ERROR      ? "incomplete or truncated stream"
               : status == Z_STREAM_ERROR ? "inconsistent stream state"
               : status == Z_DATA_ERROR   ? "invalid input data"
                                          : NULL;
    }
    if (text == NULL) {
        PyErr_Format(state->error, "Error %d %s", status, what);
    }
    else {
        PyErr_Format(state->error, "Error %d %s: %.200s", status, what, text);
    }
}

// After deflateInit and inflateInit. 0 or -1.
static int
check_start(ZlibState *state, const z_stream *stream, int status, const char *what)
{
    switch (status) {
    case Z_OK:
        return 0;
    case Z_STREAM_ERROR:
        PyErr_SetString(PyExc_ValueError, "Invalid initialization option");
        return -1;
    case Z_MEM_ERROR:
        PyErr_Format(PyExc_MemoryError, "Can't allocate memory for %s object", what);
        return -1;
    default: {
        char text[64];
        PyOS_snprintf(text, sizeof text, "while creating %s object", what);
        zlib_error(state, stream, status, text);
        return -1;
    }
    }
}

// ---- one step ------------------------------------------------------------------

typedef int (*ZlibCall)(z_stream *stream, int mode);

// Lends a part of the stream to the library, which counts in unsigned int.
static int
zlib_call(z_stream *z, KrStream *stream, ZlibCall call, int mode)
{
    size_t in = stream->in_left > UINT_MAX ? UINT_MAX : stream->in_left;
    size_t out = stream->out_left > UINT_MAX ? UINT_MAX : stream->out_left;
    unsigned char none;

    z->next_in = stream->in == NULL ? &none : (unsigned char *)stream->in;
    z->avail_in = (uInt)in;
    z->next_out = stream->out;
    z->avail_out = (uInt)out;
    if (in < stream->in_left) {
        mode = Z_NO_FLUSH;
    }
    int status = call(z, mode);
    stream->in += in - z->avail_in;
    stream->in_left -= in - z->avail_in;
    stream->out += out - z->avail_out;
    stream->out_left -= out - z->avail_out;
    z->next_in = NULL;
    z->avail_in = 0;
    return status;
}

static KrStep
zlib_verdict(int status)
{
    return status == Z_STREAM_END                       ? KR_STEP_END
           : status == Z_OK || status == Z_BUF_ERROR ? KR_STEP_MORE
                                                        : KR_STEP_FAILED;
}

static KrStep
deflate_step(void *codec, KrStream *stream)
{
    ZlibObject *self = codec;
    self->status = zlib_call(&self->stream, stream, deflate, self->mode);
    return zlib_verdict(self->status);
}

// Inflates, giving the dictionary when the library asks for it.
static int
inflate_with(z_stream *z, KrStream *stream, PyObject *zdict, int mode)
{
    int status = zlib_call(z, stream, inflate, mode);

    if (status == Z_NEED_DICT && zdict != NULL) {
        status = inflateSetDictionary(z, (unsigned char *)PyBytes_AS_STRING(zdict),
                                      (uInt)PyBytes_GET_SIZE(zdict));
        if (status == Z_OK) {
            status = zlib_call(z, stream, inflate, mode);
        }
    }
    return status;
}

static KrStep
inflate_step(void *codec, KrStream *stream)
{
    ZlibObject *self = codec;
    self->status = inflate_with(&self->stream, stream, self->zdict, self->mode);
    return zlib_verdict(self->status);
}

static KrStep
decompressor_step(void *codec, KrStream *stream)
{
    ZlibDecompressor *self = codec;
    self->status = inflate_with(&self->stream, stream, self->zdict, Z_SYNC_FLUSH);
    return zlib_verdict(self->status);
}

// ---- functions on whole data ---------------------------------------------------

KR_FUNCTION(zlib, "compress(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)",
            "Returns a bytes object containing compressed data.\n\n"
            "The level is 0 to 9, or -1 for a compromise; wbits says the size of the\n"
            "window, and what stands around the compressed data.")
static PyObject *
zlib_compress(PyObject *module, Py_buffer *data, int level, int wbits)
{
    ZlibState *state = PyModule_GetState(module);
    ZlibObject codec = {.mode = Z_FINISH};
    KrStream stream = {data->buf, (size_t)data->len, NULL, 0};
    KrOut out = {NULL, -1};
    PyObject *result = NULL;

    int status = deflateInit2(&codec.stream, level, Z_DEFLATED, wbits, DEF_MEM_LEVEL,
                              Z_DEFAULT_STRATEGY);
    if (status == Z_MEM_ERROR) {
        PyErr_SetString(PyExc_MemoryError, "Out of memory while compressing data");
        return NULL;
    }
    if (status == Z_STREAM_ERROR) {
        PyErr_SetString(state->error, "Bad compression level");
        return NULL;
    }
    if (status != Z_OK) {
        zlib_error(state, &codec.stream, status, "while compressing data");
        return NULL;
    }
    KrStep step = kr_stream_run(&stream, &out, 1024, deflate_step, &codec);
    if (step == KR_STEP_END) {
        result = kr_out_finish(&out, &stream);
    }
    else if (step != KR_STEP_PYTHON) {
        zlib_error(state, &codec.stream, codec.status, "while compressing data");
    }
    deflateEnd(&codec.stream);
    kr_out_drop(&out);
    return result;
}

KR_FUNCTION(zlib, "decompress(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)",
            "Returns a bytes object containing the uncompressed data.\n\n"
            "wbits says the size of the window, and what stands around the data; bufsize\n"
            "how much room to begin with.")
static PyObject *
zlib_decompress(PyObject *module, Py_buffer *data, int wbits, Py_ssize_t bufsize)
{
    ZlibState *state = PyModule_GetState(module);
    ZlibObject codec = {.mode = Z_SYNC_FLUSH};
    KrStream stream = {data->buf, (size_t)data->len, NULL, 0};
    KrOut out = {NULL, -1};
    PyObject *result = NULL;

    if (bufsize < 0) {
        PyErr_SetString(PyExc_ValueError, "bufsize must be non-negative");
        return NULL;
    }
    int status = inflateInit2(&codec.stream, wbits);
    if (status == Z_MEM_ERROR) {
        PyErr_SetString(PyExc_MemoryError, "Out of memory while decompressing data");
        return NULL;
    }
    if (status != Z_OK) {
        zlib_error(state, &codec.stream, status, "while preparing to decompress data");
        inflateEnd(&codec.stream);
        return NULL;
    }
    KrStep step = kr_stream_run(&stream, &out, bufsize == 0 ? 1 : bufsize, inflate_step,
                                &codec);
    if (step == KR_STEP_END) {
        result = kr_out_finish(&out, &stream);
    }
    else if (step != KR_STEP_PYTHON) {
        status = codec.status == Z_OK ? Z_BUF_ERROR : codec.status;
        zlib_error(state, &codec.stream, status, "while decompressing data");
    }
    inflateEnd(&codec.stream);
    kr_out_drop(&out);
    return result;
}

// A checksum over data of any size.
static unsigned long
checksum(unsigned long (*sum)(unsigned long, const Bytef *, z_size_t), unsigned long value,
         const Py_buffer *data)
{
    if (data->len <= RELEASE_FROM) {
        return sum(value, data->buf, (z_size_t)data->len);
    }
    Py_BEGIN_ALLOW_THREADS
    value = sum(value, data->buf, (z_size_t)data->len);
    Py_END_ALLOW_THREADS
    return value;
}

// The starting value wraps around, as any int is allowed.
static int
checksum_start(PyObject *value, unsigned long otherwise, unsigned long *out)
{
    *out = otherwise;
    if (value != NULL) {
        if (!PyLong_Check(value)) {
            PyErr_Format(PyExc_TypeError, "an integer is required (got type %.200s)",
                         Py_TYPE(value)->tp_name);
            return -1;
        }
        *out = PyLong_AsUnsignedLongMask(value) & 0xffffffff;
    }
    return PyErr_Occurred() ? -1 : 0;
}

KR_FUNCTION(zlib, "adler32(data, value=1, /)",
            "Compute an Adler-32 checksum of data, beginning with value.")
static PyObject *
zlib_adler32(PyObject *module, Py_buffer *data, PyObject *value)
{
    unsigned long start;

    if (checksum_start(value, 1, &start) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(checksum(adler32_z, start, data) & 0xffffffff);
}

KR_FUNCTION(zlib, "crc32(data, value=0, /)",
            "Compute a CRC-32 checksum of data, beginning with value.")
static PyObject *
zlib_crc32(PyObject *module, Py_buffer *data, PyObject *value)
{
    unsigned long start;

    if (checksum_start(value, 0, &start) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLong(checksum(crc32_z, start, data) & 0xffffffff);
}

// ---- compression objects --------------------------------------------------------

static ZlibObject *
new_object(PyTypeObject *type)
{
    ZlibObject *self = PyObject_New(ZlibObject, type);

    if (self == NULL) {
        return NULL;
    }
    memset((char *)self + sizeof(PyObject), 0, sizeof *self - sizeof(PyObject));
    self->unused_data = PyBytes_FromStringAndSize(NULL, 0);
    self->unconsumed_tail = PyBytes_FromStringAndSize(NULL, 0);
    if (self->unused_data == NULL || self->unconsumed_tail == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

static void
free_object(ZlibObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    Py_XDECREF(self->unused_data);
    Py_XDECREF(self->unconsumed_tail);
    Py_XDECREF(self->zdict);
    PyObject_Free(self);
    Py_DECREF(type);
}

static void
compress_dealloc(PyObject *object)
{
    if (((ZlibObject *)object)->live) {
        deflateEnd(&((ZlibObject *)object)->stream);
    }
    free_object((ZlibObject *)object);
}

static void
decompress_dealloc(PyObject *object)
{
    if (((ZlibObject *)object)->live) {
        inflateEnd(&((ZlibObject *)object)->stream);
    }
    free_object((ZlibObject *)object);
}

KR_FUNCTION(zlib,
            "compressobj(level=Z_DEFAULT_COMPRESSION, method=DEFLATED{Z_DEFLATED}, "
            "wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, "
            "zdict=<missing>)",
            "Return a compressor object.\n\n"
            "The level is 0 to 9, or -1 for a compromise; wbits is the size of the window,\n"
            "memLevel (1 to 9) how much memory to spend, zdict data that is expected to\n"
            "occur often.")
static PyObject *
zlib_compressobj(PyObject *module, int level, int method, int wbits, int memLevel,
                 int strategy, Py_buffer *zdict)
{
    ZlibState *state = PyModule_GetState(module);

    if (zdict->buf != NULL && (size_t)zdict->len > UINT_MAX) {
        PyErr_SetString(PyExc_OverflowError,
                        "zdict length does not fit in an unsigned int");
        return NULL;
    }
    ZlibObject *self = new_object(state->compress_type);
    if (self == NULL) {
        return NULL;
    }
    int status = deflateInit2(&self->stream, level, method, wbits, memLevel, strategy);
    if (check_start(state, &self->stream, status, "compression") < 0) {
        goto fail;
    }
    self->live = true;
    if (zdict->buf != NULL) {
        status = deflateSetDictionary(&self->stream, zdict->buf, (uInt)zdict->len);
        if (status == Z_STREAM_ERROR) {
            PyErr_SetString(PyExc_ValueError, "Invalid dictionary");
            goto fail;
        }
        if (status != Z_OK) {
            PyErr_SetString(PyExc_ValueError, "deflateSetDictionary()");
            goto fail;
        }
    }
    return (PyObject *)self;

fail:
    Py_DECREF(self);
    return NULL;
}

// A dictionary as bytes of our own. 0 or -1.
static int
take_dictionary(PyObject *zdict, PyObject **out)
{
    *out = NULL;
    if (zdict == NULL) {
        return 0;
    }
    if (!PyObject_CheckBuffer(zdict)) {
        PyErr_SetString(PyExc_TypeError,
                        "zdict argument must support the buffer protocol");
        return -1;
    }
    *out = PyBytes_FromObject(zdict);
    if (*out != NULL && (size_t)PyBytes_GET_SIZE(*out) > UINT_MAX) {
        PyErr_SetString(PyExc_OverflowError,
                        "zdict length does not fit in an unsigned int");
        Py_CLEAR(*out);
    }
    return *out == NULL ? -1 : 0;
}

// A raw stream does not ask for its dictionary. 0 or -1.
static int
set_raw_dictionary(ZlibState *state, z_stream *stream, int wbits, PyObject *zdict)
{
    if (zdict == NULL || wbits >= 0) {
        return 0;
    }
    int status = inflateSetDictionary(stream, (unsigned char *)PyBytes_AS_STRING(zdict),
                                      (uInt)PyBytes_GET_SIZE(zdict));
    if (status != Z_OK) {
        zlib_error(state, stream, status, "while setting zdict");
        return -1;
    }
    return 0;
}

KR_FUNCTION(zlib, "decompressobj(wbits=MAX_WBITS, zdict=b'')",
            "Return a decompressor object.\n\n"
            "wbits says the size of the window, and what stands around the data; zdict is\n"
            "the dictionary that the compressor used.")
static PyObject *
zlib_decompressobj(PyObject *module, int wbits, PyObject *zdict)
{
    ZlibState *state = PyModule_GetState(module);
    PyObject *dictionary;

    if (take_dictionary(zdict, &dictionary) < 0) {
        return NULL;
    }
    ZlibObject *self = new_object(state->decompress_type);
    if (self == NULL) {
        Py_XDECREF(dictionary);
        return NULL;
    }
    self->zdict = dictionary;
    int status = inflateInit2(&self->stream, wbits);
    if (check_start(state, &self->stream, status, "decompression") < 0) {
        Py_DECREF(self);
        return NULL;
    }
    self->live = true;
    if (set_raw_dictionary(state, &self->stream, wbits, dictionary) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

// Runs deflate over data; the lock is held.
static PyObject *
compress_run(ZlibObject *self, const void *data, size_t size, int mode, const char *what)
{
    KrStream stream = {data, size, NULL, 0};
    KrOut out = {NULL, -1};

    self->mode = mode;
    KrStep step = kr_stream_run(&stream, &out, DEF_BUF_SIZE, deflate_step, self);
    if (step == KR_STEP_END && mode == Z_FINISH) {
        int status = deflateEnd(&self->stream);
        self->live = false;
        if (status != Z_OK) {
            zlib_error(state_of((PyObject *)self), &self->stream, status,
                       "while finishing compression");
            step = KR_STEP_PYTHON;
        }
    }
    else if (step == KR_STEP_FAILED) {
        zlib_error(state_of((PyObject *)self), &self->stream, self->status, what);
        step = KR_STEP_PYTHON;
    }
    if (step == KR_STEP_PYTHON) {
        kr_out_drop(&out);
        return NULL;
    }
    return kr_out_finish(&out, &stream);
}

KR_METHOD(zlib_compress_object, "compress(self, data, /)",
          "Returns a bytes object containing compressed data.\n\n"
          "Some of the input may stay in the compressor until flush() is called.")
static PyObject *
compress_compress(ZlibObject *self, Py_buffer *data)
{
    PyMutex_Lock(&self->lock);
    PyObject *result = compress_run(self, data->buf, (size_t)data->len, Z_NO_FLUSH,
                                    "while compressing data");
    PyMutex_Unlock(&self->lock);
    return result;
}

KR_METHOD(zlib_compress_object, "flush(self, mode=zlib.Z_FINISH{Z_FINISH}, /)",
          "Return a bytes object containing any remaining compressed data.\n\n"
          "After Z_FINISH the object cannot be used any more.")
static PyObject *
compress_flush(ZlibObject *self, int mode)
{
    if (mode == Z_NO_FLUSH) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    PyMutex_Lock(&self->lock);
    PyObject *result = compress_run(self, NULL, 0, mode, "while flushing");
    PyMutex_Unlock(&self->lock);
    return result;
}

// Copies what both kinds of object have, the stream with `copy`. The lock is held.
static ZlibObject *
copy_object(ZlibObject *self, int (*copy)(z_stream *, z_stream *), const char *what)
{
    ZlibObject *other = new_object(Py_TYPE(self));

    if (other == NULL) {
        return NULL;
    }
    int status = copy(&other->stream, &self->stream);
    if (status == Z_OK) {
        other->live = self->live;
        other->eof = self->eof;
        Py_SETREF(other->unused_data, Py_NewRef(self->unused_data));
        Py_SETREF(other->unconsumed_tail, Py_NewRef(self->unconsumed_tail));
        other->zdict = Py_XNewRef(self->zdict);
        return other;
    }
    if (status == Z_STREAM_ERROR) {
        PyErr_SetString(PyExc_ValueError, "Inconsistent stream state");
    }
    else if (status == Z_MEM_ERROR) {
        PyErr_Format(PyExc_MemoryError, "Can't allocate memory for %s object", what);
    }
    else {
        char text[64];
        PyOS_snprintf(text, sizeof text, "while copying %s object", what);
        zlib_error(state_of((PyObject *)self), &self->stream, status, text);
    }
    Py_DECREF(other);
    return NULL;
}

KR_METHOD(zlib_compress_object, "copy(self, /)",
          "Return a copy of the compression object.")
static PyObject *
compress_copy(ZlibObject *self)
{
    PyMutex_Lock(&self->lock);
    ZlibObject *other = copy_object(self, deflateCopy, "compression");
    PyMutex_Unlock(&self->lock);
    return (PyObject *)other;
}

KR_METHOD(zlib_compress_object, "__copy__(self, /)", "Return a copy of the object.")
static PyObject *
compress_dunder_copy(ZlibObject *self)
{
    return compress_copy(self);
}

KR_METHOD(zlib_compress_object, "__deepcopy__(self, memo, /)",
          "Return a copy of the object.")
static PyObject *
compress_deepcopy(ZlibObject *self, PyObject *memo)
{
    return compress_copy(self);
}

// ---- decompression objects -------------------------------------------------------

// Puts what inflate left over where it belongs. 0 or -1.
static int
keep_leftover(ZlibObject *self, const KrStream *stream, bool ended)
{
    const char *rest = (const char *)stream->in;
    Py_ssize_t size = (Py_ssize_t)stream->in_left;

    if (ended && size > 0) {
        PyObject *more = PyBytes_FromStringAndSize(rest, size);
        if (more == NULL) {
            return -1;
        }
        PyBytes_ConcatAndDel(&self->unused_data, more);
        if (self->unused_data == NULL) {
            self->unused_data = PyBytes_FromStringAndSize(NULL, 0);
            return -1;
        }
        size = 0;
    }
    if (size > 0 || PyBytes_GET_SIZE(self->unconsumed_tail) > 0) {
        PyObject *tail = PyBytes_FromStringAndSize(size > 0 ? rest : NULL, size);
        if (tail == NULL) {
            return -1;
        }
        Py_SETREF(self->unconsumed_tail, tail);
    }
    return 0;
}

static PyObject *
decompress_run(ZlibObject *self, KrStream *stream, Py_ssize_t first, Py_ssize_t limit,
               int mode)
{
    KrOut out = {NULL, limit};
    PyObject *result = NULL;

    self->mode = mode;
    KrStep step = kr_stream_run(stream, &out, first, inflate_step, self);
    if (step == KR_STEP_PYTHON ||
        keep_leftover(self, stream, step == KR_STEP_END) < 0) {
        goto done;
    }
    if (step == KR_STEP_FAILED) {
        zlib_error(state_of((PyObject *)self), &self->stream, self->status,
                   "while decompressing data");
        goto done;
    }
    self->eof = self->eof || step == KR_STEP_END;
    if (step == KR_STEP_END && mode == Z_FINISH) {
        self->live = false;
        if (inflateEnd(&self->stream) != Z_OK) {
            zlib_error(state_of((PyObject *)self), &self->stream, Z_STREAM_ERROR,
                       "while finishing decompression");
            goto done;
        }
    }
    result = kr_out_finish(&out, stream);

done:
    kr_out_drop(&out);
    return result;
}

KR_METHOD(zlib_decompress_object, "decompress(self, data, /, max_length=0)",
          "Return a bytes object containing the decompressed version of the data.\n\n"
          "With max_length the result is not longer than that; input that was not used\n"
          "is then in the attribute unconsumed_tail.")
static PyObject *
decompress_decompress(ZlibObject *self, Py_buffer *data, Py_ssize_t max_length)
{
    if (max_length < 0) {
        PyErr_SetString(PyExc_ValueError, "max_length must be non-negative");
        return NULL;
    }
    KrStream stream = {data->buf, (size_t)data->len, NULL, 0};
    PyMutex_Lock(&self->lock);
    PyObject *result = decompress_run(self, &stream, DEF_BUF_SIZE,
                                      max_length == 0 ? -1 : max_length, Z_SYNC_FLUSH);
    PyMutex_Unlock(&self->lock);
    return result;
}

KR_METHOD(zlib_decompress_object, "flush(self, length=zlib.DEF_BUF_SIZE{DEF_BUF_SIZE}, /)",
          "Return a bytes object containing any remaining decompressed data.\n\n"
          "length is how much room to begin with.")
static PyObject *
decompress_flush(ZlibObject *self, Py_ssize_t length)
{
    if (length <= 0) {
        PyErr_SetString(PyExc_ValueError, "length must be greater than zero");
        return NULL;
    }
    PyMutex_Lock(&self->lock);
    if (!self->live) {
        // Flushed before, at the end of the stream.
        PyMutex_Unlock(&self->lock);
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    PyObject *tail = Py_NewRef(self->unconsumed_tail);
    KrStream stream = {(unsigned char *)PyBytes_AS_STRING(tail),
                       (size_t)PyBytes_GET_SIZE(tail), NULL, 0};
    PyObject *result = decompress_run(self, &stream, length, -1, Z_FINISH);
    PyMutex_Unlock(&self->lock);
    Py_DECREF(tail);
    return result;
}

KR_METHOD(zlib_decompress_object, "copy(self, /)",
          "Return a copy of the decompression object.")
static PyObject *
decompress_copy(ZlibObject *self)
{
    PyMutex_Lock(&self->lock);
    ZlibObject *other = copy_object(self, inflateCopy, "decompression");
    PyMutex_Unlock(&self->lock);
    return (PyObject *)other;
}

KR_METHOD(zlib_decompress_object, "__copy__(self, /)", "Return a copy of the object.")
static PyObject *
decompress_dunder_copy(ZlibObject *self)
{
    return decompress_copy(self);
}

KR_METHOD(zlib_decompress_object, "__deepcopy__(self, memo, /)",
          "Return a copy of the object.")
static PyObject *
decompress_deepcopy(ZlibObject *self, PyObject *memo)
{
    return decompress_copy(self);
}

// ---- the decompressor for files ---------------------------------------------------

KR_NEW(zlib_decompressor, "_ZlibDecompressor(wbits=MAX_WBITS, zdict=b'')",
       "Create a decompressor object for decompressing data incrementally.\n\n"
       "zdict is the dictionary that the compressor used.")
static PyObject *
zlib_decompressor_new_impl(PyTypeObject *cls, int wbits, PyObject *zdict)
{
    PyObject *dictionary;

    if (take_dictionary(zdict, &dictionary) < 0) {
        return NULL;
    }
    ZlibDecompressor *self = (ZlibDecompressor *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        Py_XDECREF(dictionary);
        return NULL;
    }
    self->zdict = dictionary;
    ZlibState *state = state_of((PyObject *)self);
    int status = inflateInit2(&self->stream, wbits);
    if (check_start(state, &self->stream, status, "decompression") < 0) {
        Py_DECREF(self);
        return NULL;
    }
    self->live = true;
    if (kr_decoder_start(&self->base, false) < 0 ||
        set_raw_dictionary(state, &self->stream, wbits, dictionary) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
decompressor_dealloc(PyObject *object)
{
    ZlibDecompressor *self = (ZlibDecompressor *)object;
    PyTypeObject *type = Py_TYPE(self);

    if (self->live) {
        inflateEnd(&self->stream);
    }
    kr_decoder_free(&self->base);
    Py_XDECREF(self->zdict);
    type->tp_free(self);
    Py_DECREF(type);
}

static void
decompressor_fail(KrDecoder *decoder)
{
    ZlibDecompressor *self = (ZlibDecompressor *)decoder;
    zlib_error(state_of((PyObject *)self), &self->stream, self->status,
               "while decompressing data");
}

KR_METHOD(zlib_decompressor, "decompress(self, data, max_length=-1)",
          "Decompress data, returning uncompressed data as bytes.\n\n"
          "With a max_length that is not negative the result is not longer than that;\n"
          "needs_input then says whether more can be had without more data.")
static PyObject *
decompressor_decompress(ZlibDecompressor *self, Py_buffer *data, Py_ssize_t max_length)
{
    return kr_decoder_decompress(&self->base, data, max_length, decompressor_step,
                                 decompressor_fail);
}

// ---- types and module --------------------------------------------------------------

KR_TYPE(zlib_compress_object)
KR_TYPE(zlib_decompress_object)
KR_TYPE(zlib_decompressor)
KR_MODULE(zlib)
#include "ext/zlib.methods.h"

static PyMemberDef decompress_members[] = {
    {"unused_data", Py_T_OBJECT_EX, offsetof(ZlibObject, unused_data), Py_READONLY},
    {"unconsumed_tail", Py_T_OBJECT_EX, offsetof(ZlibObject, unconsumed_tail),
     Py_READONLY},
    {"eof", Py_T_BOOL, offsetof(ZlibObject, eof), Py_READONLY},
    {NULL},
};

static PyMemberDef decompressor_members[] = {
    {"eof", Py_T_BOOL, offsetof(KrDecoder, eof), Py_READONLY,
     "True if the end-of-stream marker has been reached."},
    {"unused_data", Py_T_OBJECT_EX, offsetof(KrDecoder, unused_data), Py_READONLY,
     "Data found after the end of the compressed stream."},
    {"needs_input", Py_T_BOOL, offsetof(KrDecoder, needs_input), Py_READONLY,
     "True if more input is needed before more decompressed data can be produced."},
    {NULL},
};

static PyType_Slot compress_slots[] = {
    {Py_tp_dealloc, compress_dealloc},
    {Py_tp_methods, zlib_compress_object_methods},
    {0, NULL},
};

static PyType_Spec compress_spec = {
    .name = "zlib.Compress",
    .basicsize = sizeof(ZlibObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = compress_slots,
};

static PyType_Slot decompress_slots[] = {
    {Py_tp_dealloc, decompress_dealloc},
    {Py_tp_methods, zlib_decompress_object_methods},
    {Py_tp_members, decompress_members},
    {0, NULL},
};

static PyType_Spec decompress_spec = {
    .name = "zlib.Decompress",
    .basicsize = sizeof(ZlibObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = decompress_slots,
};

static PyType_Slot decompressor_slots[] = {
    {Py_tp_dealloc, decompressor_dealloc},
    {Py_tp_methods, zlib_decompressor_methods},
    {Py_tp_members, decompressor_members},
    {Py_tp_new, zlib_decompressor_new},
    {Py_tp_doc, (void *)zlib_decompressor_doc},
    {0, NULL},
};

static PyType_Spec decompressor_spec = {
    .name = "zlib._ZlibDecompressor",
    .basicsize = sizeof(ZlibDecompressor),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = decompressor_slots,
};

// Z_BLOCK, Z_TREES are flush modes of inflate, for the sake of completeness.
static const struct {
    const char *name;
    int value;
} constants[] = {
    {"DEFLATED", Z_DEFLATED},
    {"DEF_BUF_SIZE", DEF_BUF_SIZE},
    {"DEF_MEM_LEVEL", DEF_MEM_LEVEL},
    {"MAX_WBITS", MAX_WBITS},
    {"Z_BEST_COMPRESSION", Z_BEST_COMPRESSION},
    {"Z_BEST_SPEED", Z_BEST_SPEED},
    {"Z_BLOCK", Z_BLOCK},
    {"Z_DEFAULT_COMPRESSION", Z_DEFAULT_COMPRESSION},
    {"Z_DEFAULT_STRATEGY", Z_DEFAULT_STRATEGY},
    {"Z_FILTERED", Z_FILTERED},
    {"Z_FINISH", Z_FINISH},
    {"Z_FIXED", Z_FIXED},
    {"Z_FULL_FLUSH", Z_FULL_FLUSH},
    {"Z_HUFFMAN_ONLY", Z_HUFFMAN_ONLY},
    {"Z_NO_COMPRESSION", Z_NO_COMPRESSION},
    {"Z_NO_FLUSH", Z_NO_FLUSH},
    {"Z_PARTIAL_FLUSH", Z_PARTIAL_FLUSH},
    {"Z_RLE", Z_RLE},
    {"Z_SYNC_FLUSH", Z_SYNC_FLUSH},
    {"Z_TREES", Z_TREES},
};

static int
zlib_exec(PyObject *module)
{
    ZlibState *state = PyModule_GetState(module);

    state->error = PyErr_NewException("zlib.error", NULL, NULL);
    if (state->error == NULL || PyModule_AddObjectRef(module, "error", state->error) < 0) {
        return -1;
    }
    state->compress_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &compress_spec, NULL);
    state->decompress_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &decompress_spec, NULL);
    state->decompressor_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &decompressor_spec, NULL);
    if (state->compress_type == NULL || state->decompress_type == NULL ||
        state->decompressor_type == NULL ||
        PyModule_AddType(module, state->decompressor_type) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    if (PyModule_AddStringConstant(module, "ZLIB_VERSION", ZLIB_VERSION) < 0 ||
        PyModule_AddStringConstant(module, "ZLIB_RUNTIME_VERSION", zlibVersion()) < 0 ||
        PyModule_AddStringConstant(module, "__version__", "1.0") < 0) {
        return -1;
    }
    return 0;
}

static int
zlib_traverse(PyObject *module, visitproc visit, void *arg)
{
    ZlibState *state = PyModule_GetState(module);
    Py_VISIT(state->error);
    Py_VISIT(state->compress_type);
    Py_VISIT(state->decompress_type);
    Py_VISIT(state->decompressor_type);
    return 0;
}

static int
zlib_clear(PyObject *module)
{
    ZlibState *state = PyModule_GetState(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->compress_type);
    Py_CLEAR(state->decompress_type);
    Py_CLEAR(state->decompressor_type);
    return 0;
}

static void
zlib_free(void *module)
{
    zlib_clear(module);
}

static PyModuleDef_Slot zlib_slots[] = {
    {Py_mod_exec, zlib_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef zlib_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "zlib",
    .m_doc = "Compression and decompression with the zlib library, compatible with\n"
             "GNU gzip, and the checksums Adler-32 and CRC-32.",
    .m_size = sizeof(ZlibState),
    .m_methods = zlib_methods,
    .m_slots = zlib_slots,
    .m_traverse = zlib_traverse,
    .m_clear = zlib_clear,
    .m_free = zlib_free,
};

PyMODINIT_FUNC
PyInit_zlib(void)
{
    return PyModuleDef_Init(&zlib_def);
}
