// SPDX-License-Identifier: MIT
// exceptions.h - exception objects and the error indicator, beyond the public API.
#ifndef KRAIT_OBJECTS_EXCEPTIONS_H
#define KRAIT_OBJECTS_EXCEPTIONS_H

#include <Python.h>

#include "base/base.h"

// The type objects; PyExc_* are pointers to them for extensions.
#define EXCEPTION(name, base, type, layout, doc) extern PyTypeObject kr_exc_##name;
#include "objects/exceptions.def"
#undef EXCEPTION

static inline PyBaseExceptionObject *
kr_exc(PyObject *op)
{
    return (PyBaseExceptionObject *)op;
}

// --- Making exceptions ---------------------------------------------------------

// type(*args) for what raise and PyErr_SetObject are given: value NULL or None
// means no argument, a tuple several. The result is an exception, or NULL.
PyObject *kr_exc_create(PyObject *type, PyObject *value);

// Whether calling the class does no more than kr_exc_vectorcall.
bool kr_exc_is_plain_class(PyObject *cls);
PyObject *kr_exc_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                            PyObject *kwnames);
// Makes an exception of a class whose __new__ is BaseException's own, __init__ not yet
// called. args is consumed, NULL comes with an exception set.
PyObject *kr_exc_new_steal(PyTypeObject *type, PyObject *args);
// Whether __new__ of the class is BaseException's own and its metaclass is type.
bool kr_exc_has_plain_new(PyTypeObject *type);

// A MemoryError; from the reserve if need be. Never NULL.
PyObject *kr_exc_memory_error(void);

// Sets type(value) from a fresh value that is released: PyErr_SetObject for
// callers that have just made it. value may be NULL with an exception set.
void kr_err_set_steal(PyObject *type, PyObject *value);

// raise StopIteration(value), with value neither wrapped nor unpacked: the object
// is the one argument even when it is a tuple or an exception. 0 or -1 (another
// exception is set).
int kr_err_set_stop_iteration(PyObject *value);

// Takes the pending StopIteration away and returns its value (new reference).
// Without a pending exception the result is None; NULL if another one is pending.
PyObject *kr_err_fetch_stop_iteration(void);

// The exception that is being handled, borrowed; NULL if there is none.
PyObject *kr_exc_handled_borrow(PyThreadState *tstate);

// Makes `exc` (stolen) the pending exception with the one being handled as its
// context, as the raise statement does.
// Makes the exception being handled the context of the pending one.
void kr_err_chain_pending(PyThreadState *tstate);
void kr_err_raise_steal(PyThreadState *tstate, PyObject *exc);

// Adds a TypeError etc. with `exc` as cause: for "raise X from exc" in C.
void kr_err_chain_cause(PyObject *exc);

// --- Exception groups ----------------------------------------------------------

// Whether match_type may stand after "except*" (TypeError set if not) or "except".
bool kr_exc_check_star_type(PyObject *match_type);
bool kr_exc_check_type(PyObject *match_type);

// Splits exc by match_type for "except* match_type". Both results are new
// references, None where empty; a naked exception that matches comes back in a
// group. 0, or -1.
int kr_exception_group_match(PyObject *exc, PyObject *match_type, PyObject **match_out,
                             PyObject **rest_out);

// What is to be raised at the end of a try-except* statement: orig is what came
// in, excs the list of what the handlers raised or left over (None allowed).
// New reference; None: nothing.
PyObject *kr_exception_group_reraise(PyObject *orig, PyObject *excs);

// --- Printing --------------------------------------------------------------------

// sys.unraisablehook: prints one UnraisableHookArgs to sys.stderr.
PyObject *kr_err_unraisable_hook(PyObject *args);

#endif // KRAIT_OBJECTS_EXCEPTIONS_H
