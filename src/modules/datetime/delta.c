// SPDX-License-Identifier: MIT
// delta.c - datetime.timedelta: a duration, exact to the microsecond.
//
// Invariants:  0 <= seconds < 86400, 0 <= microseconds < 10**6, |days| < 10**9.
// Design:      a duration has at most 77 bits of microseconds, so most arithmetic is
//              done in 128 bits; where an operand may be larger, ints are used.
#include "modules/datetime/datetime.h"

#include "objects/args.h"
#include "objects/ids.h"

typedef __int128 Wide;

// Immortal: what timezone.utc has, and what many subtractions give.
PyDateTime_Delta kr_datetime_zero = {
    PyObject_HEAD_INIT(&kr_datetime_delta_type)
    .hashcode = -1,
};

// --- Making one --------------------------------------------------------------------

static KR_COLD PyObject *
raise_too_many_days(int64_t days)
{
    if (days > INT_MAX || days < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
    }
    else {
        PyErr_Format(PyExc_OverflowError, "days=%d; must have magnitude <= %d", (int)days,
                     KR_MAX_DELTA_DAYS);
    }
    return NULL;
}

// From fields that are in range, except perhaps days.
static PyObject *
delta_of(PyTypeObject *cls, int64_t days, int seconds, int microseconds)
{
    if (KR_UNLIKELY(days > KR_MAX_DELTA_DAYS || days < -KR_MAX_DELTA_DAYS)) {
        return raise_too_many_days(days);
    }
    PyDateTime_Delta *self = cls == &kr_datetime_delta_type
                                 ? kr_datetime_alloc(cls, sizeof *self)
                                 : (PyDateTime_Delta *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->hashcode = -1;
        self->days = (int)days;
        self->seconds = seconds;
        self->microseconds = microseconds;
    }
    return (PyObject *)self;
}

static PyObject *
delta_normalized(PyTypeObject *cls, int64_t days, int64_t seconds, int64_t us)
{
    if (us < 0 || us >= KR_US_PER_SECOND) {
        int64_t carry = us / KR_US_PER_SECOND - (us % KR_US_PER_SECOND < 0);
        seconds += carry;
        us -= carry * KR_US_PER_SECOND;
    }
    if (seconds < 0 || seconds >= KR_SECONDS_PER_DAY) {
        int64_t carry = seconds / KR_SECONDS_PER_DAY - (seconds % KR_SECONDS_PER_DAY < 0);
        days += carry;
        seconds -= carry * KR_SECONDS_PER_DAY;
    }
    return delta_of(cls, days, (int)seconds, (int)us);
}

PyObject *
kr_datetime_delta(int64_t days, int64_t seconds, int64_t microseconds)
{
    return delta_normalized(&kr_datetime_delta_type, days, seconds, microseconds);
}

PyObject *
kr_datetime_delta_from_us(int64_t microseconds)
{
    return delta_normalized(&kr_datetime_delta_type, 0, 0, microseconds);
}

static PyObject *
delta_from_wide(PyTypeObject *cls, Wide us)
{
    Wide days = us / KR_US_PER_DAY;
    int64_t rest = (int64_t)(us % KR_US_PER_DAY);
    if (rest < 0) {
        rest += KR_US_PER_DAY;
        days--;
    }
    if (days > INT_MAX || days < INT_MIN) {
        return raise_too_many_days(INT64_MAX);
    }
    return delta_of(cls, (int64_t)days, (int)(rest / KR_US_PER_SECOND),
                    (int)(rest % KR_US_PER_SECOND));
}

static Wide
delta_wide(PyObject *op)
{
    const PyDateTime_Delta *d = (const PyDateTime_Delta *)op;
    return (Wide)(d->days * INT64_C(86400) + d->seconds) * KR_US_PER_SECOND
           + d->microseconds;
}

static PyObject *
int_from_wide(Wide value)
{
    if (value >= INT64_MIN && value <= INT64_MAX) {
        return PyLong_FromLongLong((int64_t)value);
    }
    return PyLong_FromNativeBytes(&value, sizeof value, -1);
}

// A duration from an int of microseconds (consumed; NULL is an error).
static PyObject *
delta_from_int(PyTypeObject *cls, PyObject *us)
{
    Wide value;
    if (us == NULL) {
        return NULL;
    }
    Py_ssize_t need = PyLong_AsNativeBytes(us, &value, sizeof value, -1);
    Py_DECREF(us);
    if (need < 0) {
        return NULL;
    }
    if (need > (Py_ssize_t)sizeof value) {
        return raise_too_many_days(INT64_MAX);
    }
    return delta_from_wide(cls, value);
}

// --- The constructor ---------------------------------------------------------------

// A sum of arguments: `exact` microseconds, what does not fit there in `big`, and the
// fractions of floats.
typedef struct {
    Wide exact;
    PyObject *big; // owned, an int or NULL
    double fraction;
} DeltaSum;

static int
add_big(DeltaSum *sum, PyObject *number, int64_t factor)
{
    PyObject *scale = PyLong_FromLongLong(factor), *product = NULL, *total = NULL;
    if (scale != NULL) {
        product = PyNumber_Multiply(number, scale);
    }
    if (product != NULL) {
        total = sum->big == NULL ? Py_NewRef(product) : PyNumber_Add(sum->big, product);
    }
    Py_XDECREF(scale);
    Py_XDECREF(product);
    if (total == NULL) {
        return -1;
    }
    Py_XSETREF(sum->big, total);
    return 0;
}

static int
add_int(DeltaSum *sum, PyObject *number, int64_t factor)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (overflow != 0) {
        return add_big(sum, number, factor);
    }
    sum->exact += (Wide)value * factor;
    return 0;
}

// The whole part counts exactly; so does the whole part of fraction times factor.
static int
add_float(DeltaSum *sum, PyObject *number, int64_t factor)
{
    double whole, fraction = modf(PyFloat_AS_DOUBLE(number), &whole);
    PyObject *integer = PyLong_FromDouble(whole);
    if (integer == NULL) {
        return -1;
    }
    int status = add_int(sum, integer, factor);
    Py_DECREF(integer);
    if (status < 0 || fraction == 0.0) {
        return status;
    }
    sum->fraction += modf((double)factor * fraction, &whole);
    sum->exact += (int64_t)whole;
    return 0;
}

static int
add_number(DeltaSum *sum, const char *name, PyObject *number, int64_t factor)
{
    if (PyLong_Check(number)) {
        return add_int(sum, number, factor);
    }
    if (PyFloat_Check(number)) {
        return add_float(sum, number, factor);
    }
    PyErr_Format(PyExc_TypeError, "unsupported type for timedelta %s component: %s", name,
                 Py_TYPE(number)->tp_name);
    return -1;
}

// Rounds the fractions half to even, where even is the whole sum.
static int64_t
round_fraction(const DeltaSum *sum, bool odd)
{
    double whole = round(sum->fraction);
    if (fabs(whole - sum->fraction) == 0.5) {
        double one = odd ? 1.0 : 0.0;
        whole = 2.0 * round((sum->fraction + one) * 0.5) - one;
    }
    return (int64_t)whole;
}

static PyObject *
delta_from_sum(PyTypeObject *cls, DeltaSum *sum)
{
    if (sum->big == NULL) {
        sum->exact += round_fraction(sum, (sum->exact & 1) != 0);
        return delta_from_wide(cls, sum->exact);
    }
    PyObject *rest = int_from_wide(sum->exact), *total = NULL;
    if (rest != NULL) {
        total = PyNumber_Add(sum->big, rest);
        Py_DECREF(rest);
    }
    if (total == NULL) {
        return NULL;
    }
    Wide low;
    if (PyLong_AsNativeBytes(total, &low, sizeof low, -1) <= (Py_ssize_t)sizeof low) {
        Py_DECREF(total);
        low += round_fraction(sum, (low & 1) != 0);
        return delta_from_wide(cls, low);
    }
    return delta_from_int(cls, total);
}

static PyObject *
delta_from_arguments(PyTypeObject *cls, PyObject *const *values)
{
    static const struct {
        const char *name;
        int place; // among the parameters
        int64_t factor;
    } parts[] = {
        {"microseconds", 2, 1},
        {"milliseconds", 3, 1000},
        {"seconds", 1, KR_US_PER_SECOND},
        {"minutes", 4, 60 * KR_US_PER_SECOND},
        {"hours", 5, 3600 * KR_US_PER_SECOND},
        {"days", 0, KR_US_PER_DAY},
        {"weeks", 6, 7 * KR_US_PER_DAY},
    };
    DeltaSum sum = {0};
    PyObject *result = NULL;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(parts); i++) {
        PyObject *value = values[parts[i].place];
        if (value != NULL && add_number(&sum, parts[i].name, value, parts[i].factor) < 0) {
            goto done;
        }
    }
    result = delta_from_sum(cls, &sum);

done:
    Py_XDECREF(sum.big);
    return result;
}

static PyObject *
timedelta_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"days",    "seconds", "microseconds", "milliseconds",
                            "minutes", "hours",   "weeks",        NULL};
    PyObject *v[7] = {NULL};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOOOOO:__new__", names, &v[0], &v[1],
                                     &v[2], &v[3], &v[4], &v[5], &v[6])) {
        return NULL;
    }
    return delta_from_arguments(cls, v);
}

// One or several small numbers by position, or one by keyword, are what is common.
static PyObject *
timedelta_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *const names[] = {KR_ID(days),    KR_ID(seconds), KR_ID(microseconds),
                               KR_ID(milliseconds), KR_ID(minutes), KR_ID(hours),
                               KR_ID(weeks)};
    PyTypeObject *cls = (PyTypeObject *)op;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    PyObject *values[7] = {NULL};
    if (nargs > 7) {
        return kr_datetime_call_new(timedelta_new, cls, args, nargs, kwnames);
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        values[i] = args[i];
    }
    for (Py_ssize_t k = 0; k < nkw; k++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, k);
        size_t i = 0;
        while (i < 7 && names[i] != name) {
            i++;
        }
        if (i == 7 || values[i] != NULL) {
            return kr_datetime_call_new(timedelta_new, cls, args, nargs, kwnames);
        }
        values[i] = args[nargs + k];
    }
    return delta_from_arguments(cls, values);
}

// --- Arithmetic --------------------------------------------------------------------

static PyObject *
timedelta_add(PyObject *left, PyObject *right)
{
    if (!kr_datetime_is_delta(left) || !kr_datetime_is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    const PyDateTime_Delta *a = (PyDateTime_Delta *)left, *b = (PyDateTime_Delta *)right;
    return kr_datetime_delta((int64_t)a->days + b->days, a->seconds + b->seconds,
                             a->microseconds + b->microseconds);
}

static PyObject *
timedelta_subtract(PyObject *left, PyObject *right)
{
    if (!kr_datetime_is_delta(left) || !kr_datetime_is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    const PyDateTime_Delta *a = (PyDateTime_Delta *)left, *b = (PyDateTime_Delta *)right;
    return kr_datetime_delta((int64_t)a->days - b->days, a->seconds - b->seconds,
                             a->microseconds - b->microseconds);
}

static PyObject *
timedelta_negative(PyObject *op)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)op;
    return kr_datetime_delta(-(int64_t)d->days, -d->seconds, -d->microseconds);
}

static PyObject *
timedelta_positive(PyObject *op)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)op;
    return kr_datetime_delta(d->days, d->seconds, d->microseconds);
}

static PyObject *
timedelta_absolute(PyObject *op)
{
    return ((PyDateTime_Delta *)op)->days < 0 ? timedelta_negative(op)
                                              : timedelta_positive(op);
}

static int
timedelta_bool(PyObject *op)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)op;
    return d->days != 0 || d->seconds != 0 || d->microseconds != 0;
}

// left / right of ints, to the nearest, halves to even. New reference.
static PyObject *
divide_nearest(PyObject *left, PyObject *right)
{
    PyObject *pair = NULL, *twice = NULL, *one = NULL, *result = NULL;
    int before, odd;
    if (PyLong_IsZero(right)) {
        PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
        return NULL;
    }
    pair = PyNumber_Divmod(left, right);
    if (pair == NULL) {
        return NULL;
    }
    PyObject *quotient = PyTuple_GET_ITEM(pair, 0), *rest = PyTuple_GET_ITEM(pair, 1);
    one = PyLong_FromLong(1);
    twice = one == NULL ? NULL : PyNumber_Lshift(rest, one);
    if (twice == NULL) {
        goto done;
    }
    // rest has the sign of right: up if |2 rest| > |right|, or equal and odd.
    before = PyObject_RichCompareBool(twice, right,
                                      PyLong_IsNegative(right) ? Py_LT : Py_GT);
    odd = PyObject_RichCompareBool(twice, right, Py_EQ);
    if (before < 0 || odd < 0) {
        goto done;
    }
    if (odd == 1) {
        PyObject *bit = PyNumber_And(quotient, one);
        odd = bit == NULL ? -1 : PyObject_IsTrue(bit);
        Py_XDECREF(bit);
        if (odd < 0) {
            goto done;
        }
    }
    result = before || odd ? PyNumber_Add(quotient, one) : Py_NewRef(quotient);

done:
    Py_XDECREF(one);
    Py_XDECREF(twice);
    Py_DECREF(pair);
    return result;
}

static PyObject *
multiply_int(PyObject *delta, PyObject *factor)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(factor, &overflow);
    if (value == -1 && PyErr_Occurred()) {
        return NULL;
    }
    Wide product, us = delta_wide(delta);
    if (us == 0) {
        return kr_datetime_delta(0, 0, 0);
    }
    if (overflow != 0 || __builtin_mul_overflow(us, (Wide)value, &product)) {
        return raise_too_many_days(INT64_MAX);
    }
    return delta_from_wide(&kr_datetime_delta_type, product);
}

// What as_integer_ratio() of a subclass gave may be anything.
static int
check_ratio(PyObject *ratio)
{
    if (!PyTuple_Check(ratio)) {
        PyErr_Format(PyExc_TypeError,
                     "unexpected return type from as_integer_ratio(): "
                     "expected tuple, not '%.200s'",
                     Py_TYPE(ratio)->tp_name);
        return -1;
    }
    if (PyTuple_GET_SIZE(ratio) != 2) {
        PyErr_SetString(PyExc_ValueError, "as_integer_ratio() must return a 2-tuple");
        return -1;
    }
    if (!PyLong_Check(PyTuple_GET_ITEM(ratio, 0))
        || !PyLong_Check(PyTuple_GET_ITEM(ratio, 1))) {
        PyErr_SetString(PyExc_TypeError, "non-integer arguments in division");
        return -1;
    }
    return 0;
}

// delta * a / b where the float is a / b; `divide`: delta / (a / b).
static PyObject *
scale_by_float(PyObject *delta, PyObject *number, bool divide)
{
    PyObject *us = NULL, *product = NULL, *result = NULL;
    PyObject *ratio = PyObject_CallMethodNoArgs(number, KR_ID(as_integer_ratio));
    if (ratio == NULL) {
        return NULL;
    }
    if (check_ratio(ratio) < 0) {
        goto done;
    }
    us = int_from_wide(delta_wide(delta));
    product = us == NULL ? NULL : PyNumber_Multiply(us, PyTuple_GET_ITEM(ratio, divide));
    if (product != NULL) {
        PyObject *nearest = divide_nearest(product, PyTuple_GET_ITEM(ratio, !divide));
        result = delta_from_int(&kr_datetime_delta_type, nearest);
    }

done:
    Py_XDECREF(us);
    Py_XDECREF(product);
    Py_DECREF(ratio);
    return result;
}

static PyObject *
timedelta_multiply(PyObject *left, PyObject *right)
{
    if (!kr_datetime_is_delta(left)) {
        PyObject *swapped = left;
        left = right;
        right = swapped;
    }
    if (PyLong_Check(right)) {
        return multiply_int(left, right);
    }
    if (PyFloat_Check(right)) {
        return scale_by_float(left, right, false);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
raise_zero_division(void)
{
    PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
    return NULL;
}

static Wide
floor_divide(Wide left, Wide right)
{
    Wide quotient = left / right;
    return quotient * right != left && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

// An operation on the microseconds and an int of any size.
static PyObject *
divide_by_int(PyObject *delta, PyObject *right,
              PyObject *(*divide)(PyObject *, PyObject *))
{
    PyObject *us = int_from_wide(delta_wide(delta));
    if (us == NULL) {
        return NULL;
    }
    PyObject *quotient = divide(us, right);
    Py_DECREF(us);
    return delta_from_int(&kr_datetime_delta_type, quotient);
}

static PyObject *
timedelta_floor_divide(PyObject *left, PyObject *right)
{
    if (!kr_datetime_is_delta(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (kr_datetime_is_delta(right)) {
        if (!timedelta_bool(right)) {
            return raise_zero_division();
        }
        return int_from_wide(floor_divide(delta_wide(left), delta_wide(right)));
    }
    if (!PyLong_Check(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(right, &overflow);
    if (overflow != 0) {
        return divide_by_int(left, right, PyNumber_FloorDivide);
    }
    if (value == 0) {
        return raise_zero_division();
    }
    return delta_from_wide(&kr_datetime_delta_type, floor_divide(delta_wide(left), value));
}

// a / b as the nearest float.
static PyObject *
wide_ratio(Wide a, Wide b)
{
    const Wide exact = (Wide)1 << 53;
    if (a < exact && a > -exact && b < exact && b > -exact) {
        return PyFloat_FromDouble((double)(int64_t)a / (double)(int64_t)b);
    }
    PyObject *x = int_from_wide(a), *y = int_from_wide(b), *result = NULL;
    if (x != NULL && y != NULL) {
        result = PyNumber_TrueDivide(x, y);
    }
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

static PyObject *
timedelta_true_divide(PyObject *left, PyObject *right)
{
    if (!kr_datetime_is_delta(left)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (kr_datetime_is_delta(right)) {
        if (!timedelta_bool(right)) {
            return raise_zero_division();
        }
        return wide_ratio(delta_wide(left), delta_wide(right));
    }
    if (PyFloat_Check(right)) {
        return scale_by_float(left, right, true);
    }
    if (PyLong_Check(right)) {
        return divide_by_int(left, right, divide_nearest);
    }
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *
timedelta_remainder(PyObject *left, PyObject *right)
{
    if (!kr_datetime_is_delta(left) || !kr_datetime_is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (!timedelta_bool(right)) {
        return raise_zero_division();
    }
    Wide a = delta_wide(left), b = delta_wide(right);
    return delta_from_wide(&kr_datetime_delta_type, a - floor_divide(a, b) * b);
}

static PyObject *
timedelta_divmod(PyObject *left, PyObject *right)
{
    PyObject *rest = timedelta_remainder(left, right);
    if (rest == NULL || rest == Py_NotImplemented) {
        return rest;
    }
    PyObject *quotient = timedelta_floor_divide(left, right);
    PyObject *pair = quotient == NULL ? NULL : PyTuple_Pack(2, quotient, rest);
    Py_XDECREF(quotient);
    Py_DECREF(rest);
    return pair;
}

// --- Comparison, text --------------------------------------------------------------

static PyObject *
timedelta_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!kr_datetime_is_delta(right)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    const PyDateTime_Delta *a = (PyDateTime_Delta *)left, *b = (PyDateTime_Delta *)right;
    int order = a->days - b->days;
    if (order == 0) {
        order = a->seconds - b->seconds;
    }
    if (order == 0) {
        order = a->microseconds - b->microseconds;
    }
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

Py_hash_t
kr_datetime_delta_hash(int64_t days, int64_t seconds, int64_t microseconds)
{
    PyObject *state = Py_BuildValue("LLL", (long long)days, (long long)seconds,
                                    (long long)microseconds);
    Py_hash_t hash = state == NULL ? -1 : PyObject_Hash(state);
    Py_XDECREF(state);
    return hash;
}

static Py_hash_t
timedelta_hash(PyObject *op)
{
    PyDateTime_Delta *d = (PyDateTime_Delta *)op;
    if (d->hashcode == -1) {
        d->hashcode = kr_datetime_delta_hash(d->days, d->seconds, d->microseconds);
    }
    return d->hashcode;
}

static PyObject *
timedelta_repr(PyObject *op)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)op;
    char text[96], *p = text, *end = text + sizeof text;
    const char *comma = "";
    *p = 0;
    if (d->days != 0) {
        p += snprintf(p, (size_t)(end - p), "days=%d", d->days);
        comma = ", ";
    }
    if (d->seconds != 0) {
        p += snprintf(p, (size_t)(end - p), "%sseconds=%d", comma, d->seconds);
        comma = ", ";
    }
    if (d->microseconds != 0) {
        p += snprintf(p, (size_t)(end - p), "%smicroseconds=%d", comma, d->microseconds);
    }
    return PyUnicode_FromFormat("%s(%s)", Py_TYPE(op)->tp_name, p == text ? "0" : text);
}

static PyObject *
timedelta_str(PyObject *op)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)op;
    char text[64];
    int n = 0;
    if (d->days != 0) {
        n = snprintf(text, sizeof text, "%d day%s, ", d->days,
                     d->days == 1 || d->days == -1 ? "" : "s");
    }
    n += snprintf(text + n, sizeof text - (size_t)n, "%d:%02d:%02d", d->seconds / 3600,
                  d->seconds / 60 % 60, d->seconds % 60);
    if (d->microseconds != 0) {
        n += snprintf(text + n, sizeof text - (size_t)n, ".%06d", d->microseconds);
    }
    return PyUnicode_FromStringAndSize(text, n);
}

KR_METHOD(timedelta, "total_seconds(self)", "Total seconds in the duration.")
static PyObject *
timedelta_total_seconds(PyObject *self)
{
    return wide_ratio(delta_wide(self), KR_US_PER_SECOND);
}

KR_METHOD(timedelta, "__reduce__(self)", "__reduce__() -> (cls, state)")
static PyObject *
timedelta___reduce__(PyObject *self)
{
    const PyDateTime_Delta *d = (PyDateTime_Delta *)self;
    return Py_BuildValue("O(iii)", Py_TYPE(self), d->days, d->seconds, d->microseconds);
}

KR_TYPE(timedelta)
#include "modules/datetime/delta.methods.h"

static PyMemberDef timedelta_members[] = {
    {"days", Py_T_INT, offsetof(PyDateTime_Delta, days), Py_READONLY, "Number of days."},
    {"seconds", Py_T_INT, offsetof(PyDateTime_Delta, seconds), Py_READONLY,
     "Number of seconds (>= 0 and less than 1 day)."},
    {"microseconds", Py_T_INT, offsetof(PyDateTime_Delta, microseconds), Py_READONLY,
     "Number of microseconds (>= 0 and less than 1 second)."},
    {NULL},
};

static PyNumberMethods timedelta_as_number = {
    .nb_add = timedelta_add,
    .nb_subtract = timedelta_subtract,
    .nb_multiply = timedelta_multiply,
    .nb_remainder = timedelta_remainder,
    .nb_divmod = timedelta_divmod,
    .nb_negative = timedelta_negative,
    .nb_positive = timedelta_positive,
    .nb_absolute = timedelta_absolute,
    .nb_bool = timedelta_bool,
    .nb_floor_divide = timedelta_floor_divide,
    .nb_true_divide = timedelta_true_divide,
};

PyTypeObject kr_datetime_delta_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "datetime.timedelta",
    .tp_basicsize = sizeof(PyDateTime_Delta),
    .tp_repr = timedelta_repr,
    .tp_as_number = &timedelta_as_number,
    .tp_hash = timedelta_hash,
    .tp_str = timedelta_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_doc = "Difference between two datetime values.\n\n"
              "timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, "
              "hours=0, weeks=0)\n\n"
              "All arguments are optional and default to 0.\n"
              "Arguments may be integers or floats, and may be positive or negative.",
    .tp_richcompare = timedelta_richcompare,
    .tp_methods = timedelta_methods,
    .tp_members = timedelta_members,
    .tp_new = timedelta_new,
    .tp_vectorcall = timedelta_vectorcall,
};
