// SPDX-License-Identifier: MIT
// buffered_pair.c - BufferedRWPair: one stream made of a reader and a writer.
#include "modules/io/io.h"

#include <structmember.h>

typedef struct {
    KrIOBase base;
    PyObject *reader; // owned BufferedReader
    PyObject *writer; // owned BufferedWriter
} RWPair;

KR_INIT(rwpair, "BufferedRWPair(reader, writer, buffer_size=131072, /)",
        "A buffered reader and writer object together.")
static int
rwpair_init_impl(RWPair *self, PyObject *reader, PyObject *writer, Py_ssize_t buffer_size)
{
    if (kr_io_check_readable(reader) < 0 || kr_io_check_writable(writer) < 0) {
        return -1;
    }
    Py_XSETREF(self->reader,
               PyObject_CallFunction((PyObject *)&kr_buffered_reader_type, "On", reader,
                                     buffer_size));
    if (self->reader == NULL) {
        return -1;
    }
    Py_XSETREF(self->writer,
               PyObject_CallFunction((PyObject *)&kr_buffered_writer_type, "On", writer,
                                     buffer_size));
    if (self->writer == NULL) {
        Py_CLEAR(self->reader);
        return -1;
    }
    return 0;
}

static PyObject *
pass_on(PyObject *half, PyObject *name, PyObject *args)
{
    if (half == NULL) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return NULL;
    }
    PyObject *method = PyObject_GetAttr(half, name);
    PyObject *result = method == NULL ? NULL : PyObject_Call(method, args, NULL);
    Py_XDECREF(method);
    return result;
}

#define PASS(half, name)                                                       \
    static PyObject *rwpair_##name(PyObject *self, PyObject *args)             \
    {                                                                          \
        return pass_on(((RWPair *)self)->half, KR_ID(name), args);             \
    }
PASS(reader, read)
PASS(reader, peek)
PASS(reader, read1)
PASS(reader, readinto)

static PyObject *
rwpair_readinto1(PyObject *self, PyObject *args)
{
    return pass_on(((RWPair *)self)->reader, KR_ID(readinto1), args);
}

PASS(writer, write)
PASS(writer, flush)
PASS(reader, readable)
PASS(writer, writable)

static PyObject *
rwpair_close(PyObject *op, PyObject *args)
{
    RWPair *self = (RWPair *)op;
    PyObject *result = pass_on(self->writer, KR_ID(close), args);
    PyObject *exc = PyErr_GetRaisedException();
    Py_XDECREF(result);
    result = pass_on(self->reader, KR_ID(close), args);
    if (exc != NULL) {
        Py_CLEAR(result);
        if (PyErr_Occurred()) {
            _PyErr_ChainExceptions1(exc);
        }
        else {
            PyErr_SetRaisedException(exc);
        }
    }
    return result;
}

static PyObject *
rwpair_isatty(PyObject *op, PyObject *args)
{
    RWPair *self = (RWPair *)op;
    PyObject *result = pass_on(self->writer, KR_ID(isatty), args);
    if (result != Py_False) {
        return result;
    }
    Py_DECREF(result);
    return pass_on(self->reader, KR_ID(isatty), args);
}

static PyObject *
rwpair_get_closed(PyObject *op, void *Py_UNUSED(closure))
{
    RWPair *self = (RWPair *)op;
    if (self->writer == NULL) {
        PyErr_SetString(PyExc_RuntimeError,
                        "the BufferedRWPair object is being garbage-collected");
        return NULL;
    }
    return PyObject_GetAttr(self->writer, KR_ID(closed));
}

static PyMethodDef rwpair_methods[] = {
    {"read", rwpair_read, METH_VARARGS,
     "read($self, size=-1, /)\n--\n\n"},
    {"peek", rwpair_peek, METH_VARARGS,
     "peek($self, size=-1, /)\n--\n\n"},
    {"read1", rwpair_read1, METH_VARARGS,
     "read1($self, size=-1, /)\n--\n\n"},
    {"readinto", rwpair_readinto, METH_VARARGS,
     "readinto($self, buffer, /)\n--\n\n"},
    {"readinto1", rwpair_readinto1, METH_VARARGS,
     "readinto1($self, buffer, /)\n--\n\n"},
    {"write", rwpair_write, METH_VARARGS,
     "write($self, buffer, /)\n--\n\n"},
    {"flush", rwpair_flush, METH_VARARGS, "flush($self, /)\n--\n\n"},
    {"readable", rwpair_readable, METH_VARARGS, "readable($self, /)\n--\n\n"},
    {"writable", rwpair_writable, METH_VARARGS, "writable($self, /)\n--\n\n"},
    {"close", rwpair_close, METH_VARARGS, "close($self, /)\n--\n\n"},
    {"isatty", rwpair_isatty, METH_VARARGS, "isatty($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef rwpair_attributes[] = {
    {"closed", rwpair_get_closed, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static int
rwpair_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((RWPair *)op)->reader);
    Py_VISIT(((RWPair *)op)->writer);
    return kr_io_base_traverse(op, visit, arg);
}

static int
rwpair_clear(PyObject *op)
{
    Py_CLEAR(((RWPair *)op)->reader);
    Py_CLEAR(((RWPair *)op)->writer);
    kr_io_base_clear(op);
    return 0;
}

static void
rwpair_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (((KrIOBase *)op)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    rwpair_clear(op);
    Py_TYPE(op)->tp_free(op);
}

#include "modules/io/buffered_pair.methods.h"

PyTypeObject kr_buffered_rwpair_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_io.BufferedRWPair",
    .tp_basicsize = sizeof(RWPair),
    .tp_dealloc = rwpair_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = rwpair_doc,
    .tp_traverse = rwpair_traverse,
    .tp_clear = rwpair_clear,
    .tp_weaklistoffset = offsetof(KrIOBase, weakreflist),
    .tp_methods = rwpair_methods,
    .tp_getset = rwpair_attributes,
    .tp_base = &kr_bufferediobase_type,
    .tp_dictoffset = offsetof(KrIOBase, dict),
    .tp_init = rwpair_init,
    .tp_new = PyType_GenericNew,
};
