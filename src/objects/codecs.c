// SPDX-License-Identifier: MIT
// codecs.c - the registry: search functions, found codecs, error handlers.
//
// The registry belongs to an interpreter. Its first use imports the package
// encodings, which registers the search function for the standard codecs.
#include "objects/str/str.h"

#include "objects/ids.h"
#include "objects/state.h"

PyObject *kr_surrogate_escape_errors(PyObject *exc);
PyObject *kr_surrogate_pass_errors(PyObject *exc);

// --- Handlers as functions ------------------------------------------------------------

#define HANDLER(stem, function)                                                          \
    static PyObject *handler_##stem(PyObject *Py_UNUSED(none), PyObject *exc)            \
    {                                                                                    \
        return function(exc);                                                            \
    }
HANDLER(strict, PyCodec_StrictErrors)
HANDLER(ignore, PyCodec_IgnoreErrors)
HANDLER(replace, PyCodec_ReplaceErrors)
HANDLER(xml, PyCodec_XMLCharRefReplaceErrors)
HANDLER(backslash, PyCodec_BackslashReplaceErrors)
HANDLER(name, PyCodec_NameReplaceErrors)
HANDLER(pass, kr_surrogate_pass_errors)
HANDLER(escape, kr_surrogate_escape_errors)

static PyMethodDef handlers[] = {
    {"strict_errors", handler_strict, METH_O,
     "Raise the exception that the codec has made."},
    {"ignore_errors", handler_ignore, METH_O, "Leave out what cannot be converted."},
    {"replace_errors", handler_replace, METH_O,
     "Put a replacement character for what cannot be converted."},
    {"xmlcharrefreplace_errors", handler_xml, METH_O,
     "Put an XML character reference for what cannot be encoded."},
    {"backslashreplace_errors", handler_backslash, METH_O,
     "Put a backslashed escape for what cannot be converted."},
    {"namereplace_errors", handler_name, METH_O,
     "Put a \\N{...} escape for what cannot be encoded."},
    {"surrogatepass", handler_pass, METH_O, "Let surrogates through."},
    {"surrogateescape", handler_escape, METH_O,
     "Turn bytes that are no text into surrogates and back."},
};
static const char *const handler_names[] = {
    "strict",           "ignore",      "replace",       "xmlcharrefreplace",
    "backslashreplace", "namereplace", "surrogatepass", "surrogateescape",
};

// --- The state --------------------------------------------------------------------------

static int
make_registry(KrStrState *state)
{
    if (state->codec_errors != NULL) {
        return 0;
    }
    if (state->codec_search_path == NULL) {
        state->codec_search_path = PyList_New(0);
    }
    if (state->codec_cache == NULL) {
        state->codec_cache = PyDict_New();
    }
    PyObject *errors = PyDict_New();
    if (state->codec_search_path == NULL || state->codec_cache == NULL || errors == NULL) {
        Py_XDECREF(errors);
        return -1;
    }
    for (int i = 0; i < KR_ARRAY_LEN(handlers); i++) {
        PyObject *function = PyCFunction_New(&handlers[i], NULL);
        if (function == NULL || PyDict_SetItemString(errors, handler_names[i], function) < 0) {
            Py_XDECREF(function);
            Py_DECREF(errors);
            return -1;
        }
        Py_DECREF(function);
    }
    state->codec_errors = errors;
    return 0;
}

// The registry, with the standard search function in place.
static KrStrState *
ready_registry(void)
{
    KrStrState *state = &kr_interp()->str;
    if (make_registry(state) < 0) {
        return NULL;
    }
    if (!state->codecs_ready) {
        state->codecs_ready = true; // encodings looks codecs up itself
        PyObject *module = PyImport_ImportModule("encodings");
        if (module == NULL) {
            state->codecs_ready = false;
            return NULL;
        }
        Py_DECREF(module);
    }
    return state;
}

int
PyCodec_Register(PyObject *search_function)
{
    KrStrState *state = &kr_interp()->str;
    if (make_registry(state) < 0) {
        return -1;
    }
    if (search_function == NULL) {
        PyErr_BadArgument();
        return -1;
    }
    if (!PyCallable_Check(search_function)) {
        PyErr_SetString(PyExc_TypeError, "argument must be callable");
        return -1;
    }
    return PyList_Append(state->codec_search_path, search_function);
}

int
PyCodec_Unregister(PyObject *search_function)
{
    KrStrState *state = &kr_interp()->str;
    if (state->codec_search_path == NULL) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(state->codec_search_path); i++) {
        if (PyList_GET_ITEM(state->codec_search_path, i) == search_function) {
            PyDict_Clear(state->codec_cache);
            return PyList_SetSlice(state->codec_search_path, i, i + 1, NULL);
        }
    }
    return 0;
}

// The registry's form of a name: lower case, runs of anything but letters, digits
// and dots as one underscore (as encodings.normalize_encoding has it).
static PyObject *
normalised_name(const char *encoding)
{
    size_t length = strlen(encoding);
    if (length > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "string is too large");
        return NULL;
    }
    char *buffer = PyMem_Malloc(length + 1), *out = buffer;
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    bool gap = false;
    for (const char *p = encoding; *p; p++) {
        if (Py_ISALNUM(*p) || *p == '.') {
            if (gap && out != buffer) {
                *out++ = '_';
            }
            gap = false;
            *out++ = (char)Py_TOLOWER(*p);
        }
        else {
            gap = true;
        }
    }
    PyObject *name = kr_str_from_ascii(buffer, out - buffer);
    PyMem_Free(buffer);
    if (name != NULL) {
        PyUnicode_InternInPlace(&name);
    }
    return name;
}

PyObject *
_PyCodec_Lookup(const char *encoding)
{
    if (encoding == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    KrStrState *state = ready_registry();
    if (state == NULL) {
        return NULL;
    }
    PyObject *name = normalised_name(encoding), *found = NULL;
    if (name == NULL) {
        return NULL;
    }
    int known = PyDict_GetItemRef(state->codec_cache, name, &found);
    if (known != 0) {
        Py_DECREF(name);
        return found;
    }
    Py_ssize_t count = PyList_GET_SIZE(state->codec_search_path);
    if (count == 0) {
        PyErr_SetString(PyExc_LookupError,
                        "no codec search functions registered: can't find encoding");
        goto failed;
    }
    // Search functions may change the list.
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(state->codec_search_path); i++) {
        PyObject *function = Py_NewRef(PyList_GET_ITEM(state->codec_search_path, i));
        found = PyObject_CallOneArg(function, name);
        Py_DECREF(function);
        if (found == NULL) {
            goto failed;
        }
        if (found != Py_None) {
            break;
        }
        Py_CLEAR(found);
    }
    if (found == NULL) {
        PyErr_Format(PyExc_LookupError, "unknown encoding: %s", encoding);
        goto failed;
    }
    if (!PyTuple_Check(found) || PyTuple_GET_SIZE(found) != 4) {
        PyErr_SetString(PyExc_TypeError, "codec search functions must return 4-tuples");
        goto failed;
    }
    if (PyDict_SetItem(state->codec_cache, name, found) < 0) {
        goto failed;
    }
    Py_DECREF(name);
    return found;

failed:
    Py_DECREF(name);
    Py_XDECREF(found);
    return NULL;
}

int
PyCodec_KnownEncoding(const char *encoding)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(codec);
    return 1;
}

// --- Parts of a codec -----------------------------------------------------------------------

static PyObject *
codec_part(const char *encoding, Py_ssize_t index)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *part = Py_NewRef(PyTuple_GET_ITEM(codec, index));
    Py_DECREF(codec);
    return part;
}

PyObject *
PyCodec_Encoder(const char *encoding)
{
    return codec_part(encoding, 0);
}

PyObject *
PyCodec_Decoder(const char *encoding)
{
    return codec_part(encoding, 1);
}

static PyObject *
incremental(PyObject *codec, const char *attribute, const char *errors)
{
    PyObject *factory = PyObject_GetAttrString(codec, attribute);
    if (factory == NULL) {
        return NULL;
    }
    PyObject *coder = errors != NULL ? PyObject_CallFunction(factory, "s", errors)
                                     : PyObject_CallNoArgs(factory);
    Py_DECREF(factory);
    return coder;
}

PyObject *
_PyCodecInfo_GetIncrementalDecoder(PyObject *codec, const char *errors)
{
    return incremental(codec, "incrementaldecoder", errors);
}

PyObject *
_PyCodecInfo_GetIncrementalEncoder(PyObject *codec, const char *errors)
{
    return incremental(codec, "incrementalencoder", errors);
}

static PyObject *
incremental_by_name(const char *encoding, const char *attribute, const char *errors)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        return NULL;
    }
    PyObject *coder = incremental(codec, attribute, errors);
    Py_DECREF(codec);
    return coder;
}

PyObject *
PyCodec_IncrementalEncoder(const char *encoding, const char *errors)
{
    return incremental_by_name(encoding, "incrementalencoder", errors);
}

PyObject *
PyCodec_IncrementalDecoder(const char *encoding, const char *errors)
{
    return incremental_by_name(encoding, "incrementaldecoder", errors);
}

static PyObject *
stream(const char *encoding, Py_ssize_t index, PyObject *under, const char *errors)
{
    PyObject *factory = codec_part(encoding, index);
    if (factory == NULL) {
        return NULL;
    }
    PyObject *coder = errors != NULL ? PyObject_CallFunction(factory, "Os", under, errors)
                                     : PyObject_CallOneArg(factory, under);
    Py_DECREF(factory);
    return coder;
}

PyObject *
PyCodec_StreamReader(const char *encoding, PyObject *under, const char *errors)
{
    return stream(encoding, 2, under, errors);
}

PyObject *
PyCodec_StreamWriter(const char *encoding, PyObject *under, const char *errors)
{
    return stream(encoding, 3, under, errors);
}

// --- Encode and decode -------------------------------------------------------------------------

// Adds to the exception which codec was at work.
static void
note_codec(const char *operation, const char *encoding)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL) {
        return;
    }
    PyObject *note = PyUnicode_FromFormat("%s with '%s' codec failed", operation, encoding);
    PyObject *done = NULL;
    if (note != NULL) {
        done = PyObject_CallMethodOneArg(exc, KR_ID(add_note), note);
    }
    if (done == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(note);
    Py_XDECREF(done);
    PyErr_SetRaisedException(exc);
}

// Calls a coder: (object[, errors]) -> (result, length).
static PyObject *
run_coder(PyObject *coder, PyObject *object, const char *encoding, const char *errors,
          bool encoding_way)
{
    PyObject *answer = errors != NULL ? PyObject_CallFunction(coder, "Os", object, errors)
                                      : PyObject_CallOneArg(coder, object);
    if (answer == NULL) {
        note_codec(encoding_way ? "encoding" : "decoding", encoding);
        return NULL;
    }
    if (!PyTuple_Check(answer) || PyTuple_GET_SIZE(answer) != 2) {
        PyErr_SetString(PyExc_TypeError,
                        encoding_way ? "encoder must return a tuple (object, integer)"
                                     : "decoder must return a tuple (object,integer)");
        Py_DECREF(answer);
        return NULL;
    }
    PyObject *value = Py_NewRef(PyTuple_GET_ITEM(answer, 0));
    Py_DECREF(answer);
    return value;
}

static PyObject *
run_codec(PyObject *object, const char *encoding, const char *errors, bool encoding_way)
{
    PyObject *coder = codec_part(encoding, encoding_way ? 0 : 1);
    if (coder == NULL) {
        return NULL;
    }
    PyObject *value = run_coder(coder, object, encoding, errors, encoding_way);
    Py_DECREF(coder);
    return value;
}

PyObject *
PyCodec_Encode(PyObject *object, const char *encoding, const char *errors)
{
    return run_codec(object, encoding, errors, true);
}

PyObject *
PyCodec_Decode(PyObject *object, const char *encoding, const char *errors)
{
    return run_codec(object, encoding, errors, false);
}

// The codec, if it is marked as one between text and bytes.
PyObject *
_PyCodec_LookupTextEncoding(const char *encoding, const char *alternate_command)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL || PyTuple_CheckExact(codec)) {
        return codec;
    }
    PyObject *mark;
    int found = PyObject_GetOptionalAttr(codec, KR_ID(_is_text_encoding), &mark);
    if (found > 0) {
        found = PyObject_IsTrue(mark);
        Py_DECREF(mark);
        if (found == 0) {
            if (alternate_command != NULL) {
                PyErr_Format(PyExc_LookupError,
                             "'%.400s' is not a text encoding; use %s to handle arbitrary "
                             "codecs",
                             encoding, alternate_command);
            }
            else {
                PyErr_Format(PyExc_LookupError, "'%.400s' is not a text encoding", encoding);
            }
            found = -1;
        }
    }
    if (found < 0) {
        Py_CLEAR(codec);
    }
    return codec;
}

static PyObject *
run_text_codec(PyObject *object, const char *encoding, const char *errors, bool encoding_way)
{
    PyObject *codec = _PyCodec_LookupTextEncoding(
        encoding, encoding_way ? "codecs.encode()" : "codecs.decode()");
    if (codec == NULL) {
        return NULL;
    }
    PyObject *coder = Py_NewRef(PyTuple_GET_ITEM(codec, encoding_way ? 0 : 1));
    Py_DECREF(codec);
    PyObject *value = run_coder(coder, object, encoding, errors, encoding_way);
    Py_DECREF(coder);
    return value;
}

PyObject *
kr_codec_encode_text(PyObject *object, const char *encoding, const char *errors)
{
    return run_text_codec(object, encoding, errors, true);
}

PyObject *
kr_codec_decode_text(PyObject *object, const char *encoding, const char *errors)
{
    return run_text_codec(object, encoding, errors, false);
}

// --- Error handlers ------------------------------------------------------------------------------

int
PyCodec_RegisterError(const char *name, PyObject *error)
{
    KrStrState *state = &kr_interp()->str;
    if (make_registry(state) < 0) {
        return -1;
    }
    if (!PyCallable_Check(error)) {
        PyErr_SetString(PyExc_TypeError, "handler must be callable");
        return -1;
    }
    return PyDict_SetItemString(state->codec_errors, name, error);
}

// 1 if there was one, 0 if not, -1 with ValueError for the builtin ones.
int
kr_codec_unregister_error(const char *name)
{
    KrStrState *state = &kr_interp()->str;
    for (int i = 0; i < KR_ARRAY_LEN(handler_names); i++) {
        if (strcmp(name, handler_names[i]) == 0) {
            PyErr_Format(PyExc_ValueError,
                         "cannot un-register built-in error handler '%s'", name);
            return -1;
        }
    }
    if (make_registry(state) < 0) {
        return -1;
    }
    return PyDict_PopString(state->codec_errors, name, NULL);
}

PyObject *
PyCodec_LookupError(const char *name)
{
    KrStrState *state = &kr_interp()->str;
    if (make_registry(state) < 0) {
        return NULL;
    }
    PyObject *handler;
    if (name == NULL) {
        name = "strict";
    }
    if (PyDict_GetItemStringRef(state->codec_errors, name, &handler) == 0) {
        PyErr_Format(PyExc_LookupError, "unknown error handler name '%.400s'", name);
    }
    return handler;
}
