// SPDX-License-Identifier: MIT
// getargs.c - PyArg_Parse and its family: C values out of argument tuples.
//
// Callers:    extensions; Krait's own modules mostly use KR_METHOD instead.
// Structure:  scan() counts the units of a format, read_unit() takes one unit and
//             its pointers, convert() stores one argument, parse_positional() and
//             parse_keywords() pair units with arguments.
// Invariants: whatever a conversion acquired is in parse->undo until all of them
//             have succeeded.
#include "capi/format.h"

#include <limits.h>
#include <string.h>

#include "objects/ids.h"
#include "objects/suggest.h"

// ---- the format -------------------------------------------------------------

static bool
is_unit_start(char c)
{
    return c != '\0' && strchr("szySYUwbBhHiIlkLKncCfdDOpeu(", c) != NULL;
}

static int
bad_format(const char *what)
{
    PyErr_Format(PyExc_SystemError, "%s", what);
    return -1;
}

// Finds the closing bracket of a nested unit; at points behind the opening one.
static const char *
skip_nested(const char *at)
{
    int depth = 1;

    for (; *at != '\0' && *at != ':' && *at != ';'; at++) {
        if (*at == '(') {
            depth++;
        }
        else if (*at == ')' && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

// Counts units, and finds the name or message that follows them.
static int
scan(KrFormatParse *parse, const char *format)
{
    const char *at = format;
    bool optional = false;

    parse->reader.at = format;
    parse->name = parse->message = NULL;
    parse->min = parse->max = 0;
    parse->max_positional = INT_MAX;
    parse->optional_positional = false;
    parse->undo = parse->undo_inline;
    parse->undo_count = 0;
    parse->undo_capacity = KR_UNDO_INLINE;
    parse->levels[0] = 0;
    while (*at != '\0') {
        char c = *at++;
        if (c == ':') {
            parse->name = at;
            break;
        }
        if (c == ';') {
            parse->message = at;
            break;
        }
        if (c == '|') {
            optional = true;
            continue;
        }
        if (c == '$') {
            parse->max_positional = parse->max;
            parse->optional_positional = optional;
            continue;
        }
        if (c == '(') {
            at = skip_nested(at);
            if (at == NULL) {
                return bad_format("missing ')' in getargs format");
            }
        }
        else if (c == 'e') {
            if (*at != 's' && *at != 't') {
                return bad_format("unknown parser marker combination");
            }
            at++;
        }
        else if (c == ')') {
            return bad_format("excess ')' in getargs format");
        }
        else if (!is_unit_start(c)) {
            continue; // '#', '*', '!', '&', '?' belong to the unit before
        }
        parse->max++;
        if (!optional) {
            parse->min++;
        }
    }
    return 0;
}

// Takes the next unit and its pointers. Returns -1 with SystemError on a bad one.
static int
read_unit(KrFormatReader *reader, KrFormatUnit *unit)
{
    while (*reader->at == '|' || *reader->at == '$') {
        reader->at++;
    }
    unit->code = *reader->at;
    unit->mode = 0;
    unit->encoding_mode = 0;
    unit->pointers = 1;
    if (!is_unit_start(unit->code) || unit->code == 'u') {
        PyErr_Format(PyExc_SystemError, "bad format char passed to PyArg_Parse: '%c'",
                     unit->code);
        return -1;
    }
    reader->at++;
    if (unit->code == '(') {
        unit->pointers = 0;
        return 0;
    }
    if (unit->code == 'e') {
        unit->encoding_mode = *reader->at++;
        unit->pointers = 2;
    }
    if (*reader->at == '#' && strchr("szye", unit->code)) {
        unit->mode = *reader->at++;
        unit->pointers++;
    }
    else if (*reader->at == '*' && strchr("szyw", unit->code)) {
        unit->mode = *reader->at++;
    }
    else if (unit->code == 'O' && (*reader->at == '!' || *reader->at == '&')) {
        unit->mode = *reader->at++;
        unit->pointers = 2;
    }
    else if (*reader->at == '?' && strchr("O", unit->code)) {
        unit->mode = *reader->at++;
    }
    for (int i = 0; i < unit->pointers; i++) {
        unit->pointer[i] = va_arg(reader->va, void *);
    }
    return 0;
}

// Reads past the units of a nested sequence whose argument is absent.
static int
skip_units(KrFormatReader *reader, int depth)
{
    KrFormatUnit unit;

    while (*reader->at != ')') {
        if (*reader->at == '\0' || depth > KR_FORMAT_DEPTH) {
            return bad_format("too many tuple nesting levels in argument format string");
        }
        if (read_unit(reader, &unit) < 0) {
            return -1;
        }
        if (unit.code == '(' && skip_units(reader, depth + 1) < 0) {
            return -1;
        }
    }
    reader->at++;
    return 0;
}

// ---- undoing ----------------------------------------------------------------

static int
add_undo(KrFormatParse *parse, KrUndoKind kind, void *address,
         int (*converter)(PyObject *, void *))
{
    if (parse->undo_count == parse->undo_capacity) {
        int capacity = 2 * parse->undo_capacity;
        KrUndo *larger = PyMem_New(KrUndo, (size_t)capacity);
        if (larger == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(larger, parse->undo, (size_t)parse->undo_count * sizeof(KrUndo));
        if (parse->undo != parse->undo_inline) {
            PyMem_Free(parse->undo);
        }
        parse->undo = larger;
        parse->undo_capacity = capacity;
    }
    parse->undo[parse->undo_count++] = (KrUndo){kind, address, converter};
    return 0;
}

static void
undo_one(const KrUndo *undo)
{
    switch (undo->kind) {
    case KR_UNDO_BUFFER:
        PyBuffer_Release(undo->address);
        break;
    case KR_UNDO_MEMORY:
        PyMem_Free(*(char **)undo->address);
        *(char **)undo->address = NULL;
        break;
    case KR_UNDO_CONVERTER:
        undo->converter(NULL, undo->address);
        break;
    }
}

// Ends a parse: 1 for success, or 0 after taking back what was acquired.
static int
finish(KrFormatParse *parse, bool success)
{
    if (!success && parse->undo_count) {
        PyObject *error = PyErr_GetRaisedException();
        while (parse->undo_count) {
            undo_one(&parse->undo[--parse->undo_count]);
        }
        PyErr_SetRaisedException(error);
    }
    if (parse->undo != parse->undo_inline) {
        PyMem_Free(parse->undo);
    }
    va_end(parse->reader.va);
    return success;
}

// ---- complaints -------------------------------------------------------------

static const char *
type_name(PyObject *arg)
{
    return arg == Py_None ? "None" : Py_TYPE(arg)->tp_name;
}

// Notes "must be X, not Y"; returns -1.
static int
must_be(KrFormatParse *parse, const char *expected, PyObject *arg)
{
    PyOS_snprintf(parse->complaint, sizeof parse->complaint, "must be %.50s, not %.50s",
                  expected, type_name(arg));
    return -1;
}

// Raises the TypeError for what must_be() noted, unless an exception is set.
static void
raise_complaint(KrFormatParse *parse, int index)
{
    char place[160];
    size_t used;

    if (PyErr_Occurred()) {
        return;
    }
    if (parse->message != NULL) {
        PyErr_SetString(PyExc_TypeError, parse->message);
        return;
    }
    if (index == 0) {
        PyOS_snprintf(place, sizeof place, "argument");
    }
    else {
        PyOS_snprintf(place, sizeof place, "argument %d", index);
    }
    used = strlen(place);
    for (int i = 0; i < KR_FORMAT_DEPTH && parse->levels[i] > 0 && used < 130; i++) {
        PyOS_snprintf(place + used, sizeof place - used, ", item %d",
                      parse->levels[i] - 1);
        used += strlen(place + used);
    }
    if (parse->name != NULL) {
        PyErr_Format(PyExc_TypeError, "%.200s() %s %.256s", parse->name, place,
                     parse->complaint);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s %.256s", place, parse->complaint);
    }
}

static const char *
shown_name(const KrFormatParse *parse)
{
    return parse->name == NULL ? "function" : parse->name;
}

static const char *
shown_brackets(const KrFormatParse *parse)
{
    return parse->name == NULL ? "" : "()";
}

// ---- conversions ------------------------------------------------------------

static int
store_signed(PyObject *arg, long min, long max, const char *kind, long *out)
{
    *out = PyLong_AsLong(arg);
    if (*out == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (*out < min || *out > max) {
        PyErr_Format(PyExc_OverflowError, "%s is %s", kind,
                     *out < min ? "less than minimum" : "greater than maximum");
        return -1;
    }
    return 0;
}

// The units for integers.
static int
convert_integer(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg)
{
    void *out = unit->pointer[0];
    long value;
    unsigned long mask;

    switch (unit->code) {
    case 'b':
        if (store_signed(arg, 0, UCHAR_MAX, "unsigned byte integer", &value) < 0) {
            return -1;
        }
        *(unsigned char *)out = (unsigned char)value;
        return 0;
    case 'h':
        if (store_signed(arg, SHRT_MIN, SHRT_MAX, "signed short integer", &value) < 0) {
            return -1;
        }
        *(short *)out = (short)value;
        return 0;
    case 'i':
        if (store_signed(arg, INT_MIN, INT_MAX, "signed integer", &value) < 0) {
            return -1;
        }
        *(int *)out = (int)value;
        return 0;
    case 'l':
        if (store_signed(arg, LONG_MIN, LONG_MAX, "", &value) < 0) {
            return -1;
        }
        *(long *)out = value;
        return 0;
    case 'L': {
        long long wide = PyLong_AsLongLong(arg);
        if (wide == -1 && PyErr_Occurred()) {
            return -1;
        }
        *(long long *)out = wide;
        return 0;
    }
    case 'n': {
        PyObject *index = PyNumber_Index(arg);
        if (index == NULL) {
            return -1;
        }
        Py_ssize_t size = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (size == -1 && PyErr_Occurred()) {
            return -1;
        }
        *(Py_ssize_t *)out = size;
        return 0;
    }
    case 'k':
    case 'K':
        if (!PyIndex_Check(arg)) {
            return must_be(parse, "int", arg);
        }
        break;
    default:
        break;
    }
    // The units without a check for overflow.
    mask = PyLong_AsUnsignedLongMask(arg);
    if (mask == (unsigned long)-1 && PyErr_Occurred()) {
        return -1;
    }
    switch (unit->code) {
    case 'B':
        *(unsigned char *)out = (unsigned char)mask;
        break;
    case 'H':
        *(unsigned short *)out = (unsigned short)mask;
        break;
    case 'I':
        *(unsigned int *)out = (unsigned int)mask;
        break;
    case 'k':
        *(unsigned long *)out = mask;
        break;
    default:
        *(unsigned long long *)out = mask;
        break;
    }
    return 0;
}

static int
convert_number(const KrFormatUnit *unit, PyObject *arg)
{
    if (unit->code == 'D') {
        Py_complex value = PyComplex_AsCComplex(arg);
        if (PyErr_Occurred()) {
            return -1;
        }
        *(Py_complex *)unit->pointer[0] = value;
        return 0;
    }
    double value = PyFloat_AsDouble(arg);
    if (value == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    if (unit->code == 'f') {
        *(float *)unit->pointer[0] = (float)value;
    }
    else {
        *(double *)unit->pointer[0] = value;
    }
    return 0;
}

static int
convert_character(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg)
{
    bool text = unit->code == 'C';
    const char *expected = text ? "a unicode character" : "a byte string of length 1";
    const char *kind = "a string";
    const char *byte = NULL;
    Py_ssize_t length;

    if (text && PyUnicode_Check(arg)) {
        length = PyUnicode_GET_LENGTH(arg);
    }
    else if (!text && PyBytes_Check(arg)) {
        length = PyBytes_GET_SIZE(arg);
        byte = PyBytes_AS_STRING(arg);
        kind = "a bytes object";
    }
    else if (!text && PyByteArray_Check(arg)) {
        length = PyByteArray_GET_SIZE(arg);
        byte = PyByteArray_AS_STRING(arg);
        kind = "a bytearray object";
    }
    else {
        return must_be(parse, expected, arg);
    }
    if (length != 1) {
        PyOS_snprintf(parse->complaint, sizeof parse->complaint,
                      "must be %s, not %s of length %zd", expected, kind, length);
        return -1;
    }
    if (text) {
        *(int *)unit->pointer[0] = (int)PyUnicode_READ_CHAR(arg, 0);
    }
    else {
        *(char *)unit->pointer[0] = *byte;
    }
    return 0;
}

// s, z, y and w with '*': a Py_buffer that the caller releases.
static int
convert_buffer(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg)
{
    Py_buffer *view = unit->pointer[0];

    if (unit->code == 'z' && arg == Py_None) {
        return PyBuffer_FillInfo(view, NULL, NULL, 0, 1, 0);
    }
    if (unit->code != 'y' && unit->code != 'w' && PyUnicode_Check(arg)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(arg, &size);
        if (text == NULL || PyBuffer_FillInfo(view, arg, (void *)text, size, 1, 0) < 0) {
            return -1;
        }
    }
    else if (unit->code == 'w') {
        if (PyObject_GetBuffer(arg, view, PyBUF_WRITABLE) < 0) {
            PyErr_Clear();
            return must_be(parse, "read-write bytes-like object", arg);
        }
    }
    else if (PyObject_GetBuffer(arg, view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (!PyBuffer_IsContiguous(view, 'C')) {
        PyBuffer_Release(view);
        return must_be(parse, "contiguous buffer", arg);
    }
    if (add_undo(parse, KR_UNDO_BUFFER, view, NULL) < 0) {
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

// Borrows the memory of a read-only object that needs no release. Returns size or -1.
static Py_ssize_t
borrow_memory(KrFormatParse *parse, PyObject *arg, const char **out)
{
    PyBufferProcs *procs = Py_TYPE(arg)->tp_as_buffer;
    Py_buffer view;
    Py_ssize_t size;

    if (procs != NULL && procs->bf_releasebuffer != NULL) {
        return must_be(parse, "read-only bytes-like object", arg);
    }
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    *out = view.buf;
    size = view.len;
    PyBuffer_Release(&view);
    return size;
}

// s, z and y, plain or with '#': a pointer into the argument.
static int
convert_text(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg)
{
    const char **out = unit->pointer[0];
    Py_ssize_t size;

    if (unit->mode == '*') {
        return convert_buffer(parse, unit, arg);
    }
    if (unit->code == 'z' && arg == Py_None) {
        *out = NULL;
        size = 0;
    }
    else if (unit->code != 'y' && PyUnicode_Check(arg)) {
        *out = PyUnicode_AsUTF8AndSize(arg, &size);
        if (*out == NULL) {
            return -1;
        }
    }
    else if (unit->mode == 0 && unit->code != 'y') {
        return must_be(parse, unit->code == 'z' ? "str or None" : "str", arg);
    }
    else {
        size = borrow_memory(parse, arg, out);
        if (size < 0) {
            return -1;
        }
    }
    if (unit->mode == '#') {
        *(Py_ssize_t *)unit->pointer[1] = size;
    }
    else if (*out != NULL && strlen(*out) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, unit->code == 'y' ? "embedded null byte"
                                                            : "embedded null character");
        return -1;
    }
    return 0;
}

// es, et, es#, et#: text encoded into memory of the caller or of PyMem_Malloc.
static int
convert_encoded(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg)
{
    const char *encoding = unit->pointer[0];
    char **buffer = unit->pointer[1];
    const char *data;
    Py_ssize_t size;
    PyObject *bytes = NULL;
    int result = -1;

    if (unit->encoding_mode == 't' && PyBytes_Check(arg)) {
        bytes = Py_NewRef(arg);
    }
    else if (unit->encoding_mode == 't' && PyByteArray_Check(arg)) {
        bytes = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(arg),
                                          PyByteArray_GET_SIZE(arg));
    }
    else if (PyUnicode_Check(arg)) {
        bytes = PyUnicode_AsEncodedString(arg, encoding == NULL ? "utf-8" : encoding,
                                          NULL);
    }
    else {
        return must_be(parse,
                       unit->encoding_mode == 't' ? "str, bytes or bytearray" : "str",
                       arg);
    }
    if (bytes == NULL) {
        return -1;
    }
    if (!PyBytes_Check(bytes)) {
        PyOS_snprintf(parse->complaint, sizeof parse->complaint,
                      "(encoder failed to return bytes)");
        goto done;
    }
    data = PyBytes_AS_STRING(bytes);
    size = PyBytes_GET_SIZE(bytes);
    if (unit->mode == '#' && *buffer != NULL) {
        Py_ssize_t *room = unit->pointer[2];
        if (size + 1 > *room) {
            PyErr_Format(PyExc_ValueError,
                         "encoded string too long (%zd, maximum length %zd)", size,
                         *room - 1);
            goto done;
        }
    }
    else {
        if (unit->mode == 0 && strlen(data) != (size_t)size) {
            PyErr_SetString(PyExc_ValueError, "embedded null byte");
            goto done;
        }
        *buffer = PyMem_Malloc((size_t)size + 1);
        if (*buffer == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        if (add_undo(parse, KR_UNDO_MEMORY, buffer, NULL) < 0) {
            PyMem_Free(*buffer);
            *buffer = NULL;
            goto done;
        }
    }
    memcpy(*buffer, data, (size_t)size + 1);
    if (unit->mode == '#') {
        *(Py_ssize_t *)unit->pointer[2] = size;
    }
    result = 0;

done:
    Py_DECREF(bytes);
    return result;
}

static int
convert_object(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg)
{
    if (unit->mode == '!') {
        PyTypeObject *type = unit->pointer[0];
        if (!PyObject_TypeCheck(arg, type)) {
            return must_be(parse, type->tp_name, arg);
        }
        *(PyObject **)unit->pointer[1] = arg;
        return 0;
    }
    if (unit->mode == '&') {
        int (*converter)(PyObject *, void *);
        memcpy(&converter, &unit->pointer[0], sizeof converter);
        int status = converter(arg, unit->pointer[1]);
        if (status == 0) {
            PyOS_snprintf(parse->complaint, sizeof parse->complaint, "(unspecified)");
            return -1;
        }
        if (status == Py_CLEANUP_SUPPORTED) {
            return add_undo(parse, KR_UNDO_CONVERTER, unit->pointer[1], converter);
        }
        return 0;
    }
    *(PyObject **)unit->pointer[0] = arg;
    return 0;
}

// Stores an exact object of one of the types that have a letter.
static int
convert_typed(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg)
{
    bool fits;
    const char *name;

    switch (unit->code) {
    case 'S':
        fits = PyBytes_Check(arg);
        name = "bytes";
        break;
    case 'Y':
        fits = PyByteArray_Check(arg);
        name = "bytearray";
        break;
    default:
        fits = PyUnicode_Check(arg);
        name = "str";
        break;
    }
    if (!fits) {
        return must_be(parse, name, arg);
    }
    *(PyObject **)unit->pointer[0] = arg;
    return 0;
}

static int convert_nested(KrFormatParse *parse, PyObject *arg, int depth);

// Stores one argument through a unit. Returns -1 with an exception set or a
// complaint noted.
static int
convert(KrFormatParse *parse, const KrFormatUnit *unit, PyObject *arg, int depth)
{
    int truth;

    switch (unit->code) {
    case '(':
        return convert_nested(parse, arg, depth);
    case 'b':
    case 'B':
    case 'h':
    case 'H':
    case 'i':
    case 'I':
    case 'l':
    case 'k':
    case 'L':
    case 'K':
    case 'n':
        return convert_integer(parse, unit, arg);
    case 'f':
    case 'd':
    case 'D':
        return convert_number(unit, arg);
    case 'c':
    case 'C':
        return convert_character(parse, unit, arg);
    case 'p':
        truth = PyObject_IsTrue(arg);
        if (truth < 0) {
            return -1;
        }
        *(int *)unit->pointer[0] = truth;
        return 0;
    case 's':
    case 'z':
    case 'y':
        return convert_text(parse, unit, arg);
    case 'w':
        if (unit->mode != '*') {
            return bad_format("impossible<bad format char>");
        }
        return convert_buffer(parse, unit, arg);
    case 'e':
        return convert_encoded(parse, unit, arg);
    case 'S':
    case 'Y':
    case 'U':
        return convert_typed(parse, unit, arg);
    default:
        return convert_object(parse, unit, arg);
    }
}

// How many units stand in a nested sequence; at is behind the bracket.
static int
count_nested(const char *at)
{
    int count = 0;

    while (*at != '\0' && *at != ')') {
        char c = *at++;
        if (c == '(') {
            at = skip_nested(at);
            if (at == NULL) {
                return count;
            }
            count++;
        }
        else if (c == 'e') {
            at++;
            count++;
        }
        else if (is_unit_start(c)) {
            count++;
        }
    }
    return count;
}

static int
convert_nested(KrFormatParse *parse, PyObject *arg, int depth)
{
    int count = count_nested(parse->reader.at);
    bool is_tuple = PyTuple_Check(arg);
    Py_ssize_t size;
    KrFormatUnit unit;

    if (depth >= KR_FORMAT_DEPTH) {
        return bad_format("too many tuple nesting levels in argument format string");
    }
    if (!is_tuple && (!PySequence_Check(arg) || PyUnicode_Check(arg) ||
                      PyBytes_Check(arg) || PyByteArray_Check(arg))) {
        parse->levels[depth] = 0;
        PyOS_snprintf(parse->complaint, sizeof parse->complaint,
                      "must be %d-item tuple, not %.50s", count, type_name(arg));
        return -1;
    }
    if (!is_tuple &&
        PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "argument must be %d-item tuple, not %T", count, arg) < 0) {
        return -1;
    }
    size = PySequence_Size(arg);
    if (size < 0) {
        return -1;
    }
    if (size != count) {
        parse->levels[depth] = 0;
        PyOS_snprintf(parse->complaint, sizeof parse->complaint,
                      "must be %s of length %d, not %zd",
                      is_tuple ? "tuple" : "sequence", count, size);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        // A sequence that is no tuple keeps its items alive, as its callers rely on.
        PyObject *item = is_tuple ? Py_NewRef(PyTuple_GET_ITEM(arg, i))
                                  : PySequence_GetItem(arg, i);
        if (item == NULL) {
            return -1;
        }
        parse->levels[depth] = i + 1;
        parse->levels[depth + 1] = 0;
        int status = read_unit(&parse->reader, &unit);
        if (status == 0) {
            status = convert(parse, &unit, item, depth + 1);
        }
        Py_DECREF(item);
        if (status < 0) {
            return -1;
        }
    }
    parse->levels[depth] = 0;
    while (*parse->reader.at != ')' && *parse->reader.at != '\0') {
        parse->reader.at++;
    }
    parse->reader.at++;
    return 0;
}

// ---- positional arguments ---------------------------------------------------

static int
count_error(KrFormatParse *parse, Py_ssize_t nargs)
{
    if (parse->message != NULL) {
        PyErr_SetString(PyExc_TypeError, parse->message);
        return -1;
    }
    bool few = nargs < parse->min;
    int wanted = few ? parse->min : parse->max;
    PyErr_Format(PyExc_TypeError, "%.150s%s takes %s %d argument%s (%zd given)",
                 shown_name(parse), shown_brackets(parse),
                 parse->min == parse->max ? "exactly" : few ? "at least" : "at most",
                 wanted, wanted == 1 ? "" : "s", nargs);
    return -1;
}

static int
parse_positional(KrFormatParse *parse, PyObject *const *args, Py_ssize_t nargs)
{
    KrFormatUnit unit;

    if (nargs < parse->min || nargs > parse->max) {
        return count_error(parse, nargs);
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (read_unit(&parse->reader, &unit) < 0) {
            return -1;
        }
        if (convert(parse, &unit, args[i], 0) < 0) {
            raise_complaint(parse, (int)i + 1);
            return -1;
        }
    }
    char next = *parse->reader.at;
    if (next != '\0' && !is_unit_start(next) && strchr("|:;$", next) == NULL) {
        PyErr_Format(PyExc_SystemError, "bad format string: %.200s", parse->reader.at);
        return -1;
    }
    return 0;
}

static int
parse_tuple(PyObject *args, const char *format, va_list va)
{
    KrFormatParse parse;
    Py_ssize_t nargs;

    if (args == NULL || !PyTuple_Check(args)) {
        PyErr_SetString(PyExc_SystemError,
                        "new style getargs format but argument is not a tuple");
        return 0;
    }
    if (scan(&parse, format) < 0) {
        return 0;
    }
    va_copy(parse.reader.va, va);
    nargs = PyTuple_GET_SIZE(args);
    return finish(&parse, parse_positional(&parse, &PyTuple_GET_ITEM(args, 0), nargs) == 0);
}

int
PyArg_ParseTuple(PyObject *args, const char *format, ...)
{
    va_list va;

    va_start(va, format);
    int result = parse_tuple(args, format, va);
    va_end(va);
    return result;
}

int
PyArg_VaParse(PyObject *args, const char *format, va_list va)
{
    return parse_tuple(args, format, va);
}

int
PyArg_Parse(PyObject *arg, const char *format, ...)
{
    KrFormatParse parse;
    KrFormatUnit unit;
    bool success = false;

    if (scan(&parse, format) < 0) {
        return 0;
    }
    va_start(parse.reader.va, format);
    if (parse.max == 0) {
        success = arg == NULL;
        if (!success) {
            PyErr_Format(PyExc_TypeError, "%.200s%s takes no arguments",
                         shown_name(&parse), shown_brackets(&parse));
        }
    }
    else if (parse.max > 1) {
        PyErr_SetString(PyExc_SystemError, "old style getargs format uses new features");
    }
    else if (arg == NULL) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes at least one argument",
                     shown_name(&parse), shown_brackets(&parse));
    }
    else if (read_unit(&parse.reader, &unit) == 0) {
        success = convert(&parse, &unit, arg, 0) == 0;
        if (!success) {
            raise_complaint(&parse, 0);
        }
    }
    return finish(&parse, success);
}

int
_PyArg_ParseStack(PyObject *const *args, Py_ssize_t nargs, const char *format, ...)
{
    KrFormatParse parse;

    if (scan(&parse, format) < 0) {
        return 0;
    }
    va_start(parse.reader.va, format);
    return finish(&parse, parse_positional(&parse, args, nargs) == 0);
}

// ---- keyword arguments ------------------------------------------------------

// The arguments of one call, from a tuple and dict or from a vectorcall's array.
typedef struct {
    PyObject *const *args;
    Py_ssize_t nargs;
    PyObject *kwargs;         // dict, or NULL
    PyObject *kwnames;        // tuple of names of the values behind args, or NULL
    Py_ssize_t nkw;
    const char *const *names; // parameter names, NULL at the end, "" positional only
    int count;
    int positional_only;
} KrCallArgs;

// The keyword argument of that name: 1 found (borrowed), 0 absent, -1 error.
static int
find_argument(const KrCallArgs *call, const char *name, PyObject **out)
{
    *out = NULL;
    if (call->kwargs != NULL) {
        PyObject *value;
        int found = PyDict_GetItemStringRef(call->kwargs, name, &value);
        if (found > 0) {
            Py_DECREF(value); // the dict keeps it
            *out = value;
        }
        return found;
    }
    for (Py_ssize_t i = 0; i < call->nkw; i++) {
        PyObject *key = PyTuple_GET_ITEM(call->kwnames, i);
        if (PyUnicode_Check(key) && PyUnicode_EqualToUTF8(key, name)) {
            *out = call->args[call->nargs + i];
            return 1;
        }
    }
    return 0;
}

static int
count_positional_error(KrFormatParse *parse, KrCallArgs *call)
{
    int max = parse->max_positional;

    if (max == 0) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments",
                     shown_name(parse), shown_brackets(parse));
        return -1;
    }
    PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)",
                 shown_name(parse), shown_brackets(parse),
                 parse->optional_positional ? "at most" : "exactly", max,
                 max == 1 ? "" : "s",
                 call->nargs);
    return -1;
}

static int
check_counts(KrFormatParse *parse, KrCallArgs *call)
{
    call->count = 0;
    while (call->names[call->count] != NULL) {
        call->count++;
    }
    call->positional_only = 0;
    while (call->positional_only < call->count &&
           call->names[call->positional_only][0] == '\0') {
        call->positional_only++;
    }
    if (call->count != parse->max) {
        PyErr_Format(PyExc_SystemError,
                     "%s keyword list entries (%d) than format specifiers (%d)",
                     call->count > parse->max ? "more" : "fewer", call->count,
                     parse->max);
        return -1;
    }
    if (call->nargs + call->nkw > call->count) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s%s takes at most %d %sargument%s (%zd given)",
                     shown_name(parse), shown_brackets(parse), call->count,
                     call->nargs == 0 ? "keyword " : "", call->count == 1 ? "" : "s",
                     call->nargs + call->nkw);
        return -1;
    }
    if (call->nargs > parse->max_positional) {
        return count_positional_error(parse, call);
    }
    return 0;
}

static int
missing_argument(KrFormatParse *parse, KrCallArgs *call, int index)
{
    if (index < call->positional_only) {
        int min = Py_MIN(call->positional_only, parse->min);
        int max = Py_MIN(parse->max_positional, parse->max);
        PyErr_Format(PyExc_TypeError,
                     "%.200s%s takes %s %d positional argument%s (%zd given)",
                     shown_name(parse), shown_brackets(parse),
                     min < max ? "at least" : "exactly", min, min == 1 ? "" : "s",
                     call->nargs);
        return -1;
    }
    PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%s' (pos %d)",
                 shown_name(parse), shown_brackets(parse), call->names[index],
                 index + 1);
    return -1;
}

// Raises the error for a keyword that names no parameter.
static int
unexpected_keyword(KrFormatParse *parse, KrCallArgs *call, PyObject *key)
{
    PyObject *names = PyTuple_New(call->count - call->positional_only);
    PyObject *near = NULL;

    if (names != NULL) {
        for (int i = call->positional_only; i < call->count; i++) {
            PyObject *name = PyUnicode_FromString(call->names[i]);
            if (name == NULL) {
                Py_DECREF(names);
                return -1;
            }
            PyTuple_SET_ITEM(names, i - call->positional_only, name);
        }
        near = kr_suggest_nofail(key, &PyTuple_GET_ITEM(names, 0), PyTuple_GET_SIZE(names));
    }
    // Where the function is unnamed this text, alone, says "this function".
    const char *subject = parse->name == NULL ? "this function" : shown_name(parse);
    if (near != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s%s got an unexpected keyword argument '%S'. "
                     "Did you mean '%S'?",
                     subject, shown_brackets(parse), key, near);
    }
    else if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s%s got an unexpected keyword argument '%S'",
                     subject, shown_brackets(parse), key);
    }
    Py_XDECREF(names);
    return -1;
}

// Checks one surplus keyword; only called when not all of them were used.
static int
check_keyword(KrFormatParse *parse, KrCallArgs *call, PyObject *key)
{
    if (!PyUnicode_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "keywords must be strings");
        return -1;
    }
    for (int i = call->positional_only; i < call->count; i++) {
        if (PyUnicode_EqualToUTF8(key, call->names[i])) {
            if (i < call->nargs) {
                PyErr_Format(PyExc_TypeError,
                             "argument for %.200s%s given by name ('%s') "
                             "and position (%d)",
                             shown_name(parse), shown_brackets(parse), call->names[i],
                             i + 1);
                return -1;
            }
            return 0;
        }
    }
    return unexpected_keyword(parse, call, key);
}

static int
check_keywords(KrFormatParse *parse, KrCallArgs *call)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;

    if (call->kwargs != NULL) {
        while (PyDict_Next(call->kwargs, &position, &key, &value)) {
            if (check_keyword(parse, call, key) < 0) {
                return -1;
            }
        }
        return 0;
    }
    for (Py_ssize_t i = 0; i < call->nkw; i++) {
        if (check_keyword(parse, call, PyTuple_GET_ITEM(call->kwnames, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
parse_keywords(KrFormatParse *parse, KrCallArgs *call)
{
    Py_ssize_t used = 0;
    KrFormatUnit unit;

    if (check_counts(parse, call) < 0) {
        return -1;
    }
    // Parameters behind '$' that stand before '|' are required too.
    for (int i = 0; i < call->count; i++) {
        PyObject *arg = NULL;
        if (i < call->nargs) {
            arg = call->args[i];
        }
        else if (call->nkw > used && i >= call->positional_only) {
            int found = find_argument(call, call->names[i], &arg);
            if (found < 0) {
                return -1;
            }
            used += found;
        }
        if (arg == NULL && i < parse->min) {
            return missing_argument(parse, call, i);
        }
        if (arg == NULL && used == call->nkw && i >= call->nargs && i >= parse->min) {
            break; // only absent optional ones can follow
        }
        if (read_unit(&parse->reader, &unit) < 0) {
            return -1;
        }
        if (arg == NULL) {
            if (unit.code == '(' && skip_units(&parse->reader, 0) < 0) {
                return -1;
            }
            continue;
        }
        if (convert(parse, &unit, arg, 0) < 0) {
            raise_complaint(parse, i + 1);
            return -1;
        }
    }
    return used < call->nkw ? check_keywords(parse, call) : 0;
}

static int
parse_tuple_keywords(PyObject *args, PyObject *kwargs, const char *format,
                     const char *const *names, va_list va)
{
    KrFormatParse parse;
    KrCallArgs call = {0};

    if (args == NULL || !PyTuple_Check(args) ||
        (kwargs != NULL && !PyDict_Check(kwargs)) || format == NULL || names == NULL) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (scan(&parse, format) < 0) {
        return 0;
    }
    va_copy(parse.reader.va, va);
    call.args = &PyTuple_GET_ITEM(args, 0);
    call.nargs = PyTuple_GET_SIZE(args);
    call.nkw = kwargs == NULL ? 0 : PyDict_GET_SIZE(kwargs);
    call.kwargs = call.nkw ? kwargs : NULL;
    call.names = names;
    return finish(&parse, parse_keywords(&parse, &call) == 0);
}

int
PyArg_ParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format,
                            char **keywords, ...)
{
    va_list va;

    va_start(va, keywords);
    int result =
        parse_tuple_keywords(args, kwargs, format, (const char *const *)keywords, va);
    va_end(va);
    return result;
}

int
PyArg_VaParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format,
                              char **keywords, va_list va)
{
    return parse_tuple_keywords(args, kwargs, format, (const char *const *)keywords, va);
}

int
_PyArg_ParseTupleAndKeywordsFast(PyObject *args, PyObject *kwargs,
                                 _PyArg_Parser *parser, ...)
{
    va_list va;

    va_start(va, parser);
    int result =
        parse_tuple_keywords(args, kwargs, parser->format, parser->keywords, va);
    va_end(va);
    return result;
}

int
_PyArg_ParseStackAndKeywords(PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames, _PyArg_Parser *parser, ...)
{
    KrFormatParse parse;
    KrCallArgs call = {0};

    if (scan(&parse, parser->format) < 0) {
        return 0;
    }
    va_start(parse.reader.va, parser);
    call.args = args;
    call.nargs = nargs;
    call.kwnames = kwnames;
    call.nkw = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    call.names = parser->keywords;
    return finish(&parse, parse_keywords(&parse, &call) == 0);
}

// ---- the rest of the family -------------------------------------------------

int
PyArg_ValidateKeywordArguments(PyObject *kwargs)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;

    if (!PyDict_Check(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    while (PyDict_Next(kwargs, &position, &key, &value)) {
        if (!PyUnicode_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return 0;
        }
    }
    return 1;
}

int
PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t min, Py_ssize_t max, ...)
{
    Py_ssize_t nargs;
    va_list va;

    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_SystemError,
                        "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    nargs = PyTuple_GET_SIZE(args);
    if (nargs < min || nargs > max) {
        bool few = nargs < min;
        const char *bound = min == max ? "" : few ? "at least " : "at most ";
        Py_ssize_t wanted = few ? min : max;
        if (name != NULL) {
            PyErr_Format(PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd",
                         name, bound, wanted, wanted == 1 ? "" : "s", nargs);
        }
        else {
            PyErr_Format(PyExc_TypeError,
                         "unpacked tuple should have %s%zd element%s, but has %zd",
                         bound, wanted, wanted == 1 ? "" : "s", nargs);
        }
        return 0;
    }
    va_start(va, max);
    for (Py_ssize_t i = 0; i < nargs; i++) {
        *va_arg(va, PyObject **) = PyTuple_GET_ITEM(args, i);
    }
    va_end(va);
    return 1;
}
