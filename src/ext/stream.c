// SPDX-License-Identifier: MIT
// stream.c - driving a compression library that works from one buffer into another.
#include "ext/stream.h"

#include <string.h>

// ---- output -----------------------------------------------------------------

// Makes more room. 1, 0 when the limit is reached, -1 on error.
static int
out_grow(KrOut *out, KrStream *stream, Py_ssize_t first)
{
    Py_ssize_t size = out->bytes == NULL ? 0 : PyBytes_GET_SIZE(out->bytes);
    Py_ssize_t used = out->bytes == NULL ? 0 : size - (Py_ssize_t)stream->out_left;
    Py_ssize_t wanted = out->bytes == NULL ? first : size * 2;

    if (size > PY_SSIZE_T_MAX / 4) {
        wanted = PY_SSIZE_T_MAX / 2;
        if (size >= wanted) {
            PyErr_NoMemory();
            return -1;
        }
    }
    if (out->limit >= 0 && wanted > out->limit) {
        wanted = out->limit;
    }
    if (out->bytes != NULL && wanted <= size) {
        return 0;
    }
    if (out->bytes == NULL) {
        out->bytes = PyBytes_FromStringAndSize(NULL, wanted);
        if (out->bytes == NULL) {
            return -1;
        }
    }
    else if (_PyBytes_Resize(&out->bytes, wanted) < 0) {
        return -1;
    }
    stream->out = (unsigned char *)PyBytes_AS_STRING(out->bytes) + used;
    stream->out_left = (size_t)(wanted - used);
    // A limit of zero still runs the codec once: it may have to see the input.
    return 1;
}

KrStep
kr_stream_run(KrStream *stream, KrOut *out, Py_ssize_t first, KrStepFunction step,
              void *codec)
{
    KrStep status;

    stream->out_left = 0;
    if (out_grow(out, stream, first) < 0) {
        return KR_STEP_PYTHON;
    }
    for (;;) {
        const unsigned char *in = stream->in, *at = stream->out;
        Py_BEGIN_ALLOW_THREADS
        status = step(codec, stream);
        Py_END_ALLOW_THREADS
        if (status != KR_STEP_MORE) {
            return status;
        }
        if (stream->out_left > 0) {
            if (stream->in_left == 0 || (in == stream->in && at == stream->out)) {
                return KR_STEP_MORE;
            }
            continue;
        }
        int grown = out_grow(out, stream, first);
        if (grown <= 0) {
            return grown < 0 ? KR_STEP_PYTHON : KR_STEP_MORE;
        }
    }
}

PyObject *
kr_out_finish(KrOut *out, KrStream *stream)
{
    Py_ssize_t used = PyBytes_GET_SIZE(out->bytes) - (Py_ssize_t)stream->out_left;

    if (stream->out_left > 0 && _PyBytes_Resize(&out->bytes, used) < 0) {
        return NULL;
    }
    return KR_MOVE(out->bytes);
}

void
kr_out_drop(KrOut *out)
{
    Py_CLEAR(out->bytes);
}

// ---- decompressor objects -----------------------------------------------------

int
kr_decoder_start(KrDecoder *decoder, bool keeps_output)
{
    decoder->needs_input = true;
    decoder->keeps_output = keeps_output;
    decoder->unused_data = PyBytes_FromStringAndSize(NULL, 0);
    return decoder->unused_data == NULL ? -1 : 0;
}

void
kr_decoder_free(KrDecoder *decoder)
{
    PyMem_Free(decoder->pending);
    Py_CLEAR(decoder->unused_data);
}

// Makes room for `more` bytes behind what is pending. 0 or -1.
static int
pending_reserve(KrDecoder *decoder, size_t more)
{
    size_t needed = decoder->pending_count + more;

    if (decoder->pending_start + needed <= decoder->pending_room) {
        return 0;
    }
    if (needed > decoder->pending_room) {
        unsigned char *room = PyMem_Malloc(needed);
        if (room == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        if (decoder->pending_count > 0) {
            memcpy(room, decoder->pending + decoder->pending_start,
                   decoder->pending_count);
        }
        PyMem_Free(decoder->pending);
        decoder->pending = room;
        decoder->pending_room = needed;
    }
    else {
        memmove(decoder->pending, decoder->pending + decoder->pending_start,
                decoder->pending_count);
    }
    decoder->pending_start = 0;
    return 0;
}

// The stream's input: what is pending, with data behind it. 0 or -1.
static int
pending_take(KrDecoder *decoder, const Py_buffer *data, KrStream *stream)
{
    if (decoder->pending_count == 0) {
        stream->in = data->buf;
        stream->in_left = (size_t)data->len;
        return 0;
    }
    if (pending_reserve(decoder, (size_t)data->len) < 0) {
        return -1;
    }
    if (data->len > 0) {
        memcpy(decoder->pending + decoder->pending_start + decoder->pending_count,
               data->buf, (size_t)data->len);
        decoder->pending_count += (size_t)data->len;
    }
    stream->in = decoder->pending + decoder->pending_start;
    stream->in_left = decoder->pending_count;
    return 0;
}

// Keeps what the codec left over. 0 or -1.
static int
pending_keep(KrDecoder *decoder, const KrStream *stream)
{
    if (decoder->pending_count > 0) {
        decoder->pending_start += decoder->pending_count - stream->in_left;
        decoder->pending_count = stream->in_left;
        return 0;
    }
    decoder->pending_start = 0;
    if (stream->in_left > 0) {
        if (pending_reserve(decoder, stream->in_left) < 0) {
            return -1;
        }
        memcpy(decoder->pending, stream->in, stream->in_left);
        decoder->pending_count = stream->in_left;
    }
    return 0;
}

// What follows from how the run ended. 0 or -1.
static int
decoder_settle(KrDecoder *decoder, KrStep status, const KrStream *stream)
{
    if (status == KR_STEP_END) {
        decoder->eof = true;
        decoder->needs_input = false;
        PyObject *rest = PyBytes_FromStringAndSize((const char *)stream->in,
                                                   (Py_ssize_t)stream->in_left);
        decoder->pending_count = decoder->pending_start = 0;
        if (rest == NULL) {
            return -1;
        }
        Py_SETREF(decoder->unused_data, rest);
        return 0;
    }
    decoder->needs_input = stream->in_left == 0 &&
                           !(decoder->keeps_output && stream->out_left == 0);
    return pending_keep(decoder, stream);
}

static PyObject *
decompress_locked(KrDecoder *decoder, const Py_buffer *data, Py_ssize_t max_length,
                  KrStepFunction step, void (*fail)(KrDecoder *))
{
    enum { FIRST = 32 * 1024 };
    KrStream stream = {NULL, 0, NULL, 0};
    KrOut out = {NULL, max_length};

    if (decoder->eof) {
        PyErr_SetString(PyExc_EOFError, "End of stream already reached");
        return NULL;
    }
    if (pending_take(decoder, data, &stream) < 0) {
        return NULL;
    }
    KrStep status = kr_stream_run(&stream, &out, FIRST, step, decoder);
    if (status == KR_STEP_FAILED) {
        decoder->pending_count = decoder->pending_start = 0;
        fail(decoder);
    }
    else if (status != KR_STEP_PYTHON && decoder_settle(decoder, status, &stream) == 0) {
        return kr_out_finish(&out, &stream);
    }
    kr_out_drop(&out);
    return NULL;
}

PyObject *
kr_decoder_decompress(KrDecoder *decoder, const Py_buffer *data, Py_ssize_t max_length,
                      KrStepFunction step, void (*fail)(KrDecoder *))
{
    PyMutex_Lock(&decoder->lock);
    PyObject *result = decompress_locked(decoder, data, max_length, step, fail);
    PyMutex_Unlock(&decoder->lock);
    return result;
}
