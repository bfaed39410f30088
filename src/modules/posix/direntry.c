// SPDX-License-Identifier: MIT
// direntry.c - scandir(): an iterator of DirEntry objects.
//
// Invariants: an open DIR belongs to the iterator until it is spent or closed.
#include "modules/posix/posix.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *path;
    PyObject *stat;     // cached result of stat(), or NULL
    PyObject *lstat;
    PyObject *module;
    unsigned char type; // DT_*
    int dir_fd;         // of scandir(fd), or -1
    ino_t inode;
} KrDirEntry;

typedef struct {
    PyObject_HEAD
    DIR *folder;        // NULL when closed
    PyObject *module;
    PyObject *path;     // what was given, or NULL for "."
    bool is_bytes;
    int fd;             // scandir(fd), or -1
} KrScandir;

// ---- DirEntry ---------------------------------------------------------------

static void
dir_entry_dealloc(PyObject *op)
{
    KrDirEntry *self = (KrDirEntry *)op;
    PyTypeObject *type = Py_TYPE(op);

    Py_XDECREF(self->name);
    Py_XDECREF(self->path);
    Py_XDECREF(self->stat);
    Py_XDECREF(self->lstat);
    Py_XDECREF(self->module);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
dir_entry_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<DirEntry %R>", ((KrDirEntry *)op)->name);
}

// Asks the system. New reference.
static PyObject *
fetch_stat(KrDirEntry *self, bool follow)
{
    struct stat st;
    PyObject *bytes = NULL;
    int status;

    if (!PyUnicode_FSConverter(self->path, &bytes)) {
        return NULL;
    }
    int dir_fd = self->dir_fd != -1 ? self->dir_fd : AT_FDCWD;
    KR_UNLOCKED(status, fstatat(dir_fd, PyBytes_AS_STRING(bytes), &st,
                                follow ? 0 : AT_SYMLINK_NOFOLLOW));
    Py_DECREF(bytes);
    if (status < 0) {
        return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, self->path);
    }
    return kr_stat_result(kr_posix(self->module), &st);
}

static PyObject *
cached_lstat(KrDirEntry *self)
{
    if (self->lstat == NULL) {
        self->lstat = fetch_stat(self, false);
    }
    return Py_XNewRef(self->lstat);
}

// Whether a mode is of that kind: 1, 0, or -1.
static int
stat_is(PyObject *stat, mode_t kind)
{
    PyObject *mode = PyObject_GetAttr(stat, KR_ID(st_mode));
    long value;

    if (mode == NULL) {
        return -1;
    }
    value = PyLong_AsLong(mode);
    Py_DECREF(mode);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    return ((mode_t)value & S_IFMT) == kind;
}

static int
entry_is_symlink(KrDirEntry *self)
{
    if (self->type != DT_UNKNOWN) {
        return self->type == DT_LNK;
    }
    PyObject *stat = cached_lstat(self);
    if (stat == NULL) {
        return -1;
    }
    int answer = stat_is(stat, S_IFLNK);
    Py_DECREF(stat);
    return answer;
}

KR_METHOD(dir_entry, "stat(self, /, *, follow_symlinks=True)",
          "stat() of the file, remembered.")
static PyObject *
dir_entry_stat(KrDirEntry *self, bool follow_symlinks)
{
    if (!follow_symlinks) {
        return cached_lstat(self);
    }
    if (self->stat == NULL) {
        int link = entry_is_symlink(self);
        if (link < 0) {
            return NULL;
        }
        self->stat = link ? fetch_stat(self, true) : cached_lstat(self);
    }
    return Py_XNewRef(self->stat);
}

static int
entry_is(KrDirEntry *self, bool follow, mode_t kind, unsigned char type)
{
    bool link = self->type == DT_LNK;
    bool need_stat = self->type == DT_UNKNOWN || (follow && link);

    if (!need_stat) {
        return link ? 0 : self->type == type;
    }
    PyObject *stat = dir_entry_stat(self, follow);
    if (stat == NULL) {
        if (PyErr_ExceptionMatches(PyExc_FileNotFoundError)) {
            PyErr_Clear(); // it is gone, or the link points nowhere
            return 0;
        }
        return -1;
    }
    int answer = stat_is(stat, kind);
    Py_DECREF(stat);
    return answer;
}

KR_METHOD(dir_entry, "is_dir(self, /, *, follow_symlinks=True)", "Whether it is a folder.")
static PyObject *
dir_entry_is_dir(KrDirEntry *self, bool follow_symlinks)
{
    int answer = entry_is(self, follow_symlinks, S_IFDIR, DT_DIR);

    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

KR_METHOD(dir_entry, "is_file(self, /, *, follow_symlinks=True)",
          "Whether it is a regular file.")
static PyObject *
dir_entry_is_file(KrDirEntry *self, bool follow_symlinks)
{
    int answer = entry_is(self, follow_symlinks, S_IFREG, DT_REG);

    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

KR_METHOD(dir_entry, "is_symlink(self)", "Whether it is a symbolic link.")
static PyObject *
dir_entry_is_symlink(KrDirEntry *self)
{
    int answer = entry_is_symlink(self);

    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

KR_METHOD(dir_entry, "is_junction(self)", "Whether it is a junction: never here.")
static PyObject *
dir_entry_is_junction(KrDirEntry *self)
{
    Py_RETURN_FALSE;
}

KR_METHOD(dir_entry, "inode(self)", "The file's inode number.")
static PyObject *
dir_entry_inode(KrDirEntry *self)
{
    return PyLong_FromUnsignedLongLong(self->inode);
}

KR_METHOD(dir_entry, "__fspath__(self)", "The path.")
static PyObject *
dir_entry___fspath__(KrDirEntry *self)
{
    return Py_NewRef(self->path);
}

KR_METHOD_RAW(dir_entry, "__class_getitem__", METH_O | METH_CLASS,
              "See PEP 585")
static PyObject *
dir_entry___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_GETTER(dir_entry, "name", "The name without a folder.")
static PyObject *
dir_entry_get_name(KrDirEntry *self)
{
    return Py_NewRef(self->name);
}

KR_GETTER(dir_entry, "path", "The folder that was scanned, and the name.")
static PyObject *
dir_entry_get_path(KrDirEntry *self)
{
    return Py_NewRef(self->path);
}

KR_TYPE(dir_entry)

// ---- the iterator -----------------------------------------------------------

static void
close_folder(KrScandir *self)
{
    DIR *folder = self->folder;

    if (folder == NULL) {
        return;
    }
    self->folder = NULL;
    Py_BEGIN_ALLOW_THREADS
    if (self->fd != -1) {
        rewinddir(folder);
    }
    closedir(folder);
    Py_END_ALLOW_THREADS
}

// path + "/" + name.
static PyObject *
join_path(KrScandir *self, PyObject *name)
{
    if (self->path == NULL) {
        return self->is_bytes ? PyBytes_FromFormat("./%s", PyBytes_AS_STRING(name))
                              : PyUnicode_FromFormat("./%U", name);
    }
    if (self->fd != -1) {
        return Py_NewRef(name);
    }
    if (self->is_bytes) {
        Py_ssize_t size = PyBytes_GET_SIZE(self->path);
        const char *text = PyBytes_AS_STRING(self->path);
        bool slash = size > 0 && text[size - 1] == '/';
        return PyBytes_FromFormat("%s%s%s", text, slash || size == 0 ? "" : "/",
                                  PyBytes_AS_STRING(name));
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(self->path);
    bool slash = size > 0 && PyUnicode_READ_CHAR(self->path, size - 1) == '/';
    return PyUnicode_FromFormat("%U%s%U", self->path, slash || size == 0 ? "" : "/", name);
}

static PyObject *
make_entry(KrScandir *self, const struct dirent *found)
{
    PyTypeObject *type = kr_posix(self->module)->dir_entry;
    KrDirEntry *entry = (KrDirEntry *)type->tp_alloc(type, 0);
    const char *name = found->d_name;

    if (entry == NULL) {
        return NULL;
    }
    entry->module = Py_NewRef(self->module);
    entry->type = found->d_type;
    entry->inode = found->d_ino;
    entry->dir_fd = self->fd;
    entry->name = self->is_bytes ? PyBytes_FromString(name)
                                 : PyUnicode_DecodeFSDefault(name);
    entry->path = entry->name == NULL ? NULL : join_path(self, entry->name);
    if (entry->path == NULL) {
        Py_CLEAR(entry);
    }
    return (PyObject *)entry;
}

static PyObject *
scandir_iterator_next(PyObject *op)
{
    KrScandir *self = (KrScandir *)op;

    while (self->folder != NULL) {
        struct dirent *found;
        errno = 0;
        Py_BEGIN_ALLOW_THREADS
        found = readdir(self->folder);
        Py_END_ALLOW_THREADS
        if (found == NULL) {
            int saved = errno;
            close_folder(self);
            if (saved != 0) {
                errno = saved;
                if (self->path != NULL) {
                    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, self->path);
                }
                else {
                    PyErr_SetFromErrno(PyExc_OSError);
                }
            }
            return NULL;
        }
        const char *name = found->d_name;
        if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'))) {
            continue;
        }
        PyObject *entry = make_entry(self, found);
        if (entry == NULL) {
            close_folder(self);
        }
        return entry;
    }
    return NULL;
}

KR_METHOD(scandir_iterator, "close(self)", "Closes the folder.")
static PyObject *
scandir_iterator_close(KrScandir *self)
{
    close_folder(self);
    Py_RETURN_NONE;
}

KR_METHOD(scandir_iterator, "__enter__(self)", "Returns the iterator.")
static PyObject *
scandir_iterator___enter__(KrScandir *self)
{
    return Py_NewRef((PyObject *)self);
}

KR_METHOD(scandir_iterator, "__exit__(self, /, *exc_info)", "Closes the folder.")
static PyObject *
scandir_iterator___exit__(KrScandir *self, PyObject *const *args, Py_ssize_t nargs)
{
    close_folder(self);
    Py_RETURN_NONE;
}

static void
scandir_iterator_finalize(PyObject *op)
{
    KrScandir *self = (KrScandir *)op;
    PyObject *error;

    if (self->folder == NULL) {
        return;
    }
    error = PyErr_GetRaisedException();
    if (PyErr_ResourceWarning(op, 1, "unclosed scandir iterator %R", op) < 0 &&
        PyErr_ExceptionMatches(PyExc_Warning)) {
        PyErr_FormatUnraisable("Exception ignored while finalizing scandir iterator %R",
                               op);
    }
    close_folder(self);
    PyErr_SetRaisedException(error);
}

static void
scandir_iterator_dealloc(PyObject *op)
{
    KrScandir *self = (KrScandir *)op;
    PyTypeObject *type = Py_TYPE(op);

    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return;
    }
    Py_XDECREF(self->path);
    Py_XDECREF(self->module);
    type->tp_free(op);
    Py_DECREF(type);
}

KR_TYPE(scandir_iterator)

KR_FUNCTION(posix, "scandir(path: path_or_fd = None)",
            "An iterator over the entries of a folder.")
static PyObject *
posix_scandir(PyObject *module, KrPath *path)
{
    PyTypeObject *type = kr_posix(module)->scandir_iterator;
    KrScandir *self;

    if (PySys_Audit("os.scandir", "O", path->object ? path->object : Py_None) < 0) {
        return NULL;
    }
    self = (KrScandir *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->module = Py_NewRef(module);
    self->path = Py_XNewRef(path->object);
    self->is_bytes = path->is_bytes;
    self->fd = path->fd;
    if (path->fd != -1) {
        int fd = fcntl(path->fd, F_DUPFD_CLOEXEC, 0);
        if (fd >= 0) {
            Py_BEGIN_ALLOW_THREADS
            self->folder = fdopendir(fd);
            Py_END_ALLOW_THREADS
            if (self->folder == NULL) {
                int saved = errno;
                close(fd);
                errno = saved;
            }
        }
    }
    else {
        Py_BEGIN_ALLOW_THREADS
        self->folder = opendir(path->text == NULL ? "." : path->text);
        Py_END_ALLOW_THREADS
    }
    if (self->folder == NULL) {
        if (path->object == NULL) {
            PyErr_SetFromErrno(PyExc_OSError);
        }
        else {
            kr_path_error(path);
        }
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

#include "modules/posix/direntry.methods.h"

static PyType_Slot dir_entry_slots[] = {
    {Py_tp_dealloc, dir_entry_dealloc},
    {Py_tp_repr, dir_entry_repr},
    {Py_tp_methods, dir_entry_methods},
    {Py_tp_getset, dir_entry_getset},
    {0, NULL},
};

static PyType_Spec dir_entry_spec = {
    "posix.DirEntry", sizeof(KrDirEntry), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    dir_entry_slots};

static PyType_Slot scandir_iterator_slots[] = {
    {Py_tp_dealloc, scandir_iterator_dealloc},
    {Py_tp_finalize, scandir_iterator_finalize},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, scandir_iterator_next},
    {Py_tp_methods, scandir_iterator_methods},
    {0, NULL},
};

static PyType_Spec scandir_iterator_spec = {
    "posix.ScandirIterator", sizeof(KrScandir), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    scandir_iterator_slots};

int
kr_posix_init_scandir(PyObject *module, KrPosix *posix)
{
    posix->dir_entry =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &dir_entry_spec, NULL);
    posix->scandir_iterator =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &scandir_iterator_spec, NULL);
    if (posix->dir_entry == NULL || posix->scandir_iterator == NULL) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "DirEntry", (PyObject *)posix->dir_entry);
}
