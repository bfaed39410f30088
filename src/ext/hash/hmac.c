// SPDX-License-Identifier: MIT
// hmac.c - the module _hmac: HMAC (RFC 2104) by the names of hashlib, over OpenSSL's.
#include <string.h>

#include "ext/hash/mac.h"
#include "objects/args.h"

typedef struct {
    PyTypeObject *type;  // owned, all of them
    PyObject *unknown_hash;
    EVP_MAC *mac;
} HmacState;

static const struct {
    const char *name;
    const char *openssl;
} digests[] = {
    {"md5", "MD5"},           {"sha1", "SHA1"},         {"sha224", "SHA224"},
    {"sha256", "SHA256"},     {"sha384", "SHA384"},     {"sha512", "SHA512"},
    {"sha3_224", "SHA3-224"}, {"sha3_256", "SHA3-256"}, {"sha3_384", "SHA3-384"},
    {"sha3_512", "SHA3-512"}, {"blake2s", "BLAKE2S-256"}, {"blake2b", "BLAKE2B-512"},
    {"blake2s_32", "BLAKE2S-256"}, {"blake2b_32", "BLAKE2B-512"},
};

// The index of a digest by its name, in small or capital letters; -1 with
// UnknownHashError.
static int
find_digest(HmacState *state, PyObject *object)
{
    const char *name = PyUnicode_Check(object) ? PyUnicode_AsUTF8(object) : NULL;

    if (PyUnicode_Check(object) && name == NULL) {
        return -1;
    }
    for (int i = 0; name != NULL && i < KR_ARRAY_LEN(digests); i++) {
        if (PyOS_stricmp(name, digests[i].name) == 0) {
            return i;
        }
    }
    PyErr_Format(state->unknown_hash, "unsupported hash type: %R", object);
    return -1;
}

KR_FUNCTION(hmac, "new(key, msg=None, digestmod=None)", "Return a new HMAC object.")
static PyObject *
hmac_new(PyObject *module, PyObject *key, PyObject *msg, PyObject *digestmod)
{
    HmacState *state = PyModule_GetState(module);
    Py_buffer view;

    if (digestmod == Py_None) {
        PyErr_SetString(PyExc_TypeError, "new() missing 1 required argument 'digestmod'");
        return NULL;
    }
    int i = find_digest(state, digestmod);
    if (i < 0 || kr_hash_view(key, &view) < 0) {
        return NULL;
    }
    KrMac *self = kr_mac_new(state->type, state->mac, digests[i].openssl, digests[i].name,
                             &view);
    PyBuffer_Release(&view);
    return kr_mac_begin(self, msg);
}

static PyObject *
compute(PyObject *module, PyObject *key, PyObject *msg, const char *digest)
{
    HmacState *state = PyModule_GetState(module);
    Py_buffer key_view, msg_view;
    PyObject *result = NULL;

    if (kr_hash_view(key, &key_view) < 0) {
        return NULL;
    }
    if (kr_hash_view(msg, &msg_view) == 0) {
        result = kr_mac_compute(state->mac, digest, &key_view, &msg_view);
        PyBuffer_Release(&msg_view);
    }
    PyBuffer_Release(&key_view);
    return result;
}

KR_FUNCTION(hmac, "compute_digest(key, msg, digest)", "")
static PyObject *
hmac_compute_digest(PyObject *module, PyObject *key, PyObject *msg, PyObject *digest)
{
    int i = find_digest(PyModule_GetState(module), digest);

    return i < 0 ? NULL : compute(module, key, msg, digests[i].openssl);
}

KR_FUNCTION(hmac, "compute_md5(key, msg, /)", "")
static PyObject *
hmac_compute_md5(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "MD5");
}

KR_FUNCTION(hmac, "compute_sha1(key, msg, /)", "")
static PyObject *
hmac_compute_sha1(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA1");
}

KR_FUNCTION(hmac, "compute_sha224(key, msg, /)", "")
static PyObject *
hmac_compute_sha224(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA224");
}

KR_FUNCTION(hmac, "compute_sha256(key, msg, /)", "")
static PyObject *
hmac_compute_sha256(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA256");
}

KR_FUNCTION(hmac, "compute_sha384(key, msg, /)", "")
static PyObject *
hmac_compute_sha384(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA384");
}

KR_FUNCTION(hmac, "compute_sha512(key, msg, /)", "")
static PyObject *
hmac_compute_sha512(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA512");
}

KR_FUNCTION(hmac, "compute_sha3_224(key, msg, /)", "")
static PyObject *
hmac_compute_sha3_224(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA3-224");
}

KR_FUNCTION(hmac, "compute_sha3_256(key, msg, /)", "")
static PyObject *
hmac_compute_sha3_256(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA3-256");
}

KR_FUNCTION(hmac, "compute_sha3_384(key, msg, /)", "")
static PyObject *
hmac_compute_sha3_384(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA3-384");
}

KR_FUNCTION(hmac, "compute_sha3_512(key, msg, /)", "")
static PyObject *
hmac_compute_sha3_512(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "SHA3-512");
}

KR_FUNCTION(hmac, "compute_blake2s_32(key, msg, /)", "")
static PyObject *
hmac_compute_blake2s_32(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "BLAKE2S-256");
}

KR_FUNCTION(hmac, "compute_blake2b_32(key, msg, /)", "")
static PyObject *
hmac_compute_blake2b_32(PyObject *module, PyObject *key, PyObject *msg)
{
    return compute(module, key, msg, "BLAKE2B-512");
}

KR_MODULE(hmac)
#include "ext/hash/hmac.methods.h"

static int
hmac_exec(PyObject *module)
{
    HmacState *state = PyModule_GetState(module);

    state->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (state->mac == NULL) {
        kr_openssl_error(PyExc_ImportError);
        return -1;
    }
    state->unknown_hash =
        PyErr_NewException("_hmac.UnknownHashError", PyExc_ValueError, NULL);
    state->type = kr_mac_type(module, "_hmac.HMAC", NULL);
    if (state->unknown_hash == NULL || state->type == NULL ||
        PyModule_AddObjectRef(module, "UnknownHashError", state->unknown_hash) < 0 ||
        PyModule_AddType(module, state->type) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "_GIL_MINSIZE", KR_HASH_RELEASE_FROM);
}

static int
hmac_traverse(PyObject *module, visitproc visit, void *arg)
{
    HmacState *state = PyModule_GetState(module);

    Py_VISIT(state->type);
    Py_VISIT(state->unknown_hash);
    return 0;
}

static int
hmac_clear(PyObject *module)
{
    HmacState *state = PyModule_GetState(module);

    Py_CLEAR(state->type);
    Py_CLEAR(state->unknown_hash);
    EVP_MAC_free(KR_MOVE(state->mac));
    return 0;
}

static void
hmac_free(void *module)
{
    hmac_clear(module);
}

static PyModuleDef_Slot hmac_slots[] = {
    {Py_mod_exec, hmac_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef hmac_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_hmac",
    .m_size = sizeof(HmacState),
    .m_methods = hmac_methods,
    .m_slots = hmac_slots,
    .m_traverse = hmac_traverse,
    .m_clear = hmac_clear,
    .m_free = hmac_free,
};

PyMODINIT_FUNC
PyInit__hmac(void)
{
    return PyModuleDef_Init(&hmac_def);
}
