// SPDX-License-Identifier: MIT
// module.c - the module _ssl: TLS over OpenSSL.
//
// Files: context.c, context_certs.c and callbacks.c (_SSLContext), socket.c and
//        socket_info.c (_SSLSocket), bio.c, session.c, certificate.c, decode.c, errors.c,
//        constants.c.
#include "ext/ssl/ssl.h"

#include <limits.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>

#include "objects/args.h"

static PyModuleDef ssl_def;

SslState *
kr_ssl_state(PyTypeObject *type)
{
    PyObject *module = PyType_GetModuleByDef(type, &ssl_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

// ---- random numbers -----------------------------------------------------------------

KR_FUNCTION(ssl, "RAND_add(string: text, entropy, /)",
            "Mix string into the OpenSSL PRNG state.\n\n"
            "entropy (a float) is a lower bound on the entropy contained in string. See\n"
            "RFC 4086.")
static PyObject *
ssl_RAND_add(PyObject *module, Py_buffer *string, double entropy)
{
    const char *at = string->buf;
    Py_ssize_t left = string->len;

    do {
        int part = (int)Py_MIN(left, INT_MAX);
        RAND_add(at, part, entropy);
        at += part;
        left -= part;
    } while (left > 0);
    Py_RETURN_NONE;
}

KR_FUNCTION(ssl, "RAND_bytes(n, /)", "Generate n cryptographically strong pseudo-random bytes.")
static PyObject *
ssl_RAND_bytes(PyObject *module, int n)
{
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "num must be positive");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, n);
    if (bytes != NULL && RAND_bytes((unsigned char *)PyBytes_AS_STRING(bytes), n) != 1) {
        Py_DECREF(bytes);
        return KR_SSL_FAIL((SslState *)PyModule_GetState(module));
    }
    return bytes;
}

KR_FUNCTION(ssl, "RAND_status()",
            "Returns True if the OpenSSL PRNG has been seeded with enough data and False if "
            "not.\n\n"
            "It is necessary to seed the PRNG with RAND_add() on some platforms before\n"
            "using the ssl() function.")
static PyObject *
ssl_RAND_status(PyObject *module)
{
    return PyBool_FromLong(RAND_status());
}

// ---- objects and paths ----------------------------------------------------------------

// (nid, short name, long name, number)
static PyObject *
object_tuple(const ASN1_OBJECT *object)
{
    int nid = OBJ_obj2nid(object);
    char number[128];

    if (nid == NID_undef) {
        PyErr_SetString(PyExc_ValueError, "Unknown object");
        return NULL;
    }
    int size = OBJ_obj2txt(number, sizeof number, object, 1);
    return Py_BuildValue("(issz)", nid, OBJ_nid2sn(nid), OBJ_nid2ln(nid),
                         size <= 0 ? NULL : number);
}

KR_FUNCTION(ssl, "txt2obj(txt, name=False)",
            "Lookup NID, short name, long name and OID of an ASN1_OBJECT.\n\n"
            "By default objects are looked up by OID. With name=True short and long name\n"
            "are also matched.")
static PyObject *
ssl_txt2obj(PyObject *module, const char *txt, bool name)
{
    ASN1_OBJECT *object = OBJ_txt2obj(txt, !name);

    if (object == NULL) {
        ERR_clear_error();
        PyErr_Format(PyExc_ValueError, "unknown object '%.100s'", txt);
        return NULL;
    }
    PyObject *result = object_tuple(object);
    ASN1_OBJECT_free(object);
    return result;
}

KR_FUNCTION(ssl, "nid2obj(nid, /)",
            "Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID.")
static PyObject *
ssl_nid2obj(PyObject *module, int nid)
{
    if (nid < NID_undef) {
        PyErr_SetString(PyExc_ValueError, "NID must be positive");
        return NULL;
    }
    ASN1_OBJECT *object = OBJ_nid2obj(nid);
    if (object == NULL) {
        ERR_clear_error();
        PyErr_Format(PyExc_ValueError, "unknown NID %i", nid);
        return NULL;
    }
    PyObject *result = object_tuple(object);
    ASN1_OBJECT_free(object);
    return result;
}

KR_FUNCTION(ssl, "get_default_verify_paths()",
            "Return search paths and environment vars that are used by SSLContext's\n"
            "set_default_verify_paths() to load default CAs.\n\n"
            "The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'.")
static PyObject *
ssl_get_default_verify_paths(PyObject *module)
{
    const char *const texts[] = {
        X509_get_default_cert_file_env(), X509_get_default_cert_file(),
        X509_get_default_cert_dir_env(), X509_get_default_cert_dir()};
    PyObject *tuple = PyTuple_New(4);

    for (int i = 0; tuple != NULL && i < 4; i++) {
        PyObject *text = PyUnicode_DecodeFSDefault(texts[i]);
        if (text == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, text);
    }
    return tuple;
}

KR_FUNCTION(ssl, "_test_decode_cert(path, /)", "")
static PyObject *
ssl_test_decode_cert(PyObject *module, PyObject *path)
{
    SslState *state = PyModule_GetState(module);
    PyObject *bytes = NULL, *result = NULL;

    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    BIO *bio = BIO_new_file(PyBytes_AS_STRING(bytes), "r");
    Py_DECREF(bytes);
    if (bio == NULL) {
        return kr_ssl_fail(state, "Can't open file", __LINE__);
    }
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    if (cert == NULL) {
        kr_ssl_fail(state, "Error decoding PEM-encoded file", __LINE__);
    }
    else {
        result = kr_ssl_decode_certificate(state, cert);
    }
    X509_free(cert);
    BIO_free(bio);
    return result;
}

KR_MODULE(ssl)
#include "ext/ssl/module.methods.h"

// ---- module ------------------------------------------------------------------------------

static int
add_types(PyObject *module, SslState *state)
{
    state->context_type = kr_ssl_context_type(module);
    state->socket_type = kr_ssl_socket_type(module);
    state->bio_type = kr_ssl_bio_type(module);
    state->session_type = kr_ssl_session_type(module);
    state->certificate_type = kr_ssl_certificate_type(module);

    PyTypeObject *const all[] = {state->context_type, state->socket_type, state->bio_type,
                                 state->session_type, state->certificate_type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(all); i++) {
        if (all[i] == NULL || PyModule_AddType(module, all[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
ssl_exec(PyObject *module)
{
    SslState *state = PyModule_GetState(module);

    state->raw_socket_type =
        (PyTypeObject *)PyImport_ImportModuleAttrString("_socket", "socket");
    if (state->raw_socket_type == NULL || kr_ssl_add_errors(module, state) < 0 ||
        add_types(module, state) < 0) {
        return -1;
    }
    return kr_ssl_add_constants(module);
}

static int
ssl_traverse(PyObject *module, visitproc visit, void *arg)
{
    SslState *state = PyModule_GetState(module);

    for (int i = 0; i < KR_SSL_ERROR_KINDS; i++) {
        Py_VISIT(state->errors[i]);
    }
    Py_VISIT(state->context_type);
    Py_VISIT(state->socket_type);
    Py_VISIT(state->bio_type);
    Py_VISIT(state->session_type);
    Py_VISIT(state->certificate_type);
    Py_VISIT(state->raw_socket_type);
    return 0;
}

static int
ssl_clear(PyObject *module)
{
    SslState *state = PyModule_GetState(module);

    for (int i = 0; i < KR_SSL_ERROR_KINDS; i++) {
        Py_CLEAR(state->errors[i]);
    }
    Py_CLEAR(state->context_type);
    Py_CLEAR(state->socket_type);
    Py_CLEAR(state->bio_type);
    Py_CLEAR(state->session_type);
    Py_CLEAR(state->certificate_type);
    Py_CLEAR(state->raw_socket_type);
    return 0;
}

static void
ssl_free(void *module)
{
    ssl_clear(module);
}

static PyModuleDef_Slot ssl_slots[] = {
    {Py_mod_exec, ssl_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef ssl_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ssl",
    .m_doc = "Implementation module for SSL socket operations.  See the socket module\n"
             "for documentation.",
    .m_size = sizeof(SslState),
    .m_methods = ssl_methods,
    .m_slots = ssl_slots,
    .m_traverse = ssl_traverse,
    .m_clear = ssl_clear,
    .m_free = ssl_free,
};

PyMODINIT_FUNC
PyInit__ssl(void)
{
    return PyModuleDef_Init(&ssl_def);
}
