// SPDX-License-Identifier: MIT
// object.c - the head of objects: counts, death, the singletons.
//
// Callers:     everything.
// Re-entrancy: _Py_Dealloc runs tp_dealloc, which may run any Python code.
#include "objects/object.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "objects/type.h"

// -------------------------------------------------------------- reference counts

#undef Py_IncRef
#undef Py_DecRef
#undef Py_NewRef
#undef Py_XNewRef
#undef Py_REFCNT
#undef Py_TYPE
#undef Py_Is
#undef Py_IsNone

void
Py_IncRef(PyObject *op)
{
    Py_XINCREF(op);
}

void
Py_DecRef(PyObject *op)
{
    Py_XDECREF(op);
}

void
_Py_IncRef(PyObject *op)
{
    Py_INCREF(op);
}

void
_Py_DecRef(PyObject *op)
{
    Py_DECREF(op);
}

PyObject *
Py_NewRef(PyObject *op)
{
    return _Py_NewRef(op);
}

PyObject *
Py_XNewRef(PyObject *op)
{
    return _Py_XNewRef(op);
}

Py_ssize_t
Py_REFCNT(PyObject *op)
{
    return kr_refcnt(op);
}

PyTypeObject *
Py_TYPE(PyObject *op)
{
    return op->ob_type;
}

int
Py_Is(PyObject *x, PyObject *y)
{
    return x == y;
}

int
Py_IsNone(PyObject *x)
{
    return x == Py_None;
}

// From here on the fast forms again.
#define Py_NewRef(op) _Py_NewRef(_PyObject_CAST(op))
#define Py_XNewRef(op) _Py_XNewRef(_PyObject_CAST(op))
#define Py_REFCNT(op) kr_refcnt(_PyObject_CAST(op))
#define Py_TYPE(op) (_PyObject_CAST(op)->ob_type)

int
PyUnstable_IsImmortal(PyObject *op)
{
    return _Py_IsImmortal(op);
}

void
_Py_SetImmortal(PyObject *op)
{
    if (op != NULL && !_Py_IsImmortal(op)) {
        if (PyObject_IS_GC(op) && PyObject_GC_IsTracked(op)) {
            PyObject_GC_UnTrack(op);
        }
        op->ob_refcnt = _Py_IMMORTAL_INITIAL_REFCNT;
    }
}

int
PyUnstable_Object_IsUniquelyReferenced(PyObject *op)
{
    return Py_REFCNT(op) == 1;
}

int
PyUnstable_TryIncRef(PyObject *op)
{
    if (Py_REFCNT(op) == 0) {
        return 0;
    }
    Py_INCREF(op);
    return 1;
}

void
PyUnstable_EnableTryIncRef(PyObject *op)
{
    // With a lock per interpreter a plain count is enough.
}

int
PyUnstable_Object_EnableDeferredRefcount(PyObject *op)
{
    return 0;
}

void
_Py_NewReference(PyObject *op)
{
    op->ob_refcnt_full = 1;
    PyInterpreterState *interp = kr_interp();
    if (KR_UNLIKELY(interp->types.ref_tracer != NULL)) {
        interp->types.ref_tracer(op, PyRefTracer_CREATE,
                                 interp->types.ref_tracer_data);
    }
}

int
PyRefTracer_SetTracer(PyRefTracer tracer, void *data)
{
    KrTypesState *types = &kr_interp()->types;

    types->ref_tracer = tracer;
    types->ref_tracer_data = data;
    return 0;
}

PyRefTracer
PyRefTracer_GetTracer(void **data)
{
    KrTypesState *types = &kr_interp()->types;

    if (data != NULL) {
        *data = types->ref_tracer_data;
    }
    return types->ref_tracer;
}

// ------------------------------------------------------------------------ death

// Deep structures must not exhaust the C stack: past this many bytes of nested
// deallocation an object is parked, and released when the outermost one is done.
#define KR_DEALLOC_STACK (256 * 1024)

// Frame address of the outermost deallocation running on this thread, or 0.
static _Thread_local uintptr_t dealloc_start __attribute__((tls_model("initial-exec")));

// A parked object's head word holds the link to the next one; bit 0 remembers
// that the collector tracked it. Nobody else can look at it: its count is zero.
static void
dealloc_park(PyThreadState *tstate, PyObject *op)
{
    uintptr_t word = (uintptr_t)tstate->delete_later;

    if (PyObject_GC_IsTracked(op)) {
        PyObject_GC_UnTrack(op);
        word |= 1;
    }
    op->ob_refcnt_full = (int64_t)word;
    tstate->delete_later = op;
}

static void
dealloc_unpark_all(PyThreadState *tstate)
{
    while (tstate->delete_later != NULL) {
        PyObject *op = tstate->delete_later;
        uintptr_t word = (uintptr_t)op->ob_refcnt_full;
        tstate->delete_later = (PyObject *)(word & ~(uintptr_t)1);
        op->ob_refcnt_full = 0;
        if (word & 1) {
            PyObject_GC_Track(op);
        }
        Py_TYPE(op)->tp_dealloc(op);
    }
}

static KR_COLD void
dealloc_traced(PyInterpreterState *interp, PyObject *op)
{
    interp->types.ref_tracer(op, PyRefTracer_DESTROY, interp->types.ref_tracer_data);
}

void
_Py_Dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyThreadState *tstate = kr_thread();
    uintptr_t here;

    if (KR_UNLIKELY(tstate->interp->types.ref_tracer != NULL)) {
        dealloc_traced(tstate->interp, op);
    }
    if (!(type->tp_flags & Py_TPFLAGS_HAVE_GC)) {
        type->tp_dealloc(op);
        return;
    }
    here = (uintptr_t)__builtin_frame_address(0);
    if (dealloc_start == 0) {
        dealloc_start = here;
        type->tp_dealloc(op);
        if (KR_UNLIKELY(tstate->delete_later != NULL)) {
            dealloc_unpark_all(tstate);
        }
        dealloc_start = 0;
        return;
    }
    // A difference beyond any sane stack means that another stack is in use.
    uintptr_t used = dealloc_start - here;
    if (KR_UNLIKELY(used > KR_DEALLOC_STACK && used < ((uintptr_t)1 << 30) &&
                    (type->tp_is_gc == NULL || type->tp_is_gc(op)))) {
        dealloc_park(tstate, op);
        return;
    }
    type->tp_dealloc(op);
}

// The macros of old extensions: _Py_Dealloc has done the work already.
int
_PyTrash_cond(PyObject *op, destructor dealloc)
{
    return 0;
}

int
_PyTrash_begin(PyThreadState *tstate, PyObject *op)
{
    return 0;
}

void
_PyTrash_end(PyThreadState *tstate)
{
}

void
_PyTrash_thread_deposit_object(PyThreadState *tstate, PyObject *op)
{
    dealloc_park(tstate, op);
}

void
_PyTrash_thread_destroy_chain(PyThreadState *tstate)
{
    dealloc_unpark_all(tstate);
}

// ------------------------------------------------------------------ diagnostics

void
PyUnstable_Object_Dump(PyObject *op)
{
    if (op == NULL) {
        fputs("object address  : NULL\n", stderr);
        return;
    }
    fprintf(stderr, "object address  : %p\n", (void *)op);
    fprintf(stderr, "object refcount : %zd\n", Py_REFCNT(op));
    fprintf(stderr, "object type     : %p\n", (void *)Py_TYPE(op));
    fprintf(stderr, "object type name: %s\n",
            Py_TYPE(op) == NULL ? "NULL" : Py_TYPE(op)->tp_name);
    fflush(stderr);
    if (kr_thread() != NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        fputs("object repr     : ", stderr);
        if (PyObject_Print(op, stderr, 0) < 0) {
            PyErr_Clear();
        }
        PyErr_SetRaisedException(exc);
        fputc('\n', stderr);
    }
    fflush(stderr);
}

void
_PyObject_Dump(PyObject *op)
{
    PyUnstable_Object_Dump(op);
}

static int
print_text(FILE *file, const char *text, size_t length)
{
    clearerr(file);
    if (fwrite(text, 1, length, file) != length && ferror(file)) {
        PyErr_SetFromErrno(PyExc_OSError);
        clearerr(file);
        return -1;
    }
    return 0;
}

int
PyObject_Print(PyObject *op, FILE *file, int flags)
{
    PyObject *text = NULL, *bytes = NULL;
    int result = -1;
    char buffer[80];

    if (PyErr_CheckSignals() < 0) {
        return -1;
    }
    if (op == NULL) {
        return print_text(file, "<nil>", 5);
    }
    if (Py_REFCNT(op) <= 0) {
        int n = snprintf(buffer, sizeof buffer, "<refcnt %zd at %p>", Py_REFCNT(op),
                         (void *)op);
        return print_text(file, buffer, (size_t)n);
    }
    text = (flags & Py_PRINT_RAW) ? PyObject_Str(op) : PyObject_Repr(op);
    if (text == NULL) {
        goto done;
    }
    bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    if (bytes == NULL) {
        goto done;
    }
    result = print_text(file, PyBytes_AS_STRING(bytes),
                        (size_t)PyBytes_GET_SIZE(bytes));

done:
    Py_XDECREF(bytes);
    Py_XDECREF(text);
    return result;
}

// Containers on the way into a repr, kept in the thread's dict.

int
Py_ReprEnter(PyObject *op)
{
    PyObject *dict = PyThreadState_GetDict(), *list;

    if (dict == NULL) {
        return 0;
    }
    list = PyDict_GetItemWithError(dict, KR_ID(Py_Repr));
    if (list == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        list = PyList_New(0);
        if (list == NULL) {
            return -1;
        }
        if (PyDict_SetItem(dict, KR_ID(Py_Repr), list) < 0) {
            Py_DECREF(list);
            return -1;
        }
        Py_DECREF(list);
    }
    for (Py_ssize_t i = PyList_GET_SIZE(list) - 1; i >= 0; i--) {
        if (PyList_GET_ITEM(list, i) == op) {
            return 1;
        }
    }
    return PyList_Append(list, op) < 0 ? -1 : 0;
}

void
Py_ReprLeave(PyObject *op)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *dict = PyThreadState_GetDict(), *list = NULL;

    if (dict != NULL) {
        list = PyDict_GetItemWithError(dict, KR_ID(Py_Repr));
    }
    if (list != NULL && PyList_Check(list)) {
        for (Py_ssize_t i = PyList_GET_SIZE(list) - 1; i >= 0; i--) {
            if (PyList_GET_ITEM(list, i) == op) {
                PyList_SetSlice(list, i, i + 1, NULL);
                break;
            }
        }
    }
    PyErr_SetRaisedException(exc);
}

// --------------------------------------------------------------------- constants

PyObject *
Py_GetConstantBorrowed(unsigned int constant_id)
{
    // All of these are immortal.
    switch (constant_id) {
    case Py_CONSTANT_NONE:
        return Py_None;
    case Py_CONSTANT_FALSE:
        return Py_False;
    case Py_CONSTANT_TRUE:
        return Py_True;
    case Py_CONSTANT_ELLIPSIS:
        return Py_Ellipsis;
    case Py_CONSTANT_NOT_IMPLEMENTED:
        return Py_NotImplemented;
    case Py_CONSTANT_ZERO:
        return PyLong_FromLong(0);
    case Py_CONSTANT_ONE:
        return PyLong_FromLong(1);
    case Py_CONSTANT_EMPTY_STR:
        return PyUnicode_FromStringAndSize(NULL, 0);
    case Py_CONSTANT_EMPTY_BYTES:
        return PyBytes_FromStringAndSize(NULL, 0);
    case Py_CONSTANT_EMPTY_TUPLE:
        return PyTuple_New(0);
    default:
        PyErr_BadInternalCall();
        return NULL;
    }
}

PyObject *
Py_GetConstant(unsigned int constant_id)
{
    return Py_XNewRef(Py_GetConstantBorrowed(constant_id));
}

// --------------------------------------------------------------------- singletons

// Static objects never die; whoever drops too many references is harmless.
static void
singleton_dealloc(PyObject *self)
{
    _Py_SetImmortal(self);
}

static PyObject *
singleton_new(PyTypeObject *type, PyObject *args, PyObject *kwds, PyObject *object,
              const char *name)
{
    if (PyTuple_GET_SIZE(args) != 0 || (kwds != NULL && PyDict_GET_SIZE(kwds) != 0)) {
        PyErr_Format(PyExc_TypeError, "%s takes no arguments", name);
        return NULL;
    }
    return Py_NewRef(object);
}

static PyObject *
none_repr(PyObject *self)
{
    return Py_NewRef(KR_ID(None));
}

static int
none_bool(PyObject *self)
{
    return 0;
}

// A constant, so that sets holding None print alike from run to run.
static Py_hash_t
none_hash(PyObject *self)
{
    return 0xFCA86420;
}

static PyObject *
none_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return singleton_new(type, args, kwds, Py_None, "NoneType");
}

static PyNumberMethods none_as_number = {
    .nb_bool = none_bool,
};

PyTypeObject _PyNone_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NoneType",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = singleton_dealloc,
    .tp_repr = none_repr,
    .tp_as_number = &none_as_number,
    .tp_hash = none_hash,
    .tp_richcompare = kr_object_richcompare,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "NoneType()\n--\n\nThe type of the None singleton.",
    .tp_new = none_new,
};

#define KR_STATIC_HEAD {0x00050000C0000000LL}

PyObject _Py_NoneStruct = {KR_STATIC_HEAD, &_PyNone_Type};

KR_METHOD_RAW(notimplemented, "__reduce__", METH_NOARGS, "")
static PyObject *
notimplemented_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(KR_ID(NotImplemented));
}

static PyObject *
notimplemented_repr(PyObject *self)
{
    return Py_NewRef(KR_ID(NotImplemented));
}

static int
notimplemented_bool(PyObject *self)
{
    PyErr_SetString(PyExc_TypeError,
                    "NotImplemented should not be used in a boolean context");
    return -1;
}

static PyObject *
notimplemented_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return singleton_new(type, args, kwds, Py_NotImplemented, "NotImplementedType");
}

static PyNumberMethods notimplemented_as_number = {
    .nb_bool = notimplemented_bool,
};

KR_METHOD_RAW(ellipsis, "__reduce__", METH_NOARGS, "")
static PyObject *
ellipsis_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(KR_ID(Ellipsis));
}

static PyObject *
ellipsis_repr(PyObject *self)
{
    return Py_NewRef(KR_ID(Ellipsis));
}

static PyObject *
ellipsis_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return singleton_new(type, args, kwds, Py_Ellipsis, "EllipsisType");
}

KR_TYPE(notimplemented)
KR_TYPE(ellipsis)
#include "objects/object.methods.h"

PyTypeObject _PyNotImplemented_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "NotImplementedType",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = singleton_dealloc,
    .tp_repr = notimplemented_repr,
    .tp_as_number = &notimplemented_as_number,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "NotImplementedType()\n--\n\nThe type of the NotImplemented singleton.",
    .tp_methods = notimplemented_methods,
    .tp_new = notimplemented_new,
};

PyObject _Py_NotImplementedStruct = {KR_STATIC_HEAD, &_PyNotImplemented_Type};

PyTypeObject PyEllipsis_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "ellipsis",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = singleton_dealloc,
    .tp_repr = ellipsis_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "ellipsis()\n--\n\nThe type of the Ellipsis singleton.",
    .tp_methods = ellipsis_methods,
    .tp_new = ellipsis_new,
};

PyObject _Py_EllipsisObject = {KR_STATIC_HEAD, &PyEllipsis_Type};
