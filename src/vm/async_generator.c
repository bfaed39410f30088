// SPDX-License-Identifier: MIT
// async_generator.c - asynchronous generators and their awaitables.
//
// A value that "yield" gives out of an asynchronous generator is wrapped, so that
// it differs from what an "await" inside passes to the event loop. asend() and
// __anext__() make an ASend, athrow() and aclose() an AThrow; each drives the
// generator until a wrapped value comes.
#include "vm/generator.h"

#include "objects/ids.h"
#include "objects/method_macros.h"
#include "vm/machine.h"

typedef enum {
    AWAITABLE_INIT,
    AWAITABLE_ITER,
    AWAITABLE_CLOSED,
} AwaitableState;

typedef struct {
    PyObject_HEAD
    PyObject *value; // owned
} WrappedValue;

typedef struct {
    PyObject_HEAD
    PyAsyncGenObject *gen;  // owned
    PyObject *sent;         // owned, or NULL
    AwaitableState state;
} ASend;

typedef struct {
    PyObject_HEAD
    PyAsyncGenObject *gen;  // owned
    PyObject *typ;          // owned; NULL: aclose()
    PyObject *val;          // owned, or NULL
    PyObject *tb;           // owned, or NULL
    AwaitableState state;
} AThrow;

// --- Wrapped values --------------------------------------------------------------

PyObject *
kr_async_gen_wrap(PyObject *value)
{
    WrappedValue *wrapped = PyObject_GC_New(WrappedValue, &_PyAsyncGenWrappedValue_Type);
    if (wrapped == NULL) {
        return NULL;
    }
    wrapped->value = Py_NewRef(value);
    PyObject_GC_Track(wrapped);
    return (PyObject *)wrapped;
}

static void
wrapped_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((WrappedValue *)self)->value);
    PyObject_GC_Del(self);
}

static int
wrapped_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((WrappedValue *)self)->value);
    return 0;
}

PyTypeObject _PyAsyncGenWrappedValue_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_wrapped_value",
    .tp_basicsize = sizeof(WrappedValue),
    .tp_dealloc = wrapped_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = wrapped_traverse,
};

// What a step of the generator means for the awaiting code. Consumes result.
static PyObject *
unwrap(PyAsyncGenObject *gen, PyObject *result)
{
    if (result == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetNone(PyExc_StopAsyncIteration);
        }
        if (PyErr_ExceptionMatches(PyExc_StopAsyncIteration) ||
            PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
            gen->ag_closed = 1;
        }
        gen->ag_running_async = 0;
        return NULL;
    }
    if (Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) {
        _PyGen_SetStopIterationValue(((WrappedValue *)result)->value);
        Py_DECREF(result);
        gen->ag_running_async = 0;
        return NULL;
    }
    return result;
}

// send() on the generator itself, a return being StopAsyncIteration.
static PyObject *
step(PyAsyncGenObject *gen, PyObject *value)
{
    PyObject *result;
    PySendResult state = kr_gen_resume(gen, value, false, &result);
    if (state == PYGEN_RETURN) {
        Py_DECREF(result);
        PyErr_SetNone(PyExc_StopAsyncIteration);
        return NULL;
    }
    return result;
}

// The first use of a generator tells the event loop about it.
static int
init_hooks(PyAsyncGenObject *gen)
{
    PyThreadState *tstate = kr_thread();
    if (gen->ag_hooks_inited) {
        return 0;
    }
    gen->ag_hooks_inited = 1;
    gen->gi_origin_or_finalizer = Py_XNewRef(tstate->async_gen_finalizer);
    PyObject *first = tstate->async_gen_firstiter;
    if (first != NULL) {
        Py_INCREF(first);
        PyObject *result = PyObject_CallOneArg(first, (PyObject *)gen);
        Py_DECREF(first);
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
    }
    return 0;
}

// --- asend and anext ----------------------------------------------------------------

static PyObject *
asend_create(PyAsyncGenObject *gen, PyObject *sent)
{
    ASend *self = PyObject_GC_New(ASend, &_PyAsyncGenASend_Type);
    if (self == NULL) {
        return NULL;
    }
    self->gen = (PyAsyncGenObject *)Py_NewRef(gen);
    self->sent = Py_XNewRef(sent);
    self->state = AWAITABLE_INIT;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

KR_METHOD_RAW(asend, "send", METH_O, "")
static PyObject *
asend_send(PyObject *op, PyObject *value)
{
    ASend *self = (ASend *)op;
    if (self->state == AWAITABLE_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError,
                        "cannot reuse already awaited __anext__()/asend()");
        return NULL;
    }
    if (self->state == AWAITABLE_INIT) {
        if (self->gen->ag_running_async) {
            self->state = AWAITABLE_CLOSED;
            PyErr_SetString(PyExc_RuntimeError,
                            "anext(): asynchronous generator is already running");
            return NULL;
        }
        if (value == NULL || value == Py_None) {
            value = self->sent;
        }
        self->state = AWAITABLE_ITER;
    }
    self->gen->ag_running_async = 1;
    PyObject *result = unwrap(self->gen, step(self->gen, value));
    if (result == NULL) {
        self->state = AWAITABLE_CLOSED;
    }
    return result;
}

static PyObject *
asend_iternext(PyObject *self)
{
    return asend_send(self, NULL);
}

KR_METHOD_RAW(asend, "throw", METH_FASTCALL, "")
static PyObject *
asend_throw(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    ASend *self = (ASend *)op;
    if (self->state == AWAITABLE_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError,
                        "cannot reuse already awaited __anext__()/asend()");
        return NULL;
    }
    if (self->state == AWAITABLE_INIT) {
        if (self->gen->ag_running_async) {
            self->state = AWAITABLE_CLOSED;
            PyErr_SetString(PyExc_RuntimeError,
                            "anext(): asynchronous generator is already running");
            return NULL;
        }
        self->state = AWAITABLE_ITER;
        self->gen->ag_running_async = 1;
    }
    PyObject *result = kr_gen_throw_method((PyObject *)self->gen, args, nargs);
    result = unwrap(self->gen, result);
    if (result == NULL) {
        self->state = AWAITABLE_CLOSED;
    }
    return result;
}

KR_METHOD_RAW(asend, "close", METH_NOARGS, "")
static PyObject *
asend_close(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    ASend *self = (ASend *)op;
    if (self->state == AWAITABLE_CLOSED) {
        Py_RETURN_NONE;
    }
    PyObject *args[1] = {PyExc_GeneratorExit};
    PyObject *result = asend_throw(op, args, 1);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_StopIteration) ||
            PyErr_ExceptionMatches(PyExc_StopAsyncIteration) ||
            PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    Py_DECREF(result);
    PyErr_SetString(PyExc_RuntimeError, "coroutine ignored GeneratorExit");
    return NULL;
}

static void
asend_dealloc(PyObject *op)
{
    ASend *self = (ASend *)op;
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return;
    }
    PyObject_GC_UnTrack(op);
    Py_CLEAR(self->gen);
    Py_CLEAR(self->sent);
    PyObject_GC_Del(op);
}

static void
asend_finalize(PyObject *op)
{
    ASend *self = (ASend *)op;
    if (self->state == AWAITABLE_INIT) {
        PyObject *exc = PyErr_GetRaisedException();
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                             "coroutine method %R of %R was never awaited", KR_ID(asend),
                             self->gen->gi_qualname) < 0) {
            PyErr_WriteUnraisable(op);
        }
        PyErr_SetRaisedException(exc);
    }
}

static int
asend_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((ASend *)op)->gen);
    Py_VISIT(((ASend *)op)->sent);
    return 0;
}

// --- athrow and aclose ---------------------------------------------------------------

static PyObject *
athrow_create(PyAsyncGenObject *gen, PyObject *typ, PyObject *val, PyObject *tb)
{
    AThrow *self = PyObject_GC_New(AThrow, &_PyAsyncGenAThrow_Type);
    if (self == NULL) {
        return NULL;
    }
    self->gen = (PyAsyncGenObject *)Py_NewRef(gen);
    self->typ = Py_XNewRef(typ);
    self->val = Py_XNewRef(val);
    self->tb = Py_XNewRef(tb);
    self->state = AWAITABLE_INIT;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *
throw_into(PyAsyncGenObject *gen, PyObject *typ, PyObject *val, PyObject *tb)
{
    return kr_gen_throw(gen, typ, val, tb, false);
}

// An exception of the generator ends the awaitable; for aclose() it is swallowed
// if it is what closing asks for.
static PyObject *
athrow_error(AThrow *self)
{
    self->gen->ag_running_async = 0;
    self->state = AWAITABLE_CLOSED;
    if (self->typ == NULL && (PyErr_ExceptionMatches(PyExc_StopAsyncIteration) ||
                              PyErr_ExceptionMatches(PyExc_GeneratorExit))) {
        PyErr_Clear();
        PyErr_SetNone(PyExc_StopIteration);
    }
    return NULL;
}

static PyObject *
ignored_exit(AThrow *self)
{
    self->gen->ag_running_async = 0;
    self->state = AWAITABLE_CLOSED;
    PyErr_SetString(PyExc_RuntimeError, "async generator ignored GeneratorExit");
    return NULL;
}

static PyObject *
athrow_start(AThrow *self)
{
    PyAsyncGenObject *gen = self->gen;
    if (gen->ag_running_async) {
        self->state = AWAITABLE_CLOSED;
        PyErr_SetString(PyExc_RuntimeError,
                        self->typ == NULL
                            ? "aclose(): asynchronous generator is already running"
                            : "athrow(): asynchronous generator is already running");
        return NULL;
    }
    if (gen->ag_closed) {
        self->state = AWAITABLE_CLOSED;
        PyErr_SetNone(PyExc_StopAsyncIteration);
        return NULL;
    }
    self->state = AWAITABLE_ITER;
    gen->ag_running_async = 1;
    PyObject *result;
    if (self->typ == NULL) {
        gen->ag_closed = 1;
        result = throw_into(gen, PyExc_GeneratorExit, NULL, NULL);
        if (result != NULL && Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) {
            Py_DECREF(result);
            return ignored_exit(self);
        }
    }
    else {
        result = unwrap(gen, throw_into(gen, self->typ, self->val, self->tb));
    }
    if (result == NULL) {
        return athrow_error(self);
    }
    return result;
}

KR_METHOD_RAW(athrow, "send", METH_O, "")
static PyObject *
athrow_send(PyObject *op, PyObject *value)
{
    AThrow *self = (AThrow *)op;
    if (self->state == AWAITABLE_CLOSED || self->gen->gi_state == KR_GEN_DONE) {
        if (self->state != AWAITABLE_CLOSED && self->typ == NULL) {
            self->state = AWAITABLE_CLOSED;
            PyErr_SetNone(PyExc_StopIteration);
            return NULL;
        }
        if (self->state != AWAITABLE_CLOSED) {
            self->state = AWAITABLE_CLOSED;
            PyErr_SetNone(PyExc_StopAsyncIteration);
            return NULL;
        }
        PyErr_SetString(PyExc_RuntimeError,
                        "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    if (self->state == AWAITABLE_INIT) {
        if (value != NULL && value != Py_None) {
            PyErr_SetString(PyExc_RuntimeError,
                            "can't send non-None value to a just-started coroutine");
            return NULL;
        }
        return athrow_start(self);
    }
    PyObject *result = step(self->gen, value);
    if (self->typ != NULL) {
        result = unwrap(self->gen, result);
        return result != NULL ? result : athrow_error(self);
    }
    if (result != NULL && Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) {
        Py_DECREF(result);
        return ignored_exit(self);
    }
    return result != NULL ? result : athrow_error(self);
}

static PyObject *
athrow_iternext(PyObject *self)
{
    return athrow_send(self, Py_None);
}

KR_METHOD_RAW(athrow, "throw", METH_FASTCALL, "")
static PyObject *
athrow_throw(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    AThrow *self = (AThrow *)op;
    if (self->state == AWAITABLE_CLOSED) {
        PyErr_SetString(PyExc_RuntimeError,
                        "cannot reuse already awaited aclose()/athrow()");
        return NULL;
    }
    if (self->state == AWAITABLE_INIT) {
        if (self->gen->ag_running_async) {
            self->state = AWAITABLE_CLOSED;
            PyErr_SetString(PyExc_RuntimeError,
                            self->typ == NULL
                                ? "aclose(): asynchronous generator is already running"
                                : "athrow(): asynchronous generator is already running");
            return NULL;
        }
        self->state = AWAITABLE_ITER;
        self->gen->ag_running_async = 1;
    }
    PyObject *result = kr_gen_throw_method((PyObject *)self->gen, args, nargs);
    if (self->typ != NULL) {
        result = unwrap(self->gen, result);
        if (result == NULL) {
            self->gen->ag_running_async = 0;
            self->state = AWAITABLE_CLOSED;
        }
        return result;
    }
    if (result != NULL && Py_IS_TYPE(result, &_PyAsyncGenWrappedValue_Type)) {
        Py_DECREF(result);
        return ignored_exit(self);
    }
    return result != NULL ? result : athrow_error(self);
}

KR_METHOD_RAW(athrow, "close", METH_NOARGS, "")
static PyObject *
athrow_close(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    AThrow *self = (AThrow *)op;
    if (self->state == AWAITABLE_CLOSED) {
        Py_RETURN_NONE;
    }
    PyObject *args[1] = {PyExc_GeneratorExit};
    PyObject *result = athrow_throw(op, args, 1);
    if (result == NULL) {
        if (PyErr_ExceptionMatches(PyExc_StopIteration) ||
            PyErr_ExceptionMatches(PyExc_StopAsyncIteration) ||
            PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    Py_DECREF(result);
    PyErr_SetString(PyExc_RuntimeError, "coroutine ignored GeneratorExit");
    return NULL;
}

static void
athrow_dealloc(PyObject *op)
{
    AThrow *self = (AThrow *)op;
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return;
    }
    PyObject_GC_UnTrack(op);
    Py_CLEAR(self->gen);
    Py_CLEAR(self->typ);
    Py_CLEAR(self->val);
    Py_CLEAR(self->tb);
    PyObject_GC_Del(op);
}

static void
athrow_finalize(PyObject *op)
{
    AThrow *self = (AThrow *)op;
    if (self->state == AWAITABLE_INIT) {
        PyObject *exc = PyErr_GetRaisedException();
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                             "coroutine method %R of %R was never awaited",
                             self->typ == NULL ? KR_ID(aclose) : KR_ID(athrow),
                             self->gen->gi_qualname) < 0) {
            PyErr_WriteUnraisable(op);
        }
        PyErr_SetRaisedException(exc);
    }
}

static int
athrow_traverse(PyObject *op, visitproc visit, void *arg)
{
    AThrow *self = (AThrow *)op;
    Py_VISIT(self->gen);
    Py_VISIT(self->typ);
    Py_VISIT(self->val);
    Py_VISIT(self->tb);
    return 0;
}

// --- The generator type ------------------------------------------------------------------

static PyObject *
asyncgen_anext(PyObject *op)
{
    PyAsyncGenObject *gen = (PyAsyncGenObject *)op;
    return init_hooks(gen) < 0 ? NULL : asend_create(gen, NULL);
}

KR_METHOD_RAW(asyncgen, "asend", METH_O, "asend(v) -> send 'v' in generator.")
static PyObject *
asyncgen_asend(PyObject *op, PyObject *value)
{
    PyAsyncGenObject *gen = (PyAsyncGenObject *)op;
    return init_hooks(gen) < 0 ? NULL : asend_create(gen, value);
}

KR_METHOD_RAW(asyncgen, "athrow", METH_FASTCALL,
              "athrow(value) -> raise exception in generator.")
static PyObject *
asyncgen_athrow(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    PyAsyncGenObject *gen = (PyAsyncGenObject *)op;
    if (nargs < 1 || nargs > 3) {
        PyErr_Format(PyExc_TypeError,
                     nargs < 1 ? "athrow expected at least 1 argument, got %zd"
                               : "athrow expected at most 3 arguments, got %zd",
                     nargs);
        return NULL;
    }
    if (nargs > 1 && PyErr_WarnEx(PyExc_DeprecationWarning,
                                  "the (type, exc, tb) signature of athrow() is deprecated, "
                                  "use the single-arg signature instead.",
                                  1) < 0) {
        return NULL;
    }
    if (init_hooks(gen) < 0) {
        return NULL;
    }
    return athrow_create(gen, args[0], nargs > 1 ? args[1] : NULL, nargs > 2 ? args[2] : NULL);
}

KR_METHOD_RAW(asyncgen, "aclose", METH_NOARGS,
              "aclose() -> raise GeneratorExit inside generator.")
static PyObject *
asyncgen_aclose(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyAsyncGenObject *gen = (PyAsyncGenObject *)op;
    return init_hooks(gen) < 0 ? NULL : athrow_create(gen, NULL, NULL, NULL);
}

KR_METHOD_RAW(asyncgen, "__sizeof__", METH_NOARGS, "gen.__sizeof__() -> size in bytes.")
static PyObject *
asyncgen___sizeof__(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyGenObject *gen = (PyGenObject *)op;
    return PyLong_FromSize_t(sizeof(PyGenObject) +
                             kr_frame_exec(&gen->gi_frame)->nslots * sizeof(KV));
}

KR_METHOD_RAW(asyncgen, "__class_getitem__", METH_O | METH_CLASS, "See PEP 585")
static PyObject *
asyncgen___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

static PyObject *
asyncgen_get_running(PyObject *op, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((PyGenObject *)op)->ag_running_async);
}

static PyGetSetDef asyncgen_attributes[] = {
    {"__name__", kr_gen_get_name, kr_gen_set_name, "name of the async generator", NULL},
    {"__qualname__", kr_gen_get_qualname, kr_gen_set_qualname,
     "qualified name of the async generator", NULL},
    {"ag_await", kr_gen_get_yieldfrom, NULL, "object being awaited on, or None", NULL},
    {"ag_frame", kr_gen_get_frame, NULL, NULL, NULL},
    {"ag_running", asyncgen_get_running, NULL, NULL, NULL},
    {"ag_code", kr_gen_get_code, NULL, NULL, NULL},
    {"ag_suspended", kr_gen_get_suspended, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *
asyncgen_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<async_generator object %S at %p>",
                                ((PyGenObject *)op)->gi_qualname, op);
}

KR_TYPE(asend)
KR_TYPE(athrow)
KR_TYPE(asyncgen)
#include "vm/async_generator.methods.h"

static PyAsyncMethods asend_as_async = {.am_await = PyObject_SelfIter};

PyTypeObject _PyAsyncGenASend_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_asend",
    .tp_basicsize = sizeof(ASend),
    .tp_dealloc = asend_dealloc,
    .tp_as_async = &asend_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = asend_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = asend_iternext,
    .tp_methods = asend_methods,
    .tp_finalize = asend_finalize,
};

static PyAsyncMethods athrow_as_async = {.am_await = PyObject_SelfIter};

PyTypeObject _PyAsyncGenAThrow_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator_athrow",
    .tp_basicsize = sizeof(AThrow),
    .tp_dealloc = athrow_dealloc,
    .tp_as_async = &athrow_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = athrow_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = athrow_iternext,
    .tp_methods = athrow_methods,
    .tp_finalize = athrow_finalize,
};

static PyAsyncMethods asyncgen_as_async = {
    .am_aiter = PyObject_SelfIter,
    .am_anext = asyncgen_anext,
    .am_send = kr_gen_am_send,
};

PyTypeObject PyAsyncGen_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "async_generator",
    .tp_basicsize = offsetof(PyGenObject, gi_frame) + sizeof(KrFrame),
    .tp_itemsize = sizeof(KV),
    .tp_dealloc = kr_gen_dealloc,
    .tp_as_async = &asyncgen_as_async,
    .tp_repr = asyncgen_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = kr_gen_traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_methods = asyncgen_methods,
    .tp_getset = asyncgen_attributes,
    .tp_finalize = _PyGen_Finalize,
};

PyObject *
PyAsyncGen_New(PyFrameObject *frame, PyObject *name, PyObject *qualname)
{
    return PyGen_NewWithQualName(frame, name, qualname);
}
