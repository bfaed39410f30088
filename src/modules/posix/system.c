// SPDX-License-Identifier: MIT
// system.c - facts of the system: names, limits, times, random bytes, environment.
#include "modules/posix/posix.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "modules/posix/names.h"
#include "objects/args.h"
#include "objects/ids.h"

// ---- environment ------------------------------------------------------------

// A dict of bytes of what stands in the environment now.
static PyObject *
make_environ(void)
{
    PyObject *dict = PyDict_New();

    for (char **entry = environ; dict != NULL && entry != NULL && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals == NULL) {
            continue;
        }
        PyObject *key = PyBytes_FromStringAndSize(*entry, equals - *entry);
        PyObject *value = PyBytes_FromString(equals + 1);
        if (key == NULL || value == NULL ||
            PyDict_SetDefaultRef(dict, key, value, NULL) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

KR_FUNCTION(posix, "_create_environ()", "A dict of the environment as it is now.")
static PyObject *
posix__create_environ(PyObject *module)
{
    return make_environ();
}

KR_FUNCTION(posix, "putenv(name, value, /)", "Sets a variable of the environment.")
static PyObject *
posix_putenv(PyObject *module, KrPath *name, KrPath *value)
{
    if (strchr(name->text, '=') != NULL) {
        PyErr_SetString(PyExc_ValueError, "illegal environment variable name");
        return NULL;
    }
    if (PySys_Audit("os.putenv", "OO", name->bytes, value->bytes) < 0) {
        return NULL;
    }
    return kr_os_result(setenv(name->text, value->text, 1));
}

KR_FUNCTION(posix, "unsetenv(name, /)", "Removes a variable of the environment.")
static PyObject *
posix_unsetenv(PyObject *module, KrPath *name)
{
    if (PySys_Audit("os.unsetenv", "(O)", name->bytes) < 0) {
        return NULL;
    }
    return kr_os_result(unsetenv(name->text));
}

// ---- the machine ------------------------------------------------------------

static PyStructSequence_Field uname_fields[] = {
    {"sysname", "operating system name"},
    {"nodename", "name of machine on network (implementation-defined)"},
    {"release", "operating system release"},
    {"version", "operating system version"},
    {"machine", "hardware identifier"},
    {NULL, NULL},
};

static PyStructSequence_Desc uname_desc = {
    "posix.uname_result", "What uname() finds out about the system.", uname_fields, 5};

KR_FUNCTION(posix, "uname()", "The names of the system.")
static PyObject *
posix_uname(PyObject *module)
{
    struct utsname name;

    if (uname(&name) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *values[] = {
        PyUnicode_DecodeFSDefault(name.sysname), PyUnicode_DecodeFSDefault(name.nodename),
        PyUnicode_DecodeFSDefault(name.release), PyUnicode_DecodeFSDefault(name.version),
        PyUnicode_DecodeFSDefault(name.machine),
    };
    return kr_posix_struct(kr_posix(module)->uname_result, values, 5);
}

KR_FUNCTION(posix, "cpu_count()", "How many CPUs there are, or None.")
static PyObject *
posix_cpu_count(PyObject *module)
{
    PyObject *config = PyConfig_Get("cpu_count");
    long count;

    if (config == NULL) {
        return NULL;
    }
    count = PyLong_AsLong(config);
    if (count > 0) {
        return config;
    }
    Py_DECREF(config);
    count = sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1) {
        Py_RETURN_NONE;
    }
    return PyLong_FromLong(count);
}

KR_FUNCTION(posix, "getloadavg()", "The load of the last 1, 5 and 15 minutes.")
static PyObject *
posix_getloadavg(PyObject *module)
{
    double load[3];

    if (getloadavg(load, 3) != 3) {
        PyErr_SetString(PyExc_OSError, "Load averages are unobtainable");
        return NULL;
    }
    return Py_BuildValue("(ddd)", load[0], load[1], load[2]);
}

static PyStructSequence_Field times_fields[] = {
    {"user", "user time"},
    {"system", "system time"},
    {"children_user", "user time of children"},
    {"children_system", "system time of children"},
    {"elapsed", "elapsed time since an arbitrary point in the past"},
    {NULL, NULL},
};

static PyStructSequence_Desc times_desc = {
    "posix.times_result", "What times() finds out about the process.", times_fields, 5};

KR_FUNCTION(posix, "times()", "The times that the process has used.")
static PyObject *
posix_times(PyObject *module)
{
    struct tms used;
    clock_t elapsed = times(&used);
    double ticks = (double)sysconf(_SC_CLK_TCK);

    if (elapsed == (clock_t)-1) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *values[] = {
        PyFloat_FromDouble((double)used.tms_utime / ticks),
        PyFloat_FromDouble((double)used.tms_stime / ticks),
        PyFloat_FromDouble((double)used.tms_cutime / ticks),
        PyFloat_FromDouble((double)used.tms_cstime / ticks),
        PyFloat_FromDouble((double)elapsed / ticks),
    };
    return kr_posix_struct(kr_posix(module)->times_result, values, 5);
}

KR_FUNCTION(posix, "strerror(code, /)", "The system's message for an error number.")
static PyObject *
posix_strerror(PyObject *module, int code)
{
    return PyUnicode_DecodeLocale(strerror(code), "surrogateescape");
}

// ---- random bytes -----------------------------------------------------------

KR_FUNCTION(posix, "urandom(size, /)", "Random bytes fit for secrets.")
static PyObject *
posix_urandom(PyObject *module, Py_ssize_t size)
{
    PyObject *bytes;
    Py_ssize_t done = 0;

    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative argument not allowed");
        return NULL;
    }
    bytes = PyBytes_FromStringAndSize(NULL, size);
    while (bytes != NULL && done < size) {
        ssize_t got;
        size_t wanted = (size_t)Py_MIN(size - done, (Py_ssize_t)1 << 20);
        KR_UNLOCKED_RETRY(got, getrandom(PyBytes_AS_STRING(bytes) + done, wanted, 0));
        if (got < 0) {
            int saved = errno;
            Py_DECREF(bytes);
            errno = saved;
            return kr_os_result(got);
        }
        done += got;
    }
    return bytes;
}

KR_FUNCTION(posix, "getrandom(size, flags=0)", "Random bytes from the kernel.")
static PyObject *
posix_getrandom(PyObject *module, Py_ssize_t size, int flags)
{
    PyObject *bytes;
    ssize_t got;

    if (size < 0) {
        errno = EINVAL;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(got, getrandom(PyBytes_AS_STRING(bytes), (size_t)size,
                                     (unsigned)flags));
    if (got < 0) {
        int saved = errno;
        Py_DECREF(bytes);
        errno = saved;
        return kr_os_result(got);
    }
    if (got != size) {
        _PyBytes_Resize(&bytes, got);
    }
    return bytes;
}

// ---- limits -----------------------------------------------------------------

// The number of a name given as a str, or an int as it is.
static int
convert_name(PyObject *name, const KrNameValue *table, size_t count, int *out)
{
    if (PyUnicode_Check(name)) {
        for (size_t i = 0; i < count; i++) {
            if (PyUnicode_EqualToUTF8(name, table[i].name)) {
                *out = (int)table[i].value;
                return 0;
            }
        }
        PyErr_SetString(PyExc_ValueError, "unrecognized configuration name");
        return -1;
    }
    if (!PyIndex_Check(name)) {
        PyErr_SetString(PyExc_TypeError,
                        "configuration names must be strings or integers");
        return -1;
    }
    return kr_arg_int(name, out);
}

KR_FUNCTION(posix, "sysconf(name, /)", "A limit of the system.")
static PyObject *
posix_sysconf(PyObject *module, PyObject *name)
{
    int number;

    if (convert_name(name, kr_sysconf_names, kr_sysconf_count, &number) < 0) {
        return NULL;
    }
    errno = 0;
    long value = sysconf(number);
    if (value == -1 && errno != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(value);
}

KR_FUNCTION(posix, "confstr(name, /)", "A text of the system's configuration, or None.")
static PyObject *
posix_confstr(PyObject *module, PyObject *name)
{
    char small[256];
    int number;

    if (convert_name(name, kr_confstr_names, kr_confstr_count, &number) < 0) {
        return NULL;
    }
    errno = 0;
    size_t size = confstr(number, small, sizeof small);
    if (size == 0) {
        if (errno != 0) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        Py_RETURN_NONE;
    }
    if (size <= sizeof small) {
        return PyUnicode_DecodeFSDefaultAndSize(small, (Py_ssize_t)size - 1);
    }
    char *large = PyMem_Malloc(size);
    if (large == NULL) {
        return PyErr_NoMemory();
    }
    confstr(number, large, size);
    PyObject *text = PyUnicode_DecodeFSDefaultAndSize(large, (Py_ssize_t)size - 1);
    PyMem_Free(large);
    return text;
}

KR_FUNCTION(posix, "pathconf(path: path_or_fd, name)", "A limit of a file system.")
static PyObject *
posix_pathconf(PyObject *module, KrPath *path, PyObject *name)
{
    int number;

    if (convert_name(name, kr_pathconf_names, kr_pathconf_count, &number) < 0) {
        return NULL;
    }
    errno = 0;
    long value = path->fd != -1 ? fpathconf(path->fd, number)
                                : pathconf(path->text, number);
    if (value == -1 && errno != 0) {
        return errno == EINVAL ? PyErr_SetFromErrno(PyExc_OSError) : kr_path_error(path);
    }
    return PyLong_FromLong(value);
}

KR_FUNCTION(posix, "fpathconf(fd: fd, name, /)", "A limit of an open file's system.")
static PyObject *
posix_fpathconf(PyObject *module, int fd, PyObject *name)
{
    int number;

    if (convert_name(name, kr_pathconf_names, kr_pathconf_count, &number) < 0) {
        return NULL;
    }
    errno = 0;
    long value = fpathconf(fd, number);
    if (value == -1 && errno != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(value);
}

// ---- hooks ------------------------------------------------------------------

KR_FUNCTION(posix,
            "register_at_fork(*, before=<missing>, after_in_child=<missing>, "
            "after_in_parent=<missing>)",
            "Registers callables that are called around fork().")
static PyObject *
posix_register_at_fork(PyObject *module, PyObject *before, PyObject *after_in_child,
                       PyObject *after_in_parent)
{
    static const char *const names[] = {"before", "after_in_child", "after_in_parent"};
    PyObject *hooks[] = {before, after_in_child, after_in_parent};

    if (before == NULL && after_in_child == NULL && after_in_parent == NULL) {
        PyErr_SetString(PyExc_TypeError, "At least one argument is required.");
        return NULL;
    }
    for (int i = 0; i < 3; i++) {
        if (hooks[i] != NULL && !PyCallable_Check(hooks[i])) {
            PyErr_Format(PyExc_TypeError, "'%.200s' must be callable, not %.200s",
                         names[i], Py_TYPE(hooks[i])->tp_name);
            return NULL;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (hooks[i] != NULL && kr_fork_hook_add(i, hooks[i]) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "_inputhook()", "Calls PyOS_InputHook.")
static PyObject *
posix__inputhook(PyObject *module)
{
    return PyLong_FromLong(PyOS_InputHook == NULL ? 0 : PyOS_InputHook());
}

KR_FUNCTION(posix, "_is_inputhook_installed()", "Whether PyOS_InputHook is set.")
static PyObject *
posix__is_inputhook_installed(PyObject *module)
{
    return PyBool_FromLong(PyOS_InputHook != NULL);
}

#include "modules/posix/system.methods.h"

static PyStructSequence_Field terminal_fields[] = {
    {"columns", "width of the terminal window in characters"},
    {"lines", "height of the terminal window in characters"},
    {NULL, NULL},
};

static PyStructSequence_Desc terminal_desc = {
    "os.terminal_size", "A tuple of (columns, lines) for holding terminal window size",
    terminal_fields, 2};

int
kr_posix_init_system(PyObject *module, KrPosix *posix)
{
    posix->uname_result = PyStructSequence_NewType(&uname_desc);
    posix->times_result = PyStructSequence_NewType(&times_desc);
    posix->terminal_size = PyStructSequence_NewType(&terminal_desc);
    if (posix->uname_result == NULL || posix->times_result == NULL ||
        posix->terminal_size == NULL ||
        PyModule_AddObjectRef(module, "uname_result", (PyObject *)posix->uname_result) <
            0 ||
        PyModule_AddObjectRef(module, "times_result", (PyObject *)posix->times_result) <
            0 ||
        PyModule_AddObjectRef(module, "terminal_size",
                              (PyObject *)posix->terminal_size) < 0) {
        return -1;
    }
    return PyModule_Add(module, "environ", make_environ());
}
