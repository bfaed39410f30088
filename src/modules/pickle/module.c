// SPDX-License-Identifier: MIT
// module.c - module _pickle: functions, exceptions, and what it needs of other modules.
#include "modules/pickle/pickle.h"

#include "objects/args.h"
#include "objects/ids.h"

PickleState *
kr_pickle_state_of(PyObject *self)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &kr_pickle_def);

    return module == NULL ? NULL : PyModule_GetState(module);
}

// ---- functions --------------------------------------------------------------------------

static Pickler *
make_pickler(PyObject *module, PyObject *protocol, bool fix_imports, PyObject *callback)
{
    PickleState *state = PyModule_GetState(module);
    PyTypeObject *type = state->pickler_type;
    Pickler *self = (Pickler *)type->tp_new(type, NULL, NULL);

    if (self != NULL && kr_pickler_setup(self, protocol, fix_imports, callback) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

KR_FUNCTION(pickle, "dump(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)",
            "Write a pickled representation of obj to the open file object file.\n"
            "\n"
            "This is Pickler(file, protocol).dump(obj); see there for the arguments.")
static PyObject *
pickle_dump(PyObject *module, PyObject *obj, PyObject *file, PyObject *protocol,
            bool fix_imports, PyObject *buffer_callback)
{
    Pickler *self = make_pickler(module, protocol, fix_imports, buffer_callback);
    int status = -1;

    if (self == NULL) {
        return NULL;
    }
    if (PyObject_GetOptionalAttr(file, KR_ID(write), &self->write) >= 0) {
        if (self->write == NULL) {
            PyErr_SetString(PyExc_TypeError, "file must have a 'write' attribute");
        }
        else {
            status = kr_pickle_dump(self, obj);
        }
    }
    Py_DECREF(self);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(pickle, "dumps(obj, protocol=None, *, fix_imports=True, buffer_callback=None)",
            "Return the pickled representation of the object as a bytes object.\n"
            "\n"
            "See Pickler for the arguments.")
static PyObject *
pickle_dumps(PyObject *module, PyObject *obj, PyObject *protocol, bool fix_imports,
             PyObject *buffer_callback)
{
    Pickler *self = make_pickler(module, protocol, fix_imports, buffer_callback);
    PyObject *result = NULL;

    if (self != NULL && kr_pickle_dump(self, obj) == 0) {
        result = PyBytes_FromStringAndSize(self->out, (Py_ssize_t)self->size);
    }
    Py_XDECREF(self);
    return result;
}

static Unpickler *
make_unpickler(PyObject *module, bool fix_imports, const char *encoding, const char *errors,
               PyObject *buffers)
{
    PickleState *state = PyModule_GetState(module);
    PyTypeObject *type = state->unpickler_type;
    Unpickler *self = (Unpickler *)type->tp_new(type, NULL, NULL);

    if (self != NULL && kr_unpickler_setup(self, fix_imports, encoding, errors, buffers) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

KR_FUNCTION(pickle, "load(file, *, fix_imports=True, encoding='ASCII', errors='strict', "
                    "buffers=())",
            "Read and return an object from the pickle data stored in a file.\n"
            "\n"
            "This is Unpickler(file).load(); see there for the arguments.")
static PyObject *
pickle_load(PyObject *module, PyObject *file, bool fix_imports, const char *encoding,
            const char *errors, PyObject *buffers)
{
    Unpickler *self = make_unpickler(module, fix_imports, encoding, errors, buffers);
    PyObject *result = NULL;

    if (self != NULL && kr_unpickle_set_file(self, file) == 0) {
        result = kr_unpickle_load(self);
    }
    Py_XDECREF(self);
    return result;
}

KR_FUNCTION(pickle, "loads(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', "
                    "buffers=())",
            "Read and return an object from the given pickle data.\n"
            "\n"
            "See Unpickler for the arguments.")
static PyObject *
pickle_loads(PyObject *module, PyObject *data, bool fix_imports, const char *encoding,
             const char *errors, PyObject *buffers)
{
    Unpickler *self = make_unpickler(module, fix_imports, encoding, errors, buffers);
    PyObject *result = NULL;

    if (self != NULL && kr_unpickle_set_data(self, data) == 0) {
        result = kr_unpickle_load(self);
    }
    Py_XDECREF(self);
    return result;
}

KR_MODULE(pickle)
#include "modules/pickle/module.methods.h"

// ---- state ------------------------------------------------------------------------------

static int
import_name(const char *module_name, const char *name, PyTypeObject *type, PyObject **out)
{
    *out = PyImport_ImportModuleAttrString(module_name, name);
    if (*out != NULL && type != NULL && !Py_IS_TYPE(*out, type)) {
        PyErr_Format(PyExc_RuntimeError, "%s.%s should be a %s, not %T", module_name, name,
                     type->tp_name, *out);
        return -1;
    }
    return *out == NULL ? -1 : 0;
}

static int
import_needs(PickleState *state)
{
    const struct {
        const char *module;
        const char *name;
        PyTypeObject *type;
        PyObject **out;
    } needs[] = {
        {"copyreg", "dispatch_table", &PyDict_Type, &state->dispatch_table},
        {"copyreg", "_extension_registry", &PyDict_Type, &state->extension_registry},
        {"copyreg", "_inverted_registry", &PyDict_Type, &state->inverted_registry},
        {"copyreg", "_extension_cache", &PyDict_Type, &state->extension_cache},
        {"_compat_pickle", "NAME_MAPPING", &PyDict_Type, &state->name_2to3},
        {"_compat_pickle", "IMPORT_MAPPING", &PyDict_Type, &state->import_2to3},
        {"_compat_pickle", "REVERSE_NAME_MAPPING", &PyDict_Type, &state->name_3to2},
        {"_compat_pickle", "REVERSE_IMPORT_MAPPING", &PyDict_Type, &state->import_3to2},
        {"codecs", "encode", NULL, &state->codecs_encode},
        {"builtins", "getattr", NULL, &state->getattr},
        {"functools", "partial", NULL, &state->partial},
    };

    for (size_t i = 0; i < KR_ARRAY_LEN(needs); i++) {
        if (import_name(needs[i].module, needs[i].name, needs[i].type, needs[i].out) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
make_types(PyObject *module, PickleState *state)
{
    const struct {
        PyType_Spec *spec;
        PyTypeObject **out;
        bool is_public;
    } types[] = {
        {&kr_pickler_spec, &state->pickler_type, true},
        {&kr_unpickler_spec, &state->unpickler_type, true},
        {&kr_pickler_memo_spec, &state->pickler_memo_type, false},
        {&kr_unpickler_memo_spec, &state->unpickler_memo_type, false},
    };

    for (size_t i = 0; i < KR_ARRAY_LEN(types); i++) {
        PyObject *type = PyType_FromModuleAndSpec(module, types[i].spec, NULL);
        *types[i].out = (PyTypeObject *)type;
        if (type == NULL ||
            (types[i].is_public && PyModule_AddType(module, (PyTypeObject *)type) < 0)) {
            return -1;
        }
    }
    return PyModule_AddType(module, &PyPickleBuffer_Type);
}

static int
make_errors(PyObject *module, PickleState *state)
{
    state->error = PyErr_NewException("_pickle.PickleError", NULL, NULL);
    if (state->error == NULL) {
        return -1;
    }
    state->pickling_error = PyErr_NewException("_pickle.PicklingError", state->error, NULL);
    state->unpickling_error = PyErr_NewException("_pickle.UnpicklingError", state->error, NULL);
    return state->pickling_error == NULL || state->unpickling_error == NULL ||
                   PyModule_AddObjectRef(module, "PickleError", state->error) < 0 ||
                   PyModule_AddObjectRef(module, "PicklingError", state->pickling_error) < 0 ||
                   PyModule_AddObjectRef(module, "UnpicklingError", state->unpickling_error) < 0
               ? -1
               : 0;
}

static int
pickle_exec(PyObject *module)
{
    PickleState *state = PyModule_GetState(module);

    return make_errors(module, state) < 0 || make_types(module, state) < 0
               ? -1
               : import_needs(state);
}

static int
pickle_traverse(PyObject *module, visitproc visit, void *arg)
{
    PickleState *state = PyModule_GetState(module);
    PyObject **items = (PyObject **)state;

    static_assert(sizeof(PickleState) % sizeof(PyObject *) == 0, "only references are in it");
    for (size_t i = 0; i < sizeof(PickleState) / sizeof(PyObject *); i++) {
        Py_VISIT(items[i]);
    }
    return 0;
}

static int
pickle_clear(PyObject *module)
{
    PyObject **items = PyModule_GetState(module);

    for (size_t i = 0; i < sizeof(PickleState) / sizeof(PyObject *); i++) {
        Py_CLEAR(items[i]);
    }
    return 0;
}

static void
pickle_free(void *module)
{
    pickle_clear(module);
}

static PyModuleDef_Slot pickle_slots[] = {
    {Py_mod_exec, pickle_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

PyModuleDef kr_pickle_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pickle",
    .m_doc = "Optimized C implementation for the Python pickle module.",
    .m_size = sizeof(PickleState),
    .m_methods = pickle_methods,
    .m_slots = pickle_slots,
    .m_traverse = pickle_traverse,
    .m_clear = pickle_clear,
    .m_free = pickle_free,
};

PyMODINIT_FUNC
PyInit__pickle(void)
{
    return PyModuleDef_Init(&kr_pickle_def);
}
