// SPDX-License-Identifier: MIT
// slow_numbers.c - operators beyond the fast paths: mixed, boxed and foreign operands.
#include "vm/machine.h"

#include "bytecode/opcodes.h"
#include "objects/int/int.h"
#include "objects/str/str.h"
#include "objects/type/slots.h"
#include "vm/special.h"

#include <math.h>

static const binaryfunc operators[13] = {
    [KR_NB_ADD] = PyNumber_Add,
    [KR_NB_AND] = PyNumber_And,
    [KR_NB_FLOOR_DIVIDE] = PyNumber_FloorDivide,
    [KR_NB_LSHIFT] = PyNumber_Lshift,
    [KR_NB_MATRIX_MULTIPLY] = PyNumber_MatrixMultiply,
    [KR_NB_MULTIPLY] = PyNumber_Multiply,
    [KR_NB_REMAINDER] = PyNumber_Remainder,
    [KR_NB_OR] = PyNumber_Or,
    [KR_NB_RSHIFT] = PyNumber_Rshift,
    [KR_NB_SUBTRACT] = PyNumber_Subtract,
    [KR_NB_TRUE_DIVIDE] = PyNumber_TrueDivide,
    [KR_NB_XOR] = PyNumber_Xor,
};

static const binaryfunc inplace_operators[13] = {
    [KR_NB_ADD] = PyNumber_InPlaceAdd,
    [KR_NB_AND] = PyNumber_InPlaceAnd,
    [KR_NB_FLOOR_DIVIDE] = PyNumber_InPlaceFloorDivide,
    [KR_NB_LSHIFT] = PyNumber_InPlaceLshift,
    [KR_NB_MATRIX_MULTIPLY] = PyNumber_InPlaceMatrixMultiply,
    [KR_NB_MULTIPLY] = PyNumber_InPlaceMultiply,
    [KR_NB_REMAINDER] = PyNumber_InPlaceRemainder,
    [KR_NB_OR] = PyNumber_InPlaceOr,
    [KR_NB_RSHIFT] = PyNumber_InPlaceRshift,
    [KR_NB_SUBTRACT] = PyNumber_InPlaceSubtract,
    [KR_NB_TRUE_DIVIDE] = PyNumber_InPlaceTrueDivide,
    [KR_NB_XOR] = PyNumber_InPlaceXor,
};

static PyObject *
apply(int op, bool inplace, PyObject *x, PyObject *y)
{
    if (op == KR_NB_POWER) {
        return inplace ? PyNumber_InPlacePower(x, y, Py_None)
                       : PyNumber_Power(x, y, Py_None);
    }
    return (inplace ? inplace_operators : operators)[op](x, y);
}

// Exact numbers whose result has a tagged form. False: use the general way.
static bool
tagged_ints(int op, int64_t x, int64_t y, KV *out)
{
    int64_t result;
    switch (op) {
    case KR_NB_ADD:
        result = x + y;
        break;
    case KR_NB_SUBTRACT:
        result = x - y;
        break;
    case KR_NB_MULTIPLY:
        if (__builtin_mul_overflow(x, y, &result)) {
            return false;
        }
        break;
    case KR_NB_AND:
        result = x & y;
        break;
    case KR_NB_OR:
        result = x | y;
        break;
    case KR_NB_XOR:
        result = x ^ y;
        break;
    case KR_NB_FLOOR_DIVIDE:
        if (y == 0) {
            return false;
        }
        result = x / y - (x % y != 0 && (x < 0) != (y < 0));
        break;
    case KR_NB_REMAINDER:
        if (y == 0) {
            return false;
        }
        result = x % y;
        result += result != 0 && (result < 0) != (y < 0) ? y : 0;
        break;
    case KR_NB_RSHIFT:
        if (y < 0) {
            return false;
        }
        result = x >> (y > 62 ? 62 : y);
        break;
    case KR_NB_LSHIFT:
        if (y < 0 || y > 60) {
            return false;
        }
        result = (int64_t)((uint64_t)x << y);
        if (result >> y != x) {
            return false;
        }
        break;
    case KR_NB_TRUE_DIVIDE: {
        // Both exact as doubles: one correctly rounded division.
        const int64_t limit = INT64_C(1) << 53;
        return y != 0 && x >= -limit && x <= limit && y >= -limit && y <= limit &&
               kv_from_double((double)x / (double)y, out);
    }
    default:
        return false;
    }
    if (!kv_int_fits(result)) {
        return false;
    }
    *out = kv_from_int(result);
    return true;
}

static bool
tagged_floats(int op, double x, double y, KV *out)
{
    switch (op) {
    case KR_NB_ADD:
        return kv_from_double(x + y, out);
    case KR_NB_SUBTRACT:
        return kv_from_double(x - y, out);
    case KR_NB_MULTIPLY:
        return kv_from_double(x * y, out);
    case KR_NB_TRUE_DIVIDE:
        return y != 0 && kv_from_double(x / y, out);
    default:
        return false;
    }
}

// The double of a tagged number, if exact enough for arithmetic with a float.
static bool
as_double(KV v, double *out)
{
    if (kv_is_float(v)) {
        *out = kv_float(v);
        return true;
    }
    if (kv_is_int(v)) {
        // Conversion rounds correctly, as int.__float__ does.
        *out = (double)kv_int(v);
        return true;
    }
    if (PyFloat_CheckExact(kv_pointer(v))) {
        *out = PyFloat_AS_DOUBLE(kv_pointer(v));
        return true;
    }
    return false;
}

static void
note_kinds(KrWord *ip, KV x, KV y)
{
    unsigned seen = 0;
    KV both[2] = {x, y};
    for (int i = 0; i < 2; i++) {
        if (kv_is_float(both[i])) {
            seen |= KR_SAW_FLOAT;
        }
        else if (kv_is_pointer(both[i])) {
            PyObject *object = kv_pointer(both[i]);
            seen |= PyUnicode_CheckExact(object) ? KR_SAW_STR
                    : PyFloat_CheckExact(object) ? KR_SAW_FLOAT
                    : PyLong_CheckExact(object)  ? KR_SAW_OVERFLOW
                                                 : KR_SAW_OTHER;
        }
    }
    ip->flags |= (uint8_t)seen;
}

static inline __attribute__((always_inline)) bool
try_numbers(int op, KV x, KV y, KV *out)
{
    KV a = kr_as_number(x), b = kr_as_number(y);
    if (kv_both_int(a, b)) {
        return tagged_ints(op, kv_int(a), kv_int(b), out);
    }
    double p, q;
    if ((kv_is_float(a) | kv_is_float(b)) && as_double(a, &p) && as_double(b, &q)) {
        return tagged_floats(op, p, q, out);
    }
    return false;
}

// text += more, in place when the slot holds the only reference.
static bool
append_in_place(KrFrame *fp, const KrWord *ip, KV x, KV y, int *status)
{
    if (!kv_is_owned(x) || !kv_is_pointer(y) || Py_REFCNT(kv_pointer(x)) != 1 ||
        !((ip->flags & KR_KILL_B) || ip->a == ip->b) ||
        !PyUnicode_CheckExact(kv_pointer(x)) || !PyUnicode_CheckExact(kv_pointer(y))) {
        return false;
    }
    PyObject *text = kv_pointer(x);
    fp->slots[ip->b] = KV_NULL;
    PyUnicode_Append(&text, kv_pointer(y));
    if (text == NULL) {
        *status = -1;
        return true;
    }
    kr_finish_binary(fp, ip, kv_from_steal(text));
    *status = 0;
    return true;
}

// list + list and tuple + tuple without counting: 1 done, -1 error, 0 something else.
static int
concat_directly(KrFrame *fp, const KrWord *ip, KV x, KV y)
{
    if (!kv_is_pointer(x) || !kv_is_pointer(y)) {
        return 0;
    }
    PyTypeObject *type = Py_TYPE(kv_pointer(x));
    if (type != Py_TYPE(kv_pointer(y)) ||
        (type != &PyTuple_Type && (type != &PyList_Type || (ip->flags & KR_FLAG_X)))) {
        return 0;
    }
    PyObject *sum = type->tp_as_sequence->sq_concat(kv_pointer(x), kv_pointer(y));
    if (sum == NULL) {
        return -1;
    }
    kr_finish_binary(fp, ip, kv_from_result(sum));
    return 1;
}

int
kr_binary_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op)
{
    KV x = fp->slots[ip->b], y = fp->slots[ip->c], result;
    int status;

    if (try_numbers(op, x, y, &result)) {
        ip->flags |= kv_is_float(result) ? KR_SAW_FLOAT : KR_SAW_OVERFLOW;
        kr_finish_binary(fp, ip, result);
        return 0;
    }
    note_kinds(ip, x, y);
    if (kr_special_binary(tstate, fp, ip, op, x, y)) {
        return KR_SPECIAL_PUSHED;
    }
    if (op == KR_NB_ADD) {
        if (append_in_place(fp, ip, x, y, &status)) {
            return status;
        }
        status = concat_directly(fp, ip, x, y);
        if (status != 0) {
            return status < 0 ? -1 : 0;
        }
    }
    PyObject *left = kv_to_object(x);
    PyObject *right = left == NULL ? NULL : kv_to_object(y);
    PyObject *object = NULL;
    if (right != NULL) {
        object = apply(op, (ip->flags & KR_FLAG_X) != 0, left, right);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    if (object == NULL) {
        return -1;
    }
    kr_finish_binary(fp, ip, kv_from_result(object));
    return 0;
}

int
kr_binary_imm_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op)
{
    KV x = fp->slots[ip->b], result, y = kv_from_int((int16_t)ip->c);
    if (try_numbers(op, x, y, &result)) {
        ip->flags |= kv_is_float(result) ? KR_SAW_FLOAT : KR_SAW_OVERFLOW;
        kr_finish_unary(fp, ip, result);
        return 0;
    }
    note_kinds(ip, x, y);
    if (kr_special_binary(tstate, fp, ip, op, x, y)) {
        return KR_SPECIAL_PUSHED;
    }
    PyObject *left = kv_to_object(x);
    PyObject *right = left == NULL ? NULL : kv_to_object(y);
    PyObject *object = NULL;
    if (right != NULL) {
        object = apply(op, (ip->flags & KR_FLAG_X) != 0, left, right);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    if (object == NULL) {
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_result(object));
    return 0;
}

static int
unary_slow(KrFrame *fp, KrWord *ip, unaryfunc function)
{
    PyObject *operand = kv_to_object(fp->slots[ip->b]);
    PyObject *result = operand == NULL ? NULL : function(operand);
    Py_XDECREF(operand);
    if (result == NULL) {
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_result(result));
    return 0;
}

KR_SLOW_OP(unary_neg)
{
    KV x = fp->slots[ip->b], result;
    if (kv_is_int(x) && kv_int_fits(-kv_int(x))) {
        kr_finish_unary(fp, ip, kv_from_int(-kv_int(x)));
        return 0;
    }
    if (kv_is_float(x) && kv_from_double(-kv_float(x), &result)) {
        kr_finish_unary(fp, ip, result);
        return 0;
    }
    if (kr_special_unary(tstate, fp, ip->op, x)) {
        return KR_SPECIAL_PUSHED;
    }
    return unary_slow(fp, ip, PyNumber_Negative);
}

KR_SLOW_OP(unary_invert)
{
    KV x = fp->slots[ip->b];
    if (kv_is_int(x)) {
        kr_finish_unary(fp, ip, kv_from_int(~kv_int(x)));
        return 0;
    }
    if (kr_special_unary(tstate, fp, ip->op, x)) {
        return KR_SPECIAL_PUSHED;
    }
    return unary_slow(fp, ip, PyNumber_Invert);
}

KR_SLOW_OP(unary_pos)
{
    if (kr_special_unary(tstate, fp, ip->op, fp->slots[ip->b])) {
        return KR_SPECIAL_PUSHED;
    }
    return unary_slow(fp, ip, PyNumber_Positive);
}

// --- Truth ---------------------------------------------------------------------------

int
kr_word_truth(KV x)
{
    if (kv_is_int(x)) {
        return kv_int(x) != 0;
    }
    if (kv_is_float(x)) {
        return 1; // zeros are never tagged
    }
    return PyObject_IsTrue(kv_pointer(x));
}

// The truth of numbers, None and the builtin containers; -1 for all else.
static int
plain_truth(KV x)
{
    if (!kv_is_pointer(x)) {
        return kr_word_truth(x);
    }
    PyObject *object = kv_pointer(x);
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyBool_Type || object == Py_None) {
        return object == Py_True;
    }
    if (type == &PyUnicode_Type) {
        return PyUnicode_GET_LENGTH(object) != 0;
    }
    if (type == &PyList_Type || type == &PyTuple_Type) {
        return Py_SIZE(object) != 0;
    }
    return type == &PyDict_Type ? PyDict_GET_SIZE(object) != 0 : -1;
}

int
kr_truth_jump(PyThreadState *tstate, KrFrame *fp, KrWord *ip)
{
    KV x = fp->slots[ip->a];
    int outcome = plain_truth(x);
    if (outcome < 0) {
        if (kr_special_truth(tstate, fp, x)) {
            return KR_SPECIAL_PUSHED;
        }
        outcome = kr_word_truth(x);
    }
    if (outcome >= 0 && (ip->flags & KR_KILL_B)) {
        fp->slots[ip->a] = KV_NULL;
        kv_release(x);
    }
    return outcome;
}

KR_SLOW_OP(to_bool)
{
    int outcome = plain_truth(fp->slots[ip->b]);
    if (outcome < 0) {
        if (kr_special_truth(tstate, fp, fp->slots[ip->b])) {
            return KR_SPECIAL_PUSHED;
        }
        outcome = kr_word_truth(fp->slots[ip->b]);
    }
    if (outcome < 0) {
        return -1;
    }
    kr_finish_unary(fp, ip, outcome ? KV_TRUE : KV_FALSE);
    return 0;
}

KR_SLOW_OP(not)
{
    int outcome = plain_truth(fp->slots[ip->b]);
    if (outcome < 0) {
        if (kr_special_truth(tstate, fp, fp->slots[ip->b])) {
            return KR_SPECIAL_PUSHED;
        }
        outcome = kr_word_truth(fp->slots[ip->b]);
    }
    if (outcome < 0) {
        return -1;
    }
    kr_finish_unary(fp, ip, outcome ? KV_FALSE : KV_TRUE);
    return 0;
}

// --- Comparison ------------------------------------------------------------------------

// Bit 0: true when less, bit 1: when equal, bit 2: when greater.
static const uint8_t outcomes[6] = {
    [Py_LT] = 1, [Py_LE] = 3, [Py_EQ] = 2, [Py_NE] = 5, [Py_GT] = 4, [Py_GE] = 6,
};

static inline int
outcome_of(int op, int less, int equal)
{
    return outcomes[op] >> (less ? 0 : equal ? 1 : 2) & 1;
}

// Compares without making objects where both are plain numbers or equal words.
// 1/0, or -1 when the general way is needed.
static int
compare_numbers(int op, KV x, KV y)
{
    KV a = kr_as_number(x), b = kr_as_number(y);
    if (kv_both_int(a, b)) {
        return outcome_of(op, kv_int(a) < kv_int(b), kv_int(a) == kv_int(b));
    }
    double p, q;
    const int64_t limit = INT64_C(1) << 53;
    if ((kv_is_int(a) && (kv_int(a) > limit || kv_int(a) < -limit)) ||
        (kv_is_int(b) && (kv_int(b) > limit || kv_int(b) < -limit))) {
        return -1;
    }
    if ((kv_is_float(a) | kv_is_float(b)) && as_double(a, &p) && as_double(b, &q)) {
        if (p != p || q != q) {
            return op == Py_NE;
        }
        return outcome_of(op, p < q, p == q);
    }
    return -1;
}

// Two exact strs: 1/0, or -1 when they are something else.
static int
compare_strs(int op, KV x, KV y)
{
    if (!kv_is_pointer(x) || !kv_is_pointer(y)) {
        return -1;
    }
    PyObject *left = kv_pointer(x), *right = kv_pointer(y);
    if (!PyUnicode_CheckExact(left) || !PyUnicode_CheckExact(right)) {
        return -1;
    }
    if (op == Py_EQ || op == Py_NE) {
        return (left == right || kr_str_equal(left, right)) == (op == Py_EQ);
    }
    int order = PyUnicode_Compare(left, right);
    return outcome_of(op, order < 0, order == 0);
}

static PyObject *
compare_objects(int op, KV x, KV y)
{
    PyObject *left = kv_to_object(x);
    PyObject *right = left == NULL ? NULL : kv_to_object(y);
    PyObject *result = NULL;
    if (right != NULL) {
        result = PyObject_RichCompare(left, right, op);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

int
kr_compare_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op)
{
    KV x = fp->slots[ip->b], y = fp->slots[ip->c];
    note_kinds(ip, x, y);
    int known = compare_strs(op, x, y);
    known = known >= 0 ? known : compare_numbers(op, x, y);
    if (known >= 0) {
        kr_finish_binary(fp, ip, known ? KV_TRUE : KV_FALSE);
        return 0;
    }
    if (kr_special_compare(tstate, fp, op, x, y)) {
        return KR_SPECIAL_PUSHED;
    }
    PyObject *result = compare_objects(op, x, y);
    if (result == NULL) {
        return -1;
    }
    if ((ip->flags & KR_FLAG_X) && !PyBool_Check(result)) {
        int outcome = PyObject_IsTrue(result);
        Py_DECREF(result);
        if (outcome < 0) {
            return -1;
        }
        result = outcome ? Py_True : Py_False;
    }
    kr_finish_binary(fp, ip, kv_from_result(result));
    return 0;
}

// The outcome for a jump: 1/0, -1 with an exception, KR_SPECIAL_PUSHED.
static int
compare_truth(PyThreadState *tstate, KrFrame *fp, int op, KV x, KV y)
{
    int outcome = compare_strs(op, x, y);
    outcome = outcome >= 0 ? outcome : compare_numbers(op, x, y);
    if (outcome < 0) {
        if (kr_special_compare(tstate, fp, op, x, y)) {
            return KR_SPECIAL_PUSHED;
        }
        PyObject *result = compare_objects(op, x, y);
        if (result == NULL) {
            return -1;
        }
        outcome = result == Py_True ? 1 : result == Py_False ? 0 : PyObject_IsTrue(result);
        Py_DECREF(result);
    }
    return outcome;
}

// What the operands of a jump are worth when one of them is no int; see compare_truth.
static __attribute__((noinline)) int
compare_jump_general(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op, KV x, KV y)
{
    note_kinds(ip, x, y);
    return compare_truth(tstate, fp, op, x, y);
}

int
kr_compare_jump_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op)
{
    KV x = fp->slots[ip->b], y = fp->slots[ip->c];
    KV a = kr_as_number(x), b = kr_as_number(y);
    int outcome;
    if (kv_both_int(a, b)) {
        ip->flags |= KR_SAW_OVERFLOW;
        outcome = outcome_of(op, kv_int(a) < kv_int(b), kv_int(a) == kv_int(b));
    }
    else {
        outcome = compare_jump_general(tstate, fp, ip, op, x, y);
    }
    if (outcome == 0 || outcome == 1) {
        kr_kill_operands(fp, ip);
    }
    return outcome;
}

int
kr_compare_jump_imm_slow(PyThreadState *tstate, KrFrame *fp, KrWord *ip, int op)
{
    KV x = fp->slots[ip->b], a = kr_as_number(x);
    int64_t y = (int16_t)ip->c;
    int outcome;
    if (kv_is_int(a)) {
        ip->flags |= KR_SAW_OVERFLOW;
        outcome = outcome_of(op, kv_int(a) < y, kv_int(a) == y);
    }
    else {
        outcome = compare_jump_general(tstate, fp, ip, op, x, kv_from_int(y));
    }
    if ((outcome == 0 || outcome == 1) && (ip->flags & KR_KILL_B)) {
        fp->slots[ip->b] = KV_NULL;
        kv_release(x);
    }
    return outcome;
}

// Whether the int is among the items: 1/0; -2 where an item is no plain int before
// it is found, so that the general way is needed.
static int
int_among(KV number, PyObject **items, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        KV item = kr_as_number(kv_from_borrow(items[i]));
        if (item.bits == number.bits) {
            return 1;
        }
        if (!kv_is_int(item)) {
            return -2;
        }
    }
    return 0;
}

// dict, str and other C types at once; -2 where the general way is needed.
static int
contains_directly(KV item, KV container_word)
{
    if (!kv_is_pointer(container_word)) {
        return -2;
    }
    PyObject *container = kv_pointer(container_word);
    bool is_tuple = PyTuple_CheckExact(container);
    KV number = kr_as_number(item);
    if (kv_is_int(number) && (is_tuple || PyList_CheckExact(container))) {
        PyObject **items = is_tuple ? ((PyTupleObject *)container)->ob_item
                                    : ((PyListObject *)container)->ob_item;
        int among = int_among(number, items, Py_SIZE(container));
        if (among >= 0) {
            return among;
        }
    }
    PySequenceMethods *suite = Py_TYPE(container)->tp_as_sequence;
    if (suite == NULL || suite->sq_contains == NULL || suite->sq_contains == slot_sq_contains) {
        return -2;
    }
    if (kv_is_pointer(item)) {
        return suite->sq_contains(container, kv_pointer(item));
    }
    PyObject *box = kr_kv_box_slow(item);
    int found = box == NULL ? -1 : suite->sq_contains(container, box);
    Py_XDECREF(box);
    return found;
}

// Membership in general: 1/0, -1 with an exception, KR_SPECIAL_PUSHED.
static int
contains(PyThreadState *tstate, KrFrame *fp, KV item, KV container_word)
{
    int found = contains_directly(item, container_word);
    if (found != -2) {
        return found;
    }
    if (kr_special_contains(tstate, fp, item, container_word)) {
        return KR_SPECIAL_PUSHED;
    }
    PyObject *value = kv_to_object(item);
    PyObject *container = value == NULL ? NULL : kv_to_object(container_word);
    found = container == NULL ? -1 : PySequence_Contains(container, value);
    Py_XDECREF(value);
    Py_XDECREF(container);
    return found;
}

KR_SLOW_OP(contains)
{
    int found = contains(tstate, fp, fp->slots[ip->b], fp->slots[ip->c]);
    if (found < 0 || found == KR_SPECIAL_PUSHED) {
        return found;
    }
    bool outcome = (found != 0) != ((ip->flags & KR_FLAG_X) != 0);
    kr_finish_binary(fp, ip, outcome ? KV_TRUE : KV_FALSE);
    return 0;
}

int
kr_contains_jump(PyThreadState *tstate, KrFrame *fp, KrWord *ip)
{
    int found = contains(tstate, fp, fp->slots[ip->b], fp->slots[ip->c]);
    if (found == 0 || found == 1) {
        kr_kill_operands(fp, ip);
    }
    return found;
}
