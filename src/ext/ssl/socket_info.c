// SPDX-License-Identifier: MIT
// socket_info.c - what an _ssl._SSLSocket knows about its connection.
#include "ext/ssl/ssl.h"

#include <string.h>

#include "objects/args.h"

// ---- certificates -----------------------------------------------------------------

KR_METHOD(ssl_socket, "getpeercert(self, der=False, /)",
          "Returns the certificate for the peer.\n\n"
          "If no certificate was provided, returns None. If a certificate was provided,\n"
          "but not validated, returns an empty dictionary. Otherwise returns a dict\n"
          "containing information about the peer certificate.\n\n"
          "If the optional argument is True, returns a DER-encoded copy of the peer\n"
          "certificate, or None if no certificate was provided. This will return the\n"
          "certificate even if it wasn't validated.")
static PyObject *
socket_getpeercert(SslSocket *self, bool der)
{
    PyObject *result;

    if (!SSL_is_init_finished(self->ssl)) {
        PyErr_SetString(PyExc_ValueError, "handshake not done yet");
        return NULL;
    }
    X509 *cert = SSL_get1_peer_certificate(self->ssl);
    if (cert == NULL) {
        Py_RETURN_NONE;
    }
    if (der) {
        result = kr_ssl_certificate_der(self->state, cert);
    }
    else if (!(SSL_CTX_get_verify_mode(SSL_get_SSL_CTX(self->ssl)) & SSL_VERIFY_PEER)) {
        result = PyDict_New();
    }
    else {
        result = kr_ssl_decode_certificate(self->state, cert);
    }
    X509_free(cert);
    return result;
}

static PyObject *
certificate_list(SslState *state, STACK_OF(X509) *chain, X509 *first)
{
    PyObject *list = PyList_New(0);

    for (int i = first == NULL ? 0 : -1; list != NULL && i < sk_X509_num(chain); i++) {
        PyObject *cert = kr_ssl_certificate_new(state,
                                                i < 0 ? first : sk_X509_value(chain, i));
        if (cert == NULL || PyList_Append(list, cert) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(cert);
    }
    return list;
}

KR_METHOD(ssl_socket, "get_verified_chain(self, /)", "")
static PyObject *
socket_get_verified_chain(SslSocket *self)
{
    STACK_OF(X509) *chain = SSL_get0_verified_chain(self->ssl);

    return chain == NULL ? Py_NewRef(Py_None) : certificate_list(self->state, chain, NULL);
}

KR_METHOD(ssl_socket, "get_unverified_chain(self, /)", "")
static PyObject *
socket_get_unverified_chain(SslSocket *self)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(self->ssl);
    X509 *first = NULL;

    if (chain == NULL) {
        Py_RETURN_NONE;
    }
    // A server's list lacks the certificate of the client itself.
    if (self->server_side) {
        first = SSL_get0_peer_certificate(self->ssl);
    }
    return certificate_list(self->state, chain, first);
}

// ---- the connection -----------------------------------------------------------------

static PyObject *
cipher_tuple(const SSL_CIPHER *cipher)
{
    return Py_BuildValue("(zzi)", SSL_CIPHER_get_name(cipher),
                         SSL_CIPHER_get_version(cipher), SSL_CIPHER_get_bits(cipher, NULL));
}

KR_METHOD(ssl_socket, "cipher(self, /)", "")
static PyObject *
socket_cipher(SslSocket *self)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(self->ssl);

    return cipher == NULL ? Py_NewRef(Py_None) : cipher_tuple(cipher);
}

KR_METHOD(ssl_socket, "shared_ciphers(self, /)", "")
static PyObject *
socket_shared_ciphers(SslSocket *self)
{
    STACK_OF(SSL_CIPHER) *theirs = SSL_get_client_ciphers(self->ssl);
    STACK_OF(SSL_CIPHER) *ours = SSL_get_ciphers(self->ssl);

    if (theirs == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_SSL_CIPHER_num(theirs); i++) {
        const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(theirs, i);
        if (sk_SSL_CIPHER_find(ours, cipher) < 0) {
            continue;
        }
        PyObject *item = cipher_tuple(cipher);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

KR_METHOD(ssl_socket, "version(self, /)", "")
static PyObject *
socket_version(SslSocket *self)
{
    return Py_BuildValue("z", SSL_is_init_finished(self->ssl) ? SSL_get_version(self->ssl)
                                                              : NULL);
}

KR_METHOD(ssl_socket, "selected_alpn_protocol(self, /)", "")
static PyObject *
socket_selected_alpn_protocol(SslSocket *self)
{
    const unsigned char *name;
    unsigned size;

    SSL_get0_alpn_selected(self->ssl, &name, &size);
    return name == NULL ? Py_NewRef(Py_None)
                        : PyUnicode_FromStringAndSize((const char *)name, (Py_ssize_t)size);
}

KR_METHOD(ssl_socket, "compression(self, /)", "")
static PyObject *
socket_compression(SslSocket *self)
{
    const COMP_METHOD *method = SSL_get_current_compression(self->ssl);

    return Py_BuildValue("z", method == NULL ? NULL : SSL_COMP_get_name(method));
}

KR_METHOD(ssl_socket, "get_channel_binding(self, cb_type='tls-unique')",
          "Get channel binding data for current connection.\n\n"
          "Raise ValueError if the requested `cb_type` is not supported. Return bytes of\n"
          "the data or None if the data is not available (e.g. before the handshake).")
static PyObject *
socket_get_channel_binding(SslSocket *self, const char *cb_type)
{
    char data[128];
    size_t size;

    if (strcmp(cb_type, "tls-unique") != 0) {
        PyErr_Format(PyExc_ValueError, "'%s' channel binding type not implemented", cb_type);
        return NULL;
    }
    // RFC 5929, 3.1: the first message "finished" of the handshake, whose sender is the
    // client unless a session was resumed.
    bool client_first = (SSL_session_reused(self->ssl) != 0) == self->server_side;
    if (client_first) {
        size = SSL_get_peer_finished(self->ssl, data, sizeof data);
        if (!self->server_side) {
            size = SSL_get_finished(self->ssl, data, sizeof data);
        }
    }
    else {
        size = self->server_side ? SSL_get_peer_finished(self->ssl, data, sizeof data)
                                 : SSL_get_finished(self->ssl, data, sizeof data);
    }
    if (size == 0) {
        Py_RETURN_NONE;
    }
    return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
}

// ---- attributes ------------------------------------------------------------------------

KR_GETTER(ssl_socket, "context", "The context that is currently in use.")
static PyObject *
socket_get_context(SslSocket *self)
{
    return Py_NewRef(self->context);
}

KR_SETTER(ssl_socket, "context")
static int
socket_set_context(SslSocket *self, PyObject *value)
{
    if (kr_ssl_is_deletion((PyObject *)self, value, "context")) {
        return -1;
    }
    if (!PyObject_TypeCheck(value, self->state->context_type)) {
        PyErr_SetString(PyExc_TypeError, "The value must be a SSLContext");
        return -1;
    }
    SslContext *context = (SslContext *)value;
    Py_SETREF(self->context, (SslContext *)Py_NewRef(context));
    SSL_set_SSL_CTX(self->ssl, context->ctx);
    // The callback belongs to the connection, too.
    SSL_set_msg_callback(self->ssl, NULL);
    if (context->message_callback != NULL) {
        PyObject *callback = Py_NewRef(context->message_callback);
        int status = PyObject_SetAttrString(value, "_msg_callback", callback);
        Py_DECREF(callback);
        return status;
    }
    return 0;
}

KR_GETTER(ssl_socket, "server_side", "Whether this is a server-side socket.")
static PyObject *
socket_get_server_side(SslSocket *self)
{
    return PyBool_FromLong(self->server_side);
}

KR_GETTER(ssl_socket, "server_hostname",
          "The currently set server hostname (for SNI).")
static PyObject *
socket_get_server_hostname(SslSocket *self)
{
    return Py_NewRef(self->hostname == NULL ? Py_None : self->hostname);
}

KR_GETTER(ssl_socket, "owner",
          "The Python-level owner of this object.\n\n"
          "Passed as \\\"self\\\" in servername callback.")
static PyObject *
socket_get_owner(SslSocket *self)
{
    PyObject *owner = NULL;

    if (self->owner == NULL || PyWeakref_GetRef(self->owner, &owner) == 0) {
        Py_RETURN_NONE;
    }
    return owner;
}

KR_SETTER(ssl_socket, "owner")
static int
socket_set_owner(SslSocket *self, PyObject *value)
{
    if (kr_ssl_is_deletion((PyObject *)self, value, "owner")) {
        return -1;
    }
    PyObject *reference = PyWeakref_NewRef(value, NULL);
    if (reference == NULL) {
        return -1;
    }
    Py_XSETREF(self->owner, reference);
    return 0;
}

KR_GETTER(ssl_socket, "session", "The underlying SSLSession object.")
static PyObject *
socket_get_session(SslSocket *self)
{
    return kr_ssl_session_new(self);
}

// Through its ASN.1 form, for SSL_SESSION_dup() leaves the ticket out.
static SSL_SESSION *
copy_session(SSL_SESSION *session)
{
    int size = i2d_SSL_SESSION(session, NULL);
    unsigned char *data = size <= 0 ? NULL : PyMem_Malloc((size_t)size);
    unsigned char *end = data;
    SSL_SESSION *copy = NULL;

    if (data != NULL && i2d_SSL_SESSION(session, &end) == size) {
        const unsigned char *at = data;
        copy = d2i_SSL_SESSION(NULL, &at, size);
    }
    PyMem_Free(data);
    return copy;
}

int
kr_ssl_socket_use_session(SslSocket *self, PyObject *value)
{
    if (kr_ssl_is_deletion((PyObject *)self, value, "session")) {
        return -1;
    }
    if (!Py_IS_TYPE(value, self->state->session_type)) {
        PyErr_SetString(PyExc_TypeError, "Value is not a SSLSession.");
        return -1;
    }
    SslSession *session = (SslSession *)value;
    if (session->context->ctx != self->context->ctx) {
        PyErr_SetString(PyExc_ValueError, "Session refers to a different SSLContext.");
        return -1;
    }
    if (self->server_side) {
        PyErr_SetString(PyExc_ValueError, "Cannot set session for server-side SSLSocket.");
        return -1;
    }
    if (SSL_is_init_finished(self->ssl)) {
        PyErr_SetString(PyExc_ValueError, "Cannot set session after handshake.");
        return -1;
    }
    // A copy: a connection that fails marks its session as not to be used again.
    SSL_SESSION *copy = copy_session(session->session);
    if (copy == NULL || !SSL_set_session(self->ssl, copy)) {
        SSL_SESSION_free(copy);
        KR_SSL_FAIL(self->state);
        return -1;
    }
    SSL_SESSION_free(copy);
    return 0;
}

KR_SETTER(ssl_socket, "session")
static int
socket_set_session(SslSocket *self, PyObject *value)
{
    return kr_ssl_socket_use_session(self, value);
}

KR_GETTER(ssl_socket, "session_reused", "Was the client session reused during handshake?")
static PyObject *
socket_get_session_reused(SslSocket *self)
{
    return PyBool_FromLong(SSL_session_reused(self->ssl));
}

#include "ext/ssl/socket_info.methods.h"
