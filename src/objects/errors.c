// SPDX-License-Identifier: MIT
// errors.c - the error indicator: setting, reading, matching and chaining.
//
// Callers:     everybody.
// Invariants:  tstate->current_exception is NULL or an exception object whose
//              traceback stands in the object. tstate->exc_info is never NULL; its
//              items hold what except clauses are handling, innermost first.
// Re-entrancy: making an exception calls its class; releasing one may run any code.
// Read next:   exceptions/base.c, errors_report.c
#include "objects/exceptions/internal.h"

// --- The indicator ---------------------------------------------------------------

PyObject *
PyErr_Occurred(void)
{
    PyObject *exc = kr_thread()->current_exception;
    return exc == NULL ? NULL : (PyObject *)Py_TYPE(exc);
}

static inline void
indicator_set_steal(PyThreadState *tstate, PyObject *exc)
{
    PyObject *old = tstate->current_exception;
    tstate->current_exception = exc;
    Py_XDECREF(old);
}

void
PyErr_Clear(void)
{
    indicator_set_steal(kr_thread(), NULL);
}

PyObject *
PyErr_GetRaisedException(void)
{
    PyThreadState *tstate = kr_thread();
    return KR_MOVE(tstate->current_exception);
}

void
PyErr_SetRaisedException(PyObject *exc)
{
    indicator_set_steal(kr_thread(), exc);
}

void
PyErr_Fetch(PyObject **type, PyObject **value, PyObject **traceback)
{
    PyObject *exc = PyErr_GetRaisedException();
    *value = exc;
    *type = exc == NULL ? NULL : Py_NewRef(Py_TYPE(exc));
    *traceback = exc == NULL ? NULL : Py_XNewRef(kr_exc(exc)->traceback);
}

void
PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyThreadState *tstate = kr_thread();
    if (type == NULL) {
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        indicator_set_steal(tstate, NULL);
        return;
    }
    if (value == NULL || type != (PyObject *)Py_TYPE(value)) {
        PyObject *exc = kr_exc_create(type, value);
        Py_XSETREF(value, exc);
        if (value == NULL) {
            Py_DECREF(type);
            Py_XDECREF(traceback);
            return;
        }
    }
    Py_DECREF(type);
    if (traceback != NULL && !PyTraceBack_Check(traceback)) {
        if (traceback != Py_None) {
            Py_DECREF(traceback);
            Py_DECREF(value);
            PyErr_SetString(PyExc_TypeError, "traceback must be a Traceback or None");
            return;
        }
        traceback = NULL;
    }
    Py_XSETREF(kr_exc(value)->traceback, traceback);
    indicator_set_steal(tstate, value);
}

// --- What is being handled --------------------------------------------------------

_PyErr_StackItem *
_PyErr_GetTopmostException(PyThreadState *tstate)
{
    _PyErr_StackItem *item = tstate->exc_info;
    while ((item->exc_value == NULL || item->exc_value == Py_None) &&
           item->previous_item != NULL) {
        item = item->previous_item;
    }
    return item;
}

PyObject *
kr_exc_handled_borrow(PyThreadState *tstate)
{
    PyObject *exc = _PyErr_GetTopmostException(tstate)->exc_value;
    return exc == Py_None ? NULL : exc;
}

PyObject *
PyErr_GetHandledException(void)
{
    return Py_XNewRef(kr_exc_handled_borrow(kr_thread()));
}

void
PyErr_SetHandledException(PyObject *exc)
{
    PyThreadState *tstate = kr_thread();
    PyObject *value = exc == Py_None ? NULL : Py_XNewRef(exc);
    Py_XSETREF(tstate->exc_info->exc_value, value);
}

void
PyErr_GetExcInfo(PyObject **type, PyObject **value, PyObject **traceback)
{
    PyObject *exc = PyErr_GetHandledException();
    *value = exc;
    *type = exc == NULL ? NULL : Py_NewRef(Py_TYPE(exc));
    *traceback = exc == NULL ? NULL : Py_XNewRef(kr_exc(exc)->traceback);
}

void
PyErr_SetExcInfo(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyErr_SetHandledException(value);
    Py_XDECREF(value);
    // The object knows its type and traceback.
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

// --- Making exceptions ---------------------------------------------------------------

// Whether an instance is nothing but its args: no class code has to run.
static inline bool
is_plain_type(PyTypeObject *type)
{
    return type->tp_new == kr_exc_new && type->tp_init == kr_exc_init &&
           Py_TYPE(type) == &PyType_Type;
}

static PyObject *
create_plain(PyTypeObject *type, PyObject *value)
{
    PyObject *args;
    if (value == NULL || value == Py_None) {
        args = PyTuple_New(0);
    }
    else if (PyTuple_Check(value)) {
        args = Py_NewRef(value);
    }
    else {
        args = PyTuple_FromArray(&value, 1);
    }
    if (args == NULL) {
        return NULL;
    }
    PyObject *exc = type->tp_alloc(type, 0);
    if (exc == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    kr_exc(exc)->args = args;
    return exc;
}

PyObject *
kr_exc_create(PyObject *type, PyObject *value)
{
    PyObject *exc;
    if (PyType_Check(type) && is_plain_type((PyTypeObject *)type) &&
        !(value != NULL && PyTuple_Check(value) && !PyTuple_CheckExact(value))) {
        return create_plain((PyTypeObject *)type, value);
    }
    if (value == NULL || value == Py_None) {
        exc = PyObject_CallNoArgs(type);
    }
    else if (PyTuple_Check(value)) {
        exc = PyObject_Call(type, value, NULL);
    }
    else {
        exc = PyObject_CallOneArg(type, value);
    }
    if (exc != NULL && !PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_TypeError,
                     "calling %R should have returned an instance of BaseException, "
                     "not %s",
                     type, Py_TYPE(exc)->tp_name);
        Py_CLEAR(exc);
    }
    return exc;
}

// Makes the exception being handled the context of exc, breaking any circle that
// this would close.
static void
set_context(PyThreadState *tstate, PyObject *exc)
{
    PyObject *handled = kr_exc_handled_borrow(tstate);
    if (handled == NULL || handled == exc) {
        return;
    }
    // Two walkers of different speed: a chain may be a circle already.
    PyObject *place = handled, *slow = handled, *next;
    bool step = false;
    while ((next = kr_exc(place)->context) != NULL) {
        if (next == exc) {
            Py_CLEAR(kr_exc(place)->context);
            break;
        }
        place = next;
        if (place == slow) {
            break;
        }
        if (step) {
            slow = kr_exc(slow)->context;
        }
        step = !step;
    }
    PyException_SetContext(exc, Py_NewRef(handled));
}

void
kr_err_chain_pending(PyThreadState *tstate)
{
    set_context(tstate, tstate->current_exception);
}

void
kr_err_raise_steal(PyThreadState *tstate, PyObject *exc)
{
    set_context(tstate, exc);
    indicator_set_steal(tstate, exc);
}

// The exception for PyErr_SetObject, whose value may be one already.
static PyObject *
exception_for(PyObject *type, PyObject *value)
{
    if (value != NULL && PyExceptionInstance_Check(value)) {
        if (type == (PyObject *)Py_TYPE(value)) {
            return Py_NewRef(value);
        }
        int is_subclass = PyObject_IsSubclass((PyObject *)Py_TYPE(value), type);
        if (is_subclass < 0) {
            return NULL;
        }
        if (is_subclass) {
            return Py_NewRef(value);
        }
    }
    PyErr_Clear();
    return kr_exc_create(type, value);
}

void
PyErr_SetObject(PyObject *type, PyObject *value)
{
    PyThreadState *tstate = kr_thread();
    if (KR_UNLIKELY(type == NULL)) {
        indicator_set_steal(tstate, NULL);
        return;
    }
    if (KR_UNLIKELY(!PyExceptionClass_Check(type))) {
        PyErr_Format(PyExc_SystemError,
                     "_PyErr_SetObject: exception %R is not a BaseException subclass",
                     type);
        return;
    }
    // The caller may own value through the pending exception only.
    Py_XINCREF(value);
    PyObject *exc = exception_for(type, value);
    Py_XDECREF(value);
    if (exc != NULL) {
        kr_err_raise_steal(tstate, exc);
    }
}

void
kr_err_set_steal(PyObject *type, PyObject *value)
{
    if (value != NULL) {
        PyErr_SetObject(type, value);
        Py_DECREF(value);
    }
}

void
PyErr_SetNone(PyObject *type)
{
    PyErr_SetObject(type, NULL);
}

void
PyErr_SetString(PyObject *type, const char *message)
{
    kr_err_set_steal(type, PyUnicode_FromString(message));
}

PyObject *
PyErr_FormatV(PyObject *type, const char *format, va_list va)
{
    // Formatting may call repr, which must not see a pending exception.
    PyErr_Clear();
    kr_err_set_steal(type, PyUnicode_FromFormatV(format, va));
    return NULL;
}

PyObject *
PyErr_Format(PyObject *type, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyErr_FormatV(type, format, va);
    va_end(va);
    return NULL;
}

// A tuple would be unpacked into several arguments, so it is wrapped.
void
_PyErr_SetKeyError(PyObject *key)
{
    PyObject *args = PyTuple_FromArray(&key, 1);
    if (args == NULL) {
        return;
    }
    kr_err_set_steal(PyExc_KeyError, args);
}

int
kr_err_set_stop_iteration(PyObject *value)
{
    PyThreadState *tstate = kr_thread();
    PyTypeObject *type = &kr_exc_StopIteration;
    PyObject *args = value == NULL || value == Py_None ? PyTuple_New(0)
                                                       : PyTuple_FromArray(&value, 1);
    PyObject *exc = args == NULL ? NULL : type->tp_alloc(type, 0);
    if (exc == NULL) {
        Py_XDECREF(args);
        return -1;
    }
    kr_exc(exc)->args = args;
    ((PyStopIterationObject *)exc)->value = value == NULL ? Py_None : Py_NewRef(value);
    kr_err_raise_steal(tstate, exc);
    return 0;
}

PyObject *
kr_err_fetch_stop_iteration(void)
{
    PyThreadState *tstate = kr_thread();
    PyObject *exc = tstate->current_exception, *value;
    if (exc == NULL) {
        return Py_None;
    }
    if (!PyObject_TypeCheck(exc, &kr_exc_StopIteration)) {
        return NULL;
    }
    tstate->current_exception = NULL;
    value = ((PyStopIterationObject *)exc)->value;
    value = value == NULL ? Py_None : Py_NewRef(value);
    Py_DECREF(exc);
    return value;
}

// --- Matching -----------------------------------------------------------------------------

int
PyErr_GivenExceptionMatches(PyObject *given, PyObject *type)
{
    if (given == NULL || type == NULL) {
        return 0;
    }
    if (PyTuple_Check(type)) {
        if (KR_UNLIKELY(kr_c_stack_is_low(kr_thread()))) {
            return 0;
        }
        Py_ssize_t n = PyTuple_GET_SIZE(type);
        for (Py_ssize_t i = 0; i < n; i++) {
            if (PyErr_GivenExceptionMatches(given, PyTuple_GET_ITEM(type, i))) {
                return 1;
            }
        }
        return 0;
    }
    if (PyExceptionInstance_Check(given)) {
        given = (PyObject *)Py_TYPE(given);
    }
    if (given == type) {
        return 1;
    }
    if (PyExceptionClass_Check(given) && PyExceptionClass_Check(type)) {
        return PyType_IsSubtype((PyTypeObject *)given, (PyTypeObject *)type);
    }
    return 0;
}

int
PyErr_ExceptionMatches(PyObject *type)
{
    return PyErr_GivenExceptionMatches(kr_thread()->current_exception, type);
}

// For C code that keeps triples: value becomes an instance of type.
void
PyErr_NormalizeException(PyObject **type, PyObject **value, PyObject **traceback)
{
    for (int tries = 0; *type != NULL; tries++) {
        PyObject *given = *value != NULL ? *value : Py_None, *exc;
        if (!PyExceptionClass_Check(*type)) {
            return;
        }
        if (PyExceptionInstance_Check(given) &&
            PyType_IsSubtype(Py_TYPE(given), (PyTypeObject *)*type)) {
            exc = Py_NewRef(given);
        }
        else {
            exc = kr_exc_create(*type, given);
        }
        if (exc != NULL) {
            Py_XSETREF(*value, exc);
            Py_SETREF(*type, Py_NewRef(Py_TYPE(exc)));
            return;
        }
        // The failure takes the place of what was to be normalised.
        PyObject *new_traceback;
        Py_CLEAR(*type);
        Py_CLEAR(*value);
        PyErr_Fetch(type, value, &new_traceback);
        if (new_traceback != NULL) {
            Py_XSETREF(*traceback, new_traceback);
        }
        if (tries > 30) {
            Py_FatalError("Cannot recover from the recursive normalization of an "
                          "exception.");
        }
    }
}

// --- Chaining ------------------------------------------------------------------------------

void
_PyErr_ChainExceptions1(PyObject *exc)
{
    PyThreadState *tstate = kr_thread();
    if (exc == NULL) {
        return;
    }
    if (tstate->current_exception == NULL) {
        tstate->current_exception = exc;
        return;
    }
    PyException_SetContext(tstate->current_exception, exc);
}

void
kr_err_chain_cause(PyObject *exc)
{
    PyObject *pending = kr_thread()->current_exception;
    if (pending != NULL && pending != exc) {
        PyException_SetCause(pending, Py_NewRef(exc));
        PyException_SetContext(pending, Py_NewRef(exc));
    }
}

PyObject *
_PyErr_FormatFromCause(PyObject *type, const char *format, ...)
{
    PyObject *cause = PyErr_GetRaisedException();
    va_list va;

    va_start(va, format);
    PyErr_FormatV(type, format, va);
    va_end(va);
    if (cause != NULL) {
        kr_err_chain_cause(cause);
        Py_DECREF(cause);
    }
    return NULL;
}

// --- Common errors -------------------------------------------------------------------------

int
PyErr_BadArgument(void)
{
    PyErr_SetString(PyExc_TypeError, "bad argument type for built-in operation");
    return 0;
}

PyObject *
PyErr_NoMemory(void)
{
    PyThreadState *tstate = kr_thread();
    PyObject *exc = kr_exc_memory_error();
    kr_err_raise_steal(tstate, exc);
    return NULL;
}

#undef PyErr_BadInternalCall
void
PyErr_BadInternalCall(void)
{
    PyErr_SetString(PyExc_SystemError, "bad argument to internal function");
}

void
_PyErr_BadInternalCall(const char *file, int line)
{
    PyErr_Format(PyExc_SystemError, "%s:%d: bad argument to internal function", file,
                 line);
}

PyObject *
PyErr_SetFromErrnoWithFilenameObjects(PyObject *type, PyObject *filename,
                                      PyObject *filename2)
{
    int number = errno;
    if (number == EINTR && PyErr_CheckSignals() < 0) {
        return NULL;
    }
    PyObject *message = number == 0
                            ? PyUnicode_FromString("Error")
                            : PyUnicode_DecodeLocale(strerror(number), "surrogateescape");
    PyObject *code = PyLong_FromLong(number), *exc = NULL;
    if (message != NULL && code != NULL) {
        PyObject *args[5] = {code, message, filename, Py_None, filename2};
        size_t n = filename == NULL ? 2 : filename2 == NULL ? 3 : 5;
        exc = PyObject_Vectorcall(type, args, n, NULL);
    }
    Py_XDECREF(message);
    Py_XDECREF(code);
    if (exc != NULL) {
        kr_err_set_steal((PyObject *)Py_TYPE(exc), exc);
    }
    return NULL;
}

PyObject *
PyErr_SetFromErrnoWithFilenameObject(PyObject *type, PyObject *filename)
{
    return PyErr_SetFromErrnoWithFilenameObjects(type, filename, NULL);
}

PyObject *
PyErr_SetFromErrnoWithFilename(PyObject *type, const char *filename)
{
    PyObject *name = NULL;
    int number = errno;
    if (filename != NULL) {
        name = PyUnicode_DecodeFSDefault(filename);
        if (name == NULL) {
            return NULL;
        }
    }
    errno = number;
    PyErr_SetFromErrnoWithFilenameObjects(type, name, NULL);
    Py_XDECREF(name);
    return NULL;
}

PyObject *
PyErr_SetFromErrno(PyObject *type)
{
    return PyErr_SetFromErrnoWithFilenameObjects(type, NULL, NULL);
}

PyObject *
PyErr_SetImportErrorSubclass(PyObject *type, PyObject *message, PyObject *name,
                             PyObject *path)
{
    PyObject *kwargs = NULL, *args = NULL, *exc = NULL;
    int status = PyObject_IsSubclass(type, PyExc_ImportError);
    if (status < 0) {
        return NULL;
    }
    if (!status) {
        PyErr_SetString(PyExc_TypeError, "expected a subclass of ImportError");
        return NULL;
    }
    if (message == NULL) {
        PyErr_SetString(PyExc_TypeError, "expected a message argument");
        return NULL;
    }
    args = PyTuple_FromArray(&message, 1);
    kwargs = PyDict_New();
    if (args != NULL && kwargs != NULL &&
        PyDict_SetItem(kwargs, KR_ID(name), name != NULL ? name : Py_None) == 0 &&
        PyDict_SetItem(kwargs, KR_ID(path), path != NULL ? path : Py_None) == 0) {
        exc = PyObject_Call(type, args, kwargs);
    }
    if (exc != NULL) {
        kr_err_set_steal((PyObject *)Py_TYPE(exc), exc);
    }
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    return NULL;
}

PyObject *
PyErr_SetImportError(PyObject *message, PyObject *name, PyObject *path)
{
    return PyErr_SetImportErrorSubclass(PyExc_ImportError, message, name, path);
}

// --- New exception classes --------------------------------------------------------------

PyObject *
PyErr_NewException(const char *name, PyObject *base, PyObject *dict)
{
    PyObject *own = NULL, *bases = NULL, *module = NULL, *text = NULL, *result = NULL;
    const char *dot = strrchr(name, '.');

    if (dot == NULL) {
        PyErr_SetString(PyExc_SystemError,
                        "PyErr_NewException: name must be module.class");
        return NULL;
    }
    if (dict == NULL) {
        own = dict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
    }
    int has = PyDict_Contains(dict, KR_ID(__module__));
    if (has < 0) {
        goto done;
    }
    if (has == 0) {
        module = PyUnicode_FromStringAndSize(name, dot - name);
        if (module == NULL || PyDict_SetItem(dict, KR_ID(__module__), module) < 0) {
            goto done;
        }
    }
    if (base == NULL) {
        base = PyExc_Exception;
    }
    bases = PyTuple_Check(base) ? Py_NewRef(base) : PyTuple_FromArray(&base, 1);
    text = PyUnicode_FromString(dot + 1);
    if (bases != NULL && text != NULL) {
        PyObject *args[3] = {text, bases, dict};
        result = PyObject_Vectorcall((PyObject *)&PyType_Type, args, 3, NULL);
    }
done:
    Py_XDECREF(own);
    Py_XDECREF(bases);
    Py_XDECREF(module);
    Py_XDECREF(text);
    return result;
}

PyObject *
PyErr_NewExceptionWithDoc(const char *name, const char *doc, PyObject *base,
                          PyObject *dict)
{
    PyObject *own = NULL, *text = NULL, *result = NULL;
    if (dict == NULL) {
        own = dict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
    }
    if (doc != NULL) {
        text = PyUnicode_FromString(doc);
        if (text == NULL || PyDict_SetItem(dict, KR_ID(__doc__), text) < 0) {
            goto done;
        }
    }
    result = PyErr_NewException(name, base, dict);
done:
    Py_XDECREF(own);
    Py_XDECREF(text);
    return result;
}

int
kr_init_errors(PyInterpreterState *interp)
{
    if (kr_memory_error_reserve(interp) < 0 || kr_os_error_init_map(interp) < 0 ||
        kr_group_init_type(interp) < 0) {
        return -1;
    }
    return 0;
}
