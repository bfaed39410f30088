// SPDX-License-Identifier: MIT
// info.c - facts in sys: versions, flags, hash_info, implementation.
#include "runtime/sys/sys.h"

#include <float.h>
#include <string.h>

#include "objects/ids.h"
#include "objects/namespace.h"

const char *
kr_sys_version(void)
{
    static const char version[] = PY_VERSION " (Krait " KRAIT_VERSION ", " __DATE__
                                             ", " __TIME__ ") "
#ifdef __clang__
                                             "[Clang " __clang_version__ "]";
#else
                                             "[GCC " __VERSION__ "]";
#endif
    return version;
}

const char *
Py_GetVersion(void)
{
    return kr_sys_version();
}

const char *
Py_GetPlatform(void)
{
    return "linux";
}

const char *
Py_GetCopyright(void)
{
    return "Copyright (c) 2026 the Krait authors.\nAll Rights Reserved.";
}

const char *
Py_GetCompiler(void)
{
#ifdef __clang__
    return "[Clang " __clang_version__ "]";
#else
    return "[GCC " __VERSION__ "]";
#endif
}

const char *
Py_GetBuildInfo(void)
{
    return "Krait " KRAIT_VERSION ", " __DATE__ ", " __TIME__;
}

const char *
_Py_gitversion(void)
{
    return "";
}

const char *
_Py_gitidentifier(void)
{
    return "";
}

const unsigned long Py_Version = PY_VERSION_HEX;

// ---- struct sequences -------------------------------------------------------

// Fills a struct sequence from values; steals each of them. NULL if one is NULL.
static PyObject *
make_struct(PyTypeObject *type, PyObject **values, Py_ssize_t count)
{
    PyObject *result = type == NULL ? NULL : PyStructSequence_New(type);
    bool failed = result == NULL;

    for (Py_ssize_t i = 0; i < count; i++) {
        if (values[i] == NULL) {
            failed = true;
        }
        if (failed) {
            Py_XDECREF(values[i]);
        }
        else {
            PyStructSequence_SetItem(result, i, values[i]);
        }
    }
    if (failed) {
        Py_CLEAR(result);
    }
    return result;
}

static PyStructSequence_Field version_fields[] = {
    {"major", "Major release number"},
    {"minor", "Minor release number"},
    {"micro", "Patch release number"},
    {"releaselevel", "'alpha', 'beta', 'candidate', or 'final'"},
    {"serial", "Serial release number"},
    {NULL, NULL},
};

static PyStructSequence_Desc version_desc = {
    "sys.version_info", "The version of the language as a named tuple.", version_fields,
    5};

static PyObject *
make_version_info(PyInterpreterState *interp)
{
    PyTypeObject *type = interp->runtime.version_info_type;
    PyObject *values[] = {
        PyLong_FromLong(PY_MAJOR_VERSION),   PyLong_FromLong(PY_MINOR_VERSION),
        PyLong_FromLong(PY_MICRO_VERSION),   PyUnicode_InternFromString("final"),
        PyLong_FromLong(PY_RELEASE_SERIAL),
    };

    return make_struct(type, values, 5);
}

static PyStructSequence_Field hash_fields[] = {
    {"width", "width of the type used for hashing, in bits"},
    {"modulus", "prime number giving the modulus on which the hash function is based"},
    {"inf", "value to be used for hash of a positive infinity"},
    {"nan", "value to be used for hash of a nan"},
    {"imag", "multiplier used for the imaginary part of a complex number"},
    {"algorithm", "name of the algorithm for hashing of str, bytes and memoryviews"},
    {"hash_bits", "internal output size of hash algorithm"},
    {"seed_bits", "seed size of hash algorithm"},
    {"cutoff", "small string optimization cutoff"},
    {NULL, NULL},
};

static PyStructSequence_Desc hash_desc = {
    "sys.hash_info", "Parameters of the hash functions.", hash_fields, 9};

static PyObject *
make_hash_info(void)
{
    PyHash_FuncDef *func = PyHash_GetFuncDef();
    PyTypeObject *type = PyStructSequence_NewType(&hash_desc);
    PyObject *values[] = {
        PyLong_FromLong(8 * (long)sizeof(Py_hash_t)),
        PyLong_FromLongLong((1LL << 61) - 1),
        PyLong_FromLong(314159),
        PyLong_FromLong(0),
        PyLong_FromLong(1000003),
        PyUnicode_FromString(func->name),
        PyLong_FromLong(func->hash_bits),
        PyLong_FromLong(func->seed_bits),
        PyLong_FromLong(0),
    };
    PyObject *result = make_struct(type, values, 9);

    Py_XDECREF(type);
    return result;
}

static PyStructSequence_Field flags_fields[] = {
    {"debug", "-d"},
    {"inspect", "-i"},
    {"interactive", "-i"},
    {"optimize", "-O or -OO"},
    {"dont_write_bytecode", "-B"},
    {"no_user_site", "-s"},
    {"no_site", "-S"},
    {"ignore_environment", "-E"},
    {"verbose", "-v"},
    {"bytes_warning", "-b"},
    {"quiet", "-q"},
    {"hash_randomization", "-R"},
    {"isolated", "-I"},
    {"dev_mode", "-X dev"},
    {"utf8_mode", "-X utf8"},
    {"warn_default_encoding", "-X warn_default_encoding"},
    {"safe_path", "-P"},
    {"int_max_str_digits", "-X int_max_str_digits"},
    {"gil", "-X gil"},
    {"thread_inherit_context", "-X thread_inherit_context"},
    {"context_aware_warnings", "-X context_aware_warnings"},
    {NULL, NULL},
};

static PyStructSequence_Desc flags_desc = {
    "sys.flags", "Flags given on the command line or in the environment.", flags_fields,
    18};

int
kr_sys_add_flags(PyInterpreterState *interp, PyObject *dict)
{
    const PyConfig *c = &interp->runtime.config;
    PyObject *values[] = {
        PyLong_FromLong(c->parser_debug),
        PyLong_FromLong(c->inspect),
        PyLong_FromLong(c->interactive),
        PyLong_FromLong(c->optimization_level),
        PyLong_FromLong(!c->write_bytecode),
        PyLong_FromLong(!c->user_site_directory),
        PyLong_FromLong(!c->site_import),
        PyLong_FromLong(!c->use_environment),
        PyLong_FromLong(c->verbose),
        PyLong_FromLong(c->bytes_warning),
        PyLong_FromLong(c->quiet),
        PyLong_FromLong(c->use_hash_seed == 0 || c->hash_seed != 0),
        PyLong_FromLong(c->isolated),
        PyBool_FromLong(c->dev_mode),
        PyLong_FromLong(Py_UTF8Mode),
        PyLong_FromLong(c->warn_default_encoding),
        PyBool_FromLong(c->safe_path),
        PyLong_FromLong(c->int_max_str_digits),
        PyLong_FromLong(1),
        PyLong_FromLong(c->thread_inherit_context),
        PyLong_FromLong(c->context_aware_warnings),
    };
    PyObject *flags = make_struct(interp->runtime.flags_type, values, 21);
    int status = flags == NULL ? -1 : PyDict_SetItemString(dict, "flags", flags);

    Py_XDECREF(flags);
    return status;
}

// ---- implementation ---------------------------------------------------------

static PyObject *
make_implementation(PyObject *version_info)
{
    PyObject *fields = Py_BuildValue(
        "{s:s, s:s, s:O, s:k, s:s, s:O}", "name", "cpython", "cache_tag", "krait-314",
        "version", version_info, "hexversion", (unsigned long)PY_VERSION_HEX,
        "_multiarch", "x86_64-linux-gnu", "supports_isolated_interpreters", Py_False);
    PyObject *result = fields == NULL ? NULL : _PyNamespace_New(fields);

    Py_XDECREF(fields);
    return result;
}

// A frozenset of all standard module names.
static PyObject *
make_stdlib_names(void)
{
    static const char *const names[] = {
#define NAME(x) #x,
#include "runtime/sys/stdlib_names.def"
#undef NAME
    };
    PyObject *set = PyFrozenSet_New(NULL);

    for (size_t i = 0; set != NULL && i < Py_ARRAY_LENGTH(names); i++) {
        PyObject *name = PyUnicode_InternFromString(names[i]);
        if (name == NULL || PySet_Add(set, name) < 0) {
            Py_CLEAR(set);
        }
        Py_XDECREF(name);
    }
    return set;
}

// Stores a new reference under a name and drops it. -1 when it is NULL.
static int
put(PyObject *dict, const char *name, PyObject *value)
{
    int status = value == NULL ? -1 : PyDict_SetItemString(dict, name, value);

    Py_XDECREF(value);
    return status;
}

// Python code cannot make instances of these types.
static int
close_type(PyTypeObject *type)
{
    if (type == NULL) {
        return -1;
    }
    if (PyDict_Pop(type->tp_dict, KR_ID(__new__), NULL) < 0) {
        return -1;
    }
    type->tp_new = NULL;
    type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
    PyType_Modified(type);
    return 0;
}

int
kr_sys_add_info(PyInterpreterState *interp, PyObject *dict)
{
    PyObject *version_info;

    interp->runtime.version_info_type = PyStructSequence_NewType(&version_desc);
    interp->runtime.flags_type = PyStructSequence_NewType(&flags_desc);
    if (close_type(interp->runtime.version_info_type) < 0 ||
        close_type(interp->runtime.flags_type) < 0) {
        return -1;
    }
    if (interp->runtime.version_info_type == NULL || interp->runtime.flags_type == NULL) {
        return -1;
    }
    version_info = make_version_info(interp);
    if (version_info == NULL) {
        return -1;
    }
    int failed =
        put(dict, "version_info", Py_NewRef(version_info)) < 0 ||
        put(dict, "implementation", make_implementation(version_info)) < 0 ||
        put(dict, "version", PyUnicode_FromString(kr_sys_version())) < 0 ||
        put(dict, "hexversion", PyLong_FromUnsignedLong(PY_VERSION_HEX)) < 0 ||
        put(dict, "_git", Py_BuildValue("(sss)", "Krait", "", "")) < 0 ||
        put(dict, "_framework", PyUnicode_FromString("")) < 0 ||
        put(dict, "api_version", PyLong_FromLong(PYTHON_API_VERSION)) < 0 ||
        put(dict, "copyright", PyUnicode_FromString(Py_GetCopyright())) < 0 ||
        put(dict, "platform", PyUnicode_InternFromString(Py_GetPlatform())) < 0 ||
        put(dict, "maxsize", PyLong_FromSsize_t(PY_SSIZE_T_MAX)) < 0 ||
        put(dict, "float_info", PyFloat_GetInfo()) < 0 ||
        put(dict, "int_info", PyLong_GetInfo()) < 0 ||
        put(dict, "hash_info", make_hash_info()) < 0 ||
        put(dict, "thread_info", PyThread_GetInfo()) < 0 ||
        put(dict, "maxunicode", PyLong_FromLong(0x10FFFF)) < 0 ||
        put(dict, "stdlib_module_names", make_stdlib_names()) < 0 ||
        put(dict, "byteorder", PyUnicode_InternFromString("little")) < 0 ||
        put(dict, "abiflags", PyUnicode_FromString("")) < 0 ||
        put(dict, "float_repr_style", PyUnicode_InternFromString("short")) < 0;
    Py_DECREF(version_info);
    return failed ? -1 : 0;
}
