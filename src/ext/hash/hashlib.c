// SPDX-License-Identifier: MIT
// hashlib.c - the module _hashlib: OpenSSL's digests.
#include "ext/hash/hashlib.h"

#include <openssl/objects.h>
#include <string.h>

#include "objects/args.h"

// hashlib's name, OpenSSL's name. The first CONSTRUCTORS have a function openssl_NAME.
static const struct {
    const char *name;
    const char *openssl;
} names[] = {
    {"md5", "MD5"},
    {"sha1", "SHA1"},
    {"sha224", "SHA224"},
    {"sha256", "SHA256"},
    {"sha384", "SHA384"},
    {"sha512", "SHA512"},
    {"sha3_224", "SHA3-224"},
    {"sha3_256", "SHA3-256"},
    {"sha3_384", "SHA3-384"},
    {"sha3_512", "SHA3-512"},
    {"shake_128", "SHAKE128"},
    {"shake_256", "SHAKE256"},
    {"sha512_224", "SHA512-224"},
    {"sha512_256", "SHA512-256"},
    {"blake2s", "BLAKE2S-256"},
    {"blake2b", "BLAKE2B-512"},
};

enum { CONSTRUCTORS = 12, NAMED = KR_ARRAY_LEN(names) };
_Static_assert((int)NAMED == (int)KR_HASHLIB_NAMED, "the state has a place for each");

// ---- finding algorithms --------------------------------------------------------

const char *
kr_hashlib_name(const EVP_MD *md)
{
    for (int i = 0; i < NAMED; i++) {
        if (EVP_MD_is_a(md, names[i].openssl)) {
            return names[i].name;
        }
    }
    const char *name = OBJ_nid2ln(EVP_MD_get_type(md));
    return EVP_MD_get_type(md) == NID_undef ? EVP_MD_get0_name(md) : name;
}

static EVP_MD *
fetch(HashlibState *state, const char *name, bool for_security)
{
    EVP_MD *md = EVP_MD_fetch(NULL, name, for_security ? NULL : "-fips");

    if (md == NULL) {
        kr_openssl_error(state->unsupported);
    }
    return md;
}

// An algorithm of the table, borrowed.
static EVP_MD *
fetch_named(HashlibState *state, int index, bool for_security)
{
    EVP_MD **place = &state->fetched[index][for_security];

    if (*place == NULL) {
        *place = fetch(state, names[index].openssl, for_security);
    }
    return *place;
}

EVP_MD *
kr_hashlib_find(HashlibState *state, const char *name, bool for_security)
{
    for (int i = 0; i < NAMED; i++) {
        if (strcmp(name, names[i].name) == 0) {
            EVP_MD *md = fetch_named(state, i, for_security);
            if (md != NULL) {
                EVP_MD_up_ref(md);
            }
            return md;
        }
    }
    return fetch(state, name, for_security);
}

EVP_MD *
kr_hashlib_from_object(HashlibState *state, PyObject *digestmod)
{
    PyObject *name = NULL;
    EVP_MD *md = NULL;

    if (PyUnicode_Check(digestmod)) {
        name = Py_NewRef(digestmod);
    }
    else {
        name = PyObject_GetItem(state->constructors, digestmod);
        if (name == NULL) {
            if (PyErr_ExceptionMatches(PyExc_KeyError)) {
                PyErr_Clear();
                PyErr_Format(state->unsupported, "Unsupported digestmod %R", digestmod);
            }
            return NULL;
        }
    }
    const char *text = PyUnicode_AsUTF8(name);
    if (text != NULL) {
        md = kr_hashlib_find(state, text, true);
    }
    Py_DECREF(name);
    return md;
}

// ---- hash objects ---------------------------------------------------------------

static PyObject *
make_hash(HashlibState *state, const EVP_MD *md, PyObject *data, PyObject *string)
{
    PyTypeObject *type =
        EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF ? state->xof_type : state->hash_type;

    return kr_digest_begin(kr_digest_new(type, md, kr_hashlib_name(md)), data, string);
}

static PyObject *
make_named(PyObject *module, int index, PyObject *data, bool for_security,
           PyObject *string)
{
    HashlibState *state = PyModule_GetState(module);
    EVP_MD *md = fetch_named(state, index, for_security);

    return md == NULL ? NULL : make_hash(state, md, data, string);
}

KR_METHOD(hashlib_hash, "copy(self, /)", "Return a copy of the hash object.")
static PyObject *
hash_copy(KrDigest *self)
{
    return (PyObject *)kr_digest_copy(self);
}

KR_METHOD(hashlib_hash, "digest(self, /)", "Return the digest value as a bytes object.")
static PyObject *
hash_digest(KrDigest *self)
{
    return kr_digest_result(self, -1, false);
}

KR_METHOD(hashlib_hash, "hexdigest(self, /)",
          "Return the digest value as a string of hexadecimal digits.")
static PyObject *
hash_hexdigest(KrDigest *self)
{
    return kr_digest_result(self, -1, true);
}

KR_METHOD(hashlib_hash, "update(self, obj, /)",
          "Update this hash object's state with the provided string.")
static PyObject *
hash_update(KrDigest *self, PyObject *obj)
{
    return kr_digest_update_object(self, obj);
}

KR_GETTER(hashlib_hash, "block_size", "")
static PyObject *
hash_block_size(KrDigest *self)
{
    return PyLong_FromLong(EVP_MD_CTX_get_block_size(self->ctx));
}

KR_GETTER(hashlib_hash, "digest_size", "")
static PyObject *
hash_digest_size(KrDigest *self)
{
    return PyLong_FromLong(EVP_MD_CTX_get_size(self->ctx));
}

KR_GETTER(hashlib_hash, "name", "algorithm name.")
static PyObject *
hash_name(KrDigest *self)
{
    return PyUnicode_FromString(self->name);
}

static PyObject *
hash_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<%s %s object @ %p>", ((KrDigest *)self)->name,
                                Py_TYPE(self)->tp_name, self);
}

static PyObject *
xof_result(KrDigest *self, Py_ssize_t length, bool hex)
{
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "length must be non-negative");
        return NULL;
    }
    return kr_digest_result(self, length, hex);
}

KR_METHOD(hashlib_xof, "digest(self, length)", "Return the digest value as a bytes object.")
static PyObject *
xof_digest(KrDigest *self, Py_ssize_t length)
{
    return xof_result(self, length, false);
}

KR_METHOD(hashlib_xof, "hexdigest(self, length)",
          "Return the digest value as a string of hexadecimal digits.")
static PyObject *
xof_hexdigest(KrDigest *self, Py_ssize_t length)
{
    return xof_result(self, length, true);
}

KR_GETTER(hashlib_xof, "digest_size", "")
static PyObject *
xof_digest_size(KrDigest *self)
{
    return PyLong_FromLong(0);
}

// ---- functions -------------------------------------------------------------------

KR_FUNCTION(hashlib,
            "new(name, data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Return a new hash object using the named algorithm.\n\n"
            "An optional string argument may be provided and will be\n"
            "automatically hashed.")
static PyObject *
hashlib_new(PyObject *module, PyObject *name, PyObject *data, bool usedforsecurity,
            PyObject *string)
{
    HashlibState *state = PyModule_GetState(module);

    if (!PyUnicode_Check(name)) {
        kr_arg_bad("new", "argument 'name'", "str", name);
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8(name);
    EVP_MD *md = text == NULL ? NULL : kr_hashlib_find(state, text, usedforsecurity);
    if (md == NULL) {
        return NULL;
    }
    PyObject *hash = make_hash(state, md, data, string);
    EVP_MD_free(md);
    return hash;
}

KR_FUNCTION(hashlib, "openssl_md5(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a md5 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_md5(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 0, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha1(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha1 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha1(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 1, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha224(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha224 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha224(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 2, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha256(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha256 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha256(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 3, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha384(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha384 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha384(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 4, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha512(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha512 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha512(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 5, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha3_224(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha3-224 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha3_224(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 6, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha3_256(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha3-256 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha3_256(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 7, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha3_384(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha3-384 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha3_384(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 8, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_sha3_512(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a sha3-512 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_sha3_512(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 9, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_shake_128(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a shake-128 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_shake_128(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 10, data, usedforsecurity, string);
}

KR_FUNCTION(hashlib, "openssl_shake_256(data=b'', *, usedforsecurity=True, string=None{NULL})",
            "Returns a shake-256 hash object; optionally initialized with a string")
static PyObject *
hashlib_openssl_shake_256(PyObject *module, PyObject *data, bool usedforsecurity, PyObject *string)
{
    return make_named(module, 11, data, usedforsecurity, string);
}

// ---- module -----------------------------------------------------------------------

KR_TYPE(hashlib_hash)
KR_TYPE(hashlib_xof)
KR_MODULE(hashlib)
#include "ext/hash/hashlib.methods.h"

#define HASH_DOC                                                              \
    "A hash is an object used to calculate a checksum of a string of information."

static PyType_Slot hash_slots[] = {
    {Py_tp_dealloc, kr_digest_dealloc},
    {Py_tp_repr, hash_repr},
    {Py_tp_doc, "HASH(name, string=b\"\")\n--\n\n" HASH_DOC},
    {Py_tp_methods, hashlib_hash_methods},
    {Py_tp_getset, hashlib_hash_getset},
    {0, NULL},
};

static PyType_Spec hash_spec = {
    .name = "_hashlib.HASH",
    .basicsize = sizeof(KrDigest),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = hash_slots,
};

static PyType_Slot xof_slots[] = {
    {Py_tp_doc, "HASHXOF(name, string=b\"\")\n--\n\n" HASH_DOC},
    {Py_tp_methods, hashlib_xof_methods},
    {Py_tp_getset, hashlib_xof_getset},
    {0, NULL},
};

static PyType_Spec xof_spec = {
    .name = "_hashlib.HASHXOF",
    .basicsize = sizeof(KrDigest),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = xof_slots,
};

static const char mac_doc[] =
    "The object used to calculate HMAC of a message.\n\n"
    "Methods: update(), digest(), hexdigest(), copy(). Attributes: name, digest_size.";

static int
add_types(PyObject *module, HashlibState *state)
{
    state->hash_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &hash_spec, NULL);
    if (state->hash_type == NULL) {
        return -1;
    }
    state->xof_type = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, &xof_spec, (PyObject *)state->hash_type);
    state->mac_type = kr_mac_type(module, "_hashlib.HMAC", mac_doc);
    state->unsupported = PyErr_NewException("_hashlib.UnsupportedDigestmodError",
                                            PyExc_ValueError, NULL);
    if (state->xof_type == NULL || state->mac_type == NULL || state->unsupported == NULL ||
        PyModule_AddType(module, state->hash_type) < 0 ||
        PyModule_AddType(module, state->xof_type) < 0 ||
        PyModule_AddType(module, state->mac_type) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "UnsupportedDigestmodError", state->unsupported);
}

// {openssl_md5: "md5", ...}, which names digests for hmac and others.
static int
add_constructors(PyObject *module, HashlibState *state)
{
    PyObject *dict = PyDict_New();

    if (dict == NULL) {
        return -1;
    }
    for (int i = 0; i < CONSTRUCTORS; i++) {
        char function[32];
        PyOS_snprintf(function, sizeof function, "openssl_%s", names[i].name);
        PyObject *key = PyObject_GetAttrString(module, function);
        PyObject *value = key == NULL ? NULL : PyUnicode_FromString(names[i].name);
        int status = value == NULL ? -1 : PyDict_SetItem(dict, key, value);
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (status < 0) {
            Py_DECREF(dict);
            return -1;
        }
    }
    state->constructors = PyDictProxy_New(dict);
    Py_DECREF(dict);
    return state->constructors == NULL
               ? -1
               : PyModule_AddObjectRef(module, "_constructors", state->constructors);
}

typedef struct {
    PyObject *set;
    bool failed;
} NameList;

static void
add_name(EVP_MD *md, void *arg)
{
    NameList *list = arg;
    const char *text = kr_hashlib_name(md);

    // OpenSSL's digest of no bits is nothing that hashlib knows.
    if (list->failed || text == NULL || EVP_MD_is_a(md, "NULL") ||
        strncmp(text, "KECCAK-KMAC", strlen("KECCAK-KMAC")) == 0) {
        return;
    }
    PyObject *name = PyUnicode_FromString(text);
    list->failed = name == NULL || PySet_Add(list->set, name) < 0;
    Py_XDECREF(name);
}

static int
add_names(PyObject *module)
{
    NameList list = {PyFrozenSet_New(NULL), false};

    if (list.set == NULL) {
        return -1;
    }
    EVP_MD_do_all_provided(NULL, add_name, &list);
    if (list.failed) {
        Py_DECREF(list.set);
        return -1;
    }
    return PyModule_Add(module, "openssl_md_meth_names", list.set);
}

static int
hashlib_exec(PyObject *module)
{
    HashlibState *state = PyModule_GetState(module);

    state->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (state->mac == NULL) {
        kr_openssl_error(PyExc_ImportError);
        return -1;
    }
    if (add_types(module, state) < 0 || add_constructors(module, state) < 0 ||
        add_names(module) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "_GIL_MINSIZE", KR_HASH_RELEASE_FROM);
}

static int
hashlib_traverse(PyObject *module, visitproc visit, void *arg)
{
    HashlibState *state = PyModule_GetState(module);

    Py_VISIT(state->hash_type);
    Py_VISIT(state->xof_type);
    Py_VISIT(state->mac_type);
    Py_VISIT(state->unsupported);
    Py_VISIT(state->constructors);
    return 0;
}

static int
hashlib_clear(PyObject *module)
{
    HashlibState *state = PyModule_GetState(module);

    Py_CLEAR(state->hash_type);
    Py_CLEAR(state->xof_type);
    Py_CLEAR(state->mac_type);
    Py_CLEAR(state->unsupported);
    Py_CLEAR(state->constructors);
    EVP_MAC_free(KR_MOVE(state->mac));
    for (int i = 0; i < NAMED; i++) {
        EVP_MD_free(KR_MOVE(state->fetched[i][0]));
        EVP_MD_free(KR_MOVE(state->fetched[i][1]));
    }
    return 0;
}

static void
hashlib_free(void *module)
{
    hashlib_clear(module);
}

static PyModuleDef_Slot hashlib_slots[] = {
    {Py_mod_exec, hashlib_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef hashlib_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_hashlib",
    .m_doc = "OpenSSL interface for hashlib module",
    .m_size = sizeof(HashlibState),
    .m_methods = hashlib_methods,
    .m_slots = hashlib_slots,
    .m_traverse = hashlib_traverse,
    .m_clear = hashlib_clear,
    .m_free = hashlib_free,
};

PyMODINIT_FUNC
PyInit__hashlib(void)
{
    return PyModuleDef_Init(&hashlib_def);
}
