// SPDX-License-Identifier: MIT
// format.c - str.format: reading the fields and putting values into them.
//
// Re-entrancy: attribute access, subscripts and __format__ run Python; the format
//              string is owned by the caller and does not change.
#include "objects/str/format.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Reading format strings ------------------------------------------------------------

void
kr_markup_init(KrMarkup *markup, PyObject *text, Py_ssize_t start, Py_ssize_t end)
{
    markup->rest = (KrTextPart){text, start, end};
}

static int
markup_error(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return -1;
}

// Reads the field behind '{': name, conversion, specification, and '}'.
static int
read_field(KrTextPart *rest, KrMarkupItem *item)
{
    int kind = PyUnicode_KIND(rest->text);
    const void *data = PyUnicode_DATA(rest->text);
    Py_ssize_t at = rest->start, end = rest->end;
    bool in_brackets = false;
    Py_UCS4 ch = 0;
    item->has_field = true;
    item->name = (KrTextPart){rest->text, at, at};
    for (; at < end; at++) {
        ch = PyUnicode_READ(kind, data, at);
        if (in_brackets) {
            in_brackets = ch != ']';
        }
        else if (ch == '{') {
            return markup_error("unexpected '{' in field name");
        }
        else if (ch == '[') {
            in_brackets = true;
        }
        else if (ch == '}' || ch == ':' || ch == '!') {
            break;
        }
    }
    item->name.end = at;
    item->spec = (KrTextPart){rest->text, at, at};
    if (at == end) {
        return markup_error("expected '}' before end of string");
    }
    at++;
    if (ch == '!') {
        if (at == end) {
            return markup_error("end of string while looking for conversion specifier");
        }
        item->conversion = PyUnicode_READ(kind, data, at++);
        if (at < end) {
            ch = PyUnicode_READ(kind, data, at++);
            if (ch != '}' && ch != ':') {
                return markup_error("expected ':' after conversion specifier");
            }
        }
    }
    if (ch == '}') {
        rest->start = at;
        return 1;
    }
    item->spec = (KrTextPart){rest->text, at, at};
    for (int depth = 1; at < end; at++) {
        ch = PyUnicode_READ(kind, data, at);
        if (ch == '{') {
            item->spec_has_fields = true;
            depth++;
        }
        else if (ch == '}' && --depth == 0) {
            item->spec.end = at;
            rest->start = at + 1;
            return 1;
        }
    }
    return markup_error("unmatched '{' in format spec");
}

int
kr_markup_next(KrMarkup *markup, KrMarkupItem *item)
{
    KrTextPart *rest = &markup->rest;
    if (rest->start >= rest->end) {
        return 0;
    }
    int kind = PyUnicode_KIND(rest->text);
    const void *data = PyUnicode_DATA(rest->text);
    Py_ssize_t at = rest->start, end = rest->end;
    memset(item, 0, sizeof(*item));
    while (at < end) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, at);
        if (ch == '{' || ch == '}') {
            break;
        }
        at++;
    }
    item->literal = (KrTextPart){rest->text, rest->start, at};
    if (at == end) {
        rest->start = at;
        return 1;
    }
    Py_UCS4 brace = PyUnicode_READ(kind, data, at++);
    if (at < end && PyUnicode_READ(kind, data, at) == brace) {
        // A doubled brace stands for one, which belongs to the literal.
        item->literal.end = at;
        rest->start = at + 1;
        return 1;
    }
    if (brace == '}') {
        return markup_error("Single '}' encountered in format string");
    }
    if (at == end) {
        return markup_error("Single '{' encountered in format string");
    }
    rest->start = at;
    return read_field(rest, item);
}

// --- Reading field names -----------------------------------------------------------------

// The number that a part is, -1 if it is none, -2 with ValueError.
static Py_ssize_t
part_as_index(const KrTextPart *part)
{
    Py_ssize_t value = 0;
    if (part->start >= part->end) {
        return -1;
    }
    for (Py_ssize_t i = part->start; i < part->end; i++) {
        int digit = Py_UNICODE_TODECIMAL(PyUnicode_READ_CHAR(part->text, i));
        if (digit < 0) {
            return -1;
        }
        if (value > (PY_SSIZE_T_MAX - digit) / 10) {
            PyErr_SetString(PyExc_ValueError, "Too many decimal digits in format string");
            return -2;
        }
        value = value * 10 + digit;
    }
    return value;
}

int
kr_field_first(const KrTextPart *name, KrTextPart *first_out, Py_ssize_t *index_out,
               KrTextPart *rest_out)
{
    Py_ssize_t at = name->start;
    while (at < name->end) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(name->text, at);
        if (ch == '.' || ch == '[') {
            break;
        }
        at++;
    }
    *first_out = (KrTextPart){name->text, name->start, at};
    *rest_out = (KrTextPart){name->text, at, name->end};
    *index_out = part_as_index(first_out);
    return *index_out == -2 ? -1 : 0;
}

int
kr_field_next(KrTextPart *rest, bool *is_attribute_out, Py_ssize_t *index_out,
              KrTextPart *name_out)
{
    if (rest->start >= rest->end) {
        return 0;
    }
    PyObject *text = rest->text;
    Py_UCS4 opening = PyUnicode_READ_CHAR(text, rest->start);
    Py_ssize_t at = rest->start + 1, start = at;
    *index_out = -1;
    if (opening == '.') {
        *is_attribute_out = true;
        while (at < rest->end) {
            Py_UCS4 ch = PyUnicode_READ_CHAR(text, at);
            if (ch == '.' || ch == '[') {
                break;
            }
            at++;
        }
        *name_out = (KrTextPart){text, start, at};
        rest->start = at;
    }
    else if (opening == '[') {
        *is_attribute_out = false;
        while (at < rest->end && PyUnicode_READ_CHAR(text, at) != ']') {
            at++;
        }
        if (at == rest->end) {
            return markup_error("Missing ']' in format string");
        }
        *name_out = (KrTextPart){text, start, at};
        rest->start = at + 1;
        *index_out = part_as_index(name_out);
        if (*index_out == -2) {
            return -1;
        }
    }
    else {
        return markup_error("Only '.' or '[' may follow ']' in format field specifier");
    }
    if (name_out->start == name_out->end) {
        return markup_error("Empty attribute in format string");
    }
    return 1;
}

// --- Filling in ----------------------------------------------------------------------------

typedef enum { NUMBERS_UNDECIDED, NUMBERS_AUTOMATIC, NUMBERS_MANUAL } Numbering;

// One call of format().
typedef struct {
    PyObject *const *args; // NULL for format_map
    Py_ssize_t nargs;
    PyObject *kwargs; // a mapping, or NULL
    Numbering numbering;
    Py_ssize_t next_number;
} FormatCall;

static int
choose_numbering(FormatCall *call, bool automatic)
{
    Numbering now = automatic ? NUMBERS_AUTOMATIC : NUMBERS_MANUAL;
    if (call->numbering == NUMBERS_UNDECIDED) {
        call->numbering = now;
    }
    else if (call->numbering != now) {
        return markup_error(automatic ? "cannot switch from manual field specification to "
                                        "automatic field numbering"
                                      : "cannot switch from automatic field numbering to "
                                        "manual field specification");
    }
    return 0;
}

// The argument that a field begins with; a new reference.
static PyObject *
first_value(FormatCall *call, const KrTextPart *first, Py_ssize_t index)
{
    bool automatic = first->start == first->end;
    if (automatic || index >= 0) {
        if (choose_numbering(call, automatic) < 0) {
            return NULL;
        }
        if (automatic) {
            index = call->next_number++;
        }
        if (call->args == NULL) {
            PyErr_SetString(PyExc_ValueError, "Format string contains positional fields");
            return NULL;
        }
        if (index >= call->nargs) {
            PyErr_Format(PyExc_IndexError,
                         "Replacement index %zd out of range for positional args tuple",
                         index);
            return NULL;
        }
        return Py_NewRef(call->args[index]);
    }
    PyObject *key = kr_text_part(first), *value = NULL;
    if (key == NULL) {
        return NULL;
    }
    if (call->kwargs == NULL) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    else {
        value = PyObject_GetItem(call->kwargs, key);
    }
    Py_DECREF(key);
    return value;
}

// value.name or value[key].
static PyObject *
follow(PyObject *value, bool is_attribute, Py_ssize_t index, const KrTextPart *name)
{
    PyObject *key, *result;
    if (!is_attribute && index >= 0) {
        key = PyLong_FromSsize_t(index);
    }
    else {
        key = kr_text_part(name);
    }
    if (key == NULL) {
        return NULL;
    }
    result = is_attribute ? PyObject_GetAttr(value, key) : PyObject_GetItem(value, key);
    Py_DECREF(key);
    return result;
}

static PyObject *
field_value(FormatCall *call, const KrTextPart *name)
{
    KrTextPart first, rest, part;
    Py_ssize_t index;
    bool is_attribute;
    if (kr_field_first(name, &first, &index, &rest) < 0) {
        return NULL;
    }
    PyObject *value = first_value(call, &first, index);
    while (value != NULL) {
        int more = kr_field_next(&rest, &is_attribute, &index, &part);
        if (more == 0) {
            break;
        }
        PyObject *next = more < 0 ? NULL : follow(value, is_attribute, index, &part);
        Py_SETREF(value, next);
    }
    return value;
}

static PyObject *
convert_value(PyObject *value, Py_UCS4 conversion)
{
    switch (conversion) {
    case 'r':
        return PyObject_Repr(value);
    case 's':
        return PyObject_Str(value);
    case 'a':
        return PyObject_ASCII(value);
    default:
        if (conversion > 32 && conversion < 127) {
            PyErr_Format(PyExc_ValueError, "Unknown conversion specifier %c",
                         (int)conversion);
        }
        else {
            PyErr_Format(PyExc_ValueError, "Unknown conversion specifier \\x%x",
                         (unsigned)conversion);
        }
        return NULL;
    }
}

static int
write_value(_PyUnicodeWriter *writer, PyObject *value, PyObject *spec)
{
    if (PyUnicode_CheckExact(value)) {
        return kr_str_format_spec(value, spec, writer);
    }
    PyObject *text = PyObject_Format(value, spec);
    if (text == NULL) {
        return -1;
    }
    int status = _PyUnicodeWriter_WriteStr(writer, text);
    Py_DECREF(text);
    return status;
}

static int write_markup(_PyUnicodeWriter *writer, FormatCall *call, const KrTextPart *text,
                        int depth);

static PyObject *
build_markup(FormatCall *call, const KrTextPart *text, int depth)
{
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    writer.min_length = text->end - text->start + 32;
    if (write_markup(&writer, call, text, depth) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

static int
write_field(_PyUnicodeWriter *writer, FormatCall *call, const KrMarkupItem *item, int depth)
{
    PyObject *spec = NULL;
    int status = -1;
    PyObject *value = field_value(call, &item->name);
    if (value == NULL) {
        return -1;
    }
    if (item->conversion != 0) {
        PyObject *converted = convert_value(value, item->conversion);
        Py_SETREF(value, converted);
        if (value == NULL) {
            return -1;
        }
    }
    spec = item->spec_has_fields ? build_markup(call, &item->spec, depth - 1)
                                 : kr_text_part(&item->spec);
    if (spec != NULL) {
        status = write_value(writer, value, spec);
    }
    Py_XDECREF(spec);
    Py_DECREF(value);
    return status;
}

static int
write_markup(_PyUnicodeWriter *writer, FormatCall *call, const KrTextPart *text, int depth)
{
    if (depth <= 0) {
        return markup_error("Max string recursion exceeded");
    }
    KrMarkup markup;
    KrMarkupItem item;
    int more;
    kr_markup_init(&markup, text->text, text->start, text->end);
    while ((more = kr_markup_next(&markup, &item)) > 0) {
        if (_PyUnicodeWriter_WriteSubstring(writer, text->text, item.literal.start,
                                            item.literal.end)
            < 0) {
            return -1;
        }
        if (item.has_field && write_field(writer, call, &item, depth) < 0) {
            return -1;
        }
    }
    return more;
}

PyObject *
kr_str_format(PyObject *format, PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs)
{
    FormatCall call = {.args = args, .nargs = nargs, .kwargs = kwargs};
    KrTextPart text = {format, 0, PyUnicode_GET_LENGTH(format)};
    return build_markup(&call, &text, 2);
}

KR_METHOD(str, "format(self, /, *args, **kwargs)",
          "Return the text with {fields} replaced by the arguments.")
static PyObject *
str_format(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs)
{
    // Without arguments there is still an empty row of them.
    static PyObject *const none[1] = {NULL};
    return kr_str_format(self, args == NULL ? none : args, nargs, kwargs);
}

KR_METHOD(str, "format_map(self, mapping, /)",
          "Return the text with {fields} replaced by the values of mapping.")
static PyObject *
str_format_map(PyObject *self, PyObject *mapping)
{
    return kr_str_format(self, NULL, 0, mapping);
}

#include "objects/str/format.methods.h"
