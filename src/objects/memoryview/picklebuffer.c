// SPDX-License-Identifier: MIT
// picklebuffer.c - pickle.PickleBuffer: a buffer that may travel outside a pickle.
#include "objects/memoryview/memoryview.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/weakref.h"

typedef struct {
    PyObject_HEAD
    Py_buffer view;       // view.obj NULL: released
    PyObject *weakreflist;
} PickleBuffer;

static PyObject *
picklebuffer_make(PyTypeObject *type, PyObject *base)
{
    PickleBuffer *self = (PickleBuffer *)type->tp_alloc(type, 0);

    if (self == NULL) {
        return NULL;
    }
    self->view.obj = NULL;
    self->weakreflist = NULL;
    if (PyObject_GetBuffer(base, &self->view, PyBUF_FULL_RO) < 0) {
        self->view.obj = NULL;
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

PyObject *
PyPickleBuffer_FromObject(PyObject *base)
{
    return picklebuffer_make(&PyPickleBuffer_Type, base);
}

// 0; -1 with ValueError when it was released.
static int
picklebuffer_check(PickleBuffer *self)
{
    if (self->view.obj == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "operation forbidden on released PickleBuffer object");
        return -1;
    }
    return 0;
}

const Py_buffer *
PyPickleBuffer_GetBuffer(PyObject *op)
{
    if (!PyPickleBuffer_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found",
                     Py_TYPE(op)->tp_name);
        return NULL;
    }
    PickleBuffer *self = (PickleBuffer *)op;
    return picklebuffer_check(self) < 0 ? NULL : &self->view;
}

int
PyPickleBuffer_Release(PyObject *op)
{
    if (!PyPickleBuffer_Check(op)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found",
                     Py_TYPE(op)->tp_name);
        return -1;
    }
    PyBuffer_Release(&((PickleBuffer *)op)->view);
    return 0;
}

KR_NEW(picklebuffer, "PickleBuffer(object, /)",
       "Wrapper for potentially out-of-band buffers")
static PyObject *
picklebuffer_new_impl(PyTypeObject *cls, PyObject *object)
{
    return picklebuffer_make(cls, object);
}

KR_METHOD(picklebuffer, "raw(self, /)",
          "Return a memoryview of the raw memory underlying this buffer.")
static PyObject *
picklebuffer_raw(PickleBuffer *self)
{
    if (picklebuffer_check(self) < 0) {
        return NULL;
    }
    PyObject *view = PyMemoryView_FromObject((PyObject *)self);
    if (view == NULL) {
        return NULL;
    }
    PyMemoryViewObject *m = (PyMemoryViewObject *)view;
    const Py_buffer *form = &m->view;
    if (form->suboffsets != NULL ||
        !(m->flags & (_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN | _Py_MEMORYVIEW_SCALAR))) {
        PyErr_SetString(PyExc_BufferError,
                        "cannot extract raw buffer from non-contiguous buffer");
        Py_DECREF(view);
        return NULL;
    }
    if (form->ndim == 1 && strcmp(form->format, "B") == 0) {
        return view;
    }
    // The same memory as one line of bytes.
    PyMemoryViewObject *line = kr_memoryview_share_incomplete(m->mbuf, form, 1);
    if (line != NULL) {
        line->view.format = (char *)"B";
        line->view.itemsize = 1;
        line->view.shape[0] = line->view.len;
        line->view.strides[0] = 1;
        line->view.suboffsets = NULL;
        kr_memoryview_set_flags(line);
    }
    Py_DECREF(view);
    return (PyObject *)line;
}

KR_METHOD(picklebuffer, "release(self, /)",
          "Release the underlying buffer exposed by the PickleBuffer object.")
static PyObject *
picklebuffer_release(PickleBuffer *self)
{
    PyBuffer_Release(&self->view);
    Py_RETURN_NONE;
}

static void
picklebuffer_dealloc(PyObject *op)
{
    PickleBuffer *self = (PickleBuffer *)op;

    kr_gc_untrack(self);
    kr_weakrefs_clear(op);
    PyBuffer_Release(&self->view);
    Py_TYPE(self)->tp_free(self);
}

static int
picklebuffer_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PickleBuffer *)op)->view.obj);
    return 0;
}

static int
picklebuffer_clear(PyObject *op)
{
    PyBuffer_Release(&((PickleBuffer *)op)->view);
    return 0;
}

static int
picklebuffer_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    PickleBuffer *self = (PickleBuffer *)op;

    if (picklebuffer_check(self) < 0) {
        return -1;
    }
    return PyObject_GetBuffer(self->view.obj, view, flags);
}

KR_TYPE(picklebuffer)
#include "objects/memoryview/picklebuffer.methods.h"

static PyBufferProcs picklebuffer_as_buffer = {
    .bf_getbuffer = picklebuffer_getbuffer,
};

PyTypeObject PyPickleBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "pickle.PickleBuffer",
    .tp_basicsize = sizeof(PickleBuffer),
    .tp_dealloc = picklebuffer_dealloc,
    .tp_as_buffer = &picklebuffer_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Wrapper for potentially out-of-band buffers",
    .tp_traverse = picklebuffer_traverse,
    .tp_clear = picklebuffer_clear,
    .tp_weaklistoffset = offsetof(PickleBuffer, weakreflist),
    .tp_methods = picklebuffer_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = picklebuffer_new,
    .tp_free = PyObject_GC_Del,
};
