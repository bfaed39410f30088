// SPDX-License-Identifier: MIT
// coroutine.c - coroutines: generators that are awaited.
#include "vm/generator.h"

#include "objects/ids.h"
#include "objects/method_macros.h"
#include "vm/machine.h"

// What "await object" iterates over: new reference, or TypeError.
PyObject *
kr_coro_get_awaitable_iter(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    if (PyCoro_CheckExact(object)) {
        return Py_NewRef(object);
    }
    if (PyGen_CheckExact(object) &&
        (((PyCodeObject *)((PyGenObject *)object)->gi_code)->co_flags &
         CO_ITERABLE_COROUTINE)) {
        return Py_NewRef(object);
    }
    if (type->tp_as_async == NULL || type->tp_as_async->am_await == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.100s' object can't be awaited", type->tp_name);
        return NULL;
    }
    PyObject *result = type->tp_as_async->am_await(object);
    if (result == NULL) {
        return NULL;
    }
    if (PyCoro_CheckExact(result) ||
        (PyGen_CheckExact(result) &&
         (((PyCodeObject *)((PyGenObject *)result)->gi_code)->co_flags &
          CO_ITERABLE_COROUTINE))) {
        PyErr_SetString(PyExc_TypeError, "__await__() returned a coroutine");
        Py_DECREF(result);
        return NULL;
    }
    if (!PyIter_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__await__() returned non-iterator of type '%.100s'",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

void
kr_warn_unawaited(PyGenObject *coroutine)
{
    PyObject *warn = PyImport_ImportModuleAttrString("warnings", "_warn_unawaited_coroutine");
    bool warned = false;
    if (warn != NULL) {
        PyObject *result = PyObject_CallOneArg(warn, (PyObject *)coroutine);
        warned = result != NULL || PyErr_ExceptionMatches(PyExc_RuntimeWarning);
        Py_XDECREF(result);
        Py_DECREF(warn);
    }
    else {
        PyErr_Clear();
    }
    if (PyErr_Occurred()) {
        PyErr_FormatUnraisable("Exception ignored while finalizing coroutine %R", coroutine);
    }
    // The plain warning, when the helper is gone or broken.
    if (!warned && PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                                    "coroutine '%S' was never awaited",
                                    coroutine->gi_qualname) < 0) {
        PyErr_FormatUnraisable("Exception ignored while finalizing coroutine %R", coroutine);
    }
}

// --- The wrapper that __await__ returns -----------------------------------------------

typedef struct {
    PyObject_HEAD
    PyGenObject *coroutine; // owned
} CoroWrapper;

KR_METHOD_RAW(wrapper, "send", METH_O, "send(arg) -> send 'arg' into coroutine.")
static PyObject *
wrapper_send(PyObject *op, PyObject *value)
{
    return PyObject_CallMethodOneArg((PyObject *)((CoroWrapper *)op)->coroutine, KR_ID(send),
                                     value);
}

static PyObject *
wrapper_iternext(PyObject *op)
{
    return wrapper_send(op, Py_None);
}

static PySendResult
wrapper_am_send(PyObject *op, PyObject *value, PyObject **result)
{
    return kr_gen_resume(((CoroWrapper *)op)->coroutine, value, false, result);
}

KR_METHOD_RAW(wrapper, "throw", METH_FASTCALL,
              "throw(value) -> raise an exception in coroutine.")
static PyObject *
wrapper_throw(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    return kr_gen_throw_method((PyObject *)((CoroWrapper *)op)->coroutine, args, nargs);
}

KR_METHOD_RAW(wrapper, "close", METH_NOARGS,
              "close() -> raise GeneratorExit inside coroutine.")
static PyObject *
wrapper_close(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return kr_gen_close(((CoroWrapper *)op)->coroutine);
}

static void
wrapper_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((CoroWrapper *)op)->coroutine);
    PyObject_GC_Del(op);
}

static int
wrapper_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((CoroWrapper *)op)->coroutine);
    return 0;
}

static PyObject *
coro_await(PyObject *coroutine)
{
    CoroWrapper *wrapper = PyObject_GC_New(CoroWrapper, &_PyCoroWrapper_Type);
    if (wrapper == NULL) {
        return NULL;
    }
    wrapper->coroutine = (PyGenObject *)Py_NewRef(coroutine);
    PyObject_GC_Track(wrapper);
    return (PyObject *)wrapper;
}

// --- Coroutines ----------------------------------------------------------------------

KR_METHOD_RAW(coro, "send", METH_O,
              "send(arg) -> send 'arg' into coroutine; the next yielded value or "
              "StopIteration.")
static PyObject *
coro_send(PyObject *self, PyObject *value)
{
    PyObject *result;
    if (kr_gen_resume((PyGenObject *)self, value, false, &result) == PYGEN_RETURN) {
        if (result == Py_None) {
            PyErr_SetNone(PyExc_StopIteration);
        }
        else {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

KR_METHOD_RAW(coro, "throw", METH_FASTCALL,
              "throw(value) -> raise an exception in coroutine.")
static PyObject *
coro_throw(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return kr_gen_throw_method(self, args, nargs);
}

KR_METHOD_RAW(coro, "close", METH_NOARGS,
              "close() -> raise GeneratorExit inside coroutine.")
static PyObject *
coro_close(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return kr_gen_close((PyGenObject *)self);
}

KR_METHOD_RAW(coro, "__sizeof__", METH_NOARGS, "coro.__sizeof__() -> size in bytes.")
static PyObject *
coro___sizeof__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSize_t(sizeof(PyGenObject) +
                             kr_frame_exec(&((PyGenObject *)self)->gi_frame)->nslots *
                                 sizeof(KV));
}

KR_METHOD_RAW(coro, "__class_getitem__", METH_O | METH_CLASS, "See PEP 585")
static PyObject *
coro___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

static PyObject *
coro_get_origin(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *origin = ((PyGenObject *)self)->gi_origin_or_finalizer;
    return Py_NewRef(origin != NULL ? origin : Py_None);
}

static PyGetSetDef coro_attributes[] = {
    {"__name__", kr_gen_get_name, kr_gen_set_name, "name of the coroutine", NULL},
    {"__qualname__", kr_gen_get_qualname, kr_gen_set_qualname,
     "qualified name of the coroutine", NULL},
    {"cr_await", kr_gen_get_yieldfrom, NULL, "object being awaited on, or None", NULL},
    {"cr_running", kr_gen_get_running, NULL, NULL, NULL},
    {"cr_frame", kr_gen_get_frame, NULL, NULL, NULL},
    {"cr_code", kr_gen_get_code, NULL, NULL, NULL},
    {"cr_suspended", kr_gen_get_suspended, NULL, NULL, NULL},
    {"cr_origin", coro_get_origin, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *
coro_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<coroutine object %S at %p>",
                                ((PyGenObject *)op)->gi_qualname, op);
}

KR_TYPE(wrapper)
KR_TYPE(coro)
#include "vm/coroutine.methods.h"

static PyAsyncMethods coro_as_async = {
    .am_await = coro_await,
    .am_send = kr_gen_am_send,
};

PyTypeObject PyCoro_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "coroutine",
    .tp_basicsize = offsetof(PyGenObject, gi_frame) + sizeof(KrFrame),
    .tp_itemsize = sizeof(KV),
    .tp_dealloc = kr_gen_dealloc,
    .tp_as_async = &coro_as_async,
    .tp_repr = coro_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = kr_gen_traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_methods = coro_methods,
    .tp_getset = coro_attributes,
    .tp_finalize = _PyGen_Finalize,
};

static PyAsyncMethods wrapper_as_async = {.am_send = wrapper_am_send};

PyTypeObject _PyCoroWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "coroutine_wrapper",
    .tp_basicsize = sizeof(CoroWrapper),
    .tp_dealloc = wrapper_dealloc,
    .tp_as_async = &wrapper_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "A wrapper object implementing __await__ for coroutines.",
    .tp_traverse = wrapper_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = wrapper_iternext,
    .tp_methods = wrapper_methods,
};

PyObject *
PyCoro_New(PyFrameObject *frame, PyObject *name, PyObject *qualname)
{
    return PyGen_NewWithQualName(frame, name, qualname);
}
