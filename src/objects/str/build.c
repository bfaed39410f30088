// SPDX-License-Identifier: MIT
// build.c - putting strings together: concatenate, join, repeat, replace, pad.
#include "objects/str/str.h"

#include "objects/args.h"
#include "objects/ids.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// --- Concatenation -----------------------------------------------------------------

static PyObject *
too_long(void)
{
    PyErr_SetString(PyExc_OverflowError, "strings are too large to concat");
    return NULL;
}

PyObject *
PyUnicode_Concat(PyObject *left, PyObject *right)
{
    if (kr_str_check(left) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(right)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate str (not \"%.200s\") to str",
                     Py_TYPE(right)->tp_name);
        return NULL;
    }
    Py_ssize_t l = PyUnicode_GET_LENGTH(left), r = PyUnicode_GET_LENGTH(right);
    if (l == 0) {
        return kr_str_exact(right);
    }
    if (r == 0) {
        return kr_str_exact(left);
    }
    if (l > PY_SSIZE_T_MAX - r) {
        return too_long();
    }
    PyObject *text;
    if (PyUnicode_IS_COMPACT_ASCII(left) && PyUnicode_IS_COMPACT_ASCII(right)) {
        text = kr_str_new(l + r, 127);
        if (text != NULL) {
            char *data = (char *)(KR_ASCII(text) + 1);
            kr_copy_bytes(data, KR_ASCII(left) + 1, (size_t)l);
            kr_copy_bytes(data + l, KR_ASCII(right) + 1, (size_t)r);
        }
        return text;
    }
    Py_UCS4 maxchar = Py_MAX(PyUnicode_MAX_CHAR_VALUE(left), PyUnicode_MAX_CHAR_VALUE(right));
    text = kr_str_new(l + r, maxchar);
    if (text != NULL) {
        int kind = PyUnicode_KIND(text);
        void *data = PyUnicode_DATA(text);
        kr_copy_items(kind, data, 0, PyUnicode_KIND(left), PyUnicode_DATA(left), 0, l);
        kr_copy_items(kind, data, l, PyUnicode_KIND(right), PyUnicode_DATA(right), 0, r);
    }
    return text;
}

// Appends in place where nobody else can see left; that makes loops of += linear.
static int
append_in_place(PyObject **place, PyObject *right)
{
    PyObject *left = *place;
    Py_ssize_t l = PyUnicode_GET_LENGTH(left), r = PyUnicode_GET_LENGTH(right);
    if (!kr_str_is_modifiable(left) || left == right || l > PY_SSIZE_T_MAX - r
        || PyUnicode_MAX_CHAR_VALUE(right) > PyUnicode_MAX_CHAR_VALUE(left)) {
        return 0;
    }
    if (PyUnicode_Resize(place, l + r) < 0) {
        return -1;
    }
    kr_copy_items(PyUnicode_KIND(*place), PyUnicode_DATA(*place), l, PyUnicode_KIND(right),
                  PyUnicode_DATA(right), 0, r);
    return 1;
}

void
PyUnicode_Append(PyObject **left, PyObject *right)
{
    if (left == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return;
    }
    PyObject *old = *left, *text = NULL;
    if (right == NULL || old == NULL || !PyUnicode_Check(old) || !PyUnicode_Check(right)) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        Py_CLEAR(*left);
        return;
    }
    if (PyUnicode_GET_LENGTH(right) == 0) {
        text = kr_str_exact(old);
    }
    else {
        int status = append_in_place(left, right);
        if (status > 0) {
            return;
        }
        if (status == 0) {
            text = PyUnicode_Concat(old, right);
        }
    }
    Py_XSETREF(*left, text);
}

void
PyUnicode_AppendAndDel(PyObject **left, PyObject *right)
{
    PyUnicode_Append(left, right);
    Py_XDECREF(right);
}

// sq_repeat.
PyObject *
kr_str_repeat(PyObject *text, Py_ssize_t count)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (count < 1 || length == 0) {
        return kr_empty_str();
    }
    if (count == 1) {
        return kr_str_exact(text);
    }
    if (length > PY_SSIZE_T_MAX / count) {
        PyErr_SetString(PyExc_OverflowError, "repeated string is too long");
        return NULL;
    }
    Py_ssize_t total = length * count;
    PyObject *result = kr_str_new(total, PyUnicode_MAX_CHAR_VALUE(text));
    if (result == NULL) {
        return NULL;
    }
    int kind = PyUnicode_KIND(text);
    char *data = PyUnicode_DATA(result);
    if (length == 1) {
        kr_fill_items(kind, data, 0, count, PyUnicode_READ_CHAR(text, 0));
        return result;
    }
    size_t done = (size_t)(length * kind), all = (size_t)(total * kind);
    memcpy(data, PyUnicode_DATA(text), done);
    while (done < all) {
        size_t part = Py_MIN(done, all - done);
        memcpy(data + done, data, part);
        done += part;
    }
    return result;
}

// --- Join --------------------------------------------------------------------------

// Sum of lengths and the largest maxchar; -1 with an exception set.
static int
measure_parts(PyObject *const *items, Py_ssize_t count, Py_ssize_t sep_length,
              Py_ssize_t *total_out, Py_UCS4 *maxchar_out)
{
    Py_ssize_t total = 0;
    Py_UCS4 maxchar = *maxchar_out;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = items[i];
        if (!PyUnicode_Check(item)) {
            PyErr_Format(PyExc_TypeError,
                         "sequence item %zd: expected str instance, %.80s found", i,
                         Py_TYPE(item)->tp_name);
            return -1;
        }
        Py_UCS4 item_max = PyUnicode_MAX_CHAR_VALUE(item);
        maxchar = Py_MAX(maxchar, item_max);
        Py_ssize_t more = PyUnicode_GET_LENGTH(item) + (i > 0 ? sep_length : 0);
        if (more > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError,
                            "join() result is too long for a Python string");
            return -1;
        }
        total += more;
    }
    *total_out = total;
    *maxchar_out = maxchar;
    return 0;
}

// Writes items and separators that are all ASCII; `out` has the room.
static void
join_ascii(char *out, PyObject *sep, Py_ssize_t sep_length, PyObject *const *items,
           Py_ssize_t n)
{
    const char *between = PyUnicode_DATA(sep);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (i > 0 && sep_length > 0) {
            kr_copy_bytes(out, between, (size_t)sep_length);
            out += sep_length;
        }
        PyObject *item = items[i];
        size_t length = (size_t)PyUnicode_GET_LENGTH(item);
        kr_copy_bytes(out, PyUnicode_DATA(item), length);
        out += length;
    }
}

PyObject *
_PyUnicode_JoinArray(PyObject *separator, PyObject *const *items, Py_ssize_t seqlen)
{
    if (seqlen == 0) {
        return kr_empty_str();
    }
    if (seqlen == 1 && PyUnicode_CheckExact(items[0])) {
        return Py_NewRef(items[0]);
    }
    PyObject *sep = separator == NULL ? kr_char_borrow(' ') : separator;
    if (!PyUnicode_Check(sep)) {
        PyErr_Format(PyExc_TypeError, "separator: expected str instance, %.80s found",
                     Py_TYPE(sep)->tp_name);
        return NULL;
    }
    Py_ssize_t sep_length = PyUnicode_GET_LENGTH(sep), total, at = 0;
    Py_UCS4 maxchar =
        seqlen > 1 && sep_length > 0 ? PyUnicode_MAX_CHAR_VALUE(sep) : 0x7f;
    if (measure_parts(items, seqlen, sep_length, &total, &maxchar) < 0) {
        return NULL;
    }
    PyObject *text = kr_str_new(total, maxchar);
    if (text == NULL || total == 0) {
        return text;
    }
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        join_ascii((char *)(KR_ASCII(text) + 1), sep, sep_length, items, seqlen);
        return text;
    }
    int kind = PyUnicode_KIND(text), sep_kind = PyUnicode_KIND(sep);
    void *data = PyUnicode_DATA(text);
    const void *sep_data = PyUnicode_DATA(sep);
    for (Py_ssize_t i = 0; i < seqlen; i++) {
        if (i > 0 && sep_length > 0) {
            kr_copy_items(kind, data, at, sep_kind, sep_data, 0, sep_length);
            at += sep_length;
        }
        PyObject *item = items[i];
        Py_ssize_t length = PyUnicode_GET_LENGTH(item);
        if (length > 0) {
            kr_copy_items(kind, data, at, PyUnicode_KIND(item), PyUnicode_DATA(item), 0,
                          length);
            at += length;
        }
    }
    return text;
}

PyObject *
PyUnicode_Join(PyObject *separator, PyObject *seq)
{
    PyObject *fast = PySequence_Fast(seq, "can only join an iterable");
    if (fast == NULL) {
        return NULL;
    }
    PyObject *text = _PyUnicode_JoinArray(separator, PySequence_Fast_ITEMS(fast),
                                          PySequence_Fast_GET_SIZE(fast));
    Py_DECREF(fast);
    return text;
}

KR_METHOD(str, "join(self, iterable, /)",
          "Concatenate the strings of iterable with self between them.")
static PyObject *
str_join(PyObject *self, PyObject *iterable)
{
    return PyUnicode_Join(self, iterable);
}

// --- Replace -----------------------------------------------------------------------

// Writes n bytes with every `from` replaced by `to`.
static void
copy_replacing(Py_UCS1 *out, const Py_UCS1 *in, Py_ssize_t n, Py_UCS1 from, Py_UCS1 to)
{
    Py_ssize_t i = 0;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8((char)from);
    const __m128i change = _mm_set1_epi8((char)(from ^ to));
    for (; i + 16 <= n; i += 16) {
        __m128i items = _mm_loadu_si128((const __m128i *)(in + i));
        __m128i hits = _mm_cmpeq_epi8(items, wanted);
        items = _mm_xor_si128(items, _mm_and_si128(hits, change));
        _mm_storeu_si128((__m128i *)(out + i), items);
    }
#endif
    for (; i < n; i++) {
        out[i] = in[i] == from ? to : in[i];
    }
}

// One character for another that fits the same width.
static PyObject *
replace_char(PyObject *text, Py_UCS4 from, Py_UCS4 to, Py_ssize_t max)
{
    int kind = PyUnicode_KIND(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_ssize_t at = kr_items_find_char(kind, PyUnicode_DATA(text), 0, length, from);
    if (at < 0) {
        return kr_str_exact(text);
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(text);
    PyObject *result = kr_str_new(length, Py_MAX(maxchar, to));
    if (result == NULL) {
        return NULL;
    }
    int new_kind = PyUnicode_KIND(result);
    void *data = PyUnicode_DATA(result);
    if (kind == 1 && new_kind == 1 && max >= length) {
        copy_replacing(data, PyUnicode_1BYTE_DATA(text), length, (Py_UCS1)from, (Py_UCS1)to);
    }
    else {
        kr_copy_items(new_kind, data, 0, kind, PyUnicode_DATA(text), 0, length);
        while (at >= 0 && max-- > 0) {
            PyUnicode_WRITE(new_kind, data, at, to);
            at = kr_items_find_char(new_kind, data, at + 1, length, from);
        }
    }
    if (from > 127 && to < from && kr_str_fit(&result) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

// The new text between all characters (the old one is empty).
static PyObject *
interleave(PyObject *text, PyObject *with, Py_ssize_t max)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), m = PyUnicode_GET_LENGTH(with);
    Py_ssize_t count = Py_MIN(max, length + 1), at = 0;
    if (m > 0 && count > (PY_SSIZE_T_MAX - length) / m) {
        PyErr_SetString(PyExc_OverflowError, "replace string is too long");
        return NULL;
    }
    Py_UCS4 maxchar = Py_MAX(PyUnicode_MAX_CHAR_VALUE(text), PyUnicode_MAX_CHAR_VALUE(with));
    PyObject *result = kr_str_new(length + count * m, maxchar);
    if (result == NULL || length + count * m == 0) {
        return result;
    }
    int kind = PyUnicode_KIND(result);
    void *data = PyUnicode_DATA(result);
    for (Py_ssize_t i = 0; i < count; i++) {
        kr_copy_items(kind, data, at, PyUnicode_KIND(with), PyUnicode_DATA(with), 0, m);
        at += m;
        if (i < length) {
            PyUnicode_WRITE(kind, data, at, PyUnicode_READ_CHAR(text, i));
            at++;
        }
    }
    if (count < length) {
        kr_copy_items(kind, data, at, PyUnicode_KIND(text), PyUnicode_DATA(text), count,
                      length - count);
    }
    return result;
}

// So many places of a text to be replaced are noted while they are counted.
#define NOTED 64

// How often the needle stands in the text, at most max; the first places in noted[].
static Py_ssize_t
note_places(int kind, const char *data, Py_ssize_t length, const void *needle,
            Py_ssize_t m, Py_ssize_t max, Py_ssize_t *noted)
{
    Py_ssize_t count = 0, from = 0;
    while (count < max) {
        Py_ssize_t hit = kr_items_find(kind, data + from * kind, length - from, needle, m);
        if (hit < 0) {
            break;
        }
        from += hit;
        if (count < NOTED) {
            noted[count] = from;
        }
        count++;
        from += m;
    }
    return count;
}

static PyObject *
replace_general(PyObject *text, PyObject *old, PyObject *with, Py_ssize_t max)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), m = PyUnicode_GET_LENGTH(old);
    Py_ssize_t w = PyUnicode_GET_LENGTH(with), noted[NOTED];
    int kind = PyUnicode_KIND(text);
    const char *data = PyUnicode_DATA(text);
    void *owned = NULL;
    const void *items = kr_str_widened(old, kind, &owned);
    if (items == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    Py_ssize_t count = note_places(kind, data, length, items, m, max, noted);
    if (count == 0) {
        result = kr_str_exact(text);
        goto done;
    }
    if (w > m && count > (PY_SSIZE_T_MAX - length) / (w - m)) {
        PyErr_SetString(PyExc_OverflowError, "replace string is too long");
        goto done;
    }
    Py_UCS4 maxchar = Py_MAX(PyUnicode_MAX_CHAR_VALUE(text), PyUnicode_MAX_CHAR_VALUE(with));
    Py_ssize_t size = length + count * (w - m), from = 0, at = 0;
    result = kr_str_new(size, maxchar);
    if (result == NULL || size == 0) {
        goto done;
    }
    int new_kind = PyUnicode_KIND(result), with_kind = PyUnicode_KIND(with);
    void *out = PyUnicode_DATA(result);
    const void *new_items = PyUnicode_DATA(with);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t hit = i < NOTED ? noted[i]
                                   : from + kr_items_find(kind, data + from * kind,
                                                          length - from, items, m);
        kr_copy_items(new_kind, out, at, kind, data, from, hit - from);
        at += hit - from;
        kr_copy_items(new_kind, out, at, with_kind, new_items, 0, w);
        at += w;
        from = hit + m;
    }
    kr_copy_items(new_kind, out, at, kind, data, from, length - from);
    if (PyUnicode_MAX_CHAR_VALUE(old) > PyUnicode_MAX_CHAR_VALUE(with)
        && kr_str_fit(&result) < 0) {
        Py_CLEAR(result);
    }

done:
    PyMem_Free(owned);
    return result;
}

// All of one ASCII character for any number of them, in ASCII text that has it.
static PyObject *
replace_char_by_text(PyObject *text, Py_UCS1 from, PyObject *with)
{
    const Py_UCS1 *in = PyUnicode_1BYTE_DATA(text), *new = PyUnicode_1BYTE_DATA(with);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), w = PyUnicode_GET_LENGTH(with);
    Py_ssize_t count = kr_count_byte(in, length, from);
    if (w > 1 && count > (PY_SSIZE_T_MAX - length) / (w - 1)) {
        PyErr_SetString(PyExc_OverflowError, "replace string is too long");
        return NULL;
    }
    Py_ssize_t size = length + count * (w - 1);
    PyObject *result = kr_str_new(size, 127);
    if (result == NULL || size == 0) {
        return result;
    }
    Py_UCS1 *out = PyUnicode_1BYTE_DATA(result);
    const Py_UCS1 *end = in + length;
    while (in < end) {
        // Near hits are met by hand, which costs less than a call.
        const Py_UCS1 *near = end - in > 16 ? in + 16 : end;
        while (in < near && *in != from) {
            *out++ = *in++;
        }
        if (in == near && in < end) {
            const Py_UCS1 *start = in;
            in = memchr(start, from, (size_t)(end - start));
            in = in == NULL ? end : in;
            memcpy(out, start, (size_t)(in - start));
            out += in - start;
        }
        if (in < end) {
            kr_copy_bytes(out, new, (size_t)w);
            out += w;
            in++;
        }
    }
    return result;
}

static PyObject *
replace_text(PyObject *text, PyObject *old, PyObject *with, Py_ssize_t max)
{
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), m = PyUnicode_GET_LENGTH(old);
    if (max == 0 || m > length || old == with || PyUnicode_KIND(old) > PyUnicode_KIND(text)) {
        return kr_str_exact(text);
    }
    if (m == 0) {
        return interleave(text, with, max);
    }
    if (m == 1 && PyUnicode_GET_LENGTH(with) == 1) {
        Py_UCS4 from = PyUnicode_READ_CHAR(old, 0), to = PyUnicode_READ_CHAR(with, 0);
        return from == to ? kr_str_exact(text) : replace_char(text, from, to, max);
    }
    if (m == 1 && max >= length && PyUnicode_IS_ASCII(text) && PyUnicode_IS_ASCII(with)) {
        Py_UCS1 from = PyUnicode_1BYTE_DATA(old)[0];
        return kr_items_find_char(1, PyUnicode_DATA(text), 0, length, from) < 0
                   ? kr_str_exact(text) : replace_char_by_text(text, from, with);
    }
    return replace_general(text, old, with, max);
}

PyObject *
PyUnicode_Replace(PyObject *str, PyObject *substr, PyObject *replstr, Py_ssize_t maxcount)
{
    if (kr_str_check(str) < 0 || kr_str_check(substr) < 0 || kr_str_check(replstr) < 0) {
        return NULL;
    }
    return replace_text(str, substr, replstr, maxcount);
}

KR_METHOD(str, "replace(self, old: str, new: str, /, count=-1)",
          "Return the text with the first count, or all, old replaced by new.")
static PyObject *
str_replace(PyObject *self, PyObject *old, PyObject *with, Py_ssize_t count)
{
    return replace_text(self, old, with, count);
}

// --- Padding ------------------------------------------------------------------------

// left fill characters, the text, right fill characters.
PyObject *
kr_str_pad(PyObject *text, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill)
{
    left = Py_MAX(left, 0);
    right = Py_MAX(right, 0);
    if (left == 0 && right == 0) {
        return kr_str_exact(text);
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (left > PY_SSIZE_T_MAX - length || right > PY_SSIZE_T_MAX - (left + length)) {
        PyErr_SetString(PyExc_OverflowError, "padded string is too long");
        return NULL;
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(text);
    PyObject *result = kr_str_new(left + length + right, Py_MAX(maxchar, fill));
    if (result != NULL) {
        int kind = PyUnicode_KIND(result);
        void *data = PyUnicode_DATA(result);
        kr_fill_items(kind, data, 0, left, fill);
        kr_copy_items(kind, data, left, PyUnicode_KIND(text), PyUnicode_DATA(text), 0, length);
        kr_fill_items(kind, data, left + length, right, fill);
    }
    return result;
}

// The character to fill with: an str of length one, NULL for a space.
static int
read_fill(PyObject *fill, Py_UCS4 *ch_out)
{
    if (fill == NULL) {
        *ch_out = ' ';
        return 0;
    }
    if (!PyUnicode_Check(fill)) {
        PyErr_Format(PyExc_TypeError,
                     "The fill character must be a unicode character, not %.100s",
                     Py_TYPE(fill)->tp_name);
        return -1;
    }
    if (PyUnicode_GET_LENGTH(fill) != 1) {
        PyErr_SetString(PyExc_TypeError,
                        "The fill character must be exactly one character long");
        return -1;
    }
    *ch_out = PyUnicode_READ_CHAR(fill, 0);
    return 0;
}

KR_METHOD(str, "center(self, width, fillchar=' ', /)",
          "Return the text centred in a field of width characters.")
static PyObject *
str_center(PyObject *self, Py_ssize_t width, PyObject *fillchar)
{
    Py_UCS4 fill;
    if (read_fill(fillchar, &fill) < 0) {
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(self);
    if (length >= width) {
        return kr_str_exact(self);
    }
    // An odd place goes to the left when the width is odd as well.
    Py_ssize_t space = width - length;
    Py_ssize_t left = space / 2 + (space & width & 1);
    return kr_str_pad(self, left, space - left, fill);
}

KR_METHOD(str, "ljust(self, width, fillchar=' ', /)",
          "Return the text at the left of a field of width characters.")
static PyObject *
str_ljust(PyObject *self, Py_ssize_t width, PyObject *fillchar)
{
    Py_UCS4 fill;
    if (read_fill(fillchar, &fill) < 0) {
        return NULL;
    }
    return kr_str_pad(self, 0, width - Py_MIN(width, PyUnicode_GET_LENGTH(self)), fill);
}

KR_METHOD(str, "rjust(self, width, fillchar=' ', /)",
          "Return the text at the right of a field of width characters.")
static PyObject *
str_rjust(PyObject *self, Py_ssize_t width, PyObject *fillchar)
{
    Py_UCS4 fill;
    if (read_fill(fillchar, &fill) < 0) {
        return NULL;
    }
    return kr_str_pad(self, width - Py_MIN(width, PyUnicode_GET_LENGTH(self)), 0, fill);
}

KR_METHOD(str, "zfill(self, width, /)",
          "Return the text filled up with zeros between a sign and the digits.")
static PyObject *
str_zfill(PyObject *self, Py_ssize_t width)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(self);
    if (length >= width) {
        return kr_str_exact(self);
    }
    Py_ssize_t zeros = width - length;
    PyObject *text = kr_str_pad(self, zeros, 0, '0');
    if (text == NULL || length == 0) {
        return text;
    }
    int kind = PyUnicode_KIND(text);
    void *data = PyUnicode_DATA(text);
    Py_UCS4 sign = PyUnicode_READ(kind, data, zeros);
    if (sign == '+' || sign == '-') {
        PyUnicode_WRITE(kind, data, 0, sign);
        PyUnicode_WRITE(kind, data, zeros, '0');
    }
    return text;
}

// Columns after every character, or -1 when the result is too long.
static Py_ssize_t
expanded_length(PyObject *text, int tabsize)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t total = 0, column = 0;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        Py_ssize_t step = 1;
        if (ch == '\t') {
            step = tabsize > 0 ? tabsize - column % tabsize : 0;
        }
        if (total > PY_SSIZE_T_MAX - step) {
            return -1;
        }
        total += step;
        column = ch == '\n' || ch == '\r' ? 0 : column + step;
    }
    return total;
}

KR_METHOD(str, "expandtabs(self, /, tabsize=8)",
          "Return the text with tabs replaced by spaces up to the next column.")
static PyObject *
str_expandtabs(PyObject *self, int tabsize)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(self);
    int kind = PyUnicode_KIND(self);
    const void *data = PyUnicode_DATA(self);
    if (kr_items_find_char(kind, data, 0, length, '\t') < 0) {
        return kr_str_exact(self);
    }
    Py_ssize_t total = expanded_length(self, tabsize), at = 0, column = 0;
    if (total < 0) {
        PyErr_SetString(PyExc_OverflowError, "new string is too long");
        return NULL;
    }
    PyObject *result = kr_str_new(total, PyUnicode_MAX_CHAR_VALUE(self));
    if (result == NULL || total == 0) {
        return result;
    }
    void *out = PyUnicode_DATA(result);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (ch == '\t') {
            Py_ssize_t step = tabsize > 0 ? tabsize - column % tabsize : 0;
            kr_fill_items(kind, out, at, step, ' ');
            at += step;
            column += step;
        }
        else {
            PyUnicode_WRITE(kind, out, at++, ch);
            column = ch == '\n' || ch == '\r' ? 0 : column + 1;
        }
    }
    return result;
}

#include "objects/str/build.methods.h"
