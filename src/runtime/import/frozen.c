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

typedef struct {
    const char *name;
    const char *original; // the module whose source it has; '<' before an __init__
    const char *file;     // below the library's folder, without ".py"
    bool is_package;
    bool cached;          // needed at every start
} KrFrozenModule;

static const KrFrozenModule frozen_modules[] = {
    {"_frozen_importlib", "importlib._bootstrap", "importlib/_bootstrap", false, true},
    {"_frozen_importlib_external", "importlib._bootstrap_external",
     "importlib/_bootstrap_external", false, true},
    {"zipimport", "zipimport", "zipimport", false, true},
    // For trying out the machinery of frozen modules.
    {"__hello__", "__hello__", "__hello__", false, false},
    {"__hello_alias__", "__hello__", "__hello__", false, false},
    {"__phello_alias__", "__hello__", "__hello__", true, false},
    {"__phello_alias__.spam", "__hello__", "__hello__", false, false},
    {"__phello__", "__phello__", "__phello__/__init__", true, false},
    {"__phello__.__init__", "<__phello__", "__phello__/__init__", false, false},
    {"__phello__.ham", "__phello__.ham", "__phello__/ham/__init__", true, false},
    {"__phello__.ham.__init__", "<__phello__.ham", "__phello__/ham/__init__", false,
     false},
    {"__phello__.ham.eggs", "__phello__.ham.eggs", "__phello__/ham/eggs", false, false},
    {"__phello__.spam", "__phello__.spam", "__phello__/spam", false, false},
    {"__hello_only__", NULL, "__hello__", false, false},
};

// -X frozen_modules, or what a test has asked for. What every start needs is not asked.
static bool
is_enabled(const KrFrozenModule *frozen)
{
    int override = kr_interp()->runtime.frozen_override;
    return frozen->cached || override > 0
           || (override == 0 && kr_interp()->runtime.config.use_frozen_modules);
}

static int
frozen_index(PyObject *name)
{
    for (int i = 0; i < (int)Py_ARRAY_LENGTH(frozen_modules); i++) {
        if (PyUnicode_EqualToUTF8(name, frozen_modules[i].name)) {
            return is_enabled(&frozen_modules[i]) ? i : -1;
        }
    }
    return -1;
}

bool
kr_is_frozen(PyObject *name)
{
    return frozen_index(name) >= 0;
}

bool
kr_is_frozen_package(PyObject *name)
{
    int index = frozen_index(name);

    return index >= 0 && frozen_modules[index].is_package;
}

PyObject *
kr_frozen_original(PyObject *name)
{
    int index = frozen_index(name);

    if (index < 0 || frozen_modules[index].original == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(frozen_modules[index].original);
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

// The paths of a module's source, of the folder of its cache, and of the cache.
typedef struct {
    char source[4096];
    char folder[4096];
    char cache[4160];
} KrFrozenPaths;

static int
make_paths(const KrFrozenModule *module, KrFrozenPaths *paths)
{
    const PyConfig *config = &kr_interp()->runtime.config;
    const char *slash = strrchr(module->file, '/');
    const char *stem = slash == NULL ? module->file : slash + 1;
    char *stdlib;

    stdlib = config->stdlib_dir == NULL ? NULL : Py_EncodeLocale(config->stdlib_dir, NULL);
    if (stdlib == NULL) {
        PyErr_SetString(PyExc_ImportError, "there is no standard library");
        return -1;
    }
    PyOS_snprintf(paths->source, sizeof paths->source, "%s/%s.py", stdlib, module->file);
    PyOS_snprintf(paths->folder, sizeof paths->folder, "%s/%.*s__pycache__", stdlib,
                  (int)(stem - module->file), module->file);
    PyOS_snprintf(paths->cache, sizeof paths->cache, "%.4000s/%s.krait-314.frozen-%d",
                  paths->folder, stem, config->optimization_level);
    PyMem_Free(stdlib);
    return 0;
}

static PyObject *
compile_frozen(const KrFrozenModule *module, const char *path)
{
    PyObject *filename = NULL, *code = NULL;
    struct stat st;
    size_t size;
    char *source = read_file(path, &size, &st);

    if (source == NULL) {
        PyErr_Format(PyExc_ImportError, "cannot read %s", path);
        return NULL;
    }
    const char *shown = module->original == NULL ? module->name : module->original;
    filename = PyUnicode_FromFormat("<frozen %s>", shown + (shown[0] == '<'));
    if (filename != NULL) {
        PyUnicode_InternInPlace(&filename);
        code = Py_CompileStringObject(source, filename, Py_file_input, NULL, -1);
        Py_DECREF(filename);
    }
    PyMem_RawFree(source);
    return code;
}

PyObject *
kr_frozen_code(PyObject *name)
{
    int index = frozen_index(name);
    const KrFrozenModule *module;
    KrFrozenPaths paths;
    PyObject *code;
    struct stat st;

    if (index < 0) {
        PyObject *message = PyUnicode_FromFormat("No such frozen object named %R", name);
        if (message != NULL) {
            PyErr_SetImportError(message, name, NULL);
            Py_DECREF(message);
        }
        return NULL;
    }
    module = &frozen_modules[index];
    if (make_paths(module, &paths) < 0) {
        return NULL;
    }
    if (!module->cached) {
        return compile_frozen(module, paths.source);
    }
    if (stat(paths.source, &st) < 0) {
        PyErr_Format(PyExc_ImportError, "cannot read %s", paths.source);
        return NULL;
    }
    KrFrozenHead head = head_for(&st);
    code = load_cache(paths.cache, &head);
    if (code == NULL) {
        code = compile_frozen(module, paths.source);
        if (code != NULL && kr_interp()->runtime.config.write_bytecode) {
            save_cache(paths.folder, paths.cache, &head, code);
        }
    }
    return code;
}
