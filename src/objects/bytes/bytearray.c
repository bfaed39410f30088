// SPDX-License-Identifier: MIT
// bytearray.c - the built-in bytearray: storage, construction, slots.
//
// Invariants:  ob_bytes <= ob_start; ob_start + ob_size < ob_bytes + ob_alloc, and the
//              byte there is 0. ob_alloc == 0 exactly when ob_bytes == NULL.
//              While ob_exports > 0 neither the size nor the memory changes.
// Re-entrancy: __index__ and buffers of arguments are taken before self is read.
// Read next:   bytearray_edit.c, search.c, split.c, change.c
#include "objects/bytes/bytearray.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/str/str.h"

char _PyByteArray_empty_string[] = "";

int
kr_bytearray_check_resizable(PyByteArrayObject *self)
{
    if (self->ob_exports > 0) {
        PyErr_SetString(PyExc_BufferError,
                        "Existing exports of data: object cannot be re-sized");
        return -1;
    }
    return 0;
}

// How much to allocate for `size` bytes, given what there is.
static Py_ssize_t
room_for(Py_ssize_t size, Py_ssize_t room)
{
    if (size <= room + (room >> 3)) {
        return size + (size >> 3) + (size < 9 ? 3 : 6);
    }
    return size + 1;
}

int
kr_bytearray_resize(PyByteArrayObject *self, Py_ssize_t size)
{
    Py_ssize_t room = self->ob_alloc;
    Py_ssize_t offset = self->ob_start - self->ob_bytes;

    KR_ASSERT(size >= 0);
    if (size == Py_SIZE(self)) {
        return 0;
    }
    if (kr_bytearray_check_resizable(self) < 0) {
        return -1;
    }
    if (size > PY_SSIZE_T_MAX - offset - 1) {
        PyErr_NoMemory();
        return -1;
    }
    if (size + offset + 1 <= room) {
        if (size >= room / 2) {
            self->ob_base.ob_size = size;
            self->ob_start[size] = 0;
            return 0;
        }
        room = size + 1; // far too much: give it back
    }
    else {
        if (size > PY_SSIZE_T_MAX - size / 8 - 8) {
            PyErr_NoMemory();
            return -1;
        }
        room = room_for(size, room);
    }
    char *memory;
    if (offset > 0) {
        memory = PyMem_Malloc((size_t)room);
        if (memory != NULL) {
            Py_ssize_t kept = size < Py_SIZE(self) ? size : Py_SIZE(self);
            memcpy(memory, self->ob_start, (size_t)kept);
            PyMem_Free(self->ob_bytes);
        }
    }
    else {
        memory = PyMem_Realloc(self->ob_bytes, (size_t)room);
    }
    if (memory == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->ob_bytes = self->ob_start = memory;
    self->ob_base.ob_size = size;
    self->ob_alloc = room;
    memory[size] = 0;
    return 0;
}

int
PyByteArray_Resize(PyObject *op, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "Can only resize to positive sizes, got %zd", size);
        return -1;
    }
    return kr_bytearray_resize((PyByteArrayObject *)op, size);
}

// ---------------------------------------------------------------------- creation

PyObject *
PyByteArray_FromStringAndSize(const char *bytes, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError,
                        "Negative size passed to PyByteArray_FromStringAndSize");
        return NULL;
    }
    if (size == PY_SSIZE_T_MAX) {
        return PyErr_NoMemory();
    }
    PyByteArrayObject *self = PyObject_New(PyByteArrayObject, &PyByteArray_Type);
    if (self == NULL) {
        return NULL;
    }
    self->ob_bytes = self->ob_start = NULL;
    self->ob_alloc = 0;
    self->ob_base.ob_size = 0;
    self->ob_exports = 0;
    if (size > 0) {
        self->ob_bytes = PyMem_Malloc((size_t)size + 1);
        if (self->ob_bytes == NULL) {
            Py_DECREF(self);
            return PyErr_NoMemory();
        }
        if (bytes != NULL) {
            memcpy(self->ob_bytes, bytes, (size_t)size);
        }
        self->ob_bytes[size] = 0;
        self->ob_alloc = size + 1;
        self->ob_base.ob_size = size;
        self->ob_start = self->ob_bytes;
    }
    return (PyObject *)self;
}

PyObject *
PyByteArray_FromObject(PyObject *obj)
{
    return PyObject_CallOneArg((PyObject *)&PyByteArray_Type, obj);
}

Py_ssize_t
PyByteArray_Size(PyObject *op)
{
    KR_ASSERT(PyByteArray_Check(op));
    return PyByteArray_GET_SIZE(op);
}

char *
PyByteArray_AsString(PyObject *op)
{
    KR_ASSERT(PyByteArray_Check(op));
    return PyByteArray_AS_STRING(op);
}

static int
init_from_buffer(PyByteArrayObject *self, PyObject *source)
{
    Py_buffer view;

    if (PyObject_GetBuffer(source, &view, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    int status = kr_bytearray_resize(self, view.len);
    if (status == 0 && view.len > 0) {
        status = PyBuffer_ToContiguous(PyByteArray_AS_STRING(self), &view, view.len, 'C');
    }
    PyBuffer_Release(&view);
    return status;
}

// Takes items from an iterator one by one; self can be seen growing.
static int
init_from_iterator(PyByteArrayObject *self, PyObject *iterator)
{
    PyObject *item;

    while ((item = PyIter_Next(iterator)) != NULL) {
        int byte = kr_byte_from_object(item);
        Py_DECREF(item);
        Py_ssize_t size = Py_SIZE(self);
        if (byte < 0 || kr_bytearray_resize(self, size + 1) < 0) {
            return -1;
        }
        self->ob_start[size] = (char)byte;
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int
init_from_iterable(PyByteArrayObject *self, PyObject *source)
{
    KrByteWriter w;
    int status = -1;

    if (!PyList_CheckExact(source) && !PyTuple_CheckExact(source)) {
        source = PyObject_GetIter(source);
        if (source == NULL) {
            return -1;
        }
        status = init_from_iterator(self, source);
        Py_DECREF(source);
        if (status < 0 && self->ob_exports == 0) {
            // A failed start leaves nothing behind.
            PyObject *exc = PyErr_GetRaisedException();
            if (kr_bytearray_resize(self, 0) < 0) {
                PyErr_Clear();
            }
            PyErr_SetRaisedException(exc);
        }
        return status;
    }
    Py_INCREF(source);
    kr_bytewriter_init(&w);
    if (kr_bytewriter_from_iterable(&w, source, "byte must be in range(0, 256)") == 0 &&
        kr_bytearray_resize(self, w.size) == 0) {
        if (w.size > 0) {
            memcpy(self->ob_start, w.data, (size_t)w.size);
        }
        status = 0;
    }
    kr_bytewriter_free(&w);
    Py_DECREF(source);
    return status;
}

static int
init_from_text(PyByteArrayObject *self, PyObject *source, const char *encoding,
               const char *errors)
{
    if (encoding == NULL) {
        PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
        return -1;
    }
    PyObject *encoded = PyUnicode_AsEncodedString(source, encoding, errors);
    if (encoded == NULL) {
        return -1;
    }
    int status = init_from_buffer(self, encoded);
    Py_DECREF(encoded);
    return status;
}

KR_INIT(bytearray, "bytearray(source=<missing>, encoding=<missing>, errors=<missing>)",
        "Make a bytearray of an iterable of numbers, a str with its encoding, a buffer, "
        "or a size.")
static int
bytearray_init_impl(PyByteArrayObject *self, PyObject *source, const char *encoding,
                    const char *errors)
{
    Py_ssize_t size;

    if (Py_SIZE(self) != 0 && kr_bytearray_resize(self, 0) < 0) {
        return -1;
    }
    if (source != NULL && PyUnicode_Check(source)) {
        return init_from_text(self, source, encoding, errors);
    }
    if (encoding != NULL || errors != NULL) {
        PyErr_SetString(PyExc_TypeError, encoding != NULL
                                             ? "encoding without a string argument"
                                             : "errors without a string argument");
        return -1;
    }
    if (source == NULL) {
        return 0;
    }
    int found = kr_bytes_size_argument(source, &size);
    if (found < 0) {
        return -1;
    }
    if (found) {
        if (size > 0) {
            if (kr_bytearray_resize(self, size) < 0) {
                return -1;
            }
            memset(PyByteArray_AS_STRING(self), 0, (size_t)size);
        }
        return 0;
    }
    if (PyObject_CheckBuffer(source)) {
        return init_from_buffer(self, source);
    }
    if (init_from_iterable(self, source) == 0) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_TypeError) && Py_TYPE(source)->tp_iter == NULL &&
        !PySequence_Check(source)) {
        PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytearray",
                     Py_TYPE(source)->tp_name);
    }
    return -1;
}

static void
bytearray_dealloc(PyObject *op)
{
    PyByteArrayObject *self = (PyByteArrayObject *)op;

    if (self->ob_exports > 0) {
        PyErr_SetString(PyExc_SystemError,
                        "deallocated bytearray object has exported buffers");
        PyErr_Print();
    }
    PyMem_Free(self->ob_bytes);
    Py_TYPE(self)->tp_free(self);
}

// ------------------------------------------------------------------------- slots

static Py_ssize_t
bytearray_length(PyObject *self)
{
    return PyByteArray_GET_SIZE(self);
}

PyObject *
PyByteArray_Concat(PyObject *a, PyObject *b)
{
    Py_buffer left = {NULL, NULL}, right = {NULL, NULL};
    PyObject *result = NULL;

    if (PyObject_GetBuffer(a, &left, PyBUF_SIMPLE) < 0 ||
        PyObject_GetBuffer(b, &right, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                     Py_TYPE(b)->tp_name, Py_TYPE(a)->tp_name);
        goto done;
    }
    if (left.len > PY_SSIZE_T_MAX - right.len) {
        PyErr_NoMemory();
        goto done;
    }
    result = PyByteArray_FromStringAndSize(NULL, left.len + right.len);
    if (result != NULL) {
        char *to = PyByteArray_AS_STRING(result);
        if (left.len > 0) {
            memcpy(to, left.buf, (size_t)left.len);
        }
        if (right.len > 0) {
            memcpy(to + left.len, right.buf, (size_t)right.len);
        }
    }

done:
    if (left.obj != NULL) {
        PyBuffer_Release(&left);
    }
    if (right.obj != NULL) {
        PyBuffer_Release(&right);
    }
    return result;
}

static PyObject *
bytearray_iconcat(PyObject *op, PyObject *other)
{
    PyByteArrayObject *self = (PyByteArrayObject *)op;
    Py_buffer view;

    if (PyObject_GetBuffer(other, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s",
                     Py_TYPE(other)->tp_name, Py_TYPE(op)->tp_name);
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(self), more = view.len;
    // a += a: the buffer of itself must not stand in the way.
    if (other == op) {
        PyBuffer_Release(&view);
        view.obj = NULL;
    }
    PyObject *result = NULL;
    if (size > PY_SSIZE_T_MAX - more) {
        PyErr_NoMemory();
    }
    else if (kr_bytearray_resize(self, size + more) == 0) {
        if (more > 0) {
            const void *from = other == op ? self->ob_start : view.buf;
            memcpy(PyByteArray_AS_STRING(self) + size, from, (size_t)more);
        }
        result = Py_NewRef(op);
    }
    if (view.obj != NULL) {
        PyBuffer_Release(&view);
    }
    return result;
}

// Fills to[0 .. size * count) with copies of to[0 .. size).
static void
fill_repeated(char *to, Py_ssize_t size, Py_ssize_t whole)
{
    for (Py_ssize_t done = size; done < whole;) {
        Py_ssize_t more = done < whole - done ? done : whole - done;
        memcpy(to + done, to, (size_t)more);
        done += more;
    }
}

static PyObject *
bytearray_repeat(PyObject *self, Py_ssize_t count)
{
    Py_ssize_t size = Py_SIZE(self);

    count = count < 0 ? 0 : count;
    if (count > 0 && size > PY_SSIZE_T_MAX / count) {
        return PyErr_NoMemory();
    }
    PyObject *result = PyByteArray_FromStringAndSize(NULL, size * count);
    if (result != NULL && size * count > 0) {
        char *to = PyByteArray_AS_STRING(result);
        memcpy(to, PyByteArray_AS_STRING(self), (size_t)size);
        fill_repeated(to, size, size * count);
    }
    return result;
}

static PyObject *
bytearray_irepeat(PyObject *op, Py_ssize_t count)
{
    PyByteArrayObject *self = (PyByteArrayObject *)op;
    Py_ssize_t size = Py_SIZE(self);

    count = count < 0 ? 0 : count;
    if (count == 1) {
        return Py_NewRef(op);
    }
    if (count > 0 && size > PY_SSIZE_T_MAX / count) {
        return PyErr_NoMemory();
    }
    if (kr_bytearray_resize(self, size * count) < 0) {
        return NULL;
    }
    if (size > 0 && count > 1) {
        fill_repeated(PyByteArray_AS_STRING(self), size, size * count);
    }
    return Py_NewRef(op);
}

static PyObject *
bytearray_item(PyObject *self, Py_ssize_t i)
{
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)PyByteArray_AS_STRING(self)[i]);
}

static PyObject *
bytearray_subscript(PyObject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return bytearray_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError,
                     "bytearray indices must be integers or slices, not %.200s",
                     Py_TYPE(key)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t count = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    const char *from = PyByteArray_AS_STRING(self);
    if (step == 1) {
        return PyByteArray_FromStringAndSize(from + start, count);
    }
    PyObject *result = PyByteArray_FromStringAndSize(NULL, count);
    if (result != NULL) {
        char *to = PyByteArray_AS_STRING(result);
        for (Py_ssize_t i = 0; i < count; i++, start += step) {
            to[i] = from[start];
        }
    }
    return result;
}

static PyObject *
bytearray_richcompare(PyObject *a, PyObject *b, int op)
{
    Py_buffer left, right;
    PyObject *result;

    if (!PyObject_CheckBuffer(a) || !PyObject_CheckBuffer(b)) {
        if ((op == Py_EQ || op == Py_NE) && (PyUnicode_Check(a) || PyUnicode_Check(b)) &&
            kr_bytes_warn_compare(a, b) < 0) {
            return NULL;
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    // An object that gives no simple buffer is not comparable.
    if (PyObject_GetBuffer(a, &left, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyObject_GetBuffer(b, &right, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        PyBuffer_Release(&left);
        Py_RETURN_NOTIMPLEMENTED;
    }
    result = kr_bytes_compare(kr_bytes_of_buffer(&left), kr_bytes_of_buffer(&right), op);
    PyBuffer_Release(&left);
    PyBuffer_Release(&right);
    return result;
}

static PyObject *
bytearray_remainder(PyObject *format, PyObject *args)
{
    if (!PyByteArray_Check(format)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    PyByteArrayObject *self = (PyByteArrayObject *)format;
    self->ob_exports++; // formatting runs Python
    PyObject *result = kr_bytes_percent(PyByteArray_AS_STRING(self), Py_SIZE(self), args,
                                        true);
    self->ob_exports--;
    return result;
}

// The text between the brackets of the repr: quotes are always escaped.
static int
write_repr(KrByteWriter *w, KrBytes s)
{
    static const char digits[] = "0123456789abcdef";
    bool single = s.size > 0 && memchr(s.data, '\'', (size_t)s.size) != NULL;
    bool twofold = s.size > 0 && memchr(s.data, '"', (size_t)s.size) != NULL;
    char quote = single && !twofold ? '"' : '\'';

    if (s.size > (PY_SSIZE_T_MAX - 64) / 4) {
        PyErr_SetString(PyExc_OverflowError, "bytearray object is too large to make repr");
        return -1;
    }
    char *to = kr_bytewriter_reserve(w, s.size * 4 + 3);
    if (to == NULL) {
        return -1;
    }
    *to++ = 'b';
    *to++ = quote;
    for (Py_ssize_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == '\'' || c == '\\') {
            *to++ = '\\';
            *to++ = (char)c;
        }
        else if (c == '\t' || c == '\n' || c == '\r') {
            *to++ = '\\';
            *to++ = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
        }
        else if (c < ' ' || c >= 0x7f) {
            *to++ = '\\';
            *to++ = 'x';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
        else {
            *to++ = (char)c;
        }
    }
    *to++ = quote;
    w->size = to - w->data;
    return 0;
}

static PyObject *
bytearray_repr(PyObject *self)
{
    KrByteWriter w;
    PyObject *result = NULL;
    const char *name = _PyType_Name(Py_TYPE(self));

    kr_bytewriter_init(&w);
    if (kr_bytewriter_write(&w, name, (Py_ssize_t)strlen(name)) == 0 &&
        kr_bytewriter_put(&w, '(') == 0 && write_repr(&w, kr_bytes_span(self)) == 0 &&
        kr_bytewriter_put(&w, ')') == 0) {
        result = PyUnicode_FromStringAndSize(w.data, w.size);
    }
    kr_bytewriter_free(&w);
    return result;
}

static PyObject *
bytearray_str(PyObject *self)
{
    if (kr_bytes_warn_str("bytearray") < 0) {
        return NULL;
    }
    return bytearray_repr(self);
}

static int
bytearray_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    PyByteArrayObject *self = (PyByteArrayObject *)op;

    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError,
                        "bytearray_getbuffer: view==NULL argument is obsolete");
        return -1;
    }
    if (PyBuffer_FillInfo(view, op, PyByteArray_AS_STRING(self), Py_SIZE(self), 0,
                          flags) < 0) {
        return -1;
    }
    self->ob_exports++;
    return 0;
}

static void
bytearray_releasebuffer(PyObject *op, Py_buffer *view)
{
    ((PyByteArrayObject *)op)->ob_exports--;
}

KR_TYPE(bytearray)
#include "objects/bytes/bytearray.methods.h"

static PyNumberMethods bytearray_as_number = {
    .nb_remainder = bytearray_remainder,
};

static PySequenceMethods bytearray_as_sequence = {
    .sq_length = bytearray_length,
    .sq_concat = PyByteArray_Concat,
    .sq_repeat = bytearray_repeat,
    .sq_item = bytearray_item,
    .sq_ass_item = kr_bytearray_set_item,
    .sq_contains = kr_bytes_contains,
    .sq_inplace_concat = bytearray_iconcat,
    .sq_inplace_repeat = bytearray_irepeat,
};

static PyMappingMethods bytearray_as_mapping = {
    .mp_length = bytearray_length,
    .mp_subscript = bytearray_subscript,
    .mp_ass_subscript = kr_bytearray_set_subscript,
};

static PyBufferProcs bytearray_as_buffer = {
    .bf_getbuffer = bytearray_getbuffer,
    .bf_releasebuffer = bytearray_releasebuffer,
};

PyTypeObject PyByteArray_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "bytearray",
    .tp_basicsize = sizeof(PyByteArrayObject),
    .tp_dealloc = bytearray_dealloc,
    .tp_repr = bytearray_repr,
    .tp_as_number = &bytearray_as_number,
    .tp_as_sequence = &bytearray_as_sequence,
    .tp_as_mapping = &bytearray_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_str = bytearray_str,
    .tp_as_buffer = &bytearray_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "bytearray(iterable_of_ints) -> bytearray\n"
              "bytearray(string, encoding[, errors]) -> bytearray\n"
              "bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\n"
              "bytearray(int) -> that many zero bytes\n"
              "bytearray() -> empty bytearray",
    .tp_richcompare = bytearray_richcompare,
    .tp_iter = kr_bytearray_iter,
    .tp_methods = bytearray_methods,
    .tp_init = bytearray_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_Free,
};
