// SPDX-License-Identifier: MIT
// uuid.c - the module _uuid: UUIDs from libuuid's clock.
#include <Python.h>
#include <uuid/uuid.h>

#include "base/base.h"

// (sixteen bytes, whether no other process can have got the same ones)
static PyObject *
generate_time_safe(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    uuid_t out;
    int shared = uuid_generate_time_safe(out);

    return Py_BuildValue("y#i", (const char *)out, (Py_ssize_t)sizeof out, shared);
}

static PyMethodDef uuid_methods[] = {
    {"generate_time_safe", generate_time_safe, METH_NOARGS,
     "generate_time_safe($self, /)\n--\n\nA time-based UUID, and -1 unless it is safe."},
    {NULL},
};

static int
uuid_exec(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "has_uuid_generate_time_safe", 1) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "has_stable_extractable_node", 0);
}

static PyModuleDef_Slot uuid_slots[] = {
    {Py_mod_exec, uuid_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef uuid_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_uuid",
    .m_methods = uuid_methods,
    .m_slots = uuid_slots,
};

PyMODINIT_FUNC
PyInit__uuid(void)
{
    return PyModuleDef_Init(&uuid_def);
}
