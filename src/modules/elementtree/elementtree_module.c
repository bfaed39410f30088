// SPDX-License-Identifier: MIT
// elementtree_module.c - the module _elementtree: its types, and expat by its capsule.
#include "modules/elementtree/elementtree.h"

#include "objects/args.h"
#include "objects/ids.h"

static TreeState *
state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

KR_FUNCTION_RAW(_elementtree, "SubElement", METH_VARARGS | METH_KEYWORDS, "")
static PyObject *
elementtree_SubElement(PyObject *module, PyObject *args, PyObject *kwargs)
{
    return kr_elementtree_sub_element(module, args, kwargs);
}

static int
check_factory(PyObject *factory, const char *what)
{
    if (factory == Py_None || PyCallable_Check(factory)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s factory must be callable, not %.100s", what,
                 Py_TYPE(factory)->tp_name);
    return -1;
}

KR_FUNCTION(_elementtree, "_set_factories(comment_factory, pi_factory, /)",
            "Change the factories used to create comments and processing instructions.\n\n"
            "For internal use only.")
static PyObject *
elementtree__set_factories(PyObject *module, PyObject *comment_factory, PyObject *pi_factory)
{
    TreeState *state = state_of(module);
    if (check_factory(comment_factory, "Comment") < 0
        || check_factory(pi_factory, "PI") < 0) {
        return NULL;
    }
    PyObject *old = PyTuple_Pack(2, state->comment_factory ? state->comment_factory : Py_None,
                                 state->pi_factory ? state->pi_factory : Py_None);
    if (old != NULL) {
        Py_XSETREF(state->comment_factory,
                   comment_factory == Py_None ? NULL : Py_NewRef(comment_factory));
        Py_XSETREF(state->pi_factory, pi_factory == Py_None ? NULL : Py_NewRef(pi_factory));
    }
    return old;
}

KR_MODULE(_elementtree)
#include "modules/elementtree/elementtree_module.methods.h"

// --- The module --------------------------------------------------------------------

// pyexpat is imported; its capsule keeps it loaded.
static int
find_expat(TreeState *state)
{
    state->expat_capsule = PyImport_ImportModuleAttrString("pyexpat", "expat_CAPI");
    if (state->expat_capsule == NULL) {
        return -1;
    }
    state->expat = PyCapsule_GetPointer(state->expat_capsule, EXPAT_CAPSULE);
    if (state->expat == NULL) {
        return -1;
    }
    if (strcmp(state->expat->magic, EXPAT_MAGIC) != 0
        || (size_t)state->expat->size < sizeof(ExpatApi)) {
        PyErr_SetString(PyExc_ImportError, "pyexpat version is incompatible");
        return -1;
    }
    return 0;
}

static int
add_types(PyObject *module, TreeState *state)
{
    const struct {
        PyTypeObject **place;
        PyType_Spec *spec;
        bool shown;
    } types[] = {
        {&state->iter_type, &kr_elementtree_iter_spec, false},
        {&state->builder_type, &kr_elementtree_builder_spec, true},
        {&state->element_type, &kr_elementtree_element_spec, true},
        {&state->parser_type, &kr_elementtree_parser_spec, true},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        *types[i].place =
            (PyTypeObject *)PyType_FromModuleAndSpec(module, types[i].spec, NULL);
        if (*types[i].place == NULL
            || (types[i].shown && PyModule_AddType(module, *types[i].place) < 0)) {
            return -1;
        }
    }
    return 0;
}

static int
elementtree_exec(PyObject *module)
{
    TreeState *state = state_of(module);
    state->deepcopy = PyImport_ImportModuleAttrString("copy", "deepcopy");
    state->element_path = PyImport_ImportModule("xml.etree.ElementPath");
    state->parse_error = PyErr_NewException("xml.etree.ElementTree.ParseError",
                                            PyExc_SyntaxError, NULL);
    if (state->deepcopy == NULL || state->element_path == NULL || state->parse_error == NULL
        || find_expat(state) < 0 || add_types(module, state) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "ParseError", state->parse_error);
}

static int
elementtree_traverse(PyObject *module, visitproc visit, void *arg)
{
    TreeState *state = state_of(module);
    Py_VISIT(state->element_type);
    Py_VISIT(state->iter_type);
    Py_VISIT(state->builder_type);
    Py_VISIT(state->parser_type);
    Py_VISIT(state->parse_error);
    Py_VISIT(state->deepcopy);
    Py_VISIT(state->element_path);
    Py_VISIT(state->comment_factory);
    Py_VISIT(state->pi_factory);
    Py_VISIT(state->expat_capsule);
    return 0;
}

static int
elementtree_clear(PyObject *module)
{
    TreeState *state = state_of(module);
    Py_CLEAR(state->element_type);
    Py_CLEAR(state->iter_type);
    Py_CLEAR(state->builder_type);
    Py_CLEAR(state->parser_type);
    Py_CLEAR(state->parse_error);
    Py_CLEAR(state->deepcopy);
    Py_CLEAR(state->element_path);
    Py_CLEAR(state->comment_factory);
    Py_CLEAR(state->pi_factory);
    Py_CLEAR(state->expat_capsule);
    return 0;
}

static void
elementtree_free(void *module)
{
    elementtree_clear(module);
}

static PyModuleDef_Slot elementtree_slots[] = {
    {Py_mod_exec, elementtree_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

PyModuleDef kr_elementtree_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_elementtree",
    .m_size = sizeof(TreeState),
    .m_methods = _elementtree_methods,
    .m_slots = elementtree_slots,
    .m_traverse = elementtree_traverse,
    .m_clear = elementtree_clear,
    .m_free = elementtree_free,
};

PyMODINIT_FUNC
PyInit__elementtree(void)
{
    return PyModuleDef_Init(&kr_elementtree_def);
}
