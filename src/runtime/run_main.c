// SPDX-License-Identifier: MIT
// run_main.c - Py_RunMain: what the command line asks for is run and ended.
#include "Python.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "objects/ids.h"
#include "objects/state.h"
#include "runtime/config.h"
#include "runtime/lifecycle.h"
#include "runtime/sys/sys.h"

// ---- sys.path[0] ------------------------------------------------------------

// The folder that imports of the program look in first. NULL without an exception
// when there is none.
static PyObject *
program_folder(const PyConfig *config)
{
    char path[PATH_MAX];

    if (config->run_module != NULL) {
        if (getcwd(path, sizeof path) == NULL) {
            return NULL;
        }
        return PyUnicode_DecodeFSDefault(path);
    }
    if (config->run_filename == NULL) {
        return PyUnicode_FromString("");
    }
    char *name = Py_EncodeLocale(config->run_filename, NULL);
    char *real = name == NULL ? NULL : realpath(name, path);
    PyMem_Free(name);
    if (real == NULL) {
        return PyUnicode_FromString("");
    }
    char *slash = strrchr(path, '/');
    if (slash != NULL) {
        slash[slash == path] = '\0';
    }
    return PyUnicode_DecodeFSDefault(path);
}

static int
prepend_path(PyConfig *config, PyObject *folder)
{
    PyObject *path = PySys_GetObject("path");
    wchar_t *wide = PyUnicode_AsWideCharString(folder, NULL);

    if (wide == NULL) {
        return -1;
    }
    PyMem_RawFree(config->sys_path_0);
    config->sys_path_0 = _PyMem_RawWcsdup(wide);
    PyMem_Free(wide);
    if (config->sys_path_0 == NULL) {
        PyErr_NoMemory();
        return -1;
    }

    if (path == NULL || !PyList_Check(path)) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.path");
        return -1;
    }
    return PyList_Insert(path, 0, folder);
}

// ---- the kinds of programs --------------------------------------------------

// Takes the common indentation off, as for a text in triple quotes. New string from
// PyMem_RawMalloc.
static wchar_t *
dedent(const wchar_t *text)
{
    size_t length = wcslen(text), margin = SIZE_MAX, used = 0;
    wchar_t *result = PyMem_RawMalloc((length + 1) * sizeof(wchar_t));
    const wchar_t *model = NULL;

    if (result == NULL) {
        return NULL;
    }
    for (const wchar_t *line = text; *line != L'\0';) {
        size_t indent = wcsspn(line, L" \t");
        size_t size = wcscspn(line, L"\n");
        if (indent < size) {
            if (model == NULL) {
                model = line;
                margin = indent;
            }
            else {
                size_t common = 0;
                while (common < margin && common < indent &&
                       line[common] == model[common]) {
                    common++;
                }
                margin = common;
            }
        }
        line += size + (line[size] == L'\n');
    }
    for (const wchar_t *line = text; *line != L'\0';) {
        size_t size = wcscspn(line, L"\n");
        size_t skip = wcsspn(line, L" \t") >= size ? size : Py_MIN(margin, size);
        wmemcpy(result + used, line + skip, size - skip);
        used += size - skip;
        line += size;
        if (*line == L'\n') {
            result[used++] = *line++;
        }
    }
    result[used] = L'\0';
    return result;
}

static int
run_command(const PyConfig *config, PyCompilerFlags *flags)
{
    wchar_t *dedented = dedent(config->run_command);
    PyObject *text = NULL, *bytes = NULL, *code = NULL, *main = NULL, *result = NULL;
    KrRuntimeState *r = &kr_interp()->runtime;
    const char *utf8;

    if (dedented == NULL) {
        PyErr_NoMemory();
        return kr_report_exit();
    }
    text = PyUnicode_FromWideChar(dedented, -1);
    PyMem_RawFree(dedented);
    if (text == NULL || PySys_Audit("cpython.run_command", "O", text) < 0) {
        goto done;
    }
    bytes = PyUnicode_AsUTF8String(text);
    utf8 = bytes == NULL ? NULL : PyBytes_AsString(bytes);
    if (utf8 == NULL) {
        PySys_WriteStderr("Unable to decode the command from the command line:\n");
        goto done;
    }
    flags->cf_flags |= PyCF_IGNORE_COOKIE;
    code = Py_CompileStringObject(utf8, KR_STR(string_file, "<string>"), Py_file_input,
                                  flags, -1);
    main = code == NULL ? NULL : PyImport_AddModuleRef("__main__");
    if (main != NULL) {
        PyObject *dict = PyModule_GetDict(main);
        // linecache learns of the text when it is imported.
        r->command_code = Py_NewRef(code);
        r->command_text = Py_NewRef(text);
        if (PySys_Audit("exec", "O", code) == 0) {
            result = PyEval_EvalCode(code, dict, dict);
        }
    }

done:
    Py_XDECREF(text);
    Py_XDECREF(bytes);
    Py_XDECREF(code);
    Py_XDECREF(main);
    Py_XDECREF(result);
    return result == NULL ? kr_report_exit() : 0;
}

// runpy._run_module_as_main(name, set_argv0)
static int
run_module(const wchar_t *name, bool set_argv0)
{
    PyObject *run = NULL, *text = NULL, *result = NULL;

    text = PyUnicode_FromWideChar(name, -1);
    if (text != NULL && PySys_Audit("cpython.run_module", "O", text) == 0) {
        run = PyImport_ImportModuleAttrString("runpy", "_run_module_as_main");
    }
    if (run != NULL) {
        result = PyObject_CallFunction(run, "OO", text, set_argv0 ? Py_True : Py_False);
    }
    Py_XDECREF(run);
    Py_XDECREF(text);
    Py_XDECREF(result);
    return result == NULL ? kr_report_exit() : 0;
}

static int
run_file(const PyConfig *config, PyCompilerFlags *flags)
{
    char *path = Py_EncodeLocale(config->run_filename, NULL);
    PyObject *name = PyUnicode_FromWideChar(config->run_filename, -1);
    struct stat st;
    FILE *file;
    int status = 1;

    if (path == NULL || name == NULL ||
        PySys_Audit("cpython.run_file", "O", name) < 0) {
        PyErr_Print();
        goto done;
    }
    file = fopen(path, "re");
    if (file == NULL) {
        int saved = errno;
        char full[2 * PATH_MAX], cwd[PATH_MAX];
        if (path[0] != '/' && getcwd(cwd, sizeof cwd) != NULL) {
            PyOS_snprintf(full, sizeof full, "%s/%s", cwd,
                          strncmp(path, "./", 2) == 0 ? path + 2 : path);
        }
        else {
            PyOS_snprintf(full, sizeof full, "%s", path);
        }
        fprintf(stderr, "%ls: can't open file '%s': [Errno %d] %s\n",
                config->program_name, full, saved, strerror(saved));
        status = 2;
        goto done;
    }
    if (fstat(fileno(file), &st) == 0 && S_ISDIR(st.st_mode)) {
        fprintf(stderr, "%ls: '%s' is a directory, cannot continue\n",
                config->program_name, path);
        fclose(file);
        goto done;
    }
    if (config->skip_source_first_line) {
        int c;
        while ((c = getc(file)) != EOF && c != '\n') {
        }
        if (c == '\n') {
            ungetc(c, file); // line numbers stay right
        }
    }
    if (Py_MakePendingCalls() < 0) {
        fclose(file);
        status = kr_report_exit();
        goto done;
    }
    // PyRun_AnyFileExFlags ends the process itself on SystemExit.
    status = PyRun_AnyFileExFlags(file, path, 1, flags) != 0;

done:
    PyMem_Free(path);
    Py_XDECREF(name);
    return status;
}

// Whether the file of the command line is a folder or archive with a __main__.
static int
is_importable(const PyConfig *config, PyObject **path_out)
{
    PyObject *path = PyUnicode_FromWideChar(config->run_filename, -1);
    PyObject *importer = path == NULL ? NULL : PyImport_GetImporter(path);

    *path_out = NULL;
    if (importer == NULL) {
        Py_XDECREF(path);
        return -1;
    }
    bool usable = !Py_IsNone(importer);
    Py_DECREF(importer);
    if (usable) {
        *path_out = path;
    }
    else {
        Py_DECREF(path);
    }
    return usable;
}

// ---- the prompt -------------------------------------------------------------

static void
print_banner(const PyConfig *config)
{
    if (config->quiet) {
        return;
    }
    fprintf(stderr, "Python %s on %s\n", kr_sys_version(), Py_GetPlatform());
    if (config->site_import) {
        fprintf(stderr, "Type \"help\", \"copyright\", \"credits\" or \"license\" "
                        "for more information.\n");
    }
}

// $PYTHONSTARTUP, and sys.__interactivehook__.
static void
prepare_prompt(const PyConfig *config, PyCompilerFlags *flags)
{
    const char *startup = kr_environment(config, "PYTHONSTARTUP");
    PyObject *hook = NULL, *none;

    if (startup != NULL) {
        FILE *file = fopen(startup, "re");
        if (file == NULL) {
            int saved = errno;
            PySys_WriteStderr("Could not open PYTHONSTARTUP\n");
            errno = saved;
            PyErr_SetFromErrnoWithFilename(PyExc_OSError, startup);
            PyErr_Print();
        }
        else {
            PyRun_SimpleFileExFlags(file, startup, 1, flags);
            PyErr_Clear();
        }
    }
    if (config->isolated || PySys_GetOptionalAttrString("__interactivehook__", &hook) <= 0) {
        PyErr_Clear();
        return;
    }
    none = PyObject_CallNoArgs(hook);
    Py_DECREF(hook);
    if (none == NULL) {
        PySys_WriteStderr("Failed calling sys.__interactivehook__\n");
        PyErr_Print();
    }
    Py_XDECREF(none);
}

static int
run_prompt(const PyConfig *config, PyCompilerFlags *flags)
{
    // The library's editing prompt, where it can be had.
    if (kr_environment(config, "PYTHON_BASIC_REPL") == NULL && isatty(STDIN_FILENO) &&
        isatty(STDOUT_FILENO)) {
        PyObject *module = PyImport_ImportModule("_pyrepl.main");
        if (module != NULL) {
            Py_DECREF(module);
            return run_module(L"_pyrepl", false);
        }
        PyErr_Clear();
    }
    return PyRun_AnyFileExFlags(stdin, "<stdin>", 0, flags) != 0;
}

static int
run_stdin(PyConfig *config, PyCompilerFlags *flags)
{
    if (Py_FdIsInteractive(stdin, NULL) || config->interactive) {
        config->inspect = 0; // an unhandled SystemExit ends the prompt
        prepare_prompt(config, flags);
        if (PySys_Audit("cpython.run_stdin", NULL) < 0) {
            return kr_report_exit();
        }
        return run_prompt(config, flags);
    }
    if (PySys_Audit("cpython.run_stdin", NULL) < 0) {
        return kr_report_exit();
    }
    return PyRun_AnyFileExFlags(stdin, "<stdin>", 0, flags) != 0;
}

// -i: a prompt after the program.
static void
inspect_after(PyConfig *config, PyCompilerFlags *flags, int *status)
{
    if (!config->inspect && kr_environment(config, "PYTHONINSPECT") != NULL) {
        config->inspect = 1;
    }
    if (!config->inspect || !(Py_FdIsInteractive(stdin, NULL) || config->interactive)) {
        return;
    }
    config->inspect = 0;
    if (PySys_Audit("cpython.run_stdin", NULL) < 0) {
        return;
    }
    *status = run_prompt(config, flags);
}

// ---- the whole --------------------------------------------------------------

static int
run_program(PyInterpreterState *interp)
{
    PyConfig *config = &interp->runtime.config;
    PyCompilerFlags flags = {0, PY_MINOR_VERSION};
    PyObject *main_path = NULL, *folder = NULL;
    int status = 1, importable = 0;

    if (config->run_filename != NULL) {
        importable = is_importable(config, &main_path);
        if (importable < 0) {
            return kr_report_exit();
        }
    }
    if (main_path != NULL) {
        if (prepend_path(config, main_path) < 0) {
            goto fail;
        }
    }
    else if (!config->safe_path) {
        folder = program_folder(config);
        if (folder == NULL ? PyErr_Occurred() != NULL
                           : prepend_path(config, folder) < 0) {
            goto fail;
        }
    }
    if (config->run_filename == NULL && config->run_command == NULL &&
        config->run_module == NULL &&
        (Py_FdIsInteractive(stdin, NULL) || config->interactive)) {
        print_banner(config);
    }
    if (config->run_command != NULL) {
        status = run_command(config, &flags);
    }
    else if (config->run_module != NULL) {
        status = run_module(config->run_module, true);
    }
    else if (main_path != NULL) {
        status = run_module(L"__main__", false);
    }
    else if (config->run_filename != NULL) {
        status = run_file(config, &flags);
    }
    else {
        status = run_stdin(config, &flags);
    }
    inspect_after(config, &flags, &status);
    Py_XDECREF(main_path);
    Py_XDECREF(folder);
    return status;

fail:
    Py_XDECREF(main_path);
    Py_XDECREF(folder);
    return kr_report_exit();
}

// Ends as a program does that SIGINT has killed, for the shell to see.
static int
end_by_interrupt(void)
{
    signal(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
    return SIGINT + 128;
}

int
Py_RunMain(void)
{
    int status = run_program(kr_interp());

    if (Py_FinalizeEx() < 0) {
        status = 120;
    }
    if (kr_ended_by_interrupt) {
        status = end_by_interrupt();
    }
    return status;
}

static int
start_and_run(PyConfig *config, PyStatus status)
{
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(config);
    }
    PyConfig_Clear(config);
    if (PyStatus_IsExit(status)) {
        fflush(stdout);
        return status.exitcode;
    }
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    return Py_RunMain();
}

int
Py_BytesMain(int argc, char **argv)
{
    PyConfig config;

    PyConfig_InitPythonConfig(&config);
    return start_and_run(&config, PyConfig_SetBytesArgv(&config, argc, argv));
}

int
Py_Main(int argc, wchar_t **argv)
{
    PyConfig config;

    PyConfig_InitPythonConfig(&config);
    return start_and_run(&config, PyConfig_SetArgv(&config, argc, argv));
}
