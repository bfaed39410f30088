// SPDX-License-Identifier: MIT
// io.c - print, input and breakpoint.
#include "runtime/builtins/builtins.h"

#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"

// None stands for the default; anything else must be a str.
static int
check_separator(const char *name, PyObject **value)
{
    if (*value == NULL || Py_IsNone(*value)) {
        *value = NULL;
        return 0;
    }
    if (!PyUnicode_Check(*value)) {
        PyErr_Format(PyExc_TypeError, "%s must be None or a string, not %.200s", name,
                     Py_TYPE(*value)->tp_name);
        return -1;
    }
    return 0;
}

static int
write_text(PyObject *file, PyObject *text)
{
    PyObject *none = PyObject_CallMethodOneArg(file, KR_ID(write), text);

    Py_XDECREF(none);
    return none == NULL ? -1 : 0;
}

static int
flush_file(PyObject *file)
{
    PyObject *none = PyObject_CallMethodNoArgs(file, KR_ID(flush));

    Py_XDECREF(none);
    return none == NULL ? -1 : 0;
}

KR_FUNCTION(builtins, "print(*args, sep=' ', end='\\n', file=None, flush=False)",
            "Writes the values to a stream, sys.stdout by default.")
static PyObject *
builtins_print(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *sep,
               PyObject *end, PyObject *file, bool flush)
{
    PyObject *result = NULL;

    if (Py_IsNone(file)) {
        if (PySys_GetOptionalAttr(KR_ID(stdout), &file) < 0) {
            return NULL;
        }
        if (file == NULL) {
            PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
            return NULL;
        }
        if (Py_IsNone(file)) {
            return file; // no console
        }
    }
    else {
        Py_INCREF(file);
    }
    if (check_separator("sep", &sep) < 0 || check_separator("end", &end) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (i > 0 && write_text(file, sep != NULL ? sep : KR_STR(space, " ")) < 0) {
            goto done;
        }
        if (PyFile_WriteObject(args[i], file, Py_PRINT_RAW) < 0) {
            goto done;
        }
    }
    if (write_text(file, end != NULL ? end : KR_STR(newline, "\n")) < 0 ||
        (flush && flush_file(file) < 0)) {
        goto done;
    }
    result = Py_NewRef(Py_None);

done:
    Py_DECREF(file);
    return result;
}

// The stream of that name in sys; RuntimeError when it is missing or None.
static PyObject *
standard_stream(PyObject *name, const char *shown)
{
    PyObject *file;

    if (PySys_GetOptionalAttr(name, &file) < 0) {
        return NULL;
    }
    if (file == NULL || Py_IsNone(file)) {
        Py_XDECREF(file);
        PyErr_Format(PyExc_RuntimeError, "lost sys.%s", shown);
        return NULL;
    }
    return file;
}

// Whether a stream stands for the C stream of that descriptor, a terminal.
static int
is_terminal(PyObject *file, int fd)
{
    PyObject *number = PyObject_CallMethodNoArgs(file, KR_ID(fileno));
    long value;

    if (number == NULL) {
        PyErr_Clear();
        return 0;
    }
    value = PyLong_AsLong(number);
    Py_DECREF(number);
    if (value == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return 0;
    }
    return value == fd && isatty(fd);
}

// A line from the terminal through PyOS_Readline.
static PyObject *
input_from_terminal(PyObject *fin, PyObject *fout, PyObject *prompt)
{
    PyObject *encoding = NULL, *errors = NULL, *out_encoding = NULL, *out_errors = NULL;
    PyObject *text = NULL, *bytes = NULL, *result = NULL;
    char *line;

    encoding = PyObject_GetAttr(fin, KR_ID(encoding));
    errors = encoding == NULL ? NULL : PyObject_GetAttr(fin, KR_ID(errors));
    if (errors == NULL || !PyUnicode_Check(encoding) || !PyUnicode_Check(errors)) {
        goto done;
    }
    if (flush_file(fout) < 0) {
        PyErr_Clear();
    }
    if (prompt != NULL) {
        out_encoding = PyObject_GetAttr(fout, KR_ID(encoding));
        out_errors = out_encoding == NULL ? NULL : PyObject_GetAttr(fout, KR_ID(errors));
        text = out_errors == NULL ? NULL : PyObject_Str(prompt);
        if (text == NULL || !PyUnicode_Check(out_encoding) ||
            !PyUnicode_Check(out_errors)) {
            goto done;
        }
        bytes = PyUnicode_AsEncodedString(text, PyUnicode_AsUTF8(out_encoding),
                                          PyUnicode_AsUTF8(out_errors));
        if (bytes == NULL) {
            goto done;
        }
        if (strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
            PyErr_SetString(PyExc_ValueError,
                            "input: prompt string cannot contain null characters");
            goto done;
        }
    }
    line = PyOS_Readline(stdin, stdout, bytes == NULL ? "" : PyBytes_AS_STRING(bytes));
    if (line == NULL) {
        PyErr_CheckSignals();
        if (!PyErr_Occurred()) {
            PyErr_SetNone(PyExc_KeyboardInterrupt);
        }
        goto done;
    }
    size_t length = strlen(line);
    if (length == 0) {
        PyErr_SetNone(PyExc_EOFError);
    }
    else {
        length -= line[length - 1] == '\n';
        result = PyUnicode_Decode(line, (Py_ssize_t)length, PyUnicode_AsUTF8(encoding),
                                  PyUnicode_AsUTF8(errors));
    }
    PyMem_Free(line);

done:
    Py_XDECREF(encoding);
    Py_XDECREF(errors);
    Py_XDECREF(out_encoding);
    Py_XDECREF(out_errors);
    Py_XDECREF(text);
    Py_XDECREF(bytes);
    return result;
}

KR_FUNCTION(builtins, "input(prompt='', /)",
            "Reads a line from standard input, without its newline.")
static PyObject *
builtins_input(PyObject *module, PyObject *prompt)
{
    PyObject *fin = NULL, *fout = NULL, *ferr = NULL, *result = NULL;

    fin = standard_stream(KR_ID(stdin), "stdin");
    fout = fin == NULL ? NULL : standard_stream(KR_ID(stdout), "stdout");
    ferr = fout == NULL ? NULL : standard_stream(KR_ID(stderr), "stderr");
    if (ferr == NULL ||
        PySys_Audit("builtins.input", "O", prompt != NULL ? prompt : Py_None) < 0) {
        goto done;
    }
    if (flush_file(ferr) < 0) {
        PyErr_Clear();
    }
    if (is_terminal(fin, STDIN_FILENO) && is_terminal(fout, STDOUT_FILENO)) {
        result = input_from_terminal(fin, fout, prompt);
        if (result != NULL || PyErr_Occurred()) {
            goto audited;
        }
        // The streams have no usable encoding: go the way of other files.
    }
    if (prompt != NULL && PyFile_WriteObject(prompt, fout, Py_PRINT_RAW) < 0) {
        goto done;
    }
    if (flush_file(fout) < 0) {
        PyErr_Clear();
    }
    result = PyFile_GetLine(fin, -1);

audited:
    if (result != NULL && PySys_Audit("builtins.input/result", "O", result) < 0) {
        Py_CLEAR(result);
    }

done:
    Py_XDECREF(fin);
    Py_XDECREF(fout);
    Py_XDECREF(ferr);
    return result;
}

KR_FUNCTION_RAW(builtins, "breakpoint($module, /, *args, **kws)",
                METH_FASTCALL | METH_KEYWORDS,
                "Calls sys.breakpointhook(*args, **kws), the debugger by default.")
static PyObject *
builtins_breakpoint(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                    PyObject *kwnames)
{
    PyObject *hook, *result;

    if (PySys_GetOptionalAttr(KR_ID(breakpointhook), &hook) < 0) {
        return NULL;
    }
    if (hook == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.breakpointhook");
        return NULL;
    }
    if (PySys_Audit("builtins.breakpoint", "O", hook) < 0) {
        Py_DECREF(hook);
        return NULL;
    }
    result = PyObject_Vectorcall(hook, args, (size_t)nargs, kwnames);
    Py_DECREF(hook);
    return result;
}

#include "runtime/builtins/io.methods.h"
