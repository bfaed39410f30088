// SPDX-License-Identifier: MIT
// control.c - methods of sqlite3.Connection for the library itself: backup, whole
// databases as bytes, limits, configuration, extensions.
#include "ext/sqlite/sqlite.h"

#include <string.h>

#include "objects/args.h"

// ---- backup -------------------------------------------------------------------

// Tells the progress callback how far it got. 0 or -1.
static int
tell_progress(PyObject *progress, int rc, sqlite3_backup *backup)
{
    if (progress == Py_None) {
        return 0;
    }
    PyObject *result = PyObject_CallFunction(progress, "iii", rc,
                                             sqlite3_backup_remaining(backup),
                                             sqlite3_backup_pagecount(backup));
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

// Copies step by step. SQLite's result, or -1 with an exception.
static int
run_backup(sqlite3_backup *backup, int pages, PyObject *progress, int pause)
{
    int rc;

    do {
        Py_BEGIN_ALLOW_THREADS
        rc = sqlite3_backup_step(backup, pages);
        Py_END_ALLOW_THREADS
        if (tell_progress(progress, rc, backup) < 0) {
            return -1;
        }
        if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) {
            Py_BEGIN_ALLOW_THREADS
            sqlite3_sleep(pause);
            Py_END_ALLOW_THREADS
            if (PyErr_CheckSignals() < 0) {
                return -1;
            }
        }
    } while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
    return rc;
}

KR_METHOD(sqlite_connection,
          "backup(self, target, *, pages=-1, progress=None, name='main', sleep=0.25)",
          "Makes a backup of the database.")
static PyObject *
connection_backup(SqliteConnection *self, PyObject *target, int pages, PyObject *progress,
                  const char *name, double sleep)
{
    SqliteConnection *other = (SqliteConnection *)target;

    if (!kr_connection_check(self)) {
        return NULL;
    }
    if (!PyObject_TypeCheck(target, self->state->connection_type)) {
        kr_arg_bad("backup", "argument 'target'", "sqlite3.Connection", target);
        return NULL;
    }
    if (!kr_connection_check(other)) {
        return NULL;
    }
    if (other == self) {
        PyErr_SetString(PyExc_ValueError, "target cannot be the same connection instance");
        return NULL;
    }
    if (progress != Py_None && !PyCallable_Check(progress)) {
        PyErr_SetString(PyExc_TypeError, "progress argument must be a callable");
        return NULL;
    }
    if (!(sleep >= 0 && sleep <= INT_MAX / 1000)) {
        PyErr_SetString(PyExc_ValueError, "sleep must be greater-than or equal to zero");
        return NULL;
    }
    sqlite3_backup *backup;
    Py_BEGIN_ALLOW_THREADS
    backup = sqlite3_backup_init(other->db, "main", self->db, name);
    Py_END_ALLOW_THREADS
    if (backup == NULL) {
        kr_sqlite_fail(self->state, other->db, SQLITE_ERROR);
        return NULL;
    }
    int rc = run_backup(backup, pages == 0 ? -1 : pages, progress, (int)(sleep * 1000));
    int end;
    Py_BEGIN_ALLOW_THREADS
    end = sqlite3_backup_finish(backup);
    Py_END_ALLOW_THREADS
    if (rc == -1) {
        return NULL;
    }
    if (end != SQLITE_OK) {
        kr_sqlite_fail(self->state, other->db, end);
        return NULL;
    }
    Py_RETURN_NONE;
}

// ---- databases as bytes -----------------------------------------------------------

KR_METHOD(sqlite_connection, "serialize(self, /, *, name='main')",
          "Serialize a database into a byte string.\n\n"
          "For an ordinary file the result is a copy of it.")
static PyObject *
connection_serialize(SqliteConnection *self, const char *name)
{
    sqlite3_int64 size;
    unsigned char *data;
    bool owned = false;

    if (!kr_connection_check(self)) {
        return NULL;
    }
    // A database in memory need not be copied twice.
    data = sqlite3_serialize(self->db, name, &size, SQLITE_SERIALIZE_NOCOPY);
    if (data == NULL) {
        Py_BEGIN_ALLOW_THREADS
        data = sqlite3_serialize(self->db, name, &size, 0);
        Py_END_ALLOW_THREADS
        owned = true;
    }
    if (data == NULL) {
        PyErr_Format(self->state->errors[KR_OPERATIONAL_ERROR], "unable to serialize '%s'",
                     name);
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize((char *)data, (Py_ssize_t)size);
    if (owned) {
        sqlite3_free(data);
    }
    return result;
}

KR_METHOD(sqlite_connection, "deserialize(self, data: text, /, *, name='main')",
          "Load a serialized database.\n\n"
          "It takes the place of the database called name, in memory.")
static PyObject *
connection_deserialize(SqliteConnection *self, Py_buffer *data, const char *name)
{
    int rc;

    if (!kr_connection_check(self)) {
        return NULL;
    }
    unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)data->len);
    if (copy == NULL && data->len > 0) {
        return PyErr_NoMemory();
    }
    if (data->len > 0) {
        memcpy(copy, data->buf, (size_t)data->len);
    }
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_deserialize(self->db, name, copy, data->len, data->len,
                             SQLITE_DESERIALIZE_FREEONCLOSE |
                                 SQLITE_DESERIALIZE_RESIZEABLE);
    Py_END_ALLOW_THREADS
    if (rc != SQLITE_OK) {
        // The copy is SQLite's even then.
        kr_sqlite_fail(self->state, self->db, rc);
        return NULL;
    }
    Py_RETURN_NONE;
}

// ---- limits and configuration --------------------------------------------------------

static PyObject *
limit(SqliteConnection *self, int category, int value)
{
    if (!kr_connection_check(self)) {
        return NULL;
    }
    int old = sqlite3_limit(self->db, category, value);
    if (old < 0) {
        PyErr_SetString(self->state->errors[KR_PROGRAMMING_ERROR],
                        "'category' is out of bounds");
        return NULL;
    }
    return PyLong_FromLong(old);
}

KR_METHOD(sqlite_connection, "setlimit(self, category, limit, /)",
          "Set connection run-time limits; returns the old one.\n\n"
          "Limits above the hard upper bound are lowered to it.")
static PyObject *
connection_setlimit(SqliteConnection *self, int category, int value)
{
    return limit(self, category, value);
}

KR_METHOD(sqlite_connection, "getlimit(self, category, /)", "Get connection run-time limits.")
static PyObject *
connection_getlimit(SqliteConnection *self, int category)
{
    return limit(self, category, -1);
}

// Whether op is one of the switches that take an int and give one.
static bool
check_config(int op)
{
    if (op >= SQLITE_DBCONFIG_ENABLE_FKEY && op <= SQLITE_DBCONFIG_TRUSTED_SCHEMA) {
        return true;
    }
    PyErr_Format(PyExc_ValueError, "unknown config 'op': %d", op);
    return false;
}

KR_METHOD(sqlite_connection, "setconfig(self, op, enable=True, /)",
          "Set a boolean connection configuration option.")
static PyObject *
connection_setconfig(SqliteConnection *self, int op, bool enable)
{
    int actual;

    if (!kr_connection_check(self) || !check_config(op)) {
        return NULL;
    }
    int rc = sqlite3_db_config(self->db, op, (int)enable, &actual);
    if (rc != SQLITE_OK) {
        kr_sqlite_fail(self->state, self->db, rc);
        return NULL;
    }
    if (enable != actual) {
        PyErr_SetString(self->state->errors[KR_OPERATIONAL_ERROR], "Unable to set config");
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(sqlite_connection, "getconfig(self, op, /)",
          "Query a boolean connection configuration option.")
static PyObject *
connection_getconfig(SqliteConnection *self, int op)
{
    int current;

    if (!kr_connection_check(self) || !check_config(op)) {
        return NULL;
    }
    int rc = sqlite3_db_config(self->db, op, -1, &current);
    if (rc != SQLITE_OK) {
        kr_sqlite_fail(self->state, self->db, rc);
        return NULL;
    }
    return PyBool_FromLong(current);
}

// ---- extensions -------------------------------------------------------------------------

KR_METHOD(sqlite_connection, "enable_load_extension(self, enable, /)",
          "Enable dynamic loading of SQLite extension modules.")
static PyObject *
connection_enable_load_extension(SqliteConnection *self, bool enable)
{
    if (!kr_connection_check(self) ||
        PySys_Audit("sqlite3.enable_load_extension", "OO", self,
                    enable ? Py_True : Py_False) < 0) {
        return NULL;
    }
    if (sqlite3_enable_load_extension(self->db, enable) != SQLITE_OK) {
        PyErr_SetString(self->state->errors[KR_OPERATIONAL_ERROR],
                        "Error enabling load extension");
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(sqlite_connection, "load_extension(self, name, /, *, entrypoint: str | None=None)",
          "Load SQLite extension module.")
static PyObject *
connection_load_extension(SqliteConnection *self, const char *name, const char *entrypoint)
{
    char *message = NULL;
    int rc;

    if (!kr_connection_check(self) ||
        PySys_Audit("sqlite3.load_extension", "Os", self, name) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_load_extension(self->db, name, entrypoint, &message);
    Py_END_ALLOW_THREADS
    if (rc != SQLITE_OK) {
        if (message != NULL) {
            PyErr_SetString(self->state->errors[KR_OPERATIONAL_ERROR], message);
            sqlite3_free(message);
        }
        else {
            kr_sqlite_fail(self->state, self->db, rc);
        }
        return NULL;
    }
    Py_RETURN_NONE;
}

#include "ext/sqlite/control.methods.h"
