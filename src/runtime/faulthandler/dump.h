// SPDX-License-Identifier: MIT
// dump.h - writes where the program is, from any place, signal handlers included.
//
// Everything here is async-signal-safe: no memory is allocated, no lock taken, no object
// changed; text is written to a descriptor with write(). What another thread changes at the
// same moment can show wrong frames.
#ifndef KRAIT_RUNTIME_FAULTHANDLER_DUMP_H
#define KRAIT_RUNTIME_FAULTHANDLER_DUMP_H

#include "objects/state.h"

void kr_dump_text(int fd, const char *text);
void kr_dump_decimal(int fd, size_t value);

// The thread state of the running C thread, whether or not it holds the lock; NULL if it
// has none.
PyThreadState *kr_dump_current(PyInterpreterState *interp);

// The frames of one thread, newest first, under the heading "Stack".
void kr_dump_stack(int fd, PyThreadState *tstate);

// All threads, each with a heading; `current`, which may be NULL, is called so.
void kr_dump_threads(int fd, PyInterpreterState *interp, PyThreadState *current);

// The C frames of the running thread.
void kr_dump_c_stack(int fd);

// The names of loaded extension modules that are not of the standard library.
void kr_dump_extensions(int fd, PyInterpreterState *interp);

#endif // KRAIT_RUNTIME_FAULTHANDLER_DUMP_H
