// SPDX-License-Identifier: MIT
// config.c - PyConfig, PyPreConfig, PyStatus, PyWideStringList.
//
// config_fields below names every member of PyConfig that programs may ask for; it
// drives copying, clearing, PyConfig_Get and PyConfig_Set.
#include "runtime/config.h"

#include <string.h>

#include "objects/state.h"

// ---- PyStatus ---------------------------------------------------------------

PyStatus
PyStatus_Ok(void)
{
    return (PyStatus){._type = _PyStatus_TYPE_OK};
}

PyStatus
PyStatus_Error(const char *message)
{
    return (PyStatus){._type = _PyStatus_TYPE_ERROR, .err_msg = message};
}

PyStatus
PyStatus_NoMemory(void)
{
    return PyStatus_Error("memory allocation failed");
}

PyStatus
PyStatus_Exit(int exitcode)
{
    return (PyStatus){._type = _PyStatus_TYPE_EXIT, .exitcode = exitcode};
}

int
PyStatus_IsError(PyStatus status)
{
    return status._type == _PyStatus_TYPE_ERROR;
}

int
PyStatus_IsExit(PyStatus status)
{
    return status._type == _PyStatus_TYPE_EXIT;
}

int
PyStatus_Exception(PyStatus status)
{
    return status._type != _PyStatus_TYPE_OK;
}

// ---- wide strings -----------------------------------------------------------

static wchar_t *
copy_wide(const wchar_t *text)
{
    size_t size = (wcslen(text) + 1) * sizeof(wchar_t);
    wchar_t *copy = PyMem_RawMalloc(size);

    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

bool
kr_config_set(wchar_t **field, const wchar_t *text)
{
    wchar_t *copy = NULL;

    if (text != NULL && (copy = copy_wide(text)) == NULL) {
        return false;
    }
    PyMem_RawFree(*field);
    *field = copy;
    return true;
}

static void
clear_list(PyWideStringList *list)
{
    for (Py_ssize_t i = 0; i < list->length; i++) {
        PyMem_RawFree(list->items[i]);
    }
    PyMem_RawFree(list->items);
    *list = (PyWideStringList){0, NULL};
}

PyStatus
PyWideStringList_Insert(PyWideStringList *list, Py_ssize_t index, const wchar_t *item)
{
    wchar_t **items, *copy;

    if (list->length == PY_SSIZE_T_MAX) {
        return PyStatus_NoMemory();
    }
    if (index < 0) {
        return PyStatus_Error("PyWideStringList_Insert index must be >= 0");
    }
    index = Py_MIN(index, list->length);
    copy = copy_wide(item);
    if (copy == NULL) {
        return PyStatus_NoMemory();
    }
    items = PyMem_RawRealloc(list->items,
                             (size_t)(list->length + 1) * sizeof(list->items[0]));
    if (items == NULL) {
        PyMem_RawFree(copy);
        return PyStatus_NoMemory();
    }
    memmove(&items[index + 1], &items[index],
            (size_t)(list->length - index) * sizeof(items[0]));
    items[index] = copy;
    list->items = items;
    list->length++;
    return PyStatus_Ok();
}

PyStatus
PyWideStringList_Append(PyWideStringList *list, const wchar_t *item)
{
    return PyWideStringList_Insert(list, list->length, item);
}

static bool
copy_list(PyWideStringList *to, const PyWideStringList *from)
{
    PyWideStringList copy = {0, NULL};

    for (Py_ssize_t i = 0; i < from->length; i++) {
        if (PyStatus_Exception(PyWideStringList_Append(&copy, from->items[i]))) {
            clear_list(&copy);
            return false;
        }
    }
    clear_list(to);
    *to = copy;
    return true;
}

// ---- the fields -------------------------------------------------------------

typedef enum { FIELD_INT, FIELD_BOOL, FIELD_ULONG, FIELD_TEXT, FIELD_LIST } KrFieldKind;

typedef struct {
    const char *name;
    size_t offset;
    KrFieldKind kind;
    const char *sys; // the sys attribute that holds the current value, or NULL
} KrField;

#define FIELD(kind, name, sys) {#name, offsetof(PyConfig, name), FIELD_##kind, sys}

static const KrField config_fields[] = {
    FIELD(LIST, argv, "argv"),
    FIELD(TEXT, base_exec_prefix, "base_exec_prefix"),
    FIELD(TEXT, base_executable, "_base_executable"),
    FIELD(TEXT, base_prefix, "base_prefix"),
    FIELD(BOOL, buffered_stdio, NULL),
    FIELD(INT, bytes_warning, NULL),
    FIELD(TEXT, check_hash_pycs_mode, NULL),
    FIELD(BOOL, code_debug_ranges, NULL),
    FIELD(BOOL, configure_c_stdio, NULL),
    FIELD(INT, context_aware_warnings, NULL),
    FIELD(INT, cpu_count, NULL),
    FIELD(BOOL, dev_mode, NULL),
    FIELD(BOOL, dump_refs, NULL),
    FIELD(TEXT, dump_refs_file, NULL),
    FIELD(TEXT, exec_prefix, "exec_prefix"),
    FIELD(TEXT, executable, "executable"),
    FIELD(BOOL, faulthandler, NULL),
    FIELD(TEXT, filesystem_encoding, NULL),
    FIELD(TEXT, filesystem_errors, NULL),
    FIELD(ULONG, hash_seed, NULL),
    FIELD(TEXT, home, NULL),
    FIELD(INT, import_time, NULL),
    FIELD(BOOL, inspect, NULL),
    FIELD(BOOL, install_signal_handlers, NULL),
    FIELD(INT, int_max_str_digits, NULL),
    FIELD(BOOL, interactive, NULL),
    FIELD(BOOL, isolated, NULL),
    FIELD(BOOL, malloc_stats, NULL),
    FIELD(LIST, module_search_paths, "path"),
    FIELD(BOOL, module_search_paths_set, NULL),
    FIELD(INT, optimization_level, NULL),
    FIELD(LIST, orig_argv, "orig_argv"),
    FIELD(BOOL, parse_argv, NULL),
    FIELD(BOOL, parser_debug, NULL),
    FIELD(BOOL, pathconfig_warnings, NULL),
    FIELD(INT, perf_profiling, NULL),
    FIELD(TEXT, platlibdir, "platlibdir"),
    FIELD(TEXT, prefix, "prefix"),
    FIELD(TEXT, program_name, NULL),
    FIELD(TEXT, pycache_prefix, "pycache_prefix"),
    FIELD(TEXT, pythonpath_env, NULL),
    FIELD(BOOL, quiet, NULL),
    FIELD(BOOL, remote_debug, NULL),
    FIELD(TEXT, run_command, NULL),
    FIELD(TEXT, run_filename, NULL),
    FIELD(TEXT, run_module, NULL),
    FIELD(BOOL, safe_path, NULL),
    FIELD(BOOL, show_ref_count, NULL),
    FIELD(BOOL, site_import, NULL),
    FIELD(BOOL, skip_source_first_line, NULL),
    FIELD(TEXT, stdio_encoding, NULL),
    FIELD(TEXT, stdio_errors, NULL),
    FIELD(TEXT, stdlib_dir, "_stdlib_dir"),
    FIELD(TEXT, sys_path_0, NULL),
    FIELD(INT, thread_inherit_context, NULL),
    FIELD(INT, tracemalloc, NULL),
    FIELD(BOOL, use_environment, NULL),
    FIELD(BOOL, use_frozen_modules, NULL),
    FIELD(BOOL, use_hash_seed, NULL),
    FIELD(BOOL, user_site_directory, NULL),
    FIELD(INT, verbose, NULL),
    FIELD(BOOL, warn_default_encoding, NULL),
    FIELD(LIST, warnoptions, "warnoptions"),
    FIELD(BOOL, write_bytecode, NULL),
    FIELD(LIST, xoptions, "_xoptions"),
};

static inline void *
field_place(const PyConfig *config, const KrField *field)
{
    return (char *)config + field->offset;
}

static const KrField *
find_field(const char *name)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(config_fields); i++) {
        if (strcmp(config_fields[i].name, name) == 0) {
            return &config_fields[i];
        }
    }
    return NULL;
}

bool
kr_config_copy(PyConfig *to, const PyConfig *from)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(config_fields); i++) {
        const KrField *field = &config_fields[i];
        void *target = field_place(to, field), *source = field_place(from, field);
        switch (field->kind) {
        case FIELD_INT:
        case FIELD_BOOL:
            *(int *)target = *(int *)source;
            break;
        case FIELD_ULONG:
            *(unsigned long *)target = *(unsigned long *)source;
            break;
        case FIELD_TEXT:
            if (!kr_config_set(target, *(wchar_t **)source)) {
                return false;
            }
            break;
        case FIELD_LIST:
            if (!copy_list(target, source)) {
                return false;
            }
            break;
        }
    }
    to->_config_init = from->_config_init;
    to->_install_importlib = from->_install_importlib;
    to->_init_main = from->_init_main;
    return true;
}

void
PyConfig_Clear(PyConfig *config)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(config_fields); i++) {
        const KrField *field = &config_fields[i];
        void *place = field_place(config, field);
        if (field->kind == FIELD_TEXT) {
            PyMem_RawFree(*(wchar_t **)place);
            *(wchar_t **)place = NULL;
        }
        else if (field->kind == FIELD_LIST) {
            clear_list(place);
        }
    }
}

// ---- starting values --------------------------------------------------------

enum { INIT_PYTHON = 2, INIT_ISOLATED = 3 };

static void
init_common(PyConfig *config, int kind)
{
    memset(config, 0, sizeof *config);
    config->_config_init = kind;
    config->use_environment = -1;
    config->dev_mode = -1;
    config->install_signal_handlers = 1;
    config->use_hash_seed = -1;
    config->faulthandler = -1;
    config->tracemalloc = -1;
    config->perf_profiling = -1;
    config->remote_debug = 0;
    config->import_time = -1;
    config->code_debug_ranges = 1;
    config->site_import = 1;
    config->warn_default_encoding = -1;
    config->optimization_level = -1;
    config->parser_debug = -1;
    config->write_bytecode = -1;
    config->verbose = -1;
    config->quiet = -1;
    config->user_site_directory = -1;
    config->buffered_stdio = -1;
    config->bytes_warning = -1;
    config->inspect = -1;
    config->interactive = -1;
    config->isolated = -1;
    config->use_frozen_modules = 1;
    config->safe_path = 0;
    config->int_max_str_digits = -1;
    config->thread_inherit_context = -1;
    config->context_aware_warnings = -1;
    config->cpu_count = -1;
    config->pathconfig_warnings = -1;
    config->module_search_paths_set = 0;
    config->_install_importlib = 1;
    config->_init_main = 1;
    config->_is_python_build = 0;
}

void
PyConfig_InitPythonConfig(PyConfig *config)
{
    init_common(config, INIT_PYTHON);
    config->configure_c_stdio = 1;
    config->parse_argv = 1;
}

void
PyConfig_InitIsolatedConfig(PyConfig *config)
{
    init_common(config, INIT_ISOLATED);
    config->isolated = 1;
    config->use_environment = 0;
    config->user_site_directory = 0;
    config->dev_mode = 0;
    config->install_signal_handlers = 0;
    config->use_hash_seed = 0;
    config->tracemalloc = 0;
    config->perf_profiling = 0;
    config->int_max_str_digits = 4300;
    config->safe_path = 1;
    config->pathconfig_warnings = 0;
}

void
PyPreConfig_InitPythonConfig(PyPreConfig *config)
{
    *config = (PyPreConfig){INIT_PYTHON, 1, 0, 1, 1, -1, 0, -1, -1, 0};
}

void
PyPreConfig_InitIsolatedConfig(PyPreConfig *config)
{
    *config = (PyPreConfig){INIT_ISOLATED, 0, 1, 0, 0, 0, 0, 0, 0, 0};
}

// ---- setters ----------------------------------------------------------------

PyStatus
PyConfig_SetString(PyConfig *config, wchar_t **field, const wchar_t *text)
{
    return kr_config_set(field, text) ? PyStatus_Ok() : PyStatus_NoMemory();
}

PyStatus
PyConfig_SetBytesString(PyConfig *config, wchar_t **field, const char *text)
{
    wchar_t *wide = NULL;

    if (text != NULL && (wide = Py_DecodeLocale(text, NULL)) == NULL) {
        return PyStatus_NoMemory();
    }
    PyMem_RawFree(*field);
    *field = wide;
    return PyStatus_Ok();
}

PyStatus
PyConfig_SetWideStringList(PyConfig *config, PyWideStringList *list, Py_ssize_t length,
                           wchar_t **items)
{
    PyWideStringList source = {length, items};

    return copy_list(list, &source) ? PyStatus_Ok() : PyStatus_NoMemory();
}

PyStatus
PyConfig_SetArgv(PyConfig *config, Py_ssize_t argc, wchar_t *const *argv)
{
    return PyConfig_SetWideStringList(config, &config->argv, argc, (wchar_t **)argv);
}

PyStatus
PyConfig_SetBytesArgv(PyConfig *config, Py_ssize_t argc, char *const *argv)
{
    clear_list(&config->argv);
    for (Py_ssize_t i = 0; i < argc; i++) {
        wchar_t *text = Py_DecodeLocale(argv[i], NULL);
        if (text == NULL) {
            return PyStatus_NoMemory();
        }
        PyStatus status = PyWideStringList_Append(&config->argv, text);
        PyMem_RawFree(text);
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    return PyStatus_Ok();
}

// ---- reading ----------------------------------------------------------------

static void
choose(int *field, int value)
{
    if (*field < 0) {
        *field = value;
    }
}

// What is still undecided gets its default.
static bool
set_defaults(PyConfig *config)
{
    choose(&config->isolated, 0);
    choose(&config->use_environment, 1);
    choose(&config->dev_mode, 0);
    choose(&config->use_hash_seed, 0);
    choose(&config->faulthandler, config->dev_mode);
    choose(&config->tracemalloc, 0);
    choose(&config->perf_profiling, 0);
    choose(&config->import_time, 0);
    choose(&config->warn_default_encoding, 0);
    choose(&config->optimization_level, 0);
    choose(&config->parser_debug, 0);
    choose(&config->write_bytecode, 1);
    choose(&config->verbose, 0);
    choose(&config->quiet, 0);
    choose(&config->user_site_directory, 1);
    choose(&config->buffered_stdio, 1);
    choose(&config->bytes_warning, 0);
    choose(&config->inspect, 0);
    choose(&config->interactive, 0);
    choose(&config->int_max_str_digits, 4300);
    choose(&config->thread_inherit_context, 0);
    choose(&config->context_aware_warnings, 0);
    choose(&config->pathconfig_warnings, 1);
    if (config->stdio_encoding == NULL &&
        !kr_config_set(&config->stdio_encoding, L"utf-8")) {
        return false;
    }
    if (config->stdio_errors == NULL) {
        bool keep = kr_locale_keeps_bytes() || Py_UTF8Mode;
        if (!kr_config_set(&config->stdio_errors,
                           keep ? L"surrogateescape" : L"strict")) {
            return false;
        }
    }
    if (config->filesystem_encoding == NULL &&
        !kr_config_set(&config->filesystem_encoding, L"utf-8")) {
        return false;
    }
    if (config->filesystem_errors == NULL &&
        !kr_config_set(&config->filesystem_errors, L"surrogateescape")) {
        return false;
    }
    if (config->check_hash_pycs_mode == NULL &&
        !kr_config_set(&config->check_hash_pycs_mode, L"default")) {
        return false;
    }
    return config->platlibdir != NULL || kr_config_set(&config->platlibdir, L"lib");
}

// A script that exists gets an absolute path, for __file__ must be right after chdir().
static PyStatus
make_script_absolute(PyConfig *config)
{
    char path[4096], cwd[4096];
    PyStatus status = PyStatus_Ok();
    char *name;

    if (config->run_filename == NULL || config->run_filename[0] == L'/') {
        return status;
    }
    name = Py_EncodeLocale(config->run_filename, NULL);
    if (name == NULL) {
        return status;
    }
    if (access(name, F_OK) == 0 && getcwd(cwd, sizeof cwd) != NULL) {
        const char *rest = strncmp(name, "./", 2) == 0 ? name + 2 : name;
        int length = snprintf(path, sizeof path, "%s/%s", cwd, rest);
        if (length > 0 && length < (int)sizeof path) {
            status = PyConfig_SetBytesString(config, &config->run_filename, path);
        }
    }
    PyMem_Free(name);
    return status;
}

PyStatus
PyConfig_Read(PyConfig *config)
{
    PyStatus status;

    if (config->orig_argv.length == 0 && !copy_list(&config->orig_argv, &config->argv)) {
        return PyStatus_NoMemory();
    }
    if (config->isolated > 0) {
        config->use_environment = 0;
        config->user_site_directory = 0;
        config->safe_path = 1;
    }
    if (config->program_name == NULL && config->argv.length > 0 &&
        config->argv.items[0][0] != L'\0' &&
        !kr_config_set(&config->program_name, config->argv.items[0])) {
        return PyStatus_NoMemory();
    }
    if (config->parse_argv == 1) {
        status = kr_options_parse(config);
        if (PyStatus_Exception(status)) {
            return status;
        }
        config->parse_argv = 2;
        status = make_script_absolute(config);
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    if (config->argv.length == 0) {
        status = PyWideStringList_Append(&config->argv, L"");
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    status = kr_options_environment(config);
    if (PyStatus_Exception(status)) {
        return status;
    }
    if (!set_defaults(config)) {
        return PyStatus_NoMemory();
    }
    return kr_paths_find(config);
}

// ---- asking while running ---------------------------------------------------

static PyObject *
wide_tuple(const PyWideStringList *list)
{
    PyObject *tuple = PyTuple_New(list->length);

    for (Py_ssize_t i = 0; tuple != NULL && i < list->length; i++) {
        PyObject *text = PyUnicode_FromWideChar(list->items[i], -1);
        if (text == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, text);
    }
    return tuple;
}

PyObject *
PyConfig_Get(const char *name)
{
    const KrField *field = find_field(name);
    const PyConfig *config = &kr_interp()->runtime.config;

    if (field == NULL) {
        PyErr_Format(PyExc_ValueError, "unknown config option name: %s", name);
        return NULL;
    }
    if (field->sys != NULL) {
        PyObject *value = PySys_GetAttrString(field->sys);
        if (value != NULL && field->kind == FIELD_LIST && PyList_Check(value)) {
            Py_SETREF(value, PyList_AsTuple(value));
        }
        return value;
    }
    void *place = field_place(config, field);
    switch (field->kind) {
    case FIELD_INT:
        return PyLong_FromLong(*(int *)place);
    case FIELD_BOOL:
        return PyBool_FromLong(*(int *)place);
    case FIELD_ULONG:
        return PyLong_FromUnsignedLong(*(unsigned long *)place);
    case FIELD_TEXT:
        if (*(wchar_t **)place == NULL) {
            Py_RETURN_NONE;
        }
        return PyUnicode_FromWideChar(*(wchar_t **)place, -1);
    case FIELD_LIST:
        return wide_tuple(place);
    }
    KR_UNREACHABLE();
}

int
PyConfig_GetInt(const char *name, int *value)
{
    PyObject *object = PyConfig_Get(name);

    if (object == NULL) {
        return -1;
    }
    if (!PyLong_Check(object)) {
        Py_DECREF(object);
        PyErr_Format(PyExc_TypeError, "config option %s is not an int", name);
        return -1;
    }
    *value = PyLong_AsInt(object);
    Py_DECREF(object);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

PyObject *
PyConfig_Names(void)
{
    PyObject *list = PyList_New(0), *result;

    for (size_t i = 0; list != NULL && i < Py_ARRAY_LENGTH(config_fields); i++) {
        PyObject *name = PyUnicode_FromString(config_fields[i].name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    if (list == NULL) {
        return NULL;
    }
    result = PyFrozenSet_New(list);
    Py_DECREF(list);
    return result;
}

int
PyConfig_Set(const char *name, PyObject *value)
{
    const KrField *field = find_field(name);

    if (PySys_Audit("cpython.PyConfig_Set", "sO", name, value) < 0) {
        return -1;
    }
    if (field == NULL) {
        PyErr_Format(PyExc_ValueError, "unknown config option name: %s", name);
        return -1;
    }
    if (field->sys != NULL) {
        return PySys_SetObject(field->sys, value);
    }
    if (strcmp(name, "int_max_str_digits") == 0) {
        int digits = PyLong_AsInt(value);
        if (digits == -1 && PyErr_Occurred()) {
            return -1;
        }
        kr_interp()->errors.int_max_str_digits = digits;
        return 0;
    }
    PyErr_Format(PyExc_ValueError, "cannot set read-only option %s", name);
    return -1;
}
