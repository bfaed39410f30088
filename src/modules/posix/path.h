// SPDX-License-Identifier: MIT
// path.h - arguments of functions of the operating system.
//
// A parameter of C type `KrPath *` takes a str, bytes or os.PathLike; annotated
// `path_or_fd` a descriptor too. The generated wrapper converts and releases it.
#ifndef KRAIT_MODULES_POSIX_PATH_H
#define KRAIT_MODULES_POSIX_PATH_H

#include "Python.h"

#include <fcntl.h>

#include "base/base.h"

typedef struct {
    const char *function;
    const char *argument;
    bool nullable;      // None may be given: text is NULL then
    bool allow_fd;
    int fd;             // the descriptor given instead of a path, or -1
    const char *text;   // the encoded path, or NULL
    PyObject *object;   // owned: what was given, after __fspath__
    PyObject *bytes;    // owned: keeps text alive
    bool is_bytes;      // results are to be bytes too
} KrPath;

int kr_path_convert(PyObject *arg, KrPath *path);
void kr_path_release(KrPath *path);

// OSError from errno with the path as its filename; returns NULL.
PyObject *kr_path_error(const KrPath *path);
PyObject *kr_path_error2(const KrPath *path, const KrPath *path2);

// Descriptors, and None for the current folder.
int kr_arg_fd(PyObject *arg, int *out);
int kr_arg_dir_fd(PyObject *arg, int *out);
int kr_arg_uid(PyObject *arg, uid_t *out);
int kr_arg_gid(PyObject *arg, gid_t *out);
int kr_arg_dev(PyObject *arg, dev_t *out);
PyObject *kr_uid_to_int(uid_t id); // -1 for (uid_t)-1

// Errors about arguments that do not go together. 0, or -1 with ValueError.
int kr_path_no_dir_fd(const char *function, const KrPath *path, int dir_fd);
int kr_path_no_follow(const char *function, const KrPath *path, bool follow);

// Runs a call without the interpreter's lock.
#define KR_UNLOCKED(result, call)                                             \
    do {                                                                      \
        Py_BEGIN_ALLOW_THREADS                                                \
        (result) = (call);                                                    \
        Py_END_ALLOW_THREADS                                                  \
    } while (0)

// The same, again after a signal whose handlers did not raise. After it a negative
// result with PyErr_Occurred() false means errno.
#define KR_UNLOCKED_RETRY(result, call)                                       \
    do {                                                                      \
        KR_UNLOCKED(result, call);                                            \
    } while ((result) < 0 && errno == EINTR && kr_signals_passed())

// Runs signal handlers: true when none raised; errno stays.
bool kr_signals_passed(void);

// None for 0, OSError from errno for less.
PyObject *kr_os_result(long status);

#endif // KRAIT_MODULES_POSIX_PATH_H
