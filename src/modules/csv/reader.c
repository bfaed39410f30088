// SPDX-License-Identifier: MIT
// reader.c - csv.reader: rows of fields out of lines of text.
//
// Design:      a state machine over characters, kept between lines because quoted
//              fields span them. A field that is one piece of its line (nearly all
//              are) is found by a scan and cut out at once; the machine does the rest.
// Invariants:  `field` collects the characters of a field the machine works on;
//              `row` is NULL except while a row is being read.
// Re-entrancy: fetching a line runs Python, which may use this reader: the row then
//              starts anew there, and NULL is looked for after each line.
#include "modules/csv/csv.h"

#include "objects/args.h"
#include "objects/ids.h"

typedef enum {
    START_RECORD,
    START_FIELD,
    ESCAPED_CHAR,
    IN_FIELD,
    IN_QUOTED_FIELD,
    ESCAPE_IN_QUOTED_FIELD,
    QUOTE_IN_QUOTED_FIELD,
    EAT_LINE_BREAK,
    AFTER_ESCAPED_BREAK,
} ReaderState;

#define END_OF_LINE ((Py_UCS4)-2)

typedef struct {
    PyObject_HEAD
    PyObject *lines;     // owned, an iterator
    CsvDialect *dialect; // owned
    PyObject *row;       // owned list
    Py_UCS4 *field;      // owned memory
    Py_ssize_t room;     // of field
    Py_ssize_t length;   // of field
    bool unquoted;       // the field began without a quote
    ReaderState state;
    unsigned long line_number;
    CsvState *module; // borrowed: the type keeps the module alive
} CsvReader;

// --- Fields ------------------------------------------------------------------------

static KR_COLD int
raise_too_long(CsvReader *self)
{
    PyErr_Format(self->module->error, "field larger than field limit (%zd)",
                 self->module->field_limit);
    return -1;
}

// Enters a field (consumed; NULL is an error) in the row, converted as the dialect says.
static int
add_field(CsvReader *self, PyObject *field)
{
    int quoting = self->dialect->quoting;
    if (field != NULL && self->unquoted && quoting != QUOTE_MINIMAL) {
        if ((quoting == QUOTE_NOTNULL || quoting == QUOTE_STRINGS)
            && PyUnicode_GET_LENGTH(field) == 0) {
            Py_SETREF(field, Py_NewRef(Py_None));
        }
        else if ((quoting == QUOTE_NONNUMERIC || quoting == QUOTE_STRINGS)
                 && PyUnicode_GET_LENGTH(field) != 0) {
            PyObject *number = PyNumber_Float(field);
            Py_SETREF(field, number);
        }
    }
    if (field == NULL) {
        return -1;
    }
    int status = PyList_Append(self->row, field);
    Py_DECREF(field);
    return status;
}

// Enters the collected characters in the row.
static int
save_field(CsvReader *self)
{
    PyObject *field =
        PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, self->field, self->length);
    self->length = 0;
    return add_field(self, field);
}

static KR_COLD int
grow_field(CsvReader *self)
{
    Py_ssize_t room = self->room == 0 ? 256 : self->room * 2;
    Py_UCS4 *field = PyMem_Realloc(self->field, (size_t)room * sizeof(Py_UCS4));
    if (field == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->field = field;
    self->room = room;
    return 0;
}

static inline int
add_char(CsvReader *self, Py_UCS4 c)
{
    if (KR_UNLIKELY(self->length >= self->module->field_limit)) {
        return raise_too_long(self);
    }
    if (KR_UNLIKELY(self->length == self->room) && grow_field(self) < 0) {
        return -1;
    }
    self->field[self->length++] = c;
    return 0;
}

// --- The state machine -------------------------------------------------------------

static inline bool
ends_line(Py_UCS4 c)
{
    return c == '\n' || c == '\r' || c == END_OF_LINE;
}

static int
end_field_at_break(CsvReader *self, Py_UCS4 c)
{
    self->state = c == END_OF_LINE ? START_RECORD : EAT_LINE_BREAK;
    return save_field(self);
}

static int
step_start_field(CsvReader *self, Py_UCS4 c)
{
    const CsvDialect *dialect = self->dialect;
    self->unquoted = true;
    self->state = START_FIELD;
    if (ends_line(c)) {
        return end_field_at_break(self, c);
    }
    if (c == dialect->quotechar && dialect->quoting != QUOTE_NONE) {
        self->unquoted = false;
        self->state = IN_QUOTED_FIELD;
        return 0;
    }
    if (c == dialect->escapechar) {
        self->state = ESCAPED_CHAR;
        return 0;
    }
    if (c == ' ' && dialect->skipinitialspace) {
        return 0;
    }
    if (c == dialect->delimiter) {
        return save_field(self);
    }
    self->state = IN_FIELD;
    return add_char(self, c);
}

static int
step_in_field(CsvReader *self, Py_UCS4 c)
{
    if (ends_line(c)) {
        return end_field_at_break(self, c);
    }
    if (c == self->dialect->escapechar) {
        self->state = ESCAPED_CHAR;
        return 0;
    }
    if (c == self->dialect->delimiter) {
        self->state = START_FIELD;
        return save_field(self);
    }
    return add_char(self, c);
}

static int
step_escaped(CsvReader *self, Py_UCS4 c)
{
    if (c == '\n' || c == '\r') {
        self->state = AFTER_ESCAPED_BREAK;
        return add_char(self, c);
    }
    self->state = IN_FIELD;
    return add_char(self, c == END_OF_LINE ? '\n' : c);
}

static int
step_in_quoted(CsvReader *self, Py_UCS4 c)
{
    const CsvDialect *dialect = self->dialect;
    if (c == END_OF_LINE) {
        return 0;
    }
    if (c == dialect->escapechar) {
        self->state = ESCAPE_IN_QUOTED_FIELD;
        return 0;
    }
    if (c == dialect->quotechar && dialect->quoting != QUOTE_NONE) {
        self->state = dialect->doublequote ? QUOTE_IN_QUOTED_FIELD : IN_FIELD;
        return 0;
    }
    return add_char(self, c);
}

// After a quote inside a quoted field: is it the end, or one of a pair?
static int
step_after_quote(CsvReader *self, Py_UCS4 c)
{
    const CsvDialect *dialect = self->dialect;
    if (c == dialect->quotechar && dialect->quoting != QUOTE_NONE) {
        self->state = IN_QUOTED_FIELD;
        return add_char(self, c);
    }
    if (c == dialect->delimiter) {
        self->state = START_FIELD;
        return save_field(self);
    }
    if (ends_line(c)) {
        return end_field_at_break(self, c);
    }
    if (!dialect->strict) {
        self->state = IN_FIELD;
        return add_char(self, c);
    }
    PyErr_Format(self->module->error, "'%c' expected after '%c'", (int)dialect->delimiter,
                 (int)dialect->quotechar);
    return -1;
}

static int
step_after_break(CsvReader *self, Py_UCS4 c)
{
    if (c == '\n' || c == '\r') {
        return 0;
    }
    if (c == END_OF_LINE) {
        self->state = START_RECORD;
        return 0;
    }
    PyErr_SetString(self->module->error,
                    "new-line character seen in unquoted field - "
                    "do you need to open the file with newline=''?");
    return -1;
}

static int
step_start_record(CsvReader *self, Py_UCS4 c)
{
    if (c == END_OF_LINE) {
        return 0;
    }
    if (c == '\n' || c == '\r') {
        self->state = EAT_LINE_BREAK;
        return 0;
    }
    return step_start_field(self, c);
}

static int
reader_step(CsvReader *self, Py_UCS4 c)
{
    switch (self->state) {
    case START_RECORD:
        return step_start_record(self, c);
    case START_FIELD:
        return step_start_field(self, c);
    case ESCAPED_CHAR:
        return step_escaped(self, c);
    case AFTER_ESCAPED_BREAK:
        if (c == END_OF_LINE) {
            return 0;
        }
        return step_in_field(self, c);
    case IN_FIELD:
        return step_in_field(self, c);
    case IN_QUOTED_FIELD:
        return step_in_quoted(self, c);
    case ESCAPE_IN_QUOTED_FIELD:
        self->state = IN_QUOTED_FIELD;
        return add_char(self, c == END_OF_LINE ? '\n' : c);
    case QUOTE_IN_QUOTED_FIELD:
        return step_after_quote(self, c);
    case EAT_LINE_BREAK:
        return step_after_break(self, c);
    }
    KR_UNREACHABLE();
}

// --- The fast way ------------------------------------------------------------------

// The first place from i on that ends or complicates an unquoted field.
static inline Py_ssize_t
scan_plain(int kind, const void *data, Py_ssize_t i, Py_ssize_t n, const CsvDialect *d)
{
    for (; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c == d->delimiter || c == '\n' || c == '\r' || c == d->escapechar) {
            break;
        }
    }
    return i;
}

// The same for the inside of a quoted field.
static inline Py_ssize_t
scan_quoted(int kind, const void *data, Py_ssize_t i, Py_ssize_t n, const CsvDialect *d)
{
    for (; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c == d->quotechar || c == d->escapechar) {
            break;
        }
    }
    return i;
}

// Tries to read the field that starts at *place as one piece of the line, and the
// delimiter behind it. 1 done, 0 the machine has to do it, -1 error.
static inline int
fast_field(CsvReader *self, int kind, PyObject *line, const void *data, Py_ssize_t n,
           Py_ssize_t *place)
{
    const CsvDialect *dialect = self->dialect;
    Py_ssize_t start = *place, end, next;
    Py_UCS4 first = PyUnicode_READ(kind, data, start);
    bool quoted = first == dialect->quotechar && dialect->quoting != QUOTE_NONE;
    if (quoted) {
        start++;
        end = scan_quoted(kind, data, start, n, dialect);
        if (end == n || PyUnicode_READ(kind, data, end) != dialect->quotechar) {
            return 0;
        }
        next = end + 1;
    }
    else {
        if (first == ' ' && dialect->skipinitialspace) {
            return 0;
        }
        next = end = scan_plain(kind, data, start, n, dialect);
    }
    if (end - start > self->module->field_limit) {
        return raise_too_long(self);
    }
    // What follows has to be a delimiter, or a line break to leave to the machine.
    Py_UCS4 after = next < n ? PyUnicode_READ(kind, data, next) : END_OF_LINE;
    if (after != dialect->delimiter && !ends_line(after)) {
        return 0;
    }
    self->unquoted = !quoted;
    if (add_field(self, PyUnicode_Substring(line, start, end)) < 0) {
        return -1;
    }
    if (after == dialect->delimiter) {
        self->state = START_FIELD;
        *place = next + 1;
    }
    else {
        self->state = EAT_LINE_BREAK;
        *place = next;
    }
    return 1;
}

static inline int
read_line_of_kind(CsvReader *self, int kind, PyObject *line)
{
    const void *data = PyUnicode_DATA(line);
    Py_ssize_t n = PyUnicode_GET_LENGTH(line), i = 0;
    while (i < n) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (self->state == START_FIELD || (self->state == START_RECORD && !ends_line(c))) {
            int done = fast_field(self, kind, line, data, n, &i);
            if (done < 0) {
                return -1;
            }
            if (done > 0) {
                continue;
            }
        }
        if (reader_step(self, c) < 0) {
            return -1;
        }
        i++;
    }
    return reader_step(self, END_OF_LINE);
}

static int
read_line(CsvReader *self, PyObject *line)
{
    switch (PyUnicode_KIND(line)) {
    case PyUnicode_1BYTE_KIND:
        return read_line_of_kind(self, PyUnicode_1BYTE_KIND, line);
    case PyUnicode_2BYTE_KIND:
        return read_line_of_kind(self, PyUnicode_2BYTE_KIND, line);
    default:
        return read_line_of_kind(self, PyUnicode_4BYTE_KIND, line);
    }
}

// --- The type ----------------------------------------------------------------------

static int
start_row(CsvReader *self)
{
    PyObject *row = PyList_New(0);
    if (row == NULL) {
        return -1;
    }
    Py_XSETREF(self->row, row);
    self->length = 0;
    self->state = START_RECORD;
    self->unquoted = false;
    return 0;
}

// The lines are used up within a record. 0 the row stands, -1 error or no row.
static int
end_of_lines(CsvReader *self)
{
    if (PyErr_Occurred() || (self->length == 0 && self->state != IN_QUOTED_FIELD)) {
        return -1;
    }
    if (self->dialect->strict) {
        PyErr_SetString(self->module->error, "unexpected end of data");
        return -1;
    }
    return save_field(self);
}

static PyObject *
csvreader_next(PyObject *op)
{
    CsvReader *self = (CsvReader *)op;
    if (start_row(self) < 0) {
        return NULL;
    }
    do {
        PyObject *line = PyIter_Next(self->lines); // may run Python
        if (self->row == NULL && (line != NULL || !PyErr_Occurred())) {
            PyErr_SetString(self->module->error,
                            "iterator has already advanced the reader");
            Py_XDECREF(line);
            return NULL;
        }
        if (line == NULL) {
            if (self->row == NULL || end_of_lines(self) < 0) {
                return NULL;
            }
            break;
        }
        if (!PyUnicode_Check(line)) {
            PyErr_Format(self->module->error,
                         "iterator should return strings, not %.200s "
                         "(the file should be opened in text mode)",
                         Py_TYPE(line)->tp_name);
            Py_DECREF(line);
            return NULL;
        }
        self->line_number++;
        int status = read_line(self, line);
        Py_DECREF(line);
        if (status < 0) {
            return NULL;
        }
    } while (self->state != START_RECORD);
    return KR_MOVE(self->row);
}

static int
csvreader_traverse(PyObject *op, visitproc visit, void *arg)
{
    CsvReader *self = (CsvReader *)op;
    Py_VISIT(self->lines);
    Py_VISIT(self->dialect);
    Py_VISIT(self->row);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static int
csvreader_clear(PyObject *op)
{
    CsvReader *self = (CsvReader *)op;
    Py_CLEAR(self->lines);
    Py_CLEAR(self->dialect);
    Py_CLEAR(self->row);
    return 0;
}

static void
csvreader_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    csvreader_clear(op);
    PyMem_Free(((CsvReader *)op)->field);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMemberDef csvreader_members[] = {
    {"dialect", Py_T_OBJECT_EX, offsetof(CsvReader, dialect), Py_READONLY},
    {"line_num", Py_T_ULONG, offsetof(CsvReader, line_number), Py_READONLY},
    {NULL},
};

static PyType_Slot csvreader_slots[] = {
    {Py_tp_doc, "CSV reader\n\n"
                "Reader objects are responsible for reading and parsing tabular data\n"
                "in CSV format.\n"},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, csvreader_next},
    {Py_tp_members, csvreader_members},
    {Py_tp_traverse, csvreader_traverse},
    {Py_tp_clear, csvreader_clear},
    {Py_tp_dealloc, csvreader_dealloc},
    {0, NULL},
};

PyType_Spec kr_csv_reader_spec = {
    .name = "_csv.reader",
    .basicsize = sizeof(CsvReader),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = csvreader_slots,
};

PyObject *
kr_csv_reader_new(CsvState *state, PyObject *iterable, PyObject *dialect,
                  PyObject *kwargs)
{
    PyTypeObject *type = state->types[CSV_READER];
    CsvReader *self = (CsvReader *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->module = state;
    self->lines = PyObject_GetIter(iterable);
    if (self->lines != NULL) {
        self->dialect = kr_csv_make_dialect(state, dialect, kwargs);
    }
    if (self->dialect == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}
