// SPDX-License-Identifier: MIT
// sysmodule.h - the sys module from C.
#ifndef KRAIT_SYSMODULE_H
#define KRAIT_SYSMODULE_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(PyObject *) PySys_GetAttr(PyObject *name);
PyAPI_FUNC(PyObject *) PySys_GetAttrString(const char *name);
PyAPI_FUNC(int) PySys_GetOptionalAttr(PyObject *name, PyObject **value);
PyAPI_FUNC(int) PySys_GetOptionalAttrString(const char *name, PyObject **value);
PyAPI_FUNC(PyObject *) PySys_GetObject(const char *name);    // borrowed, no exception
PyAPI_FUNC(int) PySys_SetObject(const char *name, PyObject *value);

PyAPI_FUNC(void) PySys_SetArgv(int argc, wchar_t **argv);
PyAPI_FUNC(void) PySys_SetArgvEx(int argc, wchar_t **argv, int updatepath);

PyAPI_FUNC(void) PySys_WriteStdout(const char *format, ...)
    Py_GCC_ATTRIBUTE((format(printf, 1, 2)));
PyAPI_FUNC(void) PySys_WriteStderr(const char *format, ...)
    Py_GCC_ATTRIBUTE((format(printf, 1, 2)));
PyAPI_FUNC(void) PySys_FormatStdout(const char *format, ...);
PyAPI_FUNC(void) PySys_FormatStderr(const char *format, ...);

PyAPI_FUNC(void) PySys_ResetWarnOptions(void);
PyAPI_FUNC(PyObject *) PySys_GetXOptions(void);              // borrowed
PyAPI_FUNC(int) PySys_Audit(const char *event, const char *format, ...);
PyAPI_FUNC(int) PySys_AuditTuple(const char *event, PyObject *args);

#ifndef Py_LIMITED_API
typedef int (*Py_AuditHookFunction)(const char *event, PyObject *args, void *data);
PyAPI_FUNC(int) PySys_AddAuditHook(Py_AuditHookFunction hook, void *data);
PyAPI_FUNC(size_t) _PySys_GetSizeOf(PyObject *object);

typedef struct {
    FILE *perf_map;
    PyThread_type_lock map_lock;
} PerfMapState;
PyAPI_FUNC(int) PyUnstable_PerfMapState_Init(void);
PyAPI_FUNC(int) PyUnstable_WritePerfMapEntry(const void *code_addr,
                                             unsigned int code_size,
                                             const char *entry_name);
PyAPI_FUNC(void) PyUnstable_PerfMapState_Fini(void);
PyAPI_FUNC(int) PyUnstable_CopyPerfMapFile(const char *parent_filename);
#endif

#ifdef __cplusplus
}
#endif
#endif // KRAIT_SYSMODULE_H
