// SPDX-License-Identifier: MIT
// import.c - PyImport_*: what import statements and extensions call.
//
// The work is done by importlib, whose bootstrap module is interp->importlib. Here
// are the shortcuts for modules that are loaded already, relative names, and what
// a statement gets back.
#include "runtime/import/import.h"

#include <frameobject.h>
#include <string.h>
#include <time.h>

#include "objects/ids.h"

// ---- sys.modules ------------------------------------------------------------

// sys.modules, borrowed, or NULL with RuntimeError.
static PyObject *
modules_borrow(void)
{
    PyObject *modules = kr_interp()->modules;

    if (modules == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.modules");
    }
    return modules;
}

// Looks a module up: 1 found (new reference), 0 absent, -1 error.
static int
find_module(PyObject *name, PyObject **out)
{
    PyObject *modules = modules_borrow();

    *out = NULL;
    if (modules == NULL) {
        return -1;
    }
    if (PyDict_CheckExact(modules)) {
        return PyDict_GetItemRef(modules, name, out);
    }
    return PyMapping_GetOptionalItem(modules, name, out);
}

PyObject *
PyImport_GetModuleDict(void)
{
    return kr_interp()->modules;
}

PyObject *
PyImport_GetModule(PyObject *name)
{
    PyObject *module;

    find_module(name, &module);
    return module;
}

// Waits until another thread has finished importing a module.
static int
await_initialized(PyInterpreterState *interp, PyObject *module, PyObject *name)
{
    PyObject *spec, *none;
    int busy;

    if (PyObject_GetOptionalAttr(module, KR_ID(__spec__), &spec) < 0) {
        return -1;
    }
    busy = _PyModuleSpec_IsInitializing(spec);
    Py_XDECREF(spec);
    if (busy <= 0) {
        return busy;
    }
    none = PyObject_CallMethodOneArg(interp->importlib, KR_ID(_lock_unlock_module), name);
    Py_XDECREF(none);
    return none == NULL ? -1 : 0;
}

static PyObject *
add_module(PyObject *name)
{
    PyObject *module;
    int found = find_module(name, &module);

    if (found < 0 || (found && PyModule_Check(module))) {
        return module;
    }
    Py_XDECREF(module);
    module = PyModule_NewObject(name);
    if (module != NULL && PyObject_SetItem(kr_interp()->modules, name, module) < 0) {
        Py_CLEAR(module);
    }
    return module;
}

PyObject *
PyImport_AddModuleRef(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *module = text == NULL ? NULL : add_module(text);

    Py_XDECREF(text);
    return module;
}

PyObject *
PyImport_AddModuleObject(PyObject *name)
{
    PyObject *module = add_module(name);

    Py_XDECREF(module); // sys.modules keeps it
    return module;
}

PyObject *
PyImport_AddModule(const char *name)
{
    PyObject *module = PyImport_AddModuleRef(name);

    Py_XDECREF(module);
    return module;
}

// Removes a module after a failure; the pending exception stays.
static void
remove_module(PyObject *name)
{
    PyObject *error = PyErr_GetRaisedException();
    PyObject *modules = kr_interp()->modules;

    if (PyDict_CheckExact(modules) ? PyDict_Pop(modules, name, NULL) < 0
                                   : PyObject_DelItem(modules, name) < 0) {
        PyErr_Clear();
    }
    PyErr_SetRaisedException(error);
}

// ---- tracebacks -------------------------------------------------------------

static bool
is_importlib_file(PyObject *filename)
{
    return PyUnicode_EqualToUTF8(filename, "<frozen importlib._bootstrap>") ||
           PyUnicode_EqualToUTF8(filename, "<frozen importlib._bootstrap_external>");
}

// Takes importlib's own frames out of the pending exception's traceback: all of
// them for an ImportError, else the runs that end in the call of a module's code.
static void
hide_importlib_frames(PyInterpreterState *interp)
{
    PyObject *error = PyErr_GetRaisedException();
    PyObject *traceback;
    bool always, inside = false;

    if (error == NULL) {
        return;
    }
    traceback = PyException_GetTraceback(error);
    always = PyErr_GivenExceptionMatches(error, PyExc_ImportError);
    if (traceback == NULL || interp->runtime.config.verbose) {
        Py_XDECREF(traceback);
        PyErr_SetRaisedException(error);
        return;
    }
    PyObject **run_start = NULL, **link = &traceback;
    while (*link != NULL) {
        PyTracebackObject *tb = (PyTracebackObject *)*link;
        PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
        bool now_inside = is_importlib_file(code->co_filename);
        bool cut = now_inside &&
                   (always || PyUnicode_EqualToUTF8(code->co_name,
                                                    "_call_with_frames_removed"));
        Py_DECREF(code);
        if (now_inside && !inside) {
            run_start = link;
        }
        inside = now_inside;
        if (cut) {
            Py_XSETREF(*run_start, Py_XNewRef(tb->tb_next));
            link = run_start;
        }
        else {
            link = (PyObject **)&tb->tb_next;
        }
    }
    if (traceback == NULL) {
        traceback = Py_NewRef(Py_None);
    }
    PyException_SetTraceback(error, traceback);
    Py_DECREF(traceback);
    PyErr_SetRaisedException(error);
}

// ---- relative names ---------------------------------------------------------

// The package that relative names start from. New reference, NULL with exception.
static PyObject *
package_of(PyObject *globals)
{
    PyObject *package = NULL, *spec = NULL, *parent = NULL, *name = NULL;
    Py_ssize_t dot;
    int found;

    if (PyDict_GetItemRef(globals, KR_ID(__package__), &package) < 0 ||
        PyDict_GetItemRef(globals, KR_ID(__spec__), &spec) < 0) {
        goto fail;
    }
    if (spec != NULL && Py_IsNone(spec)) {
        Py_CLEAR(spec);
    }
    if (spec != NULL) {
        parent = PyObject_GetAttr(spec, KR_ID(parent));
        if (parent == NULL) {
            goto fail;
        }
    }
    if (package != NULL && !Py_IsNone(package)) {
        if (!PyUnicode_Check(package)) {
            PyErr_SetString(PyExc_TypeError, "package must be a string");
            goto fail;
        }
        if (parent != NULL) {
            int equal = PyObject_RichCompareBool(package, parent, Py_EQ);
            if (equal < 0 ||
                (equal == 0 && PyErr_WarnEx(PyExc_DeprecationWarning,
                                            "__package__ != __spec__.parent", 1) < 0)) {
                goto fail;
            }
        }
        Py_XDECREF(spec);
        Py_XDECREF(parent);
        return package;
    }
    Py_CLEAR(package);
    if (parent != NULL) {
        Py_CLEAR(spec);
        if (!PyUnicode_Check(parent)) {
            PyErr_SetString(PyExc_TypeError, "__spec__.parent must be a string");
            goto fail;
        }
        return parent;
    }
    if (PyErr_WarnEx(PyExc_ImportWarning,
                     "can't resolve package from __spec__ or __package__, falling back "
                     "on __name__ and __path__",
                     1) < 0) {
        goto fail;
    }
    found = PyDict_GetItemRef(globals, KR_ID(__name__), &name);
    if (found <= 0) {
        if (found == 0) {
            PyErr_SetString(PyExc_KeyError, "'__name__' not in globals");
        }
        goto fail;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be a string");
        goto fail;
    }
    found = PyDict_Contains(globals, KR_ID(__path__));
    if (found < 0) {
        goto fail;
    }
    if (found == 0) {
        dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);
        if (dot == -2) {
            goto fail;
        }
        Py_SETREF(name, PyUnicode_Substring(name, 0, Py_MAX(dot, 0)));
    }
    return name;

fail:
    Py_XDECREF(package);
    Py_XDECREF(spec);
    Py_XDECREF(parent);
    Py_XDECREF(name);
    return NULL;
}

// The absolute name of "." * level + name. New reference.
static PyObject *
absolute_name(PyObject *name, PyObject *globals, int level)
{
    PyObject *package, *base = NULL, *result = NULL;
    Py_ssize_t end;

    if (globals == NULL) {
        PyErr_SetString(PyExc_KeyError, "'__name__' not in globals");
        return NULL;
    }
    if (!PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError, "globals must be a dict");
        return NULL;
    }
    package = package_of(globals);
    if (package == NULL) {
        return NULL;
    }
    end = PyUnicode_GET_LENGTH(package);
    if (end == 0) {
        PyErr_SetString(PyExc_ImportError,
                        "attempted relative import with no known parent package");
        goto done;
    }
    for (int i = 1; i < level; i++) {
        end = PyUnicode_FindChar(package, '.', 0, end, -1);
        if (end == -2) {
            goto done;
        }
        if (end == -1) {
            PyErr_SetString(PyExc_ImportError,
                            "attempted relative import beyond top-level package");
            goto done;
        }
    }
    base = PyUnicode_Substring(package, 0, end);
    if (base == NULL || PyUnicode_GET_LENGTH(name) == 0) {
        result = Py_XNewRef(base);
    }
    else {
        result = PyUnicode_FromFormat("%U.%U", base, name);
    }

done:
    Py_XDECREF(base);
    Py_DECREF(package);
    return result;
}

// ---- the statement ----------------------------------------------------------

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
show_time(KrRuntimeState *r, const char *own, const char *cumulative, PyObject *name)
{
    PyObject *bytes = PyUnicode_AsEncodedString(name, "utf-8", "backslashreplace");

    if (!r->import_header_shown) {
        r->import_header_shown = 1;
        fputs("import time: self [us] | cumulative | imported package\n", stderr);
    }
    if (bytes == NULL) {
        PyErr_Clear();
    }
    fprintf(stderr, "import time: %9s | %10s | %*s%s\n", own, cumulative,
            2 * r->import_depth, "", bytes == NULL ? "?" : PyBytes_AS_STRING(bytes));
    Py_XDECREF(bytes);
}

// importlib._bootstrap._find_and_load(), timed for -X importtime: each line has the
// time of the module itself and that with all it imports.
static PyObject *
timed_load(PyInterpreterState *interp, PyObject *const *args)
{
    KrRuntimeState *r = &interp->runtime;
    int64_t inner_before = r->import_accumulated_ns;
    int64_t start = now_ns(), cumulative;
    char own[24], all[24];
    PyObject *module;

    r->import_depth++;
    r->import_accumulated_ns = 0;
    module = PyObject_VectorcallMethod(KR_ID(_find_and_load), args,
                                       3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    r->import_depth--;
    cumulative = now_ns() - start;
    PyOS_snprintf(own, sizeof own, "%ld",
                  (long)((cumulative - r->import_accumulated_ns + 999) / 1000));
    PyOS_snprintf(all, sizeof all, "%ld", (long)((cumulative + 999) / 1000));
    PyObject *error = PyErr_GetRaisedException();
    show_time(r, own, all, args[1]);
    PyErr_SetRaisedException(error);
    r->import_accumulated_ns = inner_before + cumulative;
    return module;
}

// Tells linecache, which has just been loaded, the text of the program given with -c.
static void
register_command(KrRuntimeState *r, PyObject *linecache)
{
    PyObject *none;

    none = PyObject_CallMethodObjArgs(linecache, KR_ID(_register_code), r->command_code,
                                      r->command_text, KR_STR(string_file, "<string>"),
                                      NULL);
    if (none == NULL) {
        PyErr_Clear(); // tracebacks go without the lines
    }
    Py_XDECREF(none);
    Py_CLEAR(r->command_code);
    Py_CLEAR(r->command_text);
}

static PyObject *
load_module(PyInterpreterState *interp, PyObject *name)
{
    PyObject *path = PySys_GetObject("path");
    PyObject *meta_path = PySys_GetObject("meta_path");
    PyObject *path_hooks = PySys_GetObject("path_hooks");

    if (interp->importlib == NULL) {
        PyErr_Format(PyExc_ImportError, "import of %R before importlib is there", name);
        return NULL;
    }
    if (PySys_Audit("import", "OOOOO", name, Py_None, path ? path : Py_None,
                    meta_path ? meta_path : Py_None,
                    path_hooks ? path_hooks : Py_None) < 0) {
        return NULL;
    }
    PyObject *args[] = {NULL, interp->importlib, name, interp->import_func};
    PyObject *module =
        interp->runtime.config.import_time
            ? timed_load(interp, args + 1)
            : PyObject_VectorcallMethod(KR_ID(_find_and_load), args + 1,
                                        3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (module != NULL && interp->runtime.command_code != NULL &&
        PyUnicode_EqualToUTF8(name, "linecache")) {
        register_command(&interp->runtime, module);
    }
    return module;
}

// What `import a.b.c` binds: the package a, or for a relative name its counterpart.
static PyObject *
top_package(PyObject *name, PyObject *full_name, PyObject *module, int level)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, length, 1);
    PyObject *front, *result;

    if (dot == -2) {
        return NULL;
    }
    if (dot == -1 || (level > 0 && length == 0)) {
        return Py_NewRef(module);
    }
    if (level == 0) {
        front = PyUnicode_Substring(name, 0, dot);
        if (front == NULL) {
            return NULL;
        }
        result = PyImport_ImportModuleLevelObject(front, NULL, NULL, NULL, 0);
        Py_DECREF(front);
        return result;
    }
    front = PyUnicode_Substring(full_name, 0,
                                PyUnicode_GET_LENGTH(full_name) - (length - dot));
    if (front == NULL) {
        return NULL;
    }
    if (find_module(front, &result) == 0) {
        PyErr_Format(PyExc_KeyError, "%R not in sys.modules as expected", front);
    }
    Py_DECREF(front);
    return result;
}

// What a from-import gets: the module, with missing submodules loaded.
static PyObject *
with_submodules(PyInterpreterState *interp, PyObject *module, PyObject *fromlist)
{
    PyObject *path;
    int found = PyObject_GetOptionalAttr(module, KR_ID(__path__), &path);

    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        return Py_NewRef(module);
    }
    Py_DECREF(path);
    PyObject *args[] = {NULL, interp->importlib, module, fromlist, interp->import_func};
    return PyObject_VectorcallMethod(KR_ID(_handle_fromlist), args + 1,
                                     4 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

PyObject *
PyImport_ImportModuleLevelObject(PyObject *name, PyObject *globals, PyObject *locals,
                                 PyObject *fromlist, int level)
{
    PyInterpreterState *interp = kr_interp();
    PyObject *full_name = NULL, *module = NULL, *result = NULL;
    int has_from = 0, found;

    if (name == NULL) {
        PyErr_SetString(PyExc_ValueError, "Empty module name");
        goto done;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "module name must be a string");
        goto done;
    }
    if (level < 0) {
        PyErr_SetString(PyExc_ValueError, "level must be >= 0");
        goto done;
    }
    if (level > 0) {
        full_name = absolute_name(name, globals, level);
        if (full_name == NULL) {
            goto done;
        }
    }
    else {
        if (PyUnicode_GET_LENGTH(name) == 0) {
            PyErr_SetString(PyExc_ValueError, "Empty module name");
            goto done;
        }
        full_name = Py_NewRef(name);
    }
    found = find_module(full_name, &module);
    if (found < 0) {
        goto done;
    }
    if (found && !Py_IsNone(module)) {
        if (await_initialized(interp, module, full_name) < 0) {
            goto done;
        }
        if (interp->runtime.config.import_time > 1) {
            show_time(&interp->runtime, "cached   ", "cached    ", full_name);
        }
    }
    else {
        Py_XDECREF(module);
        module = load_module(interp, full_name);
        if (module == NULL) {
            goto done;
        }
    }
    if (fromlist != NULL && !Py_IsNone(fromlist)) {
        has_from = PyObject_IsTrue(fromlist);
        if (has_from < 0) {
            goto done;
        }
    }
    result = has_from ? with_submodules(interp, module, fromlist)
                      : top_package(name, full_name, module, level);

done:
    Py_XDECREF(full_name);
    Py_XDECREF(module);
    if (result == NULL) {
        hide_importlib_frames(interp);
    }
    return result;
}

PyObject *
PyImport_ImportModuleLevel(const char *name, PyObject *globals, PyObject *locals,
                           PyObject *fromlist, int level)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *module;

    if (text == NULL) {
        return NULL;
    }
    module = PyImport_ImportModuleLevelObject(text, globals, locals, fromlist, level);
    Py_DECREF(text);
    return module;
}

PyObject *
PyImport_ImportModule(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *module;

    if (text == NULL) {
        return NULL;
    }
    module = PyImport_Import(text);
    Py_DECREF(text);
    return module;
}

PyObject *
PyImport_ImportModuleNoBlock(const char *name)
{
    return PyImport_ImportModule(name);
}

// The import goes through __import__ of the running code's builtins, so that
// programs which replace it see imports of C code too.
PyObject *
PyImport_Import(PyObject *name)
{
    PyInterpreterState *interp = kr_interp();
    PyObject *globals = PyEval_GetGlobals();
    PyObject *builtins = NULL, *import = NULL, *own_globals = NULL;
    PyObject *fromlist = NULL, *module = NULL;
    int found;

    if (globals != NULL) {
        Py_INCREF(globals);
        builtins = PyObject_GetItem(globals, KR_ID(__builtins__));
        if (builtins == NULL) {
            goto done;
        }
    }
    else {
        PyErr_Clear();
        builtins = Py_XNewRef(interp->builtins);
        globals = own_globals = Py_BuildValue("{OO}", KR_ID(__builtins__), builtins);
        if (globals == NULL) {
            goto done;
        }
        own_globals = NULL;
    }
    if (PyDict_Check(builtins)) {
        import = PyObject_GetItem(builtins, KR_ID(__import__));
        if (import == NULL && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetObject(PyExc_KeyError, KR_ID(__import__));
        }
    }
    else {
        import = PyObject_GetAttr(builtins, KR_ID(__import__));
    }
    if (import == NULL) {
        goto done;
    }
    if (import == interp->import_func) {
        // Straight to the work: nobody can see the difference.
        fromlist = PyTuple_Pack(1, KR_ID(__doc__));
        if (fromlist != NULL) {
            module = PyImport_ImportModuleLevelObject(name, globals, globals, fromlist, 0);
        }
    }
    else {
        fromlist = Py_BuildValue("[O]", KR_ID(__doc__));
        if (fromlist != NULL) {
            module = PyObject_CallFunction(import, "OOOOi", name, globals, globals,
                                           fromlist, 0);
        }
    }
    if (module == NULL) {
        goto done;
    }
    Py_CLEAR(module);
    found = find_module(name, &module);
    if (found == 0) {
        PyErr_SetObject(PyExc_KeyError, name);
    }

done:
    Py_XDECREF(globals);
    Py_XDECREF(builtins);
    Py_XDECREF(import);
    Py_XDECREF(fromlist);
    return module;
}

PyObject *
PyImport_ImportModuleAttr(PyObject *module_name, PyObject *attr_name)
{
    PyObject *module = PyImport_Import(module_name);
    PyObject *value;

    if (module == NULL) {
        return NULL;
    }
    value = PyObject_GetAttr(module, attr_name);
    Py_DECREF(module);
    return value;
}

PyObject *
PyImport_ImportModuleAttrString(const char *module_name, const char *attr_name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *value;

    if (module == NULL) {
        return NULL;
    }
    value = PyObject_GetAttrString(module, attr_name);
    Py_DECREF(module);
    return value;
}

PyObject *
PyImport_ReloadModule(PyObject *module)
{
    PyObject *importlib = PyImport_ImportModule("importlib");
    PyObject *result;

    if (importlib == NULL) {
        return NULL;
    }
    result = PyObject_CallMethodOneArg(importlib, KR_ID(reload), module);
    Py_DECREF(importlib);
    return result;
}

// ---- running code as a module -----------------------------------------------

PyObject *
PyImport_ExecCodeModuleObject(PyObject *name, PyObject *code, PyObject *pathname,
                              PyObject *cpathname)
{
    PyInterpreterState *interp = kr_interp();
    PyObject *module = NULL, *dict, *result = NULL, *none;

    module = add_module(name);
    if (module == NULL) {
        return NULL;
    }
    dict = PyModule_GetDict(module);
    if (PyDict_SetDefaultRef(dict, KR_ID(__builtins__), interp->builtins, NULL) < 0) {
        goto fail;
    }
    if (pathname == NULL) {
        pathname = ((PyCodeObject *)code)->co_filename;
    }
    if (interp->runtime.importlib_external != NULL) {
        none = PyObject_CallMethodObjArgs(interp->runtime.importlib_external,
                                          KR_ID(_fix_up_module), dict, name, pathname,
                                          cpathname == NULL ? pathname : cpathname, NULL);
        if (none == NULL) {
            goto fail;
        }
        Py_DECREF(none);
    }
    none = PyEval_EvalCode(code, dict, dict);
    if (none == NULL) {
        goto fail;
    }
    Py_DECREF(none);
    Py_DECREF(module);
    if (find_module(name, &result) == 0) {
        PyErr_Format(PyExc_ImportError, "Loaded module %R not found in sys.modules", name);
    }
    return result;

fail:
    remove_module(name);
    Py_DECREF(module);
    return NULL;
}

PyObject *
PyImport_ExecCodeModuleWithPathnames(const char *name, PyObject *code,
                                     const char *pathname, const char *cpathname)
{
    PyObject *text = NULL, *path = NULL, *cpath = NULL, *result = NULL;

    text = PyUnicode_FromString(name);
    if (text == NULL) {
        goto done;
    }
    if (pathname != NULL && (path = PyUnicode_DecodeFSDefault(pathname)) == NULL) {
        goto done;
    }
    if (cpathname != NULL && (cpath = PyUnicode_DecodeFSDefault(cpathname)) == NULL) {
        goto done;
    }
    result = PyImport_ExecCodeModuleObject(text, code, path, cpath);

done:
    Py_XDECREF(text);
    Py_XDECREF(path);
    Py_XDECREF(cpath);
    return result;
}

PyObject *
PyImport_ExecCodeModuleEx(const char *name, PyObject *code, const char *pathname)
{
    return PyImport_ExecCodeModuleWithPathnames(name, code, pathname, NULL);
}

PyObject *
PyImport_ExecCodeModule(const char *name, PyObject *code)
{
    return PyImport_ExecCodeModuleWithPathnames(name, code, NULL, NULL);
}

// ---- path entries -----------------------------------------------------------

// The finder for an entry of sys.path from the hooks, remembered in
// sys.path_importer_cache. New reference; None where no hook wants it.
PyObject *
PyImport_GetImporter(PyObject *path)
{
    PyObject *cache = PySys_GetObject("path_importer_cache");
    PyObject *hooks = PySys_GetObject("path_hooks");
    PyObject *importer = NULL;

    if (cache == NULL || !PyDict_Check(cache) || hooks == NULL || !PyList_Check(hooks)) {
        PyErr_SetString(PyExc_RuntimeError,
                        "sys.path_hooks or sys.path_importer_cache is missing");
        return NULL;
    }
    if (PyDict_GetItemRef(cache, path, &importer) != 0) {
        return importer;
    }
    Py_INCREF(cache);
    Py_INCREF(hooks);
    if (PyDict_SetItem(cache, path, Py_None) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(hooks); i++) {
        PyObject *hook = Py_NewRef(PyList_GET_ITEM(hooks, i));
        importer = PyObject_CallOneArg(hook, path);
        Py_DECREF(hook);
        if (importer != NULL) {
            break;
        }
        if (!PyErr_ExceptionMatches(PyExc_ImportError)) {
            goto done;
        }
        PyErr_Clear();
    }
    if (importer == NULL) {
        importer = Py_NewRef(Py_None);
    }
    else if (PyDict_SetItem(cache, path, importer) < 0) {
        Py_CLEAR(importer);
    }

done:
    Py_DECREF(cache);
    Py_DECREF(hooks);
    return importer;
}

// ---- frozen modules and numbers ---------------------------------------------

int
PyImport_ImportFrozenModuleObject(PyObject *name)
{
    PyObject *code, *module;

    if (!kr_is_frozen(name)) {
        return 0;
    }
    code = kr_frozen_code(name);
    if (code == NULL) {
        return -1;
    }
    module = PyImport_ExecCodeModuleObject(name, code, NULL, NULL);
    Py_DECREF(code);
    Py_XDECREF(module);
    return module == NULL ? -1 : 1;
}

int
PyImport_ImportFrozenModule(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    int status;

    if (text == NULL) {
        return -1;
    }
    status = PyImport_ImportFrozenModuleObject(text);
    Py_DECREF(text);
    return status;
}

const struct _frozen *PyImport_FrozenModules = NULL;

long
PyImport_GetMagicNumber(void)
{
    return KR_PYC_MAGIC;
}

const char *
PyImport_GetMagicTag(void)
{
    return "krait-314";
}
