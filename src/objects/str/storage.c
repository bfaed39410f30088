// SPDX-License-Identifier: MIT
// storage.c - how strings are laid out, made, copied and freed.
//
// Callers:     all of the str folder; PyUnicode_New and its relatives.
// Invariants:  see str.h. A string may be changed only while it is modifiable:
//              one reference, exact, not interned, not hashed.
#include "objects/str/str.h"

#include "objects/alloc.h"
#include "objects/ids.h"

// --- Static strings -------------------------------------------------------------

typedef struct {
    PyASCIIObject head;
    char text[8];
} KrAsciiChar;

typedef struct {
    PyCompactUnicodeObject head;
    Py_UCS1 text[8];
} KrLatinChar;

PyObject *kr_latin1_strings[256];

static PyASCIIObject empty_storage[2] = {{
    .ob_base = PyObject_HEAD_INIT(&PyUnicode_Type)
    .length = 0,
    .hash = -1,
    .state = {.interned = 3, .kind = 1, .compact = 1, .ascii = 1,
              .statically_allocated = 1},
}};
PyASCIIObject *const kr_empty_record = &empty_storage[0];

#define ASCII_CHAR(c)                                                                    \
    {{.ob_base = PyObject_HEAD_INIT(&PyUnicode_Type).length = 1,                         \
      .hash = -1,                                                                        \
      .state = {.interned = 3, .kind = 1, .compact = 1, .ascii = 1,                      \
                .statically_allocated = 1}},                                             \
     {(char)(c), 0}}
#define LATIN_CHAR(c)                                                                    \
    {{._base = {.ob_base = PyObject_HEAD_INIT(&PyUnicode_Type).length = 1,               \
                .hash = -1,                                                              \
                .state = {.interned = 3, .kind = 1, .compact = 1, .ascii = 0,            \
                          .statically_allocated = 1}}},                                  \
     {(Py_UCS1)(c), 0}}
#define TIMES_4(X, c) X((c)), X((c) + 1), X((c) + 2), X((c) + 3)
#define TIMES_16(X, c) TIMES_4(X, c), TIMES_4(X, (c) + 4), TIMES_4(X, (c) + 8), TIMES_4(X, (c) + 12)
#define TIMES_64(X, c)                                                                   \
    TIMES_16(X, c), TIMES_16(X, (c) + 16), TIMES_16(X, (c) + 32), TIMES_16(X, (c) + 48)

static KrAsciiChar ascii_chars[128] = {TIMES_64(ASCII_CHAR, 0), TIMES_64(ASCII_CHAR, 64)};
static KrLatinChar latin_chars[128] = {TIMES_64(LATIN_CHAR, 128),
                                       TIMES_64(LATIN_CHAR, 192)};

// Fills the table of one-character strings; names of one character among the
// identifiers take the place of the record here, so that each text exists once.
void
kr_str_init_chars(void)
{
    for (int c = 0; c < 128; c++) {
        kr_latin1_strings[c] = (PyObject *)&ascii_chars[c];
        kr_latin1_strings[c + 128] = (PyObject *)&latin_chars[c];
    }
    for (Py_ssize_t i = 0; i < kr_static_name_count; i++) {
        PyASCIIObject *name = &kr_static_names[i]->head;
        if (name->length == 1) {
            kr_latin1_strings[*(unsigned char *)(name + 1)] = (PyObject *)name;
        }
    }
}

// --- Items ----------------------------------------------------------------------

static Py_UCS4
max_char_ucs1(const Py_UCS1 *p, const Py_UCS1 *end)
{
    uint64_t word;
    while (end - p >= 8) {
        memcpy(&word, p, 8);
        if (word & 0x8080808080808080ULL) {
            return 255;
        }
        p += 8;
    }
    for (; p < end; p++) {
        if (*p & 0x80) {
            return 255;
        }
    }
    return 127;
}

static Py_UCS4
max_char_ucs2(const Py_UCS2 *p, const Py_UCS2 *end)
{
    uint32_t bits = 0;
    while (end - p >= 32) {
        for (int i = 0; i < 32; i++) {
            bits |= p[i];
        }
        if (bits >= 256) {
            return 65535;
        }
        p += 32;
    }
    for (; p < end; p++) {
        bits |= *p;
    }
    return bits < 128 ? 127 : bits < 256 ? 255 : 65535;
}

static Py_UCS4
max_char_ucs4(const Py_UCS4 *p, const Py_UCS4 *end)
{
    uint32_t bits = 0;
    while (end - p >= 16) {
        for (int i = 0; i < 16; i++) {
            bits |= p[i];
        }
        if (bits >= 65536) {
            return KR_MAX_UNICODE;
        }
        p += 16;
    }
    for (; p < end; p++) {
        bits |= *p;
    }
    return bits < 128 ? 127 : bits < 256 ? 255 : bits < 65536 ? 65535 : KR_MAX_UNICODE;
}

// Rounded up to the largest code point of its class: 127, 255, 65535 or 0x10ffff.
Py_UCS4
kr_max_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end)
{
    switch (kind) {
    case 1:
        return max_char_ucs1((const Py_UCS1 *)data + start, (const Py_UCS1 *)data + end);
    case 2:
        return max_char_ucs2((const Py_UCS2 *)data + start, (const Py_UCS2 *)data + end);
    default:
        return max_char_ucs4((const Py_UCS4 *)data + start, (const Py_UCS4 *)data + end);
    }
}

#define CONVERT(TO, FROM)                                                                \
    do {                                                                                 \
        TO *to_ = (TO *)to + to_start;                                                   \
        const FROM *from_ = (const FROM *)from + from_start;                             \
        Py_ssize_t i_ = 0;                                                               \
        for (; i_ + 8 <= count; i_ += 8) {                                               \
            for (int j_ = 0; j_ < 8; j_++) {                                             \
                to_[i_ + j_] = (TO)from_[i_ + j_];                                       \
            }                                                                            \
        }                                                                                \
        for (; i_ < count; i_++) {                                                       \
            to_[i_] = (TO)from_[i_];                                                     \
        }                                                                                \
    } while (0)

// Also narrows where the caller knows that all items fit.
void
kr_copy_items(int to_kind, void *to, Py_ssize_t to_start, int from_kind, const void *from,
              Py_ssize_t from_start, Py_ssize_t count)
{
    if (count == 0) {
        return; // either side may be NULL
    }
    if (to_kind == from_kind) {
        kr_copy_bytes((char *)to + to_start * to_kind,
                      (const char *)from + from_start * from_kind,
                      (size_t)(count * to_kind));
        return;
    }
    switch (to_kind * 8 + from_kind) {
    case 2 * 8 + 1:
        CONVERT(Py_UCS2, Py_UCS1);
        break;
    case 4 * 8 + 1:
        CONVERT(Py_UCS4, Py_UCS1);
        break;
    case 4 * 8 + 2:
        CONVERT(Py_UCS4, Py_UCS2);
        break;
    case 1 * 8 + 2:
        CONVERT(Py_UCS1, Py_UCS2);
        break;
    case 1 * 8 + 4:
        CONVERT(Py_UCS1, Py_UCS4);
        break;
    case 2 * 8 + 4:
        CONVERT(Py_UCS2, Py_UCS4);
        break;
    default:
        KR_UNREACHABLE();
    }
}

void
kr_fill_items(int kind, void *data, Py_ssize_t start, Py_ssize_t count, Py_UCS4 ch)
{
    switch (kind) {
    case 1:
        memset((char *)data + start, (int)ch, (size_t)count);
        break;
    case 2:
        for (Py_UCS2 *p = (Py_UCS2 *)data + start, *end = p + count; p < end; p++) {
            *p = (Py_UCS2)ch;
        }
        break;
    default:
        for (Py_UCS4 *p = (Py_UCS4 *)data + start, *end = p + count; p < end; p++) {
            *p = ch;
        }
    }
}

// --- Making strings ----------------------------------------------------------------

static inline size_t
header_size(bool ascii)
{
    return ascii ? sizeof(PyASCIIObject) : sizeof(PyCompactUnicodeObject);
}

// The state of a new string by [ascii][kind]: one load and one store, where setting the
// bit-fields one by one would wait for its own stores.
static const __typeof__(((PyASCIIObject *)0)->state) new_states[2][5] = {
    {[1] = {.kind = 1, .compact = 1},
     [2] = {.kind = 2, .compact = 1},
     [4] = {.kind = 4, .compact = 1}},
    {[1] = {.kind = 1, .compact = 1, .ascii = 1}},
};

// Inlined with constant kind and ascii where speed counts.
static inline __attribute__((always_inline)) PyObject *
new_compact(Py_ssize_t size, int kind, bool ascii)
{
    size_t head = header_size(ascii);
    if (KR_UNLIKELY(size > (PY_SSIZE_T_MAX - (Py_ssize_t)head) / kind - 1)) {
        return PyErr_NoMemory();
    }
    PyObject *text =
        kr_object_alloc(head + (size_t)(size + 1) * (size_t)kind, false, false);
    if (KR_UNLIKELY(text == NULL)) {
        return PyErr_NoMemory();
    }
    kr_object_start_static(text, &PyUnicode_Type);
    PyASCIIObject *ascii_head = KR_ASCII(text);
    ascii_head->length = size;
    ascii_head->hash = -1;
    ascii_head->state = new_states[ascii][kind];
    if (!ascii) {
        KR_COMPACT(text)->utf8 = NULL;
        KR_COMPACT(text)->utf8_length = 0;
    }
    PyUnicode_WRITE(kind, (char *)text + head, size, 0);
    return text;
}

PyObject *
kr_str_new(Py_ssize_t size, Py_UCS4 maxchar)
{
    if (size == 0) {
        return kr_empty_str();
    }
    if (KR_LIKELY(maxchar < 128)) {
        return new_compact(size, 1, true);
    }
    return new_compact(size, kr_kind_for(maxchar), false);
}

PyObject *
PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
{
    if (size == 0) {
        return kr_empty_str();
    }
    if (maxchar > KR_MAX_UNICODE) {
        PyErr_SetString(PyExc_SystemError,
                        "invalid maximum character passed to PyUnicode_New");
        return NULL;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyUnicode_New");
        return NULL;
    }
    return new_compact(size, kr_kind_for(maxchar), maxchar < 128);
}

PyObject *
kr_str_from_char(Py_UCS4 ch)
{
    if (ch < 256) {
        return Py_NewRef(kr_latin1_strings[ch]);
    }
    PyObject *text = new_compact(1, kr_kind_for(ch), false);
    if (text != NULL) {
        PyUnicode_WRITE(PyUnicode_KIND(text), PyUnicode_DATA(text), 0, ch);
    }
    return text;
}

PyObject *
kr_str_from_ascii(const char *s, Py_ssize_t size)
{
    if (size <= 1) {
        return size == 0 ? kr_empty_str()
                         : Py_NewRef(kr_latin1_strings[(unsigned char)s[0]]);
    }
    PyObject *text = new_compact(size, 1, true);
    if (text != NULL) {
        kr_copy_bytes(KR_ASCII(text) + 1, s, (size_t)size);
    }
    return text;
}

PyObject *
kr_str_from_ucs1(const Py_UCS1 *s, Py_ssize_t size)
{
    if (size <= 1) {
        return size == 0 ? kr_empty_str() : Py_NewRef(kr_latin1_strings[s[0]]);
    }
    PyObject *text = kr_str_new(size, max_char_ucs1(s, s + size));
    if (text != NULL) {
        memcpy(PyUnicode_DATA(text), s, (size_t)size);
    }
    return text;
}

PyObject *
kr_str_from_ucs2(const Py_UCS2 *s, Py_ssize_t size)
{
    if (size <= 1) {
        return size == 0 ? kr_empty_str() : kr_str_from_char(s[0]);
    }
    PyObject *text = kr_str_new(size, max_char_ucs2(s, s + size));
    if (text != NULL) {
        kr_copy_items(PyUnicode_KIND(text), PyUnicode_DATA(text), 0, 2, s, 0, size);
    }
    return text;
}

PyObject *
kr_str_from_ucs4(const Py_UCS4 *s, Py_ssize_t size)
{
    if (size <= 1) {
        return size == 0 ? kr_empty_str() : kr_str_from_char(s[0]);
    }
    PyObject *text = kr_str_new(size, max_char_ucs4(s, s + size));
    if (text != NULL) {
        kr_copy_items(PyUnicode_KIND(text), PyUnicode_DATA(text), 0, 4, s, 0, size);
    }
    return text;
}

PyObject *
PyUnicode_FromKindAndData(int kind, const void *buffer, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    switch (kind) {
    case 1:
        return kr_str_from_ucs1(buffer, size);
    case 2:
        return kr_str_from_ucs2(buffer, size);
    case 4:
        return kr_str_from_ucs4(buffer, size);
    default:
        PyErr_SetString(PyExc_SystemError, "invalid kind");
        return NULL;
    }
}

PyObject *
PyUnicode_FromOrdinal(int ordinal)
{
    if (ordinal < 0 || ordinal > (int)KR_MAX_UNICODE) {
        PyErr_SetString(PyExc_ValueError, "chr() arg not in range(0x110000)");
        return NULL;
    }
    return kr_str_from_char((Py_UCS4)ordinal);
}

PyObject *
PyUnicode_FromStringAndSize(const char *u, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError,
                        "Negative size passed to PyUnicode_FromStringAndSize");
        return NULL;
    }
    if (u != NULL) {
        return PyUnicode_DecodeUTF8Stateful(u, size, NULL, NULL);
    }
    if (size > 0) {
        PyErr_SetString(PyExc_SystemError,
                        "NULL string with positive size with NULL passed to "
                        "PyUnicode_FromStringAndSize");
        return NULL;
    }
    return kr_empty_str();
}

PyObject *
PyUnicode_FromString(const char *u)
{
    size_t size = strlen(u);
    if (size > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "input too long");
        return NULL;
    }
    return PyUnicode_DecodeUTF8Stateful(u, (Py_ssize_t)size, NULL, NULL);
}

int
kr_str_check(PyObject *object)
{
    if (PyUnicode_Check(object)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "must be str, not %.100s", Py_TYPE(object)->tp_name);
    return -1;
}

PyObject *
kr_str_copy(PyObject *text)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    PyObject *copy = kr_str_new(size, PyUnicode_MAX_CHAR_VALUE(text));
    if (copy != NULL && size > 0) {
        memcpy(PyUnicode_DATA(copy), PyUnicode_DATA(text),
               (size_t)(size * PyUnicode_KIND(text)));
    }
    return copy;
}

PyObject *
kr_str_exact(PyObject *text)
{
    if (PyUnicode_CheckExact(text)) {
        return Py_NewRef(text);
    }
    return kr_str_copy(text);
}

PyObject *
PyUnicode_FromObject(PyObject *obj)
{
    if (PyUnicode_Check(obj)) {
        return kr_str_exact(obj);
    }
    PyErr_Format(PyExc_TypeError, "Can't convert '%.100s' object to str implicitly",
                 Py_TYPE(obj)->tp_name);
    return NULL;
}

const void *
kr_str_widened(PyObject *text, int kind, void **owned_out)
{
    *owned_out = NULL;
    if (PyUnicode_KIND(text) == kind) {
        return PyUnicode_DATA(text);
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    void *items = PyMem_Malloc((size_t)(size + 1) * (size_t)kind);
    if (items == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    kr_copy_items(kind, items, 0, PyUnicode_KIND(text), PyUnicode_DATA(text), 0, size);
    *owned_out = items;
    return items;
}

int
kr_str_fit(PyObject **text)
{
    PyObject *wide = *text;
    Py_ssize_t size = PyUnicode_GET_LENGTH(wide);
    int kind = PyUnicode_KIND(wide);
    if (size == 0 || PyUnicode_IS_ASCII(wide)) {
        return 0;
    }
    Py_UCS4 max = kr_max_char(kind, PyUnicode_DATA(wide), 0, size);
    if (kr_kind_for(max) == kind && max >= 128) {
        return 0;
    }
    PyObject *copy;
    if (size == 1) {
        copy = kr_str_from_char(PyUnicode_READ_CHAR(wide, 0));
    }
    else {
        copy = kr_str_new(size, max);
        if (copy != NULL) {
            kr_copy_items(PyUnicode_KIND(copy), PyUnicode_DATA(copy), 0, kind,
                          PyUnicode_DATA(wide), 0, size);
        }
    }
    if (copy == NULL) {
        return -1;
    }
    Py_SETREF(*text, copy);
    return 0;
}

// --- Freeing and resizing ---------------------------------------------------------

void
kr_str_forget_utf8(PyObject *text)
{
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        return;
    }
    PyCompactUnicodeObject *compact = KR_COMPACT(text);
    if (compact->utf8 != NULL
        && (PyUnicode_IS_COMPACT(text) || compact->utf8 != PyUnicode_DATA(text))) {
        PyMem_Free(compact->utf8);
    }
    compact->utf8 = NULL;
    compact->utf8_length = 0;
}

void
kr_str_dealloc(PyObject *text)
{
    if (KR_UNLIKELY(KR_ASCII(text)->state.interned)) {
        if (KR_ASCII(text)->state.interned != SSTATE_INTERNED_MORTAL) {
            // Somebody released more references than he had.
            _Py_SetImmortal(text);
            return;
        }
        kr_intern_forget(text);
    }
    kr_str_forget_utf8(text);
    if (!PyUnicode_IS_COMPACT(text)) {
        PyMem_Free(((PyUnicodeObject *)text)->data.any);
    }
    if (KR_LIKELY(PyUnicode_CheckExact(text))) {
        kr_object_free_plain(text);
    }
    else {
        Py_TYPE(text)->tp_free(text);
    }
}

bool
kr_str_is_modifiable(PyObject *text)
{
    return Py_REFCNT(text) == 1 && KR_ASCII(text)->hash == -1
           && KR_ASCII(text)->state.interned == 0 && PyUnicode_CheckExact(text)
           && !KR_ASCII(text)->state.statically_allocated;
}

// Changes the length of a string that only the caller refers to.
static PyObject *
resize_in_place(PyObject *text, Py_ssize_t size)
{
    int kind = PyUnicode_KIND(text);
    size_t head = header_size(PyUnicode_IS_ASCII(text));
    if (size > (PY_SSIZE_T_MAX - (Py_ssize_t)head) / kind - 1) {
        return PyErr_NoMemory();
    }
    kr_str_forget_utf8(text);
    PyObject *grown = PyObject_Realloc(text, head + (size_t)(size + 1) * (size_t)kind);
    if (grown == NULL) {
        return PyErr_NoMemory();
    }
    KR_ASCII(grown)->length = size;
    KR_ASCII(grown)->hash = -1;
    memset((char *)grown + head + size * kind, 0, (size_t)kind);
    return grown;
}

int
PyUnicode_Resize(PyObject **str, Py_ssize_t length)
{
    PyObject *text = str != NULL ? *str : NULL;
    if (text == NULL || !PyUnicode_Check(text) || length < 0) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t old = PyUnicode_GET_LENGTH(text);
    if (old == length) {
        return 0;
    }
    if (length == 0) {
        Py_SETREF(*str, kr_empty_str());
        return 0;
    }
    if (kr_str_is_modifiable(text) && PyUnicode_IS_COMPACT(text)) {
        PyObject *grown = resize_in_place(text, length);
        if (grown == NULL) {
            return -1;
        }
        *str = grown;
        return 0;
    }
    PyObject *copy = kr_str_new(length, PyUnicode_MAX_CHAR_VALUE(text));
    if (copy == NULL) {
        return -1;
    }
    memcpy(PyUnicode_DATA(copy), PyUnicode_DATA(text),
           (size_t)(Py_MIN(old, length) * PyUnicode_KIND(text)));
    Py_SETREF(*str, copy);
    return 0;
}

// --- Parts and single characters -----------------------------------------------------

PyObject *
PyUnicode_Substring(PyObject *str, Py_ssize_t start, Py_ssize_t end)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    end = Py_MIN(end, length);
    if (start == 0 && end == length) {
        return kr_str_exact(str);
    }
    if (start < 0 || end < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    if (start >= length || end < start) {
        return kr_empty_str();
    }
    Py_ssize_t size = end - start;
    int kind = PyUnicode_KIND(str);
    const char *data = (const char *)PyUnicode_DATA(str) + start * kind;
    if (PyUnicode_IS_ASCII(str)) {
        return kr_str_from_ascii(data, size);
    }
    switch (kind) {
    case 1:
        return kr_str_from_ucs1((const Py_UCS1 *)data, size);
    case 2:
        return kr_str_from_ucs2((const Py_UCS2 *)data, size);
    default:
        return kr_str_from_ucs4((const Py_UCS4 *)data, size);
    }
}

Py_ssize_t
PyUnicode_GetLength(PyObject *str)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return -1;
    }
    return PyUnicode_GET_LENGTH(str);
}

Py_UCS4
PyUnicode_ReadChar(PyObject *str, Py_ssize_t index)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return (Py_UCS4)-1;
    }
    if (index < 0 || index >= PyUnicode_GET_LENGTH(str)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return (Py_UCS4)-1;
    }
    return PyUnicode_READ_CHAR(str, index);
}

static int
check_modifiable(PyObject *text)
{
    if (!kr_str_is_modifiable(text)) {
        PyErr_SetString(PyExc_SystemError,
                        "Cannot modify a string currently used");
        return -1;
    }
    return 0;
}

int
PyUnicode_WriteChar(PyObject *str, Py_ssize_t index, Py_UCS4 ch)
{
    if (!PyUnicode_Check(str) || !PyUnicode_IS_COMPACT(str)) {
        PyErr_BadArgument();
        return -1;
    }
    if (index < 0 || index >= PyUnicode_GET_LENGTH(str)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (check_modifiable(str) < 0) {
        return -1;
    }
    if (ch > PyUnicode_MAX_CHAR_VALUE(str)) {
        PyErr_SetString(PyExc_ValueError, "character out of range");
        return -1;
    }
    PyUnicode_WRITE(PyUnicode_KIND(str), PyUnicode_DATA(str), index, ch);
    return 0;
}

Py_ssize_t
PyUnicode_CopyCharacters(PyObject *to, Py_ssize_t to_start, PyObject *from,
                         Py_ssize_t from_start, Py_ssize_t how_many)
{
    if (!PyUnicode_Check(from) || !PyUnicode_Check(to)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)from_start > (size_t)PyUnicode_GET_LENGTH(from)
        || (size_t)to_start > (size_t)PyUnicode_GET_LENGTH(to)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (how_many < 0) {
        PyErr_SetString(PyExc_SystemError, "how_many cannot be negative");
        return -1;
    }
    how_many = Py_MIN(PyUnicode_GET_LENGTH(from) - from_start, how_many);
    if (to_start + how_many > PyUnicode_GET_LENGTH(to)) {
        PyErr_Format(PyExc_SystemError,
                     "Cannot write %zi characters at %zi in a string of %zi characters",
                     how_many, to_start, PyUnicode_GET_LENGTH(to));
        return -1;
    }
    if (how_many == 0) {
        return 0;
    }
    if (check_modifiable(to) < 0) {
        return -1;
    }
    Py_UCS4 limit = PyUnicode_MAX_CHAR_VALUE(to);
    if (PyUnicode_MAX_CHAR_VALUE(from) > limit
        && kr_max_char(PyUnicode_KIND(from), PyUnicode_DATA(from), from_start,
                       from_start + how_many) > limit) {
        PyErr_Format(PyExc_SystemError,
                     "Cannot copy %s characters into a string of %s characters",
                     PyUnicode_KIND(from) == 1 ? "UCS1"
                                               : PyUnicode_KIND(from) == 2 ? "UCS2" : "UCS4",
                     PyUnicode_IS_ASCII(to) ? "ASCII"
                     : PyUnicode_KIND(to) == 1 ? "UCS1"
                                               : "UCS2");
        return -1;
    }
    kr_copy_items(PyUnicode_KIND(to), PyUnicode_DATA(to), to_start, PyUnicode_KIND(from),
                  PyUnicode_DATA(from), from_start, how_many);
    return how_many;
}

Py_ssize_t
PyUnicode_Fill(PyObject *str, Py_ssize_t start, Py_ssize_t length, Py_UCS4 fill_char)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (check_modifiable(str) < 0) {
        return -1;
    }
    if (start < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (fill_char > PyUnicode_MAX_CHAR_VALUE(str)) {
        PyErr_SetString(PyExc_ValueError,
                        "fill character is bigger than the string maximum character");
        return -1;
    }
    length = Py_MIN(length, PyUnicode_GET_LENGTH(str) - start);
    if (length <= 0) {
        return 0;
    }
    kr_fill_items(PyUnicode_KIND(str), PyUnicode_DATA(str), start, length, fill_char);
    return length;
}

// --- UCS4 and wide characters ---------------------------------------------------------

Py_UCS4 *
PyUnicode_AsUCS4(PyObject *str, Py_UCS4 *buffer, Py_ssize_t buflen, int copy_null)
{
    if (buffer == NULL || buflen < 0 || !PyUnicode_Check(str)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    Py_ssize_t wanted = length + (copy_null != 0);
    if (buflen < wanted) {
        PyErr_SetString(PyExc_SystemError, "string is longer than the buffer");
        if (copy_null && buflen > 0) {
            buffer[0] = 0;
        }
        return NULL;
    }
    kr_copy_items(4, buffer, 0, PyUnicode_KIND(str), PyUnicode_DATA(str), 0, length);
    if (copy_null) {
        buffer[length] = 0;
    }
    return buffer;
}

Py_UCS4 *
PyUnicode_AsUCS4Copy(PyObject *str)
{
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    Py_ssize_t room = PyUnicode_GET_LENGTH(str) + 1;
    Py_UCS4 *buffer = PyMem_New(Py_UCS4, room);
    if (buffer == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return PyUnicode_AsUCS4(str, buffer, room, 1);
}

PyObject *
PyUnicode_FromWideChar(const wchar_t *w, Py_ssize_t size)
{
    if (w == NULL && size != 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (size == -1) {
        size = (Py_ssize_t)wcslen(w);
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        if ((Py_UCS4)w[i] > KR_MAX_UNICODE) {
            PyErr_Format(PyExc_ValueError,
                         "character U+%x is not in range [U+0000; U+10ffff]",
                         (unsigned)w[i]);
            return NULL;
        }
    }
    return kr_str_from_ucs4((const Py_UCS4 *)w, size);
}

Py_ssize_t
PyUnicode_AsWideChar(PyObject *str, wchar_t *w, Py_ssize_t size)
{
    if (str == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return -1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    if (w == NULL) {
        return length + 1;
    }
    Py_ssize_t count = length;
    if (size > length) {
        size = length + 1;
        w[length] = 0;
    }
    else {
        count = size;
    }
    kr_copy_items(4, w, 0, PyUnicode_KIND(str), PyUnicode_DATA(str), 0, count);
    return count;
}

wchar_t *
PyUnicode_AsWideCharString(PyObject *str, Py_ssize_t *size)
{
    if (str == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyUnicode_Check(str)) {
        PyErr_BadArgument();
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    wchar_t *buffer = PyMem_New(wchar_t, length + 1);
    if (buffer == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    kr_copy_items(4, buffer, 0, PyUnicode_KIND(str), PyUnicode_DATA(str), 0, length);
    buffer[length] = 0;
    if (size != NULL) {
        *size = length;
    }
    else if (wcslen(buffer) != (size_t)length) {
        PyMem_Free(buffer);
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return buffer;
}

int
_PyUnicode_CheckConsistency(PyObject *op, int check_content)
{
    const PyASCIIObject *head = KR_ASCII(op);
    int kind = PyUnicode_KIND(op);
    KR_CHECK(PyUnicode_Check(op));
    KR_CHECK(kind == 1 || kind == 2 || kind == 4);
    KR_CHECK(!head->state.ascii || kind == 1);
    KR_CHECK(PyUnicode_READ(kind, PyUnicode_DATA(op), head->length) == 0);
    if (check_content && head->length > 0) {
        Py_UCS4 max = kr_max_char(kind, PyUnicode_DATA(op), 0, head->length);
        KR_CHECK(max == PyUnicode_MAX_CHAR_VALUE(op));
    }
    return 1;
}

// --- Functions behind macros ---------------------------------------------------------
//
// Extensions that do not see the layout call these under the macros' names.

// kr_str_data and kr_str_kind are for exported.c.

void *kr_str_data(PyObject *text);
unsigned int kr_str_kind(PyObject *text);
PyAPI_FUNC(Py_ssize_t) PyUnicode_GetSize(PyObject *text);

void *
kr_str_data(PyObject *text)
{
    return PyUnicode_DATA(text);
}

unsigned int
kr_str_kind(PyObject *text)
{
    return (unsigned int)PyUnicode_KIND(text);
}

// Removed from the headers, but still a name of the stable ABI.
Py_ssize_t
PyUnicode_GetSize(PyObject *text)
{
    PyErr_SetString(PyExc_RuntimeError, "PyUnicode_GetSize has been removed.");
    return -1;
}
