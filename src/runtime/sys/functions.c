// SPDX-License-Identifier: MIT
// functions.c - the functions of sys that ask and set the interpreter's state.
#include "runtime/sys/sys.h"

#include <dlfcn.h>
#include <string.h>

#include "mem/heap.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/type.h"
#include "vm/call.h"
#include "vm/frame.h"

// ---- objects ----------------------------------------------------------------

KR_FUNCTION(sys, "intern(string, /)",
            "The one string of that value in the table of interned strings.")
static PyObject *
sys_intern(PyObject *module, PyObject *string)
{
    if (!PyUnicode_CheckExact(string)) {
        if (PyUnicode_Check(string)) {
            PyErr_Format(PyExc_TypeError, "can't intern %.400s",
                         Py_TYPE(string)->tp_name);
            return NULL;
        }
        kr_arg_bad("intern", "argument", "str", string);
        return NULL;
    }
    Py_INCREF(string);
    PyUnicode_InternInPlace(&string);
    return string;
}

KR_FUNCTION(sys, "_is_interned(string: str, /)", "Whether a string is interned.")
static PyObject *
sys__is_interned(PyObject *module, PyObject *string)
{
    return PyBool_FromLong(PyUnicode_CHECK_INTERNED(string));
}

KR_FUNCTION(sys, "_is_immortal(op, /)", "Whether an object is never freed.")
static PyObject *
sys__is_immortal(PyObject *module, PyObject *op)
{
    return PyBool_FromLong(PyUnstable_IsImmortal(op));
}

KR_FUNCTION_RAW(sys, "getsizeof", METH_VARARGS | METH_KEYWORDS,
                "getsizeof(object [, default]) -> int\n\n"
                "The size of an object in bytes.")
static PyObject *
sys_getsizeof(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"object", "default", NULL};
    PyObject *object, *fallback = NULL;
    size_t size;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:getsizeof", names, &object,
                                     &fallback)) {
        return NULL;
    }
    size = _PySys_GetSizeOf(object);
    if (size == (size_t)-1 && PyErr_Occurred()) {
        if (fallback != NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Clear();
            return Py_NewRef(fallback);
        }
        return NULL;
    }
    return PyLong_FromSize_t(size);
}

KR_FUNCTION(sys, "getrefcount(object, /)", "The reference count of an object.")
static PyObject *
sys_getrefcount(PyObject *module, PyObject *object)
{
    return PyLong_FromSsize_t((Py_ssize_t)Py_REFCNT(object));
}

KR_FUNCTION(sys, "getallocatedblocks()",
            "How many blocks of memory the allocator has handed out.")
static PyObject *
sys_getallocatedblocks(PyObject *module)
{
    return PyLong_FromSize_t(kr_heap_count_blocks(&kr_interp()->mem.heap));
}

KR_FUNCTION(sys, "getunicodeinternedsize(*, _only_immortal=False)",
            "How many strings are interned.")
static PyObject *
sys_getunicodeinternedsize(PyObject *module, bool _only_immortal)
{
    Py_ssize_t count = _only_immortal ? kr_static_name_count : kr_interp()->str.interned_used;

    return PyLong_FromSsize_t(count);
}

// ---- errors and exit --------------------------------------------------------

KR_FUNCTION(sys, "exit(status=None, /)", "Raises SystemExit(status).")
static PyObject *
sys_exit(PyObject *module, PyObject *status)
{
    PyErr_SetObject(PyExc_SystemExit, status);
    return NULL;
}

KR_FUNCTION(sys, "exception()", "The exception being handled, or None.")
static PyObject *
sys_exception(PyObject *module)
{
    PyObject *exception = PyErr_GetHandledException();

    return exception == NULL ? Py_NewRef(Py_None) : exception;
}

KR_FUNCTION(sys, "exc_info()",
            "The exception being handled as (type, value, traceback), or three Nones.")
static PyObject *
sys_exc_info(PyObject *module)
{
    PyObject *exception = PyErr_GetHandledException();
    PyObject *traceback, *result;

    if (exception == NULL) {
        return PyTuple_Pack(3, Py_None, Py_None, Py_None);
    }
    traceback = PyException_GetTraceback(exception);
    result = PyTuple_Pack(3, (PyObject *)Py_TYPE(exception), exception,
                          traceback == NULL ? Py_None : traceback);
    Py_XDECREF(traceback);
    Py_DECREF(exception);
    return result;
}

KR_FUNCTION(sys, "is_finalizing()", "Whether the interpreter is shutting down.")
static PyObject *
sys_is_finalizing(PyObject *module)
{
    return PyBool_FromLong(Py_IsFinalizing());
}

// ---- encodings --------------------------------------------------------------

KR_FUNCTION(sys, "getdefaultencoding()", "The encoding used where none is given.")
static PyObject *
sys_getdefaultencoding(PyObject *module)
{
    return Py_NewRef(KR_STR(utf_8, "utf-8"));
}

KR_FUNCTION(sys, "getfilesystemencoding()", "The encoding of file names.")
static PyObject *
sys_getfilesystemencoding(PyObject *module)
{
    const wchar_t *name = kr_interp()->runtime.config.filesystem_encoding;

    if (name == NULL) {
        return Py_NewRef(KR_STR(utf_8, "utf-8"));
    }
    return PyUnicode_FromWideChar(name, -1);
}

KR_FUNCTION(sys, "getfilesystemencodeerrors()",
            "What happens to file names that cannot be encoded.")
static PyObject *
sys_getfilesystemencodeerrors(PyObject *module)
{
    const wchar_t *name = kr_interp()->runtime.config.filesystem_errors;

    if (name == NULL) {
        return Py_NewRef(KR_ID(surrogateescape));
    }
    return PyUnicode_FromWideChar(name, -1);
}

// ---- limits -----------------------------------------------------------------

KR_FUNCTION(sys, "getrecursionlimit()", "How deeply calls may nest.")
static PyObject *
sys_getrecursionlimit(PyObject *module)
{
    return PyLong_FromLong(Py_GetRecursionLimit());
}

KR_FUNCTION(sys, "setrecursionlimit(limit, /)", "Sets how deeply calls may nest.")
static PyObject *
sys_setrecursionlimit(PyObject *module, int limit)
{
    PyThreadState *tstate = kr_thread();
    int depth = tstate->py_recursion_limit - tstate->py_recursion_remaining;

    if (limit < 1) {
        PyErr_SetString(PyExc_ValueError,
                        "recursion limit must be greater or equal than 1");
        return NULL;
    }
    if (depth >= limit) {
        PyErr_Format(PyExc_RecursionError,
                     "cannot set the recursion limit to %i at the recursion depth %i: "
                     "the limit is too low",
                     limit, depth);
        return NULL;
    }
    Py_SetRecursionLimit(limit);
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "getswitchinterval()",
            "Seconds that a thread runs before others may ask for their turn.")
static PyObject *
sys_getswitchinterval(PyObject *module)
{
    return PyFloat_FromDouble(1e-6 * (double)kr_interp()->gil.interval);
}

KR_FUNCTION(sys, "setswitchinterval(interval, /)",
            "Sets how long a thread runs before others may ask for their turn.")
static PyObject *
sys_setswitchinterval(PyObject *module, double interval)
{
    if (!(interval > 0.0)) {
        PyErr_SetString(PyExc_ValueError, "switch interval must be strictly positive");
        return NULL;
    }
    kr_interp()->gil.interval = (unsigned long)(1e6 * interval);
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "get_int_max_str_digits()",
            "How many digits int and str conversions may have; 0 is no limit.")
static PyObject *
sys_get_int_max_str_digits(PyObject *module)
{
    return PyLong_FromLong(kr_interp()->errors.int_max_str_digits);
}

KR_FUNCTION(sys, "set_int_max_str_digits(maxdigits)",
            "Sets how many digits int and str conversions may have.")
static PyObject *
sys_set_int_max_str_digits(PyObject *module, int maxdigits)
{
    enum { THRESHOLD = 640 };

    if (maxdigits != 0 && maxdigits < THRESHOLD) {
        PyErr_Format(PyExc_ValueError, "maxdigits must be >= %d or 0 for unlimited",
                     THRESHOLD);
        return NULL;
    }
    kr_interp()->errors.int_max_str_digits = maxdigits;
    Py_RETURN_NONE;
}

// ---- frames and threads -----------------------------------------------------

KR_FUNCTION(sys, "_getframe(depth=0, /)",
            "The frame of the caller, or one further out.")
static PyObject *
sys__getframe(PyObject *module, int depth)
{
    PyFrameObject *frame = kr_current_frame_object(kr_thread(), Py_MAX(depth, 0));

    if (frame == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "call stack is not deep enough");
        }
        return NULL;
    }
    Py_INCREF(frame);
    if (PySys_Audit("sys._getframe", "(O)", frame) < 0) {
        Py_DECREF(frame);
        return NULL;
    }
    return (PyObject *)frame;
}

KR_FUNCTION(sys, "_getframemodulename(depth=0)",
            "The name of the caller's module, or None.")
static PyObject *
sys__getframemodulename(PyObject *module, int depth)
{
    const KrFrame *frame = (const KrFrame *)kr_thread()->current_frame;
    PyObject *name;

    if (PySys_Audit("sys._getframemodulename", "i", depth) < 0) {
        return NULL;
    }
    while (frame != NULL && depth-- > 0) {
        frame = kr_frame_prev(frame);
    }
    if (frame == NULL || kr_frame_func(frame) == NULL) {
        Py_RETURN_NONE;
    }
    if (PyObject_GetOptionalAttr((PyObject *)kr_frame_func(frame), KR_ID(__module__),
                                 &name) == 0) {
        Py_RETURN_NONE;
    }
    return name;
}

KR_FUNCTION(sys, "_current_frames()", "The topmost frame of each thread, by thread id.")
static PyObject *
sys__current_frames(PyObject *module)
{
    return _PyThread_CurrentFrames();
}

KR_FUNCTION(sys, "_current_exceptions()",
            "The exception that each thread is handling, by thread id.")
static PyObject *
sys__current_exceptions(PyObject *module)
{
    return _PyThread_CurrentExceptions();
}

KR_FUNCTION(sys, "_is_gil_enabled()", "Whether one thread runs at a time.")
static PyObject *
sys__is_gil_enabled(PyObject *module)
{
    Py_RETURN_TRUE;
}

KR_FUNCTION(sys, "get_coroutine_origin_tracking_depth()",
            "How many frames are remembered of where a coroutine was made.")
static PyObject *
sys_get_coroutine_origin_tracking_depth(PyObject *module)
{
    return PyLong_FromLong(kr_thread()->coroutine_origin_tracking_depth);
}

KR_FUNCTION(sys, "set_coroutine_origin_tracking_depth(depth)",
            "Sets how many frames are remembered of where a coroutine was made.")
static PyObject *
sys_set_coroutine_origin_tracking_depth(PyObject *module, int depth)
{
    if (depth < 0) {
        PyErr_SetString(PyExc_ValueError, "depth must be >= 0");
        return NULL;
    }
    if (PySys_Audit("sys.set_coroutine_origin_tracking_depth", "i", depth) < 0) {
        return NULL;
    }
    kr_thread()->coroutine_origin_tracking_depth = depth;
    Py_RETURN_NONE;
}

static PyStructSequence_Field asyncgen_fields[] = {
    {"firstiter", "Hook to intercept first iteration"},
    {"finalizer", "Hook to intercept finalization"},
    {NULL, NULL},
};

static PyStructSequence_Desc asyncgen_desc = {
    "asyncgen_hooks", "The hooks of asynchronous generators as a named tuple.",
    asyncgen_fields, 2};

KR_FUNCTION(sys, "get_asyncgen_hooks()",
            "The hooks of asynchronous generators, (firstiter, finalizer).")
static PyObject *
sys_get_asyncgen_hooks(PyObject *module)
{
    PyThreadState *tstate = kr_thread();
    PyTypeObject **type = &tstate->interp->runtime.asyncgen_hooks_type;
    PyObject *result;

    if (*type == NULL) {
        *type = PyStructSequence_NewType(&asyncgen_desc);
    }
    result = *type == NULL ? NULL : PyStructSequence_New(*type);
    if (result != NULL) {
        PyObject *first = tstate->async_gen_firstiter;
        PyObject *final = tstate->async_gen_finalizer;
        PyStructSequence_SetItem(result, 0, Py_NewRef(first == NULL ? Py_None : first));
        PyStructSequence_SetItem(result, 1, Py_NewRef(final == NULL ? Py_None : final));
    }
    return result;
}

// Checks one hook; None becomes NULL.
static int
check_asyncgen_hook(const char *what, PyObject **hook)
{
    if (*hook == NULL || Py_IsNone(*hook)) {
        return 0;
    }
    if (!PyCallable_Check(*hook)) {
        PyErr_Format(PyExc_TypeError, "callable %s expected, got %.50s", what,
                     Py_TYPE(*hook)->tp_name);
        return -1;
    }
    return 0;
}

KR_FUNCTION_RAW(sys, "set_asyncgen_hooks", METH_VARARGS | METH_KEYWORDS,
                "set_asyncgen_hooks([firstiter] [, finalizer])\n\n"
                "Sets the hooks of asynchronous generators.")
static PyObject *
sys_set_asyncgen_hooks(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"firstiter", "finalizer", NULL};
    PyThreadState *tstate = kr_thread();
    PyObject *first = NULL, *final = NULL;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO", names, &first, &final) ||
        check_asyncgen_hook("finalizer", &final) < 0 ||
        check_asyncgen_hook("firstiter", &first) < 0) {
        return NULL;
    }
    if (final != NULL) {
        if (PySys_Audit("sys.set_asyncgen_hooks_finalizer", NULL) < 0) {
            return NULL;
        }
        Py_XSETREF(tstate->async_gen_finalizer,
                   Py_IsNone(final) ? NULL : Py_NewRef(final));
    }
    if (first != NULL) {
        if (PySys_Audit("sys.set_asyncgen_hooks_firstiter", NULL) < 0) {
            return NULL;
        }
        Py_XSETREF(tstate->async_gen_firstiter,
                   Py_IsNone(first) ? NULL : Py_NewRef(first));
    }
    Py_RETURN_NONE;
}

// ---- loading, caches --------------------------------------------------------

KR_FUNCTION(sys, "getdlopenflags()", "The flags that extension modules are loaded with.")
static PyObject *
sys_getdlopenflags(PyObject *module)
{
    return PyLong_FromLong(kr_interp()->runtime.dlopen_flags);
}

KR_FUNCTION(sys, "setdlopenflags(flags, /)",
            "Sets the flags that extension modules are loaded with.")
static PyObject *
sys_setdlopenflags(PyObject *module, int flags)
{
    kr_interp()->runtime.dlopen_flags = flags;
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_clear_type_cache()", "Empties the cache of attribute lookups.")
static PyObject *
sys__clear_type_cache(PyObject *module)
{
    PyType_ClearCache();
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_clear_internal_caches()", "Empties caches that only make things fast.")
static PyObject *
sys__clear_internal_caches(PyObject *module)
{
    PyType_ClearCache();
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_clear_type_descriptors(type: type, /)",
            "Removes __dict__ and __weakref__ from a class that is being replaced.")
static PyObject *
sys__clear_type_descriptors(PyObject *module, PyObject *type)
{
    PyTypeObject *cls = (PyTypeObject *)type;
    PyObject *dict;

    if (cls->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        PyErr_SetString(PyExc_TypeError, "argument is immutable");
        return NULL;
    }
    dict = PyType_GetDict(cls);
    if (dict == NULL || PyDict_Pop(dict, KR_ID(__dict__), NULL) < 0 ||
        PyDict_Pop(dict, KR_ID(__weakref__), NULL) < 0) {
        Py_XDECREF(dict);
        return NULL;
    }
    Py_DECREF(dict);
    PyType_Modified(cls);
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_get_cpu_count_config()", "The CPU count given at start, or -1.")
static PyObject *
sys__get_cpu_count_config(PyObject *module)
{
    return PyLong_FromLong(kr_interp()->runtime.config.cpu_count);
}

KR_FUNCTION(sys, "_debugmallocstats()", "Prints figures of the allocator to stderr.")
static PyObject *
sys__debugmallocstats(PyObject *module)
{
    size_t blocks = kr_heap_count_blocks(&kr_interp()->mem.heap);

    fprintf(stderr, "%zu blocks in use\n", blocks);
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "_dump_tracelets(outpath)", "Not implemented: there are no tracelets.")
static PyObject *
sys__dump_tracelets(PyObject *module, PyObject *outpath)
{
    PyErr_SetString(PyExc_NotImplementedError, "No JIT available");
    return NULL;
}

KR_FUNCTION(sys, "_baserepl()", "Runs the basic prompt on standard input.")
static PyObject *
sys__baserepl(PyObject *module)
{
    PyCompilerFlags cf = {.cf_flags = 0, .cf_feature_version = PY_MINOR_VERSION};

    PyRun_AnyFileExFlags(stdin, "<stdin>", 0, &cf);
    Py_RETURN_NONE;
}

// ---- profiling by others ----------------------------------------------------

KR_FUNCTION(sys, "activate_stack_trampoline(backend: str, /)",
            "Not available: there is no profiler trampoline.")
static PyObject *
sys_activate_stack_trampoline(PyObject *module, PyObject *backend)
{
    PyErr_SetString(PyExc_ValueError, "perf trampoline not available");
    return NULL;
}

KR_FUNCTION(sys, "deactivate_stack_trampoline()", "Does nothing: none can be active.")
static PyObject *
sys_deactivate_stack_trampoline(PyObject *module)
{
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "is_stack_trampoline_active()", "Whether a trampoline is active: no.")
static PyObject *
sys_is_stack_trampoline_active(PyObject *module)
{
    Py_RETURN_FALSE;
}

KR_FUNCTION(sys, "is_remote_debug_enabled()", "Whether others may run code here: no.")
static PyObject *
sys_is_remote_debug_enabled(PyObject *module)
{
    Py_RETURN_FALSE;
}

KR_FUNCTION(sys, "remote_exec(pid, script)", "Not available: raises RuntimeError.")
static PyObject *
sys_remote_exec(PyObject *module, int pid, PyObject *script)
{
    PyErr_SetString(PyExc_RuntimeError, "Remote debugging is not enabled");
    return NULL;
}

// ---- auditing ---------------------------------------------------------------

KR_FUNCTION(sys, "addaudithook(hook)", "Adds a callable that hears of audit events.")
static PyObject *
sys_addaudithook(PyObject *module, PyObject *hook)
{
    PyInterpreterState *interp = kr_interp();

    if (PySys_Audit("sys.addaudithook", NULL) < 0) {
        if (PyErr_ExceptionMatches(PyExc_Exception)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    if (interp->runtime.audit_hook_list == NULL) {
        interp->runtime.audit_hook_list = PyList_New(0);
        if (interp->runtime.audit_hook_list == NULL) {
            return NULL;
        }
        // gc.get_objects() is no way to take a hook out.
        PyObject_GC_UnTrack(interp->runtime.audit_hook_list);
    }
    if (PyList_Append(interp->runtime.audit_hook_list, hook) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sys, "audit(event, /, *args)", "Passes an event to the audit hooks.")
static PyObject *
sys_audit(PyObject *module, const char *event, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *tuple;
    int status;

    if (!kr_audit_wanted(kr_interp())) {
        Py_RETURN_NONE;
    }
    tuple = PyTuple_FromArray(args, nargs);
    if (tuple == NULL) {
        return NULL;
    }
    status = PySys_AuditTuple(event, tuple);
    Py_DECREF(tuple);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

#include "runtime/sys/functions.methods.h"
