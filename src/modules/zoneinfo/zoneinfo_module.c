// SPDX-License-Identifier: MIT
// zoneinfo_module.c - the module _zoneinfo: its state, and what it takes from the library.
#include "modules/zoneinfo/zoneinfo.h"

#include "objects/args.h"
#include "objects/ids.h"

static ZoneState *
state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

static int
import_helpers(ZoneState *state)
{
    const struct {
        PyObject **place;
        const char *module;
        const char *name;
    } helpers[] = {
        {&state->find_tzfile, "zoneinfo._tzpath", "find_tzfile"},
        {&state->load_data, "zoneinfo._common", "load_data"},
        {&state->load_tzdata, "zoneinfo._common", "load_tzdata"},
        {&state->open, "io", "open"},
        {&state->weak_dictionary, "weakref", "WeakValueDictionary"},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(helpers); i++) {
        *helpers[i].place = PyImport_ImportModuleAttrString(helpers[i].module,
                                                            helpers[i].name);
        if (*helpers[i].place == NULL) {
            return -1;
        }
    }
    state->weak_cache = PyObject_CallNoArgs(state->weak_dictionary);
    return state->weak_cache == NULL ? -1 : 0;
}

static int
zoneinfo_exec(PyObject *module)
{
    ZoneState *state = state_of(module);
    state->datetime = PyCapsule_Import(PyDateTime_CAPSULE_NAME, 0);
    if (state->datetime == NULL) {
        return -1;
    }
    state->zone_type = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, &kr_zoneinfo_zone_spec, (PyObject *)state->datetime->TZInfoType);
    if (state->zone_type == NULL || import_helpers(state) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "ZoneInfo", (PyObject *)state->zone_type);
}

static int
zoneinfo_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    ZoneState *state = state_of(module);
    Py_VISIT(state->zone_type);
    Py_VISIT(state->weak_cache);
    Py_VISIT(state->load_data);
    Py_VISIT(state->load_tzdata);
    Py_VISIT(state->find_tzfile);
    Py_VISIT(state->open);
    Py_VISIT(state->weak_dictionary);
    for (int i = 0; i < ZONE_STRONG_CACHE; i++) {
        Py_VISIT(state->strong[i].key);
        Py_VISIT(state->strong[i].zone);
    }
    return 0;
}

static int
zoneinfo_module_clear(PyObject *module)
{
    ZoneState *state = state_of(module);
    kr_zoneinfo_clear_strong_cache(state);
    Py_CLEAR(state->zone_type);
    Py_CLEAR(state->weak_cache);
    Py_CLEAR(state->load_data);
    Py_CLEAR(state->load_tzdata);
    Py_CLEAR(state->find_tzfile);
    Py_CLEAR(state->open);
    Py_CLEAR(state->weak_dictionary);
    return 0;
}

static void
zoneinfo_module_free(void *module)
{
    zoneinfo_module_clear(module);
}

static PyModuleDef_Slot zoneinfo_slots[] = {
    {Py_mod_exec, zoneinfo_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

PyModuleDef kr_zoneinfo_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_zoneinfo",
    .m_doc = "C implementation of the zoneinfo module",
    .m_size = sizeof(ZoneState),
    .m_slots = zoneinfo_slots,
    .m_traverse = zoneinfo_module_traverse,
    .m_clear = zoneinfo_module_clear,
    .m_free = zoneinfo_module_free,
};

PyMODINIT_FUNC
PyInit__zoneinfo(void)
{
    return PyModuleDef_Init(&kr_zoneinfo_def);
}
