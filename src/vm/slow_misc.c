// SPDX-License-Identifier: MIT
// slow_misc.c - iteration, matching, functions, imports, exceptions, intrinsics.
#include "vm/machine.h"

#include "bytecode/opcodes.h"
#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/type.h"
#include "vm/generator.h"
#include "vm/intrinsics.h"

static int
store_value(KrFrame *fp, const KrWord *ip, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_result(value);
    kv_release(old);
    return 0;
}

static int
finish_value(KrFrame *fp, const KrWord *ip, PyObject *value)
{
    if (value == NULL) {
        return -1;
    }
    kr_finish_unary(fp, ip, kv_from_result(value));
    return 0;
}

static PyObject *
co_name(KrFrame *fp, int index)
{
    return PyTuple_GET_ITEM(kr_frame_exec(fp)->code->co_names, index);
}

// --- Functions and classes -----------------------------------------------------------

KR_SLOW_OP(make_function)
{
    PyObject *func = PyFunction_New(kv_pointer(fp->slots[ip->b]), kr_frame_globals(fp));
    return finish_value(fp, ip, func);
}

// A tuple with a cell for each free variable of the function's code.
static bool
is_closure_of(PyObject *closure, PyFunctionObject *func)
{
    if (!PyTuple_CheckExact(closure) ||
        PyTuple_GET_SIZE(closure) != ((PyCodeObject *)func->func_code)->co_nfreevars) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(closure); i++) {
        if (!PyCell_Check(PyTuple_GET_ITEM(closure, i))) {
            return false;
        }
    }
    return true;
}

static bool
is_function_attribute(int which, PyObject *value, PyFunctionObject *func)
{
    switch (which) {
    case KR_FUNCTION_DEFAULTS:
        return PyTuple_CheckExact(value);
    case KR_FUNCTION_KWDEFAULTS:
        return PyDict_CheckExact(value);
    case KR_FUNCTION_ANNOTATIONS:
        return PyTuple_CheckExact(value) || PyDict_CheckExact(value);
    case KR_FUNCTION_CLOSURE:
        return is_closure_of(value, func);
    default:
        return PyFunction_Check(value);
    }
}

// Slot a holds the attribute, slot b the function, which ends in slot a.
KR_SLOW_OP(set_function_attribute)
{
    PyFunctionObject *func = (PyFunctionObject *)kv_pointer(fp->slots[ip->b]);
    PyObject *value = kv_to_object_steal(kr_take_operand(fp, ip->a, true));
    if (value == NULL) {
        return -1;
    }
    if (!is_function_attribute(ip->c, value, func)) {
        PyErr_Format(PyExc_SystemError, "a function attribute cannot be a '%T'", value);
        Py_DECREF(value);
        return -1;
    }
    switch (ip->c) {
    case KR_FUNCTION_DEFAULTS:
        Py_XSETREF(func->func_defaults, value);
        break;
    case KR_FUNCTION_KWDEFAULTS:
        Py_XSETREF(func->func_kwdefaults, value);
        break;
    case KR_FUNCTION_ANNOTATIONS:
        Py_XSETREF(func->func_annotations, value);
        break;
    case KR_FUNCTION_CLOSURE:
        Py_XSETREF(func->func_closure, value);
        break;
    default:
        Py_XSETREF(func->func_annotate, value);
        break;
    }
    fp->slots[ip->a] = fp->slots[ip->b];
    fp->slots[ip->b] = KV_NULL;
    return 0;
}

KR_SLOW_OP(load_common_constant)
{
    PyObject *value = NULL;
    switch (ip->c) {
    case KR_COMMON_ASSERTION_ERROR:
        value = Py_NewRef(PyExc_AssertionError);
        break;
    case KR_COMMON_NOT_IMPLEMENTED_ERROR:
        value = Py_NewRef(PyExc_NotImplementedError);
        break;
    case KR_COMMON_TUPLE:
        value = Py_NewRef(&PyTuple_Type);
        break;
    case KR_COMMON_ALL:
        value = Py_XNewRef(kr_interp()->all_func);
        break;
    case KR_COMMON_ANY:
        value = Py_XNewRef(kr_interp()->any_func);
        break;
    }
    if (value == NULL) {
        PyErr_SetString(PyExc_SystemError, "bad oparg of LOAD_COMMON_CONSTANT");
    }
    return store_value(fp, ip, value);
}

KR_COLD static void
raise_no_special(PyObject *owner, int which)
{
    static const char *const texts[KR_SPECIAL_COUNT][2] = {
        [KR_SPECIAL_ENTER] = {"context manager", "__enter__"},
        [KR_SPECIAL_EXIT] = {"context manager", "__exit__"},
        [KR_SPECIAL_AENTER] = {"asynchronous context manager", "__aenter__"},
        [KR_SPECIAL_AEXIT] = {"asynchronous context manager", "__aexit__"},
    };
    const char *hint = "";
    bool async = which == KR_SPECIAL_AENTER || which == KR_SPECIAL_AEXIT;
    PyTypeObject *type = Py_TYPE(owner);
    if (!async && kr_type_lookup_borrow(type, KR_ID(__aenter__)) != NULL &&
        kr_type_lookup_borrow(type, KR_ID(__aexit__)) != NULL) {
        hint = " but it supports the asynchronous context manager protocol. Did you mean to "
               "use 'async with'?";
    }
    if (async && kr_type_lookup_borrow(type, KR_ID(__enter__)) != NULL &&
        kr_type_lookup_borrow(type, KR_ID(__exit__)) != NULL) {
        hint = " but it supports the context manager protocol. Did you mean to use 'with'?";
    }
    PyErr_Format(PyExc_TypeError,
                 "'%T' object does not support the %s protocol (missed %s method)%s", owner,
                 texts[which][0], texts[which][1], hint);
}

KR_SLOW_OP(load_special)
{
    PyObject *name;
    switch (ip->c) {
    case KR_SPECIAL_ENTER: name = KR_ID(__enter__); break;
    case KR_SPECIAL_EXIT: name = KR_ID(__exit__); break;
    case KR_SPECIAL_AENTER: name = KR_ID(__aenter__); break;
    default: name = KR_ID(__aexit__); break;
    }
    KV x = fp->slots[ip->b];
    PyObject *owner = kv_to_object(x), *method;
    if (owner == NULL) {
        return -1;
    }
    bool unbound;
    int found = kr_lookup_special(owner, name, &method, &unbound);
    if (found <= 0) {
        if (found == 0) {
            raise_no_special(owner, ip->c);
        }
        Py_DECREF(owner);
        return -1;
    }
    KV old = KV_NULL;
    if (ip->flags & KR_KILL_B) {
        old = fp->slots[ip->b];
        fp->slots[ip->b] = KV_NULL;
    }
    fp->slots[ip->a] = kv_from_steal(method);
    if (unbound) {
        fp->slots[ip->a + 1] = kv_from_steal(owner);
    }
    else {
        fp->slots[ip->a + 1] = KV_NULL;
        Py_DECREF(owner);
    }
    kv_release(old);
    return 0;
}

// --- Imports -------------------------------------------------------------------------

KR_SLOW_OP(import_name)
{
    KV *window = &fp->slots[ip->b];
    PyObject *fromlist = kr_kv_box_in_place(&window[1]);
    PyObject *level = fromlist == NULL ? NULL : kv_to_object(window[0]);
    PyObject *module = NULL;
    if (level == NULL) {
        return -1;
    }
    module = kr_import_name(fp, co_name(fp, ip->c), fromlist, level,
                            kr_frame_namespace(fp));
    Py_DECREF(level);
    if (module == NULL) {
        return -1;
    }
    kr_sweep(window, 2);
    return store_value(fp, ip, module);
}

KR_SLOW_OP(import_from)
{
    PyObject *module = kr_kv_box_in_place(&fp->slots[ip->b]);
    return module == NULL ? -1
                          : store_value(fp, ip, kr_import_from(module, co_name(fp, ip->c)));
}

// --- Coroutines ----------------------------------------------------------------------

KR_SLOW_OP(get_awaitable)
{
    PyObject *object = kv_to_object(fp->slots[ip->b]);
    if (object == NULL) {
        return -1;
    }
    PyObject *iterator = kr_coro_get_awaitable_iter(object);
    if (iterator == NULL && ip->c > 0 && PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyTypeObject *type = Py_TYPE(object);
        if (type->tp_as_async == NULL || type->tp_as_async->am_await == NULL) {
            PyErr_Format(PyExc_TypeError,
                         ip->c == 1 ? "'async with' received an object from __aenter__ that "
                                      "does not implement __await__: %.100s"
                                    : "'async with' received an object from __aexit__ that "
                                      "does not implement __await__: %.100s",
                         type->tp_name);
        }
    }
    if (iterator != NULL && PyCoro_CheckExact(iterator) &&
        kr_gen_yield_from_borrow((PyGenObject *)iterator) != NULL) {
        Py_CLEAR(iterator);
        PyErr_SetString(PyExc_RuntimeError, "coroutine is being awaited already");
    }
    Py_DECREF(object);
    return finish_value(fp, ip, iterator);
}

KR_SLOW_OP(get_aiter)
{
    PyObject *object = kv_to_object(fp->slots[ip->b]), *iterator;
    if (object == NULL) {
        return -1;
    }
    PyTypeObject *type = Py_TYPE(object);
    if (type->tp_as_async == NULL || type->tp_as_async->am_aiter == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "'async for' requires an object with __aiter__ method, got %.100s",
                     type->tp_name);
        Py_DECREF(object);
        return -1;
    }
    iterator = type->tp_as_async->am_aiter(object);
    Py_DECREF(object);
    if (iterator != NULL && (Py_TYPE(iterator)->tp_as_async == NULL ||
                             Py_TYPE(iterator)->tp_as_async->am_anext == NULL)) {
        PyErr_Format(PyExc_TypeError,
                     "'async for' received an object from __aiter__ that does not implement "
                     "__anext__: %.100s",
                     Py_TYPE(iterator)->tp_name);
        Py_CLEAR(iterator);
    }
    return finish_value(fp, ip, iterator);
}

KR_SLOW_OP(get_anext)
{
    PyObject *iterator = kr_kv_box_in_place(&fp->slots[ip->b]), *next;
    if (iterator == NULL) {
        return -1;
    }
    PyTypeObject *type = Py_TYPE(iterator);
    if (PyAsyncGen_CheckExact(iterator)) {
        return store_value(fp, ip, type->tp_as_async->am_anext(iterator));
    }
    if (type->tp_as_async == NULL || type->tp_as_async->am_anext == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "'async for' requires an iterator with __anext__ method, got %.100s",
                     type->tp_name);
        return -1;
    }
    next = type->tp_as_async->am_anext(iterator);
    if (next == NULL) {
        return -1;
    }
    PyObject *awaitable = kr_coro_get_awaitable_iter(next);
    if (awaitable == NULL) {
        PyObject *cause = PyErr_GetRaisedException();
        PyErr_Format(PyExc_TypeError,
                     "'async for' received an invalid object from __anext__: %.100s",
                     Py_TYPE(next)->tp_name);
        kr_err_chain_cause(cause);
        Py_XDECREF(cause);
    }
    Py_DECREF(next);
    return store_value(fp, ip, awaitable);
}

KR_SLOW_OP(end_async_for)
{
    KV *window = &fp->slots[ip->b];
    PyObject *exc = kv_pointer(window[1]);
    if (PyErr_GivenExceptionMatches(exc, PyExc_StopAsyncIteration)) {
        kr_sweep(window, 2);
        return 0;
    }
    PyErr_SetRaisedException(Py_NewRef(exc));
    return -1;
}

KR_SLOW_OP(cleanup_throw)
{
    KV *window = &fp->slots[ip->b];
    PyObject *exc = kv_pointer(window[2]);
    if (!PyErr_GivenExceptionMatches(exc, PyExc_StopIteration)) {
        PyErr_SetRaisedException(Py_NewRef(exc));
        return -1;
    }
    PyObject *inner = ((PyStopIterationObject *)exc)->value;
    KV value = kv_from_new(inner != NULL ? inner : Py_None);
    kr_sweep(window, 3);
    window[0] = KV_NONE;
    fp->slots[ip->a] = value;
    return 0;
}

// --- Exceptions ------------------------------------------------------------------------

void
kr_push_exc_info(PyThreadState *tstate, KV *slots)
{
    PyObject *exc = kv_to_object_steal(slots[0]);
    PyObject *before = tstate->exc_info->exc_value;
    slots[0] = before == NULL ? KV_NONE : kv_from_steal(before);
    slots[1] = kv_from_steal(exc);
    tstate->exc_info->exc_value = Py_NewRef(exc);
}

void
kr_pop_except(PyThreadState *tstate, KV *slot)
{
    KV word = *slot;
    *slot = KV_NULL;
    PyObject *before = kv_is_pointer(word) ? kv_pointer(word) : NULL;
    PyObject *handled = tstate->exc_info->exc_value;
    if (before == Py_None || (before != NULL && !PyExceptionInstance_Check(before))) {
        kv_release(word);
        before = NULL;
    }
    else if (before != NULL && !kv_is_owned(word)) {
        Py_INCREF(before);
    }
    tstate->exc_info->exc_value = before;
    Py_XDECREF(handled);
}

KR_SLOW_OP(check_exc_match)
{
    KV handler = fp->slots[ip->c], exc = fp->slots[ip->b];
    if (kv_is_pointer(handler) && kv_is_pointer(exc) &&
        PyExceptionClass_Check(kv_pointer(handler)) &&
        PyExceptionInstance_Check(kv_pointer(exc))) {
        bool matches = PyType_IsSubtype(Py_TYPE(kv_pointer(exc)),
                                        (PyTypeObject *)kv_pointer(handler));
        kr_finish_binary(fp, ip, matches ? KV_TRUE : KV_FALSE);
        return 0;
    }
    PyObject *type = kv_to_object(handler);
    if (type == NULL) {
        return -1;
    }
    bool valid = kr_exc_check_type(type);
    int match = valid ? PyErr_GivenExceptionMatches(kv_pointer(fp->slots[ip->b]), type) : -1;
    Py_DECREF(type);
    if (match < 0 || PyErr_Occurred()) {
        return -1;
    }
    kr_finish_binary(fp, ip, match ? KV_TRUE : KV_FALSE);
    return 0;
}

KR_SLOW_OP(check_eg_match)
{
    PyObject *type = kv_to_object(fp->slots[ip->c]), *match = NULL, *rest = NULL;
    if (type == NULL) {
        return -1;
    }
    PyObject *exc = kv_pointer(fp->slots[ip->b]);
    int status = -1;
    if (!Py_IsNone(exc) && !PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_SystemError, "'%T' object is no exception", exc);
    }
    else if (kr_exc_check_star_type(type)) {
        status = kr_exception_group_match(exc, type, &match, &rest);
    }
    Py_DECREF(type);
    if (status < 0) {
        return -1;
    }
    KV old_c = KV_NULL;
    if (ip->flags & KR_KILL_C) {
        old_c = fp->slots[ip->c];
        fp->slots[ip->c] = KV_NULL;
    }
    KV old_b = fp->slots[ip->b];
    fp->slots[ip->b] = kv_from_steal(rest);
    KV old_a = fp->slots[ip->a];
    fp->slots[ip->a] = kv_from_steal(match);
    if (match != Py_None) {
        PyErr_SetHandledException(match);
    }
    kv_release(old_a);
    kv_release(old_b);
    kv_release(old_c);
    return 0;
}

// An instance of what "raise x" names; new reference.
static PyObject *
exception_of(PyObject *object)
{
    if (PyExceptionClass_Check(object)) {
        PyObject *value = kr_exc_is_plain_class(object)
                              ? kr_exc_vectorcall(object, NULL, 0, NULL)
                              : PyObject_CallNoArgs(object);
        if (value != NULL && !PyExceptionInstance_Check(value)) {
            PyErr_Format(PyExc_TypeError,
                         "calling %R should have returned an instance of BaseException, "
                         "not %R",
                         object, Py_TYPE(value));
            Py_CLEAR(value);
        }
        return value;
    }
    if (PyExceptionInstance_Check(object)) {
        return Py_NewRef(object);
    }
    return NULL;
}

// False: there is nothing to raise again.
static bool
raise_bare(PyThreadState *tstate)
{
    _PyErr_StackItem *item = tstate->exc_info;
    while ((item->exc_value == NULL || item->exc_value == Py_None) &&
           item->previous_item != NULL) {
        item = item->previous_item;
    }
    if (item->exc_value == NULL || item->exc_value == Py_None) {
        PyErr_SetString(PyExc_RuntimeError, "No active exception to reraise");
        return false;
    }
    PyErr_SetRaisedException(Py_NewRef(item->exc_value));
    return true;
}

// 1: what was being handled is raised again; its traceback gets no new entry.
KR_SLOW_OP(raise_varargs)
{
    KV *window = &fp->slots[ip->b];
    PyObject *exc = NULL, *cause = NULL, *what = NULL, *from = NULL;
    if (ip->c == 0) {
        return raise_bare(tstate) ? 1 : -1;
    }
    what = kv_to_object(window[0]);
    from = ip->c == 2 && what != NULL ? kv_to_object(window[1]) : NULL;
    if (what == NULL || (ip->c == 2 && from == NULL)) {
        goto done;
    }
    exc = exception_of(what);
    if (exc == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "exceptions must derive from BaseException");
        }
        goto done;
    }
    if (from != NULL) {
        if (from != Py_None) {
            cause = exception_of(from);
            if (cause == NULL) {
                if (!PyErr_Occurred()) {
                    PyErr_SetString(PyExc_TypeError,
                                    "exception causes must derive from BaseException");
                }
                goto done;
            }
        }
        PyException_SetCause(exc, KR_MOVE(cause));
    }
    kr_err_raise_steal(tstate, KR_MOVE(exc));

done:
    Py_XDECREF(cause);
    Py_XDECREF(exc);
    Py_XDECREF(what);
    Py_XDECREF(from);
    return -1;
}

KR_SLOW_OP(reraise)
{
    KV word = fp->slots[ip->b];
    fp->slots[ip->b] = KV_NULL;
    PyObject *exc = kv_to_object_steal(word);
    if (!PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_SystemError, "'%T' object is no exception", exc);
        Py_DECREF(exc);
        return -1;
    }
    PyErr_SetRaisedException(exc);
    return -1;
}

KR_SLOW_OP(with_except_start)
{
    // exit, self or NULL, lasti, previous exception, exception.
    KV *window = &fp->slots[ip->b];
    PyObject *exc = kv_pointer(window[4]);
    PyObject *self = NULL, *exit = kr_kv_box_in_place(&window[0]);
    if (!kv_is_null(window[1])) {
        self = kr_kv_box_in_place(&window[1]);
    }
    if (exit == NULL || (self == NULL && !kv_is_null(window[1]))) {
        return -1;
    }
    PyObject *tb = PyException_GetTraceback(exc);
    if (tb == NULL) {
        tb = Py_None;
    }
    PyObject *args[4] = {self, (PyObject *)Py_TYPE(exc), exc, tb};
    PyObject *result = self != NULL
                           ? PyObject_Vectorcall(exit, args, 4, NULL)
                           : PyObject_Vectorcall(exit, args + 1,
                                                 3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_DECREF(tb);
    return store_value(fp, ip, result);
}

// --- Intrinsics --------------------------------------------------------------------------

KR_SLOW_OP(intrinsic_1)
{
    PyObject *value = kv_to_object(fp->slots[ip->b]), *result = NULL;
    if (value == NULL) {
        return -1;
    }
    switch (ip->c) {
    case KR_INTRINSIC_PRINT:
        result = kr_intrinsic_print(value);
        break;
    case KR_INTRINSIC_IMPORT_STAR:
        result = kr_intrinsic_import_star(fp, value);
        break;
    case KR_INTRINSIC_STOPITERATION_ERROR:
        result = kr_intrinsic_stopiteration_error(fp, value);
        break;
    case KR_INTRINSIC_ASYNC_GEN_WRAP:
        result = kr_async_gen_wrap(value);
        break;
    case KR_INTRINSIC_UNARY_POSITIVE:
        result = PyNumber_Positive(value);
        break;
    case KR_INTRINSIC_LIST_TO_TUPLE:
        result = PyList_AsTuple(value);
        break;
    default:
        result = kr_intrinsic_typing_1(ip->c, value);
        break;
    }
    Py_DECREF(value);
    return finish_value(fp, ip, result);
}

KR_SLOW_OP(intrinsic_2)
{
    KV *window = &fp->slots[ip->b];
    PyObject *left = kv_to_object(window[0]);
    PyObject *right = left == NULL ? NULL : kv_to_object(window[1]);
    PyObject *result = NULL;
    if (right != NULL) {
        result = ip->c == KR_INTRINSIC_PREP_RERAISE_STAR
                     ? kr_exception_group_reraise(left, right)
                     : kr_intrinsic_typing_2(ip->c, left, right);
    }
    Py_XDECREF(left);
    Py_XDECREF(right);
    if (result == NULL) {
        return -1;
    }
    kr_sweep(window, 2);
    return store_value(fp, ip, result);
}
