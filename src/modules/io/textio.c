// SPDX-License-Identifier: MIT
// textio.c - TextIOWrapper: text over a buffered binary stream.
//
// Writing: text is encoded at once and collected in pending bytes, which go to
// the buffer in chunks. Reading: chunks of bytes are decoded; `decoded` holds the
// text of the last chunk, `used` tells how much of it was given out. A snapshot
// (state of the decoder, bytes it was fed since) allows tell() in the middle of a
// chunk: the position is packed into one int, see Cookie.
#include "modules/io/io.h"

#include <structmember.h>

typedef struct {
    KrIOBase base;
    PyObject *buffer;      // owned; NULL: uninitialised or detached
    PyObject *encoding;    // owned str
    PyObject *errors;      // owned str
    PyObject *encoder;     // owned, or NULL when writing is not possible
    PyObject *decoder;     // owned, or NULL when reading is not possible
    PyObject *read_nl;     // owned str, or NULL: universal newlines
    const char *write_nl;  // what \n is written as, NULL: itself
    PyObject *pending;     // list of bytes not yet written, or NULL
    Py_ssize_t pending_size;
    PyObject *decoded;     // str, or NULL
    Py_ssize_t used;       // characters of decoded given out
    PyObject *snapshot;    // (flags, bytes), or NULL
    Py_ssize_t chunk_size;
    double b2c;            // bytes a character, estimated
    bool ready;
    bool detached;
    bool line_buffering;
    bool write_through;
    bool universal;
    bool translate;
    bool seekable;
    bool has_read1;
    bool telling;
    bool fast_utf8;        // encoding is UTF-8 and errors are strict
    char finalizing;
} TextIO;

typedef struct {
    int64_t start;       // where to seek in the buffer
    int flags;           // state of the decoder there
    int feed;            // bytes to feed from there
    int skip;            // characters to skip then
    bool eof;            // whether to feed with final=True
} Cookie;

static int
check_ready(TextIO *self)
{
    if (self->ready) {
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, self->detached ? "underlying buffer has been detached"
                                                     : "I/O operation on uninitialized object");
    return -1;
}

static int
check_open(TextIO *self)
{
    if (check_ready(self) < 0) {
        return -1;
    }
    int closed = kr_io_is_closed(self->buffer);
    if (closed > 0) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
    }
    return closed == 0 ? 0 : -1;
}

// --- Making ------------------------------------------------------------------------------

// Finds the codec; LookupError if it is none for text. New reference.
static PyObject *
find_codec(PyObject *encoding)
{
    PyObject *codecs = PyImport_ImportModule("_codecs"), *info = NULL, *flag = NULL;
    if (codecs == NULL) {
        return NULL;
    }
    info = PyObject_CallMethod(codecs, "lookup", "O", encoding);
    Py_DECREF(codecs);
    if (info == NULL) {
        return NULL;
    }
    if (PyObject_GetOptionalAttr(info, KR_ID(_is_text_encoding), &flag) > 0) {
        int text = PyObject_IsTrue(flag);
        Py_DECREF(flag);
        if (text == 0) {
            PyErr_Format(PyExc_LookupError,
                         "'%U' is not a text encoding; use codecs.open() to handle arbitrary "
                         "codecs",
                         encoding);
        }
        if (text <= 0) {
            Py_CLEAR(info);
        }
    }
    else if (PyErr_Occurred()) {
        Py_CLEAR(info);
    }
    return info;
}

static int
make_decoder(TextIO *self, PyObject *codec)
{
    PyObject *answer = PyObject_CallMethodNoArgs(self->buffer, KR_ID(readable));
    int readable = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    Py_CLEAR(self->decoder);
    if (readable <= 0) {
        return readable;
    }
    PyObject *decoder = PyObject_CallMethod(codec, "incrementaldecoder", "O", self->errors);
    if (decoder == NULL) {
        return -1;
    }
    if (self->universal) {
        self->decoder = kr_newline_decoder_new(decoder, self->translate);
        Py_DECREF(decoder);
        return self->decoder == NULL ? -1 : 0;
    }
    self->decoder = decoder;
    return 0;
}

static int
make_encoder(TextIO *self, PyObject *codec)
{
    PyObject *answer = PyObject_CallMethodNoArgs(self->buffer, KR_ID(writable)), *name;
    int writable = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    Py_CLEAR(self->encoder);
    self->fast_utf8 = false;
    if (writable <= 0) {
        return writable;
    }
    self->encoder = PyObject_CallMethod(codec, "incrementalencoder", "O", self->errors);
    if (self->encoder == NULL) {
        return -1;
    }
    if (PyObject_GetOptionalAttr(codec, KR_ID(name), &name) < 0) {
        return -1;
    }
    if (name != NULL && PyUnicode_Check(name)) {
        self->fast_utf8 = PyUnicode_EqualToUTF8(name, "utf-8");
    }
    Py_XDECREF(name);
    return 0;
}

static int
valid_newline(const char *newline)
{
    if (newline == NULL || strcmp(newline, "") == 0 || strcmp(newline, "\n") == 0 ||
        strcmp(newline, "\r") == 0 || strcmp(newline, "\r\n") == 0) {
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "illegal newline value: %s", newline);
    return -1;
}

static int
set_newline(TextIO *self, const char *newline)
{
    Py_CLEAR(self->read_nl);
    if (newline != NULL) {
        self->read_nl = PyUnicode_FromString(newline);
        if (self->read_nl == NULL) {
            return -1;
        }
    }
    self->universal = newline == NULL || *newline == '\0';
    self->translate = newline == NULL;
    self->write_nl = newline == NULL || *newline != '\r' ? NULL
                     : strcmp(newline, "\r") == 0        ? "\r" : "\r\n";
    return 0;
}

// The encoding that encoding=None or "locale" means; new reference.
static PyObject *
locale_encoding(void)
{
    PyObject *module = PyImport_ImportModule("_locale"), *result = NULL;
    if (module != NULL) {
        result = PyObject_CallMethod(module, "getencoding", NULL);
        Py_DECREF(module);
        if (result != NULL) {
            return result;
        }
    }
    PyErr_Clear();
    return PyUnicode_FromString("utf-8");
}

// After seeking to the start, an encoder may write its mark; elsewhere it must not.
static int
set_encoder_start(TextIO *self)
{
    if (!self->seekable || self->encoder == NULL) {
        return 0;
    }
    PyObject *at = PyObject_CallMethodNoArgs(self->buffer, KR_ID(tell));
    if (at == NULL) {
        return -1;
    }
    int64_t position = kr_io_offset(at);
    Py_DECREF(at);
    if (position == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (position != 0) {
        PyObject *result = PyObject_CallMethod(self->encoder, "setstate", "i", 0);
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
    }
    return 0;
}

KR_INIT(textio,
        "TextIOWrapper(buffer, encoding=None, errors=None, newline=None, "
        "line_buffering=False, write_through=False)",
        "Character and line based layer over a BufferedIOBase object, buffer.")
static int
textio_init_impl(TextIO *self, PyObject *buffer, PyObject *encoding, PyObject *errors,
                 PyObject *newline, bool line_buffering, bool write_through)
{
    PyObject *codec = NULL, *answer = NULL;
    const char *newline_text = NULL;
    self->ready = self->detached = false;
    if (encoding == Py_None || encoding == NULL) {
        const PyConfig *config = &kr_interp()->runtime.config;
        if (config->warn_default_encoding &&
            PyErr_WarnEx(PyExc_EncodingWarning, "'encoding' argument not specified", 1) < 0) {
            return -1;
        }
    }
    if (errors == Py_None || errors == NULL) {
        errors = PyUnicode_FromString("strict");
    }
    else if (!PyUnicode_Check(errors)) {
        PyErr_Format(PyExc_TypeError,
                     "TextIOWrapper() argument 'errors' must be str or None, not %.50s",
                     Py_TYPE(errors)->tp_name);
        return -1;
    }
    else {
        Py_INCREF(errors);
    }
    if (errors == NULL) {
        return -1;
    }
    Py_XSETREF(self->errors, errors);
    if (newline != NULL && newline != Py_None) {
        if (!PyUnicode_Check(newline)) {
            PyErr_Format(PyExc_TypeError,
                         "TextIOWrapper() argument 'newline' must be str or None, not %.50s",
                         Py_TYPE(newline)->tp_name);
            return -1;
        }
        newline_text = PyUnicode_AsUTF8(newline);
        if (newline_text == NULL) {
            return -1;
        }
    }
    if (valid_newline(newline_text) < 0) {
        return -1;
    }
    Py_CLEAR(self->encoding);
    if (encoding == NULL || encoding == Py_None ||
        (PyUnicode_Check(encoding) && PyUnicode_EqualToUTF8(encoding, "locale"))) {
        self->encoding = kr_utf8_mode()
                             ? PyUnicode_FromString("utf-8") : locale_encoding();
    }
    else if (PyUnicode_Check(encoding)) {
        self->encoding = Py_NewRef(encoding);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "TextIOWrapper() argument 'encoding' must be str or None, not %.50s",
                     Py_TYPE(encoding)->tp_name);
    }
    if (self->encoding == NULL) {
        return -1;
    }
    codec = find_codec(self->encoding);
    if (codec == NULL || set_newline(self, newline_text) < 0) {
        goto failed;
    }
    Py_XSETREF(self->buffer, Py_NewRef(buffer));
    self->line_buffering = line_buffering;
    self->write_through = write_through;
    self->chunk_size = 8192;
    self->b2c = 0;
    self->used = 0;
    self->pending_size = 0;
    Py_CLEAR(self->pending);
    Py_CLEAR(self->decoded);
    Py_CLEAR(self->snapshot);
    if (make_decoder(self, codec) < 0 || make_encoder(self, codec) < 0) {
        goto failed;
    }
    answer = PyObject_CallMethodNoArgs(buffer, KR_ID(seekable));
    int seekable = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    int read1 = seekable < 0 ? -1 : PyObject_HasAttrWithError(buffer, KR_ID(read1));
    if (read1 < 0) {
        goto failed;
    }
    self->seekable = self->telling = seekable;
    self->has_read1 = read1;
    if (set_encoder_start(self) < 0) {
        goto failed;
    }
    Py_DECREF(codec);
    self->ready = true;
    return 0;

failed:
    Py_XDECREF(codec);
    return -1;
}

// --- Writing -------------------------------------------------------------------------------

// Hands the pending bytes to the buffer.
static int
write_pending(TextIO *self)
{
    if (self->pending == NULL) {
        return 0;
    }
    PyObject *list = KR_MOVE(self->pending), *bytes;
    self->pending_size = 0;
    if (PyList_GET_SIZE(list) == 1) {
        bytes = Py_NewRef(PyList_GET_ITEM(list, 0));
    }
    else {
        PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
        bytes = empty == NULL ? NULL : PyBytes_Join(empty, list);
        Py_XDECREF(empty);
    }
    Py_DECREF(list);
    if (bytes == NULL) {
        return -1;
    }
    PyObject *result;
    do {
        result = PyObject_CallMethodOneArg(self->buffer, KR_ID(write), bytes);
    } while (result == NULL && kr_io_trap_eintr());
    Py_DECREF(bytes);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

// Takes the text back that was decoded and not given out: it becomes stale.
static void
drop_decoded(TextIO *self)
{
    Py_CLEAR(self->decoded);
    self->used = 0;
}

static PyObject *
encode(TextIO *self, PyObject *text)
{
    if (self->fast_utf8) {
        return PyUnicode_AsEncodedString(text, "utf-8", PyUnicode_AsUTF8(self->errors));
    }
    PyObject *bytes = PyObject_CallMethodOneArg(self->encoder, KR_ID(encode), text);
    if (bytes != NULL && !PyBytes_Check(bytes)) {
        PyErr_Format(PyExc_TypeError, "encoder should return a bytes object, not '%.200s'",
                     Py_TYPE(bytes)->tp_name);
        Py_CLEAR(bytes);
    }
    return bytes;
}

static bool
has_char(PyObject *text, Py_UCS4 ch)
{
    return PyUnicode_FindChar(text, ch, 0, PyUnicode_GET_LENGTH(text), 1) >= 0;
}

static int
reset_decoder(TextIO *self)
{
    drop_decoded(self);
    Py_CLEAR(self->snapshot);
    if (self->decoder != NULL) {
        PyObject *result = PyObject_CallMethodNoArgs(self->decoder, KR_ID(reset));
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
    }
    return 0;
}

KR_METHOD(textio, "write(self, text, /)", "")
static PyObject *
textio_write(TextIO *self, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "write() argument must be str, not %.50s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    if (check_open(self) < 0) {
        return NULL;
    }
    if (self->encoder == NULL) {
        return kr_io_unsupported("not writable");
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    bool newline = (self->write_nl != NULL || self->line_buffering) && has_char(text, '\n');
    bool flush = self->line_buffering && (newline || has_char(text, '\r'));
    PyObject *ready = Py_NewRef(text);
    if (newline && self->write_nl != NULL) {
        PyObject *lf = PyUnicode_FromString("\n");
        PyObject *nl = PyUnicode_FromString(self->write_nl);
        PyObject *replaced = lf == NULL || nl == NULL ? NULL
                                                      : PyUnicode_Replace(text, lf, nl, -1);
        Py_XDECREF(lf);
        Py_XDECREF(nl);
        Py_SETREF(ready, replaced);
        if (ready == NULL) {
            return NULL;
        }
    }
    PyObject *bytes = encode(self, ready);
    Py_DECREF(ready);
    if (bytes == NULL) {
        return NULL;
    }
    Py_ssize_t n = PyBytes_GET_SIZE(bytes);
    if (self->pending != NULL && self->pending_size + n > self->chunk_size &&
        write_pending(self) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    if (self->pending == NULL) {
        self->pending = PyList_New(0);
        self->pending_size = 0;
    }
    int status = self->pending == NULL ? -1 : PyList_Append(self->pending, bytes);
    Py_DECREF(bytes);
    if (status < 0) {
        return NULL;
    }
    self->pending_size += n;
    if ((self->pending_size >= self->chunk_size || flush || self->write_through) &&
        write_pending(self) < 0) {
        return NULL;
    }
    if (flush) {
        PyObject *result = PyObject_CallMethodNoArgs(self->buffer, KR_ID(flush));
        if (result == NULL) {
            return NULL;
        }
        Py_DECREF(result);
    }
    if (self->snapshot != NULL || self->decoded != NULL) {
        if (reset_decoder(self) < 0) {
            return NULL;
        }
    }
    return PyLong_FromSsize_t(length);
}

// --- Reading -------------------------------------------------------------------------------

static PyObject *
decode(TextIO *self, PyObject *bytes, bool final)
{
    if (Py_IS_TYPE(self->decoder, &kr_newline_decoder_type)) {
        return kr_newline_decode(self->decoder, bytes, final);
    }
    PyObject *args[3] = {self->decoder, bytes, final ? Py_True : Py_False};
    PyObject *text = PyObject_VectorcallMethod(KR_ID(decode), args, 3, NULL);
    if (text != NULL && !PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "decoder should return a string result, not '%.200s'",
                     Py_TYPE(text)->tp_name);
        Py_CLEAR(text);
    }
    return text;
}

// Reads and decodes another chunk. 1: there is text, 0: the end, -1: error.
static int
read_chunk(TextIO *self, Py_ssize_t hint)
{
    PyObject *flags = NULL, *held = NULL, *bytes = NULL;
    int status = -1;
    if (self->decoder == NULL) {
        kr_io_unsupported("not readable");
        return -1;
    }
    if (self->telling) {
        PyObject *state = PyObject_CallMethodNoArgs(self->decoder, KR_ID(getstate));
        if (state == NULL) {
            return -1;
        }
        if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) != 2 ||
            !PyBytes_Check(PyTuple_GET_ITEM(state, 0))) {
            PyErr_SetString(PyExc_TypeError, "illegal decoder state");
            Py_DECREF(state);
            return -1;
        }
        held = Py_NewRef(PyTuple_GET_ITEM(state, 0));
        flags = Py_NewRef(PyTuple_GET_ITEM(state, 1));
        Py_DECREF(state);
    }
    Py_ssize_t size = self->chunk_size;
    if (hint > 0) {
        double bytes_hint = (self->b2c > 1 ? self->b2c : 1) * (double)hint;
        if (bytes_hint > (double)size && bytes_hint < (double)PY_SSIZE_T_MAX) {
            size = (Py_ssize_t)bytes_hint;
        }
    }
    do {
        bytes = PyObject_CallMethod(self->buffer, self->has_read1 ? "read1" : "read", "n",
                                    size);
    } while (bytes == NULL && kr_io_trap_eintr());
    if (bytes == NULL) {
        goto done;
    }
    if (!PyObject_CheckBuffer(bytes)) {
        PyErr_Format(PyExc_TypeError,
                     "underlying %s() should have returned a bytes-like object, not '%.200s'",
                     self->has_read1 ? "read1" : "read", Py_TYPE(bytes)->tp_name);
        goto done;
    }
    Py_ssize_t n = PyObject_Size(bytes);
    if (n < 0) {
        goto done;
    }
    PyObject *text = decode(self, bytes, n == 0);
    if (text == NULL) {
        goto done;
    }
    Py_ssize_t characters = PyUnicode_GET_LENGTH(text);
    Py_XSETREF(self->decoded, text);
    self->used = 0;
    self->b2c = characters > 0 ? (double)n / (double)characters : 0;
    if (self->telling) {
        PyObject *plain = PyBytes_FromObject(bytes);
        if (plain == NULL) {
            goto done;
        }
        PyBytes_Concat(&held, plain);
        Py_DECREF(plain);
        if (held == NULL) {
            goto done;
        }
        Py_XSETREF(self->snapshot, PyTuple_Pack(2, flags, held));
        if (self->snapshot == NULL) {
            goto done;
        }
    }
    status = n > 0 || characters > 0;

done:
    Py_XDECREF(flags);
    Py_XDECREF(held);
    Py_XDECREF(bytes);
    return status;
}

// Up to n decoded characters, negative: all of them. New str.
static PyObject *
take_decoded(TextIO *self, Py_ssize_t n)
{
    if (self->decoded == NULL) {
        return PyUnicode_New(0, 0);
    }
    Py_ssize_t have = PyUnicode_GET_LENGTH(self->decoded) - self->used;
    if (n < 0 || n > have) {
        n = have;
    }
    PyObject *text = self->used > 0 || n < have
                         ? PyUnicode_Substring(self->decoded, self->used, self->used + n)
                         : Py_NewRef(self->decoded);
    if (text != NULL) {
        self->used += n;
    }
    return text;
}

static PyObject *
read_everything(TextIO *self)
{
    PyObject *bytes = PyObject_CallMethodNoArgs(self->buffer, KR_ID(read));
    if (bytes == NULL) {
        return NULL;
    }
    if (bytes == Py_None) {
        Py_DECREF(bytes);
        PyErr_SetString(PyExc_BlockingIOError, "Read returned None.");
        return NULL;
    }
    PyObject *rest = decode(self, bytes, true);
    Py_DECREF(bytes);
    PyObject *head = rest == NULL ? NULL : take_decoded(self, -1);
    PyObject *result = head == NULL ? NULL : PyUnicode_Concat(head, rest);
    Py_XDECREF(head);
    Py_XDECREF(rest);
    if (result != NULL) {
        drop_decoded(self);
        Py_CLEAR(self->snapshot);
    }
    return result;
}

static int
before_reading(TextIO *self)
{
    if (check_open(self) < 0) {
        return -1;
    }
    if (self->decoder == NULL) {
        kr_io_unsupported("not readable");
        return -1;
    }
    return write_pending(self);
}

KR_METHOD(textio, "read(self, size=-1, /)", "")
static PyObject *
textio_read(TextIO *self, PyObject *size_object)
{
    Py_ssize_t n = -1;
    if (size_object != NULL && size_object != Py_None) {
        n = PyNumber_AsSsize_t(size_object, PyExc_OverflowError);
        if (n == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (before_reading(self) < 0) {
        return NULL;
    }
    if (n < 0) {
        return read_everything(self);
    }
    PyObject *result = take_decoded(self, n);
    while (result != NULL && PyUnicode_GET_LENGTH(result) < n) {
        int more = read_chunk(self, n - PyUnicode_GET_LENGTH(result));
        if (more < 0) {
            if (kr_io_trap_eintr()) {
                continue;
            }
            Py_DECREF(result);
            return NULL;
        }
        if (more == 0) {
            break;
        }
        PyObject *part = take_decoded(self, n - PyUnicode_GET_LENGTH(result));
        PyUnicode_AppendAndDel(&result, part);
    }
    return result;
}

// One line; limit < 0: any length.
static PyObject *
read_line(TextIO *self, Py_ssize_t limit)
{
    PyObject *line = NULL; // what earlier chunks gave
    bool translated = self->translate || !self->universal ? self->translate : false;
    if (before_reading(self) < 0) {
        return NULL;
    }
    for (;;) {
        Py_ssize_t have = self->decoded == NULL
                              ? 0 : PyUnicode_GET_LENGTH(self->decoded) - self->used;
        if (have == 0) {
            int more = read_chunk(self, 0);
            if (more < 0) {
                if (kr_io_trap_eintr()) {
                    continue;
                }
                Py_XDECREF(line);
                return NULL;
            }
            if (more == 0) {
                drop_decoded(self);
                Py_CLEAR(self->snapshot);
                return line != NULL ? line : PyUnicode_New(0, 0);
            }
            continue;
        }
        Py_ssize_t total = have, searched, before = line ? PyUnicode_GET_LENGTH(line) : 0;
        if (limit >= 0 && total > limit - before) {
            total = limit - before;
        }
        // An end of two characters may lie across two chunks.
        if (line != NULL && self->read_nl != NULL && PyUnicode_GET_LENGTH(self->read_nl) == 2 &&
            before > 0 &&
            PyUnicode_READ_CHAR(line, before - 1) == PyUnicode_READ_CHAR(self->read_nl, 0) &&
            total > 0 && PyUnicode_READ_CHAR(self->decoded, self->used) ==
                             PyUnicode_READ_CHAR(self->read_nl, 1)) {
            PyObject *part = take_decoded(self, 1);
            PyUnicode_AppendAndDel(&line, part);
            return line;
        }
        Py_ssize_t end = kr_io_line_end(self->decoded, self->used, self->used + total,
                                        translated, self->universal, self->read_nl, &searched);
        Py_ssize_t n = end >= 0 ? end - self->used : total;
        PyObject *part = take_decoded(self, n);
        if (part == NULL) {
            Py_XDECREF(line);
            return NULL;
        }
        if (line == NULL) {
            line = part;
        }
        else {
            PyUnicode_AppendAndDel(&line, part);
            if (line == NULL) {
                return NULL;
            }
        }
        if (end >= 0 || (limit >= 0 && PyUnicode_GET_LENGTH(line) >= limit)) {
            return line;
        }
    }
}

KR_METHOD(textio, "readline(self, size=-1, /)", "")
static PyObject *
textio_readline(TextIO *self, Py_ssize_t size)
{
    return read_line(self, size);
}

static PyObject *
textio_iternext(PyObject *op)
{
    TextIO *self = (TextIO *)op;
    PyObject *line;
    if (check_ready(self) < 0) {
        return NULL;
    }
    self->telling = false;
    if (Py_IS_TYPE(op, &kr_textiowrapper_type)) {
        line = read_line(self, -1);
    }
    else {
        line = PyObject_CallMethodNoArgs(op, KR_ID(readline));
        if (line != NULL && !PyUnicode_Check(line)) {
            PyErr_Format(PyExc_OSError,
                         "readline() should have returned a str object, not '%.200s'",
                         Py_TYPE(line)->tp_name);
            Py_CLEAR(line);
        }
    }
    if (line != NULL && PyUnicode_GET_LENGTH(line) == 0) {
        Py_CLEAR(line);
        Py_CLEAR(self->snapshot);
        self->telling = self->seekable;
    }
    return line;
}

// --- Position ------------------------------------------------------------------------------------

// The cookie: start in bits 0-63, flags 64-95, feed 96-127, skip 128-159, eof 160.
static PyObject *
pack_cookie(const Cookie *cookie)
{
    unsigned char raw[21];
    uint64_t start = (uint64_t)cookie->start;
    memcpy(raw, &start, 8);
    memcpy(raw + 8, &cookie->flags, 4);
    memcpy(raw + 12, &cookie->feed, 4);
    memcpy(raw + 16, &cookie->skip, 4);
    raw[20] = cookie->eof;
    return PyLong_FromUnsignedNativeBytes(raw, sizeof raw, Py_ASNATIVEBYTES_LITTLE_ENDIAN);
}

static int
unpack_cookie(PyObject *object, Cookie *cookie)
{
    unsigned char raw[21] = {0};
    PyObject *number = PyNumber_Index(object);
    if (number == NULL) {
        return -1;
    }
    Py_ssize_t n = PyLong_AsNativeBytes(number, raw, sizeof raw,
                                        Py_ASNATIVEBYTES_LITTLE_ENDIAN |
                                            Py_ASNATIVEBYTES_UNSIGNED_BUFFER);
    Py_DECREF(number);
    if (n < 0) {
        return -1;
    }
    if (n > (Py_ssize_t)sizeof raw) {
        PyErr_SetString(PyExc_OverflowError, "int too big to convert");
        return -1;
    }
    memcpy(&cookie->start, raw, 8);
    memcpy(&cookie->flags, raw + 8, 4);
    memcpy(&cookie->feed, raw + 12, 4);
    memcpy(&cookie->skip, raw + 16, 4);
    cookie->eof = raw[20] != 0;
    return 0;
}

static int
decoder_setstate(TextIO *self, PyObject *held, PyObject *flags)
{
    PyObject *result = PyObject_CallMethod(self->decoder, "setstate", "((OO))", held, flags);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

// The number of bytes of `input` after which, starting from flags, the decoder has
// given exactly `skip` characters or the most below it, being in a plain state.
static int
find_feed(TextIO *self, PyObject *flags, PyObject *input, Py_ssize_t skip, Cookie *cookie)
{
    PyObject *saved = PyObject_CallMethodNoArgs(self->decoder, KR_ID(getstate));
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
    Py_ssize_t fed = 0, safe_fed = 0, characters = 0, safe_characters = 0;
    PyObject *safe_flags = Py_NewRef(flags);
    int status = -1;
    if (saved == NULL || empty == NULL || decoder_setstate(self, empty, flags) < 0) {
        goto done;
    }
    while (characters < skip && fed < PyBytes_GET_SIZE(input)) {
        PyObject *byte = PyBytes_FromStringAndSize(PyBytes_AS_STRING(input) + fed, 1);
        PyObject *text = byte == NULL ? NULL : decode(self, byte, false);
        Py_XDECREF(byte);
        if (text == NULL) {
            goto done;
        }
        characters += PyUnicode_GET_LENGTH(text);
        Py_DECREF(text);
        fed++;
        PyObject *state = PyObject_CallMethodNoArgs(self->decoder, KR_ID(getstate));
        if (state == NULL || !PyTuple_Check(state) || PyTuple_GET_SIZE(state) != 2) {
            Py_XDECREF(state);
            goto done;
        }
        PyObject *held = PyTuple_GET_ITEM(state, 0);
        if (PyBytes_Check(held) && PyBytes_GET_SIZE(held) == 0 && characters <= skip) {
            safe_fed = fed;
            safe_characters = characters;
            Py_SETREF(safe_flags, Py_NewRef(PyTuple_GET_ITEM(state, 1)));
        }
        Py_DECREF(state);
    }
    cookie->eof = false;
    if (characters < skip) {
        PyObject *text = decode(self, empty, true);
        if (text == NULL) {
            goto done;
        }
        characters += PyUnicode_GET_LENGTH(text);
        Py_DECREF(text);
        cookie->eof = true;
        if (characters < skip) {
            PyErr_SetString(PyExc_OSError, "can't reconstruct logical file position");
            goto done;
        }
    }
    cookie->start += safe_fed;
    cookie->flags = PyLong_AsInt(safe_flags);
    if (cookie->flags == -1 && PyErr_Occurred()) {
        goto done;
    }
    cookie->skip = (int)(skip - safe_characters);
    cookie->feed = cookie->skip > 0 ? (int)(fed - safe_fed) : 0;
    if (cookie->skip == 0) {
        cookie->eof = false;
    }
    status = 0;

done:
    if (saved != NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        PyObject *result = PyObject_CallMethodOneArg(self->decoder, KR_ID(setstate), saved);
        if (result == NULL && exc == NULL) {
            status = -1;
        }
        else {
            PyErr_Clear();
            PyErr_SetRaisedException(exc);
        }
        Py_XDECREF(result);
    }
    Py_XDECREF(saved);
    Py_XDECREF(empty);
    Py_XDECREF(safe_flags);
    return status;
}

KR_METHOD(textio, "tell(self, /)", "Return the stream position as an opaque number.")
static PyObject *
textio_tell(TextIO *self)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    if (!self->seekable) {
        return kr_io_unsupported("underlying stream is not seekable");
    }
    if (!self->telling) {
        PyErr_SetString(PyExc_OSError, "telling position disabled by next() call");
        return NULL;
    }
    if (write_pending(self) < 0) {
        return NULL;
    }
    PyObject *flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    if (flushed == NULL) {
        return NULL;
    }
    Py_DECREF(flushed);
    PyObject *at = PyObject_CallMethodNoArgs(self->buffer, KR_ID(tell));
    if (at == NULL || self->decoder == NULL || self->snapshot == NULL) {
        return at;
    }
    Cookie cookie = {0};
    cookie.start = kr_io_offset(at);
    Py_DECREF(at);
    if (cookie.start == -1 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *flags = PyTuple_GET_ITEM(self->snapshot, 0);
    PyObject *input = PyTuple_GET_ITEM(self->snapshot, 1);
    cookie.start -= PyBytes_GET_SIZE(input);
    if (self->decoded == NULL || self->used == 0) {
        cookie.flags = PyLong_AsInt(flags);
        return cookie.flags == -1 && PyErr_Occurred() ? NULL : pack_cookie(&cookie);
    }
    if (find_feed(self, flags, input, self->used, &cookie) < 0) {
        return NULL;
    }
    return pack_cookie(&cookie);
}

static int
encoder_to(TextIO *self, bool start)
{
    if (self->encoder == NULL) {
        return 0;
    }
    PyObject *result = start ? PyObject_CallMethodNoArgs(self->encoder, KR_ID(reset))
                             : PyObject_CallMethod(self->encoder, "setstate", "i", 0);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

// Restores the decoder to what the cookie says, after seeking to its start.
static int
replay(TextIO *self, const Cookie *cookie)
{
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0), *flags = NULL, *input = NULL;
    PyObject *text = NULL;
    int status = -1;
    flags = PyLong_FromLong(cookie->flags);
    if (empty == NULL || flags == NULL) {
        goto done;
    }
    if (cookie->start == 0 && cookie->flags == 0) {
        PyObject *result = PyObject_CallMethodNoArgs(self->decoder, KR_ID(reset));
        if (result == NULL) {
            goto done;
        }
        Py_DECREF(result);
    }
    else if (decoder_setstate(self, empty, flags) < 0) {
        goto done;
    }
    if (cookie->skip == 0) {
        Py_XSETREF(self->snapshot, PyTuple_Pack(2, flags, empty));
        status = self->snapshot == NULL ? -1 : 0;
        goto done;
    }
    input = PyObject_CallMethod(self->buffer, "read", "i", cookie->feed);
    if (input == NULL) {
        goto done;
    }
    if (!PyBytes_Check(input)) {
        PyErr_Format(PyExc_TypeError,
                     "underlying read() should have returned a bytes object, not '%.200s'",
                     Py_TYPE(input)->tp_name);
        goto done;
    }
    text = decode(self, input, cookie->eof);
    if (text == NULL) {
        goto done;
    }
    if (PyUnicode_GET_LENGTH(text) < cookie->skip) {
        PyErr_SetString(PyExc_OSError, "can't restore logical file position");
        goto done;
    }
    Py_XSETREF(self->snapshot, PyTuple_Pack(2, flags, input));
    if (self->snapshot == NULL) {
        goto done;
    }
    Py_XSETREF(self->decoded, KR_MOVE(text));
    self->used = cookie->skip;
    status = 0;

done:
    Py_XDECREF(empty);
    Py_XDECREF(flags);
    Py_XDECREF(input);
    Py_XDECREF(text);
    return status;
}

KR_METHOD(textio, "seek(self, cookie, whence=0, /)", "Set the stream position.")
static PyObject *
textio_seek(TextIO *self, PyObject *target, int whence)
{
    Cookie cookie;
    PyObject *result = NULL;
    if (check_open(self) < 0) {
        return NULL;
    }
    if (!self->seekable) {
        return kr_io_unsupported("underlying stream is not seekable");
    }
    Py_INCREF(target);
    if (whence == 1 || whence == 2) {
        int truth = PyObject_IsTrue(target);
        if (truth != 0) {
            Py_DECREF(target);
            return truth < 0 ? NULL
                             : kr_io_unsupported(whence == 1
                                                     ? "can't do nonzero cur-relative seeks"
                                                     : "can't do nonzero end-relative seeks");
        }
    }
    PyObject *flushed = NULL;
    if (whence == 1) {
        Py_SETREF(target, PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(tell)));
        if (target == NULL) {
            return NULL;
        }
    }
    else if (whence == 2) {
        Py_DECREF(target);
        flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
        if (flushed == NULL || reset_decoder(self) < 0) {
            Py_XDECREF(flushed);
            return NULL;
        }
        Py_DECREF(flushed);
        result = PyObject_CallMethod(self->buffer, "seek", "ii", 0, 2);
        if (result != NULL && self->encoder != NULL) {
            int64_t at = kr_io_offset(result);
            if (encoder_to(self, at == 0) < 0) {
                Py_CLEAR(result);
            }
        }
        return result;
    }
    else if (whence != 0) {
        Py_DECREF(target);
        PyErr_Format(PyExc_ValueError, "invalid whence (%d, should be 0, 1 or 2)", whence);
        return NULL;
    }
    PyObject *zero = PyLong_FromLong(0);
    int negative = zero == NULL ? -1 : PyObject_RichCompareBool(target, zero, Py_LT);
    Py_XDECREF(zero);
    if (negative != 0) {
        if (negative > 0) {
            PyErr_Format(PyExc_ValueError, "negative seek position %R", target);
        }
        goto done;
    }
    flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    if (flushed == NULL || unpack_cookie(target, &cookie) < 0) {
        goto done;
    }
    PyObject *moved = PyObject_CallMethod(self->buffer, "seek", "L", (long long)cookie.start);
    if (moved == NULL) {
        goto done;
    }
    Py_DECREF(moved);
    drop_decoded(self);
    Py_CLEAR(self->snapshot);
    if (self->decoder != NULL && replay(self, &cookie) < 0) {
        goto done;
    }
    if (encoder_to(self, cookie.start == 0 && cookie.flags == 0) < 0) {
        goto done;
    }
    self->telling = self->seekable;
    result = Py_NewRef(target);

done:
    Py_XDECREF(flushed);
    Py_DECREF(target);
    return result;
}

KR_METHOD(textio, "truncate(self, pos=None, /)", "")
static PyObject *
textio_truncate(TextIO *self, PyObject *pos)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    PyObject *flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    if (flushed == NULL) {
        return NULL;
    }
    Py_DECREF(flushed);
    return PyObject_CallMethodOneArg(self->buffer, KR_ID(truncate), pos != NULL ? pos : Py_None);
}

// --- The rest ------------------------------------------------------------------------------------

KR_METHOD(textio, "flush(self, /)", "")
static PyObject *
textio_flush(TextIO *self)
{
    if (check_open(self) < 0) {
        return NULL;
    }
    self->telling = self->seekable;
    if (write_pending(self) < 0) {
        return NULL;
    }
    return PyObject_CallMethodNoArgs(self->buffer, KR_ID(flush));
}

KR_METHOD(textio, "close(self, /)", "")
static PyObject *
textio_close(TextIO *self)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    int closed = kr_io_is_closed(self->buffer);
    if (closed != 0) {
        return closed < 0 ? NULL : Py_NewRef(Py_None);
    }
    if (self->finalizing) {
        PyObject *warned = PyObject_CallMethodOneArg(self->buffer, KR_ID(_dealloc_warn),
                                                     (PyObject *)self);
        if (warned == NULL) {
            PyErr_Clear();
        }
        Py_XDECREF(warned);
    }
    PyObject *flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    PyObject *exc = PyErr_GetRaisedException();
    Py_XDECREF(flushed);
    PyObject *result = PyObject_CallMethodNoArgs(self->buffer, KR_ID(close));
    if (exc != NULL) {
        if (result != NULL) {
            Py_CLEAR(result);
            PyErr_SetRaisedException(exc);
        }
        else {
            _PyErr_ChainExceptions1(exc);
        }
    }
    return result;
}

KR_METHOD(textio, "detach(self, /)", "")
static PyObject *
textio_detach(TextIO *self)
{
    if (check_ready(self) < 0) {
        return NULL;
    }
    PyObject *flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    if (flushed == NULL) {
        return NULL;
    }
    Py_DECREF(flushed);
    self->ready = false;
    self->detached = true;
    return KR_MOVE(self->buffer);
}

// The truth of an argument, or `keep` for None.
static int
flag_or(PyObject *value, bool keep)
{
    return value == NULL || value == Py_None ? keep : PyObject_IsTrue(value);
}

KR_METHOD(textio,
          "reconfigure(self, *, encoding=None, errors=None, newline=None{NULL}, "
          "line_buffering=None, write_through=None)",
          "Reconfigure the text stream with new parameters.")
static PyObject *
textio_reconfigure(TextIO *self, PyObject *encoding, PyObject *errors, PyObject *newline,
                   PyObject *line_buffering, PyObject *write_through)
{
    const char *text = NULL;
    if (check_ready(self) < 0) {
        return NULL;
    }
    if (self->decoded != NULL && (encoding != Py_None || errors != Py_None || newline != NULL)) {
        return kr_io_unsupported("It is not possible to set the encoding or newline of stream "
                                 "after the first read");
    }
    if ((encoding != Py_None && !PyUnicode_Check(encoding)) ||
        (errors != Py_None && !PyUnicode_Check(errors))) {
        PyErr_Format(PyExc_TypeError, "reconfigure() argument '%s' must be str or None, not %.50s",
                     encoding != Py_None && !PyUnicode_Check(encoding) ? "encoding" : "errors",
                     Py_TYPE(encoding != Py_None && !PyUnicode_Check(encoding) ? encoding
                                                                               : errors)->tp_name);
        return NULL;
    }
    if (newline != NULL && newline != Py_None) {
        if (!PyUnicode_Check(newline)) {
            PyErr_Format(PyExc_TypeError,
                         "reconfigure() argument 'newline' must be str or None, not %.50s",
                         Py_TYPE(newline)->tp_name);
            return NULL;
        }
        text = PyUnicode_AsUTF8(newline);
        if (text == NULL || valid_newline(text) < 0) {
            return NULL;
        }
    }
    int lines = flag_or(line_buffering, self->line_buffering);
    int through = lines < 0 ? -1 : flag_or(write_through, self->write_through);
    if (through < 0) {
        return NULL;
    }
    PyObject *flushed = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(flush));
    if (flushed == NULL) {
        return NULL;
    }
    Py_DECREF(flushed);
    if (newline != NULL && set_newline(self, text) < 0) {
        return NULL;
    }
    if (encoding != Py_None || errors != Py_None || newline != NULL) {
        if (encoding != Py_None) {
            PyObject *name = PyUnicode_EqualToUTF8(encoding, "locale") ? locale_encoding()
                                                                       : Py_NewRef(encoding);
            PyObject *codec = name == NULL ? NULL : find_codec(name);
            if (codec == NULL) {
                Py_XDECREF(name);
                return NULL;
            }
            Py_DECREF(codec);
            Py_SETREF(self->encoding, name);
            if (errors == Py_None) {
                Py_SETREF(self->errors, PyUnicode_FromString("strict"));
            }
        }
        if (errors != Py_None) {
            Py_SETREF(self->errors, Py_NewRef(errors));
        }
        PyObject *codec = find_codec(self->encoding);
        if (codec == NULL || make_decoder(self, codec) < 0 || make_encoder(self, codec) < 0 ||
            set_encoder_start(self) < 0) {
            Py_XDECREF(codec);
            return NULL;
        }
        Py_DECREF(codec);
    }
    self->line_buffering = lines;
    self->write_through = through;
    Py_RETURN_NONE;
}

static PyObject *
forward(TextIO *self, PyObject *name)
{
    return check_ready(self) < 0 ? NULL : PyObject_CallMethodNoArgs(self->buffer, name);
}

KR_METHOD(textio, "fileno(self, /)", "")
static PyObject *
textio_fileno(TextIO *self)
{
    return forward(self, KR_ID(fileno));
}

KR_METHOD(textio, "seekable(self, /)", "")
static PyObject *
textio_seekable(TextIO *self)
{
    return forward(self, KR_ID(seekable));
}

KR_METHOD(textio, "readable(self, /)", "")
static PyObject *
textio_readable(TextIO *self)
{
    return forward(self, KR_ID(readable));
}

KR_METHOD(textio, "writable(self, /)", "")
static PyObject *
textio_writable(TextIO *self)
{
    return forward(self, KR_ID(writable));
}

KR_METHOD(textio, "isatty(self, /)", "")
static PyObject *
textio_isatty(TextIO *self)
{
    return forward(self, KR_ID(isatty));
}

KR_METHOD_RAW(textio, "__getstate__", METH_NOARGS, "")
static PyObject *
textio___getstate__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyErr_Format(PyExc_TypeError, "cannot pickle '%.100s' instances",
                 _PyType_Name_utf8(Py_TYPE(op)));
    return NULL;
}

static PyObject *
textio_get_name(PyObject *op, void *Py_UNUSED(closure))
{
    TextIO *self = (TextIO *)op;
    return check_ready(self) < 0 ? NULL : PyObject_GetAttr(self->buffer, KR_ID(name));
}

static PyObject *
textio_get_closed(PyObject *op, void *Py_UNUSED(closure))
{
    TextIO *self = (TextIO *)op;
    return check_ready(self) < 0 ? NULL : PyObject_GetAttr(self->buffer, KR_ID(closed));
}

static PyObject *
textio_get_newlines(PyObject *op, void *Py_UNUSED(closure))
{
    TextIO *self = (TextIO *)op;
    PyObject *value;
    if (check_ready(self) < 0) {
        return NULL;
    }
    if (self->decoder == NULL ||
        PyObject_GetOptionalAttr(self->decoder, KR_ID(newlines), &value) == 0) {
        Py_RETURN_NONE;
    }
    return value;
}

static PyObject *
textio_get_errors(PyObject *op, void *Py_UNUSED(closure))
{
    TextIO *self = (TextIO *)op;
    return check_ready(self) < 0 ? NULL : Py_NewRef(self->errors);
}

static PyObject *
textio_get_chunk_size(PyObject *op, void *Py_UNUSED(closure))
{
    TextIO *self = (TextIO *)op;
    return check_ready(self) < 0 ? NULL : PyLong_FromSsize_t(self->chunk_size);
}

static int
textio_set_chunk_size(PyObject *op, PyObject *value, void *Py_UNUSED(closure))
{
    TextIO *self = (TextIO *)op;
    if (check_ready(self) < 0) {
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(value, PyExc_ValueError);
    if (n == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (n <= 0) {
        PyErr_SetString(PyExc_ValueError, "a strictly positive integer is required");
        return -1;
    }
    self->chunk_size = n;
    return 0;
}

static PyGetSetDef textio_attributes[] = {
    {"name", textio_get_name, NULL, NULL, NULL},
    {"closed", textio_get_closed, NULL, NULL, NULL},
    {"newlines", textio_get_newlines, NULL, NULL, NULL},
    {"errors", textio_get_errors, NULL, NULL, NULL},
    {"_CHUNK_SIZE", textio_get_chunk_size, textio_set_chunk_size, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef textio_members[] = {
    {"encoding", _Py_T_OBJECT, offsetof(TextIO, encoding), Py_READONLY, NULL},
    {"buffer", _Py_T_OBJECT, offsetof(TextIO, buffer), Py_READONLY, NULL},
    {"line_buffering", Py_T_BOOL, offsetof(TextIO, line_buffering), Py_READONLY, NULL},
    {"write_through", Py_T_BOOL, offsetof(TextIO, write_through), Py_READONLY, NULL},
    {"_finalizing", Py_T_BOOL, offsetof(TextIO, finalizing), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *
textio_repr(PyObject *op)
{
    TextIO *self = (TextIO *)op;
    PyObject *name = NULL, *mode = NULL, *text = NULL, *head = NULL;
    if (check_ready(self) < 0) {
        return NULL;
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        if (entered > 0) {
            PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__",
                         Py_TYPE(op)->tp_name);
        }
        return NULL;
    }
    if (PyObject_GetOptionalAttr(op, KR_ID(name), &name) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
            goto done;
        }
        PyErr_Clear();
    }
    if (PyObject_GetOptionalAttr(op, KR_ID(mode), &mode) < 0) {
        goto done;
    }
    head = name != NULL ? PyUnicode_FromFormat("<%s name=%R", Py_TYPE(op)->tp_name, name)
                        : PyUnicode_FromFormat("<%s", Py_TYPE(op)->tp_name);
    if (head != NULL && mode != NULL) {
        Py_SETREF(head, PyUnicode_FromFormat("%U mode=%R", head, mode));
    }
    if (head != NULL) {
        text = PyUnicode_FromFormat("%U encoding=%R>", head, self->encoding);
    }

done:
    Py_XDECREF(head);
    Py_XDECREF(name);
    Py_XDECREF(mode);
    Py_ReprLeave(op);
    return text;
}

static int
textio_traverse(PyObject *op, visitproc visit, void *arg)
{
    TextIO *self = (TextIO *)op;
    Py_VISIT(self->buffer);
    Py_VISIT(self->encoding);
    Py_VISIT(self->errors);
    Py_VISIT(self->encoder);
    Py_VISIT(self->decoder);
    Py_VISIT(self->read_nl);
    Py_VISIT(self->pending);
    Py_VISIT(self->decoded);
    Py_VISIT(self->snapshot);
    return kr_io_base_traverse(op, visit, arg);
}

static int
textio_tp_clear(PyObject *op)
{
    TextIO *self = (TextIO *)op;
    self->ready = false;
    Py_CLEAR(self->buffer);
    Py_CLEAR(self->encoding);
    Py_CLEAR(self->errors);
    Py_CLEAR(self->encoder);
    Py_CLEAR(self->decoder);
    Py_CLEAR(self->read_nl);
    Py_CLEAR(self->pending);
    Py_CLEAR(self->decoded);
    Py_CLEAR(self->snapshot);
    kr_io_base_clear(op);
    return 0;
}

static void
textio_dealloc(PyObject *op)
{
    TextIO *self = (TextIO *)op;
    self->finalizing = 1;
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return;
    }
    PyObject_GC_UnTrack(op);
    if (self->base.weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    textio_tp_clear(op);
    Py_TYPE(op)->tp_free(op);
}

KR_TYPE(textio)
#include "modules/io/textio.methods.h"

PyTypeObject kr_textiowrapper_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.TextIOWrapper",
    .tp_basicsize = sizeof(TextIO),
    .tp_dealloc = textio_dealloc,
    .tp_repr = textio_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = textio_doc,
    .tp_traverse = textio_traverse,
    .tp_clear = textio_tp_clear,
    .tp_weaklistoffset = offsetof(KrIOBase, weakreflist),
    .tp_iternext = textio_iternext,
    .tp_methods = textio_methods,
    .tp_members = textio_members,
    .tp_getset = textio_attributes,
    .tp_base = &kr_textiobase_type,
    .tp_dictoffset = offsetof(KrIOBase, dict),
    .tp_init = textio_init,
    .tp_new = PyType_GenericNew,
    .tp_finalize = kr_io_finalize,
};
