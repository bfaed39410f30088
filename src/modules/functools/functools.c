// SPDX-License-Identifier: MIT
// functools.c - the module _functools: reduce and cmp_to_key.
//
// Read next: partial.c, lru.c
#include "modules/functools/functools.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- reduce ------------------------------------------------------------------------

KR_FUNCTION(functools, "reduce(function, iterable, /, initial=<missing>)",
            "Apply a function of two arguments cumulatively to the items of an iterable, "
            "from left to right.\n\n"
            "This reduces the iterable to a single value: reduce(lambda x, y: x+y,\n"
            "[1, 2, 3, 4, 5]) is ((((1 + 2) + 3) + 4) + 5). With initial, that comes\n"
            "before all items, and is the result where there are none.")
static PyObject *
functools_reduce(PyObject *module, PyObject *function, PyObject *iterable,
                 PyObject *initial)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, "reduce() arg 2 must support iteration");
        }
        return NULL;
    }
    PyObject *result = Py_XNewRef(initial), *item;
    int more;
    while ((more = PyIter_NextItem(iterator, &item)) > 0) {
        if (result == NULL) {
            result = item;
            continue;
        }
        PyObject *args[3] = {NULL, result, item};
        PyObject *next = PyObject_Vectorcall(function, args + 1,
                                             2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        Py_DECREF(item);
        Py_DECREF(result);
        result = next;
        if (next == NULL) {
            break;
        }
    }
    Py_DECREF(iterator);
    if (more < 0) {
        Py_CLEAR(result);
    }
    if (result == NULL && more == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "reduce() of empty iterable with no initial value");
    }
    return result;
}

// --- cmp_to_key --------------------------------------------------------------------

// Both the factory that cmp_to_key returns (object is NULL) and the keys it makes.
typedef struct {
    PyObject_HEAD
    PyObject *compare; // owned
    PyObject *object;  // owned, or NULL
} CmpKey;

static CmpKey *
cmpkey_make(PyObject *compare, PyObject *object)
{
    CmpKey *self = PyObject_GC_New(CmpKey, &kr_key_type);
    if (self == NULL) {
        return NULL;
    }
    self->compare = Py_NewRef(compare);
    self->object = Py_XNewRef(object);
    PyObject_GC_Track(self);
    return self;
}

KR_FUNCTION(functools, "cmp_to_key(mycmp)",
            "Convert a cmp= function into a key= function.\n\n"
            "  mycmp\n"
            "    Function that compares two objects.")
static PyObject *
functools_cmp_to_key(PyObject *module, PyObject *mycmp)
{
    return (PyObject *)cmpkey_make(mycmp, NULL);
}

static const char *const cmpkey_keywords[] = {"obj", NULL};

static PyObject *
cmpkey_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    PyObject *object;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:K", (char **)cmpkey_keywords,
                                     &object)) {
        return NULL;
    }
    return (PyObject *)cmpkey_make(((CmpKey *)op)->compare, object);
}

static PyObject *
cmpkey_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!Py_IS_TYPE(right, &kr_key_type)) {
        PyErr_SetString(PyExc_TypeError, "other argument must be K instance");
        return NULL;
    }
    PyObject *x = ((CmpKey *)left)->object, *y = ((CmpKey *)right)->object;
    PyObject *compare = ((CmpKey *)left)->compare;
    if (x == NULL || y == NULL) {
        PyErr_SetString(PyExc_AttributeError, "object");
        return NULL;
    }
    PyObject *args[3] = {NULL, x, y};
    PyObject *order = PyObject_Vectorcall(compare, args + 1,
                                          2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    PyObject *zero = order == NULL ? NULL : PyLong_FromLong(0);
    PyObject *result = zero == NULL ? NULL : PyObject_RichCompare(order, zero, op);
    Py_XDECREF(order);
    Py_XDECREF(zero);
    return result;
}

static int
cmpkey_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((CmpKey *)op)->compare);
    Py_VISIT(((CmpKey *)op)->object);
    return 0;
}

static int
cmpkey_clear(PyObject *op)
{
    Py_CLEAR(((CmpKey *)op)->compare);
    Py_CLEAR(((CmpKey *)op)->object);
    return 0;
}

static void
cmpkey_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    cmpkey_clear(op);
    PyObject_GC_Del(op);
}

static PyObject *
cmpkey_get_signature(PyObject *self, void *unused)
{
    return PyUnicode_FromString("(obj)");
}

static PyMemberDef cmpkey_members[] = {
    {"obj", _Py_T_OBJECT, offsetof(CmpKey, object), 0,
     "Value wrapped by a key function."},
    {NULL},
};

static PyGetSetDef cmpkey_attributes[] = {
    {"__text_signature__", cmpkey_get_signature, NULL, NULL, NULL},
    {NULL},
};

PyTypeObject kr_key_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "functools.KeyWrapper",
    .tp_basicsize = sizeof(CmpKey),
    .tp_dealloc = cmpkey_dealloc,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_call = cmpkey_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
                | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = cmpkey_traverse,
    .tp_clear = cmpkey_clear,
    .tp_richcompare = cmpkey_richcompare,
    .tp_members = cmpkey_members,
    .tp_getset = cmpkey_attributes,
};

// --- The module --------------------------------------------------------------------

KR_MODULE(functools)
#include "modules/functools/functools.methods.h"

static int
functools_exec(PyObject *module)
{
    if (PyType_Ready(&kr_key_type) < 0 || PyModule_AddType(module, &kr_partial_type) < 0
        || PyModule_AddType(module, &kr_lru_type) < 0
        || PyModule_AddType(module, &kr_placeholder_type) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "Placeholder", &kr_placeholder);
}

static PyModuleDef_Slot functools_slots[] = {
    {Py_mod_exec, functools_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef functools_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_functools",
    .m_doc = "Tools that operate on functions.",
    .m_methods = functools_methods,
    .m_slots = functools_slots,
};

PyMODINIT_FUNC
PyInit__functools(void)
{
    return PyModuleDef_Init(&functools_def);
}
