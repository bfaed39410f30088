// SPDX-License-Identifier: MIT
// callbacks.c - Python functions that OpenSSL calls on behalf of an _ssl._SSLContext.
#include "ext/ssl/ssl.h"

#include <string.h>

#include "objects/args.h"

void
kr_ssl_clear_callbacks(SslContext *self)
{
    Py_CLEAR(self->sni_callback);
    Py_CLEAR(self->message_callback);
    Py_CLEAR(self->psk_client_callback);
    Py_CLEAR(self->psk_server_callback);
    Py_CLEAR(self->keylog_filename);
}

int
kr_ssl_visit_callbacks(SslContext *self, visitproc visit, void *arg)
{
    Py_VISIT(self->sni_callback);
    Py_VISIT(self->message_callback);
    Py_VISIT(self->psk_client_callback);
    Py_VISIT(self->psk_server_callback);
    return 0;
}

int
kr_ssl_alpn_select(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                   const unsigned char *in, unsigned in_size, void *arg)
{
    SslContext *self = arg;
    int found = SSL_select_next_proto((unsigned char **)out, out_size, self->alpn,
                                      self->alpn_size, in, in_size);

    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// The object that Python code knows a connection by; new reference, None when it is gone.
static PyObject *
visible_socket(SslSocket *socket)
{
    PyObject *object = NULL;
    PyObject *reference = socket->owner != NULL ? socket->owner : socket->socket;

    if (reference == NULL) {
        return Py_NewRef(socket);
    }
    return PyWeakref_GetRef(reference, &object) > 0 ? object : Py_NewRef(Py_None);
}

// A new value for a callback's attribute. 0 or -1.
static int
set_callable(PyObject **place, PyObject *value)
{
    if (value == NULL || value == Py_None) {
        Py_CLEAR(*place);
        return 0;
    }
    if (!PyCallable_Check(value)) {
        Py_CLEAR(*place);
        PyErr_SetString(PyExc_TypeError, "not a callable object");
        return -1;
    }
    Py_XSETREF(*place, Py_NewRef(value));
    return 0;
}

static PyObject *
get_callable(PyObject *callable)
{
    return Py_NewRef(callable == NULL ? Py_None : callable);
}

// ---- server names -------------------------------------------------------------------

// What the callback's result means: an alert, or to go on.
static int
sni_verdict(PyObject *result, PyObject *callback, int *alert)
{
    if (result == Py_None) {
        return SSL_TLSEXT_ERR_OK;
    }
    *alert = (int)PyLong_AsLong(result);
    if (PyErr_Occurred()) {
        PyErr_FormatUnraisable("Exception ignored while calling set_servername_callback "
                               "function %R",
                               callback);
        *alert = SSL_AD_INTERNAL_ERROR;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int
on_server_name(SSL *ssl, int *alert, void *arg)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SslContext *self = arg;
    PyObject *callback = Py_XNewRef(self->sni_callback);
    int verdict = SSL_TLSEXT_ERR_OK;

    if (callback != NULL) {
        const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        PyObject *socket = visible_socket(SSL_get_app_data(ssl));
        PyObject *text = name == NULL ? Py_NewRef(Py_None)
                                      : PyUnicode_DecodeASCII(name, (Py_ssize_t)strlen(name),
                                                              NULL);
        bool gone = socket == Py_None;
        PyObject *result = socket == NULL || text == NULL || gone
                               ? NULL
                               : PyObject_CallFunctionObjArgs(callback, socket, text, self,
                                                              NULL);
        if (gone && !PyErr_Occurred()) {
            // Nobody is left who could answer.
            *alert = SSL_AD_INTERNAL_ERROR;
            verdict = SSL_TLSEXT_ERR_ALERT_FATAL;
        }
        else if (result == NULL) {
            PyErr_FormatUnraisable("Exception ignored while calling "
                                   "set_servername_callback function %R",
                                   callback);
            *alert = SSL_AD_HANDSHAKE_FAILURE;
            verdict = SSL_TLSEXT_ERR_ALERT_FATAL;
        }
        else {
            verdict = sni_verdict(result, callback, alert);
        }
        Py_XDECREF(socket);
        Py_XDECREF(text);
        Py_XDECREF(result);
        Py_DECREF(callback);
    }
    PyGILState_Release(gil);
    return verdict;
}

KR_GETTER(ssl_context, "sni_callback",
          "Set a callback that will be called when a server name is provided by the SSL/TLS "
          "client in the SNI extension.\n\n"
          "If the argument is None then the callback is disabled. The method is called\n"
          "with the SSLSocket, the server name as a string, and the SSLContext object.")
static PyObject *
context_get_sni_callback(SslContext *self)
{
    return get_callable(self->sni_callback);
}

KR_SETTER(ssl_context, "sni_callback")
static int
context_set_sni_callback(SslContext *self, PyObject *value)
{
    enum { PROTOCOL_TLS_CLIENT = 16 };

    if (kr_ssl_is_deletion((PyObject *)self, value, "sni_callback")) {
        return -1;
    }
    if (self->protocol == PROTOCOL_TLS_CLIENT) {
        PyErr_SetString(PyExc_ValueError,
                        "sni_callback cannot be set on TLS_CLIENT context");
        return -1;
    }
    int status = set_callable(&self->sni_callback, value);
    if (self->sni_callback == NULL) {
        SSL_CTX_set_tlsext_servername_callback(self->ctx, NULL);
    }
    else {
        SSL_CTX_set_tlsext_servername_callback(self->ctx, on_server_name);
    }
    SSL_CTX_set_tlsext_servername_arg(self->ctx, self);
    return status;
}

// ---- messages -------------------------------------------------------------------------

// The type of a handshake message, of a record's header or of an alert.
static int
message_type(int content_type, const unsigned char *data, size_t size)
{
    switch (content_type) {
    case SSL3_RT_HEADER:
        return size > 0 ? data[0] : -1;
    case SSL3_RT_INNER_CONTENT_TYPE:
    case SSL3_RT_HANDSHAKE:
        return size > 0 ? data[0] : -1;
    case SSL3_RT_ALERT:
        return size > 1 ? data[1] : -1;
    case SSL3_RT_CHANGE_CIPHER_SPEC:
        return SSL3_MT_CHANGE_CIPHER_SPEC;
    default:
        return -1;
    }
}

static void
on_message(int writing, int version, int content_type, const void *data, size_t size,
           SSL *ssl, void *arg)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SslSocket *socket = SSL_get_app_data(ssl);

    if (socket != NULL && socket->context->message_callback != NULL &&
        socket->pending_error == NULL) {
        // The header has the version of the record in it.
        const unsigned char *bytes = data;
        if (content_type == SSL3_RT_HEADER && size >= 3) {
            version = bytes[1] << 8 | bytes[2];
        }
        PyObject *object = visible_socket(socket);
        PyObject *result =
            object == NULL
                ? NULL
                : PyObject_CallFunction(socket->context->message_callback, "Osiiiy#",
                                        object, writing ? "write" : "read", version,
                                        content_type,
                                        message_type(content_type, data, size), data,
                                        (Py_ssize_t)size);
        if (result == NULL) {
            socket->pending_error = PyErr_GetRaisedException();
        }
        Py_XDECREF(object);
        Py_XDECREF(result);
    }
    PyGILState_Release(gil);
}

KR_GETTER(ssl_context, "_msg_callback", "")
static PyObject *
context_get_msg_callback(SslContext *self)
{
    return get_callable(self->message_callback);
}

KR_SETTER(ssl_context, "_msg_callback")
static int
context_set_msg_callback(SslContext *self, PyObject *value)
{
    if (kr_ssl_is_deletion((PyObject *)self, value, "_msg_callback")) {
        return -1;
    }
    if (value != Py_None && !PyCallable_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%R is not callable.", value);
        return -1;
    }
    set_callable(&self->message_callback, value);
    SSL_CTX_set_msg_callback(self->ctx, self->message_callback == NULL ? NULL : on_message);
    return 0;
}

// ---- the log of keys ---------------------------------------------------------------------

void
kr_ssl_close_keylog(SslContext *self)
{
    if (self->keylog != NULL) {
        SSL_CTX_set_keylog_callback(self->ctx, NULL);
        BIO *bio = KR_MOVE(self->keylog);
        Py_BEGIN_ALLOW_THREADS
        BIO_free_all(bio);
        Py_END_ALLOW_THREADS
    }
}

static void
on_key(const SSL *ssl, const char *line)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SslSocket *socket = SSL_get_app_data(ssl);
    SslContext *context = socket->context;
    int written;

    if (context->keylog != NULL) {
        PyMutex_Lock(&context->keylog_lock);
        Py_BEGIN_ALLOW_THREADS
        written = BIO_printf(context->keylog, "%s\n", line);
        (void)BIO_flush(context->keylog);
        Py_END_ALLOW_THREADS
        PyMutex_Unlock(&context->keylog_lock);
        if (written < 0 && socket->pending_error == NULL) {
            PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, context->keylog_filename);
            socket->pending_error = PyErr_GetRaisedException();
        }
    }
    PyGILState_Release(gil);
}

KR_GETTER(ssl_context, "keylog_filename", "")
static PyObject *
context_get_keylog_filename(SslContext *self)
{
    return get_callable(self->keylog_filename);
}

KR_SETTER(ssl_context, "keylog_filename")
static int
context_set_keylog_filename(SslContext *self, PyObject *value)
{
    PyObject *path = NULL;

    if (kr_ssl_is_deletion((PyObject *)self, value, "keylog_filename")) {
        return -1;
    }
    kr_ssl_close_keylog(self);
    Py_CLEAR(self->keylog_filename);
    if (value == Py_None) {
        return 0;
    }
    if (!PyUnicode_FSConverter(value, &path)) {
        return -1;
    }
    self->keylog = BIO_new_file(PyBytes_AS_STRING(path), "a");
    Py_DECREF(path);
    if (self->keylog == NULL) {
        ERR_clear_error();
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, value);
        return -1;
    }
    if (BIO_tell(self->keylog) == 0) {
        BIO_puts(self->keylog, "# TLS secrets log file, generated by OpenSSL / Python\n");
        (void)BIO_flush(self->keylog);
    }
    self->keylog_filename = Py_NewRef(value);
    SSL_CTX_set_keylog_callback(self->ctx, on_key);
    return 0;
}

// ---- keys agreed on before ----------------------------------------------------------------

// Copies a bytes-like key. Its length, 0 if it is none or does not fit.
static unsigned
copy_key(PyObject *object, unsigned char *out, unsigned room)
{
    Py_buffer view;
    unsigned size = 0;

    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) {
        return 0;
    }
    if (view.len <= (Py_ssize_t)room) {
        memcpy(out, view.buf, (size_t)view.len);
        size = (unsigned)view.len;
    }
    PyBuffer_Release(&view);
    return size;
}

static void
keep_error(SslSocket *socket, PyObject *callback)
{
    if (PyErr_Occurred()) {
        PyErr_FormatUnraisable("Exception ignored in ssl PSK callback %R", callback);
    }
}

// callback(hint) -> (identity, key)
static unsigned
on_client_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_room,
              unsigned char *key, unsigned key_room)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SslSocket *socket = SSL_get_app_data(ssl);
    PyObject *callback = Py_XNewRef(socket->context->psk_client_callback);
    unsigned size = 0;

    if (callback != NULL) {
        PyObject *result = PyObject_CallFunction(callback, "z",
                                                 hint != NULL && hint[0] ? hint : NULL);
        PyObject *psk;
        const char *name;
        if (result != NULL && PyTuple_Check(result) &&
            PyArg_ParseTuple(result, "zO", &name, &psk)) {
            if (name == NULL) {
                name = "";
            }
            if (strlen(name) < identity_room) {
                strcpy(identity, name);
                size = copy_key(psk, key, key_room);
            }
        }
        keep_error(socket, callback);
        Py_XDECREF(result);
        Py_DECREF(callback);
    }
    PyGILState_Release(gil);
    return size;
}

// callback(identity) -> key
static unsigned
on_server_psk(SSL *ssl, const char *identity, unsigned char *key, unsigned room)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    SslSocket *socket = SSL_get_app_data(ssl);
    PyObject *callback = Py_XNewRef(socket->context->psk_server_callback);
    unsigned size = 0;

    if (callback != NULL) {
        PyObject *result = PyObject_CallFunction(
            callback, "z", identity != NULL && identity[0] ? identity : NULL);
        if (result != NULL) {
            size = copy_key(result, key, room);
        }
        keep_error(socket, callback);
        Py_XDECREF(result);
        Py_DECREF(callback);
    }
    PyGILState_Release(gil);
    return size;
}

KR_METHOD(ssl_context, "set_psk_client_callback(self, callback)", "")
static PyObject *
context_set_psk_client_callback(SslContext *self, PyObject *callback)
{
    enum { PROTOCOL_TLS_SERVER = 17 };

    if (self->protocol == PROTOCOL_TLS_SERVER) {
        return kr_ssl_raise(self->state, KR_SSL_ERROR_BASE, 0,
                            "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context",
                            __LINE__);
    }
    if (callback != Py_None && !PyCallable_Check(callback)) {
        PyErr_SetString(PyExc_TypeError, "callback must be callable");
        return NULL;
    }
    set_callable(&self->psk_client_callback, callback);
    SSL_CTX_set_psk_client_callback(
        self->ctx, self->psk_client_callback == NULL ? NULL : on_client_psk);
    Py_RETURN_NONE;
}

KR_METHOD(ssl_context,
          "set_psk_server_callback(self, callback, identity_hint: str | None=None)", "")
static PyObject *
context_set_psk_server_callback(SslContext *self, PyObject *callback,
                                const char *identity_hint)
{
    enum { PROTOCOL_TLS_CLIENT = 16 };

    if (self->protocol == PROTOCOL_TLS_CLIENT) {
        return kr_ssl_raise(self->state, KR_SSL_ERROR_BASE, 0,
                            "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context",
                            __LINE__);
    }
    if (callback != Py_None && !PyCallable_Check(callback)) {
        PyErr_SetString(PyExc_TypeError, "callback must be callable");
        return NULL;
    }
    if (callback == Py_None) {
        identity_hint = NULL;
    }
    if (!SSL_CTX_use_psk_identity_hint(self->ctx, identity_hint)) {
        return kr_ssl_raise(self->state, KR_SSL_ERROR_BASE, 0, "failed to set identity hint",
                            __LINE__);
    }
    set_callable(&self->psk_server_callback, callback);
    SSL_CTX_set_psk_server_callback(
        self->ctx, self->psk_server_callback == NULL ? NULL : on_server_psk);
    Py_RETURN_NONE;
}

#include "ext/ssl/callbacks.methods.h"
