// SPDX-License-Identifier: MIT
// generator.h - the struct shared by generators, coroutines and async generators.
#ifndef KRAIT_VM_GENERATOR_H
#define KRAIT_VM_GENERATOR_H

#include "vm/frame.h"

typedef enum KrGenState {
    KR_GEN_CREATED,
    KR_GEN_SUSPENDED,
    KR_GEN_RUNNING,
    KR_GEN_DONE,
} KrGenState;

struct _PyGenObject {
    PyObject_HEAD
    PyObject *gi_weakreflist;
    PyObject *gi_name;           // owned
    PyObject *gi_qualname;       // owned
    _PyErr_StackItem gi_exc_state;
    PyObject *gi_func;           // owned; keeps the code alive
    PyObject *gi_code;           // owned
    PyObject *gi_origin_or_finalizer; // owned, or NULL
    PyObject **gi_saved_top;     // frame stack top of whoever resumed it
    uint8_t gi_state;            // KrGenState
    uint8_t ag_hooks_inited;
    uint8_t ag_closed;
    uint8_t ag_running_async;
    KrFrame gi_frame;            // header, then the slots of the code
};

static inline PyGenObject *
kr_frame_generator(const KrFrame *fp)
{
    return (PyGenObject *)((char *)fp - offsetof(PyGenObject, gi_frame));
}

// Whether the machine may go on in the generator without a call of C: it waits,
// and nothing has to be looked at before.
static inline bool
kr_gen_can_enter(PyThreadState *tstate, PyObject *generator)
{
    return KR_LIKELY(((PyGenObject *)generator)->gi_state <= KR_GEN_SUSPENDED &&
                     tstate->py_recursion_remaining > 0 && tstate->eval_breaker == 0);
}

// Makes the window of a waiting generator the top frame, above caller (the top
// frame until now). The generator gets a reference that its leaving releases: it
// must outlive its run.
static inline KrFrame *
kr_gen_link(PyThreadState *tstate, KrFrame *caller, PyGenObject *gen, KrReturnKind kind)
{
    Py_INCREF(gen);
    gen->gi_saved_top = tstate->datastack_top;
    tstate->datastack_top = (PyObject **)kr_stack_top(tstate);
    gen->gi_frame.prev = (uint64_t)(uintptr_t)caller | kind;
    gen->gi_exc_state.previous_item = tstate->exc_info;
    tstate->exc_info = &gen->gi_exc_state;
    tstate->py_recursion_remaining--;
    gen->gi_state = KR_GEN_RUNNING;
    kr_set_top_frame(tstate, &gen->gi_frame);
    return &gen->gi_frame;
}

// The opposite; the reference stays with the caller.
static inline void
kr_gen_unlink(PyThreadState *tstate, PyGenObject *gen)
{
    kr_set_top_frame(tstate, kr_frame_prev(&gen->gi_frame));
    tstate->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
    tstate->py_recursion_remaining++;
    tstate->datastack_top = gen->gi_saved_top;
    gen->gi_frame.prev = KR_RETURN_CALL;
}

// The generator owning fp yields. Releases it, which may run Python.
static inline void
kr_gen_suspend(PyThreadState *tstate, KrFrame *fp)
{
    PyGenObject *gen = kr_frame_generator(fp);
    kr_gen_unlink(tstate, gen);
    gen->gi_state = KR_GEN_SUSPENDED;
    Py_DECREF(gen);
}

// Resumes from C: value (borrowed) is sent, or the pending exception is thrown.
// PYGEN_NEXT and PYGEN_RETURN give a new reference in *result.
PySendResult kr_gen_resume(PyGenObject *gen, PyObject *value, bool throwing,
                           PyObject **result);
// kr_hooks.gen_next_word
int kr_gen_next_word(PyObject *self, KV *word_out);
// Raises the StopIteration that a return of value (consumed) means to next() and send().
void kr_gen_raise_stop_steal(KV value);
// What the iterator yields from at the moment (borrowed), or NULL.
PyObject *kr_gen_yield_from_borrow(PyGenObject *gen);
PyObject *kr_async_gen_wrap(PyObject *value);
PyObject *kr_coro_get_awaitable_iter(PyObject *object);
// True when the YIELD at ip passes on what a SEND got from a sub-iterator.
bool kr_yield_delegates(const KrWord *ip);
PyObject *kr_gen_throw(PyGenObject *gen, PyObject *typ, PyObject *val, PyObject *tb,
                       bool close_on_exit);
PyObject *kr_gen_throw_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *kr_gen_close(PyGenObject *gen);
PySendResult kr_gen_am_send(PyObject *self, PyObject *value, PyObject **result);
// anext.c: what anext(iterator, default) returns.
PyObject *kr_anext_awaitable_new(PyObject *awaitable, PyObject *fallback);
int kr_init_anext(void);
void kr_warn_unawaited(PyGenObject *coroutine);

// Shared slots and attributes of the three types.
int kr_gen_traverse(PyObject *self, visitproc visit, void *arg);
void kr_gen_dealloc(PyObject *self);
PyObject *kr_gen_get_name(PyObject *self, void *closure);
int kr_gen_set_name(PyObject *self, PyObject *value, void *closure);
PyObject *kr_gen_get_qualname(PyObject *self, void *closure);
int kr_gen_set_qualname(PyObject *self, PyObject *value, void *closure);
PyObject *kr_gen_get_running(PyObject *self, void *closure);
PyObject *kr_gen_get_suspended(PyObject *self, void *closure);
PyObject *kr_gen_get_frame(PyObject *self, void *closure);
PyObject *kr_gen_get_code(PyObject *self, void *closure);
PyObject *kr_gen_get_yieldfrom(PyObject *self, void *closure);

#endif // KRAIT_VM_GENERATOR_H
