// SPDX-License-Identifier: MIT
// super_args.c - what super() without arguments means in the calling frame.
//
// Callers:     objects/super.c through kr_hooks.super_arguments.
#include "vm/frame.h"

#include "objects/ids.h"
#include "vm/super_args.h"


static int
super_error(const char *text)
{
    PyErr_SetString(PyExc_RuntimeError, text);
    return -1;
}

// The first argument, also when it is shared with inner functions.
static PyObject *
first_argument(KrFrame *fp, PyCodeObject *code)
{
    PyObject *value;

    if (kv_is_null(fp->slots[0])) {
        return NULL;
    }
    value = kv_to_object(fp->slots[0]);
    if (value != NULL && PyCell_Check(value) &&
        (PyBytes_AS_STRING(code->co_localspluskinds)[0] & CO_FAST_CELL)) {
        Py_SETREF(value, PyCell_Get(value));
    }
    return value;
}

// The __class__ cell among the free variables, borrowed.
static PyObject *
class_cell(KrFrame *fp, PyCodeObject *code)
{
    for (int i = code->co_nlocalsplus - code->co_nfreevars; i < code->co_nlocalsplus;
         i++) {
        PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
        if (name == KR_ID(__class__) || PyUnicode_Compare(name, KR_ID(__class__)) == 0) {
            return kv_is_pointer(fp->slots[i]) ? kv_pointer(fp->slots[i]) : NULL;
        }
    }
    return NULL;
}

int
kr_super_arguments(PyTypeObject **type_out, PyObject **obj_out)
{
    KrFrame *fp = (KrFrame *)kr_thread()->current_frame;
    PyObject *cell, *cls, *obj;
    PyCodeObject *code;

    if (fp == NULL) {
        return super_error("super(): no current frame");
    }
    code = kr_frame_exec(fp)->code;
    if (code->co_argcount == 0) {
        return super_error("super(): no arguments");
    }
    obj = first_argument(fp, code);
    if (obj == NULL) {
        return PyErr_Occurred() ? -1 : super_error("super(): arg[0] deleted");
    }
    cell = class_cell(fp, code);
    if (cell == NULL || !PyCell_Check(cell)) {
        Py_DECREF(obj);
        return super_error(cell == NULL ? "super(): __class__ cell not found"
                                        : "super(): bad __class__ cell");
    }
    cls = PyCell_Get(cell);
    if (cls == NULL) {
        Py_DECREF(obj);
        return super_error("super(): empty __class__ cell");
    }
    if (!PyType_Check(cls)) {
        PyErr_Format(PyExc_RuntimeError, "super(): __class__ is not a type (%s)",
                     Py_TYPE(cls)->tp_name);
        Py_DECREF(cls);
        Py_DECREF(obj);
        return -1;
    }
    *type_out = (PyTypeObject *)cls;
    *obj_out = obj;
    return 0;
}
