// SPDX-License-Identifier: MIT
// legacy.c - names that only old or unusual extensions import: they must resolve
// when the module is loaded, and do what they can.
#include "Python.h"

#include <stdlib.h>
#include <string.h>

#include "objects/state.h"

// Names without a declaration in the headers are declared here, for export.
#define ABI(type) Py_EXPORTED_SYMBOL type

// ---- under the names of PY_SSIZE_T_CLEAN --------------------------------------

ABI(int)
_PyArg_Parse_SizeT(PyObject *arg, const char *format, ...)
{
    va_list va;
    PyObject *tuple = PyTuple_Pack(1, arg);

    if (tuple == NULL) {
        return 0;
    }
    va_start(va, format);
    int result = PyArg_VaParse(tuple, format, va);
    va_end(va);
    Py_DECREF(tuple);
    return result;
}

#undef _PyArg_ParseTuple_SizeT
#undef _Py_BuildValue_SizeT

ABI(int)
_PyArg_ParseTuple_SizeT(PyObject *args, const char *format, ...)
{
    va_list va;

    va_start(va, format);
    int result = PyArg_VaParse(args, format, va);
    va_end(va);
    return result;
}

ABI(int)
_PyArg_VaParse_SizeT(PyObject *args, const char *format, va_list va)
{
    return PyArg_VaParse(args, format, va);
}

ABI(int)
_PyArg_ParseTupleAndKeywords_SizeT(PyObject *args, PyObject *kwargs, const char *format,
                                   char **keywords, ...)
{
    va_list va;

    va_start(va, keywords);
    int result = PyArg_VaParseTupleAndKeywords(args, kwargs, format, keywords, va);
    va_end(va);
    return result;
}

ABI(int)
_PyArg_VaParseTupleAndKeywords_SizeT(PyObject *args, PyObject *kwargs,
                                     const char *format, char **keywords, va_list va)
{
    return PyArg_VaParseTupleAndKeywords(args, kwargs, format, keywords, va);
}

ABI(PyObject *)
_Py_BuildValue_SizeT(const char *format, ...)
{
    va_list va;

    va_start(va, format);
    PyObject *result = Py_VaBuildValue(format, va);
    va_end(va);
    return result;
}

ABI(PyObject *)
_Py_VaBuildValue_SizeT(const char *format, va_list va)
{
    return Py_VaBuildValue(format, va);
}

// ---- old buffers ------------------------------------------------------------

ABI(int)
PyObject_CheckReadBuffer(PyObject *object)
{
    Py_buffer view;

    if (!PyObject_CheckBuffer(object)) {
        return 0;
    }
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        return 0;
    }
    PyBuffer_Release(&view);
    return 1;
}

static int
old_buffer(PyObject *object, int flags, void **buffer, Py_ssize_t *size)
{
    Py_buffer view;

    if (PyObject_GetBuffer(object, &view, flags) < 0) {
        return -1;
    }
    // The old interface has no way to say when the pointer is not needed any more.
    *buffer = view.buf;
    *size = view.len;
    PyBuffer_Release(&view);
    return 0;
}

ABI(int)
PyObject_AsReadBuffer(PyObject *object, const void **buffer, Py_ssize_t *size)
{
    return old_buffer(object, PyBUF_SIMPLE, (void **)buffer, size);
}

ABI(int)
PyObject_AsCharBuffer(PyObject *object, const char **buffer, Py_ssize_t *size)
{
    return old_buffer(object, PyBUF_SIMPLE, (void **)buffer, size);
}

ABI(int)
PyObject_AsWriteBuffer(PyObject *object, void **buffer, Py_ssize_t *size)
{
    return old_buffer(object, PyBUF_WRITABLE, buffer, size);
}

// ---- the interpreter's lock and threads -------------------------------------

ABI(void)
PyEval_AcquireLock(void)
{
    PyThreadState *tstate = PyGILState_GetThisThreadState();

    if (tstate == NULL) {
        Py_FatalError("PyEval_AcquireLock: the current thread state is NULL");
    }
    PyEval_AcquireThread(tstate);
}

ABI(void)
PyEval_ReleaseLock(void)
{
    PyEval_ReleaseThread(PyThreadState_Get());
}

ABI(int)
PyEval_ThreadsInitialized(void)
{
    return 1;
}

ABI(void)
_PyThreadState_Init(PyThreadState *tstate)
{
    Py_FatalError("_PyThreadState_Init() is for internal use only");
}

ABI(PyThreadState *)
_PyThreadState_Prealloc(PyInterpreterState *interp)
{
    return PyThreadState_New(interp);
}

// With one interpreter's lock the world stands still for whoever has it.
ABI(void)
_PyEval_StopTheWorld(PyInterpreterState *interp)
{
}

ABI(void)
_PyEval_StartTheWorld(PyInterpreterState *interp)
{
}

ABI(int)
_Py_CheckRecursiveCall(const char *where)
{
    return kr_c_stack_is_low(PyThreadState_Get()) ? Py_EnterRecursiveCall(where) : 0;
}

// ---- modules and calls ------------------------------------------------------

ABI(PyObject *)
PyCFunction_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(callable, args, kwargs);
}

ABI(int)
_PyState_AddModule(PyThreadState *tstate, PyObject *module, PyModuleDef *def)
{
    return PyState_AddModule(module, def);
}

ABI(void)
_Py_SetRefcnt(PyObject *object, Py_ssize_t count)
{
    Py_SET_REFCNT(object, count);
}

// The comparison with its sides exchanged, by Py_LT .. Py_GE.
ABI(int) _Py_SwappedOp[] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};

#undef Py_PACK_FULL_VERSION
#undef Py_PACK_VERSION

ABI(uint32_t)
Py_PACK_FULL_VERSION(int major, int minor, int micro, int level, int serial)
{
    return (uint32_t)((major & 0xff) << 24 | (minor & 0xff) << 16 | (micro & 0xff) << 8 |
                      (level & 0xf) << 4 | (serial & 0xf));
}

ABI(uint32_t)
Py_PACK_VERSION(int major, int minor)
{
    return Py_PACK_FULL_VERSION(major, minor, 0, 0, 0);
}

// ---- sys before there were configurations -----------------------------------

ABI(char *)
Py_GETENV(const char *name)
{
    if (kr_thread() != NULL && !kr_interp()->runtime.config.use_environment) {
        return NULL;
    }
    return getenv(name);
}

static void
append_option(const char *list_name, PyObject *text)
{
    PyObject *list = PySys_GetObject(list_name);

    if (text == NULL || list == NULL || !PyList_Check(list) ||
        PyList_Append(list, text) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(text);
}

ABI(void)
PySys_AddWarnOption(const wchar_t *text)
{
    append_option("warnoptions", PyUnicode_FromWideChar(text, -1));
}

ABI(void)
PySys_AddWarnOptionUnicode(PyObject *text)
{
    append_option("warnoptions", Py_XNewRef(text));
}

ABI(int)
PySys_HasWarnOptions(void)
{
    PyObject *list = PySys_GetObject("warnoptions");

    return list != NULL && PyList_Check(list) && PyList_GET_SIZE(list) > 0;
}

ABI(void)
PySys_AddXOption(const wchar_t *text)
{
    const wchar_t *equals = wcschr(text, L'=');
    PyObject *options = PySys_GetXOptions();
    PyObject *name = PyUnicode_FromWideChar(text, equals ? equals - text : -1);
    PyObject *value = equals ? PyUnicode_FromWideChar(equals + 1, -1) : Py_NewRef(Py_True);

    if (options == NULL || name == NULL || value == NULL ||
        PyDict_SetItem(options, name, value) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(name);
    Py_XDECREF(value);
}

// A path list with ':' between the folders becomes sys.path.
ABI(void)
PySys_SetPath(const wchar_t *path)
{
    PyObject *text = PyUnicode_FromWideChar(path, -1);
    PyObject *colon = PyUnicode_FromString(":");
    PyObject *list = text && colon ? PyUnicode_Split(text, colon, -1) : NULL;

    if (list == NULL || PySys_SetObject("path", list) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(text);
    Py_XDECREF(colon);
    Py_XDECREF(list);
}

ABI(void)
Py_SetPath(const wchar_t *path)
{
    if (kr_thread() != NULL && path != NULL) {
        PySys_SetPath(path);
    }
}

// ---- perf maps --------------------------------------------------------------

int
PyUnstable_PerfMapState_Init(void)
{
    return -1; // no map can be written
}

int
PyUnstable_WritePerfMapEntry(const void *code_addr, unsigned int code_size,
                             const char *entry_name)
{
    return -1;
}

void
PyUnstable_PerfMapState_Fini(void)
{
}

int
PyUnstable_CopyPerfMapFile(const char *parent_filename)
{
    return -1;
}

// ---- what profilers and array libraries ask ---------------------------------

// Whether an object can be changed in place because nobody else sees it. No is
// always a right answer.
int
PyUnstable_Object_IsUniqueReferencedTemporary(PyObject *object)
{
    return 0;
}

ABI(int)
_PyFrame_IsEntryFrame(PyFrameObject *frame)
{
    return 0;
}

// Events of C code are not monitored: each state stays inactive.
int
PyMonitoring_EnterScope(PyMonitoringState *states, uint64_t *version,
                        const uint8_t *event_types, Py_ssize_t length)
{
    for (Py_ssize_t i = 0; i < length; i++) {
        states[i].active = 0;
    }
    return 0;
}

int
PyMonitoring_ExitScope(void)
{
    return 0;
}
