// SPDX-License-Identifier: MIT
// grp.c - module grp: the group database.
#include "Python.h"
#include "structseq.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <grp.h>

typedef struct {
    PyTypeObject *group_type; // struct_group
} GrpState;

static PyStructSequence_Field group_fields[] = {
    {"gr_name", "group name"},
    {"gr_passwd", "password"},
    {"gr_gid", "group id"},
    {"gr_mem", "group members"},
    {NULL, NULL},
};

static PyStructSequence_Desc group_desc = {
    "grp.struct_group",
    "grp.struct_group: Results from getgr*() routines.",
    group_fields,
    4,
};

static PyObject *
group_text(const char *text)
{
    return text == NULL ? Py_NewRef(Py_None) : PyUnicode_DecodeFSDefault(text);
}

static PyObject *
group_members(char **members)
{
    PyObject *list = PyList_New(0);

    for (char **m = members; list != NULL && m != NULL && *m != NULL; m++) {
        PyObject *name = PyUnicode_DecodeFSDefault(*m);
        if (name == NULL || PyList_Append(list, name) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(name);
    }
    return list;
}

static PyObject *
group_object(PyObject *module, const struct group *g)
{
    PyObject *entry =
        PyStructSequence_New(((GrpState *)PyModule_GetState(module))->group_type);

    if (entry == NULL) {
        return NULL;
    }
    PyStructSequence_SetItem(entry, 0, group_text(g->gr_name));
    PyStructSequence_SetItem(entry, 1, group_text(g->gr_passwd));
    PyStructSequence_SetItem(entry, 2, g->gr_gid == (gid_t)-1
                                           ? PyLong_FromLong(-1)
                                           : PyLong_FromUnsignedLong(g->gr_gid));
    PyStructSequence_SetItem(entry, 3, group_members(g->gr_mem));
    if (PyErr_Occurred()) {
        Py_CLEAR(entry);
    }
    return entry;
}

// Looks up by name, or by id if name is NULL. NULL without an exception when there
// is no such group.
static PyObject *
group_lookup(PyObject *module, const char *name, gid_t gid)
{
    long first = sysconf(_SC_GETGR_R_SIZE_MAX);
    size_t size = first > 0 ? (size_t)first : 1024;
    char *memory = NULL;
    struct group entry, *found = NULL;
    PyObject *result = NULL;
    int status;

    for (;;) {
        char *grown = PyMem_RawRealloc(memory, size);
        if (grown == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        memory = grown;
        Py_BEGIN_ALLOW_THREADS
        status = name != NULL ? getgrnam_r(name, &entry, memory, size, &found)
                              : getgrgid_r(gid, &entry, memory, size, &found);
        Py_END_ALLOW_THREADS
        if (status != ERANGE || size > (size_t)PY_SSIZE_T_MAX / 2) {
            break;
        }
        size *= 2;
    }
    if (status == 0 && found != NULL) {
        result = group_object(module, found);
    }

done:
    PyMem_RawFree(memory);
    return result;
}

// A group id: -1 and 0 .. 2**32 - 1.
static int
group_id(PyObject *value, gid_t *out)
{
    if (!PyIndex_Check(value)) {
        PyErr_Format(PyExc_TypeError, "gid should be integer, not %.200s",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    PyObject *number = PyNumber_Index(value);
    if (number == NULL) {
        return -1;
    }
    int overflow;
    long long id = PyLong_AsLongLongAndOverflow(number, &overflow);
    bool negative = PyLong_IsNegative(number);
    Py_DECREF(number);
    if (id == -1 && !overflow && PyErr_Occurred()) {
        return -1;
    }
    if (overflow || id < -1 || id > (long long)UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, negative || (!overflow && id <= INT64_MAX / 2)
                                                 ? "gid is less than minimum"
                                                 : "gid is greater than maximum");
        return -1;
    }
    *out = (gid_t)id;
    return 0;
}

KR_FUNCTION(grp, "getgrgid(id)",
            "Return the group database entry for the given numeric group ID.")
static PyObject *
grp_getgrgid(PyObject *module, PyObject *id)
{
    gid_t gid;

    if (group_id(id, &gid) < 0) {
        return NULL;
    }
    PyObject *entry = group_lookup(module, NULL, gid);
    if (entry == NULL && !PyErr_Occurred()) {
        if (gid == (gid_t)-1) {
            PyErr_SetString(PyExc_KeyError, "getgrgid(): gid not found: -1");
        }
        else {
            PyErr_Format(PyExc_KeyError, "getgrgid(): gid not found: %lu",
                         (unsigned long)gid);
        }
    }
    return entry;
}

KR_FUNCTION(grp, "getgrnam(name: str)",
            "Return the group database entry for the given group name.")
static PyObject *
grp_getgrnam(PyObject *module, PyObject *name)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(name), *entry = NULL;
    char *text;

    if (bytes == NULL) {
        return NULL;
    }
    if (PyBytes_AsStringAndSize(bytes, &text, NULL) == 0) {
        entry = group_lookup(module, text, 0);
        if (entry == NULL && !PyErr_Occurred()) {
            PyErr_Format(PyExc_KeyError, "getgrnam(): name not found: %R", name);
        }
    }
    Py_DECREF(bytes);
    return entry;
}

KR_FUNCTION(grp, "getgrall()",
            "Return a list of all available group entries, in arbitrary order.")
static PyObject *
grp_getgrall(PyObject *module)
{
    PyObject *list = PyList_New(0);
    struct group *g;

    if (list == NULL) {
        return NULL;
    }
    setgrent();
    while ((g = getgrent()) != NULL) {
        PyObject *entry = group_object(module, g);
        if (entry == NULL || PyList_Append(list, entry) < 0) {
            Py_XDECREF(entry);
            Py_CLEAR(list);
            break;
        }
        Py_DECREF(entry);
    }
    endgrent();
    return list;
}

KR_MODULE(grp)
#include "modules/grp.methods.h"

static int
grp_exec(PyObject *module)
{
    GrpState *state = PyModule_GetState(module);

    state->group_type = PyStructSequence_NewType(&group_desc);
    return state->group_type == NULL
               ? -1
               : PyModule_AddObjectRef(module, "struct_group",
                                       (PyObject *)state->group_type);
}

static int
grp_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((GrpState *)PyModule_GetState(module))->group_type);
    return 0;
}

static int
grp_clear(PyObject *module)
{
    Py_CLEAR(((GrpState *)PyModule_GetState(module))->group_type);
    return 0;
}

static PyModuleDef_Slot grp_slots[] = {
    {Py_mod_exec, grp_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef grp_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "grp",
    .m_doc = "Access to the group database. An entry is a tuple with named fields: gr_name,\n"
             "gr_passwd, gr_gid, gr_mem (a list of names). KeyError is raised if there is\n"
             "no such group.",
    .m_size = sizeof(GrpState),
    .m_methods = grp_methods,
    .m_slots = grp_slots,
    .m_traverse = grp_traverse,
    .m_clear = grp_clear,
};

PyMODINIT_FUNC
PyInit_grp(void)
{
    return PyModuleDef_Init(&grp_def);
}
