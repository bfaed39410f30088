// SPDX-License-Identifier: MIT
// sys.c - making the sys module.
//
// Order: kr_init_sys() as soon as dict and str work; kr_sys_apply_config() when the
// options are known; the streams when the io module can be imported.
#include "runtime/sys/sys.h"

#include <dlfcn.h>
#include <string.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/import/import.h"

KR_MODULE(sys)
#include "runtime/sys/sys.methods.h"

static PyModuleDef sys_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sys",
    .m_doc = "What the interpreter keeps and what programs may change about it.",
    .m_size = -1,
    .m_methods = sys_methods,
};

// ---- values -----------------------------------------------------------------

// A list of str from wide strings.
static PyObject *
wide_list(const PyWideStringList *list)
{
    PyObject *result = PyList_New(list->length);

    for (Py_ssize_t i = 0; result != NULL && i < list->length; i++) {
        PyObject *text = PyUnicode_FromWideChar(list->items[i], -1);
        if (text == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyList_SET_ITEM(result, i, text);
    }
    return result;
}

// The dict of -X options: name -> True or the text behind '='.
static PyObject *
option_dict(const PyWideStringList *list)
{
    PyObject *dict = PyDict_New();

    for (Py_ssize_t i = 0; dict != NULL && i < list->length; i++) {
        const wchar_t *text = list->items[i];
        const wchar_t *equals = wcschr(text, L'=');
        PyObject *name = PyUnicode_FromWideChar(text, equals ? equals - text : -1);
        PyObject *value = equals ? PyUnicode_FromWideChar(equals + 1, -1) : Py_True;
        if (name == NULL || value == NULL || PyDict_SetItem(dict, name, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

static int
put(PyObject *dict, const char *name, PyObject *value)
{
    int status = value == NULL ? -1 : PyDict_SetItemString(dict, name, value);

    Py_XDECREF(value);
    return status;
}

// None stands for an absent text.
static int
put_wide(PyObject *dict, const char *name, const wchar_t *text)
{
    return put(dict, name, text == NULL ? Py_None : PyUnicode_FromWideChar(text, -1));
}

int
kr_sys_apply_config(PyInterpreterState *interp)
{
    const PyConfig *c = &interp->runtime.config;
    PyObject *dict = interp->sys_dict;

    if (kr_sys_add_flags(interp, dict) < 0 ||
        put(dict, "argv", wide_list(&c->argv)) < 0 ||
        put(dict, "orig_argv", wide_list(&c->orig_argv)) < 0 ||
        put(dict, "warnoptions", wide_list(&c->warnoptions)) < 0 ||
        put(dict, "path", wide_list(&c->module_search_paths)) < 0 ||
        put(dict, "_xoptions", option_dict(&c->xoptions)) < 0 ||
        put(dict, "dont_write_bytecode", PyBool_FromLong(!c->write_bytecode)) < 0 ||
        put_wide(dict, "executable", c->executable ? c->executable : L"") < 0 ||
        put_wide(dict, "_base_executable", c->base_executable) < 0 ||
        put_wide(dict, "prefix", c->prefix) < 0 ||
        put_wide(dict, "base_prefix", c->base_prefix) < 0 ||
        put_wide(dict, "exec_prefix", c->exec_prefix) < 0 ||
        put_wide(dict, "base_exec_prefix", c->base_exec_prefix) < 0 ||
        put_wide(dict, "platlibdir", c->platlibdir) < 0 ||
        put_wide(dict, "pycache_prefix", c->pycache_prefix) < 0 ||
        put_wide(dict, "_home", c->home) < 0 ||
        put_wide(dict, "_stdlib_dir", c->stdlib_dir) < 0) {
        return -1;
    }
    if (c->int_max_str_digits >= 0) {
        interp->errors.int_max_str_digits = c->int_max_str_digits;
    }
    return 0;
}

// Saves the hooks under the names that programs restore them from.
static int
save_hooks(PyObject *dict)
{
    static const char *const pairs[][2] = {
        {"displayhook", "__displayhook__"},
        {"excepthook", "__excepthook__"},
        {"unraisablehook", "__unraisablehook__"},
        {"breakpointhook", "__breakpointhook__"},
    };

    for (size_t i = 0; i < Py_ARRAY_LENGTH(pairs); i++) {
        PyObject *hook;
        if (PyDict_GetItemStringRef(dict, pairs[i][0], &hook) <= 0 ||
            put(dict, pairs[i][1], hook) < 0) {
            return -1;
        }
    }
    return 0;
}

int
kr_init_sys(PyInterpreterState *interp)
{
    PyObject *module = PyModule_Create(&sys_def);
    PyObject *dict;

    if (module == NULL) {
        return -1;
    }
    dict = PyModule_GetDict(module);
    interp->sys_dict = Py_NewRef(dict);
    interp->sys_module = module;
    interp->runtime.dlopen_flags = RTLD_NOW;
    if (PyDict_SetItemString(dict, "modules", interp->modules) < 0 ||
        PyDict_SetItem(interp->modules, KR_ID(sys), module) < 0 ||
        kr_sys_add_info(interp, dict) < 0 || save_hooks(dict) < 0 || kr_sys_add_jit(dict) < 0 ||
        kr_sys_add_monitoring(dict) < 0 ||
        put(dict, "builtin_module_names", kr_builtin_module_names()) < 0 ||
        put(dict, "meta_path", PyList_New(0)) < 0 ||
        put(dict, "path_hooks", PyList_New(0)) < 0 ||
        put(dict, "path_importer_cache", PyDict_New()) < 0) {
        return -1;
    }
    return kr_sys_init_plain_stderr(interp);
}
