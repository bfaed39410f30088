// SPDX-License-Identifier: MIT
// api.c - PySys_*: attributes of sys, writing to its streams, audit events.
#include "runtime/sys/sys.h"

#include <stdarg.h>
#include <string.h>

#include "objects/ids.h"

// ---- attributes -------------------------------------------------------------

int
PySys_GetOptionalAttr(PyObject *name, PyObject **value)
{
    PyObject *dict = kr_interp()->sys_dict;

    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        *value = NULL;
        return -1;
    }
    if (dict == NULL) {
        *value = NULL;
        return 0;
    }
    return PyDict_GetItemRef(dict, name, value);
}

int
PySys_GetOptionalAttrString(const char *name, PyObject **value)
{
    PyObject *dict = kr_interp()->sys_dict;

    if (dict == NULL) {
        *value = NULL;
        return 0;
    }
    return PyDict_GetItemStringRef(dict, name, value);
}

PyObject *
PySys_GetAttr(PyObject *name)
{
    PyObject *value;

    if (PySys_GetOptionalAttr(name, &value) == 0) {
        PyErr_Format(PyExc_RuntimeError, "lost sys.%U", name);
    }
    return value;
}

PyObject *
PySys_GetAttrString(const char *name)
{
    PyObject *value;

    if (PySys_GetOptionalAttrString(name, &value) == 0) {
        PyErr_Format(PyExc_RuntimeError, "lost sys.%s", name);
    }
    return value;
}

PyObject *
PySys_GetObject(const char *name)
{
    PyObject *dict = kr_interp()->sys_dict;
    PyObject *error = PyErr_GetRaisedException();
    PyObject *value = NULL;

    if (dict != NULL && PyDict_GetItemStringRef(dict, name, &value) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(value); // sys keeps it
    PyErr_SetRaisedException(error);
    return value;
}

int
PySys_SetObject(const char *name, PyObject *value)
{
    PyObject *dict = kr_interp()->sys_dict;

    if (value == NULL) {
        return PyDict_PopString(dict, name, NULL) < 0 ? -1 : 0;
    }
    return PyDict_SetItemString(dict, name, value);
}

void
PySys_ResetWarnOptions(void)
{
    PyObject *list = PySys_GetObject("warnoptions");

    if (list != NULL && PyList_Check(list)) {
        PyList_SetSlice(list, 0, PyList_GET_SIZE(list), NULL);
    }
}

PyObject *
PySys_GetXOptions(void)
{
    PyObject *options = PySys_GetObject("_xoptions");

    if (options == NULL || !PyDict_Check(options)) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys._xoptions");
        return NULL;
    }
    return options;
}

void
PySys_SetArgvEx(int argc, wchar_t **argv, int updatepath)
{
    PyObject *list = PyList_New(0);

    for (int i = 0; list != NULL && i < Py_MAX(argc, 1); i++) {
        PyObject *text = PyUnicode_FromWideChar(argc > 0 ? argv[i] : L"", -1);
        if (text == NULL || PyList_Append(list, text) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(text);
    }
    if (list == NULL || PySys_SetObject("argv", list) < 0) {
        Py_FatalError("can't assign sys.argv");
    }
    Py_DECREF(list);
    if (updatepath) {
        PyObject *path = PySys_GetObject("path");
        PyObject *first = PyUnicode_FromString("");
        if (path == NULL || first == NULL || PyList_Insert(path, 0, first) < 0) {
            PyErr_Clear();
        }
        Py_XDECREF(first);
    }
}

void
PySys_SetArgv(int argc, wchar_t **argv)
{
    PySys_SetArgvEx(argc, argv, 1);
}

// ---- writing ----------------------------------------------------------------

// Writes to a stream of sys, or to the C stream where that fails. The exception
// that is pending stays.
static void
write_stream(PyObject *name, FILE *fallback, const char *text)
{
    PyObject *error = PyErr_GetRaisedException();
    PyObject *file = NULL;

    if (kr_thread() == NULL || PySys_GetOptionalAttr(name, &file) <= 0 ||
        Py_IsNone(file) || PyFile_WriteString(text, file) < 0) {
        PyErr_Clear();
        fputs(text, fallback);
    }
    Py_XDECREF(file);
    PyErr_SetRaisedException(error);
}

static void
write_printf(PyObject *name, FILE *fallback, const char *format, va_list va)
{
    char buffer[1001];
    int length = PyOS_vsnprintf(buffer, sizeof buffer, format, va);

    write_stream(name, fallback, buffer);
    if (length < 0 || (size_t)length >= sizeof buffer) {
        write_stream(name, fallback, "... truncated");
    }
}

void
PySys_WriteStdout(const char *format, ...)
{
    va_list va;

    va_start(va, format);
    write_printf(KR_ID(stdout), stdout, format, va);
    va_end(va);
}

void
PySys_WriteStderr(const char *format, ...)
{
    va_list va;

    va_start(va, format);
    write_printf(KR_ID(stderr), stderr, format, va);
    va_end(va);
}

static void
write_format(PyObject *name, FILE *fallback, const char *format, va_list va)
{
    PyObject *error = PyErr_GetRaisedException();
    PyObject *message = PyUnicode_FromFormatV(format, va);
    const char *text = message == NULL ? NULL : PyUnicode_AsUTF8(message);

    if (text == NULL) {
        PyErr_Clear();
    }
    else {
        write_stream(name, fallback, text);
    }
    Py_XDECREF(message);
    PyErr_SetRaisedException(error);
}

void
PySys_FormatStdout(const char *format, ...)
{
    va_list va;

    va_start(va, format);
    write_format(KR_ID(stdout), stdout, format, va);
    va_end(va);
}

void
PySys_FormatStderr(const char *format, ...)
{
    va_list va;

    va_start(va, format);
    write_format(KR_ID(stderr), stderr, format, va);
    va_end(va);
}

// ---- auditing ---------------------------------------------------------------

// Calls one Python hook, hidden from tracing unless it asks to be seen.
static int
call_python_hook(PyThreadState *tstate, PyObject *hook, PyObject *event, PyObject *args)
{
    PyObject *traced = NULL, *result;
    int visible = 0;

    if (PyObject_GetOptionalAttr(hook, KR_ID(__cantrace__), &traced) < 0) {
        return -1;
    }
    if (traced != NULL) {
        visible = PyObject_IsTrue(traced);
        Py_DECREF(traced);
        if (visible < 0) {
            return -1;
        }
    }
    if (!visible) {
        PyThreadState_EnterTracing(tstate);
    }
    result = PyObject_CallFunctionObjArgs(hook, event, args, NULL);
    if (!visible) {
        PyThreadState_LeaveTracing(tstate);
    }
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int
call_hooks(PyInterpreterState *interp, const char *event, PyObject *args)
{
    PyObject *error = PyErr_GetRaisedException();
    PyObject *list = interp->runtime.audit_hook_list;
    PyObject *name = NULL;
    int status = -1;

    for (KrAuditHook *hook = interp->runtime.audit_hooks; hook != NULL;
         hook = hook->next) {
        if (hook->func(event, args, hook->data) < 0) {
            goto done;
        }
    }
    if (list != NULL) {
        name = PyUnicode_FromString(event);
        if (name == NULL) {
            goto done;
        }
        Py_INCREF(list);
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
            PyObject *hook = Py_NewRef(PyList_GET_ITEM(list, i));
            int failed = call_python_hook(kr_thread(), hook, name, args) < 0;
            Py_DECREF(hook);
            if (failed) {
                Py_DECREF(list);
                goto done;
            }
        }
        Py_DECREF(list);
    }
    status = 0;

done:
    Py_XDECREF(name);
    if (status == 0) {
        PyErr_SetRaisedException(error);
    }
    else {
        Py_XDECREF(error);
    }
    return status;
}

int
PySys_AuditTuple(const char *event, PyObject *args)
{
    PyObject *empty = NULL;
    int status;

    if (args != NULL && !PyTuple_Check(args)) {
        PyErr_Format(PyExc_TypeError, "args must be tuple, got %s",
                     Py_TYPE(args)->tp_name);
        return -1;
    }
    if (kr_thread() == NULL || !kr_audit_wanted(kr_interp())) {
        return 0;
    }
    if (args == NULL) {
        args = empty = PyTuple_New(0);
        if (args == NULL) {
            return -1;
        }
    }
    status = call_hooks(kr_interp(), event, args);
    Py_XDECREF(empty);
    return status;
}

int
PySys_Audit(const char *event, const char *format, ...)
{
    PyObject *args;
    int status;

    if (kr_thread() == NULL || !kr_audit_wanted(kr_interp())) {
        return 0;
    }
    if (format == NULL || format[0] == '\0') {
        args = PyTuple_New(0);
    }
    else {
        va_list va;
        va_start(va, format);
        args = Py_VaBuildValue(format, va);
        va_end(va);
        if (args != NULL && !PyTuple_Check(args)) {
            PyObject *tuple = PyTuple_Pack(1, args);
            Py_SETREF(args, tuple);
        }
    }
    if (args == NULL) {
        return -1;
    }
    status = call_hooks(kr_interp(), event, args);
    Py_DECREF(args);
    return status;
}

int
PySys_AddAuditHook(Py_AuditHookFunction func, void *data)
{
    PyThreadState *tstate = kr_thread();
    KrAuditHook **place, *hook;

    if (tstate == NULL) {
        return -1; // hooks of before the start have nowhere to live
    }
    if (PySys_Audit("sys.addaudithook", NULL) < 0) {
        if (PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            PyErr_Clear();
            return 0;
        }
        return -1;
    }
    hook = PyMem_RawMalloc(sizeof *hook);
    if (hook == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *hook = (KrAuditHook){NULL, func, data};
    place = &tstate->interp->runtime.audit_hooks;
    while (*place != NULL) {
        place = &(*place)->next;
    }
    *place = hook;
    return 0;
}

// ---- sizes ------------------------------------------------------------------

size_t
_PySys_GetSizeOf(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject *method, *result;
    Py_ssize_t size;

    method = _PyObject_LookupSpecial(object, KR_ID(__sizeof__));
    if (method == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "Type %.100s doesn't define __sizeof__",
                         type->tp_name);
        }
        return (size_t)-1;
    }
    result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result == NULL) {
        return (size_t)-1;
    }
    size = PyLong_AsSsize_t(result);
    Py_DECREF(result);
    if (size == -1 && PyErr_Occurred()) {
        return (size_t)-1;
    }
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "__sizeof__() should return >= 0");
        return (size_t)-1;
    }
    // The bookkeeping that programs written for the reference layout expect.
    size_t extra = PyType_IS_GC(type) ? 16 : 0;
    extra += type->tp_flags & Py_TPFLAGS_PREHEADER ? 16 : 0;
    return (size_t)size + extra;
}
