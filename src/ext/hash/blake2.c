// SPDX-License-Identifier: MIT
// blake2.c - the module _blake2: BLAKE2b and BLAKE2s with all of their parameters.
#include <stdint.h>
#include <string.h>

#include "ext/hash/digest.h"
#include "objects/args.h"

// Which words of the message a round mixes (RFC 7693, 2.7).
static const unsigned char blake2_order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

// The first bits of the fractions of the square roots of the primes 2 to 19.
#define BLAKE2_WORD uint64_t
#define BLAKE2_ROUNDS 12
#define BLAKE2_ROTATIONS {32, 24, 16, 63}
#define BLAKE2_IV                                                             \
    {UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b),              \
     UINT64_C(0x3c6ef372fe94f82b), UINT64_C(0xa54ff53a5f1d36f1),              \
     UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),              \
     UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179)}
#define BLAKE2(name) blake2b_##name
#include "ext/hash/blake2_core.h"

#define BLAKE2_WORD uint32_t
#define BLAKE2_ROUNDS 10
#define BLAKE2_ROTATIONS {16, 12, 8, 7}
#define BLAKE2_IV                                                             \
    {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,                          \
     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
#define BLAKE2(name) blake2s_##name
#include "ext/hash/blake2_core.h"

// ---- parameters ---------------------------------------------------------------

static void
store_low(unsigned char *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        to[i] = (unsigned char)(value >> (8 * i));
    }
}

static void
memcpy_view(unsigned char *to, const Py_buffer *view)
{
    if (view->len > 0) {
        memcpy(to, view->buf, (size_t)view->len);
    }
}

// ValueError "maximum ... length is ... bytes" unless the view fits.
static bool
check_length(const char *what, const Py_buffer *view, int most)
{
    if (view->len > most) {
        PyErr_Format(PyExc_ValueError, "maximum %s length is %d bytes", what, most);
        return false;
    }
    return true;
}

static bool
check_range(const char *what, int value, int least, int most)
{
    if (value < least || value > most) {
        PyErr_Format(PyExc_ValueError, "%s must be between %d and %d", what, least, most);
        return false;
    }
    return true;
}

static bool
check_sizes(const char *shown, int out, int digest_size, const Py_buffer *key,
            const Py_buffer *salt, const Py_buffer *person, int fanout, int depth)
{
    if (digest_size <= 0 || digest_size > out) {
        PyErr_Format(PyExc_ValueError,
                     "digest_size for %s must be between 1 and %d bytes, here it is %d",
                     shown, out, digest_size);
        return false;
    }
    return check_length("salt", salt, out / 4) &&
           check_length("person", person, out / 4) &&
           check_range("fanout", fanout, 0, 255) && check_range("depth", depth, 1, 255) &&
           check_length("key", key, out);
}

static bool
check_tree(int out, unsigned long leaf_size, uint64_t node_offset, uint64_t last_offset,
           int node_depth, int inner_size)
{
    if (leaf_size > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "leaf_size is too large");
        return false;
    }
    if (node_offset > last_offset) {
        PyErr_SetString(PyExc_OverflowError, "node_offset is too large");
        return false;
    }
    if (!check_range("node_depth", node_depth, 0, 255)) {
        return false;
    }
    if (inner_size < 0 || inner_size > out) {
        PyErr_Format(PyExc_ValueError, "inner_size must be between 0 and is %d", out);
        return false;
    }
    return true;
}

static void
blake2_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    type->tp_free(self);
    Py_DECREF(type);
}

// ---- blake2b ------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    blake2b_state state;
    int size; // of the digest
    PyMutex lock;
} Blake2b;

static void
blake2b_feed(Blake2b *self, const Py_buffer *view)
{
    PyMutex_Lock(&self->lock);
    if (view->len >= KR_HASH_RELEASE_FROM) {
        Py_BEGIN_ALLOW_THREADS
        blake2b_update(&self->state, view->buf, (size_t)view->len);
        Py_END_ALLOW_THREADS
    }
    else {
        blake2b_update(&self->state, view->buf, (size_t)view->len);
    }
    PyMutex_Unlock(&self->lock);
}

KR_NEW(blake2b,
       "blake2b(data=b'', *, "
       "digest_size=_blake2.blake2b.MAX_DIGEST_SIZE{blake2b_OUT}, key=b'', salt=b'', "
       "person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, "
       "inner_size=0, last_node=False, usedforsecurity=True, string=None{NULL})",
       "Return a new BLAKE2b hash object.")
static PyObject *
blake2b_new_impl(PyTypeObject *cls, PyObject *data, int digest_size, Py_buffer *key,
                 Py_buffer *salt, Py_buffer *person, int fanout, int depth,
                 unsigned long leaf_size, unsigned long long node_offset, int node_depth,
                 int inner_size, bool last_node, bool usedforsecurity, PyObject *string)
{
    unsigned char block[blake2b_OUT] = {0}, first[blake2b_BLOCK] = {0};

    if (!check_sizes("Blake2b", blake2b_OUT, digest_size, key, salt, person, fanout,
                     depth) ||
        !check_tree(blake2b_OUT, leaf_size, node_offset, UINT64_MAX, node_depth,
                    inner_size)) {
        return NULL;
    }
    Blake2b *self = (Blake2b *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->size = digest_size;
    block[0] = (unsigned char)digest_size;
    block[1] = (unsigned char)key->len;
    block[2] = (unsigned char)fanout;
    block[3] = (unsigned char)depth;
    store_low(block + 4, leaf_size, 4);
    store_low(block + 8, node_offset, 8);
    block[16] = (unsigned char)node_depth;
    block[17] = (unsigned char)inner_size;
    memcpy_view(block + 32, salt);
    memcpy_view(block + 48, person);
    blake2b_init(&self->state, block, last_node);
    if (key->len > 0) {
        memcpy(first, key->buf, (size_t)key->len);
        blake2b_update(&self->state, first, sizeof first);
        explicit_bzero(first, sizeof first);
    }
    Py_buffer view;
    int given = kr_hash_input(data, string, &view);
    if (given > 0) {
        blake2b_feed(self, &view);
        PyBuffer_Release(&view);
    }
    else if (given < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

KR_METHOD(blake2b, "copy(self, /)", "Return a copy of the hash object.")
static PyObject *
blake2b_copy(Blake2b *self)
{
    Blake2b *other = (Blake2b *)Py_TYPE(self)->tp_alloc(Py_TYPE(self), 0);

    if (other != NULL) {
        PyMutex_Lock(&self->lock);
        other->state = self->state;
        other->size = self->size;
        PyMutex_Unlock(&self->lock);
    }
    return (PyObject *)other;
}

KR_METHOD(blake2b, "update(self, data, /)",
          "Update this hash object's state with the provided bytes-like object.")
static PyObject *
blake2b_update_method(Blake2b *self, PyObject *data)
{
    Py_buffer view;

    if (kr_hash_view(data, &view) < 0) {
        return NULL;
    }
    blake2b_feed(self, &view);
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

static PyObject *
blake2b_result(Blake2b *self, bool hex)
{
    unsigned char out[blake2b_OUT];

    PyMutex_Lock(&self->lock);
    blake2b_state copy = self->state;
    PyMutex_Unlock(&self->lock);
    blake2b_finish(&copy, out);
    return kr_hash_output(out, self->size, hex);
}

KR_METHOD(blake2b, "digest(self, /)", "Return the digest value as a bytes object.")
static PyObject *
blake2b_digest(Blake2b *self)
{
    return blake2b_result(self, false);
}

KR_METHOD(blake2b, "hexdigest(self, /)",
          "Return the digest value as a string of hexadecimal digits.")
static PyObject *
blake2b_hexdigest(Blake2b *self)
{
    return blake2b_result(self, true);
}

KR_GETTER(blake2b, "name", "")
static PyObject *
blake2b_name(Blake2b *self)
{
    return PyUnicode_FromString("blake2b");
}

KR_GETTER(blake2b, "block_size", "")
static PyObject *
blake2b_block_size(Blake2b *self)
{
    return PyLong_FromLong(blake2b_BLOCK);
}

KR_GETTER(blake2b, "digest_size", "")
static PyObject *
blake2b_digest_size(Blake2b *self)
{
    return PyLong_FromLong(self->size);
}

// ---- blake2s ------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    blake2s_state state;
    int size; // of the digest
    PyMutex lock;
} Blake2s;

static void
blake2s_feed(Blake2s *self, const Py_buffer *view)
{
    PyMutex_Lock(&self->lock);
    if (view->len >= KR_HASH_RELEASE_FROM) {
        Py_BEGIN_ALLOW_THREADS
        blake2s_update(&self->state, view->buf, (size_t)view->len);
        Py_END_ALLOW_THREADS
    }
    else {
        blake2s_update(&self->state, view->buf, (size_t)view->len);
    }
    PyMutex_Unlock(&self->lock);
}

KR_NEW(blake2s,
       "blake2s(data=b'', *, "
       "digest_size=_blake2.blake2s.MAX_DIGEST_SIZE{blake2s_OUT}, key=b'', salt=b'', "
       "person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, "
       "inner_size=0, last_node=False, usedforsecurity=True, string=None{NULL})",
       "Return a new BLAKE2s hash object.")
static PyObject *
blake2s_new_impl(PyTypeObject *cls, PyObject *data, int digest_size, Py_buffer *key,
                 Py_buffer *salt, Py_buffer *person, int fanout, int depth,
                 unsigned long leaf_size, unsigned long long node_offset, int node_depth,
                 int inner_size, bool last_node, bool usedforsecurity, PyObject *string)
{
    unsigned char block[blake2s_OUT] = {0}, first[blake2s_BLOCK] = {0};

    if (!check_sizes("Blake2s", blake2s_OUT, digest_size, key, salt, person, fanout,
                     depth) ||
        !check_tree(blake2s_OUT, leaf_size, node_offset, (UINT64_C(1) << 48) - 1, node_depth,
                    inner_size)) {
        return NULL;
    }
    Blake2s *self = (Blake2s *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->size = digest_size;
    block[0] = (unsigned char)digest_size;
    block[1] = (unsigned char)key->len;
    block[2] = (unsigned char)fanout;
    block[3] = (unsigned char)depth;
    store_low(block + 4, leaf_size, 4);
    store_low(block + 8, node_offset, 6);
    block[14] = (unsigned char)node_depth;
    block[15] = (unsigned char)inner_size;
    memcpy_view(block + 16, salt);
    memcpy_view(block + 24, person);
    blake2s_init(&self->state, block, last_node);
    if (key->len > 0) {
        memcpy(first, key->buf, (size_t)key->len);
        blake2s_update(&self->state, first, sizeof first);
        explicit_bzero(first, sizeof first);
    }
    Py_buffer view;
    int given = kr_hash_input(data, string, &view);
    if (given > 0) {
        blake2s_feed(self, &view);
        PyBuffer_Release(&view);
    }
    else if (given < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

KR_METHOD(blake2s, "copy(self, /)", "Return a copy of the hash object.")
static PyObject *
blake2s_copy(Blake2s *self)
{
    Blake2s *other = (Blake2s *)Py_TYPE(self)->tp_alloc(Py_TYPE(self), 0);

    if (other != NULL) {
        PyMutex_Lock(&self->lock);
        other->state = self->state;
        other->size = self->size;
        PyMutex_Unlock(&self->lock);
    }
    return (PyObject *)other;
}

KR_METHOD(blake2s, "update(self, data, /)",
          "Update this hash object's state with the provided bytes-like object.")
static PyObject *
blake2s_update_method(Blake2s *self, PyObject *data)
{
    Py_buffer view;

    if (kr_hash_view(data, &view) < 0) {
        return NULL;
    }
    blake2s_feed(self, &view);
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

static PyObject *
blake2s_result(Blake2s *self, bool hex)
{
    unsigned char out[blake2s_OUT];

    PyMutex_Lock(&self->lock);
    blake2s_state copy = self->state;
    PyMutex_Unlock(&self->lock);
    blake2s_finish(&copy, out);
    return kr_hash_output(out, self->size, hex);
}

KR_METHOD(blake2s, "digest(self, /)", "Return the digest value as a bytes object.")
static PyObject *
blake2s_digest(Blake2s *self)
{
    return blake2s_result(self, false);
}

KR_METHOD(blake2s, "hexdigest(self, /)",
          "Return the digest value as a string of hexadecimal digits.")
static PyObject *
blake2s_hexdigest(Blake2s *self)
{
    return blake2s_result(self, true);
}

KR_GETTER(blake2s, "name", "")
static PyObject *
blake2s_name(Blake2s *self)
{
    return PyUnicode_FromString("blake2s");
}

KR_GETTER(blake2s, "block_size", "")
static PyObject *
blake2s_block_size(Blake2s *self)
{
    return PyLong_FromLong(blake2s_BLOCK);
}

KR_GETTER(blake2s, "digest_size", "")
static PyObject *
blake2s_digest_size(Blake2s *self)
{
    return PyLong_FromLong(self->size);
}

// ---- module -------------------------------------------------------------------

KR_TYPE(blake2b)
KR_TYPE(blake2s)
#include "ext/hash/blake2.methods.h"

static PyType_Slot blake2b_slots[] = {
    {Py_tp_dealloc, blake2_dealloc},
    {Py_tp_new, blake2b_new},
    {Py_tp_doc, (void *)blake2b_doc},
    {Py_tp_methods, blake2b_methods},
    {Py_tp_getset, blake2b_getset},
    {0, NULL},
};

static PyType_Spec blake2b_spec = {
    .name = "_blake2.blake2b",
    .basicsize = sizeof(Blake2b),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = blake2b_slots,
};

static PyType_Slot blake2s_slots[] = {
    {Py_tp_dealloc, blake2_dealloc},
    {Py_tp_new, blake2s_new},
    {Py_tp_doc, (void *)blake2s_doc},
    {Py_tp_methods, blake2s_methods},
    {Py_tp_getset, blake2s_getset},
    {0, NULL},
};

static PyType_Spec blake2s_spec = {
    .name = "_blake2.blake2s",
    .basicsize = sizeof(Blake2s),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = blake2s_slots,
};

// Adds a type, and its limits to it and to the module. 0 or -1.
static int
add_type(PyObject *module, PyType_Spec *spec, const char *prefix, int out)
{
    const struct {
        const char *name;
        int value;
    } limits[] = {
        {"MAX_DIGEST_SIZE", out},
        {"MAX_KEY_SIZE", out},
        {"PERSON_SIZE", out / 4},
        {"SALT_SIZE", out / 4},
    };
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
    PyObject *dict = NULL;
    int status = -1;

    if (type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0) {
        goto done;
    }
    // The type is immutable for others; its dictionary takes the constants first.
    dict = PyType_GetDict((PyTypeObject *)type);
    for (size_t i = 0; dict != NULL && i < Py_ARRAY_LENGTH(limits); i++) {
        char name[40];
        PyObject *value = PyLong_FromLong(limits[i].value);
        PyOS_snprintf(name, sizeof name, "%s_%s", prefix, limits[i].name);
        if (value == NULL || PyDict_SetItemString(dict, limits[i].name, value) < 0 ||
            PyModule_AddObjectRef(module, name, value) < 0) {
            Py_XDECREF(value);
            goto done;
        }
        Py_DECREF(value);
    }
    PyType_Modified((PyTypeObject *)type);
    status = dict == NULL ? -1 : 0;

done:
    Py_XDECREF(dict);
    Py_XDECREF(type);
    return status;
}

static int
blake2_exec(PyObject *module)
{
    if (add_type(module, &blake2b_spec, "BLAKE2B", blake2b_OUT) < 0 ||
        add_type(module, &blake2s_spec, "BLAKE2S", blake2s_OUT) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "_GIL_MINSIZE", KR_HASH_RELEASE_FROM);
}

static PyModuleDef_Slot blake2_slots[] = {
    {Py_mod_exec, blake2_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef blake2_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_blake2",
    .m_doc = "BLAKE2b and BLAKE2s, for hashlib.",
    .m_slots = blake2_slots,
};

PyMODINIT_FUNC
PyInit__blake2(void)
{
    return PyModuleDef_Init(&blake2_def);
}
