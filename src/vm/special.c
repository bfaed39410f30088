// SPDX-License-Identifier: MIT
// special.c - special methods written in Python, entered without C recursion.
//
// An operator whose operand's class defines the method as a plain function pushes
// a window for it and the loop goes on there. When that window returns, the
// machine comes back to the same instruction with the result: kr_special_done
// finishes it. The window lies above all slots of the frame, its arguments are
// borrowed from the operands, which wait in their slots, and it owns a reference
// to its function.
//
// Whatever is not plain (a method of another kind, other parameters than the
// operator gives, the limits of the stack) goes the general way through C.
// Read next: slow_numbers.c, slow_attributes.c, interp.c (leave)
#include "vm/special.h"

#include "bytecode/opcodes.h"
#include "objects/abstract.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type/slots.h"

bool
kr_special_push(PyThreadState *tstate, KrFrame *fp, PyObject *method, const KV *args,
                uint32_t nargs, KrReturnKind kind)
{
    if (method == NULL || !PyFunction_Check(method)) {
        return false;
    }
    PyFunctionObject *func = (PyFunctionObject *)method;
    KrExec *exec = (KrExec *)((PyCodeObject *)func->func_code)->co_executors;
    KrFrame *callee = (KrFrame *)kr_stack_top(tstate);
    if (exec == NULL || !exec->simple || exec->argcount != nargs ||
        func->vectorcall != _PyFunction_Vectorcall ||
        callee->slots + exec->nslots > (KV *)tstate->datastack_limit ||
        tstate->py_recursion_remaining <= 0) {
        return false;
    }
    tstate->py_recursion_remaining--;
    Py_INCREF(func);
    callee->func = (uint64_t)(uintptr_t)func | KR_KV_BORROWED;
    callee->prev = (uint64_t)(uintptr_t)fp | kind;
    callee->ip = (uint64_t)(uintptr_t)exec->words | 1;
    callee->frame_obj = 1;
    callee->exec = (uint64_t)(uintptr_t)exec | KR_KV_BORROWED;
    for (uint32_t i = 0; i < nargs; i++) {
        KV word = args[i];
        callee->slots[i] = kv_is_owned(word) ? (KV){word.bits | KR_KV_BORROWED} : word;
    }
    for (uint32_t i = nargs; i < exec->nlocals; i++) {
        callee->slots[i] = KV_NULL;
    }
    return true;
}

bool
kr_special_push_keeping(PyThreadState *tstate, KrFrame *fp, PyObject *name, const KV *args,
                        uint32_t nargs)
{
    PyObject *method = kr_type_lookup_borrow(Py_TYPE(kv_pointer(args[0])), name);
    KrFrame *callee = (KrFrame *)kr_stack_top(tstate);
    if (!kr_special_push(tstate, fp, method, args, nargs, KR_RETURN_OP)) {
        return false;
    }
    callee->slots[0] = kv_copy(callee->slots[0]);
    callee->slots[2] = kv_copy(callee->slots[2]);
    return true;
}

// --- Operators -------------------------------------------------------------------

typedef struct {
    binaryfunc dispatcher; // what Python classes have in the slot
    size_t place;          // of the slot in PyNumberMethods
    size_t inplace;        // of the in-place operator's slot
    binaryfunc inplace_dispatcher;
    PyObject *name;
    PyObject *reflected;
    PyObject *inplace_name;
} Operator;

#define OPERATOR(number, field, name, reflected, inplace)                       \
    [KR_NB_##number] = {slot_nb_##field, offsetof(PyNumberMethods, nb_##field), \
                        offsetof(PyNumberMethods, nb_inplace_##field),          \
                        slot_nb_inplace_##field, name, reflected, inplace}
static const Operator operators[13] = {
    OPERATOR(ADD, add, KR_ID_STATIC(__add__), KR_ID_STATIC(__radd__),
             KR_ID_STATIC(__iadd__)),
    OPERATOR(AND, and, KR_ID_STATIC(__and__), KR_ID_STATIC(__rand__),
             KR_ID_STATIC(__iand__)),
    OPERATOR(FLOOR_DIVIDE, floor_divide, KR_ID_STATIC(__floordiv__), KR_ID_STATIC(__rfloordiv__),
             KR_ID_STATIC(__ifloordiv__)),
    OPERATOR(LSHIFT, lshift, KR_ID_STATIC(__lshift__), KR_ID_STATIC(__rlshift__),
             KR_ID_STATIC(__ilshift__)),
    OPERATOR(MATRIX_MULTIPLY, matrix_multiply, KR_ID_STATIC(__matmul__), KR_ID_STATIC(__rmatmul__),
             KR_ID_STATIC(__imatmul__)),
    OPERATOR(MULTIPLY, multiply, KR_ID_STATIC(__mul__), KR_ID_STATIC(__rmul__),
             KR_ID_STATIC(__imul__)),
    OPERATOR(REMAINDER, remainder, KR_ID_STATIC(__mod__), KR_ID_STATIC(__rmod__),
             KR_ID_STATIC(__imod__)),
    OPERATOR(OR, or, KR_ID_STATIC(__or__), KR_ID_STATIC(__ror__),
             KR_ID_STATIC(__ior__)),
    OPERATOR(RSHIFT, rshift, KR_ID_STATIC(__rshift__), KR_ID_STATIC(__rrshift__),
             KR_ID_STATIC(__irshift__)),
    OPERATOR(SUBTRACT, subtract, KR_ID_STATIC(__sub__), KR_ID_STATIC(__rsub__),
             KR_ID_STATIC(__isub__)),
    OPERATOR(TRUE_DIVIDE, true_divide, KR_ID_STATIC(__truediv__), KR_ID_STATIC(__rtruediv__),
             KR_ID_STATIC(__itruediv__)),
    OPERATOR(XOR, xor, KR_ID_STATIC(__xor__), KR_ID_STATIC(__rxor__),
             KR_ID_STATIC(__ixor__)),
};
#undef OPERATOR

static binaryfunc
number_slot_at(PyTypeObject *type, size_t place)
{
    binaryfunc slot = NULL;
    if (type->tp_as_number != NULL) {
        memcpy(&slot, (char *)type->tp_as_number + place, sizeof slot);
    }
    return slot;
}

// The exact type of a word's value.
static PyTypeObject *
type_of(KV word)
{
    return kv_is_pointer(word) ? Py_TYPE(kv_pointer(word))
           : kv_is_int(word)   ? &PyLong_Type
                               : &PyFloat_Type;
}

bool
kr_special_binary(PyThreadState *tstate, KrFrame *fp, const KrWord *ip, int op, KV x, KV y)
{
    const Operator *row = &operators[op];
    PyTypeObject *left = type_of(x), *right = type_of(y);
    if (row->dispatcher == NULL) {
        return false;
    }
    if ((ip->flags & KR_FLAG_X) && number_slot_at(left, row->inplace) != NULL) {
        KV args[2] = {x, y};
        return number_slot_at(left, row->inplace) == row->inplace_dispatcher &&
               kr_special_push(tstate, fp, kr_type_lookup_borrow(left, row->inplace_name),
                               args, 2, KR_RETURN_OP_OTHER);
    }
    if (number_slot_at(left, row->place) == row->dispatcher) {
        // A subclass on the right may go first.
        if (left != right && PyType_IsSubtype(right, left)) {
            return false;
        }
        KV args[2] = {x, y};
        return kr_special_push(tstate, fp, kr_type_lookup_borrow(left, row->name), args, 2,
                               KR_RETURN_OP);
    }
    // Exact numbers on the left know nothing of Python classes.
    if ((left == &PyLong_Type || left == &PyFloat_Type) &&
        number_slot_at(right, row->place) == row->dispatcher && !PyType_IsSubtype(right, left)) {
        KV args[2] = {y, x};
        return kr_special_push(tstate, fp, kr_type_lookup_borrow(right, row->reflected),
                               args, 2, KR_RETURN_OP_OTHER);
    }
    return false;
}

static bool
is_not_implemented(KV value)
{
    return (value.bits | KR_KV_BORROWED) ==
           ((uint64_t)(uintptr_t)Py_NotImplemented | KR_KV_BORROWED);
}

// The method of the left operand has declined: what PyNumber_* does next.
static PyObject *
after_left(int op, bool inplace, PyObject *left, PyObject *right)
{
    const Operator *row = &operators[op];
    if (!Py_IS_TYPE(right, Py_TYPE(left))) {
        binaryfunc slot = number_slot_at(Py_TYPE(right), row->place);
        PyObject *result = NULL, *method;
        bool unbound;
        if (slot != NULL && slot != row->dispatcher) {
            result = slot(left, right);
        }
        else if (slot != NULL) {
            int found = kr_lookup_special(right, row->reflected, &method, &unbound);
            if (found < 0) {
                return NULL;
            }
            if (found > 0) {
                PyObject *args[2] = {right, left};
                result = PyObject_Vectorcall(method, unbound ? args : args + 1,
                                             unbound ? 2 : 1, NULL);
                Py_DECREF(method);
            }
            else {
                result = Py_NewRef(Py_NotImplemented);
            }
        }
        else {
            result = Py_NewRef(Py_NotImplemented);
        }
        if (result != Py_NotImplemented) {
            return result;
        }
        Py_DECREF(result);
    }
    return kr_number_declined(left, right, op, inplace);
}

// The method called by another name, that of the right operand or the in-place one,
// has declined.
static PyObject *
after_other(int op, bool inplace, PyObject *left, PyObject *right)
{
    if (PyLong_CheckExact(left) || PyFloat_CheckExact(left)) {
        return kr_number_declined(left, right, op, inplace);
    }
    return kr_number_inplace_declined(left, right, op, operators[op].place);
}

// A binary operator's method has answered. New word in *value_io.
static int
settle_binary(const KrWord *ip, KrFrame *fp, int op, KV y, bool other, KV *value_io)
{
    if (KR_LIKELY(!is_not_implemented(*value_io))) {
        return 0;
    }
    bool inplace = (ip->flags & KR_FLAG_X) != 0;
    PyObject *left = kv_to_object(fp->slots[ip->b]);
    PyObject *right = left == NULL ? NULL : kv_to_object(y);
    PyObject *result = NULL;
    if (right != NULL) {
        result = other ? after_other(op, inplace, left, right)
                       : after_left(op, inplace, left, right);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    if (result == NULL) {
        return -1;
    }
    *value_io = kv_from_steal(result);
    return 0;
}

// --- Comparison --------------------------------------------------------------------

bool
kr_special_compare(PyThreadState *tstate, KrFrame *fp, int op, KV x, KV y)
{
    static PyObject *const names[6] = {KR_ID_STATIC(__lt__), KR_ID_STATIC(__le__),
                                       KR_ID_STATIC(__eq__), KR_ID_STATIC(__ne__),
                                       KR_ID_STATIC(__gt__), KR_ID_STATIC(__ge__)};
    PyTypeObject *left = type_of(x), *right = type_of(y);
    if (left->tp_richcompare != slot_richcompare ||
        (left != right && PyType_IsSubtype(right, left))) {
        return false;
    }
    KV args[2] = {x, y};
    return kr_special_push(tstate, fp, kr_type_lookup_borrow(left, names[op]), args, 2,
                           KR_RETURN_OP);
}

static int
settle_compare(KrFrame *fp, const KrWord *ip, int op, KV y, KV *value_io)
{
    if (KR_LIKELY(!is_not_implemented(*value_io))) {
        return 0;
    }
    PyObject *left = kv_to_object(fp->slots[ip->b]);
    PyObject *right = left == NULL ? NULL : kv_to_object(y);
    PyObject *result = right == NULL ? NULL : kr_compare_declined(left, right, op);
    Py_XDECREF(left);
    Py_XDECREF(right);
    if (result == NULL) {
        return -1;
    }
    *value_io = kv_from_steal(result);
    return 0;
}

// The truth of a word that is consumed; -1 with an exception.
static int
truth_steal(KV value)
{
    int outcome = kr_word_truth(value);
    kv_release(value);
    return outcome;
}

// --- Truth -----------------------------------------------------------------------------

bool
kr_special_truth(PyThreadState *tstate, KrFrame *fp, KV x)
{
    if (!kv_is_pointer(x)) {
        return false;
    }
    PyTypeObject *type = Py_TYPE(kv_pointer(x));
    PyNumberMethods *numbers = type->tp_as_number;
    if (numbers != NULL && numbers->nb_bool != NULL) {
        return numbers->nb_bool == slot_nb_bool &&
               kr_special_push(tstate, fp, kr_type_lookup_borrow(type, KR_ID(__bool__)), &x,
                               1, KR_RETURN_OP);
    }
    return type->tp_as_mapping != NULL && type->tp_as_mapping->mp_length == slot_length &&
           kr_special_push(tstate, fp, kr_type_lookup_borrow(type, KR_ID(__len__)), &x, 1,
                           KR_RETURN_OP_OTHER);
}

// What __bool__ (or __len__) returned, consumed, as 0 or 1; -1 with an exception.
static int
settle_truth(KV value, bool by_length)
{
    if (!by_length) {
        if (kv_is_pointer(value) && PyBool_Check(kv_pointer(value))) {
            return kv_pointer(value) == Py_True;
        }
    }
    else if (kv_is_int(value) && kv_int(value) >= 0 && kv_int(value) <= PY_SSIZE_T_MAX) {
        return kv_int(value) != 0;
    }
    PyObject *object = kv_to_object_steal(value);
    int outcome = -1;
    if (object != NULL && by_length) {
        Py_ssize_t length = kr_length_from_result(object);
        outcome = length < 0 ? -1 : length > 0;
    }
    else if (object != NULL) {
        PyErr_Format(PyExc_TypeError, "__bool__ should return bool, returned %s",
                     Py_TYPE(object)->tp_name);
    }
    Py_XDECREF(object);
    return outcome;
}

// --- Items and unary operators -------------------------------------------------------

bool
kr_special_subscr(PyThreadState *tstate, KrFrame *fp, KV x, KV y)
{
    if (!kv_is_pointer(x)) {
        return false;
    }
    PyTypeObject *type = Py_TYPE(kv_pointer(x));
    if (type->tp_as_mapping == NULL ||
        type->tp_as_mapping->mp_subscript != slot_mp_subscript) {
        return false;
    }
    KV args[2] = {x, y};
    return kr_special_push(tstate, fp, kr_type_lookup_borrow(type, KR_ID(__getitem__)), args,
                           2, KR_RETURN_OP);
}

bool
kr_special_store_subscr(PyThreadState *tstate, KrFrame *fp, KV x, KV y, KV value)
{
    if (!kv_is_pointer(x)) {
        return false;
    }
    PyTypeObject *type = Py_TYPE(kv_pointer(x));
    if (type->tp_as_mapping == NULL ||
        type->tp_as_mapping->mp_ass_subscript != slot_mp_ass_subscript) {
        return false;
    }
    KV args[3] = {x, y, value};
    return kr_special_push(tstate, fp, kr_type_lookup_borrow(type, KR_ID(__setitem__)), args,
                           3, KR_RETURN_OP);
}

bool
kr_special_contains(PyThreadState *tstate, KrFrame *fp, KV item, KV container)
{
    if (!kv_is_pointer(container)) {
        return false;
    }
    PyTypeObject *type = Py_TYPE(kv_pointer(container));
    if (type->tp_as_sequence == NULL ||
        type->tp_as_sequence->sq_contains != slot_sq_contains) {
        return false;
    }
    KV args[2] = {container, item};
    return kr_special_push(tstate, fp, kr_type_lookup_borrow(type, KR_ID(__contains__)),
                           args, 2, KR_RETURN_OP);
}

bool
kr_special_unary(PyThreadState *tstate, KrFrame *fp, KrXop op, KV x)
{
    if (!kv_is_pointer(x)) {
        return false;
    }
    PyTypeObject *type = Py_TYPE(kv_pointer(x));
    PyNumberMethods *numbers = type->tp_as_number;
    PyObject *name = op == KR_X_NEG      ? KR_ID(__neg__)
                     : op == KR_X_INVERT ? KR_ID(__invert__)
                                         : KR_ID(__pos__);
    if (numbers == NULL || (op == KR_X_NEG      ? numbers->nb_negative != slot_nb_negative
                            : op == KR_X_INVERT ? numbers->nb_invert != slot_nb_invert
                                                : numbers->nb_positive != slot_nb_positive)) {
        return false;
    }
    return kr_special_push(tstate, fp, kr_type_lookup_borrow(type, name), &x, 1,
                           KR_RETURN_OP);
}

// --- The way back --------------------------------------------------------------------

// The NB_* number of an arithmetic op, or -1.
static int
operator_of(KrXop op)
{
    switch (op) {
    case KR_X_ADD: case KR_X_ADD_IMM: return KR_NB_ADD;
    case KR_X_SUB: case KR_X_SUB_IMM: return KR_NB_SUBTRACT;
    case KR_X_MUL: case KR_X_MUL_IMM: return KR_NB_MULTIPLY;
    case KR_X_AND: case KR_X_AND_IMM: return KR_NB_AND;
    case KR_X_FLOORDIV: case KR_X_FLOORDIV_IMM: return KR_NB_FLOOR_DIVIDE;
    case KR_X_MOD: case KR_X_MOD_IMM: return KR_NB_REMAINDER;
    case KR_X_LSHIFT: case KR_X_LSHIFT_IMM: return KR_NB_LSHIFT;
    case KR_X_RSHIFT: case KR_X_RSHIFT_IMM: return KR_NB_RSHIFT;
    case KR_X_TRUEDIV: return KR_NB_TRUE_DIVIDE;
    case KR_X_OR: return KR_NB_OR;
    case KR_X_XOR: return KR_NB_XOR;
    case KR_X_MATMUL: return KR_NB_MATRIX_MULTIPLY;
    default: return -1;
    }
}

static bool
has_immediate(KrXop op)
{
    switch (op) {
    case KR_X_ADD_IMM: case KR_X_SUB_IMM: case KR_X_MUL_IMM: case KR_X_AND_IMM:
    case KR_X_FLOORDIV_IMM: case KR_X_MOD_IMM: case KR_X_LSHIFT_IMM: case KR_X_RSHIFT_IMM:
    case KR_X_JLT_IMM: case KR_X_JLE_IMM: case KR_X_JEQ_IMM: case KR_X_JNE_IMM:
    case KR_X_JGT_IMM: case KR_X_JGE_IMM:
        return true;
    default:
        return false;
    }
}

// The comparison that an op makes, or -1; *jumps tells whether it branches.
static int
comparison_of(KrXop op, bool *jumps)
{
    *jumps = true;
    switch (op) {
    case KR_X_JLT: case KR_X_JLT_IMM: return Py_LT;
    case KR_X_JLE: case KR_X_JLE_IMM: return Py_LE;
    case KR_X_JEQ: case KR_X_JEQ_IMM: return Py_EQ;
    case KR_X_JNE: case KR_X_JNE_IMM: return Py_NE;
    case KR_X_JGT: case KR_X_JGT_IMM: return Py_GT;
    case KR_X_JGE: case KR_X_JGE_IMM: return Py_GE;
    default: break;
    }
    *jumps = false;
    switch (op) {
    case KR_X_LT: return Py_LT;
    case KR_X_LE: return Py_LE;
    case KR_X_EQ: return Py_EQ;
    case KR_X_NE: return Py_NE;
    case KR_X_GT: return Py_GT;
    case KR_X_GE: return Py_GE;
    default: return -1;
    }
}

// Operands die and the result goes to a; c is an immediate in some ops.
static void
finish(KrFrame *fp, const KrWord *ip, KV result)
{
    if (has_immediate(ip->op)) {
        kr_finish_unary(fp, ip, result);
    }
    else {
        kr_finish_binary(fp, ip, result);
    }
}

static int
compare_done(KrFrame *fp, const KrWord *ip, int op, bool jumps, KV value)
{
    KV y = has_immediate(ip->op) ? kv_from_int((int16_t)ip->c) : fp->slots[ip->c];
    if (settle_compare(fp, ip, op, y, &value) < 0) {
        return -1;
    }
    if (!jumps && !(ip->flags & KR_FLAG_X)) {
        kr_finish_binary(fp, ip, value);
        return 1;
    }
    int outcome = truth_steal(value);
    if (outcome < 0) {
        return -1;
    }
    if (!jumps) {
        kr_finish_binary(fp, ip, outcome ? KV_TRUE : KV_FALSE);
        return 1;
    }
    kr_kill_operands(fp, ip);
    return outcome == ((ip->flags & KR_FLAG_X) != 0) ? KR_SPECIAL_JUMP : 2;
}

static int
truth_done(KrFrame *fp, const KrWord *ip, KV value, bool by_length)
{
    int outcome = settle_truth(value, by_length);
    if (outcome < 0) {
        return -1;
    }
    if (ip->op == KR_X_TO_BOOL || ip->op == KR_X_NOT) {
        kr_finish_unary(fp, ip, outcome == (ip->op == KR_X_TO_BOOL) ? KV_TRUE : KV_FALSE);
        return 1;
    }
    if (ip->flags & KR_KILL_B) {
        KV x = fp->slots[ip->a];
        fp->slots[ip->a] = KV_NULL;
        kv_release(x);
    }
    return outcome == (ip->op == KR_X_JTRUE) ? KR_SPECIAL_JUMP : 1;
}

// A method called for its effect: the operands of a store die.
static int
store_done(KrFrame *fp, const KrWord *ip, KV value)
{
    bool owner_dies = ip->op == KR_X_STORE_SUBSCR ? (ip->flags & KR_FLAG_X) != 0
                                                  : (ip->flags & KR_KILL_C) != 0;
    kv_release(value);
    if (ip->op == KR_X_STORE_SUBSCR) {
        kr_kill_operands(fp, ip);
    }
    else if (ip->flags & KR_KILL_B) {
        KV old = fp->slots[ip->b];
        fp->slots[ip->b] = KV_NULL;
        kv_release(old);
    }
    if (owner_dies) {
        KV owner = fp->slots[ip->a];
        fp->slots[ip->a] = KV_NULL;
        kv_release(owner);
    }
    return kr_xop_length[ip->op];
}

static int
special_done(KrFrame *fp, const KrWord *ip, KV value, bool other)
{
    bool jumps;
    int op = operator_of(ip->op);
    if (op >= 0) {
        KV y = has_immediate(ip->op) ? kv_from_int((int16_t)ip->c) : fp->slots[ip->c];
        if (settle_binary(ip, fp, op, y, other, &value) < 0) {
            return -1;
        }
        finish(fp, ip, value);
        return 1;
    }
    op = comparison_of(ip->op, &jumps);
    if (op >= 0) {
        return compare_done(fp, ip, op, jumps, value);
    }
    switch (ip->op) {
    case KR_X_TO_BOOL: case KR_X_NOT: case KR_X_JTRUE: case KR_X_JFALSE:
        return truth_done(fp, ip, value, other);
    case KR_X_CONTAINS: {
        int outcome = truth_steal(value);
        if (outcome < 0) {
            return -1;
        }
        bool wanted = (ip->flags & KR_FLAG_X) == 0;
        kr_finish_binary(fp, ip, (outcome != 0) == wanted ? KV_TRUE : KV_FALSE);
        return 1;
    }
    case KR_X_JCONTAINS: {
        int outcome = truth_steal(value);
        if (outcome < 0) {
            return -1;
        }
        kr_kill_operands(fp, ip);
        return (outcome != 0) == ((ip->flags & KR_FLAG_X) != 0) ? KR_SPECIAL_JUMP : 2;
    }
    case KR_X_SUBSCR:
        kr_finish_binary(fp, ip, value);
        return 1;
    case KR_X_STORE_SUBSCR: case KR_X_SETATTR: case KR_X_SETATTR_INLINE:
    case KR_X_SETATTR_ADD: case KR_X_SETATTR_SLOT: case KR_X_SETATTR_POLY:
        return store_done(fp, ip, value);
    default: // attributes and unary operators
        kr_finish_unary(fp, ip, value);
        return kr_xop_length[ip->op];
    }
}

int
kr_special_done(KrFrame *fp, const KrWord *ip, KrReturnKind kind, PyFunctionObject *func,
                KV value)
{
    int advance = special_done(fp, ip, value, kind == KR_RETURN_OP_OTHER);
    Py_DECREF(func);
    return advance;
}
