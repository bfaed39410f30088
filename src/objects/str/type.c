// SPDX-License-Identifier: MIT
// type.c - the type str: construction, subscripts, slots, the method table.
//
// Read next:   storage.c, find.c, format.c
#include "objects/str/str.h"

#include "objects/args.h"
#include "objects/ids.h"

void kr_str_dealloc(PyObject *text);
PyObject *kr_str_iter(PyObject *text);
PyObject *kr_str_repeat(PyObject *text, Py_ssize_t count);

// --- Construction ---------------------------------------------------------------------

// An instance of a subclass with a copy of text, which is an exact str.
static PyObject *
subtype_from_text(PyTypeObject *cls, PyObject *text)
{
    PyObject *self = cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    int kind = PyUnicode_KIND(text);
    PyASCIIObject *head = KR_ASCII(self);
    head->length = length;
    head->hash = KR_ASCII(text)->hash;
    memset(&head->state, 0, sizeof(head->state));
    head->state.kind = (unsigned)kind & 7u;
    head->state.ascii = PyUnicode_IS_ASCII(text);
    KR_COMPACT(self)->utf8 = NULL;
    KR_COMPACT(self)->utf8_length = 0;
    void *data = NULL;
    if (length < PY_SSIZE_T_MAX / kind - 1) {
        data = PyMem_Malloc((size_t)(length + 1) * (size_t)kind);
    }
    ((PyUnicodeObject *)self)->data.any = data;
    if (data == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    memcpy(data, PyUnicode_DATA(text), (size_t)(length + 1) * (size_t)kind);
    if (head->state.ascii) {
        KR_COMPACT(self)->utf8 = data;
        KR_COMPACT(self)->utf8_length = length;
    }
    return self;
}

static const char *
encoding_argument(PyObject *arg, const char *which)
{
    if (!PyUnicode_Check(arg)) {
        kr_arg_bad("str", which, "str", arg);
        return NULL;
    }
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(arg, &size);
    if (utf8 != NULL && strlen(utf8) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return utf8;
}

static PyObject *
make_text(PyObject *object, PyObject *encoding, PyObject *errors)
{
    const char *encoding_text = NULL, *errors_text = NULL;
    if (encoding != NULL) {
        encoding_text = encoding_argument(encoding, "argument 'encoding'");
        if (encoding_text == NULL) {
            return NULL;
        }
    }
    if (errors != NULL) {
        errors_text = encoding_argument(errors, "argument 'errors'");
        if (errors_text == NULL) {
            return NULL;
        }
    }
    if (object == NULL) {
        return kr_empty_str();
    }
    if (encoding == NULL && errors == NULL) {
        return PyObject_Str(object);
    }
    return PyUnicode_FromEncodedObject(object, encoding_text, errors_text);
}

static PyObject *
make_instance(PyTypeObject *cls, PyObject *const *values)
{
    PyObject *text = make_text(values[0], values[1], values[2]);
    if (text == NULL || cls == &PyUnicode_Type) {
        return text;
    }
    PyObject *exact = kr_str_exact(text);
    Py_DECREF(text);
    if (exact == NULL) {
        return NULL;
    }
    PyObject *self = subtype_from_text(cls, exact);
    Py_DECREF(exact);
    return self;
}

static PyObject *const str_keywords[] = {
    KR_ID_STATIC(object),
    KR_ID_STATIC(encoding),
    KR_ID_STATIC(errors),
};
static const KrArgSpec str_spec = {
    .name = "str",
    .keywords = str_keywords,
    .positional = 3,
    .total = 3,
};

static PyObject *
str_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *values[3] = {NULL, NULL, NULL};
    PyObject *const *given = kr_args_unpack_tuple(&str_spec, args, kwargs, values, NULL);
    return given == NULL ? NULL : make_instance(cls, given);
}

static PyObject *
str_vectorcall(PyObject *cls, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (KR_LIKELY(nargs == 1 && kwnames == NULL)) {
        return PyObject_Str(args[0]);
    }
    if (kwnames == NULL && !kr_arg_count("str", nargs, 0, 3)) {
        return NULL;
    }
    PyObject *values[3] = {NULL, NULL, NULL};
    PyObject *const *given = kr_args_unpack(&str_spec, args, nargs, kwnames, values, NULL);
    return given == NULL ? NULL : make_instance((PyTypeObject *)cls, given);
}

// --- Slots --------------------------------------------------------------------------------

static PyObject *
str_repr(PyObject *self)
{
    return kr_str_repr(self);
}

static PyObject *
str_str(PyObject *self)
{
    return kr_str_exact(self);
}

static Py_hash_t
str_hash(PyObject *self)
{
    return kr_str_hash(self);
}

static Py_ssize_t
str_length(PyObject *self)
{
    return PyUnicode_GET_LENGTH(self);
}

static PyObject *
str_item(PyObject *self, Py_ssize_t index)
{
    if ((size_t)index >= (size_t)PyUnicode_GET_LENGTH(self)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    return kr_str_from_char(PyUnicode_READ_CHAR(self, index));
}

static PyObject *
str_step_slice(PyObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count)
{
    int kind = PyUnicode_KIND(self);
    const void *data = PyUnicode_DATA(self);
    Py_UCS4 bits = 0;
    Py_ssize_t at = start;
    if (PyUnicode_IS_ASCII(self)) {
        bits = 127;
    }
    else {
        for (Py_ssize_t i = 0; i < count; i++, at += step) {
            bits |= PyUnicode_READ(kind, data, at);
        }
    }
    PyObject *result = count == 1 ? kr_str_from_char(PyUnicode_READ(kind, data, start))
                                  : kr_str_new(count, Py_MIN(bits, KR_MAX_UNICODE));
    if (result == NULL || count <= 1) {
        return result;
    }
    int new_kind = PyUnicode_KIND(result);
    void *out = PyUnicode_DATA(result);
    at = start;
    for (Py_ssize_t i = 0; i < count; i++, at += step) {
        PyUnicode_WRITE(new_kind, out, i, PyUnicode_READ(kind, data, at));
    }
    return result;
}

static PyObject *
str_subscript(PyObject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return str_item(self, index < 0 ? index + PyUnicode_GET_LENGTH(self) : index);
    }
    if (PySlice_Check(key)) {
        Py_ssize_t start, stop, step;
        if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
            return NULL;
        }
        Py_ssize_t count =
            PySlice_AdjustIndices(PyUnicode_GET_LENGTH(self), &start, &stop, step);
        if (count <= 0) {
            return kr_empty_str();
        }
        if (step == 1) {
            return PyUnicode_Substring(self, start, start + count);
        }
        return str_step_slice(self, start, step, count);
    }
    PyErr_Format(PyExc_TypeError, "string indices must be integers, not '%.200s'",
                 Py_TYPE(key)->tp_name);
    return NULL;
}

static PyObject *
str_mod(PyObject *left, PyObject *right)
{
    if (!PyUnicode_Check(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyUnicode_Format(left, right);
}

// --- Small methods ---------------------------------------------------------------------------

KR_METHOD(str, "encode(self, /, encoding='utf-8', errors='strict')",
          "Return the text as bytes in the given encoding.")
static PyObject *
str_encode(PyObject *self, const char *encoding, const char *errors)
{
    return PyUnicode_AsEncodedString(self, encoding, errors);
}

KR_METHOD(str, "__sizeof__(self, /)", "Return the size of the string in memory, in bytes.")
static PyObject *
str___sizeof__(PyObject *self)
{
    Py_ssize_t size, data = (PyUnicode_GET_LENGTH(self) + 1) * PyUnicode_KIND(self);
    if (PyUnicode_IS_COMPACT_ASCII(self)) {
        size = (Py_ssize_t)sizeof(PyASCIIObject) + data;
    }
    else if (PyUnicode_IS_COMPACT(self)) {
        size = (Py_ssize_t)sizeof(PyCompactUnicodeObject) + data;
    }
    else {
        size = (Py_ssize_t)sizeof(PyUnicodeObject) + data;
    }
    if (!PyUnicode_IS_COMPACT_ASCII(self) && KR_COMPACT(self)->utf8 != NULL
        && KR_COMPACT(self)->utf8 != PyUnicode_DATA(self)) {
        size += KR_COMPACT(self)->utf8_length + 1;
    }
    return PyLong_FromSsize_t(size);
}

KR_METHOD_RAW(str, "__getnewargs__($self, /)", METH_NOARGS, "Return what pickle needs.")
static PyObject *
str___getnewargs__(PyObject *self, PyObject *Py_UNUSED(none))
{
    // A copy even of an exact str: pickle must not memoise self as its own argument.
    PyObject *text = kr_str_copy(self);
    if (text == NULL) {
        return NULL;
    }
    PyObject *args = PyTuple_Pack(1, text);
    Py_DECREF(text);
    return args;
}

PyObject *
kr_str_formatted(PyObject *self, PyObject *spec)
{
    if (PyUnicode_GET_LENGTH(spec) == 0) {
        return PyUnicode_CheckExact(self) ? Py_NewRef(self) : PyObject_Str(self);
    }
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    if (kr_str_format_spec(self, spec, &writer) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

KR_METHOD(str, "__format__(self, format_spec: str, /)",
          "Return the text formatted as the specification says.")
static PyObject *
str___format__(PyObject *self, PyObject *spec)
{
    return kr_str_formatted(self, spec);
}

KR_TYPE(str)
#include "objects/str/type.methods.h"

static PySequenceMethods str_as_sequence = {
    .sq_length = str_length,
    .sq_concat = PyUnicode_Concat,
    .sq_repeat = kr_str_repeat,
    .sq_item = str_item,
    .sq_contains = PyUnicode_Contains,
};

static PyMappingMethods str_as_mapping = {
    .mp_length = str_length,
    .mp_subscript = str_subscript,
};

static PyNumberMethods str_as_number = {
    .nb_remainder = str_mod,
};

static const char str_doc[] =
    "str(object='') -> str\n"
    "str(bytes_or_buffer[, encoding[, errors]]) -> str\n"
    "\n"
    "The text of an object, as its __str__ or else __repr__ gives it. With an\n"
    "encoding or errors, the text that a bytes-like object holds.";

PyTypeObject PyUnicode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "str",
    .tp_basicsize = sizeof(PyUnicodeObject),
    .tp_dealloc = kr_str_dealloc,
    .tp_repr = str_repr,
    .tp_as_number = &str_as_number,
    .tp_as_sequence = &str_as_sequence,
    .tp_as_mapping = &str_as_mapping,
    .tp_hash = str_hash,
    .tp_str = str_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_UNICODE_SUBCLASS
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = str_doc,
    .tp_richcompare = PyUnicode_RichCompare,
    .tp_iter = kr_str_iter,
    .tp_methods = str_methods,
    .tp_new = str_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = str_vectorcall,
};
