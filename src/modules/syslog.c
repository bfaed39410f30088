// SPDX-License-Identifier: MIT
// syslog.c - module syslog: messages to the system's log.
//
// Invariants:  openlog() of the C library keeps the pointer to the name: it belongs to
//              the process, as the connection to the log does.
#include "Python.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <syslog.h>

// Process-wide, because the C library's connection is.
static struct {
    PyObject *ident; // the str whose text openlog() was given, owned
    bool open;
} syslog_connection;

// The name of the script without its folder, or NULL without an exception.
static PyObject *
script_name(void)
{
    PyObject *argv = PySys_GetObject("argv"); // borrowed

    if (argv == NULL || !PyList_Check(argv) || PyList_GET_SIZE(argv) == 0) {
        return NULL;
    }
    PyObject *script = PyList_GET_ITEM(argv, 0);
    if (!PyUnicode_Check(script) || PyUnicode_GET_LENGTH(script) == 0) {
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(script);
    Py_ssize_t slash = PyUnicode_FindChar(script, '/', 0, length, -1);
    if (slash == -2) {
        PyErr_Clear();
        return NULL;
    }
    return slash >= 0 ? PyUnicode_Substring(script, slash + 1, length) : Py_NewRef(script);
}

// ident: owned by the caller, may be NULL.
static int
syslog_connect(PyObject *ident, long logoption, long facility)
{
    PyObject *name = ident != NULL ? Py_NewRef(ident) : script_name();
    const char *text = NULL;

    if (name == NULL && PyErr_Occurred()) {
        return -1;
    }
    if (name != NULL && (text = PyUnicode_AsUTF8(name)) == NULL) {
        Py_DECREF(name);
        return -1;
    }
    if (PySys_Audit("syslog.openlog", "Oll", name != NULL ? name : Py_None, logoption,
                    facility) < 0) {
        Py_XDECREF(name);
        return -1;
    }
    openlog(text, (int)logoption, (int)facility);
    syslog_connection.open = true;
    Py_XSETREF(syslog_connection.ident, name);
    return 0;
}

KR_FUNCTION(syslog, "openlog(ident: str=<missing>, logoption=0, facility=LOG_USER)",
            "Set logging options of subsequent syslog() calls.")
static PyObject *
syslog_openlog(PyObject *module, PyObject *ident, long logoption, long facility)
{
    if (syslog_connect(ident, logoption, facility) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION_RAW(syslog, "syslog", METH_FASTCALL,
                "syslog([priority=LOG_INFO,] message)\\n"
                "Send the string message to the system logger.")
static PyObject *
syslog_syslog(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int priority = LOG_INFO;

    if (nargs < 1 || nargs > 2) {
        PyErr_SetString(PyExc_TypeError, "syslog.syslog requires 1 to 2 arguments");
        return NULL;
    }
    PyObject *message = args[nargs - 1];
    if (nargs == 2 && kr_arg_int(args[0], &priority) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(message)) {
        kr_arg_bad("syslog", nargs == 2 ? "argument 2" : "argument 1", "str", message);
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8(message);
    if (text == NULL || PySys_Audit("syslog.syslog", "is", priority, text) < 0) {
        return NULL;
    }
    if (!syslog_connection.open && syslog_connect(NULL, 0, LOG_USER) < 0) {
        return NULL;
    }
    // The name must outlive the call, which runs without the interpreter's lock.
    PyObject *ident = Py_XNewRef(syslog_connection.ident);
    Py_BEGIN_ALLOW_THREADS
    syslog(priority, "%s", text);
    Py_END_ALLOW_THREADS
    Py_XDECREF(ident);
    Py_RETURN_NONE;
}

KR_FUNCTION(syslog, "closelog()",
            "Reset the syslog module values and call the system library closelog().")
static PyObject *
syslog_closelog(PyObject *module)
{
    if (PySys_Audit("syslog.closelog", NULL) < 0) {
        return NULL;
    }
    if (syslog_connection.open) {
        closelog();
        Py_CLEAR(syslog_connection.ident);
        syslog_connection.open = false;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(syslog, "setlogmask(maskpri, /)",
            "Set the priority mask to maskpri and return the previous mask value.")
static PyObject *
syslog_setlogmask(PyObject *module, long maskpri)
{
    if (PySys_Audit("syslog.setlogmask", "l", maskpri) < 0) {
        return NULL;
    }
    return PyLong_FromLong(setlogmask((int)maskpri));
}

KR_FUNCTION(syslog, "LOG_UPTO(pri, /)",
            "Calculates the mask for all priorities up to and including pri.")
static PyObject *
syslog_log_upto(PyObject *module, long pri)
{
    return PyLong_FromLong(LOG_UPTO(pri));
}

KR_FUNCTION(syslog, "LOG_MASK(pri, /)",
            "Calculates the mask for the individual priority pri.")
static PyObject *
syslog_log_mask(PyObject *module, long pri)
{
    return PyLong_FromLong(LOG_MASK(pri));
}

KR_MODULE(syslog)
#include "modules/syslog.methods.h"

static const struct {
    const char *name;
    long value;
} syslog_constants[] = {
    {"LOG_EMERG", LOG_EMERG}, {"LOG_ALERT", LOG_ALERT}, {"LOG_CRIT", LOG_CRIT},
    {"LOG_ERR", LOG_ERR}, {"LOG_WARNING", LOG_WARNING}, {"LOG_NOTICE", LOG_NOTICE},
    {"LOG_INFO", LOG_INFO}, {"LOG_DEBUG", LOG_DEBUG}, {"LOG_PID", LOG_PID},
    {"LOG_CONS", LOG_CONS}, {"LOG_NDELAY", LOG_NDELAY}, {"LOG_ODELAY", LOG_ODELAY},
    {"LOG_NOWAIT", LOG_NOWAIT}, {"LOG_PERROR", LOG_PERROR}, {"LOG_KERN", LOG_KERN},
    {"LOG_USER", LOG_USER}, {"LOG_MAIL", LOG_MAIL}, {"LOG_DAEMON", LOG_DAEMON},
    {"LOG_AUTH", LOG_AUTH}, {"LOG_LPR", LOG_LPR}, {"LOG_LOCAL0", LOG_LOCAL0},
    {"LOG_LOCAL1", LOG_LOCAL1}, {"LOG_LOCAL2", LOG_LOCAL2}, {"LOG_LOCAL3", LOG_LOCAL3},
    {"LOG_LOCAL4", LOG_LOCAL4}, {"LOG_LOCAL5", LOG_LOCAL5}, {"LOG_LOCAL6", LOG_LOCAL6},
    {"LOG_LOCAL7", LOG_LOCAL7}, {"LOG_SYSLOG", LOG_SYSLOG}, {"LOG_CRON", LOG_CRON},
    {"LOG_UUCP", LOG_UUCP}, {"LOG_NEWS", LOG_NEWS}, {"LOG_AUTHPRIV", LOG_AUTHPRIV},
    {"LOG_FTP", LOG_FTP},
};

static int
syslog_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(syslog_constants); i++) {
        if (PyModule_AddIntConstant(module, syslog_constants[i].name,
                                    syslog_constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot syslog_slots[] = {
    {Py_mod_exec, syslog_exec},
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef syslog_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "syslog",
    .m_methods = syslog_methods,
    .m_slots = syslog_slots,
};

PyMODINIT_FUNC
PyInit_syslog(void)
{
    return PyModuleDef_Init(&syslog_def);
}
