// SPDX-License-Identifier: MIT
// hosts.c - names of hosts and services: getaddrinfo() and its elder relatives.
#include "modules/socket/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <unistd.h>

// ---- errors -------------------------------------------------------------------------

// gaierror(number, text), or OSError from errno.
static PyObject *
raise_gaierror(KrSocketState *state, int error)
{
    if (error == EAI_SYSTEM) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    PyObject *args = Py_BuildValue("(is)", error, gai_strerror(error));
    if (args != NULL) {
        PyErr_SetObject(state->gaierror, args);
        Py_DECREF(args);
    }
    return NULL;
}

static PyObject *
raise_herror(KrSocketState *state, int error)
{
    PyObject *args = Py_BuildValue("(is)", error, hstrerror(error));
    if (args != NULL) {
        PyErr_SetObject(state->herror, args);
        Py_DECREF(args);
    }
    return NULL;
}

// ---- host names from Python -----------------------------------------------------------

int
kr_host_name(PyObject *object, void *out)
{
    KrHostName *name = out;
    Py_ssize_t length;

    if (object == NULL) { // a later argument was wrong
        kr_host_name_release(name);
        return 1;
    }
    name->object = NULL;
    if (PyBytes_Check(object)) {
        name->object = Py_NewRef(object);
    }
    else if (PyByteArray_Check(object)) {
        name->object = PyBytes_FromObject(object); // it may change while we wait
    }
    else if (PyUnicode_Check(object)) {
        name->object = PyUnicode_IS_ASCII(object)
                           ? PyUnicode_AsASCIIString(object)
                           : PyUnicode_AsEncodedString(object, "idna", NULL);
        if (name->object == NULL) {
            PyErr_SetString(PyExc_TypeError, "encoding of hostname failed");
            return 0;
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "str, bytes or bytearray expected, not %s",
                     Py_TYPE(object)->tp_name);
        return 0;
    }
    if (name->object == NULL) {
        return 0;
    }
    name->text = PyBytes_AsString(name->object);
    length = name->text == NULL ? 0 : PyBytes_GET_SIZE(name->object);
    if (name->text == NULL || strlen(name->text) != (size_t)length) {
        Py_CLEAR(name->object);
        PyErr_SetString(PyExc_TypeError, "host name must not contain null character");
        return 0;
    }
    return Py_CLEANUP_SUPPORTED;
}

// ---- looking up -----------------------------------------------------------------------

static int
lookup_copy(KrSocketState *state, const char *name, const char *service,
            const struct addrinfo *hints, bool only_one, KrAddress *out)
{
    struct addrinfo *found = NULL;
    int error, status = 0;

    Py_BEGIN_ALLOW_THREADS
    error = getaddrinfo(name, service, hints, &found);
    Py_END_ALLOW_THREADS
    if (error != 0) {
        raise_gaierror(state, error);
        return -1;
    }
    if (only_one && found->ai_next != NULL) {
        PyErr_SetString(PyExc_OSError, "wildcard resolved to multiple address");
        status = -1;
    }
    else {
        size_t size = found->ai_addrlen;
        memcpy(out, found->ai_addr, size < sizeof *out ? size : sizeof *out);
    }
    freeaddrinfo(found);
    return status;
}

// Addresses that need nobody's help. 1 done, 0 not one of them, -1 error.
static int
lookup_known(const char *name, int family, KrAddress *out)
{
    if (strcmp(name, "<broadcast>") == 0 || strcmp(name, "255.255.255.255") == 0) {
        if (family != AF_INET && family != AF_UNSPEC) {
            PyErr_SetString(PyExc_OSError, "address family mismatched");
            return -1;
        }
        out->inet.sin_family = AF_INET;
        out->inet.sin_addr.s_addr = htonl(INADDR_BROADCAST);
        return 1;
    }
    if ((family == AF_INET || family == AF_UNSPEC) &&
        inet_pton(AF_INET, name, &out->inet.sin_addr) > 0) {
        out->inet.sin_family = AF_INET;
        return 1;
    }
    if ((family == AF_INET6 || family == AF_UNSPEC) && strchr(name, '%') == NULL &&
        inet_pton(AF_INET6, name, &out->inet6.sin6_addr) > 0) {
        out->inet6.sin6_family = AF_INET6;
        return 1;
    }
    return 0;
}

int
kr_host_lookup(KrSocketState *state, const char *name, int family, KrAddress *out)
{
    struct addrinfo hints = {.ai_family = family};

    memset(out, 0, sizeof *out);
    if (name[0] == 0 && (family == AF_INET || family == AF_INET6)) {
        out->any.sa_family = (sa_family_t)family; // all zeros: any address
        return 0;
    }
    if (name[0] == 0) {
        hints.ai_socktype = SOCK_DGRAM; // so that each address comes once
        hints.ai_flags = AI_PASSIVE;
        return lookup_copy(state, NULL, "0", &hints, true, out);
    }
    int known = lookup_known(name, family, out);
    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    memset(out, 0, sizeof *out);
    return lookup_copy(state, name, NULL, &hints, false, out);
}

PyObject *
kr_host_numeric(const KrAddress *address)
{
    char text[INET6_ADDRSTRLEN];
    const void *bytes = address->any.sa_family == AF_INET6
                            ? (const void *)&address->inet6.sin6_addr
                            : (const void *)&address->inet.sin_addr;

    if (inet_ntop(address->any.sa_family, bytes, text, sizeof text) == NULL) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_FromString(text);
}

// ---- getaddrinfo, getnameinfo ---------------------------------------------------------

// Whether the IDNA codec would leave a name as it is: ASCII with labels of 1 to 63.
static bool
is_plain_name(PyObject *name)
{
    if (!PyUnicode_IS_ASCII(name)) {
        return false;
    }
    const char *text = PyUnicode_DATA(name);
    Py_ssize_t label = 0;
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(name); i++) {
        if (text[i] != '.') {
            label++;
            continue;
        }
        if (label == 0 || label > 63) {
            return false;
        }
        label = 0;
    }
    return label <= 63;
}

// The host of getaddrinfo() as bytes, or NULL for None. 0 or -1.
static int
addrinfo_host(PyObject *host, PyObject **out)
{
    *out = NULL;
    if (host == Py_None) {
        return 0;
    }
    if (PyUnicode_Check(host)) {
        *out = is_plain_name(host) ? PyUnicode_AsASCIIString(host)
                                   : PyUnicode_AsEncodedString(host, "idna", NULL);
    }
    else if (PyBytes_Check(host)) {
        *out = Py_NewRef(host);
    }
    else {
        PyErr_SetString(PyExc_TypeError,
                        "getaddrinfo() argument 1 must be string or None");
    }
    if (*out != NULL && !PyBytes_Check(*out)) {
        PyErr_SetString(PyExc_TypeError, "the idna codec did not return bytes");
        Py_CLEAR(*out);
    }
    return *out == NULL ? -1 : 0;
}

static int
addrinfo_port(PyObject *port, PyObject **out)
{
    *out = NULL;
    if (port == Py_None) {
        return 0;
    }
    if (PyLong_CheckExact(port) || PyLong_Check(port)) {
        PyObject *text = PyLong_Type.tp_repr(port);
        *out = text == NULL ? NULL : PyUnicode_AsASCIIString(text);
        Py_XDECREF(text);
    }
    else if (PyUnicode_Check(port)) {
        *out = PyUnicode_AsUTF8String(port);
    }
    else if (PyBytes_Check(port)) {
        *out = Py_NewRef(port);
    }
    else {
        PyErr_SetString(PyExc_OSError, "Int or String expected");
    }
    return *out == NULL ? -1 : 0;
}

static PyObject *
addrinfo_list(const struct addrinfo *found)
{
    PyObject *list = PyList_New(0);

    for (; list != NULL && found != NULL; found = found->ai_next) {
        KrAddress address = {0};
        size_t size = found->ai_addrlen;
        memcpy(&address, found->ai_addr, size < sizeof address ? size : sizeof address);
        PyObject *where =
            kr_address_object(-1, &address, found->ai_addrlen, found->ai_protocol);
        PyObject *row = where == NULL
                            ? NULL
                            : Py_BuildValue("iiisN", found->ai_family, found->ai_socktype,
                                            found->ai_protocol,
                                            found->ai_canonname ? found->ai_canonname : "",
                                            where);
        if (row == NULL || PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(row);
    }
    return list;
}

KR_FUNCTION(sockets, "getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)",
            "Find addresses of a host and a service: a list of tuples (family, type,\n"
            "proto, canonname, address).")
static PyObject *
sockets_getaddrinfo(PyObject *module, PyObject *host, PyObject *port, int family, int type,
                    int proto, int flags)
{
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_family = family,
                             .ai_socktype = type,
                             .ai_protocol = proto,
                             .ai_flags = flags};
    PyObject *host_bytes = NULL, *port_bytes = NULL, *result = NULL;
    int error;

    if (addrinfo_host(host, &host_bytes) < 0 || addrinfo_port(port, &port_bytes) < 0 ||
        PySys_Audit("socket.getaddrinfo", "OOiii", host, port, family, type, proto) < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    error = getaddrinfo(host_bytes ? PyBytes_AS_STRING(host_bytes) : NULL,
                        port_bytes ? PyBytes_AS_STRING(port_bytes) : NULL, &hints, &found);
    Py_END_ALLOW_THREADS
    if (error != 0) {
        raise_gaierror(PyModule_GetState(module), error);
        goto done;
    }
    result = addrinfo_list(found);
    freeaddrinfo(found);

done:
    Py_XDECREF(host_bytes);
    Py_XDECREF(port_bytes);
    return result;
}

// Finishes the one address that getnameinfo() was given. 0 or -1.
static int
nameinfo_address(const struct addrinfo *found, PyObject *sockaddr, unsigned int flow,
                 unsigned int scope)
{
    if (found->ai_next != NULL) {
        PyErr_SetString(PyExc_OSError, "sockaddr resolved to multiple addresses");
        return -1;
    }
    if (found->ai_family == AF_INET && PyTuple_GET_SIZE(sockaddr) != 2) {
        PyErr_SetString(PyExc_OSError, "IPv4 sockaddr must be 2 tuple");
        return -1;
    }
    if (found->ai_family == AF_INET6) {
        struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)found->ai_addr;
        inet6->sin6_flowinfo = htonl(flow);
        inet6->sin6_scope_id = scope;
    }
    return 0;
}

KR_FUNCTION(sockets, "getnameinfo(sockaddr, flags, /)",
            "Names of the host and the service of an address: a pair of strings.")
static PyObject *
sockets_getnameinfo(PyObject *module, PyObject *sockaddr, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found = NULL;
    char host[NI_MAXHOST], service[NI_MAXSERV], number[16];
    const char *name;
    unsigned int flow = 0, scope = 0;
    int port, error;
    KrSocketState *state = PyModule_GetState(module);

    if (!PyTuple_Check(sockaddr)) {
        PyErr_SetString(PyExc_TypeError, "getnameinfo() argument 1 must be a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(sockaddr, "si|II;getnameinfo(): illegal sockaddr argument", &name,
                          &port, &flow, &scope)) {
        return NULL;
    }
    if (flow > 0xfffff) {
        PyErr_SetString(PyExc_OverflowError,
                        "getnameinfo(): flowinfo must be 0-1048575.");
        return NULL;
    }
    if (PySys_Audit("socket.getnameinfo", "(O)", sockaddr) < 0) {
        return NULL;
    }
    snprintf(number, sizeof number, "%d", port);
    Py_BEGIN_ALLOW_THREADS
    error = getaddrinfo(name, number, &hints, &found);
    Py_END_ALLOW_THREADS
    if (error != 0) {
        return raise_gaierror(state, error);
    }
    if (nameinfo_address(found, sockaddr, flow, scope) < 0) {
        freeaddrinfo(found);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    error = getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, service,
                        sizeof service, flags);
    Py_END_ALLOW_THREADS
    freeaddrinfo(found);
    if (error != 0) {
        return raise_gaierror(state, error);
    }
    PyObject *decoded = PyUnicode_DecodeFSDefault(host);
    return decoded == NULL ? NULL : Py_BuildValue("Ns", decoded, service);
}

// ---- the elder functions --------------------------------------------------------------

// The host of a function that takes nothing else, looked up. 0 or -1.
static int
host_argument(PyObject *module, PyObject *host, const char *function, int family,
              KrHostName *name, KrAddress *out)
{
    char event[64];

    if (!PyUnicode_Check(host) && !PyBytes_Check(host) && !PyByteArray_Check(host)) {
        PyErr_Format(PyExc_TypeError,
                     "%s() argument 1 must be str, bytes or bytearray, not %s", function,
                     Py_TYPE(host)->tp_name);
        return -1;
    }
    // gethostbyname_ex() reports itself as gethostbyname().
    snprintf(event, sizeof event, "socket.%s",
             strcmp(function, "gethostbyname_ex") == 0 ? "gethostbyname" : function);
    if (!kr_host_name(host, name) || PySys_Audit(event, "O", host) < 0) {
        return -1;
    }
    return kr_host_lookup(PyModule_GetState(module), name->text, family, out);
}

KR_FUNCTION(sockets, "gethostbyname(host, /)", "The IPv4 address of a host, as text.")
static PyObject *
sockets_gethostbyname(PyObject *module, PyObject *host)
{
    KrHostName name = {NULL, NULL};
    KrAddress address;
    PyObject *result = NULL;

    if (host_argument(module, host, "gethostbyname", AF_INET, &name, &address) == 0) {
        result = kr_host_numeric(&address);
    }
    kr_host_name_release(&name);
    return result;
}

// A list of a NULL-terminated array: names, or addresses of `family` (not 0).
static PyObject *
host_list(char **items, int family)
{
    PyObject *list = PyList_New(0);

    for (; list != NULL && items != NULL && *items != NULL; items++) {
        char text[INET6_ADDRSTRLEN];
        PyObject *item;
        if (family == 0) {
            item = PyUnicode_DecodeFSDefault(*items);
        }
        else {
            item = inet_ntop(family, *items, text, sizeof text) != NULL
                       ? PyUnicode_FromString(text)
                       : PyErr_SetFromErrno(PyExc_OSError);
        }
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

// (name, aliases, addresses)
static PyObject *
host_entry(const struct hostent *host, int family)
{
    PyObject *name = NULL, *aliases = NULL, *addresses = NULL, *result = NULL;

    if (host->h_addrtype != family) {
        errno = EAFNOSUPPORT;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    name = PyUnicode_DecodeFSDefault(host->h_name);
    aliases = host_list(host->h_aliases, 0);
    addresses = host_list(host->h_addr_list, family);
    if (name != NULL && aliases != NULL && addresses != NULL) {
        result = PyTuple_Pack(3, name, aliases, addresses);
    }
    Py_XDECREF(name);
    Py_XDECREF(aliases);
    Py_XDECREF(addresses);
    return result;
}

#define HOST_BUFFER 16384

KR_FUNCTION(sockets, "gethostbyname_ex(host, /)",
            "The name, aliases and IPv4 addresses of a host.")
static PyObject *
sockets_gethostbyname_ex(PyObject *module, PyObject *host)
{
    KrHostName name = {NULL, NULL};
    KrAddress address;
    struct hostent entry, *found = NULL;
    char buffer[HOST_BUFFER];
    int error = 0;
    PyObject *result = NULL;

    if (host_argument(module, host, "gethostbyname_ex", AF_INET, &name, &address) == 0) {
        Py_BEGIN_ALLOW_THREADS
        (void)gethostbyname_r(name.text, &entry, buffer, sizeof buffer, &found, &error);
        Py_END_ALLOW_THREADS
        result = found == NULL ? raise_herror(PyModule_GetState(module), error)
                               : host_entry(found, AF_INET);
    }
    kr_host_name_release(&name);
    return result;
}

KR_FUNCTION(sockets, "gethostbyaddr(host, /)",
            "The name, aliases and addresses of the host with an address.")
static PyObject *
sockets_gethostbyaddr(PyObject *module, PyObject *host)
{
    KrHostName name = {NULL, NULL};
    KrAddress address;
    struct hostent entry, *found = NULL;
    char buffer[HOST_BUFFER];
    int error = 0;
    PyObject *result = NULL;

    if (host_argument(module, host, "gethostbyaddr", AF_UNSPEC, &name, &address) < 0) {
        goto done;
    }
    int family = address.any.sa_family;
    bool is_inet6 = family == AF_INET6;
    const void *bytes = is_inet6 ? (const void *)&address.inet6.sin6_addr
                                 : (const void *)&address.inet.sin_addr;
    if (!is_inet6 && family != AF_INET) {
        PyErr_SetString(PyExc_OSError, "unsupported address family");
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    (void)gethostbyaddr_r(bytes, is_inet6 ? 16 : 4, family, &entry, buffer, sizeof buffer,
                          &found, &error);
    Py_END_ALLOW_THREADS
    result = found == NULL ? raise_herror(PyModule_GetState(module), error)
                           : host_entry(found, family);

done:
    kr_host_name_release(&name);
    return result;
}

KR_FUNCTION(sockets, "gethostname()", "The name of this machine.")
static PyObject *
sockets_gethostname(PyObject *module)
{
    char name[1024];
    int status;

    if (PySys_Audit("socket.gethostname", NULL) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = gethostname(name, sizeof name - 1);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    name[sizeof name - 1] = 0;
    return PyUnicode_DecodeFSDefault(name);
}

KR_FUNCTION(sockets, "sethostname(name, /)", "Set the name of this machine.")
static PyObject *
sockets_sethostname(PyObject *module, PyObject *name)
{
    PyObject *bytes;
    int status;

    if (!PyUnicode_FSConverter(name, &bytes)) {
        return NULL;
    }
    if (PySys_Audit("socket.sethostname", "(O)", bytes) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    status = sethostname(PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return status < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

// ---- services and protocols -----------------------------------------------------------

#define SERVICE_BUFFER 4096

KR_FUNCTION(sockets, "getservbyname(servicename, protocolname=<missing>, /)",
            "The port of a service, for 'tcp', 'udp' or any protocol.")
static PyObject *
sockets_getservbyname(PyObject *module, const char *servicename, const char *protocolname)
{
    struct servent entry, *found = NULL;
    char buffer[SERVICE_BUFFER];

    if (PySys_Audit("socket.getservbyname", "ss", servicename,
                    protocolname == NULL ? "" : protocolname) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    (void)getservbyname_r(servicename, protocolname, &entry, buffer, sizeof buffer, &found);
    Py_END_ALLOW_THREADS
    if (found == NULL) {
        PyErr_SetString(PyExc_OSError, "service/proto not found");
        return NULL;
    }
    return PyLong_FromLong(ntohs((uint16_t)found->s_port));
}

KR_FUNCTION(sockets, "getservbyport(port, protocolname=<missing>, /)",
            "The service at a port, for 'tcp', 'udp' or any protocol.")
static PyObject *
sockets_getservbyport(PyObject *module, int port, const char *protocolname)
{
    struct servent entry, *found = NULL;
    char buffer[SERVICE_BUFFER];

    if (port < 0 || port > 65535) {
        PyErr_SetString(PyExc_OverflowError, "getservbyport: port must be 0-65535.");
        return NULL;
    }
    if (PySys_Audit("socket.getservbyport", "is", port,
                    protocolname == NULL ? "" : protocolname) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    (void)getservbyport_r(htons((uint16_t)port), protocolname, &entry, buffer,
                          sizeof buffer, &found);
    Py_END_ALLOW_THREADS
    if (found == NULL) {
        PyErr_SetString(PyExc_OSError, "port/proto not found");
        return NULL;
    }
    return PyUnicode_DecodeFSDefault(found->s_name);
}

KR_FUNCTION(sockets, "getprotobyname(name, /)", "The number of a protocol.")
static PyObject *
sockets_getprotobyname(PyObject *module, const char *name)
{
    struct protoent entry, *found = NULL;
    char buffer[SERVICE_BUFFER];

    Py_BEGIN_ALLOW_THREADS
    (void)getprotobyname_r(name, &entry, buffer, sizeof buffer, &found);
    Py_END_ALLOW_THREADS
    if (found == NULL) {
        PyErr_SetString(PyExc_OSError, "protocol not found");
        return NULL;
    }
    return PyLong_FromLong(found->p_proto);
}

#include "modules/socket/hosts.methods.h"
