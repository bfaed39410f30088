// SPDX-License-Identifier: MIT
// pythonrun.c - compiling and running text and files from C: PyRun_*, and the plain
// prompt.
#include "Python.h"

#include <marshal.h>
#include <string.h>
#include <unistd.h>

#include "compile/compile.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "runtime/ast_bridge.h"
#include "runtime/import/import.h"
#include "runtime/lifecycle.h"

// ---- compiling --------------------------------------------------------------

PyObject *
Py_CompileStringObject(const char *text, PyObject *filename, int start,
                       PyCompilerFlags *flags, int optimize)
{
    if (flags != NULL && (flags->cf_flags & PyCF_ONLY_AST) != 0) {
        return kr_ast_parse(text, filename, start, flags, optimize);
    }
    return kr_compile_string(text, strlen(text), filename, start, flags, optimize);
}

PyObject *
Py_CompileStringExFlags(const char *text, const char *filename, int start,
                        PyCompilerFlags *flags, int optimize)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    PyObject *code;

    if (name == NULL) {
        return NULL;
    }
    code = Py_CompileStringObject(text, name, start, flags, optimize);
    Py_DECREF(name);
    return code;
}

PyObject *
Py_CompileString(const char *text, const char *filename, int start)
{
    return Py_CompileStringExFlags(text, filename, start, NULL, -1);
}

// ---- running ----------------------------------------------------------------

// Runs code; globals get builtins if they have none. Consumes the code.
static PyObject *
run_code(PyObject *code, PyObject *globals, PyObject *locals)
{
    PyObject *result = NULL;
    int found;

    if (code == NULL) {
        return NULL;
    }
    if (globals == NULL || !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_SystemError, "globals must be a real dict");
        goto done;
    }
    found = PyDict_Contains(globals, KR_ID(__builtins__));
    if (found < 0 ||
        (found == 0 && PyDict_SetItem(globals, KR_ID(__builtins__),
                                      kr_interp()->builtins) < 0)) {
        goto done;
    }
    if (PySys_Audit("exec", "O", code) == 0) {
        result = PyEval_EvalCode(code, globals, locals);
    }

done:
    Py_DECREF(code);
    return result;
}

PyObject *
PyRun_StringFlags(const char *text, int start, PyObject *globals, PyObject *locals,
                  PyCompilerFlags *flags)
{
    PyObject *code = Py_CompileStringObject(text, KR_STR(string_file, "<string>"), start,
                                            flags, -1);

    return run_code(code, globals, locals);
}

PyObject *
PyRun_String(const char *text, int start, PyObject *globals, PyObject *locals)
{
    return PyRun_StringFlags(text, start, globals, locals, NULL);
}

// The rest of a file, with a NUL behind it. NULL with an exception.
static char *
read_all(FILE *file, size_t *size_out)
{
    size_t size = 0, room = 8192;
    char *data = PyMem_Malloc(room);

    while (data != NULL) {
        size += fread(data + size, 1, room - size - 1, file);
        if (size < room - 1) {
            break;
        }
        room *= 2;
        char *larger = PyMem_Realloc(data, room);
        if (larger == NULL) {
            PyMem_Free(data);
        }
        data = larger;
    }
    if (data == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (ferror(file)) {
        PyMem_Free(data);
        PyErr_SetFromErrno(PyExc_OSError);
        return NULL;
    }
    data[size] = '\0';
    *size_out = size;
    return data;
}

static PyObject *
compile_file(FILE *file, PyObject *filename, int start, PyCompilerFlags *flags)
{
    size_t size;
    char *text = read_all(file, &size);
    PyObject *code;

    if (text == NULL) {
        return NULL;
    }
    PyCompilerFlags own = flags != NULL ? *flags : (PyCompilerFlags){0, PY_MINOR_VERSION};
    own.cf_flags |= KR_CF_FILE;
    code = kr_compile_string(text, size, filename, start, &own, -1);
    PyMem_Free(text);
    if (flags != NULL) {
        flags->cf_flags = own.cf_flags & ~KR_CF_FILE;
    }
    return code;
}

PyObject *
PyRun_FileExFlags(FILE *file, const char *filename, int start, PyObject *globals,
                  PyObject *locals, int closeit, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    PyObject *code = NULL;

    if (name != NULL) {
        code = compile_file(file, name, start, flags);
        Py_DECREF(name);
    }
    if (closeit) {
        fclose(file);
    }
    return run_code(code, globals, locals);
}

PyObject *
PyRun_File(FILE *file, const char *name, int start, PyObject *globals, PyObject *locals)
{
    return PyRun_FileExFlags(file, name, start, globals, locals, 0, NULL);
}

PyObject *
PyRun_FileEx(FILE *file, const char *name, int start, PyObject *globals,
             PyObject *locals, int closeit)
{
    return PyRun_FileExFlags(file, name, start, globals, locals, closeit, NULL);
}

PyObject *
PyRun_FileFlags(FILE *file, const char *name, int start, PyObject *globals,
                PyObject *locals, PyCompilerFlags *flags)
{
    return PyRun_FileExFlags(file, name, start, globals, locals, 0, flags);
}

int
PyRun_SimpleStringFlags(const char *command, PyCompilerFlags *flags)
{
    PyObject *main = PyImport_AddModuleRef("__main__");
    PyObject *dict, *result;

    if (main == NULL) {
        return -1;
    }
    dict = PyModule_GetDict(main);
    result = PyRun_StringFlags(command, Py_file_input, dict, dict, flags);
    if (result == NULL) {
        PyErr_Print();
    }
    Py_DECREF(main);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

int
PyRun_SimpleString(const char *text)
{
    return PyRun_SimpleStringFlags(text, NULL);
}

// ---- a file as the program --------------------------------------------------

// __main__.__loader__ of a script.
static int
set_main_loader(PyObject *dict, PyObject *filename, const char *kind)
{
    PyObject *external = kr_interp()->runtime.importlib_external;
    PyObject *type, *loader;
    int status;

    if (external == NULL) {
        return 0;
    }
    type = PyObject_GetAttrString(external, kind);
    loader = type == NULL ? NULL
                          : PyObject_CallFunction(type, "sO", "__main__", filename);
    Py_XDECREF(type);
    status = loader == NULL ? -1 : PyDict_SetItem(dict, KR_ID(__loader__), loader);
    Py_XDECREF(loader);
    return status;
}

static bool
is_compiled_file(PyObject *filename, FILE *file)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(filename);
    unsigned char head[2];
    bool answer = false;

    if (length > 4 &&
        PyUnicode_Tailmatch(filename, KR_STR(pyc_suffix, ".pyc"), 0, length, 1) > 0) {
        return true;
    }
    // By the magic number, where the file can be read twice.
    long place = ftell(file);
    if (place == 0) {
        answer = fread(head, 1, 2, file) == 2 && (head[0] | head[1] << 8) == KR_PYC_FORMAT;
        rewind(file);
    }
    return answer;
}

static PyObject *
read_compiled(FILE *file)
{
    size_t size;
    char *data = read_all(file, &size);
    PyObject *code = NULL;
    uint32_t magic = 0;

    if (data == NULL) {
        return NULL;
    }
    if (size >= 16) {
        memcpy(&magic, data, 4);
    }
    if (magic != (uint32_t)KR_PYC_MAGIC) {
        PyErr_SetString(PyExc_RuntimeError, "Bad magic number in .pyc file");
    }
    else {
        code = PyMarshal_ReadObjectFromString(data + 16, (Py_ssize_t)size - 16);
        if (code != NULL && !PyCode_Check(code)) {
            PyErr_SetString(PyExc_RuntimeError, "Bad code object in .pyc file");
            Py_CLEAR(code);
        }
    }
    PyMem_Free(data);
    return code;
}

// Runs a file in __main__ as the program; the exception, if any, stays pending.
static int
run_main_file(FILE *file, PyObject *filename, bool closeit, PyCompilerFlags *flags)
{
    PyObject *main = PyImport_AddModuleRef("__main__");
    PyObject *dict, *code = NULL, *result = NULL;
    bool set_file = false;
    int found;

    if (main == NULL) {
        goto done;
    }
    dict = PyModule_GetDict(main);
    found = PyDict_Contains(dict, KR_ID(__file__));
    if (found < 0) {
        goto done;
    }
    if (found == 0) {
        if (PyDict_SetItem(dict, KR_ID(__file__), filename) < 0 ||
            PyDict_SetItem(dict, KR_ID(__cached__), Py_None) < 0) {
            goto done;
        }
        set_file = true;
    }
    if (is_compiled_file(filename, file)) {
        if (set_main_loader(dict, filename, "SourcelessFileLoader") == 0) {
            code = read_compiled(file);
        }
    }
    else if (PyUnicode_EqualToUTF8(filename, "<stdin>") ||
             set_main_loader(dict, filename, "SourceFileLoader") == 0) {
        code = compile_file(file, filename, Py_file_input, flags);
    }
    if (closeit) {
        fclose(file);
        closeit = false;
    }
    result = run_code(code, dict, dict);
    kr_flush_std_files();
    if (set_file && result != NULL &&
        (PyDict_Pop(dict, KR_ID(__file__), NULL) < 0 ||
         PyDict_Pop(dict, KR_ID(__cached__), NULL) < 0)) {
        PyErr_Clear();
    }

done:
    if (closeit) {
        fclose(file);
    }
    Py_XDECREF(main);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

int
PyRun_SimpleFileExFlags(FILE *file, const char *filename, int closeit,
                        PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    int status = -1;

    if (name != NULL) {
        status = run_main_file(file, name, closeit, flags);
        Py_DECREF(name);
    }
    if (status < 0) {
        PyErr_Print();
    }
    return status;
}

int
PyRun_SimpleFile(FILE *file, const char *name)
{
    return PyRun_SimpleFileExFlags(file, name, 0, NULL);
}

int
PyRun_SimpleFileEx(FILE *file, const char *name, int closeit)
{
    return PyRun_SimpleFileExFlags(file, name, closeit, NULL);
}

int
Py_FdIsInteractive(FILE *file, const char *filename)
{
    if (isatty(fileno(file))) {
        return 1;
    }
    if (kr_thread() == NULL || kr_interp()->runtime.config.interactive <= 0) {
        return 0;
    }
    return filename == NULL || strcmp(filename, "<stdin>") == 0 ||
           strcmp(filename, "???") == 0;
}

int
PyRun_AnyFileExFlags(FILE *file, const char *filename, int closeit,
                     PyCompilerFlags *flags)
{
    if (filename == NULL) {
        filename = "???";
    }
    if (Py_FdIsInteractive(file, filename)) {
        int status = PyRun_InteractiveLoopFlags(file, filename, flags);
        if (closeit) {
            fclose(file);
        }
        return status;
    }
    return PyRun_SimpleFileExFlags(file, filename, closeit, flags);
}

int
PyRun_AnyFile(FILE *file, const char *name)
{
    return PyRun_AnyFileExFlags(file, name, 0, NULL);
}

int
PyRun_AnyFileEx(FILE *file, const char *name, int closeit)
{
    return PyRun_AnyFileExFlags(file, name, closeit, NULL);
}

int
PyRun_AnyFileFlags(FILE *file, const char *name, PyCompilerFlags *flags)
{
    return PyRun_AnyFileExFlags(file, name, 0, flags);
}

// ---- the plain prompt -------------------------------------------------------

int (*PyOS_InputHook)(void) = NULL;
char *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *) = NULL;

// A line of a stream, with its newline, from PyMem_RawMalloc: "" at the end of the
// file, NULL after an interrupt or without memory. Called without the lock.
static char *
read_plain_line(FILE *in, FILE *out, const char *prompt)
{
    size_t room = 128, used = 0;
    char *line = PyMem_RawMalloc(room);

    (void)out;
    if (prompt != NULL) {
        fputs(prompt, stderr);
        fflush(stderr);
    }
    while (line != NULL) {
        errno = 0;
        if (fgets(line + used, (int)(room - used), in) == NULL) {
            if (errno == EINTR) {
                clearerr(in);
                PyEval_RestoreThread(PyGILState_GetThisThreadState());
                int failed = PyErr_CheckSignals() < 0;
                PyEval_SaveThread();
                if (!failed) {
                    continue;
                }
                PyMem_RawFree(line);
                return NULL;
            }
            line[used] = '\0';
            return line;
        }
        used += strlen(line + used);
        if (used > 0 && line[used - 1] == '\n') {
            return line;
        }
        room *= 2;
        char *larger = PyMem_RawRealloc(line, room);
        if (larger == NULL) {
            PyMem_RawFree(line);
        }
        line = larger;
    }
    return NULL;
}

char *
PyOS_Readline(FILE *in, FILE *out, const char *prompt)
{
    KrRuntimeState *r = &kr_interp()->runtime;
    char *(*reader)(FILE *, FILE *, const char *) = PyOS_ReadlineFunctionPointer;
    char *line, *copy = NULL;

    if (r->readline_busy) {
        PyErr_SetString(PyExc_RuntimeError, "can't re-enter readline");
        return NULL;
    }
    r->readline_busy = 1;
    if (reader == NULL || !isatty(fileno(in)) || !isatty(fileno(out))) {
        reader = read_plain_line;
    }
    PyThreadState *tstate = PyEval_SaveThread();
    line = reader(in, out, prompt);
    PyEval_RestoreThread(tstate);
    r->readline_busy = 0;
    if (line != NULL) {
        size_t size = strlen(line) + 1;
        copy = PyMem_Malloc(size);
        if (copy == NULL) {
            PyErr_NoMemory();
        }
        else {
            memcpy(copy, line, size);
        }
        PyMem_RawFree(line);
    }
    return copy;
}

// sys.ps1 or ps2 as text in a static-size buffer.
static void
prompt_text(const char *name, char *out, size_t size)
{
    PyObject *value = PySys_GetObject(name);
    PyObject *text = value == NULL ? NULL : PyObject_Str(value);
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8(text);

    PyOS_snprintf(out, size, "%s", utf8 == NULL ? "" : utf8);
    Py_XDECREF(text);
    PyErr_Clear();
}

// Whether the pending exception says that the text is only the start of a statement.
static bool
is_incomplete(void)
{
    PyObject *type = (PyObject *)PyErr_Occurred();

    return type != NULL && PyErr_ExceptionMatches(PyExc_SyntaxError) &&
           strcmp(((PyTypeObject *)type)->tp_name, "_IncompleteInputError") == 0;
}

// Lets tracebacks show the lines of a statement that was typed in.
static void
register_lines(PyObject *code, const char *text, PyObject *filename)
{
    PyObject *func = PyImport_ImportModuleAttrString("linecache", "_register_code");
    PyObject *none = func == NULL
                         ? NULL
                         : PyObject_CallFunction(func, "OsO", code, text, filename);

    Py_XDECREF(func);
    Py_XDECREF(none);
    PyErr_Clear();
}

// Reads one statement and compiles it. 1 with *code_out, 0 at the end of the file,
// -1 with an exception.
static int
read_statement(FILE *file, PyObject *filename, PyCompilerFlags *flags,
               PyObject **code_out)
{
    PyCompilerFlags cf = *flags;
    char *text = NULL, prompt[256];
    size_t used = 0;
    int status = -1;

    *code_out = NULL;
    for (;;) {
        prompt_text(used ? "ps2" : "ps1", prompt, sizeof prompt);
        char *line = PyOS_Readline(file, stdout, prompt);
        if (line == NULL) {
            if (!PyErr_Occurred()) {
                PyErr_SetNone(PyExc_KeyboardInterrupt);
            }
            break;
        }
        size_t length = strlen(line);
        bool blank = line[strspn(line, " \t\r\n\f")] == '\0';
        if (length == 0 && used == 0) {
            PyMem_Free(line);
            status = 0;
            break;
        }
        char *larger = PyMem_Realloc(text, used + length + 2);
        if (larger == NULL) {
            PyMem_Free(line);
            PyErr_NoMemory();
            break;
        }
        text = larger;
        memcpy(text + used, line, length + 1);
        PyMem_Free(line);
        if (used == 0 && blank) {
            continue; // an empty line asks for another one
        }
        used += length;
        // Without its newline an indented line does not end the block it is in.
        cf.cf_flags = flags->cf_flags | PyCF_DONT_IMPLY_DEDENT |
                      PyCF_ALLOW_INCOMPLETE_INPUT;
        bool continued = length > 1 && text[used - 1] == '\n' && text[used - 2] == '\\';
        size_t size = used - (length > 0 && text[used - 1] == '\n' && !continued);
        if (blank || length == 0) {
            // This ends the statement, but for open brackets and strings.
            cf.cf_flags = flags->cf_flags | (length > 0 ? KR_CF_ALLOW_OPEN : 0);
            size = used;
        }
        char last = text[size];
        text[size] = '\0';
        *code_out = kr_compile_string(text, size, filename, Py_single_input, &cf, -1);
        text[size] = last;
        if (*code_out != NULL) {
            flags->cf_flags |= cf.cf_flags & PyCF_MASK;
            register_lines(*code_out, text, filename);
            status = 1;
            break;
        }
        if (length == 0 || !is_incomplete()) {
            break;
        }
        PyErr_Clear();
    }
    PyMem_Free(text);
    return status;
}

// One statement: 0 done, 1 end of file, -1 exception pending.
static int
interact_once(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyObject *main, *dict, *code, *result;
    int status = read_statement(file, filename, flags, &code);

    if (status <= 0) {
        return status < 0 ? -1 : 1;
    }
    main = PyImport_AddModuleRef("__main__");
    if (main == NULL) {
        Py_DECREF(code);
        return -1;
    }
    dict = PyModule_GetDict(main);
    result = run_code(code, dict, dict);
    Py_DECREF(main);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    kr_flush_std_files();
    return 0;
}

int
PyRun_InteractiveOneObject(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyCompilerFlags local = {0, PY_MINOR_VERSION};
    int status = interact_once(file, filename, flags == NULL ? &local : flags);

    if (status < 0) {
        PyErr_Print();
        kr_flush_std_files();
    }
    return status;
}

int
PyRun_InteractiveOneFlags(FILE *file, const char *filename, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    int status;

    if (name == NULL) {
        PyErr_Print();
        return -1;
    }
    status = PyRun_InteractiveOneObject(file, name, flags);
    Py_DECREF(name);
    return status;
}

int
PyRun_InteractiveOne(FILE *file, const char *name)
{
    return PyRun_InteractiveOneFlags(file, name, NULL);
}

static void
set_default_prompt(const char *name, const char *text)
{
    if (PySys_GetObject(name) == NULL) {
        PyObject *value = PyUnicode_FromString(text);
        if (value == NULL || PySys_SetObject(name, value) < 0) {
            PyErr_Clear();
        }
        Py_XDECREF(value);
    }
}

int
PyRun_InteractiveLoopFlags(FILE *file, const char *filename, PyCompilerFlags *flags)
{
    PyCompilerFlags local = {0, PY_MINOR_VERSION};
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    int status = 0, memory_errors = 0;

    if (name == NULL) {
        PyErr_Print();
        return -1;
    }
    set_default_prompt("ps1", ">>> ");
    set_default_prompt("ps2", "... ");
    if (flags == NULL) {
        flags = &local;
    }
    while ((status = interact_once(file, name, flags)) != 1) {
        if (status == 0) {
            memory_errors = 0;
            continue;
        }
        if (PyErr_ExceptionMatches(PyExc_MemoryError) && ++memory_errors > 16) {
            break;
        }
        PyErr_Print();
        kr_flush_std_files();
    }
    Py_DECREF(name);
    return status == 1 ? 0 : -1;
}

int
PyRun_InteractiveLoop(FILE *file, const char *name)
{
    return PyRun_InteractiveLoopFlags(file, name, NULL);
}
