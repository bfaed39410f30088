// SPDX-License-Identifier: MIT
// find.c - searching: find, index, count, contains, startswith and their kin.
//
// Invariants: searches are linear in the worst case (search_items.h; memmem of the
//             C library for one-byte items).
#include "objects/str/str.h"

#include "objects/args.h"
#include "objects/ids.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

// --- Single items --------------------------------------------------------------

static Py_ssize_t
find_ucs1(const Py_UCS1 *data, Py_ssize_t from, Py_ssize_t to, Py_UCS1 ch)
{
    const Py_UCS1 *hit = to > from ? memchr(data + from, ch, (size_t)(to - from)) : NULL;
    return hit == NULL ? -1 : hit - data;
}

static Py_ssize_t
find_ucs2(const Py_UCS2 *data, Py_ssize_t from, Py_ssize_t to, Py_UCS2 ch)
{
    Py_ssize_t i = from;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi16((short)ch);
    for (; i + 8 <= to; i += 8) {
        __m128i items = _mm_loadu_si128((const __m128i *)(data + i));
        unsigned hits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi16(items, wanted));
        if (hits != 0) {
            return i + __builtin_ctz(hits) / 2;
        }
    }
#endif
    for (; i < to; i++) {
        if (data[i] == ch) {
            return i;
        }
    }
    return -1;
}

static Py_ssize_t
find_ucs4(const Py_UCS4 *data, Py_ssize_t from, Py_ssize_t to, Py_UCS4 ch)
{
    const wchar_t *base = (const wchar_t *)data;
    const wchar_t *hit =
        to > from ? wmemchr(base + from, (wchar_t)ch, (size_t)(to - from)) : NULL;
    return hit == NULL ? -1 : hit - base;
}

Py_ssize_t
kr_items_find_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end, Py_UCS4 ch)
{
    switch (kind) {
    case 1:
        return ch < 256 ? find_ucs1(data, start, end, (Py_UCS1)ch) : -1;
    case 2:
        return ch < 65536 ? find_ucs2(data, start, end, (Py_UCS2)ch) : -1;
    default:
        return find_ucs4(data, start, end, ch);
    }
}

Py_ssize_t
kr_items_rfind_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end, Py_UCS4 ch)
{
    if (kind == 1) {
        const char *base = data;
        const char *hit = ch < 256 && end > start
                              ? memrchr(base + start, (int)ch, (size_t)(end - start))
                              : NULL;
        return hit == NULL ? -1 : hit - base;
    }
    if (kind == 2) {
        const Py_UCS2 *p = data;
        while (end-- > start) {
            if (p[end] == ch) {
                return end;
            }
        }
        return -1;
    }
    const Py_UCS4 *p = data;
    while (end-- > start) {
        if (p[end] == ch) {
            return end;
        }
    }
    return -1;
}

// --- Substrings ------------------------------------------------------------------

#define ITEM Py_UCS1
#define NAME(stem) stem##_in_ucs1
static inline Py_ssize_t
find_first_in_ucs1(const Py_UCS1 *text, Py_ssize_t from, Py_ssize_t to, Py_UCS1 ch)
{
    return find_ucs1(text, from, to, ch);
}
#include "objects/str/search_items.h"

#define ITEM Py_UCS2
#define NAME(stem) stem##_in_ucs2
static inline Py_ssize_t
find_first_in_ucs2(const Py_UCS2 *text, Py_ssize_t from, Py_ssize_t to, Py_UCS2 ch)
{
    return find_ucs2(text, from, to, ch);
}
#include "objects/str/search_items.h"

#define ITEM Py_UCS4
#define NAME(stem) stem##_in_ucs4
static inline Py_ssize_t
find_first_in_ucs4(const Py_UCS4 *text, Py_ssize_t from, Py_ssize_t to, Py_UCS4 ch)
{
    return find_ucs4(text, from, to, ch);
}
#include "objects/str/search_items.h"

// What find_bytes has spent on candidates that were none.
static inline bool
is_costly(Py_ssize_t work, Py_ssize_t at, Py_ssize_t m)
{
    return KR_UNLIKELY(work > 8 * at + 8 * m + 64);
}

// Whether text[1:m-1] is that of the needle; the cost is added to *work.
static inline bool
inside_equal(const Py_UCS1 *text, const Py_UCS1 *needle, Py_ssize_t m, Py_ssize_t *work)
{
    Py_ssize_t i = 1;
    while (i < m - 1 && text[i] == needle[i]) {
        i++;
    }
    *work += i + 4;
    return i >= m - 1;
}

// The search in bytes, at least two of them: sixteen places at once are asked for the
// needle's first and last byte. Costly comparisons hand over to the linear method.
static Py_ssize_t
find_bytes(const Py_UCS1 *text, Py_ssize_t n, const Py_UCS1 *needle, Py_ssize_t m)
{
    Py_UCS1 first = needle[0], last = needle[m - 1];
    Py_ssize_t places = n - m + 1, j = 0, work = 0;
#ifdef __SSE2__
    const __m128i all_first = _mm_set1_epi8((char)first), all_last = _mm_set1_epi8((char)last);
    while (j < places && places >= 16) {
        // The last block is moved back to end where the text ends.
        Py_ssize_t block = j + 16 <= places ? j : places - 16;
        __m128i a = _mm_loadu_si128((const __m128i *)(text + block));
        __m128i b = _mm_loadu_si128((const __m128i *)(text + block + m - 1));
        unsigned hits = (unsigned)_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(a, all_first), _mm_cmpeq_epi8(b, all_last)));
        for (hits &= ~0u << (j - block); hits != 0; hits &= hits - 1) {
            Py_ssize_t at = block + __builtin_ctz(hits);
            if (inside_equal(text + at, needle, m, &work)) {
                return at;
            }
        }
        j = block + 16;
        if (is_costly(work, j, m)) {
            break;
        }
    }
#endif
    for (; j < places; j++) {
        if (text[j] == first && text[j + m - 1] == last
            && inside_equal(text + j, needle, m, &work)) {
            return j;
        }
        if (is_costly(work, j, m)) {
            j++;
            Py_ssize_t rest = two_way_in_ucs1(text + j, n - j, needle, m, false);
            return rest < 0 ? -1 : j + rest;
        }
    }
    return -1;
}

Py_ssize_t
kr_items_find(int kind, const void *text, Py_ssize_t size, const void *needle,
              Py_ssize_t needle_size)
{
    if (needle_size == 0) {
        return 0;
    }
    if (needle_size > size) {
        return -1;
    }
    if (needle_size == 1) {
        return kr_items_find_char(kind, text, 0, size, PyUnicode_READ(kind, needle, 0));
    }
    switch (kind) {
    case 1:
        return find_bytes(text, size, needle, needle_size);
    case 2:
        return search_in_ucs2(text, size, needle, needle_size, false);
    default:
        return search_in_ucs4(text, size, needle, needle_size, false);
    }
}

Py_ssize_t
kr_items_rfind(int kind, const void *text, Py_ssize_t size, const void *needle,
               Py_ssize_t needle_size)
{
    if (needle_size == 0) {
        return size;
    }
    if (needle_size > size) {
        return -1;
    }
    if (needle_size == 1) {
        return kr_items_rfind_char(kind, text, 0, size, PyUnicode_READ(kind, needle, 0));
    }
    switch (kind) {
    case 1:
        return rfind_in_ucs1(text, size, needle, needle_size);
    case 2:
        return rfind_in_ucs2(text, size, needle, needle_size);
    default:
        return rfind_in_ucs4(text, size, needle, needle_size);
    }
}

static Py_ssize_t
find_either_way(PyObject *text, PyObject *needle, Py_ssize_t start, Py_ssize_t end,
                bool backwards)
{
    int kind = PyUnicode_KIND(text);
    Py_ssize_t m = PyUnicode_GET_LENGTH(needle);
    if (end - start < m || PyUnicode_KIND(needle) > kind) {
        return -1;
    }
    if (m == 0) {
        return backwards ? end : start;
    }
    const void *data = PyUnicode_DATA(text);
    if (m == 1) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(needle, 0);
        return backwards ? kr_items_rfind_char(kind, data, start, end, ch)
                         : kr_items_find_char(kind, data, start, end, ch);
    }
    void *owned;
    const void *items = kr_str_widened(needle, kind, &owned);
    if (items == NULL) {
        return -2;
    }
    const char *from = (const char *)data + start * kind;
    Py_ssize_t at = backwards ? kr_items_rfind(kind, from, end - start, items, m)
                              : kr_items_find(kind, from, end - start, items, m);
    PyMem_Free(owned);
    return at < 0 ? -1 : at + start;
}

Py_ssize_t
kr_str_find(PyObject *text, PyObject *needle, Py_ssize_t start, Py_ssize_t end)
{
    return find_either_way(text, needle, start, end, false);
}

Py_ssize_t
kr_str_rfind(PyObject *text, PyObject *needle, Py_ssize_t start, Py_ssize_t end)
{
    return find_either_way(text, needle, start, end, true);
}

Py_ssize_t
kr_count_byte(const Py_UCS1 *p, Py_ssize_t n, Py_UCS1 ch)
{
    Py_ssize_t count = 0, i = 0;
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi8((char)ch), zero = _mm_setzero_si128();
    while (i + 16 <= n) {
        // Bytes of `lanes` count up to 255 hits of their column.
        __m128i lanes = zero;
        for (int round = 0; round < 255 && i + 16 <= n; round++, i += 16) {
            __m128i items = _mm_loadu_si128((const __m128i *)(p + i));
            lanes = _mm_sub_epi8(lanes, _mm_cmpeq_epi8(items, wanted));
        }
        __m128i sums = _mm_sad_epu8(lanes, zero);
        count += _mm_cvtsi128_si64(sums) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
    }
#endif
    for (; i < n; i++) {
        count += p[i] == ch;
    }
    return count;
}

Py_ssize_t
kr_str_count(PyObject *text, PyObject *needle, Py_ssize_t start, Py_ssize_t end,
             Py_ssize_t max)
{
    int kind = PyUnicode_KIND(text);
    Py_ssize_t m = PyUnicode_GET_LENGTH(needle), count = 0;
    if (end < start || end - start < m || PyUnicode_KIND(needle) > kind) {
        return 0;
    }
    if (m == 0) {
        return Py_MIN(end - start + 1, max);
    }
    const char *data = PyUnicode_DATA(text);
    if (m == 1 && kind == 1 && max >= end - start) {
        return kr_count_byte((const Py_UCS1 *)data + start, end - start,
                          PyUnicode_1BYTE_DATA(needle)[0]);
    }
    void *owned;
    const void *items = kr_str_widened(needle, kind, &owned);
    if (items == NULL) {
        return -1;
    }
    while (count < max) {
        Py_ssize_t at = kr_items_find(kind, data + start * kind, end - start, items, m);
        if (at < 0) {
            break;
        }
        count++;
        start += at + m;
    }
    PyMem_Free(owned);
    return count;
}

// --- API ---------------------------------------------------------------------------

Py_ssize_t
PyUnicode_Find(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end,
               int direction)
{
    if (kr_str_check(str) < 0 || kr_str_check(substr) < 0) {
        return -2;
    }
    kr_clip_slice(PyUnicode_GET_LENGTH(str), &start, &end);
    return start > end ? -1 : find_either_way(str, substr, start, end, direction < 0);
}

Py_ssize_t
PyUnicode_FindChar(PyObject *str, Py_UCS4 ch, Py_ssize_t start, Py_ssize_t end,
                   int direction)
{
    kr_clip_slice(PyUnicode_GET_LENGTH(str), &start, &end);
    if (end - start < 1) {
        return -1;
    }
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    return direction > 0 ? kr_items_find_char(kind, data, start, end, ch)
                         : kr_items_rfind_char(kind, data, start, end, ch);
}

Py_ssize_t
PyUnicode_Count(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end)
{
    if (kr_str_check(str) < 0 || kr_str_check(substr) < 0) {
        return -1;
    }
    kr_clip_slice(PyUnicode_GET_LENGTH(str), &start, &end);
    return kr_str_count(str, substr, start, end, PY_SSIZE_T_MAX);
}

int
PyUnicode_Contains(PyObject *str, PyObject *substr)
{
    if (!PyUnicode_Check(substr)) {
        PyErr_Format(PyExc_TypeError,
                     "'in <string>' requires string as left operand, not %.100s",
                     Py_TYPE(substr)->tp_name);
        return -1;
    }
    if (kr_str_check(str) < 0) {
        return -1;
    }
    Py_ssize_t at = kr_str_find(str, substr, 0, PyUnicode_GET_LENGTH(str));
    return at == -2 ? -1 : at >= 0;
}

// Whether text[start:end] begins (or ends) with part; bounds as in slices.
static bool
matches_tail(PyObject *text, PyObject *part, Py_ssize_t start, Py_ssize_t end, bool at_end)
{
    kr_clip_slice(PyUnicode_GET_LENGTH(text), &start, &end);
    Py_ssize_t m = PyUnicode_GET_LENGTH(part);
    int kind = PyUnicode_KIND(text), part_kind = PyUnicode_KIND(part);
    if (end < start || end - start < m) {
        return false;
    }
    if (m == 0) {
        return true;
    }
    if (part_kind > kind) {
        return false;
    }
    Py_ssize_t from = at_end ? end - m : start;
    const void *data = PyUnicode_DATA(text), *items = PyUnicode_DATA(part);
    if (kind == part_kind) {
        return memcmp((const char *)data + from * kind, items, (size_t)(m * kind)) == 0;
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        if (PyUnicode_READ(kind, data, from + i) != PyUnicode_READ(part_kind, items, i)) {
            return false;
        }
    }
    return true;
}

Py_ssize_t
PyUnicode_Tailmatch(PyObject *str, PyObject *substr, Py_ssize_t start, Py_ssize_t end,
                    int direction)
{
    if (kr_str_check(str) < 0 || kr_str_check(substr) < 0) {
        return -1;
    }
    return matches_tail(str, substr, start, end, direction > 0);
}

// --- Methods -----------------------------------------------------------------------

// Reads (sub[, start[, end]]) of the method called name; what is the first
// argument's value before a check of its type.
static bool
parse_search(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject **sub_out,
             Py_ssize_t *start, Py_ssize_t *end)
{
    *start = 0;
    *end = PY_SSIZE_T_MAX;
    if (!kr_arg_count(name, nargs, 1, 3)) {
        return false;
    }
    *sub_out = args[0];
    if (nargs >= 2 && kr_arg_slice_index(args[1], start) < 0) {
        return false;
    }
    return nargs < 3 || kr_arg_slice_index(args[2], end) == 0;
}

// The common part of find, rfind, index, rindex: position, -1, or -2.
static Py_ssize_t
search_method(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs,
              bool backwards)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (nargs >= 1 && !PyUnicode_Check(args[0])) {
        if (kr_arg_count(name, nargs, 1, 3)) {
            kr_arg_bad(name, "argument 1", "str", args[0]);
        }
        return -2;
    }
    if (!parse_search(name, args, nargs, &sub, &start, &end)) {
        return -2;
    }
    kr_clip_slice(PyUnicode_GET_LENGTH(self), &start, &end);
    return start > end ? -1 : find_either_way(self, sub, start, end, backwards);
}

static PyObject *
index_or_error(Py_ssize_t at)
{
    if (at == -2) {
        return NULL;
    }
    if (at < 0) {
        PyErr_SetString(PyExc_ValueError, "substring not found");
        return NULL;
    }
    return PyLong_FromSsize_t(at);
}

KR_METHOD_RAW(str, "find($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the lowest index of sub in self[start:end], or -1.")
static PyObject *
str_find(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t at = search_method("find", self, args, nargs, false);
    return at == -2 ? NULL : PyLong_FromSsize_t(at);
}

KR_METHOD_RAW(str, "rfind($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the highest index of sub in self[start:end], or -1.")
static PyObject *
str_rfind(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t at = search_method("rfind", self, args, nargs, true);
    return at == -2 ? NULL : PyLong_FromSsize_t(at);
}

KR_METHOD_RAW(str, "index($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the lowest index of sub in self[start:end], or raise ValueError.")
static PyObject *
str_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return index_or_error(search_method("index", self, args, nargs, false));
}

KR_METHOD_RAW(str, "rindex($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return the highest index of sub in self[start:end], or raise ValueError.")
static PyObject *
str_rindex(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return index_or_error(search_method("rindex", self, args, nargs, true));
}

KR_METHOD_RAW(str, "count($self, sub[, start[, end]], /)", METH_FASTCALL,
              "Return how often sub occurs in self[start:end] without overlaps.")
static PyObject *
str_count(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (nargs >= 1 && nargs <= 3 && !PyUnicode_Check(args[0])) {
        kr_arg_bad("count", "argument 1", "str", args[0]);
        return NULL;
    }
    if (!parse_search("count", args, nargs, &sub, &start, &end)) {
        return NULL;
    }
    kr_clip_slice(PyUnicode_GET_LENGTH(self), &start, &end);
    Py_ssize_t count = kr_str_count(self, sub, start, end, PY_SSIZE_T_MAX);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *
tail_method(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs,
            bool at_end)
{
    PyObject *part;
    Py_ssize_t start, end;
    if (!parse_search(name, args, nargs, &part, &start, &end)) {
        return NULL;
    }
    if (PyUnicode_Check(part)) {
        return PyBool_FromLong(matches_tail(self, part, start, end, at_end));
    }
    if (!PyTuple_Check(part)) {
        PyErr_Format(PyExc_TypeError, "%s first arg must be str or a tuple of str, not %.100s",
                     name, Py_TYPE(part)->tp_name);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(part); i++) {
        PyObject *item = PyTuple_GET_ITEM(part, i);
        if (!PyUnicode_Check(item)) {
            PyErr_Format(PyExc_TypeError, "tuple for %s must only contain str, not %.100s",
                         name, Py_TYPE(item)->tp_name);
            return NULL;
        }
        if (matches_tail(self, item, start, end, at_end)) {
            Py_RETURN_TRUE;
        }
    }
    Py_RETURN_FALSE;
}

KR_METHOD_RAW(str, "startswith($self, prefix[, start[, end]], /)", METH_FASTCALL,
              "Return whether self[start:end] starts with prefix, a str or tuple of str.")
static PyObject *
str_startswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return tail_method("startswith", self, args, nargs, false);
}

KR_METHOD_RAW(str, "endswith($self, suffix[, start[, end]], /)", METH_FASTCALL,
              "Return whether self[start:end] ends with suffix, a str or tuple of str.")
static PyObject *
str_endswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return tail_method("endswith", self, args, nargs, true);
}

KR_METHOD(str, "removeprefix(self, prefix: str, /)",
          "Return the text without the prefix, if it starts with it.")
static PyObject *
str_removeprefix(PyObject *self, PyObject *prefix)
{
    if (matches_tail(self, prefix, 0, PY_SSIZE_T_MAX, false)) {
        return PyUnicode_Substring(self, PyUnicode_GET_LENGTH(prefix),
                                   PyUnicode_GET_LENGTH(self));
    }
    return kr_str_exact(self);
}

KR_METHOD(str, "removesuffix(self, suffix: str, /)",
          "Return the text without the suffix, if it ends with it.")
static PyObject *
str_removesuffix(PyObject *self, PyObject *suffix)
{
    if (matches_tail(self, suffix, 0, PY_SSIZE_T_MAX, true)) {
        return PyUnicode_Substring(self, 0,
                                   PyUnicode_GET_LENGTH(self)
                                       - PyUnicode_GET_LENGTH(suffix));
    }
    return kr_str_exact(self);
}

#include "objects/str/find.methods.h"
