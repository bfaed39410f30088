// SPDX-License-Identifier: MIT
// builder.c - xml.etree.ElementTree.TreeBuilder: elements out of starts, ends and texts.
//
// Texts are kept until something else comes, as expat gives them in pieces.
// Re-entrancy: factories and elements that are no Element of ours run Python; what is
//              used after such a call is owned or read anew.
#include "modules/elementtree/elementtree.h"

#include "objects/args.h"
#include "objects/ids.h"

// --- Start -------------------------------------------------------------------------

static PyObject *
treebuilder_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    TreeState *module = kr_elementtree_state(cls);
    Builder *self = module == NULL ? NULL : (Builder *)cls->tp_alloc(cls, 0);
    if (self == NULL) {
        return NULL;
    }
    self->module = module;
    self->current = Py_NewRef(Py_None);
    self->last = Py_NewRef(Py_None);
    self->stack = PyList_New(0);
    if (self->stack == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static void
set_factory(PyObject **place, PyObject *factory, PyObject *otherwise)
{
    if (factory == Py_None) {
        factory = otherwise;
    }
    Py_XSETREF(*place, Py_XNewRef(factory));
}

KR_INIT(treebuilder,
        "TreeBuilder(element_factory=None, *, comment_factory=None, pi_factory=None, "
        "insert_comments=False, insert_pis=False)",
        "")
static int
treebuilder_init_impl(Builder *self, PyObject *element_factory, PyObject *comment_factory,
                      PyObject *pi_factory, bool insert_comments, bool insert_pis)
{
    set_factory(&self->element_factory, element_factory, NULL);
    set_factory(&self->comment_factory, comment_factory, self->module->comment_factory);
    set_factory(&self->pi_factory, pi_factory, self->module->pi_factory);
    self->insert_comments = insert_comments;
    self->insert_pis = insert_pis;
    return 0;
}

// --- Texts -------------------------------------------------------------------------

// The text that was collected, as one str. New reference.
static PyObject *
take_data(Builder *self)
{
    PyObject *data = KR_MOVE(self->data);
    if (PyList_CheckExact(data)) {
        PyObject *joined = PyUnicode_Join(Py_GetConstantBorrowed(Py_CONSTANT_EMPTY_STR), data);
        Py_SETREF(data, joined);
    }
    return data;
}

// Adds a text to the attribute of an element that is not of our type.
static int
extend_foreign(PyObject *element, PyObject *name, PyObject *data)
{
    PyObject *previous = PyObject_GetAttr(element, name), *whole;
    if (previous == NULL) {
        return -1;
    }
    whole = previous == Py_None ? Py_NewRef(data) : PyNumber_Add(previous, data);
    Py_DECREF(previous);
    int status = whole == NULL ? -1 : PyObject_SetAttr(element, name, whole);
    Py_XDECREF(whole);
    return status;
}

// Enters the collected text where it belongs.
static int
flush_data(Builder *self)
{
    if (self->data == NULL) {
        return 0;
    }
    bool tail = self->for_tail != NULL;
    PyObject *element = Py_NewRef(tail ? self->for_tail : self->last);
    PyObject *data = take_data(self);
    int status = data == NULL ? -1 : 0;
    if (status == 0 && Py_IS_TYPE(element, self->module->element_type)) {
        Element *own = (Element *)element;
        PyObject **place = tail ? &own->tail : &own->text;
        if (*place == Py_None) {
            Py_SETREF(*place, Py_NewRef(data));
        }
        else {
            PyObject *whole = PyNumber_Add(*place, data);
            status = whole == NULL ? -1 : 0;
            if (whole != NULL) {
                Py_SETREF(*place, whole);
            }
        }
    }
    else if (status == 0) {
        status = extend_foreign(element, tail ? KR_ID(tail) : KR_ID(text), data);
    }
    Py_XDECREF(data);
    Py_DECREF(element);
    return status;
}

PyObject *
kr_elementtree_data(Builder *self, PyObject *data)
{
    if (self->data == NULL) {
        if (self->last == Py_None) {
            Py_RETURN_NONE; // before the first element
        }
        self->data = Py_NewRef(data);
        Py_RETURN_NONE;
    }
    if (!PyList_CheckExact(self->data)) {
        PyObject *list = PyList_New(1);
        if (list == NULL) {
            return NULL;
        }
        PyList_SET_ITEM(list, 0, self->data);
        self->data = list;
    }
    return PyList_Append(self->data, data) < 0 ? NULL : Py_NewRef(Py_None);
}

// --- Elements ----------------------------------------------------------------------

int
kr_elementtree_event(Builder *self, PyObject *event, PyObject *value)
{
    if (event == NULL || self->append_event == NULL) {
        return 0;
    }
    PyObject *pair = PyTuple_Pack(2, event, value);
    PyObject *done = pair == NULL ? NULL : PyObject_CallOneArg(self->append_event, pair);
    Py_XDECREF(pair);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

static int
add_child(Builder *self, PyObject *parent, PyObject *child)
{
    if (Py_IS_TYPE(parent, self->module->element_type)
        && kr_elementtree_is_element(self->module, child)) {
        return kr_elementtree_append((Element *)parent, child);
    }
    PyObject *done = PyObject_CallMethodOneArg(parent, KR_ID(append), child);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

static PyObject *
make_element(Builder *self, PyObject *tag, PyObject *attrib)
{
    if (self->element_factory == NULL) {
        return kr_elementtree_new_element(self->module, tag, attrib);
    }
    PyObject *own = attrib == NULL ? PyDict_New() : Py_NewRef(attrib);
    if (own == NULL) {
        return NULL;
    }
    PyObject *args[] = {tag, own};
    PyObject *node = PyObject_Vectorcall(self->element_factory, args, 2, NULL);
    Py_DECREF(own);
    return node;
}

// Puts a new element in its place in the tree and makes it the innermost.
static int
open_element(Builder *self, PyObject *node)
{
    PyObject *parent = Py_NewRef(self->current);
    int status = 0;
    Py_CLEAR(self->for_tail);
    if (parent != Py_None) {
        status = add_child(self, parent, node);
    }
    else if (self->root != NULL) {
        PyErr_SetString(self->module->parse_error, "multiple elements on top level");
        status = -1;
    }
    else {
        self->root = Py_NewRef(node);
    }
    if (status == 0) {
        status = PyList_Append(self->stack, parent);
    }
    Py_DECREF(parent);
    if (status < 0) {
        return -1;
    }
    Py_SETREF(self->current, Py_NewRef(node));
    Py_SETREF(self->last, Py_NewRef(node));
    return kr_elementtree_event(self, self->start_event, node);
}

// attrib may be NULL.
PyObject *
kr_elementtree_start(Builder *self, PyObject *tag, PyObject *attrib)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    PyObject *node = make_element(self, tag, attrib);
    if (node != NULL && open_element(self, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

PyObject *
kr_elementtree_end(Builder *self)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    Py_ssize_t depth = PyList_GET_SIZE(self->stack);
    if (depth == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty stack");
        return NULL;
    }
    PyObject *node = KR_MOVE(self->current);
    self->current = Py_NewRef(PyList_GET_ITEM(self->stack, depth - 1));
    Py_SETREF(self->last, Py_NewRef(node));
    Py_XSETREF(self->for_tail, Py_NewRef(node));
    if (PyList_SetSlice(self->stack, depth - 1, depth, NULL) < 0
        || kr_elementtree_event(self, self->end_event, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

// A comment or instruction: into the tree where that is wanted, and among the events.
// Consumes node (NULL is an error) and returns it.
static PyObject *
enter_special(Builder *self, PyObject *node, bool insert, PyObject *event)
{
    if (node == NULL) {
        return NULL;
    }
    if (insert && self->current != Py_None) {
        PyObject *parent = Py_NewRef(self->current);
        int status = add_child(self, parent, node);
        Py_DECREF(parent);
        if (status < 0) {
            Py_DECREF(node);
            return NULL;
        }
        Py_XSETREF(self->for_tail, Py_NewRef(node));
    }
    if (kr_elementtree_event(self, event, node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

PyObject *
kr_elementtree_comment(Builder *self, PyObject *text)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    if (self->comment_factory == NULL) {
        return enter_special(self, Py_NewRef(text), false, self->comment_event);
    }
    return enter_special(self, PyObject_CallOneArg(self->comment_factory, text),
                         self->insert_comments, self->comment_event);
}

PyObject *
kr_elementtree_pi(Builder *self, PyObject *target, PyObject *text)
{
    if (flush_data(self) < 0) {
        return NULL;
    }
    if (self->pi_factory == NULL) {
        return enter_special(self, PyTuple_Pack(2, target, text), false, self->pi_event);
    }
    PyObject *args[] = {target, text};
    return enter_special(self, PyObject_Vectorcall(self->pi_factory, args, 2, NULL),
                         self->insert_pis, self->pi_event);
}

PyObject *
kr_elementtree_close(Builder *self)
{
    return Py_NewRef(self->root == NULL ? Py_None : self->root);
}

// --- Methods -----------------------------------------------------------------------

KR_METHOD(treebuilder, "data(self, data, /)", "")
static PyObject *
treebuilder_data(Builder *self, PyObject *data)
{
    return kr_elementtree_data(self, data);
}

KR_METHOD(treebuilder, "start(self, tag, attrs, /)", "")
static PyObject *
treebuilder_start(Builder *self, PyObject *tag, PyObject *attrs)
{
    if (!PyDict_Check(attrs)) {
        kr_arg_bad("start", "argument 2", "dict", attrs);
        return NULL;
    }
    return kr_elementtree_start(self, tag, attrs);
}

KR_METHOD(treebuilder, "end(self, tag, /)", "")
static PyObject *
treebuilder_end(Builder *self, PyObject *tag)
{
    return kr_elementtree_end(self);
}

KR_METHOD(treebuilder, "comment(self, text, /)", "")
static PyObject *
treebuilder_comment(Builder *self, PyObject *text)
{
    return kr_elementtree_comment(self, text);
}

KR_METHOD(treebuilder, "pi(self, target, text=None, /)", "")
static PyObject *
treebuilder_pi(Builder *self, PyObject *target, PyObject *text)
{
    return kr_elementtree_pi(self, target, text);
}

KR_METHOD(treebuilder, "close(self)", "")
static PyObject *
treebuilder_close(Builder *self)
{
    return kr_elementtree_close(self);
}

KR_TYPE(treebuilder)
#include "modules/elementtree/builder.methods.h"

// --- The type ----------------------------------------------------------------------

static int
treebuilder_traverse(PyObject *op, visitproc visit, void *arg)
{
    Builder *self = (Builder *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->root);
    Py_VISIT(self->current);
    Py_VISIT(self->last);
    Py_VISIT(self->for_tail);
    Py_VISIT(self->data);
    Py_VISIT(self->stack);
    Py_VISIT(self->element_factory);
    Py_VISIT(self->comment_factory);
    Py_VISIT(self->pi_factory);
    Py_VISIT(self->append_event);
    return 0;
}

// The collector only needs the cycles broken; current, last and the stack are used by
// methods without a look, so they keep something.
static int
treebuilder_clear(PyObject *op)
{
    Builder *self = (Builder *)op;
    Py_CLEAR(self->root);
    Py_XSETREF(self->current, Py_NewRef(Py_None));
    Py_XSETREF(self->last, Py_NewRef(Py_None));
    Py_CLEAR(self->for_tail);
    Py_CLEAR(self->data);
    if (self->stack != NULL) {
        PyList_Clear(self->stack);
    }
    Py_CLEAR(self->element_factory);
    Py_CLEAR(self->comment_factory);
    Py_CLEAR(self->pi_factory);
    Py_CLEAR(self->append_event);
    return 0;
}

static void
treebuilder_dealloc(PyObject *op)
{
    Builder *self = (Builder *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    treebuilder_clear(op);
    Py_CLEAR(self->current);
    Py_CLEAR(self->last);
    Py_CLEAR(self->stack);
    Py_CLEAR(self->start_event);
    Py_CLEAR(self->end_event);
    Py_CLEAR(self->start_ns_event);
    Py_CLEAR(self->end_ns_event);
    Py_CLEAR(self->comment_event);
    Py_CLEAR(self->pi_event);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot treebuilder_slots[] = {
    {Py_tp_dealloc, treebuilder_dealloc},
    {Py_tp_traverse, treebuilder_traverse},
    {Py_tp_clear, treebuilder_clear},
    {Py_tp_methods, treebuilder_methods},
    {Py_tp_init, treebuilder_init},
    {Py_tp_new, treebuilder_new},
    {0, NULL},
};

PyType_Spec kr_elementtree_builder_spec = {
    .name = "xml.etree.ElementTree.TreeBuilder",
    .basicsize = sizeof(Builder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = treebuilder_slots,
};
