// SPDX-License-Identifier: MIT
// traceback.c - tracebacks: which frames an exception passed through.
#include "vm/machine.h"

#include "objects/alloc.h"
#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/method_macros.h"
#include "vm/frame_object.h"

static PyObject *
traceback_create(PyTracebackObject *next, PyFrameObject *frame, int lasti, int lineno)
{
    PyTracebackObject *tb = kr_object_alloc(sizeof *tb, true, false);
    if (tb == NULL) {
        return PyErr_NoMemory();
    }
    kr_object_start(tb, &PyTraceBack_Type);
    tb->tb_next = (PyTracebackObject *)Py_XNewRef(next);
    tb->tb_frame = (PyFrameObject *)Py_NewRef(frame);
    tb->tb_lasti = lasti;
    tb->tb_lineno = lineno;
    kr_gc_track(tb);
    return (PyObject *)tb;
}

// Puts an entry for frame in front of the pending exception's traceback.
static int
add_entry(PyFrameObject *frame, int lasti, int lineno)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *next = PyException_GetTraceback(exc);
    PyObject *tb = traceback_create((PyTracebackObject *)next, frame, lasti, lineno);
    Py_XDECREF(next);
    if (tb == NULL) {
        Py_DECREF(exc);
        return -1;
    }
    PyException_SetTraceback(exc, tb);
    Py_DECREF(tb);
    PyErr_SetRaisedException(exc);
    return 0;
}

int
kr_traceback_add(PyThreadState *tstate, KrFrame *fp)
{
    PyObject *exc = tstate->current_exception;
    tstate->current_exception = NULL;
    PyFrameObject *frame = kr_frame_object_new(tstate, fp);
    if (frame == NULL) {
        Py_DECREF(exc);
        return -1;
    }
    tstate->current_exception = exc;
    PyBaseExceptionObject *base = kr_exc(exc);
    PyObject *tb = traceback_create((PyTracebackObject *)base->traceback, frame,
                                    kr_frame_lasti(fp),
                                    frame->f_lineno != 0 ? frame->f_lineno : -1);
    if (tb == NULL) {
        return -1;
    }
    Py_XSETREF(base->traceback, tb);
    return 0;
}

int
PyTraceBack_Here(PyFrameObject *frame)
{
    return add_entry(frame, PyFrame_GetLasti(frame), PyFrame_GetLineNumber(frame));
}

static int
traceback_line(PyTracebackObject *tb)
{
    if (tb->tb_lineno != -1) {
        return tb->tb_lineno;
    }
    return PyCode_Addr2Line(kr_frame_object_code(tb->tb_frame), tb->tb_lasti);
}

KR_NEW(traceback, "traceback(tb_next, tb_frame, tb_lasti, tb_lineno)",
       "Create a new traceback object.")
static PyObject *
traceback_new_impl(PyTypeObject *cls, PyObject *tb_next, PyObject *tb_frame, int tb_lasti,
                   int tb_lineno)
{
    if (!PyFrame_Check(tb_frame)) {
        PyErr_Format(PyExc_TypeError,
                     "traceback() argument 'tb_frame' must be frame, not %.50s",
                     Py_TYPE(tb_frame)->tp_name);
        return NULL;
    }
    if (tb_next == Py_None) {
        tb_next = NULL;
    }
    else if (!PyTraceBack_Check(tb_next)) {
        PyErr_Format(PyExc_TypeError, "expected traceback object or None, got '%s'",
                     Py_TYPE(tb_next)->tp_name);
        return NULL;
    }
    return traceback_create((PyTracebackObject *)tb_next, (PyFrameObject *)tb_frame, tb_lasti,
                            tb_lineno);
}

KR_GETTER(traceback, "tb_next", "")
static PyObject *
traceback_get_tb_next(PyTracebackObject *self)
{
    return Py_NewRef(self->tb_next != NULL ? (PyObject *)self->tb_next : Py_None);
}

KR_SETTER(traceback, "tb_next")
static int
traceback_set_tb_next(PyTracebackObject *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete tb_next attribute");
        return -1;
    }
    if (value == Py_None) {
        value = NULL;
    }
    else if (!PyTraceBack_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected traceback object, got '%s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    for (PyTracebackObject *tb = (PyTracebackObject *)value; tb != NULL; tb = tb->tb_next) {
        if (tb == self) {
            PyErr_SetString(PyExc_ValueError, "traceback loop detected");
            return -1;
        }
    }
    Py_XSETREF(self->tb_next, (PyTracebackObject *)Py_XNewRef(value));
    return 0;
}

KR_GETTER(traceback, "tb_lineno", "")
static PyObject *
traceback_get_tb_lineno(PyTracebackObject *self)
{
    int line = traceback_line(self);
    if (line == -1) {
        Py_RETURN_NONE;
    }
    return PyLong_FromLong(line);
}

KR_GETTER(traceback, "tb_frame", "")
static PyObject *
traceback_get_tb_frame(PyTracebackObject *self)
{
    return Py_NewRef(self->tb_frame);
}

KR_GETTER(traceback, "tb_lasti", "")
static PyObject *
traceback_get_tb_lasti(PyTracebackObject *self)
{
    return PyLong_FromLong(self->tb_lasti);
}

KR_METHOD_RAW(traceback, "__dir__", METH_NOARGS, "")
static PyObject *
traceback___dir__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("[ssss]", "tb_frame", "tb_next", "tb_lasti", "tb_lineno");
}

static void
traceback_dealloc(PyObject *self)
{
    PyTracebackObject *tb = (PyTracebackObject *)self;
    kr_gc_untrack(self);
    Py_XDECREF(tb->tb_next);
    Py_XDECREF(tb->tb_frame);
    kr_object_free(self);
}

static int
traceback_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTracebackObject *tb = (PyTracebackObject *)self;
    Py_VISIT(tb->tb_next);
    Py_VISIT(tb->tb_frame);
    return 0;
}

static int
traceback_tp_clear(PyObject *self)
{
    PyTracebackObject *tb = (PyTracebackObject *)self;
    Py_CLEAR(tb->tb_next);
    Py_CLEAR(tb->tb_frame);
    return 0;
}

KR_TYPE(traceback)
#include "vm/traceback.methods.h"

PyTypeObject PyTraceBack_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "traceback",
    .tp_basicsize = sizeof(PyTracebackObject),
    .tp_dealloc = traceback_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = traceback_doc,
    .tp_traverse = traceback_traverse,
    .tp_clear = traceback_tp_clear,
    .tp_methods = traceback_methods,
    .tp_getset = traceback_getset,
    .tp_new = traceback_new,
};

// --- Plain printing ------------------------------------------------------------------

// The fallback used while the traceback module cannot be imported: file, line and
// function of each entry, without source lines.
int
PyTraceBack_Print(PyObject *v, PyObject *file)
{
    if (v == NULL) {
        return 0;
    }
    if (!PyTraceBack_Check(v)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (PyFile_WriteString("Traceback (most recent call last):\n", file) < 0) {
        return -1;
    }
    for (PyTracebackObject *tb = (PyTracebackObject *)v; tb != NULL; tb = tb->tb_next) {
        PyCodeObject *code = kr_frame_object_code(tb->tb_frame);
        PyObject *line = PyUnicode_FromFormat("  File \"%U\", line %d, in %U\n",
                                              code->co_filename, traceback_line(tb),
                                              code->co_name);
        int status = line == NULL ? -1 : PyFile_WriteObject(line, file, Py_PRINT_RAW);
        Py_XDECREF(line);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

// Adds an entry for C code that has no frame of its own.
void
_PyTraceback_Add(const char *funcname, const char *filename, int lineno)
{
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *globals = PyDict_New();
    PyCodeObject *code = globals == NULL ? NULL : PyCode_NewEmpty(filename, funcname, lineno);
    PyFrameObject *frame = code == NULL ? NULL
                                        : PyFrame_New(kr_thread(), code, globals, NULL);
    PyErr_Clear();
    PyErr_SetRaisedException(exc);
    if (frame != NULL) {
        frame->f_lineno = lineno;
        PyTraceBack_Here(frame);
    }
    Py_XDECREF(globals);
    Py_XDECREF(code);
    Py_XDECREF(frame);
}
