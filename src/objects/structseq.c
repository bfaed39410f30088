// SPDX-License-Identifier: MIT
// structseq.c - tuples with named fields made from C: os.stat_result and its kind.
//
// Callers:     native modules and extensions.
// Invariants:  an object has n_fields items; the first n_sequence_fields are what the
//              tuple shows (ob_size), the others are reached by name only.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/object.h"
#include "objects/type.h"

const char *const PyStructSequence_UnnamedField = "unnamed field";

static inline PyObject **
structseq_items(PyObject *self)
{
    return ((PyTupleObject *)self)->ob_item;
}

// One of the counts in the class's dict. -1 with an exception on error.
static Py_ssize_t
structseq_count(PyTypeObject *type, PyObject *name)
{
    PyObject *value = PyDict_GetItemWithError(type->tp_dict, name);

    if (value == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError,
                         "Missed attribute '%U' of type %s", name, type->tp_name);
        }
        return -1;
    }
    return PyLong_AsSsize_t(value);
}

// The structseq class itself; a subclass has no counts of its own.
static Py_ssize_t
structseq_fields(PyTypeObject *type)
{
    return structseq_count(type, KR_ID(n_fields));
}

PyObject *
PyStructSequence_New(PyTypeObject *type)
{
    Py_ssize_t n = structseq_fields(type);
    Py_ssize_t visible = n < 0 ? -1 : structseq_count(type, KR_ID(n_sequence_fields));
    PyTupleObject *self;

    if (visible < 0) {
        return NULL;
    }
    self = PyObject_GC_NewVar(PyTupleObject, type, n);
    if (self == NULL) {
        return NULL;
    }
    Py_SET_SIZE(self, visible);
    self->ob_hash = -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        self->ob_item[i] = NULL;
    }
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

void
PyStructSequence_SetItem(PyObject *self, Py_ssize_t i, PyObject *value)
{
    structseq_items(self)[i] = value;
}

PyObject *
PyStructSequence_GetItem(PyObject *self, Py_ssize_t i)
{
    return structseq_items(self)[i];
}

// The number of items without looking at a dict that may be gone already: the
// allocation's size says it, kept in the class as tp_itemsize does not.
static Py_ssize_t
structseq_real_size(PyObject *self)
{
    PyMemberDef *member = Py_TYPE(self)->tp_members;
    Py_ssize_t n = Py_SIZE(self);

    // Hidden fields always have names, so the highest member tells.
    for (; member != NULL && member->name != NULL; member++) {
        Py_ssize_t place = (member->offset - (Py_ssize_t)offsetof(PyTupleObject, ob_item)) /
                           (Py_ssize_t)sizeof(PyObject *);
        if (place >= n) {
            n = place + 1;
        }
    }
    return n;
}

static int
structseq_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_ssize_t n = structseq_real_size(self);

    if (kr_type_is_heap(Py_TYPE(self))) {
        Py_VISIT((PyObject *)Py_TYPE(self));
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_VISIT(structseq_items(self)[i]);
    }
    return 0;
}

static void
structseq_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t n = structseq_real_size(self);

    PyObject_GC_UnTrack(self);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_XDECREF(structseq_items(self)[i]);
    }
    PyObject_GC_Del(self);
    if (kr_type_is_heap(type)) {
        Py_DECREF(type);
    }
}

// ---------------------------------------------------------------------- creation

// Copies hidden fields from a dict; all of its keys have to be used.
static int
structseq_fill_hidden(PyObject *self, PyObject *dict, Py_ssize_t from, Py_ssize_t n,
                      Py_ssize_t visible, Py_ssize_t unnamed)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t used = 0;

    for (Py_ssize_t i = from; i < n; i++) {
        const char *name = type->tp_members[i - unnamed].name;
        PyObject *value = NULL;
        if (dict != NULL && PyDict_GetItemStringRef(dict, name, &value) < 0) {
            return -1;
        }
        if (value == NULL) {
            value = Py_NewRef(Py_None);
        }
        else {
            used++;
        }
        structseq_items(self)[i] = value;
    }
    if (dict != NULL && PyDict_GET_SIZE(dict) > used) {
        PyErr_Format(PyExc_TypeError,
                     "%.500s() got duplicate or unexpected field name(s)",
                     type->tp_name);
        return -1;
    }
    return 0;
}

static PyObject *
structseq_build(PyTypeObject *type, PyObject *sequence, PyObject *dict)
{
    Py_ssize_t length = PySequence_Fast_GET_SIZE(sequence);
    Py_ssize_t visible = structseq_count(type, KR_ID(n_sequence_fields));
    Py_ssize_t n = structseq_fields(type);
    Py_ssize_t unnamed = structseq_count(type, KR_ID(n_unnamed_fields));
    PyObject *self;

    if (visible < 0 || n < 0 || unnamed < 0) {
        return NULL;
    }
    if (visible != n && (length < visible || length > n)) {
        PyErr_Format(PyExc_TypeError,
                     "%.500s() takes an at %s %zd-sequence (%zd-sequence given)",
                     type->tp_name, length < visible ? "least" : "most",
                     length < visible ? visible : n, length);
        return NULL;
    }
    if (visible == n && length != visible) {
        PyErr_Format(PyExc_TypeError,
                     "%.500s() takes a %zd-sequence (%zd-sequence given)", type->tp_name,
                     visible, length);
        return NULL;
    }
    self = PyStructSequence_New(type);
    if (self == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        structseq_items(self)[i] = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
    }
    if (structseq_fill_hidden(self, dict, length, n, visible, unnamed) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

KR_NEW(structseq, "structseq(sequence, dict=<missing>)", "Make a named tuple.")
static PyObject *
structseq_new_impl(PyTypeObject *type, PyObject *sequence, PyObject *dict)
{
    PyObject *fast, *result;

    fast = PySequence_Fast(sequence, "constructor requires a sequence");
    if (fast == NULL) {
        return NULL;
    }
    if (dict != NULL && !PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%.500s() takes a dict as second arg, if any",
                     type->tp_name);
        Py_DECREF(fast);
        return NULL;
    }
    result = structseq_build(type, fast, dict);
    Py_DECREF(fast);
    return result;
}

// ------------------------------------------------------------------------ methods

static PyObject *
structseq_repr(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *parts = PyList_New(0), *separator, *joined = NULL, *result = NULL;

    separator = PyUnicode_FromString(", ");
    if (parts == NULL || separator == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyObject *value = structseq_items(self)[i], *text;
        text = PyUnicode_FromFormat("%s=%R", type->tp_members[i].name, value);
        if (text == NULL || PyList_Append(parts, text) < 0) {
            Py_XDECREF(text);
            goto done;
        }
        Py_DECREF(text);
    }
    joined = PyUnicode_Join(separator, parts);
    if (joined != NULL) {
        result = PyUnicode_FromFormat("%s(%U)", type->tp_name, joined);
        Py_DECREF(joined);
    }

done:
    Py_XDECREF(parts);
    Py_XDECREF(separator);
    return result;
}

// The hidden fields as a new dict.
static PyObject *
structseq_hidden(PyObject *self, Py_ssize_t n, Py_ssize_t unnamed)
{
    PyObject *dict = PyDict_New();

    for (Py_ssize_t i = Py_SIZE(self); dict != NULL && i < n; i++) {
        const char *name = Py_TYPE(self)->tp_members[i - unnamed].name;
        if (PyDict_SetItemString(dict, name, structseq_items(self)[i]) < 0) {
            Py_CLEAR(dict);
        }
    }
    return dict;
}

KR_METHOD_RAW(structseq, "__reduce__", METH_NOARGS, "")
static PyObject *
structseq_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t n = structseq_fields(type);
    Py_ssize_t unnamed = structseq_count(type, KR_ID(n_unnamed_fields));
    PyObject *tuple = NULL, *dict = NULL, *result = NULL;

    if (n < 0 || unnamed < 0) {
        return NULL;
    }
    tuple = PyTuple_New(Py_SIZE(self));
    if (tuple == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(structseq_items(self)[i]));
    }
    dict = structseq_hidden(self, n, unnamed);
    if (dict != NULL) {
        result = Py_BuildValue("(O(OO))", type, tuple, dict);
    }
    Py_DECREF(tuple);
    Py_XDECREF(dict);
    return result;
}

KR_METHOD_RAW(structseq, "__replace__", METH_VARARGS | METH_KEYWORDS,
              "__replace__($self, /, **changes)\n--\n\nMake a copy with some fields "
              "changed.")
static PyObject *
structseq_replace(PyObject *self, PyObject *args, PyObject *kwds)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_ssize_t n = structseq_fields(type);
    Py_ssize_t unnamed = structseq_count(type, KR_ID(n_unnamed_fields));
    PyObject *result = NULL, *left = NULL, *names;

    if (n < 0 || unnamed < 0) {
        return NULL;
    }
    if (PyTuple_GET_SIZE(args) != 0) {
        PyErr_SetString(PyExc_TypeError,
                        "__replace__() takes no positional arguments");
        return NULL;
    }
    if (unnamed > 0) {
        PyErr_Format(PyExc_TypeError,
                     "__replace__() is not supported for %.500s because it has unnamed "
                     "field(s)",
                     type->tp_name);
        return NULL;
    }
    left = kwds == NULL ? PyDict_New() : PyDict_Copy(kwds);
    result = PyStructSequence_New(type);
    if (left == NULL || result == NULL) {
        goto error;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = PyUnicode_FromString(type->tp_members[i].name), *value = NULL;
        int found = key == NULL ? -1 : PyDict_Pop(left, key, &value);
        Py_XDECREF(key);
        if (found < 0) {
            goto error;
        }
        structseq_items(result)[i] =
            value != NULL ? value : Py_NewRef(structseq_items(self)[i]);
    }
    if (PyDict_GET_SIZE(left) > 0) {
        names = PyDict_Keys(left);
        if (names != NULL) {
            PyErr_Format(PyExc_TypeError, "Got unexpected field name(s): %R", names);
            Py_DECREF(names);
        }
        goto error;
    }
    Py_DECREF(left);
    return result;

error:
    Py_XDECREF(left);
    Py_XDECREF(result);
    return NULL;
}

KR_TYPE(structseq)
#include "objects/structseq.methods.h"

// ------------------------------------------------------------------------- types

static Py_ssize_t
count_fields(PyStructSequence_Desc *desc, Py_ssize_t *unnamed_out)
{
    Py_ssize_t n = 0;

    *unnamed_out = 0;
    for (; desc->fields[n].name != NULL; n++) {
        if (desc->fields[n].name == PyStructSequence_UnnamedField) {
            (*unnamed_out)++;
        }
    }
    return n;
}

// The member table: unnamed fields have no row.
static PyMemberDef *
make_members(PyStructSequence_Desc *desc, Py_ssize_t n, Py_ssize_t unnamed)
{
    PyMemberDef *members =
        PyMem_Calloc((size_t)(n - unnamed + 1), sizeof(PyMemberDef));
    Py_ssize_t k = 0;

    if (members == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (desc->fields[i].name == PyStructSequence_UnnamedField) {
            continue;
        }
        members[k].name = desc->fields[i].name;
        members[k].type = _Py_T_OBJECT;
        members[k].offset = (Py_ssize_t)offsetof(PyTupleObject, ob_item) +
                            i * (Py_ssize_t)sizeof(PyObject *);
        members[k].flags = Py_READONLY;
        members[k].doc = desc->fields[i].doc;
        k++;
    }
    return members;
}

static int
dict_set_count(PyObject *dict, PyObject *name, Py_ssize_t value)
{
    PyObject *number = PyLong_FromSsize_t(value);
    int status;

    if (number == NULL) {
        return -1;
    }
    status = PyDict_SetItem(dict, name, number);
    Py_DECREF(number);
    return status;
}

static int
set_class_attributes(PyTypeObject *type, PyStructSequence_Desc *desc, Py_ssize_t n,
                     Py_ssize_t unnamed)
{
    PyObject *dict = type->tp_dict, *match = PyList_New(0), *tuple;
    int status = -1;

    if (match == NULL ||
        dict_set_count(dict, KR_ID(n_sequence_fields), desc->n_in_sequence) < 0 ||
        dict_set_count(dict, KR_ID(n_fields), n) < 0 ||
        dict_set_count(dict, KR_ID(n_unnamed_fields), unnamed) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < desc->n_in_sequence; i++) {
        PyObject *name;
        if (desc->fields[i].name == PyStructSequence_UnnamedField) {
            continue;
        }
        name = PyUnicode_FromString(desc->fields[i].name);
        if (name == NULL || PyList_Append(match, name) < 0) {
            Py_XDECREF(name);
            goto done;
        }
        Py_DECREF(name);
    }
    tuple = PyList_AsTuple(match);
    if (tuple != NULL) {
        status = PyDict_SetItem(dict, KR_ID(__match_args__), tuple);
        Py_DECREF(tuple);
    }
    kr_type_modified(type);

done:
    Py_XDECREF(match);
    return status;
}

int
PyStructSequence_InitType2(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    Py_ssize_t unnamed, n = count_fields(desc, &unnamed);
    PyMemberDef *members;

    if (type->tp_flags & Py_TPFLAGS_READY) {
        PyErr_BadInternalCall();
        return -1;
    }
    members = make_members(desc, n, unnamed);
    if (members == NULL) {
        return -1;
    }
    Py_SET_TYPE(type, &PyType_Type);
    type->tp_name = desc->name;
    type->tp_basicsize = (Py_ssize_t)offsetof(PyTupleObject, ob_item) +
                         (n - desc->n_in_sequence) * (Py_ssize_t)sizeof(PyObject *);
    type->tp_itemsize = sizeof(PyObject *);
    type->tp_dealloc = structseq_dealloc;
    type->tp_repr = structseq_repr;
    type->tp_flags |= Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC;
    type->tp_doc = desc->doc;
    type->tp_traverse = structseq_traverse;
    type->tp_methods = structseq_methods;
    type->tp_members = members;
    type->tp_base = &PyTuple_Type;
    type->tp_new = structseq_new;
    if (PyType_Ready(type) < 0 || set_class_attributes(type, desc, n, unnamed) < 0) {
        // The descriptors made so far may point at the members.
        if (!(type->tp_flags & Py_TPFLAGS_READY)) {
            type->tp_members = NULL;
            PyMem_Free(members);
        }
        return -1;
    }
    return 0;
}

void
PyStructSequence_InitType(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    (void)PyStructSequence_InitType2(type, desc);
}

PyTypeObject *
PyStructSequence_NewType(PyStructSequence_Desc *desc)
{
    Py_ssize_t unnamed, n = count_fields(desc, &unnamed);
    PyMemberDef *members = make_members(desc, n, unnamed);
    PyTypeObject *type;
    PyObject *bases;

    if (members == NULL) {
        return NULL;
    }
    PyType_Slot slots[] = {
        {Py_tp_dealloc, structseq_dealloc},
        {Py_tp_repr, structseq_repr},
        {Py_tp_doc, (void *)desc->doc},
        {Py_tp_methods, structseq_methods},
        {Py_tp_new, structseq_new},
        {Py_tp_members, members},
        {Py_tp_traverse, structseq_traverse},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = desc->name,
        .basicsize = (int)offsetof(PyTupleObject, ob_item) +
                     (int)(n - desc->n_in_sequence) * (int)sizeof(PyObject *),
        .itemsize = sizeof(PyObject *),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
        .slots = slots,
    };
    bases = PyTuple_Pack(1, &PyTuple_Type);
    type = bases == NULL ? NULL
                         : (PyTypeObject *)PyType_FromSpecWithBases(&spec, bases);
    Py_XDECREF(bases);
    // The class has its own copy of the table.
    PyMem_Free(members);
    if (type != NULL && set_class_attributes(type, desc, n, unnamed) < 0) {
        Py_CLEAR(type);
    }
    return type;
}
