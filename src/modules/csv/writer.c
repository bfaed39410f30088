// SPDX-License-Identifier: MIT
// writer.c - csv.writer: rows of fields into lines of text, given to a write().
//
// Design:      a field is looked through once; what needs neither doubled quotes nor
//              escapes inside is copied in one piece.
// Re-entrancy: iterating a row and str() of a field run Python; the line being built
//              belongs to the call, not to the writer.
#include "modules/csv/csv.h"

#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    PyObject_HEAD
    PyObject *write;     // owned, the write() of the file
    CsvDialect *dialect; // owned
    CsvState *module;    // borrowed: the type keeps the module alive
    Py_UCS4 top;         // no character above it has a meaning
} CsvWriter;

// A line being built.
typedef struct {
    CsvWriter *self;
    PyUnicodeWriter *text;
    Py_ssize_t fields;
    bool empty; // nothing written yet
} Record;

// --- What a field needs ------------------------------------------------------------

static Py_UCS4
highest_special(const CsvDialect *d)
{
    Py_UCS4 top = d->delimiter > '\r' ? d->delimiter : '\r';
    if (d->quotechar != CSV_NO_CHAR && d->quotechar > top) {
        top = d->quotechar;
    }
    if (d->escapechar != CSV_NO_CHAR && d->escapechar > top) {
        top = d->escapechar;
    }
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(d->lineterminator); i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(d->lineterminator, i);
        top = c > top ? c : top;
    }
    return top;
}

static bool
is_special(const CsvDialect *d, Py_UCS4 c)
{
    if (c == d->delimiter || c == d->escapechar || c == d->quotechar || c == '\n'
        || c == '\r') {
        return true;
    }
    PyObject *end = d->lineterminator;
    return PyUnicode_FindChar(end, c, 0, PyUnicode_GET_LENGTH(end), 1) >= 0;
}

// The character to write before the special character c, or CSV_NO_CHAR where quotes
// around the field do (*quoted is set then). *escape says that it is an escape.
static Py_UCS4
prefix_for(const CsvDialect *d, Py_UCS4 c, bool *quoted, bool *escape)
{
    *escape = true;
    if (d->quoting == QUOTE_NONE) {
        return d->escapechar;
    }
    if (c == d->quotechar) {
        if (!d->doublequote) {
            return d->escapechar;
        }
        *escape = false;
        *quoted = true;
        return c;
    }
    if (c == d->escapechar) {
        return c;
    }
    *escape = false;
    *quoted = true;
    return CSV_NO_CHAR;
}

// Whether something has to be written inside the field; 1, 0, or -1 with Error set.
static inline int
scan_of_kind(const CsvWriter *self, int kind, const void *data, Py_ssize_t n,
             bool *quoted)
{
    int inside = 0;
    bool escape;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (KR_LIKELY(c > self->top) || !is_special(self->dialect, c)) {
            continue;
        }
        Py_UCS4 prefix = prefix_for(self->dialect, c, quoted, &escape);
        if (prefix == CSV_NO_CHAR && escape) {
            PyErr_SetString(self->module->error,
                            "need to escape, but no escapechar set");
            return -1;
        }
        inside |= prefix != CSV_NO_CHAR;
    }
    return inside;
}

static int
scan_field(const CsvWriter *self, PyObject *field, bool *quoted)
{
    const void *data = PyUnicode_DATA(field);
    Py_ssize_t n = PyUnicode_GET_LENGTH(field);
    switch (PyUnicode_KIND(field)) {
    case PyUnicode_1BYTE_KIND:
        return scan_of_kind(self, PyUnicode_1BYTE_KIND, data, n, quoted);
    case PyUnicode_2BYTE_KIND:
        return scan_of_kind(self, PyUnicode_2BYTE_KIND, data, n, quoted);
    default:
        return scan_of_kind(self, PyUnicode_4BYTE_KIND, data, n, quoted);
    }
}

// --- Writing a field ---------------------------------------------------------------

// Writes the field with what it needs inside.
static int
write_escaped(Record *record, PyObject *field)
{
    const CsvWriter *self = record->self;
    Py_ssize_t n = PyUnicode_GET_LENGTH(field), from = 0;
    bool quoted, escape;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(field, i);
        if (c > self->top || !is_special(self->dialect, c)) {
            continue;
        }
        Py_UCS4 prefix = prefix_for(self->dialect, c, &quoted, &escape);
        if (prefix == CSV_NO_CHAR) {
            continue;
        }
        if (PyUnicodeWriter_WriteSubstring(record->text, field, from, i) < 0
            || PyUnicodeWriter_WriteChar(record->text, prefix) < 0) {
            return -1;
        }
        from = i;
    }
    return PyUnicodeWriter_WriteSubstring(record->text, field, from, n);
}

// Whether an absent value has to stay without quotes.
static bool
stays_bare(const CsvDialect *d, bool null)
{
    return d->quoting == QUOTE_NONE
           || (null && (d->quoting == QUOTE_STRINGS || d->quoting == QUOTE_NOTNULL));
}

// Writes a str, or nothing for NULL, as the next field. `null`: the value is None.
static int
write_field(Record *record, PyObject *field, bool quoted, bool null)
{
    const CsvDialect *d = record->self->dialect;
    Py_ssize_t length = field == NULL ? 0 : PyUnicode_GET_LENGTH(field);
    int inside = 0;
    if (length == 0 && d->delimiter == ' ' && d->skipinitialspace) {
        if (stays_bare(d, null)) {
            PyErr_SetString(record->self->module->error,
                            "empty field must be quoted if delimiter is a space "
                            "and skipinitialspace is true");
            return -1;
        }
        quoted = true;
    }
    if (length > 0) {
        inside = scan_field(record->self, field, &quoted);
        if (inside < 0) {
            return -1;
        }
    }
    if ((record->fields > 0 && PyUnicodeWriter_WriteChar(record->text, d->delimiter) < 0)
        || (quoted && PyUnicodeWriter_WriteChar(record->text, d->quotechar) < 0)) {
        return -1;
    }
    if (length > 0
        && (inside ? write_escaped(record, field)
                   : PyUnicodeWriter_WriteStr(record->text, field))
               < 0) {
        return -1;
    }
    if (quoted && PyUnicodeWriter_WriteChar(record->text, d->quotechar) < 0) {
        return -1;
    }
    record->empty = record->empty && record->fields == 0 && length == 0 && !quoted;
    record->fields++;
    return 0;
}

static int
write_value(Record *record, PyObject *value)
{
    bool quoted = false;
    switch ((CsvQuoting)record->self->dialect->quoting) {
    case QUOTE_NONNUMERIC:
        quoted = !PyNumber_Check(value);
        break;
    case QUOTE_ALL:
        quoted = true;
        break;
    case QUOTE_STRINGS:
        quoted = PyUnicode_Check(value);
        break;
    case QUOTE_NOTNULL:
        quoted = value != Py_None;
        break;
    case QUOTE_MINIMAL:
    case QUOTE_NONE:
        break;
    }
    if (PyUnicode_Check(value)) {
        return write_field(record, value, quoted, false);
    }
    if (value == Py_None) {
        return write_field(record, NULL, quoted, true);
    }
    PyObject *text = PyObject_Str(value); // may run Python
    int status = text == NULL ? -1 : write_field(record, text, quoted, false);
    Py_XDECREF(text);
    return status;
}

// --- Writing a row -----------------------------------------------------------------

// A record of one empty field has to show that there is a field.
static int
quote_single_field(Record *record, bool null)
{
    if (stays_bare(record->self->dialect, null)) {
        PyErr_SetString(record->self->module->error,
                        "single empty field record must be quoted");
        return -1;
    }
    record->fields = 0;
    return write_field(record, NULL, true, null);
}

static int
write_values(Record *record, PyObject *iterator)
{
    PyObject *value;
    bool null = false;
    int more;
    while ((more = PyIter_NextItem(iterator, &value)) > 0) {
        null = value == Py_None;
        int status = write_value(record, value);
        Py_DECREF(value);
        if (status < 0) {
            return -1;
        }
    }
    if (more == 0 && record->fields > 0 && record->empty) {
        return quote_single_field(record, null);
    }
    return more;
}

// Gives the line of a row to write(); its result, or NULL.
static PyObject *
write_row(CsvWriter *self, PyObject *row)
{
    PyObject *line = NULL, *iterator = PyObject_GetIter(row);
    if (iterator == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(self->module->error, "iterable expected, not %.200s",
                         Py_TYPE(row)->tp_name);
        }
        return NULL;
    }
    Record record = {.self = self, .text = PyUnicodeWriter_Create(0), .empty = true};
    if (record.text == NULL) {
        Py_DECREF(iterator);
        return NULL;
    }
    if (write_values(&record, iterator) < 0
        || PyUnicodeWriter_WriteStr(record.text, self->dialect->lineterminator) < 0) {
        PyUnicodeWriter_Discard(record.text);
    }
    else {
        line = PyUnicodeWriter_Finish(record.text);
    }
    Py_DECREF(iterator);
    if (line == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(self->write, line);
    Py_DECREF(line);
    return result;
}

KR_METHOD_RAW(csvwriter, "writerow($self, row, /)", METH_O,
              "Construct and write a CSV record from an iterable of fields.\n\n"
              "Fields that are no strings are converted by str().")
static PyObject *
csvwriter_writerow(PyObject *self, PyObject *row)
{
    return write_row((CsvWriter *)self, row);
}

KR_METHOD_RAW(csvwriter, "writerows($self, rows, /)", METH_O,
              "Construct and write a CSV record from each iterable of fields.\n\n"
              "Fields that are no strings are converted by str().")
static PyObject *
csvwriter_writerows(PyObject *self, PyObject *rows)
{
    PyObject *row, *iterator = PyObject_GetIter(rows);
    if (iterator == NULL) {
        return NULL;
    }
    int more;
    while ((more = PyIter_NextItem(iterator, &row)) > 0) {
        PyObject *result = write_row((CsvWriter *)self, row);
        Py_DECREF(row);
        if (result == NULL) {
            more = -1;
            break;
        }
        Py_DECREF(result);
    }
    Py_DECREF(iterator);
    return more < 0 ? NULL : Py_NewRef(Py_None);
}

KR_TYPE(csvwriter)
#include "modules/csv/writer.methods.h"

// --- The type ----------------------------------------------------------------------

static int
csvwriter_traverse(PyObject *op, visitproc visit, void *arg)
{
    CsvWriter *self = (CsvWriter *)op;
    Py_VISIT(self->write);
    Py_VISIT(self->dialect);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static int
csvwriter_clear(PyObject *op)
{
    CsvWriter *self = (CsvWriter *)op;
    Py_CLEAR(self->write);
    Py_CLEAR(self->dialect);
    return 0;
}

static void
csvwriter_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    csvwriter_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMemberDef csvwriter_members[] = {
    {"dialect", Py_T_OBJECT_EX, offsetof(CsvWriter, dialect), Py_READONLY},
    {NULL},
};

static PyType_Slot csvwriter_slots[] = {
    {Py_tp_doc, "CSV writer\n\n"
                "Writer objects are responsible for generating tabular data\n"
                "in CSV format from sequence input.\n"},
    {Py_tp_members, csvwriter_members},
    {Py_tp_methods, csvwriter_methods},
    {Py_tp_traverse, csvwriter_traverse},
    {Py_tp_clear, csvwriter_clear},
    {Py_tp_dealloc, csvwriter_dealloc},
    {0, NULL},
};

PyType_Spec kr_csv_writer_spec = {
    .name = "_csv.writer",
    .basicsize = sizeof(CsvWriter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = csvwriter_slots,
};

PyObject *
kr_csv_writer_new(CsvState *state, PyObject *file, PyObject *dialect, PyObject *kwargs)
{
    PyTypeObject *type = state->types[CSV_WRITER];
    CsvWriter *self = (CsvWriter *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->module = state;
    self->dialect = kr_csv_make_dialect(state, dialect, kwargs);
    if (self->dialect == NULL
        || PyObject_GetOptionalAttr(file, KR_ID(write), &self->write) < 0) {
        goto fail;
    }
    if (self->write == NULL || !PyCallable_Check(self->write)) {
        PyErr_SetString(PyExc_TypeError, "argument 1 must have a \"write\" method");
        goto fail;
    }
    self->top = highest_special(self->dialect);
    return (PyObject *)self;

fail:
    Py_DECREF(self);
    return NULL;
}
