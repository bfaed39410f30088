// SPDX-License-Identifier: MIT
// warnings.c - the module _warnings and the C functions that warn.
//
// The Python module warnings shares the filters kept here and may replace them by
// assigning to its globals, so those are looked at first; before it is imported
// (and at the end) warnings are printed by this file.
//
// Invariants:  a registry is a dict from (text, category, line) to True, and
//              "version" to the version of the filters it was filled under.
// Re-entrancy: nearly everything here runs Python code; the lock is recursive.
#include <Python.h>

#include "frameobject.h"
#include "base/base.h"
#include "objects/args.h"
#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/state.h"

// --- State -----------------------------------------------------------------------------

// A filter as the list holds it; message and module may be NULL for None.
static PyObject *
make_filter(PyObject *category, PyObject *action, PyObject *module)
{
    PyObject *zero = PyLong_FromLong(0);
    if (zero == NULL) {
        return NULL;
    }
    PyObject *filter = PyTuple_Pack(5, action, Py_None, category,
                                    module != NULL ? module : Py_None, zero);
    Py_DECREF(zero);
    return filter;
}

static PyObject *
default_filters(void)
{
    PyObject *rows[5] = {
        make_filter(PyExc_DeprecationWarning, KR_ID(default), KR_ID(__main__)),
        make_filter(PyExc_DeprecationWarning, KR_ID(ignore), NULL),
        make_filter(PyExc_PendingDeprecationWarning, KR_ID(ignore), NULL),
        make_filter(PyExc_ImportWarning, KR_ID(ignore), NULL),
        make_filter(PyExc_ResourceWarning, KR_ID(ignore), NULL),
    };
    PyObject *list = PyList_New(0);
    for (int i = 0; i < 5; i++) {
        if (list != NULL && (rows[i] == NULL || PyList_Append(list, rows[i]) < 0)) {
            Py_CLEAR(list);
        }
        Py_XDECREF(rows[i]);
    }
    return list;
}

// The state of this interpreter, filled; NULL with an exception.
static KrErrorsState *
warnings_state(void)
{
    KrErrorsState *state = &kr_interp()->errors;
    if (KR_LIKELY(state->warnings_default != NULL)) {
        return state;
    }
    if (state->warnings_filters == NULL) {
        state->warnings_filters = default_filters();
    }
    if (state->warnings_once == NULL) {
        state->warnings_once = PyDict_New();
    }
    if (state->warnings_filters == NULL || state->warnings_once == NULL) {
        return NULL;
    }
    state->warnings_default = Py_NewRef(KR_ID(default));
    return state;
}

// --- The lock ----------------------------------------------------------------------------

static int
warnings_lock(KrErrorsState *state)
{
    unsigned long me = PyThread_get_thread_ident();
    if (state->warnings_owner == me) {
        state->warnings_depth++;
        return 0;
    }
    if (state->warnings_lock == NULL) {
        state->warnings_lock = PyThread_allocate_lock();
        if (state->warnings_lock == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    if (!PyThread_acquire_lock(state->warnings_lock, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(state->warnings_lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    state->warnings_owner = me;
    state->warnings_depth = 1;
    return 0;
}

// false: this thread does not hold it.
static bool
warnings_unlock(KrErrorsState *state)
{
    if (state->warnings_owner != PyThread_get_thread_ident()) {
        return false;
    }
    if (--state->warnings_depth == 0) {
        state->warnings_owner = 0;
        PyThread_release_lock(state->warnings_lock);
    }
    return true;
}

// --- What the module warnings has replaced -------------------------------------------------

// warnings.name: 1 found, 0 no such module or name, -1 error.
static int
warnings_attr(PyObject *name, bool import, PyObject **out)
{
    PyObject *module;
    *out = NULL;
    if (import) {
        module = PyImport_ImportModule("warnings");
        if (module == NULL) {
            if (!PyErr_ExceptionMatches(PyExc_ImportError)) {
                return -1;
            }
            PyErr_Clear();
            return 0;
        }
    }
    else {
        if (kr_interp()->finalizing || kr_interp()->modules == NULL) {
            return 0;
        }
        module = PyImport_GetModule(KR_ID(warnings));
        if (module == NULL) {
            return PyErr_Occurred() ? -1 : 0;
        }
    }
    int status = PyObject_GetOptionalAttr(module, name, out);
    Py_DECREF(module);
    return status;
}

// The module's value if there is one, else *place; it is remembered there. Borrowed.
static PyObject *
shared_value(PyObject *name, PyObject **place)
{
    PyObject *value;
    int status = warnings_attr(name, false, &value);
    if (status < 0) {
        return NULL;
    }
    if (status > 0) {
        Py_XSETREF(*place, value);
    }
    return *place;
}

// --- Filters -----------------------------------------------------------------------------

// Whether text passes a filter's pattern: None, a str to be equal, or a regex.
static int
pattern_matches(PyObject *pattern, PyObject *text)
{
    if (pattern == Py_None) {
        return 1;
    }
    if (PyUnicode_CheckExact(pattern)) {
        return PyUnicode_Equal(pattern, text);
    }
    PyObject *result = PyObject_CallMethodOneArg(pattern, KR_ID(match), text);
    if (result == NULL) {
        return -1;
    }
    int truth = PyObject_IsTrue(result);
    Py_DECREF(result);
    return truth;
}

typedef struct {
    PyObject *category;
    PyObject *text;
    PyObject *module;
    Py_ssize_t lineno;
} WarningKey;

static int
filter_matches(PyObject *filter, const WarningKey *key)
{
    Py_ssize_t line = PyLong_AsSsize_t(PyTuple_GET_ITEM(filter, 4));
    if (line == -1 && PyErr_Occurred()) {
        return -1;
    }
    int good = PyObject_IsSubclass(key->category, PyTuple_GET_ITEM(filter, 2));
    if (good > 0) {
        good = line == 0 || line == key->lineno;
    }
    if (good > 0) {
        good = pattern_matches(PyTuple_GET_ITEM(filter, 1), key->text);
    }
    if (good > 0) {
        good = pattern_matches(PyTuple_GET_ITEM(filter, 3), key->module);
    }
    return good;
}

// The first filter that matches: 1 (its action and itself, new references), 0, -1.
static int
search_filters(PyObject *filters, const char *name, const WarningKey *key,
               PyObject **action_out, PyObject **item_out)
{
    if (!PyList_Check(filters)) {
        PyErr_Format(PyExc_ValueError, "_warnings.%s must be a list", name);
        return -1;
    }
    Py_INCREF(filters);
    int found = 0;
    for (Py_ssize_t i = 0; found == 0 && i < PyList_GET_SIZE(filters); i++) {
        PyObject *filter = Py_NewRef(PyList_GET_ITEM(filters, i));
        if (!PyTuple_Check(filter) || PyTuple_GET_SIZE(filter) != 5) {
            PyErr_Format(PyExc_ValueError, "warnings.%s item %zd isn't a 5-tuple", name,
                         i);
            found = -1;
        }
        else if (!PyUnicode_Check(PyTuple_GET_ITEM(filter, 0))) {
            PyErr_Format(PyExc_TypeError, "action must be a string, not '%.200s'",
                         Py_TYPE(PyTuple_GET_ITEM(filter, 0))->tp_name);
            found = -1;
        }
        else {
            found = filter_matches(filter, key);
        }
        if (found > 0) {
            *action_out = Py_NewRef(PyTuple_GET_ITEM(filter, 0));
            *item_out = filter;
        }
        else {
            Py_DECREF(filter);
        }
    }
    Py_DECREF(filters);
    return found;
}

// The filters that the current context holds: 1 found, 0 the global ones count, -1.
static int
context_filters(KrErrorsState *state, PyObject **out)
{
    *out = NULL;
    if (state->warnings_context == NULL) {
        return 0;
    }
    PyObject *context;
    if (PyContextVar_Get(state->warnings_context, Py_None, &context) < 0) {
        return -1;
    }
    if (context != Py_None) {
        *out = PyObject_GetAttr(context, KR_ID(_filters));
        if (*out == NULL) {
            Py_DECREF(context);
            return -1;
        }
        if (!PyList_Check(*out)) {
            PyErr_SetString(PyExc_ValueError,
                            "_filters of warnings._warnings_context must be a list");
            Py_CLEAR(*out);
            Py_DECREF(context);
            return -1;
        }
    }
    Py_DECREF(context);
    return *out != NULL;
}

// The action for a warning and the filter that says so (both new references).
static PyObject *
find_action(KrErrorsState *state, const WarningKey *key, PyObject **item_out)
{
    PyObject *filters, *action = NULL;
    int status = context_filters(state, &filters);

    *item_out = NULL;
    if (status < 0) {
        return NULL;
    }
    if (status > 0) {
        status = search_filters(filters, "_filters", key, &action,
                                item_out);
        Py_DECREF(filters);
    }
    else {
        filters = shared_value(KR_ID(filters), &state->warnings_filters);
        if (filters == NULL) {
            return NULL;
        }
        status = search_filters(filters, "filters", key, &action, item_out);
    }
    if (status != 0) {
        return status < 0 ? NULL : action;
    }
    action = shared_value(KR_ID(defaultaction), &state->warnings_default);
    if (action == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(action)) {
        PyErr_Format(PyExc_TypeError,
                     "_warnings.defaultaction must be a string, not '%.200s'",
                     Py_TYPE(action)->tp_name);
        return NULL;
    }
    *item_out = Py_None;
    return Py_NewRef(action);
}

// --- Registries ----------------------------------------------------------------------------

// Whether the warning was given before: 1, 0, -1. An outdated registry is emptied.
// With `should_set` it counts as given from now on.
static int
already_warned(KrErrorsState *state, PyObject *registry, PyObject *key, bool should_set)
{
    PyObject *version;
    int status = PyDict_GetItemRef(registry, KR_ID(version), &version);
    if (status < 0) {
        return -1;
    }
    bool current = version != NULL && PyLong_CheckExact(version) &&
                   PyLong_AsLong(version) == state->warnings_version;
    Py_XDECREF(version);
    if (!current) {
        PyErr_Clear();
        PyDict_Clear(registry);
        version = PyLong_FromLong(state->warnings_version);
        if (version == NULL || PyDict_SetItem(registry, KR_ID(version), version) < 0) {
            Py_XDECREF(version);
            return -1;
        }
        Py_DECREF(version);
    }
    else {
        PyObject *seen;
        if (PyDict_GetItemRef(registry, key, &seen) < 0) {
            return -1;
        }
        if (seen != NULL) {
            int truth = PyObject_IsTrue(seen);
            Py_DECREF(seen);
            if (truth != 0) {
                return truth;
            }
        }
    }
    return should_set ? PyDict_SetItem(registry, key, Py_True) : 0;
}

// The same for (text, category[, 0]), which stands for all lines.
static int
update_registry(KrErrorsState *state, PyObject *registry, PyObject *text,
                PyObject *category, bool add_zero)
{
    PyObject *key;
    if (add_zero) {
        PyObject *zero = PyLong_FromLong(0);
        key = PyTuple_Pack(3, text, category, zero);
        Py_XDECREF(zero);
    }
    else {
        key = PyTuple_Pack(2, text, category);
    }
    if (key == NULL) {
        return -1;
    }
    int status = already_warned(state, registry, key, true);
    Py_DECREF(key);
    return status;
}

// --- Showing ---------------------------------------------------------------------------------

// Prints a warning as warnings.formatwarning would; errors are dropped.
static void
show_plainly(PyObject *filename, Py_ssize_t lineno, PyObject *text, PyObject *category,
             PyObject *source_line)
{
    PyObject *file = PySys_GetAttrString("stderr"), *name, *line = NULL, *out = NULL;
    if (file == NULL || file == Py_None) {
        PyErr_Clear();
        Py_XDECREF(file);
        return;
    }
    name = PyObject_GetAttr(category, KR_ID(__name__));
    if (name != NULL) {
        out = PyUnicode_FromFormat("%U:%zd: %U: %U\n", filename, lineno, name, text);
    }
    if (out != NULL && PyFile_WriteObject(out, file, Py_PRINT_RAW) == 0) {
        line = source_line != NULL
                   ? Py_NewRef(source_line)
                   : PyErr_ProgramTextObject(filename, (int)lineno);
        PyObject *bare =
            line != NULL ? PyObject_CallMethodNoArgs(line, KR_ID(strip)) : NULL;
        if (bare != NULL && PyUnicode_Check(bare) && PyUnicode_GET_LENGTH(bare) > 0) {
            Py_SETREF(out, PyUnicode_FromFormat("  %U\n", bare));
            if (out != NULL) {
                PyFile_WriteObject(out, file, Py_PRINT_RAW);
            }
        }
        Py_XDECREF(bare);
    }
    PyErr_Clear();
    Py_XDECREF(line);
    Py_XDECREF(out);
    Py_XDECREF(name);
    Py_DECREF(file);
}

static int
show_warning(PyObject *category, PyObject *text, PyObject *message, PyObject *filename,
             Py_ssize_t lineno, PyObject *lineno_object, PyObject *source_line,
             PyObject *source)
{
    PyObject *show = NULL, *cls = NULL, *record = NULL, *result = NULL;

    // The traceback of the source's allocation is shown by the Python code only.
    int status = warnings_attr(KR_ID(_showwarnmsg), source != NULL, &show);
    if (status <= 0) {
        if (status == 0) {
            show_plainly(filename, lineno, text, category, source_line);
        }
        return status;
    }
    status = -1;
    if (!PyCallable_Check(show)) {
        PyErr_SetString(PyExc_TypeError,
                        "warnings._showwarnmsg() must be set to a callable");
        goto done;
    }
    if (warnings_attr(KR_ID(WarningMessage), false, &cls) <= 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_RuntimeError, "unable to get warnings.WarningMessage");
        }
        goto done;
    }
    PyObject *args[7] = {message,
                         category,
                         filename,
                         lineno_object,
                         Py_None,
                         source_line != NULL ? source_line : Py_None,
                         source != NULL ? source : Py_None};
    record = PyObject_Vectorcall(cls, args, 7, NULL);
    if (record != NULL) {
        result = PyObject_CallOneArg(show, record);
    }
    status = result == NULL ? -1 : 0;
done:
    Py_XDECREF(show);
    Py_XDECREF(cls);
    Py_XDECREF(record);
    Py_XDECREF(result);
    return status;
}

// --- One warning -------------------------------------------------------------------------------

// The module's name made of a file name.
static PyObject *
module_from_filename(PyObject *filename)
{
    Py_ssize_t size = PyUnicode_GetLength(filename);
    if (size < 0) {
        return NULL;
    }
    if (size == 0) {
        return PyUnicode_FromString("<unknown>");
    }
    PyObject *suffix = PyUnicode_FromString(".py");
    if (suffix == NULL) {
        return NULL;
    }
    int has = (int)PyUnicode_Tailmatch(filename, suffix, 0, size, 1);
    Py_DECREF(suffix);
    return has > 0 ? PyUnicode_Substring(filename, 0, size - 3) : Py_NewRef(filename);
}

static inline bool
is_text(PyObject *text, const char *other)
{
    return PyUnicode_CompareWithASCIIString(text, other) == 0;
}

// Notes the warning where its action says so: 1 it is not to be shown, 0 it is, -1.
static int
note_warning(KrErrorsState *state, PyObject *action, PyObject *item, PyObject *registry,
             PyObject *key, PyObject *text, PyObject *category)
{
    if (is_text(action, "always") || is_text(action, "all")) {
        return 0;
    }
    if (registry != NULL && PyDict_SetItem(registry, key, Py_True) < 0) {
        return -1;
    }
    if (is_text(action, "once")) {
        if (registry == NULL) {
            registry = shared_value(KR_ID(onceregistry), &state->warnings_once);
            if (registry == NULL) {
                return -1;
            }
            if (!PyDict_Check(registry)) {
                PyErr_Format(PyExc_TypeError,
                             "_warnings.onceregistry must be a dict, not '%.200s'",
                             Py_TYPE(registry)->tp_name);
                return -1;
            }
        }
        return update_registry(state, registry, text, category, false);
    }
    if (is_text(action, "module")) {
        return registry != NULL ? update_registry(state, registry, text, category, true)
                                : 0;
    }
    if (!is_text(action, "default")) {
        PyErr_Format(PyExc_RuntimeError,
                     "Unrecognized action (%R) in warnings.filters:\n %R", action, item);
        return -1;
    }
    return 0;
}

// registry may be NULL or None. 0, or -1 (the warning may be the exception).
static int
warn_explicit(PyObject *category, PyObject *message, PyObject *filename,
              Py_ssize_t lineno, PyObject *module, PyObject *registry,
              PyObject *source_line, PyObject *source)
{
    PyObject *key = NULL, *text = NULL, *number = NULL, *item = NULL, *action = NULL;
    int status = -1;
    KrErrorsState *state = warnings_state();

    if (state == NULL) {
        return -1;
    }
    // So late in the shutdown that nothing is left to say it with.
    if (module == Py_None) {
        return 0;
    }
    if (registry == Py_None) {
        registry = NULL;
    }
    if (registry != NULL && !PyDict_Check(registry)) {
        PyErr_SetString(PyExc_TypeError, "'registry' must be a dict or None");
        return -1;
    }
    if (warnings_lock(state) < 0) {
        return -1;
    }
    module = module == NULL ? module_from_filename(filename) : Py_NewRef(module);
    if (module == NULL) {
        goto done;
    }
    // A Warning object speaks for itself; a text is made into one.
    if (PyObject_TypeCheck(message, &kr_exc_Warning)) {
        Py_INCREF(message);
        text = PyObject_Str(message);
        category = (PyObject *)Py_TYPE(message);
    }
    else {
        text = Py_NewRef(message);
        message = PyObject_CallOneArg(category, message);
    }
    if (text == NULL || message == NULL) {
        goto done;
    }
    number = PyLong_FromSsize_t(lineno);
    key = number != NULL ? PyTuple_Pack(3, text, category, number) : NULL;
    if (key == NULL) {
        goto done;
    }
    if (registry != NULL) {
        status = already_warned(state, registry, key, false);
        if (status != 0) {
            status = status > 0 ? 0 : -1;
            goto done;
        }
        status = -1;
    }
    WarningKey wanted = {category, text, module, lineno};
    action = find_action(state, &wanted, &item);
    if (action == NULL) {
        goto done;
    }
    if (is_text(action, "error")) {
        PyErr_SetObject(category, message);
        goto done;
    }
    if (is_text(action, "ignore")) {
        status = 0;
        goto done;
    }
    status = note_warning(state, action, item, registry, key, text, category);
    if (status != 0) {
        status = status > 0 ? 0 : -1;
        goto done;
    }
    // Showing may take long or import: others need not wait.
    warnings_unlock(state);
    status = show_warning(category, text, message, filename, lineno, number, source_line,
                          source);
    goto unlocked;
done:
    warnings_unlock(state);
unlocked:
    Py_XDECREF(item);
    Py_XDECREF(action);
    Py_XDECREF(key);
    Py_XDECREF(number);
    Py_XDECREF(text);
    Py_XDECREF(message);
    Py_XDECREF(module);
    return status;
}

// --- Where a warning comes from ---------------------------------------------------------------

static bool
contains(PyObject *text, PyObject *part)
{
    return PyUnicode_Check(text) && PyUnicode_Contains(text, part) > 0;
}

static PyObject *
frame_filename_borrow(PyFrameObject *frame)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    PyObject *name = code->co_filename;
    Py_DECREF(code); // the frame keeps it
    return name;
}

// Frames of the import system do not count.
static bool
is_internal_frame(PyFrameObject *frame)
{
    PyObject *name = frame_filename_borrow(frame);
    return contains(name, KR_ID(importlib)) && contains(name, KR_ID(_bootstrap));
}

static bool
is_skipped_frame(PyFrameObject *frame, PyObject *prefixes)
{
    if (prefixes == NULL) {
        return false;
    }
    PyObject *name = frame_filename_borrow(frame);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(prefixes); i++) {
        if (PyUnicode_Tailmatch(name, PyTuple_GET_ITEM(prefixes, i), 0, PY_SSIZE_T_MAX,
                                -1) > 0) {
            return true;
        }
    }
    PyErr_Clear();
    return false;
}

static PyFrameObject *
frame_back_steal(PyFrameObject *frame)
{
    PyFrameObject *back = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    return back;
}

static PyFrameObject *
next_external_steal(PyFrameObject *frame, PyObject *prefixes)
{
    do {
        frame = frame_back_steal(frame);
    } while (frame != NULL &&
             (is_internal_frame(frame) || is_skipped_frame(frame, prefixes)));
    return frame;
}

typedef struct {
    PyObject *filename;
    Py_ssize_t lineno;
    PyObject *module;
    PyObject *registry;
} Place;

static void
place_clear(Place *place)
{
    Py_CLEAR(place->filename);
    Py_CLEAR(place->module);
    Py_CLEAR(place->registry);
}

// Fills *place from the frame `stack_level` steps up. 0, or -1.
static int
find_place(Py_ssize_t stack_level, PyObject *prefixes, Place *place)
{
    PyFrameObject *frame = PyThreadState_GetFrame(kr_thread());
    PyObject *globals;
    int status = -1;

    *place = (Place){NULL, 0, NULL, NULL};
    if (stack_level <= 0 || (frame != NULL && is_internal_frame(frame))) {
        while (--stack_level > 0 && frame != NULL) {
            frame = frame_back_steal(frame);
        }
    }
    else {
        while (--stack_level > 0 && frame != NULL) {
            frame = next_external_steal(frame, prefixes);
        }
    }
    if (frame == NULL) {
        globals = Py_XNewRef(kr_interp()->sys_dict);
        place->filename = PyUnicode_FromString("<sys>");
    }
    else {
        globals = PyFrame_GetGlobals(frame);
        place->filename = Py_NewRef(frame_filename_borrow(frame));
        place->lineno = PyFrame_GetLineNumber(frame);
    }
    Py_XDECREF(frame);
    if (globals == NULL || !PyDict_Check(globals) || place->filename == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "no globals to warn from");
        }
        goto done;
    }
    if (PyDict_GetItemRef(globals, KR_ID(__warningregistry__), &place->registry) < 0) {
        goto done;
    }
    if (place->registry == NULL) {
        place->registry = PyDict_New();
        if (place->registry == NULL ||
            PyDict_SetItem(globals, KR_ID(__warningregistry__), place->registry) < 0) {
            goto done;
        }
    }
    if (PyDict_GetItemRef(globals, KR_ID(__name__), &place->module) < 0) {
        goto done;
    }
    if (place->module == NULL ||
        !(place->module == Py_None || PyUnicode_Check(place->module))) {
        Py_XSETREF(place->module, PyUnicode_FromString("<string>"));
        if (place->module == NULL) {
            goto done;
        }
    }
    status = 0;
done:
    Py_XDECREF(globals);
    if (status < 0) {
        place_clear(place);
    }
    return status;
}

static int
warn_from_here(PyObject *category, PyObject *message, Py_ssize_t stack_level,
               PyObject *source, PyObject *prefixes)
{
    Place place;
    if (find_place(stack_level, prefixes, &place) < 0) {
        return -1;
    }
    int status = warn_explicit(category, message, place.filename, place.lineno,
                               place.module, place.registry, NULL, source);
    place_clear(&place);
    return status;
}

// The category to use, borrowed; NULL with TypeError.
static PyObject *
choose_category(PyObject *message, PyObject *category)
{
    if (PyObject_TypeCheck(message, &kr_exc_Warning)) {
        return (PyObject *)Py_TYPE(message);
    }
    if (category == NULL || category == Py_None) {
        return PyExc_UserWarning;
    }
    if (!PyType_Check(category) ||
        !PyType_IsSubtype((PyTypeObject *)category, &kr_exc_Warning)) {
        PyErr_Format(PyExc_TypeError, "category must be a Warning subclass, not '%s'",
                     Py_TYPE(category)->tp_name);
        return NULL;
    }
    return category;
}

// --- The module's functions -----------------------------------------------------------------------

KR_FUNCTION(warnings,
            "warn(message, category=None, stacklevel=1, source=None, *, "
            "skip_file_prefixes=())",
            "Issue a warning, or maybe ignore it or raise an exception.")
static PyObject *
warnings_warn(PyObject *module, PyObject *message, PyObject *category,
              Py_ssize_t stacklevel, PyObject *source, PyObject *skip_file_prefixes)
{
    category = choose_category(message, category);
    if (category == NULL) {
        return NULL;
    }
    PyObject *prefixes = skip_file_prefixes;
    if (prefixes != NULL) {
        if (!PyTuple_Check(prefixes)) {
            kr_arg_bad("warn", "argument 'skip_file_prefixes'", "tuple", prefixes);
            return NULL;
        }
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(prefixes); i++) {
            if (!PyUnicode_Check(PyTuple_GET_ITEM(prefixes, i))) {
                PyErr_Format(PyExc_TypeError,
                             "Found non-str '%s' in skip_file_prefixes.",
                             Py_TYPE(PyTuple_GET_ITEM(prefixes, i))->tp_name);
                return NULL;
            }
        }
        if (PyTuple_GET_SIZE(prefixes) == 0) {
            prefixes = NULL;
        }
        else if (stacklevel < 2) {
            stacklevel = 2;
        }
    }
    if (source == Py_None) {
        source = NULL;
    }
    return warn_from_here(category, message, stacklevel, source, prefixes) < 0 ? NULL
                                                                               : Py_None;
}

// The line `lineno` of the module's source as its loader has it. *out stays NULL if
// it has none.
static int
line_from_loader(PyObject *globals, Py_ssize_t lineno, PyObject **out)
{
    PyObject *loader = NULL, *name = NULL, *source = NULL, *lines = NULL;
    PyObject *external = PyImport_GetModule(KR_ID(_frozen_importlib_external));
    int status = -1;

    // importlib knows what to make of __loader__ and __spec__.
    if (external != NULL) {
        loader = PyObject_CallMethodOneArg(external, KR_ID(_bless_my_loader), globals);
        Py_DECREF(external);
    }
    if (PyErr_Occurred() || PyDict_GetItemRef(globals, KR_ID(__name__), &name) < 0) {
        goto done;
    }
    if (loader == NULL || name == NULL || loader == Py_None) {
        status = 0;
        goto done;
    }
    PyObject *get_source;
    status = PyObject_GetOptionalAttr(loader, KR_ID(get_source), &get_source);
    if (status <= 0) {
        goto done;
    }
    source = PyObject_CallOneArg(get_source, name);
    Py_DECREF(get_source);
    if (source == NULL && PyErr_ExceptionMatches(PyExc_ImportError)) {
        // The loader of a program given with -c, say, knows no such module.
        PyErr_Clear();
        status = 0;
        goto done;
    }
    if (source == NULL || source == Py_None) {
        status = source == NULL ? -1 : 0;
        goto done;
    }
    lines = PyUnicode_Check(source) ? PyUnicode_Splitlines(source, 0) : NULL;
    if (lines == NULL) {
        status = PyErr_Occurred() ? -1 : 0;
        goto done;
    }
    status = 0;
    if (lineno >= 1 && lineno <= PyList_GET_SIZE(lines)) {
        *out = Py_NewRef(PyList_GET_ITEM(lines, lineno - 1));
    }
done:
    Py_XDECREF(loader);
    Py_XDECREF(name);
    Py_XDECREF(source);
    Py_XDECREF(lines);
    return status;
}

KR_FUNCTION(warnings,
            "warn_explicit(message, category, filename: str, lineno, module=<missing>, "
            "registry=None, module_globals=None, source=None)",
            "Issue a warning, or maybe ignore it or raise an exception.")
static PyObject *
warnings_warn_explicit(PyObject *self, PyObject *message, PyObject *category,
                       PyObject *filename, int lineno, PyObject *module,
                       PyObject *registry, PyObject *module_globals, PyObject *source)
{
    PyObject *line = NULL;

    category = choose_category(message, category);
    if (category == NULL) {
        return NULL;
    }
    if (module_globals != Py_None) {
        if (!PyDict_Check(module_globals)) {
            PyErr_Format(PyExc_TypeError,
                         "module_globals must be a dict, not '%.200s'",
                         Py_TYPE(module_globals)->tp_name);
            return NULL;
        }
        if (line_from_loader(module_globals, lineno, &line) < 0) {
            return NULL;
        }
    }
    int status = warn_explicit(category, message, filename, lineno, module, registry,
                               line, source == Py_None ? NULL : source);
    Py_XDECREF(line);
    return status < 0 ? NULL : Py_None;
}

KR_FUNCTION(warnings, "_filters_mutated_lock_held()", "")
static PyObject *
warnings_filters_mutated(PyObject *module)
{
    KrErrorsState *state = &kr_interp()->errors;
    if (state->warnings_owner != PyThread_get_thread_ident()) {
        PyErr_SetString(PyExc_RuntimeError, "warnings lock is not held");
        return NULL;
    }
    state->warnings_version++;
    Py_RETURN_NONE;
}

KR_FUNCTION(warnings, "_acquire_lock()", "")
static PyObject *
warnings_acquire_lock(PyObject *module)
{
    return warnings_lock(&kr_interp()->errors) < 0 ? NULL : Py_None;
}

KR_FUNCTION(warnings, "_release_lock()", "")
static PyObject *
warnings_release_lock(PyObject *module)
{
    if (!warnings_unlock(&kr_interp()->errors)) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

// --- From C ----------------------------------------------------------------------------------

int
PyErr_WarnEx(PyObject *category, const char *message, Py_ssize_t stack_level)
{
    PyObject *text = PyUnicode_FromString(message);
    if (text == NULL) {
        return -1;
    }
    int status = warn_from_here(category != NULL ? category : PyExc_RuntimeWarning, text,
                                stack_level, NULL, NULL);
    Py_DECREF(text);
    return status;
}

int
PyErr_WarnFormat(PyObject *category, Py_ssize_t stack_level, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *text = PyUnicode_FromFormatV(format, va);
    va_end(va);
    if (text == NULL) {
        return -1;
    }
    int status = warn_from_here(category != NULL ? category : PyExc_RuntimeWarning, text,
                                stack_level, NULL, NULL);
    Py_DECREF(text);
    return status;
}

int
PyErr_ResourceWarning(PyObject *source, Py_ssize_t stack_level, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *text = PyUnicode_FromFormatV(format, va);
    va_end(va);
    if (text == NULL) {
        return -1;
    }
    int status =
        warn_from_here(PyExc_ResourceWarning, text, stack_level, source, NULL);
    Py_DECREF(text);
    return status;
}

int
PyErr_WarnExplicitObject(PyObject *category, PyObject *message, PyObject *filename,
                         int lineno, PyObject *module, PyObject *registry)
{
    return warn_explicit(category != NULL ? category : PyExc_RuntimeWarning, message,
                         filename, lineno, module, registry, NULL, NULL);
}

// The common part of the two functions with C strings; text is consumed.
static int
warn_explicit_strings(PyObject *category, PyObject *text, const char *filename, int lineno,
                      const char *module, PyObject *registry)
{
    PyObject *path = NULL, *name = NULL;
    int status = -1;
    if (text == NULL) {
        return -1;
    }
    path = PyUnicode_DecodeFSDefault(filename);
    name = module != NULL ? PyUnicode_FromString(module) : NULL;
    if (path != NULL && (module == NULL || name != NULL)) {
        status = PyErr_WarnExplicitObject(category, text, path, lineno, name, registry);
    }
    Py_DECREF(text);
    Py_XDECREF(path);
    Py_XDECREF(name);
    return status;
}

int
PyErr_WarnExplicit(PyObject *category, const char *message, const char *filename,
                   int lineno, const char *module, PyObject *registry)
{
    return warn_explicit_strings(category, PyUnicode_FromString(message), filename,
                                 lineno, module, registry);
}

int
PyErr_WarnExplicitFormat(PyObject *category, const char *filename, int lineno,
                         const char *module, PyObject *registry, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *text = PyUnicode_FromFormatV(format, va);
    va_end(va);
    return warn_explicit_strings(category, text, filename, lineno, module, registry);
}

// --- The module ----------------------------------------------------------------------------------

static int
warnings_exec(PyObject *module)
{
    KrErrorsState *state = warnings_state();
    if (state == NULL) {
        return -1;
    }
    if (state->warnings_context == NULL) {
        state->warnings_context = PyContextVar_New("_warnings_context", NULL);
        if (state->warnings_context == NULL) {
            return -1;
        }
    }
    if (PyModule_AddObjectRef(module, "filters", state->warnings_filters) < 0 ||
        PyModule_AddObjectRef(module, "_onceregistry", state->warnings_once) < 0 ||
        PyModule_AddObjectRef(module, "_defaultaction", state->warnings_default) < 0 ||
        PyModule_AddObjectRef(module, "_warnings_context", state->warnings_context) < 0) {
        return -1;
    }
    return 0;
}

KR_MODULE(warnings)
#include "runtime/warnings.methods.h"

static PyModuleDef_Slot warnings_slots[] = {
    {Py_mod_exec, (void *)warnings_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef warnings_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_warnings",
    .m_doc = "_warnings provides basic warning filtering support.\n"
             "It is a helper module to speed up interpreter start-up.",
    .m_methods = warnings_methods,
    .m_slots = warnings_slots,
};

PyMODINIT_FUNC
PyInit__warnings(void)
{
    return PyModuleDef_Init(&warnings_def);
}
