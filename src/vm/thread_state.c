// SPDX-License-Identifier: MIT
// thread_state.c - interpreters, threads, the poll word and what it asks for.
// Read next: gil.c
#include "vm/machine.h"

#include "objects/async.h"
#include "objects/gc.h"
#include "objects/hooks.h"
#include "port/stack.h"
#include "vm/frame_object.h"
#include "vm/gil.h"
#include "vm/trace.h"

#include <sys/syscall.h>

_Thread_local PyThreadState *kr_current_thread __attribute__((tls_model("initial-exec")));
// The state that PyGILState_Ensure made for a foreign thread, or the thread's own.
static _Thread_local PyThreadState *gilstate_thread;

KrHooks kr_hooks;

// The list of interpreters; the first one is the main interpreter.
static PyInterpreterState *interpreters;
static pthread_mutex_t interpreters_lock = PTHREAD_MUTEX_INITIALIZER;

// What a thread keeps beyond the public struct.
typedef struct KrThread {
    PyThreadState base;
    char *c_stack_soft_limit; // below it RecursionError is raised
    char *c_stack_hard_limit; // while one is being handled
    KrThreadAsync async;
} KrThread;

#define C_STACK_MARGIN (192 * 1024)
#define C_STACK_LAST (64 * 1024)

// --- Interpreters ------------------------------------------------------------------

PyInterpreterState *
kr_interp_create(void)
{
    PyInterpreterState *interp = calloc(1, sizeof *interp);
    if (interp == NULL) {
        return NULL;
    }
    if (kr_gil_init(interp) < 0 || kr_init_gc(interp) < 0) {
        free(interp);
        return NULL;
    }
    interp->vm.recursion_limit = 1000;
    interp->vm.func_version = 1;
    pthread_mutex_lock(&interpreters_lock);
    PyInterpreterState **end = &interpreters;
    int64_t id = 0;
    while (*end != NULL) {
        id = (*end)->id + 1;
        end = &(*end)->next;
    }
    interp->id = id;
    *end = interp;
    pthread_mutex_unlock(&interpreters_lock);
    return interp;
}

PyInterpreterState *
PyInterpreterState_New(void)
{
    PyErr_SetString(PyExc_NotImplementedError, "several interpreters are not supported yet");
    return NULL;
}

void
PyInterpreterState_Clear(PyInterpreterState *Py_UNUSED(interp))
{
}

void
PyInterpreterState_Delete(PyInterpreterState *interp)
{
    pthread_mutex_lock(&interpreters_lock);
    for (PyInterpreterState **at = &interpreters; *at != NULL; at = &(*at)->next) {
        if (*at == interp) {
            *at = interp->next;
            break;
        }
    }
    pthread_mutex_unlock(&interpreters_lock);
    free(interp);
}

PyInterpreterState *
PyInterpreterState_Get(void)
{
    PyThreadState *tstate = kr_thread();
    if (tstate == NULL) {
        Py_FatalError("no current interpreter: the lock is not held");
    }
    return tstate->interp;
}

PyInterpreterState *
PyInterpreterState_Main(void)
{
    return interpreters;
}

PyInterpreterState *
PyInterpreterState_Head(void)
{
    return interpreters;
}

PyInterpreterState *
PyInterpreterState_Next(PyInterpreterState *interp)
{
    return interp->next;
}

PyThreadState *
PyInterpreterState_ThreadHead(PyInterpreterState *interp)
{
    return interp->threads;
}

int64_t
PyInterpreterState_GetID(PyInterpreterState *interp)
{
    return interp->id;
}

PyObject *
PyInterpreterState_GetDict(PyInterpreterState *interp)
{
    if (interp->dict == NULL) {
        interp->dict = PyDict_New();
        if (interp->dict == NULL) {
            PyErr_Clear();
        }
    }
    return interp->dict;
}

// --- Threads -------------------------------------------------------------------------

static void
set_stack_limits(KrThread *thread)
{
    char *low, *high, here;
    if (!kr_port_stack_bounds(&low, &high)) {
        low = (char *)((uintptr_t)&here - (512 << 10));
    }
    thread->c_stack_soft_limit = low + C_STACK_MARGIN;
    thread->c_stack_hard_limit = low + C_STACK_LAST;
}

// The calling thread starts to use the state.
static void
bind_thread(PyThreadState *tstate)
{
    if (tstate->_status.bound) {
        return;
    }
    set_stack_limits((KrThread *)tstate);
    tstate->thread_id = (unsigned long)pthread_self();
    tstate->native_thread_id = (unsigned long)syscall(SYS_gettid);
    tstate->_status.bound = 1;
}

PyThreadState *
kr_thread_create(PyInterpreterState *interp)
{
    KrThread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) {
        return NULL;
    }
    PyThreadState *tstate = &thread->base;
    tstate->interp = interp;
    if (kr_frame_stack_create(tstate) < 0) {
        free(thread);
        return NULL;
    }
    tstate->exc_info = &tstate->exc_state;
    tstate->py_recursion_limit = interp->vm.recursion_limit;
    tstate->py_recursion_remaining = interp->vm.recursion_limit;
    tstate->what_event = -1;
    tstate->gilstate_counter = 1;
    tstate->context_ver = 1;
    tstate->_status.initialized = 1;
    pthread_mutex_lock(&interpreters_lock);
    tstate->id = ++interp->next_thread_id;
    tstate->next = interp->threads;
    if (tstate->next != NULL) {
        tstate->next->prev = tstate;
    }
    interp->threads = tstate;
    if (interp->main_thread == NULL) {
        interp->main_thread = tstate;
    }
    pthread_mutex_unlock(&interpreters_lock);
    return tstate;
}

PyThreadState *
PyThreadState_New(PyInterpreterState *interp)
{
    return kr_thread_create(interp);
}

void
PyThreadState_Clear(PyThreadState *tstate)
{
    tstate->_status.cleared = 1;
    Py_CLEAR(tstate->dict);
    Py_CLEAR(tstate->async_exc);
    Py_CLEAR(tstate->current_exception);
    Py_CLEAR(tstate->exc_state.exc_value);
    Py_CLEAR(tstate->async_gen_firstiter);
    Py_CLEAR(tstate->async_gen_finalizer);
    Py_CLEAR(tstate->context);
    Py_CLEAR(tstate->threading_local_key);
    Py_CLEAR(tstate->threading_local_sentinel);
    Py_CLEAR(((KrThread *)tstate)->async.loop);
    Py_CLEAR(((KrThread *)tstate)->async.task);
    kr_trace_thread_ends(tstate);
}

static void
thread_free(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    pthread_mutex_lock(&interpreters_lock);
    if (tstate->prev != NULL) {
        tstate->prev->next = tstate->next;
    }
    else {
        interp->threads = tstate->next;
    }
    if (tstate->next != NULL) {
        tstate->next->prev = tstate->prev;
    }
    if (interp->main_thread == tstate) {
        interp->main_thread = NULL;
    }
    pthread_mutex_unlock(&interpreters_lock);
    if (gilstate_thread == tstate) {
        gilstate_thread = NULL;
    }
    kr_frame_stack_destroy(tstate);
    free(tstate);
}

void
PyThreadState_Delete(PyThreadState *tstate)
{
    thread_free(tstate);
}

void
PyThreadState_DeleteCurrent(void)
{
    PyThreadState *tstate = kr_thread();
    kr_gil_drop(tstate);
    thread_free(tstate);
}

PyThreadState *
PyThreadState_Get(void)
{
    PyThreadState *tstate = kr_thread();
    if (tstate == NULL) {
        Py_FatalError("no current thread: the interpreter lock is not held");
    }
    return tstate;
}

PyThreadState *
PyThreadState_GetUnchecked(void)
{
    return kr_thread();
}

PyThreadState *
PyThreadState_Next(PyThreadState *tstate)
{
    return tstate->next;
}

PyObject *
PyThreadState_GetDict(void)
{
    PyThreadState *tstate = kr_thread();
    if (tstate == NULL) {
        return NULL;
    }
    if (tstate->dict == NULL) {
        tstate->dict = PyDict_New();
        if (tstate->dict == NULL) {
            PyErr_Clear();
        }
    }
    return tstate->dict;
}

PyInterpreterState *
PyThreadState_GetInterpreter(PyThreadState *tstate)
{
    return tstate->interp;
}

uint64_t
PyThreadState_GetID(PyThreadState *tstate)
{
    return tstate->id;
}

int
PyThreadState_SetAsyncExc(unsigned long id, PyObject *exc)
{
    int changed = 0;
    PyObject *old = NULL;
    pthread_mutex_lock(&interpreters_lock);
    for (PyThreadState *t = kr_interp()->threads; t != NULL; t = t->next) {
        if (t->thread_id == id) {
            old = t->async_exc;
            t->async_exc = Py_XNewRef(exc);
            kr_poll_request(t, KR_POLL_ASYNC);
            changed = 1;
            break;
        }
    }
    pthread_mutex_unlock(&interpreters_lock);
    Py_XDECREF(old);
    return changed;
}

void
PyThreadState_EnterTracing(PyThreadState *tstate)
{
    tstate->tracing++;
}

void
PyThreadState_LeaveTracing(PyThreadState *tstate)
{
    tstate->tracing--;
}

PyObject *
_PyThread_CurrentFrames(void)
{
    PyObject *result = PyDict_New();
    for (PyThreadState *t = kr_interp()->threads; result != NULL && t != NULL; t = t->next) {
        if (t->current_frame == NULL) {
            continue;
        }
        PyObject *frame = (PyObject *)kr_frame_object_new(t, kr_top_frame(t));
        PyObject *id = PyLong_FromUnsignedLong(t->thread_id);
        if (frame == NULL || id == NULL || PyDict_SetItem(result, id, frame) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(id);
    }
    return result;
}

PyObject *
_PyThread_CurrentExceptions(void)
{
    PyObject *result = PyDict_New();
    for (PyThreadState *t = kr_interp()->threads; result != NULL && t != NULL; t = t->next) {
        _PyErr_StackItem *item = t->exc_info;
        while (item->exc_value == NULL && item->previous_item != NULL) {
            item = item->previous_item;
        }
        PyObject *id = PyLong_FromUnsignedLong(t->thread_id);
        PyObject *exc = item->exc_value != NULL ? item->exc_value : Py_None;
        if (id == NULL || PyDict_SetItem(result, id, exc) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(id);
    }
    return result;
}

// --- The lock as the API has it ------------------------------------------------------

PyThreadState *
PyEval_SaveThread(void)
{
    PyThreadState *tstate = kr_thread();
    kr_gil_drop(tstate);
    return tstate;
}

void
PyEval_RestoreThread(PyThreadState *tstate)
{
    int saved = errno;
    kr_gil_take(tstate);
    errno = saved;
}

void
PyEval_AcquireThread(PyThreadState *tstate)
{
    kr_gil_take(tstate);
}

void
PyEval_ReleaseThread(PyThreadState *tstate)
{
    kr_gil_drop(tstate);
}

void
PyEval_InitThreads(void)
{
}

PyThreadState *
PyThreadState_Swap(PyThreadState *tstate)
{
    PyThreadState *old = kr_thread();
    if (old == tstate) {
        return old;
    }
    if (old != NULL) {
        kr_gil_drop(old);
    }
    if (tstate != NULL) {
        kr_gil_take(tstate);
    }
    return old;
}

void
kr_thread_activate(PyThreadState *tstate)
{
    bind_thread(tstate);
    kr_current_thread = tstate;
    if (gilstate_thread == NULL) {
        gilstate_thread = tstate;
    }
}

PyGILState_STATE
PyGILState_Ensure(void)
{
    PyThreadState *tstate = gilstate_thread;
    if (tstate == NULL) {
        tstate = interpreters == NULL ? NULL : kr_thread_create(interpreters);
        if (tstate == NULL) {
            Py_FatalError("PyGILState_Ensure: no interpreter or no memory");
        }
        tstate->gilstate_counter = 0;
        gilstate_thread = tstate;
    }
    bool has = kr_thread() == tstate;
    if (!has) {
        kr_gil_take(tstate);
    }
    tstate->gilstate_counter++;
    return has ? PyGILState_LOCKED : PyGILState_UNLOCKED;
}

void
PyGILState_Release(PyGILState_STATE state)
{
    PyThreadState *tstate = gilstate_thread;
    if (tstate == NULL || kr_thread() != tstate) {
        Py_FatalError("PyGILState_Release: the calling thread does not hold the lock");
    }
    if (--tstate->gilstate_counter == 0) {
        tstate->gilstate_counter++;
        PyThreadState_Clear(tstate);
        tstate->gilstate_counter--;
        gilstate_thread = NULL;
        PyThreadState_DeleteCurrent();
    }
    else if (state == PyGILState_UNLOCKED) {
        kr_gil_drop(tstate);
    }
}

PyThreadState *
PyGILState_GetThisThreadState(void)
{
    return gilstate_thread;
}

int
PyGILState_Check(void)
{
    PyThreadState *tstate = kr_thread();
    return tstate != NULL && tstate == gilstate_thread;
}

// After fork: only the calling thread lives on.
void
kr_threads_after_fork(void)
{
    PyThreadState *self = kr_thread();
    PyInterpreterState *interp = self->interp;
    pthread_mutex_init(&interpreters_lock, NULL);
    kr_gil_init(interp);
    interp->gil.holder = self;
    interp->main_thread = self;
    self->native_thread_id = (unsigned long)syscall(SYS_gettid);
    for (PyThreadState *t = interp->threads, *next; t != NULL; t = next) {
        next = t->next;
        if (t != self) {
            // Its stack is gone with the thread; references it held are not released.
            thread_free(t);
        }
    }
}

KrThreadAsync *
kr_thread_async(PyThreadState *tstate)
{
    return &((KrThread *)tstate)->async;
}

// --- Limits of the C stack ---------------------------------------------------------------

const char *
kr_c_stack_floor(PyThreadState *tstate)
{
    return ((KrThread *)tstate)->c_stack_soft_limit;
}

bool
kr_c_stack_is_low(PyThreadState *tstate)
{
    KrThread *thread = (KrThread *)tstate;
    char *here = __builtin_frame_address(0);
    if (KR_LIKELY(here >= thread->c_stack_soft_limit)) {
        return false;
    }
    if (tstate->recursion_headroom > 0 && here < thread->c_stack_hard_limit) {
        Py_FatalError("C stack overflow while handling another one");
    }
    return true;
}

// --- The poll word --------------------------------------------------------------------------

int
Py_AddPendingCall(int (*func)(void *), void *arg)
{
    PyInterpreterState *interp = interpreters;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int status = -1;
    pthread_mutex_lock(&lock);
    KrVmState *vm = &interp->vm;
    if (vm->pending_count < KR_ARRAY_LEN(vm->pending)) {
        int at = (vm->pending_first + vm->pending_count) % (int)KR_ARRAY_LEN(vm->pending);
        vm->pending[at] = func;
        vm->pending_arg[at] = arg;
        vm->pending_count++;
        status = 0;
    }
    pthread_mutex_unlock(&lock);
    if (interp->main_thread != NULL) {
        kr_poll_request(interp->main_thread, KR_POLL_PENDING);
    }
    return status;
}

static int
run_pending(PyThreadState *tstate)
{
    KrVmState *vm = &tstate->interp->vm;
    int n = vm->pending_count;
    while (n-- > 0 && vm->pending_count > 0) {
        int at = vm->pending_first;
        int (*func)(void *) = vm->pending[at];
        void *arg = vm->pending_arg[at];
        vm->pending_first = (at + 1) % (int)KR_ARRAY_LEN(vm->pending);
        vm->pending_count--;
        if (func(arg) < 0) {
            if (vm->pending_count > 0) {
                kr_poll_request(tstate, KR_POLL_PENDING);
            }
            return -1;
        }
    }
    return 0;
}

int
Py_MakePendingCalls(void)
{
    PyThreadState *tstate = kr_thread();
    if (kr_hooks.run_signals != NULL && kr_hooks.run_signals(tstate) < 0) {
        return -1;
    }
    return tstate == tstate->interp->main_thread ? run_pending(tstate) : 0;
}

int
kr_poll(PyThreadState *tstate)
{
    uintptr_t bits = __atomic_load_n(&tstate->eval_breaker, __ATOMIC_RELAXED);
    if (bits & KR_POLL_GIL) {
        // The request stays set, so that the drop waits for the switch.
        kr_gil_drop(tstate);
        kr_gil_take(tstate);
    }
    if (bits & KR_POLL_SIGNALS) {
        kr_poll_withdraw(tstate, KR_POLL_SIGNALS);
        if (kr_hooks.run_signals != NULL && kr_hooks.run_signals(tstate) < 0) {
            return -1;
        }
    }
    if (bits & KR_POLL_PENDING) {
        kr_poll_withdraw(tstate, KR_POLL_PENDING);
        if (run_pending(tstate) < 0) {
            return -1;
        }
    }
    if (bits & KR_POLL_GC) {
        kr_poll_withdraw(tstate, KR_POLL_GC);
        kr_gc_poll(tstate);
    }
    if (bits & KR_POLL_PARKED) {
        kr_poll_withdraw(tstate, KR_POLL_PARKED);
    }
    if (bits & KR_POLL_ASYNC) {
        kr_poll_withdraw(tstate, KR_POLL_ASYNC);
        PyObject *exc = tstate->async_exc;
        if (exc != NULL) {
            tstate->async_exc = NULL;
            PyErr_SetNone(exc);
            Py_DECREF(exc);
            return -1;
        }
    }
    return 0;
}
