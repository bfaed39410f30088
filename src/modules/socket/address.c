// SPDX-License-Identifier: MIT
// address.c - addresses of sockets between Python and the system: AF_INET, AF_INET6,
// AF_UNIX and AF_NETLINK; address_linux.c and bluetooth.c have the others.
#include "modules/socket/socket.h"

int
kr_address_check_tuple(PyObject *object, const char *caller, const char *family)
{
    if (PyTuple_Check(object)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s(): %s address must be tuple, not %.500s", caller,
                 family, Py_TYPE(object)->tp_name);
    return -1;
}

int
kr_address_port(PyObject *number, const char *caller, const char *what, int *out)
{
    int overflow;
    PyObject *index = PyNumber_Index(number);

    if (index == NULL) {
        return -1;
    }
    long value = PyLong_AsLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (overflow || value < 0 || value > 65535) {
        PyErr_Format(PyExc_OverflowError, "%s(): %s must be 0-65535.", caller, what);
        return -1;
    }
    *out = (int)value;
    return 0;
}

// ---- from Python --------------------------------------------------------------------

static int
parse_inet(KrSocket *self, PyObject *object, const char *caller, KrAddress *out)
{
    KrHostName host = {NULL, NULL};
    PyObject *port;
    int number, status = -1;
    KrSocketState *state = kr_socket_state(self);

    if (state == NULL || kr_address_check_tuple(object, caller, "AF_INET") < 0) {
        return -1;
    }
    if (PyArg_ParseTuple(object, "O&O;AF_INET address must be a pair (host, port)",
                         kr_host_name, &host, &port) &&
        kr_address_port(port, caller, "port", &number) == 0 &&
        kr_host_lookup(state, host.text, AF_INET, out) == 0) {
        out->inet.sin_family = AF_INET;
        out->inet.sin_port = htons((uint16_t)number);
        status = 0;
    }
    kr_host_name_release(&host);
    return status;
}

static int
parse_inet6(KrSocket *self, PyObject *object, const char *caller, KrAddress *out)
{
    KrHostName host = {NULL, NULL};
    PyObject *port;
    unsigned int flow = 0, scope = 0;
    int number, status = -1;
    KrSocketState *state = kr_socket_state(self);

    if (state == NULL || kr_address_check_tuple(object, caller, "AF_INET6") < 0) {
        return -1;
    }
    if (!PyArg_ParseTuple(object,
                          "O&O|II;AF_INET6 address must be a tuple "
                          "(host, port[, flowinfo[, scopeid]])",
                          kr_host_name, &host, &port, &flow, &scope) ||
        kr_address_port(port, caller, "port", &number) < 0) {
        goto done;
    }
    if (flow > 0xfffff) {
        PyErr_Format(PyExc_OverflowError, "%s(): flowinfo must be 0-1048575.", caller);
        goto done;
    }
    if (kr_host_lookup(state, host.text, AF_INET6, out) < 0) {
        goto done;
    }
    out->inet6.sin6_family = AF_INET6;
    out->inet6.sin6_port = htons((uint16_t)number);
    out->inet6.sin6_flowinfo = htonl(flow);
    out->inet6.sin6_scope_id = scope;
    status = 0;

done:
    kr_host_name_release(&host);
    return status;
}

// A path, or a name in the abstract name space: empty, or with a NUL in front.
static int
parse_unix(PyObject *object, KrAddress *out, socklen_t *size_out)
{
    struct sockaddr_un *local = &out->local;
    Py_buffer path = {NULL, NULL};
    int status = -1;
    PyObject *bytes =
        PyUnicode_Check(object) ? PyUnicode_EncodeFSDefault(object) : Py_NewRef(object);

    if (bytes == NULL || PyObject_GetBuffer(bytes, &path, PyBUF_SIMPLE) < 0) {
        goto done;
    }
    bool abstract = path.len == 0 || *(const char *)path.buf == 0;
    if (path.len > (Py_ssize_t)sizeof local->sun_path - !abstract) {
        PyErr_SetString(PyExc_OSError, "AF_UNIX path too long");
        goto done;
    }
    memset(local, 0, sizeof *local);
    local->sun_family = AF_UNIX;
    if (path.len > 0) {
        memcpy(local->sun_path, path.buf, (size_t)path.len);
    }
    *size_out = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)path.len +
                            !abstract);
    status = 0;

done:
    if (path.obj != NULL) {
        PyBuffer_Release(&path);
    }
    Py_XDECREF(bytes);
    return status;
}

static int
parse_netlink(PyObject *object, const char *caller, KrAddress *out)
{
    unsigned int pid, groups;

    if (kr_address_check_tuple(object, caller, "AF_NETLINK") < 0 ||
        !PyArg_ParseTuple(object, "II;AF_NETLINK address must be a pair (pid, groups)",
                          &pid, &groups)) {
        return -1;
    }
    out->netlink = (struct sockaddr_nl){
        .nl_family = AF_NETLINK, .nl_pid = pid, .nl_groups = groups};
    return 0;
}

int
kr_address_parse(KrSocket *self, PyObject *object, const char *caller, KrAddress *out,
                 socklen_t *size_out)
{
    switch (self->family) {
    case AF_INET:
    case AF_RDS:
        *size_out = sizeof out->inet;
        return parse_inet(self, object, caller, out);
    case AF_INET6:
        *size_out = sizeof out->inet6;
        return parse_inet6(self, object, caller, out);
    case AF_UNIX:
        return parse_unix(object, out, size_out);
    case AF_NETLINK:
        *size_out = sizeof out->netlink;
        return parse_netlink(object, caller, out);
    case AF_BLUETOOTH:
        return kr_bluetooth_parse(self, object, caller, out, size_out);
    default:
        return kr_address_parse_linux(self, object, caller, out, size_out);
    }
}

// ---- to Python ----------------------------------------------------------------------

static PyObject *
unix_object(const struct sockaddr_un *local, socklen_t size)
{
    size_t offset = offsetof(struct sockaddr_un, sun_path);

    if (size <= offset) {
        return PyUnicode_FromStringAndSize(NULL, 0);
    }
    size_t length = size - offset;
    if (length > sizeof local->sun_path) {
        length = sizeof local->sun_path;
    }
    if (local->sun_path[0] == 0) {
        return PyBytes_FromStringAndSize(local->sun_path, (Py_ssize_t)length);
    }
    return PyUnicode_DecodeFSDefaultAndSize(local->sun_path,
                                            (Py_ssize_t)strnlen(local->sun_path, length));
}

static PyObject *
inet_object(const KrAddress *address)
{
    PyObject *host = kr_host_numeric(address);

    if (host == NULL) {
        return NULL;
    }
    if (address->any.sa_family == AF_INET) {
        return Py_BuildValue("Ni", host, (int)ntohs(address->inet.sin_port));
    }
    return Py_BuildValue("NiII", host, (int)ntohs(address->inet6.sin6_port),
                         (unsigned int)ntohl(address->inet6.sin6_flowinfo),
                         (unsigned int)address->inet6.sin6_scope_id);
}

PyObject *
kr_address_object(int fd, const KrAddress *address, socklen_t size, int proto)
{
    if (size == 0) {
        Py_RETURN_NONE; // a stream that is not connected to anything
    }
    switch (address->any.sa_family) {
    case AF_INET:
    case AF_INET6:
        return inet_object(address);
    case AF_UNIX:
        return unix_object(&address->local, size);
    case AF_NETLINK:
        return Py_BuildValue("II", address->netlink.nl_pid, address->netlink.nl_groups);
    case AF_BLUETOOTH:
        return kr_bluetooth_object(address, proto);
    default:
        return kr_address_object_linux(fd, address, size, proto);
    }
}
