// SPDX-License-Identifier: MIT
// object_type.c - the type `object`: what every class inherits.
//
// Callers:     everything; pickling and copying through __reduce_ex__.
// Re-entrancy: __getstate__, __getnewargs__ and copyreg are Python code.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/instance.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

// ------------------------------------------------------------------ life and death

static bool
has_arguments(PyObject *args, PyObject *kwds)
{
    return PyTuple_GET_SIZE(args) != 0 ||
           (kwds != NULL && PyDict_Check(kwds) && PyDict_GET_SIZE(kwds) != 0);
}

static KR_COLD void
abstract_class_error(PyTypeObject *type)
{
    PyObject *methods, *sorted = NULL, *separator = NULL, *text = NULL;
    Py_ssize_t count;

    methods = PyObject_GetAttr((PyObject *)type, KR_ID(__abstractmethods__));
    if (methods == NULL) {
        return;
    }
    sorted = PySequence_List(methods);
    Py_DECREF(methods);
    if (sorted == NULL || PyList_Sort(sorted) < 0) {
        goto done;
    }
    count = PyList_GET_SIZE(sorted);
    separator = PyUnicode_FromString("', '");
    if (separator == NULL) {
        goto done;
    }
    text = PyUnicode_Join(separator, sorted);
    if (text == NULL) {
        goto done;
    }
    PyErr_Format(PyExc_TypeError,
                 "Can't instantiate abstract class %s without an implementation for "
                 "abstract method%s '%U'",
                 type->tp_name, count > 1 ? "s" : "", text);

done:
    Py_XDECREF(separator);
    Py_XDECREF(text);
    Py_XDECREF(sorted);
}

PyObject *
kr_object_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (has_arguments(args, kwds)) {
        if (type->tp_new != kr_object_new) {
            PyErr_SetString(PyExc_TypeError, "object.__new__() takes exactly one "
                                             "argument (the type to instantiate)");
            return NULL;
        }
        if (type->tp_init == kr_object_init) {
            PyErr_Format(PyExc_TypeError, "%.200s() takes no arguments", type->tp_name);
            return NULL;
        }
    }
    if (KR_UNLIKELY(type->tp_flags & Py_TPFLAGS_IS_ABSTRACT)) {
        abstract_class_error(type);
        return NULL;
    }
    return type->tp_alloc(type, 0);
}

int
kr_object_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyTypeObject *type = Py_TYPE(self);

    if (has_arguments(args, kwds)) {
        if (type->tp_init != kr_object_init) {
            PyErr_SetString(PyExc_TypeError,
                            "object.__init__() takes exactly one argument (the instance "
                            "to initialize)");
            return -1;
        }
        if (type->tp_new == kr_object_new) {
            PyErr_Format(PyExc_TypeError,
                         "%.200s.__init__() takes exactly one argument (the instance to "
                         "initialize)",
                         type->tp_name);
            return -1;
        }
    }
    return 0;
}

static void
object_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}

// ---------------------------------------------------------------- plain behaviour

PyObject *
kr_object_repr(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *module = kr_type_module(type), *name = NULL, *result = NULL;

    if (module == NULL) {
        PyErr_Clear();
    }
    else if (!PyUnicode_Check(module)) {
        Py_CLEAR(module);
    }
    name = PyType_GetQualName(type);
    if (name == NULL) {
        goto done;
    }
    if (module != NULL && PyUnicode_Compare(module, KR_ID(builtins)) != 0) {
        result = PyUnicode_FromFormat("<%U.%U object at %p>", module, name, self);
    }
    else {
        result = PyUnicode_FromFormat("<%s object at %p>", type->tp_name, self);
    }

done:
    Py_XDECREF(name);
    Py_XDECREF(module);
    return result;
}

PyObject *
kr_object_str(PyObject *self)
{
    reprfunc repr = Py_TYPE(self)->tp_repr;

    return repr == NULL ? kr_object_repr(self) : repr(self);
}

PyObject *
kr_object_richcompare(PyObject *self, PyObject *other, int op)
{
    PyObject *equal;
    int truth;

    switch (op) {
    case Py_EQ:
        // NotImplemented rather than False, so that the other side is asked.
        return Py_NewRef(self == other ? Py_True : Py_NotImplemented);
    case Py_NE:
        if (Py_TYPE(self)->tp_richcompare == NULL) {
            Py_RETURN_NOTIMPLEMENTED;
        }
        equal = Py_TYPE(self)->tp_richcompare(self, other, Py_EQ);
        if (equal == NULL || equal == Py_NotImplemented) {
            return equal;
        }
        truth = PyObject_IsTrue(equal);
        Py_DECREF(equal);
        return truth < 0 ? NULL : PyBool_FromLong(!truth);
    default:
        Py_RETURN_NOTIMPLEMENTED;
    }
}

// ---------------------------------------------------------------------- pickling

static PyObject *
copyreg_attr(PyObject *name)
{
    PyInterpreterState *interp = kr_interp();

    if (interp->types.copyreg == NULL) {
        interp->types.copyreg = PyImport_ImportModule("copyreg");
        if (interp->types.copyreg == NULL) {
            return NULL;
        }
    }
    return PyObject_GetAttr(interp->types.copyreg, name);
}

// Names of all slots of a class, computed once by copyreg: a list, or None.
static PyObject *
slot_names(PyTypeObject *type)
{
    PyObject *names, *func;
    int found = PyDict_GetItemRef(type->tp_dict, KR_ID(__slotnames__), &names);

    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        func = copyreg_attr(KR_ID(_slotnames));
        if (func == NULL) {
            return NULL;
        }
        names = PyObject_CallOneArg(func, (PyObject *)type);
        Py_DECREF(func);
        if (names != NULL && names != Py_None && !PyList_Check(names)) {
            PyErr_SetString(PyExc_TypeError,
                            "copyreg._slotnames didn't return a list or None");
            Py_CLEAR(names);
        }
        return names;
    }
    if (names != Py_None && !PyList_Check(names)) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s.__slotnames__ should be a list or None, not %.200s",
                     type->tp_name, Py_TYPE(names)->tp_name);
        Py_CLEAR(names);
    }
    return names;
}

// The instance's own attributes: its dict, or None if there are none.
static PyObject *
state_dict(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject **field;

    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (kr_instance_is_empty(self)) {
            Py_RETURN_NONE;
        }
        // With inline values a copy does; making the real dict would cost the
        // instance its shape.
        return kr_instance_shape(self) != NULL ? kr_instance_dict_copy(self)
                                               : kr_instance_dict(self);
    }
    field = kr_dict_field(self);
    if (field == NULL || *field == NULL ||
        (PyDict_Check(*field) && PyDict_GET_SIZE(*field) == 0)) {
        Py_RETURN_NONE;
    }
    return Py_NewRef(*field);
}

// Whether C fields exist that neither dict nor slots account for.
static bool
has_hidden_fields(PyTypeObject *type, PyObject *names)
{
    Py_ssize_t size = PyBaseObject_Type.tp_basicsize;

    if (type->tp_dictoffset != 0 && !(type->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        size += (Py_ssize_t)sizeof(PyObject *);
    }
    if (type->tp_weaklistoffset > 0) {
        size += (Py_ssize_t)sizeof(PyObject *);
    }
    if (names != Py_None) {
        size += (Py_ssize_t)sizeof(PyObject *) * PyList_GET_SIZE(names);
    }
    return type->tp_basicsize > size;
}

// Replaces *state by (*state, slots) if any slot of the object is filled.
static int
state_add_slots(PyObject *self, PyObject *names, PyObject **state)
{
    PyObject *slots = PyDict_New(), *pair;

    if (slots == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        PyObject *name = Py_NewRef(PyList_GET_ITEM(names, i)), *value;
        int found = PyObject_GetOptionalAttr(self, name, &value);
        if (found > 0) {
            found = PyDict_SetItem(slots, name, value);
            Py_DECREF(value);
        }
        Py_DECREF(name);
        if (found < 0) {
            Py_DECREF(slots);
            return -1;
        }
    }
    if (PyDict_GET_SIZE(slots) > 0) {
        pair = PyTuple_Pack(2, *state, slots);
        if (pair == NULL) {
            Py_DECREF(slots);
            return -1;
        }
        Py_SETREF(*state, pair);
    }
    Py_DECREF(slots);
    return 0;
}

// required: the state is all that will be saved, so nothing may be missing.
static PyObject *
default_state(PyObject *self, bool required)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *state, *names;

    if (required && type->tp_itemsize != 0) {
        PyErr_Format(PyExc_TypeError, "cannot pickle %.200s objects", type->tp_name);
        return NULL;
    }
    state = state_dict(self);
    if (state == NULL) {
        return NULL;
    }
    names = slot_names(type);
    if (names == NULL) {
        Py_DECREF(state);
        return NULL;
    }
    if (required && has_hidden_fields(type, names)) {
        PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", type->tp_name);
        Py_CLEAR(state);
    }
    else if (names != Py_None && PyList_GET_SIZE(names) > 0 &&
             state_add_slots(self, names, &state) < 0) {
        Py_CLEAR(state);
    }
    Py_DECREF(names);
    return state;
}

PyObject *
kr_object_getstate(PyObject *self)
{
    return default_state(self, false);
}

KR_METHOD(object, "__getstate__(self, /)", "Collect the state that a pickle keeps.")
static PyObject *
object_getstate(PyObject *self)
{
    return default_state(self, false);
}

static PyObject *
reduce_state(PyObject *self, bool required)
{
    PyObject *func = PyObject_GetAttr(self, KR_ID(__getstate__)), *state;

    if (func == NULL) {
        return NULL;
    }
    if (PyCFunction_CheckExact(func) && PyCFunction_GET_SELF(func) == self) {
        PyObject *own =
            PyDict_GetItemWithError(PyBaseObject_Type.tp_dict, KR_ID(__getstate__));
        if (own != NULL && Py_IS_TYPE(own, &PyMethodDescr_Type) &&
            ((PyMethodDescrObject *)own)->d_method ==
                ((PyCFunctionObject *)func)->m_ml) {
            Py_DECREF(func);
            return default_state(self, required);
        }
    }
    state = PyObject_CallNoArgs(func);
    Py_DECREF(func);
    return state;
}

// Arguments for __new__ as the object itself tells: both NULL if it does not.
static int
new_arguments(PyObject *self, PyObject **args_out, PyObject **kwargs_out)
{
    PyObject *method, *result;

    *args_out = *kwargs_out = NULL;
    method = _PyObject_LookupSpecial(self, KR_ID(__getnewargs_ex__));
    if (method == NULL && PyErr_Occurred()) {
        return -1;
    }
    if (method != NULL) {
        result = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        if (result == NULL) {
            return -1;
        }
        if (!PyTuple_Check(result)) {
            PyErr_Format(PyExc_TypeError,
                         "__getnewargs_ex__ should return a tuple, not '%.200s'",
                         Py_TYPE(result)->tp_name);
        }
        else if (PyTuple_GET_SIZE(result) != 2) {
            PyErr_Format(PyExc_ValueError,
                         "__getnewargs_ex__ should return a tuple of length 2, not %zd",
                         PyTuple_GET_SIZE(result));
        }
        else if (!PyTuple_Check(PyTuple_GET_ITEM(result, 0))) {
            PyErr_Format(PyExc_TypeError,
                         "first item of the tuple returned by __getnewargs_ex__ must "
                         "be a tuple, not '%.200s'",
                         Py_TYPE(PyTuple_GET_ITEM(result, 0))->tp_name);
        }
        else if (!PyDict_Check(PyTuple_GET_ITEM(result, 1))) {
            PyErr_Format(PyExc_TypeError,
                         "second item of the tuple returned by __getnewargs_ex__ must "
                         "be a dict, not '%.200s'",
                         Py_TYPE(PyTuple_GET_ITEM(result, 1))->tp_name);
        }
        else {
            *args_out = Py_NewRef(PyTuple_GET_ITEM(result, 0));
            *kwargs_out = Py_NewRef(PyTuple_GET_ITEM(result, 1));
        }
        Py_DECREF(result);
        return *args_out == NULL ? -1 : 0;
    }
    method = _PyObject_LookupSpecial(self, KR_ID(__getnewargs__));
    if (method == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result != NULL && !PyTuple_Check(result)) {
        PyErr_Format(PyExc_TypeError,
                     "__getnewargs__ should return a tuple, not '%.200s'",
                     Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    *args_out = result;
    return result == NULL ? -1 : 0;
}

// Iterators over what list and dict subclasses contain.
static int
content_iterators(PyObject *self, PyObject **list_out, PyObject **dict_out)
{
    PyObject *items;

    *list_out = PyList_Check(self) ? PyObject_GetIter(self) : Py_NewRef(Py_None);
    *dict_out = NULL;
    if (*list_out == NULL) {
        return -1;
    }
    if (!PyDict_Check(self)) {
        *dict_out = Py_NewRef(Py_None);
        return 0;
    }
    items = PyObject_CallMethodNoArgs(self, KR_ID(items));
    if (items != NULL) {
        *dict_out = PyObject_GetIter(items);
        Py_DECREF(items);
    }
    if (*dict_out == NULL) {
        Py_CLEAR(*list_out);
        return -1;
    }
    return 0;
}

// (cls, *args)
static PyObject *
class_and_args(PyTypeObject *cls, PyObject *args)
{
    Py_ssize_t n = args == NULL ? 0 : PyTuple_GET_SIZE(args);
    PyObject *result = PyTuple_New(n + 1);

    if (result == NULL) {
        return NULL;
    }
    PyTuple_SET_ITEM(result, 0, Py_NewRef(cls));
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(result, i + 1, Py_NewRef(PyTuple_GET_ITEM(args, i)));
    }
    return result;
}

// Protocol 2 and up: through copyreg.__newobj__.
static PyObject *
reduce_new(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *args = NULL, *kwargs = NULL, *func = NULL, *func_args = NULL;
    PyObject *state = NULL, *items = NULL, *pairs = NULL, *result = NULL;

    if (type->tp_new == NULL) {
        PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", type->tp_name);
        return NULL;
    }
    if (new_arguments(self, &args, &kwargs) < 0) {
        goto done;
    }
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        func = copyreg_attr(KR_ID(__newobj__));
        func_args = class_and_args(type, args);
    }
    else {
        func = copyreg_attr(KR_ID(__newobj_ex__));
        func_args = PyTuple_Pack(3, type, args, kwargs);
    }
    if (func == NULL || func_args == NULL) {
        goto done;
    }
    state = reduce_state(self,
                         !(args != NULL || PyList_Check(self) || PyDict_Check(self)));
    if (state == NULL || content_iterators(self, &items, &pairs) < 0) {
        goto done;
    }
    result = PyTuple_Pack(5, func, func_args, state, items, pairs);

done:
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(func);
    Py_XDECREF(func_args);
    Py_XDECREF(state);
    Py_XDECREF(items);
    Py_XDECREF(pairs);
    return result;
}

static PyObject *
reduce_by_protocol(PyObject *self, int protocol)
{
    PyObject *func, *number, *result;

    if (protocol >= 2) {
        return reduce_new(self);
    }
    func = copyreg_attr(KR_ID(_reduce_ex));
    if (func == NULL) {
        return NULL;
    }
    number = PyLong_FromLong(protocol);
    result = number == NULL
                 ? NULL
                 : PyObject_CallFunctionObjArgs(func, self, number, NULL);
    Py_XDECREF(number);
    Py_DECREF(func);
    return result;
}

KR_METHOD(object, "__reduce_ex__(self, protocol, /)",
          "Describe how to rebuild the object, for a pickle protocol.")
static PyObject *
object_reduce_ex(PyObject *self, int protocol)
{
    PyObject *reduce, *own, *base, *result;
    int found = PyObject_GetOptionalAttr(self, KR_ID(__reduce__), &reduce);

    if (found < 0) {
        return NULL;
    }
    if (found > 0) {
        own = PyObject_GetAttr((PyObject *)Py_TYPE(self), KR_ID(__reduce__));
        if (own == NULL) {
            Py_DECREF(reduce);
            return NULL;
        }
        base = PyDict_GetItemWithError(PyBaseObject_Type.tp_dict, KR_ID(__reduce__));
        Py_DECREF(own);
        if (own != base) {
            result = PyObject_CallNoArgs(reduce);
            Py_DECREF(reduce);
            return result;
        }
        Py_DECREF(reduce);
    }
    return reduce_by_protocol(self, protocol);
}

KR_METHOD(object, "__reduce__(self, /)", "Describe how to rebuild the object.")
static PyObject *
object_reduce(PyObject *self)
{
    return reduce_by_protocol(self, 0);
}

// ------------------------------------------------------------------ other methods

KR_METHOD(object, "__subclasshook__(cls, object, /)",
          "Let an abstract base class decide what counts as its subclass.")
static PyObject *
object_subclasshook(PyTypeObject *cls, PyObject *object)
{
    Py_RETURN_NOTIMPLEMENTED;
}

KR_METHOD(object, "__init_subclass__(cls, /)", "Called when a class is subclassed.")
static PyObject *
object_init_subclass(PyTypeObject *cls)
{
    Py_RETURN_NONE;
}

KR_METHOD(object, "__format__(self, format_spec, /)", "The text that format() shows.")
static PyObject *
object_format(PyObject *self, PyObject *format_spec)
{
    if (!PyUnicode_Check(format_spec)) {
        PyErr_Format(PyExc_TypeError, "__format__() argument must be str, not %.50s",
                     format_spec == Py_None ? "None" : Py_TYPE(format_spec)->tp_name);
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(format_spec) > 0) {
        PyErr_Format(PyExc_TypeError,
                     "unsupported format string passed to %.200s.__format__",
                     Py_TYPE(self)->tp_name);
        return NULL;
    }
    return PyObject_Str(self);
}

KR_METHOD(object, "__sizeof__(self, /)", "Count the bytes that the object takes.")
static PyObject *
object_sizeof(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t size = type->tp_basicsize;

    if (type->tp_itemsize > 0) {
        Py_ssize_t n = Py_SIZE(self);
        size += (n < 0 ? -n : n) * type->tp_itemsize;
    }
    return PyLong_FromSsize_t(size);
}

KR_METHOD(object, "__dir__(self, /)", "List the names of the object's attributes.")
static PyObject *
object_dir(PyObject *self)
{
    PyObject *dict = NULL, *cls = NULL, *names = NULL;

    if (PyObject_GetOptionalAttr(self, KR_ID(__dict__), &dict) < 0) {
        return NULL;
    }
    if (dict != NULL && PyDict_Check(dict)) {
        Py_SETREF(dict, PyDict_Copy(dict));
    }
    else {
        Py_XSETREF(dict, PyDict_New());
    }
    if (dict == NULL) {
        goto done;
    }
    if (PyObject_GetOptionalAttr(self, KR_ID(__class__), &cls) < 0) {
        goto done;
    }
    if (cls != NULL && kr_merge_class_names(dict, cls) < 0) {
        goto done;
    }
    names = PyDict_Keys(dict);

done:
    Py_XDECREF(dict);
    Py_XDECREF(cls);
    return names;
}

KR_GETTER(object, "__class__", "The class of the object.")
static PyObject *
object_get_class(PyObject *self)
{
    return Py_NewRef(Py_TYPE(self));
}

KR_SETTER(object, "__class__")
static int
object_set_class(PyObject *self, PyObject *value)
{
    return kr_object_set_class(self, value);
}

KR_TYPE(object)
#include "objects/type/object_type.methods.h"

PyTypeObject PyBaseObject_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "object",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = object_dealloc,
    .tp_repr = kr_object_repr,
    .tp_hash = PyObject_GenericHash,
    .tp_str = kr_object_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "object()\n--\n\n"
              "The base class of the class hierarchy.\n\n"
              "When called, it takes no arguments and gives a new object without\n"
              "attributes of its own, and without room for any.\n",
    .tp_richcompare = kr_object_richcompare,
    .tp_methods = object_methods,
    .tp_getset = object_getset,
    .tp_init = kr_object_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = kr_object_new,
    .tp_free = PyObject_Free,
};
