// SPDX-License-Identifier: MIT
// imp_module.c - the _imp module: what importlib needs from C.
#include <Python.h>
#include <marshal.h>
#include <string.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/import/import.h"

KR_FUNCTION(imp, "extension_suffixes()", "The endings of extension modules' file names.")
static PyObject *
imp_extension_suffixes(PyObject *module)
{
    return Py_BuildValue("[ssss]", ".cpython-314-x86_64-linux-gnu.so", ".abi3.so",
                         ".abi3-x86_64-linux-gnu.so", ".so");
}

KR_FUNCTION(imp, "lock_held()", "Whether the import lock is held.")
static PyObject *
imp_lock_held(PyObject *module)
{
    return PyBool_FromLong(kr_interp()->runtime.import_lock_level > 0);
}

KR_FUNCTION(imp, "acquire_lock()", "Takes the import lock for this thread.")
static PyObject *
imp_acquire_lock(PyObject *module)
{
    kr_import_lock_acquire(kr_interp());
    Py_RETURN_NONE;
}

KR_FUNCTION(imp, "release_lock()", "Gives the import lock back.")
static PyObject *
imp_release_lock(PyObject *module)
{
    if (kr_import_lock_release(kr_interp()) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "not holding the import lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(imp, "find_frozen(name: str, /, *, withdata=False)",
            "What is known of a frozen module, (data, is_package, original name), or None.")
static PyObject *
imp_find_frozen(PyObject *module, PyObject *name, bool withdata)
{
    PyObject *view = Py_None, *data, *code, *package;

    if (!kr_is_frozen(name)) {
        Py_RETURN_NONE;
    }
    package = kr_is_frozen_package(name) ? Py_True : Py_False;
    if (withdata) {
        code = kr_frozen_code(name);
        data = code == NULL ? NULL
                            : PyMarshal_WriteObjectToString(code, Py_MARSHAL_VERSION);
        view = data == NULL ? NULL : PyMemoryView_FromObject(data);
        Py_XDECREF(code);
        Py_XDECREF(data);
        if (view == NULL) {
            return NULL;
        }
    }
    return Py_BuildValue("(NON)", view, package, kr_frozen_original(name));
}

KR_FUNCTION(imp, "get_frozen_object(name: str, data=None, /)",
            "The code object of a frozen module.")
static PyObject *
imp_get_frozen_object(PyObject *module, PyObject *name, PyObject *data)
{
    Py_buffer view;
    PyObject *code;

    if (Py_IsNone(data)) {
        return kr_frozen_code(name);
    }
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    code = PyMarshal_ReadObjectFromString(view.buf, view.len);
    PyBuffer_Release(&view);
    if (code == NULL) {
        PyErr_Clear();
        PyObject *message = PyUnicode_FromFormat("Frozen object named %R is invalid", name);
        if (message != NULL) {
            PyErr_SetImportError(message, name, NULL);
            Py_DECREF(message);
        }
    }
    if (code != NULL && !PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "frozen object %R is not a code object", name);
        Py_CLEAR(code);
    }
    return code;
}

// Sets the error for a name that is not frozen.
static int
require_frozen(PyObject *name)
{
    if (kr_is_frozen(name)) {
        return 0;
    }
    PyObject *message = PyUnicode_FromFormat("No such frozen object named %R", name);
    if (message != NULL) {
        PyErr_SetImportError(message, name, NULL);
        Py_DECREF(message);
    }
    return -1;
}

KR_FUNCTION(imp, "is_frozen_package(name: str, /)",
            "Whether a frozen module is a package.")
static PyObject *
imp_is_frozen_package(PyObject *module, PyObject *name)
{
    if (require_frozen(name) < 0) {
        return NULL;
    }
    return PyBool_FromLong(kr_is_frozen_package(name));
}

KR_FUNCTION(imp, "is_frozen(name: str, /)", "Whether there is a frozen module of that name.")
static PyObject *
imp_is_frozen(PyObject *module, PyObject *name)
{
    return PyBool_FromLong(kr_is_frozen(name));
}

KR_FUNCTION(imp, "init_frozen(name: str, /)", "Runs a frozen module; None if there is none.")
static PyObject *
imp_init_frozen(PyObject *module, PyObject *name)
{
    int status = PyImport_ImportFrozenModuleObject(name);

    if (status < 0) {
        return NULL;
    }
    if (status == 0) {
        Py_RETURN_NONE;
    }
    return PyImport_GetModule(name);
}

KR_FUNCTION(imp, "_frozen_module_names()", "The names of the frozen modules.")
static PyObject *
imp__frozen_module_names(PyObject *module)
{
    return kr_frozen_names();
}

KR_FUNCTION(imp, "is_builtin(name: str, /)",
            "Whether a module is part of the executable: 1, -1 for sys and builtins, or 0.")
static PyObject *
imp_is_builtin(PyObject *module, PyObject *name)
{
    const char *text = PyUnicode_AsUTF8(name);
    long answer = 0;

    if (text == NULL) {
        PyErr_Clear(); // lone surrogates: no module is called so
    }
    else if (PyUnicode_Compare(name, KR_ID(sys)) == 0 ||
        PyUnicode_Compare(name, KR_ID(builtins)) == 0) {
        answer = -1;
    }
    else if (kr_find_builtin_module(text) != NULL) {
        answer = 1;
    }
    return PyLong_FromLong(answer);
}

KR_FUNCTION(imp, "create_builtin(spec, /)", "Makes a module that is part of the executable.")
static PyObject *
imp_create_builtin(PyObject *module, PyObject *spec)
{
    PyObject *name = PyObject_GetAttr(spec, KR_ID(name)), *result = NULL;
    const char *text;
    KrModuleInit init;

    if (name == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "name must be string, not %.200s",
                     Py_TYPE(name)->tp_name);
        goto done;
    }
    text = PyUnicode_AsUTF8(name);
    if (text == NULL) {
        goto done;
    }
    init = kr_find_builtin_module(text);
    result = init == NULL ? Py_NewRef(Py_None) : kr_import_run_init(init, spec, name, name);

done:
    Py_DECREF(name);
    return result;
}

KR_FUNCTION(imp, "create_dynamic(spec, file=<missing>, /)", "Loads an extension module.")
static PyObject *
imp_create_dynamic(PyObject *module, PyObject *spec, PyObject *file)
{
    return kr_import_dynamic(spec);
}

// The second phase of a module made by a definition.
static PyObject *
exec_module(PyObject *mod)
{
    PyModuleDef *def;

    if (!PyModule_Check(mod)) {
        return PyLong_FromLong(0);
    }
    def = PyModule_GetDef(mod);
    if (def == NULL) {
        if (PyErr_Occurred()) {
            PyErr_Clear();
        }
        return PyLong_FromLong(0);
    }
    // A module whose state is there has been run before.
    if (PyModule_GetState(mod) != NULL) {
        return PyLong_FromLong(0);
    }
    int status = PyModule_ExecDef(mod, def);
    return status < 0 ? NULL : PyLong_FromLong(status);
}

KR_FUNCTION(imp, "exec_dynamic(mod, /)", "Initializes an extension module.")
static PyObject *
imp_exec_dynamic(PyObject *module, PyObject *mod)
{
    return exec_module(mod);
}

KR_FUNCTION(imp, "exec_builtin(mod, /)", "Initializes a builtin module.")
static PyObject *
imp_exec_builtin(PyObject *module, PyObject *mod)
{
    return exec_module(mod);
}

// Changes the file name in a code object and those in its constants.
static int
fix_filename(PyCodeObject *code, PyObject *old, PyObject *path)
{
    PyObject *consts = code->co_consts;

    if (PyUnicode_Compare(code->co_filename, old) != 0) {
        return 0;
    }
    Py_XSETREF(code->co_filename, Py_NewRef(path));
    if (Py_EnterRecursiveCall(" while changing a code object's file name")) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); i++) {
        PyObject *item = PyTuple_GET_ITEM(consts, i);
        if (PyCode_Check(item) && fix_filename((PyCodeObject *)item, old, path) < 0) {
            Py_LeaveRecursiveCall();
            return -1;
        }
    }
    Py_LeaveRecursiveCall();
    return 0;
}

KR_FUNCTION(imp, "_fix_co_filename(code: code, path: str, /)",
            "Changes the file name of a code object and of those inside it.")
static PyObject *
imp__fix_co_filename(PyObject *module, PyObject *code, PyObject *path)
{
    PyObject *old = ((PyCodeObject *)code)->co_filename;

    if (PyUnicode_Compare(old, path) == 0) {
        Py_RETURN_NONE;
    }
    Py_INCREF(old);
    int status = fix_filename((PyCodeObject *)code, old, path);
    Py_DECREF(old);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static inline uint64_t
rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

// SipHash-1-3 of Aumasson and Bernstein, with the key (key, 0).
static uint64_t
siphash13(uint64_t key, const unsigned char *data, Py_ssize_t size)
{
    uint64_t v[4] = {key ^ UINT64_C(0x736f6d6570736575), UINT64_C(0x646f72616e646f6d),
                     key ^ UINT64_C(0x6c7967656e657261), UINT64_C(0x7465646279746573)};
    uint64_t last = (uint64_t)size << 56;

    for (; size >= 8; size -= 8, data += 8) {
        uint64_t word;
        memcpy(&word, data, 8); // little endian, as everywhere here
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        last |= (uint64_t)data[i] << (8 * i);
    }
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

KR_FUNCTION(imp, "source_hash(key, source)", "The hash of a source file for .pyc files.")
static PyObject *
imp_source_hash(PyObject *module, long key, Py_buffer *source)
{
    uint64_t hash = siphash13((uint64_t)key, source->buf, source->len);
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(hash >> (8 * i));
    }
    return PyBytes_FromStringAndSize((const char *)bytes, 8);
}

KR_FUNCTION(imp, "_override_frozen_modules_for_tests(override, /)",
            "Switches frozen modules on (1), off (-1) or to the default (0).")
static PyObject *
imp__override_frozen_modules_for_tests(PyObject *module, int override)
{
    kr_interp()->runtime.frozen_override = override;
    Py_RETURN_NONE;
}

KR_FUNCTION(imp, "_override_multi_interp_extensions_check(override, /)",
            "Returns the former setting; the check is always off.")
static PyObject *
imp__override_multi_interp_extensions_check(PyObject *module, int override)
{
    return PyLong_FromLong(0);
}

KR_MODULE(imp)
#include "runtime/import/imp_module.methods.h"

static PyModuleDef imp_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_imp",
    .m_doc = "What importlib needs from the interpreter.",
    .m_size = -1,
    .m_methods = imp_methods,
};

PyObject *
kr_init_imp_module(void)
{
    const wchar_t *mode = kr_interp()->runtime.config.check_hash_pycs_mode;
    PyObject *module = PyModule_Create(&imp_def);

    if (module == NULL) {
        return NULL;
    }
    if (PyModule_Add(module, "check_hash_based_pycs",
                     PyUnicode_FromWideChar(mode == NULL ? L"default" : mode, -1)) < 0 ||
        PyModule_AddIntConstant(module, "pyc_magic_number_token", KR_PYC_MAGIC) < 0) {
        Py_CLEAR(module);
    }
    return module;
}

PyObject *
PyInit__imp(void)
{
    return kr_init_imp_module();
}
