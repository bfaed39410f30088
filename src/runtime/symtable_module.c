// SPDX-License-Identifier: MIT
// symtable_module.c - _symtable: the compiler's symbol tables.

#include "Python.h"

#include <string.h>

#include "compile/compile.h"
#include "compile/symtable.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/symtable_entry.h"
#include "runtime/builtins/builtins.h"

KR_FUNCTION(_symtable, "symtable(source, filename, startstr, /)",
            "Return symbol and scope dictionaries used internally by compiler.")
static PyObject *
_symtable_symtable(PyObject *module, PyObject *source, PyObject *filename,
                   const char *startstr)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    PyObject *hold = NULL, *name = NULL, *result = NULL;
    int start;

    if (!PyUnicode_FSDecoder(filename, &name)) {
        return NULL;
    }
    flags.cf_flags = PyCF_SOURCE_IS_UTF8;
    const char *text =
        kr_source_text(source, "symtable", "string or bytes", &flags, &hold);
    if (text == NULL) {
        goto done;
    }
    if (strcmp(startstr, "exec") == 0) {
        start = Py_file_input;
    }
    else if (strcmp(startstr, "eval") == 0) {
        start = Py_eval_input;
    }
    else if (strcmp(startstr, "single") == 0) {
        start = Py_single_input;
    }
    else {
        PyErr_SetString(PyExc_ValueError,
                        "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
        goto done;
    }
    result = kr_symtable_string(text, strlen(text), name, start, &flags);

done:
    Py_XDECREF(hold);
    Py_XDECREF(name);
    return result;
}

KR_MODULE(_symtable)
#include "runtime/symtable_module.methods.h"

static int
_symtable_exec(PyObject *module)
{
    static const struct {
        const char *name;
        int value;
    } constants[] = {
        {"USE", KR_USE},
        {"DEF_GLOBAL", KR_DEF_GLOBAL},
        {"DEF_NONLOCAL", KR_DEF_NONLOCAL},
        {"DEF_LOCAL", KR_DEF_LOCAL},
        {"DEF_PARAM", KR_DEF_PARAM},
        {"DEF_TYPE_PARAM", KR_DEF_TYPE_PARAM},
        {"DEF_FREE_CLASS", KR_DEF_FREE_CLASS},
        {"DEF_IMPORT", KR_DEF_IMPORT},
        {"DEF_BOUND", KR_DEF_LOCAL | KR_DEF_PARAM | KR_DEF_IMPORT},
        {"DEF_ANNOT", KR_DEF_ANNOT},
        {"DEF_COMP_ITER", KR_DEF_COMP_ITER},
        {"DEF_COMP_CELL", KR_DEF_COMP_CELL},
        {"TYPE_FUNCTION", KR_BLOCK_FUNCTION},
        {"TYPE_CLASS", KR_BLOCK_CLASS},
        {"TYPE_MODULE", KR_BLOCK_MODULE},
        {"TYPE_ANNOTATION", KR_BLOCK_ANNOTATION},
        {"TYPE_TYPE_ALIAS", KR_BLOCK_TYPE_ALIAS},
        {"TYPE_TYPE_PARAMETERS", KR_BLOCK_TYPE_PARAMETERS},
        {"TYPE_TYPE_VARIABLE", KR_BLOCK_TYPE_VARIABLE},
        {"LOCAL", KR_SCOPE_LOCAL},
        {"GLOBAL_EXPLICIT", KR_SCOPE_GLOBAL_EXPLICIT},
        {"GLOBAL_IMPLICIT", KR_SCOPE_GLOBAL_IMPLICIT},
        {"FREE", KR_SCOPE_FREE},
        {"CELL", KR_SCOPE_CELL},
        {"SCOPE_OFF", KR_SCOPE_OFFSET},
        {"SCOPE_MASK", KR_SCOPE_MASK},
    };
    for (int i = 0; i < KR_ARRAY_LEN(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot _symtable_slots[] = {
    {Py_mod_exec, _symtable_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef _symtable_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_symtable",
    .m_methods = _symtable_methods,
    .m_slots = _symtable_slots,
};

PyMODINIT_FUNC
PyInit__symtable(void)
{
    return PyModuleDef_Init(&_symtable_def);
}
