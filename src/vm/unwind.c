// SPDX-License-Identifier: MIT
// unwind.c - finds the handler of an exception, leaving frames on the way.
#include "vm/machine.h"

#include "vm/call.h"
#include "vm/generator.h"

static const KrHandler *
find_handler(const KrExec *exec, uint32_t unit)
{
    uint32_t low = 0, high = exec->nhandlers;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (exec->handlers[middle].end <= unit) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    if (low < exec->nhandlers && exec->handlers[low].start <= unit &&
        exec->handlers[low].target != UINT32_MAX) {
        return &exec->handlers[low];
    }
    return NULL;
}

// Where the exception at hand was raised in this frame: the RERAISE of a cleanup does
// not count, the offset that it was given does.
static int
first_raise(const KrFrame *fp, int lasti)
{
    const KrWord *ip = kr_frame_ip(fp);
    if (ip->op != KR_X_RERAISE || ip->c == 0 || !kv_is_int(fp->slots[ip->c - 1])) {
        return lasti;
    }
    return (int)kv_int(fp->slots[ip->c - 1]);
}

// Lets the frame's object show that place.
static void
show_place(KrFrame *fp, const KrExec *exec, int lasti)
{
    uint32_t low = 0, high = exec->nwords;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if ((int64_t)exec->offsets[middle] < lasti) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    if (low < exec->nwords) {
        kr_frame_save_ip(fp, exec->words + low);
    }
}

// Fires an event of the pending exception, which a callback may replace.
KR_COLD static void
tell(PyThreadState *tstate, KrFrame *fp, int event, int lasti)
{
    if (kr_event_on(tstate, event)) {
        int unit = event == PY_MONITORING_EVENT_RERAISE
                       ? lasti / 2 : (int)kr_event_next_unit(fp, lasti) - 1;
        (void)kr_event_exception(tstate, fp, event, unit);
    }
}

bool
kr_unwind(PyThreadState *tstate, KrFrame **fp_io, KrWord **ip_io, bool add_traceback)
{
    KrFrame *fp = *fp_io;
    bool quiet = false;
    for (;;) {
        KrExec *exec = kr_frame_exec(fp);
        bool watched = tstate->interp->vm.exception_events;
        KR_CHECK(tstate->current_exception != NULL);
        if (add_traceback && kr_traceback_add(tstate, fp) < 0) {
            // The exception was replaced by MemoryError, which goes on from here.
        }
        if (KR_UNLIKELY(watched) && !quiet) {
            tell(tstate, fp, add_traceback ? PY_MONITORING_EVENT_RAISE
                                           : PY_MONITORING_EVENT_RERAISE,
                 kr_frame_lasti(fp));
        }
        add_traceback = true;
        quiet = false;
        int lasti = kr_frame_lasti(fp);
        int shown = first_raise(fp, lasti);
        const KrHandler *handler = find_handler(exec, (uint32_t)lasti / 2);
        if (shown != lasti && (watched || (handler == NULL && fp->frame_obj != 1))) {
            show_place(fp, exec, shown);
        }
        if (KR_UNLIKELY(watched) && handler != NULL &&
            kr_event_on(tstate, PY_MONITORING_EVENT_EXCEPTION_HANDLED) &&
            kr_event_exception(tstate, fp, PY_MONITORING_EVENT_EXCEPTION_HANDLED,
                               (int)exec->offsets[handler->target] / 2) < 0) {
            // The new exception comes from the handler's first instruction.
            kr_sweep(fp->slots + handler->slot, exec->nslots - handler->slot);
            kr_frame_save_ip(fp, exec->words + handler->target);
            add_traceback = false;
            quiet = true;
            continue;
        }
        if (handler != NULL) {
            kr_sweep_dead(fp->slots + handler->slot, exec->nslots - handler->slot);
            PyObject *exc = tstate->current_exception;
            tstate->current_exception = NULL;
            uint32_t slot = handler->slot;
            if (handler->push_lasti) {
                fp->slots[slot++] = kv_from_int(shown);
            }
            fp->slots[slot] = kv_from_steal(exc);
            *fp_io = fp;
            *ip_io = exec->words + handler->target;
            return true;
        }
        if (KR_UNLIKELY(watched)) {
            tell(tstate, fp, PY_MONITORING_EVENT_PY_UNWIND, lasti);
        }
        KrFrame *caller = kr_frame_prev(fp);
        KrReturnKind kind = kr_frame_kind(fp);
        if (kr_frame_on_stack(tstate, fp)) {
            if (fp->frame_obj != 1) {
                kr_frame_detach(tstate, fp);
            }
            kr_sweep_dead(fp->slots, exec->nslots);
            if (fp->frame_obj != 1) {
                kr_frame_detach(tstate, fp); // asked for anew by what the sweep ran
            }
            tstate->py_recursion_remaining++;
            kr_set_top_frame(tstate, caller);
        }
        else {
            kr_gen_finish(tstate, fp);
        }
        if (kr_kind_is_op(kind)) {
            PyObject *exc = PyErr_GetRaisedException();
            Py_DECREF(kr_frame_func(fp));
            PyErr_SetRaisedException(exc);
        }
        if (kind == KR_RETURN_C) {
            return false;
        }
        fp = caller;
    }
}
