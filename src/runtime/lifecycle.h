// SPDX-License-Identifier: MIT
// lifecycle.h - the process-wide facts of start and end, and running __main__.
#ifndef KRAIT_RUNTIME_LIFECYCLE_H
#define KRAIT_RUNTIME_LIFECYCLE_H

#include "objects/state.h"

// Runs the atexit callbacks, newest first; exceptions are reported.
void kr_atexit_run(PyInterpreterState *interp);
void kr_atexit_clear(PyInterpreterState *interp);

// Prints the pending exception as the end of a program. Returns the exit status,
// which SystemExit gives; 1 for other exceptions.
int kr_report_exit(void);

// Whether the last program ended by an unhandled KeyboardInterrupt.
extern bool kr_ended_by_interrupt;

// Signals (signals.c).
int kr_signals_init(PyInterpreterState *interp, bool install);
void kr_signals_fini(PyInterpreterState *interp);

// Flushes sys.stdout and sys.stderr; -1 when stdout could not be written.
int kr_flush_std_files(void);

#endif // KRAIT_RUNTIME_LIFECYCLE_H
