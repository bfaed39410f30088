// SPDX-License-Identifier: MIT
// funcobject.h - functions made by def and lambda.
#ifndef KRAIT_FUNCOBJECT_H
#define KRAIT_FUNCOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    PyObject_HEAD
    PyObject *func_globals;     // dict
    PyObject *func_builtins;    // dict
    PyObject *func_name;        // str
    PyObject *func_qualname;    // str
    PyObject *func_code;        // code
    PyObject *func_defaults;    // tuple or NULL
    PyObject *func_kwdefaults;  // dict or NULL
    PyObject *func_closure;     // tuple of cells or NULL
    PyObject *func_doc;         // any object
    PyObject *func_dict;        // dict or NULL until first use
    PyObject *func_weakreflist;
    PyObject *func_module;      // any object or NULL
    PyObject *func_annotations; // dict or NULL until first asked for
    PyObject *func_annotate;    // callable, None or NULL
    PyObject *func_typeparams;  // tuple or NULL
    vectorcallfunc vectorcall;
    uint32_t func_version;      // 0: changed since it was last given one
} PyFunctionObject;

PyAPI_DATA(PyTypeObject) PyFunction_Type;
#define PyFunction_Check(op) Py_IS_TYPE((op), &PyFunction_Type)

PyAPI_FUNC(PyObject *) PyFunction_New(PyObject *code, PyObject *globals);
PyAPI_FUNC(PyObject *) PyFunction_NewWithQualName(PyObject *code, PyObject *globals,
                                                  PyObject *qualname);
PyAPI_FUNC(PyObject *) PyFunction_GetCode(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetGlobals(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetModule(PyObject *func);
PyAPI_FUNC(PyObject *) PyFunction_GetDefaults(PyObject *func);
PyAPI_FUNC(int) PyFunction_SetDefaults(PyObject *func, PyObject *defaults);
PyAPI_FUNC(void) PyFunction_SetVectorcall(PyFunctionObject *func, vectorcallfunc vectorcall);
PyAPI_FUNC(PyObject *) PyFunction_GetKwDefaults(PyObject *func);
PyAPI_FUNC(int) PyFunction_SetKwDefaults(PyObject *func, PyObject *defaults);
PyAPI_FUNC(PyObject *) PyFunction_GetClosure(PyObject *func);
PyAPI_FUNC(int) PyFunction_SetClosure(PyObject *func, PyObject *closure);
PyAPI_FUNC(PyObject *) PyFunction_GetAnnotations(PyObject *func);
PyAPI_FUNC(int) PyFunction_SetAnnotations(PyObject *func, PyObject *annotations);
PyAPI_FUNC(PyObject *) _PyFunction_Vectorcall(PyObject *func, PyObject *const *stack,
                                              size_t nargsf, PyObject *kwnames);
#define PyFunction_GET_CODE(func) (((PyFunctionObject *)(func))->func_code)
#define PyFunction_GET_GLOBALS(func) (((PyFunctionObject *)(func))->func_globals)
#define PyFunction_GET_BUILTINS(func) (((PyFunctionObject *)(func))->func_builtins)
#define PyFunction_GET_MODULE(func) (((PyFunctionObject *)(func))->func_module)
#define PyFunction_GET_DEFAULTS(func) (((PyFunctionObject *)(func))->func_defaults)
#define PyFunction_GET_KW_DEFAULTS(func) (((PyFunctionObject *)(func))->func_kwdefaults)
#define PyFunction_GET_CLOSURE(func) (((PyFunctionObject *)(func))->func_closure)
#define PyFunction_GET_ANNOTATIONS(func) (((PyFunctionObject *)(func))->func_annotations)

PyAPI_DATA(PyTypeObject) PyClassMethod_Type;
PyAPI_DATA(PyTypeObject) PyStaticMethod_Type;
PyAPI_FUNC(PyObject *) PyClassMethod_New(PyObject *callable);
PyAPI_FUNC(PyObject *) PyStaticMethod_New(PyObject *callable);

typedef enum {
    PyFunction_EVENT_CREATE,
    PyFunction_EVENT_DESTROY,
    PyFunction_EVENT_MODIFY_CODE,
    PyFunction_EVENT_MODIFY_DEFAULTS,
    PyFunction_EVENT_MODIFY_KWDEFAULTS,
} PyFunction_WatchEvent;
typedef int (*PyFunction_WatchCallback)(PyFunction_WatchEvent event, PyFunctionObject *func,
                                        PyObject *new_value);
PyAPI_FUNC(int) PyFunction_AddWatcher(PyFunction_WatchCallback callback);
PyAPI_FUNC(int) PyFunction_ClearWatcher(int watcher_id);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FUNCOBJECT_H
