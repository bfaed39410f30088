// SPDX-License-Identifier: MIT
// ids.h - KR_ID(name): interned strings that exist before the program starts.
//
// tools/gen/ids.py collects every use in src/ and writes one static, immortal,
// interned ASCII str for each name (build/gen/objects/ids.c), so nothing has to
// be registered by hand.
//
//   KR_ID(__init__)                 inside functions: PyObject *, borrowed
//   KR_ID_STATIC(__init__)          the same where an initialiser of a static
//                                   table needs it (a constant expression)
//   KR_STR(module, "<module>")      a text that is no identifier; the first word
//                                   names it, one text per name
//   KR_IDS_USED(a, b, c)            at file scope: makes names exist that a macro
//                                   builds with KR_ID(parameter) (the generator
//                                   sees the parameter's name only)
//
// Hashes are -1 until first asked for (they depend on the process's hash seed).
// The str room enters all of kr_static_names into the table of interned strings when
// the interpreter starts; its one-character strings are the records in this list
// where there is one.
#ifndef KRAIT_OBJECTS_IDS_H
#define KRAIT_OBJECTS_IDS_H

#include "Python.h"

#include "objects/method_macros.h"

typedef struct {
    PyASCIIObject head;
    char text[];
} KrStaticName;

// All records, in no order that may be relied on.
extern KrStaticName *const kr_static_names[];
extern const Py_ssize_t kr_static_name_count;

// Each use declares the one record it needs: a new name somewhere recompiles no
// other file.
#define KR_ID(name)                                                           \
    (__extension__({                                                          \
        extern KrStaticName kr_id_##name;                                     \
        (PyObject *)&kr_id_##name;                                            \
    }))
#define KR_STR(name, text)                                                    \
    (__extension__({                                                          \
        extern KrStaticName kr_str_##name;                                    \
        (PyObject *)&kr_str_##name;                                           \
    }))
#define KR_IDS_USED(...)

#define KR_ID_STATIC(name) ((PyObject *)&kr_id_##name)
#include "objects/ids_static.h"

#endif // KRAIT_OBJECTS_IDS_H
