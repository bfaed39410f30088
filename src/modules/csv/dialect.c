// SPDX-License-Identifier: MIT
// dialect.c - csv.Dialect: the settings of a reader or writer, checked once.
//
// Invariants:  delimiter, quotechar and escapechar differ from each other (where they
//              are set), are no line breaks, and do not stand in the line terminator.
#include "modules/csv/csv.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Reading one setting -----------------------------------------------------------

static int
read_bool(PyObject *value, char fallback, char *out)
{
    *out = fallback;
    if (value != NULL) {
        int truth = PyObject_IsTrue(value);
        if (truth < 0) {
            return -1;
        }
        *out = (char)truth;
    }
    return 0;
}

static int
read_quoting(PyObject *value, int *out)
{
    *out = QUOTE_MINIMAL;
    if (value == NULL) {
        return 0;
    }
    if (!PyLong_CheckExact(value)) {
        PyErr_Format(PyExc_TypeError, "\"quoting\" must be an integer, not %T", value);
        return -1;
    }
    int quoting = PyLong_AsInt(value);
    if (quoting == -1 && PyErr_Occurred()) {
        return -1;
    }
    *out = quoting;
    return 0;
}

// A str of one character; where `expected` says so, None too (no character).
static int
read_char(const char *name, PyObject *value, bool none_allowed, Py_UCS4 fallback,
          Py_UCS4 *out)
{
    *out = fallback;
    if (value == NULL) {
        return 0;
    }
    if (none_allowed && value == Py_None) {
        *out = CSV_NO_CHAR;
        return 0;
    }
    const char *expected =
        none_allowed ? "a unicode character or None" : "a unicode character";
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "\"%s\" must be %s, not %T", name, expected, value);
        return -1;
    }
    if (PyUnicode_GET_LENGTH(value) != 1) {
        PyErr_Format(PyExc_TypeError, "\"%s\" must be %s, not a string of length %zd",
                     name, expected, PyUnicode_GET_LENGTH(value));
        return -1;
    }
    *out = PyUnicode_READ_CHAR(value, 0);
    return 0;
}

static int
read_terminator(PyObject *value, PyObject **out)
{
    if (value != NULL && !PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "\"lineterminator\" must be a string, not %T",
                     value);
        return -1;
    }
    *out = value != NULL ? Py_NewRef(value) : PyUnicode_FromString("\r\n");
    return *out == NULL ? -1 : 0;
}

// --- Checks across settings --------------------------------------------------------

static int
check_char(const CsvDialect *self, const char *name, Py_UCS4 c, bool space_allowed)
{
    if (c == '\r' || c == '\n' || (c == ' ' && !space_allowed)) {
        PyErr_Format(PyExc_ValueError, "bad %s value", name);
        return -1;
    }
    if (c == CSV_NO_CHAR) {
        return 0;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(self->lineterminator);
    if (PyUnicode_FindChar(self->lineterminator, c, 0, length, 1) >= 0) {
        PyErr_Format(PyExc_ValueError, "bad %s or lineterminator value", name);
        return -1;
    }
    return 0;
}

static int
check_pair(const char *first, const char *second, Py_UCS4 a, Py_UCS4 b)
{
    if (a == b && a != CSV_NO_CHAR) {
        PyErr_Format(PyExc_ValueError, "bad %s or %s value", first, second);
        return -1;
    }
    return 0;
}

static int
check_dialect(const CsvDialect *self)
{
    if (self->quoting < QUOTE_MINIMAL || self->quoting > QUOTE_NOTNULL) {
        PyErr_SetString(PyExc_TypeError, "bad \"quoting\" value");
        return -1;
    }
    if (self->quoting != QUOTE_NONE && self->quotechar == CSV_NO_CHAR) {
        PyErr_SetString(PyExc_TypeError, "quotechar must be set if quoting enabled");
        return -1;
    }
    bool space = !self->skipinitialspace;
    if (check_char(self, "delimiter", self->delimiter, true) < 0
        || check_char(self, "escapechar", self->escapechar, space) < 0
        || check_char(self, "quotechar", self->quotechar, space) < 0
        || check_pair("delimiter", "escapechar", self->delimiter, self->escapechar) < 0
        || check_pair("delimiter", "quotechar", self->delimiter, self->quotechar) < 0
        || check_pair("escapechar", "quotechar", self->escapechar, self->quotechar) < 0) {
        return -1;
    }
    return 0;
}

// --- Making one --------------------------------------------------------------------

enum {
    SET_DELIMITER,
    SET_DOUBLEQUOTE,
    SET_ESCAPECHAR,
    SET_TERMINATOR,
    SET_QUOTECHAR,
    SET_QUOTING,
    SET_SKIPSPACE,
    SET_STRICT,
    SET_COUNT,
};

static int
fill_dialect(CsvDialect *self, PyObject *const *set)
{
    if (read_char("delimiter", set[SET_DELIMITER], false, ',', &self->delimiter) < 0
        || read_bool(set[SET_DOUBLEQUOTE], 1, &self->doublequote) < 0
        || read_char("escapechar", set[SET_ESCAPECHAR], true, CSV_NO_CHAR,
                     &self->escapechar) < 0
        || read_terminator(set[SET_TERMINATOR], &self->lineterminator) < 0
        || read_char("quotechar", set[SET_QUOTECHAR], true, '"', &self->quotechar) < 0
        || read_quoting(set[SET_QUOTING], &self->quoting) < 0
        || read_bool(set[SET_SKIPSPACE], 0, &self->skipinitialspace) < 0
        || read_bool(set[SET_STRICT], 0, &self->strict) < 0) {
        return -1;
    }
    if (set[SET_QUOTECHAR] == Py_None && set[SET_QUOTING] == NULL) {
        self->quoting = QUOTE_NONE;
    }
    return check_dialect(self);
}

// Asks the base for what was not given. Attributes that it lacks keep their default.
static void
take_from_base(PyObject *base, PyObject **set)
{
    PyObject *const names[SET_COUNT] = {
        KR_ID(delimiter),      KR_ID(doublequote), KR_ID(escapechar),
        KR_ID(lineterminator), KR_ID(quotechar),   KR_ID(quoting),
        KR_ID(skipinitialspace), KR_ID(strict),
    };
    for (int i = 0; i < SET_COUNT; i++) {
        if (set[i] != NULL) {
            continue;
        }
        set[i] = PyObject_GetAttr(base, names[i]);
        if (set[i] == NULL) {
            PyErr_Clear();
        }
    }
}

// set[] holds owned references; this function consumes them.
static PyObject *
dialect_from_settings(CsvState *state, PyTypeObject *cls, PyObject *base, PyObject **set)
{
    CsvDialect *self = NULL;
    bool bare = true;
    for (int i = 0; i < SET_COUNT; i++) {
        bare = bare && set[i] == NULL;
    }
    if (base != NULL && PyUnicode_Check(base)) {
        base = kr_csv_get_dialect(state, base);
        if (base == NULL) {
            goto done;
        }
    }
    else {
        Py_XINCREF(base);
    }
    if (bare && base != NULL && PyObject_TypeCheck(base, state->types[CSV_DIALECT])) {
        return base;
    }
    if (base != NULL) {
        take_from_base(base, set);
    }
    self = (CsvDialect *)cls->tp_alloc(cls, 0);
    if (self != NULL && fill_dialect(self, set) < 0) {
        Py_CLEAR(self);
    }
    Py_XDECREF(base);

done:
    for (int i = 0; i < SET_COUNT; i++) {
        Py_XDECREF(set[i]);
    }
    return (PyObject *)self;
}

static PyObject *
dialect_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"dialect", "delimiter", "doublequote", "escapechar",
                            "lineterminator", "quotechar", "quoting",
                            "skipinitialspace", "strict", NULL};
    PyObject *module = PyType_GetModuleByDef(cls, &kr_csv_def);
    PyObject *base = NULL, *set[SET_COUNT] = {NULL};
    if (module == NULL
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOOOOOOO", names, &base, &set[0],
                                        &set[1], &set[2], &set[3], &set[4], &set[5],
                                        &set[6], &set[7])) {
        return NULL;
    }
    for (int i = 0; i < SET_COUNT; i++) {
        Py_XINCREF(set[i]);
    }
    return dialect_from_settings(kr_csv_state(module), cls, base, set);
}

CsvDialect *
kr_csv_make_dialect(CsvState *state, PyObject *base, PyObject *kwargs)
{
    PyObject *type = (PyObject *)state->types[CSV_DIALECT];
    if (base == NULL) {
        return (CsvDialect *)PyObject_VectorcallDict(type, NULL, 0, kwargs);
    }
    return (CsvDialect *)PyObject_VectorcallDict(type, &base, 1, kwargs);
}

// --- The type ----------------------------------------------------------------------

static PyObject *
char_or_none(Py_UCS4 c)
{
    return c == CSV_NO_CHAR ? Py_NewRef(Py_None) : PyUnicode_FromOrdinal((int)c);
}

static PyObject *
dialect_delimiter(PyObject *self, void *closure)
{
    return char_or_none(((CsvDialect *)self)->delimiter);
}

static PyObject *
dialect_escapechar(PyObject *self, void *closure)
{
    return char_or_none(((CsvDialect *)self)->escapechar);
}

static PyObject *
dialect_quotechar(PyObject *self, void *closure)
{
    return char_or_none(((CsvDialect *)self)->quotechar);
}

static PyObject *
dialect_lineterminator(PyObject *self, void *closure)
{
    return Py_XNewRef(((CsvDialect *)self)->lineterminator);
}

static PyObject *
dialect_quoting(PyObject *self, void *closure)
{
    return PyLong_FromLong(((CsvDialect *)self)->quoting);
}

static PyGetSetDef dialect_getset[] = {
    {"delimiter", dialect_delimiter},
    {"escapechar", dialect_escapechar},
    {"lineterminator", dialect_lineterminator},
    {"quotechar", dialect_quotechar},
    {"quoting", dialect_quoting},
    {NULL},
};

static PyMemberDef dialect_members[] = {
    {"skipinitialspace", Py_T_BOOL, offsetof(CsvDialect, skipinitialspace), Py_READONLY},
    {"doublequote", Py_T_BOOL, offsetof(CsvDialect, doublequote), Py_READONLY},
    {"strict", Py_T_BOOL, offsetof(CsvDialect, strict), Py_READONLY},
    {NULL},
};

static PyObject *
dialect_no_pickle(PyObject *self, PyObject *unused)
{
    PyErr_Format(PyExc_TypeError, "cannot pickle '%.100s' instances",
                 _PyType_Name(Py_TYPE(self)));
    return NULL;
}

static PyMethodDef dialect_methods[] = {
    {"__reduce__", dialect_no_pickle, METH_VARARGS,
     "raises an exception to avoid pickling"},
    {"__reduce_ex__", dialect_no_pickle, METH_VARARGS,
     "raises an exception to avoid pickling"},
    {NULL},
};

static int
dialect_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((CsvDialect *)op)->lineterminator);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static int
dialect_clear(PyObject *op)
{
    Py_CLEAR(((CsvDialect *)op)->lineterminator);
    return 0;
}

static void
dialect_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    dialect_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot dialect_slots[] = {
    {Py_tp_doc, "CSV dialect\n\n"
                "What a reader or writer takes for delimiter, quotes, escapes and line\n"
                "ends, checked once.\n"},
    {Py_tp_new, dialect_new},
    {Py_tp_members, dialect_members},
    {Py_tp_getset, dialect_getset},
    {Py_tp_methods, dialect_methods},
    {Py_tp_traverse, dialect_traverse},
    {Py_tp_clear, dialect_clear},
    {Py_tp_dealloc, dialect_dealloc},
    {0, NULL},
};

PyType_Spec kr_csv_dialect_spec = {
    .name = "_csv.Dialect",
    .basicsize = sizeof(CsvDialect),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = dialect_slots,
};
