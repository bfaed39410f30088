// SPDX-License-Identifier: MIT
// template.c - template strings: Template, Interpolation and the iterator over parts.
//
// Invariants: a Template has one str more than interpolations, as two tuples; neither
//             changes. An Interpolation's conversion is None or 's', 'r', 'a'.
#include "objects/template.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/str/str.h"

extern PyTypeObject _PyTemplate_Type;
extern PyTypeObject _PyTemplateIter_Type;
extern PyTypeObject _PyInterpolation_Type;

typedef struct {
    PyObject_HEAD
    PyObject *strings;        // tuple, owned
    PyObject *interpolations; // tuple, owned
} KrTemplate;

typedef struct {
    PyObject_HEAD
    PyObject *value;       // owned
    PyObject *expression;  // str, owned
    PyObject *conversion;  // str or None, owned
    PyObject *format_spec; // str, owned
} KrInterpolation;

typedef struct {
    PyObject_HEAD
    KrTemplate *template; // owned, NULL at the end
    Py_ssize_t next;      // 2 * i: string i, 2 * i + 1: interpolation i
} KrTemplateIter;

#define IS_TEMPLATE(op) Py_IS_TYPE((op), &_PyTemplate_Type)
#define IS_INTERPOLATION(op) Py_IS_TYPE((op), &_PyInterpolation_Type)

// --- Interpolation ------------------------------------------------------------------------

static PyObject *
make_interpolation(PyTypeObject *cls, PyObject *value, PyObject *expression,
                   PyObject *conversion, PyObject *format_spec)
{
    KrInterpolation *self = PyObject_GC_New(KrInterpolation, cls);
    if (self == NULL) {
        return NULL;
    }
    self->value = Py_NewRef(value);
    self->expression = Py_NewRef(expression);
    self->conversion = Py_NewRef(conversion);
    self->format_spec = Py_NewRef(format_spec);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

PyObject *
kr_interpolation_new(PyObject *value, PyObject *expression, int conversion,
                     PyObject *format_spec)
{
    static const char letters[4] = {0, 's', 'r', 'a'};
    if (conversion < 0 || conversion > 3) {
        PyErr_SetString(PyExc_SystemError,
                        "Interpolation() argument 'conversion' must be one of 's', 'a' or "
                        "'r'");
        return NULL;
    }
    return make_interpolation(
        &_PyInterpolation_Type, value, expression,
        conversion == 0 ? Py_None : kr_char_borrow((Py_UCS1)letters[conversion]),
        format_spec == NULL ? kr_empty_str_borrow() : format_spec);
}

KR_NEW(interpolation, "Interpolation(value, expression=''{NULL}, conversion=None, format_spec=''{NULL})",
       "Interpolation object")
static PyObject *
interpolation_new_impl(PyTypeObject *cls, PyObject *value, PyObject *expression,
                       PyObject *conversion, PyObject *format_spec)
{
    if (expression != NULL && !PyUnicode_Check(expression)) {
        kr_arg_bad("Interpolation", "argument 'expression'", "str", expression);
        return NULL;
    }
    if (conversion != Py_None) {
        if (!PyUnicode_Check(conversion)) {
            kr_arg_bad("Interpolation", "argument 'conversion'", "str", conversion);
            return NULL;
        }
        Py_UCS4 ch = PyUnicode_GET_LENGTH(conversion) == 1 ? PyUnicode_READ_CHAR(conversion, 0)
                                                           : 0;
        if (ch != 's' && ch != 'r' && ch != 'a') {
            PyErr_SetString(PyExc_ValueError, "Interpolation() argument 'conversion' must be "
                                              "one of 's', 'a' or 'r'");
            return NULL;
        }
    }
    if (format_spec != NULL && !PyUnicode_Check(format_spec)) {
        kr_arg_bad("Interpolation", "argument 'format_spec'", "str", format_spec);
        return NULL;
    }
    return make_interpolation(cls, value,
                              expression == NULL ? kr_empty_str_borrow() : expression,
                              conversion,
                              format_spec == NULL ? kr_empty_str_borrow() : format_spec);
}

static int
interpolation_traverse(PyObject *op, visitproc visit, void *arg)
{
    KrInterpolation *self = (KrInterpolation *)op;
    Py_VISIT(self->value);
    Py_VISIT(self->expression);
    Py_VISIT(self->conversion);
    Py_VISIT(self->format_spec);
    return 0;
}

static int
interpolation_clear(PyObject *op)
{
    KrInterpolation *self = (KrInterpolation *)op;
    Py_CLEAR(self->value);
    Py_CLEAR(self->expression);
    Py_CLEAR(self->conversion);
    Py_CLEAR(self->format_spec);
    return 0;
}

static void
interpolation_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    interpolation_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
interpolation_repr(PyObject *op)
{
    KrInterpolation *self = (KrInterpolation *)op;
    return PyUnicode_FromFormat("%s(%R, %R, %R, %R)", "Interpolation", self->value,
                                self->expression, self->conversion, self->format_spec);
}

KR_METHOD_RAW(interpolation, "__reduce__", METH_NOARGS, "__reduce__() -> (cls, state)")
static PyObject *
interpolation___reduce__(PyObject *op, PyObject *Py_UNUSED(none))
{
    KrInterpolation *self = (KrInterpolation *)op;
    return Py_BuildValue("(O(OOOO))", Py_TYPE(op), self->value, self->expression,
                         self->conversion, self->format_spec);
}

KR_METHOD_RAW(interpolation, "__class_getitem__", METH_O | METH_CLASS,
              "Interpolations are generic over the types of their values")
static PyObject *
interpolation___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

static PyMemberDef interpolation_members[] = {
    {"value", Py_T_OBJECT_EX, offsetof(KrInterpolation, value), Py_READONLY, "Value"},
    {"expression", Py_T_OBJECT_EX, offsetof(KrInterpolation, expression), Py_READONLY,
     "Expression"},
    {"conversion", Py_T_OBJECT_EX, offsetof(KrInterpolation, conversion), Py_READONLY,
     "Conversion"},
    {"format_spec", Py_T_OBJECT_EX, offsetof(KrInterpolation, format_spec), Py_READONLY,
     "Format specifier"},
    {NULL},
};

// --- Template -------------------------------------------------------------------------------

static bool
all_of_type(PyObject *tuple, PyTypeObject *type)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (!Py_IS_TYPE(PyTuple_GET_ITEM(tuple, i), type)) {
            return false;
        }
    }
    return true;
}

PyObject *
kr_template_new(PyObject *strings, PyObject *interpolations)
{
    if (PyTuple_GET_SIZE(strings) != PyTuple_GET_SIZE(interpolations) + 1 ||
        !all_of_type(strings, &PyUnicode_Type) ||
        !all_of_type(interpolations, &_PyInterpolation_Type)) {
        PyErr_SetString(PyExc_SystemError, "the parts do not make a template");
        return NULL;
    }
    KrTemplate *self = PyObject_GC_New(KrTemplate, &_PyTemplate_Type);
    if (self == NULL) {
        return NULL;
    }
    self->strings = Py_NewRef(strings);
    self->interpolations = Py_NewRef(interpolations);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

// A template of two lists, which are given away.
static PyObject *
template_from_lists_steal(PyObject *strings, PyObject *interpolations)
{
    PyObject *result = NULL;
    PyObject *string_tuple = PyList_AsTuple(strings);
    PyObject *interpolation_tuple = PyList_AsTuple(interpolations);
    if (string_tuple != NULL && interpolation_tuple != NULL) {
        result = kr_template_new(string_tuple, interpolation_tuple);
    }
    Py_XDECREF(string_tuple);
    Py_XDECREF(interpolation_tuple);
    Py_DECREF(strings);
    Py_DECREF(interpolations);
    return result;
}

// Joins text to the last of strings.
static int
extend_last(PyObject *strings, PyObject *text)
{
    Py_ssize_t last = PyList_GET_SIZE(strings) - 1;
    PyObject *joined = PyUnicode_Concat(PyList_GET_ITEM(strings, last), text);
    return joined == NULL ? -1 : PyList_SetItem(strings, last, joined);
}

static PyObject *
template_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "Template.__new__ only accepts *args arguments");
        return NULL;
    }
    PyObject *strings = PyList_New(0), *interpolations = PyList_New(0);
    if (strings == NULL || interpolations == NULL
        || PyList_Append(strings, kr_empty_str_borrow()) < 0) {
        goto failed;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *item = PyTuple_GET_ITEM(args, i);
        int status;
        if (PyUnicode_Check(item)) {
            status = extend_last(strings, item);
        }
        else if (IS_INTERPOLATION(item)) {
            status = PyList_Append(interpolations, item);
            if (status == 0) {
                status = PyList_Append(strings, kr_empty_str_borrow());
            }
        }
        else {
            PyErr_Format(PyExc_TypeError,
                         "Template.__new__ *args need to be of type 'str' or "
                         "'Interpolation', got %T",
                         item);
            status = -1;
        }
        if (status < 0) {
            goto failed;
        }
    }
    return template_from_lists_steal(strings, interpolations);

failed:
    Py_XDECREF(strings);
    Py_XDECREF(interpolations);
    return NULL;
}

static int
template_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrTemplate *)op)->strings);
    Py_VISIT(((KrTemplate *)op)->interpolations);
    return 0;
}

static int
template_clear(PyObject *op)
{
    Py_CLEAR(((KrTemplate *)op)->strings);
    Py_CLEAR(((KrTemplate *)op)->interpolations);
    return 0;
}

static void
template_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    template_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *
template_repr(PyObject *op)
{
    KrTemplate *self = (KrTemplate *)op;
    return PyUnicode_FromFormat("%s(strings=%R, interpolations=%R)", "Template",
                                self->strings, self->interpolations);
}

static PyObject *
template_iter(PyObject *op)
{
    KrTemplateIter *iter = PyObject_GC_New(KrTemplateIter, &_PyTemplateIter_Type);
    if (iter == NULL) {
        return NULL;
    }
    iter->template = (KrTemplate *)Py_NewRef(op);
    iter->next = 0;
    PyObject_GC_Track(iter);
    return (PyObject *)iter;
}

PyObject *
_PyTemplate_Concat(PyObject *left, PyObject *right)
{
    if (!IS_TEMPLATE(left) || !IS_TEMPLATE(right)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate %T (not \"%T\") to %T", left,
                     right, left);
        return NULL;
    }
    KrTemplate *l = (KrTemplate *)left, *r = (KrTemplate *)right;
    PyObject *strings = PySequence_List(l->strings), *interpolations = NULL, *rest = NULL;
    if (strings == NULL || extend_last(strings, PyTuple_GET_ITEM(r->strings, 0)) < 0) {
        goto failed;
    }
    rest = PyTuple_GetSlice(r->strings, 1, PyTuple_GET_SIZE(r->strings));
    interpolations = PySequence_List(l->interpolations);
    if (rest == NULL || interpolations == NULL || PyList_Extend(strings, rest) < 0
        || PyList_Extend(interpolations, r->interpolations) < 0) {
        goto failed;
    }
    Py_DECREF(rest);
    return template_from_lists_steal(strings, interpolations);

failed:
    Py_XDECREF(strings);
    Py_XDECREF(interpolations);
    Py_XDECREF(rest);
    return NULL;
}

KR_METHOD_RAW(template, "__reduce__", METH_NOARGS, "Return what pickle needs.")
static PyObject *
template___reduce__(PyObject *op, PyObject *Py_UNUSED(none))
{
    KrTemplate *self = (KrTemplate *)op;
    PyObject *module = PyImport_ImportModule("string.templatelib"), *function;
    if (module == NULL) {
        return NULL;
    }
    function = PyObject_GetAttr(module, KR_ID(_template_unpickle));
    Py_DECREF(module);
    if (function == NULL) {
        return NULL;
    }
    return Py_BuildValue("(N(OO))", function, self->strings, self->interpolations);
}

KR_METHOD_RAW(template, "__class_getitem__", METH_O | METH_CLASS,
              "Template supports [] for generic usage")
static PyObject *
template___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_GETTER(template, "values", "Values of interpolations")
static PyObject *
template_get_values(KrTemplate *self)
{
    Py_ssize_t count = PyTuple_GET_SIZE(self->interpolations);
    PyObject *values = PyTuple_New(count);
    for (Py_ssize_t i = 0; values != NULL && i < count; i++) {
        KrInterpolation *item = (KrInterpolation *)PyTuple_GET_ITEM(self->interpolations, i);
        PyTuple_SET_ITEM(values, i, Py_NewRef(item->value));
    }
    return values;
}

static PyMemberDef template_members[] = {
    {"strings", Py_T_OBJECT_EX, offsetof(KrTemplate, strings), Py_READONLY, "Strings"},
    {"interpolations", Py_T_OBJECT_EX, offsetof(KrTemplate, interpolations), Py_READONLY,
     "Interpolations"},
    {NULL},
};

static PySequenceMethods template_as_sequence = {
    .sq_concat = _PyTemplate_Concat,
};

// --- The iterator ------------------------------------------------------------------------------

static PyObject *
templateiter_next(PyObject *op)
{
    KrTemplateIter *self = (KrTemplateIter *)op;
    while (self->template != NULL) {
        Py_ssize_t index = self->next / 2;
        bool is_string = self->next % 2 == 0;
        PyObject *row =
            is_string ? self->template->strings : self->template->interpolations;
        if (index >= PyTuple_GET_SIZE(row)) {
            Py_CLEAR(self->template);
            break;
        }
        self->next++;
        PyObject *item = PyTuple_GET_ITEM(row, index);
        // Empty strings between interpolations are left out.
        if (!is_string || PyUnicode_GET_LENGTH(item) > 0) {
            return Py_NewRef(item);
        }
    }
    return NULL;
}

static int
templateiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((KrTemplateIter *)op)->template);
    return 0;
}

static int
templateiter_clear(PyObject *op)
{
    Py_CLEAR(((KrTemplateIter *)op)->template);
    return 0;
}

static void
templateiter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    templateiter_clear(op);
    Py_TYPE(op)->tp_free(op);
}

KR_TYPE(interpolation)
KR_TYPE(template)
#include "objects/template.methods.h"

PyTypeObject _PyInterpolation_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "string.templatelib.Interpolation",
    .tp_basicsize = sizeof(KrInterpolation),
    .tp_dealloc = interpolation_dealloc,
    .tp_repr = interpolation_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Interpolation object",
    .tp_traverse = interpolation_traverse,
    .tp_clear = interpolation_clear,
    .tp_methods = interpolation_methods,
    .tp_members = interpolation_members,
    .tp_new = interpolation_new,
    .tp_free = PyObject_GC_Del,
};

PyTypeObject _PyTemplate_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "string.templatelib.Template",
    .tp_basicsize = sizeof(KrTemplate),
    .tp_dealloc = template_dealloc,
    .tp_repr = template_repr,
    .tp_as_sequence = &template_as_sequence,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Template object",
    .tp_traverse = template_traverse,
    .tp_clear = template_clear,
    .tp_iter = template_iter,
    .tp_methods = template_methods,
    .tp_members = template_members,
    .tp_getset = template_getset,
    .tp_new = template_new,
    .tp_free = PyObject_GC_Del,
};

PyTypeObject _PyTemplateIter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "string.templatelib.TemplateIter",
    .tp_basicsize = sizeof(KrTemplateIter),
    .tp_dealloc = templateiter_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "Template iterator object",
    .tp_traverse = templateiter_traverse,
    .tp_clear = templateiter_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = templateiter_next,
    .tp_free = PyObject_GC_Del,
};

// Interpolation.__match_args__, which a static type cannot say itself.
int
kr_init_template(PyInterpreterState *interp)
{
    PyObject *names = Py_BuildValue("(OOOO)", KR_ID(value), KR_ID(expression),
                                    KR_ID(conversion), KR_ID(format_spec));
    if (names == NULL) {
        return -1;
    }
    int status = PyDict_SetItem(_PyInterpolation_Type.tp_dict, KR_ID(__match_args__), names);
    Py_DECREF(names);
    return status;
}
