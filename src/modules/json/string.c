// SPDX-License-Identifier: MIT
// string.c - JSON strings: reading with escapes, writing with quotes; the module.
//
// Callers:     scanner.c, encoder.c, json/decoder.py and encoder.py.
#include "modules/json/json.h"

#include "objects/args.h"
#include "objects/ids.h"

KR_COLD void
kr_json_raise(const char *message, PyObject *text, Py_ssize_t position)
{
    PyObject *module = PyImport_ImportModule("json.decoder");
    PyObject *cls = module == NULL ? NULL
                                   : PyObject_GetAttrString(module, "JSONDecodeError");
    PyObject *error = cls == NULL ? NULL
                                  : PyObject_CallFunction(cls, "sOn", message, text,
                                                          position);
    if (error != NULL) {
        PyErr_SetObject(cls, error);
    }
    Py_XDECREF(error);
    Py_XDECREF(cls);
    Py_XDECREF(module);
}

// --- Reading -----------------------------------------------------------------------

// The index of the first character from i on that is a quote, a backslash or, when
// strict, a control character; length if there is none.
static Py_ssize_t
plain_run_end(int kind, const void *data, Py_ssize_t i, Py_ssize_t length, bool strict)
{
    if (kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *text = data;
        while (i < length && text[i] != '"' && text[i] != '\\'
               && (text[i] > 0x1f || !strict)) {
            i++;
        }
        return i;
    }
    for (; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (ch == '"' || ch == '\\' || (ch <= 0x1f && strict)) {
            break;
        }
    }
    return i;
}

// The value of four hexadecimal digits, or -1.
static int
read_hex4(int kind, const void *data, Py_ssize_t i, Py_ssize_t length)
{
    int value = 0;
    if (i + 4 > length) {
        return -1;
    }
    for (Py_ssize_t end = i + 4; i < end; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        int digit = ch >= '0' && ch <= '9'   ? (int)ch - '0'
                    : ch >= 'a' && ch <= 'f' ? (int)ch - 'a' + 10
                    : ch >= 'A' && ch <= 'F' ? (int)ch - 'A' + 10
                                             : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

// Reads the escape behind the backslash before i. Returns the index behind it, -1
// with an exception set.
static Py_ssize_t
read_escape(PyObject *text, Py_ssize_t i, Py_ssize_t begin, Py_UCS4 *out)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (i >= length) {
        kr_json_raise("Unterminated string starting at", text, begin - 1);
        return -1;
    }
    Py_UCS4 ch = PyUnicode_READ(kind, data, i);
    switch (ch) {
    case '"':
    case '\\':
    case '/':
        *out = ch;
        return i + 1;
    case 'b':
        *out = '\b';
        return i + 1;
    case 'f':
        *out = '\f';
        return i + 1;
    case 'n':
        *out = '\n';
        return i + 1;
    case 'r':
        *out = '\r';
        return i + 1;
    case 't':
        *out = '\t';
        return i + 1;
    case 'u':
        break;
    default:
        kr_json_raise("Invalid \\escape", text, i - 1);
        return -1;
    }
    int value = read_hex4(kind, data, i + 1, length);
    if (value < 0) {
        kr_json_raise("Invalid \\uXXXX escape", text, i);
        return -1;
    }
    i += 5;
    *out = (Py_UCS4)value;
    if (Py_UNICODE_IS_HIGH_SURROGATE(*out) && i + 6 <= length
        && PyUnicode_READ(kind, data, i) == '\\'
        && PyUnicode_READ(kind, data, i + 1) == 'u') {
        int low = read_hex4(kind, data, i + 2, length);
        if (low >= 0 && Py_UNICODE_IS_LOW_SURROGATE((Py_UCS4)low)) {
            *out = Py_UNICODE_JOIN_SURROGATES(*out, (Py_UCS4)low);
            i += 6;
        }
    }
    return i;
}

PyObject *
kr_json_scan_string(PyObject *text, Py_ssize_t begin, bool strict, Py_ssize_t *end_out)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = begin;
    PyUnicodeWriter *writer = NULL;
    if (begin < 0 || begin > length) {
        PyErr_SetString(PyExc_ValueError, "end is out of bounds");
        return NULL;
    }
    for (;;) {
        Py_ssize_t end = plain_run_end(kind, data, i, length, strict);
        if (end >= length) {
            kr_json_raise("Unterminated string starting at", text, begin - 1);
            goto fail;
        }
        Py_UCS4 ch = PyUnicode_READ(kind, data, end);
        if (ch == '"' && writer == NULL) {
            *end_out = end + 1;
            return PyUnicode_Substring(text, begin, end);
        }
        if (ch != '"' && ch != '\\') {
            kr_json_raise("Invalid control character at", text, end);
            goto fail;
        }
        if (writer == NULL) {
            writer = PyUnicodeWriter_Create(end - begin + 16);
            if (writer == NULL) {
                return NULL;
            }
        }
        if (end > i && PyUnicodeWriter_WriteSubstring(writer, text, i, end) < 0) {
            goto fail;
        }
        if (ch == '"') {
            *end_out = end + 1;
            return PyUnicodeWriter_Finish(writer);
        }
        Py_UCS4 escaped;
        i = read_escape(text, end + 1, begin, &escaped);
        if (i < 0 || PyUnicodeWriter_WriteChar(writer, escaped) < 0) {
            goto fail;
        }
    }

fail:
    if (writer != NULL) {
        PyUnicodeWriter_Discard(writer);
    }
    return NULL;
}

KR_FUNCTION_RAW(json, "scanstring", METH_VARARGS,
                "scanstring(string, end, strict=True) -> (string, end)\n\n"
                "Read the JSON string whose opening quote stands before index end. Return\n"
                "its value and the index behind the closing quote. Literal control\n"
                "characters are allowed where strict is false.")
static PyObject *
json_scanstring(PyObject *module, PyObject *args)
{
    PyObject *text;
    Py_ssize_t end, next;
    int strict = 1;
    if (!PyArg_ParseTuple(args, "On|p:scanstring", &text, &end, &strict)) {
        return NULL;
    }
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "first argument must be a string, not %.80s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    PyObject *value = kr_json_scan_string(text, end, strict, &next);
    return value == NULL ? NULL : Py_BuildValue("Nn", value, next);
}

// --- Writing -----------------------------------------------------------------------

// Characters that a quoted string needs for one of the text.
static inline unsigned
quoted_length(Py_UCS4 ch, bool ascii)
{
    if (ch == '"' || ch == '\\' || ch == '\n' || ch == '\r' || ch == '\t' || ch == '\b'
        || ch == '\f') {
        return 2;
    }
    if (ch < 0x20) {
        return 6;
    }
    if (!ascii || ch < 0x7f) {
        return 1;
    }
    return ch > 0xffff ? 12 : 6;
}

static char *
write_hex4(char *to, unsigned value)
{
    static const char digits[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
        *to++ = digits[value >> shift & 15];
    }
    return to;
}

// Writes the escape of a character that needs one.
static char *
write_escape(char *to, Py_UCS4 ch)
{
    static const char named[] = "\"\"\\\\\nn\rr\tt\bb\ff";
    for (const char *p = named; *p != '\0'; p += 2) {
        if ((Py_UCS4)(unsigned char)*p == ch) {
            *to++ = '\\';
            *to++ = p[1];
            return to;
        }
    }
    if (ch > 0xffff) {
        to = write_hex4(to, Py_UNICODE_HIGH_SURROGATE(ch));
        ch = Py_UNICODE_LOW_SURROGATE(ch);
    }
    return write_hex4(to, ch);
}

static PyObject *
quote(PyObject *text, bool ascii)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), length = 2;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t size = quoted_length(PyUnicode_READ(kind, data, i), ascii);
        if (length > PY_SSIZE_T_MAX - size) {
            PyErr_SetString(PyExc_OverflowError, "string is too long to escape");
            return NULL;
        }
        length += size;
    }
    PyObject *result = PyUnicode_New(length, ascii ? 127 : PyUnicode_MAX_CHAR_VALUE(text));
    if (result == NULL) {
        return NULL;
    }
    int to_kind = PyUnicode_KIND(result);
    void *to_data = PyUnicode_DATA(result);
    Py_ssize_t to = 0;
    PyUnicode_WRITE(to_kind, to_data, to++, '"');
    if (length == n + 2 && to_kind == kind) {
        memcpy((char *)to_data + kind, data, (size_t)n * (size_t)kind);
        to += n;
    }
    else {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_UCS4 ch = PyUnicode_READ(kind, data, i);
            if (quoted_length(ch, ascii) == 1) {
                PyUnicode_WRITE(to_kind, to_data, to++, ch);
                continue;
            }
            char escape[12];
            for (char *p = escape, *end = write_escape(escape, ch); p < end; p++) {
                PyUnicode_WRITE(to_kind, to_data, to++, (Py_UCS4)(unsigned char)*p);
            }
        }
    }
    PyUnicode_WRITE(to_kind, to_data, to, '"');
    return result;
}

static PyObject *
quote_checked(PyObject *text, bool ascii)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "first argument must be a string, not %.80s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    return quote(text, ascii);
}

KR_FUNCTION_RAW(json, "encode_basestring($self, object, /)", METH_O,
                "encode_basestring(string) -> string\n\n"
                "Return a JSON representation of a Python string")
PyObject *
kr_json_quote(PyObject *module, PyObject *text)
{
    return quote_checked(text, false);
}

KR_FUNCTION_RAW(json, "encode_basestring_ascii($self, object, /)", METH_O,
                "encode_basestring_ascii(string) -> string\n\n"
                "Return an ASCII-only JSON representation of a Python string")
PyObject *
kr_json_quote_ascii(PyObject *module, PyObject *text)
{
    return quote_checked(text, true);
}

// --- The module --------------------------------------------------------------------

KR_MODULE(json)
#include "modules/json/string.methods.h"

static int
json_exec(PyObject *module)
{
    if (PyType_Ready(&kr_json_scanner_type) < 0 || PyType_Ready(&kr_json_encoder_type) < 0
        || PyModule_AddObjectRef(module, "make_scanner", (PyObject *)&kr_json_scanner_type)
               < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "make_encoder", (PyObject *)&kr_json_encoder_type);
}

static PyModuleDef_Slot json_slots[] = {
    {Py_mod_exec, json_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef json_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_json",
    .m_doc = "json speedups\n",
    .m_methods = json_methods,
    .m_slots = json_slots,
};

PyMODINIT_FUNC
PyInit__json(void)
{
    return PyModuleDef_Init(&json_def);
}
