// SPDX-License-Identifier: MIT
// context.c - Context, ContextVar and Token (PEP 567).
//
// A context maps variables to values. The map is a dict that several contexts may
// share: copying a context is sharing its dict, and the first change after that
// makes a dict of its own. A variable caches the last value it gave, with the
// thread and the state of that thread's context it was valid for.
#include "Python.h"

#include "objects/ids.h"
#include "objects/method_macros.h"
#include "objects/state.h"

typedef struct KrContext {
    PyObject_HEAD
    PyObject *vars;               // owned dict
    bool shared;                  // other contexts hold the dict too
    bool entered;
    struct KrContext *previous;   // owned while entered; NULL: none
    PyObject *weakreflist;
} KrContext;

typedef struct {
    PyObject_HEAD
    PyObject *name;               // owned str
    PyObject *fallback;           // owned, or NULL
    PyObject *cached;             // borrowed from a context
    uint64_t cached_thread;
    uint64_t cached_version;
    Py_hash_t hash;
} KrContextVar;

typedef struct {
    PyObject_HEAD
    KrContext *context;           // owned
    KrContextVar *var;            // owned
    PyObject *old;                // owned, or NULL: there was none
    bool used;
} KrToken;

static PyTypeObject missing_type;
static PyObject missing_object = {{0x00050000C0000000LL}, &missing_type};

// --- Contexts ---------------------------------------------------------------------------

static KrContext *
context_make(PyObject *vars_steal, bool shared)
{
    KrContext *self = vars_steal == NULL ? NULL
                                         : PyObject_GC_New(KrContext, &PyContext_Type);
    if (self == NULL) {
        Py_XDECREF(vars_steal);
        return NULL;
    }
    self->vars = vars_steal;
    self->shared = shared;
    self->entered = false;
    self->previous = NULL;
    self->weakreflist = NULL;
    PyObject_GC_Track(self);
    return self;
}

PyObject *
PyContext_New(void)
{
    return (PyObject *)context_make(PyDict_New(), false);
}

PyObject *
PyContext_Copy(PyObject *op)
{
    KrContext *self = (KrContext *)op;
    if (!PyContext_CheckExact(op)) {
        PyErr_SetString(PyExc_TypeError, "an instance of Context was expected");
        return NULL;
    }
    self->shared = true;
    return (PyObject *)context_make(Py_NewRef(self->vars), true);
}

// The thread's context, made on first use; borrowed.
static KrContext *
current_context(void)
{
    PyThreadState *tstate = kr_thread();
    if (tstate->context == NULL) {
        tstate->context = PyContext_New();
    }
    return (KrContext *)tstate->context;
}

PyObject *
PyContext_CopyCurrent(void)
{
    KrContext *context = current_context();
    return context == NULL ? NULL : PyContext_Copy((PyObject *)context);
}

int
PyContext_Enter(PyObject *op)
{
    KrContext *self = (KrContext *)op;
    PyThreadState *tstate = kr_thread();
    if (self->entered) {
        PyErr_Format(PyExc_RuntimeError, "cannot enter context: %R is already entered", self);
        return -1;
    }
    self->previous = (KrContext *)tstate->context; // moves
    self->entered = true;
    tstate->context = Py_NewRef(self);
    tstate->context_ver++;
    return 0;
}

int
PyContext_Exit(PyObject *op)
{
    KrContext *self = (KrContext *)op;
    PyThreadState *tstate = kr_thread();
    if (!self->entered) {
        PyErr_Format(PyExc_RuntimeError, "cannot exit context: %R has not been entered", self);
        return -1;
    }
    if (tstate->context != op) {
        PyErr_SetString(PyExc_RuntimeError,
                        "cannot exit context: thread state references a different context "
                        "object");
        return -1;
    }
    tstate->context = (PyObject *)self->previous;
    self->previous = NULL;
    self->entered = false;
    tstate->context_ver++;
    Py_DECREF(self);
    return 0;
}

int
PyContext_AddWatcher(PyContext_WatchCallback Py_UNUSED(callback))
{
    PyErr_SetString(PyExc_NotImplementedError, "context watchers are not implemented");
    return -1;
}

int
PyContext_ClearWatcher(int Py_UNUSED(watcher_id))
{
    PyErr_SetString(PyExc_NotImplementedError, "context watchers are not implemented");
    return -1;
}

static int
check_key(PyObject *key)
{
    if (PyContextVar_CheckExact(key)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "a ContextVar key was expected, got %R", key);
    return -1;
}

KR_METHOD_RAW(context, "run", METH_FASTCALL | METH_KEYWORDS, "")
static PyObject *
context_run(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (nargs < 1) {
        PyErr_SetString(PyExc_TypeError, "run() missing 1 required positional argument");
        return NULL;
    }
    if (PyContext_Enter(self) < 0) {
        return NULL;
    }
    PyObject *result = PyObject_Vectorcall(args[0], args + 1, (size_t)(nargs - 1), kwnames);
    PyObject *exc = PyErr_GetRaisedException();
    if (PyContext_Exit(self) < 0) {
        Py_CLEAR(result);
        Py_XDECREF(exc);
        return NULL;
    }
    PyErr_SetRaisedException(exc);
    return result;
}

KR_METHOD(context, "copy(self, /)", "Return a shallow copy of the context object.")
static PyObject *
context_copy(PyObject *self)
{
    return PyContext_Copy(self);
}

KR_METHOD(context, "get(self, key, default=None, /)", "Return the value for `key`.")
static PyObject *
context_get(KrContext *self, PyObject *key, PyObject *fallback)
{
    PyObject *value;
    if (check_key(key) < 0 || PyDict_GetItemRef(self->vars, key, &value) < 0) {
        return NULL;
    }
    return value != NULL ? value : Py_NewRef(fallback);
}

KR_METHOD(context, "items(self, /)", "All variables and their values.")
static PyObject *
context_items(KrContext *self)
{
    PyObject *items = PyDict_Items(self->vars);
    PyObject *iterator = items == NULL ? NULL : PyObject_GetIter(items);
    Py_XDECREF(items);
    return iterator;
}

KR_METHOD(context, "keys(self, /)", "All variables in the context object.")
static PyObject *
context_keys(KrContext *self)
{
    PyObject *keys = PyDict_Keys(self->vars);
    PyObject *iterator = keys == NULL ? NULL : PyObject_GetIter(keys);
    Py_XDECREF(keys);
    return iterator;
}

KR_METHOD(context, "values(self, /)", "All values in the context object.")
static PyObject *
context_values(KrContext *self)
{
    PyObject *values = PyDict_Values(self->vars);
    PyObject *iterator = values == NULL ? NULL : PyObject_GetIter(values);
    Py_XDECREF(values);
    return iterator;
}

static PyObject *
context_iter(PyObject *self)
{
    return context_keys((KrContext *)self);
}

static Py_ssize_t
context_length(PyObject *self)
{
    return PyDict_GET_SIZE(((KrContext *)self)->vars);
}

static PyObject *
context_subscript(PyObject *self, PyObject *key)
{
    PyObject *value;
    if (check_key(key) < 0 ||
        PyDict_GetItemRef(((KrContext *)self)->vars, key, &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        PyErr_SetObject(PyExc_KeyError, key);
    }
    return value;
}

static int
context_contains(PyObject *self, PyObject *key)
{
    return check_key(key) < 0 ? -1 : PyDict_Contains(((KrContext *)self)->vars, key);
}

static PyObject *
context_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyContext_CheckExact(a) || !PyContext_CheckExact(b) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(((KrContext *)a)->vars, ((KrContext *)b)->vars, op);
}

static PyObject *
context_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    if (PyTuple_GET_SIZE(args) || (kwds != NULL && PyDict_GET_SIZE(kwds))) {
        PyErr_SetString(PyExc_TypeError, "Context() does not accept any arguments");
        return NULL;
    }
    return PyContext_New();
}

static int
context_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((KrContext *)self)->vars);
    Py_VISIT(((KrContext *)self)->previous);
    return 0;
}

static void
context_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (((KrContext *)self)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(self);
    }
    Py_CLEAR(((KrContext *)self)->vars);
    Py_CLEAR(((KrContext *)self)->previous);
    PyObject_GC_Del(self);
}

// --- Variables ---------------------------------------------------------------------------

PyObject *
PyContextVar_New(const char *name, PyObject *default_value)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *args = text == NULL ? NULL : PyTuple_Pack(1, text);
    PyObject *kwds = args != NULL && default_value != NULL
                         ? Py_BuildValue("{sO}", "default", default_value) : NULL;
    PyObject *var = args == NULL ? NULL : PyObject_Call((PyObject *)&PyContextVar_Type, args, kwds);
    Py_XDECREF(text);
    Py_XDECREF(args);
    Py_XDECREF(kwds);
    return var;
}

int
PyContextVar_Get(PyObject *op, PyObject *default_value, PyObject **value)
{
    KrContextVar *self = (KrContextVar *)op;
    PyThreadState *tstate = kr_thread();
    *value = NULL;
    if (!PyContextVar_CheckExact(op)) {
        PyErr_SetString(PyExc_TypeError, "an instance of ContextVar was expected");
        return -1;
    }
    if (tstate->context != NULL) {
        if (self->cached != NULL && self->cached_thread == tstate->id &&
            self->cached_version == tstate->context_ver) {
            *value = Py_NewRef(self->cached);
            return 0;
        }
        int found = PyDict_GetItemRef(((KrContext *)tstate->context)->vars, op, value);
        if (found != 0) {
            if (found > 0) {
                self->cached = *value;
                self->cached_thread = tstate->id;
                self->cached_version = tstate->context_ver;
            }
            return found < 0 ? -1 : 0;
        }
    }
    *value = Py_XNewRef(default_value != NULL ? default_value : self->fallback);
    return 0;
}

// Stores in the current context; value NULL deletes.
static int
store(KrContextVar *var, PyObject *value)
{
    PyThreadState *tstate = kr_thread();
    KrContext *context = current_context();
    if (context == NULL) {
        return -1;
    }
    var->cached = NULL;
    if (context->shared) {
        PyObject *own = PyDict_Copy(context->vars);
        if (own == NULL) {
            return -1;
        }
        Py_SETREF(context->vars, own);
        context->shared = false;
    }
    // The old value goes last: its finalizer may set the variable once more.
    PyObject *old = NULL;
    int status;
    if (value == NULL) {
        status = PyDict_Pop(context->vars, (PyObject *)var, &old);
        if (status == 0) {
            PyErr_SetObject(PyExc_LookupError, (PyObject *)var);
        }
        status = status > 0 ? 0 : -1;
    }
    else {
        status = PyDict_GetItemRef(context->vars, (PyObject *)var, &old);
        if (status >= 0) {
            status = PyDict_SetItem(context->vars, (PyObject *)var, value);
        }
        if (status == 0) {
            var->cached = value;
            var->cached_thread = tstate->id;
            var->cached_version = tstate->context_ver;
        }
    }
    Py_XDECREF(old);
    return status;
}

PyObject *
PyContextVar_Set(PyObject *op, PyObject *value)
{
    if (!PyContextVar_CheckExact(op)) {
        PyErr_SetString(PyExc_TypeError, "an instance of ContextVar was expected");
        return NULL;
    }
    KrContext *context = current_context();
    PyObject *old;
    if (context == NULL || PyDict_GetItemRef(context->vars, op, &old) < 0) {
        return NULL;
    }
    KrToken *token = PyObject_GC_New(KrToken, &PyContextToken_Type);
    if (token == NULL) {
        Py_XDECREF(old);
        return NULL;
    }
    token->context = (KrContext *)Py_NewRef(context);
    token->var = (KrContextVar *)Py_NewRef(op);
    token->old = old;
    token->used = false;
    PyObject_GC_Track(token);
    if (store((KrContextVar *)op, value) < 0) {
        Py_CLEAR(token);
    }
    return (PyObject *)token;
}

int
PyContextVar_Reset(PyObject *op, PyObject *token_object)
{
    KrToken *token = (KrToken *)token_object;
    if (token->used) {
        PyErr_Format(PyExc_RuntimeError, "%R has already been used once", token);
        return -1;
    }
    if ((PyObject *)token->var != op) {
        PyErr_Format(PyExc_ValueError, "%R was created by a different ContextVar", token);
        return -1;
    }
    if (token->context != current_context()) {
        PyErr_Format(PyExc_ValueError, "%R was created in a different Context", token);
        return -1;
    }
    token->used = true;
    return store((KrContextVar *)op, token->old);
}

KR_METHOD(context_var, "get(self, default=<missing>, /)",
          "Return a value for the context variable for the current context.")
static PyObject *
context_var_get(PyObject *self, PyObject *fallback)
{
    PyObject *value;
    if (PyContextVar_Get(self, fallback, &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        PyErr_SetObject(PyExc_LookupError, self);
    }
    return value;
}

KR_METHOD(context_var, "set(self, value, /)",
          "Set a new value for the context variable in the current context.")
static PyObject *
context_var_set(PyObject *self, PyObject *value)
{
    return PyContextVar_Set(self, value);
}

KR_METHOD(context_var, "reset(self, token, /)", "Reset the context variable.")
static PyObject *
context_var_reset(PyObject *self, PyObject *token)
{
    if (!PyContextToken_CheckExact(token)) {
        PyErr_Format(PyExc_TypeError, "expected an instance of Token, got %R", token);
        return NULL;
    }
    return PyContextVar_Reset(self, token) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD_RAW(context_var, "__class_getitem__", METH_O | METH_CLASS, "See PEP 585")
static PyObject *
context_var___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_GETTER(context_var, "name", "")
static PyObject *
context_var_get_name(KrContextVar *self)
{
    return Py_NewRef(self->name);
}

static PyObject *
context_var_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"", "default", NULL};
    PyObject *name, *fallback = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|$O:ContextVar", names, &name, &fallback)) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "context variable name must be a str");
        return NULL;
    }
    Py_hash_t name_hash = PyObject_Hash(name);
    if (name_hash == -1) {
        return NULL;
    }
    KrContextVar *self = PyObject_GC_New(KrContextVar, &PyContextVar_Type);
    if (self == NULL) {
        return NULL;
    }
    self->name = Py_NewRef(name);
    self->fallback = Py_XNewRef(fallback);
    self->cached = NULL;
    self->hash = Py_HashPointer(self) ^ name_hash;
    if (self->hash == -1) {
        self->hash = -2;
    }
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static Py_hash_t
context_var_hash(PyObject *self)
{
    return ((KrContextVar *)self)->hash;
}

static PyObject *
context_var_repr(PyObject *op)
{
    KrContextVar *self = (KrContextVar *)op;
    if (self->fallback == NULL) {
        return PyUnicode_FromFormat("<ContextVar name=%R at %p>", self->name, op);
    }
    int entered = Py_ReprEnter(op);
    if (entered != 0) {
        return entered < 0 ? NULL : PyUnicode_FromString("<ContextVar ...>");
    }
    PyObject *text = PyUnicode_FromFormat("<ContextVar name=%R default=%R at %p>", self->name,
                                          self->fallback, op);
    Py_ReprLeave(op);
    return text;
}

static int
context_var_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((KrContextVar *)self)->name);
    Py_VISIT(((KrContextVar *)self)->fallback);
    return 0;
}

static int
context_var_tp_clear(PyObject *self)
{
    Py_CLEAR(((KrContextVar *)self)->fallback);
    ((KrContextVar *)self)->cached = NULL;
    return 0;
}

static void
context_var_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((KrContextVar *)self)->name);
    Py_CLEAR(((KrContextVar *)self)->fallback);
    PyObject_GC_Del(self);
}

// --- Tokens ------------------------------------------------------------------------------

KR_METHOD_RAW(token, "__class_getitem__", METH_O | METH_CLASS, "See PEP 585")
static PyObject *
token___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_METHOD(token, "__enter__(self, /)", "Enter into Token context manager.")
static PyObject *
token___enter__(PyObject *self)
{
    return Py_NewRef(self);
}

KR_METHOD(token, "__exit__(self, type, value, traceback, /)",
          "Exit from Token context manager, restore the linked ContextVar.")
static PyObject *
token___exit__(KrToken *self, PyObject *type, PyObject *value, PyObject *traceback)
{
    return PyContextVar_Reset((PyObject *)self->var, (PyObject *)self) < 0
               ? NULL : Py_NewRef(Py_None);
}

KR_GETTER(token, "var", "")
static PyObject *
token_get_var(KrToken *self)
{
    return Py_NewRef(self->var);
}

KR_GETTER(token, "old_value", "")
static PyObject *
token_get_old_value(KrToken *self)
{
    return Py_NewRef(self->old != NULL ? self->old : &missing_object);
}

static PyObject *
token_repr(PyObject *op)
{
    KrToken *self = (KrToken *)op;
    return PyUnicode_FromFormat("<Token%s var=%R at %p>", self->used ? " used" : "", self->var,
                                op);
}

static PyObject *
token_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyErr_SetString(PyExc_RuntimeError, "Tokens can only be created by ContextVars");
    return NULL;
}

static int
token_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((KrToken *)self)->context);
    Py_VISIT(((KrToken *)self)->var);
    Py_VISIT(((KrToken *)self)->old);
    return 0;
}

static int
token_clear(PyObject *self)
{
    Py_CLEAR(((KrToken *)self)->context);
    Py_CLEAR(((KrToken *)self)->var);
    Py_CLEAR(((KrToken *)self)->old);
    return 0;
}

static void
token_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    token_clear(self);
    PyObject_GC_Del(self);
}

KR_TYPE(context)
KR_TYPE(context_var)
KR_TYPE(token)
#include "objects/context.methods.h"

static PyMappingMethods context_as_mapping = {
    .mp_length = context_length,
    .mp_subscript = context_subscript,
};
static PySequenceMethods context_as_sequence = {.sq_contains = context_contains};

PyTypeObject PyContext_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Context",
    .tp_basicsize = sizeof(KrContext),
    .tp_dealloc = context_dealloc,
    .tp_as_sequence = &context_as_sequence,
    .tp_as_mapping = &context_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = context_traverse,
    .tp_richcompare = context_richcompare,
    .tp_weaklistoffset = offsetof(KrContext, weakreflist),
    .tp_iter = context_iter,
    .tp_methods = context_methods,
    .tp_new = context_new,
};

PyTypeObject PyContextVar_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.ContextVar",
    .tp_basicsize = sizeof(KrContextVar),
    .tp_dealloc = context_var_dealloc,
    .tp_repr = context_var_repr,
    .tp_hash = context_var_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = context_var_traverse,
    .tp_clear = context_var_tp_clear,
    .tp_methods = context_var_methods,
    .tp_getset = context_var_getset,
    .tp_new = context_var_new,
};

PyTypeObject PyContextToken_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Token",
    .tp_basicsize = sizeof(KrToken),
    .tp_dealloc = token_dealloc,
    .tp_repr = token_repr,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = token_traverse,
    .tp_clear = token_clear,
    .tp_methods = token_methods,
    .tp_getset = token_getset,
    .tp_new = token_new,
};

// --- Token.MISSING, and the module -----------------------------------------------------------

static PyObject *
missing_repr(PyObject *self)
{
    return PyUnicode_FromString("<Token.MISSING>");
}

static PyTypeObject missing_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "Token.MISSING",
    .tp_basicsize = sizeof(PyObject),
    .tp_repr = missing_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

int
kr_init_context(void)
{
    if (PyType_Ready(&missing_type) < 0) {
        return -1;
    }
    if (PyDict_SetItemString(PyContextToken_Type.tp_dict, "MISSING", &missing_object) < 0) {
        return -1;
    }
    PyType_Modified(&PyContextToken_Type);
    return 0;
}
