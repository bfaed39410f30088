// SPDX-License-Identifier: MIT
// memoryview.c - the built-in memoryview: creation, release, methods.
//
// Invariants:  a view that is not released counts once in mbuf->exports; view.shape,
//              strides and suboffsets point into ob_array (NULL for 0 dimensions;
//              suboffsets also when there are none); view.format is never NULL.
//              view.obj is borrowed from the managed buffer.
// Read next:   index.c, items.c, compare.c, wrapper.c, buffer.c
#include "objects/memoryview/memoryview.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/bytes/bytes.h"
#include "objects/ids.h"
#include "objects/weakref.h"

// ------------------------------------------------------------------- managed buffers

static _PyManagedBufferObject *
managed_alloc(void)
{
    _PyManagedBufferObject *self =
        PyObject_GC_New(_PyManagedBufferObject, &_PyManagedBuffer_Type);

    if (self != NULL) {
        self->flags = 0;
        self->exports = 0;
        memset(&self->master, 0, sizeof self->master);
        kr_gc_track(self);
    }
    return self;
}

static void
managed_release(_PyManagedBufferObject *self)
{
    if (self->flags & _Py_MANAGED_BUFFER_RELEASED) {
        return;
    }
    self->flags |= _Py_MANAGED_BUFFER_RELEASED;
    kr_gc_untrack(self);
    PyBuffer_Release(&self->master);
}

static void
managed_dealloc(PyObject *op)
{
    _PyManagedBufferObject *self = (_PyManagedBufferObject *)op;

    KR_ASSERT(self->exports == 0);
    managed_release(self);
    if (self->flags & _Py_MANAGED_BUFFER_FREE_FORMAT) {
        PyMem_Free(self->master.format);
    }
    kr_object_free(self);
}

static int
managed_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((_PyManagedBufferObject *)op)->master.obj);
    return 0;
}

static int
managed_clear(PyObject *op)
{
    _PyManagedBufferObject *self = (_PyManagedBufferObject *)op;

    if (self->exports == 0) {
        managed_release(self);
    }
    return 0;
}

PyTypeObject _PyManagedBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "managedbuffer",
    .tp_basicsize = sizeof(_PyManagedBufferObject),
    .tp_dealloc = managed_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = managed_traverse,
    .tp_clear = managed_clear,
};

// -------------------------------------------------------------------------- creation

void
kr_memoryview_set_flags(PyMemoryViewObject *self)
{
    const Py_buffer *view = &self->view;
    int flags = self->flags & (_Py_MEMORYVIEW_RESTRICTED | _Py_MEMORYVIEW_RELEASED);

    if (view->ndim == 0) {
        flags |= _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    }
    else {
        if (PyBuffer_IsContiguous(view, 'C')) {
            flags |= _Py_MEMORYVIEW_C;
        }
        if (PyBuffer_IsContiguous(view, 'F')) {
            flags |= _Py_MEMORYVIEW_FORTRAN;
        }
    }
    if (view->suboffsets != NULL) {
        flags |= _Py_MEMORYVIEW_PIL;
    }
    self->flags = flags;
}

PyMemoryViewObject *
kr_memoryview_share_incomplete(_PyManagedBufferObject *mbuf, const Py_buffer *form,
                               int ndim)
{
    if (form == NULL) {
        form = &mbuf->master;
    }
    PyMemoryViewObject *self = (PyMemoryViewObject *)_PyObject_GC_NewVar(
        &PyMemoryView_Type, 3 * (Py_ssize_t)ndim);
    if (self == NULL) {
        return NULL;
    }
    self->mbuf = (_PyManagedBufferObject *)Py_NewRef(mbuf);
    mbuf->exports++;
    self->hash = -1;
    self->flags = 0;
    self->exports = 0;
    self->weakreflist = NULL;
    self->view = *form;
    self->view.format = form->format != NULL ? form->format : (char *)"B";
    self->view.ndim = ndim;
    self->view.shape = ndim > 0 ? self->ob_array : NULL;
    self->view.strides = ndim > 0 ? self->ob_array + ndim : NULL;
    self->view.suboffsets = ndim > 0 ? self->ob_array + 2 * ndim : NULL;
    kr_gc_track(self);
    return self;
}

PyObject *
kr_memoryview_share(_PyManagedBufferObject *mbuf, const Py_buffer *form)
{
    if (form == NULL) {
        form = &mbuf->master;
    }
    if (form->ndim > PyBUF_MAX_NDIM) {
        PyErr_Format(PyExc_ValueError,
                     "memoryview: number of dimensions must not exceed %d",
                     PyBUF_MAX_NDIM);
        return NULL;
    }
    PyMemoryViewObject *self = kr_memoryview_share_incomplete(mbuf, form, form->ndim);
    if (self == NULL) {
        return NULL;
    }
    int ndim = form->ndim;
    if (ndim > 0) {
        KrBufferLayout layout;
        kr_buffer_layout(form, &layout);
        memcpy(self->view.shape, layout.shape, (size_t)ndim * sizeof(Py_ssize_t));
        memcpy(self->view.strides, layout.strides, (size_t)ndim * sizeof(Py_ssize_t));
        if (form->suboffsets != NULL) {
            memcpy(self->view.suboffsets, form->suboffsets,
                   (size_t)ndim * sizeof(Py_ssize_t));
        }
        else {
            self->view.suboffsets = NULL;
        }
    }
    kr_memoryview_set_flags(self);
    return (PyObject *)self;
}

// Wraps a managed buffer, whose reference is consumed, in its first view.
static PyObject *
first_view_steal(_PyManagedBufferObject *mbuf)
{
    PyObject *self = kr_memoryview_share(mbuf, NULL);
    Py_DECREF(mbuf);
    return self;
}

PyObject *
_PyMemoryView_FromBufferProc(PyObject *exporter, int flags, getbufferproc get)
{
    _PyManagedBufferObject *mbuf = managed_alloc();

    if (mbuf == NULL) {
        return NULL;
    }
    if (get(exporter, &mbuf->master, flags) < 0) {
        mbuf->master.obj = NULL;
        Py_DECREF(mbuf);
        return NULL;
    }
    return first_view_steal(mbuf);
}

PyObject *
kr_memoryview_from_flags(PyObject *exporter, int flags)
{
    if (PyMemoryView_Check(exporter)) {
        PyMemoryViewObject *view = (PyMemoryViewObject *)exporter;
        if (kr_memoryview_check(view) < 0 || kr_memoryview_check_restricted(view) < 0) {
            return NULL;
        }
        return kr_memoryview_share(view->mbuf, &view->view);
    }
    if (PyObject_CheckBuffer(exporter)) {
        return _PyMemoryView_FromBufferProc(exporter, flags, PyObject_GetBuffer);
    }
    PyErr_Format(PyExc_TypeError, "memoryview: a bytes-like object is required, not '%.200s'",
                 Py_TYPE(exporter)->tp_name);
    return NULL;
}

PyObject *
PyMemoryView_FromObject(PyObject *base)
{
    return kr_memoryview_from_flags(base, PyBUF_FULL_RO);
}

PyObject *
PyMemoryView_FromMemory(char *mem, Py_ssize_t size, int flags)
{
    KR_ASSERT(mem != NULL && (flags == PyBUF_READ || flags == PyBUF_WRITE));
    _PyManagedBufferObject *mbuf = managed_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    int readonly = flags == PyBUF_WRITE ? 0 : 1;
    (void)PyBuffer_FillInfo(&mbuf->master, NULL, mem, size, readonly, PyBUF_FULL_RO);
    return first_view_steal(mbuf);
}

PyObject *
PyMemoryView_FromBuffer(const Py_buffer *info)
{
    if (info->buf == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "PyMemoryView_FromBuffer(): info->buf must not be NULL");
        return NULL;
    }
    _PyManagedBufferObject *mbuf = managed_alloc();
    if (mbuf == NULL) {
        return NULL;
    }
    // The caller keeps the reference of the exporter; the format may go away.
    mbuf->master = *info;
    mbuf->master.obj = NULL;
    if (info->format != NULL) {
        mbuf->master.format = _PyMem_Strdup(info->format);
        if (mbuf->master.format == NULL) {
            Py_DECREF(mbuf);
            return PyErr_NoMemory();
        }
        mbuf->flags |= _Py_MANAGED_BUFFER_FREE_FORMAT;
    }
    return first_view_steal(mbuf);
}

PyObject *
PyMemoryView_GetContiguous(PyObject *base, int buffertype, char order)
{
    PyObject *view = PyMemoryView_FromObject(base);

    if (view == NULL) {
        return NULL;
    }
    Py_buffer *form = PyMemoryView_GET_BUFFER(view);
    if (buffertype == PyBUF_WRITE && form->readonly) {
        PyErr_SetString(PyExc_BufferError, "underlying buffer is not writable");
        Py_DECREF(view);
        return NULL;
    }
    if (PyBuffer_IsContiguous(form, order)) {
        return view;
    }
    if (buffertype == PyBUF_WRITE) {
        PyErr_SetString(PyExc_BufferError,
                        "writable contiguous buffer requested for a non-contiguous object.");
        Py_DECREF(view);
        return NULL;
    }
    // A copy in a bytes, seen with the form of the original.
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, form->len), *flat = NULL;
    PyObject *result = NULL;
    if (bytes != NULL &&
        PyBuffer_ToContiguous(PyBytes_AS_STRING(bytes), form, form->len, order) == 0) {
        flat = PyMemoryView_FromObject(bytes);
    }
    if (flat != NULL) {
        Py_buffer copy = *form;
        Py_ssize_t strides[PyBUF_MAX_NDIM];
        copy.buf = PyBytes_AS_STRING(bytes);
        copy.obj = bytes;
        copy.readonly = 1;
        copy.suboffsets = NULL;
        copy.strides = strides;
        PyBuffer_FillContiguousStrides(copy.ndim, copy.shape, strides, (int)copy.itemsize,
                                       order == 'F' ? 'F' : 'C');
        PyMemoryViewObject *m = (PyMemoryViewObject *)flat;
        char *format = _PyMem_Strdup(form->format);
        if (format == NULL) {
            PyErr_NoMemory();
        }
        else {
            m->mbuf->master.format = copy.format = format;
            m->mbuf->flags |= _Py_MANAGED_BUFFER_FREE_FORMAT;
            result = kr_memoryview_share(m->mbuf, &copy);
        }
    }
    Py_XDECREF(flat);
    Py_XDECREF(bytes);
    Py_DECREF(view);
    return result;
}

KR_NEW(memoryview, "memoryview(object)",
       "Create a new memoryview object which references the given object.")
static PyObject *
memoryview_new_impl(PyTypeObject *cls, PyObject *object)
{
    return PyMemoryView_FromObject(object);
}

KR_METHOD(memoryview, "_from_flags(cls, /, object, flags)",
          "Create a new memoryview of an object with the given buffer flags.")
static PyObject *
memoryview_from_flags(PyTypeObject *cls, PyObject *object, int flags)
{
    return kr_memoryview_from_flags(object, flags);
}

// ------------------------------------------------------------------ release and death

static void
view_release(PyMemoryViewObject *self)
{
    KR_ASSERT(self->exports == 0);
    if (self->flags & _Py_MEMORYVIEW_RELEASED) {
        return;
    }
    self->flags |= _Py_MEMORYVIEW_RELEASED;
    if (--self->mbuf->exports == 0) {
        managed_release(self->mbuf);
    }
}

KR_METHOD(memoryview, "release(self, /)",
          "Release the underlying buffer exposed by the memoryview object.")
static PyObject *
memoryview_release(PyMemoryViewObject *self)
{
    if (self->exports > 0 && !(self->flags & _Py_MEMORYVIEW_RELEASED)) {
        PyErr_Format(PyExc_BufferError, "memoryview has %zd exported buffer%s",
                     self->exports, self->exports == 1 ? "" : "s");
        return NULL;
    }
    view_release(self);
    Py_RETURN_NONE;
}

static void
memoryview_dealloc(PyObject *op)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;

    kr_gc_untrack(self);
    view_release(self);
    Py_CLEAR(self->mbuf);
    kr_weakrefs_clear(op);
    kr_object_free(self);
}

static int
memoryview_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyMemoryViewObject *)op)->mbuf);
    return 0;
}

static int
memoryview_clear(PyObject *op)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;

    // Without a managed buffer the view could not be used any more: it stays.
    if (self->exports == 0) {
        view_release(self);
    }
    return 0;
}

KR_METHOD(memoryview, "__enter__(self, /)", "")
static PyObject *
memoryview_enter(PyMemoryViewObject *self)
{
    return kr_memoryview_check(self) < 0 ? NULL : Py_NewRef((PyObject *)self);
}

KR_METHOD(memoryview, "__exit__(self, /, *exc_info)",
          "Release the underlying buffer exposed by the memoryview object.")
static PyObject *
memoryview_exit(PyMemoryViewObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return memoryview_release(self);
}

// --------------------------------------------------------------- buffers of the view

static int
buffer_error(const char *text)
{
    PyErr_SetString(PyExc_BufferError, text);
    return -1;
}

static int
memoryview_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;
    const Py_buffer *base = &self->view;
    bool c = self->flags & (_Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C);
    bool f = self->flags & (_Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_FORTRAN);

    if (kr_memoryview_check(self) < 0 || kr_memoryview_check_restricted(self) < 0) {
        return -1;
    }
    *view = *base;
    view->obj = NULL;
    if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE && base->readonly) {
        return buffer_error("memoryview: underlying buffer is not writable");
    }
    if (!(flags & PyBUF_FORMAT)) {
        // NULL means unsigned bytes, whatever the items are.
        view->format = NULL;
    }
    if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !c) {
        return buffer_error("memoryview: underlying buffer is not C-contiguous");
    }
    if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !f) {
        return buffer_error("memoryview: underlying buffer is not Fortran contiguous");
    }
    if ((flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS && !c && !f) {
        return buffer_error("memoryview: underlying buffer is not contiguous");
    }
    if ((flags & PyBUF_INDIRECT) != PyBUF_INDIRECT && (self->flags & _Py_MEMORYVIEW_PIL)) {
        return buffer_error("memoryview: underlying buffer requires suboffsets");
    }
    if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES) {
        if (!c) {
            return buffer_error("memoryview: underlying buffer is not C-contiguous");
        }
        view->strides = NULL;
    }
    if ((flags & PyBUF_ND) != PyBUF_ND) {
        // A plain run of bytes.
        if (view->format != NULL) {
            return buffer_error("memoryview: cannot cast to unsigned bytes if the format "
                                "flag is present");
        }
        view->ndim = 1;
        view->shape = NULL;
    }
    view->obj = Py_NewRef(op);
    self->exports++;
    return 0;
}

static void
memoryview_releasebuffer(PyObject *op, Py_buffer *view)
{
    ((PyMemoryViewObject *)op)->exports--;
}

// ------------------------------------------------------------------------------ cast

// One dimension of items of the new format.
static int
cast_to_line(PyMemoryViewObject *self, const char *format)
{
    Py_buffer *view = &self->view;
    char from, to;
    Py_ssize_t size = kr_format_native(format, &to);

    if (size < 0) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: destination format must be a native single character "
                        "format prefixed with an optional '@'");
        return -1;
    }
    // One of the two sides has to be bytes.
    bool from_bytes = kr_format_native(view->format, &from) == 1 &&
                      (from == 'b' || from == 'B' || from == 'c');
    bool to_bytes = to == 'b' || to == 'B' || to == 'c';
    if (!from_bytes && !to_bytes) {
        if (kr_format_native(view->format, &from) < 0) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview: source format must be a native single character "
                            "format prefixed with an optional '@'");
        }
        else {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview: cannot cast between two non-byte formats");
        }
        return -1;
    }
    if (kr_format_native(view->format, &from) < 0) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: source format must be a native single character "
                        "format prefixed with an optional '@'");
        return -1;
    }
    if (view->len % size != 0) {
        PyErr_SetString(PyExc_TypeError, "memoryview: length is not a multiple of itemsize");
        return -1;
    }
    // The format is one of ours, so that it outlives the argument.
    static const char *const formats[] = {
        "c",  "b",  "B",  "?",  "h",  "H",  "i",  "I",  "l",  "L",  "q",  "Q",
        "n",  "N",  "e",  "f",  "d",  "P",  "@c", "@b", "@B", "@?", "@h", "@H",
        "@i", "@I", "@l", "@L", "@q", "@Q", "@n", "@N", "@e", "@f", "@d", "@P",
    };
    for (int i = 0; i < KR_ARRAY_LEN(formats); i++) {
        if (strcmp(formats[i], format) == 0) {
            view->format = (char *)(uintptr_t)formats[i];
        }
    }
    view->itemsize = size;
    view->ndim = 1;
    view->shape[0] = view->len / size;
    view->strides[0] = size;
    view->suboffsets = NULL;
    kr_memoryview_set_flags(self);
    return 0;
}

// Gives the one-dimensional view a shape of several.
static int
cast_to_shape(PyMemoryViewObject *self, PyObject *shape, int ndim)
{
    Py_buffer *view = &self->view;
    Py_ssize_t length = view->itemsize;

    view->ndim = ndim;
    if (ndim == 0) {
        view->shape = NULL;
        view->strides = NULL;
    }
    else {
        view->strides = self->ob_array + ndim;
    }
    for (int i = 0; i < ndim; i++) {
        PyObject *item = PySequence_Fast_GET_ITEM(shape, i);
        if (!PyLong_Check(item)) {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview.cast(): elements of shape must be integers");
            return -1;
        }
        Py_ssize_t count = PyLong_AsSsize_t(item);
        if (count == -1 && PyErr_Occurred()) {
            return -1;
        }
        if (count <= 0) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview.cast(): elements of shape must be integers > 0");
            return -1;
        }
        if (count > PY_SSIZE_T_MAX / length) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview.cast(): product(shape) > SSIZE_MAX");
            return -1;
        }
        length *= count;
        view->shape[i] = count;
    }
    if (length != view->len) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: product(shape) * itemsize != buffer size");
        return -1;
    }
    PyBuffer_FillContiguousStrides(ndim, view->shape, view->strides, (int)view->itemsize,
                                   'C');
    kr_memoryview_set_flags(self);
    return 0;
}

KR_METHOD(memoryview, "cast(self, /, format: str, shape=<missing>)",
          "Cast a memoryview to a new format or shape.")
static PyObject *
memoryview_cast(PyMemoryViewObject *self, PyObject *format, PyObject *shape)
{
    Py_ssize_t ndim = 1;

    if (kr_memoryview_check(self) < 0 || kr_memoryview_check_restricted(self) < 0) {
        return NULL;
    }
    if (!(self->flags & _Py_MEMORYVIEW_C)) {
        PyErr_SetString(PyExc_TypeError,
                        "memoryview: casts are restricted to C-contiguous views");
        return NULL;
    }
    if (shape != NULL || self->view.ndim > 1) {
        for (int i = 0; i < self->view.ndim; i++) {
            if (self->view.shape[i] == 0) {
                PyErr_SetString(PyExc_TypeError, "memoryview: cannot cast view with zeros "
                                                 "in shape or strides");
                return NULL;
            }
        }
    }
    if (shape != NULL) {
        if (!PyList_Check(shape) && !PyTuple_Check(shape)) {
            PyErr_SetString(PyExc_TypeError, "shape must be a list or a tuple");
            return NULL;
        }
        ndim = PySequence_Fast_GET_SIZE(shape);
        if (ndim > PyBUF_MAX_NDIM) {
            PyErr_Format(PyExc_ValueError,
                         "memoryview: number of dimensions must not exceed %d",
                         PyBUF_MAX_NDIM);
            return NULL;
        }
        if (self->view.ndim != 1 && ndim != 1) {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview: cast must be 1D -> ND or ND -> 1D");
            return NULL;
        }
    }
    const char *text = PyUnicode_AsUTF8(format);
    if (text == NULL) {
        return NULL;
    }
    PyMemoryViewObject *result = kr_memoryview_share_incomplete(
        self->mbuf, &self->view, ndim == 0 ? 1 : (int)ndim);
    if (result == NULL) {
        return NULL;
    }
    if (cast_to_line(result, text) < 0 ||
        (shape != NULL && cast_to_shape(result, shape, (int)ndim) < 0)) {
        Py_DECREF(result);
        return NULL;
    }
    return (PyObject *)result;
}

KR_METHOD(memoryview, "toreadonly(self, /)",
          "Return a readonly version of the memoryview.")
static PyObject *
memoryview_toreadonly(PyMemoryViewObject *self)
{
    if (kr_memoryview_check(self) < 0 || kr_memoryview_check_restricted(self) < 0) {
        return NULL;
    }
    PyObject *result = kr_memoryview_share(self->mbuf, &self->view);
    if (result != NULL) {
        ((PyMemoryViewObject *)result)->view.readonly = 1;
    }
    return result;
}

// ------------------------------------------------------------------------ conversions

// Lists of lists; at most PyBUF_MAX_NDIM deep.
static PyObject *
list_of(const Py_buffer *view, const char *at, int dim, char code)
{
    if (dim == view->ndim) {
        return kr_item_unpack(at, code, view->format);
    }
    PyObject *list = PyList_New(view->shape[dim]);
    if (list == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < view->shape[dim]; i++, at += view->strides[dim]) {
        const char *part = at;
        if (view->suboffsets != NULL && view->suboffsets[dim] >= 0) {
            part = *(char *const *)(const void *)at + view->suboffsets[dim];
        }
        PyObject *item = list_of(view, part, dim + 1, code);
        if (item == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

KR_METHOD(memoryview, "tolist(self, /)",
          "Return the data in the buffer as a list of elements.")
static PyObject *
memoryview_tolist(PyMemoryViewObject *self)
{
    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    char code = kr_memoryview_code(&self->view);
    return code == 0 ? NULL : list_of(&self->view, self->view.buf, 0, code);
}

static PyObject *
view_bytes(PyMemoryViewObject *self, char order)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, self->view.len);

    if (bytes != NULL && PyBuffer_ToContiguous(PyBytes_AS_STRING(bytes), &self->view,
                                               self->view.len, order) < 0) {
        Py_CLEAR(bytes);
    }
    return bytes;
}

KR_METHOD(memoryview, "tobytes(self, /, order: str | None='C')",
          "Return the data in the buffer as a byte string, in order 'C', 'F' or 'A'.")
static PyObject *
memoryview_tobytes(PyMemoryViewObject *self, const char *order)
{
    char ord = 'C';

    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    if (order != NULL) {
        if (strcmp(order, "F") == 0 || strcmp(order, "A") == 0) {
            ord = order[0];
        }
        else if (strcmp(order, "C") != 0) {
            PyErr_SetString(PyExc_ValueError, "order must be 'C', 'F' or 'A'");
            return NULL;
        }
    }
    return view_bytes(self, ord);
}

KR_METHOD(memoryview, "hex(self, /, sep=<missing>, bytes_per_sep=1)",
          "Return the data in the buffer as a str of hexadecimal numbers.\n\n"
          ">>> memoryview(b'\\xca\\xfe').hex('-')\n'ca-fe'")
static PyObject *
memoryview_hex(PyMemoryViewObject *self, PyObject *sep, int bytes_per_sep)
{
    PyObject *result = NULL;

    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    // Reading sep may run Python: the view is held open.
    self->exports++;
    if (self->flags & _Py_MEMORYVIEW_C) {
        result = kr_bytes_hex(self->view.buf, self->view.len, sep, bytes_per_sep);
    }
    else {
        PyObject *bytes = view_bytes(self, 'C');
        if (bytes != NULL) {
            result = kr_bytes_hex(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), sep,
                                  bytes_per_sep);
            Py_DECREF(bytes);
        }
    }
    self->exports--;
    return result;
}

KR_METHOD(memoryview, "count(self, value, /)", "Count the number of occurrences of a value.")
static PyObject *
memoryview_count(PyObject *self, PyObject *value)
{
    PyObject *iterator = PyObject_GetIter(self), *item;
    Py_ssize_t count = 0;

    if (iterator == NULL) {
        return NULL;
    }
    while ((item = PyIter_Next(iterator)) != NULL) {
        int equal = item == value ? 1 : PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
        if (equal < 0) {
            Py_DECREF(iterator);
            return NULL;
        }
        count += equal;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : PyLong_FromSsize_t(count);
}

KR_METHOD(memoryview,
          "index(self, value, start: slice_index_not_none=0, "
          "stop: slice_index_not_none=sys.maxsize, /)",
          "Return the index of the first occurrence of a value; ValueError if there is "
          "none.")
static PyObject *
memoryview_index(PyMemoryViewObject *self, PyObject *value, Py_ssize_t start,
                 Py_ssize_t stop)
{
    Py_buffer *view = &self->view;

    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    if (view->ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid lookup on 0-dim memory");
        return NULL;
    }
    if (view->ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional lookup is not implemented");
        return NULL;
    }
    Py_ssize_t count = view->shape[0];
    if (start < 0) {
        start = start + count < 0 ? 0 : start + count;
    }
    if (stop < 0) {
        stop = stop + count < 0 ? 0 : stop + count;
    }
    stop = stop < count ? stop : count;
    for (Py_ssize_t i = start; i < stop; i++) {
        PyObject *item = kr_memoryview_item((PyObject *)self, i);
        if (item == NULL) {
            return NULL;
        }
        int equal = item == value ? 1 : PyObject_RichCompareBool(item, value, Py_EQ);
        Py_DECREF(item);
        if (equal < 0) {
            return NULL;
        }
        if (equal) {
            return PyLong_FromSsize_t(i);
        }
    }
    PyErr_SetString(PyExc_ValueError, "memoryview.index(x): x not found");
    return NULL;
}

KR_METHOD_RAW(memoryview, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "memoryviews are generic over the type of their underlying data")
static PyObject *
memoryview_class_getitem(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

// ------------------------------------------------------------------------- attributes

static PyObject *
tuple_of(PyMemoryViewObject *self, const Py_ssize_t *numbers)
{
    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    PyObject *tuple = PyTuple_New(numbers != NULL ? self->view.ndim : 0);
    for (int i = 0; tuple != NULL && numbers != NULL && i < self->view.ndim; i++) {
        PyObject *number = PyLong_FromSsize_t(numbers[i]);
        if (number == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, number);
    }
    return tuple;
}

KR_GETTER(memoryview, "obj", "The underlying object of the memoryview.")
static PyObject *
memoryview_get_obj(PyMemoryViewObject *self)
{
    if (kr_memoryview_check(self) < 0) {
        return NULL;
    }
    return Py_NewRef(self->view.obj != NULL ? self->view.obj : Py_None);
}

KR_GETTER(memoryview, "nbytes", "The bytes that the items would take one behind the other.")
static PyObject *
memoryview_get_nbytes(PyMemoryViewObject *self)
{
    return kr_memoryview_check(self) < 0 ? NULL : PyLong_FromSsize_t(self->view.len);
}

KR_GETTER(memoryview, "readonly", "A bool indicating whether the memory is read only.")
static PyObject *
memoryview_get_readonly(PyMemoryViewObject *self)
{
    return kr_memoryview_check(self) < 0 ? NULL : PyBool_FromLong(self->view.readonly);
}

KR_GETTER(memoryview, "itemsize", "The size in bytes of each element of the memoryview.")
static PyObject *
memoryview_get_itemsize(PyMemoryViewObject *self)
{
    return kr_memoryview_check(self) < 0 ? NULL : PyLong_FromSsize_t(self->view.itemsize);
}

KR_GETTER(memoryview, "format", "The format of each element, in the style of struct.")
static PyObject *
memoryview_get_format(PyMemoryViewObject *self)
{
    return kr_memoryview_check(self) < 0 ? NULL : PyUnicode_FromString(self->view.format);
}

KR_GETTER(memoryview, "ndim", "The number of dimensions.")
static PyObject *
memoryview_get_ndim(PyMemoryViewObject *self)
{
    return kr_memoryview_check(self) < 0 ? NULL : PyLong_FromLong(self->view.ndim);
}

KR_GETTER(memoryview, "shape", "A tuple of the number of elements in each dimension.")
static PyObject *
memoryview_get_shape(PyMemoryViewObject *self)
{
    return tuple_of(self, self->view.shape);
}

KR_GETTER(memoryview, "strides", "A tuple of the step in bytes of each dimension.")
static PyObject *
memoryview_get_strides(PyMemoryViewObject *self)
{
    return tuple_of(self, self->view.strides);
}

KR_GETTER(memoryview, "suboffsets", "A tuple of integers used for PIL-style arrays.")
static PyObject *
memoryview_get_suboffsets(PyMemoryViewObject *self)
{
    return tuple_of(self, self->view.suboffsets);
}

static PyObject *
has_flag(PyMemoryViewObject *self, int flags)
{
    return kr_memoryview_check(self) < 0 ? NULL : PyBool_FromLong(self->flags & flags);
}

KR_GETTER(memoryview, "c_contiguous", "A bool indicating whether the memory is C contiguous.")
static PyObject *
memoryview_get_c_contiguous(PyMemoryViewObject *self)
{
    return has_flag(self, _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C);
}

KR_GETTER(memoryview, "f_contiguous",
          "A bool indicating whether the memory is Fortran contiguous.")
static PyObject *
memoryview_get_f_contiguous(PyMemoryViewObject *self)
{
    return has_flag(self, _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_FORTRAN);
}

KR_GETTER(memoryview, "contiguous", "A bool indicating whether the memory is contiguous.")
static PyObject *
memoryview_get_contiguous(PyMemoryViewObject *self)
{
    return has_flag(self, _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C |
                              _Py_MEMORYVIEW_FORTRAN);
}

// ------------------------------------------------------------------------------ slots

static Py_ssize_t
memoryview_length(PyObject *op)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;

    if (kr_memoryview_check(self) < 0) {
        return -1;
    }
    if (self->view.ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "0-dim memory has no length");
        return -1;
    }
    return self->view.shape[0];
}

static PyObject *
memoryview_repr(PyObject *op)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;

    return PyUnicode_FromFormat(self->flags & _Py_MEMORYVIEW_RELEASED
                                    ? "<released memory at %p>"
                                    : "<memory at %p>", self);
}

static Py_hash_t
memoryview_hash(PyObject *op)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)op;
    char code;

    if (self->hash != -1) {
        return self->hash;
    }
    if (kr_memoryview_check(self) < 0) {
        return -1;
    }
    if (!self->view.readonly) {
        PyErr_SetString(PyExc_ValueError, "cannot hash writable memoryview object");
        return -1;
    }
    if (kr_format_native(self->view.format, &code) != 1 || code == '?') {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
        return -1;
    }
    // The hash is kept, so the memory must not change: its owner is hashable.
    if (self->view.obj != NULL) {
        self->exports++;
        Py_hash_t owner = PyObject_Hash(self->view.obj);
        self->exports--;
        if (owner == -1) {
            return -1;
        }
    }
    if (self->flags & _Py_MEMORYVIEW_C) {
        self->hash = Py_HashBuffer(self->view.buf, self->view.len);
        return self->hash;
    }
    PyObject *bytes = view_bytes(self, 'C');
    if (bytes == NULL) {
        return -1;
    }
    self->hash = PyObject_Hash(bytes);
    Py_DECREF(bytes);
    return self->hash;
}

KR_TYPE(memoryview)
#include "objects/memoryview/memoryview.methods.h"

static PySequenceMethods memoryview_as_sequence = {
    .sq_length = memoryview_length,
    .sq_item = kr_memoryview_item,
};

static PyMappingMethods memoryview_as_mapping = {
    .mp_length = memoryview_length,
    .mp_subscript = kr_memoryview_subscript,
    .mp_ass_subscript = kr_memoryview_ass_subscript,
};

static PyBufferProcs memoryview_as_buffer = {
    .bf_getbuffer = memoryview_getbuffer,
    .bf_releasebuffer = memoryview_releasebuffer,
};

PyTypeObject PyMemoryView_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "memoryview",
    .tp_basicsize = offsetof(PyMemoryViewObject, ob_array),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_dealloc = memoryview_dealloc,
    .tp_repr = memoryview_repr,
    .tp_as_sequence = &memoryview_as_sequence,
    .tp_as_mapping = &memoryview_as_mapping,
    .tp_hash = memoryview_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &memoryview_as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_doc = memoryview_doc,
    .tp_traverse = memoryview_traverse,
    .tp_clear = memoryview_clear,
    .tp_richcompare = kr_memoryview_richcompare,
    .tp_weaklistoffset = offsetof(PyMemoryViewObject, weakreflist),
    .tp_iter = kr_memoryview_iter,
    .tp_methods = memoryview_methods,
    .tp_getset = memoryview_getset,
    .tp_new = memoryview_new,
    .tp_vectorcall = memoryview_vectorcall,
};
