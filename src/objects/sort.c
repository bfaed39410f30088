// SPDX-License-Identifier: MIT
// sort.c - list.sort: a stable merge sort that makes use of existing order.
//
// Method:      Powersort (J. Ian Munro, Sebastian Wild: "Nearly-Optimal
//              Mergesorts", 2018). Ascending and strictly descending runs are
//              found, short ones are extended by insertion, and each boundary
//              between runs gets a power that says how deep it stands in a nearly
//              optimal merge tree; a stack of runs is merged by those powers.
//              Merging switches to galloping where one side wins repeatedly.
// Elements:    each item becomes {rank, value}. Where all keys are exact ints of
//              64 bits or exact floats, the rank is the number itself; for narrow
//              strs sorted by themselves, it is their first eight bytes; for tuples
//              sorted by themselves, the same of their first items. Otherwise the
//              rank is the key object.
// Re-entrancy: comparisons run Python. The list is empty meanwhile (allocated is
//              -1); elements own their objects. Whatever was put into the list is
//              thrown away, with ValueError.
// Invariants:  a failed comparison leaves every element in the array exactly once.
#include "objects/list.h"

#include "objects/equal.h"
#include "objects/ids.h"
#include "objects/int/int.h"

typedef struct {
    union {
        int64_t integer;
        double number;
        uint64_t prefix;
        PyObject *key; // owned when the sort has a key function
    };
    PyObject *value; // owned
} Element;

typedef enum {
    RANK_INT,
    RANK_FLOAT,
    RANK_PREFIX, // narrow strs, the value is the key
    RANK_STR,    // narrow strs, the key is an object of its own
    RANK_TUPLE,  // tuples; first items are all exact ints, floats or narrow strs
    RANK_TUPLE_INT,    // tuples sorted by themselves; the first items are ints
    RANK_TUPLE_PREFIX, // the same with narrow strs
    RANK_ANY,
} RankKind;

// 1 less, 0 not, -1 with an exception set.
typedef int (*ElementLess)(const Element *a, const Element *b);

typedef struct {
    Py_ssize_t start;
    Py_ssize_t length;
    int power; // of the boundary to the run before
} Run;

#define MAX_RUNS 66 // powers grow strictly from bottom to top, up to 64
#define GALLOP_START 7

typedef struct {
    Element *elements;
    Py_ssize_t count;
    Element *spare;        // room of half the elements, made when needed
    Py_ssize_t spare_room;
    Py_ssize_t gallop;     // wins in a row before galloping pays
    Run runs[MAX_RUNS];
    int nruns;
} Sorter;

// --- Comparisons -------------------------------------------------------------------

static int
object_less(PyObject *a, PyObject *b)
{
    if (PyLong_CheckExact(a) && PyLong_CheckExact(b)
        && kr_int_is_compact((PyLongObject *)a) && kr_int_is_compact((PyLongObject *)b)) {
        return kr_int_word((PyLongObject *)a) < kr_int_word((PyLongObject *)b);
    }
    PyObject *result = PyObject_RichCompare(a, b, Py_LT);
    if (result == NULL) {
        return -1;
    }
    int less = result == Py_True    ? 1
               : result == Py_False ? 0
                                    : PyObject_IsTrue(result);
    Py_DECREF(result);
    return less;
}

static inline int
narrow_str_compare(PyObject *a, PyObject *b)
{
    Py_ssize_t na = PyUnicode_GET_LENGTH(a), nb = PyUnicode_GET_LENGTH(b);
    int order = memcmp(PyUnicode_1BYTE_DATA(a), PyUnicode_1BYTE_DATA(b),
                       (size_t)(na < nb ? na : nb));
    return order != 0 ? order : (na > nb) - (na < nb);
}

static inline int
less_int(const Element *a, const Element *b)
{
    return a->integer < b->integer;
}

static inline int
less_float(const Element *a, const Element *b)
{
    return a->number < b->number;
}

static inline int
less_prefix(const Element *a, const Element *b)
{
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix;
    }
    return narrow_str_compare(a->value, b->value) < 0;
}

static inline int
less_str(const Element *a, const Element *b)
{
    return narrow_str_compare(a->key, b->key) < 0;
}

static inline int
less_any(const Element *a, const Element *b)
{
    return object_less(a->key, b->key);
}

// Orders two first items: -1, 0, 1; both have the same one of the simple types.
static inline int
simple_compare(PyObject *a, PyObject *b)
{
    if (PyUnicode_CheckExact(a)) {
        return narrow_str_compare(a, b);
    }
    if (PyFloat_CheckExact(a)) {
        double x = PyFloat_AS_DOUBLE(a), y = PyFloat_AS_DOUBLE(b);
        // Not equal and not less: NaN takes part, and the answer is "not less".
        return x < y ? -1 : x != y;
    }
    return kr_long_compare((PyLongObject *)a, (PyLongObject *)b);
}

// Orders two tuples by what follows their equal first items.
static int
less_tuple_rest(PyTupleObject *x, PyTupleObject *y)
{
    PyObject **p = x->ob_item, **q = y->ob_item;
    Py_ssize_t n = Py_SIZE(x) < Py_SIZE(y) ? Py_SIZE(x) : Py_SIZE(y);
    for (Py_ssize_t i = 1; i < n; i++) {
        // The tuples own their items, and the elements the tuples.
        int equal = p[i] == q[i] ? 1 : kr_equal_simple(p[i], q[i]);
        if (equal == -2) {
            equal = PyObject_RichCompareBool(p[i], q[i], Py_EQ); // may run Python
        }
        if (equal < 0) {
            return -1;
        }
        if (equal == 0) {
            return object_less(p[i], q[i]);
        }
    }
    return Py_SIZE(x) < Py_SIZE(y);
}

static int
less_tuple(const Element *a, const Element *b)
{
    PyTupleObject *x = (PyTupleObject *)a->key, *y = (PyTupleObject *)b->key;
    PyObject *p = x->ob_item[0], *q = y->ob_item[0];
    if (p != q) {
        int order = simple_compare(p, q);
        if (order != 0) {
            return order < 0;
        }
    }
    return less_tuple_rest(x, y);
}

// The rank is the first item, an int.
static inline int
less_tuple_int(const Element *a, const Element *b)
{
    return a->integer != b->integer
               ? a->integer < b->integer
               : less_tuple_rest((PyTupleObject *)a->value, (PyTupleObject *)b->value);
}

// The rank is the beginning of the first item, a str.
static inline int
less_tuple_prefix(const Element *a, const Element *b)
{
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix;
    }
    PyTupleObject *x = (PyTupleObject *)a->value, *y = (PyTupleObject *)b->value;
    int order = narrow_str_compare(x->ob_item[0], y->ob_item[0]);
    return order != 0 ? order < 0 : less_tuple_rest(x, y);
}

// --- Runs ----------------------------------------------------------------------------

// Everything from here to sort_elements() is inlined once for each comparison.
#define SORT_INLINE static inline __attribute__((always_inline))

static void
reverse_elements(Element *low, Element *high)
{
    for (; low < --high; low++) {
        Element element = *low;
        *low = *high;
        *high = element;
    }
}

// The length of the run that starts at low; a descending one is turned round.
// -1 on error. At least two elements.
SORT_INLINE Py_ssize_t
find_run(Element *low, Element *high, ElementLess less)
{
    Element *p = low + 1;
    int descending = less(p, p - 1);
    if (descending < 0) {
        return -1;
    }
    for (p++; p < high; p++) {
        int order = less(p, p - 1);
        if (order < 0) {
            return -1;
        }
        if (order != descending) {
            break;
        }
    }
    if (descending) {
        reverse_elements(low, p);
    }
    return p - low;
}

// Sorts low..high, of which low..sorted is in order, by binary insertion.
SORT_INLINE int
insertion_sort(Element *low, Element *sorted, Element *high, ElementLess less)
{
    for (; sorted < high; sorted++) {
        Element element = *sorted;
        Element *left = low, *right = sorted;
        while (left < right) {
            Element *middle = left + (right - left) / 2;
            int order = less(&element, middle);
            if (order < 0) {
                return -1;
            }
            if (order) {
                right = middle;
            }
            else {
                left = middle + 1;
            }
        }
        memmove(left + 1, left, (size_t)(sorted - left) * sizeof *left);
        *left = element;
    }
    return 0;
}

// How many of the n ordered elements stand before key, seen from hint: with
// after_equal also those that equal it. -1 on error.
SORT_INLINE Py_ssize_t
gallop(const Element *key, const Element *base, Py_ssize_t n, Py_ssize_t hint,
       bool after_equal, ElementLess less)
{
    // "before(i)" is whether element i has to stand before key.
    Py_ssize_t low, high;
    Py_ssize_t step = 1;
    int order = after_equal ? less(key, base + hint) : less(base + hint, key);
    if (order < 0) {
        return -1;
    }
    bool before = after_equal ? !order : order;
    if (before) {
        // Look to the right for one that does not stand before key.
        low = hint + 1;
        for (;;) {
            high = hint + step;
            if (high >= n || step <= 0) {
                high = n;
                break;
            }
            order = after_equal ? less(key, base + high) : less(base + high, key);
            if (order < 0) {
                return -1;
            }
            if (after_equal ? order : !order) {
                break;
            }
            low = high + 1;
            step = step * 2 + 1;
        }
    }
    else {
        high = hint;
        for (;;) {
            Py_ssize_t at = hint - step;
            if (at < 0 || step <= 0) {
                low = 0;
                break;
            }
            order = after_equal ? less(key, base + at) : less(base + at, key);
            if (order < 0) {
                return -1;
            }
            if (after_equal ? !order : order) {
                low = at + 1;
                break;
            }
            high = at;
            step = step * 2 + 1;
        }
    }
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        order = after_equal ? less(key, base + middle) : less(base + middle, key);
        if (order < 0) {
            return -1;
        }
        if (after_equal ? !order : order) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

static int
need_spare(Sorter *sorter, Py_ssize_t n)
{
    if (n <= sorter->spare_room) {
        return 0;
    }
    PyMem_Free(sorter->spare);
    sorter->spare_room = 0;
    sorter->spare = PyMem_Malloc((size_t)n * sizeof(Element));
    if (sorter->spare == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    sorter->spare_room = n;
    return 0;
}

// Merges left (na elements, followed at once by right with nb) from the front;
// left is the shorter one and goes to the spare room.
SORT_INLINE int
merge_forwards(Sorter *sorter, Element *left, Py_ssize_t na, Element *right,
               Py_ssize_t nb, ElementLess less)
{
    if (need_spare(sorter, na) < 0) {
        return -1;
    }
    Element *a = sorter->spare, *b = right, *to = left;
    Element *a_end = a + na, *b_end = right + nb;
    int status = -1;
    memcpy(a, left, (size_t)na * sizeof *a);
    while (a < a_end && b < b_end) {
        Py_ssize_t a_wins = 0, b_wins = 0;
        // One at a time until one side keeps winning.
        do {
            int order = less(b, a);
            if (order < 0) {
                goto done;
            }
            if (order) {
                *to++ = *b++;
                b_wins++;
                a_wins = 0;
            }
            else {
                *to++ = *a++;
                a_wins++;
                b_wins = 0;
            }
        } while (a < a_end && b < b_end && (a_wins | b_wins) < sorter->gallop);
        // Whole stretches at a time for as long as they are long.
        while (a < a_end && b < b_end) {
            Py_ssize_t k = gallop(b, a, a_end - a, 0, true, less);
            if (k < 0) {
                goto done;
            }
            memcpy(to, a, (size_t)k * sizeof *a);
            to += k;
            a += k;
            if (a == a_end) {
                break;
            }
            Py_ssize_t m = gallop(a, b, b_end - b, 0, false, less);
            if (m < 0) {
                goto done;
            }
            memmove(to, b, (size_t)m * sizeof *b);
            to += m;
            b += m;
            if (k < GALLOP_START && m < GALLOP_START) {
                sorter->gallop += 2;
                break;
            }
            if (sorter->gallop > 1) {
                sorter->gallop--;
            }
        }
    }
    status = 0;

done:
    // What is left of a belongs right before what is left of b, error or not.
    memcpy(to, a, (size_t)(a_end - a) * sizeof *a);
    return status;
}

// The same from the back; right is the shorter one and goes to the spare room.
SORT_INLINE int
merge_backwards(Sorter *sorter, Element *left, Py_ssize_t na, Element *right,
                Py_ssize_t nb, ElementLess less)
{
    if (need_spare(sorter, nb) < 0) {
        return -1;
    }
    Element *b_start = sorter->spare;
    Element *a = right - 1, *b = b_start + nb - 1, *to = right + nb - 1;
    int status = -1;
    memcpy(b_start, right, (size_t)nb * sizeof *b);
    while (a >= left && b >= b_start) {
        Py_ssize_t a_wins = 0, b_wins = 0;
        do {
            int order = less(b, a);
            if (order < 0) {
                goto done;
            }
            if (order) {
                *to-- = *a--;
                a_wins++;
                b_wins = 0;
            }
            else {
                *to-- = *b--;
                b_wins++;
                a_wins = 0;
            }
        } while (a >= left && b >= b_start && (a_wins | b_wins) < sorter->gallop);
        while (a >= left && b >= b_start) {
            Py_ssize_t n = a - left + 1;
            Py_ssize_t k = gallop(b, left, n, n - 1, true, less);
            if (k < 0) {
                goto done;
            }
            k = n - k;
            to -= k;
            a -= k;
            memmove(to + 1, a + 1, (size_t)k * sizeof *a);
            if (a < left) {
                break;
            }
            n = b - b_start + 1;
            Py_ssize_t m = gallop(a, b_start, n, n - 1, false, less);
            if (m < 0) {
                goto done;
            }
            m = n - m;
            to -= m;
            b -= m;
            memcpy(to + 1, b + 1, (size_t)m * sizeof *b);
            if (k < GALLOP_START && m < GALLOP_START) {
                sorter->gallop += 2;
                break;
            }
            if (sorter->gallop > 1) {
                sorter->gallop--;
            }
        }
    }
    status = 0;

done:;
    Py_ssize_t rest = b - b_start + 1;
    memcpy(to - rest + 1, b_start, (size_t)rest * sizeof *b);
    return status;
}

// Merges the two runs on top of the stack.
SORT_INLINE int
merge_top(Sorter *sorter, ElementLess less)
{
    Run *x = &sorter->runs[sorter->nruns - 2], *y = x + 1;
    Element *left = sorter->elements + x->start, *right = sorter->elements + y->start;
    Py_ssize_t na = x->length, nb = y->length;
    x->length = na + nb;
    sorter->nruns--;
    // What already stands in its place on either side takes no part.
    Py_ssize_t k = gallop(right, left, na, 0, true, less);
    if (k < 0) {
        return -1;
    }
    left += k;
    na -= k;
    if (na == 0) {
        return 0;
    }
    nb = gallop(left + na - 1, right, nb, nb - 1, false, less);
    if (nb <= 0) {
        return nb < 0 ? -1 : 0;
    }
    return na <= nb ? merge_forwards(sorter, left, na, right, nb, less)
                    : merge_backwards(sorter, left, na, right, nb, less);
}

// The power of the boundary between two neighbouring runs: the depth at which a
// perfectly balanced binary partition of all n elements parts their middles.
static int
boundary_power(Py_ssize_t start, Py_ssize_t first, Py_ssize_t second, Py_ssize_t n)
{
    // Twice the middles, so that they are whole numbers; n counts double too.
    size_t a = 2 * (size_t)start + (size_t)first;
    size_t b = a + (size_t)first + (size_t)second;
    size_t whole = 2 * (size_t)n;
    int power = 0;
    for (;;) {
        power++;
        a *= 2;
        b *= 2;
        bool a_right = a >= whole, b_right = b >= whole;
        if (a_right != b_right) {
            return power;
        }
        if (a_right) {
            a -= whole;
            b -= whole;
        }
    }
}

// Between 32 and 64, so that n divided by it is close to a power of two.
static Py_ssize_t
minimal_run(Py_ssize_t n)
{
    bool odd = false;
    while (n >= 64) {
        odd |= n & 1;
        n >>= 1;
    }
    return n + odd;
}

SORT_INLINE int
sort_elements(Sorter *sorter, ElementLess less)
{
    Element *base = sorter->elements;
    Py_ssize_t n = sorter->count, minimum = minimal_run(n);
    for (Py_ssize_t start = 0; start < n;) {
        Py_ssize_t left = n - start, length = 1;
        if (left > 1) {
            length = find_run(base + start, base + n, less);
            if (length < 0) {
                return -1;
            }
        }
        if (length < minimum && length < left) {
            Py_ssize_t forced = left < minimum ? left : minimum;
            if (insertion_sort(base + start, base + start + length, base + start + forced,
                               less) < 0) {
                return -1;
            }
            length = forced;
        }
        int power = 0;
        if (sorter->nruns > 0) {
            Run *top = &sorter->runs[sorter->nruns - 1];
            power = boundary_power(top->start, top->length, length, n);
            while (sorter->nruns > 1 && sorter->runs[sorter->nruns - 1].power > power) {
                if (merge_top(sorter, less) < 0) {
                    return -1;
                }
            }
        }
        sorter->runs[sorter->nruns++] = (Run){start, length, power};
        start += length;
    }
    while (sorter->nruns > 1) {
        if (merge_top(sorter, less) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
sort_ints(Sorter *sorter)
{
    return sort_elements(sorter, less_int);
}

static int
sort_floats(Sorter *sorter)
{
    return sort_elements(sorter, less_float);
}

static int
sort_prefixes(Sorter *sorter)
{
    return sort_elements(sorter, less_prefix);
}

static int
sort_strs(Sorter *sorter)
{
    return sort_elements(sorter, less_str);
}

static int
sort_tuples(Sorter *sorter)
{
    return sort_elements(sorter, less_tuple);
}

static int
sort_tuple_ints(Sorter *sorter)
{
    return sort_elements(sorter, less_tuple_int);
}

static int
sort_tuple_prefixes(Sorter *sorter)
{
    return sort_elements(sorter, less_tuple_prefix);
}

static int
sort_objects(Sorter *sorter)
{
    return sort_elements(sorter, less_any);
}

// --- Ranks ---------------------------------------------------------------------------

static bool
is_narrow_str(PyObject *op)
{
    return PyUnicode_CheckExact(op) && PyUnicode_KIND(op) == PyUnicode_1BYTE_KIND;
}

static inline bool
fits_int64(PyObject *op, int64_t *out)
{
    int overflow;
    if (!PyLong_CheckExact(op)) {
        return false;
    }
    if (KR_LIKELY(kr_int_to_word((PyLongObject *)op, out))) {
        return true;
    }
    *out = PyLong_AsLongLongAndOverflow(op, &overflow);
    return overflow == 0;
}

// Bytes beyond the end count as 0; a tie is decided by the whole strs.
static uint64_t
str_prefix(PyObject *op)
{
    uint64_t prefix = 0;
    Py_ssize_t n = PyUnicode_GET_LENGTH(op);
    memcpy(&prefix, PyUnicode_1BYTE_DATA(op), (size_t)(n < 8 ? n : 8));
    return __builtin_bswap64(prefix);
}

// What all n keys have in common.
static RankKind
common_kind(const Element *elements, Py_ssize_t n, bool has_key)
{
    PyObject *first = elements[0].key;
    int64_t unused;
    bool tuples = PyTuple_CheckExact(first);
    if (tuples && PyTuple_GET_SIZE(first) == 0) {
        return RANK_ANY;
    }
    PyObject *sample = tuples ? PyTuple_GET_ITEM(first, 0) : first;
    RankKind kind = PyLong_CheckExact(sample)    ? RANK_INT
                    : PyFloat_CheckExact(sample) ? RANK_FLOAT
                    : is_narrow_str(sample)      ? RANK_STR
                                                 : RANK_ANY;
    if (kind == RANK_ANY) {
        return RANK_ANY;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = elements[i].key;
        if (tuples) {
            if (!PyTuple_CheckExact(key) || PyTuple_GET_SIZE(key) == 0) {
                return RANK_ANY;
            }
            key = PyTuple_GET_ITEM(key, 0);
        }
        bool same = kind == RANK_INT     ? fits_int64(key, &unused)
                    : kind == RANK_FLOAT ? PyFloat_CheckExact(key)
                                         : is_narrow_str(key);
        if (!same) {
            return RANK_ANY;
        }
    }
    if (tuples) {
        return has_key              ? RANK_TUPLE
               : kind == RANK_INT   ? RANK_TUPLE_INT
               : kind == RANK_STR   ? RANK_TUPLE_PREFIX
                                    : RANK_TUPLE;
    }
    return kind == RANK_STR && !has_key ? RANK_PREFIX : kind;
}

// Numbers stand in for keys: the key objects have to be kept elsewhere when they
// are not the values themselves; they are released at once, being plain numbers.
static void
set_ranks(Element *elements, Py_ssize_t n, RankKind kind, bool has_key)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = elements[i].key;
        if (kind == RANK_INT) {
            fits_int64(key, &elements[i].integer);
        }
        else if (kind == RANK_FLOAT) {
            elements[i].number = PyFloat_AS_DOUBLE(key);
        }
        else if (kind == RANK_PREFIX) {
            elements[i].prefix = str_prefix(key);
        }
        else if (kind == RANK_TUPLE_INT) {
            fits_int64(PyTuple_GET_ITEM(key, 0), &elements[i].integer);
        }
        else if (kind == RANK_TUPLE_PREFIX) {
            elements[i].prefix = str_prefix(PyTuple_GET_ITEM(key, 0));
        }
        else {
            return;
        }
        if (has_key) {
            Py_DECREF(key);
        }
    }
}

static int
sort_by_kind(Sorter *sorter, RankKind kind)
{
    switch (kind) {
    case RANK_INT:
        return sort_ints(sorter);
    case RANK_FLOAT:
        return sort_floats(sorter);
    case RANK_PREFIX:
        return sort_prefixes(sorter);
    case RANK_STR:
        return sort_strs(sorter);
    case RANK_TUPLE:
        return sort_tuples(sorter);
    case RANK_TUPLE_INT:
        return sort_tuple_ints(sorter);
    case RANK_TUPLE_PREFIX:
        return sort_tuple_prefixes(sorter);
    default:
        return sort_objects(sorter);
    }
}

// --- The list --------------------------------------------------------------------------

// Sorts n items in place; they are not in any list meanwhile. -1 on error, with
// the items in some order.
static int
sort_items(PyObject **items, Py_ssize_t n, PyObject *keyfunc)
{
    Sorter sorter = {.count = n, .gallop = GALLOP_START};
    int status = -1;
    sorter.elements = PyMem_Malloc((size_t)n * sizeof(Element));
    if (sorter.elements == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t i = 0;
    for (; i < n; i++) {
        sorter.elements[i].value = items[i];
        sorter.elements[i].key =
            keyfunc == NULL ? items[i] : PyObject_CallOneArg(keyfunc, items[i]);
        if (sorter.elements[i].key == NULL) {
            break;
        }
    }
    RankKind kind = RANK_ANY;
    if (i == n) {
        kind = common_kind(sorter.elements, n, keyfunc != NULL);
        set_ranks(sorter.elements, n, kind, keyfunc != NULL);
        status = sort_by_kind(&sorter, kind);
        for (Py_ssize_t j = 0; j < n; j++) {
            items[j] = sorter.elements[j].value;
        }
    }
    if (keyfunc != NULL && kind != RANK_INT && kind != RANK_FLOAT) {
        while (--i >= 0) {
            Py_DECREF(sorter.elements[i].key); // may run Python
        }
    }
    PyMem_Free(sorter.spare);
    PyMem_Free(sorter.elements);
    return status;
}

static void
reverse_pointers(PyObject **low, PyObject **high)
{
    for (; low < --high; low++) {
        PyObject *item = *low;
        *low = *high;
        *high = item;
    }
}

int
kr_list_sort(PyListObject *self, PyObject *key, bool reverse)
{
    if (key == Py_None) {
        key = NULL;
    }
    PyObject **items = self->ob_item;
    Py_ssize_t n = Py_SIZE(self), allocated = self->allocated;
    self->ob_item = NULL;
    self->allocated = -1; // any change of the list sets another value
    Py_SET_SIZE(self, 0);

    int status = 0;
    if (n > 0 && (n > 1 || key != NULL)) {
        // Twice turned round, equal items keep their order.
        if (reverse) {
            reverse_pointers(items, items + n);
        }
        status = sort_items(items, n, key);
        if (reverse) {
            reverse_pointers(items, items + n);
        }
    }
    if (self->allocated != -1 && status == 0) {
        PyErr_SetString(PyExc_ValueError, "list modified during sort");
        status = -1;
    }
    PyObject **foreign = self->ob_item;
    Py_ssize_t nforeign = Py_SIZE(self);
    self->ob_item = items;
    self->allocated = allocated;
    Py_SET_SIZE(self, n);
    if (foreign != NULL) {
        while (--nforeign >= 0) {
            Py_XDECREF(foreign[nforeign]);
        }
        PyMem_Free(foreign);
    }
    return status;
}
