// SPDX-License-Identifier: MIT
// inherit.c - which slots, flags and sizes a type takes over from its bases.
//
// Callers:     ready.c.
// Invariants:  a slot is taken from the first class of the MRO that has its own idea
//              of it, that is, differs there from that class's own base.
#include "objects/type.h"

#include "objects/ids.h"

// Whether base has a slot of its own, not just its own base's.
#define OWN_SLOT(base, slot)                                                   \
    ((base)->slot != NULL &&                                                   \
     ((base)->tp_base == NULL || (base)->slot != (base)->tp_base->slot))

#define COPY_SLOT(slot)                                                        \
    do {                                                                       \
        if (type->slot == NULL && OWN_SLOT(base, slot)) {                      \
            type->slot = base->slot;                                           \
        }                                                                      \
    } while (0)

// Suites are arrays of pointers; the same rule for each of their fields.
static void
inherit_suite(void *suite, void *base_suite, void *base_base_suite, size_t size)
{
    void **mine = suite, **theirs = base_suite, **older = base_base_suite;

    if (mine == NULL || theirs == NULL || mine == theirs) {
        return;
    }
    for (size_t i = 0; i < size / sizeof(void *); i++) {
        if (mine[i] == NULL && theirs[i] != NULL &&
            (older == NULL || older[i] != theirs[i])) {
            mine[i] = theirs[i];
        }
    }
}

static void
inherit_suites(PyTypeObject *type, PyTypeObject *base)
{
    PyTypeObject *older = base->tp_base;

    inherit_suite(type->tp_as_async, base->tp_as_async,
                  older != NULL ? older->tp_as_async : NULL, sizeof(PyAsyncMethods));
    inherit_suite(type->tp_as_number, base->tp_as_number,
                  older != NULL ? older->tp_as_number : NULL, sizeof(PyNumberMethods));
    inherit_suite(type->tp_as_sequence, base->tp_as_sequence,
                  older != NULL ? older->tp_as_sequence : NULL,
                  sizeof(PySequenceMethods));
    inherit_suite(type->tp_as_mapping, base->tp_as_mapping,
                  older != NULL ? older->tp_as_mapping : NULL,
                  sizeof(PyMappingMethods));
    inherit_suite(type->tp_as_buffer, base->tp_as_buffer,
                  older != NULL ? older->tp_as_buffer : NULL, sizeof(PyBufferProcs));
}

// 1 if the class itself says how it compares or hashes.
static int
has_own_hash(PyTypeObject *type)
{
    int known = PyDict_Contains(type->tp_dict, KR_ID(__eq__));

    return known != 0 ? known : PyDict_Contains(type->tp_dict, KR_ID(__hash__));
}

static void
inherit_free(PyTypeObject *type, PyTypeObject *base)
{
    bool gc = (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0;
    bool base_gc = (base->tp_flags & Py_TPFLAGS_HAVE_GC) != 0;

    // Objects with words in front of them are freed like collected ones.
    if (type->tp_free == NULL && base->tp_free == PyObject_Free &&
        (gc || (type->tp_flags & Py_TPFLAGS_PREHEADER))) {
        type->tp_free = PyObject_GC_Del;
    }
    else if (gc == base_gc) {
        COPY_SLOT(tp_free);
    }
}

static int
inherit_slots(PyTypeObject *type, PyTypeObject *base)
{
    inherit_suites(type, base);
    COPY_SLOT(tp_dealloc);
    if (type->tp_getattr == NULL && type->tp_getattro == NULL) {
        type->tp_getattr = base->tp_getattr;
        type->tp_getattro = base->tp_getattro;
    }
    if (type->tp_setattr == NULL && type->tp_setattro == NULL) {
        type->tp_setattr = base->tp_setattr;
        type->tp_setattro = base->tp_setattro;
    }
    COPY_SLOT(tp_repr);
    // Whoever redefines equality has to redefine the hash, too.
    if (type->tp_richcompare == NULL && type->tp_hash == NULL) {
        int own = has_own_hash(type);
        if (own < 0) {
            return -1;
        }
        if (!own) {
            type->tp_richcompare = base->tp_richcompare;
            type->tp_hash = base->tp_hash;
        }
    }
    // Vectorcall is only right as long as tp_call stays the same.
    if (type->tp_vectorcall_offset == 0) {
        type->tp_vectorcall_offset = base->tp_vectorcall_offset;
    }
    if (type->tp_call == NULL && (base->tp_flags & Py_TPFLAGS_HAVE_VECTORCALL)) {
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
    }
    COPY_SLOT(tp_call);
    COPY_SLOT(tp_str);
    COPY_SLOT(tp_iter);
    COPY_SLOT(tp_iternext);
    if (type->tp_descr_get == NULL && OWN_SLOT(base, tp_descr_get) &&
        (base->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        type->tp_flags |= Py_TPFLAGS_METHOD_DESCRIPTOR;
    }
    COPY_SLOT(tp_descr_get);
    COPY_SLOT(tp_descr_set);
    COPY_SLOT(tp_init);
    COPY_SLOT(tp_alloc);
    COPY_SLOT(tp_is_gc);
    COPY_SLOT(tp_del);
    COPY_SLOT(tp_finalize);
    inherit_free(type, base);
    return 0;
}

#define SUBCLASS_FLAGS                                                         \
    (Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS |                     \
     Py_TPFLAGS_TUPLE_SUBCLASS | Py_TPFLAGS_BYTES_SUBCLASS |                   \
     Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS |                  \
     Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS |                 \
     _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_ITEMS_AT_END)

// Sizes and kinds come from the base that fixed the layout.
static void
inherit_layout(PyTypeObject *type, PyTypeObject *base)
{
    if (!(type->tp_flags & Py_TPFLAGS_HAVE_GC) &&
        (base->tp_flags & Py_TPFLAGS_HAVE_GC) && type->tp_traverse == NULL &&
        type->tp_clear == NULL) {
        type->tp_flags |= Py_TPFLAGS_HAVE_GC;
        type->tp_traverse = base->tp_traverse;
        type->tp_clear = base->tp_clear;
    }
    type->tp_flags |= base->tp_flags & (Py_TPFLAGS_PREHEADER | SUBCLASS_FLAGS);
    if (type->tp_basicsize == 0) {
        type->tp_basicsize = base->tp_basicsize;
    }
    if (type->tp_itemsize == 0) {
        type->tp_itemsize = base->tp_itemsize;
    }
    if (type->tp_weaklistoffset == 0) {
        type->tp_weaklistoffset = base->tp_weaklistoffset;
    }
    if (type->tp_dictoffset == 0) {
        type->tp_dictoffset = base->tp_dictoffset;
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        type->tp_dictoffset = -1;
    }
    if (type->tp_flags & Py_TPFLAGS_MANAGED_WEAKREF) {
        type->tp_weaklistoffset = -32;
    }
}

#define COLLECTION_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

int
kr_type_inherit(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    PyObject *mro = type->tp_mro;

    if (base != NULL) {
        inherit_layout(type, base);
    }
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *ancestor = kr_mro_item(mro, i);
        if (!PyType_Check((PyObject *)ancestor)) {
            continue;
        }
        if (inherit_slots(type, ancestor) < 0) {
            return -1;
        }
        if (!(type->tp_flags & COLLECTION_FLAGS)) {
            type->tp_flags |= ancestor->tp_flags & COLLECTION_FLAGS;
        }
    }
    if (base == NULL) {
        return 0;
    }
    // A C type without a suite of its own shares its base's.
    if (type->tp_as_async == NULL) {
        type->tp_as_async = base->tp_as_async;
    }
    if (type->tp_as_number == NULL) {
        type->tp_as_number = base->tp_as_number;
    }
    if (type->tp_as_sequence == NULL) {
        type->tp_as_sequence = base->tp_as_sequence;
    }
    if (type->tp_as_mapping == NULL) {
        type->tp_as_mapping = base->tp_as_mapping;
    }
    if (type->tp_as_buffer == NULL) {
        type->tp_as_buffer = base->tp_as_buffer;
    }
    return 0;
}
