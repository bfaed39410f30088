// SPDX-License-Identifier: MIT
// fault.h - the parts of module faulthandler.
#ifndef KRAIT_RUNTIME_FAULTHANDLER_FAULT_H
#define KRAIT_RUNTIME_FAULTHANDLER_FAULT_H

#include "objects/state.h"

// Where a report goes. The object, if any, keeps the descriptor open.
typedef struct KrReportFile {
    PyObject *object; // owned, or NULL
    int fd;
} KrReportFile;

// The descriptor of a file argument, NULL meaning sys.stderr; object is a new reference.
// 0, or -1 with an exception.
int kr_report_file(PyObject *file, KrReportFile *out);

// Signals that end the process (fatal.c).
int kr_fatal_enable(KrReportFile file_steal, bool all_threads, bool c_stack);
bool kr_fatal_disable(void); // true if it was enabled
bool kr_fatal_is_enabled(void);
bool kr_fatal_handles(int signum);

// Signals that the program asks for (user.c).
int kr_user_register(int signum, KrReportFile file_steal, bool all_threads, bool chain);
bool kr_user_unregister(int signum); // true if it was registered
void kr_user_fini(void);

// Reports after a time, once or again and again (later.c).
int kr_later_start(int64_t microseconds, bool repeat, KrReportFile file_steal, bool exit);
void kr_later_cancel(void);

// What the interpreter does with -X faulthandler, and at its end.
int kr_faulthandler_init(bool enable);
void kr_faulthandler_fini(void);

#endif // KRAIT_RUNTIME_FAULTHANDLER_FAULT_H
