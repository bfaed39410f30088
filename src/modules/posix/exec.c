// SPDX-License-Identifier: MIT
// exec.c - running programs: exec, spawn, fork, system.
#include "modules/posix/posix.h"

#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"

// ---- arrays of strings ------------------------------------------------------

void
kr_string_array_release(KrStringArray *array)
{
    PyMem_Free(array->items);
    array->items = NULL; // the caller may release what a failed conversion has released
    Py_CLEAR(array->keep);
}

static int
array_start(KrStringArray *out, Py_ssize_t room)
{
    out->items = PyMem_New(char *, room + 1);
    out->keep = PyList_New(0);
    if (out->items == NULL || out->keep == NULL) {
        kr_string_array_release(out);
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

int
kr_argv_convert(const char *function, PyObject *argv, KrStringArray *out)
{
    Py_ssize_t count;

    *out = (KrStringArray){NULL, NULL};
    if (!PyList_Check(argv) && !PyTuple_Check(argv)) {
        PyErr_Format(PyExc_TypeError, "%s() arg 2 must be a tuple or list", function);
        return -1;
    }
    count = PySequence_Size(argv);
    if (count < 1) {
        PyErr_Format(PyExc_ValueError, "%s() arg 2 must not be empty", function);
        return -1;
    }
    if (array_start(out, count) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(argv, i), *bytes = NULL;
        if (item == NULL || !PyUnicode_FSConverter(item, &bytes) ||
            PyList_Append(out->keep, bytes) < 0) {
            Py_XDECREF(item);
            Py_XDECREF(bytes);
            kr_string_array_release(out);
            return -1;
        }
        out->items[i] = PyBytes_AS_STRING(bytes);
        Py_DECREF(item);
        Py_DECREF(bytes); // the list keeps it
    }
    out->items[count] = NULL;
    if (out->items[0][0] == '\0') {
        PyErr_Format(PyExc_ValueError, "%s() arg 2 first element cannot be empty",
                     function);
        kr_string_array_release(out);
        return -1;
    }
    return 0;
}

int
kr_env_convert(PyObject *env, KrStringArray *out)
{
    PyObject *keys = NULL, *values = NULL;
    Py_ssize_t count;
    int status = -1;

    *out = (KrStringArray){NULL, NULL};
    if (!PyMapping_Check(env)) {
        PyErr_SetString(PyExc_TypeError, "execve: environment must be a mapping object");
        return -1;
    }
    keys = PyMapping_Keys(env);
    values = keys == NULL ? NULL : PyMapping_Values(env);
    if (values == NULL) {
        goto done;
    }
    count = Py_MIN(PyList_GET_SIZE(keys), PyList_GET_SIZE(values));
    if (array_start(out, count) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *key = NULL, *value = NULL, *pair;
        if (!PyUnicode_FSConverter(PyList_GET_ITEM(keys, i), &key) ||
            !PyUnicode_FSConverter(PyList_GET_ITEM(values, i), &value)) {
            Py_XDECREF(key);
            kr_string_array_release(out);
            goto done;
        }
        const char *name = PyBytes_AS_STRING(key);
        if (name[0] == '\0' || strchr(name + 1, '=') != NULL) {
            PyErr_SetString(PyExc_ValueError, "illegal environment variable name");
            pair = NULL;
        }
        else {
            pair = PyBytes_FromFormat("%s=%s", name, PyBytes_AS_STRING(value));
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (pair == NULL || PyList_Append(out->keep, pair) < 0) {
            Py_XDECREF(pair);
            kr_string_array_release(out);
            goto done;
        }
        out->items[i] = PyBytes_AS_STRING(pair);
        Py_DECREF(pair);
    }
    out->items[count] = NULL;
    status = 0;

done:
    Py_XDECREF(keys);
    Py_XDECREF(values);
    return status;
}

// ---- exec -------------------------------------------------------------------

KR_FUNCTION(posix, "execv(path, argv, /)", "Replaces this process by a program.")
static PyObject *
posix_execv(PyObject *module, KrPath *path, PyObject *argv)
{
    KrStringArray args;

    if (kr_argv_convert("execv", argv, &args) < 0) {
        return NULL;
    }
    if (PySys_Audit("os.exec", "OOO", path->object, argv, Py_None) == 0) {
        execv(path->text, args.items);
        kr_path_error(path);
    }
    kr_string_array_release(&args);
    return NULL;
}

KR_FUNCTION(posix, "execve(path: path_or_fd, argv, env)",
            "Replaces this process by a program with its own environment.")
static PyObject *
posix_execve(PyObject *module, KrPath *path, PyObject *argv, PyObject *env)
{
    KrStringArray args, variables;

    if (!PyList_Check(argv) && !PyTuple_Check(argv)) {
        PyErr_SetString(PyExc_TypeError, "execve: argv must be a tuple or list");
        return NULL;
    }
    if (PySequence_Size(argv) < 1) {
        PyErr_SetString(PyExc_ValueError, "execve: argv must not be empty");
        return NULL;
    }
    if (kr_argv_convert("execve", argv, &args) < 0) {
        return NULL;
    }
    if (kr_env_convert(env, &variables) < 0) {
        kr_string_array_release(&args);
        return NULL;
    }
    if (PySys_Audit("os.exec", "OOO", path->object, argv, env) == 0) {
        if (path->fd != -1) {
            fexecve(path->fd, args.items, variables.items);
        }
        else {
            execve(path->text, args.items, variables.items);
        }
        kr_path_error(path);
    }
    kr_string_array_release(&args);
    kr_string_array_release(&variables);
    return NULL;
}

// ---- spawn ------------------------------------------------------------------

// What the keyword arguments of posix_spawn say.
typedef struct {
    PyObject *file_actions;
    PyObject *setpgroup;
    bool resetids;
    bool setsid;
    PyObject *setsigmask;
    PyObject *setsigdef;
    PyObject *scheduler;
} KrSpawnOptions;

enum { ACTION_OPEN, ACTION_CLOSE, ACTION_DUP2, ACTION_CLOSEFROM };

static int
read_signal_set(PyObject *iterable, sigset_t *set)
{
    PyObject *iterator = PyObject_GetIter(iterable), *item;
    int more;

    if (iterator == NULL) {
        return -1;
    }
    sigemptyset(set);
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        int overflow;
        long number = PyLong_AsLongAndOverflow(item, &overflow);
        Py_DECREF(item);
        if (number == -1 && !overflow && PyErr_Occurred()) {
            more = -1;
            break;
        }
        if (overflow || number < 1 || number > 64) {
            PyErr_Format(PyExc_ValueError, "signal number %ld out of range [1; 64]",
                         number);
            more = -1;
            break;
        }
        sigaddset(set, (int)number);
    }
    Py_DECREF(iterator);
    return more;
}

static int
set_attributes(PyObject *module, const char *name, const KrSpawnOptions *o,
               posix_spawnattr_t *attributes)
{
    short flags = 0;
    sigset_t set;

    if (o->setpgroup != NULL && !Py_IsNone(o->setpgroup)) {
        int group = PyLong_AsInt(o->setpgroup);
        if (group == -1 && PyErr_Occurred()) {
            return -1;
        }
        posix_spawnattr_setpgroup(attributes, group);
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    if (o->resetids) {
        flags |= POSIX_SPAWN_RESETIDS;
    }
    if (o->setsid) {
        flags |= POSIX_SPAWN_SETSID;
    }
    if (o->setsigmask != NULL) {
        if (read_signal_set(o->setsigmask, &set) < 0) {
            return -1;
        }
        posix_spawnattr_setsigmask(attributes, &set);
        flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (o->setsigdef != NULL) {
        if (read_signal_set(o->setsigdef, &set) < 0) {
            return -1;
        }
        posix_spawnattr_setsigdefault(attributes, &set);
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (o->scheduler != NULL && !Py_IsNone(o->scheduler)) {
        PyObject *policy, *param;
        struct sched_param value;
        if (!PyTuple_Check(o->scheduler)) {
            PyErr_Format(PyExc_TypeError, "%s: scheduler must be a tuple or None", name);
            return -1;
        }
        if (!PyArg_ParseTuple(o->scheduler,
                              "OO;A scheduler tuple must have two elements", &policy,
                              &param)) {
            return -1;
        }
        if (!Py_IS_TYPE(param, kr_posix(module)->sched_param)) {
            PyErr_SetString(PyExc_TypeError, "must have a sched_param object");
            return -1;
        }
        if (kr_arg_int(PyStructSequence_GetItem(param, 0), &value.sched_priority) < 0) {
            return -1;
        }
        if (!Py_IsNone(policy)) {
            int number = PyLong_AsInt(policy);
            if (number == -1 && PyErr_Occurred()) {
                return -1;
            }
            posix_spawnattr_setschedpolicy(attributes, number);
            flags |= POSIX_SPAWN_SETSCHEDULER;
        }
        posix_spawnattr_setschedparam(attributes, &value);
        flags |= POSIX_SPAWN_SETSCHEDPARAM;
    }
    posix_spawnattr_setflags(attributes, flags);
    return 0;
}

// One tuple (kind, ...). keep is a list of bytes objects that must stay.
static int
add_action(PyObject *item, posix_spawn_file_actions_t *actions, PyObject *keep)
{
    PyObject *kind, *path = NULL;
    int fd, fd2, flags, status = 0;
    unsigned long mode;

    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "Each file_actions element must be a non-empty tuple");
        return -1;
    }
    kind = PyTuple_GET_ITEM(item, 0);
    long number = PyLong_AsLong(kind);
    if (number == -1 && PyErr_Occurred()) {
        return -1;
    }
    switch (number) {
    case ACTION_OPEN:
        if (!PyArg_ParseTuple(item,
                              "OiO&ik;A open file_action tuple must have 5 elements",
                              &kind, &fd, PyUnicode_FSConverter, &path, &flags, &mode)) {
            return -1;
        }
        if (PyList_Append(keep, path) < 0) {
            Py_DECREF(path);
            return -1;
        }
        status = posix_spawn_file_actions_addopen(actions, fd, PyBytes_AS_STRING(path),
                                                  flags, (mode_t)mode);
        Py_DECREF(path);
        break;
    case ACTION_CLOSE:
        if (!PyArg_ParseTuple(item, "Oi;A close file_action tuple must have 2 elements",
                              &kind, &fd)) {
            return -1;
        }
        status = posix_spawn_file_actions_addclose(actions, fd);
        break;
    case ACTION_DUP2:
        if (!PyArg_ParseTuple(item, "Oii;A dup2 file_action tuple must have 3 elements",
                              &kind, &fd, &fd2)) {
            return -1;
        }
        status = posix_spawn_file_actions_adddup2(actions, fd, fd2);
        break;
    case ACTION_CLOSEFROM:
        if (!PyArg_ParseTuple(item,
                              "Oi;A closefrom file_action tuple must have 2 elements",
                              &kind, &fd)) {
            return -1;
        }
        status = posix_spawn_file_actions_addclosefrom_np(actions, fd);
        break;
    default:
        PyErr_SetString(PyExc_TypeError, "Unknown file_actions identifier");
        return -1;
    }
    if (status != 0) {
        errno = status;
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return 0;
}

static int
add_actions(PyObject *sequence, posix_spawn_file_actions_t *actions, PyObject *keep)
{
    PyObject *fast = PySequence_Fast(sequence, "file_actions must be a sequence or None");

    if (fast == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast); i++) {
        if (add_action(PySequence_Fast_GET_ITEM(fast, i), actions, keep) < 0) {
            Py_DECREF(fast);
            return -1;
        }
    }
    Py_DECREF(fast);
    return 0;
}

static PyObject *
do_spawn(PyObject *module, const char *name, bool search, KrPath *path, PyObject *argv,
         PyObject *env, const KrSpawnOptions *options)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    KrStringArray args = {NULL, NULL}, variables = {NULL, NULL};
    PyObject *keep = NULL, *result = NULL;
    char **environment = environ;
    pid_t pid;
    int status;

    if (kr_argv_convert(name, argv, &args) < 0) {
        return NULL;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    keep = PyList_New(0);
    if (keep == NULL) {
        goto done;
    }
    if (!Py_IsNone(env)) {
        if (kr_env_convert(env, &variables) < 0) {
            goto done;
        }
        environment = variables.items;
    }
    if (options->file_actions != NULL && !Py_IsNone(options->file_actions) &&
        add_actions(options->file_actions, &actions, keep) < 0) {
        goto done;
    }
    if (set_attributes(module, name, options, &attributes) < 0 ||
        PySys_Audit("os.posix_spawn", "OOO", path->object, argv, env) < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    status = search ? posix_spawnp(&pid, path->text, &actions, &attributes, args.items,
                                   environment)
                    : posix_spawn(&pid, path->text, &actions, &attributes, args.items,
                                  environment);
    Py_END_ALLOW_THREADS
    if (status != 0) {
        errno = status;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path->object);
    }
    else {
        result = PyLong_FromLong(pid);
    }

done:
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    kr_string_array_release(&args);
    kr_string_array_release(&variables);
    Py_XDECREF(keep);
    return result;
}

KR_FUNCTION(posix,
            "posix_spawn(path, argv, env, /, *, file_actions=(), setpgroup=None, "
            "resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)",
            "Starts a program; returns its process number.")
static PyObject *
posix_posix_spawn(PyObject *module, KrPath *path, PyObject *argv, PyObject *env,
                  PyObject *file_actions, PyObject *setpgroup, bool resetids, bool setsid,
                  PyObject *setsigmask, PyObject *setsigdef, PyObject *scheduler)
{
    KrSpawnOptions options = {file_actions, setpgroup, resetids, setsid,
                              setsigmask,   setsigdef, scheduler};

    return do_spawn(module, "posix_spawn", false, path, argv, env, &options);
}

KR_FUNCTION(posix,
            "posix_spawnp(path, argv, env, /, *, file_actions=(), setpgroup=None, "
            "resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)",
            "The same with a program that is looked for on $PATH.")
static PyObject *
posix_posix_spawnp(PyObject *module, KrPath *path, PyObject *argv, PyObject *env,
                   PyObject *file_actions, PyObject *setpgroup, bool resetids,
                   bool setsid, PyObject *setsigmask, PyObject *setsigdef,
                   PyObject *scheduler)
{
    KrSpawnOptions options = {file_actions, setpgroup, resetids, setsid,
                              setsigmask,   setsigdef, scheduler};

    return do_spawn(module, "posix_spawnp", true, path, argv, env, &options);
}

KR_FUNCTION(posix, "system(command)", "Runs a shell command; returns its wait status.")
static PyObject *
posix_system(PyObject *module, KrPath *command)
{
    long status;

    if (PySys_Audit("os.system", "(O)", command->bytes) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = system(command->text);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(status);
}

// ---- fork -------------------------------------------------------------------

// Forking with other threads around is asking for deadlocks: says so.
static int
warn_threads(const char *name)
{
    PyObject *threads = PyImport_ImportModuleAttrString("_thread", "_count");
    PyObject *number = threads == NULL ? NULL : PyObject_CallNoArgs(threads);
    long count = number == NULL ? 0 : PyLong_AsLong(number);

    Py_XDECREF(threads);
    Py_XDECREF(number);
    PyErr_Clear();
    if (count <= 0) {
        return 0;
    }
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                            "This process (pid=%d) is multi-threaded, use of %s() may "
                            "lead to deadlocks in the child.",
                            getpid(), name);
}

KR_FUNCTION(posix, "fork()", "Makes a copy of this process: 0 in the child.")
static PyObject *
posix_fork(PyObject *module)
{
    pid_t pid;

    if (Py_IsFinalizing()) {
        PyErr_SetString(PyExc_PythonFinalizationError,
                        "can't fork at interpreter shutdown");
        return NULL;
    }
    if (PySys_Audit("os.fork", NULL) < 0) {
        return NULL;
    }
    PyOS_BeforeFork();
    pid = fork();
    int saved = errno;
    if (pid == 0) {
        PyOS_AfterFork_Child();
    }
    else {
        PyOS_AfterFork_Parent();
        if (pid > 0 && warn_threads("fork") < 0) {
            return NULL;
        }
    }
    if (pid < 0) {
        errno = saved;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(pid);
}

KR_FUNCTION(posix, "forkpty()", "Forks with a pseudo-terminal: (pid, fd).")
static PyObject *
posix_forkpty(PyObject *module)
{
    int fd = -1;
    pid_t pid;

    if (Py_IsFinalizing()) {
        PyErr_SetString(PyExc_PythonFinalizationError,
                        "can't fork at interpreter shutdown");
        return NULL;
    }
    if (PySys_Audit("os.forkpty", NULL) < 0) {
        return NULL;
    }
    PyOS_BeforeFork();
    pid = forkpty(&fd, NULL, NULL, NULL);
    int saved = errno;
    if (pid == 0) {
        PyOS_AfterFork_Child();
    }
    else {
        PyOS_AfterFork_Parent();
        if (pid > 0 && warn_threads("forkpty") < 0) {
            return NULL;
        }
    }
    if (pid < 0) {
        errno = saved;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return Py_BuildValue("(ii)", pid, fd);
}

#include "modules/posix/exec.methods.h"
