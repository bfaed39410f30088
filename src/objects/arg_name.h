// SPDX-License-Identifier: MIT
// arg_name.h - how a wrapper names its keywords: the two forms.
//
// In the executable a name is an interned str, compared by identity first. In an
// extension module (src/ext, KR_EXTENSION), which has no static objects, it is a C
// string.
#ifndef KRAIT_OBJECTS_ARG_NAME_H
#define KRAIT_OBJECTS_ARG_NAME_H

#include "Python.h"

#include "base/base.h"
#include "objects/suggest.h"

#ifdef KR_EXTENSION

typedef const char *KrArgName;
#define KR_ARG_NAME_FORMAT "%s"

static inline bool
kr_arg_name_is(KrArgName name, PyObject *key)
{
    return false;
}

static inline bool
kr_arg_name_equals(KrArgName name, PyObject *key)
{
    return PyUnicode_EqualToUTF8(key, name);
}

static inline PyObject *
kr_arg_name_near(const KrArgName *names, Py_ssize_t count, PyObject *key)
{
    return NULL;
}

#else

typedef PyObject *KrArgName;
#define KR_ARG_NAME_FORMAT "%U"

static inline bool
kr_arg_name_is(KrArgName name, PyObject *key)
{
    return name == key;
}

// For a key that is not interned, or is of a str subclass.
static inline bool
kr_arg_name_equals(KrArgName name, PyObject *key)
{
    return PyUnicode_GET_LENGTH(key) == PyUnicode_GET_LENGTH(name) &&
           PyUnicode_Compare(key, name) == 0;
}

static inline PyObject *
kr_arg_name_near(const KrArgName *names, Py_ssize_t count, PyObject *key)
{
    return kr_suggest_nofail(key, names, count);
}

#endif

#endif // KRAIT_OBJECTS_ARG_NAME_H
