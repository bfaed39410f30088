// SPDX-License-Identifier: MIT
// types_module.c - module _types: names for builtin types that are no builtins.
#include <Python.h>

#include <frameobject.h>

#include "base/base.h"
#include "objects/namespace.h"

static int
types_exec(PyObject *module)
{
    const struct {
        const char *name;
        PyTypeObject *type;
    } types[] = {
        {"AsyncGeneratorType", &PyAsyncGen_Type},
        {"BuiltinFunctionType", &PyCFunction_Type},
        {"BuiltinMethodType", &PyCFunction_Type},
        {"CapsuleType", &PyCapsule_Type},
        {"CellType", &PyCell_Type},
        {"ClassMethodDescriptorType", &PyClassMethodDescr_Type},
        {"CodeType", &PyCode_Type},
        {"CoroutineType", &PyCoro_Type},
        {"EllipsisType", &PyEllipsis_Type},
        {"FrameType", &PyFrame_Type},
        {"FunctionType", &PyFunction_Type},
        {"GeneratorType", &PyGen_Type},
        {"GenericAlias", &Py_GenericAliasType},
        {"GetSetDescriptorType", &PyGetSetDescr_Type},
        {"LambdaType", &PyFunction_Type},
        {"MappingProxyType", &PyDictProxy_Type},
        {"MemberDescriptorType", &PyMemberDescr_Type},
        {"MethodDescriptorType", &PyMethodDescr_Type},
        {"MethodType", &PyMethod_Type},
        {"MethodWrapperType", &_PyMethodWrapper_Type},
        {"ModuleType", &PyModule_Type},
        {"NoneType", &_PyNone_Type},
        {"NotImplementedType", &_PyNotImplemented_Type},
        {"SimpleNamespace", &_PyNamespace_Type},
        {"TracebackType", &PyTraceBack_Type},
        {"UnionType", &_PyUnion_Type},
        {"WrapperDescriptorType", &PyWrapperDescr_Type},
    };

    for (size_t i = 0; i < KR_ARRAY_LEN(types); i++) {
        if (PyModule_AddObjectRef(module, types[i].name, (PyObject *)types[i].type) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot types_slots[] = {
    {Py_mod_exec, types_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef types_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_types",
    .m_doc = "Define names for built-in types.",
    .m_slots = types_slots,
};

PyMODINIT_FUNC
PyInit__types(void)
{
    return PyModuleDef_Init(&types_def);
}
