// SPDX-License-Identifier: MIT
// suggestions.c - the _suggestions module: "Did you mean" for the traceback module.
//
// Callers:     traceback (names, attributes, mistyped keywords).
// Read next:   objects/suggest.c
#include "objects/suggest.h"

#include "objects/method_macros.h"

KR_FUNCTION(_suggestions, "_generate_suggestions(candidates, item: str, /)",
            "The candidate that is closest to item, or None.")
static PyObject *
_suggestions__generate_suggestions(PyObject *Py_UNUSED(module), PyObject *candidates,
                                   PyObject *item)
{
    if (!PyList_CheckExact(candidates)) {
        PyErr_SetString(PyExc_TypeError, "candidates must be a list");
        return NULL;
    }
    // Nothing in between runs Python code, so the items stay where they are.
    PyObject **items = ((PyListObject *)candidates)->ob_item;
    Py_ssize_t count = PyList_GET_SIZE(candidates);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!PyUnicode_Check(items[i])) {
            PyErr_SetString(PyExc_TypeError,
                            "all elements in 'candidates' must be strings");
            return NULL;
        }
    }
    PyObject *found = kr_suggest_nofail(item, items, count);
    return Py_NewRef(found != NULL ? found : Py_None);
}

KR_MODULE(_suggestions)
#include "modules/suggestions.methods.h"

static PyModuleDef_Slot suggestions_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef suggestions_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_suggestions",
    .m_methods = _suggestions_methods,
    .m_slots = suggestions_slots,
};

PyMODINIT_FUNC
PyInit__suggestions(void)
{
    return PyModuleDef_Init(&suggestions_def);
}
