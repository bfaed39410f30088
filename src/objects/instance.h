// SPDX-License-Identifier: MIT
// instance.h - the attributes of instances: shapes and inline values.
//
// An object whose type has one of the PREHEADER flags has two words before it:
//
//     object - 16   weak reference list (MANAGED_WEAKREF)
//     object -  8   dict_or_shape       (MANAGED_DICT)
//     object        ob_refcnt ...
//     object + tp_basicsize   inline values (INLINE_VALUES), `capacity` KV words
//
// dict_or_shape is one of
//     shape | 1     the attributes are inline values, named by the shape
//     dict          an owned dict holds them; inline words are all empty (0)
//     0             no attribute yet; a dict is made by the first store
//
// Shapes of one type form a tree. A shape with `count` names uses the first
// `count` words; a word is 0 only while the object is being made or cleared.
// Shapes live as long as their type, and an instance keeps its type alive.
#ifndef KRAIT_OBJECTS_INSTANCE_H
#define KRAIT_OBJECTS_INSTANCE_H

#include "Python.h"

#include "base/base.h"
#include "objects/kv.h"

#define KR_SHAPE_MAX 30
#define KR_SHAPE_INDEX 64

typedef struct {
    PyObject *weaklist;
    uintptr_t dict_or_shape;
} KrPreHeader;

// The names along one line of shapes; several shapes share one table and use a
// prefix of it.
typedef struct KrShapeTable {
    struct KrShapeTable *next;     // all tables of the type, for freeing
    uint16_t used;                 // names in the table
    uint8_t index[KR_SHAPE_INDEX]; // open addressing by address: place + 1, or 0
    PyObject *names[KR_SHAPE_MAX]; // owned, interned
} KrShapeTable;

typedef struct KrShape {
    PyTypeObject *type;        // borrowed
    struct KrShape *parent;    // NULL for a root
    KrShapeTable *table;
    uint16_t count;            // names of this shape
    uint16_t capacity;         // inline words of instances, same in the whole tree
    uint32_t serial;
    struct KrShape *child;     // the first extension made
    struct KrShape **children; // further ones: hash by name, or NULL
    uint32_t n_children;       // in the hash
    uint32_t children_mask;
    struct KrShape *all_next;  // all shapes of the type, for freeing
} KrShape;

// Stands at ht_cached_keys of a heap type with INLINE_VALUES.
typedef struct KrShapeTree {
    KrShape *root;             // shape of new instances
    KrShape *all;
    KrShapeTable *tables;
    uint32_t n_shapes;
} KrShapeTree;

static inline KrPreHeader *
kr_preheader(PyObject *obj)
{
    return (KrPreHeader *)obj - 1;
}

static inline KrShapeTree *
kr_type_shapes(PyTypeObject *type)
{
    return (KrShapeTree *)((PyHeapTypeObject *)type)->ht_cached_keys;
}

// Bytes that instances need behind basicsize and items. 0 without inline values.
static inline size_t
kr_instance_extra_size(PyTypeObject *type)
{
    if (!(type->tp_flags & Py_TPFLAGS_INLINE_VALUES)) {
        return 0;
    }
    KrShapeTree *tree = kr_type_shapes(type);
    return tree != NULL ? tree->root->capacity * sizeof(uint64_t) : 0;
}

// To be called by the allocator on zeroed memory of
// tp_basicsize + kr_instance_extra_size(type) bytes, prefix included.
static inline void
kr_instance_start(PyTypeObject *type, PyObject *obj)
{
    if (type->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
        KrShapeTree *tree = kr_type_shapes(type);
        if (tree != NULL) {
            kr_preheader(obj)->dict_or_shape = (uintptr_t)tree->root | 1;
        }
    }
}

// The shape, or NULL if the attributes are in a dict. MANAGED_DICT types only.
static inline KrShape *
kr_instance_shape(PyObject *obj)
{
    uintptr_t word = kr_preheader(obj)->dict_or_shape;
    return (word & 1) ? (KrShape *)(word - 1) : NULL;
}

// The dict if there is one already (borrowed). MANAGED_DICT types only.
static inline PyObject *
kr_instance_dict_borrow(PyObject *obj)
{
    uintptr_t word = kr_preheader(obj)->dict_or_shape;
    return (word & 1) ? NULL : (PyObject *)word;
}

static inline KV *
kr_instance_values(PyObject *obj)
{
    return (KV *)((char *)obj + Py_TYPE(obj)->tp_basicsize);
}

// Where `name` stands in the shape, or -1. `name` must be an interned str.
static inline int
kr_shape_find(KrShape *shape, PyObject *name)
{
    KrShapeTable *table = shape->table;
    uint32_t at = (uint32_t)((uintptr_t)name >> 4) * 0x9E3779B1u >> 26;

    for (;;) {
        uint8_t place = table->index[at];
        if (place == 0) {
            return -1;
        }
        if (table->names[place - 1] == name) {
            return place - 1 < shape->count ? place - 1 : -1;
        }
        at = (at + 1) & (KR_SHAPE_INDEX - 1);
    }
}

// The shape with one more name (interned). NULL without an exception when the
// instance has to go to a dict: capacity reached, too many shapes, or no memory.
KrShape *kr_shape_add(KrShape *shape, PyObject *name);

// Gives a new heap type its tree. `expected` is the number of names foreseen.
int kr_type_make_shapes(PyTypeObject *type, Py_ssize_t expected);
void kr_type_free_shapes(PyTypeObject *type);

// All of these are for types with MANAGED_DICT.
// 1 found (new reference in *value_out), 0 absent, -1 error.
int kr_instance_lookup(PyObject *obj, PyObject *name, PyObject **value_out);
// Stores; 0 or -1.
int kr_instance_store(PyObject *obj, PyObject *name, PyObject *value);
// 1 deleted, 0 there was none, -1 error.
int kr_instance_delete(PyObject *obj, PyObject *name);
// obj.__dict__, made if needed. New reference.
PyObject *kr_instance_dict(PyObject *obj);
// obj.__dict__ = dict; NULL resets it to nothing.
int kr_instance_set_dict(PyObject *obj, PyObject *dict);
// A new dict with the same content; obj keeps its shape. NULL with an exception.
PyObject *kr_instance_dict_copy(PyObject *obj);
// 1 if there are no attributes, 0 if there are.
bool kr_instance_is_empty(PyObject *obj);

#endif // KRAIT_OBJECTS_INSTANCE_H
