// SPDX-License-Identifier: MIT
// signals.h - between signals.c and the _signal module.
#ifndef KRAIT_RUNTIME_SIGNALS_H
#define KRAIT_RUNTIME_SIGNALS_H

#include "objects/state.h"

// The C handler of every signal that has a Python handler.
void kr_signal_arrived(int signum);

// Whether the calling thread runs Python signal handlers.
bool kr_is_main_thread(void);

void kr_signals_after_fork(PyInterpreterState *interp);

#endif // KRAIT_RUNTIME_SIGNALS_H
