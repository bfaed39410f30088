// SPDX-License-Identifier: MIT
// path.c - converting paths, descriptors and ids.
#include "modules/posix/path.h"

#include <limits.h>
#include <string.h>

#include "objects/ids.h"

// ---- paths ------------------------------------------------------------------

static int
path_type_error(const KrPath *path, PyObject *arg)
{
    PyErr_Format(PyExc_TypeError, "%s: %s should be %s, not %.200s", path->function,
                 path->argument,
                 path->allow_fd && path->nullable
                     ? "string, bytes, os.PathLike, integer or None"
                 : path->allow_fd ? "string, bytes, os.PathLike or integer"
                 : path->nullable ? "string, bytes, os.PathLike or None"
                                  : "string, bytes or os.PathLike",
                 Py_TYPE(arg)->tp_name);
    return -1;
}

// What __fspath__ returns, or NULL: without an exception when there is no such method.
static PyObject *
call_fspath(PyObject *arg)
{
    PyObject *method = _PyObject_LookupSpecial(arg, KR_ID(__fspath__)), *result;

    if (method == NULL || Py_IsNone(method)) { // None says that there is none
        Py_XDECREF(method);
        return NULL;
    }
    result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result != NULL && !PyUnicode_Check(result) && !PyBytes_Check(result)) {
        PyErr_Format(PyExc_TypeError,
                     "expected %.200s.__fspath__() to return str or bytes, not %.200s",
                     Py_TYPE(arg)->tp_name, Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

PyObject *
PyOS_FSPath(PyObject *path)
{
    PyObject *result;

    if (PyUnicode_Check(path) || PyBytes_Check(path)) {
        return Py_NewRef(path);
    }
    result = call_fspath(path);
    if (result == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError,
                     "expected str, bytes or os.PathLike object, not %.200s",
                     Py_TYPE(path)->tp_name);
    }
    return result;
}

static int
convert_fd(PyObject *arg, KrPath *path)
{
    PyObject *index = PyNumber_Index(arg);
    int overflow;
    long value;

    if (index == NULL) {
        return -1;
    }
    value = PyLong_AsLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (value == -1 && !overflow && PyErr_Occurred()) {
        return -1;
    }
    if (overflow > 0 || value > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "fd is greater than maximum");
        return -1;
    }
    if (overflow < 0 || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "fd is less than minimum");
        return -1;
    }
    path->fd = (int)value;
    path->object = Py_NewRef(arg);
    return 0;
}

int
kr_path_convert(PyObject *arg, KrPath *path)
{
    Py_ssize_t size;

    if (path->nullable && Py_IsNone(arg)) {
        return 0;
    }
    if (PyUnicode_Check(arg) || PyBytes_Check(arg)) {
        path->object = Py_NewRef(arg);
    }
    else if (path->allow_fd && PyIndex_Check(arg)) {
        if (PyBool_Check(arg) &&
            PyErr_WarnEx(PyExc_RuntimeWarning, "bool is used as a file descriptor", 1) < 0) {
            return -1;
        }
        return convert_fd(arg, path);
    }
    else {
        path->object = call_fspath(arg);
        if (path->object == NULL) {
            return PyErr_Occurred() ? -1 : path_type_error(path, arg);
        }
    }
    if (PyBytes_Check(path->object)) {
        path->is_bytes = true;
        path->bytes = Py_NewRef(path->object);
    }
    else {
        path->bytes = PyUnicode_EncodeFSDefault(path->object);
        if (path->bytes == NULL) {
            return -1;
        }
    }
    path->text = PyBytes_AS_STRING(path->bytes);
    size = PyBytes_GET_SIZE(path->bytes);
    if (strlen(path->text) != (size_t)size) {
        PyErr_Format(PyExc_ValueError, "%s: embedded null character in %s",
                     path->function, path->argument);
        return -1;
    }
    return 0;
}

void
kr_path_release(KrPath *path)
{
    Py_CLEAR(path->object);
    Py_CLEAR(path->bytes);
}

PyObject *
kr_path_error(const KrPath *path)
{
    if (PyErr_Occurred()) {
        return NULL;
    }
    return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path->object);
}

PyObject *
kr_path_error2(const KrPath *path, const KrPath *path2)
{
    if (PyErr_Occurred()) {
        return NULL;
    }
    return PyErr_SetFromErrnoWithFilenameObjects(PyExc_OSError, path->object,
                                                 path2->object);
}

// ---- descriptors and ids ----------------------------------------------------

int
kr_arg_fd(PyObject *arg, int *out)
{
    *out = PyObject_AsFileDescriptor(arg);
    return *out < 0 ? -1 : 0;
}

int
kr_arg_dir_fd(PyObject *arg, int *out)
{
    KrPath path = {"", "", false, true, -1, NULL, NULL, NULL, 0};

    if (Py_IsNone(arg)) {
        *out = AT_FDCWD;
        return 0;
    }
    if (!PyIndex_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not %.200s",
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    if (PyBool_Check(arg) &&
        PyErr_WarnEx(PyExc_RuntimeWarning, "bool is used as a file descriptor", 1) < 0) {
        return -1;
    }
    if (convert_fd(arg, &path) < 0) {
        return -1;
    }
    *out = path.fd;
    kr_path_release(&path);
    return 0;
}

// An id of a user or group: 32 bits, and -1 for "leave it".
static int
convert_id(PyObject *arg, const char *kind, unsigned int *out)
{
    PyObject *index = PyNumber_Index(arg);
    int overflow;
    long long value;

    if (index == NULL) {
        PyErr_Format(PyExc_TypeError, "%s should be integer, not %.200s", kind,
                     Py_TYPE(arg)->tp_name);
        return -1;
    }
    value = PyLong_AsLongLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (value == -1 && !overflow && PyErr_Occurred()) {
        return -1;
    }
    if (overflow < 0 || value < -1) {
        PyErr_Format(PyExc_OverflowError, "%s is less than minimum", kind);
        return -1;
    }
    if (overflow > 0 || value > UINT_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s is greater than maximum", kind);
        return -1;
    }
    *out = (unsigned int)value;
    return 0;
}

int
kr_arg_uid(PyObject *arg, uid_t *out)
{
    return convert_id(arg, "uid", out);
}

int
kr_arg_gid(PyObject *arg, gid_t *out)
{
    return convert_id(arg, "gid", out);
}

int
kr_arg_dev(PyObject *arg, dev_t *out)
{
    PyObject *index = PyNumber_Index(arg);

    if (index == NULL) {
        return -1;
    }
    *out = PyLong_AsUnsignedLongLong(index);
    if (*out == (dev_t)-1 && PyErr_Occurred()) {
        // -1 is what no device has.
        PyErr_Clear();
        long long value = PyLong_AsLongLong(index);
        if (value == -1 && !PyErr_Occurred()) {
            *out = (dev_t)-1;
        }
        else {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_OverflowError,
                                "can't convert negative int to unsigned");
            }
            Py_DECREF(index);
            return -1;
        }
    }
    Py_DECREF(index);
    return 0;
}

PyObject *
kr_uid_to_int(uid_t id)
{
    return id == (uid_t)-1 ? PyLong_FromLong(-1) : PyLong_FromUnsignedLong(id);
}

int
kr_path_no_dir_fd(const char *function, const KrPath *path, int dir_fd)
{
    if (path->fd != -1 && dir_fd != AT_FDCWD) {
        PyErr_Format(PyExc_ValueError, "%s: can't specify dir_fd without matching path",
                     function);
        return -1;
    }
    return 0;
}

int
kr_path_no_follow(const char *function, const KrPath *path, bool follow)
{
    if (path->fd != -1 && !follow) {
        PyErr_Format(PyExc_ValueError,
                     "%s: cannot use fd and follow_symlinks together", function);
        return -1;
    }
    return 0;
}

bool
kr_signals_passed(void)
{
    int saved = errno;
    bool passed = PyErr_CheckSignals() == 0;

    errno = saved;
    return passed;
}

PyObject *
kr_os_result(long status)
{
    if (status >= 0) {
        Py_RETURN_NONE;
    }
    return PyErr_Occurred() ? NULL : PyErr_SetFromErrno(PyExc_OSError);
}
