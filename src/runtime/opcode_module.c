// SPDX-License-Identifier: MIT
// opcode_module.c - _opcode: facts about instructions, for dis and inspect.

#include "Python.h"

#include "bytecode/opcodes.h"
#include "objects/args.h"
#include "objects/ids.h"

KR_FUNCTION(_opcode, "stack_effect(opcode, oparg=None, /, *, jump=None)",
            "Say by how many places the instruction changes the operand stack.")
static PyObject *
_opcode_stack_effect(PyObject *module, int opcode, PyObject *oparg, PyObject *jump)
{
    int arg = 0, direction = -1;
    if (oparg != Py_None) {
        arg = PyLong_AsInt(oparg);
        if (arg == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (jump == Py_True) {
        direction = 1;
    }
    else if (jump == Py_False) {
        direction = 0;
    }
    else if (jump != Py_None) {
        PyErr_SetString(PyExc_ValueError,
                        "stack_effect: jump must be False, True or None");
        return NULL;
    }
    int effect = kr_opcode_stack_effect(opcode, arg, direction);
    if (effect == INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "invalid opcode or oparg");
        return NULL;
    }
    return PyLong_FromLong(effect);
}

KR_FUNCTION(_opcode, "is_valid(opcode)", "Whether there is an instruction of that number.")
static PyObject *
_opcode_is_valid(PyObject *module, int opcode)
{
    return PyBool_FromLong(kr_opcode_is_valid(opcode));
}

static PyObject *
has_opcode_flag(int opcode, int flag)
{
    return PyBool_FromLong((kr_opcode_flags(opcode) & flag) != 0);
}

KR_FUNCTION(_opcode, "has_arg(opcode)", "Whether the instruction reads its argument.")
static PyObject *
_opcode_has_arg(PyObject *module, int opcode)
{
    return has_opcode_flag(opcode, KR_OPF_ARG);
}

KR_FUNCTION(_opcode, "has_const(opcode)",
            "Whether the argument is the number of a constant.")
static PyObject *
_opcode_has_const(PyObject *module, int opcode)
{
    return has_opcode_flag(opcode, KR_OPF_CONST);
}

KR_FUNCTION(_opcode, "has_name(opcode)", "Whether the argument is the number of a name.")
static PyObject *
_opcode_has_name(PyObject *module, int opcode)
{
    return has_opcode_flag(opcode, KR_OPF_NAME);
}

KR_FUNCTION(_opcode, "has_jump(opcode)", "Whether the argument is a distance to jump.")
static PyObject *
_opcode_has_jump(PyObject *module, int opcode)
{
    return has_opcode_flag(opcode, KR_OPF_JUMP);
}

KR_FUNCTION(_opcode, "has_free(opcode)",
            "Whether the argument is the number of a cell or free variable.\n"
            "\n"
            "That is: a variable that an inner scope uses or an outer one binds.")
static PyObject *
_opcode_has_free(PyObject *module, int opcode)
{
    return has_opcode_flag(opcode, KR_OPF_FREE);
}

KR_FUNCTION(_opcode, "has_local(opcode)",
            "Whether the argument is the number of a local variable.")
static PyObject *
_opcode_has_local(PyObject *module, int opcode)
{
    return has_opcode_flag(opcode, KR_OPF_LOCAL);
}

KR_FUNCTION(_opcode, "has_exc(opcode)",
            "Whether the instruction opens the range of an exception handler.")
static PyObject *
_opcode_has_exc(PyObject *module, int opcode)
{
    return has_opcode_flag(opcode, KR_OPF_EXC);
}

KR_FUNCTION(_opcode, "get_specialization_stats()",
            "Statistics of specialisation; None, as none are kept.")
static PyObject *
_opcode_get_specialization_stats(PyObject *module)
{
    Py_RETURN_NONE;
}

static PyObject *
list_of_names(const char *const *names, int count)
{
    PyObject *list = PyList_New(count);
    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *name = PyUnicode_FromString(names[i]);
        if (name == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, name);
    }
    return list;
}

KR_FUNCTION(_opcode, "get_nb_ops()",
            "Names and symbols of the binary operators, in the order of their numbers.")
static PyObject *
_opcode_get_nb_ops(PyObject *module)
{
    PyObject *list = PyList_New(KR_NB_COUNT);
    for (int i = 0; list != NULL && i < KR_NB_COUNT; i++) {
        PyObject *pair = Py_BuildValue("ss", kr_nb_names[i], kr_nb_symbols[i]);
        if (pair == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, pair);
    }
    return list;
}

KR_FUNCTION(_opcode, "get_intrinsic1_descs()",
            "Names of the operations of CALL_INTRINSIC_1.")
static PyObject *
_opcode_get_intrinsic1_descs(PyObject *module)
{
    return list_of_names(kr_intrinsic1_names, KR_INTRINSIC_1_COUNT);
}

KR_FUNCTION(_opcode, "get_intrinsic2_descs()",
            "Names of the operations of CALL_INTRINSIC_2.")
static PyObject *
_opcode_get_intrinsic2_descs(PyObject *module)
{
    return list_of_names(kr_intrinsic2_names, KR_INTRINSIC_2_COUNT);
}

KR_FUNCTION(_opcode, "get_special_method_names()",
            "Names of the methods that LOAD_SPECIAL loads.")
static PyObject *
_opcode_get_special_method_names(PyObject *module)
{
    return list_of_names(kr_special_names, KR_SPECIAL_COUNT);
}

KR_FUNCTION(_opcode, "get_executor(code, offset)",
            "The trace that starts at the offset. There are no traces here.")
static PyObject *
_opcode_get_executor(PyObject *module, PyObject *code, int offset)
{
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "expected a code object, not '%.100s'",
                     Py_TYPE(code)->tp_name);
        return NULL;
    }
    PyErr_SetString(PyExc_RuntimeError,
                    "Executors are not available in this build");
    return NULL;
}

KR_MODULE(_opcode)
#include "runtime/opcode_module.methods.h"

static int
_opcode_exec(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "ENABLE_SPECIALIZATION", 1) < 0
        || PyModule_AddIntConstant(module, "ENABLE_SPECIALIZATION_FT", 1) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot _opcode_slots[] = {
    {Py_mod_exec, _opcode_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef _opcode_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_opcode",
    .m_doc = "Opcode support module.",
    .m_methods = _opcode_methods,
    .m_slots = _opcode_slots,
};

PyMODINIT_FUNC
PyInit__opcode(void)
{
    return PyModuleDef_Init(&_opcode_def);
}
