// SPDX-License-Identifier: MIT
// dynload.c - init functions, of builtin modules and of shared libraries.
//
// Invariants: runtime.extensions maps (path, name) to (definition capsule, copy of
//             the module's dict or None) for modules made in a single phase, so that
//             a second import gives what the first one made.
#include <dlfcn.h>
#include <string.h>

#include "objects/ids.h"
#include "runtime/import/import.h"

PyObject *
kr_return_sys(void)
{
    return Py_NewRef(kr_interp()->sys_module);
}

PyObject *
kr_return_builtins(void)
{
    return Py_NewRef(kr_interp()->builtins_module);
}

// ---- modules made in one phase ----------------------------------------------

static PyObject *
extension_key(PyObject *path, PyObject *name)
{
    return PyTuple_Pack(2, path, name);
}

// Remembers a module for later imports, and its definition for PyState_FindModule.
static int
remember_extension(PyObject *module, PyObject *name, PyObject *path)
{
    PyInterpreterState *interp = kr_interp();
    PyModuleDef *def = PyModule_GetDef(module);
    PyObject *key = NULL, *value = NULL, *copy = NULL, *capsule = NULL;
    int status = -1;

    if (def == NULL) {
        PyErr_Clear();
        return 0;
    }
    if (PyState_AddModule(module, def) < 0) {
        return -1;
    }
    if (interp->runtime.extensions == NULL) {
        interp->runtime.extensions = PyDict_New();
        if (interp->runtime.extensions == NULL) {
            return -1;
        }
    }
    copy = def->m_size == -1 ? PyDict_Copy(PyModule_GetDict(module)) : Py_NewRef(Py_None);
    capsule = copy == NULL ? NULL : PyCapsule_New(def, NULL, NULL);
    value = capsule == NULL ? NULL : PyTuple_Pack(2, capsule, copy);
    key = value == NULL ? NULL : extension_key(path, name);
    if (key != NULL) {
        status = PyDict_SetItem(interp->runtime.extensions, key, value);
    }
    Py_XDECREF(copy);
    Py_XDECREF(capsule);
    Py_XDECREF(value);
    Py_XDECREF(key);
    return status;
}

// A module from what an earlier import left. NULL without an exception if there is
// nothing.
static PyObject *
recall_extension(PyObject *name, PyObject *path)
{
    PyInterpreterState *interp = kr_interp();
    PyObject *key, *value, *module = NULL;
    PyModuleDef *def;

    if (interp->runtime.extensions == NULL) {
        return NULL;
    }
    key = extension_key(path, name);
    if (key == NULL) {
        return NULL;
    }
    int found = PyDict_GetItemRef(interp->runtime.extensions, key, &value);
    Py_DECREF(key);
    if (found <= 0) {
        return NULL;
    }
    def = PyCapsule_GetPointer(PyTuple_GET_ITEM(value, 0), NULL);
    if (def == NULL) {
        goto done;
    }
    if (def->m_size == -1) {
        module = PyModule_NewObject(name);
        if (module != NULL &&
            PyDict_Update(PyModule_GetDict(module), PyTuple_GET_ITEM(value, 1)) < 0) {
            Py_CLEAR(module);
        }
    }
    else if (def->m_base.m_init != NULL) {
        module = def->m_base.m_init();
    }
    if (module != NULL && PyState_AddModule(module, def) < 0) {
        Py_CLEAR(module);
    }

done:
    Py_DECREF(value);
    return module;
}

// Checks what an init function has returned.
static PyObject *
check_init_result(PyObject *result, PyObject *name)
{
    if (result == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError,
                         "initialization of %U failed without raising an exception", name);
        }
        return NULL;
    }
    if (PyErr_Occurred()) {
        PyObject *error = PyErr_GetRaisedException();
        PyErr_Format(PyExc_SystemError,
                     "initialization of %U raised unreported exception", name);
        PyObject *outer = PyErr_GetRaisedException();
        PyException_SetCause(outer, Py_NewRef(error));
        PyException_SetContext(outer, error);
        PyErr_SetRaisedException(outer);
        if (!Py_IS_TYPE(result, &PyModuleDef_Type)) {
            Py_DECREF(result);
        }
        return NULL;
    }
    if (Py_TYPE(result) == NULL) {
        PyErr_Format(PyExc_SystemError, "init function of %U returned uninitialized object",
                     name);
        return NULL;
    }
    return result;
}

PyObject *
kr_import_run_init(KrModuleInit init, PyObject *spec, PyObject *name, PyObject *path)
{
    PyInterpreterState *interp = kr_interp();
    const char *context = interp->runtime.package_context;
    PyObject *module;

    module = recall_extension(name, path);
    if (module != NULL || PyErr_Occurred()) {
        return module;
    }
    interp->runtime.package_context = PyUnicode_AsUTF8(name);
    module = check_init_result(init(), name);
    interp->runtime.package_context = context;
    if (module == NULL) {
        return NULL;
    }
    if (Py_IS_TYPE(module, &PyModuleDef_Type)) {
        return PyModule_FromDefAndSpec((PyModuleDef *)module, spec);
    }
    if (module == interp->sys_module || module == interp->builtins_module) {
        return module;
    }
    if (!PyModule_Check(module)) {
        PyErr_Format(PyExc_SystemError,
                     "initialization of %U did not return an extension module", name);
        Py_DECREF(module);
        return NULL;
    }
    PyModuleDef *def = PyModule_GetDef(module);
    if (def != NULL) {
        def->m_base.m_init = init;
    }
    else {
        PyErr_Clear();
    }
    // A module inside a package only knows the last part of its name.
    if (PyObject_SetAttr(module, KR_ID(__name__), name) < 0 ||
        remember_extension(module, name, path) < 0) {
        Py_CLEAR(module);
    }
    return module;
}

// ---- shared libraries -------------------------------------------------------

// The name of the init function. NULL with an exception.
static PyObject *
init_symbol(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, length, -1);
    PyObject *last, *encoded = NULL, *result = NULL;

    if (dot == -2) {
        return NULL;
    }
    last = PyUnicode_Substring(name, dot + 1, length);
    if (last == NULL) {
        return NULL;
    }
    if (PyUnicode_IS_ASCII(last)) {
        result = PyBytes_FromFormat("PyInit_%s", PyUnicode_AsUTF8(last));
    }
    else {
        encoded = PyUnicode_AsEncodedString(last, "punycode", NULL);
        if (encoded != NULL) {
            result = PyBytes_FromFormat("PyInitU_%s", PyBytes_AS_STRING(encoded));
        }
        for (char *at = result ? PyBytes_AS_STRING(result) : NULL; at && *at; at++) {
            if (*at == '-') {
                *at = '_';
            }
        }
    }
    Py_DECREF(last);
    Py_XDECREF(encoded);
    return result;
}

static void
raise_import_error(PyObject *message, PyObject *name, PyObject *path)
{
    if (message != NULL) {
        PyErr_SetImportError(message, name, path);
        Py_DECREF(message);
    }
}

// Opens the library and finds its init function.
static KrModuleInit
open_library(PyObject *name, PyObject *path, const char *symbol)
{
    PyObject *bytes = NULL;
    KrModuleInit init = NULL;
    const char *file;
    char local[4096];
    void *handle;

    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    file = PyBytes_AS_STRING(bytes);
    if (strchr(file, '/') == NULL) {
        // Without a slash the loader would search its own path.
        PyOS_snprintf(local, sizeof local, "./%s", file);
        file = local;
    }
    handle = dlopen(file, kr_interp()->runtime.dlopen_flags);
    if (handle == NULL) {
        const char *error = dlerror();
        raise_import_error(
            PyUnicode_DecodeLocale(error == NULL ? "unknown dlopen() error" : error,
                                   "surrogateescape"),
            name, path);
        goto done;
    }
    void *address = dlsym(handle, symbol);
    if (address == NULL) {
        raise_import_error(
            PyUnicode_FromFormat(
                "dynamic module does not define module export function (%s)", symbol),
            name, path);
        goto done;
    }
    memcpy(&init, &address, sizeof init);

done:
    Py_DECREF(bytes);
    return init;
}

PyObject *
kr_import_dynamic(PyObject *spec)
{
    PyObject *name = NULL, *path = NULL, *symbol = NULL, *module = NULL;
    KrModuleInit init;

    name = PyObject_GetAttr(spec, KR_ID(name));
    path = name == NULL ? NULL : PyObject_GetAttr(spec, KR_ID(origin));
    if (path == NULL) {
        goto done;
    }
    if (!PyUnicode_Check(name) || !PyUnicode_Check(path)) {
        PyErr_SetString(PyExc_TypeError, "spec.name and spec.origin must be strings");
        goto done;
    }
    if (PyUnicode_FindChar(name, 0, 0, PyUnicode_GET_LENGTH(name), 1) >= 0 ||
        PyUnicode_FindChar(path, 0, 0, PyUnicode_GET_LENGTH(path), 1) >= 0) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        goto done;
    }
    module = recall_extension(name, path);
    if (module != NULL || PyErr_Occurred()) {
        goto done;
    }
    if (PySys_Audit("import", "OOOOO", name, path, Py_None, Py_None, Py_None) < 0) {
        goto done;
    }
    symbol = init_symbol(name);
    if (symbol == NULL) {
        goto done;
    }
    init = open_library(name, path, PyBytes_AS_STRING(symbol));
    if (init == NULL) {
        goto done;
    }
    module = kr_import_run_init(init, spec, name, path);
    if (module != NULL && PyModule_Check(module) && PyModule_GetDef(module) != NULL &&
        PyModule_GetDef(module)->m_slots == NULL &&
        PyModule_AddObjectRef(module, "__file__", path) < 0) {
        PyErr_Clear();
    }

done:
    Py_XDECREF(name);
    Py_XDECREF(path);
    Py_XDECREF(symbol);
    return module;
}
