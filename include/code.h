// SPDX-License-Identifier: MIT
// code.h - compiled code as an object.
#ifndef KRAIT_CODE_H
#define KRAIT_CODE_H
#ifdef __cplusplus
extern "C" {
#endif

#ifndef Py_LIMITED_API

typedef struct {
    PyObject *_co_code;
    PyObject *_co_varnames;
    PyObject *_co_cellvars;
    PyObject *_co_freevars;
} _PyCoCached;

typedef struct {
    int size;
    int capacity;
    struct _PyExecutorObject *executors[1];
} _PyExecutorArray;

typedef struct _PyCoMonitoringData _PyCoMonitoringData;

// The first group of fields is what the interpreter reads most.
struct PyCodeObject {
    PyObject_VAR_HEAD             // ob_size: code units
    PyObject *co_consts;          // tuple
    PyObject *co_names;           // tuple of str
    PyObject *co_exceptiontable;  // bytes
    int co_flags;                 // CO_*
    int co_argcount;              // without * and keyword-only ones
    int co_posonlyargcount;
    int co_kwonlyargcount;
    int co_stacksize;             // operand stack places
    int co_firstlineno;
    int co_nlocalsplus;           // locals, cells and free variables
    int co_framesize;             // words of a frame
    int co_nlocals;
    int co_ncellvars;
    int co_nfreevars;
    uint32_t co_version;
    PyObject *co_localsplusnames; // tuple of str
    PyObject *co_localspluskinds; // bytes of CO_FAST_*
    PyObject *co_filename;        // str
    PyObject *co_name;            // str
    PyObject *co_qualname;        // str
    PyObject *co_linetable;       // bytes
    PyObject *co_weakreflist;
    _PyExecutorArray *co_executors; // the machine's own form of the code
    _PyCoCached *_co_cached;
    uintptr_t _co_instrumentation_version;
    _PyCoMonitoringData *_co_monitoring;
    Py_ssize_t _co_unique_id;
    int _co_firsttraceable;
    void *co_extra;
    char co_code_adaptive[1];     // ob_size * 2 bytes
};

#define CO_OPTIMIZED 0x0001
#define CO_NEWLOCALS 0x0002
#define CO_VARARGS 0x0004
#define CO_VARKEYWORDS 0x0008
#define CO_NESTED 0x0010
#define CO_GENERATOR 0x0020
#define CO_COROUTINE 0x0080
#define CO_ITERABLE_COROUTINE 0x0100
#define CO_ASYNC_GENERATOR 0x0200

#define CO_FUTURE_DIVISION 0x20000
#define CO_FUTURE_ABSOLUTE_IMPORT 0x40000
#define CO_FUTURE_WITH_STATEMENT 0x80000
#define CO_FUTURE_PRINT_FUNCTION 0x100000
#define CO_FUTURE_UNICODE_LITERALS 0x200000
#define CO_FUTURE_BARRY_AS_BDFL 0x400000
#define CO_FUTURE_GENERATOR_STOP 0x800000
#define CO_FUTURE_ANNOTATIONS 0x1000000

#define CO_NO_MONITORING_EVENTS 0x2000000
#define CO_HAS_DOCSTRING 0x4000000
#define CO_METHOD 0x8000000

// What a name in co_localsplusnames is.
#define CO_FAST_ARG_POS 0x02
#define CO_FAST_ARG_KW 0x04
#define CO_FAST_ARG_VAR 0x08
#define CO_FAST_HIDDEN 0x10
#define CO_FAST_LOCAL 0x20
#define CO_FAST_CELL 0x40
#define CO_FAST_FREE 0x80

#define CO_MAXBLOCKS 21

PyAPI_DATA(PyTypeObject) PyCode_Type;

#define PyCode_Check(op) Py_IS_TYPE((op), &PyCode_Type)

static inline Py_ssize_t
PyCode_GetNumFree(PyCodeObject *op)
{
    return op->co_nfreevars;
}

static inline int
PyUnstable_Code_GetFirstFree(PyCodeObject *op)
{
    return op->co_nlocalsplus - op->co_nfreevars;
}
#define PyCode_GetFirstFree PyUnstable_Code_GetFirstFree

#define _PyCode_CODE(co) ((uint16_t *)(co)->co_code_adaptive)
#define _PyCode_NBYTES(co) (Py_SIZE(co) * (Py_ssize_t)sizeof(uint16_t))

PyAPI_FUNC(PyCodeObject *) PyUnstable_Code_New(
    int argcount, int kwonlyargcount, int nlocals, int stacksize, int flags,
    PyObject *code, PyObject *consts, PyObject *names, PyObject *varnames,
    PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
    PyObject *qualname, int firstlineno, PyObject *linetable,
    PyObject *exceptiontable);
PyAPI_FUNC(PyCodeObject *) PyUnstable_Code_NewWithPosOnlyArgs(
    int argcount, int posonlyargcount, int kwonlyargcount, int nlocals, int stacksize,
    int flags, PyObject *code, PyObject *consts, PyObject *names, PyObject *varnames,
    PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
    PyObject *qualname, int firstlineno, PyObject *linetable,
    PyObject *exceptiontable);
#define PyCode_New PyUnstable_Code_New
#define PyCode_NewWithPosOnlyArgs PyUnstable_Code_NewWithPosOnlyArgs

// A code object that raises AssertionError: a place for tracebacks only.
PyAPI_FUNC(PyCodeObject *) PyCode_NewEmpty(const char *filename, const char *funcname,
                                           int firstlineno);

// Line of the byte offset; -1 without one, firstlineno for a negative offset.
PyAPI_FUNC(int) PyCode_Addr2Line(PyCodeObject *code, int byte_offset);
PyAPI_FUNC(int) PyCode_Addr2Location(PyCodeObject *code, int byte_offset,
                                     int *start_line, int *start_column,
                                     int *end_line, int *end_column);

// The bytecode and the names of variables: new references.
PyAPI_FUNC(PyObject *) PyCode_GetCode(PyCodeObject *code);
PyAPI_FUNC(PyObject *) PyCode_GetVarnames(PyCodeObject *code);
PyAPI_FUNC(PyObject *) PyCode_GetCellvars(PyCodeObject *code);
PyAPI_FUNC(PyObject *) PyCode_GetFreevars(PyCodeObject *code);

PyAPI_FUNC(int) PyUnstable_Code_GetExtra(PyObject *code, Py_ssize_t index,
                                         void **extra);
PyAPI_FUNC(int) PyUnstable_Code_SetExtra(PyObject *code, Py_ssize_t index, void *extra);
#define _PyCode_GetExtra PyUnstable_Code_GetExtra
#define _PyCode_SetExtra PyUnstable_Code_SetExtra

// A place in co_extra for the caller, -1 when there is none left.
PyAPI_FUNC(Py_ssize_t) PyUnstable_Eval_RequestCodeExtraIndex(freefunc free);
#define _PyEval_RequestCodeExtraIndex PyUnstable_Eval_RequestCodeExtraIndex

// The optimiser of old is gone; returns the code unchanged.
PyAPI_FUNC(PyObject *) PyCode_Optimize(PyObject *code, PyObject *consts,
                                       PyObject *names, PyObject *lnotab);

typedef enum PyCodeEvent {
    PY_CODE_EVENT_CREATE,
    PY_CODE_EVENT_DESTROY,
} PyCodeEvent;

typedef int (*PyCode_WatchCallback)(PyCodeEvent event, PyCodeObject *code);
PyAPI_FUNC(int) PyCode_AddWatcher(PyCode_WatchCallback callback);
PyAPI_FUNC(int) PyCode_ClearWatcher(int watcher_id);

#endif // Py_LIMITED_API

#ifdef __cplusplus
}
#endif
#endif // KRAIT_CODE_H
