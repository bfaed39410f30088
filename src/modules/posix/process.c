// SPDX-License-Identifier: MIT
// process.c - processes: identities, waiting, signals, priorities, scheduling.
#include "modules/posix/posix.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"

// ---- identities -------------------------------------------------------------

KR_FUNCTION(posix, "getpid()", "The number of this process.")
static PyObject *
posix_getpid(PyObject *module)
{
    return PyLong_FromLong(getpid());
}

KR_FUNCTION(posix, "getppid()", "The number of the parent process.")
static PyObject *
posix_getppid(PyObject *module)
{
    return PyLong_FromLong(getppid());
}

KR_FUNCTION(posix, "getuid()", "The real user's number.")
static PyObject *
posix_getuid(PyObject *module)
{
    return kr_uid_to_int(getuid());
}

KR_FUNCTION(posix, "geteuid()", "The effective user's number.")
static PyObject *
posix_geteuid(PyObject *module)
{
    return kr_uid_to_int(geteuid());
}

KR_FUNCTION(posix, "getgid()", "The real group's number.")
static PyObject *
posix_getgid(PyObject *module)
{
    return kr_uid_to_int(getgid());
}

KR_FUNCTION(posix, "getegid()", "The effective group's number.")
static PyObject *
posix_getegid(PyObject *module)
{
    return kr_uid_to_int(getegid());
}

KR_FUNCTION(posix, "getresuid()", "The real, effective and saved user.")
static PyObject *
posix_getresuid(PyObject *module)
{
    uid_t real, effective, saved;

    if (getresuid(&real, &effective, &saved) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return Py_BuildValue("(NNN)", kr_uid_to_int(real), kr_uid_to_int(effective),
                         kr_uid_to_int(saved));
}

KR_FUNCTION(posix, "getresgid()", "The real, effective and saved group.")
static PyObject *
posix_getresgid(PyObject *module)
{
    gid_t real, effective, saved;

    if (getresgid(&real, &effective, &saved) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return Py_BuildValue("(NNN)", kr_uid_to_int(real), kr_uid_to_int(effective),
                         kr_uid_to_int(saved));
}

KR_FUNCTION(posix, "setuid(uid, /)", "Changes the user of this process.")
static PyObject *
posix_setuid(PyObject *module, uid_t uid)
{
    return kr_os_result(setuid(uid));
}

KR_FUNCTION(posix, "seteuid(euid, /)", "Changes the effective user.")
static PyObject *
posix_seteuid(PyObject *module, uid_t euid)
{
    return kr_os_result(seteuid(euid));
}

KR_FUNCTION(posix, "setgid(gid, /)", "Changes the group of this process.")
static PyObject *
posix_setgid(PyObject *module, gid_t gid)
{
    return kr_os_result(setgid(gid));
}

KR_FUNCTION(posix, "setegid(egid, /)", "Changes the effective group.")
static PyObject *
posix_setegid(PyObject *module, gid_t egid)
{
    return kr_os_result(setegid(egid));
}

KR_FUNCTION(posix, "setreuid(ruid, euid, /)", "Changes the real and effective user.")
static PyObject *
posix_setreuid(PyObject *module, uid_t ruid, uid_t euid)
{
    return kr_os_result(setreuid(ruid, euid));
}

KR_FUNCTION(posix, "setregid(rgid, egid, /)", "Changes the real and effective group.")
static PyObject *
posix_setregid(PyObject *module, gid_t rgid, gid_t egid)
{
    return kr_os_result(setregid(rgid, egid));
}

KR_FUNCTION(posix, "setresuid(ruid, euid, suid, /)",
            "Changes the real, effective and saved user.")
static PyObject *
posix_setresuid(PyObject *module, uid_t ruid, uid_t euid, uid_t suid)
{
    return kr_os_result(setresuid(ruid, euid, suid));
}

KR_FUNCTION(posix, "setresgid(rgid, egid, sgid, /)",
            "Changes the real, effective and saved group.")
static PyObject *
posix_setresgid(PyObject *module, gid_t rgid, gid_t egid, gid_t sgid)
{
    return kr_os_result(setresgid(rgid, egid, sgid));
}

static PyObject *
group_list(const gid_t *groups, int count)
{
    PyObject *list = PyList_New(count);

    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *id = kr_uid_to_int(groups[i]);
        if (id == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, id);
    }
    return list;
}

KR_FUNCTION(posix, "getgroups()", "The supplementary groups of this process.")
static PyObject *
posix_getgroups(PyObject *module)
{
    int count = getgroups(0, NULL);
    gid_t *groups;
    PyObject *list;

    if (count < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    groups = PyMem_New(gid_t, count + 1);
    if (groups == NULL) {
        return PyErr_NoMemory();
    }
    count = getgroups(count, groups);
    list = count < 0 ? PyErr_SetFromErrno(PyExc_OSError) : group_list(groups, count);
    PyMem_Free(groups);
    return list;
}

KR_FUNCTION(posix, "setgroups(groups, /)", "Sets the supplementary groups.")
static PyObject *
posix_setgroups(PyObject *module, PyObject *groups)
{
    Py_ssize_t count;
    gid_t *ids;
    int status;

    if (!PySequence_Check(groups)) {
        PyErr_SetString(PyExc_TypeError, "setgroups argument must be a sequence");
        return NULL;
    }
    count = PySequence_Size(groups);
    if (count < 0) {
        return NULL;
    }
    if (count > NGROUPS_MAX) {
        PyErr_SetString(PyExc_ValueError, "too many groups");
        return NULL;
    }
    ids = PyMem_New(gid_t, count + 1);
    if (ids == NULL) {
        return PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(groups, i);
        if (item == NULL || !PyLong_Check(item) || kr_arg_gid(item, &ids[i]) < 0) {
            if (item != NULL && !PyLong_Check(item)) {
                PyErr_SetString(PyExc_TypeError, "groups must be integers");
            }
            Py_XDECREF(item);
            PyMem_Free(ids);
            return NULL;
        }
        Py_DECREF(item);
    }
    status = setgroups((size_t)count, ids);
    PyMem_Free(ids);
    return kr_os_result(status);
}

KR_FUNCTION(posix, "getgrouplist(user: str, group, /)", "The groups that a user belongs to.")
static PyObject *
posix_getgrouplist(PyObject *module, const char *user, gid_t group)
{
    int room = 64;

    for (;;) {
        int count = room;
        gid_t *groups = PyMem_New(gid_t, room);
        if (groups == NULL) {
            return PyErr_NoMemory();
        }
        if (getgrouplist(user, group, groups, &count) >= 0) {
            PyObject *list = group_list(groups, count);
            PyMem_Free(groups);
            return list;
        }
        PyMem_Free(groups);
        room = count > room ? count : 2 * room;
    }
}

KR_FUNCTION(posix, "initgroups(username, gid, /)", "Takes on the groups of a user.")
static PyObject *
posix_initgroups(PyObject *module, KrPath *username, gid_t gid)
{
    return kr_os_result(initgroups(username->text, gid));
}

KR_FUNCTION(posix, "getlogin()", "The name of the user who is logged in.")
static PyObject *
posix_getlogin(PyObject *module)
{
    char name[256];
    int status = getlogin_r(name, sizeof name);

    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeFSDefault(name);
}

// ---- groups and sessions ----------------------------------------------------

KR_FUNCTION(posix, "getpgid(pid)", "The process group of a process.")
static PyObject *
posix_getpgid(PyObject *module, pid_t pid)
{
    pid_t group = getpgid(pid);

    return group < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(group);
}

KR_FUNCTION(posix, "getpgrp()", "The process group of this process.")
static PyObject *
posix_getpgrp(PyObject *module)
{
    return PyLong_FromLong(getpgrp());
}

KR_FUNCTION(posix, "setpgid(pid, pgrp, /)", "Moves a process to a group.")
static PyObject *
posix_setpgid(PyObject *module, pid_t pid, pid_t pgrp)
{
    return kr_os_result(setpgid(pid, pgrp));
}

KR_FUNCTION(posix, "setpgrp()", "Makes this process the leader of a group.")
static PyObject *
posix_setpgrp(PyObject *module)
{
    return kr_os_result(setpgrp());
}

KR_FUNCTION(posix, "getsid(pid, /)", "The session of a process.")
static PyObject *
posix_getsid(PyObject *module, pid_t pid)
{
    pid_t session = getsid(pid);

    return session < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(session);
}

KR_FUNCTION(posix, "setsid()", "Makes this process the leader of a session.")
static PyObject *
posix_setsid(PyObject *module)
{
    return kr_os_result(setsid());
}

// ---- signals ----------------------------------------------------------------

KR_FUNCTION(posix, "kill(pid, signal, /)", "Sends a signal to a process.")
static PyObject *
posix_kill(PyObject *module, pid_t pid, Py_ssize_t signal)
{
    if (PySys_Audit("os.kill", "in", pid, signal) < 0) {
        return NULL;
    }
    if (kill(pid, (int)signal) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL; // it may have been for this process
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "killpg(pgid, signal, /)", "Sends a signal to a process group.")
static PyObject *
posix_killpg(PyObject *module, pid_t pgid, int signal)
{
    if (PySys_Audit("os.killpg", "ii", pgid, signal) < 0) {
        return NULL;
    }
    if (killpg(pgid, signal) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "pidfd_open(pid, flags=0)", "A descriptor that stands for a process.")
static PyObject *
posix_pidfd_open(PyObject *module, pid_t pid, unsigned int flags)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, flags);

    return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

KR_FUNCTION(posix, "abort()", "Ends the process at once, with a core dump.")
static PyObject *
posix_abort(PyObject *module)
{
    abort();
}

KR_FUNCTION(posix, "_exit(status)", "Ends the process at once, without cleaning up.")
static PyObject *
posix__exit(PyObject *module, int status)
{
    _exit(status);
}

// ---- waiting ----------------------------------------------------------------

KR_FUNCTION(posix, "wait()", "Waits for a child; returns (pid, status).")
static PyObject *
posix_wait(PyObject *module)
{
    int status = 0;
    pid_t pid;

    KR_UNLOCKED_RETRY(pid, wait(&status));
    return pid < 0 ? kr_os_result(pid) : Py_BuildValue("(ii)", pid, status);
}

KR_FUNCTION(posix, "waitpid(pid, options, /)", "Waits for a certain child.")
static PyObject *
posix_waitpid(PyObject *module, pid_t pid, int options)
{
    int status = 0;
    pid_t result;

    KR_UNLOCKED_RETRY(result, waitpid(pid, &status, options));
    return result < 0 ? kr_os_result(result) : Py_BuildValue("(ii)", result, status);
}

static PyObject *
rusage_object(const struct rusage *usage)
{
    PyObject *type = PyImport_ImportModuleAttrString("resource", "struct_rusage");
    PyObject *items, *result;

    if (type == NULL) {
        return NULL;
    }
    items = Py_BuildValue(
        "(ddllllllllllllll)",
        (double)usage->ru_utime.tv_sec + 1e-6 * (double)usage->ru_utime.tv_usec,
        (double)usage->ru_stime.tv_sec + 1e-6 * (double)usage->ru_stime.tv_usec,
        usage->ru_maxrss, usage->ru_ixrss, usage->ru_idrss, usage->ru_isrss,
        usage->ru_minflt, usage->ru_majflt, usage->ru_nswap, usage->ru_inblock,
        usage->ru_oublock, usage->ru_msgsnd, usage->ru_msgrcv, usage->ru_nsignals,
        usage->ru_nvcsw, usage->ru_nivcsw);
    result = items == NULL ? NULL : PyObject_CallOneArg(type, items);
    Py_XDECREF(items);
    Py_DECREF(type);
    return result;
}

static PyObject *
wait_result(pid_t pid, int status, const struct rusage *usage)
{
    PyObject *object;

    if (pid < 0) {
        return kr_os_result(pid);
    }
    object = rusage_object(usage);
    return object == NULL ? NULL : Py_BuildValue("(iiN)", pid, status, object);
}

KR_FUNCTION(posix, "wait3(options)", "Waits for a child; returns its resource usage too.")
static PyObject *
posix_wait3(PyObject *module, int options)
{
    struct rusage usage = {0};
    int status = 0;
    pid_t pid;

    KR_UNLOCKED_RETRY(pid, wait3(&status, options, &usage));
    return wait_result(pid, status, &usage);
}

KR_FUNCTION(posix, "wait4(pid, options)", "The same for a certain child.")
static PyObject *
posix_wait4(PyObject *module, pid_t pid, int options)
{
    struct rusage usage = {0};
    int status = 0;
    pid_t result;

    KR_UNLOCKED_RETRY(result, wait4(pid, &status, options, &usage));
    return wait_result(result, status, &usage);
}

static PyStructSequence_Field waitid_fields[] = {
    {"si_pid", NULL}, {"si_uid", NULL}, {"si_signo", NULL}, {"si_status", NULL},
    {"si_code", NULL}, {NULL, NULL},
};

static PyStructSequence_Desc waitid_desc = {
    "posix.waitid_result", "What waitid() finds out about a child.", waitid_fields, 5};

KR_FUNCTION(posix, "waitid(idtype, id, options, /)", "Waits for a change of a child's state.")
static PyObject *
posix_waitid(PyObject *module, int idtype, pid_t id, int options)
{
    siginfo_t info = {0};
    int status;

    KR_UNLOCKED_RETRY(status, waitid((idtype_t)idtype, (id_t)id, &info, options));
    if (status < 0) {
        return kr_os_result(status);
    }
    if (info.si_pid == 0) {
        Py_RETURN_NONE;
    }
    PyObject *values[] = {
        PyLong_FromLong(info.si_pid),    kr_uid_to_int(info.si_uid),
        PyLong_FromLong(info.si_signo),  PyLong_FromLong(info.si_status),
        PyLong_FromLong(info.si_code),
    };
    return kr_posix_struct(kr_posix(module)->waitid_result, values, 5);
}

KR_FUNCTION(posix, "waitstatus_to_exitcode(status)",
            "The exit code in a wait status; negative for a signal.")
static PyObject *
posix_waitstatus_to_exitcode(PyObject *module, PyObject *status_arg)
{
    int status = PyLong_AsInt(status_arg);

    if (status == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (WIFEXITED(status)) {
        int code = WEXITSTATUS(status);
        if (code < 0) {
            PyErr_Format(PyExc_ValueError, "invalid WEXITSTATUS: %i", code);
            return NULL;
        }
        return PyLong_FromLong(code);
    }
    if (WIFSIGNALED(status)) {
        return PyLong_FromLong(-WTERMSIG(status));
    }
    if (WIFSTOPPED(status)) {
        PyErr_Format(PyExc_ValueError, "process stopped by delivery of signal %i",
                     WSTOPSIG(status));
        return NULL;
    }
    PyErr_Format(PyExc_ValueError, "invalid wait status: %i", status);
    return NULL;
}

KR_FUNCTION(posix, "WCOREDUMP(status, /)", "Whether there was a core dump.")
static PyObject *
posix_WCOREDUMP(PyObject *module, int status)
{
    return PyBool_FromLong(WCOREDUMP(status));
}

KR_FUNCTION(posix, "WIFCONTINUED(status)", "Whether the process was continued.")
static PyObject *
posix_WIFCONTINUED(PyObject *module, int status)
{
    return PyBool_FromLong(WIFCONTINUED(status));
}

KR_FUNCTION(posix, "WIFSTOPPED(status)", "Whether the process was stopped.")
static PyObject *
posix_WIFSTOPPED(PyObject *module, int status)
{
    return PyBool_FromLong(WIFSTOPPED(status));
}

KR_FUNCTION(posix, "WIFSIGNALED(status)", "Whether a signal ended the process.")
static PyObject *
posix_WIFSIGNALED(PyObject *module, int status)
{
    return PyBool_FromLong(WIFSIGNALED(status));
}

KR_FUNCTION(posix, "WIFEXITED(status)", "Whether the process ended by itself.")
static PyObject *
posix_WIFEXITED(PyObject *module, int status)
{
    return PyBool_FromLong(WIFEXITED(status));
}

KR_FUNCTION(posix, "WEXITSTATUS(status)", "The exit code in a wait status.")
static PyObject *
posix_WEXITSTATUS(PyObject *module, int status)
{
    return PyLong_FromLong(WEXITSTATUS(status));
}

KR_FUNCTION(posix, "WTERMSIG(status)", "The signal that ended the process.")
static PyObject *
posix_WTERMSIG(PyObject *module, int status)
{
    return PyLong_FromLong(WTERMSIG(status));
}

KR_FUNCTION(posix, "WSTOPSIG(status)", "The signal that stopped the process.")
static PyObject *
posix_WSTOPSIG(PyObject *module, int status)
{
    return PyLong_FromLong(WSTOPSIG(status));
}

// ---- priorities and scheduling ----------------------------------------------

KR_FUNCTION(posix, "nice(increment, /)", "Makes the process give way more; the new value.")
static PyObject *
posix_nice(PyObject *module, int increment)
{
    errno = 0;
    int value = nice(increment);

    if (value == -1 && errno != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(value);
}

KR_FUNCTION(posix, "getpriority(which, who)", "The priority of processes.")
static PyObject *
posix_getpriority(PyObject *module, int which, int who)
{
    errno = 0;
    int value = getpriority((__priority_which_t)which, (id_t)who);

    if (errno != 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(value);
}

KR_FUNCTION(posix, "setpriority(which, who, priority)", "Sets the priority of processes.")
static PyObject *
posix_setpriority(PyObject *module, int which, int who, int priority)
{
    return kr_os_result(setpriority((__priority_which_t)which, (id_t)who, priority));
}

KR_FUNCTION(posix, "sched_get_priority_max(policy)", "The greatest priority of a policy.")
static PyObject *
posix_sched_get_priority_max(PyObject *module, int policy)
{
    int value = sched_get_priority_max(policy);

    return value < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(value);
}

KR_FUNCTION(posix, "sched_get_priority_min(policy)", "The least priority of a policy.")
static PyObject *
posix_sched_get_priority_min(PyObject *module, int policy)
{
    int value = sched_get_priority_min(policy);

    return value < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(value);
}

KR_FUNCTION(posix, "sched_getscheduler(pid, /)", "The scheduling policy of a process.")
static PyObject *
posix_sched_getscheduler(PyObject *module, pid_t pid)
{
    int policy = sched_getscheduler(pid);

    return policy < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(policy);
}

static PyStructSequence_Field sched_fields[] = {
    {"sched_priority", "the scheduling priority"}, {NULL, NULL}};

static PyStructSequence_Desc sched_desc = {
    "posix.sched_param", "The parameters of a scheduling policy.", sched_fields, 1};

KR_NEW(sched_param, "sched_param(sched_priority)",
       "The parameters of a scheduling policy: so far only its priority.")
static PyObject *
sched_param_new_impl(PyTypeObject *cls, PyObject *sched_priority)
{
    PyObject *self = PyStructSequence_New(cls);

    if (self != NULL) {
        PyStructSequence_SetItem(self, 0, Py_NewRef(sched_priority));
    }
    return self;
}

static PyObject *
sched_param_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(O(O))", Py_TYPE(self), PyStructSequence_GetItem(self, 0));
}

static PyMethodDef sched_param_reduce_def = {"__reduce__", sched_param_reduce, METH_NOARGS,
                                             "How to pickle it."};

static PyObject *sched_param_new(PyTypeObject *, PyObject *, PyObject *);

// A struct sequence is pickled with a sequence; this type takes the item itself.
static int
finish_sched_param(PyTypeObject *type)
{
    PyObject *method = PyDescr_NewMethod(type, &sched_param_reduce_def);
    PyObject *dict = PyType_GetDict(type);
    int status = -1;

    type->tp_new = sched_param_new;
    if (method != NULL && dict != NULL) {
        status = PyDict_SetItem(dict, KR_ID(__reduce__), method);
        PyType_Modified(type);
    }
    Py_XDECREF(method);
    Py_XDECREF(dict);
    return status;
}

static int
read_sched_param(PyObject *module, PyObject *param, struct sched_param *out)
{
    if (!Py_IS_TYPE(param, kr_posix(module)->sched_param)) {
        PyErr_SetString(PyExc_TypeError, "must have a sched_param object");
        return -1;
    }
    return kr_arg_int(PyStructSequence_GetItem(param, 0), &out->sched_priority);
}

KR_FUNCTION(posix, "sched_setscheduler(pid, policy, param, /)",
            "Sets the scheduling policy of a process.")
static PyObject *
posix_sched_setscheduler(PyObject *module, pid_t pid, int policy, PyObject *param)
{
    struct sched_param value;

    if (read_sched_param(module, param, &value) < 0) {
        return NULL;
    }
    return kr_os_result(sched_setscheduler(pid, policy, &value));
}

KR_FUNCTION(posix, "sched_getparam(pid, /)", "The scheduling parameters of a process.")
static PyObject *
posix_sched_getparam(PyObject *module, pid_t pid)
{
    struct sched_param value;

    if (sched_getparam(pid, &value) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *values[] = {PyLong_FromLong(value.sched_priority)};
    return kr_posix_struct(kr_posix(module)->sched_param, values, 1);
}

KR_FUNCTION(posix, "sched_setparam(pid, param, /)",
            "Sets the scheduling parameters of a process.")
static PyObject *
posix_sched_setparam(PyObject *module, pid_t pid, PyObject *param)
{
    struct sched_param value;

    if (read_sched_param(module, param, &value) < 0) {
        return NULL;
    }
    return kr_os_result(sched_setparam(pid, &value));
}

KR_FUNCTION(posix, "sched_rr_get_interval(pid, /)", "The round-robin quantum in seconds.")
static PyObject *
posix_sched_rr_get_interval(PyObject *module, pid_t pid)
{
    struct timespec interval;

    if (sched_rr_get_interval(pid, &interval) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyFloat_FromDouble((double)interval.tv_sec + 1e-9 * (double)interval.tv_nsec);
}

KR_FUNCTION(posix, "sched_yield()", "Lets other threads run.")
static PyObject *
posix_sched_yield(PyObject *module)
{
    int status;

    KR_UNLOCKED(status, sched_yield());
    return kr_os_result(status);
}

KR_FUNCTION(posix, "sched_getaffinity(pid, /)", "The CPUs that a process may use.")
static PyObject *
posix_sched_getaffinity(PyObject *module, pid_t pid)
{
    int room = 1024;

    for (;; room *= 2) {
        cpu_set_t *cpus = CPU_ALLOC((size_t)room);
        size_t size = CPU_ALLOC_SIZE((size_t)room);
        if (cpus == NULL) {
            return PyErr_NoMemory();
        }
        if (sched_getaffinity(pid, size, cpus) == 0) {
            PyObject *set = PySet_New(NULL);
            for (int i = 0; set != NULL && i < room; i++) {
                if (CPU_ISSET_S((size_t)i, size, cpus)) {
                    PyObject *number = PyLong_FromLong(i);
                    if (number == NULL || PySet_Add(set, number) < 0) {
                        Py_CLEAR(set);
                    }
                    Py_XDECREF(number);
                }
            }
            CPU_FREE(cpus);
            return set;
        }
        CPU_FREE(cpus);
        if (errno != EINVAL || room > (1 << 20)) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
    }
}

KR_FUNCTION(posix, "sched_setaffinity(pid, mask, /)", "Sets the CPUs that a process may use.")
static PyObject *
posix_sched_setaffinity(PyObject *module, pid_t pid, PyObject *mask)
{
    enum { ROOM = 1 << 16 };
    PyObject *iterator = PyObject_GetIter(mask), *item, *result = NULL;
    cpu_set_t *cpus = CPU_ALLOC(ROOM);
    size_t size = CPU_ALLOC_SIZE(ROOM);
    int more = -1;

    if (cpus == NULL) {
        PyErr_NoMemory();
    }
    if (iterator == NULL || cpus == NULL) {
        goto done;
    }
    CPU_ZERO_S(size, cpus);
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        long cpu;
        if (!PyLong_Check(item)) {
            PyErr_Format(PyExc_TypeError,
                         "expected an iterator of ints, but iterator yielded %R",
                         (PyObject *)Py_TYPE(item));
            Py_DECREF(item);
            goto done;
        }
        cpu = PyLong_AsLong(item);
        Py_DECREF(item);
        if (cpu < 0) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_ValueError, "negative CPU number");
            }
            goto done;
        }
        if (cpu >= ROOM) {
            PyErr_SetString(PyExc_OverflowError, "CPU number too large");
            goto done;
        }
        CPU_SET_S((size_t)cpu, size, cpus);
    }
    if (more == 0) {
        result = kr_os_result(sched_setaffinity(pid, size, cpus));
    }

done:
    Py_XDECREF(iterator);
    if (cpus != NULL) {
        CPU_FREE(cpus);
    }
    return result;
}

KR_FUNCTION(posix, "unshare(flags)", "Leaves namespaces that are shared with others.")
static PyObject *
posix_unshare(PyObject *module, int flags)
{
    int status;

    KR_UNLOCKED(status, unshare(flags));
    return kr_os_result(status);
}

KR_FUNCTION(posix, "setns(fd: fd, nstype=0)", "Moves into another namespace.")
static PyObject *
posix_setns(PyObject *module, int fd, int nstype)
{
    int status;

    KR_UNLOCKED(status, setns(fd, nstype));
    return kr_os_result(status);
}


#include "modules/posix/process.methods.h"

int
kr_posix_init_process(PyObject *module, KrPosix *posix)
{
    posix->waitid_result = PyStructSequence_NewType(&waitid_desc);
    posix->sched_param = PyStructSequence_NewType(&sched_desc);
    if (posix->waitid_result == NULL || posix->sched_param == NULL ||
        finish_sched_param(posix->sched_param) < 0 ||
        PyModule_AddObjectRef(module, "waitid_result",
                              (PyObject *)posix->waitid_result) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "sched_param", (PyObject *)posix->sched_param);
}
