// SPDX-License-Identifier: MIT
// spec.c - classes described by C structs: PyType_FromSpec and what goes with it.
//
// Callers:     extensions, native modules.
// Invariants:  texts of the spec are copied; its tables must outlive the class.
// Re-entrancy: a metaclass's mro() may run Python.
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/module.h"
#include "objects/object.h"
#include "objects/state.h"
#include "objects/type/slots.h"

#define TP(field) (short)offsetof(PyHeapTypeObject, ht_type.field)
#define AM(field) (short)offsetof(PyHeapTypeObject, as_async.field)
#define NB(field) (short)offsetof(PyHeapTypeObject, as_number.field)
#define MP(field) (short)offsetof(PyHeapTypeObject, as_mapping.field)
#define SQ(field) (short)offsetof(PyHeapTypeObject, as_sequence.field)
#define BF(field) (short)offsetof(PyHeapTypeObject, as_buffer.field)

// Where the slot of each number lies; 0 for those that are treated specially.
static const short spec_offsets[Py_tp_token + 1] = {
    [Py_bf_getbuffer] = BF(bf_getbuffer),
    [Py_bf_releasebuffer] = BF(bf_releasebuffer),
    [Py_mp_ass_subscript] = MP(mp_ass_subscript),
    [Py_mp_length] = MP(mp_length),
    [Py_mp_subscript] = MP(mp_subscript),
    [Py_nb_absolute] = NB(nb_absolute),
    [Py_nb_add] = NB(nb_add),
    [Py_nb_and] = NB(nb_and),
    [Py_nb_bool] = NB(nb_bool),
    [Py_nb_divmod] = NB(nb_divmod),
    [Py_nb_float] = NB(nb_float),
    [Py_nb_floor_divide] = NB(nb_floor_divide),
    [Py_nb_index] = NB(nb_index),
    [Py_nb_inplace_add] = NB(nb_inplace_add),
    [Py_nb_inplace_and] = NB(nb_inplace_and),
    [Py_nb_inplace_floor_divide] = NB(nb_inplace_floor_divide),
    [Py_nb_inplace_lshift] = NB(nb_inplace_lshift),
    [Py_nb_inplace_multiply] = NB(nb_inplace_multiply),
    [Py_nb_inplace_or] = NB(nb_inplace_or),
    [Py_nb_inplace_power] = NB(nb_inplace_power),
    [Py_nb_inplace_remainder] = NB(nb_inplace_remainder),
    [Py_nb_inplace_rshift] = NB(nb_inplace_rshift),
    [Py_nb_inplace_subtract] = NB(nb_inplace_subtract),
    [Py_nb_inplace_true_divide] = NB(nb_inplace_true_divide),
    [Py_nb_inplace_xor] = NB(nb_inplace_xor),
    [Py_nb_int] = NB(nb_int),
    [Py_nb_invert] = NB(nb_invert),
    [Py_nb_lshift] = NB(nb_lshift),
    [Py_nb_multiply] = NB(nb_multiply),
    [Py_nb_negative] = NB(nb_negative),
    [Py_nb_or] = NB(nb_or),
    [Py_nb_positive] = NB(nb_positive),
    [Py_nb_power] = NB(nb_power),
    [Py_nb_remainder] = NB(nb_remainder),
    [Py_nb_rshift] = NB(nb_rshift),
    [Py_nb_subtract] = NB(nb_subtract),
    [Py_nb_true_divide] = NB(nb_true_divide),
    [Py_nb_xor] = NB(nb_xor),
    [Py_nb_matrix_multiply] = NB(nb_matrix_multiply),
    [Py_nb_inplace_matrix_multiply] = NB(nb_inplace_matrix_multiply),
    [Py_sq_ass_item] = SQ(sq_ass_item),
    [Py_sq_concat] = SQ(sq_concat),
    [Py_sq_contains] = SQ(sq_contains),
    [Py_sq_inplace_concat] = SQ(sq_inplace_concat),
    [Py_sq_inplace_repeat] = SQ(sq_inplace_repeat),
    [Py_sq_item] = SQ(sq_item),
    [Py_sq_length] = SQ(sq_length),
    [Py_sq_repeat] = SQ(sq_repeat),
    [Py_am_await] = AM(am_await),
    [Py_am_aiter] = AM(am_aiter),
    [Py_am_anext] = AM(am_anext),
    [Py_am_send] = AM(am_send),
    [Py_tp_alloc] = TP(tp_alloc),
    [Py_tp_base] = TP(tp_base),
    [Py_tp_bases] = TP(tp_bases),
    [Py_tp_call] = TP(tp_call),
    [Py_tp_clear] = TP(tp_clear),
    [Py_tp_dealloc] = TP(tp_dealloc),
    [Py_tp_del] = TP(tp_del),
    [Py_tp_descr_get] = TP(tp_descr_get),
    [Py_tp_descr_set] = TP(tp_descr_set),
    [Py_tp_doc] = TP(tp_doc),
    [Py_tp_getattr] = TP(tp_getattr),
    [Py_tp_getattro] = TP(tp_getattro),
    [Py_tp_hash] = TP(tp_hash),
    [Py_tp_init] = TP(tp_init),
    [Py_tp_is_gc] = TP(tp_is_gc),
    [Py_tp_iter] = TP(tp_iter),
    [Py_tp_iternext] = TP(tp_iternext),
    [Py_tp_methods] = TP(tp_methods),
    [Py_tp_new] = TP(tp_new),
    [Py_tp_repr] = TP(tp_repr),
    [Py_tp_richcompare] = TP(tp_richcompare),
    [Py_tp_setattr] = TP(tp_setattr),
    [Py_tp_setattro] = TP(tp_setattro),
    [Py_tp_str] = TP(tp_str),
    [Py_tp_traverse] = TP(tp_traverse),
    [Py_tp_members] = TP(tp_members),
    [Py_tp_getset] = TP(tp_getset),
    [Py_tp_free] = TP(tp_free),
    [Py_tp_finalize] = TP(tp_finalize),
    [Py_tp_vectorcall] = TP(tp_vectorcall),
};

// What the first pass over the slots found.
typedef struct {
    Py_ssize_t n_members;
    PyMemberDef *members;
    Py_ssize_t weaklist_offset; // from special members, 0: none
    Py_ssize_t dict_offset;
    Py_ssize_t vectorcall_offset;
    PyObject *bases_slot;       // borrowed
    PyTypeObject *base_slot;    // borrowed
    const char *doc;
    void *token;
    bool has_token;
} SpecFacts;

static int
spec_member(PyType_Spec *spec, PyMemberDef *member, SpecFacts *facts)
{
    Py_ssize_t *place = NULL;

    facts->n_members++;
    if (strcmp(member->name, "__weaklistoffset__") == 0) {
        place = &facts->weaklist_offset;
    }
    else if (strcmp(member->name, "__dictoffset__") == 0) {
        place = &facts->dict_offset;
    }
    else if (strcmp(member->name, "__vectorcalloffset__") == 0) {
        place = &facts->vectorcall_offset;
    }
    if (place != NULL) {
        if (member->type != Py_T_PYSSIZET) {
            PyErr_Format(PyExc_SystemError, "type of %s must be Py_T_PYSSIZET",
                         member->name);
            return -1;
        }
        *place = member->offset;
    }
    if ((member->flags & Py_RELATIVE_OFFSET) && spec->basicsize > 0) {
        PyErr_SetString(PyExc_SystemError, "With Py_RELATIVE_OFFSET, basicsize must be "
                                           "negative.");
        return -1;
    }
    if ((member->flags & Py_RELATIVE_OFFSET) &&
        (member->offset < 0 || member->offset >= -(Py_ssize_t)spec->basicsize)) {
        PyErr_SetString(PyExc_SystemError,
                        "Member offset out of range (0..-basicsize)");
        return -1;
    }
    return 0;
}

static int
spec_scan(PyType_Spec *spec, SpecFacts *facts)
{
    for (PyType_Slot *slot = spec->slots; slot->slot != 0; slot++) {
        if (slot->slot < 0 || slot->slot > Py_tp_token) {
            PyErr_SetString(PyExc_RuntimeError, "invalid slot offset");
            return -1;
        }
        switch (slot->slot) {
        case Py_tp_members:
            if (facts->members != NULL) {
                PyErr_SetString(PyExc_SystemError,
                                "Multiple Py_tp_members slots are not supported.");
                return -1;
            }
            facts->members = slot->pfunc;
            for (PyMemberDef *m = facts->members; m->name != NULL; m++) {
                if (spec_member(spec, m, facts) < 0) {
                    return -1;
                }
            }
            break;
        case Py_tp_doc:
            facts->doc = slot->pfunc;
            break;
        case Py_tp_base:
            facts->base_slot = slot->pfunc;
            break;
        case Py_tp_bases:
            facts->bases_slot = slot->pfunc;
            break;
        case Py_tp_token:
            facts->has_token = true;
            facts->token = slot->pfunc == Py_TP_USE_SPEC ? spec : slot->pfunc;
            break;
        default:
            break;
        }
    }
    if (spec->name == NULL) {
        PyErr_SetString(PyExc_SystemError, "Type spec does not define the name field.");
        return -1;
    }
    return 0;
}

// A new tuple of bases from the argument or the slots.
static PyObject *
spec_bases(PyObject *bases_arg, SpecFacts *facts)
{
    if (bases_arg != NULL) {
        return PyTuple_Check(bases_arg) ? Py_NewRef(bases_arg)
                                        : PyTuple_Pack(1, bases_arg);
    }
    if (facts->bases_slot != NULL) {
        if (!PyTuple_Check(facts->bases_slot)) {
            PyErr_SetString(PyExc_SystemError, "Py_tp_bases is not a tuple");
            return NULL;
        }
        return Py_NewRef(facts->bases_slot);
    }
    return PyTuple_Pack(1, facts->base_slot != NULL ? facts->base_slot
                                                    : &PyBaseObject_Type);
}

// basicsize > 0: as given. 0: the base's. < 0: that much behind the base's struct.
static int
spec_sizes(PyType_Spec *spec, PyTypeObject *base, Py_ssize_t *basicsize_out,
           Py_ssize_t *data_offset_out)
{
    const Py_ssize_t align = 16;
    Py_ssize_t basicsize = spec->basicsize;

    *data_offset_out = base->tp_basicsize;
    if (basicsize == 0) {
        basicsize = base->tp_basicsize;
    }
    else if (basicsize < 0) {
        *data_offset_out = (base->tp_basicsize + align - 1) / align * align;
        basicsize = *data_offset_out + (-basicsize + align - 1) / align * align;
        // The data lies behind the items' start only if items go to the end.
        if (base->tp_itemsize != 0 && !(base->tp_flags & Py_TPFLAGS_ITEMS_AT_END) &&
            !(spec->flags & Py_TPFLAGS_ITEMS_AT_END)) {
            PyErr_SetString(PyExc_SystemError,
                            "Cannot extend variable-size class without "
                            "Py_TPFLAGS_ITEMS_AT_END.");
            return -1;
        }
    }
    else if (basicsize < base->tp_basicsize) {
        PyErr_Format(PyExc_TypeError,
                     "tp_basicsize for type '%s' (%d) is too small for base '%s' (%zd)",
                     spec->name, spec->basicsize, base->tp_name, base->tp_basicsize);
        return -1;
    }
    *basicsize_out = basicsize;
    return 0;
}

static int
spec_set_names(PyHeapTypeObject *heap, PyType_Spec *spec)
{
    const char *dot = strrchr(spec->name, '.');
    size_t length = strlen(spec->name);

    heap->_ht_tpname = PyMem_Malloc(length + 1);
    if (heap->_ht_tpname == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(heap->_ht_tpname, spec->name, length + 1);
    heap->ht_type.tp_name = heap->_ht_tpname;
    heap->ht_name = PyUnicode_FromString(dot == NULL ? spec->name : dot + 1);
    if (heap->ht_name == NULL) {
        return -1;
    }
    heap->ht_qualname = Py_NewRef(heap->ht_name);
    return 0;
}

static int
spec_set_doc(PyTypeObject *type, const char *doc)
{
    char *copy;
    size_t length;

    if (doc == NULL) {
        return 0;
    }
    length = strlen(doc);
    copy = PyMem_Malloc(length + 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(copy, doc, length + 1);
    type->tp_doc = copy;
    return 0;
}

// Copies the slots into the type; relative members get their final place.
static void
spec_fill(PyTypeObject *type, PyType_Spec *spec, SpecFacts *facts,
          Py_ssize_t data_offset)
{
    for (PyType_Slot *slot = spec->slots; slot->slot != 0; slot++) {
        if (slot->slot == Py_tp_base || slot->slot == Py_tp_bases ||
            slot->slot == Py_tp_doc || slot->slot == Py_tp_members ||
            slot->slot == Py_tp_token) {
            continue;
        }
        memcpy((char *)type + spec_offsets[slot->slot], &slot->pfunc, sizeof(void *));
    }
    if (facts->members != NULL) {
        PyMemberDef *copy =
            (PyMemberDef *)((char *)type + Py_TYPE(type)->tp_basicsize);
        memcpy(copy, facts->members, (size_t)facts->n_members * sizeof(PyMemberDef));
        type->tp_members = copy;
        for (Py_ssize_t i = 0; i < facts->n_members; i++) {
            if (copy[i].flags & Py_RELATIVE_OFFSET) {
                copy[i].flags &= ~Py_RELATIVE_OFFSET;
                copy[i].offset += data_offset;
            }
        }
    }
    type->tp_weaklistoffset = facts->weaklist_offset;
    type->tp_dictoffset = facts->dict_offset;
    type->tp_vectorcall_offset = facts->vectorcall_offset;
}

// __module__ comes from the dotted name; without a dot it is missing.
static int
spec_set_module_name(PyTypeObject *type, PyType_Spec *spec)
{
    const char *dot = strrchr(spec->name, '.');
    PyObject *name;
    int known = PyDict_Contains(type->tp_dict, KR_ID(__module__));

    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    if (dot == NULL) {
        return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                "builtin type %.200s has no __module__ attribute",
                                spec->name);
    }
    name = PyUnicode_FromStringAndSize(spec->name, dot - spec->name);
    if (name == NULL) {
        return -1;
    }
    PyUnicode_InternInPlace(&name);
    known = PyDict_SetItem(type->tp_dict, KR_ID(__module__), name);
    Py_DECREF(name);
    return known;
}

static int
spec_check_bases(PyType_Spec *spec, PyObject *bases)
{
    if (!(spec->flags & Py_TPFLAGS_IMMUTABLETYPE)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *base = kr_mro_item(bases, i);
        if (PyType_Check((PyObject *)base) &&
            !(base->tp_flags & Py_TPFLAGS_IMMUTABLETYPE)) {
            PyErr_Format(PyExc_TypeError,
                         "Creating immutable type %s from mutable base %N", spec->name,
                         base);
            return -1;
        }
    }
    return 0;
}

static PyTypeObject *
spec_metaclass(PyTypeObject *meta, PyObject *bases)
{
    if (meta == NULL) {
        meta = &PyType_Type;
    }
    meta = kr_type_calculate_metaclass(meta, bases);
    if (meta == NULL) {
        return NULL;
    }
    if (!PyType_IsSubtype(meta, &PyType_Type)) {
        PyErr_Format(PyExc_TypeError, "Metaclass '%R' is not a subclass of 'type'.",
                     meta);
        return NULL;
    }
    if (meta->tp_new != NULL && meta->tp_new != kr_type_new) {
        // The metaclass's own __new__ would have to run, and cannot.
        PyErr_SetString(PyExc_TypeError,
                        "Metaclasses with custom tp_new are not supported.");
        return NULL;
    }
    return meta;
}

static PyTypeObject *
spec_make(PyTypeObject *meta, PyObject *module, PyType_Spec *spec, SpecFacts *facts,
          PyObject *bases, PyTypeObject *base)
{
    Py_ssize_t basicsize, data_offset;
    PyHeapTypeObject *heap;
    PyTypeObject *type;

    if (spec_sizes(spec, base, &basicsize, &data_offset) < 0) {
        return NULL;
    }
    heap = (PyHeapTypeObject *)meta->tp_alloc(meta, facts->n_members + 1);
    if (heap == NULL) {
        return NULL;
    }
    type = &heap->ht_type;
    Py_SET_SIZE(type, facts->n_members);
    type->tp_flags = spec->flags | Py_TPFLAGS_HEAPTYPE;
    type->tp_as_async = &heap->as_async;
    type->tp_as_number = &heap->as_number;
    type->tp_as_sequence = &heap->as_sequence;
    type->tp_as_mapping = &heap->as_mapping;
    type->tp_as_buffer = &heap->as_buffer;
    type->tp_base = (PyTypeObject *)Py_NewRef(base);
    type->tp_bases = Py_NewRef(bases);
    heap->ht_module = Py_XNewRef(module);
    heap->ht_token = facts->has_token ? facts->token : NULL;
    if (spec_set_names(heap, spec) < 0 || spec_set_doc(type, facts->doc) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    spec_fill(type, spec, facts, data_offset);
    type->tp_basicsize = basicsize;
    type->tp_itemsize = spec->itemsize;
    if (type->tp_dealloc == NULL) {
        // Without a dealloc of its own the type lives like a Python class.
        type->tp_dealloc = kr_subtype_dealloc;
    }
    if (kr_type_ready(type, false) < 0 || spec_set_module_name(type, spec) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    return type;
}

PyObject *
PyType_FromMetaclass(PyTypeObject *meta, PyObject *module, PyType_Spec *spec,
                     PyObject *bases_arg)
{
    SpecFacts facts = {0};
    PyObject *bases = NULL;
    PyTypeObject *base, *type = NULL;

    if (spec_scan(spec, &facts) < 0) {
        return NULL;
    }
    bases = spec_bases(bases_arg, &facts);
    if (bases == NULL || spec_check_bases(spec, bases) < 0) {
        goto done;
    }
    meta = spec_metaclass(meta, bases);
    if (meta == NULL) {
        goto done;
    }
    base = kr_type_best_base(bases);
    if (base == NULL) {
        goto done;
    }
    type = spec_make(meta, module, spec, &facts, bases, base);

done:
    Py_XDECREF(bases);
    return (PyObject *)type;
}

PyObject *
PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, module, spec, bases);
}

PyObject *
PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases)
{
    return PyType_FromMetaclass(NULL, NULL, spec, bases);
}

PyObject *
PyType_FromSpec(PyType_Spec *spec)
{
    return PyType_FromMetaclass(NULL, NULL, spec, NULL);
}

// ---------------------------------------------------------------------- questions

unsigned long
PyType_GetFlags(PyTypeObject *type)
{
    return type->tp_flags;
}

void *
PyType_GetSlot(PyTypeObject *type, int slot)
{
    void **place;

    if (slot <= 0 || slot > Py_tp_token) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (slot == Py_tp_token) {
        return kr_type_is_heap(type) ? ((PyHeapTypeObject *)type)->ht_token : NULL;
    }
    place = kr_slot_place(type, spec_offsets[slot]);
    return place == NULL ? NULL : *place;
}

PyObject *
PyType_GetModule(PyTypeObject *type)
{
    PyObject *module;

    if (!kr_type_is_heap(type)) {
        PyErr_Format(PyExc_TypeError,
                     "PyType_GetModule: Type '%s' is not a heap type", type->tp_name);
        return NULL;
    }
    module = ((PyHeapTypeObject *)type)->ht_module;
    if (module == NULL) {
        PyErr_Format(PyExc_TypeError,
                     "PyType_GetModule: Type '%s' has no associated module",
                     type->tp_name);
    }
    return module;
}

void *
PyType_GetModuleState(PyTypeObject *type)
{
    PyObject *module = PyType_GetModule(type);

    return module == NULL ? NULL : PyModule_GetState(module);
}

// The module of the nearest class in the MRO that was made from `def`. Borrowed.
PyObject *
PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    PyObject *mro = type->tp_mro;

    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *at = kr_mro_item(mro, i);
        PyObject *module;
        if (!kr_type_is_heap(at)) {
            continue;
        }
        module = ((PyHeapTypeObject *)at)->ht_module;
        if (module != NULL && PyModule_Check(module) &&
            ((KrModule *)module)->def == def) {
            return module;
        }
    }
    PyErr_Format(PyExc_TypeError,
                 "PyType_GetModuleByDef: No superclass of '%s' has the given module",
                 type->tp_name);
    return NULL;
}

int
PyType_GetBaseByToken(PyTypeObject *type, void *token, PyTypeObject **result)
{
    PyObject *mro = type->tp_mro;

    if (result != NULL) {
        *result = NULL;
    }
    if (token == NULL) {
        PyErr_Format(PyExc_SystemError,
                     "PyType_GetBaseByToken called with token=NULL");
        return -1;
    }
    if (!PyType_Check((PyObject *)type)) {
        PyErr_Format(PyExc_TypeError, "expected a type, got a '%T' object", type);
        return -1;
    }
    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *at = kr_mro_item(mro, i);
        if (kr_type_is_heap(at) && ((PyHeapTypeObject *)at)->ht_token == token) {
            if (result != NULL) {
                *result = (PyTypeObject *)Py_NewRef(at);
            }
            return 1;
        }
    }
    return 0;
}

// The part of an instance that a class with negative basicsize has added.
void *
PyObject_GetTypeData(PyObject *obj, PyTypeObject *cls)
{
    Py_ssize_t align = 16;

    return (char *)obj + (cls->tp_base->tp_basicsize + align - 1) / align * align;
}

Py_ssize_t
PyType_GetTypeDataSize(PyTypeObject *cls)
{
    Py_ssize_t align = 16;
    Py_ssize_t start = (cls->tp_base->tp_basicsize + align - 1) / align * align;

    return cls->tp_basicsize < start ? 0 : cls->tp_basicsize - start;
}

void *
PyObject_GetItemData(PyObject *obj)
{
    if (!PyType_HasFeature(Py_TYPE(obj), Py_TPFLAGS_ITEMS_AT_END)) {
        PyErr_Format(PyExc_TypeError,
                     "type '%s' does not have Py_TPFLAGS_ITEMS_AT_END",
                     Py_TYPE(obj)->tp_name);
        return NULL;
    }
    return (char *)obj + Py_TYPE(obj)->tp_basicsize;
}

int
PyType_Freeze(PyTypeObject *type)
{
    PyObject *mro = type->tp_mro;

    for (Py_ssize_t i = 1; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = kr_mro_item(mro, i);
        if (!(base->tp_flags & Py_TPFLAGS_IMMUTABLETYPE)) {
            PyErr_Format(PyExc_TypeError, "Creating immutable type %s from mutable base "
                                          "%N",
                         _PyType_Name(type), base);
            return -1;
        }
    }
    type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    kr_type_modified(type);
    return 0;
}

PyObject *
PyType_GenericNew(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return type->tp_alloc(type, 0);
}
