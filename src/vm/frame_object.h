// SPDX-License-Identifier: MIT
// frame_object.h - frame objects as the files of the machine see them.
#ifndef KRAIT_VM_FRAME_OBJECT_H
#define KRAIT_VM_FRAME_OBJECT_H

#include "objects/method_macros.h"
#include "vm/frame.h"

// prev of a window that a frame object owns.
#define KR_FRAME_COPY_MARK UINT64_C(5)

static inline KrFrame *
kr_frame_of(PyFrameObject *frame)
{
    return (KrFrame *)frame->f_frame;
}

static inline bool
frame_owns_window(PyFrameObject *frame)
{
    return frame->f_frame != NULL && kr_frame_of(frame)->prev == KR_FRAME_COPY_MARK;
}

PyCodeObject *kr_frame_object_code(PyFrameObject *frame); // borrowed

// The mapping of a function's locals (PEP 667); frame_locals.c.
PyObject *kr_frame_locals_proxy(PyFrameObject *frame);
// A snapshot dict of all locals, cells opened.
PyObject *kr_frame_locals_snapshot(PyFrameObject *frame);
// Whether the locals are the frame's slots rather than a namespace.
bool kr_frame_uses_slots(PyFrameObject *frame);

int kr_frame_stack_create(PyThreadState *tstate);
void kr_frame_stack_destroy(PyThreadState *tstate);

#endif // KRAIT_VM_FRAME_OBJECT_H
