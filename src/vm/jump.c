// SPDX-License-Identifier: MIT
// jump.c - frame.f_lineno = n: going on at another line of a traced frame.
//
// The target has to be an instruction that starts the line and whose stack is a
// part of the one here: values above it are thrown away, none can be made up.
// Read next: exec.c (points), events.c
#include "vm/trace.h"

#include "vm/events.h"
#include "vm/exec.h"
#include "vm/frame_object.h"
#include "vm/machine.h"

// What the machine does now, as far as jumps care. NULL: a jump is possible.
static const char *
why_not_now(int what_event)
{
    switch (what_event) {
    case PY_MONITORING_EVENT_LINE:
    case PY_MONITORING_EVENT_JUMP:
    case PY_MONITORING_EVENT_BRANCH_LEFT:
    case PY_MONITORING_EVENT_BRANCH_RIGHT:
    case PY_MONITORING_EVENT_INSTRUCTION:
    case PY_MONITORING_EVENT_PY_YIELD:
        return NULL;
    case PY_MONITORING_EVENT_PY_START:
    case PY_MONITORING_EVENT_PY_RESUME:
    case PY_MONITORING_EVENT_PY_THROW:
    case PY_MONITORING_EVENT_CALL:
        return "can't jump from the 'call' trace event of a new frame";
    default:
        return what_event < 0 ? "f_lineno can only be set in a trace function"
                              : "can only jump from a 'line' trace event";
    }
}

// The first line >= line that has code, or -1.
static int
line_with_code(const KrCodeEvents *events, int line)
{
    int best = -1;
    for (uint32_t i = 0; i < events->nunits; i++) {
        int here = events->lines.line[i];
        if (here >= line && (best < 0 || here < best)) {
            best = here;
        }
    }
    return best;
}

static bool
role_fits(unsigned have, unsigned want)
{
    return want == KR_ROLE_OBJECT ? have != KR_ROLE_NULL
                                  : want == KR_ROLE_NULL || have == want;
}

static bool
stack_fits(const KrPoints *points, const KrPoint *here, const KrPoint *goal)
{
    if (goal->depth > here->depth) {
        return false;
    }
    const KrStackValue *have = points->values + here->values;
    const KrStackValue *want = points->values + goal->values;
    for (int i = 0; i < goal->depth; i++) {
        if (!role_fits(have[i].role, want[i].role) || have[i].slot != want[i].slot) {
            return false;
        }
    }
    return true;
}

static const char *
why_not_there(const KrPoints *points, const KrPoint *goal)
{
    unsigned role = goal->depth == 0 ? KR_ROLE_OBJECT
                                     : points->values[goal->values + goal->depth - 1].role;
    switch (role) {
    case KR_ROLE_EXCEPT:
        return "can't jump into an 'except' block as there's no exception";
    case KR_ROLE_LASTI:
        return "can't jump into a re-raising block as there's no location";
    case KR_ROLE_ITERATOR:
        return "can't jump into the body of a for loop";
    default:
        return "incompatible stacks";
    }
}

static const KrPoint *
find_target(const KrPoints *points, const KrCodeLines *lines, const KrPoint *here, int line,
            uint32_t first, const char **why)
{
    const KrPoint *best = NULL;
    *why = "cannot find bytecode for specified line";
    for (uint32_t i = 0; i < points->count; i++) {
        const KrPoint *point = &points->all[i];
        uint32_t unit = point->unit;
        if (point->kind != KR_POINT_ENTRY || unit < first || lines->line[unit] != line ||
            !(lines->starts[unit] || unit == 0 || lines->line[unit - 1] != line)) {
            continue;
        }
        if (!stack_fits(points, here, point)) {
            if (best == NULL) {
                *why = why_not_there(points, point);
            }
        }
        else if (best == NULL || point->depth > best->depth ||
                 (point->depth == best->depth && point->unit < best->unit)) {
            best = point;
        }
    }
    return best;
}

// Locals that the skipped code would have bound become None.
static int
bind_unbound(KrFrame *fp, PyCodeObject *code)
{
    int unbound = 0;
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        unbound += kv_is_null(fp->slots[i]);
    }
    if (unbound == 0) {
        return 0;
    }
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 0, "assigning None to %d unbound local%s",
                         unbound, unbound == 1 ? "" : "s") < 0) {
        return -1;
    }
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        if (kv_is_null(fp->slots[i])) {
            fp->slots[i] = kv_from_borrow(Py_None);
        }
    }
    return 0;
}

// Throws the values above the goal's stack away; leaving an except block is undone.
static void
pop_values(KrFrame *fp, const KrPoints *points, const KrPoint *here, const KrPoint *goal)
{
    const KrStackValue *have = points->values + here->values;
    bool above_is_exception = false;
    for (int i = here->depth - 1; i >= goal->depth; i--) {
        if (have[i].role == KR_ROLE_EXCEPT && above_is_exception) {
            kr_pop_except(kr_thread(), &fp->slots[have[i].slot]);
            above_is_exception = false;
        }
        else {
            kr_sweep(&fp->slots[have[i].slot], 1);
            above_is_exception = have[i].role == KR_ROLE_EXCEPT;
        }
    }
}

static int
jump(KrFrame *fp, int line)
{
    KrExec *exec = kr_frame_exec(fp);
    PyCodeObject *code = exec->code;
    KrCodeEvents *events = kr_code_events_find(code);
    const KrPoints *points = kr_exec_points(exec);
    if (events == NULL || points == NULL) {
        return -1;
    }
    if (line < code->co_firstlineno) {
        PyErr_Format(PyExc_ValueError, "line %d comes before the current code block", line);
        return -1;
    }
    int found = line_with_code(events, line);
    if (found < 0) {
        PyErr_Format(PyExc_ValueError, "line %d comes after the current code block", line);
        return -1;
    }
    const char *why = "incompatible stacks";
    // All values are in their slots where events fire.
    const KrPoint *here = kr_point_at_unit(points, (uint32_t)kr_frame_lasti(fp) / 2, true);
    const KrPoint *goal =
        here == NULL ? NULL
                     : find_target(points, &events->lines, here, found,
                                   (uint32_t)code->_co_firsttraceable, &why);
    if (goal == NULL) {
        PyErr_SetString(PyExc_ValueError, why);
        return -1;
    }
    if (bind_unbound(fp, code) < 0) {
        return -1;
    }
    pop_values(fp, points, here, goal);
    const KrStackValue *want = points->values + goal->values;
    for (int i = 0; i < goal->depth; i++) {
        if (want[i].kind != KR_V_TEMP) {
            kr_sweep(&fp->slots[want[i].slot], 1);
        }
    }
    kr_frame_save_ip(fp, exec->words + goal->word);
    return 0;
}

int
kr_frame_set_lineno(PyFrameObject *frame, PyObject *value)
{
    KrFrame *fp = kr_frame_of(frame);
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "attribute 'f_lineno' of 'frame' objects cannot be deleted");
        return -1;
    }
    if (!PyLong_CheckExact(value)) {
        PyErr_SetString(PyExc_ValueError, "lineno must be an integer");
        return -1;
    }
    const char *why = why_not_now(kr_thread()->what_event);
    if (why == NULL && (fp == NULL || frame_owns_window(frame) ||
                        kr_frame_ip(fp)->op != KR_X_EVENT)) {
        why = "can only jump from a 'line' trace event";
    }
    if (why != NULL) {
        PyErr_SetString(PyExc_ValueError, why);
        return -1;
    }
    int line = PyLong_AsInt(value);
    if (line == -1 && PyErr_Occurred()) {
        return -1;
    }
    int status = jump(fp, line);
    if (status == 0) {
        frame->f_lineno = 0;
    }
    return status;
}
