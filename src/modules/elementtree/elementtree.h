// SPDX-License-Identifier: MIT
// elementtree.h - elements, builders and parsers as the files of this folder see them.
//
// Read next:   element.c, element_items.c, element_iter.c, builder.c, parser.c
#ifndef KRAIT_MODULES_ELEMENTTREE_ELEMENTTREE_H
#define KRAIT_MODULES_ELEMENTTREE_ELEMENTTREE_H

#include <Python.h>

#include "base/base.h"
#include "modules/elementtree/expat_api.h"

// All objects are owned.
typedef struct {
    PyTypeObject *element_type;
    PyTypeObject *iter_type;
    PyTypeObject *builder_type;
    PyTypeObject *parser_type;
    PyObject *parse_error;
    PyObject *deepcopy;        // copy.deepcopy
    PyObject *element_path;    // the module xml.etree.ElementPath
    PyObject *comment_factory; // of new builders, or NULL
    PyObject *pi_factory;
    PyObject *expat_capsule;   // keeps the module of expat
    const ExpatApi *expat;
} TreeState;

typedef struct {
    PyObject_HEAD
    PyObject *tag;  // owned; NULL before __init__
    PyObject *text; // owned
    PyObject *tail; // owned
    PyObject *attrib; // owned dict, or NULL
    PyObject **children; // owned references
    Py_ssize_t count;
    Py_ssize_t room;
    PyObject *weakrefs;
} Element;

typedef struct {
    PyObject_HEAD
    PyObject *root;    // owned, or NULL
    PyObject *current; // owned: the innermost open element, or None
    PyObject *last;    // owned: the last one started or ended, or None
    PyObject *for_tail; // owned: what the next text follows, or NULL
    PyObject *data;    // owned: text not entered yet, a str or a list, or NULL
    PyObject *stack;   // owned list of open elements around current
    PyObject *element_factory; // owned, or NULL
    PyObject *comment_factory;
    PyObject *pi_factory;
    PyObject *append_event; // owned: append() of the queue of events, or NULL
    PyObject *start_event;  // owned names of wanted events, or NULL
    PyObject *end_event;
    PyObject *start_ns_event;
    PyObject *end_ns_event;
    PyObject *comment_event;
    PyObject *pi_event;
    TreeState *module; // borrowed: the type keeps it alive
    bool insert_comments;
    bool insert_pis;
} Builder;

extern PyModuleDef kr_elementtree_def;
extern PyType_Spec kr_elementtree_element_spec;
extern PyType_Spec kr_elementtree_iter_spec;
extern PyType_Spec kr_elementtree_builder_spec;
extern PyType_Spec kr_elementtree_parser_spec;

static inline bool
kr_elementtree_is_element(TreeState *module, PyObject *op)
{
    return PyObject_TypeCheck(op, module->element_type);
}

// --- element.c, element_items.c ----------------------------------------------------

TreeState *kr_elementtree_state(PyTypeObject *cls);
static inline TreeState *
kr_elementtree_of(void *op)
{
    return kr_elementtree_state(Py_TYPE((PyObject *)op));
}

PyObject *kr_elementtree_new_element(TreeState *module, PyObject *tag, PyObject *attrib);
int kr_elementtree_append(Element *self, PyObject *child);
int kr_elementtree_resize(Element *self, Py_ssize_t extra);
void kr_elementtree_clear_children(Element *self);
PyObject *kr_elementtree_sub_element(PyObject *module, PyObject *args, PyObject *kwargs);
Py_ssize_t kr_elementtree_length(PyObject *op);
PyObject *kr_elementtree_item(PyObject *op, Py_ssize_t index);
int kr_elementtree_set_item(PyObject *op, Py_ssize_t index, PyObject *item);
PyObject *kr_elementtree_subscript(PyObject *op, PyObject *key);
int kr_elementtree_set_subscript(PyObject *op, PyObject *key, PyObject *value);

// --- element_iter.c ----------------------------------------------------------------

PyObject *kr_elementtree_iter_new(Element *root, PyObject *tag, bool texts);

// --- builder.c ---------------------------------------------------------------------

PyObject *kr_elementtree_start(Builder *self, PyObject *tag, PyObject *attrib);
PyObject *kr_elementtree_data(Builder *self, PyObject *data);
PyObject *kr_elementtree_end(Builder *self);
PyObject *kr_elementtree_comment(Builder *self, PyObject *text);
PyObject *kr_elementtree_pi(Builder *self, PyObject *target, PyObject *text);
int kr_elementtree_event(Builder *self, PyObject *event, PyObject *value);
PyObject *kr_elementtree_close(Builder *self);

#endif // KRAIT_MODULES_ELEMENTTREE_ELEMENTTREE_H
