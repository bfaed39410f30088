// SPDX-License-Identifier: MIT
// sqlite.h - what the files of _sqlite3 share.
//
// Re-entrancy: SQLite runs without the interpreter's lock. Functions that it calls back
//              take the lock first; they may run any Python, also on the same connection.
#ifndef KRAIT_EXT_SQLITE_SQLITE_H
#define KRAIT_EXT_SQLITE_SQLITE_H

#include <Python.h>
#include <sqlite3.h>

#include "base/base.h"

// The DB-API's exceptions: place in SqliteState.errors and SqliteConnection.errors.
typedef enum {
    KR_WARNING,
    KR_ERROR,
    KR_INTERFACE_ERROR,
    KR_DATABASE_ERROR,
    KR_DATA_ERROR,
    KR_OPERATIONAL_ERROR,
    KR_INTEGRITY_ERROR,
    KR_INTERNAL_ERROR,
    KR_PROGRAMMING_ERROR,
    KR_NOT_SUPPORTED_ERROR,
    KR_ERROR_COUNT,
} SqliteError;

typedef struct {
    PyObject *errors[KR_ERROR_COUNT]; // owned, as all that follows
    PyTypeObject *connection_type;
    PyTypeObject *cursor_type;
    PyTypeObject *statement_type;
    PyTypeObject *row_type;
    PyTypeObject *blob_type;
    PyTypeObject *protocol_type;
    PyObject *adapters;   // {(type, protocol): adapter}
    PyObject *converters; // {NAME: converter}
    PyObject *lru_cache;  // functools.lru_cache
    int callback_tracebacks;
    bool base_type_adapted; // somebody adapts int, float, str or bytearray
} SqliteState;

// A callable that SQLite calls, and how to report its errors.
typedef struct SqliteCallback {
    PyObject *callable; // owned
    PyObject *module;   // owned
    SqliteState *state;
    int references; // SQLite's or the connection's, and one for each running call
} SqliteCallback;

enum { KR_AUTOCOMMIT_OFF = 0, KR_AUTOCOMMIT_ON = 1, KR_AUTOCOMMIT_LEGACY = -1 };
enum { KR_PARSE_DECLTYPES = 1, KR_PARSE_COLNAMES = 2 };

typedef struct {
    PyObject_HEAD
    SqliteState *state;
    sqlite3 *db; // NULL when closed
    bool initialized;
    bool check_same_thread;
    int detect_types;
    int autocommit;
    const char *isolation_level; // static, or NULL for none
    unsigned long thread;
    PyObject *statement_cache; // owned: lru_cache over the connection itself
    PyObject *blobs;           // owned list of weak references
    PyObject *row_factory;     // owned
    PyObject *text_factory;    // owned
    SqliteCallback *trace;     // owned, the three
    SqliteCallback *progress;
    SqliteCallback *authorizer;
    PyObject *errors[KR_ERROR_COUNT]; // owned
} SqliteConnection;

typedef struct {
    PyObject_HEAD
    sqlite3_stmt *stmt; // owned
    bool in_use;
    bool is_dml;
} SqliteStatement;

typedef struct {
    PyObject_HEAD
    SqliteConnection *connection; // owned
    PyObject *description;        // owned, as all objects here
    PyObject *row_cast_map;       // list of converters, or NULL
    PyObject *lastrowid;
    PyObject *row_factory;
    SqliteStatement *statement; // being run, or NULL
    long arraysize;
    long long rowcount;
    bool closed;
    bool locked;
    bool initialized;
} SqliteCursor;

typedef struct {
    PyObject_HEAD
    PyObject *data;        // owned tuple
    PyObject *description; // owned
} SqliteRow;

typedef struct {
    PyObject_HEAD
    SqliteConnection *connection; // owned
    sqlite3_blob *blob;           // NULL when closed
    int offset;
} SqliteBlob;

// ---- module.c
SqliteState *kr_sqlite_state(PyTypeObject *type);
// Adapts obj for SQLite: an adapter's result, or alt (new reference), or
// ProgrammingError when alt is NULL.
PyObject *kr_sqlite_adapt(SqliteState *state, PyObject *obj, PyObject *protocol,
                          PyObject *alt);
// Adds names and numbers. 0 or -1.
int kr_sqlite_add_constants(PyObject *module);

// ---- errors.c
const char *kr_sqlite_error_name(int code);
// Sets the exception that db's last error (or code, without a db) asks for. Keeps one
// that is set.
void kr_sqlite_fail(SqliteState *state, sqlite3 *db, int code);

// ---- connection.c
PyTypeObject *kr_connection_type(PyObject *module);
bool kr_connection_check(SqliteConnection *self); // thread and open, or an exception
bool kr_connection_check_thread(SqliteConnection *self);
// Runs a statement without rows. 0 or -1.
int kr_connection_run(SqliteConnection *self, const char *sql);
PyObject *kr_connection_factory_call(SqliteConnection *self, PyObject *factory);
// True when the library is in a transaction.
bool kr_connection_in_transaction(SqliteConnection *self);

// ---- callbacks.c
void kr_callback_free(SqliteCallback *callback); // drops a reference; NULL is nothing

// ---- statement.c
PyTypeObject *kr_statement_type(PyObject *module);
SqliteStatement *kr_statement_new(SqliteConnection *connection, PyObject *sql);
int kr_statement_step(SqliteStatement *self); // without the lock
void kr_statement_reset(SqliteStatement *self);
// Binds a sequence or mapping. 0 or -1.
int kr_statement_bind(SqliteState *state, SqliteStatement *self, PyObject *parameters);

// ---- cursor.c, row.c, blob.c
PyTypeObject *kr_cursor_type(PyObject *module);
PyTypeObject *kr_row_type(PyObject *module);
PyTypeObject *kr_blob_type(PyObject *module);
PyObject *kr_blob_open(SqliteConnection *connection, const char *table,
                       const char *column, sqlite3_int64 row, int readonly,
                       const char *name);
void kr_blob_close(SqliteBlob *self);

#endif // KRAIT_EXT_SQLITE_SQLITE_H
