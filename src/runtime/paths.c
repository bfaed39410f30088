// SPDX-License-Identifier: MIT
// paths.c - finding the executable, the standard library, and the first sys.path.
//
// The library is the first of these folders that has os.py:
//   $PYTHONHOME/lib/python3.14
//   ROOT/.stdlib/lib       ROOT: a folder up to three above the executable's
//   PREFIX/lib/krait3.14   PREFIX/bin being the executable's folder
//   /usr/lib/python3.14
// Behind it come our extension modules: lib-dynload beside the executable (a build
// tree), or in the library. In front of it on the path stands our overlay, for the few files that must differ:
// ROOT/lib, or PREFIX/lib/krait3.14-overlay.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config.h"

enum { PATH_SIZE = 4096 };

typedef struct {
    char executable[PATH_SIZE];   // as it was called, absolute
    char real[PATH_SIZE];         // with links resolved
    char real_dir[PATH_SIZE];
    char library[PATH_SIZE];      // "" until found
    char overlay[PATH_SIZE];      // "" for none
    char prefix[PATH_SIZE];
    char venv[PATH_SIZE];         // folder of a virtual environment, or ""
    char venv_home[PATH_SIZE];
} KrPaths;

static bool
is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// dir + "/" + name; false when it does not fit.
static bool
join(char *out, const char *dir, const char *name)
{
    int length = snprintf(out, PATH_SIZE, "%s/%s", dir, name);

    return length > 0 && length < PATH_SIZE;
}

// Cuts the last part off; "/" stays.
static void
cut_last(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash == NULL) {
        path[0] = '\0';
    }
    else {
        slash[slash == path] = '\0';
    }
}

static bool
make_absolute(char *out, const char *path)
{
    char cwd[PATH_SIZE];

    if (path[0] == '/') {
        return snprintf(out, PATH_SIZE, "%s", path) < PATH_SIZE;
    }
    if (getcwd(cwd, sizeof cwd) == NULL) {
        return false;
    }
    if (strncmp(path, "./", 2) == 0) {
        path += 2;
    }
    return join(out, cwd, path);
}

// The program's own path: from its name, searched on $PATH if it has no slash.
static void
find_executable(KrPaths *paths, const char *program)
{
    const char *search = getenv("PATH");
    char candidate[PATH_SIZE];
    ssize_t length;

    paths->executable[0] = '\0';
    if (program != NULL && strchr(program, '/') != NULL) {
        if (!make_absolute(paths->executable, program)) {
            paths->executable[0] = '\0';
        }
    }
    else if (program != NULL && program[0] != '\0') {
        while (search != NULL && *search != '\0') {
            size_t size = strcspn(search, ":");
            int written = snprintf(candidate, sizeof candidate, "%.*s/%s", (int)size,
                                   search, program);
            if (written < (int)sizeof candidate && is_file(candidate) &&
                access(candidate, X_OK) == 0 &&
                make_absolute(paths->executable, candidate)) {
                break;
            }
            search += size + (search[size] == ':');
        }
    }
    length = readlink("/proc/self/exe", paths->real, PATH_SIZE - 1);
    if (length > 0) {
        paths->real[length] = '\0';
    }
    else if (realpath(paths->executable, paths->real) == NULL) {
        paths->real[0] = '\0';
    }
    if (paths->executable[0] == '\0' && program != NULL && program[0] != '\0') {
        memcpy(paths->executable, paths->real, PATH_SIZE);
    }
    memcpy(paths->real_dir, paths->real, PATH_SIZE);
    cut_last(paths->real_dir);
}

// Reads "home = ..." of a pyvenv.cfg.
static bool
read_venv(const char *file, char *home)
{
    FILE *f = fopen(file, "re");
    char line[PATH_SIZE];
    bool found = false;

    if (f == NULL) {
        return false;
    }
    home[0] = '\0';
    while (fgets(line, sizeof line, f) != NULL) {
        char *equals = strchr(line, '=');
        if (equals == NULL) {
            continue;
        }
        size_t end = (size_t)(equals - line);
        while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t')) {
            end--;
        }
        size_t start = strspn(line, " \t");
        if (end - start == 4 && strncmp(line + start, "home", 4) == 0) {
            char *value = equals + 1 + strspn(equals + 1, " \t");
            value[strcspn(value, "\r\n")] = '\0';
            snprintf(home, PATH_SIZE, "%s", value);
            found = true;
            break;
        }
    }
    fclose(f);
    return found;
}

static void
find_venv(KrPaths *paths)
{
    char folder[PATH_SIZE], file[PATH_SIZE];

    memcpy(folder, paths->executable, PATH_SIZE);
    cut_last(folder);
    for (int i = 0; i < 2 && folder[0] != '\0'; i++) {
        if (join(file, folder, "pyvenv.cfg") && is_file(file)) {
            if (read_venv(file, paths->venv_home)) {
                memcpy(paths->venv, folder, PATH_SIZE);
            }
            return;
        }
        cut_last(folder);
    }
}

// Takes a folder as the library if it is one.
static bool
try_library(KrPaths *paths, const char *folder)
{
    char file[PATH_SIZE];

    if (!join(file, folder, "os.py") || !is_file(file)) {
        return false;
    }
    snprintf(paths->library, PATH_SIZE, "%s", folder);
    return true;
}

static void
find_library(KrPaths *paths, const char *home)
{
    char root[PATH_SIZE], folder[PATH_SIZE];

    if (home != NULL && home[0] != '\0') {
        snprintf(paths->prefix, PATH_SIZE, "%.*s", (int)strcspn(home, ":"), home);
        if ((join(folder, paths->prefix, "lib/python3.14") &&
             try_library(paths, folder)) ||
            (join(folder, paths->prefix, "lib/krait3.14") &&
             try_library(paths, folder))) {
            return;
        }
        // A home without a library is a mistake that must be seen.
        return;
    }
    memcpy(root, paths->real_dir, PATH_SIZE);
    for (int i = 0; i < 4 && root[0] != '\0'; i++) {
        if (join(folder, root, ".stdlib/lib") && try_library(paths, folder)) {
            if (join(folder, root, "lib") && is_folder(folder)) {
                memcpy(paths->overlay, folder, PATH_SIZE);
            }
            join(paths->prefix, root, "build");
            return;
        }
        cut_last(root);
    }
    memcpy(root, paths->real_dir, PATH_SIZE);
    cut_last(root);
    if (join(folder, root, "lib/krait3.14") && try_library(paths, folder)) {
        memcpy(paths->prefix, root, PATH_SIZE);
        if (join(folder, root, "lib/krait3.14-overlay") && is_folder(folder)) {
            memcpy(paths->overlay, folder, PATH_SIZE);
        }
        return;
    }
    if (try_library(paths, "/usr/lib/python3.14")) {
        snprintf(paths->prefix, PATH_SIZE, "/usr");
    }
}

static PyStatus
append_path(PyConfig *config, const char *path)
{
    wchar_t *wide = Py_DecodeLocale(path, NULL);
    PyStatus status;

    if (wide == NULL) {
        return PyStatus_NoMemory();
    }
    status = PyWideStringList_Append(&config->module_search_paths, wide);
    PyMem_RawFree(wide);
    return status;
}

// $PYTHONPATH, the overlay, the library, the folders of compiled modules.
static PyStatus
fill_search_path(PyConfig *config, const KrPaths *paths)
{
    PyStatus status = PyStatus_Ok();
    char folder[PATH_SIZE];
    const wchar_t *at = config->pythonpath_env;

    while (at != NULL && !PyStatus_Exception(status)) {
        const wchar_t *colon = wcschr(at, L':');
        size_t length = colon == NULL ? wcslen(at) : (size_t)(colon - at);
        wchar_t *item = PyMem_RawMalloc((length + 1) * sizeof(wchar_t));
        if (item == NULL) {
            return PyStatus_NoMemory();
        }
        wmemcpy(item, at, length);
        item[length] = L'\0';
        status = PyWideStringList_Append(&config->module_search_paths, item);
        PyMem_RawFree(item);
        at = colon == NULL ? NULL : colon + 1;
    }
    if (!PyStatus_Exception(status) && paths->overlay[0] != '\0') {
        status = append_path(config, paths->overlay);
    }
    if (!PyStatus_Exception(status)) {
        status = append_path(config, paths->library);
    }
    const char *places[] = {paths->real_dir, paths->library};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(places); i++) {
        if (!PyStatus_Exception(status) && join(folder, places[i], "lib-dynload") &&
            is_folder(folder)) {
            status = append_path(config, folder);
        }
    }
    config->module_search_paths_set = 1;
    return status;
}

static PyStatus
set_default(PyConfig *config, wchar_t **field, const char *text)
{
    if (*field != NULL) {
        return PyStatus_Ok();
    }
    return PyConfig_SetBytesString(config, field, text);
}

static PyStatus
publish(PyConfig *config, KrPaths *paths)
{
    const char *prefix = paths->venv[0] != '\0' ? paths->venv : paths->prefix;
    char base[PATH_SIZE];
    PyStatus status;

    snprintf(base, sizeof base, "%s", paths->executable);
    if (paths->venv[0] != '\0') {
        const char *name = strrchr(paths->executable, '/');
        snprintf(base, sizeof base, "%.*s%s", PATH_SIZE / 2, paths->venv_home,
                 name == NULL ? "" : name);
        if (!is_file(base)) {
            memcpy(base, paths->real, PATH_SIZE);
        }
    }
    struct {
        wchar_t **field;
        const char *text;
    } fields[] = {
        {&config->executable, paths->executable},
        {&config->base_executable, base},
        {&config->prefix, prefix},
        {&config->exec_prefix, prefix},
        {&config->base_prefix, paths->prefix},
        {&config->base_exec_prefix, paths->prefix},
        {&config->stdlib_dir, paths->library},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields); i++) {
        status = set_default(config, fields[i].field, fields[i].text);
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    return PyStatus_Ok();
}

PyStatus
kr_paths_find(PyConfig *config)
{
    KrPaths *paths = PyMem_RawCalloc(1, sizeof *paths);
    char *program = NULL, *home = NULL;
    PyStatus status;

    if (paths == NULL) {
        return PyStatus_NoMemory();
    }
    if (config->executable != NULL) {
        program = Py_EncodeLocale(config->executable, NULL);
    }
    else if (config->program_name != NULL) {
        program = Py_EncodeLocale(config->program_name, NULL);
    }
    if (config->home != NULL) {
        home = Py_EncodeLocale(config->home, NULL);
    }
    find_executable(paths, program);
    find_venv(paths);
    if (config->stdlib_dir != NULL) {
        char *given = Py_EncodeLocale(config->stdlib_dir, NULL);
        snprintf(paths->library, PATH_SIZE, "%s", given == NULL ? "" : given);
        PyMem_Free(given);
    }
    else {
        find_library(paths, home);
    }
    if (paths->library[0] == '\0' && !config->module_search_paths_set) {
        if (home != NULL) {
            fprintf(stderr,
                    "Python path configuration:\n  PYTHONHOME = '%s'\n"
                    "krait: there is no standard library below PYTHONHOME\n",
                    home);
        }
        else {
            fprintf(stderr,
                    "krait: the standard library was not found; fetch it with "
                    "tools/fetch-stdlib .stdlib, or set PYTHONHOME\n");
        }
        status = PyStatus_Exit(1);
    }
    else {
        status = publish(config, paths);
        if (!PyStatus_Exception(status) && !config->module_search_paths_set) {
            status = fill_search_path(config, paths);
        }
    }
    PyMem_Free(program);
    PyMem_Free(home);
    PyMem_RawFree(paths);
    return status;
}
