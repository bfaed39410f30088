// SPDX-License-Identifier: MIT
// jit.c - sys._jit: what is known of the just-in-time compiler (there is none yet).
#include "objects/args.h"
#include "runtime/sys/sys.h"

KR_FUNCTION(sys_jit, "is_available()", "Whether this build has a just-in-time compiler.")
static PyObject *
sys_jit_is_available(PyObject *module)
{
    Py_RETURN_FALSE;
}

KR_FUNCTION(sys_jit, "is_enabled()", "Whether the just-in-time compiler is in use.")
static PyObject *
sys_jit_is_enabled(PyObject *module)
{
    Py_RETURN_FALSE;
}

KR_FUNCTION(sys_jit, "is_active()", "Whether the caller runs in compiled code.")
static PyObject *
sys_jit_is_active(PyObject *module)
{
    Py_RETURN_FALSE;
}

KR_MODULE(sys_jit)
#include "runtime/sys/jit.methods.h"

int
kr_sys_add_jit(PyObject *dict)
{
    static PyModuleDef def = {PyModuleDef_HEAD_INIT, .m_name = "sys._jit", .m_size = 0,
                              .m_methods = sys_jit_methods};
    PyObject *module = PyModule_Create(&def);
    int status = module == NULL ? -1 : PyDict_SetItemString(dict, "_jit", module);

    Py_XDECREF(module);
    return status;
}
