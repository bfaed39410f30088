// SPDX-License-Identifier: MIT
// row.c - sqlite3.Row: a tuple whose items can be had by column name too.
#include "ext/sqlite/sqlite.h"

#include "objects/args.h"

KR_NEW(sqlite_row, "Row(cursor, data, /)", "")
static PyObject *
sqlite_row_new_impl(PyTypeObject *cls, PyObject *cursor, PyObject *data)
{
    SqliteState *state = kr_sqlite_state(cls);

    if (state == NULL) {
        return NULL;
    }
    if (!PyObject_TypeCheck(cursor, state->cursor_type)) {
        kr_arg_bad("Row", "argument 1", "sqlite3.Cursor", cursor);
        return NULL;
    }
    if (!PyTuple_Check(data)) {
        kr_arg_bad("Row", "argument 2", "tuple", data);
        return NULL;
    }
    SqliteRow *self = (SqliteRow *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->data = Py_NewRef(data);
        self->description = Py_NewRef(((SqliteCursor *)cursor)->description);
    }
    return (PyObject *)self;
}

static int
row_traverse(SqliteRow *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->data);
    Py_VISIT(self->description);
    return 0;
}

static int
row_clear(SqliteRow *self)
{
    Py_CLEAR(self->data);
    Py_CLEAR(self->description);
    return 0;
}

static void
row_dealloc(SqliteRow *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    row_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
row_item(SqliteRow *self, Py_ssize_t i)
{
    PyObject *item = PyTuple_GetItem(self->data, i);
    return Py_XNewRef(item);
}

// Equal, or equal but for the case of ASCII letters. 1, 0 or -1.
static int
same_name(PyObject *a, PyObject *b)
{
    int equal = PyObject_RichCompareBool(a, b, Py_EQ);

    if (equal != 0 || !PyUnicode_Check(a) || !PyUnicode_IS_ASCII(a) ||
        !PyUnicode_IS_ASCII(b) || PyUnicode_GET_LENGTH(a) != PyUnicode_GET_LENGTH(b)) {
        return equal;
    }
    return PyOS_strnicmp((const char *)PyUnicode_1BYTE_DATA(a),
                         (const char *)PyUnicode_1BYTE_DATA(b),
                         PyUnicode_GET_LENGTH(a)) == 0;
}

static PyObject *
row_by_name(SqliteRow *self, PyObject *name)
{
    if (self->description == Py_None) {
        PyErr_Format(PyExc_IndexError, "No item with key %R", name);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self->description); i++) {
        PyObject *column = PyTuple_GetItem(PyTuple_GET_ITEM(self->description, i), 0);
        int same = column == NULL ? -1 : same_name(name, column);
        if (same < 0) {
            return NULL;
        }
        if (same) {
            return row_item(self, i);
        }
    }
    PyErr_SetString(PyExc_IndexError, "No item with that key");
    return NULL;
}

static PyObject *
row_subscript(SqliteRow *self, PyObject *key)
{
    if (PyLong_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return row_item(self, i < 0 ? i + PyTuple_GET_SIZE(self->data) : i);
    }
    if (PyUnicode_Check(key)) {
        return row_by_name(self, key);
    }
    if (PySlice_Check(key)) {
        return PyObject_GetItem(self->data, key);
    }
    PyErr_SetString(PyExc_IndexError, "Index must be int or string");
    return NULL;
}

static Py_ssize_t
row_length(SqliteRow *self)
{
    return PyTuple_GET_SIZE(self->data);
}

KR_METHOD(sqlite_row, "keys(self, /)", "Returns the keys of the row.")
static PyObject *
row_keys(SqliteRow *self)
{
    PyObject *list = PyList_New(0);
    Py_ssize_t count = self->description == Py_None ? 0
                                                    : PyTuple_GET_SIZE(self->description);

    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyObject *column = PyTuple_GetItem(PyTuple_GET_ITEM(self->description, i), 0);
        if (column == NULL || PyList_Append(list, column) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *
row_iter(SqliteRow *self)
{
    return PyObject_GetIter(self->data);
}

static Py_hash_t
row_hash(SqliteRow *self)
{
    Py_hash_t a = PyObject_Hash(self->description);
    Py_hash_t b = a == -1 ? -1 : PyObject_Hash(self->data);

    return b == -1 ? -1 : (a ^ b) == -1 ? -2 : a ^ b;
}

static PyObject *
row_compare(SqliteRow *self, PyObject *other, int op)
{
    SqliteState *state = kr_sqlite_state(Py_TYPE(self));

    if (state == NULL) {
        return NULL;
    }
    if ((op != Py_EQ && op != Py_NE) || !PyObject_TypeCheck(other, state->row_type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int same = PyObject_RichCompareBool(self->description,
                                        ((SqliteRow *)other)->description, Py_EQ);
    if (same < 0) {
        return NULL;
    }
    if (!same) {
        return PyBool_FromLong(op == Py_NE);
    }
    return PyObject_RichCompare(self->data, ((SqliteRow *)other)->data, op);
}

KR_TYPE(sqlite_row)
#include "ext/sqlite/row.methods.h"

PyTypeObject *
kr_row_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_new, sqlite_row_new},
        {Py_tp_dealloc, row_dealloc},
        {Py_tp_traverse, row_traverse},
        {Py_tp_clear, row_clear},
        {Py_tp_hash, row_hash},
        {Py_tp_iter, row_iter},
        {Py_tp_richcompare, row_compare},
        {Py_tp_methods, sqlite_row_methods},
        {Py_mp_length, row_length},
        {Py_mp_subscript, row_subscript},
        {Py_sq_length, row_length},
        {Py_sq_item, row_item},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "sqlite3.Row",
        .basicsize = sizeof(SqliteRow),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
                 Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
