// SPDX-License-Identifier: MIT
// lower_instruction.c - lowering: what becomes of each bytecode instruction.
//
// One flat switch over the instruction set. Read next: ops.kop
#include "vm/lower.h"

#include "bytecode/opcodes.h"
#include "vm/events.h"

static void
check_index(KrLowering *lo, uint32_t index, Py_ssize_t size)
{
    if ((Py_ssize_t)index >= size) {
        lo->trouble = "operand out of range";
    }
}

// Lowers the instruction at lo->unit. Returns the next code unit, or UINT32_MAX
// when control does not get there.
uint32_t
kr_lower_instruction(KrLowering *lo)
{
    PyCodeObject *code = lo->code;
    KrDecoded in = kr_lower_decode(lo, lo->unit);
    uint32_t oparg = in.oparg;
    int flags = kr_opcode_flags(in.opcode);
    bool dies, dies2, lasting;
    uint32_t a, b, c;
    KrWord *word;

    if (in.next > lo->nunits) {
        lo->trouble = "truncated instruction";
        return UINT32_MAX;
    }
    if (flags & KR_OPF_CONST) {
        check_index(lo, oparg, PyTuple_GET_SIZE(code->co_consts));
    }
    if ((flags & (KR_OPF_LOCAL | KR_OPF_FREE)) && in.opcode != KR_OP_LOAD_FAST_LOAD_FAST &&
        in.opcode != KR_OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW &&
        in.opcode != KR_OP_STORE_FAST_LOAD_FAST && in.opcode != KR_OP_STORE_FAST_STORE_FAST) {
        check_index(lo, oparg, code->co_nlocalsplus);
    }
    if (kr_lower_failed(lo)) {
        return UINT32_MAX;
    }
    switch (in.opcode) {
    case KR_OP_NOP:
    case KR_OP_CACHE:
    case KR_OP_END_FOR: // its place is reached with the iterator on top only
        break;
    case KR_OP_RESUME:
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, (oparg & 3) == 0 ? PY_MONITORING_EVENT_PY_START
                                                : PY_MONITORING_EVENT_PY_RESUME,
                           0, 0, 0);
        }
        break;
    case KR_OP_NOT_TAKEN:
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, PY_MONITORING_EVENT_BRANCH_LEFT, 0, lo->branch_at, in.next);
        }
        break;
    case KR_OP_POP_TOP:
    case KR_OP_POP_ITER: {
        if (in.opcode == KR_OP_POP_ITER && kr_lower_tracing(lo)) {
            kr_lower_event(lo, PY_MONITORING_EVENT_BRANCH_RIGHT, 0, KR_BEFORE_HERE, in.next);
        }
        KrStackValue value = *kr_lower_peek(lo, 1);
        kr_lower_drop(lo, 1);
        if (value.kind == KR_V_TEMP) {
            kr_lower_emit(lo, KR_X_POP, value.slot, 0, 0);
        }
        break;
    }
    case KR_OP_PUSH_NULL:
        kr_lower_push_null(lo);
        break;
    case KR_OP_COPY:
        kr_lower_copy(lo, (int)oparg);
        break;
    case KR_OP_SWAP:
        kr_lower_swap(lo, (int)oparg);
        break;

    // Locals and constants.
    case KR_OP_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW:
        kr_lower_push_lazy(lo, KR_V_LOCAL, (int32_t)oparg);
        break;
    case KR_OP_LOAD_FAST_CHECK:
        kr_lower_emit(lo, KR_X_CHECK_BOUND, 0, oparg, 0);
        kr_lower_push_lazy(lo, KR_V_LOCAL, (int32_t)oparg);
        break;
    case KR_OP_LOAD_FAST_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        check_index(lo, oparg >> 4, code->co_nlocalsplus);
        check_index(lo, oparg & 15, code->co_nlocalsplus);
        kr_lower_push_lazy(lo, KR_V_LOCAL, (int32_t)(oparg >> 4));
        kr_lower_push_lazy(lo, KR_V_LOCAL, (int32_t)(oparg & 15));
        break;
    case KR_OP_LOAD_FAST_AND_CLEAR:
        kr_lower_detach_local(lo, oparg);
        a = kr_lower_push_temp(lo);
        kr_lower_emit(lo, KR_X_MOVE_STEAL, a, oparg, 0);
        break;
    case KR_OP_STORE_FAST:
        kr_lower_store_fast(lo, oparg);
        break;
    case KR_OP_STORE_FAST_LOAD_FAST:
        check_index(lo, oparg >> 4, code->co_nlocalsplus);
        check_index(lo, oparg & 15, code->co_nlocalsplus);
        kr_lower_store_fast(lo, oparg >> 4);
        kr_lower_push_lazy(lo, KR_V_LOCAL, (int32_t)(oparg & 15));
        break;
    case KR_OP_STORE_FAST_STORE_FAST:
        check_index(lo, oparg >> 4, code->co_nlocalsplus);
        check_index(lo, oparg & 15, code->co_nlocalsplus);
        kr_lower_store_fast(lo, oparg >> 4);
        kr_lower_store_fast(lo, oparg & 15);
        break;
    case KR_OP_DELETE_FAST:
        kr_lower_detach_local(lo, oparg);
        kr_lower_emit(lo, KR_X_DELETE_FAST, oparg, 0, 0);
        break;
    case KR_OP_LOAD_CONST:
        kr_lower_push_lazy(lo, KR_V_CONST, (int32_t)oparg);
        break;
    case KR_OP_LOAD_SMALL_INT:
        kr_lower_push_lazy(lo, KR_V_INT, (int32_t)oparg);
        break;
    case KR_OP_LOAD_COMMON_CONSTANT:
        a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit(lo, KR_X_LOAD_COMMON_CONSTANT, a, 0, oparg));
        break;

    // Names.
    case KR_OP_LOAD_GLOBAL:
        check_index(lo, oparg >> 1, PyTuple_GET_SIZE(code->co_names));
        a = kr_lower_push_temp(lo);
        word = kr_lower_emit_wide(lo, KR_X_LOAD_GLOBAL, a, (int32_t)(oparg >> 1));
        kr_lower_defines(lo, word);
        if (oparg & 1) {
            kr_lower_push_null(lo);
        }
        break;
    case KR_OP_LOAD_NAME:
        a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit_wide(lo, KR_X_LOAD_NAME, a, (int32_t)oparg));
        break;
    case KR_OP_STORE_NAME:
    case KR_OP_STORE_GLOBAL:
        a = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        word = kr_lower_emit_wide(
            lo, in.opcode == KR_OP_STORE_NAME ? KR_X_STORE_NAME : KR_X_STORE_GLOBAL,
                         a, (int32_t)oparg);
        word->flags = (uint8_t)kr_lower_kills(dies, false);
        break;
    case KR_OP_DELETE_NAME:
        kr_lower_emit_wide(lo, KR_X_DELETE_NAME, 0, (int32_t)oparg);
        break;
    case KR_OP_DELETE_GLOBAL:
        kr_lower_emit_wide(lo, KR_X_DELETE_GLOBAL, 0, (int32_t)oparg);
        break;
    case KR_OP_LOAD_LOCALS:
        a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit(lo, KR_X_LOAD_LOCALS, a, 0, 0));
        break;
    case KR_OP_LOAD_FROM_DICT_OR_GLOBALS:
        kr_lower_unary(lo, KR_X_LOAD_FROM_DICT_OR_GLOBALS, oparg);
        break;
    case KR_OP_LOAD_FROM_DICT_OR_DEREF:
        kr_lower_unary(lo, KR_X_LOAD_FROM_DICT_OR_DEREF, oparg);
        break;
    case KR_OP_LOAD_BUILD_CLASS:
        a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit(lo, KR_X_LOAD_BUILD_CLASS, a, 0, 0));
        break;
    case KR_OP_SETUP_ANNOTATIONS:
        kr_lower_emit(lo, KR_X_SETUP_ANNOTATIONS, 0, 0, 0);
        break;
    case KR_OP_MAKE_CELL:
        kr_lower_detach_local(lo, oparg);
        kr_lower_emit(lo, KR_X_MAKE_CELL, oparg, 0, 0);
        break;
    case KR_OP_COPY_FREE_VARS:
        if ((int)oparg != code->co_nfreevars) {
            lo->trouble = "COPY_FREE_VARS does not fit the code";
        }
        kr_lower_emit(lo, KR_X_COPY_FREE_VARS, 0, oparg, 0);
        break;
    case KR_OP_LOAD_DEREF:
        a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit(lo, KR_X_LOAD_DEREF, a, oparg, 0));
        break;
    case KR_OP_STORE_DEREF:
        a = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        word = kr_lower_emit(lo, KR_X_STORE_DEREF, a, oparg, 0);
        word->flags = (uint8_t)(dies ? KR_KILL_C : 0);
        break;
    case KR_OP_DELETE_DEREF:
        kr_lower_emit(lo, KR_X_DELETE_DEREF, 0, oparg, 0);
        break;

    // Operators.
    case KR_OP_BINARY_OP:
        kr_lower_binary_op(lo, (int)oparg);
        break;
    case KR_OP_COMPARE_OP:
        return kr_lower_compare_op(lo, &in);
    case KR_OP_IS_OP:
        return kr_lower_test(lo, &in, KR_X_IS, KR_X_JIS);
    case KR_OP_CONTAINS_OP:
        return kr_lower_test(lo, &in, KR_X_CONTAINS, KR_X_JCONTAINS);
    case KR_OP_UNARY_NEGATIVE:
        kr_lower_unary(lo, KR_X_NEG, 0);
        break;
    case KR_OP_UNARY_INVERT:
        kr_lower_unary(lo, KR_X_INVERT, 0);
        break;
    case KR_OP_UNARY_NOT:
        kr_lower_unary(lo, KR_X_NOT, 0);
        break;
    case KR_OP_TO_BOOL: {
        KrDecoded jump;
        bool to_bool;
        if (kr_lower_following_jump(lo, in.next, &jump, &to_bool)) {
            kr_lower_pop_jump(lo, &jump);
            return jump.next;
        }
        kr_lower_unary(lo, KR_X_TO_BOOL, 0);
        break;
    }

    // Jumps.
    case KR_OP_POP_JUMP_IF_TRUE:
    case KR_OP_POP_JUMP_IF_FALSE:
        kr_lower_pop_jump(lo, &in);
        break;
    case KR_OP_POP_JUMP_IF_NONE:
    case KR_OP_POP_JUMP_IF_NOT_NONE:
        a = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        kr_lower_flush(lo);
        word = kr_lower_emit_wide(lo, KR_X_JNONE, a, 0);
        word->flags = (uint8_t)(kr_lower_kills(dies, false) |
                                (in.opcode == KR_OP_POP_JUMP_IF_NOT_NONE ? KR_FLAG_X : 0));
        kr_lower_branch(lo, word, &in);
        break;
    case KR_OP_JUMP_FORWARD:
    case KR_OP_JUMP_BACKWARD_NO_INTERRUPT:
        kr_lower_flush(lo);
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, in.opcode == KR_OP_JUMP_FORWARD ? PY_MONITORING_EVENT_JUMP
                                                               : KR_EVENT_NONE,
                           0, in.at, kr_lower_jump_target(&in));
        }
        word = kr_lower_emit_wide(lo, KR_X_JUMP, 0, 0);
        kr_lower_jump_to(lo, word, kr_lower_jump_target(&in));
        return UINT32_MAX;
    case KR_OP_JUMP_BACKWARD:
        kr_lower_flush(lo);
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, PY_MONITORING_EVENT_JUMP, 0, in.at, kr_lower_jump_target(&in));
        }
        word = kr_lower_emit_wide(lo, KR_X_JUMP_BACK, 0, 0);
        kr_lower_jump_to(lo, word, kr_lower_jump_target(&in));
        return UINT32_MAX;

    // Attributes and items.
    case KR_OP_LOAD_ATTR:
        check_index(lo, oparg >> 1, PyTuple_GET_SIZE(code->co_names));
        if (oparg & 1) {
            kr_lower_load_method(lo, oparg >> 1);
        }
        else {
            kr_lower_unary(lo, KR_X_GETATTR, oparg >> 1);
        }
        break;
    case KR_OP_STORE_ATTR:
        a = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies2);
        b = kr_lower_operand(lo, kr_lower_peek(lo, 2), &dies);
        kr_lower_drop(lo, 2);
        word = kr_lower_emit(lo, KR_X_SETATTR, a, b, oparg);
        word->flags = (uint8_t)kr_lower_kills(dies, dies2);
        break;
    case KR_OP_DELETE_ATTR:
        a = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        word = kr_lower_emit(lo, KR_X_DELATTR, a, 0, oparg);
        word->flags = (uint8_t)(dies ? KR_FLAG_X : 0);
        break;
    case KR_OP_LOAD_SUPER_ATTR: {
        check_index(lo, oparg >> 2, PyTuple_GET_SIZE(code->co_names));
        b = kr_lower_consecutive(lo, 3, false);
        kr_lower_drop(lo, 3);
        a = kr_lower_push_temp(lo);
        if (oparg & 1) {
            kr_lower_push_at(lo, KR_V_TEMP, 0, lo->generator ? a + 1 : a + 1 + KR_FRAME_HEADER,
                    !lo->generator);
        }
        word = kr_lower_emit(lo, KR_X_SUPER_ATTR, a, b, oparg >> 2);
        word->flags = (uint8_t)(((oparg & 1) ? KR_FLAG_X : 0) | ((oparg & 2) ? KR_FLAG_Y : 0) |
                                (lo->generator ? KR_KILL_C : 0));
        if (!(oparg & 1)) {
            kr_lower_defines(lo, word);
        }
        break;
    }
    case KR_OP_STORE_SUBSCR: {
        bool dies3;
        b = kr_lower_operand(lo, kr_lower_peek(lo, 3), &dies);
        a = kr_lower_operand(lo, kr_lower_peek(lo, 2), &dies2);
        c = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies3);
        kr_lower_drop(lo, 3);
        word = kr_lower_emit(lo, KR_X_STORE_SUBSCR, a, b, c);
        word->flags = (uint8_t)(kr_lower_kills(dies, dies3) | (dies2 ? KR_FLAG_X : 0));
        break;
    }
    case KR_OP_DELETE_SUBSCR:
        b = kr_lower_operand(lo, kr_lower_peek(lo, 2), &dies);
        c = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies2);
        kr_lower_drop(lo, 2);
        word = kr_lower_emit(lo, KR_X_DELETE_SUBSCR, 0, b, c);
        word->flags = (uint8_t)kr_lower_kills(dies, dies2);
        break;
    case KR_OP_BINARY_SLICE:
        kr_lower_from_window(lo, KR_X_BINARY_SLICE, 3, 0);
        break;
    case KR_OP_STORE_SLICE:
        kr_lower_consume(lo, KR_X_STORE_SLICE, 4, 0);
        break;

    // Building.
    case KR_OP_BUILD_TUPLE:
        kr_lower_from_window(lo, KR_X_BUILD_TUPLE, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_LIST:
        kr_lower_from_window(lo, KR_X_BUILD_LIST, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_SET:
        kr_lower_from_window(lo, KR_X_BUILD_SET, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_STRING:
        kr_lower_from_window(lo, KR_X_BUILD_STRING, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_MAP:
        kr_lower_from_window(lo, KR_X_BUILD_MAP, (int)oparg * 2, oparg);
        break;
    case KR_OP_BUILD_SLICE:
        if (oparg != 2 && oparg != 3) {
            lo->trouble = "BUILD_SLICE takes 2 or 3 items";
        }
        kr_lower_from_window(lo, KR_X_BUILD_SLICE, (int)oparg, oparg);
        break;
    case KR_OP_BUILD_TEMPLATE:
        kr_lower_from_window(lo, KR_X_BUILD_TEMPLATE, 2, 0);
        break;
    case KR_OP_BUILD_INTERPOLATION:
        kr_lower_from_window(lo, KR_X_BUILD_INTERPOLATION, 2 + (oparg & 1), oparg);
        break;
    case KR_OP_LIST_APPEND:
        kr_lower_into_container(lo, KR_X_LIST_APPEND, (int)oparg, 1);
        break;
    case KR_OP_SET_ADD:
        kr_lower_into_container(lo, KR_X_SET_ADD, (int)oparg, 1);
        break;
    case KR_OP_LIST_EXTEND:
        kr_lower_into_container(lo, KR_X_LIST_EXTEND, (int)oparg, 1);
        break;
    case KR_OP_SET_UPDATE:
        kr_lower_into_container(lo, KR_X_SET_UPDATE, (int)oparg, 1);
        break;
    case KR_OP_DICT_UPDATE:
        kr_lower_into_container(lo, KR_X_DICT_UPDATE, (int)oparg, 1);
        break;
    case KR_OP_MAP_ADD:
        kr_lower_into_container(lo, KR_X_MAP_ADD, (int)oparg, 2);
        break;
    case KR_OP_DICT_MERGE: {
        // Stack: callable, NULL, tuple, dict ... update; the callable is named in
        // the error text.
        b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        KrStackValue *dict = kr_lower_peek(lo, (int)oparg);
        KrStackValue *callable = kr_lower_peek(lo, (int)oparg + 3);
        if (kr_lower_failed(lo)) {
            break;
        }
        kr_lower_materialise(lo, dict);
        if (callable->kind != KR_V_LOCAL) {
            kr_lower_materialise(lo, callable);
        }
        word = kr_lower_emit(lo, KR_X_DICT_MERGE, dict->slot, b,
                    callable->kind == KR_V_LOCAL ? (uint32_t)callable->index : callable->slot);
        word->flags = (uint8_t)kr_lower_kills(dies, false);
        break;
    }
    case KR_OP_UNPACK_SEQUENCE:
    case KR_OP_UNPACK_EX: {
        uint32_t count = in.opcode == KR_OP_UNPACK_EX
                             ? (oparg & 255) + 1 + (oparg >> 8) : oparg;
        b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        a = kr_lower_next_slot(lo);
        for (uint32_t i = 0; i < count && !kr_lower_failed(lo); i++) {
            kr_lower_push_temp(lo);
        }
        word = kr_lower_emit(
            lo, in.opcode == KR_OP_UNPACK_EX ? KR_X_UNPACK_EX : KR_X_UNPACK_SEQUENCE, a, b,
            oparg);
        word->flags = (uint8_t)kr_lower_kills(dies, false);
        break;
    }
    case KR_OP_CONVERT_VALUE:
        kr_lower_unary(lo, KR_X_CONVERT_VALUE, oparg);
        break;
    case KR_OP_FORMAT_SIMPLE:
        kr_lower_unary(lo, KR_X_FORMAT_SIMPLE, 0);
        break;
    case KR_OP_FORMAT_WITH_SPEC:
        kr_lower_binary(lo, KR_X_FORMAT_WITH_SPEC, 0);
        break;

    // Iteration and matching.
    case KR_OP_GET_ITER:
        kr_lower_unary(lo, KR_X_GET_ITER, 0);
        kr_lower_peek(lo, 1)->role = KR_ROLE_ITERATOR;
        break;
    case KR_OP_GET_YIELD_FROM_ITER:
        kr_lower_unary(lo, KR_X_GET_YIELD_FROM_ITER, 0);
        break;
    case KR_OP_GET_LEN:
        kr_lower_unary_keep(lo, KR_X_GET_LEN, 0);
        break;
    case KR_OP_FOR_ITER: {
        kr_lower_flush(lo);
        KrStackValue *iterator = kr_lower_peek(lo, 1);
        b = iterator->slot;
        // The jump goes behind the END_FOR, with the iterator still there.
        uint32_t target = kr_lower_jump_target(&in) + 1;
        uint32_t place = lo->nwords;
        a = kr_lower_next_slot(lo);
        lo->branch_at = in.at;
        iterator->role = KR_ROLE_ITERATOR;
        word = kr_lower_emit(lo, kr_lower_tracing(lo) ? KR_X_FOR_ITER_EVENT : KR_X_FOR_ITER,
                             a, b, 0);
        kr_lower_jump_to(lo, word, target);
        kr_lower_push_temp(lo);
        lo->last_def = place;
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, PY_MONITORING_EVENT_BRANCH_LEFT, 0, in.at, in.next);
        }
        break;
    }
    case KR_OP_MATCH_MAPPING:
        kr_lower_unary_keep(lo, KR_X_MATCH_MAPPING, 0);
        break;
    case KR_OP_MATCH_SEQUENCE:
        kr_lower_unary_keep(lo, KR_X_MATCH_SEQUENCE, 0);
        break;
    case KR_OP_MATCH_KEYS:
        b = kr_lower_operand(lo, kr_lower_peek(lo, 2), &dies);
        c = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit(lo, KR_X_MATCH_KEYS, a, b, c));
        break;
    case KR_OP_MATCH_CLASS:
        kr_lower_from_window(lo, KR_X_MATCH_CLASS, 3, oparg);
        break;

    // Calls and functions.
    case KR_OP_CALL:
        kr_lower_call(lo, KR_X_CALL, (int)oparg, false);
        break;
    case KR_OP_CALL_KW:
        kr_lower_call(lo, KR_X_CALL_KW, (int)oparg, true);
        break;
    case KR_OP_CALL_FUNCTION_EX:
        kr_lower_call_ex(lo);
        break;
    case KR_OP_RETURN_VALUE:
        kr_lower_return_value(lo);
        return UINT32_MAX;
    case KR_OP_MAKE_FUNCTION:
        kr_lower_unary(lo, KR_X_MAKE_FUNCTION, 0);
        lo->last_def = UINT32_MAX;
        break;
    case KR_OP_SET_FUNCTION_ATTRIBUTE: {
        // Stack: attribute, function; the function stays, in the attribute's place.
        KrStackValue *func = kr_lower_peek(lo, 1), *attribute = kr_lower_peek(lo, 2);
        if (kr_lower_failed(lo)) {
            break;
        }
        kr_lower_materialise(lo, func);
        kr_lower_materialise(lo, attribute);
        kr_lower_emit(lo, KR_X_SET_FUNCTION_ATTRIBUTE, attribute->slot, func->slot, oparg);
        kr_lower_drop(lo, 1);
        break;
    }
    case KR_OP_CALL_INTRINSIC_1:
        if (oparg == 0 || oparg >= KR_INTRINSIC_1_COUNT) {
            lo->trouble = "unknown intrinsic";
        }
        kr_lower_unary(lo, KR_X_INTRINSIC_1, oparg);
        break;
    case KR_OP_CALL_INTRINSIC_2:
        if (oparg == 0 || oparg >= KR_INTRINSIC_2_COUNT) {
            lo->trouble = "unknown intrinsic";
        }
        kr_lower_from_window(lo, KR_X_INTRINSIC_2, 2, oparg);
        break;
    case KR_OP_LOAD_SPECIAL:
        if (oparg >= KR_SPECIAL_COUNT) {
            lo->trouble = "unknown special method";
        }
        b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        a = kr_lower_push_temp(lo);
        kr_lower_push_temp(lo);
        word = kr_lower_emit(lo, KR_X_LOAD_SPECIAL, a, b, oparg);
        word->flags = (uint8_t)kr_lower_kills(dies, false);
        break;
    case KR_OP_IMPORT_NAME:
        kr_lower_from_window(lo, KR_X_IMPORT_NAME, 2, oparg);
        break;
    case KR_OP_IMPORT_FROM:
        kr_lower_unary_keep(lo, KR_X_IMPORT_FROM, oparg);
        break;

    // Generators.
    case KR_OP_RETURN_GENERATOR:
        if (!lo->generator) {
            lo->trouble = "RETURN_GENERATOR outside a generator";
            break;
        }
        a = kr_lower_push_temp(lo);
        kr_lower_emit(lo, KR_X_RETURN_GENERATOR, a, 0, 0);
        break;
    case KR_OP_YIELD_VALUE:
        if (!lo->generator) {
            lo->trouble = "YIELD_VALUE outside a generator";
            break;
        }
        kr_lower_flush(lo);
        b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, PY_MONITORING_EVENT_PY_YIELD, b, 0, 0);
        }
        kr_lower_drop(lo, 1);
        a = kr_lower_push_temp(lo);
        word = kr_lower_emit(lo, KR_X_YIELD, a, b, 0);
        word->flags = (uint8_t)(kr_lower_kills(dies, false) | (oparg == 1 ? KR_FLAG_Y : 0));
        break;
    case KR_OP_SEND:
        kr_lower_flush(lo);
        b = kr_lower_peek(lo, 2)->slot;
        c = kr_lower_peek(lo, 1)->slot;
        kr_lower_drop(lo, 1);
        kr_lower_push_temp(lo);
        word = kr_lower_emit(lo, kr_lower_tracing(lo) ? KR_X_SEND_EVENT : KR_X_SEND, c, b, c);
        word->flags = KR_KILL_C;
        kr_lower_jump_to(lo, word, kr_lower_jump_target(&in));
        break;
    case KR_OP_END_SEND: {
        KrStackValue *receiver = kr_lower_peek(lo, 2), *value = kr_lower_peek(lo, 1);
        if (kr_lower_failed(lo)) {
            break;
        }
        kr_lower_materialise(lo, receiver);
        kr_lower_materialise(lo, value);
        lo->branch_at = in.at;
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, PY_MONITORING_EVENT_STOP_ITERATION, value->slot, 0, 0);
        }
        kr_lower_emit(lo, KR_X_MOVE_STEAL, receiver->slot, value->slot, 0);
        kr_lower_drop(lo, 1);
        break;
    }
    case KR_OP_GET_AWAITABLE:
        kr_lower_unary(lo, KR_X_GET_AWAITABLE, oparg);
        break;
    case KR_OP_GET_AITER:
        kr_lower_unary(lo, KR_X_GET_AITER, 0);
        kr_lower_peek(lo, 1)->role = KR_ROLE_ITERATOR;
        break;
    case KR_OP_GET_ANEXT:
        kr_lower_unary_keep(lo, KR_X_GET_ANEXT, 0);
        break;
    case KR_OP_END_ASYNC_FOR:
        kr_lower_consume(lo, KR_X_END_ASYNC_FOR, 2, 0);
        if (kr_lower_tracing(lo)) {
            kr_lower_event(lo, PY_MONITORING_EVENT_BRANCH_RIGHT, 0,
                           kr_lower_jump_target(&in), in.next);
        }
        break;
    case KR_OP_CLEANUP_THROW:
        b = kr_lower_consecutive(lo, 3, false);
        kr_lower_drop(lo, 3);
        kr_lower_push_lazy(lo, KR_V_CONST, -1);
        lo->stack[lo->depth - 1].kind = KR_V_TEMP;
        a = kr_lower_push_temp(lo);
        kr_lower_emit(lo, KR_X_CLEANUP_THROW, a, b, 0);
        break;

    // Exceptions.
    case KR_OP_PUSH_EXC_INFO:
        kr_lower_materialise(lo, kr_lower_peek(lo, 1));
        a = kr_lower_peek(lo, 1)->slot;
        kr_lower_push_temp(lo);
        kr_lower_peek(lo, 1)->role = KR_ROLE_EXCEPT;
        kr_lower_emit(lo, KR_X_PUSH_EXC_INFO, a, 0, 0);
        break;
    case KR_OP_POP_EXCEPT:
        kr_lower_materialise(lo, kr_lower_peek(lo, 1));
        b = kr_lower_peek(lo, 1)->slot;
        kr_lower_drop(lo, 1);
        kr_lower_emit(lo, KR_X_POP_EXCEPT, 0, b, 0);
        break;
    case KR_OP_CHECK_EXC_MATCH:
        b = kr_lower_operand(lo, kr_lower_peek(lo, 2), &dies2);
        c = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        a = kr_lower_push_temp(lo);
        word = kr_lower_emit(lo, KR_X_CHECK_EXC_MATCH, a, b, c);
        word->flags = (uint8_t)(dies ? KR_KILL_C : 0);
        kr_lower_defines(lo, word);
        break;
    case KR_OP_CHECK_EG_MATCH:
        kr_lower_materialise(lo, kr_lower_peek(lo, 2));
        b = kr_lower_peek(lo, 2)->slot;
        c = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        kr_lower_drop(lo, 1);
        a = kr_lower_push_temp(lo);
        word = kr_lower_emit(lo, KR_X_CHECK_EG_MATCH, a, b, c);
        word->flags = (uint8_t)(dies ? KR_KILL_C : 0);
        break;
    case KR_OP_RAISE_VARARGS:
        if (oparg > 2) {
            lo->trouble = "RAISE_VARARGS takes at most 2 items";
        }
        kr_lower_consume(lo, KR_X_RAISE_VARARGS, (int)oparg, oparg);
        return UINT32_MAX;
    case KR_OP_RERAISE:
        b = kr_lower_operand(lo, kr_lower_peek(lo, 1), &dies);
        c = oparg == 0 ? 0 : kr_lower_operand(lo, kr_lower_peek(lo, oparg + 1), &lasting) + 1;
        word = kr_lower_emit(lo, KR_X_RERAISE, 0, b, c);
        word->flags = (uint8_t)kr_lower_kills(dies, false);
        return UINT32_MAX;
    case KR_OP_WITH_EXCEPT_START:
        b = kr_lower_consecutive(lo, 5, false);
        a = kr_lower_push_temp(lo);
        kr_lower_defines(lo, kr_lower_emit(lo, KR_X_WITH_EXCEPT_START, a, b, 0));
        break;
    default:
        lo->trouble = "unknown instruction";
        break;
    }
    return in.next;
}
