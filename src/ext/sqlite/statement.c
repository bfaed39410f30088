// SPDX-License-Identifier: MIT
// statement.c - prepared statements and their parameters.
#include "ext/sqlite/sqlite.h"

#include <string.h>

// ---- what a text of SQL is -------------------------------------------------------

// Skips blanks and comments. NULL when nothing else follows.
static const char *
skip_blank(const char *sql)
{
    for (const char *at = sql; *at != '\0'; at++) {
        switch (*at) {
        case ' ':
        case '\t':
        case '\f':
        case '\n':
        case '\r':
            break;
        case '-':
            if (at[1] != '-') {
                return at;
            }
            at = strchr(at, '\n');
            if (at == NULL) {
                return NULL;
            }
            break;
        case '/':
            if (at[1] != '*') {
                return at;
            }
            at = strstr(at + 2, "*/");
            if (at == NULL) {
                return NULL;
            }
            at++;
            break;
        default:
            return at;
        }
    }
    return NULL;
}

static bool
changes_data(const char *sql)
{
    static const char *const words[] = {"insert", "update", "delete", "replace"};

    for (size_t i = 0; i < Py_ARRAY_LENGTH(words); i++) {
        if (PyOS_strnicmp(sql, words[i], (Py_ssize_t)strlen(words[i])) == 0) {
            return true;
        }
    }
    return false;
}

// ---- making and stepping ------------------------------------------------------------

// Compiles. NULL with an exception.
static sqlite3_stmt *
prepare(SqliteConnection *connection, const char *text, Py_ssize_t size)
{
    SqliteState *state = connection->state;
    sqlite3 *db = connection->db;
    sqlite3_stmt *stmt = NULL;
    const char *tail = "";
    int most = sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, -1);
    int rc;

    if (size > most) {
        PyErr_SetString(state->errors[KR_DATA_ERROR], "query string is too large");
        return NULL;
    }
    if (strlen(text) != (size_t)size) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "the query contains a null character");
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_prepare_v2(db, text, (int)size + 1, &stmt, &tail);
    Py_END_ALLOW_THREADS
    if (rc != SQLITE_OK) {
        kr_sqlite_fail(state, db, rc);
        return NULL;
    }
    if (skip_blank(tail) != NULL) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "You can only execute one statement at a time.");
        sqlite3_finalize(stmt);
        return NULL;
    }
    // NULL without an exception for a text without a statement: it is done at once.
    return stmt;
}

SqliteStatement *
kr_statement_new(SqliteConnection *connection, PyObject *sql)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(sql, &size);

    if (text == NULL) {
        return NULL;
    }
    sqlite3_stmt *stmt = prepare(connection, text, size);
    if (stmt == NULL && PyErr_Occurred()) {
        return NULL;
    }
    SqliteStatement *self = PyObject_GC_New(SqliteStatement,
                                            connection->state->statement_type);
    if (self == NULL) {
        sqlite3_finalize(stmt);
        return NULL;
    }
    const char *first = skip_blank(text);
    self->stmt = stmt;
    self->in_use = false;
    self->is_dml = first != NULL && changes_data(first);
    PyObject_GC_Track(self);
    return self;
}

int
kr_statement_step(SqliteStatement *self)
{
    int rc;

    if (self->stmt == NULL) {
        return SQLITE_DONE;
    }
    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_step(self->stmt);
    Py_END_ALLOW_THREADS
    return rc;
}

void
kr_statement_reset(SqliteStatement *self)
{
    if (self->stmt != NULL && self->in_use) {
        Py_BEGIN_ALLOW_THREADS
        sqlite3_reset(self->stmt);
        Py_END_ALLOW_THREADS
    }
    self->in_use = false;
}

static void
statement_dealloc(SqliteStatement *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    if (self->stmt != NULL) {
        sqlite3_stmt *stmt = KR_MOVE(self->stmt);
        Py_BEGIN_ALLOW_THREADS
        sqlite3_finalize(stmt);
        Py_END_ALLOW_THREADS
    }
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static int
statement_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

PyTypeObject *
kr_statement_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, statement_dealloc},
        {Py_tp_traverse, statement_traverse},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "sqlite3.Statement",
        .basicsize = sizeof(SqliteStatement),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                 Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}

// ---- parameters ---------------------------------------------------------------------

static bool
needs_adapting(SqliteState *state, PyObject *value)
{
    return state->base_type_adapted ||
           !(PyLong_CheckExact(value) || PyFloat_CheckExact(value) ||
             PyUnicode_CheckExact(value) || PyByteArray_CheckExact(value) ||
             value == Py_None);
}

static int
bind_text(sqlite3_stmt *stmt, int position, PyObject *value)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(value, &size);

    if (text == NULL) {
        return -1;
    }
    if (size > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "string longer than INT_MAX bytes");
        return -1;
    }
    return sqlite3_bind_text(stmt, position, text, (int)size, SQLITE_TRANSIENT);
}

static int
bind_blob(sqlite3_stmt *stmt, int position, PyObject *value)
{
    Py_buffer view;

    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int rc = -1;
    if (view.len > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "BLOB longer than INT_MAX bytes");
    }
    else {
        rc = sqlite3_bind_blob(stmt, position, view.buf, (int)view.len, SQLITE_TRANSIENT);
    }
    PyBuffer_Release(&view);
    return rc;
}

// A result code of SQLite, or -1 with an exception.
static int
bind_value(SqliteState *state, sqlite3_stmt *stmt, int position, PyObject *value)
{
    if (value == Py_None) {
        return sqlite3_bind_null(stmt, position);
    }
    if (PyLong_Check(value)) {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow != 0) {
            PyErr_SetString(PyExc_OverflowError,
                            "Python int too large to convert to SQLite INTEGER");
            return -1;
        }
        return number == -1 && PyErr_Occurred()
                   ? -1
                   : sqlite3_bind_int64(stmt, position, number);
    }
    if (PyFloat_Check(value)) {
        return sqlite3_bind_double(stmt, position, PyFloat_AS_DOUBLE(value));
    }
    if (PyUnicode_Check(value)) {
        return bind_text(stmt, position, value);
    }
    if (PyObject_CheckBuffer(value)) {
        return bind_blob(stmt, position, value);
    }
    PyErr_Format(state->errors[KR_PROGRAMMING_ERROR],
                 "Error binding parameter %d: type '%s' is not supported", position,
                 Py_TYPE(value)->tp_name);
    return -1;
}

// Adapts and binds one value, taking over the reference. 0 or -1.
static int
bind_one(SqliteState *state, SqliteStatement *self, int position, PyObject *value)
{
    if (value != NULL && needs_adapting(state, value)) {
        Py_SETREF(value, kr_sqlite_adapt(state, value, (PyObject *)state->protocol_type,
                                         value));
    }
    if (value == NULL) {
        return -1;
    }
    int rc = bind_value(state, self->stmt, position, value);
    Py_DECREF(value);
    if (rc != SQLITE_OK) {
        if (!PyErr_Occurred()) {
            kr_sqlite_fail(state, sqlite3_db_handle(self->stmt), rc);
        }
        return -1;
    }
    return 0;
}

static int
bind_sequence(SqliteState *state, SqliteStatement *self, PyObject *parameters, int needed)
{
    Py_ssize_t given = PySequence_Size(parameters);

    if (given < 0) {
        return -1;
    }
    if (given != needed) {
        PyErr_Format(state->errors[KR_PROGRAMMING_ERROR],
                     "Incorrect number of bindings supplied. The current statement uses "
                     "%d, and there are %zd supplied.",
                     needed, given);
        return -1;
    }
    for (int i = 1; i <= needed; i++) {
        const char *name = sqlite3_bind_parameter_name(self->stmt, i);
        if (name != NULL && name[0] != '?') {
            PyErr_Format(state->errors[KR_PROGRAMMING_ERROR],
                         "Binding %d ('%s') is a named parameter, but you supplied a "
                         "sequence which requires nameless (qmark) placeholders.",
                         i, name);
            return -1;
        }
        PyObject *value = PySequence_GetItem(parameters, i - 1);
        if (bind_one(state, self, i, value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
bind_mapping(SqliteState *state, SqliteStatement *self, PyObject *parameters, int needed)
{
    for (int i = 1; i <= needed; i++) {
        const char *name = sqlite3_bind_parameter_name(self->stmt, i);
        if (name == NULL) {
            PyErr_Format(state->errors[KR_PROGRAMMING_ERROR],
                         "Binding %d has no name, but you supplied a dictionary (which "
                         "has only names).",
                         i);
            return -1;
        }
        PyObject *key = PyUnicode_FromString(name + 1);
        PyObject *value = NULL;
        if (key == NULL || PyMapping_GetOptionalItem(parameters, key, &value) < 0) {
            Py_XDECREF(key);
            return -1;
        }
        Py_DECREF(key);
        if (value == NULL) {
            PyErr_Format(state->errors[KR_PROGRAMMING_ERROR],
                         "You did not supply a value for binding parameter :%s.",
                         name + 1);
            return -1;
        }
        if (bind_one(state, self, i, value) < 0) {
            return -1;
        }
    }
    return 0;
}

int
kr_statement_bind(SqliteState *state, SqliteStatement *self, PyObject *parameters)
{
    int needed;

    if (self->stmt == NULL) {
        needed = 0;
    }
    else {
        Py_BEGIN_ALLOW_THREADS
        needed = sqlite3_bind_parameter_count(self->stmt);
        Py_END_ALLOW_THREADS
    }
    if (PyTuple_CheckExact(parameters) || PyList_CheckExact(parameters) ||
        (!PyDict_Check(parameters) && PySequence_Check(parameters))) {
        return bind_sequence(state, self, parameters, needed);
    }
    if (PyMapping_Check(parameters)) {
        return bind_mapping(state, self, parameters, needed);
    }
    PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                    "parameters are of unsupported type");
    return -1;
}
