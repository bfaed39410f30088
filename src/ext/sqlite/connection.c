// SPDX-License-Identifier: MIT
// connection.c - sqlite3.Connection: opening, closing, transactions, attributes.
#include "ext/sqlite/sqlite.h"

#include <string.h>

#include "objects/args.h"

// ---- checks -------------------------------------------------------------------

bool
kr_connection_check_thread(SqliteConnection *self)
{
    if (self->initialized && self->check_same_thread &&
        PyThread_get_thread_ident() != self->thread) {
        PyErr_Format(self->state->errors[KR_PROGRAMMING_ERROR],
                     "SQLite objects created in a thread can only be used in that same "
                     "thread. The object was created in thread id %lu and this is thread "
                     "id %lu.",
                     self->thread, PyThread_get_thread_ident());
        return false;
    }
    return true;
}

static bool
check_open(SqliteConnection *self)
{
    SqliteState *state = self->state != NULL ? self->state : kr_sqlite_state(Py_TYPE(self));

    if (state == NULL) {
        return false;
    }
    if (!self->initialized) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "Base Connection.__init__ not called.");
        return false;
    }
    if (self->db == NULL) {
        PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR],
                        "Cannot operate on a closed database.");
        return false;
    }
    return true;
}

bool
kr_connection_check(SqliteConnection *self)
{
    return check_open(self) && kr_connection_check_thread(self);
}

bool
kr_connection_in_transaction(SqliteConnection *self)
{
    return !sqlite3_get_autocommit(self->db);
}

int
kr_connection_run(SqliteConnection *self, const char *sql)
{
    sqlite3_stmt *stmt;
    int rc;

    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_prepare_v2(self->db, sql, (int)strlen(sql) + 1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_step(stmt);
        rc = sqlite3_finalize(stmt);
    }
    Py_END_ALLOW_THREADS
    if (rc != SQLITE_OK) {
        kr_sqlite_fail(self->state, self->db, rc);
        return -1;
    }
    return 0;
}

// ---- opening and closing ----------------------------------------------------------

// One of SQLite's words for the kind of transaction; 1, or 0 with an exception.
static int
convert_isolation(PyObject *value, void *out)
{
    static const char *const levels[] = {"", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"};
    const char *text;

    if (value == Py_None) {
        *(const char **)out = NULL;
        return 1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "isolation_level must be str or None");
        return 0;
    }
    text = PyUnicode_AsUTF8(value);
    if (text == NULL) {
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(levels); i++) {
        if (PyOS_stricmp(text, levels[i]) == 0 &&
            PyUnicode_EqualToUTF8AndSize(value, text, (Py_ssize_t)strlen(text))) {
            *(const char **)out = levels[i];
            return 1;
        }
    }
    PyErr_SetString(PyExc_ValueError, "isolation_level string must be '', 'DEFERRED', "
                                      "'IMMEDIATE', or 'EXCLUSIVE'");
    return 0;
}

static int
convert_autocommit(PyObject *value, void *out)
{
    if (value == Py_True || value == Py_False) {
        *(int *)out = value == Py_True ? KR_AUTOCOMMIT_ON : KR_AUTOCOMMIT_OFF;
        return 1;
    }
    if (PyLong_Check(value) && PyLong_AsInt(value) == KR_AUTOCOMMIT_LEGACY &&
        !PyErr_Occurred()) {
        *(int *)out = KR_AUTOCOMMIT_LEGACY;
        return 1;
    }
    PyErr_SetString(PyExc_ValueError, "autocommit must be True, False, or "
                                      "sqlite3.LEGACY_TRANSACTION_CONTROL");
    return 0;
}

static void
free_callbacks(SqliteConnection *self)
{
    kr_callback_free(KR_MOVE(self->trace));
    kr_callback_free(KR_MOVE(self->progress));
    kr_callback_free(KR_MOVE(self->authorizer));
}

// Closes the database, if it is open. 0 or -1, closed either way.
static int
close_database(SqliteConnection *self)
{
    int status = 0;

    if (self->db == NULL) {
        free_callbacks(self);
        return 0;
    }
    if (self->autocommit == KR_AUTOCOMMIT_OFF && kr_connection_in_transaction(self)) {
        status = kr_connection_run(self, "ROLLBACK");
    }
    sqlite3 *db = KR_MOVE(self->db);
    sqlite3_trace_v2(db, 0, NULL, NULL);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    sqlite3_set_authorizer(db, NULL, NULL);
    free_callbacks(self);
    Py_BEGIN_ALLOW_THREADS
    sqlite3_close_v2(db);
    Py_END_ALLOW_THREADS
    return status;
}

static int
connection_traverse(SqliteConnection *self, visitproc visit, void *arg)
{
    const SqliteCallback *const callbacks[] = {self->trace, self->progress,
                                               self->authorizer};

    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->statement_cache);
    Py_VISIT(self->blobs);
    Py_VISIT(self->row_factory);
    Py_VISIT(self->text_factory);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(callbacks); i++) {
        if (callbacks[i] != NULL) {
            Py_VISIT(callbacks[i]->callable);
            Py_VISIT(callbacks[i]->module);
        }
    }
    return 0;
}

static int
connection_clear(SqliteConnection *self)
{
    Py_CLEAR(self->statement_cache);
    Py_CLEAR(self->blobs);
    Py_CLEAR(self->row_factory);
    Py_CLEAR(self->text_factory);
    return 0;
}

static void
connection_finalize(PyObject *object)
{
    SqliteConnection *self = (SqliteConnection *)object;
    PyObject *error = PyErr_GetRaisedException();

    if (self->db != NULL &&
        PyErr_ResourceWarning(object, 1, "unclosed database in %R", self) < 0) {
        // The warning became an exception, which has nowhere to go.
        PyErr_FormatUnraisable("Exception ignored while finalizing database connection %R",
                               self);
    }
    if (close_database(self) < 0) {
        PyErr_FormatUnraisable("Exception ignored while closing database connection %R",
                               self);
    }
    PyErr_SetRaisedException(error);
}

static void
connection_dealloc(PyObject *object)
{
    SqliteConnection *self = (SqliteConnection *)object;
    PyTypeObject *type = Py_TYPE(self);

    if (PyObject_CallFinalizerFromDealloc(object) < 0) {
        return;
    }
    PyObject_GC_UnTrack(self);
    connection_clear(self);
    for (int i = 0; i < KR_ERROR_COUNT; i++) {
        Py_CLEAR(self->errors[i]);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

// What __init__ takes.
typedef struct {
    PyObject *database; // owned bytes
    double timeout;
    int detect_types;
    const char *isolation_level;
    int check_same_thread;
    PyObject *factory; // borrowed, not used here
    int cached_statements;
    int uri;
    int autocommit;
} ConnectArguments;

static int
parse_arguments(PyObject *args, PyObject *kwargs, ConnectArguments *out)
{
    static char *names[] = {"database",          "timeout", "detect_types",
                            "isolation_level",   "check_same_thread", "factory",
                            "cached_statements", "uri",     "autocommit",
                            NULL};

    if (PyTuple_GET_SIZE(args) > 1 && PyTuple_GET_SIZE(args) <= 8 &&
        PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Passing more than 1 positional argument to _sqlite3.Connection() is "
                     "deprecated. Parameters 'timeout', 'detect_types', "
                     "'isolation_level', 'check_same_thread', 'factory', "
                     "'cached_statements' and 'uri' will become keyword-only parameters "
                     "in Python 3.15.",
                     1) < 0) {
        return -1;
    }
    return PyArg_ParseTupleAndKeywords(
               args, kwargs, "O&|diO&pOip$O&:Connection", names, PyUnicode_FSConverter,
               &out->database, &out->timeout, &out->detect_types, convert_isolation,
               &out->isolation_level, &out->check_same_thread, &out->factory,
               &out->cached_statements, &out->uri, convert_autocommit, &out->autocommit)
               ? 0
               : -1;
}

static sqlite3 *
open_database(SqliteState *state, const ConnectArguments *given)
{
    const char *path = PyBytes_AS_STRING(given->database);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                (given->uri ? SQLITE_OPEN_URI : 0);
    sqlite3 *db;
    int rc;

    Py_BEGIN_ALLOW_THREADS
    rc = sqlite3_open_v2(path, &db, flags, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(db, (int)(given->timeout * 1000));
    }
    Py_END_ALLOW_THREADS
    if (db == NULL && rc == SQLITE_NOMEM) {
        PyErr_NoMemory();
        return NULL;
    }
    if (rc != SQLITE_OK) {
        kr_sqlite_fail(state, db, rc);
        sqlite3_close_v2(db);
        return NULL;
    }
    return db;
}

// lru_cache(maxsize=size)(self)
static PyObject *
make_statement_cache(SqliteConnection *self, int size)
{
    PyObject *decorator = PyObject_CallFunction(self->state->lru_cache, "i", size);
    PyObject *cache = decorator == NULL ? NULL
                                        : PyObject_CallOneArg(decorator, (PyObject *)self);

    Py_XDECREF(decorator);
    return cache;
}

// Fills a connection that has been opened. 0 or -1.
static int
start_connection(SqliteConnection *self, const ConnectArguments *given)
{
    self->detect_types = given->detect_types;
    self->isolation_level = given->isolation_level;
    self->autocommit = given->autocommit;
    self->check_same_thread = given->check_same_thread;
    self->thread = PyThread_get_thread_ident();
    self->statement_cache = make_statement_cache(self, given->cached_statements);
    self->blobs = PyList_New(0);
    self->row_factory = Py_NewRef(Py_None);
    self->text_factory = Py_NewRef(&PyUnicode_Type);
    for (int i = 0; i < KR_ERROR_COUNT; i++) {
        Py_XSETREF(self->errors[i], Py_NewRef(self->state->errors[i]));
    }
    if (self->statement_cache == NULL || self->blobs == NULL) {
        return -1;
    }
    if (PySys_Audit("sqlite3.connect/handle", "O", self) < 0) {
        return -1;
    }
    self->initialized = true;
    return self->autocommit == KR_AUTOCOMMIT_OFF ? kr_connection_run(self, "BEGIN") : 0;
}

static int
connection_init(PyObject *object, PyObject *args, PyObject *kwargs)
{
    SqliteConnection *self = (SqliteConnection *)object;
    ConnectArguments given = {.timeout = 5.0,
                              .isolation_level = "",
                              .check_same_thread = 1,
                              .cached_statements = 128,
                              .autocommit = KR_AUTOCOMMIT_LEGACY};
    int status = -1;

    self->state = kr_sqlite_state(Py_TYPE(self));
    if (self->state == NULL || parse_arguments(args, kwargs, &given) < 0) {
        goto done;
    }
    if (PySys_Audit("sqlite3.connect", "O", given.database) < 0) {
        goto done;
    }
    if (self->initialized) {
        self->initialized = false;
        connection_clear(self);
        if (close_database(self) < 0) {
            goto done;
        }
    }
    self->db = open_database(self->state, &given);
    if (self->db == NULL) {
        goto done;
    }
    status = start_connection(self, &given);
    if (status < 0) {
        PyObject *error = PyErr_GetRaisedException();
        self->initialized = false;
        connection_clear(self);
        close_database(self);
        PyErr_SetRaisedException(error);
    }

done:
    Py_XDECREF(given.database);
    return status;
}

KR_METHOD(sqlite_connection, "close(self, /)",
          "Close the database connection.\n\n"
          "Any pending transaction is not committed implicitly.")
static PyObject *
connection_close(SqliteConnection *self)
{
    if (!self->initialized) {
        check_open(self);
        return NULL;
    }
    if (!kr_connection_check_thread(self)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; self->blobs != NULL && i < PyList_GET_SIZE(self->blobs); i++) {
        PyObject *blob;
        if (PyWeakref_GetRef(PyList_GET_ITEM(self->blobs, i), &blob) > 0) {
            kr_blob_close((SqliteBlob *)blob);
            Py_DECREF(blob);
        }
    }
    Py_CLEAR(self->statement_cache);
    return close_database(self) < 0 ? NULL : Py_NewRef(Py_None);
}

// connection(sql): a prepared statement, for the cache.
static PyObject *
connection_call(SqliteConnection *self, PyObject *args, PyObject *kwargs)
{
    PyObject *sql;

    if (!kr_connection_check(self)) {
        return NULL;
    }
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "Connection() takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "U", &sql)) {
        return NULL;
    }
    return (PyObject *)kr_statement_new(self, sql);
}

// ---- transactions ------------------------------------------------------------------

// COMMIT or ROLLBACK, as the kind of transaction control asks.
static int
end_transaction(SqliteConnection *self, const char *sql)
{
    if (self->autocommit == KR_AUTOCOMMIT_LEGACY) {
        return kr_connection_in_transaction(self) ? kr_connection_run(self, sql) : 0;
    }
    if (self->autocommit == KR_AUTOCOMMIT_OFF) {
        return kr_connection_run(self, sql) < 0 ? -1 : kr_connection_run(self, "BEGIN");
    }
    return 0;
}

KR_METHOD(sqlite_connection, "commit(self, /)",
          "Commit any pending transaction to the database.\n\n"
          "If there is no open transaction, this method is a no-op.")
static PyObject *
connection_commit(SqliteConnection *self)
{
    return kr_connection_check(self) && end_transaction(self, "COMMIT") == 0
               ? Py_NewRef(Py_None)
               : NULL;
}

KR_METHOD(sqlite_connection, "rollback(self, /)",
          "Roll back to the start of any pending transaction.\n\n"
          "If there is no open transaction, this method is a no-op.")
static PyObject *
connection_rollback(SqliteConnection *self)
{
    return kr_connection_check(self) && end_transaction(self, "ROLLBACK") == 0
               ? Py_NewRef(Py_None)
               : NULL;
}

KR_METHOD(sqlite_connection, "__enter__(self, /)",
          "Called when the connection is used as a context manager.\n\n"
          "Returns itself as a convenience to the caller.")
static PyObject *
connection_enter(SqliteConnection *self)
{
    return check_open(self) ? Py_NewRef(self) : NULL;
}

KR_METHOD(sqlite_connection, "__exit__(self, type, value, traceback, /)",
          "Called when the connection is used as a context manager.\n\n"
          "If there was any exception, a rollback takes place; otherwise we commit.")
static PyObject *
connection_exit(SqliteConnection *self, PyObject *type, PyObject *value,
                PyObject *traceback)
{
    bool commit = type == Py_None && value == Py_None && traceback == Py_None;

    if (!kr_connection_check(self)) {
        return NULL;
    }
    if (end_transaction(self, commit ? "COMMIT" : "ROLLBACK") == 0) {
        Py_RETURN_FALSE;
    }
    if (commit) {
        // A rollback lets go of the locks that the failed commit holds.
        PyObject *error = PyErr_GetRaisedException();
        if (end_transaction(self, "ROLLBACK") < 0) {
            PyObject *second = PyErr_GetRaisedException();
            PyException_SetContext(second, error);
            error = second;
        }
        PyErr_SetRaisedException(error);
    }
    return NULL;
}

// ---- shortcuts to cursors ------------------------------------------------------------

KR_METHOD(sqlite_connection, "cursor(self, factory=<missing>)",
          "Return a cursor for the connection.")
static PyObject *
connection_cursor(SqliteConnection *self, PyObject *factory)
{
    if (!kr_connection_check(self)) {
        return NULL;
    }
    if (factory == NULL) {
        factory = (PyObject *)self->state->cursor_type;
    }
    PyObject *cursor = PyObject_CallOneArg(factory, (PyObject *)self);
    if (cursor == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(cursor, self->state->cursor_type)) {
        PyErr_Format(PyExc_TypeError, "factory must return a cursor, not %.100s",
                     Py_TYPE(cursor)->tp_name);
        Py_DECREF(cursor);
        return NULL;
    }
    if (self->row_factory != Py_None) {
        Py_XSETREF(((SqliteCursor *)cursor)->row_factory, Py_NewRef(self->row_factory));
    }
    return cursor;
}

// A new cursor's method, with the arguments given; NULL ones are left out.
static PyObject *
through_cursor(SqliteConnection *self, const char *method, PyObject *a, PyObject *b)
{
    PyObject *cursor = PyObject_CallMethod((PyObject *)self, "cursor", NULL);
    PyObject *bound = cursor == NULL ? NULL : PyObject_GetAttrString(cursor, method);
    PyObject *result = bound == NULL
                           ? NULL
                           : PyObject_CallFunctionObjArgs(bound, a, b, NULL);

    Py_XDECREF(cursor);
    Py_XDECREF(bound);
    return result;
}

KR_METHOD(sqlite_connection, "execute(self, sql: str, parameters=(), /)",
          "Executes an SQL statement.")
static PyObject *
connection_execute(SqliteConnection *self, PyObject *sql, PyObject *parameters)
{
    return through_cursor(self, "execute", sql, parameters);
}

KR_METHOD(sqlite_connection, "executemany(self, sql: str, parameters, /)",
          "Repeatedly executes an SQL statement.")
static PyObject *
connection_executemany(SqliteConnection *self, PyObject *sql, PyObject *parameters)
{
    return through_cursor(self, "executemany", sql, parameters);
}

KR_METHOD(sqlite_connection, "executescript(self, sql_script, /)",
          "Executes multiple SQL statements at once.")
static PyObject *
connection_executescript(SqliteConnection *self, PyObject *sql_script)
{
    return through_cursor(self, "executescript", sql_script, NULL);
}

KR_METHOD(sqlite_connection, "blobopen(self, table, column, rowid, /, *, readonly=False, "
          "name='main')",
          "Open and return a BLOB object.\n\n"
          "table, column and row (the rowid) say which; name is the database's.")
static PyObject *
connection_blobopen(SqliteConnection *self, const char *table, const char *column,
                    PyObject *row, bool readonly, const char *name)
{
    int overflow;

    if (!kr_connection_check(self)) {
        return NULL;
    }
    long long number = PyLong_AsLongLongAndOverflow(row, &overflow);
    if (overflow != 0) {
        PyErr_SetString(PyExc_OverflowError,
                        "Python int too large to convert to SQLite INTEGER");
        return NULL;
    }
    if (number == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return kr_blob_open(self, table, column, number, readonly, name);
}

KR_METHOD(sqlite_connection, "interrupt(self, /)", "Abort any pending database operation.")
static PyObject *
connection_interrupt(SqliteConnection *self)
{
    if (!check_open(self)) {
        return NULL;
    }
    sqlite3_interrupt(self->db);
    Py_RETURN_NONE;
}

KR_METHOD(sqlite_connection, "iterdump(self, /, *, filter=None)",
          "Returns iterator to the dump of the database in an SQL text format.\n\n"
          "filter is a LIKE pattern for the objects to dump.")
static PyObject *
connection_iterdump(SqliteConnection *self, PyObject *filter)
{
    if (!check_open(self)) {
        return NULL;
    }
    PyObject *function = PyImport_ImportModuleAttrString("sqlite3.dump", "_iterdump");
    PyObject *args = function == NULL ? NULL : PyTuple_Pack(1, self);
    PyObject *kwargs = args == NULL ? NULL : Py_BuildValue("{sO}", "filter", filter);
    PyObject *result = kwargs == NULL ? NULL : PyObject_Call(function, args, kwargs);

    Py_XDECREF(function);
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    return result;
}

// ---- attributes ----------------------------------------------------------------------

KR_GETTER(sqlite_connection, "isolation_level", "")
static PyObject *
connection_get_isolation_level(SqliteConnection *self)
{
    if (!check_open(self)) {
        return NULL;
    }
    return self->isolation_level == NULL ? Py_NewRef(Py_None)
                                         : PyUnicode_FromString(self->isolation_level);
}

KR_SETTER(sqlite_connection, "isolation_level")
static int
connection_set_isolation_level(SqliteConnection *self, PyObject *value)
{
    const char *level;

    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (value == Py_None) {
        self->isolation_level = NULL;
        // What is open ends here: from now on everything commits by itself.
        return kr_connection_check(self) ? end_transaction(self, "COMMIT") : -1;
    }
    if (!convert_isolation(value, &level)) {
        return -1;
    }
    self->isolation_level = level;
    return 0;
}

KR_GETTER(sqlite_connection, "autocommit", "")
static PyObject *
connection_get_autocommit(SqliteConnection *self)
{
    if (!kr_connection_check(self)) {
        return NULL;
    }
    return self->autocommit == KR_AUTOCOMMIT_LEGACY
               ? PyLong_FromLong(KR_AUTOCOMMIT_LEGACY)
               : PyBool_FromLong(self->autocommit == KR_AUTOCOMMIT_ON);
}

KR_SETTER(sqlite_connection, "autocommit")
static int
connection_set_autocommit(SqliteConnection *self, PyObject *value)
{
    int autocommit;

    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete autocommit attribute");
        return -1;
    }
    if (!kr_connection_check(self) || !convert_autocommit(value, &autocommit)) {
        return -1;
    }
    if (autocommit == KR_AUTOCOMMIT_ON && kr_connection_in_transaction(self) &&
        kr_connection_run(self, "COMMIT") < 0) {
        return -1;
    }
    if (autocommit == KR_AUTOCOMMIT_OFF && !kr_connection_in_transaction(self) &&
        kr_connection_run(self, "BEGIN") < 0) {
        return -1;
    }
    self->autocommit = autocommit;
    return 0;
}

KR_GETTER(sqlite_connection, "total_changes", "")
static PyObject *
connection_total_changes(SqliteConnection *self)
{
    return check_open(self) ? PyLong_FromLong(sqlite3_total_changes(self->db)) : NULL;
}

KR_GETTER(sqlite_connection, "in_transaction", "")
static PyObject *
connection_in_transaction(SqliteConnection *self)
{
    return check_open(self) ? PyBool_FromLong(kr_connection_in_transaction(self)) : NULL;
}

static PyObject *
get_object(PyObject *object)
{
    return Py_NewRef(object == NULL ? Py_None : object);
}

static int
set_object(PyObject **place, PyObject *value, const char *name)
{
    if (value == NULL) {
        PyErr_Format(PyExc_AttributeError, "cannot delete %s attribute", name);
        return -1;
    }
    Py_XSETREF(*place, Py_NewRef(value));
    return 0;
}

KR_GETTER(sqlite_connection, "__text_signature__", "")
static PyObject *
connection_text_signature(SqliteConnection *self)
{
    // Of calling the connection.
    return PyUnicode_FromString("(sql, /)");
}

KR_GETTER(sqlite_connection, "row_factory", "")
static PyObject *
connection_get_row_factory(SqliteConnection *self)
{
    return get_object(self->row_factory);
}

KR_SETTER(sqlite_connection, "row_factory")
static int
connection_set_row_factory(SqliteConnection *self, PyObject *value)
{
    return set_object(&self->row_factory, value, "row_factory");
}

KR_GETTER(sqlite_connection, "text_factory", "")
static PyObject *
connection_get_text_factory(SqliteConnection *self)
{
    return get_object(self->text_factory);
}

KR_SETTER(sqlite_connection, "text_factory")
static int
connection_set_text_factory(SqliteConnection *self, PyObject *value)
{
    return set_object(&self->text_factory, value, "text_factory");
}

// ---- type ------------------------------------------------------------------------------

KR_TYPE(sqlite_connection)
#include "ext/sqlite/connection.methods.h"

#define ERROR_MEMBER(name, place)                                             \
    {name, Py_T_OBJECT_EX, offsetof(SqliteConnection, errors[place]), Py_READONLY}

static PyMemberDef connection_members[] = {
    ERROR_MEMBER("Warning", KR_WARNING),
    ERROR_MEMBER("Error", KR_ERROR),
    ERROR_MEMBER("InterfaceError", KR_INTERFACE_ERROR),
    ERROR_MEMBER("DatabaseError", KR_DATABASE_ERROR),
    ERROR_MEMBER("DataError", KR_DATA_ERROR),
    ERROR_MEMBER("OperationalError", KR_OPERATIONAL_ERROR),
    ERROR_MEMBER("IntegrityError", KR_INTEGRITY_ERROR),
    ERROR_MEMBER("InternalError", KR_INTERNAL_ERROR),
    ERROR_MEMBER("ProgrammingError", KR_PROGRAMMING_ERROR),
    ERROR_MEMBER("NotSupportedError", KR_NOT_SUPPORTED_ERROR),
    {NULL},
};

PyTypeObject *
kr_connection_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, connection_dealloc},
        {Py_tp_finalize, connection_finalize},
        {Py_tp_traverse, connection_traverse},
        {Py_tp_clear, connection_clear},
        {Py_tp_call, connection_call},
        {Py_tp_methods, sqlite_connection_methods},
        {Py_tp_members, connection_members},
        {Py_tp_getset, sqlite_connection_getset},
        {Py_tp_init, connection_init},
        {Py_tp_doc, "SQLite database connection object."},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "sqlite3.Connection",
        .basicsize = sizeof(SqliteConnection),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                 Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
