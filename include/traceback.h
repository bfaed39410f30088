// SPDX-License-Identifier: MIT
// traceback.h - the chain of frames that an exception passed through.
#ifndef KRAIT_TRACEBACK_H
#define KRAIT_TRACEBACK_H
#ifdef __cplusplus
extern "C" {
#endif

typedef struct _traceback {
    PyObject_HEAD
    struct _traceback *tb_next; // owned, or NULL
    PyFrameObject *tb_frame;    // owned
    int tb_lasti;               // byte offset of the instruction
    int tb_lineno;              // -1: computed from tb_lasti when asked for
} PyTracebackObject;

PyAPI_DATA(PyTypeObject) PyTraceBack_Type;
#define PyTraceBack_Check(op) Py_IS_TYPE((op), &PyTraceBack_Type)

PyAPI_FUNC(int) PyTraceBack_Here(PyFrameObject *frame);
PyAPI_FUNC(int) PyTraceBack_Print(PyObject *tb, PyObject *file);
PyAPI_FUNC(void) _PyTraceback_Add(const char *funcname, const char *filename, int lineno);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_TRACEBACK_H
