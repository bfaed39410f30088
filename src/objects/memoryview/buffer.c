// SPDX-License-Identifier: MIT
// buffer.c - the buffer protocol itself: PyObject_GetBuffer, PyBuffer_*.
#include "objects/memoryview/memoryview.h"

#include "objects/ids.h"

int
PyObject_CheckBuffer(PyObject *obj)
{
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    return procs != NULL && procs->bf_getbuffer != NULL;
}

int
PyObject_GetBuffer(PyObject *obj, Py_buffer *view, int flags)
{
    if (flags != PyBUF_SIMPLE && (flags == PyBUF_READ || flags == PyBUF_WRITE)) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    if (procs == NULL || procs->bf_getbuffer == NULL) {
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'",
                     Py_TYPE(obj)->tp_name);
        return -1;
    }
    return procs->bf_getbuffer(obj, view, flags);
}

void
PyBuffer_Release(Py_buffer *view)
{
    PyObject *obj = view->obj;

    if (obj == NULL) {
        return;
    }
    PyBufferProcs *procs = Py_TYPE(obj)->tp_as_buffer;
    if (procs != NULL && procs->bf_releasebuffer != NULL) {
        procs->bf_releasebuffer(obj, view);
    }
    view->obj = NULL;
    Py_DECREF(obj);
}

int
PyBuffer_FillInfo(Py_buffer *view, PyObject *exporter, void *buf, Py_ssize_t len,
                  int readonly, int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError,
                        "PyBuffer_FillInfo: view==NULL argument is obsolete");
        return -1;
    }
    if (flags != PyBUF_SIMPLE) {
        if (flags == PyBUF_READ || flags == PyBUF_WRITE) {
            PyErr_BadInternalCall();
            return -1;
        }
        if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE && readonly) {
            PyErr_SetString(PyExc_BufferError, "Object is not writable.");
            return -1;
        }
    }
    view->obj = Py_XNewRef(exporter);
    view->buf = buf;
    view->len = len;
    view->readonly = readonly;
    view->itemsize = 1;
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char *)"B" : NULL;
    view->ndim = 1;
    view->shape = (flags & PyBUF_ND) == PyBUF_ND ? &view->len : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    view->suboffsets = NULL;
    view->internal = NULL;
    return 0;
}

void *
PyBuffer_GetPointer(const Py_buffer *view, const Py_ssize_t *indices)
{
    char *at = view->buf;

    for (int i = 0; i < view->ndim; i++) {
        at += view->strides[i] * indices[i];
        if (view->suboffsets != NULL && view->suboffsets[i] >= 0) {
            at = *(char **)(void *)at + view->suboffsets[i];
        }
    }
    return at;
}

Py_ssize_t
PyBuffer_SizeFromFormat(const char *format)
{
    PyObject *calcsize = PyImport_ImportModuleAttrString("struct", "calcsize");
    PyObject *text = NULL, *number = NULL;
    Py_ssize_t size = -1;

    if (calcsize == NULL || (text = PyUnicode_FromString(format)) == NULL ||
        (number = PyObject_CallOneArg(calcsize, text)) == NULL) {
        goto done;
    }
    size = PyLong_AsSsize_t(number);

done:
    Py_XDECREF(number);
    Py_XDECREF(text);
    Py_XDECREF(calcsize);
    return size;
}

// ----------------------------------------------------------------- contiguous views

static bool
is_c_contiguous(const Py_buffer *view)
{
    // One-item dimensions may have any stride.
    if (view->strides == NULL) {
        return true;
    }
    Py_ssize_t step = view->itemsize;
    for (int i = view->ndim - 1; i >= 0; i--) {
        Py_ssize_t count = view->shape[i];
        if (count > 1 && view->strides[i] != step) {
            return false;
        }
        step *= count;
    }
    return true;
}

static bool
is_f_contiguous(const Py_buffer *view)
{
    if (view->strides == NULL) {
        if (view->ndim <= 1 || view->shape == NULL) {
            return true;
        }
        // C order is Fortran order when at most one dimension is longer than 1.
        int longer = 0;
        for (int i = 0; i < view->ndim; i++) {
            longer += view->shape[i] > 1;
        }
        return longer <= 1;
    }
    Py_ssize_t step = view->itemsize;
    for (int i = 0; i < view->ndim; i++) {
        Py_ssize_t count = view->shape[i];
        if (count > 1 && view->strides[i] != step) {
            return false;
        }
        step *= count;
    }
    return true;
}

int
PyBuffer_IsContiguous(const Py_buffer *view, char order)
{
    if (view->suboffsets != NULL) {
        return 0;
    }
    if (view->len == 0) {
        return order == 'C' || order == 'F' || order == 'A';
    }
    if (order == 'C') {
        return is_c_contiguous(view);
    }
    if (order == 'F') {
        return is_f_contiguous(view);
    }
    return order == 'A' && (is_c_contiguous(view) || is_f_contiguous(view));
}

void
PyBuffer_FillContiguousStrides(int ndims, Py_ssize_t *shape, Py_ssize_t *strides,
                               int itemsize, char order)
{
    Py_ssize_t step = itemsize;

    if (ndims <= 1 || order == 'F') {
        for (int i = 0; i < ndims; i++) {
            strides[i] = step;
            step *= shape[i];
        }
        return;
    }
    for (int i = ndims - 1; i >= 0; i--) {
        strides[i] = step;
        step *= shape[i];
    }
}

// ------------------------------------------------------------------------ copying

void
kr_buffer_copy(char *to, const Py_ssize_t *to_strides, const Py_ssize_t *to_suboffsets,
               const char *from, const Py_ssize_t *from_strides,
               const Py_ssize_t *from_suboffsets, const Py_ssize_t *shape, int ndim,
               Py_ssize_t itemsize)
{
    if (ndim == 0) {
        memcpy(to, from, (size_t)itemsize);
        return;
    }
    bool plain = (to_suboffsets == NULL || to_suboffsets[0] < 0) &&
                 (from_suboffsets == NULL || from_suboffsets[0] < 0);
    if (ndim == 1 && plain && to_strides[0] == itemsize && from_strides[0] == itemsize) {
        memcpy(to, from, (size_t)(shape[0] * itemsize));
        return;
    }
    for (Py_ssize_t i = 0; i < shape[0]; i++) {
        char *a = to;
        const char *b = from;
        if (to_suboffsets != NULL && to_suboffsets[0] >= 0) {
            a = *(char **)(void *)to + to_suboffsets[0];
        }
        if (from_suboffsets != NULL && from_suboffsets[0] >= 0) {
            b = *(char *const *)(const void *)from + from_suboffsets[0];
        }
        kr_buffer_copy(a, to_strides + 1, to_suboffsets ? to_suboffsets + 1 : NULL, b,
                       from_strides + 1, from_suboffsets ? from_suboffsets + 1 : NULL,
                       shape + 1, ndim - 1, itemsize);
        to += to_strides[0];
        from += from_strides[0];
    }
}

void
kr_buffer_layout(const Py_buffer *view, KrBufferLayout *out)
{
    out->ndim = view->ndim;
    if (view->ndim == 1 && view->shape == NULL) {
        out->shape[0] = view->itemsize > 0 ? view->len / view->itemsize : 0;
    }
    else {
        for (int i = 0; i < view->ndim; i++) {
            out->shape[i] = view->shape[i];
        }
    }
    if (view->strides != NULL) {
        memcpy(out->strides, view->strides, sizeof(Py_ssize_t) * (size_t)view->ndim);
    }
    else {
        PyBuffer_FillContiguousStrides(view->ndim, out->shape, out->strides,
                                       (int)view->itemsize, 'C');
    }
}

// Copies between the view and contiguous memory of order 'C' or 'F'.
static void
copy_contiguous(const Py_buffer *view, char *memory, char order, bool into_view)
{
    KrBufferLayout layout;
    Py_ssize_t strides[PyBUF_MAX_NDIM];

    kr_buffer_layout(view, &layout);
    PyBuffer_FillContiguousStrides(view->ndim, layout.shape, strides,
                                   (int)view->itemsize, order);
    if (into_view) {
        kr_buffer_copy(view->buf, layout.strides, view->suboffsets, memory, strides, NULL,
                       layout.shape, view->ndim, view->itemsize);
    }
    else {
        kr_buffer_copy(memory, strides, NULL, view->buf, layout.strides, view->suboffsets,
                       layout.shape, view->ndim, view->itemsize);
    }
}

int
PyBuffer_ToContiguous(void *buf, const Py_buffer *view, Py_ssize_t len, char order)
{
    if (len != view->len) {
        PyErr_SetString(PyExc_ValueError, "PyBuffer_ToContiguous: len != view->len");
        return -1;
    }
    if (PyBuffer_IsContiguous(view, order)) {
        if (len > 0) {
            memcpy(buf, view->buf, (size_t)len);
        }
        return 0;
    }
    if (view->ndim > PyBUF_MAX_NDIM) {
        PyErr_SetString(PyExc_ValueError, "too many dimensions");
        return -1;
    }
    copy_contiguous(view, buf, order == 'F' ? 'F' : 'C', false);
    return 0;
}

int
PyBuffer_FromContiguous(const Py_buffer *view, const void *buf, Py_ssize_t len, char order)
{
    if (len > view->len) {
        len = view->len;
    }
    if (PyBuffer_IsContiguous(view, order)) {
        memcpy(view->buf, buf, (size_t)len);
        return 0;
    }
    if (view->ndim > PyBUF_MAX_NDIM || len < view->len) {
        PyErr_SetString(PyExc_ValueError, "PyBuffer_FromContiguous: len != view->len");
        return -1;
    }
    copy_contiguous(view, (char *)(uintptr_t)buf, order == 'F' ? 'F' : 'C', true);
    return 0;
}

int
PyObject_CopyData(PyObject *dest, PyObject *src)
{
    Py_buffer to, from;
    int status = -1;

    if (!PyObject_CheckBuffer(dest) || !PyObject_CheckBuffer(src)) {
        PyErr_SetString(PyExc_TypeError,
                        "both destination and source must be bytes-like objects");
        return -1;
    }
    if (PyObject_GetBuffer(dest, &to, PyBUF_FULL) < 0) {
        return -1;
    }
    if (PyObject_GetBuffer(src, &from, PyBUF_FULL_RO) < 0) {
        PyBuffer_Release(&to);
        return -1;
    }
    if (to.len < from.len) {
        PyErr_SetString(PyExc_BufferError,
                        "destination is too small to receive data from source");
        goto done;
    }
    // Through memory in C order: the two may have different forms.
    char *memory = PyMem_Malloc((size_t)to.len + 1);
    if (memory == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if (PyBuffer_ToContiguous(memory, &to, to.len, 'C') == 0 &&
        PyBuffer_ToContiguous(memory, &from, from.len, 'C') == 0) {
        status = PyBuffer_FromContiguous(&to, memory, to.len, 'C');
    }
    PyMem_Free(memory);

done:
    PyBuffer_Release(&to);
    PyBuffer_Release(&from);
    return status;
}
