// SPDX-License-Identifier: MIT
// stack.h - where the C stack of the running thread ends.
#ifndef KRAIT_PORT_STACK_H
#define KRAIT_PORT_STACK_H

#include "base/base.h"

// The lowest and one past the highest address of the calling thread's stack.
// For the main thread the lowest is where the resource limit lets it grow to.
// false if the system does not tell.
bool kr_port_stack_bounds(char **low_out, char **high_out);

#endif // KRAIT_PORT_STACK_H
