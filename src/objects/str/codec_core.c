// SPDX-License-Identifier: MIT
// codec_core.c - what all encoders and decoders share: errors and their handlers.
//
// The builtin names of handlers are served without calling anything; every other
// name is looked up in the registry at the first error and called with an
// exception object, which is kept and updated for further errors.
// Re-entrancy: handlers run Python. Strings do not change; the decoder's input may
//             be exchanged by a handler and is owned then.
#include "objects/str/str.h"

#include "objects/str/handlers.h"

KrErrors
kr_errors_by_name(const char *errors)
{
    static const struct {
        const char *name;
        KrErrors kind;
    } known[] = {
        {"strict", KR_ERRORS_STRICT},
        {"ignore", KR_ERRORS_IGNORE},
        {"replace", KR_ERRORS_REPLACE},
        {"surrogateescape", KR_ERRORS_SURROGATEESCAPE},
        {"surrogatepass", KR_ERRORS_SURROGATEPASS},
        {"backslashreplace", KR_ERRORS_BACKSLASHREPLACE},
        {"xmlcharrefreplace", KR_ERRORS_XMLCHARREFREPLACE},
        {"namereplace", KR_ERRORS_NAMEREPLACE},
    };
    if (errors == NULL) {
        return KR_ERRORS_STRICT;
    }
    for (int i = 0; i < KR_ARRAY_LEN(known); i++) {
        if (strcmp(errors, known[i].name) == 0) {
            return known[i].kind;
        }
    }
    return KR_ERRORS_OTHER;
}

// --- Decoding -------------------------------------------------------------------------

void
kr_decoder_init(KrDecoder *decoder, const char *encoding, const char *errors, const char *s,
                Py_ssize_t size)
{
    memset(decoder, 0, sizeof(*decoder));
    decoder->encoding = encoding;
    decoder->errors = errors;
    decoder->start = s;
    decoder->end = s + size;
    _PyUnicodeWriter_Init(&decoder->writer);
    decoder->writer.overallocate = 1;
}

// Releases all but the writer.
static void
decoder_release(KrDecoder *decoder)
{
    Py_CLEAR(decoder->handler);
    Py_CLEAR(decoder->exception);
    Py_CLEAR(decoder->object);
}

PyObject *
kr_decoder_finish(KrDecoder *decoder)
{
    decoder_release(decoder);
    return _PyUnicodeWriter_Finish(&decoder->writer);
}

void
kr_decoder_discard(KrDecoder *decoder)
{
    decoder_release(decoder);
    _PyUnicodeWriter_Dealloc(&decoder->writer);
}

static int
decoder_exception(KrDecoder *decoder, Py_ssize_t from, Py_ssize_t to, const char *reason)
{
    PyObject *exc = decoder->exception;
    if (exc == NULL) {
        decoder->exception =
            PyUnicodeDecodeError_Create(decoder->encoding, decoder->start,
                                        decoder->end - decoder->start, from, to, reason);
        return decoder->exception == NULL ? -1 : 0;
    }
    if (PyUnicodeDecodeError_SetStart(exc, from) < 0
        || PyUnicodeDecodeError_SetEnd(exc, to) < 0) {
        return -1;
    }
    return PyUnicodeDecodeError_SetReason(exc, reason);
}

static int
decoder_raise(KrDecoder *decoder, Py_ssize_t from, Py_ssize_t to, const char *reason)
{
    if (decoder_exception(decoder, from, to, reason) == 0) {
        PyErr_SetObject(PyExc_UnicodeDecodeError, decoder->exception);
    }
    return -1;
}

// The builtin handlers without objects: 1 served, 0 not for them, -1 error.
static int
decode_natively(KrDecoder *decoder, Py_ssize_t from, Py_ssize_t to)
{
    _PyUnicodeWriter *writer = &decoder->writer;
    const unsigned char *s = (const unsigned char *)decoder->start;
    switch (decoder->kind) {
    case KR_ERRORS_IGNORE:
        return 1;
    case KR_ERRORS_REPLACE:
        return _PyUnicodeWriter_WriteChar(writer, 0xfffd) < 0 ? -1 : 1;
    case KR_ERRORS_SURROGATEESCAPE:
        for (Py_ssize_t i = from; i < to; i++) {
            if (s[i] < 128) {
                return 0;
            }
        }
        if (_PyUnicodeWriter_Prepare(writer, to - from, 0xdcff) < 0) {
            return -1;
        }
        for (Py_ssize_t i = from; i < to; i++) {
            PyUnicode_WRITE(writer->kind, writer->data, writer->pos, 0xdc00u + s[i]);
            writer->pos++;
        }
        return 1;
    case KR_ERRORS_BACKSLASHREPLACE:
        for (Py_ssize_t i = from; i < to; i++) {
            char escape[5] = {'\\', 'x', Py_hexdigits[s[i] >> 4], Py_hexdigits[s[i] & 15], 0};
            if (_PyUnicodeWriter_WriteASCIIString(writer, escape, 4) < 0) {
                return -1;
            }
        }
        return 1;
    default:
        return 0;
    }
}

// Reads what a handler returned: (str, position). The position may count from the
// end of an input of the given size.
static int
read_answer(PyObject *answer, bool bytes_too, const char *complaint, Py_ssize_t size,
            PyObject **text_out, Py_ssize_t *next_out)
{
    PyObject *text = NULL, *position = NULL;
    if (PyTuple_Check(answer) && PyTuple_GET_SIZE(answer) == 2) {
        text = PyTuple_GET_ITEM(answer, 0);
        position = PyTuple_GET_ITEM(answer, 1);
    }
    if (text == NULL || !(PyUnicode_Check(text) || (bytes_too && PyBytes_Check(text)))
        || !PyIndex_Check(position)) {
        PyErr_SetString(PyExc_TypeError, complaint);
        return -1;
    }
    Py_ssize_t next = PyNumber_AsSsize_t(position, PyExc_IndexError);
    if (next == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (next < 0) {
        next += size;
    }
    if (next < 0 || next > size) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", next);
        return -1;
    }
    *text_out = text;
    *next_out = next;
    return 0;
}

// A handler may have put another object into the exception: go on with that.
static int
adopt_object(KrDecoder *decoder)
{
    PyObject *object = PyUnicodeDecodeError_GetObject(decoder->exception);
    if (object == NULL) {
        return -1;
    }
    if (!PyBytes_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "exception attribute object must be bytes");
        Py_DECREF(object);
        return -1;
    }
    decoder->start = PyBytes_AS_STRING(object);
    decoder->end = decoder->start + PyBytes_GET_SIZE(object);
    Py_XSETREF(decoder->object, object);
    return 0;
}

static int
decode_by_handler(KrDecoder *decoder, Py_ssize_t from, Py_ssize_t to, const char *reason,
                  const char **next_out)
{
    if (decoder->handler == NULL) {
        decoder->handler = PyCodec_LookupError(decoder->errors);
        if (decoder->handler == NULL) {
            return -1;
        }
    }
    if (decoder_exception(decoder, from, to, reason) < 0) {
        return -1;
    }
    PyObject *answer = PyObject_CallOneArg(decoder->handler, decoder->exception);
    if (answer == NULL) {
        return -1;
    }
    PyObject *text;
    Py_ssize_t next;
    int status = -1;
    if (!PyTuple_Check(answer) || adopt_object(decoder) == 0) {
        status = read_answer(answer, false,
                             "decoding error handler must return (str, int) tuple",
                             decoder->end - decoder->start, &text, &next);
    }
    if (status == 0) {
        *next_out = decoder->start + next;
        status = _PyUnicodeWriter_WriteStr(&decoder->writer, text);
    }
    Py_DECREF(answer);
    return status;
}

int
kr_decoder_error(KrDecoder *decoder, Py_ssize_t from, Py_ssize_t to, const char *reason,
                 const char **next)
{
    if (decoder->kind == KR_ERRORS_UNKNOWN) {
        decoder->kind = kr_errors_by_name(decoder->errors);
    }
    if (decoder->kind == KR_ERRORS_STRICT) {
        return decoder_raise(decoder, from, to, reason);
    }
    int status = decode_natively(decoder, from, to);
    if (status > 0) {
        *next = decoder->start + to;
        return 0;
    }
    if (status < 0) {
        return -1;
    }
    return decode_by_handler(decoder, from, to, reason, next);
}

// --- Encoding ---------------------------------------------------------------------------

void
kr_encoder_init(KrEncoder *encoder, const char *encoding, const char *errors, PyObject *text)
{
    memset(encoder, 0, sizeof(*encoder));
    encoder->encoding = encoding;
    encoder->errors = errors;
    encoder->text = text;
}

int
kr_encoder_reserve(KrEncoder *encoder, Py_ssize_t more)
{
    if (more <= encoder->room - encoder->size) {
        return 0;
    }
    if (more > PY_SSIZE_T_MAX / 2 - encoder->size) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t room = encoder->size + more;
    if (encoder->room > 0) {
        room += room / 4;
    }
    char *data = PyMem_Realloc(encoder->data, (size_t)room);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    encoder->data = data;
    encoder->room = room;
    return 0;
}

int
kr_encoder_add(KrEncoder *encoder, const char *bytes, Py_ssize_t count)
{
    if (kr_encoder_reserve(encoder, count) < 0) {
        return -1;
    }
    if (count > 0) {
        memcpy(encoder->data + encoder->size, bytes, (size_t)count);
        encoder->size += count;
    }
    return 0;
}

void
kr_encoder_discard(KrEncoder *encoder)
{
    Py_CLEAR(encoder->handler);
    Py_CLEAR(encoder->exception);
    PyMem_Free(encoder->data);
    encoder->data = NULL;
}

PyObject *
kr_encoder_finish(KrEncoder *encoder)
{
    PyObject *bytes = PyBytes_FromStringAndSize(encoder->data, encoder->size);
    if (encoder->size == 0 && bytes == NULL && !PyErr_Occurred()) {
        bytes = PyBytes_FromStringAndSize("", 0);
    }
    kr_encoder_discard(encoder);
    return bytes;
}

static int
encoder_exception(KrEncoder *encoder, Py_ssize_t from, Py_ssize_t to, const char *reason)
{
    PyObject *exc = encoder->exception;
    if (exc == NULL) {
        encoder->exception =
            PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", encoder->encoding,
                                  encoder->text, from, to, reason);
        return encoder->exception == NULL ? -1 : 0;
    }
    if (PyUnicodeEncodeError_SetStart(exc, from) < 0
        || PyUnicodeEncodeError_SetEnd(exc, to) < 0) {
        return -1;
    }
    return PyUnicodeEncodeError_SetReason(exc, reason);
}

void
kr_encoder_raise(KrEncoder *encoder, Py_ssize_t from, Py_ssize_t to, const char *reason)
{
    if (encoder_exception(encoder, from, to, reason) == 0) {
        PyErr_SetObject(PyExc_UnicodeEncodeError, encoder->exception);
    }
}

int
kr_encoder_handle(KrEncoder *encoder, Py_ssize_t from, Py_ssize_t to, const char *reason,
                  PyObject **replacement_out, Py_ssize_t *next_out)
{
    if (encoder->kind == KR_ERRORS_UNKNOWN) {
        encoder->kind = kr_errors_by_name(encoder->errors);
    }
    *next_out = to;
    switch (encoder->kind) {
    case KR_ERRORS_STRICT:
        kr_encoder_raise(encoder, from, to, reason);
        return -1;
    case KR_ERRORS_IGNORE:
        *replacement_out = kr_empty_str();
        return 0;
    case KR_ERRORS_REPLACE:
        *replacement_out = kr_question_marks(to - from);
        return *replacement_out == NULL ? -1 : 0;
    case KR_ERRORS_BACKSLASHREPLACE:
        *replacement_out = kr_backslash_escapes(encoder->text, from, to);
        return *replacement_out == NULL ? -1 : 0;
    case KR_ERRORS_XMLCHARREFREPLACE:
        *replacement_out = kr_xml_references(encoder->text, from, to);
        return *replacement_out == NULL ? -1 : 0;
    case KR_ERRORS_NAMEREPLACE:
        *replacement_out = kr_name_escapes(encoder->text, from, to);
        return *replacement_out == NULL ? -1 : 0;
    case KR_ERRORS_SURROGATEESCAPE:
        *replacement_out = kr_unescaped_bytes(encoder->text, from, to, next_out);
        if (*replacement_out == NULL && !PyErr_Occurred()) {
            kr_encoder_raise(encoder, from, to, reason);
        }
        return *replacement_out == NULL ? -1 : 0;
    default:
        break;
    }
    if (encoder->handler == NULL) {
        encoder->handler = PyCodec_LookupError(encoder->errors);
        if (encoder->handler == NULL) {
            return -1;
        }
    }
    if (encoder_exception(encoder, from, to, reason) < 0) {
        return -1;
    }
    PyObject *answer = PyObject_CallOneArg(encoder->handler, encoder->exception);
    if (answer == NULL) {
        return -1;
    }
    int status = read_answer(answer, true,
                             "encoding error handler must return (str/bytes, int) tuple",
                             PyUnicode_GET_LENGTH(encoder->text), replacement_out, next_out);
    if (status == 0) {
        Py_INCREF(*replacement_out);
    }
    Py_DECREF(answer);
    return status;
}
