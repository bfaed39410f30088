// SPDX-License-Identifier: MIT
// lsprof.c - the module _lsprof: the deterministic profiler behind cProfile.
//
// Design:      a profiler is a tool of sys.monitoring. Every call makes a context on
//              a stack of its own; on return its time is added to the entry of the
//              function and, with subcalls, to that of the pair of caller and callee.
// Invariants:  entries are kept in the order of their first call; the index is an
//              open hash table of entry numbers + 1 by the address of the key, which
//              is a code object or the method table row of a C function.
// Re-entrancy: timers written in Python run between two events, never inside one.
#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    Py_ssize_t callee;    // number of an entry
    PyTime_t total;
    PyTime_t own;         // without further calls
    long calls;
    long recursive_calls;
    long level;
} Subentry;

typedef struct {
    const void *key;
    PyObject *shown;      // owned: the code object, or the text for a C function
    PyTime_t total;
    PyTime_t own;
    long calls;
    long recursive_calls;
    long level;
    Subentry *subs;
    Py_ssize_t nsubs, subs_room;
} Entry;

// A call that is going on.
typedef struct {
    Py_ssize_t entry;
    PyTime_t start;
    PyTime_t in_calls;    // time spent in calls from here
} Context;

typedef struct {
    PyObject_HEAD
    Entry *entries;
    Py_ssize_t nentries, entries_room;
    Py_ssize_t *index;
    Py_ssize_t index_size; // power of two, or 0
    Context *stack;
    Py_ssize_t depth, stack_room;
    PyObject *timer;      // owned, or NULL
    double unit;          // seconds of one tick of the timer; 0: it gives seconds
    bool enabled;
    bool subcalls;
    bool builtins;
    bool in_timer;
    bool no_memory;
    PyObject *missing;    // owned: sys.monitoring.MISSING
} Profiler;

typedef struct {
    PyTypeObject *entry_type;    // owned
    PyTypeObject *subentry_type; // owned
} LsprofState;

static PyModuleDef lsprof_def;

#define TOOL_ID 2

// --- Time --------------------------------------------------------------------------

// The result of a timer in nanoseconds or ticks. -1 with an exception on error.
static int
read_timer(const Profiler *self, PyObject *value, PyTime_t *out)
{
    if (self->unit == 0.0 && PyFloat_Check(value)) {
        *out = (PyTime_t)(PyFloat_AS_DOUBLE(value) * 1e9);
        return 0;
    }
    if (self->unit == 0.0 && !PyIndex_Check(value)) {
        PyErr_Format(PyExc_TypeError, "'%T' object cannot be interpreted as an integer or float",
                     value);
        return -1;
    }
    *out = PyLong_AsLongLong(value);
    if (*out == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (self->unit == 0.0 && __builtin_mul_overflow(*out, (PyTime_t)1000000000, out)) {
        PyErr_SetString(PyExc_OverflowError, "timestamp too large to convert to C PyTime_t");
        return -1;
    }
    return 0;
}

static PyTime_t
call_timer(Profiler *self)
{
    PyTime_t now = 0;
    self->in_timer = true;
    PyObject *value = PyObject_CallNoArgs(self->timer);
    self->in_timer = false;
    if (value == NULL || read_timer(self, value, &now) < 0) {
        PyErr_FormatUnraisable("Exception ignored while calling _lsprof timer %R", self->timer);
        now = 0;
    }
    Py_XDECREF(value);
    return now;
}

static PyTime_t
profiler_now(Profiler *self)
{
    PyTime_t now;
    if (self->timer != NULL) {
        return call_timer(self);
    }
    (void)PyTime_PerfCounterRaw(&now);
    return now;
}

// --- Entries -------------------------------------------------------------------------

static bool
make_room(void *array, Py_ssize_t *room, Py_ssize_t need, size_t item)
{
    void **place = array;
    if (need <= *room) {
        return true;
    }
    Py_ssize_t want = *room < 8 ? 16 : *room * 2;
    void *bigger = PyMem_Realloc(*place, (size_t)want * item);
    if (bigger == NULL) {
        return false;
    }
    *place = bigger;
    *room = want;
    return true;
}

// The place of key in the index: where it is or where it would go.
static Py_ssize_t *
index_place(const Profiler *self, const void *key)
{
    size_t mask = (size_t)self->index_size - 1;
    size_t at = ((uintptr_t)key >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20;
    for (;; at++) {
        Py_ssize_t *place = &self->index[at & mask];
        if (*place == 0 || self->entries[*place - 1].key == key) {
            return place;
        }
    }
}

static bool
index_grow(Profiler *self)
{
    Py_ssize_t size = self->index_size == 0 ? 64 : self->index_size * 2;
    Py_ssize_t *index = PyMem_Calloc((size_t)size, sizeof *index);
    if (index == NULL) {
        return false;
    }
    PyMem_Free(self->index);
    self->index = index;
    self->index_size = size;
    for (Py_ssize_t i = 0; i < self->nentries; i++) {
        *index_place(self, self->entries[i].key) = i + 1;
    }
    return true;
}

// What stands for a C function in the statistics: new reference.
static PyObject *
function_text(PyObject *function)
{
    PyCFunctionObject *c = (PyCFunctionObject *)function;
    const char *name = c->m_ml->ml_name;
    PyObject *text = NULL;
    if (c->m_self == NULL) {
        PyObject *module = c->m_module;
        text = module != NULL && PyUnicode_Check(module) &&
                       !PyUnicode_EqualToUTF8(module, "builtins")
                   ? PyUnicode_FromFormat("<%U.%s>", module, name)
                   : PyUnicode_FromFormat("<%s>", name);
        return text;
    }
    PyObject *key = PyUnicode_FromString(name);
    PyObject *method = key == NULL ? NULL : _PyType_Lookup(Py_TYPE(c->m_self), key);
    Py_XDECREF(key);
    if (method != NULL) {
        text = PyObject_Repr(Py_NewRef(method));
        Py_DECREF(method);
        if (text != NULL) {
            return text;
        }
    }
    PyErr_Clear();
    return c->m_module != NULL && PyUnicode_Check(c->m_module)
               ? PyUnicode_FromFormat("<built-in method %U.%s>", c->m_module, name)
               : PyUnicode_FromFormat("<built-in method %s>", name);
}

static Py_ssize_t
find_entry(const Profiler *self, const void *key)
{
    return self->index_size == 0 ? -1 : *index_place(self, key) - 1;
}

// The number of the entry, made if need be; -1 without memory, without an exception.
static Py_ssize_t
get_entry(Profiler *self, const void *key, PyObject *shown)
{
    Py_ssize_t number = find_entry(self, key);
    if (number >= 0) {
        return number;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *text = PyCFunction_Check(shown) ? function_text(shown) : Py_NewRef(shown);
    PyErr_SetRaisedException(exc);
    if (text == NULL ||
        !make_room(&self->entries, &self->entries_room, self->nentries + 1, sizeof(Entry)) ||
        (2 * (self->nentries + 1) > self->index_size && !index_grow(self))) {
        Py_XDECREF(text);
        self->no_memory = true;
        return -1;
    }
    self->entries[self->nentries] = (Entry){.key = key, .shown = text};
    *index_place(self, key) = self->nentries + 1;
    return self->nentries++;
}

static Subentry *
get_sub(Profiler *self, Py_ssize_t caller, Py_ssize_t callee, bool make)
{
    Entry *entry = &self->entries[caller];
    for (Py_ssize_t i = 0; i < entry->nsubs; i++) {
        if (entry->subs[i].callee == callee) {
            if (i > 0) {
                // The pairs that occur again move to the front.
                Subentry found = entry->subs[i];
                entry->subs[i] = entry->subs[i / 2];
                entry->subs[i / 2] = found;
                i /= 2;
            }
            return &entry->subs[i];
        }
    }
    if (!make) {
        return NULL;
    }
    if (!make_room(&entry->subs, &entry->subs_room, entry->nsubs + 1, sizeof(Subentry))) {
        self->no_memory = true;
        return NULL;
    }
    entry->subs[entry->nsubs] = (Subentry){.callee = callee};
    return &entry->subs[entry->nsubs++];
}

static void
clear_entries(Profiler *self)
{
    Entry *entries = self->entries;
    Py_ssize_t count = self->nentries;
    self->entries = NULL;
    self->nentries = self->entries_room = 0;
    PyMem_Free(self->index);
    self->index = NULL;
    self->index_size = 0;
    PyMem_Free(self->stack);
    self->stack = NULL;
    self->depth = self->stack_room = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyMem_Free(entries[i].subs);
        Py_DECREF(entries[i].shown); // may run Python
    }
    PyMem_Free(entries);
}

// --- Calls and returns -----------------------------------------------------------------

static void
enter_call(Profiler *self, const void *key, PyObject *shown)
{
    Py_ssize_t number = get_entry(self, key, shown);
    if (number < 0 ||
        !make_room(&self->stack, &self->stack_room, self->depth + 1, sizeof(Context))) {
        self->no_memory = true;
        return;
    }
    self->entries[number].level++;
    if (self->subcalls && self->depth > 0) {
        Subentry *sub = get_sub(self, self->stack[self->depth - 1].entry, number, true);
        if (sub != NULL) {
            sub->level++;
        }
    }
    self->stack[self->depth++] = (Context){.entry = number};
    PyTime_t now = profiler_now(self);
    if (self->depth > 0) {
        self->stack[self->depth - 1].start = now;
    }
}

static void
pop_context(Profiler *self, PyTime_t now)
{
    Context context = self->stack[--self->depth];
    Entry *entry = &self->entries[context.entry];
    PyTime_t total = now - context.start, own = total - context.in_calls;
    if (--entry->level == 0) {
        entry->total += total;
    }
    else {
        entry->recursive_calls++;
    }
    entry->own += own;
    entry->calls++;
    if (self->depth == 0) {
        return;
    }
    Context *caller = &self->stack[self->depth - 1];
    caller->in_calls += total;
    Subentry *sub = self->subcalls ? get_sub(self, caller->entry, context.entry, false) : NULL;
    if (sub == NULL) {
        return;
    }
    if (--sub->level == 0) {
        sub->total += total;
    }
    else {
        sub->recursive_calls++;
    }
    sub->own += own;
    sub->calls++;
}

static void
leave_call(Profiler *self, const void *key)
{
    if (self->depth == 0) {
        return;
    }
    PyTime_t now = profiler_now(self);
    if (self->depth == 0) {
        return; // the timer cleared the profiler
    }
    if (find_entry(self, key) >= 0) {
        pop_context(self, now);
    }
    else {
        self->depth--;
    }
}

// --- Callbacks ---------------------------------------------------------------------------

static bool
has_arguments(const char *name, Py_ssize_t nargs, int wanted)
{
    if (nargs == wanted) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "%s expected %d arguments, got %zd", name, wanted, nargs);
    return false;
}

static PyObject *
python_enters(Profiler *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (PyCode_Check(args[0])) {
        enter_call(self, args[0], args[0]);
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(profiler, "_pystart_callback", METH_FASTCALL, "")
static PyObject *
profiler_pystart(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!has_arguments("_pystart_callback", nargs, 2)) {
        return NULL;
    }
    return python_enters((Profiler *)self, args, nargs);
}

KR_METHOD_RAW(profiler, "_pythrow_callback", METH_FASTCALL, "")
static PyObject *
profiler_pythrow(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!has_arguments("_pythrow_callback", nargs, 3)) {
        return NULL;
    }
    return python_enters((Profiler *)self, args, nargs);
}

KR_METHOD_RAW(profiler, "_pyreturn_callback", METH_FASTCALL, "")
static PyObject *
profiler_pyreturn(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!has_arguments("_pyreturn_callback", nargs, 3)) {
        return NULL;
    }
    if (PyCode_Check(args[0])) {
        leave_call((Profiler *)self, args[0]);
    }
    Py_RETURN_NONE;
}

// The C function that is called, or NULL: new reference.
static PyObject *
c_function(const Profiler *self, PyObject *callable, PyObject *arg)
{
    if (PyCFunction_Check(callable)) {
        return Py_NewRef(callable);
    }
    if (!Py_IS_TYPE(callable, &PyMethodDescr_Type) || arg == self->missing) {
        return NULL;
    }
    PyObject *bound = Py_TYPE(callable)->tp_descr_get(callable, arg, (PyObject *)Py_TYPE(arg));
    if (bound == NULL) {
        PyErr_Clear();
        return NULL;
    }
    if (!PyCFunction_Check(bound)) {
        Py_CLEAR(bound);
    }
    return bound;
}

KR_METHOD_RAW(profiler, "_ccall_callback", METH_FASTCALL, "")
static PyObject *
profiler_ccall(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    Profiler *self = (Profiler *)op;
    if (!has_arguments("_ccall_callback", nargs, 4)) {
        return NULL;
    }
    PyObject *function = self->builtins ? c_function(self, args[2], args[3]) : NULL;
    if (function != NULL) {
        enter_call(self, ((PyCFunctionObject *)function)->m_ml, function);
        Py_DECREF(function);
    }
    Py_RETURN_NONE;
}

KR_METHOD_RAW(profiler, "_creturn_callback", METH_FASTCALL, "")
static PyObject *
profiler_creturn(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    Profiler *self = (Profiler *)op;
    if (!has_arguments("_creturn_callback", nargs, 4)) {
        return NULL;
    }
    PyObject *function = self->builtins ? c_function(self, args[2], args[3]) : NULL;
    if (function != NULL) {
        leave_call(self, ((PyCFunctionObject *)function)->m_ml);
        Py_DECREF(function);
    }
    Py_RETURN_NONE;
}

// --- Starting and stopping -----------------------------------------------------------------

static const struct {
    int event;
    const char *method;
} callbacks[] = {
    {PY_MONITORING_EVENT_PY_START, "_pystart_callback"},
    {PY_MONITORING_EVENT_PY_RESUME, "_pystart_callback"},
    {PY_MONITORING_EVENT_PY_THROW, "_pythrow_callback"},
    {PY_MONITORING_EVENT_PY_RETURN, "_pyreturn_callback"},
    {PY_MONITORING_EVENT_PY_YIELD, "_pyreturn_callback"},
    {PY_MONITORING_EVENT_PY_UNWIND, "_pyreturn_callback"},
    {PY_MONITORING_EVENT_CALL, "_ccall_callback"},
    {PY_MONITORING_EVENT_C_RETURN, "_creturn_callback"},
    {PY_MONITORING_EVENT_C_RAISE, "_creturn_callback"},
};

// sys.monitoring: new reference.
static PyObject *
get_monitoring(void)
{
    PyObject *monitoring = PySys_GetObject("monitoring");
    if (monitoring == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.monitoring");
    }
    return Py_XNewRef(monitoring);
}

static int
call_monitoring(PyObject *monitoring, const char *name, const char *format, ...)
{
    PyObject *method = PyObject_GetAttrString(monitoring, name), *result = NULL;
    va_list values;
    va_start(values, format);
    PyObject *args = method == NULL ? NULL : Py_VaBuildValue(format, values);
    va_end(values);
    if (args != NULL) {
        result = PyObject_Call(method, args, NULL);
    }
    Py_XDECREF(args);
    Py_XDECREF(method);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int
start_watching(Profiler *self, PyObject *monitoring)
{
    int events = 0;
    if (call_monitoring(monitoring, "use_tool_id", "(is)", TOOL_ID, "cProfile") < 0) {
        return -1;
    }
    Py_XSETREF(self->missing, PyObject_GetAttrString(monitoring, "MISSING"));
    if (self->missing == NULL) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(callbacks); i++) {
        PyObject *method = PyObject_GetAttrString((PyObject *)self, callbacks[i].method);
        int event = 1 << callbacks[i].event;
        if (method == NULL ||
            call_monitoring(monitoring, "register_callback", "(iiN)", TOOL_ID, event,
                            method) < 0) {
            return -1;
        }
        events |= event;
    }
    return call_monitoring(monitoring, "set_events", "(ii)", TOOL_ID, events);
}

static int
stop_watching(PyObject *monitoring)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(callbacks); i++) {
        if (call_monitoring(monitoring, "register_callback", "(iiO)", TOOL_ID,
                            1 << callbacks[i].event, Py_None) < 0) {
            return -1;
        }
    }
    if (call_monitoring(monitoring, "set_events", "(ii)", TOOL_ID, 0) < 0) {
        return -1;
    }
    return call_monitoring(monitoring, "free_tool_id", "(i)", TOOL_ID);
}

KR_METHOD(profiler, "enable(self, /, subcalls=True, builtins=True)",
          "Start collecting profiling information.\n\n"
          "  subcalls\n"
          "    If True, also records for each function\n"
          "    statistics separated according to its current caller.\n"
          "  builtins\n"
          "    If True, records the time spent in\n"
          "    built-in functions separately from their caller.")
static PyObject *
profiler_enable(Profiler *self, bool subcalls, bool builtins)
{
    self->subcalls = subcalls;
    self->builtins = builtins;
    PyObject *monitoring = get_monitoring();
    int status = monitoring == NULL ? -1 : start_watching(self, monitoring);
    Py_XDECREF(monitoring);
    if (status < 0) {
        return NULL;
    }
    self->enabled = true;
    Py_RETURN_NONE;
}

KR_METHOD(profiler, "disable(self, /)", "Stop collecting profiling information.")
static PyObject *
profiler_disable(Profiler *self)
{
    if (self->in_timer) {
        PyErr_SetString(PyExc_RuntimeError, "cannot disable profiler in external timer");
        return NULL;
    }
    if (self->enabled) {
        PyObject *monitoring = get_monitoring();
        int status = monitoring == NULL ? -1 : stop_watching(monitoring);
        Py_XDECREF(monitoring);
        if (status < 0) {
            return NULL;
        }
        self->enabled = false;
        // Calls that are still going on end here.
        while (self->depth > 0) {
            PyTime_t now = profiler_now(self);
            if (self->depth > 0) {
                pop_context(self, now);
            }
        }
    }
    if (self->no_memory) {
        self->no_memory = false;
        PyErr_SetString(PyExc_MemoryError, "memory was exhausted while profiling");
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(profiler, "clear(self, /)", "Clear all profiling information collected so far.")
static PyObject *
profiler_clear(Profiler *self)
{
    if (self->in_timer) {
        PyErr_SetString(PyExc_RuntimeError, "cannot clear profiler in external timer");
        return NULL;
    }
    clear_entries(self);
    Py_RETURN_NONE;
}

// --- Statistics ------------------------------------------------------------------------------

// A row of the statistics; calls (given up) only for whole entries.
static PyObject *
make_row(PyTypeObject *type, PyObject *shown, long calls, long recursive, PyTime_t total,
         PyTime_t own, double factor, PyObject *subs)
{
    PyObject *row = PyStructSequence_New(type);
    if (row == NULL) {
        Py_XDECREF(subs);
        return NULL;
    }
    PyStructSequence_SetItem(row, 0, Py_NewRef(shown));
    PyStructSequence_SetItem(row, 1, PyLong_FromLong(calls));
    PyStructSequence_SetItem(row, 2, PyLong_FromLong(recursive));
    PyStructSequence_SetItem(row, 3, PyFloat_FromDouble(factor * (double)total));
    PyStructSequence_SetItem(row, 4, PyFloat_FromDouble(factor * (double)own));
    if (subs != NULL) {
        PyStructSequence_SetItem(row, 5, subs);
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(row);
    }
    return row;
}

// The calls from an entry, or None: new reference.
static PyObject *
sub_rows(const Profiler *self, const LsprofState *state, const Entry *entry, double factor)
{
    if (entry->nsubs == 0) {
        Py_RETURN_NONE;
    }
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL && i < entry->nsubs; i++) {
        const Subentry *sub = &entry->subs[i];
        if (sub->calls == 0) {
            continue;
        }
        PyObject *row = make_row(state->subentry_type, self->entries[sub->callee].shown,
                                 sub->calls, sub->recursive_calls, sub->total, sub->own,
                                 factor, NULL);
        if (row == NULL || PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(row);
    }
    return list;
}

KR_METHOD(profiler, "getstats(self, /)",
          "list of profiler_entry objects.\n\n"
          "getstats() -> list of profiler_entry objects\n\n"
          "Return all information collected by the profiler.\n"
          "Each profiler_entry is a tuple-like object with the\n"
          "following attributes:\n\n"
          "    code          code object\n"
          "    callcount     how many times this was called\n"
          "    reccallcount  how many times called recursively\n"
          "    totaltime     total time in this entry\n"
          "    inlinetime    inline time in this entry (not in subcalls)\n"
          "    calls         details of the calls\n\n"
          "The calls attribute is either None or a list of\n"
          "profiler_subentry objects:\n\n"
          "    code          called code object\n"
          "    callcount     how many times this is called\n"
          "    reccallcount  how many times this is called recursively\n"
          "    totaltime     total time spent in this call\n"
          "    inlinetime    inline time (not in further subcalls)")
static PyObject *
profiler_getstats(Profiler *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &lsprof_def);
    if (module == NULL) {
        return NULL;
    }
    LsprofState *state = PyModule_GetState(module);
    double factor = self->timer == NULL || self->unit == 0.0 ? 1e-9 : self->unit;
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL && i < self->nentries; i++) {
        const Entry *entry = &self->entries[i];
        if (entry->calls == 0) {
            continue;
        }
        PyObject *subs = sub_rows(self, state, entry, factor);
        PyObject *row = subs == NULL ? NULL
                                     : make_row(state->entry_type, entry->shown, entry->calls,
                                                entry->recursive_calls, entry->total,
                                                entry->own, factor, subs);
        if (row == NULL || PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(row);
    }
    return list;
}

// --- The type ------------------------------------------------------------------------------------

KR_INIT(profiler, "Profiler(timer=None, timeunit=0.0, subcalls=True, builtins=True)",
        "Build a profiler object using the specified timer function.\n\n"
        "The default timer is a fast built-in one based on real time.\n"
        "For custom timer functions returning integers, 'timeunit' can\n"
        "be a float specifying a scale (that is, how long each integer unit\n"
        "is, in seconds).")
static int
profiler_init_impl(Profiler *self, PyObject *timer, double timeunit, bool subcalls,
                   bool builtins)
{
    Py_XSETREF(self->timer, timer == Py_None ? NULL : Py_XNewRef(timer));
    self->unit = timeunit;
    self->subcalls = subcalls;
    self->builtins = builtins;
    return 0;
}

static int
profiler_traverse(PyObject *op, visitproc visit, void *arg)
{
    Profiler *self = (Profiler *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->timer);
    Py_VISIT(self->missing);
    for (Py_ssize_t i = 0; i < self->nentries; i++) {
        Py_VISIT(self->entries[i].shown);
    }
    return 0;
}

static int
profiler_tp_clear(PyObject *op)
{
    Py_CLEAR(((Profiler *)op)->timer);
    return 0;
}

static void
profiler_dealloc(PyObject *op)
{
    Profiler *self = (Profiler *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (self->enabled) {
        PyObject *exc = PyErr_GetRaisedException();
        PyObject *monitoring = get_monitoring();
        if (monitoring == NULL || stop_watching(monitoring) < 0) {
            PyErr_FormatUnraisable("Exception ignored while destroying _lsprof profiler");
        }
        Py_XDECREF(monitoring);
        PyErr_SetRaisedException(exc);
    }
    clear_entries(self);
    Py_XDECREF(self->timer);
    Py_XDECREF(self->missing);
    type->tp_free(op);
    Py_DECREF(type);
}

KR_TYPE(profiler)
#include "modules/lsprof.methods.h"

static PyType_Slot profiler_slots[] = {
    {Py_tp_doc, (void *)profiler_doc},
    {Py_tp_methods, profiler_methods},
    {Py_tp_dealloc, profiler_dealloc},
    {Py_tp_init, profiler_init},
    {Py_tp_traverse, profiler_traverse},
    {Py_tp_clear, profiler_tp_clear},
    {0, NULL},
};

static PyType_Spec profiler_spec = {
    .name = "_lsprof.Profiler",
    .basicsize = sizeof(Profiler),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = profiler_slots,
};

// --- The module ------------------------------------------------------------------------------------

static PyStructSequence_Field entry_fields[] = {
    {"code", "code object or built-in function name"},
    {"callcount", "how many times this was called"},
    {"reccallcount", "how many times called recursively"},
    {"totaltime", "total time in this entry"},
    {"inlinetime", "inline time in this entry (not in subcalls)"},
    {"calls", "details of the calls"},
    {NULL},
};

static PyStructSequence_Field subentry_fields[] = {
    {"code", "called code object or built-in function name"},
    {"callcount", "how many times this is called"},
    {"reccallcount", "how many times this is called recursively"},
    {"totaltime", "total time spent in this call"},
    {"inlinetime", "inline time (not in further subcalls)"},
    {NULL},
};

static PyStructSequence_Desc entry_desc = {"_lsprof.profiler_entry", NULL, entry_fields, 6};
static PyStructSequence_Desc subentry_desc = {"_lsprof.profiler_subentry", NULL,
                                              subentry_fields, 5};

static int
lsprof_exec(PyObject *module)
{
    LsprofState *state = PyModule_GetState(module);
    PyObject *type = PyType_FromModuleAndSpec(module, &profiler_spec, NULL);
    int status = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
    Py_XDECREF(type);
    if (status < 0) {
        return -1;
    }
    state->entry_type = PyStructSequence_NewType(&entry_desc);
    state->subentry_type = PyStructSequence_NewType(&subentry_desc);
    if (state->entry_type == NULL || state->subentry_type == NULL ||
        PyModule_AddType(module, state->entry_type) < 0 ||
        PyModule_AddType(module, state->subentry_type) < 0) {
        return -1;
    }
    return 0;
}

static int
lsprof_traverse(PyObject *module, visitproc visit, void *arg)
{
    LsprofState *state = PyModule_GetState(module);
    Py_VISIT(state->entry_type);
    Py_VISIT(state->subentry_type);
    return 0;
}

static int
lsprof_clear(PyObject *module)
{
    LsprofState *state = PyModule_GetState(module);
    Py_CLEAR(state->entry_type);
    Py_CLEAR(state->subentry_type);
    return 0;
}

static void
lsprof_free(void *module)
{
    lsprof_clear(module);
}

static PyModuleDef_Slot lsprof_slots[] = {
    {Py_mod_exec, lsprof_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef lsprof_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_lsprof",
    .m_doc = "Fast profiler",
    .m_size = sizeof(LsprofState),
    .m_slots = lsprof_slots,
    .m_traverse = lsprof_traverse,
    .m_clear = lsprof_clear,
    .m_free = lsprof_free,
};

PyMODINIT_FUNC
PyInit__lsprof(void)
{
    return PyModuleDef_Init(&lsprof_def);
}
