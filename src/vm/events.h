// SPDX-License-Identifier: MIT
// events.h - monitoring events: who watches what, firing, instrumented code.
//
// A code object has a plain executable form. When some event is on for it, it
// gets a second form, the traced one, with EVENT words in it; plain code never
// asks whether anybody watches. exec.c says how frames go from one to the other.
// sys.monitoring (runtime/sys/monitoring.c) and the older sys.settrace and
// sys.setprofile (trace.c, as tools 7 and 6) are built on this.
#ifndef KRAIT_VM_EVENTS_H
#define KRAIT_VM_EVENTS_H

#include <Python.h>

#include "objects/state.h"

struct KrFrame;
struct KrExec;
union KrWord;

#define KR_EVENT_BIT(event) (UINT64_C(1) << (event))
// Events that words of traced code fire; the others come from the unwinder.
#define KR_PLACED_EVENTS (KR_EVENT_BIT(PY_MONITORING_EVENT_STOP_ITERATION + 1) - 1)
#define KR_PLACED_COUNT (PY_MONITORING_EVENT_STOP_ITERATION + 1)
#define KR_EVENT_COUNT (PY_MONITORING_EVENT_BRANCH + 1)
#define KR_TOOL_COUNT 8
#define KR_TOOL_PROFILE 6
#define KR_TOOL_TRACE 7

// Kind of an EVENT word that fires nothing and only marks the place.
#define KR_EVENT_NONE 255
// `from` of a jump event: where control was before.
#define KR_BEFORE_HERE UINT32_MAX

// Lines of a code object by code unit.
typedef struct KrCodeLines {
    int32_t *line;   // -1: none
    uint8_t *starts; // a line event belongs before it
} KrCodeLines;

// What a watched code object has; hangs at its plain form.
typedef struct KrCodeEvents {
    struct KrExec *traced;  // owned; NULL until code with events is asked for
    struct KrExec *retired; // owned list by `next`: traced forms that lacked events
    uint8_t local[KR_PLACED_COUNT]; // tools that watch this code object, by event
    uint8_t *disabled;      // tools by code unit: lines, instructions, the others
    uint32_t nunits;
    KrCodeLines lines;
} KrCodeEvents;

// --- exec.c ---------------------------------------------------------------------

// Puts every code object of the interpreter, or one, into the form that the
// events now on ask for; frames that run follow at their next instruction.
void kr_events_changed(PyInterpreterState *interp);
int kr_events_changed_for(PyCodeObject *code);
// The event state of a code object, made on first use; NULL with MemoryError.
KrCodeEvents *kr_code_events(PyCodeObject *code);
// The same where it exists; NULL without an exception.
KrCodeEvents *kr_code_events_find(const PyCodeObject *code);
// SWITCH: where the frame goes on.
union KrWord *kr_exec_switch(struct KrFrame *fp, union KrWord *ip);

// --- events.c -------------------------------------------------------------------

// Each fires what its instruction stands for. 0; -1 with an exception.
// kr_event: 1 when the frame was moved elsewhere (kr_frame_ip).
int kr_event(PyThreadState *tstate, struct KrFrame *fp, union KrWord *ip);
int kr_event_call(PyThreadState *tstate, struct KrFrame *fp, union KrWord *ip,
                  struct KrFrame **pushed);
int kr_event_send_done(PyThreadState *tstate, struct KrFrame *fp, union KrWord *ip);
int kr_event_for_iter(PyThreadState *tstate, struct KrFrame *fp, union KrWord *ip);
// Events of the unwinder: the pending exception is passed on, or replaced (-1).
int kr_event_exception(PyThreadState *tstate, struct KrFrame *fp, int event, int unit);
// The code unit behind the instruction at a byte offset and its caches.
uint32_t kr_event_next_unit(const struct KrFrame *fp, int offset);
// The tools that watch an event at a place.
unsigned kr_event_tools(const struct KrExec *exec, int event, uint32_t unit);
// Calls callbacks: args[0] is room for the callee, code and offset follow.
int kr_event_fire(PyThreadState *tstate, PyCodeObject *code, uint32_t unit, int event,
                  unsigned tools, PyObject **args, Py_ssize_t nargs);

static inline bool
kr_event_on(PyThreadState *tstate, int event)
{
    return kr_interp()->vm.event_tools[event] != 0 && tstate->tracing == 0;
}

// --- Tools (events.c) -------------------------------------------------------------

// Sets the global events of a tool; recomputes and applies.
int kr_tool_set_events(int tool, uint64_t events);
uint64_t kr_tool_events(int tool);
// The same of one code object.
int kr_tool_set_local_events(int tool, PyCodeObject *code, uint64_t events);
uint64_t kr_tool_local_events(int tool, PyCodeObject *code);
// Forgets the events of a tool, global and local.
int kr_tool_clear(int tool);
void kr_tool_restart(PyInterpreterState *interp);

#endif // KRAIT_VM_EVENTS_H
