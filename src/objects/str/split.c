// SPDX-License-Identifier: MIT
// split.c - cutting strings apart: split, partition, lines, strip.
#include "objects/str/str.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/list.h"

// Appends text[start:end] to list.
static int
add_part(PyObject *list, PyObject *text, Py_ssize_t start, Py_ssize_t end)
{
    PyObject *part = PyUnicode_Substring(text, start, end);
    if (part == NULL) {
        return -1;
    }
    return kr_list_append_steal((PyListObject *)list, part);
}

// The same for ASCII text, which most text is.
static int
split_ascii_at_spaces(PyObject *list, PyObject *text, Py_ssize_t max)
{
    const char *data = PyUnicode_DATA(text);
    const unsigned char *p = (const unsigned char *)data;
    const unsigned char *end = p + PyUnicode_GET_LENGTH(text);
    for (;;) {
        while (p < end && _Py_ascii_whitespace[*p]) {
            p++;
        }
        if (p == end) {
            return 0;
        }
        const unsigned char *start = p;
        if (max-- <= 0) {
            p = end;
        }
        else {
            while (p < end && !_Py_ascii_whitespace[*p]) {
                p++;
            }
        }
        PyObject *part = start == (const unsigned char *)data && p == end
                             ? kr_str_exact(text)
                             : kr_str_from_ascii((const char *)start, p - start);
        if (part == NULL) {
            return -1;
        }
        int status = kr_list_append_steal((PyListObject *)list, part);
        if (status < 0 || max < 0) {
            return status;
        }
    }
}

static int
split_at_spaces(PyObject *list, PyObject *text, Py_ssize_t max)
{
    if (PyUnicode_IS_ASCII(text)) {
        return split_ascii_at_spaces(list, text, max);
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = 0;
    for (;;) {
        while (i < length && Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, i))) {
            i++;
        }
        if (i == length) {
            return 0;
        }
        Py_ssize_t start = i;
        if (max-- <= 0) {
            return add_part(list, text, start, length);
        }
        while (i < length && !Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, i))) {
            i++;
        }
        if (add_part(list, text, start, i) < 0) {
            return -1;
        }
    }
}

static int
rsplit_at_spaces(PyObject *list, PyObject *text, Py_ssize_t max)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t i = PyUnicode_GET_LENGTH(text);
    for (;;) {
        while (i > 0 && Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, i - 1))) {
            i--;
        }
        if (i == 0) {
            return 0;
        }
        Py_ssize_t end = i;
        if (max-- <= 0) {
            return add_part(list, text, 0, end);
        }
        while (i > 0 && !Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, i - 1))) {
            i--;
        }
        if (add_part(list, text, i, end) < 0) {
            return -1;
        }
    }
}

static int
split_at_text(PyObject *list, PyObject *text, PyObject *sep, Py_ssize_t max)
{
    int kind = PyUnicode_KIND(text), status = -1;
    Py_ssize_t start = 0, length = PyUnicode_GET_LENGTH(text);
    Py_ssize_t m = PyUnicode_GET_LENGTH(sep);
    if (PyUnicode_KIND(sep) > kind) {
        return add_part(list, text, 0, length);
    }
    const char *data = PyUnicode_DATA(text);
    void *owned;
    const void *items = kr_str_widened(sep, kind, &owned);
    if (items == NULL) {
        return -1;
    }
    while (max-- > 0) {
        Py_ssize_t at = kr_items_find(kind, data + start * kind, length - start, items, m);
        if (at < 0) {
            break;
        }
        if (add_part(list, text, start, start + at) < 0) {
            goto done;
        }
        start += at + m;
    }
    status = add_part(list, text, start, length);

done:
    PyMem_Free(owned);
    return status;
}

static int
rsplit_at_text(PyObject *list, PyObject *text, PyObject *sep, Py_ssize_t max)
{
    int kind = PyUnicode_KIND(text), status = -1;
    Py_ssize_t end = PyUnicode_GET_LENGTH(text);
    Py_ssize_t m = PyUnicode_GET_LENGTH(sep);
    if (PyUnicode_KIND(sep) > kind) {
        return add_part(list, text, 0, end);
    }
    const void *data = PyUnicode_DATA(text);
    void *owned;
    const void *items = kr_str_widened(sep, kind, &owned);
    if (items == NULL) {
        return -1;
    }
    while (max-- > 0) {
        Py_ssize_t at = kr_items_rfind(kind, data, end, items, m);
        if (at < 0) {
            break;
        }
        if (add_part(list, text, at + m, end) < 0) {
            goto done;
        }
        end = at;
    }
    status = add_part(list, text, 0, end);

done:
    PyMem_Free(owned);
    return status;
}

// The list of parts; sep is NULL for runs of white space.
static PyObject *
split_text(PyObject *text, PyObject *sep, Py_ssize_t max, bool backwards)
{
    if (sep != NULL && PyUnicode_GET_LENGTH(sep) == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    if (max < 0) {
        max = PY_SSIZE_T_MAX;
    }
    int status;
    if (backwards) {
        status = sep == NULL ? rsplit_at_spaces(list, text, max)
                             : rsplit_at_text(list, text, sep, max);
        if (status == 0) {
            status = PyList_Reverse(list);
        }
    }
    else {
        status = sep == NULL ? split_at_spaces(list, text, max)
                             : split_at_text(list, text, sep, max);
    }
    if (status < 0) {
        Py_CLEAR(list);
    }
    return list;
}

PyObject *
PyUnicode_Split(PyObject *str, PyObject *sep, Py_ssize_t maxsplit)
{
    if (kr_str_check(str) < 0 || (sep != NULL && kr_str_check(sep) < 0)) {
        return NULL;
    }
    return split_text(str, sep, maxsplit, false);
}

PyObject *
PyUnicode_RSplit(PyObject *str, PyObject *sep, Py_ssize_t maxsplit)
{
    if (kr_str_check(str) < 0 || (sep != NULL && kr_str_check(sep) < 0)) {
        return NULL;
    }
    return split_text(str, sep, maxsplit, true);
}

static PyObject *
split_method(PyObject *self, PyObject *sep, Py_ssize_t max, bool backwards)
{
    if (sep == Py_None) {
        return split_text(self, NULL, max, backwards);
    }
    if (PyUnicode_Check(sep)) {
        return split_text(self, sep, max, backwards);
    }
    PyErr_Format(PyExc_TypeError, "must be str or None, not %.100s", Py_TYPE(sep)->tp_name);
    return NULL;
}

KR_METHOD(str, "split(self, /, sep=None, maxsplit=-1)",
          "Return the parts between separators, or between runs of white space.")
static PyObject *
str_split(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    return split_method(self, sep, maxsplit, false);
}

KR_METHOD(str, "rsplit(self, /, sep=None, maxsplit=-1)",
          "Return the parts between separators, splitting from the end.")
static PyObject *
str_rsplit(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    return split_method(self, sep, maxsplit, true);
}

// (before, sep, after), all three given away.
static PyObject *
pack_three(PyObject *before, PyObject *sep, PyObject *after)
{
    PyObject *result = NULL;
    if (before != NULL && sep != NULL && after != NULL) {
        result = PyTuple_Pack(3, before, sep, after);
    }
    Py_XDECREF(before);
    Py_XDECREF(sep);
    Py_XDECREF(after);
    return result;
}

static PyObject *
partition_text(PyObject *text, PyObject *sep, bool backwards)
{
    if (kr_str_check(text) < 0 || kr_str_check(sep) < 0) {
        return NULL;
    }
    Py_ssize_t m = PyUnicode_GET_LENGTH(sep), length = PyUnicode_GET_LENGTH(text);
    if (m == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    Py_ssize_t at = backwards ? kr_str_rfind(text, sep, 0, length)
                              : kr_str_find(text, sep, 0, length);
    if (at == -2) {
        return NULL;
    }
    if (at >= 0) {
        return pack_three(PyUnicode_Substring(text, 0, at), Py_NewRef(sep),
                          PyUnicode_Substring(text, at + m, length));
    }
    if (backwards) {
        return pack_three(kr_empty_str(), kr_empty_str(), kr_str_exact(text));
    }
    return pack_three(kr_str_exact(text), kr_empty_str(), kr_empty_str());
}

PyObject *
PyUnicode_Partition(PyObject *str, PyObject *sep)
{
    return partition_text(str, sep, false);
}

PyObject *
PyUnicode_RPartition(PyObject *str, PyObject *sep)
{
    return partition_text(str, sep, true);
}

KR_METHOD(str, "partition(self, sep, /)",
          "Split at the first separator: (before, sep, after).")
static PyObject *
str_partition(PyObject *self, PyObject *sep)
{
    return partition_text(self, sep, false);
}

KR_METHOD(str, "rpartition(self, sep, /)",
          "Split at the last separator: (before, sep, after).")
static PyObject *
str_rpartition(PyObject *self, PyObject *sep)
{
    return partition_text(self, sep, true);
}

static inline bool
is_line_break(Py_UCS4 ch)
{
    if (ch < 128) {
        return (ch >= 0x0a && ch <= 0x0d) || (ch >= 0x1c && ch <= 0x1e);
    }
    return ch == 0x85 || ch == 0x2028 || ch == 0x2029;
}

int
_PyUnicode_IsLinebreak(const Py_UCS4 ch)
{
    return is_line_break(ch);
}

PyObject *
PyUnicode_Splitlines(PyObject *str, int keepends)
{
    if (kr_str_check(str) < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    for (Py_ssize_t i = 0, start = 0; start < length; start = i) {
        while (i < length && !is_line_break(PyUnicode_READ(kind, data, i))) {
            i++;
        }
        Py_ssize_t end = i;
        if (i < length) {
            bool pair = PyUnicode_READ(kind, data, i) == '\r' && i + 1 < length
                        && PyUnicode_READ(kind, data, i + 1) == '\n';
            i += pair ? 2 : 1;
            if (keepends) {
                end = i;
            }
        }
        if (add_part(list, str, start, end) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

KR_METHOD(str, "splitlines(self, /, keepends=False)",
          "Return the lines, with their line ends if keepends is true.")
static PyObject *
str_splitlines(PyObject *self, bool keepends)
{
    return PyUnicode_Splitlines(self, keepends);
}

// --- Strip ----------------------------------------------------------------------

typedef enum { STRIP_LEFT = 1, STRIP_RIGHT = 2, STRIP_BOTH = 3 } StripSides;

static PyObject *
strip_spaces(PyObject *text, StripSides sides)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t start = 0, end = PyUnicode_GET_LENGTH(text);
    if (sides & STRIP_LEFT) {
        while (start < end && Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, start))) {
            start++;
        }
    }
    if (sides & STRIP_RIGHT) {
        while (end > start && Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, end - 1))) {
            end--;
        }
    }
    return PyUnicode_Substring(text, start, end);
}

// A set of characters: exact for those below 256, by search for the others.
typedef struct {
    uint64_t latin[4];
    int kind;
    const void *data;
    Py_ssize_t length;
} CharSet;

static bool
set_contains(const CharSet *set, Py_UCS4 ch)
{
    if (ch < 256) {
        return set->latin[ch >> 6] >> (ch & 63) & 1;
    }
    return kr_items_find_char(set->kind, set->data, 0, set->length, ch) >= 0;
}

static PyObject *
strip_chars(PyObject *text, PyObject *chars, StripSides sides)
{
    CharSet set = {.kind = PyUnicode_KIND(chars),
                   .data = PyUnicode_DATA(chars),
                   .length = PyUnicode_GET_LENGTH(chars)};
    for (Py_ssize_t i = 0; i < set.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(set.kind, set.data, i);
        if (ch < 256) {
            set.latin[ch >> 6] |= (uint64_t)1 << (ch & 63);
        }
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t start = 0, end = PyUnicode_GET_LENGTH(text);
    if (sides & STRIP_LEFT) {
        while (start < end && set_contains(&set, PyUnicode_READ(kind, data, start))) {
            start++;
        }
    }
    if (sides & STRIP_RIGHT) {
        while (end > start && set_contains(&set, PyUnicode_READ(kind, data, end - 1))) {
            end--;
        }
    }
    return PyUnicode_Substring(text, start, end);
}

static PyObject *
strip_method(const char *name, PyObject *self, PyObject *chars, StripSides sides)
{
    if (chars == Py_None) {
        return strip_spaces(self, sides);
    }
    if (PyUnicode_Check(chars)) {
        return strip_chars(self, chars, sides);
    }
    PyErr_Format(PyExc_TypeError, "%s arg must be None or str", name);
    return NULL;
}

KR_METHOD(str, "strip(self, chars=None, /)",
          "Return the text without white space, or chars, at both ends.")
static PyObject *
str_strip(PyObject *self, PyObject *chars)
{
    return strip_method("strip", self, chars, STRIP_BOTH);
}

KR_METHOD(str, "lstrip(self, chars=None, /)",
          "Return the text without white space, or chars, at the start.")
static PyObject *
str_lstrip(PyObject *self, PyObject *chars)
{
    return strip_method("lstrip", self, chars, STRIP_LEFT);
}

KR_METHOD(str, "rstrip(self, chars=None, /)",
          "Return the text without white space, or chars, at the end.")
static PyObject *
str_rstrip(PyObject *self, PyObject *chars)
{
    return strip_method("rstrip", self, chars, STRIP_RIGHT);
}

#include "objects/str/split.methods.h"
