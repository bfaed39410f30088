// SPDX-License-Identifier: MIT
// gc_module.c - module gc: the front of the cycle collector.
#include "Python.h"

#include "objects/args.h"
#include "objects/gc.h"
#include "objects/ids.h"

KR_FUNCTION(gc, "enable()", "Enable automatic garbage collection.")
static PyObject *
gc_enable(PyObject *module)
{
    PyGC_Enable();
    Py_RETURN_NONE;
}

KR_FUNCTION(gc, "disable()", "Disable automatic garbage collection.")
static PyObject *
gc_disable(PyObject *module)
{
    PyGC_Disable();
    Py_RETURN_NONE;
}

KR_FUNCTION(gc, "isenabled()", "Returns true if automatic garbage collection is enabled.")
static PyObject *
gc_isenabled(PyObject *module)
{
    return PyBool_FromLong(PyGC_IsEnabled());
}

KR_FUNCTION(gc, "collect(generation=2)", "Run the garbage collector.")
static PyObject *
gc_collect(PyObject *module, int generation)
{
    if (generation < 0 || generation >= KR_GC_GENERATIONS) {
        PyErr_SetString(PyExc_ValueError, "invalid generation");
        return NULL;
    }
    return PyLong_FromSsize_t(kr_gc_collect(kr_thread(), generation, false));
}

KR_FUNCTION(gc, "set_debug(flags, /)", "Set the garbage collection debugging flags.")
static PyObject *
gc_set_debug(PyObject *module, int flags)
{
    kr_interp()->gc.debug = flags;
    Py_RETURN_NONE;
}

KR_FUNCTION(gc, "get_debug()", "Get the garbage collection debugging flags.")
static PyObject *
gc_get_debug(PyObject *module)
{
    return PyLong_FromLong(kr_interp()->gc.debug);
}

KR_FUNCTION_RAW(gc, "set_threshold", METH_FASTCALL,
                "set_threshold(threshold0, [threshold1, [threshold2]])\\n"
                "Set the collection thresholds (the collection frequency).")
static PyObject *
gc_set_threshold(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    int thresholds[KR_GC_GENERATIONS];

    if (nargs < 1 || nargs > KR_GC_GENERATIONS) {
        PyErr_SetString(PyExc_TypeError, "gc.set_threshold requires 1 to 3 arguments");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (kr_arg_int(args[i], &thresholds[i]) < 0) {
            return NULL;
        }
    }
    for (int i = 0; i < nargs; i++) {
        kr_gc_set_threshold(kr_interp(), i, thresholds[i]);
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(gc, "get_threshold()", "Return the current collection thresholds.")
static PyObject *
gc_get_threshold(PyObject *module)
{
    KrGcGeneration *g = kr_interp()->gc.generations;
    return Py_BuildValue("(iii)", g[0].threshold, g[1].threshold, g[2].threshold);
}

KR_FUNCTION(gc, "get_count()",
            "Return a three-tuple of the current collection counts.")
static PyObject *
gc_get_count(PyObject *module)
{
    KrGcState *gc = &kr_interp()->gc;
    return Py_BuildValue("(iii)", gc->young_count, gc->generations[1].count,
                         gc->generations[2].count);
}

KR_FUNCTION(gc, "get_stats()",
            "Return a list of dictionaries containing per-generation statistics.")
static PyObject *
gc_get_stats(PyObject *module)
{
    KrGcGeneration copy[KR_GC_GENERATIONS];
    PyObject *list = PyList_New(0);

    // Making the result may count; what is reported is of one moment.
    memcpy(copy, kr_interp()->gc.generations, sizeof copy);
    for (int i = 0; list != NULL && i < KR_GC_GENERATIONS; i++) {
        PyObject *dict = Py_BuildValue("{snsnsn}", "collections", copy[i].collections,
                                       "collected", copy[i].collected, "uncollectable",
                                       copy[i].uncollectable);
        if (dict == NULL || PyList_Append(list, dict) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(dict);
    }
    return list;
}

// ------------------------------------------------------------------- looking at objects

// A list under construction, which is not to be in itself.
typedef struct {
    PyObject *list;
    PyObject *const *objects;
    Py_ssize_t count;
} Search;

static int
collect_object(PyObject *op, void *arg)
{
    Search *search = arg;
    return op == search->list ? 0 : PyList_Append(search->list, op);
}

KR_FUNCTION(gc, "get_objects(generation=None)",
            "Return a list of objects tracked by the collector (excluding the list "
            "returned).")
static PyObject *
gc_get_objects(PyObject *module, PyObject *generation)
{
    Search search = {NULL};
    int from = 0, to = KR_GC_GENERATIONS - 1;

    if (generation != Py_None) {
        if (!PyIndex_Check(generation)) {
            PyErr_Format(PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                         Py_TYPE(generation)->tp_name);
            return NULL;
        }
        Py_ssize_t wanted = PyNumber_AsSsize_t(generation, PyExc_OverflowError);
        if (wanted == -1 && PyErr_Occurred()) {
            return NULL;
        }
        if (wanted >= KR_GC_GENERATIONS) {
            PyErr_Format(PyExc_ValueError,
                         "generation parameter must be less than the number of available "
                         "generations (%d)", KR_GC_GENERATIONS);
            return NULL;
        }
        if (wanted < 0) {
            PyErr_SetString(PyExc_ValueError, "generation parameter cannot be negative");
            return NULL;
        }
        from = to = (int)wanted;
    }
    if (PySys_Audit("gc.get_objects", "n", generation == Py_None ? (Py_ssize_t)-1
                                                               : (Py_ssize_t)from) < 0) {
        return NULL;
    }
    search.list = PyList_New(0);
    if (search.list == NULL) {
        return NULL;
    }
    if (kr_gc_each(kr_interp(), from, to, collect_object, &search) != 0) {
        Py_CLEAR(search.list);
    }
    return search.list;
}

static int
visit_is_wanted(PyObject *op, void *arg)
{
    Search *search = arg;

    for (Py_ssize_t i = 0; i < search->count; i++) {
        if (search->objects[i] == op) {
            return 1;
        }
    }
    return 0;
}

static int
collect_referrer(PyObject *op, void *arg)
{
    Search *search = arg;
    traverseproc traverse = Py_TYPE(op)->tp_traverse;

    if (op == search->list || traverse == NULL ||
        traverse(op, visit_is_wanted, search) == 0) {
        return 0;
    }
    return PyList_Append(search->list, op);
}

KR_FUNCTION(gc, "get_referrers(*objs)",
            "Return the list of objects that directly refer to any of 'objs'.")
static PyObject *
gc_get_referrers(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    Search search = {NULL, args, nargs};
    PyObject *tuple = PyTuple_New(nargs);

    if (tuple == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    }
    int status = PySys_Audit("gc.get_referrers", "(O)", tuple);
    Py_DECREF(tuple);
    if (status < 0) {
        return NULL;
    }
    search.list = PyList_New(0);
    if (search.list != NULL &&
        kr_gc_each(kr_interp(), 0, KR_GC_GENERATIONS, collect_referrer, &search) != 0) {
        Py_CLEAR(search.list);
    }
    return search.list;
}

static int
collect_referent(PyObject *op, void *arg)
{
    return PyList_Append(arg, op);
}

KR_FUNCTION(gc, "get_referents(*objs)",
            "Return the list of objects that are directly referred to by 'objs'.")
static PyObject *
gc_get_referents(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *list;

    if (PySys_Audit("gc.get_referents", NULL) < 0) {
        return NULL;
    }
    list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL && i < nargs; i++) {
        traverseproc traverse = Py_TYPE(args[i])->tp_traverse;
        if (traverse == NULL || !PyObject_IS_GC(args[i])) {
            continue;
        }
        if (traverse(args[i], collect_referent, list) != 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

KR_FUNCTION(gc, "is_tracked(obj, /)",
            "Returns true if the object is tracked by the garbage collector.")
static PyObject *
gc_is_tracked(PyObject *module, PyObject *obj)
{
    return PyBool_FromLong(PyObject_GC_IsTracked(obj));
}

KR_FUNCTION(gc, "is_finalized(obj, /)",
            "Returns true if the object has been already finalized by the GC.")
static PyObject *
gc_is_finalized(PyObject *module, PyObject *obj)
{
    return PyBool_FromLong(PyObject_GC_IsFinalized(obj));
}

KR_FUNCTION(gc, "freeze()",
            "Freeze all current tracked objects and ignore them for future collections.")
static PyObject *
gc_freeze(PyObject *module)
{
    kr_gc_freeze(kr_interp());
    Py_RETURN_NONE;
}

KR_FUNCTION(gc, "unfreeze()", "Unfreeze all objects in the permanent generation.")
static PyObject *
gc_unfreeze(PyObject *module)
{
    kr_gc_unfreeze(kr_interp());
    Py_RETURN_NONE;
}

static int
count_frozen(PyObject *op, void *arg)
{
    (*(Py_ssize_t *)arg)++;
    return 0;
}

KR_FUNCTION(gc, "get_freeze_count()",
            "Return the number of objects in the permanent generation.")
static PyObject *
gc_get_freeze_count(PyObject *module)
{
    Py_ssize_t count = 0;
    kr_gc_each(kr_interp(), KR_GC_GENERATIONS, KR_GC_GENERATIONS, count_frozen, &count);
    return PyLong_FromSsize_t(count);
}

KR_MODULE(gc)
#include "runtime/gc_module.methods.h"

static int
gc_exec(PyObject *module)
{
    KrGcState *gc = &kr_interp()->gc;

    if (kr_gc_make_lists(kr_interp()) < 0 ||
        PyModule_AddObjectRef(module, "garbage", gc->garbage) < 0 ||
        PyModule_AddObjectRef(module, "callbacks", gc->callbacks) < 0 ||
        PyModule_AddIntConstant(module, "DEBUG_STATS", KR_GC_DEBUG_STATS) < 0 ||
        PyModule_AddIntConstant(module, "DEBUG_COLLECTABLE", KR_GC_DEBUG_COLLECTABLE) < 0 ||
        PyModule_AddIntConstant(module, "DEBUG_UNCOLLECTABLE",
                                KR_GC_DEBUG_UNCOLLECTABLE) < 0 ||
        PyModule_AddIntConstant(module, "DEBUG_SAVEALL", KR_GC_DEBUG_SAVEALL) < 0 ||
        PyModule_AddIntConstant(module, "DEBUG_LEAK", KR_GC_DEBUG_LEAK) < 0) {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot gc_slots[] = {
    {Py_mod_exec, gc_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef gc_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gc",
    .m_doc = "Access to the garbage collector for reference cycles: run it, switch it on\n"
             "and off, set how often it runs, see what it has done and which objects it\n"
             "knows.",
    .m_methods = gc_methods,
    .m_slots = gc_slots,
};

PyMODINIT_FUNC
PyInit_gc(void)
{
    return PyModuleDef_Init(&gc_def);
}
