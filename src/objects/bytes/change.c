// SPDX-License-Identifier: MIT
// change.c - changed copies of bytes and bytearray: replace, strip, pad, translate.
#include "objects/bytes/bytes.h"

#include "objects/args.h"
#include "objects/ids.h"

// ----------------------------------------------------------------------- replace

// A copy with one byte replaced by one byte.
static PyObject *
replace_same_size(PyObject *self, KrBytes s, KrBytes old, KrBytes new, Py_ssize_t count)
{
    PyObject *result = kr_bytes_like(self, s.data, s.size);
    if (result == NULL) {
        return NULL;
    }
    char *at = kr_bytes_content(result);
    char *end = at + s.size;
    while (count-- > 0) {
        Py_ssize_t found = kr_bytes_find(at, end - at, old.data, old.size);
        if (found < 0) {
            break;
        }
        memcpy(at + found, new.data, (size_t)new.size);
        at += found + old.size;
    }
    return result;
}

// Puts `new` before each of the first count bytes and at the end.
static void
interleave(char *to, KrBytes s, KrBytes new, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(to, new.data, (size_t)new.size);
        to += new.size;
        if (i < s.size) {
            *to++ = s.data[i];
        }
    }
    if (count < s.size) {
        memcpy(to, s.data + count, (size_t)(s.size - count));
    }
}

static PyObject *
replace_any(PyObject *self, KrBytes s, KrBytes old, KrBytes new, Py_ssize_t count)
{
    if (count < 0) {
        count = PY_SSIZE_T_MAX;
    }
    if (count == 0 || s.size < old.size || (old.size == 0 && new.size == 0)) {
        return kr_bytes_same(self);
    }
    count = kr_bytes_count(s.data, s.size, old.data, old.size, count);
    if (count == 0) {
        return kr_bytes_same(self);
    }
    if (old.size == new.size) {
        return replace_same_size(self, s, old, new, count);
    }
    Py_ssize_t growth = new.size - old.size;
    if (growth > 0 && count > (PY_SSIZE_T_MAX - s.size) / growth) {
        PyErr_SetString(PyExc_OverflowError, "replace bytes is too long");
        return NULL;
    }
    PyObject *result = kr_bytes_like(self, NULL, s.size + count * growth);
    if (result == NULL) {
        return NULL;
    }
    char *to = kr_bytes_content(result);
    if (old.size == 0) {
        interleave(to, s, new, count);
        return result;
    }
    const char *from = s.data, *end = s.data + s.size;
    for (; count > 0; count--) {
        Py_ssize_t at = kr_bytes_find(from, end - from, old.data, old.size);
        memcpy(to, from, (size_t)at);
        to += at;
        memcpy(to, new.data, (size_t)new.size);
        to += new.size;
        from += at + old.size;
    }
    memcpy(to, from, (size_t)(end - from));
    return result;
}

KR_METHOD(bytes, "replace(self, old, new, count=-1, /)",
          "Return a copy with the first count (-1: all) occurrences of old replaced.")
KR_METHOD(bytearray, "replace(self, old, new, count=-1, /)",
          "Return a copy with the first count (-1: all) occurrences of old replaced.")
static PyObject *
bytes_replace(PyObject *self, Py_buffer *old, Py_buffer *new, Py_ssize_t count)
{
    return replace_any(self, kr_bytes_span(self), kr_bytes_of_buffer(old),
                       kr_bytes_of_buffer(new), count);
}

KR_METHOD(bytes, "removeprefix(self, prefix, /)",
          "Return a copy without the prefix if it starts with it.")
KR_METHOD(bytearray, "removeprefix(self, prefix, /)",
          "Return a copy without the prefix if it starts with it.")
static PyObject *
bytes_removeprefix(PyObject *self, Py_buffer *prefix)
{
    KrBytes s = kr_bytes_span(self);

    if (prefix->len > 0 && s.size >= prefix->len &&
        memcmp(s.data, prefix->buf, (size_t)prefix->len) == 0) {
        return kr_bytes_like(self, s.data + prefix->len, s.size - prefix->len);
    }
    return kr_bytes_same(self);
}

KR_METHOD(bytes, "removesuffix(self, suffix, /)",
          "Return a copy without the suffix if it ends with it.")
KR_METHOD(bytearray, "removesuffix(self, suffix, /)",
          "Return a copy without the suffix if it ends with it.")
static PyObject *
bytes_removesuffix(PyObject *self, Py_buffer *suffix)
{
    KrBytes s = kr_bytes_span(self);

    if (suffix->len > 0 && s.size >= suffix->len &&
        memcmp(s.data + s.size - suffix->len, suffix->buf, (size_t)suffix->len) == 0) {
        return kr_bytes_like(self, s.data, s.size - suffix->len);
    }
    return kr_bytes_same(self);
}

// ------------------------------------------------------------------------- strip

#define STRIP_LEFT 1
#define STRIP_RIGHT 2

static PyObject *
strip_any(PyObject *self, PyObject *chars, int sides)
{
    KrBytes s = kr_bytes_span(self);
    // The usual case needs no table: nothing to strip is seen at once.
    if (chars == Py_None && PyBytes_CheckExact(self)
        && (s.size == 0
            || (!(sides & STRIP_LEFT && Py_ISSPACE((unsigned char)s.data[0]))
                && !(sides & STRIP_RIGHT && Py_ISSPACE((unsigned char)s.data[s.size - 1]))))) {
        return kr_bytes_same(self);
    }
    bool table[256] = {false};
    Py_buffer view;

    if (chars == Py_None) {
        table[' '] = true;
        memset(table + '\t', true, '\r' - '\t' + 1);
    }
    else {
        if (PyObject_GetBuffer(chars, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        for (Py_ssize_t i = 0; i < view.len; i++) {
            table[((unsigned char *)view.buf)[i]] = true;
        }
        PyBuffer_Release(&view);
        s = kr_bytes_span(self);
    }
    Py_ssize_t from = 0, to = s.size;
    if (sides & STRIP_LEFT) {
        while (from < to && table[(unsigned char)s.data[from]]) {
            from++;
        }
    }
    if (sides & STRIP_RIGHT) {
        while (to > from && table[(unsigned char)s.data[to - 1]]) {
            to--;
        }
    }
    if (from == 0 && to == s.size) {
        return kr_bytes_same(self);
    }
    return kr_bytes_like(self, s.data + from, to - from);
}

KR_METHOD(bytes, "strip(self, bytes=None, /)",
          "Strip the bytes contained in the argument (spaces if None) from both ends.")
KR_METHOD(bytearray, "strip(self, bytes=None, /)",
          "Strip the bytes contained in the argument (spaces if None) from both ends.")
static PyObject *
bytes_strip(PyObject *self, PyObject *chars)
{
    return strip_any(self, chars, STRIP_LEFT | STRIP_RIGHT);
}

KR_METHOD(bytes, "lstrip(self, bytes=None, /)",
          "Strip the bytes contained in the argument (spaces if None) from the start.")
KR_METHOD(bytearray, "lstrip(self, bytes=None, /)",
          "Strip the bytes contained in the argument (spaces if None) from the start.")
static PyObject *
bytes_lstrip(PyObject *self, PyObject *chars)
{
    return strip_any(self, chars, STRIP_LEFT);
}

KR_METHOD(bytes, "rstrip(self, bytes=None, /)",
          "Strip the bytes contained in the argument (spaces if None) from the end.")
KR_METHOD(bytearray, "rstrip(self, bytes=None, /)",
          "Strip the bytes contained in the argument (spaces if None) from the end.")
static PyObject *
bytes_rstrip(PyObject *self, PyObject *chars)
{
    return strip_any(self, chars, STRIP_RIGHT);
}

// --------------------------------------------------------------------------- pad

// The fill character of center() and its kin; NULL stands for a space.
static int
fill_argument(const char *name, PyObject *arg, char *fill_out)
{
    *fill_out = ' ';
    if (arg == NULL) {
        return 0;
    }
    if (!PyBytes_Check(arg) && !PyByteArray_Check(arg)) {
        return kr_arg_bad(name, "argument 2", "a byte string of length 1", arg);
    }
    KrBytes s = kr_bytes_span(arg);
    if (s.size != 1) {
        PyErr_Format(PyExc_TypeError,
                     "%s(): argument 2 must be a byte string of length 1, not a %s "
                     "object of length %zd",
                     name, PyBytes_Check(arg) ? "bytes" : "bytearray", s.size);
        return -1;
    }
    *fill_out = s.data[0];
    return 0;
}

static PyObject *
pad_any(PyObject *self, Py_ssize_t left, Py_ssize_t right, char fill)
{
    KrBytes s = kr_bytes_span(self);

    left = left < 0 ? 0 : left;
    right = right < 0 ? 0 : right;
    if (left == 0 && right == 0) {
        return kr_bytes_same(self);
    }
    if (left > PY_SSIZE_T_MAX - s.size || right > PY_SSIZE_T_MAX - left - s.size) {
        return PyErr_NoMemory();
    }
    PyObject *result = kr_bytes_like(self, NULL, left + s.size + right);
    if (result != NULL) {
        char *to = kr_bytes_content(result);
        memset(to, fill, (size_t)left);
        memcpy(to + left, s.data, (size_t)s.size);
        memset(to + left + s.size, fill, (size_t)right);
    }
    return result;
}

KR_METHOD(bytes, "center(self, width, fillchar=b' ', /)",
          "Return a centered copy of length width, padded with the fill character.")
KR_METHOD(bytearray, "center(self, width, fillchar=b' ', /)",
          "Return a centered copy of length width, padded with the fill character.")
static PyObject *
bytes_center(PyObject *self, Py_ssize_t width, PyObject *fillchar)
{
    char fill;
    if (fill_argument("center", fillchar, &fill) < 0) {
        return NULL;
    }
    Py_ssize_t pad = width - kr_bytes_span(self).size;
    // An odd place goes to the left if the width is odd too.
    Py_ssize_t left = width <= kr_bytes_span(self).size ? 0 : pad / 2 + (pad & width & 1);
    return width <= kr_bytes_span(self).size ? kr_bytes_same(self)
                                             : pad_any(self, left, pad - left, fill);
}

KR_METHOD(bytes, "ljust(self, width, fillchar=b' ', /)",
          "Return a left-justified copy of length width.")
KR_METHOD(bytearray, "ljust(self, width, fillchar=b' ', /)",
          "Return a left-justified copy of length width.")
static PyObject *
bytes_ljust(PyObject *self, Py_ssize_t width, PyObject *fillchar)
{
    char fill;
    if (fill_argument("ljust", fillchar, &fill) < 0) {
        return NULL;
    }
    Py_ssize_t size = kr_bytes_span(self).size;
    return pad_any(self, 0, width <= size ? 0 : width - size, fill);
}

KR_METHOD(bytes, "rjust(self, width, fillchar=b' ', /)",
          "Return a right-justified copy of length width.")
KR_METHOD(bytearray, "rjust(self, width, fillchar=b' ', /)",
          "Return a right-justified copy of length width.")
static PyObject *
bytes_rjust(PyObject *self, Py_ssize_t width, PyObject *fillchar)
{
    char fill;
    if (fill_argument("rjust", fillchar, &fill) < 0) {
        return NULL;
    }
    Py_ssize_t size = kr_bytes_span(self).size;
    return pad_any(self, width <= size ? 0 : width - size, 0, fill);
}

KR_METHOD(bytes, "zfill(self, width, /)",
          "Return a copy filled with zeros on the left, behind a sign.")
KR_METHOD(bytearray, "zfill(self, width, /)",
          "Return a copy filled with zeros on the left, behind a sign.")
static PyObject *
bytes_zfill(PyObject *self, Py_ssize_t width)
{
    KrBytes s = kr_bytes_span(self);

    if (width <= s.size) {
        return kr_bytes_same(self);
    }
    bool sign = s.size > 0 && (s.data[0] == '+' || s.data[0] == '-');
    Py_ssize_t fill = width - s.size;
    PyObject *result = pad_any(self, fill, 0, '0');
    if (result != NULL && sign) {
        char *to = kr_bytes_content(result);
        to[0] = to[fill];
        to[fill] = '0';
    }
    return result;
}

KR_METHOD(bytes, "expandtabs(self, /, tabsize=8)",
          "Return a copy where all tab characters are expanded using spaces.")
KR_METHOD(bytearray, "expandtabs(self, /, tabsize=8)",
          "Return a copy where all tab characters are expanded using spaces.")
static PyObject *
bytes_expandtabs(PyObject *self, int tabsize)
{
    KrBytes s = kr_bytes_span(self);
    Py_ssize_t total = 0, column = 0;

    // First how long it gets, then the text.
    for (Py_ssize_t i = 0; i < s.size; i++) {
        Py_ssize_t step = 1;
        if (s.data[i] == '\t') {
            step = tabsize > 0 ? tabsize - column % tabsize : 0;
        }
        column = s.data[i] == '\n' || s.data[i] == '\r' ? 0 : column + step;
        if (step > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "result too long");
            return NULL;
        }
        total += step;
    }
    PyObject *result = kr_bytes_like(self, NULL, total);
    if (result == NULL) {
        return NULL;
    }
    char *to = kr_bytes_content(result);
    column = 0;
    for (Py_ssize_t i = 0; i < s.size; i++) {
        if (s.data[i] == '\t') {
            Py_ssize_t step = tabsize > 0 ? tabsize - column % tabsize : 0;
            memset(to, ' ', (size_t)step);
            to += step;
            column += step;
            continue;
        }
        *to++ = s.data[i];
        column = s.data[i] == '\n' || s.data[i] == '\r' ? 0 : column + 1;
    }
    return result;
}

// --------------------------------------------------------------------- translate

// A copy where every byte goes through `map` (NULL: stays), but those in `drop`.
static PyObject *
translate_any(PyObject *self, const unsigned char *map, KrBytes drop)
{
    KrBytes s = kr_bytes_span(self);
    bool dropped[256] = {false};
    bool changed = false;

    for (Py_ssize_t i = 0; i < drop.size; i++) {
        dropped[(unsigned char)drop.data[i]] = true;
    }
    Py_ssize_t size = s.size;
    if (drop.size > 0) {
        for (Py_ssize_t i = 0; i < s.size; i++) {
            size -= dropped[(unsigned char)s.data[i]];
        }
        changed = size != s.size;
    }
    PyObject *result = kr_bytes_like(self, NULL, size);
    if (result == NULL) {
        return NULL;
    }
    char *to = kr_bytes_content(result);
    for (Py_ssize_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (!dropped[c]) {
            unsigned char mapped = map != NULL ? map[c] : c;
            changed = changed || mapped != c;
            *to++ = (char)mapped;
        }
    }
    if (!changed && PyBytes_CheckExact(self)) {
        Py_SETREF(result, Py_NewRef(self));
    }
    return result;
}

KR_METHOD(bytes, "translate(self, table, /, delete=b'')",
          "Return a copy with each byte mapped by the table of 256 bytes; those in "
          "delete are removed.")
KR_METHOD(bytearray, "translate(self, table, /, delete=b'')",
          "Return a copy with each byte mapped by the table of 256 bytes; those in "
          "delete are removed.")
static PyObject *
bytes_translate(PyObject *self, PyObject *table, PyObject *delete)
{
    Py_buffer map = {NULL, NULL}, drop = {NULL, NULL};
    PyObject *result = NULL;

    if (table != Py_None) {
        if (PyObject_GetBuffer(table, &map, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        if (map.len != 256) {
            PyErr_SetString(PyExc_ValueError,
                            "translation table must be 256 characters long");
            goto done;
        }
    }
    if (delete != NULL && PyObject_GetBuffer(delete, &drop, PyBUF_SIMPLE) < 0) {
        goto done;
    }
    result = translate_any(self, map.buf, kr_bytes_of_buffer(&drop));

done:
    if (map.obj != NULL) {
        PyBuffer_Release(&map);
    }
    if (drop.obj != NULL) {
        PyBuffer_Release(&drop);
    }
    return result;
}

KR_METHOD(bytes, "maketrans(frm, to, /)",
          "Return a table for translate() that maps each byte in frm to the one in to.")
KR_METHOD(bytearray, "maketrans(frm, to, /)",
          "Return a table for translate() that maps each byte in frm to the one in to.")
static PyObject *
bytes_maketrans(Py_buffer *frm, Py_buffer *to)
{
    if (frm->len != to->len) {
        PyErr_SetString(PyExc_ValueError, "maketrans arguments must have same length");
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, 256);
    if (result != NULL) {
        unsigned char *table = (unsigned char *)PyBytes_AS_STRING(result);
        for (int i = 0; i < 256; i++) {
            table[i] = (unsigned char)i;
        }
        for (Py_ssize_t i = 0; i < frm->len; i++) {
            table[((unsigned char *)frm->buf)[i]] = ((unsigned char *)to->buf)[i];
        }
    }
    return result;
}

#include "objects/bytes/change.methods.h"
