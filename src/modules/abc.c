// SPDX-License-Identifier: MIT
// abc.c - module _abc: registries and caches of abstract base classes.
//
// Each abstract class owns a data object with three sets of weak references:
// registered classes, known subclasses, known strangers. A reference takes itself
// out of its set when its class dies. Strangers are forgotten when any registration
// happened after they were noted (the token counts registrations).
// Re-entrancy: checks call hooks of classes, which may register more; sets are
//           copied before they are walked.
#include "Python.h"

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"

#define COLLECTION_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

typedef struct {
    PyObject_HEAD
    PyObject *registry;  // sets, or NULL while nothing was put in
    PyObject *cache;
    PyObject *strangers;
    uint64_t strangers_token; // the token for which strangers holds
} AbcData;

typedef struct {
    PyTypeObject *data_type;
    uint64_t token; // grows with every registration
} AbcState;

static int
abc_data_traverse(PyObject *op, visitproc visit, void *arg)
{
    AbcData *self = (AbcData *)op;

    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->registry);
    Py_VISIT(self->cache);
    Py_VISIT(self->strangers);
    return 0;
}

static int
abc_data_clear(PyObject *op)
{
    AbcData *self = (AbcData *)op;

    Py_CLEAR(self->registry);
    Py_CLEAR(self->cache);
    Py_CLEAR(self->strangers);
    return 0;
}

static void
abc_data_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);

    PyObject_GC_UnTrack(op);
    (void)abc_data_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
abc_data_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    return cls->tp_alloc(cls, 0);
}

static PyType_Slot abc_data_slots[] = {
    {Py_tp_doc, "Internal state held by ABC machinery."},
    {Py_tp_new, abc_data_new},
    {Py_tp_dealloc, abc_data_dealloc},
    {Py_tp_traverse, abc_data_traverse},
    {Py_tp_clear, abc_data_clear},
    {0, NULL},
};

static PyType_Spec abc_data_spec = {
    .name = "_abc._abc_data",
    .basicsize = sizeof(AbcData),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = abc_data_slots,
};

// The data of a class as a new reference, or NULL.
static AbcData *
data_of(PyObject *module, PyObject *cls)
{
    AbcState *state = PyModule_GetState(module);
    PyObject *data = PyObject_GetAttr(cls, KR_ID(_abc_impl));

    if (data != NULL && !Py_IS_TYPE(data, state->data_type)) {
        PyErr_SetString(PyExc_TypeError, "_abc_impl is set to a wrong type");
        Py_CLEAR(data);
    }
    return (AbcData *)data;
}

// --- Sets of weak references --------------------------------------------------------

// Is the class in the set? 1, 0 or -1. What has no weak references is in none.
static int
weak_contains(PyObject *set, PyObject *cls)
{
    if (set == NULL || PySet_GET_SIZE(set) == 0) {
        return 0;
    }
    PyObject *ref = PyWeakref_NewRef(cls, NULL);
    if (ref == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    int found = PySet_Contains(set, ref);
    Py_DECREF(ref);
    return found;
}

// Called when a class died: self is a weak reference to the set.
static PyObject *
forget_dead(PyObject *set_ref, PyObject *dead)
{
    PyObject *set;

    if (PyWeakref_GetRef(set_ref, &set) < 0) {
        return NULL;
    }
    if (set != NULL) {
        int status = PySet_Discard(set, dead);
        Py_DECREF(set);
        if (status < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

static PyMethodDef forget_dead_def = {"_destroy", forget_dead, METH_O, NULL};

// Adds a class to a set that is made when it is missing. 0 or -1.
static int
weak_add(PyObject **set, PyObject *cls)
{
    PyObject *own = NULL, *set_ref = NULL, *callback = NULL, *ref = NULL;
    int status = -1;

    if (*set == NULL && (*set = PySet_New(NULL)) == NULL) {
        return -1;
    }
    own = Py_NewRef(*set);
    set_ref = PyWeakref_NewRef(own, NULL);
    if (set_ref == NULL) {
        goto done;
    }
    callback = PyCFunction_NewEx(&forget_dead_def, set_ref, NULL);
    if (callback == NULL) {
        goto done;
    }
    ref = PyWeakref_NewRef(cls, callback);
    if (ref != NULL) {
        status = PySet_Add(own, ref);
    }
done:
    Py_XDECREF(own);
    Py_XDECREF(set_ref);
    Py_XDECREF(callback);
    Py_XDECREF(ref);
    return status;
}

// --- Abstract methods ---------------------------------------------------------------

static int
is_abstract(PyObject *value)
{
    PyObject *mark;
    int found = PyObject_GetOptionalAttr(value, KR_ID(__isabstractmethod__), &mark);

    if (found <= 0) {
        return found;
    }
    int truth = PyObject_IsTrue(mark);
    Py_DECREF(mark);
    return truth;
}

// Names whose values in the class's own namespace are abstract.
static int
collect_own(PyObject *cls, PyObject *names)
{
    PyObject *space = PyObject_GetAttr(cls, KR_ID(__dict__));
    PyObject *items = space == NULL ? NULL : PyMapping_Items(space);
    int status = items == NULL ? -1 : 0;

    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PySequence_Tuple(PyList_GET_ITEM(items, i));
        if (pair == NULL) {
            status = -1;
            break;
        }
        if (PyTuple_GET_SIZE(pair) != 2) {
            PyErr_SetString(PyExc_TypeError, "Iteration over class items failed");
            status = -1;
        }
        else {
            int abstract = is_abstract(PyTuple_GET_ITEM(pair, 1));
            if (abstract < 0 ||
                (abstract && PySet_Add(names, PyTuple_GET_ITEM(pair, 0)) < 0)) {
                status = -1;
            }
        }
        Py_DECREF(pair);
    }
    Py_XDECREF(items);
    Py_XDECREF(space);
    return status;
}

// Abstract names of one base that the class did not give a body.
static int
collect_of_base(PyObject *cls, PyObject *base, PyObject *names)
{
    PyObject *inherited, *iterator, *name;
    int found = PyObject_GetOptionalAttr(base, KR_ID(__abstractmethods__), &inherited);

    if (found <= 0) {
        return found;
    }
    iterator = PyObject_GetIter(inherited);
    Py_DECREF(inherited);
    if (iterator == NULL) {
        return -1;
    }
    int status = 0;
    while (status == 0 && (name = PyIter_Next(iterator)) != NULL) {
        PyObject *value;
        status = -1;
        found = PyObject_GetOptionalAttr(cls, name, &value);
        if (found == 0) {
            status = 0;
        }
        else if (found > 0) {
            int abstract = is_abstract(value);
            Py_DECREF(value);
            status = abstract <= 0 ? abstract : PySet_Add(names, name);
        }
        Py_DECREF(name);
    }
    Py_DECREF(iterator);
    return status < 0 || PyErr_Occurred() ? -1 : 0;
}

static int
compute_abstract_methods(PyObject *cls)
{
    PyObject *names = PyFrozenSet_New(NULL);
    PyObject *bases = NULL;
    int status = -1;

    if (names == NULL || collect_own(cls, names) < 0) {
        goto done;
    }
    bases = PyObject_GetAttr(cls, KR_ID(__bases__));
    if (bases == NULL) {
        goto done;
    }
    if (!PyTuple_Check(bases)) {
        PyErr_SetString(PyExc_TypeError, "__bases__ is not a tuple");
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        if (collect_of_base(cls, PyTuple_GET_ITEM(bases, i), names) < 0) {
            goto done;
        }
    }
    status = PyObject_SetAttr(cls, KR_ID(__abstractmethods__), names);
done:
    Py_XDECREF(names);
    Py_XDECREF(bases);
    return status;
}

// Takes __abc_tpflags__ out of a class and sets what it says. 0 or -1.
static int
take_flags(PyObject *cls)
{
    PyTypeObject *type = (PyTypeObject *)cls;
    PyObject *space = PyObject_GetAttr(cls, KR_ID(__dict__));
    PyObject *flags = NULL;
    int found;

    if (space == NULL) {
        return -1;
    }
    found = PyMapping_GetOptionalItem(space, KR_ID(__abc_tpflags__), &flags);
    Py_DECREF(space);
    if (found <= 0) {
        return found;
    }
    if (!PyLong_CheckExact(flags)) {
        Py_DECREF(flags);
        return 0;
    }
    long value = PyLong_AsLong(flags);
    Py_DECREF(flags);
    if (value == -1 && PyErr_Occurred()) {
        return -1;
    }
    if ((value & COLLECTION_FLAGS) == COLLECTION_FLAGS) {
        PyErr_SetString(PyExc_TypeError, "__abc_tpflags__ cannot be both "
                                         "Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING");
        return -1;
    }
    type->tp_flags |= (unsigned long)value & COLLECTION_FLAGS;
    return PyType_Type.tp_setattro(cls, KR_ID(__abc_tpflags__), NULL);
}

// --- The module's functions ---------------------------------------------------------

KR_FUNCTION(abc, "get_cache_token()", "Returns the current ABC cache token.")
static PyObject *
abc_get_cache_token(PyObject *module)
{
    AbcState *state = PyModule_GetState(module);
    return PyLong_FromUnsignedLongLong(state->token);
}

KR_FUNCTION(abc, "_abc_init(self, /)",
            "Internal ABC helper for class set-up. Should be never used outside abc "
            "module.")
static PyObject *
abc__abc_init(PyObject *module, PyObject *self)
{
    AbcState *state = PyModule_GetState(module);
    AbcData *data;

    if (compute_abstract_methods(self) < 0) {
        return NULL;
    }
    data = (AbcData *)state->data_type->tp_alloc(state->data_type, 0);
    if (data == NULL) {
        return NULL;
    }
    data->strangers_token = state->token;
    int status = PyObject_SetAttr(self, KR_ID(_abc_impl), (PyObject *)data);
    Py_DECREF(data);
    if (status < 0 || (PyType_Check(self) && take_flags(self) < 0)) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(abc, "_reset_registry(self, /)",
            "Internal ABC helper to reset registry of a given class.")
static PyObject *
abc__reset_registry(PyObject *module, PyObject *self)
{
    AbcData *data = data_of(module, self);

    if (data == NULL) {
        return NULL;
    }
    Py_CLEAR(data->registry);
    Py_DECREF(data);
    Py_RETURN_NONE;
}

KR_FUNCTION(abc, "_reset_caches(self, /)",
            "Internal ABC helper to reset both caches of a given class.")
static PyObject *
abc__reset_caches(PyObject *module, PyObject *self)
{
    AbcData *data = data_of(module, self);

    if (data == NULL) {
        return NULL;
    }
    Py_CLEAR(data->cache);
    Py_CLEAR(data->strangers);
    Py_DECREF(data);
    Py_RETURN_NONE;
}

KR_FUNCTION(abc, "_get_dump(self, /)",
            "Internal ABC helper for cache and registry debugging.")
static PyObject *
abc__get_dump(PyObject *module, PyObject *self)
{
    AbcData *data = data_of(module, self);
    PyObject *result;

    if (data == NULL) {
        return NULL;
    }
    result = Py_BuildValue("NNNK", PySet_New(data->registry), PySet_New(data->cache),
                           PySet_New(data->strangers),
                           (unsigned long long)data->strangers_token);
    Py_DECREF(data);
    return result;
}

// Makes a type and all below it a sequence or mapping for match statements. Types
// that cannot change, and what is below them, stay.
static int
spread_flags(PyTypeObject *type, unsigned long flags)
{
    if ((type->tp_flags & COLLECTION_FLAGS) == flags ||
        (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE)) {
        return 0;
    }
    type->tp_flags = (type->tp_flags & ~COLLECTION_FLAGS) | flags;
    PyType_Modified(type);
    PyObject *below = PyObject_CallMethod((PyObject *)&PyType_Type, "__subclasses__", "O",
                                          type);
    if (below == NULL) {
        return -1;
    }
    if (Py_EnterRecursiveCall(" in class registration")) {
        Py_DECREF(below);
        return -1;
    }
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(below); i++) {
        status = spread_flags((PyTypeObject *)PyList_GET_ITEM(below, i), flags);
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(below);
    return status;
}

KR_FUNCTION(abc, "_abc_register(self, subclass, /)",
            "Internal ABC helper for subclasss registration. Should be never used "
            "outside abc module.")
static PyObject *
abc__abc_register(PyObject *module, PyObject *self, PyObject *subclass)
{
    AbcState *state = PyModule_GetState(module);
    AbcData *data;

    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "Can only register classes");
        return NULL;
    }
    int known = PyObject_IsSubclass(subclass, self);
    if (known != 0) {
        return known < 0 ? NULL : Py_NewRef(subclass);
    }
    int cycle = PyObject_IsSubclass(self, subclass);
    if (cycle != 0) {
        if (cycle > 0) {
            PyErr_SetString(PyExc_RuntimeError,
                            "Refusing to create an inheritance cycle");
        }
        return NULL;
    }
    data = data_of(module, self);
    if (data == NULL) {
        return NULL;
    }
    int status = weak_add(&data->registry, subclass);
    Py_DECREF(data);
    if (status < 0) {
        return NULL;
    }
    state->token++;
    if (PyType_Check(self)) {
        unsigned long flags = ((PyTypeObject *)self)->tp_flags & COLLECTION_FLAGS;
        if (flags != 0 && spread_flags((PyTypeObject *)subclass, flags) < 0) {
            return NULL;
        }
    }
    return Py_NewRef(subclass);
}

KR_FUNCTION(abc, "_abc_instancecheck(self, instance, /)",
            "Internal ABC helper for instance checks. Should be never used outside abc "
            "module.")
static PyObject *
abc__abc_instancecheck(PyObject *module, PyObject *self, PyObject *instance)
{
    AbcState *state = PyModule_GetState(module);
    AbcData *data = data_of(module, self);
    PyObject *subclass = NULL, *subtype = NULL, *result = NULL;
    int found;

    if (data == NULL) {
        return NULL;
    }
    // Owned: a check may give the instance another class.
    subtype = Py_NewRef(Py_TYPE(instance));
    found = PyObject_GetOptionalAttr(instance, KR_ID(__class__), &subclass);
    if (found < 0) {
        goto done;
    }
    if (found == 0) {
        subclass = Py_NewRef(subtype);
    }
    found = weak_contains(data->cache, subclass);
    if (found != 0) {
        result = found < 0 ? NULL : Py_NewRef(Py_True);
        goto done;
    }
    if (subtype == subclass && data->strangers_token == state->token) {
        found = weak_contains(data->strangers, subclass);
        if (found != 0) {
            result = found < 0 ? NULL : Py_NewRef(Py_False);
            goto done;
        }
    }
    result = PyObject_CallMethodOneArg(self, KR_ID(__subclasscheck__), subclass);
    if (result != NULL && subtype != subclass) {
        // An object may lie about its class; its type counts too.
        found = PyObject_IsTrue(result);
        if (found <= 0) {
            Py_CLEAR(result);
        }
        if (found == 0) {
            result = PyObject_CallMethodOneArg(self, KR_ID(__subclasscheck__), subtype);
        }
    }
done:
    Py_DECREF(data);
    Py_XDECREF(subclass);
    Py_XDECREF(subtype);
    return result;
}

// Is subclass below a class of the registry? 1, 0 or -1.
static int
below_registered(AbcData *data, PyObject *subclass)
{
    if (data->registry == NULL || PySet_GET_SIZE(data->registry) == 0) {
        return 0;
    }
    PyObject *refs = PySequence_List(data->registry);
    int status = refs == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(refs); i++) {
        PyObject *registered;
        status = PyWeakref_GetRef(PyList_GET_ITEM(refs, i), &registered);
        if (status > 0) {
            status = PyObject_IsSubclass(subclass, registered);
            Py_DECREF(registered);
        }
    }
    Py_XDECREF(refs);
    return status;
}

// Is subclass below a class that inherits from cls? 1, 0 or -1.
static int
below_inheriting(PyObject *cls, PyObject *subclass)
{
    PyObject *below = PyObject_CallMethodNoArgs(cls, KR_ID(__subclasses__));
    int status = 0;

    if (below == NULL) {
        return -1;
    }
    if (!PyList_Check(below)) {
        PyErr_SetString(PyExc_TypeError, "__subclasses__() must return a list");
        status = -1;
    }
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(below); i++) {
        PyObject *child = Py_NewRef(PyList_GET_ITEM(below, i));
        status = PyObject_IsSubclass(subclass, child);
        Py_DECREF(child);
    }
    Py_DECREF(below);
    return status;
}

// Answers without the caches: 1, 0 or -1.
static int
ask_subclass(AbcData *data, PyObject *cls, PyObject *subclass)
{
    PyObject *answer = PyObject_CallMethodOneArg(cls, KR_ID(__subclasshook__), subclass);

    if (answer == NULL) {
        return -1;
    }
    Py_DECREF(answer);
    if (answer == Py_True || answer == Py_False) {
        return answer == Py_True;
    }
    if (answer != Py_NotImplemented) {
        PyErr_SetString(PyExc_AssertionError, "__subclasshook__ must return either "
                                              "False, True, or NotImplemented");
        return -1;
    }
    if (PyType_Check(cls) &&
        PyType_IsSubtype((PyTypeObject *)subclass, (PyTypeObject *)cls)) {
        return 1;
    }
    int status = below_registered(data, subclass);
    return status != 0 ? status : below_inheriting(cls, subclass);
}

KR_FUNCTION(abc, "_abc_subclasscheck(self, subclass, /)",
            "Internal ABC helper for subclasss checks. Should be never used outside abc "
            "module.")
static PyObject *
abc__abc_subclasscheck(PyObject *module, PyObject *self, PyObject *subclass)
{
    AbcState *state = PyModule_GetState(module);
    AbcData *data;
    int status;

    if (!PyType_Check(subclass)) {
        PyErr_SetString(PyExc_TypeError, "issubclass() arg 1 must be a class");
        return NULL;
    }
    data = data_of(module, self);
    if (data == NULL) {
        return NULL;
    }
    status = weak_contains(data->cache, subclass);
    if (status != 0) {
        goto done;
    }
    if (data->strangers_token < state->token) {
        Py_CLEAR(data->strangers);
        data->strangers_token = state->token;
    }
    else {
        int stranger = weak_contains(data->strangers, subclass);
        if (stranger != 0) {
            status = stranger < 0 ? -1 : 0;
            goto done;
        }
    }
    status = ask_subclass(data, self, subclass);
    if (status >= 0 &&
        weak_add(status > 0 ? &data->cache : &data->strangers, subclass) < 0) {
        status = -1;
    }
done:
    Py_DECREF(data);
    return status < 0 ? NULL : PyBool_FromLong(status);
}

KR_MODULE(abc)
#include "modules/abc.methods.h"

static int
abc_exec(PyObject *module)
{
    AbcState *state = PyModule_GetState(module);

    state->data_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &abc_data_spec, NULL);
    return state->data_type == NULL ? -1 : 0;
}

static int
abc_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((AbcState *)PyModule_GetState(module))->data_type);
    return 0;
}

static int
abc_clear(PyObject *module)
{
    Py_CLEAR(((AbcState *)PyModule_GetState(module))->data_type);
    return 0;
}

static PyModuleDef_Slot abc_slots[] = {
    {Py_mod_exec, abc_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef abc_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_abc",
    .m_doc = "Module contains faster C implementation of abc.ABCMeta",
    .m_size = sizeof(AbcState),
    .m_methods = abc_methods,
    .m_slots = abc_slots,
    .m_traverse = abc_traverse,
    .m_clear = abc_clear,
};

PyMODINIT_FUNC
PyInit__abc(void)
{
    return PyModuleDef_Init(&abc_def);
}
