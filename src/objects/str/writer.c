// SPDX-License-Identifier: MIT
// writer.c - strings that grow: PyUnicodeWriter and the writer on the stack.
//
// Invariants: buffer is NULL or a string that only the writer changes; it is
//             shared, and size is 0, while readonly is set. kind and maxchar are
//             those of the buffer (kind 0 and maxchar 127 without one).
#include "objects/str/str.h"

static void
note_buffer(_PyUnicodeWriter *writer)
{
    writer->maxchar = PyUnicode_MAX_CHAR_VALUE(writer->buffer);
    writer->data = PyUnicode_DATA(writer->buffer);
    if (writer->readonly) {
        // Room 0 makes every write go through the preparation.
        writer->kind = 0;
        writer->size = 0;
    }
    else {
        writer->kind = PyUnicode_KIND(writer->buffer);
        writer->size = PyUnicode_GET_LENGTH(writer->buffer);
    }
}

void
_PyUnicodeWriter_Init(_PyUnicodeWriter *writer)
{
    memset(writer, 0, sizeof(*writer));
    writer->maxchar = 127;
}

// A new buffer of another capacity or width with what was written so far.
static int
move_buffer(_PyUnicodeWriter *writer, Py_ssize_t room, Py_UCS4 maxchar)
{
    PyObject *buffer = PyUnicode_New(room, maxchar);
    if (buffer == NULL) {
        return -1;
    }
    if (writer->pos > 0) {
        kr_copy_items(PyUnicode_KIND(buffer), PyUnicode_DATA(buffer), 0,
                      PyUnicode_KIND(writer->buffer), PyUnicode_DATA(writer->buffer), 0,
                      writer->pos);
    }
    Py_XSETREF(writer->buffer, buffer);
    writer->readonly = 0;
    return 0;
}

int
_PyUnicodeWriter_PrepareInternal(_PyUnicodeWriter *writer, Py_ssize_t length,
                                 Py_UCS4 maxchar)
{
    if (length > PY_SSIZE_T_MAX - writer->pos) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t needed = writer->pos + length;
    maxchar = Py_MAX(maxchar, writer->min_char);
    if (writer->buffer == NULL || writer->readonly || maxchar > writer->maxchar) {
        Py_ssize_t room = Py_MAX(needed, writer->min_length);
        if (writer->buffer != NULL && !writer->readonly && needed <= writer->size) {
            room = writer->size;
        }
        else if (writer->overallocate && room < PY_SSIZE_T_MAX / 2) {
            room += writer->buffer == NULL ? 16 : room / 4 + 16;
        }
        maxchar = Py_MAX(maxchar, writer->maxchar);
        if (room > 0 && move_buffer(writer, room, maxchar) < 0) {
            return -1;
        }
        if (room == 0) {
            return 0;
        }
    }
    else if (needed > writer->size) {
        Py_ssize_t room = needed;
        if (writer->overallocate && room < PY_SSIZE_T_MAX / 2) {
            room += room / 4 + 16;
        }
        room = Py_MAX(room, writer->min_length);
        if (PyUnicode_Resize(&writer->buffer, room) < 0) {
            return -1;
        }
    }
    note_buffer(writer);
    return 0;
}

int
_PyUnicodeWriter_PrepareKindInternal(_PyUnicodeWriter *writer, int kind)
{
    Py_UCS4 maxchar = kind == 1 ? 255 : kind == 2 ? 65535 : KR_MAX_UNICODE;
    return _PyUnicodeWriter_PrepareInternal(writer, 0, maxchar);
}

int
_PyUnicodeWriter_WriteChar(_PyUnicodeWriter *writer, Py_UCS4 ch)
{
    if (_PyUnicodeWriter_Prepare(writer, 1, ch) < 0) {
        return -1;
    }
    PyUnicode_WRITE(writer->kind, writer->data, writer->pos, ch);
    writer->pos++;
    return 0;
}

int
_PyUnicodeWriter_WriteStr(_PyUnicodeWriter *writer, PyObject *str)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    if (length == 0) {
        return 0;
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str);
    if (maxchar > writer->maxchar || length > writer->size - writer->pos) {
        if (writer->buffer == NULL && !writer->overallocate && writer->min_length <= length
            && PyUnicode_CheckExact(str)) {
            // Perhaps this is all there will be: keep the string itself.
            writer->readonly = 1;
            writer->buffer = Py_NewRef(str);
            note_buffer(writer);
            writer->pos = length;
            return 0;
        }
        if (_PyUnicodeWriter_PrepareInternal(writer, length, maxchar) < 0) {
            return -1;
        }
    }
    kr_copy_items(writer->kind, writer->data, writer->pos, PyUnicode_KIND(str),
                  PyUnicode_DATA(str), 0, length);
    writer->pos += length;
    return 0;
}

int
_PyUnicodeWriter_WriteSubstring(_PyUnicodeWriter *writer, PyObject *str, Py_ssize_t start,
                                Py_ssize_t end)
{
    if (end <= start) {
        return 0;
    }
    if (start == 0 && end == PyUnicode_GET_LENGTH(str)) {
        return _PyUnicodeWriter_WriteStr(writer, str);
    }
    Py_UCS4 maxchar = PyUnicode_MAX_CHAR_VALUE(str);
    if (maxchar > writer->maxchar) {
        maxchar = kr_max_char(PyUnicode_KIND(str), PyUnicode_DATA(str), start, end);
    }
    Py_ssize_t length = end - start;
    if (_PyUnicodeWriter_Prepare(writer, length, maxchar) < 0) {
        return -1;
    }
    kr_copy_items(writer->kind, writer->data, writer->pos, PyUnicode_KIND(str),
                  PyUnicode_DATA(str), start, length);
    writer->pos += length;
    return 0;
}

int
_PyUnicodeWriter_WriteASCIIString(_PyUnicodeWriter *writer, const char *str, Py_ssize_t len)
{
    if (len == -1) {
        len = (Py_ssize_t)strlen(str);
    }
    if (len == 0) {
        return 0;
    }
    if (_PyUnicodeWriter_Prepare(writer, len, 127) < 0) {
        return -1;
    }
    kr_copy_items(writer->kind, writer->data, writer->pos, 1, str, 0, len);
    writer->pos += len;
    return 0;
}

int
_PyUnicodeWriter_WriteLatin1String(_PyUnicodeWriter *writer, const char *str,
                                   Py_ssize_t len)
{
    if (len == 0) {
        return 0;
    }
    if (_PyUnicodeWriter_Prepare(writer, len, kr_max_char(1, str, 0, len)) < 0) {
        return -1;
    }
    kr_copy_items(writer->kind, writer->data, writer->pos, 1, str, 0, len);
    writer->pos += len;
    return 0;
}

PyObject *
_PyUnicodeWriter_Finish(_PyUnicodeWriter *writer)
{
    if (writer->pos == 0) {
        Py_CLEAR(writer->buffer);
        return kr_empty_str();
    }
    PyObject *text = KR_MOVE(writer->buffer);
    if (writer->readonly) {
        return text;
    }
    if (writer->pos == 1) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(text, 0);
        if (ch < 256) {
            Py_SETREF(text, Py_NewRef(kr_latin1_strings[ch]));
            return text;
        }
    }
    if (PyUnicode_GET_LENGTH(text) != writer->pos
        && PyUnicode_Resize(&text, writer->pos) < 0) {
        Py_CLEAR(text);
    }
    // A caller may have announced a larger maxchar than came (min_char, or a
    // replacement that took less): the width must be the smallest.
    if (text != NULL && kr_str_fit(&text) < 0) {
        Py_CLEAR(text);
    }
    return text;
}

void
_PyUnicodeWriter_Dealloc(_PyUnicodeWriter *writer)
{
    Py_CLEAR(writer->buffer);
}

// --- The public writer ------------------------------------------------------------

static inline _PyUnicodeWriter *
inner(PyUnicodeWriter *writer)
{
    return (_PyUnicodeWriter *)writer;
}

PyUnicodeWriter *
PyUnicodeWriter_Create(Py_ssize_t length)
{
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "length must be positive");
        return NULL;
    }
    _PyUnicodeWriter *writer = PyMem_Malloc(sizeof(_PyUnicodeWriter));
    if (writer == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    _PyUnicodeWriter_Init(writer);
    if (_PyUnicodeWriter_Prepare(writer, length, 127) < 0) {
        PyUnicodeWriter_Discard((PyUnicodeWriter *)writer);
        return NULL;
    }
    writer->overallocate = 1;
    return (PyUnicodeWriter *)writer;
}

void
PyUnicodeWriter_Discard(PyUnicodeWriter *writer)
{
    if (writer != NULL) {
        _PyUnicodeWriter_Dealloc(inner(writer));
        PyMem_Free(writer);
    }
}

PyObject *
PyUnicodeWriter_Finish(PyUnicodeWriter *writer)
{
    PyObject *text = _PyUnicodeWriter_Finish(inner(writer));
    PyMem_Free(writer);
    return text;
}

int
PyUnicodeWriter_WriteChar(PyUnicodeWriter *writer, Py_UCS4 ch)
{
    if (ch > KR_MAX_UNICODE) {
        PyErr_SetString(PyExc_ValueError, "character must be in range(0x110000)");
        return -1;
    }
    return _PyUnicodeWriter_WriteChar(inner(writer), ch);
}

int
PyUnicodeWriter_WriteUTF8(PyUnicodeWriter *writer, const char *str, Py_ssize_t size)
{
    return PyUnicodeWriter_DecodeUTF8Stateful(writer, str,
                                              size < 0 ? (Py_ssize_t)strlen(str) : size,
                                              NULL, NULL);
}

int
PyUnicodeWriter_WriteASCII(PyUnicodeWriter *writer, const char *str, Py_ssize_t size)
{
    return _PyUnicodeWriter_WriteASCIIString(inner(writer), str, size < 0 ? -1 : size);
}

int
PyUnicodeWriter_WriteUCS4(PyUnicodeWriter *writer, const Py_UCS4 *str, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return -1;
    }
    if (size == 0) {
        return 0;
    }
    Py_UCS4 maxchar = kr_max_char(4, str, 0, size);
    _PyUnicodeWriter *in = inner(writer);
    if (_PyUnicodeWriter_Prepare(in, size, maxchar) < 0) {
        return -1;
    }
    kr_copy_items(in->kind, in->data, in->pos, 4, str, 0, size);
    in->pos += size;
    return 0;
}

int
PyUnicodeWriter_WriteWideChar(PyUnicodeWriter *writer, const wchar_t *str, Py_ssize_t size)
{
    if (size < 0) {
        size = (Py_ssize_t)wcslen(str);
    }
    return PyUnicodeWriter_WriteUCS4(writer, (const Py_UCS4 *)str, size);
}

static int
write_new_text(PyUnicodeWriter *writer, PyObject *text)
{
    if (text == NULL) {
        return -1;
    }
    int status = _PyUnicodeWriter_WriteStr(inner(writer), text);
    Py_DECREF(text);
    return status;
}

int
PyUnicodeWriter_WriteStr(PyUnicodeWriter *writer, PyObject *obj)
{
    if (PyUnicode_CheckExact(obj)) {
        return _PyUnicodeWriter_WriteStr(inner(writer), obj);
    }
    return write_new_text(writer, PyObject_Str(obj));
}

int
PyUnicodeWriter_WriteRepr(PyUnicodeWriter *writer, PyObject *obj)
{
    if (obj == NULL) {
        return _PyUnicodeWriter_WriteASCIIString(inner(writer), "<NULL>", 6);
    }
    return write_new_text(writer, PyObject_Repr(obj));
}

int
PyUnicodeWriter_WriteSubstring(PyUnicodeWriter *writer, PyObject *str, Py_ssize_t start,
                               Py_ssize_t end)
{
    if (!PyUnicode_Check(str)) {
        PyErr_Format(PyExc_TypeError, "expect str, not %T", str);
        return -1;
    }
    if (start < 0 || start > end) {
        PyErr_Format(PyExc_ValueError, "start must be between 0 and end, got %zd", start);
        return -1;
    }
    if (end > PyUnicode_GET_LENGTH(str)) {
        PyErr_Format(PyExc_ValueError, "end must be between 0 and the string length, got %zd",
                     end);
        return -1;
    }
    return _PyUnicodeWriter_WriteSubstring(inner(writer), str, start, end);
}

int
PyUnicodeWriter_DecodeUTF8Stateful(PyUnicodeWriter *writer, const char *string,
                                   Py_ssize_t length, const char *errors,
                                   Py_ssize_t *consumed)
{
    if (length < 0) {
        length = (Py_ssize_t)strlen(string);
    }
    return write_new_text(writer,
                          PyUnicode_DecodeUTF8Stateful(string, length, errors, consumed));
}
