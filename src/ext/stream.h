// SPDX-License-Identifier: MIT
// stream.h - driving a compression library that works from one buffer into another.
//
// Callers:      zlib, _bz2, _lzma, _zstd; each supplies a step function.
// Re-entrancy:  steps run without the interpreter's lock. The caller holds a lock of
//               its own around everything that touches the codec.
#ifndef KRAIT_EXT_STREAM_H
#define KRAIT_EXT_STREAM_H

#include <Python.h>

#include "base/base.h"

// What a step reads and writes; it moves both forward.
typedef struct {
    const unsigned char *in;
    size_t in_left;
    unsigned char *out;
    size_t out_left;
} KrStream;

typedef enum {
    KR_STEP_MORE,   // ran out of input or of room
    KR_STEP_END,    // the end of the compressed stream
    KR_STEP_FAILED, // the codec knows why
    KR_STEP_PYTHON, // a Python exception is set; no step returns this
} KrStep;

typedef KrStep (*KrStepFunction)(void *codec, KrStream *stream);

// A bytes object that grows, up to limit bytes if that is not negative.
typedef struct {
    PyObject *bytes; // owned; NULL before and after use
    Py_ssize_t limit;
} KrOut;

// Steps until the input is used up and everything is written, the limit is reached, the
// stream ends or something fails. `first` is how much room to begin with.
KrStep kr_stream_run(KrStream *stream, KrOut *out, Py_ssize_t first,
                     KrStepFunction step, void *codec);

// The result, cut to size; or frees it and returns NULL if `step` is a failure.
PyObject *kr_out_finish(KrOut *out, KrStream *stream);
void kr_out_drop(KrOut *out);

// The common part of the decompressor objects: input that did not get used yet, and what
// the library reads from outside. Stands first in the object.
typedef struct {
    PyObject_HEAD
    PyMutex lock;
    bool eof;
    bool needs_input;
    bool keeps_output; // the codec may hold output when its input is used up
    PyObject *unused_data; // owned
    unsigned char *pending;
    size_t pending_room;
    size_t pending_start;
    size_t pending_count;
} KrDecoder;

// decoder->unused_data = b"" and so on. 0 or -1.
int kr_decoder_start(KrDecoder *decoder, bool keeps_output);
void kr_decoder_free(KrDecoder *decoder);

// The method decompress(). `fail` sets the exception after KR_STEP_FAILED.
PyObject *kr_decoder_decompress(KrDecoder *decoder, const Py_buffer *data,
                                Py_ssize_t max_length, KrStepFunction step,
                                void (*fail)(KrDecoder *));

#endif // KRAIT_EXT_STREAM_H
