// SPDX-License-Identifier: MIT
// thread_module.c - the _thread module.
#include <pthread.h>
#include <signal.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/threads/threads.h"

// ---- starting ---------------------------------------------------------------

static int
daemon_forbidden(PyInterpreterState *interp)
{
    return interp != PyInterpreterState_Main();
}

KR_FUNCTION(thread, "daemon_threads_allowed()",
            "Whether threads may go on when the program ends.")
static PyObject *
thread_daemon_threads_allowed(PyObject *module)
{
    return PyBool_FromLong(!daemon_forbidden(kr_interp()));
}

static PyObject *
start_new_thread(const char *name, PyObject *func, PyObject *args, PyObject *kwargs)
{
    PyObject *handle, *ident;

    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first arg must be callable");
        return NULL;
    }
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "2nd arg must be a tuple");
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "optional 3rd arg must be a dictionary");
        return NULL;
    }
    if (PySys_Audit("_thread.start_new_thread", "OOO", func, args,
                    kwargs ? kwargs : Py_None) < 0) {
        return NULL;
    }
    handle = kr_start_joinable(func, args, kwargs, NULL, true);
    if (handle == NULL) {
        return NULL;
    }
    ident = PyObject_GetAttr(handle, KR_ID(ident));
    Py_DECREF(handle);
    return ident;
}

KR_FUNCTION_RAW(thread, "start_new_thread($module, function, args, kwargs={}, /)",
                METH_VARARGS, "Calls function(*args, **kwargs) in a new thread.")
static PyObject *
thread_start_new_thread(PyObject *module, PyObject *args)
{
    PyObject *func, *tuple, *kwargs = NULL;

    if (!PyArg_UnpackTuple(args, "start_new_thread", 2, 3, &func, &tuple, &kwargs)) {
        return NULL;
    }
    return start_new_thread("start_new_thread", func, tuple, kwargs);
}

KR_FUNCTION_RAW(thread, "start_new($module, function, args, kwargs={}, /)", METH_VARARGS,
                "The same as start_new_thread().")
static PyObject *
thread_start_new(PyObject *module, PyObject *args)
{
    return thread_start_new_thread(module, args);
}

KR_FUNCTION(thread, "start_joinable_thread(function, handle=None, daemon=True)",
            "Calls function() in a new thread that can be waited for.")
static PyObject *
thread_start_joinable_thread(PyObject *module, PyObject *function, PyObject *handle,
                             bool daemon)
{
    PyObject *args, *result;

    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "thread function must be callable");
        return NULL;
    }
    if (Py_IsNone(handle)) {
        handle = NULL;
    }
    else if (!Py_IS_TYPE(handle, &kr_thread_handle_type)) {
        PyErr_SetString(PyExc_TypeError, "'handle' must be a _ThreadHandle");
        return NULL;
    }
    if (PySys_Audit("_thread.start_joinable_thread", "OiO", function, daemon,
                    handle ? handle : Py_None) < 0) {
        return NULL;
    }
    args = PyTuple_New(0);
    if (args == NULL) {
        return NULL;
    }
    result = kr_start_joinable(function, args, NULL, handle, daemon);
    Py_DECREF(args);
    return result;
}

KR_FUNCTION(thread, "_make_thread_handle(ident, /)", "A handle for a thread that runs.")
static PyObject *
thread__make_thread_handle(PyObject *module, PyObject *ident)
{
    unsigned long value;

    if (!PyLong_Check(ident)) {
        PyErr_SetString(PyExc_TypeError, "ident must be an integer");
        return NULL;
    }
    value = PyLong_AsUnsignedLongLong(ident);
    if (value == (unsigned long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    return kr_thread_handle_for(value);
}

KR_FUNCTION(thread, "_shutdown()", "Waits for all threads that are no daemons.")
static PyObject *
thread__shutdown(PyObject *module)
{
    if (kr_threads_shutdown() < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

// ---- this thread ------------------------------------------------------------

KR_FUNCTION(thread, "exit()", "Raises SystemExit, which ends the thread silently.")
static PyObject *
thread_exit(PyObject *module)
{
    PyErr_SetNone(PyExc_SystemExit);
    return NULL;
}

KR_FUNCTION(thread, "exit_thread()", "The same as exit().")
static PyObject *
thread_exit_thread(PyObject *module)
{
    PyErr_SetNone(PyExc_SystemExit);
    return NULL;
}

KR_FUNCTION(thread, "get_ident()", "A number that identifies this thread while it lives.")
static PyObject *
thread_get_ident(PyObject *module)
{
    return PyLong_FromUnsignedLong(PyThread_get_thread_ident());
}

KR_FUNCTION(thread, "get_native_id()", "The number the operating system gave this thread.")
static PyObject *
thread_get_native_id(PyObject *module)
{
    return PyLong_FromUnsignedLong(PyThread_get_thread_native_id());
}

KR_FUNCTION(thread, "_get_main_thread_ident()", "The identity of the main thread.")
static PyObject *
thread__get_main_thread_ident(PyObject *module)
{
    PyThreadState *main = kr_interp()->main_thread;

    return PyLong_FromUnsignedLong(main == NULL ? 0 : main->thread_id);
}

KR_FUNCTION(thread, "_is_main_interpreter()", "Whether this is the first interpreter.")
static PyObject *
thread__is_main_interpreter(PyObject *module)
{
    return PyBool_FromLong(kr_interp() == PyInterpreterState_Main());
}

KR_FUNCTION(thread, "_count()", "How many threads run that were started here.")
static PyObject *
thread__count(PyObject *module)
{
    return PyLong_FromSsize_t(kr_interp()->runtime.thread_count);
}

KR_FUNCTION(thread, "stack_size(size=0, /)",
            "Sets the C stack's size of new threads; returns the former one.")
static PyObject *
thread_stack_size(PyObject *module, Py_ssize_t size)
{
    size_t old = PyThread_get_stacksize();

    if (size < 0 || PyThread_set_stacksize((size_t)size) < 0) {
        PyErr_Format(PyExc_ValueError, "size must be at least %u bytes",
                     KR_THREAD_STACK_MIN);
        return NULL;
    }
    return PyLong_FromSize_t(old);
}

KR_FUNCTION(thread, "set_name(name: str)", "Names this thread for the operating system.")
static PyObject *
thread_set_name(PyObject *module, PyObject *name)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(name);
    char text[16];
    Py_ssize_t size;

    if (bytes == NULL) {
        return NULL;
    }
    size = Py_MIN(PyBytes_GET_SIZE(bytes), (Py_ssize_t)sizeof text - 1);
    memcpy(text, PyBytes_AS_STRING(bytes), (size_t)size);
    text[size] = '\0';
    Py_DECREF(bytes);
    int status = pthread_setname_np(pthread_self(), text);
    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(thread, "_get_name()", "The name of this thread in the operating system.")
static PyObject *
thread__get_name(PyObject *module)
{
    char text[100];
    int status = pthread_getname_np(pthread_self(), text, sizeof text);

    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeFSDefault(text);
}

KR_FUNCTION_RAW(thread, "interrupt_main($module, signum=signal.SIGINT, /)", METH_VARARGS,
                "Lets the main thread behave as if the signal had come.")
static PyObject *
thread_interrupt_main(PyObject *module, PyObject *args)
{
    int signum = SIGINT;

    if (!PyArg_ParseTuple(args, "|i:interrupt_main", &signum)) {
        return NULL;
    }
    if (PyErr_SetInterruptEx(signum) < 0) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(thread, "allocate_lock()", "A new lock.")
static PyObject *
thread_allocate_lock(PyObject *module)
{
    return PyObject_CallNoArgs((PyObject *)&kr_lock_type);
}

KR_FUNCTION(thread, "allocate()", "The same as allocate_lock().")
static PyObject *
thread_allocate(PyObject *module)
{
    return PyObject_CallNoArgs((PyObject *)&kr_lock_type);
}

// ---- exceptions in threads --------------------------------------------------

static PyStructSequence_Field hook_fields[] = {
    {"exc_type", "Exception type"},
    {"exc_value", "Exception value"},
    {"exc_traceback", "Exception traceback"},
    {"thread", "Thread"},
    {NULL, NULL},
};

static PyStructSequence_Desc hook_desc = {
    "_thread._ExceptHookArgs",
    "What threading.excepthook is told.", hook_fields, 4};

KR_FUNCTION(thread, "_excepthook(args, /)", "Prints an exception that ended a thread.")
static PyObject *
thread__excepthook(PyObject *module, PyObject *args)
{
    PyObject *file = NULL, *thread, *name = NULL, *type, *value, *traceback, *line;

    if (!Py_IS_TYPE(args, kr_interp()->runtime.thread_excepthook_type)) {
        PyErr_SetString(PyExc_TypeError,
                        "_thread.excepthook argument type must be ExceptHookArgs");
        return NULL;
    }
    type = PyStructSequence_GetItem(args, 0);
    if (type == PyExc_SystemExit) {
        Py_RETURN_NONE;
    }
    value = PyStructSequence_GetItem(args, 1);
    traceback = PyStructSequence_GetItem(args, 2);
    thread = PyStructSequence_GetItem(args, 3);
    if (PySys_GetOptionalAttr(KR_ID(stderr), &file) < 0) {
        return NULL;
    }
    if ((file == NULL || Py_IsNone(file)) && !Py_IsNone(thread)) {
        // The thread remembers the stream that was there when it began.
        Py_XDECREF(file);
        file = PyObject_GetAttr(thread, KR_ID(_stderr));
        if (file == NULL) {
            return NULL;
        }
    }
    if (file == NULL || Py_IsNone(file)) {
        Py_XDECREF(file);
        Py_RETURN_NONE;
    }
    if (!Py_IsNone(thread) && PyObject_GetOptionalAttr(thread, KR_ID(name), &name) < 0) {
        PyErr_Clear();
    }
    line = name == NULL
               ? PyUnicode_FromFormat("Exception in thread %lu:\n",
                                      PyThread_get_thread_ident())
               : PyUnicode_FromFormat("Exception in thread %S:\n", name);
    if (line == NULL || PyFile_WriteObject(line, file, Py_PRINT_RAW) < 0) {
        Py_XDECREF(line);
        Py_XDECREF(name);
        Py_DECREF(file);
        return NULL;
    }
    Py_DECREF(line);
    Py_XDECREF(name);
    PyErr_Display(type, value, traceback);
    PyObject *none = PyObject_CallMethodNoArgs(file, KR_ID(flush));
    Py_XDECREF(none);
    PyErr_Clear();
    Py_DECREF(file);
    Py_RETURN_NONE;
}

// ---- the module -------------------------------------------------------------

KR_MODULE(thread)
#include "runtime/threads/thread_module.methods.h"

static int
thread_exec(PyObject *module)
{
    PyTypeObject **hook = &kr_interp()->runtime.thread_excepthook_type;

    if (*hook == NULL) {
        *hook = PyStructSequence_NewType(&hook_desc);
        if (*hook == NULL) {
            return -1;
        }
    }
    if (PyModule_AddType(module, &kr_lock_type) < 0 ||
        PyModule_AddObjectRef(module, "LockType", (PyObject *)&kr_lock_type) < 0 ||
        PyModule_AddType(module, &kr_rlock_type) < 0 ||
        PyModule_AddType(module, &kr_thread_handle_type) < 0 ||
        PyModule_AddType(module, &kr_local_type) < 0 ||
        PyType_Ready(&kr_local_seat_type) < 0 ||
        PyModule_AddObjectRef(module, "_ExceptHookArgs", (PyObject *)*hook) < 0 ||
        PyModule_AddObjectRef(module, "error", PyExc_RuntimeError) < 0 ||
        PyModule_Add(module, "TIMEOUT_MAX", PyFloat_FromDouble(KR_TIMEOUT_MAX_SECONDS)) <
            0 ||
        PyModule_AddIntConstant(module, "_NAME_MAXLEN", 15) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot thread_slots[] = {
    {Py_mod_exec, thread_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef thread_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_thread",
    .m_doc = "Threads and locks; the threading module is for programs.",
    .m_methods = thread_methods,
    .m_slots = thread_slots,
};

PyMODINIT_FUNC
PyInit__thread(void)
{
    return PyModuleDef_Init(&thread_def);
}
