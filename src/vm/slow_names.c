// SPDX-License-Identifier: MIT
// slow_names.c - global, module-level, class-level and cell variables.
#include "vm/machine.h"

#include "objects/ids.h"
#include "objects/suggest.h"

static PyObject *
name_at(KrFrame *fp, int32_t index)
{
    return PyTuple_GET_ITEM(kr_frame_exec(fp)->code->co_names, index);
}

PyObject *
kr_frame_namespace(KrFrame *fp)
{
    int32_t slot = kr_frame_exec(fp)->ns_slot;
    if (slot < 0) {
        return NULL;
    }
    if (kv_is_null(fp->slots[slot])) {
        fp->slots[slot] = kv_from_new(kr_frame_globals(fp));
    }
    return kv_pointer(fp->slots[slot]);
}

// The same, with an exception for function code.
static PyObject *
namespace_of(KrFrame *fp)
{
    PyObject *ns = kr_frame_namespace(fp);
    if (ns == NULL) {
        PyErr_SetString(PyExc_SystemError, "no locals");
    }
    return ns;
}

KR_COLD static void
raise_name_error(PyObject *name)
{
    if (PyErr_Occurred()) {
        return;
    }
    PyErr_Format(PyExc_NameError, "name '%.200U' is not defined", name);
    PyObject *exc = PyErr_GetRaisedException();
    if (exc != NULL && PyErr_GivenExceptionMatches(exc, PyExc_NameError)) {
        PyNameErrorObject *error = (PyNameErrorObject *)exc;
        Py_XSETREF(error->name, Py_NewRef(name));
    }
    PyErr_SetRaisedException(exc);
}

KR_COLD void
kr_raise_unbound_local(KrFrame *fp, unsigned slot)
{
    PyObject *name = PyTuple_GET_ITEM(kr_frame_exec(fp)->code->co_localsplusnames, slot);
    PyErr_Format(PyExc_UnboundLocalError,
                 "cannot access local variable '%.200U' where it is not associated with a value",
                 name);
    PyObject *exc = PyErr_GetRaisedException();
    if (exc != NULL && PyErr_GivenExceptionMatches(exc, PyExc_NameError)) {
        Py_XSETREF(((PyNameErrorObject *)exc)->name, Py_NewRef(name));
    }
    PyErr_SetRaisedException(exc);
}

KR_COLD void
kr_raise_unbound_deref(KrFrame *fp, unsigned slot)
{
    PyCodeObject *code = kr_frame_exec(fp)->code;
    if ((int)slot < code->co_nlocalsplus - code->co_nfreevars) {
        kr_raise_unbound_local(fp, slot);
        return;
    }
    PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, slot);
    PyErr_Format(PyExc_NameError,
                 "cannot access free variable '%.200U' where it is not associated with a "
                 "value in enclosing scope",
                 name);
    PyObject *exc = PyErr_GetRaisedException();
    if (exc != NULL && PyErr_GivenExceptionMatches(exc, PyExc_NameError)) {
        Py_XSETREF(((PyNameErrorObject *)exc)->name, Py_NewRef(name));
    }
    PyErr_SetRaisedException(exc);
}

// globals, then builtins: 1 and a new reference, 0 absent, -1 error.
static int
find_global(KrFrame *fp, PyObject *name, PyObject **value_out)
{
    PyFunctionObject *func = kr_frame_func(fp);
    int found = PyDict_CheckExact(func->func_globals)
                    ? PyDict_GetItemRef(func->func_globals, name, value_out)
                    : PyMapping_GetOptionalItem(func->func_globals, name, value_out);
    if (found != 0) {
        return found;
    }
    return PyDict_CheckExact(func->func_builtins)
               ? PyDict_GetItemRef(func->func_builtins, name, value_out)
               : PyMapping_GetOptionalItem(func->func_builtins, name, value_out);
}

// Remembers where the name was found, so that the next time is two compares.
static void
specialise_global(KrFrame *fp, KrWord *ip, PyObject *name)
{
    PyFunctionObject *func = kr_frame_func(fp);
    Py_hash_t hash;
    if (!PyDict_CheckExact(func->func_globals) || !PyDict_CheckExact(func->func_builtins) ||
        (hash = PyObject_Hash(name)) == -1) {
        PyErr_Clear();
        return;
    }
    PyDictObject *globals = (PyDictObject *)func->func_globals;
    PyDictObject *builtins = (PyDictObject *)func->func_builtins;
    Py_ssize_t index = kr_dict_lookup_index(globals, name, hash);
    if (index >= 0 && index <= (Py_ssize_t)UINT32_MAX) {
        ip[1].low = kr_dict_keys_version(globals);
        ip[1].high = (uint32_t)index;
        ip->op = ip[1].low != 0 ? KR_X_LOAD_GLOBAL_MODULE : KR_X_LOAD_GLOBAL;
        return;
    }
    index = index == -1 ? kr_dict_lookup_index(builtins, name, hash) : -2;
    if (index >= 0 && index <= (Py_ssize_t)UINT32_MAX) {
        ip[1].low = kr_dict_keys_version(globals);
        ip[2].low = kr_dict_keys_version(builtins);
        ip[2].high = (uint32_t)index;
        ip->op = ip[1].low != 0 && ip[2].low != 0 ? KR_X_LOAD_GLOBAL_BUILTIN
                                                  : KR_X_LOAD_GLOBAL;
        return;
    }
    PyErr_Clear();
}

KR_SLOW_OP(load_global)
{
    PyObject *name = name_at(fp, ip->bc), *value;
    ip->op = KR_X_LOAD_GLOBAL;
    int found = find_global(fp, name, &value);
    if (found <= 0) {
        if (found == 0) {
            raise_name_error(name);
        }
        return -1;
    }
    specialise_global(fp, ip, name);
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_result(value);
    kv_release(old);
    return 0;
}

static int
store_result(KrFrame *fp, const KrWord *ip, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_result(value);
    kv_release(old);
    return 0;
}

KR_SLOW_OP(store_global)
{
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->a, ip->flags & KR_KILL_B));
    if (value == NULL) {
        return -1;
    }
    int status = PyDict_SetItem(kr_frame_globals(fp), name_at(fp, ip->bc), value);
    Py_DECREF(value);
    return status;
}

KR_SLOW_OP(delete_global)
{
    PyObject *name = name_at(fp, ip->bc);
    int found = PyDict_Pop(kr_frame_globals(fp), name, NULL);
    if (found == 0) {
        raise_name_error(name);
    }
    return found > 0 ? 0 : -1;
}

KR_SLOW_OP(load_name)
{
    PyObject *ns = namespace_of(fp), *name = name_at(fp, ip->bc), *value;
    if (ns == NULL) {
        return -1;
    }
    int found = PyMapping_GetOptionalItem(ns, name, &value);
    if (found == 0) {
        found = find_global(fp, name, &value);
    }
    if (found <= 0) {
        if (found == 0) {
            raise_name_error(name);
        }
        return -1;
    }
    return store_result(fp, ip, value);
}

KR_SLOW_OP(store_name)
{
    PyObject *ns = namespace_of(fp);
    if (ns == NULL) {
        return -1;
    }
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->a, ip->flags & KR_KILL_B));
    if (value == NULL) {
        return -1;
    }
    int status = PyDict_CheckExact(ns) ? PyDict_SetItem(ns, name_at(fp, ip->bc), value)
                                       : PyObject_SetItem(ns, name_at(fp, ip->bc), value);
    Py_DECREF(value);
    return status;
}

KR_SLOW_OP(delete_name)
{
    PyObject *ns = namespace_of(fp), *name = name_at(fp, ip->bc);
    if (ns == NULL) {
        return -1;
    }
    if (PyObject_DelItem(ns, name) < 0) {
        if (PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_Clear();
            raise_name_error(name);
        }
        return -1;
    }
    return 0;
}

KR_SLOW_OP(load_locals)
{
    return store_result(fp, ip, Py_XNewRef(namespace_of(fp)));
}

KR_SLOW_OP(load_from_dict_or_globals)
{
    PyObject *name = PyTuple_GET_ITEM(kr_frame_exec(fp)->code->co_names, ip->c), *value;
    PyObject *dict = kr_kv_box_in_place(&fp->slots[ip->b]);
    int found = dict == NULL ? -1 : PyMapping_GetOptionalItem(dict, name, &value);
    if (found == 0) {
        found = find_global(fp, name, &value);
    }
    if (found <= 0) {
        if (found == 0) {
            raise_name_error(name);
        }
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_result(value));
    return 0;
}

KR_SLOW_OP(load_from_dict_or_deref)
{
    PyObject *name = PyTuple_GET_ITEM(kr_frame_exec(fp)->code->co_localsplusnames, ip->c);
    PyObject *value, *dict = kr_kv_box_in_place(&fp->slots[ip->b]);
    int found = dict == NULL ? -1 : PyMapping_GetOptionalItem(dict, name, &value);
    if (found < 0) {
        return -1;
    }
    if (found == 0) {
        value = PyCell_Get(kv_pointer(fp->slots[ip->c]));
        if (value == NULL) {
            kr_raise_unbound_deref(fp, ip->c);
            return -1;
        }
    }
    kr_finish_unary(fp, ip, kv_from_result(value));
    return 0;
}

KR_SLOW_OP(load_build_class)
{
    PyObject *builtins = kr_frame_func(fp)->func_builtins, *value;
    int found = PyMapping_GetOptionalItem(builtins, KR_ID(__build_class__), &value);
    if (found == 0) {
        PyErr_SetString(PyExc_NameError, "__build_class__ not found");
    }
    return found > 0 ? store_result(fp, ip, value) : -1;
}

KR_SLOW_OP(setup_annotations)
{
    PyObject *ns = namespace_of(fp), *value;
    if (ns == NULL) {
        return -1;
    }
    int found = PyMapping_GetOptionalItem(ns, KR_ID(__annotations__), &value);
    if (found != 0) {
        Py_XDECREF(value);
        return found < 0 ? -1 : 0;
    }
    value = PyDict_New();
    int status = value == NULL ? -1 : PyObject_SetItem(ns, KR_ID(__annotations__), value);
    Py_XDECREF(value);
    return status;
}

// --- Cells ---------------------------------------------------------------------------

KR_SLOW_OP(make_cell)
{
    KV word = fp->slots[ip->a];
    PyObject *value = NULL;
    if (!kv_is_null(word)) {
        // A lent argument becomes the cell's own.
        value = kv_to_object(word);
        if (value == NULL) {
            return -1;
        }
    }
    PyObject *cell = PyCell_New(value);
    Py_XDECREF(value);
    if (cell == NULL) {
        return -1;
    }
    fp->slots[ip->a] = kv_from_steal(cell);
    kv_release(word);
    return 0;
}

// Only code made by hand comes here.
KR_SLOW_OP(copy_free_vars)
{
    PyErr_SetString(PyExc_SystemError, "function without its closure");
    return -1;
}

KR_SLOW_OP(delete_deref)
{
    PyCellObject *cell = (PyCellObject *)kv_pointer(fp->slots[ip->b]);
    PyObject *old = cell->ob_ref;
    if (old == NULL) {
        kr_raise_unbound_deref(fp, ip->b);
        return -1;
    }
    cell->ob_ref = NULL;
    Py_DECREF(old);
    return 0;
}
