// SPDX-License-Identifier: MIT
// module_errors.c - what is said when a module lacks a name, with the likely reason.
//
// Callers:     module.c (attributes), vm (IMPORT_FROM).
// Re-entrancy: specs are Python objects; every attribute read may run Python.
#include "objects/module.h"

#include "objects/ids.h"
#include "objects/object.h"
#include "objects/state.h"

#include <limits.h>
#include <unistd.h>

// What is known about the module whose name is missing.
typedef struct {
    PyObject *spec;   // owned; NULL or None when there is none
    PyObject *origin; // owned; NULL when the module came from no file
    bool shadowing;   // the file lies in the program's own folder
    bool hides;       // and bears the name of a module of the library
    bool initializing;
} Circumstances;

static int
optional_truth(PyObject *object, PyObject *name)
{
    PyObject *value;
    int truth = PyObject_GetOptionalAttr(object, name, &value);
    if (truth > 0) {
        truth = PyObject_IsTrue(value);
        Py_DECREF(value);
    }
    return truth;
}

// spec.origin if that is where the module lies.
static int
find_origin(PyObject *spec, PyObject **origin_out)
{
    *origin_out = NULL;
    if (spec == NULL || spec == Py_None) {
        return 0;
    }
    int located = optional_truth(spec, KR_ID(has_location));
    if (located <= 0) {
        return located;
    }
    int found = PyObject_GetOptionalAttr(spec, KR_ID(origin), origin_out);
    if (found > 0 && !PyUnicode_Check(*origin_out)) {
        Py_CLEAR(*origin_out);
    }
    return found < 0 ? -1 : 0;
}

// The folder that a module's file or a package's __init__.py makes importable: its
// length within origin, 0 for none.
static Py_ssize_t
root_length(PyObject *origin)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(origin);
    Py_ssize_t slash = PyUnicode_FindChar(origin, '/', 0, length, -1);
    static const char package[] = "__init__.py";
    if (slash > 0 && length - slash - 1 == (Py_ssize_t)sizeof(package) - 1) {
        bool same = true;
        for (Py_ssize_t i = 0; package[i] != '\0' && same; i++) {
            same = PyUnicode_READ_CHAR(origin, slash + 1 + i) == (Py_UCS4)package[i];
        }
        if (same) {
            slash = PyUnicode_FindChar(origin, '/', 0, slash, -1);
        }
    }
    return slash > 0 ? slash : 0;
}

// Whether the file lies in the program's own folder, where it may hide another module
// of the same name.
static int
is_shadowing(PyObject *origin)
{
    const PyConfig *config = &kr_interp()->runtime.config;
    if (config->safe_path || config->sys_path_0 == NULL) {
        return 0;
    }
    PyObject *folder;
    if (config->sys_path_0[0] == L'\0') {
        char here[PATH_MAX];
        if (getcwd(here, sizeof(here)) == NULL) {
            return 0;
        }
        folder = PyUnicode_DecodeFSDefault(here);
    }
    else {
        folder = PyUnicode_FromWideChar(config->sys_path_0, -1);
    }
    PyObject *root =
        folder == NULL ? NULL : PyUnicode_Substring(origin, 0, root_length(origin));
    int same = root == NULL ? -1 : PyUnicode_Compare(root, folder) == 0;
    Py_XDECREF(folder);
    Py_XDECREF(root);
    return same;
}

static int
is_stdlib_name(PyObject *name)
{
    PyObject *names = PySys_GetObject("stdlib_module_names"); // borrowed
    return names != NULL && PyAnySet_Check(names) ? PySet_Contains(names, name) : 0;
}

static int
find_out(Circumstances *c, PyObject *module_name)
{
    if (find_origin(c->spec, &c->origin) < 0) {
        return -1;
    }
    if (c->origin != NULL) {
        int shadowing = is_shadowing(c->origin);
        int hides = shadowing > 0 && module_name != NULL ? is_stdlib_name(module_name) : 0;
        if (shadowing < 0 || hides < 0) {
            return -1;
        }
        c->shadowing = shadowing;
        c->hides = hides;
    }
    if (!c->hides) {
        int initializing =
            c->spec == Py_None ? 0 : _PyModuleSpec_IsInitializing(c->spec);
        if (initializing < 0) {
            return -1;
        }
        c->initializing = initializing;
    }
    return 0;
}

static void
forget(Circumstances *c)
{
    Py_CLEAR(c->spec);
    Py_CLEAR(c->origin);
}

// ---- module.name ----------------------------------------------------------------

// Whether a submodule of that name is just being imported.
static int
is_uninitialized_submodule(PyObject *spec, PyObject *name)
{
    PyObject *value;
    if (spec == NULL || spec == Py_None) {
        return 0;
    }
    int found = PyObject_GetOptionalAttr(spec, KR_ID(_uninitialized_submodules), &value);
    if (found > 0) {
        found = PySequence_Contains(value, name);
        Py_DECREF(value);
    }
    return found;
}

static void
raise_absent(const Circumstances *c, PyObject *module, PyObject *name)
{
    int submodule = is_uninitialized_submodule(c->spec, name);
    if (submodule > 0) {
        PyErr_Format(PyExc_AttributeError,
                     "cannot access submodule '%U' of module '%U' (most likely due to a "
                     "circular import)",
                     name, module);
    }
    else if (submodule == 0) {
        PyErr_Format(PyExc_AttributeError, "module '%U' has no attribute '%U'", module,
                     name);
    }
}

KR_COLD void
kr_module_no_attribute(PyObject *module, PyObject *module_name, PyObject *name)
{
    Circumstances c = {0};
    if (PyDict_GetItemRef(kr_module_dict_borrow(module), KR_ID(__spec__), &c.spec) < 0 ||
        find_out(&c, module_name) < 0) {
        forget(&c);
        return;
    }
    if (c.hides) {
        PyErr_Format(PyExc_AttributeError,
                     "module '%U' has no attribute '%U' (consider renaming %R since "
                     "it has the same name as the standard library module named '%U' "
                     "and prevents importing that standard library module)",
                     module_name, name, c.origin, module_name);
    }
    else if (c.initializing && c.shadowing) {
        // The program itself, asking a module that it means to be another one.
        PyErr_Format(PyExc_AttributeError,
                     "module '%U' has no attribute '%U' (consider renaming %R if it "
                     "has the same name as a library you intended to import)",
                     module_name, name, c.origin);
    }
    else if (c.initializing && c.origin != NULL) {
        PyErr_Format(PyExc_AttributeError,
                     "partially initialized module '%U' from %R has no attribute '%U' "
                     "(most likely due to a circular import)",
                     module_name, c.origin, name);
    }
    else if (c.initializing) {
        PyErr_Format(PyExc_AttributeError,
                     "partially initialized module '%U' has no attribute '%U' (most "
                     "likely due to a circular import)",
                     module_name, name);
    }
    else {
        raise_absent(&c, module_name, name);
    }
    forget(&c);
}

// ---- from module import name ----------------------------------------------------

static PyObject *
import_message(const Circumstances *c, PyObject *name, PyObject *shown, PyObject *file)
{
    if (c->hides) {
        return PyUnicode_FromFormat(
            "cannot import name %R from %R (consider renaming %R since it has the same "
            "name as the standard library module named %R and prevents importing that "
            "standard library module)",
            name, shown, file, shown);
    }
    if (c->initializing && c->shadowing) {
        return PyUnicode_FromFormat(
            "cannot import name %R from %R (consider renaming %R if it has the same name "
            "as a library you intended to import)",
            name, shown, file);
    }
    if (c->initializing && file != NULL) {
        return PyUnicode_FromFormat(
            "cannot import name %R from partially initialized module %R (most likely due "
            "to a circular import) (%S)",
            name, shown, file);
    }
    if (c->initializing) {
        return PyUnicode_FromFormat(
            "cannot import name %R from partially initialized module %R (most likely due "
            "to a circular import)",
            name, shown);
    }
    if (file != NULL) {
        return PyUnicode_FromFormat("cannot import name %R from %R (%S)", name, shown,
                                    file);
    }
    return PyUnicode_FromFormat("cannot import name %R from %R (unknown location)", name,
                                shown);
}

static void
raise_import_error(PyObject *message, PyObject *module_name, PyObject *file,
                   PyObject *name)
{
    PyObject *exc = PyObject_CallOneArg(PyExc_ImportError, message);
    if (exc == NULL) {
        return;
    }
    PyImportErrorObject *error = (PyImportErrorObject *)exc;
    Py_XSETREF(error->name, Py_NewRef(module_name));
    Py_XSETREF(error->path, Py_XNewRef(file));
    Py_XSETREF(error->name_from, Py_NewRef(name));
    PyErr_SetObject(PyExc_ImportError, exc);
    Py_DECREF(exc);
}

KR_COLD void
kr_module_cannot_import(PyObject *module, PyObject *module_name, PyObject *name)
{
    Circumstances c = {0};
    PyObject *file = NULL, *message = NULL;
    PyObject *shown = module_name != NULL ? Py_NewRef(module_name)
                                          : PyUnicode_FromString("<unknown module name>");
    if (shown == NULL ||
        PyObject_GetOptionalAttr(module, KR_ID(__spec__), &c.spec) < 0 ||
        find_out(&c, module_name) < 0) {
        goto done;
    }
    if (c.origin != NULL) {
        file = Py_NewRef(c.origin);
    }
    else if (PyModule_Check(module)) {
        file = PyModule_GetFilenameObject(module);
        if (file == NULL) {
            PyErr_Clear();
        }
    }
    message = import_message(&c, name, shown, file);
    if (message != NULL) {
        raise_import_error(message, shown, file, name);
    }

done:
    forget(&c);
    Py_XDECREF(message);
    Py_XDECREF(file);
    Py_XDECREF(shown);
}
