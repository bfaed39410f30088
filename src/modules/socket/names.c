// SPDX-License-Identifier: MIT
// names.c - the constants of module _socket, from names.def.
//
// Bluetooth's numbers are those of the kernel; its headers come with another package.
#include "modules/socket/socket.h"

#include <limits.h>
#include <linux/ioctl.h>
#include <linux/can/bcm.h>
#include <linux/can/isotp.h>
#include <linux/can/j1939.h>
#include <linux/can/raw.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rds.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

static const struct {
    const char *name;
    long value;
} socket_constants[] = {
#define CONST(name) {#name, (long)(name)},
#define VALUE(name, number) {#name, (long)(number)},
#include "modules/socket/names.def"
#undef CONST
#undef VALUE
};

int
kr_socket_add_constants(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(socket_constants); i++) {
        if (PyModule_AddIntConstant(module, socket_constants[i].name,
                                    socket_constants[i].value) < 0) {
            return -1;
        }
    }
    if (PyModule_AddStringConstant(module, "BDADDR_ANY", "00:00:00:00:00:00") < 0 ||
        PyModule_AddStringConstant(module, "BDADDR_LOCAL", "00:00:00:FF:FF:FF") < 0) {
        return -1;
    }
    return 0;
}
