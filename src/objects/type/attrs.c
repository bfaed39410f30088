// SPDX-License-Identifier: MIT
// attrs.c - attributes of classes: lookup on the class itself, stores, and what
// type computes (__name__, __bases__, __doc__, __annotations__ ...).
//
// Callers:     vm, getattr and setattr on classes.
// Invariants:  every store into a class ends in kr_type_modified and slot refresh.
// Re-entrancy: metaclass descriptors, __annotate__ and mro() run Python.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/instance.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

// ---------------------------------------------------------------------- reading

// *suppress is set when nothing was found; then NULL comes without an exception.
PyObject *
kr_type_getattro_nofail(PyTypeObject *type, PyObject *name, int *suppress)
{
    PyTypeObject *meta = Py_TYPE(type);
    PyObject *meta_attr, *attr, *result;
    descrgetfunc meta_get = NULL;

    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return NULL;
    }
    // A class whose mro() is running has its dict already.
    if (type->tp_dict == NULL && PyType_Ready(type) < 0) {
        return NULL;
    }
    // A data descriptor of the metaclass goes first ...
    meta_attr = Py_XNewRef(kr_type_lookup_borrow(meta, name));
    if (meta_attr != NULL) {
        meta_get = Py_TYPE(meta_attr)->tp_descr_get;
        if (meta_get != NULL && kr_is_data_descriptor(meta_attr)) {
            result = meta_get(meta_attr, (PyObject *)type, (PyObject *)meta);
            Py_DECREF(meta_attr);
            return result;
        }
    }
    // ... then the class and its bases ...
    attr = Py_XNewRef(kr_type_lookup_borrow(type, name));
    if (attr != NULL) {
        descrgetfunc get = Py_TYPE(attr)->tp_descr_get;
        Py_XDECREF(meta_attr);
        if (get == NULL) {
            return attr;
        }
        result = get(attr, NULL, (PyObject *)type);
        Py_DECREF(attr);
        return result;
    }
    // ... then the rest of the metaclass.
    if (meta_get != NULL) {
        result = meta_get(meta_attr, (PyObject *)type, (PyObject *)meta);
        Py_DECREF(meta_attr);
        return result;
    }
    if (meta_attr == NULL) {
        *suppress = 1;
    }
    return meta_attr;
}

static KR_COLD void
type_no_attribute(PyTypeObject *type, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "type object '%.100s' has no attribute '%U'",
                 type->tp_name, name);
    kr_attribute_error_context((PyObject *)type, name);
}

PyObject *
kr_type_getattro(PyObject *self, PyObject *name)
{
    int absent = 0;
    PyObject *result = kr_type_getattro_nofail((PyTypeObject *)self, name, &absent);

    if (absent) {
        type_no_attribute((PyTypeObject *)self, name);
    }
    return result;
}

// ---------------------------------------------------------------------- writing

static KR_COLD int
immutable_error(PyTypeObject *type, const char *what, const char *name)
{
    PyErr_Format(PyExc_TypeError, "cannot %s '%s' attribute of immutable type '%s'",
                 what, name, type->tp_name);
    return -1;
}

// Stores into the class's own dict: 0 done, -1 error.
static int
type_dict_store(PyTypeObject *type, PyObject *name, PyObject *value)
{
    PyObject *old = NULL;
    int found;

    if (value != NULL) {
        return PyDict_SetItem(type->tp_dict, name, value);
    }
    found = PyDict_Pop(type->tp_dict, name, &old);
    Py_XDECREF(old);
    if (found == 0) {
        type_no_attribute(type, name);
    }
    return found <= 0 ? -1 : 0;
}

static bool
is_plain_value(PyObject *value)
{
    return value != NULL && Py_TYPE(value)->tp_descr_get == NULL &&
           Py_TYPE(value)->tp_descr_set == NULL;
}

// Whether the store only replaces one plain value of the class by another and needs no
// new version. Counts such stores.
static bool
store_is_quiet(PyTypeObject *type, PyObject *name, PyObject *old, PyObject *value)
{
    if (!is_plain_value(old) || !is_plain_value(value) || type->tp_watched != 0 ||
        type->tp_versions_used == KR_TYPE_NO_VERSION ||
        (PyUnicode_GET_LENGTH(name) > 1 && PyUnicode_READ_CHAR(name, 0) == '_' &&
         PyUnicode_READ_CHAR(name, 1) == '_')) {
        return false;
    }
    if (type->tp_versions_used >= KR_TYPE_QUIET) {
        return true;
    }
    type->tp_versions_used++;
    return false; // what was cached until now is forgotten
}

int
kr_type_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *meta_attr, *interned;
    descrsetfunc set;
    int status;

    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        PyErr_Format(PyExc_TypeError,
                     "cannot set %R attribute of immutable type '%s'", name,
                     type->tp_name);
        return -1;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return -1;
    }
    // Type dicts hold exact, interned strings.
    if (PyUnicode_CheckExact(name)) {
        interned = Py_NewRef(name);
    }
    else {
        interned = PyUnicode_FromObject(name);
        if (interned == NULL) {
            return -1;
        }
    }
    PyUnicode_InternInPlace(&interned);
    meta_attr = Py_XNewRef(kr_type_lookup_borrow(Py_TYPE(type), interned));
    if (meta_attr != NULL && (set = Py_TYPE(meta_attr)->tp_descr_set) != NULL) {
        status = set(meta_attr, self, value);
    }
    else {
        // The old value has to live until the slots are right again.
        PyObject *old = Py_XNewRef(PyDict_GetItemWithError(type->tp_dict, interned));
        if (store_is_quiet(type, interned, old, value)) {
            status = type_dict_store(type, interned, value);
        }
        else {
            kr_type_modified(type);
            status = type_dict_store(type, interned, value);
            kr_type_modified(type);
            if (status == 0) {
                status = kr_type_update_slot(type, interned);
            }
        }
        Py_XDECREF(old);
    }
    Py_XDECREF(meta_attr);
    Py_DECREF(interned);
    return status;
}

// The checks before a computed attribute of a class changes.
static int
may_set(PyTypeObject *type, PyObject *value, const char *name)
{
    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        return immutable_error(type, "set", name);
    }
    if (value == NULL) {
        return immutable_error(type, "delete", name);
    }
    return PySys_Audit("object.__setattr__", "OsO", type, name, value);
}

// ------------------------------------------------------------------------- names

static PyObject *
type_get_name(PyObject *self, void *closure)
{
    return PyType_GetName((PyTypeObject *)self);
}

static int
type_set_name(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    const char *text;
    char *copy, *old_text;
    Py_ssize_t size;

    if (may_set(type, value, "__name__") < 0) {
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign string to %s.__name__, not '%s'",
                     type->tp_name, Py_TYPE(value)->tp_name);
        return -1;
    }
    text = PyUnicode_AsUTF8AndSize(value, &size);
    if (text == NULL) {
        return -1;
    }
    if (strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    copy = PyMem_Malloc((size_t)size + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(copy, text, (size_t)size + 1);
    old_text = heap->_ht_tpname;
    heap->_ht_tpname = copy;
    type->tp_name = copy;
    PyMem_Free(old_text);
    kr_type_modified(type);
    Py_SETREF(heap->ht_name, Py_NewRef(value));
    return 0;
}

static PyObject *
type_get_qualname(PyObject *self, void *closure)
{
    return PyType_GetQualName((PyTypeObject *)self);
}

static int
type_set_qualname(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;

    if (may_set(type, value, "__qualname__") < 0) {
        return -1;
    }
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError,
                     "can only assign string to %s.__qualname__, not '%s'",
                     type->tp_name, Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_SETREF(heap->ht_qualname, Py_NewRef(value));
    return 0;
}

static PyObject *
type_get_module(PyObject *self, void *closure)
{
    return kr_type_module((PyTypeObject *)self);
}

static int
type_set_module(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;

    if (may_set(type, value, "__module__") < 0) {
        return -1;
    }
    kr_type_modified(type);
    // The line number belongs to the old module.
    if (PyDict_Pop(type->tp_dict, KR_ID(__firstlineno__), NULL) < 0) {
        return -1;
    }
    return PyDict_SetItem(type->tp_dict, KR_ID(__module__), value);
}

// -------------------------------------------------------------------- structure

static PyObject *
type_get_bases(PyObject *self, void *closure)
{
    PyObject *bases = ((PyTypeObject *)self)->tp_bases;
    return Py_NewRef(bases == NULL ? Py_None : bases);
}

static PyObject *
type_get_mro(PyObject *self, void *closure)
{
    PyObject *mro = ((PyTypeObject *)self)->tp_mro;
    return Py_NewRef(mro == NULL ? Py_None : mro);
}

static PyObject *
type_get_dict(PyObject *self, void *closure)
{
    PyObject *dict = ((PyTypeObject *)self)->tp_dict;
    if (dict == NULL) {
        Py_RETURN_NONE;
    }
    return PyDictProxy_New(dict);
}

PyObject *
PyType_GetDict(PyTypeObject *type)
{
    return Py_XNewRef(type->tp_dict);
}

static PyObject *
type_get_abstractmethods(PyObject *self, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *value = NULL;

    // type itself has the descriptor, not the attribute.
    if (type != &PyType_Type &&
        PyDict_GetItemRef(type->tp_dict, KR_ID(__abstractmethods__), &value) < 0) {
        return NULL;
    }
    if (value == NULL) {
        PyErr_SetObject(PyExc_AttributeError, KR_ID(__abstractmethods__));
    }
    return value;
}

static int
type_set_abstractmethods(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    int abstract = 0, found;

    if (value != NULL) {
        abstract = PyObject_IsTrue(value);
        if (abstract < 0 ||
            PyDict_SetItem(type->tp_dict, KR_ID(__abstractmethods__), value) < 0) {
            return -1;
        }
    }
    else {
        found = PyDict_Pop(type->tp_dict, KR_ID(__abstractmethods__), NULL);
        if (found <= 0) {
            if (found == 0) {
                PyErr_SetObject(PyExc_AttributeError, KR_ID(__abstractmethods__));
            }
            return -1;
        }
    }
    kr_type_modified(type);
    if (abstract) {
        type->tp_flags |= Py_TPFLAGS_IS_ABSTRACT;
    }
    else {
        type->tp_flags &= ~Py_TPFLAGS_IS_ABSTRACT;
    }
    return 0;
}

// ---------------------------------------------------------- __bases__ assignment

typedef struct {
    PyObject *done; // list of (type, new mro, old mro): how to go back
} MroUpdate;

static int
mro_update_below(PyTypeObject *type, MroUpdate *update);

static int
mro_update_visit(PyTypeObject *type, void *arg)
{
    return mro_update_below(type, arg);
}

// Computes the MRO of a class and all below it again.
static int
mro_update_below(PyTypeObject *type, MroUpdate *update)
{
    PyObject *old = NULL, *entry;
    int changed = kr_type_update_mro(type, &old);

    if (changed <= 0) {
        return changed;
    }
    entry = PyTuple_Pack(3, type, type->tp_mro, old == NULL ? Py_None : old);
    Py_XDECREF(old);
    if (entry == NULL || PyList_Append(update->done, entry) < 0) {
        Py_XDECREF(entry);
        return -1;
    }
    Py_DECREF(entry);
    return kr_type_each_subclass(type, mro_update_visit, update);
}

static void
mro_update_undo(MroUpdate *update)
{
    for (Py_ssize_t i = PyList_GET_SIZE(update->done) - 1; i >= 0; i--) {
        PyObject *entry = PyList_GET_ITEM(update->done, i);
        PyTypeObject *type = (PyTypeObject *)PyTuple_GET_ITEM(entry, 0);
        PyObject *old = PyTuple_GET_ITEM(entry, 2);
        // Only if nobody has changed it since.
        if (type->tp_mro == PyTuple_GET_ITEM(entry, 1)) {
            Py_SETREF(type->tp_mro, old == Py_None ? NULL : Py_NewRef(old));
            kr_type_modified(type);
        }
    }
}

static int
bases_check(PyTypeObject *type, PyObject *bases)
{
    if (!PyTuple_Check(bases)) {
        PyErr_Format(PyExc_TypeError, "can only assign tuple to %s.__bases__, not %s",
                     type->tp_name, Py_TYPE(bases)->tp_name);
        return -1;
    }
    if (PyTuple_GET_SIZE(bases) == 0) {
        PyErr_Format(PyExc_TypeError,
                     "can only assign non-empty tuple to %s.__bases__, not ()",
                     type->tp_name);
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *item = PyTuple_GET_ITEM(bases, i);
        if (!PyType_Check(item)) {
            PyErr_Format(PyExc_TypeError,
                         "%s.__bases__ must be tuple of classes, not '%s'",
                         type->tp_name, Py_TYPE(item)->tp_name);
            return -1;
        }
        PyTypeObject *base = (PyTypeObject *)item;
        bool cycle = PyType_IsSubtype(base, type);
        // While an MRO is being made, only the chain of bases is reliable.
        for (PyTypeObject *at = base; !cycle && base->tp_mro != NULL && at != NULL;
             at = at->tp_base) {
            cycle = at == type;
        }
        if (cycle) {
            PyErr_SetString(PyExc_TypeError,
                            "a __bases__ item causes an inheritance cycle");
            return -1;
        }
    }
    return 0;
}

// Whether objects of a class may continue under another layout chain.
static int
layout_check(PyTypeObject *old_type, PyTypeObject *new_type, const char *attr)
{
    if (new_type->tp_free != old_type->tp_free) {
        PyErr_Format(PyExc_TypeError,
                     "%s assignment: '%s' deallocator differs from '%s'", attr,
                     new_type->tp_name, old_type->tp_name);
        return -1;
    }
    if (!kr_type_compatible_layout(new_type, old_type)) {
        PyErr_Format(PyExc_TypeError,
                     "%s assignment: '%s' object layout differs from '%s'", attr,
                     new_type->tp_name, old_type->tp_name);
        return -1;
    }
    return 0;
}

static int
bases_replace(PyTypeObject *type, PyObject *bases, PyTypeObject *base)
{
    PyObject *old_bases = type->tp_bases;
    PyTypeObject *old_base = type->tp_base;
    MroUpdate update = {PyList_New(0)};
    int status;

    if (update.done == NULL) {
        return -1;
    }
    kr_type_modified(type);
    type->tp_bases = Py_NewRef(bases);
    type->tp_base = (PyTypeObject *)Py_NewRef(base);
    status = mro_update_below(type, &update);
    if (status < 0) {
        PyObject *exc = PyErr_GetRaisedException();
        mro_update_undo(&update);
        if (type->tp_bases == bases) {
            type->tp_bases = old_bases;
            type->tp_base = old_base;
            old_bases = bases;
            old_base = base;
        }
        Py_DECREF(old_bases);
        Py_DECREF(old_base);
        Py_DECREF(update.done);
        PyErr_SetRaisedException(exc);
        return -1;
    }
    Py_DECREF(update.done);
    // A custom mro() may itself have assigned __bases__; then its doing counts.
    if (type->tp_bases == bases) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(old_bases); i++) {
            kr_type_remove_subclass(kr_mro_item(old_bases, i), type);
        }
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases) && status == 0; i++) {
            status = kr_type_add_subclass(kr_mro_item(bases, i), type);
        }
        if (kr_type_fix_slots(type) < 0) {
            status = -1;
        }
    }
    Py_DECREF(old_bases);
    Py_DECREF(old_base);
    kr_type_modified(type);
    return status;
}

static int
fix_slots_visit(PyTypeObject *type, void *arg)
{
    kr_type_fix_slots(type);
    return kr_type_each_subclass(type, fix_slots_visit, arg);
}

static int
type_set_bases(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self, *base;

    if (may_set(type, value, "__bases__") < 0 || bases_check(type, value) < 0) {
        return -1;
    }
    base = kr_type_best_base(value);
    if (base == NULL || layout_check(type->tp_base, base, "__bases__") < 0) {
        return -1;
    }
    if (bases_replace(type, value, base) < 0) {
        return -1;
    }
    return kr_type_each_subclass(type, fix_slots_visit, NULL);
}

// ------------------------------------------------------------------------ docs

// The text after a signature, or all of it.
static const char *
skip_signature(const char *name, const char *doc)
{
    const char *text = doc, *dot = strrchr(name, '.'), *end;
    size_t length;

    if (dot != NULL) {
        name = dot + 1;
    }
    length = strlen(name);
    if (strncmp(doc, name, length) != 0 || doc[length] != '(') {
        return NULL;
    }
    end = strstr(doc + length, ")\n--\n\n");
    if (end == NULL) {
        return NULL;
    }
    // An empty line inside means that the mark belongs to some other text.
    text = strstr(doc + length, "\n\n");
    return text != NULL && text < end ? NULL : end + 6;
}

PyObject *
kr_doc_from_internal(const char *name, const char *doc)
{
    const char *text = skip_signature(name, doc);

    if (text == NULL) {
        text = doc;
    }
    if (*text == '\0') {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(text);
}

PyObject *
kr_signature_from_internal(const char *name, const char *doc)
{
    const char *text = doc == NULL ? NULL : skip_signature(name, doc);
    const char *dot = strrchr(name, '.'), *start;

    if (text == NULL) {
        Py_RETURN_NONE;
    }
    if (dot != NULL) {
        name = dot + 1;
    }
    start = doc + strlen(name);
    // Without the mark ")\n--\n\n" but with its parenthesis.
    return PyUnicode_FromStringAndSize(start, text - 5 - start);
}

PyObject *
kr_signature_of_method(const PyMethodDef *method)
{
    int kind = method->ml_flags & (METH_CLASS | METH_STATIC);

    if (method->ml_doc != NULL &&
        skip_signature(method->ml_name, method->ml_doc) != NULL) {
        return kr_signature_from_internal(method->ml_name, method->ml_doc);
    }
    switch (method->ml_flags & ~(METH_CLASS | METH_STATIC | METH_COEXIST)) {
    case METH_NOARGS:
        return PyUnicode_FromString(kind == METH_CLASS    ? "($type, /)"
                                    : kind == METH_STATIC ? "()"
                                                          : "($self, /)");
    case METH_O:
        return PyUnicode_FromString(kind == METH_CLASS    ? "($type, object, /)"
                                    : kind == METH_STATIC ? "(object, /)"
                                                          : "($self, object, /)");
    default:
        Py_RETURN_NONE;
    }
}

static PyObject *
type_get_doc(PyObject *self, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *doc, *result;
    descrgetfunc get;

    if (!kr_type_is_heap(type) && type->tp_doc != NULL) {
        return kr_doc_from_internal(type->tp_name, type->tp_doc);
    }
    if (PyDict_GetItemRef(type->tp_dict, KR_ID(__doc__), &doc) < 0) {
        return NULL;
    }
    if (doc == NULL) {
        Py_RETURN_NONE;
    }
    get = Py_TYPE(doc)->tp_descr_get;
    if (get == NULL) {
        return doc;
    }
    result = get(doc, NULL, self);
    Py_DECREF(doc);
    return result;
}

static int
type_set_doc(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;

    if (may_set(type, value, "__doc__") < 0) {
        return -1;
    }
    kr_type_modified(type);
    return PyDict_SetItem(type->tp_dict, KR_ID(__doc__), value);
}

static PyObject *
type_get_text_signature(PyObject *self, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;

    return kr_signature_from_internal(type->tp_name, type->tp_doc);
}

// ----------------------------------------------------------------- annotations

static KR_COLD PyObject *
no_computed_attribute(PyTypeObject *type, const char *name)
{
    PyErr_Format(PyExc_AttributeError, "type object '%s' has no attribute '%s'",
                 type->tp_name, name);
    return NULL;
}

// Either of two keys of the class's dict: 1 found, 0, -1.
static int
dict_get_either(PyTypeObject *type, PyObject *first, PyObject *second,
                PyObject **value_out)
{
    int found = PyDict_GetItemRef(type->tp_dict, first, value_out);

    return found != 0 ? found : PyDict_GetItemRef(type->tp_dict, second, value_out);
}

static PyObject *
bind_to_class(PyObject *value_stolen, PyTypeObject *type)
{
    descrgetfunc get = Py_TYPE(value_stolen)->tp_descr_get;
    PyObject *result;

    if (get == NULL) {
        return value_stolen;
    }
    result = get(value_stolen, NULL, (PyObject *)type);
    Py_DECREF(value_stolen);
    return result;
}

static PyObject *
type_get_annotate(PyObject *self, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *annotate;
    int found;

    if (!kr_type_is_heap(type)) {
        return no_computed_attribute(type, "__annotate__");
    }
    // A method of that name goes before the function that the compiler made.
    found = dict_get_either(type, KR_ID(__annotate__), KR_ID(__annotate_func__),
                            &annotate);
    if (found < 0) {
        return NULL;
    }
    if (found > 0) {
        return bind_to_class(annotate, type);
    }
    if (PyDict_SetItem(type->tp_dict, KR_ID(__annotate_func__), Py_None) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static int
type_set_annotate(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;

    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __annotate__ attribute");
        return -1;
    }
    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        return immutable_error(type, "set", "__annotate__");
    }
    if (value != Py_None && !PyCallable_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__annotate__ must be callable or None");
        return -1;
    }
    kr_type_modified(type);
    if (PyDict_SetItem(type->tp_dict, KR_ID(__annotate_func__), value) < 0) {
        return -1;
    }
    if (value != Py_None &&
        PyDict_Pop(type->tp_dict, KR_ID(__annotations_cache__), NULL) < 0) {
        return -1;
    }
    return 0;
}

static PyObject *
type_get_annotations(PyObject *self, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *annotations, *annotate;
    int found;

    if (!kr_type_is_heap(type)) {
        return no_computed_attribute(type, "__annotations__");
    }
    found = dict_get_either(type, KR_ID(__annotations__), KR_ID(__annotations_cache__),
                            &annotations);
    if (found < 0) {
        return NULL;
    }
    if (found > 0) {
        return bind_to_class(annotations, type);
    }
    annotate = PyObject_GetAttr(self, KR_ID(__annotate__));
    if (annotate == NULL) {
        return NULL;
    }
    if (PyCallable_Check(annotate)) {
        PyObject *format = PyLong_FromLong(1);
        annotations = format == NULL ? NULL : PyObject_CallOneArg(annotate, format);
        Py_XDECREF(format);
        if (annotations != NULL && !PyDict_Check(annotations)) {
            PyErr_Format(PyExc_TypeError,
                         "__annotate__ returned non-dict of type '%.100s'",
                         Py_TYPE(annotations)->tp_name);
            Py_CLEAR(annotations);
        }
    }
    else {
        annotations = PyDict_New();
    }
    Py_DECREF(annotate);
    if (annotations != NULL) {
        kr_type_modified(type);
        if (PyDict_SetItem(type->tp_dict, KR_ID(__annotations_cache__), annotations) <
            0) {
            Py_CLEAR(annotations);
        }
    }
    return annotations;
}

static int
type_set_annotations(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *dict = type->tp_dict;
    int found;

    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        return immutable_error(type, "set", "__annotations__");
    }
    kr_type_modified(type);
    found = PyDict_Contains(dict, KR_ID(__annotations__));
    if (found < 0) {
        return -1;
    }
    if (value != NULL) {
        PyObject *key = found ? KR_ID(__annotations__) : KR_ID(__annotations_cache__);
        if (PyDict_SetItem(dict, key, value) < 0) {
            return -1;
        }
    }
    else {
        if (found) {
            found = PyDict_Pop(dict, KR_ID(__annotations__), NULL);
        }
        else {
            found = PyDict_Pop(dict, KR_ID(__annotations_cache__), NULL);
        }
        if (found <= 0) {
            if (found == 0) {
                PyErr_SetString(PyExc_AttributeError, "__annotations__");
            }
            return -1;
        }
    }
    // What __annotate__ would compute holds no longer.
    if (PyDict_Pop(dict, KR_ID(__annotate_func__), NULL) < 0 ||
        PyDict_Pop(dict, KR_ID(__annotate__), NULL) < 0) {
        return -1;
    }
    return 0;
}

static PyObject *
type_get_type_params(PyObject *self, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyObject *params = NULL;

    if (type != &PyType_Type &&
        PyDict_GetItemRef(type->tp_dict, KR_ID(__type_params__), &params) < 0) {
        return NULL;
    }
    return params != NULL ? params : PyTuple_New(0);
}

static int
type_set_type_params(PyObject *self, PyObject *value, void *closure)
{
    PyTypeObject *type = (PyTypeObject *)self;

    if (may_set(type, value, "__type_params__") < 0) {
        return -1;
    }
    kr_type_modified(type);
    return PyDict_SetItem(type->tp_dict, KR_ID(__type_params__), value);
}

PyGetSetDef kr_type_getset[] = {
    {"__name__", type_get_name, type_set_name, NULL, NULL},
    {"__qualname__", type_get_qualname, type_set_qualname, NULL, NULL},
    {"__bases__", type_get_bases, type_set_bases, NULL, NULL},
    {"__mro__", type_get_mro, NULL, NULL, NULL},
    {"__module__", type_get_module, type_set_module, NULL, NULL},
    {"__abstractmethods__", type_get_abstractmethods, type_set_abstractmethods, NULL,
     NULL},
    {"__dict__", type_get_dict, NULL, NULL, NULL},
    {"__doc__", type_get_doc, type_set_doc, NULL, NULL},
    {"__text_signature__", type_get_text_signature, NULL, NULL, NULL},
    {"__annotations__", type_get_annotations, type_set_annotations, NULL, NULL},
    {"__annotate__", type_get_annotate, type_set_annotate, NULL, NULL},
    {"__type_params__", type_get_type_params, type_set_type_params, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

// ---------------------------------------------------------- __class__ assignment

int
kr_object_set_class(PyObject *self, PyObject *value)
{
    PyTypeObject *old_type = Py_TYPE(self), *new_type;
    bool modules;

    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "can't delete __class__ attribute");
        return -1;
    }
    if (!PyType_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__class__ must be set to a class, not '%s' object",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (PySys_Audit("object.__setattr__", "OsO", self, "__class__", value) < 0) {
        return -1;
    }
    new_type = (PyTypeObject *)value;
    // Objects of immutable types may be shared or cached; modules are the exception
    // that people rely on.
    modules = PyType_IsSubtype(new_type, &PyModule_Type) &&
              PyType_IsSubtype(old_type, &PyModule_Type);
    if (!modules && ((new_type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) ||
                     (old_type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE))) {
        PyErr_Format(PyExc_TypeError, "__class__ assignment only supported for mutable "
                                      "types or ModuleType subclasses");
        return -1;
    }
    if (layout_check(old_type, new_type, "__class__") < 0) {
        return -1;
    }
    // Shapes belong to one type, so the attributes move into a dict first.
    if ((old_type->tp_flags & Py_TPFLAGS_MANAGED_DICT) &&
        kr_instance_shape(self) != NULL) {
        if (kr_instance_is_empty(self)) {
            kr_instance_set_dict(self, NULL);
        }
        else {
            PyObject *dict = kr_instance_dict(self);
            if (dict == NULL) {
                return -1;
            }
            Py_DECREF(dict);
        }
    }
    if (kr_type_is_heap(new_type)) {
        Py_INCREF(new_type);
    }
    Py_SET_TYPE(self, new_type);
    if (kr_type_is_heap(old_type)) {
        Py_DECREF(old_type);
    }
    return 0;
}
