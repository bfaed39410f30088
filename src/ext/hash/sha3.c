// SPDX-License-Identifier: MIT
// sha3.c - the module _sha3: SHA-3 and SHAKE (FIPS 202), over OpenSSL's.
#include <string.h>

#include "ext/hash/digest.h"
#include "objects/args.h"

typedef struct {
    const char *type_name;
    const char *openssl;
    const char *doc;
    bool shake;
} Sha3Kind;

#define SHA3(bits, bytes)                                                     \
    {"_sha3.sha3_" #bits, "SHA3-" #bits,                                      \
     "sha3_" #bits "([data], *, usedforsecurity=True) -> SHA3 object\n\n"     \
     "Return a new SHA3 hash object with a hashbit length of " #bytes " bytes.", false}
#define SHAKE(bits)                                                           \
    {"_sha3.shake_" #bits, "SHAKE" #bits,                                     \
     "shake_" #bits "([data], *, usedforsecurity=True) -> SHAKE object\n\n"   \
     "Return a new SHAKE hash object.", true}

static const Sha3Kind kinds[] = {
    SHA3(224, 28), SHA3(256, 32), SHA3(384, 48), SHA3(512, 64), SHAKE(128), SHAKE(256),
};

enum { COUNT = KR_ARRAY_LEN(kinds), STATE_BITS = 1600, LONGEST = (1 << 29) - 1 };

typedef struct {
    EVP_MD *md[COUNT];         // owned
    PyTypeObject *types[COUNT]; // owned
} Sha3State;

static PyModuleDef sha3_def;

static bool
is_shake(const KrDigest *self)
{
    return self->name[3] == 'k';
}

// ---- types ------------------------------------------------------------------

KR_NEW(sha3, "sha3(data=b'', *, usedforsecurity=True, string=None{NULL})", "")
static PyObject *
sha3_new_impl(PyTypeObject *cls, PyObject *data, bool usedforsecurity, PyObject *string)
{
    PyObject *module = PyType_GetModuleByDef(cls, &sha3_def);
    if (module == NULL) {
        return NULL;
    }
    Sha3State *state = PyModule_GetState(module);
    int i = 0;
    while (i < COUNT && state->types[i] != cls) {
        i++;
    }
    if (i == COUNT) {
        PyErr_SetString(PyExc_TypeError, "_sha3 types cannot be extended");
        return NULL;
    }
    const char *name = kinds[i].type_name + strlen("_sha3.");
    return kr_digest_begin(kr_digest_new(cls, state->md[i], name), data, string);
}

KR_METHOD(sha3, "copy(self, /)", "Return a copy of the hash object.")
static PyObject *
sha3_copy(KrDigest *self)
{
    return (PyObject *)kr_digest_copy(self);
}

KR_METHOD(sha3, "digest(self, /)", "Return the digest value as a bytes object.")
static PyObject *
sha3_digest(KrDigest *self)
{
    return kr_digest_result(self, -1, false);
}

KR_METHOD(sha3, "hexdigest(self, /)",
          "Return the digest value as a string of hexadecimal digits.")
static PyObject *
sha3_hexdigest(KrDigest *self)
{
    return kr_digest_result(self, -1, true);
}

KR_METHOD(sha3, "update(self, data, /)",
          "Update this hash object's state with the provided bytes-like object.")
static PyObject *
sha3_update(KrDigest *self, PyObject *data)
{
    return kr_digest_update_object(self, data);
}

// A length as SHAKE takes it. 0 or -1.
static int
shake_length(unsigned long length)
{
    if (length > LONGEST) {
        PyErr_SetString(PyExc_ValueError, "length is too large");
        return -1;
    }
    return 0;
}

KR_METHOD(shake, "copy(self, /)", "Return a copy of the hash object.")
static PyObject *
shake_copy(KrDigest *self)
{
    return (PyObject *)kr_digest_copy(self);
}

KR_METHOD(shake, "digest(self, length)", "Return the digest value as a bytes object.")
static PyObject *
shake_digest(KrDigest *self, unsigned long length)
{
    return shake_length(length) < 0 ? NULL
                                    : kr_digest_result(self, (Py_ssize_t)length, false);
}

KR_METHOD(shake, "hexdigest(self, length)",
          "Return the digest value as a string of hexadecimal digits.")
static PyObject *
shake_hexdigest(KrDigest *self, unsigned long length)
{
    return shake_length(length) < 0 ? NULL
                                    : kr_digest_result(self, (Py_ssize_t)length, true);
}

KR_METHOD(shake, "update(self, data, /)",
          "Update this hash object's state with the provided bytes-like object.")
static PyObject *
shake_update(KrDigest *self, PyObject *data)
{
    return kr_digest_update_object(self, data);
}

KR_GETTER(sha3, "block_size", "")
static PyObject *
sha3_block_size(KrDigest *self)
{
    return PyLong_FromLong(EVP_MD_CTX_get_block_size(self->ctx));
}

KR_GETTER(sha3, "name", "")
static PyObject *
sha3_name(KrDigest *self)
{
    return PyUnicode_FromString(self->name);
}

KR_GETTER(sha3, "digest_size", "")
static PyObject *
sha3_digest_size(KrDigest *self)
{
    return PyLong_FromLong(is_shake(self) ? 0 : EVP_MD_CTX_get_size(self->ctx));
}

KR_GETTER(sha3, "_capacity_bits", "")
static PyObject *
sha3_capacity_bits(KrDigest *self)
{
    return PyLong_FromLong(STATE_BITS - 8 * EVP_MD_CTX_get_block_size(self->ctx));
}

KR_GETTER(sha3, "_rate_bits", "")
static PyObject *
sha3_rate_bits(KrDigest *self)
{
    return PyLong_FromLong(8 * EVP_MD_CTX_get_block_size(self->ctx));
}

KR_GETTER(sha3, "_suffix", "")
static PyObject *
sha3_suffix(KrDigest *self)
{
    // FIPS 202, 6.1 and 6.2: the bits 01 or 1111 and the first bit of the padding.
    return PyBytes_FromString(is_shake(self) ? "\x1f" : "\x06");
}

// ---- module -----------------------------------------------------------------

KR_TYPE(sha3)
KR_TYPE(shake)
#include "ext/hash/sha3.methods.h"

static int
add_kind(PyObject *module, Sha3State *state, int i)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, kr_digest_dealloc},
        {Py_tp_new, sha3_new},
        {Py_tp_doc, (void *)kinds[i].doc},
        {Py_tp_methods, kinds[i].shake ? shake_methods : sha3_methods},
        {Py_tp_getset, sha3_getset},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = kinds[i].type_name,
        .basicsize = sizeof(KrDigest),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    state->md[i] = EVP_MD_fetch(NULL, kinds[i].openssl, NULL);
    if (state->md[i] == NULL) {
        kr_openssl_error(PyExc_ImportError);
        return -1;
    }
    state->types[i] = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    return state->types[i] == NULL ? -1 : PyModule_AddType(module, state->types[i]);
}

static int
sha3_exec(PyObject *module)
{
    Sha3State *state = PyModule_GetState(module);

    for (int i = 0; i < COUNT; i++) {
        if (add_kind(module, state, i) < 0) {
            return -1;
        }
    }
    if (PyModule_AddStringConstant(module, "implementation", "OpenSSL") < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "_GIL_MINSIZE", KR_HASH_RELEASE_FROM);
}

static int
sha3_traverse(PyObject *module, visitproc visit, void *arg)
{
    Sha3State *state = PyModule_GetState(module);

    for (int i = 0; i < COUNT; i++) {
        Py_VISIT(state->types[i]);
    }
    return 0;
}

static int
sha3_clear(PyObject *module)
{
    Sha3State *state = PyModule_GetState(module);

    for (int i = 0; i < COUNT; i++) {
        EVP_MD_free(KR_MOVE(state->md[i]));
        Py_CLEAR(state->types[i]);
    }
    return 0;
}

static void
sha3_free(void *module)
{
    sha3_clear(module);
}

static PyModuleDef_Slot sha3_slots[] = {
    {Py_mod_exec, sha3_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef sha3_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sha3",
    .m_size = sizeof(Sha3State),
    .m_slots = sha3_slots,
    .m_traverse = sha3_traverse,
    .m_clear = sha3_clear,
    .m_free = sha3_free,
};

PyMODINIT_FUNC
PyInit__sha3(void)
{
    return PyModuleDef_Init(&sha3_def);
}
