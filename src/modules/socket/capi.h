// SPDX-License-Identifier: MIT
// capi.h - what the capsule _socket.CAPI points to: for modules that work on sockets.
//
// The order of the members is that of CPython 3.14, for extensions built for it.
#ifndef KRAIT_MODULES_SOCKET_CAPI_H
#define KRAIT_MODULES_SOCKET_CAPI_H

#include "Python.h"

#define KR_SOCKET_CAPSULE "_socket.CAPI"

typedef struct {
    PyTypeObject *socket_type;
    PyObject *error;         // OSError
    PyObject *timeout_error; // TimeoutError
} KrSocketAPI;

#endif // KRAIT_MODULES_SOCKET_CAPI_H
