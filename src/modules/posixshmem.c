// SPDX-License-Identifier: MIT
// posixshmem.c - module _posixshmem: named shared memory for multiprocessing.
#include "Python.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"

// The name in the encoding of file names; NULL with an exception for one with a NUL.
static PyObject *
name_bytes(PyObject *path)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(path);

    if (bytes != NULL &&
        strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        Py_CLEAR(bytes);
    }
    return bytes;
}

KR_FUNCTION(posixshmem, "shm_open(path: str, flags, mode=511)",
            "Open a shared memory object; returns a file descriptor.")
static PyObject *
posixshmem_shm_open(PyObject *module, PyObject *path, int flags, int mode)
{
    PyObject *bytes = name_bytes(path);
    int fd;

    if (bytes == NULL) {
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        fd = shm_open(PyBytes_AS_STRING(bytes), flags, (mode_t)mode);
        Py_END_ALLOW_THREADS
    } while (fd < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    Py_DECREF(bytes);
    if (fd < 0) {
        return PyErr_Occurred() ? NULL
                                : PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    return PyLong_FromLong(fd);
}

KR_FUNCTION(posixshmem, "shm_unlink(path: str)",
            "Remove the name of a shared memory object.\n\n"
            "The memory itself goes when no process maps it any more.")
static PyObject *
posixshmem_shm_unlink(PyObject *module, PyObject *path)
{
    PyObject *bytes = name_bytes(path);
    int status;

    if (bytes == NULL) {
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        status = shm_unlink(PyBytes_AS_STRING(bytes));
        Py_END_ALLOW_THREADS
    } while (status < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    Py_DECREF(bytes);
    if (status < 0) {
        return PyErr_Occurred() ? NULL
                                : PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    Py_RETURN_NONE;
}

KR_MODULE(posixshmem)
#include "modules/posixshmem.methods.h"

static PyModuleDef_Slot posixshmem_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef posixshmem_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_posixshmem",
    .m_doc = "POSIX shared memory.",
    .m_methods = posixshmem_methods,
    .m_slots = posixshmem_slots,
};

PyMODINIT_FUNC
PyInit__posixshmem(void)
{
    return PyModuleDef_Init(&posixshmem_def);
}
