// SPDX-License-Identifier: MIT
// contextvars.c - module _contextvars: names for the types of objects/context.c.
#include "Python.h"

#include "objects/method_macros.h"

KR_FUNCTION(contextvars, "copy_context()", "A copy of the current context.")
static PyObject *
contextvars_copy_context(PyObject *module)
{
    return PyContext_CopyCurrent();
}

KR_MODULE(contextvars)
#include "modules/contextvars.methods.h"

static int
contextvars_exec(PyObject *module)
{
    return PyModule_AddType(module, &PyContext_Type) < 0 ||
                   PyModule_AddType(module, &PyContextVar_Type) < 0 ||
                   PyModule_AddType(module, &PyContextToken_Type) < 0
               ? -1 : 0;
}

static PyModuleDef_Slot contextvars_slots[] = {
    {Py_mod_exec, contextvars_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef contextvars_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_contextvars",
    .m_doc = "Context Variables",
    .m_methods = contextvars_methods,
    .m_slots = contextvars_slots,
};

PyMODINIT_FUNC
PyInit__contextvars(void)
{
    return PyModuleDef_Init(&contextvars_def);
}
