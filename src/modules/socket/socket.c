// SPDX-License-Identifier: MIT
// socket.c - the type _socket.socket: making, closing and showing sockets.
#include "modules/socket/socket.h"

#include "structmember.h"

#include <unistd.h>

KrSocketState *
kr_socket_state(KrSocket *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &kr_socket_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

// ---- making -------------------------------------------------------------------------

static PyObject *
socket_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    KrSocket *self = (KrSocket *)cls->tp_alloc(cls, 0);

    if (self != NULL) {
        self->fd = -1;
        self->timeout = -1;
    }
    return (PyObject *)self;
}

// The descriptor is the socket's from here on, whatever happens.
static int
socket_fill(KrSocketState *state, KrSocket *self, int fd, int family, int type, int proto)
{
    self->fd = fd;
    self->family = family;
    self->type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    self->proto = proto;
    if (type & SOCK_NONBLOCK) {
        self->timeout = 0;
        return 0;
    }
    self->timeout = state->default_timeout;
    return self->timeout >= 0 ? kr_socket_set_blocking(fd, false) : 0;
}

PyObject *
kr_socket_from_fd(KrSocketState *state, int fd, int family, int type, int proto)
{
    KrSocket *self = (KrSocket *)state->type->tp_alloc(state->type, 0);

    if (self == NULL) {
        close(fd);
        return NULL;
    }
    self->timeout = -1;
    if (socket_fill(state, self, fd, family, type, proto) < 0) {
        close(self->fd);
        self->fd = -1;
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int
raise_errno(void)
{
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

// What the system says about an open socket, for each of the three that is -1.
static int
ask_about_fd(int fd, int *family, int *type, int *proto)
{
    KrAddress address = {0};
    socklen_t size = sizeof address;

    if (getsockname(fd, &address.any, &size) < 0) {
        if (*family == -1 || errno == EBADF || errno == ENOTSOCK) {
            return raise_errno();
        }
    }
    if (*family == -1) {
        *family = address.any.sa_family;
    }
    size = sizeof *type;
    if (*type == -1 && getsockopt(fd, SOL_SOCKET, SO_TYPE, type, &size) < 0) {
        return raise_errno();
    }
    size = sizeof *proto;
    if (*proto == -1 && getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, proto, &size) < 0) {
        return raise_errno();
    }
    return 0;
}

static int
fd_from_object(PyObject *object, int *out)
{
    if (kr_arg_int(object, out) < 0) {
        return -1;
    }
    if (*out < 0) {
        PyErr_SetString(PyExc_ValueError, "negative file descriptor");
        return -1;
    }
    return 0;
}

KR_INIT(socket, "socket(family=-1, type=-1, proto=-1, fileno=None)",
        "One end of a connection, or a place that receives datagrams.\n\n"
        "family, type and proto default to AF_INET, SOCK_STREAM and 0; with fileno, an\n"
        "open descriptor that the socket takes over, to what the system says about it.\n"
        "The descriptor is not inherited by programs that are started.")
static int
socket_init_impl(KrSocket *self, int family, int type, int proto, PyObject *fileno)
{
    KrSocketState *state = kr_socket_state(self);
    int fd;

    if (state == NULL || PySys_Audit("socket.__new__", "Oiii", (PyObject *)self, family,
                                     type, proto) < 0) {
        return -1;
    }
    if (fileno != Py_None) {
        if (fd_from_object(fileno, &fd) < 0 ||
            ask_about_fd(fd, &family, &type, &proto) < 0) {
            return -1;
        }
    }
    else {
        family = family == -1 ? AF_INET : family;
        type = type == -1 ? SOCK_STREAM : type;
        proto = proto == -1 ? 0 : proto;
        Py_BEGIN_ALLOW_THREADS
        fd = socket(family, type | SOCK_CLOEXEC, proto);
        Py_END_ALLOW_THREADS
        if (fd < 0) {
            return raise_errno();
        }
    }
    if (socket_fill(state, self, fd, family, type, proto) < 0) {
        if (fileno == Py_None) {
            close(fd);
        }
        self->fd = -1;
        return -1;
    }
    return 0;
}

// ---- closing ------------------------------------------------------------------------

KR_METHOD(socket, "close(self, /)", "Close the socket; it cannot be used after this.")
static PyObject *
socket_close(KrSocket *self)
{
    int status, fd = self->fd;

    if (fd >= 0) {
        self->fd = -1;
        Py_BEGIN_ALLOW_THREADS
        status = close(fd);
        Py_END_ALLOW_THREADS
        // That the peer has gone is no trouble any more.
        if (status < 0 && errno != ECONNRESET) {
            return PyErr_SetFromErrno(PyExc_OSError);
        }
    }
    Py_RETURN_NONE;
}

KR_METHOD(socket, "detach(self, /)",
          "Give the descriptor away without closing it, and return it.")
static PyObject *
socket_detach(KrSocket *self)
{
    int fd = self->fd;
    self->fd = -1;
    return PyLong_FromLong(fd);
}

static void
socket_finalize(PyObject *op)
{
    KrSocket *self = (KrSocket *)op;
    PyObject *saved = PyErr_GetRaisedException();

    if (self->fd >= 0) {
        if (PyErr_ResourceWarning(op, 1, "unclosed %R", op) < 0) {
            if (PyErr_ExceptionMatches(PyExc_Warning)) {
                PyErr_FormatUnraisable("Exception ignored while finalizing socket %R", op);
            }
            else {
                PyErr_Clear();
            }
        }
        // Showing the socket may have run code that closed it.
        int fd = self->fd;
        self->fd = -1;
        if (fd >= 0) {
            Py_BEGIN_ALLOW_THREADS
            (void)close(fd);
            Py_END_ALLOW_THREADS
        }
    }
    PyErr_SetRaisedException(saved);
}

static int
socket_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
socket_dealloc(PyObject *op)
{
    if (PyObject_CallFinalizerFromDealloc(op) < 0) {
        return;
    }
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    type->tp_free(op);
    Py_DECREF(type);
}

// ---- showing ------------------------------------------------------------------------

KR_METHOD(socket, "fileno(self, /)", "The descriptor, or -1 for a closed socket.")
static PyObject *
socket_fileno(KrSocket *self)
{
    return PyLong_FromLong(self->fd);
}

static PyObject *
socket_repr(PyObject *op)
{
    KrSocket *self = (KrSocket *)op;
    return PyUnicode_FromFormat("<socket object, fd=%d, family=%d, type=%d, proto=%d>",
                                self->fd, self->family, self->type, self->proto);
}

KR_GETTER(socket, "timeout", "the socket timeout")
static PyObject *
socket_get_timeout(KrSocket *self)
{
    return kr_socket_timeout_object(self->timeout);
}

static PyMemberDef socket_members[] = {
    {"family", Py_T_INT, offsetof(KrSocket, family), Py_READONLY, "the socket family"},
    {"type", Py_T_INT, offsetof(KrSocket, type), Py_READONLY, "the socket type"},
    {"proto", Py_T_INT, offsetof(KrSocket, proto), Py_READONLY, "the socket protocol"},
    {NULL},
};

KR_TYPE(socket)
#include "modules/socket/socket.methods.h"

static PyType_Slot socket_slots[] = {
    {Py_tp_dealloc, socket_dealloc},
    {Py_tp_traverse, socket_traverse},
    {Py_tp_finalize, socket_finalize},
    {Py_tp_repr, socket_repr},
    {Py_tp_doc, (void *)socket_doc},
    {Py_tp_methods, socket_methods},
    {Py_tp_members, socket_members},
    {Py_tp_getset, socket_getset},
    {Py_tp_new, socket_new},
    {Py_tp_init, socket_init},
    {0, NULL},
};

static PyType_Spec socket_spec = {
    .name = "_socket.socket",
    .basicsize = sizeof(KrSocket),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = socket_slots,
};

PyTypeObject *
kr_socket_make_type(PyObject *module)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &socket_spec, NULL);
}
