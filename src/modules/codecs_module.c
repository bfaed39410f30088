// SPDX-License-Identifier: MIT
// codecs_module.c - _codecs: the codec registry and the builtin codecs.
//
// Encoders return (bytes, length of the text), decoders (str, bytes consumed).
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/str/str.h"

int kr_codec_unregister_error(const char *name);
PyObject *_PyUnicode_DecodeUnicodeEscapeStateful(const char *s, Py_ssize_t size,
                                                 const char *errors, Py_ssize_t *consumed);

// (value, length), giving value away.
static PyObject *
coded_steal(PyObject *value, Py_ssize_t length)
{
    return value == NULL ? NULL : Py_BuildValue("(Nn)", value, length);
}

static PyObject *
encoded_steal(PyObject *bytes, PyObject *text)
{
    return coded_steal(bytes, PyUnicode_GET_LENGTH(text));
}

// --- The registry ---------------------------------------------------------------------

KR_FUNCTION(codecs, "register(search_function, /)",
            "Register a function that finds codecs.\n\n"
            "It gets an encoding's name in lower case and returns a tuple of encoder,\n"
            "decoder, stream reader and stream writer (or a CodecInfo), or None.")
static PyObject *
codecs_register(PyObject *module, PyObject *search_function)
{
    if (PyCodec_Register(search_function) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(codecs, "unregister(search_function, /)",
            "Forget a search function, and all codecs found so far.")
static PyObject *
codecs_unregister(PyObject *module, PyObject *search_function)
{
    if (PyCodec_Unregister(search_function) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(codecs, "lookup(encoding, /)",
            "Return the CodecInfo of an encoding, found through the registry.")
static PyObject *
codecs_lookup(PyObject *module, const char *encoding)
{
    return _PyCodec_Lookup(encoding);
}

KR_FUNCTION(codecs, "encode(obj, encoding='utf-8', errors='strict')",
            "Encode an object by the codec of that name.")
static PyObject *
codecs_encode(PyObject *module, PyObject *obj, const char *encoding, const char *errors)
{
    return PyCodec_Encode(obj, encoding, errors);
}

KR_FUNCTION(codecs, "decode(obj, encoding='utf-8', errors='strict')",
            "Decode an object by the codec of that name.")
static PyObject *
codecs_decode(PyObject *module, PyObject *obj, const char *encoding, const char *errors)
{
    return PyCodec_Decode(obj, encoding, errors);
}

KR_FUNCTION(codecs, "register_error(errors, handler, /)",
            "Register an error handler under a name.\n\n"
            "It gets the exception and returns (replacement, position to go on).")
static PyObject *
codecs_register_error(PyObject *module, const char *errors, PyObject *handler)
{
    if (PyCodec_RegisterError(errors, handler) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(codecs, "_unregister_error(errors, /)",
            "Forget the error handler of that name; whether there was one.")
static PyObject *
codecs__unregister_error(PyObject *module, const char *errors)
{
    int known = kr_codec_unregister_error(errors);
    return known < 0 ? NULL : PyBool_FromLong(known);
}

KR_FUNCTION(codecs, "lookup_error(name, /)", "lookup_error(errors) -> handler\n\n"
            "Return the error handler of that name.")
static PyObject *
codecs_lookup_error(PyObject *module, const char *name)
{
    return PyCodec_LookupError(name);
}

// --- Escapes of bytes ---------------------------------------------------------------------

KR_FUNCTION(codecs, "escape_decode(data: text, errors: str | None=None, /)",
            "Decode bytes with backslash escapes.")
static PyObject *
codecs_escape_decode(PyObject *module, Py_buffer *data, const char *errors)
{
    return coded_steal(PyBytes_DecodeEscape(data->buf, data->len, errors, 0, NULL), data->len);
}

KR_FUNCTION(codecs, "escape_encode(data: bytes, errors: str | None=None, /)",
            "Encode bytes with backslash escapes.")
static PyObject *
codecs_escape_encode(PyObject *module, PyObject *data, const char *errors)
{
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(data);
    Py_ssize_t size = PyBytes_GET_SIZE(data);
    if (size > PY_SSIZE_T_MAX / 4) {
        PyErr_SetString(PyExc_OverflowError, "string is too large to encode");
        return NULL;
    }
    char *buffer = PyMem_Malloc((size_t)size * 4 + 1), *out = buffer;
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char ch = p[i];
        char letter = ch == '\\' || ch == '\'' ? (char)ch
                      : ch == '\t'             ? 't'
                      : ch == '\n'             ? 'n'
                      : ch == '\r'             ? 'r'
                                               : 0;
        if (letter != 0) {
            *out++ = '\\';
            *out++ = letter;
        }
        else if (ch < 32 || ch >= 127) {
            *out++ = '\\';
            *out++ = 'x';
            *out++ = Py_hexdigits[ch >> 4];
            *out++ = Py_hexdigits[ch & 15];
        }
        else {
            *out++ = (char)ch;
        }
    }
    PyObject *bytes = PyBytes_FromStringAndSize(buffer, out - buffer);
    PyMem_Free(buffer);
    return coded_steal(bytes, size);
}

// --- Decoders ---------------------------------------------------------------------------------

KR_FUNCTION(codecs, "utf_8_decode(data, errors: str | None=None, final=False, /)", "Decode UTF-8.")
static PyObject *
codecs_utf_8_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    Py_ssize_t used = data->len;
    PyObject *text = PyUnicode_DecodeUTF8Stateful(data->buf, data->len, errors,
                                                  final ? NULL : &used);
    return text == NULL ? NULL : coded_steal(text, used);
}

KR_FUNCTION(codecs, "utf_7_decode(data, errors: str | None=None, final=False, /)", "Decode UTF-7.")
static PyObject *
codecs_utf_7_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    Py_ssize_t used = data->len;
    PyObject *text = PyUnicode_DecodeUTF7Stateful(data->buf, data->len, errors,
                                                  final ? NULL : &used);
    return text == NULL ? NULL : coded_steal(text, used);
}

typedef PyObject *(*WideDecoder)(const char *s, Py_ssize_t size, const char *errors,
                                 int *byteorder, Py_ssize_t *consumed);

static PyObject *
decode_wide(WideDecoder decoder, Py_buffer *data, const char *errors, int order, bool final)
{
    Py_ssize_t used = data->len;
    PyObject *text = decoder(data->buf, data->len, errors, &order, final ? NULL : &used);
    return text == NULL ? NULL : coded_steal(text, used);
}

// The same, but the byte order that was found is returned as well.
static PyObject *
decode_wide_ex(WideDecoder decoder, Py_buffer *data, const char *errors, int order,
               bool final)
{
    Py_ssize_t used = data->len;
    PyObject *text = decoder(data->buf, data->len, errors, &order, final ? NULL : &used);
    return text == NULL ? NULL : Py_BuildValue("(Nni)", text, used, order);
}

KR_FUNCTION(codecs, "utf_16_decode(data, errors: str | None=None, final=False, /)", "Decode UTF-16.")
static PyObject *
codecs_utf_16_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    return decode_wide(PyUnicode_DecodeUTF16Stateful, data, errors, 0, final);
}

KR_FUNCTION(codecs, "utf_16_le_decode(data, errors: str | None=None, final=False, /)",
            "Decode little-endian UTF-16.")
static PyObject *
codecs_utf_16_le_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    return decode_wide(PyUnicode_DecodeUTF16Stateful, data, errors, -1, final);
}

KR_FUNCTION(codecs, "utf_16_be_decode(data, errors: str | None=None, final=False, /)",
            "Decode big-endian UTF-16.")
static PyObject *
codecs_utf_16_be_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    return decode_wide(PyUnicode_DecodeUTF16Stateful, data, errors, 1, final);
}

KR_FUNCTION(codecs, "utf_16_ex_decode(data, errors: str | None=None, byteorder=0, final=False, /)",
            "Decode UTF-16 and tell the byte order.")
static PyObject *
codecs_utf_16_ex_decode(PyObject *module, Py_buffer *data, const char *errors,
                        int byteorder, bool final)
{
    return decode_wide_ex(PyUnicode_DecodeUTF16Stateful, data, errors, byteorder, final);
}

KR_FUNCTION(codecs, "utf_32_decode(data, errors: str | None=None, final=False, /)", "Decode UTF-32.")
static PyObject *
codecs_utf_32_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    return decode_wide(PyUnicode_DecodeUTF32Stateful, data, errors, 0, final);
}

KR_FUNCTION(codecs, "utf_32_le_decode(data, errors: str | None=None, final=False, /)",
            "Decode little-endian UTF-32.")
static PyObject *
codecs_utf_32_le_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    return decode_wide(PyUnicode_DecodeUTF32Stateful, data, errors, -1, final);
}

KR_FUNCTION(codecs, "utf_32_be_decode(data, errors: str | None=None, final=False, /)",
            "Decode big-endian UTF-32.")
static PyObject *
codecs_utf_32_be_decode(PyObject *module, Py_buffer *data, const char *errors, bool final)
{
    return decode_wide(PyUnicode_DecodeUTF32Stateful, data, errors, 1, final);
}

KR_FUNCTION(codecs, "utf_32_ex_decode(data, errors: str | None=None, byteorder=0, final=False, /)",
            "Decode UTF-32 and tell the byte order.")
static PyObject *
codecs_utf_32_ex_decode(PyObject *module, Py_buffer *data, const char *errors,
                        int byteorder, bool final)
{
    return decode_wide_ex(PyUnicode_DecodeUTF32Stateful, data, errors, byteorder, final);
}

KR_FUNCTION(codecs, "unicode_escape_decode(data: text, errors: str | None=None, final=True, /)",
            "Decode text with escapes as in string literals.")
static PyObject *
codecs_unicode_escape_decode(PyObject *module, Py_buffer *data, const char *errors,
                             bool final)
{
    Py_ssize_t used = data->len;
    PyObject *text = _PyUnicode_DecodeUnicodeEscapeStateful(data->buf, data->len, errors,
                                                            final ? NULL : &used);
    return text == NULL ? NULL : coded_steal(text, used);
}

KR_FUNCTION(codecs, "raw_unicode_escape_decode(data: text, errors: str | None=None, final=True, /)",
            "Decode text with only \\\\u and \\\\U escapes.")
static PyObject *
codecs_raw_unicode_escape_decode(PyObject *module, Py_buffer *data, const char *errors,
                                 bool final)
{
    Py_ssize_t used = data->len;
    PyObject *text = kr_decode_raw_unicode_escape(data->buf, data->len, errors,
                                                  final ? NULL : &used);
    return text == NULL ? NULL : coded_steal(text, used);
}

KR_FUNCTION(codecs, "latin_1_decode(data, errors: str | None=None, /)", "Decode Latin-1.")
static PyObject *
codecs_latin_1_decode(PyObject *module, Py_buffer *data, const char *errors)
{
    return coded_steal(PyUnicode_DecodeLatin1(data->buf, data->len, errors), data->len);
}

KR_FUNCTION(codecs, "ascii_decode(data, errors: str | None=None, /)", "Decode ASCII.")
static PyObject *
codecs_ascii_decode(PyObject *module, Py_buffer *data, const char *errors)
{
    return coded_steal(PyUnicode_DecodeASCII(data->buf, data->len, errors), data->len);
}

KR_FUNCTION(codecs, "charmap_decode(data, errors: str | None=None, mapping=None, /)",
            "Decode by a table or a mapping; Latin-1 without one.")
static PyObject *
codecs_charmap_decode(PyObject *module, Py_buffer *data, const char *errors,
                      PyObject *mapping)
{
    return coded_steal(PyUnicode_DecodeCharmap(data->buf, data->len,
                                               mapping == Py_None ? NULL : mapping, errors),
                       data->len);
}

// --- Encoders ----------------------------------------------------------------------------------

KR_FUNCTION(codecs, "readbuffer_encode(data: text, errors: str | None=None, /)",
            "Return the bytes of a bytes-like object, or of text as UTF-8.")
static PyObject *
codecs_readbuffer_encode(PyObject *module, Py_buffer *data, const char *errors)
{
    return coded_steal(PyBytes_FromStringAndSize(data->buf, data->len), data->len);
}

KR_FUNCTION(codecs, "utf_7_encode(str: str, errors: str | None=None, /)", "Encode as UTF-7.")
static PyObject *
codecs_utf_7_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_utf7(text, errors), text);
}

KR_FUNCTION(codecs, "utf_8_encode(str: str, errors: str | None=None, /)", "Encode as UTF-8.")
static PyObject *
codecs_utf_8_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_utf8(text, errors), text);
}

KR_FUNCTION(codecs, "utf_16_encode(str: str, errors: str | None=None, byteorder=0, /)",
            "Encode as UTF-16, with a byte order mark unless byteorder is given.")
static PyObject *
codecs_utf_16_encode(PyObject *module, PyObject *text, const char *errors, int byteorder)
{
    return encoded_steal(kr_encode_utf16(text, errors, byteorder), text);
}

KR_FUNCTION(codecs, "utf_16_le_encode(str: str, errors: str | None=None, /)",
            "Encode as little-endian UTF-16.")
static PyObject *
codecs_utf_16_le_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_utf16(text, errors, -1), text);
}

KR_FUNCTION(codecs, "utf_16_be_encode(str: str, errors: str | None=None, /)",
            "Encode as big-endian UTF-16.")
static PyObject *
codecs_utf_16_be_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_utf16(text, errors, 1), text);
}

KR_FUNCTION(codecs, "utf_32_encode(str: str, errors: str | None=None, byteorder=0, /)",
            "Encode as UTF-32, with a byte order mark unless byteorder is given.")
static PyObject *
codecs_utf_32_encode(PyObject *module, PyObject *text, const char *errors, int byteorder)
{
    return encoded_steal(kr_encode_utf32(text, errors, byteorder), text);
}

KR_FUNCTION(codecs, "utf_32_le_encode(str: str, errors: str | None=None, /)",
            "Encode as little-endian UTF-32.")
static PyObject *
codecs_utf_32_le_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_utf32(text, errors, -1), text);
}

KR_FUNCTION(codecs, "utf_32_be_encode(str: str, errors: str | None=None, /)",
            "Encode as big-endian UTF-32.")
static PyObject *
codecs_utf_32_be_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_utf32(text, errors, 1), text);
}

KR_FUNCTION(codecs, "unicode_escape_encode(str: str, errors: str | None=None, /)",
            "Encode with escapes as in string literals.")
static PyObject *
codecs_unicode_escape_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(PyUnicode_AsUnicodeEscapeString(text), text);
}

KR_FUNCTION(codecs, "raw_unicode_escape_encode(str: str, errors: str | None=None, /)",
            "Encode as Latin-1 with \\\\u and \\\\U escapes.")
static PyObject *
codecs_raw_unicode_escape_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(PyUnicode_AsRawUnicodeEscapeString(text), text);
}

KR_FUNCTION(codecs, "latin_1_encode(str: str, errors: str | None=None, /)", "Encode as Latin-1.")
static PyObject *
codecs_latin_1_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_latin1(text, errors), text);
}

KR_FUNCTION(codecs, "ascii_encode(str: str, errors: str | None=None, /)", "Encode as ASCII.")
static PyObject *
codecs_ascii_encode(PyObject *module, PyObject *text, const char *errors)
{
    return encoded_steal(kr_encode_ascii(text, errors), text);
}

KR_FUNCTION(codecs, "charmap_encode(str: str, errors: str | None=None, mapping=None, /)",
            "Encode by a mapping; as Latin-1 without one.")
static PyObject *
codecs_charmap_encode(PyObject *module, PyObject *text, const char *errors,
                      PyObject *mapping)
{
    return encoded_steal(kr_encode_charmap(text, mapping == Py_None ? NULL : mapping, errors),
                         text);
}

KR_FUNCTION(codecs, "charmap_build(map: str, /)",
            "Return the mapping for encoding that belongs to a decoding table.")
static PyObject *
codecs_charmap_build(PyObject *module, PyObject *map)
{
    return PyUnicode_BuildEncodingMap(map);
}

KR_MODULE(codecs)
#include "modules/codecs_module.methods.h"

static PyModuleDef_Slot codecs_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef codecs_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs",
    .m_methods = codecs_methods,
    .m_slots = codecs_slots,
};

PyMODINIT_FUNC
PyInit__codecs(void)
{
    return PyModuleDef_Init(&codecs_def);
}
