// SPDX-License-Identifier: MIT
// verify_flow.c - follows all paths through a piece of bytecode and keeps track of what
// kinds of values the locals and the operands can have.
//
// The state of the frame is known at each label (target of a jump or of a handler); paths
// that meet join their kinds, and a label whose state has grown is followed again. Between
// labels one state is carried along.
// Read next: verify_internal.h, vm/lower.c

#include "bytecode/verify_internal.h"

#include <string.h>

#include "bytecode/exctable.h"
#include "bytecode/opcodes.h"

// What a place can hold; a set of these bits.
enum {
    K_NULL = 1 << 0,
    K_CELL = 1 << 1,  // in a local only: the variable's own cell
    K_LIST = 1 << 2,
    K_SET = 1 << 3,
    K_DICT = 1 << 4,
    K_FUNC = 1 << 5,
    K_STR = 1 << 6,
    K_TUPLE = 1 << 7,
    K_CODE = 1 << 8,
    K_EXC = 1 << 9,   // an exception
    K_ITER = 1 << 10, // an iterator
    K_SEND = 1 << 11, // what SEND takes: an iterator or a coroutine
    K_OBJ = 1 << 12,  // any object, not as a tagged number
    K_OTHER = 1 << 13, // any object
};

typedef uint16_t Kinds;

typedef struct {
    Kinds *saved;  // locals, then operands; NULL until reached
    int depth;
    bool waiting;  // is in todo
} Label;

typedef struct {
    const KrVerifyInput *in;
    uint8_t *starts;   // per unit: UNIT_* bits
    KrExcEntry *ranges; // the exception table, sorted
    int range_count;
    const KrExcEntry *range; // the first one that does not end before the instruction
    Label *labels;     // per unit
    int *todo;         // labels to follow
    int todo_count;
    Kinds *locals;     // the current state
    Kinds *stack;      // behind the locals in memory
    Kinds nothing;     // stands for a missing operand
    int depth;
    int unit;          // where the check is
    int last_const;    // constant that the instruction before has pushed, or -1
    const char *problem;
} Verifier;

static void
fail(Verifier *v, const char *problem)
{
    if (v->problem == NULL) {
        v->problem = problem;
    }
}

// ------------------------------------------------------------------ labels

enum { UNIT_START = 1, UNIT_LABEL = 2 };

static void
mark_label(Verifier *v, int unit)
{
    if (unit < 0 || unit >= v->in->units) {
        fail(v, "a jump leads to no instruction");
        return;
    }
    v->starts[unit] |= UNIT_LABEL;
}

static bool
jumps(int opcode)
{
    return (kr_opcode_flags(opcode) & KR_OPF_JUMP) && opcode != KR_OP_END_ASYNC_FOR;
}

// -1 when it is not within the code. FOR_ITER leads behind its END_FOR.
static int
jump_target(const KrVerifyInput *in, const KrVerifyInstr *instr)
{
    bool back = instr->opcode == KR_OP_JUMP_BACKWARD ||
                instr->opcode == KR_OP_JUMP_BACKWARD_NO_INTERRUPT;

    if (back) {
        return instr->next - instr->arg;
    }
    if (instr->arg >= in->units - instr->next) {
        return -1;
    }
    int target = instr->next + instr->arg;
    if (instr->opcode == KR_OP_FOR_ITER) {
        return in->code[target * 2] == KR_OP_END_FOR ? target + 1 : -1;
    }
    return target;
}

// A generator is made once, at its beginning.
static void
check_generator(Verifier *v, int made, int count, int prepared)
{
    if (count > 1 || (count == 1 && made != prepared)) {
        fail(v, "RETURN_GENERATOR stands in the middle");
    }
    else if (v->in->is_generator && count == 0) {
        fail(v, "a generator does not begin with RETURN_GENERATOR");
    }
}

// The instructions that a generator may have before RETURN_GENERATOR.
static bool
prepares_frame(int opcode)
{
    return opcode == KR_OP_COPY_FREE_VARS || opcode == KR_OP_MAKE_CELL ||
           opcode == KR_OP_NOP;
}

// Finds the instructions and the labels.
static void
scan(Verifier *v)
{
    int made = -1, count = 0, prepared = 0;
    KrVerifyInstr instr;

    for (int unit = 0; unit < v->in->units && v->problem == NULL; unit = instr.next) {
        v->unit = unit;
        const char *problem = kr_verify_decode(v->in, unit, &instr);
        if (problem != NULL) {
            fail(v, problem);
            return;
        }
        v->starts[unit] |= UNIT_START;
        if (jumps(instr.opcode)) {
            mark_label(v, jump_target(v->in, &instr));
        }
        else if (unit == prepared && prepares_frame(instr.opcode)) {
            prepared = instr.next;
        }
        else if (instr.opcode == KR_OP_RETURN_GENERATOR) {
            made = unit;
            count++;
        }
    }
    check_generator(v, made, count, prepared);
    for (int unit = 0; unit < v->in->units && v->problem == NULL; unit++) {
        v->unit = unit;
        if (v->starts[unit] == UNIT_LABEL) {
            fail(v, "a jump leads to no instruction");
        }
        else if (v->starts[unit] == (UNIT_START | UNIT_LABEL) && unit <= made) {
            fail(v, "RETURN_GENERATOR stands in the middle");
        }
    }
}

static void
read_ranges(Verifier *v)
{
    const uint8_t *at = v->in->exctable, *end = at + v->in->exctable_size;
    KrExcEntry entry;
    int last = 0;

    // An entry takes four bytes at least.
    v->ranges = v->in->alloc((v->in->exctable_size / 4 + 1) * sizeof(KrExcEntry));
    if (v->ranges == NULL) {
        fail(v, kr_verify_no_memory);
        return;
    }
    while (kr_exctable_next(&at, end, &entry)) {
        if (entry.start < last || entry.end < entry.start || entry.depth < 0) {
            fail(v, "broken exception table");
            return;
        }
        last = entry.end;
        mark_label(v, entry.target);
        v->ranges[v->range_count++] = entry;
    }
}

// Sets v->range for a walk that begins at v->unit.
static void
find_range(Verifier *v)
{
    int low = 0, high = v->range_count;

    while (low < high) {
        int middle = (low + high) / 2;
        if (v->ranges[middle].end <= v->unit) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    v->range = v->ranges + low;
}

// ------------------------------------------------------------- joining of paths

static bool
join(Kinds *into, const Kinds *from, int count)
{
    bool grown = false;

    for (int i = 0; i < count; i++) {
        grown = grown || (from[i] & ~into[i]) != 0;
        into[i] |= from[i];
    }
    return grown;
}

// The path comes to the label with the current stack.
static void
reach(Verifier *v, int unit)
{
    Label *label = &v->labels[unit];
    int count = v->in->locals + v->depth;
    bool grown = true;

    if (label->saved == NULL) {
        label->saved = v->in->alloc((size_t)(count + 1) * sizeof(Kinds));
        if (label->saved == NULL) {
            fail(v, kr_verify_no_memory);
            return;
        }
        memcpy(label->saved, v->locals, (size_t)count * sizeof(Kinds));
        label->depth = v->depth;
    }
    else if (label->depth != v->depth) {
        fail(v, "stacks of different depth meet");
        return;
    }
    else {
        grown = join(label->saved, v->locals, count);
    }
    if (grown && !label->waiting) {
        label->waiting = true;
        v->todo[v->todo_count++] = unit;
    }
}

// ------------------------------------------------------------------ operands

static Kinds
pop(Verifier *v)
{
    if (v->depth <= 0) {
        fail(v, "the stack is empty");
        return K_OTHER;
    }
    return v->stack[--v->depth];
}

static void
push(Verifier *v, Kinds kinds)
{
    if (v->depth >= v->in->stacksize) {
        fail(v, "co_stacksize is too small");
        return;
    }
    v->stack[v->depth++] = kinds;
}

// The place of the n-th operand from the top, counted from 1.
static Kinds *
operand(Verifier *v, int n)
{
    if (n < 1 || n > v->depth) {
        fail(v, "the stack is empty");
        v->nothing = K_OTHER;
        return &v->nothing;
    }
    return &v->stack[v->depth - n];
}

static void
expect(Verifier *v, Kinds kinds, Kinds allowed)
{
    if (kinds & ~allowed) {
        fail(v, kinds & K_NULL ? "NULL where a value is needed"
                               : "a value of the wrong type");
    }
}

static void
pop_as(Verifier *v, Kinds allowed)
{
    expect(v, pop(v), allowed);
}

#define K_VALUE ((Kinds)~K_NULL)

static void
pop_values(Verifier *v, int count)
{
    if (count > v->depth) {
        fail(v, "the stack is empty");
        return;
    }
    while (count-- > 0) {
        pop_as(v, K_VALUE);
    }
}

static void
push_others(Verifier *v, int count)
{
    while (count-- > 0 && v->problem == NULL) {
        push(v, K_OTHER);
    }
}

// ------------------------------------------------------------------- locals

static void
load_local(Verifier *v, int index)
{
    if (v->locals[index] & K_NULL) {
        fail(v, "an unbound local is read");
    }
    push(v, K_OTHER);
}

static void
store_local(Verifier *v, int index)
{
    Kinds kinds = pop(v);
    bool object = (kinds & ~(K_NULL | K_CELL)) != 0;

    v->locals[index] = (Kinds)((kinds & (K_NULL | K_CELL)) | (object ? K_OTHER : 0));
}

static void
copy_free_vars(Verifier *v)
{
    int first = v->in->locals - v->in->freevars;

    for (int i = first; i < v->in->locals; i++) {
        v->locals[i] = K_CELL;
    }
}

static void
expect_cell(Verifier *v, int index)
{
    if (v->locals[index] != K_CELL) {
        fail(v, "a variable has no cell yet");
    }
}

// True if the instruction has been dealt with.
static bool
apply_local(Verifier *v, int opcode, int arg)
{
    switch (opcode) {
    case KR_OP_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW:
        load_local(v, arg);
        return true;
    case KR_OP_LOAD_FAST_LOAD_FAST:
    case KR_OP_LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        load_local(v, arg >> 4);
        load_local(v, arg & 15);
        return true;
    case KR_OP_LOAD_FAST_CHECK:
        v->locals[arg] &= (Kinds)~K_NULL;
        push(v, K_OTHER);
        return true;
    case KR_OP_LOAD_FAST_AND_CLEAR:
        push(v, v->locals[arg]);
        v->locals[arg] = K_NULL;
        return true;
    case KR_OP_STORE_FAST:
        store_local(v, arg);
        return true;
    case KR_OP_STORE_FAST_STORE_FAST:
        store_local(v, arg >> 4);
        store_local(v, arg & 15);
        return true;
    case KR_OP_STORE_FAST_LOAD_FAST:
        store_local(v, arg >> 4);
        load_local(v, arg & 15);
        return true;
    case KR_OP_DELETE_FAST:
        v->locals[arg] = K_NULL;
        return true;
    case KR_OP_MAKE_CELL:
        v->locals[arg] = K_CELL;
        return true;
    case KR_OP_COPY_FREE_VARS:
        copy_free_vars(v);
        return true;
    case KR_OP_LOAD_DEREF:
    case KR_OP_STORE_DEREF:
    case KR_OP_DELETE_DEREF:
    case KR_OP_LOAD_FROM_DICT_OR_DEREF:
        expect_cell(v, arg);
        return false;
    default:
        return false;
    }
}

// --------------------------------------------------------- instructions with types

static Kinds
const_kinds(Verifier *v, int index)
{
    int size;

    switch (v->in->const_kind(v->in->context, index, &size)) {
    case KR_VERIFY_CONST_STR:
        return K_STR;
    case KR_VERIFY_CONST_TUPLE:
    case KR_VERIFY_CONST_NAMES:
        return K_TUPLE;
    case KR_VERIFY_CONST_CODE:
        return K_CODE;
    default:
        return K_OTHER;
    }
}

// Arguments, the receiver or NULL, the callable.
static void
pop_call(Verifier *v, int arguments)
{
    pop_values(v, arguments);
    pop(v);
    pop_as(v, K_VALUE);
    push(v, K_OTHER);
}

static void
pop_call_kw(Verifier *v, int arguments)
{
    int size = 0;

    if (v->last_const < 0 ||
        v->in->const_kind(v->in->context, v->last_const, &size) != KR_VERIFY_CONST_NAMES ||
        size > arguments) {
        fail(v, "the keywords of a call are no constant names");
    }
    pop(v);
    pop_call(v, arguments);
}

// count values go into the container at operand `place`, counted without them.
static void
into_container(Verifier *v, int place, int count, Kinds container)
{
    pop_values(v, count);
    expect(v, *operand(v, place), container);
}

static bool
apply_container(Verifier *v, int opcode, int arg)
{
    switch (opcode) {
    case KR_OP_LIST_APPEND:
    case KR_OP_LIST_EXTEND:
        into_container(v, arg, 1, K_LIST);
        return true;
    case KR_OP_SET_ADD: // also into the set of conditional annotations, from a variable
        into_container(v, arg, 1, K_SET | K_OTHER);
        return true;
    case KR_OP_SET_UPDATE:
        into_container(v, arg, 1, K_SET);
        return true;
    case KR_OP_MAP_ADD:
        into_container(v, arg, 2, K_DICT);
        return true;
    case KR_OP_DICT_UPDATE:
        into_container(v, arg, 1, K_DICT);
        return true;
    case KR_OP_DICT_MERGE:
        into_container(v, arg, 1, K_DICT);
        expect(v, *operand(v, arg + 3), K_VALUE);
        return true;
    case KR_OP_BUILD_LIST:
        pop_values(v, arg);
        push(v, K_LIST);
        return true;
    case KR_OP_BUILD_SET:
        pop_values(v, arg);
        push(v, K_SET);
        return true;
    case KR_OP_BUILD_TUPLE:
        pop_values(v, arg);
        push(v, K_TUPLE);
        return true;
    case KR_OP_BUILD_MAP:
        pop_values(v, arg);
        pop_values(v, arg);
        push(v, K_DICT);
        return true;
    default:
        return false;
    }
}

static bool
apply_text(Verifier *v, int opcode, int arg)
{
    switch (opcode) {
    case KR_OP_BUILD_STRING:
        for (int i = 0; i < arg && v->problem == NULL; i++) {
            pop_as(v, K_STR);
        }
        break;
    case KR_OP_FORMAT_WITH_SPEC:
        pop_as(v, K_STR);
        pop_as(v, K_VALUE);
        break;
    case KR_OP_FORMAT_SIMPLE:
    case KR_OP_CONVERT_VALUE:
        pop_as(v, K_VALUE);
        break;
    case KR_OP_BUILD_INTERPOLATION:
        if (arg & 1) {
            pop_as(v, K_STR);
        }
        pop_as(v, K_STR);
        pop_as(v, K_VALUE);
        push(v, K_OTHER);
        return true;
    case KR_OP_BUILD_TEMPLATE:
        pop_as(v, K_TUPLE);
        pop_as(v, K_TUPLE);
        push(v, K_OTHER);
        return true;
    default:
        return false;
    }
    push(v, K_STR);
    return true;
}

static bool
apply_call(Verifier *v, int opcode, int arg)
{
    switch (opcode) {
    case KR_OP_CALL:
        pop_call(v, arg);
        return true;
    case KR_OP_CALL_KW:
        pop_call_kw(v, arg);
        return true;
    case KR_OP_CALL_FUNCTION_EX:
        pop_as(v, K_NULL | K_DICT);
        pop_call(v, 1);
        return true;
    case KR_OP_MAKE_FUNCTION:
        pop_as(v, K_CODE);
        push(v, K_FUNC);
        return true;
    case KR_OP_SET_FUNCTION_ATTRIBUTE:
        pop_as(v, K_FUNC);
        pop_as(v, K_VALUE); // its type is checked when it runs
        push(v, K_FUNC);
        return true;
    case KR_OP_CALL_INTRINSIC_1:
        pop_as(v, arg == KR_INTRINSIC_LIST_TO_TUPLE        ? K_LIST
                  : arg == KR_INTRINSIC_STOPITERATION_ERROR ? K_EXC
                                                            : K_VALUE);
        push(v, arg == KR_INTRINSIC_LIST_TO_TUPLE ? K_TUPLE : K_OBJ);
        return true;
    case KR_OP_CALL_INTRINSIC_2:
        pop_as(v, arg == KR_INTRINSIC_PREP_RERAISE_STAR ? K_LIST : K_VALUE);
        pop_as(v, arg == KR_INTRINSIC_SET_FUNCTION_TYPE_PARAMS ? K_FUNC
                  : arg == KR_INTRINSIC_PREP_RERAISE_STAR      ? K_EXC
                                                               : K_VALUE);
        push(v, arg == KR_INTRINSIC_SET_FUNCTION_TYPE_PARAMS ? K_FUNC : K_OBJ);
        return true;
    case KR_OP_LOAD_GLOBAL:
        push(v, K_OTHER);
        if (arg & 1) {
            push(v, K_NULL);
        }
        return true;
    case KR_OP_LOAD_ATTR:
    case KR_OP_LOAD_SUPER_ATTR:
    case KR_OP_LOAD_SPECIAL:
        pop_values(v, opcode == KR_OP_LOAD_SUPER_ATTR ? 3 : 1);
        push(v, K_OTHER);
        if ((arg & 1) || opcode == KR_OP_LOAD_SPECIAL) {
            push(v, K_OTHER | K_NULL);
        }
        return true;
    default:
        return false;
    }
}

// Instructions that only move values about.
static bool
apply_stack(Verifier *v, int opcode, int arg)
{
    Kinds *top, *other, kinds;

    switch (opcode) {
    case KR_OP_POP_TOP:
        pop(v);
        return true;
    case KR_OP_PUSH_NULL:
        push(v, K_NULL);
        return true;
    case KR_OP_COPY:
        push(v, *operand(v, arg));
        return true;
    case KR_OP_SWAP:
        top = operand(v, 1);
        other = operand(v, arg);
        kinds = *top;
        *top = *other;
        *other = kinds;
        return true;
    case KR_OP_LOAD_CONST:
        push(v, const_kinds(v, arg));
        return true;
    default:
        return false;
    }
}

// Instructions that leave the operand `place` where it is and push one more.
static void
keep_and_push(Verifier *v, int place, Kinds allowed, Kinds result)
{
    expect(v, *operand(v, place), allowed);
    push(v, result);
}

static bool
apply_keeping(Verifier *v, int opcode)
{
    switch (opcode) {
    case KR_OP_GET_LEN:
    case KR_OP_MATCH_MAPPING:
    case KR_OP_MATCH_SEQUENCE:
        keep_and_push(v, 1, K_VALUE, K_OTHER);
        return true;
    case KR_OP_MATCH_KEYS:
        expect(v, *operand(v, 2), K_VALUE);
        keep_and_push(v, 1, K_TUPLE, K_OBJ);
        return true;
    case KR_OP_IMPORT_FROM:
        keep_and_push(v, 1, K_VALUE, K_OBJ);
        return true;
    case KR_OP_GET_ANEXT:
        keep_and_push(v, 1, K_VALUE, K_SEND);
        return true;
    case KR_OP_SEND:
        pop_as(v, K_VALUE);
        keep_and_push(v, 1, K_SEND | K_ITER, K_OTHER);
        return true;
    default:
        return false;
    }
}

// Iterators and exceptions.
static bool
apply_protocol(Verifier *v, int opcode)
{
    switch (opcode) {
    case KR_OP_GET_ITER:
        pop_as(v, K_VALUE);
        push(v, K_ITER);
        return true;
    case KR_OP_GET_AITER:
        pop_as(v, K_VALUE);
        push(v, K_OBJ);
        return true;
    case KR_OP_GET_YIELD_FROM_ITER:
    case KR_OP_GET_AWAITABLE:
        pop_as(v, K_VALUE);
        push(v, K_SEND);
        return true;
    case KR_OP_PUSH_EXC_INFO:
        pop_as(v, K_EXC);
        push(v, K_OBJ);
        push(v, K_EXC);
        return true;
    case KR_OP_POP_EXCEPT:
        pop_as(v, K_EXC | K_OBJ);
        return true;
    case KR_OP_CHECK_EXC_MATCH:
        pop_as(v, K_VALUE);
        keep_and_push(v, 1, K_EXC, K_OTHER);
        return true;
    case KR_OP_CHECK_EG_MATCH:
        pop_as(v, K_VALUE);
        pop_as(v, K_EXC | K_OBJ);
        push(v, K_OBJ);
        push(v, K_OBJ);
        return true;
    case KR_OP_RERAISE:
        pop_as(v, K_EXC | K_OBJ);
        return true;
    case KR_OP_CLEANUP_THROW:
        pop_as(v, K_EXC);
        pop_values(v, 2);
        push_others(v, 2);
        return true;
    case KR_OP_END_ASYNC_FOR:
        pop_as(v, K_EXC);
        pop_values(v, 1);
        return true;
    case KR_OP_WITH_EXCEPT_START:
        // The receiver of __exit__, operand 4, may be missing.
        expect(v, *operand(v, 5), K_VALUE);
        expect(v, *operand(v, 3) | *operand(v, 2), K_VALUE);
        keep_and_push(v, 1, K_EXC, K_OTHER);
        return true;
    default:
        return false;
    }
}

static void
apply(Verifier *v, const KrVerifyInstr *instr)
{
    int opcode = instr->opcode, arg = instr->arg;

    if (apply_local(v, opcode, arg) || apply_stack(v, opcode, arg) ||
        apply_container(v, opcode, arg) || apply_text(v, opcode, arg) ||
        apply_call(v, opcode, arg) || apply_keeping(v, opcode) ||
        apply_protocol(v, opcode)) {
        return;
    }
    if (opcode == KR_OP_MATCH_CLASS) {
        expect(v, *operand(v, 1), K_TUPLE);
    }
    if (opcode == KR_OP_END_FOR) {
        fail(v, "END_FOR is not the end of a loop");
    }
    pop_values(v, kr_opcode_popped(opcode, arg));
    push_others(v, kr_opcode_pushed(opcode, arg));
}

// ------------------------------------------------------------------- following

// The instruction may go to its handler; returns the handler's entry, NULL if it has none.
static const KrExcEntry *
enter_handler(Verifier *v)
{
    const KrExcEntry *entry = v->range, *end = v->ranges + v->range_count;

    while (entry < end && entry->end <= v->unit) {
        entry++;
    }
    v->range = entry;
    if (entry == end || entry->start > v->unit) {
        return NULL;
    }
    if (entry->depth > v->depth) {
        fail(v, "a handler needs more operands than there are");
        return NULL;
    }
    // The places above are put back afterwards.
    int depth = v->depth, added = entry->depth + entry->lasti;
    if (added >= v->in->stacksize) {
        fail(v, "co_stacksize is too small");
        return NULL;
    }
    Kinds kept[2] = {v->stack[entry->depth], v->stack[added]};
    v->stack[entry->depth] = K_OTHER;
    v->stack[added] = K_EXC;
    v->depth = added + 1;
    reach(v, entry->target);
    v->stack[added] = kept[1];
    v->stack[entry->depth] = kept[0];
    v->depth = depth;
    return entry;
}

// How many operands an instruction takes away before it can fail.
static int
taken(const KrVerifyInstr *instr)
{
    switch (instr->opcode) {
    case KR_OP_SWAP:
    case KR_OP_COPY:
    case KR_OP_POP_TOP:
    case KR_OP_STORE_FAST:
    case KR_OP_STORE_FAST_LOAD_FAST:
    case KR_OP_STORE_FAST_STORE_FAST:
    case KR_OP_PUSH_EXC_INFO:
    case KR_OP_WITH_EXCEPT_START:
    case KR_OP_RERAISE:
    case KR_OP_YIELD_VALUE: // what throw() brings finds None there
    case KR_OP_FOR_ITER:
    case KR_OP_GET_ANEXT:
    case KR_OP_GET_LEN:
    case KR_OP_IMPORT_FROM:
    case KR_OP_MATCH_KEYS:
    case KR_OP_MATCH_MAPPING:
    case KR_OP_MATCH_SEQUENCE:
        return 0;
    case KR_OP_LIST_APPEND:
    case KR_OP_LIST_EXTEND:
    case KR_OP_SET_ADD:
    case KR_OP_SET_UPDATE:
    case KR_OP_DICT_UPDATE:
    case KR_OP_DICT_MERGE:
    case KR_OP_CHECK_EXC_MATCH:
    case KR_OP_SEND:
        return 1;
    case KR_OP_MAP_ADD:
        return 2;
    default:
        return kr_opcode_popped(instr->opcode, instr->arg);
    }
}

// Checks the instruction at v->unit; returns the next unit, or -1 when control does not
// get there.
static int
follow(Verifier *v)
{
    KrVerifyInstr instr;
    const KrExcEntry *handler;

    kr_verify_decode(v->in, v->unit, &instr);
    if (!kr_verify_arg(v->in, instr.opcode, instr.arg)) {
        fail(v, "argument out of range");
        return -1;
    }
    // A handler finds the operands below its depth as they were.
    handler = enter_handler(v);
    if (handler != NULL && v->depth - taken(&instr) < handler->depth) {
        fail(v, "operands that a handler needs are popped");
    }
    if (v->problem != NULL) {
        return -1;
    }
    if (instr.opcode == KR_OP_FOR_ITER) {
        expect(v, *operand(v, 1), K_VALUE);
        reach(v, jump_target(v->in, &instr));
        push(v, K_OTHER);
    }
    else {
        apply(v, &instr);
        if (jumps(instr.opcode) && v->problem == NULL) {
            reach(v, jump_target(v->in, &instr));
        }
    }
    if (instr.opcode != KR_OP_NOP) {
        v->last_const = instr.opcode == KR_OP_LOAD_CONST ? instr.arg : -1;
    }
    if (kr_opcode_flags(instr.opcode) & (KR_OPF_ALWAYS_JUMPS | KR_OPF_SCOPE_EXIT)) {
        return -1;
    }
    if (instr.next >= v->in->units) {
        fail(v, "the code does not end with a return");
        return -1;
    }
    return instr.next;
}

static void
follow_from(Verifier *v, int unit)
{
    Label *label = &v->labels[unit];

    label->waiting = false;
    v->depth = label->depth;
    memcpy(v->locals, label->saved,
           (size_t)(v->in->locals + label->depth) * sizeof(Kinds));
    v->last_const = -1;
    v->unit = unit;
    find_range(v);
    do {
        v->unit = unit;
        unit = follow(v);
        if (unit >= 0 && (v->starts[unit] & UNIT_LABEL)) {
            reach(v, unit);
            unit = -1;
        }
    } while (unit >= 0 && v->problem == NULL);
}

static void
follow_all(Verifier *v)
{
    for (int i = 0; i < v->in->locals; i++) {
        v->locals[i] = i < v->in->arguments ? K_OTHER : K_NULL;
    }
    v->starts[0] |= UNIT_LABEL;
    reach(v, 0);
    while (v->problem == NULL && v->todo_count > 0) {
        follow_from(v, v->todo[--v->todo_count]);
    }
}

static bool
verifier_alloc(Verifier *v)
{
    const KrVerifyInput *in = v->in;
    size_t units = (size_t)in->units;

    v->labels = in->alloc(units * sizeof(Label));
    v->todo = in->alloc(units * sizeof(int));
    v->starts = in->alloc(units);
    v->locals = in->alloc(((size_t)in->locals + (size_t)in->stacksize + 1) * sizeof(Kinds));
    if (v->labels == NULL || v->todo == NULL || v->starts == NULL || v->locals == NULL) {
        return false;
    }
    memset(v->labels, 0, units * sizeof(Label));
    memset(v->starts, 0, units);
    v->stack = v->locals + in->locals;
    return true;
}

static void
verifier_free(Verifier *v)
{
    for (int i = 0; v->labels != NULL && i < v->in->units; i++) {
        v->in->free(v->labels[i].saved);
    }
    v->in->free(v->labels);
    v->in->free(v->todo);
    v->in->free(v->starts);
    v->in->free(v->ranges);
    v->in->free(v->locals);
}

const char *
kr_verify_bytecode(const KrVerifyInput *in, int *unit_out)
{
    Verifier v = {.in = in};

    *unit_out = 0;
    if (in->units <= 0) {
        return "there is no code";
    }
    if (!verifier_alloc(&v)) {
        v.problem = kr_verify_no_memory;
    }
    else {
        read_ranges(&v);
        scan(&v);
        if (v.problem == NULL) {
            follow_all(&v);
        }
    }
    *unit_out = v.unit;
    verifier_free(&v);
    return v.problem;
}
