// SPDX-License-Identifier: MIT
// asyncio_module.c - the module _asyncio: what it takes from the library, and its types.
//
// Read next:   future.c, task.c, task_step.c, registry.c
#include "modules/asyncio/asyncio.h"

#include "objects/args.h"
#include "objects/ids.h"

static AsyncioState *
state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

// --- What the library's Python modules have ----------------------------------------

static int
import_helpers(AsyncioState *state)
{
    const struct {
        PyObject **place;
        const char *module;
        const char *name;
    } helpers[] = {
        {&state->get_policy, "asyncio.events", "_get_event_loop_policy"},
        {&state->future_repr, "asyncio.base_futures", "_future_repr"},
        {&state->invalid_state_error, "asyncio.exceptions", "InvalidStateError"},
        {&state->cancelled_error, "asyncio.exceptions", "CancelledError"},
        {&state->task_repr, "asyncio.base_tasks", "_task_repr"},
        {&state->task_get_stack, "asyncio.base_tasks", "_task_get_stack"},
        {&state->task_print_stack, "asyncio.base_tasks", "_task_print_stack"},
        {&state->iscoroutine, "asyncio.coroutines", "iscoroutine"},
        {&state->extract_stack, "traceback", "extract_stack"},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(helpers); i++) {
        *helpers[i].place = PyImport_ImportModuleAttrString(helpers[i].module,
                                                            helpers[i].name);
        if (*helpers[i].place == NULL) {
            return -1;
        }
    }
    PyObject *weak_set = PyImport_ImportModuleAttrString("weakref", "WeakSet");
    if (weak_set != NULL) {
        state->foreign_tasks = PyObject_CallNoArgs(weak_set);
        Py_DECREF(weak_set);
    }
    state->eager_tasks = PySet_New(NULL);
    state->context_names = PyTuple_Pack(1, KR_ID(context));
    state->msg_names = PyTuple_Pack(1, KR_ID(msg));
    return state->foreign_tasks == NULL || state->eager_tasks == NULL
                   || state->context_names == NULL || state->msg_names == NULL
               ? -1
               : 0;
}

static PyTypeObject *
make_type(PyObject *module, PyType_Spec *spec, PyTypeObject *base)
{
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, (PyObject *)base);
}

static int
asyncio_exec(PyObject *module)
{
    AsyncioState *state = state_of(module);
    state->future_type = make_type(module, &kr_asyncio_future_spec, NULL);
    if (state->future_type == NULL) {
        return -1;
    }
    state->task_type = make_type(module, &kr_asyncio_task_spec, state->future_type);
    state->iter_type = make_type(module, &kr_asyncio_iter_spec, NULL);
    state->step_type = make_type(module, &kr_asyncio_step_spec, NULL);
    if (state->task_type == NULL || state->iter_type == NULL || state->step_type == NULL
        || PyModule_AddType(module, state->future_type) < 0
        || PyModule_AddType(module, state->task_type) < 0) {
        return -1;
    }
    // Last, as the library's modules import this one in turn.
    return import_helpers(state);
}

KR_MODULE(_asyncio)
#include "modules/asyncio/asyncio_module.methods.h"

// --- The module --------------------------------------------------------------------

// Calls visit with the address of each owned reference.
static int
each_object(AsyncioState *state, int (*visit)(PyObject **, void *), void *arg)
{
    PyObject **places[] = {
        (PyObject **)&state->future_type, (PyObject **)&state->task_type,
        (PyObject **)&state->iter_type,   (PyObject **)&state->step_type,
        &state->invalid_state_error,      &state->cancelled_error,
        &state->get_policy,               &state->future_repr,
        &state->task_repr,                &state->task_get_stack,
        &state->task_print_stack,         &state->iscoroutine,
        &state->extract_stack,            &state->foreign_tasks,
        &state->eager_tasks,              &state->context_names,
        &state->msg_names,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(places); i++) {
        int status = visit(places[i], arg);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}

typedef struct {
    visitproc visit;
    void *arg;
} Visitor;

static int
visit_place(PyObject **place, void *arg)
{
    const Visitor *visitor = arg;
    return *place == NULL ? 0 : visitor->visit(*place, visitor->arg);
}

static int
clear_place(PyObject **place, void *arg)
{
    Py_CLEAR(*place);
    return 0;
}

static int
asyncio_traverse(PyObject *module, visitproc visit, void *arg)
{
    Visitor visitor = {visit, arg};
    return each_object(state_of(module), visit_place, &visitor);
}

static int
asyncio_clear(PyObject *module)
{
    return each_object(state_of(module), clear_place, NULL);
}

static void
asyncio_free(void *module)
{
    asyncio_clear(module);
}

static PyModuleDef_Slot asyncio_slots[] = {
    {Py_mod_exec, asyncio_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

PyModuleDef kr_asyncio_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_asyncio",
    .m_doc = "Accelerator module for asyncio",
    .m_size = sizeof(AsyncioState),
    .m_methods = _asyncio_methods,
    .m_slots = asyncio_slots,
    .m_traverse = asyncio_traverse,
    .m_clear = asyncio_clear,
    .m_free = asyncio_free,
};

PyMODINIT_FUNC
PyInit__asyncio(void)
{
    return PyModuleDef_Init(&kr_asyncio_def);
}
