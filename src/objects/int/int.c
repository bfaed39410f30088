// SPDX-License-Identifier: MIT
// int.c - the type int: its methods and slots.
//
// Callers:     everybody; the machine does arithmetic through int.h.
// Read next:   make.c, arith.c, text.c
#include "objects/int/int.h"

#include "objects/alloc.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/int/digits.h"
#include "objects/state.h"
#include "objects/str/str.h"
#include "objects/suggest.h"

static inline PyLongObject *
number(PyObject *op)
{
    return (PyLongObject *)op;
}

static inline PyObject *
exact(PyLongObject *op)
{
    return PyLong_CheckExact(op) ? Py_NewRef(op) : _PyLong_Copy(op);
}

// --- Making -----------------------------------------------------------------------

// What __int__ returned, as an exact int. A strict subclass is on its way out.
static PyObject *
int_result_steal(PyObject *result)
{
    if (result == NULL || PyLong_CheckExact(result)) {
        return result;
    }
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__int__ returned non-int (type %.200s)",
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "__int__ returned non-int (type %.200s).  The ability to "
                         "return an instance of a strict subclass of int is deprecated, "
                         "and may be removed in a future version of Python.",
                         Py_TYPE(result)->tp_name) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    Py_SETREF(result, _PyLong_Copy(number(result)));
    return result;
}

static PyObject *
int_from_buffer(PyObject *x)
{
    Py_buffer view;
    if (PyObject_GetBuffer(x, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *result = _PyLong_FromBytes(view.buf, view.len, 10);
    PyBuffer_Release(&view);
    return result;
}

PyObject *
kr_long_from_number(PyObject *x)
{
    if (PyLong_CheckExact(x)) {
        return Py_NewRef(x);
    }
    PyNumberMethods *suite = Py_TYPE(x)->tp_as_number;
    if (suite != NULL && suite->nb_int != NULL) {
        return int_result_steal(suite->nb_int(x));
    }
    if (suite != NULL && suite->nb_index != NULL) {
        return PyNumber_Index(x);
    }
    if (PyUnicode_Check(x)) {
        return PyLong_FromUnicodeObject(x, 10);
    }
    if (PyBytes_Check(x)) {
        return _PyLong_FromBytes(PyBytes_AS_STRING(x), PyBytes_GET_SIZE(x), 10);
    }
    if (PyObject_CheckBuffer(x)) {
        return int_from_buffer(x);
    }
    PyErr_Format(PyExc_TypeError,
                 "int() argument must be a string, a bytes-like object or a real number, "
                 "not '%.200s'",
                 Py_TYPE(x)->tp_name);
    return NULL;
}

// An instance of a subclass with the value of the exact int (consumed).
static PyObject *
int_for_subclass_steal(PyTypeObject *cls, PyObject *value)
{
    if (value == NULL) {
        return NULL;
    }
    Py_ssize_t size = kr_int_size(number(value)), room = size > 0 ? size : 1;
    PyLongObject *self = (PyLongObject *)cls->tp_alloc(cls, room);
    if (self != NULL) {
        memcpy(self->long_value.ob_digit, number(value)->long_value.ob_digit,
               (size_t)room * sizeof(digit));
        kr_long_set_tag(self, kr_int_is_negative(number(value)), size);
    }
    Py_DECREF(value);
    return (PyObject *)self;
}

static PyObject *
int_from_text(PyObject *x, PyObject *base_object)
{
    Py_ssize_t base = PyNumber_AsSsize_t(base_object, NULL);
    if (base == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if ((base != 0 && base < 2) || base > 36) {
        PyErr_SetString(PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
        return NULL;
    }
    if (PyUnicode_Check(x)) {
        return PyLong_FromUnicodeObject(x, (int)base);
    }
    if (PyBytes_Check(x)) {
        return _PyLong_FromBytes(PyBytes_AS_STRING(x), PyBytes_GET_SIZE(x), (int)base);
    }
    if (PyByteArray_Check(x)) {
        return _PyLong_FromBytes(PyByteArray_AS_STRING(x), PyByteArray_GET_SIZE(x),
                                 (int)base);
    }
    PyErr_SetString(PyExc_TypeError,
                    "int() can't convert non-string with explicit base");
    return NULL;
}

static PyObject *
int_make(PyTypeObject *cls, PyObject *x, PyObject *base)
{
    PyObject *value;
    if (x == NULL) {
        if (base != NULL) {
            PyErr_SetString(PyExc_TypeError, "int() missing string argument");
            return NULL;
        }
        value = kr_int_small_nofail(0);
    }
    else {
        value = base == NULL ? PyNumber_Long(x) : int_from_text(x, base);
    }
    return KR_LIKELY(cls == &PyLong_Type) ? value : int_for_subclass_steal(cls, value);
}

// The documentation shows two signatures, so the text signature is left out and the
// arguments are read by hand.
static PyObject *
int_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    Py_ssize_t nkw = kwargs != NULL ? PyDict_GET_SIZE(kwargs) : 0;
    PyObject *x = nargs > 0 ? PyTuple_GET_ITEM(args, 0) : NULL;
    PyObject *base = nargs > 1 ? PyTuple_GET_ITEM(args, 1) : NULL;

    if (nkw == 0) {
        return kr_arg_count("int", nargs, 0, 2) ? int_make(cls, x, base) : NULL;
    }
    if (nargs + nkw > 2) {
        PyErr_Format(PyExc_TypeError, "int() takes at most 2 arguments (%zd given)",
                     nargs + nkw);
        return NULL;
    }
    PyObject *key, *value;
    Py_ssize_t place = 0;
    while (PyDict_Next(kwargs, &place, &key, &value)) {
        if (!PyUnicode_Check(key) || !PyUnicode_Equal(key, KR_ID(base))) {
            PyObject *name = KR_ID(base);
            PyErr_Format(PyExc_TypeError,
                         kr_suggest_nofail(key, &name, 1) != NULL
                             ? "int() got an unexpected keyword argument '%S'. Did you "
                               "mean 'base'?"
                             : "int() got an unexpected keyword argument '%S'",
                         key);
            return NULL;
        }
        base = value;
    }
    return int_make(cls, x, base);
}

static PyObject *
int_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames == NULL || PyTuple_GET_SIZE(kwnames) == 0) {
        if (!kr_arg_count("int", nargs, 0, 2)) {
            return NULL;
        }
        return int_make((PyTypeObject *)type, nargs > 0 ? args[0] : NULL,
                        nargs > 1 ? args[1] : NULL);
    }
    PyObject *tuple = PyTuple_FromArray(args, nargs), *kwargs = PyDict_New(), *result;
    for (Py_ssize_t i = 0; kwargs != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
        if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) {
            Py_CLEAR(kwargs);
        }
    }
    result = tuple != NULL && kwargs != NULL
                 ? int_new((PyTypeObject *)type, tuple, kwargs)
                 : NULL;
    Py_XDECREF(tuple);
    Py_XDECREF(kwargs);
    return result;
}

static void
int_dealloc(PyObject *self)
{
    if (KR_LIKELY(PyLong_CheckExact(self))) {
        kr_object_free_plain(self);
        return;
    }
    Py_TYPE(self)->tp_free(self);
}

// --- Slots ---------------------------------------------------------------------------

#define BINARY_SLOT(name, function)                                           \
    static PyObject *name(PyObject *a, PyObject *b)                           \
    {                                                                         \
        if (KR_UNLIKELY(!PyLong_Check(a) || !PyLong_Check(b))) {              \
            Py_RETURN_NOTIMPLEMENTED;                                         \
        }                                                                     \
        return function(number(a), number(b));                                \
    }
BINARY_SLOT(int_add, kr_long_add)
BINARY_SLOT(int_sub, kr_long_sub)
BINARY_SLOT(int_mul, kr_long_mul)
BINARY_SLOT(int_mod, kr_long_mod)
BINARY_SLOT(int_floordiv, kr_long_floordiv)
BINARY_SLOT(int_truediv, kr_long_truediv)
BINARY_SLOT(int_lshift, kr_long_lshift)
BINARY_SLOT(int_rshift, kr_long_rshift)
BINARY_SLOT(int_and, kr_long_and)
BINARY_SLOT(int_or, kr_long_or)
BINARY_SLOT(int_xor, kr_long_xor)

static PyObject *
int_divmod_pair(PyLongObject *a, PyLongObject *b)
{
    PyObject *q, *r, *pair;
    if (kr_long_divmod(a, b, &q, &r) < 0) {
        return NULL;
    }
    pair = PyTuple_Pack(2, q, r);
    Py_DECREF(q);
    Py_DECREF(r);
    return pair;
}
BINARY_SLOT(int_divmod, int_divmod_pair)

static PyObject *
int_pow(PyObject *a, PyObject *b, PyObject *mod)
{
    if (!PyLong_Check(a) || !PyLong_Check(b) || !(PyLong_Check(mod) || mod == Py_None)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (mod == Py_None && kr_int_is_zero(number(a)) && kr_int_is_negative(number(b))) {
        PyErr_SetString(PyExc_ZeroDivisionError, "zero to a negative power");
        return NULL;
    }
    return kr_long_pow(number(a), number(b), mod == Py_None ? NULL : number(mod));
}

static PyObject *
int_neg(PyObject *self)
{
    return kr_long_neg(number(self));
}

static PyObject *
int_pos(PyObject *self)
{
    return exact(number(self));
}

static PyObject *
int_abs(PyObject *self)
{
    return kr_long_abs(number(self));
}

static PyObject *
int_invert(PyObject *self)
{
    return kr_long_invert(number(self));
}

static int
int_bool(PyObject *self)
{
    return !kr_int_is_zero(number(self));
}

static PyObject *
int_float(PyObject *self)
{
    double value = PyLong_AsDouble(self);
    return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
}

static PyObject *
int_repr(PyObject *self)
{
    return kr_long_to_decimal(number(self));
}

static Py_hash_t
int_hash(PyObject *self)
{
    return kr_long_hash(number(self));
}

static PyObject *
int_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyLong_Check(a) || !PyLong_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int order = a == b ? 0 : kr_long_compare(number(a), number(b));
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

// --- Methods ----------------------------------------------------------------------------

KR_METHOD(int, "conjugate(self, /)", "Returns self, the complex conjugate of any int.")
static PyObject *
int_conjugate(PyLongObject *self)
{
    return exact(self);
}

KR_METHOD(int, "bit_length(self, /)",
          "Number of bits necessary to represent self in binary.\n\n>>> bin(37)\n"
          "'0b100101'\n>>> (37).bit_length()\n6")
static PyObject *
int_bit_length(PyLongObject *self)
{
    return kr_int_from_i64(_PyLong_NumBits((PyObject *)self));
}

KR_METHOD(int, "bit_count(self, /)",
          "Number of ones in the binary representation of the absolute value of "
          "self.\n\nAlso known as the population count.\n\n>>> bin(13)\n'0b1101'\n"
          ">>> (13).bit_count()\n3")
static PyObject *
int_bit_count(PyLongObject *self)
{
    int64_t count = 0;
    for (Py_ssize_t i = 0; i < kr_int_size(self); i++) {
        count += __builtin_popcount(self->long_value.ob_digit[i]);
    }
    return kr_int_from_i64(count);
}

KR_METHOD(int, "as_integer_ratio(self, /)",
          "Return a pair of integers, whose ratio is equal to the original int.\n\n"
          "The ratio is in lowest terms and has a positive denominator.\n\n"
          ">>> (10).as_integer_ratio()\n(10, 1)\n>>> (-10).as_integer_ratio()\n(-10, 1)\n"
          ">>> (0).as_integer_ratio()\n(0, 1)")
static PyObject *
int_as_integer_ratio(PyLongObject *self)
{
    PyObject *value = exact(self), *result;
    if (value == NULL) {
        return NULL;
    }
    result = PyTuple_Pack(2, value, kr_int_small_nofail(1));
    Py_DECREF(value);
    return result;
}

KR_METHOD(int, "is_integer(self, /)",
          "Returns True. Exists for duck type compatibility with float.is_integer.")
static PyObject *
int_is_integer(PyLongObject *self)
{
    Py_RETURN_TRUE;
}

KR_METHOD(int, "__trunc__(self, /)", "Truncating an Integral returns itself.")
static PyObject *
int_trunc(PyLongObject *self)
{
    return exact(self);
}

KR_METHOD(int, "__floor__(self, /)", "Flooring an Integral returns itself.")
static PyObject *
int_floor(PyLongObject *self)
{
    return exact(self);
}

KR_METHOD(int, "__ceil__(self, /)", "Ceiling of an Integral returns itself.")
static PyObject *
int_ceil(PyLongObject *self)
{
    return exact(self);
}

KR_METHOD(int, "__round__(self, ndigits=None, /)",
          "Rounding an Integral returns itself.\n\n"
          "Rounding with an ndigits argument also returns an integer.")
static PyObject *
int_round(PyLongObject *self, PyObject *ndigits)
{
    PyObject *index, *result;
    if (ndigits == Py_None) {
        return exact(self);
    }
    index = PyNumber_Index(ndigits);
    if (index == NULL) {
        return NULL;
    }
    if (!kr_int_is_negative(number(index))) {
        Py_DECREF(index);
        return exact(self);
    }
    Py_SETREF(index, kr_long_neg(number(index)));
    if (index == NULL) {
        return NULL;
    }
    // 10 ** digits is more than twice the number: nothing is left, and the power
    // need not be computed, which may be huge.
    int64_t digits;
    if (!kr_int_to_word(number(index), &digits) ||
        digits > _PyLong_NumBits((PyObject *)self) / 3 + 2) {
        result = kr_int_small_nofail(0);
    }
    else {
        result = kr_long_round_half_even((PyObject *)self, index);
    }
    Py_DECREF(index);
    return result;
}

KR_METHOD(int, "__getnewargs__(self, /)", "")
static PyObject *
int_getnewargs(PyLongObject *self)
{
    PyObject *value = _PyLong_Copy(self), *result;
    if (value == NULL) {
        return NULL;
    }
    result = PyTuple_FromArray(&value, 1);
    Py_DECREF(value);
    return result;
}

KR_METHOD(int, "__format__(self, format_spec: str, /)",
          "Convert to a string according to format_spec.")
static PyObject *
int_format(PyLongObject *self, PyObject *format_spec)
{
    return kr_long_format((PyObject *)self, format_spec);
}

KR_METHOD(int, "__sizeof__(self, /)", "Returns size in memory, in bytes.")
static PyObject *
int_sizeof(PyLongObject *self)
{
    Py_ssize_t size = kr_int_size(self);
    return kr_int_from_i64((Py_ssize_t)offsetof(PyLongObject, long_value.ob_digit) +
                           (size > 0 ? size : 1) * (Py_ssize_t)sizeof(digit));
}

// 1 for "little", 0 for "big" or NULL; -1 with ValueError.
static int
byte_order(PyObject *order)
{
    if (order == NULL || PyUnicode_Equal(order, KR_ID(big))) {
        return 0;
    }
    if (PyUnicode_Equal(order, KR_ID(little))) {
        return 1;
    }
    PyErr_SetString(PyExc_ValueError, "byteorder must be either 'little' or 'big'");
    return -1;
}

// Parameters called "signed" cannot be C variables, so these two are raw.
static PyObject *const bytes_keywords[] = {KR_ID_STATIC(length), KR_ID_STATIC(byteorder),
                                           KR_ID_STATIC(signed)};
static const KrArgSpec to_bytes_spec = {
    .name = "to_bytes",
    .keywords = bytes_keywords,
    .positional = 2,
    .total = 3,
};
static PyObject *const from_bytes_keywords[] = {
    KR_ID_STATIC(bytes), KR_ID_STATIC(byteorder), KR_ID_STATIC(signed)};
static const KrArgSpec from_bytes_spec = {
    .name = "from_bytes",
    .keywords = from_bytes_keywords,
    .required = 1,
    .positional = 2,
    .total = 3,
};

// Reads byteorder and signed from values[1] and values[2].
static int
bytes_options(const char *name, PyObject *const *values, int *little, int *is_signed)
{
    *is_signed = 0;
    if (values[1] != NULL && !PyUnicode_Check(values[1])) {
        return kr_arg_bad(name, "argument 'byteorder'", "str", values[1]);
    }
    if (values[2] != NULL) {
        *is_signed = PyObject_IsTrue(values[2]);
        if (*is_signed < 0) {
            return -1;
        }
    }
    *little = byte_order(values[1]);
    return *little < 0 ? -1 : 0;
}

KR_METHOD_RAW(int, "to_bytes($self, /, length=1, byteorder='big', *, signed=False)",
              METH_FASTCALL | METH_KEYWORDS,
              "Return an array of bytes representing an integer.")
static PyObject *
int_to_bytes(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *values[3];
    Py_ssize_t length = 1;
    int little, is_signed;
    PyObject *const *found =
        kr_args_unpack(&to_bytes_spec, args, nargs, kwnames, values, NULL);
    if (found == NULL || (found[0] != NULL && kr_arg_ssize(found[0], &length) < 0) ||
        bytes_options("to_bytes", found, &little, &is_signed) < 0) {
        return NULL;
    }
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "length argument must be non-negative");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    if (bytes == NULL) {
        return NULL;
    }
    if (_PyLong_AsByteArray(number(self), (unsigned char *)PyBytes_AS_STRING(bytes),
                            (size_t)length, little, is_signed, 1) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    return bytes;
}

KR_METHOD_RAW(int, "from_bytes($type, /, bytes, byteorder='big', *, signed=False)",
              METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
              "Return the integer represented by the given array of bytes.")
static PyObject *
int_from_bytes(PyObject *cls, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *values[3], *bytes, *result;
    int little, is_signed;
    PyObject *const *found =
        kr_args_unpack(&from_bytes_spec, args, nargs, kwnames, values, NULL);
    if (found == NULL || bytes_options("from_bytes", found, &little, &is_signed) < 0) {
        return NULL;
    }
    bytes = PyBytes_CheckExact(found[0]) ? Py_NewRef(found[0]) : PyObject_Bytes(found[0]);
    if (bytes == NULL) {
        return NULL;
    }
    result = _PyLong_FromByteArray((const unsigned char *)PyBytes_AS_STRING(bytes),
                                   (size_t)PyBytes_GET_SIZE(bytes), little, is_signed);
    Py_DECREF(bytes);
    if (result != NULL && cls != (PyObject *)&PyLong_Type) {
        Py_SETREF(result, PyObject_CallOneArg(cls, result));
    }
    return result;
}

KR_GETTER(int, "real", "the real part of a complex number")
static PyObject *
int_get_real(PyLongObject *self)
{
    return exact(self);
}

KR_GETTER(int, "imag", "the imaginary part of a complex number")
static PyObject *
int_get_imag(PyLongObject *self)
{
    return kr_int_small_nofail(0);
}

KR_GETTER(int, "numerator", "the numerator of a rational number in lowest terms")
static PyObject *
int_get_numerator(PyLongObject *self)
{
    return exact(self);
}

KR_GETTER(int, "denominator", "the denominator of a rational number in lowest terms")
static PyObject *
int_get_denominator(PyLongObject *self)
{
    return kr_int_small_nofail(1);
}

// --- sys.int_info ---------------------------------------------------------------------

static PyStructSequence_Field int_info_fields[] = {
    {"bits_per_digit", "size of a digit in bits"},
    {"sizeof_digit", "size in bytes of the C type used to represent a digit"},
    {"default_max_str_digits", "maximum string conversion digits limitation"},
    {"str_digits_check_threshold", "minimum positive value for int_max_str_digits"},
    {NULL, NULL},
};

static PyStructSequence_Desc int_info_desc = {
    .name = "sys.int_info",
    .doc = "sys.int_info\n\nA named tuple that holds information about Python's\n"
           "internal representation of integers.  The attributes are read only.",
    .fields = int_info_fields,
    .n_in_sequence = 4,
};

PyObject *
PyLong_GetInfo(void)
{
    KrErrorsState *state = &kr_interp()->errors;
    const long values[4] = {PyLong_SHIFT, sizeof(digit), KR_INT_DEFAULT_MAX_STR_DIGITS,
                            KR_INT_MAX_STR_DIGITS_THRESHOLD};
    if (state->int_info == NULL) {
        state->int_info = PyStructSequence_NewType(&int_info_desc);
        if (state->int_info == NULL) {
            return NULL;
        }
    }
    PyObject *info = PyStructSequence_New(state->int_info);
    for (int i = 0; info != NULL && i < 4; i++) {
        PyObject *value = PyLong_FromLong(values[i]);
        if (value == NULL) {
            Py_CLEAR(info);
        }
        else {
            PyStructSequence_SetItem(info, i, value);
        }
    }
    return info;
}

int
kr_init_numbers(PyInterpreterState *interp)
{
    if (interp->errors.int_max_str_digits == 0) {
        interp->errors.int_max_str_digits = KR_INT_DEFAULT_MAX_STR_DIGITS;
    }
    return 0;
}

// --- The type ---------------------------------------------------------------------------

KR_TYPE(int)
#include "objects/int/int.methods.h"

static PyNumberMethods int_as_number = {
    .nb_add = int_add,
    .nb_subtract = int_sub,
    .nb_multiply = int_mul,
    .nb_remainder = int_mod,
    .nb_divmod = int_divmod,
    .nb_power = int_pow,
    .nb_negative = int_neg,
    .nb_positive = int_pos,
    .nb_absolute = int_abs,
    .nb_bool = int_bool,
    .nb_invert = int_invert,
    .nb_lshift = int_lshift,
    .nb_rshift = int_rshift,
    .nb_and = int_and,
    .nb_xor = int_xor,
    .nb_or = int_or,
    .nb_int = int_pos,
    .nb_float = int_float,
    .nb_floor_divide = int_floordiv,
    .nb_true_divide = int_truediv,
    .nb_index = int_pos,
};

PyDoc_STRVAR(int_type_doc,
"int([x]) -> integer\n"
"int(x, base=10) -> integer\n"
"\n"
"Convert a number or a text to an integer; without arguments it is 0. A number\n"
"is asked through x.__int__(); fractions are cut off towards zero.\n"
"\n"
"Anything else, and anything when base is given, has to be a str, bytes or\n"
"bytearray holding an integer literal, with a sign and white space around it\n"
"if need be. base is 10, 2 to 36, or 0 to let the literal tell (0x, 0o, 0b).\n"
">>> int('0b100', base=0)\n"
"4");

PyTypeObject PyLong_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "int",
    .tp_basicsize = offsetof(PyLongObject, long_value.ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_dealloc = int_dealloc,
    .tp_repr = int_repr,
    .tp_as_number = &int_as_number,
    .tp_hash = int_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_LONG_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = int_type_doc,
    .tp_richcompare = int_richcompare,
    .tp_methods = int_methods,
    .tp_getset = int_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = int_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = int_vectorcall,
};
