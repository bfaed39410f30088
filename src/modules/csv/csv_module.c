// SPDX-License-Identifier: MIT
// csv_module.c - the module _csv: registered dialects, readers and writers.
//
// Read next:   dialect.c, reader.c, writer.c
#include "modules/csv/csv.h"

#include "objects/args.h"
#include "objects/ids.h"

PyObject *
kr_csv_get_dialect(CsvState *state, PyObject *name)
{
    PyObject *dialect;
    if (PyDict_GetItemRef(state->dialects, name, &dialect) == 0) {
        PyErr_SetString(state->error, "unknown dialect");
    }
    return dialect;
}

KR_FUNCTION(_csv, "list_dialects()", "Return a list of all known dialect names.")
static PyObject *
csv_list_dialects(PyObject *module)
{
    return PyDict_Keys(kr_csv_state(module)->dialects);
}

KR_FUNCTION_RAW(_csv, "register_dialect($module, name, /, dialect='excel', **fmtparams)",
                METH_VARARGS | METH_KEYWORDS,
                "Create a mapping from a string name to a CSV dialect.\n\n"
                "The optional \"dialect\" is an instance to start from, or the name of a\n"
                "registered one; keyword arguments override its settings.\n")
static PyObject *
csv_register_dialect(PyObject *module, PyObject *args, PyObject *kwargs)
{
    CsvState *state = kr_csv_state(module);
    PyObject *name, *base = NULL;
    if (!PyArg_UnpackTuple(args, "register_dialect", 1, 2, &name, &base)) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "dialect name must be a string");
        return NULL;
    }
    CsvDialect *dialect = kr_csv_make_dialect(state, base, kwargs);
    if (dialect == NULL) {
        return NULL;
    }
    int status = PyDict_SetItem(state->dialects, name, (PyObject *)dialect);
    Py_DECREF(dialect);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(_csv, "unregister_dialect(name)",
            "Delete the name/dialect mapping associated with a string name.")
static PyObject *
csv_unregister_dialect(PyObject *module, PyObject *name)
{
    CsvState *state = kr_csv_state(module);
    int found = PyDict_Pop(state->dialects, name, NULL);
    if (found == 0) {
        PyErr_SetString(state->error, "unknown dialect");
    }
    return found > 0 ? Py_NewRef(Py_None) : NULL;
}

KR_FUNCTION(_csv, "get_dialect(name)",
            "Return the dialect instance associated with name.")
static PyObject *
csv_get_dialect(PyObject *module, PyObject *name)
{
    return kr_csv_get_dialect(kr_csv_state(module), name);
}

KR_FUNCTION(_csv, "field_size_limit(new_limit=<unrepresentable>)",
            "Sets an upper limit on parsed fields.\n\n"
            "Returns the old limit. If new_limit is not given, no new limit is set and\n"
            "the old limit is returned")
static PyObject *
csv_field_size_limit(PyObject *module, PyObject *new_limit)
{
    CsvState *state = kr_csv_state(module);
    Py_ssize_t old = state->field_limit;
    if (new_limit != NULL) {
        if (!PyLong_CheckExact(new_limit)) {
            PyErr_SetString(PyExc_TypeError, "limit must be an integer");
            return NULL;
        }
        Py_ssize_t limit = PyLong_AsSsize_t(new_limit);
        if (limit == -1 && PyErr_Occurred()) {
            return NULL;
        }
        state->field_limit = limit;
    }
    return PyLong_FromSsize_t(old);
}

KR_FUNCTION_RAW(_csv, "reader($module, iterable, /, dialect='excel', **fmtparams)",
                METH_VARARGS | METH_KEYWORDS,
                "Return a reader object that will process lines from the given iterable.\n\n"
                "The \"iterable\" argument can be any object that returns a line of input\n"
                "for each iteration, such as a file object or a list. The optional\n"
                "\"dialect\" defines a CSV dialect; keyword arguments override its\n"
                "settings.\n\n"
                "The returned object is an iterator. Each iteration returns a row of the\n"
                "CSV file (which can span multiple input lines).\n")
static PyObject *
csv_reader(PyObject *module, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable, *dialect = NULL;
    if (!PyArg_UnpackTuple(args, "reader", 1, 2, &iterable, &dialect)) {
        return NULL;
    }
    return kr_csv_reader_new(kr_csv_state(module), iterable, dialect, kwargs);
}

KR_FUNCTION_RAW(_csv, "writer($module, fileobj, /, dialect='excel', **fmtparams)",
                METH_VARARGS | METH_KEYWORDS,
                "Return a writer object that will write user data on the given file.\n\n"
                "The \"fileobj\" argument can be any object with a method write(). The\n"
                "optional \"dialect\" defines a CSV dialect; keyword arguments override\n"
                "its settings.\n")
static PyObject *
csv_writer(PyObject *module, PyObject *args, PyObject *kwargs)
{
    PyObject *file, *dialect = NULL;
    if (!PyArg_UnpackTuple(args, "writer", 1, 2, &file, &dialect)) {
        return NULL;
    }
    return kr_csv_writer_new(kr_csv_state(module), file, dialect, kwargs);
}

KR_MODULE(_csv)
#include "modules/csv/csv_module.methods.h"

// --- The module --------------------------------------------------------------------

static int
csv_add_types(PyObject *module, CsvState *state)
{
    PyType_Spec *const specs[] = {
        [CSV_DIALECT] = &kr_csv_dialect_spec,
        [CSV_READER] = &kr_csv_reader_spec,
        [CSV_WRITER] = &kr_csv_writer_spec,
    };
    const char *const names[] = {"Dialect", "Reader", "Writer"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        state->types[i] = (PyTypeObject *)PyType_FromModuleAndSpec(module, specs[i], NULL);
        if (state->types[i] == NULL
            || PyModule_AddObjectRef(module, names[i], (PyObject *)state->types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
csv_exec(PyObject *module)
{
    CsvState *state = kr_csv_state(module);
    state->field_limit = 128 * 1024;
    state->dialects = PyDict_New();
    state->error = PyErr_NewException("_csv.Error", NULL, NULL);
    if (state->dialects == NULL || state->error == NULL
        || PyModule_AddObjectRef(module, "_dialects", state->dialects) < 0
        || PyModule_AddObjectRef(module, "Error", state->error) < 0
        || csv_add_types(module, state) < 0
        || PyModule_AddIntMacro(module, QUOTE_MINIMAL) < 0
        || PyModule_AddIntMacro(module, QUOTE_ALL) < 0
        || PyModule_AddIntMacro(module, QUOTE_NONNUMERIC) < 0
        || PyModule_AddIntMacro(module, QUOTE_NONE) < 0
        || PyModule_AddIntMacro(module, QUOTE_STRINGS) < 0
        || PyModule_AddIntMacro(module, QUOTE_NOTNULL) < 0) {
        return -1;
    }
    return 0;
}

static int
csv_traverse(PyObject *module, visitproc visit, void *arg)
{
    CsvState *state = kr_csv_state(module);
    Py_VISIT(state->error);
    Py_VISIT(state->dialects);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(state->types); i++) {
        Py_VISIT(state->types[i]);
    }
    return 0;
}

static int
csv_clear(PyObject *module)
{
    CsvState *state = kr_csv_state(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->dialects);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(state->types); i++) {
        Py_CLEAR(state->types[i]);
    }
    return 0;
}

static void
csv_free(void *module)
{
    csv_clear(module);
}

static PyModuleDef_Slot csv_slots[] = {
    {Py_mod_exec, csv_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

PyModuleDef kr_csv_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_csv",
    .m_doc = "CSV parsing and writing.\n",
    .m_size = sizeof(CsvState),
    .m_methods = _csv_methods,
    .m_slots = csv_slots,
    .m_traverse = csv_traverse,
    .m_clear = csv_clear,
    .m_free = csv_free,
};

PyMODINIT_FUNC
PyInit__csv(void)
{
    return PyModuleDef_Init(&kr_csv_def);
}
