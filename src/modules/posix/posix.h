// SPDX-License-Identifier: MIT
// posix.h - between the files of the posix module.
#ifndef KRAIT_MODULES_POSIX_H
#define KRAIT_MODULES_POSIX_H

#include "modules/posix/path.h"

#include <sys/stat.h>
#include <time.h>

typedef struct {
    PyTypeObject *stat_result;
    PyTypeObject *statvfs_result;
    PyTypeObject *terminal_size;
    PyTypeObject *times_result;
    PyTypeObject *uname_result;
    PyTypeObject *sched_param;
    PyTypeObject *waitid_result;
    PyTypeObject *dir_entry;
    PyTypeObject *scandir_iterator;
    newfunc stat_result_new; // of struct sequences, before it was replaced
} KrPosix;

static inline KrPosix *
kr_posix(PyObject *module)
{
    return PyModule_GetState(module);
}

// stat.c
PyObject *kr_stat_result(KrPosix *posix, const struct stat *st);
int kr_posix_init_stat(PyObject *module, KrPosix *posix);
// Seconds as int, float or nanoseconds to a timespec. 0 or -1.
int kr_seconds_to_timespec(PyObject *seconds, struct timespec *out);

// direntry.c
int kr_posix_init_scandir(PyObject *module, KrPosix *posix);

// system.c, process.c
int kr_posix_init_system(PyObject *module, KrPosix *posix);
int kr_posix_init_process(PyObject *module, KrPosix *posix);

// names.c: constants, and the tables of sysconf, confstr and pathconf
int kr_posix_add_constants(PyObject *module);

// A struct sequence whose fields are `values` (each stolen); NULL if one is NULL.
PyObject *kr_posix_struct(PyTypeObject *type, PyObject **values, Py_ssize_t count);

// execve.c: NULL-terminated arrays of strings out of Python sequences.
typedef struct {
    char **items;      // NULL until filled
    PyObject *keep;    // list of the bytes objects
} KrStringArray;
int kr_argv_convert(const char *function, PyObject *argv, KrStringArray *out);
int kr_env_convert(PyObject *env, KrStringArray *out);
void kr_string_array_release(KrStringArray *array);

#endif // KRAIT_MODULES_POSIX_H
