// SPDX-License-Identifier: MIT
// sys.h - the sys module's insides.
#ifndef KRAIT_RUNTIME_SYS_H
#define KRAIT_RUNTIME_SYS_H

#include "objects/state.h"

// Makes the sys module with everything that needs no other module. 0 or -1.
int kr_init_sys(PyInterpreterState *interp);

// Sets what follows from interp->runtime.config: argv, flags, paths... 0 or -1.
int kr_sys_apply_config(PyInterpreterState *interp);

// sys.stdin, stdout and stderr. The first form needs no import: plain writing to
// descriptor 2 until the real ones are there.
int kr_sys_init_plain_stderr(PyInterpreterState *interp);
int kr_sys_init_stdio(PyInterpreterState *interp);

// Adds structs of facts (sys_info.c) to the sys dict; 0 or -1.
int kr_sys_add_info(PyInterpreterState *interp, PyObject *dict);
int kr_sys_add_flags(PyInterpreterState *interp, PyObject *dict);
int kr_sys_add_jit(PyObject *dict);
int kr_sys_add_monitoring(PyObject *dict);

// What sys.version shows; a static text.
const char *kr_sys_version(void);

// Whether some audit hook wants to hear of events.
static inline bool
kr_audit_wanted(PyInterpreterState *interp)
{
    return interp->runtime.audit_hooks != NULL || interp->runtime.audit_hook_list != NULL;
}

extern PyTypeObject kr_plain_file_type;

#endif // KRAIT_RUNTIME_SYS_H
