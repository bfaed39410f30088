// SPDX-License-Identifier: MIT
// special.h - entering special methods written in Python as windows.
#ifndef KRAIT_VM_SPECIAL_H
#define KRAIT_VM_SPECIAL_H

#include "vm/machine.h"

// Each asks whether the operator at the current instruction of fp can be done by
// entering a Python function. True: its window stands at kr_stack_top(tstate),
// complete, and is to be entered. False: nothing has happened, no exception.
bool kr_special_push(PyThreadState *tstate, KrFrame *fp, PyObject *method, const KV *args,
                     uint32_t nargs, KrReturnKind kind);
// Calls the method `name` of args[0], a descriptor that the window keeps alive, as it
// does the class that may be args[2].
bool kr_special_push_keeping(PyThreadState *tstate, KrFrame *fp, PyObject *name,
                             const KV *args, uint32_t nargs);
bool kr_special_binary(PyThreadState *tstate, KrFrame *fp, const KrWord *ip, int op, KV x,
                       KV y);
bool kr_special_compare(PyThreadState *tstate, KrFrame *fp, int op, KV x, KV y);
bool kr_special_truth(PyThreadState *tstate, KrFrame *fp, KV x);
bool kr_special_subscr(PyThreadState *tstate, KrFrame *fp, KV x, KV y);
bool kr_special_store_subscr(PyThreadState *tstate, KrFrame *fp, KV x, KV y, KV value);
bool kr_special_contains(PyThreadState *tstate, KrFrame *fp, KV item, KV container);
bool kr_special_unary(PyThreadState *tstate, KrFrame *fp, KrXop op, KV x);

#endif // KRAIT_VM_SPECIAL_H
