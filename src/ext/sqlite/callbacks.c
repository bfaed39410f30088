// SPDX-License-Identifier: MIT
// callbacks.c - Python functions that SQLite calls: functions, aggregates, collations,
// the authorizer, the progress handler, the trace.
//
// Ownership: SQLite holds a SqliteCallback for each and gives it back to destroy().
#include "ext/sqlite/sqlite.h"

#include "objects/args.h"

// ---- contexts -------------------------------------------------------------------

static SqliteCallback *
callback_new(SqliteConnection *self, PyObject *callable)
{
    SqliteCallback *callback = PyMem_Malloc(sizeof *callback);

    if (callback == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *module = PyType_GetModule(self->state->connection_type);
    *callback = (SqliteCallback){Py_NewRef(callable), Py_XNewRef(module), self->state, 1};
    return callback;
}

void
kr_callback_free(SqliteCallback *callback)
{
    if (callback != NULL && --callback->references == 0) {
        Py_CLEAR(callback->callable);
        Py_CLEAR(callback->module);
        PyMem_Free(callback);
    }
}

// Keeps a callback for the length of a call, which may replace it.
static SqliteCallback *
enter(void *arg)
{
    SqliteCallback *callback = arg;

    callback->references++;
    return callback;
}

static void
destroy(void *arg)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    kr_callback_free(arg);
    PyGILState_Release(gil);
}

// Shows the exception that cannot go further, if that was asked for, and forgets it.
static void
report(SqliteCallback *callback)
{
    if (callback->state->callback_tracebacks) {
        PyErr_FormatUnraisable("Exception ignored on sqlite3 callback %R",
                               callback->callable);
    }
    else {
        PyErr_Clear();
    }
}

// The result of a function that raised.
static void
fail(sqlite3_context *context, SqliteCallback *callback, const char *message)
{
    if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
        sqlite3_result_error_nomem(context);
    }
    else if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        sqlite3_result_error_toobig(context);
    }
    else {
        sqlite3_result_error(context, message, -1);
    }
    report(callback);
}

// ---- values ----------------------------------------------------------------------

static PyObject *
from_value(sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        return PyLong_FromLongLong(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
        return PyFloat_FromDouble(sqlite3_value_double(value));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_value_text(value);
        return text == NULL
                   ? PyErr_NoMemory()
                   : PyUnicode_FromStringAndSize(text, sqlite3_value_bytes(value));
    }
    case SQLITE_BLOB: {
        const char *data = sqlite3_value_blob(value);
        return PyBytes_FromStringAndSize(data, sqlite3_value_bytes(value));
    }
    default:
        Py_RETURN_NONE;
    }
}

// Makes argv vectorcall arguments, owned. 0 or -1.
static int
from_values(int argc, sqlite3_value **argv, PyObject **out)
{
    for (int i = 0; i < argc; i++) {
        out[i] = from_value(argv[i]);
        if (out[i] == NULL) {
            while (i > 0) {
                Py_DECREF(out[--i]);
            }
            return -1;
        }
    }
    return 0;
}

static int
result_int(sqlite3_context *context, PyObject *value)
{
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);

    if (overflow != 0) {
        PyErr_SetString(PyExc_OverflowError,
                        "Python int too large to convert to SQLite INTEGER");
        return -1;
    }
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    sqlite3_result_int64(context, number);
    return 0;
}

static int
result_bytes(sqlite3_context *context, PyObject *value)
{
    Py_buffer view;

    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (view.len > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "BLOB longer than INT_MAX bytes");
        PyBuffer_Release(&view);
        return -1;
    }
    sqlite3_result_blob(context, view.buf, (int)view.len, SQLITE_TRANSIENT);
    PyBuffer_Release(&view);
    return 0;
}

// Gives a Python value to SQLite. 0, or -1 (perhaps without an exception).
static int
set_result(sqlite3_context *context, PyObject *value)
{
    if (value == Py_None) {
        sqlite3_result_null(context);
        return 0;
    }
    if (PyLong_Check(value)) {
        return result_int(context, value);
    }
    if (PyFloat_Check(value)) {
        sqlite3_result_double(context, PyFloat_AS_DOUBLE(value));
        return 0;
    }
    if (PyUnicode_Check(value)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(value, &size);
        if (text == NULL) {
            return -1;
        }
        if (size > INT_MAX) {
            PyErr_SetString(PyExc_OverflowError, "string is longer than INT_MAX bytes");
            return -1;
        }
        sqlite3_result_text(context, text, (int)size, SQLITE_TRANSIENT);
        return 0;
    }
    if (PyObject_CheckBuffer(value)) {
        return result_bytes(context, value);
    }
    PyErr_Format(PyExc_TypeError, "type '%s' is not supported as a result for SQLite",
                 Py_TYPE(value)->tp_name);
    return -1;
}

// Calls with SQLite's arguments; new reference or NULL.
static PyObject *
call_with(PyObject *callable, int argc, sqlite3_value **argv)
{
    enum { SMALL = 8 };
    PyObject *small[SMALL] = {NULL};
    PyObject **args = argc <= SMALL ? small : PyMem_New(PyObject *, argc);
    PyObject *result = NULL;

    if (args == NULL) {
        return PyErr_NoMemory();
    }
    if (from_values(argc, argv, args) == 0) {
        result = PyObject_Vectorcall(callable, args, (size_t)argc, NULL);
        for (int i = 0; i < argc; i++) {
            Py_DECREF(args[i]);
        }
    }
    if (args != small) {
        PyMem_Free(args);
    }
    return result;
}

// ---- functions -------------------------------------------------------------------

static void
call_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(sqlite3_user_data(context));
    PyObject *result = call_with(callback->callable, argc, argv);

    if (result == NULL || set_result(context, result) < 0) {
        fail(context, callback, "user-defined function raised exception");
    }
    Py_XDECREF(result);
    kr_callback_free(callback);
    PyGILState_Release(gil);
}

// Warns unless the first `count` parameters came by position. 0 or -1.
static int
warn_keywords(PyObject *args, Py_ssize_t count, const char *names, const char *method)
{
    if (PyTuple_GET_SIZE(args) >= count) {
        return 0;
    }
    const char *plural = count > 1 ? "s" : "";
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                            "Passing keyword argument%s %s to _sqlite3.Connection.%s() is "
                            "deprecated. Parameter%s %s will become positional-only in "
                            "Python 3.15.",
                            plural, names, method, plural, names);
}

// Whether SQLite allows that many arguments; else ProgrammingError.
static bool
check_count(SqliteConnection *self, const char *what, int count)
{
    int most = sqlite3_limit(self->db, SQLITE_LIMIT_FUNCTION_ARG, -1);

    if (count < -1 || count > most) {
        PyErr_Format(self->state->errors[KR_PROGRAMMING_ERROR],
                     "'%s' must be between -1 and %d, not %d", what, most, count);
        return false;
    }
    return true;
}

static PyObject *
created(SqliteConnection *self, int rc, const char *message)
{
    if (rc != SQLITE_OK) {
        PyErr_SetString(self->state->errors[KR_OPERATIONAL_ERROR], message);
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(sqlite_connection,
              "create_function($self, /, name, narg, func, *, deterministic=False)",
              METH_VARARGS | METH_KEYWORDS, "Creates a new function.")
static PyObject *
connection_create_function(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"name", "narg", "func", "deterministic", NULL};
    SqliteConnection *self = (SqliteConnection *)object;
    const char *name;
    PyObject *callable;
    int narg, deterministic = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "siO|$p:create_function", names, &name,
                                     &narg, &callable, &deterministic) ||
        warn_keywords(args, 3, "'name', 'narg' and 'func'", "create_function") < 0 ||
        !kr_connection_check(self) || !check_count(self, "narg", narg)) {
        return NULL;
    }
    int flags = SQLITE_UTF8 | (deterministic ? SQLITE_DETERMINISTIC : 0);
    int rc;
    if (callable == Py_None) {
        rc = sqlite3_create_function_v2(self->db, name, narg, flags, NULL, NULL, NULL, NULL,
                                        NULL);
    }
    else {
        SqliteCallback *callback = callback_new(self, callable);
        if (callback == NULL) {
            return NULL;
        }
        rc = sqlite3_create_function_v2(self->db, name, narg, flags, callback,
                                        call_function, NULL, NULL, destroy);
    }
    return created(self, rc, "Error creating function");
}

// ---- aggregates --------------------------------------------------------------------

// The instance of this query: made at the first step. NULL on error.
static PyObject **
instance_of(sqlite3_context *context, SqliteCallback *callback)
{
    PyObject **place = sqlite3_aggregate_context(context, sizeof(PyObject *));

    if (place == NULL) {
        PyErr_NoMemory();
        fail(context, callback, "unable to allocate the aggregate");
        return NULL;
    }
    if (*place == NULL) {
        *place = PyObject_CallNoArgs(callback->callable);
        if (*place == NULL) {
            fail(context, callback,
                 "user-defined aggregate's '__init__' method raised error");
            return NULL;
        }
    }
    return place;
}

// A method of an aggregate, or NULL with the result set to an error.
static PyObject *
method_of(sqlite3_context *context, SqliteCallback *callback, PyObject *instance,
          const char *name)
{
    PyObject *method = PyObject_GetAttrString(instance, name);

    if (method == NULL) {
        char text[80];
        PyOS_snprintf(text, sizeof text, "user-defined aggregate's '%s' method not defined",
                      name);
        fail(context, callback, text);
    }
    return method;
}

static void
method_raised(sqlite3_context *context, SqliteCallback *callback, const char *name)
{
    char text[80];

    PyOS_snprintf(text, sizeof text, "user-defined aggregate's '%s' method raised error",
                  name);
    fail(context, callback, text);
}

static void
aggregate_rows(sqlite3_context *context, int argc, sqlite3_value **argv, const char *name)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(sqlite3_user_data(context));
    PyObject **place = instance_of(context, callback);
    PyObject *method = place == NULL ? NULL : method_of(context, callback, *place, name);

    if (method != NULL) {
        PyObject *result = call_with(method, argc, argv);
        if (result == NULL) {
            method_raised(context, callback, name);
        }
        Py_XDECREF(result);
        Py_DECREF(method);
    }
    kr_callback_free(callback);
    PyGILState_Release(gil);
}

static void
aggregate_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    aggregate_rows(context, argc, argv, "step");
}

static void
aggregate_inverse(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    aggregate_rows(context, argc, argv, "inverse");
}

static void
give_result(sqlite3_context *context, SqliteCallback *callback, PyObject *instance,
            const char *name)
{
    PyObject *method = method_of(context, callback, instance, name);

    if (method == NULL) {
        return;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    if (result == NULL || set_result(context, result) < 0) {
        method_raised(context, callback, name);
    }
    Py_XDECREF(result);
    Py_DECREF(method);
}

static void
aggregate_value(sqlite3_context *context)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(sqlite3_user_data(context));
    PyObject **place = sqlite3_aggregate_context(context, sizeof(PyObject *));

    if (place != NULL && *place != NULL) {
        give_result(context, callback, *place, "value");
    }
    kr_callback_free(callback);
    PyGILState_Release(gil);
}

static void
aggregate_final(sqlite3_context *context)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(sqlite3_user_data(context));
    PyObject **place = sqlite3_aggregate_context(context, 0);

    // Without rows, or after __init__ failed, there is no instance.
    if (place != NULL && *place != NULL) {
        // An exception of an earlier call is not to be lost.
        PyObject *pending = PyErr_GetRaisedException();
        give_result(context, callback, *place, "finalize");
        PyErr_SetRaisedException(pending);
        Py_CLEAR(*place);
    }
    kr_callback_free(callback);
    PyGILState_Release(gil);
}

KR_METHOD_RAW(sqlite_connection, "create_aggregate($self, /, name, n_arg, aggregate_class)",
              METH_VARARGS | METH_KEYWORDS, "Creates a new aggregate.")
static PyObject *
connection_create_aggregate(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"name", "n_arg", "aggregate_class", NULL};
    SqliteConnection *self = (SqliteConnection *)object;
    const char *name;
    PyObject *callable;
    int n_arg, rc;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "siO:create_aggregate", names, &name,
                                     &n_arg, &callable) ||
        warn_keywords(args, 3, "'name', 'n_arg' and 'aggregate_class'",
                      "create_aggregate") < 0 ||
        !kr_connection_check(self) || !check_count(self, "n_arg", n_arg)) {
        return NULL;
    }
    if (callable == Py_None) {
        rc = sqlite3_create_function_v2(self->db, name, n_arg, SQLITE_UTF8, NULL, NULL,
                                        NULL, NULL, NULL);
    }
    else {
        SqliteCallback *callback = callback_new(self, callable);
        if (callback == NULL) {
            return NULL;
        }
        rc = sqlite3_create_function_v2(self->db, name, n_arg, SQLITE_UTF8, callback, NULL,
                                        aggregate_step, aggregate_final, destroy);
    }
    return created(self, rc, "Error creating aggregate");
}

KR_METHOD(sqlite_connection,
          "create_window_function(self, name, num_params, aggregate_class, /)",
          "Creates or redefines an aggregate window function. Non-standard.\n\n"
          "The class has the methods step, inverse, value and finalize; None removes the\n"
          "function.")
static PyObject *
connection_create_window_function(SqliteConnection *self, const char *name, int num_params,
                                  PyObject *aggregate_class)
{
    int rc;

    if (!kr_connection_check(self) || !check_count(self, "num_params", num_params)) {
        return NULL;
    }
    if (aggregate_class == Py_None) {
        rc = sqlite3_create_window_function(self->db, name, num_params, SQLITE_UTF8, NULL,
                                            NULL, NULL, NULL, NULL, NULL);
    }
    else {
        SqliteCallback *callback = callback_new(self, aggregate_class);
        if (callback == NULL) {
            return NULL;
        }
        rc = sqlite3_create_window_function(self->db, name, num_params, SQLITE_UTF8,
                                            callback, aggregate_step, aggregate_final,
                                            aggregate_value, aggregate_inverse, destroy);
    }
    if (rc != SQLITE_OK) {
        kr_sqlite_fail(self->state, rc == SQLITE_MISUSE ? NULL : self->db, rc);
        return NULL;
    }
    Py_RETURN_NONE;
}

// ---- collations ---------------------------------------------------------------------

static int
collate(void *arg, int a_size, const void *a, int b_size, const void *b)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(arg);
    PyObject *args[2] = {PyUnicode_FromStringAndSize(a, a_size),
                         PyUnicode_FromStringAndSize(b, b_size)};
    PyObject *result = NULL;
    long long order = 0;

    if (args[0] != NULL && args[1] != NULL) {
        result = PyObject_Vectorcall(callback->callable, args, 2, NULL);
    }
    if (result != NULL) {
        int overflow;
        order = PyLong_AsLongLongAndOverflow(result, &overflow);
        order = overflow != 0 ? overflow : order;
        if (order == -1 && PyErr_Occurred()) {
            order = 0;
        }
    }
    if (PyErr_Occurred()) {
        // A collation has no way to fail: the two count as equal.
        report(callback);
        order = 0;
    }
    Py_XDECREF(args[0]);
    Py_XDECREF(args[1]);
    Py_XDECREF(result);
    kr_callback_free(callback);
    PyGILState_Release(gil);
    return (order > 0) - (order < 0);
}

KR_METHOD(sqlite_connection, "create_collation(self, name, callback, /)",
          "Creates a collation function.")
static PyObject *
connection_create_collation(SqliteConnection *self, const char *name, PyObject *callable)
{
    SqliteCallback *callback = NULL;

    if (!kr_connection_check(self)) {
        return NULL;
    }
    if (callable != Py_None) {
        if (!PyCallable_Check(callable)) {
            PyErr_SetString(PyExc_TypeError, "parameter must be callable");
            return NULL;
        }
        callback = callback_new(self, callable);
        if (callback == NULL) {
            return NULL;
        }
    }
    int rc = sqlite3_create_collation_v2(self->db, name, SQLITE_UTF8, callback,
                                         callback == NULL ? NULL : collate, destroy);
    if (rc != SQLITE_OK) {
        // Unlike the others this one does not destroy on failure.
        kr_callback_free(callback);
        kr_sqlite_fail(self->state, self->db, rc);
        return NULL;
    }
    Py_RETURN_NONE;
}

// ---- authorizer, progress, trace -------------------------------------------------------

static int
authorize(void *arg, int action, const char *a, const char *b, const char *db,
          const char *source)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(arg);
    PyObject *result = PyObject_CallFunction(callback->callable, "issss", action, a, b, db,
                                             source);
    int verdict = SQLITE_DENY;

    if (result != NULL && PyLong_Check(result)) {
        verdict = PyLong_AsInt(result);
        if (verdict == -1 && PyErr_Occurred()) {
            verdict = SQLITE_DENY;
        }
    }
    if (PyErr_Occurred()) {
        report(callback);
    }
    Py_XDECREF(result);
    kr_callback_free(callback);
    PyGILState_Release(gil);
    return verdict;
}

static int
progress(void *arg)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(arg);
    PyObject *result = PyObject_CallNoArgs(callback->callable);
    int stop = result == NULL ? -1 : PyObject_IsTrue(result);

    if (stop < 0) {
        // Abort the query.
        report(callback);
        stop = 1;
    }
    Py_XDECREF(result);
    kr_callback_free(callback);
    PyGILState_Release(gil);
    return stop;
}

// The statement's text with its parameters, or without where that is too long.
static PyObject *
traced_text(SqliteCallback *callback, sqlite3_stmt *stmt, const char *text)
{
    char *expanded = sqlite3_expanded_sql(stmt);

    if (expanded != NULL) {
        PyObject *string = PyUnicode_DecodeUTF8(expanded, (Py_ssize_t)strlen(expanded),
                                                "strict");
        sqlite3_free(expanded);
        return string;
    }
    sqlite3 *db = sqlite3_db_handle(stmt);
    if (sqlite3_errcode(db) == SQLITE_NOMEM) {
        kr_sqlite_fail(callback->state, db, SQLITE_NOMEM);
        return NULL;
    }
    PyErr_SetString(callback->state->errors[KR_DATA_ERROR],
                    "Expanded SQL string exceeds the maximum string length");
    report(callback);
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "strict");
}

static int
trace(unsigned int type, void *arg, void *stmt, void *text)
{
    if (type != SQLITE_TRACE_STMT) {
        return 0;
    }
    PyGILState_STATE gil = PyGILState_Ensure();
    SqliteCallback *callback = enter(arg);
    PyObject *string = traced_text(callback, stmt, text);
    PyObject *result = string == NULL ? NULL
                                      : PyObject_CallOneArg(callback->callable, string);

    if (result == NULL) {
        report(callback);
    }
    Py_XDECREF(result);
    Py_XDECREF(string);
    kr_callback_free(callback);
    PyGILState_Release(gil);
    return 0;
}

// Puts a new callback, or none for None, into its place; false on error.
static bool
replace(SqliteConnection *self, PyObject *callable, SqliteCallback **place,
        SqliteCallback **old)
{
    SqliteCallback *callback = NULL;

    if (callable != Py_None) {
        callback = callback_new(self, callable);
        if (callback == NULL) {
            return false;
        }
    }
    *old = *place;
    *place = callback;
    return true;
}

KR_METHOD_RAW(sqlite_connection, "set_authorizer($self, /, authorizer_callback)",
              METH_VARARGS | METH_KEYWORDS, "Set authorizer callback.")
static PyObject *
connection_set_authorizer(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"authorizer_callback", NULL};
    SqliteConnection *self = (SqliteConnection *)object;
    SqliteCallback *old;
    PyObject *callable;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:set_authorizer", names, &callable) ||
        warn_keywords(args, 1, "'authorizer_callback'", "set_authorizer") < 0 ||
        !kr_connection_check(self) ||
        !replace(self, callable, &self->authorizer, &old)) {
        return NULL;
    }
    int rc = sqlite3_set_authorizer(self->db, self->authorizer == NULL ? NULL : authorize,
                                    self->authorizer);
    kr_callback_free(old);
    return created(self, rc, "Error setting authorizer callback");
}

KR_METHOD_RAW(sqlite_connection, "set_progress_handler($self, /, progress_handler, n)",
              METH_VARARGS | METH_KEYWORDS,
              "Set progress handler callback.\n\n"
              "It is called every n instructions of SQLite's virtual machine; what it\n"
              "returns, if true, stops the query. None removes it.")
static PyObject *
connection_set_progress_handler(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"progress_handler", "n", NULL};
    SqliteConnection *self = (SqliteConnection *)object;
    SqliteCallback *old;
    PyObject *callable;
    int n;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Oi:set_progress_handler", names,
                                     &callable, &n) ||
        warn_keywords(args, 1, "'progress_handler'", "set_progress_handler") < 0 ||
        !kr_connection_check(self) || !replace(self, callable, &self->progress, &old)) {
        return NULL;
    }
    sqlite3_progress_handler(self->db, self->progress == NULL ? 0 : n,
                             self->progress == NULL ? NULL : progress, self->progress);
    kr_callback_free(old);
    Py_RETURN_NONE;
}

KR_METHOD_RAW(sqlite_connection, "set_trace_callback($self, /, trace_callback)",
              METH_VARARGS | METH_KEYWORDS,
              "Set a trace callback called for each SQL statement (passed as unicode).")
static PyObject *
connection_set_trace_callback(PyObject *object, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"trace_callback", NULL};
    SqliteConnection *self = (SqliteConnection *)object;
    SqliteCallback *old;
    PyObject *callable;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:set_trace_callback", names,
                                     &callable) ||
        warn_keywords(args, 1, "'trace_callback'", "set_trace_callback") < 0 ||
        !kr_connection_check(self) || !replace(self, callable, &self->trace, &old)) {
        return NULL;
    }
    sqlite3_trace_v2(self->db, self->trace == NULL ? 0 : SQLITE_TRACE_STMT,
                     self->trace == NULL ? NULL : trace, self->trace);
    kr_callback_free(old);
    Py_RETURN_NONE;
}

#include "ext/sqlite/callbacks.methods.h"
