// SPDX-License-Identifier: MIT
// encodings.c - text and bytes by the name of an encoding; file names.
//
// The common encodings are served directly, all others through the registry.
#include "objects/str/str.h"

#include "objects/state.h"

// Encodings that need no registry.
typedef enum { ENC_OTHER, ENC_UTF8, ENC_UTF16, ENC_UTF32, ENC_LATIN1, ENC_ASCII } KnownEncoding;

// Lower case with - for _ and blanks, as far as it fits; false if it does not.
static bool
normalise_name(const char *name, char out[16])
{
    int length = 0;
    for (; *name; name++) {
        if (length == 15) {
            return false;
        }
        out[length++] = *name == '_' || *name == ' ' ? '-' : (char)Py_TOLOWER(*name);
    }
    out[length] = 0;
    return true;
}

static KnownEncoding
known_encoding(const char *encoding)
{
    static const struct {
        const char *name;
        KnownEncoding encoding;
    } names[] = {
        {"utf-8", ENC_UTF8},        {"utf8", ENC_UTF8},         {"utf-16", ENC_UTF16},
        {"utf16", ENC_UTF16},       {"utf-32", ENC_UTF32},      {"utf32", ENC_UTF32},
        {"ascii", ENC_ASCII},       {"us-ascii", ENC_ASCII},    {"latin-1", ENC_LATIN1},
        {"latin1", ENC_LATIN1},     {"iso-8859-1", ENC_LATIN1}, {"iso8859-1", ENC_LATIN1},
    };
    char name[16];
    if (encoding == NULL || strcmp(encoding, "utf-8") == 0) {
        return ENC_UTF8;
    }
    if (normalise_name(encoding, name)) {
        for (int i = 0; i < KR_ARRAY_LEN(names); i++) {
            if (strcmp(name, names[i].name) == 0) {
                return names[i].encoding;
            }
        }
    }
    return ENC_OTHER;
}

const char *
PyUnicode_GetDefaultEncoding(void)
{
    return "utf-8";
}

// Whether a NUL in the name would hide part of it is the callers' business: they
// have C strings.
// In development mode names are looked up even where they would not be used.
static KR_COLD int
check_names(const char *encoding, const char *errors)
{
    if (!Py_IsInitialized() || Py_IsFinalizing()) {
        return 0;
    }
    if (encoding != NULL && known_encoding(encoding) == ENC_OTHER) {
        PyObject *codec = _PyCodec_Lookup(encoding);
        if (codec == NULL) {
            return -1;
        }
        Py_DECREF(codec);
    }
    PyObject *handler = errors == NULL ? Py_NewRef(Py_None) : PyCodec_LookupError(errors);
    Py_XDECREF(handler);
    return handler == NULL ? -1 : 0;
}

static inline int
check_in_dev_mode(const char *encoding, const char *errors)
{
    return KR_UNLIKELY(kr_interp()->runtime.config.dev_mode)
               ? check_names(encoding, errors) : 0;
}

PyObject *
PyUnicode_Decode(const char *s, Py_ssize_t size, const char *encoding, const char *errors)
{
    if (check_in_dev_mode(encoding, errors) < 0) {
        return NULL;
    }
    switch (known_encoding(encoding)) {
    case ENC_UTF8:
        return PyUnicode_DecodeUTF8Stateful(s, size, errors, NULL);
    case ENC_UTF16:
        return PyUnicode_DecodeUTF16(s, size, errors, NULL);
    case ENC_UTF32:
        return PyUnicode_DecodeUTF32(s, size, errors, NULL);
    case ENC_LATIN1:
        return PyUnicode_DecodeLatin1(s, size, errors);
    case ENC_ASCII:
        return PyUnicode_DecodeASCII(s, size, errors);
    default:
        break;
    }
    PyObject *buffer = NULL, *text = NULL, *bytes = PyBytes_FromStringAndSize(s, size);
    if (bytes == NULL) {
        return NULL;
    }
    buffer = PyMemoryView_FromObject(bytes);
    if (buffer != NULL) {
        text = kr_codec_decode_text(buffer, encoding, errors);
    }
    if (text != NULL && !PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.400s' decoder returned '%.400s' instead of 'str'; use "
                     "codecs.decode() to decode to arbitrary types",
                     encoding, Py_TYPE(text)->tp_name);
        Py_CLEAR(text);
    }
    Py_XDECREF(buffer);
    Py_DECREF(bytes);
    return text;
}

PyObject *
PyUnicode_FromEncodedObject(PyObject *obj, const char *encoding, const char *errors)
{
    if (obj == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_Check(obj)) {
        if (PyBytes_GET_SIZE(obj) == 0) {
            return check_in_dev_mode(encoding, errors) < 0 ? NULL : kr_empty_str();
        }
        return PyUnicode_Decode(PyBytes_AS_STRING(obj), PyBytes_GET_SIZE(obj), encoding,
                                errors);
    }
    if (PyUnicode_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "decoding str is not supported");
        return NULL;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(obj, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "decoding to str: need a bytes-like object, %.80s found",
                     Py_TYPE(obj)->tp_name);
        return NULL;
    }
    PyObject *text = view.len == 0 ? kr_empty_str()
                                   : PyUnicode_Decode(view.buf, view.len, encoding, errors);
    PyBuffer_Release(&view);
    return text;
}

PyObject *
PyUnicode_AsEncodedString(PyObject *str, const char *encoding, const char *errors)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (check_in_dev_mode(encoding, errors) < 0) {
        return NULL;
    }
    switch (known_encoding(encoding)) {
    case ENC_UTF8:
        return kr_encode_utf8(str, errors);
    case ENC_UTF16:
        return kr_encode_utf16(str, errors, 0);
    case ENC_UTF32:
        return kr_encode_utf32(str, errors, 0);
    case ENC_LATIN1:
        return kr_encode_latin1(str, errors);
    case ENC_ASCII:
        return kr_encode_ascii(str, errors);
    default:
        break;
    }
    PyObject *value = kr_codec_encode_text(str, encoding, errors);
    if (value == NULL || PyBytes_Check(value)) {
        return value;
    }
    if (PyByteArray_Check(value)) {
        PyObject *bytes = NULL;
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                             "encoder %s returned bytearray instead of bytes; use "
                             "codecs.encode() to encode to arbitrary types",
                             encoding)
            == 0) {
            bytes = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(value),
                                              PyByteArray_GET_SIZE(value));
        }
        Py_DECREF(value);
        return bytes;
    }
    PyErr_Format(PyExc_TypeError,
                 "'%.400s' encoder returned '%.400s' instead of 'bytes'; use "
                 "codecs.encode() to encode to arbitrary types",
                 encoding, Py_TYPE(value)->tp_name);
    Py_DECREF(value);
    return NULL;
}

// --- Deprecated: codecs between any types -------------------------------------------------

PyObject *
PyUnicode_AsDecodedObject(PyObject *str, const char *encoding, const char *errors)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    return PyCodec_Decode(str, encoding == NULL ? "utf-8" : encoding, errors);
}

PyObject *
PyUnicode_AsEncodedObject(PyObject *str, const char *encoding, const char *errors)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    return PyCodec_Encode(str, encoding == NULL ? "utf-8" : encoding, errors);
}

// value itself if it is a str; TypeError, and value released, otherwise.
static PyObject *
demand_str_steal(PyObject *value, const char *what, const char *encoding)
{
    if (value != NULL && !PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "'%.400s' %s returned '%.400s' instead of 'str'; use "
                     "codecs.%s() to %s arbitrary types",
                     encoding, what, Py_TYPE(value)->tp_name,
                     what[0] == 'd' ? "decode" : "encode",
                     what[0] == 'd' ? "decode to" : "encode to");
        Py_CLEAR(value);
    }
    return value;
}

PyObject *
PyUnicode_AsDecodedUnicode(PyObject *str, const char *encoding, const char *errors)
{
    return demand_str_steal(PyUnicode_AsDecodedObject(str, encoding, errors), "decoder",
                            encoding == NULL ? "utf-8" : encoding);
}

PyObject *
PyUnicode_AsEncodedUnicode(PyObject *str, const char *encoding, const char *errors)
{
    return demand_str_steal(PyUnicode_AsEncodedObject(str, encoding, errors), "encoder",
                            encoding == NULL ? "utf-8" : encoding);
}

// --- File names and the locale -----------------------------------------------------------

// The locale's text is UTF-8 as well: what is no UTF-8 becomes lone surrogates
// where errors is "surrogateescape".
static int
check_locale_errors(const char *errors)
{
    KrErrors kind = kr_errors_by_name(errors);
    if (kind == KR_ERRORS_STRICT || kind == KR_ERRORS_SURROGATEESCAPE
        || kind == KR_ERRORS_SURROGATEPASS) {
        return 0;
    }
    PyErr_Format(PyExc_ValueError,
                 "only 'strict' and 'surrogateescape' error handlers are supported, not '%s'",
                 errors);
    return -1;
}

PyObject *
PyUnicode_DecodeLocaleAndSize(const char *s, Py_ssize_t size, const char *errors)
{
    if (s[size] != 0 || (Py_ssize_t)strlen(s) != size) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return NULL;
    }
    if (check_locale_errors(errors) < 0) {
        return NULL;
    }
    return PyUnicode_DecodeUTF8Stateful(s, size, errors, NULL);
}

PyObject *
PyUnicode_DecodeLocale(const char *s, const char *errors)
{
    return PyUnicode_DecodeLocaleAndSize(s, (Py_ssize_t)strlen(s), errors);
}

PyObject *
PyUnicode_EncodeLocale(PyObject *str, const char *errors)
{
    if (check_locale_errors(errors) < 0 || kr_str_check(str) < 0) {
        return NULL;
    }
    if (kr_items_find_char(PyUnicode_KIND(str), PyUnicode_DATA(str), 0,
                           PyUnicode_GET_LENGTH(str), 0)
        >= 0) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return kr_encode_utf8(str, errors);
}

static const char *
fs_encoding(void)
{
    const char *name = kr_interp()->str.fs_encoding;
    return name == NULL ? "utf-8" : name;
}

static const char *
fs_errors(void)
{
    const char *name = kr_interp()->str.fs_errors;
    return name == NULL ? "surrogateescape" : name;
}

PyObject *
PyUnicode_DecodeFSDefaultAndSize(const char *s, Py_ssize_t size)
{
    return PyUnicode_Decode(s, size, fs_encoding(), fs_errors());
}

PyObject *
PyUnicode_DecodeFSDefault(const char *s)
{
    return PyUnicode_DecodeFSDefaultAndSize(s, (Py_ssize_t)strlen(s));
}

PyObject *
PyUnicode_EncodeFSDefault(PyObject *str)
{
    return PyUnicode_AsEncodedString(str, fs_encoding(), fs_errors());
}

int
PyUnicode_FSConverter(PyObject *obj, void *result)
{
    if (obj == NULL) {
        Py_CLEAR(*(PyObject **)result);
        return 1;
    }
    PyObject *path = PyOS_FSPath(obj), *bytes;
    if (path == NULL) {
        return 0;
    }
    if (PyBytes_Check(path)) {
        bytes = path;
    }
    else {
        bytes = PyUnicode_EncodeFSDefault(path);
        Py_DECREF(path);
        if (bytes == NULL) {
            return 0;
        }
    }
    if (strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        Py_DECREF(bytes);
        return 0;
    }
    *(PyObject **)result = bytes;
    return Py_CLEANUP_SUPPORTED;
}

int
PyUnicode_FSDecoder(PyObject *obj, void *result)
{
    if (obj == NULL) {
        Py_CLEAR(*(PyObject **)result);
        return 1;
    }
    PyObject *path = PyOS_FSPath(obj), *text;
    if (path == NULL) {
        return 0;
    }
    if (PyUnicode_Check(path)) {
        text = path;
    }
    else {
        text = PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(path),
                                                PyBytes_GET_SIZE(path));
        Py_DECREF(path);
        if (text == NULL) {
            return 0;
        }
    }
    if (kr_items_find_char(PyUnicode_KIND(text), PyUnicode_DATA(text), 0,
                           PyUnicode_GET_LENGTH(text), 0)
        >= 0) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        Py_DECREF(text);
        return 0;
    }
    *(PyObject **)result = text;
    return Py_CLEANUP_SUPPORTED;
}
