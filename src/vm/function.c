// SPDX-License-Identifier: MIT
// function.c - function objects.
#include "vm/function.h"

#include "objects/hooks.h"
#include "objects/ids.h"
#include "objects/method_macros.h"
#include "objects/type.h"
#include "objects/typevar.h"
#include "vm/generator.h"
#include "vm/machine.h"
#include "vm/super_args.h"
#include <structmember.h>

static PyFunctionObject *
as_function(PyObject *op)
{
    if (!PyFunction_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return (PyFunctionObject *)op;
}

// The builtins that code with these globals sees; borrowed.
static PyObject *
builtins_of(PyObject *globals)
{
    PyObject *builtins = PyDict_GetItemWithError(globals, KR_ID(__builtins__));
    if (builtins != NULL) {
        if (PyModule_Check(builtins)) {
            builtins = PyModule_GetDict(builtins);
        }
        return builtins;
    }
    return PyErr_Occurred() ? NULL : PyEval_GetBuiltins();
}

PyObject *
PyFunction_NewWithQualName(PyObject *code_object, PyObject *globals, PyObject *qualname)
{
    PyCodeObject *code = (PyCodeObject *)code_object;
    PyObject *builtins = builtins_of(globals), *module = NULL, *doc = Py_None;
    if (builtins == NULL) {
        return NULL;
    }
    if (PyDict_GetItemRef(globals, KR_ID(__name__), &module) < 0) {
        return NULL;
    }
    if ((code->co_flags & CO_HAS_DOCSTRING) && PyTuple_GET_SIZE(code->co_consts) > 0 &&
        PyUnicode_Check(PyTuple_GET_ITEM(code->co_consts, 0))) {
        doc = PyTuple_GET_ITEM(code->co_consts, 0);
    }
    PyFunctionObject *func = PyObject_GC_New(PyFunctionObject, &PyFunction_Type);
    if (func == NULL) {
        Py_XDECREF(module);
        return NULL;
    }
    func->func_globals = Py_NewRef(globals);
    func->func_builtins = Py_NewRef(builtins);
    func->func_name = Py_NewRef(code->co_name);
    func->func_qualname = Py_NewRef(qualname != NULL ? qualname : code->co_qualname);
    func->func_code = Py_NewRef(code);
    func->func_defaults = NULL;
    func->func_kwdefaults = NULL;
    func->func_closure = NULL;
    func->func_doc = Py_NewRef(doc);
    func->func_dict = NULL;
    func->func_weakreflist = NULL;
    func->func_module = module;
    func->func_annotations = NULL;
    func->func_annotate = NULL;
    func->func_typeparams = NULL;
    func->vectorcall = _PyFunction_Vectorcall;
    func->func_version = 0;
    PyObject_GC_Track(func);
    return (PyObject *)func;
}

PyObject *
PyFunction_New(PyObject *code, PyObject *globals)
{
    return PyFunction_NewWithQualName(code, globals, NULL);
}

// Every change that calls may have been specialised on comes through here.
static void
function_changed(PyFunctionObject *func)
{
    func->func_version = 0;
}

PyObject *
PyFunction_GetCode(PyObject *op)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? NULL : func->func_code;
}

PyObject *
PyFunction_GetGlobals(PyObject *op)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? NULL : func->func_globals;
}

PyObject *
PyFunction_GetModule(PyObject *op)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? NULL : func->func_module;
}

PyObject *
PyFunction_GetDefaults(PyObject *op)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? NULL : func->func_defaults;
}

PyObject *
PyFunction_GetKwDefaults(PyObject *op)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? NULL : func->func_kwdefaults;
}

PyObject *
PyFunction_GetClosure(PyObject *op)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? NULL : func->func_closure;
}

static int
set_field(PyObject *op, PyObject **field, PyObject *value, bool (*valid)(PyObject *),
          const char *what)
{
    if (value == Py_None) {
        value = NULL;
    }
    else if (value != NULL && !valid(value)) {
        PyErr_Format(PyExc_SystemError, "non-%s", what);
        return -1;
    }
    function_changed((PyFunctionObject *)op);
    Py_XSETREF(*field, Py_XNewRef(value));
    return 0;
}

static bool
is_tuple(PyObject *op)
{
    return PyTuple_Check(op);
}

static bool
is_dict(PyObject *op)
{
    return PyDict_Check(op);
}

int
PyFunction_SetDefaults(PyObject *op, PyObject *defaults)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? -1
                        : set_field(op, &func->func_defaults, defaults, is_tuple,
                                    "tuple default args");
}

int
PyFunction_SetKwDefaults(PyObject *op, PyObject *defaults)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? -1
                        : set_field(op, &func->func_kwdefaults, defaults, is_dict,
                                    "dict keyword only default args");
}

int
PyFunction_SetClosure(PyObject *op, PyObject *closure)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? -1
                        : set_field(op, &func->func_closure, closure, is_tuple,
                                    "tuple closure");
}

void
PyFunction_SetVectorcall(PyFunctionObject *func, vectorcallfunc vectorcall)
{
    function_changed(func);
    func->vectorcall = vectorcall;
}

// The annotations dict, evaluated on first use; borrowed.
static PyObject *
function_annotations(PyFunctionObject *func)
{
    if (func->func_annotations == NULL) {
        if (func->func_annotate == NULL || !PyCallable_Check(func->func_annotate)) {
            func->func_annotations = PyDict_New();
            return func->func_annotations;
        }
        PyObject *one = PyLong_FromLong(1);
        PyObject *dict = one == NULL ? NULL : PyObject_CallOneArg(func->func_annotate, one);
        Py_XDECREF(one);
        if (dict == NULL) {
            return NULL;
        }
        if (!PyDict_Check(dict)) {
            PyErr_Format(PyExc_TypeError, "__annotate__ returned non-dict of type '%.100s'",
                         Py_TYPE(dict)->tp_name);
            Py_DECREF(dict);
            return NULL;
        }
        Py_XSETREF(func->func_annotations, dict);
        return dict;
    }
    if (PyTuple_CheckExact(func->func_annotations)) {
        // Pairs of name and value in a row, as the compiler leaves them.
        PyObject *pairs = func->func_annotations, *dict = PyDict_New();
        for (Py_ssize_t i = 0; dict != NULL && i + 1 < PyTuple_GET_SIZE(pairs); i += 2) {
            if (PyDict_SetItem(dict, PyTuple_GET_ITEM(pairs, i),
                               PyTuple_GET_ITEM(pairs, i + 1)) < 0) {
                Py_CLEAR(dict);
            }
        }
        if (dict == NULL) {
            return NULL;
        }
        Py_SETREF(func->func_annotations, dict);
    }
    return func->func_annotations;
}

PyObject *
PyFunction_GetAnnotations(PyObject *op)
{
    PyFunctionObject *func = as_function(op);
    return func == NULL ? NULL : function_annotations(func);
}

int
PyFunction_SetAnnotations(PyObject *op, PyObject *annotations)
{
    PyFunctionObject *func = as_function(op);
    if (func == NULL ||
        set_field(op, &func->func_annotations, annotations, is_dict, "dict annotations") < 0) {
        return -1;
    }
    Py_CLEAR(func->func_annotate);
    return 0;
}

// --- Attributes ----------------------------------------------------------------------

static PyMemberDef function_members[] = {
    {"__closure__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_closure), Py_READONLY, NULL},
    {"__doc__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_doc), 0, NULL},
    {"__globals__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_globals), Py_READONLY, NULL},
    {"__module__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_module), 0, NULL},
    {"__builtins__", _Py_T_OBJECT, offsetof(PyFunctionObject, func_builtins), Py_READONLY,
     NULL},
    {NULL, 0, 0, 0, NULL},
};

KR_GETTER(function, "__code__", "")
static PyObject *
function_get___code__(PyFunctionObject *self)
{
    if (PySys_Audit("object.__getattr__", "Os", self, "__code__") < 0) {
        return NULL;
    }
    return Py_NewRef(self->func_code);
}

// Whether a frame of any thread runs the function right now.
static bool
is_running(PyFunctionObject *func)
{
    for (PyThreadState *tstate = kr_interp()->threads; tstate != NULL; tstate = tstate->next) {
        for (KrFrame *fp = kr_top_frame(tstate); fp != NULL; fp = kr_frame_prev(fp)) {
            if (kr_frame_func(fp) == func) {
                return true;
            }
        }
    }
    return false;
}

// Keeps an object for as long as the interpreter runs: a frame may need it.
static int
park(PyObject *object)
{
    PyInterpreterState *interp = kr_interp();
    if (interp->vm.parked == NULL) {
        interp->vm.parked = PyList_New(0);
        if (interp->vm.parked == NULL) {
            return -1;
        }
    }
    return PyList_Append(interp->vm.parked, object);
}

KR_SETTER(function, "__code__")
static int
function_set___code__(PyFunctionObject *self, PyObject *value)
{
    if (value == NULL || !PyCode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__code__ must be set to a code object");
        return -1;
    }
    if (PySys_Audit("object.__setattr__", "OsO", self, "__code__", value) < 0) {
        return -1;
    }
    int nfree = ((PyCodeObject *)value)->co_nfreevars;
    Py_ssize_t nclosure = self->func_closure == NULL ? 0
                                                     : PyTuple_GET_SIZE(self->func_closure);
    if (nclosure != nfree) {
        PyErr_Format(PyExc_ValueError,
                     "%U() requires a code object with %zd free vars, not %d",
                     self->func_name, nclosure, nfree);
        return -1;
    }
    int kinds = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;
    int differ = ((PyCodeObject *)self->func_code)->co_flags ^ ((PyCodeObject *)value)->co_flags;
    if ((differ & kinds) != 0 &&
        PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Assigning a code object of non-matching type is deprecated (e.g., "
                     "from a generator to a plain function)",
                     1) < 0) {
        return -1;
    }
    if (is_running(self) && park(self->func_code) < 0) {
        return -1;
    }
    function_changed(self);
    Py_SETREF(self->func_code, Py_NewRef(value));
    return 0;
}

KR_GETTER(function, "__name__", "")
static PyObject *
function_get___name__(PyFunctionObject *self)
{
    return Py_NewRef(self->func_name);
}

KR_SETTER(function, "__name__")
static int
function_set___name__(PyFunctionObject *self, PyObject *value)
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be set to a string object");
        return -1;
    }
    Py_SETREF(self->func_name, Py_NewRef(value));
    return 0;
}

KR_GETTER(function, "__qualname__", "")
static PyObject *
function_get___qualname__(PyFunctionObject *self)
{
    return Py_NewRef(self->func_qualname);
}

KR_SETTER(function, "__qualname__")
static int
function_set___qualname__(PyFunctionObject *self, PyObject *value)
{
    if (value == NULL || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__qualname__ must be set to a string object");
        return -1;
    }
    Py_SETREF(self->func_qualname, Py_NewRef(value));
    return 0;
}

KR_GETTER(function, "__defaults__", "")
static PyObject *
function_get___defaults__(PyFunctionObject *self)
{
    if (PySys_Audit("object.__getattr__", "Os", self, "__defaults__") < 0) {
        return NULL;
    }
    return Py_NewRef(self->func_defaults != NULL ? self->func_defaults : Py_None);
}

KR_SETTER(function, "__defaults__")
static int
function_set___defaults__(PyFunctionObject *self, PyObject *value)
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyTuple_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__defaults__ must be set to a tuple object");
        return -1;
    }
    if (PySys_Audit(value != NULL ? "object.__setattr__" : "object.__delattr__",
                    value != NULL ? "OsO" : "Os", self, "__defaults__", value) < 0) {
        return -1;
    }
    function_changed(self);
    Py_XSETREF(self->func_defaults, Py_XNewRef(value));
    return 0;
}

KR_GETTER(function, "__kwdefaults__", "")
static PyObject *
function_get___kwdefaults__(PyFunctionObject *self)
{
    if (PySys_Audit("object.__getattr__", "Os", self, "__kwdefaults__") < 0) {
        return NULL;
    }
    return Py_NewRef(self->func_kwdefaults != NULL ? self->func_kwdefaults : Py_None);
}

KR_SETTER(function, "__kwdefaults__")
static int
function_set___kwdefaults__(PyFunctionObject *self, PyObject *value)
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__kwdefaults__ must be set to a dict object");
        return -1;
    }
    if (PySys_Audit(value != NULL ? "object.__setattr__" : "object.__delattr__",
                    value != NULL ? "OsO" : "Os", self, "__kwdefaults__", value) < 0) {
        return -1;
    }
    function_changed(self);
    Py_XSETREF(self->func_kwdefaults, Py_XNewRef(value));
    return 0;
}

KR_GETTER(function, "__annotations__", "Dict of annotations in a function object.")
static PyObject *
function_get___annotations__(PyFunctionObject *self)
{
    return Py_XNewRef(function_annotations(self));
}

KR_SETTER(function, "__annotations__")
static int
function_set___annotations__(PyFunctionObject *self, PyObject *value)
{
    if (value == Py_None) {
        value = NULL;
    }
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotations__ must be set to a dict object");
        return -1;
    }
    function_changed(self);
    Py_XSETREF(self->func_annotations, Py_XNewRef(value));
    Py_CLEAR(self->func_annotate);
    return 0;
}

// The qualified name that the compiler gave is that of the scope around the function;
// seen from outside it belongs to the function.
static int
name_annotate(PyFunctionObject *self, PyFunctionObject *annotate)
{
    if (annotate->func_qualname != ((PyCodeObject *)annotate->func_code)->co_qualname) {
        return 0;
    }
    PyObject *name = PyUnicode_FromFormat("%U.%U", self->func_qualname, annotate->func_name);
    if (name == NULL) {
        return -1;
    }
    Py_SETREF(annotate->func_qualname, name);
    return 0;
}

KR_GETTER(function, "__annotate__", "Get the code object for a function.")
static PyObject *
function_get___annotate__(PyFunctionObject *self)
{
    if (self->func_annotate != NULL && PyFunction_Check(self->func_annotate) &&
        name_annotate(self, (PyFunctionObject *)self->func_annotate) < 0) {
        return NULL;
    }
    return Py_NewRef(self->func_annotate != NULL ? self->func_annotate : Py_None);
}

KR_SETTER(function, "__annotate__")
static int
function_set___annotate__(PyFunctionObject *self, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ cannot be deleted");
        return -1;
    }
    if (value != Py_None && !PyCallable_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ must be callable or None");
        return -1;
    }
    if (value != Py_None) {
        Py_CLEAR(self->func_annotations);
    }
    Py_XSETREF(self->func_annotate, Py_NewRef(value));
    return 0;
}

KR_GETTER(function, "__type_params__", "Get the declared type parameters for a function.")
static PyObject *
function_get___type_params__(PyFunctionObject *self)
{
    return self->func_typeparams != NULL ? Py_NewRef(self->func_typeparams) : PyTuple_New(0);
}

KR_SETTER(function, "__type_params__")
static int
function_set___type_params__(PyFunctionObject *self, PyObject *value)
{
    if (value == NULL || !PyTuple_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__type_params__ must be set to a tuple");
        return -1;
    }
    Py_XSETREF(self->func_typeparams, Py_NewRef(value));
    return 0;
}

KR_GETTER(function, "__dict__", "")
static PyObject *
function_get___dict__(PyFunctionObject *self)
{
    return PyObject_GenericGetDict((PyObject *)self, NULL);
}

KR_SETTER(function, "__dict__")
static int
function_set___dict__(PyFunctionObject *self, PyObject *value)
{
    return PyObject_GenericSetDict((PyObject *)self, value, NULL);
}

// --- Making by hand, life ----------------------------------------------------------------

KR_NEW(function,
       "function(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
       "Create a function object.")
static PyObject *
function_new_impl(PyTypeObject *cls, PyObject *code, PyObject *globals, PyObject *name,
                  PyObject *argdefs, PyObject *closure, PyObject *kwdefaults)
{
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "function() argument 'code' must be code, not %.50s",
                     Py_TYPE(code)->tp_name);
        return NULL;
    }
    if (!PyDict_Check(globals)) {
        PyErr_Format(PyExc_TypeError, "function() argument 'globals' must be dict, not %.50s",
                     Py_TYPE(globals)->tp_name);
        return NULL;
    }
    if (name != Py_None && !PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "arg 3 (name) must be None or string");
        return NULL;
    }
    if (argdefs != Py_None && !PyTuple_Check(argdefs)) {
        PyErr_SetString(PyExc_TypeError, "arg 4 (defaults) must be None or tuple");
        return NULL;
    }
    int nfree = ((PyCodeObject *)code)->co_nfreevars;
    if (!PyTuple_Check(closure)) {
        if (nfree > 0 || closure != Py_None) {
            PyErr_SetString(PyExc_TypeError,
                            nfree > 0 ? "arg 5 (closure) must be tuple"
                                      : "arg 5 (closure) must be None or tuple");
            return NULL;
        }
    }
    if (kwdefaults != Py_None && !PyDict_Check(kwdefaults)) {
        PyErr_SetString(PyExc_TypeError, "arg 6 (kwdefaults) must be None or dict");
        return NULL;
    }
    Py_ssize_t nclosure = closure == Py_None ? 0 : PyTuple_GET_SIZE(closure);
    if (nclosure != nfree) {
        PyErr_Format(PyExc_ValueError, "%U requires closure of length %d, not %zd",
                     ((PyCodeObject *)code)->co_name, nfree, nclosure);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nclosure; i++) {
        PyObject *cell = PyTuple_GET_ITEM(closure, i);
        if (!PyCell_Check(cell)) {
            PyErr_Format(PyExc_TypeError, "arg 5 (closure) expected cell, found %.100s",
                         Py_TYPE(cell)->tp_name);
            return NULL;
        }
    }
    if (PySys_Audit("function.__new__", "O", code) < 0) {
        return NULL;
    }
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New(code, globals);
    if (func == NULL) {
        return NULL;
    }
    if (name != Py_None) {
        Py_SETREF(func->func_name, Py_NewRef(name));
    }
    func->func_defaults = argdefs == Py_None ? NULL : Py_NewRef(argdefs);
    func->func_closure = closure == Py_None ? NULL : Py_NewRef(closure);
    func->func_kwdefaults = kwdefaults == Py_None ? NULL : Py_NewRef(kwdefaults);
    return (PyObject *)func;
}

static int
function_tp_clear(PyObject *self)
{
    // The code, its name and its globals stay, so that a call in the middle of
    // a collection finds a function.
    PyFunctionObject *func = (PyFunctionObject *)self;
    function_changed(func);
    Py_CLEAR(func->func_module);
    Py_CLEAR(func->func_defaults);
    Py_CLEAR(func->func_kwdefaults);
    Py_CLEAR(func->func_doc);
    Py_CLEAR(func->func_dict);
    Py_CLEAR(func->func_closure);
    Py_CLEAR(func->func_annotations);
    Py_CLEAR(func->func_annotate);
    Py_CLEAR(func->func_typeparams);
    Py_SETREF(func->func_name, PyUnicode_New(0, 0));
    Py_SETREF(func->func_qualname, PyUnicode_New(0, 0));
    return 0;
}

static void
function_dealloc(PyObject *self)
{
    PyFunctionObject *func = (PyFunctionObject *)self;
    PyObject_GC_UnTrack(self);
    if (func->func_weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_CLEAR(func->func_module);
    Py_CLEAR(func->func_defaults);
    Py_CLEAR(func->func_kwdefaults);
    Py_CLEAR(func->func_doc);
    Py_CLEAR(func->func_dict);
    Py_CLEAR(func->func_closure);
    Py_CLEAR(func->func_annotations);
    Py_CLEAR(func->func_annotate);
    Py_CLEAR(func->func_typeparams);
    Py_CLEAR(func->func_name);
    Py_CLEAR(func->func_qualname);
    Py_CLEAR(func->func_code);
    Py_CLEAR(func->func_globals);
    Py_CLEAR(func->func_builtins);
    PyObject_GC_Del(self);
}

static int
function_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyFunctionObject *func = (PyFunctionObject *)self;
    Py_VISIT(func->func_code);
    Py_VISIT(func->func_globals);
    Py_VISIT(func->func_builtins);
    Py_VISIT(func->func_module);
    Py_VISIT(func->func_defaults);
    Py_VISIT(func->func_kwdefaults);
    Py_VISIT(func->func_doc);
    Py_VISIT(func->func_name);
    Py_VISIT(func->func_dict);
    Py_VISIT(func->func_closure);
    Py_VISIT(func->func_annotations);
    Py_VISIT(func->func_annotate);
    Py_VISIT(func->func_typeparams);
    Py_VISIT(func->func_qualname);
    return 0;
}

static PyObject *
function_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<function %U at %p>",
                                ((PyFunctionObject *)self)->func_qualname, self);
}

static PyObject *
function_descr_get(PyObject *func, PyObject *object, PyObject *type)
{
    if (object == Py_None || object == NULL) {
        return Py_NewRef(func);
    }
    return PyMethod_New(func, object);
}

KR_TYPE(function)
#include "vm/function.methods.h"

PyTypeObject PyFunction_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "function",
    .tp_basicsize = sizeof(PyFunctionObject),
    .tp_dealloc = function_dealloc,
    .tp_vectorcall_offset = offsetof(PyFunctionObject, vectorcall),
    .tp_repr = function_repr,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_doc = function_doc,
    .tp_traverse = function_traverse,
    .tp_clear = function_tp_clear,
    .tp_weaklistoffset = offsetof(PyFunctionObject, func_weakreflist),
    .tp_members = function_members,
    .tp_getset = function_getset,
    .tp_descr_get = function_descr_get,
    .tp_dictoffset = offsetof(PyFunctionObject, func_dict),
    .tp_new = function_new,
};

int kr_init_context(void); // objects/context.c

int
kr_init_functions(PyInterpreterState *Py_UNUSED(interp))
{
    kr_hooks.code_dealloc = kr_exec_free;
    kr_hooks.super_arguments = kr_super_arguments;
    kr_hooks.gen_next_word = kr_gen_next_word;
    return kr_init_anext() < 0 || kr_init_context() < 0 ||
                   kr_init_typevars() < 0
               ? -1 : 0;
}
