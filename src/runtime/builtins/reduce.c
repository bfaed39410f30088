// SPDX-License-Identifier: MIT
// reduce.c - builtin functions over many values: sum, min, max, sorted.
#include "runtime/builtins/builtins.h"

#include <math.h>

#include "objects/args.h"
#include "objects/fastiter.h"
#include "objects/ids.h"
#include "objects/int/int.h"
#include "objects/iterword.h"
#include "objects/str/str.h"

// ---- sum --------------------------------------------------------------------

// A running sum of doubles with what rounding lost (Neumaier's variant of Kahan
// summation).
typedef struct {
    double total;
    double lost;
} KrExactSum;

static inline void
exact_add(KrExactSum *sum, double x)
{
    double total = sum->total + x;

    if (fabs(sum->total) >= fabs(x)) {
        sum->lost += (sum->total - total) + x;
    }
    else {
        sum->lost += (x - total) + sum->total;
    }
    sum->total = total;
}

static inline double
exact_value(const KrExactSum *sum)
{
    // With an infinity or NaN in it `lost` means nothing.
    return sum->lost != 0.0 && isfinite(sum->lost) ? sum->total + sum->lost : sum->total;
}

// Each phase below adds items while they are of its kind. It returns the sum when
// the items are spent, or NULL with *item_out the first item of another kind and
// *start_out what was summed so far; or NULL with both NULL on error.

// kr_iter_next for words: ints need no boxes.
static inline int
next_word(KrFastIter *iterator, KV *word_out)
{
    if (iterator->kind == KR_ITER_ANY) {
        return kr_iter_next_word(iterator->source, word_out);
    }
    PyObject *item;
    int more = kr_iter_next(iterator, &item);
    if (more > 0) {
        *word_out = kv_from_steal(item);
    }
    return more;
}

static PyObject *
sum_ints(KrFastIter *iterator, PyObject *start, PyObject **item_out, PyObject **start_out)
{
    int overflow;
    long total = PyLong_AsLongAndOverflow(start, &overflow);
    PyObject *item = NULL;
    KV word = KV_NULL;
    int more = 1;

    *item_out = *start_out = NULL;
    if (overflow) {
        more = kr_iter_next(iterator, &item);
        *start_out = more < 0 ? NULL : Py_NewRef(start);
        *item_out = item;
        return NULL;
    }
    while ((more = next_word(iterator, &word)) > 0) {
        long value, sum;
        if (kv_is_int(word)) {
            if (__builtin_add_overflow(total, kv_int(word), &sum)) {
                break;
            }
            total = sum;
            continue;
        }
        if (kv_is_float(word)) {
            break;
        }
        item = kv_pointer(word);
        if (!PyLong_CheckExact(item) && !PyBool_Check(item)) {
            break;
        }
        if (KR_LIKELY(kr_int_is_compact((PyLongObject *)item))) {
            value = kr_int_word((PyLongObject *)item);
            overflow = 0;
        }
        else {
            value = PyLong_AsLongAndOverflow(item, &overflow);
        }
        if (overflow || __builtin_add_overflow(total, value, &sum)) {
            break;
        }
        total = sum;
        kv_release(word);
    }
    if (more == 0) {
        return PyLong_FromLong(total);
    }
    if (more > 0) {
        *item_out = kv_to_object_steal(word);
        *start_out = *item_out == NULL ? NULL : PyLong_FromLong(total);
        if (*start_out == NULL) {
            Py_CLEAR(*item_out);
        }
    }
    return NULL;
}

// Adds a number of the float phase. False when it is of another kind.
static bool
add_real(KrExactSum *sum, PyObject *item)
{
    if (PyFloat_CheckExact(item)) {
        exact_add(sum, PyFloat_AS_DOUBLE(item));
        return true;
    }
    if (PyLong_Check(item)) {
        int overflow;
        long value = PyLong_AsLongAndOverflow(item, &overflow);
        if (!overflow) {
            exact_add(sum, (double)value);
            return true;
        }
    }
    return false;
}

static PyObject *
sum_floats(KrFastIter *iterator, PyObject *first, PyObject **item_out, PyObject **start_out)
{
    KrExactSum sum = {PyFloat_AS_DOUBLE(first), 0.0};
    PyObject *item = *item_out;
    int more = 1;

    *start_out = NULL;
    *item_out = NULL;
    do {
        if (item != NULL) {
            if (!add_real(&sum, item)) {
                break;
            }
            Py_DECREF(item);
        }
        item = NULL;
    } while ((more = kr_iter_next(iterator, &item)) > 0);
    if (more == 0) {
        return PyFloat_FromDouble(exact_value(&sum));
    }
    if (more > 0) {
        *start_out = PyFloat_FromDouble(exact_value(&sum));
        *item_out = item;
        if (*start_out == NULL) {
            Py_CLEAR(*item_out);
        }
    }
    return NULL;
}

static PyObject *
sum_complex(KrFastIter *iterator, PyObject *first, PyObject **item_out,
            PyObject **start_out)
{
    Py_complex value = PyComplex_AsCComplex(first);
    KrExactSum real = {value.real, 0.0}, imag = {value.imag, 0.0};
    PyObject *item = *item_out;
    int more = 1;

    *start_out = NULL;
    *item_out = NULL;
    do {
        if (item != NULL) {
            if (PyComplex_CheckExact(item)) {
                value = PyComplex_AsCComplex(item);
                exact_add(&real, value.real);
                exact_add(&imag, value.imag);
            }
            else if (!add_real(&real, item)) {
                break;
            }
            Py_DECREF(item);
        }
        item = NULL;
    } while ((more = kr_iter_next(iterator, &item)) > 0);
    if (more >= 0) {
        PyObject *total = PyComplex_FromDoubles(exact_value(&real), exact_value(&imag));
        if (more == 0) {
            return total;
        }
        *start_out = total;
        *item_out = item;
        if (total == NULL) {
            Py_CLEAR(*item_out);
        }
    }
    return NULL;
}

// Adds the item that ended a phase to `start`, which is consumed.
static PyObject *
add_once(PyObject *start, PyObject *item)
{
    PyObject *sum = PyNumber_Add(start, item);

    Py_DECREF(start);
    Py_DECREF(item);
    return sum;
}

KR_FUNCTION(builtins, "sum(iterable, /, start=0)",
            "The start value plus every item; floats are summed with extra precision.")
static PyObject *
builtins_sum(PyObject *module, PyObject *iterable, PyObject *start)
{
    KrFastIter iter, *iterator = &iter;
    PyObject *total = NULL, *item = NULL, *result = NULL, *next = NULL;
    int more;

    if (kr_iter_start(iterator, iterable) < 0) {
        return NULL;
    }
    if (start == NULL) {
        total = PyLong_FromLong(0);
    }
    else {
        const char *kind = PyUnicode_Check(start) ? "strings [use ''" :
                           PyBytes_Check(start) ? "bytes [use b''" :
                           PyByteArray_Check(start) ? "bytearray [use b''" : NULL;
        if (kind != NULL) {
            PyErr_Format(PyExc_TypeError, "sum() can't sum %s.join(seq) instead]", kind);
            goto done;
        }
        total = Py_NewRef(start);
    }
    if (total == NULL) {
        goto done;
    }
    if (PyLong_CheckExact(total)) {
        result = sum_ints(iterator, total, &item, &next);
        if (result != NULL || next == NULL) {
            goto done;
        }
        Py_SETREF(total, KR_MOVE(next));
        if (item == NULL) {
            result = KR_MOVE(total);
            goto done;
        }
        total = add_once(total, KR_MOVE(item));
        if (total == NULL) {
            goto done;
        }
    }
    if (PyFloat_CheckExact(total)) {
        result = sum_floats(iterator, total, &item, &next);
        if (result != NULL || next == NULL) {
            goto done;
        }
        Py_SETREF(total, KR_MOVE(next));
        total = add_once(total, KR_MOVE(item));
        if (total == NULL) {
            goto done;
        }
    }
    if (PyComplex_CheckExact(total)) {
        result = sum_complex(iterator, total, &item, &next);
        if (result != NULL || next == NULL) {
            goto done;
        }
        Py_SETREF(total, KR_MOVE(next));
        total = add_once(total, KR_MOVE(item));
        if (total == NULL) {
            goto done;
        }
    }
    while ((more = kr_iter_next(iterator, &item)) > 0) {
        total = add_once(total, KR_MOVE(item));
        if (total == NULL) {
            goto done;
        }
    }
    if (more == 0) {
        result = KR_MOVE(total);
    }

done:
    Py_XDECREF(item);
    Py_XDECREF(next);
    Py_XDECREF(total);
    kr_iter_end(iterator);
    return result;
}

// ---- min and max ------------------------------------------------------------

// Whether rank beats best: 1, 0, -1 error.
static inline int
beats(PyObject *rank, PyObject *best, int op)
{
    PyTypeObject *type = Py_TYPE(rank);
    if (type == Py_TYPE(best)) {
        if (type == &PyLong_Type && kr_int_is_compact((PyLongObject *)rank) &&
            kr_int_is_compact((PyLongObject *)best)) {
            int64_t x = kr_int_word((PyLongObject *)rank);
            int64_t y = kr_int_word((PyLongObject *)best);
            return op == Py_LT ? x < y : x > y;
        }
        if (type == &PyFloat_Type) {
            double x = PyFloat_AS_DOUBLE(rank), y = PyFloat_AS_DOUBLE(best);
            return op == Py_LT ? x < y : x > y;
        }
        if (type == &PyUnicode_Type) {
            int order = kr_str_compare(rank, best);
            return op == Py_LT ? order < 0 : order > 0;
        }
    }
    return PyObject_RichCompareBool(rank, best, op); // may run Python
}

// What min and max share; op is Py_LT or Py_GT.
static PyObject *
extreme(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject *key,
        PyObject *fallback, int op)
{
    KrFastIter iter, *iterator = NULL;
    PyObject *item = NULL, *rank = NULL;
    PyObject *best = NULL, *best_rank = NULL, *result = NULL;
    Py_ssize_t index = 0;
    int more = 0;

    if (nargs == 0) {
        PyErr_Format(PyExc_TypeError, "%s expected at least 1 argument, got 0", name);
        return NULL;
    }
    if (nargs > 1 && fallback != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "Cannot specify a default for %s() with multiple "
                     "positional arguments",
                     name);
        return NULL;
    }
    if (nargs == 1) {
        iterator = &iter;
        if (kr_iter_start(iterator, args[0]) < 0) {
            return NULL;
        }
    }
    if (key != NULL && Py_IsNone(key)) {
        key = NULL;
    }
    for (;;) {
        if (iterator != NULL) {
            more = kr_iter_next(iterator, &item);
        }
        else {
            more = index < nargs;
            item = more ? Py_NewRef(args[index++]) : NULL;
        }
        if (more <= 0) {
            break;
        }
        rank = key == NULL ? Py_NewRef(item) : PyObject_CallOneArg(key, item);
        if (rank == NULL) {
            goto done;
        }
        int better = best == NULL ? 1 : beats(rank, best_rank, op);
        if (better < 0) {
            goto done;
        }
        if (better) {
            Py_XSETREF(best, KR_MOVE(item));
            Py_XSETREF(best_rank, KR_MOVE(rank));
        }
        else {
            Py_CLEAR(item);
            Py_CLEAR(rank);
        }
    }
    if (more < 0) {
        goto done;
    }
    if (best != NULL) {
        result = KR_MOVE(best);
    }
    else if (fallback != NULL) {
        result = Py_NewRef(fallback);
    }
    else {
        PyErr_Format(PyExc_ValueError, "%s() iterable argument is empty", name);
    }

done:
    Py_XDECREF(item);
    Py_XDECREF(rank);
    Py_XDECREF(best);
    Py_XDECREF(best_rank);
    if (iterator != NULL) {
        kr_iter_end(iterator);
    }
    return result;
}

static PyObject *const extreme_names[] = {KR_ID_STATIC(key), KR_ID_STATIC(default)};

static PyObject *
extreme_call(const char *name, PyObject *const *args, Py_ssize_t nargs,
             PyObject *kwnames, int op)
{
    const KrArgSpec spec = {
        .name = name, .keywords = extreme_names, .total = 2, .has_args = true};
    PyObject *values[2] = {NULL, NULL};

    if (nargs == 0) {
        return extreme(name, args, 0, NULL, NULL, op);
    }
    if (kwnames != NULL &&
        kr_args_unpack_slow(&spec, args, nargs, kwnames, values, NULL) == NULL) {
        return NULL;
    }
    return extreme(name, args, nargs, values[0], values[1], op);
}

KR_FUNCTION_RAW(builtins, "min", METH_FASTCALL | METH_KEYWORDS,
                "min(iterable, *[, default=obj, key=func]) -> value\n"
                "min(arg1, arg2, *args, *[, key=func]) -> value\n\n"
                "The smallest item, or the smallest of two or more arguments.")
static PyObject *
builtins_min(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
             PyObject *kwnames)
{
    return extreme_call("min", args, nargs, kwnames, Py_LT);
}

KR_FUNCTION_RAW(builtins, "max", METH_FASTCALL | METH_KEYWORDS,
                "max(iterable, *[, default=obj, key=func]) -> value\n"
                "max(arg1, arg2, *args, *[, key=func]) -> value\n\n"
                "The largest item, or the largest of two or more arguments.")
static PyObject *
builtins_max(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
             PyObject *kwnames)
{
    return extreme_call("max", args, nargs, kwnames, Py_GT);
}

// ---- sorted -----------------------------------------------------------------

KR_FUNCTION_RAW(builtins, "sorted($module, iterable, /, *, key=None, reverse=False)",
                METH_FASTCALL | METH_KEYWORDS, "A new sorted list of the items.")
static PyObject *
builtins_sorted(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                PyObject *kwnames)
{
    PyObject *list, *sort, *none;

    if (!kr_arg_count("sorted", nargs, 1, 1)) {
        return NULL;
    }
    list = PySequence_List(args[0]);
    if (list == NULL) {
        return NULL;
    }
    if (kwnames == NULL) {
        if (PyList_Sort(list) < 0) {
            Py_CLEAR(list);
        }
        return list;
    }
    sort = PyObject_GetAttr(list, KR_ID(sort));
    none = sort == NULL ? NULL : PyObject_Vectorcall(sort, args + 1, 0, kwnames);
    Py_XDECREF(sort);
    if (none == NULL) {
        Py_CLEAR(list);
    }
    Py_XDECREF(none);
    return list;
}

#include "runtime/builtins/reduce.methods.h"
