// SPDX-License-Identifier: MIT
// posixsubprocess.c - the _posixsubprocess module: starting a program for subprocess.
//
// The child reports a failure through a pipe, as "Name:errno in hex:text". Between
// fork and exec it only makes system calls and touches nothing that a parent who
// shares its memory (vfork) would miss; a preexec_fn asks for a true fork.
#include "Python.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"

// Everything the child needs, made ready before the fork.
typedef struct {
    char **programs;    // candidates for the executable, NULL at the end
    char **argv;
    char **env;         // NULL: the parent's
    const char *cwd;    // NULL: stays
    int *keep;          // descriptors to stay open, ascending
    Py_ssize_t keep_count;
    bool close_fds;
    int p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite;
    int errpipe_read, errpipe_write;
    bool restore_signals;
    bool new_session;
    pid_t group;        // -1: stays
    bool set_gid, set_uid;
    gid_t gid;
    uid_t uid;
    gid_t *groups;      // NULL: stay
    Py_ssize_t group_count;
    int umask;          // -1: stays
    PyObject *preexec;  // borrowed, NULL: none
    const sigset_t *old_signals; // NULL: signals are not blocked
} KrChild;

// ---- in the child -----------------------------------------------------------

static void
report(int fd, const char *kind, int number, const char *text)
{
    char hex[9], *at = hex + sizeof hex;
    unsigned value = (unsigned)number;
    ssize_t done;

    do {
        *--at = "0123456789ABCDEF"[value % 16];
        value /= 16;
    } while (value != 0);
    done = write(fd, kind, strlen(kind));
    done = write(fd, ":", 1);
    done = write(fd, at, (size_t)(hex + sizeof hex - at));
    done = write(fd, ":", 1);
    done = write(fd, text, strlen(text));
    (void)done;
}

static int
make_inheritable(int fd)
{
    int flags = fcntl(fd, F_GETFD);

    return flags < 0 ? -1 : fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
}

// Puts a descriptor in the place of a standard stream.
static int
place_stream(int fd, int place)
{
    if (fd == place) {
        return make_inheritable(fd);
    }
    return fd == -1 ? 0 : dup2(fd, place);
}

static int
connect_streams(KrChild *c)
{
    // Descriptors that stand where a stream is going to be move out of the way.
    if (c->c2pwrite == 0 && (c->c2pwrite = fcntl(0, F_DUPFD_CLOEXEC, 3)) < 0) {
        return -1;
    }
    while (c->errwrite == 0 || c->errwrite == 1) {
        c->errwrite = fcntl(c->errwrite, F_DUPFD_CLOEXEC, 3);
        if (c->errwrite < 0) {
            return -1;
        }
    }
    if (place_stream(c->p2cread, 0) < 0 || place_stream(c->c2pwrite, 1) < 0 ||
        place_stream(c->errwrite, 2) < 0) {
        return -1;
    }
    return 0;
}

static void
close_between(int first, int last)
{
    if (first > last) {
        return;
    }
    if (close_range((unsigned)first, (unsigned)last, 0) == 0) {
        return;
    }
    long limit = sysconf(_SC_OPEN_MAX);
    int end = last == INT_MAX ? (int)(limit > 0 ? limit : 256) : last;
    for (int fd = first; fd <= end; fd++) {
        close(fd);
    }
}

static void
close_others(const KrChild *c)
{
    int next = 3;

    for (Py_ssize_t i = 0; i < c->keep_count; i++) {
        if (c->keep[i] >= next) {
            close_between(next, c->keep[i] - 1);
            next = c->keep[i] + 1;
        }
    }
    close_between(next, INT_MAX);
}

static int
change_identity(const KrChild *c)
{
    if (c->restore_signals) {
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
    }
    if (c->old_signals != NULL &&
        (errno = pthread_sigmask(SIG_SETMASK, c->old_signals, NULL)) != 0) {
        return -1;
    }
    if (c->new_session && setsid() < 0) {
        return -1;
    }
    if (c->group >= 0 && setpgid(0, c->group) < 0) {
        return -1;
    }
    if (c->groups != NULL && setgroups((size_t)c->group_count, c->groups) < 0) {
        return -1;
    }
    if (c->set_gid && setregid(c->gid, c->gid) < 0) {
        return -1;
    }
    return c->set_uid && setreuid(c->uid, c->uid) < 0 ? -1 : 0;
}

// Only returns when something failed; what went wrong has gone into the pipe.
static void
run_child(KrChild *c)
{
    const char *text = "noexec";
    int saved;

    for (Py_ssize_t i = 0; i < c->keep_count; i++) {
        if (c->keep[i] != c->errpipe_write && make_inheritable(c->keep[i]) < 0) {
            goto failed;
        }
    }
    int parents[] = {c->p2cwrite, c->c2pread, c->errread, c->errpipe_read};
    for (int i = 0; i < 4; i++) {
        if (parents[i] >= 0 && close(parents[i]) < 0) {
            goto failed;
        }
    }
    if (connect_streams(c) < 0) {
        goto failed;
    }
    if (c->cwd != NULL && chdir(c->cwd) < 0) {
        text = "noexec:chdir";
        goto failed;
    }
    if (c->umask >= 0) {
        umask((mode_t)c->umask);
    }
    if (change_identity(c) < 0) {
        goto failed;
    }
    if (c->preexec != NULL) {
        PyOS_AfterFork_Child();
        PyObject *result = PyObject_CallNoArgs(c->preexec);
        if (result == NULL) {
            report(c->errpipe_write, "SubprocessError", 0,
                   "Exception occurred in preexec_fn.");
            return;
        }
        Py_DECREF(result);
    }
    if (c->close_fds) {
        close_others(c);
    }
    text = "";
    saved = 0;
    for (char **program = c->programs; *program != NULL; program++) {
        if (c->env != NULL) {
            execve(*program, c->argv, c->env);
        }
        else {
            execv(*program, c->argv);
        }
        if (errno != ENOENT && errno != ENOTDIR && saved == 0) {
            saved = errno;
        }
    }
    if (saved != 0) {
        errno = saved;
    }

failed:
    report(c->errpipe_write, "OSError", errno, text);
}

// ---- in the parent ----------------------------------------------------------

// Strings of a sequence as a NULL-terminated array; the bytes objects go into keep.
static char **
string_array(PyObject *sequence, PyObject *keep, const char *message)
{
    PyObject *fast = PySequence_Fast(sequence, message);
    char **items = NULL;

    if (fast == NULL) {
        return NULL;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    items = PyMem_New(char *, count + 1);
    if (items == NULL) {
        PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; items != NULL && i < count; i++) {
        PyObject *bytes = NULL;
        if (!PyUnicode_FSConverter(PySequence_Fast_GET_ITEM(fast, i), &bytes) ||
            PyList_Append(keep, bytes) < 0) {
            PyMem_Free(items);
            items = NULL;
        }
        else {
            items[i] = PyBytes_AS_STRING(bytes);
        }
        Py_XDECREF(bytes);
    }
    if (items != NULL) {
        items[count] = NULL;
    }
    Py_DECREF(fast);
    return items;
}

static int
read_keep(PyObject *tuple, KrChild *c)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    long last = -1;

    c->keep = PyMem_New(int, Py_MAX(count, 1));
    if (c->keep == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        int overflow;
        long fd = PyLong_Check(item) ? PyLong_AsLongAndOverflow(item, &overflow) : -1;
        if (fd < 0 || fd <= last || fd > INT_MAX) {
            PyErr_SetString(PyExc_ValueError, "bad value(s) in fds_to_keep");
            return -1;
        }
        c->keep[i] = (int)fd;
        last = fd;
    }
    c->keep_count = count;
    return 0;
}

static int
read_id(PyObject *object, bool *set, unsigned int *out)
{
    if (Py_IsNone(object)) {
        return 0;
    }
    long long value = PyLong_AsLongLong(object);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (value < -1 || value > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "invalid user or group id");
        return -1;
    }
    *set = true;
    *out = (unsigned int)value;
    return 0;
}

static int
read_groups(PyObject *object, KrChild *c)
{
    if (Py_IsNone(object)) {
        return 0;
    }
    if (!PyList_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "setgroups argument must be a list");
        return -1;
    }
    Py_ssize_t count = PyList_GET_SIZE(object);
    if (count > 65536) {
        PyErr_SetString(PyExc_ValueError, "too many extra_groups");
        return -1;
    }
    c->groups = PyMem_New(gid_t, Py_MAX(count, 1));
    if (c->groups == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PyList_GET_ITEM(object, i);
        long long value = PyLong_Check(item) ? PyLong_AsLongLong(item) : -1;
        if (!PyLong_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "groups must be integers");
            return -1;
        }
        if (value < 0 || value > UINT32_MAX) {
            PyErr_SetString(PyExc_ValueError, "invalid group id");
            return -1;
        }
        c->groups[i] = (gid_t)value;
    }
    c->group_count = count;
    return 0;
}

// The child has a copy of the memory and may run any code.
static pid_t
start_copy(KrChild *c)
{
    pid_t pid = fork();

    if (pid == 0) {
        run_child(c);
        _exit(255);
    }
    return pid;
}

// The child uses the parent's memory, which stands still until the program starts. No
// handler of the parent may run in it.
static pid_t
start_shared(KrChild *c)
{
    sigset_t all, old;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    c->old_signals = &old;
    pid_t pid = vfork();
    if (pid == 0) {
        run_child(c);
        _exit(255);
    }
    int saved = errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = saved;
    return pid;
}

// Forks, and runs the child's side there. Returns the process number.
static pid_t
start_child(KrChild *c)
{
    bool copy = c->preexec != NULL || c->set_uid || c->set_gid || c->groups != NULL;

    return copy ? start_copy(c) : start_shared(c);
}

KR_FUNCTION(posixsubprocess,
            "fork_exec(args, executable_list, close_fds, pass_fds: tuple, cwd, env, "
            "p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, "
            "errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, "
            "extra_groups, uid, child_umask, preexec_fn, /)",
            "Starts a program in a new process; returns the process number.")
static PyObject *
posixsubprocess_fork_exec(PyObject *module, PyObject *args, PyObject *executable_list,
                          bool close_fds, PyObject *pass_fds, PyObject *cwd,
                          PyObject *env, int p2cread, int p2cwrite, int c2pread,
                          int c2pwrite, int errread, int errwrite, int errpipe_read,
                          int errpipe_write, bool restore_signals, bool call_setsid,
                          pid_t pgid_to_set, PyObject *gid, PyObject *extra_groups,
                          PyObject *uid, int child_umask, PyObject *preexec_fn)
{
    KrChild c = {.close_fds = close_fds,
                 .p2cread = p2cread,
                 .p2cwrite = p2cwrite,
                 .c2pread = c2pread,
                 .c2pwrite = c2pwrite,
                 .errread = errread,
                 .errwrite = errwrite,
                 .errpipe_read = errpipe_read,
                 .errpipe_write = errpipe_write,
                 .restore_signals = restore_signals,
                 .new_session = call_setsid,
                 .group = pgid_to_set,
                 .umask = child_umask};
    PyObject *keep = NULL, *folder = NULL, *result = NULL;
    pid_t pid;

    if (PySys_Audit("_posixsubprocess.fork_exec", "OOO", executable_list, args, env) < 0) {
        return NULL;
    }
    if (close_fds && errpipe_write < 3) {
        PyErr_SetString(PyExc_ValueError, "errpipe_write must be >= 3");
        return NULL;
    }
    if (!Py_IsNone(preexec_fn)) {
        c.preexec = preexec_fn;
        if (Py_IsFinalizing()) {
            PyErr_SetString(PyExc_PythonFinalizationError,
                            "preexec_fn not supported at interpreter shutdown");
            return NULL;
        }
    }
    keep = PyList_New(0);
    if (keep == NULL || read_keep(pass_fds, &c) < 0 ||
        read_id(gid, &c.set_gid, &c.gid) < 0 || read_id(uid, &c.set_uid, &c.uid) < 0 ||
        read_groups(extra_groups, &c) < 0) {
        goto done;
    }
    c.programs = string_array(executable_list, keep,
                              "executable_list must be a sequence");
    if (c.programs == NULL) {
        goto done;
    }
    c.argv = string_array(args, keep, "argv must be a tuple");
    if (c.argv == NULL) {
        goto done;
    }
    if (!Py_IsNone(env)) {
        c.env = string_array(env, keep, "env must be a sequence");
        if (c.env == NULL) {
            goto done;
        }
    }
    if (!Py_IsNone(cwd)) {
        if (!PyUnicode_FSConverter(cwd, &folder)) {
            goto done;
        }
        c.cwd = PyBytes_AS_STRING(folder);
    }
    if (c.preexec != NULL) {
        PyOS_BeforeFork();
    }
    pid = start_child(&c);
    int saved = errno;
    if (c.preexec != NULL) {
        PyOS_AfterFork_Parent();
    }
    if (pid < 0) {
        errno = saved;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    else {
        result = PyLong_FromLong(pid);
    }

done:
    PyMem_Free(c.programs);
    PyMem_Free(c.argv);
    PyMem_Free(c.env);
    PyMem_Free(c.keep);
    PyMem_Free(c.groups);
    Py_XDECREF(keep);
    Py_XDECREF(folder);
    return result;
}

KR_MODULE(posixsubprocess)
#include "modules/posixsubprocess.methods.h"

static PyModuleDef_Slot posixsubprocess_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef posixsubprocess_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_posixsubprocess",
    .m_doc = "What subprocess needs from C.",
    .m_methods = posixsubprocess_methods,
    .m_slots = posixsubprocess_slots,
};

PyMODINIT_FUNC
PyInit__posixsubprocess(void)
{
    return PyModuleDef_Init(&posixsubprocess_def);
}
