// SPDX-License-Identifier: MIT
// struct.c - the module _struct: values to and from bytes by a format.
//
// A format is compiled once into a list of codes with their places; compiled formats
// of the module's functions are kept in a small cache.
//
// Invariants:  a Struct is unusable (size == -1) until __init__ has read a format.
// Re-entrancy: __index__, __float__ and __bool__ of values may run anything, even
//              __init__ of the same Struct: packing holds on to the codes it started
//              with.
#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/int/int.h"

#define STRUCT_CACHE_SIZE 100

// --- Codes ------------------------------------------------------------------------------

typedef struct {
    char letter;
    uint8_t size;       // of one item; 1 for s and p
    bool little;        // byte order
    Py_ssize_t offset;  // of the first item
    Py_ssize_t repeat;  // items; bytes for s and p
} StructCode;

// The compiled form, shared by a Struct and the operations that run.
typedef struct {
    Py_ssize_t users;
    Py_ssize_t size;    // bytes
    Py_ssize_t items;   // values
    Py_ssize_t count;   // codes
    StructCode codes[];
} StructProgram;

typedef struct {
    PyObject_HEAD
    StructProgram *program; // NULL until __init__
    PyObject *format;       // bytes, owned; NULL until __init__
    PyObject *weakrefs;
} StructObject;

typedef struct {
    PyObject *cache;        // dict: str -> Struct, owned
    PyObject *bytes_cache;  // dict: bytes -> Struct; the two are never compared
    PyTypeObject *struct_type;
    PyTypeObject *iterator_type;
    PyObject *error;
} StructState;

static PyModuleDef struct_def;

static StructState *
struct_state_of(PyObject *op)
{
    PyObject *module = PyType_GetModuleByDef(Py_TYPE(op), &struct_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

static void
program_release(StructProgram *program)
{
    if (program != NULL && --program->users == 0) {
        PyMem_Free(program);
    }
}

// Size and alignment of a letter; 0 if there is no such letter.
static int
native_size(char letter, int *align_out)
{
    int size = 0;
    switch (letter) {
    case 'x':
    case 'b':
    case 'B':
    case 'c':
    case 's':
    case 'p':
    case '?':
        size = 1;
        break;
    case 'h':
    case 'H':
    case 'e':
        size = 2;
        break;
    case 'i':
    case 'I':
    case 'f':
        size = 4;
        break;
    case 'l':
    case 'L':
    case 'q':
    case 'Q':
    case 'n':
    case 'N':
    case 'P':
    case 'd':
        size = 8;
        break;
    case 'F':
        *align_out = 4;
        return 8;
    case 'D':
        *align_out = 8;
        return 16;
    }
    *align_out = size;
    return size;
}

static int
standard_size(char letter)
{
    int ignored;
    if (letter == 'n' || letter == 'N' || letter == 'P') {
        return 0;
    }
    return letter == 'l' || letter == 'L' ? 4 : native_size(letter, &ignored);
}

static inline bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// Where reading a format stands.
typedef struct {
    const char *text;
    bool native;
    bool little;
    Py_ssize_t size;
    Py_ssize_t items;
    Py_ssize_t count;
} StructReader;

static int
format_error(PyObject *error, const char *message)
{
    PyErr_SetString(error, message);
    return -1;
}

// Reads the whole format; with codes == NULL it only counts.
static int
read_format(StructReader *r, StructCode *codes, PyObject *error)
{
    const char *p = r->text;
    r->native = true;
    r->little = PY_LITTLE_ENDIAN;
    switch (*p) {
    case '<':
    case '>':
    case '!':
    case '=':
        r->native = false;
        r->little = *p == '<' || (*p == '=' && PY_LITTLE_ENDIAN);
        p++;
        break;
    case '@':
        p++;
        break;
    }
    r->size = r->items = r->count = 0;
    while (*p != '\0') {
        Py_ssize_t repeat = 1;
        if (is_space(*p)) {
            p++;
            continue;
        }
        if (*p >= '0' && *p <= '9') {
            for (repeat = 0; *p >= '0' && *p <= '9'; p++) {
                if (__builtin_mul_overflow(repeat, 10, &repeat) ||
                    __builtin_add_overflow(repeat, *p - '0', &repeat)) {
                    return format_error(error, "total struct size too long");
                }
            }
            if (*p == '\0') {
                return format_error(error, "repeat count given without format specifier");
            }
        }
        char letter = *p++;
        int align = 1;
        int size = r->native ? native_size(letter, &align) : standard_size(letter);
        if (size == 0) {
            return format_error(error, "bad char in struct format");
        }
        Py_ssize_t bytes;
        if (r->native && align > 1) {
            if (r->size > PY_SSIZE_T_MAX - align) {
                return format_error(error, "total struct size too long");
            }
            r->size = (r->size + align - 1) / align * align;
        }
        if (__builtin_mul_overflow(repeat, size, &bytes)) {
            return format_error(error, "total struct size too long");
        }
        bool is_text = letter == 's' || letter == 'p';
        if (letter != 'x' && (is_text || repeat > 0)) {
            if (codes != NULL) {
                codes[r->count] = (StructCode){letter, (uint8_t)size, r->little, r->size,
                                               repeat};
            }
            r->count++;
            r->items += is_text ? 1 : repeat;
        }
        if (__builtin_add_overflow(r->size, bytes, &r->size)) {
            return format_error(error, "total struct size too long");
        }
    }
    return 0;
}

static StructProgram *
compile_format(const char *text, PyObject *error)
{
    StructReader reader = {.text = text};
    if (read_format(&reader, NULL, error) < 0) {
        return NULL;
    }
    StructProgram *program = PyMem_Malloc(
        sizeof(StructProgram) + (size_t)reader.count * sizeof(StructCode));
    if (program == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    read_format(&reader, program->codes, error);
    program->users = 1;
    program->size = reader.size;
    program->items = reader.items;
    program->count = reader.count;
    return program;
}

// --- Packing ----------------------------------------------------------------------------

static inline void
store_int(char *p, uint64_t value, int size, bool little)
{
    if (little) {
        memcpy(p, &value, (size_t)size);
        return;
    }
    value = __builtin_bswap64(value) >> (64 - 8 * size);
    memcpy(p, &value, (size_t)size);
}

static inline uint64_t
load_int(const char *p, int size, bool little)
{
    uint64_t value = 0;
    memcpy(&value, p, (size_t)size);
    return little ? value : __builtin_bswap64(value) >> (64 - 8 * size);
}

// value as an int (new reference): itself or by __index__.
static PyObject *
integer_of(PyObject *error, PyObject *value)
{
    if (PyLong_Check(value)) {
        return Py_NewRef(value);
    }
    if (PyIndex_Check(value)) {
        return PyNumber_Index(value);
    }
    PyErr_SetString(error, "required argument is not an integer");
    return NULL;
}

static int
int_range_error(PyObject *error, char letter, int size, bool is_signed)
{
    if (is_signed) {
        int64_t max = (int64_t)(UINT64_MAX >> (65 - 8 * size));
        PyErr_Format(error, "'%c' format requires %lld <= number <= %lld", letter,
                     (long long)(-max - 1), (long long)max);
    }
    else {
        PyErr_Format(error, "'%c' format requires 0 <= number <= %llu", letter,
                     (unsigned long long)(UINT64_MAX >> (64 - 8 * size)));
    }
    return -1;
}

static int
pack_signed(PyObject *error, const StructCode *code, char *p, PyObject *value)
{
    int64_t x;
    int overflow = 0, bits = 64 - 8 * code->size;
    PyObject *number = integer_of(error, value);
    if (number == NULL) {
        return -1;
    }
    if (!kr_int_to_word((PyLongObject *)number, &x)) {
        x = PyLong_AsLongLongAndOverflow(number, &overflow);
    }
    Py_DECREF(number);
    if (overflow || (int64_t)((uint64_t)x << bits) >> bits != x) {
        return int_range_error(error, code->letter, code->size, true);
    }
    store_int(p, (uint64_t)x, code->size, code->little);
    return 0;
}

static int
pack_unsigned(PyObject *error, const StructCode *code, char *p, PyObject *value)
{
    int64_t word;
    uint64_t x;
    PyObject *number = integer_of(error, value);
    if (number == NULL) {
        return -1;
    }
    if (kr_int_to_word((PyLongObject *)number, &word)) {
        x = (uint64_t)word;
        if (word < 0) {
            goto range;
        }
    }
    else {
        x = PyLong_AsUnsignedLongLong(number);
        if (x == (uint64_t)-1 && PyErr_Occurred()) {
            PyErr_Clear();
            goto range;
        }
    }
    if (code->size < 8 && x >> (8 * code->size) != 0) {
        goto range;
    }
    Py_DECREF(number);
    store_int(p, x, code->size, code->little);
    return 0;

range:
    Py_DECREF(number);
    return int_range_error(error, code->letter, code->size, false);
}

static int
pack_pointer(PyObject *error, char *p, PyObject *value)
{
    PyObject *number = integer_of(error, value);
    if (number == NULL) {
        return -1;
    }
    void *x = PyLong_AsVoidPtr(number);
    Py_DECREF(number);
    if (x == NULL && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_SetString(error, "int too large to convert");
        }
        return -1;
    }
    memcpy(p, &x, sizeof(x));
    return 0;
}

static int
pack_double(PyObject *error, const StructCode *code, char *p, PyObject *value)
{
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) {
        PyErr_SetString(error, "required argument is not a float");
        return -1;
    }
    switch (code->letter) {
    case 'e':
        return PyFloat_Pack2(x, p, code->little);
    case 'f':
        return PyFloat_Pack4(x, p, code->little);
    default:
        return PyFloat_Pack8(x, p, code->little);
    }
}

static int
pack_complex(PyObject *error, const StructCode *code, char *p, PyObject *value)
{
    Py_complex z = PyComplex_AsCComplex(value);
    if (z.real == -1.0 && PyErr_Occurred()) {
        PyErr_SetString(error, "required argument is not a complex");
        return -1;
    }
    if (code->letter == 'D') {
        PyFloat_Pack8(z.real, p, code->little);
        PyFloat_Pack8(z.imag, p + 8, code->little);
        return 0;
    }
    // Too large a part becomes an infinity here.
    PyFloat_Pack4((float)z.real, p, code->little);
    PyFloat_Pack4((float)z.imag, p + 4, code->little);
    return 0;
}

// A text of code->repeat bytes; p starts with its length.
static int
pack_text(PyObject *error, const StructCode *code, char *p, PyObject *value)
{
    const char *text;
    Py_ssize_t size, room = code->repeat;
    if (PyBytes_Check(value)) {
        text = PyBytes_AS_STRING(value);
        size = PyBytes_GET_SIZE(value);
    }
    else if (PyByteArray_Check(value)) {
        text = PyByteArray_AS_STRING(value);
        size = PyByteArray_GET_SIZE(value);
    }
    else {
        PyErr_Format(error, "argument for '%c' must be a bytes object", code->letter);
        return -1;
    }
    if (code->letter == 'p') {
        if (room == 0) {
            return 0;
        }
        room--;
        if (size > room) {
            size = room;
        }
        *p++ = (char)(size > 255 ? 255 : size);
    }
    memcpy(p, text, (size_t)(size < room ? size : room));
    return 0;
}

static int
pack_one(PyObject *error, const StructCode *code, char *p, PyObject *value)
{
    int truth;
    switch (code->letter) {
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n':
        return pack_signed(error, code, p, value);
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
    case 'N':
        return pack_unsigned(error, code, p, value);
    case 'P':
        return pack_pointer(error, p, value);
    case 'e':
    case 'f':
    case 'd':
        return pack_double(error, code, p, value);
    case 'F':
    case 'D':
        return pack_complex(error, code, p, value);
    case '?':
        truth = PyObject_IsTrue(value);
        if (truth < 0) {
            return -1;
        }
        *p = (char)truth;
        return 0;
    case 'c':
        if (!PyBytes_Check(value) || PyBytes_GET_SIZE(value) != 1) {
            PyErr_SetString(error, "char format requires a bytes object of length 1");
            return -1;
        }
        *p = *PyBytes_AS_STRING(value);
        return 0;
    default:
        return pack_text(error, code, p, value);
    }
}

// Fills program->size bytes at buffer from program->items values.
static int
pack_values(PyObject *error, StructProgram *program, char *buffer, PyObject *const *values)
{
    int status = 0;
    memset(buffer, 0, (size_t)program->size);
    program->users++;
    for (Py_ssize_t i = 0; status == 0 && i < program->count; i++) {
        const StructCode *code = &program->codes[i];
        char *p = buffer + code->offset;
        bool is_text = code->letter == 's' || code->letter == 'p';
        Py_ssize_t repeat = is_text ? 1 : code->repeat;
        for (Py_ssize_t j = 0; status == 0 && j < repeat; j++) {
            status = pack_one(error, code, p, *values++);
            p += code->size;
        }
    }
    program_release(program);
    return status;
}

// --- Unpacking -------------------------------------------------------------------------------

static PyObject *
unpack_text(const StructCode *code, const char *p)
{
    if (code->letter == 's') {
        return PyBytes_FromStringAndSize(p, code->repeat);
    }
    Py_ssize_t size = code->repeat > 0 ? (unsigned char)*p : 0;
    if (size >= code->repeat) {
        size = code->repeat - 1;
    }
    return PyBytes_FromStringAndSize(code->repeat > 0 ? p + 1 : p, size < 0 ? 0 : size);
}

static PyObject *
unpack_one(const StructCode *code, const char *p)
{
    int bits = 64 - 8 * code->size;
    switch (code->letter) {
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n':
        return kr_int_from_i64(
            (int64_t)(load_int(p, code->size, code->little) << bits) >> bits);
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
    case 'N':
    case 'P':
        return kr_int_from_u64(load_int(p, code->size, code->little));
    case 'e':
        return PyFloat_FromDouble(PyFloat_Unpack2(p, code->little));
    case 'f':
        return PyFloat_FromDouble(PyFloat_Unpack4(p, code->little));
    case 'd':
        return PyFloat_FromDouble(PyFloat_Unpack8(p, code->little));
    case 'F':
        return PyComplex_FromDoubles(PyFloat_Unpack4(p, code->little),
                                     PyFloat_Unpack4(p + 4, code->little));
    case 'D':
        return PyComplex_FromDoubles(PyFloat_Unpack8(p, code->little),
                                     PyFloat_Unpack8(p + 8, code->little));
    case '?':
        return PyBool_FromLong(*p != 0);
    case 'c':
        return PyBytes_FromStringAndSize(p, 1);
    default:
        return unpack_text(code, p);
    }
}

static PyObject *
unpack_values(const StructProgram *program, const char *buffer)
{
    PyObject *result = PyTuple_New(program->items);
    Py_ssize_t at = 0;
    if (result == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < program->count; i++) {
        const StructCode *code = &program->codes[i];
        const char *p = buffer + code->offset;
        bool is_text = code->letter == 's' || code->letter == 'p';
        Py_ssize_t repeat = is_text ? 1 : code->repeat;
        for (Py_ssize_t j = 0; j < repeat; j++) {
            PyObject *value = unpack_one(code, p);
            if (value == NULL) {
                Py_DECREF(result);
                return NULL;
            }
            PyTuple_SET_ITEM(result, at++, value);
            p += code->size;
        }
    }
    return result;
}

// --- Struct ------------------------------------------------------------------------------------

// The program, or NULL with RuntimeError before __init__.
static StructProgram *
ready_program(StructObject *self)
{
    if (self->program == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "Struct object is not initialized");
    }
    return self->program;
}

static PyObject *
struct_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    return cls->tp_alloc(cls, 0);
}

static PyObject *const struct_keywords[] = {KR_ID_STATIC(format)};
static const KrArgSpec struct_spec = {
    .name = "Struct",
    .keywords = struct_keywords,
    .required = 1,
    .positional = 1,
    .total = 1,
};

static int
struct_read_format(StructState *state, StructObject *self, PyObject *format)
{
    if (PyUnicode_Check(format)) {
        format = PyUnicode_AsASCIIString(format);
        if (format == NULL) {
            return -1;
        }
    }
    else if (PyBytes_Check(format)) {
        Py_INCREF(format);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "Struct() argument 1 must be a str or bytes object, not %.200s",
                     _PyType_Name(Py_TYPE(format)));
        return -1;
    }
    if (strlen(PyBytes_AS_STRING(format)) != (size_t)PyBytes_GET_SIZE(format)) {
        PyErr_SetString(state->error, "embedded null character");
        Py_DECREF(format);
        return -1;
    }
    StructProgram *program = compile_format(PyBytes_AS_STRING(format), state->error);
    if (program == NULL) {
        Py_DECREF(format);
        return -1;
    }
    program_release(self->program);
    self->program = program;
    Py_XSETREF(self->format, format);
    return 0;
}

static int
struct_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *values[1];
    StructState *state = struct_state_of(self);
    if (state == NULL) {
        return -1;
    }
    PyObject *const *found =
        kr_args_unpack_tuple(&struct_spec, args, kwargs, values, NULL);
    if (found == NULL) {
        return -1;
    }
    return struct_read_format(state, (StructObject *)self, found[0]);
}

static int
struct_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
struct_dealloc(PyObject *op)
{
    StructObject *self = (StructObject *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    program_release(self->program);
    Py_XDECREF(self->format);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
struct_repr(PyObject *op)
{
    StructObject *self = (StructObject *)op;
    if (ready_program(self) == NULL) {
        return NULL;
    }
    PyObject *format = PyUnicode_FromStringAndSize(PyBytes_AS_STRING(self->format),
                                                   PyBytes_GET_SIZE(self->format));
    PyObject *result = NULL;
    if (format != NULL) {
        result = PyUnicode_FromFormat("%s(%R)", _PyType_Name(Py_TYPE(op)), format);
        Py_DECREF(format);
    }
    return result;
}

static PyObject *
do_pack(StructState *state, StructObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    StructProgram *program = ready_program(self);
    if (program == NULL || state == NULL) {
        return NULL;
    }
    if (nargs != program->items) {
        return PyErr_Format(state->error,
                            "pack expected %zd items for packing (got %zd)",
                            program->items, nargs);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, program->size);
    if (bytes != NULL &&
        pack_values(state->error, program, PyBytes_AS_STRING(bytes), args) < 0) {
        Py_CLEAR(bytes);
    }
    return bytes;
}

// Checks that `size` bytes at offset lie within the buffer; offset counts from the
// end if negative. `what` is pack_into or unpack_from.
static int
check_offset(PyObject *error, bool packing, Py_ssize_t size, Py_ssize_t length,
             Py_ssize_t *offset)
{
    const char *name = packing ? "pack_into" : "unpack_from";
    if (*offset < 0) {
        if (*offset + size > 0) {
            PyErr_Format(error,
                         packing ? "no space to pack %zd bytes at offset %zd"
                                 : "not enough data to unpack %zd bytes at offset %zd",
                         size, *offset);
            return -1;
        }
        if (*offset + length < 0) {
            PyErr_Format(error, "offset %zd out of range for %zd-byte buffer", *offset,
                         length);
            return -1;
        }
        *offset += length;
    }
    if (length - *offset < size) {
        PyErr_Format(error,
                     "%s requires a buffer of at least %zu bytes for %s %zd bytes at "
                     "offset %zd (actual buffer size is %zd)",
                     name, (size_t)size + (size_t)*offset,
                     packing ? "packing" : "unpacking", size, *offset, length);
        return -1;
    }
    return 0;
}

static PyObject *
do_pack_into(StructState *state, StructObject *self, PyObject *const *args,
             Py_ssize_t nargs)
{
    StructProgram *program = ready_program(self);
    Py_buffer view;
    PyObject *result = NULL;

    if (program == NULL || state == NULL) {
        return NULL;
    }
    if (nargs != program->items + 2) {
        if (nargs < 2) {
            return PyErr_Format(state->error, "pack_into expected %s argument",
                                nargs == 0 ? "buffer" : "offset");
        }
        return PyErr_Format(state->error,
                            "pack_into expected %zd items for packing (got %zd)",
                            program->items, nargs - 2);
    }
    if (PyObject_GetBuffer(args[0], &view, PyBUF_WRITABLE) < 0) {
        PyErr_Format(PyExc_TypeError,
                     "argument must be read-write bytes-like object, not %.200s",
                     Py_TYPE(args[0])->tp_name);
        return NULL;
    }
    Py_ssize_t offset = PyNumber_AsSsize_t(args[1], PyExc_IndexError);
    if (offset == -1 && PyErr_Occurred()) {
        goto done;
    }
    if (check_offset(state->error, true, program->size, view.len, &offset) < 0 ||
        pack_values(state->error, program, (char *)view.buf + offset, args + 2) < 0) {
        goto done;
    }
    result = Py_None;
done:
    PyBuffer_Release(&view);
    return result;
}

static PyObject *
do_unpack(StructState *state, StructObject *self, Py_buffer *buffer)
{
    StructProgram *program = ready_program(self);
    if (program == NULL || state == NULL) {
        return NULL;
    }
    if (buffer->len != program->size) {
        return PyErr_Format(state->error, "unpack requires a buffer of %zd bytes",
                            program->size);
    }
    return unpack_values(program, buffer->buf);
}

static PyObject *
do_unpack_from(StructState *state, StructObject *self, Py_buffer *buffer,
               Py_ssize_t offset)
{
    StructProgram *program = ready_program(self);
    if (program == NULL || state == NULL ||
        check_offset(state->error, false, program->size, buffer->len, &offset) < 0) {
        return NULL;
    }
    return unpack_values(program, (char *)buffer->buf + offset);
}

KR_METHOD_RAW(struct_object, "pack", METH_FASTCALL,
              "S.pack(v1, v2, ...) -> bytes\n\n"
              "Return a bytes object containing values v1, v2, ... packed according\n"
              "to the format string S.format.  See help(struct) for more on format\n"
              "strings.")
static PyObject *
struct_object_pack(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return do_pack(struct_state_of(self), (StructObject *)self, args, nargs);
}

KR_METHOD_RAW(struct_object, "pack_into", METH_FASTCALL,
              "S.pack_into(buffer, offset, v1, v2, ...)\n\n"
              "Pack the values v1, v2, ... according to the format string S.format\n"
              "and write the packed bytes into the writable buffer buf starting at\n"
              "offset.  Note that the offset is a required argument.  See\n"
              "help(struct) for more on format strings.")
static PyObject *
struct_object_pack_into(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return do_pack_into(struct_state_of(self), (StructObject *)self, args, nargs);
}

KR_METHOD(struct_object, "unpack(self, buffer, /)",
          "Return a tuple containing unpacked values.\n\n"
          "Unpack according to the format string Struct.format. The buffer's size\n"
          "in bytes must be Struct.size.\n\n"
          "See help(struct) for more on format strings.")
static PyObject *
struct_object_unpack(StructObject *self, Py_buffer *buffer)
{
    return do_unpack(struct_state_of((PyObject *)self), self, buffer);
}

KR_METHOD(struct_object, "unpack_from(self, buffer, offset=0)",
          "Return a tuple containing unpacked values.\n\n"
          "Values are unpacked according to the format string Struct.format.\n\n"
          "The buffer's size in bytes, starting at position offset, must be\n"
          "at least Struct.size.\n\n"
          "See help(struct) for more on format strings.")
static PyObject *
struct_object_unpack_from(StructObject *self, Py_buffer *buffer, Py_ssize_t offset)
{
    return do_unpack_from(struct_state_of((PyObject *)self), self, buffer, offset);
}

// --- Iterators -----------------------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    StructObject *source; // owned, NULL at the end
    Py_buffer view;
    Py_ssize_t place;
} StructIterator;

static PyObject *
do_iter_unpack(StructState *state, StructObject *self, PyObject *buffer)
{
    StructProgram *program = ready_program(self);
    if (program == NULL || state == NULL) {
        return NULL;
    }
    if (program->size == 0) {
        PyErr_SetString(state->error,
                        "cannot iteratively unpack with a struct of length 0");
        return NULL;
    }
    StructIterator *it =
        (StructIterator *)state->iterator_type->tp_alloc(state->iterator_type, 0);
    if (it == NULL) {
        return NULL;
    }
    if (PyObject_GetBuffer(buffer, &it->view, PyBUF_SIMPLE) < 0) {
        Py_DECREF(it);
        return NULL;
    }
    if (it->view.len % program->size != 0) {
        PyErr_Format(state->error,
                     "iterative unpacking requires a buffer of a multiple of %zd bytes",
                     program->size);
        Py_DECREF(it);
        return NULL;
    }
    it->source = (StructObject *)Py_NewRef(self);
    return (PyObject *)it;
}

KR_METHOD(struct_object, "iter_unpack(self, buffer, /)",
          "Return an iterator yielding tuples.\n\n"
          "Tuples are unpacked from the given bytes source, like a repeated\n"
          "invocation of unpack_from().\n\n"
          "Requires that the bytes length be a multiple of the struct size.")
static PyObject *
struct_object_iter_unpack(StructObject *self, PyObject *buffer)
{
    return do_iter_unpack(struct_state_of((PyObject *)self), self, buffer);
}

static int
struct_iterator_traverse(PyObject *op, visitproc visit, void *arg)
{
    StructIterator *it = (StructIterator *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(it->source);
    Py_VISIT(it->view.obj);
    return 0;
}

static void
struct_iterator_dealloc(PyObject *op)
{
    StructIterator *it = (StructIterator *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_XDECREF(it->source);
    PyBuffer_Release(&it->view);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
struct_iterator_next(PyObject *op)
{
    StructIterator *it = (StructIterator *)op;
    if (it->source == NULL) {
        return NULL;
    }
    StructProgram *program = it->source->program;
    if (it->view.len - it->place < program->size) {
        Py_CLEAR(it->source);
        PyBuffer_Release(&it->view);
        return NULL;
    }
    PyObject *result = unpack_values(program, (char *)it->view.buf + it->place);
    it->place += program->size;
    return result;
}

KR_METHOD(struct_iterator, "__length_hint__(self, /)", "")
static PyObject *
struct_iterator_length_hint(StructIterator *self)
{
    if (self->source == NULL) {
        return PyLong_FromLong(0);
    }
    return PyLong_FromSsize_t((self->view.len - self->place) /
                              self->source->program->size);
}

KR_METHOD(struct_object, "__sizeof__(self, /)", "Returns size in memory, in bytes.")
static PyObject *
struct_object_sizeof(StructObject *self)
{
    if (ready_program(self) == NULL) {
        return NULL;
    }
    return PyLong_FromSize_t(sizeof(StructObject) + sizeof(StructProgram) +
                             (size_t)self->program->count * sizeof(StructCode));
}

KR_GETTER(struct_object, "format", "struct format string")
static PyObject *
struct_object_get_format(StructObject *self)
{
    if (ready_program(self) == NULL) {
        return NULL;
    }
    return PyUnicode_FromStringAndSize(PyBytes_AS_STRING(self->format),
                                       PyBytes_GET_SIZE(self->format));
}

KR_GETTER(struct_object, "size", "struct size in bytes")
static PyObject *
struct_object_get_size(StructObject *self)
{
    return PyLong_FromSsize_t(self->program != NULL ? self->program->size : -1);
}

// --- Functions of the module -----------------------------------------------------------------------

// The Struct for a format, from the cache if it is there (new reference).
static StructObject *
cached_struct(StructState *state, PyObject *format)
{
    PyObject *found, *cache = PyUnicode_CheckExact(format) ? state->cache
                              : PyBytes_CheckExact(format) ? state->bytes_cache
                                                           : NULL;
    if (cache != NULL) {
        int status = PyDict_GetItemRef(cache, format, &found);
        if (status != 0) {
            return status < 0 ? NULL : (StructObject *)found;
        }
    }
    found = PyObject_CallOneArg((PyObject *)state->struct_type, format);
    if (found == NULL || cache == NULL) {
        return (StructObject *)found;
    }
    if (PyDict_GET_SIZE(cache) >= STRUCT_CACHE_SIZE) {
        PyDict_Clear(cache);
    }
    if (PyDict_SetItem(cache, format, found) < 0) {
        PyErr_Clear();
    }
    return (StructObject *)found;
}

KR_FUNCTION(struct, "_clearcache()", "Clear the internal cache.")
static PyObject *
struct_clearcache(PyObject *module)
{
    StructState *state = PyModule_GetState(module);
    PyDict_Clear(state->cache);
    PyDict_Clear(state->bytes_cache);
    Py_RETURN_NONE;
}

KR_FUNCTION(struct, "calcsize(format, /)",
            "Return size in bytes of the struct described by the format string.")
static PyObject *
struct_calcsize(PyObject *module, PyObject *format)
{
    StructObject *self = cached_struct(PyModule_GetState(module), format);
    if (self == NULL) {
        return NULL;
    }
    PyObject *size = PyLong_FromSsize_t(self->program->size);
    Py_DECREF(self);
    return size;
}

KR_FUNCTION_RAW(struct, "pack", METH_FASTCALL,
                "pack(format, v1, v2, ...) -> bytes\n\n"
                "Return a bytes object containing the values v1, v2, ... packed according\n"
                "to the format string.  See help(struct) for more on format strings.")
static PyObject *
struct_pack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    StructState *state = PyModule_GetState(module);
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "missing format argument");
        return NULL;
    }
    StructObject *self = cached_struct(state, args[0]);
    if (self == NULL) {
        return NULL;
    }
    PyObject *result = do_pack(state, self, args + 1, nargs - 1);
    Py_DECREF(self);
    return result;
}

KR_FUNCTION_RAW(struct, "pack_into", METH_FASTCALL,
                "pack_into(format, buffer, offset, v1, v2, ...)\n\n"
                "Pack the values v1, v2, ... according to the format string and write\n"
                "the packed bytes into the writable buffer buf starting at offset.  Note\n"
                "that the offset is a required argument.  See help(struct) for more\n"
                "on format strings.")
static PyObject *
struct_pack_into(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    StructState *state = PyModule_GetState(module);
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "missing format argument");
        return NULL;
    }
    StructObject *self = cached_struct(state, args[0]);
    if (self == NULL) {
        return NULL;
    }
    PyObject *result = do_pack_into(state, self, args + 1, nargs - 1);
    Py_DECREF(self);
    return result;
}

KR_FUNCTION(struct, "unpack(format, buffer, /)",
            "Return a tuple containing values unpacked according to the format string.\n\n"
            "The buffer's size in bytes must be calcsize(format).\n\n"
            "See help(struct) for more on format strings.")
static PyObject *
struct_unpack(PyObject *module, PyObject *format, Py_buffer *buffer)
{
    StructState *state = PyModule_GetState(module);
    StructObject *self = cached_struct(state, format);
    if (self == NULL) {
        return NULL;
    }
    PyObject *result = do_unpack(state, self, buffer);
    Py_DECREF(self);
    return result;
}

KR_FUNCTION(struct, "unpack_from(format, /, buffer, offset=0)",
            "Return a tuple containing values unpacked according to the format string.\n\n"
            "The buffer's size, minus offset, must be at least calcsize(format).\n\n"
            "See help(struct) for more on format strings.")
static PyObject *
struct_unpack_from(PyObject *module, PyObject *format, Py_buffer *buffer,
                   Py_ssize_t offset)
{
    StructState *state = PyModule_GetState(module);
    StructObject *self = cached_struct(state, format);
    if (self == NULL) {
        return NULL;
    }
    PyObject *result = do_unpack_from(state, self, buffer, offset);
    Py_DECREF(self);
    return result;
}

KR_FUNCTION(struct, "iter_unpack(format, buffer, /)",
            "Return an iterator yielding tuples unpacked from the given bytes.\n\n"
            "The bytes are unpacked according to the format string, like\n"
            "a repeated invocation of unpack_from().\n\n"
            "Requires that the bytes length be a multiple of the struct size.")
static PyObject *
struct_iter_unpack(PyObject *module, PyObject *format, PyObject *buffer)
{
    StructState *state = PyModule_GetState(module);
    StructObject *self = cached_struct(state, format);
    if (self == NULL) {
        return NULL;
    }
    PyObject *result = do_iter_unpack(state, self, buffer);
    Py_DECREF(self);
    return result;
}

// --- The module --------------------------------------------------------------------------------------

KR_TYPE(struct_object)
KR_TYPE(struct_iterator)
KR_MODULE(struct)
#include "modules/struct.methods.h"

static PyMemberDef struct_object_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(StructObject, weakrefs), Py_READONLY,
     NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(struct_object_type_doc, "Struct(fmt) --> compiled struct object\n\n");

static PyType_Slot struct_object_slots[] = {
    {Py_tp_dealloc, (void *)struct_dealloc},
    {Py_tp_traverse, (void *)struct_traverse},
    {Py_tp_repr, (void *)struct_repr},
    {Py_tp_getattro, (void *)PyObject_GenericGetAttr},
    {Py_tp_setattro, (void *)PyObject_GenericSetAttr},
    {Py_tp_doc, (void *)struct_object_type_doc},
    {Py_tp_methods, struct_object_methods},
    {Py_tp_members, struct_object_members},
    {Py_tp_getset, struct_object_getset},
    {Py_tp_init, (void *)struct_init},
    {Py_tp_new, (void *)struct_new},
    {0, NULL},
};

static PyType_Spec struct_object_type_spec = {
    .name = "_struct.Struct",
    .basicsize = sizeof(StructObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = struct_object_slots,
};

static PyType_Slot struct_iterator_slots[] = {
    {Py_tp_dealloc, (void *)struct_iterator_dealloc},
    {Py_tp_traverse, (void *)struct_iterator_traverse},
    {Py_tp_getattro, (void *)PyObject_GenericGetAttr},
    {Py_tp_iter, (void *)PyObject_SelfIter},
    {Py_tp_iternext, (void *)struct_iterator_next},
    {Py_tp_methods, struct_iterator_methods},
    {0, NULL},
};

static PyType_Spec struct_iterator_type_spec = {
    .name = "_struct.unpack_iterator",
    .basicsize = sizeof(StructIterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
             Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = struct_iterator_slots,
};

static int
struct_exec(PyObject *module)
{
    StructState *state = PyModule_GetState(module);
    state->cache = PyDict_New();
    state->bytes_cache = PyDict_New();
    state->struct_type = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, &struct_object_type_spec, NULL);
    state->iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(
        module, &struct_iterator_type_spec, NULL);
    state->error = PyErr_NewException("struct.error", NULL, NULL);
    if (state->cache == NULL || state->bytes_cache == NULL || state->struct_type == NULL ||
        state->iterator_type == NULL || state->error == NULL ||
        PyModule_AddType(module, state->struct_type) < 0 ||
        PyModule_AddObjectRef(module, "error", state->error) < 0) {
        return -1;
    }
    return 0;
}

static int
struct_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    StructState *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_VISIT(state->cache);
        Py_VISIT(state->bytes_cache);
        Py_VISIT(state->struct_type);
        Py_VISIT(state->iterator_type);
        Py_VISIT(state->error);
    }
    return 0;
}

static int
struct_module_clear(PyObject *module)
{
    StructState *state = PyModule_GetState(module);
    if (state != NULL) {
        Py_CLEAR(state->cache);
        Py_CLEAR(state->bytes_cache);
        Py_CLEAR(state->struct_type);
        Py_CLEAR(state->iterator_type);
        Py_CLEAR(state->error);
    }
    return 0;
}

static void
struct_module_free(void *module)
{
    struct_module_clear(module);
}

static PyModuleDef_Slot struct_slots[] = {
    {Py_mod_exec, (void *)struct_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef struct_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_struct",
    .m_doc =
        "Functions to convert between Python values and C structs.\n"
        "A bytes object holds the struct, and a format string tells its layout.\n\n"
        "The first character may choose byte order, sizes and alignment:\n"
        "  @ native order, sizes and alignment (default)   = native order, standard sizes\n"
        "  < little-endian   > or ! big-endian, both with standard sizes\n\n"
        "Then come letters, each perhaps after a count:\n"
        "  x pad byte   c char   ? bool   b B h H i I l L q Q integers, upper case is\n"
        "  unsigned   n N ssize_t, size_t (native only)   P pointer (native only)\n"
        "  e f d floats of 2, 4, 8 bytes   F D complex numbers of two f, d\n"
        "  s bytes of a length given by the count   p the same after a length byte\n\n"
        "The variable struct.error is an exception raised on errors.\n",
    .m_size = sizeof(StructState),
    .m_methods = struct_methods,
    .m_slots = struct_slots,
    .m_traverse = struct_module_traverse,
    .m_clear = struct_module_clear,
    .m_free = struct_module_free,
};

PyMODINIT_FUNC
PyInit__struct(void)
{
    return PyModuleDef_Init(&struct_def);
}
