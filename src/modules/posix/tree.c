// SPDX-License-Identifier: MIT
// tree.c - names of files: folders, links, renaming, removing.
#include "modules/posix/posix.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"

// Sizes tried for attributes: 256 bytes, 4 kB, 64 kB (the kernel's limit).
enum { XATTR_LIMIT = 65536 };

static int
shown_fd(int dir_fd)
{
    return dir_fd == AT_FDCWD ? -1 : dir_fd;
}

// A name as the caller gave names: bytes or str.
static PyObject *
name_object(const char *text, Py_ssize_t size, bool as_bytes)
{
    return as_bytes ? PyBytes_FromStringAndSize(text, size)
                    : PyUnicode_DecodeFSDefaultAndSize(text, size);
}

// ---- folders ----------------------------------------------------------------

KR_FUNCTION(posix, "listdir(path: path_or_fd = None)", "The names in a folder, in no order.")
static PyObject *
posix_listdir(PyObject *module, KrPath *path)
{
    PyObject *list = NULL;
    struct dirent *entry;
    DIR *folder;

    if (PySys_Audit("os.listdir", "O", path->object ? path->object : Py_None) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        int fd = fcntl(path->fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0) {
            return kr_path_error(path);
        }
        Py_BEGIN_ALLOW_THREADS
        folder = fdopendir(fd);
        Py_END_ALLOW_THREADS
        if (folder == NULL) {
            int saved = errno;
            close(fd);
            errno = saved;
        }
        else {
            rewinddir(folder);
        }
    }
    else {
        Py_BEGIN_ALLOW_THREADS
        folder = opendir(path->text == NULL ? "." : path->text);
        Py_END_ALLOW_THREADS
    }
    if (folder == NULL) {
        return path->object == NULL ? PyErr_SetFromErrno(PyExc_OSError)
                                    : kr_path_error(path);
    }
    list = PyList_New(0);
    while (list != NULL) {
        errno = 0;
        Py_BEGIN_ALLOW_THREADS
        entry = readdir(folder);
        Py_END_ALLOW_THREADS
        if (entry == NULL) {
            if (errno != 0) {
                kr_path_error(path);
                Py_CLEAR(list);
            }
            break;
        }
        const char *name = entry->d_name;
        if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'))) {
            continue;
        }
        PyObject *object = name_object(name, (Py_ssize_t)strlen(name), path->is_bytes);
        if (object == NULL || PyList_Append(list, object) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(object);
    }
    if (path->fd != -1) {
        rewinddir(folder);
    }
    closedir(folder);
    return list;
}

KR_FUNCTION(posix, "mkdir(path, mode=511, *, dir_fd: dir_fd=None)", "Makes a folder.")
static PyObject *
posix_mkdir(PyObject *module, KrPath *path, int mode, int dir_fd)
{
    int status;

    if (PySys_Audit("os.mkdir", "Oii", path->object, mode, shown_fd(dir_fd)) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, mkdirat(dir_fd, path->text, (mode_t)mode));
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "rmdir(path, *, dir_fd: dir_fd=None)", "Removes an empty folder.")
static PyObject *
posix_rmdir(PyObject *module, KrPath *path, int dir_fd)
{
    int status;

    if (PySys_Audit("os.rmdir", "Oi", path->object, shown_fd(dir_fd)) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, unlinkat(dir_fd, path->text, AT_REMOVEDIR));
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "chdir(path: path_or_fd)", "Changes the current folder.")
static PyObject *
posix_chdir(PyObject *module, KrPath *path)
{
    int status;

    if (PySys_Audit("os.chdir", "(O)", path->object) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        KR_UNLOCKED(status, fchdir(path->fd));
    }
    else {
        KR_UNLOCKED(status, chdir(path->text));
    }
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "fchdir(fd: fd)", "Changes the current folder to an open one.")
static PyObject *
posix_fchdir(PyObject *module, int fd)
{
    int status;

    if (PySys_Audit("os.chdir", "(i)", fd) < 0) {
        return NULL;
    }
    KR_UNLOCKED_RETRY(status, fchdir(fd));
    return kr_os_result(status);
}

KR_FUNCTION(posix, "chroot(path)", "Changes the process's root folder.")
static PyObject *
posix_chroot(PyObject *module, KrPath *path)
{
    int status;

    KR_UNLOCKED(status, chroot(path->text));
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

static PyObject *
current_folder(bool as_bytes)
{
    char *text;
    PyObject *result;

    Py_BEGIN_ALLOW_THREADS
    text = getcwd(NULL, 0); // as long as need be, from malloc
    Py_END_ALLOW_THREADS
    if (text == NULL) {
        return errno == ENOMEM ? PyErr_NoMemory() : PyErr_SetFromErrno(PyExc_OSError);
    }
    result = name_object(text, (Py_ssize_t)strlen(text), as_bytes);
    free(text);
    return result;
}

KR_FUNCTION(posix, "getcwd()", "The current folder.")
static PyObject *
posix_getcwd(PyObject *module)
{
    return current_folder(false);
}

KR_FUNCTION(posix, "getcwdb()", "The current folder as bytes.")
static PyObject *
posix_getcwdb(PyObject *module)
{
    return current_folder(true);
}

// ---- links ------------------------------------------------------------------

KR_FUNCTION(posix,
            "link(src, dst, *, src_dir_fd: dir_fd=None, dst_dir_fd: dir_fd=None, "
            "follow_symlinks=(os.name != 'nt'){true})",
            "Gives a file another name.")
static PyObject *
posix_link(PyObject *module, KrPath *src, KrPath *dst, int src_dir_fd, int dst_dir_fd,
           bool follow_symlinks)
{
    int status;

    if (PySys_Audit("os.link", "OOii", src->object, dst->object, shown_fd(src_dir_fd),
                    shown_fd(dst_dir_fd)) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, linkat(src_dir_fd, src->text, dst_dir_fd, dst->text,
                               follow_symlinks ? AT_SYMLINK_FOLLOW : 0));
    if (status < 0) {
        return kr_path_error2(src, dst);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix,
            "symlink(src, dst, target_is_directory=False, *, dir_fd: dir_fd=None)",
            "Makes dst a symbolic link to src.")
static PyObject *
posix_symlink(PyObject *module, KrPath *src, KrPath *dst, bool target_is_directory,
              int dir_fd)
{
    int status;

    if (PySys_Audit("os.symlink", "OOi", src->object, dst->object, shown_fd(dir_fd)) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, symlinkat(src->text, dir_fd, dst->text));
    if (status < 0) {
        return kr_path_error2(src, dst);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "readlink(path, *, dir_fd: dir_fd=None)",
            "What a symbolic link points at.")
static PyObject *
posix_readlink(PyObject *module, KrPath *path, int dir_fd)
{
    char text[PATH_MAX + 1];
    ssize_t size;

    KR_UNLOCKED(size, readlinkat(dir_fd, path->text, text, PATH_MAX));
    if (size < 0) {
        return kr_path_error(path);
    }
    return name_object(text, size, path->is_bytes);
}

// ---- renaming and removing --------------------------------------------------

static PyObject *
do_rename(KrPath *src, KrPath *dst, int src_dir_fd, int dst_dir_fd)
{
    int status;

    if (PySys_Audit("os.rename", "OOii", src->object, dst->object, shown_fd(src_dir_fd),
                    shown_fd(dst_dir_fd)) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, renameat(src_dir_fd, src->text, dst_dir_fd, dst->text));
    if (status < 0) {
        return kr_path_error2(src, dst);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "rename(src, dst, *, src_dir_fd: dir_fd=None, dst_dir_fd: dir_fd=None)",
            "Renames a file or folder.")
static PyObject *
posix_rename(PyObject *module, KrPath *src, KrPath *dst, int src_dir_fd, int dst_dir_fd)
{
    return do_rename(src, dst, src_dir_fd, dst_dir_fd);
}

KR_FUNCTION(posix, "replace(src, dst, *, src_dir_fd: dir_fd=None, dst_dir_fd: dir_fd=None)",
            "Renames a file or folder, in the place of dst.")
static PyObject *
posix_replace(PyObject *module, KrPath *src, KrPath *dst, int src_dir_fd, int dst_dir_fd)
{
    return do_rename(src, dst, src_dir_fd, dst_dir_fd);
}

static PyObject *
do_unlink(KrPath *path, int dir_fd)
{
    int status;

    if (PySys_Audit("os.remove", "Oi", path->object, shown_fd(dir_fd)) < 0) {
        return NULL;
    }
    KR_UNLOCKED(status, unlinkat(dir_fd, path->text, 0));
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "unlink(path, *, dir_fd: dir_fd=None)", "Removes a file.")
static PyObject *
posix_unlink(PyObject *module, KrPath *path, int dir_fd)
{
    return do_unlink(path, dir_fd);
}

KR_FUNCTION(posix, "remove(path, *, dir_fd: dir_fd=None)", "Removes a file.")
static PyObject *
posix_remove(PyObject *module, KrPath *path, int dir_fd)
{
    return do_unlink(path, dir_fd);
}

// ---- special files ----------------------------------------------------------

KR_FUNCTION(posix, "mkfifo(path, mode=438, *, dir_fd: dir_fd=None)", "Makes a named pipe.")
static PyObject *
posix_mkfifo(PyObject *module, KrPath *path, int mode, int dir_fd)
{
    int status;

    KR_UNLOCKED_RETRY(status, mkfifoat(dir_fd, path->text, (mode_t)mode));
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "mknod(path, mode=384, device=0, *, dir_fd: dir_fd=None)",
            "Makes a file, pipe or device.")
static PyObject *
posix_mknod(PyObject *module, KrPath *path, int mode, dev_t device, int dir_fd)
{
    int status;

    KR_UNLOCKED_RETRY(status, mknodat(dir_fd, path->text, (mode_t)mode, device));
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "truncate(path: path_or_fd, length)", "Cuts a file to a length.")
static PyObject *
posix_truncate(PyObject *module, KrPath *path, off_t length)
{
    int status;

    if (PySys_Audit("os.truncate", "On", path->object, (Py_ssize_t)length) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        KR_UNLOCKED_RETRY(status, ftruncate(path->fd, length));
    }
    else {
        KR_UNLOCKED_RETRY(status, truncate(path->text, length));
    }
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

// ---- extended attributes ----------------------------------------------------

KR_FUNCTION(posix, "getxattr(path: path_or_fd, attribute, *, follow_symlinks=True)",
            "The value of an extended attribute.")
static PyObject *
posix_getxattr(PyObject *module, KrPath *path, KrPath *attribute, bool follow_symlinks)
{
    if (kr_path_no_follow("getxattr", path, follow_symlinks) < 0 ||
        PySys_Audit("os.getxattr", "OO", path->object, attribute->object) < 0) {
        return NULL;
    }
    for (size_t size = 256; size <= XATTR_LIMIT; size *= 16) {
        PyObject *value = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
        ssize_t got;
        if (value == NULL) {
            return NULL;
        }
        void *data = PyBytes_AS_STRING(value);
        if (path->fd != -1) {
            KR_UNLOCKED(got, fgetxattr(path->fd, attribute->text, data, size));
        }
        else if (follow_symlinks) {
            KR_UNLOCKED(got, getxattr(path->text, attribute->text, data, size));
        }
        else {
            KR_UNLOCKED(got, lgetxattr(path->text, attribute->text, data, size));
        }
        if (got >= 0) {
            _PyBytes_Resize(&value, got);
            return value;
        }
        int saved = errno;
        Py_DECREF(value);
        errno = saved;
        if (saved != ERANGE) {
            break;
        }
    }
    return kr_path_error(path);
}

KR_FUNCTION(posix,
            "setxattr(path: path_or_fd, attribute, value, flags=0, *, follow_symlinks=True)",
            "Sets an extended attribute.")
static PyObject *
posix_setxattr(PyObject *module, KrPath *path, KrPath *attribute, Py_buffer *value,
               int flags, bool follow_symlinks)
{
    int status;

    if (kr_path_no_follow("setxattr", path, follow_symlinks) < 0 ||
        PySys_Audit("os.setxattr", "OOy#i", path->object, attribute->object, value->buf,
                    value->len, flags) < 0) {
        return NULL;
    }
    size_t size = (size_t)value->len;
    if (path->fd != -1) {
        KR_UNLOCKED(status, fsetxattr(path->fd, attribute->text, value->buf, size, flags));
    }
    else if (follow_symlinks) {
        KR_UNLOCKED(status, setxattr(path->text, attribute->text, value->buf, size, flags));
    }
    else {
        KR_UNLOCKED(status, lsetxattr(path->text, attribute->text, value->buf, size, flags));
    }
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "removexattr(path: path_or_fd, attribute, *, follow_symlinks=True)",
            "Removes an extended attribute.")
static PyObject *
posix_removexattr(PyObject *module, KrPath *path, KrPath *attribute, bool follow_symlinks)
{
    int status;

    if (kr_path_no_follow("removexattr", path, follow_symlinks) < 0 ||
        PySys_Audit("os.removexattr", "OO", path->object, attribute->object) < 0) {
        return NULL;
    }
    if (path->fd != -1) {
        KR_UNLOCKED(status, fremovexattr(path->fd, attribute->text));
    }
    else if (follow_symlinks) {
        KR_UNLOCKED(status, removexattr(path->text, attribute->text));
    }
    else {
        KR_UNLOCKED(status, lremovexattr(path->text, attribute->text));
    }
    if (status < 0) {
        return kr_path_error(path);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(posix, "listxattr(path: path_or_fd = None, *, follow_symlinks=True)",
            "The names of a file's extended attributes.")
static PyObject *
posix_listxattr(PyObject *module, KrPath *path, bool follow_symlinks)
{
    const char *text = path->text == NULL ? "." : path->text;

    if (kr_path_no_follow("listxattr", path, follow_symlinks) < 0 ||
        PySys_Audit("os.listxattr", "(O)", path->object ? path->object : Py_None) < 0) {
        return NULL;
    }
    for (size_t size = 256; size <= XATTR_LIMIT; size *= 16) {
        char *data = PyMem_Malloc(size);
        ssize_t got;
        if (data == NULL) {
            return PyErr_NoMemory();
        }
        if (path->fd != -1) {
            KR_UNLOCKED(got, flistxattr(path->fd, data, size));
        }
        else if (follow_symlinks) {
            KR_UNLOCKED(got, listxattr(text, data, size));
        }
        else {
            KR_UNLOCKED(got, llistxattr(text, data, size));
        }
        if (got < 0) {
            int saved = errno;
            PyMem_Free(data);
            errno = saved;
            if (saved == ERANGE) {
                continue;
            }
            break;
        }
        PyObject *list = PyList_New(0);
        for (ssize_t at = 0; list != NULL && at < got;) {
            size_t length = strlen(data + at);
            PyObject *name = PyUnicode_DecodeFSDefaultAndSize(data + at, (Py_ssize_t)length);
            if (name == NULL || PyList_Append(list, name) < 0) {
                Py_CLEAR(list);
            }
            Py_XDECREF(name);
            at += (ssize_t)length + 1;
        }
        PyMem_Free(data);
        return list;
    }
    return kr_path_error(path);
}

// ---- paths as text ----------------------------------------------------------

KR_FUNCTION(posix, "fspath(path)", "The str or bytes that stands for a path.")
static PyObject *
posix_fspath(PyObject *module, PyObject *path)
{
    return PyOS_FSPath(path);
}

// "//x" keeps its two slashes, every other start has one or none.
static Py_ssize_t
root_slashes(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), count = 0;

    while (count < length && count < 3 && PyUnicode_READ_CHAR(text, count) == '/') {
        count++;
    }
    return count == 3 ? 1 : count;
}

// Normalizes ASCII or wider text of any kind into out; returns its length.
static Py_ssize_t
normalize(const Py_UCS4 *in, Py_ssize_t length, Py_UCS4 *out, Py_ssize_t root)
{
    Py_ssize_t used = 0, i = 0;

    while (used < root) {
        out[used++] = '/';
    }
    while (i < length) {
        while (i < length && in[i] == '/') {
            i++;
        }
        Py_ssize_t start = i;
        while (i < length && in[i] != '/') {
            i++;
        }
        Py_ssize_t size = i - start;
        if (size == 0 || (size == 1 && in[start] == '.')) {
            continue;
        }
        if (size == 2 && in[start] == '.' && in[start + 1] == '.') {
            // Take the last part back, unless there is none or it is ".." itself.
            Py_ssize_t last = used;
            while (last > root && out[last - 1] != '/') {
                last--;
            }
            bool dots = used - last == 2 && out[last] == '.' && out[last + 1] == '.';
            if (used > root && !dots) {
                used = last > root ? last - 1 : root;
                continue;
            }
            if (root > 0) {
                continue;
            }
        }
        if (used > root) {
            out[used++] = '/';
        }
        for (Py_ssize_t k = 0; k < size; k++) {
            out[used++] = in[start + k];
        }
    }
    if (used == 0) {
        out[used++] = '.';
    }
    return used;
}

KR_FUNCTION(posix, "_path_normpath(path)", "A path without '.', '..' and double slashes.")
static PyObject *
posix__path_normpath(PyObject *module, PyObject *path)
{
    PyObject *object = PyOS_FSPath(path), *text = NULL, *result = NULL;
    Py_UCS4 *in = NULL, *out = NULL;
    Py_ssize_t length, used;
    bool as_bytes;

    if (object == NULL) {
        return NULL;
    }
    as_bytes = PyBytes_Check(object);
    text = as_bytes ? PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(object),
                                                       PyBytes_GET_SIZE(object))
                    : Py_NewRef(object);
    if (text == NULL) {
        goto done;
    }
    length = PyUnicode_GET_LENGTH(text);
    in = PyUnicode_AsUCS4Copy(text);
    out = PyMem_New(Py_UCS4, length + 2);
    if (in == NULL || out == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_NoMemory();
        }
        goto done;
    }
    used = normalize(in, length, out, root_slashes(text));
    result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, used);
    if (result != NULL && as_bytes) {
        Py_SETREF(result, PyUnicode_EncodeFSDefault(result));
    }

done:
    PyMem_Free(in);
    PyMem_Free(out);
    Py_XDECREF(text);
    Py_DECREF(object);
    return result;
}

KR_FUNCTION(posix, "_path_splitroot_ex(p)", "A path as (drive, root, rest).")
static PyObject *
posix__path_splitroot_ex(PyObject *module, PyObject *p)
{
    PyObject *path = PyOS_FSPath(p), *result = NULL;

    if (path == NULL) {
        return NULL;
    }
    if (PyBytes_Check(path)) {
        const char *text = PyBytes_AS_STRING(path);
        Py_ssize_t root = text[0] != '/' ? 0 : text[1] == '/' && text[2] != '/' ? 2 : 1;
        result = Py_BuildValue("(y#y#y#)", text, (Py_ssize_t)0, text, root, text + root,
                               PyBytes_GET_SIZE(path) - root);
    }
    else {
        Py_ssize_t root = root_slashes(path);
        result = Py_BuildValue("(sNN)", "", PyUnicode_Substring(path, 0, root),
                               PyUnicode_Substring(path, root, PY_SSIZE_T_MAX));
    }
    Py_DECREF(path);
    return result;
}

#include "modules/posix/tree.methods.h"
