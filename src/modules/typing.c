// SPDX-License-Identifier: MIT
// typing.c - module _typing: names for the types of objects/typevar.c.
#include "Python.h"

#include "objects/method_macros.h"
#include "objects/typevar.h"
#include "objects/union.h"

KR_FUNCTION(typing, "_idfunc(x, /)", "")
static PyObject *
typing__idfunc(PyObject *module, PyObject *x)
{
    return Py_NewRef(x);
}

KR_MODULE(typing)
#include "modules/typing.methods.h"

static int
typing_exec(PyObject *module)
{
    if (PyModule_AddObjectRef(module, "NoDefault", &kr_nodefault) < 0 ||
        PyModule_AddObjectRef(module, "Generic", kr_generic_borrow()) < 0 ||
        PyModule_AddObjectRef(module, "Union", (PyObject *)&_PyUnion_Type) < 0) {
        return -1;
    }
    PyTypeObject *const types[] = {
        &kr_typevar_type, &kr_paramspec_type, &kr_typevartuple_type, &kr_paramspecargs_type,
        &kr_paramspeckwargs_type, &kr_typealias_type,
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (PyModule_AddType(module, types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot typing_slots[] = {
    {Py_mod_exec, typing_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef typing_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_typing",
    .m_doc = "Primitives and accelerators for the typing module.",
    .m_methods = typing_methods,
    .m_slots = typing_slots,
};

PyMODINIT_FUNC
PyInit__typing(void)
{
    return PyModuleDef_Init(&typing_def);
}
