// SPDX-License-Identifier: MIT
// pythonrun.h - running Python from C, and reporting errors.
#ifndef KRAIT_PYTHONRUN_H
#define KRAIT_PYTHONRUN_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(PyObject *) Py_CompileString(const char *text, const char *filename,
                                        int start);
PyAPI_FUNC(void) PyErr_Print(void);
PyAPI_FUNC(void) PyErr_PrintEx(int set_sys_last_vars);
PyAPI_FUNC(void) PyErr_Display(PyObject *type, PyObject *value, PyObject *traceback);
PyAPI_FUNC(void) PyErr_DisplayException(PyObject *exception);

PyAPI_DATA(int) (*PyOS_InputHook)(void);

#ifndef Py_LIMITED_API
PyAPI_FUNC(int) PyRun_SimpleStringFlags(const char *command, PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_AnyFileExFlags(FILE *file, const char *filename, int closeit,
                                     PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_SimpleFileExFlags(FILE *file, const char *filename, int closeit,
                                        PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_InteractiveOneFlags(FILE *file, const char *filename,
                                          PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_InteractiveOneObject(FILE *file, PyObject *filename,
                                           PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_InteractiveLoopFlags(FILE *file, const char *filename,
                                           PyCompilerFlags *flags);
PyAPI_FUNC(PyObject *) PyRun_StringFlags(const char *text, int start,
                                         PyObject *globals, PyObject *locals,
                                         PyCompilerFlags *flags);
PyAPI_FUNC(PyObject *) PyRun_FileExFlags(FILE *file, const char *filename, int start,
                                         PyObject *globals, PyObject *locals,
                                         int closeit, PyCompilerFlags *flags);
PyAPI_FUNC(PyObject *) Py_CompileStringExFlags(const char *text, const char *filename,
                                               int start, PyCompilerFlags *flags,
                                               int optimize);
PyAPI_FUNC(PyObject *) Py_CompileStringObject(const char *text, PyObject *filename,
                                              int start, PyCompilerFlags *flags,
                                              int optimize);
#define Py_CompileStringFlags(text, name, start, flags)                       \
    Py_CompileStringExFlags((text), (name), (start), (flags), -1)

PyAPI_FUNC(PyObject *) PyRun_String(const char *text, int start, PyObject *globals,
                                    PyObject *locals);
PyAPI_FUNC(int) PyRun_AnyFile(FILE *file, const char *name);
PyAPI_FUNC(int) PyRun_AnyFileEx(FILE *file, const char *name, int closeit);
PyAPI_FUNC(int) PyRun_AnyFileFlags(FILE *file, const char *name,
                                   PyCompilerFlags *flags);
PyAPI_FUNC(int) PyRun_SimpleString(const char *text);
PyAPI_FUNC(int) PyRun_SimpleFile(FILE *file, const char *name);
PyAPI_FUNC(int) PyRun_SimpleFileEx(FILE *file, const char *name, int closeit);
PyAPI_FUNC(int) PyRun_InteractiveOne(FILE *file, const char *name);
PyAPI_FUNC(int) PyRun_InteractiveLoop(FILE *file, const char *name);
PyAPI_FUNC(PyObject *) PyRun_File(FILE *file, const char *name, int start,
                                  PyObject *globals, PyObject *locals);
PyAPI_FUNC(PyObject *) PyRun_FileEx(FILE *file, const char *name, int start,
                                    PyObject *globals, PyObject *locals, int closeit);
PyAPI_FUNC(PyObject *) PyRun_FileFlags(FILE *file, const char *name, int start,
                                       PyObject *globals, PyObject *locals,
                                       PyCompilerFlags *flags);

PyAPI_FUNC(char *) PyOS_Readline(FILE *in, FILE *out, const char *prompt);
PyAPI_DATA(char) *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYTHONRUN_H
