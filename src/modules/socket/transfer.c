// SPDX-License-Identifier: MIT
// transfer.c - methods of sockets that connect, listen, send and receive.
#include "modules/socket/socket.h"

#include <unistd.h>

// ---- connecting ---------------------------------------------------------------------

KR_METHOD(socket, "bind(self, address, /)",
          "Bind the socket to an address of this machine.")
static PyObject *
socket_bind(KrSocket *self, PyObject *object)
{
    KrAddress address;
    socklen_t size;
    int status;

    if (kr_address_parse(self, object, "bind", &address, &size) < 0 ||
        PySys_Audit("socket.bind", "OO", (PyObject *)self, object) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = bind(self->fd, &address.any, size);
    Py_END_ALLOW_THREADS
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

KR_METHOD(socket, "listen(self, backlog=<missing>{128 < SOMAXCONN ? 128 : SOMAXCONN}, /)",
          "Accept connections from now on; backlog of them may wait for accept().")
static PyObject *
socket_listen(KrSocket *self, int backlog)
{
    int status;

    Py_BEGIN_ALLOW_THREADS
    status = listen(self->fd, backlog < 0 ? 0 : backlog);
    Py_END_ALLOW_THREADS
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

typedef struct {
    KrAddress address;
    socklen_t size;
    int fd;
} Accepted;

static bool
call_accept(KrSocket *self, void *data)
{
    Accepted *accepted = data;
    accepted->size = sizeof accepted->address;
    accepted->fd =
        accept4(self->fd, &accepted->address.any, &accepted->size, SOCK_CLOEXEC);
    return accepted->fd >= 0;
}

KR_METHOD(socket, "_accept(self, /)",
          "Wait for a connection: its new descriptor, and the address of the peer.")
static PyObject *
socket_accept(KrSocket *self)
{
    Accepted accepted = {0};

    if (kr_socket_call(self, KR_SOCKET_READ, call_accept, &accepted) < 0) {
        return NULL;
    }
    PyObject *address =
        kr_address_object(accepted.fd, &accepted.address, accepted.size, self->proto);
    PyObject *result = address == NULL ? NULL : Py_BuildValue("iN", accepted.fd, address);
    if (result == NULL) {
        close(accepted.fd);
    }
    return result;
}

// How a connection that the system goes on to make has ended.
static bool
call_connect_result(KrSocket *self, void *data)
{
    int error;
    socklen_t size = sizeof error;

    if (getsockopt(self->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) {
        return false;
    }
    if (error == EISCONN || error == 0) {
        return true;
    }
    errno = error;
    return false;
}

// 0, or as kr_socket_call_for does.
static int
socket_connect_to(KrSocket *self, const KrAddress *address, socklen_t size,
                  int *error_out)
{
    int status, error;
    bool wait;

    Py_BEGIN_ALLOW_THREADS
    status = connect(self->fd, &address->any, size);
    Py_END_ALLOW_THREADS
    if (status == 0) {
        return 0;
    }
    error = errno;
    if (error == EINTR) {
        // The system goes on connecting in the background.
        if (PyErr_CheckSignals() < 0) {
            if (error_out != NULL) {
                *error_out = -1;
            }
            return -1;
        }
        wait = self->timeout != 0;
    }
    else {
        wait = self->timeout > 0 && error == EINPROGRESS;
    }
    if (wait) {
        return kr_socket_call_for(self, KR_SOCKET_CONNECT, call_connect_result, NULL,
                                  self->timeout, error_out);
    }
    if (error_out != NULL) {
        *error_out = error;
    }
    else {
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return -1;
}

KR_METHOD(socket, "connect(self, address, /)", "Connect the socket to an address.")
static PyObject *
socket_connect(KrSocket *self, PyObject *object)
{
    KrAddress address;
    socklen_t size;

    if (kr_address_parse(self, object, "connect", &address, &size) < 0 ||
        PySys_Audit("socket.connect", "OO", (PyObject *)self, object) < 0 ||
        socket_connect_to(self, &address, size, NULL) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(socket, "connect_ex(self, address, /)",
          "Like connect(), but return the number of a system's error, 0 for success.")
static PyObject *
socket_connect_ex(KrSocket *self, PyObject *object)
{
    KrAddress address;
    socklen_t size;
    int error = 0;

    if (kr_address_parse(self, object, "connect_ex", &address, &size) < 0 ||
        PySys_Audit("socket.connect", "OO", (PyObject *)self, object) < 0) {
        return NULL;
    }
    if (socket_connect_to(self, &address, size, &error) < 0 && error == -1) {
        return NULL;
    }
    return PyLong_FromLong(error);
}

KR_METHOD(socket, "shutdown(self, how, /)",
          "End reading (SHUT_RD), writing (SHUT_WR) or both (SHUT_RDWR).")
static PyObject *
socket_shutdown(KrSocket *self, int how)
{
    int status;

    Py_BEGIN_ALLOW_THREADS
    status = shutdown(self->fd, how);
    Py_END_ALLOW_THREADS
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

KR_METHOD(socket, "getsockname(self, /)", "The socket's own address.")
static PyObject *
socket_getsockname(KrSocket *self)
{
    KrAddress address = {0};
    socklen_t size = sizeof address;
    int status;

    Py_BEGIN_ALLOW_THREADS
    status = getsockname(self->fd, &address.any, &size);
    Py_END_ALLOW_THREADS
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError)
                      : kr_address_object(self->fd, &address, size, self->proto);
}

KR_METHOD(socket, "getpeername(self, /)", "The address of the other end.")
static PyObject *
socket_getpeername(KrSocket *self)
{
    KrAddress address = {0};
    socklen_t size = sizeof address;
    int status;

    Py_BEGIN_ALLOW_THREADS
    status = getpeername(self->fd, &address.any, &size);
    Py_END_ALLOW_THREADS
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError)
                      : kr_address_object(self->fd, &address, size, self->proto);
}

// ---- receiving ----------------------------------------------------------------------

typedef struct {
    char *buffer;
    Py_ssize_t size;
    int flags;
    ssize_t done;
    KrAddress *address; // NULL: not wanted
    socklen_t address_size;
} Transfer;

static bool
call_recv(KrSocket *self, void *data)
{
    Transfer *t = data;
    t->done = recv(self->fd, t->buffer, (size_t)t->size, t->flags);
    return t->done >= 0;
}

static bool
call_recvfrom(KrSocket *self, void *data)
{
    Transfer *t = data;
    t->address_size = sizeof *t->address;
    t->done = recvfrom(self->fd, t->buffer, (size_t)t->size, t->flags, &t->address->any,
                       &t->address_size);
    return t->done >= 0;
}

static int
check_size(Py_ssize_t size, const char *method)
{
    if (size < 0) {
        PyErr_Format(PyExc_ValueError, "negative buffersize in %s", method);
        return -1;
    }
    return 0;
}

KR_METHOD(socket, "recv(self, bufsize, flags=0, /)",
          "Receive up to bufsize bytes, waiting for at least one; b'' at the end.")
static PyObject *
socket_recv(KrSocket *self, Py_ssize_t bufsize, int flags)
{
    if (check_size(bufsize, "recv") < 0) {
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, bufsize);
    if (bytes == NULL || bufsize == 0) {
        return bytes;
    }
    Transfer t = {PyBytes_AS_STRING(bytes), bufsize, flags};
    if (kr_socket_call(self, KR_SOCKET_READ, call_recv, &t) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    if (t.done != bufsize) {
        _PyBytes_Resize(&bytes, t.done);
    }
    return bytes;
}

KR_METHOD(socket, "recvfrom(self, bufsize, flags=0, /)",
          "Like recv(), but return the data and the address of the sender.")
static PyObject *
socket_recvfrom(KrSocket *self, Py_ssize_t bufsize, int flags)
{
    if (check_size(bufsize, "recvfrom") < 0) {
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, bufsize);
    if (bytes == NULL) {
        return NULL;
    }
    KrAddress address;
    Transfer t = {PyBytes_AS_STRING(bytes), bufsize, flags, 0, &address};
    if (kr_socket_call(self, KR_SOCKET_READ, call_recvfrom, &t) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    // A datagram cut short may be longer than the buffer with MSG_TRUNC.
    if (t.done < bufsize && _PyBytes_Resize(&bytes, t.done) < 0) {
        return NULL;
    }
    PyObject *from = kr_address_object(self->fd, &address, t.address_size, self->proto);
    if (from == NULL) {
        Py_DECREF(bytes);
        return NULL;
    }
    return Py_BuildValue("NN", bytes, from);
}

KR_METHOD(socket, "recv_into(self, /, buffer: writable, nbytes=0, flags=0)",
          "Like recv(), but store the data in a buffer and return how many bytes came.\n\n"
          "nbytes 0 means as many as the buffer holds.")
static PyObject *
socket_recv_into(KrSocket *self, Py_buffer *buffer, Py_ssize_t nbytes, int flags)
{
    if (check_size(nbytes, "recv_into") < 0) {
        return NULL;
    }
    Transfer t = {buffer->buf, nbytes == 0 ? buffer->len : nbytes, flags};
    if (t.size > buffer->len) {
        PyErr_SetString(PyExc_ValueError, "buffer too small for requested bytes");
        return NULL;
    }
    if (t.size > 0 && kr_socket_call(self, KR_SOCKET_READ, call_recv, &t) < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(t.done);
}

KR_METHOD(socket, "recvfrom_into(self, /, buffer: writable, nbytes=0, flags=0)",
          "Like recv_into(), but return the number of bytes and the sender's address.")
static PyObject *
socket_recvfrom_into(KrSocket *self, Py_buffer *buffer, Py_ssize_t nbytes, int flags)
{
    KrAddress address;

    if (check_size(nbytes, "recvfrom_into") < 0) {
        return NULL;
    }
    Transfer t = {buffer->buf, nbytes == 0 ? buffer->len : nbytes, flags, 0, &address};
    if (t.size > buffer->len) {
        PyErr_SetString(PyExc_ValueError,
                        "nbytes is greater than the length of the buffer");
        return NULL;
    }
    if (kr_socket_call(self, KR_SOCKET_READ, call_recvfrom, &t) < 0) {
        return NULL;
    }
    PyObject *from = kr_address_object(self->fd, &address, t.address_size, self->proto);
    return from == NULL ? NULL : Py_BuildValue("nN", (Py_ssize_t)t.done, from);
}

// ---- sending ------------------------------------------------------------------------

static bool
call_send(KrSocket *self, void *data)
{
    Transfer *t = data;
    t->done = send(self->fd, t->buffer, (size_t)t->size, t->flags);
    return t->done >= 0;
}

static bool
call_sendto(KrSocket *self, void *data)
{
    Transfer *t = data;
    t->done = sendto(self->fd, t->buffer, (size_t)t->size, t->flags, &t->address->any,
                     t->address_size);
    return t->done >= 0;
}

KR_METHOD(socket, "send(self, data, flags=0, /)",
          "Send bytes and return how many of them the system took.")
static PyObject *
socket_send(KrSocket *self, Py_buffer *data, int flags)
{
    Transfer t = {data->buf, data->len, flags};

    if (kr_socket_call(self, KR_SOCKET_WRITE, call_send, &t) < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(t.done);
}

KR_METHOD(socket, "sendall(self, data, flags=0, /)",
          "Send all bytes. After an error nobody knows how many have been sent.")
static PyObject *
socket_sendall(KrSocket *self, Py_buffer *data, int flags)
{
    Transfer t = {data->buf, data->len, flags};
    PyTime_t timeout = self->timeout, deadline = 0;

    if (timeout > 0) {
        deadline = kr_socket_now() + timeout;
    }
    // No byte is still a call, which notices a closed socket.
    do {
        if (kr_socket_call_for(self, KR_SOCKET_WRITE, call_send, &t, timeout, NULL) < 0) {
            return NULL;
        }
        t.buffer += t.done;
        t.size -= t.done;
        if (PyErr_CheckSignals() < 0) {
            return NULL;
        }
        if (timeout > 0 && t.size > 0) {
            timeout = deadline - kr_socket_now();
            if (timeout <= 0) {
                PyErr_SetString(PyExc_TimeoutError, "timed out");
                return NULL;
            }
        }
    } while (t.size > 0);
    Py_RETURN_NONE;
}

KR_METHOD_RAW(socket, "sendto", METH_FASTCALL,
              "sendto(data[, flags], address) -> count\n\n"
              "Send bytes to an address and return how many of them the system took.")
static PyObject *
socket_sendto(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    KrSocket *self = (KrSocket *)op;
    PyObject *result = NULL;
    Py_buffer data = {NULL, NULL};
    KrAddress address;
    Transfer t = {.address = &address};

    if (nargs < 2 || nargs > 3) {
        return PyErr_Format(PyExc_TypeError,
                            "sendto() takes 2 or 3 arguments (%zd given)", nargs);
    }
    if (PyObject_GetBuffer(args[0], &data, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *object = args[nargs - 1];
    if ((nargs == 3 && kr_arg_int(args[1], &t.flags) < 0) ||
        kr_address_parse(self, object, "sendto", &address, &t.address_size) < 0 ||
        PySys_Audit("socket.sendto", "OO", op, object) < 0) {
        goto done;
    }
    t.buffer = data.buf;
    t.size = data.len;
    if (kr_socket_call(self, KR_SOCKET_WRITE, call_sendto, &t) == 0) {
        result = PyLong_FromSsize_t(t.done);
    }

done:
    PyBuffer_Release(&data);
    return result;
}

#include "modules/socket/transfer.methods.h"
