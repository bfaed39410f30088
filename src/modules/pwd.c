// SPDX-License-Identifier: MIT
// pwd.c - module pwd: the user database.
#include "Python.h"
#include "structseq.h"

#include "objects/args.h"
#include "objects/ids.h"

#include <pwd.h>

typedef struct {
    PyTypeObject *entry_type; // struct_passwd
} PwdState;

static PyStructSequence_Field entry_fields[] = {
    {"pw_name", "user name"},        {"pw_passwd", "password"},
    {"pw_uid", "user id"},           {"pw_gid", "group id"},
    {"pw_gecos", "real name"},       {"pw_dir", "home directory"},
    {"pw_shell", "shell program"},   {NULL, NULL},
};

static PyStructSequence_Desc entry_desc = {
    "pwd.struct_passwd",
    "pwd.struct_passwd: Results from getpw*() routines.",
    entry_fields,
    7,
};

static PyObject *
text_or_none(const char *text)
{
    return text == NULL ? Py_NewRef(Py_None) : PyUnicode_DecodeFSDefault(text);
}

static PyObject *
id_number(unsigned long id)
{
    return (uid_t)id == (uid_t)-1 ? PyLong_FromLong(-1) : PyLong_FromUnsignedLong(id);
}

static PyObject *
entry_object(PyObject *module, const struct passwd *p)
{
    PyObject *entry =
        PyStructSequence_New(((PwdState *)PyModule_GetState(module))->entry_type);

    if (entry == NULL) {
        return NULL;
    }
    PyStructSequence_SetItem(entry, 0, text_or_none(p->pw_name));
    PyStructSequence_SetItem(entry, 1, text_or_none(p->pw_passwd));
    PyStructSequence_SetItem(entry, 2, id_number(p->pw_uid));
    PyStructSequence_SetItem(entry, 3, id_number(p->pw_gid));
    PyStructSequence_SetItem(entry, 4, text_or_none(p->pw_gecos));
    PyStructSequence_SetItem(entry, 5, text_or_none(p->pw_dir));
    PyStructSequence_SetItem(entry, 6, text_or_none(p->pw_shell));
    if (PyErr_Occurred()) {
        Py_CLEAR(entry);
    }
    return entry;
}

// Looks up by name, or by id if name is NULL, with memory that grows as needed.
// NULL without an exception when there is no such entry.
static PyObject *
lookup(PyObject *module, const char *name, uid_t uid)
{
    long first = sysconf(_SC_GETPW_R_SIZE_MAX);
    size_t size = first > 0 ? (size_t)first : 1024;
    char *memory = NULL;
    struct passwd entry, *found = NULL;
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
        status = name != NULL ? getpwnam_r(name, &entry, memory, size, &found)
                              : getpwuid_r(uid, &entry, memory, size, &found);
        Py_END_ALLOW_THREADS
        if (status != ERANGE || size > (size_t)PY_SSIZE_T_MAX / 2) {
            break;
        }
        size *= 2;
    }
    if (status == 0 && found != NULL) {
        result = entry_object(module, found);
    }

done:
    PyMem_RawFree(memory);
    return result;
}

KR_FUNCTION(pwd, "getpwuid(uidobj, /)",
            "Return the password database entry for the given numeric user ID.")
static PyObject *
pwd_getpwuid(PyObject *module, PyObject *uidobj)
{
    PyObject *number;
    long long id;

    if (!PyIndex_Check(uidobj)) {
        PyErr_Format(PyExc_TypeError, "uid should be integer, not %.200s",
                     Py_TYPE(uidobj)->tp_name);
        return NULL;
    }
    number = PyNumber_Index(uidobj);
    if (number == NULL) {
        return NULL;
    }
    id = PyLong_AsLongLong(number);
    bool overflow = id == -1 && PyErr_Occurred();
    PyErr_Clear();
    Py_DECREF(number);
    if (overflow || id < -1 || id > (long long)UINT32_MAX) {
        PyErr_Format(PyExc_KeyError, "getpwuid(): uid not found");
        return NULL;
    }
    PyObject *entry = lookup(module, NULL, (uid_t)id);
    if (entry == NULL && !PyErr_Occurred()) {
        PyObject *shown = id_number((unsigned long)(uid_t)id);
        if (shown != NULL) {
            PyErr_Format(PyExc_KeyError, "getpwuid(): uid not found: %S", shown);
            Py_DECREF(shown);
        }
    }
    return entry;
}

KR_FUNCTION(pwd, "getpwnam(name: str, /)",
            "Return the password database entry for the given user name.")
static PyObject *
pwd_getpwnam(PyObject *module, PyObject *name)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(name), *entry = NULL;
    char *text;

    if (bytes == NULL) {
        return NULL;
    }
    if (PyBytes_AsStringAndSize(bytes, &text, NULL) == 0) {
        entry = lookup(module, text, 0);
        if (entry == NULL && !PyErr_Occurred()) {
            PyErr_Format(PyExc_KeyError, "getpwnam(): name not found: %R", name);
        }
    }
    Py_DECREF(bytes);
    return entry;
}

KR_FUNCTION(pwd, "getpwall()",
            "Return a list of all available password database entries, in arbitrary order.")
static PyObject *
pwd_getpwall(PyObject *module)
{
    PyObject *list = PyList_New(0);
    struct passwd *p;

    if (list == NULL) {
        return NULL;
    }
    setpwent();
    while ((p = getpwent()) != NULL) {
        PyObject *entry = entry_object(module, p);
        if (entry == NULL || PyList_Append(list, entry) < 0) {
            Py_XDECREF(entry);
            Py_CLEAR(list);
            break;
        }
        Py_DECREF(entry);
    }
    endpwent();
    return list;
}

KR_MODULE(pwd)
#include "modules/pwd.methods.h"

static int
pwd_exec(PyObject *module)
{
    PwdState *state = PyModule_GetState(module);

    state->entry_type = PyStructSequence_NewType(&entry_desc);
    return state->entry_type == NULL
               ? -1
               : PyModule_AddObjectRef(module, "struct_passwd",
                                       (PyObject *)state->entry_type);
}

static int
pwd_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((PwdState *)PyModule_GetState(module))->entry_type);
    return 0;
}

static int
pwd_clear(PyObject *module)
{
    Py_CLEAR(((PwdState *)PyModule_GetState(module))->entry_type);
    return 0;
}

static PyModuleDef_Slot pwd_slots[] = {
    {Py_mod_exec, pwd_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef pwd_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pwd",
    .m_doc = "Access to the user database. An entry is a tuple with named fields: pw_name,\n"
             "pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell. KeyError is raised\n"
             "if there is no such entry.",
    .m_size = sizeof(PwdState),
    .m_methods = pwd_methods,
    .m_slots = pwd_slots,
    .m_traverse = pwd_traverse,
    .m_clear = pwd_clear,
};

PyMODINIT_FUNC
PyInit_pwd(void)
{
    return PyModuleDef_Init(&pwd_def);
}
