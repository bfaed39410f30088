// SPDX-License-Identifier: MIT
// binascii.c - the module binascii: bytes as ASCII text, and checksums.
#include <Python.h>

#include "base/base.h"
#include "modules/crc_tables.h"
#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject *error;
    PyObject *incomplete;
} BinasciiState;

static PyObject *
binascii_fail(PyObject *module, const char *message)
{
    BinasciiState *state = PyModule_GetState(module);
    PyErr_SetString(state->error, message);
    return NULL;
}

// Cuts a bytes object to `size` bytes (consumed); NULL passes through.
static PyObject *
cut_steal(PyObject *bytes, Py_ssize_t size)
{
    if (bytes != NULL && PyBytes_GET_SIZE(bytes) != size) {
        _PyBytes_Resize(&bytes, size);
    }
    return bytes;
}

// --- Hexadecimal ---------------------------------------------------------------------

static inline int
hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The one byte between groups, or -1 with an exception.
static int
separator_of(PyObject *sep)
{
    Py_ssize_t length = PyObject_Size(sep);
    if (length < 0) {
        return -1;
    }
    if (length != 1) {
        PyErr_SetString(PyExc_ValueError, "sep must be length 1.");
        return -1;
    }
    if (PyUnicode_Check(sep)) {
        Py_UCS4 c = PyUnicode_READ_CHAR(sep, 0);
        if (c > 255) {
            PyErr_SetString(PyExc_ValueError, "sep must be ASCII.");
            return -1;
        }
        return (int)c;
    }
    if (PyBytes_Check(sep)) {
        return (unsigned char)*PyBytes_AS_STRING(sep);
    }
    PyErr_SetString(PyExc_TypeError, "sep must be str or bytes.");
    return -1;
}

static PyObject *
to_hex(Py_buffer *data, PyObject *sep, int bytes_per_sep)
{
    static const char digits[16] = "0123456789abcdef";
    const unsigned char *p = data->buf;
    Py_ssize_t n = data->len, group = 0, breaks = 0;
    int between = 0;

    if (sep != NULL) {
        between = separator_of(sep);
        if (between < 0) {
            return NULL;
        }
        group = bytes_per_sep < 0 ? -(Py_ssize_t)bytes_per_sep : bytes_per_sep;
        breaks = group > 0 && n > 0 ? (n - 1) / group : 0;
    }
    if (n > (PY_SSIZE_T_MAX - breaks) / 2) {
        return PyErr_NoMemory();
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, 2 * n + breaks);
    if (result == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(result);
    // A positive count groups from the right.
    Py_ssize_t left = breaks == 0 ? n : bytes_per_sep < 0 ? group : n - breaks * group;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (left == 0) {
            *out++ = (char)between;
            left = group;
        }
        *out++ = digits[p[i] >> 4];
        *out++ = digits[p[i] & 15];
        left--;
    }
    return result;
}

KR_FUNCTION(binascii, "b2a_hex(data, sep=<missing>, bytes_per_sep=1)",
            "Hexadecimal representation of binary data.\n\n"
            "  sep\n    An optional single character or byte to separate hex bytes.\n"
            "  bytes_per_sep\n    How many bytes between separators.  Positive values count "
            "from the\n    right, negative values count from the left.\n\n"
            "The return value is a bytes object.  This function is also\n"
            "available as \\\"hexlify()\\\".")
static PyObject *
binascii_b2a_hex(PyObject *module, Py_buffer *data, PyObject *sep, int bytes_per_sep)
{
    return to_hex(data, sep, bytes_per_sep);
}

KR_FUNCTION(binascii, "hexlify(data, sep=<missing>, bytes_per_sep=1)",
            "Hexadecimal representation of binary data.\n\n"
            "  sep\n    An optional single character or byte to separate hex bytes.\n"
            "  bytes_per_sep\n    How many bytes between separators.  Positive values count "
            "from the\n    right, negative values count from the left.\n\n"
            "The return value is a bytes object.  This function is also\n"
            "available as \\\"b2a_hex()\\\".")
static PyObject *
binascii_hexlify(PyObject *module, Py_buffer *data, PyObject *sep, int bytes_per_sep)
{
    return to_hex(data, sep, bytes_per_sep);
}

static PyObject *
from_hex(PyObject *module, Py_buffer *hexstr)
{
    const unsigned char *p = hexstr->buf;
    if (hexstr->len % 2 != 0) {
        return binascii_fail(module, "Odd-length string");
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, hexstr->len / 2);
    if (result == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(result);
    for (Py_ssize_t i = 0; i < hexstr->len; i += 2) {
        int high = hex_digit(p[i]), low = hex_digit(p[i + 1]);
        if (high < 0 || low < 0) {
            Py_DECREF(result);
            return binascii_fail(module, "Non-hexadecimal digit found");
        }
        *out++ = (char)(high << 4 | low);
    }
    return result;
}

KR_FUNCTION(binascii, "a2b_hex(hexstr: ascii, /)",
            "Binary data of hexadecimal representation.\n\n"
            "hexstr must contain an even number of hex digits (upper or lower case).\n"
            "This function is also available as \\\"unhexlify()\\\".")
static PyObject *
binascii_a2b_hex(PyObject *module, Py_buffer *hexstr)
{
    return from_hex(module, hexstr);
}

KR_FUNCTION(binascii, "unhexlify(hexstr: ascii, /)",
            "Binary data of hexadecimal representation.\n\n"
            "hexstr must contain an even number of hex digits (upper or lower case).")
static PyObject *
binascii_unhexlify(PyObject *module, Py_buffer *hexstr)
{
    return from_hex(module, hexstr);
}

// --- Base 64 ----------------------------------------------------------------------------

static const char base64_digits[65] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static inline int
base64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static PyObject *
lone_digit(PyObject *module, Py_ssize_t bytes)
{
    BinasciiState *state = PyModule_GetState(module);
    return PyErr_Format(state->error,
                        "Invalid base64-encoded string: number of data characters (%zd) "
                        "cannot be 1 more than a multiple of 4",
                        bytes / 3 * 4 + 1);
}

// What is wrong in strict mode with character i, or NULL.
static const char *
base64_strictly_wrong(unsigned char c, int value, Py_ssize_t i, int quad, int pads)
{
    if (c == '=') {
        if (quad == 0) {
            return i == 0 ? "Leading padding not allowed" : "Excess padding not allowed";
        }
        return quad + pads >= 4 ? "Excess padding not allowed" : NULL;
    }
    if (value < 0) {
        return "Only base64 data is allowed";
    }
    if (pads > 0) {
        return quad + pads >= 4 ? "Excess data after padding"
                                : "Discontinuous padding not allowed";
    }
    return NULL;
}

KR_FUNCTION(binascii, "a2b_base64(data: ascii, /, *, strict_mode=False)",
            "Decode a line of base64 data.\n\n"
            "  strict_mode\n"
            "    When set to True, bytes that are not in the base64 standard are not "
            "allowed.\n    The same applies to excess data after padding (= / ==).")
static PyObject *
binascii_a2b_base64(PyObject *module, Py_buffer *data, bool strict_mode)
{
    const unsigned char *p = data->buf;
    Py_ssize_t n = data->len;
    int quad = 0, pads = 0; // digits of the group of four, and '=' behind them
    uint32_t bits = 0;

    PyObject *result = PyBytes_FromStringAndSize(NULL, (n + 3) / 4 * 3);
    if (result == NULL) {
        return NULL;
    }
    char *start = PyBytes_AS_STRING(result), *out = start;
    for (Py_ssize_t i = 0; i < n; i++) {
        int value = base64_value(p[i]);
        if (strict_mode) {
            const char *wrong = base64_strictly_wrong(p[i], value, i, quad, pads);
            if (wrong != NULL) {
                Py_DECREF(result);
                return binascii_fail(module, wrong);
            }
            if (p[i] == '=' && quad == 1) {
                Py_ssize_t bytes = out - start;
                Py_DECREF(result);
                return lone_digit(module, bytes);
            }
        }
        if (value < 0) {
            pads += p[i] == '=' && quad >= 2;
            continue;
        }
        pads = 0;
        bits = bits << 6 | (uint32_t)value;
        if (++quad == 4) {
            *out++ = (char)(bits >> 16);
            *out++ = (char)(bits >> 8);
            *out++ = (char)bits;
            quad = 0;
        }
    }
    if (quad == 1) {
        Py_ssize_t bytes = out - start;
        Py_DECREF(result);
        return lone_digit(module, bytes);
    }
    if (quad != 0 && quad + pads < 4) {
        Py_DECREF(result);
        return binascii_fail(module, "Incorrect padding");
    }
    if (quad == 2) {
        *out++ = (char)(bits >> 4);
    }
    else if (quad == 3) {
        *out++ = (char)(bits >> 10);
        *out++ = (char)(bits >> 2);
    }
    return cut_steal(result, out - start);
}

KR_FUNCTION(binascii, "b2a_base64(data, /, *, newline=True)",
            "Base64-code line of data.")
static PyObject *
binascii_b2a_base64(PyObject *module, Py_buffer *data, bool newline)
{
    const unsigned char *p = data->buf;
    Py_ssize_t n = data->len;
    if (n > PY_SSIZE_T_MAX / 2) {
        return binascii_fail(module, "Too much data for base64 line");
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, (n + 2) / 3 * 4 + newline);
    if (result == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(result);
    for (; n >= 3; n -= 3, p += 3) {
        uint32_t bits = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        *out++ = base64_digits[bits >> 18];
        *out++ = base64_digits[bits >> 12 & 63];
        *out++ = base64_digits[bits >> 6 & 63];
        *out++ = base64_digits[bits & 63];
    }
    if (n > 0) {
        uint32_t bits = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);
        *out++ = base64_digits[bits >> 18];
        *out++ = base64_digits[bits >> 12 & 63];
        *out++ = n == 2 ? base64_digits[bits >> 6 & 63] : '=';
        *out++ = '=';
    }
    if (newline) {
        *out = '\n';
    }
    return result;
}

// --- Uuencoding ----------------------------------------------------------------------------

KR_FUNCTION(binascii, "a2b_uu(data: ascii, /)", "Decode a line of uuencoded data.")
static PyObject *
binascii_a2b_uu(PyObject *module, Py_buffer *data)
{
    const unsigned char *p = data->buf, *end = p + data->len;
    uint32_t bits = 0;
    int have = 0;

    // The first character tells how many bytes there are.
    if (p == end) {
        return binascii_fail(module, "Missing length byte");
    }
    Py_ssize_t size = (*p++ - ' ') & 63;
    PyObject *result = PyBytes_FromStringAndSize(NULL, size);
    if (result == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(result), *out_end = out + size;
    while (out < out_end) {
        // Blanks at the end of a line may have got lost.
        unsigned char c = p < end ? *p++ : '\n';
        uint32_t value = 0;
        if (c != '\n' && c != '\r') {
            if (c < ' ' || c > ' ' + 64) {
                Py_DECREF(result);
                return binascii_fail(module, "Illegal char");
            }
            value = (c - ' ') & 63;
        }
        bits = bits << 6 | value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            *out++ = (char)(bits >> have);
        }
    }
    for (; p < end; p++) {
        if (*p != ' ' && *p != ' ' + 64 && *p != '\n' && *p != '\r') {
            Py_DECREF(result);
            return binascii_fail(module, "Trailing garbage");
        }
    }
    return result;
}

KR_FUNCTION(binascii, "b2a_uu(data, /, *, backtick=False)", "Uuencode line of data.")
static PyObject *
binascii_b2a_uu(PyObject *module, Py_buffer *data, bool backtick)
{
    const unsigned char *p = data->buf;
    Py_ssize_t n = data->len;
    if (n > 45) {
        return binascii_fail(module, "At most 45 bytes at once");
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, 2 + (n + 2) / 3 * 4);
    if (result == NULL) {
        return NULL;
    }
    char *out = PyBytes_AS_STRING(result);
    *out++ = backtick && n == 0 ? '`' : (char)(' ' + n);
    for (Py_ssize_t i = 0; i < n; i += 3) {
        uint32_t bits = (uint32_t)p[i] << 16;
        bits |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
        bits |= i + 2 < n ? p[i + 2] : 0;
        for (int shift = 18; shift >= 0; shift -= 6) {
            uint32_t value = bits >> shift & 63;
            *out++ = backtick && value == 0 ? '`' : (char)(' ' + value);
        }
    }
    *out = '\n';
    return result;
}

// --- Quoted-printable ---------------------------------------------------------------------------

KR_FUNCTION(binascii, "a2b_qp(data: ascii, header=False)",
            "Decode a string of qp-encoded data.")
static PyObject *
binascii_a2b_qp(PyObject *module, Py_buffer *data, bool header)
{
    const unsigned char *p = data->buf, *end = p + data->len;
    PyObject *result = PyBytes_FromStringAndSize(NULL, data->len);
    if (result == NULL) {
        return NULL;
    }
    char *start = PyBytes_AS_STRING(result), *out = start;
    while (p < end) {
        if (*p != '=') {
            *out++ = header && *p == '_' ? ' ' : (char)*p;
            p++;
            continue;
        }
        if (++p == end) {
            break;
        }
        if (*p == '\n' || *p == '\r') {
            // A soft end of line.
            while (p < end && *p != '\n') {
                p++;
            }
            if (p < end) {
                p++;
            }
        }
        else if (*p == '=') {
            *out++ = '=';
            p++;
        }
        else if (end - p >= 2 && hex_digit(p[0]) >= 0 && hex_digit(p[1]) >= 0) {
            *out++ = (char)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
            p += 2;
        }
        else {
            *out++ = '=';
        }
    }
    return cut_steal(result, out - start);
}

#define QP_LINE 76

typedef struct {
    const unsigned char *data;
    Py_ssize_t size;
    bool quotetabs;
    bool istext;
    bool header;
    bool crlf;          // lines end in \r\n
    char *out;          // NULL: only count
    Py_ssize_t written;
    Py_ssize_t line;    // length of the line so far
} QpWriter;

static void
qp_put(QpWriter *w, char c)
{
    if (w->out != NULL) {
        w->out[w->written] = c;
    }
    w->written++;
}

static void
qp_put_hex(QpWriter *w, unsigned char c)
{
    qp_put(w, '=');
    qp_put(w, "0123456789ABCDEF"[c >> 4]);
    qp_put(w, "0123456789ABCDEF"[c & 15]);
}

static void
qp_newline(QpWriter *w)
{
    if (w->crlf) {
        qp_put(w, '\r');
    }
    qp_put(w, '\n');
    w->line = 0;
}

static bool
qp_must_quote(const QpWriter *w, Py_ssize_t i)
{
    unsigned char c = w->data[i];
    bool last = i + 1 == w->size;
    unsigned char next = last ? 0 : w->data[i + 1];
    if (c > 126 || c == '=' || (w->header && c == '_')) {
        return true;
    }
    // A point alone on its line ends a mail.
    if (c == '.' && w->line == 0 && (last || next == '\n' || next == '\r' || next == 0)) {
        return true;
    }
    if (c == '\r' || c == '\n') {
        return !w->istext;
    }
    if (c == '\t' || c == ' ') {
        return last || w->quotetabs;
    }
    return c < 33;
}

static void
qp_run(QpWriter *w)
{
    unsigned char previous = 0; // what was written last, if as it stands
    for (Py_ssize_t i = 0; i < w->size; i++) {
        unsigned char c = w->data[i];
        unsigned char next = i + 1 < w->size ? w->data[i + 1] : 0;
        if (qp_must_quote(w, i)) {
            if (w->line + 3 >= QP_LINE) {
                qp_put(w, '=');
                qp_newline(w);
            }
            qp_put_hex(w, c);
            w->line += 3;
            previous = 0;
            continue;
        }
        if (w->istext && (c == '\n' || (c == '\r' && next == '\n'))) {
            // White space before the end of a line would get lost.
            if (previous == ' ' || previous == '\t') {
                w->written--;
                qp_put_hex(w, previous);
            }
            qp_newline(w);
            previous = 0;
            if (c == '\r') {
                i++;
            }
            continue;
        }
        if (i + 1 != w->size && next != '\n' && w->line + 1 >= QP_LINE) {
            qp_put(w, '=');
            qp_newline(w);
        }
        w->line++;
        bool blank = w->header && c == ' ';
        qp_put(w, blank ? '_' : (char)c);
        previous = blank ? '_' : c;
    }
}

KR_FUNCTION(binascii, "b2a_qp(data, quotetabs=False, istext=True, header=False)",
            "Encode a string using quoted-printable encoding.\n\n"
            "On encoding, when istext is set, newlines are not encoded, and white\n"
            "space at end of lines is.  When istext is not set, \\\\r and \\\\n (CR/LF)\n"
            "are both encoded.  When quotetabs is set, space and tabs are encoded.")
static PyObject *
binascii_b2a_qp(PyObject *module, Py_buffer *data, bool quotetabs, bool istext,
                bool header)
{
    QpWriter w = {.data = data->buf,
                  .size = data->len,
                  .quotetabs = quotetabs,
                  .istext = istext,
                  .header = header};
    const char *newline = data->len > 0 ? memchr(data->buf, '\n', (size_t)data->len) : NULL;
    w.crlf = newline != NULL && newline > (char *)data->buf && newline[-1] == '\r';
    QpWriter counter = w;
    qp_run(&counter);
    PyObject *result = PyBytes_FromStringAndSize(NULL, counter.written);
    if (result != NULL) {
        w.out = PyBytes_AS_STRING(result);
        qp_run(&w);
    }
    return result;
}

// --- Checksums -----------------------------------------------------------------------------------

static uint32_t
crc32_update(uint32_t crc, const unsigned char *p, Py_ssize_t n)
{
    crc = ~crc;
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t low, high;
        memcpy(&low, p, 4);
        memcpy(&high, p + 4, 4);
        low ^= crc;
        crc = crc32_table[7][low & 255] ^ crc32_table[6][low >> 8 & 255] ^
              crc32_table[5][low >> 16 & 255] ^ crc32_table[4][low >> 24] ^
              crc32_table[3][high & 255] ^ crc32_table[2][high >> 8 & 255] ^
              crc32_table[1][high >> 16 & 255] ^ crc32_table[0][high >> 24];
    }
    for (; n > 0; n--) {
        crc = crc >> 8 ^ crc32_table[0][(crc ^ *p++) & 255];
    }
    return ~crc;
}

KR_FUNCTION(binascii, "crc32(data, crc=0, /)", "Compute CRC-32 incrementally.")
static PyObject *
binascii_crc32(PyObject *module, Py_buffer *data, PyObject *crc)
{
    unsigned long start = 0;
    if (crc != NULL) {
        start = PyLong_AsUnsignedLongMask(crc);
        if (start == (unsigned long)-1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    uint32_t result;
    if (data->len > 1024 * 5) {
        Py_BEGIN_ALLOW_THREADS
        result = crc32_update((uint32_t)start, data->buf, data->len);
        Py_END_ALLOW_THREADS
    }
    else {
        result = crc32_update((uint32_t)start, data->buf, data->len);
    }
    return PyLong_FromUnsignedLong(result);
}

KR_FUNCTION(binascii, "crc_hqx(data, crc, /)", "Compute CRC-CCITT incrementally.")
static PyObject *
binascii_crc_hqx(PyObject *module, Py_buffer *data, PyObject *crc)
{
    unsigned long given = PyLong_AsUnsignedLongMask(crc);
    if (given == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    uint32_t value = given & 0xffff;
    const unsigned char *p = data->buf;
    for (Py_ssize_t i = 0; i < data->len; i++) {
        value = (value << 8 & 0xff00) ^ crc_hqx_table[value >> 8 ^ p[i]];
    }
    return PyLong_FromUnsignedLong(value);
}

// --- The module -------------------------------------------------------------------------------------

KR_MODULE(binascii)
#include "modules/binascii.methods.h"

static int
binascii_exec(PyObject *module)
{
    BinasciiState *state = PyModule_GetState(module);
    state->error = PyErr_NewException("binascii.Error", PyExc_ValueError, NULL);
    state->incomplete = PyErr_NewException("binascii.Incomplete", NULL, NULL);
    if (state->error == NULL || state->incomplete == NULL ||
        PyModule_AddObjectRef(module, "Error", state->error) < 0 ||
        PyModule_AddObjectRef(module, "Incomplete", state->incomplete) < 0) {
        return -1;
    }
    return 0;
}

static int
binascii_traverse(PyObject *module, visitproc visit, void *arg)
{
    BinasciiState *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_VISIT(state->error);
        Py_VISIT(state->incomplete);
    }
    return 0;
}

static int
binascii_clear(PyObject *module)
{
    BinasciiState *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_CLEAR(state->error);
        Py_CLEAR(state->incomplete);
    }
    return 0;
}

static void
binascii_free(void *module)
{
    binascii_clear(module);
}

static PyModuleDef_Slot binascii_slots[] = {
    {Py_mod_exec, (void *)binascii_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef binascii_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "binascii",
    .m_doc = "Conversion between binary data and ASCII",
    .m_size = sizeof(BinasciiState),
    .m_methods = binascii_methods,
    .m_slots = binascii_slots,
    .m_traverse = binascii_traverse,
    .m_clear = binascii_clear,
    .m_free = binascii_free,
};

PyMODINIT_FUNC
PyInit_binascii(void)
{
    return PyModuleDef_Init(&binascii_def);
}
