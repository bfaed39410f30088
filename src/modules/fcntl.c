// SPDX-License-Identifier: MIT
// fcntl.c - module fcntl: file control and I/O control on file descriptors.
#include "Python.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>

// Bytes that the kernel may write behind an argument without doing harm: the
// largest structure that is passed by copy.
#define ARGUMENT_ROOM 1024
#define ARGUMENT_SLACK 8

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif

// Adds what an interrupted call needs: 0 to try again, -1 to give up (error set).
static int
interrupted_retry(void)
{
    if (errno == EINTR) {
        return PyErr_CheckSignals() < 0 ? -1 : 0;
    }
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

// How the third argument of fcntl() and ioctl() is given to the kernel.
typedef struct {
    Py_buffer view;   // view.obj NULL: a number
    unsigned int number;
} FcntlArgument;

static int
argument_open(FcntlArgument *a, PyObject *arg, const char *name, bool writable)
{
    a->view.obj = NULL;
    a->number = 0;
    if (arg == NULL) {
        return 0;
    }
    if (PyIndex_Check(arg)) {
        PyObject *number = PyNumber_Index(arg);
        if (number == NULL) {
            return -1;
        }
        a->number = (unsigned int)PyLong_AsUnsignedLongMask(number);
        Py_DECREF(number);
        return PyErr_Occurred() ? -1 : 0;
    }
    if (writable && PyObject_CheckBuffer(arg) &&
        PyObject_GetBuffer(arg, &a->view, PyBUF_WRITABLE) == 0) {
        return 1;
    }
    PyErr_Clear();
    if (PyUnicode_Check(arg)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(arg, &size);
        return text == NULL ? -1
                            : PyBuffer_FillInfo(&a->view, arg, (void *)(uintptr_t)text,
                                                size, 1, PyBUF_SIMPLE);
    }
    if (PyObject_CheckBuffer(arg)) {
        return PyObject_GetBuffer(arg, &a->view, PyBUF_SIMPLE);
    }
    PyErr_Format(PyExc_TypeError,
                 "%s() argument 3 must be an integer, a bytes-like object, or a string, "
                 "not %T", name, arg);
    return -1;
}

// The call itself; `pointer` NULL: the number is passed.
static int
call_fcntl(int fd, unsigned long code, void *pointer, unsigned int number, bool ioctl_call)
{
    int result;

    do {
        Py_BEGIN_ALLOW_THREADS
        if (ioctl_call) {
            result = pointer != NULL ? ioctl(fd, code, pointer) : ioctl(fd, code, (int)number);
        }
        else {
            result = pointer != NULL ? fcntl(fd, (int)code, pointer)
                                     : fcntl(fd, (int)code, (int)number);
        }
        Py_END_ALLOW_THREADS
    } while (result < 0 && interrupted_retry() == 0);
    return result;
}

// Passes a copy of the bytes and returns what became of it.
static PyObject *
call_with_copy(int fd, unsigned long code, const Py_buffer *view, const char *name,
               bool ioctl_call)
{
    // Aligned as any structure may need it, with a guard behind.
    _Alignas(16) char copy[ARGUMENT_ROOM + ARGUMENT_SLACK];
    static const char guard[ARGUMENT_SLACK] = {0x5a, 0x17, 0x7e, 0x21, 0x3c, 0x66, 0x0b, 0x4d};

    if (view->len > ARGUMENT_ROOM) {
        PyErr_Format(PyExc_ValueError, "%s argument 3 is too long", name);
        return NULL;
    }
    memcpy(copy, view->buf, (size_t)view->len);
    memcpy(copy + view->len, guard, sizeof guard);
    if (call_fcntl(fd, code, copy, 0, ioctl_call) < 0) {
        return NULL;
    }
    if (memcmp(copy + view->len, guard, sizeof guard) != 0) {
        PyErr_SetString(PyExc_SystemError, "buffer overflow");
        return NULL;
    }
    return PyBytes_FromStringAndSize(copy, view->len);
}

KR_FUNCTION(fcntl, "fcntl(fd, cmd, arg=0, /)",
            "Perform the operation cmd on file descriptor fd.")
static PyObject *
fcntl_fcntl(PyObject *module, PyObject *fd, int cmd, PyObject *arg)
{
    FcntlArgument a;
    PyObject *result;
    int number = PyObject_AsFileDescriptor(fd);

    if (number < 0 ||
        PySys_Audit("fcntl.fcntl", "iiO", number, cmd, arg ? arg : Py_None) < 0 ||
        argument_open(&a, arg, "fcntl", false) < 0) {
        return NULL;
    }
    if (a.view.obj != NULL) {
        result = call_with_copy(number, (unsigned long)cmd, &a.view, "fcntl", false);
        PyBuffer_Release(&a.view);
        return result;
    }
    int status = call_fcntl(number, (unsigned long)cmd, NULL, a.number, false);
    return status < 0 ? NULL : PyLong_FromLong(status);
}

KR_FUNCTION(fcntl, "ioctl(fd, request: int, arg=0, mutate_flag=True, /)",
            "Perform the operation request on file descriptor fd.")
static PyObject *
fcntl_ioctl(PyObject *module, PyObject *fd, PyObject *request, PyObject *arg,
            bool mutate_flag)
{
    FcntlArgument a;
    PyObject *result = NULL;
    int number = PyObject_AsFileDescriptor(fd);

    if (number < 0) {
        return NULL;
    }
    unsigned long code = PyLong_AsUnsignedLongMask(request);
    if (code == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (PySys_Audit("fcntl.ioctl", "ikO", number, code, arg ? arg : Py_None) < 0) {
        return NULL;
    }
    int opened = argument_open(&a, arg, "ioctl", mutate_flag);
    if (opened < 0) {
        return NULL;
    }
    if (opened == 1) {
        // The caller's own memory is written to.
        int status = call_fcntl(number, code, a.view.buf, 0, true);
        result = status < 0 ? NULL : PyLong_FromLong(status);
    }
    else if (a.view.obj != NULL) {
        result = call_with_copy(number, code, &a.view, "ioctl", true);
    }
    else {
        int status = call_fcntl(number, code, NULL, a.number, true);
        return status < 0 ? NULL : PyLong_FromLong(status);
    }
    PyBuffer_Release(&a.view);
    return result;
}

KR_FUNCTION(fcntl, "flock(fd, operation, /)",
            "Perform the lock operation on file descriptor fd.")
static PyObject *
fcntl_flock(PyObject *module, PyObject *fd, int operation)
{
    int number = PyObject_AsFileDescriptor(fd), result;

    if (number < 0 || PySys_Audit("fcntl.flock", "ii", number, operation) < 0) {
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        result = flock(number, operation);
        Py_END_ALLOW_THREADS
    } while (result < 0 && interrupted_retry() == 0);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(fcntl, "lockf(fd, cmd, len=0, start=0, whence=0, /)",
            "A wrapper around the fcntl() locking calls.")
static PyObject *
fcntl_lockf(PyObject *module, PyObject *fd, int cmd, long long len, long long start,
            int whence)
{
    int number = PyObject_AsFileDescriptor(fd), result;
    struct flock lock = {.l_whence = (short)whence, .l_start = start, .l_len = len};

    if (number < 0 || PySys_Audit("fcntl.lockf", "iiLLi", number, cmd, len, start,
                                  whence) < 0) {
        return NULL;
    }
    if (cmd == LOCK_UN) {
        lock.l_type = F_UNLCK;
    }
    else if (cmd & LOCK_SH) {
        lock.l_type = F_RDLCK;
    }
    else if (cmd & LOCK_EX) {
        lock.l_type = F_WRLCK;
    }
    else {
        PyErr_SetString(PyExc_ValueError, "unrecognized lockf argument");
        return NULL;
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        result = fcntl(number, cmd & LOCK_NB ? F_SETLK : F_SETLKW, &lock);
        Py_END_ALLOW_THREADS
    } while (result < 0 && interrupted_retry() == 0);
    return result < 0 ? NULL : Py_NewRef(Py_None);
}

KR_MODULE(fcntl)
#include "modules/fcntl.methods.h"

static const struct {
    const char *name;
    long value;
} fcntl_constants[] = {
    {"LOCK_SH", LOCK_SH}, {"LOCK_EX", LOCK_EX}, {"LOCK_NB", LOCK_NB},
    {"LOCK_UN", LOCK_UN}, {"LOCK_MAND", LOCK_MAND}, {"LOCK_READ", LOCK_READ},
    {"LOCK_WRITE", LOCK_WRITE}, {"LOCK_RW", LOCK_RW},
    {"F_DUPFD", F_DUPFD}, {"F_DUPFD_CLOEXEC", F_DUPFD_CLOEXEC},
    {"F_DUPFD_QUERY", F_DUPFD_QUERY}, {"F_GETFD", F_GETFD}, {"F_SETFD", F_SETFD},
    {"F_GETFL", F_GETFL}, {"F_SETFL", F_SETFL}, {"F_GETLK", F_GETLK},
    {"F_SETLK", F_SETLK}, {"F_SETLKW", F_SETLKW}, {"F_OFD_GETLK", F_OFD_GETLK},
    {"F_OFD_SETLK", F_OFD_SETLK}, {"F_OFD_SETLKW", F_OFD_SETLKW},
    {"F_GETOWN", F_GETOWN}, {"F_SETOWN", F_SETOWN}, {"F_GETOWN_EX", F_GETOWN_EX},
    {"F_SETOWN_EX", F_SETOWN_EX}, {"F_OWNER_TID", F_OWNER_TID},
    {"F_OWNER_PID", F_OWNER_PID}, {"F_OWNER_PGRP", F_OWNER_PGRP},
    {"F_GETSIG", F_GETSIG}, {"F_SETSIG", F_SETSIG}, {"F_RDLCK", F_RDLCK},
    {"F_WRLCK", F_WRLCK}, {"F_UNLCK", F_UNLCK}, {"F_GETLK64", F_GETLK64},
    {"F_SETLK64", F_SETLK64}, {"F_SETLKW64", F_SETLKW64}, {"FASYNC", FASYNC},
    {"F_SETLEASE", F_SETLEASE}, {"F_GETLEASE", F_GETLEASE}, {"F_NOTIFY", F_NOTIFY},
    {"DN_ACCESS", DN_ACCESS}, {"DN_MODIFY", DN_MODIFY}, {"DN_CREATE", DN_CREATE},
    {"DN_DELETE", DN_DELETE}, {"DN_RENAME", DN_RENAME}, {"DN_ATTRIB", DN_ATTRIB},
    {"DN_MULTISHOT", DN_MULTISHOT}, {"F_EXLCK", F_EXLCK}, {"F_SHLCK", F_SHLCK},
    {"F_SETPIPE_SZ", F_SETPIPE_SZ}, {"F_GETPIPE_SZ", F_GETPIPE_SZ},
    {"F_ADD_SEALS", F_ADD_SEALS}, {"F_GET_SEALS", F_GET_SEALS},
    {"F_SEAL_SEAL", F_SEAL_SEAL}, {"F_SEAL_SHRINK", F_SEAL_SHRINK},
    {"F_SEAL_GROW", F_SEAL_GROW}, {"F_SEAL_WRITE", F_SEAL_WRITE},
    {"F_SEAL_FUTURE_WRITE", 0x0010}, {"FD_CLOEXEC", FD_CLOEXEC},
    {"FICLONE", 0x40049409}, {"FICLONERANGE", 0x4020940d},
    {"F_GET_RW_HINT", 1035}, {"F_SET_RW_HINT", 1036},
    {"F_GET_FILE_RW_HINT", 1037}, {"F_SET_FILE_RW_HINT", 1038},
    {"RWH_WRITE_LIFE_NOT_SET", 0}, {"RWH_WRITE_LIFE_NONE", 1},
    {"RWH_WRITE_LIFE_SHORT", 2}, {"RWH_WRITE_LIFE_MEDIUM", 3},
    {"RWH_WRITE_LIFE_LONG", 4}, {"RWH_WRITE_LIFE_EXTREME", 5},
};

static int
fcntl_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fcntl_constants); i++) {
        if (PyModule_AddIntConstant(module, fcntl_constants[i].name,
                                    fcntl_constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot fcntl_slots[] = {
    {Py_mod_exec, fcntl_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef fcntl_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "fcntl",
    .m_doc = "File control and I/O control on file descriptors: the calls fcntl(), ioctl(),\n"
             "flock() and lockf(). A descriptor may be given as a number or as an object\n"
             "with a fileno() method.",
    .m_methods = fcntl_methods,
    .m_slots = fcntl_slots,
};

PyMODINIT_FUNC
PyInit_fcntl(void)
{
    return PyModuleDef_Init(&fcntl_def);
}
