// SPDX-License-Identifier: MIT
// memoryview.h - what the files of this folder share.
//
// A managed buffer holds one buffer of an exporter. Memoryviews made from each
// other share it; each counts in mbuf->exports, and the buffer is released when
// the last one is. A view may hand out buffers itself: view->exports counts them.
#ifndef KRAIT_OBJECTS_MEMORYVIEW_MEMORYVIEW_H
#define KRAIT_OBJECTS_MEMORYVIEW_MEMORYVIEW_H

#include "Python.h"

#include "base/base.h"

typedef struct {
    int ndim;
    Py_ssize_t shape[PyBUF_MAX_NDIM];
    Py_ssize_t strides[PyBUF_MAX_NDIM];
} KrBufferLayout;

// Shape and strides of a view, computed where it leaves them out.
void kr_buffer_layout(const Py_buffer *view, KrBufferLayout *out);

// Copies shape[0] x ... items; the memory of the two must not overlap in a way
// that matters. Suboffsets may be NULL.
void kr_buffer_copy(char *to, const Py_ssize_t *to_strides,
                    const Py_ssize_t *to_suboffsets, const char *from,
                    const Py_ssize_t *from_strides, const Py_ssize_t *from_suboffsets,
                    const Py_ssize_t *shape, int ndim, Py_ssize_t itemsize);

// A view of `flags` through an exporter's own function.
PyObject *_PyMemoryView_FromBufferProc(PyObject *exporter, int flags, getbufferproc get);
// memoryview._from_flags.
PyObject *kr_memoryview_from_flags(PyObject *exporter, int flags);

// A further view of the same managed buffer with the form `form` (NULL: as it is).
PyObject *kr_memoryview_share(_PyManagedBufferObject *mbuf, const Py_buffer *form);
// The same with ndim dimensions whose arrays are not filled in yet.
PyMemoryViewObject *kr_memoryview_share_incomplete(_PyManagedBufferObject *mbuf,
                                                   const Py_buffer *form, int ndim);
// Sets the flags that follow from shape and strides.
void kr_memoryview_set_flags(PyMemoryViewObject *self);

// ValueError if the view was released: 0 or -1.
static inline int
kr_memoryview_check(PyMemoryViewObject *self)
{
    if (KR_UNLIKELY((self->flags & _Py_MEMORYVIEW_RELEASED) ||
                    (self->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED))) {
        PyErr_SetString(PyExc_ValueError,
                        "operation forbidden on released memoryview object");
        return -1;
    }
    return 0;
}

static inline int
kr_memoryview_check_restricted(PyMemoryViewObject *self)
{
    if (self->flags & _Py_MEMORYVIEW_RESTRICTED) {
        PyErr_SetString(PyExc_ValueError,
                        "cannot create new view on restricted memoryview");
        return -1;
    }
    return 0;
}

// --- Items (items.c) -----------------------------------------------------------------

// The size of a native format of one character, which may have '@' before it; the
// character in *code_out. -1 without an exception for any other format.
Py_ssize_t kr_format_native(const char *format, char *code_out);
// The character of the view's format, or 0 with NotImplementedError.
char kr_memoryview_code(const Py_buffer *view);
// The item at `at` as an object.
PyObject *kr_item_unpack(const char *at, char code, const char *format);
// Stores an object; -1 with TypeError or ValueError.
int kr_item_pack(char *at, PyObject *value, char code, const char *format);

// --- Slots in other files -------------------------------------------------------------

PyObject *kr_memoryview_subscript(PyObject *self, PyObject *key);
int kr_memoryview_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
PyObject *kr_memoryview_item(PyObject *self, Py_ssize_t i);
PyObject *kr_memoryview_richcompare(PyObject *a, PyObject *b, int op);
PyObject *kr_memoryview_iter(PyObject *self);

// --- Buffers of Python classes (wrapper.c) ----------------------------------------------

// bf_getbuffer and bf_releasebuffer of classes with __buffer__, __release_buffer__.
int kr_buffer_call_python(PyObject *self, Py_buffer *view, int flags);
void kr_buffer_release_python(PyObject *self, Py_buffer *view);

#endif // KRAIT_OBJECTS_MEMORYVIEW_MEMORYVIEW_H
