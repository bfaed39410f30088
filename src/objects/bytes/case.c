// SPDX-License-Identifier: MIT
// case.c - letters in bytes and bytearray: tests and changes of case, ASCII only.
#include "objects/bytes/bytes.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/str/str.h"

static inline bool
is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool
is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool
is_letter(char c)
{
    return is_upper(c) || is_lower(c);
}

static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
is_letter_or_digit(char c)
{
    return is_letter(c) || is_digit(c);
}

static inline bool
is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char
to_lower(char c)
{
    return is_upper(c) ? (char)(c + 32) : c;
}

static inline char
to_upper(char c)
{
    return is_lower(c) ? (char)(c - 32) : c;
}

// True if there is a byte and all pass.
static PyObject *
all_are(PyObject *self, bool (*test)(char))
{
    KrBytes s = kr_bytes_span(self);

    for (Py_ssize_t i = 0; i < s.size; i++) {
        if (!test(s.data[i])) {
            Py_RETURN_FALSE;
        }
    }
    return PyBool_FromLong(s.size > 0);
}

KR_METHOD(bytes, "isalnum(self, /)", "Return True if all bytes are letters or digits.")
KR_METHOD(bytearray, "isalnum(self, /)", "Return True if all bytes are letters or digits.")
static PyObject *
bytes_isalnum(PyObject *self)
{
    return all_are(self, is_letter_or_digit);
}

KR_METHOD(bytes, "isalpha(self, /)", "Return True if all bytes are letters.")
KR_METHOD(bytearray, "isalpha(self, /)", "Return True if all bytes are letters.")
static PyObject *
bytes_isalpha(PyObject *self)
{
    return all_are(self, is_letter);
}

KR_METHOD(bytes, "isascii(self, /)", "Return True if no byte is above 127.")
KR_METHOD(bytearray, "isascii(self, /)", "Return True if no byte is above 127.")
static PyObject *
bytes_isascii(PyObject *self)
{
    KrBytes s = kr_bytes_span(self);
    unsigned char all = 0;

    for (Py_ssize_t i = 0; i < s.size; i++) {
        all |= (unsigned char)s.data[i];
    }
    return PyBool_FromLong(all < 128);
}

KR_METHOD(bytes, "isdigit(self, /)", "Return True if all bytes are digits.")
KR_METHOD(bytearray, "isdigit(self, /)", "Return True if all bytes are digits.")
static PyObject *
bytes_isdigit(PyObject *self)
{
    return all_are(self, is_digit);
}

KR_METHOD(bytes, "isspace(self, /)", "Return True if all bytes are white space.")
KR_METHOD(bytearray, "isspace(self, /)", "Return True if all bytes are white space.")
static PyObject *
bytes_isspace(PyObject *self)
{
    return all_are(self, is_white);
}

// True if there is a `wanted` letter and no `unwanted` one.
static PyObject *
only_case(PyObject *self, bool (*wanted)(char), bool (*unwanted)(char))
{
    KrBytes s = kr_bytes_span(self);
    bool found = false;

    for (Py_ssize_t i = 0; i < s.size; i++) {
        if (unwanted(s.data[i])) {
            Py_RETURN_FALSE;
        }
        found = found || wanted(s.data[i]);
    }
    return PyBool_FromLong(found);
}

KR_METHOD(bytes, "islower(self, /)", "Return True if there are letters, all lowercase.")
KR_METHOD(bytearray, "islower(self, /)", "Return True if there are letters, all lowercase.")
static PyObject *
bytes_islower(PyObject *self)
{
    return only_case(self, is_lower, is_upper);
}

KR_METHOD(bytes, "isupper(self, /)", "Return True if there are letters, all uppercase.")
KR_METHOD(bytearray, "isupper(self, /)", "Return True if there are letters, all uppercase.")
static PyObject *
bytes_isupper(PyObject *self)
{
    return only_case(self, is_upper, is_lower);
}

KR_METHOD(bytes, "istitle(self, /)",
          "Return True if uppercase starts every word and lowercase continues it.")
KR_METHOD(bytearray, "istitle(self, /)",
          "Return True if uppercase starts every word and lowercase continues it.")
static PyObject *
bytes_istitle(PyObject *self)
{
    KrBytes s = kr_bytes_span(self);
    bool found = false, inside = false;

    for (Py_ssize_t i = 0; i < s.size; i++) {
        char c = s.data[i];
        if ((is_upper(c) && inside) || (is_lower(c) && !inside)) {
            Py_RETURN_FALSE;
        }
        inside = is_letter(c);
        found = found || inside;
    }
    return PyBool_FromLong(found);
}

// A copy of the same size to write into, and where it starts.
static PyObject *
copy_to_fill(PyObject *self, KrBytes *from_out, char **to_out)
{
    *from_out = kr_bytes_span(self);
    PyObject *result = kr_bytes_like(self, NULL, from_out->size);
    if (result != NULL) {
        *to_out = kr_bytes_content(result);
    }
    return result;
}

KR_METHOD(bytes, "lower(self, /)", "Return a copy with all ASCII letters lowercase.")
KR_METHOD(bytearray, "lower(self, /)", "Return a copy with all ASCII letters lowercase.")
static PyObject *
bytes_lower(PyObject *self)
{
    KrBytes s;
    char *to;
    PyObject *result = copy_to_fill(self, &s, &to);

    if (result != NULL) {
        kr_ascii_flip((const Py_UCS1 *)s.data, (Py_UCS1 *)to, s.size, 'A');
    }
    return result;
}

KR_METHOD(bytes, "upper(self, /)", "Return a copy with all ASCII letters uppercase.")
KR_METHOD(bytearray, "upper(self, /)", "Return a copy with all ASCII letters uppercase.")
static PyObject *
bytes_upper(PyObject *self)
{
    KrBytes s;
    char *to;
    PyObject *result = copy_to_fill(self, &s, &to);

    if (result != NULL) {
        kr_ascii_flip((const Py_UCS1 *)s.data, (Py_UCS1 *)to, s.size, 'a');
    }
    return result;
}

KR_METHOD(bytes, "swapcase(self, /)", "Return a copy with the case of letters swapped.")
KR_METHOD(bytearray, "swapcase(self, /)", "Return a copy with the case of letters swapped.")
static PyObject *
bytes_swapcase(PyObject *self)
{
    KrBytes s;
    char *to;
    PyObject *result = copy_to_fill(self, &s, &to);

    for (Py_ssize_t i = 0; result != NULL && i < s.size; i++) {
        to[i] = is_letter(s.data[i]) ? (char)(s.data[i] ^ 32) : s.data[i];
    }
    return result;
}

KR_METHOD(bytes, "capitalize(self, /)",
          "Return a copy with the first byte uppercase and the rest lowercase.")
KR_METHOD(bytearray, "capitalize(self, /)",
          "Return a copy with the first byte uppercase and the rest lowercase.")
static PyObject *
bytes_capitalize(PyObject *self)
{
    KrBytes s;
    char *to;
    PyObject *result = copy_to_fill(self, &s, &to);

    for (Py_ssize_t i = 0; result != NULL && i < s.size; i++) {
        to[i] = i == 0 ? to_upper(s.data[i]) : to_lower(s.data[i]);
    }
    return result;
}

KR_METHOD(bytes, "title(self, /)",
          "Return a copy where words start with uppercase and continue with lowercase.")
KR_METHOD(bytearray, "title(self, /)",
          "Return a copy where words start with uppercase and continue with lowercase.")
static PyObject *
bytes_title(PyObject *self)
{
    KrBytes s;
    char *to;
    PyObject *result = copy_to_fill(self, &s, &to);
    bool inside = false;

    for (Py_ssize_t i = 0; result != NULL && i < s.size; i++) {
        to[i] = inside ? to_lower(s.data[i]) : to_upper(s.data[i]);
        inside = is_letter(s.data[i]);
    }
    return result;
}

#include "objects/bytes/case.methods.h"
