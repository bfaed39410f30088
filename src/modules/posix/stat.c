// SPDX-License-Identifier: MIT
// stat.c - what a file is, and changing that: stat, chmod, chown, utime, access.
#include "modules/posix/posix.h"

#include <math.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"

PyObject *
kr_posix_struct(PyTypeObject *type, PyObject **values, Py_ssize_t count)
{
    PyObject *result = type == NULL ? NULL : PyStructSequence_New(type);
    bool failed = result == NULL;

    for (Py_ssize_t i = 0; i < count; i++) {
        failed = failed || values[i] == NULL;
        if (failed) {
            Py_XDECREF(values[i]);
        }
        else {
            PyStructSequence_SetItem(result, i, values[i]);
        }
    }
    if (failed) {
        Py_CLEAR(result);
    }
    return result;
}

// ---- stat_result ------------------------------------------------------------

static PyStructSequence_Field stat_fields[] = {
    {"st_mode", "protection bits"},
    {"st_ino", "inode"},
    {"st_dev", "device"},
    {"st_nlink", "number of hard links"},
    {"st_uid", "user ID of owner"},
    {"st_gid", "group ID of owner"},
    {"st_size", "total size, in bytes"},
    {NULL, "integer time of last access"},
    {NULL, "integer time of last modification"},
    {NULL, "integer time of last change"},
    {"st_atime", "time of last access"},
    {"st_mtime", "time of last modification"},
    {"st_ctime", "time of last change"},
    {"st_atime_ns", "time of last access in nanoseconds"},
    {"st_mtime_ns", "time of last modification in nanoseconds"},
    {"st_ctime_ns", "time of last change in nanoseconds"},
    {"st_blksize", "blocksize for filesystem I/O"},
    {"st_blocks", "number of blocks allocated"},
    {"st_rdev", "device type (if inode device)"},
    {NULL, NULL},
};

static PyStructSequence_Desc stat_desc = {
    "os.stat_result",
    "What stat() finds out about a file. The first ten items can be had by index.",
    stat_fields, 10};

enum { STAT_INT_TIMES = 7, STAT_FLOAT_TIMES = 10, STAT_NS_TIMES = 13, STAT_FIELDS = 19 };

static PyObject *
time_as_ns(const struct timespec *t)
{
    long long ns;

    if (!__builtin_mul_overflow((long long)t->tv_sec, 1000000000LL, &ns) &&
        !__builtin_add_overflow(ns, (long long)t->tv_nsec, &ns)) {
        return PyLong_FromLongLong(ns);
    }
    PyObject *seconds = PyLong_FromLongLong(t->tv_sec);
    PyObject *billion = PyLong_FromLong(1000000000);
    PyObject *nanos = PyLong_FromLong(t->tv_nsec);
    PyObject *product = NULL, *sum = NULL;
    if (seconds && billion && nanos) {
        product = PyNumber_Multiply(seconds, billion);
        sum = product == NULL ? NULL : PyNumber_Add(product, nanos);
    }
    Py_XDECREF(seconds);
    Py_XDECREF(billion);
    Py_XDECREF(nanos);
    Py_XDECREF(product);
    return sum;
}

static PyObject *
device_int(dev_t device)
{
    return device == (dev_t)-1 ? PyLong_FromLong(-1) : PyLong_FromUnsignedLongLong(device);
}

PyObject *
kr_stat_result(KrPosix *posix, const struct stat *st)
{
    const struct timespec *times[] = {&st->st_atim, &st->st_mtim, &st->st_ctim};
    PyObject *values[STAT_FIELDS] = {
        PyLong_FromLong((long)st->st_mode),
        PyLong_FromUnsignedLongLong(st->st_ino),
        device_int(st->st_dev),
        PyLong_FromUnsignedLongLong(st->st_nlink),
        kr_uid_to_int(st->st_uid),
        kr_uid_to_int(st->st_gid),
        PyLong_FromLongLong(st->st_size),
    };

    for (int i = 0; i < 3; i++) {
        const struct timespec *t = times[i];
        values[STAT_INT_TIMES + i] = PyLong_FromLongLong(t->tv_sec);
        values[STAT_FLOAT_TIMES + i] =
            PyFloat_FromDouble((double)t->tv_sec + 1e-9 * (double)t->tv_nsec);
        values[STAT_NS_TIMES + i] = time_as_ns(t);
    }
    values[16] = PyLong_FromLong(st->st_blksize);
    values[17] = PyLong_FromLong(st->st_blocks);
    values[18] = device_int(st->st_rdev);
    return kr_posix_struct(posix->stat_result, values, STAT_FIELDS);
}

// stat_result(sequence): times that are missing are taken from the integer ones.
static PyObject *
stat_result_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *probe = PyImport_ImportModule("posix");
    KrPosix *posix = probe == NULL ? NULL : kr_posix(probe);
    PyObject *result;

    if (posix == NULL) {
        Py_XDECREF(probe);
        return NULL;
    }
    result = posix->stat_result_new(type, args, kwargs);
    Py_DECREF(probe);
    for (int i = 0; result != NULL && i < 3; i++) {
        if (Py_IsNone(PyStructSequence_GetItem(result, STAT_FLOAT_TIMES + i))) {
            PyObject *whole = PyStructSequence_GetItem(result, STAT_INT_TIMES + i);
            Py_DECREF(PyStructSequence_GetItem(result, STAT_FLOAT_TIMES + i));
            PyStructSequence_SetItem(result, STAT_FLOAT_TIMES + i, Py_NewRef(whole));
        }
    }
    return result;
}

// ---- stat -------------------------------------------------------------------

static PyObject *
do_stat(PyObject *module, const char *function, const KrPath *path, int dir_fd,
        bool follow)
{
    struct stat st;
    int status;

    if (kr_path_no_dir_fd(function, path, dir_fd) < 0 ||
        kr_path_no_follow(function, path, follow) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        KR_UNLOCKED(status, fstat(path->fd, &st));
    }
    else {
        KR_UNLOCKED(status, fstatat(dir_fd, path->text, &st,
                                    follow ? 0 : AT_SYMLINK_NOFOLLOW));
    }
    return status < 0 ? kr_path_error(path) : kr_stat_result(kr_posix(module), &st);
}

KR_FUNCTION(posix, "stat(path: path_or_fd, *, dir_fd: dir_fd=None, follow_symlinks=True)",
            "What the system knows about a file.")
static PyObject *
posix_stat(PyObject *module, KrPath *path, int dir_fd, bool follow_symlinks)
{
    return do_stat(module, "stat", path, dir_fd, follow_symlinks);
}

KR_FUNCTION(posix, "lstat(path, *, dir_fd: dir_fd=None)",
            "The same as stat(), of a symbolic link itself.")
static PyObject *
posix_lstat(PyObject *module, KrPath *path, int dir_fd)
{
    return do_stat(module, "lstat", path, dir_fd, false);
}

KR_FUNCTION(posix, "fstat(fd)", "The same as stat(), of an open file.")
static PyObject *
posix_fstat(PyObject *module, int fd)
{
    struct stat st;
    int status;

    KR_UNLOCKED_RETRY(status, fstat(fd, &st));
    return status < 0 ? kr_os_result(status) : kr_stat_result(kr_posix(module), &st);
}

KR_FUNCTION(posix,
            "access(path, mode, *, dir_fd: dir_fd=None, effective_ids=False, "
            "follow_symlinks=True)",
            "Whether the real user may access a file that way.")
static PyObject *
posix_access(PyObject *module, KrPath *path, int mode, int dir_fd, bool effective_ids,
             bool follow_symlinks)
{
    int flags = (follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW) |
                (effective_ids ? AT_EACCESS : 0);
    int status;

    KR_UNLOCKED(status, faccessat(dir_fd, path->text, mode, flags));
    return PyBool_FromLong(status == 0);
}

// ---- file systems -----------------------------------------------------------

static PyStructSequence_Field statvfs_fields[] = {
    {"f_bsize", NULL}, {"f_frsize", NULL}, {"f_blocks", NULL}, {"f_bfree", NULL},
    {"f_bavail", NULL}, {"f_files", NULL}, {"f_ffree", NULL}, {"f_favail", NULL},
    {"f_flag", NULL}, {"f_namemax", NULL}, {"f_fsid", NULL}, {NULL, NULL},
};

static PyStructSequence_Desc statvfs_desc = {
    "os.statvfs_result", "What statvfs() finds out about a file system.", statvfs_fields,
    10};

static PyObject *
statvfs_result(KrPosix *posix, const struct statvfs *st)
{
    PyObject *values[] = {
        PyLong_FromUnsignedLong(st->f_bsize),
        PyLong_FromUnsignedLong(st->f_frsize),
        PyLong_FromUnsignedLong(st->f_blocks),
        PyLong_FromUnsignedLong(st->f_bfree),
        PyLong_FromUnsignedLong(st->f_bavail),
        PyLong_FromUnsignedLong(st->f_files),
        PyLong_FromUnsignedLong(st->f_ffree),
        PyLong_FromUnsignedLong(st->f_favail),
        PyLong_FromUnsignedLong(st->f_flag),
        PyLong_FromUnsignedLong(st->f_namemax),
        PyLong_FromUnsignedLong(st->f_fsid),
    };

    return kr_posix_struct(posix->statvfs_result, values, 11);
}

KR_FUNCTION(posix, "statvfs(path: path_or_fd)", "Facts about a file system.")
static PyObject *
posix_statvfs(PyObject *module, KrPath *path)
{
    struct statvfs st;
    int status;

    if (path->fd != -1) {
        KR_UNLOCKED(status, fstatvfs(path->fd, &st));
    }
    else {
        KR_UNLOCKED(status, statvfs(path->text, &st));
    }
    return status < 0 ? kr_path_error(path) : statvfs_result(kr_posix(module), &st);
}

KR_FUNCTION(posix, "fstatvfs(fd, /)", "Facts about the file system of an open file.")
static PyObject *
posix_fstatvfs(PyObject *module, int fd)
{
    struct statvfs st;
    int status;

    KR_UNLOCKED_RETRY(status, fstatvfs(fd, &st));
    return status < 0 ? kr_os_result(status) : statvfs_result(kr_posix(module), &st);
}

KR_FUNCTION(posix, "major(device, /)", "The major number of a device.")
static PyObject *
posix_major(PyObject *module, dev_t device)
{
    return kr_uid_to_int(major(device));
}

KR_FUNCTION(posix, "minor(device, /)", "The minor number of a device.")
static PyObject *
posix_minor(PyObject *module, dev_t device)
{
    return kr_uid_to_int(minor(device));
}

KR_FUNCTION(posix, "makedev(major, minor, /)", "A device out of its two numbers.")
static PyObject *
posix_makedev(PyObject *module, dev_t major, dev_t minor)
{
    // -1 stands for "no device" in each part.
    if ((major > UINT32_MAX && major != (dev_t)-1) ||
        (minor > UINT32_MAX && minor != (dev_t)-1)) {
        PyErr_SetString(PyExc_OverflowError,
                        "Python int too large to convert to C unsigned int");
        return NULL;
    }
    return device_int(makedev((unsigned)major, (unsigned)minor));
}

// ---- permissions and owners -------------------------------------------------

KR_FUNCTION(posix,
            "chmod(path: path_or_fd, mode, *, dir_fd: dir_fd=None, "
            "follow_symlinks=(os.name != 'nt'){true})",
            "Changes the permissions of a file.")
static PyObject *
posix_chmod(PyObject *module, KrPath *path, int mode, int dir_fd, bool follow_symlinks)
{
    int status;

    if (PySys_Audit("os.chmod", "Oii", path->object, mode,
                    dir_fd == AT_FDCWD ? -1 : dir_fd) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        KR_UNLOCKED(status, fchmod(path->fd, (mode_t)mode));
    }
    else {
        KR_UNLOCKED(status, fchmodat(dir_fd, path->text, (mode_t)mode,
                                     follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW));
        if (status < 0 && errno == EOPNOTSUPP && !follow_symlinks) {
            if (dir_fd != AT_FDCWD) {
                PyErr_SetString(PyExc_ValueError,
                                "chmod: cannot use dir_fd and follow_symlinks together");
            }
            else {
                PyErr_SetString(PyExc_NotImplementedError,
                                "chmod: follow_symlinks unavailable on this platform");
            }
            return NULL;
        }
    }
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "fchmod(fd, mode)", "Changes the permissions of an open file.")
static PyObject *
posix_fchmod(PyObject *module, int fd, int mode)
{
    int status;

    if (PySys_Audit("os.chmod", "iii", fd, mode, -1) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(status, fchmod(fd, (mode_t)mode));
    return kr_os_result(status);
}

KR_FUNCTION(posix,
            "chown(path: path_or_fd, uid, gid, *, dir_fd: dir_fd=None, "
            "follow_symlinks=True)",
            "Changes the owner and group of a file.")
static PyObject *
posix_chown(PyObject *module, KrPath *path, uid_t uid, gid_t gid, int dir_fd,
            bool follow_symlinks)
{
    int status;

    if (kr_path_no_dir_fd("chown", path, dir_fd) < 0 ||
        kr_path_no_follow("chown", path, follow_symlinks) < 0 ||
        PySys_Audit("os.chown", "OIIi", path->object, uid, gid,
                    dir_fd == AT_FDCWD ? -1 : dir_fd) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        KR_UNLOCKED(status, fchown(path->fd, uid, gid));
    }
    else {
        KR_UNLOCKED(status, fchownat(dir_fd, path->text, uid, gid,
                                     follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW));
    }
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "fchown(fd, uid, gid)", "Changes the owner of an open file.")
static PyObject *
posix_fchown(PyObject *module, int fd, uid_t uid, gid_t gid)
{
    int status;

    if (PySys_Audit("os.chown", "iIIi", fd, uid, gid, -1) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(status, fchown(fd, uid, gid));
    return kr_os_result(status);
}

KR_FUNCTION(posix, "lchown(path, uid, gid)", "Changes the owner of a link itself.")
static PyObject *
posix_lchown(PyObject *module, KrPath *path, uid_t uid, gid_t gid)
{
    int status;

    if (PySys_Audit("os.chown", "OIIi", path->object, uid, gid, -1) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, lchown(path->text, uid, gid));
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

// ---- times ------------------------------------------------------------------

int
kr_seconds_to_timespec(PyObject *seconds, struct timespec *out)
{
    if (PyFloat_Check(seconds)) {
        double value = PyFloat_AS_DOUBLE(seconds);
        double whole = floor(value);
        if (isnan(value)) {
            PyErr_SetString(PyExc_ValueError, "Invalid value NaN (not a number)");
            return -1;
        }
        if (fabs(value) >= 9.2e18) {
            PyErr_SetString(PyExc_OverflowError,
                            "timestamp out of range for platform time_t");
            return -1;
        }
        out->tv_sec = (time_t)whole;
        out->tv_nsec = (long)floor((value - whole) * 1e9);
        if (out->tv_nsec >= 1000000000) {
            out->tv_nsec -= 1000000000;
            out->tv_sec++;
        }
        return 0;
    }
    long long value = PyLong_AsLongLong(seconds);
    if (value == -1 && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(PyExc_OverflowError,
                            "timestamp out of range for platform time_t");
        }
        return -1;
    }
    out->tv_sec = (time_t)value;
    out->tv_nsec = 0;
    return 0;
}

// Nanoseconds as an int of any size.
static int
ns_to_timespec(PyObject *ns, struct timespec *out)
{
    PyObject *billion = PyLong_FromLong(1000000000);
    PyObject *pair = billion == NULL ? NULL : PyNumber_Divmod(ns, billion);
    int status = -1;

    Py_XDECREF(billion);
    if (pair == NULL) {
        return -1;
    }
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        PyErr_Format(PyExc_TypeError, "%.200s.__divmod__() must return a 2-tuple, not %.200s",
                     Py_TYPE(ns)->tp_name, Py_TYPE(pair)->tp_name);
    }
    else {
        long long whole = PyLong_AsLongLong(PyTuple_GET_ITEM(pair, 0));
        long rest = PyLong_AsLong(PyTuple_GET_ITEM(pair, 1));
        if (!PyErr_Occurred()) {
            out->tv_sec = (time_t)whole;
            out->tv_nsec = rest;
            status = 0;
        }
    }
    Py_DECREF(pair);
    return status;
}

KR_FUNCTION(posix,
            "utime(path: path_or_fd, times=None, *, ns=<missing>, dir_fd: dir_fd=None, "
            "follow_symlinks=True)",
            "Sets when a file was last read and written.")
static PyObject *
posix_utime(PyObject *module, KrPath *path, PyObject *times, PyObject *ns, int dir_fd,
            bool follow_symlinks)
{
    struct timespec both[2];
    bool now = false;
    int status;

    if (!Py_IsNone(times) && ns != NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "utime: you may specify either 'times' or 'ns' but not both");
        return NULL;
    }
    if (!Py_IsNone(times)) {
        if (!PyTuple_CheckExact(times) || PyTuple_Size(times) != 2) {
            PyErr_SetString(PyExc_TypeError,
                            "utime: 'times' must be either a tuple of two ints or None");
            return NULL;
        }
        for (int i = 0; i < 2; i++) {
            if (kr_seconds_to_timespec(PyTuple_GET_ITEM(times, i), &both[i]) < 0) {
                return NULL;
            }
        }
    }
    else if (ns != NULL) {
        if (!PyTuple_CheckExact(ns) || PyTuple_Size(ns) != 2) {
            PyErr_SetString(PyExc_TypeError, "utime: 'ns' must be a tuple of two ints");
            return NULL;
        }
        for (int i = 0; i < 2; i++) {
            if (ns_to_timespec(PyTuple_GET_ITEM(ns, i), &both[i]) < 0) {
                return NULL;
            }
        }
    }
    else {
        now = true;
    }
    if (kr_path_no_dir_fd("utime", path, dir_fd) < 0 ||
        kr_path_no_follow("utime", path, follow_symlinks) < 0 ||
        PySys_Audit("os.utime", "OOOi", path->object, times, ns ? ns : Py_None,
                    dir_fd == AT_FDCWD ? -1 : dir_fd) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        KR_UNLOCKED(status, futimens(path->fd, now ? NULL : both));
    }
    else {
        KR_UNLOCKED(status, utimensat(dir_fd, path->text, now ? NULL : both,
                                      follow_symlinks ? 0 : AT_SYMLINK_NOFOLLOW));
    }
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "umask(mask, /)", "Sets the process's umask; returns the former one.")
static PyObject *
posix_umask(PyObject *module, int mask)
{
    return PyLong_FromLong((long)umask((mode_t)mask));
}

#include "modules/posix/stat.methods.h"

int
kr_posix_init_stat(PyObject *module, KrPosix *posix)
{
    for (int i = 0; i < 3; i++) {
        stat_fields[STAT_INT_TIMES + i].name = PyStructSequence_UnnamedField;
    }
    posix->stat_result = PyStructSequence_NewType(&stat_desc);
    posix->statvfs_result = PyStructSequence_NewType(&statvfs_desc);
    if (posix->stat_result == NULL || posix->statvfs_result == NULL) {
        return -1;
    }
    posix->stat_result_new = posix->stat_result->tp_new;
    posix->stat_result->tp_new = stat_result_new;
    if (PyModule_AddObjectRef(module, "stat_result", (PyObject *)posix->stat_result) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "statvfs_result",
                                 (PyObject *)posix->statvfs_result);
}
