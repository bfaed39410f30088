// SPDX-License-Identifier: MIT
// inet.c - functions of the module that work on numbers: byte order, addresses as
// text, network interfaces, descriptors, pairs of sockets, the default timeout.
#include "modules/socket/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <unistd.h>

// ---- byte order -----------------------------------------------------------------------

// An unsigned number of at most `bits` bits. 0 or -1.
static int
unsigned_number(PyObject *object, unsigned long limit, const char *type,
                unsigned long *out)
{
    PyObject *number = PyNumber_Index(object);

    if (number == NULL) {
        return -1;
    }
    if (PyLong_IsNegative(number)) {
        PyErr_SetString(PyExc_ValueError, "Cannot convert negative int");
        Py_DECREF(number);
        return -1;
    }
    *out = PyLong_AsUnsignedLong(number);
    Py_DECREF(number);
    if (PyErr_Occurred()) {
        PyErr_Clear();
        *out = ULONG_MAX;
    }
    if (*out > limit) {
        PyErr_Format(PyExc_OverflowError, "Python int too large for C %s", type);
        return -1;
    }
    return 0;
}

static PyObject *
swap16(PyObject *object)
{
    unsigned long number;
    return unsigned_number(object, UINT16_MAX, "uint16_t", &number) < 0
               ? NULL
               : PyLong_FromUnsignedLong(htons((uint16_t)number));
}

static PyObject *
swap32(PyObject *object)
{
    unsigned long number;
    return unsigned_number(object, UINT32_MAX, "uint32_t", &number) < 0
               ? NULL
               : PyLong_FromUnsignedLong(htonl((uint32_t)number));
}

KR_FUNCTION(sockets, "ntohs(integer, /)",
            "Convert a 16-bit unsigned integer from network to host byte order.")
static PyObject *
sockets_ntohs(PyObject *module, PyObject *integer)
{
    return swap16(integer);
}

KR_FUNCTION(sockets, "htons(integer, /)",
            "Convert a 16-bit unsigned integer from host to network byte order.")
static PyObject *
sockets_htons(PyObject *module, PyObject *integer)
{
    return swap16(integer);
}

KR_FUNCTION(sockets, "ntohl(integer, /)",
            "Convert a 32-bit unsigned integer from network to host byte order.")
static PyObject *
sockets_ntohl(PyObject *module, PyObject *integer)
{
    return swap32(integer);
}

KR_FUNCTION(sockets, "htonl(integer, /)",
            "Convert a 32-bit unsigned integer from host to network byte order.")
static PyObject *
sockets_htonl(PyObject *module, PyObject *integer)
{
    return swap32(integer);
}

// ---- addresses as text ----------------------------------------------------------------

KR_FUNCTION(sockets, "inet_aton(ip_addr, /)",
            "Pack an IPv4 address (123.45.67.89) into 4 bytes.")
static PyObject *
sockets_inet_aton(PyObject *module, const char *ip_addr)
{
    struct in_addr packed;

    if (!inet_aton(ip_addr, &packed)) {
        PyErr_SetString(PyExc_OSError, "illegal IP address string passed to inet_aton");
        return NULL;
    }
    return PyBytes_FromStringAndSize((const char *)&packed, sizeof packed);
}

KR_FUNCTION(sockets, "inet_ntoa(packed_ip, /)", "Show 4 packed bytes as an IPv4 address.")
static PyObject *
sockets_inet_ntoa(PyObject *module, Py_buffer *packed_ip)
{
    char text[INET_ADDRSTRLEN];

    if (packed_ip->len != sizeof(struct in_addr)) {
        PyErr_SetString(PyExc_OSError, "packed IP wrong length for inet_ntoa");
        return NULL;
    }
    inet_ntop(AF_INET, packed_ip->buf, text, sizeof text);
    return PyUnicode_FromString(text);
}

KR_FUNCTION(sockets, "inet_pton(address_family, ip_string, /)",
            "Pack an address of a family (AF_INET, AF_INET6) into bytes.")
static PyObject *
sockets_inet_pton(PyObject *module, int address_family, const char *ip_string)
{
    char packed[sizeof(struct in6_addr)];
    int status = inet_pton(address_family, ip_string, packed);

    if (status < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (status == 0) {
        PyErr_SetString(PyExc_OSError, "illegal IP address string passed to inet_pton");
        return NULL;
    }
    return PyBytes_FromStringAndSize(packed, address_family == AF_INET ? 4 : 16);
}

KR_FUNCTION(sockets, "inet_ntop(address_family, packed_ip, /)",
            "Show packed bytes as an address of a family (AF_INET, AF_INET6).")
static PyObject *
sockets_inet_ntop(PyObject *module, int address_family, Py_buffer *packed_ip)
{
    char text[INET6_ADDRSTRLEN];

    if (address_family != AF_INET && address_family != AF_INET6) {
        return PyErr_Format(PyExc_ValueError, "unknown address family %d",
                            address_family);
    }
    if (packed_ip->len != (address_family == AF_INET ? 4 : 16)) {
        PyErr_SetString(PyExc_ValueError, "invalid length of packed IP address string");
        return NULL;
    }
    if (inet_ntop(address_family, packed_ip->buf, text, sizeof text) == NULL) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_FromString(text);
}

// ---- network interfaces -----------------------------------------------------------------

KR_FUNCTION(sockets, "if_nameindex()",
            "All network interfaces: a list of pairs (index, name).")
static PyObject *
sockets_if_nameindex(PyObject *module)
{
    struct if_nameindex *found = if_nameindex();
    PyObject *list = found == NULL ? NULL : PyList_New(0);

    if (found == NULL) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    for (struct if_nameindex *i = found; list != NULL && i->if_index != 0; i++) {
        PyObject *pair = Py_BuildValue("IO&", i->if_index, PyUnicode_DecodeFSDefault,
                                       i->if_name);
        if (pair == NULL || PyList_Append(list, pair) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(pair);
    }
    if_freenameindex(found);
    return list;
}

KR_FUNCTION(sockets, "if_nametoindex(oname, /)", "The index of a network interface.")
static PyObject *
sockets_if_nametoindex(PyObject *module, PyObject *oname)
{
    PyObject *bytes;

    if (!PyUnicode_FSConverter(oname, &bytes)) {
        return NULL;
    }
    unsigned index = if_nametoindex(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    return index == 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromUnsignedLong(index);
}

KR_FUNCTION(sockets, "if_indextoname(if_index, /)",
            "The name of the network interface with an index.")
static PyObject *
sockets_if_indextoname(PyObject *module, PyObject *if_index)
{
    char name[IF_NAMESIZE + 1];
    unsigned long index;

    if (unsigned_number(if_index, UINT_MAX, "unsigned int", &index) < 0) {
        return NULL;
    }
    if (if_indextoname((unsigned)index, name) == NULL) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeFSDefault(name);
}

// ---- descriptors ------------------------------------------------------------------------

KR_FUNCTION(sockets, "close(fd, /)", "Close the descriptor of a socket.")
static PyObject *
sockets_close(PyObject *module, int fd)
{
    int status;

    Py_BEGIN_ALLOW_THREADS
    status = close(fd);
    Py_END_ALLOW_THREADS
    if (status < 0 && errno != ECONNRESET) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(sockets, "dup(fd, /)",
            "A second descriptor of a socket, not inherited by programs.")
static PyObject *
sockets_dup(PyObject *module, int fd)
{
    int copy;

    Py_BEGIN_ALLOW_THREADS
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    Py_END_ALLOW_THREADS
    return copy < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(copy);
}

KR_FUNCTION(sockets, "socketpair(family=AF_UNIX, type=SOCK_STREAM, proto=0, /)",
            "Two sockets that are connected to each other.")
static PyObject *
sockets_socketpair(PyObject *module, int family, int type, int proto)
{
    KrSocketState *state = PyModule_GetState(module);
    int status, fds[2];

    Py_BEGIN_ALLOW_THREADS
    status = socketpair(family, type | SOCK_CLOEXEC, proto, fds);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *first = kr_socket_from_fd(state, fds[0], family, type, proto);
    if (first == NULL) {
        close(fds[1]);
        return NULL;
    }
    PyObject *second = kr_socket_from_fd(state, fds[1], family, type, proto);
    if (second == NULL) {
        Py_DECREF(first);
        return NULL;
    }
    return Py_BuildValue("NN", first, second);
}

// ---- the default timeout ------------------------------------------------------------------

KR_FUNCTION(sockets, "getdefaulttimeout()",
            "The timeout of new sockets in seconds (float), or None for no limit.")
static PyObject *
sockets_getdefaulttimeout(PyObject *module)
{
    KrSocketState *state = PyModule_GetState(module);
    return kr_socket_timeout_object(state->default_timeout);
}

KR_FUNCTION(sockets, "setdefaulttimeout(timeout, /)",
            "Set the timeout of new sockets: seconds, or None for no limit.")
static PyObject *
sockets_setdefaulttimeout(PyObject *module, PyObject *timeout)
{
    KrSocketState *state = PyModule_GetState(module);
    PyTime_t value;

    if (kr_socket_timeout(timeout, &value) < 0) {
        return NULL;
    }
    state->default_timeout = value;
    Py_RETURN_NONE;
}

#include "modules/socket/inet.methods.h"
