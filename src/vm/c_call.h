// SPDX-License-Identifier: MIT
// c_call.h - calls of C functions with argument words of a window.
#ifndef KRAIT_VM_C_CALL_H
#define KRAIT_VM_C_CALL_H

#include "vm/machine.h"

// Calls anything through vectorcall; the words, keyword values behind the others,
// are consumed. New reference or NULL.
PyObject *kr_call_with_words(PyObject *callable, KV *args, Py_ssize_t nargs,
                             PyObject *kwnames);

// The whole call at ip, whose callable is an exact PyCFunction or method descriptor
// (the first word being its self). 0, or -1 with an exception. next() and send() of a
// waiting generator give its window in *pushed instead, unless pushed is NULL.
int kr_call_c_function(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KV *args,
                       Py_ssize_t nargs, KrFrame **pushed);
int kr_call_c_method(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KV *args,
                     Py_ssize_t nargs, KrFrame **pushed);

// type(x), the callable being type itself and args its one argument.
int kr_call_type_of(KrFrame *fp, const KrWord *ip, KV *args);

// The same for a slot wrapper: Base.__init__(self, x), super().__init__(x).
int kr_call_slot_wrapper(PyThreadState *tstate, KrFrame *fp, KrWord *ip, KV *args,
                         Py_ssize_t nargs);

// isinstance(object, cls) for one class: 1, 0, or -1 where the general way has to be
// asked.
int kr_is_plain_instance(KV object, PyObject *cls);

// Stores the result of a finished call (consumed; NULL: an exception is set) and
// releases the callable's slot.
int kr_finish_call(KrFrame *fp, const KrWord *ip, PyObject *result);

#endif // KRAIT_VM_C_CALL_H
