// SPDX-License-Identifier: MIT
// scanner.c - reading JSON values.
//
// Callers:     json/scanner.py takes the type under the name make_scanner.
// Re-entrancy: hooks run Python; the text is immutable and owned by the caller.
// Contract:    where a value is expected and none begins, StopIteration(index) is
//              raised; the library makes "Expecting value" of it.
#include "modules/json/json.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/list.h"

typedef struct {
    PyObject_HEAD
    char strict;
    PyObject *object_hook;       // None: objects become dicts
    PyObject *object_pairs_hook; // None, or called with a list of pairs
    PyObject *parse_float;
    PyObject *parse_int;
    PyObject *parse_constant;
} Scanner;

// One call of a scanner.
typedef struct {
    Scanner *scanner;
    PyObject *text;
    const void *data;
    int kind;
    Py_ssize_t length;
    PyObject *memo; // dict that keeps one str for each key
} Reader;

static PyObject *read_value(Reader *r, Py_ssize_t i, Py_ssize_t *next);

static inline Py_UCS4
char_at(const Reader *r, Py_ssize_t i)
{
    return PyUnicode_READ(r->kind, r->data, i);
}

static inline bool
is_at(const Reader *r, Py_ssize_t i, Py_UCS4 ch)
{
    return i < r->length && char_at(r, i) == ch;
}

static inline Py_ssize_t
skip_space(const Reader *r, Py_ssize_t i)
{
    while (i < r->length) {
        Py_UCS4 ch = char_at(r, i);
        if (ch != ' ' && ch != '\n' && ch != '\t' && ch != '\r') {
            break;
        }
        i++;
    }
    return i;
}

static KR_COLD PyObject *
no_value(Py_ssize_t i)
{
    PyObject *index = PyLong_FromSsize_t(i);
    if (index != NULL) {
        PyErr_SetObject(PyExc_StopIteration, index);
        Py_DECREF(index);
    }
    return NULL;
}

// --- Numbers -----------------------------------------------------------------------

static inline bool
is_digit(const Reader *r, Py_ssize_t i)
{
    return i < r->length && char_at(r, i) >= '0' && char_at(r, i) <= '9';
}

// The number in i..end, by the hook or as an int or float.
static PyObject *
make_number(Reader *r, Py_ssize_t i, Py_ssize_t end, bool is_float)
{
    PyObject *hook = is_float ? r->scanner->parse_float : r->scanner->parse_int;
    PyTypeObject *plain = is_float ? &PyFloat_Type : &PyLong_Type;
    if (hook != (PyObject *)plain) {
        PyObject *text = PyUnicode_Substring(r->text, i, end);
        PyObject *number = text == NULL ? NULL : PyObject_CallOneArg(hook, text);
        Py_XDECREF(text);
        return number;
    }
    Py_ssize_t n = end - i;
    if (!is_float && n <= 18) {
        // Fits a long: no text is needed.
        bool negative = char_at(r, i) == '-';
        long value = 0;
        for (i += negative; i < end; i++) {
            value = value * 10 + (long)(char_at(r, i) - '0');
        }
        return PyLong_FromLong(negative ? -value : value);
    }
    char few[64], *digits = n < (Py_ssize_t)sizeof few ? few : PyMem_Malloc((size_t)n + 1);
    if (digits == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t k = 0; k < n; k++) {
        digits[k] = (char)char_at(r, i + k);
    }
    digits[n] = '\0';
    PyObject *number = NULL;
    if (is_float) {
        double value = PyOS_string_to_double(digits, NULL, NULL);
        if (value != -1.0 || !PyErr_Occurred()) {
            number = PyFloat_FromDouble(value);
        }
    }
    else {
        number = PyLong_FromString(digits, NULL, 10);
    }
    if (digits != few) {
        PyMem_Free(digits);
    }
    return number;
}

static PyObject *
read_number(Reader *r, Py_ssize_t start, Py_ssize_t *next)
{
    Py_ssize_t i = start + is_at(r, start, '-');
    bool is_float = false;
    if (!is_digit(r, i)) {
        return no_value(start);
    }
    if (is_at(r, i, '0')) {
        i++;
    }
    else {
        while (is_digit(r, i)) {
            i++;
        }
    }
    if (is_at(r, i, '.') && is_digit(r, i + 1)) {
        is_float = true;
        for (i++; is_digit(r, i);) {
            i++;
        }
    }
    if (is_at(r, i, 'e') || is_at(r, i, 'E')) {
        // Without digits the exponent is not part of the number.
        Py_ssize_t k = i + 1;
        k += is_at(r, k, '-') || is_at(r, k, '+');
        if (is_digit(r, k)) {
            is_float = true;
            for (i = k; is_digit(r, i);) {
                i++;
            }
        }
    }
    *next = i;
    return make_number(r, start, i, is_float);
}

// --- Words -------------------------------------------------------------------------

static bool
is_word(const Reader *r, Py_ssize_t i, const char *word)
{
    for (; *word != '\0'; word++, i++) {
        if (!is_at(r, i, (unsigned char)*word)) {
            return false;
        }
    }
    return true;
}

static PyObject *
read_constant(Reader *r, const char *word, Py_ssize_t i, Py_ssize_t *next)
{
    *next = i + (Py_ssize_t)strlen(word);
    PyObject *name = PyUnicode_InternFromString(word);
    PyObject *value = name == NULL
                          ? NULL
                          : PyObject_CallOneArg(r->scanner->parse_constant, name);
    Py_XDECREF(name);
    return value;
}

// --- Objects and arrays ----------------------------------------------------------------

// The key whose quote stands at i, one str for all equal ones.
static PyObject *
read_key(Reader *r, Py_ssize_t i, Py_ssize_t *next)
{
    PyObject *key = kr_json_scan_string(r->text, i + 1, r->scanner->strict, next), *kept;
    if (key == NULL) {
        return NULL;
    }
    if (PyDict_SetDefaultRef(r->memo, key, key, &kept) < 0) {
        kept = NULL;
    }
    Py_DECREF(key);
    return kept;
}

// Reads `"key": value` at i. 0, or -1 with an exception.
static int
read_member(Reader *r, Py_ssize_t i, PyObject **key, PyObject **value, Py_ssize_t *next)
{
    *key = *value = NULL;
    if (!is_at(r, i, '"')) {
        kr_json_raise("Expecting property name enclosed in double quotes", r->text, i);
        return -1;
    }
    *key = read_key(r, i, &i);
    if (*key == NULL) {
        return -1;
    }
    i = skip_space(r, i);
    if (!is_at(r, i, ':')) {
        kr_json_raise("Expecting ':' delimiter", r->text, i);
        Py_CLEAR(*key);
        return -1;
    }
    *value = read_value(r, skip_space(r, i + 1), next);
    if (*value == NULL) {
        Py_CLEAR(*key);
        return -1;
    }
    return 0;
}

// Steps over what stands behind a member or an element at i: 1 more follow at *next,
// 0 it was the last and *next is behind the bracket, -1 with an exception.
static int
read_separator(Reader *r, Py_ssize_t i, Py_UCS4 closing, const char *trailing,
               Py_ssize_t *next)
{
    i = skip_space(r, i);
    if (is_at(r, i, closing)) {
        *next = i + 1;
        return 0;
    }
    if (!is_at(r, i, ',')) {
        kr_json_raise("Expecting ',' delimiter", r->text, i);
        return -1;
    }
    *next = skip_space(r, i + 1);
    if (is_at(r, *next, closing)) {
        kr_json_raise(trailing, r->text, i);
        return -1;
    }
    return 1;
}

// What the hooks make of a dict, or of a list of pairs; consumes value.
static PyObject *
apply_hook_steal(PyObject *hook, PyObject *value)
{
    if (hook == Py_None) {
        return value;
    }
    PyObject *result = PyObject_CallOneArg(hook, value);
    Py_DECREF(value);
    return result;
}

static PyObject *
read_object(Reader *r, Py_ssize_t i, Py_ssize_t *next)
{
    PyObject *pairs_hook = r->scanner->object_pairs_hook;
    bool as_pairs = pairs_hook != Py_None;
    PyObject *result = as_pairs ? PyList_New(0) : PyDict_New(), *key, *value;
    if (result == NULL) {
        return NULL;
    }
    i = skip_space(r, i);
    int more = 1;
    if (is_at(r, i, '}')) {
        i++;
        more = 0;
    }
    while (more > 0) {
        if (read_member(r, i, &key, &value, &i) < 0) {
            more = -1;
            break;
        }
        int status;
        if (as_pairs) {
            PyObject *pair = PyTuple_Pack(2, key, value);
            status = pair == NULL ? -1 : kr_list_append_steal((PyListObject *)result, pair);
        }
        else {
            status = PyDict_SetItem(result, key, value);
        }
        Py_DECREF(key);
        Py_DECREF(value);
        more = status < 0 ? -1
                          : read_separator(r, i, '}',
                                           "Illegal trailing comma before end of object",
                                           &i);
    }
    if (more < 0) {
        Py_DECREF(result);
        return NULL;
    }
    *next = i;
    return apply_hook_steal(as_pairs ? pairs_hook : r->scanner->object_hook, result);
}

static PyObject *
read_array(Reader *r, Py_ssize_t i, Py_ssize_t *next)
{
    PyObject *result = PyList_New(0);
    if (result == NULL) {
        return NULL;
    }
    i = skip_space(r, i);
    int more = 1;
    if (is_at(r, i, ']')) {
        i++;
        more = 0;
    }
    while (more > 0) {
        PyObject *value = read_value(r, i, &i);
        if (value == NULL || kr_list_append_steal((PyListObject *)result, value) < 0) {
            more = -1;
            break;
        }
        more = read_separator(r, i, ']', "Illegal trailing comma before end of array", &i);
    }
    if (more < 0) {
        Py_DECREF(result);
        return NULL;
    }
    *next = i;
    return result;
}

// The value that begins at i.
static PyObject *
read_value(Reader *r, Py_ssize_t i, Py_ssize_t *next)
{
    PyObject *value;
    if (i < 0) {
        PyErr_SetString(PyExc_ValueError, "idx cannot be negative");
        return NULL;
    }
    if (i >= r->length) {
        return no_value(i);
    }
    switch (char_at(r, i)) {
    case '"':
        return kr_json_scan_string(r->text, i + 1, r->scanner->strict, next);
    case '{':
        if (Py_EnterRecursiveCall(" while decoding a JSON object from a unicode string")) {
            return NULL;
        }
        value = read_object(r, i + 1, next);
        Py_LeaveRecursiveCall();
        return value;
    case '[':
        if (Py_EnterRecursiveCall(" while decoding a JSON array from a unicode string")) {
            return NULL;
        }
        value = read_array(r, i + 1, next);
        Py_LeaveRecursiveCall();
        return value;
    case 'n':
        if (is_word(r, i, "null")) {
            *next = i + 4;
            return Py_NewRef(Py_None);
        }
        break;
    case 't':
        if (is_word(r, i, "true")) {
            *next = i + 4;
            return Py_NewRef(Py_True);
        }
        break;
    case 'f':
        if (is_word(r, i, "false")) {
            *next = i + 5;
            return Py_NewRef(Py_False);
        }
        break;
    case 'N':
        if (is_word(r, i, "NaN")) {
            return read_constant(r, "NaN", i, next);
        }
        break;
    case 'I':
        if (is_word(r, i, "Infinity")) {
            return read_constant(r, "Infinity", i, next);
        }
        break;
    case '-':
        if (is_word(r, i, "-Infinity")) {
            return read_constant(r, "-Infinity", i, next);
        }
        break;
    default:
        break;
    }
    return read_number(r, i, next);
}

// --- The type ----------------------------------------------------------------------

static const char *const scanner_call_keywords[] = {"string", "idx", NULL};

static PyObject *
scanner_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *text;
    Py_ssize_t i, next = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "On:scan_once",
                                     (char **)scanner_call_keywords, &text, &i)) {
        return NULL;
    }
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "first argument must be a string, not %.80s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    Reader reader = {
        .scanner = (Scanner *)op,
        .text = text,
        .data = PyUnicode_DATA(text),
        .kind = PyUnicode_KIND(text),
        .length = PyUnicode_GET_LENGTH(text),
        .memo = PyDict_New(),
    };
    if (reader.memo == NULL) {
        return NULL;
    }
    PyObject *value = read_value(&reader, i, &next);
    Py_DECREF(reader.memo);
    return value == NULL ? NULL : Py_BuildValue("Nn", value, next);
}

static int
scanner_traverse(PyObject *op, visitproc visit, void *arg)
{
    Scanner *self = (Scanner *)op;
    Py_VISIT(self->object_hook);
    Py_VISIT(self->object_pairs_hook);
    Py_VISIT(self->parse_float);
    Py_VISIT(self->parse_int);
    Py_VISIT(self->parse_constant);
    return 0;
}

static int
scanner_clear(PyObject *op)
{
    Scanner *self = (Scanner *)op;
    Py_CLEAR(self->object_hook);
    Py_CLEAR(self->object_pairs_hook);
    Py_CLEAR(self->parse_float);
    Py_CLEAR(self->parse_int);
    Py_CLEAR(self->parse_constant);
    return 0;
}

static void
scanner_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    scanner_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static const char *const scanner_keywords[] = {"context", NULL};

static PyObject *
scanner_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *context;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:make_scanner",
                                     (char **)scanner_keywords, &context)) {
        return NULL;
    }
    Scanner *self = (Scanner *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    PyObject *strict = PyObject_GetAttr(context, KR_ID(strict));
    int truth = strict == NULL ? -1 : PyObject_IsTrue(strict);
    Py_XDECREF(strict);
    self->strict = truth > 0;
    const struct {
        PyObject *name;
        PyObject **place;
    } attributes[] = {
        {KR_ID(object_hook), &self->object_hook},
        {KR_ID(object_pairs_hook), &self->object_pairs_hook},
        {KR_ID(parse_float), &self->parse_float},
        {KR_ID(parse_int), &self->parse_int},
        {KR_ID(parse_constant), &self->parse_constant},
    };
    for (size_t i = 0; truth >= 0 && i < Py_ARRAY_LENGTH(attributes); i++) {
        *attributes[i].place = PyObject_GetAttr(context, attributes[i].name);
        if (*attributes[i].place == NULL) {
            truth = -1;
        }
    }
    if (truth < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static PyMemberDef scanner_members[] = {
    {"strict", Py_T_BOOL, offsetof(Scanner, strict), Py_READONLY, "strict"},
    {"object_hook", _Py_T_OBJECT, offsetof(Scanner, object_hook), Py_READONLY,
     "object_hook"},
    {"object_pairs_hook", _Py_T_OBJECT, offsetof(Scanner, object_pairs_hook), Py_READONLY,
     NULL},
    {"parse_float", _Py_T_OBJECT, offsetof(Scanner, parse_float), Py_READONLY,
     "parse_float"},
    {"parse_int", _Py_T_OBJECT, offsetof(Scanner, parse_int), Py_READONLY, "parse_int"},
    {"parse_constant", _Py_T_OBJECT, offsetof(Scanner, parse_constant), Py_READONLY,
     "parse_constant"},
    {NULL},
};

PyTypeObject kr_json_scanner_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_json.Scanner",
    .tp_basicsize = sizeof(Scanner),
    .tp_dealloc = scanner_dealloc,
    .tp_call = scanner_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "JSON scanner object",
    .tp_traverse = scanner_traverse,
    .tp_clear = scanner_clear,
    .tp_members = scanner_members,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = scanner_new,
    .tp_free = PyObject_GC_Del,
};
