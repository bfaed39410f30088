// SPDX-License-Identifier: MIT
// load.c - runs a pickle: the loop over instructions, marks, memo, frames and extensions.
//
// Bad input: every length and number is checked; what is wrong raises UnpicklingError,
//            ValueError or EOFError. Unpickling may call anything: that is its nature.
// Read next: load_values.c, load_objects.c
#include "modules/pickle/pickle.h"

#include "objects/ids.h"

// ---- numbers in the input ---------------------------------------------------------------

static int
read_number(Unpickler *self, int width, uint64_t *out)
{
    const unsigned char *bytes = (const unsigned char *)kr_unpickle_read(self, (size_t)width);

    if (bytes == NULL) {
        return -1;
    }
    *out = 0;
    for (int i = 0; i < width; i++) {
        *out |= (uint64_t)bytes[i] << (8 * i);
    }
    return 0;
}

// A line with a decimal number that is not negative.
static int
read_decimal(Unpickler *self, const char *negative, size_t *out)
{
    size_t size;
    char *line = kr_unpickle_readline(self, &size);
    PyObject *text = line == NULL ? NULL
                                  : PyUnicode_DecodeLatin1(line, (Py_ssize_t)size - 1, NULL);
    PyObject *number = text == NULL ? NULL : PyLong_FromUnicodeObject(text, 10);
    Py_ssize_t value = number == NULL ? -1 : PyLong_AsSsize_t(number);

    Py_XDECREF(text);
    Py_XDECREF(number);
    if (value < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, negative);
        }
        return -1;
    }
    *out = (size_t)value;
    return 0;
}

// ---- the memo ---------------------------------------------------------------------------

static int
push_memo(Unpickler *self, size_t number)
{
    PyObject *value = kr_unpickle_memo_get(self, number);

    return value == NULL ? -1 : kr_unpickle_push_steal(self, Py_NewRef(value));
}

static int
load_get(Unpickler *self, int opcode)
{
    uint64_t number;
    size_t decimal;

    if (opcode == OP_GET) {
        return read_decimal(self, "negative GET argument", &decimal) < 0
                   ? -1
                   : push_memo(self, decimal);
    }
    return read_number(self, opcode == OP_BINGET ? 1 : 4, &number) < 0
               ? -1
               : push_memo(self, (size_t)number);
}

static int
load_put(Unpickler *self, int opcode)
{
    PyObject *value;
    uint64_t number;
    size_t decimal;

    if (opcode == OP_PUT) {
        if (read_decimal(self, "negative PUT argument", &decimal) < 0) {
            return -1;
        }
        number = decimal;
    }
    else if (opcode == OP_MEMOIZE) {
        number = self->memo_count;
        if (self->far_memo != NULL) {
            number += (uint64_t)PyDict_GET_SIZE(self->far_memo);
        }
    }
    else if (read_number(self, opcode == OP_BINPUT ? 1 : 4, &number) < 0) {
        return -1;
    }
    value = kr_unpickle_top_borrow(self);
    return value == NULL ? -1 : kr_unpickle_memo_put(self, (size_t)number, value);
}

// ---- the stack --------------------------------------------------------------------------

// The mark itself counts as a value for POP.
static int
load_pop(Unpickler *self)
{
    if (self->mark_count > 0 && self->marks[self->mark_count - 1] == self->depth) {
        return kr_unpickle_pop_mark(self) < 0 ? -1 : 0;
    }
    PyObject *value = kr_unpickle_pop(self);
    Py_XDECREF(value);
    return value == NULL ? -1 : 0;
}

static int
load_pop_mark(Unpickler *self)
{
    Py_ssize_t mark = kr_unpickle_pop_mark(self);

    if (mark < 0) {
        return -1;
    }
    kr_unpickle_cut(self, mark);
    return 0;
}

static int
load_dup(Unpickler *self)
{
    PyObject *value = kr_unpickle_top_borrow(self);

    return value == NULL ? -1 : kr_unpickle_push_steal(self, Py_NewRef(value));
}

// ---- protocol, frames, buffers, extensions ------------------------------------------------

static int
load_proto(Unpickler *self)
{
    uint64_t protocol;

    if (read_number(self, 1, &protocol) < 0) {
        return -1;
    }
    if (protocol > PICKLE_HIGHEST) {
        PyErr_Format(PyExc_ValueError, "unsupported pickle protocol: %d", (int)protocol);
        return -1;
    }
    self->protocol = (int)protocol;
    return 0;
}

static int
load_frame(Unpickler *self)
{
    uint64_t length;

    if (read_number(self, 8, &length) < 0) {
        return -1;
    }
    if (length > (uint64_t)PY_SSIZE_T_MAX) {
        PyErr_Format(PyExc_OverflowError, "FRAME length exceeds system's maximum of %zd bytes",
                     PY_SSIZE_T_MAX);
        return -1;
    }
    if (self->frame_end > self->next) {
        PyErr_SetString(self->state->unpickling_error, "pickle exhausted before end of frame");
        return -1;
    }
    self->frame_end = 0;
    // All of it is read now, then used piece by piece.
    if (kr_unpickle_read(self, (size_t)length) == NULL) {
        return -1;
    }
    self->frame_end = self->next;
    self->next -= (size_t)length;
    return 0;
}

static int
load_next_buffer(Unpickler *self)
{
    PyObject *buffer = NULL;

    if (self->buffers == NULL) {
        PyErr_SetString(self->state->unpickling_error,
                        "pickle stream refers to out-of-band data but no *buffers* argument "
                        "was given");
        return -1;
    }
    int more = PyIter_NextItem(self->buffers, &buffer);
    if (more == 0) {
        PyErr_SetString(self->state->unpickling_error, "not enough out-of-band buffers");
    }
    return more <= 0 ? -1 : kr_unpickle_push_steal(self, buffer);
}

static int
load_readonly_buffer(Unpickler *self)
{
    PyObject *value = kr_unpickle_top_borrow(self);
    PyObject *view = value == NULL ? NULL : PyMemoryView_FromObject(value);

    if (view == NULL) {
        return -1;
    }
    if (PyMemoryView_GET_BUFFER(view)->readonly) {
        Py_DECREF(view);
        return 0;
    }
    PyObject *readonly = PyObject_CallMethodNoArgs(view, KR_ID(toreadonly));
    Py_DECREF(view);
    if (readonly == NULL) {
        return -1;
    }
    Py_SETREF(self->stack[self->depth - 1], readonly);
    return 0;
}

// The object registered with copyreg.add_extension() under the code.
static PyObject *
find_extension(Unpickler *self, PyObject *code)
{
    PickleState *state = self->state;
    PyObject *names = NULL, *object;
    int found = PyDict_GetItemRef(state->extension_cache, code, &object);

    if (found != 0) {
        return object;
    }
    found = PyDict_GetItemRef(state->inverted_registry, code, &names);
    if (found < 0) {
        return NULL;
    }
    if (found == 0) {
        PyErr_Format(PyExc_ValueError, "unregistered extension code %S", code);
        return NULL;
    }
    if (!PyTuple_Check(names) || PyTuple_GET_SIZE(names) != 2 ||
        !PyUnicode_Check(PyTuple_GET_ITEM(names, 0)) ||
        !PyUnicode_Check(PyTuple_GET_ITEM(names, 1))) {
        PyErr_Format(PyExc_ValueError, "_inverted_registry[%S] isn't a 2-tuple of strings",
                     code);
    }
    else {
        object = PyObject_CallMethodObjArgs((PyObject *)self, KR_ID(find_class),
                                            PyTuple_GET_ITEM(names, 0),
                                            PyTuple_GET_ITEM(names, 1), NULL);
        if (object != NULL && PyDict_SetItem(state->extension_cache, code, object) < 0) {
            Py_CLEAR(object);
        }
    }
    Py_DECREF(names);
    return object;
}

static int
load_extension(Unpickler *self, int width)
{
    uint64_t code;

    if (read_number(self, width, &code) < 0) {
        return -1;
    }
    if (code == 0 || code > INT32_MAX) {
        PyErr_SetString(self->state->unpickling_error, "EXT specifies code <= 0");
        return -1;
    }
    PyObject *key = PyLong_FromUnsignedLongLong(code);
    PyObject *object = key == NULL ? NULL : find_extension(self, key);
    Py_XDECREF(key);
    return kr_unpickle_push_steal(self, object);
}

// ---- the loop -----------------------------------------------------------------------------

static int
bad_opcode(Unpickler *self, int opcode)
{
    if (opcode >= 0x20 && opcode <= 0x7e && opcode != '\'' && opcode != '\\') {
        PyErr_Format(self->state->unpickling_error, "invalid load key, '%c'.", opcode);
    }
    else {
        PyErr_Format(self->state->unpickling_error, "invalid load key, '\\x%02x'.", opcode);
    }
    return -1;
}

static int
step(Unpickler *self, int opcode)
{
    bool handled = true;
    int status;

    switch (opcode) {
    case OP_MARK: return kr_unpickle_mark(self);
    case OP_POP: return load_pop(self);
    case OP_POP_MARK: return load_pop_mark(self);
    case OP_DUP: return load_dup(self);
    case OP_GET:
    case OP_BINGET:
    case OP_LONG_BINGET: return load_get(self, opcode);
    case OP_PUT:
    case OP_BINPUT:
    case OP_LONG_BINPUT:
    case OP_MEMOIZE: return load_put(self, opcode);
    case OP_PROTO: return load_proto(self);
    case OP_FRAME: return load_frame(self);
    case OP_NEXT_BUFFER: return load_next_buffer(self);
    case OP_READONLY_BUFFER: return load_readonly_buffer(self);
    case OP_EXT1: return load_extension(self, 1);
    case OP_EXT2: return load_extension(self, 2);
    case OP_EXT4: return load_extension(self, 4);
    default: break;
    }
    status = kr_unpickle_value(self, opcode, &handled);
    if (!handled) {
        handled = true;
        status = kr_unpickle_object(self, opcode, &handled);
    }
    return handled ? status : bad_opcode(self, opcode);
}

static PyObject *
run(Unpickler *self)
{
    for (;;) {
        const char *opcode = kr_unpickle_read(self, 1);
        if (opcode == NULL) {
            if (PyErr_ExceptionMatches(self->state->unpickling_error)) {
                PyErr_SetString(PyExc_EOFError, "Ran out of input");
            }
            return NULL;
        }
        if ((unsigned char)*opcode == OP_STOP) {
            break;
        }
        if (step(self, (unsigned char)*opcode) < 0) {
            return NULL;
        }
    }
    return kr_unpickle_skip_peeked(self) < 0 ? NULL : kr_unpickle_pop(self);
}

static int
find_persistent_load(Unpickler *self)
{
    PyObject *func = NULL;

    if ((Py_TYPE(self) != self->state->unpickler_type || self->persistent_load_attr != NULL) &&
        PyObject_GetOptionalAttr((PyObject *)self, KR_ID(persistent_load), &func) < 0) {
        return -1;
    }
    Py_XSETREF(self->persistent_load, func);
    return 0;
}

PyObject *
kr_unpickle_load(Unpickler *self)
{
    PyObject *result = NULL;

    if (self->loading) {
        PyErr_SetString(PyExc_RuntimeError, "Unpickler object is already used");
        return NULL;
    }
    self->loading = true;
    self->mark_count = 0;
    self->fence = 0;
    self->protocol = 0;
    self->frame_end = 0;
    kr_unpickle_cut(self, 0);
    if (find_persistent_load(self) == 0) {
        result = run(self);
    }
    PyObject *error = PyErr_GetRaisedException();
    if (kr_unpickle_skip_peeked(self) < 0) {
        PyErr_Clear();
    }
    if (self->read != NULL) {
        kr_unpickle_drop_input(self);
    }
    self->mark_count = 0;
    self->fence = 0;
    kr_unpickle_cut(self, 0);
    Py_CLEAR(self->persistent_load);
    PyErr_SetRaisedException(error);
    self->loading = false;
    return result;
}
