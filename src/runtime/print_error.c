// SPDX-License-Identifier: MIT
// print_error.c - exceptions that nobody caught: PyErr_Print and its family.
//
// The text is made by the traceback module. Where that cannot be used (before
// importlib, after the end, out of memory), a plain C form is written.
#include "Python.h"

#include <frameobject.h>
#include <string.h>

#include "objects/ids.h"
#include "runtime/lifecycle.h"

bool kr_ended_by_interrupt;

// ---- the plain form ---------------------------------------------------------

static void
write_traceback_plain(PyObject *file, PyObject *traceback)
{
    enum { LIMIT = 1000 };
    PyTracebackObject *tb = (PyTracebackObject *)traceback;
    int count = 0;

    PyFile_WriteString("Traceback (most recent call last):\n", file);
    for (; tb != NULL && count < LIMIT; tb = tb->tb_next, count++) {
        PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
        int line = tb->tb_lineno;
        if (line < 0) {
            line = PyCode_Addr2Line(code, tb->tb_lasti);
        }
        PyObject *text = PyUnicode_FromFormat("  File \"%U\", line %d, in %U\n",
                                              code->co_filename, line, code->co_name);
        if (text != NULL) {
            PyFile_WriteObject(text, file, Py_PRINT_RAW);
            Py_DECREF(text);
        }
        PyErr_Clear();
        Py_DECREF(code);
    }
}

// "module.Name: text"
static void
write_exception_plain(PyObject *file, PyObject *exception)
{
    PyObject *name = PyType_GetQualName(Py_TYPE(exception));
    PyObject *module = PyType_GetModuleName(Py_TYPE(exception));
    PyObject *text;

    if (module != NULL && PyUnicode_Check(module) &&
        !PyUnicode_EqualToUTF8(module, "builtins") &&
        !PyUnicode_EqualToUTF8(module, "__main__")) {
        PyFile_WriteObject(module, file, Py_PRINT_RAW);
        PyFile_WriteString(".", file);
    }
    PyErr_Clear();
    if (name != NULL) {
        PyFile_WriteObject(name, file, Py_PRINT_RAW);
    }
    text = PyObject_Str(exception);
    if (text == NULL) {
        PyErr_Clear();
        PyFile_WriteString(": <exception str() failed>", file);
    }
    else if (!PyUnicode_Check(text) || PyUnicode_GET_LENGTH(text) > 0) {
        PyFile_WriteString(": ", file);
        PyFile_WriteObject(text, file, Py_PRINT_RAW);
    }
    PyErr_Clear();
    PyFile_WriteString("\n", file);
    Py_XDECREF(text);
    Py_XDECREF(name);
    Py_XDECREF(module);
    PyErr_Clear();
}

static void
display_plain(PyObject *file, PyObject *exception, int depth)
{
    PyObject *cause = PyException_GetCause(exception);
    PyObject *context = PyException_GetContext(exception);
    PyObject *traceback = PyException_GetTraceback(exception);
    bool hide = ((PyBaseExceptionObject *)exception)->suppress_context;

    if (depth < 10 && cause != NULL) {
        display_plain(file, cause, depth + 1);
        PyFile_WriteString("\nThe above exception was the direct cause of the following "
                           "exception:\n\n",
                           file);
    }
    else if (depth < 10 && context != NULL && !hide) {
        display_plain(file, context, depth + 1);
        PyFile_WriteString("\nDuring handling of the above exception, another exception "
                           "occurred:\n\n",
                           file);
    }
    PyErr_Clear();
    if (traceback != NULL && PyTraceBack_Check(traceback)) {
        write_traceback_plain(file, traceback);
    }
    write_exception_plain(file, exception);
    Py_XDECREF(cause);
    Py_XDECREF(context);
    Py_XDECREF(traceback);
}

// ---- through the traceback module -------------------------------------------

// Prints with traceback._print_exception_bltin(). -1 when that did not work.
static int
display_with_traceback(PyInterpreterState *interp, PyObject *exception)
{
    PyObject *print, *none;

    if (interp->importlib == NULL || interp->finalizing) {
        return -1;
    }
    print = PyImport_ImportModuleAttrString("traceback", "_print_exception_bltin");
    if (print == NULL) {
        PyErr_Clear();
        return -1;
    }
    none = PyObject_CallOneArg(print, exception);
    Py_DECREF(print);
    if (none == NULL) {
        PyErr_Clear();
        return -1;
    }
    Py_DECREF(none);
    return 0;
}

void
PyErr_DisplayException(PyObject *exception)
{
    PyObject *file = NULL;

    if (PySys_GetOptionalAttr(KR_ID(stderr), &file) < 0) {
        PyErr_Clear();
    }
    if (file == NULL) {
        fprintf(stderr, "lost sys.stderr\n");
        return;
    }
    if (!Py_IsNone(file) && display_with_traceback(kr_interp(), exception) < 0) {
        display_plain(file, exception, 0);
        PyObject *none = PyObject_CallMethodNoArgs(file, KR_ID(flush));
        Py_XDECREF(none);
        PyErr_Clear();
    }
    Py_DECREF(file);
}

void
PyErr_Display(PyObject *type, PyObject *value, PyObject *traceback)
{
    if (value == NULL || !PyExceptionInstance_Check(value)) {
        PyObject *text = PyUnicode_FromFormat(
            "TypeError: print_exception(): Exception expected for value, %.200s found\n",
            value == NULL ? "NULL" : Py_TYPE(value)->tp_name);
        PyObject *file = PySys_GetObject("stderr");
        if (text != NULL && file != NULL && !Py_IsNone(file)) {
            PyFile_WriteObject(text, file, Py_PRINT_RAW);
        }
        Py_XDECREF(text);
        PyErr_Clear();
        return;
    }
    // The traceback given is the one to show, unless the exception has its own.
    if (traceback != NULL && PyTraceBack_Check(traceback)) {
        PyObject *own = PyException_GetTraceback(value);
        if (own == NULL && PyException_SetTraceback(value, traceback) < 0) {
            PyErr_Clear();
        }
        Py_XDECREF(own);
    }
    PyErr_DisplayException(value);
}

// ---- the end of a program ---------------------------------------------------

// The exit status of a SystemExit; a message is printed. Consumes the exception.
static int
system_exit_status(PyObject *exception)
{
    PyObject *code = NULL;
    int status = 1;

    if (PyObject_GetOptionalAttr(exception, KR_ID(code), &code) < 0) {
        PyErr_Clear();
    }
    Py_DECREF(exception);
    kr_flush_std_files();
    if (code == NULL || Py_IsNone(code)) {
        status = 0;
    }
    else if (PyLong_Check(code)) {
        status = (int)PyLong_AsLong(code) & 0xff; // -1 stands for "no exit"
    }
    else {
        PyObject *file = PySys_GetObject("stderr");
        if (file != NULL && !Py_IsNone(file)) {
            PyFile_WriteObject(code, file, Py_PRINT_RAW);
        }
        else {
            PyObject_Print(code, stderr, Py_PRINT_RAW);
            fflush(stderr);
        }
        PySys_WriteStderr("\n");
    }
    PyErr_Clear();
    Py_XDECREF(code);
    return status;
}

static void
save_last(PyObject *exception, PyObject *traceback)
{
    if (PySys_SetObject("last_exc", exception) < 0 ||
        PySys_SetObject("last_type", (PyObject *)Py_TYPE(exception)) < 0 ||
        PySys_SetObject("last_value", exception) < 0 ||
        PySys_SetObject("last_traceback", traceback ? traceback : Py_None) < 0) {
        PyErr_Clear();
    }
}

// sys.excepthook(type, value, traceback), with its own failures reported. Returns
// an exit status where the hook raised SystemExit, or -1.
static int
call_excepthook(PyObject *exception, PyObject *traceback)
{
    PyObject *hook = NULL, *result, *second;
    PyObject *tb = traceback ? traceback : Py_None;
    int status = -1;

    if (PySys_GetOptionalAttr(KR_ID(excepthook), &hook) < 0) {
        PyErr_Clear();
    }
    if (PySys_Audit("sys.excepthook", "OOOO", hook ? hook : Py_None,
                    (PyObject *)Py_TYPE(exception), exception, tb) < 0) {
        if (PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            PyErr_Clear();
            goto done;
        }
        PyErr_WriteUnraisable(NULL);
    }
    if (hook == NULL) {
        PySys_WriteStderr("sys.excepthook is missing\n");
        PyErr_DisplayException(exception);
        goto done;
    }
    result = PyObject_CallFunctionObjArgs(hook, (PyObject *)Py_TYPE(exception), exception,
                                          tb, NULL);
    if (result != NULL) {
        Py_DECREF(result);
        goto done;
    }
    second = PyErr_GetRaisedException();
    if (PyErr_GivenExceptionMatches(second, PyExc_SystemExit)) {
        status = system_exit_status(second);
        goto done;
    }
    kr_flush_std_files();
    PySys_WriteStderr("Error in sys.excepthook:\n");
    PyErr_DisplayException(second);
    PySys_WriteStderr("\nOriginal exception was:\n");
    PyErr_DisplayException(exception);
    Py_DECREF(second);

done:
    Py_XDECREF(hook);
    return status;
}

// Prints the pending exception; an exit status from SystemExit, or -1.
static int
print_pending(bool set_last, bool exits)
{
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *traceback;
    int status;

    if (exception == NULL) {
        return -1;
    }
    if (exits && PyErr_GivenExceptionMatches(exception, PyExc_SystemExit)) {
        return system_exit_status(exception);
    }
    if (PyErr_GivenExceptionMatches(exception, PyExc_KeyboardInterrupt)) {
        kr_ended_by_interrupt = true;
    }
    traceback = PyException_GetTraceback(exception);
    if (set_last) {
        save_last(exception, traceback);
    }
    status = call_excepthook(exception, traceback);
    Py_XDECREF(traceback);
    Py_DECREF(exception);
    return status;
}

int
kr_report_exit(void)
{
    int status = print_pending(true, true);

    return status < 0 ? 1 : status;
}

void
PyErr_PrintEx(int set_sys_last_vars)
{
    // With -i the prompt comes after SystemExit too.
    bool exits = !kr_interp()->runtime.config.inspect;
    int status = print_pending(set_sys_last_vars, exits);

    if (status >= 0) {
        Py_Exit(status);
    }
}

void
PyErr_Print(void)
{
    PyErr_PrintEx(1);
}
