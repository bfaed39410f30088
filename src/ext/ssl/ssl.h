// SPDX-License-Identifier: MIT
// ssl.h - what the files of _ssl share.
//
// Re-entrancy: OpenSSL runs without the interpreter's lock; functions that it calls back
//              (server names, passwords, keys, messages) take it first. An exception of
//              such a function waits in the socket object until OpenSSL has returned.
#ifndef KRAIT_EXT_SSL_SSL_H
#define KRAIT_EXT_SSL_SSL_H

#include <Python.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/base.h"

// As the library numbers them: SSL_get_error()'s results, and ours.
enum { KR_SSL_ERROR_EOF = 8, KR_SSL_ERROR_NO_SOCKET = 9, KR_SSL_ERROR_INVALID = 10 };
enum { KR_CERT_NONE, KR_CERT_OPTIONAL, KR_CERT_REQUIRED };
enum { KR_ENCODING_PEM = 1, KR_ENCODING_DER = 2 };

typedef enum {
    KR_SSL_ERROR_BASE,
    KR_SSL_CERT_VERIFICATION,
    KR_SSL_ZERO_RETURN,
    KR_SSL_WANT_READ,
    KR_SSL_WANT_WRITE,
    KR_SSL_SYSCALL,
    KR_SSL_EOF,
    KR_SSL_ERROR_KINDS,
} SslErrorKind;

typedef struct {
    PyObject *errors[KR_SSL_ERROR_KINDS]; // owned, as all that follows
    PyTypeObject *context_type;
    PyTypeObject *socket_type;
    PyTypeObject *bio_type;
    PyTypeObject *session_type;
    PyTypeObject *certificate_type;
    PyTypeObject *raw_socket_type; // _socket.socket
} SslState;

typedef struct {
    PyObject_HEAD
    SSL_CTX *ctx; // owned
    SslState *state;
    int protocol;
    unsigned char *alpn; // owned; as OpenSSL wants it
    unsigned alpn_size;
    unsigned host_flags;
    bool check_hostname;
    bool post_handshake_auth;
    PyObject *sni_callback;        // owned, or NULL
    PyObject *message_callback;    // likewise
    PyObject *psk_client_callback; // likewise
    PyObject *psk_server_callback; // likewise
    PyObject *keylog_filename;     // likewise
    BIO *keylog;                   // owned
    PyMutex keylog_lock;
} SslContext;

typedef struct {
    PyObject_HEAD
    SslContext *context; // owned
    SslState *state;
    SSL *ssl;            // owned
    PyObject *socket;    // owned weak reference; NULL with memory BIOs
    PyObject *owner;     // owned weak reference, or NULL
    PyObject *hostname;  // owned str, or NULL
    PyObject *pending_error; // owned: what a callback raised
    bool server_side;
    PyMutex lock;
} SslSocket;

typedef struct {
    PyObject_HEAD
    BIO *bio; // owned
    bool eof_written;
} SslMemoryBio;

typedef struct {
    PyObject_HEAD
    SSL_SESSION *session; // owned
    SslContext *context;  // owned
} SslSession;

typedef struct {
    PyObject_HEAD
    X509 *cert; // owned
    Py_hash_t hash;
} SslCertificate;

// ---- module.c
SslState *kr_ssl_state(PyTypeObject *type);
SslState *kr_ssl_module_state(PyObject *module);

// ---- errors.c
// SSLError of what is in OpenSSL's queue, or with `text` if that is empty. NULL.
PyObject *kr_ssl_fail(SslState *state, const char *text, int line);
#define KR_SSL_FAIL(state) kr_ssl_fail(state, NULL, __LINE__)
// The exception after an operation on a socket failed. NULL.
PyObject *kr_ssl_socket_fail(SslSocket *self, int error, int saved_errno, int line);
// An error of a kind, with a number and a text. NULL.
PyObject *kr_ssl_raise(SslState *state, SslErrorKind kind, int number, const char *text,
                       int line);
int kr_ssl_add_errors(PyObject *module, SslState *state);

// ---- context.c, context_certs.c
// For setters: whether the attribute is being deleted, which sets AttributeError.
bool kr_ssl_is_deletion(PyObject *self, PyObject *value, const char *name);
PyTypeObject *kr_ssl_context_type(PyObject *module);

// ---- callbacks.c
int kr_ssl_alpn_select(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                       const unsigned char *in, unsigned in_size, void *arg);
void kr_ssl_clear_callbacks(SslContext *self);
int kr_ssl_visit_callbacks(SslContext *self, visitproc visit, void *arg);
void kr_ssl_close_keylog(SslContext *self);

// ---- socket.c, socket_info.c
PyTypeObject *kr_ssl_socket_type(PyObject *module);
PyObject *kr_ssl_socket_new(SslContext *context, PyObject *sock, SslMemoryBio *in,
                            SslMemoryBio *out, bool server_side, PyObject *hostname,
                            PyObject *owner, PyObject *session);
// The session setter. 0 or -1.
int kr_ssl_socket_use_session(SslSocket *self, PyObject *value);

// ---- bio.c, session.c
PyTypeObject *kr_ssl_bio_type(PyObject *module);
PyTypeObject *kr_ssl_session_type(PyObject *module);
PyObject *kr_ssl_session_new(SslSocket *socket);

// ---- certificate.c
PyTypeObject *kr_ssl_certificate_type(PyObject *module);
// An object around a certificate, of which it takes a reference.
PyObject *kr_ssl_certificate_new(SslState *state, X509 *cert);
PyObject *kr_ssl_certificate_der(SslState *state, X509 *cert);
// ---- decode.c: the dict that getpeercert() gives
PyObject *kr_ssl_decode_certificate(SslState *state, X509 *cert);

// ---- constants.c
int kr_ssl_add_constants(PyObject *module);

#endif // KRAIT_EXT_SSL_SSL_H
