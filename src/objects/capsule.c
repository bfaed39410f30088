// SPDX-License-Identifier: MIT
// capsule.c - capsules: C pointers with a name, carried by an object.
//
// Callers:     extensions that offer a C interface to others.
// Invariants:  pointer is never NULL in a living capsule; the name is not owned.
#include "Python.h"

#include "base/base.h"

// CPython 3.14's size; three words of it are free here.
typedef struct {
    PyObject_HEAD
    void *pointer;
    const char *name;
    void *context;
    PyCapsule_Destructor destructor;
    traverseproc traverse; // of _PyCapsule_SetTraverse, or NULL
    inquiry clear;
} KrCapsule;

static_assert(sizeof(KrCapsule) == 64, "the size is known");

PyAPI_FUNC(int) _PyCapsule_SetTraverse(PyObject *capsule, traverseproc traverse,
                                       inquiry clear);

static bool
capsule_is_legal(PyObject *o, const char *error)
{
    if (o != NULL && PyCapsule_CheckExact(o) && ((KrCapsule *)o)->pointer != NULL) {
        return true;
    }
    PyErr_SetString(PyExc_ValueError, error);
    return false;
}

static bool
names_match(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

PyObject *
PyCapsule_New(void *pointer, const char *name, PyCapsule_Destructor destructor)
{
    KrCapsule *self;

    if (pointer == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "PyCapsule_New called with null pointer");
        return NULL;
    }
    // Tracked only once there is something to traverse.
    self = PyObject_GC_New(KrCapsule, &PyCapsule_Type);
    if (self == NULL) {
        return NULL;
    }
    self->pointer = pointer;
    self->name = name;
    self->context = NULL;
    self->destructor = destructor;
    self->traverse = NULL;
    self->clear = NULL;
    return (PyObject *)self;
}

int
PyCapsule_IsValid(PyObject *o, const char *name)
{
    KrCapsule *self = (KrCapsule *)o;

    return o != NULL && PyCapsule_CheckExact(o) && self->pointer != NULL &&
           names_match(self->name, name);
}

void *
PyCapsule_GetPointer(PyObject *o, const char *name)
{
    KrCapsule *self = (KrCapsule *)o;

    if (!capsule_is_legal(o, "PyCapsule_GetPointer called with invalid PyCapsule "
                             "object")) {
        return NULL;
    }
    if (!names_match(name, self->name)) {
        PyErr_SetString(PyExc_ValueError,
                        "PyCapsule_GetPointer called with incorrect name");
        return NULL;
    }
    return self->pointer;
}

const char *
PyCapsule_GetName(PyObject *o)
{
    if (!capsule_is_legal(o,
                          "PyCapsule_GetName called with invalid PyCapsule object")) {
        return NULL;
    }
    return ((KrCapsule *)o)->name;
}

PyCapsule_Destructor
PyCapsule_GetDestructor(PyObject *o)
{
    if (!capsule_is_legal(o, "PyCapsule_GetDestructor called with invalid PyCapsule "
                             "object")) {
        return NULL;
    }
    return ((KrCapsule *)o)->destructor;
}

void *
PyCapsule_GetContext(PyObject *o)
{
    if (!capsule_is_legal(o, "PyCapsule_GetContext called with invalid PyCapsule "
                             "object")) {
        return NULL;
    }
    return ((KrCapsule *)o)->context;
}

int
PyCapsule_SetPointer(PyObject *o, void *pointer)
{
    if (!capsule_is_legal(o, "PyCapsule_SetPointer called with invalid PyCapsule "
                             "object")) {
        return -1;
    }
    if (pointer == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "PyCapsule_SetPointer called with null pointer");
        return -1;
    }
    ((KrCapsule *)o)->pointer = pointer;
    return 0;
}

int
PyCapsule_SetName(PyObject *o, const char *name)
{
    if (!capsule_is_legal(o,
                          "PyCapsule_SetName called with invalid PyCapsule object")) {
        return -1;
    }
    ((KrCapsule *)o)->name = name;
    return 0;
}

int
PyCapsule_SetDestructor(PyObject *o, PyCapsule_Destructor destructor)
{
    if (!capsule_is_legal(o, "PyCapsule_SetDestructor called with invalid PyCapsule "
                             "object")) {
        return -1;
    }
    ((KrCapsule *)o)->destructor = destructor;
    return 0;
}

int
PyCapsule_SetContext(PyObject *o, void *context)
{
    if (!capsule_is_legal(o, "PyCapsule_SetContext called with invalid PyCapsule "
                             "object")) {
        return -1;
    }
    ((KrCapsule *)o)->context = context;
    return 0;
}

int
_PyCapsule_SetTraverse(PyObject *o, traverseproc traverse, inquiry clear)
{
    KrCapsule *self = (KrCapsule *)o;

    if (!capsule_is_legal(o, "_PyCapsule_SetTraverse called with invalid PyCapsule "
                             "object")) {
        return -1;
    }
    if (traverse == NULL || clear == NULL) {
        PyErr_SetString(PyExc_ValueError,
                        "_PyCapsule_SetTraverse() called with NULL callback");
        return -1;
    }
    self->traverse = traverse;
    self->clear = clear;
    if (!PyObject_GC_IsTracked(o)) {
        PyObject_GC_Track(o);
    }
    return 0;
}

// "package.module.attribute": imports the first part, walks the rest.
void *
PyCapsule_Import(const char *name, int no_block)
{
    char *path, *at, *dot;
    PyObject *object = NULL;
    void *pointer = NULL;

    path = PyMem_Malloc(strlen(name) + 1);
    if (path == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    strcpy(path, name);
    for (at = path; at != NULL; at = dot) {
        dot = strchr(at, '.');
        if (dot != NULL) {
            *dot++ = '\0';
        }
        if (object == NULL) {
            object = PyImport_ImportModule(at);
            if (object == NULL) {
                PyErr_Format(PyExc_ImportError,
                             "PyCapsule_Import could not import module \"%s\"", at);
            }
        }
        else {
            Py_SETREF(object, PyObject_GetAttrString(object, at));
        }
        if (object == NULL) {
            goto done;
        }
    }
    if (PyCapsule_IsValid(object, name)) {
        pointer = ((KrCapsule *)object)->pointer;
    }
    else {
        PyErr_Format(PyExc_AttributeError, "PyCapsule_Import \"%s\" is not valid", name);
    }

done:
    Py_XDECREF(object);
    PyMem_Free(path);
    return pointer;
}

static void
capsule_dealloc(PyObject *o)
{
    PyObject_GC_UnTrack(o);
    if (((KrCapsule *)o)->destructor != NULL) {
        ((KrCapsule *)o)->destructor(o);
    }
    PyObject_GC_Del(o);
}

static PyObject *
capsule_repr(PyObject *o)
{
    KrCapsule *self = (KrCapsule *)o;
    const char *quote = self->name == NULL ? "" : "\"";

    return PyUnicode_FromFormat("<capsule object %s%s%s at %p>", quote,
                                self->name == NULL ? "NULL" : self->name, quote, o);
}

static int
capsule_traverse(PyObject *o, visitproc visit, void *arg)
{
    traverseproc traverse = ((KrCapsule *)o)->traverse;

    return traverse == NULL ? 0 : traverse(o, visit, arg);
}

static int
capsule_clear(PyObject *o)
{
    inquiry clear = ((KrCapsule *)o)->clear;

    return clear == NULL ? 0 : clear(o);
}

PyTypeObject PyCapsule_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "PyCapsule",
    .tp_basicsize = sizeof(KrCapsule),
    .tp_dealloc = capsule_dealloc,
    .tp_repr = capsule_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Capsules carry a C pointer from one extension module to another.\n\n"
              "A module puts a capsule into its namespace under a name that users of\n"
              "its C interface import.",
    .tp_traverse = capsule_traverse,
    .tp_clear = capsule_clear,
};
