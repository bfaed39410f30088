// SPDX-License-Identifier: MIT
// charmap.c - encodings that are tables: a string or a mapping says what stands for
// what.
//
// Re-entrancy: looking up a mapping runs Python; nothing else is kept across it.
#include "objects/str/str.h"

#include "objects/args.h"
#include "objects/ids.h"

static const char undefined[] = "character maps to <undefined>";

// --- EncodingMap -------------------------------------------------------------------------

// The inverse of a decoding table of 256 characters: three levels of 5, 4 and 7 bits
// over the Basic Multilingual Plane. 0xff in the first two levels and 0 in the last
// say that there is nothing.
typedef struct {
    PyObject_HEAD
    unsigned char first[32];
    int second_count;
    int third_count;
    unsigned char levels[]; // 16 a second-level block, then 128 a third-level block
} KrEncodingMap;

extern PyTypeObject kr_encoding_map_type;

KR_METHOD(encodingmap, "size(self, /)", "Return the size in bytes.")
static PyObject *
encodingmap_size(KrEncodingMap *self)
{
    return PyLong_FromLong((long)sizeof(KrEncodingMap) - 1 + 16 * self->second_count
                           + 128 * self->third_count);
}

static void
encodingmap_dealloc(PyObject *self)
{
    PyObject_Free(self);
}

KR_TYPE(encodingmap)
#include "objects/str/charmap.methods.h"

PyTypeObject kr_encoding_map_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "EncodingMap",
    .tp_basicsize = sizeof(KrEncodingMap),
    .tp_dealloc = encodingmap_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = encodingmap_methods,
};

// The byte for ch, -1 if there is none.
static int
encodingmap_lookup(PyObject *map, Py_UCS4 ch)
{
    const KrEncodingMap *self = (const KrEncodingMap *)map;
    if (ch > 0xffff) {
        return -1;
    }
    if (ch == 0) {
        return 0;
    }
    int second = self->first[ch >> 11];
    if (second == 0xff) {
        return -1;
    }
    int third = self->levels[16 * second + (ch >> 7 & 15)];
    if (third == 0xff) {
        return -1;
    }
    int byte = self->levels[16 * self->second_count + 128 * third + (ch & 127)];
    return byte == 0 ? -1 : byte;
}

static PyObject *
map_as_dict(PyObject *string, Py_ssize_t length)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict != NULL && i < length; i++) {
        PyObject *key = PyLong_FromLong((long)PyUnicode_READ_CHAR(string, i));
        PyObject *value = PyLong_FromSsize_t(i);
        if (key == NULL || value == NULL || PyDict_SetItem(dict, key, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

PyObject *
PyUnicode_BuildEncodingMap(PyObject *string)
{
    if (!PyUnicode_Check(string) || PyUnicode_GET_LENGTH(string) == 0) {
        PyErr_BadArgument();
        return NULL;
    }
    unsigned char first[32], second[512];
    int seconds = 0, thirds = 0;
    Py_ssize_t length = Py_MIN(PyUnicode_GET_LENGTH(string), 256);
    bool table = PyUnicode_READ_CHAR(string, 0) == 0 && length == 256;
    memset(first, 0xff, sizeof(first));
    memset(second, 0xff, sizeof(second));
    for (Py_ssize_t i = 1; table && i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(string, i);
        if (ch == 0 || ch > 0xffff) {
            table = false;
            break;
        }
        if (ch == 0xfffe) {
            continue;
        }
        if (first[ch >> 11] == 0xff) {
            first[ch >> 11] = (unsigned char)seconds++;
        }
        if (second[ch >> 7] == 0xff) {
            second[ch >> 7] = (unsigned char)thirds++;
        }
    }
    if (!table || seconds >= 0xff || thirds >= 0xff) {
        return map_as_dict(string, length);
    }
    size_t room = (size_t)(16 * seconds + 128 * thirds);
    KrEncodingMap *map = PyObject_Malloc(sizeof(KrEncodingMap) + room);
    if (map == NULL) {
        return PyErr_NoMemory();
    }
    PyObject_Init((PyObject *)map, &kr_encoding_map_type);
    memcpy(map->first, first, sizeof(first));
    map->second_count = seconds;
    map->third_count = thirds;
    memset(map->levels, 0xff, (size_t)(16 * seconds));
    memset(map->levels + 16 * seconds, 0, (size_t)(128 * thirds));
    for (Py_ssize_t i = 1; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(string, i);
        if (ch != 0xfffe) {
            int third = second[ch >> 7];
            map->levels[16 * first[ch >> 11] + (ch >> 7 & 15)] = (unsigned char)third;
            map->levels[16 * seconds + 128 * third + (int)(ch & 127)] = (unsigned char)i;
        }
    }
    return (PyObject *)map;
}

// --- Decoding ------------------------------------------------------------------------------

// mapping[byte]: writes what it says. 1 done, 0 undefined, -1 error.
static int
decode_by_mapping(_PyUnicodeWriter *writer, PyObject *mapping, unsigned char byte)
{
    PyObject *key = PyLong_FromLong(byte), *item;
    if (key == NULL) {
        return -1;
    }
    item = PyObject_GetItem(mapping, key);
    Py_DECREF(key);
    if (item == NULL) {
        if (PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    int status = 1;
    if (item == Py_None) {
        status = 0;
    }
    else if (PyLong_Check(item)) {
        long value = PyLong_AsLong(item);
        if (value == 0xfffe) {
            status = 0;
        }
        else if (value < 0 || value > (long)KR_MAX_UNICODE) {
            PyErr_Clear();
            PyErr_SetString(PyExc_TypeError, "character mapping must be in range(0x110000)");
            status = -1;
        }
        else if (_PyUnicodeWriter_WriteChar(writer, (Py_UCS4)value) < 0) {
            status = -1;
        }
    }
    else if (PyUnicode_Check(item)) {
        if (PyUnicode_GET_LENGTH(item) == 1 && PyUnicode_READ_CHAR(item, 0) == 0xfffe) {
            status = 0;
        }
        else if (_PyUnicodeWriter_WriteStr(writer, item) < 0) {
            status = -1;
        }
    }
    else {
        PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
        status = -1;
    }
    Py_DECREF(item);
    return status;
}

PyObject *
PyUnicode_DecodeCharmap(const char *s, Py_ssize_t size, PyObject *mapping,
                        const char *errors)
{
    if (mapping == NULL) {
        return PyUnicode_DecodeLatin1(s, size, errors);
    }
    KrDecoder decoder;
    kr_decoder_init(&decoder, "charmap", errors, s, size);
    decoder.writer.min_length = size;
    bool by_text = PyUnicode_CheckExact(mapping);
    int kind = by_text ? PyUnicode_KIND(mapping) : 1;
    const void *table = by_text ? PyUnicode_DATA(mapping) : NULL;
    Py_ssize_t table_size = by_text ? PyUnicode_GET_LENGTH(mapping) : 0;
    for (const char *p = decoder.start; p < decoder.end;) {
        unsigned char byte = (unsigned char)*p;
        int status;
        if (by_text) {
            Py_UCS4 ch = byte < table_size ? PyUnicode_READ(kind, table, byte) : 0xfffe;
            status = ch != 0xfffe;
            if (status && _PyUnicodeWriter_WriteChar(&decoder.writer, ch) < 0) {
                status = -1;
            }
        }
        else {
            status = decode_by_mapping(&decoder.writer, mapping, byte);
        }
        if (status < 0) {
            goto failed;
        }
        if (status > 0) {
            p++;
            continue;
        }
        Py_ssize_t from = p - decoder.start;
        if (kr_decoder_error(&decoder, from, from + 1, undefined, &p) < 0) {
            goto failed;
        }
    }
    return kr_decoder_finish(&decoder);

failed:
    kr_decoder_discard(&decoder);
    return NULL;
}

// --- Encoding --------------------------------------------------------------------------------

// Adds what the mapping has for ch: 1 done, 0 undefined, -1 error. With a NULL
// encoder it only looks.
static int
encode_by_mapping(KrEncoder *encoder, PyObject *mapping, Py_UCS4 ch)
{
    if (Py_IS_TYPE(mapping, &kr_encoding_map_type)) {
        int byte = encodingmap_lookup(mapping, ch);
        char c = (char)byte;
        if (byte < 0) {
            return 0;
        }
        return encoder == NULL || kr_encoder_add(encoder, &c, 1) == 0 ? 1 : -1;
    }
    PyObject *key = PyLong_FromLong((long)ch), *item;
    if (key == NULL) {
        return -1;
    }
    item = PyObject_GetItem(mapping, key);
    Py_DECREF(key);
    if (item == NULL) {
        if (PyErr_ExceptionMatches(PyExc_LookupError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    int status = 1;
    if (item == Py_None) {
        status = 0;
    }
    else if (PyLong_Check(item)) {
        long value = PyLong_AsLong(item);
        char c = (char)value;
        if (value < 0 || value > 255) {
            PyErr_Clear();
            PyErr_SetString(PyExc_TypeError, "character mapping must be in range(256)");
            status = -1;
        }
        else if (encoder != NULL && kr_encoder_add(encoder, &c, 1) < 0) {
            status = -1;
        }
    }
    else if (PyBytes_Check(item)) {
        if (encoder != NULL
            && kr_encoder_add(encoder, PyBytes_AS_STRING(item), PyBytes_GET_SIZE(item)) < 0) {
            status = -1;
        }
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "character mapping must return integer, bytes or None, not %.400s",
                     Py_TYPE(item)->tp_name);
        status = -1;
    }
    Py_DECREF(item);
    return status;
}

// Adds the replacement of text[from:to], which must be encodable itself.
static int
add_replacement(KrEncoder *encoder, PyObject *mapping, PyObject *replacement,
                Py_ssize_t from, Py_ssize_t to)
{
    if (PyBytes_Check(replacement)) {
        return kr_encoder_add(encoder, PyBytes_AS_STRING(replacement),
                              PyBytes_GET_SIZE(replacement));
    }
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(replacement); i++) {
        int status = encode_by_mapping(encoder, mapping, PyUnicode_READ_CHAR(replacement, i));
        if (status == 0) {
            kr_encoder_raise(encoder, from, to, undefined);
        }
        if (status <= 0) {
            return -1;
        }
    }
    return 0;
}

PyObject *
kr_encode_charmap(PyObject *text, PyObject *mapping, const char *errors)
{
    if (mapping == NULL) {
        return kr_encode_latin1(text, errors);
    }
    if (kr_str_check(text) < 0) {
        return NULL;
    }
    KrEncoder encoder;
    kr_encoder_init(&encoder, "charmap", errors, text);
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = 0;
    while (i < length) {
        int status = encode_by_mapping(&encoder, mapping, PyUnicode_READ(kind, data, i));
        if (status < 0) {
            goto failed;
        }
        if (status > 0) {
            i++;
            continue;
        }
        Py_ssize_t end = i + 1, next;
        while (end < length) {
            status = encode_by_mapping(NULL, mapping, PyUnicode_READ(kind, data, end));
            if (status < 0) {
                goto failed;
            }
            if (status > 0) {
                break;
            }
            end++;
        }
        PyObject *replacement;
        if (kr_encoder_handle(&encoder, i, end, undefined, &replacement, &next) < 0) {
            goto failed;
        }
        status = add_replacement(&encoder, mapping, replacement, i, end);
        Py_DECREF(replacement);
        if (status < 0) {
            goto failed;
        }
        i = next;
    }
    return kr_encoder_finish(&encoder);

failed:
    kr_encoder_discard(&encoder);
    return NULL;
}

PyObject *
PyUnicode_AsCharmapString(PyObject *str, PyObject *mapping)
{
    if (!PyUnicode_Check(str) || mapping == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    return kr_encode_charmap(str, mapping, NULL);
}
