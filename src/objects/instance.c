// SPDX-License-Identifier: MIT
// instance.c - shapes, and the attributes of instances that have them.
//
// Callers:     object_attr.c, type/subtype.c, the allocator, vm (inline caches).
// Invariants:  a shape's names are table->names[0..count); the words of an instance
//              at and above its shape's count hold nothing that must be released.
// Re-entrancy: releasing an old value may run Python: the instance is in its new
//              state before.
#include "objects/instance.h"

#include "objects/ids.h"
#include "objects/state.h"
#include "objects/type.h"

// A class whose instances differ more than this gets dicts for the odd ones.
#define KR_SHAPE_LIMIT 1024

// ---------------------------------------------------------------- shape tables

static uint32_t
shape_index_start(PyObject *name)
{
    return (uint32_t)((uintptr_t)name >> 4) * 0x9E3779B1u >> 26;
}

// Appends a name; the caller has made sure that it is not there yet.
static void
shape_table_append(KrShapeTable *table, PyObject *name)
{
    uint32_t at = shape_index_start(name);

    while (table->index[at] != 0) {
        at = (at + 1) & (KR_SHAPE_INDEX - 1);
    }
    table->names[table->used] = Py_NewRef(name);
    table->used++;
    table->index[at] = (uint8_t)table->used;
}

static KrShapeTable *
shape_table_new(KrShapeTree *tree, KrShapeTable *from, uint16_t count)
{
    KrShapeTable *table = PyMem_Calloc(1, sizeof(KrShapeTable));

    if (table == NULL) {
        return NULL;
    }
    for (uint16_t i = 0; i < count; i++) {
        shape_table_append(table, from->names[i]);
    }
    table->next = tree->tables;
    tree->tables = table;
    return table;
}

static KrShape *
shape_new(KrShapeTree *tree, PyTypeObject *type, KrShape *parent, KrShapeTable *table,
          uint16_t count, uint16_t capacity)
{
    KrShape *shape = PyMem_Calloc(1, sizeof(KrShape));

    if (shape == NULL) {
        return NULL;
    }
    shape->type = type;
    shape->parent = parent;
    shape->table = table;
    shape->count = count;
    shape->capacity = capacity;
    shape->serial = (uint32_t)++kr_interp()->types.shape_serial;
    shape->all_next = tree->all;
    tree->all = shape;
    tree->n_shapes++;
    return shape;
}

static PyObject *
shape_last_name(KrShape *shape)
{
    return shape->table->names[shape->count - 1];
}

// ----------------------------------------------------------------- transitions

static KrShape *
shape_child(KrShape *shape, PyObject *name)
{
    if (shape->child != NULL && shape_last_name(shape->child) == name) {
        return shape->child;
    }
    if (shape->children == NULL) {
        return NULL;
    }
    uint32_t at = (uint32_t)((uintptr_t)name >> 4) & shape->children_mask;
    while (shape->children[at] != NULL) {
        if (shape_last_name(shape->children[at]) == name) {
            return shape->children[at];
        }
        at = (at + 1) & shape->children_mask;
    }
    return NULL;
}

static void
shape_children_put(KrShape **children, uint32_t mask, KrShape *child)
{
    uint32_t at = (uint32_t)((uintptr_t)shape_last_name(child) >> 4) & mask;

    while (children[at] != NULL) {
        at = (at + 1) & mask;
    }
    children[at] = child;
}

// Makes room for one more child. false without memory.
static bool
shape_children_reserve(KrShape *shape)
{
    if (shape->child == NULL) {
        return true;
    }
    if (shape->children != NULL && shape->n_children * 2 <= shape->children_mask) {
        return true;
    }
    uint32_t size = shape->children == NULL ? 4 : (shape->children_mask + 1) * 2;
    KrShape **children = PyMem_Calloc(size, sizeof(KrShape *));
    if (children == NULL) {
        return false;
    }
    if (shape->children != NULL) {
        for (uint32_t i = 0; i <= shape->children_mask; i++) {
            if (shape->children[i] != NULL) {
                shape_children_put(children, size - 1, shape->children[i]);
            }
        }
        PyMem_Free(shape->children);
    }
    shape->children = children;
    shape->children_mask = size - 1;
    return true;
}

// New instances get more room once one of them ran out of it.
static void
shape_tree_grow(KrShapeTree *tree, KrShape *shape)
{
    if (tree->root->capacity > shape->capacity || shape->capacity >= KR_SHAPE_MAX) {
        return;
    }
    int capacity = shape->capacity * 2;
    if (capacity > KR_SHAPE_MAX) {
        capacity = KR_SHAPE_MAX;
    }
    KrShapeTable *table = shape_table_new(tree, NULL, 0);
    if (table == NULL) {
        return;
    }
    KrShape *root = shape_new(tree, shape->type, NULL, table, 0, (uint16_t)capacity);
    if (root != NULL) {
        tree->root = root;
    }
}

KrShape *
kr_shape_add(KrShape *shape, PyObject *name)
{
    KrShape *child = shape_child(shape, name);
    KrShapeTree *tree = kr_type_shapes(shape->type);
    KrShapeTable *table = shape->table;

    if (child != NULL) {
        return child;
    }
    if (shape->count == shape->capacity) {
        shape_tree_grow(tree, shape);
        return NULL;
    }
    if (tree->n_shapes >= KR_SHAPE_LIMIT || !shape_children_reserve(shape)) {
        return NULL;
    }
    // The longest line continues its parent's table, a fork copies it.
    if (table->used != shape->count) {
        table = shape_table_new(tree, shape->table, shape->count);
        if (table == NULL) {
            return NULL;
        }
    }
    child = shape_new(tree, shape->type, shape, table, (uint16_t)(shape->count + 1),
                      shape->capacity);
    if (child == NULL) {
        return NULL;
    }
    shape_table_append(table, name);
    if (shape->child == NULL) {
        shape->child = child;
    }
    else {
        shape_children_put(shape->children, shape->children_mask, child);
        shape->n_children++;
    }
    return child;
}

// -------------------------------------------------------------- trees of types

int
kr_type_make_shapes(PyTypeObject *type, Py_ssize_t expected)
{
    KrShapeTree *tree = PyMem_Calloc(1, sizeof(KrShapeTree));
    KrShapeTable *table;

    if (tree == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (expected < 2) {
        expected = 2;
    }
    if (expected > KR_SHAPE_MAX) {
        expected = KR_SHAPE_MAX;
    }
    table = shape_table_new(tree, NULL, 0);
    if (table != NULL) {
        tree->root = shape_new(tree, type, NULL, table, 0, (uint16_t)expected);
    }
    if (tree->root == NULL) {
        PyMem_Free(table);
        PyMem_Free(tree);
        PyErr_NoMemory();
        return -1;
    }
    ((PyHeapTypeObject *)type)->ht_cached_keys = (struct _dictkeysobject *)tree;
    return 0;
}

void
kr_type_free_shapes(PyTypeObject *type)
{
    KrShapeTree *tree = kr_type_shapes(type);

    if (tree == NULL) {
        return;
    }
    ((PyHeapTypeObject *)type)->ht_cached_keys = NULL;
    for (KrShape *shape = tree->all; shape != NULL;) {
        KrShape *next = shape->all_next;
        PyMem_Free(shape->children);
        PyMem_Free(shape);
        shape = next;
    }
    for (KrShapeTable *table = tree->tables; table != NULL;) {
        KrShapeTable *next = table->next;
        for (uint16_t i = 0; i < table->used; i++) {
            Py_DECREF(table->names[i]);
        }
        PyMem_Free(table);
        table = next;
    }
    PyMem_Free(tree);
}

// ------------------------------------------------------------------ instances

static void
instance_set_word(PyObject *obj, uintptr_t word)
{
    kr_preheader(obj)->dict_or_shape = word;
}

// kr_shape_find for a name that need not be interned.
static int
shape_find_any(KrShape *shape, PyObject *name)
{
    if (KR_LIKELY(PyUnicode_CHECK_INTERNED(name))) {
        return kr_shape_find(shape, name);
    }
    for (int i = 0; i < shape->count; i++) {
        if (PyUnicode_Compare(shape->table->names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

int
kr_instance_lookup(PyObject *obj, PyObject *name, PyObject **value_out)
{
    KrShape *shape = kr_instance_shape(obj);
    PyObject *dict;

    if (shape != NULL) {
        int place = shape_find_any(shape, name);
        *value_out = NULL;
        if (place < 0) {
            return 0;
        }
        PyObject *value = kr_kv_box_in_place(&kr_instance_values(obj)[place]);
        if (value == NULL) {
            return -1;
        }
        *value_out = Py_NewRef(value);
        return 1;
    }
    dict = kr_instance_dict_borrow(obj);
    if (dict == NULL) {
        *value_out = NULL;
        return 0;
    }
    // The lookup may run an odd key's __eq__, which may replace the dict.
    Py_INCREF(dict);
    int found = PyDict_GetItemRef(dict, name, value_out);
    Py_DECREF(dict);
    return found;
}

// Moves the inline values into a new dict. The instance must have a shape.
static PyObject *
instance_materialize(PyObject *obj)
{
    PyObject *dict = kr_instance_dict_copy(obj);
    KrShape *shape = kr_instance_shape(obj);

    if (dict == NULL) {
        return NULL;
    }
    // Every value has a second reference from the dict now: no code can run.
    KV *values = kr_instance_values(obj);
    instance_set_word(obj, (uintptr_t)dict);
    for (int i = 0; i < shape->count; i++) {
        KV old = values[i];
        values[i] = KV_NULL;
        kv_release(old);
    }
    return dict;
}

PyObject *
kr_instance_dict_copy(PyObject *obj)
{
    KrShape *shape = kr_instance_shape(obj);
    PyObject *dict;

    if (shape == NULL) {
        dict = kr_instance_dict_borrow(obj);
        return dict == NULL ? PyDict_New() : PyDict_Copy(dict);
    }
    dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    for (int i = 0; i < shape->count; i++) {
        PyObject *value = kr_kv_box_in_place(&kr_instance_values(obj)[i]);
        if (value == NULL ||
            PyDict_SetItem(dict, shape->table->names[i], value) < 0) {
            Py_DECREF(dict);
            return NULL;
        }
    }
    return dict;
}

// The dict, made if there is none. Borrowed from the instance.
static PyObject *
instance_need_dict(PyObject *obj)
{
    PyObject *dict;

    if (kr_instance_shape(obj) != NULL) {
        return instance_materialize(obj);
    }
    dict = kr_instance_dict_borrow(obj);
    if (dict == NULL) {
        dict = PyDict_New();
        if (dict == NULL) {
            return NULL;
        }
        // A collection started by PyDict_New cannot have given obj a dict, as it
        // only clears.
        instance_set_word(obj, (uintptr_t)dict);
    }
    return dict;
}

static int
instance_store_dict(PyObject *obj, PyObject *name, PyObject *value)
{
    PyObject *dict = instance_need_dict(obj);
    int result;

    if (dict == NULL) {
        return -1;
    }
    Py_INCREF(dict);
    result = PyDict_SetItem(dict, name, value);
    Py_DECREF(dict);
    return result;
}

int
kr_instance_store(PyObject *obj, PyObject *name, PyObject *value)
{
    KrShape *shape = kr_instance_shape(obj), *next;
    PyObject *interned = NULL;
    int result = 0;

    if (shape == NULL) {
        return instance_store_dict(obj, name, value);
    }
    if (!PyUnicode_CHECK_INTERNED(name)) {
        if (!PyUnicode_CheckExact(name)) {
            return instance_store_dict(obj, name, value);
        }
        interned = Py_NewRef(name);
        PyUnicode_InternInPlace(&interned);
        name = interned;
    }
    int place = kr_shape_find(shape, name);
    if (place >= 0) {
        KV *slot = &kr_instance_values(obj)[place];
        KV old = *slot;
        *slot = kv_from_new(value);
        kv_release(old);
    }
    else if ((next = kr_shape_add(shape, name)) != NULL) {
        kr_instance_values(obj)[shape->count] = kv_from_new(value);
        instance_set_word(obj, (uintptr_t)next | 1);
    }
    else {
        result = instance_store_dict(obj, name, value);
    }
    Py_XDECREF(interned);
    return result;
}

int
kr_instance_delete(PyObject *obj, PyObject *name)
{
    KrShape *shape = kr_instance_shape(obj);
    PyObject *dict, *old = NULL;
    int found;

    if (shape != NULL) {
        int place = shape_find_any(shape, name);
        if (place < 0) {
            return 0;
        }
        // The newest attribute can go by stepping back to the parent shape.
        if (place == shape->count - 1 && shape->parent != NULL) {
            KV word = kr_instance_values(obj)[place];
            kr_instance_values(obj)[place] = KV_NULL;
            instance_set_word(obj, (uintptr_t)shape->parent | 1);
            kv_release(word);
            return 1;
        }
        if (instance_materialize(obj) == NULL) {
            return -1;
        }
    }
    dict = kr_instance_dict_borrow(obj);
    if (dict == NULL) {
        return 0;
    }
    Py_INCREF(dict);
    found = PyDict_Pop(dict, name, &old);
    Py_DECREF(dict);
    Py_XDECREF(old);
    return found;
}

PyObject *
kr_instance_dict(PyObject *obj)
{
    return Py_XNewRef(instance_need_dict(obj));
}

// Empties the instance: values are released, the word becomes `word`.
static void
instance_reset(PyObject *obj, uintptr_t word)
{
    KrShape *shape = kr_instance_shape(obj);
    KV old[KR_SHAPE_MAX];

    if (shape == NULL) {
        PyObject *dict = kr_instance_dict_borrow(obj);
        instance_set_word(obj, word);
        Py_XDECREF(dict);
        return;
    }
    KV *values = kr_instance_values(obj);
    int count = shape->count;
    for (int i = 0; i < count; i++) {
        old[i] = values[i];
        values[i] = KV_NULL;
    }
    instance_set_word(obj, word);
    for (int i = 0; i < count; i++) {
        kv_release(old[i]);
    }
}

int
kr_instance_set_dict(PyObject *obj, PyObject *dict)
{
    instance_reset(obj, (uintptr_t)Py_XNewRef(dict));
    return 0;
}

bool
kr_instance_is_empty(PyObject *obj)
{
    KrShape *shape = kr_instance_shape(obj);
    PyObject *dict;

    if (shape != NULL) {
        return shape->count == 0;
    }
    dict = kr_instance_dict_borrow(obj);
    return dict == NULL || PyDict_GET_SIZE(dict) == 0;
}

int
PyObject_VisitManagedDict(PyObject *obj, visitproc visit, void *arg)
{
    KrShape *shape;

    if (!(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return 0;
    }
    shape = kr_instance_shape(obj);
    if (shape == NULL) {
        Py_VISIT(kr_instance_dict_borrow(obj));
        return 0;
    }
    KV *values = kr_instance_values(obj);
    for (int i = 0; i < shape->count; i++) {
        if (kv_is_owned(values[i])) {
            Py_VISIT(kv_pointer(values[i]));
        }
    }
    return 0;
}

void
PyObject_ClearManagedDict(PyObject *obj)
{
    KrShape *shape;

    if (!(Py_TYPE(obj)->tp_flags & Py_TPFLAGS_MANAGED_DICT)) {
        return;
    }
    shape = kr_instance_shape(obj);
    if (shape == NULL) {
        instance_reset(obj, 0);
        return;
    }
    while (shape->parent != NULL) {
        shape = shape->parent;
    }
    instance_reset(obj, (uintptr_t)shape | 1);
}
