// SPDX-License-Identifier: MIT
// osmodule.h - paths as objects, and forking.
#ifndef KRAIT_OSMODULE_H
#define KRAIT_OSMODULE_H
#ifdef __cplusplus
extern "C" {
#endif

// str, bytes, or what __fspath__ returns.
PyAPI_FUNC(PyObject *) PyOS_FSPath(PyObject *path);

PyAPI_FUNC(void) PyOS_BeforeFork(void);
PyAPI_FUNC(void) PyOS_AfterFork_Parent(void);
PyAPI_FUNC(void) PyOS_AfterFork_Child(void);
PyAPI_FUNC(void) PyOS_AfterFork(void);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_OSMODULE_H
