// SPDX-License-Identifier: MIT
// frameobject.h - the struct of frame objects. Extensions write f_lineno.
#ifndef KRAIT_FRAMEOBJECT_H
#define KRAIT_FRAMEOBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

struct _frame {
    PyObject_HEAD
    PyFrameObject *f_back;                // owned, set when the frame has ended
    struct _PyInterpreterFrame *f_frame;  // Krait: the live window, or its copy
    PyObject *f_trace;                    // owned, or NULL
    int f_lineno;                         // 0: computed from the instruction
    char f_trace_lines;
    char f_trace_opcodes;
    PyObject *f_extra_locals;             // dict, or NULL
    PyObject *f_locals_cache;             // dict, or NULL
    PyObject *f_overwritten_fast_locals;  // list of parked values, or NULL
    PyObject *_f_frame_data[1];           // Krait: PyCodeObject of PyFrame_New
};

PyAPI_FUNC(PyFrameObject *) PyFrame_New(PyThreadState *tstate, PyCodeObject *code,
                                        PyObject *globals, PyObject *locals);
PyAPI_FUNC(void) PyFrame_LocalsToFast(PyFrameObject *frame, int clear);
PyAPI_FUNC(int) PyFrame_FastToLocalsWithError(PyFrameObject *frame);
PyAPI_FUNC(void) PyFrame_FastToLocals(PyFrameObject *frame);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FRAMEOBJECT_H
