// SPDX-License-Identifier: MIT
// termios.c - module termios: terminal attributes.
#include "Python.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <sys/ioctl.h>
#include <sys/ttydefaults.h>
#include <termios.h>

typedef struct {
    PyObject *error; // termios.error
} TermiosState;

static PyObject *
raise_errno(PyObject *module)
{
    return PyErr_SetFromErrno(((TermiosState *)PyModule_GetState(module))->error);
}

static PyObject *
none_or_errno(PyObject *module, int status)
{
    return status < 0 ? raise_errno(module) : Py_NewRef(Py_None);
}

// The list of control characters; VMIN and VTIME are numbers when input is not
// taken by lines.
static PyObject *
characters_list(const struct termios *mode)
{
    PyObject *list = PyList_New(NCCS);
    bool numbers = (mode->c_lflag & ICANON) == 0;

    for (int i = 0; list != NULL && i < NCCS; i++) {
        PyObject *item = numbers && (i == VMIN || i == VTIME)
                             ? PyLong_FromLong(mode->c_cc[i])
                             : PyBytes_FromStringAndSize((const char *)&mode->c_cc[i], 1);
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

KR_FUNCTION(termios, "tcgetattr(fd, /)", "Get the tty attributes for file descriptor fd.")
static PyObject *
termios_tcgetattr(PyObject *module, PyObject *fd)
{
    struct termios mode;
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = tcgetattr(number, &mode);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        return raise_errno(module);
    }
    PyObject *characters = characters_list(&mode);
    if (characters == NULL) {
        return NULL;
    }
    return Py_BuildValue("[kkkkiiN]", (unsigned long)mode.c_iflag,
                         (unsigned long)mode.c_oflag, (unsigned long)mode.c_cflag,
                         (unsigned long)mode.c_lflag, (int)cfgetispeed(&mode),
                         (int)cfgetospeed(&mode), characters);
}

// Control characters from a list of bytes and numbers.
static int
characters_from_list(PyObject *list, struct termios *mode)
{
    if (!PyList_Check(list) || PyList_GET_SIZE(list) != NCCS) {
        PyErr_Format(PyExc_TypeError, "tcsetattr: attributes[6] must be %d element list",
                     NCCS);
        return -1;
    }
    for (int i = 0; i < NCCS; i++) {
        // Conversion of a number may run Python, which may change the list.
        PyObject *item = i < PyList_GET_SIZE(list) ? PyList_GET_ITEM(list, i) : NULL;
        if (item != NULL && PyBytes_Check(item) && PyBytes_GET_SIZE(item) == 1) {
            mode->c_cc[i] = (cc_t)PyBytes_AS_STRING(item)[0];
        }
        else if (item != NULL && PyLong_Check(item)) {
            long value = PyLong_AsLong(item);
            if (value == -1 && PyErr_Occurred()) {
                return -1;
            }
            if (value < 0 || value > 255) {
                PyErr_SetString(PyExc_OverflowError, "integer out of range");
                return -1;
            }
            mode->c_cc[i] = (cc_t)value;
        }
        else {
            PyErr_SetString(PyExc_TypeError, "tcsetattr: elements of attributes must be "
                                             "bytes objects of length 1 or integers");
            return -1;
        }
    }
    return 0;
}

// Element i of the attributes as a number.
static int
flag_from_list(PyObject *list, Py_ssize_t i, unsigned long *out)
{
    PyObject *item = PyList_GetItemRef(list, i);

    if (item == NULL) {
        return -1;
    }
    int status = kr_arg_ulong(item, out);
    Py_DECREF(item);
    return status;
}

KR_FUNCTION(termios, "tcsetattr(fd, when, attributes, /)",
            "Set the tty attributes for file descriptor fd.")
static PyObject *
termios_tcsetattr(PyObject *module, PyObject *fd, int when, PyObject *attributes)
{
    struct termios mode;
    unsigned long flags[6];
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    if (!PyList_Check(attributes) || PyList_GET_SIZE(attributes) != 7) {
        PyErr_SetString(PyExc_TypeError, "tcsetattr, arg 3: must be 7 element list");
        return NULL;
    }
    // What the list does not name stays as it is.
    Py_BEGIN_ALLOW_THREADS
    status = tcgetattr(number, &mode);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        return raise_errno(module);
    }
    for (int i = 0; i < 6; i++) {
        if (flag_from_list(attributes, i, &flags[i]) < 0) {
            return NULL;
        }
    }
    mode.c_iflag = (tcflag_t)flags[0];
    mode.c_oflag = (tcflag_t)flags[1];
    mode.c_cflag = (tcflag_t)flags[2];
    mode.c_lflag = (tcflag_t)flags[3];
    PyObject *characters = PyList_GetItemRef(attributes, 6);
    if (characters == NULL) {
        return NULL;
    }
    status = characters_from_list(characters, &mode);
    Py_DECREF(characters);
    if (status < 0) {
        return NULL;
    }
    if (cfsetispeed(&mode, (speed_t)flags[4]) < 0 ||
        cfsetospeed(&mode, (speed_t)flags[5]) < 0) {
        return raise_errno(module);
    }
    Py_BEGIN_ALLOW_THREADS
    status = tcsetattr(number, when, &mode);
    Py_END_ALLOW_THREADS
    return none_or_errno(module, status);
}

KR_FUNCTION(termios, "tcsendbreak(fd, duration, /)", "Send a break on file descriptor fd.")
static PyObject *
termios_tcsendbreak(PyObject *module, PyObject *fd, int duration)
{
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = tcsendbreak(number, duration);
    Py_END_ALLOW_THREADS
    return none_or_errno(module, status);
}

KR_FUNCTION(termios, "tcdrain(fd, /)",
            "Wait until all output written to file descriptor fd has been transmitted.")
static PyObject *
termios_tcdrain(PyObject *module, PyObject *fd)
{
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = tcdrain(number);
    Py_END_ALLOW_THREADS
    return none_or_errno(module, status);
}

KR_FUNCTION(termios, "tcflush(fd, queue, /)",
            "Discard queued data on file descriptor fd.")
static PyObject *
termios_tcflush(PyObject *module, PyObject *fd, int queue)
{
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = tcflush(number, queue);
    Py_END_ALLOW_THREADS
    return none_or_errno(module, status);
}

KR_FUNCTION(termios, "tcflow(fd, action, /)",
            "Suspend or resume input or output on file descriptor fd.")
static PyObject *
termios_tcflow(PyObject *module, PyObject *fd, int action)
{
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = tcflow(number, action);
    Py_END_ALLOW_THREADS
    return none_or_errno(module, status);
}

KR_FUNCTION(termios, "tcgetwinsize(fd, /)",
            "Get the tty winsize for file descriptor fd, as (rows, columns).")
static PyObject *
termios_tcgetwinsize(PyObject *module, PyObject *fd)
{
    struct winsize size;
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = ioctl(number, TIOCGWINSZ, &size);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        return raise_errno(module);
    }
    return Py_BuildValue("(ii)", (int)size.ws_row, (int)size.ws_col);
}

KR_FUNCTION(termios, "tcsetwinsize(fd, winsize, /)",
            "Set the tty winsize for file descriptor fd to (rows, columns).")
static PyObject *
termios_tcsetwinsize(PyObject *module, PyObject *fd, PyObject *winsize)
{
    struct winsize size;
    long numbers[2];
    int number = PyObject_AsFileDescriptor(fd), status;

    if (number < 0) {
        return NULL;
    }
    if (!PySequence_Check(winsize) || PySequence_Size(winsize) != 2) {
        PyErr_SetString(PyExc_TypeError,
                        "tcsetwinsize, arg 2: must be a two-item sequence");
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        PyObject *item = PySequence_GetItem(winsize, i);
        if (item == NULL) {
            return NULL;
        }
        status = kr_arg_long(item, &numbers[i]);
        Py_DECREF(item);
        if (status < 0) {
            return NULL;
        }
    }
    Py_BEGIN_ALLOW_THREADS
    status = ioctl(number, TIOCGWINSZ, &size);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        return raise_errno(module);
    }
    size.ws_row = (unsigned short)numbers[0];
    size.ws_col = (unsigned short)numbers[1];
    if (size.ws_row != numbers[0] || size.ws_col != numbers[1]) {
        PyErr_SetString(PyExc_OverflowError, "winsize value(s) out of range.");
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = ioctl(number, TIOCSWINSZ, &size);
    Py_END_ALLOW_THREADS
    return none_or_errno(module, status);
}

KR_MODULE(termios)
#include "modules/termios.methods.h"

static const struct {
    const char *name;
    unsigned long value;
} termios_constants[] = {
#define CONST(name) {#name, (unsigned long)(name)},
#define VALUE(name, number) {#name, number},
#include "modules/termios_names.def"
#undef CONST
#undef VALUE
};

static int
termios_exec(PyObject *module)
{
    TermiosState *state = PyModule_GetState(module);

    state->error = PyErr_NewException("termios.error", NULL, NULL);
    if (state->error == NULL ||
        PyModule_AddObjectRef(module, "error", state->error) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(termios_constants); i++) {
        PyObject *value = PyLong_FromUnsignedLong(termios_constants[i].value);
        if (PyModule_Add(module, termios_constants[i].name, value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
termios_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((TermiosState *)PyModule_GetState(module))->error);
    return 0;
}

static int
termios_clear(PyObject *module)
{
    Py_CLEAR(((TermiosState *)PyModule_GetState(module))->error);
    return 0;
}

static PyModuleDef_Slot termios_slots[] = {
    {Py_mod_exec, termios_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef termios_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "termios",
    .m_doc = "The calls of POSIX for terminals. All functions take a file descriptor first:\n"
             "a number, or an object with a fileno() method.",
    .m_size = sizeof(TermiosState),
    .m_methods = termios_methods,
    .m_slots = termios_slots,
    .m_traverse = termios_traverse,
    .m_clear = termios_clear,
};

PyMODINIT_FUNC
PyInit_termios(void)
{
    return PyModuleDef_Init(&termios_def);
}
