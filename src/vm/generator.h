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

// Resumes from C: value (borrowed) is sent, or the pending exception is thrown.
// PYGEN_NEXT and PYGEN_RETURN give a new reference in *result.
PySendResult kr_gen_resume(PyGenObject *gen, PyObject *value, bool throwing,
                           PyObject **result);
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
