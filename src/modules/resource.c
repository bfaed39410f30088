// SPDX-License-Identifier: MIT
// resource.c - module resource: limits and use of system resources.
#include "Python.h"
#include "structseq.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <sys/resource.h>
#include <sys/time.h>

typedef struct {
    PyTypeObject *usage_type; // struct_rusage
} ResourceState;

static PyStructSequence_Field usage_fields[] = {
    {"ru_utime", "user time used"},
    {"ru_stime", "system time used"},
    {"ru_maxrss", "max. resident set size"},
    {"ru_ixrss", "shared memory size"},
    {"ru_idrss", "unshared data size"},
    {"ru_isrss", "unshared stack size"},
    {"ru_minflt", "page faults not requiring I/O"},
    {"ru_majflt", "page faults requiring I/O"},
    {"ru_nswap", "number of swap outs"},
    {"ru_inblock", "block input operations"},
    {"ru_oublock", "block output operations"},
    {"ru_msgsnd", "IPC messages sent"},
    {"ru_msgrcv", "IPC messages received"},
    {"ru_nsignals", "signals received"},
    {"ru_nvcsw", "voluntary context switches"},
    {"ru_nivcsw", "involuntary context switches"},
    {NULL, NULL},
};

static PyStructSequence_Desc usage_desc = {
    "resource.struct_rusage",
    "struct_rusage: Result from getrusage.",
    usage_fields,
    16,
};

static PyObject *
seconds(const struct timeval *t)
{
    return PyFloat_FromDouble((double)t->tv_sec + (double)t->tv_usec * 1e-6);
}

KR_FUNCTION(resource, "getrusage(who, /)", "")
static PyObject *
resource_getrusage(PyObject *module, int who)
{
    ResourceState *state = PyModule_GetState(module);
    struct rusage r;

    if (getrusage(who, &r) < 0) {
        if (errno == EINVAL) {
            PyErr_SetString(PyExc_ValueError, "invalid who parameter");
        }
        else {
            PyErr_SetFromErrno(PyExc_OSError);
        }
        return NULL;
    }
    PyObject *result = PyStructSequence_New(state->usage_type);
    if (result == NULL) {
        return NULL;
    }
    PyStructSequence_SetItem(result, 0, seconds(&r.ru_utime));
    PyStructSequence_SetItem(result, 1, seconds(&r.ru_stime));
    const long numbers[] = {
        r.ru_maxrss, r.ru_ixrss,   r.ru_idrss,  r.ru_isrss,   r.ru_minflt,
        r.ru_majflt, r.ru_nswap,   r.ru_inblock, r.ru_oublock, r.ru_msgsnd,
        r.ru_msgrcv, r.ru_nsignals, r.ru_nvcsw, r.ru_nivcsw,
    };
    for (int i = 0; i < 14; i++) {
        PyStructSequence_SetItem(result, i + 2, PyLong_FromLong(numbers[i]));
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}

// One limit from an object: -1 is no limit.
static int
limit_from_object(PyObject *value, rlim_t *out)
{
    PyObject *number = PyNumber_Index(value);

    if (number == NULL) {
        return -1;
    }
    if (PyLong_IsNegative(number)) {
        long long small = PyLong_AsLongLong(number);
        Py_DECREF(number);
        if (small != -1 || PyErr_Occurred()) {
            PyErr_Clear();
            PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
            return -1;
        }
        *out = RLIM_INFINITY;
        return 0;
    }
    *out = PyLong_AsUnsignedLongLong(number);
    Py_DECREF(number);
    return *out == (rlim_t)-1 && PyErr_Occurred() ? -1 : 0;
}

static int
limits_from_object(PyObject *limits, struct rlimit *out)
{
    PyObject *tuple = PySequence_Tuple(limits);
    int status = -1;

    if (tuple == NULL) {
        return -1;
    }
    if (PyTuple_GET_SIZE(tuple) != 2) {
        PyErr_SetString(PyExc_ValueError, "expected a tuple of 2 integers");
    }
    else if (limit_from_object(PyTuple_GET_ITEM(tuple, 0), &out->rlim_cur) == 0 &&
             limit_from_object(PyTuple_GET_ITEM(tuple, 1), &out->rlim_max) == 0) {
        status = 0;
    }
    Py_DECREF(tuple);
    return status;
}

// RLIM_INFINITY is shown as -1.
static PyObject *
limit_as_object(rlim_t limit)
{
    return limit == RLIM_INFINITY ? PyLong_FromLong(-1) : PyLong_FromUnsignedLongLong(limit);
}

static PyObject *
limits_as_object(const struct rlimit *limits)
{
    return Py_BuildValue("NN", limit_as_object(limits->rlim_cur),
                         limit_as_object(limits->rlim_max));
}

static int
check_resource(int resource)
{
    if (resource < 0 || resource >= (int)RLIM_NLIMITS) {
        PyErr_SetString(PyExc_ValueError, "invalid resource specified");
        return -1;
    }
    return 0;
}

KR_FUNCTION(resource, "getrlimit(resource, /)", "")
static PyObject *
resource_getrlimit(PyObject *module, int resource)
{
    struct rlimit limits;

    if (check_resource(resource) < 0) {
        return NULL;
    }
    if (getrlimit((__rlimit_resource_t)resource, &limits) < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return limits_as_object(&limits);
}

// The errors that setting a limit may give.
static PyObject *
set_limit_error(void)
{
    if (errno == EINVAL) {
        PyErr_SetString(PyExc_ValueError, "current limit exceeds maximum limit");
    }
    else if (errno == EPERM) {
        PyErr_SetString(PyExc_ValueError, "not allowed to raise maximum limit");
    }
    else {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return NULL;
}

KR_FUNCTION(resource, "setrlimit(resource, limits, /)", "")
static PyObject *
resource_setrlimit(PyObject *module, int resource, PyObject *limits)
{
    struct rlimit wanted;

    if (check_resource(resource) < 0 ||
        PySys_Audit("resource.setrlimit", "iO", resource, limits) < 0 ||
        limits_from_object(limits, &wanted) < 0) {
        return NULL;
    }
    if (setrlimit((__rlimit_resource_t)resource, &wanted) < 0) {
        return set_limit_error();
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(resource, "prlimit(pid, resource, limits=None, /)", "")
static PyObject *
resource_prlimit(PyObject *module, int pid, int resource, PyObject *limits)
{
    struct rlimit wanted, before;

    if (check_resource(resource) < 0 ||
        PySys_Audit("resource.prlimit", "iiO", pid, resource, limits) < 0) {
        return NULL;
    }
    if (limits != Py_None && limits_from_object(limits, &wanted) < 0) {
        return NULL;
    }
    if (prlimit(pid, (__rlimit_resource_t)resource, limits != Py_None ? &wanted : NULL,
                &before) < 0) {
        if (errno == EINVAL) {
            PyErr_SetString(PyExc_ValueError, "current limit exceeds maximum limit");
            return NULL;
        }
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return limits_as_object(&before);
}

KR_FUNCTION(resource, "getpagesize()", "")
static PyObject *
resource_getpagesize(PyObject *module)
{
    return PyLong_FromLong(sysconf(_SC_PAGESIZE));
}

KR_MODULE(resource)
#include "modules/resource.methods.h"

static const struct {
    const char *name;
    long value;
} resource_constants[] = {
    {"RLIMIT_CPU", RLIMIT_CPU}, {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_DATA", RLIMIT_DATA}, {"RLIMIT_STACK", RLIMIT_STACK},
    {"RLIMIT_CORE", RLIMIT_CORE}, {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_OFILE", RLIMIT_OFILE}, {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_RSS", RLIMIT_RSS}, {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK}, {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE}, {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME}, {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RUSAGE_SELF", RUSAGE_SELF}, {"RUSAGE_CHILDREN", RUSAGE_CHILDREN},
    {"RUSAGE_THREAD", RUSAGE_THREAD}, {"RLIM_INFINITY", -1},
};

static int
resource_exec(PyObject *module)
{
    ResourceState *state = PyModule_GetState(module);

    state->usage_type = PyStructSequence_NewType(&usage_desc);
    if (state->usage_type == NULL ||
        PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0 ||
        PyModule_AddObjectRef(module, "struct_rusage", (PyObject *)state->usage_type) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(resource_constants); i++) {
        if (PyModule_AddIntConstant(module, resource_constants[i].name,
                                    resource_constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
resource_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((ResourceState *)PyModule_GetState(module))->usage_type);
    return 0;
}

static int
resource_clear(PyObject *module)
{
    Py_CLEAR(((ResourceState *)PyModule_GetState(module))->usage_type);
    return 0;
}

static PyModuleDef_Slot resource_slots[] = {
    {Py_mod_exec, resource_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef resource_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "resource",
    .m_size = sizeof(ResourceState),
    .m_methods = resource_methods,
    .m_slots = resource_slots,
    .m_traverse = resource_traverse,
    .m_clear = resource_clear,
};

PyMODINIT_FUNC
PyInit_resource(void)
{
    return PyModuleDef_Init(&resource_def);
}
