// SPDX-License-Identifier: MIT
// hooks.c - displayhook, excepthook, unraisablehook and breakpointhook of sys.
#include "runtime/sys/sys.h"

#include <string.h>

#include "objects/args.h"
#include "objects/exceptions.h"
#include "objects/ids.h"

// Writes a value's repr to a stream that cannot encode it: with escapes.
static int
write_escaped(PyObject *file, PyObject *value)
{
    PyObject *encoding = NULL, *text = NULL, *bytes = NULL, *buffer = NULL;
    PyObject *none = NULL;
    const char *name;
    int found, status = -1;

    encoding = PyObject_GetAttr(file, KR_ID(encoding));
    text = encoding == NULL ? NULL : PyObject_Repr(value);
    name = text == NULL ? NULL : PyUnicode_AsUTF8(encoding);
    bytes = name == NULL ? NULL : PyUnicode_AsEncodedString(text, name, "backslashreplace");
    if (bytes == NULL) {
        goto done;
    }
    found = PyObject_GetOptionalAttr(file, KR_ID(buffer), &buffer);
    if (found < 0) {
        goto done;
    }
    if (found) {
        none = PyObject_CallMethodOneArg(buffer, KR_ID(write), bytes);
    }
    else {
        Py_SETREF(text, PyUnicode_FromEncodedObject(bytes, name, "strict"));
        none = text == NULL ? NULL : PyObject_CallMethodOneArg(file, KR_ID(write), text);
    }
    status = none == NULL ? -1 : 0;

done:
    Py_XDECREF(encoding);
    Py_XDECREF(text);
    Py_XDECREF(bytes);
    Py_XDECREF(buffer);
    Py_XDECREF(none);
    return status;
}

KR_FUNCTION(sys, "displayhook(object, /)",
            "Prints an object that is not None, and saves it in builtins._ .")
static PyObject *
sys_displayhook(PyObject *module, PyObject *object)
{
    PyObject *builtins = kr_interp()->builtins;
    PyObject *file = NULL, *result = NULL;

    if (Py_IsNone(object)) {
        Py_RETURN_NONE;
    }
    // Its own repr may use _, which must not be the value of before.
    if (PyDict_SetItem(builtins, KR_ID(_), Py_None) < 0) {
        return NULL;
    }
    if (PySys_GetOptionalAttr(KR_ID(stdout), &file) < 0) {
        return NULL;
    }
    if (file == NULL || Py_IsNone(file)) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
        goto done;
    }
    if (PyFile_WriteObject(object, file, 0) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            goto done;
        }
        PyErr_Clear();
        if (write_escaped(file, object) < 0) {
            goto done;
        }
    }
    if (PyFile_WriteString("\n", file) < 0 ||
        PyDict_SetItem(builtins, KR_ID(_), object) < 0) {
        goto done;
    }
    result = Py_NewRef(Py_None);

done:
    Py_XDECREF(file);
    return result;
}

KR_FUNCTION(sys, "excepthook(exctype, value, traceback, /)",
            "Prints an exception with its traceback to sys.stderr.")
static PyObject *
sys_excepthook(PyObject *module, PyObject *exctype, PyObject *value, PyObject *traceback)
{
    PyErr_Display(exctype, value, traceback);
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "unraisablehook(unraisable, /)",
            "Prints an exception that could not be raised.")
static PyObject *
sys_unraisablehook(PyObject *module, PyObject *unraisable)
{
    return kr_err_unraisable_hook(unraisable);
}

// Where $PYTHONBREAKPOINT points. NULL with *ignore set for "0" or a warning given.
static PyObject *
breakpoint_callable(const char *name, bool *ignore)
{
    const char *dot = strrchr(name, '.');
    PyObject *module = NULL, *callable = NULL;

    *ignore = false;
    if (strcmp(name, "0") == 0) {
        *ignore = true;
        return NULL;
    }
    if (dot == NULL) {
        module = PyImport_ImportModule("builtins");
        callable = module == NULL ? NULL : PyObject_GetAttrString(module, name);
    }
    else if (dot != name) {
        PyObject *path = PyUnicode_FromStringAndSize(name, dot - name);
        module = path == NULL ? NULL : PyImport_Import(path);
        Py_XDECREF(path);
        callable = module == NULL ? NULL : PyObject_GetAttrString(module, dot + 1);
    }
    else {
        PyErr_SetString(PyExc_ImportError, name);
    }
    Py_XDECREF(module);
    if (callable == NULL && (PyErr_ExceptionMatches(PyExc_ImportError) ||
                             PyErr_ExceptionMatches(PyExc_AttributeError))) {
        PyErr_Clear();
        *ignore = PyErr_WarnFormat(PyExc_RuntimeWarning, 0,
                                   "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"",
                                   name) == 0;
    }
    return callable;
}

KR_FUNCTION_RAW(sys, "breakpointhook($module, /, *args, **kwargs)",
                METH_FASTCALL | METH_KEYWORDS,
                "Calls what $PYTHONBREAKPOINT names, pdb.set_trace() by default.")
static PyObject *
sys_breakpointhook(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                   PyObject *kwnames)
{
    bool use = kr_interp()->runtime.config.use_environment;
    const char *name = use ? getenv("PYTHONBREAKPOINT") : NULL;
    PyObject *callable, *result;
    bool ignore;

    if (name == NULL || name[0] == '\0') {
        name = "pdb.set_trace";
    }
    callable = breakpoint_callable(name, &ignore);
    if (callable == NULL) {
        return ignore ? Py_NewRef(Py_None) : NULL;
    }
    result = PyObject_Vectorcall(callable, args, (size_t)nargs, kwnames);
    Py_DECREF(callable);
    return result;
}

#include "runtime/sys/hooks.methods.h"
