// SPDX-License-Identifier: MIT
// session.c - ssl.SSLSession: what a client may resume a connection with.
#include "ext/ssl/ssl.h"

#include <string.h>

#include "objects/args.h"

PyObject *
kr_ssl_session_new(SslSocket *socket)
{
    SSL_SESSION *session = SSL_get1_session(socket->ssl);

    if (session == NULL) {
        Py_RETURN_NONE;
    }
    SslSession *self = PyObject_GC_New(SslSession, socket->state->session_type);
    if (self == NULL) {
        SSL_SESSION_free(session);
        return NULL;
    }
    self->session = session;
    self->context = (SslContext *)Py_NewRef(socket->context);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static int
session_traverse(SslSession *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->context);
    return 0;
}

static int
session_clear(SslSession *self)
{
    Py_CLEAR(self->context);
    return 0;
}

static void
session_dealloc(SslSession *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    session_clear(self);
    SSL_SESSION_free(self->session);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyObject *
session_compare(SslSession *self, PyObject *other, int op)
{
    SslState *state = kr_ssl_state(Py_TYPE(self));
    unsigned a_size, b_size;

    if (state == NULL) {
        return NULL;
    }
    if (!Py_IS_TYPE(other, state->session_type) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    const unsigned char *a = SSL_SESSION_get_id(self->session, &a_size);
    const unsigned char *b = SSL_SESSION_get_id(((SslSession *)other)->session, &b_size);
    bool same = (PyObject *)self == other ||
                (a_size == b_size && memcmp(a, b, a_size) == 0);
    return PyBool_FromLong(same == (op == Py_EQ));
}

KR_GETTER(ssl_session, "time", "Session creation time (seconds since epoch).")
static PyObject *
session_time(SslSession *self)
{
    return PyLong_FromLong(SSL_SESSION_get_time(self->session));
}

KR_GETTER(ssl_session, "timeout", "Session timeout (delta in seconds).")
static PyObject *
session_timeout(SslSession *self)
{
    return PyLong_FromLong(SSL_SESSION_get_timeout(self->session));
}

KR_GETTER(ssl_session, "ticket_lifetime_hint", "Ticket life time hint.")
static PyObject *
session_ticket_lifetime_hint(SslSession *self)
{
    return PyLong_FromUnsignedLong(SSL_SESSION_get_ticket_lifetime_hint(self->session));
}

KR_GETTER(ssl_session, "id", "Session ID.")
static PyObject *
session_id(SslSession *self)
{
    unsigned size;
    const unsigned char *id = SSL_SESSION_get_id(self->session, &size);

    return PyBytes_FromStringAndSize((const char *)id, (Py_ssize_t)size);
}

KR_GETTER(ssl_session, "has_ticket", "Does the session contain a ticket?")
static PyObject *
session_has_ticket(SslSession *self)
{
    return PyBool_FromLong(SSL_SESSION_has_ticket(self->session));
}

KR_TYPE(ssl_session)
#include "ext/ssl/session.methods.h"

PyTypeObject *
kr_ssl_session_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, session_dealloc},
        {Py_tp_traverse, session_traverse},
        {Py_tp_clear, session_clear},
        {Py_tp_richcompare, session_compare},
        {Py_tp_getset, ssl_session_getset},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_ssl.SSLSession",
        .basicsize = sizeof(SslSession),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                 Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
