// SPDX-License-Identifier: MIT
// import.h - the import system's insides.
#ifndef KRAIT_RUNTIME_IMPORT_H
#define KRAIT_RUNTIME_IMPORT_H

#include "objects/state.h"

// The first four bytes of a .pyc file, little endian: the number of the bytecode
// format and "\r\n". Grow the number when compiled code changes.
#define KR_PYC_FORMAT 20001
#define KR_PYC_MAGIC (KR_PYC_FORMAT | ('\r' << 16) | ('\n' << 24))

typedef PyObject *(*KrModuleInit)(void);

// Runs importlib's two bootstrap modules: after the first one builtin modules can be
// imported, after the second one files.
int kr_init_import(PyInterpreterState *interp);
int kr_init_import_external(PyInterpreterState *interp);
void kr_import_clear(PyInterpreterState *interp);

PyObject *kr_init_imp_module(void); // PyInit__imp

// The function that makes a builtin module, or NULL.
KrModuleInit kr_find_builtin_module(const char *name);
// A sorted tuple of their names.
PyObject *kr_builtin_module_names(void);

// Makes a module from its init function: a definition for multi-phase modules is
// turned into a module by spec; a finished module is remembered under (path, name).
PyObject *kr_import_run_init(KrModuleInit init, PyObject *spec, PyObject *name,
                             PyObject *path);

// Frozen modules are parts of importlib whose code is compiled from the library, and
// a few that exist for trying that out.
bool kr_is_frozen(PyObject *name);
bool kr_is_frozen_package(PyObject *name);
PyObject *kr_frozen_original(PyObject *name); // the name it has in the library, or None
PyObject *kr_frozen_names(void);
PyObject *kr_frozen_code(PyObject *name);

// Loads the shared library that a spec points at and makes its module.
PyObject *kr_import_dynamic(PyObject *spec);

void kr_import_lock_acquire(PyInterpreterState *interp);
int kr_import_lock_release(PyInterpreterState *interp); // -1: not held by this thread
void kr_import_lock_after_fork(PyInterpreterState *interp);

#endif // KRAIT_RUNTIME_IMPORT_H
