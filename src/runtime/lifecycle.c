// SPDX-License-Identifier: MIT
// lifecycle.c - starting the interpreter and ending it.
//
// Start: memory, containers, str, types, errors, numbers (init_objects); then
// sys and builtins; importlib; signals, streams, warnings, __main__; site.
// End: threads, atexit, streams, modules, then what C code registered. Memory that
// the process is about to lose anyway is not given back piece by piece.
#include "runtime/lifecycle.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "objects/alloc.h"
#include "objects/gc.h"
#include "objects/hash.h"
#include "objects/ids.h"
#include "objects/str/str.h"
#include "objects/template.h"
#include "objects/type.h"
#include "runtime/builtins/builtins.h"
#include "runtime/config.h"
#include "runtime/faulthandler/fault.h"
#include "runtime/import/import.h"
#include "runtime/sys/sys.h"
#include "runtime/tracemalloc.h"
#include "vm/function.h"

// Facts of the process, not of an interpreter: whether one is there at all.
static struct {
    PyInterpreterState *interp;   // NULL before the start and after the end
    bool started;                 // there was a start: there is no second one
    bool finalizing;
    wchar_t *program_name;        // Py_SetProgramName
    wchar_t *home;                // Py_SetPythonHome
    void (*late_exit[KR_MAX_ATEXIT])(void);
    int late_exit_count;
} process;

// ---- start ------------------------------------------------------------------

// The pending exception as text for a status; the text is never freed.
static PyStatus
failed(const char *func, const char *what)
{
    PyStatus status = PyStatus_Error(what);

    status.func = func;
    if (kr_thread() != NULL && PyErr_Occurred()) {
        PyErr_Print();
    }
    return status;
}

static PyStatus
init_objects(PyInterpreterState *interp)
{
    static const struct {
        int (*init)(PyInterpreterState *);
        const char *what;
    } steps[] = {
        // Each may use what stands before it; none needs Python code.
        {kr_init_gc, "cannot reserve memory"},
        {kr_init_containers, "cannot make containers"},
        {kr_init_str, "cannot make strings"},
        {kr_init_types, "cannot make the builtin types"},
        {kr_init_template, "cannot make the template types"},
        {kr_init_errors, "cannot make the exceptions"},
        {kr_init_numbers, "cannot make numbers"},
        {kr_gc_make_lists, "cannot make the collector's lists"},
        {kr_init_functions, "cannot make functions"},
    };

    for (size_t i = 0; i < Py_ARRAY_LENGTH(steps); i++) {
        if (steps[i].init(interp) < 0) {
            return failed("init_objects", steps[i].what);
        }
    }
    return PyStatus_Ok();
}

static PyStatus
init_core(PyInterpreterState *interp)
{
    interp->modules = PyDict_New();
    if (interp->modules == NULL || kr_init_builtins(interp) < 0) {
        return failed("init_core", "cannot make the builtins module");
    }
    if (kr_init_sys(interp) < 0 || kr_sys_apply_config(interp) < 0) {
        return failed("init_core", "cannot make the sys module");
    }
    return PyStatus_Ok();
}

// -X tracemalloc, before the first Python code.
static PyStatus
init_tracemalloc(const PyConfig *config)
{
    if (config->tracemalloc <= 0) {
        return PyStatus_Ok();
    }
    if (config->tracemalloc > KR_TRACEMALLOC_MAX_FRAMES) {
        PyErr_Format(PyExc_ValueError, "the number of frames must be in range [1; %d]",
                     KR_TRACEMALLOC_MAX_FRAMES);
        return failed("init_tracemalloc", "can't initialize tracemalloc");
    }
    if (kr_tracemalloc_start(config->tracemalloc) < 0) {
        return failed("init_tracemalloc", "can't initialize tracemalloc");
    }
    return PyStatus_Ok();
}

// sys.modules['__main__'] with what every module has.
static int
add_main_module(PyInterpreterState *interp)
{
    PyObject *module = PyImport_AddModuleRef("__main__");
    PyObject *dict, *loader = NULL;
    int status = -1;

    if (module == NULL) {
        return -1;
    }
    dict = PyModule_GetDict(module);
    if (PyDict_SetDefaultRef(dict, KR_ID(__builtins__), interp->builtins_module, NULL) <
        0) {
        goto done;
    }
    if (interp->importlib != NULL) {
        loader = PyObject_GetAttr(interp->importlib, KR_ID(BuiltinImporter));
        if (loader == NULL || PyDict_SetItem(dict, KR_ID(__loader__), loader) < 0) {
            goto done;
        }
    }
    status = 0;

done:
    Py_XDECREF(loader);
    Py_DECREF(module);
    return status;
}

// Everything that is Python already: importlib's second half, streams, site.
static PyStatus
init_main(PyInterpreterState *interp)
{
    const PyConfig *config = &interp->runtime.config;
    PyObject *module;

    if (config->_install_importlib) {
        if (kr_init_import(interp) < 0) {
            return failed("init_main", "cannot start importlib");
        }
        if (kr_init_import_external(interp) < 0) {
            return failed("init_main", "cannot import from files");
        }
        if (kr_signals_init(interp, config->install_signal_handlers) < 0) {
            return failed("init_main", "cannot initialize signals");
        }
        module = PyImport_ImportModule("encodings");
        if (module == NULL) {
            return failed("init_main", "failed to import encodings module");
        }
        Py_DECREF(module);
        if (kr_sys_init_stdio(interp) < 0) {
            return failed("init_main", "can't initialize sys standard streams");
        }
    }
    if (kr_faulthandler_init(config->faulthandler > 0) < 0) {
        return failed("init_main", "can't enable faulthandler");
    }
    if (add_main_module(interp) < 0) {
        return failed("init_main", "can't create __main__ module");
    }
    if (config->warnoptions.length > 0) {
        // The options are applied when the module is first imported.
        module = PyImport_ImportModule("warnings");
        if (module == NULL) {
            PyErr_WriteUnraisable(NULL);
        }
        Py_XDECREF(module);
    }
    interp->initialized = true;
    if (config->site_import && config->_install_importlib) {
        module = PyImport_ImportModule("site");
        if (module == NULL) {
            return failed("init_main", "Failed to import the site module");
        }
        Py_DECREF(module);
    }
    return PyStatus_Ok();
}

PyStatus
Py_InitializeFromConfig(const PyConfig *given)
{
    PyInterpreterState *interp;
    PyThreadState *tstate;
    PyConfig config;
    PyStatus status;

    if (process.interp != NULL) {
        return PyStatus_Ok();
    }
    if (process.started) {
        return PyStatus_Error("the interpreter cannot be started a second time");
    }
    kr_init_mem();
    PyConfig_InitPythonConfig(&config);
    if (!kr_config_copy(&config, given)) {
        return PyStatus_NoMemory();
    }
    if ((config.program_name == NULL && process.program_name != NULL &&
         !kr_config_set(&config.program_name, process.program_name)) ||
        (config.home == NULL && process.home != NULL &&
         !kr_config_set(&config.home, process.home))) {
        return PyStatus_NoMemory();
    }
    status = PyConfig_Read(&config);
    if (PyStatus_Exception(status)) {
        return status;
    }
    if (kr_hash_init(config.use_hash_seed > 0, config.hash_seed) < 0) {
        return PyStatus_Error("failed to get random numbers to initialize Python");
    }
    interp = kr_interp_create();
    if (interp == NULL) {
        return PyStatus_NoMemory();
    }
    interp->runtime.config = config; // the strings move
    interp->runtime.signal_wakeup_fd = -1;
    tstate = kr_thread_create(interp);
    if (tstate == NULL) {
        return PyStatus_NoMemory();
    }
    interp->main_thread = tstate;
    kr_gil_take(tstate);
    process.interp = interp;
    process.started = true;
    status = init_objects(interp);
    if (!PyStatus_Exception(status)) {
        status = init_core(interp);
    }
    if (!PyStatus_Exception(status)) {
        status = init_tracemalloc(&interp->runtime.config);
    }
    if (!PyStatus_Exception(status) && config._init_main) {
        status = init_main(interp);
    }
    return status;
}

void
Py_InitializeEx(int install_signals)
{
    PyConfig config;
    PyStatus status;

    if (Py_IsInitialized()) {
        return;
    }
    PyConfig_InitPythonConfig(&config);
    config.parse_argv = 0;
    config.install_signal_handlers = install_signals;
    status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
}

void
Py_Initialize(void)
{
    Py_InitializeEx(1);
}

int
Py_IsInitialized(void)
{
    return process.interp != NULL && process.interp->initialized;
}

int
Py_IsFinalizing(void)
{
    return process.finalizing;
}

PyStatus
Py_PreInitialize(const PyPreConfig *config)
{
    if (config->utf8_mode >= 0) {
        Py_UTF8Mode = config->utf8_mode;
    }
    return PyStatus_Ok();
}

PyStatus
Py_PreInitializeFromArgs(const PyPreConfig *config, Py_ssize_t argc, wchar_t **argv)
{
    return Py_PreInitialize(config);
}

PyStatus
Py_PreInitializeFromBytesArgs(const PyPreConfig *config, Py_ssize_t argc, char **argv)
{
    return Py_PreInitialize(config);
}

// ---- other interpreters -----------------------------------------------------

PyStatus
Py_NewInterpreterFromConfig(PyThreadState **tstate, const PyInterpreterConfig *config)
{
    *tstate = NULL;
    return PyStatus_Error("more than one interpreter in a process is not implemented");
}

PyThreadState *
Py_NewInterpreter(void)
{
    PyErr_SetString(PyExc_NotImplementedError,
                    "more than one interpreter in a process is not implemented");
    return NULL;
}

void
Py_EndInterpreter(PyThreadState *tstate)
{
    Py_FatalError("there is no interpreter that Py_EndInterpreter may end");
}

// ---- end --------------------------------------------------------------------

static int
flush_one(PyObject *name)
{
    PyObject *file, *closed = NULL, *none = NULL;
    int status = 0, is_closed = 0;

    if (PySys_GetOptionalAttr(name, &file) <= 0) {
        PyErr_Clear();
        return 0;
    }
    if (Py_IsNone(file)) {
        Py_DECREF(file);
        return 0;
    }
    if (PyObject_GetOptionalAttr(file, KR_ID(closed), &closed) > 0) {
        is_closed = PyObject_IsTrue(closed);
        Py_DECREF(closed);
    }
    if (PyErr_Occurred()) {
        PyErr_Clear();
    }
    if (is_closed <= 0) {
        none = PyObject_CallMethodNoArgs(file, KR_ID(flush));
        if (none == NULL) {
            if (name == KR_ID(stdout)) {
                PyErr_FormatUnraisable("Exception ignored while flushing sys.stdout");
            }
            else {
                PyErr_Clear();
            }
            status = -1;
        }
        Py_XDECREF(none);
    }
    Py_DECREF(file);
    return status;
}

int
kr_flush_std_files(void)
{
    PyObject *error = PyErr_GetRaisedException();
    int status = flush_one(KR_ID(stdout));

    flush_one(KR_ID(stderr));
    PyErr_SetRaisedException(error);
    return status;
}

// Joins the threads that are not daemons.
static void
wait_for_threads(void)
{
    PyObject *name = PyUnicode_FromString("threading");
    PyObject *threading = name == NULL ? NULL : PyImport_GetModule(name);

    Py_XDECREF(name);
    if (threading != NULL) {
        PyObject *none = PyObject_CallMethodNoArgs(threading, KR_ID(_shutdown));
        if (none == NULL) {
            PyErr_FormatUnraisable("Exception ignored on threading shutdown");
        }
        Py_XDECREF(none);
        Py_DECREF(threading);
    }
    PyErr_Clear();
}

// Attributes of sys that keep much alive go first.
static void
clear_sys_attributes(PyInterpreterState *interp)
{
    static const char *const names[] = {
        "path", "argv", "ps1", "ps2", "last_exc", "last_type", "last_value",
        "last_traceback", "path_importer_cache", "path_hooks", "meta_path",
        "__interactivehook__",
    };
    static const char *const streams[][2] = {
        {"stdin", "__stdin__"}, {"stdout", "__stdout__"}, {"stderr", "__stderr__"}};
    PyObject *dict = interp->sys_dict;

    if (PyDict_SetItemString(interp->builtins, "_", Py_None) < 0) {
        PyErr_WriteUnraisable(NULL);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (PyDict_SetItemString(dict, names[i], Py_None) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(streams); i++) {
        PyObject *saved = NULL;
        if (PyDict_GetItemStringRef(dict, streams[i][1], &saved) < 0 ||
            PyDict_SetItemString(dict, streams[i][0], saved ? saved : Py_None) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
        Py_XDECREF(saved);
    }
}

// Takes the modules out of sys.modules. Returns weak references to them in the order
// of import, for those that something else keeps alive.
static PyObject *
detach_modules(PyInterpreterState *interp)
{
    PyObject *references = PyList_New(0);
    PyObject *items = PyDict_CheckExact(interp->modules) ? PyDict_Items(interp->modules)
                                                         : PyMapping_Items(interp->modules);

    if (references == NULL || items == NULL) {
        PyErr_WriteUnraisable(NULL);
        Py_XDECREF(items);
        return references;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items); i++) {
        PyObject *name = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 0);
        PyObject *module = PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 1);
        if (!PyModule_Check(module)) {
            continue;
        }
        if (module != interp->sys_module && module != interp->builtins_module) {
            PyObject *reference = PyWeakref_NewRef(module, NULL);
            if (reference == NULL || PyList_Append(references, reference) < 0) {
                PyErr_WriteUnraisable(NULL);
            }
            Py_XDECREF(reference);
        }
        if (PyUnicode_Check(name) && PyObject_SetItem(interp->modules, name, Py_None) < 0) {
            PyErr_WriteUnraisable(NULL);
        }
    }
    Py_DECREF(items);
    return references;
}

// Empties the dicts of modules that are still there, the last imported first.
static void
clear_modules(PyObject *references)
{
    for (Py_ssize_t i = PyList_GET_SIZE(references) - 1; i >= 0; i--) {
        PyObject *module;
        if (PyWeakref_GetRef(PyList_GET_ITEM(references, i), &module) > 0) {
            _PyModule_Clear(module);
            Py_DECREF(module);
        }
        PyErr_Clear();
    }
}

static void
end_modules(PyInterpreterState *interp)
{
    PyThreadState *tstate = kr_thread();
    PyObject *references;

    clear_sys_attributes(interp);
    references = detach_modules(interp);
    if (PyDict_CheckExact(interp->modules)) {
        PyDict_Clear(interp->modules);
    }
    kr_gc_collect(tstate, 2, true);
    if (references != NULL) {
        clear_modules(references);
        Py_DECREF(references);
    }
    kr_gc_collect(tstate, 2, true);
    kr_flush_std_files();
    // Destructors that run from here on find sys and builtins half empty.
    _PyModule_ClearDict(interp->sys_dict);
    _PyModule_ClearDict(interp->builtins);
    kr_import_clear(interp);
    kr_gc_collect(tstate, 2, true);
}

static void
run_late_exit(void)
{
    while (process.late_exit_count > 0) {
        process.late_exit[--process.late_exit_count]();
    }
    fflush(stdout);
    fflush(stderr);
}

int
Py_FinalizeEx(void)
{
    PyInterpreterState *interp = process.interp;
    int status = 0;

    if (interp == NULL || !interp->initialized) {
        return 0;
    }
    wait_for_threads();
    Py_MakePendingCalls();
    PyErr_Clear();
    kr_atexit_run(interp);
    if (kr_flush_std_files() < 0) {
        status = -1;
    }
    process.finalizing = true;
    interp->finalizing_thread = kr_thread();
    interp->finalizing = true;
    kr_signals_fini(interp);
    kr_faulthandler_fini();
    end_modules(interp);
    kr_atexit_clear(interp);
    interp->initialized = false;
    run_late_exit();
    process.interp = NULL;
    return status;
}

void
Py_Finalize(void)
{
    Py_FinalizeEx();
}

int
Py_AtExit(void (*func)(void))
{
    if (process.late_exit_count == KR_MAX_ATEXIT) {
        return -1;
    }
    process.late_exit[process.late_exit_count++] = func;
    return 0;
}

void
Py_Exit(int status)
{
    if (kr_thread() != NULL && Py_FinalizeEx() < 0) {
        status = 120;
    }
    exit(status);
}

void
Py_ExitStatusException(PyStatus status)
{
    if (PyStatus_IsExit(status)) {
        fflush(stdout);
        exit(status.exitcode);
    }
    if (PyStatus_IsError(status)) {
        fprintf(stderr, "Fatal Python error: %s%s%s\n", status.func ? status.func : "",
                status.func ? ": " : "", status.err_msg);
        fprintf(stderr, "Python runtime state: %s\n",
                Py_IsInitialized() ? "initialized" : "preinitialized");
        exit(1);
    }
    Py_FatalError("Py_ExitStatusException() must not be called on success");
}

// ---- the old way to configure -----------------------------------------------

void
Py_SetProgramName(const wchar_t *name)
{
    kr_config_set(&process.program_name, name);
}

void
Py_SetPythonHome(const wchar_t *home)
{
    kr_config_set(&process.home, home);
}

// The configured value of the running interpreter, or what was set before.
static wchar_t *
configured(size_t offset, wchar_t *fallback)
{
    if (process.interp == NULL) {
        return fallback;
    }
    return *(wchar_t **)((char *)&process.interp->runtime.config + offset);
}

wchar_t *
Py_GetProgramName(void)
{
    return configured(offsetof(PyConfig, program_name), process.program_name);
}

wchar_t *
Py_GetPythonHome(void)
{
    return configured(offsetof(PyConfig, home), process.home);
}

wchar_t *
Py_GetProgramFullPath(void)
{
    return configured(offsetof(PyConfig, executable), NULL);
}

wchar_t *
Py_GetPrefix(void)
{
    return configured(offsetof(PyConfig, prefix), NULL);
}

wchar_t *
Py_GetExecPrefix(void)
{
    return configured(offsetof(PyConfig, exec_prefix), NULL);
}

wchar_t *
Py_GetPath(void)
{
    return configured(offsetof(PyConfig, stdlib_dir), NULL);
}

void
Py_GetArgcArgv(int *argc, wchar_t ***argv)
{
    if (process.interp == NULL) {
        *argc = 0;
        *argv = NULL;
        return;
    }
    *argc = (int)process.interp->runtime.config.orig_argv.length;
    *argv = process.interp->runtime.config.orig_argv.items;
}
