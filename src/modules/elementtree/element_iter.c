// SPDX-License-Identifier: MIT
// element_iter.c - walking a tree: its elements in order of their start tags, or its
// texts.
//
// Re-entrancy: comparing tags runs Python; the path from the root owns its elements.
#include "modules/elementtree/elementtree.h"

#include "objects/args.h"
#include "objects/ids.h"

typedef struct {
    Element *element;  // owned
    Py_ssize_t next;   // the child to go to
} Step;

typedef struct {
    PyObject_HEAD
    Element *root;  // owned; NULL once it has been given out
    PyObject *tag;  // owned: wanted, or None
    Step *path;     // owned: from the root to where we are
    Py_ssize_t depth;
    Py_ssize_t room;
    PyObject *tail; // owned: a text to be given out next, or NULL
    bool texts;
} TreeIter;

PyObject *
kr_elementtree_iter_new(Element *root, PyObject *tag, bool texts)
{
    TreeState *module = kr_elementtree_of(root);
    TreeIter *self = module == NULL ? NULL : PyObject_GC_New(TreeIter, module->iter_type);
    if (self == NULL) {
        return NULL;
    }
    self->root = (Element *)Py_NewRef(root);
    self->tag = Py_NewRef(tag);
    self->path = NULL;
    self->depth = self->room = 0;
    self->tail = NULL;
    self->texts = texts;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

// Goes into an element; consumes it, on failure too.
static int
push(TreeIter *self, Element *element)
{
    if (self->depth == self->room) {
        Py_ssize_t room = self->room == 0 ? 8 : self->room * 2;
        Step *path = PyMem_Realloc(self->path, (size_t)room * sizeof(Step));
        if (path == NULL) {
            Py_DECREF(element);
            PyErr_NoMemory();
            return -1;
        }
        self->path = path;
        self->room = room;
    }
    self->path[self->depth++] = (Step){element, 0};
    return 0;
}

// The element to look at next, owned; NULL at the end or with an exception. On the way
// up the tails are left in self->tail, and NULL is returned with *left set.
static Element *
next_element(TreeIter *self, bool *left)
{
    *left = false;
    if (self->root != NULL) {
        Element *root = KR_MOVE(self->root);
        return push(self, (Element *)Py_NewRef(root)) < 0 ? (Py_DECREF(root), NULL) : root;
    }
    while (self->depth > 0) {
        Step *step = &self->path[self->depth - 1];
        if (step->next < step->element->count) {
            Element *child = (Element *)Py_NewRef(step->element->children[step->next++]);
            if (push(self, (Element *)Py_NewRef(child)) < 0) {
                Py_CLEAR(child);
            }
            return child;
        }
        Element *done = step->element;
        self->depth--;
        // The tail of the root is not part of its text.
        if (self->texts && self->depth > 0 && done->tail != Py_None) {
            self->tail = Py_NewRef(done->tail);
            *left = true;
        }
        Py_DECREF(done);
        if (*left) {
            return NULL;
        }
    }
    return NULL;
}

// A text if it is true: 1 and *out a new reference, 0, -1.
static int
if_true(PyObject *text, PyObject **out)
{
    int truth = text == Py_None ? 0 : PyObject_IsTrue(text);
    *out = truth > 0 ? Py_NewRef(text) : NULL;
    return truth;
}

static PyObject *
next_text(TreeIter *self)
{
    PyObject *out;
    bool left;
    while (true) {
        Element *element = next_element(self, &left);
        PyObject *text;
        if (element != NULL) {
            // Comments and processing instructions have functions for tags.
            bool skip = !PyUnicode_Check(element->tag) && element->tag != Py_None;
            if (skip) {
                self->path[self->depth - 1].next = PY_SSIZE_T_MAX;
            }
            text = skip ? Py_NewRef(Py_None) : Py_NewRef(element->text);
            Py_DECREF(element);
        }
        else if (left) {
            text = KR_MOVE(self->tail);
        }
        else {
            return NULL;
        }
        int truth = if_true(text, &out);
        Py_DECREF(text);
        if (truth != 0) {
            return out;
        }
    }
}

static PyObject *
treeiter_next(PyObject *op)
{
    TreeIter *self = (TreeIter *)op;
    bool left;
    if (self->texts) {
        return next_text(self);
    }
    Element *element;
    while ((element = next_element(self, &left)) != NULL) {
        if (self->tag == Py_None) {
            return (PyObject *)element;
        }
        PyObject *own = Py_NewRef(element->tag);
        int same = PyObject_RichCompareBool(own, self->tag, Py_EQ); // may run Python
        Py_DECREF(own);
        if (same > 0) {
            return (PyObject *)element;
        }
        Py_DECREF(element);
        if (same < 0) {
            return NULL;
        }
    }
    return NULL;
}

static int
treeiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    TreeIter *self = (TreeIter *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->root);
    Py_VISIT(self->tag);
    Py_VISIT(self->tail);
    for (Py_ssize_t i = 0; i < self->depth; i++) {
        Py_VISIT(self->path[i].element);
    }
    return 0;
}

static void
treeiter_dealloc(PyObject *op)
{
    TreeIter *self = (TreeIter *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    while (self->depth > 0) {
        Py_DECREF(self->path[--self->depth].element);
    }
    PyMem_Free(self->path);
    Py_CLEAR(self->root);
    Py_CLEAR(self->tag);
    Py_CLEAR(self->tail);
    PyObject_GC_Del(op);
    Py_DECREF(type);
}

static PyType_Slot treeiter_slots[] = {
    {Py_tp_dealloc, treeiter_dealloc},
    {Py_tp_traverse, treeiter_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, treeiter_next},
    {0, NULL},
};

PyType_Spec kr_elementtree_iter_spec = {
    .name = "_elementtree._element_iterator",
    .basicsize = sizeof(TreeIter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = treeiter_slots,
};
