// SPDX-License-Identifier: MIT
// context.c - _ssl._SSLContext: the settings that connections share.
#include "ext/ssl/ssl.h"

#include <limits.h>
#include <string.h>

#include "objects/args.h"

// The library's numbers for protocols, and for ends of a range of versions.
enum {
    PROTOCOL_TLS = 2,
    PROTOCOL_TLSV1 = 3,
    PROTOCOL_TLSV1_1 = 4,
    PROTOCOL_TLSV1_2 = 5,
    PROTOCOL_TLS_CLIENT = 16,
    PROTOCOL_TLS_SERVER = 17,
    LOWEST = -2,
    HIGHEST = -1,
};

// ---- life ---------------------------------------------------------------------------

static const struct {
    int protocol;
    const SSL_METHOD *(*method)(void);
    const char *deprecated;
    int version; // the only one, or 0
} protocols[] = {
    {PROTOCOL_TLS, TLS_method, "ssl.PROTOCOL_TLS is deprecated", 0},
    {PROTOCOL_TLS_CLIENT, TLS_client_method, NULL, 0},
    {PROTOCOL_TLS_SERVER, TLS_server_method, NULL, 0},
    {PROTOCOL_TLSV1, TLS_method, "ssl.PROTOCOL_TLSv1 is deprecated", TLS1_VERSION},
    {PROTOCOL_TLSV1_1, TLS_method, "ssl.PROTOCOL_TLSv1_1 is deprecated", TLS1_1_VERSION},
    {PROTOCOL_TLSV1_2, TLS_method, "ssl.PROTOCOL_TLSv1_2 is deprecated", TLS1_2_VERSION},
};

static int
set_verify_mode(SslContext *self, int mode)
{
    int flags;

    switch (mode) {
    case KR_CERT_NONE:
        flags = SSL_VERIFY_NONE;
        break;
    case KR_CERT_OPTIONAL:
        flags = SSL_VERIFY_PEER;
        break;
    case KR_CERT_REQUIRED:
        flags = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        break;
    default:
        PyErr_SetString(PyExc_ValueError, "invalid value for verify_mode");
        return -1;
    }
    SSL_CTX_set_verify(self->ctx, flags, SSL_CTX_get_verify_callback(self->ctx));
    return 0;
}

// The safe settings that a new context begins with.
static int
set_defaults(SslContext *self, int version)
{
    uint64_t options = SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS;

    SSL_CTX_set_options(self->ctx, options | SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (version != 0) {
        if (!SSL_CTX_set_min_proto_version(self->ctx, version) ||
            !SSL_CTX_set_max_proto_version(self->ctx, version)) {
            KR_SSL_FAIL(self->state);
            return -1;
        }
    }
    else {
        SSL_CTX_set_min_proto_version(self->ctx, TLS1_2_VERSION);
    }
    SSL_CTX_set_mode(self->ctx, SSL_MODE_RELEASE_BUFFERS);
    if (self->protocol != PROTOCOL_TLS_CLIENT) {
        SSL_CTX_set_session_id_context(self->ctx, (const unsigned char *)"Python", 6);
    }
    SSL_CTX_set_post_handshake_auth(self->ctx, 0);
    X509_VERIFY_PARAM *parameters = SSL_CTX_get0_param(self->ctx);
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_TRUSTED_FIRST);
    X509_VERIFY_PARAM_set_hostflags(parameters, self->host_flags);
    self->check_hostname = self->protocol == PROTOCOL_TLS_CLIENT;
    return set_verify_mode(self, self->check_hostname ? KR_CERT_REQUIRED : KR_CERT_NONE);
}

KR_NEW(ssl_context, "_SSLContext(protocol, /)", "")
static PyObject *
ssl_context_new_impl(PyTypeObject *cls, int protocol)
{
    SslState *state = kr_ssl_state(cls);
    size_t i = 0;

    if (state == NULL) {
        return NULL;
    }
    while (i < Py_ARRAY_LENGTH(protocols) && protocols[i].protocol != protocol) {
        i++;
    }
    if (i == Py_ARRAY_LENGTH(protocols)) {
        PyErr_SetString(PyExc_ValueError, "invalid or unsupported protocol version");
        return NULL;
    }
    if (protocols[i].deprecated != NULL &&
        PyErr_WarnEx(PyExc_DeprecationWarning, protocols[i].deprecated, 2) < 0) {
        return NULL;
    }
    SSL_CTX *ctx = SSL_CTX_new(protocols[i].method());
    if (ctx == NULL) {
        return KR_SSL_FAIL(state);
    }
    SslContext *self = (SslContext *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    self->ctx = ctx;
    self->state = state;
    self->protocol = protocol;
    self->host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    SSL_CTX_set_app_data(ctx, self);
    if (set_defaults(self, protocols[i].version) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int
context_traverse(SslContext *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return kr_ssl_visit_callbacks(self, visit, arg);
}

static int
context_clear(SslContext *self)
{
    kr_ssl_clear_callbacks(self);
    return 0;
}

static void
context_dealloc(SslContext *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    kr_ssl_close_keylog(self);
    context_clear(self);
    SSL_CTX_free(self->ctx);
    PyMem_Free(self->alpn);
    type->tp_free(self);
    Py_DECREF(type);
}

// ---- connections -----------------------------------------------------------------------

// A host's name as str; NULL for None. 0 or -1.
static int
check_hostname_argument(PyObject *value, PyObject **out)
{
    *out = NULL;
    if (value == Py_None) {
        return 0;
    }
    if (PyUnicode_Check(value)) {
        PyObject *bytes = PyUnicode_AsASCIIString(value);
        if (bytes == NULL) {
            return -1;
        }
        int clean = strlen(PyBytes_AS_STRING(bytes)) == (size_t)PyBytes_GET_SIZE(bytes);
        Py_DECREF(bytes);
        if (!clean) {
            PyErr_SetString(PyExc_TypeError, "server_hostname contains a null character");
            return -1;
        }
        *out = Py_NewRef(value);
        return 0;
    }
    if (PyBytes_Check(value) || PyByteArray_Check(value)) {
        *out = PyUnicode_FromEncodedObject(value, "ascii", "strict");
        return *out == NULL ? -1 : 0;
    }
    PyErr_Format(PyExc_TypeError, "server_hostname must be str or None, not %.200s",
                 Py_TYPE(value)->tp_name);
    return -1;
}

KR_METHOD(ssl_context, "_wrap_socket(self, sock, server_side, server_hostname=None, *, "
          "owner=None, session=None)", "")
static PyObject *
context_wrap_socket(SslContext *self, PyObject *sock, int server_side,
                    PyObject *server_hostname, PyObject *owner, PyObject *session)
{
    PyObject *hostname;

    if (!PyObject_TypeCheck(sock, self->state->raw_socket_type)) {
        return kr_arg_bad("_wrap_socket", "argument 1", "_socket.socket", sock) < 0 ? NULL
                                                                                    : NULL;
    }
    if (check_hostname_argument(server_hostname, &hostname) < 0) {
        return NULL;
    }
    PyObject *result = kr_ssl_socket_new(self, sock, NULL, NULL, server_side != 0, hostname,
                                         owner, session);
    Py_XDECREF(hostname);
    return result;
}

KR_METHOD(ssl_context, "_wrap_bio(self, incoming, outgoing, server_side, "
          "server_hostname=None, *, owner=None, session=None)", "")
static PyObject *
context_wrap_bio(SslContext *self, PyObject *incoming, PyObject *outgoing, int server_side,
                 PyObject *server_hostname, PyObject *owner, PyObject *session)
{
    PyObject *hostname;

    if (!Py_IS_TYPE(incoming, self->state->bio_type)) {
        kr_arg_bad("_wrap_bio", "argument 1", "_ssl.MemoryBIO", incoming);
        return NULL;
    }
    if (!Py_IS_TYPE(outgoing, self->state->bio_type)) {
        kr_arg_bad("_wrap_bio", "argument 2", "_ssl.MemoryBIO", outgoing);
        return NULL;
    }
    if (check_hostname_argument(server_hostname, &hostname) < 0) {
        return NULL;
    }
    PyObject *result =
        kr_ssl_socket_new(self, NULL, (SslMemoryBio *)incoming, (SslMemoryBio *)outgoing,
                          server_side != 0, hostname, owner, session);
    Py_XDECREF(hostname);
    return result;
}

// ---- ciphers and protocols ------------------------------------------------------------

KR_METHOD(ssl_context, "set_ciphers(self, cipherlist, /)", "")
static PyObject *
context_set_ciphers(SslContext *self, const char *cipherlist)
{
    if (!SSL_CTX_set_cipher_list(self->ctx, cipherlist)) {
        ERR_clear_error();
        PyErr_SetString(self->state->errors[KR_SSL_ERROR_BASE],
                        "No cipher can be selected.");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
name_or_none(int nid)
{
    const char *name = nid == NID_undef ? NULL : OBJ_nid2ln(nid);

    return Py_BuildValue("z", name);
}

static PyObject *
describe_cipher(const SSL_CIPHER *cipher)
{
    char text[512];
    int alg_bits;
    int strength = SSL_CIPHER_get_bits(cipher, &alg_bits);
    int digest = SSL_CIPHER_get_digest_nid(cipher);

    if (SSL_CIPHER_description(cipher, text, sizeof text) == NULL) {
        text[0] = '\0';
    }
    size_t size = strlen(text);
    while (size > 0 && text[size - 1] == '\n') {
        text[--size] = '\0';
    }
    return Py_BuildValue(
        "{sksssssssisisNsNsNsNsN}", "id", (unsigned long)SSL_CIPHER_get_id(cipher), "name",
        SSL_CIPHER_get_name(cipher), "protocol", SSL_CIPHER_get_version(cipher),
        "description", text, "strength_bits", strength, "alg_bits", alg_bits, "aead",
        PyBool_FromLong(SSL_CIPHER_is_aead(cipher)), "symmetric",
        name_or_none(SSL_CIPHER_get_cipher_nid(cipher)), "digest", name_or_none(digest),
        "kea", name_or_none(SSL_CIPHER_get_kx_nid(cipher)), "auth",
        name_or_none(SSL_CIPHER_get_auth_nid(cipher)));
}

KR_METHOD(ssl_context, "get_ciphers(self, /)", "")
static PyObject *
context_get_ciphers(SslContext *self)
{
    SSL *ssl = SSL_new(self->ctx);

    if (ssl == NULL) {
        return KR_SSL_FAIL(self->state);
    }
    STACK_OF(SSL_CIPHER) *ciphers = SSL_get_ciphers(ssl);
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_SSL_CIPHER_num(ciphers); i++) {
        PyObject *dict = describe_cipher(sk_SSL_CIPHER_value(ciphers, i));
        if (dict == NULL || PyList_Append(list, dict) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(dict);
    }
    SSL_free(ssl);
    return list;
}

KR_METHOD(ssl_context, "_set_alpn_protocols(self, protos, /)", "")
static PyObject *
context_set_alpn_protocols(SslContext *self, Py_buffer *protos)
{
    if (protos->len > UINT_MAX) {
        PyErr_Format(PyExc_OverflowError, "protocols longer than %u bytes", UINT_MAX);
        return NULL;
    }
    unsigned char *copy = PyMem_Malloc(protos->len > 0 ? (size_t)protos->len : 1);
    if (copy == NULL) {
        return PyErr_NoMemory();
    }
    if (protos->len > 0) {
        memcpy(copy, protos->buf, (size_t)protos->len);
    }
    PyMem_Free(self->alpn);
    self->alpn = copy;
    self->alpn_size = (unsigned)protos->len;
    if (SSL_CTX_set_alpn_protos(self->ctx, copy, self->alpn_size)) {
        return PyErr_NoMemory();
    }
    SSL_CTX_set_alpn_select_cb(self->ctx, kr_ssl_alpn_select, self);
    Py_RETURN_NONE;
}

// ---- attributes ------------------------------------------------------------------------

bool
kr_ssl_is_deletion(PyObject *self, PyObject *value, const char *name)
{
    if (value != NULL) {
        return false;
    }
    PyErr_Format(PyExc_AttributeError,
                 "attribute '%s' of '%.100s' objects cannot be deleted", name,
                 Py_TYPE(self)->tp_name);
    return true;
}

KR_GETTER(ssl_context, "check_hostname", "")
static PyObject *
context_get_check_hostname(SslContext *self)
{
    return PyBool_FromLong(self->check_hostname);
}

KR_SETTER(ssl_context, "check_hostname")
static int
context_set_check_hostname(SslContext *self, PyObject *value)
{
    int check = kr_ssl_is_deletion((PyObject *)self, value, "check_hostname")
                    ? -1
                    : PyObject_IsTrue(value);

    if (check < 0) {
        return -1;
    }
    if (check && SSL_CTX_get_verify_mode(self->ctx) == SSL_VERIFY_NONE &&
        set_verify_mode(self, KR_CERT_REQUIRED) < 0) {
        return -1;
    }
    self->check_hostname = check;
    return 0;
}

// An int for a setter. 0 or -1.
static int
read_int(SslContext *self, PyObject *value, const char *name, int *out)
{
    return kr_ssl_is_deletion((PyObject *)self, value, name) ? -1 : kr_arg_int(value, out);
}

KR_GETTER(ssl_context, "verify_mode", "")
static PyObject *
context_get_verify_mode(SslContext *self)
{
    int mode = SSL_CTX_get_verify_mode(self->ctx) &
               (SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);

    return PyLong_FromLong(mode == SSL_VERIFY_NONE   ? KR_CERT_NONE
                           : mode == SSL_VERIFY_PEER ? KR_CERT_OPTIONAL
                                                     : KR_CERT_REQUIRED);
}

KR_SETTER(ssl_context, "verify_mode")
static int
context_set_verify_mode(SslContext *self, PyObject *value)
{
    int mode;

    if (read_int(self, value, "verify_mode", &mode) < 0) {
        return -1;
    }
    if (mode == KR_CERT_NONE && self->check_hostname) {
        PyErr_SetString(PyExc_ValueError, "Cannot set verify_mode to CERT_NONE when "
                                          "check_hostname is enabled.");
        return -1;
    }
    return set_verify_mode(self, mode);
}

KR_GETTER(ssl_context, "verify_flags", "")
static PyObject *
context_get_verify_flags(SslContext *self)
{
    return PyLong_FromUnsignedLong(
        X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(self->ctx)));
}

KR_SETTER(ssl_context, "verify_flags")
static int
context_set_verify_flags(SslContext *self, PyObject *value)
{
    X509_VERIFY_PARAM *parameters = SSL_CTX_get0_param(self->ctx);
    unsigned long flags = X509_VERIFY_PARAM_get_flags(parameters), wanted;

    if (kr_ssl_is_deletion((PyObject *)self, value, "verify_flags") ||
        kr_arg_ulong(value, &wanted) < 0) {
        return -1;
    }
    if (!X509_VERIFY_PARAM_clear_flags(parameters, flags & ~wanted) ||
        !X509_VERIFY_PARAM_set_flags(parameters, wanted & ~flags)) {
        KR_SSL_FAIL(self->state);
        return -1;
    }
    return 0;
}

KR_GETTER(ssl_context, "options", "")
static PyObject *
context_get_options(SslContext *self)
{
    return PyLong_FromUnsignedLongLong(SSL_CTX_get_options(self->ctx));
}

KR_SETTER(ssl_context, "options")
static int
context_set_options(SslContext *self, PyObject *value)
{
    const uint64_t old_versions = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
                                  SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
    uint64_t options = SSL_CTX_get_options(self->ctx);
    unsigned long long wanted;

    if (kr_ssl_is_deletion((PyObject *)self, value, "options") ||
        kr_arg_ullong(value, &wanted) < 0) {
        return -1;
    }
    if ((wanted & ~options & old_versions) &&
        PyErr_WarnEx(PyExc_DeprecationWarning,
                     "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated", 2) < 0) {
        return -1;
    }
    SSL_CTX_clear_options(self->ctx, options & ~wanted);
    SSL_CTX_set_options(self->ctx, wanted & ~options);
    return 0;
}

KR_GETTER(ssl_context, "_host_flags", "")
static PyObject *
context_get_host_flags(SslContext *self)
{
    return PyLong_FromUnsignedLong(self->host_flags);
}

KR_SETTER(ssl_context, "_host_flags")
static int
context_set_host_flags(SslContext *self, PyObject *value)
{
    unsigned flags;

    if (kr_ssl_is_deletion((PyObject *)self, value, "_host_flags") ||
        kr_arg_uint(value, &flags) < 0) {
        return -1;
    }
    self->host_flags = flags;
    X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(self->ctx), flags);
    return 0;
}

// Sets one end of the range of versions. 0 or -1.
static int
set_version(SslContext *self, PyObject *value, bool lowest)
{
    static const int versions[] = {SSL3_VERSION, TLS1_VERSION, TLS1_1_VERSION,
                                   TLS1_2_VERSION, TLS1_3_VERSION};
    int version, known = 0;

    if (read_int(self, value, lowest ? "minimum_version" : "maximum_version", &version) <
        0) {
        return -1;
    }
    if (self->protocol != PROTOCOL_TLS && self->protocol != PROTOCOL_TLS_CLIENT &&
        self->protocol != PROTOCOL_TLS_SERVER) {
        PyErr_SetString(PyExc_ValueError, "The context's protocol doesn't support "
                                          "modification of highest and lowest version.");
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(versions); i++) {
        known |= version == versions[i];
    }
    if (!known && version != LOWEST && version != HIGHEST) {
        PyErr_Format(PyExc_ValueError, "Unsupported TLS/SSL version 0x%x", version);
        return -1;
    }
    if (known && version < TLS1_2_VERSION &&
        PyErr_WarnFormat(PyExc_DeprecationWarning, 2, "ssl.TLSVersion.%s is deprecated",
                         version == SSL3_VERSION   ? "SSLv3"
                         : version == TLS1_VERSION ? "TLSv1"
                                                   : "TLSv1_1") < 0) {
        return -1;
    }
    // Zero is the library's own limit: lowest for the one end, highest for the other.
    int number = version == LOWEST    ? (lowest ? 0 : TLS1_2_VERSION)
                 : version == HIGHEST ? (lowest ? TLS1_3_VERSION : 0)
                                      : version;
    int done = lowest ? SSL_CTX_set_min_proto_version(self->ctx, number)
                      : SSL_CTX_set_max_proto_version(self->ctx, number);
    if (!done) {
        PyErr_Format(PyExc_ValueError, "Unsupported protocol version 0x%x", version);
        ERR_clear_error();
        return -1;
    }
    return 0;
}

KR_GETTER(ssl_context, "minimum_version", "")
static PyObject *
context_get_minimum_version(SslContext *self)
{
    long version = SSL_CTX_get_min_proto_version(self->ctx);
    return PyLong_FromLong(version == 0 ? LOWEST : version);
}

KR_SETTER(ssl_context, "minimum_version")
static int
context_set_minimum_version(SslContext *self, PyObject *value)
{
    return set_version(self, value, true);
}

KR_GETTER(ssl_context, "maximum_version", "")
static PyObject *
context_get_maximum_version(SslContext *self)
{
    long version = SSL_CTX_get_max_proto_version(self->ctx);
    return PyLong_FromLong(version == 0 ? HIGHEST : version);
}

KR_SETTER(ssl_context, "maximum_version")
static int
context_set_maximum_version(SslContext *self, PyObject *value)
{
    return set_version(self, value, false);
}

KR_GETTER(ssl_context, "num_tickets", "Control the number of TLSv1.3 session tickets.")
static PyObject *
context_get_num_tickets(SslContext *self)
{
    return PyLong_FromSize_t(SSL_CTX_get_num_tickets(self->ctx));
}

KR_SETTER(ssl_context, "num_tickets")
static int
context_set_num_tickets(SslContext *self, PyObject *value)
{
    int count;

    if (read_int(self, value, "num_tickets", &count) < 0) {
        return -1;
    }
    if (count < 0) {
        PyErr_SetString(PyExc_ValueError, "value must be non-negative");
        return -1;
    }
    if (self->protocol != PROTOCOL_TLS_SERVER) {
        PyErr_SetString(PyExc_ValueError, "SSLContext is not a server context.");
        return -1;
    }
    if (!SSL_CTX_set_num_tickets(self->ctx, (size_t)count)) {
        PyErr_SetString(PyExc_ValueError, "failed to set num tickets.");
        return -1;
    }
    return 0;
}

KR_GETTER(ssl_context, "post_handshake_auth", "")
static PyObject *
context_get_post_handshake_auth(SslContext *self)
{
    return PyBool_FromLong(self->post_handshake_auth);
}

KR_SETTER(ssl_context, "post_handshake_auth")
static int
context_set_post_handshake_auth(SslContext *self, PyObject *value)
{
    if (kr_ssl_is_deletion((PyObject *)self, value, "post_handshake_auth")) {
        return -1;
    }
    int flag = PyObject_IsTrue(value);
    if (flag < 0) {
        return -1;
    }
    self->post_handshake_auth = flag;
    return 0;
}

KR_GETTER(ssl_context, "protocol", "")
static PyObject *
context_get_protocol(SslContext *self)
{
    return PyLong_FromLong(self->protocol);
}

KR_GETTER(ssl_context, "security_level", "The current security level.")
static PyObject *
context_get_security_level(SslContext *self)
{
    return PyLong_FromLong(SSL_CTX_get_security_level(self->ctx));
}

KR_METHOD(ssl_context, "session_stats(self, /)", "")
static PyObject *
context_session_stats(SslContext *self)
{
    SSL_CTX *ctx = self->ctx;

    return Py_BuildValue("{slslslslslslslslslslsl}", "number", SSL_CTX_sess_number(ctx),
                         "connect", SSL_CTX_sess_connect(ctx), "connect_good",
                         SSL_CTX_sess_connect_good(ctx), "connect_renegotiate",
                         SSL_CTX_sess_connect_renegotiate(ctx), "accept",
                         SSL_CTX_sess_accept(ctx), "accept_good",
                         SSL_CTX_sess_accept_good(ctx), "accept_renegotiate",
                         SSL_CTX_sess_accept_renegotiate(ctx), "hits",
                         SSL_CTX_sess_hits(ctx), "misses", SSL_CTX_sess_misses(ctx),
                         "timeouts", SSL_CTX_sess_timeouts(ctx), "cache_full",
                         SSL_CTX_sess_cache_full(ctx));
}

KR_TYPE(ssl_context)
#include "ext/ssl/context.methods.h"

PyTypeObject *
kr_ssl_context_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_new, ssl_context_new},
        {Py_tp_dealloc, context_dealloc},
        {Py_tp_traverse, context_traverse},
        {Py_tp_clear, context_clear},
        {Py_tp_methods, ssl_context_methods},
        {Py_tp_getset, ssl_context_getset},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_ssl._SSLContext",
        .basicsize = sizeof(SslContext),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                 Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
