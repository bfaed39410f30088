// SPDX-License-Identifier: MIT
// frame.c - frame objects: a view of a window, or the owner of its copy.
//
// A frame object is made when somebody asks. While the window lives, f_frame
// points at it; when the frame ends, the object takes the slots over.
// Read next: frame_locals.c, traceback.c
#include "vm/machine.h"

#include "bytecode/locations.h"
#include "objects/alloc.h"
#include "objects/ids.h"
#include "vm/call.h"
#include "vm/frame_object.h"
#include "vm/generator.h"
#include "vm/trace.h"

#include <sys/mman.h>

// --- The stack region ------------------------------------------------------------

// Fresh words read as zero, which is no dead word: they are filled in chunks.
#define CHUNK_WORDS 4096

int
kr_stack_extend(PyThreadState *tstate, KV *end)
{
    KV *limit = (KV *)tstate->datastack_limit;
    KV *region_end = (KV *)tstate->datastack_cached_chunk - 64;
    if (end > region_end) {
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded");
        return -1;
    }
    KV *target = end + CHUNK_WORDS > region_end ? region_end : end + CHUNK_WORDS;
    for (KV *word = limit; word < target; word++) {
        *word = KV_NULL;
    }
    tstate->datastack_limit = (PyObject **)target;
    return 0;
}

int
kr_frame_stack_create(PyThreadState *tstate)
{
    // The first thread gets the large region.
    size_t size = tstate->interp->threads == NULL ? KR_FRAME_STACK_BYTES
                                                  : KR_THREAD_FRAME_STACK_BYTES;
    void *region = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) {
        return -1;
    }
    mprotect((char *)region + size, 4096, PROT_NONE);
    tstate->datastack_cached_chunk = (char *)region + size;
    tstate->datastack_chunk = region;
    tstate->datastack_top = region;
    tstate->datastack_limit = region;
    return 0;
}

void
kr_frame_stack_destroy(PyThreadState *tstate)
{
    if (tstate->datastack_chunk != NULL) {
        munmap(tstate->datastack_chunk, (size_t)((char *)tstate->datastack_cached_chunk -
                                                 (char *)tstate->datastack_chunk) + 4096);
        tstate->datastack_chunk = NULL;
        tstate->datastack_top = NULL;
        tstate->datastack_limit = NULL;
    }
}

// --- Frame objects ---------------------------------------------------------------

PyFrameObject *
kr_frame_object_new(PyThreadState *tstate, KrFrame *fp)
{
    if (fp->frame_obj != 1) {
        return kr_frame_object(fp);
    }
    PyFrameObject *frame = kr_object_alloc(sizeof *frame, true, false);
    if (frame == NULL) {
        return (PyFrameObject *)PyErr_NoMemory();
    }
    kr_object_start(frame, &PyFrame_Type);
    frame->f_back = NULL;
    frame->f_frame = (struct _PyInterpreterFrame *)fp;
    frame->f_trace = NULL;
    frame->f_lineno = 0;
    frame->f_trace_lines = 1;
    frame->f_trace_opcodes = 0;
    frame->f_extra_locals = NULL;
    frame->f_locals_cache = NULL;
    frame->f_overwritten_fast_locals = NULL;
    frame->_f_frame_data[0] = Py_NewRef(kr_frame_exec(fp)->code);
    fp->frame_obj = (uint64_t)(uintptr_t)frame | 1;
    kr_gc_track(frame);
    return frame;
}

// Releases the copy of a window that the frame object owns.
static void
free_copy(PyFrameObject *frame)
{
    KrFrame *copy = kr_frame_of(frame);
    if (copy == NULL || !frame_owns_window(frame)) {
        return;
    }
    frame->f_frame = NULL;
    kr_sweep(copy->slots, kr_frame_exec(copy)->nlocals);
    Py_DECREF(kr_frame_func(copy));
    PyMem_Free(copy);
}

// The frame ends: its object, if others hold it, takes the locals over.
void
kr_frame_detach(PyThreadState *tstate, KrFrame *fp)
{
    PyFrameObject *frame = kr_frame_object(fp);
    KrExec *exec = kr_frame_exec(fp);
    fp->frame_obj = 1;
    if (Py_REFCNT(frame) == 1) {
        frame->f_frame = NULL;
        Py_DECREF(frame);
        return;
    }
    PyObject *pending = tstate->current_exception;
    tstate->current_exception = NULL;
    KrFrame *caller = kr_frame_prev(fp);
    // A finished generator has no caller; whoever resumed it last is none.
    if (caller != NULL && kr_frame_on_stack(tstate, fp)) {
        frame->f_back = (PyFrameObject *)Py_XNewRef(kr_frame_object_new(tstate, caller));
    }
    KrFrame *copy = PyMem_Malloc(sizeof(KrFrame) + exec->nlocals * sizeof(KV));
    if (copy == NULL || frame->f_frame == NULL) {
        PyErr_Clear();
        PyMem_Free(copy);
        frame->f_frame = NULL;
    }
    else {
        *copy = *fp;
        copy->func = (uint64_t)(uintptr_t)Py_NewRef(kr_frame_func(fp)) | KR_KV_BORROWED;
        copy->prev = KR_FRAME_COPY_MARK;
        copy->frame_obj = 1;
        for (uint32_t i = 0; i < exec->nlocals; i++) {
            KV word = fp->slots[i];
            fp->slots[i] = KV_NULL;
            copy->slots[i] = kv_is_owned(word) ? word : kv_copy(word);
        }
        frame->f_frame = (struct _PyInterpreterFrame *)copy;
    }
    PyErr_Clear();
    tstate->current_exception = pending;
    Py_DECREF(frame);
}

PyFrameObject *
kr_current_frame_object(PyThreadState *tstate, int depth)
{
    KrFrame *fp = kr_top_frame(tstate);
    while (fp != NULL && depth > 0) {
        fp = kr_frame_prev(fp);
        depth--;
    }
    return fp == NULL ? NULL : kr_frame_object_new(tstate, fp);
}

static void
frame_dealloc(PyObject *self)
{
    PyFrameObject *frame = (PyFrameObject *)self;
    kr_gc_untrack(self);
    free_copy(frame);
    Py_XDECREF(frame->f_back);
    Py_XDECREF(frame->f_trace);
    Py_XDECREF(frame->f_extra_locals);
    Py_XDECREF(frame->f_locals_cache);
    Py_XDECREF(frame->f_overwritten_fast_locals);
    Py_XDECREF(frame->_f_frame_data[0]);
    kr_object_free(self);
}

static int
frame_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyFrameObject *frame = (PyFrameObject *)self;
    Py_VISIT(frame->f_back);
    Py_VISIT(frame->f_trace);
    Py_VISIT(frame->f_extra_locals);
    Py_VISIT(frame->f_locals_cache);
    Py_VISIT(frame->f_overwritten_fast_locals);
    Py_VISIT(frame->_f_frame_data[0]);
    if (frame_owns_window(frame)) {
        KrFrame *copy = kr_frame_of(frame);
        Py_VISIT(kr_frame_func(copy));
        for (uint32_t i = 0; i < kr_frame_exec(copy)->nlocals; i++) {
            if (kv_is_owned(copy->slots[i])) {
                Py_VISIT(kv_pointer(copy->slots[i]));
            }
        }
    }
    return 0;
}

static int
frame_tp_clear(PyObject *self)
{
    PyFrameObject *frame = (PyFrameObject *)self;
    Py_CLEAR(frame->f_trace);
    Py_CLEAR(frame->f_extra_locals);
    Py_CLEAR(frame->f_locals_cache);
    Py_CLEAR(frame->f_overwritten_fast_locals);
    if (frame_owns_window(frame)) {
        kr_sweep(kr_frame_of(frame)->slots, kr_frame_exec(kr_frame_of(frame))->nlocals);
    }
    return 0;
}

// --- Attributes --------------------------------------------------------------------

PyCodeObject *
kr_frame_object_code(PyFrameObject *frame)
{
    return (PyCodeObject *)frame->_f_frame_data[0];
}

int
PyFrame_GetLasti(PyFrameObject *frame)
{
    KrFrame *fp = kr_frame_of(frame);
    return fp == NULL ? -1 : kr_frame_lasti(fp);
}

int
PyFrame_GetLineNumber(PyFrameObject *frame)
{
    if (frame->f_lineno != 0) {
        return frame->f_lineno;
    }
    KrFrame *fp = kr_frame_of(frame);
    if (fp == NULL) {
        return kr_frame_object_code(frame)->co_firstlineno;
    }
    return PyCode_Addr2Line(kr_frame_object_code(frame), kr_frame_lasti(fp));
}

PyCodeObject *
PyFrame_GetCode(PyFrameObject *frame)
{
    return (PyCodeObject *)Py_NewRef(kr_frame_object_code(frame));
}

PyFrameObject *
PyFrame_GetBack(PyFrameObject *frame)
{
    if (frame->f_back != NULL) {
        return (PyFrameObject *)Py_NewRef(frame->f_back);
    }
    KrFrame *fp = kr_frame_of(frame);
    if (fp == NULL || frame_owns_window(frame)) {
        return NULL;
    }
    PyThreadState *tstate = kr_thread();
    if (!kr_frame_on_stack(tstate, fp) && fp->prev <= 7) {
        return NULL; // a suspended generator
    }
    KrFrame *caller = kr_frame_prev(fp);
    return caller == NULL ? NULL
                          : (PyFrameObject *)Py_XNewRef(kr_frame_object_new(tstate, caller));
}

PyObject *
PyFrame_GetGlobals(PyFrameObject *frame)
{
    KrFrame *fp = kr_frame_of(frame);
    return fp == NULL ? PyDict_New() : Py_NewRef(kr_frame_func(fp)->func_globals);
}

PyObject *
PyFrame_GetBuiltins(PyFrameObject *frame)
{
    KrFrame *fp = kr_frame_of(frame);
    return fp == NULL ? PyDict_New() : Py_NewRef(kr_frame_func(fp)->func_builtins);
}

PyObject *
PyFrame_GetGenerator(PyFrameObject *frame)
{
    KrFrame *fp = kr_frame_of(frame);
    if (fp == NULL || frame_owns_window(frame) || !kr_frame_exec(fp)->generator ||
        kr_frame_on_stack(kr_thread(), fp)) {
        return NULL;
    }
    return Py_NewRef(kr_frame_generator(fp));
}

KR_GETTER(frame, "f_back", "The frame of the caller, or None.")
static PyObject *
frame_get_f_back(PyFrameObject *self)
{
    PyObject *back = (PyObject *)PyFrame_GetBack(self);
    if (back == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return back;
}

KR_GETTER(frame, "f_code", "The code object being executed.")
static PyObject *
frame_get_f_code(PyFrameObject *self)
{
    return (PyObject *)PyFrame_GetCode(self);
}

KR_GETTER(frame, "f_globals", "The dict of global names.")
static PyObject *
frame_get_f_globals(PyFrameObject *self)
{
    return PyFrame_GetGlobals(self);
}

KR_GETTER(frame, "f_builtins", "The dict of built-in names.")
static PyObject *
frame_get_f_builtins(PyFrameObject *self)
{
    return PyFrame_GetBuiltins(self);
}

KR_GETTER(frame, "f_locals", "The local names: a write-through mapping for functions.")
static PyObject *
frame_get_f_locals(PyFrameObject *self)
{
    return PyFrame_GetLocals(self);
}

KR_GETTER(frame, "f_lasti", "Index of the last instruction in the bytecode.")
static PyObject *
frame_get_f_lasti(PyFrameObject *self)
{
    return PyLong_FromLong(PyFrame_GetLasti(self));
}

KR_GETTER(frame, "f_lineno", "The current line number.")
static PyObject *
frame_get_f_lineno(PyFrameObject *self)
{
    int line = PyFrame_GetLineNumber(self);
    if (line < 0) {
        Py_RETURN_NONE;
    }
    return PyLong_FromLong(line);
}

KR_SETTER(frame, "f_lineno")
static int
frame_set_f_lineno(PyFrameObject *self, PyObject *value)
{
    return kr_frame_set_lineno(self, value);
}

KR_GETTER(frame, "f_trace", "The trace function of this frame, or None.")
static PyObject *
frame_get_f_trace(PyFrameObject *self)
{
    return Py_NewRef(self->f_trace != NULL ? self->f_trace : Py_None);
}

KR_SETTER(frame, "f_trace")
static int
frame_set_f_trace(PyFrameObject *self, PyObject *value)
{
    Py_XSETREF(self->f_trace, value == NULL || value == Py_None ? NULL : Py_NewRef(value));
    return self->f_trace != NULL && self->f_trace_opcodes ? kr_trace_frame_changed(self) : 0;
}

KR_GETTER(frame, "f_trace_lines", "Whether line events are traced.")
static PyObject *
frame_get_f_trace_lines(PyFrameObject *self)
{
    return PyBool_FromLong(self->f_trace_lines);
}

KR_SETTER(frame, "f_trace_lines")
static int
frame_set_f_trace_lines(PyFrameObject *self, PyObject *value)
{
    if (value == NULL || !PyBool_Check(value)) {
        PyErr_SetString(PyExc_TypeError, value == NULL ? "can't delete numeric/char attribute"
                                                       : "attribute value type must be bool");
        return -1;
    }
    self->f_trace_lines = value == Py_True;
    return 0;
}

KR_GETTER(frame, "f_trace_opcodes", "Whether opcode events are traced.")
static PyObject *
frame_get_f_trace_opcodes(PyFrameObject *self)
{
    return PyBool_FromLong(self->f_trace_opcodes);
}

KR_SETTER(frame, "f_trace_opcodes")
static int
frame_set_f_trace_opcodes(PyFrameObject *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError,
                        "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted");
        return -1;
    }
    if (!PyBool_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "attribute value type must be bool");
        return -1;
    }
    self->f_trace_opcodes = value == Py_True;
    return kr_trace_frame_changed(self);
}

KR_GETTER(frame, "f_generator", "The generator that owns this frame, or None.")
static PyObject *
frame_get_f_generator(PyFrameObject *self)
{
    PyObject *generator = PyFrame_GetGenerator(self);
    return generator != NULL ? generator : Py_NewRef(Py_None);
}

KR_METHOD(frame, "clear(self, /)", "Clear all references held by the frame.")
static PyObject *
frame_clear(PyFrameObject *self)
{
    KrFrame *fp = kr_frame_of(self);
    if (fp == NULL) {
        Py_RETURN_NONE;
    }
    if (frame_owns_window(self)) {
        kr_sweep(fp->slots, kr_frame_exec(fp)->nlocals);
        Py_RETURN_NONE;
    }
    if (kr_frame_exec(fp)->generator && !kr_frame_on_stack(kr_thread(), fp)) {
        PyGenObject *gen = kr_frame_generator(fp);
        if (gen->gi_state == KR_GEN_RUNNING) {
            PyErr_SetString(PyExc_RuntimeError, "cannot clear an executing frame");
            return NULL;
        }
        if (gen->gi_state == KR_GEN_SUSPENDED || gen->gi_state == KR_GEN_CREATED) {
            if (gen->gi_state == KR_GEN_SUSPENDED) {
                PyErr_SetString(PyExc_RuntimeError, "cannot clear a suspended frame");
                return NULL;
            }
            _PyGen_Finalize((PyObject *)gen);
        }
        Py_RETURN_NONE;
    }
    PyErr_SetString(PyExc_RuntimeError, "cannot clear an executing frame");
    return NULL;
}

KR_METHOD(frame, "__sizeof__(self, /)", "Return the size of the frame in memory, in bytes.")
static PyObject *
frame___sizeof__(PyFrameObject *self)
{
    PyCodeObject *code = kr_frame_object_code(self);
    return PyLong_FromSsize_t((Py_ssize_t)sizeof(PyFrameObject) +
                              (Py_ssize_t)sizeof(KrFrame) +
                              (code->co_nlocalsplus + code->co_stacksize) *
                                  (Py_ssize_t)sizeof(KV));
}

static PyObject *
frame_repr(PyObject *op)
{
    PyFrameObject *self = (PyFrameObject *)op;
    PyCodeObject *code = kr_frame_object_code(self);
    return PyUnicode_FromFormat("<frame at %p, file %R, line %d, code %S>", self,
                                code->co_filename, PyFrame_GetLineNumber(self),
                                code->co_name);
}

KR_TYPE(frame)
#include "vm/frame.methods.h"

PyTypeObject PyFrame_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "frame",
    .tp_basicsize = offsetof(PyFrameObject, _f_frame_data) + sizeof(PyObject *),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = frame_dealloc,
    .tp_repr = frame_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = frame_traverse,
    .tp_clear = frame_tp_clear,
    .tp_methods = frame_methods,
    .tp_getset = frame_getset,
};

// A frame object without a window: what extensions make for their tracebacks.
PyFrameObject *
PyFrame_New(PyThreadState *tstate, PyCodeObject *code, PyObject *globals, PyObject *locals)
{
    PyObject *func = PyFunction_New((PyObject *)code, globals);
    if (func == NULL) {
        return NULL;
    }
    KrExec *exec = kr_exec_get(code);
    KrFrame *copy = exec == NULL
                        ? NULL
                        : PyMem_Malloc(sizeof(KrFrame) + exec->nlocals * sizeof(KV));
    PyFrameObject *frame = copy == NULL ? NULL
                                        : PyObject_GC_New(PyFrameObject, &PyFrame_Type);
    if (frame == NULL) {
        PyMem_Free(copy);
        Py_DECREF(func);
        return PyErr_Occurred() ? NULL : (PyFrameObject *)PyErr_NoMemory();
    }
    copy->func = (uint64_t)(uintptr_t)func | KR_KV_BORROWED;
    copy->prev = KR_FRAME_COPY_MARK;
    copy->ip = (uint64_t)(uintptr_t)exec->words | 1;
    copy->frame_obj = 1;
    copy->exec = (uint64_t)(uintptr_t)exec | KR_KV_BORROWED;
    for (uint32_t i = 0; i < exec->nlocals; i++) {
        copy->slots[i] = KV_NULL;
    }
    if (exec->ns_slot >= 0 && locals != NULL) {
        copy->slots[exec->ns_slot] = kv_from_new(locals);
    }
    memset((char *)frame + sizeof(PyObject), 0, sizeof *frame - sizeof(PyObject));
    frame->f_frame = (struct _PyInterpreterFrame *)copy;
    frame->f_trace_lines = 1;
    frame->_f_frame_data[0] = Py_NewRef(code);
    PyObject_GC_Track(frame);
    return frame;
}

PyFrameObject *
PyEval_GetFrame(void)
{
    return kr_current_frame_object(kr_thread(), 0);
}

PyFrameObject *
PyThreadState_GetFrame(PyThreadState *tstate)
{
    return (PyFrameObject *)Py_XNewRef(kr_current_frame_object(tstate, 0));
}

PyObject *
PyUnstable_InterpreterFrame_GetCode(struct _PyInterpreterFrame *frame)
{
    return Py_NewRef(kr_frame_exec((KrFrame *)frame)->code);
}

int
PyUnstable_InterpreterFrame_GetLasti(struct _PyInterpreterFrame *frame)
{
    return kr_frame_lasti((KrFrame *)frame);
}

int
PyUnstable_InterpreterFrame_GetLine(struct _PyInterpreterFrame *frame)
{
    KrFrame *fp = (KrFrame *)frame;
    return PyCode_Addr2Line(kr_frame_exec(fp)->code, kr_frame_lasti(fp));
}
