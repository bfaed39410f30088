// SPDX-License-Identifier: MIT
// object_attr.c - attribute access: getattr, setattr and the generic slots.
//
// Callers:     vm, builtins, extensions.
// Invariants:  an instance's own attributes are in inline values or a managed dict
//              (instance.h), or in a dict field at tp_dictoffset.
// Re-entrancy: descriptors and __getattr__ run Python; keys' __eq__ may, too.
#include "objects/object.h"

#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/instance.h"
#include "objects/state.h"
#include "objects/type.h"

// ----------------------------------------------------------------------- errors

static KR_COLD void
name_type_error(PyObject *name)
{
    PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                 Py_TYPE(name)->tp_name);
}

void
kr_attribute_error_context(PyObject *obj, PyObject *name)
{
    PyObject *exc, *old_name = NULL, *old_obj = NULL;

    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return;
    }
    exc = PyErr_GetRaisedException();
    if (Py_IS_TYPE(exc, &kr_exc_AttributeError)) {
        PyAttributeErrorObject *error = (PyAttributeErrorObject *)exc;
        if ((error->name == NULL || error->name == Py_None) &&
            (error->obj == NULL || error->obj == Py_None)) {
            Py_XSETREF(error->name, Py_NewRef(name));
            Py_XSETREF(error->obj, Py_NewRef(obj));
        }
        PyErr_SetRaisedException(exc);
        return;
    }
    // A subclass may have other ideas about these names: failures are ignored.
    if (PyObject_GetOptionalAttr(exc, KR_ID(name), &old_name) < 0 ||
        PyObject_GetOptionalAttr(exc, KR_ID(obj), &old_obj) < 0) {
        PyErr_Clear();
    }
    else if ((old_name == NULL || old_name == Py_None) &&
             (old_obj == NULL || old_obj == Py_None)) {
        if (PyObject_SetAttr(exc, KR_ID(name), name) < 0 ||
            PyObject_SetAttr(exc, KR_ID(obj), obj) < 0) {
            PyErr_Clear();
        }
    }
    Py_XDECREF(old_name);
    Py_XDECREF(old_obj);
    PyErr_SetRaisedException(exc);
}

void
kr_no_attribute(PyObject *obj, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                 Py_TYPE(obj)->tp_name, name);
    kr_attribute_error_context(obj, name);
}

// -------------------------------------------------------------- instance dicts

PyObject **
kr_dict_field(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    Py_ssize_t offset = type->tp_dictoffset;

    if (offset == 0 || (type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return NULL;
    }
    if (offset < 0) {
        // Counted from the end of a variable-sized object (old extensions).
        Py_ssize_t items = Py_SIZE(obj);
        size_t size;
        if (items < 0) {
            items = -items;
        }
        size = (size_t)type->tp_basicsize + (size_t)(items * type->tp_itemsize);
        offset += (Py_ssize_t)_Py_SIZE_ROUND_UP(size, sizeof(void *));
    }
    return (PyObject **)((char *)obj + offset);
}

PyObject **
_PyObject_GetDictPtr(PyObject *obj)
{
    if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyObject *dict = kr_instance_dict(obj);
        if (dict == NULL) {
            PyErr_Clear();
            return NULL;
        }
        Py_DECREF(dict);
        return (PyObject **)&kr_preheader(obj)->dict_or_shape;
    }
    return kr_dict_field(obj);
}

PyObject *
PyObject_GenericGetDict(PyObject *obj, void *context)
{
    PyObject **field;

    if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return kr_instance_dict(obj);
    }
    field = kr_dict_field(obj);
    if (field == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return NULL;
    }
    if (*field == NULL) {
        *field = PyDict_New();
    }
    return Py_XNewRef(*field);
}

int
PyObject_GenericSetDict(PyObject *obj, PyObject *value, void *context)
{
    PyObject **field = NULL;
    bool managed = (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0;

    if (!managed && (field = kr_dict_field(obj)) == NULL) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return -1;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __dict__");
        return -1;
    }
    if (!PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError,
                     "__dict__ must be set to a dictionary, not a '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (managed) {
        return kr_instance_set_dict(obj, value);
    }
    Py_XSETREF(*field, Py_NewRef(value));
    return 0;
}

// The instance's own attribute: 1 found, 0 absent, -1 error.
static int
own_lookup(PyObject *obj, PyObject *name, PyObject **value_out)
{
    PyTypeObject *type = Py_TYPE(obj);
    PyObject **field, *dict;
    int found;

    *value_out = NULL;
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return kr_instance_lookup(obj, name, value_out);
    }
    if (type->tp_dictoffset == 0) {
        return 0;
    }
    field = kr_dict_field(obj);
    if (field == NULL || *field == NULL) {
        return 0;
    }
    dict = Py_NewRef(*field);
    found = PyDict_GetItemRef(dict, name, value_out);
    Py_DECREF(dict);
    return found;
}

// ---------------------------------------------------------------------- reading

int
kr_generic_lookup(PyObject *obj, PyObject *name, PyObject **value_out)
{
    PyTypeObject *type = Py_TYPE(obj);
    PyObject *descr;
    descrgetfunc get = NULL;
    int found;

    *value_out = NULL;
    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return -1;
    }
    if (type->tp_dict == NULL && PyType_Ready(type) < 0) {
        return -1;
    }
    descr = Py_XNewRef(kr_type_lookup_borrow(type, name));
    if (descr != NULL) {
        get = Py_TYPE(descr)->tp_descr_get;
        if (get != NULL && kr_is_data_descriptor(descr)) {
            *value_out = get(descr, obj, (PyObject *)type);
            Py_DECREF(descr);
            return *value_out == NULL ? -1 : 1;
        }
    }
    found = own_lookup(obj, name, value_out);
    if (found != 0) {
        Py_XDECREF(descr);
        return found;
    }
    if (get != NULL) {
        *value_out = get(descr, obj, (PyObject *)Py_TYPE(obj));
        Py_DECREF(descr);
        return *value_out == NULL ? -1 : 1;
    }
    *value_out = descr;
    return descr != NULL;
}

PyObject *
PyObject_GenericGetAttr(PyObject *obj, PyObject *name)
{
    PyObject *value;

    if (kr_generic_lookup(obj, name, &value) == 0) {
        kr_no_attribute(obj, name);
    }
    return value;
}

// kr_generic_lookup with the given dict in place of the instance's own.
static int
generic_lookup_in(PyObject *obj, PyObject *name, PyObject *dict, PyObject **value_out)
{
    PyObject *descr;
    descrgetfunc get = NULL;
    int found;

    descr = Py_XNewRef(kr_type_lookup_borrow(Py_TYPE(obj), name));
    if (descr != NULL) {
        get = Py_TYPE(descr)->tp_descr_get;
        if (get != NULL && kr_is_data_descriptor(descr)) {
            *value_out = get(descr, obj, (PyObject *)Py_TYPE(obj));
            Py_DECREF(descr);
            return *value_out == NULL ? -1 : 1;
        }
    }
    Py_INCREF(dict);
    found = PyDict_GetItemRef(dict, name, value_out);
    Py_DECREF(dict);
    if (found != 0) {
        Py_XDECREF(descr);
        return found;
    }
    if (get != NULL) {
        *value_out = get(descr, obj, (PyObject *)Py_TYPE(obj));
        Py_DECREF(descr);
        return *value_out == NULL ? -1 : 1;
    }
    *value_out = descr;
    return descr != NULL;
}

// suppress: an absent attribute gives NULL without an exception.
PyObject *
_PyObject_GenericGetAttrWithDict(PyObject *obj, PyObject *name, PyObject *dict,
                                 int suppress)
{
    PyObject *value = NULL;
    int found;

    if (dict == NULL) {
        found = kr_generic_lookup(obj, name, &value);
    }
    else if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return NULL;
    }
    else {
        found = generic_lookup_in(obj, name, dict, &value);
    }
    if (found == 0 && !suppress) {
        kr_no_attribute(obj, name);
    }
    else if (found < 0 && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
    }
    return value;
}

PyObject *
PyObject_GetAttr(PyObject *obj, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(obj);
    PyObject *result = NULL;

    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return NULL;
    }
    if (type->tp_getattro != NULL) {
        result = type->tp_getattro(obj, name);
    }
    else if (type->tp_getattr != NULL) {
        const char *text = PyUnicode_AsUTF8(name);
        if (text == NULL) {
            return NULL;
        }
        result = type->tp_getattr(obj, (char *)text);
    }
    else {
        kr_no_attribute(obj, name);
        return NULL;
    }
    if (result == NULL) {
        kr_attribute_error_context(obj, name);
    }
    return result;
}

int
PyObject_GetOptionalAttr(PyObject *obj, PyObject *name, PyObject **result)
{
    PyTypeObject *type = Py_TYPE(obj);
    int found;

    *result = NULL;
    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return -1;
    }
    // The two common slots can say "absent" without making an exception.
    if (type->tp_getattro == PyObject_GenericGetAttr) {
        found = kr_generic_lookup(obj, name, result);
    }
    else if (type->tp_getattro == kr_type_getattro) {
        int suppress = 0;
        *result = kr_type_getattro_nofail((PyTypeObject *)obj, name, &suppress);
        found = *result != NULL ? 1 : suppress ? 0 : -1;
    }
    else {
        if (type->tp_getattro != NULL) {
            *result = type->tp_getattro(obj, name);
        }
        else if (type->tp_getattr != NULL) {
            const char *text = PyUnicode_AsUTF8(name);
            if (text == NULL) {
                return -1;
            }
            *result = type->tp_getattr(obj, (char *)text);
        }
        else {
            return 0;
        }
        found = *result != NULL ? 1 : -1;
    }
    if (found < 0 && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        return 0;
    }
    return found;
}

PyObject *
PyObject_GetAttrString(PyObject *obj, const char *name)
{
    PyObject *text, *result;

    if (Py_TYPE(obj)->tp_getattr != NULL) {
        return Py_TYPE(obj)->tp_getattr(obj, (char *)name);
    }
    text = PyUnicode_FromString(name);
    if (text == NULL) {
        return NULL;
    }
    PyUnicode_InternInPlace(&text);
    result = PyObject_GetAttr(obj, text);
    Py_DECREF(text);
    return result;
}

int
PyObject_GetOptionalAttrString(PyObject *obj, const char *name, PyObject **result)
{
    PyObject *text;
    int found;

    *result = NULL;
    if (Py_TYPE(obj)->tp_getattr != NULL) {
        *result = Py_TYPE(obj)->tp_getattr(obj, (char *)name);
        if (*result != NULL) {
            return 1;
        }
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    text = PyUnicode_FromString(name);
    if (text == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&text);
    found = PyObject_GetOptionalAttr(obj, text, result);
    Py_DECREF(text);
    return found;
}

int
PyObject_HasAttrWithError(PyObject *obj, PyObject *name)
{
    PyObject *value;
    int found = PyObject_GetOptionalAttr(obj, name, &value);

    Py_XDECREF(value);
    return found;
}

int
PyObject_HasAttrStringWithError(PyObject *obj, const char *name)
{
    PyObject *value;
    int found = PyObject_GetOptionalAttrString(obj, name, &value);

    Py_XDECREF(value);
    return found;
}

int
PyObject_HasAttr(PyObject *obj, PyObject *name)
{
    int found = PyObject_HasAttrWithError(obj, name);

    if (found < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyObject_HasAttr(); consider "
                               "using PyObject_HasAttrWithError(), "
                               "PyObject_GetOptionalAttr() or PyObject_GetAttr()");
        return 0;
    }
    return found;
}

int
PyObject_HasAttrString(PyObject *obj, const char *name)
{
    int found = PyObject_HasAttrStringWithError(obj, name);

    if (found < 0) {
        PyErr_FormatUnraisable("Exception ignored in PyObject_HasAttrString(); "
                               "consider using PyObject_HasAttrStringWithError(), "
                               "PyObject_GetOptionalAttrString() or "
                               "PyObject_GetAttrString()");
        return 0;
    }
    return found;
}

// For obj.name(...): 1 with *method unbound, to be called with obj first; 0 with
// *method a plain callable or NULL and an exception.
int
_PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method)
{
    PyTypeObject *type = Py_TYPE(obj);
    PyObject *descr;
    descrgetfunc get = NULL;
    bool is_method = false;

    *method = NULL;
    if (type->tp_getattro != PyObject_GenericGetAttr || !PyUnicode_Check(name)) {
        *method = PyObject_GetAttr(obj, name);
        return 0;
    }
    if (type->tp_dict == NULL && PyType_Ready(type) < 0) {
        return 0;
    }
    descr = Py_XNewRef(kr_type_lookup_borrow(type, name));
    if (descr != NULL) {
        if (PyType_HasFeature(Py_TYPE(descr), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
            is_method = true;
        }
        else {
            get = Py_TYPE(descr)->tp_descr_get;
            if (get != NULL && kr_is_data_descriptor(descr)) {
                *method = get(descr, obj, (PyObject *)type);
                Py_DECREF(descr);
                if (*method == NULL) {
                    kr_attribute_error_context(obj, name);
                }
                return 0;
            }
        }
    }
    if (own_lookup(obj, name, method) != 0) {
        Py_XDECREF(descr);
        return 0;
    }
    if (is_method) {
        *method = descr;
        return 1;
    }
    if (get != NULL) {
        *method = get(descr, obj, (PyObject *)Py_TYPE(obj));
        Py_DECREF(descr);
        if (*method == NULL) {
            kr_attribute_error_context(obj, name);
        }
        return 0;
    }
    *method = descr;
    if (descr == NULL) {
        kr_no_attribute(obj, name);
    }
    return 0;
}

// ---------------------------------------------------------------------- writing

static KR_COLD void
set_attr_error(PyObject *obj, PyObject *name, PyObject *descr, bool has_dict)
{
    PyTypeObject *type = Py_TYPE(obj);

    if (descr != NULL) {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object attribute '%U' is read-only",
                     type->tp_name, name);
    }
    else if (!has_dict && type->tp_setattro == PyObject_GenericSetAttr) {
        PyErr_Format(PyExc_AttributeError,
                     "'%.100s' object has no attribute '%U' and no __dict__ for "
                     "setting new attributes",
                     type->tp_name, name);
    }
    else {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                     type->tp_name, name);
    }
    kr_attribute_error_context(obj, name);
}

// Stores or deletes (value NULL) in a dict: 1 done, 0 nothing to delete, -1 error.
static int
dict_store(PyObject *dict, PyObject *name, PyObject *value)
{
    PyObject *old = NULL;
    int result;

    Py_INCREF(dict);
    if (value != NULL) {
        result = PyDict_SetItem(dict, name, value) < 0 ? -1 : 1;
    }
    else {
        result = PyDict_Pop(dict, name, &old);
        Py_XDECREF(old);
    }
    Py_DECREF(dict);
    return result;
}

// The instance's own attributes: as dict_store, and 2 where obj cannot have any.
static int
own_store(PyObject *obj, PyObject *name, PyObject *value)
{
    PyObject **field;

    if (Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (value == NULL) {
            return kr_instance_delete(obj, name);
        }
        return kr_instance_store(obj, name, value) < 0 ? -1 : 1;
    }
    field = kr_dict_field(obj);
    if (field == NULL) {
        return 2;
    }
    if (*field == NULL) {
        if (value == NULL) {
            return 0;
        }
        *field = PyDict_New();
        if (*field == NULL) {
            return -1;
        }
    }
    return dict_store(*field, name, value);
}

int
_PyObject_GenericSetAttrWithDict(PyObject *obj, PyObject *name, PyObject *value,
                                 PyObject *dict)
{
    PyTypeObject *type = Py_TYPE(obj);
    PyObject *descr = NULL;
    int result;

    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return -1;
    }
    if (type->tp_dict == NULL && PyType_Ready(type) < 0) {
        return -1;
    }
    Py_INCREF(name);
    Py_INCREF(obj);
    descr = Py_XNewRef(kr_type_lookup_borrow(type, name));
    if (descr != NULL) {
        descrsetfunc set = Py_TYPE(descr)->tp_descr_set;
        if (set != NULL) {
            result = set(descr, obj, value);
            goto done;
        }
    }
    result = dict == NULL ? own_store(obj, name, value) : dict_store(dict, name, value);
    if (result == 1) {
        result = 0;
    }
    else if (result >= 0) {
        // What only the class has can be neither replaced nor removed without a
        // dict; with one, there is nothing of the instance's own to delete.
        set_attr_error(obj, name, result == 2 ? descr : NULL, result != 2);
        result = -1;
    }

done:
    Py_XDECREF(descr);
    Py_DECREF(obj);
    Py_DECREF(name);
    return result;
}

int
PyObject_GenericSetAttr(PyObject *obj, PyObject *name, PyObject *value)
{
    return _PyObject_GenericSetAttrWithDict(obj, name, value, NULL);
}

int
PyObject_SetAttr(PyObject *obj, PyObject *name, PyObject *value)
{
    PyTypeObject *type = Py_TYPE(obj);
    int result;

    if (!PyUnicode_Check(name)) {
        name_type_error(name);
        return -1;
    }
    Py_INCREF(name);
    PyUnicode_InternInPlace(&name);
    if (type->tp_setattro != NULL) {
        result = type->tp_setattro(obj, name, value);
    }
    else if (type->tp_setattr != NULL) {
        const char *text = PyUnicode_AsUTF8(name);
        result = text == NULL ? -1 : type->tp_setattr(obj, (char *)text, value);
    }
    else {
        const char *action = value == NULL ? "del" : "assign to";
        if (type->tp_getattr == NULL && type->tp_getattro == NULL) {
            PyErr_Format(PyExc_TypeError, "'%.100s' object has no attributes (%s .%U)",
                         type->tp_name, action, name);
        }
        else {
            PyErr_Format(PyExc_TypeError,
                         "'%.100s' object has only read-only attributes (%s .%U)",
                         type->tp_name, action, name);
        }
        result = -1;
    }
    Py_DECREF(name);
    return result;
}

int
PyObject_SetAttrString(PyObject *obj, const char *name, PyObject *value)
{
    PyObject *text;
    int result;

    if (Py_TYPE(obj)->tp_setattr != NULL) {
        return Py_TYPE(obj)->tp_setattr(obj, (char *)name, value);
    }
    text = PyUnicode_FromString(name);
    if (text == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&text);
    result = PyObject_SetAttr(obj, text, value);
    Py_DECREF(text);
    return result;
}

#undef PyObject_DelAttr
#undef PyObject_DelAttrString

int
PyObject_DelAttr(PyObject *obj, PyObject *name)
{
    return PyObject_SetAttr(obj, name, NULL);
}

int
PyObject_DelAttrString(PyObject *obj, const char *name)
{
    return PyObject_SetAttrString(obj, name, NULL);
}
