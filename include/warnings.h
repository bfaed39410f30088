// SPDX-License-Identifier: MIT
// warnings.h - issuing warnings: 0, or -1 when the warning became an exception.
#ifndef KRAIT_WARNINGS_H
#define KRAIT_WARNINGS_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyErr_WarnEx(PyObject *category, const char *message,
                             Py_ssize_t stack_level);
PyAPI_FUNC(int) PyErr_WarnFormat(PyObject *category, Py_ssize_t stack_level,
                                 const char *format, ...);
PyAPI_FUNC(int) PyErr_ResourceWarning(PyObject *source, Py_ssize_t stack_level,
                                      const char *format, ...);
PyAPI_FUNC(int) PyErr_WarnExplicit(PyObject *category, const char *message,
                                   const char *filename, int lineno, const char *module,
                                   PyObject *registry);
#define PyErr_Warn(category, message) PyErr_WarnEx((category), (message), 1)

#ifndef Py_LIMITED_API
PyAPI_FUNC(int) PyErr_WarnExplicitObject(PyObject *category, PyObject *message,
                                         PyObject *filename, int lineno,
                                         PyObject *module, PyObject *registry);
PyAPI_FUNC(int) PyErr_WarnExplicitFormat(PyObject *category, const char *filename,
                                         int lineno, const char *module,
                                         PyObject *registry, const char *format, ...);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_WARNINGS_H
