// SPDX-License-Identifier: MIT
// cursor.c - sqlite3.Cursor: running statements and fetching rows.
//
// Invariants: while `statement` is set, it stands on a row that has not been fetched.
//             `locked` is set while execute() runs: parameters, adapters and converters
//             are Python code that must not use the same cursor.
#include "ext/sqlite/sqlite.h"

#include <string.h>

#include "objects/args.h"

// ---- life ---------------------------------------------------------------------

KR_INIT(sqlite_cursor, "Cursor(connection, /)", "")
static int
sqlite_cursor_init_impl(SqliteCursor *self, PyObject *connection)
{
    SqliteState *state = kr_sqlite_state(Py_TYPE(self));

    if (state == NULL) {
        return -1;
    }
    if (!PyObject_TypeCheck(connection, state->connection_type)) {
        return kr_arg_bad("Cursor", "argument 1", "sqlite3.Connection", connection);
    }
    if (self->locked) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "Recursive use of cursors not allowed.");
        return -1;
    }
    Py_XSETREF(self->connection, (SqliteConnection *)Py_NewRef(connection));
    if (self->statement != NULL) {
        kr_statement_reset(self->statement);
        Py_CLEAR(self->statement);
    }
    Py_CLEAR(self->row_cast_map);
    Py_XSETREF(self->description, Py_NewRef(Py_None));
    Py_XSETREF(self->lastrowid, Py_NewRef(Py_None));
    Py_XSETREF(self->row_factory, Py_NewRef(Py_None));
    self->arraysize = 1;
    self->closed = false;
    self->rowcount = -1;
    if (!kr_connection_check_thread(self->connection)) {
        return -1;
    }
    self->initialized = true;
    return 0;
}

static int
cursor_traverse(SqliteCursor *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->connection);
    Py_VISIT(self->description);
    Py_VISIT(self->row_cast_map);
    Py_VISIT(self->lastrowid);
    Py_VISIT(self->row_factory);
    Py_VISIT(self->statement);
    return 0;
}

static int
cursor_clear(SqliteCursor *self)
{
    if (self->statement != NULL) {
        kr_statement_reset(self->statement);
        Py_CLEAR(self->statement);
    }
    Py_CLEAR(self->connection);
    Py_CLEAR(self->description);
    Py_CLEAR(self->row_cast_map);
    Py_CLEAR(self->lastrowid);
    Py_CLEAR(self->row_factory);
    return 0;
}

static void
cursor_dealloc(SqliteCursor *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs((PyObject *)self);
    cursor_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static bool
cursor_check_locked(SqliteCursor *self)
{
    if (self->locked) {
        PyErr_SetString(self->connection->state->errors[KR_PROGRAMMING_ERROR],
                        "Recursive use of cursors not allowed.");
        return false;
    }
    return true;
}

static bool
cursor_check(SqliteCursor *self)
{
    SqliteState *state = kr_sqlite_state(Py_TYPE(self));

    if (state == NULL) {
        return false;
    }
    if (!self->initialized) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "Base Cursor.__init__ not called.");
        return false;
    }
    if (self->closed) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "Cannot operate on a closed cursor.");
        return false;
    }
    return kr_connection_check(self->connection) && cursor_check_locked(self);
}

// Lets go of the statement that was run.
static void
drop_statement(SqliteCursor *self)
{
    if (self->statement != NULL) {
        kr_statement_reset(self->statement);
        Py_CLEAR(self->statement);
    }
}

// ---- columns --------------------------------------------------------------------

// A converter by the name text[:size] in capital letters; new reference, None when
// there is none, NULL on error.
static PyObject *
find_converter(SqliteState *state, const char *text, size_t size)
{
    PyObject *name = PyUnicode_FromStringAndSize(text, (Py_ssize_t)size);
    PyObject *upper = name == NULL ? NULL : PyObject_CallMethod(name, "upper", NULL);
    PyObject *converter = NULL;

    Py_XDECREF(name);
    if (upper == NULL) {
        return NULL;
    }
    int found = PyDict_GetItemRef(state->converters, upper, &converter);
    Py_DECREF(upper);
    return found < 0 ? NULL : found == 0 ? Py_NewRef(Py_None) : converter;
}

static PyObject *
column_converter(SqliteCursor *self, int i)
{
    SqliteConnection *connection = self->connection;
    sqlite3_stmt *stmt = self->statement->stmt;
    PyObject *converter = NULL;

    if (connection->detect_types & KR_PARSE_COLNAMES) {
        const char *name = sqlite3_column_name(stmt, i);
        const char *open = name == NULL ? NULL : strchr(name, '[');
        const char *close = open == NULL ? NULL : strchr(open, ']');
        if (close != NULL) {
            converter = find_converter(connection->state, open + 1,
                                       (size_t)(close - open - 1));
            if (converter == NULL || converter != Py_None) {
                return converter;
            }
            Py_CLEAR(converter);
        }
    }
    if (connection->detect_types & KR_PARSE_DECLTYPES) {
        const char *type = sqlite3_column_decltype(stmt, i);
        if (type != NULL) {
            return find_converter(connection->state, type, strcspn(type, " ("));
        }
    }
    return Py_NewRef(Py_None);
}

// self->row_cast_map for a new statement. 0 or -1.
static int
build_row_cast_map(SqliteCursor *self)
{
    int count = self->statement->stmt == NULL
                    ? 0
                    : sqlite3_column_count(self->statement->stmt);

    Py_CLEAR(self->row_cast_map);
    if (self->connection->detect_types == 0) {
        return 0;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *converter = column_converter(self, i);
        if (converter == NULL || PyList_Append(list, converter) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(converter);
    }
    self->row_cast_map = list;
    return list == NULL ? -1 : 0;
}

// A column's name; behind it "[type]" is cut off if that has been parsed.
static PyObject *
column_name(SqliteCursor *self, const char *name)
{
    size_t size = strlen(name);

    if (self->connection->detect_types & KR_PARSE_COLNAMES) {
        const char *open = strchr(name, '[');
        if (open != NULL) {
            size = (size_t)(open - name);
            size -= size > 0 && name[size - 1] == ' ';
        }
    }
    return PyUnicode_FromStringAndSize(name, (Py_ssize_t)size);
}

static PyObject *
build_description(SqliteCursor *self)
{
    int count = sqlite3_column_count(self->statement->stmt);
    PyObject *description = PyTuple_New(count);

    for (int i = 0; description != NULL && i < count; i++) {
        const char *text = sqlite3_column_name(self->statement->stmt, i);
        PyObject *name = text == NULL ? PyErr_NoMemory() : column_name(self, text);
        PyObject *column = name == NULL
                               ? NULL
                               : PyTuple_Pack(7, name, Py_None, Py_None, Py_None, Py_None,
                                              Py_None, Py_None);
        Py_XDECREF(name);
        if (column == NULL) {
            Py_CLEAR(description);
            break;
        }
        PyTuple_SET_ITEM(description, i, column);
    }
    return description;
}

// ---- rows -----------------------------------------------------------------------

static PyObject *
decode_error(SqliteCursor *self, int i, const char *text, Py_ssize_t size)
{
    SqliteState *state = self->connection->state;
    const char *name = sqlite3_column_name(self->statement->stmt, i);

    if (!PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        return NULL;
    }
    PyErr_Clear();
    PyObject *shown = PyUnicode_DecodeUTF8(text, size, "replace");
    PyObject *message = shown == NULL
                            ? NULL
                            : PyUnicode_FromFormat("Could not decode to UTF-8 column '%s' "
                                                   "with text '%U'",
                                                   name == NULL ? "" : name, shown);
    if (message != NULL) {
        PyErr_SetObject(state->errors[KR_OPERATIONAL_ERROR], message);
    }
    Py_XDECREF(shown);
    Py_XDECREF(message);
    return NULL;
}

static PyObject *
text_value(SqliteCursor *self, int i)
{
    const char *text = (const char *)sqlite3_column_text(self->statement->stmt, i);
    PyObject *factory = self->connection->text_factory;

    if (text == NULL && sqlite3_errcode(self->connection->db) == SQLITE_NOMEM) {
        return PyErr_NoMemory();
    }
    Py_ssize_t size = sqlite3_column_bytes(self->statement->stmt, i);
    if (factory == (PyObject *)&PyUnicode_Type) {
        PyObject *string = PyUnicode_FromStringAndSize(text, size);
        return string != NULL ? string : decode_error(self, i, text, size);
    }
    if (factory == (PyObject *)&PyBytes_Type) {
        return PyBytes_FromStringAndSize(text, size);
    }
    if (factory == (PyObject *)&PyByteArray_Type) {
        return PyByteArray_FromStringAndSize(text, size);
    }
    return PyObject_CallFunction(factory, "y#", text, size);
}

static PyObject *
converted_value(SqliteCursor *self, int i, PyObject *converter)
{
    const void *data = sqlite3_column_blob(self->statement->stmt, i);

    if (data == NULL) {
        if (sqlite3_errcode(self->connection->db) == SQLITE_NOMEM) {
            return PyErr_NoMemory();
        }
        // NULL, or a value of no bytes.
        Py_RETURN_NONE;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(
        data, sqlite3_column_bytes(self->statement->stmt, i));
    PyObject *value = bytes == NULL ? NULL : PyObject_CallOneArg(converter, bytes);
    Py_XDECREF(bytes);
    return value;
}

static PyObject *
column_value(SqliteCursor *self, int i)
{
    sqlite3_stmt *stmt = self->statement->stmt;

    if (self->row_cast_map != NULL && i < PyList_GET_SIZE(self->row_cast_map)) {
        PyObject *converter = PyList_GET_ITEM(self->row_cast_map, i);
        if (converter != Py_None) {
            return converted_value(self, i, converter);
        }
    }
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_NULL:
        Py_RETURN_NONE;
    case SQLITE_INTEGER:
        return PyLong_FromLongLong(sqlite3_column_int64(stmt, i));
    case SQLITE_FLOAT:
        return PyFloat_FromDouble(sqlite3_column_double(stmt, i));
    case SQLITE_TEXT:
        return text_value(self, i);
    default: {
        const char *data = sqlite3_column_blob(stmt, i);
        return PyBytes_FromStringAndSize(data, sqlite3_column_bytes(stmt, i));
    }
    }
}

// The row that the statement stands on.
static PyObject *
fetch_row(SqliteCursor *self)
{
    int count = sqlite3_data_count(self->statement->stmt);
    PyObject *row = PyTuple_New(count);

    self->locked = true;
    for (int i = 0; row != NULL && i < count; i++) {
        PyObject *value = column_value(self, i);
        if (value == NULL) {
            Py_CLEAR(row);
            break;
        }
        PyTuple_SET_ITEM(row, i, value);
    }
    self->locked = false;
    return row;
}

// Steps behind the row that was fetched. 0 or -1.
static int
advance(SqliteCursor *self)
{
    int rc = kr_statement_step(self->statement);

    if (rc == SQLITE_ROW) {
        return 0;
    }
    if (rc == SQLITE_DONE) {
        if (self->statement->is_dml) {
            self->rowcount = sqlite3_changes(self->connection->db);
        }
        drop_statement(self);
        return 0;
    }
    kr_sqlite_fail(self->connection->state, self->connection->db, rc);
    drop_statement(self);
    return -1;
}

static PyObject *
cursor_next(SqliteCursor *self)
{
    if (!cursor_check(self)) {
        return NULL;
    }
    if (self->statement == NULL) {
        return NULL;
    }
    PyObject *row = fetch_row(self);
    if (row == NULL) {
        return NULL;
    }
    if (advance(self) < 0) {
        Py_DECREF(row);
        return NULL;
    }
    if (self->row_factory != Py_None) {
        PyObject *args[] = {(PyObject *)self, row};
        PyObject *factory = Py_NewRef(self->row_factory);
        Py_SETREF(row, PyObject_Vectorcall(factory, args, 2, NULL));
        Py_DECREF(factory);
    }
    return row;
}

// ---- execute --------------------------------------------------------------------

// The prepared statement, from the connection's cache if nobody is using it.
static SqliteStatement *
get_statement(SqliteCursor *self, PyObject *sql)
{
    SqliteConnection *connection = self->connection;
    PyObject *object = PyObject_CallOneArg(connection->statement_cache, sql);

    if (object == NULL) {
        return NULL;
    }
    SqliteStatement *statement = (SqliteStatement *)object;
    if (statement->in_use) {
        Py_SETREF(statement, kr_statement_new(connection, sql));
    }
    return statement;
}

// The legacy way: a transaction begins before data change.
static int
begin_if_needed(SqliteCursor *self)
{
    SqliteConnection *connection = self->connection;
    char sql[32];

    if (connection->autocommit != KR_AUTOCOMMIT_LEGACY ||
        connection->isolation_level == NULL || !self->statement->is_dml ||
        kr_connection_in_transaction(connection)) {
        return 0;
    }
    PyOS_snprintf(sql, sizeof sql, "BEGIN %s", connection->isolation_level);
    return kr_connection_run(connection, sql);
}

// Runs the statement with one set of parameters, as far as its first row. 0 or -1.
static int
run_once(SqliteCursor *self, PyObject *parameters, bool multiple)
{
    SqliteConnection *connection = self->connection;
    SqliteStatement *statement = self->statement;

    kr_statement_reset(statement);
    statement->in_use = true;
    if (kr_statement_bind(connection->state, statement, parameters) < 0) {
        return -1;
    }
    int rc = kr_statement_step(statement);
    if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
        kr_sqlite_fail(connection->state, connection->db, rc);
        return -1;
    }
    if (build_row_cast_map(self) < 0) {
        return -1;
    }
    if (!multiple && statement->stmt != NULL) {
        long long id = sqlite3_last_insert_rowid(connection->db);
        Py_SETREF(self->lastrowid, PyLong_FromLongLong(id));
        if (self->lastrowid == NULL) {
            self->lastrowid = Py_NewRef(Py_None);
            return -1;
        }
    }
    if (rc == SQLITE_DONE && statement->is_dml) {
        self->rowcount += sqlite3_changes(connection->db);
    }
    if (self->description == Py_None && statement->stmt != NULL &&
        sqlite3_column_count(statement->stmt) > 0) {
        PyObject *description = build_description(self);
        if (description == NULL) {
            return -1;
        }
        Py_SETREF(self->description, description);
    }
    if (rc == SQLITE_DONE) {
        kr_statement_reset(statement);
        if (!multiple) {
            Py_CLEAR(self->statement);
        }
    }
    return 0;
}

// Runs a statement for each item of `rows`, or once with `rows` if not multiple.
static int
run_all(SqliteCursor *self, PyObject *sql, PyObject *rows, bool multiple)
{
    SqliteState *state = self->connection->state;
    PyObject *iterator = NULL, *row = NULL;
    int status = -1, more;

    Py_XSETREF(self->statement, get_statement(self, sql));
    if (self->statement == NULL) {
        return -1;
    }
    Py_SETREF(self->description, Py_NewRef(Py_None));
    self->rowcount = self->statement->is_dml ? 0 : -1;
    if (multiple && !self->statement->is_dml) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "executemany() can only execute DML statements.");
        return -1;
    }
    // A cached statement that another cursor starts while our parameters are computed
    // is not ours any more; from here on it counts as used.
    self->statement->in_use = true;
    if (begin_if_needed(self) < 0) {
        return -1;
    }
    if (!multiple) {
        return run_once(self, rows, false);
    }
    iterator = PyObject_GetIter(rows);
    if (iterator == NULL) {
        return -1;
    }
    while ((more = PyIter_NextItem(iterator, &row)) > 0) {
        if (!kr_connection_check(self->connection) || run_once(self, row, true) < 0) {
            goto done;
        }
        Py_CLEAR(row);
    }
    status = more;

done:
    Py_XDECREF(row);
    Py_DECREF(iterator);
    return status;
}

static PyObject *
execute(SqliteCursor *self, PyObject *sql, PyObject *rows, bool multiple)
{
    if (!cursor_check(self)) {
        return NULL;
    }
    drop_statement(self);
    self->locked = true;
    int status = run_all(self, sql, rows, multiple);
    self->locked = false;
    if (status < 0) {
        self->rowcount = -1;
        drop_statement(self);
        return NULL;
    }
    if (self->statement != NULL && multiple) {
        // What executemany leaves is not for fetching.
        drop_statement(self);
    }
    return Py_NewRef(self);
}

KR_METHOD(sqlite_cursor, "execute(self, sql: str, parameters=(), /)",
          "Executes an SQL statement.")
static PyObject *
cursor_execute(SqliteCursor *self, PyObject *sql, PyObject *parameters)
{
    PyObject *given = parameters == NULL ? PyTuple_New(0) : Py_NewRef(parameters);
    PyObject *result = given == NULL ? NULL : execute(self, sql, given, false);

    Py_XDECREF(given);
    return result;
}

KR_METHOD(sqlite_cursor, "executemany(self, sql: str, seq_of_parameters, /)",
          "Repeatedly executes an SQL statement.")
static PyObject *
cursor_executemany(SqliteCursor *self, PyObject *sql, PyObject *seq_of_parameters)
{
    return execute(self, sql, seq_of_parameters, true);
}

// Runs all statements of a text. 0 or -1.
static int
run_script(SqliteCursor *self, const char *sql)
{
    SqliteConnection *connection = self->connection;
    sqlite3 *db = connection->db;

    while (*sql != '\0') {
        sqlite3_stmt *stmt;
        int rc;
        Py_BEGIN_ALLOW_THREADS
        rc = sqlite3_prepare_v2(db, sql, -1, &stmt, &sql);
        if (rc == SQLITE_OK) {
            do {
                rc = sqlite3_step(stmt);
            } while (rc == SQLITE_ROW);
            rc = sqlite3_finalize(stmt);
        }
        Py_END_ALLOW_THREADS
        if (rc != SQLITE_OK) {
            kr_sqlite_fail(connection->state, db, rc);
            return -1;
        }
    }
    return 0;
}

KR_METHOD(sqlite_cursor, "executescript(self, sql_script, /)",
          "Executes multiple SQL statements at once.")
static PyObject *
cursor_executescript(SqliteCursor *self, const char *sql_script)
{
    if (!cursor_check(self)) {
        return NULL;
    }
    SqliteConnection *connection = self->connection;
    if (strlen(sql_script) >
        (size_t)sqlite3_limit(connection->db, SQLITE_LIMIT_SQL_LENGTH, -1)) {
        PyErr_SetString(connection->state->errors[KR_DATA_ERROR],
                        "query string is too large");
        return NULL;
    }
    if (connection->autocommit == KR_AUTOCOMMIT_LEGACY &&
        kr_connection_in_transaction(connection) &&
        kr_connection_run(connection, "COMMIT") < 0) {
        return NULL;
    }
    return run_script(self, sql_script) < 0 ? NULL : Py_NewRef(self);
}

// ---- fetching --------------------------------------------------------------------

KR_METHOD(sqlite_cursor, "fetchone(self, /)", "Fetches one row from the resultset.")
static PyObject *
cursor_fetchone(SqliteCursor *self)
{
    PyObject *row = cursor_next(self);

    return row == NULL && !PyErr_Occurred() ? Py_NewRef(Py_None) : row;
}

// Up to `most` rows, all if that is negative.
static PyObject *
fetch_list(SqliteCursor *self, long long most)
{
    PyObject *list = PyList_New(0);

    while (list != NULL && most != 0) {
        PyObject *row = cursor_next(self);
        if (row == NULL) {
            break;
        }
        if (PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_DECREF(row);
        most -= most > 0;
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(list);
    }
    return list;
}

// A count that has to fit 32 bits. 0 or -1.
static int
read_count(PyObject *value, long *out)
{
    PyObject *index = PyNumber_Index(value);
    int overflow, sign = 0;

    if (index == NULL) {
        return -1;
    }
    long long number = PyLong_AsLongLongAndOverflow(index, &overflow);
    sign = overflow != 0 ? overflow : number < 0 ? -1 : 1;
    Py_DECREF(index);
    if (sign < 0) {
        PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
        return -1;
    }
    if (overflow > 0 || number > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large for C uint32_t");
        return -1;
    }
    *out = (long)number;
    return 0;
}

KR_METHOD(sqlite_cursor, "fetchmany(self, size=1)",
          "Fetches several rows from the resultset.\n\n"
          "Without a size, as many as the attribute arraysize says.")
static PyObject *
cursor_fetchmany(SqliteCursor *self, PyObject *size)
{
    long most = self->arraysize;

    if (size != NULL && read_count(size, &most) < 0) {
        return NULL;
    }
    return fetch_list(self, most);
}

KR_METHOD(sqlite_cursor, "fetchall(self, /)", "Fetches all rows from the resultset.")
static PyObject *
cursor_fetchall(SqliteCursor *self)
{
    return fetch_list(self, -1);
}

KR_METHOD(sqlite_cursor, "setinputsizes(self, sizes, /)",
          "Required by DB-API. Does nothing in sqlite3.")
static PyObject *
cursor_setinputsizes(SqliteCursor *self, PyObject *sizes)
{
    Py_RETURN_NONE;
}

KR_METHOD(sqlite_cursor, "setoutputsize(self, size, column=None, /)",
          "Required by DB-API. Does nothing in sqlite3.")
static PyObject *
cursor_setoutputsize(SqliteCursor *self, PyObject *size, PyObject *column)
{
    Py_RETURN_NONE;
}

KR_METHOD(sqlite_cursor, "close(self, /)", "Closes the cursor.")
static PyObject *
cursor_close(SqliteCursor *self)
{
    if (self->connection == NULL) {
        SqliteState *state = kr_sqlite_state(Py_TYPE(self));
        if (state != NULL) {
            PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                            "Base Cursor.__init__ not called.");
        }
        return NULL;
    }
    if (!cursor_check_locked(self) || !kr_connection_check(self->connection)) {
        return NULL;
    }
    drop_statement(self);
    self->closed = true;
    Py_RETURN_NONE;
}

// ---- attributes, type --------------------------------------------------------------

KR_GETTER(sqlite_cursor, "arraysize", "")
static PyObject *
cursor_get_arraysize(SqliteCursor *self)
{
    return PyLong_FromLong(self->arraysize);
}

KR_SETTER(sqlite_cursor, "arraysize")
static int
cursor_set_arraysize(SqliteCursor *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_Format(PyExc_AttributeError,
                     "attribute 'arraysize' of '%.100s' objects cannot be deleted",
                     Py_TYPE(self)->tp_name);
        return -1;
    }
    return read_count(value, &self->arraysize);
}

KR_GETTER(sqlite_cursor, "row_factory", "")
static PyObject *
cursor_get_row_factory(SqliteCursor *self)
{
    return Py_NewRef(self->row_factory == NULL ? Py_None : self->row_factory);
}

KR_SETTER(sqlite_cursor, "row_factory")
static int
cursor_set_row_factory(SqliteCursor *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete row_factory attribute");
        return -1;
    }
    Py_XSETREF(self->row_factory, Py_NewRef(value));
    return 0;
}

KR_TYPE(sqlite_cursor)
#include "ext/sqlite/cursor.methods.h"

static PyMemberDef cursor_members[] = {
    {"connection", Py_T_OBJECT_EX, offsetof(SqliteCursor, connection), Py_READONLY},
    {"description", _Py_T_OBJECT, offsetof(SqliteCursor, description), Py_READONLY},
    {"lastrowid", _Py_T_OBJECT, offsetof(SqliteCursor, lastrowid), Py_READONLY},
    {"rowcount", Py_T_LONGLONG, offsetof(SqliteCursor, rowcount), Py_READONLY},
    {NULL},
};

PyTypeObject *
kr_cursor_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, cursor_dealloc},
        {Py_tp_traverse, cursor_traverse},
        {Py_tp_clear, cursor_clear},
        {Py_tp_iter, PyObject_SelfIter},
        {Py_tp_iternext, cursor_next},
        {Py_tp_methods, sqlite_cursor_methods},
        {Py_tp_members, cursor_members},
        {Py_tp_getset, sqlite_cursor_getset},
        {Py_tp_init, sqlite_cursor_init},
        {Py_tp_doc, "SQLite database cursor class."},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "sqlite3.Cursor",
        .basicsize = sizeof(SqliteCursor),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                 Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
