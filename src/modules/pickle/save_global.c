// SPDX-License-Identifier: MIT
// save_global.c - pickles classes and functions: by the name under which they are found.
#include "modules/pickle/pickle.h"

#include "objects/ids.h"

// ---- finding the module ---------------------------------------------------------------

// The object at the end of the path of names; NULL with AttributeError when there is none.
static PyObject *
follow_path(PyObject *object, PyObject *path)
{
    PyObject *value = Py_NewRef(object);

    for (Py_ssize_t i = 0; value != NULL && i < PyList_GET_SIZE(path); i++) {
        PyObject *next = PyObject_GetAttr(value, PyList_GET_ITEM(path, i));
        Py_SETREF(value, next);
    }
    return value;
}

// 1 if the path leads from the module to the object, 0 if not.
static int
leads_to(PyObject *module, PyObject *path, PyObject *object)
{
    PyObject *found = follow_path(module, path);

    if (found == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    int same = found == object;
    Py_DECREF(found);
    return same;
}

static bool
may_search(PyObject *name, PyObject *module)
{
    return !Py_IsNone(module) && !(PyUnicode_Check(name) &&
                                   (PyUnicode_EqualToUTF8(name, "__main__") ||
                                    PyUnicode_EqualToUTF8(name, "__mp_main__")));
}

// An object that does not say where it belongs is looked for in all modules.
static PyObject *
search_modules(PyObject *object, PyObject *path)
{
    PyObject *modules = PySys_GetAttr(KR_ID(modules));
    PyObject *items = modules == NULL ? NULL : PyMapping_Items(modules), *found = NULL;

    Py_XDECREF(modules);
    if (items == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; found == NULL && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        PyObject *name = PyTuple_GET_ITEM(pair, 0), *module = PyTuple_GET_ITEM(pair, 1);
        if (!may_search(name, module)) {
            continue;
        }
        int same = leads_to(module, path, object);
        if (same < 0) {
            Py_DECREF(items);
            return NULL;
        }
        if (same) {
            found = Py_NewRef(name);
        }
    }
    Py_DECREF(items);
    return found != NULL ? found : PyUnicode_FromString("__main__");
}

// The name of the object's module as it says itself, NULL without an exception when it
// says nothing.
static int
own_module(PyObject *object, PyObject **out)
{
    if (PyObject_GetOptionalAttr(object, KR_ID(__module__), out) < 0) {
        return -1;
    }
    if (*out != NULL && Py_IsNone(*out)) {
        Py_CLEAR(*out);
    }
    return 0;
}

// The pending exception becomes the cause of a PicklingError "Can't pickle ...: text".
static void
raise_from_pending(PickleState *state, PyObject *object)
{
    PyObject *cause = PyErr_GetRaisedException();

    PyErr_Format(state->pickling_error, "Can't pickle %R: %S", object, cause);
    _PyErr_ChainExceptions1(cause);
}

static PyObject *
import_module(PyObject *name)
{
    PyObject *module = PyImport_ImportModuleLevelObject(name, NULL, NULL, NULL, 0);

    if (module == NULL) {
        return NULL;
    }
    Py_DECREF(module);
    module = PyImport_GetModule(name);
    if (module == NULL && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_KeyError, name);
    }
    return module;
}

// Imports the module and makes sure that the object is there under the name.
static int
check_place(PickleState *state, PyObject *object, PyObject *module_name, PyObject *name,
            PyObject *path)
{
    PyObject *module = import_module(module_name), *found;

    if (module == NULL) {
        if (PyErr_ExceptionMatches(PyExc_ImportError) ||
            PyErr_ExceptionMatches(PyExc_ValueError) ||
            PyErr_ExceptionMatches(PyExc_KeyError)) {
            raise_from_pending(state, object);
        }
        return -1;
    }
    found = follow_path(module, path);
    Py_DECREF(module);
    if (found == object) {
        Py_DECREF(found);
        return 0;
    }
    if (found == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyObject *cause = PyErr_GetRaisedException();
        PyErr_Format(state->pickling_error, "Can't pickle %R: it's not found as %S.%S", object,
                     module_name, name);
        _PyErr_ChainExceptions1(cause);
        return -1;
    }
    Py_DECREF(found);
    PyErr_Format(state->pickling_error, "Can't pickle %R: it's not the same object as %S.%S",
                 object, module_name, name);
    return -1;
}

static int
is_local(PyObject *path)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(path); i++) {
        if (PyUnicode_EqualToUTF8(PyList_GET_ITEM(path, i), "<locals>")) {
            return 1;
        }
    }
    return 0;
}

// The name of the module that has the object at the path; new reference.
static PyObject *
which_module(PickleState *state, PyObject *object, PyObject *name, PyObject *path)
{
    PyObject *module_name;

    if (is_local(path)) {
        PyErr_Format(state->pickling_error, "Can't pickle local object %R", object);
        return NULL;
    }
    if (own_module(object, &module_name) < 0) {
        return NULL;
    }
    if (module_name == NULL) {
        module_name = search_modules(object, path);
    }
    if (module_name != NULL && check_place(state, object, module_name, name, path) < 0) {
        Py_CLEAR(module_name);
    }
    return module_name;
}

// ---- writing --------------------------------------------------------------------------

// 1 if the name has an extension code, which has been written; 0 if not.
static int
save_extension(Pickler *self, PyObject *module_name, PyObject *name)
{
    PyObject *key = PyTuple_Pack(2, module_name, name), *code = NULL;
    int found = key == NULL ? -1
                            : PyDict_GetItemRef(self->state->extension_registry, key, &code);

    Py_XDECREF(key);
    if (found <= 0) {
        return found;
    }
    long number = PyLong_AsLong(code);
    Py_DECREF(code);
    if (number <= 0 || number > 0x7fffffff) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_RuntimeError, "extension code %ld is out of range", number);
        }
        return -1;
    }
    int width = number <= 0xff ? 1 : number <= 0xffff ? 2 : 4;
    PickleOpcode opcode = width == 1 ? OP_EXT1 : width == 2 ? OP_EXT2 : OP_EXT4;
    return kr_pickle_put_number(self, opcode, (uint64_t)number, width) < 0 ? -1 : 1;
}

static bool
is_pair_of_str(PyObject *value)
{
    return PyTuple_Check(value) && PyTuple_GET_SIZE(value) == 2 &&
           PyUnicode_Check(PyTuple_GET_ITEM(value, 0)) &&
           PyUnicode_Check(PyTuple_GET_ITEM(value, 1));
}

// The names of Python 2, in place of the owned references.
static int
map_to_python2(PickleState *state, PyObject **module_name, PyObject **name)
{
    PyObject *key = PyTuple_Pack(2, *module_name, *name), *value = NULL;
    int found = key == NULL ? -1 : PyDict_GetItemRef(state->name_3to2, key, &value);

    Py_XDECREF(key);
    if (found > 0 && is_pair_of_str(value)) {
        Py_SETREF(*module_name, Py_NewRef(PyTuple_GET_ITEM(value, 0)));
        Py_SETREF(*name, Py_NewRef(PyTuple_GET_ITEM(value, 1)));
    }
    else if (found > 0) {
        PyErr_Format(PyExc_RuntimeError,
                     "_compat_pickle.REVERSE_NAME_MAPPING values should be pairs of str, "
                     "not %T", value);
        found = -1;
    }
    else if (found == 0) {
        found = PyDict_GetItemRef(state->import_3to2, *module_name, &value);
        if (found > 0 && PyUnicode_Check(value)) {
            Py_SETREF(*module_name, Py_NewRef(value));
        }
        else if (found > 0) {
            PyErr_Format(PyExc_RuntimeError,
                         "_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, "
                         "not %T", value);
            found = -1;
        }
    }
    Py_XDECREF(value);
    return found < 0 ? -1 : 0;
}

static int
write_identifier(Pickler *self, PyObject *name, const char *what)
{
    PyObject *bytes = PyUnicode_AsEncodedString(name, self->protocol >= 3 ? "utf-8" : "ascii",
                                                "strict");

    if (bytes == NULL) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            PyObject *cause = PyErr_GetRaisedException();
            PyErr_Format(self->state->pickling_error,
                         "can't pickle %s identifier %R using pickle protocol %i", what, name,
                         self->protocol);
            _PyErr_ChainExceptions1(cause);
        }
        return -1;
    }
    int status = kr_pickle_write(self, PyBytes_AS_STRING(bytes),
                                 (size_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return status < 0 ? -1 : kr_pickle_write(self, "\n", 1);
}

static int
save_toplevel(Pickler *self, PyObject *module_name, PyObject *name)
{
    PyObject *names[2] = {Py_NewRef(module_name), Py_NewRef(name)};
    int status = 0;

    if (self->protocol < 3 && self->fix_imports) {
        status = map_to_python2(self->state, &names[0], &names[1]);
    }
    if (status == 0) {
        status = kr_pickle_put(self, OP_GLOBAL) < 0 ||
                         write_identifier(self, names[0], "module") < 0 ||
                         write_identifier(self, names[1], "global") < 0
                     ? -1
                     : 0;
    }
    Py_DECREF(names[0]);
    Py_DECREF(names[1]);
    return status;
}

// Before protocol 4 a path is written as calls of getattr().
static int
save_path(Pickler *self, PyObject *module_name, PyObject *path)
{
    Py_ssize_t count = PyList_GET_SIZE(path) - 1;

    for (Py_ssize_t i = 0; i < count; i++) {
        if (kr_pickle_save(self, self->state->getattr, true) < 0 ||
            (self->protocol < 2 && kr_pickle_put(self, OP_MARK) < 0)) {
            return -1;
        }
    }
    if (save_toplevel(self, module_name, PyList_GET_ITEM(path, 0)) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 1; i <= count; i++) {
        if (kr_pickle_save(self, PyList_GET_ITEM(path, i), true) < 0 ||
            kr_pickle_put(self, self->protocol < 2 ? OP_TUPLE : OP_TUPLE2) < 0 ||
            kr_pickle_put(self, OP_REDUCE) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
write_global(Pickler *self, PyObject *object, PyObject *module_name, PyObject *name,
             PyObject *path)
{
    int status = self->protocol >= 2 ? save_extension(self, module_name, name) : 0;

    if (status != 0) {
        return status < 0 ? -1 : 0; // no memo: the code says it all
    }
    if (self->protocol >= 4) {
        status = kr_pickle_save(self, module_name, true) < 0 ||
                         kr_pickle_save(self, name, true) < 0 ||
                         kr_pickle_put(self, OP_STACK_GLOBAL) < 0
                     ? -1
                     : 0;
    }
    else {
        status = save_path(self, module_name, path);
    }
    return status < 0 ? -1 : kr_pickle_memoize(self, object);
}

// The name by which the object is known; new reference.
static PyObject *
own_name(PyObject *object)
{
    PyObject *name;

    if (PyObject_GetOptionalAttr(object, KR_ID(__qualname__), &name) < 0) {
        return NULL;
    }
    if (name != NULL && Py_IsNone(name)) {
        Py_CLEAR(name);
    }
    return name != NULL ? name : PyObject_GetAttr(object, KR_ID(__name__));
}

int
kr_pickle_save_global(Pickler *self, PyObject *object, PyObject *given_name)
{
    PyObject *name = given_name != NULL ? Py_NewRef(given_name) : own_name(object);
    PyObject *path = NULL, *module_name = NULL, *dot = NULL;
    int status = -1;

    if (name == NULL) {
        return -1;
    }
    dot = PyUnicode_FromString(".");
    path = dot == NULL ? NULL : PyUnicode_Split(name, dot, -1);
    if (path != NULL) {
        module_name = which_module(self->state, object, name, path);
    }
    if (module_name != NULL) {
        status = write_global(self, object, module_name, name, path);
    }
    Py_XDECREF(module_name);
    Py_XDECREF(path);
    Py_XDECREF(dot);
    Py_DECREF(name);
    return status;
}

// The types of singletons have no names of their own.
int
kr_pickle_save_type(Pickler *self, PyObject *object)
{
    PyObject *const singletons[] = {Py_None, Py_Ellipsis, Py_NotImplemented};

    for (size_t i = 0; i < KR_ARRAY_LEN(singletons); i++) {
        if (object == (PyObject *)Py_TYPE(singletons[i])) {
            return kr_pickle_save_call_steal(self, (PyObject *)&PyType_Type,
                                             PyTuple_Pack(1, singletons[i]), object);
        }
    }
    return kr_pickle_save_global(self, object, NULL);
}
