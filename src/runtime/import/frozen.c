// SPDX-License-Identifier: MIT
// frozen.c - the parts of importlib that import itself needs.
//
// "Frozen" here: compiled from the library's files when the interpreter starts. The
// compiled code is kept beside the other .pyc files, marked with the time and size
// of its source, so that only the first start compiles.
#include <Python.h>

#include <fcntl.h>
#include <marshal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "objects/ids.h"
#include "runtime/import/import.h"

static const struct {
    const char *name;
    const char *file;   // below the library's folder, without ".py"
    const char *folder; // where the cache goes
    const char *stem;
    const char *shown;  // the code's file name
} frozen_modules[] = {
    {"_frozen_importlib", "importlib/_bootstrap", "importlib/__pycache__", "_bootstrap",
     "<frozen importlib._bootstrap>"},
    {"_frozen_importlib_external", "importlib/_bootstrap_external",
     "importlib/__pycache__", "_bootstrap_external",
     "<frozen importlib._bootstrap_external>"},
    {"zipimport", "zipimport", "__pycache__", "zipimport", "<frozen zipimport>"},
};

static int
frozen_index(PyObject *name)
{
    for (int i = 0; i < (int)Py_ARRAY_LENGTH(frozen_modules); i++) {
        if (PyUnicode_EqualToUTF8(name, frozen_modules[i].name)) {
            return i;
        }
    }
    return -1;
}

bool
kr_is_frozen(PyObject *name)
{
    return frozen_index(name) >= 0;
}

PyObject *
kr_frozen_names(void)
{
    PyObject *list = PyList_New(0);

    for (size_t i = 0; list != NULL && i < Py_ARRAY_LENGTH(frozen_modules); i++) {
        PyObject *name = PyUnicode_FromString(frozen_modules[i].name);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

// A whole file, with a NUL behind it; NULL (no exception) if it cannot be read.
static char *
read_file(const char *path, size_t *size_out, struct stat *st)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *data = NULL;
    size_t used = 0;

    if (fd < 0) {
        return NULL;
    }
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode)) {
        data = PyMem_RawMalloc((size_t)st->st_size + 1);
    }
    while (data != NULL && used < (size_t)st->st_size) {
        ssize_t got = read(fd, data + used, (size_t)st->st_size - used);
        if (got <= 0) {
            break;
        }
        used += (size_t)got;
    }
    close(fd);
    if (data != NULL) {
        data[used] = '\0';
        *size_out = used;
    }
    return data;
}

// The head of a cache file.
typedef struct {
    uint32_t magic;
    uint32_t size;  // of the source
    int64_t mtime;  // of the source, nanoseconds
} KrFrozenHead;

static KrFrozenHead
head_for(const struct stat *st)
{
    return (KrFrozenHead){
        KR_PYC_MAGIC, (uint32_t)st->st_size,
        (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec};
}

// The code from the cache, or NULL without an exception.
static PyObject *
load_cache(const char *path, const KrFrozenHead *wanted)
{
    struct stat st;
    size_t size;
    char *data = read_file(path, &size, &st);
    PyObject *code = NULL;

    if (data == NULL) {
        return NULL;
    }
    if (size > sizeof *wanted && memcmp(data, wanted, sizeof *wanted) == 0) {
        code = PyMarshal_ReadObjectFromString(data + sizeof *wanted,
                                              (Py_ssize_t)(size - sizeof *wanted));
        if (code == NULL) {
            PyErr_Clear();
        }
        else if (!PyCode_Check(code)) {
            Py_CLEAR(code);
        }
    }
    PyMem_RawFree(data);
    return code;
}

// Writes the cache; a failure is nobody's business.
static void
save_cache(const char *folder, const char *path, const KrFrozenHead *head,
           PyObject *code)
{
    PyObject *data = PyMarshal_WriteObjectToString(code, Py_MARSHAL_VERSION);
    char temporary[4200];
    int fd;

    if (data == NULL) {
        PyErr_Clear();
        return;
    }
    mkdir(folder, 0777);
    PyOS_snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
        bool good = write(fd, head, sizeof *head) == (ssize_t)sizeof *head &&
                    write(fd, PyBytes_AS_STRING(data), (size_t)PyBytes_GET_SIZE(data)) ==
                        PyBytes_GET_SIZE(data);
        good = close(fd) == 0 && good;
        if (!good || rename(temporary, path) < 0) {
            unlink(temporary);
        }
    }
    Py_DECREF(data);
}

PyObject *
kr_frozen_code(PyObject *name)
{
    const PyConfig *config = &kr_interp()->runtime.config;
    int index = frozen_index(name);
    char *stdlib = NULL, *source = NULL;
    char path[4096], folder[4096], cache[4160];
    PyObject *code = NULL, *filename;
    struct stat st;
    size_t size;

    if (index < 0) {
        PyErr_Format(PyExc_ImportError, "No such frozen object named %R", name);
        return NULL;
    }
    stdlib = config->stdlib_dir == NULL ? NULL : Py_EncodeLocale(config->stdlib_dir, NULL);
    if (stdlib == NULL) {
        PyErr_SetString(PyExc_ImportError, "there is no standard library");
        return NULL;
    }
    PyOS_snprintf(path, sizeof path, "%s/%s.py", stdlib, frozen_modules[index].file);
    PyOS_snprintf(folder, sizeof folder, "%s/%s", stdlib, frozen_modules[index].folder);
    PyOS_snprintf(cache, sizeof cache, "%s/%s.krait-314.frozen-%d", folder,
                  frozen_modules[index].stem, config->optimization_level);
    PyMem_Free(stdlib);
    if (stat(path, &st) < 0) {
        PyErr_Format(PyExc_ImportError, "cannot read %s", path);
        return NULL;
    }
    KrFrozenHead head = head_for(&st);
    code = load_cache(cache, &head);
    if (code != NULL) {
        return code;
    }
    source = read_file(path, &size, &st);
    if (source == NULL) {
        PyErr_Format(PyExc_ImportError, "cannot read %s", path);
        return NULL;
    }
    filename = PyUnicode_InternFromString(frozen_modules[index].shown);
    if (filename != NULL) {
        code = Py_CompileStringObject(source, filename, Py_file_input, NULL, -1);
        Py_DECREF(filename);
    }
    PyMem_RawFree(source);
    if (code != NULL && config->write_bytecode) {
        save_cache(folder, cache, &head, code);
    }
    return code;
}
