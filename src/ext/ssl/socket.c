// SPDX-License-Identifier: MIT
// socket.c - _ssl._SSLSocket: one connection, over a socket or two memory BIOs.
#include "ext/ssl/ssl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "objects/args.h"

// ---- life -------------------------------------------------------------------------

// The host to name and to check. 0 or -1.
static int
use_hostname(SslSocket *self, PyObject *hostname)
{
    const char *name = PyUnicode_AsUTF8(hostname);
    size_t size = name == NULL ? 0 : strlen(name);
    unsigned char address[16];

    if (name == NULL) {
        return -1;
    }
    if (size == 0 || name[0] == '.') {
        PyErr_SetString(PyExc_ValueError, "server_hostname cannot be an empty string or "
                                          "start with a leading dot.");
        return -1;
    }
    bool is_address = inet_pton(AF_INET, name, address) == 1 ||
                      inet_pton(AF_INET6, name, address) == 1;
    self->hostname = Py_NewRef(hostname);
    // Only names are sent, as addresses need none (RFC 6066, 3).
    if (!is_address && !SSL_set_tlsext_host_name(self->ssl, name)) {
        KR_SSL_FAIL(self->state);
        return -1;
    }
    if (self->context->check_hostname) {
        X509_VERIFY_PARAM *parameters = SSL_get0_param(self->ssl);
        int done = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name)
                              : X509_VERIFY_PARAM_set1_host(parameters, name, size);
        if (!done) {
            KR_SSL_FAIL(self->state);
            return -1;
        }
    }
    return 0;
}

// Connects OpenSSL with the socket or the two BIOs. 0 or -1.
static int
attach(SslSocket *self, PyObject *sock, SslMemoryBio *in, SslMemoryBio *out)
{
    if (sock == NULL) {
        BIO_up_ref(in->bio);
        BIO_up_ref(out->bio);
        SSL_set_bio(self->ssl, in->bio, out->bio);
        return 0;
    }
    int fd = PyObject_AsFileDescriptor(sock);
    if (fd < 0) {
        return -1;
    }
    if (!SSL_set_fd(self->ssl, fd)) {
        KR_SSL_FAIL(self->state);
        return -1;
    }
    self->socket = PyWeakref_NewRef(sock, NULL);
    return self->socket == NULL ? -1 : 0;
}

static void
settle(SslSocket *self)
{
    SslContext *context = self->context;

    SSL_set_app_data(self->ssl, self);
    SSL_set_mode(self->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
    if (context->post_handshake_auth) {
        if (!self->server_side) {
            SSL_set_post_handshake_auth(self->ssl, 1);
        }
        else {
            // A server asks for it itself.
            int mode = SSL_get_verify_mode(self->ssl);
            if (mode & SSL_VERIFY_PEER) {
                SSL_set_verify(self->ssl, mode | SSL_VERIFY_POST_HANDSHAKE,
                               SSL_get_verify_callback(self->ssl));
            }
        }
    }
    if (self->server_side) {
        SSL_set_accept_state(self->ssl);
    }
    else {
        SSL_set_connect_state(self->ssl);
    }
}

PyObject *
kr_ssl_socket_new(SslContext *context, PyObject *sock, SslMemoryBio *in, SslMemoryBio *out,
                  bool server_side, PyObject *hostname, PyObject *owner, PyObject *session)
{
    SslState *state = context->state;

    if (server_side && context->protocol == 16) {
        return kr_ssl_raise(state, KR_SSL_ERROR_BASE, 0,
                            "Cannot create a server socket with a PROTOCOL_TLS_CLIENT "
                            "context",
                            __LINE__);
    }
    if (!server_side && context->protocol == 17) {
        return kr_ssl_raise(state, KR_SSL_ERROR_BASE, 0,
                            "Cannot create a client socket with a PROTOCOL_TLS_SERVER "
                            "context",
                            __LINE__);
    }
    SslSocket *self = PyObject_GC_New(SslSocket, state->socket_type);
    if (self == NULL) {
        return NULL;
    }
    memset((char *)self + sizeof(PyObject), 0, sizeof *self - sizeof(PyObject));
    self->state = state;
    self->context = (SslContext *)Py_NewRef(context);
    self->server_side = server_side;
    PyObject_GC_Track(self);
    ERR_clear_error();
    self->ssl = SSL_new(context->ctx);
    if (self->ssl == NULL) {
        KR_SSL_FAIL(state);
        goto fail;
    }
    if (attach(self, sock, in, out) < 0) {
        goto fail;
    }
    settle(self);
    if (hostname != NULL && use_hostname(self, hostname) < 0) {
        goto fail;
    }
    if (owner != Py_None) {
        self->owner = PyWeakref_NewRef(owner, NULL);
        if (self->owner == NULL) {
            goto fail;
        }
    }
    if (session != Py_None && kr_ssl_socket_use_session(self, session) < 0) {
        goto fail;
    }
    return (PyObject *)self;

fail:
    Py_DECREF(self);
    return NULL;
}

static int
socket_traverse(SslSocket *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->context);
    Py_VISIT(self->pending_error);
    return 0;
}

static int
socket_clear(SslSocket *self)
{
    Py_CLEAR(self->socket);
    Py_CLEAR(self->owner);
    Py_CLEAR(self->hostname);
    Py_CLEAR(self->pending_error);
    return 0;
}

static void
socket_dealloc(SslSocket *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    if (self->ssl != NULL) {
        SSL_set_app_data(self->ssl, NULL);
        SSL_free(self->ssl);
    }
    socket_clear(self);
    Py_CLEAR(self->context);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

// ---- waiting -----------------------------------------------------------------------

// How long an operation may take, and on what it waits.
typedef struct {
    PyObject *sock;  // owned, NULL for BIOs
    double timeout;  // seconds; negative: for ever; zero: never
    double deadline; // of the monotonic clock
} Patience;

static double
monotonic(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Readies the socket for an operation. 0 or -1; patience->sock to be released.
static int
begin(SslSocket *self, Patience *patience)
{
    *patience = (Patience){NULL, 0, 0};
    if (self->socket == NULL) {
        return 0;
    }
    if (PyWeakref_GetRef(self->socket, &patience->sock) <= 0) {
        if (!PyErr_Occurred()) {
            kr_ssl_raise(self->state, KR_SSL_ERROR_BASE, KR_SSL_ERROR_NO_SOCKET,
                         "Underlying socket connection gone", __LINE__);
        }
        return -1;
    }
    PyObject *timeout = PyObject_CallMethod(patience->sock, "gettimeout", NULL);
    if (timeout == NULL) {
        Py_CLEAR(patience->sock);
        return -1;
    }
    patience->timeout = timeout == Py_None ? -1 : PyFloat_AsDouble(timeout);
    Py_DECREF(timeout);
    if (PyErr_Occurred()) {
        Py_CLEAR(patience->sock);
        return -1;
    }
    patience->deadline = monotonic() + patience->timeout;
    BIO_set_nbio(SSL_get_rbio(self->ssl), patience->timeout >= 0);
    BIO_set_nbio(SSL_get_wbio(self->ssl), patience->timeout >= 0);
    return 0;
}

// Waits until the socket can be read from or written to. 1, 0 when the operation has to
// return as it is (no waiting), -1 with TimeoutError or what a signal handler raised.
static int
wait_for(SslSocket *self, const Patience *patience, int error, const char *what)
{
    if (patience->sock == NULL || patience->timeout == 0 ||
        (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)) {
        return 0;
    }
    struct pollfd item = {SSL_get_fd(self->ssl),
                          error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, 0};
    if (item.fd < 0) {
        return 0;
    }
    int milliseconds = -1, ready;
    if (patience->timeout > 0) {
        double left = (patience->deadline - monotonic()) * 1e3;
        milliseconds = left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left + 1;
    }
    Py_BEGIN_ALLOW_THREADS
    ready = poll(&item, 1, milliseconds);
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() < 0) {
        return -1;
    }
    if (ready == 0) {
        PyErr_Format(PyExc_TimeoutError, "The %s operation timed out", what);
        return -1;
    }
    return 1;
}

// An operation of OpenSSL: what it returns is positive when it is done.
typedef int (*Operation)(SslSocket *self, void *arg);

// Runs it as long as patience lasts. The object's lock is held during the operation, not
// while we wait: another thread may write meanwhile. A number that is positive on
// success, the error in *error else; -2 with an exception.
static int
run(SslSocket *self, Patience *patience, Operation operation, void *arg, const char *what,
    int *error, int *saved_errno)
{
    for (;;) {
        int result;
        PyMutex_Lock(&self->lock);
        Py_BEGIN_ALLOW_THREADS
        ERR_clear_error();
        errno = 0;
        result = operation(self, arg);
        *saved_errno = errno;
        *error = SSL_get_error(self->ssl, result);
        // OpenSSL keeps its queue of errors for each thread, so it can be read later.
        Py_END_ALLOW_THREADS
        PyMutex_Unlock(&self->lock);
        if (PyErr_CheckSignals() < 0) {
            return -2;
        }
        if (result > 0 || self->pending_error != NULL) {
            return result;
        }
        int ready = wait_for(self, patience, *error, what);
        if (ready <= 0) {
            return ready < 0 ? -2 : result;
        }
    }
}

// Runs an operation from beginning to end; result as of run(), and -2 on any failure.
static int
perform(SslSocket *self, Operation operation, void *arg, const char *what, int line)
{
    Patience patience;
    int error, saved_errno;

    if (begin(self, &patience) < 0) {
        return -2;
    }
    int result = run(self, &patience, operation, arg, what, &error, &saved_errno);
    if (result != -2 && (result <= 0 || self->pending_error != NULL)) {
        kr_ssl_socket_fail(self, error, saved_errno, line);
        result = -2;
    }
    Py_XDECREF(patience.sock);
    return result;
}

// ---- operations ---------------------------------------------------------------------

static int
op_handshake(SslSocket *self, void *arg)
{
    return SSL_do_handshake(self->ssl);
}

KR_METHOD(ssl_socket, "do_handshake(self, /)", "")
static PyObject *
socket_do_handshake(SslSocket *self)
{
    return perform(self, op_handshake, NULL, "handshake", __LINE__) < 0
               ? NULL
               : Py_NewRef(Py_None);
}

typedef struct {
    void *data;
    size_t size;
    size_t done;
} Transfer;

static int
op_write(SslSocket *self, void *arg)
{
    Transfer *transfer = arg;
    return SSL_write_ex(self->ssl, transfer->data, transfer->size, &transfer->done);
}

static int
op_read(SslSocket *self, void *arg)
{
    Transfer *transfer = arg;
    return SSL_read_ex(self->ssl, transfer->data, transfer->size, &transfer->done);
}

KR_METHOD(ssl_socket, "write(self, b, /)",
          "Writes the bytes-like object b into the SSL object.\n\n"
          "Returns the number of bytes written.")
static PyObject *
socket_write(SslSocket *self, Py_buffer *b)
{
    Transfer transfer = {b->buf, (size_t)b->len, 0};

    if (b->len == 0) {
        return PyLong_FromLong(0);
    }
    return perform(self, op_write, &transfer, "write", __LINE__) < 0
               ? NULL
               : PyLong_FromSize_t(transfer.done);
}

// Reads up to transfer->size bytes. 0, at the end too, or -1.
static int
read_into(SslSocket *self, Transfer *transfer)
{
    Patience patience;
    int error, saved_errno, status = 0;

    if (transfer->size == 0) {
        return 0;
    }
    if (begin(self, &patience) < 0) {
        return -1;
    }
    if (patience.sock != NULL && patience.timeout < 0 && !SSL_has_pending(self->ssl) &&
        wait_for(self, &patience, SSL_ERROR_WANT_READ, "read") < 0) {
        // On a blocking socket OpenSSL would wait with the lock held.
        Py_DECREF(patience.sock);
        return -1;
    }
    int result = run(self, &patience, op_read, transfer, "read", &error, &saved_errno);
    if (result == -2) {
        status = -1;
    }
    else if (self->pending_error != NULL ||
             (result <= 0 && !(error == SSL_ERROR_ZERO_RETURN &&
                               SSL_get_shutdown(self->ssl) == SSL_RECEIVED_SHUTDOWN))) {
        kr_ssl_socket_fail(self, error, saved_errno, __LINE__);
        status = -1;
    }
    Py_XDECREF(patience.sock);
    return status;
}

static PyObject *
read_bytes(SslSocket *self, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size should not be negative");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes == NULL) {
        return NULL;
    }
    Transfer transfer = {PyBytes_AS_STRING(bytes), (size_t)size, 0};
    if (read_into(self, &transfer) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    _PyBytes_Resize(&bytes, (Py_ssize_t)transfer.done);
    return bytes;
}

KR_METHOD_RAW(ssl_socket, "read", METH_VARARGS,
              "read(size, [buffer])\nRead up to size bytes from the SSL socket.")
static PyObject *
socket_read(PyObject *object, PyObject *args)
{
    SslSocket *self = (SslSocket *)object;
    Py_buffer view = {NULL, NULL};
    Py_ssize_t size;

    if (!PyArg_ParseTuple(args, "n|w*:read", &size, &view)) {
        return NULL;
    }
    if (view.obj == NULL) {
        return read_bytes(self, size);
    }
    if (size <= 0 || size > view.len) {
        size = view.len;
    }
    Transfer transfer = {view.buf, (size_t)size, 0};
    int status = read_into(self, &transfer);
    PyBuffer_Release(&view);
    return status < 0 ? NULL : PyLong_FromSize_t(transfer.done);
}

KR_METHOD(ssl_socket, "pending(self, /)",
          "Returns the number of already decrypted bytes available for read.")
static PyObject *
socket_pending(SslSocket *self)
{
    return PyLong_FromLong(SSL_pending(self->ssl));
}

// Says goodbye; once more, if the other side has not answered.
static int
op_shutdown(SslSocket *self, void *arg)
{
    int *times = arg;

    // Data that still comes is not for anybody.
    SSL_set_read_ahead(self->ssl, 0);
    int result = SSL_shutdown(self->ssl);
    if (result == 0 && ++*times < 2) {
        result = SSL_shutdown(self->ssl);
    }
    return result;
}

KR_METHOD(ssl_socket, "shutdown(self, /)", "Does the SSL shutdown handshake with the remote end.")
static PyObject *
socket_shutdown(SslSocket *self)
{
    Patience patience;
    int error, saved_errno, times = 0;

    if (begin(self, &patience) < 0) {
        return NULL;
    }
    int result = run(self, &patience, op_shutdown, &times, "read", &error, &saved_errno);
    if (result != -2 && (result < 0 || self->pending_error != NULL)) {
        kr_ssl_socket_fail(self, error, saved_errno, __LINE__);
        result = -2;
    }
    if (result == -2) {
        Py_XDECREF(patience.sock);
        return NULL;
    }
    return patience.sock == NULL ? Py_NewRef(Py_None) : patience.sock;
}

KR_METHOD(ssl_socket, "verify_client_post_handshake(self, /)",
          "Initiate TLS 1.3 post-handshake authentication")
static PyObject *
socket_verify_client_post_handshake(SslSocket *self)
{
    return SSL_verify_client_post_handshake(self->ssl) ? Py_NewRef(Py_None)
                                                       : KR_SSL_FAIL(self->state);
}

KR_TYPE(ssl_socket)
#include "ext/ssl/socket.methods.h"

PyTypeObject *
kr_ssl_socket_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, socket_dealloc},
        {Py_tp_traverse, socket_traverse},
        {Py_tp_clear, socket_clear},
        {Py_tp_methods, ssl_socket_methods},
        {Py_tp_getset, ssl_socket_getset},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_ssl._SSLSocket",
        .basicsize = sizeof(SslSocket),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                 Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
