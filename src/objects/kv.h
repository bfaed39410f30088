// SPDX-License-Identifier: MIT
// kv.h - the tagged word that frame slots and instance values hold.
//
//   low bits   meaning
//   ...000     owned reference: the word is the PyObject pointer
//   ...100     borrowed or immortal reference: pointer + 4; the word 4 is "unbound"
//   ....01     int of 62 bits, value in the upper 62
//   ....1x     float: its bits rotated left by 3, plus 1; covers exponents with
//              2^-511 <= |x| < 2^513, so that one bit tells a float
//
// Zeros, infinities, NaNs and extreme exponents are ordinary heap floats, which
// keeps the identity of NaN. A KV may live in frame slots, generator frames and
// instance inline values only; whatever C macros can read holds PyObject
// pointers. KV is a one-word struct, so that mixing the two does not compile.
#ifndef KRAIT_OBJECTS_KV_H
#define KRAIT_OBJECTS_KV_H

#include <Python.h>

#include "base/base.h"

typedef struct KV {
    uint64_t bits;
} KV;

#define KR_KV_BORROWED 4u
#define KR_KV_INT_MIN (-(INT64_C(1) << 61))
#define KR_KV_INT_MAX ((INT64_C(1) << 61) - 1)
#define KV_NULL ((KV){KR_KV_BORROWED})

static inline bool
kv_is_null(KV v)
{
    return v.bits == KR_KV_BORROWED;
}

static inline bool
kv_is_pointer(KV v)
{
    return (v.bits & 3) == 0;
}

// True for words that must be released; a dead slot never answers true.
static inline bool
kv_is_owned(KV v)
{
    return (v.bits & 7) == 0;
}

static inline bool
kv_is_int(KV v)
{
    return (v.bits & 3) == 1;
}

static inline bool
kv_is_float(KV v)
{
    return (v.bits & 2) != 0;
}

static inline bool
kv_both_int(KV a, KV b)
{
    // Two words end in 01 exactly when their sum of low bits is 2 and neither
    // has bit 1; testing each is as fast and clearer.
    return ((a.bits & 3) == 1) & ((b.bits & 3) == 1);
}

// The object of a pointer word; NULL when unbound.
static inline PyObject *
kv_pointer(KV v)
{
    return (PyObject *)(uintptr_t)(v.bits & ~(uint64_t)KR_KV_BORROWED);
}

// Takes over the caller's reference. object must not be NULL.
static inline KV
kv_from_steal(PyObject *object)
{
    return (KV){(uint64_t)(uintptr_t)object};
}

// The caller guarantees that object outlives the word.
static inline KV
kv_from_borrow(PyObject *object)
{
    return (KV){(uint64_t)(uintptr_t)object | KR_KV_BORROWED};
}

// The same for what C functions return: immortal objects get their one form, so
// that True and None are told by comparing words.
static inline KV
kv_from_result(PyObject *object)
{
    return _Py_IsImmortal(object) ? kv_from_borrow(object) : kv_from_steal(object);
}

static inline KV
kv_from_new(PyObject *object)
{
    if (_Py_IsImmortal(object)) {
        return kv_from_borrow(object);
    }
    Py_INCREF(object);
    return kv_from_steal(object);
}

static inline int64_t
kv_int(KV v)
{
    return (int64_t)v.bits >> 2;
}

// value must be within KR_KV_INT_MIN..KR_KV_INT_MAX.
static inline KV
kv_from_int(int64_t value)
{
    return (KV){((uint64_t)value << 2) | 1};
}

static inline bool
kv_int_fits(int64_t value)
{
    return (uint64_t)(value - KR_KV_INT_MIN) <
           ((uint64_t)KR_KV_INT_MAX - (uint64_t)KR_KV_INT_MIN + 1);
}

static inline double
kv_float(KV v)
{
    uint64_t rotated = v.bits - 1;
    uint64_t bits = (rotated >> 3) | (rotated << 61);
    double value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

// Returns false, leaving *out alone, when value has no tagged form.
static inline bool
kv_from_double(double value, KV *out)
{
    uint64_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    uint64_t word = ((bits << 3) | (bits >> 61)) + 1;
    if (!(word & 2)) {
        return false;
    }
    out->bits = word;
    return true;
}

// Releases the reference if the word owns one. May run Python.
static inline void
kv_release(KV v)
{
    if (kv_is_owned(v)) {
        Py_DECREF((PyObject *)(uintptr_t)v.bits);
    }
}

// kv.c: a new reference to the value as an object (boxing numbers), or NULL
// with MemoryError. v must not be unbound.
PyObject *kr_kv_box_slow(KV v);

static inline PyObject *
kv_to_object(KV v)
{
    if (KR_LIKELY(kv_is_pointer(v))) {
        return Py_NewRef(kv_pointer(v));
    }
    return kr_kv_box_slow(v);
}

// The same, consuming the word: an owned reference moves without a count.
// On failure the word is consumed too.
static inline PyObject *
kv_to_object_steal(KV v)
{
    if (KR_LIKELY(kv_is_owned(v))) {
        return (PyObject *)(uintptr_t)v.bits;
    }
    return kv_to_object(v);
}

// A second word for the same value, owning its own reference.
static inline KV
kv_copy(KV v)
{
    if (kv_is_pointer(v)) {
        PyObject *object = kv_pointer(v);
        if (object == NULL || _Py_IsImmortal(object)) {
            return (KV){v.bits | KR_KV_BORROWED};
        }
        Py_INCREF(object);
        return kv_from_steal(object);
    }
    return v;
}

// Boxes the value inside its slot, so that a borrowed pointer can be handed
// out. Returns NULL with MemoryError, the slot unchanged.
PyObject *kr_kv_box_in_place(KV *slot);

// The tagged word for exact compact ints and exact taggable floats, without
// touching the reference; other objects come back as borrowed words.
KV kr_kv_unbox_borrow(PyObject *object);

#endif // KRAIT_OBJECTS_KV_H
