// SPDX-License-Identifier: MIT
// address_linux.c - addresses of the families that only Linux has: AF_PACKET, AF_CAN,
// AF_ALG, AF_VSOCK, AF_TIPC, AF_QIPCRTR.
#include "modules/socket/socket.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>

// ---- from Python --------------------------------------------------------------------

// The number of a network interface. 0 or -1 with OSError.
static int
interface_index(int fd, const char *name, int *out)
{
    struct ifreq request = {0};

    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (ioctl(fd, SIOCGIFINDEX, &request) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    *out = request.ifr_ifindex;
    return 0;
}

static int
parse_packet(KrSocket *self, PyObject *object, const char *caller, KrAddress *out)
{
    const char *name;
    PyObject *proto;
    Py_buffer hardware = {NULL, NULL};
    int kind = 0, hardware_type = 0, number, index, status = -1;

    if (kr_address_check_tuple(object, caller, "AF_PACKET") < 0 ||
        !PyArg_ParseTuple(object,
                          "sO|iiy*;AF_PACKET address must be a tuple of "
                          "two to five elements",
                          &name, &proto, &kind, &hardware_type, &hardware)) {
        return -1;
    }
    if (kr_address_port(proto, caller, "proto", &number) < 0 ||
        interface_index(self->fd, name, &index) < 0) {
        goto done;
    }
    if (hardware.len > 8) {
        PyErr_SetString(PyExc_ValueError, "Hardware address must be 8 bytes or less");
        goto done;
    }
    out->packet = (struct sockaddr_ll){
        .sll_family = AF_PACKET,
        .sll_protocol = htons((uint16_t)number),
        .sll_ifindex = index,
        .sll_pkttype = (unsigned char)kind,
        .sll_hatype = (unsigned short)hardware_type,
        .sll_halen = (unsigned char)hardware.len,
    };
    if (hardware.len > 0) {
        memcpy(out->packet.sll_addr, hardware.buf, (size_t)hardware.len);
    }
    status = 0;

done:
    if (hardware.obj != NULL) {
        PyBuffer_Release(&hardware);
    }
    return status;
}

// The arguments behind the interface's name depend on the protocol.
static int
parse_can_tuple(KrSocket *self, PyObject *object, PyObject **name, KrAddress *out)
{
    unsigned long receive, transmit;
    unsigned long long node;
    unsigned int group;
    unsigned char address;

    switch (self->proto) {
    case CAN_ISOTP:
        if (!PyArg_ParseTuple(object, "O&kk", PyUnicode_FSConverter, name, &receive,
                              &transmit)) {
            return -1;
        }
        out->can.can_addr.tp.rx_id = (canid_t)receive;
        out->can.can_addr.tp.tx_id = (canid_t)transmit;
        return 0;
    case CAN_J1939:
        if (!PyArg_ParseTuple(object, "O&KIB", PyUnicode_FSConverter, name, &node, &group,
                              &address)) {
            return -1;
        }
        out->can.can_addr.j1939.name = node;
        out->can.can_addr.j1939.pgn = group;
        out->can.can_addr.j1939.addr = address;
        return 0;
    default:
        return PyArg_ParseTuple(object, "O&;AF_CAN address must be a tuple (interface, )",
                                PyUnicode_FSConverter, name)
                   ? 0
                   : -1;
    }
}

static int
parse_can(KrSocket *self, PyObject *object, const char *caller, KrAddress *out)
{
    PyObject *name = NULL;
    int index = 0, status = -1;

    if (self->proto != CAN_RAW && self->proto != CAN_BCM && self->proto != CAN_ISOTP &&
        self->proto != CAN_J1939) {
        PyErr_Format(PyExc_OSError, "%s(): unsupported CAN protocol", caller);
        return -1;
    }
    memset(&out->can, 0, sizeof out->can);
    if (kr_address_check_tuple(object, caller, "AF_CAN") < 0 ||
        parse_can_tuple(self, object, &name, out) < 0) {
        goto done;
    }
    // No name means all interfaces.
    if (PyBytes_GET_SIZE(name) >= IFNAMSIZ) {
        PyErr_SetString(PyExc_OSError, "AF_CAN interface name too long");
        goto done;
    }
    if (PyBytes_GET_SIZE(name) > 0 &&
        interface_index(self->fd, PyBytes_AS_STRING(name), &index) < 0) {
        goto done;
    }
    out->can.can_family = AF_CAN;
    out->can.can_ifindex = index;
    status = 0;

done:
    Py_XDECREF(name);
    return status;
}

static int
parse_alg(PyObject *object, const char *caller, KrAddress *out)
{
    struct sockaddr_alg *alg = &out->alg;
    const char *type, *name;
    unsigned short feature = 0, mask = 0;

    if (kr_address_check_tuple(object, caller, "AF_ALG") < 0 ||
        !PyArg_ParseTuple(
            object, "ss|HH;AF_ALG address must be a tuple (type, name[, feat[, mask]])",
            &type, &name, &feature, &mask)) {
        return -1;
    }
    memset(alg, 0, sizeof *alg);
    if (strlen(type) >= sizeof alg->salg_type) {
        PyErr_SetString(PyExc_ValueError, "AF_ALG type too long.");
        return -1;
    }
    if (strlen(name) >= sizeof alg->salg_name) {
        PyErr_SetString(PyExc_ValueError, "AF_ALG name too long.");
        return -1;
    }
    alg->salg_family = AF_ALG;
    memcpy(alg->salg_type, type, strlen(type) + 1);
    memcpy(alg->salg_name, name, strlen(name) + 1);
    alg->salg_feat = feature;
    alg->salg_mask = mask;
    return 0;
}

// Two unsigned numbers.
static int
parse_pair(PyObject *object, const char *family, const char *format, unsigned int *first,
           unsigned int *second)
{
    if (!PyTuple_Check(object)) {
        PyErr_Format(PyExc_TypeError,
                     "getsockaddrarg: %s address must be tuple, not %.500s", family,
                     Py_TYPE(object)->tp_name);
        return -1;
    }
    return PyArg_ParseTuple(object, format, first, second) ? 0 : -1;
}

static int
parse_tipc(PyObject *object, const char *caller, KrAddress *out)
{
    unsigned int type, first, second, third, scope = TIPC_CLUSTER_SCOPE;
    struct sockaddr_tipc *tipc = &out->tipc;

    if (kr_address_check_tuple(object, caller, "AF_TIPC") < 0 ||
        !PyArg_ParseTuple(
            object, "IIII|I;AF_TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])",
            &type, &first, &second, &third, &scope)) {
        return -1;
    }
    memset(tipc, 0, sizeof *tipc);
    tipc->family = AF_TIPC;
    tipc->scope = (signed char)scope;
    tipc->addrtype = (unsigned char)type;
    switch (type) {
    case TIPC_ADDR_NAMESEQ:
        tipc->addr.nameseq.type = first;
        tipc->addr.nameseq.lower = second;
        tipc->addr.nameseq.upper = third;
        return 0;
    case TIPC_ADDR_NAME:
        tipc->addr.name.name.type = first;
        tipc->addr.name.name.instance = second;
        return 0;
    case TIPC_ADDR_ID:
        tipc->addr.id.node = first;
        tipc->addr.id.ref = second;
        return 0;
    default:
        PyErr_SetString(PyExc_TypeError, "invalid address type");
        return -1;
    }
}

int
kr_address_parse_linux(KrSocket *self, PyObject *object, const char *caller,
                       KrAddress *out, socklen_t *size_out)
{
    unsigned int first, second;

    switch (self->family) {
    case AF_PACKET:
        *size_out = sizeof out->packet;
        return parse_packet(self, object, caller, out);
    case AF_CAN:
        *size_out = sizeof out->can;
        return parse_can(self, object, caller, out);
    case AF_ALG:
        *size_out = sizeof out->alg;
        return parse_alg(object, caller, out);
    case AF_TIPC:
        *size_out = sizeof out->tipc;
        return parse_tipc(object, caller, out);
    case AF_VSOCK:
        if (parse_pair(object, "AF_VSOCK", "II:getsockaddrarg", &first, &second) < 0) {
            return -1;
        }
        out->vsock = (struct sockaddr_vm){
            .svm_family = AF_VSOCK, .svm_port = second, .svm_cid = first};
        *size_out = sizeof out->vsock;
        return 0;
    case AF_QIPCRTR:
        if (parse_pair(object, "AF_QIPCRTR", "II:getsockaddrarg", &first, &second) < 0) {
            return -1;
        }
        out->qrtr = (struct sockaddr_qrtr){
            .sq_family = AF_QIPCRTR, .sq_node = first, .sq_port = second};
        *size_out = sizeof out->qrtr;
        return 0;
    default:
        PyErr_Format(PyExc_OSError, "%s(): bad family", caller);
        return -1;
    }
}

// ---- to Python ----------------------------------------------------------------------

// "" when the interface has gone or there is none.
static PyObject *
interface_name(int fd, int index)
{
    struct ifreq request = {.ifr_ifindex = index};

    if (index == 0 || ioctl(fd, SIOCGIFNAME, &request) < 0) {
        return PyUnicode_FromStringAndSize(NULL, 0);
    }
    return PyUnicode_DecodeFSDefaultAndSize(
        request.ifr_name, (Py_ssize_t)strnlen(request.ifr_name, sizeof request.ifr_name));
}

static PyObject *
packet_object(int fd, const struct sockaddr_ll *packet)
{
    PyObject *name = interface_name(fd, packet->sll_ifindex);
    Py_ssize_t length = packet->sll_halen;

    if (name == NULL) {
        return NULL;
    }
    if (length > (Py_ssize_t)sizeof packet->sll_addr) {
        length = sizeof packet->sll_addr;
    }
    return Py_BuildValue("Nhbhy#", name, (int)(short)ntohs(packet->sll_protocol),
                         (int)packet->sll_pkttype, (int)packet->sll_hatype,
                         (const char *)packet->sll_addr, length);
}

static PyObject *
can_object(int fd, const struct sockaddr_can *can, int proto)
{
    PyObject *name = interface_name(fd, can->can_ifindex);

    if (name == NULL) {
        return NULL;
    }
    switch (proto) {
    case CAN_ISOTP:
        return Py_BuildValue("Nkk", name, (unsigned long)can->can_addr.tp.rx_id,
                             (unsigned long)can->can_addr.tp.tx_id);
    case CAN_J1939:
        return Py_BuildValue("NKIB", name, (unsigned long long)can->can_addr.j1939.name,
                             (unsigned int)can->can_addr.j1939.pgn,
                             (int)can->can_addr.j1939.addr);
    default:
        return Py_BuildValue("(N)", name);
    }
}

static PyObject *
tipc_object(const struct sockaddr_tipc *tipc)
{
    unsigned int type = tipc->addrtype;
    int scope = tipc->scope;

    switch (type) {
    case TIPC_ADDR_NAMESEQ:
        return Py_BuildValue("IIIIi", type, tipc->addr.nameseq.type,
                             tipc->addr.nameseq.lower, tipc->addr.nameseq.upper, scope);
    case TIPC_ADDR_NAME:
        return Py_BuildValue("IIIIi", type, tipc->addr.name.name.type,
                             tipc->addr.name.name.instance,
                             tipc->addr.name.name.instance, scope);
    case TIPC_ADDR_ID:
        return Py_BuildValue("IIIIi", type, tipc->addr.id.node, tipc->addr.id.ref, 0u,
                             scope);
    default:
        PyErr_SetString(PyExc_ValueError, "Invalid address type");
        return NULL;
    }
}

PyObject *
kr_address_object_linux(int fd, const KrAddress *address, socklen_t size, int proto)
{
    switch (address->any.sa_family) {
    case AF_PACKET:
        return packet_object(fd, &address->packet);
    case AF_CAN:
        return can_object(fd, &address->can, proto);
    case AF_TIPC:
        return tipc_object(&address->tipc);
    case AF_VSOCK:
        return Py_BuildValue("II", address->vsock.svm_cid, address->vsock.svm_port);
    case AF_QIPCRTR:
        return Py_BuildValue("II", address->qrtr.sq_node, address->qrtr.sq_port);
    case AF_ALG: {
        const struct sockaddr_alg *alg = &address->alg;
        const char *type = (const char *)alg->salg_type;
        const char *name = (const char *)alg->salg_name;
        return Py_BuildValue("s#s#HH", type,
                             (Py_ssize_t)strnlen(type, sizeof alg->salg_type), name,
                             (Py_ssize_t)strnlen(name, sizeof alg->salg_name),
                             (int)alg->salg_feat, (int)alg->salg_mask);
    }
    default: {
        // Not known: the family and its bytes.
        socklen_t head = offsetof(struct sockaddr, sa_data);
        return Py_BuildValue("iy#", (int)address->any.sa_family,
                             (const char *)address + head,
                             (Py_ssize_t)(size > head ? size - head : 0));
    }
    }
}
