// SPDX-License-Identifier: MIT
// file.c - PyFile_*: using Python's file objects from C.
#include "Python.h"

#include <fcntl.h>
#include <string.h>

#include "objects/ids.h"

const char *Py_FileSystemDefaultEncoding = "utf-8";
const char *Py_FileSystemDefaultEncodeErrors = "surrogateescape";
int Py_HasFileSystemDefaultEncoding = 1;
int Py_UTF8Mode = 0;

PyObject *
PyFile_FromFd(int fd, const char *name, const char *mode, int buffering,
              const char *encoding, const char *errors, const char *newline, int closefd)
{
    PyObject *open = PyImport_ImportModuleAttrString("io", "open");
    PyObject *result;

    if (open == NULL) {
        return NULL;
    }
    result = PyObject_CallFunction(open, "isisssO", fd, mode, buffering, encoding,
                                   errors, newline, closefd ? Py_True : Py_False);
    Py_DECREF(open);
    return result;
}

PyObject *
PyFile_GetLine(PyObject *file, int n)
{
    PyObject *line;

    if (file == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (n <= 0) {
        line = PyObject_CallMethodNoArgs(file, KR_ID(readline));
    }
    else {
        line = PyObject_CallMethod(file, "readline", "i", n);
    }
    if (line == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(line) && !PyUnicode_Check(line)) {
        Py_DECREF(line);
        PyErr_SetString(PyExc_TypeError, "object.readline() returned non-string");
        return NULL;
    }
    if (n >= 0) {
        return line;
    }
    // n < 0: the end of the file is an error, and the newline goes.
    Py_ssize_t size = PyObject_Size(line);
    PyObject *shorter = line;
    if (size == 0) {
        Py_DECREF(line);
        PyErr_SetString(PyExc_EOFError, "EOF when reading a line");
        return NULL;
    }
    if (PyBytes_Check(line)) {
        const char *text = PyBytes_AS_STRING(line);
        if (text[size - 1] == '\n') {
            shorter = PyBytes_FromStringAndSize(text, size - 1);
            Py_DECREF(line);
        }
    }
    else if (PyUnicode_READ_CHAR(line, size - 1) == '\n') {
        shorter = PyUnicode_Substring(line, 0, size - 1);
        Py_DECREF(line);
    }
    return shorter;
}

int
PyFile_WriteObject(PyObject *object, PyObject *file, int flags)
{
    PyObject *text, *result;

    if (file == NULL) {
        PyErr_SetString(PyExc_TypeError, "writeobject with NULL file");
        return -1;
    }
    text = flags & Py_PRINT_RAW ? PyObject_Str(object) : PyObject_Repr(object);
    if (text == NULL) {
        return -1;
    }
    result = PyObject_CallMethodOneArg(file, KR_ID(write), text);
    Py_DECREF(text);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

int
PyFile_WriteString(const char *text, PyObject *file)
{
    PyObject *object, *result;

    if (file == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "null file for PyFile_WriteString");
        }
        return -1;
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    object = PyUnicode_FromString(text);
    if (object == NULL) {
        return -1;
    }
    result = PyObject_CallMethodOneArg(file, KR_ID(write), object);
    Py_DECREF(object);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

int
PyObject_AsFileDescriptor(PyObject *object)
{
    PyObject *method = NULL, *number = NULL;
    int fd = -1;

    if (PyLong_Check(object)) {
        if (PyBool_Check(object) &&
            PyErr_WarnEx(PyExc_RuntimeWarning, "bool is used as a file descriptor", 1) < 0) {
            return -1;
        }
        fd = PyLong_AsInt(object);
    }
    else {
        int found = PyObject_GetOptionalAttr(object, KR_ID(fileno), &method);
        if (found < 0) {
            return -1;
        }
        if (found == 0) {
            PyErr_SetString(PyExc_TypeError,
                            "argument must be an int, or have a fileno() method.");
            return -1;
        }
        number = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        if (number == NULL) {
            return -1;
        }
        if (!PyLong_Check(number)) {
            PyErr_SetString(PyExc_TypeError, "fileno() returned a non-integer");
            Py_DECREF(number);
            return -1;
        }
        fd = PyLong_AsInt(number);
        Py_DECREF(number);
    }
    if (fd == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (fd < 0) {
        PyErr_Format(PyExc_ValueError,
                     "file descriptor cannot be a negative integer (%i)", fd);
        return -1;
    }
    return fd;
}

char *
Py_UniversalNewlineFgets(char *buffer, int size, FILE *file, PyObject *object)
{
    char *at = buffer;
    int c = EOF;
    bool after_cr = false;

    if (object != NULL) {
        errno = ENXIO;
        return NULL;
    }
    while (--size > 0 && (c = getc(file)) != EOF) {
        if (after_cr) {
            after_cr = false;
            if (c == '\n') {
                c = getc(file);
                if (c == EOF) {
                    break;
                }
            }
        }
        if (c == '\r') {
            after_cr = true;
            c = '\n';
        }
        *at++ = (char)c;
        if (c == '\n') {
            break;
        }
    }
    if (c == '\n' && after_cr) {
        int next = getc(file);
        if (next != '\n') {
            ungetc(next, file);
        }
    }
    *at = '\0';
    return at == buffer ? NULL : buffer;
}

FILE *
_Py_fopen_obj(PyObject *path, const char *mode)
{
    PyObject *bytes = NULL;
    FILE *file;
    int saved;

    if (PySys_Audit("open", "Osi", path, mode, 0) < 0) {
        return NULL;
    }
    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    for (;;) {
        Py_BEGIN_ALLOW_THREADS
        file = fopen(PyBytes_AS_STRING(bytes), mode);
        saved = errno;
        Py_END_ALLOW_THREADS
        if (file != NULL || saved != EINTR || PyErr_CheckSignals() < 0) {
            break;
        }
    }
    if (file == NULL && !PyErr_Occurred()) {
        errno = saved;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    else if (file != NULL) {
        fcntl(fileno(file), F_SETFD, FD_CLOEXEC);
    }
    Py_DECREF(bytes);
    return file;
}

FILE *
Py_fopen(PyObject *path, const char *mode)
{
    return _Py_fopen_obj(path, mode);
}

int
Py_fclose(FILE *file)
{
    return fclose(file);
}

// The hook that PyFile_SetOpenCodeHook installs is not offered: files are opened as
// open(path, "rb") does.
PyObject *
PyFile_OpenCodeObject(PyObject *path)
{
    PyObject *io = PyImport_ImportModule("_io"), *file;

    if (io == NULL) {
        return NULL;
    }
    file = PyObject_CallMethod(io, "open", "Os", path, "rb");
    Py_DECREF(io);
    return file;
}

PyObject *
PyFile_OpenCode(const char *utf8path)
{
    PyObject *path = PyUnicode_FromString(utf8path);
    PyObject *file = path == NULL ? NULL : PyFile_OpenCodeObject(path);

    Py_XDECREF(path);
    return file;
}
