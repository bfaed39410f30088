// SPDX-License-Identifier: MIT
// types.c - the exception types themselves, made from exceptions.def.
//
// A row's layout names one of the LAYOUT_ macros below: the slots and tables that
// the type does not take from its base.
#include "objects/exceptions/internal.h"

#include "objects/tuple.h"

KR_TYPE(base_exception)
KR_TYPE(group)
KR_TYPE(import_error)
KR_TYPE(os_error)
KR_TYPE(attribute_error)
#include "objects/exceptions/types.methods.h"

#define FIELD(type, field, name, doc)                                         \
    {name, _Py_T_OBJECT, offsetof(type, field), 0, doc}
#define FIELDS_END {NULL, 0, 0, 0, NULL}

static PyMemberDef base_exception_members[] = {
    {"__suppress_context__", Py_T_BOOL,
     offsetof(PyBaseExceptionObject, suppress_context), 0, NULL},
    FIELDS_END,
};
static PyMemberDef stop_iteration_members[] = {
    FIELD(PyStopIterationObject, value, "value", "generator return value"),
    FIELDS_END,
};
static PyMemberDef system_exit_members[] = {
    FIELD(PySystemExitObject, code, "code", "exception code"),
    FIELDS_END,
};
static PyMemberDef group_members[] = {
    {"message", _Py_T_OBJECT, offsetof(PyBaseExceptionGroupObject, msg), Py_READONLY,
     "exception message"},
    {"exceptions", _Py_T_OBJECT, offsetof(PyBaseExceptionGroupObject, excs), Py_READONLY,
     "nested exceptions"},
    FIELDS_END,
};
static PyMemberDef import_error_members[] = {
    FIELD(PyImportErrorObject, msg, "msg", "exception message"),
    FIELD(PyImportErrorObject, name, "name", "module name"),
    FIELD(PyImportErrorObject, path, "path", "module path"),
    FIELD(PyImportErrorObject, name_from, "name_from", "name imported from module"),
    FIELDS_END,
};
static PyMemberDef os_error_members[] = {
    FIELD(PyOSErrorObject, myerrno, "errno", "POSIX exception code"),
    FIELD(PyOSErrorObject, strerror, "strerror", "exception strerror"),
    FIELD(PyOSErrorObject, filename, "filename", "exception filename"),
    FIELD(PyOSErrorObject, filename2, "filename2", "second exception filename"),
    FIELDS_END,
};
static PyMemberDef name_error_members[] = {
    FIELD(PyNameErrorObject, name, "name", "name"),
    FIELDS_END,
};
static PyMemberDef attribute_error_members[] = {
    FIELD(PyAttributeErrorObject, name, "name", "attribute name"),
    FIELD(PyAttributeErrorObject, obj, "obj", "object"),
    FIELDS_END,
};
static PyMemberDef syntax_error_members[] = {
    FIELD(PySyntaxErrorObject, msg, "msg", "exception msg"),
    FIELD(PySyntaxErrorObject, filename, "filename", "exception filename"),
    FIELD(PySyntaxErrorObject, lineno, "lineno", "exception lineno"),
    FIELD(PySyntaxErrorObject, offset, "offset", "exception offset"),
    FIELD(PySyntaxErrorObject, text, "text", "exception text"),
    FIELD(PySyntaxErrorObject, end_lineno, "end_lineno", "exception end lineno"),
    FIELD(PySyntaxErrorObject, end_offset, "end_offset", "exception end offset"),
    FIELD(PySyntaxErrorObject, print_file_and_line, "print_file_and_line",
          "exception print_file_and_line"),
    FIELD(PySyntaxErrorObject, metadata, "_metadata", "exception private metadata"),
    FIELDS_END,
};
static PyMemberDef unicode_error_members[] = {
    FIELD(PyUnicodeErrorObject, encoding, "encoding", "exception encoding"),
    FIELD(PyUnicodeErrorObject, object, "object", "exception object"),
    {"start", Py_T_PYSSIZET, offsetof(PyUnicodeErrorObject, start), 0,
     "exception start"},
    {"end", Py_T_PYSSIZET, offsetof(PyUnicodeErrorObject, end), 0, "exception end"},
    FIELD(PyUnicodeErrorObject, reason, "reason", "exception reason"),
    FIELDS_END,
};

#define GC_OF(stem)                                                           \
    .tp_dealloc = kr_##stem##_dealloc, .tp_traverse = kr_##stem##_traverse,   \
    .tp_clear = kr_##stem##_clear
#define GC_OF_PyBaseExceptionObject GC_OF(exc)
#define GC_OF_PyStopIterationObject GC_OF(stop_iteration)
#define GC_OF_PySystemExitObject GC_OF(system_exit)
#define GC_OF_PyBaseExceptionGroupObject GC_OF(group)
#define GC_OF_PyImportErrorObject GC_OF(import_error)
#define GC_OF_PyOSErrorObject GC_OF(os_error)
#define GC_OF_PyNameErrorObject GC_OF(name_error)
#define GC_OF_PyAttributeErrorObject GC_OF(attribute_error)
#define GC_OF_PySyntaxErrorObject GC_OF(syntax_error)
#define GC_OF_PyUnicodeErrorObject GC_OF(unicode_error)

#define LAYOUT_base                                                           \
    GC_OF(exc), .tp_new = kr_exc_new, .tp_init = kr_exc_init,                 \
    .tp_vectorcall = kr_exc_vectorcall, .tp_repr = kr_exc_repr,               \
    .tp_str = kr_exc_str, .tp_getattro = PyObject_GenericGetAttr,             \
    .tp_setattro = PyObject_GenericSetAttr, .tp_methods = base_exception_methods, \
    .tp_members = base_exception_members, .tp_getset = base_exception_getset
#define LAYOUT_plain                                                          \
    GC_OF(exc), .tp_new = kr_exc_new, .tp_init = kr_exc_init,                 \
    .tp_vectorcall = kr_exc_vectorcall
#define LAYOUT_derived .tp_doc = NULL
#define LAYOUT_stop_iteration                                                 \
    GC_OF(stop_iteration), .tp_init = kr_stop_iteration_init,                 \
    .tp_members = stop_iteration_members
#define LAYOUT_system_exit                                                    \
    GC_OF(system_exit), .tp_init = kr_system_exit_init,                       \
    .tp_members = system_exit_members
#define LAYOUT_group                                                          \
    GC_OF(group), .tp_new = kr_group_new, .tp_init = kr_group_init,           \
    .tp_str = kr_group_str, .tp_repr = kr_group_repr, .tp_methods = group_methods, \
    .tp_members = group_members
#define LAYOUT_import_error                                                   \
    GC_OF(import_error), .tp_init = kr_import_error_init,                     \
    .tp_str = kr_import_error_str, .tp_methods = import_error_methods,        \
    .tp_members = import_error_members
#define LAYOUT_os_error                                                       \
    GC_OF(os_error), .tp_new = kr_os_error_new, .tp_init = kr_os_error_init,  \
    .tp_str = kr_os_error_str, .tp_methods = os_error_methods,                \
    .tp_members = os_error_members, .tp_getset = os_error_getset
#define LAYOUT_name_error                                                     \
    GC_OF(name_error), .tp_init = kr_name_error_init, .tp_members = name_error_members
#define LAYOUT_attribute_error                                                \
    GC_OF(attribute_error), .tp_init = kr_attribute_error_init,               \
    .tp_methods = attribute_error_methods, .tp_members = attribute_error_members
#define LAYOUT_syntax_error                                                   \
    GC_OF(syntax_error), .tp_init = kr_syntax_error_init,                     \
    .tp_str = kr_syntax_error_str, .tp_members = syntax_error_members
#define LAYOUT_key_error                                                      \
    GC_OF(exc), .tp_str = kr_key_error_str
#define LAYOUT_memory_error                                                   \
    .tp_dealloc = kr_memory_error_dealloc, .tp_traverse = kr_exc_traverse,    \
    .tp_clear = kr_exc_clear, .tp_new = kr_memory_error_new, .tp_init = kr_exc_init
#define LAYOUT_unicode(kind)                                                  \
    GC_OF(unicode_error), .tp_new = kr_exc_new,                               \
    .tp_init = kr_unicode_##kind##_error_init,                                \
    .tp_str = kr_unicode_##kind##_error_str, .tp_members = unicode_error_members
#define LAYOUT_unicode_encode_error LAYOUT_unicode(encode)
#define LAYOUT_unicode_decode_error LAYOUT_unicode(decode)
#define LAYOUT_unicode_translate_error LAYOUT_unicode(translate)

// The order matters: a layout's own functions replace those of its struct.
#pragma GCC diagnostic ignored "-Woverride-init"
#define EXCEPTION(name, base, type, layout, doc)                              \
    PyTypeObject kr_exc_##name = {                                            \
        PyVarObject_HEAD_INIT(&PyType_Type, 0)                                \
        .tp_name = #name,                                                     \
        .tp_basicsize = sizeof(type),                                         \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE |                \
                    Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASE_EXC_SUBCLASS |       \
                    Py_TPFLAGS_IMMUTABLETYPE,                                 \
        .tp_base = &base,                                                     \
        .tp_dictoffset = offsetof(PyBaseExceptionObject, dict),               \
        GC_OF_##type,                                                         \
        LAYOUT_##layout,                                                      \
        .tp_doc = doc,                                                        \
    };
#include "objects/exceptions.def"
#undef EXCEPTION

// The pointers that extensions use.
#define EXCEPTION(name, base, type, layout, doc)                              \
    PyObject *PyExc_##name = (PyObject *)&kr_exc_##name;
PyAPI_DATA(PyObject *) PyExc__IncompleteInputError;
#include "objects/exceptions.def"
#undef EXCEPTION
PyObject *PyExc_EnvironmentError = (PyObject *)&kr_exc_OSError;
PyObject *PyExc_IOError = (PyObject *)&kr_exc_OSError;
