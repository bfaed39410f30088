// SPDX-License-Identifier: MIT
// call.c - calls: from the machine to anything, from C into the machine.
//
// Python functions become a new window and are entered by the loop. Everything
// else is called through vectorcall with the argument words turned into objects
// in place. Read next: arguments.c, interp.c
#include "vm/machine.h"

#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/type.h"
#include "objects/type/slots.h"
#include "vm/c_call.h"
#include "vm/call.h"
#include "vm/generator.h"

// Completes the header of a bound window and hands it to the loop.
static int
push_window(PyThreadState *tstate, KrFrame *fp, KrFrame *callee, KrReturnKind kind,
            KrFrame **pushed)
{
    if (tstate->py_recursion_remaining <= 0 && kr_recursion_check(tstate, "") < 0) {
        kr_sweep(callee->slots, kr_frame_exec(callee)->nlocals);
        return -1;
    }
    // No poll here: the bound words lie above the top frame, where code that a
    // poll runs would put its own windows. The callee's first loop or call polls.
    tstate->py_recursion_remaining--;
    callee->prev = (uint64_t)(uintptr_t)fp | kind;
    *pushed = callee;
    return 0;
}

int
kr_finish_call(KrFrame *fp, const KrWord *ip, PyObject *result)
{
    KV callable = fp->slots[ip->b];
    fp->slots[ip->b] = KV_NULL;
    if (result == NULL) {
        kv_release(callable);
        return -1;
    }
    KV old = fp->slots[ip->a];
    fp->slots[ip->a] = kr_result_word(result, (ip->flags & KR_CALL_NUMBER) != 0);
    kv_release(callable);
    kv_release(old);
    return 0;
}

// The object as a Python function that is called in the standard way, or NULL.
static PyFunctionObject *
python_function(PyObject *object)
{
    if (object == NULL || !PyFunction_Check(object) ||
        ((PyFunctionObject *)object)->vectorcall != _PyFunction_Vectorcall) {
        return NULL;
    }
    return (PyFunctionObject *)object;
}

// The instance that the class makes before __init__ is called; see plain_init.
static PyObject *
new_instance(PyTypeObject *type, const KV *args, Py_ssize_t nargs)
{
    if (type->tp_new == kr_object_new) {
        return type->tp_alloc(type, 0);
    }
    PyObject *tuple = PyTuple_New(nargs);
    for (Py_ssize_t i = 0; tuple != NULL && i < nargs; i++) {
        PyObject *item = kv_to_object(args[i]);
        if (item == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, item);
    }
    return kr_exc_new_steal(type, tuple);
}

// The Python __init__ of a class whose making is that of object or BaseException, borrowed;
// NULL where type.__call__ has to do the work.
static PyFunctionObject *
plain_init(PyTypeObject *type)
{
    if (Py_TYPE(type) != &PyType_Type || type->tp_init == kr_object_init ||
        (type->tp_new != kr_object_new && !kr_exc_has_plain_new(type)) ||
        (type->tp_flags & Py_TPFLAGS_IS_ABSTRACT)) {
        return NULL;
    }
    return python_function(kr_type_lookup_borrow(type, KR_ID(__init__)));
}

// What a callable comes down to: a Python function, perhaps with one argument more.
typedef struct {
    PyFunctionObject *func; // borrowed; NULL: the general way
    KV first;               // the additional argument, or KV_NULL
    KrReturnKind kind;
} Target;

// Finds the target of the callable in *window, which keeps alive what the new window
// borrows: a new instance takes the place of its class, and the method __call__ that
// of its object. -1: MemoryError.
static int
find_target(KV *window, PyObject *callable, const KV *args, Py_ssize_t nargs, Target *target)
{
    PyTypeObject *type = Py_TYPE(callable);
    *target = (Target){python_function(callable), KV_NULL, KR_RETURN_CALL};
    if (target->func != NULL) {
        return 0;
    }
    if (type == &PyMethod_Type) {
        target->func = python_function(((PyMethodObject *)callable)->im_func);
        target->first = kv_from_borrow(((PyMethodObject *)callable)->im_self);
    }
    else if (PyType_Check(callable)) {
        target->func = plain_init((PyTypeObject *)callable);
        if (target->func == NULL) {
            return 0;
        }
        PyObject *self = new_instance((PyTypeObject *)callable, args, nargs);
        if (self == NULL) {
            return -1;
        }
        KV made_by = *window; // the class, which may have been borrowed
        *window = kv_from_steal(self);
        kv_release(made_by);
        target->first = kv_from_borrow(self);
        target->kind = KR_RETURN_INIT;
    }
    else if (type->tp_call == slot_call) {
        target->func = python_function(kr_type_lookup_borrow(type, KR_ID(__call__)));
        if (target->func != NULL) {
            target->first = *window;
            *window = kv_from_new((PyObject *)target->func);
        }
    }
    return 0;
}

// Common end of all calls: args are consecutive words at args, the receiver
// first if there is one; callee->slots may be where args are. Without `pushed` the
// whole call is made here.
static int
dispatch_call(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame *callee, KV *args,
              Py_ssize_t nargs, PyObject *kwnames, uint64_t *hints, KrFrame **pushed)
{
    KV *window = &fp->slots[ip->b];
    PyObject *callable = kr_kv_box_in_place(window); // calling a number is an error
    Py_ssize_t total = nargs + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    Target target;

    if (callable != NULL && pushed == NULL) {
        return kr_finish_call(fp, ip, kr_call_with_words(callable, args, nargs, kwnames));
    }
    if (callable == NULL || find_target(window, callable, args, nargs, &target) < 0) {
        kr_sweep(args, total);
        return -1;
    }
    if (target.func == NULL) {
        if (callable == (PyObject *)&PyRange_Type && kwnames == NULL && ip->a == ip->b &&
            kr_range_in_loop(fp, ip, args, nargs)) {
            kr_sweep(args, nargs);
            return 0;
        }
        return kr_finish_call(fp, ip, kr_call_with_words(callable, args, nargs, kwnames));
    }
    if (!kv_is_null(target.first)) {
        // Everything moves up by a word.
        memmove(args + 1, args, (size_t)total * sizeof(KV));
        args[0] = target.first;
        nargs++;
    }
    if (kr_bind_arguments(tstate, target.func, callee, args, nargs, kwnames, hints) == NULL) {
        return -1;
    }
    return push_window(tstate, fp, callee, target.kind, pushed);
}

// C functions and methods at once, everything else by what it is.
static int
call_words(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame *callee, KV *args,
           Py_ssize_t nargs, KrFrame **pushed)
{
    KV word = fp->slots[ip->b];
    if (KR_LIKELY(kv_is_pointer(word) && !kv_is_null(word))) {
        PyTypeObject *type = Py_TYPE(kv_pointer(word));
        if (type == &PyCFunction_Type) {
            return kr_call_c_function(tstate, fp, ip, args, nargs, pushed);
        }
        if (type == &PyMethodDescr_Type) {
            return kr_call_c_method(tstate, fp, ip, args, nargs, pushed);
        }
        if (type == &PyWrapperDescr_Type) {
            return kr_call_slot_wrapper(tstate, fp, ip, args, nargs);
        }
        if (kv_pointer(word) == (PyObject *)&PyType_Type && nargs == 1) {
            return kr_call_type_of(fp, ip, args);
        }
    }
    return dispatch_call(tstate, fp, ip, callee, args, nargs, NULL, NULL, pushed);
}

int
kr_call(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame *callee, Py_ssize_t nargs,
        KrFrame **pushed)
{
    return call_words(tstate, fp, ip, callee, callee->slots, nargs, pushed);
}

int
kr_call_copy(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame **pushed)
{
    KV *from = &fp->slots[ip->b + 1];
    Py_ssize_t nargs = ip->c + 1;
    if (kv_is_null(*from)) {
        from++;
        nargs--;
    }
    KrFrame *callee = (KrFrame *)kr_stack_top(tstate);
    return call_words(tstate, fp, ip, callee, from, nargs, pushed);
}

int
kr_call_kw(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame **pushed)
{
    // In place: callable, header, [self,] args, names. With flag Y: callable,
    // self or NULL, args, names.
    KV *self = &fp->slots[ip->b + ((ip->flags & KR_FLAG_Y) ? 1 : 1 + KR_FRAME_HEADER)];
    bool has_self_slot = (ip->flags & (KR_FLAG_X | KR_FLAG_Y)) != 0;
    KV *from = self;
    Py_ssize_t nargs = ip->c;
    KV *names_slot = self + nargs + (has_self_slot ? 1 : 0);
    if (has_self_slot) {
        if (kv_is_null(*self)) {
            from++;
        }
        else {
            nargs++;
        }
    }
    KV names_word = *names_slot;
    *names_slot = KV_NULL;
    PyObject *names = kv_pointer(names_word);
    int status = -1;
    if (!kv_is_pointer(names_word) || names == NULL || !PyTuple_Check(names) ||
        PyTuple_GET_SIZE(names) > nargs) {
        PyErr_SetString(PyExc_SystemError, "bad keyword names in CALL_KW");
        goto done;
    }
    Py_ssize_t npositional = nargs - PyTuple_GET_SIZE(names);
    KrFrame *callee = (KrFrame *)kr_stack_top(tstate);
    status = dispatch_call(tstate, fp, ip, callee, from, npositional, names, &ip[1].bits, pushed);

done:
    kv_release(names_word);
    return status;
}

// The text in front of errors about * and ** arguments: "f()", "C.m()".
static PyObject *
callable_text(PyObject *callable)
{
    return _PyObject_FunctionStr(callable);
}

// The arguments of f(*args, **kwargs) as a tuple: new reference.
static PyObject *
star_arguments(PyObject *callable, PyObject *args)
{
    if (PyTuple_CheckExact(args)) {
        return Py_NewRef(args);
    }
    if (Py_TYPE(args)->tp_iter == NULL && !PySequence_Check(args)) {
        PyObject *text = callable_text(callable);
        if (text != NULL) {
            PyErr_Format(PyExc_TypeError,
                         "%U argument after * must be an iterable, not %.200s", text,
                         Py_TYPE(args)->tp_name);
            Py_DECREF(text);
        }
        return NULL;
    }
    return PySequence_Tuple(args);
}

static int
call_ex_function(PyThreadState *tstate, KrFrame *fp, PyFunctionObject *func, PyObject *args,
                 PyObject *kwargs, KrFrame **pushed)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    Py_ssize_t nkw = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    KrFrame *callee = (KrFrame *)kr_stack_top(tstate);
    PyObject *names = NULL;
    if (kr_stack_reserve(tstate, callee->slots + nargs + nkw + 2) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        callee->slots[i] = kv_from_new(PyTuple_GET_ITEM(args, i));
    }
    if (nkw > 0) {
        names = PyTuple_New(nkw);
        if (names == NULL) {
            kr_sweep(callee->slots, nargs);
            return -1;
        }
        PyObject *key, *value;
        Py_ssize_t pos = 0, i = 0;
        while (PyDict_Next(kwargs, &pos, &key, &value)) {
            PyTuple_SET_ITEM(names, i, Py_NewRef(key));
            callee->slots[nargs + i] = kv_from_new(value);
            i++;
        }
    }
    KrExec *exec = kr_bind_arguments(tstate, func, callee, callee->slots, nargs, names, NULL);
    Py_XDECREF(names);
    if (exec == NULL) {
        return -1;
    }
    return push_window(tstate, fp, callee, KR_RETURN_CALL, pushed);
}

int
kr_call_ex(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KrFrame **pushed)
{
    KV *window = &fp->slots[ip->b];
    PyObject *args = NULL, *kwargs = NULL, *result = NULL;
    int status = -1;
    PyObject *callable = kr_kv_box_in_place(&window[0]);
    if (callable == NULL || kr_kv_box_in_place(&window[2]) == NULL ||
        (!kv_is_null(window[3]) && kr_kv_box_in_place(&window[3]) == NULL)) {
        return -1;
    }
    KV kwargs_word = window[3];

    args = star_arguments(callable, kv_pointer(window[2]));
    if (args == NULL) {
        goto done;
    }
    if (!kv_is_null(kwargs_word)) {
        kwargs = kv_pointer(kwargs_word);
        if (!PyDict_CheckExact(kwargs)) {
            PyObject *dict = PyDict_New();
            if (dict == NULL || PyDict_Update(dict, kwargs) < 0) {
                Py_XDECREF(dict);
                goto done;
            }
            kv_release(kwargs_word);
            window[3] = kv_from_steal(dict);
            kwargs = dict;
        }
    }
    kr_sweep(window + 1, 2);
    if (PyFunction_Check(callable) &&
        ((PyFunctionObject *)callable)->vectorcall == _PyFunction_Vectorcall) {
        status = call_ex_function(tstate, fp, (PyFunctionObject *)callable, args, kwargs,
                                  pushed);
        if (status == 0) {
            kr_sweep(window + 3, 1);
        }
        goto done;
    }
    result = PyObject_Call(callable, args, kwargs);
    kr_sweep(window + 3, 1);
    status = kr_finish_call(fp, ip, result);

done:
    Py_XDECREF(args);
    return status;
}

KR_COLD void
kr_raise_init_result(KV value)
{
    PyObject *object = kv_to_object(value);
    if (object != NULL) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'",
                     Py_TYPE(object)->tp_name);
        Py_DECREF(object);
    }
}

// --- From C --------------------------------------------------------------------------

// Runs a bound window from C. The result is a new reference.
static PyObject *
run_window(PyThreadState *tstate, KrFrame *fp)
{
    KrFrame *top = kr_top_frame(tstate);
    KV result;

    if (kr_c_stack_is_low(tstate) && kr_c_stack_check(tstate, "") < 0) {
        kr_sweep(fp->slots, kr_frame_exec(fp)->nlocals);
        return NULL;
    }
    if (tstate->py_recursion_remaining <= 0 && kr_recursion_check(tstate, "") < 0) {
        kr_sweep(fp->slots, kr_frame_exec(fp)->nlocals);
        return NULL;
    }
    tstate->py_recursion_remaining--;
    fp->prev = (uint64_t)(uintptr_t)top | KR_RETURN_C;
    if (kr_run(tstate, fp, false, &result) < 0) {
        return NULL;
    }
    return kv_to_object_steal(result);
}

// Runs a function whose parameters are just the arguments.
static PyObject *
run_simple(PyThreadState *tstate, PyFunctionObject *func, KrExec *exec, KrFrame *callee,
           PyObject *const *stack, Py_ssize_t nargs)
{
    callee->func = (uint64_t)(uintptr_t)func | KR_KV_BORROWED;
    callee->ip = (uint64_t)(uintptr_t)exec->words | 1;
    callee->frame_obj = 1;
    callee->exec = (uint64_t)(uintptr_t)exec | KR_KV_BORROWED;
    // The caller keeps the arguments alive until we return.
    for (Py_ssize_t i = 0; i < nargs; i++) {
        callee->slots[i] = kv_from_borrow(stack[i]);
    }
    for (uint32_t i = (uint32_t)nargs; i < exec->nlocals; i++) {
        callee->slots[i] = KV_NULL;
    }
    // The function itself may be released while it runs.
    Py_INCREF(func);
    PyObject *result = run_window(tstate, callee);
    Py_DECREF(func);
    return result;
}

PyObject *
_PyFunction_Vectorcall(PyObject *callable, PyObject *const *stack, size_t nargsf,
                       PyObject *kwnames)
{
    PyThreadState *tstate = kr_thread();
    PyFunctionObject *func = (PyFunctionObject *)callable;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    Py_ssize_t total = nargs + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    KrFrame *callee = (KrFrame *)kr_stack_top(tstate);

    KrExec *exec = (KrExec *)((PyCodeObject *)func->func_code)->co_executors;
    if (KR_LIKELY(kwnames == NULL && exec != NULL && exec->simple && exec->argcount == nargs &&
                  callee->slots + exec->nslots <= (KV *)tstate->datastack_limit)) {
        return run_simple(tstate, func, exec, callee, stack, nargs);
    }
    if (kr_stack_reserve(tstate, callee->slots + total + 2) < 0) {
        return NULL;
    }
    // The caller keeps the arguments alive until we return.
    for (Py_ssize_t i = 0; i < total; i++) {
        callee->slots[i] = kv_from_borrow(stack[i]);
    }
    if (kr_bind_arguments(tstate, func, callee, callee->slots, nargs, kwnames, NULL) == NULL) {
        return NULL;
    }
    // The function itself may be released while it runs.
    Py_INCREF(func);
    PyObject *result = run_window(tstate, callee);
    Py_DECREF(func);
    return result;
}

PyObject *
kr_eval_code(PyObject *func, PyObject *namespace)
{
    PyThreadState *tstate = kr_thread();
    PyCodeObject *code = (PyCodeObject *)((PyFunctionObject *)func)->func_code;
    KrFrame *callee = (KrFrame *)kr_stack_top(tstate);
    KrExec *exec = kr_bind_arguments(tstate, (PyFunctionObject *)func, callee,
                                     callee->slots, 0, NULL, NULL);
    if (exec == NULL) {
        return NULL;
    }
    if (!(code->co_flags & CO_OPTIMIZED)) {
        KV globals = callee->slots[exec->ns_slot];
        callee->slots[exec->ns_slot] = kv_from_new(namespace);
        kv_release(globals);
    }
    return run_window(tstate, callee);
}
