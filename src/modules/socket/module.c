// SPDX-License-Identifier: MIT
// module.c - the module _socket itself: its types, errors and the capsule _socket.CAPI.
#include "modules/socket/socket.h"

KR_MODULE(sockets)
#include "modules/socket/module.methods.h"

static int
add_errors(PyObject *module, KrSocketState *state)
{
    state->herror = PyErr_NewException("socket.herror", PyExc_OSError, NULL);
    state->gaierror = PyErr_NewException("socket.gaierror", PyExc_OSError, NULL);
    if (state->herror == NULL || state->gaierror == NULL ||
        PyModule_AddObjectRef(module, "herror", state->herror) < 0 ||
        PyModule_AddObjectRef(module, "gaierror", state->gaierror) < 0 ||
        PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0 ||
        PyModule_AddObjectRef(module, "timeout", PyExc_TimeoutError) < 0) {
        return -1;
    }
    return 0;
}

// The capsule keeps the module alive, in whose state its data stands.
static void
capsule_destroy(PyObject *capsule)
{
    Py_XDECREF(PyCapsule_GetContext(capsule));
}

static int
add_capsule(PyObject *module, KrSocketState *state)
{
    state->api = (KrSocketAPI){state->type, PyExc_OSError, PyExc_TimeoutError};
    PyObject *capsule = PyCapsule_New(&state->api, KR_SOCKET_CAPSULE, capsule_destroy);
    if (capsule == NULL || PyCapsule_SetContext(capsule, Py_NewRef(state->type)) < 0) {
        Py_XDECREF(capsule);
        return -1;
    }
    return PyModule_Add(module, "CAPI", capsule);
}

static int
socket_exec(PyObject *module)
{
    KrSocketState *state = PyModule_GetState(module);

    state->default_timeout = -1;
    state->type = kr_socket_make_type(module);
    if (state->type == NULL ||
        PyModule_AddObjectRef(module, "socket", (PyObject *)state->type) < 0 ||
        PyModule_AddObjectRef(module, "SocketType", (PyObject *)state->type) < 0 ||
        PyModule_AddObjectRef(module, "has_ipv6", Py_True) < 0 ||
        add_errors(module, state) < 0 || add_capsule(module, state) < 0) {
        return -1;
    }
    return kr_socket_add_constants(module);
}

static int
socket_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    KrSocketState *state = PyModule_GetState(module);
    Py_VISIT(state->type);
    Py_VISIT(state->herror);
    Py_VISIT(state->gaierror);
    return 0;
}

static int
socket_module_clear(PyObject *module)
{
    KrSocketState *state = PyModule_GetState(module);
    Py_CLEAR(state->type);
    Py_CLEAR(state->herror);
    Py_CLEAR(state->gaierror);
    return 0;
}

static PyModuleDef_Slot socket_module_slots[] = {
    {Py_mod_exec, socket_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

PyModuleDef kr_socket_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_socket",
    .m_doc = "Sockets as the system has them; module socket is the one to use.",
    .m_size = sizeof(KrSocketState),
    .m_methods = sockets_methods,
    .m_slots = socket_module_slots,
    .m_traverse = socket_module_traverse,
    .m_clear = socket_module_clear,
};

PyMODINIT_FUNC
PyInit__socket(void)
{
    return PyModuleDef_Init(&kr_socket_def);
}
