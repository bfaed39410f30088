// SPDX-License-Identifier: MIT
// socket.h - between the files of the _socket module.
//
// Reading order: socket.c (the type), wait.c (timeouts and signals), address.c and
//                address_linux.c and bluetooth.c (addresses to and from Python),
//                transfer.c, message.c, options.c (methods), hosts.c, inet.c
//                (functions), module.c.
#ifndef KRAIT_MODULES_SOCKET_H
#define KRAIT_MODULES_SOCKET_H

#include "Python.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/qrtr.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/base.h"
#include "modules/socket/capi.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/pytime.h"

typedef struct {
    PyObject_HEAD
    int fd; // -1: closed, or not made yet
    int family;
    int type; // without SOCK_CLOEXEC and SOCK_NONBLOCK
    int proto;
    void *unused;     // the C API of 3.14 has 56 bytes
    PyTime_t timeout; // nanoseconds; 0 non-blocking, negative none
    void *unused2;
} KrSocket;

_Static_assert(sizeof(KrSocket) == 56, "as 3.14");

typedef struct {
    PyTypeObject *type;
    PyObject *herror;
    PyObject *gaierror;
    PyTime_t default_timeout;
    KrSocketAPI api; // what the capsule points to; its members are owned elsewhere
} KrSocketState;

KrSocketState *kr_socket_state(KrSocket *self);
extern PyModuleDef kr_socket_def;

// ---- Bluetooth addresses as the kernel has them (there may be no header for them) ---

typedef struct {
    uint8_t b[6]; // the last byte of the text comes first
} KrBluetooth;

struct kr_sockaddr_l2 {
    sa_family_t family;
    uint16_t psm; // little endian
    KrBluetooth address;
    uint16_t cid; // little endian
    uint8_t address_type;
};

struct kr_sockaddr_rfcomm {
    sa_family_t family;
    KrBluetooth address;
    uint8_t channel;
};

struct kr_sockaddr_hci {
    sa_family_t family;
    uint16_t device;
    uint16_t channel;
};

struct kr_sockaddr_sco {
    sa_family_t family;
    KrBluetooth address;
};

enum {
    KR_BT_L2CAP = 0,
    KR_BT_HCI = 1,
    KR_BT_SCO = 2,
    KR_BT_RFCOMM = 3,
};

// ---- addresses ----------------------------------------------------------------------

typedef union {
    struct sockaddr any;
    struct sockaddr_in inet;
    struct sockaddr_in6 inet6;
    struct sockaddr_un local;
    struct sockaddr_nl netlink;
    struct sockaddr_ll packet;
    struct sockaddr_can can;
    struct sockaddr_alg alg;
    struct sockaddr_vm vsock;
    struct sockaddr_tipc tipc;
    struct sockaddr_qrtr qrtr;
    struct kr_sockaddr_l2 l2cap;
    struct kr_sockaddr_rfcomm rfcomm;
    struct kr_sockaddr_hci hci;
    struct kr_sockaddr_sco sco;
    struct sockaddr_storage storage;
} KrAddress;

// Reads an address for a socket; `caller` is the method's name for messages. 0 or -1.
int kr_address_parse(KrSocket *self, PyObject *object, const char *caller,
                     KrAddress *out, socklen_t *size_out);
// New reference; None for an empty address. fd and proto are those of the socket.
PyObject *kr_address_object(int fd, const KrAddress *address, socklen_t size, int proto);

int kr_address_parse_linux(KrSocket *self, PyObject *object, const char *caller,
                           KrAddress *out, socklen_t *size_out);
PyObject *kr_address_object_linux(int fd, const KrAddress *address, socklen_t size,
                                  int proto);
int kr_bluetooth_parse(KrSocket *self, PyObject *object, const char *caller,
                       KrAddress *out, socklen_t *size_out);
PyObject *kr_bluetooth_object(const KrAddress *address, int proto);

// "bind(): AF_INET address must be tuple, not int" unless it is one. 0 or -1.
int kr_address_check_tuple(PyObject *object, const char *caller, const char *family);
// A number 0 to 65535 in host order; `what` is "port". 0 or -1.
int kr_address_port(PyObject *number, const char *caller, const char *what, int *out);

// ---- hosts.c ------------------------------------------------------------------------

// A host name as ASCII: str through IDNA when it has to be, bytes, bytearray.
typedef struct {
    PyObject *object; // owned
    const char *text; // NUL-terminated
} KrHostName;

// A converter for PyArg_ParseTuple; the caller releases it.
int kr_host_name(PyObject *object, void *out);

static inline void
kr_host_name_release(KrHostName *name)
{
    Py_CLEAR(name->object);
}

// Looks up a host as an address of a family (AF_UNSPEC: any). 0 or -1.
int kr_host_lookup(KrSocketState *state, const char *name, int family, KrAddress *out);
// The numeric form of an AF_INET or AF_INET6 address.
PyObject *kr_host_numeric(const KrAddress *address);

// ---- wait.c -------------------------------------------------------------------------

typedef enum {
    KR_SOCKET_READ,
    KR_SOCKET_WRITE,
    KR_SOCKET_CONNECT, // wait for writing before the first try, whatever the timeout
} KrSocketWait;

// One system call, made without the interpreter's lock: false with errno.
typedef bool KrSocketCall(KrSocket *self, void *data);

// Makes a call as the socket's timeout says, again after signals. 0 or -1 with OSError.
int kr_socket_call(KrSocket *self, KrSocketWait wait, KrSocketCall *call, void *data);
// The same with a timeout of its own. With error_out a failure of the system sets
// *error_out to its errno (EWOULDBLOCK when time is up) and no exception; -1 with
// *error_out -1 means an exception of a signal handler.
int kr_socket_call_for(KrSocket *self, KrSocketWait wait, KrSocketCall *call, void *data,
                       PyTime_t timeout, int *error_out);
int kr_socket_set_blocking(int fd, bool blocking);
PyTime_t kr_socket_now(void);
// None (-1) or a number of seconds that is not negative. 0 or -1.
int kr_socket_timeout(PyObject *object, PyTime_t *out);
PyObject *kr_socket_timeout_object(PyTime_t timeout);

// ---- socket.c, names.c, options.c ---------------------------------------------------

// A socket object of exactly _socket.socket for an open descriptor.
PyObject *kr_socket_from_fd(KrSocketState *state, int fd, int family, int type, int proto);
PyTypeObject *kr_socket_make_type(PyObject *module);
int kr_socket_add_constants(PyObject *module);

#endif // KRAIT_MODULES_SOCKET_H
