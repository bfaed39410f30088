// SPDX-License-Identifier: MIT
// errors.c - SQLite's result codes as exceptions.
#include "ext/sqlite/sqlite.h"

static const struct {
    const char *name;
    int code;
} codes[] = {
#define CODE(name) {#name, name}
    CODE(SQLITE_ABORT), CODE(SQLITE_ABORT_ROLLBACK), CODE(SQLITE_AUTH),
    CODE(SQLITE_AUTH_USER), CODE(SQLITE_BUSY), CODE(SQLITE_BUSY_RECOVERY),
    CODE(SQLITE_BUSY_SNAPSHOT), CODE(SQLITE_BUSY_TIMEOUT), CODE(SQLITE_CANTOPEN),
    CODE(SQLITE_CANTOPEN_CONVPATH), CODE(SQLITE_CANTOPEN_DIRTYWAL),
    CODE(SQLITE_CANTOPEN_FULLPATH), CODE(SQLITE_CANTOPEN_ISDIR),
    CODE(SQLITE_CANTOPEN_NOTEMPDIR), CODE(SQLITE_CANTOPEN_SYMLINK),
    CODE(SQLITE_CONSTRAINT), CODE(SQLITE_CONSTRAINT_CHECK),
    CODE(SQLITE_CONSTRAINT_COMMITHOOK), CODE(SQLITE_CONSTRAINT_FOREIGNKEY),
    CODE(SQLITE_CONSTRAINT_FUNCTION), CODE(SQLITE_CONSTRAINT_NOTNULL),
    CODE(SQLITE_CONSTRAINT_PINNED), CODE(SQLITE_CONSTRAINT_PRIMARYKEY),
    CODE(SQLITE_CONSTRAINT_ROWID), CODE(SQLITE_CONSTRAINT_TRIGGER),
    CODE(SQLITE_CONSTRAINT_UNIQUE), CODE(SQLITE_CONSTRAINT_VTAB),
    CODE(SQLITE_CORRUPT), CODE(SQLITE_CORRUPT_INDEX), CODE(SQLITE_CORRUPT_SEQUENCE),
    CODE(SQLITE_CORRUPT_VTAB), CODE(SQLITE_DONE), CODE(SQLITE_EMPTY),
    CODE(SQLITE_ERROR), CODE(SQLITE_ERROR_MISSING_COLLSEQ), CODE(SQLITE_ERROR_RETRY),
    CODE(SQLITE_ERROR_SNAPSHOT), CODE(SQLITE_FORMAT), CODE(SQLITE_FULL),
    CODE(SQLITE_INTERNAL), CODE(SQLITE_INTERRUPT), CODE(SQLITE_IOERR),
    CODE(SQLITE_IOERR_ACCESS), CODE(SQLITE_IOERR_AUTH),
    CODE(SQLITE_IOERR_BEGIN_ATOMIC), CODE(SQLITE_IOERR_BLOCKED),
    CODE(SQLITE_IOERR_CHECKRESERVEDLOCK), CODE(SQLITE_IOERR_CLOSE),
    CODE(SQLITE_IOERR_COMMIT_ATOMIC), CODE(SQLITE_IOERR_CONVPATH),
    CODE(SQLITE_IOERR_CORRUPTFS), CODE(SQLITE_IOERR_DATA), CODE(SQLITE_IOERR_DELETE),
    CODE(SQLITE_IOERR_DELETE_NOENT), CODE(SQLITE_IOERR_DIR_CLOSE),
    CODE(SQLITE_IOERR_DIR_FSYNC), CODE(SQLITE_IOERR_FSTAT), CODE(SQLITE_IOERR_FSYNC),
    CODE(SQLITE_IOERR_GETTEMPPATH), CODE(SQLITE_IOERR_LOCK), CODE(SQLITE_IOERR_MMAP),
    CODE(SQLITE_IOERR_NOMEM), CODE(SQLITE_IOERR_RDLOCK), CODE(SQLITE_IOERR_READ),
    CODE(SQLITE_IOERR_ROLLBACK_ATOMIC), CODE(SQLITE_IOERR_SEEK),
    CODE(SQLITE_IOERR_SHMLOCK), CODE(SQLITE_IOERR_SHMMAP), CODE(SQLITE_IOERR_SHMOPEN),
    CODE(SQLITE_IOERR_SHMSIZE), CODE(SQLITE_IOERR_SHORT_READ),
    CODE(SQLITE_IOERR_TRUNCATE), CODE(SQLITE_IOERR_UNLOCK), CODE(SQLITE_IOERR_VNODE),
    CODE(SQLITE_IOERR_WRITE), CODE(SQLITE_LOCKED), CODE(SQLITE_LOCKED_SHAREDCACHE),
    CODE(SQLITE_LOCKED_VTAB), CODE(SQLITE_MISMATCH), CODE(SQLITE_MISUSE),
    CODE(SQLITE_NOLFS), CODE(SQLITE_NOMEM), CODE(SQLITE_NOTADB),
    CODE(SQLITE_NOTFOUND), CODE(SQLITE_NOTICE), CODE(SQLITE_NOTICE_RECOVER_ROLLBACK),
    CODE(SQLITE_NOTICE_RECOVER_WAL), CODE(SQLITE_OK),
    CODE(SQLITE_OK_LOAD_PERMANENTLY), CODE(SQLITE_OK_SYMLINK), CODE(SQLITE_PERM),
    CODE(SQLITE_PROTOCOL), CODE(SQLITE_RANGE), CODE(SQLITE_READONLY),
    CODE(SQLITE_READONLY_CANTINIT), CODE(SQLITE_READONLY_CANTLOCK),
    CODE(SQLITE_READONLY_DBMOVED), CODE(SQLITE_READONLY_DIRECTORY),
    CODE(SQLITE_READONLY_RECOVERY), CODE(SQLITE_READONLY_ROLLBACK), CODE(SQLITE_ROW),
    CODE(SQLITE_SCHEMA), CODE(SQLITE_TOOBIG), CODE(SQLITE_WARNING),
    CODE(SQLITE_WARNING_AUTOINDEX),
#undef CODE
};

const char *
kr_sqlite_error_name(int code)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(codes); i++) {
        if (codes[i].code == code) {
            return codes[i].name;
        }
    }
    return NULL;
}

// The exception for a primary result code; KR_ERROR_COUNT for MemoryError.
static SqliteError
kind_of(int code)
{
    switch (code) {
    case SQLITE_INTERNAL:
    case SQLITE_NOTFOUND:
        return KR_INTERNAL_ERROR;
    case SQLITE_NOMEM:
        return KR_ERROR_COUNT;
    case SQLITE_ERROR:
    case SQLITE_PERM:
    case SQLITE_ABORT:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_EMPTY:
    case SQLITE_SCHEMA:
        return KR_OPERATIONAL_ERROR;
    case SQLITE_TOOBIG:
        return KR_DATA_ERROR;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return KR_INTEGRITY_ERROR;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return KR_INTERFACE_ERROR;
    default:
        return KR_DATABASE_ERROR;
    }
}

// exception.sqlite_errorcode and exception.sqlite_errorname. 0 or -1.
static int
add_details(PyObject *exception, int extended)
{
    const char *name = kr_sqlite_error_name(extended);
    PyObject *code = PyLong_FromLong(extended);
    PyObject *text = PyUnicode_FromString(name == NULL ? "unknown" : name);
    int status = -1;

    if (code != NULL && text != NULL &&
        PyObject_SetAttrString(exception, "sqlite_errorcode", code) == 0 &&
        PyObject_SetAttrString(exception, "sqlite_errorname", text) == 0) {
        status = 0;
    }
    Py_XDECREF(code);
    Py_XDECREF(text);
    return status;
}

void
kr_sqlite_fail(SqliteState *state, sqlite3 *db, int code)
{
    int extended = db == NULL ? code : sqlite3_extended_errcode(db);
    SqliteError kind = kind_of((db == NULL ? code : sqlite3_errcode(db)) & 0xff);
    const char *text = db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(db);

    if (PyErr_Occurred()) {
        return;
    }
    if (kind == KR_ERROR_COUNT) {
        PyErr_NoMemory();
        return;
    }
    PyObject *exception = PyObject_CallFunction(state->errors[kind], "s", text);
    if (exception == NULL) {
        return;
    }
    if (add_details(exception, extended) == 0) {
        PyErr_SetObject(state->errors[kind], exception);
    }
    Py_DECREF(exception);
}
