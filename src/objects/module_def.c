// SPDX-License-Identifier: MIT
// module_def.c - modules written in C: definitions, slots, both kinds of start.
//
// Callers:     import of builtin and extension modules.
// Re-entrancy: create and exec slots are the module's own code.
#include "objects/ids.h"
#include "objects/module.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

PyTypeObject PyModuleDef_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "moduledef",
    .tp_basicsize = sizeof(PyModuleDef),
};

PyObject *
PyModuleDef_Init(PyModuleDef *def)
{
    if (def->m_base.m_index == 0) {
        // Indexes are the process's, as definitions are.
        KrTypesState *types = &PyInterpreterState_Main()->types;
        Py_SET_TYPE(def, &PyModuleDef_Type);
        if (Py_REFCNT(def) == 0) {
            Py_SET_REFCNT(def, 1);
        }
        def->m_base.m_index = ++types->module_index;
    }
    return (PyObject *)def;
}

// -------------------------------------------------------------------- functions

static int
add_functions(PyObject *module, PyObject *name, PyMethodDef *functions)
{
    for (PyMethodDef *def = functions; def->ml_name != NULL; def++) {
        PyObject *func;
        int status;
        if (def->ml_flags & (METH_CLASS | METH_STATIC)) {
            PyErr_SetString(PyExc_ValueError,
                            "module functions cannot set METH_CLASS or METH_STATIC");
            return -1;
        }
        func = PyCFunction_NewEx(def, module, name);
        if (func == NULL) {
            return -1;
        }
        status = PyObject_SetAttrString(module, def->ml_name, func);
        Py_DECREF(func);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

int
PyModule_AddFunctions(PyObject *module, PyMethodDef *functions)
{
    PyObject *name = PyModule_GetNameObject(module);
    int status;

    if (name == NULL) {
        return -1;
    }
    status = add_functions(module, name, functions);
    Py_DECREF(name);
    return status;
}

int
PyModule_SetDocString(PyObject *module, const char *doc)
{
    PyObject *text = PyUnicode_FromString(doc);
    int status;

    if (text == NULL) {
        return -1;
    }
    status = PyObject_SetAttr(module, KR_ID(__doc__), text);
    Py_DECREF(text);
    return status;
}

static int
module_alloc_state(KrModule *module, PyModuleDef *def)
{
    if (def->m_size > 0 && module->state == NULL) {
        module->state = PyMem_Calloc(1, (size_t)def->m_size);
        if (module->state == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

// ------------------------------------------------------------ single-phase start

PyObject *
PyModule_Create2(PyModuleDef *def, int api_version)
{
    PyInterpreterState *interp = kr_interp();
    const char *name = def->m_name;
    PyObject *module;

    if (PyModuleDef_Init(def) == NULL) {
        return NULL;
    }
    if (def->m_slots != NULL) {
        PyErr_Format(PyExc_SystemError,
                     "module %s: PyModule_Create is incompatible with m_slots", name);
        return NULL;
    }
    // Import tells the full name while it runs the module's init function.
    if (interp->runtime.package_context != NULL) {
        const char *full = interp->runtime.package_context;
        const char *dot = strrchr(full, '.');
        if (dot != NULL && strcmp(dot + 1, name) == 0) {
            name = full;
            interp->runtime.package_context = NULL;
        }
    }
    module = PyModule_New(name);
    if (module == NULL) {
        return NULL;
    }
    if (module_alloc_state((KrModule *)module, def) < 0 ||
        (def->m_methods != NULL &&
         PyModule_AddFunctions(module, def->m_methods) < 0) ||
        (def->m_doc != NULL && PyModule_SetDocString(module, def->m_doc) < 0)) {
        Py_DECREF(module);
        return NULL;
    }
    ((KrModule *)module)->def = def;
    return module;
}

// ------------------------------------------------------------- multi-phase start

// What the slots of a definition ask for.
typedef struct {
    PyObject *(*create)(PyObject *, PyModuleDef *);
    bool has_exec;
    bool has_interpreters;
    bool has_gil;
    void *interpreters;
} ModuleSlots;

static int
slots_parse(PyModuleDef *def, const char *name, ModuleSlots *slots)
{
    PyModuleDef_Slot *slot = def->m_slots;

    slots->interpreters = Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED;
    for (; slot != NULL && slot->slot != 0; slot++) {
        switch (slot->slot) {
        case Py_mod_create:
            if (slots->create != NULL) {
                PyErr_Format(PyExc_SystemError, "module %s has multiple create slots",
                             name);
                return -1;
            }
            memcpy(&slots->create, &slot->value, sizeof slots->create);
            break;
        case Py_mod_exec:
            slots->has_exec = true;
            break;
        case Py_mod_multiple_interpreters:
            if (slots->has_interpreters) {
                PyErr_Format(PyExc_SystemError,
                             "module %s has more than one 'multiple interpreters' slots",
                             name);
                return -1;
            }
            slots->has_interpreters = true;
            slots->interpreters = slot->value;
            break;
        case Py_mod_gil:
            if (slots->has_gil) {
                PyErr_Format(PyExc_SystemError,
                             "module %s has more than one 'gil' slot", name);
                return -1;
            }
            slots->has_gil = true;
            break;
        default:
            PyErr_Format(PyExc_SystemError, "module %s uses unknown slot ID %i", name,
                         slot->slot);
            return -1;
        }
    }
    return 0;
}

static PyObject *
call_create(ModuleSlots *slots, PyObject *spec, PyModuleDef *def, const char *name)
{
    PyObject *module = slots->create(spec, def);

    if (module == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError,
                         "creation of module %s failed without setting an exception",
                         name);
        }
        return NULL;
    }
    if (PyErr_Occurred()) {
        PyObject *cause = PyErr_GetRaisedException(), *exc;
        PyErr_Format(PyExc_SystemError,
                     "creation of module %s raised unreported exception", name);
        exc = PyErr_GetRaisedException();
        PyException_SetCause(exc, Py_NewRef(cause));
        PyException_SetContext(exc, cause);
        PyErr_SetRaisedException(exc);
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

PyObject *
PyModule_FromDefAndSpec2(PyModuleDef *def, PyObject *spec, int api_version)
{
    ModuleSlots slots = {0};
    PyObject *name = NULL, *module = NULL, *result = NULL;
    const char *text;

    PyModuleDef_Init(def);
    name = PyObject_GetAttr(spec, KR_ID(name));
    if (name == NULL) {
        return NULL;
    }
    text = PyUnicode_AsUTF8(name);
    if (text == NULL) {
        goto done;
    }
    if (def->m_size < 0) {
        PyErr_Format(PyExc_SystemError,
                     "module %s: m_size may not be negative for multi-phase "
                     "initialization",
                     text);
        goto done;
    }
    if (slots_parse(def, text, &slots) < 0) {
        goto done;
    }
    module = slots.create != NULL ? call_create(&slots, spec, def, text)
                                  : PyModule_NewObject(name);
    if (module == NULL) {
        goto done;
    }
    if (PyModule_Check(module)) {
        ((KrModule *)module)->state = NULL;
        ((KrModule *)module)->def = def;
    }
    else if (def->m_size > 0 || def->m_traverse != NULL || def->m_clear != NULL ||
             def->m_free != NULL) {
        PyErr_Format(PyExc_SystemError,
                     "module %s is not a module object, but requests module state",
                     text);
        goto done;
    }
    else if (slots.has_exec) {
        PyErr_Format(PyExc_SystemError,
                     "module %s specifies execution slots, but did not create a "
                     "ModuleType instance",
                     text);
        goto done;
    }
    if (def->m_methods != NULL && add_functions(module, name, def->m_methods) < 0) {
        goto done;
    }
    if (def->m_doc != NULL && PyModule_SetDocString(module, def->m_doc) < 0) {
        goto done;
    }
    result = KR_MOVE(module);

done:
    Py_XDECREF(module);
    Py_DECREF(name);
    return result;
}

static int
call_exec(PyObject *module, PyModuleDef_Slot *slot, const char *name)
{
    int (*exec)(PyObject *);
    int status;

    memcpy(&exec, &slot->value, sizeof exec);
    status = exec(module);
    if (status != 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError,
                         "execution of module %s failed without setting an exception",
                         name);
        }
        return -1;
    }
    if (PyErr_Occurred()) {
        PyObject *cause = PyErr_GetRaisedException(), *exc;
        PyErr_Format(PyExc_SystemError,
                     "execution of module %s raised unreported exception", name);
        exc = PyErr_GetRaisedException();
        PyException_SetCause(exc, Py_NewRef(cause));
        PyException_SetContext(exc, cause);
        PyErr_SetRaisedException(exc);
        return -1;
    }
    return 0;
}

int
PyModule_ExecDef(PyObject *module, PyModuleDef *def)
{
    const char *name = PyModule_GetName(module);

    if (name == NULL) {
        return -1;
    }
    if (def->m_size >= 0 && module_alloc_state((KrModule *)module, def) < 0) {
        return -1;
    }
    for (PyModuleDef_Slot *slot = def->m_slots; slot != NULL && slot->slot != 0;
         slot++) {
        if (slot->slot == Py_mod_exec && call_exec(module, slot, name) < 0) {
            return -1;
        }
    }
    return 0;
}

// --------------------------------------------------------- modules by definition

PyObject *
PyState_FindModule(PyModuleDef *def)
{
    PyObject *list = kr_interp()->types.modules_by_index, *module;
    Py_ssize_t index = def->m_base.m_index;

    if (def->m_slots != NULL || index == 0 || list == NULL ||
        index >= PyList_GET_SIZE(list)) {
        return NULL;
    }
    module = PyList_GET_ITEM(list, index);
    return module == Py_None ? NULL : module;
}

static int
state_set_module(PyModuleDef *def, PyObject *module)
{
    KrTypesState *types = &kr_interp()->types;
    Py_ssize_t index = def->m_base.m_index;

    if (types->modules_by_index == NULL) {
        types->modules_by_index = PyList_New(0);
        if (types->modules_by_index == NULL) {
            return -1;
        }
    }
    while (PyList_GET_SIZE(types->modules_by_index) <= index) {
        if (PyList_Append(types->modules_by_index, Py_None) < 0) {
            return -1;
        }
    }
    return PyList_SetItem(types->modules_by_index, index, Py_NewRef(module));
}

int
PyState_AddModule(PyObject *module, PyModuleDef *def)
{
    PyObject *list = kr_interp()->types.modules_by_index;

    if (def == NULL) {
        Py_FatalError("module definition is NULL");
    }
    if (def->m_slots != NULL) {
        PyErr_SetString(PyExc_SystemError,
                        "PyState_AddModule called on module with slots");
        return -1;
    }
    if (list != NULL && def->m_base.m_index < PyList_GET_SIZE(list) &&
        PyList_GET_ITEM(list, def->m_base.m_index) == module) {
        return 0;
    }
    return state_set_module(def, module);
}

int
PyState_RemoveModule(PyModuleDef *def)
{
    PyObject *list = kr_interp()->types.modules_by_index;

    if (def->m_slots != NULL) {
        PyErr_SetString(PyExc_SystemError,
                        "PyState_RemoveModule called on module with slots");
        return -1;
    }
    if (list == NULL || def->m_base.m_index == 0 ||
        def->m_base.m_index >= PyList_GET_SIZE(list)) {
        Py_FatalError("invalid module index");
    }
    return PyList_SetItem(list, def->m_base.m_index, Py_NewRef(Py_None));
}
