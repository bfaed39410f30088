// SPDX-License-Identifier: MIT
// str.h - what the files of the str folder share, and the rest of objects/ may use.
//
// Callers:    src/objects, src/vm, src/runtime, src/modules.
// Invariants: a str has the smallest kind that fits its largest code point;
//             data[length] is 0; the empty str and the 256 one-character
//             Latin-1 strings are static (kr_char, kr_empty_str), though equal
//             copies made by extensions must work as well.
#ifndef KRAIT_OBJECTS_STR_STR_H
#define KRAIT_OBJECTS_STR_STR_H

#include "Python.h"

#include <string.h>

#include "base/base.h"

#define KR_MAX_UNICODE 0x10ffffU

#define KR_ASCII(op) ((PyASCIIObject *)(op))
#define KR_COMPACT(op) ((PyCompactUnicodeObject *)(op))

// --- Storage (storage.c) ---------------------------------------------------------

extern PyObject *kr_latin1_strings[256]; // borrowed, static; filled once at start
extern PyASCIIObject *const kr_empty_record;

// The static string of one Latin-1 character; borrowed.
static inline PyObject *
kr_char_borrow(Py_UCS1 ch)
{
    return kr_latin1_strings[ch];
}
static inline PyObject *
kr_empty_str_borrow(void)
{
    return (PyObject *)kr_empty_record;
}
static inline PyObject *
kr_empty_str(void)
{
    return Py_NewRef((PyObject *)kr_empty_record);
}

// memcpy for texts, most of which are short: up to 16 bytes without a call.
static inline void
kr_copy_bytes(void *to, const void *from, size_t n)
{
    if (n >= 8 && n <= 16) {
        uint64_t a, b; // the two may overlap
        memcpy(&a, from, 8);
        memcpy(&b, (const char *)from + n - 8, 8);
        memcpy(to, &a, 8);
        memcpy((char *)to + n - 8, &b, 8);
    }
    else if (n >= 4 && n < 8) {
        uint32_t a, b;
        memcpy(&a, from, 4);
        memcpy(&b, (const char *)from + n - 4, 4);
        memcpy(to, &a, 4);
        memcpy((char *)to + n - 4, &b, 4);
    }
    else if (n < 4) {
        for (size_t i = 0; i < n; i++) {
            ((char *)to)[i] = ((const char *)from)[i];
        }
    }
    else {
        memcpy(to, from, n);
    }
}

static inline int
kr_kind_for(Py_UCS4 maxchar)
{
    return maxchar < 256 ? 1 : maxchar < 65536 ? 2 : 4;
}

// A new string with room for size code points, contents undefined but for the
// closing NUL; never the shared empty string unless size is 0.
PyObject *kr_str_new(Py_ssize_t size, Py_UCS4 maxchar);
PyObject *kr_str_from_char(Py_UCS4 ch);
PyObject *kr_str_from_ucs1(const Py_UCS1 *s, Py_ssize_t size);
PyObject *kr_str_from_ascii(const char *s, Py_ssize_t size);
PyObject *kr_str_from_ucs2(const Py_UCS2 *s, Py_ssize_t size);
PyObject *kr_str_from_ucs4(const Py_UCS4 *s, Py_ssize_t size);
// An exact str equal to text: a new reference to itself where it is exact.
PyObject *kr_str_exact(PyObject *text);
// Whether the caller's reference is the only one and the string may change.
bool kr_str_is_modifiable(PyObject *text);
// A compact copy that is no singleton unless it is empty.
PyObject *kr_str_copy(PyObject *text);
// The largest code point of data[start:end].
Py_UCS4 kr_max_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end);
// Copies count items, widening where needed; the target's kind must fit.
void kr_copy_items(int to_kind, void *to, Py_ssize_t to_start, int from_kind,
                   const void *from, Py_ssize_t from_start, Py_ssize_t count);
void kr_fill_items(int kind, void *data, Py_ssize_t start, Py_ssize_t count, Py_UCS4 ch);
// The data of text as items of the given, not smaller kind: its own data or a new
// block, which *owned_out then holds (free with PyMem_Free). NULL: MemoryError.
const void *kr_str_widened(PyObject *text, int kind, void **owned_out);
// Narrows a finished string of too large a kind, in place of *text; -1 on error.
int kr_str_fit(PyObject **text);
// TypeError "must be str, not X" unless it is a str.
int kr_str_check(PyObject *object);
void kr_str_forget_utf8(PyObject *text);

static inline const char *
kr_str_utf8_or_null(PyObject *text, Py_ssize_t *size)
{
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        *size = KR_ASCII(text)->length;
        return (const char *)(KR_ASCII(text) + 1);
    }
    *size = KR_COMPACT(text)->utf8_length;
    return KR_COMPACT(text)->utf8;
}

// --- Interning (intern.c) -----------------------------------------------------------

int kr_init_str(PyInterpreterState *interp);
void kr_fini_str(PyInterpreterState *interp);
// Enters *text into the table of interned strings, or replaces it by what is there.
void kr_str_intern(PyObject **text);
// A dying mortal interned string leaves the table.
void kr_intern_forget(PyObject *text);
// The number of interned strings (sys._debugmallocstats and tests).
Py_ssize_t kr_intern_count(PyInterpreterState *interp);

// --- Hash (compare.c, hash.c) ---------------------------------------------------------

Py_hash_t kr_str_hash(PyObject *text);
bool kr_str_equal(PyObject *left, PyObject *right); // both str
int kr_str_compare(PyObject *left, PyObject *right); // <0, 0, >0; both str
bool kr_str_equals_ascii(PyObject *text, const char *ascii);

// --- Case (case.c) ----------------------------------------------------------------------

// Copies bytes with the case of the 26 ASCII letters from `first` ('a' or 'A') on
// flipped; in and out may be the same.
void kr_ascii_flip(const Py_UCS1 *in, Py_UCS1 *out, Py_ssize_t length, Py_UCS1 first);

// --- Search (find.c) --------------------------------------------------------------------

// Index of needle in text[start:end] (absolute), -1 absent, -2 error; both str,
// 0 <= start <= end <= length.
Py_ssize_t kr_str_find(PyObject *text, PyObject *needle, Py_ssize_t start, Py_ssize_t end);
Py_ssize_t kr_str_rfind(PyObject *text, PyObject *needle, Py_ssize_t start,
                        Py_ssize_t end);
Py_ssize_t kr_items_find_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end,
                              Py_UCS4 ch);
Py_ssize_t kr_items_rfind_char(int kind, const void *data, Py_ssize_t start,
                               Py_ssize_t end, Py_UCS4 ch);
Py_ssize_t kr_str_count(PyObject *text, PyObject *needle, Py_ssize_t start, Py_ssize_t end,
                        Py_ssize_t max);
// How often the byte stands in p[0:n].
Py_ssize_t kr_count_byte(const Py_UCS1 *p, Py_ssize_t n, Py_UCS1 ch);
// Over same-kind items, for loops that search repeatedly.
Py_ssize_t kr_items_find(int kind, const void *text, Py_ssize_t size, const void *needle,
                         Py_ssize_t needle_size);
Py_ssize_t kr_items_rfind(int kind, const void *text, Py_ssize_t size, const void *needle,
                          Py_ssize_t needle_size);
// Clips start and end as slices do.
static inline void
kr_clip_slice(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *end)
{
    if (*end > length) {
        *end = length;
    }
    else if (*end < 0) {
        *end += length;
        if (*end < 0) {
            *end = 0;
        }
    }
    if (*start < 0) {
        *start += length;
        if (*start < 0) {
            *start = 0;
        }
    }
}

// --- Representation and formats ----------------------------------------------------------

PyObject *kr_str_repr(PyObject *text);
PyObject *kr_str_ascii_repr(PyObject *text); // of any object: ascii()
// format(value, spec) for the builtin types; spec is a str.
int kr_str_format_spec(PyObject *value, PyObject *spec, _PyUnicodeWriter *writer);
// The text formatted as spec says.
PyObject *kr_str_formatted(PyObject *text, PyObject *spec);
PyObject *kr_long_format(PyObject *value, PyObject *spec);
PyObject *kr_float_format(PyObject *value, PyObject *spec);
PyObject *kr_complex_format(PyObject *value, PyObject *spec);
// % formatting; bytes.__mod__ and bytearray.__mod__ call the second (percent.c).
PyObject *kr_str_percent(PyObject *format, PyObject *args);
PyObject *kr_bytes_percent(const char *format, Py_ssize_t length, PyObject *args,
                           bool use_bytearray);
// str.format over args and kwargs (either may be NULL).
PyObject *kr_str_format(PyObject *format, PyObject *const *args, Py_ssize_t nargs,
                        PyObject *kwargs);

// --- Case and properties (props.c, case.c, normalize.c) --------------------------------------

int kr_lower_full(Py_UCS4 ch, Py_UCS4 out[3]);
int kr_upper_full(Py_UCS4 ch, Py_UCS4 out[3]);
int kr_title_full(Py_UCS4 ch, Py_UCS4 out[3]);
int kr_fold_full(Py_UCS4 ch, Py_UCS4 out[3]);
bool kr_is_cased(Py_UCS4 ch);
bool kr_is_case_ignorable(Py_UCS4 ch);
bool kr_is_space(Py_UCS4 ch);

// --- Codecs ---------------------------------------------------------------------------------

// Known values of the errors argument; the common ones need no call of a handler.
typedef enum {
    KR_ERRORS_UNKNOWN,
    KR_ERRORS_STRICT,
    KR_ERRORS_IGNORE,
    KR_ERRORS_REPLACE,
    KR_ERRORS_SURROGATEESCAPE,
    KR_ERRORS_SURROGATEPASS,
    KR_ERRORS_BACKSLASHREPLACE,
    KR_ERRORS_XMLCHARREFREPLACE,
    KR_ERRORS_NAMEREPLACE,
    KR_ERRORS_OTHER,
} KrErrors;
KrErrors kr_errors_by_name(const char *errors);

// The state of one decoding: input, output, and what handlers return.
typedef struct {
    const char *encoding;
    const char *errors; // may be NULL
    KrErrors kind;
    PyObject *handler;   // owned, looked up at the first error
    PyObject *exception; // owned, reused for following errors
    PyObject *object;    // owned: the bytes that a handler put instead, or NULL
    const char *start;   // of the input; changes with object
    const char *end;
    _PyUnicodeWriter writer;
} KrDecoder;
void kr_decoder_init(KrDecoder *decoder, const char *encoding, const char *errors,
                     const char *s, Py_ssize_t size);
// Reports input[from:to] as wrong; writes the replacement and sets *next to where
// to go on. -1 with an exception set.
int kr_decoder_error(KrDecoder *decoder, Py_ssize_t from, Py_ssize_t to,
                     const char *reason, const char **next);
PyObject *kr_decoder_finish(KrDecoder *decoder); // releases everything
void kr_decoder_discard(KrDecoder *decoder);

// The state of one encoding into bytes.
typedef struct {
    const char *encoding;
    const char *errors;
    KrErrors kind;
    PyObject *text; // borrowed
    PyObject *handler;
    PyObject *exception;
    char *data;    // owned, PyMem
    Py_ssize_t size;
    Py_ssize_t room;
} KrEncoder;
void kr_encoder_init(KrEncoder *encoder, const char *encoding, const char *errors,
                     PyObject *text);
int kr_encoder_reserve(KrEncoder *encoder, Py_ssize_t more);
// Asks the handler about text[from:to]. *replacement_out is a new bytes or str,
// *next_out the position to go on. -1 with an exception set.
int kr_encoder_handle(KrEncoder *encoder, Py_ssize_t from, Py_ssize_t to,
                      const char *reason, PyObject **replacement_out,
                      Py_ssize_t *next_out);
void kr_encoder_raise(KrEncoder *encoder, Py_ssize_t from, Py_ssize_t to,
                      const char *reason);
PyObject *kr_encoder_finish(KrEncoder *encoder);
void kr_encoder_discard(KrEncoder *encoder);
int kr_encoder_add(KrEncoder *encoder, const char *bytes, Py_ssize_t count);

// Encoders with all parameters; the public functions use "strict".
PyObject *kr_encode_utf8(PyObject *text, const char *errors);
PyObject *kr_encode_utf7(PyObject *text, const char *errors);
PyObject *kr_encode_utf16(PyObject *text, const char *errors, int byteorder);
PyObject *kr_encode_utf32(PyObject *text, const char *errors, int byteorder);
PyObject *kr_encode_latin1(PyObject *text, const char *errors);
PyObject *kr_encode_ascii(PyObject *text, const char *errors);
PyObject *kr_encode_charmap(PyObject *text, PyObject *mapping, const char *errors);
PyObject *kr_decode_unicode_escape(const char *s, Py_ssize_t size, const char *errors,
                                   Py_ssize_t *consumed, const char **bad_escape_out);
PyObject *kr_decode_raw_unicode_escape(const char *s, Py_ssize_t size, const char *errors,
                                       Py_ssize_t *consumed);
// Length of the valid UTF-8 sequence at s, 0 when it is cut short by end, or the
// negated length of the maximal wrong prefix (1 to 3).
int kr_utf8_sequence(const unsigned char *s, const unsigned char *end, Py_UCS4 *ch_out);
char *kr_utf8_put(char *out, Py_UCS4 ch); // surrogates as three bytes

// Through the registry (codecs.c); LookupError for codecs between other types.
PyObject *kr_codec_encode_text(PyObject *object, const char *encoding, const char *errors);
PyObject *kr_codec_decode_text(PyObject *object, const char *encoding, const char *errors);

// Names of code points (names.c): 1 found, 0 absent or no memory for the index. The
// name is written into buffer, NUL-terminated. The last one also finds named
// sequences: the count of code points in out, 0 for none.
int kr_unicode_name_of(Py_UCS4 ch, char *buffer, int room, bool with_aliases);
int kr_unicode_by_name(const char *name, int length, Py_UCS4 *ch_out,
                       bool with_aliases);
int kr_unicode_sequence_by_name(const char *name, int length, Py_UCS4 out[6]);

#endif // KRAIT_OBJECTS_STR_STR_H
