// SPDX-License-Identifier: MIT
// wrapper.c - buffers of classes that define __buffer__ and __release_buffer__.
//
// A view got from __buffer__ names a wrapper as its exporter. The wrapper holds the
// memoryview that the method returned and the object; when the view is released,
// it gives the memoryview's buffer back and calls __release_buffer__.
#include "objects/memoryview/memoryview.h"

#include "objects/alloc.h"
#include "objects/ids.h"
#include "objects/type/slots.h"

typedef struct {
    PyObject_HEAD
    PyObject *view;   // the memoryview of __buffer__, owned; NULL when released
    PyObject *object; // owned; NULL when released
} BufferWrapper;

int
kr_buffer_call_python(PyObject *self, Py_buffer *view, int flags)
{
    PyObject *number = PyLong_FromLong(flags), *result = NULL;
    BufferWrapper *wrapper = NULL;
    int status = -1;

    if (number == NULL) {
        return -1;
    }
    PyObject *args[] = {self, number};
    result = PyObject_VectorcallMethod(KR_ID(__buffer__), args, 2, NULL);
    Py_DECREF(number);
    if (result == NULL) {
        return -1;
    }
    if (!PyMemoryView_Check(result)) {
        PyErr_SetString(PyExc_TypeError, "__buffer__ returned non-memoryview object");
        goto done;
    }
    if (PyObject_GetBuffer(result, view, flags) < 0) {
        goto done;
    }
    wrapper = PyObject_GC_New(BufferWrapper, &_PyBufferWrapper_Type);
    if (wrapper == NULL) {
        PyBuffer_Release(view);
        goto done;
    }
    wrapper->view = Py_NewRef(result);
    wrapper->object = Py_NewRef(self);
    kr_gc_track(wrapper);
    // The wrapper takes the place of the memoryview as the exporter.
    Py_SETREF(view->obj, (PyObject *)wrapper);
    status = 0;

done:
    Py_DECREF(result);
    return status;
}

// Calls object.__release_buffer__(memoryview); errors are reported.
static void
call_release(PyObject *object, PyObject *memoryview)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *args[] = {object, memoryview};
    PyObject *result = PyObject_VectorcallMethod(KR_ID(__release_buffer__), args, 2, NULL);

    if (result == NULL) {
        PyErr_FormatUnraisable("Exception ignored in __release_buffer__ of %s",
                               Py_TYPE(object)->tp_name);
    }
    Py_XDECREF(result);
    PyErr_SetRaisedException(exc);
}

void
kr_buffer_release_python(PyObject *self, Py_buffer *view)
{
    PyObject *exc = PyErr_GetRaisedException(), *memoryview;

    if (view->obj != NULL && Py_IS_TYPE(view->obj, &_PyBufferWrapper_Type)) {
        memoryview = Py_XNewRef(((BufferWrapper *)view->obj)->view);
        if (memoryview != NULL) {
            call_release(self, memoryview);
            Py_DECREF(memoryview);
        }
        PyErr_SetRaisedException(exc);
        return;
    }
    // The buffer is a C one: the method sees it through a view that dies with the call.
    memoryview = PyMemoryView_FromBuffer(view);
    if (memoryview == NULL) {
        PyErr_FormatUnraisable("Exception ignored in bf_releasebuffer of %s",
                               Py_TYPE(self)->tp_name);
        PyErr_SetRaisedException(exc);
        return;
    }
    ((PyMemoryViewObject *)memoryview)->flags |= _Py_MEMORYVIEW_RESTRICTED;
    call_release(self, memoryview);
    PyObject *released = PyObject_CallMethodNoArgs(memoryview, KR_ID(release));
    if (released == NULL) {
        PyErr_FormatUnraisable("Exception ignored in bf_releasebuffer of %s",
                               Py_TYPE(self)->tp_name);
    }
    Py_XDECREF(released);
    Py_DECREF(memoryview);
    PyErr_SetRaisedException(exc);
}

static void
bufferwrapper_releasebuffer(PyObject *op, Py_buffer *view)
{
    BufferWrapper *self = (BufferWrapper *)op;
    PyObject *memoryview = self->view, *object = self->object;

    if (memoryview == NULL || object == NULL) {
        return; // released before
    }
    Py_TYPE(memoryview)->tp_as_buffer->bf_releasebuffer(memoryview, view);
    // A C release function is called when the memoryview lets go of the buffer.
    PyBufferProcs *procs = Py_TYPE(object)->tp_as_buffer;
    if (((PyMemoryViewObject *)memoryview)->view.obj != object && procs != NULL &&
        procs->bf_releasebuffer == slot_releasebuffer) {
        kr_buffer_release_python(object, view);
    }
    Py_CLEAR(self->view);
    Py_CLEAR(self->object);
}

static void
bufferwrapper_dealloc(PyObject *op)
{
    BufferWrapper *self = (BufferWrapper *)op;
    kr_gc_untrack(self);
    Py_XDECREF(self->view);
    Py_XDECREF(self->object);
    kr_object_free(self);
}

static int
bufferwrapper_traverse(PyObject *op, visitproc visit, void *arg)
{
    BufferWrapper *self = (BufferWrapper *)op;
    Py_VISIT(self->view);
    Py_VISIT(self->object);
    return 0;
}

static PyBufferProcs bufferwrapper_as_buffer = {
    .bf_releasebuffer = bufferwrapper_releasebuffer,
};

PyTypeObject _PyBufferWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_buffer_wrapper",
    .tp_basicsize = sizeof(BufferWrapper),
    .tp_dealloc = bufferwrapper_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &bufferwrapper_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = bufferwrapper_traverse,
};
