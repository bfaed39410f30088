// SPDX-License-Identifier: MIT
// events.c - firing monitoring events: the tools' callbacks, in order.
//
// Tools are asked from the highest number down, so that sys.settrace (7) and
// sys.setprofile (6) come first. While one of them runs nothing fires in its
// thread. A callback that returns DISABLE is not asked again at that place until
// restart_events().
// Read next: trace.c, exec.c
#include "vm/events.h"

#include "bytecode/opcodes.h"
#include "vm/exec.h"
#include "vm/machine.h"
#include "vm/trace.h"

// --- Who watches ------------------------------------------------------------------------

// Calls, returns and raises of C functions go with the events of their call.
static int
base_event(int event)
{
    return event == PY_MONITORING_EVENT_C_RETURN || event == PY_MONITORING_EVENT_C_RAISE
               ? PY_MONITORING_EVENT_CALL : event;
}

static uint8_t *
disabled_at(KrCodeEvents *events, int event, uint32_t unit)
{
    uint32_t group = event == PY_MONITORING_EVENT_LINE          ? 0
                     : event == PY_MONITORING_EVENT_INSTRUCTION ? 1 : 2;
    return &events->disabled[group * events->nunits + unit];
}

unsigned
kr_event_tools(const KrExec *exec, int event, uint32_t unit)
{
    event = base_event(event);
    unsigned tools = kr_interp()->vm.event_tools[event];
    KrCodeEvents *events = event < KR_PLACED_COUNT ? kr_code_events_find(exec->code) : NULL;
    if (events != NULL && unit < events->nunits) {
        tools |= events->local[event];
        tools &= ~(unsigned)*disabled_at(events, event, unit);
    }
    return tools;
}

static void
set_bits(uint8_t *tools, int count, int tool, uint64_t events)
{
    uint8_t bit = (uint8_t)(1u << tool);
    for (int event = 0; event < count; event++) {
        tools[event] = (uint8_t)((tools[event] & ~bit) |
                                 ((events & KR_EVENT_BIT(event)) ? bit : 0));
    }
}

uint64_t
kr_tool_events(int tool)
{
    uint64_t events = 0;
    for (int event = 0; event < KR_EVENT_COUNT; event++) {
        if (kr_interp()->vm.event_tools[event] >> tool & 1) {
            events |= KR_EVENT_BIT(event);
        }
    }
    return events;
}

int
kr_tool_set_events(int tool, uint64_t events)
{
    PyInterpreterState *interp = kr_interp();
    if (kr_tool_events(tool) == events) {
        return 0;
    }
    set_bits(interp->vm.event_tools, KR_EVENT_COUNT, tool, events);
    kr_events_changed(interp);
    return 0;
}

int
kr_tool_set_local_events(int tool, PyCodeObject *code, uint64_t events)
{
    if (kr_tool_local_events(tool, code) == events) {
        return 0;
    }
    KrCodeEvents *local = kr_code_events(code);
    if (local == NULL) {
        return -1;
    }
    set_bits(local->local, KR_PLACED_COUNT, tool, events);
    return kr_events_changed_for(code);
}

uint64_t
kr_tool_local_events(int tool, PyCodeObject *code)
{
    KrCodeEvents *local = kr_code_events_find(code);
    uint64_t events = 0;
    for (int event = 0; local != NULL && event < KR_PLACED_COUNT; event++) {
        if (local->local[event] >> tool & 1) {
            events |= KR_EVENT_BIT(event);
        }
    }
    return events;
}

int
kr_tool_clear(int tool)
{
    PyInterpreterState *interp = kr_interp();
    set_bits(interp->vm.event_tools, KR_EVENT_COUNT, tool, 0);
    for (KrExec *plain = interp->vm.all_code; plain != NULL; plain = plain->next) {
        KrCodeEvents *events = plain->monitor;
        if (events == NULL) {
            continue;
        }
        set_bits(events->local, KR_PLACED_COUNT, tool, 0);
        for (uint32_t i = 0; i < 3 * events->nunits; i++) {
            events->disabled[i] &= (uint8_t)~(1u << tool);
        }
    }
    kr_events_changed(interp);
    return 0;
}

void
kr_tool_restart(PyInterpreterState *interp)
{
    for (KrExec *plain = interp->vm.all_code; plain != NULL; plain = plain->next) {
        if (plain->monitor != NULL) {
            memset(plain->monitor->disabled, 0, 3 * (size_t)plain->monitor->nunits);
        }
    }
    kr_events_changed(interp);
}

// --- Calling the tools -------------------------------------------------------------------

static bool
can_disable(int event)
{
    return base_event(event) < KR_PLACED_COUNT;
}

// DISABLE was returned. 0; -1 where the event cannot be disabled.
static int
disable(PyInterpreterState *interp, PyCodeObject *code, uint32_t unit, int event, int tool)
{
    KrCodeEvents *events = kr_code_events_find(code);
    if (!can_disable(event)) {
        Py_CLEAR(interp->vm.event_callbacks[tool][event]);
        PyErr_Format(PyExc_ValueError, "Cannot disable %s events. Callback removed.",
                     kr_event_name(event));
        return -1;
    }
    if (events != NULL && unit < events->nunits) {
        *disabled_at(events, base_event(event), unit) |= (uint8_t)(1u << tool);
    }
    return 0;
}

static PyObject *
call_tool(PyThreadState *tstate, PyObject *callback, int event, PyObject **args,
          Py_ssize_t nargs)
{
    int what = tstate->what_event;
    Py_INCREF(callback);
    tstate->tracing++;
    tstate->what_event = event;
    PyObject *result = PyObject_Vectorcall(
        callback, args + 1, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    tstate->what_event = what;
    tstate->tracing--;
    Py_DECREF(callback);
    return result;
}

int
kr_event_fire(PyThreadState *tstate, PyCodeObject *code, uint32_t unit, int event,
              unsigned tools, PyObject **args, Py_ssize_t nargs)
{
    PyInterpreterState *interp = tstate->interp;
    int status = 0;
    Py_INCREF(code);
    while (tools != 0 && status == 0) {
        int tool = 31 - __builtin_clz(tools);
        bool again = true;
        tools &= ~(1u << tool);
        if (tool >= KR_TOOL_PROFILE) {
            status = kr_legacy_event(tstate, tool, event, args, nargs, &again);
        }
        else if (interp->vm.event_callbacks[tool][event] != NULL) {
            PyObject *result = call_tool(tstate, interp->vm.event_callbacks[tool][event],
                                         event, args, nargs);
            status = result == NULL ? -1 : 0;
            again = result != interp->vm.event_disable;
            Py_XDECREF(result);
        }
        if (status == 0 && !again) {
            status = disable(interp, code, unit, event, tool);
        }
    }
    Py_DECREF(code);
    return status;
}

// Fires an event whose arguments are code, offset and up to two objects.
static int
fire(PyThreadState *tstate, KrFrame *fp, uint32_t unit, int event, PyObject *extra,
     PyObject *extra2)
{
    KrExec *exec = kr_frame_exec(fp);
    unsigned tools = kr_event_tools(exec, event, unit);
    if (tools == 0 || tstate->tracing != 0) {
        return 0;
    }
    PyObject *offset = PyLong_FromLong((long)unit * 2);
    if (offset == NULL) {
        return -1;
    }
    PyObject *args[5] = {NULL, (PyObject *)exec->code, offset, extra, extra2};
    Py_ssize_t nargs = extra == NULL ? 2 : extra2 == NULL ? 3 : 4;
    int status = kr_event_fire(tstate, exec->code, unit, event, tools, args, nargs);
    Py_DECREF(offset);
    return status;
}

// --- Event words ---------------------------------------------------------------------------

static int
fire_line(PyThreadState *tstate, KrFrame *fp, uint32_t unit, uint32_t before)
{
    KrExec *exec = kr_frame_exec(fp);
    PyCodeObject *code = exec->code;
    const KrCodeLines *lines = &kr_code_events_find(code)->lines;
    int32_t line = lines->line[unit];
    uint8_t last = (uint8_t)code->co_code_adaptive[before * 2];
    // Coming from outside, by a call or throw(), begins the line anew.
    if (lines->line[before] == line && last != KR_OP_RESUME && last != KR_OP_YIELD_VALUE) {
        return 0;
    }
    PyObject *number = PyLong_FromLong(line);
    if (number == NULL) {
        return -1;
    }
    PyObject *args[3] = {NULL, (PyObject *)code, number};
    int status = kr_event_fire(tstate, code, unit, PY_MONITORING_EVENT_LINE,
                               kr_event_tools(exec, PY_MONITORING_EVENT_LINE, unit), args, 2);
    Py_DECREF(number);
    return status;
}

static int
fire_jump(PyThreadState *tstate, KrFrame *fp, const KrWord *ip, int event, uint32_t unit,
          uint32_t before)
{
    KrExec *exec = kr_frame_exec(fp);
    // An instruction event here hides where control was before that.
    bool hidden = before == unit &&
                  kr_event_tools(exec, PY_MONITORING_EVENT_INSTRUCTION, unit) != 0;
    uint32_t from = ip[1].low == KR_BEFORE_HERE || hidden ? before : ip[1].low;
    PyObject *offset = PyLong_FromLong((long)from * 2);
    PyObject *target = PyLong_FromLong((long)ip[1].high * 2);
    int status = -1;
    if (offset != NULL && target != NULL) {
        PyObject *args[4] = {NULL, (PyObject *)exec->code, offset, target};
        status = kr_event_fire(tstate, exec->code, unit, event,
                               kr_event_tools(exec, event, unit), args, 3);
    }
    Py_XDECREF(offset);
    Py_XDECREF(target);
    return status;
}

static int
fire_stop_iteration(PyThreadState *tstate, KrFrame *fp, uint32_t unit, PyObject *value)
{
    PyObject *exc = PyExceptionInstance_Check(value) || PyTuple_Check(value)
                        ? PyObject_CallOneArg(PyExc_StopIteration, value)
                    : value == Py_None
                        ? PyObject_CallNoArgs(PyExc_StopIteration)
                        : PyObject_CallOneArg(PyExc_StopIteration, value);
    if (exc == NULL) {
        return -1;
    }
    int status = fire(tstate, fp, unit, PY_MONITORING_EVENT_STOP_ITERATION, exc, NULL);
    Py_DECREF(exc);
    return status;
}

static bool
is_generator(KV word)
{
    return kv_is_pointer(word) && !kv_is_null(word) &&
           (PyGen_CheckExact(kv_pointer(word)) || PyCoro_CheckExact(kv_pointer(word)));
}

// Events that come with the value in slot b.
static int
fire_value(PyThreadState *tstate, KrFrame *fp, const KrWord *ip, int event, uint32_t unit)
{
    PyObject *value = kv_to_object(fp->slots[ip->b]);
    int status = -1;
    if (value != NULL) {
        status = event == PY_MONITORING_EVENT_STOP_ITERATION
                     ? fire_stop_iteration(tstate, fp, unit, value)
                     : fire(tstate, fp, unit, event, value, NULL);
        Py_DECREF(value);
    }
    return status;
}

int
kr_event(PyThreadState *tstate, KrFrame *fp, KrWord *ip)
{
    KrExec *exec = kr_frame_exec(fp);
    uint32_t before = (uint32_t)kr_frame_lasti(fp) / 2;
    uint32_t unit = exec->offsets[ip - exec->words] / 2;
    int event = ip->a, status;

    kr_frame_save_ip(fp, ip);
    if (tstate->tracing != 0) {
        return 0;
    }
    if (kr_event_tools(exec, event, unit) == 0) {
        if (ip->op == KR_X_EVENT) {
            ip->op = KR_X_EVENT_OFF;
        }
        return 0;
    }
    switch (event) {
    case PY_MONITORING_EVENT_LINE:
        status = fire_line(tstate, fp, unit, before);
        break;
    case PY_MONITORING_EVENT_JUMP:
    case PY_MONITORING_EVENT_BRANCH_LEFT:
    case PY_MONITORING_EVENT_BRANCH_RIGHT:
        status = fire_jump(tstate, fp, ip, event, unit, before);
        break;
    case PY_MONITORING_EVENT_STOP_ITERATION:
        if (!is_generator(fp->slots[ip->b - 1])) {
            return 0;
        }
        status = fire_value(tstate, fp, ip, event, unit);
        break;
    case PY_MONITORING_EVENT_PY_RETURN:
    case PY_MONITORING_EVENT_PY_YIELD:
        status = fire_value(tstate, fp, ip, event, unit);
        break;
    default:
        status = fire(tstate, fp, unit, event, NULL, NULL);
        break;
    }
    if (status < 0) {
        return -1;
    }
    return kr_frame_ip(fp) != ip;
}

uint32_t
kr_event_next_unit(const KrFrame *fp, int offset)
{
    PyCodeObject *code = kr_frame_exec(fp)->code;
    KrLowering lo = {.code = code,
                     .bytes = (const uint8_t *)code->co_code_adaptive,
                     .nunits = (uint32_t)Py_SIZE(code)};
    return kr_lower_decode(&lo, (uint32_t)offset / 2).next;
}

int
kr_event_exception(PyThreadState *tstate, KrFrame *fp, int event, int unit)
{
    PyObject *exc = PyErr_GetRaisedException();
    int status = fire(tstate, fp, (uint32_t)unit, event, exc, NULL);
    if (status < 0) {
        Py_DECREF(exc);
        return -1;
    }
    PyErr_SetRaisedException(exc);
    return 0;
}

// --- Calls ------------------------------------------------------------------------------------

// The words of the arguments of a call in its window, the receiver first.
static KV *
call_arguments(KrFrame *fp, const KrWord *ip, KrXop op, Py_ssize_t *nargs)
{
    KV *window = &fp->slots[ip->b];
    bool apart = (ip->flags & KR_FLAG_Y) != 0 || op == KR_X_CALL_COPY;
    KV *first = window + (apart ? 1 : 1 + KR_FRAME_HEADER);
    *nargs = ip->c;
    if (apart || (ip->flags & KR_FLAG_X)) {
        if (!kv_is_null(*first)) {
            ++*nargs;
            return first;
        }
        return first + 1;
    }
    return first;
}

// What the callbacks get to see: the callable behind a bound method, and the first
// argument or MISSING. New references; -1 without memory.
static int
call_shown(KrFrame *fp, const KrWord *ip, KrXop op, PyObject **callable, PyObject **arg)
{
    PyObject *given = kr_kv_box_in_place(&fp->slots[ip->b]), *first = NULL;
    if (given == NULL) {
        return -1;
    }
    if (op == KR_X_CALL_EX) {
        KV tuple = fp->slots[ip->b + 2];
        if (kv_is_pointer(tuple) && PyTuple_Check(kv_pointer(tuple)) &&
            PyTuple_GET_SIZE(kv_pointer(tuple)) > 0) {
            first = PyTuple_GET_ITEM(kv_pointer(tuple), 0);
        }
    }
    else {
        Py_ssize_t nargs;
        KV *words = call_arguments(fp, ip, op, &nargs);
        if (nargs > 0) {
            first = kr_kv_box_in_place(words);
            if (first == NULL) {
                return -1;
            }
        }
        if (PyMethod_Check(given)) {
            first = PyMethod_GET_SELF(given);
            given = PyMethod_GET_FUNCTION(given);
        }
    }
    *callable = Py_NewRef(given);
    *arg = Py_NewRef(first != NULL ? first : kr_interp()->vm.event_missing);
    return 0;
}

static int
make_call(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrXop op, KrFrame **pushed)
{
    switch (op) {
    case KR_X_CALL_COPY:
        return kr_call_copy(tstate, fp, ip, pushed);
    case KR_X_CALL_KW:
        return kr_call_kw(tstate, fp, ip, pushed);
    case KR_X_CALL_EX:
        return kr_call_ex(tstate, fp, ip, pushed);
    default: {
        Py_ssize_t nargs;
        KV *args = call_arguments(fp, ip, op, &nargs);
        KrFrame *callee = (KrFrame *)(args - KR_FRAME_HEADER);
        return kr_call(tstate, fp, ip, callee, nargs, pushed);
    }
    }
}

// The call of something that is no Python function, between its two events.
static int
call_outside(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrXop op, uint32_t unit,
             PyObject *callable, PyObject *arg)
{
    if (make_call(tstate, fp, ip, op, NULL) == 0) {
        return fire(tstate, fp, unit, PY_MONITORING_EVENT_C_RETURN, callable, arg);
    }
    PyObject *exc = PyErr_GetRaisedException();
    if (fire(tstate, fp, unit, PY_MONITORING_EVENT_C_RAISE, callable, arg) < 0) {
        Py_DECREF(exc);
        return -1;
    }
    PyErr_SetRaisedException(exc);
    return -1;
}

int
kr_event_call(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame **pushed)
{
    KrExec *exec = kr_frame_exec(fp);
    uint32_t unit = exec->offsets[ip - exec->words] / 2;
    KrXop op = (KrXop)ip[1].low;
    // Calls may keep what they learn in their word: they learn nothing here.
    KrWord word[8] = {*ip};
    word[0].op = (uint8_t)op;
    if (tstate->tracing != 0 ||
        kr_event_tools(exec, PY_MONITORING_EVENT_CALL, unit) == 0) {
        return make_call(tstate, fp, word, op, pushed);
    }
    PyObject *callable, *arg;
    if (call_shown(fp, ip, op, &callable, &arg) < 0) {
        return -1;
    }
    int status = fire(tstate, fp, unit, PY_MONITORING_EVENT_CALL, callable, arg);
    if (status == 0) {
        bool python = PyFunction_Check(callable) ||
                      (op == KR_X_CALL_EX && PyMethod_Check(callable));
        status = python ? make_call(tstate, fp, word, op, pushed)
                        : call_outside(tstate, fp, word, op, unit, callable, arg);
    }
    Py_DECREF(callable);
    Py_DECREF(arg);
    return status;
}

// --- Loops --------------------------------------------------------------------------------------

// The end of a loop over an iterator that raised or returned `value`: the exception
// that was not raised for speed is told all the same.
static int
loop_ended(PyThreadState *tstate, KrFrame *fp, uint32_t unit, PyObject *value)
{
    if (value == Py_None) {
        return 0;
    }
    if (kr_event_on(tstate, PY_MONITORING_EVENT_RAISE)) {
        _PyGen_SetStopIterationValue(value);
        if (kr_event_exception(tstate, fp, PY_MONITORING_EVENT_RAISE, (int)unit) < 0) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    return fire_stop_iteration(tstate, fp, unit, value);
}

int
kr_event_for_iter(PyThreadState *tstate, KrFrame *fp, KrWord *ip)
{
    KrExec *exec = kr_frame_exec(fp);
    uint32_t unit = exec->offsets[ip - exec->words] / 2;
    PyObject *iterator = kv_pointer(fp->slots[ip->b]);
    KV value = KV_NULL;
    int more;
    if (PyGen_CheckExact(iterator)) {
        PyObject *result;
        PySendResult state = PyIter_Send(iterator, Py_None, &result);
        if (state == PYGEN_ERROR) {
            return -1;
        }
        more = state == PYGEN_NEXT;
        value = kv_from_result(result);
        if (!more) {
            PyObject *object = kv_to_object_steal(value);
            int status = object == NULL ? -1 : loop_ended(tstate, fp, unit, object);
            Py_XDECREF(object);
            return status;
        }
    }
    else if (Py_TYPE(iterator)->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
        more = item != NULL;
        if (item != NULL) {
            value = kv_from_result(item);
        }
        else if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration) ||
                (kr_event_on(tstate, PY_MONITORING_EVENT_RAISE) &&
                 kr_event_exception(tstate, fp, PY_MONITORING_EVENT_RAISE, (int)unit) < 0)) {
                return -1;
            }
            PyErr_Clear();
        }
    }
    else {
        more = kr_for_iter(iterator, &value);
    }
    if (more > 0) {
        KV old = fp->slots[ip->a];
        fp->slots[ip->a] = value;
        kv_release(old);
    }
    return more;
}

int
kr_event_send_done(PyThreadState *tstate, KrFrame *fp, KrWord *ip)
{
    PyObject *receiver = kv_pointer(fp->slots[ip->b]);
    KV word = fp->slots[ip->a];
    bool nothing = kv_is_pointer(word) && kv_pointer(word) == Py_None;
    if (PyGen_CheckExact(receiver) || PyCoro_CheckExact(receiver) ||
        (nothing && !(Py_TYPE(receiver)->tp_flags & Py_TPFLAGS_HEAPTYPE)) ||
        !kr_event_on(tstate, PY_MONITORING_EVENT_RAISE)) {
        return 0;
    }
    PyObject *value = kv_to_object(word);
    if (value == NULL) {
        return -1;
    }
    _PyGen_SetStopIterationValue(value);
    Py_DECREF(value);
    uint32_t unit = (uint32_t)kr_frame_lasti(fp) / 2;
    if (kr_event_exception(tstate, fp, PY_MONITORING_EVENT_RAISE, (int)unit) < 0) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}
