// SPDX-License-Identifier: MIT
// builtins.c - the builtins module: its functions' table, types and constants.
#include "runtime/builtins/builtins.h"

#include "objects/args.h"
#include "objects/exceptions.h"
#include "objects/ids.h"

KR_MODULE(builtins)
#include "runtime/builtins/builtins.methods.h"

static PyModuleDef builtins_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "builtins",
    .m_doc = "Functions, types, exceptions and constants that every module sees.",
    .m_size = -1,
    .m_methods = builtins_methods,
};

// Names bound to static types.
static const struct {
    const char *name;
    PyTypeObject *type;
} builtin_types[] = {
    {"bool", &PyBool_Type},
    {"memoryview", &PyMemoryView_Type},
    {"bytearray", &PyByteArray_Type},
    {"bytes", &PyBytes_Type},
    {"classmethod", &PyClassMethod_Type},
    {"complex", &PyComplex_Type},
    {"dict", &PyDict_Type},
    {"enumerate", &PyEnum_Type},
    {"filter", &PyFilter_Type},
    {"float", &PyFloat_Type},
    {"frozenset", &PyFrozenSet_Type},
    {"property", &PyProperty_Type},
    {"int", &PyLong_Type},
    {"list", &PyList_Type},
    {"map", &PyMap_Type},
    {"object", &PyBaseObject_Type},
    {"range", &PyRange_Type},
    {"reversed", &PyReversed_Type},
    {"set", &PySet_Type},
    {"slice", &PySlice_Type},
    {"staticmethod", &PyStaticMethod_Type},
    {"str", &PyUnicode_Type},
    {"super", &PySuper_Type},
    {"tuple", &PyTuple_Type},
    {"type", &PyType_Type},
    {"zip", &PyZip_Type},
#define EXCEPTION(name, base, type, layout, doc) {#name, &kr_exc_##name},
#include "objects/exceptions.def"
#undef EXCEPTION
    {"EnvironmentError", &kr_exc_OSError},
    {"IOError", &kr_exc_OSError},
};

static int
fill_builtins(PyInterpreterState *interp, PyObject *dict)
{
    bool debug = interp->runtime.config.optimization_level == 0;

    if (PyDict_SetItem(dict, KR_ID(None), Py_None) < 0 ||
        PyDict_SetItem(dict, KR_ID(Ellipsis), Py_Ellipsis) < 0 ||
        PyDict_SetItem(dict, KR_ID(NotImplemented), Py_NotImplemented) < 0 ||
        PyDict_SetItem(dict, KR_ID(False), Py_False) < 0 ||
        PyDict_SetItem(dict, KR_ID(True), Py_True) < 0 ||
        PyDict_SetItem(dict, KR_ID(__debug__), debug ? Py_True : Py_False) < 0 ||
        PyDict_SetItem(dict, KR_ID(ExceptionGroup), interp->errors.exception_group) <
            0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(builtin_types); i++) {
        if (PyDict_SetItemString(dict, builtin_types[i].name,
                                 (PyObject *)builtin_types[i].type) < 0) {
            return -1;
        }
    }
    return 0;
}

int
kr_init_builtins(PyInterpreterState *interp)
{
    PyObject *module = PyModule_Create(&builtins_def);
    PyObject *dict;

    if (module == NULL) {
        return -1;
    }
    dict = PyModule_GetDict(module);
    if (dict == NULL || fill_builtins(interp, dict) < 0 ||
        PyDict_SetItem(interp->modules, KR_ID(builtins), module) < 0) {
        Py_DECREF(module);
        return -1;
    }
    interp->import_func = PyDict_GetItemWithError(dict, KR_ID(__import__));
    Py_XINCREF(interp->import_func);
    interp->all_func = Py_XNewRef(PyDict_GetItemWithError(dict, KR_ID(all)));
    interp->any_func = Py_XNewRef(PyDict_GetItemWithError(dict, KR_ID(any)));
    interp->builtins = Py_NewRef(dict);
    interp->builtins_module = module;
    return interp->import_func == NULL || interp->all_func == NULL ||
                   interp->any_func == NULL
               ? -1
               : 0;
}
