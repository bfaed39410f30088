// SPDX-License-Identifier: MIT
// sums.c - sums, products and distances of math, as exact as doubles allow.
//
// Method:      a sum of two doubles is split into the rounded sum and its error, both
//              doubles (Dekker, Knuth); a product likewise by fma. Keeping the errors
//              gives exact sums: J. R. Shewchuk, "Adaptive Precision Floating-Point
//              Arithmetic" (1997).
#include <Python.h>

#include <float.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/int/int.h"

// high + low is the exact result.
typedef struct {
    double high;
    double low;
} Pair;

// For any order of magnitudes.
static inline Pair
exact_sum(double a, double b)
{
    double sum = a + b, part = sum - a;
    return (Pair){sum, (a - (sum - part)) + (b - part)};
}

static inline Pair
exact_product(double a, double b)
{
    double product = a * b;
    return (Pair){product, fma(a, b, -product)};
}

// --- fsum ------------------------------------------------------------------------------

// Doubles of growing magnitude that do not overlap; their sum is exact.
typedef struct {
    double local[32];
    double *items;
    Py_ssize_t count;
    Py_ssize_t room;
    double special; // sum of infinities and NaNs
    double infinities;
} Partials;

static int
partials_add(Partials *p, double x)
{
    Py_ssize_t kept = 0;
    double given = x;
    for (Py_ssize_t i = 0; i < p->count; i++) {
        Pair sum = exact_sum(x, p->items[i]);
        if (sum.low != 0.0) {
            p->items[kept++] = sum.low;
        }
        x = sum.high;
    }
    p->count = kept;
    if (x == 0.0) {
        return 0;
    }
    if (!isfinite(x)) {
        if (isfinite(given)) {
            PyErr_SetString(PyExc_OverflowError, "intermediate overflow in fsum");
            return -1;
        }
        if (isinf(given)) {
            p->infinities += given;
        }
        p->special += given;
        p->count = 0;
        return 0;
    }
    if (p->count == p->room) {
        Py_ssize_t room = 2 * p->room;
        double *items = PyMem_Realloc(p->items == p->local ? NULL : p->items,
                                      (size_t)room * sizeof(double));
        if (items == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        if (p->items == p->local) {
            memcpy(items, p->local, sizeof(p->local));
        }
        p->items = items;
        p->room = room;
    }
    p->items[p->count++] = x;
    return 0;
}

// The sum, rounded half to even.
static double
partials_round(const Partials *p)
{
    Py_ssize_t n = p->count;
    double high = 0.0, low = 0.0;
    if (n == 0) {
        return 0.0;
    }
    high = p->items[--n];
    while (n > 0) {
        Pair sum = exact_sum(high, p->items[--n]);
        high = sum.high;
        low = sum.low;
        if (low != 0.0) {
            break;
        }
    }
    // A tie was decided without the partials below: they may break it.
    if (n > 0 && ((low < 0.0 && p->items[n - 1] < 0.0) ||
                  (low > 0.0 && p->items[n - 1] > 0.0))) {
        double twice = low * 2.0, other = high + twice;
        if (twice == other - high) {
            high = other;
        }
    }
    return high;
}

KR_FUNCTION(math, "fsum(seq, /)",
            "Return an accurate floating-point sum of values in the iterable seq.\n\n"
            "Assumes IEEE-754 floating-point arithmetic.")
static PyObject *
math_fsum(PyObject *module, PyObject *seq)
{
    Partials p = {.items = NULL, .room = KR_ARRAY_LEN(p.local)};
    PyObject *iterator = PyObject_GetIter(seq), *item = NULL, *result = NULL;
    int more;

    if (iterator == NULL) {
        return NULL;
    }
    p.items = p.local;
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        double x = PyFloat_AsDouble(item);
        Py_DECREF(item);
        if ((x == -1.0 && PyErr_Occurred()) || partials_add(&p, x) < 0) {
            goto done;
        }
    }
    if (more < 0) {
        goto done;
    }
    if (p.special != 0.0) {
        if (isnan(p.infinities)) {
            PyErr_SetString(PyExc_ValueError, "-inf + inf in fsum");
            goto done;
        }
        result = PyFloat_FromDouble(p.special);
        goto done;
    }
    result = PyFloat_FromDouble(partials_round(&p));
done:
    Py_DECREF(iterator);
    if (p.items != p.local) {
        PyMem_Free(p.items);
    }
    return result;
}

// --- sumprod ---------------------------------------------------------------------------

// Three doubles, highest first: about 159 bits.
typedef struct {
    double high;
    double low;
    double tiny;
} Triple;

static Triple
triple_add_product(Triple total, double x, double y)
{
    Pair product = exact_product(x, y);
    Pair sum = exact_sum(total.high, product.high);
    Pair rest = exact_sum(total.low, product.low);
    Pair middle = exact_sum(rest.high, sum.low);
    return (Triple){sum.high, middle.high, total.tiny + rest.low + middle.low};
}

static double
triple_round(Triple total)
{
    Pair last = exact_sum(total.low, total.tiny);
    Pair sum = exact_sum(total.high, last.high);
    return sum.high + (last.low + sum.low);
}

// Products are summed in the cheapest way that still applies: words, then doubles,
// then objects. A way that was left is not taken up again.
typedef struct {
    PyObject *total; // owned: what the other two do not hold
    bool words;
    bool words_used;
    int64_t word_sum;
    bool doubles;
    bool doubles_used;
    Triple double_sum;
} SumProduct;

static int
add_to_total(SumProduct *s, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    Py_SETREF(s->total, PyNumber_Add(s->total, value));
    Py_DECREF(value);
    return s->total == NULL ? -1 : 0;
}

static int
leave_words(SumProduct *s)
{
    s->words = false;
    return s->words_used ? add_to_total(s, PyLong_FromLongLong(s->word_sum)) : 0;
}

static int
leave_doubles(SumProduct *s)
{
    s->doubles = false;
    return s->doubles_used
               ? add_to_total(s, PyFloat_FromDouble(triple_round(s->double_sum)))
               : 0;
}

static bool
add_words(SumProduct *s, PyObject *a, PyObject *b)
{
    int64_t x, y, product, sum;
    if (!PyLong_CheckExact(a) || !PyLong_CheckExact(b) ||
        !kr_int_to_word((PyLongObject *)a, &x) ||
        !kr_int_to_word((PyLongObject *)b, &y) ||
        __builtin_mul_overflow(x, y, &product) ||
        __builtin_add_overflow(s->word_sum, product, &sum)) {
        return false;
    }
    s->word_sum = sum;
    s->words_used = true;
    return true;
}

// A float, or an int or bool beside a float.
static bool
as_double(PyObject *op, bool int_allowed, double *out)
{
    if (PyFloat_CheckExact(op)) {
        *out = PyFloat_AS_DOUBLE(op);
        return true;
    }
    if (!int_allowed || !(PyLong_CheckExact(op) || PyBool_Check(op))) {
        return false;
    }
    *out = PyLong_AsDouble(op);
    if (*out == -1.0 && PyErr_Occurred()) {
        PyErr_Clear();
        return false;
    }
    return true;
}

static bool
add_doubles(SumProduct *s, PyObject *a, PyObject *b)
{
    double x, y;
    if (!as_double(a, PyFloat_CheckExact(b), &x) ||
        !as_double(b, PyFloat_CheckExact(a), &y)) {
        return false;
    }
    Triple sum = triple_add_product(s->double_sum, x, y);
    if (!isfinite(sum.high)) {
        return false;
    }
    s->double_sum = sum;
    s->doubles_used = true;
    return true;
}

static int
add_pair(SumProduct *s, PyObject *a, PyObject *b)
{
    if (s->words) {
        if (add_words(s, a, b)) {
            return 0;
        }
        if (leave_words(s) < 0) {
            return -1;
        }
    }
    if (s->doubles) {
        if (add_doubles(s, a, b)) {
            return 0;
        }
        if (leave_doubles(s) < 0) {
            return -1;
        }
    }
    return add_to_total(s, PyNumber_Multiply(a, b));
}

KR_FUNCTION(math, "sumprod(p, q, /)",
            "Return the sum of products of values from two iterables p and q.\n\n"
            "Roughly equivalent to:\n\n"
            "    sum(itertools.starmap(operator.mul, zip(p, q, strict=True)))\n\n"
            "For float and mixed int/float inputs, the intermediate products\n"
            "and sums are computed with extended precision.")
static PyObject *
math_sumprod(PyObject *module, PyObject *p, PyObject *q)
{
    SumProduct s = {.words = true, .doubles = true};
    PyObject *first = NULL, *second = NULL, *a = NULL, *b = NULL, *result = NULL;

    s.total = PyLong_FromLong(0);
    first = PyObject_GetIter(p);
    second = first != NULL ? PyObject_GetIter(q) : NULL;
    if (s.total == NULL || second == NULL) {
        goto done;
    }
    while (true) {
        int more = PyIter_NextItem(first, &a);
        int more_too = more < 0 ? -1 : PyIter_NextItem(second, &b);
        if (more < 0 || more_too < 0) {
            goto done;
        }
        if (more != more_too) {
            PyErr_SetString(PyExc_ValueError, "Inputs are not the same length");
            goto done;
        }
        if (!more) {
            break;
        }
        if (add_pair(&s, a, b) < 0) {
            goto done;
        }
        Py_CLEAR(a);
        Py_CLEAR(b);
    }
    if ((s.words && leave_words(&s) < 0) || (s.doubles && leave_doubles(&s) < 0)) {
        goto done;
    }
    result = KR_MOVE(s.total);
done:
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(first);
    Py_XDECREF(second);
    Py_XDECREF(s.total);
    return result;
}

// --- prod -----------------------------------------------------------------------------------

KR_FUNCTION(math, "prod(iterable, /, *, start=1)",
            "Calculate the product of all the elements in the input iterable.\n\n"
            "The default start value for the product is 1.\n\n"
            "When the iterable is empty, return the start value.  This function is\n"
            "intended specifically for use with numeric values and may reject\n"
            "non-numeric types.")
static PyObject *
math_prod(PyObject *module, PyObject *iterable, PyObject *start)
{
    PyObject *total = start != NULL ? Py_NewRef(start) : PyLong_FromLong(1);
    PyObject *iterator = PyObject_GetIter(iterable), *item = NULL;
    int more = -1;

    if (total == NULL || iterator == NULL) {
        goto done;
    }
    // Floats are multiplied without making objects; ints are cheap as they are.
    bool as_float = PyFloat_CheckExact(total);
    double product = as_float ? PyFloat_AS_DOUBLE(total) : 0.0;
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        if (as_float) {
            int64_t word;
            if (PyFloat_CheckExact(item)) {
                product *= PyFloat_AS_DOUBLE(item);
                Py_CLEAR(item);
                continue;
            }
            if (PyLong_CheckExact(item) && kr_int_to_word((PyLongObject *)item, &word)) {
                product *= (double)word;
                Py_CLEAR(item);
                continue;
            }
            Py_SETREF(total, PyFloat_FromDouble(product));
            if (total == NULL) {
                more = -1;
                break;
            }
        }
        Py_SETREF(total, PyNumber_Multiply(total, item));
        Py_CLEAR(item);
        if (total == NULL) {
            more = -1;
            break;
        }
        as_float = PyFloat_CheckExact(total);
        product = as_float ? PyFloat_AS_DOUBLE(total) : 0.0;
    }
    if (more == 0 && as_float) {
        Py_SETREF(total, PyFloat_FromDouble(product));
    }
done:
    Py_XDECREF(item);
    Py_XDECREF(iterator);
    if (more < 0) {
        Py_CLEAR(total);
    }
    return total;
}

// --- Distances --------------------------------------------------------------------------------

// The root of the sum of squares; max is the largest magnitude. vector is changed.
static double
norm(Py_ssize_t n, double *vector, double max, bool found_nan)
{
    int exponent;
    if (isinf(max)) {
        return max;
    }
    if (found_nan) {
        return Py_NAN;
    }
    if (max == 0.0 || n <= 1) {
        return max;
    }
    // Scaled so that the largest lies between 1/2 and 1: squares stay in range.
    frexp(max, &exponent);
    Pair total = {0.0, 0.0};
    double errors = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        double x = ldexp(vector[i], -exponent);
        Pair square = exact_product(x, x);
        Pair sum = exact_sum(total.high, square.high);
        total.high = sum.high;
        total.low += sum.low;
        errors += square.low;
    }
    double rest = total.low + errors, root = sqrt(total.high + rest);
    // One step of Newton's method with the exact remainder.
    Pair square = exact_product(root, root);
    double remainder = ((total.high - square.high) - square.low) + rest;
    root += remainder / (2.0 * root);
    return ldexp(root, exponent);
}

#define VECTOR_ON_STACK 16

static double *
vector_take(double *local, Py_ssize_t n)
{
    if (n <= VECTOR_ON_STACK) {
        return local;
    }
    double *vector = PyMem_Malloc((size_t)n * sizeof(double));
    if (vector == NULL) {
        PyErr_NoMemory();
    }
    return vector;
}

KR_FUNCTION_RAW(math, "hypot($module, /, *coordinates)", METH_FASTCALL,
                "Multidimensional Euclidean distance from the origin to a point.\n\n"
                "Roughly equivalent to:\n    sqrt(sum(x**2 for x in coordinates))\n\n"
                "For a two dimensional point (x, y), gives the hypotenuse\n"
                "using the Pythagorean theorem:  sqrt(x*x + y*y).\n\n"
                "For example, the hypotenuse of a 3/4/5 right triangle is:\n\n"
                "    >>> hypot(3.0, 4.0)\n    5.0\n")
PyObject *
kr_math_hypot(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    double local[VECTOR_ON_STACK], *vector = vector_take(local, nargs), max = 0.0;
    bool found_nan = false;
    PyObject *result = NULL;

    if (vector == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        double x = PyFloat_AsDouble(args[i]);
        if (x == -1.0 && PyErr_Occurred()) {
            goto done;
        }
        vector[i] = fabs(x);
        found_nan |= isnan(x) != 0;
        if (vector[i] > max) {
            max = vector[i];
        }
    }
    result = PyFloat_FromDouble(norm(nargs, vector, max, found_nan));
done:
    if (vector != local) {
        PyMem_Free(vector);
    }
    return result;
}

KR_FUNCTION(math, "dist(p, q, /)",
            "Return the Euclidean distance between two points p and q.\n\n"
            "The points should be specified as sequences (or iterables) of\n"
            "coordinates.  Both inputs must have the same dimension.\n\n"
            "Roughly equivalent to:\n"
            "    sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))")
static PyObject *
math_dist(PyObject *module, PyObject *p, PyObject *q)
{
    double local[VECTOR_ON_STACK], *vector = NULL, max = 0.0;
    bool found_nan = false;
    PyObject *a = NULL, *b = NULL, *result = NULL;

    a = PySequence_Tuple(p);
    b = a != NULL ? PySequence_Tuple(q) : NULL;
    if (b == NULL) {
        goto done;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(a);
    if (n != PyTuple_GET_SIZE(b)) {
        PyErr_SetString(PyExc_ValueError,
                        "both points must have the same number of dimensions");
        goto done;
    }
    vector = vector_take(local, n);
    if (vector == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        double x = PyFloat_AsDouble(PyTuple_GET_ITEM(a, i));
        if (x == -1.0 && PyErr_Occurred()) {
            goto done;
        }
        double y = PyFloat_AsDouble(PyTuple_GET_ITEM(b, i));
        if (y == -1.0 && PyErr_Occurred()) {
            goto done;
        }
        vector[i] = fabs(x - y);
        found_nan |= isnan(vector[i]) != 0;
        if (vector[i] > max) {
            max = vector[i];
        }
    }
    result = PyFloat_FromDouble(norm(n, vector, max, found_nan));
done:
    if (vector != NULL && vector != local) {
        PyMem_Free(vector);
    }
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

#include "modules/math/sums.methods.h"
