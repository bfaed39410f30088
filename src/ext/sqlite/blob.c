// SPDX-License-Identifier: MIT
// blob.c - sqlite3.Blob: incremental reading and writing of one value.
#include "ext/sqlite/sqlite.h"

#include <string.h>

#include "objects/args.h"

// ---- life -------------------------------------------------------------------

void
kr_blob_close(SqliteBlob *self)
{
    sqlite3_blob *blob = KR_MOVE(self->blob);

    if (blob != NULL) {
        Py_BEGIN_ALLOW_THREADS
        sqlite3_blob_close(blob);
        Py_END_ALLOW_THREADS
    }
}

static int
blob_traverse(SqliteBlob *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->connection);
    return 0;
}

static int
blob_clear(SqliteBlob *self)
{
    Py_CLEAR(self->connection);
    return 0;
}

static void
blob_dealloc(SqliteBlob *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    kr_blob_close(self);
    PyObject_ClearWeakRefs((PyObject *)self);
    blob_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

// Drops references to blobs that are gone. 0 or -1.
static int
remember_blob(SqliteConnection *connection, SqliteBlob *blob)
{
    PyObject *reference = PyWeakref_NewRef((PyObject *)blob, NULL);
    int status = reference == NULL ? -1 : PyList_Append(connection->blobs, reference);

    Py_XDECREF(reference);
    for (Py_ssize_t i = PyList_GET_SIZE(connection->blobs) - 1; status == 0 && i >= 0;
         i--) {
        PyObject *object;
        int alive = PyWeakref_GetRef(PyList_GET_ITEM(connection->blobs, i), &object);
        Py_XDECREF(object);
        if (alive < 0 ||
            (alive == 0 && PyList_SetSlice(connection->blobs, i, i + 1, NULL) < 0)) {
            status = -1;
        }
    }
    return status;
}

PyObject *
kr_blob_open(SqliteConnection *connection, const char *table, const char *column,
             sqlite3_int64 row, int readonly, const char *name)
{
    SqliteState *state = connection->state;
    sqlite3_blob *blob = NULL;
    int rc;

    if (!kr_connection_check(connection)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_blob_open(connection->db, name, table, column, row, !readonly, &blob);
    Py_END_ALLOW_THREADS
    if (rc != SQLITE_OK) {
        kr_sqlite_fail(state, rc == SQLITE_MISUSE ? NULL : connection->db, rc);
        return NULL;
    }
    SqliteBlob *self = (SqliteBlob *)state->blob_type->tp_alloc(state->blob_type, 0);
    if (self == NULL) {
        sqlite3_blob_close(blob);
        return NULL;
    }
    self->connection = (SqliteConnection *)Py_NewRef(connection);
    self->blob = blob;
    if (remember_blob(connection, self) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static bool
blob_check(SqliteBlob *self)
{
    if (!kr_connection_check(self->connection)) {
        return false;
    }
    if (self->blob == NULL) {
        PyErr_SetString(self->connection->state->errors[KR_PROGRAMMING_ERROR],
                        "Cannot operate on a closed blob.");
        return false;
    }
    return true;
}

KR_METHOD(sqlite_blob, "close(self, /)", "Close the blob.")
static PyObject *
blob_close_method(SqliteBlob *self)
{
    if (!kr_connection_check(self->connection)) {
        return NULL;
    }
    kr_blob_close(self);
    Py_RETURN_NONE;
}

// ---- reading and writing -----------------------------------------------------------

static PyObject *
blob_failed(SqliteBlob *self, int rc)
{
    SqliteState *state = self->connection->state;

    if (rc == SQLITE_ABORT) {
        PyErr_SetString(state->errors[KR_OPERATIONAL_ERROR],
                        "Cannot operate on an expired blob handle");
    }
    else {
        kr_sqlite_fail(state, self->connection->db, rc);
    }
    return NULL;
}

static PyObject *
read_part(SqliteBlob *self, Py_ssize_t length, Py_ssize_t offset)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    int rc;

    if (bytes == NULL) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_blob_read(self->blob, PyBytes_AS_STRING(bytes), (int)length, (int)offset);
    Py_END_ALLOW_THREADS
    if (rc != SQLITE_OK) {
        Py_DECREF(bytes);
        return blob_failed(self, rc);
    }
    return bytes;
}

static int
write_part(SqliteBlob *self, const void *data, Py_ssize_t length, Py_ssize_t offset)
{
    int size = sqlite3_blob_bytes(self->blob);
    int rc;

    if (length > size - offset) {
        PyErr_SetString(PyExc_ValueError, "data longer than blob");
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_blob_write(self->blob, data, (int)length, (int)offset);
    Py_END_ALLOW_THREADS
    if (rc != SQLITE_OK) {
        blob_failed(self, rc);
        return -1;
    }
    return 0;
}

KR_METHOD(sqlite_blob, "read(self, length=-1, /)",
          "Read data at the current offset position.\n\n"
          "Without a length, or with a negative one, all up to the end is read.")
static PyObject *
blob_read(SqliteBlob *self, int length)
{
    if (!blob_check(self)) {
        return NULL;
    }
    int rest = sqlite3_blob_bytes(self->blob) - self->offset;
    if (length < 0 || length > rest) {
        length = rest;
    }
    if (length == 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    PyObject *bytes = read_part(self, length, self->offset);
    if (bytes != NULL) {
        self->offset += length;
    }
    return bytes;
}

KR_METHOD(sqlite_blob, "write(self, data, /)",
          "Write data at the current offset.\n\n"
          "This function cannot change the blob length.")
static PyObject *
blob_write(SqliteBlob *self, Py_buffer *data)
{
    if (!blob_check(self) || write_part(self, data->buf, data->len, self->offset) < 0) {
        return NULL;
    }
    self->offset += (int)data->len;
    Py_RETURN_NONE;
}

KR_METHOD(sqlite_blob, "seek(self, offset, origin=0, /)",
          "Set the current access position to offset.\n\n"
          "The origin is os.SEEK_SET, os.SEEK_CUR or os.SEEK_END.")
static PyObject *
blob_seek(SqliteBlob *self, int offset, int origin)
{
    if (!blob_check(self)) {
        return NULL;
    }
    long long size = sqlite3_blob_bytes(self->blob);
    long long at;
    switch (origin) {
    case SEEK_SET:
        at = offset;
        break;
    case SEEK_CUR:
        at = (long long)self->offset + offset;
        break;
    case SEEK_END:
        at = size + offset;
        break;
    default:
        PyErr_SetString(PyExc_ValueError,
                        "'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END");
        return NULL;
    }
    if (at > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "seek offset results in offset too large");
        return NULL;
    }
    if (at < 0 || at > size) {
        PyErr_SetString(PyExc_ValueError, "offset out of blob range");
        return NULL;
    }
    self->offset = (int)at;
    Py_RETURN_NONE;
}

KR_METHOD(sqlite_blob, "tell(self, /)", "Return the current access position for the blob.")
static PyObject *
blob_tell(SqliteBlob *self)
{
    return blob_check(self) ? PyLong_FromLong(self->offset) : NULL;
}

KR_METHOD(sqlite_blob, "__enter__(self, /)", "Blob context manager enter.")
static PyObject *
blob_enter(SqliteBlob *self)
{
    return blob_check(self) ? Py_NewRef(self) : NULL;
}

KR_METHOD(sqlite_blob, "__exit__(self, type, val, tb, /)", "Blob context manager exit.")
static PyObject *
blob_exit(SqliteBlob *self, PyObject *type, PyObject *val, PyObject *tb)
{
    if (!blob_check(self)) {
        return NULL;
    }
    kr_blob_close(self);
    Py_RETURN_FALSE;
}

// ---- as a sequence ------------------------------------------------------------------

static Py_ssize_t
blob_length(SqliteBlob *self)
{
    return blob_check(self) ? sqlite3_blob_bytes(self->blob) : -1;
}

// An index within the blob, or -1 with an exception.
static Py_ssize_t
blob_index(SqliteBlob *self, PyObject *key)
{
    Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);

    if (i == -1 && PyErr_Occurred()) {
        return -1;
    }
    int size = sqlite3_blob_bytes(self->blob);
    i += i < 0 ? size : 0;
    if (i < 0 || i >= size) {
        PyErr_SetString(PyExc_IndexError, "Blob index out of range");
        return -1;
    }
    return i;
}

// Resolves a slice, whose length is in items. 0 or -1.
static int
blob_slice(SqliteBlob *self, PyObject *key, Py_ssize_t *start, Py_ssize_t *step,
           Py_ssize_t *length)
{
    Py_ssize_t stop;

    if (PySlice_Unpack(key, start, &stop, step) < 0) {
        return -1;
    }
    *length = PySlice_AdjustIndices(sqlite3_blob_bytes(self->blob), start, &stop, *step);
    if (*length > 0 && *step < 0) {
        PyErr_SetString(PyExc_ValueError,
                        "Blob doesn't support slices with a negative step");
        return -1;
    }
    return 0;
}

static PyObject *
read_slice(SqliteBlob *self, PyObject *key)
{
    Py_ssize_t start, step, length;

    if (blob_slice(self, key, &start, &step, &length) < 0) {
        return NULL;
    }
    if (length <= 0) {
        return PyBytes_FromStringAndSize(NULL, 0);
    }
    if (step == 1) {
        return read_part(self, length, start);
    }
    PyObject *all = read_part(self, (length - 1) * step + 1, start);
    PyObject *result = all == NULL ? NULL : PyBytes_FromStringAndSize(NULL, length);
    for (Py_ssize_t i = 0; result != NULL && i < length; i++) {
        PyBytes_AS_STRING(result)[i] = PyBytes_AS_STRING(all)[i * step];
    }
    Py_XDECREF(all);
    return result;
}

static PyObject *
blob_subscript(SqliteBlob *self, PyObject *key)
{
    if (!blob_check(self)) {
        return NULL;
    }
    if (PyIndex_Check(key)) {
        Py_ssize_t i = blob_index(self, key);
        PyObject *bytes = i < 0 ? NULL : read_part(self, 1, i);
        if (bytes == NULL) {
            return NULL;
        }
        PyObject *number = PyLong_FromLong((unsigned char)PyBytes_AS_STRING(bytes)[0]);
        Py_DECREF(bytes);
        return number;
    }
    if (PySlice_Check(key)) {
        return read_slice(self, key);
    }
    PyErr_SetString(PyExc_TypeError, "Blob indices must be integers");
    return NULL;
}

static int
write_item(SqliteBlob *self, PyObject *key, PyObject *value)
{
    Py_ssize_t i = blob_index(self, key);

    if (i < 0) {
        return -1;
    }
    if (!PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "'%s' object cannot be interpreted as an integer",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    long number = PyLong_AsLong(value);
    if (number == -1 && PyErr_Occurred()) {
        PyErr_Clear();
    }
    if (number < 0 || number > 255) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    unsigned char byte = (unsigned char)number;
    return write_part(self, &byte, 1, i);
}

static int
write_slice(SqliteBlob *self, PyObject *key, PyObject *value)
{
    Py_ssize_t start, step, length;
    Py_buffer view;
    int status = -1;

    if (blob_slice(self, key, &start, &step, &length) < 0 ||
        PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view.len != length) {
        PyErr_SetString(PyExc_IndexError, "Blob slice assignment is wrong size");
    }
    else if (length <= 0) {
        status = 0;
    }
    else if (step == 1) {
        status = write_part(self, view.buf, view.len, start);
    }
    else {
        Py_ssize_t span = (length - 1) * step + 1;
        PyObject *all = read_part(self, span, start);
        if (all != NULL) {
            for (Py_ssize_t i = 0; i < length; i++) {
                PyBytes_AS_STRING(all)[i * step] = ((char *)view.buf)[i];
            }
            status = write_part(self, PyBytes_AS_STRING(all), span, start);
            Py_DECREF(all);
        }
    }
    PyBuffer_Release(&view);
    return status;
}

static int
blob_assign(SqliteBlob *self, PyObject *key, PyObject *value)
{
    if (!blob_check(self)) {
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, PySlice_Check(key)
                                             ? "Blob doesn't support slice deletion"
                                             : "Blob doesn't support item deletion");
        return -1;
    }
    if (PyIndex_Check(key)) {
        return write_item(self, key, value);
    }
    if (PySlice_Check(key)) {
        return write_slice(self, key, value);
    }
    PyErr_SetString(PyExc_TypeError, "Blob indices must be integers");
    return -1;
}

KR_TYPE(sqlite_blob)
#include "ext/sqlite/blob.methods.h"

PyTypeObject *
kr_blob_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, blob_dealloc},
        {Py_tp_traverse, blob_traverse},
        {Py_tp_clear, blob_clear},
        {Py_tp_methods, sqlite_blob_methods},
        {Py_mp_length, blob_length},
        {Py_mp_subscript, blob_subscript},
        {Py_mp_ass_subscript, blob_assign},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "sqlite3.Blob",
        .basicsize = sizeof(SqliteBlob),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                 Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
