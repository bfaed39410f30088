// SPDX-License-Identifier: MIT
// module.c - the module _sqlite3: the DB-API over SQLite.
//
// Files: connection.c, control.c and callbacks.c (Connection), cursor.c, statement.c,
//        row.c, blob.c, errors.c, constants.c.
#include "ext/sqlite/sqlite.h"

#include <string.h>

#include "objects/args.h"

static PyModuleDef sqlite_def;

SqliteState *
kr_sqlite_state(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &sqlite_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

// ---- adapters -----------------------------------------------------------------------

// Calls method(argument) if the object has that method. 1 with a result that is not
// None, 0 when there is none, -1 on error.
static int
try_method(PyObject *object, const char *name, PyObject *argument, PyObject **result)
{
    PyObject *method;
    int found = PyObject_GetOptionalAttrString(object, name, &method);

    if (found <= 0) {
        return found;
    }
    *result = PyObject_CallOneArg(method, argument);
    Py_DECREF(method);
    if (*result == NULL) {
        // A TypeError says that this object cannot do it.
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (*result == Py_None) {
        Py_CLEAR(*result);
        return 0;
    }
    return 1;
}

PyObject *
kr_sqlite_adapt(SqliteState *state, PyObject *obj, PyObject *protocol, PyObject *alt)
{
    PyObject *key = PyTuple_Pack(2, Py_TYPE(obj), protocol);
    PyObject *adapter, *result = NULL;

    if (key == NULL) {
        return NULL;
    }
    int found = PyDict_GetItemRef(state->adapters, key, &adapter);
    Py_DECREF(key);
    if (found < 0) {
        return NULL;
    }
    if (found) {
        result = PyObject_CallOneArg(adapter, obj);
        Py_DECREF(adapter);
        return result;
    }
    found = try_method(protocol, "__adapt__", obj, &result);
    if (found == 0) {
        found = try_method(obj, "__conform__", protocol, &result);
    }
    if (found != 0) {
        return found < 0 ? NULL : result;
    }
    if (alt != NULL) {
        return Py_NewRef(alt);
    }
    PyErr_SetString(state->errors[KR_PROGRAMMING_ERROR], "can't adapt");
    return NULL;
}

KR_FUNCTION(sqlite, "adapt(obj, proto=PrepareProtocolType, alt=<missing>, /)",
            "Adapt given object to given protocol.")
static PyObject *
sqlite_adapt(PyObject *module, PyObject *obj, PyObject *proto, PyObject *alt)
{
    SqliteState *state = PyModule_GetState(module);

    return kr_sqlite_adapt(state, obj,
                           proto == NULL ? (PyObject *)state->protocol_type : proto, alt);
}

KR_FUNCTION(sqlite, "register_adapter(type, adapter, /)",
            "Register a function to adapt Python objects to SQLite values.")
static PyObject *
sqlite_register_adapter(PyObject *module, PyObject *type, PyObject *adapter)
{
    SqliteState *state = PyModule_GetState(module);
    if (type == (PyObject *)&PyLong_Type || type == (PyObject *)&PyFloat_Type ||
        type == (PyObject *)&PyUnicode_Type || type == (PyObject *)&PyByteArray_Type) {
        state->base_type_adapted = true;
    }
    PyObject *key = PyTuple_Pack(2, type, state->protocol_type);
    int status = key == NULL ? -1 : PyDict_SetItem(state->adapters, key, adapter);

    Py_XDECREF(key);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(sqlite, "register_converter(typename, converter, /)",
            "Register a function to convert SQLite values to Python objects.")
static PyObject *
sqlite_register_converter(PyObject *module, PyObject *typename, PyObject *converter)
{
    SqliteState *state = PyModule_GetState(module);

    if (!PyUnicode_Check(typename)) {
        kr_arg_bad("register_converter", "argument 1", "str", typename);
        return NULL;
    }
    PyObject *name = PyObject_CallMethod(typename, "upper", NULL);
    int status = name == NULL ? -1 : PyDict_SetItem(state->converters, name, converter);
    Py_XDECREF(name);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

// ---- other functions ---------------------------------------------------------------

// The keyword argument of a vectorcall, borrowed, or NULL.
static PyObject *
find_keyword(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, const char *name)
{
    for (Py_ssize_t i = 0; kwnames != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyUnicode_EqualToUTF8(PyTuple_GET_ITEM(kwnames, i), name)) {
            return args[nargs + i];
        }
    }
    return NULL;
}

KR_FUNCTION_RAW(sqlite,
                "connect($module, /, database, timeout=5.0, detect_types=0,\n"
                "        isolation_level='', check_same_thread=True,\n"
                "        factory=ConnectionType, cached_statements=128, uri=False, *,\n"
                "        autocommit=sqlite3.LEGACY_TRANSACTION_CONTROL)",
                METH_FASTCALL | METH_KEYWORDS,
                "Open a connection to the SQLite database file 'database'.\n\n"
                "With \\\":memory:\\\" the database is one in memory.")
static PyObject *
sqlite_connect(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
               PyObject *kwnames)
{
    enum { FACTORY = 5, POSITIONAL = 8 };
    SqliteState *state = PyModule_GetState(module);

    if (nargs > 1 && nargs <= POSITIONAL &&
        PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Passing more than 1 positional argument to sqlite3.connect() is "
                     "deprecated. Parameters 'timeout', 'detect_types', "
                     "'isolation_level', 'check_same_thread', 'factory', "
                     "'cached_statements' and 'uri' will become keyword-only parameters "
                     "in Python 3.15.",
                     1) < 0) {
        return NULL;
    }
    PyObject *factory = nargs > FACTORY ? args[FACTORY]
                                        : find_keyword(args, nargs, kwnames, "factory");
    if (factory == NULL) {
        factory = (PyObject *)state->connection_type;
    }
    return PyObject_Vectorcall(factory, args, (size_t)nargs, kwnames);
}

KR_FUNCTION(sqlite, "complete_statement(statement)",
            "Checks if a string contains a complete SQL statement.")
static PyObject *
sqlite_complete_statement(PyObject *module, const char *statement)
{
    return PyBool_FromLong(sqlite3_complete(statement));
}

KR_FUNCTION(sqlite, "enable_callback_tracebacks(enable, /)",
            "Enable or disable callback functions throwing errors to stderr.")
static PyObject *
sqlite_enable_callback_tracebacks(PyObject *module, int enable)
{
    ((SqliteState *)PyModule_GetState(module))->callback_tracebacks = enable;
    Py_RETURN_NONE;
}

KR_MODULE(sqlite)
#include "ext/sqlite/module.methods.h"

// ---- module ---------------------------------------------------------------------------

static void
protocol_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    type->tp_free(self);
    Py_DECREF(type);
}

static int
protocol_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return 0;
}

static PyType_Slot protocol_slots[] = {
    {Py_tp_dealloc, protocol_dealloc},
    {Py_tp_init, protocol_init},
    {Py_tp_doc, "PEP 246 style object adaption protocol type."},
    {0, NULL},
};

static PyType_Spec protocol_spec = {
    .name = "sqlite3.PrepareProtocol",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = protocol_slots,
};

static const struct {
    SqliteError place;
    const char *name;
    int base; // another place, or -1 for Exception
} exceptions[] = {
    {KR_WARNING, "sqlite3.Warning", -1},
    {KR_ERROR, "sqlite3.Error", -1},
    {KR_INTERFACE_ERROR, "sqlite3.InterfaceError", KR_ERROR},
    {KR_DATABASE_ERROR, "sqlite3.DatabaseError", KR_ERROR},
    {KR_DATA_ERROR, "sqlite3.DataError", KR_DATABASE_ERROR},
    {KR_OPERATIONAL_ERROR, "sqlite3.OperationalError", KR_DATABASE_ERROR},
    {KR_INTEGRITY_ERROR, "sqlite3.IntegrityError", KR_DATABASE_ERROR},
    {KR_INTERNAL_ERROR, "sqlite3.InternalError", KR_DATABASE_ERROR},
    {KR_PROGRAMMING_ERROR, "sqlite3.ProgrammingError", KR_DATABASE_ERROR},
    {KR_NOT_SUPPORTED_ERROR, "sqlite3.NotSupportedError", KR_DATABASE_ERROR},
};

static int
add_exceptions(PyObject *module, SqliteState *state)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(exceptions); i++) {
        PyObject *base = exceptions[i].base < 0 ? PyExc_Exception
                                                : state->errors[exceptions[i].base];
        PyObject *error = PyErr_NewException(exceptions[i].name, base, NULL);
        state->errors[exceptions[i].place] = error;
        if (error == NULL ||
            PyModule_AddObjectRef(module, strchr(exceptions[i].name, '.') + 1, error) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
add_types(PyObject *module, SqliteState *state)
{
    state->protocol_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &protocol_spec, NULL);
    state->connection_type = kr_connection_type(module);
    state->cursor_type = kr_cursor_type(module);
    state->statement_type = kr_statement_type(module);
    state->row_type = kr_row_type(module);
    state->blob_type = kr_blob_type(module);

    PyTypeObject *const all[] = {state->protocol_type, state->connection_type,
                                 state->cursor_type, state->row_type, state->blob_type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(all); i++) {
        if (all[i] == NULL || PyModule_AddType(module, all[i]) < 0) {
            return -1;
        }
    }
    return state->statement_type == NULL ? -1 : 0;
}

// What the DB-API calls it: 0 no threads, 1 threads may share the module, 3 cursors too.
static int
thread_safety(void)
{
    switch (sqlite3_threadsafe()) {
    case 0:
        return 0;
    case 2:
        return 1;
    default:
        return 3;
    }
}

static int
sqlite_exec(PyObject *module)
{
    SqliteState *state = PyModule_GetState(module);

    if (sqlite3_libversion_number() < 3015002) {
        PyErr_SetString(PyExc_ImportError, "SQLite 3.15.2 or higher required");
        return -1;
    }
    if (sqlite3_initialize() != SQLITE_OK) {
        PyErr_SetString(PyExc_ImportError, "SQLite cannot be initialized");
        return -1;
    }
    state->lru_cache = PyImport_ImportModuleAttrString("functools", "lru_cache");
    state->adapters = PyDict_New();
    state->converters = PyDict_New();
    if (state->lru_cache == NULL || state->adapters == NULL || state->converters == NULL ||
        PyModule_AddObjectRef(module, "adapters", state->adapters) < 0 ||
        PyModule_AddObjectRef(module, "converters", state->converters) < 0 ||
        add_exceptions(module, state) < 0 || add_types(module, state) < 0 ||
        kr_sqlite_add_constants(module) < 0) {
        return -1;
    }
    if (PyModule_AddStringConstant(module, "sqlite_version", sqlite3_libversion()) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "threadsafety", thread_safety());
}

static int
sqlite_traverse(PyObject *module, visitproc visit, void *arg)
{
    SqliteState *state = PyModule_GetState(module);

    for (int i = 0; i < KR_ERROR_COUNT; i++) {
        Py_VISIT(state->errors[i]);
    }
    Py_VISIT(state->connection_type);
    Py_VISIT(state->cursor_type);
    Py_VISIT(state->statement_type);
    Py_VISIT(state->row_type);
    Py_VISIT(state->blob_type);
    Py_VISIT(state->protocol_type);
    Py_VISIT(state->adapters);
    Py_VISIT(state->converters);
    Py_VISIT(state->lru_cache);
    return 0;
}

static int
sqlite_clear(PyObject *module)
{
    SqliteState *state = PyModule_GetState(module);

    for (int i = 0; i < KR_ERROR_COUNT; i++) {
        Py_CLEAR(state->errors[i]);
    }
    Py_CLEAR(state->connection_type);
    Py_CLEAR(state->cursor_type);
    Py_CLEAR(state->statement_type);
    Py_CLEAR(state->row_type);
    Py_CLEAR(state->blob_type);
    Py_CLEAR(state->protocol_type);
    Py_CLEAR(state->adapters);
    Py_CLEAR(state->converters);
    Py_CLEAR(state->lru_cache);
    return 0;
}

static void
sqlite_free(void *module)
{
    sqlite_clear(module);
}

static PyModuleDef_Slot sqlite_slots[] = {
    {Py_mod_exec, sqlite_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef sqlite_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sqlite3",
    .m_size = sizeof(SqliteState),
    .m_methods = sqlite_methods,
    .m_slots = sqlite_slots,
    .m_traverse = sqlite_traverse,
    .m_clear = sqlite_clear,
    .m_free = sqlite_free,
};

PyMODINIT_FUNC
PyInit__sqlite3(void)
{
    return PyModuleDef_Init(&sqlite_def);
}
