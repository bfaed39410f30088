// SPDX-License-Identifier: MIT
// exec.c - which executable form a code object runs in, and going between forms.
//
// code->co_executors is the form that new calls enter: the plain one, or the
// traced one while events are on for the code, or NULL when that is to be found
// out at the next call. code->_co_monitoring is always the plain form, once made.
//
// A form that is given up is retired: its words become SWITCH, so that a frame in
// it goes to the current form at its next instruction, whether it runs, waits for
// a call or is a suspended generator. Words where frames wait keep their op, for
// what finishes the wait reads it. Both forms give each stack position the same
// slot; points tell which positions are lazy.
// Read next: lower_events.c, events.c
#include "vm/exec.h"

#include "objects/code.h"
#include "vm/events.h"

static KrExec *
plain_form(const PyCodeObject *code)
{
    return (KrExec *)code->_co_monitoring;
}

// --- Event state of a code object -----------------------------------------------------

KrCodeEvents *
kr_code_events_find(const PyCodeObject *code)
{
    KrExec *plain = plain_form(code);
    return plain == NULL ? NULL : plain->monitor;
}

KrCodeEvents *
kr_code_events(PyCodeObject *code)
{
    if (plain_form(code) == NULL && kr_exec_get_slow(code) == NULL) {
        return NULL;
    }
    KrExec *plain = plain_form(code);
    if (plain->monitor != NULL) {
        return plain->monitor;
    }
    KrCodeEvents *events = PyMem_Calloc(1, sizeof *events);
    if (events == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    events->nunits = (uint32_t)Py_SIZE(code);
    events->disabled = PyMem_Calloc(events->nunits + 1, 3);
    if (events->disabled == NULL || kr_code_lines_make(code, &events->lines) < 0) {
        PyMem_Free(events->disabled);
        PyMem_Free(events);
        PyErr_NoMemory();
        return NULL;
    }
    plain->monitor = events;
    return events;
}

// The events that words of the code have to fire.
static uint64_t
wanted_events(PyInterpreterState *interp, const KrExec *plain)
{
    // sys.settrace asks for instructions by code object, and stops asking as a whole.
    unsigned tracing = interp->vm.event_tools[PY_MONITORING_EVENT_PY_START] >> KR_TOOL_TRACE;
    unsigned local = (tracing & 1) ? 0xff : 0xffu & ~(1u << KR_TOOL_TRACE);
    uint64_t wanted = 0;
    for (int event = 0; event < KR_PLACED_COUNT; event++) {
        if (interp->vm.event_tools[event] != 0 ||
            (plain->monitor != NULL && (plain->monitor->local[event] & local) != 0)) {
            wanted |= KR_EVENT_BIT(event);
        }
    }
    return wanted;
}

// --- Retiring and reviving --------------------------------------------------------------

static bool
keeps_op(unsigned op)
{
    return op == KR_X_YIELD || op == KR_X_RETURN_GENERATOR;
}

// Turns the words into SWITCH. Without memory the frames in it stay in it.
static void
retire(KrExec *exec)
{
    if (exec->saved_ops != NULL) {
        return;
    }
    exec->saved_ops = PyMem_Calloc(exec->nwords + 1, 1);
    if (exec->saved_ops == NULL) {
        return;
    }
    for (uint32_t i = 0; i < exec->nwords;) {
        uint8_t op = exec->words[i].op;
        exec->saved_ops[i] = op;
        if (!keeps_op(op)) {
            exec->words[i].op = KR_X_SWITCH;
        }
        i += kr_xop_length[op];
    }
}

static void
revive(KrExec *exec)
{
    if (exec->saved_ops == NULL) {
        return;
    }
    for (uint32_t i = 0; i < exec->nwords;) {
        if (exec->words[i].op == KR_X_SWITCH) {
            exec->words[i].op = exec->saved_ops[i];
        }
        i += kr_xop_length[exec->words[i].op];
    }
    PyMem_Free(exec->saved_ops);
    exec->saved_ops = NULL;
}

// Makes the event words that nobody watches cheap, and the others live.
static void
refresh(KrExec *exec)
{
    for (uint32_t i = 0; i < exec->nwords;) {
        KrWord *word = &exec->words[i];
        if ((word->op == KR_X_EVENT || word->op == KR_X_EVENT_OFF) &&
            word->a != KR_EVENT_NONE) {
            word->op = kr_event_tools(exec, word->a, exec->offsets[i] / 2) != 0
                           ? KR_X_EVENT : KR_X_EVENT_OFF;
        }
        i += kr_xop_length[word->op];
    }
}

// Puts the forms that exist in order for the events wanted. The form to run, or
// NULL when one has to be made.
static KrExec *
settle(PyInterpreterState *interp, KrExec *plain)
{
    uint64_t wanted = wanted_events(interp, plain);
    KrExec *traced = plain->monitor == NULL ? NULL : plain->monitor->traced;
    if (wanted == 0) {
        if (traced != NULL) {
            retire(traced);
        }
        revive(plain);
        return plain;
    }
    retire(plain);
    if (traced == NULL) {
        return NULL;
    }
    if (wanted & ~traced->events) {
        retire(traced);
        return NULL;
    }
    revive(traced);
    refresh(traced);
    return traced;
}

// Every form has these; the others cost too much where nobody wants them.
#define COMMON_EVENTS                                                          \
    (KR_PLACED_EVENTS & ~KR_EVENT_BIT(PY_MONITORING_EVENT_CALL) &              \
     ~KR_EVENT_BIT(PY_MONITORING_EVENT_INSTRUCTION))

static KrExec *
make_traced(PyInterpreterState *interp, PyCodeObject *code, KrExec *plain)
{
    KrCodeEvents *events = kr_code_events(code);
    if (events == NULL) {
        return NULL;
    }
    uint64_t mask = wanted_events(interp, plain) | COMMON_EVENTS;
    if (events->traced != NULL) {
        mask |= events->traced->events;
    }
    KrExec *traced = kr_lower(code, mask, &events->lines, false);
    if (traced == NULL) {
        return NULL;
    }
    KR_CHECK(traced->nslots <= plain->nslots);
    traced->nslots = plain->nslots;
    if (events->traced != NULL) {
        events->traced->next = events->retired;
        events->retired = events->traced;
    }
    events->traced = traced;
    refresh(traced);
    return traced;
}

KrExec *
kr_exec_get_slow(PyCodeObject *code)
{
    PyInterpreterState *interp = kr_interp();
    KrExec *plain = plain_form(code);
    if (plain == NULL) {
        // Code of .pyc files, code.replace() and the like may be anything.
        if (!kr_code_is_verified(code) && !kr_code_verify(code)) {
            return NULL;
        }
        plain = kr_lower(code, 0, NULL, false);
        if (plain == NULL) {
            return NULL;
        }
        plain->next = interp->vm.all_code;
        if (plain->next != NULL) {
            plain->next->prev = plain;
        }
        interp->vm.all_code = plain;
        code->_co_monitoring = (_PyCoMonitoringData *)plain;
    }
    KrExec *exec = settle(interp, plain);
    if (exec == NULL) {
        exec = make_traced(interp, code, plain);
    }
    code->co_executors = (void *)exec;
    return exec;
}

void
kr_exec_free(PyCodeObject *code)
{
    KrExec *plain = plain_form(code);
    if (plain == NULL) {
        return;
    }
    code->co_executors = NULL;
    code->_co_monitoring = NULL;
    if (plain->prev != NULL) {
        plain->prev->next = plain->next;
    }
    else {
        kr_interp()->vm.all_code = plain->next;
    }
    if (plain->next != NULL) {
        plain->next->prev = plain->prev;
    }
    KrCodeEvents *events = plain->monitor;
    if (events != NULL) {
        while (events->retired != NULL) {
            KrExec *next = events->retired->next;
            kr_exec_release(events->retired);
            events->retired = next;
        }
        kr_exec_release(events->traced);
        PyMem_Free(events->disabled);
        kr_code_lines_free(&events->lines);
        PyMem_Free(events);
    }
    kr_exec_release(plain);
}

// --- When events change ---------------------------------------------------------------

// Marks the forms that frames are in. Generators may be suspended in theirs anywhere.
static uint64_t
survey(PyInterpreterState *interp)
{
    uint64_t epoch = ++interp->vm.event_epoch;
    for (PyThreadState *t = interp->threads; t != NULL; t = t->next) {
        for (KrFrame *fp = kr_top_frame(t); fp != NULL; fp = kr_frame_prev(fp)) {
            kr_frame_exec(fp)->epoch = epoch;
        }
    }
    return epoch;
}

// Gives the words where frames wait their ops back.
static void
restore_waiting(PyInterpreterState *interp)
{
    for (PyThreadState *t = interp->threads; t != NULL; t = t->next) {
        for (KrFrame *fp = kr_top_frame(t); fp != NULL; fp = kr_frame_prev(fp)) {
            KrExec *exec = kr_frame_exec(fp);
            KrWord *ip = kr_frame_ip(fp);
            if (exec->saved_ops != NULL && ip->op == KR_X_SWITCH) {
                ip->op = exec->saved_ops[ip - exec->words];
            }
        }
    }
}

static void
change_one(PyInterpreterState *interp, KrExec *plain, uint64_t epoch)
{
    PyCodeObject *code = plain->code;
    KrExec *traced = plain->monitor == NULL ? NULL : plain->monitor->traced;
    if (code->co_executors == (void *)plain && wanted_events(interp, plain) == 0) {
        return;
    }
    code->co_executors = NULL;
    if (plain->generator || plain->epoch == epoch ||
        (traced != NULL && traced->epoch == epoch)) {
        code->co_executors = (void *)settle(interp, plain);
    }
}

void
kr_events_changed(PyInterpreterState *interp)
{
    uint64_t epoch = survey(interp);
    interp->vm.exception_events = false;
    for (int event = KR_PLACED_COUNT; event < KR_EVENT_COUNT; event++) {
        interp->vm.exception_events |= interp->vm.event_tools[event] != 0;
    }
    for (KrExec *plain = interp->vm.all_code; plain != NULL; plain = plain->next) {
        change_one(interp, plain, epoch);
    }
    restore_waiting(interp);
}

int
kr_events_changed_for(PyCodeObject *code)
{
    PyInterpreterState *interp = kr_interp();
    KrExec *plain = plain_form(code);
    if (plain != NULL) {
        change_one(interp, plain, survey(interp));
        restore_waiting(interp);
    }
    return 0;
}

// --- Points ----------------------------------------------------------------------------

const KrPoints *
kr_exec_points(KrExec *exec)
{
    if (exec->points == NULL) {
        // Lowering again gives the same words, with the points this time.
        KrCodeEvents *events = kr_code_events_find(exec->code);
        KrExec *again = kr_lower(exec->code, exec->events,
                                 events == NULL ? NULL : &events->lines, true);
        if (again == NULL) {
            return NULL;
        }
        if (again->nwords == exec->nwords) {
            exec->points = KR_MOVE(again->points);
        }
        kr_exec_release(again);
    }
    return exec->points;
}

const KrPoint *
kr_point_at_word(const KrPoints *points, uint32_t word)
{
    uint32_t low = 0, high = points->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (points->all[middle].word < word) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low < points->count && points->all[low].word == word ? &points->all[low] : NULL;
}

const KrPoint *
kr_point_at_unit(const KrPoints *points, uint32_t unit, bool behind_events)
{
    const KrPoint *entry = NULL;
    for (uint32_t i = 0; i < points->count; i++) {
        const KrPoint *point = &points->all[i];
        if (point->unit != unit || point->kind == KR_POINT_FALL) {
            continue;
        }
        if (point->kind == KR_POINT_BODY) {
            return behind_events ? point : entry;
        }
        entry = point;
        if (!behind_events) {
            return entry;
        }
    }
    return entry;
}

static KV
lazy_value(KrFrame *fp, const KrStackValue *value)
{
    switch (value->kind) {
    case KR_V_LOCAL:
        return kv_copy(fp->slots[value->index]);
    case KR_V_CONST:
        return kr_frame_exec(fp)->consts[value->index];
    case KR_V_INT:
        return kv_from_int(value->index);
    default:
        return KV_NULL;
    }
}

void
kr_window_convert(KrFrame *fp, const KrPoints *from, const KrPoint *at, const KrPoints *to,
                  const KrPoint *goal)
{
    const KrStackValue *have = from->values + at->values, *want = to->values + goal->values;
    for (int i = 0; i < goal->depth && i < at->depth; i++) {
        uint32_t slot = want[i].slot;
        bool is_there = have[i].kind == KR_V_TEMP;
        if (want[i].kind == KR_V_TEMP && !is_there) {
            KV old = fp->slots[slot];
            fp->slots[slot] = lazy_value(fp, &have[i]);
            kv_release(old);
        }
        else if (want[i].kind != KR_V_TEMP && is_there) {
            kr_sweep(&fp->slots[slot], 1);
        }
    }
}

KrWord *
kr_exec_switch(KrFrame *fp, KrWord *ip)
{
    KrExec *from = kr_frame_exec(fp);
    PyObject *pending = PyErr_GetRaisedException();
    uint32_t here = (uint32_t)(ip - from->words);
    KrExec *to = kr_exec_get(from->code);
    const KrPoints *points = to == NULL || to == from ? NULL : kr_exec_points(from);
    const KrPoints *goals = points == NULL ? NULL : kr_exec_points(to);
    const KrPoint *at = goals == NULL ? NULL : kr_point_at_word(points, here);
    const KrPoint *goal = at == NULL ? NULL
                                     : kr_point_at_unit(goals, at->unit,
                                                        at->kind == KR_POINT_BODY);
    PyErr_SetRaisedException(pending);
    if (goal == NULL || goal->depth != at->depth) {
        if (ip->op == KR_X_SWITCH) {
            ip->op = from->saved_ops[here];
        }
        return ip;
    }
    // Where control was before decides about line events.
    uint32_t before = from->offsets[kr_frame_ip(fp) - from->words];
    KrWord *last = to->words + goal->word;
    for (uint32_t i = 0; i < to->nwords; i += kr_xop_length[to->words[i].op]) {
        if (to->offsets[i] == before) {
            last = to->words + i;
        }
    }
    kr_window_convert(fp, points, at, goals, goal);
    fp->exec = (uint64_t)(uintptr_t)to | KR_KV_BORROWED;
    kr_frame_save_ip(fp, last);
    return to->words + goal->word;
}
