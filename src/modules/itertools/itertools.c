// SPDX-License-Identifier: MIT
// itertools.c - the module itertools, and the slots that its types share.
//
// Read next: stream.c, group.c, combine.c
#include "modules/itertools/itertools.h"

static inline int
visit_refs(PyObject *op, int n, visitproc visit, void *arg)
{
    Lazy *self = (Lazy *)op;
    for (int i = 0; i < n; i++) {
        Py_VISIT(self->refs[i]);
    }
    return 0;
}

static inline int
clear_refs(PyObject *op, int n)
{
    Lazy *self = (Lazy *)op;
    for (int i = 0; i < n; i++) {
        Py_CLEAR(self->refs[i]);
    }
    return 0;
}

int
kr_lazy_traverse1(PyObject *self, visitproc visit, void *arg)
{
    return visit_refs(self, 1, visit, arg);
}

int
kr_lazy_traverse2(PyObject *self, visitproc visit, void *arg)
{
    return visit_refs(self, 2, visit, arg);
}

int
kr_lazy_traverse3(PyObject *self, visitproc visit, void *arg)
{
    return visit_refs(self, 3, visit, arg);
}

int
kr_lazy_traverse4(PyObject *self, visitproc visit, void *arg)
{
    return visit_refs(self, 4, visit, arg);
}

int
kr_lazy_clear1(PyObject *self)
{
    return clear_refs(self, 1);
}

int
kr_lazy_clear2(PyObject *self)
{
    return clear_refs(self, 2);
}

int
kr_lazy_clear3(PyObject *self)
{
    return clear_refs(self, 3);
}

int
kr_lazy_clear4(PyObject *self)
{
    return clear_refs(self, 4);
}

void
kr_lazy_dealloc(PyObject *self)
{
    // Chains of iterators over iterators may be deep.
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, kr_lazy_dealloc)
    // A subclass made in Python has cleared its own part already.
    PyTypeObject *type = Py_TYPE(self);
    while (PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) {
        type = type->tp_base;
    }
    type->tp_clear(self);
    Py_TYPE(self)->tp_free(self);
    Py_TRASHCAN_END
}

PyMethodDef *kr_itertools_functions(void);

static int
itertools_exec(PyObject *module)
{
    PyTypeObject *const types[] = {
        &kr_accumulate_type,  &kr_batched_type,     &kr_combinations_type,
        &kr_cwr_type,         &kr_cycle_type,       &kr_dropwhile_type,
        &kr_takewhile_type,   &kr_islice_type,      &kr_starmap_type,
        &kr_chain_type,       &kr_compress_type,    &kr_filterfalse_type,
        &kr_count_type,       &kr_zip_longest_type, &kr_pairwise_type,
        &kr_permutations_type, &kr_product_type,    &kr_repeat_type,
        &kr_groupby_type,     &kr_grouper_type,     &kr_tee_type,
        &kr_teedata_type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) {
            return -1;
        }
    }
    return PyModule_AddFunctions(module, kr_itertools_functions());
}

static PyModuleDef_Slot itertools_slots[] = {
    {Py_mod_exec, itertools_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef itertools_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "itertools",
    .m_doc = "Functional tools for creating and using iterators.",
    .m_slots = itertools_slots,
};

PyMODINIT_FUNC
PyInit_itertools(void)
{
    return PyModuleDef_Init(&itertools_def);
}
