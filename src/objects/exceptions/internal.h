// SPDX-License-Identifier: MIT
// internal.h - what the files of exceptions/ share.
#ifndef KRAIT_OBJECTS_EXCEPTIONS_INTERNAL_H
#define KRAIT_OBJECTS_EXCEPTIONS_INTERNAL_H

#include "objects/exceptions.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/state.h"

// The functions that a layout's type object holds. Fields of the structs after the
// common head are given as a list macro: FIELDS(F) expands to F(name) for each.
#define KR_EXC_VISIT(name) Py_VISIT(self->name);
#define KR_EXC_CLEAR(name) Py_CLEAR(self->name);
#define KR_EXC_DEFINE_GC(stem, type, FIELDS)                                  \
    int kr_##stem##_traverse(PyObject *op, visitproc visit, void *arg)        \
    {                                                                         \
        type *self = (type *)op;                                              \
        FIELDS(KR_EXC_VISIT)                                                  \
        return kr_exc_traverse(op, visit, arg);                               \
    }                                                                         \
    int kr_##stem##_clear(PyObject *op)                                       \
    {                                                                         \
        type *self = (type *)op;                                              \
        FIELDS(KR_EXC_CLEAR)                                                  \
        return kr_exc_clear(op);                                              \
    }                                                                         \
    void kr_##stem##_dealloc(PyObject *op)                                    \
    {                                                                         \
        PyObject_GC_UnTrack(op);                                              \
        kr_##stem##_clear(op);                                                \
        Py_TYPE(op)->tp_free(op);                                             \
    }
#define KR_EXC_DECLARE_GC(stem)                                               \
    int kr_##stem##_traverse(PyObject *op, visitproc visit, void *arg);       \
    int kr_##stem##_clear(PyObject *op);                                      \
    void kr_##stem##_dealloc(PyObject *op);

int kr_exc_traverse(PyObject *op, visitproc visit, void *arg);
int kr_exc_clear(PyObject *op);
void kr_exc_dealloc(PyObject *op);
KR_EXC_DECLARE_GC(stop_iteration)
KR_EXC_DECLARE_GC(system_exit)
KR_EXC_DECLARE_GC(group)
KR_EXC_DECLARE_GC(import_error)
KR_EXC_DECLARE_GC(os_error)
KR_EXC_DECLARE_GC(name_error)
KR_EXC_DECLARE_GC(attribute_error)
KR_EXC_DECLARE_GC(syntax_error)
KR_EXC_DECLARE_GC(unicode_error)
void kr_memory_error_dealloc(PyObject *op);

PyObject *kr_exc_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int kr_exc_init(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *kr_exc_str(PyObject *op);
PyObject *kr_exc_repr(PyObject *op);
// tp_init of the parts: refuses keywords and stores args.
int kr_exc_init_args(PyObject *op, PyObject *args, PyObject *kwargs);

int kr_stop_iteration_init(PyObject *op, PyObject *args, PyObject *kwargs);
int kr_system_exit_init(PyObject *op, PyObject *args, PyObject *kwargs);
int kr_import_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *kr_import_error_str(PyObject *op);
PyObject *kr_os_error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int kr_os_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *kr_os_error_str(PyObject *op);
int kr_name_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
int kr_attribute_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
int kr_syntax_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *kr_syntax_error_str(PyObject *op);
PyObject *kr_key_error_str(PyObject *op);
PyObject *kr_memory_error_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int kr_unicode_encode_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
int kr_unicode_decode_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
int kr_unicode_translate_error_init(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *kr_unicode_encode_error_str(PyObject *op);
PyObject *kr_unicode_decode_error_str(PyObject *op);
PyObject *kr_unicode_translate_error_str(PyObject *op);
PyObject *kr_group_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
int kr_group_init(PyObject *op, PyObject *args, PyObject *kwargs);
PyObject *kr_group_str(PyObject *op);
PyObject *kr_group_repr(PyObject *op);

// Fills errno -> subclass; called once types are ready.
int kr_os_error_init_map(PyInterpreterState *interp);
// Makes the type ExceptionGroup.
int kr_group_init_type(PyInterpreterState *interp);
// Fills the reserve of MemoryErrors.
int kr_memory_error_reserve(PyInterpreterState *interp);

#endif // KRAIT_OBJECTS_EXCEPTIONS_INTERNAL_H
