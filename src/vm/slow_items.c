// SPDX-License-Identifier: MIT
// slow_items.c - subscripts, displays, unpacking, strings.
#include "vm/machine.h"

#include "objects/alloc.h"
#include "objects/ids.h"
#include "objects/list.h"
#include "objects/str/str.h"
#include "objects/template.h"
#include "objects/tuple.h"
#include "vm/special.h"

static int
store_steal(KrFrame *fp, const KrWord *ip, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_result(value);
    kv_release(old);
    return 0;
}

// Turns n words into owned objects, in place of the window's words, which become
// dead. -1: MemoryError, everything released.
static int
take_objects(KV *window, Py_ssize_t n, PyObject **out)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        KV word = window[i];
        window[i] = KV_NULL;
        out[i] = kv_to_object_steal(word);
        if (out[i] == NULL) {
            while (i-- > 0) {
                Py_DECREF(out[i]);
            }
            return -1;
        }
    }
    return 0;
}

// One end of a slice without step as an index within 0..size. False: no plain int.
static bool
slice_end(KV word, Py_ssize_t size, Py_ssize_t missing, Py_ssize_t *out)
{
    KV number = kr_as_number(word);
    if (kv_is_int(number)) {
        int64_t value = kv_int(number);
        value += value < 0 ? size : 0;
        *out = value < 0 ? 0 : value > size ? size : (Py_ssize_t)value;
        return true;
    }
    *out = missing;
    return kv_is_pointer(number) && kv_pointer(number) == Py_None;
}

// container[start:stop] of exact lists, tuples and strs: 1 done, -1 error, 0 where
// the general way is needed.
static int
slice_directly(PyObject *container, KV start, KV stop, PyObject **result_out)
{
    bool list = PyList_CheckExact(container), tuple = PyTuple_CheckExact(container);
    if (!list && !tuple && !PyUnicode_CheckExact(container)) {
        return 0;
    }
    Py_ssize_t low, high;
    Py_ssize_t size = list || tuple ? Py_SIZE(container) : PyUnicode_GET_LENGTH(container);
    if (!slice_end(start, size, 0, &low) || !slice_end(stop, size, size, &high)) {
        return 0;
    }
    *result_out = list    ? PyList_GetSlice(container, low, high)
                  : tuple ? PyTuple_GetSlice(container, low, high)
                          : PyUnicode_Substring(container, low, high);
    return *result_out == NULL ? -1 : 1;
}

// dict[key] and text[index]: 1 done, -1 error, 0 where the general way is needed.
static int
subscr_directly(KrFrame *fp, const KrWord *ip)
{
    KV x = fp->slots[ip->b], y = fp->slots[ip->c];
    PyObject *owner = kv_is_pointer(x) ? kv_pointer(x) : Py_None, *value = NULL;
    if (PyDict_CheckExact(owner) && kv_is_pointer(y)) {
        int found = PyDict_GetItemRef(owner, kv_pointer(y), &value);
        if (found == 0) {
            kr_set_key_error(kv_pointer(y));
        }
        if (found <= 0) {
            return -1;
        }
        kr_finish_binary(fp, ip, kr_result_word(value, (ip->flags & KR_FLAG_X) != 0));
        return 1;
    }
    if (kv_is_pointer(y) && PySlice_Check(kv_pointer(y))) {
        PySliceObject *slice = (PySliceObject *)kv_pointer(y);
        int done = slice->step != Py_None
                       ? 0
                       : slice_directly(owner, kv_from_borrow(slice->start),
                                        kv_from_borrow(slice->stop), &value);
        if (done > 0) {
            kr_finish_binary(fp, ip, kv_from_result(value));
        }
        return done;
    }
    if (PyUnicode_CheckExact(owner) && kv_is_int(y)) {
        Py_ssize_t size = PyUnicode_GET_LENGTH(owner), at = kv_int(y);
        at += at < 0 ? size : 0;
        if ((size_t)at < (size_t)size) {
            value = kr_str_from_char(PyUnicode_READ_CHAR(owner, at));
            if (value == NULL) {
                return -1;
            }
            kr_finish_binary(fp, ip, kv_from_result(value));
            return 1;
        }
    }
    return 0;
}

KR_SLOW_OP(subscr)
{
    KV y = fp->slots[ip->c];
    int done = subscr_directly(fp, ip);
    if (done != 0) {
        return done < 0 ? -1 : 0;
    }
    if (kr_special_subscr(tstate, fp, fp->slots[ip->b], y)) {
        return KR_SPECIAL_PUSHED;
    }
    PyObject *owner = kv_to_object(fp->slots[ip->b]);
    PyObject *key = owner == NULL ? NULL : kv_to_object(y);
    PyObject *value = NULL;
    if (key != NULL) {
        if (PyDict_CheckExact(owner)) {
            int found = PyDict_GetItemRef(owner, key, &value);
            if (found == 0) {
                kr_set_key_error(key);
            }
        }
        else {
            value = PyObject_GetItem(owner, key);
        }
    }
    Py_XDECREF(owner);
    Py_XDECREF(key);
    if (value == NULL) {
        return -1;
    }
    kr_finish_binary(fp, ip, kv_from_result(value));
    return 0;
}

// dict[key] = value without counting owner and key: 1 done, -1 error, 0 general way.
static int
store_directly(KrFrame *fp, const KrWord *ip)
{
    KV x = fp->slots[ip->a], y = fp->slots[ip->c];
    if (!kv_is_pointer(x) || !PyDict_CheckExact(kv_pointer(x)) || !kv_is_pointer(y)) {
        return 0;
    }
    PyObject *value = kv_to_object(fp->slots[ip->b]);
    if (value == NULL) {
        return -1;
    }
    int status = PyDict_SetItem(kv_pointer(x), kv_pointer(y), value);
    Py_DECREF(value);
    if (status < 0) {
        return -1;
    }
    kr_kill_operands(fp, ip);
    if (ip->flags & KR_FLAG_X) {
        x = fp->slots[ip->a];
        fp->slots[ip->a] = KV_NULL;
        kv_release(x);
    }
    return 1;
}

KR_SLOW_OP(store_subscr)
{
    KV x = fp->slots[ip->a];
    int done = store_directly(fp, ip);
    if (done != 0) {
        return done < 0 ? -1 : 0;
    }
    if (kr_special_store_subscr(tstate, fp, x, fp->slots[ip->c], fp->slots[ip->b])) {
        return KR_SPECIAL_PUSHED;
    }
    PyObject *owner = kv_to_object(x);
    PyObject *key = owner == NULL ? NULL : kv_to_object(fp->slots[ip->c]);
    PyObject *value = key == NULL ? NULL : kv_to_object(fp->slots[ip->b]);
    int status = -1;
    if (value != NULL) {
        status = PyDict_CheckExact(owner) ? PyDict_SetItem(owner, key, value)
                                          : PyObject_SetItem(owner, key, value);
    }
    Py_XDECREF(owner);
    Py_XDECREF(key);
    Py_XDECREF(value);
    if (status == 0) {
        kr_kill_operands(fp, ip);
        if (ip->flags & KR_FLAG_X) {
            x = fp->slots[ip->a];
            fp->slots[ip->a] = KV_NULL;
            kv_release(x);
        }
    }
    return status;
}

KR_SLOW_OP(delete_subscr)
{
    PyObject *owner = kv_to_object(fp->slots[ip->b]);
    PyObject *key = owner == NULL ? NULL : kv_to_object(fp->slots[ip->c]);
    int status = key == NULL ? -1 : PyObject_DelItem(owner, key);
    Py_XDECREF(owner);
    Py_XDECREF(key);
    if (status == 0) {
        kr_kill_operands(fp, ip);
    }
    return status;
}

// A slice object for two words, which are consumed.
static PyObject *
slice_of(KV start_word, KV stop_word)
{
    PyObject *start = kv_to_object_steal(start_word);
    PyObject *stop = kv_to_object_steal(stop_word);
    PyObject *slice = NULL;
    if (start != NULL && stop != NULL) {
        slice = PySlice_New(start, stop, NULL);
    }
    Py_XDECREF(start);
    Py_XDECREF(stop);
    return slice;
}

KR_SLOW_OP(binary_slice)
{
    KV *window = &fp->slots[ip->b];
    PyObject *direct;
    int done = !kv_is_pointer(window[0])
                   ? 0
                   : slice_directly(kv_pointer(window[0]), window[1], window[2], &direct);
    if (done != 0) {
        kr_sweep(window, 3);
        return done < 0 ? -1 : store_steal(fp, ip, direct);
    }
    PyObject *slice = slice_of(kr_take_operand(fp, ip->b + 1u, true),
                               kr_take_operand(fp, ip->b + 2u, true));
    if (slice == NULL) {
        return -1;
    }
    PyObject *container = kr_kv_box_in_place(&window[0]);
    PyObject *result = container == NULL ? NULL : PyObject_GetItem(container, slice);
    Py_DECREF(slice);
    if (result == NULL) {
        return -1;
    }
    kr_sweep(window, 1);
    return store_steal(fp, ip, result);
}

// list[start:stop] = value: 1 done, -1 error, 0 where the general way is needed.
static int
store_slice_directly(KV *window)
{
    if (!kv_is_pointer(window[0]) || !kv_is_pointer(window[1]) ||
        !PyList_CheckExact(kv_pointer(window[1]))) {
        return 0;
    }
    PyObject *list = kv_pointer(window[1]);
    Py_ssize_t low, high, size = PyList_GET_SIZE(list);
    if (!slice_end(window[2], size, 0, &low) || !slice_end(window[3], size, size, &high)) {
        return 0;
    }
    return PyList_SetSlice(list, low, high, kv_pointer(window[0])) < 0 ? -1 : 1;
}

KR_SLOW_OP(store_slice)
{
    KV *window = &fp->slots[ip->b];
    int done = store_slice_directly(window);
    if (done != 0) {
        kr_sweep(window, 4);
        return done < 0 ? -1 : 0;
    }
    PyObject *slice = slice_of(kr_take_operand(fp, ip->b + 2u, true),
                               kr_take_operand(fp, ip->b + 3u, true));
    PyObject *value = slice == NULL ? NULL : kv_to_object(window[0]);
    int status = -1;
    if (value != NULL) {
        PyObject *container = kr_kv_box_in_place(&window[1]);
        status = container == NULL ? -1 : PyObject_SetItem(container, slice, value);
    }
    Py_XDECREF(value);
    Py_XDECREF(slice);
    if (status == 0) {
        kr_sweep(window, 2);
    }
    return status;
}

// --- Displays ------------------------------------------------------------------------

KR_SLOW_OP(build_tuple)
{
    Py_ssize_t n = ip->c;
    PyObject *tuple = n == 0 ? (PyObject *)&kr_tuple_empty : kr_tuple_alloc(n);
    if (tuple == NULL) {
        return -1;
    }
    KV *window = &fp->slots[ip->b];
    bool may_cycle = false;
    for (Py_ssize_t i = 0; i < n; i++) {
        KV word = window[i];
        window[i] = KV_NULL;
        PyObject *item = kv_to_object_steal(word);
        if (item == NULL) {
            memset(&PyTuple_GET_ITEM(tuple, i), 0, (size_t)(n - i) * sizeof(PyObject *));
            Py_DECREF(tuple);
            return -1;
        }
        PyTuple_SET_ITEM(tuple, i, item);
        may_cycle = may_cycle || kr_tuple_item_may_cycle(item);
    }
    // A tuple of plain values is none of the collector's business.
    if (may_cycle) {
        kr_gc_track(tuple);
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_result(tuple);
    kv_release(old);
    return 0;
}

KR_SLOW_OP(build_list)
{
    Py_ssize_t n = ip->c;
    PyObject *list = kr_list_new_presized(n);
    if (list == NULL) {
        return -1;
    }
    KV *window = &fp->slots[ip->b];
    PyObject **items = ((PyListObject *)list)->ob_item;
    for (Py_ssize_t i = 0; i < n; i++) {
        KV word = window[i];
        window[i] = KV_NULL;
        items[i] = kv_to_object_steal(word);
        if (KR_UNLIKELY(items[i] == NULL)) {
            Py_DECREF(list);
            return -1;
        }
        Py_SET_SIZE(list, i + 1);
    }
    return store_steal(fp, ip, list);
}

KR_SLOW_OP(build_set)
{
    PyObject *set = PySet_New(NULL);
    KV *window = &fp->slots[ip->b];
    int status = set == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; i < ip->c; i++) {
        KV word = window[i];
        window[i] = KV_NULL;
        PyObject *item = kv_to_object_steal(word);
        if (item == NULL || (status == 0 && PySet_Add(set, item) < 0)) {
            status = -1;
        }
        Py_XDECREF(item);
    }
    if (status < 0) {
        Py_XDECREF(set);
        return -1;
    }
    return store_steal(fp, ip, set);
}

KR_SLOW_OP(build_map)
{
    PyObject *dict = ip->c == 0 ? PyDict_New() : kr_dict_new_presized(ip->c, true);
    KV *window = &fp->slots[ip->b];
    int status = dict == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; i < ip->c; i++) {
        PyObject *pair[2];
        if (take_objects(window + 2 * i, 2, pair) < 0) {
            status = -1;
            continue;
        }
        if (status == 0) {
            status = PyDict_SetItem(dict, pair[0], pair[1]);
        }
        Py_DECREF(pair[0]);
        Py_DECREF(pair[1]);
    }
    if (status < 0) {
        Py_XDECREF(dict);
        return -1;
    }
    return store_steal(fp, ip, dict);
}

KR_SLOW_OP(build_string)
{
    KV *window = &fp->slots[ip->b];
    PyObject *empty = PyUnicode_New(0, 0), *result = NULL;
    // Formatted values are strs, so the words are plain pointers.
    PyObject *small[16], **parts = small;
    if (empty == NULL) {
        return -1;
    }
    if (ip->c > KR_ARRAY_LEN(small)) {
        parts = PyMem_Malloc(ip->c * sizeof *parts);
        if (parts == NULL) {
            Py_DECREF(empty);
            PyErr_NoMemory();
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < ip->c; i++) {
        parts[i] = kv_pointer(window[i]);
    }
    result = _PyUnicode_JoinArray(empty, parts, ip->c);
    if (parts != small) {
        PyMem_Free(parts);
    }
    Py_DECREF(empty);
    if (result == NULL) {
        return -1;
    }
    kr_sweep(window, ip->c);
    return store_steal(fp, ip, result);
}

KR_SLOW_OP(build_slice)
{
    PyObject *parts[3] = {NULL, NULL, NULL};
    if (take_objects(&fp->slots[ip->b], ip->c, parts) < 0) {
        return -1;
    }
    PyObject *slice = PySlice_New(parts[0], parts[1], parts[2]);
    Py_DECREF(parts[0]);
    Py_DECREF(parts[1]);
    Py_XDECREF(parts[2]);
    return store_steal(fp, ip, slice);
}

KR_SLOW_OP(build_template)
{
    KV *window = &fp->slots[ip->b];
    PyObject *result = kr_template_new(kv_pointer(window[0]), kv_pointer(window[1]));
    if (result == NULL) {
        return -1;
    }
    kr_sweep(window, 2);
    return store_steal(fp, ip, result);
}

KR_SLOW_OP(build_interpolation)
{
    Py_ssize_t n = 2 + (ip->c & 1);
    PyObject *parts[3] = {NULL, NULL, NULL};
    if (take_objects(&fp->slots[ip->b], n, parts) < 0) {
        return -1;
    }
    PyObject *result = kr_interpolation_new(parts[0], parts[1], ip->c >> 2, parts[2]);
    Py_DECREF(parts[0]);
    Py_DECREF(parts[1]);
    Py_XDECREF(parts[2]);
    return store_steal(fp, ip, result);
}

KR_SLOW_OP(list_append)
{
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->b, ip->flags & KR_KILL_B));
    if (value == NULL) {
        return -1;
    }
    int status = PyList_Append(kv_pointer(fp->slots[ip->a]), value);
    Py_DECREF(value);
    return status;
}

KR_SLOW_OP(set_add)
{
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->b, ip->flags & KR_KILL_B));
    if (value == NULL) {
        return -1;
    }
    PyObject *set = kr_kv_box_in_place(&fp->slots[ip->a]);
    int status = -1;
    if (set != NULL && !PySet_Check(set)) {
        PyErr_Format(PyExc_TypeError, "'%T' object is not a set", set);
    }
    else if (set != NULL) {
        status = PySet_Add(set, value);
    }
    Py_DECREF(value);
    return status;
}

KR_SLOW_OP(map_add)
{
    PyObject *key = kv_to_object_steal(kr_take_operand(fp, ip->b, ip->flags & KR_KILL_B));
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->c, ip->flags & KR_KILL_C));
    int status = -1;
    if (key != NULL && value != NULL) {
        status = PyDict_SetItem(kv_pointer(fp->slots[ip->a]), key, value);
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return status;
}

KR_SLOW_OP(list_extend)
{
    PyObject *list = kv_pointer(fp->slots[ip->a]);
    PyObject *iterable = kv_to_object(fp->slots[ip->b]);
    if (iterable == NULL) {
        return -1;
    }
    int status = PyList_Extend(list, iterable);
    if (status < 0 && PyErr_ExceptionMatches(PyExc_TypeError) &&
        Py_TYPE(iterable)->tp_iter == NULL && !PySequence_Check(iterable)) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "Value after * must be an iterable, not %.200s",
                     Py_TYPE(iterable)->tp_name);
    }
    Py_DECREF(iterable);
    if (status == 0) {
        kr_kill_operands(fp, ip);
    }
    return status;
}

KR_SLOW_OP(set_update)
{
    PyObject *iterable = kv_to_object(fp->slots[ip->b]);
    int status = iterable == NULL
                     ? -1 : _PySet_Update(kv_pointer(fp->slots[ip->a]), iterable);
    Py_XDECREF(iterable);
    if (status == 0) {
        kr_kill_operands(fp, ip);
    }
    return status;
}

KR_SLOW_OP(dict_update)
{
    PyObject *update = kv_to_object(fp->slots[ip->b]);
    if (update == NULL) {
        return -1;
    }
    int status = PyDict_Update(kv_pointer(fp->slots[ip->a]), update);
    if (status < 0 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not a mapping",
                     Py_TYPE(update)->tp_name);
    }
    Py_DECREF(update);
    if (status == 0) {
        kr_kill_operands(fp, ip);
    }
    return status;
}

// f(**a, **b): a key that is there twice is an error that names f.
KR_COLD static void
merge_error(PyObject *callable, PyObject *update)
{
    PyObject *text;
    if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
        text = _PyObject_FunctionStr(callable);
        if (text != NULL) {
            PyErr_Format(PyExc_TypeError, "%U argument after ** must be a mapping, not %.200s",
                         text, Py_TYPE(update)->tp_name);
            Py_DECREF(text);
        }
        return;
    }
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return;
    }
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *args = ((PyBaseExceptionObject *)exc)->args;
    if (args != NULL && PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 1) {
        PyObject *key = PyTuple_GET_ITEM(args, 0);
        text = _PyObject_FunctionStr(callable);
        if (text != NULL) {
            PyErr_Format(PyExc_TypeError, "%U got multiple values for keyword argument '%S'",
                         text, key);
        }
        Py_XDECREF(text);
        Py_DECREF(exc);
        return;
    }
    PyErr_SetRaisedException(exc);
}

KR_SLOW_OP(dict_merge)
{
    PyObject *update = kv_to_object(fp->slots[ip->b]);
    if (update == NULL) {
        return -1;
    }
    int status = kr_dict_merge(kv_pointer(fp->slots[ip->a]), update, 2);
    if (status < 0) {
        PyObject *error = PyErr_GetRaisedException();
        PyObject *callable = kr_kv_box_in_place(&fp->slots[ip->c]);
        PyErr_SetRaisedException(error);
        merge_error(callable == NULL ? Py_None : callable, update);
    }
    Py_DECREF(update);
    if (status == 0 && (ip->flags & KR_KILL_B)) {
        KV word = fp->slots[ip->b];
        fp->slots[ip->b] = KV_NULL;
        kv_release(word);
    }
    return status;
}

// --- Unpacking -----------------------------------------------------------------------

KR_COLD static void
raise_not_iterable(PyObject *value)
{
    if (PyErr_ExceptionMatches(PyExc_TypeError) && Py_TYPE(value)->tp_iter == NULL &&
        !PySequence_Check(value)) {
        PyErr_Format(PyExc_TypeError, "cannot unpack non-iterable %.200s object",
                     Py_TYPE(value)->tp_name);
    }
}

// Takes n items of the iterator into slots top - 1, top - 2, ...
static int
take_items(KrFrame *fp, PyObject *iterator, unsigned top, int n, int more)
{
    for (int i = 0; i < n; i++) {
        PyObject *item;
        int got = PyIter_NextItem(iterator, &item);
        if (got <= 0) {
            if (got == 0) {
                if (more < 0) {
                    PyErr_Format(PyExc_ValueError,
                                 "not enough values to unpack (expected %d, got %d)", n, i);
                }
                else {
                    PyErr_Format(
                        PyExc_ValueError,
                        "not enough values to unpack (expected at least %d, got %d)",
                        n + more, i);
                }
            }
            return -1;
        }
        fp->slots[top - 1 - (unsigned)i] = kv_from_steal(item);
    }
    return 0;
}

KR_SLOW_OP(unpack_sequence)
{
    KV x = fp->slots[ip->b];
    int n = ip->c;
    PyObject *value = kv_to_object(x), *iterator = NULL;
    int status = -1;
    if (value == NULL) {
        return -1;
    }
    // The operand may stand in a slot that is about to be filled.
    if (ip->flags & KR_KILL_B) {
        fp->slots[ip->b] = KV_NULL;
        kv_release(x);
    }
    if ((PyTuple_CheckExact(value) && PyTuple_GET_SIZE(value) == n) ||
        (PyList_CheckExact(value) && PyList_GET_SIZE(value) == n)) {
        PyObject **items = PyTuple_CheckExact(value)
                               ? ((PyTupleObject *)value)->ob_item
                               : ((PyListObject *)value)->ob_item;
        for (int i = 0; i < n; i++) {
            fp->slots[ip->a + n - 1 - i] = kv_from_new(items[i]);
        }
        Py_DECREF(value);
        return 0;
    }
    iterator = PyObject_GetIter(value);
    if (iterator == NULL) {
        raise_not_iterable(value);
        goto done;
    }
    if (take_items(fp, iterator, ip->a + (unsigned)n, n, -1) < 0) {
        goto done;
    }
    PyObject *extra;
    int got = PyIter_NextItem(iterator, &extra);
    if (got == 0) {
        status = 0;
    }
    else if (got > 0) {
        Py_DECREF(extra);
        Py_ssize_t size = -1;
        if (PyList_CheckExact(value) || PyTuple_CheckExact(value) || PyDict_CheckExact(value)) {
            size = PyObject_Size(value);
        }
        if (size >= 0) {
            PyErr_Format(PyExc_ValueError, "too many values to unpack (expected %d, got %zd)",
                         n, size);
        }
        else {
            PyErr_Format(PyExc_ValueError, "too many values to unpack (expected %d)", n);
        }
    }

done:
    Py_XDECREF(iterator);
    Py_DECREF(value);
    return status;
}

// a, *b, c = value of an exact list or tuple that is long enough. False: nothing done.
static bool
unpack_ex_directly(KrFrame *fp, PyObject *value, unsigned top, int before, int after)
{
    bool tuple = PyTuple_CheckExact(value);
    if (!(tuple || PyList_CheckExact(value)) || Py_SIZE(value) < before + after) {
        return false;
    }
    Py_ssize_t n = Py_SIZE(value), middle = n - before - after;
    PyObject *rest = kr_list_new_presized(middle);
    if (rest == NULL) {
        PyErr_Clear(); // the general way reports it
        return false;
    }
    PyObject **items = tuple ? ((PyTupleObject *)value)->ob_item
                             : ((PyListObject *)value)->ob_item;
    for (int i = 0; i < before; i++) {
        fp->slots[top - 1 - (unsigned)i] = kr_item_word(items[i]);
    }
    for (Py_ssize_t i = 0; i < middle; i++) {
        ((PyListObject *)rest)->ob_item[i] = Py_NewRef(items[before + i]);
    }
    Py_SET_SIZE(rest, middle);
    fp->slots[top - 1 - (unsigned)before] = kv_from_steal(rest);
    for (int i = 0; i < after; i++) {
        fp->slots[top - 2 - (unsigned)(before + i)] = kr_item_word(items[n - after + i]);
    }
    return true;
}

KR_SLOW_OP(unpack_ex)
{
    int before = ip->c & 255, after = ip->c >> 8;
    unsigned top = ip->a + (unsigned)(before + 1 + after);
    KV x = fp->slots[ip->b];
    PyObject *value = kv_to_object(x), *iterator = NULL, *rest = NULL;
    int status = -1;
    if (value == NULL) {
        return -1;
    }
    if (ip->flags & KR_KILL_B) {
        fp->slots[ip->b] = KV_NULL;
        kv_release(x);
    }
    if (unpack_ex_directly(fp, value, top, before, after)) {
        Py_DECREF(value);
        return 0;
    }
    iterator = PyObject_GetIter(value);
    if (iterator == NULL) {
        raise_not_iterable(value);
        goto done;
    }
    if (take_items(fp, iterator, top, before, after) < 0) {
        goto done;
    }
    rest = PySequence_List(iterator);
    if (rest == NULL) {
        goto done;
    }
    Py_ssize_t size = PyList_GET_SIZE(rest);
    if (size < after) {
        PyErr_Format(PyExc_ValueError,
                     "not enough values to unpack (expected at least %d, got %zd)",
                     before + after, before + size);
        goto done;
    }
    for (int i = 0; i < after; i++) {
        PyObject *item = PyList_GET_ITEM(rest, size - after + i);
        fp->slots[top - 2 - (unsigned)(before + i)] = kv_from_new(item);
    }
    if (after > 0 && PyList_SetSlice(rest, size - after, size, NULL) < 0) {
        goto done;
    }
    fp->slots[top - 1 - (unsigned)before] = kv_from_steal(KR_MOVE(rest));
    status = 0;

done:
    Py_XDECREF(rest);
    Py_XDECREF(iterator);
    Py_DECREF(value);
    return status;
}

// --- Formatting ----------------------------------------------------------------------

KR_SLOW_OP(convert_value)
{
    PyObject *value = kv_to_object(fp->slots[ip->b]), *result = NULL;
    if (value == NULL) {
        return -1;
    }
    switch (ip->c) {
    case 1:
        result = PyObject_Str(value);
        break;
    case 2:
        result = PyObject_Repr(value);
        break;
    case 3:
        result = PyObject_ASCII(value);
        break;
    default:
        PyErr_Format(PyExc_SystemError, "unexpected conversion flag %d", ip->c);
    }
    Py_DECREF(value);
    if (result == NULL) {
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_result(result));
    return 0;
}

KR_SLOW_OP(format_simple)
{
    PyObject *value = kv_to_object(fp->slots[ip->b]);
    if (value == NULL) {
        return -1;
    }
    PyObject *result = PyUnicode_CheckExact(value) ? Py_NewRef(value)
                                                   : PyObject_Format(value, NULL);
    Py_DECREF(value);
    if (result == NULL) {
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_result(result));
    return 0;
}

KR_SLOW_OP(format_with_spec)
{
    PyObject *value = kv_to_object(fp->slots[ip->b]);
    PyObject *result = value == NULL ? NULL
                                     : PyObject_Format(value, kv_pointer(fp->slots[ip->c]));
    Py_XDECREF(value);
    if (result == NULL) {
        return -1;
    }
    kr_finish_binary(fp, ip, kv_from_result(result));
    return 0;
}
