// SPDX-License-Identifier: MIT
// state_runtime.h - what one interpreter keeps for start-up, sys and import.
#ifndef KRAIT_OBJECTS_STATE_RUNTIME_H
#define KRAIT_OBJECTS_STATE_RUNTIME_H

#include <Python.h>

// A function registered with the atexit module, or with PyUnstable_AtExit.
typedef struct KrExitCall {
    PyObject *func;   // owned; NULL: use c_func
    PyObject *args;   // owned
    PyObject *kwargs; // owned, or NULL
    void (*c_func)(void *);
    void *c_data;
} KrExitCall;

// A C function that wants to hear of audit events.
typedef struct KrAuditHook {
    struct KrAuditHook *next;
    Py_AuditHookFunction func;
    void *data;
} KrAuditHook;

enum { KR_MAX_ATEXIT = 32, KR_SIGNAL_COUNT = 65 };

// What a signal number does. Set by Python code under the lock; `pending` alone
// is touched by the C handler.
typedef struct KrSignalEntry {
    PyObject *handler; // owned: a callable, or the ints SIG_DFL and SIG_IGN, or NULL
    int pending;       // atomic
} KrSignalEntry;

typedef struct KrRuntimeState {
    PyConfig config;             // as read at start; strings owned
    PyObject *importlib_external;// importlib._bootstrap_external, owned

    // Single-phase extension modules: (path, name) -> definition's capsule.
    PyObject *extensions;
    int dlopen_flags;
    // The import lock, recursive.
    unsigned long import_lock_owner;
    int import_lock_level;
    void *import_lock;           // PyThread_type_lock
    int frozen_override;         // _imp._override_frozen_modules_for_tests
    const char *package_context; // name of the extension module being made

    // atexit
    KrExitCall *exit_calls;      // last registered last
    Py_ssize_t exit_count;
    Py_ssize_t exit_capacity;
    void (*late_exit[KR_MAX_ATEXIT])(void);
    int late_exit_count;

    // Auditing
    KrAuditHook *audit_hooks;    // owned list
    PyObject *audit_hook_list;   // list of callables, or NULL

    // Struct sequence types of sys and others, owned.
    PyTypeObject *version_info_type;
    PyTypeObject *flags_type;
    PyTypeObject *thread_info_type;
    PyTypeObject *asyncgen_hooks_type;
    PyTypeObject *unraisable_type;
    PyTypeObject *thread_excepthook_type;

    PyObject *fork_hooks[3];     // lists: before, in the child, in the parent; or NULL

    // Threads
    size_t thread_stack_size;
    void *thread_handles;        // KrThreadHandle list of joinable threads
    Py_ssize_t thread_count;     // those running
    PyObject *thread_local_key;  // reserved

    // Signals (main interpreter)
    KrSignalEntry signals[KR_SIGNAL_COUNT];
    int signals_installed;
    int signal_wakeup_fd;
    int signal_warn_on_full;
    int signal_write_error;      // errno of a failed write, or 0

    // The program given with -c, for linecache: code and text, or NULL.
    PyObject *command_code;
    PyObject *command_text;
    uint64_t start_ns;           // for -X importtime
    int import_depth;
    int import_header_shown;
    int64_t import_accumulated_ns;
    int readline_busy;
} KrRuntimeState;

#endif // KRAIT_OBJECTS_STATE_RUNTIME_H
