// SPDX-License-Identifier: MIT
// modsupport.h - argument parsing, building values, filling modules.
#ifndef KRAIT_MODSUPPORT_H
#define KRAIT_MODSUPPORT_H
#ifdef __cplusplus
extern "C" {
#endif

// ---- arguments ----
PyAPI_FUNC(int) PyArg_Parse(PyObject *args, const char *format, ...);
PyAPI_FUNC(int) PyArg_ParseTuple(PyObject *args, const char *format, ...);
PyAPI_FUNC(int) PyArg_ParseTupleAndKeywords(PyObject *args, PyObject *kwargs,
                                            const char *format,
#ifdef __cplusplus
                                            char *const *keywords, ...);
#else
                                            char **keywords, ...);
#endif
PyAPI_FUNC(int) PyArg_VaParse(PyObject *args, const char *format, va_list va);
PyAPI_FUNC(int) PyArg_VaParseTupleAndKeywords(PyObject *args, PyObject *kwargs,
                                              const char *format,
#ifdef __cplusplus
                                              char *const *keywords,
#else
                                              char **keywords,
#endif
                                              va_list va);
PyAPI_FUNC(int) PyArg_ValidateKeywordArguments(PyObject *kwargs);
PyAPI_FUNC(int) PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t min,
                                  Py_ssize_t max, ...);

// What a converter of "O&" returns to be called again, with NULL, for cleaning up.
#define Py_CLEANUP_SUPPORTED 0x20000

// ---- values ----
// The same functions under the names that PY_SSIZE_T_CLEAN selected once.
#define _Py_BuildValue_SizeT Py_BuildValue
#define _PyArg_ParseTuple_SizeT PyArg_ParseTuple
PyAPI_FUNC(PyObject *) Py_BuildValue(const char *format, ...);
PyAPI_FUNC(PyObject *) Py_VaBuildValue(const char *format, va_list va);

// ---- modules ----
// PyModule_AddObject steals value on success only; Add always; AddObjectRef never.
PyAPI_FUNC(int) PyModule_AddObjectRef(PyObject *module, const char *name,
                                      PyObject *value);
PyAPI_FUNC(int) PyModule_Add(PyObject *module, const char *name, PyObject *value);
PyAPI_FUNC(int) PyModule_AddObject(PyObject *module, const char *name, PyObject *value);
PyAPI_FUNC(int) PyModule_AddIntConstant(PyObject *module, const char *name, long value);
PyAPI_FUNC(int) PyModule_AddStringConstant(PyObject *module, const char *name,
                                           const char *value);
PyAPI_FUNC(int) PyModule_AddType(PyObject *module, PyTypeObject *type);
#define PyModule_AddIntMacro(m, c) PyModule_AddIntConstant((m), #c, (c))
#define PyModule_AddStringMacro(m, c) PyModule_AddStringConstant((m), #c, (c))
PyAPI_FUNC(int) PyModule_SetDocString(PyObject *module, const char *doc);
PyAPI_FUNC(int) PyModule_AddFunctions(PyObject *module, PyMethodDef *functions);
PyAPI_FUNC(int) PyModule_ExecDef(PyObject *module, PyModuleDef *def);

#define PYTHON_API_VERSION 1013
#define PYTHON_API_STRING "1013"
#define PYTHON_ABI_VERSION 3
#define PYTHON_ABI_STRING "3"

PyAPI_FUNC(PyObject *) PyModule_Create2(PyModuleDef *def, int api_version);
PyAPI_FUNC(PyObject *) PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec,
                                                int api_version);
#ifdef Py_LIMITED_API
#define PyModule_Create(def) PyModule_Create2((def), PYTHON_ABI_VERSION)
#define PyModule_FromDefAndSpec(def, spec)                                    \
    PyModule_FromDefAndSpec2((def), (spec), PYTHON_ABI_VERSION)
#else
#define PyModule_Create(def) PyModule_Create2((def), PYTHON_API_VERSION)
#define PyModule_FromDefAndSpec(def, spec)                                    \
    PyModule_FromDefAndSpec2((def), (spec), PYTHON_API_VERSION)
#endif

#ifndef Py_LIMITED_API
// Parameter names of functions that parse vectorcall arguments by a format string.
typedef struct _PyArg_Parser {
    const char *format;
    const char *const *keywords;
    void *once;              // unused
    const char *fname;
    const char *custom_msg;
    int pos;
    int min;
    int max;
    PyObject *kwtuple;
    struct _PyArg_Parser *next;
} _PyArg_Parser;
PyAPI_FUNC(int) _PyArg_ParseStackAndKeywords(PyObject *const *args, Py_ssize_t nargs,
                                             PyObject *kwnames, _PyArg_Parser *parser,
                                             ...);
PyAPI_FUNC(int) _PyArg_ParseTupleAndKeywordsFast(PyObject *args, PyObject *kwargs,
                                                 _PyArg_Parser *parser, ...);
PyAPI_FUNC(int) _PyArg_ParseStack(PyObject *const *args, Py_ssize_t nargs,
                                  const char *format, ...);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_MODSUPPORT_H
