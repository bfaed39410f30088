// SPDX-License-Identifier: MIT
// errors_report.c - errors that nobody can catch, places in sources, fatal errors.
//
// Callers:     finalizers and callbacks (unraisable errors), the compiler
//              (SyntaxError places), anybody in despair (Py_FatalError).
#include "objects/exceptions/internal.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "objects/hooks.h"

// --- Unraisable errors ---------------------------------------------------------------

static PyStructSequence_Field unraisable_fields[] = {
    {"exc_type", "Exception type"},
    {"exc_value", "Exception value"},
    {"exc_traceback", "Exception traceback"},
    {"err_msg", "Error message"},
    {"object", "Object causing the exception"},
    {NULL, NULL},
};

static PyStructSequence_Desc unraisable_desc = {
    .name = "sys.UnraisableHookArgs",
    .doc = "UnraisableHookArgs\n\nType used to pass arguments to sys.unraisablehook.",
    .fields = unraisable_fields,
    .n_in_sequence = 5,
};

// exc is borrowed, the others may be NULL.
static PyObject *
unraisable_args(PyObject *exc, PyObject *message, PyObject *object)
{
    KrErrorsState *state = &kr_interp()->errors;
    if (state->unraisable_args == NULL) {
        state->unraisable_args = PyStructSequence_NewType(&unraisable_desc);
        if (state->unraisable_args == NULL) {
            return NULL;
        }
    }
    PyObject *args = PyStructSequence_New(state->unraisable_args);
    if (args == NULL) {
        return NULL;
    }
    PyObject *traceback = kr_exc(exc)->traceback;
    PyObject *values[5] = {(PyObject *)Py_TYPE(exc), exc, traceback, message, object};
    for (int i = 0; i < 5; i++) {
        PyStructSequence_SetItem(args, i,
                                 values[i] != NULL ? Py_NewRef(values[i]) : Py_None);
    }
    return args;
}

// Writes text to the file object; errors are dropped.
static void
write_quietly(PyObject *file, PyObject *text)
{
    if (text == NULL || PyFile_WriteObject(text, file, Py_PRINT_RAW) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(text);
}

static void
report(PyObject *file, PyObject *exc, PyObject *message, PyObject *object)
{
    bool has_message = message != NULL && message != Py_None;
    if (object != NULL && object != Py_None) {
        PyObject *repr = PyObject_Repr(object);
        if (repr == NULL) {
            PyErr_Clear();
            repr = PyUnicode_FromString("<object repr() failed>");
        }
        if (repr != NULL) {
            write_quietly(file, has_message
                                    ? PyUnicode_FromFormat("%S: %U\n", message, repr)
                                    : PyUnicode_FromFormat("Exception ignored in: %U\n",
                                                           repr));
            Py_DECREF(repr);
        }
    }
    else if (has_message) {
        write_quietly(file, PyUnicode_FromFormat("%S:\n", message));
    }
    if (exc != NULL && exc != Py_None) {
        PyErr_DisplayException(exc);
    }
}

PyObject *
kr_err_unraisable_hook(PyObject *args)
{
    PyTypeObject *type = kr_interp()->errors.unraisable_args;
    if (type == NULL || Py_TYPE(args) != type) {
        PyErr_SetString(PyExc_TypeError,
                        "sys.unraisablehook argument type must be UnraisableHookArgs");
        return NULL;
    }
    PyObject *file = PySys_GetAttrString("stderr");
    if (file == NULL) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    if (file != Py_None) {
        report(file, PyStructSequence_GetItem(args, 1),
               PyStructSequence_GetItem(args, 3), PyStructSequence_GetItem(args, 4));
    }
    Py_DECREF(file);
    Py_RETURN_NONE;
}

// message is consumed. Nothing is left pending.
static void
write_unraisable(PyObject *message, PyObject *object)
{
    PyThreadState *tstate = kr_thread();
    PyObject *exc = PyErr_GetRaisedException(), *args = NULL, *hook = NULL;
    PyObject *result = NULL;

    if (exc == NULL) {
        Py_XDECREF(message);
        return;
    }
    if (kr_exc(exc)->traceback == NULL && PyEval_GetFrame() != NULL) {
        PyErr_SetRaisedException(Py_NewRef(exc));
        PyTraceBack_Here(PyEval_GetFrame());
        PyObject *again = PyErr_GetRaisedException();
        Py_XSETREF(exc, again);
        if (exc == NULL) {
            goto done;
        }
    }
    args = unraisable_args(exc, message, object);
    if (args == NULL) {
        PyErr_Clear();
        goto done;
    }
    if (PySys_GetOptionalAttr(KR_ID(unraisablehook), &hook) < 0) {
        PyErr_Clear();
    }
    if (hook == NULL || hook == Py_None) {
        result = kr_err_unraisable_hook(args);
    }
    else {
        result = PyObject_CallOneArg(hook, args);
        if (result == NULL) {
            // The hook failed: its error is shown by the built-in one.
            PyObject *error = PyErr_GetRaisedException(), *text, *again = NULL;
            text = PyUnicode_FromString("Exception ignored in sys.unraisablehook");
            if (error != NULL) {
                again = unraisable_args(error, text, hook);
            }
            if (again != NULL) {
                result = kr_err_unraisable_hook(again);
            }
            Py_XDECREF(again);
            Py_XDECREF(text);
            Py_XDECREF(error);
        }
    }
done:
    Py_XDECREF(result);
    Py_XDECREF(hook);
    Py_XDECREF(args);
    Py_XDECREF(exc);
    Py_XDECREF(message);
    Py_CLEAR(tstate->current_exception);
}

void
PyErr_WriteUnraisable(PyObject *object)
{
    write_unraisable(NULL, object);
}

void
PyErr_FormatUnraisable(const char *format, ...)
{
    PyObject *message = NULL, *exc = PyErr_GetRaisedException();
    va_list va;

    if (format != NULL) {
        va_start(va, format);
        message = PyUnicode_FromFormatV(format, va);
        va_end(va);
        PyErr_Clear();
    }
    PyErr_SetRaisedException(exc);
    write_unraisable(message, NULL);
}

// --- Places of syntax errors -------------------------------------------------------------

// Sets exc.name = value; value (stolen) NULL means that making it failed. Errors
// are dropped: what matters is the SyntaxError itself.
static void
set_place(PyObject *exc, PyObject *name, PyObject *value)
{
    if (value == NULL || PyObject_SetAttr(exc, name, value) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(value);
}

static PyObject *
number_or_none(int value)
{
    return value < 0 ? Py_None : PyLong_FromLong(value);
}

// Columns are stored as they are: callers count from 1.
void
PyErr_RangedSyntaxLocationObject(PyObject *filename, int lineno, int col, int end_lineno,
                                 int end_col)
{
    PyObject *exc = PyErr_GetRaisedException();
    if (exc == NULL) {
        return;
    }
    set_place(exc, KR_ID(lineno), PyLong_FromLong(lineno));
    set_place(exc, KR_ID(offset), number_or_none(col));
    set_place(exc, KR_ID(end_lineno), number_or_none(end_lineno));
    set_place(exc, KR_ID(end_offset), number_or_none(end_col));
    if (filename != NULL) {
        set_place(exc, KR_ID(filename), Py_NewRef(filename));
        PyObject *text = PyErr_ProgramTextObject(filename, lineno);
        set_place(exc, KR_ID(text), text != NULL ? text : Py_None);
    }
    if (PyObject_TypeCheck(exc, &kr_exc_SyntaxError)) {
        PySyntaxErrorObject *self = (PySyntaxErrorObject *)exc;
        if (self->msg == NULL) {
            set_place(exc, KR_ID(msg), PyObject_Str(exc));
        }
        if (self->print_file_and_line == NULL) {
            set_place(exc, KR_ID(print_file_and_line), Py_None);
        }
    }
    PyErr_SetRaisedException(exc);
}

void
PyErr_SyntaxLocationObject(PyObject *filename, int lineno, int col)
{
    PyErr_RangedSyntaxLocationObject(filename, lineno, col, lineno, -1);
}

void
PyErr_SyntaxLocationEx(const char *filename, int lineno, int col)
{
    PyObject *name = NULL;
    if (filename != NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        name = PyUnicode_DecodeFSDefault(filename);
        PyErr_SetRaisedException(exc);
    }
    PyErr_SyntaxLocationObject(name, lineno, col);
    Py_XDECREF(name);
}

void
PyErr_SyntaxLocation(const char *filename, int lineno)
{
    PyErr_SyntaxLocationEx(filename, lineno, -1);
}

// Line `lineno` of an open file, which is closed; NULL without an exception.
static PyObject *
program_line(FILE *file, int lineno)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size = -1;

    if (file == NULL || lineno <= 0) {
        if (file != NULL) {
            fclose(file);
        }
        return NULL;
    }
    for (int i = 0; i < lineno; i++) {
        size = getline(&line, &room, file);
        if (size < 0) {
            break;
        }
    }
    fclose(file);
    PyObject *text = NULL;
    if (size >= 0) {
        if (size >= 2 && line[size - 2] == '\r') {
            line[size - 2] = '\n';
            size--;
        }
        text = PyUnicode_DecodeUTF8(line, size, "replace");
        if (text == NULL) {
            PyErr_Clear();
        }
    }
    free(line);
    return text;
}

PyObject *
PyErr_ProgramText(const char *filename, int lineno)
{
    return program_line(filename != NULL ? fopen(filename, "re") : NULL, lineno);
}

PyObject *
PyErr_ProgramTextObject(PyObject *filename, int lineno)
{
    PyObject *bytes = NULL, *text;
    if (filename == NULL || lineno <= 0 || !PyUnicode_FSConverter(filename, &bytes)) {
        PyErr_Clear();
        return NULL;
    }
    text = PyErr_ProgramText(PyBytes_AS_STRING(bytes), lineno);
    Py_DECREF(bytes);
    return text;
}

// --- Fatal errors, and printing into buffers ---------------------------------------------

void
_Py_FatalErrorFunc(const char *func, const char *message)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s%s%s\n", func != NULL ? func : "",
            func != NULL ? ": " : "", message != NULL ? message : "<message not set>");
    PyInterpreterState *interp = PyInterpreterState_Main();
    if (interp == NULL) {
        fputs("Python runtime state: unknown\n", stderr);
    }
    else {
        fputs(interp->initialized ? "Python runtime state: initialized\n"
                                  : "Python runtime state: preinitialized\n",
              stderr);
    }
    fflush(stderr);
    if (kr_hooks.report_fatal_error != NULL) {
        kr_hooks.report_fatal_error(STDERR_FILENO);
    }
    // A handler of SIGABRT would report the same again.
    signal(SIGABRT, SIG_DFL);
    abort();
}

#undef Py_FatalError
void
Py_FatalError(const char *message)
{
    _Py_FatalErrorFunc(NULL, message);
}

void
_Py_FatalErrorFormat(const char *func, const char *format, ...)
{
    char text[512];
    va_list va;
    va_start(va, format);
    vsnprintf(text, sizeof(text), format, va);
    va_end(va);
    _Py_FatalErrorFunc(func, text);
}

