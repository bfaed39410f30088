// SPDX-License-Identifier: MIT
// tracemalloc.c - where each block of memory was allocated; module _tracemalloc.
//
// While tracing is on, the allocator tells of every block (alloc.h, KrAllocTrace).
// A table maps (domain, address) to the size and the traceback; equal tracebacks
// are one record in a second table.
//
// Invariants:  tables and records come from malloc itself, so that nothing here is
//              traced. They are changed under the lock only, for PyMem_RawMalloc is
//              called by threads without an interpreter, too.
//              File names in tracebacks are owned references; they are counted only
//              by threads that hold the interpreter's lock.
// Re-entrancy: `inside` is set while this file allocates objects: blocks of that
//              time are not traced.
#include "runtime/tracemalloc.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "vm/frame.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct {
    PyObject *filename; // owned; NULL: not known
    unsigned int line;
} TraceFrame;

typedef struct Traceback {
    struct Traceback *next; // in the same bucket
    size_t hash;
    uint32_t total;         // frames of the whole stack
    uint16_t count;
    TraceFrame frames[];    // newest first
} Traceback;

typedef struct {
    uintptr_t address;      // 0: empty entry
    unsigned int domain;
    Traceback *traceback;
    size_t size;
} TraceEntry;

// Process-wide, as memory is.
static struct {
    pthread_mutex_t lock;
    bool tracing;
    int limit;
    TraceEntry *entries;    // open addressing, a power of two
    size_t n_entries;
    size_t entry_mask;
    Traceback **buckets;
    size_t n_tracebacks;
    size_t bucket_mask;
    size_t current;         // bytes
    size_t peak;
    size_t own_memory;      // bytes of tables and tracebacks
    TraceFrame *stack;      // room for `limit` frames while one is looked up
} trace = {.lock = PTHREAD_MUTEX_INITIALIZER, .limit = 1};

static _Thread_local bool inside;

// ----------------------------------------------------------------------- tracebacks

// Reads the running thread's frames into trace.stack. Returns how many; the size
// of the whole stack in *total_out. Counts no reference.
static uint16_t
stack_read(uint32_t *total_out)
{
    PyThreadState *tstate = kr_thread();
    uint32_t total = 0;
    uint16_t count = 0;

    if (tstate != NULL) {
        for (KrFrame *fp = kr_top_frame(tstate); fp != NULL; fp = kr_frame_prev(fp)) {
            PyCodeObject *code = kr_frame_exec(fp)->code;
            if (kr_frame_lasti(fp) < code->_co_firsttraceable * 2) {
                continue; // still making its cells: the caller's doing
            }
            if (count < trace.limit) {
                int line = PyCode_Addr2Line(code, kr_frame_lasti(fp));
                trace.stack[count].filename = code->co_filename;
                trace.stack[count].line = line < 0 ? 0 : (unsigned int)line;
                count++;
            }
            if (total < UINT16_MAX) {
                total++;
            }
        }
    }
    if (count == 0) {
        trace.stack[0] = (TraceFrame){NULL, 0};
        count = 1;
        total = 1;
    }
    *total_out = total;
    return count;
}

static size_t
stack_hash(uint16_t count, uint32_t total)
{
    uint64_t hash = 0x9E3779B97F4A7C15u ^ total;
    for (uint16_t i = 0; i < count; i++) {
        hash = (hash ^ (uintptr_t)trace.stack[i].filename) * 0xFF51AFD7ED558CCDu;
        hash = (hash ^ trace.stack[i].line) * 0xC4CEB9FE1A85EC53u;
        hash ^= hash >> 32;
    }
    return (size_t)hash;
}

static bool
tracebacks_grow(void)
{
    size_t size = trace.buckets == NULL ? 256 : (trace.bucket_mask + 1) * 2;
    Traceback **buckets = calloc(size, sizeof(Traceback *));

    if (buckets == NULL) {
        return trace.buckets != NULL;
    }
    for (size_t i = 0; trace.buckets != NULL && i <= trace.bucket_mask; i++) {
        Traceback *tb = trace.buckets[i];
        while (tb != NULL) {
            Traceback *next = tb->next;
            tb->next = buckets[tb->hash & (size - 1)];
            buckets[tb->hash & (size - 1)] = tb;
            tb = next;
        }
        trace.own_memory -= sizeof(Traceback *);
    }
    free(trace.buckets);
    trace.buckets = buckets;
    trace.bucket_mask = size - 1;
    trace.own_memory += size * sizeof(Traceback *);
    return true;
}

// The record of the stack as it is; NULL without memory.
static Traceback *
traceback_here(void)
{
    uint32_t total;
    uint16_t count = stack_read(&total);
    size_t hash = stack_hash(count, total);

    if (trace.n_tracebacks >= trace.bucket_mask && !tracebacks_grow()) {
        return NULL;
    }
    Traceback *tb = trace.buckets[hash & trace.bucket_mask];
    for (; tb != NULL; tb = tb->next) {
        bool same = tb->hash == hash && tb->count == count && tb->total == total;
        for (uint16_t i = 0; same && i < count; i++) {
            same = tb->frames[i].filename == trace.stack[i].filename &&
                   tb->frames[i].line == trace.stack[i].line;
        }
        if (same) {
            return tb;
        }
    }
    size_t size = sizeof(Traceback) + count * sizeof(TraceFrame);
    tb = malloc(size);
    if (tb == NULL) {
        return NULL;
    }
    tb->hash = hash;
    tb->total = total;
    tb->count = count;
    for (uint16_t i = 0; i < count; i++) {
        tb->frames[i] = trace.stack[i];
        Py_XINCREF(tb->frames[i].filename);
    }
    tb->next = trace.buckets[hash & trace.bucket_mask];
    trace.buckets[hash & trace.bucket_mask] = tb;
    trace.n_tracebacks++;
    trace.own_memory += size;
    return tb;
}

// ---------------------------------------------------------------- the table of blocks

static size_t
entry_place(uintptr_t address, unsigned int domain)
{
    uint64_t hash = (address >> 4) ^ ((uint64_t)domain << 40);
    hash *= 0x9E3779B97F4A7C15u;
    return (size_t)(hash >> 20) & trace.entry_mask;
}

// The entry of a block, or the empty one where it would go.
static TraceEntry *
entry_find(uintptr_t address, unsigned int domain)
{
    size_t at = entry_place(address, domain);

    while (trace.entries[at].address != 0 && (trace.entries[at].address != address ||
                                              trace.entries[at].domain != domain)) {
        at = (at + 1) & trace.entry_mask;
    }
    return &trace.entries[at];
}

static bool
entries_grow(void)
{
    size_t old_size = trace.entries == NULL ? 0 : trace.entry_mask + 1;
    size_t size = old_size == 0 ? 4096 : old_size * 2;
    TraceEntry *old = trace.entries;
    TraceEntry *entries = calloc(size, sizeof(TraceEntry));

    if (entries == NULL) {
        return false;
    }
    trace.entries = entries;
    trace.entry_mask = size - 1;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i].address != 0) {
            *entry_find(old[i].address, old[i].domain) = old[i];
        }
    }
    free(old);
    trace.own_memory += (size - old_size) * sizeof(TraceEntry);
    return true;
}

// Empties an entry and moves those behind it that may come forward.
static void
entry_remove(TraceEntry *entry)
{
    size_t hole = (size_t)(entry - trace.entries), at = hole;

    trace.current -= entry->size;
    trace.n_entries--;
    for (;;) {
        at = (at + 1) & trace.entry_mask;
        TraceEntry *other = &trace.entries[at];
        if (other->address == 0) {
            break;
        }
        size_t home = entry_place(other->address, other->domain);
        if (((at - home) & trace.entry_mask) >= ((at - hole) & trace.entry_mask)) {
            trace.entries[hole] = *other;
            hole = at;
        }
    }
    trace.entries[hole].address = 0;
}

// Enters a block, or changes its entry. The lock is held.
static bool
track_locked(unsigned int domain, uintptr_t address, size_t size)
{
    if (trace.n_entries * 4 >= trace.entry_mask * 3 && !entries_grow()) {
        return false;
    }
    Traceback *tb = traceback_here();
    if (tb == NULL) {
        return false;
    }
    TraceEntry *entry = entry_find(address, domain);
    if (entry->address != 0) {
        trace.current -= entry->size;
    }
    else {
        trace.n_entries++;
    }
    *entry = (TraceEntry){address, domain, tb, size};
    trace.current += size;
    if (trace.current > trace.peak) {
        trace.peak = trace.current;
    }
    return true;
}

static void
untrack_locked(unsigned int domain, uintptr_t address)
{
    TraceEntry *entry = entry_find(address, domain);
    if (entry->address != 0) {
        entry_remove(entry);
    }
}

static bool
trace_add(void *block, size_t size)
{
    bool ok = true;

    if (inside) {
        return true;
    }
    pthread_mutex_lock(&trace.lock);
    if (trace.tracing) {
        ok = track_locked(0, (uintptr_t)block, size);
    }
    pthread_mutex_unlock(&trace.lock);
    return ok;
}

static void
trace_remove(void *block)
{
    pthread_mutex_lock(&trace.lock);
    if (trace.tracing) {
        untrack_locked(0, (uintptr_t)block);
    }
    pthread_mutex_unlock(&trace.lock);
}

static void
trace_resize(void *old_block, void *block, size_t size)
{
    pthread_mutex_lock(&trace.lock);
    if (trace.tracing) {
        if (old_block != block) {
            untrack_locked(0, (uintptr_t)old_block);
        }
        if (!inside) {
            // Without memory for the entry the block is not traced, no more.
            (void)track_locked(0, (uintptr_t)block, size);
        }
    }
    pthread_mutex_unlock(&trace.lock);
}

static const KrAllocTrace trace_hooks = {trace_add, trace_remove, trace_resize};

// ------------------------------------------------------------------- start and stop

int
kr_tracemalloc_start(int frames)
{
    pthread_mutex_lock(&trace.lock);
    bool ok = true;
    if (!trace.tracing) {
        trace.limit = frames;
        trace.stack = malloc((size_t)frames * sizeof(TraceFrame));
        ok = trace.stack != NULL && entries_grow() && tracebacks_grow();
        trace.own_memory += (size_t)frames * sizeof(TraceFrame);
        trace.tracing = ok;
    }
    pthread_mutex_unlock(&trace.lock);
    if (!ok) {
        kr_tracemalloc_stop();
        PyErr_NoMemory();
        return -1;
    }
    kr_mem_set_trace(&trace_hooks);
    return 0;
}

// Takes the tracebacks out of the table as one list. The lock is held.
static Traceback *
tracebacks_take(void)
{
    Traceback *all = NULL;

    for (size_t i = 0; trace.buckets != NULL && i <= trace.bucket_mask; i++) {
        while (trace.buckets[i] != NULL) {
            Traceback *tb = trace.buckets[i];
            trace.buckets[i] = tb->next;
            tb->next = all;
            all = tb;
            trace.own_memory -= sizeof(Traceback) + tb->count * sizeof(TraceFrame);
        }
    }
    trace.n_tracebacks = 0;
    return all;
}

// Releases file names, which may free them: without the lock.
static void
tracebacks_free(Traceback *tb)
{
    while (tb != NULL) {
        Traceback *next = tb->next;
        for (uint16_t i = 0; i < tb->count; i++) {
            Py_XDECREF(tb->frames[i].filename);
        }
        free(tb);
        tb = next;
    }
}

void
kr_tracemalloc_stop(void)
{
    kr_mem_set_trace(NULL);
    pthread_mutex_lock(&trace.lock);
    trace.tracing = false;
    Traceback *tracebacks = tracebacks_take();
    free(trace.entries);
    free(trace.buckets);
    free(trace.stack);
    trace.entries = NULL;
    trace.buckets = NULL;
    trace.stack = NULL;
    trace.n_entries = trace.entry_mask = trace.bucket_mask = 0;
    trace.current = trace.peak = trace.own_memory = 0;
    pthread_mutex_unlock(&trace.lock);
    tracebacks_free(tracebacks);
}

// -------------------------------------------------------------------- traces as objects

static PyObject *
frame_tuple(const TraceFrame *frame)
{
    PyObject *name = frame->filename != NULL ? frame->filename : KR_STR(unknown, "<unknown>");
    return Py_BuildValue("(OI)", name, frame->line);
}

static PyObject *
traceback_tuple(const Traceback *tb)
{
    PyObject *tuple = PyTuple_New(tb->count);

    for (uint16_t i = 0; tuple != NULL && i < tb->count; i++) {
        PyObject *frame = frame_tuple(&tb->frames[i]);
        if (frame == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, frame);
    }
    return tuple;
}

// A traceback's tuple, made once for each by means of the dict `made`.
static PyObject *
traceback_tuple_once(const Traceback *tb, PyObject *made)
{
    PyObject *key = PyLong_FromVoidPtr((void *)(uintptr_t)tb), *tuple = NULL;

    if (key == NULL) {
        return NULL;
    }
    if (PyDict_GetItemRef(made, key, &tuple) == 0) {
        tuple = traceback_tuple(tb);
        if (tuple != NULL && PyDict_SetItem(made, key, tuple) < 0) {
            Py_CLEAR(tuple);
        }
    }
    Py_DECREF(key);
    return tuple;
}

PyObject *
_PyTraceMalloc_GetTraceback(unsigned int domain, uintptr_t ptr)
{
    Traceback *tb = NULL;

    pthread_mutex_lock(&trace.lock);
    if (trace.tracing && ptr != 0) {
        TraceEntry *entry = entry_find(ptr, domain);
        tb = entry->address != 0 ? entry->traceback : NULL;
    }
    pthread_mutex_unlock(&trace.lock);
    if (tb == NULL) {
        Py_RETURN_NONE;
    }
    // Records stay until stop() or clear_traces(), which need the interpreter's lock.
    return traceback_tuple(tb);
}

PyObject *
_PyTraceMalloc_GetObjectTraceback(PyObject *obj)
{
    return _PyTraceMalloc_GetTraceback(0, (uintptr_t)obj);
}

int
PyTraceMalloc_Track(unsigned int domain, uintptr_t ptr, size_t size)
{
    int status = -2;

    pthread_mutex_lock(&trace.lock);
    if (trace.tracing) {
        status = track_locked(domain, ptr, size) ? 0 : -1;
    }
    pthread_mutex_unlock(&trace.lock);
    return status;
}

int
PyTraceMalloc_Untrack(unsigned int domain, uintptr_t ptr)
{
    int status = -2;

    pthread_mutex_lock(&trace.lock);
    if (trace.tracing) {
        untrack_locked(domain, ptr);
        status = 0;
    }
    pthread_mutex_unlock(&trace.lock);
    return status;
}

// ------------------------------------------------------------------------- the module

KR_FUNCTION(tracemalloc, "is_tracing()",
            "Return True if the tracemalloc module is tracing Python memory allocations.")
static PyObject *
tracemalloc_is_tracing(PyObject *module)
{
    return PyBool_FromLong(trace.tracing);
}

KR_FUNCTION(tracemalloc, "clear_traces()",
            "Clear traces of memory blocks allocated by Python.")
static PyObject *
tracemalloc_clear_traces(PyObject *module)
{
    Traceback *tracebacks = NULL;

    pthread_mutex_lock(&trace.lock);
    if (trace.tracing) {
        memset(trace.entries, 0, (trace.entry_mask + 1) * sizeof(TraceEntry));
        trace.n_entries = 0;
        trace.current = trace.peak = 0;
        tracebacks = tracebacks_take();
    }
    pthread_mutex_unlock(&trace.lock);
    tracebacks_free(tracebacks);
    Py_RETURN_NONE;
}

// A copy of all entries; NULL with MemoryError, or without when there are none.
static TraceEntry *
entries_copy(size_t *count_out)
{
    TraceEntry *copy = NULL;
    size_t count = 0;
    bool failed = false;

    pthread_mutex_lock(&trace.lock);
    if (trace.tracing && trace.n_entries > 0) {
        copy = malloc(trace.n_entries * sizeof(TraceEntry));
        failed = copy == NULL;
        for (size_t i = 0; copy != NULL && i <= trace.entry_mask; i++) {
            if (trace.entries[i].address != 0) {
                copy[count++] = trace.entries[i];
            }
        }
    }
    pthread_mutex_unlock(&trace.lock);
    *count_out = count;
    if (failed) {
        PyErr_NoMemory();
    }
    return copy;
}

KR_FUNCTION(tracemalloc, "_get_traces()",
            "Get traces of all memory blocks allocated by Python.")
static PyObject *
tracemalloc_get_traces(PyObject *module)
{
    size_t count = 0;
    PyObject *list = NULL, *made = NULL;

    inside = true;
    TraceEntry *entries = entries_copy(&count);
    if (entries == NULL && PyErr_Occurred()) {
        goto done;
    }
    list = PyList_New((Py_ssize_t)count);
    made = PyDict_New();
    if (list == NULL || made == NULL) {
        Py_CLEAR(list);
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *tb = traceback_tuple_once(entries[i].traceback, made), *item = NULL;
        if (tb != NULL) {
            item = Py_BuildValue("(InNI)", entries[i].domain, (Py_ssize_t)entries[i].size,
                                 tb, entries[i].traceback->total);
        }
        if (item == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    }

done:
    Py_XDECREF(made);
    free(entries);
    inside = false;
    return list;
}

KR_FUNCTION(tracemalloc, "_get_object_traceback(obj, /)",
            "Get the traceback where the Python object obj was allocated.")
static PyObject *
tracemalloc_get_object_traceback(PyObject *module, PyObject *obj)
{
    return _PyTraceMalloc_GetObjectTraceback(obj);
}

KR_FUNCTION(tracemalloc, "start(nframe=1, /)",
            "Start tracing Python memory allocations, with up to nframe frames each.")
static PyObject *
tracemalloc_start(PyObject *module, int nframe)
{
    if (nframe < 1 || nframe > KR_TRACEMALLOC_MAX_FRAMES) {
        PyErr_Format(PyExc_ValueError, "the number of frames must be in range [1; %d]",
                     KR_TRACEMALLOC_MAX_FRAMES);
        return NULL;
    }
    if (kr_tracemalloc_start(nframe) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(tracemalloc, "stop()",
            "Stop tracing Python memory allocations and clear the traces.")
static PyObject *
tracemalloc_stop(PyObject *module)
{
    kr_tracemalloc_stop();
    Py_RETURN_NONE;
}

KR_FUNCTION(tracemalloc, "get_traceback_limit()",
            "Get the maximum number of frames stored in the traceback of a trace.")
static PyObject *
tracemalloc_get_traceback_limit(PyObject *module)
{
    return PyLong_FromLong(trace.limit);
}

KR_FUNCTION(tracemalloc, "get_tracemalloc_memory()",
            "Get the memory usage in bytes of the tracemalloc module.")
static PyObject *
tracemalloc_get_tracemalloc_memory(PyObject *module)
{
    return PyLong_FromSize_t(trace.own_memory);
}

KR_FUNCTION(tracemalloc, "get_traced_memory()",
            "Get the current size and peak size of memory blocks traced by tracemalloc.")
static PyObject *
tracemalloc_get_traced_memory(PyObject *module)
{
    pthread_mutex_lock(&trace.lock);
    Py_ssize_t current = (Py_ssize_t)trace.current, peak = (Py_ssize_t)trace.peak;
    pthread_mutex_unlock(&trace.lock);
    return Py_BuildValue("nn", current, peak);
}

KR_FUNCTION(tracemalloc, "reset_peak()",
            "Set the peak size of memory blocks traced by tracemalloc to the current size.")
static PyObject *
tracemalloc_reset_peak(PyObject *module)
{
    pthread_mutex_lock(&trace.lock);
    trace.peak = trace.current;
    pthread_mutex_unlock(&trace.lock);
    Py_RETURN_NONE;
}

KR_MODULE(tracemalloc)
#include "runtime/tracemalloc.methods.h"

static PyModuleDef_Slot tracemalloc_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef tracemalloc_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tracemalloc",
    .m_doc = "Debug module to trace memory blocks allocated by Python.",
    .m_methods = tracemalloc_methods,
    .m_slots = tracemalloc_slots,
};

PyMODINIT_FUNC
PyInit__tracemalloc(void)
{
    return PyModuleDef_Init(&tracemalloc_def);
}
