// SPDX-License-Identifier: MIT
// c_call.c - calls of C functions with argument words of a window.
//
// The words become objects in place: borrow bits are stripped and numbers boxed,
// while a bit mask remembers what has to be released afterwards. Functions and
// method descriptors of the common conventions are called without their vectorcall
// wrappers. A few builtins have an entry here that works on the words themselves;
// the call site remembers which (w1: the PyMethodDef seen, w2: entry number).
// Read next: call.c
#include "vm/c_call.h"

#include "objects/descr.h"
#include "objects/exceptions.h"
#include "objects/ids.h"
#include "objects/str/str.h"
#include "objects/type.h"
#include "vm/call.h"
#include "vm/generator.h"

#define MASK_BITS 64

// --- Arguments ---------------------------------------------------------------------

static inline void
release_objects(KV *args, Py_ssize_t n, uint64_t owned)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *object = (PyObject *)(uintptr_t)args[i].bits;
        args[i] = KV_NULL;
        if (owned >> i & 1) {
            Py_DECREF(object);
        }
    }
}

// Turns n (at most MASK_BITS) words into objects in place. False: MemoryError, all
// words consumed.
static inline bool
make_objects(KV *args, Py_ssize_t n, uint64_t *owned_out)
{
    uint64_t owned = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        KV word = args[i];
        if (KR_LIKELY(kv_is_pointer(word))) {
            owned |= (uint64_t)kv_is_owned(word) << i;
            args[i].bits = (uint64_t)(uintptr_t)kv_pointer(word);
            continue;
        }
        PyObject *box = kr_kv_box_slow(word);
        if (box == NULL) {
            release_objects(args, i, owned);
            kr_sweep(args + i, n - i);
            return false;
        }
        owned |= UINT64_C(1) << i;
        args[i].bits = (uint64_t)(uintptr_t)box;
    }
    *owned_out = owned;
    return true;
}

// More arguments than the mask has bits.
KR_COLD static PyObject *
call_with_many(PyObject *callable, KV *args, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t total = nargs + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    PyObject **objects = PyMem_Malloc((size_t)total * sizeof *objects), *result = NULL;
    Py_ssize_t ready = 0;
    if (objects == NULL) {
        PyErr_NoMemory();
        kr_sweep(args, total);
        return NULL;
    }
    for (; ready < total; ready++) {
        KV word = args[ready];
        args[ready] = KV_NULL;
        objects[ready] = kv_to_object_steal(word);
        if (objects[ready] == NULL) {
            break;
        }
    }
    if (ready == total) {
        result = PyObject_Vectorcall(callable, objects, (size_t)nargs, kwnames);
    }
    else {
        kr_sweep(args + ready, total - ready);
    }
    while (ready-- > 0) {
        Py_DECREF(objects[ready]);
    }
    PyMem_Free(objects);
    return result;
}

PyObject *
kr_call_with_words(PyObject *callable, KV *args, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t total = nargs + (kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames));
    uint64_t owned;
    if (total > MASK_BITS) {
        return call_with_many(callable, args, nargs, kwnames);
    }
    if (!make_objects(args, total, &owned)) {
        return NULL;
    }
    PyObject *result =
        kr_exc_is_plain_class(callable)
            ? kr_exc_vectorcall(callable, (PyObject **)args, (size_t)nargs, kwnames)
            : PyObject_Vectorcall(callable, (PyObject **)args, (size_t)nargs, kwnames);
    release_objects(args, total, owned);
    return result;
}

// --- Entries for builtins ------------------------------------------------------------

// Each does the call on words if it can do so at once: true, the result in *out. It
// never raises; what is not plain goes the general way.
typedef bool (*WordEntry)(const KV *args, KV *out);

static bool
entry_len(const KV *args, KV *out)
{
    if (!kv_is_pointer(args[0])) {
        return false;
    }
    PyObject *object = kv_pointer(args[0]);
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyList_Type || type == &PyTuple_Type || type == &PyBytes_Type) {
        *out = kv_from_int(Py_SIZE(object));
    }
    else if (type == &PyUnicode_Type) {
        *out = kv_from_int(PyUnicode_GET_LENGTH(object));
    }
    else if (type == &PyDict_Type) {
        *out = kv_from_int(PyDict_GET_SIZE(object));
    }
    else if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        *out = kv_from_int(PySet_GET_SIZE(object));
    }
    else {
        return false;
    }
    return true;
}

static PyTypeObject *
type_of_word(KV word)
{
    return kv_is_pointer(word) ? Py_TYPE(kv_pointer(word))
           : kv_is_int(word)   ? &PyLong_Type
                               : &PyFloat_Type;
}

// Whether instances cannot have a __class__ of their own idea.
static bool
class_is_honest(PyTypeObject *type)
{
    if (type == &PyLong_Type || type == &PyFloat_Type || type == &PyUnicode_Type ||
        type == &PyTuple_Type || type == &PyList_Type || type == &PyDict_Type ||
        type == &PyBool_Type) {
        return true;
    }
    return type->tp_getattro == PyObject_GenericGetAttr &&
           kr_type_lookup_borrow(type, KR_ID(__class__)) ==
               kr_type_lookup_borrow(&PyBaseObject_Type, KR_ID(__class__));
}

int
kr_is_plain_instance(KV object, PyObject *cls)
{
    PyTypeObject *type = type_of_word(object);
    if (!PyType_CheckExact(cls)) {
        return (PyObject *)type == cls ? 1 : -1;
    }
    if ((PyObject *)type == cls || PyType_IsSubtype(type, (PyTypeObject *)cls)) {
        return 1;
    }
    return class_is_honest(type) ? 0 : -1;
}

static bool
entry_isinstance(const KV *args, KV *out)
{
    if (!kv_is_pointer(args[1])) {
        return false;
    }
    PyObject *classes = kv_pointer(args[1]);
    int outcome = 0;
    if (!PyTuple_CheckExact(classes)) {
        outcome = kr_is_plain_instance(args[0], classes);
    }
    else {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(classes) && outcome == 0; i++) {
            outcome = kr_is_plain_instance(args[0], PyTuple_GET_ITEM(classes, i));
        }
    }
    if (outcome < 0) {
        return false;
    }
    *out = outcome ? KV_TRUE : KV_FALSE;
    return true;
}

static bool
entry_chr(const KV *args, KV *out)
{
    if (!kv_is_int(args[0]) || kv_int(args[0]) < 0 || kv_int(args[0]) > 255) {
        return false;
    }
    *out = kv_from_borrow(kr_latin1_strings[kv_int(args[0])]);
    return true;
}

static bool
entry_abs(const KV *args, KV *out)
{
    if (kv_is_int(args[0]) && kv_int(args[0]) > KR_KV_INT_MIN) {
        int64_t value = kv_int(args[0]);
        *out = kv_from_int(value < 0 ? -value : value);
        return true;
    }
    return kv_is_float(args[0]) && kv_from_double(__builtin_fabs(kv_float(args[0])), out);
}

static bool
entry_ord(const KV *args, KV *out)
{
    PyObject *text = kv_is_pointer(args[0]) ? kv_pointer(args[0]) : NULL;
    if (text == NULL || !PyUnicode_CheckExact(text) || PyUnicode_GET_LENGTH(text) != 1) {
        return false;
    }
    *out = kv_from_int(PyUnicode_READ_CHAR(text, 0));
    return true;
}

// Both words tagged and of one kind: whether the first is the lesser.
static bool
tagged_less(KV x, KV y, bool *less)
{
    if (kv_both_int(x, y)) {
        *less = (int64_t)x.bits < (int64_t)y.bits;
        return true;
    }
    if (kv_is_float(x) & kv_is_float(y)) {
        *less = kv_float(x) < kv_float(y);
        return true;
    }
    return false;
}

static bool
entry_min(const KV *args, KV *out)
{
    bool less;
    if (!tagged_less(args[1], args[0], &less)) {
        return false;
    }
    *out = less ? args[1] : args[0];
    return true;
}

static bool
entry_max(const KV *args, KV *out)
{
    bool less;
    if (!tagged_less(args[0], args[1], &less)) {
        return false;
    }
    *out = less ? args[1] : args[0];
    return true;
}

// Steps of the iterators that give words at once.
static bool
entry_next(const KV *args, KV *out)
{
    PyObject *iterator = kv_is_pointer(args[0]) ? kv_pointer(args[0]) : NULL;
    if (iterator == NULL) {
        return false;
    }
    if (Py_IS_TYPE(iterator, &PyListIter_Type)) {
        KrListIter *items = (KrListIter *)iterator;
        return items->list != NULL && items->index < Py_SIZE(items->list) &&
               kr_iter_next_word(iterator, out) > 0;
    }
    if (Py_IS_TYPE(iterator, &PyTupleIter_Type)) {
        KrTupleIter *items = (KrTupleIter *)iterator;
        return items->tuple != NULL && items->index < Py_SIZE(items->tuple) &&
               kr_iter_next_word(iterator, out) > 0;
    }
    if (Py_IS_TYPE(iterator, &PyRangeIter_Type)) {
        KrRangeIter *range = (KrRangeIter *)iterator;
        return range->left > 0 && kv_int_fits(range->next) &&
               kr_iter_next_word(iterator, out) > 0;
    }
    return false;
}

static const struct {
    const char *name;
    WordEntry entry;
    Py_ssize_t nargs;
} entries[] = {
    {NULL, NULL, -1}, // number 0: none
    {"len", entry_len, 1},
    {"isinstance", entry_isinstance, 2},
    {"abs", entry_abs, 1},
    {"chr", entry_chr, 1},
    {"ord", entry_ord, 1},
    {"min", entry_min, 2},
    {"max", entry_max, 2},
    {"next", entry_next, 1},
};

// Entry numbers that stand for more than a WordEntry.
#define ENTRY_NEXT ((uint32_t)KR_ARRAY_LEN(entries) - 1)
#define ENTRY_SEND UINT32_MAX
// Added to the numbers of method_entries: a bound method has the same PyMethodDef as
// its descriptor, and one site may call both.
#define ENTRY_METHODS 0x1000u

static bool
is_resumable(PyTypeObject *type)
{
    return type == &PyGen_Type || type == &PyCoro_Type;
}

// Whether the function, found in the generators' types, is their send().
static bool
is_send(PyTypeObject *type, PyMethodDef *method)
{
    return is_resumable(type) && strcmp(method->ml_name, "send") == 0;
}

// The same for methods; args[0] is self. 1 done, 0 general way, -1 with an exception.
typedef int (*MethodEntry)(const KV *args, Py_ssize_t nargs, KV *out);

static int
entry_list_append(const KV *args, Py_ssize_t nargs, KV *out)
{
    if (nargs != 2 || !kv_is_pointer(args[0]) || !PyList_CheckExact(kv_pointer(args[0]))) {
        return 0;
    }
    PyObject *item = kv_to_object(args[1]);
    int status = item == NULL ? -1 : PyList_Append(kv_pointer(args[0]), item);
    Py_XDECREF(item);
    *out = KV_NONE;
    return status < 0 ? -1 : 1;
}

static int
entry_dict_get(const KV *args, Py_ssize_t nargs, KV *out)
{
    PyObject *value;
    if (nargs < 2 || nargs > 3 || !kv_is_pointer(args[0]) || !kv_is_pointer(args[1]) ||
        !PyDict_CheckExact(kv_pointer(args[0]))) {
        return 0;
    }
    int found = PyDict_GetItemRef(kv_pointer(args[0]), kv_pointer(args[1]), &value);
    if (found < 0) {
        return -1;
    }
    *out = found > 0 ? kv_from_result(value) : nargs == 3 ? kv_copy(args[2]) : KV_NONE;
    return 1;
}

static const struct {
    PyTypeObject *type;
    const char *name;
    MethodEntry entry;
} method_entries[] = {
    {NULL, NULL, NULL}, // number 0: none
    {&PyList_Type, "append", entry_list_append},
    {&PyDict_Type, "get", entry_dict_get},
};

// The site meets another method: notes it and its entry.
static void
note_method(KrWord *ip, PyMethodDescrObject *descr)
{
    ip[1].pointer = descr->d_method;
    ip[2].low = is_send(PyDescr_TYPE(descr), descr->d_method) ? ENTRY_SEND : 0;
    for (uint32_t i = 1; i < KR_ARRAY_LEN(method_entries); i++) {
        if (PyDescr_TYPE(descr) == method_entries[i].type &&
            strcmp(method_entries[i].name, descr->d_method->ml_name) == 0) {
            ip[2].low = ENTRY_METHODS + i;
        }
    }
}

// Whether the function is one of the module builtins' own.
static bool
is_builtin(PyCFunctionObject *func)
{
    PyModuleDef *def = func->m_self != NULL && PyModule_CheckExact(func->m_self)
                           ? PyModule_GetDef(func->m_self)
                           : NULL;
    if (def == NULL || strcmp(def->m_name, "builtins") != 0) {
        return false;
    }
    for (PyMethodDef *method = def->m_methods; method->ml_name != NULL; method++) {
        if (method == func->m_ml) {
            return true;
        }
    }
    return false;
}

// The first call of the site: notes the function and its entry.
KR_COLD static void
note_function(KrWord *ip, PyCFunctionObject *func)
{
    ip[1].pointer = func->m_ml;
    ip[2].low = 0;
    if (!is_builtin(func)) {
        if (func->m_self != NULL && is_send(Py_TYPE(func->m_self), func->m_ml)) {
            ip[2].low = ENTRY_SEND;
        }
        return;
    }
    for (uint32_t i = 1; i < KR_ARRAY_LEN(entries); i++) {
        if (strcmp(entries[i].name, func->m_ml->ml_name) == 0) {
            ip[2].low = i;
        }
    }
}

// Enters a waiting generator for send(*sent), or next() where sent is NULL: its window,
// which has got the word. NULL: nothing has happened.
static KrFrame *
resume(PyThreadState *tstate, KrFrame *fp, PyObject *object, KV *sent)
{
    PyGenObject *gen = (PyGenObject *)object;
    KV word = sent != NULL ? *sent : KV_NONE;
    if (!kr_gen_can_enter(tstate, object) ||
        (gen->gi_state == KR_GEN_CREATED && word.bits != KV_NONE.bits)) {
        return NULL;
    }
    if (sent != NULL) {
        *sent = KV_NULL;
        word = kv_is_owned(word) ? word : kv_copy(word);
    }
    KrFrame *window = kr_gen_link(tstate, fp, gen, KR_RETURN_CALL);
    KrWord *at = kr_frame_ip(window);
    window->slots[at->a] = word;
    kr_frame_save_ip(window, at + 1);
    return window;
}

// The same with the generator as first argument, whose word is given up.
static KrFrame *
resume_first(PyThreadState *tstate, KrFrame *fp, KV *args, KV *sent)
{
    KrFrame *window = resume(tstate, fp, kv_pointer(args[0]), sent);
    if (window != NULL) {
        KV self = args[0];
        args[0] = KV_NULL;
        kv_release(self); // which runs, so this is not its last reference
    }
    return window;
}

// --- The call --------------------------------------------------------------------------

// Calls the C function as its flags want it. NULL without an exception: the general
// way has to be taken (wrong number of arguments, a rare convention).
static inline PyObject *
call_direct(PyMethodDef *method, PyObject *self, PyObject **args, Py_ssize_t nargs)
{
    switch (method->ml_flags & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O |
                                METH_KEYWORDS | METH_METHOD)) {
    case METH_O:
        return nargs == 1 ? method->ml_meth(self, args[0]) : NULL;
    case METH_NOARGS:
        return nargs == 0 ? method->ml_meth(self, NULL) : NULL;
    case METH_FASTCALL:
        return _PyCFunctionFast_CAST(method->ml_meth)(self, args, nargs);
    case METH_FASTCALL | METH_KEYWORDS:
        return _PyCFunctionFastWithKeywords_CAST(method->ml_meth)(self, args, nargs, NULL);
    default:
        return NULL;
    }
}

static int
finish(KrFrame *fp, const KrWord *ip, KV result)
{
    KV callable = fp->slots[ip->b], old = fp->slots[ip->a];
    fp->slots[ip->b] = KV_NULL;
    if (ip->a == ip->b) {
        old = KV_NULL;
    }
    fp->slots[ip->a] = result;
    kv_release(callable);
    kv_release(old);
    return 0;
}

// Common to functions and methods: self is given, or the first of args.
static int
call_c(PyThreadState *tstate, KrFrame *fp, const KrWord *ip, PyObject *callable,
       PyMethodDef *method, PyObject *self, KV *args, Py_ssize_t nargs)
{
    uint64_t owned;
    if (nargs > MASK_BITS || kr_c_stack_is_low(tstate)) {
        PyObject *result = kr_call_with_words(callable, args, nargs, NULL);
        return kr_finish_call(fp, ip, result);
    }
    if (!make_objects(args, nargs, &owned)) {
        return kr_finish_call(fp, ip, NULL);
    }
    PyObject **objects = (PyObject **)args;
    PyObject *result = self != NULL
                           ? call_direct(method, self, objects, nargs)
                           : call_direct(method, objects[0], objects + 1, nargs - 1);
    if (KR_UNLIKELY((result == NULL) != (tstate->current_exception != NULL))) {
        // A broken function, or one that was not called at all.
        result = result == NULL ? PyObject_Vectorcall(callable, objects, (size_t)nargs, NULL)
                                : _Py_CheckFunctionResult(tstate, callable, result, NULL);
    }
    release_objects(args, nargs, owned);
    return result == NULL ? kr_finish_call(fp, ip, NULL)
                          : finish(fp, ip, kr_result_word(result, (ip->flags & KR_CALL_NUMBER) != 0));
}

int
kr_call_c_function(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KV *args, Py_ssize_t nargs,
                   KrFrame **pushed)
{
    PyCFunctionObject *func = (PyCFunctionObject *)kv_pointer(fp->slots[ip->b]);
    KV result;
    if (KR_UNLIKELY(ip[1].pointer == NULL)) {
        note_function(ip, func);
    }
    if (ip[1].pointer == func->m_ml) {
        uint32_t number = ip[2].low;
        if ((number == ENTRY_NEXT || number == ENTRY_SEND) && nargs == 1 && pushed != NULL) {
            if (number == ENTRY_SEND) {
                *pushed = func->m_self != NULL && is_resumable(Py_TYPE(func->m_self))
                              ? resume(tstate, fp, func->m_self, args)
                              : NULL;
            }
            else if (kv_is_pointer(args[0]) && Py_IS_TYPE(kv_pointer(args[0]), &PyGen_Type)) {
                *pushed = resume_first(tstate, fp, args, NULL);
            }
            if (*pushed != NULL) {
                return 0;
            }
        }
        if (number != 0 && number <= ENTRY_NEXT && entries[number].nargs == nargs &&
            entries[number].entry(args, &result)) {
            // The words of args are all tagged or stay where they are until now.
            KV first = args[0], second = nargs > 1 ? args[1] : KV_NULL;
            args[0] = KV_NULL;
            if (nargs > 1) {
                args[1] = KV_NULL;
            }
            finish(fp, ip, result);
            kv_release(first);
            kv_release(second);
            return 0;
        }
    }
    // A function without self passes NULL on; those with a class want the wrapper.
    if (func->m_self == NULL) {
        return kr_finish_call(fp, ip, kr_call_with_words((PyObject *)func, args, nargs, NULL));
    }
    return call_c(tstate, fp, ip, (PyObject *)func, func->m_ml, func->m_self, args, nargs);
}

int
kr_call_type_of(KrFrame *fp, const KrWord *ip, KV *args)
{
    KV word = args[0];
    args[0] = KV_NULL;
    finish(fp, ip, kv_from_new((PyObject *)type_of_word(word)));
    kv_release(word);
    return 0;
}

int
kr_call_c_method(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KV *args, Py_ssize_t nargs,
                 KrFrame **pushed)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)kv_pointer(fp->slots[ip->b]);
    PyTypeObject *type = nargs < 1 ? NULL : type_of_word(args[0]);
    if (type != PyDescr_TYPE(descr) &&
        (type == NULL || !PyType_IsSubtype(type, PyDescr_TYPE(descr)))) {
        return kr_finish_call(fp, ip,
                              kr_call_with_words((PyObject *)descr, args, nargs, NULL));
    }
    if (ip[1].pointer != descr->d_method) {
        note_method(ip, descr);
    }
    if (ip[2].low == ENTRY_SEND) {
        if (nargs == 2 && pushed != NULL) {
            *pushed = resume_first(tstate, fp, args, &args[1]);
            if (*pushed != NULL) {
                return 0;
            }
        }
        return call_c(tstate, fp, ip, (PyObject *)descr, descr->d_method, NULL, args, nargs);
    }
    KV result;
    uint32_t number = ip[2].low;
    int done = number <= ENTRY_METHODS
                   ? 0
                   : method_entries[number - ENTRY_METHODS].entry(args, nargs, &result);
    if (done != 0) {
        if (done > 0) {
            if ((ip->flags & KR_CALL_NUMBER) && kv_is_owned(result)) {
                result = kr_result_word(kv_pointer(result), true);
            }
            finish(fp, ip, result);
        }
        kr_sweep(args, nargs);
        return done > 0 ? 0 : kr_finish_call(fp, ip, NULL);
    }
    return call_c(tstate, fp, ip, (PyObject *)descr, descr->d_method, NULL, args, nargs);
}

int
kr_call_slot_wrapper(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KV *args,
                     Py_ssize_t nargs)
{
    PyWrapperDescrObject *descr = (PyWrapperDescrObject *)kv_pointer(fp->slots[ip->b]);
    if (nargs < 1 || kr_c_stack_is_low(tstate) ||
        !PyType_IsSubtype(type_of_word(args[0]), PyDescr_TYPE(descr)) ||
        kr_kv_box_in_place(&args[0]) == NULL) {
        return kr_finish_call(fp, ip,
                              kr_call_with_words((PyObject *)descr, args, nargs, NULL));
    }
    PyObject *rest = PyTuple_New(nargs - 1), *result = NULL;
    for (Py_ssize_t i = 1; i < nargs && rest != NULL; i++) {
        PyObject *item = kv_to_object(args[i]);
        if (item == NULL) {
            Py_CLEAR(rest);
            break;
        }
        PyTuple_SET_ITEM(rest, i - 1, item);
    }
    if (rest != NULL) {
        result = kr_slot_wrapper_run(descr, kv_pointer(args[0]), rest, NULL);
        Py_DECREF(rest);
        result = _Py_CheckFunctionResult(tstate, (PyObject *)descr, result, NULL);
    }
    kr_sweep(args, nargs);
    return kr_finish_call(fp, ip, result);
}
