// SPDX-License-Identifier: MIT
// stream.c - iterators that pass items on, one for one or fewer: chain, islice,
// count, repeat and their like.
//
// Re-entrancy: a step runs foreign code, which may step the same object; what is in
//              use is owned or read again.
#include "modules/itertools/itertools.h"

// An object of cls with two references, the second consumed; NULL if that is NULL.
static PyObject *
new_pair_steal(PyTypeObject *cls, PyObject *first, PyObject *second)
{
    Lazy *self = second == NULL ? NULL : LAZY_NEW(Lazy, cls);
    if (self == NULL) {
        Py_XDECREF(second);
        return NULL;
    }
    self->refs[0] = Py_NewRef(first);
    self->refs[1] = second;
    return (PyObject *)self;
}

// Calls function(item) and tests the answer: 1, 0, -1.
static inline int
test_item(PyObject *function, PyObject *item)
{
    PyObject *answer = PyObject_CallOneArg(function, item);
    if (answer == NULL) {
        return -1;
    }
    int truth = answer == Py_True    ? 1
                : answer == Py_False ? 0
                                     : PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return truth;
}

// --- takewhile, dropwhile, filterfalse, starmap ----------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *function;
    PyObject *iterator;
    bool done; // takewhile: ended; dropwhile: passes everything on
} While;

KR_NEW(takewhile, "takewhile(predicate, iterable, /)",
       "Return successive entries from an iterable as long as the predicate evaluates "
       "to true for each entry.")
static PyObject *
takewhile_new_impl(PyTypeObject *cls, PyObject *predicate, PyObject *iterable)
{
    return new_pair_steal(cls, predicate, PyObject_GetIter(iterable));
}

static PyObject *
takewhile_next(PyObject *op)
{
    While *self = (While *)op;
    if (self->done) {
        return NULL;
    }
    PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
    if (item == NULL) {
        return NULL;
    }
    int truth = test_item(self->function, item);
    if (truth > 0) {
        return item;
    }
    Py_DECREF(item);
    if (truth == 0) {
        self->done = true;
    }
    return NULL;
}

KR_NEW(dropwhile, "dropwhile(predicate, iterable, /)",
       "Drop items from the iterable while predicate(item) is true.\n\n"
       "Afterwards, return every element until the iterable is exhausted.")
static PyObject *
dropwhile_new_impl(PyTypeObject *cls, PyObject *predicate, PyObject *iterable)
{
    return new_pair_steal(cls, predicate, PyObject_GetIter(iterable));
}

static PyObject *
dropwhile_next(PyObject *op)
{
    While *self = (While *)op;
    for (;;) {
        PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
        if (item == NULL || self->done) {
            return item;
        }
        int truth = test_item(self->function, item);
        if (truth == 0) {
            self->done = true;
            return item;
        }
        Py_DECREF(item);
        if (truth < 0) {
            return NULL;
        }
    }
}

typedef struct {
    PyObject_HEAD
    PyObject *function;
    PyObject *iterator;
} FuncIter;

KR_NEW(filterfalse, "filterfalse(function, iterable, /)",
       "Return those items of iterable for which function(item) is false.\n\n"
       "If function is None, return the items that are false.")
static PyObject *
filterfalse_new_impl(PyTypeObject *cls, PyObject *function, PyObject *iterable)
{
    return new_pair_steal(cls, function, PyObject_GetIter(iterable));
}

static PyObject *
filterfalse_next(PyObject *op)
{
    FuncIter *self = (FuncIter *)op;
    bool direct = self->function == Py_None || self->function == (PyObject *)&PyBool_Type;
    for (;;) {
        PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
        if (item == NULL) {
            return NULL;
        }
        int truth = direct ? PyObject_IsTrue(item) : test_item(self->function, item);
        if (truth == 0) {
            return item;
        }
        Py_DECREF(item);
        if (truth < 0) {
            return NULL;
        }
    }
}

KR_NEW(starmap, "starmap(function, iterable, /)",
       "Return an iterator whose values are returned from the function evaluated with "
       "an argument tuple taken from the given sequence.")
static PyObject *
starmap_new_impl(PyTypeObject *cls, PyObject *function, PyObject *iterable)
{
    return new_pair_steal(cls, function, PyObject_GetIter(iterable));
}

static PyObject *
starmap_next(PyObject *op)
{
    FuncIter *self = (FuncIter *)op;
    PyObject *args = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
    if (args == NULL) {
        return NULL;
    }
    if (!PyTuple_CheckExact(args)) {
        Py_SETREF(args, PySequence_Tuple(args));
        if (args == NULL) {
            return NULL;
        }
    }
    PyObject *result = PyObject_Vectorcall(self->function, ((PyTupleObject *)args)->ob_item,
                                           (size_t)PyTuple_GET_SIZE(args), NULL);
    Py_DECREF(args);
    return result;
}

// --- compress ----------------------------------------------------------------------

KR_NEW(compress, "compress(data, selectors)",
       "Return data elements corresponding to true selector elements.\n\n"
       "Forms a shorter iterator from selected data elements using the selectors\n"
       "to choose the data elements.")
static PyObject *
compress_new_impl(PyTypeObject *cls, PyObject *data, PyObject *selectors)
{
    PyObject *iterator = PyObject_GetIter(data);
    if (iterator == NULL) {
        return NULL;
    }
    PyObject *self = new_pair_steal(cls, iterator, PyObject_GetIter(selectors));
    Py_DECREF(iterator);
    return self;
}

static PyObject *
compress_next(PyObject *op)
{
    Lazy *self = (Lazy *)op;
    PyObject *data = self->refs[0], *selectors = self->refs[1];
    for (;;) {
        PyObject *item = Py_TYPE(data)->tp_iternext(data);
        if (item == NULL) {
            return NULL;
        }
        PyObject *selector = Py_TYPE(selectors)->tp_iternext(selectors);
        if (selector == NULL) {
            Py_DECREF(item);
            return NULL;
        }
        int truth = PyObject_IsTrue(selector);
        Py_DECREF(selector);
        if (truth > 0) {
            return item;
        }
        Py_DECREF(item);
        if (truth < 0) {
            return NULL;
        }
    }
}

// --- chain -------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *source; // iterator over the iterables; NULL at the end
    PyObject *active; // iterator over the current one, or NULL
} Chain;

static PyObject *
chain_make_steal(PyTypeObject *cls, PyObject *source)
{
    Chain *self = source == NULL ? NULL : LAZY_NEW(Chain, cls);
    if (self == NULL) {
        Py_XDECREF(source);
        return NULL;
    }
    self->source = source;
    return (PyObject *)self;
}

static PyObject *
chain_make_array(PyTypeObject *cls, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *iterables = PyTuple_FromArray(args, nargs);
    if (iterables == NULL) {
        return NULL;
    }
    PyObject *source = PyObject_GetIter(iterables);
    Py_DECREF(iterables);
    return chain_make_steal(cls, source);
}

static PyObject *
chain_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if ((cls == &kr_chain_type || cls->tp_init == kr_chain_type.tp_init)
        && !kr_arg_no_keywords("chain", kwargs)) {
        return NULL;
    }
    return chain_make_steal(cls, PyObject_GetIter(args));
}

static PyObject *
chain_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (kwnames != NULL && !kr_arg_no_kwnames("chain", kwnames)) {
        return NULL;
    }
    return chain_make_array((PyTypeObject *)type, args, PyVectorcall_NARGS(nargsf));
}

KR_METHOD(chain, "from_iterable(cls, iterable, /)",
          "Alternative chain() constructor taking a single iterable argument that "
          "evaluates lazily.")
static PyObject *
chain_from_iterable(PyTypeObject *cls, PyObject *iterable)
{
    return chain_make_steal(cls, PyObject_GetIter(iterable));
}

KR_METHOD_RAW(chain, "__class_getitem__($type, object, /)", METH_O | METH_CLASS,
              "Chains are generic over the type of their items.")
static PyObject *
chain___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

static PyObject *
chain_next(PyObject *op)
{
    Chain *self = (Chain *)op;
    while (self->source != NULL) {
        if (self->active == NULL) {
            PyObject *iterable = Py_TYPE(self->source)->tp_iternext(self->source);
            if (iterable == NULL) {
                Py_CLEAR(self->source);
                return NULL;
            }
            PyObject *active = PyObject_GetIter(iterable);
            Py_DECREF(iterable);
            if (active == NULL) {
                Py_CLEAR(self->source);
                return NULL;
            }
            Py_XSETREF(self->active, active);
        }
        PyObject *active = Py_NewRef(self->active);
        PyObject *item = Py_TYPE(active)->tp_iternext(active); // may run Python
        Py_DECREF(active);
        if (item != NULL) {
            return item;
        }
        if (kr_iter_clear_stop() < 0) {
            return NULL;
        }
        Py_CLEAR(self->active);
    }
    return NULL;
}

static const char chain_doc[] =
    "chain(*iterables)\n--\n\n"
    "Return a chain object whose .__next__() method returns elements from the\n"
    "first iterable until it is exhausted, then elements from the next\n"
    "iterable, until all of the iterables are exhausted.";

// --- islice ------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *iterator; // NULL at the end
    Py_ssize_t next;    // index of the item to give out
    Py_ssize_t stop;    // -1: none
    Py_ssize_t step;
    Py_ssize_t taken;   // items taken from the iterator
} ISlice;

// Reads one bound; None keeps *out. false with a ValueError set.
static bool
islice_bound(PyObject *op, Py_ssize_t minimum, Py_ssize_t *out, const char *message)
{
    if (op == Py_None) {
        return true;
    }
    Py_ssize_t value = PyNumber_AsSsize_t(op, PyExc_OverflowError);
    if (value < minimum) {
        if (PyErr_Occurred()) {
            PyErr_Clear();
        }
        PyErr_SetString(PyExc_ValueError, message);
        return false;
    }
    *out = value;
    return true;
}

static PyObject *
islice_make(PyTypeObject *cls, PyObject *const *args, Py_ssize_t nargs)
{
    static const char stop_message[] = "Stop argument for islice() must be None or an "
                                       "integer: 0 <= x <= sys.maxsize.";
    static const char indices_message[] = "Indices for islice() must be None or an "
                                          "integer: 0 <= x <= sys.maxsize.";
    Py_ssize_t start = 0, stop = -1, step = 1;
    if (!kr_arg_count("islice", nargs, 2, 4)) {
        return NULL;
    }
    if (nargs == 2) {
        if (!islice_bound(args[1], 0, &stop, stop_message)) {
            return NULL;
        }
    }
    else if (!islice_bound(args[2], 0, &stop, stop_message)
             || !islice_bound(args[1], 0, &start, indices_message)) {
        return NULL;
    }
    if (nargs == 4
        && !islice_bound(args[3], 1, &step,
                         "Step for islice() must be a positive integer or None.")) {
        return NULL;
    }
    PyObject *iterator = PyObject_GetIter(args[0]);
    ISlice *self = iterator == NULL ? NULL : LAZY_NEW(ISlice, cls);
    if (self == NULL) {
        Py_XDECREF(iterator);
        return NULL;
    }
    self->iterator = iterator;
    self->next = start;
    self->stop = stop;
    self->step = step;
    self->taken = 0;
    return (PyObject *)self;
}

static PyObject *
islice_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if ((cls == &kr_islice_type || cls->tp_init == kr_islice_type.tp_init)
        && !kr_arg_no_keywords("islice", kwargs)) {
        return NULL;
    }
    return islice_make(cls, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args));
}

static PyObject *
islice_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (kwnames != NULL && !kr_arg_no_kwnames("islice", kwnames)) {
        return NULL;
    }
    return islice_make((PyTypeObject *)type, args, PyVectorcall_NARGS(nargsf));
}

static PyObject *
islice_next(PyObject *op)
{
    ISlice *self = (ISlice *)op;
    PyObject *iterator = self->iterator;
    if (iterator == NULL) {
        return NULL;
    }
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    Py_ssize_t stop = self->stop;
    // What is skipped is taken too, but never beyond stop.
    while (self->taken < self->next && (stop < 0 || self->taken < stop)) {
        PyObject *skipped = next(iterator);
        if (skipped == NULL) {
            Py_CLEAR(self->iterator);
            return NULL;
        }
        Py_DECREF(skipped);
        self->taken++;
    }
    if (stop >= 0 && self->taken >= stop) {
        Py_CLEAR(self->iterator);
        return NULL;
    }
    PyObject *item = next(iterator);
    if (item == NULL) {
        Py_CLEAR(self->iterator);
        return NULL;
    }
    self->taken++;
    // Past the largest index it only matters that it is past stop.
    if (self->next > PY_SSIZE_T_MAX - self->step) {
        self->next = stop >= 0 ? stop : PY_SSIZE_T_MAX;
    }
    else {
        self->next += self->step;
        if (stop >= 0 && self->next > stop) {
            self->next = stop;
        }
    }
    return item;
}

static const char islice_doc[] =
    "islice(iterable, stop) --> islice object\n"
    "islice(iterable, start, stop[, step]) --> islice object\n\n"
    "Return an iterator whose next() method returns selected values from an\n"
    "iterable.  If start is specified, will skip all preceding elements;\n"
    "otherwise, start defaults to zero.  Step defaults to one.  If\n"
    "specified as another value, step determines how many values are\n"
    "skipped between successive calls.  Works like a slice() on a list\n"
    "but returns an iterator.";

// --- cycle -------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *iterator; // NULL once everything was seen
    PyObject *saved;    // list of what was seen
    Py_ssize_t index;   // in saved, in later rounds
} Cycle;

KR_NEW(cycle, "cycle(iterable, /)",
       "Return elements from the iterable until it is exhausted. Then repeat the "
       "sequence indefinitely.")
static PyObject *
cycle_new_impl(PyTypeObject *cls, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    PyObject *saved = iterator == NULL ? NULL : PyList_New(0);
    Cycle *self = saved == NULL ? NULL : LAZY_NEW(Cycle, cls);
    if (self == NULL) {
        Py_XDECREF(iterator);
        Py_XDECREF(saved);
        return NULL;
    }
    self->iterator = iterator;
    self->saved = saved;
    self->index = 0;
    return (PyObject *)self;
}

static PyObject *
cycle_next(PyObject *op)
{
    Cycle *self = (Cycle *)op;
    if (self->iterator != NULL) {
        PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
        if (item != NULL) {
            if (PyList_Append(self->saved, item) < 0) {
                Py_CLEAR(item);
            }
            return item;
        }
        if (kr_iter_clear_stop() < 0) {
            return NULL;
        }
        Py_CLEAR(self->iterator);
    }
    Py_ssize_t n = PyList_GET_SIZE(self->saved);
    if (n == 0) {
        return NULL;
    }
    PyObject *item = PyList_GET_ITEM(self->saved, self->index);
    self->index = self->index + 1 < n ? self->index + 1 : 0;
    return Py_NewRef(item);
}

// --- pairwise ----------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *iterator; // NULL at the end
    PyObject *old;      // the second item of the last pair, or NULL
    PyObject *result;   // the pair given out last, reused; or NULL
} Pairwise;

KR_NEW(pairwise, "pairwise(iterable, /)",
       "Return an iterator of overlapping pairs taken from the input iterator.\n\n"
       "    s -> (s0,s1), (s1,s2), (s2, s3), ...")
static PyObject *
pairwise_new_impl(PyTypeObject *cls, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    Pairwise *self = iterator == NULL ? NULL : LAZY_NEW(Pairwise, cls);
    if (self == NULL) {
        Py_XDECREF(iterator);
        return NULL;
    }
    self->iterator = iterator;
    return (PyObject *)self;
}

static PyObject *
pairwise_next(PyObject *op)
{
    Pairwise *self = (Pairwise *)op;
    PyObject *iterator = self->iterator;
    if (iterator == NULL) {
        return NULL;
    }
    Py_INCREF(iterator);
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    if (self->old == NULL) {
        PyObject *first = next(iterator); // may run Python
        Py_XSETREF(self->old, first);
        if (first == NULL) {
            Py_CLEAR(self->iterator);
            Py_DECREF(iterator);
            return NULL;
        }
        // A nested step may have ended everything.
        if (self->iterator == NULL) {
            Py_CLEAR(self->old);
            Py_DECREF(iterator);
            return NULL;
        }
    }
    PyObject *old = Py_NewRef(self->old);
    PyObject *item = next(iterator); // may run Python
    Py_DECREF(iterator);
    if (item == NULL) {
        Py_CLEAR(self->iterator);
        Py_CLEAR(self->old);
        Py_DECREF(old);
        return NULL;
    }
    Py_XSETREF(self->old, Py_NewRef(item));
    return kr_iter_reuse_pair_steal(&self->result, old, item);
}

// --- batched -----------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *iterator; // NULL at the end
    Py_ssize_t size;
    bool strict;
} Batched;

KR_NEW(batched, "batched(iterable, n, *, strict=False)",
       "Batch data into tuples of length n. The last batch may be shorter than n.\n\n"
       "The input is consumed lazily, just enough to fill a batch, which is given out\n"
       "as soon as it is full.\n\n"
       "    >>> for batch in batched('ABCDEFG', 3):\n"
       "    ...     print(batch)\n"
       "    ...\n"
       "    ('A', 'B', 'C')\n"
       "    ('D', 'E', 'F')\n"
       "    ('G',)\n\n"
       "If \"strict\" is True, raises a ValueError if the final batch is shorter\n"
       "than n.")
static PyObject *
batched_new_impl(PyTypeObject *cls, PyObject *iterable, Py_ssize_t n, bool strict)
{
    if (n < 1) {
        PyErr_SetString(PyExc_ValueError, "n must be at least one");
        return NULL;
    }
    PyObject *iterator = PyObject_GetIter(iterable);
    Batched *self = iterator == NULL ? NULL : LAZY_NEW(Batched, cls);
    if (self == NULL) {
        Py_XDECREF(iterator);
        return NULL;
    }
    self->iterator = iterator;
    self->size = n;
    self->strict = strict;
    return (PyObject *)self;
}

static PyObject *
batched_next(PyObject *op)
{
    Batched *self = (Batched *)op;
    PyObject *iterator = self->iterator;
    if (iterator == NULL) {
        return NULL;
    }
    // A huge n must not take its memory in advance.
    Py_ssize_t room = self->size < 1024 ? self->size : 1024, count = 0;
    PyObject *batch = PyTuple_New(room);
    if (batch == NULL) {
        return NULL;
    }
    Py_INCREF(iterator);
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    while (count < self->size) {
        if (count == room) {
            room = room > self->size / 2 ? self->size : room * 2;
            if (_PyTuple_Resize(&batch, room) < 0) {
                break;
            }
        }
        PyObject *item = next(iterator); // may run Python
        if (item == NULL) {
            break;
        }
        PyTuple_SET_ITEM(batch, count++, item);
    }
    Py_DECREF(iterator);
    if (batch == NULL) {
        return NULL;
    }
    if (count == self->size) {
        return batch;
    }
    Py_CLEAR(self->iterator);
    if (kr_iter_clear_stop() < 0 || count == 0) {
        Py_DECREF(batch);
        return NULL;
    }
    if (self->strict) {
        Py_DECREF(batch);
        PyErr_SetString(PyExc_ValueError, "batched(): incomplete batch");
        return NULL;
    }
    _PyTuple_Resize(&batch, count);
    return batch;
}

// --- accumulate --------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *total;    // NULL before the first item
    PyObject *iterator;
    PyObject *function; // NULL: addition
    PyObject *initial;  // to be given out first, or NULL
} Accumulate;

KR_NEW(accumulate, "accumulate(iterable, func=None, *, initial=None)",
       "Return series of accumulated sums (or other binary function results).")
static PyObject *
accumulate_new_impl(PyTypeObject *cls, PyObject *iterable, PyObject *func,
                    PyObject *initial)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    Accumulate *self = iterator == NULL ? NULL : LAZY_NEW(Accumulate, cls);
    if (self == NULL) {
        Py_XDECREF(iterator);
        return NULL;
    }
    self->iterator = iterator;
    self->function = func == Py_None ? NULL : Py_NewRef(func);
    self->initial = initial == Py_None ? NULL : Py_NewRef(initial);
    return (PyObject *)self;
}

static PyObject *
accumulate_next(PyObject *op)
{
    Accumulate *self = (Accumulate *)op;
    if (self->initial != NULL) {
        PyObject *initial = KR_MOVE(self->initial);
        Py_XSETREF(self->total, Py_NewRef(initial));
        return initial;
    }
    PyObject *item = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
    if (item == NULL) {
        return NULL;
    }
    if (self->total == NULL) {
        self->total = Py_NewRef(item);
        return item;
    }
    PyObject *total = Py_NewRef(self->total), *sum;
    if (self->function == NULL) {
        sum = PyNumber_Add(total, item);
    }
    else {
        PyObject *args[3] = {NULL, total, item};
        sum = PyObject_Vectorcall(self->function, args + 1,
                                  2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    }
    Py_DECREF(total);
    Py_DECREF(item);
    if (sum != NULL) {
        Py_XSETREF(self->total, Py_NewRef(sum));
    }
    return sum;
}

// --- count -------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *number; // NULL: the next one is index, the step is one
    PyObject *step;   // owned
    Py_ssize_t index;
} Count;

KR_NEW(count, "count(start=0, step=1)",
       "Return a count object whose .__next__() method returns consecutive values.\n\n"
       "Equivalent to:\n"
       "    def count(firstval=0, step=1):\n"
       "        x = firstval\n"
       "        while 1:\n"
       "            yield x\n"
       "            x += step")
static PyObject *
count_new_impl(PyTypeObject *cls, PyObject *start, PyObject *step)
{
    if ((start != NULL && !PyNumber_Check(start))
        || (step != NULL && !PyNumber_Check(step))) {
        PyErr_SetString(PyExc_TypeError, "a number is required");
        return NULL;
    }
    Count *self = LAZY_NEW(Count, cls);
    if (self == NULL) {
        return NULL;
    }
    int overflow = 0;
    long one = 1;
    self->step = step == NULL ? PyLong_FromLong(1) : Py_NewRef(step);
    if (self->step == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    if (step != NULL) {
        one = PyLong_Check(step) ? PyLong_AsLongAndOverflow(step, &overflow) : 0;
    }
    if (start != NULL) {
        int too_large = 0;
        if (PyLong_Check(start)) {
            self->index = PyLong_AsLongAndOverflow(start, &too_large);
        }
        if (!PyLong_Check(start) || too_large || self->index == PY_SSIZE_T_MAX) {
            self->number = Py_NewRef(start);
        }
    }
    if (self->number == NULL && (one != 1 || overflow)) {
        self->number = start == NULL ? PyLong_FromLong(0) : Py_NewRef(start);
        if (self->number == NULL) {
            Py_CLEAR(self);
        }
    }
    return (PyObject *)self;
}

static PyObject *
count_next(PyObject *op)
{
    Count *self = (Count *)op;
    if (KR_LIKELY(self->number == NULL)) {
        if (KR_LIKELY(self->index < PY_SSIZE_T_MAX)) {
            return PyLong_FromSsize_t(self->index++);
        }
        self->number = PyLong_FromSsize_t(self->index);
        if (self->number == NULL) {
            return NULL;
        }
    }
    PyObject *number = Py_NewRef(self->number);
    PyObject *next = PyNumber_Add(number, self->step); // may run Python
    if (next == NULL) {
        Py_DECREF(number);
        return NULL;
    }
    Py_XSETREF(self->number, next);
    return number;
}

static PyObject *
count_repr(PyObject *op)
{
    Count *self = (Count *)op;
    const char *name = _PyType_Name(Py_TYPE(self));
    if (self->number == NULL) {
        return PyUnicode_FromFormat("%s(%zd)", name, self->index);
    }
    if (PyLong_Check(self->step)) {
        int overflow;
        if (PyLong_AsLongAndOverflow(self->step, &overflow) == 1 && !overflow) {
            return PyUnicode_FromFormat("%s(%R)", name, self->number);
        }
    }
    return PyUnicode_FromFormat("%s(%R, %R)", name, self->number, self->step);
}

// --- repeat ------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PyObject *object;
    Py_ssize_t left; // -1: endless
} Repeat;

static const char *const repeat_keywords[] = {"object", "times", NULL};

static PyObject *
repeat_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    PyObject *object;
    Py_ssize_t left = -1, n = PyTuple_GET_SIZE(args);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|n:repeat", (char **)repeat_keywords,
                                     &object, &left)) {
        return NULL;
    }
    n += kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    Repeat *self = LAZY_NEW(Repeat, cls);
    if (self != NULL) {
        self->object = Py_NewRef(object);
        // A negative number that was given means none.
        self->left = n > 1 && left < 0 ? 0 : left;
    }
    return (PyObject *)self;
}

static PyObject *
repeat_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyTypeObject *cls = (PyTypeObject *)type;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf), left = -1;
    if (nargs < 1 || nargs > 2 || (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0)) {
        // The slow way knows all about keywords and messages.
        PyObject *tuple = PyTuple_FromArray(args, nargs), *result = NULL;
        PyObject *kwargs = tuple == NULL ? NULL : PyDict_New();
        Py_ssize_t n = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
        for (Py_ssize_t i = 0; kwargs != NULL && i < n; i++) {
            if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) {
                Py_CLEAR(kwargs);
            }
        }
        if (kwargs != NULL) {
            result = repeat_new(cls, tuple, kwargs);
        }
        Py_XDECREF(tuple);
        Py_XDECREF(kwargs);
        return result;
    }
    if (nargs == 2) {
        if (kr_arg_ssize(args[1], &left) < 0) {
            return NULL;
        }
        left = left < 0 ? 0 : left;
    }
    Repeat *self = LAZY_NEW(Repeat, cls);
    if (self != NULL) {
        self->object = Py_NewRef(args[0]);
        self->left = left;
    }
    return (PyObject *)self;
}

static PyObject *
repeat_next(PyObject *op)
{
    Repeat *self = (Repeat *)op;
    if (self->left == 0) {
        return NULL;
    }
    if (self->left > 0) {
        self->left--;
    }
    return Py_NewRef(self->object);
}

static PyObject *
repeat_repr(PyObject *op)
{
    Repeat *self = (Repeat *)op;
    const char *name = _PyType_Name(Py_TYPE(self));
    return self->left < 0
               ? PyUnicode_FromFormat("%s(%R)", name, self->object)
               : PyUnicode_FromFormat("%s(%R, %zd)", name, self->object, self->left);
}

KR_METHOD(repeat, "__length_hint__(self, /)",
          "Private method returning an estimate of len(list(it)).")
static PyObject *
repeat___length_hint__(Repeat *self)
{
    if (self->left < 0) {
        PyErr_SetString(PyExc_TypeError, "len() of unsized object");
        return NULL;
    }
    return PyLong_FromSsize_t(self->left);
}

static const char repeat_doc[] =
    "repeat(object [,times]) -> create an iterator which returns the object\n"
    "for the specified number of times.  If not specified, returns the object\n"
    "endlessly.";

KR_TYPE(chain)
KR_TYPE(repeat)
#include "modules/itertools/stream.methods.h"

LAZY_TYPE(kr_takewhile_type, "takewhile", While, takewhile, 2);
LAZY_TYPE(kr_dropwhile_type, "dropwhile", While, dropwhile, 2);
LAZY_TYPE(kr_filterfalse_type, "filterfalse", FuncIter, filterfalse, 2);
LAZY_TYPE(kr_starmap_type, "starmap", FuncIter, starmap, 2);
LAZY_TYPE(kr_islice_type, "islice", ISlice, islice, 1);
LAZY_TYPE(kr_cycle_type, "cycle", Cycle, cycle, 2);
LAZY_TYPE(kr_pairwise_type, "pairwise", Pairwise, pairwise, 3);
LAZY_TYPE(kr_batched_type, "batched", Batched, batched, 1);
LAZY_TYPE(kr_accumulate_type, "accumulate", Accumulate, accumulate, 4);

typedef struct {
    PyObject_HEAD
    PyObject *data;
    PyObject *selectors;
} Compress;

LAZY_TYPE(kr_compress_type, "compress", Compress, compress, 2);

LAZY_TYPE(kr_chain_type, "chain", Chain, chain, 2, .tp_methods = chain_methods);
LAZY_TYPE(kr_count_type, "count", Count, count, 2, .tp_repr = count_repr);
LAZY_TYPE(kr_repeat_type, "repeat", Repeat, repeat, 1, .tp_repr = repeat_repr,
               .tp_methods = repeat_methods);
