// SPDX-License-Identifier: MIT
// fileobject.h - file objects from C.
#ifndef KRAIT_FILEOBJECT_H
#define KRAIT_FILEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#define PY_STDIOTEXTMODE "b"
PyAPI_FUNC(PyObject *) PyFile_FromFd(int fd, const char *name, const char *mode,
                                     int buffering, const char *encoding,
                                     const char *errors, const char *newline,
                                     int closefd);
PyAPI_FUNC(PyObject *) PyFile_GetLine(PyObject *file, int n);
PyAPI_FUNC(int) PyFile_WriteObject(PyObject *object, PyObject *file, int flags);
PyAPI_FUNC(int) PyFile_WriteString(const char *text, PyObject *file);
PyAPI_FUNC(int) PyObject_AsFileDescriptor(PyObject *object);
#define Py_PRINT_RAW 1

#ifndef Py_LIMITED_API
PyAPI_FUNC(char *) Py_UniversalNewlineFgets(char *buffer, int size, FILE *file,
                                            PyObject *object);
typedef PyObject *(*Py_OpenCodeHookFunction)(PyObject *path, void *data);
PyAPI_FUNC(PyObject *) PyFile_OpenCode(const char *path);
PyAPI_FUNC(PyObject *) PyFile_OpenCodeObject(PyObject *path);
PyAPI_FUNC(int) PyFile_SetOpenCodeHook(Py_OpenCodeHookFunction hook, void *data);
#endif

PyAPI_DATA(const char *) Py_FileSystemDefaultEncoding;
PyAPI_DATA(const char *) Py_FileSystemDefaultEncodeErrors;
PyAPI_DATA(int) Py_HasFileSystemDefaultEncoding;
PyAPI_DATA(int) Py_UTF8Mode;

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FILEOBJECT_H
