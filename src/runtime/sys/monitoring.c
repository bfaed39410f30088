// SPDX-License-Identifier: MIT
// monitoring.c - sys.monitoring: tools and their callbacks.
//
// Tools can be registered and asked for. The machine does not fire events yet:
// turning one on raises NotImplementedError.
#include "runtime/sys/sys.h"

#include "objects/ids.h"
#include "objects/namespace.h"

#define TOOLS 6

static const struct {
    const char *name;
    int bit; // -1: no event
} event_names[] = {
    {"PY_START", PY_MONITORING_EVENT_PY_START},
    {"PY_RESUME", PY_MONITORING_EVENT_PY_RESUME},
    {"PY_RETURN", PY_MONITORING_EVENT_PY_RETURN},
    {"PY_YIELD", PY_MONITORING_EVENT_PY_YIELD},
    {"CALL", PY_MONITORING_EVENT_CALL},
    {"LINE", PY_MONITORING_EVENT_LINE},
    {"INSTRUCTION", PY_MONITORING_EVENT_INSTRUCTION},
    {"JUMP", PY_MONITORING_EVENT_JUMP},
    {"BRANCH_LEFT", PY_MONITORING_EVENT_BRANCH_LEFT},
    {"BRANCH_RIGHT", PY_MONITORING_EVENT_BRANCH_RIGHT},
    {"STOP_ITERATION", PY_MONITORING_EVENT_STOP_ITERATION},
    {"RAISE", PY_MONITORING_EVENT_RAISE},
    {"EXCEPTION_HANDLED", PY_MONITORING_EVENT_EXCEPTION_HANDLED},
    {"PY_UNWIND", PY_MONITORING_EVENT_PY_UNWIND},
    {"PY_THROW", PY_MONITORING_EVENT_PY_THROW},
    {"RERAISE", PY_MONITORING_EVENT_RERAISE},
    {"C_RETURN", PY_MONITORING_EVENT_C_RETURN},
    {"C_RAISE", PY_MONITORING_EVENT_C_RAISE},
    {"BRANCH", PY_MONITORING_EVENT_BRANCH},
    {"NO_EVENTS", -1},
};

// Tool numbers map to names, (tool, event) pairs to callbacks. Borrowed.
static PyObject *
registry(void)
{
    PyInterpreterState *interp = kr_interp();

    if (interp->vm.monitoring == NULL) {
        interp->vm.monitoring = PyDict_New();
    }
    return interp->vm.monitoring;
}

static int
check_tool(int tool)
{
    if (tool < 0 || tool >= TOOLS) {
        PyErr_Format(PyExc_ValueError, "invalid tool %d (must be between 0 and 5)", tool);
        return -1;
    }
    return 0;
}

// The name of the tool, borrowed, or NULL with or without an exception.
static PyObject *
tool_name(int tool)
{
    PyObject *key = PyLong_FromLong(tool), *dict = registry();
    PyObject *name = key == NULL || dict == NULL ? NULL : PyDict_GetItemWithError(dict, key);

    Py_XDECREF(key);
    return name;
}

static int
check_in_use(int tool)
{
    if (check_tool(tool) < 0) {
        return -1;
    }
    if (tool_name(tool) == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "tool %d is not in use", tool);
        }
        return -1;
    }
    return 0;
}

KR_FUNCTION(monitoring, "use_tool_id(tool_id, name, /)", "Takes a tool number into use.")
static PyObject *
monitoring_use_tool_id(PyObject *module, int tool_id, PyObject *name)
{
    PyObject *key;
    int status;

    if (check_tool(tool_id) < 0) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_ValueError, "tool name must be a str");
        return NULL;
    }
    if (tool_name(tool_id) != NULL) {
        PyErr_Format(PyExc_ValueError, "tool %d is already in use", tool_id);
        return NULL;
    }
    key = PyLong_FromLong(tool_id);
    status = key == NULL || PyErr_Occurred() ? -1 : PyDict_SetItem(registry(), key, name);
    Py_XDECREF(key);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

// Forgets the callbacks of a tool.
static int
clear_callbacks(int tool)
{
    for (int event = 0; event <= PY_MONITORING_EVENT_BRANCH; event++) {
        PyObject *key = Py_BuildValue("(ii)", tool, event);

        if (key == NULL || PyDict_Pop(registry(), key, NULL) < 0) {
            Py_XDECREF(key);
            return -1;
        }
        Py_DECREF(key);
    }
    return 0;
}

KR_FUNCTION(monitoring, "clear_tool_id(tool_id, /)", "Forgets the callbacks of a tool.")
static PyObject *
monitoring_clear_tool_id(PyObject *module, int tool_id)
{
    if (check_tool(tool_id) < 0 || clear_callbacks(tool_id) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(monitoring, "free_tool_id(tool_id, /)", "Gives a tool number up.")
static PyObject *
monitoring_free_tool_id(PyObject *module, int tool_id)
{
    PyObject *key;
    int status;

    if (check_tool(tool_id) < 0 || clear_callbacks(tool_id) < 0) {
        return NULL;
    }
    key = PyLong_FromLong(tool_id);
    status = key == NULL ? -1 : PyDict_Pop(registry(), key, NULL);
    Py_XDECREF(key);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_FUNCTION(monitoring, "get_tool(tool_id, /)", "The name of a tool, or None.")
static PyObject *
monitoring_get_tool(PyObject *module, int tool_id)
{
    PyObject *name;

    if (check_tool(tool_id) < 0) {
        return NULL;
    }
    name = tool_name(tool_id);
    return name == NULL && PyErr_Occurred() ? NULL : Py_NewRef(name ? name : Py_None);
}

KR_FUNCTION(monitoring, "register_callback(tool_id, event, func, /)",
            "Sets the callback of an event; returns the one before.")
static PyObject *
monitoring_register_callback(PyObject *module, int tool_id, int event, PyObject *func)
{
    PyObject *key, *old = NULL;
    int number = 0, status;

    if (check_tool(tool_id) < 0) {
        return NULL;
    }
    if (event <= 0 || (event & (event - 1)) != 0 ||
        event >= 1 << (PY_MONITORING_EVENT_BRANCH + 1)) {
        PyErr_SetString(PyExc_ValueError,
                        "The callback can only be set for one event at a time");
        return NULL;
    }
    while (event >> number != 1) {
        number++;
    }
    key = Py_BuildValue("(ii)", tool_id, number);
    if (key == NULL) {
        return NULL;
    }
    status = PyDict_Pop(registry(), key, &old);
    if (status >= 0 && func != Py_None) {
        status = PyDict_SetItem(registry(), key, func);
    }
    Py_DECREF(key);
    if (status < 0) {
        Py_XDECREF(old);
        return NULL;
    }
    return old != NULL ? old : Py_NewRef(Py_None);
}

KR_FUNCTION(monitoring, "get_events(tool_id, /)", "The events that are on for a tool.")
static PyObject *
monitoring_get_events(PyObject *module, int tool_id)
{
    return check_in_use(tool_id) < 0 ? NULL : PyLong_FromLong(0);
}

static PyObject *
refuse_events(int tool, int events)
{
    if (check_in_use(tool) < 0) {
        return NULL;
    }
    if (events != 0) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "sys.monitoring events are not implemented yet");
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(monitoring, "set_events(tool_id, event_set, /)", "Turns events on.")
static PyObject *
monitoring_set_events(PyObject *module, int tool_id, int event_set)
{
    return refuse_events(tool_id, event_set);
}

KR_FUNCTION(monitoring, "get_local_events(tool_id, code, /)",
            "The events that are on for a code object.")
static PyObject *
monitoring_get_local_events(PyObject *module, int tool_id, PyObject *code)
{
    return check_in_use(tool_id) < 0 ? NULL : PyLong_FromLong(0);
}

KR_FUNCTION(monitoring, "set_local_events(tool_id, code, event_set, /)",
            "Turns events on for a code object.")
static PyObject *
monitoring_set_local_events(PyObject *module, int tool_id, PyObject *code, int event_set)
{
    return refuse_events(tool_id, event_set);
}

KR_FUNCTION(monitoring, "restart_events()", "Turns disabled events on again.")
static PyObject *
monitoring_restart_events(PyObject *module)
{
    Py_RETURN_NONE;
}

KR_FUNCTION(monitoring, "_all_events()", "The events that are on, by name.")
static PyObject *
monitoring__all_events(PyObject *module)
{
    return PyDict_New();
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

    for (size_t i = 0; events != NULL && i < Py_ARRAY_LENGTH(event_names); i++) {
        int bit = event_names[i].bit;
        PyObject *value = PyLong_FromLong(bit < 0 ? 0 : 1L << bit);

        if (value == NULL || PyObject_SetAttrString(events, event_names[i].name, value) < 0) {
            Py_CLEAR(events);
        }
        Py_XDECREF(value);
    }
    return events;
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
        PyModule_Add(module, "DISABLE",
                     PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type)) < 0 ||
        PyModule_Add(module, "MISSING",
                     PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type)) < 0 ||
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
