// SPDX-License-Identifier: MIT
// new.c - type.__new__: making a class from a name, bases and a namespace.
//
// Callers:     class statements (through the metaclass), type(name, bases, dict).
// Re-entrancy: __set_name__, __init_subclass__ and mro() are Python code and see
//              the class; everything before them is private to this file.
// Read next:   ready.c, subtype.c, instance.h
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/instance.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type.h"

// What is known about the class while it is made.
typedef struct {
    PyTypeObject *meta;
    PyObject *name;     // borrowed
    PyObject *bases;    // owned
    PyObject *dict;     // owned copy of the namespace
    PyObject *slots;    // owned: sorted tuple of mangled names, or NULL
    PyTypeObject *base; // borrowed, whose layout is continued
    Py_ssize_t n_slots; // without __dict__ and __weakref__
    bool may_add_dict;
    bool may_add_weak;
    bool add_dict;
    bool add_weak;
} NewClass;

// ---------------------------------------------------------------------- __slots__

// A private name like __x gets the class's name in front.
static PyObject *
mangle(PyObject *class_name, PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    Py_ssize_t class_length = PyUnicode_GET_LENGTH(class_name), skip = 0;
    PyObject *stem, *result;

    if (length < 3 || PyUnicode_READ_CHAR(name, 0) != '_' ||
        PyUnicode_READ_CHAR(name, 1) != '_' ||
        (PyUnicode_READ_CHAR(name, length - 1) == '_' &&
         PyUnicode_READ_CHAR(name, length - 2) == '_')) {
        return Py_NewRef(name);
    }
    while (skip < class_length && PyUnicode_READ_CHAR(class_name, skip) == '_') {
        skip++;
    }
    if (skip == class_length) {
        return Py_NewRef(name);
    }
    stem = PyUnicode_Substring(class_name, skip, class_length);
    if (stem == NULL) {
        return NULL;
    }
    result = PyUnicode_FromFormat("_%U%U", stem, name);
    Py_DECREF(stem);
    return result;
}

static int
slot_name_check(PyObject *name)
{
    int valid;

    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "__slots__ items must be strings, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return -1;
    }
    valid = PyUnicode_IsIdentifier(name);
    if (valid < 0) {
        return -1;
    }
    if (!valid) {
        PyErr_SetString(PyExc_TypeError, "__slots__ must be identifiers");
        return -1;
    }
    return 0;
}

// 1 when the name is one of the two special ones, and noted.
static int
slot_is_special(NewClass *new, PyObject *name)
{
    if (PyUnicode_Compare(name, KR_ID(__dict__)) == 0) {
        if (!new->may_add_dict || new->add_dict) {
            PyErr_SetString(PyExc_TypeError,
                            "__dict__ slot disallowed: we already got one");
            return -1;
        }
        new->add_dict = true;
        return 1;
    }
    if (PyUnicode_Compare(name, KR_ID(__weakref__)) == 0) {
        if (!new->may_add_weak || new->add_weak) {
            PyErr_SetString(PyExc_TypeError,
                            "__weakref__ slot disallowed: we already got one");
            return -1;
        }
        new->add_weak = true;
        return 1;
    }
    return PyErr_Occurred() ? -1 : 0;
}

// Puts the mangled name into the list after the check for class variables.
static int
slot_append(NewClass *new, PyObject *list, PyObject *name)
{
    PyObject *mangled = mangle(new->name, name);
    int clash, status = -1;

    if (mangled == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&mangled);
    clash = PyDict_Contains(new->dict, mangled);
    if (clash > 0 && PyUnicode_Compare(mangled, KR_ID(__qualname__)) != 0 &&
        PyUnicode_Compare(mangled, KR_ID(__classcell__)) != 0 &&
        PyUnicode_Compare(mangled, KR_ID(__classdictcell__)) != 0) {
        PyErr_Format(PyExc_ValueError, "%R in __slots__ conflicts with class variable",
                     name);
    }
    else if (clash >= 0) {
        status = PyList_Append(list, mangled);
    }
    Py_DECREF(mangled);
    return status;
}

static int
slots_read(NewClass *new, PyObject *declared)
{
    PyObject *names = NULL, *list = NULL;
    int status = -1;

    names = PyUnicode_Check(declared) ? PyTuple_Pack(1, declared)
                                      : PySequence_Tuple(declared);
    list = PyList_New(0);
    if (names == NULL || list == NULL) {
        goto done;
    }
    if (PyTuple_GET_SIZE(names) > 0 && new->base->tp_itemsize != 0 &&
        !PyType_IsSubtype(new->base, &PyType_Type)) {
        PyErr_Format(PyExc_TypeError, "nonempty __slots__ not supported for subtype of "
                                      "'%s'",
                     new->base->tp_name);
        goto done;
    }
    if (PyTuple_GET_SIZE(names) > 0 && new->base->tp_itemsize != 0) {
        PyErr_Format(PyExc_TypeError, "nonempty __slots__ not supported for subtype of "
                                      "'%s'",
                     new->base->tp_name);
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        int special = -1;
        if (slot_name_check(name) == 0) {
            special = slot_is_special(new, name);
        }
        if (special < 0 || (special == 0 && slot_append(new, list, name) < 0)) {
            goto done;
        }
    }
    if (PyList_Sort(list) < 0) {
        goto done;
    }
    new->slots = PyList_AsTuple(list);
    if (new->slots != NULL) {
        new->n_slots = PyTuple_GET_SIZE(new->slots);
        status = 0;
    }

done:
    Py_XDECREF(names);
    Py_XDECREF(list);
    return status;
}

// With several bases, another base than the layout's may bring a dict or weak list,
// which __slots__ of this class cannot take away again.
static void
slots_from_other_bases(NewClass *new)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(new->bases); i++) {
        PyTypeObject *base = kr_mro_item(new->bases, i);
        if (base == new->base) {
            continue;
        }
        if (new->may_add_dict && base->tp_dictoffset != 0) {
            new->add_dict = true;
        }
        if (new->may_add_weak && base->tp_weaklistoffset != 0) {
            new->add_weak = true;
        }
    }
}

static int
slots_decide(NewClass *new)
{
    PyObject *declared;
    int found = PyDict_GetItemRef(new->dict, KR_ID(__slots__), &declared);

    if (found < 0) {
        return -1;
    }
    new->may_add_dict = new->base->tp_dictoffset == 0;
    new->may_add_weak = new->base->tp_weaklistoffset == 0 && new->base->tp_itemsize == 0;
    if (found == 0) {
        new->add_dict = new->may_add_dict;
        new->add_weak = new->may_add_weak;
        return 0;
    }
    found = slots_read(new, declared);
    Py_DECREF(declared);
    if (found == 0 && PyTuple_GET_SIZE(new->bases) > 1) {
        slots_from_other_bases(new);
    }
    return found;
}

// -------------------------------------------------------------- the type object

static int
set_text_name(PyTypeObject *type, PyObject *name)
{
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(name, &size);

    if (text == NULL) {
        return -1;
    }
    if (strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    heap->_ht_tpname = PyMem_Malloc((size_t)size + 1);
    if (heap->_ht_tpname == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(heap->_ht_tpname, text, (size_t)size + 1);
    type->tp_name = heap->_ht_tpname;
    return 0;
}

static PyTypeObject *
class_alloc(NewClass *new)
{
    // One more item than slots: the end mark of the member table.
    PyTypeObject *type =
        (PyTypeObject *)new->meta->tp_alloc(new->meta, new->n_slots + 1);
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    PyTypeObject *base = new->base;

    if (type == NULL) {
        return NULL;
    }
    Py_SET_SIZE(type, new->n_slots);
    type->tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_BASETYPE;
    type->tp_as_async = &heap->as_async;
    type->tp_as_number = &heap->as_number;
    type->tp_as_sequence = &heap->as_sequence;
    type->tp_as_mapping = &heap->as_mapping;
    type->tp_as_buffer = &heap->as_buffer;
    type->tp_bases = Py_NewRef(new->bases);
    type->tp_base = (PyTypeObject *)Py_NewRef(base);
    type->tp_dict = Py_NewRef(new->dict);
    heap->ht_name = Py_NewRef(new->name);
    heap->ht_slots = Py_XNewRef(new->slots);
    if (set_text_name(type, new->name) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    // Every instance refers to its class, which may refer back.
    type->tp_flags |= Py_TPFLAGS_HAVE_GC;
    type->tp_traverse = kr_subtype_traverse;
    type->tp_clear = kr_subtype_clear;
    type->tp_dealloc = kr_subtype_dealloc;
    type->tp_alloc = PyType_GenericAlloc;
    type->tp_free = PyObject_GC_Del;
    type->tp_vectorcall = kr_class_vectorcall;
    type->tp_basicsize = base->tp_basicsize;
    type->tp_itemsize = base->tp_itemsize;
    return type;
}

static void
class_layout(NewClass *new, PyTypeObject *type)
{
    PyMemberDef *member =
        (PyMemberDef *)((char *)type + Py_TYPE(type)->tp_basicsize);

    type->tp_members = member;
    for (Py_ssize_t i = 0; i < new->n_slots; i++, member++) {
        // ht_slots keeps the text alive.
        member->name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(new->slots, i));
        member->type = Py_T_OBJECT_EX;
        member->offset = type->tp_basicsize;
        type->tp_basicsize += (Py_ssize_t)sizeof(PyObject *);
    }
    if (new->add_dict) {
        type->tp_flags |= Py_TPFLAGS_MANAGED_DICT;
        type->tp_dictoffset = -1;
    }
    if (new->add_weak) {
        type->tp_flags |= Py_TPFLAGS_MANAGED_WEAKREF;
        type->tp_weaklistoffset = -32;
    }
    if (new->add_dict && new->add_weak) {
        type->tp_getset = kr_subtype_getset_dict_weakref;
    }
    else if (new->add_dict) {
        type->tp_getset = kr_subtype_getset_dict;
    }
    else if (new->add_weak) {
        type->tp_getset = kr_subtype_getset_weakref;
    }
}

// ---------------------------------------------------------------- the namespace

static int
namespace_module(PyObject *dict)
{
    PyObject *globals, *module;
    int known = PyDict_Contains(dict, KR_ID(__module__));

    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    globals = PyEval_GetGlobals();
    if (globals == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    known = PyDict_GetItemRef(globals, KR_ID(__name__), &module);
    if (known > 0) {
        known = PyDict_SetItem(dict, KR_ID(__module__), module);
        Py_DECREF(module);
    }
    return known;
}

static int
namespace_qualname(PyTypeObject *type, PyObject *dict)
{
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    PyObject *qualname;
    int found = PyDict_GetItemRef(dict, KR_ID(__qualname__), &qualname);

    if (found <= 0) {
        heap->ht_qualname = Py_NewRef(heap->ht_name);
        return found;
    }
    if (!PyUnicode_Check(qualname)) {
        PyErr_Format(PyExc_TypeError, "type __qualname__ must be a str, not %s",
                     Py_TYPE(qualname)->tp_name);
        Py_DECREF(qualname);
        return -1;
    }
    heap->ht_qualname = qualname;
    return PyDict_Pop(dict, KR_ID(__qualname__), NULL) < 0 ? -1 : 0;
}

static int
namespace_doc(PyTypeObject *type, PyObject *dict)
{
    PyObject *doc;
    const char *text;
    char *copy;
    Py_ssize_t size;
    int found = PyDict_GetItemRef(dict, KR_ID(__doc__), &doc);

    if (found <= 0) {
        return found;
    }
    found = 0;
    if (PyUnicode_Check(doc)) {
        text = PyUnicode_AsUTF8AndSize(doc, &size);
        copy = text == NULL ? NULL : PyMem_Malloc((size_t)size + 1);
        if (copy != NULL) {
            memcpy(copy, text, (size_t)size + 1);
            type->tp_doc = copy;
        }
        else {
            if (text != NULL) {
                PyErr_NoMemory();
            }
            found = -1;
        }
    }
    Py_DECREF(doc);
    return found;
}

// Turns a plain function at `name` into a staticmethod or classmethod.
static int
namespace_wrap(PyObject *dict, PyObject *name, PyObject *(*wrap)(PyObject *))
{
    PyObject *func, *wrapped;
    int found = PyDict_GetItemRef(dict, name, &func);

    if (found <= 0) {
        return found;
    }
    found = 0;
    if (PyFunction_Check(func)) {
        wrapped = wrap(func);
        found = wrapped == NULL ? -1 : PyDict_SetItem(dict, name, wrapped);
        Py_XDECREF(wrapped);
    }
    Py_DECREF(func);
    return found;
}

// The cells that methods see as __class__, and the one of annotation scopes.
static int
namespace_cells(PyTypeObject *type, PyObject *dict)
{
    PyObject *cell;
    int found = PyDict_GetItemRef(dict, KR_ID(__classcell__), &cell);

    if (found < 0) {
        return -1;
    }
    if (found > 0) {
        if (!PyCell_Check(cell)) {
            PyErr_Format(PyExc_TypeError,
                         "__classcell__ must be a nonlocal cell, not %.200R",
                         Py_TYPE(cell));
            Py_DECREF(cell);
            return -1;
        }
        found = PyCell_Set(cell, (PyObject *)type);
        Py_DECREF(cell);
        if (found < 0 || PyDict_Pop(dict, KR_ID(__classcell__), NULL) < 0) {
            return -1;
        }
    }
    found = PyDict_GetItemRef(dict, KR_ID(__classdictcell__), &cell);
    if (found <= 0) {
        return found;
    }
    if (!PyCell_Check(cell)) {
        PyErr_Format(PyExc_TypeError,
                     "__classdictcell__ must be a nonlocal cell, not %.200R",
                     Py_TYPE(cell));
        Py_DECREF(cell);
        return -1;
    }
    found = PyCell_Set(cell, dict);
    Py_DECREF(cell);
    if (found < 0 || PyDict_Pop(dict, KR_ID(__classdictcell__), NULL) < 0) {
        return -1;
    }
    return 0;
}

static int
class_namespace(PyTypeObject *type)
{
    PyObject *dict = type->tp_dict;

    if (namespace_module(dict) < 0 || namespace_qualname(type, dict) < 0 ||
        namespace_doc(type, dict) < 0 ||
        namespace_wrap(dict, KR_ID(__new__), PyStaticMethod_New) < 0 ||
        namespace_wrap(dict, KR_ID(__init_subclass__), PyClassMethod_New) < 0 ||
        namespace_wrap(dict, KR_ID(__class_getitem__), PyClassMethod_New) < 0) {
        return -1;
    }
    return namespace_cells(type, dict);
}

// --------------------------------------------------------------------- hooks

static KR_COLD void
set_name_note(PyObject *key, PyObject *value, PyTypeObject *type)
{
    PyObject *exc = PyErr_GetRaisedException(), *note, *result;

    note = PyUnicode_FromFormat("Error calling __set_name__ on '%.100s' instance %R "
                                "in '%.100s'",
                                Py_TYPE(value)->tp_name, key, type->tp_name);
    if (note != NULL) {
        result = PyObject_CallMethodOneArg(exc, KR_ID(add_note), note);
        Py_XDECREF(result);
        Py_DECREF(note);
    }
    PyErr_Clear();
    PyErr_SetRaisedException(exc);
}

// Tells attributes the names that they are bound to.
static int
call_set_name(PyTypeObject *type)
{
    PyObject *names = PyDict_Copy(type->tp_dict), *key, *value;
    Py_ssize_t at = 0;

    if (names == NULL) {
        return -1;
    }
    while (PyDict_Next(names, &at, &key, &value)) {
        PyObject *method, *result, *args[3] = {value, (PyObject *)type, key};
        bool unbound;
        int found = kr_lookup_special(value, KR_ID(__set_name__), &method, &unbound);
        if (found == 0) {
            continue;
        }
        result = NULL;
        if (found > 0) {
            result = unbound ? PyObject_Vectorcall(method, args, 3, NULL)
                             : PyObject_Vectorcall(method, args + 1, 2, NULL);
            Py_DECREF(method);
        }
        if (result == NULL) {
            set_name_note(key, value, type);
            Py_DECREF(names);
            return -1;
        }
        Py_DECREF(result);
    }
    Py_DECREF(names);
    return 0;
}

static int
call_init_subclass(PyTypeObject *type, PyObject *kwds)
{
    PyObject *func, *result;
    bool unbound = false;

    func = kr_super_lookup(type, (PyObject *)type, KR_ID(__init_subclass__), &unbound);
    if (func == NULL) {
        return -1;
    }
    KR_ASSERT(!unbound);
    result = PyObject_VectorcallDict(func, NULL, 0, kwds);
    Py_DECREF(func);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

// ------------------------------------------------------------------------- new

// Instances with a dict get inline values, sized by what methods assign.
static int
class_shapes(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    PyObject *names;
    Py_ssize_t expected = 2;

    if (!(type->tp_flags & Py_TPFLAGS_MANAGED_DICT) || type->tp_itemsize != 0 ||
        type->tp_basicsize % (Py_ssize_t)sizeof(KV) != 0) {
        return 0;
    }
    if ((base->tp_flags & Py_TPFLAGS_INLINE_VALUES) && kr_type_shapes(base) != NULL) {
        expected = kr_type_shapes(base)->root->capacity;
    }
    names = PyDict_GetItemWithError(type->tp_dict, KR_ID(__static_attributes__));
    if (names != NULL && PyTuple_Check(names)) {
        expected += PyTuple_GET_SIZE(names);
    }
    else if (PyErr_Occurred()) {
        return -1;
    }
    if (kr_type_make_shapes(type, expected) < 0) {
        return -1;
    }
    type->tp_flags |= Py_TPFLAGS_INLINE_VALUES;
    return 0;
}

// Other keys than texts work, and slow every lookup down.
static int
class_check_keys(PyTypeObject *type)
{
    PyObject *key;
    Py_ssize_t at = 0;

    while (PyDict_Next(type->tp_dict, &at, &key, NULL)) {
        if (!PyUnicode_Check(key)) {
            return PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                                    "non-string key in the __dict__ of class %.200s",
                                    type->tp_name);
        }
    }
    return 0;
}

static PyTypeObject *
class_make(NewClass *new)
{
    PyTypeObject *type;

    if (slots_decide(new) < 0) {
        return NULL;
    }
    type = class_alloc(new);
    if (type == NULL) {
        return NULL;
    }
    class_layout(new, type);
    if (class_namespace(type) < 0 || kr_type_ready(type, false) < 0 ||
        class_shapes(type) < 0 || class_check_keys(type) < 0 ||
        kr_type_fix_slots(type) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    return type;
}

// The metaclass that wins, and with it whether another __new__ has to do it all.
static int
choose_metaclass(NewClass *new, PyObject *args, PyObject *kwds, PyObject **result_out)
{
    PyTypeObject *winner;

    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(new->bases); i++) {
        PyObject *base = PyTuple_GET_ITEM(new->bases, i), *entries;
        if (PyType_Check(base)) {
            continue;
        }
        if (PyObject_GetOptionalAttr(base, KR_ID(__mro_entries__), &entries) < 0) {
            return -1;
        }
        if (entries != NULL) {
            PyErr_SetString(PyExc_TypeError,
                            "type() doesn't support MRO entry resolution; use "
                            "types.new_class()");
            Py_DECREF(entries);
            return -1;
        }
    }
    winner = kr_type_calculate_metaclass(new->meta, new->bases);
    if (winner == NULL) {
        return -1;
    }
    if (winner != new->meta) {
        if (winner->tp_new != kr_type_new) {
            if (winner->tp_new == NULL) {
                PyErr_Format(PyExc_TypeError, "cannot create '%s' instances",
                             winner->tp_name);
                return -1;
            }
            *result_out = winner->tp_new(winner, args, kwds);
            return *result_out == NULL ? -1 : 1;
        }
        new->meta = winner;
    }
    return 0;
}

static bool
new_args_check(PyObject *args)
{
    static PyTypeObject *const wanted[3] = {&PyUnicode_Type, &PyTuple_Type,
                                            &PyDict_Type};
    Py_ssize_t n = PyTuple_GET_SIZE(args);

    if (n != 3) {
        PyErr_Format(PyExc_TypeError,
                     "type.__new__() takes exactly 3 arguments (%zd given)", n);
        return false;
    }
    for (int i = 0; i < 3; i++) {
        PyObject *arg = PyTuple_GET_ITEM(args, i);
        if (!PyObject_TypeCheck(arg, wanted[i])) {
            PyErr_Format(PyExc_TypeError,
                         "type.__new__() argument %d must be %s, not %.50s", i + 1,
                         wanted[i]->tp_name,
                         arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
            return false;
        }
    }
    return true;
}

PyObject *
kr_type_new(PyTypeObject *meta, PyObject *args, PyObject *kwds)
{
    NewClass new = {.meta = meta};
    PyObject *result = NULL;
    PyTypeObject *type = NULL;

    if (!new_args_check(args)) {
        return NULL;
    }
    new.name = PyTuple_GET_ITEM(args, 0);
    if (PyTuple_GET_SIZE(PyTuple_GET_ITEM(args, 1)) == 0) {
        new.bases = PyTuple_Pack(1, &PyBaseObject_Type);
    }
    else {
        new.bases = Py_NewRef(PyTuple_GET_ITEM(args, 1));
    }
    if (new.bases == NULL || choose_metaclass(&new, args, kwds, &result) != 0) {
        goto done;
    }
    new.base = kr_type_best_base(new.bases);
    if (new.base == NULL) {
        goto done;
    }
    new.dict = PyDict_Copy(PyTuple_GET_ITEM(args, 2));
    if (new.dict == NULL) {
        goto done;
    }
    type = class_make(&new);
    if (type == NULL || call_set_name(type) < 0 || call_init_subclass(type, kwds) < 0) {
        goto done;
    }
    result = (PyObject *)KR_MOVE(type);

done:
    Py_XDECREF((PyObject *)type);
    Py_XDECREF(new.bases);
    Py_XDECREF(new.dict);
    Py_XDECREF(new.slots);
    return result;
}
