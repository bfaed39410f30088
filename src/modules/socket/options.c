// SPDX-License-Identifier: MIT
// options.c - getsockopt and setsockopt.
#include "modules/socket/socket.h"

// An option of AF_VSOCK is a number of 64 bits.
static PyObject *
get_number(KrSocket *self, int level, int option)
{
    uint64_t wide = 0;
    int narrow = 0;
    bool is_wide = self->family == AF_VSOCK;
    socklen_t size = is_wide ? sizeof wide : sizeof narrow;

    if (getsockopt(self->fd, level, option, is_wide ? (void *)&wide : (void *)&narrow,
                   &size) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return is_wide ? PyLong_FromUnsignedLong(wide) : PyLong_FromLong(narrow);
}

KR_METHOD(socket, "getsockopt(self, level, option, buffersize=0, /)",
          "The value of an option: an int, or bytes when buffersize says how many.")
static PyObject *
socket_getsockopt(KrSocket *self, int level, int option, int buffersize)
{
    if (buffersize == 0) {
        return get_number(self, level, option);
    }
    if (buffersize < 0 || buffersize > 1024) {
        PyErr_SetString(PyExc_OSError, "getsockopt buflen out of range");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, buffersize);
    if (bytes == NULL) {
        return NULL;
    }
    socklen_t size = (socklen_t)buffersize;
    memset(PyBytes_AS_STRING(bytes), 0, size);
    if (getsockopt(self->fd, level, option, PyBytes_AS_STRING(bytes), &size) < 0) {
        Py_DECREF(bytes);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if ((int)size < buffersize) {
        _PyBytes_Resize(&bytes, (Py_ssize_t)size);
    }
    return bytes;
}

// An int value. 1 set, 0 it is no int that fits, -1 error of the system.
static int
set_number(KrSocket *self, int level, int option, PyObject *value)
{
    int narrow;

    if (!PyIndex_Check(value)) {
        return 0;
    }
    if (self->family == AF_VSOCK) {
        uint64_t wide = PyLong_AsUnsignedLongLongMask(value);
        if (PyErr_Occurred()) {
            return -1;
        }
        return setsockopt(self->fd, level, option, &wide, sizeof wide) < 0 ? -1 : 1;
    }
    if (kr_arg_int(value, &narrow) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    return setsockopt(self->fd, level, option, &narrow, sizeof narrow) < 0 ? -1 : 1;
}

static int
set_buffer(KrSocket *self, int level, int option, PyObject *value)
{
    Py_buffer buffer;

    if (PyObject_GetBuffer(value, &buffer, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int status = -1;
    if (buffer.len > INT_MAX) {
        PyErr_Format(PyExc_OverflowError, "socket option is larger than %i bytes", INT_MAX);
    }
    else {
        status = setsockopt(self->fd, level, option, buffer.buf, (socklen_t)buffer.len);
    }
    int saved = errno;
    PyBuffer_Release(&buffer);
    errno = saved;
    return status;
}

KR_METHOD_RAW(socket, "setsockopt", METH_FASTCALL,
              "setsockopt(level, option, value)\n"
              "setsockopt(level, option, None, size)\n\n"
              "Set an option to an int or to bytes, or give only a size.")
static PyObject *
socket_setsockopt(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    KrSocket *self = (KrSocket *)op;
    int level, option, status;
    unsigned int size;

    if (nargs != 3 && (nargs != 4 || args[2] != Py_None)) {
        return PyErr_Format(PyExc_TypeError,
                            "setsockopt() takes exactly 3 arguments (%zd given)", nargs);
    }
    if (kr_arg_int(args[0], &level) < 0 || kr_arg_int(args[1], &option) < 0) {
        return NULL;
    }
    if (nargs == 4) {
        PyObject *number = PyNumber_Index(args[3]);
        if (number == NULL) {
            return NULL;
        }
        size = (unsigned int)PyLong_AsUnsignedLongMask(number);
        Py_DECREF(number);
        status = setsockopt(self->fd, level, option, NULL, size);
    }
    else {
        status = set_number(self, level, option, args[2]);
        if (status == 0) {
            status = set_buffer(self, level, option, args[2]);
        }
    }
    if (status < 0) {
        return PyErr_Occurred() ? NULL : PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

#include "modules/socket/options.methods.h"
