// SPDX-License-Identifier: MIT
// state.h - interpreters and threads: where all mutable state lives.
#ifndef KRAIT_OBJECTS_STATE_H
#define KRAIT_OBJECTS_STATE_H

#include <Python.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"
#include "objects/state_code.h"
#include "objects/state_containers.h"
#include "objects/state_errors.h"
#include "objects/state_gc.h"
#include "objects/state_mem.h"
#include "objects/state_runtime.h"
#include "objects/state_str.h"
#include "objects/state_types.h"
#include "objects/state_vm.h"

// Bits of tstate->eval_breaker, the poll word. It is tested at back edges and
// function entries only; a set bit makes the machine call kr_poll().
typedef enum KrPollBit {
    KR_POLL_GC = 1u << 0,      // run the cycle collector
    KR_POLL_SIGNALS = 1u << 1, // run Python signal handlers
    KR_POLL_GIL = 1u << 2,     // another thread asks for the lock
    KR_POLL_PENDING = 1u << 3, // Py_AddPendingCall
    KR_POLL_ASYNC = 1u << 4,   // PyThreadState_SetAsyncExc
    KR_POLL_PARKED = 1u << 5,  // parked objects may be released
} KrPollBit;

// The lock that lets one thread of an interpreter run at a time.
typedef struct KrGil {
    pthread_mutex_t mutex;
    pthread_cond_t free;      // the lock was given up
    pthread_cond_t switched;  // the asker got it: the giver may go on
    PyThreadState *holder;    // NULL: free
    PyThreadState *last;      // who held it last
    unsigned long interval;   // microseconds before a waiter asks
    uint64_t switches;
    bool made;
} KrGil;

struct _is {
    int64_t id;
    PyInterpreterState *next;
    PyThreadState *threads;      // list by tstate->next
    PyThreadState *main_thread;
    uint64_t next_thread_id;
    bool initialized;            // Python code may run
    bool finalizing;
    PyThreadState *finalizing_thread; // who ends the interpreter, or NULL
    KrGil gil;

    PyObject *dict;              // PyInterpreterState_GetDict
    PyObject *sys_dict;          // owned
    PyObject *sys_module;        // owned
    PyObject *builtins;          // the dict of builtins, owned
    PyObject *builtins_module;   // owned
    PyObject *modules;           // sys.modules, owned
    PyObject *importlib;         // importlib._bootstrap, owned
    PyObject *import_func;       // builtins.__import__ as it was, owned
    PyObject *all_func;          // builtins.all as it was, owned
    PyObject *any_func;          // builtins.any as it was, owned

    KrMemState mem;
    KrGcState gc;
    KrTypesState types;
    KrStrState str;
    KrErrorsState errors;
    KrContainersState containers;
    KrCodeState code;
    KrRuntimeState runtime;
    KrVmState vm;
    struct KrAstState *ast;      // classes of _ast, made on first use (runtime/ast)
};

// The thread that runs, or NULL where no interpreter lock is held.
extern _Thread_local PyThreadState *kr_current_thread
    __attribute__((tls_model("initial-exec")));

static inline PyThreadState *
kr_thread(void)
{
    return kr_current_thread;
}

static inline PyInterpreterState *
kr_interp(void)
{
    return kr_current_thread->interp;
}

static inline void
kr_poll_request(PyThreadState *tstate, KrPollBit bit)
{
    __atomic_fetch_or(&tstate->eval_breaker, (uintptr_t)bit, __ATOMIC_RELAXED);
}

static inline void
kr_poll_withdraw(PyThreadState *tstate, KrPollBit bit)
{
    __atomic_fetch_and(&tstate->eval_breaker, ~(uintptr_t)bit, __ATOMIC_RELAXED);
}

// Serves every bit that is set. -1 with an exception set if one of them raised.
int kr_poll(PyThreadState *tstate);

// Start and end of the first interpreter and thread; NULL without memory.
PyInterpreterState *kr_interp_create(void);
PyThreadState *kr_thread_create(PyInterpreterState *interp);
int kr_gil_init(PyInterpreterState *interp);
void kr_gil_take(PyThreadState *tstate);
void kr_gil_drop(PyThreadState *tstate);

// True when little of the C stack is left; the guard of every C recursion.
bool kr_c_stack_is_low(PyThreadState *tstate);
// The lowest address that such recursion may reach.
const char *kr_c_stack_floor(PyThreadState *tstate);

#endif // KRAIT_OBJECTS_STATE_H
