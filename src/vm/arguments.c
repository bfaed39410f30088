// SPDX-License-Identifier: MIT
// arguments.c - sorts the arguments of a call into a function's parameters.
//
// Slots of a function's window: positional parameters, keyword-only ones, then
// *args and **kwargs, then other locals. Read next: call.c
#include "vm/machine.h"

#include "objects/suggest.h"

void
kr_sweep(KV *slots, Py_ssize_t count)
{
    // From the top down, the order in which Python users see locals die.
    for (Py_ssize_t i = count - 1; i >= 0; i--) {
        KV word = slots[i];
        slots[i] = KV_NULL;
        kv_release(word);
    }
}

static PyObject *
parameter_name(PyCodeObject *code, Py_ssize_t i)
{
    return PyTuple_GET_ITEM(code->co_localsplusnames, i);
}

// "'a', 'b', and 'c'" of the names in the list. New reference.
static PyObject *
join_names(PyObject *names)
{
    Py_ssize_t n = PyList_GET_SIZE(names);
    if (n == 1) {
        return Py_NewRef(PyList_GET_ITEM(names, 0));
    }
    if (n == 2) {
        return PyUnicode_FromFormat("%U and %U", PyList_GET_ITEM(names, 0),
                                    PyList_GET_ITEM(names, 1));
    }
    PyObject *head = PyList_GetSlice(names, 0, n - 1);
    PyObject *comma = PyUnicode_FromString(", ");
    PyObject *joined = NULL, *result = NULL;
    if (head != NULL && comma != NULL) {
        joined = PyUnicode_Join(comma, head);
    }
    if (joined != NULL) {
        result = PyUnicode_FromFormat("%U, and %U", joined, PyList_GET_ITEM(names, n - 1));
    }
    Py_XDECREF(head);
    Py_XDECREF(comma);
    Py_XDECREF(joined);
    return result;
}

// f() missing 2 required positional arguments: 'a' and 'b'
KR_COLD static void
raise_missing(PyFunctionObject *func, PyCodeObject *code, const KV *slots, Py_ssize_t from,
              Py_ssize_t to, const char *kind)
{
    PyObject *names = PyList_New(0), *text = NULL;
    if (names == NULL) {
        return;
    }
    for (Py_ssize_t i = from; i < to; i++) {
        if (kv_is_null(slots[i])) {
            PyObject *quoted = PyObject_Repr(parameter_name(code, i));
            if (quoted == NULL || PyList_Append(names, quoted) < 0) {
                Py_XDECREF(quoted);
                goto done;
            }
            Py_DECREF(quoted);
        }
    }
    text = join_names(names);
    if (text != NULL) {
        Py_ssize_t n = PyList_GET_SIZE(names);
        PyErr_Format(PyExc_TypeError, "%U() missing %zd required %s argument%s: %U",
                     func->func_qualname, n, kind, n == 1 ? "" : "s", text);
    }

done:
    Py_XDECREF(text);
    Py_DECREF(names);
}

// f() takes from 1 to 2 positional arguments but 3 were given
KR_COLD static void
raise_too_many(PyFunctionObject *func, PyCodeObject *code, const KV *slots, Py_ssize_t given)
{
    Py_ssize_t argcount = code->co_argcount, kwonly_given = 0;
    for (Py_ssize_t i = 0; i < code->co_kwonlyargcount; i++) {
        kwonly_given += !kv_is_null(slots[argcount + i]);
    }
    Py_ssize_t defaults = func->func_defaults ? PyTuple_GET_SIZE(func->func_defaults) : 0;
    PyObject *takes, *extra;
    bool plural;
    if (defaults > 0) {
        plural = true;
        takes = PyUnicode_FromFormat("from %zd to %zd", argcount - defaults, argcount);
    }
    else {
        plural = argcount != 1;
        takes = PyUnicode_FromFormat("%zd", argcount);
    }
    extra = kwonly_given == 0
                ? PyUnicode_FromString("")
                : PyUnicode_FromFormat(
                      " positional argument%s (and %zd keyword-only argument%s)",
                      given != 1 ? "s" : "", kwonly_given, kwonly_given != 1 ? "s" : "");
    if (takes != NULL && extra != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "%U() takes %U positional argument%s but %zd%U %s given",
                     func->func_qualname, takes, plural ? "s" : "", given, extra,
                     given == 1 && kwonly_given == 0 ? "was" : "were");
    }
    Py_XDECREF(takes);
    Py_XDECREF(extra);
}

// Index of the parameter called name from `from` on, or -1. Runs no Python code,
// as the words being sorted are not part of any frame yet.
static Py_ssize_t
find_parameter(PyCodeObject *code, PyObject *name, Py_ssize_t from, Py_ssize_t to)
{
    for (Py_ssize_t i = from; i < to; i++) {
        if (parameter_name(code, i) == name) {
            return i;
        }
    }
    for (Py_ssize_t i = from; i < to; i++) {
        if (PyUnicode_Equal(name, parameter_name(code, i)) > 0) {
            return i;
        }
    }
    return -1;
}

KR_COLD static void
raise_unexpected_keyword(PyFunctionObject *func, PyCodeObject *code, PyObject *keyword,
                         PyObject *kwnames)
{
    Py_ssize_t posonly = code->co_posonlyargcount;
    PyObject *wrong = PyList_New(0);
    if (wrong == NULL) {
        return;
    }
    for (Py_ssize_t i = 0; i < posonly; i++) {
        int found = PySequence_Contains(kwnames, parameter_name(code, i));
        if (found < 0 || (found && PyList_Append(wrong, parameter_name(code, i)) < 0)) {
            Py_DECREF(wrong);
            return;
        }
    }
    if (PyList_GET_SIZE(wrong) > 0) {
        PyObject *comma = PyUnicode_FromString(", ");
        PyObject *names = comma != NULL ? PyUnicode_Join(comma, wrong) : NULL;
        if (names != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "%U() got some positional-only arguments passed as keyword "
                         "arguments: '%U'",
                         func->func_qualname, names);
        }
        Py_XDECREF(comma);
        Py_XDECREF(names);
        Py_DECREF(wrong);
        return;
    }
    Py_DECREF(wrong);
    PyObject *suggestion = kr_suggest_nofail(
        keyword, &PyTuple_GET_ITEM(code->co_localsplusnames, posonly),
        code->co_argcount + code->co_kwonlyargcount - posonly);
    if (suggestion != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "%U() got an unexpected keyword argument '%S'. Did you mean '%S'?",
                     func->func_qualname, keyword, suggestion);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%U() got an unexpected keyword argument '%S'",
                     func->func_qualname, keyword);
    }
}

// A key that is no str is reported before any other trouble with the keywords.
static bool
are_all_strings(PyObject *kwnames)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kwnames); i++) {
        if (!PyUnicode_Check(PyTuple_GET_ITEM(kwnames, i))) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return false;
        }
    }
    return true;
}

// Puts keyword arguments into their parameters or into the ** dict.
static int
bind_keywords(PyFunctionObject *func, PyCodeObject *code, KV *slots, KV *values,
              PyObject *kwnames, PyObject *kwdict)
{
    Py_ssize_t posonly = code->co_posonlyargcount;
    Py_ssize_t total = code->co_argcount + code->co_kwonlyargcount;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(kwnames); k++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, k);
        if (!PyUnicode_Check(name)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return -1;
        }
        Py_ssize_t i = find_parameter(code, name, posonly, total);
        if (i >= 0) {
            if (!kv_is_null(slots[i])) {
                PyErr_Format(PyExc_TypeError, "%U() got multiple values for argument '%S'",
                             func->func_qualname, name);
                return -1;
            }
            slots[i] = values[k];
            values[k] = KV_NULL;
            continue;
        }
        if (kwdict == NULL) {
            if (are_all_strings(kwnames)) {
                raise_unexpected_keyword(func, code, name, kwnames);
            }
            return -1;
        }
        KV word = values[k];
        values[k] = KV_NULL;
        PyObject *value = kv_to_object_steal(word);
        if (value == NULL) {
            return -1;
        }
        int status = PyDict_SetItem(kwdict, name, value);
        Py_DECREF(value);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static int
fill_defaults(PyFunctionObject *func, PyCodeObject *code, KV *slots, Py_ssize_t nargs)
{
    Py_ssize_t argcount = code->co_argcount;
    Py_ssize_t ndefaults = func->func_defaults ? PyTuple_GET_SIZE(func->func_defaults) : 0;
    Py_ssize_t first = argcount - ndefaults;
    for (Py_ssize_t i = nargs; i < first; i++) {
        if (kv_is_null(slots[i])) {
            raise_missing(func, code, slots, 0, first, "positional");
            return -1;
        }
    }
    for (Py_ssize_t i = nargs > first ? nargs : first; i < argcount; i++) {
        if (i >= 0 && kv_is_null(slots[i])) {
            KV value = kr_as_number(
                kv_from_borrow(PyTuple_GET_ITEM(func->func_defaults, i - first)));
            slots[i] = kv_is_pointer(value) ? kv_from_new(kv_pointer(value)) : value;
        }
    }
    bool missing = false;
    for (Py_ssize_t i = argcount; i < argcount + code->co_kwonlyargcount; i++) {
        if (!kv_is_null(slots[i])) {
            continue;
        }
        PyObject *value = NULL;
        if (func->func_kwdefaults != NULL &&
            PyDict_GetItemRef(func->func_kwdefaults, parameter_name(code, i), &value) < 0) {
            return -1;
        }
        if (value != NULL) {
            slots[i] = kv_from_steal(value);
        }
        else {
            missing = true;
        }
    }
    if (missing) {
        raise_missing(func, code, slots, argcount, argcount + code->co_kwonlyargcount,
                      "keyword-only");
        return -1;
    }
    return 0;
}

// A new tuple of words, which are consumed.
static PyObject *
tuple_from_words(KV *words, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    if (tuple == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        KV word = words[i];
        words[i] = KV_NULL;
        PyObject *object = kv_to_object_steal(word);
        if (object == NULL) {
            Py_DECREF(tuple);
            return NULL;
        }
        PyTuple_SET_ITEM(tuple, i, object);
    }
    return tuple;
}

// args may be the window's own first slots if there are no keywords and not too many
// positional arguments.
static int
bind_general(PyFunctionObject *func, PyCodeObject *code, KrExec *exec, KV *slots, KV *args,
             Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t argcount = code->co_argcount;
    Py_ssize_t next = argcount + code->co_kwonlyargcount;
    PyObject *kwdict = NULL, *rest = NULL;
    bool starred = (code->co_flags & CO_VARARGS) != 0, in_place = args == slots;

    Py_ssize_t direct = nargs < argcount ? nargs : argcount;
    for (Py_ssize_t i = 0; i < direct && !in_place; i++) {
        slots[i] = args[i];
        args[i] = KV_NULL;
    }
    if (starred) {
        rest = nargs == direct ? PyTuple_New(0)
                               : tuple_from_words(args + direct, nargs - direct);
    }
    // Without memory for the tuple, arguments are still where it was to take them.
    Py_ssize_t next_free = in_place && starred && rest == NULL ? nargs : direct;
    for (Py_ssize_t i = next_free; i < (Py_ssize_t)exec->nlocals; i++) {
        slots[i] = KV_NULL;
    }
    if (starred) {
        if (rest == NULL) {
            return -1;
        }
        slots[next++] = kv_from_result(rest);
    }
    if (code->co_flags & CO_VARKEYWORDS) {
        kwdict = PyDict_New();
        if (kwdict == NULL) {
            return -1;
        }
        slots[next] = kv_from_steal(kwdict);
    }
    if (kwnames != NULL &&
        bind_keywords(func, code, slots, args + nargs, kwnames, kwdict) < 0) {
        return -1;
    }
    if (nargs > argcount && !(code->co_flags & CO_VARARGS)) {
        raise_too_many(func, code, slots, nargs);
        return -1;
    }
    return fill_defaults(func, code, slots, direct);
}

// Where the keyword arguments of a call without surprises go: one byte each. The site
// keeps the answer in *hints; as names are checked again, it may be stale or empty.
// False: something is unusual, or there are more keywords than bytes.
static bool
places_of_keywords(PyCodeObject *code, PyObject *kwnames, Py_ssize_t nargs, uint64_t *hints)
{
    Py_ssize_t nkw = PyTuple_GET_SIZE(kwnames);
    Py_ssize_t total = code->co_argcount + code->co_kwonlyargcount;
    uint8_t places[8];
    uint64_t taken = 0;
    if (nkw > (Py_ssize_t)sizeof places || total > 64) {
        return false;
    }
    memcpy(places, hints, sizeof places);
    for (Py_ssize_t k = 0; k < nkw; k++) {
        PyObject *name = PyTuple_GET_ITEM(kwnames, k);
        Py_ssize_t at = places[k];
        if (at >= total || at < code->co_posonlyargcount || parameter_name(code, at) != name) {
            at = PyUnicode_Check(name)
                     ? find_parameter(code, name, code->co_posonlyargcount, total)
                     : -1;
        }
        if (at < nargs || (taken >> at & 1)) {
            return false;
        }
        taken |= UINT64_C(1) << at;
        places[k] = (uint8_t)at;
    }
    memcpy(hints, places, sizeof places);
    return true;
}

// Moves the words of a call without * and ** parameters to their places. args may be
// the window's own first slots when there are no keywords. -1: with an exception.
static int
bind_plainly(PyFunctionObject *func, PyCodeObject *code, KrExec *exec, KV *slots, KV *args,
             Py_ssize_t nargs, Py_ssize_t nkw, uint64_t hints)
{
    uint8_t places[8];
    if (args != slots) {
        for (Py_ssize_t i = 0; i < nargs; i++) {
            slots[i] = args[i];
            args[i] = KV_NULL;
        }
    }
    for (uint32_t i = (uint32_t)nargs; i < exec->nlocals; i++) {
        slots[i] = KV_NULL;
    }
    memcpy(places, &hints, sizeof places);
    for (Py_ssize_t k = 0; k < nkw; k++) {
        slots[places[k]] = args[nargs + k];
        args[nargs + k] = KV_NULL;
    }
    if (nargs + nkw == code->co_argcount + code->co_kwonlyargcount) {
        return 0;
    }
    return fill_defaults(func, code, slots, nargs);
}

KrExec *
kr_bind_arguments(PyThreadState *tstate, PyFunctionObject *func, KrFrame *callee, KV *args,
                  Py_ssize_t nargs, PyObject *kwnames, uint64_t *hints)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    Py_ssize_t nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    Py_ssize_t total = nargs + nkw;
    KrExec *exec = kr_exec_get(code);
    KV small[16], *copy = small;
    int status = -1;

    if (exec == NULL || kr_stack_reserve(tstate, callee->slots + exec->nslots) < 0) {
        kr_sweep(args, total);
        return NULL;
    }
    uint64_t places = hints != NULL ? *hints : 0;
    bool apart = args + total <= callee->slots || args >= callee->slots + exec->nslots;
    if ((code->co_flags & (CO_VARARGS | CO_VARKEYWORDS | CO_OPTIMIZED)) == CO_OPTIMIZED &&
        nargs <= code->co_argcount &&
        (nkw == 0 ? apart || args == callee->slots
                  : apart && places_of_keywords(code, kwnames, nargs, &places))) {
        if (hints != NULL) {
            *hints = places;
        }
        status = bind_plainly(func, code, exec, callee->slots, args, nargs, nkw, places);
    }
    else if (apart || (nkw == 0 && args == callee->slots &&
                       (nargs <= code->co_argcount || (code->co_flags & CO_VARARGS)))) {
        status = bind_general(func, code, exec, callee->slots, args, nargs, kwnames);
        if (apart) {
            kr_sweep(args, total);
        }
        else {
            // Left over only where there was no memory for *args.
            for (Py_ssize_t i = exec->nlocals; i < nargs; i++) {
                kr_sweep(&args[i], 1);
            }
        }
    }
    else {
        if (total > KR_ARRAY_LEN(small)) {
            copy = PyMem_Malloc((size_t)total * sizeof(KV));
            if (copy == NULL) {
                PyErr_NoMemory();
                kr_sweep(args, total);
                return NULL;
            }
        }
        for (Py_ssize_t i = 0; i < total; i++) {
            copy[i] = args[i];
            args[i] = KV_NULL;
        }
        status = bind_general(func, code, exec, callee->slots, copy, nargs, kwnames);
        kr_sweep(copy, total);
        if (copy != small) {
            PyMem_Free(copy);
        }
    }
    if (status < 0) {
        kr_sweep(callee->slots, exec->nlocals);
        return NULL;
    }
    if (KR_UNLIKELY(exec->ns_slot >= 0)) {
        // Code of a module or class: its names are the globals until told otherwise.
        callee->slots[exec->ns_slot] = kv_from_new(func->func_globals);
    }
    callee->func = (uint64_t)(uintptr_t)func | KR_KV_BORROWED;
    callee->ip = (uint64_t)(uintptr_t)exec->words | 1;
    callee->frame_obj = 1;
    callee->exec = (uint64_t)(uintptr_t)exec | KR_KV_BORROWED;
    return exec;
}
