// SPDX-License-Identifier: MIT
// slow_iteration.c - iterators beyond the fast paths, and the choice of forms.
//
// Callers: the ops of iteration in ops.kop.
// Read next: generator.h
#include "vm/machine.h"

#include "vm/generator.h"

static int
finish_iterator(KrFrame *fp, const KrWord *ip, PyObject *iterator)
{
    if (iterator == NULL) {
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_steal(iterator));
    return 0;
}

KR_SLOW_OP(get_iter)
{
    // The slot keeps its object alive.
    PyObject *iterable = kr_kv_box_in_place(&fp->slots[ip->b]);
    return finish_iterator(fp, ip, iterable == NULL ? NULL : PyObject_GetIter(iterable));
}

bool
kr_range_in_loop(KrFrame *fp, const KrWord *ip, const KV *args, Py_ssize_t nargs)
{
    const KrWord *next = ip + kr_xop_length[ip->op];
    int64_t numbers[3] = {0, 0, 1}, total, end;
    if (next->op != KR_X_GET_ITER || next->b != ip->a || !(next->flags & KR_KILL_B) ||
        nargs < 1 || nargs > 3) {
        return false;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        KV number = kr_as_number(args[i]);
        if (!kv_is_int(number)) {
            return false;
        }
        numbers[nargs == 1 ? 1 : i] = kv_int(number);
    }
    if (numbers[2] == 0) {
        return false;
    }
    unsigned long count = kr_range_length(numbers[0], numbers[1], numbers[2]);
    if (count > LONG_MAX || __builtin_mul_overflow((int64_t)count, numbers[2], &total) ||
        __builtin_add_overflow(numbers[0], total, &end)) {
        return false;
    }
    PyObject *iterator = kr_range_iter_new(numbers[0], numbers[2], (long)count);
    if (iterator == NULL) {
        PyErr_Clear(); // the general way reports it
        return false;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_steal(iterator);
    kv_release(old);
    return true;
}

KR_SLOW_OP(get_yield_from_iter)
{
    PyObject *iterable = kv_to_object(fp->slots[ip->b]), *iterator = NULL;
    if (iterable == NULL) {
        return -1;
    }
    if (PyCoro_CheckExact(iterable)) {
        if (kr_frame_exec(fp)->code->co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE)) {
            iterator = Py_NewRef(iterable);
        }
        else {
            PyErr_SetString(PyExc_TypeError,
                            "cannot 'yield from' a coroutine object in a non-coroutine "
                            "generator");
        }
    }
    else {
        iterator = PyGen_CheckExact(iterable) ? Py_NewRef(iterable)
                                              : PyObject_GetIter(iterable);
    }
    Py_DECREF(iterable);
    return finish_iterator(fp, ip, iterator);
}

KR_COLD void
kr_raise_not_iterator(KV *slot)
{
    PyObject *object = kr_kv_box_in_place(slot);
    if (object != NULL) {
        PyErr_Format(PyExc_TypeError, "'%T' object is not an iterator", object);
    }
}

// Whether the item only passes through an UNPACK_SEQUENCE of two.
static bool
unpacks_pair(const KrWord *ip)
{
    const KrWord *unpack = ip + kr_xop_length[KR_X_FOR_ITER];
    return unpack->op == KR_X_UNPACK_SEQUENCE && unpack->c == 2 && unpack->b == ip->a &&
           (unpack->flags & KR_KILL_B);
}

static KrXop
form_for(const KrWord *ip, const PyTypeObject *type)
{
    if ((type == &PyEnum_Type || type == &PyZip_Type || type == &PyDictIterItem_Type) &&
        unpacks_pair(ip)) {
        return KR_X_FOR_ITER_PAIR;
    }
    return type == &PyRangeIter_Type   ? KR_X_FOR_ITER_RANGE
           : type == &PyListIter_Type  ? KR_X_FOR_ITER_LIST
           : type == &PyTupleIter_Type ? KR_X_FOR_ITER_TUPLE
           : type == &PyGen_Type       ? KR_X_FOR_ITER_GEN
                                       : KR_X_FOR_ITER;
}

void
kr_for_iter_specialize(KrWord *ip, const PyTypeObject *type)
{
    KrXop form = form_for(ip, type);
    if (ip->op != form) {
        ip[1].high++;
        ip->op = ip[1].high < KR_FOR_ITER_KINDS ? form : KR_X_FOR_ITER;
    }
}

int
kr_for_iter_pair(PyObject *iterator, KV *pair)
{
    PyTypeObject *type = Py_TYPE(iterator);
    return type == &PyEnum_Type            ? kr_enumerate_next_pair(iterator, pair)
           : type == &PyZip_Type           ? kr_zip_next_pair(iterator, pair)
           : type == &PyDictIterItem_Type  ? kr_dict_item_next_pair(iterator, pair)
                                           : 2;
}

int
kr_for_iter(PyObject *iterator, KV *value_out)
{
    if (KR_UNLIKELY(Py_TYPE(iterator)->tp_iternext == NULL)) {
        PyErr_Format(PyExc_TypeError, "'%T' object is not an iterator", iterator);
        return -1;
    }
    PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
    if (item != NULL) {
        *value_out = kr_item_word_steal(item);
        return 1;
    }
    PyThreadState *tstate = kr_thread();
    if (tstate->current_exception == NULL) {
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

int
kr_send(KrFrame *fp, KrWord *ip)
{
    PyObject *receiver = kv_pointer(fp->slots[ip->b]), *result = NULL;
    if (fp->slots[ip->c].bits == KV_NONE.bits &&
        (Py_IS_TYPE(receiver, &PyRangeIter_Type) || Py_IS_TYPE(receiver, &PyListIter_Type) ||
         Py_IS_TYPE(receiver, &PyTupleIter_Type))) {
        // These have no value to return.
        KV word = KV_NONE, old = fp->slots[ip->a];
        int more = kr_iter_next_word(receiver, &word);
        if (more < 0) {
            return -1;
        }
        fp->slots[ip->a] = more > 0 ? word : KV_NONE;
        kv_release(old);
        return more > 0 ? PYGEN_NEXT : PYGEN_RETURN;
    }
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->c, true));
    if (value == NULL) {
        return -1;
    }
    PySendResult state = PyIter_Send(receiver, value, &result);
    Py_DECREF(value);
    if (state == PYGEN_ERROR) {
        return -1;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kr_item_word_steal(result);
    kv_release(old);
    return state;
}
