// SPDX-License-Identifier: MIT
// random.c - the module _random: the generator under the class random.Random.
//
// Method:      MT19937 by M. Matsumoto and T. Nishimura, "Mersenne Twister: a
//              623-dimensionally equidistributed uniform pseudorandom number
//              generator" (1998), with the authors' initialisation by an array.
// Invariants:  the same seed gives the same numbers as in every Python.
#include <Python.h>

#include <sys/random.h>
#include <time.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/int/int.h"

#define MT_WORDS 624
#define MT_DISTANCE 397

typedef struct {
    PyObject_HEAD
    int index; // of the next word; MT_WORDS: all are used
    uint32_t state[MT_WORDS];
} RandomObject;

// --- The twister ------------------------------------------------------------------------

static void
mt_refill(RandomObject *self)
{
    uint32_t *s = self->state;
    for (int i = 0; i < MT_WORDS; i++) {
        int next = i + 1 < MT_WORDS ? i + 1 : 0;
        int far = i + MT_DISTANCE < MT_WORDS ? i + MT_DISTANCE
                                             : i + MT_DISTANCE - MT_WORDS;
        uint32_t y = (s[i] & 0x80000000u) | (s[next] & 0x7fffffffu);
        s[i] = s[far] ^ y >> 1 ^ (-(y & 1) & 0x9908b0dfu);
    }
    self->index = 0;
}

static uint32_t
mt_next(RandomObject *self)
{
    if (self->index >= MT_WORDS) {
        mt_refill(self);
    }
    uint32_t y = self->state[self->index++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

static void
mt_seed_word(RandomObject *self, uint32_t seed)
{
    uint32_t *s = self->state;
    s[0] = seed;
    for (uint32_t i = 1; i < MT_WORDS; i++) {
        s[i] = 1812433253u * (s[i - 1] ^ s[i - 1] >> 30) + i;
    }
    self->index = MT_WORDS;
}

static void
mt_seed_array(RandomObject *self, const uint32_t *key, size_t count)
{
    uint32_t *s = self->state;
    size_t at = 1, j = 0;
    mt_seed_word(self, 19650218u);
    for (size_t k = count > MT_WORDS ? count : MT_WORDS; k > 0; k--) {
        s[at] = (s[at] ^ (s[at - 1] ^ s[at - 1] >> 30) * 1664525u) + key[j] + (uint32_t)j;
        j = j + 1 < count ? j + 1 : 0;
        if (++at == MT_WORDS) {
            s[0] = s[MT_WORDS - 1];
            at = 1;
        }
    }
    for (int k = MT_WORDS - 1; k > 0; k--) {
        s[at] = (s[at] ^ (s[at - 1] ^ s[at - 1] >> 30) * 1566083941u) - (uint32_t)at;
        if (++at == MT_WORDS) {
            s[0] = s[MT_WORDS - 1];
            at = 1;
        }
    }
    s[0] = 0x80000000u;
}

// --- Seeding -------------------------------------------------------------------------------

static int
seed_from_system(RandomObject *self)
{
    uint32_t key[MT_WORDS];
    if (getentropy(key, 256) == 0 && getentropy(key + 64, 256) == 0) {
        mt_seed_array(self, key, 128);
        return 0;
    }
    struct timespec now, ticks;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_MONOTONIC, &ticks);
    key[0] = (uint32_t)now.tv_sec;
    key[1] = (uint32_t)now.tv_nsec;
    key[2] = (uint32_t)getpid();
    key[3] = (uint32_t)ticks.tv_sec;
    key[4] = (uint32_t)ticks.tv_nsec;
    mt_seed_array(self, key, 5);
    return 0;
}

// By the magnitude of an int, in words of 32 bits.
static int
seed_from_int(RandomObject *self, PyLongObject *number)
{
    size_t count = (size_t)((_PyLong_NumBits((PyObject *)number) + 31) / 32);
    uint32_t local[16], *key = local;
    PyObject *positive = kr_long_abs(number);
    if (positive == NULL) {
        return -1;
    }
    if (count == 0) {
        count = 1;
    }
    if (count > (size_t)KR_ARRAY_LEN(local)) {
        key = PyMem_Malloc(count * sizeof(uint32_t));
        if (key == NULL) {
            Py_DECREF(positive);
            PyErr_NoMemory();
            return -1;
        }
    }
    int status = _PyLong_AsByteArray((PyLongObject *)positive, (unsigned char *)key,
                                     count * sizeof(uint32_t), PY_LITTLE_ENDIAN, 0, 1);
    if (status == 0) {
        mt_seed_array(self, key, count);
    }
    Py_DECREF(positive);
    if (key != local) {
        PyMem_Free(key);
    }
    return status;
}

static int
random_seed(RandomObject *self, PyObject *seed)
{
    if (seed == NULL || seed == Py_None) {
        return seed_from_system(self);
    }
    // The value counts, whatever a subclass makes of abs().
    if (PyLong_Check(seed)) {
        return seed_from_int(self, (PyLongObject *)seed);
    }
    Py_hash_t hash = PyObject_Hash(seed);
    PyObject *number = hash == -1 ? NULL : PyLong_FromSize_t((size_t)hash);
    if (number == NULL) {
        return -1;
    }
    int status = seed_from_int(self, (PyLongObject *)number);
    Py_DECREF(number);
    return status;
}

KR_METHOD(random_object, "seed(self, n=None, /)",
          "seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\n"
          "of the current time and the process identifier.")
static PyObject *
random_object_seed(RandomObject *self, PyObject *n)
{
    return random_seed(self, n) < 0 ? NULL : Py_None;
}

// --- Numbers ---------------------------------------------------------------------------------

KR_METHOD(random_object, "random(self, /)", "random() -> x in the interval [0, 1).")
static PyObject *
random_object_random(RandomObject *self)
{
    // 53 bits: 27 of one word and 26 of the next.
    uint32_t a = mt_next(self) >> 5, b = mt_next(self) >> 6;
    return PyFloat_FromDouble((a * 67108864.0 + b) * (1.0 / 9007199254740992.0));
}

KR_METHOD(random_object, "getrandbits(self, k, /)",
          "getrandbits(k) -> x.  Generates an int with k random bits.")
static PyObject *
random_object_getrandbits(RandomObject *self, PyObject *k)
{
    uint64_t bits;
    PyObject *index = PyNumber_Index(k);
    if (index == NULL) {
        return NULL;
    }
    if (kr_int_is_negative((PyLongObject *)index)) {
        PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
        Py_DECREF(index);
        return NULL;
    }
    bits = PyLong_AsUnsignedLongLong(index);
    Py_DECREF(index);
    if (bits == (uint64_t)-1 && PyErr_Occurred()) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large for C uint64_t");
        return NULL;
    }
    if (bits == 0) {
        return PyLong_FromLong(0);
    }
    if (bits <= 32) {
        return kr_int_from_u64(mt_next(self) >> (32 - bits));
    }
    if ((bits - 1) / 32 + 1 > (uint64_t)PY_SSIZE_T_MAX / 4) {
        return PyErr_NoMemory();
    }
    size_t words = (size_t)((bits - 1) / 32 + 1);
    uint32_t *buffer = PyMem_Malloc(words * sizeof(uint32_t));
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    // Low words first; the last one gives the bits that are left.
    for (size_t i = 0; i < words; i++, bits -= 32) {
        uint32_t word = mt_next(self);
        buffer[i] = bits < 32 ? word >> (32 - bits) : word;
    }
    PyObject *result = _PyLong_FromByteArray((unsigned char *)buffer,
                                             words * sizeof(uint32_t), PY_LITTLE_ENDIAN, 0);
    PyMem_Free(buffer);
    return result;
}

// --- State -------------------------------------------------------------------------------------

KR_METHOD(random_object, "getstate(self, /)",
          "getstate() -> tuple containing the current state.")
static PyObject *
random_object_getstate(RandomObject *self)
{
    PyObject *state = PyTuple_New(MT_WORDS + 1);
    for (int i = 0; state != NULL && i <= MT_WORDS; i++) {
        PyObject *word =
            kr_int_from_u64(i < MT_WORDS ? self->state[i] : (uint32_t)self->index);
        if (word == NULL) {
            Py_CLEAR(state);
            break;
        }
        PyTuple_SET_ITEM(state, i, word);
    }
    return state;
}

KR_METHOD(random_object, "setstate(self, state, /)",
          "setstate(state) -> None.  Restores generator state.")
static PyObject *
random_object_setstate(RandomObject *self, PyObject *state)
{
    uint32_t words[MT_WORDS];
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state vector must be a tuple");
        return NULL;
    }
    if (PyTuple_GET_SIZE(state) != MT_WORDS + 1) {
        PyErr_SetString(PyExc_ValueError, "state vector is the wrong size");
        return NULL;
    }
    for (int i = 0; i < MT_WORDS; i++) {
        unsigned long word = PyLong_AsUnsignedLong(PyTuple_GET_ITEM(state, i));
        if (word == (unsigned long)-1 && PyErr_Occurred()) {
            return NULL;
        }
        words[i] = (uint32_t)word;
    }
    long index = PyLong_AsLong(PyTuple_GET_ITEM(state, MT_WORDS));
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (index < 0 || index > MT_WORDS) {
        PyErr_SetString(PyExc_ValueError, "invalid state");
        return NULL;
    }
    memcpy(self->state, words, sizeof(words));
    self->index = (int)index;
    Py_RETURN_NONE;
}

// --- The type and the module ------------------------------------------------------------------------

static int
random_object_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0 &&
        !kr_arg_no_keywords_init(self, random_object_init, "Random", kwargs)) {
        return -1;
    }
    if (!kr_arg_count("Random", PyTuple_GET_SIZE(args), 0, 1)) {
        return -1;
    }
    PyObject *seed = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : NULL;
    return random_seed((RandomObject *)self, seed);
}

static void
random_object_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

KR_TYPE(random_object)
#include "modules/random.methods.h"

PyDoc_STRVAR(random_object_type_doc,
             "Random() -> create a random number generator with its own internal state.");

static PyType_Slot random_object_slots[] = {
    {Py_tp_dealloc, (void *)random_object_dealloc},
    {Py_tp_doc, (void *)random_object_type_doc},
    {Py_tp_methods, random_object_methods},
    {Py_tp_new, (void *)PyType_GenericNew},
    {Py_tp_init, (void *)random_object_init},
    {0, NULL},
};

static PyType_Spec random_object_type_spec = {
    .name = "_random.Random",
    .basicsize = sizeof(RandomObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = random_object_slots,
};

static int
random_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &random_object_type_spec, NULL);
    if (type == NULL) {
        return -1;
    }
    int status = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return status;
}

static PyModuleDef_Slot random_slots[] = {
    {Py_mod_exec, (void *)random_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef random_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_random",
    .m_doc = "Module implements the Mersenne Twister random number generator.",
    .m_slots = random_slots,
};

PyMODINIT_FUNC
PyInit__random(void)
{
    return PyModuleDef_Init(&random_def);
}
