// SPDX-License-Identifier: MIT
// encoder.c - writing JSON values.
//
// Callers:     json/encoder.py takes the type under the name make_encoder.
// Re-entrancy: default(), the encoder of strings and iteration run Python; containers
//              are read as lists made first, or item by item with the size read anew.
#include "modules/json/json.h"

#include "objects/args.h"
#include "objects/ids.h"

// How strs are written.
typedef enum {
    QUOTE_PLAIN,
    QUOTE_ASCII,
    QUOTE_CALL, // by the function given
} QuoteKind;

typedef struct {
    PyObject_HEAD
    PyObject *markers;        // dict of the containers being written, or None
    PyObject *default_value;  // function for other objects
    PyObject *encoder;        // function for strs
    PyObject *indent;         // str, or None
    PyObject *key_separator;  // str
    PyObject *item_separator; // str
    bool sort_keys;
    bool skipkeys;
    bool allow_nan;
    QuoteKind quote;
} Encoder;

// One call of an encoder.
typedef struct {
    Encoder *encoder;
    PyUnicodeWriter *writer;
    PyObject *breaks; // list by level: newline and indentation; NULL without indent
} Output;

static int write_value(Output *out, PyObject *value, Py_ssize_t level);

static int
write_text(Output *out, PyObject *text)
{
    return PyUnicodeWriter_WriteStr(out->writer, text);
}

static int
write_ascii(Output *out, const char *text)
{
    return PyUnicodeWriter_WriteASCII(out->writer, text, -1);
}

// Writes a text and consumes it; NULL is an error already set.
static int
write_text_steal(Output *out, PyObject *text)
{
    int status = text == NULL ? -1 : write_text(out, text);
    Py_XDECREF(text);
    return status;
}

// A line break and the indentation of a level.
static int
write_break(Output *out, Py_ssize_t level)
{
    if (out->breaks == NULL) {
        return 0;
    }
    while (PyList_GET_SIZE(out->breaks) <= level) {
        Py_ssize_t n = PyList_GET_SIZE(out->breaks);
        PyObject *longer =
            n == 0 ? PyUnicode_FromString("\n")
                   : PyUnicode_Concat(PyList_GET_ITEM(out->breaks, n - 1),
                                      out->encoder->indent);
        int status = longer == NULL ? -1 : PyList_Append(out->breaks, longer);
        Py_XDECREF(longer);
        if (status < 0) {
            return -1;
        }
    }
    return write_text(out, PyList_GET_ITEM(out->breaks, level));
}

// --- Simple values -----------------------------------------------------------------

static PyObject *
quoted(Output *out, PyObject *text)
{
    Encoder *self = out->encoder;
    if (self->quote != QUOTE_CALL) {
        return self->quote == QUOTE_ASCII ? kr_json_quote_ascii(NULL, text)
                                          : kr_json_quote(NULL, text);
    }
    PyObject *result = PyObject_CallOneArg(self->encoder, text);
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError, "encoder() must return a string, not %.80s",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
float_text(Output *out, PyObject *value)
{
    double number = PyFloat_AS_DOUBLE(value);
    if (isfinite(number)) {
        return PyFloat_Type.tp_repr(value);
    }
    if (!out->encoder->allow_nan) {
        PyErr_Format(PyExc_ValueError, "Out of range float values are not JSON compliant: %R",
                     value);
        return NULL;
    }
    return PyUnicode_FromString(isnan(number) ? "NaN"
                                : number > 0  ? "Infinity"
                                              : "-Infinity");
}

// --- Containers --------------------------------------------------------------------

// Remembers that a container is being written; its address as an int in *id. 0, or -1
// when it is being written already.
static int
enter_container(Output *out, PyObject *container, PyObject **id)
{
    PyObject *markers = out->encoder->markers;
    *id = NULL;
    if (markers == Py_None) {
        return 0;
    }
    *id = PyLong_FromVoidPtr(container);
    if (*id == NULL) {
        return -1;
    }
    int present = PyDict_Contains(markers, *id);
    if (present > 0) {
        PyErr_SetString(PyExc_ValueError, "Circular reference detected");
    }
    if (present != 0 || PyDict_SetItem(markers, *id, container) < 0) {
        Py_CLEAR(*id);
        return -1;
    }
    return 0;
}

// The end of that; consumes id.
static int
leave_container_steal(Output *out, PyObject *id, int status)
{
    if (id != NULL) {
        if (status == 0 && PyDict_DelItem(out->encoder->markers, id) < 0) {
            status = -1;
        }
        Py_DECREF(id);
    }
    return status;
}

// Adds a note to the pending exception; consumes the text.
static KR_COLD void
add_note_steal(PyObject *error, PyObject *note)
{
    if (note != NULL) {
        PyObject *none = PyObject_CallMethodOneArg(error, KR_ID(add_note), note);
        Py_XDECREF(none);
        Py_DECREF(note);
    }
    PyErr_Clear();
    PyErr_SetRaisedException(error);
}

static KR_COLD void
note_item(PyObject *container, Py_ssize_t i)
{
    PyObject *error = PyErr_GetRaisedException();
    add_note_steal(error,
                   PyUnicode_FromFormat("when serializing %T item %zd", container, i));
}

static KR_COLD void
note_member(PyObject *container, PyObject *key)
{
    PyObject *error = PyErr_GetRaisedException();
    add_note_steal(error,
                   PyUnicode_FromFormat("when serializing %T item %R", container, key));
}

static KR_COLD void
note_object(PyObject *object)
{
    PyObject *error = PyErr_GetRaisedException();
    add_note_steal(error, PyUnicode_FromFormat("when serializing %T object", object));
}

// Writes the items of a list or tuple that is not empty.
static int
write_items(Output *out, PyObject *container, PyObject *items, Py_ssize_t level)
{
    if (PyUnicodeWriter_WriteChar(out->writer, '[') < 0 || write_break(out, level + 1) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        if (i > 0
            && (write_text(out, out->encoder->item_separator) < 0
                || write_break(out, level + 1) < 0)) {
            return -1;
        }
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(items, i));
        int status = write_value(out, item, level + 1);
        Py_DECREF(item);
        if (status < 0) {
            note_item(container, i);
            return -1;
        }
    }
    return write_break(out, level) < 0 ? -1 : PyUnicodeWriter_WriteChar(out->writer, ']');
}

static int
write_list(Output *out, PyObject *container, Py_ssize_t level)
{
    PyObject *id, *items = PySequence_Fast(container, "_iterencode_list needs a sequence");
    if (items == NULL) {
        return -1;
    }
    int status = -1;
    if (PySequence_Fast_GET_SIZE(items) == 0) {
        status = write_ascii(out, "[]");
    }
    else if (enter_container(out, container, &id) == 0) {
        status = leave_container_steal(out, id, write_items(out, container, items, level));
    }
    Py_DECREF(items);
    return status;
}

// The text of a key before it is quoted: new reference. NULL without an exception when
// the key is to be skipped.
static PyObject *
key_text(Output *out, PyObject *key)
{
    if (PyUnicode_Check(key)) {
        return Py_NewRef(key);
    }
    if (PyFloat_Check(key)) {
        return float_text(out, key);
    }
    if (key == Py_None || key == Py_True || key == Py_False) {
        return PyUnicode_FromString(key == Py_None   ? "null"
                                    : key == Py_True ? "true"
                                                     : "false");
    }
    if (PyLong_Check(key)) {
        return PyLong_Type.tp_repr(key);
    }
    if (!out->encoder->skipkeys) {
        PyErr_Format(PyExc_TypeError,
                     "keys must be str, int, float, bool or None, not %.100s",
                     Py_TYPE(key)->tp_name);
    }
    return NULL;
}

// Writes one member; *first says whether it is the first one written.
static int
write_member(Output *out, PyObject *container, PyObject *key, PyObject *value,
             Py_ssize_t level, bool *first)
{
    PyObject *text = key_text(out, key);
    if (text == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    int status = 0;
    if (*first) {
        *first = false;
        status = PyUnicodeWriter_WriteChar(out->writer, '{');
    }
    else {
        status = write_text(out, out->encoder->item_separator);
    }
    if (status == 0) {
        status = write_break(out, level + 1);
    }
    if (status == 0) {
        status = write_text_steal(out, quoted(out, text));
    }
    if (status == 0) {
        status = write_text(out, out->encoder->key_separator);
    }
    Py_DECREF(text);
    if (status == 0) {
        status = write_value(out, value, level + 1);
        if (status < 0) {
            note_member(container, key);
        }
    }
    return status;
}

// Writes the members of a mapping from a list of pairs.
static int
write_pairs(Output *out, PyObject *container, Py_ssize_t level, bool *first)
{
    PyObject *items = PyMapping_Items(container);
    if (items == NULL) {
        return -1;
    }
    int status = out->encoder->sort_keys ? PyList_Sort(items) : 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_SetString(PyExc_ValueError, "items must return 2-tuples");
            status = -1;
            break;
        }
        Py_INCREF(pair);
        status = write_member(out, container, PyTuple_GET_ITEM(pair, 0),
                              PyTuple_GET_ITEM(pair, 1), level, first);
        Py_DECREF(pair);
    }
    Py_DECREF(items);
    return status;
}

static int
write_members(Output *out, PyObject *container, Py_ssize_t level)
{
    bool first = true;
    int status = 0;
    if (out->encoder->sort_keys || !PyDict_CheckExact(container)) {
        status = write_pairs(out, container, level, &first);
    }
    else {
        PyObject *key, *value;
        Py_ssize_t pos = 0;
        while (status == 0 && PyDict_Next(container, &pos, &key, &value)) {
            Py_INCREF(key);
            Py_INCREF(value);
            status = write_member(out, container, key, value, level, &first);
            Py_DECREF(key);
            Py_DECREF(value);
        }
    }
    if (status < 0) {
        return -1;
    }
    if (first) {
        return write_ascii(out, "{}");
    }
    return write_break(out, level) < 0 ? -1 : PyUnicodeWriter_WriteChar(out->writer, '}');
}

static int
write_dict(Output *out, PyObject *container, Py_ssize_t level)
{
    PyObject *id;
    if (PyDict_GET_SIZE(container) == 0) {
        return write_ascii(out, "{}");
    }
    if (enter_container(out, container, &id) < 0) {
        return -1;
    }
    return leave_container_steal(out, id, write_members(out, container, level));
}

// Writes what default() makes of an object.
static int
write_by_default(Output *out, PyObject *value, Py_ssize_t level)
{
    PyObject *id;
    if (enter_container(out, value, &id) < 0) {
        return -1;
    }
    int status = -1;
    PyObject *other = PyObject_CallOneArg(out->encoder->default_value, value);
    if (other != NULL) {
        if (Py_EnterRecursiveCall(" while encoding a JSON object") == 0) {
            status = write_value(out, other, level);
            Py_LeaveRecursiveCall();
            if (status < 0) {
                note_object(value);
            }
        }
        Py_DECREF(other);
    }
    return leave_container_steal(out, id, status);
}

static int
write_value(Output *out, PyObject *value, Py_ssize_t level)
{
    int status;
    if (PyUnicode_Check(value)) {
        return write_text_steal(out, quoted(out, value));
    }
    if (value == Py_None || value == Py_True || value == Py_False) {
        return write_ascii(out, value == Py_None   ? "null"
                                : value == Py_True ? "true"
                                                   : "false");
    }
    if (PyLong_Check(value)) {
        return write_text_steal(out, PyLong_Type.tp_repr(value));
    }
    if (PyFloat_Check(value)) {
        return write_text_steal(out, float_text(out, value));
    }
    bool is_list = PyList_Check(value) || PyTuple_Check(value);
    if (!is_list && !PyDict_Check(value)) {
        return write_by_default(out, value, level);
    }
    if (Py_EnterRecursiveCall(" while encoding a JSON object")) {
        return -1;
    }
    status = is_list ? write_list(out, value, level) : write_dict(out, value, level);
    Py_LeaveRecursiveCall();
    return status;
}

// --- The type ----------------------------------------------------------------------

static const char *const encoder_call_keywords[] = {"obj", "_current_indent_level", NULL};

static PyObject *
encoder_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *value, *result = NULL;
    Py_ssize_t level;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "On:_iterencode",
                                     (char **)encoder_call_keywords, &value, &level)) {
        return NULL;
    }
    Encoder *self = (Encoder *)op;
    Output out = {.encoder = self};
    if (self->indent != Py_None) {
        if (!PyUnicode_Check(self->indent)) {
            PyErr_Format(PyExc_TypeError,
                         "can only concatenate str (not \"%.200s\") to str",
                         Py_TYPE(self->indent)->tp_name);
            return NULL;
        }
        out.breaks = PyList_New(0);
        if (out.breaks == NULL) {
            return NULL;
        }
    }
    out.writer = PyUnicodeWriter_Create(0);
    if (out.writer != NULL) {
        if (write_value(&out, value, level < 0 ? 0 : level) < 0) {
            PyUnicodeWriter_Discard(out.writer);
        }
        else {
            result = PyUnicodeWriter_Finish(out.writer);
        }
    }
    Py_XDECREF(out.breaks);
    if (result != NULL) {
        Py_SETREF(result, PyTuple_Pack(1, result));
    }
    return result;
}

static int
encoder_traverse(PyObject *op, visitproc visit, void *arg)
{
    Encoder *self = (Encoder *)op;
    Py_VISIT(self->markers);
    Py_VISIT(self->default_value);
    Py_VISIT(self->encoder);
    Py_VISIT(self->indent);
    Py_VISIT(self->key_separator);
    Py_VISIT(self->item_separator);
    return 0;
}

static int
encoder_clear(PyObject *op)
{
    Encoder *self = (Encoder *)op;
    Py_CLEAR(self->markers);
    Py_CLEAR(self->default_value);
    Py_CLEAR(self->encoder);
    Py_CLEAR(self->indent);
    Py_CLEAR(self->key_separator);
    Py_CLEAR(self->item_separator);
    return 0;
}

static void
encoder_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    encoder_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static const char *const encoder_keywords[] = {
    "markers",        "default",   "encoder",  "indent",    "key_separator",
    "item_separator", "sort_keys", "skipkeys", "allow_nan", NULL};

static PyObject *
encoder_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *markers, *default_value, *encoder, *indent, *key_separator, *item_separator;
    int sort_keys, skipkeys, allow_nan;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOOUUppp:make_encoder",
                                     (char **)encoder_keywords, &markers, &default_value,
                                     &encoder, &indent, &key_separator, &item_separator,
                                     &sort_keys, &skipkeys, &allow_nan)) {
        return NULL;
    }
    if (markers != Py_None && !PyDict_Check(markers)) {
        PyErr_Format(PyExc_TypeError,
                     "make_encoder() argument 1 must be dict or None, not %.200s",
                     Py_TYPE(markers)->tp_name);
        return NULL;
    }
    Encoder *self = (Encoder *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->markers = Py_NewRef(markers);
    self->default_value = Py_NewRef(default_value);
    self->encoder = Py_NewRef(encoder);
    self->indent = Py_NewRef(indent);
    self->key_separator = Py_NewRef(key_separator);
    self->item_separator = Py_NewRef(item_separator);
    self->sort_keys = sort_keys;
    self->skipkeys = skipkeys;
    self->allow_nan = allow_nan;
    PyCFunction function = PyCFunction_Check(encoder) ? PyCFunction_GetFunction(encoder)
                                                      : NULL;
    self->quote = function == kr_json_quote_ascii ? QUOTE_ASCII
                  : function == kr_json_quote     ? QUOTE_PLAIN
                                                  : QUOTE_CALL;
    return (PyObject *)self;
}

static PyMemberDef encoder_members[] = {
    {"markers", _Py_T_OBJECT, offsetof(Encoder, markers), Py_READONLY, "markers"},
    {"default", _Py_T_OBJECT, offsetof(Encoder, default_value), Py_READONLY, "default"},
    {"encoder", _Py_T_OBJECT, offsetof(Encoder, encoder), Py_READONLY, "encoder"},
    {"indent", _Py_T_OBJECT, offsetof(Encoder, indent), Py_READONLY, "indent"},
    {"key_separator", _Py_T_OBJECT, offsetof(Encoder, key_separator), Py_READONLY,
     "key_separator"},
    {"item_separator", _Py_T_OBJECT, offsetof(Encoder, item_separator), Py_READONLY,
     "item_separator"},
    {"sort_keys", Py_T_BOOL, offsetof(Encoder, sort_keys), Py_READONLY, "sort_keys"},
    {"skipkeys", Py_T_BOOL, offsetof(Encoder, skipkeys), Py_READONLY, "skipkeys"},
    {NULL},
};

PyTypeObject kr_json_encoder_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_json.Encoder",
    .tp_basicsize = sizeof(Encoder),
    .tp_dealloc = encoder_dealloc,
    .tp_call = encoder_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Encoder(markers, default, encoder, indent, key_separator, item_separator, "
              "sort_keys, skipkeys, allow_nan)",
    .tp_traverse = encoder_traverse,
    .tp_clear = encoder_clear,
    .tp_members = encoder_members,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = encoder_new,
    .tp_free = PyObject_GC_Del,
};
