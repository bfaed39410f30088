// SPDX-License-Identifier: MIT
// bootstrap.c - starting importlib, and the import lock.
#include <string.h>
#include <sys/stat.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/import/import.h"

// ---- the lock ---------------------------------------------------------------

void
kr_import_lock_acquire(PyInterpreterState *interp)
{
    unsigned long me = PyThread_get_thread_ident();
    KrRuntimeState *r = &interp->runtime;

    if (r->import_lock_level > 0 && r->import_lock_owner == me) {
        r->import_lock_level++;
        return;
    }
    if (r->import_lock == NULL) {
        r->import_lock = PyThread_allocate_lock();
        if (r->import_lock == NULL) {
            return;
        }
    }
    if (!PyThread_acquire_lock(r->import_lock, NOWAIT_LOCK)) {
        PyThreadState *tstate = PyEval_SaveThread();
        PyThread_acquire_lock(r->import_lock, WAIT_LOCK);
        PyEval_RestoreThread(tstate);
    }
    r->import_lock_owner = me;
    r->import_lock_level = 1;
}

int
kr_import_lock_release(PyInterpreterState *interp)
{
    KrRuntimeState *r = &interp->runtime;

    if (r->import_lock_level == 0 || r->import_lock_owner != PyThread_get_thread_ident()) {
        return -1;
    }
    if (--r->import_lock_level == 0) {
        r->import_lock_owner = 0;
        PyThread_release_lock(r->import_lock);
    }
    return 0;
}

void
kr_import_lock_after_fork(PyInterpreterState *interp)
{
    KrRuntimeState *r = &interp->runtime;

    // The old lock may have waiters that are gone. This thread keeps what it had.
    r->import_lock = NULL;
    if (r->import_lock_level > 0 && r->import_lock_owner == PyThread_get_thread_ident()) {
        r->import_lock = PyThread_allocate_lock();
        if (r->import_lock != NULL) {
            PyThread_acquire_lock(r->import_lock, WAIT_LOCK);
            return;
        }
    }
    r->import_lock_level = 0;
    r->import_lock_owner = 0;
}

// ---- importlib --------------------------------------------------------------

// Runs a frozen module's code in a new module that is in sys.modules.
static PyObject *
run_frozen(PyInterpreterState *interp, const char *name)
{
    PyObject *text = PyUnicode_InternFromString(name);
    PyObject *code = NULL, *module = NULL, *dict, *none = NULL;

    if (text == NULL) {
        return NULL;
    }
    code = kr_frozen_code(text);
    module = code == NULL ? NULL : PyImport_AddModuleRef(name);
    if (module == NULL) {
        goto done;
    }
    dict = PyModule_GetDict(module);
    // importlib takes the library's name of a frozen module from __origname__.
    if (PyDict_SetItem(dict, KR_ID(__builtins__), interp->builtins) == 0 &&
        PyDict_SetItem(dict, KR_ID(__origname__),
                       KR_STR(importlib_bootstrap, "importlib._bootstrap")) == 0) {
        none = PyEval_EvalCode(code, dict, dict);
    }
    if (none == NULL) {
        Py_CLEAR(module);
    }

done:
    Py_XDECREF(none);
    Py_XDECREF(code);
    Py_DECREF(text);
    return module;
}

int
kr_init_import(PyInterpreterState *interp)
{
    PyObject *imp = NULL, *none = NULL;

    imp = kr_init_imp_module();
    if (imp != NULL && Py_IS_TYPE(imp, &PyModuleDef_Type)) {
        PyErr_SetString(PyExc_SystemError, "_imp must be made in one phase");
        return -1;
    }
    if (imp == NULL || PyDict_SetItem(interp->modules, KR_ID(_imp), imp) < 0) {
        Py_XDECREF(imp);
        return -1;
    }
    interp->importlib = run_frozen(interp, "_frozen_importlib");
    if (interp->importlib != NULL) {
        none = PyObject_CallMethodObjArgs(interp->importlib, KR_ID(_install),
                                          interp->sys_module, imp, NULL);
    }
    Py_DECREF(imp);
    Py_XDECREF(none);
    return none == NULL ? -1 : 0;
}

// ---- zip files on the path --------------------------------------------------

// Whether a file ends with the record that ends a zip archive.
static bool
looks_like_zip(const char *path)
{
    enum { RECORD = 22, COMMENT = 65535 };
    FILE *file = fopen(path, "re");
    char *data = NULL;
    bool found = false;
    long size;

    if (file == NULL) {
        return false;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= RECORD) {
        long length = Py_MIN(size, (long)RECORD + COMMENT);
        data = PyMem_RawMalloc((size_t)length);
        if (data != NULL && fseek(file, size - length, SEEK_SET) == 0 &&
            fread(data, 1, (size_t)length, file) == (size_t)length) {
            found = memmem(data, (size_t)length, "PK\005\006", 4) != NULL;
        }
    }
    PyMem_RawFree(data);
    fclose(file);
    return found;
}

// Whether some leading part of a path is a zip archive.
static bool
leads_into_archive(const char *path)
{
    char part[4096];
    struct stat st;
    size_t length = strlen(path);

    if (length >= sizeof part) {
        return true; // let zipimport say what it thinks of it
    }
    memcpy(part, path, length + 1);
    for (;;) {
        if (stat(part, &st) == 0) {
            return S_ISREG(st.st_mode) && looks_like_zip(part);
        }
        char *slash = strrchr(part, '/');
        if (slash == NULL || slash == part) {
            return false;
        }
        *slash = '\0';
    }
}

KR_FUNCTION(zip_hook, "zipimporter(path, /)",
            "A zipimporter for a path entry that is an archive.")
static PyObject *
zip_hook_zipimporter(PyObject *module, PyObject *path)
{
    PyObject *bytes = NULL, *importer, *result;
    bool archive;

    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    archive = leads_into_archive(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    if (!archive) {
        PyErr_SetString(PyExc_ImportError, "not an archive");
        return NULL;
    }
    importer = PyImport_ImportModuleAttrString("zipimport", "zipimporter");
    if (importer == NULL) {
        return NULL;
    }
    // From now on the real one is the hook.
    PyObject *hooks = PySys_GetObject("path_hooks");
    for (Py_ssize_t i = 0; hooks != NULL && i < PyList_GET_SIZE(hooks); i++) {
        PyObject *hook = PyList_GET_ITEM(hooks, i);
        if (PyCFunction_Check(hook) && PyCFunction_GET_SELF(hook) == module) {
            PyList_SetItem(hooks, i, Py_NewRef(importer));
        }
    }
    result = PyObject_CallOneArg(importer, path);
    Py_DECREF(importer);
    return result;
}

KR_MODULE(zip_hook)
#include "runtime/import/bootstrap.methods.h"

// zipimport takes a while to load, and few paths have archives: the first hook is a
// stand-in that loads it when a path entry is a file.
static int
add_zip_hook(void)
{
    static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "zipimport",
                              .m_size = 0, .m_methods = zip_hook_methods};
    PyObject *module = PyModule_Create(&def);
    PyObject *hooks = PySys_GetObject("path_hooks");
    PyObject *hook;
    int status = -1;

    if (module == NULL) {
        return -1;
    }
    hook = PyObject_GetAttrString(module, "zipimporter");
    if (hook != NULL && hooks != NULL && PyList_Check(hooks)) {
        status = PyList_Insert(hooks, 0, hook);
    }
    Py_XDECREF(hook);
    Py_DECREF(module);
    return status;
}

int
kr_init_import_external(PyInterpreterState *interp)
{
    PyObject *none;

    none = PyObject_CallMethodNoArgs(interp->importlib, KR_ID(_install_external_importers));
    if (none == NULL) {
        return -1;
    }
    Py_DECREF(none);
    interp->runtime.importlib_external =
        PyImport_ImportModule("_frozen_importlib_external");
    if (interp->runtime.importlib_external == NULL) {
        return -1;
    }
    return add_zip_hook();
}

void
kr_import_clear(PyInterpreterState *interp)
{
    Py_CLEAR(interp->runtime.importlib_external);
    Py_CLEAR(interp->runtime.extensions);
    Py_CLEAR(interp->runtime.command_code);
    Py_CLEAR(interp->runtime.command_text);
    Py_CLEAR(interp->importlib);
    Py_CLEAR(interp->import_func);
    Py_CLEAR(interp->all_func);
    Py_CLEAR(interp->any_func);
}
