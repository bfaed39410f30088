// SPDX-License-Identifier: MIT
// save.c - pickles one object: what it is decides who writes it.
//
// Re-entrancy: __reduce__ methods, callbacks and persistent_id() run Python code, which
//              may use the same pickler; nothing is kept in C across such calls but memo
//              entries, which own their objects.
// Read next:   save_containers.c, save_global.c, save_reduce.c
#include "modules/pickle/pickle.h"

#include "objects/ids.h"

// ---- the memo -----------------------------------------------------------------

int
kr_pickle_put_get(Pickler *self, Py_ssize_t number)
{
    if (!self->bin) {
        char text[32];
        int size = PyOS_snprintf(text, sizeof text, "%c%zd\n", OP_GET, number);
        return kr_pickle_write(self, text, (size_t)size);
    }
    return number < 256
               ? kr_pickle_put_number(self, OP_BINGET, (uint64_t)number, 1)
               : kr_pickle_put_number(self, OP_LONG_BINGET, (uint64_t)number, 4);
}

int
kr_pickle_memoize(Pickler *self, PyObject *object)
{
    if (self->fast) {
        return 0;
    }
    Py_ssize_t number = (Py_ssize_t)self->memo.count;
    if (kr_pickle_memo_add(&self->memo, object, number) < 0) {
        return -1;
    }
    if (self->protocol >= 4) {
        return kr_pickle_put(self, OP_MEMOIZE);
    }
    if (!self->bin) {
        char text[32];
        int size = PyOS_snprintf(text, sizeof text, "%c%zd\n", OP_PUT, number);
        return kr_pickle_write(self, text, (size_t)size);
    }
    return number < 256
               ? kr_pickle_put_number(self, OP_BINPUT, (uint64_t)number, 1)
               : kr_pickle_put_number(self, OP_LONG_BINPUT, (uint64_t)number, 4);
}

void
kr_pickle_note(const char *format, ...)
{
    PyObject *exc = PyErr_GetRaisedException(), *none = NULL;
    va_list va;

    va_start(va, format);
    PyObject *note = PyUnicode_FromFormatV(format, va);
    va_end(va);
    if (note != NULL && exc != NULL) {
        none = PyObject_CallMethodOneArg(exc, KR_ID(add_note), note);
    }
    if (none == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(none);
    Py_XDECREF(note);
    PyErr_SetRaisedException(exc);
}

// ---- numbers ------------------------------------------------------------------

static int
save_bool(Pickler *self, PyObject *object)
{
    bool value = object == Py_True;

    if (self->protocol >= 2) {
        return kr_pickle_put(self, value ? OP_NEWTRUE : OP_NEWFALSE);
    }
    return kr_pickle_write(self, value ? "I01\n" : "I00\n", 4);
}

// Two's complement of an int that does not fit in 32 bits.
static int
save_long_bytes(Pickler *self, PyObject *object)
{
    PyObject *bits = PyObject_CallMethodNoArgs(object, KR_ID(bit_length));
    Py_ssize_t size = bits == NULL ? -1 : PyLong_AsSsize_t(bits) / 8 + 1;
    int status = -1;

    Py_XDECREF(bits);
    if (size < 0 || PyErr_Occurred()) {
        return -1;
    }
    if (size > 0x7fffffff) {
        PyErr_SetString(PyExc_OverflowError, "int too large to pickle");
        return -1;
    }
    unsigned char *bytes = PyMem_Malloc((size_t)size);
    if (bytes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (PyLong_AsNativeBytes(object, bytes, size, Py_ASNATIVEBYTES_LITTLE_ENDIAN) >= 0) {
        // A negative power of two needs one byte less.
        if (size > 1 && bytes[size - 1] == 0xff && (bytes[size - 2] & 0x80)) {
            size--;
        }
        status = size < 256 ? kr_pickle_put_number(self, OP_LONG1, (uint64_t)size, 1)
                            : kr_pickle_put_number(self, OP_LONG4, (uint64_t)size, 4);
        if (status == 0) {
            status = kr_pickle_write(self, bytes, (size_t)size);
        }
    }
    PyMem_Free(bytes);
    return status;
}

static int
write_text(Pickler *self, PyObject *text_steal)
{
    Py_ssize_t size;
    const char *text = text_steal == NULL ? NULL : PyUnicode_AsUTF8AndSize(text_steal, &size);
    int status = text == NULL ? -1 : kr_pickle_write(self, text, (size_t)size);

    Py_XDECREF(text_steal);
    return status;
}

static int
save_int(Pickler *self, PyObject *object)
{
    int overflow;
    long value = PyLong_AsLongAndOverflow(object, &overflow);
    bool fits = !overflow && value >= INT32_MIN && value <= INT32_MAX;

    if (self->bin && fits) {
        if (value >= 0 && value <= 0xff) {
            return kr_pickle_put_number(self, OP_BININT1, (uint64_t)value, 1);
        }
        if (value >= 0 && value <= 0xffff) {
            return kr_pickle_put_number(self, OP_BININT2, (uint64_t)value, 2);
        }
        return kr_pickle_put_number(self, OP_BININT, (uint64_t)value, 4);
    }
    if (self->protocol >= 2) {
        return save_long_bytes(self, object);
    }
    return write_text(self, PyUnicode_FromFormat(fits ? "I%R\n" : "L%RL\n", object));
}

static int
save_float(Pickler *self, PyObject *object)
{
    char packed[9] = {OP_BINFLOAT};

    if (!self->bin) {
        return write_text(self, PyUnicode_FromFormat("F%R\n", object));
    }
    return PyFloat_Pack8(PyFloat_AS_DOUBLE(object), packed + 1, 0) < 0
               ? -1
               : kr_pickle_write(self, packed, sizeof packed);
}

// ---- bytes and text -------------------------------------------------------------

static size_t
make_head(char *head, PickleOpcode opcode, uint64_t size, int width)
{
    head[0] = (char)opcode;
    for (int i = 0; i < width; i++) {
        head[1 + i] = (char)(size >> (8 * i));
    }
    return 1 + (size_t)width;
}

static int
put_bytes(Pickler *self, const char *data, Py_ssize_t size)
{
    char head[9];
    size_t head_size;

    if (size <= 0xff) {
        head_size = make_head(head, OP_SHORT_BINBYTES, (uint64_t)size, 1);
    }
    else if ((uint64_t)size <= UINT32_MAX) {
        head_size = make_head(head, OP_BINBYTES, (uint64_t)size, 4);
    }
    else if (self->protocol >= 4) {
        head_size = make_head(head, OP_BINBYTES8, (uint64_t)size, 8);
    }
    else {
        PyErr_SetString(PyExc_OverflowError, "serializing a bytes object larger than 4 GiB "
                                             "requires pickle protocol 4 or higher");
        return -1;
    }
    return kr_pickle_put_data(self, head, head_size, data, (size_t)size);
}

// Older protocols know no bytes: codecs.encode(text, "latin1") makes them.
static int
save_old_bytes(Pickler *self, PyObject *object)
{
    PyObject *args;

    if (PyBytes_GET_SIZE(object) == 0) {
        return kr_pickle_save_call_steal(self, (PyObject *)&PyBytes_Type, PyTuple_New(0),
                                         object);
    }
    PyObject *text = PyUnicode_DecodeLatin1(PyBytes_AS_STRING(object),
                                            PyBytes_GET_SIZE(object), NULL);
    args = text == NULL ? NULL : Py_BuildValue("(Ns)", text, "latin1");
    return kr_pickle_save_call_steal(self, self->state->codecs_encode, args, object);
}

static int
save_bytes(Pickler *self, PyObject *object)
{
    if (self->protocol < 3) {
        return save_old_bytes(self, object);
    }
    return put_bytes(self, PyBytes_AS_STRING(object), PyBytes_GET_SIZE(object)) < 0
               ? -1
               : kr_pickle_memoize(self, object);
}

static int
put_bytearray(Pickler *self, const char *data, Py_ssize_t size)
{
    char head[9];
    size_t head_size = make_head(head, OP_BYTEARRAY8, (uint64_t)size, 8);

    return kr_pickle_put_data(self, head, head_size, data, (size_t)size);
}

static int
save_bytearray(Pickler *self, PyObject *object)
{
    const char *data = PyByteArray_AS_STRING(object);
    Py_ssize_t size = PyByteArray_GET_SIZE(object);

    if (self->protocol < 5) {
        PyObject *args = size == 0 ? PyTuple_New(0) : Py_BuildValue("(y#)", data, size);
        return kr_pickle_save_call_steal(self, (PyObject *)&PyByteArray_Type, args, object);
    }
    return put_bytearray(self, data, size) < 0 ? -1 : kr_pickle_memoize(self, object);
}

static int
save_in_band(Pickler *self, const Py_buffer *view, PyObject *object)
{
    int status = view->readonly ? put_bytes(self, view->buf, view->len)
                                : put_bytearray(self, view->buf, view->len);

    return status < 0 ? -1 : kr_pickle_memoize(self, object);
}

// 1 if the data belong into the stream, 0 if the callback takes them.
static int
is_in_band(Pickler *self, PyObject *object)
{
    if (self->buffer_callback == NULL) {
        return 1;
    }
    PyObject *answer = PyObject_CallOneArg(self->buffer_callback, object);
    int in_band = answer == NULL ? -1 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return in_band;
}

static int
save_view(Pickler *self, PyObject *object, const Py_buffer *view)
{
    if (!PyBuffer_IsContiguous(view, 'A')) {
        PyErr_SetString(self->state->pickling_error,
                        "PickleBuffer can not be pickled when pointing to a "
                        "non-contiguous buffer");
        return -1;
    }
    int in_band = is_in_band(self, object);
    if (in_band != 0) {
        return in_band < 0 ? -1 : save_in_band(self, view, object);
    }
    if (kr_pickle_put(self, OP_NEXT_BUFFER) < 0) {
        return -1;
    }
    return view->readonly ? kr_pickle_put(self, OP_READONLY_BUFFER) : 0;
}

static int
save_picklebuffer(Pickler *self, PyObject *object)
{
    Py_buffer view;

    if (self->protocol < 5) {
        PyErr_SetString(self->state->pickling_error,
                        "PickleBuffer can only be pickled with protocol >= 5");
        return -1;
    }
    // A view of our own, for the callback may release the object's.
    if (PyObject_GetBuffer(object, &view, PyBUF_FULL_RO) < 0) {
        return -1;
    }
    int status = save_view(self, object, &view);
    PyBuffer_Release(&view);
    return status;
}

// Protocol 0: one line of raw-unicode-escape, in which nothing may end it early.
static int
save_text_line(Pickler *self, PyObject *object)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(object);
    int status = kr_pickle_put(self, OP_UNICODE);

    for (Py_ssize_t i = 0; status == 0 && i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ_CHAR(object, i);
        char text[12];
        int size = 1;
        if (ch >= 0x10000) {
            size = PyOS_snprintf(text, sizeof text, "\\U%08x", ch);
        }
        else if (ch >= 0x100 || ch == '\\' || ch == 0 || ch == '\n' || ch == '\r' ||
                 ch == 0x1a) {
            size = PyOS_snprintf(text, sizeof text, "\\u%04x", ch);
        }
        else {
            text[0] = (char)ch;
        }
        status = kr_pickle_write(self, text, (size_t)size);
    }
    return status < 0 ? -1 : kr_pickle_write(self, "\n", 1);
}

static int
put_utf8(Pickler *self, const char *data, Py_ssize_t size)
{
    char head[9];
    size_t head_size;

    if (size <= 0xff && self->protocol >= 4) {
        head_size = make_head(head, OP_SHORT_BINUNICODE, (uint64_t)size, 1);
    }
    else if ((uint64_t)size <= UINT32_MAX) {
        head_size = make_head(head, OP_BINUNICODE, (uint64_t)size, 4);
    }
    else if (self->protocol >= 4) {
        head_size = make_head(head, OP_BINUNICODE8, (uint64_t)size, 8);
    }
    else {
        PyErr_SetString(PyExc_OverflowError, "serializing a string larger than 4 GiB "
                                             "requires pickle protocol 4 or higher");
        return -1;
    }
    return kr_pickle_put_data(self, head, head_size, data, (size_t)size);
}

static int
save_str(Pickler *self, PyObject *object)
{
    int status;

    if (!self->bin) {
        status = save_text_line(self, object);
    }
    else if (PyUnicode_IS_COMPACT_ASCII(object)) {
        status = put_utf8(self, (const char *)PyUnicode_1BYTE_DATA(object),
                          PyUnicode_GET_LENGTH(object));
    }
    else {
        PyObject *bytes = PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass");
        status = bytes == NULL ? -1
                               : put_utf8(self, PyBytes_AS_STRING(bytes),
                                          PyBytes_GET_SIZE(bytes));
        Py_XDECREF(bytes);
    }
    return status < 0 ? -1 : kr_pickle_memoize(self, object);
}

// ---- persistent ids ---------------------------------------------------------------

// 1 if the object has been written as an id, 0 if it has none.
static int
save_persistent(Pickler *self, PyObject *object)
{
    PyObject *id = PyObject_CallOneArg(self->persistent_id, object);
    int status;

    if (id == NULL || Py_IsNone(id)) {
        Py_XDECREF(id);
        return id == NULL ? -1 : 0;
    }
    if (self->bin) {
        status = kr_pickle_save(self, id, false);
        if (status == 0) {
            status = kr_pickle_put(self, OP_BINPERSID);
        }
    }
    else {
        PyObject *text = PyObject_Str(id);
        if (text != NULL && !PyUnicode_IS_ASCII(text)) {
            PyErr_SetString(self->state->pickling_error,
                            "persistent IDs in protocol 0 must be ASCII strings");
            Py_CLEAR(text);
        }
        status = text == NULL ? -1 : kr_pickle_put(self, OP_PERSID);
        if (text != NULL) {
            status = write_text(self, text) < 0 || status < 0 ? -1
                                                              : kr_pickle_write(self, "\n", 1);
        }
    }
    Py_DECREF(id);
    return status < 0 ? -1 : 1;
}

// ---- dispatch ---------------------------------------------------------------------

// True for objects that are never remembered, with the status.
static bool
save_atom(Pickler *self, PyObject *object, PyTypeObject *type, int *status)
{
    if (object == Py_None) {
        *status = kr_pickle_put(self, OP_NONE);
    }
    else if (type == &PyLong_Type) {
        *status = save_int(self, object);
    }
    else if (type == &PyBool_Type) {
        *status = save_bool(self, object);
    }
    else if (type == &PyFloat_Type) {
        *status = save_float(self, object);
    }
    else {
        return false;
    }
    return true;
}

static bool
save_builtin(Pickler *self, PyObject *object, PyTypeObject *type, int *status)
{
    if (type == &PyDict_Type) {
        *status = kr_pickle_save_dict(self, object);
    }
    else if (type == &PyList_Type) {
        *status = kr_pickle_save_list(self, object);
    }
    else if (type == &PyTuple_Type) {
        *status = kr_pickle_save_tuple(self, object);
    }
    else if (type == &PySet_Type) {
        *status = kr_pickle_save_set(self, object);
    }
    else if (type == &PyFrozenSet_Type) {
        *status = kr_pickle_save_frozenset(self, object);
    }
    else if (type == &PyByteArray_Type) {
        *status = save_bytearray(self, object);
    }
    else if (type == &PyPickleBuffer_Type) {
        *status = save_picklebuffer(self, object);
    }
    else {
        return false;
    }
    return true;
}

// The reduction of an object of another type, a new reference. NULL with *done set: the
// object has been written, with that status.
static PyObject *
reduce(Pickler *self, PyObject *object, PyTypeObject *type, bool *done, int *status)
{
    PyObject *func = NULL, *value = NULL;
    int found;

    if (self->dispatch_table == NULL) {
        found = PyDict_GetItemRef(self->state->dispatch_table, (PyObject *)type, &func);
    }
    else {
        found = PyMapping_GetOptionalItem(self->dispatch_table, (PyObject *)type, &func);
    }
    if (found < 0) {
        return NULL;
    }
    if (found > 0) {
        value = PyObject_CallOneArg(func, object);
        Py_DECREF(func);
        return value;
    }
    if (PyType_IsSubtype(type, &PyType_Type)) {
        *done = true;
        *status = kr_pickle_save_global(self, object, NULL);
        return NULL;
    }
    if (PyObject_GetOptionalAttr(object, KR_ID(__reduce_ex__), &func) < 0) {
        return NULL;
    }
    if (func != NULL) {
        PyObject *protocol = PyLong_FromLong(self->protocol);
        value = protocol == NULL ? NULL : PyObject_CallOneArg(func, protocol);
        Py_XDECREF(protocol);
    }
    else if (PyObject_GetOptionalAttr(object, KR_ID(__reduce__), &func) > 0) {
        value = PyObject_CallNoArgs(func);
    }
    else if (!PyErr_Occurred()) {
        PyErr_Format(self->state->pickling_error, "Can't pickle %T object", object);
    }
    Py_XDECREF(func);
    return value;
}

static int
save_reduced(Pickler *self, PyObject *object, PyObject *value)
{
    if (PyUnicode_Check(value)) {
        return kr_pickle_save_global(self, object, value);
    }
    int status = kr_pickle_save_reduce(self, value, object);
    if (status < 0) {
        kr_pickle_note("when serializing %T object", object);
    }
    return status;
}

static int
save_other(Pickler *self, PyObject *object, PyTypeObject *type)
{
    PyObject *value = NULL;
    bool done = false;
    int status = -1;

    if (self->reducer_override != NULL) {
        value = PyObject_CallOneArg(self->reducer_override, object);
        if (value == NULL) {
            return -1;
        }
        if (value == Py_NotImplemented) {
            Py_CLEAR(value);
        }
    }
    if (value == NULL) {
        if (type == &PyType_Type) {
            return kr_pickle_save_type(self, object);
        }
        if (type == &PyFunction_Type) {
            return kr_pickle_save_global(self, object, NULL);
        }
        value = reduce(self, object, type, &done, &status);
        if (done || value == NULL) {
            return status;
        }
    }
    status = save_reduced(self, object, value);
    Py_DECREF(value);
    return status;
}

int
kr_pickle_save(Pickler *self, PyObject *object, bool persistent)
{
    PyTypeObject *type = Py_TYPE(object);
    int status = kr_pickle_boundary(self);

    if (status < 0) {
        return -1;
    }
    if (persistent && self->persistent_id != NULL) {
        status = save_persistent(self, object);
        if (status != 0) {
            return status < 0 ? -1 : 0;
        }
    }
    if (save_atom(self, object, type, &status)) {
        return status;
    }
    Py_ssize_t number = kr_pickle_memo_find(&self->memo, object);
    if (number >= 0) {
        return kr_pickle_put_get(self, number);
    }
    if (type == &PyUnicode_Type) {
        return save_str(self, object);
    }
    if (type == &PyBytes_Type) {
        return save_bytes(self, object);
    }
    if (Py_EnterRecursiveCall(" while pickling an object")) {
        return -1;
    }
    if (!save_builtin(self, object, type, &status)) {
        status = save_other(self, object, type);
    }
    Py_LeaveRecursiveCall();
    return status;
}

// ---- a whole pickle ---------------------------------------------------------------

// A method that the class or the instance has overridden; NULL without an exception for
// the one that does nothing.
static int
find_hook(Pickler *self, PyObject *name, PyObject **out)
{
    *out = NULL;
    if (Py_TYPE(self) == self->state->pickler_type && self->persistent_id_attr == NULL) {
        return 0;
    }
    return PyObject_GetOptionalAttr((PyObject *)self, name, out) < 0 ? -1 : 0;
}

static int
find_persistent_id(Pickler *self)
{
    PyObject *func;

    if (find_hook(self, KR_ID(persistent_id), &func) < 0) {
        return -1;
    }
    if (func != NULL && PyCFunction_Check(func) &&
        PyCFunction_GET_SELF(func) == (PyObject *)self &&
        strcmp(((PyCFunctionObject *)func)->m_ml->ml_name, "persistent_id") == 0) {
        Py_CLEAR(func); // our own, which knows no ids
    }
    Py_XSETREF(self->persistent_id, func);
    return 0;
}

static int
find_overrides(Pickler *self)
{
    PyObject *func, *table;

    if (find_persistent_id(self) < 0 || find_hook(self, KR_ID(reducer_override), &func) < 0) {
        return -1;
    }
    Py_XSETREF(self->reducer_override, func);
    if (Py_TYPE(self) != self->state->pickler_type && self->dispatch_table == NULL) {
        if (PyObject_GetOptionalAttr((PyObject *)self, KR_ID(dispatch_table), &table) < 0) {
            return -1;
        }
        self->dispatch_table = table;
    }
    return 0;
}

int
kr_pickle_dump(Pickler *self, PyObject *object)
{
    if (self->dumping) {
        PyErr_SetString(PyExc_RuntimeError, "Pickler object is already used");
        return -1;
    }
    self->dumping = true;
    int status = find_overrides(self);
    if (status == 0 && self->protocol >= 2) {
        status = kr_pickle_put_number(self, OP_PROTO, (uint64_t)self->protocol, 1);
    }
    if (status == 0 && self->protocol >= 4) {
        kr_pickle_start_frames(self);
    }
    if (status == 0) {
        status = kr_pickle_save(self, object, true);
    }
    if (status == 0) {
        status = kr_pickle_put(self, OP_STOP);
    }
    if (status == 0) {
        status = kr_pickle_end_frames(self);
    }
    self->framing = false;
    Py_CLEAR(self->persistent_id);
    Py_CLEAR(self->reducer_override);
    self->dumping = false;
    return status;
}
