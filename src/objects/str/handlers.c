// SPDX-License-Identifier: MIT
// handlers.c - the builtin error handlers: strict, ignore, replace and the others.
//
// Each takes an exception object and returns (replacement, position); the functions
// of handlers.h do the same for encoders without the detour.
#include "objects/str/handlers.h"

static const char hexdigits_text[] = "0123456789abcdef";
const char *Py_hexdigits = hexdigits_text;

PyObject *
kr_question_marks(Py_ssize_t count)
{
    PyObject *text = kr_str_new(count, 127);
    if (text != NULL && count > 0) {
        memset(PyUnicode_DATA(text), '?', (size_t)count);
    }
    return text;
}

// Writes \xNN, \uNNNN or \UNNNNNNNN; returns the end.
static char *
put_backslash(char *out, Py_UCS4 ch)
{
    int digits = ch < 256 ? 2 : ch < 65536 ? 4 : 8;
    *out++ = '\\';
    *out++ = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
    for (int i = digits - 1; i >= 0; i--) {
        *out++ = hexdigits_text[ch >> (4 * i) & 15];
    }
    return out;
}

static char *
put_xml(char *out, Py_UCS4 ch)
{
    return out + sprintf(out, "&#%u;", (unsigned)ch);
}

// Collects what put writes (at most most characters each) for text[from:to].
static PyObject *
escape_each(PyObject *text, Py_ssize_t from, Py_ssize_t to, char *(*put)(char *, Py_UCS4),
            int most)
{
    if (to <= from) {
        return kr_empty_str();
    }
    if (to - from > PY_SSIZE_T_MAX / most) {
        return PyErr_NoMemory();
    }
    char *buffer = PyMem_Malloc((size_t)((to - from) * most));
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    char *out = buffer;
    for (Py_ssize_t i = from; i < to; i++) {
        out = put(out, PyUnicode_READ_CHAR(text, i));
    }
    PyObject *result = kr_str_from_ascii(buffer, out - buffer);
    PyMem_Free(buffer);
    return result;
}

PyObject *
kr_backslash_escapes(PyObject *text, Py_ssize_t from, Py_ssize_t to)
{
    return escape_each(text, from, to, put_backslash, 10);
}

PyObject *
kr_xml_references(PyObject *text, Py_ssize_t from, Py_ssize_t to)
{
    return escape_each(text, from, to, put_xml, 16);
}

PyObject *
kr_name_escapes(PyObject *text, Py_ssize_t from, Py_ssize_t to)
{
    _PyUnicodeWriter writer;
    char buffer[300];
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    for (Py_ssize_t i = from; i < to; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(text, i);
        char *end;
        memcpy(buffer, "\\N{", 3);
        if (kr_unicode_name_of(ch, buffer + 3, (int)sizeof(buffer) - 8, false)) {
            end = buffer + strlen(buffer);
            *end++ = '}';
        }
        else {
            end = put_backslash(buffer, ch);
        }
        if (_PyUnicodeWriter_WriteASCIIString(&writer, buffer, end - buffer) < 0) {
            _PyUnicodeWriter_Dealloc(&writer);
            return NULL;
        }
    }
    return _PyUnicodeWriter_Finish(&writer);
}

PyObject *
kr_unescaped_bytes(PyObject *text, Py_ssize_t from, Py_ssize_t to, Py_ssize_t *next_out)
{
    Py_ssize_t end = from;
    while (end < to) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(text, end);
        if (ch < 0xdc80 || ch > 0xdcff) {
            break;
        }
        end++;
    }
    if (end == from) {
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, end - from);
    if (bytes != NULL) {
        for (Py_ssize_t i = from; i < end; i++) {
            PyBytes_AS_STRING(bytes)[i - from] =
                (char)(PyUnicode_READ_CHAR(text, i) - 0xdc00);
        }
    }
    *next_out = end;
    return bytes;
}

// --- The handlers as functions of an exception --------------------------------------------

// The parts of a Unicode error; object is owned by the caller.
typedef struct {
    PyObject *object;
    Py_ssize_t start;
    Py_ssize_t end;
} ErrorRange;

static int
wrong_exception(PyObject *exc)
{
    PyErr_Format(PyExc_TypeError, "don't know how to handle %.200s in error callback",
                 Py_TYPE(exc)->tp_name);
    return -1;
}

static bool
is_encode_error(PyObject *exc)
{
    return PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeEncodeError);
}
static bool
is_decode_error(PyObject *exc)
{
    return PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeDecodeError);
}
static bool
is_translate_error(PyObject *exc)
{
    return PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_UnicodeTranslateError);
}

static int
read_range(PyObject *exc, ErrorRange *range)
{
    range->object = NULL;
    if (is_encode_error(exc)) {
        if (PyUnicodeEncodeError_GetStart(exc, &range->start) < 0
            || PyUnicodeEncodeError_GetEnd(exc, &range->end) < 0) {
            return -1;
        }
        range->object = PyUnicodeEncodeError_GetObject(exc);
    }
    else if (is_decode_error(exc)) {
        if (PyUnicodeDecodeError_GetStart(exc, &range->start) < 0
            || PyUnicodeDecodeError_GetEnd(exc, &range->end) < 0) {
            return -1;
        }
        range->object = PyUnicodeDecodeError_GetObject(exc);
    }
    else if (is_translate_error(exc)) {
        if (PyUnicodeTranslateError_GetStart(exc, &range->start) < 0
            || PyUnicodeTranslateError_GetEnd(exc, &range->end) < 0) {
            return -1;
        }
        range->object = PyUnicodeTranslateError_GetObject(exc);
    }
    else {
        return wrong_exception(exc);
    }
    if (range->object != NULL && range->end < range->start) {
        range->end = range->start;
    }
    return range->object == NULL ? -1 : 0;
}

// (text, position), giving text away.
static PyObject *
answer_steal(PyObject *text, Py_ssize_t position)
{
    return text == NULL ? NULL : Py_BuildValue("(Nn)", text, position);
}

PyObject *
PyCodec_StrictErrors(PyObject *exc)
{
    if (PyExceptionInstance_Check(exc)) {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "codec must pass exception instance");
    }
    return NULL;
}

PyObject *
PyCodec_IgnoreErrors(PyObject *exc)
{
    ErrorRange range;
    if (read_range(exc, &range) < 0) {
        return NULL;
    }
    Py_DECREF(range.object);
    return answer_steal(kr_empty_str(), range.end);
}

PyObject *
PyCodec_ReplaceErrors(PyObject *exc)
{
    ErrorRange range;
    if (read_range(exc, &range) < 0) {
        return NULL;
    }
    Py_DECREF(range.object);
    if (is_encode_error(exc)) {
        return answer_steal(kr_question_marks(range.end - range.start), range.end);
    }
    if (is_decode_error(exc)) {
        return answer_steal(kr_str_from_char(0xfffd), range.end);
    }
    PyObject *text = kr_str_new(range.end - range.start, 0xfffd);
    if (text != NULL && range.end > range.start) {
        kr_fill_items(2, PyUnicode_DATA(text), 0, range.end - range.start, 0xfffd);
    }
    return answer_steal(text, range.end);
}

PyObject *
PyCodec_XMLCharRefReplaceErrors(PyObject *exc)
{
    ErrorRange range;
    if (!is_encode_error(exc)) {
        wrong_exception(exc);
        return NULL;
    }
    if (read_range(exc, &range) < 0) {
        return NULL;
    }
    PyObject *text = kr_xml_references(range.object, range.start, range.end);
    Py_DECREF(range.object);
    return answer_steal(text, range.end);
}

PyObject *
PyCodec_BackslashReplaceErrors(PyObject *exc)
{
    ErrorRange range;
    if (read_range(exc, &range) < 0) {
        return NULL;
    }
    PyObject *text;
    if (is_decode_error(exc)) {
        const unsigned char *bytes = (const unsigned char *)PyBytes_AS_STRING(range.object);
        Py_ssize_t count = range.end - range.start;
        text = kr_str_new(count * 4, 127);
        if (text != NULL && count > 0) {
            char *out = PyUnicode_DATA(text);
            for (Py_ssize_t i = range.start; i < range.end; i++) {
                out = put_backslash(out, bytes[i]);
            }
        }
    }
    else {
        text = kr_backslash_escapes(range.object, range.start, range.end);
    }
    Py_DECREF(range.object);
    return answer_steal(text, range.end);
}

PyObject *
PyCodec_NameReplaceErrors(PyObject *exc)
{
    ErrorRange range;
    if (!is_encode_error(exc)) {
        wrong_exception(exc);
        return NULL;
    }
    if (read_range(exc, &range) < 0) {
        return NULL;
    }
    PyObject *text = kr_name_escapes(range.object, range.start, range.end);
    Py_DECREF(range.object);
    return answer_steal(text, range.end);
}

// surrogateescape: bytes that are no text pass through as U+DC80..U+DCFF.
PyObject *
kr_surrogate_escape_errors(PyObject *exc)
{
    ErrorRange range;
    if (is_translate_error(exc)) {
        wrong_exception(exc);
        return NULL;
    }
    if (read_range(exc, &range) < 0) {
        return NULL;
    }
    PyObject *result = NULL;
    Py_ssize_t next = range.start;
    if (is_encode_error(exc)) {
        result = kr_unescaped_bytes(range.object, range.start, range.end, &next);
        // All of the range must be escapes.
        if (result != NULL && next < range.end) {
            Py_CLEAR(result);
        }
    }
    else {
        const unsigned char *bytes = (const unsigned char *)PyBytes_AS_STRING(range.object);
        Py_UCS2 escapes[4];
        Py_ssize_t count = 0;
        while (count < 4 && next < range.end && bytes[next] >= 128) {
            escapes[count++] = (Py_UCS2)(0xdc00 + bytes[next++]);
        }
        if (count > 0) {
            result = kr_str_from_ucs2(escapes, count);
        }
    }
    Py_DECREF(range.object);
    if (result == NULL) {
        return PyErr_Occurred() ? NULL : PyCodec_StrictErrors(exc);
    }
    return answer_steal(result, next);
}

// --- surrogatepass ---------------------------------------------------------------------------

typedef enum { FORM_NONE, FORM_UTF8, FORM_UTF16LE, FORM_UTF16BE, FORM_UTF32LE, FORM_UTF32BE } Form;

// Whether text goes on with word, in any case; steps over it then.
static bool
skip_word(const char **text, const char *word)
{
    const char *p = *text;
    for (; *word; word++, p++) {
        if (Py_TOLOWER(*p) != *word) {
            return false;
        }
    }
    *text = p;
    return true;
}

static void
skip_dash(const char **text)
{
    if (**text == '-' || **text == '_') {
        (*text)++;
    }
}

// Which of the UTF encodings a name means: utf, 8, 16 or 32, then le or be, with or
// without a dash between them.
static Form
form_by_name(const char *name)
{
    if (skip_word(&name, "cp65001")) {
        return *name == 0 ? FORM_UTF8 : FORM_NONE;
    }
    if (!skip_word(&name, "utf")) {
        return FORM_NONE;
    }
    skip_dash(&name);
    if (skip_word(&name, "8")) {
        return *name == 0 ? FORM_UTF8 : FORM_NONE;
    }
    bool wide = skip_word(&name, "32");
    if (!wide && !skip_word(&name, "16")) {
        return FORM_NONE;
    }
    bool big = false;
    if (*name != 0) {
        skip_dash(&name);
        big = skip_word(&name, "be");
        if ((!big && !skip_word(&name, "le")) || *name != 0) {
            return FORM_NONE;
        }
    }
    return wide ? (big ? FORM_UTF32BE : FORM_UTF32LE) : (big ? FORM_UTF16BE : FORM_UTF16LE);
}

// The same for the encoding that an exception names.
static Form
form_of(PyObject *exc)
{
    PyObject *name = is_encode_error(exc) ? PyUnicodeEncodeError_GetEncoding(exc)
                                          : PyUnicodeDecodeError_GetEncoding(exc);
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8(name);
    Form form = FORM_NONE;
    if (text == NULL) {
        PyErr_Clear();
    }
    else {
        form = form_by_name(text);
    }
    Py_XDECREF(name);
    return form;
}

static int
form_width(Form form)
{
    return form == FORM_UTF8 ? 3 : form == FORM_UTF16LE || form == FORM_UTF16BE ? 2 : 4;
}

static void
put_form(Form form, unsigned char *out, Py_UCS4 ch)
{
    int width = form_width(form);
    if (form == FORM_UTF8) {
        kr_utf8_put((char *)out, ch);
        return;
    }
    for (int i = 0; i < width; i++) {
        bool little = form == FORM_UTF16LE || form == FORM_UTF32LE;
        out[little ? i : width - 1 - i] = (unsigned char)(ch >> (8 * i));
    }
}

static Py_UCS4
get_form(Form form, const unsigned char *p)
{
    int width = form_width(form);
    if (form == FORM_UTF8) {
        if (p[0] >> 4 != 0xe || p[1] >> 6 != 2 || p[2] >> 6 != 2) {
            return 0;
        }
        return (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
    }
    Py_UCS4 ch = 0;
    for (int i = 0; i < width; i++) {
        bool little = form == FORM_UTF16LE || form == FORM_UTF32LE;
        ch = ch << 8 | p[little ? width - 1 - i : i];
    }
    return ch;
}

PyObject *
kr_surrogate_pass_errors(PyObject *exc)
{
    ErrorRange range;
    if (is_translate_error(exc)) {
        wrong_exception(exc);
        return NULL;
    }
    if (read_range(exc, &range) < 0) {
        return NULL;
    }
    Form form = form_of(exc);
    PyObject *result = NULL;
    Py_ssize_t next = range.end;
    int width = form_width(form);
    if (form == FORM_NONE) {
        goto strict;
    }
    if (is_encode_error(exc)) {
        Py_ssize_t count = range.end - range.start;
        for (Py_ssize_t i = range.start; i < range.end; i++) {
            if (!Py_UNICODE_IS_SURROGATE(PyUnicode_READ_CHAR(range.object, i))) {
                goto strict;
            }
        }
        result = PyBytes_FromStringAndSize(NULL, count * width);
        for (Py_ssize_t i = 0; result != NULL && i < count; i++) {
            put_form(form, (unsigned char *)PyBytes_AS_STRING(result) + i * width,
                     PyUnicode_READ_CHAR(range.object, range.start + i));
        }
    }
    else {
        const unsigned char *bytes = (const unsigned char *)PyBytes_AS_STRING(range.object);
        Py_UCS4 ch = 0;
        if (PyBytes_GET_SIZE(range.object) - range.start >= width) {
            ch = get_form(form, bytes + range.start);
        }
        if (!Py_UNICODE_IS_SURROGATE(ch)) {
            goto strict;
        }
        next = range.start + width;
        result = kr_str_from_char(ch);
    }
    Py_DECREF(range.object);
    return answer_steal(result, next);

strict:
    Py_DECREF(range.object);
    return PyCodec_StrictErrors(exc);
}
