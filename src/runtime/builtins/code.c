// SPDX-License-Identifier: MIT
// code.c - compile, eval, exec and __import__.
#include "runtime/builtins/builtins.h"

#include <string.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/ast_bridge.h"

const char *
kr_source_text(PyObject *source, const char *function, const char *what,
               PyCompilerFlags *flags, PyObject **hold_out)
{
    const char *text;
    Py_ssize_t size;
    Py_buffer view;

    *hold_out = NULL;
    if (PyUnicode_Check(source)) {
        flags->cf_flags |= PyCF_IGNORE_COOKIE;
        text = PyUnicode_AsUTF8AndSize(source, &size);
        if (text == NULL) {
            return NULL;
        }
        *hold_out = Py_NewRef(source);
    }
    else if (PyBytes_Check(source)) {
        text = PyBytes_AS_STRING(source);
        size = PyBytes_GET_SIZE(source);
        *hold_out = Py_NewRef(source);
    }
    else if (PyObject_GetBuffer(source, &view, PyBUF_SIMPLE) == 0) {
        // Compilation may run Python code that changes the buffer: take a copy.
        *hold_out = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
        if (*hold_out == NULL) {
            return NULL;
        }
        text = PyBytes_AS_STRING(*hold_out);
        size = PyBytes_GET_SIZE(*hold_out);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s() arg 1 must be a %s object", function, what);
        return NULL;
    }
    if (memchr(text, '\0', (size_t)size) != NULL) {
        PyErr_SetString(PyExc_SyntaxError,
                        "source code string cannot contain null bytes");
        Py_CLEAR(*hold_out);
        return NULL;
    }
    return text;
}

KR_FUNCTION(builtins,
            "compile(source, filename, mode, flags=0, dont_inherit=False, "
            "optimize=-1, *, _feature_version=-1)",
            "Compiles source to a code object that exec() or eval() can run.")
static PyObject *
builtins_compile(PyObject *module, PyObject *source, PyObject *filename_arg,
                 const char *mode, int flags, bool dont_inherit, int optimize,
                 int _feature_version)
{
    static const int starts[] = {Py_file_input, Py_eval_input, Py_single_input,
                                 Py_func_type_input};
    static const char *const modes[] = {"exec", "eval", "single", "func_type"};
    PyCompilerFlags cf = {.cf_flags = flags | PyCF_SOURCE_IS_UTF8,
                          .cf_feature_version = PY_MINOR_VERSION};
    PyObject *filename = NULL, *hold = NULL, *result = NULL;
    const char *text;
    int index = -1;

    if (!PyUnicode_FSDecoder(filename_arg, &filename)) {
        return NULL;
    }
    if (_feature_version >= 0 && (flags & PyCF_ONLY_AST)) {
        cf.cf_feature_version = _feature_version;
    }
    if (flags & ~(PyCF_MASK | PyCF_MASK_OBSOLETE | PyCF_COMPILE_MASK)) {
        PyErr_SetString(PyExc_ValueError, "compile(): unrecognised flags");
        goto done;
    }
    if (optimize < -1 || optimize > 2) {
        PyErr_SetString(PyExc_ValueError, "compile(): invalid optimize value");
        goto done;
    }
    if (!dont_inherit) {
        PyEval_MergeCompilerFlags(&cf);
    }
    for (int i = 0; i < (int)Py_ARRAY_LENGTH(modes); i++) {
        if (strcmp(mode, modes[i]) == 0) {
            index = i;
        }
    }
    if (index < 0 || (index == 3 && !(flags & PyCF_ONLY_AST))) {
        PyErr_SetString(PyExc_ValueError,
                        index == 3
                            ? "compile() mode 'func_type' requires flag PyCF_ONLY_AST"
                        : flags & PyCF_ONLY_AST
                            ? "compile() mode must be 'exec', 'eval', 'single' or "
                              "'func_type'"
                            : "compile() mode must be 'exec', 'eval' or 'single'");
        goto done;
    }
    int is_tree = kr_ast_check(source);
    if (is_tree < 0) {
        goto done;
    }
    if (is_tree) {
        result = kr_ast_compile(source, filename, starts[index], &cf, optimize);
        goto done;
    }
    text = kr_source_text(source, "compile", "string, bytes or AST", &cf, &hold);
    if (text != NULL) {
        result = Py_CompileStringObject(text, filename, starts[index], &cf, optimize);
    }

done:
    Py_XDECREF(hold);
    Py_DECREF(filename);
    return result;
}

// Makes sure that code run with these globals finds builtins.
static int
ensure_builtins(PyObject *globals)
{
    int found = PyDict_Contains(globals, KR_ID(__builtins__));

    if (found == 0) {
        return PyDict_SetItem(globals, KR_ID(__builtins__), PyEval_GetBuiltins());
    }
    return found < 0 ? -1 : 0;
}

// Replaces None by the caller's namespaces. New references in *globals, *locals.
static int
choose_namespaces(const char *name, PyObject **globals, PyObject **locals)
{
    if (!Py_IsNone(*globals)) {
        Py_INCREF(*globals);
        *locals = Py_NewRef(Py_IsNone(*locals) ? *globals : *locals);
        return 0;
    }
    *globals = PyEval_GetGlobals();
    if (*globals == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError, "globals and locals cannot be NULL");
        }
        return -1;
    }
    Py_INCREF(*globals);
    *locals = Py_IsNone(*locals) ? PyEval_GetFrameLocals() : Py_NewRef(*locals);
    if (*locals == NULL) {
        Py_CLEAR(*globals);
        return -1;
    }
    return 0;
}

KR_FUNCTION(builtins, "eval(source, /, globals=None, locals=None)",
            "The value of an expression, given as text or a code object.")
static PyObject *
builtins_eval(PyObject *module, PyObject *source, PyObject *globals, PyObject *locals)
{
    PyCompilerFlags cf = {.cf_flags = PyCF_SOURCE_IS_UTF8,
                          .cf_feature_version = PY_MINOR_VERSION};
    PyObject *result = NULL, *hold = NULL;
    const char *text;

    if (!Py_IsNone(locals) && !PyMapping_Check(locals)) {
        PyErr_SetString(PyExc_TypeError, "locals must be a mapping");
        return NULL;
    }
    if (!Py_IsNone(globals) && !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError,
                        PyMapping_Check(globals)
                            ? "globals must be a real dict; try eval(code, {}, mapping)"
                            : "globals must be a dict");
        return NULL;
    }
    if (choose_namespaces("eval", &globals, &locals) < 0) {
        return NULL;
    }
    if (ensure_builtins(globals) < 0) {
        goto done;
    }
    if (PyCode_Check(source)) {
        if (PySys_Audit("exec", "O", source) < 0) {
            goto done;
        }
        if (PyCode_GetNumFree((PyCodeObject *)source) > 0) {
            PyErr_SetString(PyExc_TypeError,
                            "code object passed to eval() may not contain free variables");
            goto done;
        }
        result = PyEval_EvalCode(source, globals, locals);
        goto done;
    }
    text = kr_source_text(source, "eval", "string, bytes or code", &cf, &hold);
    if (text == NULL) {
        goto done;
    }
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    PyEval_MergeCompilerFlags(&cf);
    result = PyRun_StringFlags(text, Py_eval_input, globals, locals, &cf);

done:
    Py_XDECREF(hold);
    Py_XDECREF(globals);
    Py_XDECREF(locals);
    return result;
}

// Checks exec()'s closure argument against a code object. NULL for "none needed".
static int
check_closure(PyCodeObject *code, PyObject **closure)
{
    Py_ssize_t wanted = PyCode_GetNumFree(code);

    if (*closure != NULL && Py_IsNone(*closure)) {
        *closure = NULL;
    }
    if (wanted == 0) {
        if (*closure != NULL) {
            PyErr_SetString(PyExc_TypeError,
                            "cannot use a closure with this code object");
            return -1;
        }
        return 0;
    }
    bool fits = *closure != NULL && PyTuple_CheckExact(*closure) &&
                PyTuple_GET_SIZE(*closure) == wanted;
    for (Py_ssize_t i = 0; fits && i < wanted; i++) {
        fits = PyCell_Check(PyTuple_GET_ITEM(*closure, i));
    }
    if (!fits) {
        PyErr_Format(PyExc_TypeError,
                     "code object requires a closure of exactly length %zd", wanted);
        return -1;
    }
    return 0;
}

KR_FUNCTION(builtins, "exec(source, /, globals=None, locals=None, *, closure=None)",
            "Runs statements, given as text or a code object.")
static PyObject *
builtins_exec(PyObject *module, PyObject *source, PyObject *globals, PyObject *locals,
              PyObject *closure)
{
    PyCompilerFlags cf = {.cf_flags = PyCF_SOURCE_IS_UTF8,
                          .cf_feature_version = PY_MINOR_VERSION};
    PyObject *result = NULL, *hold = NULL;
    const char *text;

    if (choose_namespaces("exec", &globals, &locals) < 0) {
        return NULL;
    }
    if (!PyDict_Check(globals)) {
        PyErr_Format(PyExc_TypeError, "exec() globals must be a dict, not %.100s",
                     Py_TYPE(globals)->tp_name);
        goto done;
    }
    if (!PyMapping_Check(locals)) {
        PyErr_Format(PyExc_TypeError, "locals must be a mapping or None, not %.100s",
                     Py_TYPE(locals)->tp_name);
        goto done;
    }
    if (ensure_builtins(globals) < 0) {
        goto done;
    }
    if (PyCode_Check(source)) {
        if (check_closure((PyCodeObject *)source, &closure) < 0 ||
            PySys_Audit("exec", "O", source) < 0) {
            goto done;
        }
        result = closure == NULL
                     ? PyEval_EvalCode(source, globals, locals)
                     : PyEval_EvalCodeEx(source, globals, locals, NULL, 0, NULL, 0, NULL,
                                         0, NULL, closure);
        goto finish;
    }
    if (!Py_IsNone(closure)) {
        PyErr_SetString(PyExc_TypeError,
                        "closure can only be used when source is a code object");
        goto done;
    }
    text = kr_source_text(source, "exec", "string, bytes or code", &cf, &hold);
    if (text == NULL) {
        goto done;
    }
    PyEval_MergeCompilerFlags(&cf);
    result = PyRun_StringFlags(text, Py_file_input, globals, locals, &cf);

finish:
    if (result != NULL) {
        Py_SETREF(result, Py_NewRef(Py_None));
    }

done:
    Py_XDECREF(hold);
    Py_XDECREF(globals);
    Py_XDECREF(locals);
    return result;
}

KR_FUNCTION(builtins, "__import__(name, globals=None, locals=None, fromlist=(), level=0)",
            "What the import statement calls; importlib.import_module() is for programs.")
static PyObject *
builtins___import__(PyObject *module, PyObject *name, PyObject *globals,
                    PyObject *locals, PyObject *fromlist, int level)
{
    PyObject *hold = NULL, *result;

    if (fromlist == NULL) {
        fromlist = hold = PyTuple_New(0);
        if (hold == NULL) {
            return NULL;
        }
    }
    result = PyImport_ImportModuleLevelObject(
        name, Py_IsNone(globals) ? NULL : globals, Py_IsNone(locals) ? NULL : locals,
        fromlist, level);
    Py_XDECREF(hold);
    return result;
}

#include "runtime/builtins/code.methods.h"
