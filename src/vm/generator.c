// SPDX-License-Identifier: MIT
// generator.c - generators and coroutines: windows that outlive their call.
//
// A generator owns its window. Resuming it links the window above the current
// frame; no slot is copied. While it runs, gi_exc_state is the innermost entry
// of the thread's list of handled exceptions.
// Read next: async_generator.c, interp.c (RETURN_GENERATOR, YIELD, SEND)
#include "vm/generator.h"

#include "objects/exceptions.h"
#include "objects/alloc.h"
#include "objects/ids.h"
#include "objects/method_macros.h"
#include "objects/type.h"
#include "vm/call.h"
#include "vm/frame_object.h"
#include "vm/machine.h"

// --- Making, entering, leaving ----------------------------------------------------

static PyTypeObject *
type_for(const PyCodeObject *code)
{
    if (code->co_flags & CO_COROUTINE) {
        return &PyCoro_Type;
    }
    return (code->co_flags & CO_ASYNC_GENERATOR) ? &PyAsyncGen_Type : &PyGen_Type;
}

// The call stack as tuples (filename, line, function), innermost first.
static PyObject *
coroutine_origin(PyThreadState *tstate, KrFrame *fp)
{
    PyObject *list = PyList_New(0);
    int depth = tstate->coroutine_origin_tracking_depth;
    for (; list != NULL && fp != NULL && depth > 0; fp = kr_frame_prev(fp), depth--) {
        PyCodeObject *code = kr_frame_exec(fp)->code;
        PyObject *item = Py_BuildValue("(OiO)", code->co_filename,
                                       PyCode_Addr2Line(code, kr_frame_lasti(fp)),
                                       code->co_name);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    PyObject *result = list == NULL ? NULL : PyList_AsTuple(list);
    Py_XDECREF(list);
    return result;
}

PyObject *
kr_gen_from_frame(PyThreadState *tstate, KrFrame *fp)
{
    KrExec *exec = kr_frame_exec(fp);
    PyFunctionObject *func = kr_frame_func(fp);
    PyTypeObject *type = type_for(exec->code);
    PyObject *origin = NULL;

    if (type == &PyCoro_Type && tstate->coroutine_origin_tracking_depth > 0) {
        origin = coroutine_origin(tstate, kr_frame_prev(fp));
        if (origin == NULL) {
            return NULL;
        }
    }
    PyGenObject *gen =
        kr_object_alloc(sizeof(PyGenObject) + exec->nslots * sizeof(KV), true, false);
    if (gen == NULL) {
        Py_XDECREF(origin);
        return PyErr_NoMemory();
    }
    kr_object_start(gen, type);
    gen->gi_weakreflist = NULL;
    gen->gi_name = Py_NewRef(func->func_name);
    gen->gi_qualname = Py_NewRef(func->func_qualname);
    gen->gi_exc_state = (_PyErr_StackItem){NULL, NULL};
    gen->gi_func = Py_NewRef(func);
    gen->gi_code = Py_NewRef(exec->code);
    gen->gi_origin_or_finalizer = origin;
    gen->gi_saved_top = NULL;
    gen->gi_state = KR_GEN_CREATED;
    gen->ag_hooks_inited = gen->ag_closed = gen->ag_running_async = 0;
    KrFrame *own = &gen->gi_frame;
    own->func = fp->func;
    own->prev = KR_RETURN_CALL;
    own->ip = fp->ip;
    own->frame_obj = fp->frame_obj;
    own->exec = fp->exec;
    if (fp->frame_obj != 1) {
        kr_frame_object(fp)->f_frame = (struct _PyInterpreterFrame *)own;
        fp->frame_obj = 1;
    }
    // The waiting caller will not wait for us: what it lent becomes our own.
    for (uint32_t i = 0; i < exec->nlocals; i++) {
        KV word = fp->slots[i];
        own->slots[i] = kv_is_owned(word) ? word : kv_copy(word);
        fp->slots[i] = KV_NULL;
    }
    for (uint32_t i = exec->nlocals; i < exec->nslots; i++) {
        own->slots[i] = KV_NULL;
    }
    kr_gc_track(gen);
    return (PyObject *)gen;
}

// Empties the window; the frame will not run again.
static void
gen_clear_frame(PyThreadState *tstate, PyGenObject *gen)
{
    KrFrame *fp = &gen->gi_frame;
    if (fp->frame_obj != 1) {
        kr_frame_detach(tstate, fp);
    }
    kr_sweep(fp->slots, kr_frame_exec(fp)->nslots);
    if (fp->frame_obj != 1) {
        kr_frame_detach(tstate, fp); // asked for anew by what the sweep ran
    }
}

void
kr_gen_finish(PyThreadState *tstate, KrFrame *fp)
{
    PyGenObject *gen = kr_frame_generator(fp);
    // The window is swept while it still is the top frame, so that code run by
    // releases finds a caller.
    gen_clear_frame(tstate, gen);
    kr_gen_unlink(tstate, gen);
    gen->gi_state = KR_GEN_DONE;
    Py_CLEAR(gen->gi_exc_state.exc_value);
    Py_DECREF(gen);
}

// --- Resuming from C -----------------------------------------------------------------

static const char *
gen_kind(PyGenObject *gen)
{
    if (Py_IS_TYPE(gen, &PyCoro_Type)) {
        return "coroutine";
    }
    return Py_IS_TYPE(gen, &PyAsyncGen_Type) ? "async generator" : "generator";
}

PySendResult
kr_gen_resume(PyGenObject *gen, PyObject *value, bool throwing, PyObject **result)
{
    PyThreadState *tstate = kr_thread();
    *result = NULL;
    if (gen->gi_state == KR_GEN_RUNNING) {
        PyErr_Format(PyExc_ValueError, "%s already executing", gen_kind(gen));
        return PYGEN_ERROR;
    }
    if (gen->gi_state == KR_GEN_DONE) {
        if (Py_IS_TYPE(gen, &PyCoro_Type)) {
            if (!throwing || PyErr_Occurred()) {
                PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
            }
            return PYGEN_ERROR;
        }
        if (throwing) {
            return PYGEN_ERROR; // the thrown exception stays
        }
        *result = Py_NewRef(Py_None);
        return PYGEN_RETURN;
    }
    bool fresh = gen->gi_state == KR_GEN_CREATED;
    if (fresh && value != NULL && value != Py_None) {
        PyErr_Format(PyExc_TypeError, "can't send non-None value to a just-started %s",
                     gen_kind(gen));
        return PYGEN_ERROR;
    }
    if (kr_c_stack_is_low(tstate) && kr_c_stack_check(tstate, "") < 0) {
        return PYGEN_ERROR;
    }
    if (tstate->py_recursion_remaining <= 0 && kr_recursion_check(tstate, "") < 0) {
        return PYGEN_ERROR;
    }
    KrFrame *fp = kr_gen_link(tstate, kr_top_frame(tstate), gen, KR_RETURN_C);
    KrWord *ip = kr_frame_ip(fp);
    KV word;
    if (throwing) {
        kr_err_chain_pending(tstate);
        if (kr_event_on(tstate, PY_MONITORING_EVENT_PY_THROW)) {
            // A callback may replace the exception.
            (void)kr_event_exception(tstate, fp, PY_MONITORING_EVENT_PY_THROW,
                                     (int)kr_event_next_unit(fp, kr_frame_lasti(fp)));
        }
    }
    else {
        fp->slots[ip->a] = kv_from_new(value != NULL ? value : Py_None);
        kr_frame_save_ip(fp, ip + 1);
    }
    KrRunEnd end = kr_run(tstate, fp, throwing, &word);
    if (end == KR_RUN_ERROR) {
        return PYGEN_ERROR;
    }
    *result = kv_to_object_steal(word);
    if (*result == NULL) {
        return PYGEN_ERROR;
    }
    return end == KR_RUN_YIELD ? PYGEN_NEXT : PYGEN_RETURN;
}

int
_PyGen_SetStopIterationValue(PyObject *value)
{
    if (value == NULL || (!PyTuple_Check(value) && !PyExceptionInstance_Check(value))) {
        PyErr_SetObject(PyExc_StopIteration, value);
        return -1;
    }
    PyObject *exc = PyObject_CallOneArg(PyExc_StopIteration, value);
    if (exc == NULL) {
        return -1;
    }
    PyErr_SetObject(PyExc_StopIteration, exc);
    Py_DECREF(exc);
    return -1;
}

int
_PyGen_FetchStopIterationValue(PyObject **value)
{
    *value = NULL;
    if (PyErr_Occurred() == NULL) {
        *value = Py_NewRef(Py_None);
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
        return -1;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *inner = ((PyStopIterationObject *)exc)->value;
    *value = Py_NewRef(inner != NULL ? inner : Py_None);
    Py_DECREF(exc);
    return 0;
}

void
kr_gen_raise_stop_steal(KV value)
{
    PyObject *object = kv_to_object_steal(value);
    if (object == Py_None) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    else if (object != NULL) {
        _PyGen_SetStopIterationValue(object);
    }
    Py_XDECREF(object);
}

// For send(), throw() and next(): a return becomes StopIteration.
static PyObject *
gen_outcome(PyGenObject *gen, PySendResult state, PyObject *result)
{
    if (state == PYGEN_NEXT || state == PYGEN_ERROR) {
        return result;
    }
    if (Py_IS_TYPE(gen, &PyAsyncGen_Type)) {
        PyErr_SetNone(PyExc_StopAsyncIteration);
    }
    else if (result == Py_None) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    else {
        _PyGen_SetStopIterationValue(result);
    }
    Py_DECREF(result);
    return NULL;
}

PySendResult
kr_gen_am_send(PyObject *self, PyObject *value, PyObject **result)
{
    return kr_gen_resume((PyGenObject *)self, value, false, result);
}

// One step of a generator for a loop in C. False: it has to go the general way.
static inline bool
gen_step(PyThreadState *tstate, PyGenObject *gen, KrRunEnd *end_out, KV *word_out)
{
    if (!kr_gen_can_enter(tstate, (PyObject *)gen) || kr_c_stack_is_low(tstate)) {
        return false;
    }
    KrFrame *fp = kr_gen_link(tstate, kr_top_frame(tstate), gen, KR_RETURN_C);
    KrWord *ip = kr_frame_ip(fp);
    fp->slots[ip->a] = KV_NONE;
    kr_frame_save_ip(fp, ip + 1);
    *end_out = kr_run(tstate, fp, false, word_out);
    return true;
}

int
kr_gen_next_word(PyObject *self, KV *word_out)
{
    PyGenObject *gen = (PyGenObject *)self;
    KrRunEnd end;
    if (KR_LIKELY(gen_step(kr_thread(), gen, &end, word_out))) {
        if (end == KR_RUN_RETURN) {
            kv_release(*word_out);
        }
        return end == KR_RUN_YIELD ? 1 : end == KR_RUN_RETURN ? 0 : -1;
    }
    PyObject *result;
    PySendResult state = kr_gen_resume(gen, NULL, false, &result);
    if (state == PYGEN_NEXT) {
        *word_out = kr_item_word_steal(result);
        return 1;
    }
    Py_XDECREF(result);
    return state == PYGEN_RETURN ? 0 : -1;
}

static PyObject *
gen_iternext(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    PyObject *result;
    KrRunEnd end;
    KV word;
    if (KR_LIKELY(gen_step(kr_thread(), gen, &end, &word))) {
        if (end == KR_RUN_YIELD) {
            return kv_to_object_steal(word);
        }
        if (end == KR_RUN_ERROR || word.bits == KV_NONE.bits) {
            return NULL;
        }
        kr_gen_raise_stop_steal(word);
        return NULL;
    }
    if (kr_gen_resume(gen, NULL, false, &result) == PYGEN_RETURN) {
        if (result != Py_None) {
            _PyGen_SetStopIterationValue(result);
        }
        Py_CLEAR(result);
    }
    return result;
}

bool
kr_yield_delegates(const KrWord *ip)
{
    return ip->op == KR_X_YIELD && (ip->flags & KR_FLAG_Y);
}

PyObject *
kr_gen_yield_from_borrow(PyGenObject *gen)
{
    if (gen->gi_state != KR_GEN_SUSPENDED) {
        return NULL;
    }
    // A delegating generator waits at the YIELD behind its SEND, whose receiver
    // stands in the slot before the yielded value.
    KrFrame *fp = &gen->gi_frame;
    KrWord *ip = kr_frame_ip(fp);
    if (!kr_yield_delegates(ip)) {
        return NULL;
    }
    KV receiver = fp->slots[ip->a - 1];
    return kv_is_pointer(receiver) ? kv_pointer(receiver) : NULL;
}

static PyObject *gen_close_object(PyGenObject *gen);

// Closes a sub-iterator: generators directly, others by their close method.
static int
close_delegate(PyObject *delegate)
{
    PyObject *result = NULL, *method;
    if (PyGen_CheckExact(delegate) || PyCoro_CheckExact(delegate)) {
        result = gen_close_object((PyGenObject *)delegate);
    }
    else {
        int found = PyObject_GetOptionalAttr(delegate, KR_ID(close), &method);
        if (found < 0) {
            PyErr_WriteUnraisable(delegate);
            return 0;
        }
        if (found == 0) {
            return 0;
        }
        result = PyObject_CallNoArgs(method);
        Py_DECREF(method);
    }
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

static PyObject *
gen_close_object(PyGenObject *gen)
{
    int status = 0;
    if (gen->gi_state == KR_GEN_CREATED) {
        PyThreadState *tstate = kr_thread();
        gen->gi_state = KR_GEN_DONE;
        gen_clear_frame(tstate, gen);
        Py_RETURN_NONE;
    }
    if (gen->gi_state == KR_GEN_DONE) {
        Py_RETURN_NONE;
    }
    PyObject *delegate = kr_gen_yield_from_borrow(gen);
    if (delegate != NULL) {
        Py_INCREF(delegate);
        gen->gi_state = KR_GEN_RUNNING;
        status = close_delegate(delegate);
        gen->gi_state = KR_GEN_SUSPENDED;
        Py_DECREF(delegate);
    }
    if (status == 0 && gen->gi_state != KR_GEN_RUNNING) {
        PyErr_SetNone(PyExc_GeneratorExit);
    }
    PyObject *result;
    PySendResult state = kr_gen_resume(gen, Py_None, true, &result);
    if (state == PYGEN_NEXT) {
        Py_DECREF(result);
        const char *text = Py_IS_TYPE(gen, &PyCoro_Type)
                               ? "coroutine ignored GeneratorExit"
                               : Py_IS_TYPE(gen, &PyAsyncGen_Type)
                                     ? "async generator ignored GeneratorExit"
                                     : "generator ignored GeneratorExit";
        PyErr_SetString(PyExc_RuntimeError, text);
        return NULL;
    }
    if (state == PYGEN_RETURN) {
        return result;
    }
    if (PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    return NULL;
}

// Sets the exception that throw(typ, val, tb) means. -1 if the arguments are wrong.
static int
set_thrown(PyObject *typ, PyObject *val, PyObject *tb)
{
    if (tb == Py_None) {
        tb = NULL;
    }
    else if (tb != NULL && !PyTraceBack_Check(tb)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback object");
        return -1;
    }
    Py_INCREF(typ);
    Py_XINCREF(val);
    Py_XINCREF(tb);
    if (PyExceptionClass_Check(typ)) {
        PyErr_NormalizeException(&typ, &val, &tb);
    }
    else if (PyExceptionInstance_Check(typ)) {
        if (val != NULL && val != Py_None) {
            PyErr_SetString(PyExc_TypeError, "instance exception may not have a separate value");
            goto failed;
        }
        Py_XSETREF(val, typ);
        typ = Py_NewRef(Py_TYPE(val));
        if (tb == NULL) {
            tb = PyException_GetTraceback(val);
        }
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "exceptions must be classes or instances deriving from BaseException, "
                     "not %s",
                     Py_TYPE(typ)->tp_name);
        goto failed;
    }
    PyErr_Restore(typ, val, tb);
    return 0;

failed:
    Py_DECREF(typ);
    Py_XDECREF(val);
    Py_XDECREF(tb);
    return -1;
}

static PyObject *gen_throw_object(PyGenObject *gen, bool close_on_exit, PyObject *typ,
                                  PyObject *val, PyObject *tb);

// throw() into the sub-iterator. Returns what it yielded; NULL with an exception
// when gen has to go on with that exception (*done_out false) or the whole call
// is over (*done_out true).
static PyObject *
throw_into_delegate(PyGenObject *gen, PyObject *delegate, bool close_on_exit, PyObject *typ,
                    PyObject *val, PyObject *tb, bool *done_out)
{
    PyThreadState *tstate = kr_thread();
    PyObject *result = NULL;
    *done_out = true;
    if (close_on_exit && PyErr_GivenExceptionMatches(typ, PyExc_GeneratorExit)) {
        gen->gi_state = KR_GEN_RUNNING;
        int status = close_delegate(delegate);
        gen->gi_state = KR_GEN_SUSPENDED;
        if (status < 0) {
            *done_out = false;
            return NULL;
        }
        if (set_thrown(typ, val, tb) == 0) {
            *done_out = false;
        }
        return NULL;
    }
    gen->gi_state = KR_GEN_RUNNING;
    // The frame stands in the chain, so that tracebacks inside show it.
    KrFrame *caller = kr_top_frame(tstate);
    PyObject **top = tstate->datastack_top;
    tstate->datastack_top = (PyObject **)kr_stack_top(tstate);
    gen->gi_frame.prev = (uint64_t)(uintptr_t)caller | KR_RETURN_C;
    kr_set_top_frame(tstate, &gen->gi_frame);
    bool direct = PyGen_CheckExact(delegate) || PyCoro_CheckExact(delegate);
    bool has_method = true;
    if (direct) {
        result = gen_throw_object((PyGenObject *)delegate, close_on_exit, typ, val, tb);
    }
    else {
        PyObject *method;
        int found = PyObject_GetOptionalAttr(delegate, KR_ID(throw), &method);
        has_method = found != 0;
        if (found > 0) {
            result = PyObject_CallFunctionObjArgs(method, typ, val, tb, NULL);
            Py_DECREF(method);
        }
        else if (found < 0) {
            has_method = true;
            gen->gi_state = KR_GEN_SUSPENDED;
            kr_set_top_frame(tstate, caller);
            tstate->datastack_top = top;
            gen->gi_frame.prev = KR_RETURN_CALL;
            return NULL;
        }
    }
    kr_set_top_frame(tstate, caller);
    tstate->datastack_top = top;
    gen->gi_frame.prev = KR_RETURN_CALL;
    gen->gi_state = KR_GEN_SUSPENDED;
    if (!has_method) {
        *done_out = set_thrown(typ, val, tb) < 0;
        return NULL;
    }
    *done_out = result != NULL;
    return result;
}

static PyObject *
gen_throw_object(PyGenObject *gen, bool close_on_exit, PyObject *typ, PyObject *val,
                 PyObject *tb)
{
    PyObject *delegate = kr_gen_yield_from_borrow(gen), *result;
    if (delegate != NULL) {
        bool done;
        Py_INCREF(delegate);
        result = throw_into_delegate(gen, delegate, close_on_exit, typ, val, tb, &done);
        Py_DECREF(delegate);
        if (done) {
            return result;
        }
        // CLEANUP_THROW takes StopIteration's value or lets the exception pass.
    }
    else if (set_thrown(typ, val, tb) < 0) {
        return NULL;
    }
    if (gen->gi_state == KR_GEN_CREATED) {
        // Raised at the first line, without running anything.
    }
    PySendResult state = kr_gen_resume(gen, Py_None, true, &result);
    return gen_outcome(gen, state, result);
}

PyObject *
kr_gen_throw(PyGenObject *gen, PyObject *typ, PyObject *val, PyObject *tb, bool close_on_exit)
{
    return gen_throw_object(gen, close_on_exit, typ, val, tb);
}

PyObject *
kr_gen_close(PyGenObject *gen)
{
    return gen_close_object(gen);
}

// --- Methods -------------------------------------------------------------------------

KR_METHOD_RAW(gen, "send", METH_O,
              "send(arg) -> send 'arg' into the generator; the next yielded value or "
              "StopIteration.")
static PyObject *
gen_send(PyObject *self, PyObject *value)
{
    PyObject *result;
    PySendResult state = kr_gen_resume((PyGenObject *)self, value, false, &result);
    return gen_outcome((PyGenObject *)self, state, result);
}

PyObject *
kr_gen_throw_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs < 1 || nargs > 3) {
        PyErr_Format(PyExc_TypeError,
                     nargs < 1 ? "throw expected at least 1 argument, got %zd"
                               : "throw expected at most 3 arguments, got %zd",
                     nargs);
        return NULL;
    }
    if (nargs > 1 && PyErr_WarnEx(PyExc_DeprecationWarning,
                                  "the (type, exc, tb) signature of throw() is deprecated, "
                                  "use the single-arg signature instead.",
                                  1) < 0) {
        return NULL;
    }
    return gen_throw_object((PyGenObject *)self, true, args[0], nargs > 1 ? args[1] : NULL,
                            nargs > 2 ? args[2] : NULL);
}

KR_METHOD_RAW(gen, "throw", METH_FASTCALL,
              "throw(value) -> raise an exception in the generator; the next yielded value.")
static PyObject *
gen_throw(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return kr_gen_throw_method(self, args, nargs);
}

KR_METHOD_RAW(gen, "close", METH_NOARGS,
              "close() -> raise GeneratorExit inside the generator.")
static PyObject *
gen_close(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return gen_close_object((PyGenObject *)self);
}

KR_METHOD_RAW(gen, "__sizeof__", METH_NOARGS, "gen.__sizeof__() -> size in bytes.")
static PyObject *
gen___sizeof__(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyGenObject *gen = (PyGenObject *)self;
    return PyLong_FromSize_t(sizeof(PyGenObject) +
                             kr_frame_exec(&gen->gi_frame)->nslots * sizeof(KV));
}

KR_METHOD_RAW(gen, "__class_getitem__", METH_O | METH_CLASS, "See PEP 585")
static PyObject *
gen___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

PyObject *
kr_gen_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(((PyGenObject *)self)->gi_name);
}

int
kr_gen_set_name(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be set to a string object");
        return -1;
    }
    Py_SETREF(((PyGenObject *)self)->gi_name, Py_NewRef(value));
    return 0;
}

PyObject *
kr_gen_get_qualname(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(((PyGenObject *)self)->gi_qualname);
}

int
kr_gen_set_qualname(PyObject *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__qualname__ must be set to a string object");
        return -1;
    }
    Py_SETREF(((PyGenObject *)self)->gi_qualname, Py_NewRef(value));
    return 0;
}

PyObject *
kr_gen_get_running(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((PyGenObject *)self)->gi_state == KR_GEN_RUNNING);
}

PyObject *
kr_gen_get_suspended(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(((PyGenObject *)self)->gi_state == KR_GEN_SUSPENDED);
}

PyObject *
kr_gen_get_frame(PyObject *self, void *Py_UNUSED(closure))
{
    PyGenObject *gen = (PyGenObject *)self;
    if (gen->gi_state == KR_GEN_DONE) {
        Py_RETURN_NONE;
    }
    return Py_XNewRef(kr_frame_object_new(kr_thread(), &gen->gi_frame));
}

PyObject *
kr_gen_get_code(PyObject *self, void *Py_UNUSED(closure))
{
    return Py_NewRef(((PyGenObject *)self)->gi_code);
}

PyObject *
kr_gen_get_yieldfrom(PyObject *self, void *Py_UNUSED(closure))
{
    PyObject *delegate = kr_gen_yield_from_borrow((PyGenObject *)self);
    return Py_NewRef(delegate != NULL ? delegate : Py_None);
}

static PyGetSetDef gen_attributes[] = {
    {"__name__", kr_gen_get_name, kr_gen_set_name, "name of the generator", NULL},
    {"__qualname__", kr_gen_get_qualname, kr_gen_set_qualname,
     "qualified name of the generator", NULL},
    {"gi_yieldfrom", kr_gen_get_yieldfrom, NULL,
     "object being iterated by yield from, or None", NULL},
    {"gi_running", kr_gen_get_running, NULL, NULL, NULL},
    {"gi_frame", kr_gen_get_frame, NULL, NULL, NULL},
    {"gi_suspended", kr_gen_get_suspended, NULL, NULL, NULL},
    {"gi_code", kr_gen_get_code, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

// --- Life ----------------------------------------------------------------------------

int
kr_gen_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyGenObject *gen = (PyGenObject *)self;
    KrFrame *fp = &gen->gi_frame;
    Py_VISIT(gen->gi_name);
    Py_VISIT(gen->gi_qualname);
    Py_VISIT(gen->gi_func);
    Py_VISIT(gen->gi_code);
    Py_VISIT(gen->gi_origin_or_finalizer);
    Py_VISIT(gen->gi_exc_state.exc_value);
    if (gen->gi_state != KR_GEN_DONE) {
        // Words above the live temporaries own nothing.
        KrExec *exec = kr_frame_exec(fp);
        for (uint32_t i = 0; i < exec->nslots; i++) {
            if (kv_is_owned(fp->slots[i])) {
                Py_VISIT(kv_pointer(fp->slots[i]));
            }
        }
        if (fp->frame_obj != 1) {
            Py_VISIT(kr_frame_object(fp));
        }
    }
    return 0;
}

void
_PyGen_Finalize(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    if (gen->gi_state == KR_GEN_DONE) {
        return;
    }
    if (PyAsyncGen_CheckExact(self)) {
        PyObject *finalizer = gen->gi_origin_or_finalizer;
        if (finalizer != NULL && !gen->ag_closed) {
            PyObject *exc = PyErr_GetRaisedException();
            PyObject *result = PyObject_CallOneArg(finalizer, self);
            if (result == NULL) {
                PyErr_WriteUnraisable(self);
            }
            Py_XDECREF(result);
            PyErr_SetRaisedException(exc);
            return;
        }
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (PyCoro_CheckExact(self) && gen->gi_state == KR_GEN_CREATED) {
        kr_warn_unawaited(gen);
    }
    if (gen->gi_state == KR_GEN_SUSPENDED || gen->gi_state == KR_GEN_CREATED) {
        PyObject *result = gen_close_object(gen);
        if (result == NULL) {
            if (PyErr_Occurred()) {
                PyErr_FormatUnraisable("Exception ignored while closing generator %R", self);
            }
        }
        Py_XDECREF(result);
    }
    PyErr_SetRaisedException(exc);
}

void
kr_gen_dealloc(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    if (gen->gi_weakreflist != NULL) {
        PyObject_GC_UnTrack(self);
        PyObject_ClearWeakRefs(self);
        PyObject_GC_Track(self);
    }
    // A generator that has come to its end needs no finalizer.
    if (gen->gi_state != KR_GEN_DONE && PyObject_CallFinalizerFromDealloc(self) < 0) {
        return; // it lives again
    }
    kr_gc_untrack(self);
    if (gen->gi_state != KR_GEN_DONE) {
        gen->gi_state = KR_GEN_DONE;
        gen_clear_frame(kr_thread(), gen);
    }
    Py_XDECREF(gen->gi_origin_or_finalizer);
    Py_XDECREF(gen->gi_exc_state.exc_value);
    Py_DECREF(gen->gi_name);
    Py_DECREF(gen->gi_qualname);
    Py_DECREF(gen->gi_func);
    Py_DECREF(gen->gi_code);
    kr_object_free(self);
}

static PyObject *
gen_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<generator object %S at %p>",
                                ((PyGenObject *)self)->gi_qualname, self);
}

KR_TYPE(gen)
#include "vm/generator.methods.h"

static PyAsyncMethods gen_as_async = {.am_send = kr_gen_am_send};

PyTypeObject PyGen_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "generator",
    .tp_basicsize = offsetof(PyGenObject, gi_frame) + sizeof(KrFrame),
    .tp_itemsize = sizeof(KV),
    .tp_dealloc = kr_gen_dealloc,
    .tp_as_async = &gen_as_async,
    .tp_repr = gen_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = kr_gen_traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = gen_iternext,
    .tp_methods = gen_methods,
    .tp_getset = gen_attributes,
    .tp_finalize = _PyGen_Finalize,
};

PyCodeObject *
PyGen_GetCode(PyGenObject *gen)
{
    return (PyCodeObject *)Py_NewRef(gen->gi_code);
}

// Generators cannot be made from foreign frames: windows belong to calls.
PyObject *
PyGen_NewWithQualName(PyFrameObject *frame, PyObject *Py_UNUSED(name),
                      PyObject *Py_UNUSED(qualname))
{
    Py_DECREF(frame);
    PyErr_SetString(PyExc_NotImplementedError, "generators cannot be made from frame objects");
    return NULL;
}

PyObject *
PyGen_New(PyFrameObject *frame)
{
    return PyGen_NewWithQualName(frame, NULL, NULL);
}
