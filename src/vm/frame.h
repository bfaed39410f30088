// SPDX-License-Identifier: MIT
// frame.h - executable code, frame windows and the frame stack.
//
// A thread has one reserved region of words; frames are windows in it and
// never move. A window is a header of KR_FRAME_HEADER words and the slots:
//
//     fp -> func | prev | ip | frame_obj | exec | slots[0] ...
//           locals, cells, free variables | namespace | temporaries
//
// Arguments are built where the callee's first locals will be, so a call
// writes the five header words and jumps. Every header word looks like a word
// that owns nothing, and so does every dead slot: "a dead slot never owns
// anything" is the invariant that lets unwinding sweep a window blindly and a
// store release what it overwrites.
#ifndef KRAIT_VM_FRAME_H
#define KRAIT_VM_FRAME_H

#include <Python.h>
#include <frameobject.h>

#include "objects/kv.h"
#include "objects/state.h"

// One instruction or one cache word of executable code.
typedef union KrWord {
    struct {
        uint8_t op;
        uint8_t flags;
        uint16_t a;
        union {
            struct {
                uint16_t b;
                uint16_t c;
            };
            int32_t bc;
        };
    };
    struct {
        uint32_t low;
        uint32_t high;
    };
    uint64_t bits;
    void *pointer;
} KrWord;

// Bits of an instruction's flags.
#define KR_KILL_B 0x01  // operand b is a temporary that dies here
#define KR_KILL_C 0x02
#define KR_FLAG_X 0x04  // meaning depends on the op (in-place, invert, method...)
#define KR_FLAG_Y 0x08
#define KR_CALL_NUMBER 0x10 // of a call: arithmetic follows, exact numbers come tagged
#define KR_SAW_FLOAT 0x10 // type feedback of arithmetic
#define KR_SAW_STR 0x20
#define KR_SAW_OTHER 0x40
#define KR_SAW_OVERFLOW 0x80

// A protected range of the bytecode and where its handler is.
typedef struct KrHandler {
    uint32_t start;     // code units, inclusive
    uint32_t end;       // code units, exclusive
    uint32_t target;    // word index of the handler
    uint16_t slot;      // first slot above the handler's stack depth
    uint16_t push_lasti;// the handler finds the raising offset below the exception
} KrHandler;

// What lowering makes of a code object; lives at code->co_executors.
typedef struct KrExec {
    KrWord *words;
    uint32_t nwords;
    uint32_t nslots;      // words of the window behind the header
    uint32_t nlocals;     // slots swept at return: locals, cells, namespace
    uint32_t ntemp;       // first temporary
    int32_t ns_slot;      // slot of the namespace of class and module code, or -1
    uint16_t argcount;    // positional parameters
    bool simple;          // only positional parameters: no *, **, keyword-only
    bool generator;       // generator, coroutine or asynchronous generator
    PyCodeObject *code;   // borrowed: the code object owns this
    KV *consts;           // borrowed words, as in co_consts
    KV *numbers;          // the same, exact numbers unboxed
    uint32_t *offsets;    // byte offset in the bytecode of each word
    KrHandler *handlers;  // sorted by start
    uint32_t nhandlers;
    struct KrSeenList *seen; // owned: lists of attribute sites (attribute_sites.h)
    // For events (exec.c). The plain form owns what hangs at `traced`.
    uint64_t events;      // kinds of events that the words can fire; 0: plain form
    uint8_t *saved_ops;   // owned, or NULL: the ops before the words were retired
    struct KrPoints *points;      // owned, or NULL: where control can change forms
    struct KrCodeEvents *monitor; // owned, of the plain form only; NULL without events
    struct KrExec *next, *prev;   // list of all plain forms of the interpreter
    uint64_t epoch;       // last survey that found a frame in these words
} KrExec;

// The low bits of frame->prev say what becomes of the frame's result.
typedef enum KrReturnKind {
    KR_RETURN_CALL = 1,  // to slots[a] of the caller's instruction; a generator in next()
                         // or send() raises StopIteration when it returns
    KR_RETURN_SEND = 2,  // generator resumed by SEND
    KR_RETURN_C = 3,     // the interpreter function returns
    KR_RETURN_INIT = 5,  // __init__: must be None, the new object stays
    // Special methods (special.c): the op of the caller's instruction finishes
    // the work. These windows own a reference to their function.
    KR_RETURN_OP = 4,
    KR_RETURN_OP_OTHER = 6, // the reflected or in-place method, __len__ for the truth
    KR_RETURN_ITER = 7,  // generator resumed by FOR_ITER
} KrReturnKind;

typedef struct KrFrame {
    uint64_t func;      // PyFunctionObject | 4
    uint64_t prev;      // KrFrame of the caller | KrReturnKind
    uint64_t ip;        // KrWord of the current instruction | 1
    uint64_t frame_obj; // PyFrameObject | 1, or 1; owned
    uint64_t exec;      // KrExec | 4
    KV slots[];
} KrFrame;

#define KR_FRAME_HEADER 5

static inline PyFunctionObject *
kr_frame_func(const KrFrame *fp)
{
    return (PyFunctionObject *)(uintptr_t)(fp->func & ~UINT64_C(7));
}

static inline KrFrame *
kr_frame_prev(const KrFrame *fp)
{
    return (KrFrame *)(uintptr_t)(fp->prev & ~UINT64_C(7));
}

static inline KrReturnKind
kr_frame_kind(const KrFrame *fp)
{
    return (KrReturnKind)(fp->prev & 7);
}

static inline KrWord *
kr_frame_ip(const KrFrame *fp)
{
    return (KrWord *)(uintptr_t)(fp->ip & ~UINT64_C(7));
}

static inline bool
kr_kind_is_op(KrReturnKind kind)
{
    return kind == KR_RETURN_OP || kind == KR_RETURN_OP_OTHER;
}

static inline PyFrameObject *
kr_frame_object(const KrFrame *fp)
{
    return (PyFrameObject *)(uintptr_t)(fp->frame_obj & ~UINT64_C(7));
}

static inline KrExec *
kr_frame_exec(const KrFrame *fp)
{
    return (KrExec *)(uintptr_t)(fp->exec & ~UINT64_C(7));
}

static inline void
kr_frame_save_ip(KrFrame *fp, const KrWord *ip)
{
    fp->ip = (uint64_t)(uintptr_t)ip | 1;
}

static inline PyObject *
kr_frame_globals(const KrFrame *fp)
{
    return kr_frame_func(fp)->func_globals;
}

// The namespace of class and module code, NULL for function code; borrowed. Such code
// called as a function works on its globals. slow_names.c.
PyObject *kr_frame_namespace(KrFrame *fp);

static inline KrFrame *
kr_top_frame(PyThreadState *tstate)
{
    return (KrFrame *)tstate->current_frame;
}

static inline void
kr_set_top_frame(PyThreadState *tstate, KrFrame *fp)
{
    tstate->current_frame = (struct _PyInterpreterFrame *)fp;
}

// True when the window lies in the thread's region, not in a generator or in
// a frame object.
static inline bool
kr_frame_on_stack(PyThreadState *tstate, const KrFrame *fp)
{
    return (uintptr_t)fp - (uintptr_t)tstate->datastack_chunk <
           (uintptr_t)tstate->datastack_cached_chunk - (uintptr_t)tstate->datastack_chunk;
}

// First free word above every live window of the thread.
static inline KV *
kr_stack_top(PyThreadState *tstate)
{
    KrFrame *fp = kr_top_frame(tstate);
    if (fp != NULL && kr_frame_on_stack(tstate, fp)) {
        return fp->slots + kr_frame_exec(fp)->nslots;
    }
    return (KV *)tstate->datastack_top;
}

// Makes words up to end usable; RecursionError/MemoryError at the region's end.
int kr_stack_extend(PyThreadState *tstate, KV *end);

static inline int
kr_stack_reserve(PyThreadState *tstate, KV *end)
{
    if (KR_LIKELY(end <= (KV *)tstate->datastack_limit)) {
        return 0;
    }
    return kr_stack_extend(tstate, end);
}

// exec.c: the executable form of code, made on first use. NULL with an
// exception set (MemoryError, or SystemError for unusable bytecode).
KrExec *kr_exec_get_slow(PyCodeObject *code);
void kr_exec_free(PyCodeObject *code);

static inline KrExec *
kr_exec_get(PyCodeObject *code)
{
    KrExec *exec = (KrExec *)code->co_executors;
    return KR_LIKELY(exec != NULL) ? exec : kr_exec_get_slow(code);
}

// Byte offset in the bytecode where the frame is.
static inline int
kr_frame_lasti(const KrFrame *fp)
{
    KrExec *exec = kr_frame_exec(fp);
    ptrdiff_t index = kr_frame_ip(fp) - exec->words;
    return index < 0 ? 0 : (int)exec->offsets[index];
}

#endif // KRAIT_VM_FRAME_H
