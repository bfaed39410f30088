// SPDX-License-Identifier: MIT
// code_iter.c - what code.co_lines(), co_positions() and co_branches() return.

#include "objects/code.h"

#include "bytecode/opcodes.h"

typedef struct {
    PyObject_HEAD
    PyCodeObject *code;    // owned
    KrLocationIter where;  // lines and positions
    bool more;             // lines: `where` stands at an entry not yet given out
    int unit;              // positions and branches: next code unit
} KrCodeIter;

static PyObject *
new_code_iter(PyTypeObject *type, PyCodeObject *code)
{
    KrCodeIter *self = PyObject_New(KrCodeIter, type);
    if (self == NULL) {
        return NULL;
    }
    self->code = (PyCodeObject *)Py_NewRef(code);
    kr_location_iter_init(&self->where,
                          (const uint8_t *)PyBytes_AS_STRING(code->co_linetable),
                          (size_t)PyBytes_GET_SIZE(code->co_linetable),
                          code->co_firstlineno);
    self->more = kr_location_iter_next(&self->where);
    self->unit = 0;
    return (PyObject *)self;
}

PyObject *
kr_code_lines_iter(PyCodeObject *code)
{
    return new_code_iter(&_PyLineIterator, code);
}

PyObject *
kr_code_positions_iter(PyCodeObject *code)
{
    return new_code_iter(&_PyPositionsIterator, code);
}

PyObject *
kr_code_branches_iter(PyCodeObject *code)
{
    return new_code_iter(&kr_branches_iterator_type, code);
}

static void
code_iter_dealloc(PyObject *op)
{
    Py_DECREF(((KrCodeIter *)op)->code);
    PyObject_Free(op);
}

// None for a negative number.
static PyObject *
number_or_none(int value)
{
    return value < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(value);
}

// (start, end, line): entries of one line in a row are given as one.
static PyObject *
lines_iter_next(PyObject *op)
{
    KrCodeIter *self = (KrCodeIter *)op;
    if (!self->more || self->where.start >= Py_SIZE(self->code)) {
        return NULL;
    }
    int start = self->where.start;
    int line = self->where.loc.line;
    int stop = self->where.stop;
    while ((self->more = kr_location_iter_next(&self->where))) {
        if (self->where.loc.line != line) {
            break;
        }
        stop = self->where.stop;
    }
    return Py_BuildValue("iiN", start * 2, stop * 2, number_or_none(line));
}

// One tuple for each code unit.
static PyObject *
positions_iter_next(PyObject *op)
{
    KrCodeIter *self = (KrCodeIter *)op;
    if (self->unit >= Py_SIZE(self->code)) {
        return NULL;
    }
    while (self->more && self->unit >= self->where.stop) {
        self->more = kr_location_iter_next(&self->where);
    }
    KrLocation loc = {-1, -1, -1, -1};
    if (self->more) {
        loc = self->where.loc;
    }
    self->unit++;
    return Py_BuildValue("NNNN", number_or_none(loc.line), number_or_none(loc.end_line),
                         number_or_none(loc.col), number_or_none(loc.end_col));
}

static PyObject *
branch_triple(int source, int left, int right)
{
    return Py_BuildValue("iii", source * 2, left * 2, right * 2);
}

// (source, where it goes on, where it jumps), as offsets.
static PyObject *
branches_iter_next(PyObject *op)
{
    KrCodeIter *self = (KrCodeIter *)op;
    const uint8_t *code = (const uint8_t *)self->code->co_code_adaptive;
    int size = (int)Py_SIZE(self->code);
    int arg = 0;
    while (self->unit < size) {
        int unit = self->unit;
        int opcode = code[unit * 2];
        int next = unit + 1 + kr_opcode_caches(opcode);
        arg = (int)((unsigned)arg << 8) | code[unit * 2 + 1];
        self->unit = next;
        switch (opcode) {
        case KR_OP_EXTENDED_ARG:
            continue;
        case KR_OP_FOR_ITER:
            // Past END_FOR and POP_ITER.
            return branch_triple(unit, next, next + arg + 2);
        case KR_OP_POP_JUMP_IF_FALSE:
        case KR_OP_POP_JUMP_IF_TRUE:
        case KR_OP_POP_JUMP_IF_NONE:
        case KR_OP_POP_JUMP_IF_NOT_NONE:
            // Past NOT_TAKEN.
            self->unit = next + 1;
            return branch_triple(unit, next + 1, next + arg);
        case KR_OP_END_ASYNC_FOR:
            return branch_triple(next - arg, next - arg + 2, next);
        default:
            arg = 0;
            break;
        }
    }
    return NULL;
}

PyTypeObject _PyLineIterator = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "line_iterator",
    .tp_basicsize = sizeof(KrCodeIter),
    .tp_dealloc = code_iter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = lines_iter_next,
};

PyTypeObject _PyPositionsIterator = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "positions_iterator",
    .tp_basicsize = sizeof(KrCodeIter),
    .tp_dealloc = code_iter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = positions_iter_next,
};

PyTypeObject kr_branches_iterator_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "line_iterator",
    .tp_basicsize = sizeof(KrCodeIter),
    .tp_dealloc = code_iter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = branches_iter_next,
};
