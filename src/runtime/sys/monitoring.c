// SPDX-License-Identifier: MIT
// monitoring.c - sys.monitoring: tools and their callbacks.
//
// The machine fires the events: vm/events.h.
#include "runtime/sys/sys.h"

#include "objects/ids.h"
#include "objects/namespace.h"
#include "vm/events.h"
#include "vm/trace.h"

#define TOOLS 6

#define EVENT_LIMIT (1 << KR_EVENT_COUNT)
#define BIT(name) (1 << PY_MONITORING_EVENT_##name)
#define BRANCHES (BIT(BRANCH_LEFT) | BIT(BRANCH_RIGHT))
#define C_EVENTS (BIT(C_RETURN) | BIT(C_RAISE))

static int
check_tool(int tool)
{
    if (tool < 0 || tool >= TOOLS) {
        PyErr_Format(PyExc_ValueError, "invalid tool %d (must be between 0 and 5)", tool);
        return -1;
    }
    return 0;
}

static int
check_in_use(int tool)
{
    if (check_tool(tool) < 0) {
        return -1;
    }
    if (kr_interp()->vm.tool_names[tool] == NULL) {
        PyErr_Format(PyExc_ValueError, "tool %d is not in use", tool);
        return -1;
    }
    return 0;
}

KR_FUNCTION(monitoring, "use_tool_id(tool_id, name, /)", "Takes a tool number into use.")
static PyObject *
monitoring_use_tool_id(PyObject *module, int tool_id, PyObject *name)
{
    KrVmState *vm = &kr_interp()->vm;

    if (check_tool(tool_id) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_ValueError, "tool name must be a str");
        return NULL;
    }
    if (vm->tool_names[tool_id] != NULL) {
        PyErr_Format(PyExc_ValueError, "tool %d is already in use", tool_id);
        return NULL;
    }
    vm->tool_names[tool_id] = Py_NewRef(name);
    Py_RETURN_NONE;
}

// Forgets what a tool watches and its callbacks.
static int
clear_tool(int tool)
{
    KrVmState *vm = &kr_interp()->vm;

    if (check_tool(tool) < 0) {
        return -1;
    }
    if (vm->tool_names[tool] == NULL) {
        return 0;
    }
    for (int event = 0; event < KR_EVENT_COUNT; event++) {
        Py_CLEAR(vm->event_callbacks[tool][event]);
    }
    return kr_tool_clear(tool);
}

KR_FUNCTION(monitoring, "clear_tool_id(tool_id, /)",
            "Forgets the callbacks and events of a tool.")
static PyObject *
monitoring_clear_tool_id(PyObject *module, int tool_id)
{
    if (clear_tool(tool_id) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(monitoring, "free_tool_id(tool_id, /)", "Gives a tool number up.")
static PyObject *
monitoring_free_tool_id(PyObject *module, int tool_id)
{
    if (clear_tool(tool_id) < 0) {
        return NULL;
    }
    Py_CLEAR(kr_interp()->vm.tool_names[tool_id]);
    Py_RETURN_NONE;
}

KR_FUNCTION(monitoring, "get_tool(tool_id, /)", "The name of a tool, or None.")
static PyObject *
monitoring_get_tool(PyObject *module, int tool_id)
{
    if (check_tool(tool_id) < 0) {
        return NULL;
    }
    PyObject *name = kr_interp()->vm.tool_names[tool_id];
    return Py_NewRef(name != NULL ? name : Py_None);
}

static PyObject *
replace_callback(int tool, int event, PyObject *func)
{
    PyObject **place = &kr_interp()->vm.event_callbacks[tool][event];
    PyObject *old = *place;

    *place = func == Py_None ? NULL : Py_NewRef(func);
    return old != NULL ? old : Py_NewRef(Py_None);
}

KR_FUNCTION(monitoring, "register_callback(tool_id, event, func, /)",
            "Sets the callback of an event; returns the one before.")
static PyObject *
monitoring_register_callback(PyObject *module, int tool_id, int event, PyObject *func)
{
    int number = 0;

    if (check_tool(tool_id) < 0) {
        return NULL;
    }
    if (event <= 0 || (event & (event - 1)) != 0) {
        PyErr_SetString(PyExc_ValueError,
                        "The callback can only be set for one event at a time");
        return NULL;
    }
    if (event >= EVENT_LIMIT) {
        PyErr_Format(PyExc_ValueError, "invalid event %d", event);
        return NULL;
    }
    if (PySys_Audit("sys.monitoring.register_callback", "O", func) < 0) {
        return NULL;
    }
    while (event >> number != 1) {
        number++;
    }
    if (event != BIT(BRANCH)) {
        return replace_callback(tool_id, number, func);
    }
    // Both directions of a branch, and asked for by the old name.
    PyObject *old = replace_callback(tool_id, number, func);
    Py_DECREF(replace_callback(tool_id, PY_MONITORING_EVENT_BRANCH_LEFT, func));
    Py_DECREF(replace_callback(tool_id, PY_MONITORING_EVENT_BRANCH_RIGHT, func));
    return old;
}

KR_FUNCTION(monitoring, "get_events(tool_id, /)", "The events that are on for a tool.")
static PyObject *
monitoring_get_events(PyObject *module, int tool_id)
{
    return check_tool(tool_id) < 0 ? NULL : PyLong_FromUnsignedLongLong(kr_tool_events(tool_id));
}

// The events that a set stands for, or -1.
static int
read_events(int set, int limit, const char *text)
{
    if (set < 0 || set >= limit) {
        PyErr_Format(PyExc_ValueError, "invalid %s 0x%x", text, (unsigned)set);
        return -1;
    }
    if (set & C_EVENTS) {
        if ((set & (C_EVENTS | BIT(CALL))) != (C_EVENTS | BIT(CALL))) {
            PyErr_SetString(PyExc_ValueError,
                            "cannot set C_RETURN or C_RAISE events independently");
            return -1;
        }
        set &= ~C_EVENTS;
    }
    if (set & BIT(BRANCH)) {
        set = (set & ~BIT(BRANCH)) | BRANCHES;
    }
    return set;
}

KR_FUNCTION(monitoring, "set_events(tool_id, event_set, /)", "Turns events on.")
static PyObject *
monitoring_set_events(PyObject *module, int tool_id, int event_set)
{
    if (check_tool(tool_id) < 0) {
        return NULL;
    }
    int events = read_events(event_set, EVENT_LIMIT, "event set");
    if (events < 0 || check_in_use(tool_id) < 0 ||
        kr_tool_set_events(tool_id, (uint64_t)events) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
check_code(PyObject *code)
{
    if (!PyCode_Check(code)) {
        PyErr_SetString(PyExc_TypeError, "code must be a code object");
        return -1;
    }
    return 0;
}

KR_FUNCTION(monitoring, "get_local_events(tool_id, code, /)",
            "The events that are on for a code object.")
static PyObject *
monitoring_get_local_events(PyObject *module, int tool_id, PyObject *code)
{
    if (check_code(code) < 0 || check_tool(tool_id) < 0) {
        return NULL;
    }
    return PyLong_FromUnsignedLongLong(kr_tool_local_events(tool_id, (PyCodeObject *)code));
}

KR_FUNCTION(monitoring, "set_local_events(tool_id, code, event_set, /)",
            "Turns events on for a code object.")
static PyObject *
monitoring_set_local_events(PyObject *module, int tool_id, PyObject *code, int event_set)
{
    if (check_code(code) < 0 || check_tool(tool_id) < 0) {
        return NULL;
    }
    int events = read_events(event_set, EVENT_LIMIT, "local event set");
    if (events < 0) {
        return NULL;
    }
    if (events >= 1 << KR_PLACED_COUNT) {
        PyErr_Format(PyExc_ValueError, "invalid local event set 0x%x", (unsigned)event_set);
        return NULL;
    }
    if (check_in_use(tool_id) < 0 ||
        kr_tool_set_local_events(tool_id, (PyCodeObject *)code, (uint64_t)events) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(monitoring, "restart_events()", "Turns disabled events on again.")
static PyObject *
monitoring_restart_events(PyObject *module)
{
    kr_tool_restart(kr_interp());
    Py_RETURN_NONE;
}

KR_FUNCTION(monitoring, "_all_events()", "The tools of all events that are on, by name.")
static PyObject *
monitoring__all_events(PyObject *module)
{
    PyObject *all = PyDict_New();

    for (int event = 0; all != NULL && event < KR_EVENT_COUNT; event++) {
        int tools = kr_interp()->vm.event_tools[event];
        PyObject *number = tools == 0 ? NULL : PyLong_FromLong(tools);
        if (tools == 0) {
            continue;
        }
        if (number == NULL || PyDict_SetItemString(all, kr_event_name(event), number) < 0) {
            Py_CLEAR(all);
        }
        Py_XDECREF(number);
    }
    return all;
}

KR_MODULE(monitoring)
#include "runtime/sys/monitoring.methods.h"

static struct PyModuleDef monitoring_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "sys.monitoring",
    .m_size = -1,
    .m_methods = monitoring_methods,
};

// The namespace sys.monitoring.events.
static PyObject *
make_events(void)
{
    PyObject *events = _PyNamespace_New(NULL);

    for (int event = 0; events != NULL && event <= KR_EVENT_COUNT; event++) {
        // One more: the empty set has a name.
        bool none = event == KR_EVENT_COUNT;
        PyObject *value = PyLong_FromLong(none ? 0 : 1L << event);

        if (value == NULL ||
            PyObject_SetAttrString(events, none ? "NO_EVENTS" : kr_event_name(event),
                                   value) < 0) {
            Py_CLEAR(events);
        }
        Py_XDECREF(value);
    }
    return events;
}

// A bare object that the machine and users tell by identity.
static int
add_object(PyObject *module, const char *name, PyObject **place)
{
    if (*place == NULL) {
        *place = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    }
    return PyModule_AddObjectRef(module, name, *place);
}

int
kr_sys_add_monitoring(PyObject *dict)
{
    PyObject *module = PyModule_Create(&monitoring_def);
    int status = -1;

    if (module == NULL) {
        return -1;
    }
    if (PyModule_Add(module, "events", make_events()) < 0 ||
        add_object(module, "DISABLE", &kr_interp()->vm.event_disable) < 0 ||
        add_object(module, "MISSING", &kr_interp()->vm.event_missing) < 0 ||
        PyModule_AddIntConstant(module, "DEBUGGER_ID", 0) < 0 ||
        PyModule_AddIntConstant(module, "COVERAGE_ID", 1) < 0 ||
        PyModule_AddIntConstant(module, "PROFILER_ID", 2) < 0 ||
        PyModule_AddIntConstant(module, "OPTIMIZER_ID", 5) < 0) {
        goto done;
    }
    status = PyDict_SetItemString(dict, "monitoring", module);

done:
    Py_DECREF(module);
    return status;
}
