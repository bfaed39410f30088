// SPDX-License-Identifier: MIT
// longobject.h - int: whole numbers of any size.
//
// A number is its sign and a row of 30-bit digits, least significant first. The
// tag holds the count of digits above bit 2, bit 2 for the preallocated small
// numbers, and the sign in the low two bits: 0 positive, 1 zero, 2 negative.
// A number of at most one digit is "compact"; extensions read it inline.
#ifndef KRAIT_LONGOBJECT_H
#define KRAIT_LONGOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyLong_Type;

#define PyLong_Check(op) PyType_FastSubclass(Py_TYPE(op), Py_TPFLAGS_LONG_SUBCLASS)
#define PyLong_CheckExact(op) Py_IS_TYPE((op), &PyLong_Type)

#ifndef Py_LIMITED_API
typedef uint32_t digit;
typedef int32_t sdigit;
typedef uint64_t twodigits;
typedef int64_t stwodigits;
#define PyLong_SHIFT 30
#define PyLong_BASE ((digit)1 << PyLong_SHIFT)
#define PyLong_MASK ((digit)(PyLong_BASE - 1))
#define _PyLong_DECIMAL_SHIFT 9
#define _PyLong_DECIMAL_BASE ((digit)1000000000)
#define _PyLong_SIGN_MASK 3
#define _PyLong_NON_SIZE_BITS 3

typedef struct _PyLongValue {
    uintptr_t lv_tag;
    digit ob_digit[1]; // at least one is there, even in zero
} _PyLongValue;

struct _longobject {
    PyObject_HEAD
    _PyLongValue long_value;
};

static inline int
PyUnstable_Long_IsCompact(const PyLongObject *op)
{
    return op->long_value.lv_tag < (2 << _PyLong_NON_SIZE_BITS);
}

static inline Py_ssize_t
PyUnstable_Long_CompactValue(const PyLongObject *op)
{
    Py_ssize_t sign = 1 - (Py_ssize_t)(op->long_value.lv_tag & _PyLong_SIGN_MASK);
    return sign * (Py_ssize_t)op->long_value.ob_digit[0];
}
#define _PyLong_IsCompact PyUnstable_Long_IsCompact
#define _PyLong_CompactValue PyUnstable_Long_CompactValue
#endif

// --- From C numbers -------------------------------------------------------------------

PyAPI_FUNC(PyObject *) PyLong_FromLong(long value);
PyAPI_FUNC(PyObject *) PyLong_FromUnsignedLong(unsigned long value);
PyAPI_FUNC(PyObject *) PyLong_FromLongLong(long long value);
PyAPI_FUNC(PyObject *) PyLong_FromUnsignedLongLong(unsigned long long value);
PyAPI_FUNC(PyObject *) PyLong_FromSsize_t(Py_ssize_t value);
PyAPI_FUNC(PyObject *) PyLong_FromSize_t(size_t value);
PyAPI_FUNC(PyObject *) PyLong_FromDouble(double value);
PyAPI_FUNC(PyObject *) PyLong_FromVoidPtr(void *value);
PyAPI_FUNC(PyObject *) PyLong_FromInt32(int32_t value);
PyAPI_FUNC(PyObject *) PyLong_FromUInt32(uint32_t value);
PyAPI_FUNC(PyObject *) PyLong_FromInt64(int64_t value);
PyAPI_FUNC(PyObject *) PyLong_FromUInt64(uint64_t value);
PyAPI_FUNC(PyObject *) PyLong_FromString(const char *text, char **end, int base);
PyAPI_FUNC(PyObject *) PyLong_GetInfo(void);

// --- To C numbers: -1 with an exception when the value does not fit ----------------------

PyAPI_FUNC(long) PyLong_AsLong(PyObject *op);
PyAPI_FUNC(long) PyLong_AsLongAndOverflow(PyObject *op, int *overflow);
PyAPI_FUNC(long long) PyLong_AsLongLong(PyObject *op);
PyAPI_FUNC(long long) PyLong_AsLongLongAndOverflow(PyObject *op, int *overflow);
PyAPI_FUNC(unsigned long) PyLong_AsUnsignedLong(PyObject *op);
PyAPI_FUNC(unsigned long) PyLong_AsUnsignedLongMask(PyObject *op);
PyAPI_FUNC(unsigned long long) PyLong_AsUnsignedLongLong(PyObject *op);
PyAPI_FUNC(unsigned long long) PyLong_AsUnsignedLongLongMask(PyObject *op);
PyAPI_FUNC(Py_ssize_t) PyLong_AsSsize_t(PyObject *op);
PyAPI_FUNC(size_t) PyLong_AsSize_t(PyObject *op);
PyAPI_FUNC(int) PyLong_AsInt(PyObject *op);
PyAPI_FUNC(double) PyLong_AsDouble(PyObject *op);
PyAPI_FUNC(void *) PyLong_AsVoidPtr(PyObject *op);
PyAPI_FUNC(int) PyLong_AsInt32(PyObject *op, int32_t *value);
PyAPI_FUNC(int) PyLong_AsUInt32(PyObject *op, uint32_t *value);
PyAPI_FUNC(int) PyLong_AsInt64(PyObject *op, int64_t *value);
PyAPI_FUNC(int) PyLong_AsUInt64(PyObject *op, uint64_t *value);

// The names that PyArg formats and old code use.
#define PyLong_AS_LONG(op) PyLong_AsLong(op)
#define _PyLong_AsInt PyLong_AsInt
#define _Py_PARSE_INTPTR "l"
#define _Py_PARSE_UINTPTR "k"
#define _Py_PARSE_PID "i"
#define PyLong_FromPid PyLong_FromLong
#define PyLong_AsPid PyLong_AsInt

// --- Bytes ---------------------------------------------------------------------------------

#define Py_ASNATIVEBYTES_DEFAULTS -1
#define Py_ASNATIVEBYTES_BIG_ENDIAN 0
#define Py_ASNATIVEBYTES_LITTLE_ENDIAN 1
#define Py_ASNATIVEBYTES_NATIVE_ENDIAN 3
#define Py_ASNATIVEBYTES_UNSIGNED_BUFFER 4
#define Py_ASNATIVEBYTES_REJECT_NEGATIVE 8
#define Py_ASNATIVEBYTES_ALLOW_INDEX 16

// Returns how many bytes the value needs, which may be more than n_bytes; the
// buffer then holds the low ones.
PyAPI_FUNC(Py_ssize_t) PyLong_AsNativeBytes(PyObject *op, void *buffer,
                                            Py_ssize_t n_bytes, int flags);
PyAPI_FUNC(PyObject *) PyLong_FromNativeBytes(const void *buffer, size_t n_bytes,
                                              int flags);
PyAPI_FUNC(PyObject *) PyLong_FromUnsignedNativeBytes(const void *buffer, size_t n_bytes,
                                                      int flags);

#ifndef Py_LIMITED_API
PyAPI_FUNC(PyObject *) PyLong_FromUnicodeObject(PyObject *text, int base);
PyAPI_FUNC(PyObject *) _PyLong_FromBytes(const char *text, Py_ssize_t size, int base);
PyAPI_FUNC(int) PyLong_IsPositive(PyObject *op);
PyAPI_FUNC(int) PyLong_IsNegative(PyObject *op);
PyAPI_FUNC(int) PyLong_IsZero(PyObject *op);
PyAPI_FUNC(int) PyLong_GetSign(PyObject *op, int *sign);
PyAPI_FUNC(int) _PyLong_Sign(PyObject *op);
PyAPI_FUNC(int64_t) _PyLong_NumBits(PyObject *op);
PyAPI_FUNC(PyObject *) _PyLong_FromByteArray(const unsigned char *bytes, size_t n,
                                             int little_endian, int is_signed);
PyAPI_FUNC(int) _PyLong_AsByteArray(PyLongObject *op, unsigned char *bytes, size_t n,
                                    int little_endian, int is_signed,
                                    int with_exceptions);
PyAPI_FUNC(PyLongObject *) _PyLong_New(Py_ssize_t digits);
PyAPI_FUNC(PyObject *) _PyLong_Copy(PyLongObject *op);
PyAPI_FUNC(PyLongObject *) _PyLong_FromDigits(int negative, Py_ssize_t count,
                                              digit *digits);
PyAPI_FUNC(PyObject *) _PyLong_GCD(PyObject *a, PyObject *b);

// --- Import and export of digits ------------------------------------------------------------

typedef struct PyLongLayout {
    uint8_t bits_per_digit;
    uint8_t digit_size;
    int8_t digits_order;     // -1: least significant first
    int8_t digit_endianness; // -1: little
} PyLongLayout;
PyAPI_FUNC(const PyLongLayout *) PyLong_GetNativeLayout(void);

typedef struct PyLongExport {
    int64_t value;        // the number when digits is NULL
    uint8_t negative;
    Py_ssize_t ndigits;
    const void *digits;   // borrowed from the int kept in _reserved
    Py_uintptr_t _reserved;
} PyLongExport;
PyAPI_FUNC(int) PyLong_Export(PyObject *op, PyLongExport *out);
PyAPI_FUNC(void) PyLong_FreeExport(PyLongExport *out);

typedef struct PyLongWriter PyLongWriter;
PyAPI_FUNC(PyLongWriter *) PyLongWriter_Create(int negative, Py_ssize_t ndigits,
                                               void **digits);
PyAPI_FUNC(PyObject *) PyLongWriter_Finish(PyLongWriter *writer);
PyAPI_FUNC(void) PyLongWriter_Discard(PyLongWriter *writer);
#endif

// strtol and strtoul as Python reads numbers.
PyAPI_FUNC(unsigned long) PyOS_strtoul(const char *text, char **end, int base);
PyAPI_FUNC(long) PyOS_strtol(const char *text, char **end, int base);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_LONGOBJECT_H
