// SPDX-License-Identifier: MIT
// translate.c - translate and maketrans.
//
// Re-entrancy: looking up the table may run Python; strings do not change.
#include "objects/str/str.h"

#include "objects/args.h"
#include "objects/ids.h"

// table[ch]: a new reference, or NULL without an exception where it has none.
static PyObject *
look_up(PyObject *table, Py_UCS4 ch)
{
    PyObject *key = PyLong_FromLong((long)ch);
    if (key == NULL) {
        return NULL;
    }
    PyObject *item;
    bool failed;
    if (PyDict_CheckExact(table)) {
        failed = PyDict_GetItemRef(table, key, &item) < 0; // may run Python
    }
    else {
        item = PyObject_GetItem(table, key);
        failed = item == NULL;
    }
    Py_DECREF(key);
    if (failed && PyErr_ExceptionMatches(PyExc_LookupError)) {
        PyErr_Clear();
    }
    return item;
}

// Writes what ch becomes. *simple_out is an ASCII character that ch always
// becomes, 0xfe if it is deleted, or 0xff.
static int
write_translated(_PyUnicodeWriter *writer, PyObject *table, Py_UCS4 ch,
                 unsigned char *simple_out)
{
    int status = 0;
    *simple_out = 0xff;
    PyObject *item = look_up(table, ch);
    if (item == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        *simple_out = ch < 128 ? (unsigned char)ch : 0xff;
        return _PyUnicodeWriter_WriteChar(writer, ch);
    }
    if (item == Py_None) {
        *simple_out = 0xfe;
    }
    else if (PyLong_Check(item)) {
        long value = PyLong_AsLong(item);
        if (value < 0 || value > (long)KR_MAX_UNICODE) {
            PyErr_SetString(PyExc_ValueError, "character mapping must be in range(0x110000)");
            status = -1;
        }
        else {
            *simple_out = value < 128 ? (unsigned char)value : 0xff;
            status = _PyUnicodeWriter_WriteChar(writer, (Py_UCS4)value);
        }
    }
    else if (PyUnicode_Check(item)) {
        if (PyUnicode_GET_LENGTH(item) == 1 && PyUnicode_IS_ASCII(item)) {
            *simple_out = (unsigned char)PyUnicode_READ_CHAR(item, 0);
        }
        status = _PyUnicodeWriter_WriteStr(writer, item);
    }
    else {
        PyErr_SetString(PyExc_TypeError, "character mapping must return integer, None or str");
        status = -1;
    }
    Py_DECREF(item);
    return status;
}

static PyObject *
translate_text(PyObject *text, PyObject *table)
{
    _PyUnicodeWriter writer;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (length == 0) {
        return kr_str_exact(text);
    }
    // What is known of ASCII characters: 0xff nothing (see write_translated).
    unsigned char known[128];
    memset(known, 0xff, sizeof(known));
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    if (_PyUnicodeWriter_Prepare(&writer, length, 127) < 0) {
        return NULL;
    }
    // A table that is not a dict may answer differently each time.
    bool remember = PyDict_CheckExact(table);
    for (Py_ssize_t i = 0; i < length; i++) {
        if (PyUnicode_IS_ASCII(text) && writer.kind == 1) {
            // The fast lane: ASCII of which all is known.
            const Py_UCS1 *in = data;
            Py_UCS1 *out = writer.data;
            while (i < length && known[in[i]] < 128 && writer.pos < writer.size) {
                out[writer.pos++] = known[in[i++]];
            }
            if (i == length) {
                break;
            }
        }
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        unsigned char simple = ch < 128 ? known[ch] : 0xff;
        if (simple == 0xfe) {
            continue;
        }
        if (simple != 0xff) {
            if (KR_LIKELY(writer.pos < writer.size)) {
                PyUnicode_WRITE(writer.kind, writer.data, writer.pos, (Py_UCS4)simple);
                writer.pos++;
            }
            else if (_PyUnicodeWriter_WriteChar(&writer, simple) < 0) {
                goto failed;
            }
            continue;
        }
        if (write_translated(&writer, table, ch, &simple) < 0) {
            goto failed;
        }
        if (ch < 128 && remember) {
            known[ch] = simple;
        }
    }
    return _PyUnicodeWriter_Finish(&writer);

failed:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

PyObject *
PyUnicode_Translate(PyObject *str, PyObject *table, const char *errors)
{
    (void)errors; // a table that maps to None deletes; there are no other errors
    if (kr_str_check(str) < 0) {
        return NULL;
    }
    return translate_text(str, table);
}

KR_METHOD(str, "translate(self, table, /)",
          "Replace every character by what table, indexed by its ordinal, says.")
static PyObject *
str_translate(PyObject *self, PyObject *table)
{
    return translate_text(self, table);
}

static int
set_ordinal(PyObject *dict, Py_UCS4 ch, PyObject *value)
{
    PyObject *key = PyLong_FromLong((long)ch);
    if (key == NULL) {
        return -1;
    }
    int status = PyDict_SetItem(dict, key, value);
    Py_DECREF(key);
    return status;
}

static int
table_from_pair(PyObject *table, PyObject *from, PyObject *to, PyObject *deleted)
{
    if (!PyUnicode_Check(from)) {
        PyErr_SetString(PyExc_TypeError,
                        "first maketrans argument must be a string if there is a second "
                        "argument");
        return -1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(from);
    if (length != PyUnicode_GET_LENGTH(to)) {
        PyErr_SetString(PyExc_ValueError,
                        "the first two maketrans arguments must have equal length");
        return -1;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        PyObject *value = PyLong_FromLong((long)PyUnicode_READ_CHAR(to, i));
        if (value == NULL) {
            return -1;
        }
        int status = set_ordinal(table, PyUnicode_READ_CHAR(from, i), value);
        Py_DECREF(value);
        if (status < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; deleted != NULL && i < PyUnicode_GET_LENGTH(deleted); i++) {
        if (set_ordinal(table, PyUnicode_READ_CHAR(deleted, i), Py_None) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
table_from_dict(PyObject *table, PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(dict, &position, &key, &value)) {
        int status;
        if (PyUnicode_Check(key)) {
            if (PyUnicode_GET_LENGTH(key) != 1) {
                PyErr_SetString(PyExc_ValueError,
                                "string keys in translatetable must be of length 1");
                return -1;
            }
            status = set_ordinal(table, PyUnicode_READ_CHAR(key, 0), value);
        }
        else if (PyLong_Check(key)) {
            status = PyDict_SetItem(table, key, value);
        }
        else {
            PyErr_SetString(PyExc_TypeError,
                            "keys in translate table mustbe strings or integers");
            return -1;
        }
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

KR_METHOD_RAW(str, "maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)", METH_STATIC | METH_FASTCALL,
              "Return a table for str.translate, from a dict or from strings.")
static PyObject *
str_maketrans(PyObject *Py_UNUSED(none), PyObject *const *args, Py_ssize_t nargs)
{
    if (!kr_arg_count("maketrans", nargs, 1, 3)) {
        return NULL;
    }
    for (Py_ssize_t i = 1; i < nargs; i++) {
        if (!PyUnicode_Check(args[i])) {
            kr_arg_bad("maketrans", i == 1 ? "argument 2" : "argument 3", "str", args[i]);
            return NULL;
        }
    }
    PyObject *table = PyDict_New();
    if (table == NULL) {
        return NULL;
    }
    int status;
    if (nargs >= 2) {
        status = table_from_pair(table, args[0], args[1], nargs == 3 ? args[2] : NULL);
    }
    else if (PyDict_CheckExact(args[0])) {
        status = table_from_dict(table, args[0]);
    }
    else {
        PyErr_SetString(PyExc_TypeError,
                        "if you give only one argument to maketrans it must be a dict");
        status = -1;
    }
    if (status < 0) {
        Py_CLEAR(table);
    }
    return table;
}

#include "objects/str/translate.methods.h"
