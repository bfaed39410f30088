// SPDX-License-Identifier: MIT
// interp.c - the interpreter loop over executable code.
//
// The bodies come from ops.kop. All state is in the window: at every
// instruction boundary (fp, ip) says everything, no C local is alive across an
// instruction. Python-to-Python calls change fp and ip and never recurse.
// Read next: ops.kop, frame.h, lower.c, call.c, unwind.c
#include "vm/machine.h"

#include "objects/str/str.h"
#include "vm/attribute_sites.h"
#include "vm/call.h"
#include "vm/generator.h"

#define KR_LENGTH_ROW(name, cache, operands, effects) [KR_X_##name] = 1 + (cache),
const uint8_t kr_xop_length[KR_X_COUNT] = {KR_XOPS(KR_LENGTH_ROW)};
#define KR_NAME_ROW(name, cache, operands, effects) [KR_X_##name] = #name,
const char *const kr_xop_name[KR_X_COUNT] = {KR_XOPS(KR_NAME_ROW)};

#define R(i) (fp->slots[i])
#define EXEC kr_frame_exec(fp)
#define IMM ((int16_t)ip->c)
#define SAVE() kr_frame_save_ip(fp, ip)
#define RAISE goto raise
#define RERAISE_NOW goto reraise
#define DISPATCH() goto *labels[ip->op]
#define GO_NEXT(n)                                                             \
    do {                                                                       \
        ip += (n);                                                             \
        DISPATCH();                                                            \
    } while (0)
#define SET(i, v)                                                              \
    do {                                                                       \
        KV set_new_ = (v);                                                     \
        KV set_old_ = R(i);                                                    \
        R(i) = set_new_;                                                       \
        if (kv_is_owned(set_old_)) {                                           \
            SAVE();                                                            \
            Py_DECREF((PyObject *)(uintptr_t)set_old_.bits);                   \
        }                                                                      \
    } while (0)
#define KR_TAKE(i, bit) kr_take_operand(fp, (i), (ip->flags & (bit)) != 0)
#define SLOW(helper)                                                           \
    do {                                                                       \
        SAVE();                                                                \
        if (helper(tstate, fp, ip) < 0) {                                      \
            RAISE;                                                             \
        }                                                                      \
    } while (0)
#define ENTERING(call)                                                         \
    do {                                                                       \
        int entering_ = (call);                                                \
        if (entering_ != 0) {                                                  \
            if (entering_ < 0) {                                               \
                RAISE;                                                         \
            }                                                                  \
            goto enter_special;                                                \
        }                                                                      \
    } while (0)
// The same where 0 and 1 are outcomes.
#define ENTERING_TRUTH(outcome, call)                                          \
    do {                                                                       \
        (outcome) = (call);                                                    \
        if ((outcome) < 0) {                                                   \
            RAISE;                                                             \
        }                                                                      \
        if ((outcome) == KR_SPECIAL_PUSHED) {                                  \
            goto enter_special;                                                \
        }                                                                      \
    } while (0)
#define SLOW_CALL(helper)                                                      \
    do {                                                                       \
        SAVE();                                                                \
        ENTERING(helper(tstate, fp, ip));                                      \
    } while (0)
#define BRANCH(outcome)                                                        \
    do {                                                                       \
        if ((outcome) == ((ip->flags & KR_FLAG_X) != 0)) {                     \
            ip += (int32_t)ip[1].low;                                          \
            DISPATCH();                                                        \
        }                                                                      \
        GO_NEXT(2);                                                            \
    } while (0)
#define POLL()                                                                 \
    do {                                                                       \
        if (KR_UNLIKELY(__atomic_load_n(&tstate->eval_breaker,                 \
                                        __ATOMIC_RELAXED) != 0)) {             \
            SAVE();                                                            \
            if (kr_poll(tstate) < 0) {                                         \
                RAISE;                                                         \
            }                                                                  \
        }                                                                      \
    } while (0)
// Enters a window whose header is complete.
#define ENTER(window)                                                          \
    do {                                                                       \
        fp = (window);                                                         \
        ip = kr_frame_ip(fp);                                                  \
        kr_set_top_frame(tstate, fp);                                          \
        DISPATCH();                                                            \
    } while (0)
#define PUSH_FRAME(func_, exec_, callee_, nargs_, kind_)                       \
    do {                                                                       \
        KrFrame *push_ = (callee_);                                            \
        if (KR_UNLIKELY(push_->slots + (exec_)->nslots >                       \
                        (KV *)tstate->datastack_limit) ||                      \
            KR_UNLIKELY(tstate->py_recursion_remaining <= 0) ||                \
            KR_UNLIKELY(tstate->eval_breaker != 0)) {                          \
            SAVE();                                                            \
            if (kr_call_checks(tstate, push_->slots + (exec_)->nslots) < 0) {  \
                RAISE;                                                         \
            }                                                                  \
        }                                                                      \
        SAVE();                                                                \
        tstate->py_recursion_remaining--;                                      \
        push_->func = (uint64_t)(uintptr_t)(func_) | KR_KV_BORROWED;           \
        push_->prev = (uint64_t)(uintptr_t)fp | (kind_);                       \
        push_->frame_obj = 1;                                                  \
        push_->exec = (uint64_t)(uintptr_t)(exec_) | KR_KV_BORROWED;           \
        for (uint32_t i_ = (uint32_t)(nargs_); i_ < (exec_)->nlocals; i_++) {  \
            push_->slots[i_] = KV_NULL;                                        \
        }                                                                      \
        fp = push_;                                                            \
        ip = (exec_)->words;                                                   \
        SAVE();                                                                \
        kr_set_top_frame(tstate, fp);                                          \
        DISPATCH();                                                            \
    } while (0)
// A callable without receiver, taken from the owner x in slot b.
#define METHOD_VALUE(callable, x)                                              \
    do {                                                                       \
        R(ip->a + ((ip->flags & KR_FLAG_Y) ? 1 : 1 + KR_FRAME_HEADER)) = KV_NULL; \
        if (ip->flags & KR_KILL_B) {                                           \
            R(ip->b) = KV_NULL;                                                \
        }                                                                      \
        R(ip->a) = (callable);                                                 \
        if ((ip->flags & KR_KILL_B) && kv_is_owned(x)) {                       \
            SAVE();                                                            \
            Py_DECREF(kv_pointer(x));                                          \
        }                                                                      \
    } while (0)
#define RETURN_VALUE(v)                                                        \
    do {                                                                       \
        leaving = (v);                                                         \
        goto leave;                                                            \
    } while (0)
// Runs the generator whose window fp has become, which gets the sent word.
#define ENTER_GENERATOR(sent_)                                                 \
    do {                                                                       \
        ip = kr_frame_ip(fp);                                                  \
        R(ip->a) = (sent_);                                                    \
        GO_NEXT(1);                                                            \
    } while (0)
// Goes on as another op of the same layout.
#define OTHER_FORM(name) goto op_##name
#define YIELD_VALUE(v)                                                         \
    do {                                                                       \
        leaving = (v);                                                         \
        goto yield;                                                            \
    } while (0)
#define GENERATOR_DONE(v)                                                      \
    do {                                                                       \
        leaving = (v);                                                         \
        goto generator_done;                                                   \
    } while (0)
#define KR_TARGET(name) op_##name:
#define KR_NEXT(n) GO_NEXT(n);

// The rare reasons not to push a window at once.
KR_COLD static int
kr_call_checks(PyThreadState *tstate, KV *end)
{
    if (kr_stack_reserve(tstate, end) < 0) {
        return -1;
    }
    if (tstate->py_recursion_remaining <= 0 &&
        kr_recursion_check(tstate, "") < 0) {
        return -1;
    }
    return tstate->eval_breaker != 0 ? kr_poll(tstate) : 0;
}

__attribute__((optimize("no-gcse"))) KrRunEnd
kr_run(PyThreadState *tstate, KrFrame *fp, bool throwing, KV *result_out)
{
#define KR_LABEL_ROW(name, cache, operands, effects) [KR_X_##name] = &&op_##name,
    static const void *const labels[KR_X_COUNT] = {KR_XOPS(KR_LABEL_ROW)};
    KrWord *ip = kr_frame_ip(fp);
    KV leaving = KV_NULL;
    bool add_traceback;

    kr_set_top_frame(tstate, fp);
    if (throwing) {
        goto raise;
    }
    DISPATCH();

#include "vm/ops_body.h"

enter_special:
    ENTER((KrFrame *)kr_stack_top(tstate));

leave:;
    {
        KrExec *exec = EXEC;
        if (KR_UNLIKELY(fp->frame_obj != 1)) {
            SAVE(); // the line of the return stays visible
            kr_frame_detach(tstate, fp);
        }
        for (uint32_t i = exec->nlocals; i-- > 0;) {
            KV word = R(i);
            if (kv_is_owned(word)) {
                R(i) = KV_NULL;
                Py_DECREF((PyObject *)(uintptr_t)word.bits);
            }
        }
        // Code run by a release may have asked for its callers once more.
        if (KR_UNLIKELY(fp->frame_obj != 1)) {
            kr_frame_detach(tstate, fp);
        }
        KrFrame *caller = kr_frame_prev(fp);
        KrReturnKind kind = kr_frame_kind(fp);
        tstate->py_recursion_remaining++;
        kr_set_top_frame(tstate, caller);
        if (KR_LIKELY(kind == KR_RETURN_CALL)) {
            fp = caller;
            ip = kr_frame_ip(fp);
        returned:;
            KV old = R(ip->b);
            R(ip->b) = KV_NULL;
            if ((ip->flags & KR_CALL_NUMBER) && kv_is_owned(leaving)) {
                leaving = kr_result_word(kv_pointer(leaving), true);
            }
            SET(ip->a, leaving);
            kv_release(old);
            GO_NEXT(kr_xop_length[ip->op]);
        }
        if (kind == KR_RETURN_INIT) {
            fp = caller;
            ip = kr_frame_ip(fp);
            if (KR_UNLIKELY((leaving.bits | KR_KV_BORROWED) != KV_NONE.bits)) {
                kr_raise_init_result(leaving);
                kv_release(leaving);
                goto raise;
            }
            KV made = R(ip->b);
            R(ip->b) = KV_NULL;
            SET(ip->a, made);
            GO_NEXT(kr_xop_length[ip->op]);
        }
        if (kr_kind_is_op(kind)) {
            PyFunctionObject *func = kr_frame_func(fp);
            fp = caller;
            ip = kr_frame_ip(fp);
            int advance = kr_special_done(fp, ip, kind, func, leaving);
            if (advance < 0) {
                goto raise;
            }
            if (advance == KR_SPECIAL_JUMP) {
                advance = kr_xop_length[ip->op] > 1 ? (int32_t)ip[1].low : ip->bc;
            }
            GO_NEXT(advance);
        }
        *result_out = leaving;
        return KR_RUN_RETURN;
    }

yield:;
    {
        KrFrame *caller = kr_frame_prev(fp);
        KrReturnKind kind = kr_frame_kind(fp);
        SAVE();
        kr_gen_suspend(tstate, fp);
        if (kind == KR_RETURN_C) {
            *result_out = leaving;
            return KR_RUN_YIELD;
        }
        fp = caller;
        ip = kr_frame_ip(fp);
        if (kind == KR_RETURN_CALL) {
            goto returned;
        }
        // FOR_ITER and SEND both go on behind themselves with the value in a.
        SET(ip->a, leaving);
        GO_NEXT(2);
    }

generator_done:;
    {
        KrFrame *caller = kr_frame_prev(fp);
        KrReturnKind kind = kr_frame_kind(fp);
        SAVE();
        kr_gen_finish(tstate, fp);
        if (kind == KR_RETURN_C) {
            *result_out = leaving;
            return KR_RUN_RETURN;
        }
        fp = caller;
        ip = kr_frame_ip(fp);
        if (kind == KR_RETURN_CALL) {
            kr_gen_raise_stop_steal(leaving);
            goto raise;
        }
        if (kind == KR_RETURN_ITER) {
            kv_release(leaving);
        }
        else {
            SET(ip->a, leaving);
        }
        ip += (int32_t)ip[1].low;
        DISPATCH();
    }

raise:
    add_traceback = true;
    goto unwind;

reraise:
    add_traceback = false;

unwind:;
    {
        // Copies, because the address of fp or ip would keep them out of registers.
        KrFrame *handler_frame = fp;
        KrWord *handler = ip;
        if (!kr_unwind(tstate, &handler_frame, &handler, add_traceback)) {
            return KR_RUN_ERROR;
        }
        fp = handler_frame;
        ip = handler;
        DISPATCH();
    }
}
