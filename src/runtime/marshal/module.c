// SPDX-License-Identifier: MIT
// marshal/module.c - module marshal.

#include "Python.h"

#include <marshal.h>

#include "objects/args.h"
#include "objects/ids.h"
#include "runtime/marshal/format.h"

KR_FUNCTION(marshal, "dump(value, file, version=5, /, *, allow_code=True)",
            "Write the value on the open binary file.\n"
            "\n"
            "Raises ValueError for types that cannot be written; the file may have\n"
            "received part of the data then.")
static PyObject *
marshal_dump(PyObject *module, PyObject *value, PyObject *file, int version,
             bool allow_code)
{
    if (PySys_Audit("marshal.dumps", "Oi", value, version) < 0) {
        return NULL;
    }
    PyObject *bytes = kr_marshal_dumps(value, version, allow_code);
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethodOneArg(file, KR_ID(write), bytes);
    Py_DECREF(bytes);
    return result;
}

KR_FUNCTION(marshal, "load(file, /, *, allow_code=True)",
            "Read one value from the open binary file.\n"
            "\n"
            "Raises EOFError, ValueError or TypeError when there is none.")
static PyObject *
marshal_load(PyObject *module, PyObject *file, bool allow_code)
{
    // Fails early for files that do not give bytes.
    PyObject *data = PyObject_CallMethod(file, "read", "i", 0);
    if (data == NULL) {
        return NULL;
    }
    if (!PyBytes_Check(data)) {
        PyErr_Format(PyExc_TypeError, "file.read() returned not bytes but %.100s",
                     Py_TYPE(data)->tp_name);
        Py_DECREF(data);
        return NULL;
    }
    Py_DECREF(data);
    if (PySys_Audit("marshal.load", NULL) < 0) {
        return NULL;
    }
    return kr_marshal_load(file, allow_code);
}

KR_FUNCTION(marshal, "dumps(value, version=5, /, *, allow_code=True)",
            "Return the bytes object that dump(value, file) would write to a file.")
static PyObject *
marshal_dumps(PyObject *module, PyObject *value, int version, bool allow_code)
{
    if (PySys_Audit("marshal.dumps", "Oi", value, version) < 0) {
        return NULL;
    }
    return kr_marshal_dumps(value, version, allow_code);
}

KR_FUNCTION(marshal, "loads(bytes, /, *, allow_code=True)",
            "Convert the bytes-like object to a value.\n"
            "\n"
            "Bytes behind the value are ignored. Raises EOFError, ValueError or\n"
            "TypeError when there is no valid value.")
static PyObject *
marshal_loads(PyObject *module, Py_buffer *bytes, bool allow_code)
{
    if (PySys_Audit("marshal.loads", "y#", bytes->buf, bytes->len) < 0) {
        return NULL;
    }
    return kr_marshal_loads(bytes->buf, bytes->len, allow_code);
}

KR_MODULE(marshal)
#include "runtime/marshal/module.methods.h"

static int
marshal_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "version", Py_MARSHAL_VERSION);
}

static PyModuleDef_Slot marshal_slots[] = {
    {Py_mod_exec, marshal_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef marshal_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "marshal",
    .m_doc = "Functions that turn Python values into bytes and back.\n"
             "\n"
             "The format belongs to Python itself, for .pyc files; it may change.",
    .m_methods = marshal_methods,
    .m_slots = marshal_slots,
};

PyMODINIT_FUNC
PyInit_marshal(void)
{
    return PyModuleDef_Init(&marshal_def);
}
