// SPDX-License-Identifier: MIT
// machine.h - what the interpreter loop and its helpers share.
#ifndef KRAIT_VM_MACHINE_H
#define KRAIT_VM_MACHINE_H

#include "objects/dict.h"
#include "objects/instance.h"
#include "objects/int/int.h"
#include "objects/iterword.h"
#include "vm/events.h"
#include "vm/frame.h"
#include "vm/ops.h"

#define KV_TRUE ((KV){(uint64_t)(uintptr_t)&_Py_TrueStruct | KR_KV_BORROWED})
#define KV_FALSE ((KV){(uint64_t)(uintptr_t)&_Py_FalseStruct | KR_KV_BORROWED})
#define KV_NONE ((KV){(uint64_t)(uintptr_t)&_Py_NoneStruct | KR_KV_BORROWED})

// Words of each op, caches included.
extern const uint8_t kr_xop_length[KR_X_COUNT];
extern const char *const kr_xop_name[KR_X_COUNT];
// The addresses of the bodies (dispatch table of the interpreter).

static inline uint32_t
kr_dict_version_now(PyDictObject *dict)
{
    return dict->ma_keys->version;
}

static inline PyObject *
kr_dict_value_at(PyDictObject *dict, Py_ssize_t index)
{
    return *kr_dict_entry_value_at(dict, index);
}

static inline uint64_t
kr_instance_word(PyObject *obj)
{
    return kr_preheader(obj)->dict_or_shape;
}

static inline void
kr_instance_set_word(PyObject *obj, uint64_t word)
{
    kr_preheader(obj)->dict_or_shape = word;
}

// Moves an operand out of its slot if it dies there, else copies it.
static inline KV
kr_take_operand(KrFrame *fp, unsigned slot, bool dies)
{
    KV value = fp->slots[slot];
    if (dies && kv_is_owned(value)) {
        fp->slots[slot] = KV_NULL;
        return value;
    }
    return kv_copy(value);
}

// A number as a tagged word if it has that form, without touching its count;
// anything else as the borrowed word it is.
static inline KV
kr_as_number(KV v)
{
    if (!kv_is_pointer(v)) {
        return v;
    }
    PyObject *object = kv_pointer(v);
    if (Py_IS_TYPE(object, &PyFloat_Type)) {
        kv_from_double(PyFloat_AS_DOUBLE(object), &v);
    }
    else if (Py_IS_TYPE(object, &PyLong_Type)) {
        int64_t value;
        if (kr_int_to_word((PyLongObject *)object, &value)) {
            return kv_from_int(value);
        }
    }
    return v;
}

// The word for an object found in the heap: a reference of its own, or, where
// flag X says that arithmetic follows, the tagged form of an exact number.
static inline KV
kr_loaded(const KrWord *ip, PyObject *object)
{
    if (ip->flags & KR_FLAG_X) {
        KV word = kr_as_number(kv_from_borrow(object));
        if (!kv_is_pointer(word)) {
            return word;
        }
    }
    return kr_item_word(object);
}

// The word for a result (stolen), as a number if arithmetic follows.
static inline KV
kr_result_word(PyObject *object, bool unbox)
{
    if (unbox) {
        KV word = kr_as_number(kv_from_borrow(object));
        if (!kv_is_pointer(word)) {
            Py_DECREF(object);
            return word;
        }
    }
    return kv_from_result(object);
}

// Releases the operands b and c that die at this instruction.
static inline void
kr_kill_operands(KrFrame *fp, const KrWord *ip)
{
    if (ip->flags & KR_KILL_B) {
        KV value = fp->slots[ip->b];
        fp->slots[ip->b] = KV_NULL;
        kv_release(value);
    }
    if (ip->flags & KR_KILL_C) {
        KV value = fp->slots[ip->c];
        fp->slots[ip->c] = KV_NULL;
        kv_release(value);
    }
}

// Stores the result of an op, then releases what died and what was overwritten.
// may run Python
static inline void
kr_finish_binary(KrFrame *fp, const KrWord *ip, KV result)
{
    KV old_b = KV_NULL, old_c = KV_NULL;
    if (ip->flags & KR_KILL_B) {
        old_b = fp->slots[ip->b];
        fp->slots[ip->b] = KV_NULL;
    }
    if (ip->flags & KR_KILL_C) {
        old_c = fp->slots[ip->c];
        fp->slots[ip->c] = KV_NULL;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = result;
    kv_release(old_b);
    kv_release(old_c);
    kv_release(old);
}

static inline void
kr_finish_unary(KrFrame *fp, const KrWord *ip, KV result)
{
    KV old_b = KV_NULL;
    if (ip->flags & KR_KILL_B) {
        old_b = fp->slots[ip->b];
        fp->slots[ip->b] = KV_NULL;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = result;
    kv_release(old_b);
    kv_release(old);
}

static inline bool
kr_is_same(KV x, KV y)
{
    if ((x.bits | KR_KV_BORROWED) == (y.bits | KR_KV_BORROWED) && kv_is_pointer(x) &&
        kv_is_pointer(y)) {
        return true;
    }
    if (x.bits == y.bits) {
        return true;
    }
    if (kv_is_pointer(x) && kv_is_pointer(y)) {
        return false;
    }
    // A number boxed in one place and tagged in the other keeps its identity.
    KV a = kv_is_pointer(x) ? kr_kv_unbox_borrow(kv_pointer(x)) : x;
    KV b = kv_is_pointer(y) ? kr_kv_unbox_borrow(kv_pointer(y)) : y;
    return !kv_is_pointer(a) && a.bits == b.bits;
}

// --- interp.c -----------------------------------------------------------------

// How a run of the interpreter ended.
typedef enum KrRunEnd {
    KR_RUN_ERROR = -1,
    KR_RUN_RETURN = 0, // the frame returned; result is new
    KR_RUN_YIELD = 1,  // the generator yielded; result is new
} KrRunEnd;

// Runs the window fp, whose kind must be KR_RETURN_C, until it leaves.
// throwing: starts by unwinding from the pending exception.
KrRunEnd kr_run(PyThreadState *tstate, KrFrame *fp, bool throwing, KV *result_out);

// --- call.c ---------------------------------------------------------------------

// Each prepares a call of a Python function as a new window in *pushed (its
// header complete), or makes the whole call, the result in slots[ip->a].
int kr_call(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame *callee,
            Py_ssize_t nargs, KrFrame **pushed);
int kr_call_copy(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame **pushed);
int kr_call_kw(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame **pushed);
int kr_call_ex(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame **pushed);

// Sorts the arguments of a call into the parameters of func, at callee->slots.
// args are words the caller gives up (owned or borrowed); kwnames may be NULL.
// All words of args are consumed, on failure too. The header is written except
// prev. hints: a word of the call site that remembers where keywords went, or NULL.
// Returns the exec, or NULL with an exception set.
KrExec *kr_bind_arguments(PyThreadState *tstate, PyFunctionObject *func, KrFrame *callee,
                          KV *args, Py_ssize_t nargs, PyObject *kwnames,
                          uint64_t *hints);
// Undoes a bound window: releases the words and makes them unbound.
void kr_sweep(KV *slots, Py_ssize_t count);

// The same where nobody looks at the slots again before they are set: words that own
// nothing may stay. may run Python
static inline void
kr_sweep_dead(KV *slots, Py_ssize_t count)
{
    // From the top down, the order in which Python users see locals die.
    for (KV *slot = slots + count; slot-- > slots;) {
        if (kv_is_owned(*slot)) {
            PyObject *object = kv_pointer(*slot);
            *slot = KV_NULL;
            Py_DECREF(object);
        }
    }
}

// --- unwind.c -------------------------------------------------------------------

// Finds the handler of the pending exception. True: go on at *ip_io in *fp_io.
// False: the interpreter's own frame was left.
bool kr_unwind(PyThreadState *tstate, KrFrame **fp_io, KrWord **ip_io, bool add_traceback);
void kr_frame_detach(PyThreadState *tstate, KrFrame *fp);
int kr_traceback_add(PyThreadState *tstate, KrFrame *fp);
PyFrameObject *kr_frame_object_new(PyThreadState *tstate, KrFrame *fp); // borrowed result

// --- generator.c ------------------------------------------------------------------

PyObject *kr_gen_from_frame(PyThreadState *tstate, KrFrame *fp);
// The generator owning fp returns or fails.
void kr_gen_finish(PyThreadState *tstate, KrFrame *fp);

// --- slow_iteration.c ---------------------------------------------------------------

// After this many changes of form a FOR_ITER stays general.
#define KR_FOR_ITER_KINDS 8
// Makes the FOR_ITER at ip the form for iterators of that type.
void kr_for_iter_specialize(KrWord *ip, const PyTypeObject *type);
// The next pair of an iterator that the form FOR_ITER_PAIR was chosen for: 1, 0 at the
// end, -1 with an exception set, 2 when the iterator is no such one.
int kr_for_iter_pair(PyObject *iterator, KV *pair);
// For range(...) whose result goes into GET_ITER only: puts the iterator itself there.
// False: nothing has happened. The arguments stay with the caller.
bool kr_range_in_loop(KrFrame *fp, const KrWord *ip, const KV *args, Py_ssize_t nargs);
// 1 and the next item, 0 at the end, -1 with an exception set.
int kr_for_iter(PyObject *iterator, KV *value_out);
void kr_raise_not_iterator(KV *slot);

// --- special.c ----------------------------------------------------------------------

// What a helper answers when it has pushed a window (at kr_stack_top).
#define KR_SPECIAL_PUSHED 2
#define KR_SPECIAL_JUMP 0

// The window of a special method has left with value (consumed) and returned to
// the op at ip of fp. How many words to go on, KR_SPECIAL_JUMP: to the op's
// target, or -1 with an exception. func, whose window it was, is released.
int kr_special_done(KrFrame *fp, const KrWord *ip, KrReturnKind kind,
                    PyFunctionObject *func, KV value);

// --- slow paths (slow_*.c) ----------------------------------------------------------

// Operators: KR_SPECIAL_PUSHED when a window for a special method waits to be entered.
int kr_binary_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op);
int kr_binary_imm_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op);
int kr_compare_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op);
int kr_compare_jump_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op);
int kr_compare_jump_imm_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op);
int kr_truth_jump(PyThreadState *tstate, KrFrame *fp, KrWord *ip);
int kr_contains_jump(PyThreadState *tstate, KrFrame *fp, KrWord *ip);
int kr_word_truth(KV x); // 1, 0, or -1 with an exception
int kr_send(KrFrame *fp, KrWord *ip);
KR_COLD void kr_raise_unbound_local(KrFrame *fp, unsigned slot);
KR_COLD void kr_raise_unbound_deref(KrFrame *fp, unsigned slot);
void kr_push_exc_info(PyThreadState *tstate, KV *slots);
void kr_pop_except(PyThreadState *tstate, KV *slot);

// Every "SLOW" helper: 0, or -1 with an exception set; those under SLOW_CALL also
// KR_SPECIAL_PUSHED.
#define KR_SLOW_OP(name) int kr_op_##name(PyThreadState *tstate, KrFrame *fp, KrWord *ip)
KR_SLOW_OP(load_global); KR_SLOW_OP(store_global); KR_SLOW_OP(delete_global);
KR_SLOW_OP(load_name); KR_SLOW_OP(store_name); KR_SLOW_OP(delete_name);
KR_SLOW_OP(load_locals); KR_SLOW_OP(load_from_dict_or_globals);
KR_SLOW_OP(load_from_dict_or_deref); KR_SLOW_OP(load_build_class);
KR_SLOW_OP(setup_annotations); KR_SLOW_OP(make_cell); KR_SLOW_OP(copy_free_vars);
KR_SLOW_OP(delete_deref);
KR_SLOW_OP(unary_neg); KR_SLOW_OP(unary_invert); KR_SLOW_OP(unary_pos);
KR_SLOW_OP(not); KR_SLOW_OP(to_bool); KR_SLOW_OP(contains);
KR_SLOW_OP(getattr); KR_SLOW_OP(getattr_miss); KR_SLOW_OP(getmethod);
KR_SLOW_OP(getmethod_miss); KR_SLOW_OP(setattr); KR_SLOW_OP(setattr_miss);
KR_SLOW_OP(getattr_poly); KR_SLOW_OP(getmethod_poly); KR_SLOW_OP(setattr_poly);
KR_SLOW_OP(delattr); KR_SLOW_OP(super_attr);
KR_SLOW_OP(subscr); KR_SLOW_OP(store_subscr); KR_SLOW_OP(delete_subscr);
KR_SLOW_OP(binary_slice); KR_SLOW_OP(store_slice);
KR_SLOW_OP(build_tuple); KR_SLOW_OP(build_list); KR_SLOW_OP(build_set);
KR_SLOW_OP(build_string); KR_SLOW_OP(build_map); KR_SLOW_OP(build_slice);
KR_SLOW_OP(build_template); KR_SLOW_OP(build_interpolation);
KR_SLOW_OP(list_append); KR_SLOW_OP(set_add); KR_SLOW_OP(list_extend);
KR_SLOW_OP(set_update); KR_SLOW_OP(dict_update); KR_SLOW_OP(dict_merge);
KR_SLOW_OP(map_add); KR_SLOW_OP(unpack_sequence); KR_SLOW_OP(unpack_ex);
KR_SLOW_OP(convert_value); KR_SLOW_OP(format_simple); KR_SLOW_OP(format_with_spec);
KR_SLOW_OP(get_iter); KR_SLOW_OP(get_yield_from_iter); KR_SLOW_OP(get_len);
KR_SLOW_OP(match_mapping); KR_SLOW_OP(match_sequence); KR_SLOW_OP(match_keys);
KR_SLOW_OP(match_class);
KR_SLOW_OP(make_function); KR_SLOW_OP(set_function_attribute);
KR_SLOW_OP(intrinsic_1); KR_SLOW_OP(intrinsic_2); KR_SLOW_OP(load_common_constant);
KR_SLOW_OP(load_special); KR_SLOW_OP(import_name); KR_SLOW_OP(import_from);
KR_SLOW_OP(get_awaitable); KR_SLOW_OP(get_aiter); KR_SLOW_OP(get_anext);
KR_SLOW_OP(end_async_for); KR_SLOW_OP(cleanup_throw);
KR_SLOW_OP(check_exc_match); KR_SLOW_OP(check_eg_match); KR_SLOW_OP(raise_varargs);
KR_SLOW_OP(reraise); KR_SLOW_OP(with_except_start);

#endif // KRAIT_VM_MACHINE_H
