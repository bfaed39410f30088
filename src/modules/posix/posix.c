// SPDX-License-Identifier: MIT
// posix.c - the posix module, the base of os: its tables and start.
//
// Read next: path.h (arguments), stat.c, tree.c, direntry.c, files.c, process.c,
// exec.c, system.c, names.c.
#include "modules/posix/posix.h"

#include "objects/args.h"

KR_MODULE(posix)
#include "modules/posix/posix.methods.h"

// What os.supports_fd, supports_dir_fd... are made from.
static const char *const have_functions[] = {
    "HAVE_EVENTFD", "HAVE_TIMERFD_CREATE", "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FCHMOD",
    "HAVE_FCHMODAT", "HAVE_FCHOWN", "HAVE_FCHOWNAT", "HAVE_FEXECVE", "HAVE_FDOPENDIR",
    "HAVE_FPATHCONF", "HAVE_FSTATAT", "HAVE_FSTATVFS", "HAVE_FTRUNCATE", "HAVE_FUTIMENS",
    "HAVE_FUTIMES", "HAVE_FUTIMESAT", "HAVE_LINKAT", "HAVE_LCHOWN", "HAVE_LSTAT",
    "HAVE_LUTIMES", "HAVE_MEMFD_CREATE", "HAVE_MKDIRAT", "HAVE_MKFIFOAT", "HAVE_MKNODAT",
    "HAVE_OPENAT", "HAVE_READLINKAT", "HAVE_RENAMEAT", "HAVE_SYMLINKAT", "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT", "HAVE_PTSNAME_R",
};

static int
add_have_functions(PyObject *module)
{
    PyObject *list = PyList_New(0);

    for (size_t i = 0; list != NULL && i < Py_ARRAY_LENGTH(have_functions); i++) {
        PyObject *name = PyUnicode_FromString(have_functions[i]);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return PyModule_Add(module, "_have_functions", list);
}

static int
posix_exec(PyObject *module)
{
    KrPosix *posix = kr_posix(module);

    if (kr_posix_init_stat(module, posix) < 0 || kr_posix_init_scandir(module, posix) < 0 ||
        kr_posix_init_process(module, posix) < 0 ||
        kr_posix_init_system(module, posix) < 0 || kr_posix_add_constants(module) < 0 ||
        PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0) {
        return -1;
    }
    return add_have_functions(module);
}

static PyTypeObject **
type_places(KrPosix *posix, size_t *count)
{
    // All members up to stat_result_new are types.
    *count = offsetof(KrPosix, stat_result_new) / sizeof(PyTypeObject *);
    return (PyTypeObject **)posix;
}

static int
posix_traverse(PyObject *module, visitproc visit, void *arg)
{
    size_t count;
    PyTypeObject **types = type_places(kr_posix(module), &count);

    for (size_t i = 0; i < count; i++) {
        Py_VISIT(types[i]);
    }
    return 0;
}

static int
posix_clear(PyObject *module)
{
    size_t count;
    PyTypeObject **types = type_places(kr_posix(module), &count);

    for (size_t i = 0; i < count; i++) {
        Py_CLEAR(types[i]);
    }
    return 0;
}

static PyModuleDef_Slot posix_slots[] = {
    {Py_mod_exec, posix_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef posix_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "posix",
    .m_doc = "Functions of the operating system; the os module is for programs.",
    .m_size = sizeof(KrPosix),
    .m_methods = posix_methods,
    .m_slots = posix_slots,
    .m_traverse = posix_traverse,
    .m_clear = posix_clear,
};

PyMODINIT_FUNC
PyInit_posix(void)
{
    return PyModuleDef_Init(&posix_def);
}
