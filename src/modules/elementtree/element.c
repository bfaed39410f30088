// SPDX-License-Identifier: MIT
// element.c - xml.etree.ElementTree.Element: a tag, attributes, texts and children.
//
// Invariants:  children[0 .. count) are elements, owned; tag is NULL only before
//              __init__. attrib is made when somebody asks for it.
// Re-entrancy: comparing, copying and searching run Python, which may change children:
//              loops read count anew and own the child they are at.
// Read next:   element_items.c
#include "modules/elementtree/elementtree.h"

#include "objects/args.h"
#include "objects/ids.h"

TreeState *
kr_elementtree_state(PyTypeObject *cls)
{
    PyObject *module = PyType_GetModuleByDef(cls, &kr_elementtree_def);
    return module == NULL ? NULL : PyModule_GetState(module);
}

// --- Making one --------------------------------------------------------------------

PyObject *
kr_elementtree_new_element(TreeState *module, PyObject *tag, PyObject *attrib)
{
    Element *self = PyObject_GC_New(Element, module->element_type);
    if (self == NULL) {
        return NULL;
    }
    self->tag = Py_NewRef(tag);
    self->text = Py_NewRef(Py_None);
    self->tail = Py_NewRef(Py_None);
    self->attrib = attrib != NULL && PyDict_GET_SIZE(attrib) > 0 ? Py_NewRef(attrib) : NULL;
    self->children = NULL;
    self->count = self->room = 0;
    self->weakrefs = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *
element_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    Element *self = (Element *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->tag = Py_NewRef(Py_None);
        self->text = Py_NewRef(Py_None);
        self->tail = Py_NewRef(Py_None);
    }
    return (PyObject *)self;
}

// The attributes out of a dict and keywords; "attrib" among the keywords stands for the
// dict that was not given. *out is a new dict, or NULL for none.
static int
collect_attributes(PyObject *attrib, PyObject *kwargs, PyObject **out)
{
    *out = NULL;
    if (attrib != NULL) {
        *out = PyDict_Copy(attrib);
        return *out == NULL || (kwargs != NULL && PyDict_Update(*out, kwargs) < 0) ? -1 : 0;
    }
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return 0;
    }
    PyObject *given;
    if (PyDict_Pop(kwargs, KR_ID(attrib), &given) < 0) {
        return -1;
    }
    if (given == NULL) {
        *out = PyDict_New();
    }
    else if (!PyDict_Check(given)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.100s",
                     Py_TYPE(given)->tp_name);
    }
    else {
        *out = PyDict_Copy(given);
    }
    Py_XDECREF(given);
    if (*out == NULL || PyDict_Update(*out, kwargs) < 0) {
        Py_CLEAR(*out);
        return -1;
    }
    return 0;
}

static int
element_init(PyObject *op, PyObject *args, PyObject *kwargs)
{
    Element *self = (Element *)op;
    PyObject *tag, *attrib = NULL, *own;
    if (!PyArg_ParseTuple(args, "O|O!:Element", &tag, &PyDict_Type, &attrib)
        || collect_attributes(attrib, kwargs, &own) < 0) {
        return -1;
    }
    Py_XSETREF(self->attrib, own);
    Py_XSETREF(self->tag, Py_NewRef(tag));
    Py_XSETREF(self->text, Py_NewRef(Py_None));
    Py_XSETREF(self->tail, Py_NewRef(Py_None));
    return 0;
}

PyObject *
kr_elementtree_sub_element(PyObject *op, PyObject *args, PyObject *kwargs)
{
    TreeState *module = PyModule_GetState(op);
    PyObject *parent, *tag, *attrib = NULL, *own, *element = NULL;
    if (!PyArg_ParseTuple(args, "O!O|O!:SubElement", module->element_type, &parent, &tag,
                          &PyDict_Type, &attrib)
        || collect_attributes(attrib, kwargs, &own) < 0) {
        return NULL;
    }
    element = kr_elementtree_new_element(module, tag, own);
    Py_XDECREF(own);
    if (element != NULL && kr_elementtree_append((Element *)parent, element) < 0) {
        Py_CLEAR(element);
    }
    return element;
}

static PyObject *
own_attrib(Element *self)
{
    if (self->attrib == NULL) {
        self->attrib = PyDict_New();
    }
    return self->attrib;
}

// --- Children as methods -----------------------------------------------------------

static int
require_element(TreeState *module, PyObject *op, const char *method, const char *which)
{
    if (module == NULL) {
        return -1;
    }
    if (!kr_elementtree_is_element(module, op)) {
        PyErr_Format(PyExc_TypeError,
                     "%s() argument%s must be xml.etree.ElementTree.Element, not %T", method,
                     which, op);
        return -1;
    }
    return 0;
}

KR_METHOD(element, "append(self, subelement, /)", "")
static PyObject *
element_append(Element *self, PyObject *subelement)
{
    if (require_element(kr_elementtree_of(self), subelement, "append", " 1") < 0
        || kr_elementtree_append(self, subelement) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_METHOD(element, "extend(self, elements, /)", "")
static PyObject *
element_extend(Element *self, PyObject *elements)
{
    TreeState *module = kr_elementtree_of(self);
    PyObject *list = PySequence_Fast(elements, "'elements' must be an iterable");
    PyObject *result = NULL;
    if (list == NULL || module == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list); i++) {
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(list, i));
        int status = -1;
        if (!kr_elementtree_is_element(module, item)) {
            PyErr_Format(PyExc_TypeError, "expected an Element, not \"%.200s\"",
                         Py_TYPE(item)->tp_name);
        }
        else {
            status = kr_elementtree_append(self, item);
        }
        Py_DECREF(item);
        if (status < 0) {
            goto done;
        }
    }
    result = Py_NewRef(Py_None);

done:
    Py_XDECREF(list);
    return result;
}

KR_METHOD(element, "insert(self, index, subelement, /)", "")
static PyObject *
element_insert(Element *self, Py_ssize_t index, PyObject *subelement)
{
    if (require_element(kr_elementtree_of(self), subelement, "insert", " 2") < 0
        || kr_elementtree_resize(self, 1) < 0) {
        return NULL;
    }
    Py_ssize_t n = self->count;
    index = index < 0 ? (index + n < 0 ? 0 : index + n) : index > n ? n : index;
    memmove(&self->children[index + 1], &self->children[index],
            (size_t)(n - index) * sizeof(PyObject *));
    self->children[index] = Py_NewRef(subelement);
    self->count++;
    Py_RETURN_NONE;
}

// The place of the first child equal to it; -1 not there, -2 error. Comparing may have
// taken the children away: then the place is behind them.
static Py_ssize_t
find_child(Element *self, PyObject *wanted)
{
    for (Py_ssize_t i = 0; i < self->count; i++) {
        PyObject *child = Py_NewRef(self->children[i]);
        int same = PyObject_RichCompareBool(child, wanted, Py_EQ); // may run Python
        Py_DECREF(child);
        if (same != 0) {
            return same < 0 ? -2 : i;
        }
    }
    return -1;
}

KR_METHOD(element, "remove(self, subelement, /)", "")
static PyObject *
element_remove(Element *self, PyObject *subelement)
{
    if (require_element(kr_elementtree_of(self), subelement, "remove", "") < 0) {
        return NULL;
    }
    Py_ssize_t i = find_child(self, subelement);
    if (i < 0) {
        if (i == -1) {
            PyErr_SetString(PyExc_ValueError, "Element.remove(x): element not found");
        }
        return NULL;
    }
    if (i < self->count) {
        PyObject *child = self->children[i];
        self->count--;
        memmove(&self->children[i], &self->children[i + 1],
                (size_t)(self->count - i) * sizeof(PyObject *));
        Py_DECREF(child);
    }
    Py_RETURN_NONE;
}

KR_METHOD(element, "clear(self)", "")
static PyObject *
element_clear(Element *self)
{
    kr_elementtree_clear_children(self);
    Py_CLEAR(self->attrib);
    Py_XSETREF(self->text, Py_NewRef(Py_None));
    Py_XSETREF(self->tail, Py_NewRef(Py_None));
    Py_RETURN_NONE;
}

KR_METHOD(element, "makeelement(self, tag, attrib, /)", "")
static PyObject *
element_makeelement(Element *self, PyObject *tag, PyObject *attrib)
{
    TreeState *module = kr_elementtree_of(self);
    if (module == NULL) {
        return NULL;
    }
    if (!PyDict_Check(attrib)) {
        kr_arg_bad("makeelement", "argument 2", "dict", attrib);
        return NULL;
    }
    PyObject *copy = PyDict_Copy(attrib);
    PyObject *element =
        copy == NULL ? NULL : kr_elementtree_new_element(module, tag, copy);
    Py_XDECREF(copy);
    return element;
}

// --- Attributes --------------------------------------------------------------------

KR_METHOD(element, "get(self, key, default=None)", "")
static PyObject *
element_get(Element *self, PyObject *key, PyObject *default_)
{
    PyObject *value;
    if (self->attrib == NULL) {
        return Py_NewRef(default_);
    }
    PyObject *attrib = Py_NewRef(self->attrib); // hashing may replace it
    int found = PyDict_GetItemRef(attrib, key, &value);
    Py_DECREF(attrib);
    return found == 0 ? Py_NewRef(default_) : value;
}

KR_METHOD(element, "set(self, key, value, /)", "")
static PyObject *
element_set(Element *self, PyObject *key, PyObject *value)
{
    PyObject *attrib = Py_XNewRef(own_attrib(self)); // hashing may replace it
    int status = attrib == NULL ? -1 : PyDict_SetItem(attrib, key, value);
    Py_XDECREF(attrib);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(element, "items(self)", "")
static PyObject *
element_items(Element *self)
{
    return self->attrib == NULL ? PyList_New(0) : PyDict_Items(self->attrib);
}

KR_METHOD(element, "keys(self)", "")
static PyObject *
element_keys(Element *self)
{
    return self->attrib == NULL ? PyList_New(0) : PyDict_Keys(self->attrib);
}

// --- Searching ---------------------------------------------------------------------

// Whether a path is just a tag: then the children are compared here, without parsing.
static bool
is_plain_tag(PyObject *path)
{
    if (!PyUnicode_Check(path)) {
        return false;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(path);
    bool outside = true; // of a namespace in braces
    if (n >= 2 && PyUnicode_READ_CHAR(path, 0) == '{'
        && (PyUnicode_READ_CHAR(path, 1) == '}'
            || (n >= 3 && PyUnicode_READ_CHAR(path, 1) == '*'
                && PyUnicode_READ_CHAR(path, 2) == '}'))) {
        return false; // any namespace
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(path, i);
        if (c == '{' || c == '}') {
            outside = c == '}';
        }
        else if (outside && (c == '/' || c == '*' || c == '[' || c == '@' || c == '.')) {
            return false;
        }
    }
    return true;
}

// Calls a function of xml.etree.ElementPath with (self, path, ...).
static PyObject *
search_path(Element *self, PyObject *name, PyObject *path, PyObject *default_,
            PyObject *namespaces)
{
    TreeState *module = kr_elementtree_of(self);
    if (module == NULL) {
        return NULL;
    }
    PyObject *args[] = {module->element_path, (PyObject *)self, path,
                        default_ != NULL ? default_ : namespaces, namespaces};
    return PyObject_VectorcallMethod(name, args, default_ != NULL ? 5 : 4, NULL);
}

// The next child with that tag from *i on, which moves behind it. Owned; NULL at the end
// or with an exception.
static PyObject *
next_match(Element *self, PyObject *tag, Py_ssize_t *i)
{
    while (*i < self->count) {
        PyObject *child = Py_NewRef(self->children[(*i)++]);
        PyObject *own = Py_NewRef(((Element *)child)->tag);
        int same = PyObject_RichCompareBool(own, tag, Py_EQ); // may run Python
        Py_DECREF(own);
        if (same > 0) {
            return child;
        }
        Py_DECREF(child);
        if (same < 0) {
            return NULL;
        }
    }
    return NULL;
}

KR_METHOD(element, "find(self, path, namespaces=None)", "")
static PyObject *
element_find(Element *self, PyObject *path, PyObject *namespaces)
{
    Py_ssize_t i = 0;
    if (namespaces != Py_None || !is_plain_tag(path)) {
        return search_path(self, KR_ID(find), path, NULL, namespaces);
    }
    PyObject *child = next_match(self, path, &i);
    return child != NULL || PyErr_Occurred() ? child : Py_NewRef(Py_None);
}

KR_METHOD(element, "findtext(self, path, default=None, namespaces=None)", "")
static PyObject *
element_findtext(Element *self, PyObject *path, PyObject *default_, PyObject *namespaces)
{
    Py_ssize_t i = 0;
    if (namespaces != Py_None || !is_plain_tag(path)) {
        return search_path(self, KR_ID(findtext), path, default_, namespaces);
    }
    PyObject *child = next_match(self, path, &i);
    if (child == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(default_);
    }
    PyObject *text = ((Element *)child)->text;
    text = text == Py_None ? Py_GetConstant(Py_CONSTANT_EMPTY_STR) : Py_NewRef(text);
    Py_DECREF(child);
    return text;
}

KR_METHOD(element, "findall(self, path, namespaces=None)", "")
static PyObject *
element_findall(Element *self, PyObject *path, PyObject *namespaces)
{
    Py_ssize_t i = 0;
    if (namespaces != Py_None || !is_plain_tag(path)) {
        return search_path(self, KR_ID(findall), path, NULL, namespaces);
    }
    PyObject *child, *list = PyList_New(0);
    while (list != NULL && (child = next_match(self, path, &i)) != NULL) {
        if (PyList_Append(list, child) < 0) {
            Py_CLEAR(list);
        }
        Py_DECREF(child);
    }
    if (PyErr_Occurred()) {
        Py_CLEAR(list);
    }
    return list;
}

KR_METHOD(element, "iterfind(self, path, namespaces=None)", "")
static PyObject *
element_iterfind(Element *self, PyObject *path, PyObject *namespaces)
{
    return search_path(self, KR_ID(iterfind), path, NULL, namespaces);
}

KR_METHOD(element, "iter(self, tag=None)", "")
static PyObject *
element_iter(Element *self, PyObject *tag)
{
    if (PyUnicode_Check(tag) && PyUnicode_EqualToUTF8(tag, "*")) {
        tag = Py_None;
    }
    return kr_elementtree_iter_new(self, tag, false);
}

KR_METHOD(element, "itertext(self)", "")
static PyObject *
element_itertext(Element *self)
{
    return kr_elementtree_iter_new(self, Py_None, true);
}

// --- Copies and pickles ------------------------------------------------------------

static int
take_children(Element *self, PyObject *const *children, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (kr_elementtree_append(self, children[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

KR_METHOD(element, "__copy__(self)", "")
static PyObject *
element___copy__(Element *self)
{
    TreeState *module = kr_elementtree_of(self);
    PyObject *copy =
        module == NULL ? NULL : kr_elementtree_new_element(module, self->tag, self->attrib);
    if (copy == NULL) {
        return NULL;
    }
    Py_XSETREF(((Element *)copy)->text, Py_NewRef(self->text));
    Py_XSETREF(((Element *)copy)->tail, Py_NewRef(self->tail));
    if (take_children((Element *)copy, self->children, self->count) < 0) {
        Py_CLEAR(copy);
    }
    return copy;
}

static PyObject *element___deepcopy__(Element *self, PyObject *memo);

// Whether a dict has nothing in it but strs.
static bool
is_plain_dict(PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t i = 0;
    while (PyDict_Next(dict, &i, &key, &value)) {
        if (!PyUnicode_CheckExact(key) || !PyUnicode_CheckExact(value)) {
            return false;
        }
    }
    return true;
}

// A deep copy of one value. New reference. What nobody else refers to cannot come again,
// so it needs no place in the memo.
static PyObject *
deep_copy(TreeState *module, PyObject *value, PyObject *memo)
{
    if (value == Py_None || PyUnicode_CheckExact(value)) {
        return Py_NewRef(value);
    }
    if (Py_REFCNT(value) == 1) {
        if (Py_IS_TYPE(value, module->element_type)) {
            return element___deepcopy__((Element *)value, memo);
        }
        if (PyDict_CheckExact(value) && is_plain_dict(value)) {
            return PyDict_Copy(value);
        }
    }
    PyObject *args[] = {value, memo};
    Py_INCREF(value);
    PyObject *copy = PyObject_Vectorcall(module->deepcopy, args, 2, NULL);
    Py_DECREF(value);
    return copy;
}

static int
copy_into(TreeState *module, PyObject **place, PyObject *value, PyObject *memo)
{
    PyObject *copy = deep_copy(module, value, memo);
    if (copy == NULL) {
        return -1;
    }
    Py_XSETREF(*place, copy);
    return 0;
}

static int
fill_deep_copy(TreeState *module, Element *self, Element *copy, PyObject *memo)
{
    if (copy_into(module, &copy->text, self->text, memo) < 0
        || copy_into(module, &copy->tail, self->tail, memo) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < self->count; i++) {
        PyObject *child = deep_copy(module, self->children[i], memo);
        int status = -1;
        if (child != NULL && !kr_elementtree_is_element(module, child)) {
            PyErr_Format(PyExc_TypeError, "expected an Element, not \"%.200s\"",
                         Py_TYPE(child)->tp_name);
        }
        else if (child != NULL) {
            status = kr_elementtree_append(copy, child);
        }
        Py_XDECREF(child);
        if (status < 0) {
            return -1;
        }
    }
    PyObject *id = PyLong_FromVoidPtr(self);
    int status = id == NULL ? -1 : PyDict_SetItem(memo, id, (PyObject *)copy);
    Py_XDECREF(id);
    return status;
}

KR_METHOD(element, "__deepcopy__(self, memo, /)", "")
static PyObject *
element___deepcopy__(Element *self, PyObject *memo)
{
    TreeState *module = kr_elementtree_of(self);
    PyObject *tag = NULL, *attrib = NULL, *copy = NULL;
    if (module == NULL) {
        return NULL;
    }
    if (!PyDict_Check(memo)) {
        kr_arg_bad("__deepcopy__", "argument", "dict", memo);
        return NULL;
    }
    if (Py_EnterRecursiveCall(" while copying an Element")) {
        return NULL;
    }
    Py_INCREF(self); // copying may run Python
    tag = deep_copy(module, self->tag, memo); // may run Python
    if (tag != NULL && (self->attrib == NULL
                        || (attrib = deep_copy(module, self->attrib, memo)) != NULL)) {
        copy = kr_elementtree_new_element(module, tag, attrib);
    }
    if (copy != NULL && fill_deep_copy(module, self, (Element *)copy, memo) < 0) {
        Py_CLEAR(copy);
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(self);
    Py_XDECREF(tag);
    Py_XDECREF(attrib);
    return copy;
}

KR_METHOD(element, "__sizeof__(self)", "")
static PyObject *
element___sizeof__(Element *self)
{
    Py_ssize_t size = Py_TYPE(self)->tp_basicsize;
    return PyLong_FromSsize_t(size + self->room * (Py_ssize_t)sizeof(PyObject *));
}

KR_METHOD(element, "__getstate__(self)", "")
static PyObject *
element___getstate__(Element *self)
{
    PyObject *children = PyList_New(self->count);
    if (children == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < self->count; i++) {
        PyList_SET_ITEM(children, i, Py_NewRef(self->children[i]));
    }
    PyObject *attrib = self->attrib == NULL ? PyDict_New() : Py_NewRef(self->attrib);
    if (attrib == NULL) {
        Py_DECREF(children);
        return NULL;
    }
    return Py_BuildValue("{sOsNsNsOsO}", "tag", self->tag, "_children", children, "attrib",
                         attrib, "text", self->text, "tail", self->tail);
}

static int
set_from_state(PyObject **place, PyObject *state, PyObject *name)
{
    PyObject *value;
    int found = PyDict_GetItemRef(state, name, &value);
    if (found >= 0) {
        Py_XSETREF(*place, found ? value : Py_NewRef(Py_None));
    }
    return found < 0 ? -1 : 0;
}

// The children and attributes of a state. Borrowed references, or NULL.
static int
set_contents(TreeState *module, Element *self, PyObject *children, PyObject *attrib)
{
    kr_elementtree_clear_children(self);
    if (children != NULL && !PyList_Check(children)) {
        PyErr_SetString(PyExc_TypeError, "'_children' is not a list");
        return -1;
    }
    for (Py_ssize_t i = 0; children != NULL && i < PyList_GET_SIZE(children); i++) {
        PyObject *child = PyList_GET_ITEM(children, i);
        if (!kr_elementtree_is_element(module, child)) {
            PyErr_Format(PyExc_TypeError, "expected an Element, not \"%.200s\"",
                         Py_TYPE(child)->tp_name);
            return -1;
        }
        if (kr_elementtree_append(self, child) < 0) {
            return -1;
        }
    }
    if (attrib != NULL && !PyDict_Check(attrib)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.200s",
                     Py_TYPE(attrib)->tp_name);
        return -1;
    }
    Py_XSETREF(self->attrib, Py_XNewRef(attrib));
    return 0;
}

KR_METHOD(element, "__setstate__(self, state, /)", "")
static PyObject *
element___setstate__(Element *self, PyObject *state)
{
    TreeState *module = kr_elementtree_of(self);
    PyObject *children = NULL, *attrib = NULL, *result = NULL;
    if (module == NULL) {
        return NULL;
    }
    if (!PyDict_CheckExact(state)) {
        PyErr_Format(PyExc_TypeError, "Don't know how to unpickle \"%.200R\" as an Element",
                     state);
        return NULL;
    }
    if (PyDict_GetItemRef(state, KR_ID(_children), &children) >= 0
        && PyDict_GetItemRef(state, KR_ID(attrib), &attrib) >= 0
        && set_from_state(&self->tag, state, KR_ID(tag)) == 0
        && set_from_state(&self->text, state, KR_ID(text)) == 0
        && set_from_state(&self->tail, state, KR_ID(tail)) == 0
        && set_contents(module, self, children, attrib) == 0) {
        result = Py_NewRef(Py_None);
    }
    Py_XDECREF(children);
    Py_XDECREF(attrib);
    return result;
}

// --- Getters -----------------------------------------------------------------------

static int
set_value(PyObject **place, PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "can't delete element attribute");
        return -1;
    }
    Py_XSETREF(*place, Py_NewRef(value));
    return 0;
}

KR_GETTER(element, "tag", "A string identifying what kind of data this element represents")
static PyObject *
element_tag(Element *self)
{
    return Py_NewRef(self->tag);
}

KR_SETTER(element, "tag")
static int
element_set_tag(Element *self, PyObject *value)
{
    return set_value(&self->tag, value);
}

KR_GETTER(element, "text", "A string of text directly after the start tag, or None")
static PyObject *
element_text(Element *self)
{
    return Py_NewRef(self->text);
}

KR_SETTER(element, "text")
static int
element_set_text(Element *self, PyObject *value)
{
    return set_value(&self->text, value);
}

KR_GETTER(element, "tail", "A string of text directly after the end tag, or None")
static PyObject *
element_tail(Element *self)
{
    return Py_NewRef(self->tail);
}

KR_SETTER(element, "tail")
static int
element_set_tail(Element *self, PyObject *value)
{
    return set_value(&self->tail, value);
}

KR_GETTER(element, "attrib", "A dictionary containing the element's attributes")
static PyObject *
element_attrib(Element *self)
{
    return Py_XNewRef(own_attrib(self));
}

KR_SETTER(element, "attrib")
static int
element_set_attrib(Element *self, PyObject *value)
{
    if (value != NULL && !PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.200s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    return set_value(&self->attrib, value);
}

KR_TYPE(element)
#include "modules/elementtree/element.methods.h"

// --- The type ----------------------------------------------------------------------

static PyObject *
element_repr(PyObject *op)
{
    Element *self = (Element *)op;
    int status = Py_ReprEnter(op);
    if (status != 0) {
        if (status > 0) {
            PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__",
                         Py_TYPE(op)->tp_name);
        }
        return NULL;
    }
    PyObject *tag = Py_NewRef(self->tag);
    PyObject *repr = PyUnicode_FromFormat("<Element %R at %p>", tag, self);
    Py_DECREF(tag);
    Py_ReprLeave(op);
    return repr;
}

static int
element_bool(PyObject *op)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "Testing an element's truth value will always return True in future "
                     "versions.  Use specific 'len(elem)' or 'elem is not None' test "
                     "instead.",
                     1) < 0) {
        return -1;
    }
    return ((Element *)op)->count != 0;
}

static int
element_traverse(PyObject *op, visitproc visit, void *arg)
{
    Element *self = (Element *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->tag);
    Py_VISIT(self->text);
    Py_VISIT(self->tail);
    Py_VISIT(self->attrib);
    for (Py_ssize_t i = 0; i < self->count; i++) {
        Py_VISIT(self->children[i]);
    }
    return 0;
}

static int
element_tp_clear(PyObject *op)
{
    Element *self = (Element *)op;
    kr_elementtree_clear_children(self);
    Py_CLEAR(self->attrib);
    // These stay readable: others may still hold the element.
    Py_XSETREF(self->tag, Py_NewRef(Py_None));
    Py_XSETREF(self->text, Py_NewRef(Py_None));
    Py_XSETREF(self->tail, Py_NewRef(Py_None));
    return 0;
}

static void
element_dealloc(PyObject *op)
{
    Element *self = (Element *)op;
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, element_dealloc)
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    kr_elementtree_clear_children(self);
    Py_CLEAR(self->attrib);
    Py_CLEAR(self->tag);
    Py_CLEAR(self->text);
    Py_CLEAR(self->tail);
    type->tp_free(op);
    Py_DECREF(type);
    Py_TRASHCAN_END
}

static PyMemberDef element_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(Element, weakrefs), Py_READONLY},
    {NULL},
};

static PyType_Slot element_slots[] = {
    {Py_tp_dealloc, element_dealloc},
    {Py_tp_repr, element_repr},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, element_traverse},
    {Py_tp_clear, element_tp_clear},
    {Py_tp_methods, element_methods},
    {Py_tp_members, element_members},
    {Py_tp_getset, element_getset},
    {Py_tp_init, element_init},
    {Py_tp_new, element_new},
    {Py_nb_bool, element_bool},
    {Py_sq_length, kr_elementtree_length},
    {Py_sq_item, kr_elementtree_item},
    {Py_sq_ass_item, kr_elementtree_set_item},
    {Py_mp_length, kr_elementtree_length},
    {Py_mp_subscript, kr_elementtree_subscript},
    {Py_mp_ass_subscript, kr_elementtree_set_subscript},
    {0, NULL},
};

PyType_Spec kr_elementtree_element_spec = {
    .name = "xml.etree.ElementTree.Element",
    .basicsize = sizeof(Element),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = element_slots,
};
